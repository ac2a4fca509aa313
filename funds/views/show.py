"""Meeting mode: the meeting on a projector, one thing at a time, and what it sets aside."""

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import actions as case_actions
from funds import actions, lists, slides
from funds.forms.meeting import ReasonForm
from funds.models import Batch, BatchLine, Meeting
from funds.views.batch import four_checks
from funds.views.meeting import get_meeting, standing
from people.roles import NotAllowed

LOOKS = ("light", "dark")


@require_safe
def show(request, pk):
    """One slide. htmx asks for its foot alone, and for the whole again when the meeting moved."""
    meeting = get_meeting(request, pk)
    found = meeting.batches.select_related("budget__fund", "company").order_by("pk")
    batches = {batch.pk: batch for batch in found}
    for batch in batches.values():
        batch.meeting = meeting
    attendances = list(meeting.attendances.select_related("user").order_by("user"))
    state = _state(meeting, batches.values(), attendances)
    if request.htmx and request.GET.get("state") != state:
        return HttpResponse(headers={"HX-Refresh": "true"})
    sequence = slides.of_meeting(_lines(batches))
    place = slides.find(sequence, request.GET.get("item", ""))
    slide = sequence[place]
    batch = batches.get(slide.batch)
    context = {
        "meeting": meeting,
        "slide": slide,
        "place": place + 1,
        "count": len(sequence),
        "before": sequence[place - 1] if place else None,
        "after": sequence[place + 1] if place + 1 < len(sequence) else None,
        "here": [row for row in attendances if row.present and not row.left_at],
        "look": request.GET.get("look") if request.GET.get("look") in LOOKS else "",
        "state": state,
        "batch": batch,
        "standing": standing(batch) if batch else None,
    }
    if request.htmx:
        return render(request, "funds/show.html#foot", context)
    context |= {"attendances": attendances}
    if slide.kind == "agenda":
        context |= _agenda(meeting, batches.values(), sequence)
    elif batch:
        context |= _of_list(request, meeting, batch, slide, attendances)
    return render(request, "funds/show.html", context)


def _state(meeting, batches, attendances):
    """What the slides are made of; another word when the secretary should see them afresh."""
    versions = ".".join(f"{batch.pk}v{batch.version}" for batch in batches)
    there = ".".join(str(a.user_id) for a in attendances if a.present and not a.left_at)
    return f"{meeting.status}-{versions}-{there}"


def _lines(batches):
    """(batch pk, pks of the individual items, number of routine items). One query."""
    found = BatchLine.objects.filter(batch__in=batches).order_by("batch", "seq")
    singles = {pk: [] for pk in batches}
    routine = dict.fromkeys(batches, 0)
    for pk, batch, single in found.values_list("pk", "batch", "single"):
        if single:
            singles[batch].append(pk)
        else:
            routine[batch] += 1
    return [(pk, singles[pk], routine[pk]) for pk in batches]


def _agenda(meeting, batches, sequence):
    first = {slide.batch: slide for slide in sequence if slide.kind == "headline"}
    asides = list(meeting.set_asides.for_minutes())
    return {
        "items": [
            {"batch": batch, "slide": first[batch.pk], "standing": standing(batch)}
            for batch in batches
        ],
        "put_off": [row for row in asides if row.line_id is None],
        "advances_count": actions.to_ratify(meeting).count(),
    }


def _of_list(request, meeting, batch, slide, attendances):
    """What a slide about one list shows, in a fixed number of queries for each kind."""
    named = lists.sees_names(request.actor, batch.company_id)
    recorded = meeting.status != Meeting.Status.OPEN
    if slide.kind == "result":
        struck = meeting.set_asides.struck().filter(batch=batch).for_minutes()
        rows = _rows(batch.lines.exclude(outcome__in=["", "APPROVED"]).for_sheet(), named)
        result = lists.result(batch.lines.outcomes()) if recorded else None
        return {"result": result, "others": rows, "struck": lists.struck(struck, named=named)}
    lines = list(_on_slide(batch, slide))
    rows = _rows(lines, named)
    present = [row.user.actor(meeting.held_on) for row in attendances if row.present]
    back = actions.recusals(lines, meeting.held_on, present)
    context = {"rows": rows, "recused": [(row, back[row.pk]) for row in rows if back[row.pk]]}
    if slide.kind == "headline":
        checks = four_checks(batch, rows, set())
        total = lists.total(rows)
        return context | {
            "checks": [check | {"url": ""} for check in checks],
            "count_lines": len(rows),
            "singles": sum(row.single for row in rows),
            "total_fen": total,
            "left_fen": batch.budget.available_fen - total if batch.budget_id else None,
        }
    if slide.kind == "item":
        context["row"] = rows[0]
        context["tally"] = _tally(batch, slide.line) if recorded else None
    return context


def _on_slide(batch, slide):
    lines = batch.lines.for_sheet()
    if slide.kind == "item":
        return lines.filter(pk=slide.line)
    if slide.kind == "page":
        lines = lines.filter(single=False).order_by(F("amount_fen").desc(nulls_last=True), "seq")
        return lines[slide.page * slides.ROWS : (slide.page + 1) * slides.ROWS]
    return lines


def _rows(lines, named):
    return [lists.row(line, named=named) for line in lines]


def _tally(batch, pk):
    """The votes on one line, once they are recorded."""
    policy = case_actions.policy_in_force(batch.company_id, batch.meeting.held_on)
    tallies = actions.tallies(batch, policy.rules["majority.percent"])
    tally = next(tally for tally in tallies if tally.line.pk == pk)
    return {"votes": tally, "text": BatchLine.Outcome(tally.outcome).label}


@require_http_methods(["GET", "HEAD", "POST"])
def strike(request, pk, line):
    """The company chair strikes one line while the list is before the meeting."""
    batch = get_object_or_404(
        Batch.objects.visible_to(request.actor).select_related("meeting", "budget__fund"), pk=pk
    )
    line = get_object_or_404(batch.lines.for_sheet(), pk=line)
    if reason := actions.why_not_strike(batch, request.actor):
        raise NotAllowed(reason)
    line.batch = batch
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        batch = actions.strike(line=line, by=request.user, at=timezone.now(), **form.cleaned_data)
        words = _(
            "No. %(seq)s was struck. The list is now version %(version)s; votes cast so far are"
            " void and every member votes again."
        )
        messages.success(request, words % {"seq": line.seq, "version": batch.version})
        return redirect(batch)
    context = {
        "batch": batch,
        "row": lists.row(line, named=lists.sees_names(request.actor, batch.company_id)),
        "form": form,
        "voters": batch.votes.filter(version=batch.version, line=None).count(),
    }
    return render(request, "funds/strike.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def put_off(request, pk, batch):
    """The secretary takes a list off the agenda, for want of a quorum or by wish of the meeting."""
    meeting = get_meeting(request, pk)
    if reason := actions.why_not_keep(meeting, request.actor):
        raise NotAllowed(reason)
    batch = get_object_or_404(meeting.batches.select_related("budget__fund"), pk=batch)
    batch.meeting = meeting
    state = standing(batch)
    because = _("The quorum was lost.") if state["why_not"] else ""
    form = ReasonForm(request.POST or None, initial={"reason": because})
    if request.method == "POST" and form.is_valid():
        actions.put_off(
            meeting=meeting, batch=batch, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("The list was taken off the agenda; another meeting decides."))
        return redirect(meeting)
    context = {"meeting": meeting, "batch": batch, "standing": state, "form": form}
    return render(request, "funds/put_off.html", context, status=422 if form.errors else 200)
