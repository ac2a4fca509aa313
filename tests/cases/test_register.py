"""A register of households: every mistake named, the rest in, the same file twice nothing."""

import io
from datetime import date

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from openpyxl import load_workbook

from base import xlsx
from base.crypto import blind_index
from cases import actions, imports, reading, register, tasks
from cases.models import (
    Asset,
    Counter,
    Dossier,
    DossierEvent,
    Expense,
    Member,
    RegisterImport,
    RegisterLine,
    Revision,
    SubsistenceLine,
)
from people.models import Kinship, Relation
from people.roles import NotAllowed, Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.cases.registers import (
    ACROSS,
    MISTAKES,
    Register,
    child_id,
    head_id,
    persons,
    planted,
    spouse_id,
)
from tests.factories import NOON, UnitFactory, appoint
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def world():
    return World()


def _read(world, register, **given):
    with override("en"):
        found = reading.read(file=register.upload(), company=world.company, on=world.today, **given)
        return found, [(p.sheet, p.row, p.column, str(p.message)) for p in found.problems]


def _receive(world, register, by=None, content=None):
    file = content or register.upload()
    kept = tasks.receive_register(
        file=file, rows=10, company=world.company, by=by or world.company_officer, at=NOON,
        language="en",
    )  # fmt: skip
    kept.refresh_from_db()
    return kept


def _start(world, kept, by=None):
    tasks.start_register(kept=kept, by=by or world.company_officer, at=NOON, language="en")
    kept.refresh_from_db()
    return kept


def _import(world, register, **given):
    return _start(world, _receive(world, register, **given))


# What comes in


def test_household_comes_in_whole_active_and_sealed(world):
    persons(world.unit, 1)
    given = Register(1)
    given.households[0] |= {
        "户主身份证号": head_id(0), "所属基层工会": world.unit.name, "档案编号": "旧-7",
        "次要致困原因": "残疾、子女上学", "邮政编码": "150000", "是否享受低保": "是",
        "低保金额": "500元", "家庭自述": "家中有人患病。", "家庭其他非薪资年收入": "1.2万",
    }  # fmt: skip

    kept = _import(world, given)

    dossier = Dossier.objects.select_related("head", "unit").get()
    assert (kept.status, kept.rows, kept.added, kept.problem_count) == ("DONE", 1, 1, 0)
    assert (kept.persons, kept.expenses, kept.confirmed_by) == (3, 1, world.company_officer)
    assert (dossier.status, dossier.number, dossier.unit) == ("ACTIVE", "旧-7", world.unit)
    assert (dossier.category, dossier.level, dossier.main_cause) == (
        "DEEP", "SPECIAL", "OWN_ILLNESS",
    )  # fmt: skip
    assert (dossier.opened_on, dossier.review_due_on) == (date(2025, 3, 1), date(2026, 12, 31))
    assert dossier.side_causes == ["DISABILITY", "SCHOOLING"]
    assert (dossier.address, dossier.postcode, dossier.story) == (
        "示例街道0号", "150000", "家中有人患病。",
    )  # fmt: skip
    assert (dossier.on_allowance, dossier.allowance_fen) == (True, 500_00)
    assert (dossier.other_income_fen, len(dossier.address_index)) == (12_000_00, 64)
    head, spouse, child = Member.objects.order_by("pk")
    assert (head.relation, head.id_index, head.health) == ("SELF", dossier.head.id_index, "CANCER")
    assert (head.active, head.monthly_income_fen, head.income_basis) == (True, 2000_00, "DECLARED")
    assert (head.phone, len(head.phone_index)) == ("13800001111", 64)
    assert (spouse.id_number, spouse.sex, spouse.born_on) == (
        spouse_id(0), "FEMALE", date(1953, 1, 1),
    )  # fmt: skip
    assert (child.relation, child.occupation) == ("SON", "STUDENT")
    expense = Expense.objects.get()
    assert (expense.member, expense.kind, expense.vouchers) == (head, "ILLNESS", 3)
    assert (expense.gross_fen, expense.reimbursed_fen) == (20_000_00, 12_000_00)


