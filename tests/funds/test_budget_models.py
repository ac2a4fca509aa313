"""Decisions about the budget, their lines, donations and what they book: each rule by its name."""

import pytest
from django.db import connection

from cases.workflow import Programme
from funds import actions
from funds.actions import Planned
from funds.models import Account, BudgetDecision, BudgetLine, Donation, Fund, Kind, Transfer
from tests.factories import NOON
from tests.funds import years
from tests.funds.rows import again, change, delete, new, refused
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


def made(world, **columns):
    """The columns of a decision that the chair confirmed."""
    return {"status": "DECIDED", "decided_at": NOON, "decided_by": world.company_chair} | columns


# Decisions


def test_decision_status_and_who_decided(world):
    draft = world.draft((EMERGENCY, 1000_00))
    gone = {"dropped_at": NOON, "dropped_by": world.accountant}
    for columns, name in (
        ({"kind": "GIFT"}, "budget_decision_kind_known"),
        ({"status": "LOST"}, "budget_decision_status_known"),
        ({"status": "DECIDED"}, "budget_decision_decided_complete"),
        (made(world, decided_at=None), "budget_decision_decided_complete"),
        (made(world, status="DRAFT"), "budget_decision_decided_complete"),
        ({"status": "DROPPED"}, "budget_decision_dropped_complete"),
        (gone, "budget_decision_dropped_complete"),
        (made(world, decided_by=world.accountant), "budget_decision_by_two"),
        ({"reason": ""}, "budget_decision_rests_on_something"),
        ({"basis": ""}, "budget_decision_rests_on_something"),
    ):
        with refused(name):
            change(draft, **columns)
    assert change(draft, **made(world)) == 1


def test_decision_number_key_and_first_of_a_year_once(world):
    draft, first = world.draft((EMERGENCY, 1000_00)), BudgetDecision.objects.get(kind="FIRST")
    fresh = {"status": "DRAFT", "decided_at": None, "decided_by": None, "key": "k"}

    with refused("budget_decision_number_once|funds_budgetdecision.number"):
        again(draft, key="k")
    with refused("key"):
        again(draft, number="x")
    with refused("budget_decision_first_once|UNIQUE constraint failed: funds_budgetdecision.fund"):
        again(first, number="x", **fresh)
    assert again(first, number="x", year=2027, **fresh).pk


def test_decision_begins_as_a_draft(world):
    decided = BudgetDecision.objects.get()

    with refused("a decision about the budget begins as a draft"):
        again(decided, kind="CHANGE", number="x", key="k")


def test_decision_stays_as_it_was_decided(world):
    decided, dropped = BudgetDecision.objects.get(), world.draft((EMERGENCY, 1000_00))
    actions.drop_budget(decision=dropped, by=world.accountant, at=world.tick())

    for row in (decided, dropped):
        with refused("a decision about the budget stays as it was decided"):
            change(row, reason="别的理由")


def test_decision_has_a_line(world):
    empty = again(world.draft((EMERGENCY, 1000_00)), number="x", key="k")

    with refused("a decision about the budget has at least one line"):
        change(empty, **made(world))


def test_decision_is_never_deleted(world):
    empty = again(world.draft((EMERGENCY, 1000_00)), number="x", key="k")

    with refused("a decision about the budget is never deleted"):
        delete(empty)


# Lines


def test_line_columns(world):
    line = world.draft((EMERGENCY, 1000_00)).lines.get()
    for columns, name in (
        ({"programme": "GIFT", "amount_fen": -1}, "budget_line_programme_known"),
        ({"period": "SUMMER"}, "budget_line_period_known"),
        ({"amount_fen": 0}, "budget_line_amount_not_zero"),
    ):
        with refused(name):
            again(line, seq=2, **columns)
    with refused("budget_line_seq_once|funds_budgetline.decision_id, funds_budgetline.seq"):
        again(line)
    assert again(line, seq=2).pk


