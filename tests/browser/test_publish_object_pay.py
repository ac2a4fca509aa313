"""In the browser: the notice, an objection, the payment at most once."""

import pytest
from django.core.management import call_command
from django.utils.translation import override

from cases.models import Clearance, Notice, Objection
from cases.workflow import Status
from funds import actions as funds
from funds.models import Payment, PaymentRun, Transfer

pytestmark = pytest.mark.browser


@pytest.mark.django_db
def test_a_grant_is_published_objected_to_and_paid_once(sit_down, world, catch_up):
    """The officer publishes; a stranger objects; nothing is paid while the objection is handled
    and the notice runs; then the cashier prepares and the accountant posts, twice, and it is
    paid once; the ledger and the household show it."""
    case = world.case_in(Status.APPROVED)
    batch = case.batch_lines.get().batch
    catch_up()

    # The officer publishes
    officer = sit_down(world.company_officer)
    officer.open("home")
    officer.to("funds:publish", batch.pk)
    officer.send()
    notice = Notice.objects.latest("pk")
    officer.to("cases:notice_detail", notice.code)

    # A stranger reads a masked name and objects
    stranger = sit_down()
    stranger.open("home")
    stranger.to("cases:notice_detail", notice.code)
    assert case.applicant.name not in stranger.main.inner_text()
    stranger.to("cases:notice_object", notice.code)
    stranger.send(line=1, signed="no", facts="据我所知，这家有两套房。")
    objection = Objection.objects.get()
    assert objection.code in stranger.main.inner_text().replace("-", "")

    # Nothing can be paid, and the page says why
    cashier = sit_down(world.cashier)
    cashier.open("funds:prepare", batch.pk)
    line = funds.unready_lines(batch).get()
    with override("zh-hans"):
        assert str(funds.why_not_ready(line)) in cashier.main.inner_text()
    assert cashier.main.locator('form[method="post"]').count() == 0

    # The discipline inspection takes the objection up and dismisses it with an answer
    discipline = sit_down(world.discipline)
    discipline.open("home")
    discipline.to("cases:objection_detail", objection.pk)
    discipline.to("cases:hold", objection.pk)
    discipline.send()
    case.refresh_from_db()
    assert case.status == Status.HELD
    cashier.open("funds:prepare", batch.pk)
    line = funds.unready_lines(batch).get()
    with override("zh-hans"):
        assert str(funds.why_not_ready(line)) in cashier.main.inner_text()
    discipline.to("cases:release", objection.pk)
    discipline.send(words="经查，该户仅有一套住房。")

    # The period passes, the morning comes
    catch_up(days=12)
    call_command("daily")
    assert Clearance.objects.filter(case=case).exists()

    # The cashier prepares and cannot post what they prepared
    cashier = sit_down(world.cashier)
    cashier.open("home")
    cashier.to("funds:prepare", batch.pk)
    cashier.send()
    run = PaymentRun.objects.get()
    assert cashier.path == run.get_absolute_url()
    cashier.open("funds:post", run.pk)
    with override("zh-hans"):
        why = str(funds.why_not_post(run, world.cashier.actor(world.today)))
    assert cashier.refusal() == why

    # The accountant presses twice, here and in a second tab
    accountant = sit_down(world.accountant)
    accountant.open("home")
    accountant.to("funds:payment_detail", run.pk)
    accountant.to("funds:post", run.pk)
    tab = accountant.again()
    tab.open("funds:post", run.pk)
    with accountant.page.expect_navigation():
        accountant.main.locator('form[method="post"] button').first.dblclick()
    assert accountant.path == run.get_absolute_url()
    tab.send()
    assert tab.path == run.get_absolute_url()
    assert Payment.objects.get(case=case).status == Payment.Status.POSTED
    assert Transfer.objects.filter(kind="PAY").count() == 1

    # The ledger and the household show it
    accountant.open("funds:ledger", world.fund.pk)
    assert "5,500.00" in accountant.main.inner_text()
    household = sit_down(case.applicant.user)
    household.open("cases:my")
    with override("zh-hans"):
        assert str(Status.PAID.label) in household.main.inner_text()
