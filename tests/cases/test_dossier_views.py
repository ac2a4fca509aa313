"""The register, the card of a household, its history and the marking of facts, by HTTP."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from base.crypto import blind_index
from cases import actions
from cases.codes import Gate
from cases.evidence import of_household
from cases.models import Case, Dossier, Member, RevisionBody, SubsistenceLine
from cases.workflow import Programme
from people.models import Disclosure, Kinship, Relation
from people.roles import Role
from tests.conftest import StrictClient
from tests.factories import PersonFactory, UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"


@pytest.fixture
def world():
    return World()


@pytest.fixture
def dossier(world):
    """A pending household, filled in."""
    return world.household().dossier


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def marks(dossier, basis="VISITED", **changed):
    """What the browser sends back from the page of marks."""
    dossier.refresh_from_db()
    data = {"edit": dossier.edit}
    data |= {f"{fact.key}.basis": basis for fact in of_household(dossier)}
    return data | changed


# Who may open what

PEOPLE = (
    "stranger", "head", "employee", "informant", "officer", "officer elsewhere", "chair",
    "company_officer", "company_chair", "leader", "cashier", "auditor", "admin",
)  # fmt: skip
MATRIX = {
    "dossier_list": (302, 403, 403, 403, 200, 200, 200, 200, 200, 403, 403, 200, 403),
    "dossier_new": (302, 403, 403, 200, 200, 200, 200, 403, 403, 403, 403, 403, 403),
    "dossier_detail": (302, 200, 404, 404, 200, 404, 200, 200, 200, 404, 404, 200, 404),
    "dossier_card": (302, 200, 404, 404, 200, 404, 200, 200, 200, 404, 404, 200, 404),
    "dossier_mark": (302, 403, 404, 404, 403, 404, 403, 200, 403, 404, 404, 403, 404),
    "dossier_recheck": (302, 403, 404, 404, 403, 404, 403, 403, 403, 404, 404, 403, 404),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world, dossier):
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "head": lambda: dossier.head.user,
        "employee": lambda: world.employee(),
        "officer elsewhere": lambda: appoint(Role.UNIT_OFFICER, world.other_unit),
        "leader": lambda: world.leaders[0],
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {
        name: client.get(
            url(name) if name in ("dossier_list", "dossier_new") else url(name, dossier.pk)
        ).status_code
        for name in MATRIX
    }

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_an_officer_of_another_company_sees_nothing(dossier):
    client = signed_in(appoint(Role.COMPANY_OFFICER, UnitFactory(company=True)))

    assert client.get(url("dossier_detail", dossier.pk)).status_code == 404


# The register


def test_the_register_shows_the_household_with_its_latest_judgement(world):
    dossier = world.on_file()

    page = signed_in(world.officer).get(url("dossier_list")).text

    assert dossier.head.name in page
    assert dossier.number in page
    assert "416.66" in page  # (1,500 x 12 - 8,000) / 24


@pytest.mark.parametrize("count", [1, 3])
def test_the_register_takes_the_same_queries_for_any_number(
    count, world, django_assert_num_queries
):
    dossiers = [world.household().dossier for _n in range(count)]
    client = signed_in(world.officer)

    with django_assert_num_queries(6):  # session, user, hats, relatives, units, dossiers
        page = client.get(url("dossier_list")).text

    assert all(dossier.number in page for dossier in dossiers)


def test_the_register_shows_the_latest_help(world):
    case = world.case_in("PAID")

    page = signed_in(world.officer).get(url("dossier_list")).text

    assert f"{case.granted_fen // 100:,}.00" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=欧阳", True),
        ("q=ouyangm", True),
        ("q=ou yang", True),
        ("q=wang", False),
        ("q=yang", False),
        ("status=PENDING", True),
        ("status=ACTIVE", False),
        ("standing=RETIRED", True),
        ("standing=IN_SERVICE", False),
        ("level=SPECIAL", False),
        ("cause=OWN_ILLNESS", True),
        ("cause=SCHOOLING", False),
        ("overdue=on", False),
        ("status=NONSENSE", True),
    ],
)
def test_filters_narrow_the_register(query, found, world):
    user = world.employee(
        name="欧阳明月",
        name_pinyin="ou yang ming yue",
        standing="RETIRED",
        monthly_income_fen=1500_00,
    )
    dossier = world.household(user).dossier

    page = signed_in(world.officer).get(f"{url('dossier_list')}?{query}").text

    assert (dossier.number in page) == found


def test_a_household_is_found_by_the_beginning_of_its_number(world, dossier):
    client = signed_in(world.officer)

    assert dossier.number in client.get(f"{url('dossier_list')}?q=2026-档").text
    assert f">{dossier.number}<" not in client.get(f"{url('dossier_list')}?q=档").text


def test_the_filter_by_unit_offers_own_units_only(world, dossier):
    client = signed_in(world.company_officer)

    here = client.get(f"{url('dossier_list')}?unit={world.unit.pk}").text
    there = client.get(f"{url('dossier_list')}?unit={world.other_unit.pk}").text

    assert dossier.number in here
    assert dossier.number not in there


def test_an_overdue_recheck_stands_out_and_can_be_filtered(world):
    dossier = world.on_file()
    Dossier.objects.filter(pk=dossier.pk).update(review_due_on=world.today - 400 * DAY)

    page = signed_in(world.officer).get(f"{url('dossier_list')}?overdue=on").text

    assert dossier.number in page
    assert "row-attention" in page


def test_the_register_is_exported_masked_and_follows_the_filters(world, dossier):
    client = signed_in(world.officer)

    full = client.get(f"{url('dossier_list')}?export=xlsx&status=PENDING")
    empty = client.get(f"{url('dossier_list')}?export=xlsx&status=EXITED")

    rows = list(load_workbook(io.BytesIO(full.content)).active.values)
    assert rows[1][0] == dossier.number
    assert dossier.head.name not in str(rows)
    assert dossier.head.id_number not in str(rows)
    assert len(list(load_workbook(io.BytesIO(empty.content)).active.values)) == 1


def test_too_long_an_export_says_how_to_narrow(world, dossier, monkeypatch):
    monkeypatch.setattr("people.views.lists.MOST_ROWS", 0)

    answer = signed_in(world.officer).get(f"{url('dossier_list')}?export=xlsx", follow=True)

    assert answer.redirect_chain == [(f"{url('dossier_list')}?", 302)]
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]


def test_an_empty_register_offers_to_begin(world):
    page = signed_in(world.officer).get(url("dossier_list")).text

    assert "empty-first" in page
    assert url("dossier_new") in page


def test_a_filter_without_result_says_so(world, dossier):
    page = signed_in(world.officer).get(f"{url('dossier_list')}?q=没有此人").text

    assert "empty-none" in page


# The card


def test_the_page_of_a_household_masks_every_number(world, dossier):
    head = dossier.head

    page = signed_in(world.officer).get(url("dossier_detail", dossier.pk)).text

    assert head.name in page
    for number in (head.id_number, head.phone, head.account):
        assert number not in page
    assert all(m.id_number not in page for m in dossier.members.all())


def test_the_formula_stands_on_the_page_with_its_numbers(world, dossier):
    page = signed_in(world.officer).get(url("dossier_detail", dossier.pk)).text

    for number in ("18,000.00", "8,000.00", "416.66", "732.00"):
        assert number in page


def test_without_a_subsistence_line_the_page_says_what_to_enter(world, dossier):
    SubsistenceLine.objects.all().delete()

    page = signed_in(world.officer).get(url("dossier_detail", dossier.pk))

    assert page.status_code == 200
    assert page.context["totals"] is None


def test_names_are_shown_inert(world):
    user = world.employee(name=CANARY, standing="RETIRED")
    dossier = world.household(user).dossier
    client = signed_in(world.company_officer)

    for address in (
        url("dossier_list"), url("dossier_detail", dossier.pk), url("dossier_card", dossier.pk),
        url("dossier_mark", dossier.pk),
    ):  # fmt: skip
        page = client.get(address).text
        assert CANARY not in page
        assert "&lt;svg onload=x&gt;" in page


def test_address_and_own_words_are_for_the_officers_in_charge(world, dossier):
    assert "示例街道1号" in signed_in(world.officer).get(url("dossier_detail", dossier.pk)).text
    auditor = signed_in(world.auditor)
    assert "示例街道1号" not in auditor.get(url("dossier_detail", dossier.pk)).text
    assert "示例街道1号" not in auditor.get(url("dossier_card", dossier.pk)).text


def test_help_of_each_year_is_drawn_once_something_was_paid(world):
    case = world.case_in("PAID")
    client = signed_in(world.officer)

    page = client.get(url("dossier_detail", case.dossier_id))

    assert page.context["years"] == [("2026", case.granted_fen // 100)]
    assert page.context["year_rows"] == [("2026", f"{case.granted_fen // 100:,}.00")]
    assert case.number in page.text
    assert 'class="chart"' in page.text


def test_the_page_takes_the_same_queries_for_any_household(world, django_assert_max_num_queries):
    dossier = world.on_file()
    client = signed_in(world.officer)

    with django_assert_max_num_queries(38):
        client.get(url("dossier_detail", dossier.pk))


def test_the_printed_card_names_what_officers_know(world):
    dossier = world.on_file()

    page = signed_in(world.officer).get(url("dossier_card", dossier.pk)).text

    for words in (
        "困难职工家庭档案卡", "民族", "政治面貌", "主要致困原因", "刚性支出", "帮扶记录",
        "入户走访记录", "申请人（签字按印）", "基层工会意见", dossier.number,
    ):  # fmt: skip
        assert words in page
    assert dossier.head.id_number not in page
    assert page.count('class="print-page paper-dense"') == 2


# Full numbers


def test_full_numbers_are_shown_after_a_recorded_reason(world, dossier):
    page = signed_in(world.officer).post(url("dossier_reveal", dossier.pk), {"purpose": "VISIT"})

    head = dossier.head
    assert head.id_number in page.text and head.phone in page.text and head.account in page.text
    assert all(m.id_number in page.text for m in dossier.members.all())
    assert [
        (d.by, d.subject, d.subject_pk, d.purpose) for d in Disclosure.objects.order_by("pk")
    ] == [
        (world.officer, "PERSON", head.pk, "VISIT"),
        (world.officer, "HOUSEHOLD", dossier.pk, "VISIT"),
    ]


def test_without_a_purpose_nothing_is_shown_and_nothing_recorded(world, dossier):
    page = signed_in(world.officer).post(url("dossier_reveal", dossier.pk))

    assert page.status_code == 422
    assert dossier.head.id_number not in page.text
    assert not Disclosure.objects.exists()


def test_the_auditor_sees_no_full_numbers(world, dossier):
    page = signed_in(world.auditor).post(url("dossier_reveal", dossier.pk), {"purpose": "AUDIT"})

    assert page.status_code == 403
    assert not Disclosure.objects.exists()


def test_full_numbers_come_by_post_alone(world, dossier):
    assert signed_in(world.officer).get(url("dossier_reveal", dossier.pk)).status_code == 405


# Links with other households


def test_the_same_id_number_elsewhere_is_told_to_officers_alone(world):
    first = world.on_file()
    user = world.employee()
    second = actions.start_dossier(head=user.person, by=user, at=world.tick())
    spouse = first.members.get(relation=Relation.SPOUSE)
    actions.save_member(
        dossier=second, by=user, at=world.tick(), relation=Relation.SIBLING, name="同一人",
        sex=spouse.sex, born_on=spouse.born_on, occupation="UNABLE", id_number=spouse.id_number,
    )  # fmt: skip

    officer = signed_in(world.officer).get(url("dossier_detail", second.pk))
    applicant = signed_in(user).get(url("dossier_detail", second.pk))

    assert len(officer.context["hints"]) == 1
    assert first.number in officer.context["hints"][0].sentence
    assert applicant.context["hints"] == []
    assert first.number not in applicant.text


def test_an_exited_household_is_told_too(world, dossier):
    other = world.household().dossier
    twin = other.members.get(relation=Relation.SPOUSE)
    mine = dossier.members.get(relation=Relation.SPOUSE)
    Member.objects.filter(pk=twin.pk).update(
        id_number=mine.id_number, id_index=mine.id_index, left_on=world.today
    )
    Dossier.objects.filter(pk=other.pk).update(
        status="EXITED", closed_on=world.today, exit_reason="RECOVERED"
    )

    hints = signed_in(world.officer).get(url("dossier_detail", dossier.pk)).context["hints"]

    (hint,) = [hint for hint in hints if hint.kind == "ID_NUMBER"]
    assert other.number in hint.sentence and str(world.today) in hint.sentence


def test_the_same_account_and_phone_are_told(world, dossier):
    head = dossier.head
    PersonFactory(
        unit=world.other_unit, name="赵丽", account=head.account,
        account_index=head.account_index,
    )  # fmt: skip
    PersonFactory(
        unit=world.other_unit, name="刘洋", phone=head.phone, phone_index=head.phone_index
    )
    PersonFactory(name="外人", account=head.account, account_index=head.account_index)

    hints = signed_in(world.company_officer).get(url("dossier_detail", dossier.pk)).context["hints"]

    assert len(hints) == 2
    assert "赵丽" in hints[0].sentence and "刘洋" in hints[1].sentence


def test_empty_accounts_are_not_the_same_account(world, dossier):
    PersonFactory(unit=world.unit, account="", account_index="", phone="", phone_index="")
    head = dossier.head
    type(head).objects.filter(pk=head.pk).update(
        account="", account_index="", phone="", phone_index=""
    )

    assert signed_in(world.officer).get(url("dossier_detail", dossier.pk)).context["hints"] == []


def test_a_registered_relative_is_told(world, dossier):
    spouse = dossier.members.get(relation=Relation.SPOUSE)
    Kinship.objects.create(
        user=world.chair, relation="SIBLING", name="姐姐", registered_at=world.now,
        id_index=blind_index(spouse.id_number, "id_number"), registered_by=world.chair,
    )  # fmt: skip

    hints = signed_in(world.officer).get(url("dossier_detail", dossier.pk)).context["hints"]

    assert len(hints) == 1
    assert world.chair.name in hints[0].sentence and spouse.name in hints[0].sentence


# On behalf


def begin(world, person, programme="RECOGNITION", user=None):
    data = {"person": person.pk, "programme": programme}
    return signed_in(user or world.officer).post(url("dossier_new"), data)


def test_an_officer_begins_an_application_on_behalf(world):
    person = PersonFactory(unit=world.unit)

    answer = begin(world, person)

    case = Case.objects.get()
    assert (case.applicant, case.entered_by, case.programme, case.status) == (
        person, world.officer, "RECOGNITION", "DRAFT",
    )  # fmt: skip
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/apply/{case.pk}/")


def test_the_search_offers_persons_of_the_own_unit(world):
    here = PersonFactory(unit=world.unit, name="陈静", name_pinyin="chen jing")
    PersonFactory(unit=world.other_unit, name="陈立", name_pinyin="chen li")
    PersonFactory(unit=world.unit, name="陈故", name_pinyin="chen gu", died_on=world.today)

    page = signed_in(world.officer).get(f"{url('dossier_new')}?q=chen")

    assert page.context["form"].fields["person"].choices[0][0] == here.pk
    assert page.context["form"].found == 1


def test_a_person_of_another_unit_cannot_be_chosen(world):
    assert begin(world, PersonFactory(unit=world.other_unit)).status_code == 422
    assert not Case.objects.exists()


def test_sending_twice_begins_one_application(world):
    person = PersonFactory(unit=world.unit)
    begin(world, person)

    answer = begin(world, person)

    assert answer.status_code == 422
    assert "person" in answer.context["form"].errors
    assert Case.objects.count() == 1


def test_an_emergency_grant_needs_a_household_on_file(world):
    answer = begin(world, PersonFactory(unit=world.unit), "EMERGENCY")

    assert answer.status_code == 422
    assert "programme" in answer.context["form"].errors
    assert not Dossier.objects.exists()


def test_a_household_on_file_is_not_recognised_again_but_may_ask_for_a_grant(world):
    dossier = world.on_file()

    again = begin(world, dossier.head)
    grant = begin(world, dossier.head, "EMERGENCY", user=world.informant)

    assert again.status_code == 422
    assert grant.status_code == 302
    assert dossier.cases.filter(programme=Programme.EMERGENCY, status="DRAFT").count() == 1


def test_an_employee_does_not_begin_for_others(world):
    answer = begin(world, PersonFactory(unit=world.unit), user=world.employee())

    assert answer.status_code == 403


# Marking


def test_marks_and_verified_values_are_recorded(world, dossier):
    head = dossier.members.get(relation=Relation.SELF)
    expense = dossier.expenses.get()
    data = marks(
        dossier, **{f"m{head.pk}.income.found": "1,600", f"e{expense.pk}.net.found": "7000"}
    )

    answer = signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)

    assert answer.status_code == 302
    head.refresh_from_db()
    expense.refresh_from_db()
    assert (head.monthly_income_fen, head.verified_income_fen, head.income_basis) == (
        1500_00, 1600_00, "VISITED",
    )  # fmt: skip
    assert (expense.verified_net_fen, expense.basis) == (7000_00, "VISITED")
    assert set(dossier.assets.values_list("basis", flat=True)) == {"VISITED"}


def test_an_exception_of_a_gate_keeps_its_reason_and_who_made_it(world, dossier):
    applicant = dossier.head.user
    answers = {gate: (gate == Gate.VEHICLE, "面包车") for gate in Gate}
    actions.answer_gates(dossier=dossier, by=applicant, at=world.tick(), answers=answers)
    van = dossier.assets.get(gate="VEHICLE")
    data = marks(dossier, **{f"a{van.pk}.present.exception": "透析用车，会议纪要第3号"})

    signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)

    van.refresh_from_db()
    assert (van.exception, van.excepted_by) == ("透析用车，会议纪要第3号", world.company_officer)
    assert van.excepted_at is not None


def test_only_a_yes_takes_an_exception(world, dossier):
    van = dossier.assets.get(gate="VEHICLE")
    data = marks(dossier, **{f"a{van.pk}.present.exception": "透析用车"})

    answer = signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [f"a{van.pk}.present.exception"]


def test_a_yes_found_at_the_door_stands_beside_the_declared_no(world, dossier):
    van = dossier.assets.get(gate="VEHICLE")
    found = {f"a{van.pk}.present.found": "yes", f"a{van.pk}.present.exception": "透析用车"}
    head = dossier.members.get(relation=Relation.SELF)
    found |= {f"m{head.pk}.health.found": "KIDNEY", f"m{head.pk}.work.found": "CASUAL"}

    signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), marks(dossier, **found))

    van.refresh_from_db()
    head.refresh_from_db()
    assert (van.present, van.verified_present, van.counted_present) == (False, True, True)
    assert (head.health, head.verified_health, head.counted_health) == (
        "CANCER", "KIDNEY", "KIDNEY",
    )  # fmt: skip
    assert (head.occupation, head.counted_occupation) == ("RETIRED", "CASUAL")


def test_a_documented_fact_names_its_document(world, dossier):
    key = f"m{dossier.members.get(relation=Relation.SELF).pk}.income"
    data = marks(dossier, **{f"{key}.basis": "DOCUMENTED"})

    answer = signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [f"{key}.document"]


def test_a_changed_declaration_is_only_declared_again(world, dossier):
    head = dossier.members.get(relation=Relation.SELF)
    data = marks(dossier, **{f"m{head.pk}.income.found": "1600"})
    signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)
    columns = {"id_number": head.id_number, "monthly_income_fen": 1700_00}

    actions.save_member(
        dossier=dossier, by=dossier.head.user, at=world.tick(), member=head, **columns
    )

    head.refresh_from_db()
    assert (head.verified_income_fen, head.income_basis) == (None, "DECLARED")
    assert head.health_basis == "VISITED"


def test_a_verified_amount_above_the_voucher_is_refused(world, dossier):
    expense = dossier.expenses.get()
    data = marks(dossier, **{f"e{expense.pk}.net.found": "20000.01"})

    answer = signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [f"e{expense.pk}.net.found"]


def test_facts_that_changed_meanwhile_are_not_marked(world, dossier):
    data = marks(dossier)
    applicant = dossier.head.user
    actions.describe(dossier=dossier, by=applicant, at=world.tick(), address="新址")

    answer = signed_in(world.company_officer).post(url("dossier_mark", dossier.pk), data)

    assert answer.status_code == 422
    assert dossier.members.filter(income_basis="DECLARED").count() == 2


def test_marking_is_refused_while_the_case_is_decided_with_the_reason(world):
    case = world.case_in("VERIFIED", Programme.RECOGNITION)

    answer = signed_in(world.company_officer).get(url("dossier_mark", case.dossier_id))

    assert answer.status_code == 403


# Re-check


def test_the_recheck_makes_the_dossier_valid_for_another_term(world):
    dossier = world.on_file()
    Dossier.objects.filter(pk=dossier.pk).update(review_due_on=world.today - 400 * DAY)
    client = signed_in(world.officer)

    assert client.get(url("dossier_recheck", dossier.pk)).status_code == 200
    answer = client.post(url("dossier_recheck", dossier.pk))

    dossier.refresh_from_db()
    assert answer["Location"] == dossier.get_absolute_url()
    assert dossier.review_due_on > world.today


# History


def test_two_revisions_are_compared_in_words(world):
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.mark(case, basis="MATCHED")
    world.assess(case)
    dossier = case.dossier
    client = signed_in(world.officer)

    page = client.get(url("revision_diff", dossier.pk, 1, 2))
    detail = client.get(url("dossier_detail", dossier.pk))

    facts = page.context["differences"]
    spouse = dossier.members.get(relation=Relation.SPOUSE)
    assert any(spouse.name in difference.what for difference in facts)
    assert len(facts) == 2 * 3 + 1 + len(Gate)
    assert url("revision_diff", dossier.pk, 1, 2) in detail.text
    assert client.get(url("revision_diff", dossier.pk, 1, 9)).status_code == 404


def test_the_page_says_what_changed_since_the_latest_revision(world):
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    client = signed_in(world.officer)
    before = client.get(url("dossier_detail", case.dossier_id)).context["since"]

    world.mark(case, basis="CONFLICTING")
    after = client.get(url("dossier_detail", case.dossier_id)).context["since"]

    assert before == []
    assert len(after) == 2 * 3 + 1 + len(Gate)


def test_an_erased_revision_is_said_to_be_erased(world):
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.mark(case, basis="MATCHED")
    world.assess(case)
    RevisionBody.objects.filter(revision__number=1).delete()
    client = signed_in(world.officer)

    page = client.get(url("revision_diff", case.dossier_id, 1, 2))
    detail = client.get(url("dossier_detail", case.dossier_id))

    assert page.context["erased"] is True
    assert [item["erased"] for item in detail.context["history"]] == [False, True]


def test_the_household_sees_its_own_history(world):
    case = world.case_in("VERIFIED", Programme.RECOGNITION)

    answer = signed_in(case.applicant.user).get(url("dossier_detail", case.dossier_id))

    assert answer.status_code == 200
    assert len(answer.context["history"]) == 1
