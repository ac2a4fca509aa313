"""The yearly re-check: opened, followed unit by unit, recorded household by household."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import masking
from base.workdays import day_of
from base.xlsx import Column
from cases import actions, tasks
from cases.actions.campaign import MOST_AT_ONCE
from cases.forms.campaign import CampaignForm, RecheckFilter, RecheckForm, SeveralForm
from cases.life import How, RecheckResult
from cases.models import Campaign, Dossier, Recheck
from cases.models.dossier import READERS
from people.models import Unit
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

pages = require_http_methods(["GET", "HEAD", "POST"])
READING = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
COLUMNS = (
    Column("title", gettext_lazy("Title"), width=32),
    Column("starts", gettext_lazy("From"), kind="date"),
    Column("ends", gettext_lazy("Up to"), kind="date"),
    Column("households", gettext_lazy("Households"), kind="int"),
    Column("done", gettext_lazy("Done"), kind="int"),
)
ROW_COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("result", gettext_lazy("Result"), kind="choice", choices=tuple(RecheckResult.choices)),
    Column("how", gettext_lazy("How"), kind="choice", choices=tuple(How.choices)),
    Column("done", gettext_lazy("Done on"), kind="date"),
    Column("by", gettext_lazy("By")),
)


def _cells(campaign):
    return (
        campaign.title, campaign.starts_on, campaign.ends_on, campaign.households, campaign.done,
    )  # fmt: skip


@require_safe
def campaign_list(request):
    check_any(request.actor, *READING)
    return listing(
        request,
        "cases/campaign_list.html",
        rows=Campaign.objects.visible_to(request.actor).for_list(),
        order=("-starts_on", "-pk"),
        title=_("Yearly re-check"),
        columns=COLUMNS,
        cells=_cells,
        today=timezone.localdate(),
        may_open=not request.actor.why_not_any(Role.COMPANY_OFFICER),
    )


@pages
def campaign_new(request):
    check_any(request.actor, Role.COMPANY_OFFICER)
    company = Unit.objects.get(pk=min(request.actor.companies(Role.COMPANY_OFFICER)))
    now = timezone.now()
    initial = {"title": _("%(year)s re-check") % {"year": day_of(now).year},
               "starts_on": day_of(now)}  # fmt: skip
    sent = request.POST if request.method == "POST" else None
    form = CampaignForm(sent, company=company, actor=request.actor, initial=initial)
    if not form.is_valid():
        on_file = Dossier.objects.active().filter(company=company).count()
        context = {"form": form, "company": company, "on_file": on_file}
        status = 422 if form.errors else 200
        return render(request, "cases/campaign_new.html", context, status=status)
    campaign = tasks.start_campaign(company=company, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The re-check was opened."))
    return redirect(campaign)


def _row_cells(row):
    return (
        row.dossier.number,
        masking.mask_name(row.dossier.head.name),
        row.unit.name,
        row.result,
        row.how,
        day_of(row.done_at) if row.done_at else None,
        row.done_by.name if row.done_by else "",
    )


@require_safe
def campaign_detail(request, pk):
    """Progress by unit, and the households: those to be done first."""
    check_any(request.actor, *READING)
    campaigns = Campaign.objects.visible_to(request.actor).select_related("company", "opened_by")
    campaign = get_object_or_404(campaigns, pk=pk)
    filters = RecheckFilter(request.GET, actor=request.actor)
    visible = Recheck.objects.visible_to(request.actor).filter(campaign=campaign)
    units = list(visible.by_unit())
    today = timezone.localdate()
    names = ("households", "done", "unchanged", "changed", "to_exit", "waiting")
    recorders = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER)
    bars = ("unchanged", "changed", "to_exit", "waiting")
    return listing(
        request,
        "cases/campaign_detail.html",
        rows=visible.narrowed(**filters.chosen).for_list(),
        order=("result", "unit", "pk"),
        title=campaign.title,
        columns=ROW_COLUMNS,
        cells=_row_cells,
        filters=filters,
        campaign=campaign,
        units=units,
        totals={name: sum(unit[name] for unit in units) for name in names},
        bars=[(unit["unit__name"], [unit[name] for name in bars]) for unit in units],
        series=[_("unchanged"), _("changed"), _("to exit"), _("to be done")],
        ended=campaign.ends_on < today,
        hows=How.choices,
        may_record=not request.actor.why_not_any(*recorders),
        most=MOST_AT_ONCE,
    )


@require_POST
def campaign_unchanged(request, pk):
    """Several households found unchanged at once."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.actor), pk=pk)
    rows = Recheck.objects.visible_to(request.actor).filter(campaign=campaign, result="")
    form = SeveralForm(request.POST, rows=rows)
    if not form.is_valid():
        messages.error(request, _("Tick households that are still to be done, and say how."))
        return redirect(campaign)
    chosen = list(form.cleaned_data["rows"])
    actions.record_rechecks(
        chosen,
        result=RecheckResult.UNCHANGED,
        how=form.cleaned_data["how"],
        by=request.user,
        at=timezone.now(),
    )
    words = _("%(count)s households were recorded as unchanged.")
    messages.success(request, words % {"count": len(chosen)})
    return redirect(campaign)


@pages
def recheck_record(request, pk):
    """The result for one household of a campaign."""
    rows = Recheck.objects.visible_to(request.actor).select_related(
        "campaign", "dossier__head", "dossier__unit"
    )
    row = get_object_or_404(rows, pk=pk)
    reason = actions.why_not_recheck(row.dossier, request.actor)
    if row.result:
        reason = _("The re-check of %(number)s has been recorded already.") % {
            "number": row.dossier.number}  # fmt: skip
    if reason:
        raise NotAllowed(reason)
    sent = request.POST if request.method == "POST" else None
    form = RecheckForm(sent, row=row, actor=request.actor)
    if not form.is_valid():
        context = {
            "form": form, "row": row, "dossier": row.dossier,
            "updated": row.dossier.edit > row.edit,
        }  # fmt: skip
        status = 422 if form.errors else 200
        return render(request, "cases/recheck_record.html", context, status=status)
    result, how = form.cleaned_data["result"], form.cleaned_data["how"]
    actions.record_rechecks([row], result=result, how=how, by=request.user, at=timezone.now())
    messages.success(request, _("The yearly re-check was recorded."))
    if result == RecheckResult.EXIT and request.actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR):
        return redirect("cases:exit_propose", row.dossier_id)
    return redirect(row.campaign)
