"""Pages of cases: who may open them, what they show and hide, what each act does."""

import io

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from cases import actions
from cases.codes import Question
from cases.evidence import Mark
from cases.models import Case, Dossier, Member
from cases.workflow import Programme, Status
from people.models import Kinship, Person, Relation
from people.roles import Role
from tests.factories import UnitFactory, appoint
from tests.world import World

pytestmark = pytest.mark.django_db

SVG = "<svg onload=x>"


@pytest.fixture
def world():
    return World()


def ask(client, world, user, name, *args, data=None, params=None):
    """One request at the world's next moment."""
    with time_machine.travel(world.tick(), tick=False):
        if user:
            client.force_login(user)
        url = reverse(f"cases:{name}", args=args)
        return client.get(url, params) if data is None else client.post(url, data)


def review_data(**changes):
    data = {f"{q}_answer": "FITS" for q in Question} | {"words": "情况属实。", "unrelated": "on"}
    return data | changes


# Who may open what

ACTORS = {
    "stranger": lambda w, c: None,
    "applicant": lambda w, c: c.applicant.user,
    "another employee": lambda w, c: w.employee(),
    "informant": lambda w, c: w.informant,
    "unit officer": lambda w, c: w.officer,
    "unit chair": lambda w, c: w.chair,
    "unit officer elsewhere": lambda w, c: appoint(Role.UNIT_OFFICER, w.other_unit),
    "company officer": lambda w, c: w.company_officer,
    "company officer elsewhere": lambda w, c: appoint(
        Role.COMPANY_OFFICER, UnitFactory(company=True)
    ),
    "company chair": lambda w, c: w.company_chair,
    "secretary": lambda w, c: w.secretary,
    "leader": lambda w, c: w.leaders[0],
    "cashier": lambda w, c: w.cashier,
    "accountant": lambda w, c: w.accountant,
    "discipline": lambda w, c: w.discipline,
    "auditor": lambda w, c: w.auditor,
    "administrator": lambda w, c: w.admin,
}
PAGES = (
    "case_detail", "case_why", "case_form", "case_approval", "submit", "withdraw", "give_back",
    "review", "decline", "check_event", "assess", "verify",
)  # fmt: skip
NOBODY = {"stranger": (302,) * 12} | {
    who: (404,) * 12
    for who in (
        "another employee", "informant", "unit officer elsewhere", "company officer elsewhere",
        "administrator",
    )
}  # fmt: skip
READS = (200, 403, 200, 200, *(403,) * 8)
MATRIX = {
    Status.SUBMITTED: NOBODY | {
        "applicant": (200, 403, 200, 403, 403, 200, 403, 403, 403, 403, 403, 403),
        "unit officer": (200, 403, 200, 200, 403, 403, 200, 200, 200, 403, 403, 403),
        "unit chair": (200, 403, 200, 200, 403, 403, 200, 200, 200, 403, 403, 403),
        "company officer": READS,
        "company chair": READS,
        "secretary": (404,) * 12,
        "leader": (404,) * 12,
        "cashier": (404,) * 12,
        "accountant": (404,) * 12,
        "discipline": (404,) * 12,
        "auditor": READS,
    },
    Status.REVIEWED: NOBODY | {
        "applicant": (200, 403, 200, 403, 403, 200, 403, 403, 403, 403, 403, 403),
        "unit officer": READS,
        "unit chair": READS,
        "company officer": (200, 403, 200, 200, 403, 403, 200, 403, 200, 200, 200, 200),
        "company chair": READS,
        "secretary": (404,) * 12,
        "leader": (404,) * 12,
        "cashier": (404,) * 12,
        "accountant": (404,) * 12,
        "discipline": (404,) * 12,
        "auditor": READS,
    },
    Status.CLEARED: NOBODY | {
        "applicant": (200, 200, 200, 200, *(403,) * 8),
        "unit officer": (200, 200, 200, 200, *(403,) * 8),
        "unit chair": (200, 200, 200, 200, *(403,) * 8),
        "company officer": (200, 200, 200, 200, *(403,) * 8),
        "company chair": (200, 200, 200, 200, *(403,) * 8),
        "secretary": (200, 403, 403, 403, *(403,) * 8),
        "leader": (200, 200, 200, 200, *(403,) * 8),
        "cashier": (200, 403, 403, 403, *(403,) * 8),
        "accountant": (200, 403, 403, 403, *(403,) * 8),
        "discipline": (200, 200, 200, 200, *(403,) * 8),
        "auditor": (200, 200, 200, 200, *(403,) * 8),
    },
}  # fmt: skip