def test_household_taken_over_says_from_where_and_by_whom(world):
    persons(world.unit, 1)
    given = Register(1)
    file = given.upload()

    kept = _import(world, given, content=file)

    dossier = Dossier.objects.get()
    line = RegisterLine.objects.get()
    event = DossierEvent.objects.select_related("remark").get()
    assert (line.register, line.dossier, line.row, len(line.digest)) == (kept, dossier, 2, 64)
    assert (event.act, event.before, event.after) == ("TAKE_OVER", "", "ACTIVE")
    assert (event.by, event.role, event.unit) == (
        world.company_officer, "COMPANY_OFFICER", world.company,
    )  # fmt: skip
    assert event.remark.words == f"register.xlsx\nSHA-256 {reading.sha256_of(file)}"
    assert Revision.objects.get().dossier == dossier
    assert (dossier.entered_by, dossier.entered_at) == (world.company_officer, NOON)


def test_head_is_found_by_the_id_number_alone(world):
    persons(world.unit, 1)
    given = Register(1)
    given.households[0] |= {"户主职工编号": None, "户主身份证号": head_id(0)}
    for row in (*given.members[0], *given.expenses[0]):
        row["户主职工编号"] = head_id(0)

    kept = _import(world, given)

    assert (kept.added, Member.objects.count(), Expense.objects.count()) == (1, 3, 1)


def test_sheets_and_words_in_english_are_understood(world):
    persons(world.unit, 1)
    with override("en"):
        target = io.BytesIO()
        xlsx.write_templates(target, register.template_sheets([world.unit.name]))
    book = load_workbook(target)
    cells = {
        "Household rows": {
            "Staff number of the head": "H000000", "Name of the head*": "王0",
            "Class*": "Deep hardship", "Company level*": "Heavy hardship",
            "Main cause*": "disability",
            "On file since*": date(2025, 1, 1), "Next re-check*": "2026/12/31",
            "Motor vehicle": "no",
        },
        "Member rows": {
            "Staff number or ID number of the head*": "H000000", "Relation*": "the employee",
            "Name*": "王0", "ID number*": head_id(0), "Monthly income*": 1200,
            "Occupation*": "retired",
        },
    }  # fmt: skip
    for title, row in cells.items():
        headings = [cell.value for cell in book[title][1]]
        assert set(row) <= set(headings)
        book[title].append([row.get(heading) for heading in headings])
    filled = io.BytesIO()
    book.save(filled)
    filled.name = "register.xlsx"

    kept = _import(world, None, content=filled)

    assert (kept.status, kept.added, kept.problems) == ("DONE", 1, [])
    assert (Dossier.objects.get().level, Asset.objects.get().present) == ("HEAVY", False)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2025年3月1日", date(2025, 3, 1)),
        ("2025/3/1", date(2025, 3, 1)),
        ("２０２５．３．１", date(2025, 3, 1)),
        ("20250301", date(2025, 3, 1)),
    ],
)
def test_days_are_understood_as_officers_write_them(world, words, day):
    persons(world.unit, 1)
    given = Register(1)
    given.households[0]["建档日期"] = words

    _import(world, given)

    assert Dossier.objects.get().opened_on == day


# Numbers of dossiers


def test_old_numbers_are_kept_and_others_follow_after_them(world):
    persons(world.unit, 3)
    given = Register(3)
    given.households[1]["档案编号"] = "2026-档-0044"

    _import(world, given)

    numbers = Dossier.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == ["2026-档-0045", "2026-档-0044", "2026-档-0046"]
    assert Counter.objects.get(key="dossier 2026").last == 46
    assert world.household().dossier.number == "2026-档-0047"


def test_number_of_another_dossier_is_named(world):
    persons(world.unit, 2)
    taken = world.household().dossier.number
    given = Register(2)
    given.households[0]["档案编号"] = taken
    given.households[1]["档案编号"] = taken

    _found, said = _read(world, given)

    words = "Another dossier has this number; correct it, or leave it empty for a new one."
    assert said == [
        ("户", 2, "档案编号", words),
        ("户", 3, "档案编号", "The same number stands in row 2; keep one."),
        ("户", 3, "档案编号", words),
    ]


# Mistakes


def test_every_kind_of_mistake_is_named_with_sheet_row_and_remedy(world):
    persons(world.unit, 300)
    given, where = planted(300, 2)

    found, said = _read(world, given)

    wrong = []
    for kind, (_plant, sheet, column, words) in MISTAKES.items():
        named = [s for s in said if s[0] == sheet and s[2] == column and words in s[3]]
        wrong += [kind] if len(named) < 2 else []
    assert wrong == []
    assert len(MISTAKES) >= 20
    assert len(said) == 2 * len(MISTAKES)
    assert found.count(reading.BAD) == 2 * len(MISTAKES)
    assert found.count(reading.NEW) == 300 - 2 * len(MISTAKES)


