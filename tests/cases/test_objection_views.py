"""Pages of objections: for the handler; who objected is shown to nobody else."""

import io
from datetime import date

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cases import actions
from cases.models import Answer, Objection
from cases.workflow import Programme, Status
from people.models import Disclosure, Kinship, Relation
from people.roles import Role
from tests.factories import NOON, UnitFactory, appoint
from tests.world import World

pytestmark = pytest.mark.django_db

SECRETS = ("他家有两套房", "举报人甲", "13800001234")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def case(world):
    return world.case_in(Status.PUBLISHED, Programme.RECOGNITION)


def file_objection(world, case):
    return actions.object_to(
        line=case.notice_lines.get(), words=SECRETS[0], name=SECRETS[1], contact=SECRETS[2],
        at=world.tick(),
    )  # fmt: skip


def ask(client, world, user, name, *args, data=None, params=None):
    with time_machine.travel(world.tick(), tick=False):
        if user:
            client.force_login(user)
        url = reverse(f"cases:{name}", args=args)
        return client.get(url, params) if data is None else client.post(url, data)


PAGES = ("objection_detail", "hold", "release", "reopen")
ACTORS = {
    "stranger": (lambda w, c: None, (302,) * 5),
    "applicant": (lambda w, c: c.applicant.user, (403, 404, 404, 404, 404)),
    "unit officer": (lambda w, c: w.officer, (403, 404, 404, 404, 404)),
    "company officer": (lambda w, c: w.company_officer, (403, 404, 404, 404, 404)),
    "company chair": (lambda w, c: w.company_chair, (403, 404, 404, 404, 404)),
    "leader": (lambda w, c: w.leaders[0], (403, 404, 404, 404, 404)),
    "cashier": (lambda w, c: w.cashier, (403, 404, 404, 404, 404)),
    "administrator": (lambda w, c: w.admin, (403, 404, 404, 404, 404)),
    "auditor": (lambda w, c: w.auditor, (200, 200, 403, 403, 403)),
    "discipline": (lambda w, c: w.discipline, (200, 200, 200, 403, 403)),
    "discipline elsewhere": (
        lambda w, c: appoint(Role.DISCIPLINE, UnitFactory(company=True)),
        (200, 404, 404, 404, 404),
    ),
}


def test_who_may_open_which_page(client, world, case):
    objection = file_objection(world, case)

    for who, (make, expected) in ACTORS.items():
        client.logout()
        user = make(world, case)
        found = [ask(client, world, user, "objection_list").status_code]
        found += [ask(client, world, user, p, objection.pk).status_code for p in PAGES]
        assert tuple(found) == expected, who


def test_auditor_sees_that_there_is_an_objection_and_not_who(client, world, case):
    objection = file_objection(world, case)

    page = ask(client, world, world.auditor, "objection_detail", objection.pk).text

    assert objection.code in page and case.number in page
    assert not [secret for secret in SECRETS if secret in page]


def test_who_objects_is_shown_to_whoever_took_it_up_after_it_was_written_down(client, world, case):
    objection = file_objection(world, case)
    facts, *who = SECRETS

    before = ask(client, world, world.discipline, "objection_detail", objection.pk).text
    actions.hold(objection=objection, by=world.discipline, at=world.tick())
    after = ask(client, world, world.discipline, "objection_detail", objection.pk).text

    assert facts in before and not [secret for secret in who if secret in before]
    assert not [secret for secret in SECRETS if secret not in after]
    seen = Disclosure.objects.get(by=world.discipline)
    assert (seen.subject, seen.subject_pk, seen.fields) == ("CASE", case.pk, "objector,contact")


def test_list_and_export_never_show_who_objected(client, world, case):
    objection = file_objection(world, case)

    for user in (world.auditor, world.discipline):
        text = ask(client, world, user, "objection_list").text
        book = ask(client, world, user, "objection_list", params={"export": "xlsx"}).content
        cells = [str(c.value) for row in load_workbook(io.BytesIO(book)).active for c in row]
        assert objection.code in text and objection.code in cells
        assert not [s for s in SECRETS if s in text or s in cells]


