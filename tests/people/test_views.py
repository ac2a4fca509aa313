"""Who may open which address of this room, and what the pages do."""

import io
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from base import xlsx
from base.crypto import blind_index
from people import actions, imports
from people.models import (
    Appointment,
    Disclosure,
    Holiday,
    Kinship,
    Person,
    RosterImport,
    Unit,
    User,
)
from people.roles import Role
from tests.conftest import StrictClient
from tests.factories import (
    NOON,
    TODAY,
    AppointmentFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
    appoint,
)
from tests.people.rosters import HEADINGS, number, upload, workbook

pytestmark = pytest.mark.django_db
PASSWORD = "Korrekt-9-Pferd"


@pytest.fixture
def company():
    return UnitFactory(company=True, name="石化公司工会", code="HSH")


@pytest.fixture
def unit(company):
    return UnitFactory(parent=company, name="一联合车间工会", code="A1")


@pytest.fixture
def place(company, unit):
    """One of everything, all in one company; `elsewhere` is another company's."""
    person = PersonFactory(unit=unit, name="王建国")
    other = UserFactory(username="somebody")
    return {
        "company": company,
        "unit": unit,
        "elsewhere": UnitFactory(),
        "person": person,
        "user": other,
        "held": AppointmentFactory(user=other, role=Role.INFORMANT, unit=unit),
        "holiday": Holiday.objects.create(on=date(2026, 5, 1), kind="OFF", name="劳动节"),
        "roster": RosterImport.objects.create(
            company=company,
            file_name="a.xlsx",
            sha256="0" * 64,
            status="REFUSED",
            uploaded_at=NOON,
            uploaded_by=other,
        ),
    }


def _who(who, place):
    """The user behind a row of the matrix; None for a stranger."""
    company, unit, elsewhere = place["company"], place["unit"], place["elsewhere"]
    return {
        "stranger": lambda: None,
        "the person": lambda: UserFactory(person=place["person"]),
        "employee": lambda: appoint(Role.EMPLOYEE, unit),
        "informant": lambda: appoint(Role.INFORMANT, unit),
        "unit officer": lambda: appoint(Role.UNIT_OFFICER, unit),
        "unit officer elsewhere": lambda: appoint(Role.UNIT_OFFICER, elsewhere),
        "company officer": lambda: appoint(Role.COMPANY_OFFICER, company),
        "company officer elsewhere": lambda: appoint(Role.COMPANY_OFFICER, elsewhere.parent),
        "company chair": lambda: appoint(Role.COMPANY_CHAIR, company),
        "leader": lambda: appoint(Role.LEADER, company),
        "cashier": lambda: appoint(Role.CASHIER, company),
        "auditor": lambda: appoint(Role.AUDITOR, company),
        "admin": lambda: appoint(Role.ADMIN, company),
        "admin elsewhere": lambda: appoint(Role.ADMIN, elsewhere.parent),
    }[who]()


PEOPLE = (
    "stranger", "the person", "employee", "informant", "unit officer", "unit officer elsewhere",
    "company officer", "company officer elsewhere", "company chair", "leader", "cashier",
    "auditor", "admin", "admin elsewhere",
)  # fmt: skip

