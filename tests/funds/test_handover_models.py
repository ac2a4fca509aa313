"""Exceptions, their papers and receipts, and the way of a payment: each rule by its name."""

import pytest
from django.db import connection

from cases.workflow import Status
from funds import actions
from funds.models import HandOver, HandOverReceipt, MoneyPaper
from people.models import Person
from tests.factories import NOON, UnitFactory
from tests.funds import papers
from tests.funds.rows import again, change, delete, new, refused, unguarded
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def line(world):
    return papers.cleared(world)


def off(world):
    """The columns of an exception that was called off: another of the line may stand beside it."""
    return {
        "number": "x", "status": "CALLED_OFF", "called_off_at": NOON,
        "called_off_by": world.cashier,
    }  # fmt: skip


# The exception


def test_hand_over_way_and_receiver(world, line):
    cash = papers.ask(world, line)
    proxy = papers.again_to_proxy(world, cash)
    attempts = (
        (cash, {"way": "BY_DRONE"}, "hand_over_way_known|hand_over_proxy_is_named"),
        (cash, {"proxy_name": "示例"}, "hand_over_proxy_is_named"),
        (cash, {"proxy_index": "x"}, "hand_over_proxy_is_named"),
        (proxy, {"proxy_name": ""}, "hand_over_proxy_is_named"),
        (proxy, {"proxy_relation": ""}, "hand_over_proxy_is_named"),
        (proxy, {"proxy_index": ""}, "hand_over_proxy_is_named"),
        (proxy, {"proxy_relation": "LANDLORD"}, "hand_over_relation_known"),
        (proxy, {"account_index": ""}, "hand_over_account_of_proxy"),
        (proxy, {"way": "PROXY_CASH"}, "hand_over_account_of_proxy"),
    )

    for row, columns, name in attempts:
        with refused(name):
            again(row, **off(world) | columns)
    assert again(proxy, **off(world)).pk


def test_hand_over_status_and_who_decided(world, line):
    asked = papers.ask(world, line)
    chair, approved = world.company_chair, {"status": "APPROVED", "decided_at": NOON}
    attempts = (
        ({"status": "LOST"}, "hand_over_status_known|hand_over_decided_has_moment"),
        ({"status": "APPROVED"}, "hand_over_decided_has_moment"),
        ({"decided_at": NOON, "decided_by": chair}, "hand_over_decided_has_moment"),
        (approved, "hand_over_decision_complete"),
        (approved | {"decided_by": world.cashier}, "hand_over_decided_by_another"),
        ({"status": "CALLED_OFF"}, "hand_over_called_off_has_moment"),
        ({"called_off_at": NOON, "called_off_by": chair}, "hand_over_called_off_has_moment"),
    )

    for columns, name in attempts:
        with refused(name):
            change(asked, **columns)
    assert change(asked, **approved, decided_by=chair) == 1


def test_hand_over_once_of_a_line_and_a_number(world, line):
    asked = papers.ask(world, line)

    with refused("hand_over_one_of_a_line|UNIQUE constraint failed: funds_handover.line_id"):
        again(asked, number="x")
    with refused("hand_over_number_once|funds_handover.company_id, funds_handover.number"):
        again(asked, **off(world) | {"number": asked.number})


def test_hand_over_is_of_an_approved_line(world, line):
    asked = papers.ask(world, line)
    tabled = world.case_in(Status.TABLED).batch_lines.get(current=True)
    words = "an exception from the transfer is of an approved line"

    for columns in (
        {"line": tabled, "case": tabled.case},
        {"case": tabled.case},
        {"company": UnitFactory(company=True)},
    ):
        with refused(words):
            again(asked, **off(world) | columns)


def test_hand_over_stays_as_it_was_asked(world, line):
    asked = papers.ask(world, line, "PROXY_ACCOUNT")
    other = papers.cleared(world)

    for columns in (
        {"line": other}, {"case": other.case}, {"way": "PROXY_CASH"}, {"asked_at": NOON},
        {"asked_by": world.company_officer}, {"proxy_name": "别人"},
        {"proxy_relation": "DAUGHTER"}, {"proxy_index": "x"}, {"account_index": "x"},
    ):  # fmt: skip
        with refused("what was asked of an exception stays"):
            change(asked, **columns)


def test_hand_over_stays_as_it_was_decided(world, line):
    hand_over = papers.approved(world, line)

    for columns in (
        {"status": "ASKED", "decided_at": None, "decided_by": None}, {"status": "REFUSED"},
        {"decided_at": NOON}, {"decided_by": world.accountant},
    ):  # fmt: skip
        with refused("a decided exception stays as it was decided"):
            change(hand_over, **columns)
    actions.call_off(hand_over=hand_over, by=world.cashier, at=world.tick())
    with refused("a decided exception stays as it was decided"):
        change(hand_over, status="APPROVED", called_off_at=None, called_off_by=None)


def test_hand_over_in_use_is_not_called_off(world, line):
    hand_over = papers.approved(world, line)
    run = world.prepare(line.batch)
    ending = {"status": "CALLED_OFF", "called_off_at": NOON, "called_off_by": world.cashier}

    with refused("an exception is not called off while its payment is under way or done"):
        change(hand_over, **ending)
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    assert change(hand_over, **ending) == 1


def test_hand_over_is_never_deleted(world, line):
    with refused("an exception is never deleted"):
        delete(papers.ask(world, line))


