"""The household form: every column can be entered, starred ones are asked for at submission."""

from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import override

from base.uploads import check_upload
from cases import actions, card, facts
from cases.actions.household import DESCRIBED
from cases.forms import card as sheets
from cases.forms.household import MemberForm, PageForm
from cases.models import Document, Dossier, Expense, Member, Supporter
from cases.workflow import Status
from hardship.demo.pictures import blank_png
from people.models import Relation
from people.roles import NotAllowed
from tests.factories import id_number
from tests.world import World

CANARY = "<svg onload=x>"


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def case(world):
    return world.household()


@pytest.fixture(autouse=True)
def clock(world):
    with time_machine.travel(world.now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def home(case):
    return case.dossier


def own(dossier):
    return dossier.members.get(relation=Relation.SELF)


def page(name, *args, **query):
    return reverse(f"cases:{name}", args=args, query=query)


# Every column can be entered


def test_every_column_of_the_header_stands_on_one_page():
    fields = [name for form in card.PAGES for name in form.fields]

    assert len(fields) == len(set(fields))
    assert set(DESCRIBED) <= set(fields)


def test_every_column_of_a_member_can_be_entered(home, world):
    made = {
        "id", "dossier", "company", "sex", "born_on", "id_index", "active", "left_on",
        "phone_index", "verified_occupation", "work_basis", "work_document", "verified_health",
        "verified_ill_this_year", "health_basis", "health_document", "verified_income_fen",
        "income_basis", "income_document",
    }  # fmt: skip
    form = MemberForm(dossier=home, on=world.today)

    assert {f.name for f in Member._meta.concrete_fields} - made == set(form.fields)


def test_every_starred_column_stands_on_its_page():
    for form in card.PAGES:
        assert set(form.starred) <= set(form.fields)


@pytest.mark.parametrize("key", [form.key for form in card.PAGES])
def test_an_empty_page_may_be_saved_while_drafting(home, world, key):
    sent = {"occupation": "WORKING", "health": "GOOD", "kind": "HARDSHIP", "standard": "GRASSROOTS"}
    form = PageForm(sent, page=card.BY_KEY[key], dossier=home, own=own(home), on=world.today)

    assert form.is_valid(), form.errors


def test_a_page_saves_columns_of_the_household_and_of_the_employee(client, home, world):
    client.force_login(home.head.user)
    data = {
        "address": "新街2号", "postcode": "150001", "phone": "", "other_contact": CANARY,
        "hukou": "RURAL", "hukou_place": "示例区", "housing": "RENTED", "floor_area": "40",
    }  # fmt: skip

    response = client.post(page("dossier_describe", home.pk, "home", next="/my/"), data)

    home.refresh_from_db()
    member = own(home)
    assert response["Location"] == "/my/"
    assert (home.address, home.floor_area, home.housing) == ("新街2号", 40, "RENTED")
    assert (member.hukou, member.phone) == ("RURAL", home.head.phone)
    text = client.get(page("dossier_describe", home.pk, "home")).text
    assert CANARY not in text and home.head.phone not in text


@pytest.mark.parametrize(
    ("key", "data", "wrong"),
    [
        ("economy", {"allowance_fen": "500"}, "on_allowance"),
        ("home", {"postcode": "1500"}, "postcode"),
        ("home", {"phone": "abc"}, "phone"),
        ("work", {"occupation": "WORKING", "began_work_on": "2030-01-01"}, "began_work_on"),
        ("health", {"health": "GOOD", "disability_grade": "1"}, "disability_grade"),
    ],
)
def test_what_contradicts_itself_is_said_beside_the_field(home, world, key, data, wrong):
    form = PageForm(data, page=card.BY_KEY[key], dossier=home, own=own(home), on=world.today)

    assert set(form.errors) == {wrong}


def test_the_part_of_the_union_is_closed_to_the_household(client, home, world):
    client.force_login(home.head.user)
    url = page("dossier_describe", home.pk, "campaign")
    refused = client.get(url)
    client.force_login(world.officer)
    opened = client.get(url)

    assert (refused.status_code, opened.status_code) == (403, 200)
    with pytest.raises(NotAllowed):
        actions.describe(dossier=home, by=home.head.user, at=world.tick(), kind="MIGRANT")


def test_a_page_of_no_name_is_not_there(client, home):
    client.force_login(home.head.user)

    assert client.get(page("dossier_describe", home.pk, "nothing")).status_code == 404


def test_a_household_on_file_keeps_its_main_cause(world):
    dossier = world.on_file()
    form = PageForm({}, page=card.BY_KEY["causes"], dossier=dossier, own=own(dossier),
                    on=world.today)  # fmt: skip

    assert set(form.errors) == {"main_cause"}


# Who belongs to the household


def member_form(home, world, **changes):
    data = {"relation": "SON", "name": "王小", "occupation": "WORKING", "health": "GOOD",
            "id_number": id_number(430, born=date(1995, 5, 6))} | changes  # fmt: skip
    return MemberForm(data, dossier=home, on=world.today)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, {"note"}),
        ({"note": "离异后与父母共同生活"}, set()),
        ({"occupation": "STUDENT"}, set()),
        ({"relation": "SIBLING", "occupation": "UNABLE"}, {"note"}),
        ({"relation": "PARENT"}, set()),
        ({"id_number": id_number(431, born=date(2015, 5, 6)), "occupation": "CASUAL"}, set()),
    ],
)
def test_whoever_does_not_belong_by_itself_needs_a_note(home, world, changes, wrong):
    form = member_form(home, world, **changes)

    assert set(form.errors) == wrong


