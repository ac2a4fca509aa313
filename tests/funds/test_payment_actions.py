"""From the reservation to the account: paid once, by two people, to the account decided on."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from base import guards
from cases import actions as cases
from cases.models import CaseDuty
from cases.workflow import Duty, Programme, Status
from funds import actions
from funds.models import (
    Account,
    BatchLine,
    Hold,
    HoldEnd,
    Meeting,
    PayeeConfirmation,
    Payment,
    PaymentRun,
    Transfer,
)
from people.actions import change_payee
from people.roles import NotAllowed, Role
from tests.factories import UnitFactory, appoint
from tests.funds.bank_files import bounce, came_back
from tests.world import BUDGET_FEN, World

AWARD = 5500_00


@pytest.fixture(autouse=True)
def english():
    """Refusals are read here in the language they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(db):
    return World()


def list_of(world, status=Status.CLEARED):
    """(case, its list) of a case taken to a status."""
    case = world.case_in(status)
    return case, case.batch_lines.get(current=True).batch


def prepared(world):
    return world.prepare(list_of(world)[1])


def posted(world):
    return world.post(prepared(world))


def change_account(world, person, number="6222000000000009999", by=None):
    return change_payee(
        person=person, bank="建设银行", branch="道外支行", account_name=person.name,
        account=number, by=by or world.officer, at=world.tick(),
    )  # fmt: skip


def emergency_budget(world):
    budget = world.budget(Programme.EMERGENCY)
    return budget.balance_fen, budget.held_fen


# Reservation


def test_the_decision_reserves_the_amount_and_the_payment_uses_it(world):
    case, batch = list_of(world)
    reserved = emergency_budget(world)

    world.post(world.prepare(batch))

    assert reserved == (BUDGET_FEN, AWARD)
    assert emergency_budget(world) == (BUDGET_FEN - AWARD, 0)
    end = HoldEnd.objects.get(hold__case=case)
    assert (end.reason, end.transfer.kind, end.transfer.amount_fen) == ("POSTED", "PAY", AWARD)


def test_reopening_voids_the_reservation(world):
    case = world.case_in(Status.HELD)

    cases.reopen(
        objection=case.objections.get(), by=world.discipline, at=world.tick(), words="情况属实"
    )

    assert emergency_budget(world) == (BUDGET_FEN, 0)
    assert HoldEnd.objects.get(hold__case=case).reason == "VOIDED"
    assert not case.batch_lines.filter(current=True).exists()


def test_a_refused_reopening_leaves_the_reservation(world):
    case = world.case_in(Status.HELD)

    with pytest.raises(NotAllowed):
        cases.reopen(
            objection=case.objections.get(), by=world.company_officer, at=world.tick(), words="不"
        )

    assert emergency_budget(world) == (BUDGET_FEN, AWARD)
    assert case.batch_lines.filter(current=True).exists()


def test_confirming_more_than_the_budget_covers_reserves_nothing(world):
    batch = world.batch([world.to_verified(world.emergency())])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    world.take_back(world.budget(Programme.EMERGENCY), BUDGET_FEN - AWARD + 1)

    with pytest.raises(NotAllowed, match="no longer covers"):
        actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())

    assert not Hold.objects.exists()
    assert batch.lines.get().case.status == Status.TABLED


# Prepare


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (Status.APPROVED, "has not been published"),
        (Status.PUBLISHED, "has not ended"),
        (Status.HELD, "objection"),
        (Status.PAID, "under way or done"),
    ],
)
def test_prepare_before_the_gate_or_after_the_payment_is_refused(world, status, why):
    _case, batch = list_of(world, status)
    before = PaymentRun.objects.count()

    with pytest.raises(NotAllowed, match=why):
        world.prepare(batch)

    assert PaymentRun.objects.count() == before


def test_prepare_before_the_decision_is_refused(world):
    _case, batch = list_of(world, Status.TABLED)

    with pytest.raises(NotAllowed, match="not decided"):
        world.prepare(batch)


def test_prepare_a_list_without_money_is_refused(world):
    case = world.on_file().cases.get()

    with pytest.raises(NotAllowed, match="nothing to pay"):
        world.prepare(case.batch_lines.get().batch)


@pytest.mark.parametrize("who", ["accountant", "company_chair", "auditor", "admin"])
def test_prepare_by_anybody_but_the_cashier_is_refused(world, who):
    _case, batch = list_of(world)

    with pytest.raises(NotAllowed, match="cashier"):
        actions.prepare(batch=batch, by=getattr(world, who), at=world.tick())


