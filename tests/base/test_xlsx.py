import io
import re
import struct
import time
import tracemalloc
import zipfile
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from base.xlsx import (
    CellProblem,
    Column,
    SheetError,
    read_table,
    read_tables,
    write_table,
    write_tables,
    write_template,
    write_templates,
)

COLUMNS = [
    Column("name", "Name", required=True, aliases=("姓名",)),
    Column(
        "id_number", "ID number", required=True, width=22, aliases=("身份证号",), example="2301"
    ),
    Column("income_fen", "Income", "money", aliases=("月收入",)),
    Column("born_on", "Born", "date"),
    Column("people", "People", "int"),
    Column(
        "standing",
        "Standing",
        "choice",
        choices=(("RETIRED", "Retiree"), ("SERVICE", "In service")),
    ),
]
TEXTS = ("id_number",)
HEADINGS = [column.heading for column in COLUMNS]
DANGEROUS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    '=HYPERLINK("http://x","y")',
    "#N/A",
    "<svg onload=x>",
]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def workbook(*rows, prepare=None):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if prepare:
        prepare(book.active)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def repacked(replace=None, add=(), drop=(), compression=zipfile.ZIP_DEFLATED):
    """A good workbook with members replaced, added or dropped."""
    source = zipfile.ZipFile(workbook(HEADINGS, ["张三", "2301"]))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name in source.namelist():
            if name not in drop:
                archive.writestr(name, (replace or {}).get(name, source.read(name)))
        for name, content in add:
            archive.writestr(name, content)
    file.seek(0)
    return file


def read(file, columns=COLUMNS, **options):
    table = read_table(file, columns, text_columns=TEXTS, **options)
    return list(table), table


def problems(*cells, **options):
    _rows, table = read(workbook(HEADINGS, list(cells), **options))
    return [str(problem) for problem in table.problems]


def refusal(file, **options):
    with pytest.raises(SheetError) as caught:
        read(file, **options)
    return str(caught.value)


def written(columns, rows, title="Title"):
    file = io.BytesIO()
    write_table(file, title, columns, rows)
    file.seek(0)
    return file


# Reading


def test_read_gives_values_of_each_kind_and_excel_row_numbers():
    file = workbook(
        HEADINGS,
        ["张三", "230100199001010018", 2000.5, datetime(1990, 1, 1), 3, "Retiree"],  # noqa: DTZ001
        [],
        [" 李四 ", " 2301 ", "1.5万", "1990年1月2日", "4", "SERVICE"],
    )

    rows, table = read(file)

    assert rows == [
        (
            2,
            dict(
                zip(
                    KEYS,
                    ["张三", "230100199001010018", 2000_50, date(1990, 1, 1), 3, "RETIRED"],
                    strict=True,
                )
            ),
        ),
        (
            4,
            dict(
                zip(KEYS, ["李四", "2301", 15_000_00, date(1990, 1, 2), 4, "SERVICE"], strict=True)
            ),
        ),
    ]
    assert (table.problems, table.unknown, table.header_row, table.count) == ([], [], 1, 2)


KEYS = [column.key for column in COLUMNS]


def test_read_matches_headings_in_any_order_language_width_and_case():
    file = workbook(["身份证号 *", "ＮＡＭＥ", "月 收入"], ["2301", "张三", 1])

    rows, _table = read(file)

    assert rows[0][1]["name"] == "张三"
    assert rows[0][1]["id_number"] == "2301"
    assert rows[0][1]["income_fen"] == 1_00
    assert rows[0][1]["born_on"] is None
    assert rows[0][1]["standing"] == ""


def test_read_matches_a_translated_heading_in_the_other_language(monkeypatch):
    heading = gettext_lazy("Monday")  # Django itself translates it
    file = workbook(["星期一"], ["x"])

    rows = list(read_table(file, [Column("day", heading, required=True)]))

    assert rows == [(2, {"day": "x"})]


def test_read_finds_the_header_below_a_title():
    rows, table = read(workbook(["Roster 2026"], [], HEADINGS, ["张三", "2301"]))

    assert table.header_row == 3
    assert [number for number, _row in rows] == [4]


