"""The roster: every bad row named, the same file twice nothing, 3,008 rows in seconds."""

import time
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils.translation import override

from base.xlsx import SheetError
from people import imports, tasks
from people.models import Person, RosterImport
from people.roles import NotAllowed, Role
from tests.factories import (
    NAMES,
    NOON,
    TODAY,
    PersonFactory,
    UnitFactory,
    UserFactory,
    appoint,
)
from tests.people.rosters import BORN, HEADINGS, number, upload

pytestmark = pytest.mark.django_db
UNIT = "一联合车间工会"


@pytest.fixture
def company():
    return UnitFactory(company=True, code="HSH")


@pytest.fixture
def unit(company):
    return UnitFactory(parent=company, name=UNIT, code="A1")


@pytest.fixture
def officer(company):
    return appoint(Role.COMPANY_OFFICER, company)


def _row(n=1, **changes):
    return {
        "职工编号": f"{n:06d}",
        "姓名": "王建国",
        "性别": "男",
        "身份证号": number(n),
        "所属基层工会": UNIT,
        "人员类别": "在职",
        "月收入": "3,000.00",
        "手机": "13800001111",
        "开户行": "工商银行",
        "支行": "一支行",
        "户名": "王建国",
        "账号": "6222000011112222",
        "入职日期": "1995-07-01",
    } | changes


def _born(n):
    """Another birthday for every 500, so that the ID numbers stay different."""
    return date(1960 + n // 500, 1, 1)


def _read(company, rows, **kwargs):
    return imports.read(file=upload(rows, **kwargs), company=company, on=TODAY)


def _import(company, by, rows, **kwargs):
    """The finished import of a file."""
    file = upload(rows, **kwargs)
    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=by, at=NOON)
    tasks.start(roster=roster, by=by, at=NOON)
    roster.refresh_from_db()
    return roster


def test_import_fills_every_column(company, unit, officer):
    roster = _import(company, officer, [_row(离职日期="2020-01-01", 去世日期="2021/2/3")])

    person = Person.objects.get()
    assert (roster.status, roster.rows, roster.done, roster.added) == ("DONE", 1, 1, 1)
    assert (person.company, person.unit, person.staff_no, person.name) == (
        company,
        unit,
        "000001",
        "王建国",
    )
    assert (person.name_pinyin, person.sex, person.born_on) == (
        "wang jian guo",
        "MALE",
        BORN,
    )
    assert (person.id_number, person.standing, person.monthly_income_fen) == (
        number(1),
        "IN_SERVICE",
        3000_00,
    )
    assert (person.phone, person.bank, person.branch, person.account_name, person.account) == (
        "13800001111",
        "工商银行",
        "一支行",
        "王建国",
        "6222000011112222",
    )
    assert (person.joined_on, person.left_on, person.died_on) == (
        date(1995, 7, 1),
        date(2020, 1, 1),
        date(2021, 2, 3),
    )
    assert len(person.id_index) == len(person.phone_index) == len(person.account_index) == 64


def test_import_understands_english_headings_and_values(company, unit, officer):
    headings = ["Staff number", "Name", "Sex", "ID number", "Grassroots union", "Standing"]
    row = ["1", "Wang", "female", number(1, sex="FEMALE"), "A1", "retiree"]

    with override("en"):
        _import(company, officer, [row], headings=headings)

    person = Person.objects.get()
    assert (person.sex, person.standing, person.unit) == ("FEMALE", "RETIRED", unit)


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ("在职", "IN_SERVICE"),
        ("离退休", "RETIRED"),
        ("退 休", "RETIRED"),
        ("有偿解除劳动合同", "PAID_OFF"),
        ("RETIRED", "RETIRED"),
    ],
)
def test_import_understands_the_standings_of_the_paper(company, unit, words, standing):
    reading = _read(company, [_row(人员类别=words)])

    assert [values["standing"] for _row_number, values in reading.rows] == [standing]


