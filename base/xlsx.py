"""Tables from and to Excel workbooks (.xlsx), taken from strangers and given to them.

Reading judges the file before it is opened (size, members, ratio) and every cell by its
column; writing makes text of whatever is text, so that no name becomes a live formula.
"""

import re
import shutil
import struct
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.writer.excel import ExcelWriter

from base.money import MAX_FEN, parse_fen
from base.words import say

MAX_ROWS = 20_000
MAX_BYTES = 10 * 1024 * 1024
MAX_UNPACKED = 60 * 1024 * 1024
MAX_WHOLE = 20 * 1024 * 1024  # text and pictures, each held in memory as a whole
MAX_PART = 4 * 1024 * 1024  # styles and the like, which become many objects
MAX_MEMBERS = 200
MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024  # small parts may pack well
_MAX_COLUMNS = 100
_SHEET_ROWS = 1_048_576
_HEADER_WITHIN = 10
_MAX_TEXT = 32_767

KINDS = ("text", "int", "money", "date", "choice")

_FORMATS = {"text": "@", "choice": "@", "int": "0", "money": "#,##0.00", "date": "yyyy-mm-dd"}
_FIXED_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 - the format has no time zones
_FIXED_ENTRY = (2000, 1, 1, 0, 0, 0)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NARROW = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")
_ROW = re.compile(rb"row(?:\s[^>]*)?>")  # begins with a literal, which makes the search fast
_MERGE = re.compile(rb"mergeCell\s[^>]*>")
_OPENING = re.compile(rb"<(?:\w+:)?\Z")
_ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'\bref="[A-Z]+([0-9]{1,7}):[A-Z]+([0-9]{1,7})"')
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True)
class Column:
    """One column of a table. ``heading`` may be lazy; it is matched in every language.

    ``choices`` are (value, label) pairs or plain values; ``width`` is in characters;
    ``aliases`` are further headings that are understood when reading.
    """

    key: str
    heading: str | Promise
    kind: str = "text"
    required: bool = False
    choices: tuple = ()
    width: int = 16
    example: str = ""
    aliases: tuple = ()

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"A column is one of {', '.join(KINDS)}, not {self.kind}.")
        if self.kind == "choice" and not self.choices:
            raise ValueError(f"The column {self.key} offers no choices.")

    def pairs(self):
        """[(value, label)], labels in the language that is active now."""
        return [c if isinstance(c, tuple | list) else (c, c) for c in self.choices]

    def names(self):
        """Every way the heading may be written, normalised."""
        return {
            _plain(name) for name in (self.key, *self.aliases, *_in_all_languages(self.heading))
        }

    def values(self):
        """{normalised label or value: value} for a choice column."""
        return {
            _plain(name): value
            for value, label in self.pairs()
            for name in (value, *_in_all_languages(label))
        }


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with one cell, or with one row when ``column`` is "". Message is lazy."""

    row: int
    column: str
    message: str
    sheet: str = ""  # only where a workbook has several to be read

    def __str__(self):
        place = {"row": self.row, "column": self.column, "message": self.message}
        if self.sheet and self.column:
            place["sheet"] = self.sheet
            return gettext("Sheet %(sheet)s, row %(row)s, column %(column)s: %(message)s") % place
        if self.sheet:
            place["sheet"] = self.sheet
            return gettext("Sheet %(sheet)s, row %(row)s: %(message)s") % place
        if not self.column:
            return gettext("Row %(row)s: %(message)s") % place
        return gettext("Row %(row)s, column %(column)s: %(message)s") % place


class SheetError(ValueError):
    """The file as a whole cannot be used; ``args[0]`` is a lazy sentence for the page."""


@dataclass
class Table:
    """Rows of a sheet: iterate once for (row_number, {key: value}), then read ``problems``.

    Every filled row is yielded, also one with problems (its bad cells are None), so that a
    dry run can name all of them. Nothing may be saved while ``problems`` is not empty.
    ``unknown`` holds headings that no column claims; they are left out of the rows.
    """

    header_row: int
    headings: dict
    unknown: list
    problems: list = field(default_factory=list)
    count: int = 0
    looked: object = None  # the ``Look`` at a sheet that was asked for by name
    _rows: object = None

    def __iter__(self):
        return self._rows

    @property
    def bad_rows(self):
        """Numbers of the rows that have a problem."""
        return {problem.row for problem in self.problems}


def _in_all_languages(text):
    found = {str(text)}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(str(text))
    return found


def _plain(text):
    """A heading or choice as compared: width, case, spaces and a closing * do not count."""
    text = unicodedata.normalize("NFKC", str(text)).casefold()
    return re.sub(r"\s", "", text).rstrip("*")


# Reading


def read_table(
    file, columns, *, text_columns=(), max_rows=MAX_ROWS, sheet=None, scale=1, looking=_SHEET_ROWS
):
    """The first sheet of ``file`` (a seekable binary file) as a ``Table``.

    ``sheet`` asks for the sheet of this (lazy) name, or of one of these, in any language of the
    program, and then refuses hidden rows and merged cells too (within the first ``looking``
    rows); ``scale`` is how many times the usual size the file may have.
    ``text_columns`` are keys whose cells must be text in the workbook: Excel rounds a long
    number and drops leading zeros, so a number there is a problem, not a value.
    Values: text and choice -> str ("" when empty), int -> int, money -> fen, date -> date
    (None when empty). Blank rows are skipped; row numbers are Excel's.

    SheetError, before anything is unpacked, for a file that is not an .xlsx or is too
    large in any way; then for missing or doubled headings; and while iterating for more
    than ``max_rows`` rows or a damaged sheet.
    """
    _judge(file, scale)
    book = _open(file)
    table = _table(
        book, sheet, columns, text_columns=text_columns, max_rows=max_rows, looking=looking
    )
    table._rows = _closing(table._rows, book)
    return table


def read_tables(file, sheets, *, scale=1, looking=_SHEET_ROWS):
    """Several sheets of one workbook, each (names, columns, text columns, most rows); see above.

    The workbook is opened once. Iterate over the tables one after another.
    """
    _judge(file, scale)
    book = _open(file)
    tables = [
        _table(book, names, columns, text_columns=texts, max_rows=most, looking=looking)
        for names, columns, texts, most in sheets
    ]
    tables[-1]._rows = _closing(tables[-1]._rows, book)
    return tables


def _table(book, name, columns, *, looking, **how):
    sheet = _pick(book, name)
    odd = next(_guarded(_looks(sheet, looking))) if name else None
    table = tabulate(_guarded(_sheet_rows(sheet)), columns, **how)
    table.looked = odd
    if odd and (odd.hidden or odd.merged):
        table._rows = _without_odd(table, table._rows, odd)
    return table


def _closing(rows, book):
    try:
        yield from rows
    finally:
        book.close()


class _Sheet(ReadOnlyWorksheet):
    """Asks the file for no size when it is opened: where it claims none, that reads all of it."""

    def _get_size(self):
        pass


class _Reader(ExcelReader):
    def read_worksheets(self):
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" not in rel.Type:
                self.wb._sheets.append(_Sheet(self.wb, sheet.name, rel.target, self.shared_strings))


def _open(file):
    """The workbook, its cells unread; SheetError when it is damaged."""
    return next(_guarded(_opened(file)))


def _opened(file):
    reader = _Reader(file, read_only=True, data_only=False, keep_links=False)
    reader.read()
    yield reader.wb


def tabulate(rows, columns, *, text_columns=(), max_rows=MAX_ROWS):
    """A ``Table`` of (row number, cells) from anywhere; a cell has ``value`` and ``data_type``."""
    header_row, cells, rest = _find_header(rows, columns)
    places, headings, unknown = _match(cells, columns)
    table = Table(header_row=header_row, headings=headings, unknown=unknown)
    table._rows = _read(table, rest, columns, places, frozenset(text_columns), max_rows)
    return table


@dataclass
class Look:
    """What a sheet holds beside its cells: how many rows, which are hidden, which merged."""

    title: str = ""
    rows: int = 0
    hidden: set = field(default_factory=set)
    merged: dict = field(default_factory=dict)  # row: the cells that are merged there


def _looks(sheet, most):
    """Look through a sheet without making cells: fast, in little memory; ``most`` rows of it."""
    found, number = Look(sheet.title), 0
    with sheet._get_source() as source:
        for tag in _tags(source):
            if place := _MERGED.search(tag):
                first, last = (int(n) for n in place.groups())
                text = tag.split(b'ref="')[1].split(b'"')[0].decode()
                for row in range(first, min(last, first + MAX_ROWS) + 1):
                    found.merged.setdefault(row, text)
                continue
            found.rows += 1
            given = _ROW_NUMBER.search(tag)
            number = int(given[1]) if given else number + 1
            if _HIDDEN.search(tag):
                found.hidden.add(number)
            if found.rows > most:
                break
    yield found


def _tags(source):
    """The opening tags of rows and of merged cells, read piece by piece."""
    rest = b""
    while piece := source.read(1 << 18):
        text = rest + piece
        cut = max(text.rfind(b"<"), 0)
        yield from _tags_in(text[:cut])
        rest = text[cut:]
        if len(rest) > 1 << 20:
            raise _damaged()
    yield from _tags_in(rest)


def _tags_in(text):
    for pattern in (_ROW, _MERGE):
        for found in pattern.finditer(text):
            at = found.start()
            if _OPENING.search(text, max(0, at - 40), at):
                yield found.group()


def _without_odd(table, rows, odd):
    """The same rows; hidden and merged ones are named as problems."""
    for number, found in rows:
        if number in odd.hidden:
            table.problems.append(
                CellProblem(
                    number, "", _("This row is hidden in Excel, by a filter perhaps; show it.")
                )
            )
        if number in odd.merged:
            words = _("The cells %(cells)s are merged; unmerge them and fill in each.")
            table.problems.append(CellProblem(number, "", say(words, cells=odd.merged[number])))
        yield number, found


def _judge(file, scale=1):
    """Refuse what is not a workbook, or would unpack into too much, without unpacking."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    if size > MAX_BYTES * scale:
        raise SheetError(
            say(
                _("This file is larger than %(size)s MB; split it into several."),
                size=MAX_BYTES * scale // 1024 // 1024,
            )
        )
    content = file.read()
    file.seek(0)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise SheetError(
                _("This workbook is protected by a password; save it without one and try again.")
            )
        raise SheetError(
            _("This is an old .xls file; in Excel choose Save as, Excel workbook (.xlsx).")
        )
    if not content.startswith(b"PK\x03\x04"):
        raise SheetError(
            _("This is not an Excel workbook (.xlsx); download the template and fill it in.")
        )
    _judge_directory(content)
    try:
        with zipfile.ZipFile(file) as archive:
            _judge_members(archive.infolist(), scale)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        if isinstance(error, SheetError):
            raise
        raise _damaged() from error
    file.seek(0)


