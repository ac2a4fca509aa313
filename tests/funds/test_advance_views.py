"""Pages of advances: who sees what, forms kept when wrong, acts sent twice, the bank's file."""

import io
from contextlib import contextmanager

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cases.workflow import Programme, Status
from funds import actions
from funds.models import Advance, Transfer
from hardship import worklist
from people.models import Disclosure
from tests.funds import bank_files
from tests.world import DAY, World

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
    with clock(world):
        client.force_login(user)
        url = reverse(f"funds:{name}", args=args)
        return client.get(url, params) if data is None else client.post(url, data)


@pytest.fixture
def case(world):
    case = world.case_in(Status.SUBMITTED)
    type(case.applicant).objects.filter(pk=case.applicant_id).update(name=CANARY)
    return world.fresh(case)


def body(response):
    text = response.content.decode()
    assert CANARY not in text
    return text


def test_an_advance_from_the_case_to_the_payment(world, client, case):
    account = world.budget(Programme.EMERGENCY)
    sent = {"amount": "1,500", "account": account.pk, "reason": "等待手术。"}
    form = page(world, client, world.company_chair, "advance_new", case.pk)
    made = page(world, client, world.company_chair, "advance_new", case.pk, data=sent)
    repeated = page(world, client, world.company_chair, "advance_new", case.pk, data=sent)
    advance = Advance.objects.get()

    assert "2,000.00" in body(form)
    assert made["Location"] == repeated["Location"] == advance.get_absolute_url()
    assert advance.amount_fen == 1500_00
    acts = (("prepare", world.cashier), ("post", world.accountant))
    for name, user in acts:
        shown = body(page(world, client, user, "advance_detail", advance.pk))
        assert reverse(f"funds:advance_{name}", args=[advance.pk]) in shown
        assert "1,500.00" in body(page(world, client, user, f"advance_{name}", advance.pk))
        for _n in range(2):
            done = page(world, client, user, f"advance_{name}", advance.pk, data={})
            assert done.status_code == 302
    assert Transfer.objects.filter(kind="ADVANCE").count() == 1


@pytest.mark.parametrize(
    "sent", [{"amount": "2000.01"}, {"amount": ""}, {"reason": ""}, {"account": ""}]
)
def test_a_wrong_decision_keeps_what_was_typed(world, client, case, sent):
    account = world.budget(Programme.EMERGENCY)
    data = {"amount": "900", "account": account.pk, "reason": "很急"} | sent

    response = page(world, client, world.company_chair, "advance_new", case.pk, data=data)

    assert response.status_code == 422
    assert data["reason"] in body(response)
    assert not Advance.objects.exists()


def test_more_than_the_budget_has_is_said_on_the_form(world, client, case):
    account = world.budget(Programme.EMERGENCY)
    world.take_back(account, account.balance_fen - 100_00)
    data = {"amount": "900", "account": account.pk, "reason": "很急"}

    response = page(world, client, world.company_chair, "advance_new", case.pk, data=data)

    assert response.status_code == 422


def test_the_case_leads_the_chair_to_the_advance(world, client, case):
    url = reverse("cases:case_detail", args=[case.pk])
    there = reverse("funds:advance_new", args=[case.pk])
    shown = []
    for user in (world.company_chair, world.company_officer):
        with clock(world):
            client.force_login(user)
            shown.append(there in client.get(url).content.decode())

    assert shown == [True, False]


def test_the_reason_is_read_by_those_who_decide(world, client, case):
    advance = world.decide_advance(case, reason="肿瘤手术")

    readers = (world.company_chair, world.company_officer, world.secretary, world.leaders[0])
    for user in readers:
        assert "肿瘤手术" in body(page(world, client, user, "advance_detail", advance.pk))
    for user in (world.cashier, world.accountant, world.auditor):
        assert "肿瘤手术" not in body(page(world, client, user, "advance_detail", advance.pk))


def test_void_needs_a_reason(world, client, case):
    advance = world.decide_advance(case)
    chair = world.company_chair
    assert page(world, client, chair, "advance_void", advance.pk, data={}).status_code == 422

    page(world, client, chair, "advance_void", advance.pk, data={"reason": "不需要了"})

    assert Advance.objects.get().ending_reason == "不需要了"
    assert "不需要了" in body(page(world, client, chair, "advance_detail", advance.pk))


def test_paid_back_by_two_pages(world, client, case):
    advance = world.advance(case)
    day = {"came_back_on": (world.today + DAY).isoformat()}
    wrong = page(world, client, world.cashier, "advance_recovery", advance.pk, data=day)
    assert wrong.status_code == 422
    day = {"came_back_on": world.today.isoformat()}
    page(world, client, world.cashier, "advance_recovery", advance.pk, data=day)

    assert page(world, client, world.accountant, "advance_recover", advance.pk).status_code == 200
    page(world, client, world.accountant, "advance_recover", advance.pk, data={})

    assert Advance.objects.get().ending == "RECOVERED"


