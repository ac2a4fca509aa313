"""The way to the bank: a file made once and the same for ever, sent once, answered row by row."""

import io
from hashlib import sha256

import pytest
from django.utils import translation
from openpyxl import load_workbook

from audits import verify
from cases.workflow import Programme, Status
from funds import actions, tasks
from funds.actions import bank_file
from funds.models import (
    BankFile,
    BankFileSent,
    BankFormat,
    BankResult,
    Payment,
    PaymentAnswer,
    Transfer,
    unanswered,
)
from people.actions import change_payee
from people.models import Disclosure
from people.roles import NotAllowed, Role
from tests.audits.test_verify import force
from tests.cases.refused import not_allowed
from tests.factories import UnitFactory, appoint
from tests.funds import papers
from tests.funds.bank_files import (
    again,
    answer,
    bounce,
    came_back,
    check,
    layout,
    make,
    posted,
    prepared,
    send,
    sent,
    take,
    upload,
)
from tests.funds.test_payment_actions import at_once, busy_world  # noqa: F401
from tests.world import BUDGET_FEN, World

AWARD = 5500_00


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def world(db):
    return World()


def differences():
    return [str(problem.words) for problem in verify.problems()]


def freeze(world):
    actions.begin_freeze(
        company_id=world.company.pk, found=[["x 1", {"en": "x"}]], count=1, at=world.tick()
    )


FROZEN = "The books are in read-only protection since"


def states(run):
    """[(seq, status, reason, answers)] of the payments of a run."""
    return [
        (row.seq, row.status, row.return_reason, sorted(a.answer for a in row.answers.all()))
        for row in run.payments.order_by("seq").prefetch_related("answers")
    ]


# Formats


def save_format(world, by=None, **given):
    columns = {"company": world.company, "name": "工行", "layout": layout()} | given
    return actions.save_bank_format(by=by or world.accountant, at=world.tick(), **columns)


def test_format_is_kept_and_changed_by_the_accountant(world):
    row = save_format(world)

    save_format(world, bank_format=row, name="工行代发", layout=layout("NUMBERS"))

    kept = BankFormat.objects.get()
    assert (kept.name, kept.layout, kept.changed_by, kept.changed_at) == (
        "工行代发", layout("NUMBERS"), world.accountant, world.now,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["cashier", "company_chair", "company_officer", "auditor", "admin"])
def test_format_is_changed_by_nobody_else(world, who):
    with not_allowed("Only the accountant says how the file for the bank looks."):
        save_format(world, by=getattr(world, who))
    with not_allowed("Only the accountant says how the file for the bank looks."):
        save_format(world, by=appoint(Role.ACCOUNTANT, UnitFactory(company=True)))


def test_wrong_format_is_not_kept(world):
    with not_allowed("At most 5 rows stand above the table."):
        save_format(world, layout=layout(before=[["x"]] * 6))
    with not_allowed("At most 5 rows stand above the table."):
        make(world, posted(world), before=[["x"]] * 6)

    assert not BankFormat.objects.exists()
    assert not BankFile.objects.exists()


# The file


def test_file_says_what_its_payments_add_up_to(world):
    run = posted(world, 2)

    file = make(world, run)

    assert (file.no, file.format_name, file.file_name) == (1, "GENERAL", f"{run.number}.xlsx")
    assert (file.lines_count, file.total_fen) == (2, 2 * AWARD)
    assert (file.made_by, file.made_at) == (world.cashier, world.now)
    content = bank_file.remake(file)
    assert (file.sha256, file.size) == (sha256(content).hexdigest(), len(content))
    assert differences() == []


def test_the_same_layout_again_is_the_same_file(world):
    run = posted(world)

    files = [make(world, run), make(world, run), make(world, run, "NUMBERS"), make(world, run)]

    assert [file.no for file in files] == [1, 1, 2, 3]
    assert files[3].sha256 == files[0].sha256 != files[2].sha256


