"""Meetings of the leadership: called, attended, recorded, confirmed; and their minutes."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from cases import actions as case_actions
from funds import actions, lists
from funds.forms.meeting import AgendaForm, AttendForm, MeetingFilter, MeetingForm
from funds.models import BatchLine, Meeting, Unreached, Vote
from people import roles
from people.models import Unit
from people.roles import NotAllowed, Role
from people.views.lists import listing

Outcome = BatchLine.Outcome

COLUMNS = (
    Column("number", gettext_lazy("Meeting number")),
    Column("on", gettext_lazy("Date"), kind="date"),
    Column("place", gettext_lazy("Meeting place")),
    Column("chair", gettext_lazy("Chair of the meeting")),
    Column("secretary", gettext_lazy("Secretary")),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Meeting.Status.choices)),
)


def get_meeting(request, pk):
    """The meeting if the user may see it, else 404."""
    return get_object_or_404(
        Meeting.objects.visible_to(request.actor).select_related("chair", "secretary", "company"),
        pk=pk,
    )


def _allow(reason):
    """Nobody is shown a page they may not send: 403 with the reason."""
    if reason:
        raise NotAllowed(reason)


def _cells(meeting):
    return (
        meeting.number, meeting.held_on, meeting.place, meeting.chair.name,
        meeting.secretary.name, meeting.status,
    )  # fmt: skip


@require_safe
def meeting_list(request):
    roles.check_any(request.actor, *lists.MONEY_READERS)
    filters = MeetingFilter(request.GET)
    rows = Meeting.objects.visible_to(request.actor).narrowed(**filters.chosen)
    return listing(
        request,
        "funds/meeting_list.html",
        rows=rows.for_list(),
        order=("-held_on", "-pk"),
        title=_("Meetings"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        may_call=bool(request.actor.companies(Role.SECRETARY)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_new(request):
    roles.check_any(request.actor, Role.SECRETARY)
    company_id = request.actor.companies(Role.SECRETARY)[0]
    on = timezone.localdate()
    form = MeetingForm(
        request.POST or None, company_id=company_id, on=on, by=request.user, initial={"held_on": on}
    )
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "funds/meeting_new.html", {"form": form}, status=status)
    meeting = actions.open_meeting(
        company=Unit.objects.get(pk=company_id),
        by=request.user,
        at=timezone.now(),
        **form.cleaned_data,
    )
    messages.success(request, _("The meeting was called."))
    return redirect(meeting)


@require_safe
def meeting_detail(request, pk):
    meeting = get_meeting(request, pk)
    attendances = list(meeting.attendances.select_related("user").order_by("user"))
    here = [row for row in attendances if row.present and not row.left_at]
    is_open = meeting.status == Meeting.Status.OPEN
    batches = []
    for batch in meeting.batches.select_related("company").order_by("pk"):
        batch.meeting = meeting
        results = None if is_open else _results(batch, meeting, request.actor)
        batches.append({"batch": batch, "standing": standing(batch), "results": results})
    asides = list(meeting.set_asides.for_minutes())
    named = lists.sees_names(request.actor, meeting.company_id)
    context = {
        "meeting": meeting,
        "attendances": attendances,
        "present_count": len(here),
        "put_off": [row for row in asides if row.line_id is None],
        "struck": [
            (row.batch, line)
            for row in asides
            if row.line_id
            for line in lists.struck([row], named=named)
        ],
        "batches": batches,
        "may_keep": not actions.why_not_keep(meeting, request.actor),
        "advances": list(_advances(meeting)),
        "may_ratify": is_open and not actions.why_not_ratify(meeting, request.actor),
        "why_not_record": actions.why_not_record(meeting, request.actor),
        "may_confirm": not actions.why_not_confirm(meeting, request.actor),
    }
    return render(request, "funds/meeting_detail.html", context)


def standing(batch):
    """Who is counted for a list and how many of them have voted; no names. Two queries."""
    meeting = batch.meeting
    there = meeting.attendances.there_for(batch).values_list("user", flat=True)
    voted = batch.votes.filter(version=batch.version, line=None, user__in=there).count()
    count = len(there)
    lost = meeting.status == Meeting.Status.OPEN and count < meeting.quorum
    why = actions.why_no_quorum(batch, count, meeting.quorum) if lost else ""
    return {"there": count, "voted": voted, "why_not": why}


def _advances(meeting):
    """The advances before a meeting: while it is open those that wait, then those it answered."""
    if meeting.status == Meeting.Status.OPEN:
        return actions.to_ratify(meeting)
    return meeting.advances.for_list().order_by("decided_at", "pk")


def _results(batch, meeting, actor):
    """The votes on every line with its words, and the totals of each outcome. Five queries."""
    rules = case_actions.policy_in_force(meeting.company_id, meeting.held_on).rules
    named = lists.sees_names(actor, batch.company_id)
    rows = {line.pk: lists.row(line, named=named) for line in batch.lines.for_sheet()}
    tallies = actions.tallies(batch, rules["majority.percent"])
    results = [{"row": rows[tally.line.pk], "tally": tally} for tally in tallies]
    for result in results:
        result["text"] = Outcome(result["tally"].outcome).label
    totals = []
    for outcome in Outcome:
        ours = [r["row"] for r in results if r["tally"].outcome == outcome]
        totals.append(
            {
                "outcome": outcome.value,
                "text": outcome.label,
                "count": len(ours),
                "fen": lists.total(ours),
            }
        )
    outcomes = {total["outcome"]: (total["count"], total["fen"]) for total in totals}
    return {
        "lines": results,
        "totals": totals,
        "approved": totals[0],
        "result": lists.result(outcomes),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def agenda(request, pk):
    meeting = get_meeting(request, pk)
    _allow(actions.why_not_keep(meeting, request.actor))
    form = AgendaForm(request.POST or None, meeting=meeting)
    if request.method != "POST" or not form.is_valid():
        context = {"meeting": meeting, "form": form, "any": form.fields["batch"].queryset.exists()}
        return render(request, "funds/agenda.html", context, status=422 if form.errors else 200)
    actions.put_on_agenda(
        meeting=meeting, batch=form.cleaned_data["batch"], by=request.user, at=timezone.now()
    )
    messages.success(request, _("The list was put on the agenda."))
    return redirect(meeting)


@require_http_methods(["GET", "HEAD", "POST"])
def attend(request, pk):
    meeting = get_meeting(request, pk)
    _allow(actions.why_not_keep(meeting, request.actor))
    there = meeting.attendances.there().values_list("user", flat=True)
    data = request.POST if request.method == "POST" else None
    form = AttendForm(data, meeting=meeting, initial={"present": list(there)})
    if request.method != "POST" or not form.is_valid():
        context = {"meeting": meeting, "form": form}
        return render(request, "funds/attend.html", context, status=422 if form.errors else 200)
    present = {user.pk for user in form.cleaned_data["present"]}
    actions.attend(meeting=meeting, present=present, by=request.user, at=timezone.now())
    messages.success(request, _("The attendance was recorded."))
    return redirect(meeting)


@require_http_methods(["GET", "HEAD", "POST"])
def record(request, pk):
    """The secretary sees every tally once more and writes the outcome down."""
    meeting = get_meeting(request, pk)
    _allow(actions.why_not_record(meeting, request.actor))
    if request.method == "POST":
        actions.record(meeting=meeting, by=request.user, at=timezone.now())
        messages.success(request, _("The result was recorded; the chair confirms it."))
        return redirect(meeting)
    return render(request, "funds/record.html", _with_results(request, meeting))


@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def confirm(request, pk):
    """The chair signs: cases are decided and the money is reserved."""
    meeting = get_meeting(request, pk)
    if meeting.status == Meeting.Status.CONFIRMED and meeting.chair_id == request.user.pk:
        messages.info(request, _("The record has been confirmed."))
        return redirect(meeting)
    _allow(actions.why_not_confirm(meeting, request.actor))
    if request.method == "POST":
        actions.confirm(meeting=meeting, by=request.user, at=timezone.now())
        messages.success(request, _("The record was confirmed and the money reserved."))
        return redirect(meeting)
    return render(request, "funds/confirm.html", _with_results(request, meeting))


def _with_results(request, meeting):
    batches = [
        {"batch": batch, "results": _results(batch, meeting, request.actor)}
        for batch in meeting.batches.order_by("pk")
    ]
    approved = [found["results"]["approved"] for found in batches]
    return {
        "meeting": meeting,
        "batches": batches,
        "approved_count": sum(total["count"] for total in approved),
        "approved_fen": sum(total["fen"] for total in approved),
    }


@require_safe
def minutes(request, pk):
    """The minutes on paper: who was there, who stood back, the votes, what was set aside."""
    meeting = get_meeting(request, pk)
    if meeting.status == Meeting.Status.OPEN:
        raise NotAllowed(_("The minutes are written when the result has been recorded."))
    with translation.override("zh-hans"):  # papers are in Chinese, whoever prints them
        context = _with_results(request, meeting)
        asides = list(meeting.set_asides.for_minutes())
        named = lists.sees_names(request.actor, meeting.company_id)
        for found in context["batches"]:
            _of_minutes(found, asides, meeting, named)
        attendances = list(meeting.attendances.select_related("user").order_by("user"))
        context |= {
            "advances": list(_advances(meeting)),
            "present": [row.user.name for row in attendances if row.present],
            "left": [row for row in attendances if row.left_at],
            "absent": [row.user.name for row in attendances if not row.present],
            "put_off": [row for row in asides if row.line_id is None],
            "now": timezone.now(),
        }
        return render(request, "funds/minutes.html", context)


def _of_minutes(found, asides, meeting, named):
    """What the minutes say of one list besides its results. Three queries."""
    batch, lines = found["batch"], found["results"]["lines"]
    ours = [row for row in asides if row.line_id and row.batch_id == batch.pk]
    found["recusals"] = _recusals(batch)
    found["unreached"] = Unreached.objects.sums_of(batch)
    found["there"] = meeting.attendances.there_for(batch).count()
    found["singles"] = [result for result in lines if result["row"].single]
    found["struck"] = lists.struck(ours, named=named)


def _recusals(batch):
    """[(name, numbers of the lines)] of those who stood back. One query."""
    found = {}
    votes = batch.votes.filter(version=batch.version, choice=Vote.Choice.RECUSED)
    for name, seq in votes.order_by("user", "line__seq").values_list("user__name", "line__seq"):
        found.setdefault(name, []).append(str(seq))
    return [(name, "、".join(numbers)) for name, numbers in found.items()]
