"""The database itself keeps the way to the bank: each constraint and refusal by name."""

import pytest
from django.db import IntegrityError, transaction

from base.append_only import AppendOnlyError
from funds import actions
from funds.models import (
    BankFile,
    BankFileSent,
    BankFormat,
    BankResult,
    PayeeCheck,
    Payment,
    PaymentAnswer,
    unanswered,
    with_statement,
)
from people.actions import change_payee
from tests.audits.test_verify import force
from tests.cases.refused import attempt, refused_by
from tests.factories import NOON, UnitFactory
from tests.funds import bank, bank_files, papers
from tests.funds.bank_files import bounce, layout, make, posted, prepared, send, sent
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def change(row, **columns):
    with transaction.atomic():
        return type(row).objects.filter(pk=row.pk).update(**columns)


# Formats


def test_bank_format_name_once(world):
    columns = {"company": world.company, "name": "工行代发", "layout": layout(),
               "changed_at": NOON, "changed_by": world.accountant}  # fmt: skip
    BankFormat.objects.create(**columns)

    with refused_by("bank_format_name_once", "funds_bankformat.company_id"):
        attempt(BankFormat.objects.create, **columns)
    elsewhere = columns | {"company": UnitFactory(company=True)}
    assert attempt(BankFormat.objects.create, **elsewhere).pk


# Files


def file_of(world, run, **changed):
    """A file sent past the action."""
    columns = {
        "run": run, "no": 1, "format_name": "x", "layout": "{}", "file_name": "x.xlsx",
        "lines_count": run.payments_count, "total_fen": run.total_fen, "sha256": "a" * 64,
        "size": 1, "made_at": NOON, "made_by": world.cashier,
    }  # fmt: skip
    return attempt(BankFile.objects.create, **columns | changed)


def test_bank_file_no_once(world):
    run = posted(world)
    file_of(world, run)

    with refused_by("bank_file_no_once", "funds_bankfile.run_id"):
        file_of(world, run)
    assert file_of(world, run, no=2).pk


def test_bank_file_not_empty(world):
    """Money in cash alone: what adds up to nothing is no file."""
    run = papers.paid(world).run

    with refused("bank_file_not_empty"):
        file_of(world, run, lines_count=0, total_fen=0)


def test_bank_file_is_of_a_posted_payment(world):
    with refused("a bank file is made of a payment that a second person posted"):
        file_of(world, prepared(world))


@pytest.mark.parametrize("columns", [{"lines_count": 2}, {"total_fen": 5500_01}])
def test_bank_file_tells_what_its_payments_add_up_to(world, columns):
    run = posted(world)

    with refused("a bank file tells what its payments add up to"):
        file_of(world, run, **columns)


def test_no_other_bank_file_after_one_was_sent(world):
    run = sent(world)

    with refused("no other bank file of a payment that was sent"):
        file_of(world, run, no=2)


def test_no_bank_file_after_a_return(world):
    run = posted(world)
    bounce(world, run.payments.get())

    with refused("no bank file of a payment of which something came back"):
        file_of(world, run)


def test_bank_file_and_its_sending_are_sealed(world):
    run = sent(world)

    for row in (run.files.get(), run.sent):
        with pytest.raises(AppendOnlyError):
            row.save()
        with pytest.raises(AppendOnlyError):
            row.delete()


# Sent


def test_file_is_sent_once(world):
    run = posted(world)
    file = make(world, run)
    columns = {"file": file, "run": run, "at": NOON, "by": world.cashier}
    BankFileSent.objects.create(**columns)

    with refused_by("funds_bankfilesent", "funds_bankfilesent.run_id|funds_bankfilesent.file_id"):
        attempt(BankFileSent.objects.create, **columns)


def test_sent_file_is_one_of_its_payment(world):
    file, other = make(world, posted(world)), posted(world)

    with refused("a sent file is one of its payment"):
        attempt(BankFileSent.objects.create, file=file, run=other, at=NOON, by=world.cashier)


# Answers


def result_of(world, run, **changed):
    columns = {
        "company": world.company, "run": run, "file_name": "x.csv", "sha256": "b" * 64, "rows": 1,
        "status": "CHECKED", "uploaded_at": NOON, "uploaded_by": world.accountant,
    }  # fmt: skip
    return attempt(BankResult.objects.create, **columns | changed)


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        ({"status": "SENT"}, "bank_result_status_known"),
        ({"status": "CHECKED", "finished_at": NOON}, "bank_result_done_has_moment"),
        ({"confirmed_at": NOON}, "bank_result_confirmation_complete"),
        ({"status": "RUNNING"}, "bank_result_runs_when_confirmed"),
        ({"done": 2}, "bank_result_done_within_rows"),
    ],
)
def test_bank_result_constraints(world, columns, name):
    run = sent(world)

    with refused(name):
        result_of(world, run, **columns)


