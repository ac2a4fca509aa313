"""What happens to a dossier from its opening to its end, and the events it leaves."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cases import actions, life
from cases.life import Act, months_earlier, months_later
from cases.models import Case, Dossier, DossierEvent, Exit, FollowUp
from cases.workflow import Programme, Status
from people.models import Kinship, Relation, Standing
from people.roles import NotAllowed, Role
from tests.cases.life import exited, paper, propose, recovered
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def world():
    return World()


def acts(dossier):
    return list(dossier.events.order_by("pk").values_list("act", "before", "after"))


def refusal(act, *args, **kwargs):
    with pytest.raises(NotAllowed) as refused:
        act(*args, **kwargs)
    return str(refused.value)


# Events


def test_an_opening_leaves_two_events_and_names_nobody_for_the_daily_run(world):
    dossier = world.on_file()

    assert acts(dossier) == [("ENTER", "", "PENDING"), ("OPEN", "PENDING", "ACTIVE")]
    entered, opened = dossier.events.order_by("pk")
    assert (entered.by, entered.role, entered.unit) == (
        dossier.head.user, Role.EMPLOYEE, dossier.unit,
    )  # fmt: skip
    assert (opened.by, opened.role) == (None, "")


def test_changed_facts_leave_one_event_for_a_person_and_a_day(world):
    dossier = world.on_file()
    for words in ("一", "二"):
        actions.describe(dossier=dossier, by=world.officer, at=world.tick(), story=words)
    actions.describe(dossier=dossier, by=world.chair, at=world.tick(), story="三")
    actions.describe(dossier=dossier, by=world.officer, at=world.tick(days=1), story="四")

    updates = dossier.events.filter(act=Act.UPDATE).order_by("pk")
    assert [event.by for event in updates] == [world.officer, world.chair, world.officer]
    assert updates[0].role == Role.UNIT_OFFICER


def test_facts_of_a_household_applied_for_leave_no_update(world):
    dossier = world.household().dossier

    assert acts(dossier) == [("ENTER", "", "PENDING")]


def test_a_withdrawn_recognition_drops_the_file_with_an_event(world):
    case = world.case_in(Status.WITHDRAWN, Programme.RECOGNITION)

    assert acts(case.dossier)[-1] == ("DROP", "PENDING", "CANCELLED")
    case.dossier.refresh_from_db()
    assert (case.dossier.status, case.dossier.exit_reason) == ("CANCELLED", "NOT_RECOGNISED")


def test_a_recheck_is_written_down_with_its_result(world):
    dossier = world.on_file()
    actions.recheck([dossier], by=world.officer, at=world.tick())

    event = dossier.events.get(act=Act.RECHECK)
    assert (event.by, event.reason, event.role) == (
        world.officer, "UNCHANGED", Role.UNIT_OFFICER,
    )  # fmt: skip


def test_nobody_rechecks_a_household_of_relatives(world):
    dossier = world.on_file()
    Kinship.objects.create(
        user=world.officer, relation=Relation.SPOUSE, name=dossier.head.name,
        id_index=dossier.head.id_index, registered_at=world.now, registered_by=world.officer,
    )  # fmt: skip

    assert refusal(actions.recheck, [dossier], by=world.officer, at=world.tick()) == str(life.KIN)


def test_retirement_changes_the_standing_and_not_the_validity(world):
    dossier = world.on_file(world.employee(standing=Standing.IN_SERVICE))
    dossier.head.standing = Standing.RETIRED
    dossier.head.save(update_fields=["standing"])

    assert list(Dossier.objects.valid_on(world.today)) == [dossier]
    opened = actions.open_round(
        company=world.company, title="2026年中秋", year=2026, festival="AUTUMN",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    assert opened.cases.get().dossier == dossier


# Exit


def test_an_exit_is_proposed_by_the_unit_and_confirmed_by_the_company(world):
    dossier = recovered(world)
    leaving = propose(world, dossier)
    actions.confirm_exit(dossier=dossier, by=world.company_officer, at=world.tick(), words="属实")

    dossier.refresh_from_db()
    leaving.refresh_from_db()
    assert (dossier.status, dossier.exit_reason, dossier.closed_on) == (
        "EXITED", "RECOVERED", world.today,
    )  # fmt: skip
    assert not dossier.members.filter(active=True).exists()
    assert acts(dossier)[-2:] == [
        ("PROPOSE_EXIT", "ACTIVE", "ACTIVE"), ("EXIT", "ACTIVE", "EXITED"),
    ]  # fmt: skip
    assert dossier.events.get(act=Act.EXIT).remark.words == "属实"
    assert (leaving.status, leaving.decided_by) == ("CONFIRMED", world.company_officer)
    assert leaving.net_income_fen > leaving.line_fen
    assert leaving.document.dossier == dossier


def test_an_exit_is_followed_up_after_three_and_six_months(world):
    dossier = exited(world)

    days = list(dossier.follow_ups.order_by("due_on").values_list("due_on", flat=True))
    assert days == [months_later(world.today, 3), months_later(world.today, 6)]


def test_no_exit_while_the_facts_show_no_recovery(world):
    dossier = world.on_file()

    assert refusal(propose, world, dossier).startswith("By the facts on file the household has")
    assert not Exit.objects.exists()


def test_no_exit_before_six_months_above_the_line(world):
    dossier = recovered(world)
    since = months_earlier(world.today, 6) + DAY

    assert refusal(propose, world, dossier, above_since=since) == (
        "The income must have been above the line for 6 months."
    )
    assert propose(world, dossier, above_since=since - DAY)


def test_no_exit_without_a_valid_visit(world):
    dossier = recovered(world)
    world.tick(days=200)

    assert refusal(propose, world, dossier) == (
        "Record a home visit by two people, one of them from outside the unit, first."
    )


def test_no_exit_without_the_signed_paper_or_two_witnesses(world):
    dossier = recovered(world)
    unsigned = {"upload": None, "file": None}

    assert refusal(propose, world, dossier, **unsigned) == "Attach the paper the household signed."
    leaving = propose(world, dossier, **unsigned, witnesses="甲、乙")
    assert (leaving.document, leaving.witnesses) == (None, "甲、乙")


def test_a_wish_needs_the_signature_and_no_arithmetic(world):
    dossier = world.on_file()
    wish = {"kind": "WISH", "above_since": None}

    assert refusal(
        propose, world, dossier, **wish, upload=None, file=None, witnesses="甲、乙"
    ) == ("Attach the paper the household signed.")  # fmt: skip
    leaving = propose(world, dossier, **wish)
    assert (leaving.above_since, leaving.line_fen, leaving.visit) == (None, None, None)


def test_a_day_in_the_future_is_no_day_of_telling(world):
    dossier = recovered(world)

    assert refusal(propose, world, dossier, told_on=world.today + DAY) == (
        "This day lies in the future."
    )


def test_no_exit_with_an_open_case_which_is_named(world):
    dossier = recovered(world)
    case = world.emergency(dossier)

    assert case.number in refusal(propose, world, dossier)


def test_no_second_proposal_while_one_waits(world):
    dossier = recovered(world)
    propose(world, dossier)

    assert "proposed already" in refusal(propose, world, dossier)


def test_whoever_proposed_does_not_confirm(world):
    dossier = recovered(world)
    both = appoint(Role.UNIT_OFFICER, world.unit)
    propose(world, dossier, by=both)
    appointed = appoint(Role.COMPANY_OFFICER, world.company)
    appointed.appointments.update(user=both)

    reason = refusal(actions.confirm_exit, dossier=dossier, by=both, at=world.tick())
    assert reason == "You entered or proposed this yourself: another officer must do this."


def test_no_confirmation_without_a_proposal(world):
    dossier = recovered(world)

    reason = refusal(
        actions.confirm_exit, dossier=dossier, by=world.company_officer, at=world.tick()
    )
    assert reason == "The grassroots union must propose the exit first."


def test_no_confirmation_when_the_income_fell_again(world):
    dossier = recovered(world)
    propose(world, dossier)
    dossier.members.filter(relation=Relation.SELF).update(monthly_income_fen=0)

    reason = refusal(
        actions.confirm_exit, dossier=dossier, by=world.company_officer, at=world.tick()
    )
    assert reason.startswith("By the facts on file")


def test_an_exit_that_is_not_confirmed_keeps_the_household(world):
    dossier = recovered(world)
    leaving = propose(world, dossier)
    actions.keep_on_file(
        dossier=dossier, by=world.company_officer, at=world.tick(), words="仍需观察"
    )

    dossier.refresh_from_db()
    leaving.refresh_from_db()
    assert (dossier.status, leaving.status, leaving.decision) == ("ACTIVE", "KEPT", "仍需观察")
    assert acts(dossier)[-1] == ("KEEP", "ACTIVE", "ACTIVE")
    assert propose(world, dossier)


# Cancel


def cancel(world, dossier, reason="TRANSFERRED", **given):
    given = {"words": "调往外单位", **paper(), **given}
    return actions.cancel_dossier(
        dossier=dossier, reason=reason, by=world.company_officer, at=world.tick(), **given
    )


def test_a_cancelled_dossier_is_closed_with_reason_words_and_paper(world):
    dossier = cancel(world, world.on_file())

    assert (dossier.status, dossier.exit_reason, dossier.closed_on) == (
        "CANCELLED", "TRANSFERRED", world.today,
    )  # fmt: skip
    assert not dossier.members.filter(active=True).exists()
    event = dossier.events.get(act=Act.CANCEL)
    assert (event.reason, event.remark.words, event.role) == (
        "TRANSFERRED", "调往外单位", Role.COMPANY_OFFICER,
    )  # fmt: skip
    assert dossier.documents.count() == 1


@pytest.mark.parametrize(
    ("reason", "given", "said"),
    [
        ("BORED", {}, "Choose the reason."),
        ("DUPLICATE", {}, "Name the other dossier."),
        ("FALSE", {}, "Name the clause of the policy."),
        ("DIED", {"upload": None, "file": None}, "Attach the paper this rests on."),
    ],
)
def test_cancelling_says_what_is_missing(world, reason, given, said):
    assert refusal(cancel, world, world.on_file(), reason, **given) == said


def test_a_death_the_roster_knows_needs_no_paper(world):
    dossier = world.on_file()
    dossier.head.died_on = world.today
    dossier.head.save(update_fields=["died_on"])

    cancelled = cancel(world, dossier, "DIED", upload=None, file=None)
    assert cancelled.exit_reason == "DIED"


def test_a_duplicate_names_the_other_dossier(world):
    dossier, other = world.on_file(), world.on_file()
    cancel(world, dossier, "DUPLICATE", other=other, upload=None, file=None)

    assert dossier.events.get(act=Act.CANCEL).other == other


def test_whoever_entered_a_household_does_not_cancel_it(world):
    dossier = world.on_file()
    Dossier.objects.filter(pk=dossier.pk).update(entered_by=world.company_officer)

    assert refusal(cancel, world, dossier) == (
        "You entered or proposed this yourself: another officer must do this."
    )


def test_no_cancelling_before_a_case_under_way_ended(world):
    case = world.case_in(Status.SUBMITTED)

    assert case.number in refusal(cancel, world, case.dossier)


def test_a_proposed_exit_falls_with_the_dossier(world):
    dossier = recovered(world)
    leaving = propose(world, dossier)
    cancel(world, dossier)

    leaving.refresh_from_db()
    assert (leaving.status, leaving.decided_by) == ("KEPT", world.company_officer)


def test_false_statements_bar_a_new_application_for_two_years(world):
    dossier = cancel(world, world.on_file(), "FALSE", clause="第八条")
    head = dossier.head
    until = months_later(dossier.closed_on, 24)

    reason = refusal(actions.start_dossier, head=head, by=head.user, at=world.tick())
    assert dossier.number in reason and str(until) in reason
    assert actions.why_not_start(head, until - DAY) and not actions.why_not_start(head, until)


def test_after_another_cancelling_a_new_dossier_is_begun(world):
    dossier = cancel(world, world.on_file())
    head = dossier.head

    fresh = actions.start_dossier(head=head, by=head.user, at=world.tick())
    assert fresh.pk != dossier.pk and fresh.number != dossier.number


# Return


def test_after_a_relapse_the_old_file_is_applied_for_again(world):
    dossier = exited(world)
    head = dossier.head
    case = actions.start_application(
        head=head, programme=Programme.RECOGNITION, by=world.officer, at=world.tick()
    )

    dossier.refresh_from_db()
    assert case.dossier == dossier
    assert (dossier.status, dossier.closed_on, dossier.exit_reason) == ("PENDING", None, "")
    assert dossier.entered_by == world.officer
    assert acts(dossier)[-1] == ("RETURN", "EXITED", "PENDING")
    assert dossier.events.get(act=Act.RETURN).reason == "RECOVERED"
    assert Dossier.objects.filter(head=head).count() == 1


def test_the_file_follows_its_head_into_their_new_unit(world):
    dossier = exited(world)
    head = dossier.head
    head.unit = world.other_unit
    head.save(update_fields=["unit"])
    actions.start_dossier(head=head, by=head.user, at=world.tick())

    event = dossier.events.get(act=Act.RETURN)
    dossier.refresh_from_db()
    assert dossier.unit == world.other_unit
    assert (event.unit_before, event.unit_after) == (world.unit, world.other_unit)


def test_a_return_that_is_not_recognised_is_an_exit_again(world):
    dossier = exited(world)
    case = actions.start_application(
        head=dossier.head, programme=Programme.RECOGNITION, by=dossier.head.user, at=world.tick()
    )
    actions.withdraw(case=case, by=dossier.head.user, at=world.tick())

    dossier.refresh_from_db()
    assert (dossier.status, dossier.exit_reason, dossier.closed_on) == (
        "EXITED", "RECOVERED", world.today,
    )  # fmt: skip


# Transfer


def test_a_transfer_takes_drafts_along_and_leaves_the_roster(world):
    dossier = world.on_file()
    case = world.emergency(dossier)
    actions.transfer(
        dossier=dossier, unit=world.other_unit, words="班组合并", by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip

    dossier.refresh_from_db()
    event = dossier.events.get(act=Act.TRANSFER)
    assert dossier.unit == Case.objects.get(pk=case.pk).unit == world.other_unit
    assert dossier.head.unit == world.unit
    assert (event.unit_before, event.unit_after, event.remark.words) == (
        world.unit, world.other_unit, "班组合并",
    )  # fmt: skip


def test_no_transfer_while_a_case_is_decided(world):
    case = world.case_in(Status.SUBMITTED)
    given = {"words": "x", "by": world.company_officer, "at": world.tick()}

    assert case.number in refusal(
        actions.transfer, dossier=case.dossier, unit=world.other_unit, **given
    )


def test_no_transfer_to_the_same_unit_or_out_of_the_company(world):
    dossier = world.on_file()
    given = {"words": "x", "by": world.company_officer, "at": world.tick()}
    abroad = World().unit

    assert refusal(actions.transfer, dossier=dossier, unit=world.unit, **given) == (
        "The dossier is with this unit already."
    )
    for unit in (abroad, world.company):
        assert refusal(actions.transfer, dossier=dossier, unit=unit, **given) == (
            "Choose a grassroots union of this company."
        )


# Follow-up


def test_a_follow_up_is_recorded_once(world):
    row = exited(world).follow_ups.order_by("due_on").first()
    given = {
        "result": "STABLE", "how": "PHONE", "done_on": world.today, "words": "生活平稳",
        "by": world.officer,
    }  # fmt: skip
    actions.record_follow_up(follow_up=row, at=world.tick(), **given)

    row.refresh_from_db()
    assert (row.result, row.words, row.done_by) == ("STABLE", "生活平稳", world.officer)
    assert row.dossier.events.get(act=Act.FOLLOW_UP).reason == "STABLE"
    reason = refusal(actions.record_follow_up, follow_up=row, at=world.tick(), **given)
    assert reason == "This follow-up has been recorded already."


def test_no_follow_up_of_tomorrow_or_of_a_household_that_came_back(world):
    dossier = exited(world)
    row = dossier.follow_ups.order_by("due_on").first()
    given = {"result": "STABLE", "how": "PHONE", "words": "x", "by": world.officer}

    assert refusal(
        actions.record_follow_up, follow_up=row, done_on=world.today + DAY, at=world.tick(),
        **given,
    ) == "This day lies in the future."  # fmt: skip
    actions.start_dossier(head=dossier.head, by=world.officer, at=world.tick())
    assert "is not possible now" in refusal(
        actions.record_follow_up, follow_up=row, done_on=world.today, at=world.tick(), **given
    )
    assert not FollowUp.objects.waiting().exists()


# Who may, and the days


@pytest.mark.parametrize(
    ("act", "allowed"),
    [
        (Act.RECHECK, {"officer", "chair", "company_officer"}),
        (Act.PROPOSE_EXIT, {"officer", "chair"}),
        (Act.CANCEL, {"company_officer"}),
        (Act.TRANSFER, {"company_officer"}),
    ],
)
def test_who_may_do_what_to_a_household_on_file(world, act, allowed):
    dossier = recovered(world)
    people = ("officer", "chair", "informant", "company_officer", "company_chair", "auditor")

    may = {
        name
        for name in people
        if not actions.why_not_life(dossier, act, getattr(world, name).actor(world.today))
    }

    assert may == allowed


def test_relatives_take_no_part_in_an_exit(world):
    dossier = recovered(world)
    spouse = dossier.members.get(relation=Relation.SPOUSE)
    Kinship.objects.create(
        user=world.officer, relation=Relation.SIBLING, name=spouse.name, id_index=spouse.id_index,
        registered_at=world.now, registered_by=world.officer,
    )  # fmt: skip

    assert refusal(propose, world, dossier) == str(life.KIN)
    assert propose(world, dossier, by=world.chair)


DAYS = st.dates(date(2023, 12, 1), date(2029, 3, 31))


@given(DAYS, st.integers(0, 60))
def test_some_months_later_is_the_same_day_or_the_last_of_its_month(day, months):
    later = months_later(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)
    assert months_later(day, months + 1) > later


@given(DAYS, st.integers(1, 60))
def test_months_earlier_and_later_never_shorten_a_term(day, months):
    assert months_later(months_earlier(day, months), months) <= day
    assert months_earlier(months_later(day, months), months) <= day


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
    ],
)
def test_months_around_the_end_of_february_and_of_the_year(day, months, later):
    assert months_later(day, months) == later


def test_the_events_are_sealed_and_their_words_erasable(world):
    dossier = cancel(world, world.on_file())
    event = dossier.events.get(act=Act.CANCEL)

    with pytest.raises(TypeError):
        event.delete()
    event.remark.delete()
    assert DossierEvent.objects.filter(pk=event.pk).exists()
