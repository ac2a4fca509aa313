"""Each kind of difference in the books is planted past every guard, and named in its own words."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import translation

from audits import places, verify
from base import guards
from cases.models import Clearance, Objection
from cases.workflow import Status
from funds import actions as funds
from funds.models import (
    Attendance,
    Batch,
    BatchLine,
    Payment,
    PaymentRun,
    Period,
    Statement,
    StatementLine,
    Transfer,
    Vote,
)
from tests.audits.test_verify import force, found, settle
from tests.factories import NOON
from tests.funds import bank
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def paid(world):
    return world.case_in(Status.PAID)


def receipt():
    return Transfer.objects.get(kind="RECEIVE")


# Entries


def test_entry_between_two_funds_is_named(world):
    other = funds.create_fund(
        company=world.company, code="B", name="捐款", programmes=[], standings=[],
        ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    world.budget("EMERGENCY")
    pool = other.accounts.get(kind="POOL").pk
    force(Transfer, "UPDATE {table} SET debit_id = %s WHERE id = %s", pool, receipt().pk)

    assert f"Entry {receipt().pk} moves money between funds." in found()


def test_entry_whose_accounts_do_not_fit_its_kind_is_named(world):
    world.budget("EMERGENCY")
    pk = receipt().pk
    force(Transfer, "UPDATE {table} SET kind = 'ALLOCATE' WHERE id = %s", pk)

    assert found() == [f"The accounts of entry {pk} do not fit its kind."]


def test_reversal_of_another_amount_is_named(world):
    grant = funds.receive(
        fund=world.fund, amount_fen=500, by=world.cashier, at=world.tick(), key="wrong"
    )
    back = funds.reverse(
        transfer=grant, by=world.accountant, at=world.tick(), key="back", note="记错"
    )
    force(Transfer, "UPDATE {table} SET amount_fen = 499 WHERE id = %s", back.pk)

    assert f"Entry {back.pk} does not turn the entry it reverses round in full." in found()


def test_budget_that_moved_otherwise_than_its_decision_says_is_named(world):
    world.budget("EMERGENCY")
    pk = Transfer.objects.filter(kind="ALLOCATE").earliest("pk").pk
    force(Transfer, "UPDATE {table} SET amount_fen = amount_fen - 1 WHERE id = %s", pk)

    assert f"Entry {pk} changes a budget otherwise than a confirmed decision says." in found()


# Payments


def test_line_that_was_paid_twice_is_named(paid):
    payment = Payment.objects.get()
    settle()
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX payment_once_per_line")
    payment.pk, payment._state.adding, payment.attempt = None, True, 2
    payment.save()
    settle()
    guards.install(connection)

    assert f"Line {payment.line_id} was paid more than once." in found()


def test_payment_of_another_amount_than_was_reserved_is_named(paid):
    payment = Payment.objects.get()
    Payment.objects.update(amount_fen=payment.amount_fen + 1)

    assert f"Payment {payment.pk} is not what was reserved for it." in found()


def test_payment_that_is_open_though_its_reservation_ended_is_named(paid):
    Payment.objects.update(status="PREPARED")

    pk = Payment.objects.get().pk
    assert f"The status of payment {pk} and the end of its reservation disagree." in found()


def test_payment_posted_before_its_clearance_is_named(paid):
    run = PaymentRun.objects.get()
    force(Clearance, "UPDATE {table} SET at = %s", run.posted_at + DAY)

    pk = Payment.objects.get().pk
    assert found() == [f"Payment {pk} was posted before the notice period of its case had ended."]


def test_payment_posted_while_an_objection_was_open_is_named(paid, world):
    run, line = PaymentRun.objects.get(), paid.notice_lines.get()
    Objection.objects.create(
        company_id=paid.company_id, line=line, case=paid, code="ABCDEFGHJKLM",
        filed_at=run.posted_at - DAY, due_on=run.posted_at.date(), handler=world.discipline,
        taken_at=run.posted_at, closed_at=run.posted_at + DAY, outcome="DISMISSED",
    )  # fmt: skip

    pk = Payment.objects.get().pk
    assert found() == [f"Payment {pk} was posted while an objection to its case was open."]


# Votes


def test_list_decided_without_its_quorum_is_named(paid, world):
    batch = Batch.objects.get(lines__case=paid)
    left = Attendance.objects.filter(meeting=batch.meeting).exclude(user=world.leaders[0])
    left.update(present=False)

    assert found() == [
        f"Batch {batch.pk} was decided by 1 members, but the quorum is {batch.meeting.quorum}."
    ]


@pytest.mark.parametrize("choice", ["AGAINST", "DEFER", "ABSTAIN", "RECUSED"])
def test_line_decided_against_the_votes_is_named(paid, choice):
    line = BatchLine.objects.get(case=paid)
    force(Vote, "UPDATE {table} SET choice = %s WHERE batch_id = %s", choice, line.batch_id)

    assert found() == [f"The votes on line {line.pk} do not make what was decided on it."]


def test_vote_that_was_taken_away_is_missed_at_the_boundary(paid, world):
    """Two of three carry it; without one of the two it is not carried (IP9)."""
    line = BatchLine.objects.get(case=paid)
    force(
        Vote, "UPDATE {table} SET choice = 'AGAINST' WHERE batch_id = %s AND user_id = %s",
        line.batch_id, world.leaders[2].pk,
    )  # fmt: skip
    carried = found()
    force(
        Vote, "DELETE FROM {table} WHERE batch_id = %s AND user_id = %s",
        line.batch_id, world.leaders[1].pk,
    )  # fmt: skip

    assert carried == []
    assert found() == [f"The votes on line {line.pk} do not make what was decided on it."]


# Bank statements and months


@pytest.fixture
def books():
    found = bank.Books(NOON + timedelta(days=90))
    found.receive(100, date(2026, 3, 5))
    found.statement([bank.row(date(2026, 3, 5), 100)])
    return found


def test_statement_line_with_another_balance_is_named(books):
    line = StatementLine.objects.get()
    force(StatementLine, "UPDATE {table} SET balance_fen = 99 WHERE id = %s", line.pk)

    assert found() == [f"Line {line.pk} of a bank statement says another balance."]


def test_statement_that_does_not_go_on_from_the_one_before_is_named(books):
    books.receive(5, date(2026, 4, 2))
    books.statement([bank.row(date(2026, 4, 2), 5)], days=bank.APRIL, opening_fen=100)
    second = Statement.objects.latest("since")
    force(
        Statement, "UPDATE {table} SET opening_fen = 99, closing_fen = 104 WHERE id = %s",
        second.pk,
    )  # fmt: skip

    words = f"Bank statement {second.pk} does not begin with what the one before ended with."
    assert words in found()


def test_entry_written_into_a_closed_month_is_named(books):
    period = books.close(2026, 3)
    assert found() == []
    force(Period, "UPDATE {table} SET closed_at = %s", period.closed_at - DAY)

    assert found() == [f"Entry {receipt().pk} was written into a month that had been closed."]


# Where it stands


def test_every_kind_of_row_leads_to_the_page_that_shows_it(paid, world):
    problems = [
        f"funds_account {world.budget('EMERGENCY').pk}",
        f"funds_payment {Payment.objects.get().pk}",
        f"cases_case {paid.pk}",
        f"cases_step {paid.steps.first().pk}",
        "people_person 1",
        "anchor ABCD",
    ]

    assert places.links(problems) == {
        problems[0]: f"/funds/{world.fund.pk}/ledger/",
        problems[1]: f"/payments/{PaymentRun.objects.get().pk}/",
        problems[2]: f"/cases/{paid.pk}/",
        problems[3]: f"/cases/{paid.pk}/",
    }
    assert places.companies(problems) == dict.fromkeys(problems[:4], world.company.pk)


@pytest.mark.parametrize("model", places.PLACES, ids=lambda model: model.__name__)
def test_every_place_can_be_asked_for(model):
    place = f"{model._meta.db_table} 1"

    assert (places.links([place]), places.companies([place])) == ({}, {})


def test_differences_that_do_not_touch_the_money_say_so(world):
    dossier = world.on_file()
    dossier.members.filter(relation="SPOUSE").update(active=False)

    with translation.override("en"):
        (problem,) = verify.problems()
        (anchor,) = [p for p in verify.problems(anchors=["0" * 16]) if p != problem]

    assert (problem.money, anchor.money) == (False, False)
