"""Recoveries and their parts: each constraint and refusal by its name."""

import pytest
from django.db import connection

from cases.models import Case
from cases.workflow import Status
from funds.models import Fund, Kind, Recovery, RecoveryReceipt, Transfer
from tests.factories import NOON, UnitFactory
from tests.funds import recoveries
from tests.funds.recoveries import AWARD
from tests.funds.rows import again, change, delete, new, refused, unguarded
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def opened(world):
    """A recovery of a part of what was paid: the rest may be asked for too."""
    return recoveries.open_(world, fen=1000_00)


@pytest.fixture
def decided(world):
    return recoveries.decided(world, fen=1000_00)


# The recovery


def test_recovery_reason_amount_and_number(opened):
    with refused("recovery_reason_known"):
        again(opened, number="x", reason="WHIM")
    with refused("recovery_amount_positive"):
        again(opened, number="x", amount_fen=0)
    with refused("recovery_number_once|funds_recovery.company_id, funds_recovery.number"):
        again(opened)
    assert again(opened, number="x").pk


def test_recovery_status_and_who_decided(world, opened):
    made = {"decided_at": NOON, "decided_by": world.company_chair}
    day = {"due_on": world.today}
    for columns, name in (
        ({"status": "LOST", **made}, "recovery_status_known"),
        ({"decided_at": NOON}, "recovery_decided_has_moment"),
        ({"status": "REFUSED"}, "recovery_decided_has_moment"),
        ({"status": "DECIDED", **day}, "recovery_decided_has_moment"),
        ({"status": "DECIDED", **made}, "recovery_decided_has_a_day"),
        ({"status": "REFUSED", **made, **day}, "recovery_decided_has_a_day"),
        (
            {"status": "REFUSED", **made, "decided_by": world.company_officer},
            "recovery_decided_by_another",
        ),
        ({"told_on": world.today}, "recovery_letter_complete"),
        ({"told_by": world.company_officer}, "recovery_letter_complete"),
    ):
        with refused(name):
            change(opened, **columns)
    assert change(opened, status="DECIDED", **made, **day) == 1


def test_recovery_is_waived_by_another_as_minutes_say(world, decided):
    waived = {
        "status": "WAIVED", "waived_at": NOON, "waived_by": world.company_chair,
        "waived_minutes": "纪要9号",
    }  # fmt: skip
    for columns, name in (
        ({"waived_at": None, "waived_by": None}, "recovery_waived_has_moment"),
        ({"waived_minutes": ""}, "recovery_waived_in_minutes"),
        ({"waived_by": world.company_officer}, "recovery_waived_by_another"),
    ):
        with refused(name):
            change(decided, **waived | columns)
    with refused("recovery_waived_has_moment"):
        change(decided, waived_at=NOON, waived_by=world.company_chair)
    assert change(decided, **waived) == 1


def test_recovery_is_of_a_case_that_was_paid(world, opened):
    words = "a recovery is of a case that was paid"

    with refused(words):
        again(opened, number="x", company=UnitFactory(company=True))
    with unguarded():
        Case.objects.filter(pk=opened.case_id).update(status=Status.CLEARED)
    with refused(words):
        again(opened, number="x")


def test_no_more_is_recovered_than_was_paid(world, opened):
    words = "no more is recovered than was paid"
    with refused(words):
        again(opened, number="x", amount_fen=AWARD - 1000_00 + 1)
    rest = again(opened, number="x", amount_fen=AWARD - 1000_00)
    with refused(words):
        again(opened, number="y", amount_fen=1)

    recoveries.decide(world, rest, pursue=False, words="查无实据")
    assert again(opened, number="y", amount_fen=AWARD - 1000_00).pk


def test_what_a_recovery_asks_for_stays(world, opened):
    other = world.case_in(Status.PAID)
    second = Fund.objects.create(company=world.company, code="B", name="B")

    for columns in (
        {"case": other}, {"fund": second}, {"amount_fen": 1}, {"reason": "OTHER"},
        {"opened_by": world.accountant},
    ):  # fmt: skip
        with refused("what a recovery asks for stays"):
            change(opened, **columns)


