"""Funds and ledger: who may open what, one entry for one form, balances that are true."""

import io
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cases.workflow import Programme, Status
from funds import actions
from funds.models import Fund, Kind, Transfer
from people.models import Standing
from people.roles import Role
from tests.factories import NOON, UnitFactory, UserFactory, appoint
from tests.world import BUDGET_FEN, FUND_FEN, World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"


@pytest.fixture
def world():
    """A company with a fund; the clock stands where the world stands."""
    world = World()
    assert world.fund
    with time_machine.travel(world.tick(), tick=False):
        yield world


def page(client, user, name, *args, data=None, **params):
    """Sign in as `user` and open or send one page of this room."""
    client.force_login(user)
    url = reverse(f"funds:{name}", args=args)
    return client.get(url, params) if data is None else client.post(url, data)


def amount(fen="2000", **more):
    return {
        "amount": fen, "kind": "RECEIVE", "note": "集团年度拨款", "key": str(uuid4()), **more,
    }  # fmt: skip


ADDRESSES = {
    # name: (reader elsewhere, employee, leader, auditor, cashier, accountant) of a GET
    "fund_list": (200, 403, 200, 200, 200, 200),
    "fund_new": (403, 403, 403, 403, 403, 200),
    "ledger": (404, 404, 200, 200, 200, 200),
    "receive": (404, 404, 403, 403, 200, 200),
    "reverse": (404, 404, 403, 403, 403, 200),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_address_opens_to_whom_it_should(world, client, name):
    elsewhere = appoint(Role.LEADER, UnitFactory(company=True))
    employee = UserFactory(employee=True)
    people = (
        elsewhere, employee, world.leaders[0], world.auditor, world.cashier, world.accountant,
    )  # fmt: skip
    grant = Transfer.objects.get(kind=Kind.RECEIVE)
    args = {"fund_list": (), "fund_new": (), "reverse": (grant.pk,)}.get(name, (world.fund.pk,))

    statuses = tuple(page(client, user, name, *args).status_code for user in people)
    client.logout()
    stranger = client.get(reverse(f"funds:{name}", args=args))

    assert statuses == ADDRESSES[name]
    assert stranger.status_code == 302


# Funds


def test_fund_list_shows_what_is_there_and_what_is_reserved(world, client):
    world.case_in(Status.APPROVED)

    response = page(client, world.leaders[0], "fund_list")

    (row,) = response.context["rows"]
    assert (row["balance_fen"], row["held_fen"], row["available_fen"]) == (
        FUND_FEN, 5500_00, FUND_FEN - 5500_00,
    )  # fmt: skip
    assert "5,500.00" in response.text
    assert "<figure" in response.text


def test_fund_list_counts_what_was_paid_and_not_returned(world, client):
    world.case_in(Status.PAID)
    case = world.case_in(Status.PAID)
    actions.bounce(
        payment=case.payments.get(), by=world.accountant, at=world.tick(), reason="户名不符"
    )

    response = page(client, world.leaders[0], "fund_list")

    budgets = response.context["rows"][0]["budgets"]
    assert {b.programme: b.paid_fen for b in budgets} == {"EMERGENCY": 5500_00, "REGULAR": 0}


def test_fund_list_before_the_first_fund_says_who_opens_one(client):
    accountant = appoint(Role.ACCOUNTANT, UnitFactory(company=True))

    response = page(client, accountant, "fund_list")

    assert reverse("funds:fund_new") in response.text
    assert response.context["rows"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_fund_list_query_count_does_not_grow(world, client, count, django_assert_num_queries):
    for n in range(count - 1):
        fund = new_fund(world, f"B{n}")
        receive(world, fund, 500_00)
        world.appropriate(("REGULAR", 100_00), fund=fund)
    client.force_login(world.leaders[0])

    with django_assert_num_queries(7):  # session, user, roles, kin; funds, accounts, paid
        response = client.get(reverse("funds:fund_list"))

    assert len(response.context["rows"]) == count


def new_fund(world, code):
    return actions.create_fund(
        company=world.company, code=code, name="行政拨款", programmes=list(Programme.values),
        standings=list(Standing.values), ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip


def receive(world, fund, fen, by=None):
    return actions.receive(
        fund=fund, amount_fen=fen, by=by or world.cashier, at=world.tick(), key=str(uuid4())
    )


NEW = {
    "code": "B", "name": CANARY, "programmes": ["EMERGENCY"], "standings": ["RETIRED"],
    "ceiling": "2万",
}  # fmt: skip


def test_fund_new_opens_a_fund_with_its_limits(world, client):
    response = page(client, world.accountant, "fund_new", data=NEW | {"company": world.company.pk})

    fund = Fund.objects.get(code="B")
    assert response.status_code == 302
    assert (fund.programmes, fund.standings, fund.ceiling_fen) == (
        ["EMERGENCY"], ["RETIRED"], 20_000_00,
    )  # fmt: skip
    assert CANARY not in client.get(response.url).text


def test_fund_new_refuses_a_code_twice(world, client):
    data = NEW | {"company": world.company.pk, "code": "A"}

    response = page(client, world.accountant, "fund_new", data=data)

    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"code"}
    assert Fund.objects.count() == 1


def test_fund_new_refuses_another_company(world, client):
    other = UnitFactory(company=True)

    response = page(client, world.accountant, "fund_new", data=NEW | {"company": other.pk})

    assert response.status_code == 422
    assert Fund.objects.count() == 1


# Ledger


def test_ledger_shows_the_money_in_the_bank_after_each_entry(world, client):
    receive(world, world.fund, 1000_00)
    world.case_in(Status.PAID)

    response = page(client, world.leaders[0], "ledger", world.fund.pk)

    rows = response.context["page"].rows
    assert [(row.kind, row.balance_fen) for row in rows] == [
        ("PAY", FUND_FEN + 1000_00 - 5500_00),
        ("RECEIVE", FUND_FEN + 1000_00),
        ("ALLOCATE", FUND_FEN),
        ("ALLOCATE", FUND_FEN),
        ("RECEIVE", FUND_FEN),
    ]
    assert response.context["balance_fen"] == rows[0].balance_fen


@pytest.mark.parametrize(
    ("kind", "balances"),
    [
        ("POOL", [FUND_FEN - 2 * BUDGET_FEN, FUND_FEN - BUDGET_FEN, FUND_FEN]),
        ("SOURCE", [FUND_FEN]),
        ("SPENT", [5500_00]),
    ],
)
def test_ledger_of_an_account_shows_its_balance_after_each_entry(world, client, kind, balances):
    world.case_in(Status.PAID)
    account = world.fund.accounts.get(kind=kind)

    response = page(client, world.leaders[0], "ledger", world.fund.pk, account=account.pk)

    assert [row.balance_fen for row in response.context["page"].rows] == balances


def test_ledger_filtered_still_shows_true_balances(world, client):
    receive(world, world.fund, 1000_00)
    pool = world.fund.accounts.get(kind="POOL")

    response = page(
        client, world.leaders[0], "ledger", world.fund.pk, account=pool.pk, kind="RECEIVE"
    )

    rows = response.context["page"].rows
    assert [row.balance_fen for row in rows] == [FUND_FEN - 2 * BUDGET_FEN + 1000_00, FUND_FEN]


def test_ledger_filters_by_date_and_voucher(world, client):
    receive(world, world.fund, 1000_00)

    late = page(client, world.leaders[0], "ledger", world.fund.pk, since="2026-03-03")
    one = page(client, world.leaders[0], "ledger", world.fund.pk, q="2026-A-记-0004")
    nonsense = page(client, world.leaders[0], "ledger", world.fund.pk, since="x", account="9' OR")

    assert late.context["page"].rows == []
    assert [row.amount_fen for row in one.context["page"].rows] == [1000_00]
    assert len(nonsense.context["page"].rows) == 4


def test_ledger_pages_by_position_and_keeps_balances(world, client, monkeypatch):
    monkeypatch.setattr("funds.views.fund.PAGE", 2)
    receive(world, world.fund, 1000_00)

    first = page(client, world.leaders[0], "ledger", world.fund.pk)
    second = page(
        client, world.leaders[0], "ledger", world.fund.pk, cursor=first.context["page"].next_cursor
    )

    rows = [*first.context["page"].rows, *second.context["page"].rows]
    assert [row.balance_fen for row in rows] == [FUND_FEN + 1000_00, *[FUND_FEN] * 3]


@pytest.mark.parametrize("count", [1, 3])
def test_ledger_query_count_does_not_grow(world, client, count, django_assert_num_queries):
    for _n in range(count):
        world.case_in(Status.PAID)
    client.force_login(world.accountant)

    # session, user, roles, kin; fund, accounts, page, reversals, balances, sums, visible cases, the
    # filter's choices
    with django_assert_num_queries(12):
        response = client.get(reverse("funds:ledger", args=[world.fund.pk]))

    assert len(response.context["page"].rows) == count + 3


def test_ledger_exports_what_is_filtered(world, client):
    world.case_in(Status.PAID)

    response = page(client, world.auditor, "ledger", world.fund.pk, kind="PAY", export="xlsx")

    sheet = load_workbook(io.BytesIO(response.content)).active
    header, row = sheet.iter_rows(values_only=True)
    assert len(header) == len(row) == 12
    assert (row[9], row[10]) == (5500, (FUND_FEN - 5500_00) / 100)
    assert sheet["B2"].data_type == "s"


def test_ledger_sums_up_what_is_listed_on_all_pages(world, client):
    world.case_in(Status.PAID)
    source, spent = (world.fund.accounts.get(kind=kind) for kind in ("SOURCE", "SPENT"))

    whole = page(client, world.leaders[0], "ledger", world.fund.pk)
    came = page(client, world.leaders[0], "ledger", world.fund.pk, account=source.pk)
    went = page(client, world.leaders[0], "ledger", world.fund.pk, account=spent.pk)

    assert whole.context["totals"] == {"count": 4, "into": FUND_FEN, "out": 5500_00}
    assert came.context["totals"] == {"count": 1, "into": FUND_FEN, "out": 0}
    assert went.context["totals"] == {"count": 1, "into": 5500_00, "out": 0}


def test_ledger_masks_the_names_for_the_auditor(world, client):
    case = world.case_in(Status.PAID)
    type(case.applicant).objects.filter(pk=case.applicant_id).update(name="王小明")

    shown = [page(client, user, "ledger", world.fund.pk) for user in (world.cashier, world.auditor)]
    response = page(client, world.auditor, "ledger", world.fund.pk, export="xlsx")

    assert ["王小明" in answer.text for answer in shown] == [True, False]
    assert "王*明" in shown[1].text
    names = [row[7] for row in load_workbook(io.BytesIO(response.content)).active.values]
    assert "王*明" in names
    assert "王小明" not in names


def test_ledger_export_of_too_much_says_how_to_narrow(world, client, monkeypatch):
    monkeypatch.setattr("people.views.lists.MOST_ROWS", 2)

    response = page(client, world.auditor, "ledger", world.fund.pk, export="xlsx")

    assert response.status_code == 302
    assert "export" not in response.url


def test_ledger_of_an_empty_fund_offers_the_first_entry(world, client):
    fund = new_fund(world, "B")

    response = page(client, world.cashier, "ledger", fund.pk)
    other = page(client, world.cashier, "ledger", fund.pk, kind="PAY")

    assert "empty-first" in response.text
    assert "empty-none" in other.text


def test_ledger_shows_markup_in_a_note_inert(world, client):
    actions.receive(
        fund=world.fund, amount_fen=1, by=world.cashier, at=world.tick(), key="k", note=CANARY
    )

    response = page(client, world.auditor, "ledger", world.fund.pk)

    assert CANARY not in response.text
    assert "&lt;svg onload=x&gt;" in response.text


# Entries


def test_receive_takes_an_amount_in_wan_and_books_it(world, client):
    response = page(
        client, world.cashier, "receive", world.fund.pk,
        data=amount("2万", value_on="2026-03-01"),
    )  # fmt: skip

    entry = Transfer.objects.order_by("-pk").first()
    assert response.status_code == 302
    assert (entry.kind, entry.amount_fen, entry.by) == ("RECEIVE", 20_000_00, world.cashier)


def test_receive_sent_twice_books_once(world, client):
    data = amount(value_on="2026-03-01")

    answers = [page(client, world.cashier, "receive", world.fund.pk, data=data) for _n in range(2)]

    assert [a.status_code for a in answers] == [302, 302]
    assert Transfer.objects.filter(kind="RECEIVE").count() == 2


def test_receive_with_another_amount_under_the_same_key_is_refused(world, client):
    data = amount(value_on="2026-03-01")
    page(client, world.cashier, "receive", world.fund.pk, data=data)

    response = page(client, world.cashier, "receive", world.fund.pk, data=data | {"amount": "3000"})

    assert response.status_code == 403
    assert Transfer.objects.filter(kind="RECEIVE").count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "abc"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"value_on": "2026-03-09"}, "value_on"),
        ({"note": ""}, "note"),
        ({"key": "pay 1"}, "key"),
    ],
)
def test_receive_says_at_the_field_what_is_wrong(world, client, wrong, field):
    data = amount(value_on="2026-03-01") | wrong

    response = page(client, world.cashier, "receive", world.fund.pk, data=data)

    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}


