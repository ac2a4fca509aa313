"""Household dossiers: the register, one card per household, its history, marking of facts."""

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import canonical, keyset
from base.money import format_fen
from base.workdays import day_of
from cases import actions, card, differences, evidence, explain, facts, hints, scoring
from cases.codes import Cause
from cases.exports import EXPORTERS, REGISTER_COLUMNS, register_cells
from cases.forms.dossier import ENTERERS, DossierFilter, PersonSearch, StartForm
from cases.forms.evidence import EvidenceForm
from cases.models import Case, Dossier, Policy, Referral, Revision
from cases.models.dossier import READERS
from cases.seed_policy import LATER
from cases.views import paper
from cases.views.life_card import life_card
from cases.workflow import DECIDED, Status
from people import workflow as people
from people.forms import RevealForm
from people.roles import NotAllowed, Role, check_any
from people.views.lists import MOST_ROWS, listing

REGISTER = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
CARDS = 50  # on one page


@require_safe
def dossier_list(request):
    check_any(request.actor, *REGISTER)
    today = timezone.localdate()
    filters = DossierFilter(request.GET, actor=request.actor, on=today)
    rows = Dossier.objects.visible_to(request.actor).narrowed(**filters.chosen).for_list()
    exporting = request.GET.get("export") == "xlsx"
    if exporting and not request.actor.why_not_any(*EXPORTERS) and rows[MOST_ROWS:].exists():
        messages.info(request, _("So many households are written in the background."))
        return redirect(f"{reverse('cases:export_new')}?{request.GET.urlencode()}")
    return listing(
        request,
        "cases/dossier_list.html",
        rows=rows,
        order=("status", "number", "pk"),
        title=_("Register of households"),
        columns=REGISTER_COLUMNS,
        cells=register_cells,
        filters=filters,
        today=today,
        may_start=not request.actor.why_not_any(*ENTERERS),
        may_export=not request.actor.why_not_any(*EXPORTERS),
        may_import=not request.actor.why_not_any(Role.COMPANY_OFFICER),
    )


def get_dossier(request, pk):
    """The household's file with everything on its card, if the actor may see it, else 404."""
    return get_object_or_404(in_full(Dossier.objects.visible_to(request.actor)), pk=pk)


def in_full(dossiers):
    """These with everything on their cards."""
    return dossiers.select_related("head", "unit", "company", "entered_by").prefetch_related(
        "members", "supporters", "expenses__member", "assets"
    )


def _card(dossier, on):
    """What screen and paper show alike of one household."""
    line = facts.line(dossier.company_id, on)
    members = sorted(dossier.members.all(), key=lambda m: m.pk)
    here = [m for m in members if m.left_on is None]
    household = facts.household(dossier, line.monthly_fen if line else None)
    totals = _totals(dossier, household, on) if line and here else None
    documents = list(dossier.documents.select_related("uploaded_by").order_by("-pk"))
    cases = list(dossier.cases.select_related("round").order_by("-entered_at", "-pk"))
    return {
        "dossier": dossier,
        "head": dossier.head,
        "members": here,
        "gone": [m for m in members if m.left_on],
        "self_member": next((m for m in here if m.relation == "SELF"), None),
        "side_causes": _(", ").join(str(Cause(cause).label) for cause in dossier.side_causes),
        "totals": totals,
        "arithmetic": explain.arithmetic(household, totals, line) if totals else [],
        "evidence": evidence.told(dossier, {d.pk: d for d in documents}),
        "supporters": [s for s in dossier.supporters.all() if s.left_on is None],
        "expenses": sorted(dossier.expenses.all(), key=lambda e: (e.spent_on, e.pk)),
        "gates": sorted(dossier.assets.all(), key=lambda a: a.gate),
        "cases": cases,
        "granted_fen": sum(c.granted_fen or 0 for c in cases if c.status in DECIDED),
        "visits": dossier.visits.prefetch_related("visitors__user", "visitors__unit").order_by(
            "-visited_on", "-pk"
        ),
        "documents": documents,
    }


