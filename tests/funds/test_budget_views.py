"""Pages of the year: each figure opens to its rows, forms kept when wrong, acts sent twice."""

import html
import io
import re
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from base.money import format_fen, to_fen
from cases import actions as cases
from cases.workflow import Programme, Status
from funds import actions
from funds.actions import Planned
from funds.models import Account, BudgetDecision, Transfer
from hardship import worklist
from tests.factories import AppointmentFactory, appoint
from tests.funds import recoveries, years
from tests.funds.ledgers import lively
from tests.funds.pages import CANARY, body, clock, page, rename
from tests.funds.recoveries import AWARD
from tests.funds.years import GIFT
from tests.world import BUDGET_FEN, FUND_FEN, World

EMERGENCY, REGULAR, MEDICAL = Programme.EMERGENCY, Programme.REGULAR, Programme.MEDICAL
POOL_FEN = FUND_FEN - 2 * BUDGET_FEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = World()
    assert world.fund
    return world


def form(*lines, **more):
    """The form of a decision: each line is (purpose, period, way, amount)."""
    sent = {
        "year": "2026", "reason": "医疗支出增加", "basis": "主席办公会纪要第3号",
        "basis_on": "2026-03-01", "key": str(uuid4()),
    }  # fmt: skip
    for n, line in enumerate(lines, start=1):
        sent |= dict(zip((f"purpose_{n}", f"period_{n}", f"way_{n}", f"amount_{n}"), line,
                         strict=True))  # fmt: skip
    return sent | more


MORE = ("EMERGENCY", "YEAR", "ADD", "1,000")


# Budget against actual


def a_year(world):
    """Grants paid and returned, advances, a reservation, what a household paid back, a donation
    with a wish, a change, a second fund."""
    paid, _returned, _urgent = lively(world)
    world.case_in(Status.APPROVED)
    waiting = [world.case_in(Status.SUBMITTED) for _n in range(2)]
    world.advance(waiting[0], 1500_00)
    world.decide_advance(waiting[1], 700_00)
    recoveries.back(world, recoveries.decided(world, paid), 2000_00)
    years.give_out(world, years.donate(world, programme=MEDICAL), 3000_00)
    world.appropriate((MEDICAL, 200_00), (REGULAR, -150_00))


LINK = re.compile(r'<a href="([^"]+)">(-?[\d,]+\.\d\d)</a>')


def behind(client, world, address):
    """(fen of the rows an address opens, fen of what is reserved on the same accounts)."""
    response = client.get(address)
    assert response.status_code == 200, address
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    rows = response.context["page"].rows
    if "/reservations/" in address:
        return sum(row.amount_fen for row in rows) + response.context["ahead_fen"], 0
    if "/advances/" in address:
        return sum(row.amount_fen for row in rows), 0
    if "/donations/" in address:
        return sum(row.left_fen for row in rows), 0
    if "account" in query:
        own = Account.objects.filter(pk=query["account"])
    elif "year" in query:
        own = Account.objects.budgets().filter(year=query["year"])
    else:
        own = Account.objects.filter(kind="POOL")
    fund = re.search(r"/funds/(\d+)/", address)[1]
    own = {account.pk: account for account in own.filter(fund=fund)}
    held = sum(account.held_fen for account in own.values())
    signed = [r.amount_fen * ((r.debit_id in own) - (r.credit_id in own)) for r in rows]
    assert rows, address
    return sum(signed), 0 if "kind" in query or "until" in query else held


@pytest.mark.parametrize("one_fund", [True, False])
def test_each_figure_opens_to_its_rows(world, client, one_fund):
    a_year(world)
    params = {"fund": world.fund.pk} if one_fund else {}

    text = body(page(world, client, world.accountant, "budget", **params))
    found = [(html.unescape(url), to_fen(fen.replace(",", ""))) for url, fen in LINK.findall(text)]
    rows = [(url, fen) for url, fen in found if fen and "/decisions/" not in url]
    with clock(world):
        for url, fen in rows:
            total, held = behind(client, world, url)
            assert abs(total) - held == abs(fen), (url, fen)
    kinds = {kind for url, _fen in rows for kind in parse_qs(urlsplit(url).query).get("kind", [])}
    assert kinds == {"FIRST", "CHANGES", "BUDGETED", "SPENDING", "CAME_IN", "RECEIVE", "INTEREST",
                     "DONATION"}  # fmt: skip