def test_each_opened_form_has_a_key_of_its_own(world, client):
    keys = {
        page(client, world.cashier, "receive", world.fund.pk).context["form"]["key"].value()
        for _n in range(2)
    }

    assert len(keys) == 2


def test_reverse_sent_twice_reverses_once(world, client):
    entry = receive(world, world.fund, 1000_00)
    data = {"note": "重复入账", "key": str(uuid4())}

    answers = [page(client, world.accountant, "reverse", entry.pk, data=data) for _n in range(2)]

    assert [a.status_code for a in answers] == [302, 302]
    assert Transfer.objects.filter(reverses=entry).count() == 1


def test_reverse_with_another_form_is_refused_with_the_reason(world, client):
    entry = receive(world, world.fund, 1000_00)
    page(client, world.accountant, "reverse", entry.pk, data={"note": "误", "key": str(uuid4())})

    again = page(
        client, world.accountant, "reverse", entry.pk, data={"note": "误", "key": str(uuid4())}
    )

    assert again.status_code == 403
    assert Transfer.objects.filter(reverses=entry).count() == 1


def test_reverse_of_ones_own_entry_is_refused_and_not_offered(world, client):
    entry = receive(world, world.fund, 1000_00, by=world.accountant)

    refused = page(client, world.accountant, "reverse", entry.pk)
    shown = page(client, world.accountant, "ledger", world.fund.pk)

    assert refused.status_code == 403
    assert entry.pk not in shown.context["reversible"]
    assert NOON < world.now
