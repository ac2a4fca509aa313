"""The self-test: the same judgement as of a household on file, and nothing kept."""

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.urls import reverse

from cases import facts, scoring
from cases.models import SubsistenceLine
from cases.workflow import Programme
from tests.conftest import StrictClient
from tests.world import World

POOR = {
    "persons": "2", "earners": "0", "own_income_fen": "1500", "income_fen": "",
    "medical_fen": "8000", "own_health": "CANCER", "family_health": "GOOD", "ill_this_year": "on",
}  # fmt: skip


@pytest.fixture
def world(db):
    cache.clear()
    world = World()
    with time_machine.travel(world.now, tick=False):
        yield world


@pytest.fixture
def stranger(world):
    return StrictClient(HTTP_ACCEPT_LANGUAGE="en")


def ask(client, world, **answers):
    data = {"company": world.company.pk} | POOR | answers
    return client.post(reverse("cases:self_test"), data)


def test_the_page_is_for_everybody_and_kept_by_nobody(stranger):
    answer = stranger.get(reverse("cases:self_test"))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_the_answers_are_judged_as_a_household_on_file_is(stranger, world):
    case = world.household()
    world.submit(case)
    line = facts.line_fen(world.company.pk, world.today)
    ask_of = {"programme": Programme.RECOGNITION, "on": world.today.isoformat()}
    real = scoring.assess(world.policy.rules, facts.household(case.dossier, line), ask_of)

    answer = ask(stranger, world)

    result = answer.context["result"]
    same = ("score", "level", "category", "net_income_fen", "permille", "income_fen")
    assert {name: result[name] for name in same} == {name: real[name] for name in same}
    assert result["score"] == 94


def test_the_result_says_in_words_where_and_why(stranger, world):
    answer = ask(stranger, world)

    page = answer.content.decode()
    assert "94 points: Special hardship, Deep hardship." in page
    assert "An application has good prospects." in page
    assert "The subsistence line is 732.00 yuan." in page
    assert "This is no decision" in page


def test_a_gate_that_is_present_stops_and_says_so(stranger, world):
    answer = ask(stranger, world, gates=["VEHICLE"])

    page = answer.content.decode()
    assert "The policy does not allow help because of: Motor vehicle." in page
    assert "An application would not succeed as things are." in page


def test_a_household_well_off_is_told_what_would_change_it(stranger, world):
    answer = ask(
        stranger, world, earners="2", own_income_fen="9000", income_fen="8000", medical_fen="",
        own_health="GOOD", ill_this_year="",
    )  # fmt: skip

    page = answer.content.decode()
    assert "As things are the household would not be put on file." in page


def test_an_answer_of_points_without_class_is_left_open(stranger, world):
    answer = ask(stranger, world, own_income_fen="6000", medical_fen="")

    assert answer.context["result"]["level"] and not answer.context["result"]["category"]
    assert "points and income do not agree" in answer.content.decode()


def test_nothing_is_written(stranger, world):
    counts = {model: model._base_manager.count() for model in apps.get_models()}

    ask(stranger, world)

    assert {model: model._base_manager.count() for model in apps.get_models()} == counts


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("earners", "3", "More are in work than live in the household."),
        ("persons", "0", "Ensure this value is greater than or equal to 1."),
        ("persons", "16", "Ensure this value is less than or equal to 15."),
        ("own_income_fen", "", "Enter an amount in yuan."),
    ],
)
def test_a_wrong_answer_is_told_at_its_field_and_nothing_typed_is_lost(
    stranger, world, field, value, words
):
    answer = ask(stranger, world, **{field: value})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field] == [words]
    assert 'value="8000"' in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("income_fen", "100", "You live alone: there is no income of others."),
        ("family_health", "CANCER", "You live alone: there is no other member."),
    ],
)
def test_somebody_alone_has_no_others(stranger, world, field, value, words):
    answer = ask(stranger, world, persons="1", **{field: value})

    assert answer.context["form"].errors[field] == [words]


def test_without_a_line_nothing_is_reckoned(stranger, world):
    SubsistenceLine.objects.all().delete()

    answer = ask(stranger, world)

    assert "No policy or no subsistence line is in force" in answer.content.decode()


def test_two_wan_is_understood(stranger, world):
    answer = ask(stranger, world, medical_fen="2万")

    assert answer.context["result"]["expenses_fen"] == 20_000_00
