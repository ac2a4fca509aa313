"""Processes that want the same money, list or file at the same moment: one of them gets it.

Each scene runs in a process of its own (`apart`), builds what is fought over by the real actions,
and lets go of its children together. What they say is done or a refusal; any other error of one
of them stands in `went` by its name and fails the test.
"""

import os
from collections import Counter

import pytest

from audits import verify
from cases.actions.steps import public_code
from cases.models import Case, CaseDuty, Dossier, Step
from cases.workflow import Duty, Programme, Status
from funds import actions, tasks
from funds.actions.batch import digest
from funds.models import (
    Account,
    Advance,
    Batch,
    MatchedLine,
    PaymentAnswer,
    Statement,
    StatementLine,
    Transfer,
    Vote,
)
from hardship.bench import Company
from people.models import Standing
from people.roles import Role
from tests.factories import NOON, appoint
from tests.funds import bank, bank_files
from tests.trust.worker import DONE, at_once, attempt
from tests.world import World

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

PROCESSES, EACH, FIT = 8, 50, 137
ADVANCE_FEN = 1500_00


def once(act, **given):
    """For a child: do it, and say how it went."""
    return lambda say: say(attempt(act, **given))


def went(told):
    """{done or the refusal: how often} of everything that children said."""
    return Counter(words for said in told for words in said)


def differences():
    return [str(problem.words) for problem in verify.problems()]


# Reservations on a budget that is too short


def reserving(processes, each, fit):
    """Each child decides so many advances, one household after the other."""
    company = Company(NOON)
    company.fill(processes * each)
    account = budget(company, fit * ADVANCE_FEN + ADVANCE_FEN - 1)
    cases = submitted(company)

    def reserve(own):
        def act(say):
            for case in own:
                say(attempt(
                    actions.decide_advance, case=case, account=account, amount_fen=ADVANCE_FEN,
                    reason="等待手术。", by=company.chair, at=NOON,
                ))  # fmt: skip

        return act

    told = at_once([reserve(cases[n::processes]) for n in range(processes)])
    account.refresh_from_db()
    return {
        "went": went(told), "free": account.available_fen, "held": account.held_fen,
        "advances": Advance.objects.count(), "duties": CaseDuty.objects.filter(
            duty=Duty.ADVANCE).count(), "differences": differences(),
    }  # fmt: skip


def budget(company, fen):
    """A budget for emergency grants with exactly so much."""
    accountant = company.appoint("accountant", Role.ACCOUNTANT)
    fund = actions.create_fund(
        company=company.company, code="A", name="帮扶款", programmes=[Programme.EMERGENCY],
        standings=list(Standing.values), ceiling_fen=None, by=accountant, at=NOON,
    )  # fmt: skip
    actions.receive(fund=fund, amount_fen=2 * fen, by=accountant, at=NOON, key="grant")
    decision = actions.draft_budget(
        fund=fund, year=NOON.year, kind="FIRST", reason="年度预算", basis="纪要",
        basis_on=NOON.date(), by=accountant, at=NOON, key="budget",
        lines=[actions.Planned(Programme.EMERGENCY, fen)],
    )  # fmt: skip
    actions.decide_budget(decision=decision, by=company.chair, at=NOON)
    return Account.objects.get(fund=fund, kind=Account.Kind.BUDGET)


def submitted(company):
    """An application of every household, written straight into the tables."""
    by, at = company.officer, NOON
    rows = enumerate(Dossier.objects.order_by("pk"))
    cases = Case.objects.bulk_create(
        Case(
            company=company.company, unit_id=dossier.unit_id, dossier=dossier,
            applicant_id=dossier.head_id, programme=Programme.EMERGENCY, number=f"2026-急-{n}",
            code=public_code(company.company.pk, str(n)), status=Status.SUBMITTED, status_at=at,
            entered_at=at, entered_by=by, spent_fen=20_000_00, asked_fen=5000_00,
        )
        for n, dossier in rows
    )  # fmt: skip
    for action, before, after in (("open", "", "DRAFT"), ("submit", "DRAFT", "SUBMITTED")):
        Step.objects.bulk_create(
            Step(case=case, action=action, before=before, after=after, by=by, at=at,
                 role=Role.UNIT_OFFICER, unit_id=case.unit_id)
            for case in cases
        )  # fmt: skip
    return cases


