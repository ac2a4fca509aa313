"""Balances, statuses and totals recomputed from the rows: each difference is said in words."""

from threading import Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from audits import actions, verify
from base import guards
from cases import actions as cases
from cases.models import Case, Member, Notice, NoticeLine, Step
from cases.workflow import Programme, Status
from funds import actions as funds
from funds.models import Account, Batch, BatchLine, Hold, HoldEnd, Payment, PaymentRun, Transfer
from people.models import Standing
from tests.funds import bank_files
from tests.world import World

pytestmark = pytest.mark.django_db


def found():
    with translation.override("en"):
        return [str(problem.words) for problem in verify.problems()]


def settle():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def force(model, sql, *params):
    """Change rows as the owner of the database could: guards off, checks off on SQLite."""
    settle()
    guards.remove(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=model._meta.db_table), params)
        settle()
    finally:
        guards.install(connection)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def paid(world):
    return world.case_in(Status.PAID)


@pytest.mark.parametrize("status", Status)
def test_verify_finds_nothing_in_any_status_the_actions_lead_to(world, status):
    world.case_in(status)
    actions.seal(reason="DAILY", at=world.now)

    assert found() == []


def test_verify_finds_nothing_between_the_record_of_a_meeting_and_its_confirmation(world):
    batch = world.batch([world.case_in(Status.VERIFIED)])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    funds.record(meeting=meeting, by=world.secretary, at=world.tick())

    assert found() == []


