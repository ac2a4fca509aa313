"""The applicant's way: start, task list, check, submit, receipt, and what became of it."""

import pytest
import time_machine
from django.urls import reverse

from base.money import format_fen
from cases.models import Case, Dossier
from cases.views.public import spaced
from cases.workflow import Programme, Status
from people.models import Person
from tests.cases.test_document_views import upload
from tests.factories import PersonFactory, UserFactory
from tests.world import World

CANARY = "<svg onload=x>"
ACTIONS = ("apply_case", "apply_payee", "apply_declare", "apply_check")


@pytest.fixture
def world(db):
    return World()


@pytest.fixture(autouse=True)
def clock(world):
    with time_machine.travel(world.now, tick=False) as traveller:
        yield traveller


def page(name, *args, **query):
    return reverse(f"cases:{name}", args=args, query=query)


# Start


def test_apply_may_be_read_before_signing_in(client, db):
    response = client.get(page("apply"))

    assert response.status_code == 200
    assert f"{reverse('account_login')}?next=/apply/" in response.text


def test_apply_offers_an_employee_to_apply_for_themselves_alone(client, world):
    client.force_login(world.employee())

    response = client.get(page("apply"))

    assert page("apply_new") in response.text
    assert page("apply_other") not in response.text


def test_apply_offers_officers_to_apply_for_others(client, world):
    for user in (world.informant, world.officer, world.chair):
        client.force_login(user)
        assert page("apply_other") in client.get(page("apply")).text


def test_apply_leads_back_to_the_draft(client, world):
    case = world.household()
    client.force_login(case.applicant.user)

    response = client.get(page("apply"))

    assert page("apply_case", case.pk) in response.text


def test_start_opens_dossier_and_case_once_however_often_it_is_pressed(client, world):
    user = world.employee()
    client.force_login(user)

    answers = [client.post(page("apply_new")) for _n in range(2)]

    case = Case.objects.get(applicant=user.person)
    assert (case.programme, case.status) == (Programme.RECOGNITION, Status.DRAFT)
    assert {a["Location"] for a in answers} == {page("apply_case", case.pk)}
    assert Dossier.objects.filter(head=user.person).count() == 1


def test_start_of_a_household_on_file_is_an_emergency_grant(client, world, clock):
    dossier = world.on_file()
    clock.move_to(world.now)
    client.force_login(dossier.head.user)

    client.post(page("apply_new"))

    assert dossier.cases.latest("pk").programme == Programme.EMERGENCY


def test_start_without_a_person_is_refused(client, world):
    client.force_login(world.officer)

    assert client.post(page("apply_new")).status_code == 403


def test_start_by_get_begins_nothing(client, world):
    user = world.employee()
    client.force_login(user)

    response = client.get(page("apply_new"))

    assert response["Location"] == page("apply")
    assert not Case.objects.exists()


def test_start_for_another_is_for_their_unit_alone(client, world):
    here, there = PersonFactory(unit=world.unit), PersonFactory(unit=world.other_unit)
    client.force_login(world.informant)

    client.post(page("apply_new"), {"person": here.pk})
    client.post(page("apply_new"), {"person": there.pk})

    assert [case.applicant for case in Case.objects.all()] == [here]
    assert Case.objects.get().entered_by == world.informant


def test_start_for_another_by_an_employee_does_nothing(client, world):
    other = PersonFactory(unit=world.unit)
    client.force_login(world.employee())

    response = client.post(page("apply_new"), {"person": other.pk})

    assert response["Location"] == page("apply")
    assert not Case.objects.exists()


def test_start_of_what_somebody_else_entered_is_refused_to_an_informant(client, world):
    case = world.household()
    client.force_login(world.informant)

    response = client.post(page("apply_new"), {"person": case.applicant_id})

    assert response.status_code == 403
    assert Case.objects.count() == 1


def test_choosing_a_person_shows_the_unit_and_no_numbers(client, world):
    here, there = PersonFactory(unit=world.unit), PersonFactory(unit=world.other_unit)
    client.force_login(world.informant)

    response = client.get(page("apply_other"))

    assert here.staff_no in response.text
    assert there.staff_no not in response.text
    for secret in (here.id_number, here.account, here.phone):
        assert secret not in response.text


