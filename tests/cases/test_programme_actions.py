"""Tuition aid, medical aid and the visit gift: what their own forms ask, and what they refuse."""

import pytest
from django.utils.translation import override

from cases import actions, facts, programmes
from cases.models import Assessment, Case, MedicalForm, TuitionForm
from cases.workflow import GRANTS, Programme, Status
from people.models import Relation
from people.roles import NotAllowed
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture(autouse=True)
def english():
    """Refusals are compared in the words of the source."""
    with override("en"):
        yield


def lacks(world, case):
    return list(facts.read([case], world.today, ("submit",))[case.pk].lacking.get("submit", ()))


def reference(world, case):
    """The reference amount after review, visit and marking."""
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    return world.assess(case).reference_fen


# Tuition


def test_tuition_takes_student_and_cost_into_the_case(world):
    case = world.tuition(tuition_fen=6000_00, other_aid_fen=1500_00)

    assert (case.patient_id, case.spent_fen, case.reimbursed_fen, case.net_fen) == (
        case.tuition.student_id, 6000_00, 1500_00, 4500_00)  # fmt: skip
    assert (case.tuition.company_id, case.tuition.student_index) == (
        case.company_id, case.tuition.student.id_index)  # fmt: skip
    assert lacks(world, case) == []


@pytest.mark.parametrize(
    ("level", "aid", "fen"),
    [("BACHELOR", 0, 5000_00), ("HIGH_SCHOOL", 0, 2000_00), ("BACHELOR", 5500_00, 500_00)],
)
def test_tuition_is_by_the_school_and_never_above_the_cost(world, level, aid, fen):
    case = world.tuition(level=level, other_aid_fen=aid)

    assert reference(world, case) == fen


def test_tuition_goes_the_whole_way(world):
    case = world.case_in(Status.PAID, Programme.TUITION)

    assert (case.status, case.granted_fen) == (Status.PAID, 5000_00)


def test_student_is_helped_once_a_school_year(world):
    case = world.tuition()
    dossier = case.dossier
    world.submit(case)

    with pytest.raises(NotAllowed, match=f"applied for already: case {case.number}"):
        world.tuition(dossier, student=case.tuition.student)


def test_student_is_helped_again_the_next_school_year(world):
    case = world.tuition()
    world.submit(case)

    again = world.tuition(case.dossier, student=case.tuition.student, school_year=2027)

    assert again.tuition.year_words == "2027/28"


def test_student_is_the_same_person_in_another_household(world):
    case = world.case_in(Status.PAID, Programme.TUITION)
    child = case.tuition.student
    actions.remove_member(member=child, by=world.officer, at=world.tick())
    other = world.on_file()
    moved = world.student(other, id_number=child.id_number)

    with pytest.raises(NotAllowed, match=case.number):
        world.tuition(other, student=moved)


def test_student_of_a_withdrawn_application_may_be_applied_for_again(world):
    case = world.tuition()
    actions.withdraw(case=case, by=world.applicant(case), at=world.tick())

    again = world.tuition(case.dossier, student=case.tuition.student)

    assert TuitionForm.objects.get(case=case).ended is True
    assert again.tuition.ended is False


def test_student_of_a_declined_application_may_be_applied_for_again(world):
    case = world.tuition()
    world.submit(case)
    actions.decline(case=case, by=world.officer, at=world.tick(), clause="第八条", words="不符合")

    assert TuitionForm.objects.get(case=case).ended is True


def test_two_students_of_a_household_are_applied_for_side_by_side(world):
    case = world.tuition()
    dossier = case.dossier
    sister = world.student(dossier, 301, relation=Relation.DAUGHTER, name="学女")
    world.submit(case)

    other = world.tuition(dossier, student=sister)

    assert other.status == Status.DRAFT
    with pytest.raises(NotAllowed, match="under way"):
        world.grant(Programme.TUITION, dossier)


def test_judgements_of_two_students_are_told_apart(world):
    case = world.tuition()
    dossier = case.dossier
    sister = world.student(dossier, 301, relation=Relation.DAUGHTER, name="学女")
    world.to_verified(case)
    other = world.tuition(dossier, student=sister)
    world.submit(other)
    world.review(other)
    world.assess(other)  # on the facts marked for the first
    case, other = world.fresh(case), world.fresh(other)

    found = [Assessment.objects.of_case(c).get().pk for c in (case, other)]

    assert found == [case.assessment_id, other.assessment_id]


def test_tuition_says_what_its_form_lacks(world):
    case = world.tuition(promise=False, tuition_fen=2000_00, other_aid_fen=2000_00)
    empty = world.grant(Programme.TUITION, world.on_file())

    assert lacks(world, case) == [
        "Promise that nobody else has helped with the same schooling.",
        "Other aid covers the whole cost of the schooling already.",
    ]
    assert lacks(world, empty) == ["Fill in the student, the school and what it costs."]


