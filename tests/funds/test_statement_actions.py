"""Statements imported and matched, months closed: each act, each refusal, each only once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import translation

from audits import books as check
from cases.models import Counter
from cases.workflow import Status
from funds import actions, tasks
from funds.models import (
    Explanation,
    Kind,
    Match,
    MatchedEntry,
    Payment,
    Period,
    PeriodBalance,
    Statement,
    StatementImport,
    StatementLine,
    Transfer,
)
from people.roles import Role
from tests.cases.refused import not_allowed
from tests.factories import appoint
from tests.funds import bank
from tests.funds.bank import APRIL, MARCH, Books, csv_file, row, take, upload
from tests.world import World

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 10)
GRANT = 10_000_00


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def books():
    """A special account with a grant received in March."""
    books = Books(MAY)
    books.grant = books.receive(GRANT, DAY)
    return books


def words():
    """What verification would say."""
    return [
        str(sentence) % {"id": pk, **values} for _m, pk, sentence, values in check.differences()
    ]


# Bank accounts


def test_only_the_accountant_registers_a_bank_account(books):
    with not_allowed("Only the accountant registers a bank account."):
        bank.register(books.company, books.cashier, [], MAY, account="9558800000000000032")


def test_new_fund_joins_the_only_bank_account(books):
    assert books.new_fund("B").bank_account == books.account


def test_fund_of_another_account_joins_no_second_one(books):
    with not_allowed("This fund lies in another bank account."):
        books.register([books.fund], account="9558800000000000032")


def test_fund_with_entries_in_closed_months_stays_outside(books):
    books.statement([row(DAY, GRANT)])
    books.close(2026, 3)
    other = books.register([], account="9558800000000000032")
    late = books.new_fund("B")  # two accounts: it joins neither
    books.receive(100, DAY, fund=late)

    assert late.bank_account is None
    with not_allowed("This fund has entries in closed months"):
        actions.save_bank_account(
            bank_account=books.account, company=books.company, name="专户", bank="示例银行",
            account="9558800000000000024", layout="GENERAL", funds=[late], by=books.accountant,
            at=MAY,
        )  # fmt: skip
    assert other.funds.count() == 0


# Import


def test_statement_is_imported_with_lines_and_sides(books):
    statement = books.statement([row(DAY, GRANT, "集团", "6222000000000000017", "拨款", "R1")])

    line = statement.lines.select_related("side").get()
    assert (statement.lines_count, statement.closing_fen) == (1, GRANT)
    assert (line.booked_on, line.amount_fen, line.balance_fen, line.reference) == (
        DAY, GRANT, GRANT, "R1",
    )  # fmt: skip
    assert (line.side.name, line.side.account, line.side.text) == (
        "集团", "6222000000000000017", "拨款",
    )  # fmt: skip
    assert len(line.side.account_index) == 64


def test_file_of_an_imported_statement_is_thrown_away(books):
    statement = books.statement([row(DAY, GRANT)])

    kept = statement.imports.get()
    assert (kept.status, kept.done, kept.rows, bool(kept.file)) == ("DONE", 1, 1, False)


def test_same_file_twice_adds_nothing(books):
    first = books.statement([row(DAY, GRANT)])
    again = upload(books.account, [row(DAY, GRANT)], by=books.cashier, at=MAY)

    done = tasks.start_statement(upload=again, by=books.cashier, at=MAY)

    assert done.statement == first
    assert (Statement.objects.count(), StatementLine.objects.count(), Match.objects.count()) == (
        1, 1, 1,
    )  # fmt: skip


def test_two_months_without_a_line_are_two_statements(books):
    books.statement([row(DAY, GRANT)])
    books.statement([], APRIL, GRANT)
    books.statement([], (date(2026, 5, 1), date(2026, 5, 10)), GRANT)

    assert Statement.objects.count() == 3


def test_confirming_twice_imports_once(books):
    kept = upload(books.account, [row(DAY, GRANT)], by=books.cashier, at=MAY)
    tasks.start_statement(upload=kept, by=books.cashier, at=MAY)

    tasks.start_statement(upload=kept, by=books.cashier, at=MAY)

    assert Statement.objects.count() == 1


def test_large_statement_goes_to_the_background(books, monkeypatch):
    kept = upload(books.account, [row(DAY, GRANT)], by=books.cashier, at=MAY)
    monkeypatch.setattr(tasks, "BACKGROUND_FROM", 0)

    waiting = tasks.start_statement(upload=kept, by=books.cashier, at=MAY)

    assert (waiting.status, waiting.statement) == ("RUNNING", None)
    tasks.run_statement.call(kept.pk)
    assert StatementImport.objects.get().status == "DONE"


def test_only_the_cashier_imports(books):
    with not_allowed("Only the cashier imports bank statements."):
        upload(books.account, [], by=books.accountant, at=MAY)
    kept = upload(books.account, [], by=books.cashier, at=MAY)
    with not_allowed("Only the cashier imports bank statements."):
        tasks.start_statement(upload=kept, by=books.accountant, at=MAY)


def test_statement_with_mistakes_cannot_run(books):
    file = csv_file([["2026-03-10", "", "x", "1", "", "", "", ""]])
    kept = upload(books.account, [], by=books.cashier, at=MAY, file=file)

    assert (kept.status, kept.problem_count, bool(kept.file)) == ("REFUSED", 1, False)
    with not_allowed("This file cannot be imported; upload a corrected one."):
        tasks.start_statement(upload=kept, by=books.cashier, at=MAY)


def test_statement_that_overlaps_is_refused_with_the_days(books):
    books.statement([row(DAY, GRANT)])
    late = upload(books.account, [], by=books.cashier, at=MAY, days=(DAY, APRIL[1]),
                  opening_fen=GRANT)  # fmt: skip

    with not_allowed("A statement from 2026-03-01 to 2026-03-31 has been imported"):
        tasks.start_statement(upload=late, by=books.cashier, at=MAY)


def test_statement_that_fits_no_more_is_refused_for_good_and_keeps_no_other_waiting(books):
    early = upload(books.account, [row(DAY, GRANT)], by=books.cashier, at=MAY)
    late = upload(books.account, [], by=books.cashier, at=MAY, days=(DAY, APRIL[1]),
                  opening_fen=GRANT)  # fmt: skip
    tasks.start_statement(upload=early, by=books.cashier, at=MAY)
    sentence = "A statement from 2026-03-01 to 2026-03-31 has been imported; leave its days out."
    with not_allowed(sentence):
        tasks.start_statement(upload=late, by=books.cashier, at=MAY)

    late.refresh_from_db()

    assert late.problem_list("en") == [(1, "", sentence)]
    assert (late.status, bool(late.file)) == ("REFUSED", False)
    books.statement([], APRIL, GRANT)
    assert Statement.objects.count() == 2


@pytest.mark.parametrize(
    ("days", "opening_fen", "sentence"),
    [
        (APRIL, GRANT - 1, "The last statement ended with 10,000.00 yuan, this one begins with"),
        ((date(2026, 2, 1), date(2026, 2, 28)), 1, "The next statement begins with 0.00 yuan"),
    ],
)
def test_statement_follows_from_its_neighbours(books, days, opening_fen, sentence):
    books.statement([row(DAY, GRANT)])
    late = upload(books.account, [], by=books.cashier, at=MAY, days=days, opening_fen=opening_fen)

    with not_allowed(sentence):
        tasks.start_statement(upload=late, by=books.cashier, at=MAY)


def test_statement_before_closed_months_is_refused(books):
    books.statement([row(DAY, GRANT)])
    books.close(2026, 3)
    late = upload(books.account, [], by=books.cashier, at=MAY,
                  days=(date(2026, 2, 1), date(2026, 2, 28)))  # fmt: skip

    with not_allowed("These months are closed; a closed month takes no statement."):
        tasks.start_statement(upload=late, by=books.cashier, at=MAY)


def test_import_opens_a_row_for_every_month(books):
    books.statement([row(DAY, GRANT)], (date(2025, 12, 5), MARCH[1]))

    months = [str(period) for period in Period.objects.order_by("ends_on")]
    assert months == ["2025-12", "2026-01", "2026-02", "2026-03"]


# Matching


def test_receipt_is_matched_with_the_reason(books):
    books.statement([row(DAY, GRANT)])

    match = Match.objects.get()
    assert (match.rule, match.amount_fen, match.upto, match.by) == (
        "RECEIPT", GRANT, DAY, books.cashier,
    )  # fmt: skip
    assert match.entries.get().transfer == books.grant


def test_interest_and_donation_are_income(books):
    gift = books.receive(500, DAY, kind="DONATION")
    interest = books.receive(70, DAY, kind="INTEREST")
    books.statement([row(DAY, GRANT), row(DAY, 500), row(DAY, 70, text="结息")])

    found = dict(MatchedEntry.objects.values_list("transfer", "match__rule"))
    assert (found[gift.pk], found[interest.pk]) == ("RECEIPT", "INTEREST")
    assert books.fund.accounts.get(kind="POOL").balance_fen == GRANT + 570


def test_match_by_hand_needs_equal_sums(books):
    books.receive(400, DAY)
    books.receive(600, DAY)
    statement = books.statement([row(DAY, GRANT), row(DAY, 1000)])
    line = statement.lines.get(seq=2)
    two = list(actions.unmatched_entries(books.account).order_by("pk"))

    with not_allowed("Both sides must have the same sum."):
        actions.match_by_hand(lines=[line], transfers=two[:1], by=books.cashier, at=MAY)
    match = actions.match_by_hand(lines=[line], transfers=two, by=books.cashier, at=MAY)

    assert (match.rule, match.amount_fen, match.entries.count()) == ("HAND", 1000, 2)


def test_what_is_matched_is_matched_no_second_time(books):
    statement = books.statement([row(DAY, GRANT), row(DAY, GRANT)])
    line = statement.lines.get(seq=2)
    actions.match_by_hand(lines=[line], transfers=[books.grant], by=books.cashier, at=MAY)

    with not_allowed("A line or an entry has been matched since"):
        actions.match_by_hand(
            lines=[statement.lines.get(seq=1)], transfers=[books.grant], by=books.cashier, at=MAY
        )


def test_line_alone_is_no_match(books):
    statement = books.statement([row(DAY, 77)])

    with not_allowed("Choose what this line belongs to."):
        actions.match_by_hand(lines=[statement.lines.get()], transfers=[], by=books.cashier, at=MAY)


def test_lines_that_cancel_each_other_are_matched_by_hand(books):
    statement = books.statement([row(DAY, 77), row(DAY, -77)])

    match = actions.match_by_hand(
        lines=list(statement.lines.all()), transfers=[], by=books.accountant, at=MAY
    )

    assert (match.amount_fen, match.lines.count(), match.entries.count()) == (0, 2, 0)


def test_match_is_undone_once_and_stays_on_record(books):
    books.statement([row(DAY, GRANT)])
    match = Match.objects.get()

    for who in (books.accountant, books.cashier):
        actions.undo_match(match=match, words="配错", by=who, at=MAY)

    match.refresh_from_db()
    assert (match.ended_by, match.end_words) == (books.accountant, "配错")
    assert StatementLine.objects.unmatched().count() == 1
    assert actions.unmatched_entries(books.account).count() == 1
    assert words() == []


def test_match_again_finds_what_was_booked_since(books):
    books.statement([row(DAY, GRANT), row(DAY, 500)])
    books.receive(500, DAY)

    found = [actions.match_again(bank_account=books.account, by=books.cashier, at=MAY)
             for _n in range(2)]  # fmt: skip

    assert found == [1, 0]


@pytest.mark.parametrize("act", ["match", "undo", "explain", "again"])
def test_only_cashier_and_accountant_match(books, act):
    statement = books.statement([row(DAY, GRANT), row(DAY, 5)])
    line, who = statement.lines.get(seq=2), {"by": books.auditor, "at": MAY}

    with not_allowed("Only the cashier and the accountant match bank lines."):
        if act == "match":
            actions.match_by_hand(lines=[line], transfers=[books.grant], **who)
        elif act == "undo":
            actions.undo_match(match=Match.objects.get(), words="x", **who)
        elif act == "explain":
            actions.explain(bank_account=books.account, line=line, why="OTHER", words="x", **who)
        else:
            actions.match_again(bank_account=books.account, **who)


def test_matching_takes_as_many_statements_for_thirty_lines_as_for_three(
    books, django_assert_max_num_queries
):
    small = [row(DAY, 100 + n) for n in range(3)]
    large = [row(APRIL[0], 100 + n) for n in range(30)]
    for _on, fen, *_rest in small:
        books.receive(fen, DAY)
    for on, fen, *_rest in large:
        books.receive(fen, on)
    first = upload(books.account, small, by=books.cashier, at=MAY)
    with django_assert_max_num_queries(45):
        tasks.start_statement(upload=first, by=books.cashier, at=MAY)
    second = upload(books.account, large, by=books.cashier, at=MAY, days=APRIL,
                    opening_fen=first.closing_fen)  # fmt: skip

    with django_assert_max_num_queries(45):
        tasks.start_statement(upload=second, by=books.cashier, at=MAY)

    assert Match.objects.count() == 33


# What may be done about a line


@pytest.mark.parametrize(
    ("fen", "text", "act"),
    [
        (77, "结息", "INTEREST"), (77, "爱心捐款", "DONATION"), (77, "拨款", "RECEIVE"),
        (-77, "汇款手续费", "CHARGE"), (-77, "转账", "ASK"), (77, "退汇", "ASK"),
        (GRANT, "拨款", "CHOOSE"), (100_000, "拨款", "RECEIVE"), (10_00_00, "x", "RECEIVE"),
    ],
)  # fmt: skip
def test_line_that_stands_alone_gets_a_proposal(books, fen, text, act):
    statement = books.statement([row(DAY, GRANT + 1), row(DAY, fen, text=text)])
    if act == "CHOOSE":
        for match in Match.objects.all():
            actions.undo_match(match=match, words="x", by=books.cashier, at=MAY)
    rows = list(statement.lines.filter(seq=2).select_related("side"))

    assert actions.proposals(books.account, rows)[rows[0].pk].act == act


def test_digits_in_another_order_are_named(books):
    books.receive(12_43, DAY)
    statement = books.statement([row(DAY, GRANT), row(DAY, 12_34)])
    rows = list(statement.lines.filter(seq=2).select_related("side"))

    assert actions.proposals(books.account, rows)[rows[0].pk].about == (DAY, 12_43)


# Closing


def closed(books):
    books.statement([row(DAY, GRANT)])
    return books.close(2026, 3)


def test_month_is_closed_with_its_figures(books):
    period = closed(books)

    assert (period.status, period.closed_by, period.book_fen, period.bank_fen) == (
        "CLOSED", books.accountant, GRANT, GRANT,
    )  # fmt: skip
    balance = PeriodBalance.objects.get()
    assert (balance.opening_fen, balance.in_fen, balance.out_fen, balance.closing_fen) == (
        0, GRANT, 0, GRANT,
    )  # fmt: skip
    assert len(period.digest) == 64
    assert words() == []


def test_month_is_closed_once(books):
    first = closed(books)

    again = books.close(2026, 3, by=books.second)

    assert (again.closed_by, again.closed_at) == (first.closed_by, first.closed_at)
    assert PeriodBalance.objects.count() == 1


def test_only_the_accountant_closes(books):
    books.statement([row(DAY, GRANT)])

    with not_allowed("Only the accountant closes a month."):
        books.close(2026, 3, by=books.cashier)


def test_who_imported_the_statement_does_not_close(books):
    both = appoint(Role.CASHIER, books.company)
    both.appointments.create(
        role=Role.ACCOUNTANT, unit=books.company, since=date(2020, 1, 1), appointed_at=MAY
    )
    take(books.account, [row(DAY, GRANT)], by=both, at=MAY)

    with not_allowed("You imported a statement of this month"):
        books.close(2026, 3, by=both)
    assert books.close(2026, 3).is_closed


def test_month_that_is_not_over_is_not_closed(books):
    books.statement([row(DAY, GRANT)])

    with not_allowed("It is not over yet."):
        books.close(2026, 3, at=datetime(2026, 3, 31, 4, 0, tzinfo=UTC))


def test_months_are_closed_one_after_another(books):
    books.statement([row(DAY, GRANT)])
    books.statement([], APRIL, GRANT)

    with not_allowed("2026-03 is not closed."):
        books.close(2026, 4)
    books.close(2026, 3)
    assert books.close(2026, 4).is_closed


def test_month_needs_statements_for_every_day(books):
    books.statement([row(DAY, GRANT)], (MARCH[0], DAY))

    with not_allowed("No statement covers 2026-03-11."):
        books.close(2026, 3)
    books.statement([], (DAY + timedelta(days=1), MARCH[1]), GRANT)
    assert books.close(2026, 3).is_closed


def test_what_stands_alone_must_be_explained(books):
    statement = books.statement([row(DAY, GRANT), row(DAY, -500, text="账户管理费")])
    line = statement.lines.get(seq=2)

    with not_allowed("1 item stands alone without an explanation."):
        books.close(2026, 3)
    actions.explain(
        bank_account=books.account, line=line, why="BANK_ERROR", words="已请银行更正",
        by=books.cashier, at=MAY,
    )  # fmt: skip
    period = books.close(2026, 3)

    assert (period.book_fen, period.bank_fen, period.bank_out_fen) == (GRANT, GRANT - 500, 500)


def test_entry_the_bank_has_a_month_later_needs_no_explanation(books):
    late = books.receive(500, MARCH[1])
    books.statement([row(DAY, GRANT)])
    books.statement([row(APRIL[0], 500)], APRIL, GRANT)

    period = books.close(2026, 3)

    assert (period.book_fen, period.bank_fen, period.book_in_fen) == (GRANT + 500, GRANT, 500)
    (row_of_late,) = actions.entry_rows(period)
    assert (row_of_late["first"], row_of_late["waiting"]) == (late.pk, 0)
    assert books.close(2026, 4).book_in_fen == 0


def test_books_that_differ_from_the_bank_are_not_closed(books):
    books.statement([row(DAY, GRANT)], opening_fen=300)

    with not_allowed("The books differ from the bank by -3.00 yuan."):
        books.close(2026, 3)


def test_paper_of_a_closed_month_does_not_change(books):
    statement = books.statement([row(DAY, GRANT)])
    books.statement([row(APRIL[0], 5)], APRIL, GRANT)
    period = books.close(2026, 3)
    later = MAY + timedelta(days=1)

    actions.undo_match(match=Match.objects.get(), words="x", by=books.cashier, at=later)

    assert actions.line_rows(period) == []
    assert actions.entry_rows(period) == []
    assert actions.reckon(period).difference_fen == 0
    assert statement.lines.count() == 1


def test_closed_month_takes_no_receipt(books):
    closed(books)

    with not_allowed("2026-03 is closed: give the entry a day after 2026-03-31."):
        books.receive(100, MARCH[1])
    assert books.receive(100, APRIL[0]).pk


def test_reversal_of_a_closed_month_stands_in_the_open_one(books):
    closed(books)

    back = books.reverse(books.grant)

    assert back.value_on == date(2026, 5, 11)
    assert words() == []


def test_closing_december_closes_the_year(books):
    old = Books(datetime(2026, 2, 10, 4, 0, tzinfo=UTC))
    old.receive(700, date(2025, 12, 3))
    old.receive(50, date(2026, 1, 4))
    old.statement([row(date(2025, 12, 3), 700)], (date(2025, 12, 1), date(2025, 12, 31)))
    old.statement([row(date(2026, 1, 4), 50)], (date(2026, 1, 1), date(2026, 1, 31)), 700)

    old.close(2025, 12)
    old.close(2026, 1)

    balances = PeriodBalance.objects.filter(fund=old.fund).order_by("period__ends_on")
    assert [(b.opening_fen, b.closing_fen) for b in balances] == [(0, 700), (700, 750)]
    assert old.period(2025, 12).ends_year


def test_several_funds_share_one_account(books):
    second = books.new_fund("B")
    books.receive(300, DAY, fund=second)
    books.statement([row(DAY, GRANT), row(DAY, 300)])

    period = books.close(2026, 3)

    assert period.book_fen == GRANT + 300
    closing = dict(period.balances.values_list("fund__code", "closing_fen"))
    assert closing == {"A": GRANT, "B": 300}


# Payments


def test_payment_is_matched_returned_and_closed():
    """A run, its return by the bank and what was wrong in the books, settled through the acts."""
    world = World(datetime(2026, 1, 5, 4, 0, tzinfo=UTC))
    case = world.case_in(Status.PAID)
    account = bank.register(world.company, world.accountant, [world.fund], world.now)
    payment = Payment.objects.select_related("run").get()
    grant, paid = (Transfer.objects.get(kind=kind) for kind in (Kind.RECEIVE, Kind.PAY))
    start = grant.value_on.replace(day=1)
    days = (start, paid.value_on + timedelta(days=20))
    rows = [
        row(grant.value_on, grant.amount_fen),
        row(paid.value_on, -paid.amount_fen, payment.account_name, payment.account, "帮扶金"),
        row(paid.value_on + timedelta(days=3), paid.amount_fen, payment.account_name,
            payment.account, "退汇"),
    ]  # fmt: skip
    world.tick(days=30)

    statement = take(account, rows, by=world.cashier, at=world.now, days=days)

    found = dict(MatchedEntry.objects.values_list("transfer", "match__rule"))
    assert found == {grant.pk: "RECEIPT", paid.pk: "PAYEE"}
    back = list(statement.lines.unmatched().select_related("side"))
    proposal = actions.proposals(account, back)[back[0].pk]
    assert (proposal.act, proposal.about) == ("RETURN", payment)
    actions.bounce(payment=payment, by=world.accountant, at=world.tick(), reason="账户异常")
    assert actions.match_again(bank_account=account, by=world.cashier, at=world.tick()) == 1
    assert Match.objects.order_by("-pk")[0].rule == "RETURN"
    assert world.fresh(case).status == Status.CLEARED


def test_payment_that_waits_to_be_posted_keeps_the_month_open():
    world = World(datetime(2026, 3, 5, 4, 0, tzinfo=UTC))
    batch = world.case_in(Status.CLEARED).batch_lines.get(current=True).batch
    account = bank.register(world.company, world.accountant, [world.fund], world.now)
    run = world.prepare(batch)
    last = run.prepared_at.date()
    grant = Transfer.objects.get(kind=Kind.RECEIVE)
    start = grant.value_on.replace(day=1)
    end = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    world.tick(days=60)
    take(account, [row(grant.value_on, grant.amount_fen)], by=world.cashier, at=world.now,
         days=(start, end))  # fmt: skip
    period = Period.objects.select_related("bank_account").get(ends_on=end)
    for earlier in Period.objects.select_related("bank_account").filter(ends_on__lt=end):
        actions.close(period=earlier, by=world.accountant, at=world.now)

    with not_allowed(f"The payment {run.number} was prepared and not posted."):
        actions.close(period=period, by=world.accountant, at=world.now)


# Vouchers


def test_transfer_rolled_back_leaves_no_gap(books):
    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        books.receive(1, DAY)
        raise Broken

    assert books.receive(2, DAY).voucher == "2026-A-记-0002"
    assert words() == []


def test_gap_in_the_vouchers_is_found(books):
    Counter.objects.filter(key="voucher A 2026").update(last=5)
    books.receive(2, DAY)

    assert words() == [f"The vouchers 2026-A-记- of fund {books.fund.pk} have a gap: 2 up to 6."]


def test_books_are_verified_against_what_was_closed(books):
    period = closed(books)
    assert words() == []

    with translation.override("en"):
        Match.objects.update(amount_fen=0)
        MatchedEntry.objects.update(active=False)

    assert words() == [f"Match {Match.objects.get().pk} is parted on one side only."]
    assert period.digest


def test_explanation_covers_all_entries_of_one_payment(books):
    two = [books.receive(5, DAY), books.receive(6, DAY)]

    actions.explain(
        bank_account=books.account, transfers=two, why="IN_TRANSIT", words="", by=books.cashier,
        at=MAY,
    )  # fmt: skip

    assert set(Explanation.objects.values_list("transfer", flat=True)) == {t.pk for t in two}
