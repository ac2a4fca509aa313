"""The pages of lists: who may open them, what they do, what they show, how many queries."""

import io

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from cases.codes import Level
from cases.models import Notice
from cases.workflow import Programme, Status
from funds import actions, lists
from funds.models import Batch, Vote
from funds.views import batch as views
from people.actions import register_relative
from tests.factories import UserFactory
from tests.world import World

pytestmark = pytest.mark.django_db

# Literal counts: session, user, roles and relatives come first on each page.
DETAIL = 13
BUILDER = 28
DECIDE = 20


@pytest.fixture
def world():
    return World()


@pytest.fixture
def go(client, world):
    """Open or send an address as somebody, at the world's next moment."""

    def go(user, name, *args, data=None, query="", follow=False):
        with time_machine.travel(world.tick(), tick=False):
            if user is not None:
                client.force_login(user)
            url = reverse(f"funds:{name}", args=args) + query
            if data is None:
                return client.get(url, follow=follow)
            return client.post(url, data, follow=follow)

    return go


@pytest.fixture
def reauthenticated(client, world):
    """Sign in and give the password again, as the leaders' page asks before it takes a vote."""

    def reauthenticated(user):
        with time_machine.travel(world.now, tick=False):
            client.force_login(user)
            client.post(reverse("account_reauthenticate"), {"password": "demo"})

    return reauthenticated


def verified(world, count=1):
    return [world.fresh(world.case_in(Status.VERIFIED)) for _n in range(count)]


def recognised(world, count=1):
    return [world.fresh(world.to_verified(world.household())) for _n in range(count)]


def deviating(world):
    """A recognition case whose level differs from the assessment: an individual item."""
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case, level=Level.GENERAL)
    return [world.fresh(case)]


def locked(world, count=1, listed=None):
    """A list locked and before a meeting where everybody is present."""
    batch = world.batch(listed or verified(world, count))
    world.lock(batch)
    world.meeting(batch)
    return batch


# The list of lists


def test_batch_list_shows_the_lists_of_the_company(world, go):
    batch = world.batch(recognised(world))

    response = go(world.secretary, "batch_list")

    assert response.status_code == 200
    assert batch.number in response.text


def test_batch_list_is_refused_to_an_employee(world, go):
    assert go(world.employee(), "batch_list").status_code == 403


def test_batch_list_asks_strangers_to_sign_in(world, go):
    assert go(None, "batch_list").status_code == 302


def test_batch_list_narrows_by_status(world, go):
    batch = world.batch(recognised(world))

    response = go(world.secretary, "batch_list", query="?status=DECIDED")

    assert batch.number not in response.text


def test_batch_list_exports_what_it_shows(world, go):
    batch = world.batch(recognised(world))

    response = go(world.company_officer, "batch_list", query="?export=xlsx")

    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [batch.number]


@pytest.mark.parametrize("count", [1, 3])
def test_batch_list_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    for n in range(count):
        actions.create_batch(
            company=world.company, title=f"名单{n}", programme=Programme.EMERGENCY,
            budget=world.budget(Programme.EMERGENCY), by=world.company_officer, at=world.tick(),
        )  # fmt: skip
    go(world.secretary, "batch_list")

    with django_assert_num_queries(5):  # session, user, roles, relatives, lists
        go(None, "batch_list")


# Beginning one


def test_batch_new_makes_a_list_with_its_budget(world, go):
    budget = world.budget(Programme.EMERGENCY)
    data = {"title": "三月临时救助", "programme": "EMERGENCY", "budget": budget.pk}

    response = go(world.company_officer, "batch_new", data=data)

    batch = Batch.objects.get()
    assert response.url == batch.get_absolute_url()
    assert (batch.title, batch.budget, batch.built_by) == (
        "三月临时救助",
        budget,
        world.company_officer,
    )


