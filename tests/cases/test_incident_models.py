"""The constraints of must-visits, gifts and referrals, each by its name; whom they show."""

import pytest
from django.db import connection

from cases import actions
from cases.models import (
    Gift,
    GiftGiver,
    GiftRound,
    Incident,
    IncidentVisitor,
    Informant,
    Post,
    Receipt,
    Referral,
    Training,
)
from cases.models.incident import persons_matching, persons_of
from people.models import Appointment, Person
from people.roles import Role
from tests.cases.must_visits import (
    answered,
    gift_round,
    given,
    passed_on,
    person,
    planned,
    told,
    visited,
)
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON, UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def update(row, **columns):
    return attempt(type(row).objects.filter(pk=row.pk).update, **columns)


REPORTED = [
    ("incident_kind_known", {"kind": "BIRTH"}),
    ("incident_concerns_known", {"concerns": "FRIEND"}),
    ("incident_status_known", {"status": "LOST"}),
    ("incident_role_known", {"role": "BOSS"}),
    ("incident_skip_reason_known", {"skip_reason": "LAZY"}),
    ("incident_outcome_known", {"outcome": "FAME"}),
    ("incident_visit_complete", {"visited_on": NOON.date(), "visitor_count": 2}),
    ("incident_visited_by_two", {"visitor_count": 2}),
    ("incident_skip_complete", {"skip_reason": "AWAY"}),
    ("incident_close_complete", {"closed_at": NOON}),
    ("incident_closed_has_outcome", {"outcome": "NOTHING"}),
    ("incident_status_says_what_was_done", {"status": "VISITED"}),
    ("incident_applied_has_case", {"outcome": "APPLIED"}),
]
ROUND = [
    ("gift_round_occasion_known", {"occasion": "BIRTHDAY"}),
    ("gift_round_source_known", {"source": "FUND"}),
    ("gift_round_ends_after_it_began", {"until": NOON.date() - DAY}),
    ("gift_round_amounts_positive", {"planned_fen": 0}),
]
GIFT = [
    ("gift_status_known", {"status": "LOST"}),
    ("gift_value_is_quantity_times_price", {"value_fen": 151_00}),
    ("gift_value_is_quantity_times_price", {"quantity": 0, "value_fen": 0}),
    ("gift_given_by_somebody_on_a_day", {"given_on": NOON.date()}),
    ("gift_given_by_somebody_on_a_day", {"signed": True}),
    ("gift_close_complete", {"closed_at": NOON}),
    ("gift_planned_is_open", {"status": "NOT_GIVEN"}),
]
REFERRAL = [
    ("referral_kind_known", {"kind": "BANK"}),
    ("referral_status_known", {"status": "LOST"}),
    ("referral_outcome_known", {"outcome": "FAME"}),
    ("referral_satisfaction_known", {"satisfaction": "JOY"}),
    ("referral_answer_complete", {"answered_on": NOON.date()}),
    ("referral_answered_has_outcome", {"outcome": "HELPED"}),
    ("referral_close_complete", {"closed_at": NOON}),
    ("referral_closed_has_moment", {"status": "CLOSED"}),
    ("referral_call_has_answer", {"called_on": NOON.date()}),
]


def test_every_constraint_is_tried_here():
    by_columns = {
        "incident_reported_once", "incident_visitor_once", "informant_once", "training_once",
        "gift_round_once", "gift_once_per_round", "gift_giver_once", "receipt_once_per_round",
    }  # fmt: skip
    tried = {name for name, _c in (*REPORTED, *ROUND, *GIFT, *REFERRAL)} | by_columns

    assert tried == constraints_of(
        Incident, IncidentVisitor, Informant, Training, GiftRound, Gift, GiftGiver, Receipt,
        Referral,
    )  # fmt: skip


def _refuses(name, row, columns):
    """One change may break two rules: SQLite names the first, whichever it is."""
    with refused_by(name):
        update(row, **columns)


@pytest.mark.parametrize(("name", "columns"), REPORTED)
def test_an_event_is_refused(name, columns, world):
    incident = told(world)
    if name == "incident_applied_has_case":
        closed = visited(world, incident)
        actions.close_incident(
            incident=closed, outcome="NOTHING", by=world.officer, at=world.tick()
        )
    elif name == "incident_visited_by_two":
        visited(world, incident)
        columns = {"visitor_count": 1}

    _refuses(name, incident, columns)


