"""The constraints of cases, steps, assessments and what hangs on them, each by its name."""

import pytest
from django.db import IntegrityError, connection, transaction

from base.append_only import AppendOnlyError
from cases.models import (
    Assessment,
    Case,
    CaseDuty,
    Counter,
    Document,
    Opinion,
    Round,
    Screening,
    Step,
)
from cases.workflow import Duty, Programme, Status
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON, appoint
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def update(case, **columns):
    return attempt(Case.objects.filter(pk=case.pk).update, **columns)


DRAFT = {
    "case_programme_known": {"programme": "LOTTERY"},
    "case_status_known": {"status": "LOST"},
    "case_event_known": {"event": "PARTY"},
    "case_category_known": {"category": "RICH"},
    "case_level_known": {"level": "NONE"},
    "case_round_iff_regular": {"programme": "REGULAR"},
    "case_asked_positive": {"asked_fen": 0},
    "case_reimbursed_within_amount": {"spent_fen": 1, "reimbursed_fen": 2},
    "case_granted_iff_decided": {"granted_fen": 1},
    "case_event_fits_programme": {"event": "ILLNESS"},
}
# A recognised household on its way; `programme` turned to EMERGENCY for what needs money.
VERIFIED = [
    ("case_recognised_has_class", {"category": ""}),
    ("case_recognised_has_class", {"level": ""}),
    ("case_judged_rests_on_assessment", {"assessment": None}),
    ("case_judged_rests_on_assessment", {"revision": None}),
    ("case_judged_rests_on_assessment", {"reference_fen": None}),
    ("case_judged_after_visit", {"visit": None}),
    ("case_judged_has_proposal", {"programme": "EMERGENCY"}),
    ("case_judged_has_proposal", {"programme": "EMERGENCY", "proposed_fen": 0}),
    ("case_granted_iff_decided", {"status": "APPROVED", "granted_fen": 1}),
    ("case_granted_iff_decided",
     {"programme": "EMERGENCY", "proposed_fen": 1, "status": "APPROVED"}),
    ("case_granted_iff_decided",
     {"programme": "EMERGENCY", "proposed_fen": 1, "status": "APPROVED", "granted_fen": 0}),
    ("case_granted_iff_decided", {"programme": "EMERGENCY", "proposed_fen": 1, "granted_fen": 1}),
    ("case_recognition_pays_nothing", {"status": "PAID"}),
    ("case_cleared_without_objection", {"status": "CLEARED", "open_objections": 1}),
    ("case_held_by_objection", {"status": "HELD"}),
]  # fmt: skip
UNIQUE = {
    "case_number_once", "case_once_per_round", "case_one_open_per_programme",
    "case_one_draft_per_programme", "case_event_once", "case_gift_once",
}  # fmt: skip


def test_every_constraint_of_a_case_is_tried_here():
    assert set(DRAFT) | {name for name, _columns in VERIFIED} | UNIQUE == constraints_of(Case)


@pytest.mark.parametrize("name", DRAFT)
def test_draft_is_refused(world, name):
    case = world.household()

    with refused_by(name):
        update(case, **DRAFT[name])


def test_verified_case_is_refused(world):
    case = world.case_in(Status.VERIFIED, Programme.RECOGNITION)

    for name, columns in VERIFIED:
        with refused_by(name):
            update(case, **columns)


def test_what_the_constraints_let_through(world):
    case = world.case_in(Status.VERIFIED, Programme.RECOGNITION)

    for columns in (
        {"status": "APPROVED"},
        {"status": "CLEARED"},
        {"visit": None, "no_visit_reason": "住院隔离"},
        {"status": "VERIFIED", "programme": "EMERGENCY", "proposed_fen": 1},
        {"status": "APPROVED", "granted_fen": 1},
        {"status": "HELD", "open_objections": 1},
        {"status": "PAID", "open_objections": 0},
    ):
        assert update(case, **columns) == 1


def copy_of(case, **columns):
    given = {
        "company": case.company, "unit": case.unit, "dossier": case.dossier,
        "applicant": case.applicant, "programme": case.programme, "number": "2026-建-9999",
        "code": "AAAAAAAAAAA", "status_at": NOON, "entered_at": NOON, "entered_by": case.entered_by,
    }  # fmt: skip
    return Case(**given | columns)


def test_number_once_in_a_company(world):
    case = world.household()

    with refused_by("case_number_once", "cases_case.company_id, cases_case.number"):
        attempt(copy_of(case, number=case.number, programme="EMERGENCY").save)


def test_code_once_everywhere(world):
    case = world.household()

    with refused_by("code", "cases_case.code"):
        attempt(copy_of(case, code=case.code, programme="EMERGENCY").save)