# the answer to each of PEOPLE, in their order
MATRIX = {
    "people:person_list": "302 403 403 200 200 200 200 200 200 403 403 200 200 200",
    "people:person_detail": "302 200 404 200 200 404 200 404 200 404 404 200 200 404",
    "people:person_reveal": "302 200 404 403 200 404 200 404 200 404 404 403 403 404",
    "people:person_payee": "302 200 404 403 200 404 200 404 200 404 404 403 403 404",
    "people:unit_list": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:unit_new": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:unit_rename": "302 404 404 404 404 404 404 404 404 404 404 404 200 404",
    "people:user_list": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:user_new": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:user_password": "302 403 403 403 403 403 403 403 403 403 403 403 200 404",
    "people:user_close": "302 403 403 403 403 403 403 403 403 403 403 403 200 404",
    "people:user_reopen": "302 403 403 403 403 403 403 403 403 403 403 403 200 404",
    "people:appointment_list": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:appointment_new": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:appointment_end": "302 403 403 403 403 403 403 403 403 403 403 403 200 404",
    "people:kinship_list": "302 200 200 200 200 200 200 200 200 200 200 200 200 200",
    "people:kinship_new": "302 200 200 200 200 200 200 200 200 200 200 200 200 200",
    "people:holiday_list": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:holiday_new": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:holiday_remove": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:holiday_import": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:holiday_template": "302 403 403 403 403 403 403 403 403 403 403 403 200 200",
    "people:disclosure_list": "302 403 403 403 403 403 403 403 403 403 403 200 200 200",
    "people:my_disclosures": "302 200 200 200 200 200 200 200 200 200 200 200 200 200",
    "people:roster_import": "302 403 403 403 403 403 200 200 403 403 403 403 200 200",
    "people:import_template": "302 403 403 403 403 403 200 200 403 403 403 403 200 200",
    "people:import_detail": "302 404 404 404 404 404 200 404 404 404 404 404 200 404",
    "people:import_confirm": "302 404 404 404 404 404 403 404 404 404 404 404 403 404",
    "people:demo_login": "404 404 404 404 404 404 404 404 404 404 404 404 404 404",
}
POSTS = {"people:person_reveal", "people:import_confirm", "people:demo_login"}
# what stands in the address
NOUNS = {
    "people:person_detail": "person",
    "people:person_reveal": "person",
    "people:person_payee": "person",
    "people:unit_rename": "unit",
    "people:user_password": "user",
    "people:user_close": "user",
    "people:user_reopen": "user",
    "people:appointment_end": "held",
    "people:holiday_remove": "holiday",
    "people:import_detail": "roster",
    "people:import_confirm": "roster",
}


def _url(name, place):
    noun = NOUNS.get(name)
    return reverse(name, args=[place[noun].pk] if noun else [])


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, place):
    user = _who(who, place)
    client = StrictClient()
    if user:
        client.force_login(user)

    answers = {}
    for name in MATRIX:
        if name in POSTS:
            response = client.post(_url(name, place), {"purpose": "REVIEW"})
        else:
            response = client.get(_url(name, place))
        answers[name] = str(response.status_code)

    column = PEOPLE.index(who)
    assert answers == {name: row.split()[column] for name, row in MATRIX.items()}


@pytest.mark.parametrize("name", MATRIX)
def test_every_address_refuses_other_methods(client, place, name):
    client.force_login(appoint(Role.ADMIN, place["company"]))

    response = (client.get if name in POSTS else client.delete)(_url(name, place))

    assert response.status_code == 405


# Lists

LISTS = {
    # seven: session, user, their person, its unit, appointments, relatives, the list itself
    "people:person_list": 8,  # and the units to filter by
    "people:unit_list": 7,
    "people:user_list": 7,
    "people:appointment_list": 7,
    "people:holiday_list": 7,
    "people:disclosure_list": 7,
    "people:roster_import": 9,  # and the companies to import for, twice
    "people:kinship_list": 7,
    "people:my_disclosures": 7,
}


def _fill(name, count, company, admin):
    """`count` rows for a list."""
    if name == "people:person_list":
        PersonFactory.create_batch(count, unit=UnitFactory(parent=company))
    elif name == "people:unit_list":
        UnitFactory.create_batch(count, parent=company)
    elif name == "people:user_list":
        for person in PersonFactory.create_batch(count, unit=UnitFactory(parent=company)):
            UserFactory(person=person)
    elif name == "people:appointment_list":
        AppointmentFactory.create_batch(count, unit=company, role=Role.LEADER)
    elif name == "people:holiday_list":
        for day in range(count):
            Holiday.objects.create(on=date(2026, 10, 1 + day), kind="OFF", name="国庆节")
    elif name in ("people:disclosure_list", "people:my_disclosures"):
        for _n in range(count):
            actions.disclose(
                by=UserFactory(),
                at=NOON,
                company=company,
                subject="PERSON",
                subject_pk=admin.person_id,
                fields=["phone"],
                purpose="VISIT",
            )
    elif name == "people:roster_import":
        for _n in range(count):
            RosterImport.objects.create(
                company=company,
                file_name="a.xlsx",
                sha256="0" * 64,
                status="REFUSED",
                uploaded_at=NOON,
                uploaded_by=UserFactory(),
            )
    elif name == "people:kinship_list":
        for n in range(count):
            actions.register_relative(
                relation="SON", name="王小明", id_number=number(n), by=admin, at=NOON
            )


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", LISTS)
def test_list_query_count_does_not_grow(client, company, name, count, django_assert_num_queries):
    admin = UserFactory(person=PersonFactory(unit=UnitFactory(parent=company)))
    AppointmentFactory(user=admin, unit=company, role=Role.ADMIN)
    _fill(name, count, company, admin)
    client.force_login(admin)

    with django_assert_num_queries(LISTS[name]):
        response = client.get(reverse(name))

    assert response.text.count('<th scope="row"') >= count