def test_the_file_for_the_bank_after_a_purpose(world, client, case):
    advance = world.decide_advance(case)
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    args = (world, client, world.cashier, "advance_file", advance.pk)
    assert page(*args, data={}).status_code == 422
    assert not Disclosure.objects.exists()

    response = page(*args, data={"purpose": "PAYMENT"})

    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert rows[-1][1] == advance.payee_account
    assert rows[-1][5] == "2000.00"
    assert Disclosure.objects.get().subject_pk == case.pk


def test_the_bank_is_told_the_grant_less_the_advance(world, client, case):
    from tests.funds.test_advance_actions import onward  # noqa: PLC0415

    world.advance(case)
    batch = onward(world, case)
    prepare = body(page(world, client, world.cashier, "prepare", batch.pk))
    run = world.post(world.prepare(batch))
    bank_files.make(world, run)

    assert "2,000.00" in prepare
    for name in ("payment_detail", "payment_sheet", "bank_file"):
        assert "3,500.00" in body(page(world, client, world.cashier, name, run.pk))
    sent = {"purpose": "PAYMENT"}
    response = page(world, client, world.cashier, "bank_file", run.pk, data=sent)
    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert rows[-1][5] == "3500.00"


def test_nothing_to_tell_the_bank_is_no_file(world, client, case):
    from tests.funds.test_advance_actions import onward  # noqa: PLC0415

    world.advance(case, 1000_00)
    run = world.post(world.prepare(onward(world, case, fen=1000_00)))

    shown = page(world, client, world.cashier, "bank_file", run.pk)
    made = page(world, client, world.cashier, "bank_file_make", run.pk, data={"format": "GENERAL"})

    told = shown.context["told"]
    assert (told["count"], told["fen"], shown.context["make_form"]) == (0, 0, None)
    assert (made.status_code, run.files.count()) == (403, 0)
    assert "1,000.00" in body(page(world, client, world.cashier, "payment_sheet", run.pk))


def test_the_meeting_ratifies_on_its_page_and_in_its_minutes(world, client, case):
    advance = world.advance(case)
    meeting = actions.open_meeting(
        company=world.company, held_on=world.today, chair=world.leaders[0], by=world.secretary,
        at=world.tick(),
    )  # fmt: skip
    actions.attend(
        meeting=meeting, present={u.pk for u in world.leaders}, by=world.secretary,
        at=world.tick(),
    )  # fmt: skip
    shown = body(page(world, client, world.secretary, "meeting_detail", meeting.pk))
    wrong = page(world, client, world.secretary, "ratify", meeting.pk, data={})
    page(
        world, client, world.secretary, "ratify", meeting.pk,
        data={f"advance-{advance.pk}": "no"},
    )  # fmt: skip
    page(world, client, world.secretary, "record", meeting.pk, data={})

    assert advance.number in shown
    assert wrong.status_code == 422
    minutes = body(page(world, client, world.secretary, "minutes", meeting.pk))
    assert "先行救助追认" in minutes
    assert "不予追认" in minutes


def test_the_list_is_narrowed_and_masks_names_for_the_auditor(world, client, case):
    advance = world.advance(case)
    late = {"late": "on"}
    world.tick(days=40)

    assert advance.number in body(page(world, client, world.cashier, "advance_list", **late))
    for state, there in (("RUNNING", True), ("BACK", False), ("ENDED", False), ("DECIDED", False)):
        shown = body(page(world, client, world.cashier, "advance_list", state=state))
        assert (advance.get_absolute_url() in shown) is there
    assert "&lt;svg onload" in body(page(world, client, world.cashier, "advance_list"))
    assert "svg onload" not in body(page(world, client, world.auditor, "advance_list"))
    book = page(world, client, world.auditor, "advance_list", export="xlsx")
    assert book.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_queries(world, client, count, django_assert_num_queries):
    for _n in range(count):
        world.decide_advance(world.case_in(Status.SUBMITTED))
    with clock(world):
        client.force_login(world.cashier)
        # session, user, roles, kin; to be paid back, advances, the filter's budgets
        with django_assert_num_queries(7):
            client.get(reverse("funds:advance_list"))


def test_what_waits_is_on_the_worklists(world, case):
    def rows(user, on=None):
        day = on or world.today
        tasks = [t for _heading, some in worklist.groups(user.actor(day), day) for t in some]
        return [task.url for task in tasks if "/advances/" in task.url]

    advance = world.decide_advance(case)
    here = [advance.get_absolute_url()]
    assert (rows(world.cashier), rows(world.accountant)) == (here, [])
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    assert (rows(world.cashier), rows(world.accountant)) == ([], here)
    actions.post_advance(advance=advance, by=world.accountant, at=world.tick())
    assert (rows(world.accountant), rows(world.company_officer)) == ([], [])
    assert rows(world.company_officer, advance.due_on + DAY) == here
    actions.note_recovery(
        advance=advance, came_back_on=world.today, by=world.cashier, at=world.tick()
    )
    assert rows(world.accountant) == here