def test_bank_result_one_running(world):
    run = sent(world)
    running = {"status": "RUNNING", "confirmed_at": NOON, "confirmed_by": world.accountant}
    result_of(world, run, **running)

    with refused_by("bank_result_one_running", "funds_bankresult.company_id"):
        result_of(world, run, **running)


def answer_of(world, payment, result, answer="PAID"):
    return attempt(
        PaymentAnswer.objects.create, payment=payment, answer=answer, result=result, at=NOON,
        by=world.accountant,
    )  # fmt: skip


def test_payment_answer_known(world):
    run = sent(world)
    payment = run.payments.get()
    bounce(world, payment)  # any other word passes for a return

    with refused("payment_answer_known"):
        answer_of(world, payment, result_of(world, run), "LATER")


def test_payment_answer_once(world):
    run = sent(world)
    result = result_of(world, run)
    answer_of(world, run.payments.get(), result)

    with refused_by("payment_answer_once", "funds_paymentanswer.payment_id"):
        answer_of(world, run.payments.get(), result)


def test_bank_answers_what_was_sent_to_it(world):
    run, unsent = sent(world), posted(world)
    result = result_of(world, run)

    for payment, upload, answer in (
        (unsent.payments.get(), result_of(world, unsent), "PAID"),
        (unsent.payments.get(), result, "PAID"),
        (run.payments.get(), result, "RETURNED"),
    ):
        with refused("the bank answers what was sent to it"):
            answer_of(world, payment, upload, answer)
    bounce(world, run.payments.get())
    with refused("the bank answers what was sent to it"):
        answer_of(world, run.payments.get(), result, "PAID")
    assert answer_of(world, run.payments.get(), result, "RETURNED").pk


# Returns


def test_payment_comes_back_after_its_file_was_sent(world):
    run = posted(world)
    make(world, run)
    payment = run.payments.get()
    back = {"status": "RETURNED", "returned_at": NOON, "returned_by": world.accountant}

    with refused("a payment comes back after the file it stands in was sent"):
        change(payment, **back)
    send(world, run.files.get())
    assert change(payment, **back) == 1


def test_cash_that_nobody_fetched_comes_back_whatever_was_sent(world):
    """What is handed over in cash stands in no file."""
    run = posted(world, 2)
    make(world, run)
    payment = run.payments.first()
    other = papers.paid(world).hand_over_id
    force(Payment, "UPDATE {table} SET way = 'CASH', hand_over_id = %s WHERE id = %s", other,
          payment.pk)  # fmt: skip

    back = {"status": "RETURNED", "returned_at": NOON, "returned_by": world.accountant}
    assert change(payment, **back) == 1


# An account checked again


def check_of(world, payment, **changed):
    columns = {
        "payment": payment, "account_index": payment.account_index, "words": "x", "at": NOON,
        "by": world.accountant,
    }  # fmt: skip
    return attempt(PayeeCheck.objects.create, **columns | changed)


@pytest.fixture
def returned(world):
    payment = posted(world).payments.get()
    bounce(world, payment)
    return payment


def test_payee_check_once(world, returned):
    check_of(world, returned)

    with refused_by("payee_check_once", "funds_payeecheck.payment_id"):
        check_of(world, returned)
    assert check_of(world, returned, account_index="c" * 64).pk


def test_account_is_checked_after_a_return(world):
    with refused("an account is checked again after a return"):
        check_of(world, posted(world).payments.get())


def test_account_is_not_checked_by_the_cashier(world, returned):
    with refused("an account is checked by neither the cashier nor who changed it"):
        check_of(world, returned, by=world.cashier)


def test_account_is_not_checked_by_who_changed_it(world, returned):
    person = another_account(world, returned.case.applicant)

    with refused("an account is checked by neither the cashier nor who changed it"):
        check_of(world, returned, account_index=person.account_index, by=world.officer)
    assert check_of(world, returned, by=world.officer).pk  # the one that came back is not theirs


def another_account(world, person, number="6222000000000009999", by=None):
    return change_payee(
        person=person, bank="建设银行", branch="道外支行", account_name=person.name,
        account=number, by=by or world.officer, at=world.tick(),
    )  # fmt: skip


def test_what_was_checked_stays_but_for_its_words(world, returned):
    row = check_of(world, returned)

    for columns in (
        {"account_index": "c" * 64}, {"at": world.tick()}, {"by": world.company_officer},
        {"payment": posted(world).payments.get()},
    ):  # fmt: skip
        with refused("what was checked stays"):
            change(row, **columns)
    assert change(row, words="") == 1


def test_check_of_an_account_is_never_deleted(world, returned):
    row = check_of(world, returned)

    with refused("a check of an account is never deleted"), transaction.atomic():
        row.delete()


# Paid again