@pytest.mark.parametrize("name", LISTS)
def test_list_is_exported_with_its_filters_and_without_full_numbers(client, company, name):
    admin = UserFactory(person=PersonFactory(unit=UnitFactory(parent=company)))
    AppointmentFactory(user=admin, unit=company, role=Role.ADMIN)
    _fill(name, 2, company, admin)
    client.force_login(admin)

    whole = client.get(reverse(name), {"export": "xlsx"})
    none = client.get(reverse(name), {"export": "xlsx", "q": "there is nobody of this name"})

    cells = _cells(whole)
    assert len(cells) >= 3
    assert admin.person.id_number not in str(cells)
    assert admin.person.phone not in str(cells)
    unfiltered = {"people:roster_import", "people:kinship_list", "people:my_disclosures"}
    assert name in unfiltered or len(_cells(none)) == 1


def _cells(response):
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_list_goes_on_with_its_filters_on_the_next_page(client, company):
    unit = UnitFactory(parent=company)
    PersonFactory.create_batch(52, unit=unit, name="张伟")
    client.force_login(appoint(Role.UNIT_OFFICER, unit))

    first = client.get(reverse("people:person_list"), {"q": "张"})
    second = client.get(reverse("people:person_list") + first.context["next_url"])

    assert len(first.context["page"].rows) == 50
    assert len(second.context["page"].rows) == 2
    assert (first.context["previous_url"], second.context["next_url"]) == ("", "")


def test_persons_are_found_by_name_pinyin_number_and_whole_id(client, company):
    unit = UnitFactory(parent=company)
    one = PersonFactory(unit=unit, name="欧阳明月", staff_no="900001")
    PersonFactory(unit=unit, name="张伟", staff_no="800001")
    client.force_login(appoint(Role.UNIT_OFFICER, unit))

    for text in ("明月", "ou yang", "9000", one.id_number, one.id_number.lower()):
        response = client.get(reverse("people:person_list"), {"q": text})
        assert response.context["page"].rows == [one], text


@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("register", {"在册"}),
        ("left", {"离职"}),
        ("died", {"去世"}),
        ("", {"在册", "离职", "去世"}),
    ],
)
def test_persons_are_filtered_by_state(client, company, state, names):
    unit = UnitFactory(parent=company)
    PersonFactory(unit=unit, name="在册")
    PersonFactory(unit=unit, name="离职", left_on=TODAY)
    PersonFactory(unit=unit, name="去世", died_on=TODAY)
    client.force_login(appoint(Role.UNIT_OFFICER, unit))

    response = client.get(reverse("people:person_list"), {"state": state})

    assert {person.name for person in response.context["page"]} == names


def test_appointments_are_filtered_by_state(client, company):
    over = AppointmentFactory(unit=company, role=Role.LEADER, until=date(2021, 1, 1))
    held = AppointmentFactory(unit=company, role=Role.LEADER)
    admin = appoint(Role.ADMIN, company)
    client.force_login(admin)

    ended_rows = client.get(reverse("people:appointment_list"), {"state": "ended"}).context["page"]
    held_rows = client.get(
        reverse("people:appointment_list"), {"state": "held", "role": "LEADER"}
    ).context["page"]

    assert (ended_rows.rows, held_rows.rows) == ([over], [held])


# A person and their numbers


def test_person_page_masks_every_number(client, place):
    client.force_login(appoint(Role.UNIT_OFFICER, place["unit"]))
    person = place["person"]

    text = client.get(person.get_absolute_url()).text

    assert not [n for n in (person.id_number, person.account, person.phone) if n in text]
    assert "3,000.00" in text


def test_person_page_hides_the_income_from_the_administrator(client, place):
    client.force_login(appoint(Role.ADMIN, place["company"]))

    assert "3,000.00" not in client.get(place["person"].get_absolute_url()).text