def test_figures_of_the_cards_open_to_their_rows(world, client):
    a_year(world)
    text = body(page(world, client, world.accountant, "budget", fund=world.fund.pk))
    cards = re.findall(
        r'<a class="stat" href="([^"]+)">.*?<p class="stat-figure">([\d,.]+)', text, re.DOTALL
    )

    with clock(world):
        for url, figure in cards:
            total, held = behind(client, world, html.unescape(url))
            assert abs(total) - held == to_fen(figure.replace(",", "")), url
    assert len(cards) == 3


def test_each_budget_is_paid_reserved_carried_over_and_free(world, client):
    a_year(world)

    context = page(world, client, world.accountant, "budget").context

    for section in context["sections"]:
        for row in section.rows:
            account = row.account
            assert row.now_fen == row.paid_fen + row.held_fen + row.carried_fen + row.free_fen
            assert (row.free_fen, row.held_fen) == (account.available_fen, account.held_fen)
        for name in ("now_fen", "paid_fen", "advances_fen", "held_fen", "free_fen"):
            assert getattr(section.total, name) == sum(getattr(r, name) for r in section.rows)
    assert context["total"].advances_fen == 1500_00
    assert [section.fund.code for section in context["sections"]] == ["A", "B"]
    first = context["sections"][0]
    assert first.received_fen == FUND_FEN + 321_45 + 5000_00 + GIFT
    assert (first.waiting_fen, first.brought_fen) == (2000_00, 0)


def test_the_chart_says_what_the_budgets_held_at_the_end_of_each_month(world, client):
    a_year(world)
    cases.open_round(
        company=world.company, title="2026年中秋", year=2026, festival="AUTUMN",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    opened = world.today.month

    context = page(world, client, world.accountant, "budget").context

    budgets = set(Account.objects.budgets().values_list("pk", flat=True))
    entries = list(Transfer.objects.select_related("debit", "credit"))
    for month in context["months"]:
        known = [r for r in entries if r.value_on <= month.ends_on]
        signed = [
            r.amount_fen * ((r.debit_id in budgets) - (r.credit_id in budgets)) for r in known
        ]
        spent = [s for r, s in zip(known, signed, strict=True)
                 if "SPENT" in (r.debit.kind, r.credit.kind)]  # fmt: skip
        assert (month.balance_fen, month.paid_fen) == (sum(signed), -sum(spent))
        assert month.set_aside_fen == sum(signed) - sum(spent)
    last, total = context["months"][-1], context["total"]
    assert last.number == world.today.month
    assert (last.held_fen, last.balance_fen) == (total.held_fen, total.now_fen - total.paid_fen)
    assert context["steps"] == [(m.number, m.balance_fen / 100) for m in context["months"]]
    assert context["reserved"] == [m.held_fen / 100 for m in context["months"]]
    assert context["reserved"][0] == 0
    assert context["marks"] == [(opened - 1, "中秋")]
    assert [words for month, words in context["month_rows"] if month.number == opened] == ["中秋"]


def test_a_year_to_come_has_no_chart_and_one_that_is_over_has_twelve_months(world, client):
    world.appropriate((EMERGENCY, 1000_00), year=2027)
    ahead = page(world, client, world.accountant, "budget", year=2027)
    years.turn(world, 2027)
    over = page(world, client, world.accountant, "budget", year=2026)

    assert (ahead.context["months"], len(over.context["months"])) == ([], 12)
    assert reverse("funds:carry_new", args=[world.fund.pk, 2026]) in body(over)
    assert "<svg" in body(over)


def test_what_is_planned_for_a_part_of_the_year_stands_beside_what_was_paid_in_it(world, client):
    world.appropriate(Planned(EMERGENCY, 300_00, "FIRST"), Planned(EMERGENCY, 700_00, "SECOND"))
    world.case_in(Status.PAID)
    world.tick(days=150)
    world.case_in(Status.PAID)

    total = page(world, client, world.accountant, "budget").context["total"]

    assert [(period.value, planned, paid) for period, planned, paid in total.periods] == [
        ("YEAR", 2 * BUDGET_FEN, 0), ("FIRST", 300_00, AWARD), ("SECOND", 700_00, AWARD),
    ]  # fmt: skip


def test_the_budget_as_a_workbook(world, client):
    a_year(world)
    args = (world, client, world.auditor, "budget")

    sheet = load_workbook(io.BytesIO(page(*args, export="xlsx").content)).active
    one = load_workbook(io.BytesIO(page(*args, export="xlsx", fund=world.fund.pk).content)).active

    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in one.iter_rows(min_row=2, values_only=True)] == [
        "定期补助", "临时救助", "医疗救助",
    ]  # fmt: skip
    assert all(row[5] == row[6] + row[8] + row[9] + row[10] for row in rows)


