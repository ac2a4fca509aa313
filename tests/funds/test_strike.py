"""A meeting sets something aside: lines struck, lists put off, a quorum that is lost."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import override

from cases.workflow import Status
from funds import actions
from funds.models import Batch, Meeting, SetAside, Vote
from people.roles import Role
from tests.factories import appoint
from tests.funds.test_batch_actions import ready, refused
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def five(world):
    """A leadership of five: the quorum is four."""
    world.leaders += [appoint(Role.LEADER, world.company) for _n in range(2)]
    return world


def before(world, count=2, present=None):
    """A locked list of recognitions before an open meeting; returns both."""
    batch = world.batch([ready(world) for _n in range(count)])
    world.lock(batch)
    return world.meeting(batch, present), batch


def strike(world, line, by=None, reason="材料待核。"):
    return actions.strike(line=line, by=by or world.company_chair, at=world.tick(), reason=reason)


def attend(world, meeting, *users):
    actions.attend(
        meeting=meeting, present={user.pk for user in users}, by=world.secretary, at=world.tick()
    )


def put_off(world, meeting, batch):
    return actions.put_off(
        meeting=meeting, batch=batch, by=world.secretary, at=world.tick(), reason="人数不足。"
    )


# Struck lines


def test_strike_locks_the_rest_as_a_new_version_before_the_same_meeting(world):
    meeting, batch = before(world)
    first, second = batch.lines.order_by("seq")
    digest = Batch.objects.get(pk=batch.pk).digest

    struck = strike(world, first)

    assert (struck.status, struck.version, struck.meeting) == ("LOCKED", 2, meeting)
    assert struck.digest not in ("", digest)
    assert struck.digest == actions.batch.digest(struck, [second])
    assert (struck.lines_count, list(struck.lines.all())) == (1, [second])


def test_strike_keeps_the_line_aside_with_its_reason(world):
    meeting, batch = before(world)
    line = batch.lines.order_by("seq").first()

    strike(world, line)

    row = SetAside.objects.struck().for_minutes().get()
    assert (row.line, row.version, row.by, row.meeting) == (line, 1, world.company_chair, meeting)
    assert row.reason == "材料待核。"


def test_strike_leaves_the_case_ready_for_another_list(world):
    _meeting, batch = before(world)
    line = batch.lines.select_related("case").order_by("seq").first()

    strike(world, line)

    assert world.fresh(line.case).status == Status.VERIFIED
    assert list(actions.candidates(batch)) == [line.case]


def test_strike_voids_the_votes_and_everybody_votes_again(world):
    meeting, batch = before(world)
    world.vote(batch)

    batch = strike(world, batch.lines.order_by("seq").first())

    waiting = actions.waiting_for(world.leaders[1].actor(world.today)).get()
    assert (waiting, waiting.again) == (batch, True)
    with override("en"):
        why = actions.why_not_record(meeting, world.secretary.actor(world.today))
    assert why == "3 of those present have not voted on “示例名单”."
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    assert Vote.objects.filter(version=1).count() == Vote.objects.filter(version=2).count() == 3


def test_nothing_is_cast_again_where_nothing_was_cast(world):
    _meeting, batch = before(world)

    strike(world, batch.lines.order_by("seq").first())

    assert actions.waiting_for(world.leaders[0].actor(world.today)).get().again is False


def test_strike_is_for_the_company_chair(world):
    _meeting, batch = before(world)
    line = batch.lines.first()

    assert refused(strike, world, line, world.secretary) == (
        "Only the company union chair strikes a line from a list.")  # fmt: skip


def test_strike_needs_a_meeting(world):
    batch = world.batch([ready(world), ready(world)])
    world.lock(batch)

    assert refused(strike, world, batch.lines.first()) == (
        "A line is struck while its list is before a meeting.")  # fmt: skip


def test_strike_ends_with_the_record(world):
    meeting, batch = before(world)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    assert refused(strike, world, batch.lines.first()) == (
        "The meeting has been recorded; the list can only be taken back as a whole.")  # fmt: skip


def test_strike_twice_takes_one_line(world):
    _meeting, batch = before(world, 3)
    line = batch.lines.order_by("seq").first()
    strike(world, line)

    assert refused(strike, world, line) == "This line has been struck already."
    assert Batch.objects.get(pk=batch.pk).lines_count == 2


def test_strike_leaves_no_empty_list(world):
    _meeting, batch = before(world, 1)

    assert refused(strike, world, batch.lines.get()) == (
        "This is the only line; put the whole list off instead.")  # fmt: skip


def test_strike_without_a_reason_changes_nothing(world):
    _meeting, batch = before(world)

    with pytest.raises(TypeError):
        strike(world, batch.lines.first(), reason=" ")

    assert Batch.objects.get(pk=batch.pk).version == 1


# The quorum


def test_who_voted_and_leaves_is_counted_for_that_list_alone(five):
    meeting, first = before(five, 1, present=five.leaders[:4])
    five.vote(first, by=five.leaders[:4])
    second = five.batch([ready(five)])
    five.lock(second)
    actions.put_on_agenda(meeting=meeting, batch=second, by=five.secretary, at=five.tick())

    attend(five, meeting, *five.leaders[:3])

    left = meeting.attendances.get(user=five.leaders[3])
    assert (left.present, left.left_at) == (True, five.now)
    there = meeting.attendances
    assert (there.there_for(first).count(), there.there_for(second).count()) == (4, 3)
    assert there.there().count() == 3


def test_a_list_without_a_quorum_is_not_recorded_until_it_is_put_off(five):
    meeting, first = before(five, 1, present=five.leaders[:4])
    five.vote(first, by=five.leaders[:4])
    second = five.batch([ready(five)])
    five.lock(second)
    actions.put_on_agenda(meeting=meeting, batch=second, by=five.secretary, at=five.tick())
    attend(five, meeting, *five.leaders[:3])

    with override("en"):
        why = actions.why_not_record(meeting, five.secretary.actor(five.today))
    second.refresh_from_db()
    put_off(five, meeting, second)
    actions.record(meeting=meeting, by=five.secretary, at=five.tick())

    assert why == (
        "The quorum is lost: “示例名单” cannot be recorded, 3 of the 4 who are needed are there for"
        " it. Take it off the agenda, or record who came back.")  # fmt: skip
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.RECORDED
    assert first.lines.get().outcome == "APPROVED"


def test_who_left_does_not_vote_any_more_and_may_come_back(five):
    meeting, first = before(five, 1, present=five.leaders[:4])
    five.vote(first, by=five.leaders[3:4])
    second = five.batch([ready(five)])
    five.lock(second)
    actions.put_on_agenda(meeting=meeting, batch=second, by=five.secretary, at=five.tick())
    second.refresh_from_db()
    attend(five, meeting, *five.leaders[:3])
    who = five.leaders[3].actor(five.today)

    with override("en"):
        gone = actions.why_not_vote(second, who)
    waiting = list(actions.waiting_for(who))
    attend(five, meeting, *five.leaders[:4])

    assert (gone, waiting) == ("The secretary has not recorded you as present.", [])
    assert actions.why_not_vote(second, who) == ""


def test_put_off_gives_the_list_to_another_meeting_as_a_new_version(world):
    meeting, batch = before(world)
    world.vote(batch)
    batch.refresh_from_db()

    put_off(world, meeting, batch)

    batch.refresh_from_db()
    assert (batch.status, batch.version, batch.meeting) == ("LOCKED", 2, None)
    assert batch.digest == actions.batch.digest(batch, batch.lines.order_by("seq"))
    assert SetAside.objects.put_off().for_minutes().get().reason == "人数不足。"
    other = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=other, by=world.secretary, at=world.tick())


def test_put_off_is_for_the_secretary(world):
    meeting, batch = before(world)
    who = {"meeting": meeting, "batch": batch, "at": world.tick(), "reason": "人数不足。"}

    assert refused(actions.put_off, by=world.company_chair, **who) == (
        "Only the meeting secretary keeps the record.")  # fmt: skip


def test_put_off_twice_is_refused(world):
    meeting, batch = before(world)
    put_off(world, meeting, batch)

    assert refused(put_off, world, meeting, batch) == "This list is not before the meeting."


# What the database refuses


def refuses(name, act):
    with pytest.raises((IntegrityError, DatabaseError)) as caught, transaction.atomic():
        act()
    assert name in str(caught.value)


def aside(world, meeting, batch, line=None, version=1):
    return lambda: SetAside.objects.create(
        meeting=meeting, batch=batch, line=line, version=version, at=world.now,
        by=world.company_chair,
    )  # fmt: skip


def test_no_list_is_recorded_without_a_quorum_in_the_database(world):
    meeting, _batch = before(world)
    meeting.attendances.filter(user=world.leaders[0]).update(present=False)
    given = {"status": "RECORDED", "recorded_at": world.now, "recorded_by": world.secretary}
    recorded = Meeting.objects.filter(pk=meeting.pk)

    refuses("a list is not recorded without a quorum", lambda: recorded.update(**given))
    meeting.attendances.update(present=True)
    assert recorded.update(**given) == 1


def test_who_voted_before_leaving_counts_in_the_database(world):
    meeting, batch = before(world)
    world.vote(batch, by=world.leaders[:1])
    gone = meeting.attendances.filter(user__in=[world.leaders[0], world.leaders[1]])
    gone.update(left_at=world.now)
    given = {"status": "RECORDED", "recorded_at": world.now, "recorded_by": world.secretary}
    recorded = Meeting.objects.filter(pk=meeting.pk)

    refuses("a list is not recorded without a quorum", lambda: recorded.update(**given))
    world.leaders.pop(1)
    meeting.attendances.filter(user=gone.last().user).update(left_at=None)
    assert recorded.update(**given) == 1


def test_nobody_leaves_who_was_not_there(world):
    meeting, _batch = before(world)
    absent = meeting.attendances.filter(user=world.leaders[0])

    refuses("attendance_left_was_there", lambda: absent.update(present=False, left_at=world.now))


def test_only_a_line_that_was_taken_off_is_struck(world):
    meeting, batch = before(world)
    Batch.objects.filter(pk=batch.pk).update(version=2)

    act = aside(world, meeting, batch, batch.lines.first())

    refuses("only a line taken off its list is struck", act)


def test_what_is_set_aside_makes_a_new_version(world):
    meeting, batch = before(world)

    refuses("what is set aside makes a new version of the list", aside(world, meeting, batch))


def test_one_thing_is_set_aside_a_version(world):
    meeting, batch = before(world)
    Batch.objects.filter(pk=batch.pk).update(version=2)
    aside(world, meeting, batch)()

    with pytest.raises(IntegrityError), transaction.atomic():  # set_aside_once_a_version
        aside(world, meeting, batch)()
