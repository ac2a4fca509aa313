"""What one application has to do with others: the same event, student, bills; help before."""

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext as _

from base.money import format_fen
from cases.codes import Event
from cases.models import Case, MedicalForm, TuitionForm
from cases.workflow import BY_COST, DECIDED, Programme, Status

ENDED = (Status.DECLINED, Status.WITHDRAWN)


def why_not_event(case, *, event, event_on, patient):
    """Why help for this event cannot be asked for in the case: it was asked for already (IP6).

    Whoever it happened to is known by the ID number, in whichever household of the company.
    """
    if not (event and event_on and patient):
        return ""
    others = Case.objects.filter(
        company=case.company_id, programme=case.programme, event=event, event_on=event_on
    ).exclude(status__in=ENDED)
    if case.programme == Programme.EMERGENCY:
        others = others.filter(patient__id_index=patient.id_index)
        words = _("An emergency grant for this event was applied for already: case %(number)s.")
    elif case.programme == Programme.VISIT_GIFT:
        others = others.filter(dossier=case.dossier_id)
        words = _("A visit gift on this occasion was applied for already: case %(number)s.")
    else:
        return ""
    other = others.exclude(pk=case.pk).order_by("pk").first()
    return words % {"number": other.number} if other else ""


def why_not_student(case, *, student, school_year):
    """Why the student cannot be helped for this school year in the case; "" when they can."""
    other = (
        TuitionForm.objects.filter(
            company=case.company_id, student_index=student.id_index, school_year=school_year,
            ended=False,
        )
        .exclude(case=case.pk)
        .select_related("case")
        .first()
    )  # fmt: skip
    if other is None:
        return ""
    return _(
        "This student is helped once a school year, and was applied for already: case %(number)s."
    ) % {"number": other.case.number}


def why_not_bills(case, *, patient, bills_from, bills_until):
    """Why these bills of the patient cannot be used in the case; "" when they can."""
    other = (
        MedicalForm.objects.filter(
            company=case.company_id, patient_index=patient.id_index, ended=False,
            bills_from__lte=bills_until, bills_until__gte=bills_from,
        )
        .exclude(case=case.pk)
        .select_related("case")
        .order_by("bills_from", "case")
        .first()
    )  # fmt: skip
    if other is None:
        return ""
    return _(
        "Bills from %(from)s until %(until)s were used already in case %(number)s; no receipt is"
        " used twice."
    ) % {"from": other.bills_from, "until": other.bills_until, "number": other.case.number}


def same_bills(cases):
    """{case pk: other cases that may rest on the same receipts}, in two queries at most.

    An emergency grant for the illness of a patient, and medical aid whose bills cover its day.
    """
    medical = [case.pk for case in cases if case.programme == Programme.MEDICAL]
    illness = [
        case
        for case in cases
        if case.programme == Programme.EMERGENCY
        and case.event == Event.ILLNESS
        and case.patient_id
        and case.event_on
    ]
    found = defaultdict(list)
    if medical:
        forms = MedicalForm.objects.filter(case__in=medical)
        _grants_within(list(forms), found)
    if illness:
        _bills_around(illness, found)
    return dict(found)


def _grants_within(forms, found):
    """Emergency grants for an illness of the patient of each form, within its bills."""
    grants = (
        Case.objects.filter(
            company__in={form.company_id for form in forms}, programme=Programme.EMERGENCY,
            event=Event.ILLNESS, event_on__isnull=False,
            patient__id_index__in={form.patient_index for form in forms},
        )
        .exclude(status__in=ENDED)
        .select_related("patient")
        .order_by("pk")
    )  # fmt: skip
    given = list(grants)
    for form in forms:
        found[form.case_id] += [
            grant
            for grant in given
            if grant.patient.id_index == form.patient_index
            and grant.company_id == form.company_id
            and form.bills_from <= grant.event_on <= form.bills_until
        ]