BAD = {  # what is wrong: (the cells, the column it is said of, part of the sentence)
    "no name": ({"姓名": None}, "姓名", "is empty"),
    "no staff number": ({"职工编号": None}, "职工编号", "is empty"),
    "no ID number": ({"身份证号": None}, "身份证号", "is empty"),
    "no unit": ({"所属基层工会": None}, "所属基层工会", "is empty"),
    "no standing": ({"人员类别": None}, "人员类别", "is empty"),
    "long name": ({"姓名": "王" * 61}, "姓名", "At most 60"),
    "long staff number": ({"职工编号": "1" * 21}, "职工编号", "At most 20"),
    "short ID number": ({"身份证号": "2301001970"}, "身份证号", "18 characters"),
    "wrong check digit": (
        {"身份证号": number(1)[:-1] + ("1" if number(1)[-1] != "1" else "2")},
        "身份证号",
        "does not fit",
    ),
    "numeric ID number": ({"身份证号": 230100197001010010}, "身份证号", "is a number"),
    "born tomorrow": (
        {"身份证号": number(1, born=TODAY + timedelta(days=1)), "入职日期": None},
        "身份证号",
        "lies ahead",
    ),
    "wrong sex": ({"性别": "女"}, "性别", "does not match"),
    "unknown sex": ({"性别": "?"}, "性别", "male or female"),
    "unknown unit": ({"所属基层工会": "没有"}, "所属基层工会", "No grassroots union"),
    "unknown standing": ({"人员类别": "临时"}, "人员类别", "Enter employee in service"),
    "income in words": ({"月收入": "很多"}, "月收入", "amount in yuan"),
    "income below zero": ({"月收入": -5}, "月收入", "below zero"),
    "bad phone": ({"手机": "无"}, "手机", "phone number"),
    "bad account": ({"账号": "12ab"}, "账号", "digits only"),
    "numeric account": ({"账号": 6222000011112222}, "账号", "is a number"),
    "account without bank": ({"开户行": None}, "开户行", "needs its bank"),
    "bank without account": ({"账号": None}, "账号", "without an account number"),
    "bad date": ({"入职日期": "去年"}, "入职日期", "Enter a date"),
    "joined tomorrow": ({"入职日期": TODAY + timedelta(days=1)}, "入职日期", "lies ahead"),
    "joined before birth": ({"入职日期": "1959-01-01"}, "入职日期", "before the date of birth"),
    "left before joining": ({"离职日期": "1990-01-01"}, "离职日期", "before they joined"),
    "died before joining": ({"去世日期": "1990-01-01"}, "去世日期", "before the one of joining"),
    "formula": ({"姓名": "=1+1"}, "姓名", "formula"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_row_is_named_with_row_column_and_words(company, unit, what):
    changes, column, words = BAD[what]

    with override("en"):
        reading = _read(company, [_row(2), _row(1) | changes])
        said = [(p.row, p.column, words in str(p.message)) for p in reading.problems]

    assert said == [(3, column, True)]


def test_birth_that_does_not_match_the_id_number_is_named(company, unit):
    headings = [*HEADINGS, "出生日期"]

    reading = _read(company, [_row(出生日期="1980-01-01")], headings=headings)

    assert [(p.row, p.column) for p in reading.problems] == [(2, "出生日期")]


def test_numbers_that_stand_twice_in_the_file_are_named(company, unit):
    rows = [_row(1), _row(2, 身份证号=number(1)), _row(3, 职工编号="000001")]

    reading = _read(company, rows)

    assert [(p.row, p.column) for p in reading.problems] == [(3, "身份证号"), (4, "职工编号")]


def test_numbers_of_another_person_on_the_roster_are_named(company, unit):
    PersonFactory(
        unit=unit,
        staff_no="000001",
        name="李四",
        born_on=BORN,
        id_number=number(1),
    )
    rows = [_row(1, 职工编号="000009"), _row(2, 职工编号="000001")]

    reading = _read(company, rows)

    assert [(p.row, p.column) for p in reading.problems] == [(2, "身份证号"), (3, "职工编号")]


def test_people_of_another_company_are_no_obstacle(company, unit, officer):
    elsewhere = UnitFactory(name=UNIT)
    PersonFactory(unit=elsewhere, staff_no="000001", born_on=BORN, id_number=number(1))

    roster = _import(company, officer, [_row(1)])

    assert (roster.status, roster.added, unit.persons.count()) == ("DONE", 1, 1)


def test_problems_are_kept_in_both_languages_and_hold_no_number(company, unit, officer):
    file = upload([_row(1, 所属基层工会="没有"), _row(2, 账号="12ab")])
    reading = imports.read(file=file, company=company, on=TODAY)

    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)

    assert (roster.status, roster.problem_count) == ("REFUSED", 2)
    assert [set(problem["words"]) for problem in roster.problems] == [{"zh-hans", "en"}] * 2
    assert roster.problem_list("en")[0][:2] == (2, "所属基层工会")
    assert number(1) not in str(roster.problems)
    assert not roster.file


def test_many_problems_are_counted_and_the_first_kept(company, unit, officer):
    rows = [_row(n, 人员类别="?", 身份证号=number(n, born=_born(n))) for n in range(510)]
    file = upload(rows)
    reading = imports.read(file=file, company=company, on=TODAY)

    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)

    assert (roster.problem_count, len(roster.problems)) == (510, 500)


