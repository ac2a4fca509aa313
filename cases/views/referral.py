"""Referrals: whom was passed on to which service, what it answered, what the worker says."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.workdays import day_of
from base.xlsx import Column
from cases import actions
from cases.forms.referral import AnswerForm, CloseForm, ReferralFilter, ReferralForm
from cases.models import Case, Dossier, Incident, Referral
from cases.models.dossier import READERS
from cases.models.incident import GRASSROOTS, persons_of
from cases.views.incident import choose_person
from people.roles import check_any
from people.views.lists import listing
from people.workflow import check

pages = require_http_methods(["GET", "HEAD", "POST"])
READING = (*GRASSROOTS, *READERS)
COLUMNS = (
    Column("passed_on", gettext_lazy("Passed on"), kind="date"),
    Column("person", gettext_lazy("Employee")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("kind", gettext_lazy("To"), kind="choice", choices=tuple(Referral.Kind.choices)),
    Column("work_order", gettext_lazy("Work order number"), width=20),
    Column("passed_by", gettext_lazy("Passed on by")),
    Column("due_on", gettext_lazy("Answer due"), kind="date"),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Referral.Status.choices)),
    Column("answered_on", gettext_lazy("Answered on"), kind="date"),
    Column(
        "outcome", gettext_lazy("Outcome"), kind="choice", choices=tuple(Referral.Outcome.choices)
    ),
)


def _cells(referral):
    return (
        day_of(referral.passed_at), masking.mask_name(referral.person.name), referral.unit.name,
        referral.kind, referral.work_order, referral.passed_by.name, referral.due_on,
        referral.status, referral.answered_on, referral.outcome,
    )  # fmt: skip


@require_safe
def referral_list(request):
    check_any(request.actor, *READING)
    on = timezone.localdate()
    filters = ReferralFilter(request.GET, actor=request.actor)
    rows = Referral.objects.visible_to(request.actor).narrowed(on=on, **filters.chosen)
    return listing(
        request,
        "cases/referral_list.html",
        rows=rows.for_list(),
        order=("-passed_at", "-pk"),
        title=_("Referrals"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        on=on,
        summary=_summary(rows),
        outcomes=Referral.Outcome.choices,
        may_refer=not request.actor.why_not_any(*actions.KEEPERS),
    )


def _summary(rows):
    """[(kind, in all, waiting, [count of each outcome])] of the rows found: one query."""
    counted = rows.by_kind()
    return [
        (
            label,
            sum(counted[kind].values()),
            counted[kind].get("", 0),
            [(name, counted[kind].get(code, 0)) for code, name in Referral.Outcome.choices],
        )
        for kind, label in Referral.Kind.choices
        if kind in counted
    ]


def _named(request, name, rows):
    """The row named in the address, if the actor sees it, else None or 404."""
    pk = request.GET.get(name, "")
    return get_object_or_404(rows, pk=pk) if pk.isdecimal() else None


def _referable(actor):
    return persons_of(actor, actions.KEEPERS).select_related("unit")


def _origin(request):
    """Where the referral starts from: {dossier, case, incident} and the person it is about."""
    actor = request.actor
    dossiers = Dossier.objects.visible_to(actor).select_related("head__unit")
    cases = Case.objects.visible_to(actor).select_related("applicant__unit", "dossier")
    incidents = Incident.objects.visible_to(actor).select_related("person__unit")
    incident = _named(request, "incident", incidents)
    case = _named(request, "case", cases)
    dossier = _named(request, "dossier", dossiers) or (case and case.dossier)
    person = (
        (incident and incident.person)
        or (case and case.applicant)
        or (dossier and dossier.head)
        or _named(request, "person", _referable(actor))
    )
    return person, {"dossier": dossier, "case": case, "incident": incident}


@pages
def referral_new(request):
    """From a dossier, a case, an event, or for any employee chosen here."""
    check_any(request.actor, *actions.KEEPERS)
    person, origin = _origin(request)
    if person is None:
        words = {
            "title": _("Pass somebody on"),
            "lead": _("To a service that can help better. Whom is it about?"),
            "back_url": reverse("cases:referral_list"),
            "back_label": _("Referrals"),
        }
        return choose_person(request, _referable(request.actor), words)
    check(actions.why_not_refer(person.unit, request.actor))
    form = ReferralForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/referral_new.html", form, person=person, origin=origin)
    referral = actions.pass_on(
        person=person, by=request.user, at=timezone.now(), **origin, **form.cleaned_data
    )
    words = _("Passed on. An answer is due on %(due)s.")
    messages.success(request, words % {"due": referral.due_on})
    return redirect(referral)


def _referral(request, pk):
    referrals = Referral.objects.visible_to(request.actor).select_related(
        "person", "unit", "dossier", "case", "incident", "passed_by", "answered_by", "closed_by"
    )
    return get_object_or_404(referrals, pk=pk)


@require_safe
def referral_detail(request, pk):
    referral = _referral(request, pk)
    actor = request.actor
    context = {
        "referral": referral,
        "on": timezone.localdate(),
        "dossier": Dossier.objects.visible_to(actor).filter(pk=referral.dossier_id).first(),
        "case": Case.objects.visible_to(actor).filter(pk=referral.case_id).first(),
        "incident": Incident.objects.visible_to(actor).filter(pk=referral.incident_id).first(),
        "may_answer": not actions.why_not_answer(referral, actor),
        "may_close": not actions.why_not_close_referral(referral, actor),
    }
    return render(request, "cases/referral_detail.html", context)


@pages
def referral_answer(request, pk):
    referral = _referral(request, pk)
    check(actions.why_not_answer(referral, request.actor))
    now = timezone.now()
    on = day_of(now)
    initial = {
        "answered_on": on, "contact": referral.contact, "work_order": referral.work_order,
    }  # fmt: skip
    form = AnswerForm(request.POST or None, initial=initial, referral=referral, on=on)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/referral_answer.html", form, referral=referral)
    actions.answer_referral(referral=referral, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The answer was recorded."))
    return redirect(referral)


@pages
def referral_close(request, pk):
    referral = _referral(request, pk)
    check(actions.why_not_close_referral(referral, request.actor))
    now = timezone.now()
    # Nothing filled in is a choice here: nobody was called back.
    form = CloseForm(request.POST if request.method == "POST" else None, on=day_of(now))
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/referral_close.html", form, referral=referral)
    actions.close_referral(referral=referral, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The referral was closed."))
    return redirect(referral)


def _form(request, template, form, **context):
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
