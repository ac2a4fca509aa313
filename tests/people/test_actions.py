"""What each act changes, and whom it refuses."""

from datetime import date, timedelta

import pytest

from base.crypto import blind_index
from base.workdays import Calendar
from people import actions
from people.models import Appointment, Disclosure, Holiday, Kinship, Unit
from people.roles import NotAllowed, Role, UnitKind
from tests.factories import (
    NOON,
    TODAY,
    AppointmentFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
    appoint,
    id_number,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return UnitFactory(company=True)


@pytest.fixture
def admin(company):
    return appoint(Role.ADMIN, company)


# Units


def test_create_unit_puts_it_under_its_company_in_capitals(company, admin):
    unit = actions.create_unit(
        kind=UnitKind.GRASSROOTS, code="b2", name="二车间", parent=company, by=admin, at=NOON
    )

    assert (unit.code, unit.path, unit.parent) == ("B2", f"{company.path}B2/", company)
    assert unit in Unit.objects.under(company.path)


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.ADMIN, Role.GROUP)])
def test_create_unit_is_for_the_administrator_alone(company, role):
    unit = UnitFactory(parent=company)
    grassroots = (Role.EMPLOYEE, Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
    by = appoint(role, unit if role in grassroots else company)

    with pytest.raises(NotAllowed):
        actions.create_unit(
            kind=UnitKind.GRASSROOTS, code="B2", name="二车间", parent=company, by=by, at=NOON
        )


def test_create_unit_keeps_to_the_company_of_the_administrator(admin):
    with pytest.raises(NotAllowed):
        actions.create_unit(
            kind=UnitKind.GRASSROOTS,
            code="B2",
            name="二车间",
            parent=UnitFactory(company=True),
            by=admin,
            at=NOON,
        )


def test_create_unit_makes_no_company_and_nothing_under_a_grassroots_union(company, admin):
    unit = UnitFactory(parent=company)

    for kind, parent in ((UnitKind.COMPANY, None), (UnitKind.GRASSROOTS, unit)):
        with pytest.raises(NotAllowed):
            actions.create_unit(kind=kind, code="X", name="x", parent=parent, by=admin, at=NOON)


def test_rename_unit_refuses_another_company(admin):
    unit = UnitFactory(name="旧名")

    with pytest.raises(NotAllowed):
        actions.rename_unit(unit=unit, name="新名", by=admin, at=NOON)

    unit.refresh_from_db()
    assert unit.name == "旧名"


# Accounts


def test_create_user_hashes_the_password_and_binds_the_person(company, admin):
    person = PersonFactory(unit=UnitFactory(parent=company))

    user = actions.create_user(
        username="wang", name="王", password="geheim", person=person, by=admin, at=NOON
    )

    assert (user.person, user.check_password("geheim"), user.is_active) == (person, True, True)


def test_create_user_refuses_a_person_of_another_company(admin):
    with pytest.raises(NotAllowed):
        actions.create_user(
            username="wang", name="王", password="x", person=PersonFactory(), by=admin, at=NOON
        )


def test_create_user_is_for_administrators(company):
    by = appoint(Role.COMPANY_CHAIR, company)

    with pytest.raises(NotAllowed):
        actions.create_user(username="wang", name="王", password="x", by=by, at=NOON)


@pytest.mark.parametrize("act", ["close_user", "reopen_user", "set_password"])
def test_account_is_changed_by_its_own_administrator_and_by_another(company, admin, act):
    extra = {"password": "x"} if act == "set_password" else {}
    elsewhere = UserFactory(person=PersonFactory())

    for user, by in ((elsewhere, admin), (admin, admin), (admin, UserFactory())):
        with pytest.raises(NotAllowed):
            getattr(actions, act)(user=user, by=by, at=NOON, **extra)


def test_close_user_takes_every_role_with_it(company, admin):
    user = appoint(Role.LEADER, company)

    actions.close_user(user=user, by=admin, at=NOON)

    user.refresh_from_db()
    assert user.actor(TODAY).hats == ()


# Appointments


def test_appoint_gives_the_role_and_says_who_gave_it(company, admin):
    user = UserFactory()

    given = actions.appoint(
        user=user, role=Role.LEADER, unit=company, since=TODAY, by=admin, at=NOON
    )

    assert (given.appointed_by, given.appointed_at, given.until) == (admin, NOON, None)
    assert user.actor(TODAY).roles == {Role.LEADER}
    assert user.actor(TODAY - timedelta(days=1)).roles == frozenset()


def test_nobody_appoints_themselves(company, admin):
    with pytest.raises(NotAllowed, match="appoints? themselves|自己"):
        actions.appoint(user=admin, role=Role.ADMIN, unit=company, since=TODAY, by=admin, at=NOON)


def test_appoint_keeps_to_the_company_of_the_administrator(admin):
    with pytest.raises(NotAllowed):
        actions.appoint(
            user=UserFactory(),
            role=Role.LEADER,
            unit=UnitFactory(company=True),
            since=TODAY,
            by=admin,
            at=NOON,
        )


@pytest.mark.parametrize("role", [r for r in Role if r != Role.EMPLOYEE])
def test_appoint_fits_the_role_to_the_kind_of_unit(company, admin, role):
    unit = UnitFactory(parent=company)
    grassroots = {Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR}
    fits = {unit: role in grassroots, company: role not in grassroots and role != Role.GROUP}

    for place, allowed in fits.items():
        give = {"user": UserFactory(), "role": role, "unit": place, "since": TODAY}
        if allowed:
            actions.appoint(**give, by=admin, at=NOON)
        else:
            with pytest.raises(NotAllowed):
                actions.appoint(**give, by=admin, at=NOON)


def test_administrator_holds_no_other_role(company, admin):
    leader, other = appoint(Role.LEADER, company), appoint(Role.ADMIN, company)

    for user, role in ((leader, Role.ADMIN), (other, Role.LEADER)):
        with pytest.raises(NotAllowed):
            actions.appoint(user=user, role=role, unit=company, since=TODAY, by=admin, at=NOON)


def test_appoint_refuses_a_role_held_already(company, admin):
    leader = appoint(Role.LEADER, company)

    with pytest.raises(NotAllowed):
        actions.appoint(user=leader, role=Role.LEADER, unit=company, since=TODAY, by=admin, at=NOON)


def test_end_appointment_ends_it_on_that_day_once(company, admin):
    held = AppointmentFactory(role=Role.LEADER, unit=company)

    ended = actions.end_appointment(appointment=held, until=TODAY, by=admin, at=NOON)

    assert (ended.until, ended.ended_at, ended.ended_by) == (TODAY, NOON, admin)
    assert held.user.actor(TODAY).roles == frozenset()
    assert held.user.actor(TODAY - timedelta(days=1)).roles == {Role.LEADER}
    with pytest.raises(NotAllowed):
        actions.end_appointment(appointment=held, until=TODAY, by=admin, at=NOON)


def test_end_appointment_is_done_by_another_and_not_before_it_began(company, admin):
    own = admin.appointments.get()
    elsewhere = AppointmentFactory(role=Role.LEADER)
    young = AppointmentFactory(role=Role.LEADER, unit=company, since=TODAY)

    for held, until in ((own, TODAY), (elsewhere, TODAY), (young, TODAY - timedelta(days=1))):
        with pytest.raises(NotAllowed):
            actions.end_appointment(appointment=held, until=until, by=admin, at=NOON)

    assert not Appointment.objects.exclude(ended_at=None).exists()


# Relatives


def test_register_relative_makes_their_number_kin_of_the_user():
    user, number = UserFactory(), id_number(3)

    actions.register_relative(relation="SON", name="王小明", id_number=number, by=user, at=NOON)

    kinship = Kinship.objects.get()
    assert (kinship.user, kinship.registered_by, kinship.name) == (user, user, "王小明")
    assert user.actor(TODAY).kin == {blind_index(number, "id_number")}
    with pytest.raises(NotAllowed):
        actions.register_relative(relation="SON", name="x", id_number=number, by=user, at=NOON)


def test_a_person_is_kin_of_themselves():
    user = UserFactory(employee=True)

    assert user.actor(TODAY).kin == {user.person.id_index}


# Holidays


def test_set_holiday_makes_and_overwrites_a_day(admin):
    day = date(2026, 10, 10)

    actions.set_holiday(on=day, kind="OFF", name="国庆节", by=admin, at=NOON)
    actions.set_holiday(on=day, kind="WORKING", name="调休", by=admin, at=NOON)

    assert Holiday.objects.calendar() == Calendar(working={day})


def test_holidays_are_kept_by_administrators(company):
    by = appoint(Role.COMPANY_OFFICER, company)
    holiday = Holiday.objects.create(on=TODAY, kind="OFF", name="x")

    with pytest.raises(NotAllowed):
        actions.set_holiday(on=TODAY, kind="OFF", name="x", by=by, at=NOON)
    with pytest.raises(NotAllowed):
        actions.remove_holiday(holiday=holiday, by=by, at=NOON)
    with pytest.raises(NotAllowed):
        actions.import_holidays(days=[(TODAY, "OFF", "x")], by=by, at=NOON)


def test_import_holidays_counts_new_changed_and_unchanged(admin):
    Holiday.objects.create(on=date(2026, 10, 1), kind="OFF", name="国庆节")
    Holiday.objects.create(on=date(2026, 10, 2), kind="OFF", name="国庆")
    days = [(date(2026, 10, day), "OFF", "国庆节") for day in (1, 2, 3)]

    first = actions.import_holidays(days=days, by=admin, at=NOON)
    again = actions.import_holidays(days=days, by=admin, at=NOON)

    assert (first, again) == ((1, 1, 1), (0, 0, 3))
    assert Holiday.objects.filter(name="国庆节").count() == 3


def test_calendar_keeps_to_the_days_asked_for(django_assert_num_queries):
    for day in (1, 10, 20):
        Holiday.objects.create(on=date(2026, 10, day), kind="OFF", name="x")

    with django_assert_num_queries(1):
        calendar = Holiday.objects.calendar(date(2026, 10, 5), date(2026, 10, 20))

    assert calendar.off == {date(2026, 10, 10), date(2026, 10, 20)}


# Personal data


def test_disclose_writes_one_sealed_row(company, admin):
    row = actions.disclose(
        by=admin,
        at=NOON,
        company=company,
        subject="EXPORT",
        subject_pk=7,
        fields=["phone", "account"],
        purpose="PAYMENT",
    )

    assert Disclosure.objects.get() == row
    assert (row.fields, row.subject_pk, row.at) == ("phone,account", 7, NOON)
    with pytest.raises(TypeError):
        row.delete()


def test_reveal_is_recorded_and_refused_to_strangers(company):
    person = PersonFactory(unit=UnitFactory(parent=company))
    officer = appoint(Role.UNIT_OFFICER, person.unit)
    strangers = [
        appoint(Role.ADMIN, company),
        appoint(Role.AUDITOR, company),
        appoint(Role.LEADER, company),
        appoint(Role.INFORMANT, person.unit),
        appoint(Role.UNIT_OFFICER, UnitFactory(parent=company)),
        appoint(Role.EMPLOYEE, person.unit),
    ]

    for by in strangers:
        with pytest.raises(NotAllowed):
            actions.reveal(person=person, by=by, at=NOON, purpose="REVIEW")
    actions.reveal(person=person, by=officer, at=NOON, purpose="REVIEW")

    assert [row.by for row in Disclosure.objects.all()] == [officer]


def test_change_payee_keeps_index_moment_and_person(company):
    person = PersonFactory(unit=UnitFactory(parent=company))
    by = UserFactory(person=person)

    actions.change_payee(
        person=person,
        bank="建设银行",
        branch="一支行",
        account_name="王建国",
        account="62220001",
        by=by,
        at=NOON,
    )

    person.refresh_from_db()
    assert (person.account, person.account_index) == (
        "62220001",
        blind_index("62220001", "account"),
    )
    assert (person.account_changed_at, person.account_changed_by) == (NOON, by)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR])
def test_change_payee_is_not_for_those_who_pay_or_watch(company, role):
    person = PersonFactory(unit=UnitFactory(parent=company))

    with pytest.raises(NotAllowed):
        actions.change_payee(
            person=person,
            bank="b",
            branch="b",
            account_name="n",
            account="62220001",
            by=appoint(role, company),
            at=NOON,
        )


def test_units_whose_codes_begin_alike_are_not_mixed_up():
    short = UnitFactory(company=True, code="A", path="/A/")
    long = UnitFactory(company=True, code="AB", path="/AB/")
    unit = UnitFactory(parent=long)

    admin = appoint(Role.ADMIN, short)

    assert not admin.actor(TODAY).has(Role.ADMIN, unit.path)
    assert list(Unit.objects.under(short.path)) == [short]