@pytest.mark.parametrize("kind", ACROSS)
def test_mistakes_across_households_are_named(world, kind):
    plant, sheet, column, words = ACROSS[kind]
    persons(world.unit, 4)
    given = Register(4)
    if kind == "unknown head":
        for row in (*given.members[2], *given.expenses[2]):
            row["户主职工编号"] = "X000000"
    plant(given, 2)

    found, said = _read(world, given)

    left_out = {"unknown head": 1, "orphan": 0, "household twice": 2, "person in two households": 2}
    assert all(s[0] == sheet and s[2] == column and words in s[3] for s in said)
    assert len(said) == max(left_out[kind], 1)
    assert found.count(reading.BAD) == left_out[kind]


def test_row_numbers_are_those_of_the_sheet(world):
    persons(world.unit, 3)
    given = Register(3)
    given.members[1][2]["身份证号"] = child_id(1)[:-2]
    given.expenses[2][0]["支出金额"] = "很多"

    _found, said = _read(world, given)

    assert said == [
        ("成员", 7, "身份证号",
         "An ID number has 18 characters; this one has 16. Check each digit."),
        ("支出", 4, "支出金额",
         "Enter an amount in yuan, such as 2000, 2,000.00 or 2万."),
    ]  # fmt: skip


def test_hidden_rows_and_merged_cells_are_left_out(world):
    persons(world.unit, 3)
    given = Register(3)

    def prepare(book):
        book["户"].row_dimensions[2].hidden = True
        book["成员"].merge_cells("C5:C6")

    given.prepare = prepare

    found, said = _read(world, given)

    assert [(s[0], s[1], s[3]) for s in said][:2] == [
        ("户", 2, "This row is hidden in Excel, by a filter perhaps; show it."),
        ("成员", 5, "The cells C5:C6 are merged; unmerge them and fill in each."),
    ]
    assert [h.state for h in found.households] == ["BAD", "BAD", "NEW"]


def test_unit_of_the_roster_is_the_one_that_counts(world):
    persons(world.unit, 1)
    given = Register(1)
    given.households[0]["所属基层工会"] = world.other_unit.name

    _found, said = _read(world, given)

    assert said == [
        ("户", 2, "所属基层工会",
         f"By the roster the head belongs to {world.unit.name}; correct one of the two.")
    ]  # fmt: skip


def test_person_on_file_elsewhere_is_named(world):
    persons(world.unit, 2)
    first = Register(1)
    _import(world, first)
    given = Register(1, first=1)
    given.members[1][1]["身份证号"] = spouse_id(0)

    _found, said = _read(world, given)

    words = "This person is on file in another household already; take them out of one."
    assert said == [("成员", 3, "身份证号", words)]


def test_relative_of_whoever_imports_is_left_to_somebody_else(world):
    persons(world.unit, 2)
    by = world.company_officer
    Kinship.objects.create(
        user=by, relation=Relation.SPOUSE, name="李", registered_at=NOON, registered_by=by,
        id_index=blind_index(spouse_id(0), "id_number"),
    )  # fmt: skip
    kept = _receive(world, Register(2))
    another = appoint(Role.COMPANY_OFFICER, world.company)

    checked = (kept.added, kept.left_out, kept.problems[0]["words"]["en"])
    kept = _start(world, kept, by=another)

    words = "You are a relative or a member of this household: somebody else imports it."
    assert checked == (1, 1, words)
    assert (kept.added, kept.left_out) == (2, 0)


def test_household_whose_head_died_is_left_out(world):
    persons(world.unit, 1)
    head = world.unit.persons.get(staff_no="H000000")
    head.died_on = date(2026, 1, 1)
    head.save()

    _found, said = _read(world, Register(1))

    assert [s[3] for s in said] == ["The head has died, by the roster: leave this row out."]


def test_household_cancelled_for_false_statements_is_barred(world):
    persons(world.unit, 1)
    _import(world, Register(1))
    Dossier.objects.update(status="CANCELLED", exit_reason="FALSE", closed_on=world.today)
    Member.objects.update(active=False)

    _found, said = _read(world, Register(1))

    words = "Dossier 2026-档-0001 was cancelled for false statements; leave this out."
    assert [s[3] for s in said] == [words]


