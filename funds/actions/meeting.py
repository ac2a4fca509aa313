"""The leadership decides together: meeting, attendance, votes, record, confirmation (fact 2.9)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, workflow
from cases.models import Counter
from cases.workflow import Duty
from funds import signals
from funds.actions.advance import stamp_advances, to_ratify
from funds.models import Account, Attendance, Batch, BatchLine, Fund, Hold, Meeting, Vote
from people.models import Appointment, User
from people.roles import NotAllowed, Role

Choice = Vote.Choice
Outcome = BatchLine.Outcome

# What a member may choose; a recusal is found by the program.
CHOICES = (Choice.FOR, Choice.AGAINST, Choice.DEFER, Choice.ABSTAIN)


def members(company_id, on):
    """The members of the leadership of a company on a day."""
    held = Appointment.objects.valid_on(on).filter(role=Role.LEADER, unit=company_id)
    return User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk")


@transaction.atomic
def open_meeting(*, company, held_on, chair, by, at, place=""):
    """Call a meeting. The secretary keeps the record, `chair` is one of the leadership."""
    if not by.actor(day_of(at)).has(Role.SECRETARY, company.path):
        raise NotAllowed(_("Only the meeting secretary calls a meeting."))
    count = members(company.pk, held_on).count()
    if not members(company.pk, held_on).filter(pk=chair.pk).exists():
        raise NotAllowed(_("The chair of the meeting is a member of the leadership."))
    rules = case_actions.policy_in_force(company.pk, day_of(at)).rules
    seq = Counter.objects.take(company.pk, f"meeting {held_on.year}")
    return Meeting.objects.create(
        company=company, number=f"{held_on.year}-会-{seq:03d}", held_on=held_on, place=place,
        chair=chair, secretary=by, members_count=count,
        quorum=-(-count * rules["quorum.percent"] // 100), opened_at=at,
    )  # fmt: skip


def why_not_keep(meeting, actor):
    """Why the actor may not keep the record of the meeting; "" when they may."""
    if meeting.company_id not in actor.companies(Role.SECRETARY):
        return _("Only the meeting secretary keeps the record.")
    if meeting.status != Meeting.Status.OPEN:
        return _("The meeting has been recorded.")
    return ""


def _kept(meeting, by, at):
    meeting = Meeting.objects.lock(meeting.pk)
    if reason := why_not_keep(meeting, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return meeting


@transaction.atomic
def put_on_agenda(*, meeting, batch, by, at):
    """A locked list comes before the meeting."""
    batch = Batch.objects.lock(batch.pk)
    meeting = _kept(meeting, by, at)
    if batch.status != Batch.Status.LOCKED or batch.company_id != meeting.company_id:
        raise NotAllowed(_("Only a locked list comes before the meeting."))
    if batch.meeting_id not in (None, meeting.pk):
        raise NotAllowed(_("This list is before another meeting; the company chair takes it back."))
    Batch.objects.filter(pk=batch.pk).update(meeting=meeting)


@transaction.atomic
def attend(*, meeting, present, by, at):
    """Record who is there: `present` are user ids of members of the leadership.

    Somebody who has voted already stays present.
    """
    meeting = _kept(meeting, by, at)
    voted = set(Vote.objects.filter(batch__meeting=meeting).values_list("user_id", flat=True))
    for member in members(meeting.company_id, meeting.held_on):
        there = member.pk in present or member.pk in voted
        Attendance.objects.update_or_create(
            meeting=meeting, user=member, defaults={"present": there, "at": at, "by": by}
        )


def why_not_vote(batch, actor):
    """Why the actor may not vote on the list now; "" when they may. Two queries."""
    if batch.company_id not in actor.companies(Role.LEADER):
        return _("Only the members of the leadership vote.")
    meeting = batch.meeting
    if batch.status != Batch.Status.LOCKED or meeting is None:
        return _("This list is not before a meeting.")
    if meeting.status != Meeting.Status.OPEN:
        return _("The meeting has been recorded; its votes are closed.")
    if not meeting.attendances.filter(user=actor.user_id, present=True).exists():
        return _("The secretary has not recorded you as present.")
    if batch.votes.filter(user=actor.user_id, version=batch.version).exists():
        return _("You have voted on this list.")
    return ""


def waiting_for(actor):
    """The lists on which the actor is to vote now, with meeting, budget and `singles_count`."""
    return Batch.objects.waiting_for(actor)


def recused_lines(batch, actor):
    """Pks of the lines on which the actor does not vote: kin, own case, or another duty.

    Three queries whatever the length of the list.
    """
    lines = list(batch.lines.select_related("case"))
    read = facts.read([line.case for line in lines], batch.meeting.held_on, ())
    return {
        line.pk
        for line in lines
        if actor.kin & read[line.case_id].household
        or workflow.why_not_duty(read[line.case_id], Duty.VOTE, actor)
    }


@transaction.atomic
def vote(*, batch, by, at, rest, lines, version):
    """Cast one's votes on a list: `rest` for all routine items, `lines` {line pk: choice}.

    Every individual item needs a choice of its own; any other line may have one (pulled out of
    the routine items without a reason). Lines one is related to are recorded as recused.
    `version` is the version that was on the page: a list changed since is refused.
    """
    batch = Batch.objects.lock(batch.pk)
    if batch.meeting_id:  # held until the end, so that nobody records meanwhile
        batch.meeting = Meeting.objects.lock(batch.meeting_id)
    actor = by.actor(day_of(at))
    if reason := why_not_vote(batch, actor):
        raise NotAllowed(reason)
    if unknown := {rest, *lines.values()} - set(CHOICES):
        raise TypeError(f"not choices of a vote: {unknown}")
    if version != batch.version:
        raise NotAllowed(_("The list has been changed since; read the new version first."))
    recused = recused_lines(batch, actor)
    rows = list(batch.lines.select_related("case").order_by("pk"))
    if any(line.single and line.pk not in recused and line.pk not in lines for line in rows):
        raise NotAllowed(_("Decide on every individual item first."))
    chosen = {
        line.pk: Choice.RECUSED if line.pk in recused else Choice(lines[line.pk])
        for line in rows
        if line.pk in recused or line.pk in lines
    }
    votes = [
        Vote(batch=batch, version=batch.version, line_id=pk, user=by, choice=choice, at=at)
        for pk, choice in chosen.items()
    ]
    votes.append(Vote(batch=batch, version=batch.version, user=by, choice=rest, at=at))
    Vote.objects.bulk_create(votes)
    voted = [line.case for line in rows if line.pk not in recused]
    case_actions.take_duty(voted, Duty.VOTE, by=by, at=at)


@dataclass(frozen=True)
class Tally:
    """The votes on one line. Who is present and did not vote counts as abstained."""

    line: BatchLine
    in_favour: int
    against: int
    abstained: int
    deferring: int
    recused: int
    outcome: str


def tallies(batch, majority_percent):
    """The tally of every line of the current version, in three queries (invariant IP9)."""
    present = set(batch.meeting.attendances.filter(present=True).values_list("user_id", flat=True))
    general = {}
    special = defaultdict(dict)
    for line_id, user_id, choice in batch.votes.filter(version=batch.version).values_list(
        "line_id", "user_id", "choice"
    ):
        if line_id is None:
            general[user_id] = choice
        else:
            special[line_id][user_id] = choice
    found = []
    for line in batch.lines.order_by("seq"):
        choices = [special[line.pk].get(user, general.get(user, "ABSTAIN")) for user in present]
        count = {choice: choices.count(choice) for choice in Choice.values}
        found.append(
            Tally(
                line, count["FOR"], count["AGAINST"], count["ABSTAIN"], count["DEFER"],
                count["RECUSED"], _outcome(count, len(present), majority_percent),
            )
        )  # fmt: skip
    return found


def _outcome(count, present, majority_percent):
    """Approved with a majority of those present and not recused; deferred likewise; else not."""
    entitled = present - count["RECUSED"]
    if count["FOR"] * 100 > entitled * majority_percent:
        return Outcome.APPROVED
    if entitled == 0 or count["DEFER"] * 100 > entitled * majority_percent:
        return Outcome.DEFERRED
    return Outcome.REFUSED


def why_not_record(meeting, actor):
    """Why the actor may not record the result yet; "" when they may."""
    if reason := why_not_keep(meeting, actor):
        return reason
    present = meeting.attendances.filter(present=True)
    if present.count() < meeting.quorum:
        return _("The quorum is %(quorum)s; record who is present.") % {"quorum": meeting.quorum}
    batches = list(meeting.batches.filter(status=Batch.Status.LOCKED))
    if to_ratify(meeting).filter(meeting=None).exists():
        return _("Record first whether the meeting ratifies the advances.")
    if not batches and not meeting.advances.exists():
        return _("There is no list before this meeting.")
    voters = set(present.values_list("user_id", flat=True))
    for batch in batches:
        voted = batch.votes.filter(version=batch.version, line=None)
        if waiting := voters - set(voted.values_list("user_id", flat=True)):
            return _("%(count)s of those present have not voted on “%(title)s”.") % {
                "count": len(waiting), "title": batch.title}  # fmt: skip
    if meeting.chair_id not in voters:
        return _("The chair of the meeting is not recorded as present.")
    return ""


@transaction.atomic
def record(*, meeting, by, at):
    """Write down the outcome of every line; the chair of the meeting confirms it afterwards."""
    batches = list(Batch.objects.select_for_update().filter(meeting=meeting).order_by("pk"))
    meeting = Meeting.objects.lock(meeting.pk)
    if reason := why_not_record(meeting, by.actor(day_of(at))):
        raise NotAllowed(reason)
    percent = _majority(meeting)
    for batch in batches:
        if batch.status == Batch.Status.LOCKED:
            lines = []
            for tally in tallies(batch, percent):
                tally.line.outcome = tally.outcome
                lines.append(tally.line)
            BatchLine.objects.bulk_update(lines, ["outcome"], batch_size=500)
    meeting.status, meeting.recorded_at, meeting.recorded_by = Meeting.Status.RECORDED, at, by
    meeting.save(update_fields=["status", "recorded_at", "recorded_by"])
    return meeting


def _majority(meeting):
    rules = case_actions.policy_in_force(meeting.company_id, meeting.held_on).rules
    return rules["majority.percent"]


def why_not_confirm(meeting, actor):
    """Why the actor may not confirm the record; "" when they may."""
    if meeting.chair_id != actor.user_id:
        return _("Only whoever chaired the meeting confirms its record.")
    if meeting.status == Meeting.Status.CONFIRMED:
        return _("The record has been confirmed.")
    if meeting.status == Meeting.Status.OPEN:
        return _("The secretary must record the result first.")
    return ""


@transaction.atomic
def confirm(*, meeting, by, at):
    """The chair confirms: cases are approved, refused or deferred, and the money is reserved.

    Funds first, then batches, lines, cases. A budget that covers no more refuses the whole act.
    """
    Fund.objects.lock_all(Account.objects.filter(batches__meeting=meeting).values("fund"))
    batches = Batch.objects.select_for_update(of=("self",)).select_related("budget__fund")
    locked = list(batches.filter(meeting=meeting, status=Batch.Status.LOCKED).order_by("pk"))
    meeting = Meeting.objects.lock(meeting.pk)
    if reason := why_not_confirm(meeting, by.actor(day_of(at))):
        raise NotAllowed(reason)
    for batch in locked:
        _decide(batch, by, at)
    stamp_advances(meeting, by=by, at=at)
    meeting.status, meeting.confirmed_at, meeting.confirmed_by = Meeting.Status.CONFIRMED, at, by
    meeting.save(update_fields=["status", "confirmed_at", "confirmed_by"])
    transaction.on_commit(lambda: signals.decided.send(Meeting, at=at))
    return meeting


def _decide(batch, by, at):
    lines = list(batch.lines.select_related("case__applicant").order_by("pk"))
    by_outcome = defaultdict(list)
    for line in lines:
        by_outcome[line.outcome].append(line)
    approved = by_outcome[Outcome.APPROVED]
    if approved:
        case_actions.approve([line.case for line in approved], by=by, at=at)
    if by_outcome[Outcome.REFUSED]:
        case_actions.refuse([line.case for line in by_outcome[Outcome.REFUSED]], by=by, at=at)
    if by_outcome[Outcome.DEFERRED]:
        case_actions.defer([line.case for line in by_outcome[Outcome.DEFERRED]], by=by, at=at)
    if batch.budget_id and approved:
        _check_fund(batch.budget, approved)
        reserve(batch.budget, approved, by=by, at=at)
    for line in lines:
        line.account_index = line.case.applicant.account_index
        line.current = line.outcome == Outcome.APPROVED
    BatchLine.objects.bulk_update(lines, ["account_index", "current"], batch_size=500)
    Batch.objects.filter(pk=batch.pk).update(status=Batch.Status.DECIDED, decided_at=at)


def _check_fund(account, lines):
    """Somebody may have retired since the list was locked; the database refuses them too."""
    if not account.fund.serves(account.programme, {line.case.applicant.standing for line in lines}):
        raise NotAllowed(_("The fund may no longer be used for everybody on the list."))


def reserve(account, lines, *, by, at):
    """Reserve the amounts of these lines on a budget; the caller holds the fund's lock.

    The database refuses it when the budget does not cover it (invariant IM3).
    """
    total = sum(line.amount_fen for line in lines)
    available = Account.objects.get(pk=account.pk).available_fen
    if total > available:
        raise NotAllowed(_("The budget no longer covers what was decided."))
    Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + total)
    Hold.objects.bulk_create(
        Hold(account=account, line=line, case_id=line.case_id, amount_fen=line.amount_fen, at=at,
             by=by)
        for line in lines
    )  # fmt: skip


def approved_total(meeting):
    """Fen granted in a meeting. One query."""
    lines = BatchLine.objects.filter(batch__meeting=meeting, outcome=Outcome.APPROVED)
    return lines.aggregate(total=Sum("amount_fen"))["total"] or 0