def _judge_directory(content):
    """The archive's own list of contents, judged before it is parsed into objects."""
    at = content.rfind(b"PK\x05\x06", -65_557)
    if at < 0 or at + 22 > len(content):
        raise _damaged()
    count, size = struct.unpack("<HI", content[at + 10 : at + 16])
    locator = content[max(0, at - 20) : at]
    if count > MAX_MEMBERS or size > MAX_MEMBERS * 512 or locator.startswith(b"PK\x06\x07"):
        raise _too_much()


def _judge_members(members, scale):
    names = [member.filename for member in members]
    if len(names) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED * scale:
        raise _too_much()
    if len(set(names)) != len(names):
        raise _damaged()
    for member in members:
        if member.flag_bits & 0x1:
            raise SheetError(
                _("This workbook is protected by a password; save it without one and try again.")
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged()
        ratio = member.file_size / max(1, member.compress_size)
        if member.file_size > _RATIO_FROM and ratio > MAX_RATIO:
            raise _too_much()
        if member.file_size > _most(member.filename.lower(), scale):
            raise _too_much()
        if member.filename.lower().endswith("vbaproject.bin"):
            raise SheetError(
                _("This workbook holds macros; save it as Excel workbook (.xlsx) without them.")
            )
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names):
        raise SheetError(
            _("This is not an Excel workbook (.xlsx); download the template and fill it in.")
        )