@pytest.mark.parametrize("status", MATRIX)
def test_who_may_open_which_page(client, world, status):
    case = world.case_in(status)

    found = {}
    for who, make in ACTORS.items():
        client.logout()
        user = make(world, case)
        found[who] = tuple(ask(client, world, user, p, case.pk).status_code for p in PAGES)

    assert found == MATRIX[status]


# The list


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(client, world, count, django_assert_num_queries):
    cases = [world.household() for _n in range(count)]
    client.force_login(world.company_officer)

    with time_machine.travel(world.tick(), tick=False), django_assert_num_queries(6):
        # session, user, appointments, relatives, units of the filter, cases
        response = client.get(reverse("cases:case_list"))

    assert all(case.number in response.text for case in cases)


def test_list_is_narrowed_and_says_when_nothing_is_left(client, world):
    draft = world.household()
    sent = world.household()
    world.submit(sent)

    found = ask(client, world, world.company_officer, "case_list", params={"turn": "GRASSROOTS"})
    none = ask(client, world, world.company_officer, "case_list", params={"status": "PAID"})

    assert sent.number in found.text and draft.number not in found.text
    assert "empty-none" in none.text


def test_list_before_the_first_case(client, world):
    response = ask(client, world, world.company_officer, "case_list")

    assert "empty-first" in response.text


def test_list_marks_what_is_overdue(client, world):
    case = world.household()
    world.submit(case)
    world.tick(days=30)

    response = ask(client, world, world.officer, "case_list", params={"overdue": "on"})

    assert case.number in response.text and "row-attention" in response.text


def test_list_goes_to_excel_with_its_filters_and_rights(client, world):
    mine = world.household(world.employee(name="=1+1"))
    world.submit(mine)
    world.household()
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    params = {"export": "xlsx", "status": "SUBMITTED"}

    response = ask(client, world, world.officer, "case_list", params=params)
    nothing = ask(client, world, elsewhere, "case_list", params=params)

    rows = [[c.value for c in row] for row in load_workbook(io.BytesIO(response.content)).active]
    assert [row[:2] for row in rows[1:]] == [[mine.number, "=1+1"]]
    assert len(list(load_workbook(io.BytesIO(nothing.content)).active)) == 1


# One case: what is shown to whom


def test_applicant_reads_no_score_before_the_decision(client, world):
    case = world.case_in(Status.VERIFIED, Programme.RECOGNITION)
    officer = ask(client, world, world.company_officer, "case_detail", case.pk).text
    applicant = ask(client, world, world.applicant(case), "case_detail", case.pk).text

    assert 'id="why"' in officer and 'id="why"' not in applicant
    assert "情况属实。" in officer and "情况属实。" not in applicant
    assert world.officer.name in officer and world.officer.name not in applicant
    assert 'id="duties"' in officer and 'id="duties"' not in applicant


def test_applicant_reads_the_reasons_after_the_decision(client, world):
    case = world.case_in(Status.APPROVED, Programme.RECOGNITION)

    page = ask(client, world, world.applicant(case), "case_detail", case.pk).text
    why = ask(client, world, world.applicant(case), "case_why", case.pk).text

    assert 'id="why"' in page
    assert "第九条" in why  # the clause
    assert str(case.assessment.score) in why


def test_letter_of_a_case_not_approved_names_the_clause(client, world):
    case = world.household()
    world.submit(case)
    actions.decline(
        case=case, by=world.officer, at=world.tick(), clause="第八条", words="有高档消费品"
    )

    why = ask(client, world, world.applicant(case), "case_why", case.pk)

    assert why.status_code == 200
    assert "第八条" in why.text and "有高档消费品" in why.text


def test_cashier_sees_no_facts_of_the_household(client, world):
    case = world.case_in(Status.CLEARED)
    spouse = case.dossier.members.get(relation=Relation.SPOUSE)
    Member.objects.filter(pk=spouse.pk).update(name="配偶某某")

    cashier = ask(client, world, world.cashier, "case_detail", case.pk).text
    officer = ask(client, world, world.officer, "case_detail", case.pk).text

    assert "配偶某某" in officer
    assert "配偶某某" not in cashier and "住院治疗" not in cashier and 'id="why"' not in cashier


def test_no_page_of_a_case_shows_a_whole_number(client, world):
    case = world.case_in(Status.CLEARED)
    person = case.applicant
    secrets = [person.id_number, person.account, person.phone] + list(
        m.id_number for m in case.dossier.members.all()
    )

    for user in (world.officer, world.company_officer, world.auditor, person.user):
        for page in ("case_detail", "case_why", "case_form", "case_approval"):
            text = ask(client, world, user, page, case.pk).text
            assert not [secret for secret in secrets if secret in text], (user, page)


