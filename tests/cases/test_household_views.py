"""What a household declares: who may change it, what is refused in words, what is kept."""

from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from base.crypto import blind_index
from cases.codes import Gate
from cases.models import Asset, Member
from cases.workflow import Status
from people.models import Relation
from tests.factories import UserFactory, id_number
from tests.world import World

CANARY = "<svg onload=x>"


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def case(world):
    """The draft of an employee, and their household."""
    return world.household()


@pytest.fixture(autouse=True)
def clock(world):
    with time_machine.travel(world.now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def home(client, case):
    client.force_login(case.applicant.user)
    return case.dossier


def page(name, *args, **query):
    return reverse(f"cases:{name}", args=args, query=query)


def addresses(dossier):
    member = dossier.members.get(relation=Relation.SPOUSE)
    expense = dossier.expenses.get()
    supporter = dossier.supporters.get_or_create(relation="SON", name="赵强")[0]
    return {
        "dossier_describe": (dossier.pk, "causes"), "member_add": (dossier.pk,),
        "member_edit": (member.pk,), "member_remove": (member.pk,),
        "supporter_add": (dossier.pk,), "supporter_edit": (supporter.pk,),
        "supporter_remove": (supporter.pk,), "expense_add": (dossier.pk,),
        "expense_edit": (expense.pk,), "expense_remove": (expense.pk,),
        "dossier_gates": (dossier.pk,),
    }  # fmt: skip


NAMES = (
    "dossier_describe", "member_add", "member_edit", "member_remove", "supporter_add",
    "supporter_edit", "supporter_remove", "expense_add", "expense_edit", "expense_remove",
    "dossier_gates",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_page_opens_to_the_household_and_its_officers_alone(client, world, case, name):
    url = page(name, *addresses(case.dossier)[name])
    stranger = UserFactory(employee=True)
    seen = {
        case.applicant.user: 200, world.officer: 200, world.company_officer: 200,
        world.auditor: 403, world.leaders[0]: 404, stranger: 404,
    }  # fmt: skip

    assert client.get(url).status_code == 302
    for user, status in seen.items():
        client.force_login(user)
        assert client.get(url).status_code == status


@pytest.mark.parametrize("name", NAMES)
def test_page_is_locked_while_the_case_is_being_decided(client, world, case, home, name):
    url = page(name, *addresses(home)[name])
    world.submit(case)

    response = client.get(url)

    assert response.status_code == 403


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "https:evil"])
def test_next_never_leaves_the_site(client, home, target):
    url = page("dossier_describe", home.pk, "causes", next=target)

    response = client.post(url, {"main_cause": "SCHOOLING"})

    assert response["Location"] == home.get_absolute_url()


def test_lost_session_leads_back_to_the_page(client, case):
    url = page("member_add", case.dossier_id, next="/my/")

    response = client.post(url, {"name": "王建国"})

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    assert "members%2Fadd" in response["Location"] or "members/add" in response["Location"]


# The header


def test_describe_saves_and_goes_back(client, home):
    url = page("dossier_describe", home.pk, "causes", next="/my/")
    data = {"main_cause": "FAMILY_ILLNESS", "side_causes": ["SCHOOLING"], "story": CANARY}

    response = client.post(url, data)

    home.refresh_from_db()
    assert response["Location"] == "/my/"
    assert (home.main_cause, home.side_causes, home.story) == (
        "FAMILY_ILLNESS", ["SCHOOLING"], CANARY)  # fmt: skip
    assert CANARY not in client.get(url).text


def test_describe_refuses_four_side_causes_and_keeps_what_was_typed(client, home):
    causes = ["SCHOOLING", "DISABILITY", "ACCIDENT", "DISASTER"]
    data = {"main_cause": "OWN_ILLNESS", "side_causes": causes, "story": "不见的话"}

    response = client.post(page("dossier_describe", home.pk, "causes"), data)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"side_causes"}
    home.refresh_from_db()
    assert "不见的话" in response.text
    assert "不见的话" != home.story


def test_describe_drops_the_main_cause_from_the_side_causes(client, home):
    causes = ["SCHOOLING", "DISABILITY", "ACCIDENT", "OWN_ILLNESS"]
    client.post(
        page("dossier_describe", home.pk, "causes"),
        {"main_cause": "OWN_ILLNESS", "side_causes": causes},
    )

    home.refresh_from_db()
    assert home.side_causes == causes[:3]


def test_describe_ignores_columns_that_are_not_asked_for(client, home):
    data = {
        "main_cause": "SCHOOLING", "status": "ACTIVE", "level": "SPECIAL", "category": "DEEP",
        "number": "X",
    }  # fmt: skip

    client.post(page("dossier_describe", home.pk, "causes"), data)

    after = type(home).objects.get(pk=home.pk)
    assert (after.status, after.level, after.category, after.number) == (
        "PENDING", "", "", home.number)  # fmt: skip


