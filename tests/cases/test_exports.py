"""Exports of households: masked or for the national form, for whom, and what is left of them."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from cases import exports, national, tasks
from cases.codes import Cause, Health
from cases.form_codes import DisabilityKind, Ethnicity, Marital
from cases.models import Export, Member
from people.models import Disclosure, Relation, Sex
from people.roles import NotAllowed, Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON, appoint
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    with time_machine.travel(world.now, tick=False), override("en"):
        yield world


def _ask(world, by=None, place=None, kind="NATIONAL", purpose="REPORT", **filters):
    export = tasks.export(
        kind=kind, place=place or world.company, filters=filters, at=world.now, language="en",
        purpose=purpose if kind == "NATIONAL" else "", by=by or world.company_officer,
    )  # fmt: skip
    export.refresh_from_db()
    return export


def _sheets(world, export, by=None):
    content = exports.fetch(export=export, by=by or world.company_officer, at=world.now)
    book = load_workbook(io.BytesIO(content))
    found = []
    for sheet in book:
        headings, *rows = sheet.values
        found.append([dict(zip(headings, row, strict=True)) for row in rows])
    return found


def test_national_form_has_the_columns_in_its_order():
    households = [column.heading for column in national.HOUSEHOLDS]
    members = [column.heading for column in national.MEMBERS]

    assert households[:8] == [
        "档案编号", "职工编号", "建档标准", "档案类别", "困难类别", "企业困难等级", "姓名", "民族",
    ]  # fmt: skip
    assert households[-5:] == ["建档日期", "下次复核", "开户银行", "支行名称", "银行卡号"]
    assert members[:8] == [
        "档案编号", "户主姓名", "姓名", "关系", "关系代码", "民族", "民族代码", "身份证号",
    ]  # fmt: skip
    assert (len(households), len(members)) == (len(set(households)), len(set(members)))


def test_every_value_of_the_form_has_its_code():
    assert set(national.SEX) == set(Sex)
    assert set(national.MARITAL) == set(Marital)
    assert set(national.RELATION) == set(Relation)
    assert set(national.HEALTH) == set(Health)
    assert set(national.CAUSE) == set(Cause)
    assert set(national.DISABILITY) == set(DisabilityKind)
    codes = national.ETHNICITY
    assert [codes[g] for g in (Ethnicity.HA, Ethnicity.HU, Ethnicity.MA, Ethnicity.JN)] == [
        "01", "03", "11", "56",
    ]  # fmt: skip


def test_national_export_says_of_a_household_what_the_form_asks(world):
    dossier = world.on_file()
    Member.objects.filter(dossier=dossier, relation="SELF").update(
        ethnicity="MA", marital="MARRIED", political="PARTY"
    )

    export = _ask(world)
    households, members = _sheets(world, export)

    head = dossier.head
    age = world.today.year - head.born_on.year  # born on 1 January
    (row,) = households
    assert (export.status, export.rows, export.done) == ("DONE", 1, 1)
    assert (row["档案编号"], row["职工编号"], row["姓名"]) == (
        dossier.number, head.staff_no, head.name,
    )  # fmt: skip
    assert (row["困难类别"], row["企业困难等级"]) == ("深度困难", "特困")
    assert (row["民族代码"], row["性别代码"], row["婚姻状况代码"]) == ("11", "1", "20")
    assert (row["身份证号"], row["银行卡号"]) == (head.id_number, head.account)
    assert (row["健康状况"], row["健康状况代码"]) == ("恶性肿瘤", "41")
    assert (row["主要致困原因代码"], row["家庭人口"], row["因病支出"]) == ("6", 2, 8000)
    assert (row["家庭年度总收入"], row["家庭月人均收入"]) == (18000, 750)
    assert (row["家庭就业人口数"], row["是否零就业家庭"], row["年龄"]) == (0, "是", age)
    assert row["建档日期"].date() == dossier.opened_on
    assert [(m["姓名"], m["关系代码"], m["户主姓名"]) for m in members] == [
        (head.name, "0", head.name), ("配偶", "1", head.name),
    ]  # fmt: skip
    assert members[1]["身份证号"] == dossier.members.get(relation="SPOUSE").id_number


def test_full_numbers_are_written_down_for_heads_and_each_download(world):
    dossier = world.on_file()
    before = Disclosure.objects.count()

    export = _ask(world)
    of_head = Disclosure.objects.about(dossier.head_id).get()
    exports.fetch(export=export, by=world.company_officer, at=world.now)
    exports.fetch(export=export, by=world.company_officer, at=world.now)

    downloads = Disclosure.objects.filter(subject="EXPORT", subject_pk=export.pk)
    assert (of_head.by, of_head.purpose) == (world.company_officer, "REPORT")
    assert of_head.fields == "id_number,phone,account"
    assert downloads.count() == 2
    assert Disclosure.objects.count() == before + 3


def test_masked_register_holds_no_number_and_leaves_no_trace(world):
    dossier = world.on_file()
    before = Disclosure.objects.count()

    export = _ask(world, kind="REGISTER", status="ACTIVE")
    (rows,) = _sheets(world, export)

    assert [row["Dossier number"] for row in rows] == [dossier.number]
    assert dossier.head.name not in str(rows)
    assert dossier.head.id_number not in str(rows)
    assert Disclosure.objects.count() == before


def test_file_is_encrypted_where_it_lies(world):
    dossier = world.on_file()

    export = _ask(world)

    with export.file.open("rb") as file:
        stored = file.read()
    assert not stored.startswith(b"PK")
    assert dossier.head.id_number.encode() not in stored


def test_only_the_chosen_households_are_exported(world):
    world.on_file()
    world.household()

    active = _ask(world, kind="REGISTER", status="ACTIVE")
    everything = _ask(world, kind="REGISTER")
    elsewhere = _ask(world, kind="REGISTER", place=world.other_unit)

    assert [export.rows for export in (active, everything, elsewhere)] == [1, 2, 0]


def test_unit_officers_export_their_own_unit_alone(world):
    world.on_file()

    own = _ask(world, by=world.officer, place=world.unit)
    with pytest.raises(NotAllowed):
        _ask(world, by=world.officer, place=world.company)
    with pytest.raises(NotAllowed):
        _ask(world, by=world.officer, place=world.other_unit)

    assert (own.unit, own.rows) == (world.unit, 1)


def test_only_officers_export():
    world = World()
    allowed = set()
    for role in Role:
        if role in (Role.EMPLOYEE, Role.GROUP):
            continue
        unit = world.unit if role in (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR) else None
        actor = appoint(role, unit or world.company).actor(world.today)
        if not exports.why_not_export(actor, world.unit):
            allowed.add(role)

    assert allowed == {Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}


def test_file_is_for_whoever_asked_and_still_may(world):
    world.on_file()
    export = _ask(world)
    another = appoint(Role.COMPANY_OFFICER, world.company)

    with pytest.raises(NotAllowed):
        exports.fetch(export=export, by=another, at=world.now)
    world.company_officer.appointments.update(until=world.today)
    with pytest.raises(NotAllowed):
        exports.fetch(export=export, by=world.company_officer, at=world.now)

    assert not Export.objects.visible_to(another.actor(world.today)).exists()


def test_files_are_taken_away_after_some_days(world, django_capture_on_commit_callbacks):
    world.on_file()
    export = _ask(world)
    name = export.file.name
    early = exports.take_away(at=export.finished_at + timedelta(days=6))

    with django_capture_on_commit_callbacks(execute=True):
        late = exports.take_away(at=export.finished_at + timedelta(days=8))

    export.refresh_from_db()
    assert (early, late, export.status, export.file.name) == (0, 1, "GONE", "")
    assert not default_storage.exists(name)
    with pytest.raises(NotAllowed):
        exports.fetch(export=export, by=world.company_officer, at=world.now)


def test_many_households_are_written_in_the_background(world, monkeypatch):
    monkeypatch.setattr(tasks, "EXPORT_FROM", 0)
    sent = []
    monkeypatch.setattr(tasks.prepare_export.__class__, "enqueue", lambda task, pk: sent.append(pk))
    world.on_file()

    export = _ask(world)
    again = _ask(world)
    running = export.status
    tasks.prepare_export.call(export.pk)
    tasks.prepare_export.call(export.pk)
    export.refresh_from_db()

    assert (again, running, sent) == (export, "RUNNING", [export.pk] * 2)
    assert (export.status, Disclosure.objects.filter(subject="PERSON").count()) == ("DONE", 1)


def test_chunks_hold_every_household_once(world, monkeypatch):
    for _n in range(3):
        world.household()
    monkeypatch.setattr(exports, "CHUNK", 2)
    export = exports.ask(
        kind="NATIONAL", place=world.company, filters={}, purpose="REPORT", at=world.now,
        by=world.company_officer, language="en",
    )  # fmt: skip

    exports.prepare(export=export, at=world.now)

    export.refresh_from_db()
    households, members = _sheets(world, export)
    assert len(households) == len({row["档案编号"] for row in households}) == 3
    assert len(members) == 6


# The pages


@pytest.fixture
def officer(client, world):
    client.force_login(world.company_officer)
    client.cookies["django_language"] = "en"
    return client


def test_file_is_asked_for_and_downloaded(officer, world):
    dossier = world.on_file()
    sent = officer.post(
        reverse("cases:export_new"),
        {"kind": "NATIONAL", "place": world.company.pk, "purpose": "REPORT", "status": "ACTIVE"},
    )
    export = Export.objects.get()

    page = officer.get(export.get_absolute_url())
    listed = officer.get(reverse("cases:export_list"))
    file = officer.post(reverse("cases:export_download", args=[export.pk]))

    assert sent["Location"] == export.get_absolute_url()
    assert export.filters == {"status": "ACTIVE"}
    assert "The file is ready, with 1 household." in page.text
    assert export.get_absolute_url() in listed.text
    assert load_workbook(io.BytesIO(file.content))["户"]["A2"].value == dossier.number
    assert dossier.head.id_number not in page.text + listed.text


def test_full_numbers_need_a_purpose(officer, world):
    response = officer.post(
        reverse("cases:export_new"), {"kind": "NATIONAL", "place": world.company.pk}
    )

    assert response.status_code == 422
    assert "Say what the full numbers are for." in response.text
    assert not Export.objects.exists()


def test_broken_off_file_is_begun_again(officer, world):
    world.on_file()
    export = exports.ask(
        kind="REGISTER", place=world.company, filters={}, purpose="", at=world.now,
        by=world.company_officer, language="en",
    )  # fmt: skip
    running = officer.get(export.get_absolute_url())

    officer.post(reverse("cases:export_resume", args=[export.pk]))

    export.refresh_from_db()
    assert "0 of 1 households are written." in running.text
    assert export.status == "DONE"


def test_large_register_leads_to_the_background(officer, world, monkeypatch):
    monkeypatch.setattr("cases.views.dossier.MOST_ROWS", 1)
    world.household()
    one = officer.get(reverse("cases:dossier_list"), {"export": "xlsx"})
    world.household()

    two = officer.get(reverse("cases:dossier_list"), {"export": "xlsx", "status": "PENDING"})
    form = officer.get(two["Location"])

    assert one.status_code == 200
    assert two["Location"].startswith(reverse("cases:export_new"))
    assert form.context["form"]["status"].value() == "PENDING"


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_does_not_grow(officer, world, django_assert_num_queries, count):
    for n in range(count):
        Export.objects.create(
            company=world.company, kind="REGISTER", rows=n, language="en", asked_at=NOON,
            asked_by=world.company_officer,
        )  # fmt: skip

    with django_assert_num_queries(5):
        response = officer.get(reverse("cases:export_list"))

    assert len(response.context["page"].rows) == count


def test_list_is_filtered_and_exported(officer, world):
    world.on_file()
    _ask(world)
    _ask(world, kind="REGISTER")

    shown = officer.get(reverse("cases:export_list"), {"kind": "NATIONAL"})
    file = officer.get(reverse("cases:export_list"), {"kind": "NATIONAL", "export": "xlsx"})

    assert [export.kind for export in shown.context["page"].rows] == ["NATIONAL"]
    assert len(list(load_workbook(io.BytesIO(file.content)).active.values)) == 2


def test_cards_of_the_filtered_register_are_printed(officer, world):
    dossier = world.on_file()
    other = world.household().dossier

    response = officer.get(reverse("cases:dossier_cards"), {"status": "ACTIVE"})

    assert dossier.number in response.text
    assert other.number not in response.text
    assert dossier.head.id_number not in response.text


def test_cards_come_some_at_a_time(officer, world, monkeypatch):
    monkeypatch.setattr("cases.views.dossier.CARDS", 1)
    numbers = [world.household().dossier.number for _n in range(2)]

    first = officer.get(reverse("cases:dossier_cards"))
    second = officer.get(
        reverse("cases:dossier_cards"), {"cursor": first.context["page"].next_cursor}
    )

    assert [len(page.context["cards"]) for page in (first, second)] == [1, 1]
    assert numbers[0] in first.text
    assert numbers[1] in second.text


# The database


def _row(world, **changes):
    row = {"company": world.company, "kind": "REGISTER", "language": "en", "asked_at": NOON}
    return Export.objects.create(**row | {"asked_by": world.company_officer} | changes)


REFUSED = {
    "export_kind_known": lambda w: _row(w, kind="ALL"),
    "export_status_known": lambda w: _row(w, status="LOST", finished_at=NOON),
    "export_purpose_known": lambda w: _row(w, kind="NATIONAL", purpose="FUN"),
    "export_finished_has_moment": lambda w: _row(w, status="GONE"),
    "export_full_numbers_have_purpose": lambda w: _row(w, kind="NATIONAL"),
    "export_file_while_ready": lambda w: _row(w, status="DONE", finished_at=NOON),
    "export_done_within_rows": lambda w: _row(w, done=1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_database_refuses_an_export(world, name):
    with refused_by(name):
        attempt(REFUSED[name], world)


def test_every_constraint_of_an_export_is_tried():
    assert constraints_of(Export) == set(REFUSED)
