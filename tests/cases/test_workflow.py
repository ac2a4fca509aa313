"""The matrix of action, status and role, written out by hand; duties, relatives, own cases."""

import re
from datetime import date

import pytest
from django.conf import settings
from django.utils.translation import override

from cases.management.commands import draw_workflow
from cases.workflow import (
    OPEN,
    STAGE,
    STEPS,
    TURN,
    TURNS,
    Duty,
    Facts,
    Programme,
    Status,
    allowed,
    check,
    why_not,
    why_not_duty,
    why_not_handle,
)
from people.roles import Actor, Hat, NotAllowed, Role, kind_for

COMPANY, UNIT, ELSEWHERE, OTHER_COMPANY = "/C/", "/C/U/", "/C/V/", "/D/"
APPLICANT = 500


def case(status=Status.SUBMITTED, **columns):
    """A case of the unit /C/U/ with nothing lacking and nobody's duty on it."""
    given = {
        "pk": 1, "status": status, "programme": Programme.EMERGENCY, "unit_path": UNIT,
        "applicant_id": APPLICANT, "on": date(2026, 3, 2),
    }  # fmt: skip
    return Facts(**given | columns)


def actor(*roles, path=None, user_id=1, person_id=7, kin=()):
    """Somebody who holds these roles where they are held: in the unit or in its company."""
    hats = [
        Hat(role, 1, 1, path or (UNIT if kind_for(role) == "GRASSROOTS" else COMPANY))
        for role in roles
    ]
    return Actor(user_id, person_id, "王", tuple(hats), frozenset(kin))


WHO = {role.value: actor(role) for role in Role if role != Role.EMPLOYEE} | {
    "APPLICANT": actor(Role.EMPLOYEE, path=UNIT, person_id=APPLICANT),
    "EMPLOYEE": actor(Role.EMPLOYEE, path=UNIT),
    "OUTSIDER": actor(person_id=None),
}
S = Status
ALLOWED = {
    ("submit", S.DRAFT): {"APPLICANT", "INFORMANT", "UNIT_OFFICER", "UNIT_CHAIR"},
    ("submit", S.RETURNED): {"APPLICANT", "INFORMANT", "UNIT_OFFICER", "UNIT_CHAIR"},
    ("withdraw", S.DRAFT): {"APPLICANT"},
    ("withdraw", S.SUBMITTED): {"APPLICANT"},
    ("withdraw", S.RETURNED): {"APPLICANT"},
    ("withdraw", S.REVIEWED): {"APPLICANT"},
    ("withdraw", S.VERIFIED): {"APPLICANT"},
    ("give_back", S.SUBMITTED): {"UNIT_OFFICER", "UNIT_CHAIR"},
    ("give_back", S.REVIEWED): {"COMPANY_OFFICER"},
    ("review", S.SUBMITTED): {"UNIT_OFFICER", "UNIT_CHAIR"},
    ("verify", S.REVIEWED): {"COMPANY_OFFICER"},
    ("decline", S.SUBMITTED): {"UNIT_OFFICER", "UNIT_CHAIR"},
    ("decline", S.REVIEWED): {"COMPANY_OFFICER"},
    ("table", S.VERIFIED): {"COMPANY_CHAIR"},
    ("defer", S.TABLED): {"LEADER"},
    ("recall", S.TABLED): {"COMPANY_CHAIR"},
    ("approve", S.TABLED): {"LEADER"},
    ("refuse", S.TABLED): {"LEADER"},
    ("publish", S.APPROVED): {"COMPANY_OFFICER"},
    ("hold", S.PUBLISHED): {"DISCIPLINE"},
    ("release", S.HELD): {"DISCIPLINE"},
    ("reopen", S.HELD): {"DISCIPLINE"},
    ("clear", S.PUBLISHED): {"COMPANY_OFFICER", "PROGRAM"},
    ("pay", S.CLEARED): {"ACCOUNTANT"},
    ("bounce", S.PAID): {"ACCOUNTANT"},
}
TARGETS = {
    "submit": S.SUBMITTED, "withdraw": S.WITHDRAWN, "give_back": S.RETURNED,
    "review": S.REVIEWED, "verify": S.VERIFIED, "decline": S.DECLINED, "table": S.TABLED,
    "defer": S.VERIFIED, "recall": S.VERIFIED, "approve": S.APPROVED, "refuse": S.DECLINED,
    "publish": S.PUBLISHED, "hold": S.HELD, "release": S.PUBLISHED, "reopen": S.REVIEWED,
    "clear": S.CLEARED, "pay": S.PAID, "bounce": S.CLEARED,
}  # fmt: skip


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", STEPS)
def test_every_action_in_every_status_for_every_role(action, status):
    found = {who for who, by in WHO.items() if not why_not(case(status), action, by)}
    if not why_not(case(status), action, None):
        found.add("PROGRAM")

    assert found == ALLOWED.get((action, status), set())


