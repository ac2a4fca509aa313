"""Money in, to budgets and back: every rule of the ledger, and every repeat."""

import pytest
from django.utils import translation

from cases.workflow import Programme, Status
from funds import actions
from funds.models import Account, Fund, Hold, Kind, Transfer
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


def allocate(world, fen=1000_00, **more):
    given = {"by": world.accountant, "key": "k", "year": 2026, "programme": Programme.REGULAR}
    return actions.allocate(fund=world.fund, amount_fen=fen, at=world.tick(), **given | more)


def take_back(world, fen=1000_00, **more):
    given = {"by": world.accountant, "key": "k", "budget": world.budget(Programme.EMERGENCY)}
    return actions.take_back(amount_fen=fen, at=world.tick(), **given | more)


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


@pytest.mark.parametrize(
    ("act", "who"),
    [
        (receive, "company_officer"),
        (receive, "auditor"),
        (receive, "admin"),
        (allocate, "cashier"),
        (allocate, "company_chair"),
        (take_back, "cashier"),
        (take_back, "secretary"),
    ],
)
def test_booking_by_somebody_else_is_refused(world, act, who):
    before = balances(world.fund)

    with pytest.raises(NotAllowed):
        act(world, by=getattr(world, who))

    assert balances(world.fund) == before


@pytest.mark.parametrize("act", [receive, allocate, take_back])
def test_booking_by_the_accountant_of_another_company_is_refused(world, act):
    stranger = appoint(Role.ACCOUNTANT, UnitFactory(company=True))

    with pytest.raises(NotAllowed, match="another company"):
        act(world, by=stranger)


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


def test_allocate_makes_the_budget_of_a_new_year(world):
    allocate(world, 100_00, year=2027)

    budget = Account.objects.get(kind="BUDGET", year=2027)
    assert (budget.programme, budget.balance_fen) == ("REGULAR", 100_00)


def test_allocate_exactly_what_is_left_and_not_a_fen_more(world):
    allocate(world, FUND_FEN - 2 * BUDGET_FEN)

    with pytest.raises(NotAllowed, match="0.00"):
        allocate(world, 1, key="more")

    assert balances(world.fund)["POOL"] == (0, 0)


def test_allocate_to_a_programme_the_fund_does_not_allow_is_refused(world):
    Fund.objects.update(programmes=[Programme.EMERGENCY])

    with pytest.raises(NotAllowed, match="programme"):
        allocate(world, programme=Programme.REGULAR)


def test_take_back_leaves_what_is_reserved(world):
    world.case_in(Status.APPROVED)

    take_back(world, BUDGET_FEN - 5500_00)
    with pytest.raises(NotAllowed, match="not reserved"):
        take_back(world, 1, key="more")

    assert balances(world.fund)["EMERGENCY"] == (5500_00, 5500_00)


# Repeats: one key, one entry


@pytest.mark.parametrize("act", [receive, allocate, take_back])
def test_the_same_key_again_is_the_same_entry(world, act):
    first = act(world)
    after = balances(world.fund)

    assert act(world) == first
    assert balances(world.fund) == after


def test_a_repeat_of_the_last_money_is_still_the_same_entry(world):
    """The pool is empty by then: a repeat must not be judged as a new wish."""
    rest = FUND_FEN - 2 * BUDGET_FEN

    first = allocate(world, rest)

    assert allocate(world, rest) == first


@pytest.mark.parametrize(
    ("act", "other"),
    [
        (receive, {"fen": 999_00}),
        (allocate, {"fen": 999_00}),
        (allocate, {"year": 2027}),
        (allocate, {"programme": Programme.EMERGENCY}),
        (take_back, {"fen": 999_00}),
    ],
)
def test_the_same_key_for_something_else_is_refused(world, act, other):
    act(world)
    after = balances(world.fund)

    with pytest.raises(NotAllowed, match="sent before"):
        act(world, **other)

    assert balances(world.fund) == after


def test_the_same_key_for_another_kind_is_refused(world):
    receive(world)

    with pytest.raises(NotAllowed, match="sent before"):
        allocate(world)


def test_the_same_key_in_another_fund_is_refused(world):
    receive(world)
    other = actions.create_fund(
        company=world.company, code="B", name="捐款", programmes=[], standings=[],
        ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip

    with pytest.raises(NotAllowed, match="sent before"):
        actions.receive(fund=other, amount_fen=1000_00, by=world.cashier, at=world.tick(), key="k")


# Reversal


@pytest.mark.parametrize("act", [receive, allocate, take_back])
def test_reverse_turns_an_entry_round_in_full(world, act):
    before = balances(world.fund)
    entry = act(world)

    back = reverse(world, entry, by=second_accountant(world))

    assert balances(world.fund) == before
    assert (back.debit, back.credit, back.amount_fen, back.reverses, back.note) == (
        entry.credit, entry.debit, entry.amount_fen, entry, "误记",
    )  # fmt: skip


def test_reverse_by_whoever_booked_it_is_refused(world):
    entry = allocate(world)

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
    allocated = Transfer.objects.filter(kind=Kind.ALLOCATE, debit__programme="EMERGENCY").get()
    world.case_in(Status.APPROVED)

    with pytest.raises(NotAllowed, match="used since"):
        reverse(world, allocated, by=second_accountant(world))

    assert Hold.objects.running().count() == 1
