"""Referrals: passed on until a day, answered, called back, closed."""

import pytest

from cases import actions
from cases.models import Referral
from people.roles import NotAllowed, Role
from tests.cases.must_visits import answered, passed_on, told
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def closed(world, referral, by=None, **call):
    return actions.close_referral(
        referral=referral, by=by or world.officer, at=world.tick(), **call
    )


def test_passed_on_with_a_day_for_the_answer(world):
    incident = told(world)

    referral = passed_on(world, incident.person, incident=incident, contact="王律师")

    assert (referral.unit, referral.status, referral.passed_by, referral.incident) == (
        world.unit, "OPEN", world.officer, incident,
    )  # fmt: skip
    assert (referral.contact, referral.words) == ("王律师", "咨询劳动合同")
    assert referral.due_on == world.today + 21 * DAY  # fifteen working days


def test_sent_twice_passed_on_once(world):
    first = passed_on(world)

    assert passed_on(world, first.person) == first
    assert passed_on(world, first.person, kind="JOB") != first
    assert Referral.objects.count() == 2


@pytest.mark.parametrize("who", ["informant", "auditor", "company_chair", "elsewhere"])
def test_who_may_not_pass_on(who, world):
    by = appoint(Role.UNIT_OFFICER, world.other_unit) if who == "elsewhere" else getattr(world, who)
    referral = passed_on(world)

    with pytest.raises(NotAllowed):
        passed_on(world, referral.person, by=by, kind="JOB")
    with pytest.raises(NotAllowed):
        actions.answer_referral(
            referral=referral, outcome="HELPED", answered_on=world.today, by=by, at=world.tick()
        )


def test_the_answer_is_written_down_once(world):
    referral = answered(world, passed_on(world), work_order="12351-1")

    assert (referral.status, referral.outcome, referral.answered_on, referral.work_order) == (
        "ANSWERED", "HELPED", world.today, "12351-1",
    )  # fmt: skip
    assert (referral.answer, referral.answered_by) == ("已受理", world.officer)
    with pytest.raises(NotAllowed):
        answered(world, referral)


@pytest.mark.parametrize("days", [-1, 1])
def test_an_answer_lies_between_passing_on_and_today(days, world):
    with pytest.raises(NotAllowed):
        answered(world, passed_on(world), answered_on=world.today + days * DAY)


def test_closed_with_what_the_worker_says(world):
    referral = answered(world, passed_on(world))

    done = closed(world, referral, called_on=world.today, satisfaction="GOOD")

    assert (done.status, done.called_on, done.satisfaction, done.closed_by) == (
        "CLOSED", world.today, "GOOD", world.officer,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        closed(world, referral)


def test_closed_without_a_call(world):
    assert closed(world, answered(world, passed_on(world))).satisfaction == ""


def test_what_is_refused_when_closing(world):
    with pytest.raises(NotAllowed):
        closed(world, passed_on(world))
    referral = answered(world, passed_on(world))
    for call in (
        {"called_on": world.today}, {"satisfaction": "GOOD"},
        {"called_on": world.today + DAY, "satisfaction": "GOOD"},
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            closed(world, referral, **call)
    with pytest.raises(NotAllowed):
        closed(world, referral, by=world.informant)
