"""The page of the proof: seals, look-up, verification at once and in the background."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from audits import actions, tasks
from audits.models import Seal, Verification
from people.models import Disclosure
from people.roles import Role
from tests.audits.test_seal import disclose, seal, tamper
from tests.factories import NOON, UnitFactory, appoint

pytestmark = pytest.mark.django_db

PROOF = "/proof/"
SEEN_BY = {"AUDITOR", "COMPANY_CHAIR", "COMPANY_OFFICER", "DISCIPLINE", "ACCOUNTANT", "LEADER"}


@pytest.fixture
def auditor():
    return appoint(Role.AUDITOR, UnitFactory(company=True))


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in ("EMPLOYEE", "GROUP")], ids=str
)
def test_proof_is_for_those_who_watch(client, role):
    grassroots = role in ("INFORMANT", "UNIT_OFFICER", "UNIT_CHAIR")
    unit = UnitFactory() if grassroots else UnitFactory(company=True)
    client.force_login(appoint(role, unit))
    expected = (200, 302) if role in SEEN_BY else (403, 403)

    assert (
        client.get(PROOF).status_code,
        client.post(reverse("audits:proof_verify")).status_code,
    ) == expected
    assert Verification.objects.count() == int(role in SEEN_BY)


def test_proof_is_not_for_strangers(client):
    assert client.get(PROOF).status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_proof_lists_seals_in_a_fixed_number_of_queries(
    client, auditor, count, django_assert_num_queries
):
    for hour in range(count):
        disclose()
        seal(NOON + timedelta(hours=hour))
    client.force_login(auditor)

    # session, user, appointments, relatives, seals, sealed rows, last verification, freezes
    with django_assert_num_queries(8):
        response = client.get(PROOF)

    assert all(s.fingerprint in response.text for s in Seal.objects.all())


def test_proof_pages_by_position(client, auditor):
    for hour in range(26):
        disclose()
        seal(NOON + timedelta(hours=hour))
    client.force_login(auditor)

    first = client.get(PROOF)
    second = client.get(PROOF, {"cursor": first.context["page"].next_cursor})

    assert [s.number for s in first.context["page"]] == list(range(26, 1, -1))
    assert [s.number for s in second.context["page"]] == [1]


def test_fingerprint_that_is_typed_from_paper_is_found(client, auditor):
    disclose()
    made = seal()
    client.force_login(auditor)

    response = client.get(PROOF, {"fingerprint": made.fingerprint.lower()})

    assert (response.status_code, response.context["found"]) == (200, made)


def test_fingerprint_that_is_not_in_the_chain_is_said(client, auditor):
    client.force_login(auditor)

    with translation.override("en"):
        response = client.get(
            PROOF, {"fingerprint": "0000-0000-0000-0000"}, headers={"Accept-Language": "en"}
        )

    assert "This fingerprint is not in the chain." in response.text


@pytest.mark.parametrize("typed", ["", "ABCD", "not hexadecimal at all"])
def test_fingerprint_that_is_none_is_an_error(client, auditor, typed):
    client.force_login(auditor)

    response = client.get(PROOF, {"fingerprint": typed})

    assert response.status_code == 422
    assert response.context["lookup"].errors


def test_verify_now_shows_that_nothing_differs(client, auditor):
    disclose(3)
    made = seal()
    client.force_login(auditor)

    response = client.post(reverse("audits:proof_verify"), follow=True)

    row = Verification.objects.get()
    assert response.context["verification"] == row
    assert (row.status, row.rows, row.done, row.seal, row.problems_count, row.asked_by) == (
        "DONE", 3, 3, made, 0, auditor,
    )  # fmt: skip


def test_verify_now_names_what_differs_in_the_language_of_the_reader(client, auditor):
    row = disclose()[0]
    seal()
    tamper("UPDATE people_disclosure SET fields = 'phone' WHERE id = %s", row.pk)
    client.force_login(auditor)

    response = client.post(
        reverse("audits:proof_verify"), follow=True, headers={"Accept-Language": "en"}
    )

    assert f"people_disclosure row {row.pk} was changed after it was sealed." in response.text
    assert set(Verification.objects.get().found[0][1]) == {"zh-hans", "en"}


def test_many_rows_are_verified_in_the_background(client, auditor, monkeypatch):
    disclose(3)
    seal()
    monkeypatch.setattr(tasks, "BACKGROUND_FROM", 3)
    asked = []
    monkeypatch.setattr(type(tasks.run_verification), "enqueue", lambda _task, pk: asked.append(pk))
    client.force_login(auditor)

    response = client.post(reverse("audits:proof_verify"), follow=True)

    row = Verification.objects.get()
    assert asked == [row.pk]
    assert row.status == "RUNNING"
    assert "hx-trigger" in response.text


def test_background_run_ends_what_was_asked(auditor):
    disclose(3)
    seal()
    row = actions.ask_verification(by=auditor, at=NOON)

    tasks.run_verification.enqueue(row.pk)

    row.refresh_from_db()
    assert (row.status, row.done, row.problems_count) == ("DONE", 3, 0)


def test_progress_is_written_down_between_pages(auditor, monkeypatch):
    disclose(2500)
    seal()
    monkeypatch.setattr("audits.verify._TOGETHER", 1)
    row = actions.ask_verification(by=auditor, at=NOON)
    seen = []
    monkeypatch.setattr(
        "audits.actions._note_progress", lambda verification, done: seen.append(done)
    )

    actions.run_verification(verification=row)

    assert seen == [1000, 2000, 2500]


def test_part_of_the_page_is_asked_for_while_it_runs(client, auditor):
    row = actions.ask_verification(by=auditor, at=NOON)
    client.force_login(auditor)

    response = client.get(row.get_absolute_url(), headers={"HX-Request": "true"})

    assert "<html" not in response.text
    assert "hx-trigger" in response.text


def test_most_problems_are_counted_and_not_all_kept(auditor, monkeypatch):
    disclose(3)
    seal()
    tamper("DELETE FROM people_disclosure")
    monkeypatch.setattr(actions, "MOST_KEPT", 2)
    row = actions.ask_verification(by=auditor, at=NOON)

    actions.run_verification(verification=row)

    assert (row.problems_count, len(row.found)) == (3, 2)
    assert not Disclosure.objects.exists()