@pytest.mark.parametrize("who", ["accountant", "company_chair", "auditor", "admin"])
def test_file_is_made_and_sent_by_nobody_but_the_cashier(world, who):
    run = posted(world)
    with not_allowed("Only the cashier makes the file for the bank."):
        make(world, run, by=getattr(world, who))
    file = make(world, run)

    with not_allowed("Only the cashier hands the file to the bank."):
        send(world, file, by=getattr(world, who))


def test_cashier_of_another_company_makes_and_sends_no_file(world):
    stranger = appoint(Role.CASHIER, UnitFactory(company=True))
    run = posted(world)
    with not_allowed("Only the cashier makes the file for the bank."):
        make(world, run, by=stranger)

    with not_allowed("Only the cashier hands the file to the bank."):
        send(world, make(world, run), by=stranger)


def test_file_is_made_after_the_accountant_posted(world):
    run = prepared(world)

    with not_allowed("The accountant posts the payment first; then the file is made."):
        make(world, run)
    actions.give_up(run=run, by=world.cashier, at=world.tick())
    with not_allowed("This payment was given up."):
        make(world, run)


def test_no_other_file_is_made_after_one_was_sent(world):
    run = sent(world)

    with not_allowed("The file of this payment was sent to the bank; there is no other."):
        make(world, run, "NUMBERS")

    assert run.files.count() == 1


def test_no_file_is_made_of_cash(world):
    run = papers.paid(world).run

    with not_allowed("Nothing of this payment goes through the bank."):
        make(world, run)


def test_where_an_advance_leaves_nothing_there_is_no_line(world):
    run = posted(world, 2)
    first = run.payments.earliest("seq")
    Payment.objects.filter(pk=first.pk).update(advance_fen=AWARD)

    file = make(world, run, header=False)

    assert (file.lines_count, file.total_fen) == (1, AWARD)
    sheet = load_workbook(io.BytesIO(bank_file.remake(file))).active
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == ["2"]


# A payment that is recorded as returned stands in no file that may still be sent


def test_payment_does_not_come_back_while_its_file_lies_here(world):
    run = posted(world)
    file = make(world, run)

    with not_allowed("The cashier has not recorded that the file was sent to the bank."):
        bounce(world, run.payments.get())
    send(world, file)
    bounce(world, run.payments.get())

    assert run.payments.get().status == "RETURNED"


def test_no_file_is_made_after_a_return(world):
    """It would pay once more what is paid again by another payment."""
    run = posted(world)
    came_back(world, run.payments.get())
    second = world.post(world.prepare(run.batch))

    with not_allowed("A payment of it came back without this file; a file made now would pay it"):
        make(world, run)
    assert make(world, second).no == 1


def test_cash_never_keeps_a_file_from_being_made(world):
    run = posted(world, 2)
    other = papers.paid(world).hand_over_id
    payment = run.payments.first()
    force(Payment, "UPDATE {table} SET way = 'CASH', hand_over_id = %s WHERE id = %s", other,
          payment.pk)  # fmt: skip

    bounce(world, run.payments.select_related("run__batch__budget__fund").get(pk=payment.pk))

    assert make(world, run).lines_count == 1


# The same bytes


def download(world, file, by=None, purpose="PAYMENT"):
    return actions.download_bank_file(
        file=file, purpose=purpose, by=by or world.cashier, at=world.tick()
    )


def test_file_comes_out_byte_for_byte_whatever_became_of_the_format(world):
    own = save_format(world, layout=layout("TITLED"))
    run = posted(world, 2)
    file = actions.make_bank_file(
        run=run, name=own.name, layout=own.layout, by=world.cashier, at=world.tick()
    )
    first = download(world, file)

    save_format(world, bank_format=own, name="新", layout=layout("NUMBERS"))
    person = run.payments.first().case.applicant
    change_payee(
        person=person, bank="建设银行", branch="", account_name="改名",
        account="6222000000000009999", by=world.officer, at=world.tick(),
    )  # fmt: skip
    with translation.override("zh-hans"):
        second = download(world, BankFile.objects.get(), by=world.accountant)

    assert first == second
    assert sha256(first).hexdigest() == file.sha256