@pytest.mark.parametrize("heading", ["户主姓名", "企业困难等级"])
def test_missing_column_is_said_before_anything_is_read(world, heading):
    given = Register(1)
    content = load_workbook(io.BytesIO(given.content()))
    sheet = content["户"]
    place = [cell.value for cell in sheet[1]].index(heading) + 1
    sheet.delete_cols(place)
    target = io.BytesIO()
    content.save(target)

    with pytest.raises(xlsx.SheetError):
        reading.open_sheets(target)


def test_problems_hold_no_number_of_a_person(world):
    persons(world.unit, 100)
    given, _where = planted(160, 1)

    kept = _receive(world, given)

    text = str(kept.problems)
    assert not any(number in text for n in given.numbers for number in (head_id(n), spouse_id(n)))


# The rest in, and the same again


def test_rest_is_taken_over_and_the_corrected_file_brings_the_others(world):
    persons(world.unit, 150)
    given, where = planted(150, 1)
    bad = len(MISTAKES)
    first = _import(world, given)
    corrected = Register(150)

    again = _import(world, corrected)

    assert (first.status, first.added, first.left_out) == ("DONE", 150 - bad, bad)
    assert first.problem_count == bad
    assert (again.added, again.unchanged, again.changed) == (bad, 150 - bad, 0)
    assert (Dossier.objects.count(), Member.objects.count()) == (150, 450)


def test_same_file_twice_adds_nothing(world):
    persons(world.unit, 3)
    _import(world, Register(3))
    before = list(Dossier.objects.order_by("pk").values())

    again = _receive(world, Register(3))

    assert (again.status, again.added, again.unchanged, again.problems) == ("REFUSED", 0, 3, [])
    assert not again.file
    assert list(Dossier.objects.order_by("pk").values()) == before
    with pytest.raises(NotAllowed):
        _start(world, again)


def test_rows_in_another_order_are_the_same(world):
    persons(world.unit, 3)
    _import(world, Register(3))
    turned = Register(3)
    turned.numbers.reverse()
    for n in turned.numbers:
        turned.members[n].reverse()

    again = _receive(world, turned)

    assert (again.unchanged, again.changed, again.added) == (3, 0, 0)


def test_household_on_file_is_named_and_never_written_over(world):
    persons(world.unit, 2)
    _import(world, Register(2))
    changed = Register(2)
    changed.households[1]["家庭住址"] = "另一条街"

    again = _receive(world, changed)

    words = "On file already as 2026-档-0002: change it in the program, not here."
    assert (again.status, again.changed, again.unchanged) == ("REFUSED", 1, 1)
    assert again.problem_list("en") == [("户", 3, "户主姓名", words)]
    assert Dossier.objects.get(number="2026-档-0002").address == "示例街道1号"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("PENDING", "Applied for as 2026-档-0001: let the application run its course."),
        ("EXITED", "Exited as 2026-档-0001: take it back in the program, not here."),
    ],
)
def test_household_applied_for_or_exited_is_named(world, status, words):
    persons(world.unit, 1)
    _import(world, Register(1))
    closed = {"closed_on": world.today, "exit_reason": "RECOVERED"} if status == "EXITED" else {}
    Member.objects.update(active=False)
    Dossier.objects.update(status=status, **closed)

    _found, said = _read(world, Register(1))

    assert [s[3] for s in said] == [words]


# Running


def test_number_of_queries_of_a_batch_is_fixed(world, monkeypatch):
    monkeypatch.setattr(connection.features, "max_query_params", 30_000)  # or SQLite takes more
    persons(world.unit, 125)
    _import(world, Register(1, first=124))  # the first one makes the counter
    counts = []
    for first, size in ((0, 10), (20, 100)):
        monkeypatch.setattr(imports, "BATCH", size)
        kept = _receive(world, Register(size, first=first))
        kept = imports.confirm(kept=kept, by=world.company_officer, at=NOON)
        found = imports.read_again(kept=kept, at=NOON)
        with CaptureQueriesContext(connection) as queries:
            imports.take(kept=kept, found=found, at=NOON)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert Dossier.objects.count() == 111


