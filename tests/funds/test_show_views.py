"""Meeting mode on the projector, and the pages on which something is set aside."""

import pytest
import time_machine
from django.urls import reverse

from cases.codes import Level
from funds import actions
from funds.models import Batch, SetAside
from people.actions import register_relative
from tests.world import World

pytestmark = pytest.mark.django_db

# Literal counts: session, user, roles and relatives come first on each page.
SHOW = {"attendance": 8, "agenda": 12, "headline": 22, "item": 21, "page": 21, "result": 12}


@pytest.fixture
def world():
    return World()


@pytest.fixture
def go(client, world):
    """Open or send an address as somebody, at the world's next moment."""

    def go(user, name, *args, data=None, query="", **headers):
        with time_machine.travel(world.tick(), tick=False):
            if user is not None:
                client.force_login(user)
            url = reverse(f"funds:{name}", args=args) + query
            return client.get(url, headers=headers) if data is None else client.post(url, data)

    return go


def deviating(world):
    """A recognition case whose level differs from the assessment: an individual item."""
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case, level=Level.GENERAL)
    return world.fresh(case)


def before(world, singles=1, routine=1):
    """A locked list before an open meeting; returns both."""
    listed = [deviating(world) for _n in range(singles)]
    listed += [world.fresh(world.to_verified(world.household())) for _n in range(routine)]
    batch = world.batch(listed)
    world.lock(batch)
    return world.meeting(batch), batch


def keys(batch):
    """The key of each kind of slide."""
    name, line = f"list-{batch.pk}", batch.lines.filter(single=True).first()
    return {
        "attendance": "attendance", "agenda": "agenda", "headline": name,
        "item": f"{name}-item-{line.pk}", "page": f"{name}-page-1", "result": f"{name}-result",
    }  # fmt: skip


@pytest.mark.parametrize("kind", SHOW)
def test_show_opens_each_slide_without_a_script(world, go, kind):
    meeting, batch = before(world)

    response = go(world.secretary, "show", meeting.pk, query=f"?item={keys(batch)[kind]}")

    assert (response.status_code, response.context["slide"].kind) == (200, kind)


@pytest.mark.parametrize("kind", SHOW)
@pytest.mark.parametrize("count", [1, 3])
def test_show_query_count_does_not_grow(world, go, django_assert_num_queries, kind, count):
    meeting, batch = before(world, count, count)
    query = f"?item={keys(batch)[kind]}"
    go(world.secretary, "show", meeting.pk, query=query)

    with django_assert_num_queries(SHOW[kind]):
        go(None, "show", meeting.pk, query=query)


def test_show_leads_from_slide_to_slide(world, go):
    meeting, batch = before(world)

    response = go(world.secretary, "show", meeting.pk, query=f"?item=list-{batch.pk}")

    before_it, after_it = response.context["before"], response.context["after"]
    assert (before_it.key, after_it.key) == ("agenda", keys(batch)["item"])


def test_show_names_who_stands_back_and_not_why(world, go):
    meeting, batch = before(world)
    line = batch.lines.get(single=True)
    leader = world.leaders[0]
    register_relative(
        name="表亲", relation="SIBLING", id_number=line.case.applicant.id_number, by=leader,
        at=world.tick(),
    )  # fmt: skip

    response = go(world.secretary, "show", meeting.pk, query=f"?item={keys(batch)['item']}")

    ((_row, names),) = response.context["recused"]
    assert names == [leader.name]
    assert "表亲" not in response.text


def test_show_masks_names_for_the_auditor(world, go):
    meeting, batch = before(world)
    name = batch.lines.get(single=True).case.applicant.name
    query = f"?item={keys(batch)['item']}"

    assert name in go(world.secretary, "show", meeting.pk, query=query).text
    assert name not in go(world.auditor, "show", meeting.pk, query=query).text


def test_show_shows_a_script_in_a_name_as_text(world, go):
    meeting, batch = before(world)
    person = batch.lines.get(single=True).case.applicant
    type(person).objects.filter(pk=person.pk).update(name="<svg onload=x>")

    response = go(world.secretary, "show", meeting.pk, query=f"?item={keys(batch)['item']}")

    assert "<svg onload=x>" not in response.text
    assert "&lt;svg onload=x&gt;" in response.text


def test_show_tells_no_result_before_it_is_recorded(world, go):
    meeting, batch = before(world)
    world.vote(batch)
    query = f"?item={keys(batch)['item']}"

    hidden = go(world.secretary, "show", meeting.pk, query=query).context
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    shown = go(world.secretary, "show", meeting.pk, query=query).context

    assert (hidden["tally"], hidden["standing"]["voted"]) == (None, 3)
    assert (shown["tally"]["votes"].in_favour, shown["tally"]["votes"].outcome) == (3, "APPROVED")


