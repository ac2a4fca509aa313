"""The database itself keeps statements, matches and months right: each rule by name."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from base.append_only import AppendOnlyError
from cases.workflow import Programme
from funds.models import (
    BankAccount,
    Explanation,
    Fund,
    Match,
    MatchedEntry,
    MatchedLine,
    Period,
    PeriodBalance,
    Statement,
    StatementImport,
    StatementLine,
    Transfer,
)
from funds.models.period import month_ends
from people.models import Standing
from people.roles import Role
from tests.cases.refused import attempt, refused_by
from tests.factories import UnitFactory, appoint
from tests.funds.bank import APRIL, MARCH, Books, register, row

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 10)


@pytest.fixture
def books():
    return Books(MAY)


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def statement(books, **columns):
    given = {
        "company": books.company, "bank_account": books.account, "since": MARCH[0],
        "until": MARCH[1], "opening_fen": 0, "closing_fen": 0, "lines_count": 0, "sha256": "a" * 64,
        "at": MAY, "by": books.cashier,
    }  # fmt: skip
    return attempt(Statement.objects.create, **given | columns)


def line(books, of, **columns):
    given = {
        "statement": of, "bank_account": books.account, "seq": 1, "booked_on": DAY,
        "amount_fen": 100, "balance_fen": 100,
    }  # fmt: skip
    return attempt(StatementLine.objects.create, **given | columns)


def elsewhere(books):
    """Another company's fund in its own account, with one entry."""
    other = UnitFactory(company=True)
    accountant = appoint(Role.ACCOUNTANT, other)
    fund = Fund.objects.create(
        company=other, code="X", name="别处", programmes=list(Programme.values),
        standings=list(Standing.values),
    )  # fmt: skip
    return fund, register(other, accountant, [fund], MAY)


# Bank accounts


def test_bank_account_layout_known(books):
    with refused("bank_account_layout_known"):
        BankAccount.objects.create(company=books.company, name="x", layout="ZZZ")


def test_bank_account_once(books):
    with refused_by("bank_account_once", "funds_bankaccount.company_id"):
        BankAccount.objects.create(
            company=books.company, name="x", account_index=books.account.account_index
        )


def test_fund_joins_an_account_of_its_company(books):
    _fund, account = elsewhere(books)

    with refused("the bank account of a fund is of its company"):
        Fund.objects.create(
            company=books.company, code="Z", name="z", programmes=[], standings=[],
            bank_account=account,
        )  # fmt: skip


def test_fund_stays_in_its_bank_account(books):
    another = BankAccount.objects.create(company=books.company, name="x")

    for changed in (None, another):
        with refused("a fund stays in its bank account"), transaction.atomic():
            Fund.objects.filter(pk=books.fund.pk).update(bank_account=changed)


def test_fund_with_entries_in_closed_months_joins_no_account(books):
    closed = Books(MAY)
    closed.statement([])
    closed.close(2026, 3)
    late = Fund.objects.create(
        company=closed.company, code="L", name="迟", programmes=[], standings=[]
    )
    for kind in ("SOURCE", "POOL", "SPENT"):
        late.accounts.create(kind=kind)
    closed.receive(100, DAY, fund=late)

    with refused("a fund with entries in closed months joins no bank account"):
        Fund.objects.filter(pk=late.pk).update(bank_account=closed.account)


# Statements


def test_statement_days_in_order(books):
    with refused("statement_days_in_order"):
        statement(books, since=MARCH[1], until=MARCH[0])


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 3, 31), APRIL[1]), (date(2026, 2, 1), MARCH[0]), (DAY, DAY)],
)
def test_statements_of_an_account_do_not_overlap(books, since, until):
    statement(books)

    with refused("statements of an account do not overlap"):
        statement(books, since=since, until=until, sha256="b" * 64)


def test_statement_after_another_is_taken(books):
    statement(books)

    assert statement(books, since=APRIL[0], until=APRIL[1], sha256="b" * 64).pk


def test_statement_and_its_lines_are_sealed(books):
    of = statement(books)
    first = line(books, of)

    for sealed in (of, first):
        with pytest.raises(AppendOnlyError):
            sealed.save()


def test_statement_line_once(books):
    of = statement(books)
    line(books, of)

    with refused_by("statement_line_once", "funds_statementline.statement_id"):
        line(books, of)


def test_statement_line_moves_something(books):
    with refused("statement_line_moves_something"):
        line(books, statement(books), amount_fen=0, balance_fen=0)


@pytest.mark.parametrize("day", [date(2026, 2, 28), APRIL[0]])
def test_line_lies_within_the_days_of_its_statement(books, day):
    with refused("a line lies within the days of its statement"):
        line(books, statement(books), booked_on=day)


def test_line_is_of_the_account_of_its_statement(books):
    _fund, account = elsewhere(books)

    with refused("a line lies within the days of its statement"):
        line(books, statement(books), bank_account=account)


