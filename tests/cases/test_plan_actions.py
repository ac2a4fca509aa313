"""Planning of visits, and the record that ends a plan."""

import pytest
from django.utils import translation

from base.crypto import blind_index
from cases import actions as cases
from cases.models import Dossier, VisitPlan
from people.models import Kinship
from people.roles import NotAllowed, Role
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


@pytest.fixture
def dossiers(world):
    return [world.household(world.employee(standing="RETIRED")).dossier for _n in range(2)]


def plan(world, dossiers, by=None, **given):
    given = {
        "visitors": [world.officer, world.company_officer], "planned_on": world.today + 3 * DAY,
    } | given  # fmt: skip
    return cases.plan_visits(
        dossiers=dossiers, by=by or world.company_officer, at=world.tick(), **given
    )


def test_several_households_are_planned_at_once(world, dossiers):
    plans = plan(world, dossiers)

    assert [p.dossier for p in plans] == dossiers
    for row in plans:
        assert (row.planned_on, row.planned_by, row.visitor_count) == (
            world.today + 3 * DAY, world.company_officer, 2,
        )  # fmt: skip
        assert {p.user for p in row.planned_visitors.all()} == {
            world.officer, world.company_officer,
        }  # fmt: skip


def test_planning_takes_the_same_queries_for_any_number(
    world, dossiers, django_assert_max_num_queries
):
    with django_assert_max_num_queries(14):
        plan(world, dossiers)


def test_a_later_plan_takes_the_place_of_the_open_one(world, dossiers):
    (first,) = plan(world, dossiers[:1])

    (second,) = plan(world, dossiers[:1], planned_on=world.today + 5 * DAY)

    first.refresh_from_db()
    assert first.cancelled_by == world.company_officer and first.cancel_reason
    assert list(VisitPlan.objects.open()) == [second]


def test_the_same_plan_twice_is_one(world, dossiers):
    plan(world, dossiers)

    assert plan(world, dossiers) == []
    assert VisitPlan.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (lambda w: {"visitors": [w.officer]}, "A visit is made by two people at least."),
        (lambda w: {"visitors": [w.officer, w.chair]}, "All visitors come from"),
        (lambda w: {"visitors": [w.officer, w.auditor]}, "holds no union role"),
        (lambda w: {"planned_on": w.today - DAY}, "The day of the visit lies in the past."),
        (lambda w: {"by": w.auditor}, "Only the union officers"),
        (lambda w: {"by": appoint(Role.UNIT_OFFICER, w.other_unit)}, "Only the union officers"),
    ],
)  # fmt: skip
def test_what_may_not_be_planned_is_refused_for_all(given, reason, world, dossiers):
    with pytest.raises(NotAllowed, match=reason):
        plan(world, dossiers, **given(world))

    assert not VisitPlan.objects.exists()


def test_a_relative_is_not_sent(world, dossiers):
    Kinship.objects.create(
        user=world.company_officer, relation="SIBLING", name="兄", registered_at=world.now,
        id_index=blind_index(dossiers[1].head.id_number, "id_number"),
        registered_by=world.company_officer,
    )  # fmt: skip

    with pytest.raises(NotAllowed, match="is a relative of this household"):
        plan(world, dossiers)


def test_a_closed_dossier_is_not_planned(world, dossiers):
    Dossier.objects.filter(pk=dossiers[0].pk).update(
        status="CANCELLED", closed_on=world.today, exit_reason="WISH"
    )

    with pytest.raises(NotAllowed, match="This dossier is closed"):
        plan(world, dossiers)


def test_nothing_chosen_or_too_much_is_refused(world, dossiers):
    for chosen in ([], dossiers * 51):
        with pytest.raises(NotAllowed, match="Choose one household or more, 100 at the most"):
            plan(world, chosen)


def test_the_record_ends_the_plan_and_counts_for_coverage(world, dossiers):
    (row,) = plan(world, dossiers[:1])

    visit = world.visit(dossiers[0].cases.get())

    row.refresh_from_db()
    dossiers[0].refresh_from_db()
    assert row.visit == visit
    assert dossiers[0].last_visited_on == visit.visited_on
    assert not VisitPlan.objects.open().exists()


def test_an_earlier_visit_recorded_late_does_not_turn_the_clock_back(world, dossiers):
    case = dossiers[0].cases.get()
    newest = world.visit(case)

    world.visit(case, visited_on=world.today - 5 * DAY)

    dossiers[0].refresh_from_db()
    assert dossiers[0].last_visited_on == newest.visited_on


def test_a_plan_is_called_off_once_with_its_reason(world, dossiers):
    (row,) = plan(world, dossiers[:1])

    cases.cancel_plan(plan=row, by=world.officer, at=world.tick(), reason="家属住院")

    row.refresh_from_db()
    assert (row.cancelled_by, row.cancel_reason) == (world.officer, "家属住院")
    with pytest.raises(NotAllowed, match="called off already"):
        cases.cancel_plan(plan=row, by=world.officer, at=world.tick(), reason="再次")


def test_who_may_not_call_off(world, dossiers):
    (row,) = plan(world, dossiers[:1])
    with pytest.raises(NotAllowed, match="Only the union officers"):
        cases.cancel_plan(plan=row, by=world.auditor, at=world.tick(), reason="无")
    world.visit(dossiers[0].cases.get())

    with pytest.raises(NotAllowed, match="This visit was made"):
        cases.cancel_plan(plan=row, by=world.officer, at=world.tick(), reason="无")


@pytest.mark.parametrize("minutes", [(-10, 10), (-10, -20), (-60 * 30, -10)])
def test_a_visit_out_of_order_in_time_is_refused(minutes, world, dossiers):
    start, end = (world.now + DAY / 1440 * m for m in minutes)

    with pytest.raises(NotAllowed):
        cases.record_visit(
            dossier=dossiers[0], visitors=[world.officer, world.company_officer],
            started_at=start, ended_at=end, by=world.officer, at=world.now, met="本人",
            match="SAME", advice="HELP",
        )  # fmt: skip


def test_somebody_at_another_door_is_named(world, dossiers):
    visit = world.visit(dossiers[0].cases.get())

    with pytest.raises(NotAllowed, match=f"{world.officer.name} was on another visit"):
        cases.record_visit(
            dossier=dossiers[1], visitors=[world.officer, world.company_chair],
            started_at=visit.started_at, ended_at=visit.ended_at, by=world.officer,
            at=world.tick(), met="本人", match="SAME", advice="HELP",
        )  # fmt: skip
