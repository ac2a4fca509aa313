"""Home visits by HTTP: the list, the record, the paper."""

import hashlib
import io
from datetime import time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook
from PIL import Image

from base.crypto import blind_index
from cases import actions as cases
from cases.codes import Gate
from cases.models import Document, Visit
from people.models import Appointment, Kinship
from people.roles import Role
from tests.conftest import StrictClient
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
SIGNED = "100,100 500,300 520,310;600,100 700,350"


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


@pytest.fixture
def dossier(world):
    return world.household().dossier


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def given(world, **changed):
    return {
        "visited_on": world.today.isoformat(),
        "started": "11:00",
        "ended": "11:25",
        "visitors": [world.officer.pk, world.company_officer.pk],
        "met": "本人及配偶",
        "checks": ["MEMBERS", "INCOME"],
        "match": "SAME",
        "advice": "HELP",
        "household_sign": SIGNED,
        **changed,
    }


PEOPLE = (
    "stranger", "head", "informant", "officer", "officer elsewhere", "chair", "company_officer",
    "company_chair", "leader", "cashier", "auditor", "admin",
)  # fmt: skip
MATRIX = {
    "visit_list": (302, 403, 200, 200, 200, 200, 200, 200, 403, 403, 200, 403),
    "visit_new": (302, 403, 404, 200, 404, 200, 200, 403, 404, 404, 403, 404),
    "visit_detail": (302, 404, 404, 200, 404, 200, 200, 200, 404, 404, 200, 404),
    "visit_sheet": (302, 404, 404, 200, 404, 200, 200, 200, 404, 404, 200, 404),
    "visit_photos": (302, 404, 404, 200, 404, 200, 200, 403, 404, 404, 403, 404),
    "take_over": (302, 404, 404, 403, 404, 403, 200, 403, 404, 404, 403, 404),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world, dossier):
    visit = world.visit(dossier.cases.get())
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "head": lambda: dossier.head.user,
        "officer elsewhere": lambda: appoint(Role.UNIT_OFFICER, world.other_unit),
        "leader": lambda: world.leaders[0],
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {
        "visit_list": client.get(url("visit_list")).status_code,
        "visit_new": client.get(url("visit_new", dossier.pk)).status_code,
        "visit_detail": client.get(url("visit_detail", visit.pk)).status_code,
        "visit_sheet": client.get(url("visit_sheet", visit.pk)).status_code,
        "visit_photos": client.get(url("visit_photos", visit.pk)).status_code,
        "take_over": client.get(url("take_over", visit.pk)).status_code,
    }

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_a_visit_is_recorded_as_it_was(world, dossier):
    data = given(
        world, match="PARTLY", differences="收入高于申报", notes="两室一厅", advice="ADJUST"
    )

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    assert answer["Location"] == visit.get_absolute_url()
    assert (visit.visited_on, visit.met, visit.checks, visit.match, visit.advice) == (
        world.today, "本人及配偶", ["MEMBERS", "INCOME"], "PARTLY", "ADJUST",
    )  # fmt: skip
    assert (visit.differences, visit.notes, visit.signed) == ("收入高于申报", "两室一厅", True)
    assert {v.user for v in visit.visitors.all()} == {world.officer, world.company_officer}
    assert (visit.visitor_count, visit.outside_count, visit.recorded_by) == (2, 1, world.officer)
    assert (timezone.localtime(visit.started_at).time(), visit.ended_at - visit.started_at) == (
        time(11, 0), timedelta(minutes=25),
    )  # fmt: skip


def test_the_checklist_is_kept_as_it_was_filled_in(world, dossier):
    head, spouse = dossier.members.order_by("pk")
    data = given(
        world, present=[head.pk], home="OF_UNIT", area="58", condition="POOR",
        things=["TV", "CAR"], food="SHORT", clothing="ENOUGH", utilities="按月缴费",
        income="看过存折", work="本人退休", papers_seen=["INVOICES"], school="无",
        neighbours="节俭", debts_fen="3万", debts="向亲戚借款看病", gate_VEHICLE="SEEN",
        gate_LUXURY="NOT_SEEN", needs=["MONEY", "LEGAL"],
    )  # fmt: skip
    client = signed_in(world.officer)

    client.post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    assert visit.needs == ["MONEY", "LEGAL"]
    assert visit.seen == {
        "present": [head.pk], "absent": [spouse.pk], "home": "OF_UNIT", "area": 58,
        "condition": "POOR", "things": ["TV", "CAR"], "food": "SHORT", "clothing": "ENOUGH",
        "utilities": "按月缴费", "income": "看过存折", "work": "本人退休",
        "papers": ["INVOICES"], "school": "无", "neighbours": "节俭", "debts_fen": 30_000_00,
        "debts": "向亲戚借款看病",
        "gates": dict.fromkeys(Gate.values, "NOT_LOOKED")
        | {"VEHICLE": "SEEN", "LUXURY": "NOT_SEEN"},
    }  # fmt: skip
    page = client.get(visit.get_absolute_url())
    shown = dict(page.context["rows"])
    with translation.override("zh-hans"):
        assert {"58", "30,000.00", head.name, spouse.name} <= set(shown.values())
    assert [code for _q, code, _words in page.context["gates"]].count("SEEN") == 1


