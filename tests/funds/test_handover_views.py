"""Pages of cash and proxies: who sees what, forms kept when wrong, acts sent twice."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions as cases
from cases.workflow import Status
from funds.models import HandOver, HandOverReceipt, MoneyPaper
from hardship import worklist
from tests.funds import papers
from tests.funds.pages import body, clock, page, rename
from tests.world import DAY, World

pytestmark = pytest.mark.django_db

CASH = {"way": "CASH", "reason": "没有银行账户。"}
PROXY = {"way": "PROXY_CASH", "reason": "卧床不起。"} | papers.PROXY
ACCOUNT = PROXY | papers.ACCOUNT | {"way": "PROXY_ACCOUNT", "compared": "on"}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def line(world):
    line = papers.cleared(world)
    rename(line.case.applicant)
    return line


def test_cash_from_the_asking_to_the_receipt(world, client, line):
    found = page(world, client, world.cashier, "hand_over_find")
    assert reverse("funds:hand_over_new", args=[line.pk]) in body(found)
    assert "&lt;svg onload" in body(page(world, client, world.cashier, "hand_over_new", line.pk))
    made = page(world, client, world.cashier, "hand_over_new", line.pk, data=CASH)
    again = page(world, client, world.cashier, "hand_over_new", line.pk, data=CASH)
    hand_over = HandOver.objects.get()
    assert made["Location"] == again["Location"] == hand_over.get_absolute_url()

    chair = (world, client, world.company_chair)
    shown = body(page(*chair, "hand_over_detail", hand_over.pk))
    assert reverse("funds:hand_over_decide", args=[hand_over.pk]) in shown
    assert page(*chair, "hand_over_decide", hand_over.pk).status_code == 200
    for _n in range(2):
        done = page(*chair, "hand_over_decide", hand_over.pk, data={"approve": "yes", "words": ""})
        assert done["Location"] == hand_over.get_absolute_url()
    run = world.prepare(line.batch)
    assert "现金" in body(page(world, client, world.accountant, "payment_detail", run.pk))
    world.post(run)

    payment = run.payments.get()
    sign = reverse("funds:receipt_sign", args=[payment.pk])
    assert sign in body(page(world, client, world.cashier, "hand_over_detail", hand_over.pk))
    assert body(page(world, client, world.cashier, "receipt_sign", payment.pk))
    for _n in range(2):
        sent = {"received_on": world.today.isoformat(), "file": papers.picture(3)}
        done = page(world, client, world.cashier, "receipt_sign", payment.pk, data=sent)
        assert done["Location"] == hand_over.get_absolute_url()
    receipt = HandOverReceipt.objects.get()
    assert (receipt.payment, receipt.received_on) == (payment, world.today)
    shown = body(page(world, client, world.auditor, "hand_over_detail", hand_over.pk))
    assert receipt.paper.get_absolute_url() in shown


def test_a_receipt_is_signed_on_the_screen(world, client):
    payment = papers.paid(world)
    drawn = "100,100 600,300;200,50 400,350"
    sent = {"received_on": world.today.isoformat()}
    nothing = page(world, client, world.cashier, "receipt_sign", payment.pk, data=sent)
    assert nothing.status_code == 422

    for _n in range(2):
        page(
            world, client, world.cashier, "receipt_sign", payment.pk,
            data=sent | {"signature": drawn},
        )  # fmt: skip

    assert HandOverReceipt.objects.get().paper.media_type == "image/png"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_receipt_has_a_day_between_the_posting_and_today(world, client, days):
    payment = papers.paid(world)
    sent = {"received_on": (world.today + days * DAY).isoformat(), "file": papers.picture(3)}

    response = page(world, client, world.cashier, "receipt_sign", payment.pk, data=sent)

    assert response.status_code == 422
    assert not MoneyPaper.objects.exists()


def test_another_paper_does_not_pass_as_the_same_receipt(world, client):
    payment = papers.paid(world)
    papers.sign(world, payment)
    sent = {"received_on": world.today.isoformat(), "file": papers.picture(9)}

    assert page(world, client, world.cashier, "receipt_sign", payment.pk).status_code == 403
    response = page(world, client, world.cashier, "receipt_sign", payment.pk, data=sent)
    assert response.status_code == 403
    assert HandOverReceipt.objects.count() == 1


def test_a_proxy_is_paid_after_the_copy_was_put_on_file(world, client, line):
    page(world, client, world.company_officer, "hand_over_new", line.pk, data=ACCOUNT)
    hand_over = papers.decide(world, HandOver.objects.get())
    run = world.prepare(line.batch)
    assert page(world, client, world.accountant, "post", run.pk, data={}).status_code == 403
    args = (world, client, world.cashier, "id_copy", hand_over.pk)
    assert page(*args).status_code == 200
    assert page(*args, data={}).status_code == 422

    for _n in range(2):
        assert page(*args, data={"file": papers.picture(1)}).status_code == 302
    assert page(world, client, world.accountant, "post", run.pk, data={}).status_code == 302

    copy = MoneyPaper.objects.get()
    assert (copy.kind, copy.hand_over) == ("ID_COPY", hand_over)
    payment = run.payments.get()
    assert (payment.account, payment.account_name) == (
        papers.ACCOUNT["account"], papers.PROXY["name"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        CASH | {"reason": ""}, CASH | {"way": ""}, CASH | {"way": "BANK"}, PROXY | {"name": ""},
        PROXY | {"relation": ""}, PROXY | {"relation": "SELF"}, PROXY | {"phone": ""},
        PROXY | {"id_number": "230100197001010011"}, ACCOUNT | {"bank": ""},
        ACCOUNT | {"account": ""}, ACCOUNT | {"account": "12"},
        ACCOUNT | {"account": "6222020200001234568", "compared": ""},
    ],
)  # fmt: skip
def test_what_is_wrong_keeps_what_was_typed(world, client, line, wrong):
    sent = wrong | ({"reason": "很难走动"} if wrong["reason"] else {})

    response = page(world, client, world.cashier, "hand_over_new", line.pk, data=sent)

    assert response.status_code == 422
    assert not wrong["reason"] or "很难走动" in body(response)
    assert not HandOver.objects.exists()


def test_a_refusal_needs_words(world, client, line):
    hand_over = papers.ask(world, line)
    args = (world, client, world.company_chair, "hand_over_decide", hand_over.pk)
    for sent in ({}, {"approve": "no", "words": " "}):
        assert page(*args, data=sent).status_code == 422

    page(*args, data={"approve": "no", "words": "他有账户"})

    hand_over.refresh_from_db()
    assert (hand_over.status, hand_over.decision_words) == ("REFUSED", "他有账户")
    assert "他有账户" in body(page(world, client, world.cashier, "hand_over_detail", hand_over.pk))


def test_an_exception_is_called_off_once(world, client, line):
    hand_over = papers.approved(world, line)
    args = (world, client, world.cashier, "hand_over_call_off", hand_over.pk)
    assert page(*args).status_code == 200

    for _n in range(2):
        assert page(*args, data={})["Location"] == hand_over.get_absolute_url()
    assert page(*args).status_code == 403
    other = page(
        world, client, world.accountant, "hand_over_call_off", hand_over.pk, data={}
    )  # somebody else has not done it
    assert other.status_code == 403


def test_the_signed_sheet_is_put_on_file_page_by_page(world, client):
    case = world.case_in(Status.PAID)
    run = case.payments.get().run
    args = (world, client, world.cashier, "sheet_signed", run.pk)
    assert page(*args).status_code == 200
    assert page(*args, data={}).status_code == 422

    for shade in (1, 1, 2):
        assert page(*args, data={"file": papers.picture(shade)}).status_code == 302

    assert MoneyPaper.objects.filter(run=run, kind="SHEET").count() == 2


def test_what_is_known_of_the_proxy_is_masked_and_not_for_everybody(world, client, line):
    hand_over = papers.ask(world, line, "PROXY_ACCOUNT", reason="重病在床")
    full = (papers.PROXY["id_number"], papers.ACCOUNT["account"])

    for user in (world.cashier, world.accountant, world.company_chair, world.company_officer):
        text = body(page(world, client, user, "hand_over_detail", hand_over.pk))
        assert "重病在床" in text
        assert papers.PROXY["phone"] in text
        assert not any(number in text for number in full)
    masked = body(page(world, client, world.auditor, "hand_over_detail", hand_over.pk))
    for hidden in ("重病在床", papers.PROXY["phone"], papers.PROXY["name"], "svg onload", *full):
        assert hidden not in masked


def test_relatives_are_not_offered_the_decision(world, client, line):
    hand_over = papers.ask(world, line)
    papers.relative(world, world.company_chair, line.case.applicant.id_index)
    address = reverse("funds:hand_over_decide", args=[hand_over.pk])

    shown = body(page(world, client, world.company_chair, "hand_over_detail", hand_over.pk))

    assert address not in shown
    refused = page(world, client, world.company_chair, "hand_over_decide", hand_over.pk)
    assert refused.status_code == 403


def test_the_list_is_narrowed_and_masks_names_for_the_auditor(world, client, line):
    papers.ask(world, line, "PROXY_CASH")
    paid = papers.paid(world).hand_over
    args = (world, client, world.cashier, "hand_over_list")
    for given, numbers in (
        ({}, [paid.number, "2026-领-001"]), ({"state": "ASKED"}, ["2026-领-001"]),
        ({"way": "CASH"}, [paid.number]), ({"missing": "on"}, [paid.number]),
        ({"q": "svg"}, ["2026-领-001"]),
    ):  # fmt: skip
        rows = page(*args, **given).context["page"].rows
        assert [row.number for row in rows] == numbers

    assert "&lt;svg onload" in body(page(*args))
    masked = body(page(world, client, world.auditor, "hand_over_list"))
    book = page(world, client, world.auditor, "hand_over_list", export="xlsx")
    for text in (masked, str(list(load_workbook(io.BytesIO(book.content)).active.values))):
        assert "svg onload" not in text
        assert papers.PROXY["name"] not in text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "number"), [("hand_over_list", 6), ("hand_over_find", 5)])
def test_lists_ask_the_same_number_of_queries(
    world, client, name, number, count, django_assert_num_queries
):
    for _n in range(count):
        papers.cleared(world)
        papers.ask(world, papers.cleared(world))
    with clock(world):
        client.force_login(world.cashier)
        with django_assert_num_queries(number):
            response = client.get(reverse(f"funds:{name}"))
    assert len(response.context["lines" if name == "hand_over_find" else "shown"]) == count


def test_another_company_finds_nothing_here(world, client, line):
    payment = papers.paid(world)
    hand_over, stranger = papers.ask(world, line), World()

    for name, pk in (
        ("hand_over_detail", hand_over.pk), ("hand_over_decide", hand_over.pk),
        ("hand_over_call_off", hand_over.pk), ("id_copy", hand_over.pk), ("hand_over_new", line.pk),
        ("receipt_sign", payment.pk), ("sheet_signed", payment.run_id),
    ):  # fmt: skip
        for user in (stranger.cashier, stranger.company_chair):
            assert page(world, client, user, name, pk).status_code == 404
    assert page(world, client, stranger.cashier, "hand_over_list").context["page"].rows == []
    assert list(page(world, client, stranger.cashier, "hand_over_find").context["lines"]) == []


def test_what_waits_is_on_the_worklists(world):
    def rows(user, on=None):
        day = on or world.today
        tasks = [t for _heading, some in worklist.groups(user.actor(day), day) for t in some]
        return [task.url for task in tasks if "/hand-overs/" in task.url]

    asked = papers.ask(world, papers.cleared(world))
    here = [asked.get_absolute_url()]
    assert [rows(user) for user in (world.company_chair, world.accountant, world.cashier)] == [
        here, here, [],
    ]  # fmt: skip
    papers.decide(world, asked)
    assert rows(world.company_chair) == []
    run = world.prepare(asked.line.batch)
    world.post(run)
    assert rows(world.cashier) == []
    assert rows(world.cashier, world.today + 7 * DAY) == here
    papers.sign(world, run.payments.select_related("run").get())
    assert rows(world.cashier, world.today + 7 * DAY) == []


def test_an_exception_of_a_reopened_case_waits_for_nobody(world):
    case = world.case_in(Status.HELD)
    papers.ask(world, case.batch_lines.get(current=True))
    cases.reopen(
        objection=case.objections.get(), by=world.discipline, at=world.tick(), words="属实"
    )

    found = worklist.groups(world.company_chair.actor(world.today), world.today)
    assert [t.url for _heading, some in found for t in some if "/hand-overs/" in t.url] == []


def test_shares_of_a_payment_stand_on_its_page_and_sheet(world, client):
    payment = papers.paid(world)

    for name in ("payment_detail", "payment_sheet"):
        text = body(page(world, client, world.accountant, name, payment.run_id))
        assert "现金" in text
