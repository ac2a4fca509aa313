"""The database itself: each constraint and refusal of advances by name."""

import pytest
from django.db import IntegrityError, transaction

from cases.workflow import Programme, Status
from funds import actions
from funds.models import Advance, Kind, Transfer
from tests.factories import NOON
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def advance(world):
    return world.decide_advance(world.case_in(Status.SUBMITTED))


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def change(row, **columns):
    with transaction.atomic():
        return type(row).objects.filter(pk=row.pk).update(**columns)


def again(row, **changed):
    """The same row once more, sent past the actions."""
    fields = (f for f in row._meta.concrete_fields if not f.primary_key)
    values = {field.name: getattr(row, field.name) for field in fields}
    with transaction.atomic():
        return type(row).objects.create(**values | changed)


def pay(world, advance):
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    return actions.post_advance(advance=advance, by=world.accountant, at=world.tick())


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"prepared_at": NOON}, "advance_prepare_complete"),
        ({"posted_at": NOON}, "advance_post_complete|advance_posted_after_prepared"),
        ({"ratified": True}, "advance_ratified_in_meeting"),
        ({"ratified_at": NOON}, "advance_ratify_complete|advance_confirmed_after_recorded"),
        ({"came_back_on": NOON.date()}, "advance_recovery_complete"),
        ({"ending": "GONE", "ended_at": NOON}, "advance_ending_known|advance_ended|advance_voided"),
        ({"ending": "VOIDED"}, "advance_ended_has_moment"),
        ({"ended_at": NOON}, "advance_ended_has_moment"),
    ],
)
def test_advance_constraints(advance, columns, match):
    with refused(match):
        change(advance, **columns)


def test_an_ending_that_nobody_knows(world, advance):
    with refused("advance_ending_known|advance_voided_unless_posted"):
        change(advance, ending="GONE", ended_at=NOON, ended_by=world.cashier)


def test_an_advance_is_posted_after_it_was_prepared(world, advance):
    with refused("advance_posted_after_prepared"):
        change(advance, posted_at=NOON, posted_by=world.accountant)


def test_an_advance_is_paid_by_three_persons(world, advance):
    with refused("advance_prepared_by_another"):
        change(advance, prepared_at=NOON, prepared_by=world.company_chair)
    change(advance, prepared_at=NOON, prepared_by=world.cashier)
    for by in (world.company_chair, world.cashier):
        with refused("advance_posted_by_a_third"):
            change(advance, posted_at=NOON, posted_by=by)


def test_an_advance_is_ratified_after_it_was_posted(world, advance):
    other = world.batch([world.case_in(Status.VERIFIED)])
    world.lock(other)
    meeting = world.meeting(other)
    with refused("advance_ratified_after_posted"):
        change(advance, meeting=meeting, ratified=True)
    pay(world, advance)
    with refused("advance_confirmed_after_recorded"):
        change(advance, ratified_at=NOON, ratified_by=world.leaders[0])


def test_an_unpaid_advance_is_voided_and_a_paid_one_is_not(world, advance):
    for ending in ("SET_OFF", "RECOVERED"):
        with refused("advance_voided_unless_posted|advance_recovered_by_another"):
            change(advance, ending=ending, ended_at=NOON, ended_by=world.accountant)
    pay(world, advance)
    with refused("advance_voided_unless_posted"):
        change(advance, ending="VOIDED", ended_at=NOON, ended_by=world.company_chair)


def test_an_advance_is_paid_back_by_two_persons(world, advance):
    pay(world, advance)
    with refused("advance_recovered_by_another"):
        change(advance, ending="RECOVERED", ended_at=NOON, ended_by=world.accountant)
    change(
        advance, came_back_on=NOON.date(), recovery_prepared_at=NOON,
        recovery_prepared_by=world.cashier,
    )  # fmt: skip
    with refused("advance_recovered_by_another"):
        change(advance, ending="RECOVERED", ended_at=NOON, ended_by=world.cashier)


def test_an_advance_is_new_in_its_number_and_above_nothing(world, advance):
    other = world.case_in(Status.SUBMITTED)
    with refused("advance_number_once|UNIQUE constraint"):
        again(advance, case=other)
    with refused("advance_amount_positive"):
        again(advance, case=other, number="2026-先-009", amount_fen=0)


def test_an_advance_is_on_an_application_in_hand(world, advance):
    words = "an advance is on an emergency application before the meeting"
    for case in (world.case_in(Status.APPROVED), world.household()):
        with refused(words):
            again(advance, case=case, number="2026-先-009")


def test_an_advance_comes_from_an_emergency_budget(world, advance):
    other = world.case_in(Status.SUBMITTED)
    words = "an advance comes from a budget of the company for emergency grants"
    with refused(words):
        again(advance, case=other, number="2026-先-009", account=world.budget(Programme.REGULAR))
    change(world.fund, ceiling_fen=advance.amount_fen - 1)
    with refused(words):
        again(advance, case=other, number="2026-先-009")


def test_what_was_decided_and_paid_stays(world, advance):
    for columns in ({"amount_fen": 1}, {"decided_by": world.leaders[0]}, {"decided_at": NOON}):
        with refused("what was decided of an advance stays"):
            change(advance, **columns)
    pay(world, advance)
    for columns in ({"posted_at": None, "posted_by": None}, {"payee_index": "x"}):
        with refused("a posted advance stays posted"):
            change(advance, **columns)
    with refused("an advance is never deleted"), transaction.atomic():
        Advance.objects.filter(pk=advance.pk).delete()


def test_an_advance_that_ended_has_ended(world, advance):
    actions.void_advance(advance=advance, reason="x", by=world.company_chair, at=world.tick())

    with refused("an advance paid back or voided has ended"):
        change(advance, ending="", ended_at=None, ended_by=None)


def test_transfers_of_an_advance_name_the_case_and_go_one_way(world, advance):
    pay(world, advance)
    paid = Transfer.objects.get(kind=Kind.ADVANCE)

    with refused("transfer_advance_names_case"):
        again(paid, key="x", voucher="x", case=None)
    for kind in (Kind.SET_OFF, Kind.RECOVER):
        with refused("these accounts do not fit this kind of transfer"):
            again(paid, key="x", voucher="x", kind=kind)
    change(world.fund, ceiling_fen=1)
    with refused("a payment is above the ceiling of the fund"):
        again(paid, key="x", voucher="x")


def test_a_payment_takes_off_the_advance_that_was_paid(world):
    run = world.prepare(world.case_in(Status.CLEARED).batch_lines.get(current=True).batch)
    payment = run.payments.get()
    actions.give_up(run=run, by=world.cashier, at=world.tick())

    with refused("a payment takes off the advance that was paid"):
        again(payment, advance_fen=100, attempt=2, status="PREPARED")
    with refused("payment_advance_within"):
        change(payment, advance_fen=payment.amount_fen + 1)