def test_prepare_by_the_cashier_of_another_company_is_refused(world):
    _case, batch = list_of(world)
    stranger = appoint(Role.CASHIER, UnitFactory(company=True))

    with pytest.raises(NotAllowed):
        actions.prepare(batch=batch, by=stranger, at=world.tick())


def test_prepare_by_whoever_had_another_part_in_a_case_is_refused(world):
    case, batch = list_of(world)
    CaseDuty.objects.create(case=case, user=world.cashier, duty=Duty.AUDIT, at=world.tick())

    with pytest.raises(NotAllowed, match="two parts"):
        world.prepare(batch)


def test_prepare_writes_down_what_the_bank_is_told(world):
    case, batch = list_of(world)

    run = world.prepare(batch)

    payment = run.payments.get()
    assert (run.status, run.payments_count, run.total_fen, run.prepared_by) == (
        "PREPARED", 1, AWARD, world.cashier,
    )  # fmt: skip
    assert (payment.amount_fen, payment.account, payment.attempt, payment.status) == (
        AWARD, case.applicant.account, 1, "PREPARED",
    )  # fmt: skip
    assert payment.hold == Hold.objects.get(case=case)
    assert actions.recount(run) == (run.payments_count, run.total_fen, run.digest)


def test_prepare_twice_is_refused(world):
    _case, batch = list_of(world)
    world.prepare(batch)

    with pytest.raises(NotAllowed, match="under way"):
        world.prepare(batch)

    assert PaymentRun.objects.count() == 1


def test_prepare_of_something_else_than_seen_is_refused(world):
    _case, batch = list_of(world)

    with pytest.raises(NotAllowed, match="changed since"):
        actions.prepare(batch=batch, by=world.cashier, at=world.tick(), seen="0" * 64)


def test_waiting_lists_what_is_ready_and_nothing_else(world):
    _case, batch = list_of(world)
    prepared(world)
    world.on_file()
    list_of(world, Status.PUBLISHED)

    (found,) = actions.waiting([world.company.pk])

    assert (found, found.ready_count, found.ready_fen) == (batch, 1, AWARD)
    assert not actions.waiting([UnitFactory(company=True).pk])


# The database refuses what Python refuses


def again(payment, **changed):
    """The same payment once more, sent past the actions."""
    values = {
        field.name: getattr(payment, field.name)
        for field in Payment._meta.concrete_fields
        if not field.primary_key
    }
    return Payment.objects.create(**values | changed)


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def test_a_second_payment_of_a_line_is_refused_by_the_database(world):
    payment = prepared(world).payments.get()

    with refused("payment_once_per_line|funds_payment.line_id"), transaction.atomic():
        again(payment, attempt=2)


def test_a_second_run_for_a_line_that_was_paid_is_refused_by_the_database(world):
    payment = posted(world).payments.get()

    with refused("payment_once_per_line|funds_payment.line_id"), transaction.atomic():
        again(payment, attempt=2, status="PREPARED")


def test_a_payment_while_an_objection_is_open_is_refused_by_the_database(world):
    payment = prepared(world).payments.get()
    actions.give_up(run=payment.run, by=world.cashier, at=world.tick())
    objection = payment.clearance.line.objections.model
    objection.objects.create(
        company=world.company, line=payment.clearance.line, case=payment.case, code="X",
        facts="有房两套", filed_at=world.tick(), due_on=world.today,
    )  # fmt: skip

    with refused("without an open objection"), transaction.atomic():
        again(payment, attempt=2, status="PREPARED")


def test_an_objection_that_nobody_took_up_keeps_the_case_from_the_cashier(world):
    case, batch = list_of(world, Status.PUBLISHED)
    world.object_to(case.notice_lines.get())
    world.clear()

    with pytest.raises(NotAllowed, match="has not ended"):
        world.prepare(batch)

    assert world.fresh(case).status == Status.PUBLISHED


def test_a_payment_with_the_clearance_of_another_case_is_refused_by_the_database(world):
    first, second = prepared(world).payments.get(), prepared(world).payments.get()
    actions.give_up(run=first.run, by=world.cashier, at=world.tick())

    with refused("notice period"), transaction.atomic():
        again(first, attempt=2, clearance=second.clearance, status="PREPARED")


