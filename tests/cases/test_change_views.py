"""Changes between two re-checks: reported, listed, taken into the file; by HTTP."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from cases import actions
from cases.models import Change, Dossier
from people.roles import NotAllowed, Role
from tests.conftest import StrictClient
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + 60 * DAY, tick=False)
    return world


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def report(world, dossier=None, by=None, **given):
    dossier = dossier or world.on_file()
    given = {"kind": "WORK", "happened_on": world.today, "words": "本人失业。", **given}
    return actions.report_change(
        dossier=dossier, by=by or dossier.head.user, at=world.tick(), **given
    )


PEOPLE = ("stranger", "head", "colleague", "informant", "officer", "elsewhere",
          "company_officer", "auditor")  # fmt: skip
MATRIX = {
    "change_list": (302, 403, 403, 200, 200, 200, 200, 200),
    "change_find": (302, 403, 403, 200, 200, 200, 200, 403),
    "change_new": (302, 200, 404, 200, 200, 404, 200, 404),
    "change_detail": (302, 200, 404, 404, 200, 404, 200, 200),
    "change_take": (302, 403, 404, 404, 200, 404, 200, 403),
    "change_dismiss": (302, 403, 404, 404, 200, 404, 200, 403),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world):
    change = report(world)
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "head": lambda: change.dossier.head.user,
        "colleague": lambda: world.employee(),
        "elsewhere": lambda: appoint(Role.UNIT_OFFICER, world.other_unit),
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {
        name: client.get(
            url(name)
            if name in ("change_list", "change_find")
            else url(name, change.dossier_id if name == "change_new" else change.pk)
        ).status_code
        for name in MATRIX
    }

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_the_household_reports_from_its_own_page(world):
    dossier = world.on_file()
    client = signed_in(dossier.head.user)

    assert url("change_new", dossier.pk) in client.get(url("my")).text
    answer = client.post(
        url("change_new", dossier.pk),
        {"kind": "INCOME", "happened_on": "2026-03-20", "words": CANARY},
    )

    change = Change.objects.get()
    assert answer["Location"] == url("my")
    assert (change.dossier, change.kind, change.words) == (dossier, "INCOME", CANARY)
    assert change.due_on == change.happened_on + timedelta(days=30)
    assert CANARY not in signed_in(world.officer).get(url("change_detail", change.pk)).text


def test_a_report_after_thirty_days_is_late_and_overdue_at_once(world):
    dossier = world.on_file()
    on_time = report(world, dossier, happened_on=world.today - timedelta(days=30))
    late = report(world, dossier, kind="INCOME", happened_on=world.today - timedelta(days=31))

    assert (on_time.late, late.late) == (False, True)
    page = signed_in(world.officer).get(url("change_list"), {"overdue": "on"})
    assert late in list(page.context["page"])
    with translation.override("en"):
        english = signed_in(world.officer).get(url("change_detail", late.pk))
    assert english.status_code == 200 and english.context["change"].late


def test_a_day_in_the_future_is_an_error_at_its_field(world):
    dossier = world.on_file()

    answer = signed_in(world.officer).post(
        url("change_new", dossier.pk),
        {"kind": "WORK", "happened_on": "2030-01-01", "words": "等通知"},
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["happened_on"])
    assert "等通知" in answer.text and not Change.objects.exists()


def test_a_report_sent_twice_is_kept_once(world):
    dossier = world.on_file()

    assert report(world, dossier) == report(world, dossier)


def test_an_information_officer_finds_the_households_of_the_unit(world):
    dossier = world.on_file()
    pending = world.household().dossier
    client = signed_in(world.informant)

    page = client.get(url("change_find"), {"q": dossier.number})
    assert list(page.context["found"]) == [dossier]
    assert pending not in client.get(url("change_find")).context["found"]
    answer = client.post(
        url("change_new", dossier.pk),
        {"kind": "ILLNESS", "happened_on": "2026-03-20", "words": "住院"},
    )
    assert answer["Location"] == url("change_list")
    assert Change.objects.get() in list(client.get(url("change_list")).context["page"])


def test_a_change_is_taken_over_after_the_facts_were_changed(world):
    change = report(world)
    client = signed_in(world.officer)
    with translation.override("en"), pytest.raises(NotAllowed, match="update them first"):
        actions.take_change(change=change, by=world.officer, at=world.tick())
    assert client.post(url("change_take", change.pk), {"words": ""}).status_code == 403

    actions.describe(dossier=change.dossier, by=world.officer, at=world.tick(), story="失业")
    answer = client.post(url("change_take", change.pk), {"words": "收入已改"})

    change.refresh_from_db()
    assert answer["Location"] == change.get_absolute_url()
    assert (change.status, change.answer, change.closed_by) == ("TAKEN", "收入已改", world.officer)
    assert client.post(url("change_take", change.pk), {"words": ""}).status_code == 403


def test_no_change_of_facts_needs_a_reason(world):
    change = report(world)
    client = signed_in(world.officer)

    assert client.post(url("change_dismiss", change.pk), {"words": ""}).status_code == 422
    client.post(url("change_dismiss", change.pk), {"words": "金额未变"})

    change.refresh_from_db()
    assert (change.status, change.answer) == ("NO_NEED", "金额未变")


def test_only_a_household_on_file_reports(world):
    dossier = world.household().dossier

    with translation.override("en"), pytest.raises(NotAllowed, match="Only a household on file"):
        report(world, dossier)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(count, world, django_assert_num_queries):
    for _n in range(count):
        report(world)
    client = signed_in(world.company_officer)
    client.get(url("change_list"))

    with django_assert_num_queries(6):
        page = client.get(url("change_list"))

    assert len(page.context["page"]) == count


def test_the_export_masks_names(world):
    change = report(world)

    answer = signed_in(world.officer).get(url("change_list"), {"export": "xlsx"})

    sheet = load_workbook(io.BytesIO(answer.content)).active
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert change.dossier.number in values
    assert change.dossier.head.name not in values
    assert Dossier.objects.count() == 1
