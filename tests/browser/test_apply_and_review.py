"""In the browser: an employee applies, the grassroots union returns it once and passes it on."""

import pytest

from cases.codes import Gate, Question
from cases.models import Case
from cases.workflow import Status
from people.models import Standing
from tests.factories import id_number

pytestmark = pytest.mark.browser

SPOUSE = {
    "relation": "SPOUSE", "name": "欧阳春花", "occupation": "UNABLE", "health": "GOOD",
    "insurance": "RESIDENT",
}  # fmt: skip


def fill_in(seat, case):
    """The employee goes through the task list page by page."""
    dossier = case.dossier
    pages = {
        "person": {"political": "MASSES", "marital": "MARRIED"},
        "health": {"health": "CANCER", "ill_this_year": True},
        "work": {"occupation": "RETIRED", "began_work_on": "1985-07-01",
                 "monthly_income_fen": "1500"},
        "home": {"address": "示例街道1号", "other_contact": "示例邻居", "housing": "OF_UNIT",
                 "hukou_place": "示例市示例区"},
        "causes": {"main_cause": "OWN_ILLNESS", "story": "去年查出重病，积蓄用完了。"},
    }  # fmt: skip
    for part, values in pages.items():
        seat.to("cases:dossier_describe", dossier.pk, part)
        seat.send(**values)


@pytest.mark.django_db
def test_an_employee_applies_and_the_grassroots_union_reviews(sit_down, world, catch_up):
    """An employee signs in, applies for recognition and submits; the grassroots officer returns
    it with words; the employee corrects and submits again; the chair passes it on."""
    user = world.employee(standing=Standing.RETIRED, account="", account_index="")
    catch_up()

    # The employee signs in as people do, and begins
    employee = sit_down()
    employee.open("account_login")
    employee.send(login=user.username, password="demo")
    assert employee.path == "/"
    employee.open("cases:apply")
    employee.send()
    case = Case.objects.get(applicant=user.person)
    home = employee.path

    fill_in(employee, case)
    employee.open("cases:apply_case", case.pk)

    # A wrong ID number is refused with a sentence, and nothing typed is lost
    right = id_number(30, sex="FEMALE")
    wrong = right[:-1] + ("1" if right[-1] != "1" else "2")
    employee.to("cases:member_add", case.dossier_id)
    employee.send(**SPOUSE, id_number=wrong)
    assert len(employee.complaints()) == 1
    assert employee.main.locator("#id_id_number_error").inner_text()
    assert (employee.value("name"), employee.value("id_number")) == ("欧阳春花", wrong)
    assert employee.value("relation") == "SPOUSE"
    assert employee.main.locator('[name="occupation"]:checked').input_value() == "UNABLE"
    employee.send(id_number=right)
    assert employee.path == home

    # An amount as people write it
    employee.to("cases:expense_add", case.dossier_id)
    employee.fill({"gross_fen": "2万"})
    echo = employee.main.locator('[name="gross_fen"] >> xpath=ancestor::*[@data-money]//output')
    assert echo.inner_text() == "20,000.00 元（贰万元整）"
    employee.send(kind="ILLNESS", spent_on="2026-01-05", reimbursed_fen="１２，０００", vouchers=3)
    assert case.dossier.expenses.get().gross_fen == 20_000_00

    employee.to("cases:dossier_gates", case.dossier_id)
    employee.send(**{gate: "no" for gate in Gate})
    employee.to("cases:apply_payee", case.pk)
    employee.send(
        bank="工商银行", branch="哈尔滨分行", account="6222000000000000017", compared=True
    )
    employee.to("cases:document_add", case.dossier_id)
    picture = {"name": "诊断.png", "mimeType": "image/png", "buffer": employee.page.screenshot()}
    employee.main.locator('[name="file"]').set_input_files(picture)
    employee.send(kind="MEDICAL")
    employee.to("cases:apply_declare", case.pk)
    employee.send(true_statement=True, may_verify=True, may_publish=True)
    assert employee.path == home

    # Everything once more, then it goes off; the receipt names the case
    employee.to("cases:apply_check", case.pk)
    assert "欧阳春花" in employee.main.inner_text()
    employee.send()
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED
    assert case.number in employee.main.inner_text()

    # The officer finds it among the things to do, and returns it with words
    officer = sit_down(world.officer)
    officer.open("home")
    officer.to("cases:review", case.pk)
    officer.to("cases:give_back", case.pk)
    officer.send(reason="MEMBERS_UNCLEAR", words="请补充配偶的工作单位。")
    case.refresh_from_db()
    assert case.status == Status.RETURNED

    # The employee reads the words, corrects, submits again
    employee.open("home")
    employee.to("cases:apply_case", case.pk)
    assert "请补充配偶的工作单位。" in employee.main.inner_text()
    spouse = case.dossier.members.get(relation="SPOUSE")
    employee.to("cases:apply_check", case.pk)
    employee.to("cases:member_edit", spouse.pk)
    employee.send(workplace="无工作单位")
    employee.send()
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED

    # The chair answers six questions and passes it on
    chair = sit_down(world.chair)
    chair.open("home")
    chair.to("cases:review", case.pk)
    chair.send(words="情况属实，同意上报。", unrelated=True)
    assert len(chair.complaints()) == len(Question)
    assert chair.value("words") == "情况属实，同意上报。"
    chair.send(**{f"{question}_answer": "FITS" for question in Question})
    case.refresh_from_db()
    assert case.status == Status.REVIEWED
    employee.open("cases:my")
    assert case.number in employee.main.inner_text()
