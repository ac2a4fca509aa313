"""Tables from CSV files as banks write them: UTF-8 with or without a mark, or GB18030. No database.

Cells are judged by the same code as those of a workbook.
"""

import csv
import io
import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from base import xlsx
from base.words import say

_ROUNDED = re.compile(r"[+-]?\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)  # what Excel makes of an account
_TEXT = re.compile(r'="([^"]*)"')  # how some banks keep Excel from rounding


@dataclass(frozen=True)
class Cell:
    """One cell as `base.xlsx` reads it: a text, a formula, or a number that Excel has rounded."""

    value: object
    data_type: str = "s"


def read_table(file, columns, *, text_columns=(), max_rows=xlsx.MAX_ROWS):
    """A seekable binary CSV file as an `xlsx.Table`; SheetError when it cannot be used."""
    file.seek(0)
    content = file.read(xlsx.MAX_BYTES + 1)
    if len(content) > xlsx.MAX_BYTES:
        raise xlsx.SheetError(
            say(
                _("This file is larger than %(size)s MB; split it into several."),
                size=xlsx.MAX_BYTES // 1024 // 1024,
            )
        )
    return xlsx.tabulate(
        _rows(decode(content)), columns, text_columns=text_columns, max_rows=max_rows
    )


def decode(content):
    """The text of a file: what its mark says, else UTF-8, else GB18030."""
    marked = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    named = [codec for mark, codec in marked.items() if content.startswith(mark)]
    for codec in named or ("utf-8", "gb18030"):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise xlsx.SheetError(
        _("This file cannot be read; save it as Excel workbook (.xlsx) or as CSV in UTF-8.")
    )


def _rows(text):
    """(row number, cells) of every filled row."""
    lines = text.splitlines()[:10]
    delimiter = max(",\t;|", key=lambda mark: max((line.count(mark) for line in lines), default=0))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, [_cell(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise xlsx.SheetError(
            _("This file cannot be read; save it as Excel workbook (.xlsx) or as CSV in UTF-8.")
        ) from error


def _cell(text):
    if kept := _TEXT.fullmatch(text):
        return Cell(kept[1].strip())
    if _ROUNDED.fullmatch(text):
        return Cell(float(text), "n")
    return Cell(text, "f" if text.startswith("=") else "s")
