"""The leadership decides: attendance, quorum, votes, recusals, record, confirmation, money."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from cases.codes import Level
from cases.models import CaseDuty, Step
from cases.workflow import Duty, Programme, Status
from funds import actions, signals
from funds.models import Account, Batch, BatchLine, Fund, Hold, Meeting, Vote
from people.actions import register_relative
from people.roles import Role
from tests.factories import AppointmentFactory, appoint
from tests.funds.test_batch_actions import emergency, ready, refused, together
from tests.world import World

pytestmark = pytest.mark.django_db

FOR, AGAINST, ABSTAIN, DEFER = "FOR", "AGAINST", "ABSTAIN", "DEFER"
Outcome = BatchLine.Outcome


@pytest.fixture
def world():
    return World()


@pytest.fixture
def five(world):
    """A leadership of five: the quorum is four."""
    world.leaders += [appoint(Role.LEADER, world.company) for _n in range(2)]
    return world


def before_meeting(world, listed, present=None):
    """A locked list before a meeting; returns both."""
    batch = world.batch(listed)
    world.lock(batch)
    return world.meeting(batch, present), batch


def cast(world, batch, *choices, lines=None):
    """The leaders vote in order, each their choice for everything on the list."""
    for leader, choice in zip(world.leaders, choices, strict=False):
        world.vote(batch, choice, by=[leader], lines=lines)


def record(world, meeting):
    return actions.record(meeting=meeting, by=world.secretary, at=world.tick())


def confirm(world, meeting):
    return actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())


def outcomes(batch):
    return [line.outcome for line in batch.lines.order_by("seq")]


# Calling


@pytest.mark.parametrize(("members", "quorum"), [(3, 3), (4, 3), (5, 4), (6, 5), (9, 7)])
def test_open_meeting_takes_the_quorum_from_the_policy(world, members, quorum):
    for _n in range(members - 3):
        appoint(Role.LEADER, world.company)

    meeting = actions.open_meeting(
        company=world.company, held_on=world.today, chair=world.leaders[0], by=world.secretary,
        at=world.tick(),
    )  # fmt: skip

    assert (meeting.members_count, meeting.quorum) == (members, quorum)


def test_open_meeting_is_for_the_secretary(world):
    sentence = refused(
        actions.open_meeting, company=world.company, held_on=world.today, chair=world.leaders[0],
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    assert sentence == "Only the meeting secretary calls a meeting."


def test_open_meeting_is_chaired_by_a_member(world):
    sentence = refused(
        actions.open_meeting, company=world.company, held_on=world.today,
        chair=world.company_chair, by=world.secretary, at=world.tick(),
    )  # fmt: skip

    assert sentence == "The chair of the meeting is a member of the leadership."


def test_put_on_agenda_wants_a_locked_list(world):
    meeting, _batch = before_meeting(world, [ready(world)])
    building = world.batch([], Programme.RECOGNITION)

    sentence = refused(
        actions.put_on_agenda, meeting=meeting, batch=building, by=world.secretary, at=world.tick()
    )

    assert sentence == "Only a locked list comes before the meeting."


def test_put_on_agenda_leaves_the_list_of_another_meeting(world):
    _first, batch = before_meeting(world, [ready(world)])
    second = actions.open_meeting(
        company=world.company, held_on=world.today, chair=world.leaders[0], by=world.secretary,
        at=world.tick(),
    )  # fmt: skip

    sentence = refused(
        actions.put_on_agenda, meeting=second, batch=batch, by=world.secretary, at=world.tick()
    )

    assert sentence == "This list is before another meeting; the company chair takes it back."


def test_put_on_agenda_leaves_the_lists_of_another_company(world):
    meeting, _batch = before_meeting(world, [ready(world)])
    elsewhere = World(world.tick())
    theirs = elsewhere.batch([ready(elsewhere)])
    elsewhere.lock(theirs)

    sentence = refused(
        actions.put_on_agenda, meeting=meeting, batch=theirs, by=world.secretary, at=world.tick()
    )

    assert sentence == "Only a locked list comes before the meeting."


def test_attend_keeps_who_has_voted(world):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR)

    actions.attend(meeting=meeting, present=set(), by=world.secretary, at=world.tick())

    present = meeting.attendances.filter(present=True)
    assert [row.user for row in present] == [world.leaders[0]]


def test_attend_counts_no_stranger(world):
    meeting, _batch = before_meeting(world, [ready(world)])

    actions.attend(meeting=meeting, present={world.auditor.pk}, by=world.secretary, at=world.tick())

    assert not meeting.attendances.filter(user=world.auditor).exists()


def test_attend_is_for_the_secretary_and_ends_with_the_record(world):
    meeting, batch = before_meeting(world, [ready(world)])
    who = {"meeting": meeting, "present": set(), "at": world.tick()}
    by_chair = refused(actions.attend, by=world.leaders[0], **who)
    cast(world, batch, FOR, FOR, FOR)
    record(world, meeting)

    assert by_chair == "Only the meeting secretary keeps the record."
    assert refused(actions.attend, by=world.secretary, **who) == "The meeting has been recorded."


# Voting


def vote(world, batch, by, **given):
    given = {"rest": FOR, "lines": {}, "version": batch.version, **given}
    return actions.vote(batch=batch, by=by, at=world.tick(), **given)


def test_vote_writes_one_row_for_the_rest_and_one_for_each_item(world):
    listed = [ready(world), ready(world, level=Level.GENERAL), ready(world)]
    _meeting, batch = before_meeting(world, listed)
    single = batch.lines.get(single=True)
    pulled = batch.lines.filter(single=False).first()
    leader = world.leaders[0]

    vote(world, batch, leader, lines={single.pk: AGAINST, pulled.pk: DEFER})

    votes = set(batch.votes.values_list("line", "choice", "version", "user"))
    assert votes == {
        (single.pk, AGAINST, 1, leader.pk),
        (pulled.pk, DEFER, 1, leader.pk),
        (None, FOR, 1, leader.pk),
    }
    duties = CaseDuty.objects.filter(case__in=listed, user=leader).values_list("duty", flat=True)
    assert list(duties) == [Duty.VOTE] * 3


def test_vote_wants_a_choice_on_every_individual_item(world):
    _meeting, batch = before_meeting(world, [ready(world, level=Level.GENERAL)])

    assert refused(vote, world, batch, world.leaders[0]) == (
        "Decide on every individual item first."
    )
    assert not batch.votes.exists()


def test_vote_twice_is_refused(world):
    _meeting, batch = before_meeting(world, [ready(world)])
    vote(world, batch, world.leaders[0])

    assert refused(vote, world, batch, world.leaders[0]) == "You have voted on this list."
    assert batch.votes.count() == 1


def test_vote_on_an_old_version_is_refused(world):
    _meeting, batch = before_meeting(world, [ready(world)])

    assert refused(vote, world, batch, world.leaders[0], version=batch.version + 1) == (
        "The list has been changed since; read the new version first."
    )


@pytest.mark.parametrize("who", ["secretary", "company_chair", "company_officer", "auditor"])
def test_vote_is_for_the_leadership(world, who):
    _meeting, batch = before_meeting(world, [ready(world)])

    assert refused(vote, world, batch, getattr(world, who)) == (
        "Only the members of the leadership vote."
    )


def test_vote_of_another_leadership_is_refused(world):
    _meeting, batch = before_meeting(world, [ready(world)])
    elsewhere = World(world.tick())

    assert refused(vote, world, batch, elsewhere.leaders[0]) == (
        "Only the members of the leadership vote."
    )


def test_vote_before_a_meeting_is_refused(world):
    batch = world.batch([ready(world)])
    world.lock(batch)

    assert refused(vote, world, batch, world.leaders[0]) == "This list is not before a meeting."


def test_vote_of_who_is_absent_is_refused(world):
    _meeting, batch = before_meeting(world, [ready(world)], present=world.leaders[:2])

    assert refused(vote, world, batch, world.leaders[2]) == (
        "The secretary has not recorded you as present."
    )


def test_vote_after_the_record_is_refused(world):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR, FOR, FOR)
    record(world, meeting)

    assert refused(vote, world, batch, world.leaders[0]) == (
        "The meeting has been recorded; its votes are closed."
    )


@pytest.mark.parametrize("choice", ["RECUSED", "PERHAPS", ""])
def test_vote_knows_four_choices_and_no_other(world, choice):
    _meeting, batch = before_meeting(world, [ready(world)])
    line = batch.lines.get()

    with pytest.raises(TypeError):
        vote(world, batch, world.leaders[0], rest=choice)
    with pytest.raises(TypeError):
        vote(world, batch, world.leaders[0], lines={line.pk: choice})

    assert not batch.votes.exists()


# Recusal


def related(world, user, case):
    register_relative(
        relation="SIBLING", name="亲属", id_number=case.applicant.id_number, by=user, at=world.now
    )


def own(world, user, case):
    person, other = case.applicant, case.applicant.user
    other.person = None
    other.save()
    user.person = person
    user.save()


def reviewed(world, user, case):
    AppointmentFactory(user=user, role=Role.UNIT_OFFICER, unit=world.unit)


@pytest.mark.parametrize("tie", [related, own])
def test_vote_leaves_out_kin_and_the_own_case(world, tie):
    case, other = ready(world), ready(world)
    leader = world.leaders[0]
    tie(world, leader, case)
    _meeting, batch = before_meeting(world, [case, other])
    line = batch.lines.get(case=case)

    vote(world, batch, leader, lines={line.pk: FOR})

    chosen = dict(batch.votes.filter(user=leader).values_list("line", "choice"))
    assert chosen == {line.pk: Vote.Choice.RECUSED, None: FOR}
    assert not CaseDuty.objects.filter(case=case, user=leader, duty=Duty.VOTE).exists()
    assert CaseDuty.objects.filter(case=other, user=leader, duty=Duty.VOTE).exists()


def test_vote_leaves_out_who_had_another_part_in_the_case(world):
    leader = world.leaders[0]
    AppointmentFactory(user=leader, role=Role.UNIT_OFFICER, unit=world.unit)
    case = world.household()
    world.submit(case)
    world.review(case, by=leader)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case)
    _meeting, batch = before_meeting(world, [world.fresh(case)])
    line = batch.lines.get()

    vote(world, batch, leader)

    assert actions.recused_lines(batch, leader.actor(world.today)) == {line.pk}
    assert batch.votes.get(user=leader, line=line).choice == Vote.Choice.RECUSED


def test_recusals_are_left_out_of_the_count(world):
    """Three present, one recused: one vote of two is no majority, two of two is."""
    case = ready(world)
    related(world, world.leaders[2], case)
    meeting, batch = before_meeting(world, [case])
    single = batch.lines.get().pk
    vote(world, batch, world.leaders[0], lines={single: FOR})
    vote(world, batch, world.leaders[1], lines={single: ABSTAIN})
    vote(world, batch, world.leaders[2])

    (tally,) = actions.tallies(batch, 50)

    assert (tally.in_favour, tally.abstained, tally.recused) == (1, 1, 1)
    assert tally.outcome == Outcome.REFUSED
    record(world, meeting)
    assert outcomes(batch) == [Outcome.REFUSED]


def test_line_on_which_everybody_is_recused_is_deferred(world):
    case = ready(world)
    for leader in world.leaders:
        related(world, leader, case)
    meeting, batch = before_meeting(world, [case])
    for leader in world.leaders:
        vote(world, batch, leader)

    record(world, meeting)

    assert outcomes(batch) == [Outcome.DEFERRED]


# Counting


@pytest.mark.parametrize(
    ("choices", "outcome"),
    [
        ((FOR, FOR, FOR, AGAINST, AGAINST), Outcome.APPROVED),
        ((FOR, FOR, AGAINST, AGAINST, AGAINST), Outcome.REFUSED),
        ((FOR, FOR, ABSTAIN, ABSTAIN, ABSTAIN), Outcome.REFUSED),
        ((FOR, FOR, DEFER, DEFER, AGAINST), Outcome.REFUSED),
        ((DEFER, DEFER, DEFER, FOR, FOR), Outcome.DEFERRED),
        ((FOR, FOR, FOR, FOR), Outcome.APPROVED),
    ],
)
def test_outcome_needs_more_than_half_of_those_present(five, choices, outcome):
    case = ready(five)
    meeting, batch = before_meeting(five, [case], present=five.leaders[: len(choices)])
    cast(five, batch, *choices)

    record(five, meeting)

    assert outcomes(batch) == [outcome]


@pytest.mark.parametrize("present", [4, 5])
def test_removing_one_vote_in_favour_flips_the_result_at_the_boundary(five, present):
    meeting, batch = before_meeting(five, [ready(five)], present=five.leaders[:present])
    needed = present // 2 + 1
    enough = (FOR,) * needed + (AGAINST,) * (present - needed)
    with transaction.atomic():
        cast(five, batch, *enough)
        (with_them,) = actions.tallies(batch, 50)
        transaction.set_rollback(True)
    cast(five, batch, *enough[1:], AGAINST)
    (without_one,) = actions.tallies(batch, 50)

    assert (with_them.outcome, without_one.outcome) == (Outcome.APPROVED, Outcome.REFUSED)


def test_vote_of_who_went_absent_since_is_not_counted(five):
    """The row of attendance decides, whatever votes there are."""
    meeting, batch = before_meeting(five, [ready(five)])
    cast(five, batch, FOR, FOR, FOR, AGAINST, AGAINST)
    meeting.attendances.filter(user=five.leaders[0]).update(present=False)

    (tally,) = actions.tallies(batch, 50)

    assert (tally.in_favour, tally.against, tally.outcome) == (2, 2, Outcome.REFUSED)


def test_who_is_present_without_a_vote_counts_as_abstained(five):
    _meeting, batch = before_meeting(five, [ready(five)])
    cast(five, batch, FOR, FOR)

    (tally,) = actions.tallies(batch, 50)

    assert (tally.in_favour, tally.abstained, tally.outcome) == (2, 3, Outcome.REFUSED)


# Recording


def test_record_is_refused_below_the_quorum(five):
    meeting, batch = before_meeting(five, [ready(five)], present=five.leaders[:3])
    cast(five, batch, FOR, FOR, FOR)

    assert refused(record, five, meeting) == "The quorum is 4; record who is present."


def test_record_with_exactly_the_quorum_is_allowed(five):
    meeting, batch = before_meeting(five, [ready(five)], present=five.leaders[:4])
    cast(five, batch, FOR, FOR, FOR, FOR)

    assert record(five, meeting).status == Meeting.Status.RECORDED


def test_record_is_refused_without_a_list(world):
    meeting, batch = before_meeting(world, [ready(world)])
    actions.recall(batch=batch, by=world.company_chair, at=world.tick())

    assert refused(record, world, meeting) == "There is no list before this meeting."


def test_record_is_refused_while_somebody_present_has_not_voted(world):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR, FOR)

    assert refused(record, world, meeting) == ("1 of those present have not voted on “示例名单”.")


def test_record_is_refused_without_the_chair_of_the_meeting(five):
    meeting, batch = before_meeting(five, [ready(five)], present=five.leaders[1:])
    five.vote(batch, by=five.leaders[1:])

    assert refused(record, five, meeting) == (
        "The chair of the meeting is not recorded as present."
    )


def test_record_is_for_the_secretary(world):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR, FOR, FOR)

    assert refused(
        actions.record, meeting=meeting, by=world.leaders[0], at=world.tick()
    ) == "Only the meeting secretary keeps the record."  # fmt: skip


def test_record_decides_nothing_yet(world):
    case = emergency(world)
    meeting, batch = before_meeting(world, [case])
    cast(world, batch, FOR, FOR, FOR)

    record(world, meeting)

    assert world.fresh(case).status == Status.TABLED
    assert not Hold.objects.exists()


# Confirming


def test_confirm_reserves_exactly_what_was_approved(world):
    first, second = emergency(world), emergency(world)
    batch = world.batch([first, second])
    line = batch.lines.get(case=second)
    world.decide(batch, lines={line.pk: AGAINST})

    batch.budget.refresh_from_db()
    holds = list(Hold.objects.values_list("case", "amount_fen", "account"))
    assert holds == [(first.pk, first.proposed_fen, batch.budget_id)]
    assert batch.budget.held_fen == first.proposed_fen == world.fresh(first).granted_fen
    assert actions.approved_total(batch.meeting) == first.proposed_fen


def test_confirm_keeps_the_five_totals_equal(world):
    batch = world.batch([emergency(world), emergency(world)])
    world.decide(batch)
    notice = world.publish(batch)
    world.clear()
    run = world.prepare(batch)

    batch.budget.refresh_from_db()
    lines = sum(line.amount_fen for line in batch.lines.all())
    assert {lines, batch.total_fen, batch.budget.held_fen, notice.total_fen, run.total_fen} == {
        lines
    }


def test_confirm_takes_each_case_where_the_meeting_sent_it(world):
    good, bad, later = emergency(world), emergency(world), emergency(world)
    batch = world.batch([good, bad, later])
    lines = {line.case_id: line.pk for line in batch.lines.all()}
    world.decide(batch, lines={lines[bad.pk]: AGAINST, lines[later.pk]: DEFER})

    statuses = [world.fresh(case).status for case in (good, bad, later)]
    assert statuses == [Status.APPROVED, Status.DECLINED, Status.VERIFIED]
    assert list(batch.lines.order_by("seq").values_list("current", flat=True)) == [
        True, False, False]  # fmt: skip
    assert list(actions.candidates(world.batch([], Programme.EMERGENCY))) == [later]
    assert Step.objects.get(case=good, action="approve").by == world.leaders[0]


def test_confirm_freezes_the_payee_account(world):
    case = emergency(world)
    batch = world.batch([case])

    world.decide(batch)

    assert batch.lines.get().account_index == case.applicant.account_index != ""


@pytest.mark.parametrize("who", ["secretary", "company_chair", "leader"])
def test_confirm_is_for_who_chaired(world, who):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR, FOR, FOR)
    record(world, meeting)
    by = world.leaders[1] if who == "leader" else getattr(world, who)

    assert refused(actions.confirm, meeting=meeting, by=by, at=world.tick()) == (
        "Only whoever chaired the meeting confirms its record."
    )
    assert world.fresh(batch.lines.get().case).status == Status.TABLED


def test_confirm_before_the_record_is_refused(world):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR, FOR, FOR)

    assert refused(confirm, world, meeting) == "The secretary must record the result first."


def test_confirm_twice_is_refused(world):
    batch = world.batch([ready(world)])
    meeting = world.decide(batch)

    assert refused(confirm, world, meeting) == "The record has been confirmed."


def test_confirm_over_the_budget_is_refused_whole(world):
    case, recognised = emergency(world), ready(world)
    meeting, batch = before_meeting(world, [case])
    second = world.batch([recognised])
    world.lock(second)
    actions.put_on_agenda(meeting=meeting, batch=second, by=world.secretary, at=world.tick())
    second.refresh_from_db()
    cast(world, batch, FOR, FOR, FOR)
    cast(world, second, FOR, FOR, FOR)
    record(world, meeting)
    world.take_back(batch.budget, batch.budget.available_fen - case.proposed_fen + 1)

    sentence = refused(confirm, world, meeting)

    meeting.refresh_from_db()
    batch.refresh_from_db()
    assert sentence == "The budget no longer covers what was decided."
    assert (meeting.status, batch.status) == (Meeting.Status.RECORDED, Batch.Status.LOCKED)
    assert [world.fresh(c).status for c in (case, recognised)] == [Status.TABLED] * 2
    assert not Hold.objects.exists()
    assert Account.objects.get(pk=batch.budget_id).held_fen == 0


def test_confirm_tells_the_room_above_after_the_commit(world, django_capture_on_commit_callbacks):
    meeting, batch = before_meeting(world, [ready(world)])
    cast(world, batch, FOR, FOR, FOR)
    record(world, meeting)
    told = []

    def listen(sender, at, **_more):
        told.append(at)

    signals.decided.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            confirm(world, meeting)
            early = list(told)
    finally:
        signals.decided.disconnect(listen)

    assert (early, told) == ([], [world.now])


# Two at once


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_double_vote_counts_once(world):
    _meeting, batch = before_meeting(world, [ready(world)])
    at = world.tick()

    def act():
        actions.vote(
            batch=batch, by=world.leaders[0], at=at, rest=FOR, lines={}, version=batch.version
        )

    raised = together(act, act, act)

    assert sorted(raised, key=bool) == [None] + ["You have voted on this list."] * 2
    assert batch.votes.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_confirmations_reserve_once(world):
    case = emergency(world)
    meeting, batch = before_meeting(world, [case])
    cast(world, batch, FOR, FOR, FOR)
    record(world, meeting)
    at = world.tick()

    def act():
        actions.confirm(meeting=meeting, by=world.leaders[0], at=at)

    raised = together(act, act)

    batch.budget.refresh_from_db()
    assert sorted(raised, key=bool) == [None, "The record has been confirmed."]
    assert batch.budget.held_fen == case.proposed_fen
    assert Step.objects.filter(case=case, action="approve").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_vote_against_recall_leaves_no_vote_on_the_new_version(world):
    _meeting, batch = before_meeting(world, [ready(world)])
    at = world.tick()

    together(
        lambda: actions.vote(
            batch=batch, by=world.leaders[0], at=at, rest=FOR, lines={}, version=1
        ),
        lambda: actions.recall(batch=batch, by=world.company_chair, at=at),
    )

    batch.refresh_from_db()
    assert (batch.version, batch.status) == (2, Batch.Status.BUILDING)
    assert not batch.votes.filter(version=2).exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_vote_against_being_recorded_absent_is_counted_or_refused(world):
    """Whoever got the vote in stays present; whoever did not is refused."""
    meeting, batch = before_meeting(world, [ready(world)])
    leader = world.leaders[2]
    at = world.tick()

    raised, _other = together(
        lambda: actions.vote(
            batch=batch, by=leader, at=at, rest=FOR, lines={}, version=batch.version
        ),
        lambda: actions.attend(
            meeting=meeting, present={u.pk for u in world.leaders[:2]}, by=world.secretary, at=at
        ),
    )

    present = meeting.attendances.get(user=leader).present
    assert present == (raised is None) == batch.votes.filter(user=leader).exists()


def test_vote_is_refused_by_the_database_when_the_list_is_not_locked(world):
    batch = world.batch([ready(world)])

    with pytest.raises(DatabaseError), transaction.atomic(using=connection.alias):
        Vote.objects.create(batch=batch, version=1, user=world.leaders[0], choice=FOR, at=world.now)


def test_confirm_is_refused_when_the_fund_no_longer_serves_somebody_on_the_list(world):
    case = emergency(world)
    meeting, batch = before_meeting(world, [case])
    cast(world, batch, FOR, FOR, FOR)
    record(world, meeting)
    Fund.objects.filter(pk=world.fund.pk).update(standings=["PAID_OFF"])

    sentence = refused(confirm, world, meeting)

    assert sentence == "The fund may no longer be used for everybody on the list."
    assert not Hold.objects.exists()
