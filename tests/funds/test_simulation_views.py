"""What a draft of the policy would cost against the budget of the year."""

import pytest
from django.urls import reverse

from cases.workflow import Programme, Status
from funds.models import Account
from people.roles import Role
from tests.cases.test_policy_views import signed_in
from tests.cases.test_simulation import draft_with, simulate
from tests.factories import UnitFactory, appoint
from tests.world import BUDGET_FEN, DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    world.case_in(Status.VERIFIED)
    assert world.fund.accounts.budgets().count() == 2
    world.simulation = simulate(world, draft_with(world))
    time_machine.move_to(world.now + DAY, tick=False)
    return world


def budget_of(world, user):
    address = reverse("funds:simulation_budget", args=[world.simulation.pk])
    return signed_in(user).get(address)


def test_the_cost_stands_beside_the_budget_of_each_programme(world):
    page = budget_of(world, world.company_officer)

    rows = {row["name"]: row for row in page.context["rows"]}
    line = world.simulation.lines.get(programme=Programme.EMERGENCY)
    emergency = rows[Programme.EMERGENCY.label]
    assert (emergency["before_fen"], emergency["after_fen"]) == (
        line.reference_before_fen, line.reference_after_fen,
    )  # fmt: skip
    assert emergency["budget_fen"] == BUDGET_FEN
    assert emergency["left_fen"] == BUDGET_FEN - line.reference_after_fen
    assert rows[Programme.REGULAR.label]["left_fen"] == BUDGET_FEN
    assert page.context["total"]["budget_fen"] == 2 * BUDGET_FEN
    assert page.context["short"] == []


def test_what_was_taken_back_is_no_budget_and_too_little_is_said(world):
    budget = world.budget(Programme.EMERGENCY)
    world.take_back(budget, BUDGET_FEN - 1_00)

    page = budget_of(world, world.company_chair)

    assert Account.objects.allocated(world.company, 2026)[Programme.EMERGENCY] == 1_00
    assert [row["name"] for row in page.context["short"]] == [Programme.EMERGENCY.label]
    assert "notice-attention" in page.text


def test_a_payment_takes_nothing_off_what_was_set_aside(world):
    world.case_in(Status.PAID)

    assert Account.objects.allocated(world.company, 2026)[Programme.EMERGENCY] == BUDGET_FEN
    assert Account.objects.allocated(world.company, 2025) == {}


def test_a_run_under_way_has_no_cost_yet(world):
    type(world.simulation).objects.update(finished_at=None)

    assert budget_of(world, world.company_officer).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [("company_officer", 200), ("auditor", 200), ("officer", 404), ("accountant", 404)],
)
def test_who_may_read_the_cost(who, status, world):
    assert budget_of(world, getattr(world, who)).status_code == status


def test_nobody_of_another_company_reads_it(world):
    other = appoint(Role.COMPANY_CHAIR, UnitFactory(company=True))

    assert budget_of(world, other).status_code == 404


def test_the_page_takes_a_fixed_number_of_queries(world, django_assert_num_queries):
    client = signed_in(world.company_officer)
    address = reverse("funds:simulation_budget", args=[world.simulation.pk])

    # session, user, hats, kin, simulation, two for the budget, clauses of the draft
    with django_assert_num_queries(8):
        client.get(address)
