"""Pages of the way to the bank: who may open what, once however often sent, what each shows."""

import io
from base64 import b64encode
from contextlib import contextmanager
from hashlib import sha256

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from cases.workflow import Status
from funds import actions
from funds.models import (
    BankFile,
    BankFormat,
    BankResult,
    PayeeCheck,
    PayeeConfirmation,
    Payment,
    PaymentAnswer,
    Transfer,
)
from people.actions import change_payee
from people.models import Disclosure
from people.roles import Role
from tests.factories import UnitFactory, UserFactory, appoint
from tests.funds import bank, bank_files, papers
from tests.funds.bank_files import answer, bounce, came_back, layout, make, posted, prepared, sent
from tests.world import World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"
PURPOSE = {"purpose": "PAYMENT"}


@pytest.fixture
def world():
    return World()


@contextmanager
def clock(world):
    with time_machine.travel(world.tick(), tick=False):
        yield


def page(world, client, user, name, *args, data=None, **params):
    """Sign in as `user` and open or send one page of this room, when the world's clock says."""
    with clock(world):
        client.force_login(user)
        url = reverse(f"funds:{name}", args=args)
        return client.get(url, params) if data is None else client.post(url, data)


ADDRESSES = {
    # name: (cashier elsewhere, employee, leader, auditor, company officer, cashier, accountant)
    "bank_file": (404, 404, 404, 200, 200, 200, 200),
    "bank_file_make": (404, 404, 404, 403, 403, 403, 403),
    "bank_file_send": (404, 404, 404, 403, 403, 302, 403),
    "bank_result": (404, 404, 404, 403, 403, 403, 200),
    "bank_result_detail": (404, 404, 404, 404, 404, 404, 200),
    "bank_format_list": (200, 403, 403, 200, 403, 200, 200),
    "bank_format_new": (403, 403, 403, 403, 403, 403, 200),
    "bank_format_edit": (404, 404, 404, 403, 404, 403, 200),
    "attempts": (404, 404, 404, 200, 200, 200, 200),
    "payee_check": (404, 404, 404, 403, 200, 403, 200),
}


def test_addresses_open_to_whom_they_should(world, client):
    run = sent(world)
    kept = bank_files.upload(world, run, ["1", "退票", ""])
    payment = run.payments.get()
    bounce(world, payment)
    own = actions.save_bank_format(
        company=world.company, name="工行", layout=layout(), by=world.accountant, at=world.tick()
    )
    args = {
        "bank_result_detail": [kept.pk], "bank_format_list": [], "bank_format_new": [],
        "bank_format_edit": [own.pk], "attempts": [payment.line_id], "payee_check": [payment.pk],
    }  # fmt: skip
    people = (
        appoint(Role.CASHIER, UnitFactory(company=True)), UserFactory(employee=True),
        world.leaders[0], world.auditor, world.company_officer, world.cashier, world.accountant,
    )  # fmt: skip

    found = {}
    for name in ADDRESSES:
        data = {} if name == "bank_file_make" else None
        found[name] = tuple(
            page(world, client, user, name, *args.get(name, [run.pk]), data=data).status_code
            for user in people
        )

    assert found == ADDRESSES


# Make, download, send


def test_file_is_made_downloaded_and_sent_page_by_page(world, client):
    run = posted(world, 2)
    cashier = world.cashier

    first = page(world, client, cashier, "bank_file", run.pk)
    for _n in range(2):
        made = page(world, client, cashier, "bank_file_make", run.pk, data={"format": "GENERAL"})
    without = page(world, client, cashier, "bank_file", run.pk, data={})
    file = BankFile.objects.get()
    got = page(world, client, cashier, "bank_file", run.pk, data=PURPOSE)
    asked = page(world, client, cashier, "bank_file_send", run.pk)
    for _n in range(2):
        done = page(world, client, cashier, "bank_file_send", run.pk, data={"file": file.pk})
    shown = page(world, client, cashier, "bank_file", run.pk)

    told = first.context["told"]
    assert (told["count"], told["fen"], first.context["form"]) == (2, 11000_00, None)
    assert made.status_code == done.status_code == 302
    assert without.status_code == 422
    assert sha256(got.content).hexdigest() == file.sha256
    assert got["Content-Disposition"].endswith(".xlsx")
    digest = b64encode(sha256(got.content).digest()).decode()
    assert got["Repr-Digest"] == f"sha-256=:{digest}:"
    assert file.sha256 in asked.text
    assert (run.sent.file, run.sent.by) == (file, cashier)
    assert (shown.context["make_form"], shown.context["may_send"]) == (None, False)
    assert [row.seq for row in shown.context["waiting"]] == [1, 2]