@pytest.mark.parametrize(("name", "columns"), ROUND)
def test_a_round_of_gifts_is_refused(name, columns, world):
    _refuses(name, gift_round(world), columns)


@pytest.mark.parametrize(("name", "columns"), GIFT)
def test_a_gift_is_refused(name, columns, world):
    (gift,) = planned(world, gift_round(world), [person(world)])
    if name == "gift_planned_is_open":
        columns = {"closed_at": NOON, "closed_by": world.officer}

    _refuses(name, gift, columns)


@pytest.mark.parametrize(("name", "columns"), REFERRAL)
def test_a_referral_is_refused(name, columns, world):
    referral = passed_on(world)
    if name == "referral_closed_has_moment":
        answered(world, referral)

    _refuses(name, referral, columns)


def test_the_same_event_of_the_same_day_stands_once(world):
    incident = told(world)
    again = {
        f.attname: getattr(incident, f.attname)
        for f in Incident._meta.local_concrete_fields
        if not f.primary_key
    }

    with refused_by(
        "incident_reported_once",
        "cases_incident.person_id, cases_incident.kind, cases_incident.happened_on",
    ):
        attempt(Incident.objects.create, **again)


def test_nobody_receives_twice_in_one_round(world):
    opened = gift_round(world)
    (gift,) = planned(world, opened, [person(world)])

    with refused_by("gift_once_per_round", "cases_gift.round_id, cases_gift.recipient_id"):
        attempt(
            Gift.objects.create, round=opened, company=world.company, unit=world.unit,
            recipient=gift.recipient, what="米", unit_fen=1, value_fen=1, planned_at=NOON,
            planned_by=world.officer,
        )  # fmt: skip


def test_a_visitor_and_a_giver_stand_once(world):
    incident = visited(world, told(world))
    (gift,) = given(world, planned(world, gift_round(world), [person(world)]))

    with refused_by(
        "incident_visitor_once", "cases_incidentvisitor.incident_id, cases_incidentvisitor.user_id"
    ):
        attempt(
            IncidentVisitor.objects.create, incident=incident, user=world.officer, unit=world.unit
        )
    with refused_by("gift_giver_once", "cases_giftgiver.gift_id, cases_giftgiver.user_id"):
        attempt(GiftGiver.objects.create, gift=gift, user=world.officer, unit=world.unit)


def test_a_round_stands_once(world):
    gift_round(world)

    with refused_by(
        "gift_round_once",
        "cases_giftround.company_id, cases_giftround.title, cases_giftround.since",
    ):
        attempt(gift_round, world)


def test_a_receipt_stands_once_in_a_round(world):
    opened = gift_round(world)
    columns = {
        "round": opened, "file": "receipts/x.png", "media_type": "image/png", "sha256": "0" * 64,
        "size": 1, "uploaded_at": NOON, "uploaded_by": world.officer,
    }  # fmt: skip
    Receipt.objects.create(**columns)

    with refused_by("receipt_once_per_round", "cases_receipt.round_id, cases_receipt.sha256"):
        attempt(Receipt.objects.create, **columns)


def test_an_information_officer_and_a_training_stand_once(world):
    columns = {"user": world.informant, "unit": world.unit, "changed_at": NOON,
               "changed_by": world.officer}  # fmt: skip
    informant = Informant.objects.create(**columns)
    taken = {"informant": informant, "held_on": NOON.date(), "subject": "政策", "recorded_at": NOON,
             "recorded_by": world.officer}  # fmt: skip
    Training.objects.create(**taken)

    with refused_by("informant_once", "cases_informant.user_id, cases_informant.unit_id"):
        attempt(Informant.objects.create, **columns)
    with refused_by(
        "training_once",
        "cases_training.informant_id, cases_training.held_on, cases_training.subject",
    ):
        attempt(Training.objects.create, **taken)


