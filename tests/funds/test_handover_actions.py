"""Cash and proxies: two people, before the payment is prepared, papers, a signed receipt."""

import pytest
from django.utils import translation

from audits import verify
from base.crypto import blind_index
from funds import actions
from funds.models import HandOver, HandOverReceipt, MoneyPaper
from funds.models.payment import Way
from people.actions import change_payee
from people.models import Relation
from people.roles import NotAllowed
from tests.audits.test_verify import force
from tests.factories import AppointmentFactory, appoint
from tests.funds import papers
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def line(world):
    return papers.cleared(world)


def differences():
    return [str(problem.words) for problem in verify.problems()]


@pytest.mark.parametrize("way", ["CASH", "PROXY_CASH", "PROXY_ACCOUNT"])
def test_an_exception_goes_from_the_asking_to_the_receipt(world, way):
    payment = papers.paid(world, way)
    receipt = papers.sign(world, payment)

    hand_over = payment.hand_over
    assert (hand_over.way, hand_over.status, payment.way) == (way, "APPROVED", way)
    assert (hand_over.asked_by, hand_over.decided_by) == (world.cashier, world.company_chair)
    assert hand_over.number == "2026-领-001"
    expected = {
        "CASH": (payment.case.applicant.name, ""),
        "PROXY_CASH": ("示例代领人", ""),
        "PROXY_ACCOUNT": ("示例代领人", papers.ACCOUNT["account"]),
    }[way]
    assert (payment.account_name, payment.account) == expected
    assert (receipt.received_on, receipt.by, receipt.paper.kind) == (
        world.today, world.cashier, "RECEIPT",
    )  # fmt: skip
    assert differences() == []


def test_what_goes_through_the_bank_and_in_cash_is_the_payment(world, line):
    papers.approved(world, line)
    run = world.prepare(line.batch)
    sums = run.payments.sums()

    assert list(run.payments.through_bank()) == []
    assert sums["bank_fen"] + sums["cash_fen"] == sums["fen"] == run.total_fen
    assert (sums["cash_fen"], sums["cash_count"]) == (run.total_fen, 1)


def test_a_line_that_waits_for_its_approval_is_not_paid(world, line):
    hand_over = papers.ask(world, line)
    ready = list(actions.ready_lines(line.batch))
    (waiting,) = actions.unready_lines(line.batch)

    assert (ready, list(actions.waiting([world.company.pk]))) == ([], [])
    assert actions.why_not_ready(waiting) == "An exception from the transfer waits to be approved."
    with pytest.raises(NotAllowed, match="an exception from the transfer waits to be approved"):
        world.prepare(line.batch)
    papers.decide(world, hand_over)
    assert world.prepare(line.batch).payments.get().way == Way.CASH


def test_who_asks_is_the_cashier_or_the_officer(world, line):
    for by in (world.company_chair, world.accountant, world.auditor, world.officer):
        with pytest.raises(NotAllowed, match="Only the cashier or the company union officer asks"):
            papers.ask(world, line, by=by)
    assert papers.ask(world, line, by=world.company_officer).asked_by == world.company_officer


def test_asked_twice_is_asked_once(world, line):
    first = papers.ask(world, line)

    assert papers.ask(world, line) == first
    with pytest.raises(NotAllowed, match="There is an exception for this line already"):
        papers.ask(world, line, "PROXY_CASH")


def test_an_exception_needs_words(world, line):
    with pytest.raises(NotAllowed, match="Write down why it cannot go to their own account"):
        papers.ask(world, line, reason="  ")


def test_the_employee_is_no_proxy(world, line):
    for wrong in ({"id_number": line.case.applicant.id_number}, {"relation": Relation.SELF}):
        with pytest.raises(NotAllowed, match="The employee is no proxy"):
            papers.ask(world, line, "PROXY_CASH", proxy=papers.PROXY | wrong)


def test_an_exception_comes_before_the_payment(world, line):
    world.prepare(line.batch)

    with pytest.raises(NotAllowed, match="an exception must stand before it"):
        papers.ask(world, line)