def picture(colour="red"):
    target = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(target, "JPEG")
    return SimpleUploadedFile(f"{colour}.jpg", target.getvalue(), "image/jpeg")


def kinds(visit):
    return sorted(visit.documents.values_list("kind", flat=True))


def test_photos_and_signatures_are_kept_with_the_visit(world, dossier):
    data = given(
        world, visitor_sign="10,10 400,300", photos=[picture("red"), picture("blue")],
        paper=SimpleUploadedFile("记录.pdf", b"%PDF-1.4\n%%EOF\n"),
    )  # fmt: skip

    signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    assert kinds(visit) == ["HOUSEHOLD_SIGN", "VISIT", "VISIT", "VISITOR_SIGN", "VISIT_PAPER"]
    assert visit.signed
    drawn = visit.documents.get(kind="HOUSEHOLD_SIGN")
    assert (drawn.media_type, drawn.uploaded_by) == ("image/png", world.officer)
    with drawn.file.open("rb") as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == drawn.sha256


def test_the_same_photo_twice_is_kept_once(world, dossier):
    data = given(world, photos=[picture(), picture()])

    signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    assert kinds(Visit.objects.get()) == ["HOUSEHOLD_SIGN", "VISIT"]


def test_a_visit_nobody_signed_says_why(world, dossier):
    data = given(world, household_sign="", unsigned_reason="住院，手不能写字")

    signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    assert (visit.signed, visit.unsigned_reason) == (False, "住院，手不能写字")


@pytest.mark.parametrize(
    "photos",
    [
        [SimpleUploadedFile("x.jpg", b"<html>")],
        [SimpleUploadedFile("x.jpg", b"")],
        [SimpleUploadedFile("x.pdf", b"%PDF-1.4\n%%EOF\n")],
        [SimpleUploadedFile(f"{n}.jpg", b"x") for n in range(13)],
    ],
)
def test_what_is_no_photo_is_refused_and_nothing_is_kept(photos, world, dossier):
    data = given(world, photos=photos)

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["photos"]
    assert not Visit.objects.exists() and not Document.objects.exists()


def test_a_form_that_comes_back_keeps_the_signature(world, dossier):
    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), given(world, met=""))

    assert SIGNED in answer.text


def test_signatures_may_come_later(world, dossier):
    visit = world.visit(dossier.cases.get(), signed=False, unsigned_reason="住院")
    client = signed_in(world.officer)

    empty = client.post(url("visit_photos", visit.pk), {})
    answer = client.post(url("visit_photos", visit.pk), {"household_sign": SIGNED})

    assert empty.status_code == 422
    assert answer["Location"] == visit.get_absolute_url()
    visit.refresh_from_db()
    assert visit.signed and kinds(visit) == ["HOUSEHOLD_SIGN"]


def test_photos_are_opened_through_the_page_that_asks_why(world, dossier):
    signed_in(world.officer).post(url("visit_new", dossier.pk), given(world, photos=[picture()]))
    visit = Visit.objects.get()

    page = signed_in(world.officer).get(visit.get_absolute_url()).text

    for document in visit.documents.all():
        assert f'href="{document.get_absolute_url()}?next=' in page
        assert document.file.name not in page


def test_nobody_is_on_two_visits_at_a_time(world, dossier):
    client = signed_in(world.company_officer)
    other = world.household(world.employee(standing="RETIRED")).dossier
    client.post(url("visit_new", dossier.pk), given(world))

    overlapping = client.post(url("visit_new", other.pk), given(world, started="11:24", ended="12"
                              ":00"))  # fmt: skip
    after = client.post(url("visit_new", other.pk), given(world, started="11:25", ended="12:00"))

    assert overlapping.status_code == 422
    assert list(overlapping.context["form"].errors) == ["started"]
    assert after.status_code == 302


