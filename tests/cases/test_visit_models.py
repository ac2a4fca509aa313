"""The constraints of home visits, each by its name, and what their queryset answers."""

from datetime import timedelta

import pytest
from django.db import connection

from cases.models import Document, Visit, Visitor
from cases.models.visit import DoorCheck
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


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
LATER = NOON + 400 * DAY
TIMES = [
    ("visit_from_and_until", {"ended_at": None}),
    ("visit_over_when_recorded", {"started_at": LATER, "ended_at": NOON}),
    ("visit_over_when_recorded", {"started_at": NOON, "ended_at": LATER}),
]


def test_every_constraint_is_tried_here():
    assert constraints_of(Visit) == {name for name, _c in VISIT + TIMES}
    assert constraints_of(Visitor) == {"visitor_once"}
    assert len(DoorCheck) == 6


@pytest.mark.parametrize(("name", "columns"), VISIT)
def test_a_visit_is_refused(name, columns, visit):
    with refused_by(name):
        update(visit, **columns)


@pytest.mark.parametrize(("name", "columns"), TIMES)
def test_a_time_out_of_order_is_refused(name, columns, world, visit):
    given = {
        "dossier": visit.dossier, "visited_on": NOON.date(), "started_at": NOON,
        "ended_at": NOON + DAY, "recorded_at": NOON + 2 * DAY, "recorded_by": world.officer,
        "visitor_count": 2, "match": "SAME", "advice": "HELP",
    }  # fmt: skip

    with refused_by(name):
        attempt(Visit.objects.create, **given | columns)


def test_the_time_of_a_visit_is_not_changed(visit):
    for columns in ({"started_at": NOON - DAY}, {"ended_at": visit.ended_at - SECOND}):
        with refused_by("the time of a visit is not changed"):
            update(visit, **columns)


def test_the_database_lets_nobody_stand_at_two_doors(world, visit):
    """Also when both records are written past the action."""
    other = world.visit(world.household(), visitors=[world.officer, world.company_chair])
    beside = Visit.objects.create(
        dossier=other.dossier, visited_on=visit.visited_on, visitor_count=2, match="SAME",
        advice="HELP", started_at=visit.started_at + SECOND, ended_at=visit.ended_at + SECOND,
        recorded_at=world.tick(), recorded_by=world.officer,
    )  # fmt: skip

    with refused_by("nobody is on two visits at a time"):
        attempt(Visitor.objects.create, visit=beside, user=world.officer, unit=world.unit)
    Visitor.objects.create(visit=beside, user=world.chair, unit=world.unit)
    with refused_by("nobody is on two visits at a time"):
        attempt(Visitor.objects.filter(visit=other).update, visit=beside)


def test_visits_that_share_a_moment(visit):
    def clash(start, end):
        users = [visitor.user_id for visitor in visit.visitors.all()]
        return Visit.objects.overlapping(users, start, end).exists()

    start, end = visit.started_at, visit.ended_at
    assert [
        clash(start - DAY, start), clash(start - DAY, start + SECOND), clash(end - SECOND, end),
        clash(end, end + DAY),
    ] == [False, True, True, False]  # fmt: skip


def test_a_signature_belongs_to_a_visit(world, visit):
    with refused_by("document_signature_of_a_visit"):
        attempt(
            Document.objects.create, dossier=visit.dossier, kind="HOUSEHOLD_SIGN", file="x.png",
            media_type="image/png", sha256="0" * 64, size=1, uploaded_at=NOON,
            uploaded_by=world.officer,
        )  # fmt: skip


def test_a_visitor_stands_once_on_a_visit(world, visit):
    with refused_by("visitor_once", "cases_visitor.visit_id, cases_visitor.user_id"):
        attempt(Visitor.objects.create, visit=visit, user=world.officer, unit=world.unit)


def test_what_was_seen_is_encrypted(visit):
    update(visit, notes="两室一厅", differences="收入", seen_text="邻居", unsigned_reason="住院")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT notes, differences, seen_text, unsigned_reason, met FROM cases_visit"
        )
        stored = cursor.fetchone()

    for plain, kept in zip(("两室一厅", "收入", "邻居", "住院", "本人"), stored, strict=True):
        assert kept and plain not in kept
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
