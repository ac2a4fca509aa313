"""While a freeze runs no money moves: every act refuses, and the database refuses every row."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from cases import actions as cases
from cases.models import Objection
from cases.workflow import Status
from funds import actions
from funds.models import (
    Batch,
    Freeze,
    Hold,
    HoldEnd,
    Payment,
    PaymentRun,
    Transfer,
)
from people.roles import NotAllowed, Role
from tests.factories import NOON, UnitFactory, appoint
from tests.funds import bank
from tests.world import World

pytestmark = pytest.mark.django_db

FOUND = [["funds_account 1", {"en": "Something differs.", "zh-hans": "有差异。"}]]
MORE = [["funds_fund 1", {"en": "More differs.", "zh-hans": "更多差异。"}]]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


def begin(company=None, at=NOON, found=FOUND, **given):
    return actions.begin_freeze(
        company_id=company and company.pk, found=found, count=len(found), at=at, **given
    )


# One at a time


def test_second_verification_adds_to_the_freeze_that_runs(world):
    first = begin(world.company)
    again = begin(world.company, at=NOON + timedelta(hours=1))
    more = begin(world.company, found=FOUND + MORE)

    assert first == again == more == Freeze.objects.get()
    assert (more.since, more.found, more.problems_count) == (NOON, FOUND + MORE, 2)


def test_each_company_has_its_own(world):
    other = UnitFactory(company=True)
    begin(world.company)
    begin(other)
    begin()

    assert Freeze.objects.running().count() == 3
    assert set(Freeze.objects.over([other.pk]).values_list("company", flat=True)) == {
        other.pk, None,
    }  # fmt: skip


def test_after_it_was_lifted_another_may_begin(world):
    lifted = lift(begin(world.company), world.auditor)
    second = begin(world.company)

    assert second != lifted


def lift(freeze, by, at=NOON):
    return actions.lift_freeze(freeze=freeze, reason="已查明。", by=by, at=at)


@pytest.mark.parametrize(
    "who", ["accountant", "cashier", "company_chair", "company_officer", "discipline", "admin"]
)
def test_only_the_auditor_lifts_it(world, who):
    freeze = begin(world.company)

    with pytest.raises(NotAllowed, match="Only the auditor lifts"):
        lift(freeze, getattr(world, who))


def test_auditor_of_another_company_does_not_lift_it(world):
    freeze = begin(world.company)
    stranger = appoint(Role.AUDITOR, UnitFactory(company=True))

    with pytest.raises(NotAllowed, match="Only the auditor lifts"):
        lift(freeze, stranger)


def test_it_is_lifted_once_with_who_and_why(world):
    freeze = lift(begin(world.company), world.auditor)

    assert (freeze.lifted_by, freeze.lifted_at, freeze.lifted_why) == (
        world.auditor, NOON, "已查明。",
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="has been lifted already"):
        lift(freeze, world.auditor)


# Every act refuses


REFUSED = r"read-only protection since 2026-\d\d-\d\d \d\d:\d\d .* The auditor lifts it"


def acts(world, **given):
    """{name: the act} of everything that moves or decides money, ready to be done."""
    at = world.tick()
    return {
        "receive": lambda: actions.receive(
            fund=world.fund, amount_fen=100, by=world.cashier, at=at, key="more"
        ),
        "reverse": lambda: actions.reverse(
            transfer=Transfer.objects.get(key="grant"), by=world.accountant, at=at, key="r",
            note="记错",
        ),
        "draft_budget": lambda: world.draft(("EMERGENCY", 100)),
        "bank_account": lambda: bank.register(
            world.company, world.accountant, [world.fund], at
        ),
    } | given  # fmt: skip


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize("act", ["receive", "reverse", "draft_budget", "bank_account"])
def test_nothing_is_booked_while_it_runs(world, act, everywhere):
    world.budget("EMERGENCY")
    begin(None if everywhere else world.company)
    before = Transfer.objects.count()

    with pytest.raises(NotAllowed, match=REFUSED):
        acts(world)[act]()
    assert Transfer.objects.count() == before


def test_budget_that_was_drafted_is_not_confirmed_while_it_runs(world):
    draft = world.draft(("EMERGENCY", 100))
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        actions.decide_budget(decision=draft, by=world.company_chair, at=world.tick())


def test_list_is_neither_drawn_up_nor_locked_while_it_runs(world):
    case = world.case_in(Status.VERIFIED)
    batch = world.batch([case])
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        world.lock(batch)
    with pytest.raises(NotAllowed, match=REFUSED):
        actions.remove_line(line=batch.lines.get(), by=world.company_officer, at=world.tick())


def test_meeting_neither_votes_nor_records_while_it_runs(world):
    world.case_in(Status.TABLED)
    batch = Batch.objects.get(status="LOCKED")
    meeting = world.meeting(batch)
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        world.vote(batch)
    with pytest.raises(NotAllowed, match=REFUSED):
        actions.record(meeting=meeting, by=world.secretary, at=world.tick())


def test_meeting_is_not_confirmed_while_it_runs(world):
    world.case_in(Status.TABLED)
    batch = Batch.objects.get(status="LOCKED")
    meeting = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())
    assert Hold.objects.count() == 0


def test_payment_is_neither_prepared_nor_posted_while_it_runs(world):
    case = world.case_in(Status.CLEARED)
    batch = case.batch_lines.get().batch
    freeze = begin(world.company)
    with pytest.raises(NotAllowed, match=REFUSED):
        world.prepare(batch)
    lift(freeze, world.auditor)
    run = world.prepare(batch)
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        world.post(run)
    with pytest.raises(NotAllowed, match=REFUSED):
        actions.give_up(run=run, by=world.cashier, at=world.tick())
    assert status_of(case) == Status.CLEARED


def status_of(case):
    case.refresh_from_db()
    return case.status


def test_bank_return_is_not_booked_while_it_runs(world):
    world.case_in(Status.PAID)
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        actions.bounce(
            payment=Payment.objects.get(), by=world.accountant, at=world.tick(), reason="账号有误"
        )


def test_changed_account_is_not_confirmed_while_it_runs(world):
    person = world.case_in(Status.CLEARED).applicant
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        actions.confirm_payee(person=person, by=world.accountant, at=world.tick())


def test_reservation_is_not_let_go_while_it_runs(world):
    case = world.case_in(Status.HELD)
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        cases.reopen(
            objection=Objection.objects.get(), by=world.discipline, at=world.tick(), words="属实。"
        )
    assert status_of(case) == Status.HELD


def test_advance_is_not_decided_while_it_runs(world):
    case = world.case_in(Status.SUBMITTED)
    world.budget("EMERGENCY")
    begin(world.company)

    with pytest.raises(NotAllowed, match=REFUSED):
        world.decide_advance(case)


def test_statement_is_not_taken_and_month_is_not_closed_while_it_runs():
    books = bank.Books(NOON + timedelta(days=90))
    day = bank.MARCH[0]
    books.receive(100, day)
    books.statement([bank.row(day, 100)])
    begin(books.company)

    other = bank.upload(
        books.account, [bank.row(bank.APRIL[0], 5)], by=books.cashier, at=books.now,
        days=bank.APRIL, opening_fen=100,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match=REFUSED):
        actions.confirm_statement(upload=other, by=books.cashier, at=books.now)
    with pytest.raises(NotAllowed, match=REFUSED):
        books.close(2026, 3)
    with pytest.raises(NotAllowed, match=REFUSED):
        actions.match_again(bank_account=books.account, by=books.cashier, at=books.now)


def test_another_company_goes_on(world):
    begin(UnitFactory(company=True))

    world.case_in(Status.PAID)

    assert PaymentRun.objects.get().status == "POSTED"


# The database refuses


def refused(message):
    return pytest.raises(IntegrityError, match=message)


def again(row, **columns):
    """The same row once more, past every action."""
    row.pk, row._state.adding = None, True
    for name, value in columns.items():
        setattr(row, name, value)
    with transaction.atomic():
        row.save()


@pytest.mark.parametrize("everywhere", [False, True])
def test_database_takes_no_entry_while_it_runs(world, everywhere):
    entry = Transfer.objects.get(key="grant", fund=world.fund)
    begin(None if everywhere else world.company)

    with refused("funds_transfer: the books are in read-only protection"):
        again(entry, key="more", voucher="2026-A-记-9999")


def test_database_takes_no_end_of_a_reservation_while_it_runs(world):
    world.case_in(Status.APPROVED)
    begin(world.company)

    with refused("funds_holdend: the books are in read-only protection"), transaction.atomic():
        HoldEnd.objects.create(
            hold=Hold.objects.get(), reason="VOIDED", at=NOON, by=world.accountant
        )


def test_database_takes_no_reservation_while_it_runs(world):
    world.case_in(Status.APPROVED)
    hold = Hold.objects.get()
    HoldEnd.objects.create(hold=hold, reason="VOIDED", at=NOON, by=world.accountant)
    begin(world.company)

    with refused("funds_hold: the books are in read-only protection"):
        again(hold)


def test_database_takes_no_payment_while_it_runs(world):
    case = world.case_in(Status.CLEARED)
    run = world.prepare(case.batch_lines.get().batch)
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    begin(world.company)

    with refused("funds_payment: the books are in read-only protection"):
        again(run.payments.get(), attempt=2, status="PREPARED")


def test_database_lets_entries_of_another_company_through(world):
    entry = Transfer.objects.get(key="grant", fund=world.fund)
    begin(UnitFactory(company=True))

    again(entry, key="more", voucher="2026-A-记-9999")

    assert Transfer.objects.filter(key="more").exists()


def test_database_knows_one_running_freeze_of_a_company(world):
    begin(world.company)
    begin()

    for company in (world.company, None):
        with refused("freeze_one_running"), transaction.atomic():
            Freeze.objects.create(company=company, since=NOON, problems_count=1)


def test_database_wants_who_lifted_it_and_what_differed(world):
    freeze = begin(world.company)

    with refused("freeze_lift_complete"), transaction.atomic():
        Freeze.objects.filter(pk=freeze.pk).update(lifted_at=NOON)
    with refused("freeze_names_a_difference"), transaction.atomic():
        Freeze.objects.filter(pk=freeze.pk).update(problems_count=0)


def test_database_keeps_every_freeze_as_it_was_lifted(world):
    freeze = lift(begin(world.company), world.auditor)

    with refused("a freeze that was lifted is not changed"), transaction.atomic():
        Freeze.objects.filter(pk=freeze.pk).update(lifted_at=None, lifted_by=None)
    with refused("a freeze is never deleted"), transaction.atomic():
        freeze.delete()