def test_read_names_a_number_in_a_text_column_with_row_and_column():
    file = workbook(["姓名", "身份证号"], ["张三", "2301"], ["李四", 230100199001010018])

    rows, table = read(file)

    assert [str(problem) for problem in table.problems] == [
        "Row 3, column 身份证号: This cell is a number, and Excel may have changed its digits. "
        "Format the column as text and enter it again."
    ]
    assert table.bad_rows == {3}
    assert rows[1] == (3, dict.fromkeys(KEYS) | {"name": "李四", "standing": ""})


@pytest.mark.parametrize(
    "cells, sentence",
    [
        (["", "1"], "Row 2, column Name: This cell is empty; fill it in."),
        (["a", "=1+1"], "Row 2, column ID number: This cell holds a formula; paste it as a value."),
        (
            ["a", "1", "abc"],
            "Row 2, column Income: Enter an amount in yuan, such as 2000, 2,000.00 or 2万.",
        ),
        (
            ["a", "1", 0.001],
            "Row 2, column Income: "
            "Enter no more than two decimals; the smallest amount is 0.01 yuan.",
        ),
        (
            ["a", "1", 1e300],
            "Row 2, column Income: This amount is too large; check the number of zeros.",
        ),
        (
            ["a", "1", True],
            "Row 2, column Income: Enter an amount in yuan, such as 2000, 2,000.00 or 2万.",
        ),
        (["a", "1", 1, "soon"], "Row 2, column Born: Enter a date such as 2026-03-05."),
        (["a", "1", 1, "2026-02-30"], "Row 2, column Born: Enter a date such as 2026-03-05."),
        (["a", "1", 1, 45000], "Row 2, column Born: Enter a date such as 2026-03-05."),
        (["a", "1", 1, None, 1.5], "Row 2, column People: Enter a whole number."),
        (["a", "1", 1, None, "many"], "Row 2, column People: Enter a whole number."),
        (
            ["a", "1", 1, None, 1, "x"],
            "Row 2, column Standing: Choose one of: Retiree, In service.",
        ),
        (
            ["#N/A", "1"],
            "Row 2, column Name: This cell shows an Excel error; enter the value again.",
        ),
    ],
)
def test_read_says_how_to_mend_each_cell(cells, sentence):
    assert problems(*cells) == [sentence]


def test_read_names_every_problem_of_a_row():
    assert len(problems(None, 1, "x", "x", "x", "x")) == 6


@pytest.mark.parametrize("value", [0.1 + 0.2, 2000, 1234.56, 1e3])
def test_read_takes_money_as_excel_worked_it_out(value):
    rows, table = read(workbook(HEADINGS, ["a", "1", value]))

    assert table.problems == []
    assert rows[0][1]["income_fen"] == round(value * 100)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-03-05",
        "2026/3/5",
        "2026.03.05",
        "2026年3月5日",
        "20260305",
        "２０２６-０３-０５",
        date(2026, 3, 5),
    ],
)
def test_read_takes_dates_as_people_write_them(typed):
    rows, _table = read(workbook(HEADINGS, ["a", "1", None, typed]))

    assert rows[0][1]["born_on"] == date(2026, 3, 5)


def test_read_keeps_text_of_numbers_in_ordinary_text_columns():
    rows, _table = read(workbook(HEADINGS, [1024, "1"], [1.5, "1"], [True, "1"]))

    assert [row["name"] for _number, row in rows] == ["1024", "1.5", "TRUE"]


def test_read_says_which_columns_are_missing_and_unknown():
    assert refusal(workbook(["Name"], ["a"])) == (
        "These columns are missing: ID number. Add them or use the template."
    )
    assert refusal(workbook(["Name", "Id no"], ["a", "1"])) == (
        "These columns are missing: ID number. These are not known: Id no. "
        "Correct the headings or use the template."
    )


def test_read_leaves_unknown_columns_out_and_names_them():
    rows, table = read(workbook([*HEADINGS, "Shoe size"], ["a", "1", 1, None, 1, "", 43]))

    assert table.unknown == ["Shoe size"]
    assert set(rows[0][1]) == set(KEYS)


def test_read_refuses_a_column_twice_and_a_sheet_without_header():
    assert refusal(workbook([*HEADINGS, "姓名"])) == "The column 姓名 stands twice; delete one."
    for file in (workbook(), workbook(["x", "y"], [1, 2])):
        assert refusal(file).startswith("The first row must hold the column names: Name, ID number")


