"""The worklist of each role, by deadline, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from cases.workflow import Status
from funds import actions as funds
from hardship import worklist
from people.roles import Role
from tests.factories import appoint
from tests.funds.bank_files import bounce, make, posted, send
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def tasks(user, on):
    groups = worklist.groups(user.actor(on), on)
    return [task.title for _heading, some in groups for task in some]


@pytest.mark.parametrize(
    ("status", "who", "title"),
    [
        (Status.DRAFT, "applicant", "Finish the application of"),
        (Status.RETURNED, "applicant", "Correct the application of"),
        (Status.SUBMITTED, "officer", "Review the application of"),
        (Status.SUBMITTED, "chair", "Review the application of"),
        (Status.REVIEWED, "company_officer", "Visit and verify the household of"),
        (Status.VERIFIED, "company_officer", "Draw up a list for the meeting"),
        (Status.APPROVED, "company_officer", "Publish"),
        (Status.HELD, "discipline", "Answer the objection to case"),
        (Status.CLEARED, "cashier", "Prepare the payment of"),
    ],
)
def test_status_puts_a_task_before_whose_turn_it_is(status, who, title):
    world = World()
    case = world.case_in(status)
    user = world.applicant(case) if who == "applicant" else getattr(world, who)

    found = tasks(user, world.today)

    assert [task for task in found if task.startswith(title)] != []


def test_batch_waits_for_the_chair_then_the_secretary_then_the_leaders(client):
    world = World()
    batch = world.batch([world.case_in(Status.VERIFIED)])
    assert tasks(world.company_chair, world.today) == ["Check and lock “示例名单”"]
    world.lock(batch)
    assert tasks(world.secretary, world.today) == ["Put “示例名单” on the agenda of a meeting"]
    world.meeting(batch)
    client.force_login(world.leaders[1])
    page = client.get(reverse("home"))
    assert list(page.context["ballots"]) == [batch]
    assert reverse("funds:decide", args=[batch.pk]) in page.text


def test_posted_payment_waits_for_its_file_then_for_the_answer_of_the_bank():
    world = World()
    run = posted(world)
    assert tasks(world.cashier, world.today) == [f"Hand the file of {run.number} to the bank"]
    assert tasks(world.accountant, world.today) == []
    later = world.today + worklist.LATELY
    assert tasks(world.cashier, later) == []

    send(world, make(world, run))

    answer = f"Import the answer of the bank for {run.number}"
    assert tasks(world.cashier, world.today) == []
    assert tasks(world.accountant, world.today) == [answer]


def test_returned_payment_waits_for_a_check_of_the_account():
    world = World()
    run = posted(world)
    send(world, make(world, run))
    payment = bounce(world, run.payments.get())
    name = payment.case.applicant.name
    title = f"Check the account of {name}, which the bank returned"
    assert title in tasks(world.accountant, world.today)
    assert title in tasks(world.company_officer, world.today)
    assert title not in tasks(world.cashier, world.today)

    funds.check_payee(
        payment=payment, words="已核对户名。", seen=payment.account_index,
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    assert title not in tasks(world.accountant, world.today)


def test_overdue_tasks_come_first_and_are_marked():
    world = World()
    world.case_in(Status.SUBMITTED)
    late = world.today + timedelta(days=30)

    (heading, found), *_rest = worklist.groups(world.officer.actor(late), late)

    assert heading == "Overdue"
    assert found[0].kind == "attention"


def test_officer_of_another_unit_sees_nothing():
    world = World()
    world.case_in(Status.SUBMITTED)
    other = World()

    assert tasks(other.officer, world.today) == []


def test_who_entered_a_case_is_not_asked_to_review_it():
    world = World()
    case = world.case_in(Status.SUBMITTED)
    case.duties.model.objects.bulk_create(
        [case.duties.model(case=case, user=world.officer, duty="ENTER", at=world.now)]
    )

    assert tasks(world.officer, world.today) == []


@pytest.mark.parametrize("count", [1, 3])
def test_worklist_query_count_does_not_grow(client, django_assert_num_queries, count):
    world = World()
    for _n in range(count):
        world.submit(world.household())
    client.force_login(world.officer)

    with django_assert_num_queries(17):  # session, user, hats, kin; one for each source
        response = client.get(reverse("home"))

    assert response.status_code == 200


def test_home_shows_strangers_the_public_notices(client):
    response = client.get(reverse("home"))

    assert response.status_code == 200
    assert response.templates[0].name == "cases/notice_list.html"


def test_healthz_says_how_old_the_last_seal_is(client):
    assert client.get(reverse("healthz")).json() == {
        "alive": True, "database": True, "last_seal_age_s": None, "money_read_only_since": None,
    }  # fmt: skip


def test_leader_reads_for_a_month_what_was_decided_without_them():
    world = World()
    world.leaders += [appoint(Role.LEADER, world.company) for _n in range(2)]
    batch = world.batch([world.fresh(world.to_verified(world.household()))])
    world.lock(batch)
    meeting = world.meeting(batch, present=world.leaders[:4])
    world.vote(batch, by=world.leaders[:4])
    funds.record(meeting=meeting, by=world.secretary, at=world.tick())
    open_yet = tasks(world.leaders[4], world.today)
    funds.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())

    def told(user, on):
        return [t for t in tasks(user, on) if t.startswith("Decided without you")]

    assert open_yet == []
    assert told(world.leaders[4], world.today) == [f"Decided without you: meeting {meeting.number}"]
    assert told(world.leaders[1], world.today) == []
    assert told(world.leaders[4], world.today + timedelta(days=31)) == []


def test_leader_who_left_early_reads_it_too():
    world = World()
    world.leaders += [appoint(Role.LEADER, world.company) for _n in range(2)]
    batch = world.batch([world.fresh(world.to_verified(world.household()))])
    world.lock(batch)
    meeting = world.meeting(batch, present=world.leaders)
    world.vote(batch)
    there = {user.pk for user in world.leaders[:4]}
    funds.attend(meeting=meeting, present=there, by=world.secretary, at=world.tick())
    funds.record(meeting=meeting, by=world.secretary, at=world.tick())
    funds.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())

    assert tasks(world.leaders[4], world.today) == [
        f"Decided without you: meeting {meeting.number}"]  # fmt: skip