def _most(name, scale):
    """Bytes that a part of this name may unpack into. Sheets are streamed, so they may be long."""
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        return MAX_UNPACKED * scale
    if name.endswith((".xml", ".rels")) and name != "xl/sharedstrings.xml":
        return MAX_PART
    return MAX_WHOLE


def _too_much():
    return SheetError(
        _("This file unpacks into far too much; copy the rows into a new template and try again.")
    )


def _damaged():
    return SheetError(
        _("This workbook is damaged; open it in Excel, save it again and try once more.")
    )


def _pick(book, name):
    """The first sheet, or the one of this name in any language; SheetError without one."""
    if not book.worksheets:
        raise _damaged()
    if name is None:
        return book.worksheets[0]
    names = name if isinstance(name, tuple) else (name,)
    wanted = {_plain(words) for each in names for words in _in_all_languages(each)}
    found = [sheet for sheet in book.worksheets if _plain(sheet.title) in wanted]
    if not found:
        raise SheetError(
            say(_("This workbook has no sheet “%(name)s”; use the template."), name=names[0])
        )
    return found[0]


def _sheet_rows(sheet):
    """(row number, cells) of a sheet, streamed. Its own claim of size is not believed."""
    for number, cells in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), 1):
        if number > _SHEET_ROWS:
            raise _damaged()
        if any(cell.value is not None and str(cell.value).strip() for cell in cells):
            yield number, cells


