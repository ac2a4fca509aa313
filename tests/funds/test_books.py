"""The books: trial balance, statement and ledgers say the same as the entries, to the fen."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from cases.workflow import Programme, Status
from funds import actions, books
from funds.models import Account, Advance, Fund, Kind, Payment, PaymentRun, Recovery, Transfer
from people.roles import NotAllowed
from tests.factories import NOON
from tests.funds import bank, recoveries, years
from tests.funds.bank import MARCH, Books
from tests.funds.ledgers import (
    bank_fen,
    batch_of,
    carry,
    earned_fen,
    entries,
    full,
    lively,
    pay_back,
    receive,
    spent_fen,
    turn_round,
)
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def all_funds():
    return list(Fund.objects.order_by("pk"))


def agree(funds, since, until):
    """Trial balance, statement, journal, sums by purpose, unit and household over some days."""
    known = entries(funds)
    before = [row for row in known if row.value_on < since]
    during = [row for row in known if since <= row.value_on <= until]
    trial = books.trial_balance(funds, since, until)
    found = books.statement(funds, since, until)
    journal = books.journal(funds)

    assert trial.balances
    for account_row in trial.rows:
        pk = account_row.account.pk
        own = [(r.amount_fen, r.debit_id == pk, r.credit_id == pk) for r in during]
        assert account_row.debit_fen == sum(fen for fen, debit, _credit in own if debit)
        assert account_row.credit_fen == sum(fen for fen, _debit, credit in own if credit)
        assert account_row.opening_fen == sum(
            r.amount_fen * ((r.debit_id == pk) - (r.credit_id == pk)) for r in before
        )
    assert found.opening_fen == journal.before(since) == sum(map(bank_fen, before))
    assert found.income_fen == sum(map(earned_fen, during))
    assert found.spending_fen == sum(map(spent_fen, during))
    assert found.closing_fen == sum(map(bank_fen, before + during))
    assert found.agrees
    in_bank = [row.closing_fen for row in trial.rows if row.account.in_bank]
    assert sum(in_bank) == found.closing_fen
    listed = books.totals(journal.narrowed(since=since, until=until))
    assert (listed["into"], listed["out"]) == (found.income_fen, found.spending_fen)
    by_purpose = books.by_purpose(funds, since, until)
    budgets = [row.closing_fen for row in trial.rows if row.account.kind == "BUDGET"]
    assert sum(row.closing_fen for row in by_purpose) == sum(budgets)
    assert books.summed(books.by_unit(funds, since, until)).figures == found.totals
    households = list(books.households(funds, since, until))
    assert books.summed(books.paid_to(households, funds, since, until)).figures == found.totals


def agree_in_every_month(funds):
    """…and in each month from the first entry to the last, which begins as the one before ended."""
    months = [row.value_on.year * 12 + row.value_on.month - 1 for row in entries(funds)]
    closing = 0
    for month in range(min(months), max(months) + 1):
        since, until = books.span(month // 12, month % 12 + 1)
        agree(funds, since, until)
        found = books.statement(funds, since, until)
        assert found.opening_fen == closing
        closing = found.closing_fen
    assert closing == books.journal(funds).now_fen


def running(ledger):
    """The balance after each entry as a page shows it, beside what is added up by hand."""
    rows = list(ledger.rows.order_by("value_on", "pk"))
    shown = ledger.balances_after(rows)
    fen, counted = 0, {}
    for row in rows:
        fen += row.into_fen - row.out_fen
        counted[row.pk] = fen
    return shown, counted


@pytest.fixture
def world():
    return World()


# What the books say


def test_all_books_agree_in_every_month_of_a_year_in_which_everything_happens(world):
    full(world)
    kinds = set(Transfer.objects.values_list("kind", flat=True))

    assert kinds == set(Kind.values)
    agree_in_every_month(all_funds())
    agree_in_every_month([world.fund])
    for since, until in (YEAR, books.span(2027), (date(2026, 3, 10), date(2026, 4, 20))):
        agree(all_funds(), since, until)


def test_the_statement_counts_a_reversal_where_it_came_from(world):
    paid, returned, urgent = lively(world)

    found = books.statement([world.fund], *YEAR)

    assert dict(found.income) == {
        Kind.RECEIVE: 600_000_00, Kind.INTEREST: 321_45, Kind.DONATION: 5000_00
    }  # fmt: skip
    (emergency,) = found.spending
    grants = [world.fresh(case).granted_fen for case in (paid, returned, urgent)]
    assert emergency.of == Programme.EMERGENCY
    assert emergency.paid_fen == sum(grants) + 2000_00
    assert emergency.back_fen == grants[1]
    assert emergency.set_off_fen == 2000_00
    assert emergency.net_fen == grants[0] + grants[2]
    assert found.totals == emergency.figures


def test_a_household_was_granted_paid_returned_and_set_off(world):
    _paid, returned, urgent = lively(world)

    (twice,) = books.grants([world.fund], urgent.dossier)
    (back,) = books.grants([world.fund], returned.dossier)

    granted = world.fresh(urgent).granted_fen
    assert (twice.of.granted_fen, twice.paid_fen) == (granted, granted + 2000_00)
    assert (twice.back_fen, twice.set_off_fen) == (0, 2000_00)
    assert (back.paid_fen, back.back_fen) == (back.of.granted_fen, back.of.granted_fen)
    ledger = books.of_household([world.fund], urgent.dossier)
    kinds = [row.kind for row in ledger.rows.order_by("value_on", "pk")]
    assert kinds == ["ADVANCE", "PAY", "SET_OFF"]
    assert ledger.now_fen == granted


def test_the_balance_after_each_entry_is_the_sum_up_to_it(world):
    paid, _returned, urgent = lively(world)
    receive(world, 100, "INTEREST", value_on=world.today - timedelta(days=40))
    accounts = Account.objects.filter(fund=world.fund)
    ledgers = [
        books.journal(all_funds()), books.of_purpose(all_funds(), "EMERGENCY"),
        books.of_purpose(all_funds()),
        books.of_unit(all_funds(), paid.unit), books.of_household(all_funds(), urgent.dossier),
        *map(books.of_account, accounts),
    ]  # fmt: skip

    for ledger in ledgers:
        shown, counted = running(ledger)
        assert shown == counted
        assert ledger.now_fen == (list(counted.values()) or [0])[-1]


def test_a_filtered_page_shows_the_true_balances(world):
    lively(world)
    journal = books.journal([world.fund])
    interest = list(journal.narrowed(kind="INTEREST"))

    shown = journal.balances_after(interest)

    assert len(interest) == 1
    assert shown == {interest[0].pk: running(journal)[1][interest[0].pk]}


def test_money_paid_back_without_a_budget_counts_for_the_programme_of_its_case(world):
    paid = world.case_in(Status.PAID)
    world.tick(days=300)
    recoveries.back(world, recoveries.decided(world, paid, 100_00), 100_00)
    year = books.span(world.today.year)

    (spent,) = books.statement([world.fund], *year).spending

    assert year != YEAR
    assert (spent.of, spent.paid_fen, spent.back_fen) == (Programme.EMERGENCY, 0, 100_00)
    journal = books.journal([world.fund])
    (entry,) = books.loaded(journal.narrowed(programme="EMERGENCY", side="back"))
    assert (entry.kind, entry.debit.kind, entry.maker) == ("RECLAIM", "POOL", world.cashier.name)
    assert books.programme_of(entry) == Programme.EMERGENCY.label
    assert not journal.narrowed(programme="MEDICAL", side="back").exists()
    agree([world.fund], *year)


def test_the_statement_says_what_the_closed_month_wrote_down():
    kept = Books(NOON + 90 * DAY)
    kept.receive(500_00, date(2026, 3, 2))
    kept.receive(12_34, date(2026, 3, 31), kind="INTEREST")
    kept.statement([
        bank.row(date(2026, 3, 2), 500_00), bank.row(date(2026, 3, 31), 12_34, text="结息"),
    ])  # fmt: skip
    kept.close(2026, 3)

    march = books.statement([kept.fund], *MARCH)
    april = books.statement([kept.fund], *books.span(2026, 4))
    year = books.statement([kept.fund], *YEAR)

    assert (march.month_opening_fen, march.month_closing_fen) == (0, 512_34)
    assert march.agrees
    assert (april.month_opening_fen, year.month_closing_fen) == (None, None)


def test_the_statement_differs_where_a_counter_or_a_closed_month_does():
    kept = Books(NOON)
    kept.receive(500_00, date(2026, 3, 2))
    Account.objects.filter(fund=kept.fund, kind="POOL").update(balance_fen=499_99)

    found = books.statement([kept.fund], *MARCH)

    assert found.journal_fen == 500_00
    assert not found.agrees
    assert not books.trial_balance([kept.fund], *MARCH).balances


def test_an_empty_fund_has_empty_books():
    assert books.trial_balance([], *YEAR).sums == (0,) * 6
    assert books.statement([], *YEAR).totals == (0, 0, 0, 0)
    assert books.by_purpose([], *YEAR) == books.by_unit([], *YEAR) == []


def test_the_books_of_another_company_are_not_in_the_sums(world):
    world.case_in(Status.PAID)
    other = Books(NOON)
    other.receive(500_00, NOON.date())
    reader = other.cashier.actor(NOON.date())

    agree([world.fund], *YEAR)
    agree([other.fund], *YEAR)
    assert list(books.funds_of(reader)) == [other.fund]
    assert not books.households_of(reader).exists()


# The number of queries does not grow


@pytest.mark.parametrize("count", [1, 3])
def test_each_book_asks_the_same_number_of_queries(world, count, django_assert_num_queries):
    cases = [world.case_in(Status.PAID) for _n in range(count)]
    funds = all_funds()
    asked = (
        (lambda: books.trial_balance(funds, *YEAR), 3),
        (lambda: books.statement(funds, *YEAR), 5),
        (lambda: books.by_unit(funds, *YEAR), 2),
        (lambda: books.by_purpose(funds, *YEAR), 2),
        (lambda: books.paid_to(list(books.households(funds, *YEAR)), funds, *YEAR), 2),
        (lambda: books.grants(funds, cases[0].dossier), 2),
        (lambda: books.loaded(books.journal(funds).rows), 4),
    )

    for ask, number in asked:
        with django_assert_num_queries(number):
            ask()


# Whatever is booked, the books agree


KINDS = st.sampled_from(["RECEIVE", "INTEREST", "DONATION"])
FEN = st.integers(1, 50_000_00)
ONE = st.integers(0, 1)  # of two cases
STEPS = st.one_of(
    st.tuples(st.just("receive"), KINDS, FEN, st.integers(0, 60)),
    st.tuples(st.just("turn round"), st.integers(0, 5)),
    st.tuples(st.just("plan"), st.sampled_from(["EMERGENCY", "REGULAR", "MEDICAL"]), FEN),
    st.tuples(st.just("take"), FEN),
    st.tuples(st.just("donate"), FEN, st.booleans()),
    st.tuples(st.just("pay"), ONE),
    st.tuples(st.just("bounce"), ONE),
    st.tuples(st.just("advance"), ONE),
    st.tuples(st.just("pay back"), ONE),
    st.tuples(st.just("demand"), ONE, st.integers(1, 6000_00)),
    st.tuples(st.just("part"), st.integers(1, 3000_00)),
    st.tuples(st.just("carry")),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)


def do(world, cleared, urgent, what, *how):
    """One step; what is not allowed, or of something that is not there, is left undone."""
    if what == "receive":
        kind, fen, days = how
        receive(world, fen, kind, value_on=world.today - timedelta(days=days))
    elif what == "turn round":
        rows = list(Transfer.objects.filter(kind__in=["RECEIVE", "INTEREST", "DONATION"]))
        turn_round(world, rows[how[0] % len(rows)])
    elif what == "plan":
        world.appropriate(how, year=world.today.year)
    elif what == "take":
        world.take_back(world.budget(Programme.EMERGENCY), how[0])
    elif what == "donate":
        fen, whole = how
        years.give_out(world, years.donate(world, fen), fen if whole else 1)
    elif what == "pay":
        world.post(world.prepare(batch_of(cleared[how[0]])))
    elif what == "bounce":
        payment = Payment.objects.filter(case=cleared[how[0]]).latest("pk")
        actions.bounce(payment=payment, by=world.accountant, at=world.tick(), reason="退")
    elif what == "advance":
        world.advance(urgent[how[0]])
    elif what == "pay back":
        pay_back(world, Advance.objects.get(case=urgent[how[0]]))
    elif what == "demand":
        recoveries.decided(world, world.fresh(cleared[how[0]]), how[1])
    elif what == "part":
        recoveries.back(world, Recovery.objects.latest("pk"), how[0])
    elif what == "carry":
        years.turn(world, world.today.year + 1)
        carry(world, 2026)
    else:
        world.tick(days=how[0])


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(STEPS, min_size=5, max_size=15),
    cut=st.integers(0, 360),
    days=st.integers(0, 200),
)
def test_whatever_is_booked_the_books_agree(played, steps, cut, days):
    world, cleared, urgent, now = played
    since = YEAR[0] + timedelta(days=cut)

    with transaction.atomic():
        world.now = now
        for step in steps:
            with suppress(NotAllowed, ObjectDoesNotExist), transaction.atomic():
                do(world, cleared, urgent, *step)
                event(step[0])
        agree_in_every_month(all_funds())
        agree([world.fund], since, since + timedelta(days=days))
        shown, counted = running(books.journal(all_funds()))
        assert shown == counted
        transaction.set_rollback(True)


@pytest.fixture
def played(world):
    """A lively world with two grants that wait to be paid, and two applications."""
    lively(world)
    cleared = [world.case_in(Status.CLEARED) for _n in range(2)]
    urgent = [world.case_in(Status.SUBMITTED) for _n in range(2)]
    assert not PaymentRun.objects.filter(batch__in=map(batch_of, cleared)).exists()
    return world, cleared, urgent, world.now