def test_the_printed_statement(world, client):
    a_year(world)

    text = body(page(world, client, world.accountant, "budget_sheet", fund=world.fund.pk))
    total = page(world, client, world.accountant, "budget", fund=world.fund.pk).context["total"]

    assert "2026年度帮扶资金预算执行情况表" in text
    for fen in (total.first_fen, total.changes_fen, total.paid_fen, total.held_fen, total.free_fen):
        assert format_fen(fen) in text
    assert "大写" in text
    assert world.accountant.name in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_budget_page_asks_the_same_number_of_queries(
    world, client, count, django_assert_num_queries
):
    for n in range(count - 1):
        fund = actions.create_fund(
            company=world.company, code=f"B{n}", name="工会经费", programmes=[EMERGENCY],
            standings=["RETIRED"], ceiling_fen=None, by=world.accountant, at=world.tick(),
        )  # fmt: skip
        years.donate(world, fund=fund)
        years.give_out(world, years.donate(world, fund=fund))
    with clock(world):
        client.force_login(world.accountant)
        # session, user, roles, kin; funds, years, the filter's funds twice; sections 7; drafts;
        # months 6, festivals
        with django_assert_num_queries(22):
            response = client.get(reverse("funds:budget"))
    assert len(response.context["sections"]) == count


# Decisions


def test_a_decision_from_the_form_to_the_entries(world, client):
    there = page(world, client, world.accountant, "decision_new", world.fund.pk)
    assert format_fen(POOL_FEN) in body(there)
    sent = form(MORE, ("REGULAR", "SECOND", "TAKE", "500"), ("", "YEAR", "ADD", ""))
    made = page(world, client, world.accountant, "decision_new", world.fund.pk, data=sent)
    again = page(world, client, world.accountant, "decision_new", world.fund.pk, data=sent)
    decision = BudgetDecision.objects.get(status="DRAFT")

    assert made["Location"] == again["Location"] == decision.get_absolute_url()
    assert list(decision.lines.values_list("programme", "period", "amount_fen")) == [
        ("EMERGENCY", "YEAR", 1000_00), ("REGULAR", "SECOND", -500_00),
    ]  # fmt: skip
    shown = body(page(world, client, world.company_chair, "decision_detail", decision.pk))
    assert reverse("funds:decision_decide", args=[decision.pk]) in shown
    ask = page(world, client, world.company_chair, "decision_decide", decision.pk)
    assert "1,000.00" in body(ask)
    for _n in range(2):
        done = page(world, client, world.company_chair, "decision_decide", decision.pk, data={})
        assert done["Location"] == decision.get_absolute_url()
    assert Transfer.objects.filter(budget_line__decision=decision).count() == 2
    voucher = Transfer.objects.get(budget_line__decision=decision, kind="ALLOCATE").voucher
    assert voucher in body(page(world, client, world.auditor, "decision_detail", decision.pk))


def test_the_first_decision_of_a_year_appropriates(world, client):
    sent = form(MORE, year="2027")

    page(world, client, world.company_officer, "decision_new", world.fund.pk, data=sent)

    assert BudgetDecision.objects.get(year=2027).kind == "FIRST"


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        ([MORE], {"reason": ""}),
        ([MORE], {"basis": ""}),
        ([MORE], {"basis_on": ""}),
        ([MORE], {"basis_on": "2026-12-31"}),
        ([], {}),
        ([("", "YEAR", "ADD", "1")], {}),
        ([("EMERGENCY", "YEAR", "ADD", "1千")], {}),
        ([("EMERGENCY", "YEAR", "ADD", "200000.01")], {}),
        ([("EMERGENCY", "YEAR", "TAKE", "200000.01")], {}),
        ([("MEDICAL", "YEAR", "TAKE", "1")], {}),
    ],
)
def test_a_wrong_decision_keeps_what_was_typed(world, client, lines, more):
    sent = form(*lines, **more) | ({} if "reason" in more else {"reason": CANARY})

    response = page(world, client, world.accountant, "decision_new", world.fund.pk, data=sent)

    assert response.status_code == 422
    assert "reason" in more or "&lt;svg onload=x&gt;" in body(response)
    assert not BudgetDecision.objects.filter(status="DRAFT").exists()


