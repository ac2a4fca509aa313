"""The visit plan: who is to be visited when and by whom, what is overdue, and who did a duty."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.xlsx import Column
from cases import actions, life
from cases.forms.plan import CancelPlanForm, DutyFilter, PlanFilter, PlanForm
from cases.models import Dossier, Policy, VisitPlan
from cases.models.dossier import READERS
from cases.seed_policy import LATER
from cases.views.visit import on_paper
from people.roles import NotAllowed, Role, check_any
from people.views.lists import export, listing, place

READING = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
MOST_SHEETS = 50
COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("last", gettext_lazy("Last visit"), kind="date"),
    Column("due", gettext_lazy("Next visit due"), kind="date"),
    Column("overdue", gettext_lazy("Overdue")),
    Column("planned", gettext_lazy("Planned for"), kind="date"),
    Column("visitors", gettext_lazy("Who goes"), width=32),
)
DUTY_COLUMNS = (
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("on_file", gettext_lazy("Households on file"), kind="int"),
    Column("due", gettext_lazy("Visits due in the year"), kind="int"),
    Column("done", gettext_lazy("Done"), kind="int"),
    Column("late", gettext_lazy("Of them late"), kind="int"),
    Column("overdue", gettext_lazy("Overdue today"), kind="int"),
    Column("covered", gettext_lazy("Visited within the period"), kind="int"),
)
COUNTS = ("on_file", "due", "done", "late", "overdue", "covered")


def _months(company_id, on):
    """The period of the policy within which every household is visited."""
    policy = Policy.objects.in_force(company_id, on)
    return (policy.rules if policy else LATER)["visit.every_months"]


def _households(request, company_id):
    """Those on file in a company that the actor sees."""
    return Dossier.objects.visible_to(request.actor).filter(company=company_id).active()


@require_safe
def visit_plan(request):
    check_any(request.actor, *READING)
    on = timezone.localdate()
    companies = sorted(set(request.actor.companies(*READING)))
    filters = PlanFilter(request.GET, actor=request.actor, companies=companies, on=on)
    company_id, chosen = filters.company_id, filters.chosen
    months = _months(company_id, on)
    rows = _households(request, company_id).narrowed(q=chosen.get("q", ""), unit=chosen.get("unit"))
    if state := chosen.get("state"):
        rows = rows.duty(state, on=on, year=filters.asked_year, months=months)
    plans = VisitPlan.objects.open().prefetch_related("planned_visitors__user")
    rows = rows.select_related("head", "unit").prefetch_related(
        Prefetch("visit_plans", queryset=plans, to_attr="open_plans")
    )
    return listing(
        request,
        "cases/visit_plan.html",
        rows=rows,
        order=("visit_from_on", "pk"),
        title=_("Visit plan"),
        columns=COLUMNS,
        cells=lambda dossier: _cells(dossier, months, on),
        filters=filters,
        shown=lambda page: [_row(dossier, months, on) for dossier in page],
        months=months,
        may_plan=not request.actor.why_not_any(*actions.PLANNERS),
        duties_url=f"{reverse('cases:visit_duties')}",
    )


def _row(dossier, months, on):
    """A household with the day its next visit is due, and the plan for it."""
    due_on = life.months_later(dossier.visit_from_on, months)
    plan = dossier.open_plans[0] if dossier.open_plans else None
    return {
        "dossier": dossier,
        "due_on": due_on,
        "overdue": due_on < on,
        "plan": plan,
        "visitors": _(", ").join(v.user.name for v in plan.planned_visitors.all()) if plan else "",
    }


def _cells(dossier, months, on):
    row = _row(dossier, months, on)
    return (
        dossier.number,
        masking.mask_name(dossier.head.name),
        dossier.unit.name,
        dossier.last_visited_on,
        row["due_on"],
        _("yes") if row["overdue"] else _("no"),
        row["plan"].planned_on if row["plan"] else None,
        row["visitors"],
    )


def _chosen(request):
    """The households named in the address that the actor sees, in order of unit and number."""
    pks = [int(pk) for pk in request.GET.getlist("dossier") if pk.isdecimal()]
    return list(
        Dossier.objects.visible_to(request.actor)
        .filter(pk__in=pks[: actions.MOST_AT_ONCE])
        .select_related("head", "unit", "company")
        .prefetch_related("members")
        .order_by("unit__path", "number", "pk")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request):
    """One day and two people for the households chosen on the plan."""
    check_any(request.actor, *actions.PLANNERS)
    dossiers = _chosen(request)
    if not dossiers:
        messages.error(request, _("Tick the households to be visited first."))
        return redirect("cases:visit_plan")
    for dossier in dossiers:
        if reason := actions.why_not_plan(dossier, request.actor):
            raise NotAllowed(reason)
    form = PlanForm(request.POST or None, dossiers=dossiers, on=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "dossiers": dossiers}
        return render(request, "cases/plan_new.html", context, status=status)
    actions.plan_visits(dossiers=dossiers, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The visits were planned: %(count)s.") % {"count": len(dossiers)})
    sheets = urlencode({"dossier": [d.pk for d in dossiers]}, doseq=True)
    return redirect(f"{reverse('cases:visit_plan')}?state=planned&{sheets}")


@require_http_methods(["GET", "HEAD", "POST"])
def plan_cancel(request, pk):
    plans = VisitPlan.objects.visible_to(request.actor).select_related(
        "dossier__head", "dossier__unit"
    )
    plan = get_object_or_404(plans, pk=pk)
    if reason := actions.why_not_cancel(plan, request.actor):
        raise NotAllowed(reason)
    form = CancelPlanForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(
            request, "cases/plan_cancel.html", {"form": form, "plan": plan}, status=status
        )
    actions.cancel_plan(plan=plan, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The planned visit was called off."))
    return redirect("cases:visit_plan")


@require_safe
def plan_sheets(request):
    """Blank records (入户走访记录表) to take along: of the households named, else of every planned
    visit that the actor sees, fifty at the most."""
    check_any(request.actor, Role.INFORMANT, *READING)
    plans = VisitPlan.objects.visible_to(request.actor).open().select_related(
        "dossier__head", "dossier__unit", "dossier__company"
    ).prefetch_related("planned_visitors__user", "dossier__members")  # fmt: skip
    if dossiers := _chosen(request):
        planned = {plan.dossier_id: plan for plan in plans.filter(dossier__in=dossiers)}
        pairs = [(dossier, planned.get(dossier.pk)) for dossier in dossiers]
    else:
        soonest = plans.order_by("planned_on", "pk")[:MOST_SHEETS]
        pairs = [(plan.dossier, plan) for plan in soonest]
    context = {
        "papers": [
            on_paper(dossier, request.actor, plan=plan) for dossier, plan in pairs[:MOST_SHEETS]
        ],
        "now": timezone.now(),
        "back_url": reverse(
            "cases:visit_list" if request.actor.why_not_any(*READING) else "cases:visit_plan"
        ),
    }
    return render(request, "cases/visit_sheet.html", context)


@require_safe
def visit_duties(request):
    """The duty list (目标责任制): for each grassroots union what was due, done, late, overdue."""
    check_any(request.actor, *READING)
    on = timezone.localdate()
    companies = sorted(set(request.actor.companies(*READING)))
    filters = DutyFilter(request.GET, companies=companies, on=on)
    months = _months(filters.company_id, on)
    rows = list(
        _households(request, filters.company_id).duties(
            on=on, year=filters.asked_year, months=months
        )
    )
    if request.GET.get("export") == "xlsx":
        cells = [(row["unit__name"], *(row[name] for name in COUNTS)) for row in rows]
        return export(request, _("Visit duties %(year)s") % {"year": filters.asked_year},
                      DUTY_COLUMNS, cells)  # fmt: skip
    context = {
        "filters": filters,
        "year": filters.asked_year,
        "months": months,
        "rows": [_duty(row, filters.asked_year) for row in rows],
        "total": {name: sum(row[name] for row in rows) for name in COUNTS},
        "bars": [(row["unit__name"], row["covered"] * 100 // row["on_file"]) for row in rows],
        "chart_rows": [(row["unit__name"], f"{row['covered']} / {row['on_file']}") for row in rows],
        "chart_headers": [_("Grassroots union"), _("Visited / on file")],
        "export_url": place(request, export="xlsx"),
    }
    return render(request, "cases/visit_duties.html", context)


def _duty(row, year):
    """One union: its counts, each with the address of the households counted."""
    where = reverse("cases:visit_plan")
    counts = []
    for name, column in zip(COUNTS, DUTY_COLUMNS[1:], strict=True):
        state = {} if name == "on_file" else {"state": name}
        query = urlencode({"unit": row["unit"], "year": year, **state})
        counts.append((column.heading, row[name], f"{where}?{query}"))
    return {"name": row["unit__name"], "counts": counts, **{name: row[name] for name in COUNTS}}