def _totals(dossier, household, on):
    """The income arithmetic of today, by the policy in force or, before the first, by none."""
    policy = Policy.objects.in_force(dossier.company_id, on)
    rules = policy.rules if policy else LATER
    return scoring.totals(rules, household, on.isoformat())


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
        {"id": "facts", "label": _("Facts and how they are known")},
        {"id": "health", "label": _("Health and schooling")},
        {"id": "gates", "label": _("Property and luxury goods")},
        {"id": "help", "label": _("Help received")},
        {"id": "visits", "label": _("Home visits")},
        {"id": "documents", "label": _("Proofs")},
        {"id": "life", "label": _("Life of the dossier")},
        {"id": "history", "label": _("History of changes")},
    ]


def _told(dossier, own):
    """The pages of the household form in words, those left empty apart: [(page, its lines)]."""
    told = [(page, card.told(page, dossier, own)) for page in card.PAGES] if own else []
    return [(page, lines) for page, lines in told if lines]


def _page(request, dossier, reveal, today):
    """What the page of a dossier shows to this actor."""
    actor, path = request.actor, dossier.unit.path
    shown = _card(dossier, today)
    line = shown["totals"]["line_fen"] if shown["totals"] else None
    now = facts.household(dossier, line)
    history, since = _revisions(dossier, now)
    years = _help_by_year(dossier)
    works = any(actor.has(role, path) for role in REGISTER)
    locked = actions.why_not_edit(dossier, actor)
    return shown | {
        "reveal": reveal,
        "may_reveal": not people.why_not_reveal(actor, dossier.head_id, path),
        "may_edit": not locked,
        "edit_reason": locked if works else "",
        "may_mark": not actions.why_not_mark(dossier, actor),
        "may_visit": not actions.why_not_visit(dossier, actor),
        "may_recheck": not actions.why_not_recheck(dossier, actor),
        "works": works,
        "may_form": not (locked or actions.why_not_classify(dossier, actor)),
        "pages": _told(dossier, shown["self_member"]),
        "overdue": dossier.status == Dossier.Status.ACTIVE and dossier.review_due_on < today,
        "history": history,
        "since": since,
        "years": [(str(year), fen // 100) for year, fen in years],
        "year_headers": [_("Year"), _("Paid (yuan)")],
        "year_rows": [(str(year), format_fen(fen)) for year, fen in years],
        "hints": hints.related(dossier, actor) if works else [],
        "anchors": _anchors(),
        "referrals": Referral.objects.visible_to(actor).of_household(dossier).order_by("-pk"),
        "may_refer": not actions.why_not_refer(dossier.unit, actor),
        "life": life_card(dossier, actor),
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


def printed(dossier, request, now):
    """What the household card on paper shows; `dossier` comes from `get_dossier` or one like it."""
    members = [m for m in dossier.members.all() if not m.left_on]
    shown = _card(dossier, day_of(now))
    return shown | {
        "now": now,
        "sums": paper.counted_sums(members, shown["totals"]),
        "attachments": paper.attachments(shown["documents"]),
        "by": request.user.name,
        "may_read": not people.why_not_reveal(request.actor, dossier.head_id, dossier.unit.path),
        "revision": dossier.revisions.order_by("-number").first(),
    }


@require_safe
def dossier_card(request, pk):
    """One household, one card: two A4 pages, every number masked."""
    dossier = get_dossier(request, pk)
    cards = [printed(dossier, request, timezone.now())]
    return render(request, "cases/dossier_card.html", {"dossier": dossier, "cards": cards})


@require_safe
def dossier_cards(request):
    """The cards of the households in the register as it is filtered, some at a time."""
    check_any(request.actor, *REGISTER)
    now = timezone.now()
    filters = DossierFilter(request.GET, actor=request.actor, on=day_of(now))
    rows = in_full(Dossier.objects.visible_to(request.actor).narrowed(**filters.chosen))
    cursor = request.GET.get("cursor", "")
    page = keyset.paginate(rows, order=("status", "number", "pk"), cursor=cursor, size=CARDS)
    cards = [printed(dossier, request, now) for dossier in page.rows]
    return render(request, "cases/dossier_cards.html", {"page": page, "cards": cards})


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
    waiting = dossier.rechecks.waiting().order_by("-pk").first()
    if waiting:
        return redirect("cases:recheck_record", waiting.pk)
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