def test_what_is_known_of_the_proxy_is_encrypted(world, line):
    papers.ask(world, line, "PROXY_ACCOUNT", reason="重病在床")
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason, proxy_phone, proxy_id_number, account FROM funds_handover")
        stored = "".join(cursor.fetchone())

    for plain in ("重病在床", papers.PROXY["phone"], papers.PROXY["id_number"],
                  papers.ACCOUNT["account"]):  # fmt: skip
        assert plain not in stored


# The way of a payment


@pytest.fixture
def given_up(world, line):
    """A payment in cash that was prepared and given up; another attempt may be sent."""
    papers.approved(world, line)
    run = world.prepare(line.batch)
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    return run.payments.get()


NEXT = {"attempt": 2, "status": "PREPARED"}


def test_payment_way_is_known_and_names_its_exception(world, line):
    papers.approved(world, line)
    cash = world.prepare(line.batch).payments.get()

    with unguarded():
        with refused("payment_way_known"):
            change(cash, way="BY_DRONE")
        with refused("payment_exception_names_hand_over"):
            change(cash, hand_over=None)
        with refused("payment_exception_names_hand_over"):
            change(cash, way="BANK")


def test_payment_by_another_way_has_an_approved_exception(world, given_up):
    words = "a payment by another way than the bank has an exception two people approved"
    other = papers.approved(world, papers.cleared(world))
    for columns in ({"way": "PROXY_CASH"}, {"hand_over": other}, {"hand_over": None}):
        with refused(words):
            again(given_up, **NEXT | columns)

    actions.call_off(hand_over=given_up.hand_over, by=world.cashier, at=world.tick())
    asked = papers.ask(world, given_up.line)
    for hand_over in (given_up.hand_over, asked):
        with refused(words):
            again(given_up, **NEXT, hand_over=hand_over)
    papers.decide(world, asked)
    assert again(given_up, **NEXT, hand_over=asked).pk


def test_payment_of_a_line_with_an_exception_goes_that_way(given_up):
    with refused("a line with an approved exception goes that way"):
        again(given_up, **NEXT, way="BANK", hand_over=None)


def test_payment_keeps_its_way(world, line):
    papers.approved(world, line)
    cash = world.prepare(line.batch).payments.get()

    for columns in ({"way": "PROXY_CASH"}, {"way": "BANK", "hand_over": None}):
        with refused("the way of a prepared payment stays"):
            change(cash, **columns)


def test_payment_to_a_proxy_waits_for_the_copy(world, line):
    hand_over = papers.approved(world, line, "PROXY_CASH")
    payment = world.prepare(line.batch).payments.get()

    with refused("a proxy is paid after the copy of the ID card is on file"):
        change(payment, status="POSTED")
    papers.put_id_copy(world, hand_over)
    assert change(payment, status="POSTED") == 1


# The signed receipt


def receipt(world, payment, paper):
    return new(
        HandOverReceipt, payment=payment, paper=paper, received_on=world.today, at=NOON,
        by=world.cashier,
    )  # fmt: skip


def signed_paper(world, payment):
    return new(
        MoneyPaper, company=world.company, kind="RECEIPT", payment=payment, sha256="1" * 64,
        file="payments/none.png", media_type="image/png", size=1, uploaded_at=NOON,
        uploaded_by=world.cashier,
    )  # fmt: skip


def test_receipt_is_of_an_exception_that_was_paid(world):
    words = "a receipt is of an exception that was paid, with its signed paper"
    by_bank = world.case_in(Status.PAID).payments.get()
    line = papers.cleared(world)
    papers.approved(world, line)
    run = world.prepare(line.batch)
    cash = run.payments.get()
    paper = signed_paper(world, cash)
    foreign = signed_paper(world, by_bank)
    for payment, its_paper in ((by_bank, foreign), (cash, paper)):
        with refused(words):
            receipt(world, payment, its_paper)

    world.post(run)
    with refused(words):
        receipt(world, cash, foreign)
    assert receipt(world, cash, paper).pk


def test_receipt_stays(world):
    signed = papers.sign(world, papers.paid(world))

    for act in (lambda: change(signed, received_on=NOON.date()), lambda: delete(signed)):
        with refused("a recorded receipt stays"):
            act()
    with refused("payment_id"):
        again(signed, paper=signed_paper(world, signed.payment))


# Questions


def test_exceptions_are_seen_in_their_company_by_who_pays(world, line):
    papers.ask(world, line)
    stranger = World()

    seen = {
        who: HandOver.objects.visible_to(getattr(world, who).actor(world.today)).exists()
        for who in ("cashier", "accountant", "company_chair", "company_officer", "auditor",
                    "secretary", "officer")
    }  # fmt: skip

    assert [who for who, there in seen.items() if not there] == ["secretary", "officer"]
    assert not HandOver.objects.visible_to(stranger.cashier.actor(world.today)).exists()


def test_exceptions_are_narrowed(world, line):
    first = papers.ask(world, line)
    payment = papers.paid(world, "PROXY_CASH")
    second = payment.hand_over
    Person.objects.filter(pk=first.case.applicant_id).update(name="示例甲")
    rows = HandOver.objects.order_by("pk")

    assert list(rows.narrowed(state="ASKED")) == [first]
    assert list(rows.narrowed(way="PROXY_CASH")) == [second]
    assert list(rows.narrowed(q=first.number)) == [first]
    assert list(rows.narrowed(q=second.case.number)) == [second]
    assert list(rows.narrowed(q="例甲")) == [first]
    assert list(rows.narrowed(missing=True)) == [second]
    papers.sign(world, payment)
    assert list(rows.narrowed(missing=True)) == []
