"""What the database itself refuses of lists, meetings, attendance and votes, each by its name."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from funds import actions
from funds.models import Attendance, Batch, BatchLine, Meeting, Vote
from tests.funds.test_batch_actions import emergency, ready
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def batch(world):
    return world.batch([ready(world)])


@pytest.fixture
def meeting(world, batch):
    world.lock(batch)
    return world.meeting(batch)


def refuses(name, act):
    """The database refuses the act; the name of the rule stands in what it says."""
    with pytest.raises((IntegrityError, DatabaseError)) as caught, transaction.atomic():
        act()
    assert name in str(caught.value)


def sets(row, **columns):
    return lambda: type(row)._base_manager.filter(pk=row.pk).update(**columns)


# Meetings


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("meeting_record_complete", {"recorded_at": "2026-03-03T00:00Z"}),
        ("meeting_recorded_has_moment", {"status": "RECORDED"}),
        ("meeting_quorum_in_range", {"quorum": 0}),
        ("meeting_quorum_in_range", {"quorum": 99}),
    ],
)
def test_meeting_rule_stands_in_the_database(meeting, name, columns):
    refuses(name, sets(meeting, **columns))


def test_meeting_status_known(world, meeting):
    given = {"recorded_at": world.now, "recorded_by": world.secretary}

    refuses("meeting_status_known", sets(meeting, status="MAYBE", **given))


def test_meeting_confirmed_complete(world, meeting):
    given = {"recorded_at": world.now, "recorded_by": world.secretary}

    refuses("meeting_confirmed_complete", sets(meeting, status="CONFIRMED", **given))


def test_meeting_confirmed_by_chair(world, meeting):
    given = {"recorded_at": world.now, "recorded_by": world.secretary, "confirmed_at": world.now}
    given |= {"status": "CONFIRMED", "confirmed_by": world.leaders[1]}

    refuses("meeting_confirmed_by_chair", sets(meeting, **given))


def test_meeting_chair_is_not_secretary(world, meeting):
    refuses("meeting_chair_is_not_secretary", sets(meeting, chair=world.secretary))


def test_meeting_number_once(meeting):
    meeting.pk = None

    refuses_unique(Meeting, "meeting_number_once", meeting.save)


def refuses_unique(model, name, act):
    """SQLite names the columns of a unique rule, PostgreSQL its name."""
    (rule,) = [c for c in model._meta.constraints if c.name == name]
    table = model._meta.db_table
    columns = [model._meta.get_field(field).column for field in rule.fields]
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        act()
    said = str(caught.value)
    assert (
        name in said
        or all(f"{table}.{column}" in said for column in columns)
        or ("append-only" in said)
    )


def test_attendance_once(world, meeting):
    row = meeting.attendances.first()

    refuses_unique(
        Attendance,
        "attendance_once",
        lambda: Attendance.objects.create(
            meeting=meeting, user=row.user, present=True, at=world.now, by=world.secretary
        ),
    )


# Lists


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("batch_status_known", {"status": "MAYBE"}),
        ("batch_budget_iff_money", {"programme": "EMERGENCY"}),
        ("batch_lock_complete", {"locked_at": "2026-03-03T00:00Z"}),
        ("batch_locked_has_digest", {"status": "LOCKED"}),
    ],
)
def test_batch_rule_stands_in_the_database(batch, name, columns):
    refuses(name, sets(batch, **columns))


def test_batch_programme_known(world, batch):
    budget = world.budget("EMERGENCY")

    refuses("batch_programme_known", sets(batch, programme="LOTTERY", budget=budget))


def test_batch_recognition_takes_no_budget(world, batch):
    refuses("batch_budget_iff_money", sets(batch, budget=world.budget("EMERGENCY")))


def test_batch_locked_by_another(world, batch):
    given = {"locked_at": world.now, "locked_by": world.company_officer}

    refuses("batch_locked_by_another", sets(batch, **given))


def test_batch_decided_has_moment(meeting, batch):
    refuses("batch_decided_has_moment", sets(batch, status="DECIDED"))


def test_batch_decided_in_meeting(world, batch):
    world.lock(batch)

    refuses("batch_decided_in_meeting", sets(batch, status="DECIDED", decided_at=world.now))


def test_batch_number_once(batch):
    batch.pk = None

    refuses_unique(Batch, "batch_number_once", batch.save)


# Lines


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("line_outcome_known", {"outcome": "MAYBE"}),
        ("line_amount_positive", {"amount_fen": 0}),
        ("line_removed_is_not_current", {"removed": True}),
    ],
)
def test_line_rule_stands_in_the_database(batch, name, columns):
    refuses(name, sets(batch.lines.get(), **columns))


def test_line_once_per_batch(world, batch):
    line = batch.lines.get()

    refuses_unique(
        BatchLine,
        "line_once_per_batch",
        lambda: BatchLine.objects.create(batch=batch, case=line.case, seq=2, current=False),
    )


def test_line_in_one_batch(world, batch):
    line = batch.lines.get()
    other = world.batch([], "RECOGNITION")

    refuses_unique(
        BatchLine,
        "line_in_one_batch",
        lambda: BatchLine.objects.create(batch=other, case=line.case, seq=1),
    )


def test_locked_list_takes_no_line(world, batch):
    case = ready(world)
    world.lock(batch)

    refuses(
        "a locked list takes no new line",
        lambda: BatchLine.objects.create(batch=batch, case=case, seq=2),
    )


@pytest.mark.parametrize("columns", [{"seq": 9}, {"removed": True, "current": False}])
def test_locked_list_keeps_its_lines_as_they_are(world, batch, columns):
    world.lock(batch)

    refuses("a locked list is not changed", sets(batch.lines.get(), **columns))


def test_locked_list_keeps_its_amounts(world):
    batch = world.batch([emergency(world)])
    world.lock(batch)

    refuses("a locked list is not changed", sets(batch.lines.get(), amount_fen=1))


def test_locked_list_loses_no_line(world, batch):
    line = batch.lines.get()
    world.lock(batch)

    refuses("nothing is taken off a locked list", line.delete)


def test_line_kept_aside_is_not_on_the_list(world, batch):
    line = batch.lines.get()
    BatchLine.objects.filter(pk=line.pk).update(removed=True, current=False)

    assert not batch.lines.exists()
    assert BatchLine._base_manager.get(pk=line.pk) == line


# Votes


def cast(world, batch, **given):
    given = {"version": batch.version, "choice": "FOR", "user": world.leaders[0], **given}
    return Vote.objects.create(batch=batch, at=world.now, **given)


def test_vote_choice_known(world, meeting, batch):
    refuses("vote_choice_known", lambda: cast(world, batch, choice="MAYBE"))


def test_vote_once_for_the_rest(world, meeting, batch):
    cast(world, batch)

    refuses_unique(Vote, "vote_once_for_the_rest", lambda: cast(world, batch))


def test_vote_once_per_line(world, meeting, batch):
    line = batch.lines.get()
    cast(world, batch, line=line)

    refuses_unique(Vote, "vote_once_per_line", lambda: cast(world, batch, line=line))


def test_vote_is_cast_on_the_locked_version(world, meeting, batch):
    refuses("votes are cast on the locked version", lambda: cast(world, batch, version=2))


def test_vote_is_sealed(world, meeting, batch):
    vote = cast(world, batch)

    refuses("append-only", lambda: Vote._base_manager.filter(pk=vote.pk).update(choice="AGAINST"))


# Questions


def test_voted_by_gives_the_own_votes_of_this_version_alone(world, meeting, batch):
    world.vote(batch, by=world.leaders[:2])
    own = batch.voted_by(world.leaders[0].pk)
    actions.recall(batch=batch, by=world.company_chair, at=world.tick())
    batch.refresh_from_db()

    assert [(vote.line_id, vote.choice) for vote in own] == [(None, "FOR")]
    assert batch.voted_by(world.leaders[0].pk) == []


def test_to_confirm_is_for_the_chair_of_a_recorded_meeting(world, meeting, batch):
    chair, other = (leader.actor(world.today) for leader in world.leaders[:2])
    before = list(Meeting.objects.to_confirm(chair))
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    assert before == []
    assert list(Meeting.objects.to_confirm(chair)) == [meeting]
    assert list(Meeting.objects.to_confirm(other)) == []