def test_choosing_a_person_is_refused_to_others(client, world):
    client.force_login(world.employee())

    assert client.get(page("apply_other")).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_choosing_a_person_query_count_does_not_grow(
    client, world, django_assert_num_queries, count
):
    PersonFactory.create_batch(count, unit=world.unit)
    client.force_login(world.informant)

    with django_assert_num_queries(5):  # session, user, appointments, relatives, persons
        response = client.get(page("apply_other"))

    assert len(response.context["page"]) == count


# Filling in


@pytest.mark.parametrize("name", ACTIONS)
def test_draft_opens_to_the_applicant_and_the_officers_of_the_unit(client, world, name):
    case = world.household()
    url = page(name, case.pk)
    seen = {
        case.applicant.user: 200, world.officer: 200, UserFactory(employee=True): 404,
        world.auditor: 403, world.leaders[0]: 404,
    }  # fmt: skip

    assert client.get(url).status_code == 302
    for user, status in seen.items():
        client.force_login(user)
        assert client.get(url).status_code == status


def test_task_list_says_what_is_missing(client, world):
    user = world.employee()
    Person.objects.filter(pk=user.person_id).update(account="", account_index="")
    client.force_login(user)
    response = client.post(page("apply_new"), follow=True)

    missing = [str(sentence) for sentence in response.context["missing"]]

    # cause, gates, four pages of the form, account, declarations
    assert len(missing) == 8
    assert all(sentence in response.text for sentence in missing)


def test_task_list_of_a_household_on_file_locks_the_facts(client, world, clock):
    case = world.emergency()
    clock.move_to(world.now)
    client.force_login(case.applicant.user)

    tasks = client.get(page("apply_case", case.pk)).context["tasks"]

    assert [bool(task["url"]) for task in tasks] == [
        True, *[False] * 10, True, True, True, True]  # fmt: skip


def test_payee_is_saved_in_the_name_of_the_applicant_alone(client, world):
    case = world.household()
    client.force_login(case.applicant.user)
    data = {"bank": "建设银行", "branch": "香坊支行", "account": "6222 0000 0000 0000 001",
            "account_name": "别人", "compared": "on"}  # fmt: skip

    refused = client.post(page("apply_payee", case.pk), data)
    client.post(page("apply_payee", case.pk), data | {"account_name": case.applicant.name})

    person = Person.objects.get(pk=case.applicant_id)
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"account_name"}
    assert "香坊支行" in refused.text
    assert (person.bank, person.account) == ("建设银行", "6222000000000000001")


def test_payee_shows_the_end_of_the_account_on_file_alone(client, world):
    case = world.household()
    client.force_login(case.applicant.user)

    response = client.get(page("apply_payee", case.pk))

    assert case.applicant.account not in response.text
    assert case.applicant.account[-4:] in response.text


def test_payee_is_refused_to_an_informant(client, world):
    person = PersonFactory(unit=world.unit)
    client.force_login(world.informant)
    client.post(page("apply_new"), {"person": person.pk})

    response = client.get(page("apply_payee", Case.objects.get().pk))

    assert response.status_code == 403


def test_declarations_are_three_boxes_that_nobody_ticked(client, world):
    client.force_login(world.employee())
    client.post(page("apply_new"))
    case = Case.objects.get()
    url = page("apply_declare", case.pk)

    shown = client.get(url)
    refused = client.post(url, {"true_statement": "on", "may_verify": "on"})
    case.refresh_from_db()
    before = (case.true_statement, case.may_verify, case.may_publish)
    client.post(url, {"true_statement": "on", "may_verify": "on", "may_publish": "on"})

    case.refresh_from_db()
    assert "checked" not in shown.text
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"may_publish"}
    assert before == (False, False, False)
    assert (case.true_statement, case.may_verify, case.may_publish) == (True, True, True)


EVENT = {
    "event": "ACCIDENT", "event_on": "2026-03-01", "spent_fen": "2万", "reimbursed_fen": "",
    "asked_fen": "１００００", "reason": CANARY,
}  # fmt: skip


@pytest.fixture
def emergency(world, clock):
    case = world.emergency()
    clock.move_to(world.now)
    return case