# Required at submission, and not before


def lacking(world, case):
    return facts.read([case], world.today, ("submit",))[case.pk].lacking.get("submit", ())


def test_a_filled_in_form_lacks_nothing(world, case):
    assert list(lacking(world, case)) == []


def test_each_page_says_in_one_sentence_what_it_lacks(world, case):
    Member.objects.filter(relation="SELF").update(ethnicity="", marital="")
    Dossier.objects.update(housing="")

    person, place = lacking(world, case)

    head = own(case.dossier)
    assert card.label(head, "ethnicity") in person and card.label(head, "marital") in person
    assert card.label(case.dossier, "housing") in place


def test_a_disability_asks_for_kind_and_grade(world, case):
    Member.objects.update(health="DISABLED")

    sentences = lacking(world, case)

    assert len(sentences) == 2  # the employee's own page, and the members
    assert all(card.label(own(case.dossier), "disability_grade") in s for s in sentences)


def test_each_member_lacking_something_is_named_in_one_sentence(world, case):
    Member.objects.exclude(relation="SELF").update(insurance="")

    (sentence,) = lacking(world, case)

    assert case.dossier.members.get(relation="SPOUSE").name in sentence


@pytest.mark.parametrize("key", [form.key for form in card.PAGES if form.starred])
def test_every_starred_column_is_missed_when_empty(world, case, key):
    starred = card.BY_KEY[key]
    for name in starred.starred:
        row = card.owner(name, case.dossier, own(case.dossier))
        empty = None if row._meta.get_field(name).null else ""
        with transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**{name: empty})

            assert len(lacking(world, case)) == 1, name
            transaction.set_rollback(True)


def test_the_application_is_refused_with_the_same_sentences(client, world, case):
    Member.objects.filter(relation="SELF").update(political="")
    client.force_login(case.applicant.user)

    response = client.post(page("apply_check", case.pk))

    case.refresh_from_db()
    assert response.status_code == 422 and case.status == Status.DRAFT
    assert all(sentence in response.text for sentence in lacking(world, case))


# The whole form on one page