@pytest.mark.parametrize("rows", [[], [dict.fromkeys(HEADINGS)]])
def test_file_without_rows_is_refused(company, unit, rows):
    with pytest.raises(SheetError):
        _read(company, rows)


def test_file_without_a_needed_column_is_refused(company, unit):
    with pytest.raises(SheetError):
        _read(company, [["1", "王"]], headings=["职工编号", "姓名"])


def test_same_file_twice_adds_and_changes_nothing(company, unit, officer):
    rows = [_row(1), _row(2)]
    first = _import(company, officer, rows)
    before = list(Person.objects.order_by("pk").values())

    again = _import(company, officer, rows)

    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert list(Person.objects.order_by("pk").values()) == before
    assert again.rows == first.rows == 2


def test_rows_in_another_order_give_the_same_roster(company, unit, officer):
    rows = [_row(n) for n in range(5)]
    _import(company, officer, rows)

    again = _import(company, officer, rows[::-1])

    assert (again.added, again.changed, again.unchanged) == (0, 0, 5)


def test_changes_are_counted_and_taken_over(company, unit, officer):
    _import(company, officer, [_row(1), _row(2), _row(3)])
    other = UnitFactory(parent=company, name="二车间")
    changed = [_row(1, 所属基层工会="二车间", 月收入="4000"), _row(2, 手机="13900002222"), _row(3)]

    roster = _import(company, officer, changed)

    one, two, _three = Person.objects.order_by("staff_no")
    assert (roster.added, roster.changed, roster.unchanged) == (0, 2, 1)
    assert (one.unit, one.monthly_income_fen, two.phone) == (other, 4000_00, "13900002222")
    assert (one.id_number, one.account) == (number(1), "6222000011112222")
    assert one.account_changed_at is None


def test_changed_account_says_when_and_by_whom(company, unit, officer):
    _import(company, officer, [_row(1), _row(2)])

    _import(company, officer, [_row(1, 账号="62220000999999"), _row(2)])

    one, two = Person.objects.order_by("staff_no")
    assert (one.account, one.account_changed_by) == ("62220000999999", officer)
    assert one.account_changed_at is not None
    assert two.account_changed_at is None


def test_empty_cells_and_missing_columns_change_nothing(company, unit, officer):
    _import(company, officer, [_row(1, 离职日期="2020-01-01")])
    empty = dict.fromkeys(("性别", "月收入", "手机", "开户行", "支行", "户名", "账号"))
    needed = ["职工编号", "姓名", "身份证号", "所属基层工会", "人员类别"]

    without = _import(company, officer, [_row(1)], headings=needed)
    emptied = _import(company, officer, [_row(1, 离职日期="2020-01-01") | empty])

    assert (without.unchanged, emptied.unchanged) == (1, 1)


def test_dates_follow_the_file_when_their_column_is_there(company, unit, officer):
    _import(company, officer, [_row(1, 离职日期="2020-01-01")])

    roster = _import(company, officer, [_row(1)])

    assert (roster.changed, Person.objects.get().left_on) == (1, None)


def test_import_is_for_the_company_officer_and_the_administrator(company, unit):
    file = upload([_row(1)])
    reading = imports.read(file=file, company=company, on=TODAY)
    allowed = {Role.COMPANY_OFFICER, Role.ADMIN}

    for role in (Role.COMPANY_OFFICER, Role.ADMIN, Role.COMPANY_CHAIR, Role.AUDITOR, Role.LEADER):
        by = appoint(role, company)
        if role in allowed:
            imports.receive(reading=reading, file=file, company=company, by=by, at=NOON)
        else:
            with pytest.raises(NotAllowed):
                imports.receive(reading=reading, file=file, company=company, by=by, at=NOON)


def test_somebody_demoted_cannot_confirm_what_they_uploaded(company, unit, officer):
    file = upload([_row(1)])
    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
    officer.appointments.update(until=TODAY)

    with pytest.raises(NotAllowed):
        tasks.start(roster=roster, by=officer, at=NOON)

    assert not Person.objects.exists()