def test_event_is_saved(client, emergency):
    client.force_login(emergency.applicant.user)
    data = EVENT | {"patient": emergency.patient_id}

    response = client.post(page("apply_event", emergency.pk), data)

    emergency.refresh_from_db()
    assert response["Location"] == page("apply_case", emergency.pk)
    assert (emergency.event, emergency.reason) == ("ACCIDENT", CANARY)
    amounts = (emergency.spent_fen, emergency.reimbursed_fen, emergency.asked_fen)
    assert amounts == (20_000_00, 0, 10_000_00)
    assert CANARY not in client.get(page("apply_check", emergency.pk)).text


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"asked_fen": "20001"}, "asked_fen"),
        ({"asked_fen": "15000", "reimbursed_fen": "6000"}, "asked_fen"),
        ({"reimbursed_fen": "30000"}, "reimbursed_fen"),
        ({"event_on": "2030-01-01"}, "event_on"),
        ({"event_on": "昨天"}, "event_on"),
        ({"patient": "999999"}, "patient"),
        ({"spent_fen": ""}, "spent_fen"),
    ],
)
def test_event_that_cannot_be_is_refused_with_everything_kept(client, emergency, changes, wrong):
    client.force_login(emergency.applicant.user)
    data = EVENT | {"patient": emergency.patient_id, "reason": "说明文字"} | changes

    response = client.post(page("apply_event", emergency.pk), data)

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {wrong}
    assert "说明文字" in response.text


def test_event_of_a_recognition_has_no_page(client, world):
    case = world.household()
    client.force_login(case.applicant.user)

    assert client.get(page("apply_event", case.pk)).status_code == 404


def test_patient_of_another_household_is_no_choice(client, world, emergency):
    other = world.household(world.employee()).dossier.members.first()
    client.force_login(emergency.applicant.user)

    response = client.post(page("apply_event", emergency.pk), EVENT | {"patient": other.pk})

    assert set(response.context["form"].errors) == {"patient"}


def test_amounts_decided_by_others_are_ignored(client, emergency):
    client.force_login(emergency.applicant.user)
    extra = {"granted_fen": "9", "proposed_fen": "9", "status": "PAID", "verified_net_fen": "9"}

    client.post(
        page("apply_event", emergency.pk), EVENT | {"patient": emergency.patient_id} | extra
    )

    emergency.refresh_from_db()
    assert (emergency.granted_fen, emergency.proposed_fen, emergency.status) == (
        None, None, Status.DRAFT)  # fmt: skip
    assert emergency.verified_net_fen is None


# Submitting


def test_check_shows_everything_on_one_page_masked(client, world):
    case = world.household()
    client.force_login(case.applicant.user)

    response = client.get(page("apply_check", case.pk))

    for shown in ("家中有人患病", "示例街道1号", "20,000.00", "1,500.00", "配偶"):
        assert shown in response.text
    for secret in (case.applicant.id_number, case.applicant.account):
        assert secret not in response.text
    assert response.context["missing"] == []


def test_submit_goes_to_the_receipt_and_twice_does_it_once(client, world):
    case = world.household()
    client.force_login(case.applicant.user)
    url = page("apply_check", case.pk)

    first, second = client.post(url), client.post(url)

    case.refresh_from_db()
    assert case.status == Status.SUBMITTED
    assert first["Location"] == second["Location"] == page("apply_done", case.pk)
    assert case.steps.filter(action="submit").count() == 1


def test_submit_with_something_missing_says_what_and_stays(client, world):
    client.force_login(world.employee())
    client.post(page("apply_new"))
    case = Case.objects.get()

    response = client.post(page("apply_check", case.pk))

    case.refresh_from_db()
    assert response.status_code == 422
    assert case.status == Status.DRAFT
    assert all(str(sentence) in response.text for sentence in response.context["missing"])


def test_submit_for_another_needs_the_paper_they_signed(client, world):
    case = world.household()
    client.force_login(world.officer)
    url = page("apply_check", case.pk)

    refused = client.post(url)
    papers = page("document_add", case.dossier_id, case=case.pk)
    client.post(papers, {"kind": "SIGNED_FORM", "file": upload()})
    done = client.post(url)

    case.refresh_from_db()
    assert refused.status_code == 422
    assert len(refused.context["missing"]) == 1
    assert done.status_code == 302
    assert case.status == Status.SUBMITTED


def test_receipt_names_number_code_and_day(client, world, clock):
    case = world.household()
    world.submit(case)
    clock.move_to(world.now)
    client.force_login(case.applicant.user)

    response = client.get(page("apply_done", case.pk))

    case.refresh_from_db()
    for shown in (case.number, spaced(case.code), str(case.due_on)):
        assert shown in response.text