def _bills_around(cases, found):
    """Medical aid of the patient of each emergency grant whose bills cover its day."""
    days = Q(bills_from__lte=max(c.event_on for c in cases)) & Q(
        bills_until__gte=min(c.event_on for c in cases)
    )
    forms = (
        MedicalForm.objects.filter(
            days, company__in={case.company_id for case in cases}, ended=False,
            patient_index__in={case.patient.id_index for case in cases},
        )
        .select_related("case")
        .order_by("case")
    )  # fmt: skip
    covering = list(forms)
    for case in cases:
        found[case.pk] += [
            form.case
            for form in covering
            if form.patient_index == case.patient.id_index
            and form.company_id == case.company_id
            and form.bills_from <= case.event_on <= form.bills_until
        ]


def helped_fen(cases):
    """{case pk: fen granted before for the same bills}; it is taken off what they cost."""
    return {
        pk: sum(other.granted_fen for other in others if other.status in DECIDED)
        for pk, others in same_bills([c for c in cases if c.programme in BY_COST]).items()
    }


def own_cost_fen(case):
    """What the household has paid itself and was not helped with; two queries at most."""
    return max(case.net_fen - helped_fen([case]).get(case.pk, 0), 0)


def to_look_at(case):
    """Sentences for whoever reviews and verifies: other help for the same, and what does not fit.

    Uses the forms loaded by `for_page`; two queries at most.
    """
    sentences = []
    for other in same_bills([case]).get(case.pk, ()):
        words = {"number": other.number, "programme": other.get_programme_display()}
        if other.status in DECIDED:
            sentences.append(
                _(
                    "For the same patient and time %(amount)s yuan were granted in case %(number)s"
                    " (%(programme)s): the same receipts must not count twice; the amount is taken"
                    " off the cost."
                )
                % (words | {"amount": format_fen(other.granted_fen)})
            )
        else:
            sentences.append(
                _(
                    "For the same patient and time case %(number)s (%(programme)s) is under way:"
                    " compare the receipts, none counts twice."
                )
                % words
            )
    form = getattr(case, "tuition", None)
    if form and form.student.school_level not in ("", form.level):
        sentences.append(
            _(
                "The file says %(filed)s for this student, the application %(asked)s: look at the"
                " letter of admission."
            )
            % {
                "filed": form.student.get_school_level_display(),
                "asked": form.get_level_display(),
            }
        )
    ill = getattr(case, "medical", None)
    if ill and ill.patient.health not in ("GOOD", ill.illness):
        sentences.append(
            _(
                "The file says %(filed)s for this patient, the application %(asked)s: look at the"
                " diagnosis."
            )
            % {"filed": ill.patient.get_health_display(), "asked": ill.get_illness_display()}
        )
    return sentences


def lacking(case):
    """What an application for a grant still lacks of its own form, each as a sentence."""
    if case.programme == Programme.EMERGENCY:
        if not (
            case.event and case.event_on and case.patient_id and case.spent_fen and case.asked_fen
        ):
            yield _("Say what happened, when, to whom, what it cost and what you ask for.")
    elif case.programme == Programme.VISIT_GIFT:
        if not (case.event and case.event_on and case.patient_id):
            yield _("Say what the visit is for, on which day, and whom it concerns.")
    elif case.programme == Programme.TUITION:
        yield from _tuition_lacks(getattr(case, "tuition", None))
    elif case.programme == Programme.MEDICAL:
        yield from _medical_lacks(case, getattr(case, "medical", None))
    if reason := why_not_event(
        case, event=case.event, event_on=case.event_on, patient=case.patient
    ):
        yield reason


def _tuition_lacks(form):
    if form is None:
        yield _("Fill in the student, the school and what it costs.")
        return
    if not form.promise:
        yield _("Promise that nobody else has helped with the same schooling.")
    if form.student.left_on:
        yield _("The student has left the household; choose another.")
    if form.other_aid_fen >= form.tuition_fen:
        yield _("Other aid covers the whole cost of the schooling already.")


def _medical_lacks(case, form):
    if form is None or not case.asked_fen:
        yield _("Fill in the patient, the illness, the bills and what you ask for.")
        return
    if not form.promise:
        yield _("Promise that no receipt is used twice.")
    if form.reimbursed_fen >= form.total_fen:
        yield _("Others have paid all these bills already.")