def test_file_holds_text_cells_that_add_up(world, client):
    run = posted(world, 2)
    make(world, run)

    got = page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)

    _header, *rows = load_workbook(io.BytesIO(got.content)).active.iter_rows()
    assert {cell.data_type for row in rows for cell in row} == {"s"}
    assert [row[1].value for row in rows] == [p.account for p in run.payments.order_by("seq")]
    assert sum(int(row[5].value.replace(".", "")) for row in rows) == run.total_fen


def test_file_is_the_same_bytes_whoever_downloads_it_in_whatever_language(world, client):
    run = posted(world)
    make(world, run)

    first = page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)
    client.cookies["django_language"] = "en"
    second = page(world, client, world.accountant, "bank_file", run.pk, data=PURPOSE)

    assert first.content == second.content
    assert Disclosure.objects.count() == 2


def test_every_download_is_recorded_and_shown_to_those_who_watch(world, client):
    run = posted(world)
    make(world, run)
    page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)
    page(world, client, world.accountant, "bank_file", run.pk, data={"purpose": "AUDIT"})

    shown = page(world, client, world.auditor, "bank_file", run.pk)

    assert [(row.by, row.purpose) for row in shown.context["downloads"]] == [
        (world.accountant, "AUDIT"), (world.cashier, "PAYMENT"),
    ]  # fmt: skip
    assert world.cashier.name in shown.text
    assert shown.context["form"] is None
    assert run.payments.get().account not in shown.text


@pytest.mark.parametrize("who", ["auditor", "company_officer", "company_chair"])
def test_those_who_watch_download_nothing(world, client, who):
    run = posted(world)
    make(world, run)

    got = page(world, client, getattr(world, who), "bank_file", run.pk, data=PURPOSE)

    assert got.status_code == 403
    assert not Disclosure.objects.exists()


def test_file_of_a_payment_not_posted_or_given_up_is_neither_offered_nor_made(world, client):
    run = prepared(world)

    waits = page(world, client, world.cashier, "bank_file", run.pk)
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    void = page(world, client, world.cashier, "bank_file", run.pk)
    made = page(world, client, world.cashier, "bank_file_make", run.pk, data={"format": "GENERAL"})
    got = page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)

    for shown in (waits, void):
        assert (shown.context["make_form"], shown.context["form"]) == (None, None)
        assert shown.context["why_not_make"] in shown.text
    assert (made.status_code, got.status_code) == (403, 403)


def test_download_before_a_file_was_made_is_not_there(world, client):
    run = posted(world)

    assert page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE).status_code == 404


def test_file_in_another_format_replaces_the_one_before(world, client):
    run = posted(world)
    older = make(world, run)
    page(world, client, world.cashier, "bank_file_make", run.pk, data={"format": "NUMBERS"})

    stale = page(world, client, world.cashier, "bank_file_send", run.pk, data={"file": older.pk})
    shown = page(world, client, world.cashier, "bank_file", run.pk)

    assert stale.status_code == 403
    assert [file.no for file in (shown.context["file"], *shown.context["older"])] == [2, 1]


@pytest.mark.parametrize("given", ["", "x", "0"])
def test_sending_a_file_that_is_none_is_not_there(world, client, given):
    run = posted(world)
    make(world, run)

    answer = page(world, client, world.cashier, "bank_file_send", run.pk, data={"file": given})

    assert answer.status_code == 404


