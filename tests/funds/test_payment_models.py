"""The database itself pays once: each constraint and refusal of payments by name."""

import pytest
from django.db import IntegrityError, connection, transaction

from base.append_only import AppendOnlyError
from cases.workflow import Status
from funds import actions
from funds.models import PayeeConfirmation, Payment, PaymentRun
from tests.factories import NOON
from tests.funds.bank_files import came_back
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run(world):
    """A prepared payment of one line."""
    case = world.case_in(Status.CLEARED)
    return world.prepare(case.batch_lines.get(current=True).batch)


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


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"status": "SENT"}, "run_status_known"),
        ({"status": "POSTED"}, "run_posted_has_moment"),
        ({"posted_at": NOON}, "run_post_complete|run_posted_has_moment"),
        ({"total_fen": 0}, "run_not_empty"),
        ({"payments_count": 0}, "run_not_empty"),
    ],
)
def test_run_constraints(run, columns, match):
    with refused(match):
        change(run, **columns)


def test_run_posted_by_another(run):
    with refused("run_posted_by_another"):
        change(run, status="POSTED", posted_at=NOON, posted_by=run.prepared_by)


def test_run_number_once(run):
    with refused("run_number_once|funds_paymentrun.number"):
        again(run)


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"status": "SENT"}, "payment_status_known"),
        ({"status": "RETURNED"}, "payment_returned_has_moment"),
        ({"returned_at": NOON}, "payment_return_complete|payment_returned_has_moment"),
    ],
)
def test_payment_constraints(run, columns, match):
    with refused(match):
        change(run.payments.get(), **columns)


@pytest.mark.parametrize("fen", [0, -1])
def test_payment_amount_positive(run, fen):
    with refused("payment_amount_positive|payment_advance_within"):
        change(run.payments.get(), amount_fen=fen)


def test_payment_once_per_line(run):
    with refused("payment_once_per_line|funds_payment.line_id"):
        again(run.payments.get(), attempt=2)


def test_payment_attempt_once(world, run):
    actions.give_up(run=run, by=world.cashier, at=world.tick())

    with refused("payment_attempt_once|funds_payment.line_id, funds_payment.attempt"):
        again(run.payments.get())


def test_payment_is_never_deleted(run):
    with refused("a payment is never deleted"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM funds_payment")

    assert run.payments.count() == 1


def test_payment_needs_the_clearance_of_its_case(world, run):
    other = world.case_in(Status.CLEARED)

    with refused("no payment before the notice period ended without an open objection"):
        change(run.payments.get(), clearance=other.clearances.get())


def test_payment_is_the_decided_amount(world, run):
    payment = run.payments.get()
    actions.give_up(run=run, by=world.cashier, at=world.tick())

    with refused("a payment is the decided amount"):
        again(payment, status="PREPARED", attempt=2, amount_fen=payment.amount_fen + 1)


def test_payment_is_on_the_reservation_of_its_case(world, run):
    payment = run.payments.get()
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    other = world.case_in(Status.CLEARED)

    with refused("a payment is the decided amount"):
        again(payment, status="PREPARED", attempt=2, hold=other.batch_lines.get().holds.get())


def test_account_number_is_encrypted_in_the_database(run):
    with connection.cursor() as cursor:
        cursor.execute("SELECT account FROM funds_payment")
        (stored,) = cursor.fetchone()

    assert run.payments.get().account not in stored


# A second person confirms an account


def confirm(person, by):
    with transaction.atomic():
        return PayeeConfirmation.objects.create(
            person=person, account_index=person.account_index, at=NOON, by=by
        )


def test_payee_confirmation_once(world, run):
    person = run.payments.get().case.applicant
    confirm(person, world.accountant)

    with refused("payee_confirmation_once|append-only: funds_payeeconfirmation"):
        confirm(person, world.company_officer)


def test_an_account_is_confirmed_by_another(world, run):
    person = run.payments.get().case.applicant
    type(person).objects.filter(pk=person.pk).update(
        account_changed_by=world.company_officer, account_changed_at=NOON
    )

    with refused("an account is confirmed by somebody other than who changed it"):
        confirm(person, world.company_officer)
    assert confirm(person, world.accountant).pk


def test_a_confirmation_is_written_once(world, run):
    row = confirm(run.payments.get().case.applicant, world.accountant)

    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        row.delete()


# Questions


def test_runs_are_seen_in_their_company_alone(world, run):
    stranger = World()

    seen = {
        who: PaymentRun.objects.visible_to(getattr(world, who).actor(world.today)).exists()
        for who in ("cashier", "accountant", "auditor", "secretary", "officer")
    }

    assert seen == {
        "cashier": True, "accountant": True, "auditor": True, "secretary": False, "officer": False,
    }  # fmt: skip
    assert not PaymentRun.objects.visible_to(stranger.cashier.actor(world.today)).exists()


def test_to_pay_again_are_returns_without_a_later_payment(world, run):
    world.post(run)
    payment = run.payments.get()
    came_back(world, payment)

    assert list(Payment.objects.to_pay_again()) == [payment]
    world.prepare(run.batch)
    assert not Payment.objects.to_pay_again().exists()