def test_read_limits_rows_and_ignores_blank_ones():
    filled = [["a", "1"] for _ in range(3)]

    assert len(read(workbook(HEADINGS, *filled, [], ["", " "]), max_rows=3)[0]) == 3
    assert refusal(workbook(HEADINGS, *filled), max_rows=2) == (
        "This sheet has more than 2 rows; split it into several files."
    )


# Files that are not what they say


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "This is not an Excel workbook (.xlsx); download the template and fill it in."),
        (
            b"name,id\n",
            "This is not an Excel workbook (.xlsx); download the template and fill it in.",
        ),
        (
            b"<html><table>",
            "This is not an Excel workbook (.xlsx); download the template and fill it in.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
            "This is an old .xls file; in Excel choose Save as, Excel workbook (.xlsx).",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "This workbook is protected by a password; save it without one and try again.",
        ),
        (
            b"PK\x03\x04" + b"\0" * 100,
            "This workbook is damaged; open it in Excel, save it again and try once more.",
        ),
    ],
)
def test_read_says_what_a_wrong_file_is(content, sentence):
    assert refusal(io.BytesIO(content)) == sentence


def test_read_refuses_an_archive_that_is_no_workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")

    assert refusal(file).startswith("This is not an Excel workbook")


def test_read_refuses_too_large_a_file(monkeypatch):
    monkeypatch.setattr("base.xlsx.MAX_BYTES", 1024 * 1024)

    assert refusal(io.BytesIO(b"PK\x03\x04" + b"0" * 1024 * 1024)) == (
        "This file is larger than 1 MB; split it into several."
    )


TOO_MUCH = "This file unpacks into far too much; copy the rows into a new template and try again."
DAMAGED = "This workbook is damaged; open it in Excel, save it again and try once more."


def test_read_refuses_a_zip_bomb_quickly_and_in_little_memory():
    file = repacked(add=[("xl/media/a.bin", b"\0" * 50_000_000)])
    tracemalloc.start()
    begun = time.perf_counter()

    sentence = refusal(file)

    assert sentence == TOO_MUCH
    assert time.perf_counter() - begun < 1
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_read_refuses_much_that_is_packed_little(monkeypatch):
    monkeypatch.setattr("base.xlsx.MAX_UNPACKED", 50_000)

    assert refusal(repacked(add=[("a", "ab" * 20_000)])) == TOO_MUCH


@pytest.mark.parametrize(
    "name, most, passes",
    [
        ("xl/sharedStrings.xml", "MAX_WHOLE", "xl/worksheets/sheet2.xml"),
        ("xl/media/image1.png", "MAX_WHOLE", "xl/worksheets/sheet2.xml"),
        ("xl/theme/theme2.xml", "MAX_PART", "xl/media/image1.png"),
    ],
)
def test_read_refuses_parts_that_would_fill_the_memory(monkeypatch, name, most, passes):
    monkeypatch.setattr(f"base.xlsx.{most}", 50_000)

    assert refusal(repacked(add=[(name, "x" * 60_000)])) == TOO_MUCH
    assert len(read(repacked(add=[(passes, "x" * 60_000)]))[0]) == 1


SHARED = (
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<si><t>Name</t></si><si><t>ID number</t></si><si><t>张三</t></si>"
    "<si><r><t>23</t></r><r><t>01</t></r></si>"
    "</sst>"
)


def test_read_takes_shared_strings_as_excel_writes_them():
    cells = '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c><c r="B{0}" t="s"><v>{2}</v></c></row>'
    types = zipfile.ZipFile(io.BytesIO(GOOD)).read("[Content_Types].xml").decode()
    part = (
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    file = repacked(
        {
            "xl/worksheets/sheet1.xml": sheet_xml(cells.format(1, 0, 1) + cells.format(2, 2, 3)),
            "[Content_Types].xml": types.replace("</Types>", part),
        },
        add=[("xl/sharedStrings.xml", SHARED)],
        drop=["xl/sharedStrings.xml"],
    )

    rows, _table = read(file)

    assert [(row["name"], row["id_number"]) for _number, row in rows] == [("张三", "2301")]


def test_read_refuses_many_members_also_when_the_count_lies():
    file = repacked(add=[(f"x/{n}", "") for n in range(300)])
    assert refusal(file) == TOO_MUCH

    content = bytearray(file.getvalue())
    end = content.rfind(b"PK\x05\x06")
    content[end + 8 : end + 12] = struct.pack("<HH", 5, 5)
    assert refusal(io.BytesIO(bytes(content))) == TOO_MUCH


def test_read_refuses_a_second_directory_of_larger_size():
    content = repacked().getvalue()
    end = content.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + b"\0" * 16

    assert refusal(io.BytesIO(content[:end] + locator + content[end:])) == TOO_MUCH


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_read_refuses_doubled_members_and_strange_packing():
    assert refusal(repacked(add=[("xl/workbook.xml", "<x/>")])) == DAMAGED
    assert refusal(repacked(compression=zipfile.ZIP_LZMA)) == DAMAGED


def test_read_refuses_a_locked_member():
    content = bytearray(repacked().getvalue())
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 8] |= 1

    assert "password" in refusal(io.BytesIO(bytes(content)))


