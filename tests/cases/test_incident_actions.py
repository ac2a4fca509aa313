"""Three must-visits: told once, visited in time, led on to an application, closed."""

from datetime import date

import pytest

from cases import actions
from cases.forms.incident import IncidentCloseForm
from cases.models import Case, Incident, Informant, Post, Training
from cases.workflow import Programme, Status
from people.models import Holiday, HolidayKind
from people.roles import NotAllowed, Role
from tests.cases.must_visits import person, told, visited
from tests.cases.refused import not_allowed
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_report_says_who_told_it_when_and_until_when_somebody_goes_there(world):
    who = person(world)

    incident, new = actions.report_incident(
        person=who, kind="HOSPITAL", happened_on=world.today - DAY, by=world.informant,
        at=world.tick(), place="示例医院", words="摔伤", concerns="SELF",
    )  # fmt: skip

    assert new
    assert (incident.unit, incident.reported_by, incident.role, incident.report_days) == (
        world.unit, world.informant, "INFORMANT", 1,
    )  # fmt: skip
    assert (incident.status, incident.place, incident.words) == ("REPORTED", "示例医院", "摔伤")
    assert incident.due_on == date(2026, 3, 5)  # Monday and three working days


@pytest.mark.parametrize(("kind", "due"), [("DEATH", 3), ("SUDDEN", 3), ("HOSPITAL", 6)])
def test_the_day_for_the_visit_counts_working_days(kind, due, world):
    Holiday.objects.create(on=date(2026, 3, 4), kind=HolidayKind.OFF, name="示例")

    assert told(world, kind=kind).due_on == date(2026, 3, due)


@pytest.mark.parametrize("who", ["informant", "officer", "chair", "company_officer"])
def test_who_may_report_for_others(who, world):
    assert told(world, by=getattr(world, who)).role == {
        "informant": "INFORMANT", "officer": "UNIT_OFFICER", "chair": "UNIT_CHAIR",
        "company_officer": "COMPANY_OFFICER",
    }[who]  # fmt: skip


def test_everybody_may_report_for_themselves_and_nobody_else(world):
    who = person(world)

    assert told(world, who, by=who.user).role == Role.EMPLOYEE
    for stranger in (world.employee(), world.cashier, appoint(Role.INFORMANT, world.other_unit)):
        with pytest.raises(NotAllowed):
            told(world, who, by=stranger, kind="DEATH")


def test_a_day_in_the_future_is_refused(world):
    with pytest.raises(NotAllowed):
        told(world, ago=-1)


def test_without_a_policy_nothing_says_until_when(world):
    company = UnitFactory(company=True)
    unit = UnitFactory(parent=company)
    officer, who = appoint(Role.UNIT_OFFICER, unit), appoint(Role.EMPLOYEE, unit).person

    with pytest.raises(NotAllowed):
        told(world, who, by=officer)


@pytest.mark.parametrize(("ago", "count"), [(0, 1), (3, 1), (4, 2)])
def test_the_same_event_told_twice_is_kept_once(ago, count, world):
    first = told(world, ago=ago)

    again, new = actions.report_incident(
        person=first.person, kind="HOSPITAL", happened_on=world.today, by=world.officer,
        at=world.tick(),
    )  # fmt: skip

    assert (new, Incident.objects.count()) == (count == 2, count)
    assert (again == first) == (count == 1)


def test_another_event_of_the_same_person_is_another(world):
    first = told(world)

    assert told(world, first.person, kind="SUDDEN") != first


def test_visit_is_by_two_with_the_unit_each_comes_from(world):
    incident = visited(world, told(world, ago=1), visitors=[world.officer, world.company_officer])

    assert (incident.status, incident.visited_on, incident.visit_days, incident.late) == (
        "VISITED", world.today, 1, False,
    )  # fmt: skip
    assert (incident.visitor_count, incident.visited_by) == (2, world.officer)
    assert {(v.user, v.unit) for v in incident.visitors.all()} == {
        (world.officer, world.unit), (world.company_officer, world.company),
    }  # fmt: skip
    assert (incident.help_given, incident.needs) == ("送去慰问", "护工")