def test_matrix_names_every_action():
    assert {action for action, _status in ALLOWED} == set(STEPS) == set(TARGETS)


@pytest.mark.parametrize("action", STEPS)
def test_action_leads_to_its_status(action):
    assert STEPS[action].target == TARGETS[action]


@pytest.mark.parametrize("path", [ELSEWHERE, OTHER_COMPANY])
@pytest.mark.parametrize(("action", "status"), ALLOWED, ids=str)
def test_role_held_elsewhere_allows_nothing(action, status, path):
    for role in Role:
        assert why_not(case(status), action, actor(role, path=path)), role


def test_company_role_reaches_every_unit_under_it():
    assert not why_not(case(Status.REVIEWED), "verify", actor(Role.COMPANY_OFFICER, path=COMPANY))
    assert why_not(case(Status.REVIEWED), "verify", actor(Role.COMPANY_OFFICER, path="/C/V/W/"))


@pytest.mark.parametrize(("action", "status"), ALLOWED, ids=str)
def test_action_in_no_other_status_whatever_the_roles(action, status):
    everybody = actor(*[r for r in Role if r != Role.EMPLOYEE])
    for other in set(Status) - set(STEPS[action].sources):
        assert why_not(case(other), action, everybody), other


@pytest.mark.parametrize("action", STEPS)
def test_program_itself_only_clears(action):
    reasons = {why_not(case(status), action, None) for status in STEPS[action].sources}

    assert (reasons == {""}) == (action == "clear")


# Two parts in one case

TAKES = {
    Duty.ENTER: ("submit", S.DRAFT, Role.UNIT_OFFICER),
    Duty.REVIEW: ("review", S.SUBMITTED, Role.UNIT_OFFICER),
    Duty.VERIFY: ("verify", S.REVIEWED, Role.COMPANY_OFFICER),
    Duty.OBJECTION: ("hold", S.PUBLISHED, Role.DISCIPLINE),
    Duty.POST: ("pay", S.CLEARED, Role.ACCOUNTANT),
}


@pytest.mark.parametrize("taken", Duty)
@pytest.mark.parametrize("duty", Duty)
def test_two_duties_on_one_case_are_refused(duty, taken):
    by = actor(Role.AUDITOR, user_id=3)

    refused = bool(why_not_duty(case(duties={3: taken}), duty, by))

    assert refused == (duty != taken)


@pytest.mark.parametrize("taken", Duty)
@pytest.mark.parametrize("duty", TAKES)
def test_step_that_makes_a_duty_is_refused_to_whoever_has_another(duty, taken):
    action, status, role = TAKES[duty]
    by = actor(role, user_id=3)

    with override("en"):
        reason = str(why_not(case(status, duties={3: taken, 4: duty}), action, by))

    assert ("two parts in one case" in reason) == (duty != taken)


@pytest.mark.parametrize(
    ("action", "status", "role", "duty"),
    [
        ("give_back", S.SUBMITTED, Role.UNIT_CHAIR, Duty.ENTER),
        ("decline", S.SUBMITTED, Role.UNIT_CHAIR, Duty.ENTER),
        ("give_back", S.REVIEWED, Role.COMPANY_OFFICER, Duty.REVIEW),
        ("decline", S.REVIEWED, Role.COMPANY_OFFICER, Duty.REVIEW),
        ("release", S.HELD, Role.DISCIPLINE, Duty.VERIFY),
        ("reopen", S.HELD, Role.DISCIPLINE, Duty.VERIFY),
        ("bounce", S.PAID, Role.ACCOUNTANT, Duty.PREPARE),
    ],
)
def test_other_steps_of_a_turn_count_as_its_duty(action, status, role, duty):
    by = actor(role, user_id=3)

    assert why_not(case(status, duties={3: duty}), action, by)
    assert not why_not(case(status, duties={4: duty}), action, by)


@pytest.mark.parametrize(
    ("action", "status"), [("hold", S.PUBLISHED), ("release", S.HELD), ("reopen", S.HELD)]
)
def test_objection_is_handled_by_somebody_who_took_no_step(action, status):
    by = actor(Role.DISCIPLINE, user_id=3)

    assert why_not(case(status, acted=frozenset({3})), action, by)
    assert not why_not(case(status, acted=frozenset({4})), action, by)


def test_whoever_took_a_step_may_not_handle_another_objection_either():
    by = actor(Role.DISCIPLINE, user_id=3)

    assert why_not_handle(case(S.HELD, acted=frozenset({3})), by)
    assert why_not_handle(case(S.HELD, duties={3: Duty.AUDIT}), by)
    assert not why_not_handle(case(S.REVIEWED), by)


# Relatives and one's own case

