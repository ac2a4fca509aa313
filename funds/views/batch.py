"""Lists before the leadership: drawing up, locking, the leaders' page, publication."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import keyset
from base.money import format_fen
from base.xlsx import Column
from cases import actions as case_actions
from cases.models import Notice
from cases.workflow import Programme
from funds import actions, lists
from funds.forms.batch import (
    AddForm,
    BatchFilter,
    BatchForm,
    CandidateFilter,
    DecideForm,
)
from funds.models import Batch, Unreached, Vote
from people import roles
from people.models import Unit
from people.roles import NotAllowed, Role
from people.views.lists import export, listing

FOLD = 12  # routine items shown at once on the leaders' page; more are folded up
PAGE = 200  # lines of one list, or candidates, on a page

LIST_COLUMNS = (
    Column("number", gettext_lazy("Batch number")),
    Column("title", gettext_lazy("Title"), width=36),
    Column(
        "programme",
        gettext_lazy("Programme"),
        kind="choice",
        choices=tuple(Programme.choices),
    ),
    Column("version", gettext_lazy("Version"), kind="int"),
    Column("count", gettext_lazy("Households"), kind="int"),
    Column("total", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Batch.Status.choices)),
    Column("meeting", gettext_lazy("Meeting number")),
)
LINE_COLUMNS = (
    Column("seq", gettext_lazy("Serial no."), kind="int", width=6),
    Column("number", gettext_lazy("Case number")),
    Column("name", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("score", gettext_lazy("Need score"), kind="int"),
    Column("first", gettext_lazy("Why at this place"), width=40),
    Column("reference", gettext_lazy("Reference amount (yuan)"), kind="money"),
    Column("amount", gettext_lazy("Proposed amount (yuan)"), kind="money"),
    Column("single", gettext_lazy("Individual item"), width=40),
    Column("outcome", gettext_lazy("Decision")),
)


def get_batch(request, pk):
    """The list if the user may see it, else 404."""
    found = Batch.objects.visible_to(request.actor).for_list()
    return get_object_or_404(
        found.select_related("round", "built_by", "locked_by", "company"), pk=pk
    )


def allow(reason):
    """Nobody is shown a page they may not send: 403 with the reason."""
    if reason:
        raise NotAllowed(reason)


def _rows(batch, actor, lines=None, rules=None):
    """Every line in words, or those given. One query."""
    named = lists.sees_names(actor, batch.company_id)
    found = batch.lines.for_sheet() if lines is None else lines
    return [lists.row(line, named=named, rules=rules) for line in found]


def _list_cells(batch):
    meeting = batch.meeting.number if batch.meeting else ""
    return (
        batch.number, batch.title, batch.programme, batch.version, batch.lines_count,
        batch.total_fen, batch.status, meeting,
    )  # fmt: skip


def _line_cells(row):
    why = "；".join(map(str, row.why_single))
    return (
        row.seq, row.number, row.name, row.unit, row.score, row.first, row.reference_fen,
        row.amount_fen, why, str(row.outcome_text),
    )  # fmt: skip


@require_safe
def batch_list(request):
    roles.check_any(request.actor, *lists.MONEY_READERS)
    filters = BatchFilter(request.GET)
    rows = Batch.objects.visible_to(request.actor).narrowed(**filters.chosen)
    return listing(
        request,
        "funds/batch_list.html",
        rows=rows.for_list(),
        order=("-built_at", "-pk"),
        title=_("Batches"),
        columns=LIST_COLUMNS,
        cells=_list_cells,
        filters=filters,
        may_build=bool(request.actor.companies(Role.COMPANY_OFFICER)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def batch_new(request):
    roles.check_any(request.actor, Role.COMPANY_OFFICER)
    company_id = request.actor.companies(Role.COMPANY_OFFICER)[0]
    form = BatchForm(request.POST or None, company_id=company_id, actor=request.actor)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "funds/batch_new.html", {"form": form}, status=status)
    batch = actions.create_batch(
        company=Unit.objects.get(pk=company_id),
        by=request.user,
        at=timezone.now(),
        **form.cleaned_data,
    )
    messages.success(request, _("The list was begun. Put cases on it."))
    return redirect(batch)


@require_safe
def batch_detail(request, pk):
    batch = get_batch(request, pk)
    actor = request.actor
    rules = actions.rules_of(batch, timezone.localdate())
    if request.GET.get("export") == "xlsx":
        rows = _rows(batch, actor, rules=rules)
        return export(request, batch.number, LINE_COLUMNS, [*map(_line_cells, rows)])
    page = keyset.paginate(
        batch.lines.for_sheet(),
        order=("seq", "pk"),
        cursor=request.GET.get("cursor", ""),
        size=PAGE,
    )
    context = {
        "batch": batch,
        "page": page,
        "rows": _rows(batch, actor, page.rows, rules),
        "may_build": not actions.why_not_build(batch, actor),
        "may_lock": not actions.why_not_lock(batch, actor),
        "may_recall": not actions.why_not_recall(batch, actor),
        "may_vote": not actions.why_not_vote(batch, actor),
        "may_publish": not actions.why_not_publish(batch, actor),
        "may_strike": not actions.why_not_strike(batch, actor),
    }
    if batch.status == Batch.Status.BUILDING:
        context |= _building(batch, actor, page, context["rows"], rules)
    else:
        context |= _locked(batch, actor, context["rows"], rules)
    return render(request, "funds/batch_detail.html", context)


def _building(batch, actor, page, rows, rules):
    """What the page of a list being drawn up shows: checks, the exceptions found so far, and how
    far the money reaches among those who wait."""
    on = timezone.localdate()
    found = actions.exceptions(batch, page.rows, on, rules)
    for line, row in zip(page.rows, rows, strict=True):
        line.exceptions = found[line.pk]
        row.why_single, row.single = line.reasons, bool(line.reasons)
    return {
        "checks": _checks(batch, on, actor, rules),
        "left_fen": _left(batch, batch.total_fen),
        "singles": sum(row.single for row in rows),
        "proposal": actions.propose(batch, rules) if batch.budget_id else None,
    }


def _left(batch, total_fen):
    return batch.budget.available_fen - total_fen if batch.budget_id else None


def _checks(batch, on, actor, rules=None):
    found = []
    for code, words, passed in actions.checks(batch, on, rules):
        check = {"result": "ok" if passed else "stop", "text": words}
        asked = code == "order" and (batch.order_reason or not passed)
        if asked and not actions.why_not_explain_order(batch, actor):
            url = reverse("funds:explain_order", args=[batch.pk])
            check |= {"url": url, "link_text": _("Who is passed over, and why")}
        found.append(check)
    return found


def _locked(batch, actor, rows, rules):
    """What the page of a locked or decided list shows besides: the drawing, notices, own votes."""
    notices = Notice.objects.filter(lines__case__batch_lines__batch=batch).distinct()
    struck = batch.set_asides.struck().for_minutes()
    return {
        **_drawing(rows, rules),
        "notices": notices.order_by("pk"),
        "own_votes": batch.voted_by(actor.user_id),
        "struck": lists.struck(struck, named=lists.sees_names(actor, batch.company_id)),
        "result": lists.result(batch.lines.outcomes())
        if batch.status == Batch.Status.DECIDED
        else None,
        "unreached": Unreached.objects.sums_of(batch),
    }


def _drawing(rows, rules):
    """Need score against amount, with the band of the reference amounts."""
    percent = rules["deviation.percent"]
    return {"points": lists.points(rows), "band": lists.band(rows, percent), "percent": percent}


@require_http_methods(["GET", "HEAD", "POST"])
def add_lines(request, pk):
    """Candidates to tick; htmx asks for the totals alone whenever a tick changes."""
    batch = get_batch(request, pk)
    allow(actions.why_not_build(batch, request.actor))
    filters = CandidateFilter(request.GET, company_id=batch.company_id)
    found = actions.candidates(batch, **filters.chosen)
    data = request.POST if request.method == "POST" else request.GET
    form = AddForm(data if "cases" in data or request.method == "POST" else None, candidates=found)
    if request.method == "POST" and ("proposed" in request.POST or form.is_valid()):
        given = {"batch": batch, "by": request.user, "at": timezone.now()}
        if "proposed" in request.POST:
            count = actions.add_proposed(**given)
        else:
            count = actions.add_lines(cases=form.cleaned_data["cases"], **given)
        words = ngettext(
            "%(count)s case was put on the list.", "%(count)s cases were put on the list.", count
        )
        messages.success(request, words % {"count": count})
        return redirect(batch)
    ticked = list(form.cleaned_data.get("cases") or []) if form.is_valid() else []
    ticked_fen = sum(case.proposed_fen or 0 for case in ticked)
    rules = actions.rules_of(batch, timezone.localdate())
    named = lists.sees_names(request.actor, batch.company_id)
    shown = actions.in_order(batch, rules, **filters.chosen)[:PAGE]
    context = {
        "batch": batch,
        "proposal": actions.propose(batch, rules) if batch.budget_id else None,
        "filters": filters,
        "form": form if request.method == "POST" else None,
        "cases": lists.waiting(shown, rules, named=named),
        "found_count": found.count(),
        "ticked": {case.pk for case in ticked},
        "ticked_count": len(ticked),
        "ticked_fen": ticked_fen,
        "total_fen": batch.total_fen + ticked_fen,
        "left_fen": _left(batch, batch.total_fen + ticked_fen),
    }
    template = "funds/batch_add.html#totals" if request.htmx else "funds/batch_add.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)


@require_POST
def remove_line(request, pk, line):
    batch = get_batch(request, pk)
    allow(actions.why_not_build(batch, request.actor))
    line = get_object_or_404(batch.lines.select_related("batch__budget"), pk=line)
    actions.remove_line(line=line, by=request.user, at=timezone.now())
    messages.success(request, _("The case was taken off the list; it stays ready for another."))
    return redirect(batch)


@require_http_methods(["GET", "HEAD", "POST"])
def lock(request, pk):
    batch = get_batch(request, pk)
    if request.method == "POST" and batch.status == Batch.Status.LOCKED:
        messages.info(request, _("The list has been locked already."))
        return redirect(batch)
    allow(actions.why_not_lock(batch, request.actor))
    if request.method == "POST":
        actions.lock(batch=batch, by=request.user, at=timezone.now())
        messages.success(request, _("The list was locked and waits for the meeting."))
        return redirect(batch)
    on = timezone.localdate()
    lines = list(batch.lines.for_sheet())
    found = actions.exceptions(batch, lines, on)
    for line in lines:
        line.exceptions, line.single = found[line.pk], bool(found[line.pk])
    rows = _rows(batch, request.actor, lines)
    checks = _checks(batch, on, request.actor)
    context = {
        "batch": batch,
        "checks": checks,
        "passed": all(check["result"] == "ok" for check in checks),
        "singles": [row for row in rows if row.single],
        "left_fen": _left(batch, batch.total_fen),
    }
    return render(request, "funds/lock.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def recall(request, pk):
    batch = get_batch(request, pk)
    allow(actions.why_not_recall(batch, request.actor))
    if request.method == "POST":
        actions.recall(batch=batch, by=request.user, at=timezone.now())
        messages.success(request, _("The list was taken back; votes cast so far are void."))
        return redirect(batch)
    voters = batch.votes.filter(version=batch.version, line=None).count()
    return render(request, "funds/recall.html", {"batch": batch, "voters": voters})


@require_http_methods(["GET", "HEAD", "POST"])
def publish(request, pk):
    """Shows the notice exactly as the public will see it, made by what the action itself uses."""
    batch = get_batch(request, pk)
    allow(actions.why_not_publish(batch, request.actor))
    if request.method == "POST":
        actions.publish(batch=batch, by=request.user, at=timezone.now())
        messages.success(request, _("The notice was published."))
        return redirect(batch)
    days = case_actions.period(batch.company_id, timezone.localdate())
    lines = case_actions.lines_of(actions.to_publish(batch).select_related("unit"))
    units = Unit.objects.in_bulk({line.unit_id for line in lines})
    for line in lines:
        line.unit = units[line.unit_id]
    context = {
        "batch": batch,
        "basis": actions.basis(batch),
        "days": days,
        "lines": lines,
        "total_fen": sum(line.amount_fen or 0 for line in lines),
    }
    return render(request, "funds/publish.html", context)


# The leaders' page


@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def decide(request, pk):
    """Five minutes: the headline, four checks, the individual items, the rest in one vote.

    A first POST shows the totals once more, a second with `sure` casts the votes. Both ask for
    the password when it was not given in the last minutes; what was chosen survives that.
    """
    batch = get_batch(request, pk)
    if batch.voted_by(request.user.pk):
        messages.info(request, _("You have voted on this list."))
        return redirect(batch)
    allow(actions.why_not_vote(batch, request.actor))
    rows = _rows(batch, request.actor)
    recused = actions.recused_lines(batch, request.actor)
    entitled = [row for row in rows if row.pk not in recused]
    data = request.POST if request.method == "POST" else None
    form = DecideForm(data, rows=entitled, version=batch.version)
    for row in entitled:
        row.choice = (data or {}).get(row.field, "")
    context = _sheet(batch, rows, recused, request.user.pk) | {"form": form}
    pulled = any(row.choice for row in context["routine"])
    context |= _void(batch, request.actor) | {"unfold": pulled or len(context["routine"]) <= FOLD}
    if data is None or "change" in data or not form.is_valid():
        status = 200 if data is None or "change" in data else 422
        return render(request, "funds/decide.html", context, status=status)
    rest, chosen = form.votes
    if "sure" not in data:
        return render(request, "funds/decide_confirm.html", context | _summary(entitled, form))
    actions.vote(
        batch=batch,
        by=request.user,
        at=timezone.now(),
        rest=rest,
        lines=chosen,
        version=form.cleaned_data["version"],
    )
    messages.success(request, _("Your votes were recorded."))
    return redirect(batch)


def _void(batch, actor):
    """Whether a vote of the member on an earlier version is void, and what was struck since."""
    struck = batch.set_asides.struck().filter(version__gte=batch.version - 1).for_minutes()
    return {
        "again": batch.votes.filter(user=actor.user_id, version__lt=batch.version).exists(),
        "struck": lists.struck(struck, named=lists.sees_names(actor, batch.company_id)),
    }


def _sheet(batch, rows, recused, user_id):
    """What the leaders' page and the paper for the leaders show of a list."""
    entitled = [row for row in rows if row.pk not in recused]
    routine = lists.by_amount(row for row in entitled if not row.single)
    return {
        "batch": batch,
        "rows": rows,
        "count": len(rows),
        "total_fen": lists.total(rows),
        "singles": [row for row in entitled if row.single],
        "routine": routine,
        "routine_fen": lists.total(routine),
        "recused": [row for row in rows if row.pk in recused],
        "looked_at": lists.picked(entitled, batch, user_id),
        "choices": [(choice.value, choice.label) for choice in actions.CHOICES],
        "left_fen": _left(batch, lists.total(rows)),
        "checks": four_checks(batch, rows, recused),
        **_drawing(rows, actions.rules_of(batch, timezone.localdate())),
    }


