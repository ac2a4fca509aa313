"""The way of one emergency grant from the application to the account, by eight people."""

import pytest

from cases.models import CaseDuty
from cases.workflow import Duty, Status
from tests.world import World

pytestmark = pytest.mark.django_db


def test_way_of_an_emergency_grant():
    world = World()
    case = world.case_in(Status.PAID)

    assert case.granted_fen == 5500_00
    steps = list(case.steps.order_by("pk").values_list("action", flat=True))
    assert steps == [
        "open", "submit", "review", "verify", "table", "approve", "publish", "clear", "pay",
    ]  # fmt: skip
    duties = CaseDuty.objects.filter(case=case).values_list("duty", flat=True)
    assert sorted(duties) == sorted(
        [Duty.ENTER, Duty.REVIEW, Duty.VERIFY, *[Duty.VOTE] * 3, Duty.PREPARE, Duty.POST]
    )
