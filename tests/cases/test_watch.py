"""The duplicate watch: sentences on a household, the list of the company, and the answers."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from base.crypto import blind_index
from cases import actions, hints, watch
from cases.life import WatchKind
from cases.models import Dossier, Member, WatchAnswer
from people.models import Person, Relation
from people.roles import Role
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


def share(kind, first, second):
    """Let two households share something, past the checks of the actions."""
    spouse = second.members.get(relation=Relation.SPOUSE)
    if kind == WatchKind.ID_NUMBER:
        twin = first.members.get(relation=Relation.SPOUSE)
        Member.objects.filter(pk=spouse.pk).update(id_index=twin.id_index, active=False)
    elif kind == WatchKind.ACCOUNT:
        Person.objects.filter(pk=second.head_id).update(account_index=first.head.account_index)
    elif kind == WatchKind.PHONE:
        Member.objects.filter(pk=spouse.pk).update(phone_index=first.head.phone_index)
    else:
        Dossier.objects.filter(pk__in=[first.pk, second.pk]).update(
            address_index=blind_index("某街1号", "address")
        )


def apart(*dossiers):
    """The world gives every household the same address: here each has its own."""
    for dossier in dossiers:
        Dossier.objects.filter(pk=dossier.pk).update(
            address_index=blind_index(f"某街{dossier.pk}号", "address")
        )


def two(world, elsewhere=False):
    first, second = world.on_file(), world.on_file()
    if elsewhere:
        Dossier.objects.filter(pk=second.pk).update(unit=world.other_unit)
    apart(first, second)
    return Dossier.objects.get(pk=first.pk), Dossier.objects.get(pk=second.pk)


def pairs(user, kind, world, **given):
    rows, _after = watch.pairs(kind, watch.Scope.of(user.actor(world.today)), **given)
    return [[d.pk for d in row.dossiers] for row in rows]


SHARED = (WatchKind.ID_NUMBER, WatchKind.ACCOUNT, WatchKind.PHONE, WatchKind.ADDRESS)


@pytest.mark.parametrize("kind", SHARED)
def test_what_two_households_share_is_found_on_both(kind, world):
    first, second = two(world)
    third = world.on_file()
    apart(third)
    assert pairs(world.company_officer, kind, world) == []
    share(kind, first, second)

    assert pairs(world.company_officer, kind, world) == [[first.pk, second.pk]]
    for dossier, other in ((first, second), (second, first)):
        fresh = Dossier.objects.select_related("head", "unit").get(pk=dossier.pk)
        (hint,) = hints.shared(fresh, world.officer.actor(world.today))
        assert hint.kind == kind and not hint.answered
        assert other.number in hint.sentence or other.head.name in hint.sentence


@pytest.mark.parametrize("kind", SHARED)
def test_a_household_of_another_unit_is_not_named(kind, world):
    first, second = two(world, elsewhere=True)
    Person.objects.filter(pk=second.head_id).update(unit=world.other_unit, name="不可见")
    Member.objects.filter(dossier=second, relation=Relation.SELF).update(name="不可见")
    share(kind, first, second)

    fresh = Dossier.objects.select_related("head", "unit").get(pk=first.pk)
    (hint,) = hints.shared(fresh, world.officer.actor(world.today))
    assert second.number not in hint.sentence and "不可见" not in hint.sentence
    page = signed_in(world.officer).get(url("watch_list"), {"kind": kind})
    assert first.number in page.text
    assert second.number not in page.text and "不可见" not in page.text


def test_an_officer_sees_pairs_that_touch_their_unit_alone(world):
    first, second = two(world)
    share(WatchKind.ACCOUNT, first, second)
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    abroad = appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))

    assert pairs(world.chair, WatchKind.ACCOUNT, world) == [[first.pk, second.pk]]
    assert pairs(elsewhere, WatchKind.ACCOUNT, world) == []
    assert pairs(abroad, WatchKind.ACCOUNT, world) == []


def test_exited_households_count_when_the_other_is_on_file(world):
    first, second = two(world)
    share(WatchKind.ID_NUMBER, first, second)
    gone = {"status": "EXITED", "exit_reason": "RECOVERED", "closed_on": world.today}
    Dossier.objects.filter(pk=first.pk).update(**gone)

    assert pairs(world.officer, WatchKind.ID_NUMBER, world) == [[first.pk, second.pk]]
    Dossier.objects.filter(pk=second.pk).update(**gone)
    assert pairs(world.officer, WatchKind.ID_NUMBER, world) == []


def test_an_answer_holds_until_another_household_joins(world):
    first, second = two(world)
    share(WatchKind.ADDRESS, first, second)
    client = signed_in(world.officer)
    place = f"{url('watch_answer')}?kind=ADDRESS&households={first.pk},{second.pk}"

    assert client.post(place, {"words": ""}).status_code == 422
    client.post(place, {"words": "<svg onload=x>"})
    answer = WatchAnswer.objects.get()
    assert (answer.by, answer.words) == (world.officer, "<svg onload=x>")
    assert pairs(world.officer, "ADDRESS", world) == []
    assert pairs(world.officer, "ADDRESS", world, answered=True) == [[first.pk, second.pk]]
    shown = client.get(url("watch_list"), {"kind": "ADDRESS", "answered": "on"}).text
    assert "&lt;svg onload=x&gt;" in shown
    assert "&lt;svg" not in client.get(url("watch_list"), {"kind": "ADDRESS"}).text

    third = world.on_file()
    share(WatchKind.ADDRESS, first, third)
    assert pairs(world.officer, "ADDRESS", world) == [[first.pk, second.pk, third.pk]]


def test_an_answered_link_is_marked_on_the_household_and_not_said_again(world):
    first, second = two(world)
    share(WatchKind.ACCOUNT, first, second)
    actor = world.officer.actor(world.today)

    assert len(hints.after_saving(first.pk, actor)) == 1
    actions.answer_watch(
        dossiers=[first, second], kind=WatchKind.ACCOUNT, words="父子共用", by=world.officer,
        at=world.tick(),
    )  # fmt: skip
    assert hints.after_saving(first.pk, actor) == []
    assert hints.after_saving(first.pk, first.head.user.actor(world.today)) == []
    page = signed_in(world.officer).get(first.get_absolute_url())
    assert [hint.answered for hint in page.context["hints"]] == [True]


def test_saving_facts_says_what_is_shared(world):
    first, second = two(world)
    share(WatchKind.PHONE, first, second)
    client = signed_in(world.officer)
    spouse = second.members.get(relation=Relation.SPOUSE)

    answer = client.post(url("member_remove", spouse.pk), follow=True)
    assert not any(m.level_tag == "warning" for m in answer.context["messages"])
    share(WatchKind.ACCOUNT, first, second)
    expense = second.expenses.get()
    answer = client.post(url("expense_remove", expense.pk), follow=True)
    said = [m for m in answer.context["messages"] if m.level_tag == "warning"]
    assert len(said) == 1 and first.head.name in str(said[0])


def test_who_may_answer(world):
    first, second = two(world)
    place = f"{url('watch_answer')}?kind=PHONE&households={first.pk},{second.pk}"
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    users = (world.officer, world.company_officer, world.auditor, world.informant, elsewhere)

    found = [signed_in(user).get(place).status_code for user in users]

    assert found == [200, 200, 403, 403, 404]
    with translation.override("en"):
        assert actions.why_not_answer_watch([first], world.auditor.actor(world.today))


@pytest.mark.parametrize(
    "query", ["", "kind=DANCE&households=1", "kind=PHONE&households=1,x", "kind=PHONE&households=9"]
)
def test_a_broken_address_is_not_there(query, world):
    assert signed_in(world.officer).get(f"{url('watch_answer')}?{query}").status_code == 404


SINGLE = {
    WatchKind.HEAD_GONE: lambda d, w: Person.objects.filter(pk=d.head_id).update(died_on=w.today),
    WatchKind.UNIT: lambda d, w: Person.objects.filter(pk=d.head_id).update(unit=w.other_unit),
    WatchKind.UNVISITED: lambda d, w: _unvisit(d),
    WatchKind.STALE: lambda d, w: Dossier.objects.filter(pk=d.pk).update(
        changed_at=w.now - 400 * DAY
    ),
    WatchKind.UNHELPED: lambda d, w: None,
}


def _unvisit(dossier):
    """As after an import: on file, and nobody was at the door."""
    other = Dossier.objects.exclude(pk=dossier.pk).first()
    dossier.visits.update(dossier=other)


@pytest.mark.parametrize("kind", SINGLE)
def test_single_households_that_need_a_look(kind, world):
    helped = world.case_in("PAID").dossier
    dossier = world.on_file()
    SINGLE[kind](dossier, world)
    scope = watch.Scope.of(world.officer.actor(world.today))

    found = watch.singles(kind, scope, world.today)
    assert set(found) == {dossier}
    assert helped not in found
    actions.answer_watch(
        dossiers=[dossier], kind=kind, words="已了解", by=world.officer, at=world.tick()
    )
    assert not watch.singles(kind, scope, world.today).exists()
    assert watch.singles(kind, scope, world.today, answered=True).exists()
    later = world.today + 370 * DAY
    assert watch.singles(kind, scope, later).filter(pk=dossier.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("kind", "queries"), [("ACCOUNT", 7), ("PHONE", 10), ("ADDRESS", 7), ("UNHELPED", 6)]
)
def test_the_list_takes_the_same_queries(
    kind, queries, count, world, django_assert_num_queries
):  # fmt: skip
    for _n in range(count):
        first, second = two(world)
        if kind == "ADDRESS":
            for dossier in (first, second):
                Dossier.objects.filter(pk=dossier.pk).update(
                    address_index=blind_index(f"同街{first.pk}", "address")
                )
        elif kind != "UNHELPED":
            share(WatchKind(kind), first, second)
    client = signed_in(world.company_officer)
    client.get(url("watch_list"), {"kind": kind})

    with django_assert_num_queries(queries):
        page = client.get(url("watch_list"), {"kind": kind})

    assert len(page.context["rows"]) == (2 * count if kind == "UNHELPED" else count)


def test_pages_go_on_where_they_stopped(world, monkeypatch):
    monkeypatch.setattr(watch, "SIZE", 2)
    found = []
    for _n in range(5):
        first, second = two(world)
        share(WatchKind.ACCOUNT, first, second)
        found.append({first.pk, second.pk})
    client = signed_in(world.company_officer)
    address, seen = f"{url('watch_list')}?kind=ACCOUNT", []
    for _page in range(3):
        page = client.get(address)
        seen += [{d.pk for d in item["row"].dossiers} for item in page.context["rows"]]
        address = page.context["next_url"]

    assert address == ""
    assert sorted(map(sorted, seen)) == sorted(map(sorted, found))


def test_what_is_shared_is_asked_for_once_and_not_for_every_household(world):
    """Without statistics a planner takes any index for a question inside a question: ten thousand
    households then take minutes."""
    first, second, third = two(world)[0], two(world)[0], two(world)[0]
    share(WatchKind.ACCOUNT, first, second)

    with CaptureQueriesContext(connection) as queries:
        found = watch.unanswered(world.company.pk, {first.pk, third.pk})

    assert found == {first.pk}
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            cursor.execute(f"{explain} {query['sql'].replace('%', '%%')}")
            plan = str(cursor.fetchall())
            assert not re.search(r"CORRELATED|\(SubPlan", plan), plan