@pytest.mark.parametrize("fen", [AWARD - 1, AWARD + 1])
def test_a_payment_of_another_amount_is_refused_by_the_database(world, fen):
    payment = prepared(world).payments.get()
    actions.give_up(run=payment.run, by=world.cashier, at=world.tick())

    with refused("the decided amount"), transaction.atomic():
        again(payment, attempt=2, amount_fen=fen, status="PREPARED")


# Post


@pytest.mark.parametrize("who", ["cashier", "company_chair", "auditor", "admin"])
def test_post_by_anybody_but_the_accountant_is_refused(world, who):
    run = prepared(world)

    with pytest.raises(NotAllowed, match="accountant"):
        actions.post(run=run, by=getattr(world, who), at=world.tick())

    assert not Transfer.objects.filter(kind="PAY").exists()


def test_post_by_whoever_prepared_it_is_refused_even_as_accountant(world):
    run = prepared(world)
    appointment = world.cashier.appointments.get()
    appointment.pk, appointment.role = None, Role.ACCOUNTANT
    appointment.save(force_insert=True)

    with pytest.raises(NotAllowed, match="other than who prepared"):
        actions.post(run=run, by=world.cashier, at=world.tick())


def test_post_twice_pays_once(world):
    run = prepared(world)

    first, second = world.post(run), world.post(run)

    assert (first.status, first.posted_at) == (second.status, second.posted_at)
    assert Transfer.objects.filter(kind="PAY").count() == 1
    assert emergency_budget(world) == (BUDGET_FEN - AWARD, 0)


def test_post_of_several_lines_gives_each_a_voucher_and_an_entry(world):
    listed = [world.fresh(world.to_verified(world.emergency())) for _n in range(3)]
    batch = world.batch(listed)
    world.decide(batch)
    world.publish(batch)
    world.clear()

    run = world.post(world.prepare(batch))

    entries = Transfer.objects.filter(kind="PAY").order_by("pk")
    assert [entry.case_id for entry in entries] == [p.case_id for p in run.payments.order_by("pk")]
    assert len({entry.voucher for entry in entries}) == 3
    assert sum(entry.amount_fen for entry in entries) == run.total_fen
    assert {case.status for case in map(world.fresh, listed)} == {Status.PAID}


def test_post_of_what_does_not_add_up_is_refused(world):
    run = prepared(world)
    PaymentRun.objects.filter(pk=run.pk).update(digest="0" * 64)

    with pytest.raises(NotAllowed, match="add up"):
        world.post(run)


def test_post_of_a_payment_given_up_is_refused(world):
    run = prepared(world)
    actions.give_up(run=run, by=world.cashier, at=world.tick())

    with pytest.raises(NotAllowed, match="given up"):
        world.post(run)


# Give up


def test_give_up_makes_the_line_ready_again_and_keeps_the_reservation(world):
    run = prepared(world)

    actions.give_up(run=run, by=world.cashier, at=world.tick())
    again_run = world.prepare(run.batch)

    assert emergency_budget(world) == (BUDGET_FEN, AWARD)
    assert run.payments.get().status == "VOID"
    assert again_run.payments.get().attempt == 2


def test_give_up_by_the_accountant_or_after_posting_is_refused(world):
    run = prepared(world)

    with pytest.raises(NotAllowed, match="cashier"):
        actions.give_up(run=run, by=world.accountant, at=world.tick())
    world.post(run)
    with pytest.raises(NotAllowed, match="posted"):
        actions.give_up(run=run, by=world.cashier, at=world.tick())

    assert run.payments.get().status == "POSTED"


# Bank return


def test_bounce_returns_the_money_and_reserves_it_again_under_the_same_award(world):
    payment = posted(world).payments.get()

    bounce(world, payment)

    payment.refresh_from_db()
    case = payment.case
    assert (payment.status, payment.return_reason, payment.returned_by) == (
        "RETURNED", "户名不符", world.accountant,
    )  # fmt: skip
    assert (case.status, case.granted_fen) == (Status.CLEARED, AWARD)
    assert emergency_budget(world) == (BUDGET_FEN, AWARD)
    assert Hold.objects.running().get().case == case


def test_a_returned_payment_is_issued_again_once(world):
    run = posted(world)
    came_back(world, run.payments.get())

    second = world.post(world.prepare(run.batch))

    payment = second.payments.get()
    assert (payment.attempt, payment.amount_fen) == (2, AWARD)
    kinds = Transfer.objects.filter(case=payment.case).order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["PAY", "BOUNCE", "PAY"]
    assert emergency_budget(world) == (BUDGET_FEN - AWARD, 0)
    with pytest.raises(NotAllowed):
        world.prepare(run.batch)


