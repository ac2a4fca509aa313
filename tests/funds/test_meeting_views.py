"""The pages of meetings: called, attended, recorded, confirmed, printed."""

import io

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cases.codes import Level
from cases.workflow import Status
from funds import actions
from funds.models import Meeting
from tests.world import World

pytestmark = pytest.mark.django_db

# Literal counts: session, user, roles and relatives come first on each page.
DETAIL = 17
MINUTES = 18


@pytest.fixture
def world():
    return World()


@pytest.fixture
def go(client, world):
    """Open or send an address as somebody, at the world's next moment."""

    def go(user, name, *args, data=None, query=""):
        with time_machine.travel(world.tick(), tick=False):
            if user is not None:
                client.force_login(user)
            url = reverse(f"funds:{name}", args=args) + query
            return client.get(url) if data is None else client.post(url, data)

    return go


def listed(world, count=1):
    """A list of recognition cases, not yet locked."""
    return world.batch([world.fresh(world.to_verified(world.household())) for _n in range(count)])


def called(world):
    """An open meeting with nothing on it."""
    return actions.open_meeting(
        company=world.company, held_on=world.today, chair=world.leaders[0], by=world.secretary,
        at=world.tick(),
    )  # fmt: skip


def voted(world, count=1):
    """A list on which everybody has voted; the meeting waits for the secretary."""
    batch = listed(world, count)
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    return meeting, batch


def recorded(world, count=1):
    meeting, batch = voted(world, count)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    meeting.refresh_from_db()
    return meeting, batch


def test_meeting_list_shows_the_meetings_of_the_company(world, go):
    meeting = called(world)
    elsewhere = World(world.tick())

    assert meeting.number in go(world.leaders[0], "meeting_list").text
    assert go(elsewhere.leaders[0], "meeting_list").context["page"].rows == []


def test_meeting_list_is_refused_to_an_employee(world, go):
    assert go(world.employee(), "meeting_list").status_code == 403


def test_meeting_list_asks_strangers_to_sign_in(world, go):
    assert go(None, "meeting_list").status_code == 302


@pytest.mark.parametrize(
    ("query", "count"), [("?status=OPEN", 1), ("?status=CONFIRMED", 0), ("?year=2025", 0)]
)
def test_meeting_list_narrows(world, go, query, count):
    called(world)

    assert len(go(world.secretary, "meeting_list", query=query).context["page"].rows) == count


def test_meeting_list_exports_what_it_shows(world, go):
    meeting = called(world)

    response = go(world.secretary, "meeting_list", query="?export=xlsx")

    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [meeting.number]


@pytest.mark.parametrize("count", [1, 3])
def test_meeting_list_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    for _n in range(count):
        called(world)
    go(world.secretary, "meeting_list")

    with django_assert_num_queries(5):  # session, user, roles, relatives, meetings
        go(None, "meeting_list")


def test_meeting_new_calls_a_meeting_once(world, go):
    data = {"held_on": world.today.isoformat(), "place": "一号", "chair": world.leaders[0].pk}

    first = go(world.secretary, "meeting_new", data=data)
    second = go(world.secretary, "meeting_new", data=data)

    meeting = Meeting.objects.get()
    assert (first.url, second.status_code) == (meeting.get_absolute_url(), 422)
    assert (meeting.chair, meeting.quorum, meeting.members_count) == (world.leaders[0], 3, 3)


def test_meeting_new_offers_only_the_leadership_as_chair(world, go):
    data = {"held_on": world.today.isoformat(), "chair": world.company_chair.pk}

    response = go(world.secretary, "meeting_new", data=data)

    assert response.status_code == 422
    assert response.context["form"].errors["chair"]


def test_meeting_new_is_refused_to_the_leadership(world, go):
    assert go(world.leaders[0], "meeting_new").status_code == 403


def test_meeting_detail_of_another_company_is_not_found(world, go):
    elsewhere = World(world.tick())

    assert go(elsewhere.secretary, "meeting_detail", called(world).pk).status_code == 404


def test_meeting_detail_says_why_nothing_can_be_recorded(world, go):
    response = go(world.secretary, "meeting_detail", called(world).pk)

    assert response.context["why_not_record"] in response.text


def test_meeting_detail_keeps_the_tallies_until_they_are_recorded(world, go):
    meeting, _batch = voted(world)

    before = go(world.leaders[0], "meeting_detail", meeting.pk)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    after = go(world.leaders[0], "meeting_detail", meeting.pk)

    (shown,) = before.context["batches"]
    assert (shown["standing"]["voted"], shown["results"]) == (3, None)
    (result,) = after.context["batches"][0]["results"]["lines"]
    assert (result["tally"].in_favour, result["tally"].outcome) == (3, "APPROVED")