def test_a_visit_after_the_day_is_late(world):
    incident = told(world)
    world.tick(days=10)

    assert visited(world, incident).late


@pytest.mark.parametrize("case", ["one", "twice the same", "before", "future", "no role"])
def test_visits_that_are_refused(case, world):
    incident = told(world)
    visitors = {
        "one": [world.officer], "twice the same": [world.officer, world.officer],
        "no role": [world.officer, world.cashier],
    }.get(case, [world.officer, world.chair])  # fmt: skip
    on = world.today + {"before": -DAY, "future": DAY}.get(case, 0 * DAY)

    with pytest.raises(NotAllowed):
        visited(world, incident, on=on, visitors=visitors)
    assert not Incident.objects.exclude(status="REPORTED").exists()


def test_the_record_of_a_home_visit_stands_for_the_visit(world):
    dossier = world.household().dossier
    incident = told(world, dossier.head)
    visit = world.visit(dossier.cases.get())

    done = actions.visit_incident(incident=incident, visit=visit, by=world.officer, at=world.tick())

    assert (done.visit, done.visited_on, done.visitor_count) == (visit, visit.visited_on, 2)
    assert not done.visitors.exists()


def test_a_visit_to_another_household_does_not_count(world):
    visit = world.visit(world.household())

    with pytest.raises(NotAllowed):
        actions.visit_incident(incident=told(world), visit=visit, by=world.officer, at=world.tick())


@pytest.mark.parametrize("who", ["informant", "auditor", "cashier", "company_chair"])
def test_only_officers_write_down_what_was_done(who, world):
    incident = told(world)
    by = getattr(world, who)

    with pytest.raises(NotAllowed):
        actions.skip_incident(incident=incident, reason="AWAY", by=by, at=world.tick())
    with pytest.raises(NotAllowed):
        actions.visit_incident(
            incident=incident, visited_on=world.today, visitors=[world.officer, world.chair],
            by=by, at=world.tick(),
        )  # fmt: skip


