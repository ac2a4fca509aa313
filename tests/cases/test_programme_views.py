"""Applying for each programme: the choice, the pages of the forms, the papers, the review."""

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override

from cases import actions
from cases.models import Case, Member
from cases.workflow import GRANTS, Programme, Status
from tests.world import DAY, World

CANARY = "<svg onload=x>"


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def signed_in(client, world):
    """Somebody signed in at the present moment of the world."""

    def sign_in(user):
        traveller.move_to(world.now)
        client.force_login(user)
        return client

    with time_machine.travel(world.now, tick=False) as traveller, override("en"):
        yield sign_in


def page(name, *args, **query):
    return reverse(f"cases:{name}", args=args, query=query)


TUITION = {
    "school_year": "2025", "fresh": "no", "level": "COLLEGE", "school": "示例学院",
    "course_years": "3", "admitted_on": "2025-08-20", "graduates_on": "2028-06-30",
    "tuition_fen": "5000", "other_aid_fen": "", "loan": "no", "loan_fen": "", "promise": "on",
    "reason": "家中有人患病。",
}  # fmt: skip
MEDICAL = {
    "illness": "CANCER", "stays": "2", "hospital": "示例医院", "bills_from": "2026-01-05",
    "bills_until": "2026-02-20", "total_fen": "30000", "insurance_fen": "18000",
    "social_aid_fen": "", "unit_aid_fen": "", "asked_fen": "5000", "treatment": "化疗六次。",
    "promise": "on", "reason": "",
}  # fmt: skip


# The choice


def test_choice_is_offered_to_a_household_on_file(world, signed_in):
    dossier = world.on_file()

    text = signed_in(dossier.head.user).get(page("apply")).text

    assert [f'value="{programme}"' in text for programme in GRANTS] == [True] * 4


def test_choice_waits_until_the_household_is_on_file(world, signed_in):
    text = signed_in(world.employee()).get(page("apply")).text

    assert 'value="TUITION"' not in text


@pytest.mark.parametrize("programme", GRANTS)
def test_choosing_begins_the_application_once(world, signed_in, programme):
    dossier = world.on_file()
    client = signed_in(dossier.head.user)

    answers = [client.post(page("apply_new"), {"programme": programme}) for _n in range(2)]

    case = Case.objects.get(dossier=dossier, programme=programme)
    assert {a["Location"] for a in answers} == {page("apply_case", case.pk)}
    assert client.get(page("apply_case", case.pk)).status_code == 200


def test_choosing_for_another_on_file_leads_to_the_page_that_asks(world, signed_in):
    dossier = world.on_file()

    answer = signed_in(world.informant).post(page("apply_new"), {"person": dossier.head_id})

    assert answer["Location"] == page("dossier_new", q=dossier.head.staff_no)
    assert not Case.objects.filter(programme=Programme.EMERGENCY).exists()


def test_officer_enters_a_visit_gift_on_behalf(world, signed_in):
    dossier = world.on_file()

    answer = signed_in(world.officer).post(
        page("dossier_new", q=dossier.head.staff_no),
        {"person": dossier.head_id, "programme": "VISIT_GIFT"},
    )

    case = Case.objects.get(programme=Programme.VISIT_GIFT)
    assert answer["Location"] == page("apply_case", case.pk)
    assert case.entered_by == world.officer


# The pages of the forms