def test_reservations_of_eight_processes_are_exactly_as_many_as_fit(apart):
    found = apart(reserving, processes=PROCESSES, each=EACH, fit=FIT)

    refusal = "Only 1,499.99 yuan of this budget are not reserved."
    assert found == {
        "went": {DONE: FIT, refusal: PROCESSES * EACH - FIT},
        "free": ADVANCE_FEN - 1, "held": FIT * ADVANCE_FEN, "advances": FIT, "duties": FIT,
        "differences": [],
    }  # fmt: skip


# One payment, posted by all


def posting():
    world = World()
    run = bank_files.prepared(world)
    second = appoint(Role.ACCOUNTANT, world.company)
    at = world.tick()
    told = at_once([
        once(actions.post, run=run, by=by, at=at) for by in [world.accountant, second] * 4
    ])  # fmt: skip
    run.refresh_from_db()
    return {
        "went": went(told), "entries": Transfer.objects.filter(kind="PAY").count(),
        "left": budget_of(world), "spent": Account.objects.get(kind="SPENT").balance_fen
        - run.total_fen, "differences": differences(),
    }  # fmt: skip


def budget_of(world):
    return world.budget(Programme.EMERGENCY).held_fen


def test_a_payment_posted_by_eight_processes_is_paid_once(apart):
    assert apart(posting) == {
        "went": {DONE: 8}, "entries": 1, "left": 0, "spent": 0, "differences": [],
    }  # fmt: skip


# One leader, one vote


def voting():
    world = World()
    batch = world.batch([world.case_in(Status.VERIFIED)])
    world.lock(batch)
    world.meeting(batch)
    at = world.tick()
    told = at_once([
        once(actions.vote, batch=batch, by=leader, at=at, rest=Vote.Choice.FOR,
             lines={line.pk: Vote.Choice.FOR for line in batch.lines.filter(single=True)},
             version=batch.version)
        for leader in [*world.leaders[:2]] * 4
    ])  # fmt: skip
    cast = batch.votes.filter(line=None)
    return {
        "went": went(told), "votes": cast.count(), "voters": cast.values("user").distinct().count(),
        "differences": differences(),
    }  # fmt: skip


def test_a_leader_who_votes_in_four_processes_votes_once(apart):
    assert apart(voting) == {
        "went": {DONE: 2, "You have voted on this list.": 6}, "votes": 2, "voters": 2,
        "differences": [],
    }  # fmt: skip


# A list that is locked while it is changed


def locking():
    """Three lists: each is locked while a line is taken off it and another is put on."""
    world = World()
    cases = [world.fresh(world.to_verified(world.emergency())) for _n in range(3)]
    first, second, third = cases
    found, outcomes = [], Counter()
    for _n in range(3):
        batch = world.batch([first, second])
        line = batch.lines.select_related("batch__budget").get(case=first)
        at = world.tick()
        told = at_once([
            once(actions.lock, batch=batch, by=world.company_chair, at=at),
            once(actions.remove_line, line=line, by=world.company_officer, at=at),
            once(actions.add_lines, batch=batch, cases=[third], by=world.company_officer, at=at),
        ])  # fmt: skip
        outcomes.update(went(told))
        batch.refresh_from_db()
        lines = list(batch.lines.order_by("seq"))
        found.append([
            batch.status, batch.digest == digest(batch, lines), batch.lines_count == len(lines),
            batch.total_fen == sum(line.amount_fen for line in lines),
            sorted({world.fresh(line.case).status for line in lines}),
        ])  # fmt: skip
        actions.recall(batch=batch, by=world.company_chair, at=world.tick())
        for line in batch.lines.select_related("batch__budget"):
            actions.remove_line(line=line, by=world.company_officer, at=world.tick())
    return {"lists": found, "went": outcomes, "differences": differences()}