def again(payment, **changed):
    """The same payment once more, sent past the actions."""
    fields = (f for f in payment._meta.concrete_fields if not f.primary_key)
    values = {field.name: getattr(payment, field.name) for field in fields}
    new = {"status": "PREPARED", "attempt": payment.attempt + 1, "returned_at": None,
           "returned_by": None, "return_reason": "",
           "hold": payment.line.holds.latest("pk")}  # fmt: skip
    return attempt(Payment.objects.create, **values | new | changed)


AGAIN = "a returned payment is paid again after its account was checked"


def test_returned_payment_is_paid_again_after_the_check(world, returned):
    with refused(AGAIN):
        again(returned)
    check_of(world, returned, account_index="c" * 64)
    with refused(AGAIN):
        again(returned)  # another account was checked
    check_of(world, returned)

    assert again(returned).pk


def test_another_account_is_paid_after_a_second_person_confirmed_it(world, returned):
    person = another_account(world, returned.case.applicant)
    account = {"account": person.account, "account_index": person.account_index}

    with refused(AGAIN):
        again(returned, **account)
    actions.confirm_payee(person=person, by=world.accountant, at=world.tick())

    assert again(returned, **account).pk


def test_confirmation_is_no_check_of_an_account_that_came_back(world, returned):
    person = returned.case.applicant
    actions.confirm_payee(person=person, by=world.accountant, at=world.tick())

    with refused(AGAIN):
        again(returned)


def test_each_return_asks_for_a_check_of_its_own(world, returned):
    check_of(world, returned)
    run = world.post(world.prepare(returned.run.batch))
    bounce(world, run.payments.get())

    with refused(AGAIN):
        again(run.payments.get())


def test_approved_proxy_is_paid_without_a_check_and_checked_when_it_came_back(world, returned):
    hand_over = papers.approved(world, returned.line, "PROXY_ACCOUNT")
    papers.put_id_copy(world, hand_over)
    run = world.post(world.prepare(returned.run.batch))
    payment = run.payments.get()
    bounce(world, payment)

    with refused(AGAIN):
        again(payment)
    check_of(world, payment)
    assert again(payment).pk


def test_payment_given_up_asks_for_no_check(world):
    run = prepared(world)
    actions.give_up(run=run, by=world.cashier, at=world.tick())

    assert again(run.payments.get()).pk


# Questions


def test_files_formats_and_answers_are_seen_in_their_company_alone(world):
    run = sent(world)
    actions.save_bank_format(
        company=world.company, name="x", layout=layout(), by=world.accountant, at=world.tick()
    )
    bank_files.upload(world, run, ["1", "成功", ""])
    people = ("cashier", "accountant", "auditor", "company_officer", "secretary", "officer")

    seen = {
        who: tuple(
            model.objects.visible_to(getattr(world, who).actor(world.today)).exists()
            for model in (BankFile, BankFormat, BankResult)
        )
        for who in people
    }

    assert seen == {
        "cashier": (True, True, False), "accountant": (True, True, True),
        "auditor": (True, True, False), "company_officer": (True, False, False),
        "secretary": (False, False, False), "officer": (False, False, False),
    }  # fmt: skip
    stranger = World().accountant.actor(world.today)
    for model in (BankFile, BankFormat, BankResult):
        assert not model.objects.visible_to(stranger).exists()


def test_unanswered_are_those_sent_of_which_the_bank_said_nothing(world):
    run = sent(world, 3)
    first, second, third = run.payments.order_by("seq")
    bank_files.take(world, run, ["1", "成功", ""])
    bounce(world, second)

    assert list(unanswered(run.payments)) == [third]
    assert first.answers.get().answer == "PAID"


def test_what_is_handed_over_in_cash_waits_for_no_answer(world):
    run = papers.paid(world).run

    assert list(unanswered(run.payments)) == []


def test_statement_tells_when_a_payment_left_the_account(world):
    run = sent(world, 2)
    account = bank.register(world.company, world.accountant, [world.fund], world.now)
    grant = run.batch.budget.fund.transfers.get(kind="RECEIVE")
    first, second = run.payments.select_related("case").order_by("seq")
    rows = [
        bank.row(grant.value_on, grant.amount_fen, text="拨款"),
        bank.row(world.today, -first.amount_fen, first.account_name, first.account),
    ]
    days = (grant.value_on.replace(day=1), world.today)
    bank.take(account, rows, by=world.cashier, at=world.tick(), days=days)

    left = dict(with_statement(run.payments).values_list("pk", "left_on"))

    assert left == {first.pk: world.today, second.pk: None}


def test_sums_leave_out_what_an_advance_has_paid_in_full(world):
    run = posted(world, 2)
    paid, lessened = run.payments.order_by("seq")
    change(paid, advance_fen=paid.amount_fen)
    change(lessened, advance_fen=1000_00)

    both, one = run.payments.sums(), run.payments.filter(pk=paid.pk).sums()
    assert (both["count"], both["fen"], both["off_fen"]) == (1, 4500_00, 5500_00 + 1000_00)
    assert (one["count"], one["fen"], one["off_fen"]) == (0, 0, 5500_00)