def test_student_who_left_the_household_is_refused(world):
    case = world.tuition()
    actions.remove_member(member=case.tuition.student, by=world.officer, at=world.tick())

    assert lacks(world, case) == ["The student has left the household; choose another."]
    with pytest.raises(NotAllowed, match="belongs to the household"):
        actions.save_tuition(
            case=case, by=world.applicant(case), at=world.tick(),
            student=type(case.tuition.student).objects.get(pk=case.tuition.student_id),
            school_year=2026,
        )  # fmt: skip


def test_form_is_filled_in_only_while_it_is_the_applicants_turn(world):
    case = world.tuition()
    world.submit(case)

    with pytest.raises(NotAllowed, match="has been submitted"):
        actions.save_tuition(
            case=case, by=world.applicant(case), at=world.tick(), student=case.tuition.student,
            school_year=2026,
        )  # fmt: skip


# Medical aid


def test_medical_takes_patient_and_bills_into_the_case(world):
    case = world.medical(unit_aid_fen=500_00)

    assert (case.patient_id, case.spent_fen, case.reimbursed_fen, case.asked_fen) == (
        case.medical.patient_id, 30_000_00, 19_500_00, 5000_00)  # fmt: skip
    assert case.net_fen == 10_500_00
    assert lacks(world, case) == []


def test_medical_goes_the_whole_way(world):
    case = world.case_in(Status.PAID, Programme.MEDICAL)

    assert case.granted_fen == 5500_00  # 11,000 net: the band of 5,000, own income below half


def test_medical_says_what_its_form_lacks(world):
    case = world.medical(promise=False, insurance_fen=29_000_00)
    empty = world.grant(Programme.MEDICAL, world.on_file())

    assert lacks(world, case) == [
        "Promise that no receipt is used twice.", "Others have paid all these bills already.",
    ]  # fmt: skip
    assert lacks(world, empty) == [
        "Fill in the patient, the illness, the bills and what you ask for."]  # fmt: skip


def test_bills_of_a_patient_are_used_once(world):
    paid = world.case_in(Status.PAID, Programme.MEDICAL)
    dossier = paid.dossier
    first, last = paid.medical.bills_from, paid.medical.bills_until

    with pytest.raises(NotAllowed, match=f"used already in case {paid.number}"):
        world.medical(dossier, bills_from=last, bills_until=last + DAY)
    dossier.cases.filter(status=Status.DRAFT).get()
    case = dossier.cases.get(status=Status.DRAFT)
    form = actions.save_medical(
        case=case, by=dossier.head.user, at=world.tick(), patient=paid.medical.patient,
        bills_from=first - 9 * DAY, bills_until=first - DAY, asked_fen=100_00, illness="CANCER",
        stays=1, hospital="医院", total_fen=200_00,
    )  # fmt: skip

    assert form.pk == case.pk


def test_bills_of_a_withdrawn_application_are_free(world):
    case = world.medical()
    actions.withdraw(case=case, by=world.applicant(case), at=world.tick())

    assert MedicalForm.objects.get(case=case).ended is True
    assert world.medical(case.dossier).medical.ended is False


def test_medical_aid_is_less_by_the_emergency_grant_for_the_same_bills(world):
    paid = world.case_in(Status.PAID)
    dossier = paid.dossier
    case = world.medical(
        dossier, bills_from=paid.event_on - DAY, bills_until=world.today, total_fen=20_000_00,
        insurance_fen=8000_00, social_aid_fen=0,
    )  # fmt: skip
    assert programmes.helped_fen([case]) == {case.pk: paid.granted_fen}

    (ask,) = actions.case.asks([case], at=world.tick())
    found = reference(world, case)

    assert (ask["net_fen"], ask["helped_fen"]) == (12_000_00, paid.granted_fen)
    assert found == 2200_00  # 6,500 left: the band of 2,000, own income below half
    assert programmes.own_cost_fen(case) == 12_000_00 - paid.granted_fen
    with pytest.raises(NotAllowed, match="more than the household paid itself"):
        world.verify(case, proposed_fen=12_000_00 - paid.granted_fen + 1, deviation_reason="差额")


def test_emergency_grant_is_less_by_the_medical_aid_for_the_same_bills(world):
    paid = world.case_in(Status.PAID, Programme.MEDICAL)
    case = world.emergency(paid.dossier)
    actions.describe_case(
        case=case, by=world.applicant(case), at=world.tick(), event_on=paid.medical.bills_from
    )
    case = world.fresh(case)

    assert programmes.helped_fen([case]) == {case.pk: paid.granted_fen}