def test_no_visit_is_said_with_its_reason(world):
    incident = actions.skip_incident(
        incident=told(world), reason="DECLINED", words="家属不愿打扰", by=world.officer,
        at=world.tick(),
    )  # fmt: skip

    assert (incident.status, incident.skip_reason, incident.skipped_by) == (
        "NOT_VISITED", "DECLINED", world.officer,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        visited(world, incident)


def test_an_event_is_closed_after_what_was_done_and_not_before(world):
    incident = told(world)
    with pytest.raises(NotAllowed):
        actions.close_incident(
            incident=incident, outcome="NOTHING", by=world.officer, at=world.tick()
        )

    visited(world, incident)
    closed = actions.close_incident(
        incident=incident, outcome="NOTHING", by=world.officer, at=world.tick()
    )

    assert (closed.status, closed.outcome, closed.closed_by) == ("CLOSED", "NOTHING", world.officer)
    with pytest.raises(NotAllowed):
        actions.close_incident(
            incident=incident, outcome="NOTHING", by=world.officer, at=world.tick()
        )


def test_nothing_led_to_an_application_that_was_never_begun(world):
    incident = visited(world, told(world))

    with pytest.raises(NotAllowed):
        actions.close_incident(
            incident=incident, outcome="APPLIED", by=world.officer, at=world.tick()
        )


def test_an_application_that_was_begun_is_not_closed_as_nothing(world):
    incident = visited(world, told(world))
    Incident.objects.filter(pk=incident.pk).update(case=world.case_in("DRAFT"))
    incident.refresh_from_db()

    assert "NOTHING" not in dict(IncidentCloseForm(incident=incident).fields["outcome"].choices)
    with not_allowed("An application was begun from this event: say so."):
        actions.close_incident(
            incident=incident, outcome="NOTHING", by=world.officer, at=world.tick()
        )


# One press from the event to the application


def applied(world, incident, by=None):
    return actions.apply_for_incident(incident=incident, by=by or world.informant, at=world.tick())


@pytest.mark.parametrize(("kind", "event"), [("HOSPITAL", "ILLNESS"), ("SUDDEN", "ACCIDENT")])
def test_a_household_on_file_gets_a_draft_with_what_is_known(kind, event, world):
    dossier = world.on_file()
    incident = told(world, dossier.head, kind=kind, ago=1, concerns="SELF")

    case = applied(world, incident)

    incident.refresh_from_db()
    assert incident.case == case
    assert (case.programme, case.status, case.entered_by) == (
        Programme.EMERGENCY, Status.DRAFT, world.informant,
    )  # fmt: skip
    assert (case.event, case.event_on) == (event, incident.happened_on)
    assert case.patient == dossier.members.get(relation="SELF")


def test_a_patient_who_is_not_sure_is_left_open(world):
    dossier = world.on_file()

    case = applied(world, told(world, dossier.head, concerns="SON"))

    assert case.patient is None


def test_after_a_death_in_the_family_a_visit_gift_is_asked_for(world):
    incident = told(world, world.on_file().head, kind="DEATH", concerns="PARENT")

    case = applied(world, incident)

    assert (case.programme, case.event) == (Programme.VISIT_GIFT, "BEREAVEMENT")
    assert case.event_on == incident.happened_on


def test_a_household_not_on_file_is_put_on_file_first(world):
    incident = told(world)

    case = applied(world, incident)

    assert (case.programme, case.applicant) == (Programme.RECOGNITION, incident.person)
    assert case.dossier.status == "PENDING"


def test_pressed_twice_begun_once(world):
    incident = told(world)

    assert applied(world, incident) == applied(world, incident, by=world.officer)
    assert Case.objects.count() == 1


def test_an_application_under_way_is_the_one(world):
    case = world.emergency()
    incident = told(world, case.applicant)

    assert applied(world, incident) == case
    incident.refresh_from_db()
    assert incident.case == case


def test_after_a_withdrawn_application_another_may_be_begun(world):
    incident = told(world, world.on_file().head)
    first = applied(world, incident)
    Case.objects.filter(pk=first.pk).update(status=Status.WITHDRAWN)

    assert applied(world, incident) not in (None, first)


@pytest.mark.parametrize("who", ["company_officer", "auditor", "cashier"])
def test_who_may_not_apply_from_an_event(who, world):
    with pytest.raises(NotAllowed):
        applied(world, told(world), by=getattr(world, who))


def test_for_an_employee_who_died_nobody_applies_at_a_press(world):
    with pytest.raises(NotAllowed):
        applied(world, told(world, kind="DEATH", concerns="SELF"))


# Information officers


def test_area_and_phone_are_written_over_not_beside(world):
    post = Post.objects.get(user=world.informant)

    for area in ("一车间", "二车间"):
        actions.keep_informant(
            post=post, area=area, phone="10086", by=world.officer, at=world.tick()
        )

    informant = Informant.objects.get()
    assert (informant.area, informant.phone, informant.changed_by) == (
        "二车间", "10086", world.officer,
    )  # fmt: skip


def test_a_training_sent_twice_is_kept_once(world):
    post = Post.objects.get(user=world.informant)

    for _n in range(2):
        actions.record_training(
            post=post, held_on=world.today, subject="帮扶政策", by=world.company_officer,
            at=world.tick(),
        )  # fmt: skip

    assert Training.objects.get().recorded_by == world.company_officer


@pytest.mark.parametrize("who", ["informant", "auditor", "elsewhere"])
def test_who_may_not_keep_the_register(who, world):
    post = Post.objects.get(user=world.informant)
    by = appoint(Role.UNIT_OFFICER, world.other_unit) if who == "elsewhere" else getattr(world, who)

    with pytest.raises(NotAllowed):
        actions.keep_informant(post=post, area="", phone="", by=by, at=world.tick())
    with pytest.raises(NotAllowed):
        actions.record_training(post=post, held_on=world.today, subject="x", by=by, at=world.tick())


def test_a_training_lies_not_in_the_future(world):
    post = Post.objects.get(user=world.informant)

    with pytest.raises(NotAllowed):
        actions.record_training(
            post=post, held_on=world.today + DAY, subject="x", by=world.officer, at=world.tick()
        )
