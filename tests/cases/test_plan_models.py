"""The constraints of planned visits, each by its name, and what their queryset answers."""

import pytest

from cases import actions as cases
from cases.models import PlannedVisitor, VisitPlan
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def plan(world):
    (plan,) = cases.plan_visits(
        dossiers=[world.household().dossier], visitors=[world.informant, world.company_officer],
        planned_on=world.today + DAY, by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    return plan


def update(row, **columns):
    return attempt(type(row).objects.filter(pk=row.pk).update, **columns)


def test_every_constraint_is_tried_here():
    assert constraints_of(VisitPlan, PlannedVisitor) == {
        "visit_plan_one_open", "visit_plan_by_two", "visit_plan_cancelled_by_somebody",
        "visit_plan_made_or_called_off", "planned_visitor_once",
    }  # fmt: skip


def test_a_household_has_one_open_plan(world, plan):
    given = {"dossier": plan.dossier, "planned_on": world.today, "visitor_count": 2,
             "planned_at": world.now, "planned_by": world.officer}  # fmt: skip

    with refused_by("visit_plan_one_open", "cases_visitplan.dossier_id"):
        attempt(VisitPlan.objects.create, **given)
    update(plan, cancelled_at=world.now, cancelled_by=world.officer)
    VisitPlan.objects.create(**given)


def test_a_plan_is_by_two(plan):
    with refused_by("visit_plan_by_two"):
        update(plan, visitor_count=1)


def test_whoever_calls_off_is_known(world, plan):
    with refused_by("visit_plan_cancelled_by_somebody"):
        update(plan, cancelled_at=world.now)


def test_a_visit_that_was_made_is_not_called_off(world, plan):
    visit = world.visit(plan.dossier.cases.get())

    with refused_by("visit_plan_made_or_called_off"):
        update(plan, visit=visit, cancelled_at=world.now, cancelled_by=world.officer)


def test_somebody_is_planned_once_for_a_visit(world, plan):
    with refused_by(
        "planned_visitor_once", "cases_plannedvisitor.plan_id, cases_plannedvisitor.user_id"
    ):
        attempt(PlannedVisitor.objects.create, plan=plan, user=world.informant)


def test_who_sees_a_plan(world, plan):
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)

    def sees(user):
        return plan in VisitPlan.objects.visible_to(user.actor(world.today))

    seers = [world.officer, world.chair, world.informant, world.company_chair, world.auditor]
    others = [elsewhere, world.cashier, world.leaders[0], world.admin, world.employee()]
    assert all(map(sees, seers))
    assert not any(map(sees, others))
