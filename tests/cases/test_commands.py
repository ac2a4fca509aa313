"""The command that puts a company's first policy in force."""

import pytest
from django.core.management import CommandError, call_command

from cases.models import Policy, SubsistenceLine
from people.roles import Role
from tests.factories import UnitFactory, appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    company = UnitFactory(company=True, code="HQ")
    appoint(Role.COMPANY_OFFICER, company, username="officer")
    appoint(Role.COMPANY_CHAIR, company, username="chair")
    return company


def test_seed_policy_puts_the_rules_in_force_once(company):
    call_command("seed_policy", company="HQ", officer="officer", chair="chair")

    policy = Policy.objects.get(company=company)
    assert (policy.status, policy.drafted_by.username, policy.enacted_by.username) == (
        "IN_FORCE", "officer", "chair",
    )  # fmt: skip
    assert SubsistenceLine.objects.filter(company=company).count() == 1
    with pytest.raises(CommandError, match="has a policy already"):
        call_command("seed_policy", company="HQ", officer="officer", chair="chair")


def test_seed_policy_needs_two_people(company):
    with pytest.raises(CommandError):
        call_command("seed_policy", company="HQ", officer="officer", chair="officer")

    assert not Policy.objects.exists()


def test_seed_policy_names_who_is_unknown(company):
    with pytest.raises(CommandError, match="Check the code and the user names"):
        call_command("seed_policy", company="XX", officer="officer", chair="chair")