def test_tuition_form_is_kept_and_shown_again(world, signed_in):
    dossier = world.on_file()
    child = world.student(dossier)
    case = world.grant(Programme.TUITION, dossier)
    client = signed_in(dossier.head.user)

    answer = client.post(page("apply_tuition", case.pk), TUITION | {"student": child.pk})
    form = client.get(page("apply_tuition", case.pk)).context["form"]
    check = client.get(page("apply_check", case.pk)).text

    case = world.fresh(case)
    assert answer["Location"] == page("apply_case", case.pk)
    assert (case.tuition.school, case.tuition.fresh, case.spent_fen, case.reason) == (
        "示例学院", False, 5000_00, "家中有人患病。")  # fmt: skip
    assert (form["student"].value(), form["fresh"].value(), form["loan"].value()) == (
        child.pk, "no", "no")  # fmt: skip
    assert "示例学院" in check and "2025/26" in check


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"graduates_on": "2025-08-20"}, "graduates_on"),
        ({"loan": "yes"}, "loan_fen"),
        ({"loan_fen": "100"}, "loan"),
        ({"other_aid_fen": "5000.01"}, "other_aid_fen"),
        ({"level": "COMPULSORY"}, "level"),
        ({"school_year": "2020"}, "school_year"),
        ({"school": ""}, "school"),
        ({"student": ""}, "student"),
    ],
)
def test_tuition_form_names_what_is_wrong_and_keeps_the_rest(world, signed_in, change, field):
    dossier = world.on_file()
    child = world.student(dossier)
    case = world.grant(Programme.TUITION, dossier)

    answer = signed_in(dossier.head.user).post(
        page("apply_tuition", case.pk), TUITION | {"student": child.pk} | change
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["form"]["major"].value() is None
    assert not hasattr(world.fresh(case), "tuition")


def test_tuition_form_says_that_the_student_was_applied_for(world, signed_in):
    first = world.tuition(school_year=2025)
    world.submit(first)
    case = world.grant(Programme.TUITION, first.dossier)

    answer = signed_in(case.applicant.user).post(
        page("apply_tuition", case.pk), TUITION | {"student": first.tuition.student_id}
    )

    assert answer.status_code == 422
    assert first.number in answer.context["form"].errors["student"][0]


def test_medical_form_is_kept_and_shown_again(world, signed_in):
    case = world.grant(Programme.MEDICAL)
    head = case.dossier.members.first()
    client = signed_in(case.applicant.user)

    answer = client.post(page("apply_medical", case.pk), MEDICAL | {"patient": head.pk})
    form = client.get(page("apply_medical", case.pk)).context["form"]
    check = client.get(page("apply_check", case.pk)).text

    case = world.fresh(case)
    assert answer["Location"] == page("apply_case", case.pk)
    assert (case.medical.hospital, case.net_fen, case.asked_fen) == (
        "示例医院", 12_000_00, 5000_00)  # fmt: skip
    assert (form["hospital"].value(), form["asked_fen"].value()) == ("示例医院", "5,000.00")
    assert "化疗六次。" in check


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bills_from": "2025-03-01"}, "bills_from"),
        ({"bills_until": "2027-01-01"}, "bills_until"),
        ({"bills_until": "2026-01-04"}, "bills_until"),
        ({"insurance_fen": "30000", "unit_aid_fen": "0.01"}, "unit_aid_fen"),
        ({"asked_fen": "12000.01"}, "asked_fen"),
        ({"asked_fen": "20000.01", "insurance_fen": ""}, "asked_fen"),
        ({"illness": "GOOD"}, "illness"),
        ({"hospital": ""}, "hospital"),
    ],
)
def test_medical_form_names_what_is_wrong(world, signed_in, change, field):
    case = world.grant(Programme.MEDICAL)
    head = case.dossier.members.first()

    answer = signed_in(case.applicant.user).post(
        page("apply_medical", case.pk), MEDICAL | {"patient": head.pk} | change
    )

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not hasattr(world.fresh(case), "medical")


def test_gift_form_takes_a_holiday_ahead_but_no_death(world, signed_in):
    case = world.grant(Programme.VISIT_GIFT)
    head = case.dossier.members.first()
    client = signed_in(case.applicant.user)
    ahead = {"event_on": str(world.today + 30 * DAY), "patient": head.pk, "reason": ""}
    url = page("apply_event", case.pk)

    refused = client.post(url, ahead | {"event": "BEREAVEMENT"})
    far = client.post(url, ahead | {"event": "HOLIDAY", "event_on": str(world.today + 93 * DAY)})
    taken = client.post(url, ahead | {"event": "HOLIDAY"})

    assert [refused.status_code, far.status_code, taken.status_code] == [422, 422, 302]
    assert list(refused.context["form"].errors) == ["event_on"]
    assert world.fresh(case).event == "HOLIDAY"


def test_emergency_form_offers_no_holiday(world, signed_in):
    case = world.grant(Programme.EMERGENCY)

    text = signed_in(case.applicant.user).get(page("apply_event", case.pk)).text

    assert 'value="ACCIDENT"' in text
    assert 'value="HOLIDAY"' not in text


