"""Statements as banks write them: every layout and spelling, every mistake by row and column."""

from datetime import date, datetime

import pytest
from django.utils import translation

from base import xlsx
from base.crypto import blind_index
from funds import csvfile, layouts
from funds.models import BankAccount
from funds.statements import parse_day
from tests.funds.bank import HEADINGS, cells, csv_file, read, row, xlsx_file

DAY = date(2026, 3, 10)
ACCOUNT = "6222000000000000017"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def account(layout="GENERAL", index=""):
    return BankAccount(name="专户", layout=layout, account_index=index)


def judged(lines, headings=HEADINGS, closing_fen=0, layout="GENERAL", index="", **more):
    return read(account(layout, index), csv_file(lines, headings), closing_fen=closing_fen, **more)


def said(reading):
    return [str(problem) for problem in reading.problems]


TWO = [
    row(DAY, 500_00, "集团", ACCOUNT, "拨款", "R1"),
    row(DAY, -120_50, "王建国", "", "帮扶金", ""),
]


# What is understood


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_is_read_in_every_encoding_of_banks(encoding):
    reading = read(account(), csv_file(cells(TWO), encoding=encoding), closing_fen=379_50)

    assert reading.problems == []
    first, second = reading.lines
    assert (first.booked_on, first.amount_fen, first.balance_fen) == (DAY, 500_00, 500_00)
    assert (first.name, first.account, first.text, first.reference) == (
        "集团", ACCOUNT, "拨款", "R1",
    )  # fmt: skip
    assert (second.amount_fen, second.balance_fen, second.name) == (-120_50, 379_50, "王建国")
    assert (reading.in_fen, reading.out_fen) == (500_00, 120_50)


def test_workbook_is_read_below_the_words_of_the_bank():
    file = xlsx_file(cells(TWO), before=[["示例银行对账单"], ["账号", ACCOUNT]])

    assert [line.row for line in read(account(), file, closing_fen=379_50).lines] == [4, 5]


def test_file_with_the_newest_line_first_is_turned_round():
    reading = judged(cells(TWO)[::-1], closing_fen=379_50)

    assert reading.problems == []
    assert [line.amount_fen for line in reading.lines] == [500_00, -120_50]


def test_newest_line_first_is_turned_round_by_its_days_where_the_balances_fit_both_ways():
    """A payment, its return, and another payment of as much: the balances read the same."""
    lines = [row(date(2026, 3, 4), -50_00), row(date(2026, 3, 4), 50_00),
             row(date(2026, 3, 20), -50_00)]  # fmt: skip

    reading = judged(cells(lines, 80_00)[::-1], opening_fen=80_00, closing_fen=30_00)

    assert reading.problems == []
    assert [line.booked_on.day for line in reading.lines] == [4, 4, 20]


def test_statement_without_balances_is_added_up():
    bare = [line[:3] + line[4:] for line in cells(TWO)]
    headings = HEADINGS[:3] + HEADINGS[4:]

    reading = judged(bare, headings, closing_fen=379_50)

    assert [line.balance_fen for line in reading.lines] == [500_00, 379_50]


@pytest.mark.parametrize(
    ("way", "amount", "fen"),
    [("借", "5.00", -5_00), ("贷", "5.00", 5_00), ("支出", "5", -5_00), ("C", "5", 5_00),
     ("借", "-5.00", -5_00)],
)  # fmt: skip
def test_amount_with_a_mark_of_its_direction(way, amount, fen):
    reading = judged([["20260310", way, amount]], ("交易日期", "借贷标志", "发生额"), fen)

    assert [line.amount_fen for line in reading.lines] == [fen]


def test_one_signed_amount():
    reading = judged([["2026-03-10", "-5.00"]], ("日期", "金额"), -5_00)

    assert [line.amount_fen for line in reading.lines] == [-5_00]


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda layout: layout.code)
def test_every_layout_reads_its_own_headings(layout):
    names = {column.key: column.aliases[0] for column in layouts.columns(layout.code)}
    headings = [names["on"], names["out"], names["in"], names["balance"], names["name"]]

    reading = judged([["2026/3/10", "", "5.00", "5.00", "集团"]], headings, 5_00, layout.code)

    assert [(line.booked_on, line.amount_fen) for line in reading.lines] == [(DAY, 5_00)]


def test_every_column_of_every_layout_has_names_of_its_own():
    for layout in layouts.LAYOUTS:
        names = [name for column in layouts.columns(layout.code) for name in column.names()]
        assert len(names) == len(set(names)), layout.code


@pytest.mark.parametrize(
    "text",
    ["2026-03-10", "2026/3/10", "2026.03.10", "20260310", "2026年3月10日", "2026-03-10 10:11:12",
     "20260310101112", "２０２６－０３－１０", "2026-03-10T10:11"],
)  # fmt: skip
def test_day_is_read_in_every_spelling(text):
    assert parse_day(text) == DAY


@pytest.mark.parametrize("text", ["10.3.2026", "2026-02-30", "yesterday", "202603"])
def test_day_that_is_none_is_not_guessed(text):
    assert parse_day(text) is None


def test_day_of_a_workbook_may_be_a_moment():
    lines = [[datetime(2026, 3, 10, 9, 30), None, 5, 5, "集团", "", "", ""]]  # noqa: DTZ001

    assert [x.booked_on for x in read(account(), xlsx_file(lines), closing_fen=5_00).lines] == [DAY]