def test_read_refuses_macros():
    assert refusal(repacked(add=[("xl/vbaProject.bin", b"x")])) == (
        "This workbook holds macros; save it as Excel workbook (.xlsx) without them."
    )


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    "</sheetData></worksheet>"
)


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_read_refuses_entities(member):
    assert refusal(repacked({member: LAUGHS})) in (TOO_MUCH, DAMAGED)


def sheet_xml(rows, dimension="A1:B2"):
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    )


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{cell("A1", "Name")}{cell("B1", "ID number")}</row>'


def test_read_does_not_believe_the_size_a_sheet_claims():
    row = f'<row r="2">{cell("A2", "a")}{cell("B2", "1")}</row>'
    for dimension in ("A1:A1", "A1:XFD1048576"):
        rows, _table = read(
            repacked({"xl/worksheets/sheet1.xml": sheet_xml(HEAD + row, dimension)})
        )

        assert [row["name"] for _number, row in rows] == ["a"]


def test_read_refuses_row_numbers_beyond_excel():
    far = f'<row r="999999999">{cell("A999999999", "a")}</row>'

    assert refusal(repacked({"xl/worksheets/sheet1.xml": sheet_xml(HEAD + far)})) == DAMAGED


@pytest.mark.parametrize(
    "rows",
    [
        "<row r='x'></row>",
        '<row r="2"><c r="A2" t="s"><v>99</v></c></row>',
        '<row r="2"><c r="A2"><v>abc</v></c></row>',
        '<row r="2"><c r="A2"><v>' + "9" * 5000 + "</v></c></row>",
        '<row r="2">',
    ],
)
def test_read_calls_a_malformed_sheet_damaged(rows):
    assert refusal(repacked({"xl/worksheets/sheet1.xml": sheet_xml(HEAD + rows)})) == DAMAGED


@given(st.integers(0, 6000), st.binary(min_size=1, max_size=40))
@hypothesis_settings(max_examples=60)
def test_read_answers_any_damage_with_a_sentence_or_rows(place, noise):
    content = bytearray(GOOD)
    content[place : place + len(noise)] = noise

    try:
        read(io.BytesIO(bytes(content)))
    except SheetError as error:
        assert str(error)


GOOD = repacked().getvalue()


# Writing

KINDS = [
    Column("text", "Text"),
    Column("count", "Count", "int"),
    Column("amount_fen", "Amount", "money"),
    Column("day_on", "Day", "date"),
    Column("kind", "Kind", "choice", choices=(("A", "First"),)),
]
ROW = {"text": "张三", "count": 3, "amount_fen": 2000_05, "day_on": date(2026, 3, 5), "kind": "A"}


def test_write_gives_each_kind_its_cell():
    sheet = load_workbook(written(KINDS, [ROW])).active

    assert [c.value for c in sheet[1]] == ["Text", "Count", "Amount", "Day", "Kind"]
    assert [c.value for c in sheet[2]] == ["张三", 3, 2000.05, datetime(2026, 3, 5), "First"]  # noqa: DTZ001
    assert [c.number_format for c in sheet[2]] == ["@", "0", "#,##0.00", "yyyy-mm-dd", "@"]
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["A"].width == 16


def test_write_takes_sequences_and_leaves_nothing_empty():
    sheet = load_workbook(written(KINDS, [["", None, 0, None, None]])).active

    assert [c.value for c in sheet[2]] == [None, None, 0, None, None]


