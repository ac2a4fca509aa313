"""Pages of the books: what they say, who reads which name, filters, paper, queries."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation

from cases.workflow import Status
from funds.models import Account, Transfer
from tests.factories import NOON
from tests.funds import bank
from tests.funds.bank import Books
from tests.funds.ledgers import (
    AMOUNT,
    batch_of,
    body,
    book_args,
    fen,
    figures,
    foot,
    lively,
    receive,
    sheet,
)
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


def page(world, client, user, name, *args, **params):
    with time_machine.travel(world.tick(), tick=False):
        client.force_login(user)
        url = reverse(f"funds:{name}", args=args)
        return client.get(url, params, headers={"Accept-Language": "en"})


# What the pages say


def test_the_statement_shows_each_kind_and_programme_and_that_all_agrees(world, client):
    lively(world)

    text = body(page(world, client, world.cashier, "books_statement"))
    book = sheet(page(world, client, world.cashier, "books_statement", export="xlsx"))

    for words in ("Interest", "321.45", "Donation", "5,000.00", "Emergency grant", "613,321.45"):
        assert words in text
    assert "stops" not in text
    cells = {row[0]: row[1:] for row in book.values}
    assert cells["Income: Interest"] == (321.45, None, None, None)
    net, paid, back, set_off = cells["Expenditure: Emergency grant"]
    assert (net, set_off) == (paid - back - set_off, 2000)
    assert cells["Expenditure in all"] == (net, paid, back, set_off)
    Account.objects.filter(fund=world.fund, kind="POOL").update(balance_fen=1)
    assert "stops" in body(page(world, client, world.cashier, "books_statement"))
    assert "stops" in body(page(world, client, world.cashier, "books_trial"))
    overview = body(page(world, client, world.cashier, "books_overview"))
    assert "The books do not agree." in overview


def test_the_journal_shows_who_decided_published_made_and_checked(world, client):
    paid = world.case_in(Status.PAID)

    text = body(page(world, client, world.cashier, "books_journal"))
    rows = sheet(page(world, client, world.cashier, "books_journal", export="xlsx"))
    header, entry = [[cell.value for cell in row] for row in list(rows.rows)[:2]]
    told = dict(zip(header, entry, strict=True))

    batch = batch_of(paid)
    notice = paid.notice_lines.get().notice
    decision = Transfer.objects.filter(kind="ALLOCATE").first().budget_line.decision
    for number in (
        batch.meeting.number, batch.number, notice.number, paid.dossier.number, decision.number
    ):  # fmt: skip
        assert number in text
    assert told["Meeting number"] == batch.meeting.number
    assert told["Notice number"] == notice.number
    assert (told["Handled by"], told["Checked by"]) == (world.cashier.name, world.accountant.name)
    assert told["Expenditure (yuan)"] == world.fresh(paid).granted_fen / 100
    kinds = {cell.value: cell for cell in list(rows.rows)[1]}
    assert kinds[told["Dossier number"]].data_type == "s"
    assert kinds[told["Expenditure (yuan)"]].data_type == "n"


def test_names_are_inert_and_masked_for_the_auditor(world, client):
    paid = world.case_in(Status.PAID)
    person = paid.applicant
    type(person).objects.filter(pk=person.pk).update(name=f"{CANARY}王小明")
    whole = ("books_journal", ()), ("books_household", (paid.dossier_id,)), (
        "books_household_print", (paid.dossier_id,)), ("books_households", ()), (
        "books_unit", (paid.unit_id,)), ("books_journal_print", ()), (
        "ledger", (world.fund.pk,))  # fmt: skip

    for name, args in whole:
        told = body(page(world, client, world.accountant, name, *args))
        assert CANARY not in told
        assert "王小明" in told
        assert "王小明" not in body(page(world, client, world.auditor, name, *args))
    for name in ("books_journal", "books_household", "books_households", "books_unit", "ledger"):
        book = sheet(page(world, client, world.auditor, name, *dict(whole)[name], export="xlsx"))
        assert all("王小明" not in str(cell) for row in book.values for cell in row)


def test_a_ledger_filters_pages_and_keeps_the_balance(world, client, monkeypatch):
    lively(world)
    monkeypatch.setattr("funds.views.book_ledger.PAGE", 2)
    entries = list(Transfer.objects.filter(fund=world.fund).order_by("-value_on", "-pk"))

    only = body(page(world, client, world.cashier, "books_journal", kind="DONATION", until=""))
    found, cursor = [], ""
    for _n in range(len(entries) // 2 + len(entries) % 2):
        shown = page(
            world, client, world.cashier, "books_journal", fund=world.fund.pk, cursor=cursor
        )
        found += shown.context["rows"]
        cursor = shown.context["page"].next_cursor

    assert f"{len(entries)} entries" in body(shown)
    assert [row.pk for row in found] == [row.pk for row in entries]
    for newer, older in zip(found, found[1:], strict=False):
        change = newer.into_fen - newer.out_fen
        assert newer.balance["fen"] == older.balance["fen"] + change
    assert "1 entry" in only
    assert "5,000.00" in only


def test_an_account_shows_on_which_side_its_balance_stands(world, client):
    source = Account.objects.get(fund=world.fund, kind="SOURCE")
    pool = Account.objects.get(fund=world.fund, kind="POOL")

    came = body(page(world, client, world.cashier, "books_account", source.pk))
    lies = body(page(world, client, world.cashier, "books_account", pool.pk))
    book = sheet(page(world, client, world.cashier, "books_account", source.pk, export="xlsx"))

    assert "credit 600,000.00" in came
    assert "debit 200,000.00" in lies
    header, entry = book.values
    assert dict(zip(header, entry, strict=True))["Side"] == "credit"


def test_the_figures_of_a_month_open_their_entries_in_the_journal(client):
    kept = Books(NOON + 20 * DAY)
    kept.receive(300_00, date(2026, 2, 10))
    wrong = kept.receive(500_00, date(2026, 3, 2))
    kept.receive(12_34, date(2026, 3, 20), kind="INTEREST")
    kept.reverse(wrong)
    days = date(2026, 3, 1), date(2026, 3, 21)
    kept.statement([bank.row(date(2026, 3, 2), 500_00)], days=days, opening_fen=300_00)

    with time_machine.travel(kept.now, tick=False):
        client.force_login(kept.accountant)
        text = body(client.get(kept.period(2026, 3).get_absolute_url()))
        found = [(shown, link) for link, shown in figures(text) if "/books/journal/" in link]
        opened = [foot(body(client.get(link)))[:2] for _shown, link in found]

    assert [shown for shown, _link in found] == [300_00, 512_34, 500_00, 312_34]
    assert [into - out for into, out in opened] == [300_00, 512_34, -500_00, 312_34]


def test_an_unknown_purpose_leads_to_the_purposes(world, client):
    for name in ("books_purpose", "books_purpose_print"):
        answer = page(world, client, world.cashier, name, "NONSENSE")
        assert answer["Location"] == reverse("funds:books_purposes")


def test_nobody_reads_the_books_of_another_company(world, client):
    paid = world.case_in(Status.PAID)
    other = Books(NOON + 30 * DAY)
    other.receive(500_00, date(2026, 3, 2))
    account = world.fund.accounts.first()

    for name, pk in (
        ("books_account", account.pk), ("books_account_print", account.pk),
        ("books_household", paid.dossier_id), ("books_household_print", paid.dossier_id),
        ("books_unit", paid.unit_id), ("books_unit_print", paid.unit_id),
    ):  # fmt: skip
        assert page(world, client, other.accountant, name, pk).status_code == 404
    households = body(page(world, client, other.accountant, "books_households"))
    assert paid.dossier.number not in households
    journal = sheet(page(world, client, other.accountant, "books_journal", export="xlsx"))
    assert [row[1] for row in journal.values][1:] == [Transfer.objects.get(fund=other.fund).voucher]
    asked_for = page(
        world, client, other.accountant, "books_journal", fund=world.fund.pk, export="xlsx"
    )
    assert sheet(asked_for).max_row == 2


def test_a_company_without_a_fund_has_empty_books(client):
    world = World()

    for name in ("overview", "journal", "journal_print", "trial", "trial_print", "statement",
                 "statement_print", "purposes", "units", "households"):  # fmt: skip
        assert page(world, client, world.accountant, f"books_{name}").status_code == 200


# Queries

BOOKS = {
    # name: queries of the page, of the workbook
    "books_journal": (13, 10), "books_account": (10, 9), "books_purpose": (12, 10),
    "books_unit": (13, 11), "books_household": (16, 14), "books_trial": (10, 9),
    "books_statement": (12, 11), "books_purposes": (9, 8), "books_units": (9, 8),
    "books_households": (10, 8),
}  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_a_book_asks_the_same_number_of_queries(world, client, count, django_assert_num_queries):
    cases = [world.case_in(Status.PAID) for _n in range(count)]

    with time_machine.travel(world.tick(), tick=False):
        client.force_login(world.cashier)
        for name, counts in BOOKS.items():
            url = reverse(f"funds:{name}", args=book_args(world, name, cases[0]))
            for params, number in zip(({}, {"export": "xlsx"}), counts, strict=True):
                with django_assert_num_queries(number, info=(name, params)):
                    assert client.get(url, params).status_code == 200


# Paper

PAPERS = {
    # name: queries
    "books_journal_print": 10, "books_account_print": 9, "books_purpose_print": 10,
    "books_unit_print": 11, "books_household_print": 13, "books_trial_print": 9,
    "books_statement_print": 11,
}  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_a_paper_asks_the_same_number_of_queries(world, client, count, django_assert_num_queries):
    cases = [world.case_in(Status.PAID) for _n in range(count)]

    with time_machine.travel(world.tick(), tick=False):
        client.force_login(world.cashier)
        for name, number in PAPERS.items():
            url = reverse(f"funds:{name}", args=book_args(world, name, cases[0]))
            with django_assert_num_queries(number, info=name):
                assert client.get(url).status_code == 200


def test_the_papers_are_chinese_with_sums_and_digest(world, client):
    _paid, _returned, urgent = lively(world)
    pool = Account.objects.get(fund=world.fund, kind="POOL")
    papers = {
        ("books_trial_print",): ("试算平衡表", "借贷平衡", "613,321.45"),
        ("books_statement_print",): ("帮扶资金收支表", "人民币", "与资金日记账核对相符", "捐赠"),
        ("books_journal_print",): ("帮扶资金日记账", "资金来源：全部", "年 3 月合计", "转"),
        ("books_account_print", pool.pk): ("明细账", "期初余额", "合计及期末余额", "借方"),
        ("books_purpose_print", "EMERGENCY"): ("帮扶项目：临时救助", "拨入", "结余"),
        ("books_unit_print", urgent.unit_id): (urgent.unit.name, "累计实领"),
        ("books_household_print", urgent.dossier_id): ("核定金额", "扣除先行救助", "累计实领"),
    }  # fmt: skip

    for (name, *args), words in papers.items():
        text = body(page(world, client, world.company_chair, name, *args))
        paper = text.partition("<article")[2].partition("</article>")[0]
        for word in (*words, "打印时间", world.company_chair.name, "校验码"):
            assert word in paper, (name, word)
        for english in ("(yuan)", "Emergency", "Paid", "Received", "Allocated", "debit"):
            assert english not in paper, (name, english)


def test_a_printed_ledger_begins_with_what_was_carried_forward(world, client):
    lively(world)
    pool = Account.objects.get(fund=world.fund, kind="POOL")
    last = Transfer.objects.filter(fund=world.fund).latest("value_on", "pk").value_on
    before = Transfer.objects.filter(fund=world.fund, value_on__lt=last)
    carried = sum(
        row.amount_fen * ((row.debit_id == pool.pk) - (row.credit_id == pool.pk)) for row in before
    )

    text = body(page(world, client, world.cashier, "books_account_print", pool.pk, since=last))

    opening = text.partition("期初余额")[2].partition("</tr>")[0]
    assert f"{carried / 100:,.2f}" in opening


def test_a_printed_ledger_sums_up_each_month_of_several_entries(world, client):
    assert world.fund
    receive(world, 100_00, "INTEREST")
    for days, amount in ((40, 250_00), (1, 50_00), (40, 7_00)):
        world.tick(days=days)
        receive(world, amount, "INTEREST")

    text = body(page(world, client, world.cashier, "books_journal_print"))

    march, april = (
        [fen(found) for found in AMOUNT.findall(text.partition(words)[2].partition("</tr>")[0])]
        for words in ("2026 年 3 月合计", "2026 年 4 月合计")
    )
    assert march == [600_100_00, 0, 600_100_00]
    assert april == [300_00, 0, 600_400_00]
    assert "2026 年 5 月合计" not in text


def test_a_ledger_too_long_for_paper_asks_for_fewer_days(world, client, monkeypatch):
    pool = Account.objects.get(fund=world.fund, kind="POOL")
    monkeypatch.setattr("funds.views.book_ledger.MOST_ROWS", 1)

    printed = page(world, client, world.cashier, "books_account_print", pool.pk, since="2026-01-01")

    here = reverse("funds:books_account", args=[pool.pk])
    assert printed["Location"] == f"{here}?since=2026-01-01"