def test_names_and_words_are_inert(client, world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    Person.objects.filter(pk=case.applicant_id).update(name=SVG)
    Member.objects.filter(dossier=case.dossier).update(name=SVG, workplace=SVG)
    Dossier.objects.filter(pk=case.dossier_id).update(story=SVG, address=SVG)

    for user, pages in (
        (world.company_officer, ("case_detail", "case_form", "case_approval", "verify", "assess")),
        (world.officer, ("case_detail",)),
    ):
        for page in pages:
            text = ask(client, world, user, page, case.pk).text
            assert SVG not in text and "&lt;svg onload=x&gt;" in text, page
    assert SVG not in ask(client, world, world.company_officer, "case_list").text


def test_relative_reads_why_they_may_not_act(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    Kinship.objects.create(
        user=world.officer, relation=Relation.SPOUSE, name="亲属", registered_at=world.now,
        id_index=case.dossier.members.get(relation=Relation.SPOUSE).id_index,
        registered_by=world.officer,
    )  # fmt: skip
    with override("en"):
        client.cookies["django_language"] = "en"
        page = ask(client, world, world.officer, "case_detail", case.pk).text

    assert "You are a relative or a member of this household" in page
    assert reverse("cases:review", args=[case.pk]) not in page
    assert ask(client, world, world.officer, "review", case.pk).status_code == 403


def test_page_shows_an_objection_and_not_who_objected(client, world):
    case = world.case_in(Status.PUBLISHED, Programme.RECOGNITION)
    actions.object_to(
        line=case.notice_lines.get(), words="两套房", name="举报人甲", contact="13800001234",
        at=world.tick(),
    )  # fmt: skip

    for user in (world.applicant(case), world.company_officer, world.auditor, world.discipline):
        text = ask(client, world, user, "case_detail", case.pk).text
        assert 'id="notice"' in text
        assert not [w for w in ("两套房", "举报人甲", "13800001234") if w in text]


def test_buttons_come_from_the_table(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    def offered(user):
        text = ask(client, world, user, "case_detail", case.pk).text
        return [p for p in PAGES[4:] if f'"{reverse(f"cases:{p}", args=[case.pk])}"' in text]

    assert offered(world.officer) == ["give_back", "review", "decline"]
    assert offered(world.applicant(case)) == ["withdraw"]
    assert offered(world.auditor) == []
    world.review(case)
    assert offered(world.company_officer) == ["give_back", "decline", "assess", "verify"]


def test_household_and_visit_are_linked_for_those_who_may_open_them(client, world):
    case = world.case_in(Status.TABLED, Programme.RECOGNITION)
    links = [
        reverse("cases:dossier_detail", args=[case.dossier_id]),
        reverse("cases:visit_detail", args=[case.visit_id]),
    ]

    def linked(user):
        text = ask(client, world, user, "case_detail", case.pk).text
        return [f'"{link}"' in text for link in links]

    assert linked(world.company_officer) == [True, True]
    assert linked(world.leaders[0]) == [False, False]


# Papers


def test_application_form_says_what_was_declared(client, world):
    case = world.case_in(Status.SUBMITTED)

    text = ask(client, world, world.officer, "case_form", case.pk).text

    for word in ("困难职工家庭申报表", case.number, "家庭成员", "☑", "20,000.00", "申请人签字"):
        assert word in text, word


def test_approval_form_carries_three_opinions(client, world):
    case = world.case_in(Status.APPROVED)

    text = ask(client, world, world.company_officer, "case_approval", case.pk).text

    for word in (
        "基层工会审查意见", "情况属实。", "公司工会复核意见", "党政班子会审定意见",
        "经党政班子会审定，同意。", "人民币伍仟伍佰元整", world.officer.name,
    ):  # fmt: skip
        assert word in text, word


def test_approval_form_leaves_out_opinions_that_fell(client, world):
    case = world.case_in(Status.HELD, Programme.RECOGNITION)
    objection = case.objections.get()
    actions.reopen(objection=objection, by=world.discipline, at=world.tick(), words="属实")

    text = ask(client, world, world.company_officer, "case_approval", case.pk).text

    assert "情况属实。" in text and "经党政班子会审定，同意。" not in text


# Acts


def test_review_page_records_the_review(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    response = ask(client, world, world.officer, "review", case.pk, data=review_data())

    assert response.url == case.get_absolute_url()
    case.refresh_from_db()
    assert case.status == Status.REVIEWED
    assert case.screenings.count() == 6


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"unrelated": ""}, "unrelated"),
        ({"INCOME_answer": ""}, "INCOME_answer"),
        ({"LUXURY_answer": "FAILS"}, "LUXURY_note"),
        ({"words": ""}, "words"),
    ],
)
def test_review_page_asks_for_what_is_missing(client, world, changes, field):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    response = ask(client, world, world.officer, "review", case.pk, data=review_data(**changes))

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED


