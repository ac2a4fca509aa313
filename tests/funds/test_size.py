"""A list of a thousand lines is locked, decided and posted by as many statements as one of ten."""

import pytest
from django.db import connection
from django.db.models import Count, F, Sum
from django.test.utils import CaptureQueriesContext

from cases import actions
from cases.models import CaseDuty, Counter, Opinion, Step
from cases.workflow import Duty, Programme, Status
from funds import actions as funds
from funds.models import Account, Advance, Batch, Hold, HoldEnd, Kind, Payment, Transfer, Vote
from hardship.bench import Company, Relief
from tests.factories import NOON
from tests.world import World

pytestmark = pytest.mark.django_db

FIXED = ("lock", "vote", "record", "confirm", "post")
FEW, MANY = 10, 1_000
AUTUMN_FEN = {"SPECIAL": 1000_00, "HEAVY": 800_00, "GENERAL": 500_00}


@pytest.mark.timeout(600)
def test_a_thousand_lines_take_the_statements_of_ten_and_each_has_its_own_rows():
    company = Company(NOON)
    relief = Relief(company, fen=10_000_000_00)
    company.fill(FEW)
    few = relief.measure(2026, "SPRING")
    paid_before = Account.objects.get(kind=Account.Kind.SPENT).balance_fen
    vouchers_before = Transfer.objects.count()

    company.fill(MANY)
    many = relief.measure(2026, "AUTUMN")

    assert taken(many) == taken(few)
    assert len(taken(few)) == len(FIXED) + 2  # three vote
    batch = Batch.objects.get(pk=relief.batch.pk)
    cases = [line.case_id for line in batch.lines.all()]
    assert len(set(cases)) == MANY
    steps_stand(relief, cases)
    duties_stand(relief, cases)
    money_stands(relief, batch, paid_before, vouchers_before)


def taken(acts):
    """The statements of the acts whose number is fixed."""
    return [(act.name, act.statements) for act in acts if act.name in FIXED]


def steps_stand(relief, cases):
    """Each case has each step once, in order, from the status before it."""
    way = [
        ("open", "", "VERIFIED", relief.company.officer.pk, "COMPANY_OFFICER"),
        ("table", "VERIFIED", "TABLED", relief.company.chair.pk, "COMPANY_CHAIR"),
        ("approve", "TABLED", "APPROVED", relief.leaders[0].pk, "LEADER"),
        ("publish", "APPROVED", "PUBLISHED", relief.company.officer.pk, "COMPANY_OFFICER"),
        ("clear", "PUBLISHED", "CLEARED", None, ""),
        ("pay", "CLEARED", "PAID", relief.accountant.pk, "ACCOUNTANT"),
    ]
    rows = Step.objects.filter(case__in=cases).order_by("case", "pk")
    found = {}
    for case, *row in rows.values_list("case", "action", "before", "after", "by", "role"):
        found.setdefault(case, []).append(tuple(row))
    assert set(found) == set(cases)
    assert all(steps == way for steps in found.values())
    company = relief.company.company.pk
    named = rows.exclude(action="clear").values_list("unit", flat=True).distinct().order_by()
    assert list(named) == [company]
    assert not rows.filter(action="clear").exclude(unit=F("case__unit")).exists()


def duties_stand(relief, cases):
    """Officer, three leaders, cashier and accountant have one duty on each case."""
    rows = CaseDuty.objects.filter(case__in=cases).order_by().values_list("duty", "user")
    assert set(rows.annotate(count=Count("pk"))) == {
        (Duty.VERIFY, relief.company.officer.pk, MANY),
        *((Duty.VOTE, leader.pk, MANY) for leader in relief.leaders),
        (Duty.PREPARE, relief.cashier.pk, MANY),
        (Duty.POST, relief.accountant.pk, MANY),
    }