def test_batch_new_sent_twice_makes_one_list(world, go):
    data = {"title": "建档名单", "programme": "RECOGNITION"}
    go(world.company_officer, "batch_new", data=data)

    response = go(world.company_officer, "batch_new", data=data)

    assert (response.status_code, Batch.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    ("programme", "field"), [("EMERGENCY", "budget"), ("REGULAR", "budget"), ("REGULAR", "round")]
)
def test_batch_new_asks_for_what_the_programme_needs(world, go, programme, field):
    response = go(
        world.company_officer, "batch_new", data={"title": "名单", "programme": programme}
    )

    assert response.status_code == 422
    assert response.context["form"].errors[field]


def test_batch_new_refuses_the_budget_of_another_programme(world, go):
    budget = world.budget(Programme.REGULAR)
    data = {"title": "名单", "programme": "EMERGENCY", "budget": budget.pk}

    response = go(world.company_officer, "batch_new", data=data)

    assert (response.status_code, Batch.objects.count()) == (422, 0)


def test_batch_new_is_refused_to_the_chair(world, go):
    assert go(world.company_chair, "batch_new").status_code == 403


# Putting cases on it


def test_add_lines_puts_the_ticked_cases_on_the_list(world, go):
    first, second = recognised(world, 2)
    batch = world.batch([], Programme.RECOGNITION)

    response = go(world.company_officer, "add_lines", batch.pk, data={"cases": [first.pk]})

    assert response.url == batch.get_absolute_url()
    assert [line.case_id for line in batch.lines.all()] == [first.pk]
    assert second.pk in [case.pk for case in actions.candidates(batch)]


def test_add_lines_with_all_takes_what_the_filters_leave(world, go):
    first, second = recognised(world, 2)
    batch = world.batch([], Programme.RECOGNITION)

    go(world.company_officer, "add_lines", batch.pk, data={"all": "1"}, query=f"?q={first.number}")

    assert [line.case_id for line in batch.lines.all()] == [first.pk]


def test_add_lines_without_a_tick_is_told_so(world, go):
    recognised(world)
    batch = world.batch([], Programme.RECOGNITION)

    response = go(world.company_officer, "add_lines", batch.pk, data={})

    assert response.status_code == 422
    assert response.context["form"].errors["cases"]


def test_add_lines_works_out_the_totals_for_htmx(world, client):
    case = verified(world)[0]
    batch = world.batch([], Programme.EMERGENCY)
    client.force_login(world.company_officer)

    with time_machine.travel(world.tick(), tick=False):
        url = reverse("funds:add_lines", args=[batch.pk])
        response = client.get(url, {"cases": [case.pk]}, headers={"HX-Request": "true"})

    assert "<html" not in response.text
    assert "5,500.00" in response.text
    assert "194,500.00" in response.text


def test_add_lines_is_refused_on_a_locked_list(world, go):
    batch = world.batch(recognised(world))
    world.lock(batch)

    assert go(world.company_officer, "add_lines", batch.pk).status_code == 403


def test_remove_line_takes_the_case_off(world, go):
    batch = world.batch(recognised(world))
    line = batch.lines.get()

    response = go(world.company_officer, "remove_line", batch.pk, line.pk, data={})
    again = go(world.company_officer, "remove_line", batch.pk, line.pk, data={})

    assert (response.status_code, again.status_code) == (302, 404)
    assert not batch.lines.exists()


# The page of a list


@pytest.mark.parametrize("who", ["company_officer", "company_chair", "secretary", "auditor"])
def test_batch_detail_opens_for_those_who_read_money(world, go, who):
    batch = world.batch(recognised(world))

    assert go(getattr(world, who), "batch_detail", batch.pk).status_code == 200


def test_batch_detail_of_another_company_is_not_found(world, go):
    batch = world.batch(recognised(world))
    elsewhere = World(world.tick())

    assert go(elsewhere.company_officer, "batch_detail", batch.pk).status_code == 404


