"""Home visits by HTTP: the list, the record, the paper."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from base.crypto import blind_index
from cases.models import Visit
from people.models import Appointment, Kinship
from people.roles import Role
from tests.conftest import StrictClient
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


@pytest.fixture
def dossier(world):
    return world.household().dossier


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def given(world, **changed):
    return {
        "visited_on": world.today.isoformat(),
        "visitors": [world.officer.pk, world.company_officer.pk],
        "met": "本人及配偶",
        "checks": ["MEMBERS", "INCOME"],
        "match": "SAME",
        "advice": "HELP",
        "signed": "on",
        **changed,
    }


PEOPLE = (
    "stranger", "head", "informant", "officer", "officer elsewhere", "chair", "company_officer",
    "company_chair", "leader", "cashier", "auditor", "admin",
)  # fmt: skip
MATRIX = {
    "visit_list": (302, 403, 200, 200, 200, 200, 200, 200, 403, 403, 200, 403),
    "visit_new": (302, 403, 404, 200, 404, 200, 200, 403, 404, 404, 403, 404),
    "visit_detail": (302, 404, 404, 200, 404, 200, 200, 200, 404, 404, 200, 404),
    "visit_sheet": (302, 404, 404, 200, 404, 200, 200, 200, 404, 404, 200, 404),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world, dossier):
    visit = world.visit(dossier.cases.get())
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "head": lambda: dossier.head.user,
        "officer elsewhere": lambda: appoint(Role.UNIT_OFFICER, world.other_unit),
        "leader": lambda: world.leaders[0],
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {
        "visit_list": client.get(url("visit_list")).status_code,
        "visit_new": client.get(url("visit_new", dossier.pk)).status_code,
        "visit_detail": client.get(url("visit_detail", visit.pk)).status_code,
        "visit_sheet": client.get(url("visit_sheet", visit.pk)).status_code,
    }

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_a_visit_is_recorded_as_it_was(world, dossier):
    data = given(
        world, match="PARTLY", differences="收入高于申报", notes="两室一厅", advice="ADJUST"
    )

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    assert answer["Location"] == visit.get_absolute_url()
    assert (visit.visited_on, visit.met, visit.checks, visit.match, visit.advice) == (
        world.today, "本人及配偶", ["MEMBERS", "INCOME"], "PARTLY", "ADJUST",
    )  # fmt: skip
    assert (visit.differences, visit.notes, visit.signed) == ("收入高于申报", "两室一厅", True)
    assert {v.user for v in visit.visitors.all()} == {world.officer, world.company_officer}
    assert (visit.visitor_count, visit.outside_count, visit.recorded_by) == (2, 1, world.officer)


def test_sending_twice_records_one_visit(world, dossier):
    client = signed_in(world.officer)
    client.post(url("visit_new", dossier.pk), given(world))

    answer = client.post(url("visit_new", dossier.pk), given(world))

    assert Visit.objects.count() == 1
    assert answer["Location"] == Visit.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("visitors", {"visitors": []}),
        ("visited_on", {"visited_on": "2099-01-01"}),
        ("visited_on", {"visited_on": ""}),
        ("met", {"met": ""}),
        ("match", {"match": ""}),
        ("match", {"match": "NONSENSE"}),
        ("advice", {"advice": ""}),
        ("checks", {"checks": ["NONSENSE"]}),
        ("differences", {"match": "DIFFERS"}),
        ("differences", {"match": "PARTLY"}),
    ],
)
def test_what_is_missing_is_said_at_its_field(field, changed, world, dossier):
    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), given(world, **changed))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Visit.objects.exists()


def test_one_visitor_is_not_enough(world, dossier):
    data = given(world, visitors=[world.company_officer.pk])

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    assert list(answer.context["form"].errors) == ["visitors"]


def test_a_relative_of_the_household_does_not_visit(world, dossier):
    Kinship.objects.create(
        user=world.company_officer, relation="SIBLING", name="兄", registered_at=world.now,
        id_index=blind_index(dossier.head.id_number, "id_number"),
        registered_by=world.company_officer,
    )  # fmt: skip

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), given(world))

    assert answer.status_code == 422
    assert world.company_officer.name in str(answer.context["form"].errors["visitors"])


def test_a_visitor_held_a_role_on_that_day(world, dossier):
    Appointment.objects.filter(user=world.company_officer).update(since=world.today - DAY)
    data = given(world, visited_on=(world.today - 2 * DAY).isoformat())

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    assert list(answer.context["form"].errors) == ["visitors"]


def test_visitors_are_offered_from_the_unit_and_the_company(world, dossier):
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    abroad = appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))

    form = signed_in(world.officer).get(url("visit_new", dossier.pk)).context["form"]

    offered = {pk for pk, _label in form.fields["visitors"].choices}
    assert offered == {
        u.pk
        for u in (
            world.officer, world.chair, world.informant, world.company_officer,
            world.company_chair,
        )
    }  # fmt: skip
    assert not offered & {elsewhere.pk, abroad.pk}


def test_the_form_is_made_for_a_phone(world, dossier):
    page = signed_in(world.officer).get(url("visit_new", dossier.pk)).text

    assert page.count('type="radio"') == 6
    assert "page-narrow" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    for _n in range(count):
        world.visit(world.household())
    client = signed_in(world.officer)

    with django_assert_num_queries(8):  # session, user, hats, kin, units, visits, visitors, users
        page = client.get(url("visit_list"))

    assert len(page.context["page"].rows) == count


@pytest.mark.parametrize(
    ("query", "found"),
    [("match=SAME", 1), ("match=DIFFERS", 0), ("advice=HELP", 1), ("advice=NO_HELP", 0),
     ("since=2026-03-02", 1), ("since=2026-03-04", 0), ("until=2026-03-02", 1),
     ("until=2026-03-01", 0), ("q=欧阳", 1), ("q=ouyang", 1), ("q=李", 0)],
)  # fmt: skip
def test_filters_narrow_the_list(query, found, world):
    user = world.employee(name="欧阳明月", name_pinyin="ou yang ming yue", standing="RETIRED")
    world.visit(world.household(user))

    page = signed_in(world.officer).get(f"{url('visit_list')}?{query}")

    assert len(page.context["page"].rows) == found


def test_the_list_filters_by_unit(world, dossier):
    world.visit(dossier.cases.get())
    client = signed_in(world.company_officer)

    here = client.get(f"{url('visit_list')}?unit={world.unit.pk}").context["page"]
    there = client.get(f"{url('visit_list')}?unit={world.other_unit.pk}").context["page"]

    assert (len(here), len(there)) == (1, 0)


def test_a_visitor_sees_the_visit_though_not_the_dossier(world, dossier):
    visit = world.visit(dossier.cases.get(), visitors=[world.informant, world.company_officer])
    client = signed_in(world.informant)

    page = client.get(url("visit_detail", visit.pk))

    assert page.status_code == 200
    assert page.context["sees_dossier"] is False
    assert dossier.get_absolute_url() not in page.text


def test_the_export_masks_the_name(world, dossier):
    world.visit(dossier.cases.get())

    answer = signed_in(world.officer).get(f"{url('visit_list')}?export=xlsx")

    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1][1] == dossier.number
    assert dossier.head.name not in str(rows)


def test_a_visit_by_the_own_unit_alone_is_said_not_to_count(world, dossier):
    inside = world.visit(dossier.cases.get(), visitors=[world.officer, world.chair])

    page = signed_in(world.officer).get(url("visit_detail", inside.pk)).text

    assert "notice-attention" in page


def test_the_paper_has_the_six_checks_and_room_for_signatures(world, dossier):
    visit = world.visit(dossier.cases.get())

    page = signed_in(world.officer).get(url("visit_sheet", visit.pk)).text

    for words in (
        "入户走访记录表",
        "六清楚",
        "被走访人（签字按印）",
        dossier.number,
        "2026年3月2日",
    ):
        assert words in page
    assert page.count("走访人（签字）：") == 2
    assert dossier.head.id_number not in page


def test_what_was_typed_is_shown_inert(world, dossier):
    canary = "<svg onload=x>"
    data = given(world, met=canary, notes=canary, differences=canary, match="PARTLY")
    client = signed_in(world.officer)
    client.post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    for name in ("visit_detail", "visit_sheet"):
        page = client.get(url(name, visit.pk)).text
        assert canary not in page
        assert page.count("&lt;svg onload=x&gt;") == 3


def test_the_three_kinds_of_empty_lists(world):
    client = signed_in(world.officer)

    assert "empty-first" in client.get(url("visit_list")).text
    assert "empty-none" in client.get(f"{url('visit_list')}?match=SAME").text
