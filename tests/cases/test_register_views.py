"""The pages of the register that is taken over: upload, progress, report, template."""

import io

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override
from openpyxl import load_workbook

from cases import imports, tasks
from cases.models import Dossier, RegisterImport
from tests.cases.registers import MISTAKES, Register, persons, planted
from tests.factories import NOON
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False), override("en"):
        yield


@pytest.fixture
def world():
    return World()


@pytest.fixture
def officer(client, world):
    client.force_login(world.company_officer)
    client.cookies["django_language"] = "en"
    return client


def _upload(client, world, register):
    return client.post(
        reverse("cases:register_import"), {"company": world.company.pk, "file": register.upload()}
    )


def test_register_is_uploaded_checked_confirmed_and_reported(officer, world):
    persons(world.unit, 20)
    given, _where = planted(20, 1, ("postcode", "phone"))

    sent = _upload(officer, world, given)
    kept = RegisterImport.objects.get()
    checked = officer.get(kept.get_absolute_url())
    before = Dossier.objects.count()
    officer.post(reverse("cases:register_confirm", args=[kept.pk]))
    done = officer.get(kept.get_absolute_url())

    assert sent["Location"] == kept.get_absolute_url()
    assert "18 households can be taken over; 2 have mistakes" in checked.text
    assert "A postcode has six digits." in checked.text
    assert before == 0
    assert "18 households are on file now, 2 were left out." in done.text
    assert Dossier.objects.active().count() == 18


def test_same_file_again_says_when_it_was_imported(officer, world):
    persons(world.unit, 1)
    given = Register(1)
    file = given.upload()
    for _n in range(2):
        file.seek(0)
        officer.post(reverse("cases:register_import"), {"company": world.company.pk, "file": file})
        first, *_rest = RegisterImport.objects.order_by("pk")
        officer.post(reverse("cases:register_confirm", args=[first.pk]))
    again = RegisterImport.objects.order_by("pk").last()

    page = officer.get(again.get_absolute_url())

    assert "This very file was imported at 2026-03-02 12:00." in page.text
    assert "Every household of this file is on file already: 0 new ones." in page.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("CHECKING", "3 of 9 rows are checked."),
        ("RUNNING", "3 of 9 households are done."),
    ],
)
def test_progress_can_be_left_and_found_again(officer, world, status, words):
    kept = RegisterImport.objects.create(
        company=world.company, file_name="<svg onload=x>.xlsx", sha256="0" * 64, status=status,
        rows=9, done=3, uploaded_at=NOON, uploaded_by=world.company_officer, confirmed_at=NOON,
        confirmed_by=world.company_officer,
    )  # fmt: skip

    listed = officer.get(reverse("cases:register_import"))
    page = officer.get(kept.get_absolute_url())
    part = officer.get(kept.get_absolute_url(), headers={"HX-Request": "true"})

    assert kept.get_absolute_url() in listed.text
    assert words in page.text
    assert words in part.text
    assert "<h1" not in part.text
    assert "It stands still: go on where it stopped" in page.text
    assert "<svg onload" not in page.text + listed.text


def test_every_mistake_can_be_downloaded(officer, world):
    persons(world.unit, 150)
    given, _where = planted(150, 1)
    _upload(officer, world, given)
    kept = RegisterImport.objects.get()

    response = officer.get(reverse("cases:register_report", args=[kept.pk]))

    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert len(rows) == 1 + len(MISTAKES)
    assert rows[1][0] == "户"


def test_report_of_a_file_without_mistakes_is_not_there(officer, world):
    persons(world.unit, 1)
    _upload(officer, world, Register(1))
    kept = RegisterImport.objects.get()

    response = officer.get(reverse("cases:register_report", args=[kept.pk]))

    assert response.status_code == 404


def test_first_500_mistakes_are_shown_and_the_others_counted(officer, world, monkeypatch):
    monkeypatch.setattr("people.importing.SHOWN_PROBLEMS", 3)
    persons(world.unit, 60)
    given, _where = planted(60, 1, tuple(MISTAKES)[:5])
    _upload(officer, world, given)
    kept = RegisterImport.objects.get()

    page = officer.get(kept.get_absolute_url())

    assert (kept.problem_count, len(kept.problems)) == (5, 3)
    assert "2 more mistakes are not listed." in page.text


def test_file_that_is_no_workbook_is_refused_on_the_page(officer, world):
    file = io.BytesIO(b"nothing")
    file.name = "register.xlsx"

    response = officer.post(
        reverse("cases:register_import"), {"company": world.company.pk, "file": file}
    )

    assert response.status_code == 422
    assert "This is not an Excel workbook (.xlsx)" in response.text
    assert not RegisterImport.objects.exists()


def test_template_has_the_three_sheets_with_lists_and_instructions(officer, world):
    response = officer.get(reverse("cases:register_template"))

    book = load_workbook(io.BytesIO(response.content))
    sheet = book["Member rows"]
    places = {cell.value: cell for cell in sheet[1]}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    letter = places["Relation*"].column_letter
    of_id = places["ID number*"].column_letter
    assert book.sheetnames == [
        "Household rows", "Member rows", "Expense rows", "How to fill in", "Lists",
    ]  # fmt: skip
    assert rules[f"{letter}2:{letter}100001"].type == "list"
    assert sheet.column_dimensions[of_id].number_format == "@"
    assert "One row for each household" in book["How to fill in"]["B1"].value


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_does_not_grow(officer, world, django_assert_num_queries, count):
    for n in range(count):
        RegisterImport.objects.create(
            company=world.company, file_name=f"{n}.xlsx", sha256="0" * 64, status="CHECKED",
            uploaded_at=NOON, uploaded_by=world.company_officer,
        )  # fmt: skip

    with django_assert_num_queries(7):
        response = officer.get(reverse("cases:register_import"))

    assert all(f"{n}.xlsx" in response.text for n in range(count))


def test_list_of_uploads_is_exported(officer, world):
    persons(world.unit, 1)
    _upload(officer, world, Register(1))

    response = officer.get(reverse("cases:register_import"), {"export": "xlsx"})

    rows = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert rows[1][1] == "register.xlsx"
    assert rows[1][4:] == (1, 1, 0, 0, 0)


def test_second_import_waits_while_one_is_running(officer, world):
    persons(world.unit, 2)
    for n in range(2):
        _upload(officer, world, Register(1, first=n))
    one, two = RegisterImport.objects.order_by("pk")
    imports.confirm(kept=one, by=world.company_officer, at=NOON)

    response = officer.post(reverse("cases:register_confirm", args=[two.pk]))

    assert response.status_code == 403
    assert "Another file is being imported; wait until it is finished." in response.text


def test_double_confirmation_is_harmless(officer, world):
    persons(world.unit, 1)
    _upload(officer, world, Register(1))
    kept = RegisterImport.objects.get()

    statuses = [
        officer.post(reverse("cases:register_confirm", args=[kept.pk])).status_code
        for _n in range(2)
    ]

    assert statuses == [302, 403]
    assert Dossier.objects.count() == 1


def test_large_upload_is_answered_before_it_is_checked(officer, world, monkeypatch):
    monkeypatch.setattr(tasks, "REGISTER_FROM", 5)
    sent = []
    monkeypatch.setattr(
        tasks.check_register.__class__, "enqueue", lambda task, *args: sent.append(args)
    )
    persons(world.unit, 3)

    _upload(officer, world, Register(3))

    kept = RegisterImport.objects.get()
    assert (kept.status, sent) == ("CHECKING", [(kept.pk, "en")])
