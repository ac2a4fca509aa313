"""The visit plan and the duty list by HTTP."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from base import keyset
from cases.models import Dossier, Visit, VisitPlan
from cases.workflow import Status
from tests.conftest import StrictClient
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


def household(world, opened_on=date(2025, 1, 1), last=None, **columns):
    """A household on file since a day, last visited on another."""
    dossier = world.household(world.employee(standing="RETIRED", **columns)).dossier
    Dossier.objects.filter(pk=dossier.pk).update(
        status="ACTIVE", opened_on=opened_on, review_due_on=date(2027, 1, 1), category="DEEP",
        level="HEAVY", last_visited_on=last,
    )  # fmt: skip
    if last:
        Visit.objects.create(
            dossier=dossier, visited_on=last, visitor_count=2, match="SAME", advice="HELP",
            recorded_at=world.now, recorded_by=world.officer,
        )  # fmt: skip
    return dossier


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def new(*dossiers):
    return url("plan_new") + "?" + "&".join(f"dossier={d.pk}" for d in dossiers)


def given(world, **changed):
    visitors = [world.officer.pk, world.company_officer.pk]
    return {"planned_on": "2026-03-20", "visitors": visitors, **changed}


PEOPLE = (
    "stranger", "informant", "officer", "chair", "company_officer", "company_chair", "auditor",
    "cashier", "admin",
)  # fmt: skip
MATRIX = {
    "visit_plan": (302, 403, 200, 200, 200, 200, 200, 403, 403),
    "visit_duties": (302, 403, 200, 200, 200, 200, 200, 403, 403),
    "plan_new": (302, 403, 200, 200, 200, 403, 403, 403, 403),
    "plan_cancel": (302, 404, 200, 200, 200, 403, 403, 404, 404),
    "plan_sheets": (302, 200, 200, 200, 200, 200, 200, 403, 403),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world):
    dossier = household(world)
    signed_in(world.officer).post(new(dossier), given(world))
    plan = VisitPlan.objects.get()
    client = StrictClient()
    if who != "stranger":
        client.force_login(getattr(world, who))
    addresses = {
        "visit_plan": url("visit_plan"), "visit_duties": url("visit_duties"),
        "plan_new": new(dossier), "plan_cancel": url("plan_cancel", plan.pk),
        "plan_sheets": url("plan_sheets"),
    }  # fmt: skip

    found = {name: client.get(address).status_code for name, address in addresses.items()}

    assert found == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_those_that_wait_longest_come_first_and_overdue_is_marked(world):
    recent = household(world, last=date(2026, 1, 5))
    waiting = household(world, opened_on=date(2025, 2, 1))

    page = signed_in(world.officer).get(url("visit_plan"))

    rows = page.context["shown"]
    assert [(r["dossier"], r["due_on"], r["overdue"]) for r in rows] == [
        (waiting, date(2026, 2, 1), True), (recent, date(2027, 1, 5), False),
    ]  # fmt: skip
    assert page.text.count("row-attention") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_plan_takes_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    for _n in range(count):
        dossier = household(world)
        signed_in(world.officer).post(new(dossier), given(world))
    client = signed_in(world.officer)

    # session, user, hats, kin, policy, clauses, units, households, plans, visitors, users
    with django_assert_num_queries(11):
        page = client.get(url("visit_plan"))

    assert len(page.context["shown"]) == count


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=overdue", 1), ("state=covered", 1), ("state=planned", 0), ("state=due", 2),
     ("state=done", 1), ("state=late", 1), ("q=欧阳", 1), ("state=NONSENSE", 2), ("year=1066", 2),
     ("cursor=WzEsMSxbImEiLDFdXQ", 2)],
)  # fmt: skip
def test_filters_narrow_the_plan(query, found, world):
    household(world, last=date(2026, 1, 5), name="欧阳明月", name_pinyin="ou yang ming yue")
    household(world, opened_on=date(2025, 2, 1), name="李秀英", name_pinyin="li xiu ying")

    page = signed_in(world.officer).get(f"{url('visit_plan')}?{query}")

    assert len(page.context["shown"]) == found


def test_the_next_page_goes_on_where_the_first_ended(world, monkeypatch):
    for day in (1, 2, 3):
        household(world, last=date(2026, 1, day))
    paginate = keyset.paginate
    monkeypatch.setattr(keyset, "paginate", lambda *a, **k: paginate(*a, **k | {"size": 2}))
    client = signed_in(world.officer)

    first = client.get(url("visit_plan"))
    second = client.get(url("visit_plan"), {"cursor": first.context["page"].next_cursor})

    days = [row["dossier"].last_visited_on.day for row in second.context["shown"]]
    assert days == [3]


def test_another_unit_is_not_shown(world):
    household(world)

    page = signed_in(world.company_officer).get(f"{url('visit_plan')}?unit={world.other_unit.pk}")

    assert page.context["shown"] == []


def test_households_ticked_are_planned_at_once(world):
    dossiers = [household(world) for _n in range(2)]
    client = signed_in(world.company_officer)

    answer = client.post(new(*dossiers), given(world))

    assert answer["Location"].startswith(f"{url('visit_plan')}?state=planned")
    assert {p.dossier for p in VisitPlan.objects.open()} == set(dossiers)
    rows = client.get(answer["Location"]).context["shown"]
    assert [row["plan"].planned_on for row in rows] == [date(2026, 3, 20)] * 2
    assert world.officer.name in rows[0]["visitors"]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("planned_on", lambda w: {"planned_on": "2026-01-01"}),
        ("planned_on", lambda w: {"planned_on": ""}),
        ("visitors", lambda w: {"visitors": []}),
        ("visitors", lambda w: {"visitors": [w.officer.pk]}),
        ("visitors", lambda w: {"visitors": [w.officer.pk, w.chair.pk]}),
        ("visitors", lambda w: {"visitors": [w.officer.pk, w.cashier.pk]}),
    ],
)
def test_what_cannot_be_planned_is_said_at_its_field(field, changed, world):
    dossier = household(world)

    answer = signed_in(world.officer).post(new(dossier), given(world, **changed(world)))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not VisitPlan.objects.exists()


def test_a_pair_from_the_own_unit_is_refused_with_the_household_named(world):
    dossier = household(world)
    data = given(world, visitors=[world.officer.pk, world.chair.pk])

    answer = signed_in(world.officer).post(new(dossier), data)

    assert dossier.number in str(answer.context["form"].errors["visitors"])


def test_nothing_ticked_leads_back(world):
    answer = signed_in(world.officer).get(url("plan_new"))

    assert answer["Location"] == url("visit_plan")


def test_a_planned_visit_is_called_off(world):
    signed_in(world.officer).post(new(household(world)), given(world))
    plan = VisitPlan.objects.get()

    answer = signed_in(world.officer).post(url("plan_cancel", plan.pk), {"reason": "家属住院"})

    assert answer["Location"] == url("visit_plan")
    plan.refresh_from_db()
    assert plan.cancel_reason == "家属住院"


def test_sheets_are_printed_for_planned_visits_and_for_those_ticked(world):
    planned, ticked = household(world), household(world)
    client = signed_in(world.officer)
    client.post(new(planned), given(world))

    all_planned = client.get(url("plan_sheets")).text
    two = client.get(f"{url('plan_sheets')}?dossier={planned.pk}&dossier={ticked.pk}").text

    assert all_planned.count("入户走访记录表</h1>") == 1
    assert planned.number in all_planned and "2026年3月20日" in all_planned
    assert world.officer.name in all_planned and "示例街道1号" in all_planned
    assert "☑" not in two and two.count("入户走访记录表</h1>") == 2


def test_the_address_is_not_printed_for_the_auditor(world):
    signed_in(world.officer).post(new(household(world)), given(world))

    page = signed_in(world.auditor).get(url("plan_sheets")).text

    assert "示例街道1号" not in page


def test_the_duty_list_counts_and_leads_to_the_households(world):
    household(world, opened_on=date(2025, 2, 1))
    household(world, last=date(2026, 1, 5))
    client = signed_in(world.company_officer)

    page = client.get(url("visit_duties"))

    (row,) = page.context["rows"]
    assert [count for _label, count, _url in row["counts"]] == [2, 2, 1, 1, 1, 1]
    for _label, count, address in row["counts"]:
        assert len(client.get(address).context["shown"]) == count
    assert page.context["bars"] == [(world.unit.name, 50)]
    assert page.context["total"]["on_file"] == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_duty_list_takes_the_same_queries(count, world, django_assert_num_queries):
    for _n in range(count):
        household(world)
    client = signed_in(world.officer)

    with django_assert_num_queries(7):  # session, user, hats, kin, policy, clauses, counts
        client.get(url("visit_duties"))


def test_lists_as_workbooks_mask_the_name(world):
    dossier = household(world)
    client = signed_in(world.officer)

    plan, duties = (
        list(
            load_workbook(io.BytesIO(client.get(f"{url(name)}?export=xlsx").content)).active.values
        )
        for name in ("visit_plan", "visit_duties")
    )

    assert plan[1][0] == dossier.number and dossier.head.name not in str(plan)
    assert duties[1][:2] == (world.unit.name, 1)


def test_an_empty_plan_says_so(world):
    client = signed_in(world.officer)

    assert "empty-first" in client.get(url("visit_plan")).text
    assert "empty-none" in client.get(f"{url('visit_plan')}?state=overdue").text
    assert "empty-first" in client.get(url("visit_duties")).text


def test_every_household_recognised_has_been_visited(world):
    world.case_in(Status.PAID)

    page = signed_in(world.officer).get(f"{url('visit_plan')}?state=covered")

    assert len(page.context["shown"]) == 1