@pytest.mark.parametrize("why", ["relative", "took a step", "own case"])
def test_handler_with_an_interest_neither_handles_nor_reads_who(client, world, case, why):
    objection = file_objection(world, case)
    user = world.discipline
    if why == "relative":
        spouse = case.dossier.members.get(relation=Relation.SPOUSE)
        Kinship.objects.create(
            user=user, relation=Relation.SPOUSE, name="亲属", id_index=spouse.id_index,
            registered_at=NOON, registered_by=user,
        )  # fmt: skip
    elif why == "took a step":
        user = world.company_officer  # published it, and then changed the post
        user.appointments.all().delete()
        user.appointments.create(
            role=Role.DISCIPLINE, unit=world.company, since=date(2020, 1, 1), appointed_at=NOON
        )
    else:
        user = case.applicant.user
        user.appointments.create(
            role=Role.DISCIPLINE, unit=world.company, since=date(2020, 1, 1), appointed_at=NOON
        )

    page = ask(client, world, user, "objection_detail", objection.pk)

    assert page.status_code == 200
    assert not [secret for secret in SECRETS if secret in page.text]
    assert ask(client, world, user, "hold", objection.pk).status_code == 403
    assert ask(client, world, user, "hold", objection.pk, data={}).status_code == 403


def test_hold_then_release_with_an_answer(client, world, case):
    objection = file_objection(world, case)

    held = ask(client, world, world.discipline, "hold", objection.pk, data={})
    case.refresh_from_db()
    assert (held.url, case.status) == (objection.get_absolute_url(), Status.HELD)
    empty = ask(client, world, world.discipline, "release", objection.pk, data={"words": ""})
    assert empty.status_code == 422
    ask(client, world, world.discipline, "release", objection.pk, data={"words": "经查不属实"})

    case.refresh_from_db()
    assert (case.status, Answer.objects.get().words) == (Status.PUBLISHED, "经查不属实")
    again = ask(client, world, world.discipline, "release", objection.pk, data={"words": "再答"})
    assert again.status_code == 403
    page = ask(client, world, world.auditor, "objection_detail", objection.pk).text
    assert "经查不属实" in page


def test_reopen_sends_the_case_back(client, world, case):
    objection = file_objection(world, case)
    ask(client, world, world.discipline, "hold", objection.pk, data={})

    ask(client, world, world.discipline, "reopen", objection.pk, data={"words": "属实"})

    case.refresh_from_db()
    assert case.status == Status.REVIEWED
    assert Objection.objects.get().outcome == Objection.Outcome.UPHELD


def test_second_handler_is_refused_once_it_is_taken_up(client, world, case):
    objection = file_objection(world, case)
    ask(client, world, world.discipline, "hold", objection.pk, data={})
    second = appoint(Role.DISCIPLINE, world.company)

    page = ask(client, world, second, "objection_detail", objection.pk)
    act = ask(client, world, second, "release", objection.pk, data={"words": "不属实"})

    assert (page.status_code, act.status_code) == (200, 403)
    assert reverse("cases:release", args=[objection.pk]) not in page.text


def test_words_of_an_objection_are_inert(client, world, case):
    objection = actions.object_to(
        line=case.notice_lines.get(), words="<svg onload=x>", name="<svg onload=x>",
        contact="<svg onload=x>", at=world.tick(),
    )  # fmt: skip

    text = ask(client, world, world.discipline, "objection_detail", objection.pk).text

    assert "<svg onload=x>" not in text and "&lt;svg onload=x&gt;" in text


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_and_three(
    client, world, case, count, django_assert_num_queries
):
    objections = [file_objection(world, case) for _n in range(count)]
    client.force_login(world.discipline)

    with time_machine.travel(world.tick(), tick=False), django_assert_num_queries(5):
        # session, user, appointments, relatives, objections
        response = client.get(reverse("cases:objection_list"))

    assert all(objection.code in response.text for objection in objections)


def test_list_is_narrowed(client, world, case):
    objection = file_objection(world, case)

    none = ask(client, world, world.discipline, "objection_list", params={"state": "answered"})
    found = ask(client, world, world.discipline, "objection_list", params={"state": "open"})

    assert "empty-none" in none.text and objection.code not in none.text
    assert objection.code in found.text
