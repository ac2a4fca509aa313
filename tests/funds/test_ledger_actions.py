"""Money in, to budgets and back: every rule of the ledger, and every repeat."""

import pytest
from django.utils import translation

from cases.workflow import Programme, Status
from funds import actions
from funds.models import Fund, Kind, Transfer
from people.models import Standing
from people.roles import NotAllowed, Role
from tests.factories import UnitFactory, appoint
from tests.world import BUDGET_FEN, FUND_FEN, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    """Refusals are read here in the language they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    world = World()
    assert world.fund
    return world


def balances(fund):
    """{kind or programme: (balance, reserved)} of a fund."""
    return {
        account.programme or account.kind: (account.balance_fen, account.held_fen)
        for account in fund.accounts.all()
    }


def receive(world, fen=1000_00, **more):
    given = {"by": world.cashier, "key": "k", **more}
    return actions.receive(fund=world.fund, amount_fen=fen, at=world.tick(), **given)


def reverse(world, transfer, **more):
    given = {"by": world.accountant, "key": "r", "note": "误记", **more}
    return actions.reverse(transfer=transfer, at=world.tick(), **given)


def second_accountant(world):
    return appoint(Role.ACCOUNTANT, world.company)


# Funds


def test_create_fund_opens_its_accounts(world):
    assert balances(world.fund) == {
        "SOURCE": (-FUND_FEN, 0),
        "POOL": (FUND_FEN - 2 * BUDGET_FEN, 0),
        "SPENT": (0, 0),
        "EMERGENCY": (BUDGET_FEN, 0),
        "REGULAR": (BUDGET_FEN, 0),
    }


@pytest.mark.parametrize("who", ["cashier", "company_chair", "admin", "auditor"])
def test_create_fund_by_anybody_but_the_accountant_is_refused(world, who):
    with pytest.raises(NotAllowed, match="accountant"):
        actions.create_fund(
            company=world.company, code="B", name="捐款", programmes=[], standings=[],
            ceiling_fen=None, by=getattr(world, who), at=world.tick(),
        )  # fmt: skip

    assert Fund.objects.count() == 1


def test_create_fund_for_another_company_is_refused(world):
    other = UnitFactory(company=True)

    with pytest.raises(NotAllowed):
        actions.create_fund(
            company=other, code="B", name="捐款", programmes=[], standings=list(Standing.values),
            ceiling_fen=None, by=world.accountant, at=world.tick(),
        )  # fmt: skip


# Who may book


@pytest.mark.parametrize("who", ["company_officer", "auditor", "admin"])
def test_booking_by_somebody_else_is_refused(world, who):
    before = balances(world.fund)

    with pytest.raises(NotAllowed):
        receive(world, by=getattr(world, who))

    assert balances(world.fund) == before


def test_booking_by_the_accountant_of_another_company_is_refused(world):
    stranger = appoint(Role.ACCOUNTANT, UnitFactory(company=True))

    with pytest.raises(NotAllowed, match="another company"):
        receive(world, by=stranger)


# What is booked


def test_receive_raises_the_pool_and_takes_the_next_voucher(world):
    transfer = receive(world, note="行政拨款")

    assert balances(world.fund)["POOL"] == (FUND_FEN - 2 * BUDGET_FEN + 1000_00, 0)
    assert balances(world.fund)["SOURCE"] == (-FUND_FEN - 1000_00, 0)
    assert (transfer.kind, transfer.voucher, transfer.note, transfer.by) == (
        Kind.RECEIVE, "2026-A-记-0004", "行政拨款", world.cashier,
    )  # fmt: skip


def test_vouchers_count_up_without_gaps_in_the_year_of_the_entry(world):
    last_year = receive(world, key="old", value_on=world.today.replace(year=2025))

    receive(world, key="new")

    assert last_year.voucher == "2025-A-记-0001"
    this_year = Transfer.objects.filter(voucher__startswith="2026").order_by("pk")
    assert [v[-4:] for v in this_year.values_list("voucher", flat=True)] == [
        "0001", "0002", "0003", "0004",
    ]  # fmt: skip


# Repeats: one key, one entry


def test_the_same_key_again_is_the_same_entry(world):
    first = receive(world)
    after = balances(world.fund)

    assert receive(world) == first
    assert balances(world.fund) == after


@pytest.mark.parametrize("other", [{"fen": 999_00}, {"kind": Kind.INTEREST}])
def test_the_same_key_for_something_else_is_refused(world, other):
    receive(world)
    after = balances(world.fund)

    with pytest.raises(NotAllowed, match="sent before"):
        receive(world, **other)

    assert balances(world.fund) == after


def test_the_same_key_in_another_fund_is_refused(world):
    receive(world)
    other = actions.create_fund(
        company=world.company, code="B", name="捐款", programmes=[], standings=[],
        ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip

    with pytest.raises(NotAllowed, match="sent before"):
        actions.receive(fund=other, amount_fen=1000_00, by=world.cashier, at=world.tick(), key="k")


# Reversal


def test_reverse_turns_an_entry_round_in_full(world):
    before = balances(world.fund)
    entry = receive(world)

    back = reverse(world, entry, by=second_accountant(world))

    assert balances(world.fund) == before
    assert (back.debit, back.credit, back.amount_fen, back.reverses, back.note) == (
        entry.credit, entry.debit, entry.amount_fen, entry, "误记",
    )  # fmt: skip


def test_reverse_by_whoever_booked_it_is_refused(world):
    entry = receive(world, by=world.accountant)

    with pytest.raises(NotAllowed, match="other than who booked"):
        reverse(world, entry, by=world.accountant)


def test_reverse_by_the_cashier_is_refused(world):
    entry = receive(world, by=world.accountant)

    with pytest.raises(NotAllowed):
        reverse(world, entry, by=world.cashier)


def test_reverse_happens_once(world):
    entry = receive(world)
    first = reverse(world, entry)

    assert reverse(world, entry) == first
    with pytest.raises(NotAllowed, match="already"):
        reverse(world, entry, key="again")
    assert Transfer.objects.filter(reverses=entry).count() == 1


def test_reverse_under_the_key_of_another_entry_is_refused(world):
    entry = receive(world)

    with pytest.raises(NotAllowed, match="sent before"):
        reverse(world, entry, key="k")


def test_a_reversal_is_never_reversed(world):
    back = reverse(world, receive(world))

    with pytest.raises(NotAllowed, match="never reversed"):
        reverse(world, back, by=second_accountant(world), key="again")


def test_a_payment_and_a_return_are_never_reversed(world):
    case = world.case_in(Status.PAID)
    actions.bounce(payment=case.payments.get(), by=world.accountant, at=world.tick(), reason="退")

    for entry in case.transfers.all():
        with pytest.raises(NotAllowed, match="bank return"):
            reverse(world, entry, by=second_accountant(world))

    assert case.transfers.count() == 2


def test_reverse_of_money_that_was_used_since_is_refused(world):
    entry = receive(world)
    world.appropriate((Programme.REGULAR, FUND_FEN - 2 * BUDGET_FEN + 1))

    with pytest.raises(NotAllowed, match="used since"):
        reverse(world, entry)

    assert Transfer.objects.filter(kind=Kind.REVERSE).count() == 0


@pytest.mark.parametrize("kind", [Kind.ALLOCATE, Kind.RELEASE])
def test_what_a_decision_booked_is_never_reversed(world, kind):
    world.take_back(world.budget(Programme.EMERGENCY), 1000_00)
    entry = Transfer.objects.filter(kind=kind).first()

    with pytest.raises(NotAllowed, match="by a decision"):
        reverse(world, entry)