def test_the_form_offers_what_is_left_of_each_donation(world, client):
    gift = years.donate(world)
    purpose = f"EMERGENCY:{gift.pk}"

    shown = body(page(world, client, world.accountant, "decision_new", world.fund.pk))
    sent = form((purpose, "YEAR", "ADD", "5000"))
    page(world, client, world.accountant, "decision_new", world.fund.pk, data=sent)

    assert f'value="{purpose}"' in shown
    assert gift.number in shown
    line = BudgetDecision.objects.get(status="DRAFT").lines.get()
    assert (line.donation, line.amount_fen) == (gift, GIFT)


def test_another_amount_under_the_same_key_is_refused(world, client):
    sent = form(MORE)
    page(world, client, world.accountant, "decision_new", world.fund.pk, data=sent)

    other = sent | {"amount_1": "2,000"}
    response = page(world, client, world.accountant, "decision_new", world.fund.pk, data=other)

    assert response.status_code == 403


def test_a_draft_is_dropped_once(world, client):
    draft = world.draft((EMERGENCY, 1000_00))
    assert page(world, client, world.accountant, "decision_drop", draft.pk).status_code == 200

    for _n in range(2):
        done = page(world, client, world.accountant, "decision_drop", draft.pk, data={})
        assert done.status_code == 302
    assert page(world, client, world.company_chair, "decision_drop", draft.pk).status_code == 403
    assert BudgetDecision.objects.get(pk=draft.pk).status == "DROPPED"


def test_a_carry_over_shows_what_returns_and_what_stays_and_why(world, client):
    gift = years.donate(world, 9000_00)
    years.give_out(world, gift, 9000_00)
    world.case_in(Status.APPROVED)
    years.turn(world, 2027)
    args = (world, client, world.accountant, "carry_new", world.fund.pk, 2026)
    before = body(page(*args))
    assert "12 月未结账" in before
    assert format_fen(AWARD) in before
    years.close(world, 2026, 12)
    assert gift.number in body(page(*args))

    sent = {"reason": "结转", "basis": "纪要", "basis_on": "2027-01-02", "key": str(uuid4())}
    assert page(*args, data=sent | {"basis": ""}).status_code == 422
    made = page(*args, data=sent)
    again = page(*args, data=sent)

    decision = BudgetDecision.objects.get(kind="CARRY")
    assert made["Location"] == again["Location"] == decision.get_absolute_url()
    assert {line.amount_fen for line in decision.lines.all()} == {-BUDGET_FEN, AWARD - 9000_00}


def test_a_year_without_budgets_or_not_over_is_not_carried_over(world, client):
    args = (world, client, world.accountant, "carry_new", world.fund.pk)

    assert page(*args, 2025).status_code == 404
    assert page(*args, 2026).status_code == 403


