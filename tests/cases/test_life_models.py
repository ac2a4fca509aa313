"""The constraints of a dossier's life, each by its name."""

from datetime import date

import pytest
from django.db import connection

from cases import actions
from cases.models import (
    Campaign,
    Change,
    DossierEvent,
    DossierRemark,
    Exit,
    FollowUp,
    Recheck,
    WatchAnswer,
)
from cases.models.watch import households_key
from tests.cases.life import exited, propose, recovered
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def update(row, **columns):
    return attempt(type(row).objects.filter(pk=row.pk).update, **columns)


# Events


def event(dossier, **columns):
    given = {
        "dossier": dossier, "act": "UPDATE", "before": "ACTIVE", "after": "ACTIVE",
        "unit_before": dossier.unit, "unit_after": dossier.unit, "by": dossier.entered_by,
        "unit": dossier.unit, "at": NOON,
    }  # fmt: skip
    row = DossierEvent(**given | columns)
    attempt(row.save)
    return row


EVENT = [
    ("event_act_known", {"act": "DANCE"}),
    ("event_before_known", {"before": "LOST"}),
    ("event_after_known", {"after": "LOST"}),
    ("event_role_known", {"role": "KING"}),
    ("event_before_unless_entering", {"before": ""}),
    ("event_before_unless_entering", {"act": "ENTER"}),
    ("event_by_somebody", {"by": None}),
    ("event_duplicate_names_the_other", {"act": "CANCEL", "reason": "DUPLICATE"}),
]


def test_every_constraint_is_tried_here():
    assert constraints_of(DossierEvent) == {name for name, _c in EVENT} | {
        "event_unit_changes_by_transfer"
    }
    assert constraints_of(Change) == {name for name, _c in CHANGE}
    assert constraints_of(Exit) == {name for name, _c in EXIT} | {"exit_one_proposed"}
    assert constraints_of(FollowUp) == {name for name, _c in FOLLOW_UP} | {"follow_up_once_a_day"}
    assert constraints_of(Campaign) == {"campaign_ends_after_it_starts", "campaign_title_once"}
    assert constraints_of(Recheck) == {name for name, _c in RECHECK} | {"recheck_once_a_campaign"}
    assert constraints_of(WatchAnswer) == {"watch_kind_known"}


@pytest.mark.parametrize(("name", "columns"), EVENT)
def test_an_event_is_refused(name, columns, world):
    dossier = world.household().dossier

    with refused_by(name):
        event(dossier, **columns)


def test_only_a_transfer_or_a_return_changes_the_unit(world):
    dossier = world.household().dossier

    with refused_by("event_unit_changes_by_transfer"):
        event(dossier, unit_after=world.other_unit)
    assert event(dossier, act="TRANSFER", unit_after=world.other_unit)


def test_the_words_of_an_event_are_encrypted(world):
    DossierRemark.objects.create(event=event(world.household().dossier), words="明文")

    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM cases_dossierremark")
        (stored,) = cursor.fetchone()
    assert "明文" not in stored


# Changes


CHANGE = [
    ("change_kind_known", {"kind": "MOOD"}),
    ("change_status_known", {"status": "LOST"}),
    ("change_closed_by_somebody", {"status": "TAKEN"}),
    ("change_closed_by_somebody", {"closed_at": NOON}),
    ("change_refused_has_reason", {"status": "NO_NEED", "closed_at": NOON, "closed_by": 1}),
    ("change_due_after_it_happened", {"due_on": date(2020, 1, 1)}),
]


@pytest.mark.parametrize(("name", "columns"), CHANGE)
def test_a_change_is_refused(name, columns, world):
    dossier = world.on_file()
    change = actions.report_change(
        dossier=dossier, kind="WORK", happened_on=world.today, words="失业", by=world.officer,
        at=world.tick(),
    )  # fmt: skip
    if "closed_by" in columns:
        columns = columns | {"closed_by": world.officer}

    with refused_by(name):
        update(change, **columns)


# Exits


EXIT = [
    ("exit_kind_known", {"kind": "LUCK"}),
    ("exit_told_how_known", {"told_how": "PIGEON"}),
    ("exit_status_known", {"status": "LOST"}),
    ("exit_recovered_is_reckoned", {"above_since": None}),
    ("exit_recovered_is_reckoned", {"kind": "WISH"}),
    ("exit_decided_by_somebody", {"status": "CONFIRMED"}),
    ("exit_decided_by_another", {"status": "CONFIRMED", "decided_at": NOON, "decided_by": "own"}),
    ("exit_kept_has_reason", {"status": "KEPT", "decided_at": NOON, "decided_by": "other"}),
    ("exit_signed_or_witnessed", {"document": None}),
]