def test_review_sent_twice_is_done_once(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    ask(client, world, world.officer, "review", case.pk, data=review_data())

    again = ask(client, world, world.officer, "review", case.pk, data=review_data())

    assert again.status_code == 403
    assert case.steps.filter(action="review").count() == 1


def test_give_back_page_shows_first_what_the_applicant_will_read(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    data = {"reason": "PROOF_MISSING", "words": "请补医院发票"}

    preview = ask(client, world, world.officer, "give_back", case.pk, data=data | {"preview": "1"})
    case.refresh_from_db()
    assert preview.status_code == 200 and case.status == Status.SUBMITTED

    sent = ask(client, world, world.officer, "give_back", case.pk, data=data)
    case.refresh_from_db()
    assert sent.status_code == 302 and case.status == Status.RETURNED
    page = ask(client, world, world.applicant(case), "case_detail", case.pk).text
    assert "请补医院发票" in page


def test_decline_page_offers_the_clauses_of_the_policy(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)
    data = {"clause": "第八条", "words": "有高档消费品"}

    wrong = ask(
        client, world, world.officer, "decline", case.pk, data=data | {"clause": "第九十九条"}
    )
    assert wrong.status_code == 422
    right = ask(client, world, world.officer, "decline", case.pk, data=data)

    assert right.status_code == 302
    step = case.steps.get(action="decline")
    assert (step.reason, step.opinion.words) == ("第八条", "有高档消费品")


def test_withdraw_page_needs_no_words(client, world):
    case = world.case_in(Status.SUBMITTED, Programme.RECOGNITION)

    response = ask(client, world, world.applicant(case), "withdraw", case.pk, data={})

    assert response.status_code == 302
    case.refresh_from_db()
    assert case.status == Status.WITHDRAWN


def test_submit_page_on_behalf_says_what_is_missing(client, world):
    case = world.household()
    client.cookies["django_language"] = "en"

    page = ask(client, world, world.officer, "submit", case.pk)
    sent = ask(client, world, world.officer, "submit", case.pk, data={})

    assert "signed on paper" in page.text
    assert sent.status_code == 422
    case.refresh_from_db()
    assert case.status == Status.DRAFT


def test_submit_page_submits(client, world):
    case = world.household()

    response = ask(client, world, world.applicant(case), "submit", case.pk, data={})

    assert response.status_code == 302
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED


def test_check_event_page_keeps_the_verified_cost(client, world):
    case = world.case_in(Status.REVIEWED)

    more = ask(
        client, world, world.company_officer, "check_event", case.pk,
        data={"verified_net": "20000.01"},
    )  # fmt: skip
    good = ask(
        client, world, world.company_officer, "check_event", case.pk,
        data={"verified_net": "1.1万"},
    )  # fmt: skip

    assert (more.status_code, good.status_code) == (422, 302)
    case.refresh_from_db()
    assert case.verified_net_fen == 11_000_00


def test_check_event_is_for_an_emergency(client, world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)

    page = ask(client, world, world.company_officer, "check_event", case.pk)

    assert page.status_code == 403


def test_verify_page_from_what_is_missing_to_the_word(client, world):
    case = world.case_in(Status.REVIEWED, Programme.RECOGNITION)
    officer = world.company_officer
    data = {"category": "SUDDEN", "level": "GENERAL", "deviation_reason": "", "words": "同意"}

    page = ask(client, world, officer, "verify", case.pk)
    assert [c["result"] for c in page.context["checks"]] == ["stop"] * 3
    early = ask(client, world, officer, "verify", case.pk, data=data)
    assert early.status_code == 422
    world.visit(case)
    world.mark(case)
    assessed = ask(client, world, officer, "assess", case.pk, data={})
    assert assessed.url == reverse("cases:verify", args=[case.pk])

    page = ask(client, world, officer, "verify", case.pk)
    assert [c["result"] for c in page.context["checks"]] == ["ok"] * 3
    off = ask(client, world, officer, "verify", case.pk, data=data)
    assert off.status_code == 422
    data["deviation_reason"] = "入户情况"
    sent = ask(client, world, officer, "verify", case.pk, data=data)
    assert sent.status_code == 302
    case.refresh_from_db()
    assert (case.status, case.category, case.level) == (Status.VERIFIED, "SUDDEN", "GENERAL")


def test_verify_page_of_a_grant_refuses_a_wrong_amount_in_words(client, world):
    case = world.case_in(Status.REVIEWED)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    client.cookies["django_language"] = "en"

    def send(amount, **more):
        data = {"proposed": amount, "words": "同意"} | more
        return ask(client, world, world.company_officer, "verify", case.pk, data=data)

    assert "more than 10 % from the reference" in send("7000").text
    assert "at most 20,000 yuan" in send("3万").text
    assert send("5500").status_code == 302
    assert Case.objects.get(pk=case.pk).proposed_fen == 5500_00


def test_verify_page_takes_a_reason_for_no_visit(client, world):
    case = world.case_in(Status.REVIEWED)
    world.tick(days=200)
    world.mark(case)
    world.assess(case)
    data = {"proposed": "5500", "words": "同意"}

    without = ask(client, world, world.company_officer, "verify", case.pk, data=data)
    data["no_visit_reason"] = "住院隔离"
    given = ask(client, world, world.company_officer, "verify", case.pk, data=data)

    assert (without.status_code, given.status_code) == (422, 302)
    assert Case.objects.get(pk=case.pk).no_visit_reason == "住院隔离"


def test_page_of_a_case_has_a_fixed_cost(client, world, django_assert_max_num_queries):
    case = world.case_in(Status.CLEARED)
    client.force_login(world.company_officer)

    with time_machine.travel(world.tick(), tick=False), django_assert_max_num_queries(27):
        client.get(case.get_absolute_url())


def test_an_earlier_score_is_hidden_from_the_reviewer_while_the_facts_are_open(client, world):
    """Returned after its assessment, the case comes back to the grassroots union without it."""
    case = world.case_in(Status.REVIEWED)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    actions.give_back(
        case=case, by=world.company_officer, at=world.tick(), reason="PROOF_MISSING", words="缺"
    )

    for act in (lambda: None, lambda: world.submit(case)):
        act()
        assert 'id="why"' not in ask(client, world, world.officer, "case_detail", case.pk).text
        assert ask(client, world, world.officer, "case_why", case.pk).status_code == 403
        approval = ask(client, world, world.officer, "case_approval", case.pk)
        assert "judgement" not in approval.context
        assert 'id="why"' in ask(client, world, world.company_officer, "case_detail", case.pk).text
    world.review(case)
    assert 'id="why"' in ask(client, world, world.officer, "case_detail", case.pk).text


def test_a_case_assessed_again_shows_the_score_before_and_after(client, world):
    case = world.case_in(Status.PUBLISHED)
    once = ask(client, world, world.company_officer, "case_why", case.pk)
    objection = world.object_to(case.notice_lines.get())
    actions.hold(objection=objection, by=world.discipline, at=world.tick())
    actions.reopen(objection=objection, by=world.discipline, at=world.tick(), words="重审")
    head = case.dossier.members.get(relation=Relation.SELF)
    before = case.assessment
    actions.mark_facts(
        dossier=case.dossier, by=world.company_officer, at=world.tick(),
        marks={f"m{head.pk}.health": Mark("VISITED", ("GOOD", False))},
    )  # fmt: skip
    after = world.assess(case)

    again = ask(client, world, world.company_officer, "case_why", case.pk)

    assert once.context["assessed"] == []
    rows = again.context["assessed"]
    assert [row["assessment"] for row in rows] == [before, after]
    assert before.score > after.score
    numbers = [before.revision.number, after.revision.number]
    difference = reverse("cases:revision_diff", args=[case.dossier_id, *numbers])
    assert rows[1]["url"] == difference and difference in again.text


def test_a_case_assessed_again_under_other_rules_says_so(client, world):
    case = world.case_in(Status.REVIEWED)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    clauses = [(c.key, c.clause, c.value, c.mark, c.source) for c in world.policy.clauses.all()]
    newer = actions.draft_policy(
        company=world.company, title="新办法", clauses=clauses, by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip
    actions.enact(policy=newer, in_force_on=world.today, by=world.company_chair, at=world.tick())
    world.assess(case)

    rows = ask(client, world, world.company_officer, "case_why", case.pk).context["assessed"]

    assert [(row["url"], row.get("other_rules")) for row in rows] == [("", None), ("", True)]