def test_an_exception_is_of_an_approved_line(world, line):
    type(line).objects.filter(pk=line.pk).update(current=False)

    with pytest.raises(NotAllowed, match="Only a line that the meeting approved is paid"):
        papers.ask(world, line)


def test_somebody_else_approves(world, line):
    hand_over = papers.ask(world, line)
    for by in (world.company_officer, world.auditor, world.secretary):
        with pytest.raises(NotAllowed, match="Only the company union chair or the accountant"):
            papers.decide(world, hand_over, by=by)

    assert papers.decide(world, hand_over, by=world.accountant).decided_by == world.accountant


def test_who_asked_does_not_approve(world, line):
    both = appoint("CASHIER", world.company)
    AppointmentFactory(user=both, unit=world.company, role="ACCOUNTANT")
    hand_over = papers.ask(world, line, by=both)

    with pytest.raises(NotAllowed, match="Somebody other than who asked for the exception"):
        papers.decide(world, hand_over, by=both)


@pytest.mark.parametrize(
    ("who", "match"), [("proxy", "relative of the proxy"), ("head", "member of this household")]
)
def test_relatives_do_not_approve(world, line, who, match):
    hand_over = papers.ask(world, line, "PROXY_CASH")
    index = hand_over.proxy_index if who == "proxy" else line.case.applicant.id_index
    papers.relative(world, world.company_chair, index)

    with pytest.raises(NotAllowed, match=match):
        papers.decide(world, hand_over)


@pytest.mark.parametrize(
    ("who", "match"), [("proxy", "relative of the proxy"), ("head", "member of this household")]
)
def test_relatives_do_not_ask(world, line, who, match):
    head = line.case.applicant.id_index
    index = blind_index(papers.PROXY["id_number"], "id_number") if who == "proxy" else head
    papers.relative(world, world.cashier, index)

    with pytest.raises(NotAllowed, match=match):
        papers.ask(world, line, "PROXY_CASH")


def test_a_refusal_needs_words_and_frees_the_line(world, line):
    hand_over = papers.ask(world, line)
    with pytest.raises(NotAllowed, match="Write down why the exception is refused"):
        papers.decide(world, hand_over, approve=False)
    refused = papers.decide(world, hand_over, approve=False, words="有账户")

    assert (refused.status, refused.decision_words) == ("REFUSED", "有账户")
    assert papers.decide(world, hand_over, approve=False).pk == refused.pk
    with pytest.raises(NotAllowed, match="This exception has been decided"):
        papers.decide(world, hand_over)
    assert world.prepare(line.batch).payments.get().way == Way.BANK


def test_an_exception_is_called_off_until_it_is_used(world, line):
    first = papers.approved(world, line)
    with pytest.raises(NotAllowed, match="Only who asks for or approves exceptions"):
        actions.call_off(hand_over=first, by=world.auditor, at=world.tick())
    gone = actions.call_off(hand_over=first, by=world.cashier, at=world.tick())
    again = actions.call_off(hand_over=first, by=world.cashier, at=world.tick())
    second = papers.approved(world, line)
    world.prepare(line.batch)

    assert (gone.status, again.called_off_at) == ("CALLED_OFF", gone.called_off_at)
    with pytest.raises(NotAllowed, match="A payment by this exception is under way or done"):
        actions.call_off(hand_over=second, by=world.cashier, at=world.tick())
    first.refresh_from_db()
    actor = world.cashier.actor(world.today)
    assert actions.why_not_call_off(first, actor) == "This exception stands no longer."


def test_a_proxy_is_paid_after_the_copy_is_on_file(world, line):
    hand_over = papers.approved(world, line, "PROXY_CASH")
    run = world.prepare(line.batch)
    with pytest.raises(NotAllowed, match="The copy of the ID card of the proxy 示例代领人"):
        world.post(run)
    kept = papers.put_id_copy(world, hand_over)
    world.post(run)

    assert papers.put_id_copy(world, hand_over) == kept
    assert list(MoneyPaper.objects.values_list("kind", "hand_over")) == [("ID_COPY", hand_over.pk)]
    with kept.file.open() as file:
        assert file.read().startswith(b"\x89PNG")


