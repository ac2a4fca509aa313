"""Gifts in kind: never above the cap, once for each person and round, given or not and why."""

import pytest
from django.core.files.base import ContentFile

from base.uploads import check_upload
from cases import actions
from cases.models import Gift, Receipt
from cases.models.gift import GiftStatus
from funds.models import Transfer
from people.roles import NotAllowed, Role
from tests.base.test_uploads import png
from tests.cases.must_visits import gift_round, given, person, planned, told
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_who_opens_a_round(world):
    assert gift_round(world).unit is None
    assert gift_round(world, by=world.officer, unit=world.unit, title="甲").unit == world.unit
    assert gift_round(world, unit=world.other_unit, title="乙").unit == world.other_unit
    for by, unit in (
        (world.officer, None), (world.officer, world.other_unit), (world.informant, world.unit),
        (world.auditor, None), (world.company_chair, None),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            gift_round(world, by=by, unit=unit, title="丙")


@pytest.mark.parametrize(("fen", "fits"), [(300_00, True), (300_01, False)])
def test_a_gift_above_the_cap_is_refused(fen, fits, world):
    if fits:
        assert gift_round(world, unit_fen=fen).unit_fen == fen
        return
    with pytest.raises(NotAllowed, match="300.00"):
        gift_round(world, unit_fen=fen)
    opened = gift_round(world)
    with pytest.raises(NotAllowed, match="300.00"):
        actions.change_gift_round(
            round=opened, unit_fen=fen, by=world.company_officer, at=world.tick()
        )


def test_more_of_one_is_above_the_cap_too(world):
    opened = gift_round(world)

    assert planned(world, opened, [person(world)], quantity=2)[0].value_fen == 300_00
    with pytest.raises(NotAllowed):
        planned(world, opened, [person(world)], quantity=3)


def test_a_changed_round_leaves_what_was_planned(world):
    opened = gift_round(world)
    (gift,) = planned(world, opened, [person(world)])

    changed = actions.change_gift_round(
        round=opened, what="毛巾", unit_fen=50_00, voucher="记-12", by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip

    gift.refresh_from_db()
    assert (changed.what, changed.voucher) == ("毛巾", "记-12")
    assert (gift.what, gift.value_fen) == ("大米一袋、食用油一桶", 150_00)


def test_only_columns_of_a_round_are_taken(world):
    with pytest.raises(TypeError):
        actions.change_gift_round(
            round=gift_round(world), company=world.company, by=world.company_officer,
            at=world.tick(),
        )  # fmt: skip


def test_everybody_is_on_the_list_once(world):
    opened, who = gift_round(world), person(world)
    planned(world, opened, [who])

    again = planned(world, opened, [who, person(world)])

    assert len(again) == 1
    assert opened.gifts.count() == 2


def test_an_officer_plans_for_the_own_people_alone(world):
    opened = gift_round(world)
    there = appoint(Role.EMPLOYEE, world.other_unit).person

    assert planned(world, opened, [person(world)], by=world.officer)
    with pytest.raises(NotAllowed):
        planned(world, opened, [there], by=world.officer)
    assert planned(world, opened, [there])


def test_a_round_of_a_unit_is_for_its_people(world):
    opened = gift_round(world, unit=world.unit)
    there = appoint(Role.EMPLOYEE, world.other_unit).person
    abroad = appoint(Role.EMPLOYEE, UnitFactory(parent=UnitFactory(company=True))).person

    for who in (there, abroad):
        with pytest.raises(NotAllowed):
            planned(world, opened, [who])


def test_more_than_a_thousand_go_in_parts(world):
    with pytest.raises(NotAllowed, match="1,000"):
        planned(world, gift_round(world), [person(world)] * 1001)


def test_given_by_leadership_and_union_on_a_day(world):
    gifts = planned(world, gift_round(world), [person(world), person(world)])

    given(world, gifts, place="现场", signed=True)

    for gift in Gift.objects.all():
        assert (gift.status, gift.given_on, gift.giver_count, gift.signed) == (
            GiftStatus.GIVEN, world.today, 2, True,
        )  # fmt: skip
        assert {(g.user, g.unit) for g in gift.givers.all()} == {
            (world.leaders[0], world.company), (world.officer, world.unit),
        }  # fmt: skip


def test_what_is_refused_when_giving(world):
    (gift,) = planned(world, gift_round(world), [person(world)])
    right = {"gifts": [gift], "givers": [world.officer], "given_on": world.today,
             "by": world.officer}  # fmt: skip

    for wrong in (
        {"givers": []}, {"given_on": world.today + DAY}, {"givers": [world.cashier]},
        {"by": world.informant}, {"by": appoint(Role.UNIT_OFFICER, world.other_unit)},
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            actions.give_gifts(at=world.tick(), **right | wrong)
    actions.give_gifts(at=world.tick(), **right)
    with pytest.raises(NotAllowed):
        actions.give_gifts(at=world.tick(), **right)


def test_not_given_has_a_reason(world):
    (gift,) = planned(world, gift_round(world), [person(world)])

    skipped = actions.skip_gift(gift=gift, reason="本人出差", by=world.officer, at=world.tick())

    assert (skipped.status, skipped.reason, skipped.closed_by) == (
        "NOT_GIVEN", "本人出差", world.officer,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        given(world, [gift])


def test_a_gift_on_the_visit_after_an_event(world):
    incident, opened = told(world), gift_round(world, occasion="HOSPITAL")
    right = {
        "incident": incident, "round": opened, "givers": [world.officer],
        "given_on": world.today, "by": world.officer,
    }  # fmt: skip

    gift = actions.give_after_incident(at=world.tick(), talk="情绪稳定", **right)

    gift.refresh_from_db()
    assert (gift.incident, gift.recipient, gift.status, gift.talk) == (
        incident, incident.person, "GIVEN", "情绪稳定",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.give_after_incident(at=world.tick(), **right)


def receipt(world, opened, by=None, **where):
    file = ContentFile(png(), name="签收.png")
    return actions.attach_receipt(
        round=opened, upload=check_upload(file), file=file, by=by or world.officer,
        at=world.tick(), **where,
    )  # fmt: skip


def test_a_signed_receipt_is_kept_once(world):
    opened = gift_round(world)
    (gift,) = planned(world, opened, [person(world)])

    first = receipt(world, opened, gift=gift)

    assert (first.unit, first.gift, first.media_type) == (world.unit, gift, "image/png")
    assert receipt(world, opened, gift=gift) == first
    assert Receipt.objects.count() == 1


def test_who_may_attach_a_receipt(world):
    opened = gift_round(world)

    assert receipt(world, opened, unit=world.unit)
    for by, unit in ((world.officer, None), (world.officer, world.other_unit),
                     (world.informant, world.unit)):  # fmt: skip
        with pytest.raises(NotAllowed):
            receipt(world, opened, by=by, unit=unit)


def test_no_gift_touches_the_relief_fund(world):
    given(world, planned(world, gift_round(world), [person(world)]))

    assert not Transfer.objects.exists()