def test_receipt_is_for_the_applicant_and_whoever_entered_it(client, world):
    case = world.household()
    world.submit(case)

    for user in (world.officer, world.company_officer, UserFactory(employee=True)):
        client.force_login(user)
        assert client.get(page("apply_done", case.pk)).status_code == 404


def test_parts_are_closed_once_submitted(client, world):
    case = world.household()
    world.submit(case)
    client.force_login(case.applicant.user)

    for name in ("apply_payee", "apply_declare"):
        assert client.get(page(name, case.pk)).status_code == 403
    for name in ("apply_case", "apply_check"):
        assert client.get(page(name, case.pk))["Location"] == page("apply_done", case.pk)


def test_lost_session_leads_back_to_the_page(client, world):
    case = world.household()
    url = page("apply_declare", case.pk)

    response = client.post(url, {"true_statement": "on"})

    assert response["Location"] == f"{reverse('account_login')}?next={url}"


# What became of it


def card(client, case):
    client.force_login(case.applicant.user)
    response = client.get(page("my"))
    assert response.status_code == 200
    return next(c for c in response.context["cards"] if c["case"].pk == case.pk), response.text


@pytest.mark.parametrize("status", Status)
def test_my_tells_every_status_and_no_score_before_the_decision(client, world, clock, status):
    case = world.case_in(status)
    clock.move_to(world.now)

    told, text = card(client, case)

    decided = status in (
        Status.APPROVED,
        Status.PUBLISHED,
        Status.HELD,
        Status.CLEARED,
        Status.PAID,
    )
    assert told["story"]["sentence"] in text
    assert bool(told["why"]) == decided
    assert (told["granted"] is not None) == decided
    assert told["mine"] == (status in (Status.DRAFT, Status.RETURNED))
    withdrawn_from = ("DRAFT", "SUBMITTED", "RETURNED", "REVIEWED", "VERIFIED")
    assert told["may_withdraw"] == (status in withdrawn_from)


def test_my_explains_the_amount_in_words(client, world, clock):
    case = world.case_in(Status.PAID)
    clock.move_to(world.now)

    told, text = card(client, case)

    assert format_fen(case.granted_fen) in text
    assert "人民币" in text
    for part in (told["why"]["income"], told["why"]["standing"], told["why"]["steps"][0][0]):
        assert part in text


@pytest.mark.parametrize(("status", "words"), [("RETURNED", "缺证明"), ("DECLINED", "不符合")])
def test_my_shows_the_words_of_the_union(client, world, clock, status, words):
    case = world.case_in(status)
    clock.move_to(world.now)

    told, text = card(client, case)

    assert told["last"]["words"] == words
    assert words in text
    assert str(told["last"]["reason"]) in text


def test_returned_application_shows_its_reason_on_the_task_list(client, world, clock):
    case = world.case_in(Status.RETURNED)
    clock.move_to(world.now)
    client.force_login(case.applicant.user)

    response = client.get(page("apply_case", case.pk))

    assert "缺证明" in response.text


def test_my_without_an_application_says_what_to_do(client, world):
    client.force_login(world.employee())

    response = client.get(page("my"))

    assert page("apply") in response.text
    assert response.context["cards"] == []


def test_my_never_shows_the_application_of_somebody_else(client, world):
    case = world.household()
    client.force_login(world.employee())

    assert case.number not in client.get(page("my")).text


def test_my_lists_what_was_entered_for_others(client, world):
    person = PersonFactory(unit=world.unit, name=CANARY)
    client.force_login(world.informant)
    client.post(page("apply_new"), {"person": person.pk})

    response = client.get(page("my"))

    assert page("apply_case", Case.objects.get().pk) in response.text
    assert CANARY not in response.text
    assert "&lt;svg onload=x&gt;" in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_my_query_count_does_not_grow(client, world, clock, django_assert_num_queries, count):
    dossier = world.on_file()
    for _n in range(count - 1):
        case = world.emergency(dossier)
        world.to_verified(case)
        batch = world.batch([world.fresh(case)])
        world.decide(batch)
        world.publish(batch)
        world.clear()
    clock.move_to(world.now)
    client.force_login(dossier.head.user)

    with django_assert_num_queries(18):
        response = client.get(page("my"))

    assert len(response.context["cards"]) == count