def sent(client, url, **changes):
    """What a browser would send back for the page as it stands, with changes."""
    sheet = client.get(url).context["sheet"]
    data = {"edit": sheet.edit, "token": sheet.token}
    for form in (sheet.header, sheet.gates):
        data |= filled(form)
    for table in (sheet.members, sheet.supporters, sheet.expenses):
        data[table.count_name] = str(table.count)
        for line in table.lines:
            data |= filled(line.form)
            if line.row:
                data[f"{line.form.prefix}-pk"] = str(line.row.pk)
    return data | changes


def filled(form):
    values = {field.html_name: field.value() for field in form}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value not in (None, "", False)
    }


NEW = {
    "m-1-relation": "DAUGHTER", "m-1-name": "买买提·艾力", "m-1-occupation": "STUDENT",
    "m-1-id_number": id_number(440, born=date(2010, 5, 6), sex="FEMALE").lower(),
    "m-1-health": "GOOD", "m-1-insurance": "RESIDENT", "m-1-monthly_income_fen": "2万",
}  # fmt: skip


@pytest.fixture
def url(client, world, home):
    client.force_login(world.officer)
    return page("dossier_form", home.pk)


def test_one_save_takes_everything_on_the_page(client, home, url):
    data = sent(
        client, url, **NEW,
        **{
            "h-address": "新街2号", "h-ethnicity": "UG", "h-kind": "MIGRANT", "g-HOMES": "yes",
            "g-HOMES_evidence": "老家一处", "s-0-relation": "SON", "s-0-name": "王强",
            "s-0-monthly_fen": "300", "e-1-kind": "SCHOOLING", "e-1-whom": "买买提·艾力",
            "e-1-spent_on": "2026-02-01", "e-1-gross_fen": "3600", "e-1-vouchers": "2",
        },
    )  # fmt: skip

    response = client.post(url, data)

    home.refresh_from_db()
    child = home.members.get(relation="DAUGHTER")
    assert response.status_code == 302
    assert (home.address, home.kind, own(home).ethnicity) == ("新街2号", "MIGRANT", "UG")
    assert (child.name, child.monthly_income_fen, child.sex) == (
        "买买提·艾力", 20_000_00, "FEMALE")  # fmt: skip
    assert home.expenses.get(kind="SCHOOLING").member == child
    assert home.supporters.get().monthly_fen == 300_00
    assert home.assets.get(gate="HOMES").present


def test_a_line_ticked_off_leaves_the_household(client, home, url):
    data = sent(client, url, **{"m-0-gone": "on", "e-0-gone": "on"})

    client.post(url, data)

    assert home.members.filter(left_on=None).count() == 1
    assert not home.expenses.exists()


def test_sent_twice_is_saved_once(client, home, url):
    data = sent(client, url, **{"e-1-kind": "WORK", "e-1-spent_on": "2026-02-01",
                                "e-1-gross_fen": "60"})  # fmt: skip

    answers = [client.post(url, data) for _n in range(2)]

    assert [a.status_code for a in answers] == [302, 302]
    assert Expense.objects.filter(kind="WORK").count() == 1


def test_a_mistake_anywhere_saves_nothing_and_loses_nothing(client, home, url):
    wrong = {"m-1-id_number": "123", "h-address": "新街9号", "s-0-name": CANARY,
             "e-1-kind": "WORK", "e-1-whom": "无此人"}  # fmt: skip
    data = sent(client, url, **NEW | wrong)

    response = client.post(url, data)

    home.refresh_from_db()
    assert response.status_code == 422
    assert home.address != "新街9号" and home.members.count() == 2
    for kept in ("新街9号", "买买提·艾力", 'value="123"', "无此人", "2万"):
        assert kept in response.text
    assert CANARY not in response.text
    anchors = {anchor for _where, _error, anchor in response.context["errors"]}
    assert {"id_m-1-id_number", "id_s-0-relation", "id_e-1-spent_on", "id_e-1-whom"} <= anchors


