"""The database itself keeps the money right: each constraint and refusal of the ledger by name."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from base.append_only import AppendOnlyError
from cases.workflow import Programme, Status
from funds.models import Account, Fund, Hold, HoldEnd, Kind, Transfer
from people.models import Standing
from tests.factories import NOON
from tests.world import FUND_FEN, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    assert world.fund
    return world


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def account(world, kind, **more):
    return world.fund.accounts.get(kind=kind, **more)


def second_fund(world, **columns):
    given = {
        "company": world.company, "code": "B", "name": "捐款",
        "programmes": list(Programme.values), "standings": list(Standing.values),
    }  # fmt: skip
    fund = Fund.objects.create(**given | columns)
    for kind in ("SOURCE", "POOL", "SPENT"):
        Account.objects.create(fund=fund, kind=kind)
    return fund


def transfer(world, **columns):
    given = {
        "fund": world.fund, "kind": Kind.RECEIVE, "debit": account(world, "POOL"),
        "credit": account(world, "SOURCE"), "amount_fen": 100, "voucher": "V", "key": "k",
        "value_on": date(2026, 3, 2), "at": NOON, "by": world.cashier,
    }  # fmt: skip
    with transaction.atomic():
        return Transfer.objects.create(**given | columns)


# Funds and accounts


def test_fund_code_once(world):
    with refused("fund_code_once|funds_fund.company_id, funds_fund.code"):
        second_fund(world, code="A")


@pytest.mark.parametrize("fen", [0, -1])
def test_fund_ceiling_positive(world, fen):
    with refused("fund_ceiling_positive"):
        second_fund(world, ceiling_fen=fen)


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"kind": "CASH"}, "account_kind_known"),
        ({"kind": "BUDGET", "year": 2026, "programme": "GIFT"}, "account_programme_known"),
        ({"kind": "BUDGET", "programme": "REGULAR"}, "account_budget_has_year_and_programme"),
        ({"kind": "BUDGET", "year": 2027}, "account_budget_has_year_and_programme"),
        ({"kind": "POOL", "year": 2027}, "account_budget_has_year_and_programme"),
        ({"kind": "POOL"}, "account_once|funds_account.fund_id"),
        ({"kind": "BUDGET", "year": 2026, "programme": "REGULAR"}, "account_budget_once|funds_"),
    ],
)
def test_account_constraints(world, columns, match):
    with refused(match):
        Account.objects.create(fund=world.fund, **columns)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("POOL", {"balance_fen": -1}),
        ("POOL", {"balance_fen": 5, "held_fen": 6}),
        ("POOL", {"held_fen": -1}),
        ("BUDGET", {"balance_fen": -1}),
        ("BUDGET", {"balance_fen": 5, "held_fen": 6}),
        ("SOURCE", {"held_fen": 1}),
        ("SPENT", {"held_fen": 1}),
    ],
)
def test_account_never_overdrawn(world, kind, changes):
    with refused("account_never_overdrawn"):
        world.fund.accounts.filter(kind=kind).update(**changes)


def test_account_may_be_held_to_the_last_fen(world):
    pool = world.fund.accounts.filter(kind="POOL")

    assert pool.update(balance_fen=5, held_fen=5) == 1
    assert pool.get().available_fen == 0


def test_account_in_words_names_the_year_and_programme_of_a_budget(world):
    assert str(account(world, "BUDGET", programme="REGULAR")).startswith("2026 ")
    assert str(account(world, "POOL")) == account(world, "POOL").get_kind_display()


# Transfers


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"amount_fen": 0}, "transfer_amount_positive"),
        ({"amount_fen": -5}, "transfer_amount_positive"),
        ({"voucher": "2026-A-记-0001"}, "transfer_voucher_once|append-only: funds_transfer"),
        ({"key": "grant"}, "key|append-only: funds_transfer"),
        ({"kind": "GIFT"}, "transfer_kind_known|these accounts do not fit this kind of transfer"),
    ],
)
def test_transfer_constraints(world, columns, match):
    with refused(match):
        transfer(world, **columns)


def test_transfer_between_two_accounts(world):
    pool = account(world, "POOL")

    with refused("transfer_between_two_accounts|do not fit"):
        transfer(world, debit=pool, credit=pool)


def test_transfer_reverses_iff_reversal(world):
    with refused("transfer_reverses_iff_reversal"):
        transfer(world, reverses=Transfer.objects.get(kind=Kind.RECEIVE))


def test_transfer_payment_names_case(world):
    budget, spent = account(world, "BUDGET", programme="REGULAR"), account(world, "SPENT")

    with refused("transfer_payment_names_case"):
        transfer(world, kind=Kind.PAY, debit=spent, credit=budget)


FITS = {
    ("RECEIVE", "SOURCE", "POOL"),
    ("PAY", "BUDGET", "SPENT"),
    ("BOUNCE", "SPENT", "BUDGET"),
}


@pytest.mark.parametrize("kind", ["RECEIVE", "PAY", "BOUNCE"])
def test_each_kind_has_one_direction(world, kind):
    """The refusal `direction`: of all pairs of accounts exactly one fits."""
    case = world.case_in(Status.APPROVED)
    names = ("SOURCE", "POOL", "BUDGET", "SPENT")
    accounts = {name: world.fund.accounts.filter(kind=name).first() for name in names}
    given = {"case": case, "batch": case.batch_lines.get(current=True).batch}
    fitting = set()
    for credit in names:
        for debit in names:
            try:
                transfer(
                    world, kind=kind, credit=accounts[credit], debit=accounts[debit],
                    voucher=f"{credit}{debit}", key=f"{credit}{debit}", **given,
                )  # fmt: skip
                fitting.add((kind, credit, debit))
            except IntegrityError as refusal:
                assert "these accounts do not fit this kind of transfer" in str(refusal)

    assert fitting == {row for row in FITS if row[0] == kind}


def test_money_never_moves_between_funds(world):
    other = second_fund(world)

    with refused("money never moves between funds"):
        transfer(world, debit=other.accounts.get(kind="POOL"))
    with refused("money never moves between funds"):
        transfer(world, fund=other)


def turned(entry, **columns):
    """The columns of a reversal of an entry."""
    given = {
        "kind": Kind.REVERSE, "debit": entry.credit, "credit": entry.debit,
        "amount_fen": entry.amount_fen, "reverses": entry, "voucher": "W", "key": "w",
    }  # fmt: skip
    return given | columns


@pytest.mark.parametrize("wrong", ["amount", "direction", "reversal"])
def test_a_reversal_turns_one_transfer_round_in_full(world, wrong):
    entry = transfer(world)
    if wrong == "amount":
        given = turned(entry, amount_fen=entry.amount_fen - 1)
    elif wrong == "direction":
        given = turned(entry, debit=entry.debit, credit=entry.credit)
    else:
        back = transfer(world, **turned(entry))
        given = turned(back, voucher="X", key="x")

    with refused("a reversal turns one transfer round, in full"):
        transfer(world, **given)


def test_a_transfer_is_reversed_once(world):
    entry = transfer(world)
    transfer(world, **turned(entry))

    with refused("reverses_id|append-only: funds_transfer"):
        transfer(world, **turned(entry, voucher="X", key="x"))


# Reservations


def hold(world, case, **columns):
    given = {
        "account": world.budget(Programme.EMERGENCY), "line": case.batch_lines.get(),
        "case": case, "amount_fen": 100, "at": NOON, "by": world.cashier,
    }  # fmt: skip
    with transaction.atomic():
        return Hold.objects.create(**given | columns)


def test_hold_amount_positive(world):
    case = world.case_in(Status.TABLED)

    with refused("hold_amount_positive"):
        hold(world, case, amount_fen=0)


def test_money_is_reserved_on_a_budget(world):
    case = world.case_in(Status.TABLED)

    with refused("the fund may not be used for this programme or this person"):
        hold(world, case, account=account(world, "POOL"))


@pytest.mark.parametrize(
    "columns",
    [
        {"programmes": ["REGULAR"]}, {"programmes": []}, {"standings": ["IN_SERVICE"]},
        {"programmes": ["EMERGENCY"], "standings": ["PAID_OFF"]},
    ],
)  # fmt: skip
def test_no_money_is_reserved_outside_the_purpose_of_the_fund(world, columns):
    case = world.case_in(Status.TABLED)
    assert case.applicant.standing == "RETIRED"
    Fund.objects.filter(pk=world.fund.pk).update(**columns)

    with refused("the fund may not be used for this programme or this person"):
        hold(world, case)


def test_no_money_is_reserved_on_the_budget_of_another_programme(world):
    case = world.case_in(Status.TABLED)

    with refused("the fund may not be used for this programme or this person"):
        hold(world, case, account=world.budget(Programme.REGULAR))


def test_a_reservation_within_purpose_and_ceiling_is_taken(world):
    case = world.case_in(Status.TABLED)
    Fund.objects.filter(pk=world.fund.pk).update(
        programmes=["EMERGENCY"], standings=["RETIRED"], ceiling_fen=1000
    )

    assert hold(world, case, amount_fen=1000).pk


def test_no_money_is_reserved_above_the_ceiling_of_the_fund(world):
    case = world.case_in(Status.TABLED)
    Fund.objects.filter(pk=world.fund.pk).update(ceiling_fen=999)

    with refused("the amount is above the ceiling of the fund"):
        hold(world, case, amount_fen=1000)


def test_no_payment_is_above_the_ceiling_of_the_fund(world):
    case = world.case_in(Status.CLEARED)
    Fund.objects.filter(pk=world.fund.pk).update(ceiling_fen=99)

    with refused("a payment is above the ceiling of the fund"):
        transfer(
            world, kind=Kind.PAY, debit=account(world, "SPENT"),
            credit=world.budget(Programme.EMERGENCY), case=case,
            batch=case.batch_lines.get().batch,
        )  # fmt: skip


def test_money_the_bank_sent_back_is_reserved_again_for_somebody_who_retired(world):
    case = world.case_in(Status.APPROVED)
    end(world, Hold.objects.get(case=case))
    Fund.objects.filter(pk=world.fund.pk).update(standings=["IN_SERVICE"])

    assert hold(world, case).pk


def test_one_reservation_of_a_case_at_a_time(world):
    case = world.case_in(Status.APPROVED)

    with refused("one reservation of a case at a time"):
        hold(world, case)
    end(world, Hold.objects.get(case=case))
    assert hold(world, case).pk


def end(world, held, **columns):
    given = {"hold": held, "reason": "VOIDED", "at": NOON, "by": world.cashier}
    with transaction.atomic():
        return HoldEnd.objects.create(**given | columns)


def test_hold_end_constraints(world):
    case = world.case_in(Status.APPROVED)
    held, entry = Hold.objects.get(case=case), Transfer.objects.first()

    with refused("hold_end_reason_known|hold_end_posted_by_transfer"):
        end(world, held, reason="LOST")
    with refused("hold_end_posted_by_transfer"):
        end(world, held, reason="POSTED")
    with refused("hold_end_posted_by_transfer"):
        end(world, held, transfer=entry)
    end(world, held)
    with refused("hold_id|append-only: funds_holdend"):
        end(world, held)


# Sealed


@pytest.mark.parametrize("model", [Transfer, Hold, HoldEnd])
def test_the_journal_is_written_once(world, model):
    world.case_in(Status.PAID)
    row = model.objects.first()

    with pytest.raises(AppendOnlyError):
        row.save()
    with pytest.raises(AppendOnlyError):
        model.objects.update(at=NOON)
    with pytest.raises(AppendOnlyError):
        model.objects.all().delete()
    for sql in ("UPDATE {} SET at = at", "DELETE FROM {}"):
        with refused("append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(model._meta.db_table))


# Questions


def test_balances_after_counts_every_entry_even_those_not_shown(world):
    pool = account(world, "POOL")
    rows = list(Transfer.objects.narrowed(account=pool, kind="ALLOCATE"))

    after = Transfer.objects.filter(fund=world.fund).balances_after([pool], rows)

    assert sorted(after.values(), reverse=True) == [FUND_FEN - 200_000_00, FUND_FEN - 400_000_00]
    assert Transfer.objects.balances_after([pool], []) == {}


def test_funds_are_seen_in_their_company_alone(world):
    stranger = World()

    assert list(Fund.objects.visible_to(world.cashier.actor(world.today))) == [world.fund]
    assert not Fund.objects.visible_to(stranger.cashier.actor(world.today)).exists()
    assert not Fund.objects.visible_to(world.officer.actor(world.today)).exists()