def test_download_is_recorded_with_its_purpose(world):
    file = make(world, posted(world))

    download(world, file)
    download(world, file, by=world.accountant, purpose="AUDIT")

    found = Disclosure.objects.order_by("pk").values_list(
        "by", "subject", "subject_pk", "fields", "purpose"
    )
    assert list(found) == [
        (world.cashier.pk, "PAYMENTS", file.run_id, "account,bank_file", "PAYMENT"),
        (world.accountant.pk, "PAYMENTS", file.run_id, "account,bank_file", "AUDIT"),
    ]


@pytest.mark.parametrize("who", ["auditor", "company_chair", "company_officer"])
def test_file_is_handed_out_to_cashier_and_accountant_alone(world, who):
    file = make(world, posted(world))

    with not_allowed("Only the cashier and the accountant handle the file for the bank."):
        download(world, file, by=getattr(world, who))

    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "account_name = '别人'",
        "account = (SELECT p.account FROM funds_payment p ORDER BY p.id DESC LIMIT 1)",
        "account = '1:none'",
        "advance_fen = 100",
        "seq = 9",
    ],
)
def test_file_of_a_payment_that_was_tampered_with_is_not_handed_out(world, change):
    run = posted(world, 2)
    file = make(world, run)
    force(Payment, f"UPDATE {{table}} SET {change} WHERE id = %s", run.payments.earliest("pk").pk)

    with not_allowed("The file made again is not the one of 2026-"):
        download(world, file)

    assert not Disclosure.objects.exists()


def test_nothing_leaves_for_the_bank_while_the_books_are_frozen(world):
    run, back = posted(world), posted(world).payments.get()
    file = make(world, run)
    bounce(world, back)
    gone = sent(world)
    kept = upload(world, gone, ["1", "成功", ""])
    freeze(world)

    for act in (
        lambda: make(world, run, "NUMBERS"),
        lambda: send(world, file),
        lambda: download(world, file),
        lambda: check(world, back),
        lambda: tasks.start_result(upload=kept, by=world.accountant, at=world.tick()),
    ):
        with not_allowed(FROZEN):
            act()
    assert BankResult.objects.get().status == "CHECKED"


# Sent


def test_file_is_sent_once_however_often_it_is_said(world):
    file = make(world, posted(world))

    first, second = send(world, file), send(world, file)

    assert first == second == BankFileSent.objects.get()
    assert (first.by, first.file, first.run) == (world.cashier, file, file.run)


def test_older_file_is_not_sent(world):
    run = posted(world)
    older, newer = make(world, run), make(world, run, "NUMBERS")

    with not_allowed("A newer file was made since; look at it first."):
        send(world, older)
    send(world, newer)
    with not_allowed("Another file of this payment was sent to the bank."):
        send(world, older)


def test_nothing_is_sent_that_was_not_made_or_not_posted(world):
    run, waits = posted(world), prepared(world)
    cashier = world.cashier.actor(world.today)

    assert actions.why_not_send(run, cashier) == "Make the file first."
    assert actions.why_not_send(waits, cashier) == (
        "The accountant posts the payment first; then the file is made."
    )


