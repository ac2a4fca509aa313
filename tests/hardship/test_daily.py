"""The daily command: clears what is over, seals, and may run twice."""

import pytest
import time_machine
from django.core.management import call_command

from audits.models import Seal
from cases.workflow import Status
from tests.world import World

pytestmark = pytest.mark.django_db


def test_daily_clears_ended_notices_and_seals_once(capsys):
    world = World()
    case = world.case_in(Status.PUBLISHED)
    later = world.tick(days=12)

    with time_machine.travel(later, tick=False):
        call_command("daily")
        call_command("daily")

    assert world.fresh(case).status == Status.CLEARED
    assert case.clearances.count() == 1
    assert case.clearances.get().by is None
    assert Seal.objects.filter(reason="DAILY").count() == 1
    assert "1 cases cleared" in capsys.readouterr().out


def test_daily_leaves_a_notice_alone_on_its_last_day():
    world = World()
    case = world.case_in(Status.PUBLISHED)
    end = case.notice_lines.get().notice.ends_on

    with time_machine.travel(world.now.replace(year=end.year, month=end.month, day=end.day)):
        call_command("daily")

    assert world.fresh(case).status == Status.PUBLISHED
