"""Rounds of the regular subsidy by HTTP: preview, opening, cases by unit."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions, tasks
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
    "round_left_out": (302, 403, 403, 200, 200, 403, 200, 404),
    "round_resume": (302, 403, 403, 302, 403, 403, 403, 404),
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
        "round_left_out": client.get(url("round_left_out", campaign.pk)).status_code,
        "round_resume": client.post(url("round_resume", campaign.pk)).status_code,
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

    with django_assert_num_queries(8):  # session, user, hats, kin, round, by unit, left out, cases
        page = client.get(url("round_detail", campaign.pk))

    assert len(page.context["page"]) == count


def opening(world, monkeypatch):
    """A round whose first case of two is made."""
    monkeypatch.setattr("cases.actions.round.CHUNK", 1)
    world.on_file()
    world.on_file()
    campaign = actions.start_round(
        company=world.company, title="2026年春节补助", year=2026, festival="SPRING",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    actions.take_round(opened=campaign, at=world.tick())
    return campaign


def test_a_round_under_way_says_how_far_it_is(world, monkeypatch):
    campaign = opening(world, monkeypatch)

    page = signed_in(world.company_chair).get(url("round_detail", campaign.pk))

    assert '<progress max="2" value="1">' in page.text
    assert url("round_resume", campaign.pk) not in page.text
    assert "no-cache" in page["Cache-Control"]


def test_a_round_under_way_tells_htmx_its_state_and_then_shows_itself(world, monkeypatch):
    campaign = opening(world, monkeypatch)
    client = signed_in(world.company_officer)
    address = url("round_detail", campaign.pk)

    state = client.get(address, headers={"HX-Request": "true"})
    tasks.fill_round.call(campaign.pk)
    done = client.get(address, headers={"HX-Request": "true"})

    assert "<progress" in state.text and "<h1" not in state.text
    assert done["HX-Refresh"] == "true"


def test_a_round_that_stands_still_goes_on(world, monkeypatch):
    campaign = opening(world, monkeypatch)
    client = signed_in(world.company_officer)

    page = client.get(url("round_detail", campaign.pk))
    answer = client.post(url("round_resume", campaign.pk))

    assert url("round_resume", campaign.pk) in page.text
    assert answer["Location"] == campaign.get_absolute_url()
    assert campaign.cases.count() == 2
    campaign.refresh_from_db()
    assert campaign.status == Round.Status.OPEN


def test_the_list_marks_a_round_under_way(world, monkeypatch):
    campaign = opening(world, monkeypatch)
    client = signed_in(world.company_officer)

    before = client.get(url("round_list")).text
    tasks.fill_round.call(campaign.pk)
    after = client.get(url("round_list")).text

    label = str(Round.Status.OPENING.label)
    assert (label in before, label in after) == (True, False)


def left_out_of(world, count):
    """A round that left out so many households, and what it is."""
    for _n in range(count):
        late = world.on_file()
        Dossier.objects.filter(pk=late.pk).update(review_due_on=world.today - 400 * DAY)
    world.on_file()
    return opened(world)


def test_who_was_left_out_is_listed_with_the_reason(world):
    campaign = left_out_of(world, 1)
    row = campaign.left_out.get()
    client = signed_in(world.company_chair)
    address = url("round_left_out", campaign.pk)

    page = client.get(address)
    book = load_workbook(io.BytesIO(client.get(f"{address}?export=xlsx").content)).active
    none = client.get(f"{address}?reason=LEVEL")
    elsewhere = client.get(f"{address}?unit={world.other_unit.pk}")

    assert row.dossier.number in page.text
    assert row.dossier.get_absolute_url() in page.text
    assert str(row.get_reason_display()) in page.text
    rows = list(book.values)
    assert rows[1][0] == row.dossier.number
    assert row.dossier.head.name not in str(rows)
    assert row.dossier.number not in none.text
    assert row.dossier.number not in elsewhere.text
    assert address in client.get(campaign.get_absolute_url()).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_left_out_take_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    campaign = left_out_of(world, count)
    client = signed_in(world.company_officer)

    with django_assert_num_queries(7):  # session, user, hats, kin, round, units, rows
        page = client.get(url("round_left_out", campaign.pk))

    assert len(page.context["page"]) == count


def test_an_empty_list_offers_to_open_a_round_to_whom_may(world):
    assert url("round_new") in signed_in(world.company_officer).get(url("round_list")).text
    assert url("round_new") not in signed_in(world.auditor).get(url("round_list")).text