def test_reveal_shows_the_numbers_and_writes_who_looked_and_why(client, place):
    officer = appoint(Role.UNIT_OFFICER, place["unit"])
    client.force_login(officer)
    person = place["person"]

    response = client.post(reverse("people:person_reveal", args=[person.pk]), {"purpose": "VISIT"})

    assert all(n in response.text for n in (person.id_number, person.account, person.phone))
    assert "no-store" in response["Cache-Control"]
    row = Disclosure.objects.get()
    assert (row.by, row.subject, row.subject_pk, row.fields, row.purpose, row.company_id) == (
        officer,
        "PERSON",
        person.pk,
        "id_number,account,phone",
        "VISIT",
        place["company"].pk,
    )


def test_reveal_shows_nothing_when_the_disclosure_cannot_be_written(place, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("full disk")

    monkeypatch.setattr(actions, "disclose", fail)
    client = StrictClient(raise_request_exception=False)
    client.force_login(appoint(Role.UNIT_OFFICER, place["unit"]))

    response = client.post(
        reverse("people:person_reveal", args=[place["person"].pk]), {"purpose": "VISIT"}
    )

    assert response.status_code == 500
    assert place["person"].id_number not in response.text


@pytest.mark.parametrize("purpose", ["", "CURIOSITY"])
def test_reveal_without_a_reason_from_the_list_shows_and_writes_nothing(client, place, purpose):
    client.force_login(appoint(Role.UNIT_OFFICER, place["unit"]))

    response = client.post(
        reverse("people:person_reveal", args=[place["person"].pk]), {"purpose": purpose}
    )

    assert response.status_code == 422
    assert place["person"].id_number not in response.text
    assert not Disclosure.objects.exists()


def test_my_disclosures_shows_who_looked_at_me_and_nobody_else(client, place):
    me = UserFactory(person=place["person"])
    officer = appoint(Role.UNIT_OFFICER, place["unit"], name="李干事")
    other = PersonFactory(unit=place["unit"])
    actions.reveal(person=place["person"], by=officer, at=NOON, purpose="VISIT")
    actions.reveal(person=other, by=officer, at=NOON, purpose="AUDIT")
    client.force_login(me)

    page = client.get(reverse("people:my_disclosures")).context["page"]

    assert [(row.by, row.purpose) for row in page] == [(officer, "VISIT")]


def test_disclosure_list_keeps_to_the_company(client, place):
    actions.reveal(
        person=place["person"],
        by=appoint(Role.UNIT_OFFICER, place["unit"]),
        at=NOON,
        purpose="VISIT",
    )
    client.force_login(appoint(Role.AUDITOR, place["elsewhere"].parent))

    assert client.get(reverse("people:disclosure_list")).context["page"].rows == []


def test_person_payee_is_changed_and_says_by_whom(client, place):
    officer = appoint(Role.COMPANY_OFFICER, place["company"])
    client.force_login(officer)
    person = place["person"]
    data = {"bank": "建设银行", "branch": "一支行", "account_name": "王建国", "compared": "on"}

    response = client.post(
        reverse("people:person_payee", args=[person.pk]), data | {"account": "6222 0000 1111 2222"}
    )

    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.bank, person.account, person.account_changed_by) == (
        "建设银行",
        "6222000011112222",
        officer,
    )
    assert person.account_index == blind_index("6222000011112222", "account")


@pytest.mark.parametrize(
    ("account", "compared", "status"),
    [
        ("4539578763621486", "", 302),  # a card that passes its check digit
        ("4539578763621487", "", 422),
        ("4539578763621487", "on", 302),
        ("123", "on", 422),
        ("62220000 1111x", "on", 422),
    ],
)
def test_person_payee_warns_of_an_odd_number_until_it_was_compared(
    client, place, account, compared, status
):
    client.force_login(appoint(Role.COMPANY_OFFICER, place["company"]))
    data = {"bank": "建设银行", "branch": "一支行", "account_name": "王建国"}

    response = client.post(
        reverse("people:person_payee", args=[place["person"].pk]),
        data | {"account": account, "compared": compared},
    )

    assert response.status_code == status


# Units, accounts, appointments


