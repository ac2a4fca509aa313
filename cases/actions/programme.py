"""What an application for tuition or medical aid says on its own form."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import programmes
from cases.actions.case import describe_case, why_not_describe
from cases.models import Case, Dossier, MedicalForm, TuitionForm
from people.roles import NotAllowed
from people.workflow import check


def _filling(case, member, by, at):
    """The case locked, household first; raises NotAllowed unless it may be filled in now for
    this member."""
    dossier = Dossier.objects.lock(case.dossier_id)
    (case,) = Case.objects.lock([case.pk])
    check(why_not_describe(case, by.actor(day_of(at))))
    if member.dossier_id != dossier.pk or member.left_on:
        raise NotAllowed(_("Choose somebody who belongs to the household."))
    return case


@transaction.atomic
def save_tuition(*, case, by, at, student, school_year, reason="", **columns):
    """Fill in the form of a tuition aid; the case takes the student and the cost from it.

    Raises NotAllowed for a student who is helped for this school year already.
    """
    case = _filling(case, student, by, at)
    check(programmes.why_not_student(case, student=student, school_year=school_year))
    form, _new = TuitionForm.objects.update_or_create(
        case=case,
        defaults={
            "company_id": case.company_id, "student": student, "school_year": school_year,
            "student_index": student.id_index, **columns,
        },
    )  # fmt: skip
    describe_case(
        case=case, by=by, at=at, patient=student, spent_fen=form.tuition_fen,
        reimbursed_fen=form.other_aid_fen, reason=reason,
    )  # fmt: skip
    return form


@transaction.atomic
def save_medical(
    *, case, by, at, patient, bills_from, bills_until, asked_fen, reason="", **columns
):
    """Fill in the form of a medical aid; the case takes the patient and the cost from it.

    Raises NotAllowed when bills of this patient and time were used already.
    """
    case = _filling(case, patient, by, at)
    check(
        programmes.why_not_bills(
            case, patient=patient, bills_from=bills_from, bills_until=bills_until
        )
    )
    form, _new = MedicalForm.objects.update_or_create(
        case=case,
        defaults={
            "company_id": case.company_id, "patient": patient, "bills_from": bills_from,
            "bills_until": bills_until, "patient_index": patient.id_index, **columns,
        },
    )  # fmt: skip
    describe_case(
        case=case, by=by, at=at, patient=patient, spent_fen=form.total_fen,
        reimbursed_fen=form.reimbursed_fen, asked_fen=asked_fen, reason=reason,
    )  # fmt: skip
    return form
