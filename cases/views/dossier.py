"""Household dossiers: the register, one card per household, its history, marking of facts."""

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import canonical, masking
from base.money import format_fen
from base.workdays import day_of
from base.xlsx import Column
from cases import actions, differences, explain, facts, hints, scoring
from cases.codes import Category, Cause, Level
from cases.forms.dossier import ENTERERS, DossierFilter, PersonSearch, StartForm
from cases.forms.evidence import EvidenceForm
from cases.models import Case, Dossier, Policy, Revision
from cases.models.dossier import READERS
from cases.seed_policy import LATER
from cases.workflow import DECIDED, Status
from people import workflow as people
from people.forms import RevealForm
from people.models import Standing
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

REGISTER = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("standing", gettext_lazy("Standing"), kind="choice", choices=tuple(Standing.choices)),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Dossier.Status.choices)),
    Column("category", gettext_lazy("Class"), kind="choice", choices=tuple(Category.choices)),
    Column("level", gettext_lazy("Company level"), kind="choice", choices=tuple(Level.choices)),
    Column("cause", gettext_lazy("Main cause"), kind="choice", choices=tuple(Cause.choices)),
    Column("persons", gettext_lazy("Persons"), kind="int", width=8),
    Column("net", gettext_lazy("Net monthly income a head (yuan)"), kind="money"),
    Column("helped_on", gettext_lazy("Latest help"), kind="date"),
    Column("helped", gettext_lazy("Amount of the latest help (yuan)"), kind="money"),
    Column("review", gettext_lazy("Next re-check"), kind="date"),
)


def _cells(dossier):
    return (
        dossier.number,
        masking.mask_name(dossier.head.name),
        dossier.unit.name,
        dossier.head.standing,
        dossier.status,
        dossier.category,
        dossier.level,
        dossier.main_cause,
        dossier.persons,
        dossier.net_income_fen,
        day_of(dossier.helped_at) if dossier.helped_at else None,
        dossier.helped_fen,
        dossier.review_due_on,
    )