def four_checks(batch, rows, recused):
    """Money, rules, visits, recusals: one sentence each with its evidence. Two queries."""
    related = [row for row in rows if "RELATIVE" in row.codes]
    deviating = [row for row in rows if "DEVIATION" in row.codes]
    unseen = [row for row in rows if not row.visited]
    objections = actions.open_objections(batch)
    return [
        _money_check(batch, rows),
        {
            "result": "warn" if deviating else "ok",
            "text": _("By the rules: %(count)s of %(count)s within the caps of the policy.")
            % {"count": len(rows)},
            "detail": _("%(count)s differ from the assessment; the reasons stand below.")
            % {"count": len(deviating)}
            if deviating
            else "",
            "url": "#singles" if deviating else "#routine",
            "link_text": _("Show them"),
        },
        _visit_check(batch, rows, unseen),
        {
            "result": "warn" if related or recused or objections else "ok",
            "text": _(
                "Relatives and objections: %(related)s related to somebody who holds a role,"
                " %(objections)s with an open objection."
            )
            % {"related": len(related), "objections": objections},
            "detail": _("You are recused on %(count)s.") % {"count": len(recused)}
            if recused
            else "",
            "url": "#recused" if recused else "#singles",
            "link_text": _("Show them"),
        },
    ]


def _money_check(batch, rows):
    if batch.budget_id is None:
        return {"result": "ok", "text": _("Money: recognition takes nothing from a fund.")}
    left = _left(batch, lists.total(rows))
    words = _("Within the budget: %(before)s yuan available, %(after)s yuan left after this.")
    before = batch.budget.available_fen
    figures = {"before": format_fen(before), "after": format_fen(left)}
    check = {
        "result": "ok" if left >= 0 else "stop",
        "text": words % figures,
        "url": batch.budget.fund.get_absolute_url(),
        "link_text": _("Ledger of the fund"),
    }
    unreached = Unreached.objects.sums_of(batch)
    if not unreached["count"]:
        return check
    detail = _("The money does not reach %(count)s others, who need %(amount)s yuan.") % {
        "count": unreached["count"], "amount": format_fen(unreached["fen"])}  # fmt: skip
    if batch.order_reason:
        detail += _(" Others were put first because: %(reason)s") % {"reason": batch.order_reason}
    return check | {
        "result": "warn" if left >= 0 else "stop",
        "detail": detail,
        "url": reverse("funds:unreached", args=[batch.pk]),
        "link_text": _("Whom it does not reach"),
    }