# Members


def member_data(**changes):
    return {
        "relation": "SON", "name": "𠮷䶮", "occupation": "STUDENT", "school_level": "BACHELOR",
        "id_number": id_number(450, born=date(2004, 5, 6)), "health": "GOOD",
        "monthly_income_fen": "",
    } | changes  # fmt: skip


def test_member_add_reads_birth_and_sex_from_the_number(client, home):
    response = client.post(page("member_add", home.pk, next="/my/"), member_data())

    member = home.members.get(relation="SON")
    assert response["Location"] == "/my/"
    assert (member.name, member.sex, member.born_on, member.monthly_income_fen) == (
        "𠮷䶮", "MALE", date(2004, 5, 6), 0)  # fmt: skip


def test_member_add_another_stays_on_the_page(client, home):
    url = page("member_add", home.pk, next="/my/")

    response = client.post(url, member_data(again="1"))

    assert response["Location"] == url
    assert "𠮷䶮" in client.get(url).text


def test_member_added_twice_is_entered_once(client, home):
    url = page("member_add", home.pk)

    client.post(url, member_data())
    again = client.post(url, member_data())

    assert again.status_code == 422
    assert home.members.filter(relation="SON").count() == 1


@pytest.mark.parametrize(
    "number", ["23010019700101", "230100197013010019", "230100197001010000", "23010020300101000X"]
)
def test_member_with_an_impossible_number_is_refused_with_everything_kept(client, home, number):
    response = client.post(page("member_add", home.pk), member_data(id_number=number))

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"id_number"}
    assert "𠮷䶮" in response.text
    assert number in response.text
    assert home.members.count() == 2


def test_member_born_in_the_future_is_refused(client, home):
    future = id_number(3, born=date(2030, 1, 1))

    response = client.post(page("member_add", home.pk), member_data(id_number=future))

    assert set(response.context["form"].errors) == {"id_number"}


def test_member_edit_keeps_the_number_when_left_empty_and_never_shows_it(client, home):
    spouse = home.members.get(relation=Relation.SPOUSE)
    url = page("member_edit", spouse.pk)
    data = member_data(relation="SPOUSE", id_number="", name="配偶", monthly_income_fen="800")

    shown = client.get(url)
    client.post(url, data)

    after = Member.objects.get(pk=spouse.pk)
    assert spouse.id_number not in shown.text
    assert (after.id_number, after.id_index, after.sex, after.born_on) == (
        spouse.id_number, spouse.id_index, spouse.sex, spouse.born_on)  # fmt: skip
    assert after.monthly_income_fen == 800_00


def test_member_edit_with_another_number_reads_birth_and_sex_anew(client, home):
    spouse = home.members.get(relation=Relation.SPOUSE)
    number = id_number(451, born=date(1961, 2, 3), sex="FEMALE")

    client.post(page("member_edit", spouse.pk), member_data(relation="SPOUSE", id_number=number))

    spouse.refresh_from_db()
    assert (spouse.born_on, spouse.id_index) == (
        date(1961, 2, 3), blind_index(number, "id_number"))  # fmt: skip


def test_head_keeps_name_and_number_whatever_is_posted(client, home):
    head = home.members.get(relation=Relation.SELF)

    client.post(page("member_edit", head.pk), member_data(occupation="RETIRED"))

    after = Member.objects.get(pk=head.pk)
    assert (after.name, after.id_number, after.relation, after.occupation) == (
        head.name, head.id_number, "SELF", "RETIRED")  # fmt: skip


def test_member_removed_and_added_again_is_the_same_row(client, home):
    spouse = home.members.get(relation=Relation.SPOUSE)

    client.post(page("member_remove", spouse.pk))
    gone = Member.objects.get(pk=spouse.pk)
    back = member_data(relation="SPOUSE", name="配偶", id_number=spouse.id_number)
    client.post(page("member_add", home.pk), back)

    spouse.refresh_from_db()
    assert gone.left_on is not None
    assert spouse.left_on is None
    assert home.members.count() == 2


def test_head_is_not_removed(client, home):
    head = home.members.get(relation=Relation.SELF)

    assert client.get(page("member_remove", head.pk)).status_code == 403
    assert client.post(page("member_remove", head.pk)).status_code == 403


def test_member_who_left_has_no_page(client, home):
    spouse = home.members.get(relation=Relation.SPOUSE)
    client.post(page("member_remove", spouse.pk))

    assert client.get(page("member_edit", spouse.pk)).status_code == 404
    assert client.post(page("member_remove", spouse.pk)).status_code == 404


def test_member_on_file_elsewhere_is_refused_to_a_household_on_file(client, world, clock):
    first = world.on_file()
    other = world.on_file(world.employee())
    clock.move_to(world.now)
    client.force_login(world.officer)
    number = other.members.get(relation=Relation.SELF).id_number

    response = client.post(page("member_add", first.pk), member_data(id_number=number))

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"id_number"}