def test_file_of_another_payment_is_not_sent(world, client):
    run, other = posted(world), posted(world)
    make(world, run)
    file = make(world, other)

    answer = page(world, client, world.cashier, "bank_file_send", run.pk, data={"file": file.pk})

    assert answer.status_code == 404


def test_format_of_the_company_is_offered_before_those_to_begin_with(world, client):
    run = posted(world)
    seeds = page(world, client, world.cashier, "bank_file", run.pk).context["make_form"]
    own = actions.save_bank_format(
        company=world.company, name="工行代发", layout=layout("TITLED"), by=world.accountant,
        at=world.tick(),
    )  # fmt: skip

    form = page(world, client, world.cashier, "bank_file", run.pk).context["make_form"]
    page(world, client, world.cashier, "bank_file_make", run.pk, data={"format": own.pk})
    wrong = page(world, client, world.cashier, "bank_file_make", run.pk, data={"format": "GENERAL"})

    assert [key for key, _name in seeds.fields["format"].choices] == [
        "GENERAL", "NUMBERS", "TITLED",
    ]  # fmt: skip
    assert form.fields["format"].choices == [(str(own.pk), "工行代发")]
    assert (BankFile.objects.get().format_name, wrong.status_code) == ("工行代发", 302)


def test_accounts_changed_or_checked_are_shown_with_who_looked_at_them(world, client):
    case = world.case_in(Status.CLEARED)
    change_payee(
        person=case.applicant, bank="建设银行", branch="", account_name=case.applicant.name,
        account="6222000000000009999", by=world.officer, at=world.tick(),
    )  # fmt: skip
    actions.confirm_payee(person=case.applicant, by=world.company_officer, at=world.tick())
    run = world.post(world.prepare(case.batch_lines.get(current=True).batch))
    make(world, posted(world))

    first = page(world, client, world.cashier, "bank_file", run.pk)
    came_back(world, run.payments.get())
    second = world.prepare(run.batch)
    again = page(world, client, world.cashier, "bank_file", second.pk)

    (row,) = first.context["changed"]
    assert (row.confirmed.by, row.checked) == (world.company_officer, None)
    (row,) = again.context["changed"]
    assert (row.confirmed.by, row.checked.by) == (world.company_officer, world.accountant)
    assert world.company_officer.name in again.text


def test_cash_of_a_payment_stands_in_no_part_of_its_file(world, client):
    shown = page(world, client, world.cashier, "bank_file", papers.paid(world).run_id)

    told = shown.context["told"]
    assert (told["count"], told["fen"], shown.context["make_form"]) == (0, 0, None)
    assert shown.context["changed"] == []


def test_payment_leads_to_its_file_after_it_was_posted(world, client):
    run = prepared(world)
    there = reverse("funds:bank_file", args=[run.pk])

    before = page(world, client, world.auditor, "payment_detail", run.pk)
    world.post(run)
    after = page(world, client, world.auditor, "payment_detail", run.pk)

    assert (there in before.text, there in after.text) == (False, True)


# Without an answer


def test_payment_without_an_answer_shows_what_the_statement_says(world, client):
    run = sent(world, 2)
    account = bank.register(world.company, world.accountant, [world.fund], world.now)
    grant = Transfer.objects.get(kind="RECEIVE")
    first = run.payments.order_by("seq").first()
    rows = [
        bank.row(grant.value_on, grant.amount_fen, text="拨款"),
        bank.row(world.today, -first.amount_fen, first.account_name, first.account),
    ]
    days = (grant.value_on.replace(day=1), world.today)
    bank.take(account, rows, by=world.cashier, at=world.tick(), days=days)

    shown = page(world, client, world.cashier, "bank_file", run.pk)

    assert [row.left_on for row in shown.context["waiting"]] == [
        first.run.sent.at.date(), None,
    ]  # fmt: skip


# The answer


def upload(world, client, run, *rows, by=None, **how):
    return page(
        world, client, by or world.accountant, "bank_result", run.pk,
        data={"file": answer(*rows, **how)},
    )  # fmt: skip


