"""Referrals by HTTP: from a household, a case, an event; the answer; the list with its counts."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases.models import Referral
from people.models import Person
from people.roles import Role
from tests.cases.must_visits import answered, passed_on, person, told
from tests.conftest import StrictClient
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
SENT = {"kind": "LEGAL", "words": "咨询劳动合同", "contact": "王律师", "work_order": ""}


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def test_whom_is_searched_then_chosen(world):
    who = person(world, name="赵丽")
    there = appoint(Role.EMPLOYEE, world.other_unit).person
    Person.objects.filter(pk=there.pk).update(name="赵丽华")
    client = signed_in(world.officer)

    page = client.get(url("referral_new"), {"q": "zhaoli"})

    assert f"?person={who.pk}" in page.text and "赵丽华" not in page.text
    assert client.get(f"{url('referral_new')}?person={there.pk}").status_code == 404


def test_any_employee_of_the_unit_is_passed_on(world):
    who = person(world)

    answer = signed_in(world.officer).post(f"{url('referral_new')}?person={who.pk}", SENT)

    referral = Referral.objects.get()
    assert answer["Location"] == referral.get_absolute_url()
    assert (referral.person, referral.kind, referral.words, referral.contact) == (
        who, "LEGAL", "咨询劳动合同", "王律师",
    )  # fmt: skip
    assert (referral.dossier, referral.case, referral.incident) == (None, None, None)


def test_from_a_household_a_case_and_an_event(world):
    case = world.household()
    world.submit(case)
    incident = told(world, case.applicant)
    client = signed_in(world.officer)

    client.post(f"{url('referral_new')}?dossier={case.dossier_id}", SENT)
    client.post(f"{url('referral_new')}?case={case.pk}", SENT | {"kind": "JOB"})
    client.post(f"{url('referral_new')}?incident={incident.pk}", SENT | {"kind": "MUTUAL"})

    origin = {r.kind: (r.dossier, r.case, r.incident) for r in Referral.objects.all()}
    assert origin == {
        "LEGAL": (case.dossier, None, None), "JOB": (case.dossier, case, None),
        "MUTUAL": (None, None, incident),
    }  # fmt: skip
    page = client.get(case.dossier.get_absolute_url())
    assert set(page.context["referrals"]) == set(Referral.objects.all())
    for referral in Referral.objects.all():
        assert referral.get_absolute_url() in page.text


def test_the_page_of_a_case_leads_to_passing_on_for_its_officers_alone(world):
    case = world.household()
    world.submit(case)
    address = f"{url('referral_new')}?case={case.pk}"

    assert address in signed_in(world.officer).get(case.get_absolute_url()).text
    assert address not in signed_in(case.applicant.user).get(case.get_absolute_url()).text


def test_the_household_itself_finds_no_referrals_on_its_page(world):
    dossier = world.household().dossier
    passed_on(world, dossier.head, dossier=dossier)

    page = signed_in(dossier.head.user).get(dossier.get_absolute_url())

    assert 'id="referrals"' not in page.text


def test_what_is_missing_is_said_at_the_field(world):
    answer = signed_in(world.officer).post(
        f"{url('referral_new')}?person={person(world).pk}", SENT | {"words": ""}
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["words"]
    assert "王律师" in answer.text


def test_answered_and_closed(world):
    referral = passed_on(world)
    client = signed_in(world.officer)
    today = (world.today + DAY).isoformat()

    client.post(
        url("referral_answer", referral.pk),
        {"outcome": "PARTLY", "answered_on": today, "answer": "已受理", "work_order": "A-1"},
    )
    referral.refresh_from_db()
    assert (referral.status, referral.outcome, referral.work_order) == ("ANSWERED", "PARTLY", "A-1")
    half = client.post(url("referral_close", referral.pk), {"called_on": today})
    client.post(url("referral_close", referral.pk), {"called_on": today, "satisfaction": "GOOD"})

    assert half.status_code == 422
    referral.refresh_from_db()
    assert (referral.status, referral.satisfaction) == ("CLOSED", "GOOD")
    assert "已受理" in client.get(referral.get_absolute_url()).text
    assert client.get(url("referral_close", referral.pk)).status_code == 403


def test_closed_with_nothing_filled_in(world):
    referral = answered(world, passed_on(world))

    signed_in(world.officer).post(url("referral_close", referral.pk), {})

    referral.refresh_from_db()
    assert (referral.status, referral.called_on) == ("CLOSED", None)


def test_an_answer_before_it_was_passed_on_is_refused(world):
    answer = signed_in(world.officer).post(
        url("referral_answer", passed_on(world).pk),
        {"outcome": "HELPED", "answered_on": "2026-01-01"},
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["answered_on"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_does_not_grow(count, world, django_assert_num_queries):
    referrals = [passed_on(world, person(world, name=f"示例{n}")) for n in range(count)]
    client = signed_in(world.officer)

    with django_assert_num_queries(7):  # session, user, hats, kin, units; counts, referrals
        page = client.get(url("referral_list")).text

    assert all(referral.person.name in page for referral in referrals)


def test_counts_by_kind_and_outcome(world):
    passed_on(world)
    answered(world, passed_on(world))
    answered(world, passed_on(world, kind="JOB"), outcome="NOT_HELPED")

    summary = signed_in(world.officer).get(url("referral_list")).context["summary"]

    counted = [(all_, waiting, [n for _name, n in by]) for _kind, all_, waiting, by in summary]
    assert counted == [(2, 1, [1, 0, 0, 0]), (1, 0, [0, 0, 1, 0])]


def test_filters_and_export(world, time_machine):
    first = passed_on(world, person(world, name="赵丽"))
    second = answered(world, passed_on(world, person(world, name="刘洋"), kind="JOB"),
                      work_order="W-7")  # fmt: skip
    client = signed_in(world.company_officer)

    def found(**params):
        return list(client.get(url("referral_list"), params).context["page"])

    assert found(q="赵") == found(kind="LEGAL") == found(status="OPEN") == [first]
    assert found(q="W-7") == found(outcome="HELPED") == [second]
    assert found(unit=world.unit.pk) == [second, first]
    assert found(overdue="on") == []
    time_machine.move_to(world.now + 40 * DAY, tick=False)
    client.force_login(world.company_officer)
    assert found(overdue="on") == [first]
    book = client.get(url("referral_list"), {"export": "xlsx"})
    cells = [c.value for row in load_workbook(io.BytesIO(book.content)).active for c in row]
    assert "赵*" in cells and "赵丽" not in cells


def test_whoever_passed_it_on_is_reminded_until_it_is_answered(world):
    referral = passed_on(world)
    page = reverse("home")

    assert referral.get_absolute_url() in signed_in(world.officer).get(page).text
    assert referral.get_absolute_url() not in signed_in(world.chair).get(page).text
    answered(world, referral)
    assert referral.get_absolute_url() not in signed_in(world.officer).get(page).text


def test_markup_in_words_is_inert(world):
    referral = passed_on(world, contact="<svg onload=x>")
    answered(world, referral, answer="<svg onload=y>")

    assert "<svg onload" not in signed_in(world.officer).get(referral.get_absolute_url()).text