def test_the_copy_is_kept_by_who_asks(world, line):
    hand_over = papers.ask(world, line, "PROXY_CASH")
    with pytest.raises(NotAllowed, match="Only the cashier or the company union officer puts"):
        actions.keep_id_copy(
            hand_over=hand_over, by=world.accountant, at=world.tick(), **papers.paper()
        )


def test_cash_to_the_employee_asks_for_no_copy(world, line):
    hand_over = papers.ask(world, line)

    with pytest.raises(NotAllowed, match="no copy of an ID card is asked for"):
        papers.put_id_copy(world, hand_over)


def test_a_changed_account_does_not_stop_cash(world, line):
    papers.approved(world, line)
    change_payee(
        person=line.case.applicant, by=world.company_officer, at=world.tick(), **papers.ACCOUNT,
        account_name=line.case.applicant.name,
    )  # fmt: skip

    assert world.prepare(line.batch).payments.get().way == Way.CASH


def test_the_receipt_is_recorded_once_by_the_cashier(world):
    payment = papers.paid(world)
    with pytest.raises(NotAllowed, match="Only the cashier records a signed receipt"):
        papers.sign(world, payment, by=world.accountant)
    for on in (world.today - DAY, world.today + DAY):
        with pytest.raises(NotAllowed, match="after it was posted, and not later than today"):
            papers.sign(world, payment, on=on)
    first = papers.sign(world, payment)

    assert papers.sign(world, payment) == first
    with pytest.raises(NotAllowed, match="The receipt of this payment has been recorded"):
        papers.sign(world, payment, shade=9)
    assert HandOverReceipt.objects.count() == 1


def test_the_receipt_waits_for_the_posting_and_for_an_exception(world, line):
    papers.approved(world, line)
    payment = world.prepare(line.batch).payments.get()
    with pytest.raises(NotAllowed, match="This payment has not been posted"):
        papers.sign(world, payment)
    payment.way = Way.BANK
    assert "payment sheet is signed" in actions.why_not_sign(
        payment, world.cashier.actor(world.today)
    )


def test_cash_signed_for_does_not_come_back(world):
    payment = papers.paid(world)
    papers.sign(world, payment)

    with pytest.raises(NotAllowed, match="The cash was received and signed for"):
        actions.bounce(payment=payment, by=world.accountant, at=world.tick(), reason="未领")


def test_the_signed_sheet_is_kept_after_the_posting(world, line):
    run = world.prepare(line.batch)
    with pytest.raises(NotAllowed, match="The sheet is signed after the payment was posted"):
        actions.keep_sheet(run=run, by=world.cashier, at=world.tick(), **papers.paper())
    world.post(run)
    with pytest.raises(NotAllowed, match="Only the cashier and the accountant put the signed"):
        actions.keep_sheet(run=run, by=world.company_chair, at=world.tick(), **papers.paper())
    first = actions.keep_sheet(run=run, by=world.cashier, at=world.tick(), **papers.paper(1))
    again = actions.keep_sheet(run=run, by=world.cashier, at=world.tick(), **papers.paper(1))
    actions.keep_sheet(run=run, by=world.accountant, at=world.tick(), **papers.paper(2))

    assert (first == again, run.papers.count()) == (True, 2)


def test_verify_finds_an_exception_nobody_approved(world):
    payment = papers.paid(world, "PROXY_CASH")
    force(MoneyPaper, "DELETE FROM {table}")
    force(
        HandOver,
        "UPDATE {table} SET status = 'ASKED', decided_at = NULL, decided_by_id = NULL",
    )
    told = differences()

    assert f"Payment {payment.pk} went to a proxy without a copy of the ID card." in told
    assert (
        f"Payment {payment.pk} went another way than the bank, and no second person approved it."
        in told
    )


def test_verify_finds_a_payment_by_an_exception_that_was_refused(world):
    payment = papers.paid(world)
    force(HandOver, "UPDATE {table} SET status = 'REFUSED'")

    assert differences() == [
        f"Payment {payment.pk} went another way than the bank, and no second person approved it."
    ]