def test_a_list_locked_while_it_is_changed_is_what_its_digest_says(apart):
    found = apart(locking)

    assert found["lists"] == [[Batch.Status.LOCKED, True, True, True, [Status.TABLED]]] * 3
    assert set(found["went"]) <= {
        DONE, "The list is locked; the company chair must take it back first.",
    }  # fmt: skip
    assert (sum(found["went"].values()), found["differences"]) == (9, [])


# One statement of the bank, imported by all


def importing():
    """The same file uploaded three times and one of other days, each sent on its way twice."""
    books = bank.Books(NOON)
    rows = [bank.row(bank.MARCH[0], 700_00, text="拨款"), bank.row(NOON.date(), 300_00)]
    books.receive(700_00, bank.MARCH[0])
    books.receive(300_00, NOON.date())
    files = [upload(books, rows) for _n in range(3)]
    files.append(upload(books, rows, days=(bank.MARCH[0], bank.APRIL[1])))
    told = at_once([
        once(tasks.start_statement, upload=kept, by=books.cashier, at=NOON) for kept in files * 2
    ])  # fmt: skip
    return {
        "went": went(told), "statements": Statement.objects.count(),
        "lines": StatementLine.objects.count(),
        "matched": MatchedLine.objects.filter(active=True).count(), "differences": differences(),
    }  # fmt: skip


def upload(books, rows, **given):
    return bank.upload(books.account, rows, by=books.cashier, at=NOON, **given)


def test_a_statement_imported_by_eight_processes_is_there_once(apart):
    found = apart(importing)

    assert {key: found[key] for key in ("statements", "lines", "matched", "differences")} == {
        "statements": 1, "lines": 2, "matched": 2, "differences": [],
    }  # fmt: skip
    assert found["went"][DONE] >= 1
    assert set(found["went"]) <= {
        DONE, "Another file is being imported; wait until it is finished.",
        "This file cannot be imported; upload a corrected one.",
        "A statement from 2026-03-01 to 2026-03-31 has been imported; leave its days out.",
        "A statement from 2026-03-01 to 2026-04-30 has been imported; leave its days out.",
    }  # fmt: skip


# One answer of the bank, taken over by all


def answering():
    """The bank credits one payment and returns the other; the answer comes twice, and somebody
    records the return by hand."""
    world = World()
    run = bank_files.sent(world, 2)
    back = run.payments.select_related("run__batch__budget__fund", "case", "line").get(seq=2)
    rows = (1, "成功", ""), (2, "退票", "户名不符")
    uploads = [bank_files.upload(world, run, *rows) for _n in range(2)]
    at = world.tick()
    start = {"by": world.accountant, "at": at}
    told = at_once([
        *[once(tasks.start_result, upload=kept, **start) for kept in uploads * 3],
        *[once(actions.bounce, payment=back, reason="户名不符", **start)] * 2,
    ])  # fmt: skip
    for kept in uploads:  # whoever was told to wait sends it on its way again
        kept.refresh_from_db()
        tasks.start_result(upload=kept, by=world.accountant, at=world.tick())
    return {
        "went": went(told), "answers": sorted(PaymentAnswer.objects.values_list(
            "payment__seq", "answer")), "returns": Transfer.objects.filter(kind="BOUNCE").count(),
        "held": budget_of(world) - back.amount_fen, "differences": differences(),
    }  # fmt: skip


def test_an_answer_of_the_bank_taken_over_by_eight_processes_counts_once(apart):
    found = apart(answering)

    assert set(found["went"]) <= {
        DONE, "Another file is being imported; wait until it is finished.",
    }  # fmt: skip
    # Where the hand came first, the answer says nothing new of the second.
    assert found["answers"] in ([[1, "PAID"]], [[1, "PAID"], [2, "RETURNED"]])
    assert (found["returns"], found["held"], found["differences"]) == (1, 0, [])
