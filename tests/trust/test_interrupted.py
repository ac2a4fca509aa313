"""The connection dies at the n-th statement, for every n: nothing stays of what was begun.

In one process and without chance, beside the kills at random moments of test_kill. A question is
passed over: dying at it leaves what dying at the next statement that changes something leaves.
"""

from contextlib import contextmanager, suppress
from itertools import count

import pytest
from django.apps import apps
from django.db import OperationalError, connection, transaction

from audits import verify
from cases.models import Case
from cases.workflow import Programme, Status
from funds import actions
from funds.models import (
    Account,
    Advance,
    Batch,
    BatchLine,
    BudgetDecision,
    HandOver,
    Meeting,
    Payment,
    PaymentAnswer,
    PaymentRun,
    Period,
    Recovery,
    RecoveryReceipt,
)
from people.roles import NotAllowed
from tests.funds import bank, bank_files, papers
from tests.world import DAY, FUND_FEN, World

pytestmark = pytest.mark.django_db

# What an act may change of a row that was there before; of every other table it adds rows.
CHANGED = (
    Account, Advance, Batch, BatchLine, BudgetDecision, Case, HandOver, Meeting, Payment,
    PaymentRun, Period, Recovery, RecoveryReceipt,
)  # fmt: skip


class Died(OperationalError):
    """The connection is gone."""


@contextmanager
def dying(at):
    """The statement with this number, counted from 1, is not reached; tells whether it came."""
    seen = []

    def die(execute, sql, params, many, context):
        if not sql.startswith("SELECT"):
            seen.append(sql)
            if len(seen) == at:
                raise Died
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die):
        try:
            yield seen
        except Died:
            pass


def rows():
    """How many rows each table has, and everything in those whose rows are changed."""
    tables = [model._meta.db_table for model in apps.get_models() if model._meta.managed]
    counted = " UNION ALL ".join(f"SELECT '{t}', COUNT(*) FROM {t}" for t in sorted(tables))
    with connection.cursor() as cursor:
        cursor.execute(counted)
        found = cursor.fetchall()
    return [found, *(list(model.objects.order_by("pk").values_list()) for model in CHANGED)]


def posting(world):
    """A payment of two lines, one in cash and one less its advance."""
    urgent, other = (world.fresh(world.emergency()) for _n in range(2))
    for case in (urgent, other):
        world.submit(case)
    world.advance(urgent)
    for case in (urgent, other):
        world.review(case)
        world.visit(case)
        world.mark(case)
        world.assess(case)
        world.verify(case)
    batch = world.batch([urgent, other])
    _decide(world, batch)
    papers.approved(world, batch.lines.select_related("batch__budget").get(case=other))
    world.publish(batch)
    world.clear()
    return actions.post, {"run": world.prepare(batch), "by": world.accountant}


def _decide(world, batch):
    world.lock(batch)
    meeting = world.meeting(batch)
    answers = {advance.pk: True for advance in actions.to_ratify(meeting)}
    actions.ratify_advances(meeting=meeting, answers=answers, by=world.secretary, at=world.tick())
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())


def preparing(world):
    batch = world.case_in(Status.CLEARED).batch_lines.get(current=True).batch
    return actions.prepare, {"batch": batch, "by": world.cashier}


def returning(world):
    payment = bank_files.sent(world).payments.select_related("run__batch__budget__fund", "case")
    return actions.bounce, {"payment": payment.get(), "by": world.accountant, "reason": "退票"}


def confirming(world):
    batch = world.batch([world.fresh(world.to_verified(world.emergency()))])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    return actions.confirm, {"meeting": meeting, "by": world.leaders[0]}


def deciding_a_budget(world):
    decision = world.draft((Programme.EMERGENCY, -100_00), (Programme.REGULAR, 200_00))
    return actions.decide_budget, {"decision": decision, "by": world.company_chair}


def receiving_a_donation(world):
    return actions.receive, {
        "fund": world.fund, "amount_fen": 500_00, "by": world.cashier, "key": "gift",
        "kind": "DONATION", "donor": "某公司", "wish": "救急", "programme": Programme.EMERGENCY,
    }  # fmt: skip


def reversing(world):
    wrong = actions.receive(
        fund=world.fund, amount_fen=9_00, by=world.cashier, at=world.tick(), key="wrong"
    )
    return actions.reverse, {"transfer": wrong, "by": world.accountant, "key": "r", "note": "误"}


def posting_an_advance(world):
    advance = world.decide_advance(world.case_in(Status.SUBMITTED))
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    return actions.post_advance, {"advance": advance, "by": world.accountant}


def posting_what_was_paid_back(world):
    recovery = actions.open_recovery(
        case=world.case_in(Status.PAID), fund=world.fund, reason="OVERPAID", words="多付。",
        amount_fen=100_00, by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    actions.decide_recovery(
        recovery=recovery, pursue=True, due_on=world.today + DAY, by=world.company_chair,
        at=world.tick(),
    )  # fmt: skip
    receipt = actions.note_receipt(
        recovery=recovery, amount_fen=100_00, received_on=world.today, by=world.cashier,
        at=world.tick(),
    )  # fmt: skip
    return actions.post_receipt, {"receipt": receipt, "by": world.accountant}


def importing_a_statement(world):
    account = bank.register(world.company, world.accountant, [world.fund], world.tick())
    rows = [bank.row(bank.MARCH[0], FUND_FEN, text="拨款")]
    upload = bank.upload(account, rows, by=world.cashier, at=world.tick())
    actions.confirm_statement(upload=upload, by=world.cashier, at=world.tick())
    return actions.take_statement, {"upload": upload}


def closing_a_month(world):
    act, given = importing_a_statement(world)
    act(at=world.tick(), **given)
    world.tick(days=31)
    return actions.close, {"period": Period.objects.get(), "by": world.accountant}


ACTS = (
    posting, preparing, returning, confirming, deciding_a_budget, receiving_a_donation, reversing,
    posting_an_advance, posting_what_was_paid_back, importing_a_statement, closing_a_month,
)  # fmt: skip


@pytest.mark.parametrize("prepared", ACTS, ids=lambda act: act.__name__)
def test_nothing_stays_of_an_act_that_dies_at_any_statement(prepared):
    world = World()
    assert world.fund
    act, given = prepared(world)
    at, before = world.tick(), rows()

    for number in count(1):
        with dying(number) as reached:
            act(at=at, **given)
        if len(reached) < number:
            break
        assert rows() == before, (number, reached[-1])

    done = rows()
    assert done != before
    with suppress(NotAllowed):  # sent once more, it adds nothing
        act(at=at, **given)
    assert rows() == done
    assert list(verify.problems()) == []


def test_an_answer_of_the_bank_cut_off_at_any_statement_is_completed_by_the_next_try():
    world = World()
    run = bank_files.sent(world, 2)
    said = (1, "成功", ""), (2, "退票", "户名不符")
    upload = bank_files.upload(world, run, *said)
    actions.confirm_result(upload=upload, by=world.accountant, at=world.tick())
    given = {"upload": upload, "at": world.tick()}
    began = transaction.savepoint()
    actions.take_result(**given)
    done = rows()

    for number in count(1):
        transaction.savepoint_rollback(began)
        with dying(number) as reached:
            actions.take_result(**given)
        actions.take_result(**given)
        assert rows() == done, (number, reached[-1])
        if len(reached) < number:
            break

    assert sorted(PaymentAnswer.objects.values_list("payment__seq", "answer")) == [
        (1, "PAID"), (2, "RETURNED"),
    ]  # fmt: skip
    assert list(verify.problems()) == []
