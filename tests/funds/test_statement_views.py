"""Pages of the bank: who may open what, imports that name mistakes, matches and months by hand."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from funds import actions
from funds.models import BankAccount, Explanation, Match, Period, Statement, StatementImport
from funds.models.period import month_ends
from hardship import worklist
from people.roles import Role
from tests.factories import UnitFactory, UserFactory, appoint
from tests.funds.bank import APRIL, MARCH, Books, cells, csv_file, row

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 11, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 10)
GRANT = 10_000_00
CANARY = "<svg onload=x>"


@pytest.fixture(autouse=True)
def _in_may():
    with time_machine.travel(MAY, tick=False), translation.override("en"):
        yield


@pytest.fixture
def books():
    """A grant that the bank has, and a line of the bank that nobody knows."""
    books = Books(MAY)
    books.grant = books.receive(GRANT, DAY)
    books.kept = books.statement(
        [row(DAY, GRANT), row(DAY, 500, "王建国", "6222000000000000017", f"利息 {CANARY}")]
    )
    books.line = books.kept.lines.get(seq=2)
    return books


def page(client, user, name, *args, data=None, **params):
    client.force_login(user)
    url = reverse(f"funds:{name}", args=args)
    headers = {"Accept-Language": "en"}
    if data is None:
        return client.get(url, params, headers=headers)
    return client.post(url, data, headers=headers)


def sheet(response):
    return list(load_workbook(io.BytesIO(response.content)).active.values)


def addresses(books):
    period = books.period(2026, 3)
    return {
        # name: (args, (reader elsewhere, employee, auditor, cashier, accountant))
        "bank_account_new": ((), (403, 403, 403, 403, 200)),
        "bank_account_edit": ((books.account.pk,), (404, 404, 403, 403, 200)),
        "statement_list": ((), (200, 403, 200, 200, 200)),
        "statement_import": ((), (403, 403, 403, 200, 403)),
        "statement_template": ((), (403, 403, 403, 200, 403)),
        "statement_import_detail": ((books.kept.imports.get().pk,), (404, 404, 404, 200, 404)),
        "statement_detail": ((books.kept.pk,), (404, 404, 200, 200, 200)),
        "line_match": ((books.line.pk,), (404, 404, 403, 200, 200)),
        "line_explain": ((books.line.pk,), (404, 404, 403, 200, 200)),
        "entry_explain": ((books.grant.pk,), (404, 404, 403, 200, 200)),
        "match_undo": ((Match.objects.get().pk,), (404, 404, 403, 200, 200)),
        "period_list": ((), (200, 403, 200, 200, 200)),
        "period_detail": ((period.pk,), (404, 404, 200, 200, 200)),
        "period_close": ((period.pk,), (404, 404, 403, 403, 200)),
        "reconciliation": ((period.pk,), (404, 404, 200, 200, 200)),
    }


def test_addresses_open_to_whom_they_should(books, client):
    elsewhere = appoint(Role.AUDITOR, UnitFactory(company=True))
    people = (elsewhere, UserFactory(employee=True), books.auditor, books.cashier, books.accountant)

    for name, (args, expected) in addresses(books).items():
        found = tuple(page(client, user, name, *args).status_code for user in people)
        assert found == expected, name


# Bank accounts


def account_data(books, **changes):
    return {
        "company": books.company.pk, "name": "新专户", "bank": "示例银行",
        "account": "9558800000000000032", "layout": "CCB", **changes,
    }  # fmt: skip


def test_accountant_registers_an_account_with_its_funds(client):
    company = UnitFactory(company=True)
    accountant = appoint(Role.ACCOUNTANT, company)
    fund = actions.create_fund(
        company=company, code="A", name="甲", programmes=[], standings=[], ceiling_fen=None,
        by=accountant, at=MAY,
    )  # fmt: skip
    data = {"company": company.pk, "name": "专户", "bank": "示例银行",
            "account": "9558 8000 0000 0000 032", "layout": "CCB", "funds": [fund.pk]}  # fmt: skip

    response = page(client, accountant, "bank_account_new", data=data)

    assert response.status_code == 302
    account = BankAccount.objects.get()
    assert (account.account, account.layout, account.funds.get()) == (
        "9558800000000000032", "CCB", fund,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"account": "12ab"}, "digits only"),
        ({"account": "9558800000000000024"}, "registered already"),
        ({"name": ""}, "required"),
    ],
)
def test_bank_account_with_a_mistake_is_shown_again(books, client, changes, words):
    data = account_data(books, **changes)

    response = page(client, books.accountant, "bank_account_new", data=data)

    assert response.status_code == 422
    assert words in response.text


def test_account_is_corrected(books, client):
    data = account_data(books, account="9558800000000000024")

    response = page(client, books.accountant, "bank_account_edit", books.account.pk, data=data)

    assert response.status_code == 302
    books.account.refresh_from_db()
    assert (books.account.name, books.account.layout) == ("新专户", "CCB")


def test_without_an_account_the_accountant_is_told_to_register_one(client):
    accountant = appoint(Role.ACCOUNTANT, UnitFactory(company=True))
    cashier = appoint(Role.CASHIER, UnitFactory(company=True))

    assert reverse("funds:bank_account_new") in page(client, accountant, "statement_list").text
    assert "registers the special bank account first" in page(
        client, cashier, "statement_import").text  # fmt: skip


# Import


def import_data(books, rows, days=APRIL, opening="10,005.00", closing="10,005.00", **changes):
    return {
        "bank_account": books.account.pk, "since": days[0].isoformat(),
        "until": days[1].isoformat(), "opening": opening, "closing": closing,
        "file": csv_file(cells(rows, GRANT + 500)), **changes,
    }  # fmt: skip


def test_import_begins_where_the_last_statement_ended(books, client):
    form = page(client, books.cashier, "statement_import").context["form"]

    assert form.initial == {
        "bank_account": books.account.pk, "since": APRIL[0], "until": APRIL[1],
        "opening": GRANT + 500,
    }  # fmt: skip


def test_statement_is_checked_then_imported(books, client):
    response = page(client, books.cashier, "statement_import", data=import_data(books, []))
    upload = StatementImport.objects.order_by("-pk")[0]
    assert response["Location"] == upload.get_absolute_url()
    shown = client.get(upload.get_absolute_url())
    assert reverse("funds:statement_import_confirm", args=[upload.pk]) in shown.text
    assert Statement.objects.count() == 1

    done = page(client, books.cashier, "statement_import_confirm", upload.pk, data={})

    statement = Statement.objects.order_by("-pk")[0]
    assert done["Location"] == statement.get_absolute_url()
    assert (statement.since, statement.by) == (APRIL[0], books.cashier)


def test_mistakes_are_shown_by_row_and_column(books, client):
    lines = [["2026-04-02", "", "5.0x", "1", CANARY, "", "", ""]]
    data = import_data(books, [], file=csv_file(lines))
    page(client, books.cashier, "statement_import", data=data)
    upload = StatementImport.objects.order_by("-pk")[0]

    text = page(client, books.cashier, "statement_import_detail", upload.pk).text

    assert upload.status == "REFUSED"
    assert "贷方发生额" in text and "Enter an amount" in text
    assert CANARY not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"since": "2026-03-31"}, "A statement from 2026-03-01 to 2026-03-31 has been imported"),
        ({"until": "2026-03-01"}, "The last day is before the first"),
        ({"until": "2026-05-12"}, "This day has not come yet"),
        ({"opening": "1.00", "closing": "1.00"}, "The last statement ended with 10,005.00"),
        ({"file": csv_file([], ("甲", "乙"))}, "column names"),
        ({"file": ""}, "required"),
    ],
)
def test_statement_that_cannot_be_used_is_shown_again(books, client, changes, words):
    data = import_data(books, [], **changes)
    before = StatementImport.objects.count()

    response = page(client, books.cashier, "statement_import", data=data)

    assert response.status_code == 422
    assert words in response.text.replace("This field is required", "required")
    assert StatementImport.objects.count() == before


def test_upload_of_a_known_file_says_so(books, client):
    file = csv_file(cells([row(DAY, GRANT), row(
        DAY, 500, "王建国", "6222000000000000017", f"利息 {CANARY}")]))  # fmt: skip
    data = import_data(books, [], MARCH, "0.00", "10,005.00", file=file)
    page(client, books.cashier, "statement_import", data=data)
    upload = StatementImport.objects.order_by("-pk")[0]

    text = page(client, books.cashier, "statement_import_detail", upload.pk).text
    assert "importing it again adds nothing" in text


def test_template_has_the_columns_that_are_read(books, client):
    response = page(client, books.cashier, "statement_template")

    assert len(sheet(response)[0]) == 8


# One statement


def test_statement_shows_reason_proposal_and_no_markup(books, client):
    text = page(client, books.accountant, "statement_detail", books.kept.pk).text

    assert "2026-A-记-0001" in text and "receipt: amount and day" in text
    assert "It is interest that is not in the books." in text
    assert f"{reverse('funds:receive', args=[books.fund.pk])}?kind=INTEREST" in text
    assert CANARY not in text
    assert "6222000000000000017" not in text and "****0017" in text


def test_auditor_reads_masked_names_and_no_acts(books, client):
    text = page(client, books.auditor, "statement_detail", books.kept.pk).text

    assert "王建国" not in text and "王*国" in text
    assert reverse("funds:line_match", args=[books.line.pk]) not in text


@pytest.mark.parametrize(
    ("params", "seqs"),
    [
        ({"state": "open"}, [2]), ({"state": "matched"}, [1]), ({"way": "out"}, []),
        ({"way": "in"}, [1, 2]), ({"since": "2026-03-11"}, []), ({"until": "2026-03-10"}, [1, 2]),
        ({"q": "none"}, []),
    ],
)  # fmt: skip
def test_lines_are_filtered(books, client, params, seqs):
    response = page(client, books.auditor, "statement_detail", books.kept.pk, **params)

    assert [line.seq for line in response.context["page"].rows] == seqs


@pytest.mark.parametrize("count", [1, 3])
def test_statement_query_count_does_not_grow(books, client, count, django_assert_num_queries):
    rows = [row(APRIL[0], 100 + n, text="拨款") for n in range(count)]
    kept = books.statement(rows, APRIL, GRANT + 500)
    client.force_login(books.accountant)

    # session, user, roles, kin; statement, lines, matches, explanations, payments, entries, funds
    with django_assert_num_queries(QUERIES["statement_detail"]):
        response = client.get(kept.get_absolute_url())

    assert len(response.context["page"].rows) == count


QUERIES = {"statement_detail": 12, "statement_list": 7, "period_list": 13}


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_does_not_grow(books, client, count, django_assert_num_queries):
    start = GRANT + 500
    for n in range(count):
        books.statement([], month_ends(2026, 4) if not n else MORE[n], start)
    client.force_login(books.accountant)

    with django_assert_num_queries(QUERIES["statement_list"]):
        response = client.get(reverse("funds:statement_list"))

    assert len(response.context["page"].rows) == count + 1


MORE = [None, (date(2026, 5, 1), date(2026, 5, 4)), (date(2026, 5, 5), date(2026, 5, 8))]


@pytest.mark.parametrize("count", [1, 3])
def test_period_list_query_count_does_not_grow(books, client, count, django_assert_num_queries):
    if count == 3:
        books.statement([], (APRIL[0], date(2026, 5, 10)), GRANT + 500)
    client.force_login(books.accountant)

    with django_assert_num_queries(QUERIES["period_list"]):
        response = client.get(reverse("funds:period_list"))

    assert len(response.context["rows"]) == count


def test_exports_hold_the_same_rows(books, client):
    lines = sheet(page(client, books.auditor, "statement_detail", books.kept.pk, export="xlsx"))
    listed = sheet(page(client, books.auditor, "statement_list", export="xlsx"))
    months = sheet(page(client, books.auditor, "period_list", export="xlsx"))

    assert [line[4:6] for line in lines[1:]] == [(None, None), ("王*国", "****0017")]
    assert [float(value) for value in listed[1][3:5]] == [0, 10_005]
    assert (months[1][0], float(months[1][2]), float(months[1][3])) == ("2026-03", 10_000, 10_005)


@pytest.mark.parametrize(
    ("params", "count"),
    [({"state": "open"}, 1), ({"state": "done"}, 0), ({"year": "2025"}, 0), ({"year": "2026"}, 1)],
)
def test_statements_are_filtered(books, client, params, count):
    response = page(client, books.auditor, "statement_list", **params)

    assert len(response.context["page"].rows) == count


# Matching by hand


def test_line_is_matched_by_hand(books, client):
    entry = books.receive(500, DAY, "利息", "RECEIVE")

    shown = page(client, books.cashier, "line_match", books.line.pk)
    done = page(client, books.cashier, "line_match", books.line.pk, data={"entries": [entry.pk]})

    assert "2026-A-记-0002" in shown.text and CANARY not in shown.text
    assert done["Location"] == books.kept.get_absolute_url()
    assert Match.objects.order_by("-pk")[0].rule == "HAND"


@pytest.mark.parametrize(
    ("chosen", "words"), [([], "Choose what"), (None, "makes 4.00 yuan; the line is 5.00")]
)
def test_match_with_another_sum_is_shown_again(books, client, chosen, words):
    entry = books.receive(400, DAY)
    data = {"entries": [entry.pk] if chosen is None else chosen}

    response = page(client, books.cashier, "line_match", books.line.pk, data=data)

    assert response.status_code == 422
    assert words in response.text
    assert Match.objects.count() == 1


def test_match_is_undone_with_a_reason(books, client):
    match = Match.objects.get()

    without = page(client, books.cashier, "match_undo", match.pk, data={"words": ""})
    done = page(client, books.cashier, "match_undo", match.pk, data={"words": "配错"})

    assert (without.status_code, done.status_code) == (422, 302)
    match.refresh_from_db()
    assert (match.ended_by, match.end_words) == (books.cashier, "配错")
    assert "undone already" in page(client, books.cashier, "match_undo", match.pk).text


def test_interest_is_booked_from_the_line_and_matched(books, client):
    link = page(client, books.cashier, "statement_detail", books.kept.pk).context["page"].rows[1]
    shown = client.get(link.proposal["links"][0]["url"])
    form = shown.context["form"]
    given = {name: form[name].value() for name in ("kind", "amount", "value_on", "note", "key")}
    assert (given["kind"], given["amount"], given["value_on"]) == ("INTEREST", "5.00", "2026-03-10")

    page(client, books.cashier, "receive", books.fund.pk, data=given)
    response = page(client, books.cashier, "match_again", books.kept.pk, data={})

    assert response["Location"] == books.kept.get_absolute_url()
    assert Match.objects.order_by("-pk")[0].rule == "INTEREST"


def test_receipt_of_a_closed_month_is_refused_in_words(books, client):
    explain(books)
    books.close(2026, 3)
    data = {"kind": "RECEIVE", "amount": "5", "value_on": "2026-03-31", "note": "x",
            "key": "0f8fad5b-d9cb-469f-a165-70867728950e"}  # fmt: skip

    response = page(client, books.cashier, "receive", books.fund.pk, data=data)

    assert response.status_code == 422
    assert "2026-03 is closed: give the entry a day after 2026-03-31." in response.text


# Explaining and closing


def explain(books):
    actions.explain(
        bank_account=books.account, line=books.line, why="TO_BOOK", words="待查", by=books.cashier,
        at=MAY,
    )  # fmt: skip


@pytest.mark.parametrize("what", ["line", "entry"])
def test_what_stands_alone_is_explained(books, client, what):
    late = books.receive(70, DAY)
    name, pk = ("line_explain", books.line.pk) if what == "line" else ("entry_explain", late.pk)

    without = page(client, books.cashier, name, pk, data={"why": "OTHER", "words": ""})
    done = page(client, books.cashier, name, pk, data={"why": "TO_BOOK", "words": "待查"})

    assert (without.status_code, done.status_code) == (422, 302)
    explanation = Explanation.objects.get()
    assert (explanation.why, explanation.words) == ("TO_BOOK", "待查")
    assert (explanation.line_id or explanation.transfer_id) == pk


def test_close_page_says_what_stands_in_the_way(books, client):
    response = page(client, books.accountant, "period_close", books.period(2026, 3).pk)

    assert "1 item stands alone without an explanation." in response.text
    assert response.context["stopped"]
    assert "<button" not in response.text.split("Checks before closing")[1].split("</main>")[0]


def test_month_is_closed_through_the_page_once(books, client):
    explain(books)
    period = books.period(2026, 3)
    assert not page(client, books.accountant, "period_close", period.pk).context["stopped"]

    for _n in range(2):
        done = page(client, books.accountant, "period_close", period.pk, data={})
        assert done["Location"] == period.get_absolute_url()

    assert Period.objects.closed().count() == 1
    shown = page(client, books.auditor, "period_detail", period.pk)
    assert "待查" in shown.text
    assert page(client, books.accountant, "period_close", period.pk).status_code == 302


def test_month_with_something_in_the_way_is_not_closed_by_a_post(books, client):
    response = page(client, books.accountant, "period_close", books.period(2026, 3).pk, data={})

    assert response.status_code == 403
    assert Period.objects.closed().count() == 0


def test_reconciliation_holds_both_balances_and_the_lists(books, client):
    books.receive(70, DAY, "在途拨款")
    explain(books)

    text = page(client, books.auditor, "reconciliation", books.period(2026, 3).pk).text

    for words in ("银行存款余额调节表", "10,000.70", "10,005.00", "10,005.70", "在途拨款",
                  "银行已收、企业未收", "人民币壹万零伍元柒角", "****0024"):  # fmt: skip
        assert words in text, words
    assert CANARY not in text


def test_year_shows_what_was_carried_over(client):
    books = Books(MAY)
    books.receive(700, date(2025, 12, 3))
    books.statement([row(date(2025, 12, 3), 700)], (date(2025, 12, 1), date(2026, 1, 31)))
    books.close(2025, 12)

    this = page(client, books.accountant, "period_list")
    last = page(client, books.accountant, "period_list", year="2025")

    assert [(r["carried"], r["agrees"], r["opening_fen"]) for r in this.context["funds"]] == [
        (700, True, 700)
    ]
    assert last.context["year_closed"] and not this.context["year_closed"]
    assert "The year 2025 is closed." in last.text


# Worklist


def tasks(user):
    found = worklist.groups(user.actor(MAY.date()), MAY.date())
    return {task.title for _heading, some in found for task in some}


def test_bank_waits_on_the_worklist_for_whom_it_should(books):
    assert tasks(books.cashier) == {
        "Import the bank statement up to 2026-04-30", "Match 1 line of the bank",
    }  # fmt: skip
    assert tasks(books.accountant) == {"Match 1 line of the bank", "Close the month 2026-03"}


def test_bank_that_is_in_order_waits_for_nobody(books):
    explain(books)
    books.statement([], APRIL, GRANT + 500)
    books.close(2026, 3)
    books.close(2026, 4)

    assert tasks(books.cashier) == tasks(books.accountant) == set()
