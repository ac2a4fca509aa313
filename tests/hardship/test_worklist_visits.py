"""Visits on the worklist: those planned for this week, and how many are overdue."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from cases import actions as cases
from cases.models import Dossier
from hardship import worklist
from people.roles import Role
from tests.cases.must_visits import told, visited
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


def tasks(user, on):
    groups = worklist.groups(user.actor(on), on)
    return {task.title: task for _heading, some in groups for task in some}


def plan(world, dossier, planned_on):
    cases.plan_visits(
        dossiers=[dossier], visitors=[world.informant, world.officer, world.company_officer],
        planned_on=planned_on, by=world.company_officer, at=world.tick(),
    )  # fmt: skip


def test_a_visit_of_this_week_waits_for_everybody_who_goes(world):
    dossier = world.household().dossier
    plan(world, dossier, world.today + 3 * DAY)
    title = f"Visit the household of {dossier.head.name}"

    found = {user: tasks(user, world.today).get(title) for user in (
        world.officer, world.company_officer, world.informant, world.chair)}  # fmt: skip

    record = reverse("cases:visit_new", args=[dossier.pk])
    assert found[world.officer].url == found[world.company_officer].url == record
    assert found[world.informant].url == reverse("cases:visit_list")
    assert found[world.informant].due_on == world.today + 3 * DAY
    assert world.informant.name in found[world.officer].hint
    assert found[world.chair] is None


def test_a_visit_of_next_month_does_not_wait_yet(world):
    plan(world, world.household().dossier, world.today + 30 * DAY)

    assert not [title for title in tasks(world.officer, world.today) if title.startswith("Visit")]


def test_overdue_visits_are_one_row_with_their_number(world):
    for n in range(2):
        dossier = world.household(world.employee(standing="RETIRED")).dossier
        Dossier.objects.filter(pk=dossier.pk).update(
            status="ACTIVE", opened_on=date(2024, 1, 1 + n), review_due_on=date(2027, 1, 1),
            category="DEEP", level="HEAVY",
        )  # fmt: skip
    title = "Plan the visits of 2 households that are overdue"

    for user in (world.officer, world.chair, world.company_officer):
        task = tasks(user, world.today)[title]
        assert task.url == f"{reverse('cases:visit_plan')}?state=overdue"
    assert title not in tasks(world.company_chair, world.today)
    assert title not in tasks(world.informant, world.today)


def test_an_event_that_was_visited_stays_until_it_is_said_what_came_of_it(world):
    incident = visited(world, told(world))
    title = f"Say what came of the event of {incident.person.name}: hospital stay"

    found = tasks(world.officer, world.today)
    assert (found[title].url, found[title].since) == (
        incident.get_absolute_url(), incident.visited_on,
    )  # fmt: skip
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    assert title not in tasks(elsewhere, world.today)
    assert title not in tasks(world.company_officer, world.today)

    cases.close_incident(incident=incident, outcome="NOTHING", by=world.officer, at=world.tick())
    assert title not in tasks(world.officer, world.today)
