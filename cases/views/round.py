"""Rounds of the regular subsidy: what one would cost, opening it, its cases by unit."""

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from base import masking
from base.xlsx import Column
from cases import actions, tasks
from cases.codes import Festival, Level
from cases.forms.round import LeftOutFilter, RoundForm
from cases.models import Case, Dossier, LeftOut, Policy, Round
from cases.models.dossier import READERS
from cases.workflow import Status
from people.models import Unit
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

MOST_NAMED = 50
COLUMNS = (
    Column("title", gettext_lazy("Title"), width=32),
    Column("year", gettext_lazy("Year"), kind="int", width=8),
    Column("festival", gettext_lazy("Festival"), kind="choice", choices=tuple(Festival.choices)),
    Column("households", gettext_lazy("Households"), kind="int"),
    Column("proposed", gettext_lazy("Proposed in all (yuan)"), kind="money"),
)
CASE_COLUMNS = (
    Column("number", gettext_lazy("Case number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("level", gettext_lazy("Company level"), kind="choice", choices=tuple(Level.choices)),
    Column("proposed", gettext_lazy("Proposed amount (yuan)"), kind="money"),
    Column("granted", gettext_lazy("Decided amount (yuan)"), kind="money"),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Status.choices)),
)
LEFT_COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("level", gettext_lazy("Company level"), kind="choice", choices=tuple(Level.choices)),
    Column(
        "reason", gettext_lazy("Reason"), kind="choice", choices=tuple(LeftOut.Reason.choices),
        width=32,
    ),
)  # fmt: skip


def _cells(opened):
    return (
        opened.title, opened.year, opened.festival, opened.made, opened.proposed_fen or 0,
    )  # fmt: skip


@require_safe
def round_list(request):
    check_any(request.actor, *READERS)
    rows = Round.objects.visible_to(request.actor).select_related("company")
    return listing(
        request,
        "cases/round_list.html",
        rows=rows.annotate(made=Count("cases"), proposed_fen=Sum("cases__proposed_fen")),
        order=("-opened_at", "-pk"),
        title=_("Relief rounds"),
        columns=COLUMNS,
        cells=_cells,
        may_open=not request.actor.why_not_any(Role.COMPANY_OFFICER),
    )


def _preview(company, on):
    """How many households of each level a round of today would reach, what it would cost at each
    festival, and who is left out."""
    policy = Policy.objects.in_force(company.pk, on)
    valid = Dossier.objects.valid_on(on).filter(company=company)
    sizes = dict(valid.order_by().values_list("level").annotate(size=Count("pk")))
    rows, totals = [], {festival.value: 0 for festival in Festival}
    for level in Level:
        amounts = []
        for festival in Festival:
            rates = policy.rules[f"regular.{festival}"] if policy else {}
            each = rates.get(level, 0)
            amounts.append((each, each * sizes.get(level, 0)))
            totals[festival] += amounts[-1][1]
        rows.append((level.label, sizes.get(level, 0), amounts))
    overdue = actions.left_out(company, on)
    return {
        "policy": policy,
        "festivals": [festival.label for festival in Festival],
        "rows": rows,
        "households": sum(sizes.values()),
        "totals": list(totals.values()),
        "overdue_count": overdue.count(),
        "overdue": overdue.select_related("head", "unit").order_by("review_due_on", "pk")[
            :MOST_NAMED
        ],
        "most_named": MOST_NAMED,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def round_new(request):
    check_any(request.actor, Role.COMPANY_OFFICER)
    company = Unit.objects.get(pk=min(request.actor.companies(Role.COMPANY_OFFICER)))
    today = timezone.localdate()
    preview = _preview(company, today)
    form = RoundForm(request.POST or None, company=company, initial={"year": today.year})
    may_open = bool(preview["policy"] and preview["households"])
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = preview | {"form": form, "company": company, "may_open": may_open}
        return render(request, "cases/round_new.html", context, status=status)
    opened = tasks.start_round(
        company=company, by=request.user, at=timezone.now(), **form.cleaned_data
    )
    messages.success(request, _("The round was opened."))
    return redirect(opened)


def _case_cells(case):
    return (
        case.number,
        masking.mask_name(case.applicant.name),
        case.unit.name,
        case.level,
        case.proposed_fen,
        case.granted_fen,
        case.status,
    )


def _get_round(request, pk):
    """A round the actor may read, else 404."""
    check_any(request.actor, *READERS)
    rounds = Round.objects.visible_to(request.actor).select_related(
        "company", "policy", "opened_by"
    )
    return get_object_or_404(rounds, pk=pk)


@never_cache
@require_safe
def round_detail(request, pk):
    """How many cases are made (htmx asks for that alone); once all are, the cases by unit."""
    opened = _get_round(request, pk)
    if opened.status == Round.Status.OPENING:
        context = {
            "round": opened,
            "made": opened.cases.count(),
            "may_resume": not actions.why_not_resume_round(opened, request.actor),
        }
        part = "#state" if request.htmx else ""
        return render(request, f"cases/round_opening.html{part}", context)
    if request.htmx:
        return HttpResponseClientRefresh()
    cases = Case.objects.visible_to(request.actor).filter(round=opened)
    by_unit = (
        cases.order_by()
        .values("unit__name")
        .annotate(
            households=Count("pk"),
            proposed_fen=Sum("proposed_fen"),
            granted_fen=Sum("granted_fen"),
            paid=Count("pk", filter=Q(status=Status.PAID)),
        )
        .order_by("unit__path", "unit")
    )
    units = list(by_unit)
    return listing(
        request,
        "cases/round_detail.html",
        rows=cases.for_list(),
        order=("pk",),
        title=opened.title,
        columns=CASE_COLUMNS,
        cells=_case_cells,
        round=opened,
        units=units,
        left_out=opened.left_out.count(),
        totals={
            name: sum(unit[name] or 0 for unit in units)
            for name in ("households", "proposed_fen", "granted_fen", "paid")
        },
    )


@require_POST
def round_resume(request, pk):
    """Go on with a round that stands still."""
    opened = _get_round(request, pk)
    if reason := actions.why_not_resume_round(opened, request.actor):
        raise NotAllowed(reason)
    tasks.resume_round(opened=opened)
    messages.success(request, _("The round goes on where it stopped."))
    return redirect(opened)


def _left_cells(row):
    return (
        row.dossier.number,
        masking.mask_name(row.dossier.head.name),
        row.unit.name,
        row.level,
        row.reason,
    )


@require_safe
def round_left_out(request, pk):
    """The households on file that the round gave no case, each with the reason."""
    opened = _get_round(request, pk)
    filters = LeftOutFilter(request.GET, company=opened.company_id)
    return listing(
        request,
        "cases/round_left_out.html",
        rows=LeftOut.objects.filter(round=opened).narrowed(**filters.chosen).for_list(),
        order=("pk",),
        title=_("Left out of the round"),
        columns=LEFT_COLUMNS,
        cells=_left_cells,
        filters=filters,
        round=opened,
    )