@pytest.mark.parametrize(("name", "columns"), EXIT)
def test_an_exit_is_refused(name, columns, world):
    leaving = propose(world, recovered(world))
    people = {"own": world.officer, "other": world.company_officer}
    if "decided_by" in columns:
        columns = columns | {"decided_by": people[columns["decided_by"]]}

    with refused_by(name):
        update(leaving, **columns)


def test_one_exit_is_proposed_at_a_time(world):
    leaving = propose(world, recovered(world))
    leaving.pk = None

    with refused_by("exit_one_proposed", "cases_exit.dossier_id"):
        attempt(leaving.save)


FOLLOW_UP = [
    ("follow_up_result_known", {"result": "RICH", "how": "PHONE", "done": True}),
    ("follow_up_how_known", {"result": "STABLE", "how": "DREAM", "done": True}),
    ("follow_up_done_by_somebody", {"result": "STABLE", "how": "PHONE"}),
    ("follow_up_done_says_how", {"how": "PHONE"}),
    ("follow_up_done_says_how", {"result": "STABLE", "done": True}),
]


@pytest.mark.parametrize(("name", "columns"), FOLLOW_UP)
def test_a_follow_up_is_refused(name, columns, world):
    row = exited(world).follow_ups.first()
    columns = dict(columns)
    if columns.pop("done", False):
        columns |= {"done_on": world.today, "done_at": NOON, "done_by": world.officer}

    with refused_by(name):
        update(row, **columns)


def test_a_follow_up_stands_once_a_day(world):
    first, second = exited(world).follow_ups.order_by("due_on")

    with refused_by("follow_up_once_a_day", "cases_followup.exit_id, cases_followup.due_on"):
        update(second, due_on=first.due_on)


# Campaigns


def campaign(world, **columns):
    given = {
        "company": world.company, "title": "2026年复核", "starts_on": world.today,
        "ends_on": world.today + 30 * DAY, "opened_at": NOON, "opened_by": world.company_officer,
    }  # fmt: skip
    return attempt(Campaign.objects.create, **given | columns)


def test_a_campaign_ends_after_it_starts_and_has_its_own_title(world):
    with refused_by("campaign_ends_after_it_starts"):
        campaign(world, ends_on=world.today - DAY)
    campaign(world)
    with refused_by("campaign_title_once", "cases_campaign.company_id, cases_campaign.title"):
        campaign(world)


RECHECK = [
    ("recheck_result_known", {"result": "FINE", "how": "PHONE", "done": True}),
    ("recheck_how_known", {"result": "UNCHANGED", "how": "DREAM", "done": True}),
    ("recheck_done_by_somebody", {"result": "UNCHANGED", "how": "PHONE"}),
    ("recheck_done_says_how", {"how": "PHONE"}),
    ("recheck_done_says_how", {"result": "UNCHANGED", "done": True}),
]


@pytest.mark.parametrize(("name", "columns"), RECHECK)
def test_a_row_of_a_campaign_is_refused(name, columns, world):
    dossier = world.household().dossier
    row = Recheck.objects.create(
        campaign=campaign(world), dossier=dossier, unit=dossier.unit, edit=dossier.edit
    )
    columns = dict(columns)
    if columns.pop("done", False):
        columns |= {"done_at": NOON, "done_by": world.officer}

    with refused_by(name):
        update(row, **columns)
    with refused_by(
        "recheck_once_a_campaign", "cases_recheck.campaign_id, cases_recheck.dossier_id"
    ):
        attempt(
            Recheck.objects.create, campaign=row.campaign, dossier=dossier, unit=dossier.unit,
            edit=0,
        )  # fmt: skip


# The watch


def test_an_answer_is_of_a_known_kind_and_encrypted(world):
    given = {"company": world.company, "households": "1", "words": "不是重复", "at": NOON}
    with refused_by("watch_kind_known"):
        attempt(WatchAnswer.objects.create, kind="HUNCH", by=world.officer, **given)
    WatchAnswer.objects.create(kind="PHONE", by=world.officer, **given)

    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM cases_watchanswer")
        (stored,) = cursor.fetchone()
    assert "不是重复" not in stored


def test_households_are_named_alike_in_any_order_and_in_any_number():
    assert households_key([12, 3, 12]) == "3,12"
    many = households_key(range(1_000_000, 1_000_100))
    assert len(many) == 64 and many == households_key(reversed(range(1_000_000, 1_000_100)))
