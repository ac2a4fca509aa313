"""The fingerprint of a seal on notices and minutes, so that paper witnesses the chain."""

import pytest
from django.urls import reverse

from audits import actions as audits
from audits.models import Seal
from cases.workflow import Status
from funds.models import Meeting
from tests.world import World

pytestmark = pytest.mark.django_db


def test_minutes_carry_the_fingerprint_of_the_seal_after_the_decision(client):
    world = World()
    world.case_in(Status.APPROVED)
    seal = audits.seal(reason=Seal.Reason.DECISION, at=world.tick())
    meeting = Meeting.objects.latest("confirmed_at")
    client.force_login(world.secretary)

    response = client.get(reverse("funds:minutes", args=[meeting.pk]))

    assert seal.fingerprint in response.text


def test_notice_carries_the_fingerprint_of_the_seal_over_it(client, time_machine):
    world = World()
    case = world.case_in(Status.PUBLISHED)
    seal = audits.seal(reason=Seal.Reason.NOTICE, at=world.tick())
    time_machine.move_to(world.now)

    notice = case.notice_lines.get().notice
    response = client.get(reverse("cases:notice_print", args=[notice.code]))

    assert seal.fingerprint in response.text


def test_minutes_without_a_seal_carry_none(client):
    world = World()
    world.case_in(Status.APPROVED)
    meeting = Meeting.objects.latest("confirmed_at")
    client.force_login(world.secretary)

    response = client.get(reverse("funds:minutes", args=[meeting.pk]))

    assert "存证指纹" not in response.text