def test_one_number_stands_on_the_page_once(client, home, url):
    twin = {name.replace("m-1", "m-2"): value for name, value in NEW.items()}
    data = sent(client, url, **NEW, **twin)

    response = client.post(url, data)

    assert response.status_code == 422
    assert [a for _w, _e, a in response.context["errors"]] == ["id_m-2-id_number"]


def test_facts_changed_meanwhile_are_said_before_they_are_written_over(client, world, home, url):
    data = sent(client, url, **{"h-address": "新街2号"})
    actions.describe(dossier=home, by=world.officer, at=world.tick(), postcode="150002")

    first = client.post(url, data)
    again = client.post(url, data | {"edit": first.context["sheet"].edit})

    home.refresh_from_db()
    assert (first.status_code, again.status_code) == (422, 302)
    assert home.address == "新街2号"


def test_pasted_rows_are_looked_at_before_they_are_saved(client, home, url):
    number = NEW["m-1-id_number"]
    text = f"姓名\t关系\t身份证号\t人员身份\t月收入\n𬳵\t女儿\t{number}\t学生\t0\n甲\t邻居"
    data = sent(client, url, preview="1", paste=text)

    shown = client.post(url, data)
    lines = [line.form for line in shown.context["sheet"].members.lines]

    assert shown.status_code == 200 and home.members.count() == 2
    assert lines[1]["name"].value() == "𬳵" and lines[2]["name"].value() == "甲"
    assert len(shown.context["remarks"]) == 1
    data = sent(client, url) | {n: v for n, v in shown.context["sheet"].data.items()
                                if n.startswith("m-1-")}  # fmt: skip
    assert client.post(url, data).status_code == 302
    assert home.members.get(relation="DAUGHTER").name == "𬳵"


def test_more_lines_are_added_without_saving(client, home, url):
    data = sent(client, url, grow="1", **{"h-address": "新街2号"})

    response = client.post(url, data)

    home.refresh_from_db()
    assert response.status_code == 200 and "新街2号" in response.text
    assert home.address != "新街2号"
    assert response.context["sheet"].members.count == int(data["m-count"]) + 3


def test_the_dense_form_is_for_officers(client, home):
    client.force_login(home.head.user)

    assert client.get(page("dossier_form", home.pk)).status_code == 403


def test_no_more_lines_than_fit(client, url):
    data = sent(client, url) | {"m-count": "100000", "grow": "1"}

    assert client.post(url, data).context["sheet"].members.count == sheets.MOST_ROWS


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_takes_the_same_queries_for_any_household(
    client, world, home, url, count, django_assert_num_queries
):
    for n in range(count):
        actions.save_member(
            dossier=home, by=world.officer, at=world.tick(), relation="SON", name=f"子{n}",
            sex="MALE", born_on=date(2012, 1, 1), occupation="STUDENT",
            id_number=id_number(450 + n, born=date(2012, 1, 1)),
        )  # fmt: skip

    with django_assert_num_queries(13):
        response = client.get(url)

    assert response.status_code == 200


# Those who live apart


def test_somebody_who_lives_apart_is_entered_once_and_taken_off(client, home):
    client.force_login(home.head.user)
    data = {"relation": "SON", "name": "王强", "monthly_fen": "２００", "phone": "010-1234567",
            "token": str(uuid4())}  # fmt: skip

    for _n in range(2):
        client.post(page("supporter_add", home.pk), data)
    supporter = home.supporters.get()
    shown = client.get(page("supporter_edit", supporter.pk)).text
    client.post(page("supporter_edit", supporter.pk), data | {"phone": "", "name": CANARY})
    listed = client.get(page("supporter_add", home.pk)).text
    client.post(page("supporter_remove", supporter.pk))

    supporter.refresh_from_db()
    assert (supporter.monthly_fen, supporter.phone) == (200_00, "010-1234567")
    assert "010-1234567" not in shown and CANARY not in listed
    assert supporter.left_on is not None
    assert home.members.count() == 2
    assert client.get(page("supporter_edit", supporter.pk)).status_code == 404