def test_show_says_partly_approved_after_the_record(world, go):
    meeting, batch = before(world)
    world.vote(batch, lines={batch.lines.get(single=True).pk: "AGAINST"})
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    result = go(world.secretary, "show", meeting.pk, query=f"?item=list-{batch.pk}-result").context[
        "result"
    ]

    assert (result.partly, result.approved, result.refused, result.count) == (True, 1, 1, 2)


def test_show_says_that_the_quorum_is_lost(world, go):
    meeting, batch = before(world)
    there = {user.pk for user in world.leaders[:2]}
    actions.attend(meeting=meeting, present=there, by=world.secretary, at=world.tick())

    response = go(world.secretary, "show", meeting.pk, query=f"?item=list-{batch.pk}")

    assert response.context["standing"]["why_not"] in response.text
    assert response.context["standing"]["why_not"] != ""


def test_show_renews_its_foot_and_the_page_when_the_meeting_moved(world, go):
    meeting, batch = before(world)
    query = f"?item=list-{batch.pk}"
    state = go(world.secretary, "show", meeting.pk, query=query).context["state"]
    asked = {"query": f"{query}&state={state}", "hx-request": "true"}

    foot = go(None, "show", meeting.pk, **asked)
    world.vote(batch, by=world.leaders[:1])
    voted = go(None, "show", meeting.pk, **asked)
    actions.attend(meeting=meeting, present=set(), by=world.secretary, at=world.tick())
    moved = go(None, "show", meeting.pk, **asked)

    assert (foot.context["standing"]["voted"], voted.context["standing"]["voted"]) == (0, 1)
    assert "<html" not in foot.text
    assert (moved.content, moved.headers["HX-Refresh"]) == (b"", "true")


def test_show_keeps_the_look_that_was_chosen(world, go):
    meeting, _batch = before(world)

    response = go(world.secretary, "show", meeting.pk, query="?look=dark")

    assert "look-dark" in response.text
    assert "?look=dark&amp;item=agenda" in response.text


def test_show_of_another_company_is_not_found(world, go):
    meeting, _batch = before(world)

    assert go(World(world.tick()).secretary, "show", meeting.pk).status_code == 404


# Striking


def test_strike_asks_for_a_reason_and_keeps_what_was_typed(world, go):
    _meeting, batch = before(world)
    line = batch.lines.first()

    shown = go(world.company_chair, "strike", batch.pk, line.pk)
    refused = go(world.company_chair, "strike", batch.pk, line.pk, data={"reason": "略"})

    assert (shown.status_code, refused.status_code) == (200, 422)
    assert refused.context["form"]["reason"].value() == "略"
    assert not SetAside.objects.exists()


def test_strike_strikes_and_twice_is_not_found(world, go):
    meeting, batch = before(world)
    line = batch.lines.order_by("seq").first()
    args = (world.company_chair, "strike", batch.pk, line.pk)

    first = go(*args, data={"reason": "材料待核。"})
    second = go(*args, data={"reason": "材料待核。"})

    batch.refresh_from_db()
    assert (first.url, second.status_code) == (batch.get_absolute_url(), 404)
    assert (batch.version, batch.meeting) == (2, meeting)


@pytest.mark.parametrize("who", ["company_officer", "secretary", "leader"])
def test_strike_is_refused_to_others(world, go, who):
    _meeting, batch = before(world)
    user = world.leaders[0] if who == "leader" else getattr(world, who)

    assert go(user, "strike", batch.pk, batch.lines.first().pk).status_code == 403


def test_struck_line_stands_on_the_pages_with_its_reason(world, go):
    meeting, batch = before(world)
    actions.strike(
        line=batch.lines.order_by("seq").first(), by=world.company_chair, at=world.tick(),
        reason="材料待核。",
    )  # fmt: skip
    world.vote(Batch.objects.get(pk=batch.pk))
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    for name, pk in (("batch_detail", batch.pk), ("meeting_detail", meeting.pk),
                     ("minutes", meeting.pk)):  # fmt: skip
        assert "材料待核。" in go(world.secretary, name, pk).text, name


# Putting off


def test_put_off_takes_a_list_off_the_agenda(world, go):
    meeting, batch = before(world)

    shown = go(world.secretary, "put_off", meeting.pk, batch.pk)
    sent = go(world.secretary, "put_off", meeting.pk, batch.pk, data={"reason": "下次再议。"})
    again = go(world.secretary, "put_off", meeting.pk, batch.pk, data={"reason": "下次再议。"})

    batch.refresh_from_db()
    assert (shown.status_code, sent.url) == (200, meeting.get_absolute_url())
    assert (batch.meeting, again.status_code) == (None, 404)


def test_put_off_names_the_lost_quorum_as_the_reason(world, go):
    meeting, batch = before(world)
    actions.attend(meeting=meeting, present=set(), by=world.secretary, at=world.tick())

    response = go(world.secretary, "put_off", meeting.pk, batch.pk)

    assert response.context["form"]["reason"].value()


def test_put_off_is_refused_to_the_leadership(world, go):
    meeting, batch = before(world)

    assert go(world.leaders[0], "put_off", meeting.pk, batch.pk).status_code == 403
