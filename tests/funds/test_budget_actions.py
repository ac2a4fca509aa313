"""The budget of a year: drafted by one, confirmed by another, and moved by nothing else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection
from django.utils import translation

from audits import verify
from cases import actions as cases
from cases.workflow import Programme, Status
from funds import actions
from funds.actions import Planned
from funds.models import Account, BudgetDecision, BudgetPeriod, Kind, Transfer
from people.models import Standing
from people.roles import NotAllowed
from tests.factories import AppointmentFactory, appoint
from tests.funds import recoveries, years
from tests.funds.recoveries import AWARD
from tests.funds.years import GIFT
from tests.world import BUDGET_FEN, FUND_FEN, World

EMERGENCY, REGULAR, MEDICAL = Programme.EMERGENCY, Programme.REGULAR, Programme.MEDICAL
POOL_FEN = FUND_FEN - 2 * BUDGET_FEN  # what the first appropriation of the world leaves

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    world = World()
    assert world.fund
    return world


def not_allowed(match):
    return pytest.raises(NotAllowed, match=match)


def differences():
    return [str(problem.words) for problem in verify.problems()]


def decide(world, decision, by=None):
    return actions.decide_budget(decision=decision, by=by or world.company_chair, at=world.tick())


def drop(world, decision, by=None):
    return actions.drop_budget(decision=decision, by=by or world.accountant, at=world.tick())


def carry(world, year=2026, key="carry", by=None):
    return actions.draft_carry(
        fund=world.fund, year=year, reason="结余结转", basis="主席办公会纪要第2号",
        basis_on=world.today, by=by or world.accountant, at=world.tick(), key=key,
    )  # fmt: skip


def entries(decision):
    rows = Transfer.objects.filter(budget_line__decision=decision).order_by("pk")
    return list(rows.values_list("kind", "amount_fen"))


# Drafted by one, confirmed by another


def test_a_budget_goes_from_the_draft_to_its_entries(world):
    decision = world.draft(
        Planned(MEDICAL, 30_000_00, BudgetPeriod.FIRST), Planned(REGULAR, -10_000_00)
    )
    assert (years.pool(world).balance_fen, entries(decision)) == (POOL_FEN, [])
    decide(world, decision)
    decision.refresh_from_db()

    assert (decision.number, decision.kind, decision.status) == (
        "2026-A-预-02", "CHANGE", "DECIDED",
    )  # fmt: skip
    assert (decision.drafted_by, decision.decided_by) == (world.accountant, world.company_chair)
    assert entries(decision) == [("RELEASE", 10_000_00), ("ALLOCATE", 30_000_00)]
    assert years.pool(world).balance_fen == POOL_FEN - 20_000_00
    assert years.budget(world, MEDICAL).balance_fen == 30_000_00
    assert years.budget(world, REGULAR).balance_fen == BUDGET_FEN - 10_000_00
    assert Transfer.objects.filter(budget_line__decision=decision).first().note == (
        "2026-A-预-02 年度预算"
    )
    assert differences() == []


def test_who_drafts(world):
    line, elsewhere = (EMERGENCY, 1000_00), World()
    for by in (world.company_chair, world.cashier, world.auditor, world.secretary):
        with not_allowed("Only these may do this: accountant, company union officer"):
            world.draft(line, by=by)
    with not_allowed("This fund belongs to another company"):
        world.draft(line, by=elsewhere.accountant)
    with not_allowed("Only these may do this"):
        carry(world, by=world.company_chair)

    assert world.draft(line, by=world.company_officer).drafted_by == world.company_officer


def test_who_confirms_and_who_drops(world):
    elsewhere = World()
    draft = world.draft((EMERGENCY, 1000_00))
    for by in (world.accountant, world.company_officer, world.leaders[0], world.auditor):
        with not_allowed("Only these may do this: company union chair"):
            decide(world, draft, by=by)
    for by in (world.cashier, world.auditor, world.secretary):
        with not_allowed("Only these may do this"):
            drop(world, draft, by=by)
    for act in (decide, drop):
        with not_allowed("This fund belongs to another company"):
            act(world, draft, by=elsewhere.company_chair)


def test_who_drafted_does_not_confirm(world):
    both = appoint("ACCOUNTANT", world.company)
    AppointmentFactory(user=both, unit=world.company, role="COMPANY_CHAIR")
    draft = world.draft((EMERGENCY, 1000_00), by=both)

    with not_allowed("Somebody other than who drafted the decision confirms it"):
        decide(world, draft, by=both)
    assert decide(world, draft).decided_by == world.company_chair


def test_confirmed_twice_is_booked_once(world):
    draft = world.draft((EMERGENCY, 1000_00))
    decide(world, draft)
    decide(world, draft)

    assert entries(draft) == [("ALLOCATE", 1000_00)]
    other = appoint("COMPANY_CHAIR", world.company)
    for act, by in ((decide, other), (drop, world.accountant)):
        with not_allowed("This decision is no draft any more: it is decided and booked"):
            act(world, BudgetDecision.objects.get(pk=draft.pk), by=by)


def test_a_dropped_draft_books_nothing_and_stays(world):
    draft = world.draft((EMERGENCY, 1000_00))
    drop(world, draft)
    drop(world, draft)
    draft.refresh_from_db()

    assert (draft.status, draft.dropped_by, entries(draft)) == ("DROPPED", world.accountant, [])
    with not_allowed("This decision is no draft any more: it is dropped"):
        decide(world, draft)
    with not_allowed("This decision is no draft any more: it is dropped"):
        drop(world, draft, by=world.company_chair)


def test_drafted_twice_with_one_key_is_drafted_once(world):
    first = world.draft((EMERGENCY, 1000_00), key="form 1")

    assert world.draft((EMERGENCY, 1000_00), key="form 1") == first
    for lines, more in (
        ([(EMERGENCY, 1000_01)], {}), ([(REGULAR, 1000_00)], {}),
        ([(EMERGENCY, 1000_00)], {"year": 2027, "kind": "CHANGE"}),
        ([(EMERGENCY, 1000_00)], {"kind": "FIRST"}),
    ):  # fmt: skip
        with not_allowed("This form was sent before with another amount"):
            world.draft(*lines, key="form 1", **more)
    assert BudgetDecision.objects.filter(key="form 1").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_chairs_confirm_at_the_same_moment_and_it_is_booked_once(world):
    draft, at = world.draft((EMERGENCY, 1000_00)), world.tick()
    chairs = (world.company_chair, appoint("COMPANY_CHAIR", world.company))
    barrier = threading.Barrier(2)

    def confirm(by):
        try:
            barrier.wait(10)
            actions.decide_budget(decision=draft, by=by, at=at)
        except NotAllowed as refusal:
            return str(refusal)
        finally:
            connection.close()
        return "booked"

    with ThreadPoolExecutor(2) as pool:
        told = sorted(pool.map(confirm, chairs))

    assert [words == "booked" for words in told].count(True) == 1
    assert entries(draft) == [("ALLOCATE", 1000_00)]


# What the rules allow


def test_the_first_appropriation_of_a_year(world):
    with not_allowed("The budget of 2027 begins with its first appropriation"):
        world.draft((EMERGENCY, 1000_00), year=2027, kind="CHANGE")
    with not_allowed("The first appropriation takes nothing back"):
        world.draft((EMERGENCY, 1000_00), (REGULAR, -1), year=2027, kind="FIRST")
    with not_allowed("The budget of 2026 is there already: change it"):
        world.draft((EMERGENCY, 1000_00), kind="FIRST")
    first = world.draft((EMERGENCY, 1000_00), year=2027)
    assert first.kind == "FIRST"
    with not_allowed("The budget of 2027 is there already: change it"):
        world.draft((EMERGENCY, 1000_00), year=2027)

    drop(world, first)
    decide(world, world.draft((EMERGENCY, 1000_00), year=2027))
    assert years.budget(world, year=2027).balance_fen == 1000_00


def test_a_decision_names_an_amount(world):
    with not_allowed("A decision about the budget names at least one amount"):
        world.draft()


def test_a_decision_stays_within_what_the_fund_may_pay_for(world):
    narrow = actions.create_fund(
        company=world.company, code="B", name="助学款", programmes=[Programme.TUITION],
        standings=list(Standing.values), ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    actions.receive(
        fund=narrow, amount_fen=1000_00, by=world.cashier, at=world.tick(), key="narrow"
    )

    with not_allowed("This fund may not be used for this programme"):
        world.draft((EMERGENCY, 1), fund=narrow)


def test_a_year_that_is_over_takes_nothing_more(world):
    late = world.draft((EMERGENCY, 1000_00))
    years.turn(world, 2027)

    with not_allowed("The year 2026 is over: its budgets take nothing more"):
        world.draft((EMERGENCY, 1))
    with not_allowed("The year 2026 is over: its budgets take nothing more"):
        decide(world, late)
    decide(world, world.draft((EMERGENCY, -1)))
    assert years.budget(world).balance_fen == BUDGET_FEN - 1


def test_a_first_appropriation_is_not_confirmed_after_its_year():
    world = World()
    fund = actions.create_fund(
        company=world.company, code="A", name="帮扶款", programmes=[EMERGENCY],
        standings=list(Standing.values), ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    actions.receive(fund=fund, amount_fen=1000_00, by=world.cashier, at=world.tick(), key="g")
    draft = world.draft((EMERGENCY, 500_00), fund=fund)
    years.turn(world, 2027)

    with not_allowed("The year 2026 is over: its budgets take nothing more"):
        decide(world, draft)
    assert entries(draft) == []


# What the money allows


def test_no_more_is_added_than_is_free(world):
    with not_allowed("Only 200,000.00 yuan are free, and 200,000.01 yuan were to be added"):
        world.draft((EMERGENCY, POOL_FEN + 1))

    decide(world, world.draft((EMERGENCY, POOL_FEN)))
    assert years.pool(world).balance_fen == 0


def test_what_is_taken_covers_what_is_added(world):
    decide(world, world.draft((MEDICAL, POOL_FEN + 500_00), (REGULAR, -500_00)))

    assert years.budget(world, MEDICAL).balance_fen == POOL_FEN + 500_00


def test_what_is_reserved_is_not_taken_back(world):
    world.case_in(Status.APPROVED)
    words = "Only 194,500.00 yuan of the budget 2026 .* are not reserved; 194,500.01 yuan"
    with not_allowed(words):
        world.draft((EMERGENCY, -(BUDGET_FEN - AWARD) - 1))
    with not_allowed("Only 0.00 yuan of the budget 2026"):
        world.draft((MEDICAL, -1))

    decide(world, world.draft((EMERGENCY, -(BUDGET_FEN - AWARD))))
    assert years.budget(world).available_fen == 0


def test_money_that_went_since_the_draft_books_nothing_at_all(world):
    draft = world.draft((REGULAR, -100_00), (MEDICAL, POOL_FEN + 100_00))
    world.appropriate((EMERGENCY, 1))

    with not_allowed("Only 200,099.99 yuan are free"):
        decide(world, draft)
    assert entries(draft) == []
    assert years.budget(world, REGULAR).balance_fen == BUDGET_FEN
    assert BudgetDecision.objects.get(pk=draft.pk).status == "DRAFT"


# Donations with a wish


def test_a_donation_waits_for_the_programme_its_donor_named(world):
    gift = years.donate(world)
    words = "200,000.00 yuan are free, and 200,000.01 .*: 5,000.00 yuan of the pool wait"
    with not_allowed(words):
        world.draft((REGULAR, POOL_FEN + 1))
    for wrong in (Planned(REGULAR, GIFT, donation=gift), Planned(MEDICAL, 1, donation=gift)):
        with not_allowed("Donation 2026-A-捐-0001 is wished for another programme"):
            world.draft(wrong)
    with not_allowed("5,000.00 yuan are not yet given out and 0.00 yuan are"):
        world.draft(Planned(EMERGENCY, GIFT + 1, donation=gift))
    years.give_out(world, gift, 3000_00)
    with not_allowed("2,000.00 yuan are not yet given out and 3,000.00 yuan are"):
        world.draft(Planned(EMERGENCY, 2000_01, donation=gift))
    with not_allowed("2,000.00 yuan are not yet given out and 3,000.00 yuan are"):
        world.draft(Planned(EMERGENCY, -3000_01, donation=gift))

    decide(world, world.draft((MEDICAL, POOL_FEN), Planned(EMERGENCY, 2000_00, donation=gift)))
    assert (years.pool(world).balance_fen, years.used(gift)) == (0, GIFT)
    assert differences() == []


def test_a_donation_is_of_its_own_fund(world):
    second = actions.create_fund(
        company=world.company, code="B", name="工会经费", programmes=[EMERGENCY],
        standings=list(Standing.values), ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    gift = years.donate(world, fund=second)

    with not_allowed("Donation 2026-B-捐-0001 is wished for another programme"):
        world.draft(Planned(EMERGENCY, GIFT, donation=gift))


def test_what_donors_gave_a_budget_is_taken_for_nothing_else(world):
    gift = years.donate(world, programme=MEDICAL)
    years.give_out(world, gift)
    world.appropriate((MEDICAL, 1000_00))
    words = "Only 1,000.00 yuan of the budget 2026 .* may be taken for other uses"
    with not_allowed(words):
        world.draft((MEDICAL, -1000_01), (EMERGENCY, 1000_01))
    decide(world, world.draft((MEDICAL, -1000_00), (EMERGENCY, 1000_00)))
    with not_allowed("Only 0.00 yuan of the budget 2026"):
        world.draft((MEDICAL, -1))

    decide(world, world.draft(Planned(MEDICAL, -GIFT, donation=gift)))
    assert (years.used(gift), years.budget(world, MEDICAL).balance_fen) == (0, 0)
    with not_allowed("wait for what their donors wished"):
        world.draft((EMERGENCY, POOL_FEN + 1))


def test_general_money_leaves_a_budget_with_what_donors_gave_in_one_decision(world):
    gift = years.donate(world, programme=MEDICAL)
    years.give_out(world, gift)
    world.appropriate((MEDICAL, 1000_00))

    both = world.draft((MEDICAL, -1000_00), Planned(MEDICAL, -GIFT, donation=gift))
    decide(world, both)

    assert entries(both) == [("RELEASE", GIFT), ("RELEASE", 1000_00)]


def test_what_donors_gave_counts_as_spent_first(world):
    gift = years.donate(world)
    years.give_out(world, gift)
    world.case_in(Status.PAID)

    decide(world, world.draft((EMERGENCY, -(BUDGET_FEN + GIFT - AWARD))))
    assert years.budget(world).balance_fen == 0


def test_a_donation_in_use_is_not_reversed_and_one_taken_back_is(world):
    gift = years.donate(world)
    years.give_out(world, gift, 1000_00)

    def turn_round():
        return actions.reverse(
            transfer=gift.transfer, by=world.accountant, at=world.tick(), key="turn", note="退捐"
        )

    with not_allowed("A budget uses this donation: take it back by a decision first"):
        turn_round()
    decide(world, world.draft(Planned(EMERGENCY, -1000_00, donation=gift)))
    done = turn_round()
    assert turn_round() == done
    with not_allowed("0.00 yuan are not yet given out and 0.00 yuan are"):
        world.draft(Planned(EMERGENCY, 1, donation=gift))


def test_a_receipt_is_not_reversed_with_the_money_donors_wished(world):
    grant = Transfer.objects.get(kind=Kind.RECEIVE)
    decide(world, world.draft((EMERGENCY, -BUDGET_FEN), (REGULAR, -BUDGET_FEN)))
    years.donate(world)
    actions.receive(fund=world.fund, amount_fen=1, by=world.cashier, at=world.tick(), key="one")
    world.appropriate((MEDICAL, 2))

    with not_allowed("The money has been used since"):
        actions.reverse(
            transfer=grant, by=world.accountant, at=world.tick(), key="turn", note="记错"
        )


def test_entries_of_a_budget_and_reversals_are_never_reversed(world):
    gift = years.donate(world)
    back = actions.reverse(
        transfer=gift.transfer, by=world.accountant, at=world.tick(), key="turn", note="退捐"
    )
    second = appoint("ACCOUNTANT", world.company)
    allocated = Transfer.objects.filter(kind=Kind.ALLOCATE).first()

    for transfer, words in (
        (allocated, "A budget is changed by a decision, not by a reversal"),
        (back, "a reversal is never reversed"),
        (gift.transfer, "This transfer has been reversed already"),
    ):
        with not_allowed(words):
            actions.reverse(
                transfer=transfer, by=second, at=world.tick(), key=f"t {transfer.pk}", note="x"
            )


# Carry-over


def test_a_carry_over_is_reckoned_and_comes_after_the_year(world):
    with not_allowed("The year 2026 is not over: its budgets are carried over afterwards"):
        carry(world)
    with not_allowed("What is left of a year is reckoned, not typed: use the carry-over"):
        world.draft((EMERGENCY, -1), kind="CARRY")


def test_what_is_left_returns_to_the_pool_once(world):
    years.turn(world, 2027)
    draft = carry(world)
    assert carry(world) == draft
    decide(world, draft)
    decide(world, draft)

    assert (draft.number, draft.kind, draft.year) == ("2026-A-预-02", "CARRY", 2026)
    assert entries(draft) == [("CARRY", BUDGET_FEN), ("CARRY", BUDGET_FEN)]
    assert years.pool(world).balance_fen == FUND_FEN
    assert {row.why_not for row in actions.leftovers(world.fund, 2026)} == {"carried over already"}
    with not_allowed("Nothing of 2026 can be carried over now"):
        carry(world, key="again")
    decide(world, world.draft((EMERGENCY, FUND_FEN), year=2027))
    assert differences() == []


def test_a_budget_with_nothing_left_is_not_carried_over(world):
    decide(world, world.draft((REGULAR, -BUDGET_FEN)))
    years.turn(world, 2027)

    why = {row.account.programme: row.why_not for row in actions.leftovers(world.fund, 2026)}
    assert why == {EMERGENCY: "", REGULAR: "nothing is left"}
    assert [line.programme for line in carry(world).lines.all()] == [EMERGENCY]


def test_a_carry_over_that_has_moved_since_is_drafted_again(world):
    years.turn(world, 2027)
    draft = carry(world)
    decide(world, world.draft((REGULAR, -1)))

    with not_allowed("The budgets of 2026 have moved since this was drafted: draft it again"):
        decide(world, draft)
    drop(world, draft)
    decide(world, carry(world, key="again"))
    assert years.pool(world).balance_fen == FUND_FEN


def test_a_year_with_running_reservations_is_carried_over_after_december_is_closed(world):
    case = world.case_in(Status.CLEARED)
    years.turn(world, 2027)
    why = {row.account.programme: row.why_not for row in actions.leftovers(world.fund, 2026)}
    assert why == {
        EMERGENCY: "reservations are running and December is not closed", REGULAR: "",
    }  # fmt: skip
    years.close(world, 2026, 12)
    decide(world, carry(world))

    left = years.budget(world)
    assert (left.balance_fen, left.held_fen) == (AWARD, AWARD)
    world.post(world.prepare(case.batch_lines.get(current=True).batch))
    assert years.budget(world).balance_fen == 0
    assert years.pool(world).balance_fen == FUND_FEN - AWARD + 100
    assert differences() == []


def test_what_becomes_free_after_the_carry_over_is_taken_back_by_a_change(world):
    case = world.case_in(Status.HELD)
    years.turn(world, 2027)
    years.close(world, 2026, 12)
    decide(world, carry(world))
    cases.reopen(
        objection=case.objections.get(), by=world.discipline, at=world.tick(), words="属实"
    )
    assert years.budget(world).available_fen == AWARD
    with not_allowed("Nothing of 2026 can be carried over now"):
        carry(world, key="again")

    decide(world, world.draft((EMERGENCY, -AWARD)))
    assert years.budget(world).balance_fen == 0


def test_what_is_left_of_a_donation_is_carried_over_with_its_wish(world):
    first, second = years.donate(world, 1000_00), years.donate(world, 6000_00)
    years.give_out(world, second, 6000_00)
    years.give_out(world, first, 1000_00)
    world.case_in(Status.PAID)
    years.turn(world, 2027)
    draft = carry(world)

    lines = draft.lines.filter(programme=EMERGENCY).order_by("seq")
    assert list(lines.values_list("donation", "amount_fen")) == [
        (second.pk, -1500_00), (None, -BUDGET_FEN),
    ]  # fmt: skip
    decide(world, draft)
    assert (years.used(first), years.used(second)) == (1000_00, 4500_00)
    with not_allowed("1,500.00 yuan of the pool wait for what their donors wished"):
        world.draft((REGULAR, years.pool(world).balance_fen), year=2027)


def test_a_donation_returns_no_larger_than_it_was_given(world):
    """What a household pays back of an earlier year may be more than the year spent."""
    recovery = recoveries.decided(world)
    years.turn(world, 2027)
    gift = years.donate(world)
    world.appropriate((REGULAR, 1000_00), Planned(EMERGENCY, GIFT, donation=gift), year=2027)
    recoveries.back(world, recovery)
    years.turn(world, 2028)
    draft = carry(world, 2027)

    lines = draft.lines.filter(programme=EMERGENCY).order_by("seq")
    assert list(lines.values_list("donation", "amount_fen")) == [(gift.pk, -GIFT), (None, -AWARD)]
    decide(world, draft)
    assert (years.used(gift), years.budget(world, year=2027).balance_fen) == (0, 0)


def test_leftovers_take_a_fixed_number_of_queries(world, django_assert_num_queries):
    years.give_out(world, years.donate(world))
    years.turn(world, 2027)
    with django_assert_num_queries(7):
        assert len(actions.leftovers(world.fund, 2026)) == 2
    for programme in (EMERGENCY, MEDICAL, REGULAR):
        gift = years.donate(world, programme=programme)
        world.appropriate(Planned(programme, GIFT, donation=gift), year=2027)

    with django_assert_num_queries(7):
        assert len(actions.leftovers(world.fund, 2027)) == 3


# The books of the year


def test_interest_and_grants_are_shared_out_by_later_decisions(world):
    actions.receive(
        fund=world.fund, amount_fen=321_45, kind=Kind.INTEREST, by=world.cashier, at=world.tick(),
        key="interest", value_on=date(2026, 3, 1),
    )  # fmt: skip
    decide(world, world.draft((MEDICAL, POOL_FEN + 321_45)))

    assert years.pool(world).balance_fen == 0
    total = sum(Account.objects.filter(fund=world.fund).values_list("balance_fen", flat=True))
    assert total == 0
