"""The exit of a household: proposed, decided, told on paper, followed up."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.workdays import day_of
from base.xlsx import Column
from cases import actions, explain
from cases.forms.life import DecideForm, ExitForm, FollowUpFilter, FollowUpForm
from cases.life import RULES, Act, FollowUpResult
from cases.models import Dossier, Exit, FollowUp, Policy
from cases.models.dossier import READERS
from cases.views.dossier import get_dossier
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

pages = require_http_methods(["GET", "HEAD", "POST"])
READING = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("exited", gettext_lazy("Exited on"), kind="date"),
    Column("due", gettext_lazy("Due"), kind="date"),
    Column("done", gettext_lazy("Done on"), kind="date"),
    Column(
        "result", gettext_lazy("Result"), kind="choice", choices=tuple(FollowUpResult.choices)
    ),
)  # fmt: skip


def _arithmetic(dossier, on):
    """What the pages of an exit say of the income now, and the clauses that count."""
    found = actions.reckoning(dossier, on)
    policy = Policy.objects.in_force(dossier.company_id, on)
    return {
        "totals": found,
        "formula": explain.income(found) if found else "",
        "months": policy.rules["exit.months"] if policy else None,
        "recovered_reason": actions.why_not_recovered(dossier, None, on),
    }


@pages
def exit_propose(request, pk):
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_life(dossier, Act.PROPOSE_EXIT, request.actor):
        raise NotAllowed(reason)
    now = timezone.now()
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ExitForm(*sent, dossier=dossier, on=day_of(now))
    if not form.is_valid():
        context = {"form": form, "dossier": dossier} | _arithmetic(dossier, day_of(now))
        status = 422 if form.errors else 200
        return render(request, "cases/exit_propose.html", context, status=status)
    actions.propose_exit(dossier=dossier, by=request.user, at=now, **form.columns)
    messages.success(request, _("The exit was proposed. The company union decides."))
    return redirect(dossier)


@pages
def exit_decide(request, pk):
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_life(dossier, Act.KEEP, request.actor):
        raise NotAllowed(reason)
    now = timezone.now()
    leaving = dossier.exits.proposed().select_related("document", "visit", "proposed_by").get()
    sent = request.POST if request.method == "POST" else None
    form = DecideForm(sent, dossier=dossier, leaving=leaving, on=day_of(now))
    under_way = actions.why_not_life(dossier, Act.EXIT, request.actor)
    if not form.is_valid():
        context = {"form": form, "dossier": dossier, "leaving": leaving, "under_way": under_way}
        status = 422 if form.errors else 200
        context |= _arithmetic(dossier, day_of(now))
        return render(request, "cases/exit_decide.html", context, status=status)
    confirm = form.cleaned_data["verdict"] == "CONFIRM"
    act = actions.confirm_exit if confirm else actions.keep_on_file
    act(dossier=dossier, by=request.user, at=now, words=form.cleaned_data["words"])
    if confirm:
        messages.success(
            request, _("The household left the file. Print the letter and hand it over.")
        )
    else:
        messages.success(request, _("The household was kept on file."))
    return redirect(dossier)


@require_safe
def exit_letter(request, pk):
    """The letter to the household (退出告知书): to be signed before, to be handed over after."""
    dossier = get_dossier(request, pk)
    if dossier.status not in (Dossier.Status.ACTIVE, Dossier.Status.EXITED):
        raise Http404
    now = timezone.now()
    leaving = dossier.exits.exclude(status=Exit.Status.KEPT).order_by("-pk").first()
    context = {
        "dossier": dossier,
        "leaving": leaving,
        "final": dossier.status == Dossier.Status.EXITED,
        "policy": Policy.objects.in_force(dossier.company_id, day_of(now)),
        "totals": actions.reckoning(dossier, day_of(now)),
        "now": now,
    }
    return render(request, "cases/exit_letter.html", context)


# Follow-up


def _cells(row):
    return (
        row.dossier.number,
        masking.mask_name(row.dossier.head.name),
        row.dossier.unit.name,
        row.dossier.closed_on,
        row.due_on,
        row.done_on,
        row.result,
    )


@require_safe
def follow_up_list(request):
    check_any(request.actor, *READING)
    today = timezone.localdate()
    filters = FollowUpFilter(request.GET, actor=request.actor)
    rows = FollowUp.objects.visible_to(request.actor).narrowed(**filters.chosen, on=today)
    return listing(
        request,
        "cases/follow_up_list.html",
        rows=rows.for_list(),
        order=("result", "due_on", "pk"),
        title=_("Follow-up after exit"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        today=today,
        may_record=not request.actor.why_not_any(*RULES[Act.FOLLOW_UP].roles),
    )


@pages
def follow_up(request, pk):
    rows = FollowUp.objects.visible_to(request.actor).select_related(
        "dossier__head", "dossier__unit", "exit"
    )
    row = get_object_or_404(rows, pk=pk)
    reason = actions.why_not_life(row.dossier, Act.FOLLOW_UP, request.actor)
    if row.result:
        reason = _("This follow-up has been recorded already.")
    if reason:
        raise NotAllowed(reason)
    now = timezone.now()
    initial = {"done_on": day_of(now)}
    sent = request.POST if request.method == "POST" else None
    form = FollowUpForm(sent, on=day_of(now), initial=initial)
    if not form.is_valid():
        context = {"form": form, "row": row, "dossier": row.dossier}
        status = 422 if form.errors else 200
        return render(request, "cases/follow_up.html", context, status=status)
    actions.record_follow_up(follow_up=row, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The follow-up was recorded."))
    if form.cleaned_data["result"] == FollowUpResult.RELAPSED:
        return redirect("cases:dossier_return", row.dossier_id)
    return redirect("cases:follow_up_list")