def test_recovery_stays_as_it_was_decided(world, opened):
    words = "a decided recovery stays as it was decided"
    made = {"decided_at": NOON, "decided_by": world.company_chair, "due_on": world.today}
    waived = {"waived_at": NOON, "waived_by": world.company_chair, "waived_minutes": "9号"}
    with refused(words):
        change(opened, status="WAIVED", **made, **waived)

    recovery = recoveries.tell(world, recoveries.decide(world, opened))
    for columns in (
        {"status": "OPEN", "decided_at": None, "decided_by": None, "due_on": None},
        {"status": "REFUSED", "due_on": None}, {"decided_at": NOON},
        {"decided_by": world.accountant}, {"due_on": world.today + 99 * DAY},
        {"told_on": None, "told_by": None}, {"told_on": world.today - DAY},
    ):  # fmt: skip
        with refused(words):
            change(recovery, **columns)
    change(recovery, status="WAIVED", **waived)
    for columns in ({"waived_minutes": "10号"}, {"waived_at": world.now}, {"status": "DECIDED"}):
        with refused(words):
            change(recovery, **columns)


def test_a_refused_recovery_stays_refused(world, opened):
    refused_one = recoveries.decide(world, opened, pursue=False, words="查无实据")

    with refused("a decided recovery stays as it was decided"):
        change(refused_one, status="DECIDED", due_on=world.today)


def test_recovery_is_settled_when_all_is_back(world, decided):
    words = "a recovery is settled when all of it is back"
    recoveries.back(world, decided, 400_00)
    recoveries.note(world, decided, 600_00)

    with refused(words):
        change(decided, status="SETTLED")


def test_recovery_is_never_deleted(opened):
    with refused("a recovery is never deleted"):
        delete(opened)


def test_what_was_found_is_encrypted(world):
    recoveries.waive(world, recoveries.decided(world, words="伪造发票"), words="本人失踪")
    with connection.cursor() as cursor:
        cursor.execute("SELECT words, waived_words FROM funds_recovery")
        stored = "".join(cursor.fetchone())

    assert "伪造发票" not in stored
    assert "本人失踪" not in stored


# The parts that come back


def entry(world, receipt, **columns):
    """The entry a part is posted by, sent past the action; the counters stay."""
    recovery = receipt.recovery
    fund = recovery.fund
    given = {
        "fund": fund, "kind": Kind.RECLAIM, "debit": fund.accounts.get(kind="POOL"),
        "credit": fund.accounts.get(kind="SPENT"), "amount_fen": receipt.amount_fen,
        "voucher": "V", "key": "k", "value_on": receipt.received_on, "case": recovery.case,
        "at": NOON, "by": world.accountant,
    }  # fmt: skip
    return new(Transfer, **given | columns)


def test_recovery_receipt_whole_and_by_another(world, decided):
    noted = recoveries.note(world, decided, 400_00)
    done = {"posted_at": NOON, "posted_by": world.accountant, "transfer": entry(world, noted)}
    struck = {"struck_at": NOON, "struck_by": world.cashier}
    for columns, name in (
        ({"posted_at": NOON}, "recovery_receipt_posted_whole"),
        (done | {"transfer": None}, "recovery_receipt_posted_whole"),
        ({"struck_at": NOON}, "recovery_receipt_struck_whole"),
        (done | {"posted_by": world.cashier}, "recovery_receipt_posted_by_another"),
        (done | struck, "recovery_receipt_posted_or_struck"),
    ):
        with refused(name):
            change(noted, **columns)
    with refused("recovery_receipt_amount_positive"):
        again(noted, amount_fen=0)
    assert change(noted, **done) == 1


def test_no_more_comes_back_than_a_decided_recovery_asks_for(world, decided):
    words = "no more comes back than a decided recovery asks for"
    noted = recoveries.note(world, decided, 400_00)
    waiting = recoveries.open_(world, fen=1000_00)

    with refused(words):
        again(noted, amount_fen=600_01)
    with refused(words):
        again(noted, recovery=waiting)
    recoveries.strike(world, noted)
    assert again(noted, amount_fen=1000_00).pk