def _visit_check(batch, rows, unseen):
    if batch.programme == Programme.REGULAR:
        words = _("Verified: %(count)s of %(count)s on file and within the yearly re-check.")
        return {"result": "ok", "text": words % {"count": len(rows)}}
    words = _("Verified at the door: %(seen)s of %(count)s visited by two people.")
    return {
        "result": "warn" if unseen else "ok",
        "text": words % {"seen": len(rows) - len(unseen), "count": len(rows)},
        "detail": " ".join(f"{row.seq} {row.name}: {row.no_visit_reason}" for row in unseen),
        "url": "#looked-at",
        "link_text": _("Three picked by the program"),
    }


def _summary(entitled, form):
    """What the last look before voting repeats: totals, own choices, nothing left out."""
    rest, chosen = form.votes
    alone = [row for row in entitled if row.pk in chosen]
    for row in alone:
        row.choice = Vote.Choice(chosen[row.pk])
    routine = [row for row in entitled if row.pk not in chosen]
    in_favour = [row for row in alone if row.choice == Vote.Choice.FOR]
    if rest == Vote.Choice.FOR:
        in_favour += routine
    return {
        "alone": alone,
        "rest": Vote.Choice(rest),
        "rest_rows": routine,
        "rest_fen": lists.total(routine),
        "for_count": len(in_favour),
        "for_fen": lists.total(in_favour),
    }


@require_safe
def batch_form(request, pk):
    """The approval form of the whole list on paper, for members who read on paper."""
    batch = get_batch(request, pk)
    if batch.status != Batch.Status.LOCKED:
        raise NotAllowed(
            _("The approval form is printed while the list waits; the minutes say what came of it.")
        )
    day = batch.meeting.held_on if batch.meeting else timezone.localdate()
    with translation.override("zh-hans"):  # papers are in Chinese, whoever prints them
        rows = _rows(batch, request.actor)
        context = _sheet(batch, rows, set(), request.user.pk) | {
            "members": actions.members(batch.company_id, day),
            "now": timezone.now(),
        }
        return render(request, "funds/batch_form.html", context)
