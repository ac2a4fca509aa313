"""The same lines give the same bytes, for ever; text stays text."""

import io
import zipfile
from hashlib import sha256

import openpyxl
import pytest

from base import steady_xlsx

LINES = [
    [("header", "账号"), ("header", "金额"), ("header", "号")],
    [("text", "0622200000001000200"), ("money", 5500_05), ("int", 1)],
    [("text", ""), ("money", 0), ("int", 20)],
]


def read(content):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return sheet, [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_cells_are_text_and_figures():
    sheet, rows = read(steady_xlsx.workbook("代发", LINES, widths=[28, 9]))

    assert rows == [
        ["账号", "金额", "号"], ["0622200000001000200", 5500.05, 1], [None, 0, 20],
    ]  # fmt: skip
    assert sheet.title == "代发"
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n"]
    assert [cell.number_format for cell in sheet[2]] == ["@", "#,##0.00", "0"]
    assert [sheet["A1"].font.b, sheet["A2"].font.b] == [True, False]
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [28, 9]


@pytest.mark.parametrize(
    "text", ["=1+1", "@x", "𠮷", " 前后 ", 'a & b < c > "d"', "两\n行", "]]>", "{{7*7}}"]
)
def test_text_comes_out_as_it_went_in(text):
    sheet, rows = read(steady_xlsx.workbook("a & b", [[("text", text)]]))

    assert (rows, sheet["A1"].data_type, sheet.title) == ([[text]], "s", "a & b")


def test_signs_that_no_sheet_holds_are_left_out():
    _sheet, rows = read(steady_xlsx.workbook("S", [[("text", "a\x00\x0b\r\ud800b")]]))

    assert rows == [["ab"]]


def test_columns_go_on_after_z():
    sheet, _rows = read(steady_xlsx.workbook("S", [[("int", n) for n in range(30)]]))

    assert (sheet["Z1"].value, sheet["AA1"].value, sheet["AD1"].value) == (25, 26, 29)


def test_bytes_are_the_same_in_every_version():
    """A file that was sent must be made again years later: these bytes may never change."""
    content = steady_xlsx.workbook("代发", LINES, widths=[28, 9])

    assert sha256(content).hexdigest() == (
        "bea867c74fcb3b3dd7ca6bc0e36d177a9cffc4cf46d54a5e39320a49f2d0dc42"
    )


def test_parts_have_no_clock_and_no_packing():
    with zipfile.ZipFile(io.BytesIO(steady_xlsx.workbook("S", LINES))) as book:
        found = {(part.compress_type, part.date_time, part.create_system) for part in book.filelist}

    assert found == {(zipfile.ZIP_STORED, (2000, 1, 1, 0, 0, 0), 3)}
