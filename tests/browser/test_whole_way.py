"""In the browser: one emergency grant from first word to account, and every way round it."""

import pytest
from django.core.management import call_command

from cases.codes import Question
from cases.models import Case, CaseDuty, Notice
from cases.workflow import Programme, Status
from funds.models import Batch, Meeting, PaymentRun, Transfer
from people.models import Relation
from tests.browser.test_verify_and_decide import confirm_password

pytestmark = pytest.mark.browser


def is_refused(seat, name, pk):
    """The page of the act answers with a sentence that says why."""
    seat.open(name, pk)
    return bool(seat.refusal())


@pytest.mark.django_db
def test_one_grant_goes_the_whole_way_and_no_shorter_one(sit_down, world, catch_up):
    """The household applies; officer, company, chair, secretary, three leaders, cashier and
    accountant each do their part, ten people in all; at every stage somebody tries to skip a
    step, to take another's, to pay early or to look into another unit's household."""
    dossier = world.on_file()
    budget = world.budget(Programme.EMERGENCY)
    catch_up()
    user = dossier.head.user
    patient = dossier.members.get(relation=Relation.SELF)

    # The household applies
    household = sit_down(user, width=390)
    household.open("cases:apply")
    household.send()
    case = Case.objects.get(applicant=user.person, programme=Programme.EMERGENCY)
    household.open("cases:apply_event", case.pk)
    household.send(
        event="ILLNESS", event_on=world.today.isoformat(), patient=patient.pk, spent_fen="2万",
        reimbursed_fen="8000", asked_fen="1万", reason="住院治疗。",
    )  # fmt: skip
    household.open("cases:apply_declare", case.pk)
    household.send(true_statement=True, may_verify=True, may_publish=True)
    household.open("cases:apply_check", case.pk)
    household.send()
    case.refresh_from_db()
    assert (case.status, case.net_fen) == (Status.SUBMITTED, 12_000_00)

    # No step is skipped, and another unit's household is not there
    officer = sit_down(world.company_officer)
    assert is_refused(officer, "cases:verify", case.pk)
    stranger = sit_down(world.employee())
    stranger.open("cases:case_detail", case.pk)
    assert stranger.status == 404
    stranger.problems.clear()  # the console names the page that is not there

    # The unit reviews; whoever reviewed does not review again, the household never
    unit = sit_down(world.officer)
    unit.open("cases:review", case.pk)
    unit.send(**{f"{q}_answer": "FITS" for q in Question}, words="情况属实。", unrelated=True)
    assert is_refused(unit, "cases:review", case.pk)
    household.open("cases:review", case.pk)
    assert household.refusal()

    # The company assesses and verifies, on the visit and the facts of the file
    officer.open("cases:assess", case.pk)
    officer.send()
    officer.open("cases:verify", case.pk)
    case.refresh_from_db()
    officer.send(proposed=str(case.reference_fen // 100), words="票据齐全。")
    case.refresh_from_db()
    assert case.status == Status.VERIFIED

    # The list, which its author cannot lock and the chair can
    officer.open("funds:batch_new")
    officer.send(title="临时救助", programme="EMERGENCY", budget=budget.pk)
    batch = Batch.objects.get(title="临时救助")
    officer.open("funds:add_lines", batch.pk)
    with officer.page.expect_response(lambda r: "cases=" in r.url):
        officer.fill({"cases": case.pk})
    officer.send()
    assert is_refused(officer, "funds:lock", batch.pk)
    chair = sit_down(world.company_chair)
    chair.open("funds:lock", batch.pk)
    chair.send()

    # The meeting
    secretary = sit_down(world.secretary)
    secretary.open("funds:meeting_new")
    secretary.send(place="会议室", chair=world.leaders[0].pk)
    meeting = Meeting.objects.latest("pk")
    secretary.open("funds:agenda", meeting.pk)
    secretary.send(batch=batch.pk)
    secretary.open("funds:attend", meeting.pk)
    for leader in world.leaders:
        secretary.fill({"present": leader.pk})
    secretary.send()
    assert is_refused(secretary, "funds:record", meeting.pk)
    seats = [sit_down(leader) for leader in world.leaders]
    for seat in seats:
        seat.open("funds:decide", batch.pk)
        if "/reauthenticate/" in seat.path:
            confirm_password(seat)
        seat.send(rest="FOR")
        if "/reauthenticate/" in seat.path:
            confirm_password(seat)
        seat.send()
    secretary.open("funds:record", meeting.pk)
    secretary.send()
    assert is_refused(seats[1], "funds:confirm", meeting.pk)
    seats[0].open("funds:confirm", meeting.pk)
    seats[0].send()
    case.refresh_from_db()
    assert case.status == Status.APPROVED

    # Published; nothing is paid before the period is over
    cashier = sit_down(world.cashier)
    officer.open("funds:publish", batch.pk)
    officer.send()
    assert Notice.objects.filter(lines__case=case).count() == 1
    cashier.open("funds:prepare", batch.pk)
    assert cashier.main.locator('form[method="post"]').count() == 0
    catch_up(days=12)
    call_command("daily")

    # Prepared by one, posted by another, once
    cashier, accountant = sit_down(world.cashier), sit_down(world.accountant)
    assert is_refused(accountant, "funds:prepare", batch.pk)
    cashier.open("funds:prepare", batch.pk)
    cashier.send()
    run = PaymentRun.objects.get()
    assert is_refused(cashier, "funds:post", run.pk)
    accountant.open("funds:post", run.pk)
    accountant.send()
    case.refresh_from_db()
    assert case.status == Status.PAID
    assert Transfer.objects.get(kind="PAY", case=case).amount_fen == case.granted_fen
    people = CaseDuty.objects.filter(case=case).values_list("user", flat=True)
    assert len(set(people)) == len(people) == 8