def test_answer_is_checked_confirmed_and_booked_once(world, client):
    run = sent(world, 2)
    accountant = world.accountant

    asked = page(world, client, accountant, "bank_result", run.pk)
    checked = upload(world, client, run, ["1", "成功", ""], ["2", "退票", "户名不符"])
    kept = BankResult.objects.get()
    shown = page(world, client, accountant, "bank_result_detail", kept.pk)
    for _n in range(2):
        done = page(world, client, accountant, "bank_result_confirm", kept.pk, data={})
    after = page(world, client, accountant, "bank_result_detail", kept.pk)
    way = page(world, client, accountant, "bank_file", run.pk)

    assert ("处理结果、交易结果、状态、处理状态" in asked.text, "退票" in asked.text) == (
        True,
        True,
    )
    assert checked.url == kept.get_absolute_url()
    assert reverse("funds:bank_result_confirm", args=[kept.pk]) in shown.text
    assert done.url == reverse("funds:bank_file", args=[run.pk])
    assert reverse("funds:bank_result_confirm", args=[kept.pk]) not in after.text
    assert (PaymentAnswer.objects.count(), Transfer.objects.filter(kind="BOUNCE").count()) == (2, 1)
    assert way.context["answered"] == {"credited": 1, "returned": 1}
    assert list(way.context["waiting"]) == []
    assert list(way.context["results"]) == [kept]


def test_payment_that_was_credited_and_came_back_counts_as_returned(world, client):
    run = sent(world, 2)
    bank_files.take(world, run, ["1", "成功", ""], ["2", "成功", ""])
    bank_files.take(world, run, ["1", "退汇", "账户冻结"])

    shown = page(world, client, world.cashier, "bank_file", run.pk)

    assert shown.context["answered"] == {"credited": 1, "returned": 1}


def test_answer_with_mistakes_names_each_by_row_and_column(world, client):
    run = sent(world)

    upload(world, client, run, ["9", "成功", ""], ["1", CANARY, ""])
    kept = BankResult.objects.get()
    shown = page(world, client, world.accountant, "bank_result_detail", kept.pk)
    confirmed = page(world, client, world.accountant, "bank_result_confirm", kept.pk, data={})

    assert [(row, column) for row, column, _words in shown.context["problems"]] == [
        (2, "序号"), (3, "处理结果"),
    ]  # fmt: skip
    assert CANARY not in shown.text
    assert confirmed.status_code == 403
    assert not PaymentAnswer.objects.exists()


@pytest.mark.parametrize("headings", [("户名", "处理结果"), ("序号", "户名")])
def test_file_that_is_no_answer_is_refused_on_the_form(world, client, headings):
    run = sent(world)

    refused = upload(world, client, run, ["1", "成功"], headings=headings)
    empty = page(world, client, world.accountant, "bank_result", run.pk, data={})

    assert (refused.status_code, empty.status_code) == (422, 422)
    assert not BankResult.objects.exists()


def test_answer_before_the_file_was_sent_is_refused_with_the_reason(world, client):
    run = posted(world)
    make(world, run)

    assert page(world, client, world.accountant, "bank_result", run.pk).status_code == 403


def test_the_same_answer_again_says_when_it_was_imported(world, client):
    run = sent(world)
    bank_files.take(world, run, ["1", "成功", ""])

    upload(world, client, run, ["1", "成功", ""])
    kept = BankResult.objects.latest("pk")
    shown = page(world, client, world.accountant, "bank_result_detail", kept.pk)

    assert shown.context["earlier"] == BankResult.objects.earliest("pk")
    assert (kept.added, kept.unchanged) == (0, 1)


def test_running_answer_is_looked_at_and_begun_again(world, client):
    run = sent(world)
    kept = bank_files.upload(world, run, ["1", "成功", ""])
    actions.confirm_result(upload=kept, by=world.accountant, at=world.tick())

    with clock(world):
        client.force_login(world.accountant)
        part = client.get(kept.get_absolute_url(), headers={"HX-Request": "true"})
    again = page(world, client, world.accountant, "bank_result_confirm", kept.pk, data={})

    assert "every 2s" in part.text
    assert "<html" not in part.text
    assert again.status_code == 302
    assert BankResult.objects.get().status == "DONE"