@pytest.mark.parametrize("name", ["apply_event", "apply_tuition", "apply_medical"])
def test_a_form_is_not_there_for_another_programme(world, signed_in, name):
    other = Programme.MEDICAL if name == "apply_tuition" else Programme.TUITION
    case = world.grant(other)

    assert signed_in(case.applicant.user).get(page(name, case.pk)).status_code == (
        200 if (name, other) == ("apply_medical", Programme.MEDICAL) else 404
    )


def test_application_is_submitted_from_the_check_page(world, signed_in):
    case = world.tuition()

    answer = signed_in(case.applicant.user).post(page("apply_check", case.pk))

    assert answer["Location"] == page("apply_done", case.pk)
    assert world.fresh(case).status == Status.SUBMITTED


# Reviewing


def test_reviewer_and_verifier_are_told_of_the_same_bills(world, signed_in):
    paid = world.case_in(Status.PAID)
    case = world.medical(paid.dossier, bills_from=paid.event_on)
    world.submit(case)
    review = signed_in(world.officer).get(page("review", case.pk)).text
    world.review(case)
    client = signed_in(world.company_officer)

    pages = [client.get(page(n, case.pk)).text for n in ("verify", "check_event", "case_detail")]

    assert [paid.number in text for text in (review, *pages)] == [True] * 4
    assert "示例医院" in review


def test_cost_of_tuition_is_verified_by_the_receipt(world, signed_in):
    case = world.tuition()
    world.submit(case)
    world.review(case)

    answer = signed_in(world.company_officer).post(
        page("check_event", case.pk), {"verified_net": "4000"}
    )

    assert answer.status_code == 302
    assert world.fresh(case).net_fen == 4000_00


def test_a_gift_has_no_cost_to_verify(world, signed_in):
    case = world.gift()
    world.submit(case)
    world.review(case)
    client = signed_in(world.company_officer)

    assert client.get(page("check_event", case.pk)).status_code == 403
    assert page("check_event", case.pk) not in client.get(page("case_detail", case.pk)).text


# Papers


def test_paper_of_tuition_has_the_fields_of_the_form(world, signed_in):
    case = world.case_in(Status.PAID, Programme.TUITION)
    Member.objects.filter(pk=case.tuition.student_id).update(name=CANARY)

    text = signed_in(world.auditor).get(page("case_form", case.pk)).text

    for words in (
        "子女助学申请表", "是否本届", "高考分数", "录取批次", "学制", "学杂费/年", "是否助学贷款",
        "2026/27 学年", "示例大学", "6,000.00", "所在单位党组织（行政）意见", "基层工会意见",
        "公司工会意见", "党政班子会审定意见", "情况属实。", "☑ 本人承诺",
    ):  # fmt: skip
        assert words in text, words
    assert CANARY not in text and "&lt;svg onload=x&gt;" in text


def test_paper_of_medical_aid_has_the_fields_of_the_form(world, signed_in):
    case = world.medical(treatment=CANARY)

    text = signed_in(case.applicant.user).get(page("case_form", case.pk)).text

    for words in (
        "医疗救助申请表", "患者姓名", "职工关系", "病种", "住院次数", "申请日前一年内",
        "个人实际支出", "核定符合的", "本单位救助", "社会救助", "住院时间及后续治疗",
        "恶性肿瘤", "11,000.00", "党政班子会审定意见",
    ):  # fmt: skip
        assert words in text, words
    assert CANARY not in text


def test_empty_paper_can_be_printed_for_signing(world, signed_in):
    dossier = world.on_file()
    for programme in (Programme.TUITION, Programme.MEDICAL):
        case = actions.open_case(
            dossier=dossier, programme=programme, by=world.officer, at=world.tick()
        )

        answer = signed_in(world.officer).get(page("case_form", case.pk))

        assert answer.status_code == 200


def test_paper_of_a_gift_names_the_occasion(world, signed_in):
    case = world.gift()

    assert "慰问事由" in signed_in(case.applicant.user).get(page("case_form", case.pk)).text
