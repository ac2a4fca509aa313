"""Recovery of what was paid: opened, decided by another, told, paid back in parts, or waived."""

from datetime import date

import pytest
from django.utils import translation

from audits import verify
from cases.workflow import Programme, Status
from funds import actions, books
from funds.models import Account, Recovery, RecoveryReceipt, Transfer
from hardship import worklist
from people.models import Standing
from people.roles import NotAllowed
from tests.audits.test_verify import force
from tests.factories import AppointmentFactory, appoint
from tests.funds import papers, recoveries, years
from tests.funds.recoveries import AWARD
from tests.world import BUDGET_FEN, DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def decided(world):
    return recoveries.decided(world)


def not_allowed(match):
    return pytest.raises(NotAllowed, match=match)


def differences():
    return [str(problem.words) for problem in verify.problems()]


def balances(world):
    budget = world.budget(Programme.EMERGENCY)
    return budget.balance_fen, Account.objects.get(fund=world.fund, kind="SPENT").balance_fen


# The whole way


def test_a_recovery_goes_from_the_opening_to_the_last_part(world):
    recovery = recoveries.open_(world)
    recoveries.decide(world, recovery, minutes="会议纪要第7号")
    recoveries.tell(world, recovery)
    first = recoveries.back(world, recovery, 2000_00)
    assert actions.open_fen(recovery) == AWARD - 2000_00
    last = recoveries.back(world, recovery, AWARD - 2000_00)
    recovery.refresh_from_db()

    assert (recovery.number, recovery.status) == ("2026-追-001", "SETTLED")
    assert (recovery.opened_by, recovery.decided_by) == (world.company_officer, world.company_chair)
    assert (recovery.told_on, recovery.told_by) == (world.today, world.company_officer)
    for part in (first, last):
        assert (part.noted_by, part.posted_by) == (world.cashier, world.accountant)
        assert (part.transfer.kind, part.transfer.amount_fen) == ("RECLAIM", part.amount_fen)
        assert part.transfer.debit == world.budget(Programme.EMERGENCY)
    assert recovery.case.status == Status.PAID
    assert balances(world) == (BUDGET_FEN, 0)
    assert actions.back_fen(recovery) == AWARD
    assert differences() == []


def test_what_came_back_is_taken_off_in_the_books_of_the_household(world, decided):
    recoveries.back(world, decided, 2000_00)

    (row,) = [row for row in books.grants([world.fund], decided.case.dossier) if row.paid_fen]

    assert (row.paid_fen, row.back_fen) == (AWARD, 2000_00)


# Opening


def test_who_opens_is_the_officer_of_the_company(world):
    case = world.case_in(Status.PAID)
    for by in (world.company_chair, world.cashier, world.auditor, World().company_officer):
        with not_allowed("Only the company union officer opens a recovery"):
            recoveries.open_(world, case, by=by)


def test_nothing_is_recovered_of_what_was_not_paid(world):
    with not_allowed("Nothing has been paid on this case"):
        recoveries.open_(world, world.case_in(Status.CLEARED))


def test_relatives_neither_open_nor_decide_nor_waive(world, decided):
    case = decided.case
    opened = recoveries.open_(world, fen=1000_00)
    for user in (world.company_officer, world.company_chair):
        for household in (case, opened.case):
            papers.relative(world, user, household.applicant.id_index)
    words = "You are a relative or a member of this household"

    with not_allowed(words):
        recoveries.open_(world, opened.case, fen=1)
    with not_allowed(words):
        recoveries.decide(world, opened)
    with not_allowed(words):
        recoveries.waive(world, decided)


def test_no_more_is_asked_for_than_is_left(world):
    case = world.case_in(Status.PAID)
    for fen in (AWARD + 1, 0, -1):
        with not_allowed("At most 5,500.00 yuan can be recovered"):
            recoveries.open_(world, case, fen)
    recoveries.open_(world, case, 5000_00)
    with not_allowed("At most 500.00 yuan can be recovered"):
        recoveries.open_(world, case, 500_01)
    recoveries.open_(world, case, 500_00)
    with not_allowed("All that was paid on this case came back or is being recovered"):
        recoveries.open_(world, case, 1)