# Proofs taken off


def attached(world, case, by=None):
    file = SimpleUploadedFile("证明.png", blank_png(9, 9))
    return actions.attach(
        dossier=case.dossier, case=case, kind="INCOME", upload=check_upload(file), file=file,
        by=by or case.applicant.user, at=world.tick(),
    )  # fmt: skip


def test_a_proof_is_taken_off_by_whoever_attached_it(client, world, case, clock):
    document = attached(world, case)
    clock.move_to(world.now)
    url = page("document_remove", document.pk, next="/my/")
    client.force_login(world.officer)
    refused = client.post(url)
    client.force_login(case.applicant.user)
    asked = client.get(url)
    done = client.post(url)

    assert (refused.status_code, asked.status_code, done.status_code) == (403, 200, 302)
    assert not Document.objects.exists()
    row = Document.with_removed.get()
    assert (row.removed_by, row.removed_at) == (case.applicant.user, world.now)
    assert client.get(url).status_code == 404


def test_a_proof_attached_again_comes_back(world, case):
    document = attached(world, case)
    actions.remove_document(document=document, by=case.applicant.user, at=world.tick())

    again = attached(world, case)

    assert again.pk == document.pk and Document.objects.get() == document


def test_a_proof_stays_once_the_application_is_submitted(world, case):
    document = attached(world, case)
    world.submit(case)

    with pytest.raises(NotAllowed):
        actions.remove_document(document=document, by=case.applicant.user, at=world.tick())


def test_a_proof_that_a_fact_rests_on_stays(world, case):
    document = attached(world, case)
    Member.objects.filter(relation="SELF").update(income_document=document)

    with pytest.raises(NotAllowed):
        actions.remove_document(document=document, by=case.applicant.user, at=world.tick())


def test_the_database_keeps_who_took_a_proof_off(world, case):
    document = attached(world, case)

    with pytest.raises(IntegrityError, match="document_removal_complete"), transaction.atomic():
        QuerySet(Document).filter(pk=document.pk).update(removed_at=world.now)


# What is known, and how


def test_each_fact_stands_with_what_was_found_and_how(client, world, case):
    world.submit(case)
    world.review(case)
    world.mark(case)
    Member.objects.filter(relation="SELF").update(
        verified_income_fen=1800_00, income_basis="CONFLICTING"
    )
    client.force_login(world.officer)

    response = client.get(page("dossier_detail", case.dossier_id), HTTP_ACCEPT_LANGUAGE="en")

    income = response.context["evidence"][0]
    assert "1,500.00" in income["declared"] and "1,800.00" in income["found"]
    assert income["basis"] == "CONFLICTING"
    assert "(1,800.00 + 0.00) × 12" in response.context["arithmetic"][0]
    assert response.text.count("row-attention") >= 1


def test_the_papers_hold_every_answer_of_the_form(client, world, case):
    Supporter.objects.create(dossier=case.dossier, relation="SON", name="王强", monthly_fen=5)
    head = own(case.dossier)
    with override("zh-hans"):
        answers = [
            head.get_ethnicity_display(), head.get_political_display(), head.get_hukou_display(),
            head.get_insurance_display(), case.dossier.get_housing_display(),
            case.dossier.get_industry_display(),
        ]  # fmt: skip
    client.force_login(world.officer)

    for url in (page("dossier_card", case.dossier_id), page("case_form", case.pk)):
        text = client.get(url).text

        for words in (*answers, "示例邻居", "王强", "1985-07-01", "☐", "基层党组织或行政意见",
                      case.dossier.hukou_place):  # fmt: skip
            assert escape(words) in text, words
        assert case.applicant.id_number not in text and case.applicant.phone not in text