def test_unit_new_adds_a_unit_and_refuses_a_name_or_code_twice(client, company):
    client.force_login(appoint(Role.ADMIN, company))
    url = reverse("people:unit_new")
    data = {"parent": company.pk, "name": "二车间", "code": "b2"}

    first = client.post(url, data)
    name_again = client.post(url, data | {"code": "B3"})
    code_again = client.post(url, data | {"name": "三车间"})
    odd = client.post(url, data | {"name": "四车间", "code": "../x"})

    assert [r.status_code for r in (first, name_again, code_again, odd)] == [302, 422, 422, 422]
    assert Unit.objects.get(name="二车间").path == "/HSH/B2/"


def test_unit_new_offers_no_company_of_somebody_else(client, company):
    elsewhere = UnitFactory(company=True)
    client.force_login(appoint(Role.ADMIN, company))

    response = client.post(
        reverse("people:unit_new"), {"parent": elsewhere.pk, "name": "二车间", "code": "B2"}
    )

    assert response.status_code == 422
    assert not elsewhere.children.exists()


def test_unit_rename_changes_the_name_alone(client, company, unit):
    client.force_login(appoint(Role.ADMIN, company))

    response = client.post(reverse("people:unit_rename", args=[unit.pk]), {"name": "新名"})

    assert response.status_code == 302
    unit.refresh_from_db()
    assert (unit.name, unit.path) == ("新名", f"{company.path}A1/")


def test_user_new_makes_an_account_that_can_sign_in(client, company, unit):
    person = PersonFactory(unit=unit, staff_no="123")
    client.force_login(appoint(Role.ADMIN, company))
    data = {"username": "wang", "name": "王", "password": PASSWORD, "again": PASSWORD}

    response = client.post(reverse("people:user_new"), data | {"staff_no": "123"})

    assert response.status_code == 302
    assert User.objects.get(username="wang").person == person
    assert StrictClient().login(username="wang", password=PASSWORD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "SOMEBODY"},
        {"username": "a b"},
        {"again": "other"},
        {"password": "12345678", "again": "12345678"},
        {"staff_no": "nobody"},
        {"staff_no": "777"},
        {"name": ""},
    ],
)
def test_user_new_refuses_what_makes_no_account(client, place, wrong):
    UserFactory(person=PersonFactory(unit=place["unit"], staff_no="777"))
    client.force_login(appoint(Role.ADMIN, place["company"]))
    before = User.objects.count()
    data = {"username": "wang", "name": "王", "password": PASSWORD, "again": PASSWORD}

    response = client.post(reverse("people:user_new"), data | wrong)

    assert (response.status_code, User.objects.count()) == (422, before)


def test_user_password_ends_the_sessions_of_the_account(client, place):
    theirs = StrictClient(may_write=True)  # Django throws the ended session away
    theirs.force_login(place["user"])
    client.force_login(appoint(Role.ADMIN, place["company"]))

    client.post(
        reverse("people:user_password", args=[place["user"].pk]),
        {"password": PASSWORD, "again": PASSWORD},
    )

    assert theirs.get(reverse("people:kinship_list")).status_code == 302
    assert StrictClient().login(username="somebody", password=PASSWORD)


def test_user_close_shuts_the_account_and_reopen_opens_it(client, place):
    theirs = StrictClient()
    theirs.force_login(place["user"])
    client.force_login(appoint(Role.ADMIN, place["company"]))
    pk = place["user"].pk

    client.post(reverse("people:user_close", args=[pk]))
    shut = theirs.get(reverse("people:person_list")).status_code
    client.post(reverse("people:user_reopen", args=[pk]))
    theirs.force_login(place["user"])

    assert shut == 302
    assert theirs.get(reverse("people:person_list")).status_code == 200


@pytest.mark.parametrize("name", ["user_password", "user_close", "user_reopen"])
def test_administrator_does_not_change_their_own_account(client, company, name):
    admin = appoint(Role.ADMIN, company)
    client.force_login(admin)

    assert client.get(reverse(f"people:{name}", args=[admin.pk])).status_code == 403


