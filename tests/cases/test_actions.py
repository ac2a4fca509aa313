"""What each verb on a case does: the change, one sealed step, and every refusal in words."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import override

from base.workdays import day_of
from cases import actions, facts, workflow
from cases.actions import steps as steps_module
from cases.codes import Category, Gate, Level, Question
from cases.evidence import Mark
from cases.models import (
    Answer,
    Basis,
    Case,
    CaseDuty,
    Clearance,
    Document,
    Dossier,
    Member,
    Notice,
    Objection,
    Opinion,
    Screening,
    Visit,
)
from cases.workflow import Duty, Programme, Status
from people.models import Holiday, HolidayKind, Kinship, Relation, Standing
from people.roles import NotAllowed, Role
from tests.factories import NOON, appoint
from tests.world import HEADER, PERSONAL, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture(autouse=True)
def english():
    """Refusals are compared in the words of the source."""
    with override("en"):
        yield


def last_step(case):
    return case.steps.order_by("pk").last()


def written(step):
    """What a sealed step says: (action, before, after, by, role, unit, reason, words)."""
    words = Opinion.objects.filter(step=step).first()
    return (
        step.action, step.before, step.after, step.by, step.role, step.unit, step.reason,
        words.words if words else "",
    )  # fmt: skip


def duties(case):
    return dict(CaseDuty.objects.filter(case=case).values_list("user", "duty"))


def sign_on_paper(world, case, by=None):
    file = ContentFile(b"%PDF-1.4 signed", name="form.pdf")
    return Document.objects.create(
        dossier=case.dossier, case=case, kind=Document.Kind.SIGNED_FORM, file=file,
        media_type="application/pdf", sha256=f"{case.pk:064d}", size=15, uploaded_at=world.tick(),
        uploaded_by=by or world.officer,
    )  # fmt: skip


def entered_by(world, user):
    """A household and its draft recognition, entered by somebody for an employee."""
    head = world.employee(standing=Standing.RETIRED, monthly_income_fen=1500_00).person
    dossier = actions.start_dossier(head=head, by=user, at=world.tick())
    actions.describe(dossier=dossier, by=user, at=world.tick(), main_cause="OWN_ILLNESS", **HEADER)
    member = dossier.members.get()
    actions.save_member(
        dossier=dossier, by=user, at=world.tick(), member=member, id_number=member.id_number,
        phone=head.phone, **PERSONAL,
    )  # fmt: skip
    actions.answer_gates(
        dossier=dossier, by=user, at=world.tick(), answers={g: (False, "") for g in Gate}
    )
    case = actions.open_case(
        dossier=dossier, programme=Programme.RECOGNITION, by=user, at=world.tick()
    )
    return world.sign(case, user)


# Opening and filling in


def test_open_case_numbers_it_and_writes_the_first_step(world):
    dossier = world.on_file()
    user = dossier.head.user
    at = world.tick()

    case = actions.open_case(dossier=dossier, programme=Programme.EMERGENCY, by=user, at=at)

    assert (case.number, case.status, case.status_at) == ("2026-临-0001", Status.DRAFT, at)
    assert (case.unit, case.applicant, len(case.code)) == (world.unit, dossier.head, 11)
    assert written(case.steps.get()) == (
        "open", "", Status.DRAFT, user, Role.EMPLOYEE, world.unit, "", "")  # fmt: skip
    assert duties(case) == {user.pk: Duty.ENTER}


def test_open_case_by_an_officer_carries_their_role(world):
    case = entered_by(world, world.officer)

    step = case.steps.get()
    assert (step.by, step.role) == (world.officer, Role.UNIT_OFFICER)


def test_open_case_twice_is_refused(world):
    case = world.household()

    with pytest.raises(NotAllowed, match="An application of this kind is under way"):
        actions.open_case(
            dossier=case.dossier, programme=Programme.RECOGNITION,
            by=case.applicant.user, at=world.tick(),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("programme", "words"),
    [
        (Programme.REGULAR, "The regular subsidy needs no application"),
        (Programme.EMERGENCY, "The household must be on file first"),
    ],
)
def test_open_case_of_a_household_not_on_file_is_refused(world, programme, words):
    case = world.household()

    with pytest.raises(NotAllowed, match=words):
        actions.open_case(
            dossier=case.dossier, programme=programme, by=case.applicant.user, at=world.tick()
        )


def test_open_case_of_recognition_once_on_file_is_refused(world):
    dossier = world.on_file()

    with pytest.raises(NotAllowed, match="on file already"):
        actions.open_case(
            dossier=dossier, programme=Programme.RECOGNITION, by=dossier.head.user, at=world.tick()
        )


def test_open_case_for_a_stranger_is_refused(world):
    dossier = world.on_file()

    for by in (
        world.employee(),
        world.company_officer,
        appoint(Role.UNIT_OFFICER, world.other_unit),
    ):
        with pytest.raises(NotAllowed, match="Only the employee or an officer of their unit"):
            actions.open_case(
                dossier=dossier, programme=Programme.EMERGENCY, by=by, at=world.tick()
            )


def test_describe_case_after_submission_is_refused(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    with pytest.raises(NotAllowed, match="has been submitted"):
        actions.describe_case(case=case, by=world.applicant(case), at=world.tick(), asked_fen=1)


def test_describe_case_by_a_stranger_is_refused(world):
    case = world.household()

    with pytest.raises(NotAllowed, match="Only the applicant"):
        actions.describe_case(case=case, by=world.employee(), at=world.tick(), asked_fen=1)


def test_describe_case_takes_columns_of_the_application_only(world):
    case = world.household()

    with pytest.raises(TypeError, match="granted_fen"):
        actions.describe_case(
            case=case, by=case.applicant.user, at=world.tick(), granted_fen=1_000_000_00
        )


# Submitting


def test_submit_hands_the_case_to_the_grassroots_union(world):
    case = world.household()
    user = case.applicant.user
    at = world.tick()

    actions.submit(case=case, by=user, at=at)

    case.refresh_from_db()
    assert (case.status, case.status_at) == (Status.SUBMITTED, at)
    assert case.due_on == Holiday.objects.calendar().add_workdays(day_of(at), 5)
    assert case.steps.count() == 2
    assert written(last_step(case)) == (
        "submit", Status.DRAFT, Status.SUBMITTED, user, Role.EMPLOYEE, world.unit, "", "",
    )  # fmt: skip


SUBMISSION = {
    "no main cause": (lambda w, c: Dossier.objects.filter(pk=c.dossier_id).update(main_cause=""),
                      "Choose the main cause of hardship."),
    "a gate unanswered": (lambda w, c: c.dossier.assets.filter(gate="LUXURY").delete(),
                          "Answer every question about property and luxury goods."),
    "no account": (lambda w, c: type(c.applicant).objects.filter(pk=c.applicant_id).update(
        account=""), "Enter the payee account of the employee."),
    "no declaration": (lambda w, c: Case.objects.filter(pk=c.pk).update(true_statement=False),
                       "Sign the three declarations."),
    "no consent": (lambda w, c: Case.objects.filter(pk=c.pk).update(may_publish=False),
                   "Sign the three declarations."),
    "no policy": (lambda w, c: setattr(w, "now", NOON - timedelta(days=3650)),
                  "No policy is in force on this day."),
}  # fmt: skip


@pytest.mark.parametrize("lack", SUBMISSION)
def test_submit_of_an_incomplete_application_says_what_is_missing(world, lack):
    case = world.household()
    spoil, words = SUBMISSION[lack]
    spoil(world, case)

    with pytest.raises(NotAllowed) as refusal:
        world.submit(case)

    assert str(refusal.value) == words
    case.refresh_from_db()
    assert (case.status, case.steps.count()) == (Status.DRAFT, 1)


def test_submit_of_an_emergency_without_event_is_refused(world):
    dossier = world.on_file()
    case = actions.open_case(
        dossier=dossier, programme=Programme.EMERGENCY, by=dossier.head.user, at=world.tick()
    )
    world.sign(case, dossier.head.user)

    with pytest.raises(NotAllowed, match="Say what happened, when, to whom"):
        world.submit(case)


def test_submit_after_the_yearly_recheck_is_due_is_refused(world):
    case = world.emergency()
    world.tick(days=400)

    with pytest.raises(NotAllowed, match="The yearly re-check of this household is overdue"):
        world.submit(case)


def test_submit_of_somebody_on_file_elsewhere_is_refused(world):
    other = world.on_file()
    case = world.household()
    spouse = other.members.get(relation=Relation.SPOUSE)
    mine = case.dossier.members.get(relation=Relation.SPOUSE)
    Member.objects.filter(pk=mine.pk).update(id_index=spouse.id_index)

    with pytest.raises(NotAllowed, match="on file in another household already"):
        world.submit(case)


def test_submit_on_behalf_needs_the_signed_paper(world):
    case = entered_by(world, world.informant)

    with pytest.raises(NotAllowed, match="Attach a photo of the application form signed on paper"):
        actions.submit(case=case, by=world.informant, at=world.tick())
    sign_on_paper(world, case)
    actions.submit(case=case, by=world.informant, at=world.tick())

    assert last_step(case).role == Role.INFORMANT


def test_submit_by_an_officer_of_what_the_applicant_entered_needs_the_paper_too(world):
    case = world.household()

    with pytest.raises(NotAllowed, match="signed on paper"):
        actions.submit(case=case, by=world.officer, at=world.tick())
    sign_on_paper(world, case)
    actions.submit(case=case, by=world.officer, at=world.tick())

    assert duties(case) == {case.applicant.user.pk: Duty.ENTER, world.officer.pk: Duty.ENTER}


def test_whoever_submitted_on_behalf_does_not_review(world):
    case = entered_by(world, world.officer)
    sign_on_paper(world, case)
    actions.submit(case=case, by=world.officer, at=world.tick())

    with pytest.raises(NotAllowed, match="You entered the application"):
        world.review(case)
    world.review(case, by=world.chair)

    assert Case.objects.get(pk=case.pk).status == Status.REVIEWED


# Withdrawing, returning, reviewing, declining


def test_withdraw_ends_the_case_and_the_file_only_applied_for(world):
    case = world.household()
    user = case.applicant.user

    actions.withdraw(case=case, by=user, at=world.tick(), words="不需要了")

    case.refresh_from_db()
    assert written(last_step(case)) == (
        "withdraw", Status.DRAFT, Status.WITHDRAWN, user, Role.EMPLOYEE, world.unit, "", "不需要了",
    )  # fmt: skip
    dossier = Dossier.objects.get(pk=case.dossier_id)
    assert (dossier.status, dossier.exit_reason) == ("CANCELLED", "NOT_RECOGNISED")


def test_withdraw_of_a_grant_leaves_the_file_alone(world):
    case = world.case_in(Status.WITHDRAWN)

    assert Dossier.objects.get(pk=case.dossier_id).status == "ACTIVE"


def test_withdraw_before_the_meeting_is_refused(world):
    case = world.case_in(Status.TABLED)

    with pytest.raises(NotAllowed, match="is not possible now"):
        actions.withdraw(case=case, by=world.applicant(case), at=world.tick())


def test_give_back_tells_the_applicant_why(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    actions.give_back(
        case=case, by=world.officer, at=world.tick(), reason="INCOME_UNCLEAR", words="请补收入证明"
    )

    case.refresh_from_db()
    assert (case.status, case.due_on) == (Status.RETURNED, None)
    assert written(last_step(case)) == (
        "give_back", Status.SUBMITTED, Status.RETURNED, world.officer, Role.UNIT_OFFICER,
        world.unit, "INCOME_UNCLEAR", "请补收入证明",
    )  # fmt: skip
    assert duties(case)[world.officer.pk] == Duty.REVIEW


def test_give_back_by_the_company_takes_the_duty_of_verification(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)

    actions.give_back(
        case=case, by=world.company_officer, at=world.tick(), reason="OTHER", words="请补"
    )

    step = last_step(case)
    assert (step.role, step.unit) == (Role.COMPANY_OFFICER, world.company)
    assert duties(case)[world.company_officer.pk] == Duty.VERIFY


def test_review_keeps_six_answers_and_passes_the_case_on(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    answers = {q: (Screening.Answer.FITS, "") for q in Question}
    answers[Question.INCOME] = (Screening.Answer.OPEN, "请复核")
    at = world.tick()

    actions.review(
        case=case, by=world.chair, at=at, answers=answers, words="同意上报", unrelated=True
    )

    case.refresh_from_db()
    assert case.due_on == Holiday.objects.calendar().add_workdays(day_of(at), 10)
    assert written(last_step(case)) == (
        "review", Status.SUBMITTED, Status.REVIEWED, world.chair, Role.UNIT_CHAIR, world.unit, "",
        "同意上报",
    )  # fmt: skip
    rows = {s.question: (s.answer, s.note, s.by) for s in case.screenings.all()}
    assert rows == {q.value: (*answers[q], world.chair) for q in Question}


def test_review_again_replaces_the_answers(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    actions.give_back(
        case=case, by=world.company_officer, at=world.tick(), reason="OTHER", words="请补"
    )
    world.submit(case)

    world.review(case)

    assert case.screenings.count() == 6


def test_review_without_all_answers_or_without_the_declaration_is_refused(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    answers = {q: (Screening.Answer.FITS, "") for q in Question}
    few = {q: a for q, a in answers.items() if q != Question.VIOLATION}

    with pytest.raises(NotAllowed, match="Answer all six screening questions first"):
        actions.review(case=case, by=world.officer, at=world.tick(), answers=few, unrelated=True)
    with pytest.raises(NotAllowed, match="no relative of this household"):
        actions.review(case=case, by=world.officer, at=world.tick(), answers=answers)

    assert case.screenings.count() == 0


def test_decline_names_the_clause_and_closes_the_file_applied_for(world):
    case = world.household()
    world.submit(case)

    actions.decline(
        case=case, by=world.officer, at=world.tick(), clause="第八条", words="有高档消费品"
    )

    assert written(last_step(case)) == (
        "decline", Status.SUBMITTED, Status.DECLINED, world.officer, Role.UNIT_OFFICER, world.unit,
        "第八条", "有高档消费品",
    )  # fmt: skip
    dossier = Dossier.objects.get(pk=case.dossier_id)
    assert (dossier.status, dossier.closed_on) == ("CANCELLED", world.today)


def test_stale_object_does_not_pass_the_check(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    stale = Case.objects.get(pk=case.pk)
    world.review(case)

    with pytest.raises(NotAllowed, match="“Do not approve”|Only these may do this here"):
        actions.decline(
            case=stale, by=world.chair, at=world.tick(), clause="第八条", words="不符合"
        )

    assert stale.status == Status.SUBMITTED  # the object did not know
    assert last_step(case).action == "review"


def test_step_and_change_are_one_transaction(world, monkeypatch):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    def fail(*args, **kwargs):
        raise RuntimeError("the step could not be written")

    monkeypatch.setattr(steps_module, "take_duty", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        world.review(case)

    case.refresh_from_db()
    assert case.status == Status.SUBMITTED
    assert case.steps.filter(action="review").count() == case.screenings.count() == 0


def test_relative_of_the_household_may_not_act(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    spouse = case.dossier.members.get(relation=Relation.SPOUSE)
    actions_before = case.steps.count()
    Kinship.objects.create(
        user=world.officer, relation=Relation.SIBLING, name="亲属", id_index=spouse.id_index,
        registered_at=world.tick(), registered_by=world.officer,
    )  # fmt: skip

    with pytest.raises(NotAllowed, match="You are a relative or a member of this household"):
        world.review(case)

    assert case.steps.count() == actions_before


def test_relative_of_the_household_may_not_assess_either(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    spouse = case.dossier.members.get(relation=Relation.SPOUSE)
    Kinship.objects.create(
        user=world.company_officer, relation=Relation.SIBLING, name="亲属",
        id_index=spouse.id_index, registered_at=world.tick(), registered_by=world.company_officer,
    )  # fmt: skip

    for act in (actions.assess, lambda **kw: actions.check_event(verified_net_fen=1, **kw)):
        with pytest.raises(NotAllowed, match="You are a relative"):
            act(case=case, by=world.company_officer, at=world.tick())


def test_moment_of_a_step_never_goes_back(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    answers = {q: (Screening.Answer.FITS, "") for q in Question}

    actions.review(
        case=case, by=world.officer, at=case.status_at - timedelta(hours=1), answers=answers,
        unrelated=True,
    )  # fmt: skip

    assert last_step(case).at == case.status_at


# Assessing and verifying


def ready(world):
    """An emergency case reviewed, visited, marked and assessed."""
    case = world.case_in(Status.REVIEWED)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    return world.fresh(case)


def test_assess_keeps_what_the_case_rests_on(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    world.mark(case)

    made = world.assess(case)

    case.refresh_from_db()
    assert (case.assessment, case.revision, case.reference_fen) == (
        made, made.revision, made.reference_fen)  # fmt: skip
    assert made.policy == world.policy and made.by == world.company_officer
    assert case.steps.filter(action="assess").count() == 0


@pytest.mark.parametrize("role", ["officer", "company_chair", "auditor"])
def test_assess_is_for_the_company_officer(world, role):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)

    with pytest.raises(NotAllowed, match="Only these may do this here: company union officer"):
        actions.assess(case=case, by=getattr(world, role), at=world.tick())


def test_assess_before_the_review_is_refused(world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    with pytest.raises(NotAllowed, match="is not possible now"):
        world.assess(case)


def test_check_event_takes_the_assessment_back(world):
    case = ready(world)

    actions.check_event(
        case=case, by=world.company_officer, at=world.tick(), verified_net_fen=6_000_00
    )

    case.refresh_from_db()
    assert (case.verified_net_fen, case.net_fen, case.assessment) == (6_000_00, 6_000_00, None)
    world.assess(case)
    case.refresh_from_db()
    assert case.reference_fen == 2200_00  # the band from 5,000 yuan, 110 %


def test_verify_proposes_an_amount_and_keeps_the_visit(world):
    case = ready(world)

    actions.verify(
        case=case, by=world.company_officer, at=world.tick(), proposed_fen=case.reference_fen,
        words="情况属实，建议救助。",
    )  # fmt: skip

    case.refresh_from_db()
    assert (case.status, case.proposed_fen, case.deviation_percent) == (
        Status.VERIFIED, case.reference_fen, 0)  # fmt: skip
    assert case.visit == Visit.objects.filter(dossier=case.dossier).latest("pk")
    assert written(last_step(case)) == (
        "verify", Status.REVIEWED, Status.VERIFIED, world.company_officer, Role.COMPANY_OFFICER,
        world.company, "", "情况属实，建议救助。",
    )  # fmt: skip
    assert duties(case)[world.company_officer.pk] == Duty.VERIFY


def refused(world, case, **given):
    """The sentence with which verification is refused; nothing may have changed."""
    given.setdefault("proposed_fen", case.reference_fen or 1000_00)
    with pytest.raises(NotAllowed) as refusal:
        actions.verify(case=case, by=world.company_officer, at=world.tick(), **given)
    case.refresh_from_db()
    assert case.status == Status.REVIEWED and last_step(case).action == "review"
    return str(refusal.value)


NO_VISIT = "Record a home visit by two people, one of them from outside the unit, first."
UNMARKED = "Mark how each fact of the household is known first."
UNASSESSED = "Assess the household on the facts as they stand now first."


def test_verify_without_a_visit_is_refused(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    world.tick(days=200)
    world.mark(case)
    world.assess(case)

    assert refused(world, world.fresh(case)) == NO_VISIT


def test_verify_with_a_visit_from_inside_the_unit_only_is_refused(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    world.tick(days=200)
    world.visit(case, visitors=[world.officer, world.chair])
    world.mark(case)
    world.assess(case)

    assert refused(world, world.fresh(case)) == NO_VISIT


def test_verify_with_a_recorded_reason_for_no_visit(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    world.tick(days=200)
    world.mark(case)
    world.assess(case)
    case = world.fresh(case)

    world.verify(case, no_visit_reason="住院隔离，无法入户")

    case.refresh_from_db()
    assert (case.status, case.visit, case.no_visit_reason) == (
        Status.VERIFIED, None, "住院隔离，无法入户")  # fmt: skip


def test_verify_refused_keeps_no_reason_for_no_visit(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    world.tick(days=200)

    refused(world, case, no_visit_reason="住院")

    assert case.no_visit_reason == ""


@pytest.mark.parametrize("basis", [Basis.DECLARED, Basis.CONFLICTING])
def test_verify_with_unmarked_facts_is_refused(world, basis):
    case = ready(world)
    world.mark(case, basis)

    assert refused(world, case) == UNMARKED


def test_verify_without_an_assessment_is_refused(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    world.visit(case)
    world.mark(case)

    assert refused(world, case) == UNASSESSED


def test_verify_after_a_change_of_facts_is_refused(world):
    case = ready(world)
    world.mark(case)  # marked again: one more change of facts

    assert refused(world, case) == UNASSESSED


def test_verify_under_another_policy_is_refused(world):
    case = ready(world)
    clauses = [(c.key, c.clause, c.value, c.mark, c.source) for c in world.policy.clauses.all()]
    newer = actions.draft_policy(
        company=world.company, title="新办法", clauses=clauses, by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip
    actions.enact(policy=newer, in_force_on=world.today, by=world.company_chair, at=world.tick())

    assert refused(world, case) == (
        "The policy has changed since; assess the household again first."
    )


def test_verify_through_a_gate_is_refused_without_a_minuted_exception(world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    asset = case.dossier.assets.get(gate=Gate.VEHICLE)
    type(asset).objects.filter(pk=asset.pk).update(present=True)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    case = world.fresh(case)

    assert refused(world, case).startswith("The policy does not allow help for this household")

    actions.mark_facts(
        dossier=case.dossier, by=world.company_officer, at=world.tick(),
        marks={f"a{asset.pk}.present": Mark(Basis.VISITED)},
        exceptions={asset.pk: "透析接送用车"},
    )  # fmt: skip
    world.assess(case)
    world.verify(case)
    assert Case.objects.get(pk=case.pk).status == Status.VERIFIED


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (None, "Enter the amount you propose."),
        (0, "Enter the amount you propose."),
        (20_000_01, "The policy allows at most 20,000 yuan for one grant."),
        (12_000_01, "The amount is more than the household paid itself."),
        (7000_00, "The amount lies more than 10 % from the reference amount: give the reason."),
        (4949_99, "The amount lies more than 10 % from the reference amount: give the reason."),
    ],
)
def test_verify_of_a_wrong_amount_is_refused(world, fen, words):
    case = ready(world)
    assert case.reference_fen == 5500_00

    assert refused(world, case, proposed_fen=fen) == words


@pytest.mark.parametrize("fen", [4950_00, 6050_00])
def test_verify_within_ten_percent_needs_no_reason(world, fen):
    case = ready(world)

    world.verify(case, proposed_fen=fen)

    case.refresh_from_db()
    assert (case.proposed_fen, abs(case.deviation_percent)) == (fen, 10)


def test_verify_further_off_keeps_the_reason(world):
    case = ready(world)

    world.verify(case, proposed_fen=7000_00, deviation_reason="后续治疗费用高")

    case.refresh_from_db()
    assert (case.proposed_fen, case.deviation_reason) == (7000_00, "后续治疗费用高")


def test_verify_of_a_recognition_takes_class_and_level(world):
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    case = world.fresh(case)
    suggested = {"category": case.assessment.category, "level": case.assessment.level}
    other = {"category": Category.SUDDEN, "level": Level.GENERAL}

    assert refused(world, case) == "Choose the class and the level of the household."
    assert refused(world, case, **other) == (
        "Class or level differ from the assessment: give the reason."
    )
    actions.verify(case=case, by=world.company_officer, at=world.tick(), **suggested)

    case.refresh_from_db()
    assert (case.category, case.level, case.proposed_fen) == (*suggested.values(), None)


def test_case_verified_and_changed_facts_stay_apart(world):
    """The facts are locked from submission until the meeting has decided."""
    case = world.case_in(Status.VERIFIED)

    with pytest.raises(NotAllowed, match="The facts are locked"):
        world.mark(case)


def test_conflict_found_after_verification_keeps_the_case_from_the_meeting(world):
    case = world.case_in(Status.VERIFIED)
    case.dossier.members.filter(relation=Relation.SPOUSE).update(income_basis=Basis.CONFLICTING)

    with pytest.raises(NotAllowed, match="A conflict in the facts of the household"):
        actions.table([case], by=world.company_chair, at=world.tick())


# Notice, its end, objections


def line_of(case):
    return case.notice_lines.select_related("notice").order_by("pk").last()


def published(world):
    """A recognition on public notice: no money, the same way."""
    return world.case_in(Status.PUBLISHED, Programme.RECOGNITION)


def test_publish_counts_the_period_by_the_calendar_and_keeps_it(world):
    case = world.case_in(Status.VERIFIED, Programme.RECOGNITION)
    batch = world.batch([case])
    world.decide(batch)
    day = world.today  # Monday, 2 March 2026
    assert day.weekday() == 0
    for on, kind in [(3, HolidayKind.OFF), (4, HolidayKind.OFF), (7, HolidayKind.WORKING)]:
        Holiday.objects.create(on=date(2026, 3, on), kind=kind, name="调休")

    notice = world.publish(batch)

    days = [5, 6, 7, 9, 10]  # two days off, one Saturday worked
    assert (notice.starts_on, notice.ends_on) == (date(2026, 3, 5), date(2026, 3, 10))
    assert notice.days == ",".join(f"2026-03-{d:02d}" for d in days)
    Holiday.objects.all().delete()
    notice = Notice.objects.get(pk=notice.pk)
    assert notice.ends_on == date(2026, 3, 10)
    case.refresh_from_db()
    assert (case.status, last_step(case).by) == (Status.PUBLISHED, world.company_officer)


def test_publish_shows_masked_names_and_the_amount_alone(world):
    case = world.case_in(Status.PUBLISHED)
    line = line_of(case)

    assert line.name != case.applicant.name and "*" in line.name or "＊" in line.name
    assert (line.amount_fen, line.unit, line.notice.total_fen) == (
        case.granted_fen, case.unit, case.granted_fen)  # fmt: skip


def test_clear_on_the_last_day_is_refused_and_the_day_after_is_not(world):
    case = published(world)
    end = line_of(case).notice.ends_on
    last_moment = world.now.replace(year=end.year, month=end.month, day=end.day, hour=15)

    with pytest.raises(NotAllowed, match=f"The notice period runs until {end}"):
        actions.clear([case], by=world.company_officer, at=last_moment)
    assert actions.clear_ended(at=last_moment) == []
    actions.clear([case], by=world.company_officer, at=last_moment + timedelta(days=1))

    clearance = Clearance.objects.get(case=case)
    assert (clearance.notice_ends_on, clearance.cleared_on) == (end, end + timedelta(days=1))
    assert last_step(case).action == "clear"


def test_clear_of_a_recognition_opens_the_dossier(world):
    case = published(world)
    assert case.dossier.status == Dossier.Status.PENDING

    world.clear()

    dossier = Dossier.objects.get(pk=case.dossier_id)
    case.refresh_from_db()
    assert (case.status, case.due_on) == (Status.CLEARED, None)
    assert (dossier.status, dossier.category, dossier.level, dossier.opened_on) == (
        Dossier.Status.ACTIVE, case.category, case.level, world.today)  # fmt: skip
    assert dossier.review_due_on == world.today.replace(year=world.today.year + 1)
    assert all(dossier.members.values_list("active", flat=True))


def test_clear_by_the_daily_run_is_written_as_nobody(world):
    case = published(world)

    world.clear()

    step = last_step(case)
    assert (step.action, step.by, step.role, step.unit) == ("clear", None, "", case.unit)


def test_clear_twice_is_harmless(world):
    case = published(world)
    world.clear()

    assert actions.clear_ended(at=world.tick()) == []
    with pytest.raises(NotAllowed, match="is not possible now"):
        actions.clear([case], by=world.company_officer, at=world.tick())
    assert Clearance.objects.filter(case=case).count() == 1


def test_object_blocks_exactly_its_line(world):
    case = published(world)
    at = world.tick(days=1)

    objection = actions.object_to(
        line=line_of(case), words="他家有两套房。", name="李某", contact="13800000000", at=at
    )

    case.refresh_from_db()
    assert (case.status, case.open_objections) == (Status.PUBLISHED, 1)
    assert objection.due_on == Holiday.objects.calendar().add_workdays(day_of(at), 10)
    assert (objection.handler, objection.outcome, len(objection.code)) == (None, "", 11)
    world.tick(days=12)
    assert actions.clear_ended(at=world.now) == []
    with pytest.raises(NotAllowed, match="An objection to this case has not been answered"):
        actions.clear([case], by=world.company_officer, at=world.tick())


def test_object_after_the_period_is_refused(world):
    case = published(world)
    line = line_of(case)
    world.tick(days=12)

    with pytest.raises(NotAllowed, match="The notice period has ended"):
        world.object_to(line)


def test_object_on_the_last_day_is_taken(world):
    line = line_of(published(world))
    end = line.notice.ends_on

    actions.object_to(
        line=line, words="有异议", at=world.now.replace(month=end.month, day=end.day, hour=15)
    )

    assert line.objections.count() == 1


def test_hold_makes_the_handler_and_stops_the_case(world):
    case = published(world)
    objection = world.object_to(line_of(case))
    at = world.tick()

    actions.hold(objection=objection, by=world.discipline, at=at)

    case.refresh_from_db()
    objection.refresh_from_db()
    assert (objection.handler, objection.taken_at) == (world.discipline, at)
    assert written(last_step(case)) == (
        "hold", Status.PUBLISHED, Status.HELD, world.discipline, Role.DISCIPLINE, world.company,
        "", "",
    )  # fmt: skip
    assert duties(case)[world.discipline.pk] == Duty.OBJECTION
    assert case.due_on is not None


def test_hold_by_another_handler_is_refused(world):
    case = published(world)
    objection = world.object_to(line_of(case))
    actions.hold(objection=objection, by=world.discipline, at=world.tick())

    with pytest.raises(NotAllowed, match="Somebody else has taken up this objection"):
        actions.hold(
            objection=objection, by=appoint(Role.DISCIPLINE, world.company), at=world.tick()
        )


def test_handler_who_took_a_step_is_refused_even_on_a_case_held_already(world):
    case = published(world)
    first, second = world.object_to(line_of(case)), world.object_to(line_of(case))
    actions.hold(objection=first, by=world.discipline, at=world.tick())
    publisher = world.company_officer
    publisher.appointments.all().delete()
    publisher.appointments.create(
        role=Role.DISCIPLINE, unit=world.company, since=date(2020, 1, 1), appointed_at=NOON
    )

    with pytest.raises(NotAllowed, match="two parts in one case|You took a step on this case"):
        actions.hold(objection=second, by=publisher, at=world.tick())


def test_release_needs_the_objection_taken_up(world):
    objection = world.object_to(line_of(published(world)))

    for act in (actions.release, actions.reopen):
        with pytest.raises(NotAllowed, match="Take the objection up first"):
            act(objection=objection, by=world.discipline, at=world.tick(), words="查无此事")


def test_release_answers_and_puts_the_line_back(world):
    case = world.case_in(Status.HELD, Programme.RECOGNITION)
    objection = Objection.objects.get()
    at = world.tick()

    actions.release(objection=objection, by=world.discipline, at=at, words="经查不属实。")

    case.refresh_from_db()
    objection.refresh_from_db()
    assert (case.status, case.open_objections) == (Status.PUBLISHED, 0)
    assert (objection.outcome, objection.closed_at) == (Objection.Outcome.DISMISSED, at)
    answer = Answer.objects.get()
    assert (answer.words, answer.by, answer.objection) == (
        "经查不属实。", world.discipline, objection)  # fmt: skip
    assert last_step(case).action == "release"
    assert [c.pk for c in world.clear()] == [case.pk]


def test_release_of_one_of_two_objections_keeps_the_case_held(world):
    case = published(world)
    first, second = world.object_to(line_of(case)), world.object_to(line_of(case))
    for objection in (first, second):
        actions.hold(objection=objection, by=world.discipline, at=world.tick())

    actions.release(objection=first, by=world.discipline, at=world.tick(), words="不属实")
    case.refresh_from_db()
    assert (case.status, case.open_objections) == (Status.HELD, 1)

    actions.release(objection=second, by=world.discipline, at=world.tick(), words="不属实")
    case.refresh_from_db()
    assert (case.status, case.open_objections) == (Status.PUBLISHED, 0)
    assert [s.action for s in case.steps.order_by("-pk")[:2]] == ["release", "hold"]


def test_answer_given_is_given_once(world):
    case = world.case_in(Status.HELD, Programme.RECOGNITION)
    objection = Objection.objects.get()
    actions.release(objection=objection, by=world.discipline, at=world.tick(), words="不属实")

    with pytest.raises(NotAllowed, match="This objection has been answered"):
        actions.release(objection=objection, by=world.discipline, at=world.tick(), words="再答")

    assert case.steps.filter(action="release").count() == 1


def test_reopen_takes_the_decision_back_and_answers_every_objection(world):
    case = world.case_in(Status.HELD)
    other = world.object_to(line_of(case))
    objection = Objection.objects.exclude(pk=other.pk).get()

    actions.reopen(objection=objection, by=world.discipline, at=world.tick(), words="属实")

    case.refresh_from_db()
    assert (case.status, case.open_objections, case.granted_fen, case.proposed_fen) == (
        Status.REVIEWED, 0, None, None)  # fmt: skip
    assert (case.assessment, case.visit, case.due_on is not None) == (None, None, True)
    assert written(last_step(case))[:5] == (
        "reopen", Status.HELD, Status.REVIEWED, world.discipline, Role.DISCIPLINE)  # fmt: skip
    assert set(Objection.objects.values_list("outcome", flat=True)) == {"UPHELD"}
    assert Answer.objects.count() == 2


def test_reopened_case_needs_a_new_decision_and_a_new_notice(world):
    case = world.case_in(Status.HELD, Programme.RECOGNITION)
    actions.reopen(
        objection=Objection.objects.get(), by=world.discipline, at=world.tick(), words="属实"
    )
    world.tick(days=30)
    assert actions.clear_ended(at=world.now) == []

    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case)
    batch = world.batch([world.fresh(case)])
    world.decide(batch)
    second = world.publish(batch)

    assert second.starts_on > world.today
    assert actions.clear_ended(at=world.tick()) == []  # the first notice no longer counts
    assert [c.pk for c in world.clear()] == [case.pk]
    assert Clearance.objects.get(case=case).line.notice == second


# The daily work on a set of cases


def test_one_refusal_refuses_the_whole_set(world):
    first = world.case_in(Status.VERIFIED, Programme.RECOGNITION)
    second = world.case_in(Status.REVIEWED, Programme.RECOGNITION)

    with pytest.raises(NotAllowed):
        actions.table([first, second], by=world.company_chair, at=world.tick())

    first.refresh_from_db()
    assert first.status == Status.VERIFIED


def test_facts_are_read_in_a_fixed_number_of_queries(world, django_assert_num_queries):
    cases = [world.household() for _n in range(3)]
    on = world.today

    for count in (1, 3):
        with django_assert_num_queries(4):  # units, duties, steps, members
            read = facts.read(cases[:count], on, ())
        assert set(read) == {case.pk for case in cases[:count]}
    assert read[cases[0].pk].duties == {cases[0].applicant.user.pk: Duty.ENTER}


def test_pay_without_a_clearance_lacks_one(world):
    case = published(world)

    read = facts.read([case], world.today, ("pay",))[case.pk]

    assert read.lacking["pay"] == ("The notice period of this case has not ended.",)
    assert workflow.why_not(read, "clear", None) == ""  # only what was asked for is filled


def test_bounce_writes_the_words_of_the_bank(world):
    case = world.case_in(Status.PAID)
    poster = world.accountant

    actions.bounce([case], by=poster, at=world.tick(), reason="账号不存在")

    case.refresh_from_db()
    assert (case.status, written(last_step(case))[-1]) == (Status.CLEARED, "账号不存在")


@pytest.mark.parametrize("act", ["defer", "recall"])
def test_case_taken_off_the_meeting_is_ready_for_the_next(world, act):
    case = world.case_in(Status.TABLED, Programme.RECOGNITION)
    by = {"defer": world.leaders[0], "recall": world.company_chair}[act]

    getattr(actions, act)([case], by=by, at=world.tick())

    case.refresh_from_db()
    assert (case.status, last_step(case).action) == (Status.VERIFIED, act)


def test_refuse_closes_the_file_of_a_household_not_recognised(world):
    case = world.case_in(Status.TABLED, Programme.RECOGNITION)

    actions.refuse([case], by=world.leaders[0], at=world.tick(), words="不符合条件")

    dossier = Dossier.objects.get(pk=case.dossier_id)
    assert (dossier.status, dossier.exit_reason) == ("CANCELLED", "NOT_RECOGNISED")
    assert last_step(case).after == Status.DECLINED


def test_save_member_refuses_the_same_number_twice_in_words():
    world = World()
    case = world.household()
    spouse = case.dossier.members.get(relation=Relation.SPOUSE)

    with pytest.raises(NotAllowed, match="in this household already|该户已有"):
        actions.save_member(
            dossier=case.dossier, by=world.applicant(case), at=world.tick(),
            relation=Relation.OTHER, name="重复", sex="MALE", born_on=spouse.born_on,
            id_number=spouse.id_number, occupation="UNABLE",
        )  # fmt: skip

    assert case.dossier.members.count() == 2


def test_save_member_refuses_a_number_on_file_elsewhere_in_words():
    world = World()
    first = world.on_file()
    second = world.on_file()
    there = first.members.get(relation=Relation.SPOUSE)

    with pytest.raises(NotAllowed, match="in another household already|另一困难户"):
        actions.save_member(
            dossier=second, by=world.officer, at=world.tick(), relation=Relation.OTHER,
            name="重复", sex="FEMALE", born_on=there.born_on, id_number=there.id_number,
            occupation="UNABLE",
        )  # fmt: skip


def test_mark_facts_is_refused_to_a_relative():
    world = World()
    case = world.case_in(Status.REVIEWED)
    spouse = case.dossier.members.get(relation=Relation.SPOUSE)
    Kinship.objects.create(
        user=world.company_officer, relation=Relation.SIBLING, name="亲属",
        id_index=spouse.id_index, registered_at=NOON, registered_by=world.company_officer,
    )  # fmt: skip

    with override("en"), pytest.raises(NotAllowed, match="You are a relative"):
        world.mark(case)