def test_answer_that_no_longer_fits_is_shown_with_its_rows(world, client):
    run = sent(world)
    kept = bank_files.upload(world, run, ["1", "成功", ""])
    bounce(world, run.payments.get())

    client.cookies["django_language"] = "en"

    answer = page(world, client, world.accountant, "bank_result_confirm", kept.pk, data={})
    shown = page(world, client, world.accountant, "bank_result_detail", kept.pk)

    assert "Something was recorded since the check that contradicts these rows." in shown.text
    assert answer.url == kept.get_absolute_url()
    assert [(row, column) for row, column, _words in shown.context["problems"]] == [(2, "处理结果")]


# The attempts of an award, and the check of an account


def test_award_is_followed_from_its_return_to_the_next_payment(world, client):
    run = sent(world)
    bank_files.take(world, run, ["1", "退票", "户名不符"])
    payment = run.payments.get()
    checking = reverse("funds:payee_check", args=[payment.pk])

    listed = page(world, client, world.accountant, "payment_list")
    cashier = page(world, client, world.cashier, "attempts", payment.line_id)
    accountant = page(world, client, world.accountant, "attempts", payment.line_id)
    form = page(world, client, world.accountant, "payee_check", payment.pk)
    data = {"seen": form.context["form"]["seen"].value(), "words": CANARY}
    for _n in range(2):
        done = page(world, client, world.accountant, "payee_check", payment.pk, data=data)
    after = page(world, client, world.accountant, "attempts", payment.line_id)
    world.post(world.prepare(run.batch))
    paid = page(world, client, world.auditor, "attempts", payment.line_id)

    assert reverse("funds:attempts", args=[payment.line_id]) in listed.text
    assert (cashier.context["waits"], checking in cashier.text) == ("check", False)
    assert checking in accountant.text
    assert "户名不符" in accountant.text
    assert payment.account not in form.text
    assert done.url == reverse("funds:attempts", args=[payment.line_id])
    assert PayeeCheck.objects.get().words == CANARY
    assert (after.context["waits"], checking in after.text) == ("", False)
    assert CANARY not in after.text
    assert [row.attempt for row in paid.context["payments"]] == [1, 2]
    assert paid.context["payments"][1].checked.by == world.accountant


def test_account_changed_after_the_return_is_confirmed_instead(world, client):
    payment = posted(world).payments.get()
    bounce(world, payment)
    person = payment.case.applicant
    change_payee(
        person=person, bank="建设银行", branch="", account_name=person.name,
        account="6222000000000009999", by=world.officer, at=world.tick(),
    )  # fmt: skip
    confirming = reverse("funds:confirm_payee", args=[person.pk])

    shown = page(world, client, world.company_officer, "attempts", payment.line_id)
    form = page(world, client, world.company_officer, "confirm_payee", person.pk)
    data = {"seen": form.context["form"]["seen"].value(), "compared": "on"}
    page(world, client, world.company_officer, "confirm_payee", person.pk, data=data)
    after = page(world, client, world.company_officer, "attempts", payment.line_id)

    assert (shown.context["waits"], confirming in shown.text) == ("confirm", True)
    assert PayeeConfirmation.objects.get().by == world.company_officer
    assert after.context["waits"] == ""


def test_account_changed_back_to_the_decided_one_is_still_confirmed_on_its_page(world, client):
    """It is the one of the decision, but another than the one that came back."""
    case = world.case_in(Status.CLEARED)
    person, first = case.applicant, case.applicant.account
    columns = {"person": person, "bank": "建设银行", "branch": "", "account_name": person.name}
    change_payee(**columns, account="6222000000000009999", by=world.officer, at=world.tick())
    actions.confirm_payee(person=person, by=world.accountant, at=world.tick())
    run = world.post(world.prepare(case.batch_lines.get(current=True).batch))
    bounce(world, run.payments.get())
    change_payee(**columns, account=first, by=world.officer, at=world.tick())

    form = page(world, client, world.accountant, "confirm_payee", person.pk)
    shown = page(world, client, world.accountant, "attempts", run.payments.get().line_id)

    assert len(form.context["lines"]) == 1
    assert (shown.context["waits"], shown.context["may_check"]) == ("check", True)