def test_one_open_case_of_a_programme(world):
    case = world.household()

    with refused_by("case_one_open_per_programme", "cases_case.dossier_id, cases_case.programme"):
        attempt(copy_of(case).save)
    update(case, status=Status.WITHDRAWN)
    copy_of(case).save()


@pytest.mark.parametrize("programme", ["TUITION", "VISIT_GIFT"])
def test_one_draft_of_what_may_be_applied_for_side_by_side(world, programme):
    case = world.household()
    copy_of(case, programme=programme).save()
    twin = copy_of(case, programme=programme, number="2026-9998", code="AAAAAAAAAAB")

    with refused_by("case_one_draft_per_programme", "cases_case.dossier_id, cases_case.programme"):
        attempt(twin.save)
    Case.objects.filter(code="AAAAAAAAAAA").update(status=Status.SUBMITTED)
    twin.save()


def same_day(case, programme, **columns):
    """Two applications for one event; the second is not saved."""
    given = {
        "programme": programme, "event": "ILLNESS", "event_on": NOON.date(),
        "patient": case.dossier.members.first(),
    } | columns  # fmt: skip
    copy_of(case, status=Status.SUBMITTED, **given).save()
    return copy_of(case, number="2026-9998", code="AAAAAAAAAAB", **given)


def test_one_emergency_grant_for_an_event(world):
    case = world.household()
    other = world.household()
    second = same_day(case, "EMERGENCY")
    second.dossier = other.dossier

    with refused_by(
        "case_event_once", "cases_case.patient_id, cases_case.event, cases_case.event_on"
    ):
        attempt(second.save)
    Case.objects.filter(code="AAAAAAAAAAA").update(status=Status.DECLINED)
    second.save()


def test_one_visit_gift_for_an_occasion(world):
    second = same_day(world.household(), "VISIT_GIFT")

    with refused_by(
        "case_gift_once", "cases_case.dossier_id, cases_case.event, cases_case.event_on"
    ):
        attempt(second.save)
    Case.objects.filter(code="AAAAAAAAAAA").update(status=Status.WITHDRAWN)
    second.save()


def a_round(world, **columns):
    given = {
        "company": world.company, "title": "2026年春节", "year": 2026, "festival": "SPRING",
        "policy": world.policy, "opened_at": NOON, "opened_by": world.company_officer,
    }  # fmt: skip
    return Round(**given | columns)


def test_one_case_a_household_in_a_round(world):
    case = world.household()
    spring = a_round(world)
    spring.save()
    copy_of(case, programme="REGULAR", round=spring).save()

    with refused_by("case_once_per_round", "cases_case.round_id, cases_case.dossier_id"):
        attempt(copy_of(case, programme="REGULAR", round=spring, number="9998", code="B" * 11).save)


def test_round_is_refused(world):
    a_round(world).save()

    with refused_by("round_festival_known"):
        attempt(a_round(world, festival="MIDSUMMER").save)
    with refused_by("round_status_known"):
        attempt(a_round(world, year=2030, status="HALF_OPEN").save)
    with refused_by("round_once", "cases_round.company_id, cases_round.year"):
        attempt(a_round(world, title="又一次").save)
    assert constraints_of(Round) == {"round_festival_known", "round_once", "round_status_known"}


def test_counter_gives_each_number_once(world):
    assert [Counter.objects.take(world.company.pk, "x", count=n) for n in (1, 3, 1)] == [1, 2, 5]

    with refused_by("counter_once", "cases_counter.company_id, cases_counter.key"):
        attempt(Counter.objects.create, company=world.company, key="x")


# Sealed rows

STEP = {
    "step_action_known": {"action": "bless"},
    "step_before_known": {"before": "LOST"},
    "step_after_known": {"after": "LOST"},
    "step_role_known": {"role": "KING"},
    "step_before_unless_opening": {"before": ""},
    "step_by_somebody": {"by": None},
}


def a_step(case, **columns):
    given = {
        "case": case, "action": "submit", "before": "DRAFT", "after": "SUBMITTED",
        "by": case.entered_by, "role": Role.EMPLOYEE, "unit": case.unit, "at": NOON,
    }  # fmt: skip
    return Step(**given | columns)


def test_step_is_refused(world):
    case = world.household()

    for name, columns in STEP.items():
        with refused_by(name):
            attempt(a_step(case, **columns).save)
    with refused_by("step_before_unless_opening"):
        attempt(a_step(case, action="open", before="DRAFT").save)
    a_step(case, action="clear", by=None, role="").save()
    assert set(STEP) == constraints_of(Step)


def test_duty_is_refused(world):
    case = world.household()
    user = case.entered_by

    with refused_by("duty_known"):
        attempt(CaseDuty(case=case, user=world.officer, duty="SLEEP", at=NOON).save)
    with refused_by(
        "duty_one_per_person_and_case", "cases_caseduty.case_id, cases_caseduty.user_id"
    ):
        attempt(CaseDuty(case=case, user=user, duty=Duty.REVIEW, at=NOON).save)
    assert constraints_of(CaseDuty) == {"duty_known", "duty_one_per_person_and_case"}