def test_bounce_twice_returns_once(world):
    payment = posted(world).payments.get()

    bounce(world, payment)
    bounce(world, payment, reason="再来")

    assert Transfer.objects.filter(kind="BOUNCE").count() == 1
    assert Payment.objects.get().return_reason == "户名不符"


@pytest.mark.parametrize("who", ["cashier", "company_officer", "auditor"])
def test_bounce_by_anybody_but_the_accountant_is_refused(world, who):
    payment = posted(world).payments.get()

    with pytest.raises(NotAllowed, match="accountant"):
        bounce(world, payment, by=getattr(world, who))


def test_bounce_before_posting_is_refused(world):
    payment = prepared(world).payments.get()

    with pytest.raises(NotAllowed, match="not been posted"):
        bounce(world, payment)


# The account of the decision


def test_an_account_changed_after_the_decision_needs_a_second_person(world):
    case, batch = list_of(world)
    change_account(world, case.applicant)

    with pytest.raises(NotAllowed, match="must confirm it"):
        world.prepare(batch)
    actions.confirm_payee(person=case.applicant, by=world.company_officer, at=world.tick())
    run = world.prepare(batch)

    assert run.payments.get().account == "6222000000000009999"


def test_a_confirmation_is_for_one_account_alone(world):
    case, batch = list_of(world)
    change_account(world, case.applicant)
    actions.confirm_payee(person=case.applicant, by=world.company_officer, at=world.tick())
    change_account(world, case.applicant, "6222000000000008888")

    with pytest.raises(NotAllowed, match="must confirm it"):
        world.prepare(batch)


def test_an_account_changed_back_needs_nobody(world):
    case, batch = list_of(world)
    number = case.applicant.account
    change_account(world, case.applicant)
    change_account(world, case.applicant, number)

    assert world.prepare(batch).payments.get().account == number


def test_confirming_an_account_one_changed_oneself_is_refused(world):
    case, _batch = list_of(world)
    person = change_account(world, case.applicant, by=world.company_officer)

    with pytest.raises(NotAllowed, match="other than who changed"):
        actions.confirm_payee(person=person, by=world.company_officer, at=world.tick())


@pytest.mark.parametrize("who", ["cashier", "officer", "company_chair", "auditor"])
def test_confirming_an_account_by_others_is_refused(world, who):
    case, _batch = list_of(world)
    person = change_account(world, case.applicant, by=case.applicant.user)

    with pytest.raises(NotAllowed, match="confirms an account"):
        actions.confirm_payee(person=person, by=getattr(world, who), at=world.tick())


def test_confirming_an_account_that_is_not_the_one_seen_is_refused(world):
    case, _batch = list_of(world)
    seen = case.applicant.account_index
    person = change_account(world, case.applicant)

    with pytest.raises(NotAllowed, match="changed since"):
        actions.confirm_payee(person=person, by=world.company_officer, at=world.tick(), seen=seen)


def test_confirming_twice_writes_one_row(world):
    case, _batch = list_of(world)
    person = change_account(world, case.applicant)

    for _n in range(2):
        actions.confirm_payee(person=person, by=world.company_officer, at=world.tick())

    assert PayeeConfirmation.objects.count() == 1


def test_confirming_looks_at_the_account_as_it_is_now(world):
    """The person on the page may be older than the row: whoever changed it last is asked about."""
    case, _batch = list_of(world)
    stale = case.applicant
    change_account(world, stale, by=world.company_officer)

    with pytest.raises(NotAllowed, match="other than who changed"):
        actions.confirm_payee(person=stale, by=world.company_officer, at=world.tick())


# Races: real threads, PostgreSQL


@pytest.fixture
def busy_world(transactional_db):
    """A world whose rows are committed, so that other connections see them."""
    guards.install(connection)
    return World()


def at_once(*acts):
    """Run the acts in threads that start together; returns the outcome of each.

    The barrier stands after the connection: without it, one thread is done before the next
    has connected, and a missing lock is not noticed.
    """
    start = threading.Barrier(len(acts))

    def run(act):
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            act()
            return "done"
        except NotAllowed:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


