"""A workbook of one sheet whose bytes depend on its content alone, today and in ten years.

Its parts are written here word for word: no library that could write them otherwise in its next
version, no clock, no packing. `base.xlsx` writes everything that need not be the same for ever.
"""

import io
import re
import zipfile
from xml.sax.saxutils import escape

_MOMENT = (2000, 1, 1, 0, 0, 0)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>'
    "</Types>"
)
_ROOT = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>"
)
_BOOK = (
    f'{_HEAD}<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="%s" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_BOOK_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    "</Relationships>"
)
_FORMATS = {"text": 49, "header": 49, "int": 1, "money": 4}  # numbers Excel knows by itself
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_SHEETS}">'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>%s</cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
) % "".join(
    f'<xf numFmtId="{number}" fontId="{int(kind == "header")}" fillId="0" borderId="0" xfId="0"'
    ' applyNumberFormat="1" applyFont="1"/>'
    for kind, number in _FORMATS.items()
)
_STYLE = {kind: place for place, kind in enumerate(_FORMATS, 1)}


def workbook(sheet, lines, *, widths=()):
    """The bytes of a workbook with these lines of cells on one sheet of this name.

    A cell is (kind, value), the kind one of text, header, int and money (fen, shown in yuan); text
    stays text, whatever it begins with. Widths are those of the first columns, in characters.
    """
    texts: dict[str, int] = {}
    rows = "".join(
        f'<row r="{number}">{_row(number, line, texts)}</row>'
        for number, line in enumerate(lines, 1)
    )
    cols = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )
    cols = f"<cols>{cols}</cols>" if cols else ""
    strings = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in texts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as book:
        for name, part in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _ROOT),
            ("xl/workbook.xml", _BOOK % escape(_plain(sheet), {'"': "&quot;"})),
            ("xl/_rels/workbook.xml.rels", _BOOK_RELATIONS),
            ("xl/styles.xml", _STYLES),
            ("xl/sharedStrings.xml", f'{_HEAD}<sst xmlns="{_SHEETS}">{strings}</sst>'),
            (
                "xl/worksheets/sheet1.xml",
                f'{_HEAD}<worksheet xmlns="{_SHEETS}">{cols}<sheetData>{rows}</sheetData>'
                "</worksheet>",
            ),
        ):
            book.writestr(_entry(name), part.encode())
    return target.getvalue()


def _entry(name):
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.create_system = 3  # else it tells which system packed it
    entry.external_attr = 0o600 << 16
    return entry


def _row(number, line, texts):
    return "".join(
        _cell(f"{_letter(place)}{number}", kind, value, texts)
        for place, (kind, value) in enumerate(line)
        if value not in ("", None)
    )


def _cell(place, kind, value, texts):
    style = _STYLE[kind]
    if kind in ("text", "header"):
        text = texts.setdefault(escape(_plain(value)), len(texts))
        return f'<c r="{place}" s="{style}" t="s"><v>{text}</v></c>'
    figure = f"{value // 100}.{value % 100:02d}" if kind == "money" else value
    return f'<c r="{place}" s="{style}"><v>{figure}</v></c>'


def _letter(place):
    """A, B, … Z, AA of a column, counted from 0."""
    before, rest = divmod(place, 26)
    return f"{_letter(before - 1) if before else ''}{chr(65 + rest)}"


def _plain(value):
    """Text that XML and Excel can hold."""
    return _UNPRINTABLE.sub("", str(value))