@pytest.mark.parametrize("data", [{"words": " "}, {"words": "x" * 201}])
def test_check_needs_words_of_a_length(world, client, data):
    payment = posted(world).payments.get()
    bounce(world, payment)
    given = data | {"seen": payment.account_index}

    answer = page(world, client, world.accountant, "payee_check", payment.pk, data=given)

    assert answer.status_code == 422
    assert not PayeeCheck.objects.exists()


def test_check_of_an_account_changed_since_is_refused(world, client):
    payment = posted(world).payments.get()
    bounce(world, payment)
    data = {"words": "正常", "seen": "0" * 64}

    answer = page(world, client, world.accountant, "payee_check", payment.pk, data=data)

    assert answer.status_code == 403
    assert not PayeeCheck.objects.exists()


# Formats


def form_data(of, **changed):
    """What the browser sends of the format form."""
    sent = {
        "name": "工行代发", "sheet": of["sheet"], "file_name": of["file_name"],
        "before": "\n".join(" | ".join(line) for line in of["before"]),
        "answer_unit": of["answer"]["unit"], "success": "、".join(of["answer"]["success"]),
        "failure": "、".join(of["answer"]["failure"]), "columns-INITIAL_FORMS": "0",
        "columns-TOTAL_FORMS": str(len(of["columns"]) + 1),
    } | ({"header": "on"} if of["header"] else {})  # fmt: skip
    for key, some in of["answer"]["headings"].items():
        sent[f"answer_{key}"] = "、".join(some)
    for number, column in enumerate(of["columns"]):
        for key in ("source", "heading", "kind"):
            sent[f"columns-{number}-{key}"] = column[key]
        sent[f"columns-{number}-constant"] = column.get("constant", "")
    return sent | changed


def plain(of):
    """A layout without the widths that a form gives its columns."""
    return of | {"columns": [column | {"width": 0} for column in of["columns"]]}


@pytest.mark.parametrize("seed", ["GENERAL", "NUMBERS", "TITLED"])
def test_format_is_begun_with_a_seed_and_saved_as_it_was_entered(world, client, seed):
    data = form_data(layout(seed), company=world.company.pk)

    shown = page(world, client, world.accountant, "bank_format_new", like=seed)
    answer = page(world, client, world.accountant, "bank_format_new", data=data)

    own = BankFormat.objects.get()
    assert shown.context["layout"] == layout(seed)
    assert answer.url == reverse("funds:bank_format_list")
    assert (own.name, own.company, own.changed_by) == ("工行代发", world.company, world.accountant)
    assert plain(own.layout) == plain(layout(seed))


def test_format_is_looked_at_without_saving_it(world, client):
    changed = layout(before=[["示例公司", "批量代发"]])
    data = form_data(changed, company=world.company.pk, look="1")

    shown = page(world, client, world.accountant, "bank_format_new", data=data)

    assert shown.status_code == 200
    assert "批量代发" in shown.text
    assert not BankFormat.objects.exists()


def test_columns_are_moved_by_their_place_and_left_out_when_empty(world, client):
    data = form_data(layout("NUMBERS"), company=world.company.pk) | {
        "columns-0-place": "9", "columns-3-source": "",
    }  # fmt: skip

    page(world, client, world.accountant, "bank_format_new", data=data)

    columns = BankFormat.objects.get().layout["columns"]
    assert [column["source"] for column in columns] == ["account_name", "yuan", "account"]


