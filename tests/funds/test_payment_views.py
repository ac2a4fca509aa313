"""Payment pages: who may open what, nothing paid twice, full numbers only after a purpose."""

import io
from contextlib import contextmanager

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions as cases
from cases.workflow import Programme, Status
from funds import actions
from funds.models import BatchLine, PayeeConfirmation, Payment, PaymentRun, Transfer
from people.actions import change_payee
from people.models import Disclosure, Person
from people.roles import Role
from tests.factories import UnitFactory, UserFactory, appoint
from tests.funds.bank_files import bounce, came_back, check
from tests.world import World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"


@pytest.fixture
def world():
    return World()


@contextmanager
def clock(world):
    with time_machine.travel(world.tick(), tick=False):
        yield


def page(world, client, user, name, *args, data=None, **params):
    """Sign in as `user` and open or send one page of this room, when the world's clock says."""
    with clock(world):
        client.force_login(user)
        url = reverse(f"funds:{name}", args=args)
        return client.get(url, params) if data is None else client.post(url, data)


def ready(world, status=Status.CLEARED):
    """A list of one line whose notice period has ended."""
    case = world.case_in(status)
    return case.batch_lines.get(current=True).batch


def prepared(world):
    return world.prepare(ready(world))


def posted(world):
    return world.post(prepared(world))


def another_account(world, case, by=None):
    """Somebody changes the account after the decision."""
    number = "6222000000000009999"
    return change_payee(
        person=case.applicant, bank="建设银行", branch="道外支行", account_name=case.applicant.name,
        account=number, by=by or world.officer, at=world.tick(),
    )  # fmt: skip