def test_free_words_are_encrypted(world):
    told(world, place="示例医院", words="腿骨折")
    passed_on(world)
    post = Post.objects.get(user=world.informant)
    actions.keep_informant(
        post=post, area="二车间", phone="13800000000", by=world.officer, at=world.tick()
    )

    stored = []
    with connection.cursor() as cursor:
        for sql in ("SELECT place, words FROM cases_incident", "SELECT words FROM cases_referral",
                    "SELECT phone FROM cases_informant"):  # fmt: skip
            cursor.execute(sql)
            stored += cursor.fetchone()

    for words in ("示例医院", "腿骨折", "咨询劳动合同", "13800000000"):
        assert all(words not in text for text in stored)


def test_who_sees_an_event(world):
    incident = told(world)
    other_informant = appoint(Role.INFORMANT, world.unit)
    sees = [world.informant, world.officer, world.chair, world.company_officer, world.auditor,
            incident.person.user]  # fmt: skip
    blind = [other_informant, world.leaders[0], world.cashier, world.employee(),
             appoint(Role.UNIT_OFFICER, world.other_unit),
             appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))]  # fmt: skip

    def visible(user):
        return Incident.objects.visible_to(user.actor(world.today)).exists()

    assert [visible(user) for user in sees] == [True] * len(sees)
    assert [visible(user) for user in blind] == [False] * len(blind)


def test_who_sees_a_referral_and_a_gift(world):
    passed_on(world)
    planned(world, gift_round(world), [person(world)])
    sees = [world.officer, world.chair, world.company_officer, world.company_chair, world.auditor]
    blind = [world.informant, world.leaders[0], appoint(Role.UNIT_OFFICER, world.other_unit)]

    def visible(user):
        actor = user.actor(world.today)
        return (
            Referral.objects.visible_to(actor).exists(), Gift.objects.visible_to(actor).exists()
        )  # fmt: skip

    assert [visible(user) for user in sees] == [(True, True)] * len(sees)
    assert [visible(user) for user in blind] == [(False, False)] * len(blind)


def test_a_round_of_a_unit_is_no_business_of_another(world):
    company_wide = gift_round(world)
    own = gift_round(world, by=world.officer, unit=world.unit, title="住院慰问")
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)

    def visible(user):
        return set(GiftRound.objects.visible_to(user.actor(world.today)))

    assert visible(world.officer) == {company_wide, own}
    assert visible(elsewhere) == {company_wide}
    assert visible(world.company_officer) == {company_wide, own}
    assert visible(world.leaders[0]) == set()


def test_the_register_reads_the_appointments_and_counts(world):
    told(world)
    told(world, ago=5)
    elsewhere = appoint(Role.INFORMANT, world.other_unit)
    post = Post.objects.get(user=world.informant)
    actions.record_training(
        post=post, held_on=world.today, subject="政策", by=world.officer, at=world.tick()
    )

    rows = Post.objects.visible_to(world.officer.actor(world.today)).for_list()

    (row,) = rows
    assert (row.user, row.reported, row.in_time, row.trainings, row.trained_on) == (
        world.informant, 2, 1, 1, world.today,
    )  # fmt: skip
    everywhere = Post.objects.visible_to(world.company_officer.actor(world.today))
    assert set(everywhere.values_list("user", flat=True)) == {world.informant.pk, elsewhere.pk}
    Appointment.objects.filter(pk=post.pk).update(until=world.today)
    assert not Post.objects.narrowed(on=world.today, state="held").filter(pk=post.pk).exists()


@pytest.mark.parametrize("text", ["王", "wang jian", "wangjian", "10077"])
def test_a_person_is_found_by_name_pinyin_or_number(text, world):
    found = person(world, name="王建国", staff_no="100777")
    person(world, name="赵丽", staff_no="200000")

    assert list(persons_matching(Person.objects.all(), text)) == [found]


def test_whom_a_role_reaches(world):
    here, there = person(world), appoint(Role.EMPLOYEE, world.other_unit).person

    def reached(user, *roles):
        return set(persons_of(user.actor(world.today), roles))

    assert reached(world.officer, Role.UNIT_OFFICER) == {here}
    assert reached(world.company_officer, Role.COMPANY_OFFICER) == {here, there}
    assert reached(world.officer, Role.INFORMANT) == set()
    assert reached(here.user, *actions.REPORTERS) == set()