@pytest.mark.parametrize("text", DANGEROUS)
def test_write_never_makes_a_live_formula(text):
    columns = [Column("a", text), Column("b", "B", "choice", choices=(("x", text),))]
    file = written(columns, [{"a": text, "b": "x"}, {"a": text, "b": text}], title=text)

    with zipfile.ZipFile(file) as archive:
        xml = b"".join(archive.read(name) for name in archive.namelist() if "sheet" in name)
    assert not re.search(rb"<f[ >/]", xml)
    cells = [c for row in load_workbook(file).active.iter_rows() for c in row if c.value != "B"]
    assert {c.data_type for c in cells} == {"s"}
    assert {c.value for c in cells} == {text}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1))
def test_read_gives_back_the_text_that_was_written(texts):
    columns = [Column("a", "A")]
    file = written(columns, [[text] for text in texts])

    table = read_table(file, columns, text_columns=("a",))

    kept = [text.replace("\ufffe", "").replace("\uffff", "").strip() for text in texts]
    assert [row["a"] for _number, row in table] == [text for text in kept if text]


def test_write_leaves_out_what_a_workbook_cannot_hold():
    file = written([Column("a", "A")], [["a\x00b\x0bc\ud800"], ["x" * 40_000]])

    rows = [row["a"] for _number, row in read_table(file, [Column("a", "A")])]
    assert rows == ["abc", "x" * 32_767]


@pytest.mark.parametrize(
    "key, value",
    [("count", "=1+1"), ("count", True), ("amount_fen", 1.5), ("day_on", "2026-03-05")]
    + [("day_on", datetime(2026, 3, 5, tzinfo=UTC))],
)
def test_write_refuses_a_value_that_does_not_fit_its_column(key, value):
    with pytest.raises(TypeError, match=key):
        written(KINDS, [ROW | {key: value}])


def test_write_gives_the_same_bytes_at_any_time(tmp_path):
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC)):
        first = written(KINDS, [ROW] * 50).getvalue()
    with time_machine.travel(datetime(2027, 6, 7, 8, 9, tzinfo=UTC)):
        second = written(KINDS, [ROW] * 50).getvalue()
        write_table(tmp_path / "a.xlsx", "Title", KINDS, [ROW] * 50)

    assert first == second == (tmp_path / "a.xlsx").read_bytes()
    assert first != written(KINDS, [ROW] * 49).getvalue()


@pytest.mark.parametrize("title", ["a/b:c*d?[e]\\f" + "x" * 50, "", "'"])
def test_write_makes_a_title_that_excel_takes(title):
    name = load_workbook(written(KINDS, [], title=title)).sheetnames[0]

    assert 0 < len(name) <= 31
    assert not set(name) & set("[]:*?/\\'")


def test_written_table_is_read_back():
    rows = list(read_table(written(KINDS, [ROW]), KINDS, text_columns=("text",)))

    assert rows == [(2, ROW)]


def test_column_refuses_an_unknown_kind_and_a_choice_without_choices():
    with pytest.raises(ValueError):
        Column("a", "A", "float")
    with pytest.raises(ValueError):
        Column("a", "A", "choice")


def test_template_is_understood_by_read_and_holds_no_row():
    file = io.BytesIO()
    write_template(file, COLUMNS)

    rows, table = read(file)

    assert (rows, table.unknown) == ([], [])


def test_template_has_text_columns_lists_and_examples():
    file = io.BytesIO()
    write_template(file, COLUMNS, title="Roster")
    book = load_workbook(file)
    sheet = book["Roster"]
    rules = {str(rule.sqref).split("2:")[0]: rule for rule in sheet.data_validations.dataValidation}

    assert [c.value for c in sheet[1]][:3] == ["Name*", "ID number*", "Income"]
    assert sheet.column_dimensions["B"].number_format == "@"
    assert rules["F"].type == "list"
    assert rules["F"].formula1 == "'Lists'!$F$1:$F$2"
    assert [c.value for c in book["Lists"]["F"]] == ["Retiree", "In service"]
    assert book["Lists"].sheet_state == "hidden"
    assert "Example: 2301" in rules["B"].prompt
    assert [c.value for c in book.worksheets[1][3]] == ["ID number", "Required. Example: 2301"]


def test_template_is_the_same_bytes_each_time():
    first, second = io.BytesIO(), io.BytesIO()
    write_template(first, COLUMNS)
    write_template(second, COLUMNS)

    assert first.getvalue() == second.getvalue()


