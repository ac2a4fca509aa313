"""Exit, cancelling, transfer, return, follow-up and retention by HTTP."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from cases.models import Dossier, Exit
from cases.workflow import Programme
from people.roles import Role
from tests.cases.life import SINCE, exited, paper, png, propose, recovered
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


def signed(grey=0):
    return SimpleUploadedFile("告知书.png", png(grey))


def sent(world, **changed):
    data = {
        "kind": "RECOVERED", "cause_gone": CANARY, "above_since": SINCE.isoformat(),
        "told_on": world.today.isoformat(), "told_how": "VISIT",
    }  # fmt: skip
    return data | changed


PEOPLE = ("stranger", "head", "informant", "officer", "elsewhere", "company_officer",
          "company_chair", "auditor")  # fmt: skip
ON_FILE = {
    "exit_propose": (302, 403, 404, 200, 404, 403, 403, 403),
    "exit_decide": (302, 403, 404, 403, 404, 403, 403, 403),
    "exit_letter": (302, 200, 404, 200, 404, 200, 200, 200),
    "dossier_cancel": (302, 403, 404, 403, 404, 200, 403, 403),
    "dossier_transfer": (302, 403, 404, 403, 404, 200, 403, 403),
    "dossier_return": (302, 403, 404, 403, 404, 403, 403, 403),
}
GONE = {
    "exit_propose": (302, 403, 404, 403, 404, 403, 403, 403),
    "exit_letter": (302, 200, 404, 200, 404, 200, 200, 200),
    "dossier_return": (302, 200, 404, 200, 404, 200, 403, 403),
    "follow_up": (302, 404, 404, 200, 404, 200, 403, 403),
    "follow_up_list": (302, 403, 403, 200, 200, 200, 200, 200),
    "retention_list": (302, 403, 403, 403, 403, 200, 200, 200),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world):
    here, gone = recovered(world), exited(world)
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "elsewhere": lambda: appoint(Role.UNIT_OFFICER, world.other_unit),
        "head": lambda: here.head.user,
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)
    answers = {name: client.get(url(name, here.pk)).status_code for name in ON_FILE}
    if who == "head":
        client.force_login(gone.head.user)
    row = gone.follow_ups.first()
    places = {"follow_up": [row.pk], "follow_up_list": [], "retention_list": []}
    after = {name: client.get(url(name, *places.get(name, [gone.pk]))).status_code for name in GONE}

    column = PEOPLE.index(who)
    assert answers == {name: row[column] for name, row in ON_FILE.items()}
    assert after == {name: row[column] for name, row in GONE.items()}


def test_an_exit_goes_from_proposal_to_letter(world):
    dossier = recovered(world)
    officer, company = signed_in(world.officer), signed_in(world.company_officer)

    assert url("exit_propose", dossier.pk) in officer.get(dossier.get_absolute_url()).text
    answer = officer.post(url("exit_propose", dossier.pk), sent(world) | {"file": signed()})
    assert answer["Location"] == dossier.get_absolute_url()
    leaving = Exit.objects.get()
    assert (leaving.cause_gone, leaving.document.dossier) == (CANARY, dossier)

    page = company.get(url("exit_decide", dossier.pk))
    assert CANARY not in page.text and page.context["totals"]["net_income_fen"] > 0
    company.post(url("exit_decide", dossier.pk), {"verdict": "CONFIRM", "words": ""})
    dossier.refresh_from_db()
    assert dossier.status == "EXITED"
    letter = company.get(url("exit_letter", dossier.pk)).text
    assert "困难职工家庭退出告知书" in letter and dossier.number in letter
    assert company.post(url("exit_decide", dossier.pk), {"verdict": "KEEP"}).status_code == 403


def test_the_form_says_at_its_fields_what_the_exit_lacks(world):
    dossier = world.on_file()
    client = signed_in(world.officer)
    address = url("exit_propose", dossier.pk)

    def errors(**changed):
        return set(client.post(address, sent(world, **changed)).context["form"].errors)

    assert errors() == {"__all__", "file"}
    assert errors(above_since="") == {"__all__", "above_since", "file"}
    assert errors(kind="WISH", told_on="2030-01-01") == {"told_on", "file"}
    assert errors(refused="on", witnesses="甲") == {"__all__", "witnesses"}
    answer = client.post(address, sent(world))
    assert answer.status_code == 422 and not Exit.objects.exists()


def test_keeping_on_file_needs_a_reason(world):
    dossier = recovered(world)
    propose(world, dossier)
    client = signed_in(world.company_officer)

    answer = client.post(url("exit_decide", dossier.pk), {"verdict": "KEEP", "words": ""})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["words"])
    client.post(url("exit_decide", dossier.pk), {"verdict": "KEEP", "words": "再观察"})
    assert Exit.objects.get().decision == "再观察"
    assert Dossier.objects.get(pk=dossier.pk).status == "ACTIVE"


def test_a_dossier_is_cancelled_as_a_duplicate_of_another(world):
    dossier, other = world.on_file(), world.on_file()
    client = signed_in(world.company_officer)
    data = {"reason": "DUPLICATE", "words": "同一家庭", "other": "2026-档-9999", "clause": ""}

    assert list(
        client.post(url("dossier_cancel", dossier.pk), data).context["form"].errors
    ) == ["other"]  # fmt: skip
    client.post(url("dossier_cancel", dossier.pk), data | {"other": other.number})

    dossier.refresh_from_db()
    assert (dossier.status, dossier.exit_reason) == ("CANCELLED", "DUPLICATE")
    assert other.number in client.get(dossier.get_absolute_url()).text


@pytest.mark.parametrize(
    ("reason", "field"), [("FALSE", "clause"), ("WISH", "file"), ("DIED", "file")]
)
def test_cancelling_says_at_the_field_what_is_missing(reason, field, world):
    dossier = world.on_file()

    answer = signed_in(world.company_officer).post(
        url("dossier_cancel", dossier.pk), {"reason": reason, "words": "说明"}
    )

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_a_transfer_names_the_unit_of_the_roster_when_it_differs(world):
    dossier = world.on_file()
    dossier.head.unit = world.other_unit
    dossier.head.save(update_fields=["unit"])
    client = signed_in(world.company_officer)

    assert client.get(url("dossier_transfer", dossier.pk)).context["elsewhere"] == (
        world.other_unit.name
    )
    client.post(
        url("dossier_transfer", dossier.pk), {"unit": world.other_unit.pk, "words": "随本人转移"}
    )
    dossier.refresh_from_db()
    assert dossier.unit == world.other_unit
    assert "随本人转移" in client.get(dossier.get_absolute_url()).text


def test_a_relapse_leads_from_the_follow_up_to_a_new_application(world):
    dossier = exited(world)
    row = dossier.follow_ups.order_by("due_on").first()
    client = signed_in(world.officer)

    assert dossier.head.name in client.get(url("follow_up_list"), {"state": "waiting"}).text
    answer = client.post(
        url("follow_up", row.pk),
        {"result": "RELAPSED", "how": "VISIT", "done_on": world.today, "words": "再次患病"},
    )
    assert answer["Location"] == url("dossier_return", dossier.pk)
    answer = client.post(url("dossier_return", dossier.pk))
    case = dossier.cases.get(programme=Programme.RECOGNITION, status="DRAFT")
    assert answer["Location"] == url("apply_case", case.pk)
    assert client.get(url("follow_up", row.pk)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_follow_ups_take_the_same_queries(count, world, django_assert_num_queries):
    for _n in range(count):
        exited(world)
    client = signed_in(world.company_officer)
    client.get(url("follow_up_list"))

    with django_assert_num_queries(6):
        page = client.get(url("follow_up_list"))

    assert len(page.context["page"]) == 2 * count


def test_overdue_follow_ups_are_filtered_and_exported(world, time_machine):
    dossier = exited(world)
    time_machine.move_to(world.now + 100 * DAY, tick=False)
    client = signed_in(world.officer)

    rows = list(client.get(url("follow_up_list"), {"state": "overdue"}).context["page"])
    assert rows == [dossier.follow_ups.order_by("due_on").first()]
    answer = client.get(url("follow_up_list"), {"state": "overdue", "export": "xlsx"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert dossier.number in [cell.value for row in sheet.iter_rows() for cell in row]


@pytest.mark.parametrize("count", [1, 3])
def test_what_has_passed_its_retention_is_shown_and_nothing_erased(
    count, world, django_assert_num_queries
):
    for _n in range(count):
        old = exited(world)
        Dossier.objects.filter(pk=old.pk).update(closed_on="2016-03-01")
    young = exited(world)
    client = signed_in(world.auditor)
    client.get(url("retention_list"))

    with django_assert_num_queries(7):
        page = client.get(url("retention_list"))

    assert len(page.context["page"]) == count
    assert young.number not in page.text and "2026-03-01" in page.text
    answer = client.get(url("retention_list"), {"export": "xlsx"})
    assert answer.status_code == 200 and Dossier.objects.count() == count + 1


def test_the_card_shows_what_may_happen_and_why_not(world):
    case = world.emergency(recovered(world))
    page = signed_in(world.officer).get(case.dossier.get_absolute_url())

    (act,) = [a for a in page.context["life"]["acts"] if a["icon"] == "log-out"]
    assert act["url"] == "" and case.number in act["reason"]
    assert case.number in page.text
    assert paper()["upload"]