def test_what_the_bank_does_not_answer_is_unknown_and_never_sent_again(world):
    """The file was sent and the answer was lost (fault 13)."""
    run = sent(world, 2)
    world.tick(days=40)

    for act in (
        lambda: world.prepare(run.batch),
        lambda: make(world, run, "NUMBERS"),
        lambda: actions.give_up(run=run, by=world.cashier, at=world.tick()),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert list(unanswered(run.payments)) == list(run.payments.order_by("pk"))
    assert {row.status for row in run.payments.all()} == {"POSTED"}


# The answer


def test_answer_is_taken_by_the_accountant_after_the_file_was_sent(world):
    run = posted(world)
    file = make(world, run)
    with not_allowed("The cashier has not recorded that the file was sent to the bank."):
        actions.receive_result(
            reading=None, file=None, run=run, by=world.accountant, at=world.tick()
        )
    send(world, file)

    for who in (world.cashier, world.auditor, world.company_officer):
        with not_allowed("Only the accountant imports the answer of the bank."):
            upload(world, run, ["1", "成功", ""], by=who)
    kept = upload(world, run, ["1", "成功", ""])
    with not_allowed("Only the accountant imports the answer of the bank."):
        tasks.start_result(upload=kept, by=world.cashier, at=world.tick())


def test_upload_says_what_it_would_do_and_books_nothing(world):
    run = sent(world, 3)

    kept = upload(world, run, ["1", "成功", ""], ["2", "退票", "户名不符"])

    assert (kept.status, kept.rows, kept.added, kept.changed, kept.unchanged) == (
        "CHECKED", 2, 1, 1, 0,
    )  # fmt: skip
    assert bool(kept.file)
    assert not PaymentAnswer.objects.exists()
    assert {row.status for row in run.payments.all()} == {"POSTED"}


def test_answer_marks_what_was_credited_and_books_what_came_back(world):
    run = sent(world, 3)

    done = take(world, run, ["1", "成功", ""], ["2", "退票", "户名不符"], ["3", "失败", ""])

    assert states(run) == [
        (1, "POSTED", "", ["PAID"]),
        (2, "RETURNED", "户名不符", ["RETURNED"]),
        (3, "RETURNED", "失败", ["RETURNED"]),
    ]
    assert (done.status, done.done, done.rows, bool(done.file)) == ("DONE", 3, 3, False)
    assert (done.finished_at, done.confirmed_by) == (world.now, world.accountant)
    budget = world.budget(Programme.EMERGENCY)
    assert (budget.balance_fen, budget.held_fen) == (BUDGET_FEN - AWARD, 2 * AWARD)
    assert Transfer.objects.filter(kind="BOUNCE").count() == 2
    assert not unanswered(run.payments).exists()
    assert differences() == []


def test_the_same_file_twice_adds_nothing(world):
    run = sent(world, 2)
    file = answer(["1", "成功", ""], ["2", "退票", "销户"])
    take(world, run, file=file)
    before = states(run)

    second = take(world, run, file=again(file))

    assert states(run) == before
    assert (second.status, second.added, second.changed, second.unchanged) == ("DONE", 0, 0, 2)
    assert second.earlier() is not None
    assert (PaymentAnswer.objects.count(), Transfer.objects.filter(kind="BOUNCE").count()) == (2, 1)


def test_permuted_file_gives_the_same(world):
    rows = ["1", "成功", ""], ["2", "退票", "销户"], ["3", "成功", ""]
    one, other = sent(world, 3), sent(world, 3)

    take(world, one, *rows)
    take(world, other, rows[2], rows[1], rows[0])

    assert states(one) == states(other)


def test_answer_in_parts_is_the_answer_as_a_whole(world):
    run = sent(world, 3)

    take(world, run, ["2", "退票", "销户"])
    waiting = [row.seq for row in unanswered(run.payments).order_by("seq")]
    take(world, run, ["3", "成功", ""], ["2", "退票", "销户"], ["1", "成功", ""])

    assert waiting == [1, 3]
    assert states(run) == [
        (1, "POSTED", "", ["PAID"]), (2, "RETURNED", "销户", ["RETURNED"]),
        (3, "POSTED", "", ["PAID"]),
    ]  # fmt: skip


def test_credited_payment_comes_back_days_later(world):
    run = sent(world)
    take(world, run, ["1", "成功", ""])
    world.tick(days=3)

    take(world, run, ["1", "退汇", "账户冻结"])
    take(world, run, ["1", "成功", ""])  # the first file once more

    assert states(run) == [(1, "RETURNED", "账户冻结", ["PAID", "RETURNED"])]
    assert world.fresh(run.payments.get().case).status == Status.CLEARED


def test_answer_with_mistakes_cannot_run(world):
    run = sent(world)
    kept = upload(world, run, ["8", "成功", ""])

    assert (kept.status, kept.problem_count, bool(kept.file)) == ("REFUSED", 1, False)
    with not_allowed("This file cannot be imported; upload a corrected one."):
        tasks.start_result(upload=kept, by=world.accountant, at=world.tick())


def test_answer_goes_to_the_background_when_much_comes_back(world, monkeypatch):
    run = sent(world, 2)
    kept = upload(world, run, ["1", "退票", ""], ["2", "退票", ""])
    assert (tasks.RETURNS_FROM, tasks.BACKGROUND_FROM) == (100, 5000)
    monkeypatch.setattr(tasks, "RETURNS_FROM", 1)

    handed_on = tasks.start_result(upload=kept, by=world.accountant, at=world.tick())

    assert handed_on.status == "RUNNING"  # the worker of the tests took it at once
    tasks.run_result.call(kept.pk)
    assert [status for _seq, status, *_rest in states(run)] == ["RETURNED"] * 2
    assert Transfer.objects.filter(kind="BOUNCE").count() == 2
    assert BankResult.objects.get().status == "DONE"


def cut_off_after(count, monkeypatch):
    """The machine stops after so many returns."""
    real, done = bank_file.bounce, []

    def bounce(**given):
        if len(done) == count:
            raise OSError("no power")
        done.append(given)
        return real(**given)

    monkeypatch.setattr(bank_file, "bounce", bounce)


def test_answer_that_was_interrupted_is_begun_again_by_another(world, monkeypatch):
    run = sent(world, 3)
    kept = upload(world, run, ["1", "成功", ""], ["2", "退票", "销户"], ["3", "退票", "销户"])
    second = appoint(Role.ACCOUNTANT, world.company)
    with monkeypatch.context() as broken, pytest.raises(OSError, match="no power"):
        cut_off_after(1, broken)
        tasks.start_result(upload=kept, by=world.accountant, at=world.tick())
    half = states(run)

    done = tasks.start_result(upload=BankResult.objects.get(), by=second, at=world.tick())

    assert half == [
        (1, "POSTED", "", ["PAID"]), (2, "RETURNED", "销户", ["RETURNED"]), (3, "POSTED", "", []),
    ]  # fmt: skip
    assert states(run)[2] == (3, "RETURNED", "销户", ["RETURNED"])
    assert (done.status, done.done, done.confirmed_by) == ("DONE", 3, second)
    by = dict(PaymentAnswer.objects.order_by("pk").values_list("payment__seq", "by"))
    assert by == {1: world.accountant.pk, 2: world.accountant.pk, 3: second.pk}
    assert Transfer.objects.filter(kind="BOUNCE").count() == 2


def test_answer_that_no_longer_fits_is_refused_and_blocks_nobody(world):
    run, other = sent(world), sent(world)
    kept = upload(world, run, ["1", "成功", ""])
    bounce(world, run.payments.get())

    done = tasks.start_result(upload=kept, by=world.accountant, at=world.tick())

    assert (done.status, done.problem_count, bool(done.file)) == ("REFUSED", 1, False)
    assert [(p[0], p[1]) for p in done.problem_list("en")] == [(2, "处理结果")]
    assert not PaymentAnswer.objects.exists()
    assert take(world, other, ["1", "成功", ""]).status == "DONE"


def test_one_answer_of_a_company_runs_at_a_time(world):
    run, other = sent(world), sent(world)
    first = upload(world, run, ["1", "退票", ""])
    second = upload(world, other, ["1", "成功", ""])
    actions.confirm_result(upload=first, by=world.accountant, at=world.tick())

    with not_allowed("Another file is being imported; wait until it is finished."):
        tasks.start_result(upload=second, by=world.accountant, at=world.tick())


def test_confirming_a_finished_answer_changes_nothing(world):
    run = sent(world)
    done = take(world, run, ["1", "成功", ""])
    finished_at = done.finished_at

    tasks.start_result(upload=done, by=world.accountant, at=world.tick())

    assert BankResult.objects.get().finished_at == finished_at
    assert PaymentAnswer.objects.count() == 1


# An account checked again


def another_account(world, person, number="6222000000000009999", by=None):
    return change_payee(
        person=person, bank="建设银行", branch="道外支行", account_name=person.name,
        account=number, by=by or world.officer, at=world.tick(),
    )  # fmt: skip


@pytest.fixture
def returned(world):
    payment = sent(world).payments.select_related("case__applicant", "run__batch", "line").get()
    bounce(world, payment)
    payment.refresh_from_db()
    return payment


def test_returned_account_is_checked_before_it_is_paid_again(world, returned):
    batch = returned.run.batch
    name = returned.case.applicant.name
    with not_allowed(f"The bank returned the payment to {name}; the account must be checked first"):
        world.prepare(batch)

    row = check(world, returned, by=world.company_officer)

    assert (row.by, row.words, row.account_index) == (
        world.company_officer, "银行称账户正常。", returned.account_index,
    )  # fmt: skip
    assert world.prepare(batch).payments.get().attempt == 2


def test_account_is_checked_once(world, returned):
    first, second = check(world, returned), check(world, returned, by=world.company_officer)

    assert (first, second.by) == (second, world.accountant)


@pytest.mark.parametrize("who", ["cashier", "officer", "company_chair", "auditor", "admin"])
def test_account_is_checked_by_accountant_or_officer_alone(world, returned, who):
    with not_allowed("Only the accountant or the company union officer checks an account again."):
        check(world, returned, by=getattr(world, who))


def test_account_is_not_checked_by_the_cashier_of_the_payment(world, returned):
    appointment = world.cashier.appointments.get()
    appointment.pk, appointment.role = None, Role.ACCOUNTANT
    appointment.save(force_insert=True)

    with not_allowed("Somebody other than the cashier of the payment checks the account."):
        check(world, returned, by=world.cashier)


def test_account_is_checked_after_a_return_alone(world):
    with not_allowed("Only after the bank returned a payment is its account checked again."):
        check(world, posted(world).payments.get())


def test_account_that_is_not_the_one_seen_is_not_checked(world, returned):
    another_account(world, returned.case.applicant)

    with not_allowed("The account has been changed since; look at the new one first."):
        check(world, returned, seen=returned.account_index)


def test_changed_account_is_confirmed_by_somebody_else(world, returned):
    another_account(world, returned.case.applicant, by=world.company_officer)
    fresh = Payment.objects.select_related("case__applicant").get()

    with not_allowed("Somebody other than who changed the account confirms it."):
        check(world, fresh, by=world.company_officer)


def test_confirmed_new_account_needs_no_check(world, returned):
    person = another_account(world, returned.case.applicant)
    with not_allowed("somebody must confirm it first"):
        world.prepare(returned.run.batch)
    actions.confirm_payee(person=person, by=world.accountant, at=world.tick())

    run = world.prepare(returned.run.batch)

    assert run.payments.get().account == "6222000000000009999"


def test_account_that_came_back_needs_a_check_though_confirmed_before(world):
    case = world.case_in(Status.CLEARED)
    person = another_account(world, case.applicant)
    actions.confirm_payee(person=person, by=world.accountant, at=world.tick())
    run = world.post(world.prepare(case.batch_lines.get(current=True).batch))
    bounce(world, run.payments.get())

    with not_allowed("the account must be checked first"):
        world.prepare(run.batch)


def test_cash_after_a_return_needs_no_check(world, returned):
    papers.approved(world, returned.line)

    with not_allowed("The money is handed over in cash; there is no account to check."):
        check(world, returned)
    assert world.prepare(returned.run.batch).payments.get().in_cash


def test_account_of_a_proxy_may_be_checked_by_who_changed_the_employees_own(world, returned):
    """The account that was changed is not the one the money goes to."""
    another_account(world, returned.case.applicant, by=world.company_officer)
    hand_over = papers.approved(world, returned.line, "PROXY_ACCOUNT")
    papers.put_id_copy(world, hand_over)
    run = world.post(world.prepare(returned.run.batch))
    payment = run.payments.get()
    bounce(world, payment)
    with not_allowed("the account must be checked first"):
        world.prepare(run.batch)

    check(world, payment, by=world.company_officer)

    assert world.prepare(run.batch).payments.get().account == papers.ACCOUNT["account"]


def test_what_is_unchecked_takes_three_queries_for_any_number_of_lines(
    world, django_assert_num_queries
):
    run = sent(world, 3)
    take(world, run, *[[str(n), "退票", "销户"] for n in (1, 2, 3)])
    lines = list(actions.ready_lines(run.batch))

    with django_assert_num_queries(3):  # what came back, what was checked, what was confirmed
        found = actions.unchecked(lines)

    assert [line.returned.seq for line in found] == [1, 2, 3]
    assert [line.fresh for line in found] == [False] * 3


# Races: real threads, PostgreSQL


@pytest.mark.postgres
def test_making_at_once_makes_one_file(busy_world):  # noqa: F811
    world = busy_world
    run = posted(world)
    given = {"name": "x", "layout": layout(), "by": world.cashier, "at": world.tick()}

    outcomes = at_once(*[lambda: actions.make_bank_file(run=run, **given)] * 4)

    assert outcomes == ["done"] * 4
    assert BankFile.objects.count() == 1


@pytest.mark.postgres
def test_sending_at_once_sends_once(busy_world):  # noqa: F811
    world = busy_world
    run = posted(world)
    older, newer = make(world, run), make(world, run, "NUMBERS")
    at = world.tick()

    outcomes = at_once(
        *(
            lambda f=file: actions.send_bank_file(file=f, by=world.cashier, at=at)
            for file in (older, newer, newer)
        )
    )

    assert outcomes == ["done", "done", "refused"]
    assert BankFileSent.objects.get().file == newer


@pytest.mark.postgres
def test_sending_and_a_return_at_once_never_leave_a_returned_payment_in_an_unsent_file(
    busy_world,  # noqa: F811
):
    world = busy_world
    run = posted(world)
    at = world.tick()
    payment = run.payments.select_related("run__batch__budget__fund", "case", "line").get()

    outcomes = at_once(
        lambda: actions.make_bank_file(
            run=run, name="x", layout=layout(), by=world.cashier, at=at
        ),
        lambda: actions.bounce(payment=payment, by=world.accountant, at=at, reason="退"),
    )  # fmt: skip

    assert outcomes == ["done", "refused"]
    assert (run.files.count(), run.payments.get().status) in {(1, "POSTED"), (0, "RETURNED")}


@pytest.mark.postgres
def test_answer_taken_at_once_is_taken_once(busy_world):  # noqa: F811
    world = busy_world
    run = sent(world, 2)
    kept = upload(world, run, ["1", "成功", ""], ["2", "退票", "销户"])
    at = world.tick()

    outcomes = at_once(*[lambda: tasks.start_result(upload=kept, by=world.accountant, at=at)] * 3)

    assert outcomes == ["done"] * 3
    assert states(run) == [
        (1, "POSTED", "", ["PAID"]), (2, "RETURNED", "销户", ["RETURNED"]),
    ]  # fmt: skip
    assert BankResult.objects.get().status == "DONE"
