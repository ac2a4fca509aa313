"""A round of the regular subsidy goes on a list once all its cases are made, and not before."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases import actions as cases
from cases import tasks
from cases.models import Case
from cases.workflow import Programme
from funds import actions as funds
from funds.models import Batch, BatchLine
from tests.cases.refused import not_allowed
from tests.conftest import StrictClient
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr("cases.actions.round.CHUNK", 1)
    world = World()
    world.on_file()
    world.on_file()
    return world


@pytest.fixture
def opening(world):
    """A round whose first case of two is made."""
    opened = cases.start_round(
        company=world.company, title="2026年春节补助", year=2026, festival="SPRING",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    cases.take_round(opened=opened, at=world.tick())
    return opened


def listed(world, opened):
    return funds.create_batch(
        company=world.company, title="春节", programme=Programme.REGULAR, round=opened,
        budget=world.budget(Programme.REGULAR), by=world.company_officer, at=world.tick(),
    )  # fmt: skip


def test_a_list_for_a_round_under_way_is_refused_and_for_a_complete_one_is_not(world, opening):
    with not_allowed("it goes on a list once all are"):
        listed(world, opening)
    tasks.fill_round.call(opening.pk)
    opening.refresh_from_db()

    batch = listed(world, opening)

    assert funds.candidates(batch).count() == 2


def test_no_case_of_a_round_under_way_is_offered(world, opening):
    batch = listed(world, None)

    before = funds.candidates(batch).count()
    tasks.fill_round.call(opening.pk)

    assert (before, funds.candidates(batch).count()) == (0, 2)


def test_the_database_takes_no_line_of_a_round_under_way(world, opening):
    batch = listed(world, None)
    case = Case.objects.get(round=opening)
    refusal = "a round goes on a list once all its cases are made"

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        BatchLine.objects.create(batch=batch, case=case, seq=1, amount_fen=case.proposed_fen)
    tasks.fill_round.call(opening.pk)

    BatchLine.objects.create(batch=batch, case=case, seq=1, amount_fen=case.proposed_fen)


def test_the_form_says_so_at_its_field(world, opening, time_machine):
    time_machine.move_to(world.now, tick=False)
    client = StrictClient()
    client.force_login(world.company_officer)
    budget = world.budget(Programme.REGULAR)

    answer = client.post(
        reverse("funds:batch_new"),
        {"title": "春节", "programme": "REGULAR", "budget": budget.pk, "round": opening.pk},
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["round"]
    assert not Batch.objects.filter(programme=Programme.REGULAR).exists()
