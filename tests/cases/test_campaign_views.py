"""The yearly re-check of a company: opened, recorded, followed by unit."""

import io

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from cases import actions, tasks
from cases.models import Campaign, Dossier, Recheck
from people.roles import NotAllowed, Role
from tests.conftest import StrictClient
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + 60 * DAY, tick=False)
    return world


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def opened(world, **given):
    given = {
        "company": world.company, "title": "2026年复核", "starts_on": world.today,
        "ends_on": world.today + 60 * DAY, **given,
    }  # fmt: skip
    return tasks.start_campaign(by=world.company_officer, at=world.tick(), **given)


def record(world, row, result, by=None):
    actions.record_rechecks(
        [row], result=result, how="VISIT", by=by or world.officer, at=world.tick()
    )
    row.refresh_from_db()
    return row


PEOPLE = ("stranger", "employee", "informant", "officer", "elsewhere", "company_officer",
          "company_chair", "auditor", "abroad")  # fmt: skip
MATRIX = {
    "campaign_list": (302, 403, 403, 200, 200, 200, 200, 200, 200),
    "campaign_new": (302, 403, 403, 403, 403, 200, 403, 403, 200),
    "campaign_detail": (302, 403, 403, 200, 200, 200, 200, 200, 404),
    "campaign_unchanged": (302, 405, 405, 405, 405, 405, 405, 405, 405),
    "recheck_record": (302, 404, 404, 200, 404, 200, 403, 403, 404),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world):
    world.on_file()
    campaign = opened(world)
    places = {
        "campaign_detail": [campaign.pk], "campaign_unchanged": [campaign.pk],
        "recheck_record": [campaign.rechecks.get().pk],
    }  # fmt: skip
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "employee": lambda: world.employee(),
        "elsewhere": lambda: appoint(Role.UNIT_OFFICER, world.other_unit),
        "abroad": lambda: appoint(Role.COMPANY_OFFICER, UnitFactory(company=True)),
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {name: client.get(url(name, *places.get(name, []))).status_code for name in MATRIX}

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_a_campaign_holds_every_household_on_file(world):
    here = {world.on_file(), world.on_file()}
    world.household()

    answer = signed_in(world.company_officer).post(
        url("campaign_new"),
        {"title": "2026年复核", "starts_on": "2026-05-01", "ends_on": "2026-06-30"},
    )

    campaign = Campaign.objects.get()
    assert answer["Location"] == campaign.get_absolute_url()
    assert {row.dossier for row in campaign.rechecks.all()} == here
    assert campaign.filled_at is not None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ends_on": "2026-04-01"}, "ends_on"),
        ({"starts_on": "2026-04-20"}, "starts_on"),
        ({"title": "2026年复核", "starts_on": "2027-01-01", "ends_on": "2027-02-01"}, "title"),
    ],
)
def test_the_form_says_what_is_wrong(changed, field, world):
    if field != "ends_on":
        opened(world)
    data = {"title": "另一次", "starts_on": "2026-05-01", "ends_on": "2026-06-30"} | changed

    answer = signed_in(world.company_officer).post(url("campaign_new"), data)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_filling_again_adds_nothing(world):
    world.on_file()
    campaign = opened(world)
    tasks.fill_campaign.call(campaign.pk)

    assert campaign.rechecks.count() == 1