def test_each_balance_follows_from_the_one_before(books):
    of = statement(books, opening_fen=50)
    with refused("each balance follows from the one before"):
        line(books, of)
    line(books, of, balance_fen=150)

    with refused("each balance follows from the one before"):
        line(books, of, seq=2, balance_fen=251)
    assert line(books, of, seq=2, amount_fen=-150, balance_fen=0).pk


# Imports


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"status": "GONE"}, "statement_import_status_known"),
        ({"confirmed_at": MAY}, "statement_import_confirmation_complete"),
        ({"status": "RUNNING"}, "statement_import_runs_when_confirmed"),
        ({"rows": 1, "done": 2}, "statement_import_done_within_rows"),
    ],
)
def test_statement_import_constraints(books, columns, match):
    with refused(match):
        keep(books, **columns)


def keep(books, **columns):
    given = {
        "company": books.company, "bank_account": books.account, "file_name": "x",
        "sha256": "c" * 64, "since": MARCH[0], "until": MARCH[1], "opening_fen": 0,
        "closing_fen": 0, "uploaded_at": MAY, "uploaded_by": books.cashier, "status": "CHECKED",
    }  # fmt: skip
    return StatementImport.objects.create(**given | columns)


def test_statement_import_done_has_moment(books):
    of = statement(books)

    with refused("statement_import_done_has_moment"):
        keep(books, status="DONE", confirmed_at=MAY, confirmed_by=books.cashier, statement=of)


def test_statement_import_done_has_statement(books):
    with refused("statement_import_done_has_statement"):
        keep(books, status="DONE", confirmed_at=MAY, confirmed_by=books.cashier, finished_at=MAY)


def test_statement_import_one_running(books):
    running = {"status": "RUNNING", "confirmed_at": MAY, "confirmed_by": books.cashier}
    keep(books, **running)

    with refused_by("statement_import_one_running", "funds_statementimport.company_id"):
        keep(books, **running)


# Matches


def matched(books):
    """A receipt and its line, matched."""
    entry = books.receive(100, DAY)
    of = books.statement([row(DAY, 100)])
    return entry, of.lines.get(), Match.objects.get()


def test_match_rule_known(books):
    with refused("match_rule_known"):
        Match.objects.create(bank_account=books.account, rule="X", amount_fen=1, upto=DAY, at=MAY,
                             by=books.cashier)  # fmt: skip


def test_match_end_complete(books):
    with refused("match_end_complete"):
        Match.objects.create(
            bank_account=books.account, rule="HAND", amount_fen=1, upto=DAY, at=MAY,
            by=books.cashier, ended_at=MAY,
        )  # fmt: skip


def another(books):
    return Match.objects.create(
        bank_account=books.account, rule="HAND", amount_fen=1, upto=DAY, at=MAY, by=books.cashier
    )


def test_matched_line_once(books):
    _entry, of, _match = matched(books)

    with refused_by("matched_line_once", "funds_matchedline.line_id"):
        MatchedLine.objects.create(match=another(books), line=of)


def test_matched_entry_once(books):
    entry, _line, _match = matched(books)

    with refused_by("matched_entry_once", "funds_matchedentry.transfer_id"):
        MatchedEntry.objects.create(match=another(books), transfer=entry)


def test_match_is_undone_never_deleted(books):
    _entry, _line, match = matched(books)
    match.lines.all().delete()
    match.entries.all().delete()

    with refused("a match is undone, never deleted"):
        match.delete()


def test_undone_match_stays_undone(books):
    _entry, _line, match = matched(books)
    Match.objects.filter(pk=match.pk).update(ended_at=MAY, ended_by=books.cashier)

    with refused("an undone match stays undone"):
        Match.objects.filter(pk=match.pk).update(ended_at=None, ended_by=None)


@pytest.mark.parametrize("model", [MatchedLine, MatchedEntry])
def test_what_was_parted_is_not_joined_again(books, model):
    matched(books)
    model.objects.update(active=False)

    with refused("what was parted is not joined again"):
        model.objects.update(active=True)


def test_matched_line_is_of_the_same_bank_account(books):
    _entry, of, _match = matched(books)
    MatchedLine.objects.update(active=False)
    _fund, account = elsewhere(books)
    foreign = Match.objects.create(
        bank_account=account, rule="HAND", amount_fen=1, upto=DAY, at=MAY, by=books.cashier
    )

    with refused("a matched line is of the same bank account"):
        MatchedLine.objects.create(match=foreign, line=of)


def test_matched_entry_is_of_the_same_bank_account(books):
    entry, _line, _match = matched(books)
    MatchedEntry.objects.update(active=False)
    _fund, account = elsewhere(books)
    foreign = Match.objects.create(
        bank_account=account, rule="HAND", amount_fen=1, upto=DAY, at=MAY, by=books.cashier
    )

    with refused("a matched entry is of the same bank account"):
        MatchedEntry.objects.create(match=foreign, transfer=entry)


@pytest.mark.parametrize("both", [True, False])
def test_explanation_of_one_thing(books, both):
    entry, of, _match = matched(books)
    about = {"line": of, "transfer": entry} if both else {}

    with refused("explanation_of_one_thing"):
        Explanation.objects.create(why="OTHER", at=MAY, by=books.cashier, **about)