@pytest.mark.parametrize("count", [1, 3])
def test_meeting_detail_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    meeting, _batch = recorded(world, count)
    go(world.leaders[0], "meeting_detail", meeting.pk)

    with django_assert_num_queries(DETAIL):
        go(None, "meeting_detail", meeting.pk)


def test_agenda_takes_a_locked_list(world, go):
    batch = listed(world)
    world.lock(batch)
    meeting = called(world)

    response = go(world.secretary, "agenda", meeting.pk, data={"batch": batch.pk})

    batch.refresh_from_db()
    assert (response.url, batch.meeting) == (meeting.get_absolute_url(), meeting)


def test_agenda_offers_no_list_that_is_not_locked(world, go):
    batch = listed(world)

    response = go(world.secretary, "agenda", called(world).pk, data={"batch": batch.pk})

    assert response.status_code == 422


def test_agenda_is_refused_to_the_officer(world, go):
    assert go(world.company_officer, "agenda", called(world).pk).status_code == 403


def test_attend_records_who_is_there(world, go):
    meeting = called(world)
    there = [world.leaders[0].pk, world.leaders[2].pk]

    go(world.secretary, "attend", meeting.pk, data={"present": there})

    present = meeting.attendances.filter(present=True).order_by("user")
    assert [row.user_id for row in present] == there


def test_attend_offers_the_leadership_alone(world, go):
    response = go(
        world.secretary, "attend", called(world).pk, data={"present": [world.company_chair.pk]}
    )

    assert response.status_code == 422


def test_record_shows_the_tallies_and_writes_them_down(world, go):
    meeting, batch = voted(world)

    shown = go(world.secretary, "record", meeting.pk)
    go(world.secretary, "record", meeting.pk, data={})

    meeting.refresh_from_db()
    assert shown.context["approved_count"] == 1
    assert (meeting.status, meeting.recorded_by) == (Meeting.Status.RECORDED, world.secretary)
    assert batch.lines.get().outcome == "APPROVED"


def test_record_is_refused_while_somebody_has_not_voted(world, go):
    batch = listed(world)
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch, by=world.leaders[:2])

    assert go(world.secretary, "record", meeting.pk).status_code == 403


def test_confirm_asks_for_the_password_then_decides(world, go, client):
    meeting, _batch = recorded(world)

    asked = go(world.leaders[0], "confirm", meeting.pk, data={})
    with time_machine.travel(world.now, tick=False):
        response = client.post(asked.url, {"password": "demo"})

    meeting.refresh_from_db()
    assert asked.url.startswith(reverse("account_reauthenticate"))
    assert response.url == meeting.get_absolute_url()
    assert (meeting.status, meeting.confirmed_by) == (Meeting.Status.CONFIRMED, world.leaders[0])


def test_confirm_sent_twice_is_harmless(world, go, client):
    meeting, _batch = recorded(world)
    actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())

    response = go(world.leaders[0], "confirm", meeting.pk)

    assert response.url == meeting.get_absolute_url()


@pytest.mark.parametrize("who", ["secretary", "company_chair"])
def test_confirm_is_refused_to_who_did_not_chair(world, go, who):
    meeting, _batch = recorded(world)

    assert go(getattr(world, who), "confirm", meeting.pk).status_code == 403


def test_confirm_is_refused_to_another_member(world, go):
    meeting, _batch = recorded(world)

    assert go(world.leaders[1], "confirm", meeting.pk).status_code == 403


def test_confirm_shows_the_total_in_capitals(world, go):
    batch = world.batch([world.fresh(world.case_in(Status.VERIFIED))])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    text = go(world.leaders[0], "confirm", meeting.pk).text

    assert "5,500.00" in text
    assert "人民币伍仟伍佰元整" in text


def test_minutes_print_attendance_votes_and_digest(world, go):
    meeting, batch = recorded(world)

    text = go(world.secretary, "minutes", meeting.pk).text

    assert "党政班子会会议纪要" in text
    assert "应到 3 人，实到 3 人，法定人数 3 人" in text
    assert "草稿" in text
    assert batch.digest in text
    assert 'class="print-page official"' in text


def test_minutes_name_who_stood_back(world, go):
    leader = world.leaders[1]
    user = world.employee(monthly_income_fen=1500_00)
    case = world.household(user)
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case, level=Level.GENERAL)
    leader.person = user.person
    user.person = None
    user.save()
    leader.save()
    batch = world.batch([world.fresh(case)])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    text = go(world.secretary, "minutes", meeting.pk).text

    assert f"{leader.name}回避第 1 项" in text


def test_minutes_are_refused_before_the_record(world, go):
    meeting, _batch = voted(world)

    assert go(world.secretary, "minutes", meeting.pk).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_minutes_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    meeting, _batch = recorded(world, count)
    go(world.secretary, "minutes", meeting.pk)

    with django_assert_num_queries(MINUTES):
        go(None, "minutes", meeting.pk)
