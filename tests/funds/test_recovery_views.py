"""Pages of recoveries: the whole way, forms kept when wrong, acts sent twice, who reads what."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases.workflow import Status
from funds.models import Recovery, RecoveryReceipt, Transfer
from tests.factories import appoint
from tests.funds import bank, papers, recoveries
from tests.funds.pages import CANARY, body, clock, page, rename
from tests.funds.recoveries import AWARD
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def case(world):
    case = world.case_in(Status.PAID)
    rename(case.applicant)
    return world.fresh(case)


def opening(world, fen="5,500"):
    return {
        "reason": "FALSE_FACTS", "words": "支出不真实。", "fund": world.fund.pk, "amount": fen,
    }  # fmt: skip


def yes(world, days=30):
    return {"pursue": "yes", "due_on": (world.today + days * DAY).isoformat(), "minutes": "",
            "words": ""}  # fmt: skip


def sent_twice(world, client, user, name, *args, data):
    """Send one form twice; both lead to the same page, which is returned."""
    answers = [page(world, client, user, name, *args, data=data) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    return answers[0]["Location"]


def test_a_recovery_from_the_case_to_the_last_part(world, client, case):
    officer, chair, cashier = world.company_officer, world.company_chair, world.cashier
    with clock(world):
        client.force_login(officer)
        on_case = client.get(reverse("cases:case_detail", args=[case.pk])).content.decode()
    assert reverse("funds:recovery_new", args=[case.pk]) in on_case
    assert "5,500.00" in body(page(world, client, officer, "recovery_new", case.pk))
    there = sent_twice(world, client, officer, "recovery_new", case.pk, data=opening(world))
    recovery = Recovery.objects.get()
    assert there == recovery.get_absolute_url()

    shown = body(page(world, client, chair, "recovery_detail", recovery.pk))
    assert reverse("funds:recovery_decide", args=[recovery.pk]) in shown
    assert page(world, client, chair, "recovery_decide", recovery.pk).status_code == 200
    sent_twice(world, client, chair, "recovery_decide", recovery.pk, data=yes(world))
    day = {"day": world.today.isoformat()}
    assert page(world, client, officer, "recovery_tell", recovery.pk).status_code == 200
    sent_twice(world, client, officer, "recovery_tell", recovery.pk, data=day)

    part = day | {"amount": "5500"}
    assert "5,500.00" in body(page(world, client, cashier, "recovery_part", recovery.pk))
    sent_twice(world, client, cashier, "recovery_part", recovery.pk, data=part)
    receipt = RecoveryReceipt.objects.get()
    assert page(world, client, world.accountant, "recovery_post", receipt.pk).status_code == 200
    sent_twice(world, client, world.accountant, "recovery_post", receipt.pk, data={})

    recovery.refresh_from_db()
    assert (recovery.status, recovery.told_on) == ("SETTLED", world.today)
    voucher = Transfer.objects.get(kind="RECLAIM").voucher
    assert voucher in body(page(world, client, world.auditor, "recovery_detail", recovery.pk))


@pytest.mark.parametrize(
    "wrong",
    [{"amount": ""}, {"amount": "0"}, {"amount": "5500.01"}, {"words": ""}, {"reason": ""},
     {"fund": "0"}],
)  # fmt: skip
def test_a_wrong_opening_keeps_what_was_typed(world, client, case, wrong):
    sent = opening(world) | {"words": "发票查无此号"} | wrong

    response = page(world, client, world.company_officer, "recovery_new", case.pk, data=sent)

    assert response.status_code == 422
    assert "words" in wrong or "发票查无此号" in body(response)
    assert not Recovery.objects.exists()


def test_a_second_opening_is_another_one(world, client, case):
    args = (world, client, world.company_officer, "recovery_new", case.pk)
    page(*args, data=opening(world, "1000"))
    page(*args, data=opening(world, "4500"))
    assert Recovery.objects.count() == 2

    assert page(*args).status_code == 403
    assert page(*args, data=opening(world, "1")).status_code == 403
    assert Recovery.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"pursue": ""}, {"due_on": ""}, {"due_on": "2020-01-01"}, {"pursue": "no", "words": " "}],
)
def test_a_wrong_decision_is_told(world, client, case, wrong):
    recovery = recoveries.open_(world, case)
    data = yes(world) | wrong

    response = page(world, client, world.company_chair, "recovery_decide", recovery.pk, data=data)

    assert response.status_code == 422
    assert Recovery.objects.get().status == "OPEN"


def test_a_recovery_that_is_not_pursued(world, client, case):
    recovery = recoveries.open_(world, case)
    no = {"pursue": "no", "due_on": "", "minutes": "", "words": "查无实据"}
    sent_twice(world, client, world.company_chair, "recovery_decide", recovery.pk, data=no)

    shown = body(page(world, client, world.company_officer, "recovery_detail", recovery.pk))
    letter = page(world, client, world.company_officer, "recovery_letter", recovery.pk)
    assert "查无实据" in shown
    assert letter.status_code == 403


def test_what_came_back_is_within_what_is_open(world, client, case):
    recovery = recoveries.decided(world, case)
    args = (world, client, world.cashier, "recovery_part", recovery.pk)
    day = world.today.isoformat()
    for wrong in (
        {"amount": "5500.01", "day": day}, {"amount": "", "day": day}, {"amount": "1", "day": ""},
        {"amount": "1", "day": (world.today - DAY).isoformat()},
        {"amount": "1", "day": (world.today + DAY).isoformat()},
    ):  # fmt: skip
        assert page(*args, data=wrong).status_code == 422

    page(*args, data={"amount": "5500", "day": day})
    assert page(*args).status_code == 403
    assert page(*args, data={"amount": "1", "day": day}).status_code == 422
    assert RecoveryReceipt.objects.get().amount_fen == AWARD


def test_a_part_is_struck_out_or_posted_by_one_person(world, client, case):
    recovery = recoveries.decided(world, case)
    struck, posted = recoveries.note(world, recovery, 1_00), recoveries.note(world, recovery, 2_00)
    assert page(world, client, world.cashier, "recovery_strike", struck.pk).status_code == 200
    sent_twice(world, client, world.cashier, "recovery_strike", struck.pk, data={})
    sent_twice(world, client, world.accountant, "recovery_post", posted.pk, data={})

    second = appoint("ACCOUNTANT", world.company)
    for name, row in (("recovery_strike", struck), ("recovery_post", posted),
                      ("recovery_post", struck), ("recovery_strike", posted)):  # fmt: skip
        assert page(world, client, second, name, row.pk).status_code == 403
        assert page(world, client, second, name, row.pk, data={}).status_code == 403


def test_the_rest_is_waived_with_words_and_minutes(world, client, case):
    recovery = recoveries.decided(world, case)
    recoveries.back(world, recovery, 2000_00)
    args = (world, client, world.company_chair, "recovery_waive", recovery.pk)
    assert "3,500.00" in body(page(*args))
    for wrong in ({"words": "", "minutes": "9号"}, {"words": "无力退回", "minutes": ""}):
        assert page(*args, data=wrong).status_code == 422

    sent_twice(*args, data={"words": "无力退回", "minutes": "9号"})

    assert "无力退回" in body(page(*args[:3], "recovery_detail", recovery.pk))


def test_what_was_found_is_read_by_those_who_decide(world, client, case):
    recovery = recoveries.decided(world, case, words="邻居举报有房")

    for user in (world.company_chair, world.company_officer):
        assert "邻居举报有房" in body(page(world, client, user, "recovery_detail", recovery.pk))
    for user in (world.cashier, world.accountant, world.auditor):
        assert "邻居举报有房" not in body(page(world, client, user, "recovery_detail", recovery.pk))
        assert page(world, client, user, "recovery_letter", recovery.pk).status_code == 403


def test_the_letter_says_what_why_by_when_and_where_to(world, client, case):
    account = bank.register(world.company, world.accountant, [world.fund], world.tick())
    recovery = recoveries.decided(world, case, words=CANARY)
    due = recovery.due_on

    text = body(page(world, client, world.company_officer, "recovery_letter", recovery.pk))

    for said in (
        recovery.number, "5,500.00", "伍仟伍佰元整", f"{due.year}年{due.month}月{due.day}日",
        account.account, case.number, "&lt;svg onload=x&gt;",
    ):  # fmt: skip
        assert said in text
    assert (
        page(world, client, World().company_officer, "recovery_letter", recovery.pk).status_code
        == 404
    )


def test_relatives_are_not_offered_the_decision(world, client, case):
    recovery = recoveries.open_(world, case)
    papers.relative(world, world.company_chair, case.applicant.id_index)
    address = reverse("funds:recovery_decide", args=[recovery.pk])

    shown = body(page(world, client, world.company_chair, "recovery_detail", recovery.pk))

    assert address not in shown
    refused = page(world, client, world.company_chair, "recovery_decide", recovery.pk)
    assert refused.status_code == 403


def test_the_list_is_narrowed_and_masks_names_for_the_auditor(world, client, case):
    decided = recoveries.decided(world, case)
    opened = recoveries.open_(world, reason="OVERPAID")
    world.tick(days=40)
    args = (world, client, world.cashier, "recovery_list")
    for given, rows in (
        ({}, [opened, decided]), ({"state": "OPEN"}, [opened]), ({"reason": "OVERPAID"}, [opened]),
        ({"late": "on"}, [decided]), ({"q": decided.number}, [decided]),
    ):  # fmt: skip
        assert page(*args, **given).context["page"].rows == rows

    assert page(*args).context["late_count"] == 1
    assert "&lt;svg onload" in body(page(*args))
    masked = body(page(world, client, world.auditor, "recovery_list"))
    book = page(world, client, world.auditor, "recovery_list", export="xlsx")
    for text in (masked, str(list(load_workbook(io.BytesIO(book.content)).active.values))):
        assert "svg onload" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_number_of_queries(world, client, count, django_assert_num_queries):
    recovery = recoveries.decided(world)
    for n in range(count):
        recoveries.back(world, recovery, 1_00 + n)
    for _n in range(count - 1):
        recoveries.open_(world)
    with clock(world):
        client.force_login(world.cashier)
        with django_assert_num_queries(6):  # session, user, roles, kin; overdue, rows
            client.get(reverse("funds:recovery_list"))
        # session, user, roles, kin; recovery, parts, what is still open, the case
        with django_assert_num_queries(8):
            client.get(recovery.get_absolute_url())


def test_another_company_finds_nothing_here(world, client, case):
    recovery = recoveries.decided(world, case, 1000_00)
    receipt, stranger = recoveries.note(world, recovery, 1_00), World()

    for name, pk in (
        ("recovery_new", case.pk), ("recovery_detail", recovery.pk),
        ("recovery_decide", recovery.pk), ("recovery_tell", recovery.pk),
        ("recovery_part", recovery.pk), ("recovery_waive", recovery.pk),
        ("recovery_letter", recovery.pk), ("recovery_post", receipt.pk),
        ("recovery_strike", receipt.pk),
    ):  # fmt: skip
        for user in (stranger.company_officer, stranger.company_chair, stranger.accountant):
            assert page(world, client, user, name, pk).status_code == 404
    assert page(world, client, stranger.cashier, "recovery_list").context["page"].rows == []