def test_explanation_why_known(books):
    entry, _line, _match = matched(books)

    with refused("explanation_why_known"):
        Explanation.objects.create(why="SO", transfer=entry, at=MAY, by=books.cashier)


# Months


def month(books, year=2026, month=3, **columns):
    starts_on, ends_on = month_ends(year, month)
    given = {
        "bank_account": books.account, "year": year, "month": month, "starts_on": starts_on,
        "ends_on": ends_on,
    }  # fmt: skip
    return attempt(Period.objects.create, **given | columns)


def shut(books, **columns):
    """The columns of a closed month."""
    return {
        "status": "CLOSED", "book_fen": 0, "bank_fen": 0, "bank_in_fen": 0, "bank_out_fen": 0,
        "book_in_fen": 0, "book_out_fen": 0, "digest": "d" * 64, "closed_at": MAY,
        "closed_by": books.accountant, **columns,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"status": "HALF"}, "period_status_known|a month begins open"),
        ({"ends_on": MARCH[0]}, "period_days_in_order"),
        ({"book_fen": 5}, "period_complete"),
        ({"digest": "d" * 64}, "period_digest_iff_closed"),
    ],
)
def test_period_constraints(books, columns, match):
    with refused(match):
        month(books, **columns)


@pytest.mark.parametrize("number", [0, 13])
def test_period_month_in_year(books, number):
    month(books)

    with refused("period_month_in_year"):
        Period.objects.update(month=number)


def test_period_once(books):
    month(books)

    with refused_by("period_once", "funds_period.bank_account_id"):
        month(books)


def test_month_begins_open(books):
    with refused("a month begins open"):
        month(books, **shut(books))


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"closed_by": None}, "period_complete"),
        ({"digest": ""}, "period_digest_iff_closed"),
        ({"book_fen": 1}, "period_adjusted_balances_agree"),
        ({"status": "SHUT"}, "period_status_known|period_complete"),
    ],
)
def test_closed_period_constraints(books, columns, match):
    of = month(books)

    with refused(match):
        Period.objects.filter(pk=of.pk).update(**shut(books, **columns))


def test_period_status_alone_closes_nothing(books):
    of = month(books)

    with refused("period_complete|period_digest_iff_closed"):
        Period.objects.filter(pk=of.pk).update(status="CLOSED")


def test_closed_month_stays_closed(books):
    of = month(books)
    Period.objects.filter(pk=of.pk).update(**shut(books))

    with refused("a closed month stays closed"):
        Period.objects.filter(pk=of.pk).update(status="OPEN")


def test_month_is_never_deleted(books):
    of = month(books)

    with refused("a month is never deleted"):
        of.delete()


def test_months_are_closed_in_order(books):
    month(books)
    later = month(books, month=4)

    with refused("months are closed in order"):
        Period.objects.filter(pk=later.pk).update(**shut(books))


def test_month_is_closed_by_somebody_other_than_who_imported(books):
    of = month(books)
    statement(books, by=books.accountant)

    with refused("a month is closed by somebody other than who imported its statement"):
        Period.objects.filter(pk=of.pk).update(**shut(books))


@pytest.mark.parametrize("day", [date(2026, 1, 5), MARCH[1]])
def test_closed_month_takes_no_entry(books, day):
    of = month(books)
    Period.objects.filter(pk=of.pk).update(**shut(books))
    pool, source = (books.fund.accounts.get(kind=kind) for kind in ("POOL", "SOURCE"))

    with refused("a closed month takes no entry"):
        Transfer.objects.create(
            fund=books.fund, kind="RECEIVE", debit=pool, credit=source, amount_fen=1, voucher="V",
            value_on=day, key="k", at=MAY, by=books.cashier,
        )  # fmt: skip


def test_day_after_a_closed_month_takes_entries(books):
    of = month(books)
    Period.objects.filter(pk=of.pk).update(**shut(books))

    assert books.receive(100, APRIL[0]).pk


def test_period_balance_adds_up(books):
    with refused("period_balance_adds_up"):
        PeriodBalance.objects.create(
            period=month(books), fund=books.fund, opening_fen=1, in_fen=1, out_fen=0, closing_fen=1
        )


def balance(books, of, opening_fen, closing_fen):
    return PeriodBalance.objects.create(
        period=of, fund=books.fund, opening_fen=opening_fen, in_fen=closing_fen - opening_fen,
        out_fen=0, closing_fen=closing_fen,
    )  # fmt: skip


def test_period_balance_once(books):
    of = month(books)
    balance(books, of, 0, 5)

    with refused_by("period_balance_once", "funds_periodbalance.period_id"):
        balance(books, of, 0, 5)


def test_month_opens_with_what_the_last_one_closed_with(books):
    balance(books, month(books, 2025, 12), 0, 5)
    january = month(books, 2026, 1)

    with refused("a month opens with what the last one closed with"), transaction.atomic():
        balance(books, january, 4, 9)
    assert balance(books, january, 5, 9).pk