def test_the_list_of_decisions_is_narrowed_and_exported(world, client):
    world.draft((EMERGENCY, 1000_00))
    first = BudgetDecision.objects.get(kind="FIRST")

    shown = body(page(world, client, world.leaders[0], "decision_list", kind="FIRST"))
    book = page(world, client, world.auditor, "decision_list", export="xlsx")

    assert first.number in shown
    assert "2026-A-预-02" not in shown
    rows = list(load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["2026-A-预-02", "2026-A-预-01"]
    assert (rows[2][4], rows[2][5]) == (2 * BUDGET_FEN / 100, 0)


def test_what_waits_for_the_chair_is_named_on_the_budget(world, client):
    world.draft((EMERGENCY, 1000_00))

    response = page(world, client, world.company_chair, "budget")

    assert response.context["drafts"] == 1
    assert f"{reverse('funds:decision_list')}?status=DRAFT" in body(response)


def test_what_waits_for_the_chair_is_on_the_worklist(world):
    def rows(user):
        groups = worklist.groups(user.actor(world.today), world.today)
        return [task.url for _heading, some in groups for task in some if "/budget/" in task.url]

    draft = world.draft((EMERGENCY, 1000_00))
    both = appoint("ACCOUNTANT", world.company)
    AppointmentFactory(user=both, unit=world.company, role="COMPANY_CHAIR")
    own = world.draft((EMERGENCY, 1000_00), by=both)

    here = [draft.get_absolute_url(), own.get_absolute_url()]
    assert [rows(user) for user in (world.company_chair, both, world.accountant)] == [
        here, here[:1], [],
    ]  # fmt: skip
    actions.drop_budget(decision=draft, by=world.accountant, at=world.tick())
    assert rows(world.company_chair) == here[1:]


# Donations and reservations


def test_donations_show_their_donor_to_whom_they_may(world, client):
    years.donate(world, donor="示例善心人", wish=CANARY)
    years.donate(world, donor="不愿具名的人", anonymous=True)

    seen = body(page(world, client, world.cashier, "donation_list"))
    masked = body(page(world, client, world.auditor, "donation_list"))
    book = page(world, client, world.auditor, "donation_list", export="xlsx")

    assert "示例善心人" in seen
    assert "&lt;svg onload=x&gt;" in seen
    for text in (masked, str(list(load_workbook(io.BytesIO(book.content)).active.values))):
        assert "示例善心人" not in text
        assert "不愿具名" not in text
    assert "不愿具名" not in seen


def test_a_donation_opens_to_the_decisions_that_gave_it_out(world, client):
    gift = years.donate(world)
    decision = years.give_out(world, gift, 2000_00)
    address = f"{reverse('funds:decision_list')}?donation={gift.number.replace('捐', '%E6%8D%90')}"

    shown = html.unescape(body(page(world, client, world.cashier, "donation_list")))
    opened = page(world, client, world.cashier, "decision_list", donation=gift.number)

    assert address in shown
    assert opened.context["page"].rows == [decision]


def test_a_reversed_donation_says_so(world, client):
    gift = years.donate(world)
    back = actions.reverse(
        transfer=gift.transfer, by=world.accountant, at=world.tick(), key="turn", note="退捐"
    )

    assert back.voucher in body(page(world, client, world.cashier, "donation_list"))


def test_reservations_add_up_with_what_advances_hold(world, client):
    case = world.case_in(Status.APPROVED)
    rename(case.applicant)
    world.decide_advance(world.case_in(Status.SUBMITTED), 700_00)
    other = world.budget(MEDICAL)
    response = page(world, client, world.company_officer, "reservation_list")
    context = response.context

    assert "&lt;svg onload=x&gt;" in body(response)
    assert (context["held_fen"], context["ahead_fen"]) == (AWARD + 700_00, 700_00)
    assert sum(row.amount_fen for row in context["page"].rows) == AWARD
    assert case.get_absolute_url() in body(response)
    masked = body(page(world, client, world.auditor, "reservation_list"))
    assert "svg onload" not in masked
    everything = AWARD + 700_00
    for given, held in (
        ({"account": other.pk}, 0), ({"account": years.budget(world).pk}, everything),
        ({"year": 2026}, everything), ({"fund": world.fund.pk}, everything),
    ):  # fmt: skip
        found = page(world, client, world.cashier, "reservation_list", **given).context
        assert found["held_fen"] == held


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "number"), [("decision_list", 7), ("donation_list", 7), ("reservation_list", 11)]
)
def test_lists_ask_the_same_number_of_queries(
    world, client, name, number, count, django_assert_num_queries
):
    for _n in range(count):
        years.donate(world)
        world.draft((EMERGENCY, 1))
        world.case_in(Status.APPROVED)
    with clock(world):
        client.force_login(world.company_officer)
        with django_assert_num_queries(number):
            response = client.get(reverse(f"funds:{name}"))
    assert len(response.context["page"].rows) == count + (name == "decision_list")


# Who may


def test_another_company_finds_nothing_here(world, client):
    draft, stranger = world.draft((EMERGENCY, 1000_00)), World()
    world.case_in(Status.APPROVED)
    years.donate(world)

    for name, args in (
        ("decision_detail", [draft.pk]), ("decision_decide", [draft.pk]),
        ("decision_drop", [draft.pk]), ("decision_new", [world.fund.pk]),
        ("carry_new", [world.fund.pk, 2025]),
    ):  # fmt: skip
        for user in (stranger.company_chair, stranger.accountant):
            assert page(world, client, user, name, *args).status_code == 404
    for name in ("decision_list", "donation_list", "reservation_list"):
        assert page(world, client, stranger.auditor, name).context["page"].rows == []
    assert page(world, client, stranger.auditor, "budget_sheet").status_code == 404
    shown = page(world, client, stranger.auditor, "budget", fund=world.fund.pk)
    assert shown.context["sections"] == []
