"""Rounds of the regular subsidy by HTTP: preview, opening, cases by unit."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions
from cases.models import Dossier, Policy, Round
from people.roles import Role
from tests.conftest import StrictClient
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + 60 * DAY, tick=False)
    return world


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def opened(world, festival="SPRING"):
    return actions.open_round(
        company=world.company, title="2026年春节补助", year=2026, festival=festival,
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip


PEOPLE = ("stranger", "employee", "officer", "company_officer", "company_chair", "leader",
          "auditor", "abroad")  # fmt: skip
MATRIX = {
    "round_list": (302, 403, 403, 200, 200, 403, 200, 200),
    "round_new": (302, 403, 403, 200, 403, 403, 403, 200),
    "round_detail": (302, 403, 403, 200, 200, 403, 200, 404),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world):
    world.on_file()
    campaign = opened(world)
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "employee": lambda: world.employee(),
        "leader": lambda: world.leaders[0],
        "abroad": lambda: appoint(Role.COMPANY_OFFICER, UnitFactory(company=True)),
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {
        "round_list": client.get(url("round_list")).status_code,
        "round_new": client.get(url("round_new")).status_code,
        "round_detail": client.get(url("round_detail", campaign.pk)).status_code,
    }

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_the_preview_says_how_many_of_each_level_and_what_it_costs(world):
    world.on_file()
    world.on_file()

    page = signed_in(world.company_officer).get(url("round_new")).context

    assert page["households"] == 2
    assert page["rows"][0][1:] == (2, [(2000_00, 4000_00), (1000_00, 2000_00)])
    assert [row[1] for row in page["rows"]] == [2, 0, 0]
    assert page["totals"] == [4000_00, 2000_00]
    assert not Round.objects.exists()


def test_the_preview_names_who_is_left_out(world):
    world.on_file()
    late = world.on_file()
    Dossier.objects.filter(pk=late.pk).update(review_due_on=world.today - 400 * DAY)

    page = signed_in(world.company_officer).get(url("round_new"))

    assert (page.context["households"], page.context["overdue_count"]) == (1, 1)
    assert late.head.name in page.text
    assert late.get_absolute_url() in page.text


def test_opening_makes_one_case_for_each_household_of_the_preview(world):
    world.on_file()
    late = world.on_file()
    Dossier.objects.filter(pk=late.pk).update(review_due_on=world.today - 400 * DAY)

    answer = signed_in(world.company_officer).post(
        url("round_new"), {"festival": "SPRING", "year": 2027, "title": "2027年春节补助"}
    )

    campaign = Round.objects.get()
    assert answer["Location"] == campaign.get_absolute_url()
    assert (campaign.title, campaign.year, campaign.festival) == ("2027年春节补助", 2027, "SPRING")
    assert campaign.cases.count() == 1
    assert campaign.cases.get().proposed_fen == 2000_00


def test_a_second_round_of_the_same_festival_is_refused_at_the_field(world):
    world.on_file()
    opened(world)

    answer = signed_in(world.company_officer).post(
        url("round_new"), {"festival": "SPRING", "year": 2026, "title": "再来一次"}
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["festival"]
    assert Round.objects.count() == 1


def test_without_a_valid_dossier_there_is_nothing_to_open(world):
    page = signed_in(world.company_officer).get(url("round_new"))

    assert page.context["may_open"] is False
    assert "notice-attention" in page.text
    assert "data-confirm" not in page.text


def test_without_a_policy_nothing_can_be_opened(world):
    officer = appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))

    page = signed_in(officer).get(url("round_new"))

    assert Policy.objects.in_force(officer.appointments.get().unit_id, world.today) is None
    assert (page.status_code, page.context["may_open"]) == (200, False)


def test_a_round_shows_its_cases_by_unit_with_totals(world):
    dossier = world.on_file()
    campaign = opened(world)

    page = signed_in(world.company_chair).get(url("round_detail", campaign.pk))

    (unit,) = page.context["units"]
    assert (unit["unit__name"], unit["households"], unit["proposed_fen"]) == (
        world.unit.name, 1, 2000_00,
    )  # fmt: skip
    assert page.context["totals"] == {
        "households": 1, "proposed_fen": 2000_00, "granted_fen": 0, "paid": 0,
    }  # fmt: skip
    assert campaign.cases.get().number in page.text
    assert dossier.head.name in page.text


def test_the_cases_of_a_round_are_exported_masked(world):
    dossier = world.on_file()
    campaign = opened(world)

    answer = signed_in(world.company_chair).get(f"{url('round_detail', campaign.pk)}?export=xlsx")

    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1][0] == campaign.cases.get().number
    assert dossier.head.name not in str(rows)


@pytest.mark.parametrize("count", [1, 2])
def test_the_list_takes_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    world.on_file()
    for festival in ("SPRING", "AUTUMN")[:count]:
        opened(world, festival)
    client = signed_in(world.company_officer)

    with django_assert_num_queries(5):  # session, user, hats, kin, rounds
        page = client.get(url("round_list"))

    assert len(page.context["page"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_round_takes_the_same_queries_for_any_number_of_cases(
    count, world, django_assert_num_queries
):
    for _n in range(count):
        world.on_file()
    campaign = opened(world)
    client = signed_in(world.company_officer)

    with django_assert_num_queries(7):  # session, user, hats, kin, round, by unit, cases
        page = client.get(url("round_detail", campaign.pk))

    assert len(page.context["page"]) == count


def test_an_empty_list_offers_to_open_a_round_to_whom_may(world):
    assert url("round_new") in signed_in(world.company_officer).get(url("round_list")).text
    assert url("round_new") not in signed_in(world.auditor).get(url("round_list")).text