def _guarded(rows):
    """The same rows; whatever a malformed workbook makes openpyxl raise is one sentence."""
    try:
        yield from rows
    except SheetError:
        raise
    except DefusedXmlException as error:
        raise _too_much() from error
    except (
        *(zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError, InvalidOperation),
        *(ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError),
        *(NotImplementedError, RecursionError),
    ) as error:
        raise _damaged() from error


def _find_header(rows, columns):
    """The row among the first ten that names most columns, and the rows that follow it."""
    known = set().union(*(column.names() for column in columns))
    best, seen = None, []
    for number, cells in rows:
        hits = sum(_plain(cell.value) in known for cell in cells if cell.value is not None)
        seen.append((number, cells))
        if hits and (best is None or hits > best[0]):
            best = (hits, len(seen) - 1)
        if len(seen) == _HEADER_WITHIN or hits == len(columns):
            break
    if best is None:
        raise SheetError(
            say(
                _("The first row must hold the column names: %(columns)s."),
                columns=listed(column.heading for column in columns),
            )
        )
    number, cells = seen[best[1]]
    return number, cells, _chain(seen[best[1] + 1 :], rows)


def _chain(first, rest):
    yield from first
    yield from rest


class listed:
    """Words in one line, translated when read."""

    def __init__(self, headings):
        self.headings = list(headings)

    def __str__(self):
        return gettext(", ").join(str(heading) for heading in self.headings)