def test_killed_run_goes_on_where_it_stopped_without_doubles(world, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    persons(world.unit, 5)
    kept = _receive(world, Register(5))
    kept = imports.confirm(kept=kept, by=world.company_officer, at=NOON)
    found = imports.read_again(kept=kept, at=NOON)
    imports.take(kept=kept, found=found, at=NOON)

    def cut_off(*args, **kwargs):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(RegisterLine.objects, "bulk_create", cut_off)
        imports.take(kept=kept, found=found, at=NOON)
    kept.refresh_from_db()
    halfway = (kept.status, kept.done, Dossier.objects.count(), Member.objects.count())
    kept = _start(world, kept)

    assert halfway == ("RUNNING", 2, 2, 6)
    assert (kept.status, kept.done, kept.added, kept.left_out) == ("DONE", 5, 5, 0)
    assert (Dossier.objects.count(), Member.objects.count()) == (5, 15)


def test_household_put_on_file_meanwhile_is_left_out_and_named(world):
    persons(world.unit, 2)
    kept = _receive(world, Register(2))
    kept = imports.confirm(kept=kept, by=world.company_officer, at=NOON)
    found = imports.read_again(kept=kept, at=NOON)
    head = world.unit.persons.get(staff_no="H000001")
    actions.start_dossier(head=head, by=world.officer, at=NOON)

    imports.take(kept=kept, found=found, at=NOON)

    kept.refresh_from_db()
    words = "Since the check this household, a member or its number came on file otherwise."
    assert (kept.added, kept.left_out, kept.problem_count) == (1, 1, 1)
    assert kept.problems[0]["words"]["en"] == words


def test_large_register_is_checked_and_run_in_the_background(world, monkeypatch):
    monkeypatch.setattr(tasks, "REGISTER_FROM", 8)
    sent = []
    monkeypatch.setattr(
        tasks.run_register.__class__, "enqueue", lambda task, *args: sent.append((task, args))
    )
    persons(world.unit, 3)

    kept = _receive(world, Register(3))
    checking = kept.status
    tasks.check_register.call(kept.pk, "en")
    kept = _start(world, RegisterImport.objects.get(pk=kept.pk))
    running = kept.status
    tasks.run_register.call(kept.pk, "en")
    kept.refresh_from_db()

    assert [args for _task, args in sent] == [(kept.pk, "en")] * 2
    assert (checking, running, kept.status, kept.added) == ("CHECKING", "RUNNING", "DONE", 3)


def test_check_that_was_broken_off_is_begun_again(world, monkeypatch):
    persons(world.unit, 1)
    kept = imports.receive(
        file=Register(1).upload(), rows=6, company=world.company, by=world.company_officer, at=NOON
    )

    kept = _start(world, kept)

    assert (kept.status, kept.rows, kept.done, kept.added) == ("CHECKED", 1, 0, 1)


def test_file_and_report_are_kept_as_long_as_they_are_needed(
    world, django_capture_on_commit_callbacks
):
    persons(world.unit, 60)
    given, _where = planted(60, 1, tuple(MISTAKES)[:3])
    kept = _receive(world, given)
    name, report = kept.file.name, kept.report.name
    with django_capture_on_commit_callbacks(execute=True):
        kept = _start(world, kept)

    with kept.report.open("rb") as file:
        table = load_workbook(file).active
    rows = [[cell.value for cell in row] for row in table]
    assert not default_storage.exists(name)
    assert not default_storage.exists(report)
    assert rows[0] == ["Sheet", "Row", "Column", "What is wrong"]
    assert rows[3][:3] == ["成员", 48, "出生日期"]
    assert len(rows) == 4


def test_file_that_cannot_be_read_is_refused_in_words(world):
    kept = imports.receive(
        file=Register(0).upload(), rows=0, company=world.company, by=world.company_officer, at=NOON
    )

    imports.check(kept=kept, at=NOON, language="en")

    kept.refresh_from_db()
    words = "This file holds no rows under the headings; fill it in first."
    assert (kept.status, kept.rows) == ("REFUSED", 0)
    assert kept.problem_list("en") == [("register.xlsx", 0, "", words)]


# Who


def test_only_company_union_officers_import(world):
    allowed = set()
    for role in (*Role,):
        if role in (Role.EMPLOYEE, Role.GROUP):
            continue
        unit = world.unit if role in (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR) else None
        by = appoint(role, unit or world.company)
        if not imports.why_not_import(by.actor(world.today), world.company, world.today):
            allowed.add(role)

    assert allowed == {Role.COMPANY_OFFICER}
    with pytest.raises(NotAllowed):
        _receive(world, Register(1), by=world.company_chair)


def test_import_needs_a_policy_and_a_subsistence_line(world):
    bare = UnitFactory(company=True)
    of_bare = appoint(Role.COMPANY_OFFICER, bare).actor(world.today)
    SubsistenceLine.objects.all().delete()
    actor = world.company_officer.actor(world.today)

    with override("en"):
        no_policy = str(imports.why_not_import(of_bare, bare, world.today))
        no_line = str(imports.why_not_import(actor, world.company, world.today))

    assert no_policy == "No policy is in force on this day."
    assert no_line == "Enter the subsistence line of this day first."


def test_imports_of_another_company_are_not_seen(world):
    persons(world.unit, 1)
    kept = _receive(world, Register(1))
    elsewhere = appoint(Role.COMPANY_OFFICER, World().company)

    seen = RegisterImport.objects.visible_to(elsewhere.actor(world.today))

    assert list(seen) == []
    assert list(RegisterImport.objects.visible_to(kept.uploaded_by.actor(world.today))) == [kept]


# The command


def _file(tmp_path, given):
    path = tmp_path / "register.xlsx"
    path.write_bytes(given.content())
    return str(path)


def _options(world):
    return ("--company", world.company.code, "--by", world.company_officer.username)


def test_command_names_the_mistakes_and_takes_over_the_rest(world, tmp_path, capsys):
    persons(world.unit, 10)
    given, _where = planted(10, 1, ("postcode",))
    with override("en"):
        call_command("import_dossiers", _file(tmp_path, given), *_options(world))
        call_command("import_dossiers", _file(tmp_path, Register(10)), *_options(world), "--check")

    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "10 households: 9 taken over, 0 on file already, 0 on file but differing, 1 left out; "
        "1 mistakes.",
        "10 households: 1 can be taken over, 9 on file already, 0 on file but differing, "
        "0 left out; 0 mistakes.",
    ]
    assert said.err == "户 · 7 · 邮政编码 · A postcode has six digits.\n"
    assert Dossier.objects.count() == 9


