"""The constraints of the forms of tuition and medical aid, each by its name."""

from datetime import date

import pytest

from cases.models import Case, MedicalForm, TuitionForm
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.world import DAY, World

pytestmark = pytest.mark.django_db

TUITION = [
    ("tuition_level_known", {"level": "KINDERGARTEN"}),
    ("tuition_beyond_compulsory", {"level": "COMPULSORY"}),
    ("tuition_beyond_compulsory", {"level": ""}),
    ("tuition_aid_within_cost", {"tuition_fen": 0}),
    ("tuition_aid_within_cost", {"other_aid_fen": -1}),
    ("tuition_aid_within_cost", {"other_aid_fen": 6000_01}),
    ("tuition_loan_has_amount", {"loan": True}),
    ("tuition_loan_has_amount", {"loan_fen": 1}),
    ("tuition_graduates_later", {"graduates_on": date(2026, 8, 1)}),
    ("tuition_course_years_in_range", {"course_years": 0}),
    ("tuition_course_years_in_range", {"course_years": 11}),
    ("the form of an application that runs keeps its place", {"ended": True}),
]
MEDICAL = [
    ("medical_illness_known", {"illness": "SIGH"}),
    ("medical_somebody_ill", {"illness": "GOOD"}),
    ("medical_bills_in_order", {"bills_until": date(2020, 1, 1)}),
    ("medical_aid_within_bills", {"total_fen": 0, "insurance_fen": 0, "social_aid_fen": 0}),
    ("medical_aid_within_bills", {"insurance_fen": -1}),
    ("medical_aid_within_bills", {"social_aid_fen": -1}),
    ("medical_aid_within_bills", {"unit_aid_fen": -1}),
    ("medical_aid_within_bills", {"unit_aid_fen": 11_000_01}),
    ("the form of an application that runs keeps its bills", {"ended": True}),
]


@pytest.fixture
def world():
    return World()


def update(form, **columns):
    return attempt(type(form).objects.filter(pk=form.pk).update, **columns)


def other_case(case, **columns):
    """Another application of the household, begun when the first was put aside."""
    values = {f.attname: getattr(case, f.attname) for f in Case._meta.concrete_fields}
    values |= {"id": None, "number": "2026-9999", "code": "AAAAAAAAAAA", "status": "SUBMITTED"}
    return Case.objects.create(**values | columns)


def copy_of(form, case, **columns):
    values = {f.attname: getattr(form, f.attname) for f in form._meta.concrete_fields}
    return type(form)(**values | {"case_id": case.pk} | columns)


def test_every_constraint_is_tried_here():
    names = {name for name, _columns in TUITION + MEDICAL if " " not in name}

    assert constraints_of(TuitionForm, MedicalForm) == names | {"tuition_once_a_year"}


def test_tuition_form_is_refused(world):
    form = world.tuition().tuition

    for name, columns in TUITION:
        with refused_by(name):
            update(form, **columns)
    assert update(form, loan=True, loan_fen=1, level="HIGH_SCHOOL", other_aid_fen=6000_00) == 1


def test_student_once_a_school_year(world):
    case = world.tuition()
    form, other = case.tuition, other_case(case)

    with refused_by(
        "tuition_once_a_year",
        "cases_tuitionform.company_id, cases_tuitionform.student_index,"
        " cases_tuitionform.school_year",
    ):
        attempt(copy_of(form, other).save)
    copy_of(form, other, school_year=2027).save()


def test_student_of_an_ended_application_is_free(world):
    case = world.tuition()
    other = other_case(case)
    Case.objects.filter(pk=case.pk).update(status="WITHDRAWN")
    update(case.tuition, ended=True)

    copy_of(TuitionForm.objects.get(case=case), other, ended=False).save()

    assert TuitionForm.objects.filter(ended=False).get().case == other


def test_medical_form_is_refused(world):
    form = world.medical().medical

    for name, columns in MEDICAL:
        with refused_by(name):
            update(form, **columns)
    assert update(form, unit_aid_fen=11_000_00) == 1


def test_bills_of_a_patient_never_overlap(world):
    case = world.medical()
    form, other = case.medical, other_case(case, status="DECLINED")
    message = "bills of this patient and period are used already"

    for first, last in (
        (form.bills_until, form.bills_until + DAY),
        (form.bills_from - DAY, form.bills_from),
        (form.bills_from - DAY, form.bills_until + DAY),
        (form.bills_from + DAY, form.bills_from + DAY),
    ):
        with refused_by(message):
            attempt(copy_of(form, other, bills_from=first, bills_until=last).save)
    apart = copy_of(
        form, other, bills_from=form.bills_until + DAY, bills_until=form.bills_until + 9 * DAY
    )
    apart.save()
    with refused_by(message):
        update(apart, bills_from=form.bills_until)
    assert update(apart, patient_index="another", bills_from=form.bills_until) == 1
    assert update(apart, ended=True, patient_index=form.patient_index) == 1