@pytest.mark.postgres
def test_reservations_at_once_are_exactly_as_many_as_fit(busy_world):
    """Six meetings of one list each are confirmed at once on a budget that covers four."""
    world = busy_world
    meetings = []
    for _n in range(6):
        batch = world.batch([world.to_verified(world.emergency())])
        world.lock(batch)
        meeting = world.meeting(batch)
        world.vote(batch)
        meetings.append(actions.record(meeting=meeting, by=world.secretary, at=world.tick()))
    world.take_back(world.budget(Programme.EMERGENCY), BUDGET_FEN - 4 * AWARD - 1)
    at = world.tick()

    outcomes = at_once(
        *(
            lambda m=meeting: actions.confirm(meeting=m, by=world.leaders[0], at=at)
            for meeting in meetings
        )
    )

    assert outcomes == ["done"] * 4 + ["refused"] * 2
    assert emergency_budget(world) == (4 * AWARD + 1, 4 * AWARD)
    assert Hold.objects.running().count() == 4
    assert Meeting.objects.filter(status="CONFIRMED", batches__budget__isnull=False).count() == 4


@pytest.mark.postgres
def test_allocations_at_once_never_take_more_than_the_pool(busy_world):
    world = busy_world
    pool = world.fund.accounts.get(kind="POOL").balance_fen
    drafts = [world.draft(("REGULAR", pool // 3)) for _n in range(8)]
    at = world.tick()

    outcomes = at_once(
        *(
            lambda d=draft: actions.decide_budget(decision=d, by=world.company_chair, at=at)
            for draft in drafts
        )
    )  # fmt: skip

    assert outcomes == ["done"] * 3 + ["refused"] * 5
    assert world.fund.accounts.get(kind="POOL").balance_fen == pool - 3 * (pool // 3)


@pytest.mark.postgres
def test_one_form_sent_at_once_in_two_tabs_books_once(busy_world):
    world = busy_world
    before = world.fund.accounts.get(kind="POOL").balance_fen
    at = world.tick()

    outcomes = at_once(
        *[
            lambda: actions.receive(
                fund=world.fund, amount_fen=100_00, by=world.cashier, at=at, key="form"
            )
        ]
        * 4
    )

    assert outcomes == ["done"] * 4
    assert world.fund.accounts.get(kind="POOL").balance_fen == before + 100_00


@pytest.mark.postgres
def test_preparing_at_once_prepares_once(busy_world):
    world = busy_world
    _case, batch = list_of(world)
    at = world.tick()

    outcomes = at_once(*[lambda: actions.prepare(batch=batch, by=world.cashier, at=at)] * 4)

    assert outcomes == ["done"] + ["refused"] * 3
    assert PaymentRun.objects.get().payments.count() == 1


@pytest.mark.postgres
def test_posting_at_once_posts_once(busy_world):
    world = busy_world
    run = prepared(world)
    second = appoint(Role.ACCOUNTANT, world.company)
    at = world.tick()

    outcomes = at_once(
        *(
            lambda by=by: actions.post(run=run, by=by, at=at)
            for by in (world.accountant, second) * 2
        )
    )

    assert outcomes == ["done"] * 4
    assert Transfer.objects.filter(kind="PAY").count() == 1
    assert emergency_budget(world) == (BUDGET_FEN - AWARD, 0)
    assert Account.objects.get(kind="SPENT").balance_fen == AWARD


@pytest.mark.postgres
def test_posting_and_giving_up_at_once_do_one_of_the_two(busy_world):
    world = busy_world
    run = prepared(world)
    at = world.tick()

    outcomes = at_once(
        lambda: actions.post(run=run, by=world.accountant, at=at),
        lambda: actions.give_up(run=run, by=world.cashier, at=at),
    )

    run.refresh_from_db()
    paid = Transfer.objects.filter(kind="PAY").count()
    assert outcomes == ["done", "refused"]
    assert (run.status, paid) in {("POSTED", 1), ("VOID", 0)}
    assert BatchLine.objects.filter(payments__status__in=["PREPARED"]).count() == 0


@pytest.mark.postgres
def test_returns_recorded_at_once_return_once(busy_world):
    world = busy_world
    payment = posted(world).payments.get()

    outcomes = at_once(*[lambda: bounce(world, payment)] * 3)

    assert outcomes == ["done"] * 3
    assert Transfer.objects.filter(kind="BOUNCE").count() == 1
    assert emergency_budget(world) == (BUDGET_FEN, AWARD)
