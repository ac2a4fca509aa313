"""Every constraint of this room refuses by its name."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import Value

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
from tests.factories import (
    NOON,
    TODAY,
    AppointmentFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
    id_number,
)

pytestmark = pytest.mark.django_db


def _kinship(**changes):
    user = changes.pop("user", None) or UserFactory()
    row = {"user": user, "relation": "SON", "name": "王", "id_index": "0" * 64}
    return Kinship.objects.create(**row | {"registered_at": NOON, "registered_by": user} | changes)


def _disclosure(**changes):
    row = {"company": UnitFactory(company=True), "by": UserFactory(), "at": NOON}
    row |= {"subject": "PERSON", "subject_pk": 1, "fields": "phone", "purpose": "VISIT"}
    return Disclosure.objects.create(**row | changes)


def _roster(**changes):
    row = {"company": UnitFactory(company=True), "file_name": "a.xlsx", "sha256": "0" * 64}
    row |= {"status": "CHECKED", "rows": 5, "uploaded_at": NOON, "uploaded_by": UserFactory()}
    return RosterImport.objects.create(**row | changes)


def _confirmed():
    return {"confirmed_at": NOON, "confirmed_by": UserFactory()}


def _two_units():
    one = UnitFactory()
    UnitFactory(parent=one.parent, name=one.name)


def _two_persons(**same):
    one = PersonFactory()
    PersonFactory(unit=one.unit, **{name: getattr(one, name) for name in same["same"]})


def _appointed_by_oneself():
    user = UserFactory()
    AppointmentFactory(user=user, appointed_by=user)


def _appointed_twice():
    one = AppointmentFactory()
    AppointmentFactory(user=one.user, role=one.role, unit=one.unit)


def _same_relative_twice():
    one = _kinship()
    _kinship(user=one.user)


def _two_running():
    company = UnitFactory(company=True)
    for _n in range(2):
        _roster(company=company, status="RUNNING", **_confirmed())


BROKEN = {
    "unit_kind_known": lambda: UnitFactory(kind="CLUB"),
    "unit_parent_matches_kind": lambda: UnitFactory(parent=None),
    "unit_name_once_per_parent": _two_units,
    "person_sex_known": lambda: PersonFactory(sex="X"),
    "person_standing_known": lambda: PersonFactory(standing="HOBBY"),
    "person_staff_no_once": lambda: _two_persons(same=["staff_no"]),
    "person_id_number_once": lambda: _two_persons(same=["id_number", "id_index"]),
    "person_income_not_negative": lambda: PersonFactory(monthly_income_fen=-1),
    "person_account_change_has_moment": lambda: PersonFactory(account_changed_by=UserFactory()),
    "appointment_role_known": lambda: AppointmentFactory(role="EMPLOYEE", unit=UnitFactory()),
    "appointment_ends_after_it_began": lambda: AppointmentFactory(until=date(2019, 1, 1)),
    "appointment_end_complete": lambda: AppointmentFactory(ended_at=NOON),
    "appointment_by_another": _appointed_by_oneself,
    "appointment_once": _appointed_twice,
    "kinship_relation_known": lambda: _kinship(relation="FRIEND"),
    "kinship_once": _same_relative_twice,
    "holiday_kind_known": lambda: Holiday.objects.create(on=TODAY, kind="X", name="x"),
    "disclosure_subject_known": lambda: _disclosure(subject="CAT"),
    "disclosure_purpose_known": lambda: _disclosure(purpose="CURIOSITY"),
    "roster_import_status_known": lambda: _roster(status="LOST"),
    "roster_import_done_has_moment": lambda: _roster(status="DONE", **_confirmed()),
    "roster_import_confirmation_complete": lambda: _roster(confirmed_at=NOON),
    "roster_import_runs_when_confirmed": lambda: _roster(status="RUNNING"),
    "roster_import_done_within_rows": lambda: _roster(done=6),
    "roster_import_one_running": _two_running,
}
MODELS = (Unit, Person, User, Appointment, Kinship, Holiday, Disclosure, RosterImport)


@pytest.mark.parametrize("name", BROKEN)
def test_constraint_refuses_the_row(name):
    constraint = next(c for m in MODELS for c in m._meta.constraints if c.name == name)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        BROKEN[name]()

    # SQLite names the columns of a unique constraint instead of the constraint.
    named = [name]
    if isinstance(constraint, models.UniqueConstraint):
        named.append(", ".join(_columns(constraint)))
    assert any(text in str(caught.value) for text in named)


def _columns(constraint):
    model = next(m for m in MODELS if constraint in m._meta.constraints)
    for field in constraint.fields:
        yield f"{model._meta.db_table}.{model._meta.get_field(field).column}"


def test_every_constraint_is_tested():
    assert set(BROKEN) == {c.name for m in MODELS for c in m._meta.constraints}


def test_person_encrypts_what_is_sensitive():
    person = PersonFactory()

    stored = (
        Person.objects.annotate(
            raw=models.functions.Concat(
                *(
                    models.functions.Cast(name, models.CharField())
                    for name in ("id_number", "phone", "account")
                ),
                Value(""),
                output_field=models.CharField(),
            )
        )
        .values_list("raw", flat=True)
        .get()
    )

    assert not [text for text in (person.id_number, person.phone, person.account) if text in stored]


def test_persons_on_the_register_are_in_service_or_retired_alive_and_not_left():
    unit = UnitFactory()
    counted = [PersonFactory(unit=unit), PersonFactory(unit=unit, retired=True)]
    PersonFactory(unit=unit, paid_off=True)
    PersonFactory(unit=unit, left_on=TODAY)
    PersonFactory(unit=unit, died_on=TODAY)

    assert set(Person.objects.on_register()) == set(counted)


def test_appointments_hold_from_the_first_day_until_before_the_last():
    held = AppointmentFactory(role=Role.LEADER, since=TODAY, until=TODAY + timedelta(days=2))

    days = [TODAY + timedelta(days=n) for n in range(-1, 4)]

    assert [held in Appointment.objects.valid_on(day) for day in days] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_synthetic_numbers_of_the_factories_differ():
    assert len({id_number(n) for n in range(500)}) == 500