def test_the_file_is_thrown_away_when_it_was_imported(
    company, unit, officer, django_capture_on_commit_callbacks
):
    file = upload([_row(1)])
    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
    kept = default_storage.exists(roster.file.name)
    name = roster.file.name

    with django_capture_on_commit_callbacks(execute=True):
        tasks.start(roster=roster, by=officer, at=NOON)

    roster.refresh_from_db()
    assert kept
    assert not roster.file
    assert not default_storage.exists(name)


def test_finished_import_is_not_run_again(company, unit, officer):
    roster = _import(company, officer, [_row(1)])

    with pytest.raises(NotAllowed):
        tasks.start(roster=roster, by=officer, at=NOON)


def test_second_import_waits_while_one_is_running(company, unit, officer):
    file = upload([_row(1)])
    reading = imports.read(file=file, company=company, on=TODAY)
    one, two = (
        imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
        for _n in range(2)
    )
    imports.confirm(roster=one, by=officer, at=NOON)

    with pytest.raises(NotAllowed):
        imports.confirm(roster=two, by=officer, at=NOON)


def test_interrupted_import_goes_on_where_it_stopped(company, unit, officer, monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    file = upload([_row(n) for n in range(5)])
    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
    imports.confirm(roster=roster, by=officer, at=NOON)
    rows = imports.rows_of(roster=roster, at=NOON)
    more = imports.take(roster=roster, rows=rows, at=NOON)
    roster.refresh_from_db()
    halfway = (more, roster.status, roster.done, Person.objects.count())

    tasks.start(roster=roster, by=officer, at=NOON)

    roster.refresh_from_db()
    assert halfway == (True, "RUNNING", 2, 2)
    assert (roster.status, roster.done, roster.added, Person.objects.count()) == ("DONE", 5, 5, 5)


def test_batch_and_progress_are_one_transaction(company, unit, officer, monkeypatch):
    file = upload([_row(1)])
    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
    imports.confirm(roster=roster, by=officer, at=NOON)
    rows = imports.rows_of(roster=roster, at=NOON)

    def fail(*args, **kwargs):
        raise RuntimeError("cut off")

    monkeypatch.setattr(RosterImport, "save", fail)
    with pytest.raises(RuntimeError):
        imports.take(roster=roster, rows=rows, at=NOON)

    assert not Person.objects.exists()


def test_roster_that_no_longer_fits_is_refused_when_it_runs(company, unit, officer):
    file = upload([_row(1)])
    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
    PersonFactory(unit=unit, staff_no="000001", name="李四")

    tasks.start(roster=roster, by=officer, at=NOON)

    roster.refresh_from_db()
    assert (roster.status, roster.problem_count) == ("REFUSED", 1)
    assert Person.objects.count() == 1


def test_large_roster_is_left_to_the_background_worker(company, unit, officer, monkeypatch):
    monkeypatch.setattr(tasks, "BACKGROUND_FROM", 2)
    sent = []
    monkeypatch.setattr(tasks.run_import.__class__, "enqueue", lambda self, pk: sent.append(pk))

    small = _import(company, officer, [_row(1), _row(2)])
    large = _import(company, officer, [_row(n) for n in range(3, 6)])
    waiting = large.status
    tasks.run_import.call(large.pk)
    large.refresh_from_db()

    assert (small.status, waiting, sent) == ("DONE", "RUNNING", [large.pk])
    assert (large.status, large.added) == ("DONE", 3)


def test_3008_rows_take_seconds_and_a_fixed_number_of_queries(
    company, unit, officer, django_assert_max_num_queries
):
    rows = [
        _row(n, 姓名=NAMES[n % 8], 户名=NAMES[n % 8]) | {"身份证号": number(n, born=_born(n))}
        for n in range(3008)
    ]
    file = upload(rows)
    begun = time.monotonic()

    reading = imports.read(file=file, company=company, on=TODAY)
    roster = imports.receive(reading=reading, file=file, company=company, by=officer, at=NOON)
    with django_assert_max_num_queries(250):  # most of them INSERTs, of forty rows on SQLite
        tasks.start(roster=roster, by=officer, at=NOON)

    roster.refresh_from_db()
    assert (roster.status, roster.added, Person.objects.count()) == ("DONE", 3008, 3008)
    assert time.monotonic() - begun < 10


def test_import_of_a_stranger_to_the_company_is_not_found(company, unit):
    assert not RosterImport.objects.visible_to(UserFactory().actor(TODAY)).exists()