ASSESSMENT = {
    "assessment_programme_known": {"programme": "LOTTERY"},
    "assessment_category_known": {"category": "RICH"},
    "assessment_level_known": {"level": "NONE"},
    "assessment_score_in_range": {"score": 101},
    "assessment_reference_not_negative": {"reference_fen": -1},
}


def test_assessment_is_refused(world):
    case = world.household()
    world.submit(case)
    world.review(case)
    made = world.assess(case)
    given = {
        f.name: getattr(made, f.name) for f in Assessment._meta.concrete_fields if f.name != "id"
    }

    for name, columns in ASSESSMENT.items():
        with refused_by(name):
            attempt(Assessment(**given | columns).save)
    assert set(ASSESSMENT) == constraints_of(Assessment)


def test_sealed_rows_are_never_changed(world):
    case = world.household()
    world.submit(case)
    world.review(case)
    world.assess(case)

    for model in (Step, CaseDuty, Assessment):
        row = model.objects.order_by("pk").first()
        for change in (row.save, row.delete, model.objects.all().delete):
            with pytest.raises(AppendOnlyError):
                change()
        for sql in (
            f"UPDATE {model._meta.db_table} SET at = at",
            f"DELETE FROM {model._meta.db_table}",
        ):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                connection.cursor().execute(sql)


def test_opinion_beside_a_sealed_step_can_be_erased(world):
    case = world.household()
    world.submit(case)
    world.review(case)

    Opinion.objects.filter(step__case=case).delete()

    assert case.steps.filter(action="review").count() == 1


# Screening and documents


def test_screening_is_refused(world):
    case = world.household()
    given = {
        "case": case, "question": "INCOME", "answer": "FITS", "by": world.officer, "at": NOON,
    }  # fmt: skip
    Screening(**given).save()

    with refused_by("screening_question_known"):
        attempt(Screening(**given | {"question": "HOROSCOPE"}).save)
    with refused_by("screening_answer_known"):
        attempt(Screening(**given | {"question": "LUXURY", "answer": "MAYBE"}).save)
    with refused_by("screening_once", "cases_screening.case_id, cases_screening.question"):
        attempt(Screening(**given).save)
    assert len(constraints_of(Screening)) == 3


def test_document_is_refused(world):
    case = world.household()
    given = {
        "dossier": case.dossier, "kind": "INCOME", "file": "x", "media_type": "image/png",
        "sha256": "0" * 64, "size": 1, "uploaded_at": NOON, "uploaded_by": world.officer,
    }  # fmt: skip
    Document(**given).save()

    with refused_by("document_kind_known"):
        attempt(Document(**given | {"kind": "POEM", "sha256": "1" * 64}).save)
    with refused_by(
        "document_once_per_household", "cases_document.dossier_id, cases_document.sha256"
    ):
        attempt(Document(**given).save)
    with refused_by("document_removal_complete"):
        attempt(Document(**given | {"removed_at": NOON, "sha256": "2" * 64}).save)
    assert len(constraints_of(Document)) == 4


# Questions about rows


def test_narrowed_cases(world):
    draft = world.household(world.employee(name="赵钱孙", name_pinyin="zhao qian sun"))
    sent = world.household(world.employee(name="钱二", name_pinyin="qian er"))
    world.submit(sent)
    found = Case.objects.narrowed
    on = world.today

    assert list(found(on=on, q="赵钱")) == list(found(on=on, q="zhao")) == [draft]
    assert list(found(on=on, q=sent.number)) == [sent]
    assert list(found(on=on, status="SUBMITTED")) == list(found(on=on, turn="GRASSROOTS")) == [sent]
    assert list(found(on=on, turn="APPLICANT")) == [draft]
    assert found(on=on, programme="EMERGENCY").count() == 0
    assert found(on=on, unit=world.other_unit).count() == 0
    assert found(on=on, overdue=True).count() == 0
    sent.refresh_from_db()
    assert list(found(on=sent.due_on.replace(year=2027), overdue=True)) == [sent]


def test_cleared_recognition_waits_for_nobody(world):
    dossier = world.on_file()
    case = dossier.cases.get()

    assert str(case.turn) == str(Case(status="PAID", programme="EMERGENCY").turn)
    assert Case.objects.narrowed(on=world.today, turn="CASHIER").count() == 0


def test_elsewhere_sees_nothing(world):
    world.household()
    stranger = appoint(Role.UNIT_OFFICER, world.other_unit)

    assert Case.objects.visible_to(stranger.actor(world.today)).count() == 0