def _match(cells, columns):
    """({key: place}, {key: heading as written}, [unknown headings]) of a header row."""
    by_name = {name: column for column in columns for name in column.names()}
    places, headings, unknown = {}, {}, []
    for place, cell in enumerate(cells):
        if cell.value in (None, ""):
            continue
        written = str(cell.value).strip()
        column = by_name.get(_plain(written))
        if column is None:
            unknown.append(written)
        elif column.key in places:
            raise SheetError(
                say(_("The column %(column)s stands twice; delete one."), column=written)
            )
        else:
            places[column.key], headings[column.key] = place, written
    missing = [c.heading for c in columns if c.required and c.key not in places]
    if missing and unknown:
        raise SheetError(
            say(
                _(
                    "These columns are missing: %(missing)s. These are not known: %(unknown)s. "
                    "Correct the headings or use the template."
                ),
                missing=listed(missing),
                unknown=listed(unknown),
            )
        )
    if missing:
        raise SheetError(
            say(
                _("These columns are missing: %(missing)s. Add them or use the template."),
                missing=listed(missing),
            )
        )
    return places, headings, unknown


def _read(table, rows, columns, places, text_columns, max_rows):
    choices = {c.key: c.values() for c in columns if c.kind == "choice"}
    for number, cells in rows:
        table.count += 1
        if table.count > max_rows:
            raise SheetError(
                say(
                    _("This sheet has more than %(count)s rows; split it into several files."),
                    count=max_rows,
                )
            )
        found = {}
        for column in columns:
            place = places.get(column.key)
            cell = cells[place] if place is not None and place < len(cells) else None
            try:
                value = _value(cell, column, column.key in text_columns, choices)
            except ValueError as error:
                heading = table.headings.get(column.key, column.heading)
                table.problems.append(CellProblem(number, str(heading), error.args[0]))
                value = None
            found[column.key] = value
        yield number, found


def _value(cell, column, must_be_text, choices):
    """The cell as its column's kind; ValueError with the lazy sentence how to mend it."""
    value = None if cell is None else cell.value
    if isinstance(value, str):
        value = value.strip()
    if value in (None, ""):
        if column.required:
            raise ValueError(_("This cell is empty; fill it in."))
        return "" if column.kind in ("text", "choice") else None
    if cell.data_type == "f":
        raise ValueError(_("This cell holds a formula; paste it as a value."))
    if cell.data_type == "e":
        raise ValueError(_("This cell shows an Excel error; enter the value again."))
    if must_be_text and not isinstance(value, str):
        raise ValueError(
            _(
                "This cell is a number, and Excel may have changed its digits. Format the column "
                "as text and enter it again."
            )
        )
    if column.kind == "choice":
        return _choice(value, column, choices[column.key])
    return {"text": _text, "int": _int, "money": _money, "date": _date}[column.kind](value)


def _text(value):
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
    return str(value)


def _int(value):
    text = re.sub(r"[\s,，]", "", str(value).translate(_NARROW))
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise ValueError(_("Enter a whole number."))
    return int(text)