def test_batch_detail_masks_names_for_the_auditor(world, go):
    (case,) = recognised(world)
    case.applicant.name = "赵钱孙李"
    case.applicant.save()
    batch = world.batch([case])

    seen_by_officer = go(world.company_officer, "batch_detail", batch.pk).text
    seen_by_auditor = go(world.auditor, "batch_detail", batch.pk).text

    assert "赵钱孙李" in seen_by_officer
    assert "赵钱孙李" not in seen_by_auditor
    assert "赵**李" in seen_by_auditor


def test_batch_detail_shows_a_script_in_a_name_as_text(world, go):
    (case,) = recognised(world)
    case.applicant.name = "<svg onload=x>"
    case.applicant.save()
    batch = world.batch([case])

    text = go(world.company_officer, "batch_detail", batch.pk).text

    assert "<svg onload=x>" not in text
    assert "&lt;svg onload=x&gt;" in text


def test_batch_detail_shows_the_checks_while_it_is_drawn_up(world, go):
    batch = world.batch([], Programme.RECOGNITION)

    response = go(world.company_officer, "batch_detail", batch.pk)

    assert [check["result"] for check in response.context["checks"]] == ["stop", "ok", "ok", "ok"]


def test_batch_detail_exports_its_lines_as_shown(world, go):
    (case,) = recognised(world)
    batch = world.batch([case])

    response = go(world.auditor, "batch_detail", batch.pk, query="?export=xlsx")

    (row,) = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(
        min_row=2, values_only=True))  # fmt: skip
    assert row[1] == case.number
    assert row[2] != case.applicant.name


@pytest.mark.parametrize("count", [1, 3])
def test_batch_detail_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    batch = locked(world, count)
    go(world.company_officer, "batch_detail", batch.pk)

    with django_assert_num_queries(DETAIL):
        go(None, "batch_detail", batch.pk)


@pytest.mark.parametrize("count", [1, 3])
def test_batch_builder_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    batch = world.batch(verified(world, count))
    go(world.company_officer, "batch_detail", batch.pk)

    with django_assert_num_queries(BUILDER):
        go(None, "batch_detail", batch.pk)


# Locking and taking back


def test_lock_shows_the_total_in_figures_and_capitals(world, go):
    batch = world.batch(verified(world))

    text = go(world.company_chair, "lock", batch.pk).text

    assert "5,500.00" in text
    assert "人民币伍仟伍佰元整" in text


def test_lock_locks_and_twice_is_harmless(world, go):
    batch = world.batch(recognised(world))

    first = go(world.company_chair, "lock", batch.pk, data={})
    second = go(world.company_chair, "lock", batch.pk, data={})

    batch.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 302)
    assert (batch.status, batch.locked_by) == (Batch.Status.LOCKED, world.company_chair)


def test_lock_offers_no_button_while_a_check_stops(world, go):
    batch = world.batch([], Programme.RECOGNITION)

    response = go(world.company_chair, "lock", batch.pk)

    assert not response.context["passed"]
    assert "confirm-figure" not in response.text


def test_lock_is_refused_to_who_drew_it_up(world, go):
    batch = world.batch(recognised(world))

    assert go(world.company_officer, "lock", batch.pk).status_code == 403


def test_recall_makes_a_new_version(world, go):
    batch = locked(world, listed=recognised(world))
    world.vote(batch)

    shown = go(world.company_chair, "recall", batch.pk)
    go(world.company_chair, "recall", batch.pk, data={})

    batch.refresh_from_db()
    assert shown.context["voters"] == 3
    assert (batch.status, batch.version) == (Batch.Status.BUILDING, 2)


def test_recall_is_refused_to_the_officer(world, go):
    batch = locked(world, listed=recognised(world))

    assert go(world.company_officer, "recall", batch.pk).status_code == 403


# The leaders' page


def choices(batch, rest="FOR", **more):
    """What the form of the leaders' page sends."""
    data = {"version": batch.version, "rest": rest}
    for line in batch.lines.filter(single=True):
        data[f"line-{line.pk}"] = rest
    return data | more


def test_decide_shows_headline_checks_and_balance(world, go):
    batch = locked(world)

    response = go(world.leaders[0], "decide", batch.pk)

    assert response.status_code == 200
    assert [check["result"] for check in response.context["checks"]] == ["ok", "ok", "ok", "ok"]
    assert "200,000.00" in response.text
    assert "194,500.00" in response.text