def test_the_plan_says_who_goes(world, dossier):
    cases.plan_visits(
        dossiers=[dossier], visitors=[world.chair, world.company_officer],
        planned_on=world.today + DAY, by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    form = signed_in(world.officer).get(url("visit_new", dossier.pk)).context["form"]

    assert form.initial["visitors"] == [world.chair.pk, world.company_officer.pk]


# Taken over into the facts


def fields(form):
    """What the browser sends when nothing is changed."""
    return {f.html_name: "" if f.value() is None else f.value() for f in form}


def test_what_was_found_stands_beside_the_declaration(world, dossier):
    client = signed_in(world.company_officer)
    client.post(
        url("visit_new", dossier.pk),
        given(world, match="DIFFERS", differences="有一辆车", gate_VEHICLE="SEEN",
              gate_HOMES="NOT_SEEN"),
    )  # fmt: skip
    visit = Visit.objects.get()
    form = client.get(url("take_over", visit.pk)).context["form"]
    head = dossier.members.order_by("pk")[0]
    data = fields(form) | {f"m{head.pk}.income.found": "1800"}

    answer = client.post(url("take_over", visit.pk), data)

    assert answer["Location"] == dossier.get_absolute_url()
    head.refresh_from_db()
    assert (head.monthly_income_fen, head.verified_income_fen, head.income_basis) == (
        1500_00, 1800_00, "VISITED",
    )  # fmt: skip
    assert head.income_document == visit.documents.get(kind="HOUSEHOLD_SIGN")
    gates = {asset.gate: asset for asset in dossier.assets.all()}
    assert (gates["VEHICLE"].present, gates["VEHICLE"].verified_present) == (False, True)
    assert [gates[g].basis for g in ("VEHICLE", "HOMES", "BUSINESS")] == [
        "VISITED", "VISITED", "DECLARED",
    ]  # fmt: skip


def test_who_may_take_over_is_said(world, dossier):
    visit = world.visit(dossier.cases.get(), match="PARTLY", differences="收入")

    page = signed_in(world.officer).get(visit.get_absolute_url())

    assert page.context["take_over_reason"] == cases.why_not_mark(
        dossier, world.officer.actor(world.today)
    )
    assert page.context["take_over_reason"] in page.text
    assert url("take_over", visit.pk) not in page.text


def test_sending_twice_records_one_visit(world, dossier):
    client = signed_in(world.officer)
    client.post(url("visit_new", dossier.pk), given(world))

    answer = client.post(url("visit_new", dossier.pk), given(world))

    assert Visit.objects.count() == 1
    assert answer["Location"] == Visit.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("visitors", {"visitors": []}),
        ("visited_on", {"visited_on": "2099-01-01"}),
        ("visited_on", {"visited_on": ""}),
        ("started", {"started": ""}),
        ("ended", {"ended": "half past"}),
        ("ended", {"ended": "11:00"}),
        ("area", {"area": "-1"}),
        ("home", {"home": "NONSENSE"}),
        ("present", {"present": ["0"]}),
        ("unsigned_reason", {"household_sign": ""}),
        ("household_sign", {"household_sign": "M0 0 L9 9"}),
        ("household_sign", {"household_sign": "1,1 9000,9000"}),
        ("household_sign", {"household_sign": "1,1 2,2"}),
        ("met", {"met": ""}),
        ("match", {"match": ""}),
        ("match", {"match": "NONSENSE"}),
        ("advice", {"advice": ""}),
        ("checks", {"checks": ["NONSENSE"]}),
        ("differences", {"match": "DIFFERS"}),
        ("differences", {"match": "PARTLY"}),
    ],
)
def test_what_is_missing_is_said_at_its_field(field, changed, world, dossier):
    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), given(world, **changed))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Visit.objects.exists()


def test_one_visitor_is_not_enough(world, dossier):
    data = given(world, visitors=[world.company_officer.pk])

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    assert list(answer.context["form"].errors) == ["visitors"]


def test_a_relative_of_the_household_does_not_visit(world, dossier):
    Kinship.objects.create(
        user=world.company_officer, relation="SIBLING", name="兄", registered_at=world.now,
        id_index=blind_index(dossier.head.id_number, "id_number"),
        registered_by=world.company_officer,
    )  # fmt: skip

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), given(world))

    assert answer.status_code == 422
    assert world.company_officer.name in str(answer.context["form"].errors["visitors"])


def test_a_visitor_held_a_role_on_that_day(world, dossier):
    Appointment.objects.filter(user=world.company_officer).update(since=world.today - DAY)
    data = given(world, visited_on=(world.today - 2 * DAY).isoformat())

    answer = signed_in(world.officer).post(url("visit_new", dossier.pk), data)

    assert list(answer.context["form"].errors) == ["visitors"]