def test_rows_of_words_below_the_table_are_left_out():
    reading = judged([*cells(TWO), ["", "", "", "", "", "", "打印完毕", ""]], closing_fen=379_50)

    assert (reading.problems, len(reading.lines)) == ([], 2)


def test_empty_statement_keeps_its_balance():
    reading = judged([], opening_fen=5_00, closing_fen=5_00)

    assert (reading.problems, reading.lines) == ([], [])


def test_account_kept_as_text_by_the_bank_is_read():
    lines = [["2026-03-10", "", "5.00", "5.00", "集团", f'="{ACCOUNT}"', "", ""]]

    assert judged(lines, closing_fen=5_00).lines[0].account == ACCOUNT


# What is wrong


def line(**changes):
    """One good line with some cells changed, by heading."""
    good = dict(zip(HEADINGS, cells([TWO[0]])[0], strict=True)) | changes
    return [good[heading] for heading in HEADINGS]


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"交易日期": "2026-13-01"}, "交易日期", "Enter a date"),
        ({"交易日期": ""}, "交易日期", "delete a row of totals"),
        ({"交易日期": "2026-04-01"}, "交易日期", "outside the statement"),
        ({"贷方发生额": "five"}, "贷方发生额", "Enter an amount"),
        ({"贷方发生额": "1.234"}, "贷方发生额", "no more than two decimals"),
        ({"贷方发生额": "=1+1"}, "贷方发生额", "holds a formula"),
        ({"贷方发生额": ""}, "贷方发生额", "moves nothing"),
        ({"借方发生额": "1.00"}, "贷方发生额", "in or out, not both"),
        ({"余额": ""}, "余额", "is empty"),
        ({"余额": "499.99"}, "余额", "should be 500.00 yuan"),
        ({"对方账号": "6.222E+18"}, "对方账号", "is a number"),
        ({"对方账号": "=A1"}, "对方账号", "holds a formula"),
        ({"对方户名": "王" * 101}, "对方户名", "At most 100"),
        ({"流水号": "1" * 61}, "流水号", "At most 60"),
    ],
)
def test_mistake_is_named_by_row_and_column(changes, column, words):
    reading = judged([line(**changes)], closing_fen=500_00)

    assert [problem.column for problem in reading.problems] == [column], said(reading)
    assert reading.problems[0].row == 2
    assert words in said(reading)[0]


def test_account_typed_as_a_number_in_a_workbook_is_refused_with_the_remedy():
    lines = [["2026-03-10", None, 5, 5, "集团", 6222000000000000017, "", ""]]

    (problem,) = read(account(), xlsx_file(lines), closing_fen=5_00).problems

    assert problem.column == "对方账号"
    assert "Format the column as text" in str(problem)


def test_every_mistake_is_named_at_once():
    reading = judged([line(交易日期="x"), line(余额=""), line(对方账号="1E+9")])

    assert [problem.row for problem in reading.problems] == [2, 3, 4]


def test_lines_that_do_not_lead_to_the_closing_balance_are_refused():
    (words,) = said(judged([line()], closing_fen=501_00))

    assert "lead from 0.00 to 500.00 yuan, not to the 501.00 given" in words


def test_empty_statement_with_another_closing_balance_is_refused():
    assert len(judged([], closing_fen=1).problems) == 1


def test_direction_that_is_none_is_refused():
    reading = judged([["20260310", "?", "5"]], ("交易日期", "借贷标志", "发生额"))

    assert "贷" in said(reading)[0]


def test_line_of_another_account_is_refused():
    headings = ("日期", "金额", "本方账号")
    own = blind_index(ACCOUNT, "account")

    right = judged([["2026-03-10", "5", ACCOUNT]], headings, 5_00, index=own)
    wrong = judged([["2026-03-10", "5", "6222000000000000025"]], headings, 5_00, index=own)

    assert right.problems == []
    assert "another account" in said(wrong)[0]


@pytest.mark.parametrize("headings", [("日期", "余额"), ("金额", "余额"), ("日期", "支出")])
def test_file_without_day_or_amount_cannot_be_used(headings):
    with pytest.raises(xlsx.SheetError, match="These columns are missing"):
        judged([["1", "2"]], headings)


@pytest.mark.parametrize("content", [b"\xff\xff\xfe\x00", b"\x81", b"a\x00b"])
def test_file_that_is_no_text_cannot_be_used(content):
    with pytest.raises(xlsx.SheetError, match="cannot be read"):
        csvfile.decode(content)


def test_old_workbook_is_told_how_to_be_saved():
    file = csv_file([], ())
    file.file.write(b"\xd0\xcf\x11\xe0")

    with pytest.raises(xlsx.SheetError, match="Save as"):
        read(account(), file)


def test_semicolons_and_tabs_part_cells_too():
    text = "日期;金额;摘要\n2026-03-10;5.00;拨款, 集团\n"
    table = csvfile.read_table(csv_of(text), layouts.columns("GENERAL"))

    ((_number, found),) = list(table)

    assert (found["on"], found["amount"], found["text"]) == ("2026-03-10", 500, "拨款, 集团")


def csv_of(text):
    file = csv_file([], ())
    file.file.seek(0)
    file.file.truncate()
    file.file.write(text.encode())
    return file