def test_decide_carries_the_version_that_is_on_the_page(world, go, reauthenticated):
    batch = locked(world, listed=deviating(world))
    hidden = '<input type="hidden" name="version" value="1">'

    shown = go(world.leaders[0], "decide", batch.pk)
    reauthenticated(world.leaders[0])
    again = go(None, "decide", batch.pk, data=choices(batch))

    assert hidden in shown.text
    assert hidden in again.text


def test_decide_asks_for_the_password_before_taking_a_vote(world, go, client):
    batch = locked(world)

    response = go(world.leaders[0], "decide", batch.pk, data=choices(batch))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_reauthenticate"))
    assert not batch.votes.exists()


def test_decide_keeps_what_was_chosen_through_the_password_page(world, go, client):
    batch = locked(world)
    asked = go(world.leaders[0], "decide", batch.pk, data=choices(batch, rest="DEFER"))

    with time_machine.travel(world.now, tick=False):
        response = client.post(asked.url, {"password": "demo"})

    assert response.status_code == 200
    assert response.context["rest"] == Vote.Choice.DEFER
    assert not batch.votes.exists()


def test_decide_shows_totals_once_more_then_takes_the_votes(world, go, reauthenticated):
    batch = locked(world)
    leader = world.leaders[0]
    reauthenticated(leader)

    shown = go(None, "decide", batch.pk, data=choices(batch))
    before = batch.votes.count()
    response = go(None, "decide", batch.pk, data=choices(batch, sure="1"))

    assert (shown.status_code, before) == (200, 0)
    assert "人民币伍仟伍佰元整" in shown.text
    assert response.url == batch.get_absolute_url()
    assert batch.voted_by(leader.pk)[-1].choice == Vote.Choice.FOR


def test_decide_sent_twice_says_you_have_voted(world, go, reauthenticated):
    batch = locked(world)
    reauthenticated(world.leaders[0])
    go(None, "decide", batch.pk, data=choices(batch, sure="1"))
    count = batch.votes.count()

    response = go(None, "decide", batch.pk, data=choices(batch, sure="1"))

    assert response.url == batch.get_absolute_url()
    assert batch.votes.count() == count


def test_decide_change_goes_back_with_the_choices(world, go, reauthenticated):
    batch = locked(world, listed=deviating(world))
    reauthenticated(world.leaders[0])

    response = go(None, "decide", batch.pk, data=choices(batch, rest="DEFER", change="1"))

    assert response.status_code == 200
    assert response.context["singles"][0].choice == "DEFER"


def test_decide_wants_every_individual_item(world, go, reauthenticated):
    batch = locked(world, listed=deviating(world))
    line = batch.lines.get()
    reauthenticated(world.leaders[0])

    response = go(None, "decide", batch.pk, data={"version": 1, "rest": "FOR", "sure": "1"})

    assert response.status_code == 422
    assert response.context["form"].errors[f"line-{line.pk}"]
    assert not batch.votes.exists()


def test_decide_refuses_an_old_version(world, go, reauthenticated):
    batch = locked(world)
    data = choices(batch, sure="1")
    actions.recall(batch=batch, by=world.company_chair, at=world.tick())
    world.lock(batch)
    world.meeting(batch)
    reauthenticated(world.leaders[0])

    response = go(None, "decide", batch.pk, data=data)

    assert response.status_code == 422
    assert response.context["form"].errors["version"]
    assert not batch.votes.exists()


def test_decide_keeps_the_choices_when_the_list_was_changed_meanwhile(world, go, reauthenticated):
    batch = locked(world, listed=[*deviating(world), *recognised(world, 2)])
    reauthenticated(world.leaders[0])
    sent = choices(batch, "DEFER", sure="1")
    actions.strike(
        line=batch.lines.filter(single=False).first(), by=world.company_chair, at=world.tick(),
        reason="材料待核。",
    )  # fmt: skip

    response = go(None, "decide", batch.pk, data=sent)

    assert response.status_code == 422
    assert response.context["form"].errors["version"]
    assert response.context["singles"][0].choice == "DEFER"
    assert not batch.votes.exists()