def test_verify_finds_nothing_after_objection_upheld_bank_return_round_and_recall(world):
    one = world.case_in(Status.HELD)
    objection = one.objections.get()
    cases.reopen(objection=objection, by=world.discipline, at=world.tick(), words="属实。")
    dossier = world.on_file(world.employee(standing=Standing.RETIRED, monthly_income_fen=900_00))
    cases.open_round(
        company=world.company, year=2026, festival="AUTUMN", title="中秋",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    case = Case.objects.get(programme=Programme.REGULAR, dossier=dossier)
    batch = world.batch([world.fresh(case)])
    world.lock(batch)
    funds.recall(batch=batch, by=world.company_chair, at=world.tick())
    batch.refresh_from_db()
    world.decide(batch)
    world.publish(batch)
    world.clear()
    run = world.post(world.prepare(batch))
    bank_files.send(world, bank_files.make(world, run))
    bank_files.take(world, run, ["1", "退票", "账号有误"])
    bank_files.check(world, run.payments.get())
    again = world.prepare(batch)
    funds.give_up(run=again, by=world.cashier, at=world.tick())
    actions.seal(reason="DAILY", at=world.now)

    assert found() == []


def test_balance_that_its_transfers_do_not_make_is_named(paid):
    account = Account.objects.get(kind="POOL")
    Account.objects.filter(pk=account.pk).update(balance_fen=account.balance_fen + 1)

    assert found() == [
        f"The balance of account {account.pk} is written as {account.balance_fen + 1} fen, but its"
        f" transfers make {account.balance_fen} fen.",
        f"The accounts of fund {account.fund_id} sum to 1 fen instead of 0.",
    ]


def test_reserved_amount_that_its_reservations_do_not_make_is_named(world):
    case = world.case_in(Status.APPROVED)
    account = world.budget(Programme.EMERGENCY)
    Account.objects.filter(pk=account.pk).update(held_fen=0)

    assert found() == [
        f"Account {account.pk} says 0 fen are reserved, but its reservations make"
        f" {case.granted_fen} fen."
    ]


def test_reservation_of_another_amount_is_named(world):
    case = world.case_in(Status.APPROVED)
    force(Hold, "UPDATE {table} SET amount_fen = amount_fen - 1")
    Account.objects.filter(held_fen__gt=0).update(held_fen=case.granted_fen - 1)
    line = BatchLine.objects.get(case=case)

    assert found() == [
        f"The reservation for case {case.pk} does not fit its status or decided amount.",
        f"Reservation {Hold.objects.get().pk} is not what the meeting decided on its line.",
        f"Line {line.pk} was approved, but its amount was never reserved.",
    ]


def test_approved_case_without_a_reservation_is_named(world):
    case = world.case_in(Status.APPROVED)
    hold = Hold.objects.get()
    HoldEnd.objects.create(hold=hold, reason="VOIDED", at=world.now, by=world.accountant)
    Account.objects.filter(pk=hold.account_id).update(held_fen=0)

    assert found() == [f"Case {case.pk} is approved, but no money is reserved for it."]


def test_reservation_ended_by_the_payment_of_another_is_named(paid, world):
    entry = HoldEnd.objects.get().transfer_id
    force(HoldEnd, "UPDATE {table} SET transfer_id = %s", Transfer.objects.earliest("pk").pk)

    assert found() == [
        f"The reservation for case {paid.pk} ended by a payment that is not its.",
        f"Entry {entry} paid something that was not reserved.",
    ]


def test_status_paid_without_money_is_named(world):
    case = world.case_in(Status.CLEARED)
    Step.objects.create(
        case=case, action="pay", before="CLEARED", after="PAID", by=world.accountant,
        unit=world.company, at=world.tick(),
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(status=Status.PAID)

    assert found() == [
        f"The reservation for case {case.pk} does not fit its status or decided amount.",
        f"The ledger and the status of case {case.pk} disagree on whether, or what, it was paid.",
        f"The payments and the status of case {case.pk} disagree on whether, or what, it was paid.",
    ]


def test_paid_case_of_another_amount_is_named(paid):
    Case.objects.filter(pk=paid.pk).update(granted_fen=paid.granted_fen + 1)

    assert found() == [
        f"The ledger and the status of case {paid.pk} disagree on whether, or what, it was paid.",
        f"The payments and the status of case {paid.pk} disagree on whether, or what, it was paid.",
        f"The amount of line {paid.batch_lines.get().pk} is not the decided amount of its case.",
    ]


def test_cleared_case_without_a_clearance_is_named(world):
    case = world.case_in(Status.CLEARED)
    settle()
    force(type(case.clearances.get()), "DELETE FROM {table} WHERE case_id = %s", case.pk)

    assert found() == [
        f"Case {case.pk} is cleared, but nothing shows that its notice period ended."
    ]


def test_batch_total_that_is_not_its_lines_is_named(paid):
    batch = paid.batch_lines.get().batch
    Batch.objects.filter(pk=batch.pk).update(total_fen=batch.total_fen + 1)

    assert found() == [f"The total of batch {batch.pk} is not the sum of its lines."]


def test_list_other_than_the_one_voted_on_is_named(paid):
    batch = paid.batch_lines.get().batch
    force(BatchLine, "UPDATE {table} SET seq = seq + 1 WHERE batch_id = %s", batch.pk)

    assert found() == [f"The list of batch {batch.pk} is not the one voted on."]


def test_decided_case_on_no_approved_list_is_named(paid):
    BatchLine.objects.filter(case=paid).update(current=False)

    assert found() == [
        f"Case {paid.pk} counts as approved, but stands on no list the meeting approved."
    ]


def test_run_total_that_is_not_its_payments_is_named(paid):
    run = PaymentRun.objects.get()
    PaymentRun.objects.update(total_fen=run.total_fen + 1)

    assert found() == [f"The total of payment run {run.pk} is not the sum of its payments."]


def test_account_changed_after_it_was_sent_to_the_bank_is_named(paid):
    Payment.objects.update(account_index="0" * 64)

    run = PaymentRun.objects.get()
    assert found() == [f"Payment run {run.pk} is not what was prepared for the bank."]


def test_payments_that_the_ledger_does_not_know_are_named(paid):
    Payment.objects.update(status="VOID")

    batch = paid.batch_lines.get().batch
    assert found() == [
        f"The payments and the status of case {paid.pk} disagree on whether, or what, it was paid.",
        f"The payments of batch {batch.pk} and the ledger disagree on its total.",
    ]


def test_step_that_does_not_follow_from_the_one_before_is_named(paid):
    step = paid.steps.get(action="table")
    force(Step, "DELETE FROM {table} WHERE id = %s", step.pk)

    follows = paid.steps.get(action="approve")
    assert found() == [
        f"Step {follows.pk} of case {paid.pk} does not begin where the one before ended."
    ]


def test_step_that_is_not_in_the_table_is_named(world):
    case = world.case_in(Status.SUBMITTED)
    step = Step.objects.create(
        case=case, action="approve", before="SUBMITTED", after="VERIFIED", by=world.leaders[0],
        unit=world.company, at=world.tick(),
    )  # fmt: skip
    force(Case, "UPDATE {table} SET status = 'SUBMITTED' WHERE id = %s", case.pk)

    assert found() == [
        f"Step {step.pk} of case {case.pk} is not in the table of steps.",
        f"The status of case {case.pk} is not the one its last step led to.",
    ]


def test_status_without_a_step_is_named(world):
    case = world.case_in(Status.SUBMITTED)
    Case.objects.filter(pk=case.pk).update(status=Status.WITHDRAWN)

    assert found() == [f"The status of case {case.pk} is not the one its last step led to."]


def test_wrong_count_of_open_objections_is_named(world):
    case = world.case_in(Status.HELD)
    Case.objects.filter(pk=case.pk).update(open_objections=2)

    assert found() == [f"Case {case.pk} counts another number of open objections than there are."]


def test_notice_other_than_the_one_published_is_named(world):
    case = world.case_in(Status.PUBLISHED)
    line = case.notice_lines.get()
    force(NoticeLine, "UPDATE {table} SET name = '李*' WHERE id = %s", line.pk)

    assert found() == [f"Notice {line.notice_id} is not what was published."]


def test_notice_total_that_is_not_its_lines_is_named(world):
    notice = world.case_in(Status.PUBLISHED).notice_lines.get().notice
    force(Notice, "UPDATE {table} SET total_fen = total_fen + 1 WHERE id = %s", notice.pk)

    assert found() == [f"The total of notice {notice.pk} is not the sum of its lines."]


@pytest.mark.parametrize(("on_file", "active"), [(True, False), (False, True)])
def test_member_that_does_not_follow_the_dossier_is_named(world, on_file, active):
    dossier = world.on_file() if on_file else world.household().dossier
    member = dossier.members.first()
    Member.objects.filter(pk=member.pk).update(active=active)

    assert found() == [
        f"Household member {member.pk} counts as active, or not, against the status of the dossier."
    ]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_paid_meanwhile_does_not_look_like_a_difference(world):
    """Money arrives between the questions about the transfers and those about the counters."""
    fund = world.fund
    arrived = []

    def arrive(*_args):
        if not arrived:
            thread = Thread(target=receive)
            thread.start()
            thread.join(20)

    def receive():
        try:
            funds.receive(
                fund=fund, amount_fen=100, by=world.cashier, at=world.tick(), key="meanwhile"
            )
            arrived.append(True)
        finally:
            connection.close()

    def between(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if '"funds_transfer"' in sql:
            arrive()
        return answer

    with connection.execute_wrapper(between):
        differences = found()

    assert (arrived, differences) == ([True], [])


def test_checks_take_as_many_queries_for_three_cases_as_for_one(world):
    world.case_in(Status.PAID)
    with CaptureQueriesContext(connection) as one:
        list(verify.problems())
    world.case_in(Status.PAID)
    world.case_in(Status.HELD)

    with CaptureQueriesContext(connection) as three:
        list(verify.problems())

    assert len(one) == len(three)
