"""What strangers may see and do: notices, objections, progress."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from base.money import format_fen
from cases.models import NoticeLine, Objection
from cases.views import limits, public
from cases.workflow import Status
from tests.world import World

CANARY = "<svg onload=x>"


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def clock(world):
    """The clock of the world; `clock.move_to(world.now)` after letting time pass there."""
    with time_machine.travel(world.now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def published(world, clock):
    """A case on public notice, and the clock at that moment."""
    case = world.case_in(Status.PUBLISHED)
    clock.move_to(world.now)
    return case


def ready(world, count):
    """So many cases that the next meeting may decide."""
    cases = [world.emergency() for _n in range(count)]
    for case in cases:
        world.to_verified(case)
    return [world.fresh(case) for case in cases]


def publish(world, lists):
    """Each list decided and published by itself; the notices."""
    batches = [world.batch(cases) for cases in lists]
    for batch in batches:
        world.decide(batch)
    return [world.publish(batch) for batch in batches]


def notice_of(case):
    return case.notice_lines.latest("pk").notice


def page(name, *args):
    return reverse(f"cases:{name}", args=args)


# Notices


def test_notice_list_shows_open_notices_and_of_ended_ones_the_title_alone(client, published):
    running = notice_of(published)
    recognition = published.dossier.cases.get(programme="RECOGNITION")
    ended = notice_of(recognition)

    response = client.get(page("notice_list"))

    assert response.status_code == 200
    assert running.get_absolute_url() in response.text
    assert ended.get_absolute_url() not in response.text
    assert [row.pk for row, _left in response.context["running"]] == [running.pk]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


def test_notice_list_counts_the_working_days_left(client, world, published, clock):
    ends_on = notice_of(published).ends_on
    clock.move_to(world.now + timedelta(days=(ends_on - world.today).days))

    response = client.get(page("notice_list"))

    assert [left for _row, left in response.context["running"]] == [1]


def test_notice_list_searches_titles_only(client, published):
    name = NoticeLine.objects.filter(case=published).latest("pk").name

    by_title = client.get(page("notice_list"), {"q": "示例"})
    by_name = client.get(page("notice_list"), {"q": name})

    assert len(by_title.context["running"]) == 1
    assert by_name.context["running"] == []


def test_notice_list_without_notices_says_so(client, db):
    response = client.get(page("notice_list"))

    assert "empty-cleared" in response.text


@pytest.mark.parametrize("count", [1, 3])
def test_notice_list_query_count_does_not_grow(
    client, world, clock, django_assert_num_queries, count
):
    publish(world, [[case] for case in ready(world, count)])
    clock.move_to(world.now)

    with django_assert_num_queries(2):  # open ones, ended ones
        response = client.get(page("notice_list"))

    assert len(response.context["running"]) == count


def test_notice_detail_shows_the_allowed_columns_and_nothing_else(client, published):
    notice = notice_of(published)
    person = published.applicant

    response = client.get(notice.get_absolute_url())

    line = notice.lines.get()
    assert response.status_code == 200
    for shown in (
        line.name,
        line.unit.name,
        format_fen(line.amount_fen),
        notice.digest,
        notice.number,
    ):
        assert shown in response.text
    for secret in (
        person.name, person.id_number, person.account, person.phone, person.id_number[-4:],
        published.dossier.address, published.number, published.code, "CANCER", "癌",
    ):  # fmt: skip
        assert secret not in response.text
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("name", ["notice_detail", "notice_print", "notice_object"])
def test_ended_notice_shows_no_line(client, world, published, clock, name):
    notice = notice_of(published)
    clock.move_to(world.now + timedelta(days=30))

    response = client.get(page(name, notice.code))

    assert response.status_code == 410
    assert notice.lines.get().name not in response.text


def test_ended_notice_stays_open_to_those_who_answer_for_it(client, world, published, clock):
    notice = notice_of(published)
    clock.move_to(world.now + timedelta(days=30))
    name = notice.lines.get().name
    shown = {}
    for who in ("auditor", "discipline", "officer", "admin"):
        client.force_login(getattr(world, who))
        for page_name in ("notice_detail", "notice_print"):
            response = client.get(page(page_name, notice.code))
            shown[who, page_name] = (response.status_code, name in response.text)

    assert {key: found for key, found in shown.items() if key[0] in ("auditor", "discipline")} == {
        (who, page_name): (200, True)
        for who in ("auditor", "discipline")
        for page_name in ("notice_detail", "notice_print")
    }
    assert {found for (who, _n), found in shown.items() if who in ("officer", "admin")} == {
        (410, False)
    }
    client.force_login(world.auditor)
    assert client.get(page("notice_object", notice.code)).status_code == 410
    assert page("notice_object", notice.code) not in client.get(notice.get_absolute_url()).text


@pytest.mark.parametrize("name", ["notice_detail", "notice_print", "notice_object"])
def test_unknown_notice_is_not_found(client, db, name):
    assert client.get(page(name, "7K4MQ2TX9DR")).status_code == 404


def test_notice_is_shown_through_its_last_day(client, world, published, clock):
    notice = notice_of(published)
    clock.move_to(world.now + timedelta(days=(notice.ends_on - world.today).days))

    assert client.get(notice.get_absolute_url()).status_code == 200


def test_notice_print_is_an_official_paper_with_the_fingerprint(client, published):
    notice = notice_of(published)

    response = client.get(page("notice_print", notice.code), headers={"accept-language": "en"})

    for words in ("print-page official", "公示期", notice.digest, notice.company.name, "人民币"):
        assert words in response.text


def test_notice_detail_has_25_lines_a_page(client, world, clock, monkeypatch):
    monkeypatch.setattr(public, "LINES", 1)
    (notice,) = publish(world, [ready(world, 2)])
    clock.move_to(world.now)

    page_one = client.get(notice.get_absolute_url())
    cursor = page_one.context["page"].next_cursor
    page_two = client.get(notice.get_absolute_url(), {"cursor": cursor})

    assert [line.seq for line, _open in page_one.context["rows"]] == [1]
    assert [line.seq for line, _open in page_two.context["rows"]] == [2]


@pytest.mark.parametrize("count", [1, 3])
def test_notice_detail_query_count_does_not_grow(
    client, world, clock, django_assert_num_queries, count
):
    (notice,) = publish(world, [ready(world, count)])
    clock.move_to(world.now)

    with django_assert_num_queries(4):  # notice, lines, policy, clauses
        response = client.get(notice.get_absolute_url())

    assert len(response.context["rows"]) == count


def test_notice_with_markup_in_its_title_is_inert(client, world, clock):
    batch = world.batch(ready(world, 1))
    batch.title = CANARY
    batch.save(update_fields=["title"])
    world.decide(batch)
    notice = world.publish(batch)
    clock.move_to(world.now)

    for url in (page("notice_list"), notice.get_absolute_url(), page("notice_print", notice.code)):
        response = client.get(url)
        assert notice.title == CANARY
        assert CANARY not in response.text
        assert "&lt;svg onload=x&gt;" in response.text


def test_line_taken_back_by_an_objection_is_marked_without_a_reason(client, world, clock):
    case = world.case_in(Status.HELD)
    objection = case.objections.get()
    held = client.get(notice_of(case).get_absolute_url())
    public.actions.reopen(
        objection=objection, by=world.discipline, at=world.tick(), words="房产两套"
    )
    clock.move_to(world.now)

    response = client.get(notice_of(case).get_absolute_url())

    assert held.context["rows"][0][1]
    assert not response.context["rows"][0][1]
    assert "房产" not in response.text


def test_page_budget_ends_and_comes_back(client, published, clock, monkeypatch):
    monkeypatch.setitem(public.PAGES, "most", 2)
    url = page("notice_print", notice_of(published).code)

    statuses = [client.get(url).status_code for _n in range(3)]
    refused = client.get(url)
    clock.shift(timedelta(hours=1))
    later = client.get(url)

    assert statuses == [200, 200, 429]
    assert refused["Retry-After"] == "3600"
    assert notice_of(published).lines.get().name not in refused.text
    assert later.status_code == 200


def test_page_budget_is_counted_for_each_address(rf, db):
    here, there = rf.get("/", REMOTE_ADDR="10.0.0.1"), rf.get("/", REMOTE_ADDR="10.0.0.2")

    assert limits.spend(here, "x", 2, 2, 60)
    assert not limits.spend(here, "x", 1, 2, 60)
    assert limits.spend(there, "x", 1, 2, 60)


# Objections

FACTS = {"facts": "据我所知有房两套。", "signed": "no"}


def test_object_files_one_objection_and_shows_the_receipt(client, published):
    url = page("notice_object", notice_of(published).code)

    response = client.post(url, FACTS | {"line": 1}, follow=True)

    objection = Objection.objects.get()
    assert (objection.facts, objection.name, objection.case) == (FACTS["facts"], "", published)
    assert response.redirect_chain == [(page("objection_receipt", notice_of(published).code,
                                             objection.code), 302)]  # fmt: skip
    assert public.spaced(objection.code) in response.text
    assert FACTS["facts"] not in response.text


def test_object_sent_twice_files_once(client, published):
    url = page("notice_object", notice_of(published).code)
    data = FACTS | {"line": 1, "token": str(uuid4())}

    first, second = client.post(url, data), client.post(url, data)

    assert Objection.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_object_under_a_name_needs_name_and_contact_and_keeps_what_was_typed(client, published):
    url = page("notice_object", notice_of(published).code)

    response = client.post(url, FACTS | {"line": 1, "signed": "yes", "name": "𠮷䶮"})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"contact"}
    assert FACTS["facts"] in response.text
    assert "𠮷䶮" in response.text
    assert not Objection.objects.exists()


def test_object_with_a_name_keeps_it_for_the_handler(client, published):
    url = page("notice_object", notice_of(published).code)
    signed = {"line": 1, "signed": "yes", "name": "𠮷䶮", "contact": "13800000000"}

    client.post(url, FACTS | signed)

    objection = Objection.objects.get()
    assert (objection.name, objection.contact) == ("𠮷䶮", "13800000000")


def test_object_without_a_name_drops_the_name_typed(client, published):
    url = page("notice_object", notice_of(published).code)

    client.post(url, FACTS | {"line": 1, "name": "王建国"})

    assert Objection.objects.get().name == ""


@pytest.mark.parametrize("line", ["9", "0", "x", ""])
def test_object_to_a_line_that_is_not_there(client, published, line):
    response = client.post(page("notice_object", notice_of(published).code), FACTS | {"line": line})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"line"}


def test_object_to_a_line_no_longer_on_notice(client, world, clock):
    case = world.case_in(Status.HELD)
    public.actions.reopen(
        objection=case.objections.get(), by=world.discipline, at=world.tick(), words="属实"
    )
    clock.move_to(world.now)

    response = client.post(page("notice_object", notice_of(case).code), FACTS | {"line": 1})

    assert response.status_code == 422
    assert Objection.objects.count() == 1


def test_object_takes_the_number_from_the_address(client, published):
    response = client.get(page("notice_object", notice_of(published).code), {"line": "1"})

    assert response.context["form"]["line"].value() == "1"


def test_object_ignores_columns_that_are_not_asked_for(client, published):
    extra = {"outcome": "UPHELD", "code": "A", "handler": "1", "due_on": "2030-01-01", "line": 1}

    client.post(page("notice_object", notice_of(published).code), FACTS | extra)

    objection = Objection.objects.get()
    assert (objection.outcome, objection.handler_id) == ("", None)
    assert objection.due_on.year == 2026


def test_objections_from_one_address_are_limited(client, published, monkeypatch):
    monkeypatch.setattr(limits, "spend", lambda *args: False)

    url = page("notice_object", notice_of(published).code)

    assert client.get(url).status_code == 200
    assert client.post(url, FACTS | {"line": 1}).status_code == 429
    assert not Objection.objects.exists()


def test_receipt_shows_the_answer_and_never_who_objected(client, world, published, clock):
    client.post(
        page("notice_object", notice_of(published).code),
        FACTS | {"line": 1, "signed": "yes", "name": "李秀英", "contact": "13811112222"},
    )
    objection = Objection.objects.get()
    public.actions.hold(objection=objection, by=world.discipline, at=world.tick())
    public.actions.release(
        objection=objection, by=world.discipline, at=world.tick(), words="经核实只有一套住房。"
    )

    receipt = client.get(page("objection_receipt", notice_of(published).code, objection.code))

    assert "经核实只有一套住房。" in receipt.text
    assert "李秀英" not in receipt.text
    assert "13811112222" not in receipt.text


def test_receipt_of_another_notice_is_not_found(client, world, published):
    objection = world.object_to(notice_of(published).lines.get())

    assert client.get(page("objection_receipt", "7K4MQ2TX9DR", objection.code)).status_code == 404


# Where is my case?


def ask(client, code, last_four):
    return client.post(page("progress"), {"code": code, "last_four": last_four})


def test_progress_tells_where_a_case_is_and_nothing_of_the_person(client, published):
    person = published.applicant

    response = ask(client, published.code, person.id_number[-4:])

    assert response.status_code == 200
    assert str(notice_of(published).ends_on) in response.text
    for secret in (
        person.name,
        person.id_number,
        person.account,
        format_fen(published.granted_fen),
    ):
        assert secret not in response.text


def test_progress_forgives_how_the_code_is_written(client, published):
    last_four = published.applicant.id_number[-4:]
    typed = public.spaced(published.code).lower().replace("0", "o").replace("1", "l")

    response = ask(client, f" {typed} ", f" {last_four} ")

    assert response.context["case"] == published


def test_progress_refuses_a_wrong_code_and_wrong_digits_with_the_same_words(client, published):
    good = published.applicant.id_number[-4:]
    wrong = ask(client, published.code, "0000" if good != "0000" else "1111")
    unknown = ask(client, "ZZZZZZZZZZZ", good)
    dashes = ask(client, "ZZZZZZZZZZZ", "----")

    texts = {str(r.context["form"].non_field_errors()) for r in (wrong, unknown, dashes)}
    assert [r.status_code for r in (wrong, unknown, dashes)] == [422, 422, 422]
    assert len(texts) == 1


def test_progress_asked_too_often_is_refused(client, published, monkeypatch):
    last_four = published.applicant.id_number[-4:]

    statuses = [ask(client, published.code, "0000").status_code for _n in range(20)]
    refused = ask(client, published.code, last_four)

    assert set(statuses) == {422}
    assert refused.status_code == 429


@pytest.mark.parametrize("status", Status)
def test_story_has_a_place_and_a_sentence_for_every_status(world, status):
    case = world.case_in(status)
    case = type(case).objects.for_story().get(pk=case.pk)

    told = public.story(case)

    assert 1 <= told["current"] <= 5
    assert told["sentence"]
    assert told["stopped"] == (status in (Status.DECLINED, Status.WITHDRAWN))
    assert told["finished"] == (status == Status.PAID)


def test_once_forgets_what_failed():
    token = uuid4()

    with pytest.raises(ZeroDivisionError):
        limits.once(token, lambda: 1 / 0)

    assert limits.once(token, lambda: "done") == "done"
    assert limits.once(token, lambda: "again") == "done"
