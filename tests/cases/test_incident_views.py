"""Must-visits and information officers by HTTP: told on a phone, the list, timeliness, register."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions
from cases.models import Case, Gift, Incident, Informant, Post, Training
from cases.workflow import Programme
from people.models import Person
from people.roles import Role
from tests.cases.must_visits import gift_round, person, told, visited
from tests.conftest import StrictClient
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


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


# Telling


def test_a_person_is_searched_then_chosen_without_any_script(world):
    who = person(world, name="赵丽", staff_no="700001")
    there = appoint(Role.EMPLOYEE, world.other_unit).person
    Person.objects.filter(pk=there.pk).update(name="赵丽华")

    page = signed_in(world.informant).get(url("incident_new"), {"q": "赵"})

    assert f"?person={who.pk}" in page.text
    assert "赵丽华" not in page.text


def test_while_typing_only_the_list_is_fetched(world):
    who = person(world, name="赵丽")

    part = signed_in(world.informant).get(
        url("incident_new"), {"q": "zhaoli"}, headers={"HX-Request": "true"}
    )

    assert f"?person={who.pk}" in part.text
    assert "<form" not in part.text


def test_two_taps_report_an_event_of_today(world):
    who = person(world)
    address = f"{url('incident_new')}?person={who.pk}"
    client = signed_in(world.informant)

    answer = client.post(address, {"kind": "HOSPITAL", "day": "TODAY"})

    incident = Incident.objects.get()
    assert answer["Location"] == incident.get_absolute_url()
    assert (incident.person, incident.happened_on, incident.report_days) == (
        who, world.today + DAY, 0,
    )  # fmt: skip
    assert client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("sent", "ago"),
    [({"day": "YESTERDAY"}, 1), ({"day": "OTHER", "back": 4}, 4), ({"day": "TODAY", "back": 2}, 2)],
)
def test_when_it_happened(sent, ago, world):
    today = world.today + DAY
    if "back" in sent:
        sent = sent | {"happened_on": (today - sent["back"] * DAY).isoformat()}

    signed_in(world.informant).post(
        f"{url('incident_new')}?person={person(world).pk}", {"kind": "DEATH", **sent}
    )

    assert Incident.objects.get().happened_on == today - ago * DAY


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"kind": "", "day": "TODAY"}, "kind"),
        ({"kind": "DEATH", "day": "OTHER"}, "happened_on"),
        ({"kind": "DEATH", "day": "OTHER", "happened_on": "2027-01-01"}, "happened_on"),
    ],
)
def test_what_is_missing_is_said_at_the_field_and_the_rest_kept(sent, field, world):
    answer = signed_in(world.informant).post(
        f"{url('incident_new')}?person={person(world).pk}", sent | {"words": "急诊入院"}
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "急诊入院" in answer.text
    assert not Incident.objects.exists()


def test_told_twice_leads_to_the_one_told_first(world):
    first = told(world)
    client = signed_in(world.officer)

    answer = client.post(
        f"{url('incident_new')}?person={first.person_id}", {"kind": "HOSPITAL", "day": "TODAY"}
    )

    assert answer["Location"] == first.get_absolute_url()
    assert Incident.objects.count() == 1
    assert "notice-info" in client.get(answer["Location"]).text


def test_told_twice_by_another_who_may_not_see_it_leads_to_their_list(world):
    first = told(world)
    other = appoint(Role.INFORMANT, world.unit)

    answer = signed_in(other).post(
        f"{url('incident_new')}?person={first.person_id}", {"kind": "HOSPITAL", "day": "TODAY"}
    )

    assert answer["Location"] == url("incident_list")


def test_an_employee_tells_of_themselves_at_once(world):
    who = person(world)
    client = signed_in(who.user)

    assert who.name in client.get(url("incident_new")).text
    answer = client.post(url("incident_new"), {"kind": "SUDDEN", "day": "TODAY"})

    incident = Incident.objects.get()
    assert (incident.person, incident.role) == (who, "EMPLOYEE")
    assert client.get(answer["Location"]).status_code == 200


def test_the_page_of_ones_applications_leads_there(world):
    assert url("incident_new") in signed_in(person(world).user).get(url("my")).text


def test_nobody_tells_of_the_people_of_others(world):
    there = appoint(Role.EMPLOYEE, world.other_unit).person
    address = f"{url('incident_new')}?person={there.pk}"

    assert signed_in(world.informant).get(address).status_code == 404
    assert (
        signed_in(person(world).user).get(address).status_code == 200
    )  # their own, whatever asked
    assert signed_in(world.cashier).get(url("incident_new")).status_code == 403


# The list


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_does_not_grow(count, world, django_assert_num_queries):
    incidents = [told(world, person(world, name=f"示例{n}")) for n in range(count)]
    client = signed_in(world.officer)

    with django_assert_num_queries(6):  # session, user, hats, kin, units, events
        page = client.get(url("incident_list")).text

    assert all(incident.person.name in page for incident in incidents)


def states(world):
    """One event for each way it may stand on the day after tomorrow two weeks on."""
    done = {"FAST": told(world), "LATE": told(world, ago=3), "SKIPPED": told(world, ago=3)}
    done["IN_TIME"] = visited(world, told(world, ago=3))
    actions.skip_incident(
        incident=done["SKIPPED"], reason="AWAY", by=world.officer, at=world.tick()
    )
    done["CLOSED"] = actions.close_incident(
        incident=visited(world, told(world, ago=3)), outcome="NOTHING", by=world.officer,
        at=world.tick(),
    )  # fmt: skip
    world.tick(days=14)
    visited(world, done["LATE"])
    done["OPEN"] = told(world, ago=5)
    return done


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("OPEN", {"FAST", "OPEN"}), ("OVERDUE", {"FAST"}), ("FAST", {"FAST"}),
        ("IN_TIME", {"IN_TIME", "CLOSED"}), ("LATE", {"LATE"}), ("SKIPPED", {"SKIPPED"}),
        ("CLOSED", {"CLOSED"}),
    ],
)  # fmt: skip
def test_filter_by_how_it_stands(state, found, world, time_machine):
    done = states(world)
    time_machine.move_to(world.now, tick=False)

    page = signed_in(world.officer).get(url("incident_list"), {"state": state})

    assert set(page.context["page"]) == {done[name] for name in found}


def test_filters_by_person_unit_kind_and_day(world):
    first = told(world, person(world, name="赵丽", staff_no="700001"))
    second = told(world, person(world, name="刘洋", staff_no="800001"), kind="DEATH", ago=2)
    client = signed_in(world.company_officer)

    def found(**params):
        return list(client.get(url("incident_list"), params).context["page"])

    assert found(q="赵") == found(q="zhaol") == found(q="7000") == [first]
    assert found(kind="DEATH") == [second]
    assert found(since=world.today) == [first]
    assert found(until=world.today - DAY) == [second]
    assert found(unit=world.unit.pk) == [first, second]
    assert found(unit=world.other_unit.pk) == []


def test_the_export_masks_names(world):
    told(world, person(world, name="赵丽"))

    book = signed_in(world.officer).get(url("incident_list"), {"export": "xlsx"})

    cells = [c.value for row in load_workbook(io.BytesIO(book.content)).active for c in row]
    assert "赵丽" not in cells
    assert "赵*" in cells


# One event


def test_the_reporter_sees_no_more_than_is_needed(world):
    incident = visited(world, told(world))

    page = signed_in(world.informant).get(incident.get_absolute_url())

    assert "送去慰问" not in page.text and "护工" not in page.text
    assert url("incident_close", incident.pk) not in page.text


def test_markup_in_words_is_inert(world):
    incident = told(world, words="<svg onload=x>", place="<svg onload=y>")

    assert "<svg onload" not in signed_in(world.officer).get(incident.get_absolute_url()).text


def test_the_visit_is_recorded(world):
    incident = told(world)
    client = signed_in(world.officer)
    sent = {
        "visited_on": world.today.isoformat(), "visitors": [world.officer.pk, world.chair.pk],
        "help_given": "送去慰问",
    }  # fmt: skip

    answer = client.post(url("incident_visit", incident.pk), sent)

    incident.refresh_from_db()
    assert answer["Location"] == incident.get_absolute_url()
    assert (incident.status, incident.visitor_count) == ("VISITED", 2)
    assert "送去慰问" in client.get(answer["Location"]).text
    assert client.post(url("incident_visit", incident.pk), sent).status_code == 403


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("visitors", {"visitors": []}),
        ("visited_on", {"visited_on": ""}),
        ("visited_on", {"visited_on": "2027-01-01"}),
        ("visited_on", {"visited_on": "2026-01-01"}),
        ("visitors", {"visited_on": "2019-01-01"}),
    ],
)
def test_a_visit_that_cannot_be_is_said_at_the_field(field, changed, world):
    incident = told(world, ago=3000 if changed.get("visited_on") == "2019-01-01" else 0)
    sent = {
        "visited_on": world.today.isoformat(), "visitors": [world.officer.pk, world.chair.pk],
        **changed,
    }  # fmt: skip

    answer = signed_in(world.officer).post(url("incident_visit", incident.pk), sent)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_home_visit_on_record_may_be_chosen(world):
    dossier = world.household().dossier
    incident = told(world, dossier.head)
    visit = world.visit(dossier.cases.get())
    client = signed_in(world.officer)

    answer = client.post(url("incident_visit", incident.pk), {"visit": visit.pk})

    incident.refresh_from_db()
    assert incident.visit == visit
    assert visit.get_absolute_url() in client.get(answer["Location"]).text


def test_why_nobody_was_there(world):
    incident = told(world)
    client = signed_in(world.officer)

    refused = client.post(url("incident_skip", incident.pk), {"reason": "OTHER"})
    answer = client.post(url("incident_skip", incident.pk), {"reason": "DECLINED"})

    assert (refused.status_code, answer.status_code) == (422, 302)
    incident.refresh_from_db()
    assert incident.status == "NOT_VISITED"


def test_closing_offers_an_application_only_where_one_was_begun(world):
    incident = visited(world, told(world))
    client = signed_in(world.officer)

    assert "APPLIED" not in client.get(url("incident_close", incident.pk)).text
    client.post(url("incident_apply", incident.pk))
    assert "APPLIED" in client.get(url("incident_close", incident.pk)).text
    client.post(url("incident_close", incident.pk), {"outcome": "APPLIED"})

    incident.refresh_from_db()
    assert (incident.status, incident.outcome) == ("CLOSED", "APPLIED")


def test_one_press_leads_to_the_emergency_draft(world, time_machine):
    dossier = world.on_file()
    incident = told(world, dossier.head, concerns="SELF")
    time_machine.move_to(world.now, tick=False)
    client = signed_in(world.officer)

    answer = client.post(url("incident_apply", incident.pk))

    case = Case.objects.get(programme=Programme.EMERGENCY)
    assert answer["Location"] == url("apply_case", case.pk)
    assert client.get(answer["Location"]).status_code == 200
    assert url("incident_apply", incident.pk) in client.get(incident.get_absolute_url()).text


def test_one_press_puts_on_file_first_and_says_so(world):
    incident = told(world)
    client = signed_in(world.informant)

    answer = client.post(url("incident_apply", incident.pk))

    case = Case.objects.get()
    assert case.programme == Programme.RECOGNITION
    assert answer["Location"] == url("apply_case", case.pk)
    assert "notice-info" in client.get(answer["Location"]).text


def test_a_press_on_a_case_past_the_draft_leads_to_its_page(world):
    case = world.emergency()
    incident = told(world, case.applicant)
    world.submit(case)

    answer = signed_in(world.officer).post(url("incident_apply", incident.pk))

    assert answer["Location"] == case.get_absolute_url()


def test_a_press_on_a_case_one_may_not_see_stays_here(world):
    case = world.emergency()
    incident = told(world, case.applicant)

    answer = signed_in(world.informant).post(url("incident_apply", incident.pk))

    assert answer["Location"] == incident.get_absolute_url()


@pytest.mark.parametrize("concerns", ["SELF", "SPOUSE"])
def test_a_death_says_what_has_to_be_done_with_the_file(concerns, world):
    dossier = world.household().dossier
    incident = told(world, dossier.head, kind="DEATH", concerns=concerns)

    page = signed_in(world.officer).get(incident.get_absolute_url())

    about = page.context["about_death"]
    assert (about["own"], about["dossier"]) == (concerns == "SELF", dossier)
    assert about["on_roster"] == (concerns == "SELF")
    assert dossier.get_absolute_url() in page.text


def test_other_events_ask_nothing_of_the_file(world):
    dossier = world.household().dossier

    page = signed_in(world.officer).get(told(world, dossier.head).get_absolute_url())

    assert page.context["about_death"] is None


def test_a_gift_is_recorded_from_the_event(world):
    opened = gift_round(world)
    incident = told(world)
    sent = {"round": opened.pk, "quantity": 1, "given_on": world.today.isoformat(),
            "givers": [world.officer.pk]}  # fmt: skip
    client = signed_in(world.officer)

    above = client.post(url("incident_gift", incident.pk), sent | {"quantity": 3})
    answer = client.post(url("incident_gift", incident.pk), sent)
    again = client.post(url("incident_gift", incident.pk), sent)

    assert (above.status_code, answer.status_code, again.status_code) == (422, 302, 422)
    assert Gift.objects.get().incident == incident
    assert Gift.objects.get().get_absolute_url() in client.get(incident.get_absolute_url()).text


def test_without_a_round_the_gift_page_leads_to_one(world):
    gift_round(world, unit=world.other_unit)

    page = signed_in(world.officer).get(url("incident_gift", told(world).pk))

    assert url("gift_new") in page.text


# Timeliness


def test_each_unit_with_its_numbers(world, time_machine):
    states(world)
    there = appoint(Role.EMPLOYEE, world.other_unit).person
    told(world, there, by=world.company_officer, kind="DEATH")
    time_machine.move_to(world.now, tick=False)

    rows = signed_in(world.company_officer).get(url("incident_timeliness")).context["rows"]

    here, elsewhere = sorted(rows, key=lambda row: -row["reported"])
    assert here["name"] == world.unit.name
    assert [count for _label, count, _url in here["counts"]] == [1, 2, 1, 1, 1]
    assert [count for _label, count, _url in here["kinds"]] == [6, 0, 0]
    assert here["median"] == 3  # 3, 3 and 17 days
    assert (elsewhere["reported"], elsewhere["median"]) == (1, None)


@pytest.mark.parametrize("count", [1, 3])
def test_timeliness_query_count_does_not_grow(count, world, django_assert_num_queries):
    for _n in range(count):
        visited(world, told(world))
    client = signed_in(world.officer)

    with django_assert_num_queries(6):  # session, user, hats, kin; counts, days
        client.get(url("incident_timeliness"))


def test_every_number_leads_to_its_list(world, time_machine):
    states(world)
    time_machine.move_to(world.now, tick=False)
    client = signed_in(world.officer)
    (row,) = client.get(url("incident_timeliness"), {"since": "2026-01-01"}).context["rows"]

    for _label, count, address in [*row["counts"], *row["kinds"]]:
        assert len(client.get(address).context["page"]) == count


def test_timeliness_is_for_those_in_charge(world):
    for user, status in ((world.informant, 403), (world.cashier, 403), (world.auditor, 200)):
        assert signed_in(user).get(url("incident_timeliness")).status_code == status


def test_timeliness_as_a_workbook(world):
    visited(world, told(world))

    book = signed_in(world.officer).get(url("incident_timeliness"), {"export": "xlsx"})

    rows = list(load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
    assert [world.unit.name, 1] == list(rows[1][:2])


# Worklist and home


def test_worklist_of_the_unit_and_once_overdue_of_the_company(world, time_machine):
    incident = told(world)
    page = reverse("home")

    assert incident.get_absolute_url() in signed_in(world.officer).get(page).text
    assert incident.get_absolute_url() not in signed_in(world.company_officer).get(page).text
    time_machine.move_to(world.now + 10 * DAY, tick=False)
    assert incident.get_absolute_url() in signed_in(world.company_officer).get(page).text
    visited(world, incident)
    assert incident.get_absolute_url() not in signed_in(world.company_officer).get(page).text
    actions.close_incident(incident=incident, outcome="NOTHING", by=world.officer, at=world.tick())
    assert incident.get_absolute_url() not in signed_in(world.officer).get(page).text


def test_home_of_an_information_officer_shows_their_reports_masked(world):
    mine = told(world, person(world, name="赵丽"))
    other = told(world, by=world.officer)

    page = signed_in(world.informant).get(reverse("home"))

    assert mine.get_absolute_url() in page.text and other.get_absolute_url() not in page.text
    assert "赵丽" not in page.text
    assert "reports" not in signed_in(world.officer).get(reverse("home")).context


# The register


@pytest.mark.parametrize("count", [1, 3])
def test_register_query_count_does_not_grow(count, world, django_assert_num_queries):
    officers = [appoint(Role.INFORMANT, world.unit) for _n in range(count)]
    client = signed_in(world.officer)

    with django_assert_num_queries(7):  # session, user, hats, kin, units; posts, uncovered
        page = client.get(url("informant_list")).text

    assert all(officer.name in page for officer in officers)


def test_units_without_an_information_officer_are_named(world):
    page = signed_in(world.company_officer).get(url("informant_list"))

    assert list(page.context["uncovered"]) == [world.other_unit]
    appoint(Role.INFORMANT, world.other_unit)
    page = signed_in(world.company_officer).get(url("informant_list"))
    assert not page.context["uncovered"]


def test_area_and_phone_are_kept_and_the_phone_shown_to_few(world):
    post = Post.objects.get(user=world.informant)

    answer = signed_in(world.officer).post(
        url("informant_edit", post.pk), {"area": "二车间", "phone": "0451-555"}
    )

    assert answer["Location"] == post.get_absolute_url()
    assert Informant.objects.get().area == "二车间"
    for user, seen in ((world.officer, True), (world.company_officer, True),
                       (world.informant, True), (world.auditor, False)):  # fmt: skip
        page = signed_in(user).get(post.get_absolute_url())
        assert ("0451-555" in page.text) == seen
    assert "0451-555" not in signed_in(world.officer).get(url("informant_list")).text


def test_a_training_is_recorded(world):
    post = Post.objects.get(user=world.informant)
    client = signed_in(world.officer)
    sent = {"held_on": world.today.isoformat(), "subject": "帮扶政策"}

    future = client.post(url("informant_train", post.pk), sent | {"held_on": "2027-01-01"})
    client.post(url("informant_train", post.pk), sent)

    assert future.status_code == 422
    assert Training.objects.get().subject == "帮扶政策"
    assert "帮扶政策" in client.get(post.get_absolute_url()).text


def test_filters_and_export_of_the_register(world):
    there = appoint(Role.INFORMANT, world.other_unit, name="孙信息")
    client = signed_in(world.company_officer)

    def found(**params):
        return [post.user for post in client.get(url("informant_list"), params).context["page"]]

    assert found(q="孙") == found(unit=world.other_unit.pk) == [there]
    assert len(found(state="held")) == 2
    assert found(state="ended") == []
    book = client.get(url("informant_list"), {"export": "xlsx"})
    assert load_workbook(io.BytesIO(book.content)).active.max_row == 3