def test_format_is_changed_and_files_made_before_stay(world, client):
    own = actions.save_bank_format(
        company=world.company, name="工行代发", layout=layout(), by=world.accountant,
        at=world.tick(),
    )  # fmt: skip
    run = posted(world)
    actions.make_bank_file(
        run=run, name=own.name, layout=own.layout, by=world.cashier, at=world.tick()
    )
    first = page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)
    data = form_data(layout("NUMBERS"), company=world.company.pk, name="建行")

    page(world, client, world.accountant, "bank_format_edit", own.pk, data=data)
    second = page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)

    own.refresh_from_db()
    assert (own.name, own.layout["sheet"]) == ("建行", "Sheet1")
    assert first.content == second.content


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"sheet": "a/b"},
        {"file_name": "a?b"},
        {"answer_result": ""},
        {"columns-0-heading": ""},
        {"columns-1-source": ""},
        {"columns-1-kind": "number"},
        {"columns-2-heading": "序号"},
    ],
)
def test_wrong_format_is_named_and_keeps_what_was_typed(world, client, changed):
    data = form_data(layout(), company=world.company.pk, success="成功、好了") | changed

    answer = page(world, client, world.accountant, "bank_format_new", data=data)

    assert answer.status_code == 422
    assert "好了" in answer.text
    assert not BankFormat.objects.exists()


def test_another_format_of_the_same_name_is_refused_on_the_form(world, client):
    actions.save_bank_format(
        company=world.company, name="工行代发", layout=layout(), by=world.accountant,
        at=world.tick(),
    )  # fmt: skip
    data = form_data(layout(), company=world.company.pk)

    assert page(world, client, world.accountant, "bank_format_new", data=data).status_code == 422
    assert BankFormat.objects.count() == 1


def test_format_is_saved_for_no_other_company(world, client):
    stranger = UnitFactory(company=True)
    data = form_data(layout(), company=stranger.pk)

    answer = page(world, client, world.accountant, "bank_format_new", data=data)

    assert answer.status_code == 422
    assert not BankFormat.objects.exists()


# A fixed number of queries


@pytest.mark.parametrize("count", [1, 3])
def test_bank_file_query_count_does_not_grow(world, client, count, django_assert_num_queries):
    run = sent(world, count)
    for _n in range(count):
        page(world, client, world.cashier, "bank_file", run.pk, data=PURPOSE)
        bank_files.upload(world, run, ["1", "成功", ""])
    with clock(world):
        client.force_login(world.accountant)

        # session, user, roles, kin; payment, files, sent, told, whether there is an answer to take,
        # those looked at, those waiting, those credited, answers, downloads
        with django_assert_num_queries(14):
            response = client.get(reverse("funds:bank_file", args=[run.pk]))

    assert len(response.context["waiting"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_bank_file_query_count_does_not_grow_with_returns(
    world, client, count, django_assert_num_queries
):
    run = sent(world, count)
    rows = [[str(n + 1), "退票", "销户"] for n in range(count)]
    bank_files.take(world, run, *rows)
    for payment in run.payments.all():
        bank_files.check(world, payment)
    second = world.post(world.prepare(run.batch))
    with clock(world):
        client.force_login(world.auditor)

        # session, user, roles, kin; payment, files, sent, told, those looked at and by whom, those
        # credited, answers
        with django_assert_num_queries(12):
            response = client.get(reverse("funds:bank_file", args=[second.pk]))

    assert len(response.context["changed"]) == count


@pytest.mark.parametrize("count", [2, 3])
def test_attempts_query_count_does_not_grow(world, client, count, django_assert_num_queries):
    run = posted(world)
    for _n in range(count - 1):
        came_back(world, run.payments.get())
        run = world.post(world.prepare(run.batch))
    came_back(world, run.payments.get())
    line = Payment.objects.first().line_id
    with clock(world):
        client.force_login(world.auditor)

        # session, user, roles, kin; award, its payments, checks, by whom, answers, checks before;
        # whether it is ready, hand-overs, returns, checks, confirmations
        with django_assert_num_queries(15):
            response = client.get(reverse("funds:attempts", args=[line]))

    assert len(response.context["payments"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_format_list_query_count_does_not_grow(world, client, count, django_assert_num_queries):
    for number in range(count):
        actions.save_bank_format(
            company=world.company, name=f"{number}", layout=layout(), by=world.accountant,
            at=world.tick(),
        )  # fmt: skip
    with clock(world):
        client.force_login(world.cashier)

        with django_assert_num_queries(5):  # session, user, roles, kin; formats
            response = client.get(reverse("funds:bank_format_list"))

    assert len(response.context["formats"]) == count
