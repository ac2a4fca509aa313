"""The constraints of home visits, each by its name, and what their queryset answers."""

import pytest
from django.db import connection

from cases.models import Visit, Visitor
from cases.models.visit import DoorCheck
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def visit(world):
    return world.visit(world.household())


def update(row, **columns):
    return attempt(type(row).objects.filter(pk=row.pk).update, **columns)


VISIT = [
    ("visit_match_known", {"match": "MAYBE"}),
    ("visit_advice_known", {"advice": "WAIT"}),
    ("visit_by_two", {"visitor_count": 1}),
]


def test_every_constraint_is_tried_here():
    assert constraints_of(Visit) == {name for name, _c in VISIT}
    assert constraints_of(Visitor) == {"visitor_once"}
    assert len(DoorCheck) == 6


@pytest.mark.parametrize(("name", "columns"), VISIT)
def test_a_visit_is_refused(name, columns, visit):
    with refused_by(name):
        update(visit, **columns)


def test_a_visitor_stands_once_on_a_visit(world, visit):
    with refused_by("visitor_once", "cases_visitor.visit_id, cases_visitor.user_id"):
        attempt(Visitor.objects.create, visit=visit, user=world.officer, unit=world.unit)


def test_what_was_seen_is_encrypted(visit):
    update(visit, notes="两室一厅", differences="收入")
    with connection.cursor() as cursor:
        cursor.execute("SELECT notes, differences FROM cases_visit")
        stored = cursor.fetchone()

    assert "两室一厅" not in stored[0] and "收入" not in stored[1]
    visit.refresh_from_db()
    assert (visit.notes, visit.differences) == ("两室一厅", "收入")


# What querysets answer


def valid(on, days=180):
    return Visit.objects.valid_on(on, days).exists()


def test_a_visit_counts_for_so_many_days(world, visit):
    day = visit.visited_on

    assert [valid(day - DAY), valid(day), valid(day + 180 * DAY), valid(day + 181 * DAY)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_visit_by_the_own_unit_alone_does_not_count(world):
    world.visit(world.household(), visitors=[world.officer, world.chair])

    assert not valid(world.today)


def test_who_sees_a_visit(world):
    visit = world.visit(world.household(), visitors=[world.informant, world.company_officer])
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)

    def sees(user):
        return visit in Visit.objects.visible_to(user.actor(world.today))

    seers = [world.officer, world.chair, world.informant, world.company_chair, world.auditor]
    others = [elsewhere, world.cashier, world.leaders[0], world.admin, world.employee()]
    assert all(map(sees, seers))
    assert not any(map(sees, others))


def test_a_row_of_the_list_costs_no_query(world, visit, django_assert_num_queries):
    world.visit(world.household())

    with django_assert_num_queries(3):  # visits, visitors, users
        for row in Visit.objects.for_list():
            assert row.dossier.head.name and row.dossier.unit.name
            assert [visitor.user.name for visitor in row.visitors.all()]


def test_newest_visits_come_first(world):
    case = world.household()
    old = world.visit(case, visited_on=world.today - 3 * DAY)
    new = world.visit(case)

    assert list(Visit.objects.for_list()) == [new, old]
