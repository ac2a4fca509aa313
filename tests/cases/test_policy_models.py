"""The constraints and refusals of the policy, each by its name."""

from datetime import date

import pytest
from django.db import DatabaseError, connection

from cases import actions
from cases.models import Clause, Policy, PolicyEdit
from cases.seed_policy import CLAUSES
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON, UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def draft(world):
    return actions.draft_policy(
        company=world.company, title="第二版", by=world.company_officer, at=world.tick(),
        clauses=CLAUSES,
    )  # fmt: skip


def update(row, **columns):
    return attempt(type(row).objects.filter(pk=row.pk).update, **columns)


def refused_with(message):
    """The database's own triggers answer with their sentence."""
    return pytest.raises(DatabaseError, match=message)


POLICY = [
    ("policy_enactment_complete", {"enacted_at": NOON}),
    ("policy_in_force_has_day", {"status": "IN_FORCE"}),
    ("policy_given_up_by_whom", {"status": "GIVEN_UP"}),
]
POLICY_REST = {"policy_number_once", "policy_status_known", "policy_enacted_by_another"}


# An unknown status breaks both; which of the two is named depends on the database.
STATUS = ("policy_status_known", "policy_in_force_has_day")


def test_a_status_is_one_of_three(draft):
    with refused_by("|".join(STATUS)):
        update(draft, status="OLD")


def test_every_constraint_and_refusal_is_tried_here():
    assert constraints_of(Policy) == {name for name, _c in POLICY} | POLICY_REST
    assert constraints_of(Clause) == {"clause_mark_known", "clause_key_once"}
    assert [r.name for r in Policy.refusals] == ["sealed", "given_up", "edited"]
    assert [r.name for r in Clause.refusals] == ["sealed", "closed"]


@pytest.mark.parametrize(("name", "columns"), POLICY)
def test_a_draft_is_refused(name, columns, draft):
    with refused_by(name):
        update(draft, **columns)


def test_a_draft_has_no_day_in_force(world, draft):
    with refused_by("policy_in_force_has_day"):
        update(draft, in_force_on=date(2026, 5, 1), enacted_at=NOON, enacted_by=world.company_chair)


def test_who_drafted_a_policy_does_not_enact_it(world, draft):
    with refused_by("policy_enacted_by_another"):
        update(
            draft, status="IN_FORCE", in_force_on=date(2026, 5, 1), enacted_at=NOON,
            enacted_by=world.company_officer,
        )  # fmt: skip


def test_a_version_stands_once_in_a_company(draft):
    with refused_by("policy_number_once", "cases_policy.company_id, cases_policy.number"):
        update(draft, number=1)


def test_a_policy_in_force_is_never_changed(world):
    with refused_with("a policy in force is never changed"):
        update(world.policy, title="改名")


def test_a_policy_in_force_is_never_deleted(world):
    company = UnitFactory(company=True)
    bare = Policy.objects.create(
        company=company, number=1, title="无条款", drafted_at=NOON,
        drafted_by=world.company_officer,
        status="IN_FORCE", in_force_on=date(2026, 5, 1), enacted_at=NOON,
        enacted_by=world.company_chair,
    )  # fmt: skip

    with refused_with("a policy in force is never changed"):
        attempt(bare.delete)


def test_a_clause_in_force_is_never_changed_moved_nor_deleted(world, draft):
    clause = world.policy.clauses.first()

    with refused_with("a clause is changed only in a draft|only a draft takes a new clause"):
        update(clause, value=1)
    with refused_with("a clause is changed only in a draft"):
        update(clause, policy=draft)
    with refused_with("a clause is changed only in a draft"):
        attempt(clause.delete)


def clause_of(policy, **columns):
    given = {"policy": policy, "key": "new", "clause": "第九十条", "value": 1, "source": "示例"}
    return attempt(Clause.objects.create, **given | {"mark": "PAPER"} | columns)