@pytest.mark.parametrize("option", ["--company", "--by", "file"])
def test_command_says_what_it_does_not_find(world, tmp_path, option):
    options = list(_options(world))
    path = _file(tmp_path, Register(1))
    if option == "file":
        path = str(tmp_path / "none.xlsx")
    else:
        options[options.index(option) + 1] = "nobody"

    with pytest.raises(CommandError):
        call_command("import_dossiers", path, *options)


# The database


def _kept(world, **changes):
    row = {"company": world.company, "file_name": "a.xlsx", "sha256": "0" * 64, "rows": 5}
    row |= {"status": "CHECKED", "uploaded_at": NOON, "uploaded_by": world.company_officer}
    return RegisterImport.objects.create(**row | changes)


def _confirmed(world):
    return {"confirmed_at": NOON, "confirmed_by": world.company_officer}


def _two_running(world):
    for _n in range(2):
        _kept(world, status="RUNNING", **_confirmed(world))


REFUSED = {
    "register_import_status_known": lambda w: _kept(w, status="LOST"),
    "register_import_done_has_moment": lambda w: _kept(w, status="DONE", **_confirmed(w)),
    "register_import_confirmation_complete": lambda w: _kept(w, confirmed_at=NOON),
    "register_import_runs_when_confirmed": lambda w: _kept(w, status="RUNNING"),
    "register_import_done_within_rows": lambda w: _kept(w, done=6),
}


@pytest.mark.parametrize("name", REFUSED)
def test_database_refuses_an_import(world, name):
    with refused_by(name):
        attempt(REFUSED[name], world)


def test_database_refuses_a_second_running_import(world):
    with refused_by("register_import_one_running", "cases_registerimport.company_id"):
        attempt(_two_running, world)


def test_database_takes_a_row_of_a_register_once(world):
    persons(world.unit, 1)
    kept = _import(world, Register(1))
    other = world.household().dossier

    with refused_by("register_line_row_once", "cases_registerline.register_id"):
        attempt(RegisterLine.objects.create, register=kept, dossier=other, row=2, digest="0" * 64)


def test_every_constraint_of_a_register_is_tried():
    tried = {*REFUSED, "register_import_one_running", "register_line_row_once"}

    assert constraints_of(RegisterImport, RegisterLine) == tried
