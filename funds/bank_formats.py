"""What the file for the bank looks like and how its answer is read: columns as data. No database.

A layout is plain JSON: the sheet, rows above the table, the columns in order, the name of the file,
and how the bank's answer calls its columns. It is kept with every file made by it, so that the same
bytes can be made again whatever becomes of the format.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from base import steady_xlsx
from base.masking import mask_account, mask_name
from base.words import say
from base.xlsx import Column

# Where the value of a column comes from: key, words.
SOURCES = (
    ("seq", _("number in the payment")),
    ("account_name", _("account name")),
    ("account", _("account number")),
    ("bank", _("bank")),
    ("branch", _("branch")),
    ("yuan", _("amount in yuan")),
    ("fen", _("amount in fen")),
    ("purpose", _("payment number as purpose")),
    ("case_number", _("case number")),
    ("constant", _("always the same text")),
)
KINDS = (("text", _("text")), ("number", _("number")))
NEEDED = ("account_name", "account")
AMOUNTS = ("yuan", "fen")
MOST_COLUMNS = 20
MOST_BEFORE = 5
LONGEST_NAME = 100
# How the answer of the bank is read: key, words.
ANSWERS = (
    ("seq", _("number in the payment")),
    ("case_number", _("case number")),
    ("account", _("account number")),
    ("amount", _("amount")),
    ("result", _("result")),
    ("reason", _("reason")),
)
KEYS = ("seq", "case_number", "account")  # any of these says which payment a row is about
_FILE_NAME = re.compile(r"[^\\/:*?\"<>|\x00-\x1f]{1,60}")
_SHEET = re.compile(r"[^\[\]:*?/\\\x00-\x1f]{1,31}")


@dataclass(frozen=True)
class Told:
    """One payment as the file tells it."""

    seq: int
    account_name: str
    account: str
    bank: str
    branch: str
    told_fen: int
    run_number: str
    case_number: str


def _column(source, heading, kind="text", constant="", width=18):
    found = {"source": source, "heading": heading, "kind": kind, "width": width}
    return found | ({"constant": constant} if source == "constant" else {})


def _answer(**headings):
    return {
        "headings": {key: headings.get(key, []) for key, _words in ANSWERS},
        "unit": headings.get("unit", "yuan"),
        "success": ["成功", "交易成功", "处理成功", "已入账", "入账成功"],
        "failure": ["失败", "交易失败", "处理失败", "退票", "退汇", "入账失败"],
    }


_ANSWER = _answer(
    seq=["序号", "顺序号"],
    account=["收款账号", "收款账户", "账号", "卡号"],
    amount=["金额（元）", "金额", "交易金额"],
    result=["处理结果", "交易结果", "状态", "处理状态"],
    reason=["失败原因", "原因", "银行回执信息"],
)
# Layouts to begin with; each company changes a copy to what its own bank asks for.
SEEDS = {
    "GENERAL": (
        _("general: seven columns of text"),
        {
            "sheet": "代发明细", "file_name": "{number}", "before": [], "header": True,
            "columns": [
                _column("seq", "序号", width=8), _column("account", "收款账号", width=28),
                _column("account_name", "收款户名"), _column("bank", "开户行", width=20),
                _column("branch", "支行", width=28), _column("yuan", "金额（元）"),
                _column("purpose", "附言", width=30),
            ],
            "answer": _ANSWER,
        },
    ),
    "NUMBERS": (
        _("amounts as numbers, account before name"),
        {
            "sheet": "Sheet1", "file_name": "{number}", "before": [], "header": True,
            "columns": [
                _column("account", "账号", width=28), _column("account_name", "户名"),
                _column("yuan", "金额", "number", width=14), _column("purpose", "摘要", width=30),
            ],
            "answer": _ANSWER,
        },
    ),
    "TITLED": (
        _("a title above the table, amounts in fen"),
        {
            "sheet": "批量代发", "file_name": "{number}", "before": [["批量代发明细表"]],
            "header": True,
            "columns": [
                _column("seq", "顺序号", "number", width=8),
                _column("constant", "币种", constant="人民币", width=8),
                _column("account", "收款账号", width=28), _column("account_name", "收款户名"),
                _column("bank", "收款行名称", width=28),
                _column("fen", "金额（分）", "number", width=16),
                _column("case_number", "企业流水号", width=22),
            ],
            "answer": _answer(
                seq=["顺序号"], case_number=["企业流水号"], account=["收款账号"],
                amount=["金额（分）"], unit="fen", result=["处理状态", "处理结果"],
                reason=["原因", "失败原因"],
            ),
        },
    ),
}  # fmt: skip


def wrong(layout):
    """What is wrong with a layout, in sentences; [] when files can be made by it."""
    found = []
    if not _SHEET.fullmatch(layout["sheet"]):
        found.append(_("The name of the sheet has 1 to 31 characters, none of [ ] : * ? / \\."))
    if not _FILE_NAME.fullmatch(layout["file_name"]):
        found.append(_('The name of the file has 1 to 60 characters, none of \\ / : * ? " < > |.'))
    if len(layout["before"]) > MOST_BEFORE:
        found.append(say(_("At most %(count)s rows stand above the table."), count=MOST_BEFORE))
    return found + _wrong_columns(layout["columns"]) + _wrong_answer(layout)


def _wrong_columns(columns):
    found = []
    if len(columns) > MOST_COLUMNS:
        found.append(say(_("At most %(count)s columns."), count=MOST_COLUMNS))
    sources = [column["source"] for column in columns]
    words = dict(SOURCES)
    for source in NEEDED:
        if source not in sources:
            found.append(
                say(_("The column “%(name)s” is missing: the bank needs it."), name=words[source])
            )
    if not any(source in AMOUNTS for source in sources):
        found.append(_("A column with the amount is missing: choose yuan or fen."))
    if all(amount in sources for amount in AMOUNTS):
        found.append(_("The amount stands in yuan or in fen, not in both."))
    for source in {s for s in sources if sources.count(s) > 1 and s != "constant"}:
        found.append(say(_("The column “%(name)s” stands twice; keep one."), name=words[source]))
    headings = [column["heading"] for column in columns]
    if len(set(headings)) < len(headings):
        found.append(_("Two columns have the same heading; name them apart."))
    for column in columns:
        numeric = column["source"] in (*AMOUNTS, "seq")
        if column["kind"] == "number" and not numeric:
            found.append(
                say(
                    _(
                        "“%(heading)s” must be text: only the amount and the number in the payment"
                        " may be numbers. Excel changes the digits of a long number."
                    ),
                    heading=column["heading"],
                )
            )
        if column["source"] == "constant" and not column.get("constant"):
            found.append(
                say(_("Say which text “%(heading)s” always holds."), heading=column["heading"])
            )
    return found


def _wrong_answer(layout):
    answer = layout["answer"]
    headings = answer["headings"]
    found = []
    if not headings["result"]:
        found.append(_("Say what the bank calls the column with the result."))
    if not any(headings[key] for key in KEYS):
        found.append(
            _("Say by which column an answer is found: number, case number or account number.")
        )
    names = [name for some in headings.values() for name in some]
    if len(set(names)) < len(names):
        found.append(_("The same heading stands for two columns of the answer; keep one."))
    if not answer["success"] or not answer["failure"]:
        found.append(_("Name the words for success and the words for failure."))
    if set(answer["success"]) & set(answer["failure"]):
        found.append(_("A word means success or failure, not both."))
    return found


def _value(column, told):
    """(kind, value) of one cell. Account numbers are always text, nothing is a formula."""
    source, kind = column["source"], column["kind"]
    if source == "constant":
        return "text", column["constant"]
    if source == "purpose":
        return "text", told.run_number
    if source == "yuan":
        fen = told.told_fen
        return ("money", fen) if kind == "number" else ("text", f"{fen // 100}.{fen % 100:02d}")
    if source == "fen":
        return ("int", told.told_fen) if kind == "number" else ("text", str(told.told_fen))
    if source == "seq" and kind == "number":
        return "int", told.seq
    return "text", str(getattr(told, source))


def workbook(layout, rows):
    """The bytes of the file: the same layout and payments give the same bytes, always."""
    lines = [[("text", text) for text in line] for line in layout["before"]]
    if layout["header"]:
        lines.append([("header", column["heading"]) for column in layout["columns"]])
    lines += [[_value(column, told) for column in layout["columns"]] for told in rows]
    widths = [column["width"] for column in layout["columns"]]
    return steady_xlsx.workbook(layout["sheet"], lines, widths=widths)


def file_name(layout, number):
    """The name of the file of a payment."""
    name = layout["file_name"].replace("{number}", number)
    return f"{name[:LONGEST_NAME]}.xlsx"


def sample(layout):
    """(headings, rows) of two invented payments, masked, as the file would show them."""
    rows = [
        Told(1, mask_name("张三丰"), mask_account("6222000000000010001"), "示例银行", "示例支行",
             3000_00, "2026-付-001", "2026-001"),
        Told(2, mask_name("李四"), mask_account("6222000000000010002"), "示例银行", "示例支行",
             5500_50, "2026-付-001", "2026-002"),
    ]  # fmt: skip
    shown = [[_shown(_value(column, told)) for column in layout["columns"]] for told in rows]
    return [column["heading"] for column in layout["columns"]], shown


def _shown(cell):
    kind, value = cell
    return f"{value // 100}.{value % 100:02d}" if kind == "money" else str(value)


def answer_columns(layout):
    """The columns in which the answer of the bank is read."""
    headings = layout["answer"]["headings"]
    amount = "int" if layout["answer"]["unit"] == "fen" else "money"
    return [
        Column(
            key, words, kind=amount if key == "amount" else "text", required=key == "result",
            aliases=tuple(headings[key]),
        )
        for key, words in ANSWERS
        if headings[key]
    ]  # fmt: skip