def test_a_policy_in_force_takes_no_new_clause(world, draft):
    with refused_with("only a draft takes a new clause"):
        clause_of(world.policy)
    with refused_with("only a draft takes a new clause"):
        update(clause_of(draft), policy=world.policy)


def test_a_draft_given_up_is_never_taken_up_again(world, draft):
    actions.give_up_draft(policy=draft, by=world.company_officer, at=world.tick())

    with refused_with("a policy given up is never taken up again"):
        update(draft, status="DRAFT", given_up_at=None, given_up_by=None)
    with refused_with("only a draft takes a new clause"):
        clause_of(draft)


def test_who_edited_a_policy_does_not_enact_it(world, draft):
    PolicyEdit.objects.create(
        policy=draft, key="notice.working_days", at=NOON, by=world.company_chair
    )

    with refused_with("who edited a policy does not put it in force"):
        update(
            draft, status="IN_FORCE", in_force_on=date(2026, 5, 1), enacted_at=NOON,
            enacted_by=world.company_chair,
        )  # fmt: skip


def test_an_edit_is_never_changed_nor_deleted(world, draft):
    edit = PolicyEdit.objects.create(policy=draft, key="new", at=NOON, by=world.company_chair)

    with pytest.raises(TypeError, match="append-only"):
        edit.delete()
    with refused_with("append-only: cases_policyedit"), connection.cursor() as cursor:
        attempt(cursor.execute, "DELETE FROM cases_policyedit")


def test_a_draft_is_changed_freely(draft):
    clause = clause_of(draft)

    assert update(clause, value=2) == 1
    assert update(draft, title="再改") == 1
    clause.delete()


def test_a_mark_is_one_of_three(draft):
    with refused_by("clause_mark_known"):
        clause_of(draft, mark="RUMOUR")


def test_a_key_stands_once_in_a_policy(draft):
    with refused_by("clause_key_once", "cases_clause.policy_id, cases_clause.key"):
        clause_of(draft, key="notice.working_days")


# What querysets answer


def test_the_version_in_force_on_a_day(world, draft):
    day = world.today + 10 * DAY
    actions.enact(policy=draft, in_force_on=day, by=world.company_chair, at=world.tick())

    def in_force(on):
        return Policy.objects.in_force(world.company.pk, on)

    assert in_force(world.policy.in_force_on - DAY) is None
    assert in_force(day - DAY) == world.policy
    assert in_force(day) == draft
    assert Policy.objects.in_force(UnitFactory(company=True).pk, day) is None


def test_a_version_replaces_the_one_put_in_force_before_it(world, draft):
    assert Policy.objects.replaced_by(world.policy) is None
    assert Policy.objects.replaced_by(draft) == world.policy

    actions.enact(policy=draft, in_force_on=world.today, by=world.company_chair, at=world.tick())
    draft.refresh_from_db()

    assert Policy.objects.newest(world.company.pk) == draft
    assert Policy.objects.each_replaced([draft, world.policy]) == {draft.pk: world.policy.pk}
    assert Policy.objects.replaced_by(draft) == world.policy
    assert Policy.objects.replaced_by(world.policy) is None


def test_a_draft_is_not_in_force(world, draft):
    assert Policy.objects.in_force(world.company.pk, world.today + 999 * DAY) == world.policy


def test_the_rules_are_read_in_one_query_with_the_policy(world, django_assert_num_queries):
    with django_assert_num_queries(2):  # the policy, its clauses
        policy = Policy.objects.in_force(world.company.pk, world.today)
        assert policy.rules["notice.working_days"] == 5


def test_everybody_of_the_company_reads_its_policy(world):
    def seen(user):
        return list(Policy.objects.visible_to(user.actor(world.today)))

    readers = [world.employee(), world.officer, world.leaders[0], world.auditor]
    assert [seen(user) for user in readers] == [[world.policy]] * 4
    assert seen(appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))) == []