def test_many_households_are_filled_in_the_background(world, settings, monkeypatch):
    world.on_file()
    monkeypatch.setattr(tasks, "CAMPAIGN_FROM", 0)
    campaign = opened(world)

    assert campaign.rechecks.count() in (0, 1)  # the worker of the tests may run at once
    tasks.fill_campaign.call(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.rechecks.count() == 1 and campaign.filled_at


def test_unchanged_is_valid_for_another_term_and_leaves_an_event(world):
    dossier = world.on_file()
    row = opened(world).rechecks.get()
    world.tick(days=30)
    record(world, row, "UNCHANGED")

    dossier.refresh_from_db()
    assert (row.result, row.how, row.done_by) == ("UNCHANGED", "VISIT", world.officer)
    assert dossier.review_due_on == world.today.replace(year=world.today.year + 1)
    assert dossier.events.get(act="RECHECK").reason == "UNCHANGED"


def test_the_result_fits_the_facts(world):
    dossier = world.on_file()
    row = opened(world).rechecks.get()
    with translation.override("en"), pytest.raises(NotAllowed, match="were not changed"):
        record(world, row, "CHANGED")
    actions.describe(dossier=dossier, by=world.officer, at=world.tick(), story="变化")
    with translation.override("en"), pytest.raises(NotAllowed, match="record that"):
        record(world, row, "UNCHANGED")

    assert record(world, row, "CHANGED").result == "CHANGED"
    with translation.override("en"), pytest.raises(NotAllowed, match="recorded already"):
        record(world, row, "CHANGED")


def test_to_exit_leads_to_the_proposal_and_is_not_prolonged(world):
    dossier = world.on_file()
    row = opened(world).rechecks.get()

    answer = signed_in(world.officer).post(
        url("recheck_record", row.pk), {"result": "EXIT", "how": "PHONE"}
    )

    assert answer["Location"] == url("exit_propose", dossier.pk)
    due = dossier.review_due_on
    dossier.refresh_from_db()
    row.refresh_from_db()
    assert (row.result, dossier.review_due_on) == ("EXIT", due)


def test_the_single_recheck_leads_into_the_campaign_and_ends_its_row(world):
    dossier = world.on_file()
    row = opened(world).rechecks.get()

    answer = signed_in(world.officer).get(url("dossier_recheck", dossier.pk))
    assert answer["Location"] == url("recheck_record", row.pk)
    actions.recheck([dossier], by=world.officer, at=world.tick())
    row.refresh_from_db()
    assert row.result == "UNCHANGED"


def test_several_are_recorded_at_once_each_with_its_event(world):
    dossiers = [world.on_file() for _n in range(3)]
    campaign = opened(world)
    rows = [str(row.pk) for row in campaign.rechecks.order_by("pk")]
    client = signed_in(world.officer)

    client.post(
        url("campaign_unchanged", campaign.pk), {"rows": rows[:2], "how": "PHONE"}
    )  # fmt: skip

    assert campaign.rechecks.filter(result="UNCHANGED", how="PHONE").count() == 2
    assert [d.events.filter(act="RECHECK").count() for d in dossiers] == [1, 1, 0]
    answer = client.post(url("campaign_unchanged", campaign.pk), {"how": "PHONE"}, follow=True)
    assert answer.context["messages"]


def test_more_than_fifty_at_once_are_refused(world):
    dossier = world.on_file()
    row = opened(world).rechecks.get()

    with translation.override("en"), pytest.raises(NotAllowed, match="at most 50"):
        actions.record_rechecks(
            [row] * 51, result="UNCHANGED", by=world.officer, at=world.tick()
        )  # fmt: skip
    assert not dossier.events.filter(act="RECHECK").exists()


def test_an_officer_sees_and_records_their_own_unit_only(world):
    world.on_file()
    campaign = opened(world)
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)

    page = signed_in(elsewhere).get(url("campaign_detail", campaign.pk))
    assert page.context["units"] == []
    row = str(campaign.rechecks.get().pk)
    signed_in(elsewhere).post(
        url("campaign_unchanged", campaign.pk), {"rows": [row], "how": "PHONE"}
    )
    assert not Recheck.objects.exclude(result="").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_and_counts_by_unit(
    count, world, django_assert_num_queries
):
    for _n in range(count):
        world.on_file()
    campaign = opened(world)
    client = signed_in(world.company_officer)
    client.get(campaign.get_absolute_url())

    with django_assert_num_queries(8):
        page = client.get(campaign.get_absolute_url())

    (unit,) = page.context["units"]
    assert (unit["households"], unit["waiting"], unit["done"]) == (count, count, 0)
    answer = client.get(campaign.get_absolute_url(), {"export": "xlsx"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet.max_row >= count + 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(count, world, django_assert_num_queries):
    for n in range(count):
        given = {"starts_on": world.today + n * 100 * DAY}
        opened(world, title=f"第{n}次", ends_on=given["starts_on"] + DAY, **given)
    client = signed_in(world.auditor)
    client.get(url("campaign_list"))

    with django_assert_num_queries(5):
        page = client.get(url("campaign_list"))

    assert len(page.context["page"]) == count


def test_a_household_that_left_the_file_is_no_longer_waited_for(world):
    dossier = world.on_file()
    campaign = opened(world)
    Dossier.objects.filter(pk=dossier.pk).update(
        status="EXITED", exit_reason="RECOVERED", closed_on=world.today
    )

    page = signed_in(world.officer).get(campaign.get_absolute_url())
    assert page.context["totals"]["waiting"] == 0