def test_decide_says_that_an_earlier_vote_is_void_and_what_was_struck(world, go):
    batch = locked(world, listed=recognised(world, 2))
    world.vote(batch, by=world.leaders[:1])
    actions.strike(
        line=batch.lines.first(), by=world.company_chair, at=world.tick(), reason="材料待核。"
    )

    voted, fresh = (go(leader, "decide", batch.pk) for leader in world.leaders[:2])

    assert (voted.context["again"], fresh.context["again"]) == (True, False)
    assert "材料待核。" in voted.text


def test_decide_folds_up_a_long_list_until_a_row_is_pulled_out(
    world, go, reauthenticated, monkeypatch
):
    monkeypatch.setattr(views, "FOLD", 1)
    batch = locked(world, listed=recognised(world, 2))
    line = batch.lines.first()
    reauthenticated(world.leaders[0])

    folded = go(None, "decide", batch.pk)
    pulled = {f"line-{line.pk}": "DEFER", "change": "1"}
    unfolded = go(None, "decide", batch.pk, data=choices(batch, **pulled))

    assert (folded.context["unfold"], unfolded.context["unfold"]) == (False, True)


def test_batch_says_partly_approved_with_the_counts(world, go):
    batch = locked(world, listed=[*deviating(world), *recognised(world)])
    world.vote(batch, lines={batch.lines.get(single=True).pk: "AGAINST"})
    actions.record(meeting=batch.meeting, by=world.secretary, at=world.tick())
    actions.confirm(meeting=batch.meeting, by=world.leaders[0], at=world.tick())

    result = go(world.secretary, "batch_detail", batch.pk).context["result"]

    assert (result.partly, result.approved, result.refused) == (True, 1, 1)
    batch.refresh_from_db()
    with override("en"):
        assert actions.basis(batch) == (
            f"Leadership meeting {batch.meeting.number}, partly approved: 1 of 2")  # fmt: skip


def test_decide_pulls_a_routine_item_out(world, go, reauthenticated):
    batch = locked(world, 2)
    line = batch.lines.order_by("seq").first()
    reauthenticated(world.leaders[0])

    go(None, "decide", batch.pk, data=choices(batch, sure="1", **{f"line-{line.pk}": "AGAINST"}))

    assert [(v.line_id, v.choice) for v in batch.voted_by(world.leaders[0].pk)] == [
        (line.pk, "AGAINST"),
        (None, "FOR"),
    ]


def test_decide_leaves_recused_rows_out(world, go):
    leader = world.leaders[0]
    user = world.employee(monthly_income_fen=1500_00)
    case = world.fresh(world.to_verified(world.household(user)))
    register_relative(
        relation="SIBLING", name="亲属", id_number=user.person.id_number, by=leader, at=world.now
    )
    batch = locked(world, listed=[case])

    response = go(leader, "decide", batch.pk)

    assert [row.case_id for row in response.context["recused"]] == [case.pk]
    assert response.context["singles"] == []
    assert f"line-{batch.lines.get().pk}" not in response.context["form"].fields


def test_decide_picks_the_same_cases_again_and_others_for_another_leader(world):
    class Row:
        single = False
        amount_fen = 1

        def __init__(self, pk):
            self.pk = self.seq = pk

    batch = Batch(pk=1, version=1)
    rows = [Row(pk) for pk in range(40)]

    first = [row.pk for row in lists.picked(rows, batch, 7)]

    assert len(first) == 3
    assert first == [row.pk for row in lists.picked(rows, batch, 7)]
    assert first != [row.pk for row in lists.picked(rows, batch, 8)]
    assert first != [row.pk for row in lists.picked(rows, Batch(pk=1, version=2), 7)]