def test_lines_of_a_decision_stay(world):
    decided, draft = BudgetDecision.objects.get(), world.draft((EMERGENCY, 1000_00))
    theirs, mine = decided.lines.first(), draft.lines.get()
    stay, leave = (
        "the lines of a decision stay as they were decided",
        "no line leaves a decision that was made",
    )

    with refused(stay):
        again(mine, decision=decided, seq=9)
    with refused(stay):
        change(mine, decision=decided, seq=9)
    with refused(leave):
        change(theirs, decision=draft, seq=9)
    actions.drop_budget(decision=draft, by=world.accountant, at=world.tick())
    with refused(leave):
        delete(mine)


def test_line_is_for_what_the_fund_may_pay_for(world):
    line = world.draft((EMERGENCY, 1000_00)).lines.get()
    Fund.objects.filter(pk=world.fund.pk).update(programmes=["EMERGENCY", "REGULAR"])
    words = "the fund may not be used for this programme"

    with refused(words):
        again(line, seq=2, programme=MEDICAL)
    with refused(words):
        change(line, programme=MEDICAL)
    assert again(line, seq=2, programme=MEDICAL, amount_fen=-1).pk


def test_line_gives_a_donation_to_the_programme_its_donor_wished(world):
    gift, plain = years.donate(world), years.donate(world, programme="")
    line = world.draft((EMERGENCY, 1000_00)).lines.get()
    second = actions.create_fund(
        company=world.company, code="B", name="工会经费", programmes=[EMERGENCY],
        standings=["RETIRED"], ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    foreign = years.donate(world, fund=second)
    words = "a donation goes to the programme its donor wished"

    for donation in (plain, foreign):
        with refused(words):
            again(line, seq=2, donation=donation)
    with refused(words):
        again(line, seq=2, donation=gift, programme=MEDICAL)
    assert again(line, seq=2, donation=gift).pk
    with refused(words):
        change(line, donation=plain)


# Donations


def test_donation_is_an_entry_of_that_kind_for_what_its_fund_pays(world):
    gift = years.donate(world)
    grant = Transfer.objects.get(kind=Kind.RECEIVE)
    words = "a donation is an entry of that kind, for what its fund may pay for"
    with refused(words):
        again(gift, transfer=grant)

    other = bare_donation(world)
    with refused(words):
        again(gift, transfer=other, programme="GIFT")
    Fund.objects.filter(pk=world.fund.pk).update(programmes=["EMERGENCY", "GIFT"])
    with refused(words):
        again(gift, transfer=other, programme=MEDICAL)
    with refused("donation_programme_known"):
        again(gift, transfer=other, programme="GIFT")
    assert again(gift, transfer=other, programme="").pk


def bare_donation(world):
    """An entry of a donation of which nothing is written down yet."""
    grant = Transfer.objects.get(kind=Kind.RECEIVE)
    return again(grant, kind=Kind.DONATION, voucher="V", key="bare", amount_fen=GIFT)


def test_donation_keeps_its_entry_number_and_purpose(world):
    gift = years.donate(world)

    for columns in ({"transfer": bare_donation(world)}, {"number": "x"}, {"programme": ""}):
        with refused("the entry, number and purpose of a donation stay"):
            change(gift, **columns)
    assert change(gift, donor="", wish="") == 1


def test_donation_is_never_deleted(world):
    with refused("a donation is never deleted"):
        delete(years.donate(world))


def test_donor_and_wish_are_encrypted(world):
    years.donate(world, donor="示例善心人", wish="给孩子上学")
    with connection.cursor() as cursor:
        cursor.execute("SELECT donor, wish FROM funds_donation")
        stored = "".join(cursor.fetchone())

    assert "示例善心人" not in stored
    assert "给孩子上学" not in stored


# What decisions book


def entry(world, line, **columns):
    """The entry of a line, past the action and without moving the counters."""
    budget = years.budget(world, line.programme, line.decision.year)
    into = line.amount_fen > 0
    given = {
        "fund": world.fund, "kind": Kind.ALLOCATE if into else Kind.RELEASE,
        "debit": budget if into else years.pool(world),
        "credit": years.pool(world) if into else budget, "amount_fen": abs(line.amount_fen),
        "voucher": f"V{line.pk}", "key": f"k{line.pk}", "value_on": world.today, "at": NOON,
        "by": world.company_chair, "budget_line": line,
    }  # fmt: skip
    return new(Transfer, **given | columns)


def line_of(world, *lines, decided=True, **given):
    """The first line of a decision that was confirmed and not booked."""
    draft = world.draft(*lines, **given)
    if decided:
        change(draft, **made(world))
    return BudgetLine.objects.select_related("decision").get(decision=draft, seq=1)


def test_only_entries_of_a_budget_name_a_line(world):
    line = line_of(world, (EMERGENCY, 1000_00))
    pool, source = years.pool(world), Account.objects.get(fund=world.fund, kind="SOURCE")

    with refused("transfer_line_moves_budget"):
        entry(world, line, kind=Kind.RECEIVE, debit=pool, credit=source)


def test_a_budget_changes_only_by_a_confirmed_decision(world):
    draft = line_of(world, (EMERGENCY, 1000_00), decided=False)
    line = line_of(world, (EMERGENCY, 1000_00))
    less = line_of(world, (EMERGENCY, -500_00))
    pool, budget = years.pool(world), years.budget(world)
    next_year = line_of(world, (EMERGENCY, 1000_00), year=2027, decided=False)
    turned = {"debit": pool, "credit": budget}
    words = "a budget changes only by a decision that was confirmed"

    for row, columns in (
        (draft, {}), (line, {"budget_line": None}), (line, {"amount_fen": 999_00}),
        (line, {"debit": years.budget(world, REGULAR)}), (line, {"kind": Kind.RELEASE} | turned),
        (less, {"kind": Kind.CARRY}), (less, {"amount_fen": 499_00}),
        (line, {"budget_line": next_year}),
    ):  # fmt: skip
        with refused(words):
            entry(world, row, **columns)
    assert entry(world, line).pk
    assert entry(world, less).pk


def test_an_entry_of_a_budget_is_not_reversed(world):
    allocated = Transfer.objects.filter(kind=Kind.ALLOCATE).first()

    with refused("a budget is changed by a decision, not by a reversal"):
        again(
            allocated, kind=Kind.REVERSE, debit=allocated.credit, credit=allocated.debit,
            voucher="V", key="k", reverses=allocated, budget_line=None,
        )  # fmt: skip


def test_a_budget_is_carried_over_once(world):
    years.turn(world, 2027)
    drafts = [carried(world, "first"), carried(world, "second")]
    actions.decide_budget(decision=drafts[0], by=world.company_chair, at=world.tick())
    change(drafts[1], **made(world))
    line = drafts[1].lines.select_related("decision").get(programme=EMERGENCY)

    with refused("a budget is carried over once"):
        entry(world, line, kind=Kind.CARRY)


def carried(world, key):
    return actions.draft_carry(
        fund=world.fund, year=2026, reason="结余结转", basis="纪要", basis_on=world.today,
        by=world.accountant, at=world.tick(), key=key,
    )  # fmt: skip


def test_no_more_of_a_donation_is_given_out_or_taken_back(world):
    gift = years.donate(world)
    draft = world.draft((EMERGENCY, 1), (EMERGENCY, 1), (EMERGENCY, 1))
    lines = list(draft.lines.select_related("decision").order_by("seq"))
    for line, fen in zip(lines, (GIFT + 1, -1, GIFT), strict=True):
        change(line, donation=gift, amount_fen=fen)
        line.refresh_from_db()
    change(draft, **made(world))
    words = "more than the donation is given out or taken back"

    for line in lines[:2]:
        with refused(words):
            entry(world, line)
    actions.reverse(
        transfer=gift.transfer, by=world.accountant, at=world.tick(), key="turn", note="退捐"
    )
    with refused(words):
        entry(world, lines[2])


def test_a_donation_in_use_is_not_reversed(world):
    gift = years.donate(world)
    years.give_out(world, gift, 1)
    given = gift.transfer

    with refused("a donation that a budget uses is not reversed"):
        again(
            given, kind=Kind.REVERSE, debit=given.credit, credit=given.debit, voucher="V",
            key="k", reverses=given,
        )  # fmt: skip


def test_donations_wait_in_the_pool_for_what_their_donors_wished(world):
    gift = years.donate(world)
    world.appropriate((REGULAR, POOL_FEN - 1))
    line = world.draft((REGULAR, 1)).lines.select_related("decision").get()
    change(line, amount_fen=2)
    change(line.decision, **made(world))
    line.refresh_from_db()
    words = "donations with a wish wait for the programme their donor named"
    with refused(words):
        entry(world, line)

    receipt = actions.receive(
        fund=world.fund, amount_fen=9, by=world.cashier, at=world.tick(), key="nine"
    )
    turned = {
        "kind": Kind.REVERSE, "debit": receipt.credit, "credit": receipt.debit, "voucher": "V",
        "key": "k", "reverses": receipt,
    }  # fmt: skip
    change(years.pool(world), balance_fen=GIFT + 8)
    with refused(words):
        again(receipt, **turned)
    change(years.pool(world), balance_fen=GIFT + 9)
    assert again(receipt, **turned).pk
    assert Donation.objects.wished(world.fund).get() == gift


def test_what_donors_gave_a_budget_is_taken_for_nothing_else(world):
    years.give_out(world, years.donate(world, programme=MEDICAL))
    world.appropriate((MEDICAL, 1000_00))
    draft = world.draft((MEDICAL, -1), (MEDICAL, -1))
    lines = list(draft.lines.select_related("decision").order_by("seq"))
    for line, fen in zip(lines, (-1000_01, -1000_00), strict=True):
        change(line, amount_fen=fen)
        line.refresh_from_db()
    change(draft, **made(world))

    with refused("what donors gave a budget is not taken from it for other uses"):
        entry(world, lines[0])
    assert entry(world, lines[1]).pk


# Questions


def test_decisions_and_donations_are_seen_in_their_company_alone(world):
    gift, decision, stranger = years.donate(world), BudgetDecision.objects.get(), World()

    for who in (
        "company_officer",
        "company_chair",
        "secretary",
        "cashier",
        "accountant",
        "auditor",
    ):
        actor = getattr(world, who).actor(world.today)
        assert BudgetDecision.objects.visible_to(actor).get() == decision
        assert Donation.objects.visible_to(actor).get() == gift
    for user in (world.officer, world.discipline, stranger.accountant):
        actor = user.actor(world.today)
        assert not BudgetDecision.objects.visible_to(actor).exists()
        assert not Donation.objects.visible_to(actor).exists()


def test_decisions_are_narrowed_and_summed(world):
    gift = years.donate(world)
    change_ = world.draft(
        Planned(EMERGENCY, 300_00), Planned(EMERGENCY, GIFT, donation=gift), (REGULAR, -100_00)
    )
    rows = BudgetDecision.objects.for_list().order_by("pk")
    first = rows.get(kind="FIRST")

    (summed,) = rows.narrowed(status="DRAFT")
    assert (summed, summed.added_fen, summed.taken_fen) == (change_, 300_00 + GIFT, 100_00)
    for given in ({"kind": "FIRST"}, {"q": first.number}, {"status": "DECIDED"}):
        assert list(rows.narrowed(**given)) == [first]
    for given in ({"donation": gift.number}, {"q": change_.number}):
        assert list(rows.narrowed(**given)) == [change_]
    assert list(rows.narrowed(year=2027)) == []
    assert list(rows.narrowed(fund=world.fund, q="主席办公会")) == [first, change_]


def test_donations_are_narrowed(world):
    plain, gift = years.donate(world, programme=""), years.donate(world)
    rows = Donation.objects.for_list().order_by("pk")

    assert list(rows.narrowed(state="WISH")) == [gift]
    assert list(rows.narrowed(q=plain.number)) == [plain]
    assert list(rows.narrowed(fund=world.fund, year=2026)) == [plain, gift]
    assert list(rows.narrowed(year=2025)) == []
    assert list(rows.narrowed(state="WAITING")) == [gift]
    years.give_out(world, gift)
    assert list(rows.narrowed(state="WAITING")) == []
