"""The answer of the bank, read row by row: whose payment, what became of it, each mistake named."""

import pytest
from django.db import transaction
from django.utils import translation

from base import xlsx
from funds import actions
from funds.models import Payment
from tests.funds import bank_files
from tests.funds.bank_files import answer, bounce, read, sheet
from tests.world import World

pytestmark = pytest.mark.django_db
BY_ACCOUNT = ("收款账号", "金额（元）", "处理结果")


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def place(django_db_setup, django_db_blocker):
    """A world with three payments that were sent; each test gives back what it changes."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        world.run = bank_files.sent(world, 3)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def run(place):
    return place.run


@pytest.fixture
def payments(run):
    return list(run.payments.select_related("case", "run__batch__budget__fund").order_by("seq"))


def said(reading):
    """[(seq, answer)] of what was said."""
    seqs = dict(Payment.objects.values_list("pk", "seq"))
    return [(seqs[row.payment_pk], str(row.answer)) for row in reading.said]


def mistakes(reading):
    """[(row, column, sentence)] of what is wrong."""
    return [(p.row, p.column, str(p.message)) for p in reading.problems]


# Whose payment


def test_rows_are_found_by_their_number_in_any_order(run):
    reading = read(run, answer(["3", "成功", ""], ["0001", "退票", "户名不符"], ["２", "成功", ""]))

    assert said(reading) == [(3, "PAID"), (1, "RETURNED"), (2, "PAID")]
    assert (reading.count, reading.problems) == (3, [])
    assert [row.reason for row in reading.said] == ["成功", "户名不符", "成功"]
    assert (reading.counted("PAID"), reading.counted("RETURNED")) == (2, 1)


def test_rows_are_found_by_the_account(run, payments):
    account = payments[1].account

    reading = read(run, answer([f"{account[:4]} {account[4:]}", "5,500.00", "成功"],
                               headings=BY_ACCOUNT))  # fmt: skip

    assert said(reading) == [(2, "PAID")]


def test_rows_are_found_by_the_number_of_the_case(place):
    run = bank_files.posted(place)
    bank_files.send(place, bank_files.make(place, run, "TITLED"))
    case = run.payments.get().case
    file = answer(
        [case.number, "550000", "成功"], headings=("企业流水号", "金额（分）", "处理状态")
    )

    assert said(read(run, file)) == [(1, "PAID")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_of_banks(run, encoding):
    assert said(read(run, answer(["1", "成功", ""], encoding=encoding))) == [(1, "PAID")]


def test_workbook_is_read_with_words_above_and_totals_below(run):
    file = sheet(
        ["1", "成功", ""], ["2", "退汇", "销户"], ["合计", "", ""], ["", "制表：示例银行", ""],
        before=[["批量代发结果"]],
    )  # fmt: skip

    reading = read(run, file)

    assert said(reading) == [(1, "PAID"), (2, "RETURNED")]
    assert (reading.count, reading.problems) == (2, [])


def test_long_words_of_the_bank_are_cut(run):
    reading = read(run, answer(["1", "失败", "户" * 101], ["2", "失败", "户" * 100]))

    assert [row.reason for row in reading.said] == ["户" * 99 + "…", "户" * 100]


def test_what_was_said_before_is_known(place, run):
    bank_files.take(place, run, ["1", "成功", ""], ["2", "失败", "销户"])

    reading = read(run, answer(["1", "成功", ""], ["2", "失败", "销户"], ["3", "成功", ""]))

    assert [row.known for row in reading.said] == [True, True, False]
    assert (len(reading.new), reading.counted("PAID"), reading.counted("RETURNED")) == (1, 1, 0)


def test_return_recorded_by_hand_is_known(place, run, payments):
    bounce(place, payments[0])

    reading = read(run, answer(["1", "退票", "户名不符"]))

    assert [row.known for row in reading.said] == [True]


def test_credited_payment_may_come_back_later(place, run):
    bank_files.take(place, run, ["1", "成功", ""])

    reading = read(run, answer(["1", "退票", "户名不符"]))

    assert [(row.answer, row.known) for row in reading.said] == [("RETURNED", False)]


# Each mistake by row and column


@pytest.mark.parametrize(
    ("rows", "row", "column", "sentence"),
    [
        (
            [["1", "成功", ""], ["9", "成功", ""]], 3, "序号",
            "No payment of this file has it; look whether the answer is of another one.",
        ),
        (
            [["1a", "成功", ""]], 2, "序号",
            "No payment of this file has it; look whether the answer is of another one.",
        ),
        (
            [["1", "成功", ""], ["2", "成功", ""], ["1", "失败", "销户"]], 4, "序号",
            "This payment stands in row 2 already; keep one of the two.",
        ),
        (
            [["1", "处理中", ""]], 2, "处理结果",
            "“处理中” is neither a word for success nor for failure; add it to the format, or leave"
            " the row out until the bank has decided.",
        ),
        ([["1", "", ""]], 2, "处理结果", "This cell is empty; fill it in."),
        (
            [["1", "=1+1", ""]], 2, "处理结果",
            "This cell holds a formula; paste it as a value.",
        ),
    ],
)  # fmt: skip
def test_mistake_is_named_by_row_and_column(run, rows, row, column, sentence):
    assert mistakes(read(run, answer(*rows))) == [(row, column, sentence)]


def test_every_mistake_is_named_at_once_in_the_order_of_the_rows(run):
    reading = read(
        run, answer(["7", "成功", ""], ["1", "", ""], ["2", "挂起", ""], ["3", "成功", ""])
    )

    assert [(row, column) for row, column, _words in mistakes(reading)] == [
        (2, "序号"), (3, "处理结果"), (4, "处理结果"),
    ]  # fmt: skip
    assert said(reading) == [(3, "PAID")]


def test_another_amount_than_the_bank_was_told_is_named(run, payments):
    file = answer([payments[0].account, "5500.01", "成功"], headings=BY_ACCOUNT)

    assert mistakes(read(run, file)) == [
        (
            2, "金额（元）",
            "The bank was told 5,500.00 yuan, here it says 5,500.01; ask the bank what it paid.",
        ),
    ]  # fmt: skip


def test_amount_that_is_none_is_named(run, payments):
    file = answer([payments[0].account, "x", "成功"], headings=BY_ACCOUNT)

    assert mistakes(read(run, file)) == [
        (2, "金额（元）", "Enter an amount in yuan, such as 2000, 2,000.00 or 2万."),
    ]  # fmt: skip


def test_keys_that_name_two_payments_are_named(run, payments):
    file = answer(["1", payments[1].account, "成功"], headings=("序号", "收款账号", "处理结果"))

    assert mistakes(read(run, file)) == [
        (2, "收款账号", "This belongs to another payment than the rest of the row; ask the bank."),
    ]  # fmt: skip


def test_two_payments_to_one_account_need_their_number(run, payments):
    first, second = payments[0], payments[1]
    Payment.objects.filter(pk=second.pk).update(account_index=first.account_index)
    by_account = answer([first.account, "5500", "成功"], headings=BY_ACCOUNT)
    by_both = answer(["2", first.account, "成功"], headings=("序号", "收款账号", "处理结果"))

    assert mistakes(read(run, by_account)) == [
        (2, "收款账号", "Several payments go to this account; the row needs their number, too."),
    ]  # fmt: skip
    assert said(read(run, by_both)) == [(2, "PAID")]


def test_account_that_excel_made_a_number_is_named_and_not_passed_over(run, payments):
    """The account may be all that says which payment a row is about."""
    file = sheet([int(payments[0].account), 5500, "成功"], [payments[1].account, 5500, "成功"],
                 headings=BY_ACCOUNT)  # fmt: skip

    reading = read(run, file)

    ((row, column, words),) = mistakes(reading)
    assert (row, column) == (2, "收款账号")
    assert words.startswith("This cell is a number, and Excel may have changed its digits.")
    assert said(reading) == [(2, "PAID")]


def test_success_of_a_payment_recorded_as_returned_is_named(place, run, payments):
    bounce(place, payments[0])

    assert mistakes(read(run, answer(["1", "成功", ""]))) == [
        (2, "处理结果", "This payment is recorded as returned; ask the bank which is true."),
    ]  # fmt: skip


def test_return_of_what_is_being_recovered_is_named(place, run, payments):
    actions.open_recovery(
        case=payments[0].case, fund=place.fund, reason="FALSE_FACTS", words="隐瞒收入。",
        amount_fen=1000_00, by=place.company_officer, at=place.tick(),
    )  # fmt: skip

    assert mistakes(read(run, answer(["1", "退票", ""], ["2", "退票", ""]))) == [
        (2, "处理结果", "The money of this case is being recovered; it comes back there."),
    ]  # fmt: skip


# A file that cannot be used


@pytest.mark.parametrize(
    ("headings", "rows", "sentence"),
    [
        (
            ("户名", "处理结果"), [["王", "成功"]],
            "No column says which payment a row is about: number in the payment, account number.",
        ),
        (("序号", "户名"), [["1", "王"]], "These columns are missing: result."),
        (("序号", "处理结果"), [["", "成功"]], "No row of this file names a payment."),
        (
            ("序号", "处理结果", "状态"), [["1", "成功", "成功"]],
            "The column 状态 stands twice; delete one.",
        ),
    ],
)  # fmt: skip
def test_file_that_says_nothing_of_payments_is_refused(run, headings, rows, sentence):
    with pytest.raises(xlsx.SheetError) as caught:
        read(run, answer(*rows, headings=headings))

    assert str(caught.value.args[0]).startswith(sentence)


def test_reading_takes_three_queries_for_any_number_of_rows(run, django_assert_num_queries):
    layout = actions.layout_sent(run)
    file = answer(*[[str(n), "成功", ""] for n in (1, 2, 3)])

    with django_assert_num_queries(3):  # payments, what was said, what is recovered
        reading = bank_files.bank_results.read(file=file, run=run, layout=layout)

    assert len(reading.said) == 3