def test_appointment_new_gives_the_role_from_that_day(client, place):
    client.force_login(appoint(Role.ADMIN, place["company"]))
    data = {"role": "UNIT_OFFICER", "unit": place["unit"].pk, "since": "2026-03-02"}

    response = client.post(reverse("people:appointment_new"), data | {"username": "somebody"})

    assert response.status_code == 302
    given = Appointment.objects.get(role="UNIT_OFFICER")
    assert (given.user, given.unit, given.since) == (place["user"], place["unit"], TODAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "nobody"},
        {"username": "closed"},
        {"role": "COMPANY_OFFICER"},
        {"role": "INFORMANT"},
        {"role": "GROUP"},
        {"until": "2026-03-01"},
        {"username": "the-admin"},
    ],
)
def test_appointment_new_says_what_is_wrong(client, place, wrong):
    UserFactory(username="closed", is_active=False)
    client.force_login(appoint(Role.ADMIN, place["company"], username="the-admin"))
    data = {"role": "UNIT_OFFICER", "unit": place["unit"].pk, "since": "2026-03-02"}
    before = Appointment.objects.count()

    response = client.post(
        reverse("people:appointment_new"), data | {"username": "somebody"} | wrong
    )

    assert (response.status_code, Appointment.objects.count()) == (422, before)


def test_appointment_end_takes_the_power_with_the_next_request(client, place):
    officer = appoint(Role.UNIT_OFFICER, place["unit"])
    theirs = StrictClient()
    theirs.force_login(officer)
    client.force_login(appoint(Role.ADMIN, place["company"]))
    before = theirs.get(place["person"].get_absolute_url()).status_code

    client.post(
        reverse("people:appointment_end", args=[officer.appointments.get().pk]),
        {"until": timezone.localdate().isoformat()},
    )

    assert before == 200
    assert theirs.get(place["person"].get_absolute_url()).status_code == 404
    assert theirs.get(reverse("people:person_list")).status_code == 403


def test_appointment_that_begins_tomorrow_gives_nothing_today(client, place):
    user = UserFactory()
    AppointmentFactory(
        user=user, role=Role.UNIT_OFFICER, unit=place["unit"], since=date(2026, 3, 3)
    )

    with time_machine.travel(NOON, tick=False):
        client.force_login(user)
        today = client.get(reverse("people:person_list")).status_code
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        client.force_login(user)
        tomorrow = client.get(reverse("people:person_list")).status_code

    assert (today, tomorrow) == (403, 200)


# Relatives and holidays


def test_kinship_new_keeps_the_mark_and_not_the_number(client):
    user = UserFactory()
    client.force_login(user)
    secret = number(7)

    response = client.post(
        reverse("people:kinship_new"), {"relation": "SON", "name": "王小明", "id_number": secret}
    )
    again = client.post(
        reverse("people:kinship_new"), {"relation": "SON", "name": "王小明", "id_number": secret}
    )

    assert (response.status_code, again.status_code) == (302, 422)
    kinship = Kinship.objects.get()
    assert kinship.id_index == blind_index(secret, "id_number")
    assert secret not in client.get(reverse("people:kinship_list")).text


def test_kinship_list_shows_my_own_alone(client):
    actions.register_relative(
        relation="SON", name="王小明", id_number=number(1), by=UserFactory(), at=NOON
    )
    client.force_login(UserFactory())

    assert client.get(reverse("people:kinship_list")).context["page"].rows == []


def test_holiday_pages_enter_import_and_remove_days(client, company):
    client.force_login(appoint(Role.ADMIN, company))
    file = upload(
        [["2026-10-01", "什么", "国庆节"], ["2026-10-10", "WORKING", "调休"]],
        headings=["日期", "类型", "名称"],
    )
    file_en = upload([["2026-10-01", "OFF", "国庆节"]], headings=["on", "kind", "name"])

    entered = client.post(
        reverse("people:holiday_new"), {"on": "2026-05-01", "kind": "OFF", "name": "劳动节"}
    )
    refused = client.post(reverse("people:holiday_import"), {"file": file})
    imported = client.post(reverse("people:holiday_import"), {"file": file_en})
    removed = client.post(
        reverse("people:holiday_remove", args=[Holiday.objects.get(name="劳动节").pk])
    )

    assert [r.status_code for r in (entered, imported, removed)] == [302, 302, 302]
    assert refused.status_code == 422
    assert Holiday.objects.calendar().off == {date(2026, 10, 1)}


def test_holiday_import_without_a_file_asks_for_one(client, company):
    client.force_login(appoint(Role.ADMIN, company))

    assert client.post(reverse("people:holiday_import"), {}).status_code == 422


# The roster


def _row(n, **changes):
    row = dict.fromkeys(HEADINGS)
    row |= {
        "职工编号": f"{n}",
        "姓名": "王建国",
        "身份证号": number(n),
        "所属基层工会": "一联合车间工会",
        "人员类别": "在职",
    }
    return row | changes