def test_three_thousand_rows_take_seconds_and_little_memory():
    rows = [[f"人{n}", f"{n:018d}", n, date(2000, 1, 1), n, "RETIRED"] for n in range(3008)]
    begun = time.perf_counter()

    read_back, table = read(written(COLUMNS, rows))

    assert (len(read_back), table.problems) == (3008, [])
    assert time.perf_counter() - begun < 10


# Several sheets, and large ones


def _two_sheets(prepare=None):
    book = Workbook()
    book.active.title = "户"
    book.active.append(HEADINGS)
    other = book.create_sheet("成员")
    other.append(HEADINGS)
    for n in range(3):
        other.append([f"王{n}", f"{n}", None, None, None, None])
    if prepare:
        prepare(other)
    target = io.BytesIO()
    book.save(target)
    return target


def test_sheet_of_a_name_is_read():
    table = read_table(_two_sheets(), COLUMNS, sheet="成员")

    assert [row["name"] for _number, row in table] == ["王0", "王1", "王2"]


def test_missing_sheet_is_refused_in_words():
    with pytest.raises(SheetError) as refused:
        read_table(_two_sheets(), COLUMNS, sheet="支出")

    assert str(refused.value.args[0]) == "This workbook has no sheet “支出”; use the template."


def test_hidden_rows_and_merged_cells_are_named():
    def prepare(sheet):
        sheet.row_dimensions[2].hidden = True
        sheet.merge_cells("C3:C4")

    table = read_table(_two_sheets(prepare), COLUMNS, sheet="成员")
    rows = [number for number, _cells in table]

    assert rows == [2, 3, 4]
    assert [str(problem) for problem in table.problems] == [
        "Row 2: This row is hidden in Excel, by a filter perhaps; show it.",
        "Row 3: The cells C3:C4 are merged; unmerge them and fill in each.",
        "Row 4: The cells C3:C4 are merged; unmerge them and fill in each.",
    ]


def test_rows_are_counted_up_to_the_most():
    assert read_table(_two_sheets(), COLUMNS, sheet="成员").looked.rows == 4
    assert read_table(_two_sheets(), COLUMNS, sheet="成员", looking=2).looked.rows == 3


def test_several_sheets_are_read_from_one_opened_workbook():
    first, second = read_tables(
        _two_sheets(), [("户", COLUMNS, (), 10), ("成员", COLUMNS, TEXTS, 10)]
    )

    assert [row["name"] for _number, row in first] == []
    assert [row["name"] for _number, row in second] == ["王0", "王1", "王2"]


def test_larger_files_are_read_where_they_are_expected(monkeypatch):
    monkeypatch.setattr("base.xlsx.MAX_BYTES", 4_000)

    with pytest.raises(SheetError):
        read_table(_two_sheets(), COLUMNS)
    assert read_table(_two_sheets(), COLUMNS, sheet="成员", scale=8)


def test_template_of_several_sheets_has_its_lists_and_words():
    target = io.BytesIO()
    sheets = [("户", COLUMNS[:2], 100), ("成员", COLUMNS, 300)]

    write_templates(target, sheets, words=["Fill in both sheets."])

    book = load_workbook(target)
    rule = next(r for r in book["成员"].data_validations.dataValidation if r.type == "list")
    assert book.sheetnames == ["户", "成员", "How to fill in", "Lists"]
    assert (str(rule.sqref), rule.formula1) == ("F2:F301", "'Lists'!$H$1:$H$2")
    assert [cell.value for cell in book["Lists"]["H"]] == ["Retiree", "In service"]
    assert book["How to fill in"]["B1"].value == "Fill in both sheets."


def test_problem_names_its_sheet():
    assert str(CellProblem(3, "姓名", "Wrong.", "成员")) == "Sheet 成员, row 3, column 姓名: Wrong."
    assert str(CellProblem(3, "", "Wrong.", "成员")) == "Sheet 成员, row 3: Wrong."


def test_tables_become_the_sheets_of_one_workbook():
    target = io.BytesIO()

    write_tables(target, "Both", [("户", COLUMNS[:1], [["王"]]), ("成员", COLUMNS[:1], [["李"]])])

    book = load_workbook(target)
    assert [book[name]["A2"].value for name in ("户", "成员")] == ["王", "李"]
