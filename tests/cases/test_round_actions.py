"""Rounds of the regular subsidy: made in chunks, broken off and gone on with, nobody twice."""

from datetime import timedelta

import pytest
from django.db import transaction

from cases import actions, tasks
from cases.actions import round as rounds
from cases.models import Case, CaseDuty, Dossier, LeftOut, Policy, Round, Step
from cases.workflow import Duty, Status
from tests.cases.refused import constraints_of, not_allowed, refused_by
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A company with five households on file."""
    world = World()
    world.on_file_now = [world.on_file() for _n in range(5)]
    return world


def asked(world, **columns):
    given = {"company": world.company, "title": "2026年春节补助", "year": 2026,
             "festival": "SPRING", "by": world.company_officer, "at": world.tick()}  # fmt: skip
    return given | columns


def started(world, **columns):
    return actions.start_round(**asked(world, **columns))


def numbers(opened):
    return list(Case.objects.filter(round=opened).order_by("pk").values_list("number", flat=True))


def policy_says(monkeypatch, **rules):
    """The policy in force says this instead."""
    said = Policy.rules.func

    monkeypatch.setattr(Policy, "rules", property(lambda self: said(self) | rules))


def test_a_started_round_has_no_case_yet_and_says_how_many_there_will_be(world):
    opened = started(world)

    assert (opened.status, opened.households) == (Round.Status.OPENING, 5)
    assert not opened.cases.exists()


def test_each_chunk_makes_cases_with_step_and_duty_numbered_on(world, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    opened = started(world)

    going = [actions.take_round(opened=opened, at=world.tick()) for _n in range(3)]

    assert going == [True, True, False]
    assert numbers(opened) == [f"2026-定-{n:04d}" for n in range(1, 6)]
    steps = Step.objects.filter(case__round=opened)
    assert list(steps.values_list("action", "after").distinct()) == [("open", Status.VERIFIED)]
    assert steps.count() == 5
    duties = CaseDuty.objects.filter(case__round=opened, duty=Duty.VERIFY)
    assert duties.filter(user=world.company_officer).count() == 5
    opened.refresh_from_db()
    assert (opened.status, opened.households) == (Round.Status.OPEN, 5)


def test_killed_in_the_middle_of_a_chunk_it_goes_on_without_gap_or_double(world, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    opened = started(world)
    actions.take_round(opened=opened, at=world.tick())

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "take_duty", killed)  # the last thing a chunk does
        with pytest.raises(KeyboardInterrupt):
            actions.take_round(opened=opened, at=world.tick())
    half = numbers(opened)
    tasks.fill_round.call(opened.pk)

    assert half == ["2026-定-0001", "2026-定-0002"]
    assert numbers(opened) == [f"2026-定-{n:04d}" for n in range(1, 6)]
    assert Case.objects.filter(round=opened).values("dossier").distinct().count() == 5


def test_a_complete_round_makes_nothing_more(world):
    opened = actions.open_round(**asked(world))
    made = numbers(opened)

    again = actions.take_round(opened=opened, at=world.tick())
    tasks.fill_round.call(opened.pk)

    assert (again, numbers(opened)) == (False, made)


def test_two_who_fill_the_same_round_make_no_case_twice(world, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 1)
    opened = started(world)
    stale = Round.objects.get(pk=opened.pk)

    for row in (opened, stale, opened, stale, opened, stale, opened):
        actions.take_round(opened=row, at=world.tick())

    assert len(numbers(opened)) == 5
    assert Round.objects.get(pk=opened.pk).status == Round.Status.OPEN


def test_the_same_round_is_not_opened_twice(world):
    started(world)

    with not_allowed("This round has been opened already."):
        started(world)


def test_a_large_round_is_made_by_the_worker_and_a_small_one_at_once(world, monkeypatch):
    enqueued = []
    monkeypatch.setattr(
        type(tasks.fill_round), "enqueue", lambda self, *args: enqueued.append(args)
    )

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "BACKGROUND_FROM", 5)
        large = tasks.start_round(**asked(world))
    small = tasks.start_round(**asked(world, festival="AUTUMN"))

    assert enqueued == [(large.pk,)]
    assert (large.cases.count(), small.cases.count()) == (0, 5)


def test_whoever_left_the_file_meanwhile_gets_no_case_and_the_count_says_so(world, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    opened = started(world)
    actions.take_round(opened=opened, at=world.tick())
    Dossier.objects.filter(pk=world.on_file_now[-1].pk).update(
        status=Dossier.Status.EXITED, closed_on=world.today, exit_reason="RECOVERED"
    )

    tasks.fill_round.call(opened.pk)

    opened.refresh_from_db()
    assert (opened.households, opened.cases.count()) == (4, 4)


def test_who_is_left_out_is_written_down_with_the_reason(world, monkeypatch):
    late, poor, had = world.on_file_now[:3]
    Dossier.objects.filter(pk=late.pk).update(review_due_on=world.today - DAY)
    Dossier.objects.filter(pk=poor.pk).update(level="GENERAL")
    amounts = {"SPECIAL": 2000_00, "HEAVY": 1500_00, "GENERAL": 0}
    policy_says(monkeypatch, **{"regular.SPRING": amounts})
    judge = rounds.judge

    def nothing_left(drafts, *args, **kwargs):
        found = judge(drafts, *args, **kwargs)
        found[had.pk].reference_fen = 0
        return found

    monkeypatch.setattr(rounds, "judge", nothing_left)

    opened = actions.open_round(**asked(world))

    said = dict(opened.left_out.values_list("dossier", "reason"))
    assert said == {late.pk: "OVERDUE", poor.pk: "LEVEL", had.pk: "MAXIMUM"}
    assert opened.cases.count() == opened.households == 2
    assert numbers(opened) == ["2026-定-0001", "2026-定-0002"]


def test_the_round_rests_on_the_policy_of_the_day_it_was_opened(world):
    opened = started(world)
    world.tick(days=1)

    tasks.fill_round.call(opened.pk)

    policies = opened.cases.values_list("assessment__policy", flat=True).distinct()
    assert list(policies) == [opened.policy_id]


def test_only_the_officer_goes_on_with_a_round(world):
    opened = started(world)

    said = [
        bool(actions.why_not_resume_round(opened, user.actor(world.today)))
        for user in (world.company_officer, world.company_chair)
    ]

    assert said == [False, True]


def broken():
    """(constraint, the columns SQLite names, how it is broken)"""
    return [
        ("round_status_known", "", lambda opened, row: opened.__class__.objects.update(status="X")),
        ("left_out_reason_known", "", lambda opened, row: LeftOut.objects.update(reason="X")),
        ("left_out_level_known", "", lambda opened, row: LeftOut.objects.update(level="X")),
        (
            "left_out_once",
            "cases_leftout.round_id, cases_leftout.dossier_id",
            lambda opened, row: LeftOut.objects.create(
                round=opened, dossier=row.dossier, unit=row.unit, reason="LEVEL"
            ),
        ),
    ]


@pytest.mark.parametrize(("name", "columns", "act"), broken(), ids=lambda value: str(value)[:30])
def test_the_database_refuses(name, columns, act, world):
    Dossier.objects.filter(pk=world.on_file_now[0].pk).update(review_due_on=world.today - DAY)
    opened = started(world)
    row = opened.left_out.get()

    with refused_by(name, columns), transaction.atomic():
        act(opened, row)


def test_every_constraint_is_tried():
    tried = {name for name, _columns, _act in broken()}

    assert constraints_of(LeftOut) <= tried


def test_a_minute_between_chunks_is_kept_in_the_steps(world, monkeypatch):
    monkeypatch.setattr(rounds, "CHUNK", 3)
    opened = started(world)
    first = world.tick()
    actions.take_round(opened=opened, at=first)
    actions.take_round(opened=opened, at=first + timedelta(minutes=1))

    moments = Step.objects.filter(case__round=opened).values_list("at", flat=True)

    assert sorted(set(moments)) == [first, first + timedelta(minutes=1)]