@require_safe
def dossier_list(request):
    check_any(request.actor, *REGISTER)
    today = timezone.localdate()
    filters = DossierFilter(request.GET, actor=request.actor, on=today)
    rows = Dossier.objects.visible_to(request.actor).narrowed(**filters.chosen).for_list()
    return listing(
        request,
        "cases/dossier_list.html",
        rows=rows,
        order=("status", "number", "pk"),
        title=_("Register of households"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        today=today,
        may_start=not request.actor.why_not_any(*ENTERERS),
    )


def get_dossier(request, pk):
    """The household's file with everything on its card, if the actor may see it, else 404."""
    dossiers = (
        Dossier.objects.visible_to(request.actor)
        .select_related("head", "unit", "company", "entered_by")
        .prefetch_related("members", "expenses__member", "assets")
    )
    return get_object_or_404(dossiers, pk=pk)


def _card(dossier, on):
    """What screen and paper show alike of one household."""
    line = facts.line_fen(dossier.company_id, on)
    members = sorted(dossier.members.all(), key=lambda m: m.pk)
    here = [m for m in members if m.left_on is None]
    totals = _totals(dossier, line, on) if line and here else None
    cases = list(dossier.cases.select_related("round").order_by("-entered_at", "-pk"))
    return {
        "dossier": dossier,
        "head": dossier.head,
        "members": here,
        "gone": [m for m in members if m.left_on],
        "self_member": next((m for m in here if m.relation == "SELF"), None),
        "side_causes": _(", ").join(str(Cause(cause).label) for cause in dossier.side_causes),
        "totals": totals,
        "formula": explain.income(totals) if totals else "",
        "expenses": sorted(dossier.expenses.all(), key=lambda e: (e.spent_on, e.pk)),
        "gates": sorted(dossier.assets.all(), key=lambda a: a.gate),
        "cases": cases,
        "granted_fen": sum(c.granted_fen or 0 for c in cases if c.status in DECIDED),
        "visits": dossier.visits.prefetch_related("visitors__user", "visitors__unit").order_by(
            "-visited_on", "-pk"
        ),
        "documents": dossier.documents.select_related("uploaded_by").order_by("-pk"),
    }


def _totals(dossier, line, on):
    """The income arithmetic of today, by the policy in force or, before the first, by none."""
    policy = Policy.objects.in_force(dossier.company_id, on)
    rules = policy.rules if policy else LATER
    return scoring.totals(rules, facts.household(dossier, line), on.isoformat())


def _help_by_year(dossier):
    """[(year, fen paid)], for every year from the first help to the last."""
    paid = (
        Case.objects.filter(dossier=dossier, status=Status.PAID)
        .values_list("status_at__year")
        .annotate(fen=Sum("granted_fen"))
    )
    by_year = dict(paid)
    if not by_year:
        return []
    return [(year, by_year.get(year, 0)) for year in range(min(by_year), max(by_year) + 1)]


def _revisions(dossier, now):
    """The sealed revisions, newest first, each with what changed since the one before; and what
    has changed since the newest."""
    names = {member.pk: member.name for member in dossier.members.all()}
    rows = list(dossier.revisions.select_related("body", "by").order_by("-number"))
    held = [_content(revision) for revision in rows]
    history = [
        {
            "revision": revision,
            "before": rows[index + 1] if index + 1 < len(rows) else None,
            "erased": held[index] is None,
            "differences": _compare(held[index + 1], held[index], names)
            if index + 1 < len(rows)
            else [],
        }
        for index, revision in enumerate(rows)
    ]
    since = _compare(held[0], now, names) if rows else []
    return history, since


def _content(revision):
    """The facts of a revision; None when they were erased. The body comes with the revision."""
    body = getattr(revision, "body", None)
    return canonical.loads(body.content) if body else None


def _compare(before, after, names):
    return differences.compare(before, after, names) if before and after else []


def _anchors():
    return [
        {"id": "household", "label": _("Household")},
        {"id": "members", "label": _("Members")},
        {"id": "income", "label": _("Income and expenses")},
        {"id": "health", "label": _("Health and schooling")},
        {"id": "gates", "label": _("Property and luxury goods")},
        {"id": "help", "label": _("Help received")},
        {"id": "visits", "label": _("Home visits")},
        {"id": "documents", "label": _("Proofs")},
        {"id": "history", "label": _("History of changes")},
    ]


def _page(request, dossier, form, today):
    """What the page of a dossier shows to this actor."""
    actor, path = request.actor, dossier.unit.path
    card = _card(dossier, today)
    line = card["totals"]["line_fen"] if card["totals"] else None
    now = facts.household(dossier, line)
    history, since = _revisions(dossier, now)
    years = _help_by_year(dossier)
    works = any(actor.has(role, path) for role in REGISTER)
    return card | {
        "reveal": form,
        "may_reveal": not people.why_not_reveal(actor, dossier.head_id, path),
        "may_edit": not actions.why_not_edit(dossier, actor),
        "edit_reason": actions.why_not_edit(dossier, actor) if works else "",
        "may_mark": not actions.why_not_mark(dossier, actor),
        "may_visit": not actions.why_not_visit(dossier, actor),
        "may_recheck": not actions.why_not_recheck(dossier, actor),
        "works": works,
        "overdue": dossier.status == Dossier.Status.ACTIVE and dossier.review_due_on < today,
        "history": history,
        "since": since,
        "years": [(str(year), fen // 100) for year, fen in years],
        "year_headers": [_("Year"), _("Paid (yuan)")],
        "year_rows": [(str(year), format_fen(fen)) for year, fen in years],
        "hints": hints.related(dossier) if works else [],
        "anchors": _anchors(),
    }


@require_safe
def dossier_detail(request, pk):
    dossier = get_dossier(request, pk)
    page = _page(request, dossier, RevealForm(), timezone.localdate())
    return render(request, "cases/dossier_detail.html", page)


@require_POST
@never_cache
def dossier_reveal(request, pk):
    """The page with the full numbers, this once; the reason is written down first."""
    dossier = get_dossier(request, pk)
    people.check(people.why_not_reveal(request.actor, dossier.head_id, dossier.unit.path))
    form = RevealForm(request.POST)
    page = _page(request, dossier, form, timezone.localdate())
    if not form.is_valid():
        return render(request, "cases/dossier_detail.html", page | {"form": form}, status=422)
    actions.reveal_household(
        dossier=dossier, by=request.user, at=timezone.now(), purpose=form.cleaned_data["purpose"]
    )
    return render(request, "cases/dossier_detail.html", page | {"revealed": True})


@require_safe
def dossier_card(request, pk):
    """One household, one card: two A4 pages, every number masked."""
    dossier = get_dossier(request, pk)
    now = timezone.now()
    last = dossier.revisions.order_by("-number").first()
    context = _card(dossier, day_of(now)) | {
        "now": now,
        "may_read": not people.why_not_reveal(request.actor, dossier.head_id, dossier.unit.path),
        "revision": last,
        "earners": sum(m.occupation == "WORKING" for m in dossier.members.all() if not m.left_on),
    }
    return render(request, "cases/dossier_card.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_new(request):
    """An application on behalf of an employee: find them, choose, go on to the task list."""
    check_any(request.actor, *ENTERERS)
    search = PersonSearch(request.GET)
    q = search.cleaned_data["q"] if search.is_valid() else ""
    form = StartForm(request.POST or None, actor=request.actor, q=q)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "search": search, "q": q}
        return render(request, "cases/dossier_new.html", context, status=status)
    case = actions.start_application(
        head=form.cleaned_data["person"],
        programme=form.cleaned_data["programme"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The application was begun. Fill it in with the household."))
    return redirect("cases:apply_case", case.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_mark(request, pk):
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_mark(dossier, request.actor):
        raise NotAllowed(reason)
    form = EvidenceForm(request.POST or None, dossier=dossier)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "dossier": dossier}
        return render(request, "cases/dossier_mark.html", context, status=status)
    actions.mark_facts(dossier=dossier, by=request.user, at=timezone.now(), **form.marks)
    messages.success(request, _("It was recorded how each fact is known."))
    return redirect(dossier)


@require_http_methods(["GET", "HEAD", "POST"])
def dossier_recheck(request, pk):
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_recheck(dossier, request.actor):
        raise NotAllowed(reason)
    if request.method != "POST":
        return render(request, "cases/dossier_recheck.html", {"dossier": dossier})
    actions.recheck([dossier], by=request.user, at=timezone.now())
    messages.success(request, _("The yearly re-check was recorded."))
    return redirect(dossier)


@require_safe
def revision_diff(request, pk, a, b):
    """Two revisions of one household compared field by field, in words."""
    dossier = get_dossier(request, pk)
    rows = {
        revision.number: revision
        for revision in Revision.objects.filter(dossier=dossier, number__in=[a, b]).select_related(
            "body", "by"
        )
    }
    if a not in rows or b not in rows:
        raise Http404
    names = {member.pk: member.name for member in dossier.members.all()}
    before, after = _content(rows[a]), _content(rows[b])
    numbers = dossier.revisions.order_by("number").values_list("number", flat=True)
    context = {
        "dossier": dossier,
        "revisions": [rows[a], rows[b]],
        "before": rows[a],
        "after": rows[b],
        "erased": before is None or after is None,
        "differences": _compare(before, after, names),
        "others": [
            (n, reverse("cases:revision_diff", args=[pk, n, b])) for n in numbers if n not in (a, b)
        ],
    }
    return render(request, "cases/revision_diff.html", context)