def test_decide_is_refused_to_the_secretary_with_the_reason(world, go):
    batch = locked(world, listed=recognised(world))

    response = go(world.secretary, "decide", batch.pk)

    assert response.status_code == 403


def test_decide_is_refused_to_a_member_who_is_absent(world, go):
    batch = world.batch(recognised(world))
    world.lock(batch)
    world.meeting(batch, present=world.leaders[:2])

    assert go(world.leaders[2], "decide", batch.pk).status_code == 403


def test_decide_of_another_company_is_not_found(world, go):
    batch = locked(world, listed=recognised(world))
    elsewhere = World(world.tick())

    assert go(elsewhere.leaders[0], "decide", batch.pk).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_decide_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    batch = locked(world, count)
    go(world.leaders[0], "decide", batch.pk)

    with django_assert_num_queries(DECIDE):
        go(None, "decide", batch.pk)


def test_batch_form_prints_for_the_leaders(world, go):
    batch = locked(world)

    text = go(world.leaders[1], "batch_form", batch.pk).text

    assert "帮扶资金发放审批表" in text
    assert "人民币伍仟伍佰元整" in text
    assert text.count('class="print-page"') == 2


def test_batch_form_is_printed_only_while_the_list_waits(world, go):
    batch = world.batch(recognised(world))
    before = go(world.leaders[1], "batch_form", batch.pk)
    world.decide(batch)
    after = go(world.leaders[1], "batch_form", batch.pk)

    assert (before.status_code, after.status_code) == (403, 403)


# Publication


def test_publish_previews_exactly_what_is_published(world, go):
    batch = world.batch(verified(world, 2))
    world.decide(batch)

    shown = go(world.company_officer, "publish", batch.pk)
    go(world.company_officer, "publish", batch.pk, data={})

    notice = Notice.objects.order_by("pk").last()
    assert [(line.seq, line.name, line.amount_fen) for line in shown.context["lines"]] == list(
        notice.lines.order_by("seq").values_list("seq", "name", "amount_fen")
    )
    assert [day.isoformat() for day in shown.context["days"]] == notice.days.split(",")
    assert (shown.context["total_fen"], shown.context["basis"]) == (notice.total_fen, notice.basis)


def test_publish_shows_no_whole_name(world, go):
    (case,) = verified(world)
    case.applicant.name = "赵钱孙李"
    case.applicant.save()
    batch = world.batch([case])
    world.decide(batch)

    text = go(world.company_officer, "publish", batch.pk).text

    assert "赵**李" in text
    assert "赵钱孙李" not in text


def test_publish_is_refused_before_the_decision(world, go):
    batch = locked(world, listed=recognised(world))

    assert go(world.company_officer, "publish", batch.pk).status_code == 403


def test_publish_is_refused_to_the_chair(world, go):
    batch = world.batch(recognised(world))
    world.decide(batch)

    assert go(world.company_chair, "publish", batch.pk).status_code == 403


def test_published_list_links_its_notice(world, go):
    batch = world.batch(recognised(world))
    world.decide(batch)
    notice = world.publish(batch)

    response = go(world.company_officer, "batch_detail", batch.pk)

    assert list(response.context["notices"]) == [notice]


# What waits for a member of the leadership


def test_waiting_for_names_lists_until_the_vote(world):
    batch = locked(world, listed=deviating(world))
    leader = world.leaders[0]

    before = list(actions.waiting_for(leader.actor(world.today)))
    world.vote(batch, by=[leader])
    after = list(actions.waiting_for(leader.actor(world.today)))

    assert [(found.pk, found.singles_count) for found in before] == [(batch.pk, 1)]
    assert after == []


def test_waiting_for_is_empty_for_others_and_the_absent(world):
    batch = world.batch(recognised(world))
    world.lock(batch)
    world.meeting(batch, present=world.leaders[:2])

    assert not actions.waiting_for(world.leaders[2].actor(world.today)).exists()
    assert not actions.waiting_for(world.secretary.actor(world.today)).exists()
    assert not actions.waiting_for(UserFactory().actor(world.today)).exists()