def test_a_part_stays_as_it_was_noted(world, decided):
    words = "a part that came back stays as it was noted and posted"
    noted = recoveries.note(world, decided, 400_00)
    other = recoveries.decided(world)
    for columns in (
        {"recovery": other}, {"amount_fen": 1}, {"received_on": world.today - DAY},
        {"noted_by": world.accountant},
    ):  # fmt: skip
        with refused(words):
            change(noted, **columns)
    struck = recoveries.strike(world, recoveries.note(world, decided, 1_00))
    posted = recoveries.post(world, noted)
    for row, columns in (
        (posted, {"posted_at": None, "posted_by": None, "transfer": None}),
        (posted, {"struck_at": NOON, "struck_by": world.cashier}),
        (struck, {"struck_at": None, "struck_by": None}),
    ):
        with refused(words):
            change(row, **columns)


def test_a_part_is_posted_by_the_entry_of_it(world, decided):
    noted = recoveries.note(world, decided, 100_00)
    other = recoveries.decided(world)
    made = {"posted_at": NOON, "posted_by": world.accountant}
    wrong = (
        Transfer.objects.get(kind=Kind.PAY, case=decided.case),
        entry(world, noted, amount_fen=99_00, voucher="V1", key="k1"),
        entry(world, noted, case=other.case, voucher="V2", key="k2"),
        entry(world, noted, value_on=world.today - DAY, voucher="V3", key="k3"),
    )

    for transfer in wrong:
        with refused("a part that came back is posted by the entry of it"):
            change(noted, **made, transfer=transfer)
    assert change(noted, **made, transfer=entry(world, noted)) == 1


def test_a_part_is_never_deleted(world, decided):
    with refused("a part that came back is never deleted"):
        delete(recoveries.note(world, decided, 400_00))


# The ledger


def test_an_entry_of_a_recovery_names_its_case_and_stays_within(world, decided):
    noted = recoveries.note(world, decided, 400_00)
    words = "no more is paid back than a recovery asks for"

    with unguarded(), refused("transfer_reclaim_names_case"):
        entry(world, noted, case=None)
    with refused(words):
        entry(world, noted, amount_fen=1000_01)
    entry(world, noted, amount_fen=700_00)
    with refused(words):
        entry(world, noted, amount_fen=300_01, voucher="W", key="w")
    with refused(words):
        entry(world, noted, case=world.case_in(Status.PAID), voucher="W", key="w")


def test_the_bank_returns_nothing_that_is_being_recovered(world, opened):
    paid = Transfer.objects.get(kind=Kind.PAY, case=opened.case)
    returned = {
        "kind": Kind.BOUNCE, "debit": paid.credit, "credit": paid.debit, "voucher": "V", "key": "k",
    }  # fmt: skip

    with refused("the bank returns nothing that is being recovered"):
        again(paid, **returned)
    recoveries.decide(world, opened, pursue=False, words="查无实据")
    assert again(paid, **returned).pk


# Questions


def test_recoveries_are_seen_in_their_company_by_who_pays(world, decided):
    receipt = recoveries.note(world, decided, 400_00)
    stranger = World()
    rows = (Recovery.objects, RecoveryReceipt.objects)

    for who in ("cashier", "accountant", "company_chair", "company_officer", "auditor"):
        actor = getattr(world, who).actor(world.today)
        assert [row.visible_to(actor).get() for row in rows] == [decided, receipt]
    for user in (world.secretary, world.officer, stranger.cashier):
        assert not any(row.visible_to(user.actor(world.today)).exists() for row in rows)


def test_recoveries_are_narrowed(world, decided):
    other = recoveries.open_(world, reason="OVERPAID")
    rows, late = Recovery.objects.order_by("pk"), decided.due_on + DAY

    assert list(rows.narrowed(state="OPEN")) == [other]
    assert list(rows.narrowed(reason="FALSE_FACTS")) == [decided]
    assert list(rows.narrowed(q=other.number)) == [other]
    assert list(rows.narrowed(q=decided.case.number)) == [decided]
    assert list(rows.narrowed(late=True, on=late)) == [decided]
    assert list(rows.narrowed(late=True, on=decided.due_on)) == []
    assert decided.is_late(late)
    assert not other.is_late(late)
