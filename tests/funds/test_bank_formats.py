"""Columns as data: each seed makes the file it says, a wrong layout is named in words."""

import copy
import io
import zipfile
from hashlib import sha256

import openpyxl
import pytest
from django.utils import translation

from funds import bank_formats
from funds.bank_formats import SEEDS, Told

ROWS = [
    Told(1, "王建国", "6222000000000010001", "工商银行", "道里支行", 3000_00, "2026-付-001", "A-1"),
    Told(2, "李秀英", "0622200000001000200", "建设银行", "", 5500_05, "2026-付-001", "A-2"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def layout(seed="GENERAL", **changed):
    return copy.deepcopy(SEEDS[seed][1]) | changed


def column(source, heading, kind="text", **more):
    return {"source": source, "heading": heading, "kind": kind, "width": 18} | more


def cells(of):
    """[(value, type)] of each row of the one sheet of a file."""
    book = openpyxl.load_workbook(io.BytesIO(bank_formats.workbook(of, ROWS)))
    return book.active.title, [
        [(cell.value, cell.data_type) for cell in row] for row in book.active.iter_rows()
    ]


# What the seeds make


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_wrong_with_a_seed(seed):
    assert bank_formats.wrong(layout(seed)) == []


def test_general_file_is_seven_columns_of_text():
    title, (head, first, second) = cells(layout())

    assert title == "代发明细"
    assert [value for value, _type in head] == [
        "序号", "收款账号", "收款户名", "开户行", "支行", "金额（元）", "附言",
    ]  # fmt: skip
    assert first == [
        ("1", "s"), ("6222000000000010001", "s"), ("王建国", "s"), ("工商银行", "s"),
        ("道里支行", "s"), ("3000.00", "s"), ("2026-付-001", "s"),
    ]  # fmt: skip
    assert (second[1], second[4][0], second[5]) == (
        ("0622200000001000200", "s"), None, ("5500.05", "s"),
    )  # fmt: skip


def test_numbers_file_has_amounts_that_can_be_added_up():
    title, (head, first, second) = cells(layout("NUMBERS"))

    assert title == "Sheet1"
    assert [value for value, _type in head] == ["账号", "户名", "金额", "摘要"]
    assert (first[0], first[2], second[2]) == (
        ("6222000000000010001", "s"), (3000, "n"), (5500.05, "n"),
    )  # fmt: skip


def test_titled_file_has_a_title_and_amounts_in_fen():
    title, (above, head, first, _second) = cells(layout("TITLED"))

    assert (title, above[0][0], head[5][0]) == ("批量代发", "批量代发明细表", "金额（分）")
    assert [value for value, _type in first] == [
        1, "人民币", "6222000000000010001", "王建国", "工商银行", 3000_00, "A-1",
    ]  # fmt: skip


def test_fen_may_be_text_and_headings_may_stay_out():
    columns = [
        column("fen", "分"), column("account", "账号"), column("account_name", "户名"),
        column("seq", "号"), column("branch", "支行"), column("constant", "币种", constant="CNY"),
    ]  # fmt: skip

    _title, rows = cells(layout(columns=columns, header=False))

    assert [[value for value, _type in row] for row in rows] == [
        ["300000", "6222000000000010001", "王建国", "1", "道里支行", "CNY"],
        ["550005", "0622200000001000200", "李秀英", "2", None, "CNY"],
    ]


def test_no_cell_is_a_formula_whatever_it_says():
    sign = '=1+1"><svg/onload=alert(1)>'
    columns = [
        column("account_name", sign), column("account", "账号"), column("yuan", "金额"),
        column("constant", "币种", constant=sign),
    ]  # fmt: skip

    _title, rows = cells(layout(columns=columns, before=[[sign]]))

    assert {kind for row in rows for value, kind in row if value} == {"s"}
    assert [rows[0][0][0], rows[1][0][0], rows[2][3][0]] == [sign] * 3


@pytest.mark.parametrize(
    ("seed", "digest"),
    [
        ("GENERAL", "7d540c99dad5f638818ab02a2c907009bdeb3ce1fd660ac58a1298816b98ed93"),
        ("NUMBERS", "65dff1480c47e5350bd57267ed8361bb28b848b62b3786cf6aa48dd2143d86a5"),
        ("TITLED", "20c14e1aaf2dccf4efcc35077047089ba8c215f091486878b3829c2778ea2d88"),
    ],
)
def test_bytes_of_a_file_are_the_same_in_every_version(seed, digest):
    """Years later a file must come out byte for byte: another digest here means that the program,
    or a library it stands on, would no longer make the files that were sent."""
    assert sha256(bank_formats.workbook(layout(seed), ROWS)).hexdigest() == digest


def test_bytes_do_not_depend_on_the_language():
    english = bank_formats.workbook(layout(), ROWS)

    with translation.override("zh-hans"):
        assert bank_formats.workbook(layout(), ROWS) == english


def test_parts_of_a_file_are_stored_without_clock_or_packing():
    with zipfile.ZipFile(io.BytesIO(bank_formats.workbook(layout(), ROWS))) as book:
        found = {(part.compress_type, part.date_time) for part in book.infolist()}

    assert found == {(zipfile.ZIP_STORED, (2000, 1, 1, 0, 0, 0))}


def test_file_is_named_after_the_payment():
    assert bank_formats.file_name(layout(), "2026-付-001") == "2026-付-001.xlsx"
    assert bank_formats.file_name(layout(file_name="DF{number}A"), "7") == "DF7A.xlsx"
    assert bank_formats.file_name(layout(file_name="{number}" * 7), "x" * 30) == f"{'x' * 100}.xlsx"


def test_sample_shows_invented_payees_masked():
    headings, rows = bank_formats.sample(layout("NUMBERS"))

    assert headings == ["账号", "户名", "金额", "摘要"]
    assert rows[1][1:] == ["李*", "5500.50", "2026-付-001"]
    assert "6222000000000010002" not in rows[1][0]


# What is wrong


LONG = [column("constant", f"列{n}", constant="x") for n in range(20)]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"sheet": "a/b"}, "The name of the sheet has 1 to 31 characters"),
        ({"sheet": ""}, "The name of the sheet has 1 to 31 characters"),
        ({"file_name": "a?b"}, "The name of the file has 1 to 60 characters"),
        ({"file_name": ""}, "The name of the file has 1 to 60 characters"),
        ({"before": [["x"]] * 6}, "At most 5 rows stand above the table."),
        ({"columns": layout()["columns"] + LONG}, "At most 20 columns."),
        (
            {"columns": [c for c in layout()["columns"] if c["source"] != "account"]},
            "The column “account number” is missing: the bank needs it.",
        ),
        (
            {"columns": [c for c in layout()["columns"] if c["source"] != "account_name"]},
            "The column “account name” is missing: the bank needs it.",
        ),
        (
            {"columns": [c for c in layout()["columns"] if c["source"] != "yuan"]},
            "A column with the amount is missing: choose yuan or fen.",
        ),
        (
            {"columns": [*layout()["columns"], column("fen", "分")]},
            "The amount stands in yuan or in fen, not in both.",
        ),
        (
            {"columns": [*layout()["columns"], column("bank", "银行")]},
            "The column “bank” stands twice; keep one.",
        ),
        (
            {"columns": [*layout()["columns"], column("case_number", "序号")]},
            "Two columns have the same heading; name them apart.",
        ),
        (
            {"columns": [*layout()["columns"], column("case_number", "流水号", "number")]},
            "“流水号” must be text: only the amount and the number in the payment may be numbers.",
        ),
        (
            {"columns": [*layout()["columns"], column("constant", "币种", constant="")]},
            "Say which text “币种” always holds.",
        ),
    ],
)
def test_wrong_layout_is_named_in_words(changed, sentence):
    (found,) = bank_formats.wrong(layout(**changed))

    assert str(found).startswith(sentence)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"result": []}, "Say what the bank calls the column with the result."),
        (
            {"seq": [], "account": [], "case_number": []},
            "Say by which column an answer is found: number, case number or account number.",
        ),
        (
            {"reason": ["状态"]},
            "The same heading stands for two columns of the answer; keep one.",
        ),
    ],
)
def test_wrong_headings_of_the_answer_are_named(changed, sentence):
    answer = copy.deepcopy(layout()["answer"])
    answer["headings"] |= changed

    assert [str(s) for s in bank_formats.wrong(layout(answer=answer))] == [sentence]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"success": []}, "Name the words for success and the words for failure."),
        ({"failure": []}, "Name the words for success and the words for failure."),
        ({"failure": ["成功"]}, "A word means success or failure, not both."),
    ],
)
def test_wrong_words_of_the_answer_are_named(changed, sentence):
    answer = layout()["answer"] | changed

    assert [str(s) for s in bank_formats.wrong(layout(answer=answer))] == [sentence]


def test_several_constants_are_no_column_twice():
    columns = [
        *layout()["columns"], column("constant", "币种", constant="CNY"),
        column("constant", "用途", constant="帮扶"),
    ]  # fmt: skip

    assert bank_formats.wrong(layout(columns=columns)) == []


# How the answer is read


def test_columns_of_the_answer_are_those_the_bank_names():
    found = bank_formats.answer_columns(layout("TITLED"))

    assert [(c.key, c.kind, c.required, c.aliases) for c in found] == [
        ("seq", "text", False, ("顺序号",)),
        ("case_number", "text", False, ("企业流水号",)),
        ("account", "text", False, ("收款账号",)),
        ("amount", "int", False, ("金额（分）",)),
        ("result", "text", True, ("处理状态", "处理结果")),
        ("reason", "text", False, ("原因", "失败原因")),
    ]  # fmt: skip
    amounts = [c.kind for c in bank_formats.answer_columns(layout()) if c.key == "amount"]
    assert amounts == ["money"]