def test_emergency_grant_of_another_time_or_patient_takes_nothing_off(world):
    paid = world.case_in(Status.PAID)
    spouse = paid.dossier.members.get(relation=Relation.SPOUSE)
    before = world.medical(
        paid.dossier, bills_from=paid.event_on - 9 * DAY, bills_until=paid.event_on - DAY
    )
    assert programmes.helped_fen([before]) == {before.pk: 0}
    actions.withdraw(case=before, by=world.applicant(before), at=world.tick())
    other = world.medical(paid.dossier, patient=spouse, bills_from=paid.event_on - DAY)

    assert programmes.helped_fen([other]) == {other.pk: 0}


def test_whoever_reviews_is_told_of_the_same_bills_and_of_what_does_not_fit(world):
    paid = world.case_in(Status.PAID)
    running = world.emergency(paid.dossier)
    actions.describe_case(
        case=running, by=world.applicant(running), at=world.tick(), event_on=world.today - DAY
    )
    case = world.medical(paid.dossier, bills_from=paid.event_on, illness="HEART")
    school = world.tuition(paid.dossier, level="COLLEGE")

    told = programmes.to_look_at(case)

    assert len(told) == 3
    assert paid.number in told[0] and "5,500.00" in told[0]
    assert running.number in told[1] and "under way" in told[1]
    assert "malignant tumour" in told[2] and "heart disease" in told[2]
    assert ["undergraduate" in s and "junior college" in s for s in programmes.to_look_at(school)
            ] == [True]  # fmt: skip


def test_cases_are_compared_in_a_fixed_number_of_queries(world, django_assert_num_queries):
    first = world.medical()
    second = world.emergency(first.dossier)
    given = [world.fresh(first), world.fresh(second)]

    with django_assert_num_queries(4):  # forms, grants; the patient of the second, forms
        programmes.same_bills(given)


# Visit gift


@pytest.mark.parametrize(
    ("event", "fen"), [("ILLNESS", 500_00), ("BEREAVEMENT", 800_00), ("HOLIDAY", 500_00)]
)
def test_gift_is_by_the_occasion(world, event, fen):
    case = world.gift(event=event)

    assert reference(world, case) == fen


def test_gift_goes_the_whole_way(world):
    assert world.case_in(Status.PAID, Programme.VISIT_GIFT).granted_fen == 800_00


def test_gift_is_given_once_for_household_occasion_and_day(world):
    case = world.gift()
    world.submit(case)

    with pytest.raises(NotAllowed, match=f"applied for already: case {case.number}"):
        world.gift(case.dossier, event_on=case.event_on)
    other = case.dossier.cases.get(status=Status.DRAFT)
    actions.describe_case(
        case=other, by=world.applicant(other), at=world.tick(), event="ILLNESS",
        event_on=case.event_on, patient=case.patient,
    )  # fmt: skip

    assert world.fresh(other).event == "ILLNESS"


def test_gift_says_what_is_lacking(world):
    case = world.grant(Programme.VISIT_GIFT)

    assert lacks(world, case) == ["Say what the visit is for, on which day, and whom it concerns."]


def test_gift_rests_on_no_cost(world):
    case = world.gift()
    world.submit(case)
    world.review(case)

    with pytest.raises(NotAllowed, match="does not rest on a cost"):
        actions.check_event(
            case=case, by=world.company_officer, at=world.tick(), verified_net_fen=1
        )


# Emergency grants


def test_an_event_is_answered_by_one_emergency_grant(world):
    paid = world.case_in(Status.PAID)

    with pytest.raises(NotAllowed, match=f"applied for already: case {paid.number}"):
        again = world.emergency(paid.dossier)
        actions.describe_case(
            case=again, by=world.applicant(again), at=world.tick(), event_on=paid.event_on
        )


def test_an_event_of_a_withdrawn_application_may_be_applied_for_again(world):
    case = world.emergency()
    actions.withdraw(case=case, by=world.applicant(case), at=world.tick())

    again = world.emergency(case.dossier)

    assert lacks(world, again) == []


def test_verified_cost_is_forgotten_when_the_cost_changes(world):
    case = world.emergency()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    actions.check_event(
        case=case, by=world.company_officer, at=world.tick(), verified_net_fen=100_00
    )
    world.assess(case)
    actions.give_back(
        case=case, by=world.company_officer, at=world.tick(), reason="OTHER", words="费用不符"
    )
    actions.describe_case(case=case, by=world.applicant(case), at=world.tick(), spent_fen=9000_00)

    case.refresh_from_db()
    assert (case.verified_net_fen, case.assessment_id) == (None, None)


@pytest.mark.parametrize("programme", GRANTS)
def test_every_grant_can_be_applied_for_once_the_household_is_on_file(world, programme):
    case = world.grant(programme)

    assert (case.programme, case.status) == (programme, Status.DRAFT)
    assert str(Case.objects.get(pk=case.pk)) == case.number