def test_roster_is_checked_then_confirmed_and_the_same_file_adds_nothing(client, place):
    client.force_login(appoint(Role.COMPANY_OFFICER, place["company"]))
    data = {"company": place["company"].pk}
    rows = [_row(1), _row(2)]
    content = workbook(rows)

    def send():
        file = SimpleUploadedFile("名册.xlsx", content)
        response = client.post(reverse("people:roster_import"), data | {"file": file}, follow=True)
        return response.context["roster"]

    first = send()
    before = Person.objects.filter(staff_no__in=["1", "2"]).count()
    client.post(reverse("people:import_confirm", args=[first.pk]))
    second = send()
    page = client.get(second.get_absolute_url())
    client.post(reverse("people:import_confirm", args=[second.pk]))
    first.refresh_from_db()
    second.refresh_from_db()

    assert before == 0
    assert (first.status, first.added, first.unchanged) == ("DONE", 2, 0)
    assert page.context["earlier"] == first
    assert (second.status, second.added, second.changed, second.unchanged) == ("DONE", 0, 0, 2)


def test_roster_with_mistakes_names_row_and_column_and_writes_nothing(client, place):
    client.force_login(appoint(Role.ADMIN, place["company"]))
    file = upload([_row(1), _row(2, 所属基层工会="没有的工会")])

    response = client.post(
        reverse("people:roster_import"),
        {"company": place["company"].pk, "file": file},
        follow=True,
    )

    roster = response.context["roster"]
    assert (roster.status, roster.problem_count, roster.file.name) == ("REFUSED", 1, "")
    row, column, _words = response.context["problems"][0]
    assert (row, column) == (3, "所属基层工会")
    assert '<th scope="row">3</th>' in response.text
    assert not Person.objects.filter(staff_no="1").exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 broken"])
def test_roster_that_is_no_workbook_is_refused_with_a_sentence(client, place, content):
    client.force_login(appoint(Role.ADMIN, place["company"]))
    file = SimpleUploadedFile("a.xlsx", content)

    response = client.post(
        reverse("people:roster_import"), {"company": place["company"].pk, "file": file}
    )

    assert response.status_code == 422
    assert response.context["form"].errors["file"]


def test_roster_is_not_taken_for_another_company(client, place):
    client.force_login(appoint(Role.ADMIN, place["company"]))
    before = RosterImport.objects.count()

    response = client.post(
        reverse("people:roster_import"),
        {"company": place["elsewhere"].parent_id, "file": upload([_row(1)])},
    )

    assert (response.status_code, RosterImport.objects.count()) == (422, before)


def test_roster_page_shows_the_progress_of_a_running_import(client, place):
    admin = appoint(Role.ADMIN, place["company"])
    RosterImport.objects.filter(pk=place["roster"].pk).update(
        status="RUNNING", rows=6000, done=1500, confirmed_at=NOON, confirmed_by=admin
    )
    client.force_login(admin)

    whole = client.get(place["roster"].get_absolute_url())
    part = client.get(place["roster"].get_absolute_url(), headers={"HX-Request": "true"})

    assert 'value="1500"' in whole.text
    assert "1,500" in part.text
    assert "<html" not in part.text


def test_roster_template_offers_units_and_can_be_sent_back(client, place):
    admin = appoint(Role.ADMIN, place["company"])
    client.force_login(admin)

    response = client.get(reverse("people:import_template"))

    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert len([cell for cell in sheet[1] if cell.value]) == 15
    with pytest.raises(xlsx.SheetError):  # no rows yet, but every heading is understood
        imports.read(file=io.BytesIO(response.content), company=place["company"], on=TODAY)
    assert "一联合车间工会" in str(_lists(response))


def _lists(response):
    return [
        [cell.value for cell in row]
        for row in load_workbook(io.BytesIO(response.content))["Lists"].iter_rows()
    ]


def test_person_page_leads_back_to_the_list_only_who_may_see_it(client, place):
    link = reverse("people:person_list")
    url = place["person"].get_absolute_url()

    client.force_login(UserFactory(person=place["person"]))
    own = client.get(url).text
    client.force_login(appoint(Role.UNIT_OFFICER, place["unit"]))
    officers = client.get(url).text

    assert (f'href="{link}"' in own, f'href="{link}"' in officers) == (False, True)