def money_stands(relief, batch, paid_before, vouchers_before):
    """Each line has its hold, ended by its transfer, with the next voucher and its own key."""
    lines = batch.lines.select_related("case").order_by("pk")
    amounts = {line.case_id: AUTUMN_FEN[line.case.level] for line in lines}
    total = sum(amounts.values())
    assert {line.case_id: line.case.granted_fen for line in lines} == amounts
    assert {line.outcome for line in lines} == {"APPROVED"}
    assert all(line.current and line.account_index for line in lines)
    holds = Hold.objects.filter(line__batch=batch)
    assert dict(holds.values_list("case", "amount_fen")) == amounts
    ended = HoldEnd.objects.filter(hold__in=holds, transfer__case=F("hold__case"))
    assert ended.filter(reason="POSTED", by=relief.accountant).count() == MANY
    payments = Payment.objects.filter(run__batch=batch).order_by("pk")
    transfers = Transfer.objects.filter(batch=batch, kind=Kind.PAY).order_by("pk")
    assert dict(transfers.values_list("case", "amount_fen")) == amounts
    rows = list(transfers.values_list("key", "case", "note", "voucher"))
    run = payments.first().run
    assert rows == [
        (f"pay {payment.pk}", payment.case_id, run.number, f"2026-B-记-{number:04d}")
        for number, payment in enumerate(payments, start=vouchers_before + 1)
    ]
    assert set(payments.values_list("status", flat=True)) == {"POSTED"}
    spent = Account.objects.get(kind=Account.Kind.SPENT)
    assert spent.balance_fen - paid_before == total
    budget = Account.objects.get(pk=relief.budget.pk)
    assert (budget.held_fen, budget.balance_fen) == (0, 10_000_000_00 - spent.balance_fen)
    assert transfers.aggregate(sum=Sum("amount_fen"))["sum"] == run.total_fen == total


def test_vouchers_above_9999_are_whole():
    company = Company(NOON)
    relief = Relief(company, fen=10_000_000_00)
    company.fill(3)
    Counter.objects.filter(key="voucher B 2026").update(last=9_998)

    relief.measure(2026, "AUTUMN")

    newest = Transfer.objects.order_by("-pk").values_list("voucher", flat=True)[:3]
    assert list(newest) == ["2026-B-记-10001", "2026-B-记-10000", "2026-B-记-9999"]


def refused(world, count):
    """Statements of confirming that nobody of so many is recognised."""
    batch = world.batch([world.to_verified(world.household()) for _n in range(count)])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch, Vote.Choice.AGAINST)
    funds.record(meeting=meeting, by=world.secretary, at=world.tick())
    with CaptureQueriesContext(connection) as queries:
        funds.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())
    return batch, len(queries)


def test_refused_recognitions_close_their_files_by_a_fixed_number_of_statements():
    world = World()

    _few, statements = refused(world, 1)
    batch, same = refused(world, 4)

    assert same == statements
    dossiers = [line.case.dossier for line in batch.lines.select_related("case__dossier")]
    assert {dossier.status for dossier in dossiers} == {"CANCELLED"}
    assert all(dossier.events.filter(act="DROP").count() == 1 for dossier in dossiers)


def set_off(world, count):
    """Statements of posting a payment that takes so many advances off."""
    cases = [world.case_in(Status.SUBMITTED, Programme.EMERGENCY) for _n in range(count)]
    for case in cases:
        world.advance(case, 1000_00)
        world.review(case)
        world.visit(case)
        world.mark(case)
        world.assess(case)
        world.verify(world.fresh(case))
    batch = world.batch([world.fresh(case) for case in cases])
    world.lock(batch)
    meeting = world.meeting(batch)
    answers = {advance.pk: True for advance in funds.to_ratify(meeting)}
    funds.ratify_advances(meeting=meeting, answers=answers, by=world.secretary, at=world.tick())
    world.vote(batch)
    funds.record(meeting=meeting, by=world.secretary, at=world.tick())
    funds.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())
    batch.refresh_from_db()
    world.publish(batch)
    world.clear()
    run = world.prepare(batch)
    with CaptureQueriesContext(connection) as queries:
        world.post(run)
    return run, len(queries)


def test_advances_are_taken_off_by_a_fixed_number_of_statements():
    world = World()

    _few, statements = set_off(world, 1)
    run, same = set_off(world, 3)

    assert same == statements
    booked = Transfer.objects.filter(batch=run.batch).order_by("pk")
    numbers = [int(voucher[-4:]) for voucher in booked.values_list("voucher", flat=True)]
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    assert list(booked.values_list("kind", flat=True)) == [Kind.PAY] * 3 + [Kind.SET_OFF] * 3
    keys = booked.filter(kind=Kind.SET_OFF).values_list("key", flat=True)
    assert set(keys) == {f"set off {payment.pk}" for payment in run.payments.all()}
    ended = Advance.objects.filter(case__payments__run=run, ending="SET_OFF")
    assert ended.filter(ended_by=world.accountant).count() == 3


def test_words_of_a_set_stand_beside_each_step():
    world = World()
    batch = world.batch([world.to_verified(world.household()) for _n in range(3)])
    world.lock(batch)
    cases = [line.case for line in batch.lines.select_related("case")]

    actions.defer(cases, by=world.leaders[0], at=world.tick(), words="下次再议")

    words = Opinion.objects.filter(step__case__in=cases, step__action="defer")
    assert [row.words for row in words] == ["下次再议"] * 3