def _money(value):
    if isinstance(value, str):
        return parse_fen(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(_("Enter an amount in yuan, such as 2000, 2,000.00 or 2万."))
    exact = Decimal(repr(value)) * 100
    if not exact.is_finite() or abs(exact) > MAX_FEN:
        raise ValueError(_("This amount is too large; check the number of zeros."))
    # A sum that Excel worked out carries binary dust (0.30000000000000004); more is a mistake.
    fen = exact.to_integral_value()
    if abs(exact - fen) > Decimal("0.0001"):
        raise ValueError(_("Enter no more than two decimals; the smallest amount is 0.01 yuan."))
    return int(fen)


def _date(value):
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _DATE.fullmatch(re.sub(r"\s", "", str(value).translate(_NARROW)))
    try:
        return date(*(int(part) for part in found.groups() if part))
    except (AttributeError, ValueError):
        raise ValueError(_("Enter a date such as 2026-03-05.")) from None


def _choice(value, column, known):
    found = known.get(_plain(_text(value)))
    if found is None:
        raise ValueError(
            say(
                _("Choose one of: %(choices)s."),
                choices=listed(label for _value, label in column.pairs()),
            )
        )
    return found


# Writing


class _SteadyZip(zipfile.ZipFile):
    """A zip whose bytes depend on its content alone: no clock, no file dates, no system."""

    def writestr(self, name, data, *args, **kwargs):
        super().writestr(self._entry(name), data)

    def write(self, filename, arcname=None, *args, **kwargs):
        with open(filename, "rb") as source, self.open(self._entry(arcname), "w") as target:
            shutil.copyfileobj(source, target)

    def _entry(self, name):
        entry = zipfile.ZipInfo(name, _FIXED_ENTRY)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3
        entry.external_attr = 0o600 << 16
        return entry


def _save(book, target):
    """Write ``book`` to a path or binary stream; the same content gives the same bytes."""
    book.properties.creator = ""
    book.properties.created = book.properties.modified = _FIXED_MOMENT
    with tempfile.SpooledTemporaryFile(max_size=MAX_BYTES) as done:
        ExcelWriter(book, _SteadyZip(done, "w", zipfile.ZIP_DEFLATED)).save()
        done.seek(0)
        if hasattr(target, "write"):
            shutil.copyfileobj(done, target)
        else:
            with open(target, "wb") as file:
                shutil.copyfileobj(done, file)


def _sheet_title(title):
    return re.sub(r"[\[\]:*?/\\]", " ", _clean(title))[:31].strip(" '") or "Sheet1"


def _clean(value):
    """Text that XML and Excel can hold."""
    return _UNPRINTABLE.sub("", str(value))[:_MAX_TEXT]


def _styles(sheet):
    """{kind: style} and "header", each made once: a style per cell would fill the memory."""
    styles = {}
    for kind, number_format in _FORMATS.items():
        model = WriteOnlyCell(sheet)
        model.number_format = number_format
        model.alignment = Alignment(vertical="top", wrap_text=kind == "text")
        styles[kind] = model._style
    head = WriteOnlyCell(sheet)
    head.number_format = "@"
    head.font = Font(bold=True)
    head.fill = PatternFill("solid", fgColor="FFF1E6D6")
    head.alignment = Alignment(vertical="center", wrap_text=True)
    styles["header"] = head._style
    return styles


def _text_cell(sheet, value, style):
    cell = WriteOnlyCell(sheet, _clean(value))
    cell.data_type = "s"  # "=1+1" and "#N/A" too are what was written, not what they do
    cell._style = style
    return cell


def _cell(sheet, column, value, style):
    """A cell of the column's kind; TypeError for a value that is not of it."""
    if value is None or value == "":
        return None
    if column.kind == "choice":
        labels = {str(known): label for known, label in column.pairs()}
        return _text_cell(sheet, labels.get(str(value), value), style)
    if column.kind == "text":
        return _text_cell(sheet, value, style)
    wanted = date if column.kind == "date" else int
    if not isinstance(value, wanted) or isinstance(value, bool | datetime):
        raise TypeError(f"The column {column.key} takes {wanted.__name__}, not {value!r}.")
    in_fen = isinstance(value, int) and column.kind == "money"
    cell = WriteOnlyCell(sheet, Decimal(str(value)) / 100 if in_fen else value)
    cell._style = style
    return cell


def _begin(book, title, columns):
    """A sheet with widths, a frozen header that is repeated in print, and its styles."""
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    styles = _styles(sheet)
    for place, column in enumerate(columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = column.width
        dimension.number_format = _FORMATS[column.kind]
    return sheet, styles


def write_table(target, title, columns, rows):
    """Write ``rows`` under a header to a path or binary stream, a row at a time.

    A row is a mapping by column key or a sequence in column order. int and date columns
    take int and date, money columns take fen and show yuan; all else is written as text,
    whatever it begins with. Headings and choice labels are in the active language.
    TypeError for a value that does not fit its column. Same rows, same bytes.
    """
    write_tables(target, title, [(title, columns, rows)])


def write_tables(target, title, sheets):
    """Write several tables, each (title, columns, rows), as the sheets of one workbook."""
    book = Workbook(write_only=True)
    book.properties.title = _clean(title)
    for name, columns, rows in sheets:
        sheet, styles = _begin(book, name, columns)
        try:
            sheet.append([_text_cell(sheet, c.heading, styles["header"]) for c in columns])
            for row in rows:
                values = [row.get(c.key) for c in columns] if isinstance(row, Mapping) else row
                cells = zip(columns, values, strict=True)
                sheet.append([_cell(sheet, c, v, styles[c.kind]) for c, v in cells])
        except BaseException:
            for begun in book.worksheets:
                if begun._writer is not None:
                    begun.close()
                    begun._writer.cleanup()  # a half-written sheet waits in the temporary folder
            raise
    _save(book, target)


def write_template(target, columns, *, title=""):
    """An empty workbook to fill in: text columns as text, drop-down lists, a sheet of help.

    Required headings end in *. Examples stand on the second sheet and in the prompt of
    each column, never among the rows, where they would be imported.
    """
    write_templates(target, [(title or gettext("Template"), columns, MAX_ROWS)])


def write_templates(target, sheets, *, title="", words=()):
    """The same for a workbook of several sheets, each (title, columns, rows to prepare).

    ``words`` are sentences that stand on the sheet of help before its table.
    """
    book = Workbook(write_only=True)
    book.properties.title = _clean(title or sheets[0][0])
    begun = [_begin(book, name, columns) for name, columns, _rows in sheets]
    styles = begun[0][1]
    notes = book.create_sheet(_sheet_title(gettext("How to fill in")))
    lists = book.create_sheet("Lists")
    lists.sheet_state = "hidden"
    offered = []
    for (sheet, own), (_name, columns, rows) in zip(begun, sheets, strict=True):
        for place, column in enumerate(columns, 1):
            offered.append([label for _value, label in column.pairs()])
            sheet.data_validations.append(
                _validation(column, place, f"'{lists.title}'", len(offered), rows)
            )
        sheet.append(
            [
                _text_cell(sheet, f"{c.heading}{'*' if c.required else ''}", own["header"])
                for c in columns
            ]
        )
    _write_notes(notes, sheets, styles, words)
    for n in range(max(map(len, offered), default=0)):
        lists.append(
            [_text_cell(lists, o[n], styles["text"]) if n < len(o) else None for o in offered]
        )
    _save(book, target)


def _validation(column, place, lists, list_place, rows):
    letter, of_list = get_column_letter(place), get_column_letter(list_place)
    rule = DataValidation(
        sqref=f"{letter}2:{letter}{rows + 1}",
        allow_blank=True,
        promptTitle=_clean(column.heading)[:32],
        prompt=_clean(_hint(column))[:255],
        showInputMessage=True,
    )
    if column.kind == "choice":
        rule.type = "list"
        rule.formula1 = f"{lists}!${of_list}$1:${of_list}${len(column.choices)}"
        rule.showErrorMessage = True
        rule.error = _clean(gettext("Choose one from the list."))
    return rule


def _hint(column):
    words = gettext("Required.") if column.required else gettext("May be left empty.")
    if column.example:
        words += " " + gettext("Example: %(example)s") % {"example": column.example}
    return words


def _write_notes(notes, sheets, styles, sentences):
    notes.column_dimensions["A"].width = 24
    notes.column_dimensions["B"].width = 60
    for sentence in sentences:
        notes.append([None, _text_cell(notes, sentence, styles["text"])])
    heads = (gettext("Column"), gettext("What to enter"))
    for name, columns, _rows in sheets:
        if len(sheets) > 1:
            notes.append([_text_cell(notes, name, styles["header"])])
        notes.append([_text_cell(notes, head, styles["header"]) for head in heads])
        for column in columns:
            words = _hint(column)
            if column.kind == "choice":
                labels = listed(label for _value, label in column.pairs())
                words += " " + gettext("Choose one of: %(choices)s.") % {"choices": labels}
            notes.append(
                [_text_cell(notes, text, styles["text"]) for text in (column.heading, words)]
            )