def test_name_with_markup_is_inert(client, home):
    client.post(page("member_add", home.pk), member_data(name=CANARY))

    for url in (page("member_add", home.pk), page("apply_check", home.cases.get().pk)):
        response = client.get(url)
        assert CANARY not in response.text
        assert "&lt;svg onload=x&gt;" in response.text


# Expenses

EXPENSE = {
    "kind": "ILLNESS", "spent_on": "2026-02-01", "gross_fen": "1.5万", "reimbursed_fen": "５０００",
    "vouchers": "2", "member": "", "note": "",
}  # fmt: skip


def test_expense_add_understands_wan_and_full_width(client, home):
    response = client.post(page("expense_add", home.pk, next="/my/"), EXPENSE)

    expense = home.expenses.latest("pk")
    assert response["Location"] == "/my/"
    assert (expense.gross_fen, expense.reimbursed_fen) == (15_000_00, 5_000_00)


def test_expense_sent_twice_is_entered_once(client, home):
    data = EXPENSE | {"token": str(uuid4())}

    first = client.post(page("expense_add", home.pk), data)
    second = client.post(page("expense_add", home.pk), data)

    assert home.expenses.count() == 2  # one was there
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"reimbursed_fen": "20000"}, "reimbursed_fen"),
        ({"spent_on": "2026-03-09"}, "spent_on"),
        ({"spent_on": "2024-12-31"}, "spent_on"),
        ({"gross_fen": "很多"}, "gross_fen"),
        ({"gross_fen": "0"}, "gross_fen"),
        ({"member": "999999"}, "member"),
        ({"vouchers": "-1"}, "vouchers"),
    ],
)
def test_expense_that_cannot_be_is_refused_with_everything_kept(client, home, changes, wrong):
    response = client.post(page("expense_add", home.pk), EXPENSE | {"note": "住院"} | changes)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {wrong}
    assert "住院" in response.text
    assert home.expenses.count() == 1


def test_expense_edit_changes_and_keeps_an_old_day(client, world, home, clock):
    expense = home.expenses.get()
    clock.move_to(world.tick(days=400))
    client.force_login(home.head.user)
    data = EXPENSE | {"spent_on": str(expense.spent_on), "gross_fen": "16000"}

    response = client.post(page("expense_edit", expense.pk), data)

    expense.refresh_from_db()
    assert response.status_code == 302
    assert expense.gross_fen == 16_000_00


def test_expense_remove_asks_first(client, home):
    expense = home.expenses.get()
    url = page("expense_remove", expense.pk)

    asked = client.get(url)
    client.post(url)

    assert "20,000.00" in asked.text
    assert not home.expenses.exists()


# Gates


def test_gates_are_answered_with_words_for_every_yes(client, home):
    data = {gate.value: "no" for gate in Gate} | {"VEHICLE": "yes"}

    refused = client.post(page("dossier_gates", home.pk), data)
    client.post(page("dossier_gates", home.pk), data | {"VEHICLE_evidence": "送透析"})

    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"VEHICLE_evidence"}
    answers = dict(Asset.objects.filter(dossier=home).values_list("gate", "present"))
    assert answers == {gate.value: gate == Gate.VEHICLE for gate in Gate}
    assert Asset.objects.get(dossier=home, gate=Gate.VEHICLE).evidence == "送透析"


def test_gates_are_not_answered_for_anybody_beforehand(client, world):
    user = world.employee()
    client.force_login(user)
    client.post(page("apply_new"))
    dossier = user.person.dossiers.get()

    response = client.get(page("dossier_gates", dossier.pk))

    assert "checked" not in response.text


def test_officer_may_change_a_household_on_file_and_its_head_may_not(client, world, clock):
    dossier = world.on_file()
    clock.move_to(world.now)
    url = page("expense_add", dossier.pk)

    client.force_login(dossier.head.user)
    assert client.get(url).status_code == 403
    client.force_login(world.officer)
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_member_add_query_count_does_not_grow(client, home, django_assert_num_queries, count):
    for n in range(count):
        client.post(
            page("member_add", home.pk),
            member_data(id_number=id_number(450 + n, born=date(2004, 5, 6))),
        )

    # session, user with person, appointments, relatives, dossier, locked?, members
    with django_assert_num_queries(9):
        client.get(page("member_add", home.pk))


def test_expense_ignores_columns_that_are_not_asked_for(client, case, home):
    client.post(page("expense_add", home.pk), EXPENSE | {"status": "PAID", "basis": "MATCHED"})

    case.refresh_from_db()
    assert case.status == Status.DRAFT
    assert home.expenses.latest("pk").basis == "DECLARED"