ADDRESSES = {
    # name: (cashier elsewhere, employee, leader, auditor, company officer, cashier, accountant)
    "payment_list": (200, 403, 403, 200, 200, 200, 200),
    "prepare": (404, 404, 403, 403, 403, 200, 403),
    "payment_detail": (404, 404, 404, 200, 200, 200, 200),
    "payment_sheet": (404, 404, 404, 200, 200, 200, 200),
    "bank_file": (404, 404, 404, 200, 200, 200, 200),
    "post": (404, 404, 404, 403, 403, 403, 200),
    "give_up": (404, 404, 404, 403, 403, 200, 403),
    "bounce": (404, 404, 404, 403, 403, 403, 403),
    "confirm_payee": (404, 404, 404, 403, 200, 403, 200),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_address_opens_to_whom_it_should(world, client, name):
    run = prepared(world)
    elsewhere = appoint(Role.CASHIER, UnitFactory(company=True))
    employee = UserFactory(employee=True)
    people = (
        elsewhere, employee, world.leaders[0], world.auditor, world.company_officer,
        world.cashier, world.accountant,
    )  # fmt: skip
    payment = run.payments.get()
    args = {
        "payment_list": (),
        "prepare": (run.batch_id,),
        "bounce": (payment.pk,),
        "confirm_payee": (payment.case.applicant_id,),
    }.get(name, (run.pk,))

    statuses = tuple(page(world, client, user, name, *args).status_code for user in people)
    client.logout()
    stranger = client.get(reverse(f"funds:{name}", args=args))

    assert statuses == ADDRESSES[name]
    assert stranger.status_code == 302


# List


def test_payment_list_shows_what_waits_for_whom(world, client):
    batch = ready(world)
    run = prepared(world)
    back = posted(world).payments.get()
    bounce(world, back)

    response = page(world, client, world.cashier, "payment_list")

    waiting = {b.pk: (b.ready_count, b.ready_fen) for b in response.context["waiting"]}
    assert waiting == {batch.pk: (1, 5500_00), back.run.batch_id: (1, 5500_00)}
    assert list(response.context["prepared"]) == [run]
    assert list(response.context["returned"]) == [back]
    assert len(response.context["page"].rows) == 2


def test_payment_list_forgets_a_return_that_was_paid_again(world, client):
    run = posted(world)
    came_back(world, run.payments.get())
    world.prepare(run.batch)

    response = page(world, client, world.cashier, "payment_list")

    assert list(response.context["returned"]) == []
    assert list(response.context["waiting"]) == []


def test_payment_list_filters_and_exports_what_is_filtered(world, client):
    run = prepared(world)
    posted(world)

    shown = page(world, client, world.auditor, "payment_list", status="PREPARED")
    none = page(world, client, world.auditor, "payment_list", q="2025")
    file = page(world, client, world.auditor, "payment_list", status="PREPARED", export="xlsx")

    assert shown.context["page"].rows == [run]
    assert "empty-none" in none.text
    _header, row = load_workbook(io.BytesIO(file.content)).active.iter_rows(values_only=True)
    assert (row[0], row[4], row[5]) == (run.number, 1, 5500)


@pytest.mark.parametrize("count", [1, 3])
def test_payment_list_query_count_does_not_grow(
    world, client, count, django_assert_num_queries
):  # fmt: skip
    for _n in range(count):
        ready(world)
        prepared(world)
        bounce(world, posted(world).payments.get())
    with clock(world):
        client.force_login(world.cashier)

        with django_assert_num_queries(8):  # session, user, roles, kin; the four parts
            response = client.get(reverse("funds:payment_list"))

    assert len(response.context["page"].rows) == 2 * count


# Prepare


def test_prepare_shows_what_is_ready_and_what_is_not_with_the_reason(world, client):
    assert world.fund
    listed = [world.to_verified(world.emergency()) for _n in range(2)]
    batch = world.batch([world.fresh(case) for case in listed])
    world.decide(batch)
    notice = world.publish(batch)
    held = notice.lines.order_by("seq").last()
    objection = world.object_to(held)
    cases.hold(objection=objection, by=world.discipline, at=world.tick())
    world.clear()

    response = page(world, client, world.cashier, "prepare", batch.pk)

    assert [line.case_id for line in response.context["lines"]] != [held.case_id]
    (line,) = response.context["not_ready"]
    assert (line.case_id, str(line.why)) == (held.case_id, line.why)
    assert response.context["total_fen"] == 5500_00
    assert "人民币伍仟伍佰元整" in response.text


def test_prepare_sent_twice_prepares_once(world, client):
    batch = ready(world)
    seen = page(world, client, world.cashier, "prepare", batch.pk).context["form"]["seen"].value()

    answers = [
        page(world, client, world.cashier, "prepare", batch.pk, data={"seen": seen})
        for _n in range(2)
    ]

    run = PaymentRun.objects.get()
    assert [(a.status_code, a.url) for a in answers] == [(302, run.get_absolute_url())] * 2


def test_prepare_of_what_changed_since_is_refused(world, client):
    batch = ready(world)
    seen = page(world, client, world.cashier, "prepare", batch.pk).context["form"]["seen"].value()
    case = batch.lines.get().case
    another_account(world, case)
    actions.confirm_payee(person=case.applicant, by=world.company_officer, at=world.tick())

    response = page(world, client, world.cashier, "prepare", batch.pk, data={"seen": seen})

    assert response.status_code == 403
    assert not PaymentRun.objects.exists()


def test_prepare_flags_a_changed_account_and_offers_no_button(world, client):
    batch = ready(world)
    case = batch.lines.get().case
    another_account(world, case)

    response = page(world, client, world.cashier, "prepare", batch.pk)

    assert response.context["stopped"]
    assert reverse("funds:confirm_payee", args=[case.applicant_id]) in response.text
    assert "<form" not in response.text.partition("</h1>")[2].partition("</main>")[0]


def test_prepare_flags_a_returned_account_and_offers_no_button_before_the_check(world, client):
    payment = posted(world).payments.get()
    bounce(world, payment)
    batch = payment.run.batch

    stopped = page(world, client, world.cashier, "prepare", batch.pk)
    check(world, payment)
    checked = page(world, client, world.cashier, "prepare", batch.pk)

    assert (stopped.context["stopped"], checked.context["stopped"]) == (True, False)
    attempts = reverse("funds:attempts", args=[payment.line_id])
    assert (attempts in stopped.text, attempts in checked.text) == (True, False)
    assert "<form" not in stopped.text.partition("</h1>")[2].partition("</main>")[0]


def test_prepare_a_list_of_recognitions_is_refused_with_the_reason(world, client):
    dossier = world.on_file()
    batch = dossier.cases.get().batch_lines.get().batch

    response = page(world, client, world.cashier, "prepare", batch.pk)

    assert response.status_code == 403


def test_confirm_payee_lets_the_payment_go_on(world, client):
    batch = ready(world)
    case = batch.lines.get().case
    another_account(world, case)
    person = case.applicant_id
    shown = page(world, client, world.company_officer, "confirm_payee", person)
    data = {"seen": shown.context["form"]["seen"].value(), "compared": "on"}

    unticked = page(
        world, client, world.company_officer, "confirm_payee", person, data={"seen": data["seen"]}
    )
    answers = [
        page(world, client, world.company_officer, "confirm_payee", person, data=data)
        for _n in range(2)
    ]

    assert unticked.status_code == 422
    assert [a.status_code for a in answers] == [302, 302]
    assert PayeeConfirmation.objects.get().by == world.company_officer
    assert not page(world, client, world.cashier, "prepare", batch.pk).context["stopped"]


def test_confirm_payee_by_whoever_changed_it_is_refused(world, client):
    batch = ready(world)
    case = batch.lines.get().case
    another_account(world, case, by=world.company_officer)

    response = page(world, client, world.company_officer, "confirm_payee", case.applicant_id)

    assert response.status_code == 403


def test_confirm_payee_of_another_account_than_seen_is_refused(world, client):
    batch = ready(world)
    case = batch.lines.get().case
    another_account(world, case)
    data = {"seen": "0" * 64, "compared": "on"}

    response = page(
        world, client, world.company_officer, "confirm_payee", case.applicant_id, data=data
    )

    assert response.status_code == 403
    assert not PayeeConfirmation.objects.exists()


# One payment


@pytest.mark.parametrize("name", ["payment_detail", "post", "payment_sheet", "prepare", "bounce"])
def test_no_page_shows_a_full_account_number(world, client, name):
    run = posted(world)
    again = ready(world)
    payment = run.payments.get()
    user = {"prepare": world.cashier}.get(name, world.accountant)
    args = {"prepare": again.pk, "bounce": payment.pk}.get(name, run.pk)

    response = page(world, client, user, name, args)

    other = again.lines.get().case.applicant.account
    assert response.status_code == 200
    assert payment.account not in response.text
    assert other not in response.text


@pytest.mark.parametrize("name", ["payment_detail", "payment_sheet"])
def test_payment_pages_show_markup_in_a_name_inert(world, client, name):
    case = world.case_in(Status.CLEARED)
    type(case.applicant).objects.filter(pk=case.applicant_id).update(name=CANARY)
    run = world.prepare(case.batch_lines.get(current=True).batch)

    response = page(world, client, world.accountant, name, run.pk)

    assert CANARY not in response.text
    assert "&lt;svg onload=x&gt;" in response.text


def several(world, count):
    """One prepared payment of several lines."""
    assert world.fund
    listed = [world.fresh(world.to_verified(world.emergency())) for _n in range(count)]
    batch = world.batch(listed)
    world.decide(batch)
    world.publish(batch)
    world.clear()
    return world.prepare(batch)


@pytest.mark.parametrize("count", [1, 3])
def test_payment_detail_query_count_does_not_grow(world, client, count, django_assert_num_queries):
    run = several(world, count)
    with clock(world):
        client.force_login(world.accountant)

        # session, user, roles, kin; run, lines, cases, sums, changed accounts, proxies without a
        # copy of their ID card
        with django_assert_num_queries(10):
            response = client.get(run.get_absolute_url())

    assert len(response.context["page"].rows) == count


def test_a_long_payment_is_shown_in_pages_and_found_by_name_case_or_place(
    world, client, monkeypatch
):
    monkeypatch.setattr("funds.views.payment.PAGE", 2)
    run = several(world, 3)
    second = run.payments.get(seq=2)

    def seqs(**params):
        shown = page(world, client, world.accountant, "payment_detail", run.pk, **params)
        return [row.seq for row in shown.context["page"].rows]

    first = page(world, client, world.accountant, "payment_detail", run.pk)
    rest = first.context["page"].next_cursor

    assert [row.seq for row in first.context["page"].rows] == [1, 2]
    assert seqs(cursor=rest) == [3]
    assert seqs(q="2") == seqs(q=second.case.number) == [2]
    assert 2 in seqs(q=second.case.applicant.name)
    assert seqs(q="没有") == []


def test_a_payment_is_narrowed_to_what_is_remarkable(world, client):
    given_up = several(world, 3)
    actions.give_up(run=given_up, by=world.cashier, at=world.tick())
    person = given_up.payments.get(seq=1).case.applicant
    another_account(world, given_up.payments.get(seq=1).case)
    actions.confirm_payee(
        person=Person.objects.get(pk=person.pk), by=world.accountant, at=world.tick()
    )
    run = world.post(world.prepare(given_up.batch))
    bounce(world, run.payments.get(seq=2))

    def seqs(kind):
        shown = page(world, client, world.accountant, "payment_detail", run.pk, kind=kind)
        return [row.seq for row in shown.context["page"].rows]

    assert (seqs("CHANGED"), seqs("RETURNED"), seqs("UNSIGNED")) == ([1], [2], [])
    assert seqs("") == [1, 2, 3]


def test_a_long_list_shows_first_what_somebody_must_look_at(world, client, monkeypatch):
    monkeypatch.setattr("funds.views.payment.MOST_SHOWN", 1)
    run = several(world, 3)
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    last = run.batch.lines.order_by("-seq")[0]
    another_account(world, last.case)

    shown = page(world, client, world.cashier, "prepare", run.batch_id)

    assert [line.pk for line in shown.context["shown"]] == [last.pk]
    assert shown.context["more"] == 2
    assert shown.context["total_fen"] == 3 * 5500_00


# Acts


def test_post_shows_both_counts_and_posts_once_when_sent_twice(world, client):
    run = prepared(world)

    shown = page(world, client, world.accountant, "post", run.pk)
    answers = [page(world, client, world.accountant, "post", run.pk, data={}) for _n in range(2)]

    assert (shown.context["count"], shown.context["total_fen"], shown.context["same"]) == (
        1, 5500_00, True,
    )  # fmt: skip
    assert "人民币伍仟伍佰元整" in shown.text
    assert [a.status_code for a in answers] == [302, 302]
    assert Transfer.objects.filter(kind="PAY").count() == 1


def test_post_of_a_payment_that_does_not_add_up_offers_no_button_and_is_refused(world, client):
    run = prepared(world)
    PaymentRun.objects.filter(pk=run.pk).update(total_fen=run.total_fen + 1)

    shown = page(world, client, world.accountant, "post", run.pk)
    sent = page(world, client, world.accountant, "post", run.pk, data={})

    assert not shown.context["same"]
    assert "button-main" not in shown.text
    assert sent.status_code == 403
    assert not Transfer.objects.filter(kind="PAY").exists()


def test_give_up_sent_twice_gives_up_once_and_leaves_the_line_ready(world, client):
    run = prepared(world)

    answers = [page(world, client, world.cashier, "give_up", run.pk, data={}) for _n in range(2)]

    assert [a.status_code for a in answers] == [302, 302]
    assert run.payments.get().status == "VOID"
    assert actions.ready_lines(run.batch).count() == 1


def test_give_up_of_a_posted_payment_is_refused(world, client):
    run = posted(world)

    response = page(world, client, world.cashier, "give_up", run.pk, data={})

    assert response.status_code == 403
    assert run.payments.get().status == "POSTED"


def test_bounce_needs_a_reason_and_returns_once_when_sent_twice(world, client):
    payment = posted(world).payments.get()

    empty = page(world, client, world.accountant, "bounce", payment.pk, data={"reason": " "})
    answers = [
        page(world, client, world.accountant, "bounce", payment.pk, data={"reason": "户名不符"})
        for _n in range(2)
    ]

    assert empty.status_code == 422
    assert [a.status_code for a in answers] == [302, 302]
    assert Transfer.objects.filter(kind="BOUNCE").count() == 1
    assert Payment.objects.get().return_reason == "户名不符"


# Paper


def test_payment_sheet_has_the_last_four_and_the_total_in_capitals(world, client):
    run = prepared(world)
    payment = run.payments.get()

    response = page(world, client, world.auditor, "payment_sheet", run.pk)

    assert f">{payment.account[-4:]}<" in response.text
    assert "大写：人民币伍仟伍佰元整" in response.text
    assert "landscape" in response.text
    assert not Disclosure.objects.exists()


def test_payment_sheet_shows_full_numbers_only_after_a_recorded_purpose(world, client):
    run = prepared(world)
    account = run.payments.get().account

    refused = page(world, client, world.auditor, "payment_sheet", run.pk, data={"purpose": "AUDIT"})
    full = page(world, client, world.cashier, "payment_sheet", run.pk, data={"purpose": "PAYMENT"})

    assert refused.status_code == 403
    assert account in full.text
    assert Disclosure.objects.get().by == world.cashier


def test_payment_sheet_notes_a_second_attempt_and_a_changed_account(world, client):
    run = posted(world)
    bounce(world, run.payments.get())
    case = run.payments.get().case
    another_account(world, case)
    actions.confirm_payee(person=case.applicant, by=world.company_officer, at=world.tick())
    again = world.prepare(run.batch)

    response = page(world, client, world.cashier, "payment_sheet", again.pk)

    assert "补发" in response.text
    assert "账户变更已核验" in response.text
    assert "退票后账户已核实" not in response.text
    assert BatchLine.objects.get(payments=again.payments.get()).case.programme == (
        Programme.EMERGENCY
    )


def test_payment_sheet_notes_an_account_that_was_checked_after_a_return(world, client):
    run = posted(world)
    came_back(world, run.payments.get())
    again = world.prepare(run.batch)

    response = page(world, client, world.cashier, "payment_sheet", again.pk)

    assert "退票后账户已核实" in response.text
    assert "账户变更已核验" not in response.text
