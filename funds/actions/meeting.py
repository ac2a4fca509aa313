"""The leadership decides together: meeting, attendance, votes, record, confirmation (fact 2.9)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from base.sets import choose, insert_select
from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, workflow
from cases.models import Case, Counter
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

    Somebody who has voted already was there, and has left when they are not among `present`: they
    are counted for the lists they voted on and for no other.
    """
    meeting = _kept(meeting, by, at)
    voted = set(Vote.objects.filter(batch__meeting=meeting).values_list("user_id", flat=True))
    left = dict(meeting.attendances.exclude(left_at=None).values_list("user_id", "left_at"))
    for member in members(meeting.company_id, meeting.held_on):
        gone = member.pk in voted and member.pk not in present
        columns = {
            "present": member.pk in present or gone,
            "left_at": left.get(member.pk, at) if gone else None,
        }
        Attendance.objects.update_or_create(
            meeting=meeting, user=member, defaults=columns | {"at": at, "by": by}
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
    if not meeting.attendances.there().filter(user=actor.user_id).exists():
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
    return _stands_back(lines, batch.meeting.held_on, [actor])[actor.user_id]


def recusals(lines, on, actors):
    """{line pk: names of those who do not vote on it}; three queries for any number of both."""
    back = _stands_back(lines, on, actors)
    return {
        line.pk: [actor.name for actor in actors if line.pk in back[actor.user_id]]
        for line in lines
    }


def _stands_back(lines, on, actors):
    """{user id: pks of the lines on which they do not vote}."""
    read = facts.read([line.case for line in lines], on, ())
    return {
        actor.user_id: {
            line.pk
            for line in lines
            if actor.kin & read[line.case_id].household
            or workflow.why_not_duty(read[line.case_id], Duty.VOTE, actor)
        }
        for actor in actors
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
    there = batch.meeting.attendances.there_for(batch)
    present = set(there.values_list("user_id", flat=True))
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
                count["RECUSED"], outcome_of(count, len(present), majority_percent),
            )
        )  # fmt: skip
    return found


def outcome_of(count, present, majority_percent):
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
    came = meeting.attendances.filter(present=True)
    present = set(came.values_list("user_id", flat=True))
    if len(present) < meeting.quorum:
        return _("The quorum is %(quorum)s; record who is present.") % {"quorum": meeting.quorum}
    batches = list(meeting.batches.filter(status=Batch.Status.LOCKED))
    if to_ratify(meeting).filter(meeting=None).exists():
        return _("Record first whether the meeting ratifies the advances.")
    if not batches and not meeting.advances.exists() and not meeting.set_asides.exists():
        return _("There is no list before this meeting.")
    for batch in batches:
        there = meeting.attendances.there_for(batch)
        voters = set(there.values_list("user_id", flat=True))
        if len(voters) < meeting.quorum:
            return why_no_quorum(batch, len(voters), meeting.quorum)
        voted = batch.votes.filter(version=batch.version, line=None)
        if waiting := voters - set(voted.values_list("user_id", flat=True)):
            return _("%(count)s of those present have not voted on “%(title)s”.") % {
                "count": len(waiting), "title": batch.title}  # fmt: skip
    if meeting.chair_id not in present:
        return _("The chair of the meeting is not recorded as present.")
    return ""


def why_no_quorum(batch, count, quorum):
    """Why a list cannot be recorded in this meeting: too many have left."""
    return _(
        "The quorum is lost: “%(title)s” cannot be recorded, %(count)s of the %(quorum)s who are"
        " needed are there for it. Take it off the agenda, or record who came back."
    ) % {"title": batch.title, "count": count, "quorum": quorum}


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
            _write_outcomes(batch, tallies(batch, percent))
    meeting.status, meeting.recorded_at, meeting.recorded_by = Meeting.Status.RECORDED, at, by
    meeting.save(update_fields=["status", "recorded_at", "recorded_by"])
    return meeting


def _write_outcomes(batch, found):
    """One statement whatever the length of the list."""
    by_outcome = defaultdict(list)
    for tally in found:
        by_outcome[tally.outcome].append(tally.line.pk)
    outcome = BatchLine._meta.get_field("outcome")
    batch.lines.update(outcome=choose(by_outcome.items(), default="", output_field=outcome))


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
    """What the meeting decided of one list: as many statements whatever its length."""
    outcomes = set(batch.lines.order_by().values_list("outcome", flat=True).distinct())
    acts = {
        Outcome.APPROVED: case_actions.approve,
        Outcome.REFUSED: case_actions.refuse,
        Outcome.DEFERRED: case_actions.defer,
    }
    for outcome, act in acts.items():
        if outcome in outcomes:
            lines = batch.lines.filter(outcome=outcome)
            act(Case.objects.filter(pk__in=lines.values("case")), by=by, at=at)
    if batch.budget_id and Outcome.APPROVED in outcomes:
        approved = batch.lines.filter(outcome=Outcome.APPROVED)
        _check_fund(batch.budget, approved)
        reserve(batch.budget, approved, by=by, at=at)
    payee = Case.objects.filter(pk=OuterRef("case")).values("applicant__account_index")
    batch.lines.update(
        account_index=Subquery(payee),
        current=ExpressionWrapper(Q(outcome=Outcome.APPROVED), BooleanField()),
    )
    Batch.objects.filter(pk=batch.pk).update(status=Batch.Status.DECIDED, decided_at=at)


def _check_fund(account, lines):
    """Somebody may have retired since the list was locked; the database refuses them too."""
    standings = lines.order_by().values_list("case__applicant__standing", flat=True).distinct()
    if not account.fund.serves(account.programme, set(standings)):
        raise NotAllowed(_("The fund may no longer be used for everybody on the list."))


def reserve(account, lines, *, by, at):
    """Reserve the amounts of these lines, a query, on a budget; the caller holds the fund's lock.

    The database refuses it when the budget does not cover it (invariant IM3).
    """
    total = lines.aggregate(total=Sum("amount_fen"))["total"] or 0
    available = Account.objects.get(pk=account.pk).available_fen
    if total > available:
        raise NotAllowed(_("The budget no longer covers what was decided."))
    Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + total)
    insert_select(
        Hold, lines.order_by("pk"), account=account, line=F("pk"), case=F("case"),
        amount_fen=F("amount_fen"), at=at, by=by,
    )  # fmt: skip


def approved_total(meeting):
    """Fen granted in a meeting. One query."""
    lines = BatchLine.objects.filter(batch__meeting=meeting, outcome=Outcome.APPROVED)
    return lines.aggregate(total=Sum("amount_fen"))["total"] or 0
