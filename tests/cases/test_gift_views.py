"""Gifts in kind by HTTP: a round, who receives, handing over, the signed list."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from cases.models import Gift, GiftRound, Receipt
from people.models import Disclosure, Person
from people.roles import Role
from tests.cases.must_visits import gift_round, given, person, planned
from tests.cases.test_document_views import upload
from tests.conftest import StrictClient
from tests.factories import appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


def sent(world, **changed):
    return {
        "title": "高温慰问", "occasion": "HEAT", "since": "2026-03-01", "until": "2026-03-31",
        "responsible": world.officer.pk, "what": "西瓜", "unit_fen": "50", "planned_fen": "5000",
        "source": "DUES", **changed,
    }  # fmt: skip


def test_a_round_for_the_whole_company(world):
    client = signed_in(world.company_officer)

    answer = client.post(url("gift_new"), sent(world))

    opened = GiftRound.objects.get()
    assert answer["Location"] == url("gift_add", opened.pk)
    assert (opened.unit, opened.unit_fen, opened.planned_fen, opened.source) == (
        None, 50_00, 5000_00, "DUES",
    )  # fmt: skip
    assert client.post(url("gift_new"), sent(world)).status_code == 422
    assert GiftRound.objects.count() == 1


def test_an_officer_opens_one_for_the_own_unit(world):
    client = signed_in(world.officer)

    client.post(url("gift_new"), sent(world, unit=world.unit.pk))

    assert GiftRound.objects.get().unit == world.unit
    refused = client.post(url("gift_new"), sent(world, unit=world.other_unit.pk, title="乙"))
    assert list(refused.context["form"].errors) == ["unit"]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("unit_fen", {"unit_fen": "300.01"}),
        ("until", {"until": "2026-02-28"}),
        ("source", {"source": "FUND"}),
        ("responsible", {"responsible": ""}),
    ],
)
def test_a_round_that_cannot_be_is_said_at_the_field(field, changed, world):
    answer = signed_in(world.company_officer).post(url("gift_new"), sent(world, **changed))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert "西瓜" in answer.text


def test_a_round_is_changed(world):
    opened = gift_round(world)
    client = signed_in(world.company_officer)

    answer = client.post(
        url("gift_edit", opened.pk),
        sent(world, title=opened.title, since=opened.since.isoformat(), voucher="记-12"),
    )

    opened.refresh_from_db()
    assert answer["Location"] == opened.get_absolute_url()
    assert (opened.voucher, opened.what) == ("记-12", "西瓜")
    assert signed_in(world.officer).get(url("gift_edit", opened.pk)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_list_query_count_does_not_grow(count, world, django_assert_num_queries):
    for n in range(count):
        given(world, planned(world, gift_round(world, title=f"第{n}次"), [person(world)]))
    client = signed_in(world.officer)

    with django_assert_num_queries(6):  # session, user, hats, kin, units, rounds
        page = client.get(url("gift_list"))

    assert [row.given_fen for row in page.context["page"]] == [150_00] * count


def test_filters_and_export_of_the_rounds(world):
    heat = gift_round(world, title="高温")
    spring = gift_round(
        world, title="春节", occasion="SPRING", source="ADMINISTRATION", unit=world.unit
    )
    client = signed_in(world.company_officer)

    def found(**params):
        return list(client.get(url("gift_list"), params).context["page"])

    assert found(q="高") == found(occasion="HEAT") == found(source="DUES") == [heat]
    assert found(unit=world.unit.pk) == [spring]
    assert found(year=2025) == []
    book = client.get(url("gift_list"), {"export": "xlsx"})
    assert load_workbook(io.BytesIO(book.content)).active.max_row == 3


# Who receives


def test_tick_people_of_the_roster(world):
    opened, first, second = gift_round(world), person(world), person(world)
    client = signed_in(world.company_officer)

    answer = client.post(
        url("gift_add", opened.pk), {"persons": [first.pk, second.pk], "quantity": 2}
    )

    assert answer["Location"] == opened.get_absolute_url()
    assert {gift.value_fen for gift in opened.gifts.all()} == {300_00}
    page = client.get(url("gift_add", opened.pk))
    assert not {first, second} & set(page.context["page"])


def test_paste_staff_numbers(world):
    opened = gift_round(world)
    first, second = person(world, staff_no="700001"), person(world, staff_no="700002")
    planned(world, opened, [second])

    signed_in(world.company_officer).post(
        url("gift_add", opened.pk), {"numbers": "700001\n700002，700001", "quantity": 1}
    )

    assert {gift.recipient for gift in opened.gifts.all()} == {first, second}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"numbers": "999999"}, "numbers"),
        ({"numbers": ""}, "__all__"),
        ({"numbers": "700001", "quantity": 3}, "quantity"),
        ({"numbers": " ".join(str(n) for n in range(1001))}, "numbers"),
    ],
)
def test_who_cannot_receive_is_named_and_nothing_added(changed, field, world):
    opened = gift_round(world)
    person(world, staff_no="700001")

    answer = signed_in(world.company_officer).post(
        url("gift_add", opened.pk), {"quantity": 1} | changed
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Gift.objects.exists()


def test_an_officer_is_offered_the_own_people(world):
    opened = gift_round(world)
    here, there = person(world), appoint(Role.EMPLOYEE, world.other_unit).person
    left = person(world)
    Person.objects.filter(pk=left.pk).update(left_on=world.today)
    client = signed_in(world.officer)

    page = client.get(url("gift_add", opened.pk))

    assert list(page.context["page"]) == [here]
    refused = client.post(url("gift_add", opened.pk), {"persons": [there.pk], "quantity": 1})
    assert refused.status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_adding_query_count_does_not_grow(count, world, django_assert_num_queries):
    opened = gift_round(world)
    for n in range(count):
        person(world, name=f"示例{n}")
    client = signed_in(world.officer)

    with django_assert_num_queries(7):  # session, user, hats, kin, round; units, roster
        client.get(url("gift_add", opened.pk))


# Handing over


def handed(world, chosen, **changed):
    return {
        "gifts": [gift.pk for gift in chosen], "given_on": world.today.isoformat(),
        "givers": [world.officer.pk, world.chair.pk], "place": "现场", "signed": "on", **changed,
    }  # fmt: skip


def test_several_are_given_at_once(world):
    opened = gift_round(world)
    gifts = planned(world, opened, [person(world), person(world)])

    answer = signed_in(world.officer).post(url("gift_give", opened.pk), handed(world, gifts))

    assert answer["Location"] == opened.get_absolute_url()
    assert set(opened.gifts.values_list("status", "signed", "giver_count")) == {("GIVEN", True, 2)}


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("gifts", {"gifts": []}),
        ("givers", {"givers": []}),
        ("given_on", {"given_on": "2027-01-01"}),
        ("talk", {"talk": "很感动"}),
    ],
)
def test_what_is_missing_when_giving_is_said_at_the_field(field, changed, world):
    opened = gift_round(world)
    gifts = planned(world, opened, [person(world), person(world)])

    answer = signed_in(world.officer).post(
        url("gift_give", opened.pk), handed(world, gifts, **changed)
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Gift.objects.filter(status="GIVEN").exists()


def test_one_may_be_given_with_words(world):
    opened = gift_round(world)
    first, other = planned(world, opened, [person(world), person(world)])
    client = signed_in(world.officer)

    page = client.get(url("gift_give", opened.pk), {"gift": first.pk})
    client.post(url("gift_give", opened.pk), handed(world, [first], talk="希望调整班次"))

    assert list(page.context["page"]) == [first]
    assert "希望调整班次" in client.get(first.get_absolute_url()).text
    other.refresh_from_db()
    assert other.status == "PLANNED"


def test_the_gifts_of_others_are_not_offered(world):
    opened = gift_round(world)
    here = planned(world, opened, [person(world)])
    there = planned(world, opened, [appoint(Role.EMPLOYEE, world.other_unit).person])
    client = signed_in(world.officer)

    assert list(client.get(url("gift_give", opened.pk)).context["page"]) == here
    refused = client.post(url("gift_give", opened.pk), handed(world, there))
    assert refused.status_code == 422
    assert client.get(there[0].get_absolute_url()).status_code == 404


def test_not_given_needs_a_reason(world):
    (gift,) = planned(world, gift_round(world), [person(world)])
    client = signed_in(world.officer)

    assert client.post(url("gift_skip", gift.pk), {"reason": ""}).status_code == 422
    client.post(url("gift_skip", gift.pk), {"reason": "本人出差"})

    gift.refresh_from_db()
    assert gift.status == "NOT_GIVEN"
    assert "本人出差" in client.get(gift.get_absolute_url()).text


# The round with its counts


def test_counts_and_value_by_unit(world):
    opened = gift_round(world)
    gifts = planned(world, opened, [person(world), person(world)])
    given(world, gifts[:1])
    planned(world, opened, [appoint(Role.EMPLOYEE, world.other_unit).person])

    page = signed_in(world.company_officer).get(opened.get_absolute_url())

    rows = {row["unit__name"]: row for row in page.context["by_unit"]}
    here = rows[world.unit.name]
    assert (here["count"], here["given"], here["planned"], here["given_fen"]) == (2, 1, 1, 150_00)
    totals = page.context["totals"]
    assert (totals["count"], totals["fen"], totals["given_fen"]) == (3, 450_00, 150_00)
    own = signed_in(world.officer).get(opened.get_absolute_url()).context
    assert own["totals"]["count"] == 2


@pytest.mark.parametrize("count", [1, 3])
def test_round_query_count_does_not_grow(count, world, django_assert_num_queries):
    opened = gift_round(world)
    planned(world, opened, [person(world) for _n in range(count)])
    client = signed_in(world.officer)

    # session, user, hats, kin, round; units, counts, gifts, receipts
    with django_assert_num_queries(9):
        page = client.get(opened.get_absolute_url())

    assert len(page.context["page"]) == count


def test_recipients_are_filtered_and_exported_with_masked_names(world):
    opened = gift_round(world)
    first, second = planned(world, opened, [person(world, name="赵丽"), person(world, name="刘洋")])
    given(world, [second])
    client = signed_in(world.officer)

    def found(**params):
        return list(client.get(opened.get_absolute_url(), params).context["page"])

    assert found(q="zhao") == found(status="PLANNED") == [first]
    assert found(unit=world.unit.pk) == [first, second]
    book = client.get(opened.get_absolute_url(), {"export": "xlsx"})
    cells = [c.value for row in load_workbook(io.BytesIO(book.content)).active for c in row]
    assert "赵*" in cells and "赵丽" not in cells


def test_the_list_to_sign_has_its_total_in_capitals(world):
    opened = gift_round(world)
    first, second, third = planned(world, opened, [person(world) for _n in range(3)])
    client = signed_in(world.officer)
    client.post(url("gift_skip", third.pk), {"reason": "本人出差"})

    page = client.get(url("gift_sheet", opened.pk))

    assert list(page.context["gifts"]) == [first, second]
    assert "慰问品发放签收表" in page.text
    assert "300.00" in page.text and "人民币叁佰元整" in page.text


def test_markup_in_a_title_and_in_goods_is_inert(world):
    opened = gift_round(world, title="<svg onload=x>", what="<svg onload=y>")
    planned(world, opened, [person(world)])
    client = signed_in(world.officer)

    for address in (opened.get_absolute_url(), url("gift_list"), url("gift_sheet", opened.pk),
                    url("gift_add", opened.pk), url("gift_give", opened.pk)):  # fmt: skip
        assert "<svg onload" not in client.get(address).text


# Receipts


def test_the_signed_list_is_attached_and_opened_for_a_reason(world):
    opened = gift_round(world)
    planned(world, opened, [person(world)])
    client = signed_in(world.officer)

    answer = client.post(url("gift_receipt_add", opened.pk), {"file": upload()})
    receipt = Receipt.objects.get()
    page = client.get(opened.get_absolute_url())
    asked = client.get(receipt.get_absolute_url())
    opened_file = client.post(receipt.get_absolute_url(), {"purpose": "AUDIT"})

    assert answer["Location"] == opened.get_absolute_url()
    assert receipt.unit == world.unit
    assert receipt.get_absolute_url() in page.text
    assert asked.status_code == 200
    assert b"".join(opened_file.streaming_content).startswith(b"\x89PNG")
    seen = Disclosure.objects.get()
    assert (seen.by, seen.subject, seen.subject_pk) == (world.officer, "EXPORT", opened.pk)


def test_the_receipt_of_one_person_is_a_look_at_their_data(world):
    (gift,) = planned(world, gift_round(world), [person(world)])
    client = signed_in(world.officer)
    client.post(f"{url('gift_receipt_add', gift.round_id)}?gift={gift.pk}", {"file": upload()})
    receipt = Receipt.objects.get()

    answer = client.post(receipt.get_absolute_url(), {"purpose": "AUDIT"})
    assert b"".join(answer.streaming_content)

    assert receipt.gift == gift
    seen = Disclosure.objects.get()
    assert (seen.subject, seen.subject_pk) == ("PERSON", gift.recipient_id)
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    assert signed_in(elsewhere).get(receipt.get_absolute_url()).status_code == 404


def test_a_file_that_is_no_picture_is_refused(world):
    opened = gift_round(world)

    answer = signed_in(world.company_officer).post(
        url("gift_receipt_add", opened.pk), {"file": upload(content=b"MZ")}
    )

    assert answer.status_code == 422
    assert not Receipt.objects.exists()