UNRELATED = {
    ("give_back", S.SUBMITTED): Role.UNIT_OFFICER,
    ("give_back", S.REVIEWED): Role.COMPANY_OFFICER,
    ("review", S.SUBMITTED): Role.UNIT_OFFICER,
    ("verify", S.REVIEWED): Role.COMPANY_OFFICER,
    ("decline", S.SUBMITTED): Role.UNIT_OFFICER,
    ("decline", S.REVIEWED): Role.COMPANY_OFFICER,
    ("hold", S.PUBLISHED): Role.DISCIPLINE,
    ("release", S.HELD): Role.DISCIPLINE,
    ("reopen", S.HELD): Role.DISCIPLINE,
}


@pytest.mark.parametrize(("action", "status"), UNRELATED, ids=str)
def test_relatives_of_the_household_may_not(action, status):
    role = UNRELATED[action, status]
    household = case(status, household=frozenset({"a", "b"}))

    with override("en"):
        reason = str(why_not(household, action, actor(role, kin={"b", "z"})))

    assert reason.startswith("You are a relative or a member of this household")
    assert not why_not(household, action, actor(role, kin={"z"}))


@pytest.mark.parametrize("duty", [d for d in Duty if d != Duty.ENTER])
def test_nobody_judges_their_own_case(duty):
    assert why_not_duty(case(), duty, actor(person_id=APPLICANT))


def test_applying_for_oneself_is_no_conflict():
    assert not why_not_duty(case(), Duty.ENTER, actor(person_id=APPLICANT))


@pytest.mark.parametrize("role", [Role.UNIT_OFFICER, Role.UNIT_CHAIR])
def test_officer_does_not_review_their_own_application(role):
    assert why_not(case(), "review", actor(role, person_id=APPLICANT))


def test_somebody_off_the_roster_is_no_applicant():
    stray = Actor(1, None, "王")

    assert why_not(case(S.DRAFT), "submit", stray)
    assert why_not(case(S.DRAFT, applicant_id=None), "submit", stray)


# What is missing, and how it is said


def test_what_is_lacking_refuses_after_who_may():
    lacking = {"verify": ("Record a home visit first.", "Mark the facts.")}
    reviewed = case(S.REVIEWED, lacking=lacking)

    assert why_not(reviewed, "verify", WHO["COMPANY_OFFICER"]) == "Record a home visit first."
    assert "visit" not in str(why_not(reviewed, "verify", WHO["UNIT_OFFICER"]))
    assert not why_not(reviewed, "give_back", WHO["COMPANY_OFFICER"])


def test_paper_is_needed_by_whoever_submits_for_another():
    draft = case(S.DRAFT, paper=False)

    assert not why_not(draft, "submit", WHO["APPLICANT"])
    assert why_not(draft, "submit", WHO["INFORMANT"])
    assert not why_not(case(S.DRAFT, paper=True), "submit", WHO["INFORMANT"])


def test_refusal_names_roles_and_status_in_words():
    with override("en"):
        wrong_role = str(why_not(case(), "review", WHO["CASHIER"]))
        wrong_status = str(why_not(case(S.PAID), "review", WHO["UNIT_OFFICER"]))

    assert wrong_role == (
        "Only these may do this here: grassroots union officer, grassroots union chair."
    )
    assert wrong_status == (
        "This case is: Paid. “Record the grassroots review” is not possible now."
    )


def test_check_raises_with_the_reason():
    with pytest.raises(NotAllowed, match="Only these"), override("en"):
        check(case(), "review", WHO["CASHIER"])
    check(case(), "review", WHO["UNIT_OFFICER"])


def test_allowed_lists_actions_in_the_order_of_the_table():
    assert allowed(case(S.SUBMITTED), WHO["UNIT_OFFICER"]) == ["give_back", "review", "decline"]
    assert allowed(case(S.PAID), WHO["AUDITOR"]) == []


def test_every_status_has_a_turn_and_every_stage_a_place():
    ended = {S.PAID, S.DECLINED, S.WITHDRAWN}

    assert set(TURN) == set(Status)
    assert sorted(s for statuses in TURNS.values() for s in statuses) == sorted(set(Status) - ended)
    assert set(STAGE) == set(Status) - {S.DECLINED, S.WITHDRAWN}
    assert set(OPEN) == set(Status) - ended - {S.CLEARED}


# Documents drawn from the table


def test_diagram_is_drawn_from_the_table():
    assert draw_workflow.TARGET.read_text(encoding="utf-8") == draw_workflow.draw()


def test_roles_in_words_agree_with_the_table():
    text = (settings.BASE_DIR / "docs" / "roles.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([A-Z_]+) \(.*?\)\n\nOn a case: (.*)\.$", text, re.M))

    written = {role: re.findall(r"`(\w+)`", line) for role, line in sections.items()}

    assert written == {
        role.value: [
            name
            for name, step in STEPS.items()
            if any(role in step.who(source)[0] for source in step.sources)
        ]
        for role in Role
    }


def test_roles_are_named_in_words_as_on_screen():
    text = (settings.BASE_DIR / "docs" / "roles.md").read_text(encoding="utf-8")

    with override("en"):
        assert all(f"## {role.value} ({role.label})\n" in text for role in Role)