def test_a_fund_that_paid_nothing_recovers_nothing(world):
    case = world.case_in(Status.PAID)
    other = actions.create_fund(
        company=world.company, code="B", name="工会经费", programmes=[Programme.EMERGENCY],
        standings=list(Standing.values), ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip

    with not_allowed("At most 0.00 yuan can be recovered"):
        recoveries.open_(world, case, 1, fund=other)


def test_a_recovery_needs_words(world):
    with not_allowed("Write down what was found"):
        recoveries.open_(world, words="  ")


def test_opened_twice_is_opened_once(world):
    case = world.case_in(Status.PAID)

    assert recoveries.open_(world, case) == recoveries.open_(world, case)
    assert Recovery.objects.count() == 1


def test_what_was_paid_counts_the_advance_and_what_came_back(world):
    paid = world.case_in(Status.PAID)
    assert actions.paid_net(paid) == {world.fund.pk: AWARD}

    recovery = recoveries.open_(world, paid, 1000_00)
    assert actions.paid_net(paid) == {world.fund.pk: AWARD - 1000_00}
    assert actions.paid_net(paid, besides=[recovery]) == {world.fund.pk: AWARD}
    recoveries.decide(world, recovery)
    recoveries.back(world, recovery, 1000_00)
    assert actions.paid_net(paid) == {world.fund.pk: AWARD - 1000_00}


# Deciding


def test_somebody_else_decides(world):
    both = appoint("COMPANY_OFFICER", world.company)
    AppointmentFactory(user=both, unit=world.company, role="COMPANY_CHAIR")
    recovery = recoveries.open_(world, by=both)
    for by in (world.company_officer, world.accountant, world.auditor):
        with not_allowed("Only the company union chair decides a recovery"):
            recoveries.decide(world, recovery, by=by)

    with not_allowed("Somebody other than who opened the recovery decides it"):
        recoveries.decide(world, recovery, by=both)
    recoveries.decide(world, recovery)
    with not_allowed("Somebody other than who opened the recovery waives"):
        recoveries.waive(world, recovery, by=both)


def test_a_decision_names_a_day_to_come(world):
    recovery = recoveries.open_(world)
    for days in (0, -1):
        with not_allowed("The day by which it is paid back lies after today"):
            recoveries.decide(world, recovery, days=days)


def test_not_pursuing_needs_words_and_frees_the_amount(world):
    recovery = recoveries.open_(world)
    with not_allowed("Write down why nothing is recovered"):
        recoveries.decide(world, recovery, pursue=False, words=" ")

    first = recoveries.decide(world, recovery, pursue=False, words="查无实据")
    again = recoveries.decide(world, recovery, pursue=False, words="别的话")

    assert (first.status, again.decision_words, again.due_on) == ("REFUSED", "查无实据", None)
    with not_allowed("This recovery has been decided"):
        recoveries.decide(world, recovery)
    assert recoveries.open_(world, recovery.case).pk


# The letter


def test_the_letter_is_recorded_once_by_the_officer(world):
    recovery = recoveries.open_(world)
    with not_allowed("There is a letter while the amount is to be paid back"):
        recoveries.tell(world, recovery)
    recoveries.decide(world, recovery)
    with not_allowed("Only the company union officer hands the letter over"):
        recoveries.tell(world, recovery, by=world.company_chair)
    for on in (world.today - DAY, world.today + DAY):
        with not_allowed("after the decision, and not later than today"):
            recoveries.tell(world, recovery, on=on)

    told = recoveries.tell(world, recovery)
    assert recoveries.tell(world, recovery).told_on == told.told_on
    world.tick(days=1)
    with not_allowed("It was recorded before on which day the household got the letter"):
        recoveries.tell(world, recovery)


# The parts


def test_who_notes_and_who_posts(world, decided):
    for by in (world.accountant, world.company_officer, world.company_chair):
        with not_allowed("Only the cashier notes what the household paid back"):
            recoveries.note(world, decided, by=by)
    both = appoint("CASHIER", world.company)
    AppointmentFactory(user=both, unit=world.company, role="ACCOUNTANT")
    part = recoveries.note(world, decided, by=both)
    for by in (world.cashier, world.company_chair):
        with not_allowed("Only the accountant posts what the household paid back"):
            recoveries.post(world, part, by=by)
    with not_allowed("Somebody other than who noted it posts"):
        recoveries.post(world, part, by=both)


def test_a_part_is_within_what_is_open_and_its_days(world, decided):
    for fen in (0, AWARD + 1):
        with not_allowed("5,500.00 yuan are still open"):
            recoveries.note(world, decided, fen)
    for on in (world.today - DAY, world.today + DAY):
        with not_allowed("It came back after the decision, and not later than today"):
            recoveries.note(world, decided, on=on)
    recoveries.note(world, decided, 5000_00)
    with not_allowed("500.00 yuan are still open"):
        recoveries.note(world, decided, 500_01)
    recoveries.note(world, decided, 500_00)
    with not_allowed("All of it has been noted; the accountant posts it"):
        recoveries.note(world, decided, 1)


def test_nothing_comes_back_before_the_decision_or_after_the_end(world):
    recovery = recoveries.open_(world)
    with not_allowed("Nothing is to be paid back now"):
        recoveries.note(world, recovery)
    recoveries.decide(world, recovery)
    recoveries.back(world, recovery)

    with not_allowed("Nothing is to be paid back now"):
        recoveries.note(world, recovery, 1)
    with not_allowed("Nothing is to be paid back now"):
        recoveries.waive(world, recovery)


def test_a_part_noted_and_posted_twice_is_there_once(world, decided):
    first = recoveries.note(world, decided, 2000_00)
    assert recoveries.note(world, decided, 2000_00) == first
    posted = recoveries.post(world, first)
    assert recoveries.post(world, first) == posted

    assert RecoveryReceipt.objects.count() == 1
    assert Transfer.objects.filter(kind="RECLAIM").count() == 1
    second = appoint("ACCOUNTANT", world.company)
    with not_allowed("This part has been posted"):
        recoveries.post(world, first, by=second)
    with not_allowed("This part has been posted"):
        recoveries.strike(world, first)


def test_a_part_noted_by_mistake_is_struck_out_and_stays(world, decided):
    part = recoveries.note(world, decided)
    for by in (world.company_officer, world.auditor):
        with not_allowed("Only the cashier and the accountant strike a noted part out"):
            recoveries.strike(world, part, by=by)
    struck = recoveries.strike(world, part)

    assert recoveries.strike(world, part).struck_at == struck.struck_at
    for act in (recoveries.post, recoveries.strike):
        with not_allowed("This part was struck out"):
            act(world, part, by=world.accountant)
    assert actions.open_fen(decided) == AWARD
    assert list(decided.receipts.live()) == []


def test_a_closed_month_takes_no_part(world, decided):
    world.tick(days=20)
    part, day = recoveries.note(world, decided, 1000_00), world.today
    world.tick(days=30)
    years.close(world, day.year, day.month)

    with not_allowed("2026-04 is closed"):
        recoveries.post(world, part)
    with not_allowed("2026-04 is closed"):
        recoveries.note(world, decided, 1, on=day)
    assert recoveries.back(world, decided, 1).posted_at


def test_money_goes_back_to_the_budget_of_the_year_or_to_the_pool(world, decided):
    budget, why = actions.reclaim_account(decided, date(2026, 12, 31))
    assert (budget, why) == (
        world.budget(Programme.EMERGENCY),
        "It goes back to the budget of the year in which it came.",
    )

    pool, why = actions.reclaim_account(decided, date(2027, 1, 1))
    assert (pool.kind, why) == (
        "POOL",
        "The fund has no budget for this programme in 2027: it goes to what is not yet allocated.",
    )


# The waiver


def test_the_rest_is_waived_by_the_chair_as_minutes_say(world, decided):
    recoveries.back(world, decided, 2000_00)
    with not_allowed("Only the company union chair waives what is still open"):
        recoveries.waive(world, decided, by=world.company_officer)
    for given in ({"words": " "}, {"minutes": " "}):
        with not_allowed("Write down why the rest is waived, and the number of the minutes"):
            recoveries.waive(world, decided, **given)
    part = recoveries.note(world, decided, 1_00)
    with not_allowed("A part that came back is not posted yet"):
        recoveries.waive(world, decided)
    recoveries.strike(world, part)

    waived = recoveries.waive(world, decided)
    again = recoveries.waive(world, decided, words="别的话")

    assert (waived.status, again.waived_words) == ("WAIVED", "家庭无力退回。")
    assert waived.waived_minutes == "会议纪要第9号"
    assert actions.paid_net(decided.case) == {}
    assert differences() == []


# What it stops, and what is seen of it


def test_the_bank_returns_nothing_that_is_recovered(world):
    recovery = recoveries.open_(world)

    with not_allowed("The money of this case is being recovered"):
        actions.bounce(
            payment=recovery.case.payments.get(), by=world.accountant, at=world.tick(), reason="错"
        )


def test_verify_finds_a_recovery_that_does_not_add_up(world, decided):
    recoveries.back(world, decided, 2000_00)
    force(RecoveryReceipt, "UPDATE {table} SET amount_fen = 1999")

    assert (
        f"What was paid back on case {decided.case_id} is not what its recoveries and the ledger"
        " say."
    ) in differences()


def test_verify_finds_a_recovery_settled_too_early(world, decided):
    force(Recovery, "UPDATE {table} SET status = 'SETTLED'")

    assert differences() == [f"Recovery {decided.pk} does not add up with what came back."]


def test_what_waits_is_on_the_worklists(world):
    def rows(user, on=None):
        day = on or world.today
        tasks = [t for _heading, some in worklist.groups(user.actor(day), day) for t in some]
        return [task.url for task in tasks if "/recoveries/" in task.url]

    recovery = recoveries.open_(world)
    here = [recovery.get_absolute_url()]
    assert (rows(world.company_chair), rows(world.company_officer)) == (here, [])
    recoveries.decide(world, recovery)
    assert (rows(world.company_chair), rows(world.company_officer)) == ([], here)
    recoveries.tell(world, recovery)
    assert rows(world.company_officer) == []
    recoveries.note(world, recovery)
    assert (rows(world.accountant), rows(world.cashier)) == (here, [])
    late = Recovery.objects.get().due_on + DAY
    assert rows(world.cashier, late) == here