def test_visitors_are_offered_from_the_unit_and_the_company(world, dossier):
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    abroad = appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))

    form = signed_in(world.officer).get(url("visit_new", dossier.pk)).context["form"]

    offered = {pk for pk, _label in form.fields["visitors"].choices}
    assert offered == {
        u.pk
        for u in (
            world.officer, world.chair, world.informant, world.company_officer,
            world.company_chair,
        )
    }  # fmt: skip
    assert not offered & {elsewhere.pk, abroad.pk}


def test_the_form_is_made_for_a_phone(world, dossier):
    page = signed_in(world.officer).get(url("visit_new", dossier.pk)).text

    for words in (
        "page-narrow", 'type="time"', "data-draft-note", "data-signature-clear",
        'enctype="multipart/form-data"',
    ):  # fmt: skip
        assert words in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    for _n in range(count):
        world.visit(world.household())
    client = signed_in(world.officer)

    with django_assert_num_queries(8):  # session, user, hats, kin, units, visits, visitors, users
        page = client.get(url("visit_list"))

    assert len(page.context["page"].rows) == count


@pytest.mark.parametrize(
    ("query", "found"),
    [("match=SAME", 1), ("match=DIFFERS", 0), ("advice=HELP", 1), ("advice=NO_HELP", 0),
     ("since=2026-03-02", 1), ("since=2026-03-04", 0), ("until=2026-03-02", 1),
     ("until=2026-03-01", 0), ("q=欧阳", 1), ("q=ouyang", 1), ("q=李", 0)],
)  # fmt: skip
def test_filters_narrow_the_list(query, found, world):
    user = world.employee(name="欧阳明月", name_pinyin="ou yang ming yue", standing="RETIRED")
    world.visit(world.household(user))

    page = signed_in(world.officer).get(f"{url('visit_list')}?{query}")

    assert len(page.context["page"].rows) == found


def test_the_list_filters_by_unit(world, dossier):
    world.visit(dossier.cases.get())
    client = signed_in(world.company_officer)

    here = client.get(f"{url('visit_list')}?unit={world.unit.pk}").context["page"]
    there = client.get(f"{url('visit_list')}?unit={world.other_unit.pk}").context["page"]

    assert (len(here), len(there)) == (1, 0)


def test_a_visitor_sees_the_visit_though_not_the_dossier(world, dossier):
    visit = world.visit(dossier.cases.get(), visitors=[world.informant, world.company_officer])
    client = signed_in(world.informant)

    page = client.get(url("visit_detail", visit.pk))

    assert page.status_code == 200
    assert page.context["sees_dossier"] is False
    assert dossier.get_absolute_url() not in page.text


def test_the_export_masks_the_name(world, dossier):
    world.visit(dossier.cases.get())

    answer = signed_in(world.officer).get(f"{url('visit_list')}?export=xlsx")

    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1][1] == dossier.number
    assert dossier.head.name not in str(rows)


def test_a_visit_by_the_own_unit_alone_is_said_not_to_count(world, dossier):
    inside = world.visit(dossier.cases.get(), visitors=[world.officer, world.chair])

    page = signed_in(world.officer).get(url("visit_detail", inside.pk)).text

    assert "notice-attention" in page


def test_the_paper_has_the_six_checks_and_room_for_signatures(world, dossier):
    visit = world.visit(dossier.cases.get())

    page = signed_in(world.officer).get(url("visit_sheet", visit.pk)).text

    for words in (
        "入户走访记录表",
        "六 清 楚",
        "财产核查",
        "被走访人（签字按印）",
        dossier.number,
        "2026年3月2日",
    ):
        assert words in page
    assert page.count("走访人（签字）：") == 2
    assert dossier.head.id_number not in page


def test_what_was_typed_is_shown_inert(world, dossier):
    canary = "<svg onload=x>"
    words = ("met", "notes", "differences", "utilities", "income", "work", "school",
             "neighbours", "debts", "unsigned_reason")  # fmt: skip
    data = given(world, match="PARTLY", household_sign="", **dict.fromkeys(words, canary))
    client = signed_in(world.officer)
    client.post(url("visit_new", dossier.pk), data)

    visit = Visit.objects.get()
    for name in ("visit_detail", "visit_sheet"):
        page = client.get(url(name, visit.pk)).text
        assert canary not in page
        assert page.count("&lt;svg onload=x&gt;") == len(words)


def test_the_three_kinds_of_empty_lists(world):
    client = signed_in(world.officer)

    assert "empty-first" in client.get(url("visit_list")).text
    assert "empty-none" in client.get(f"{url('visit_list')}?match=SAME").text
