"""How banks lay out their statements: headings as data, one row for each bank. No database.

A statement has one signed amount, or an amount with a mark of its direction, or two columns for
what came in and what went out. From the bank's side 贷 is what came in, 借 what went out.
"""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from base.xlsx import Column

# key: headings that several banks use
USUAL = {
    "on": ("交易日期", "记账日期", "入账日期", "日期", "交易时间", "交易日"),
    "amount": ("发生额", "交易金额", "金额"),
    "way": ("借贷标志", "借贷", "借贷方向", "收支方向", "方向"),
    "out": ("借方发生额", "借方金额", "支出", "支出金额", "转出金额", "付款金额"),
    "in": ("贷方发生额", "贷方金额", "收入", "收入金额", "转入金额", "收款金额"),
    "balance": ("余额", "账户余额", "联机余额", "本次余额"),
    "own": ("本方账号", "本方账户"),
    "name": ("对方户名", "对方单位名称", "对方名称", "交易对方", "对方单位"),
    "account": ("对方账号", "对方账户", "对方卡号", "对方卡号/账号"),
    "text": ("摘要", "用途", "附言", "备注", "交易摘要"),
    "reference": ("交易流水号", "流水号", "凭证号", "凭证号码", "交易参考号"),
}
OUT = ("借", "借方", "支出", "出", "付", "D", "DR", "-")
IN = ("贷", "贷方", "收入", "进", "收", "C", "CR", "+")


@dataclass(frozen=True)
class Layout:
    """One bank's statement: what it calls its columns beside the usual names."""

    code: str
    name: str | Promise
    headings: dict = field(default_factory=dict)


LAYOUTS = (
    Layout("GENERAL", _("usual headings")),
    Layout("ICBC", _("Industrial and Commercial Bank"), {
        "on": ("入账日期",), "way": ("借贷标志",), "amount": ("发生额",),
        "name": ("对方单位",), "text": ("个性化信息",), "reference": ("凭证号",),
    }),
    Layout("CCB", _("Construction Bank"), {
        "on": ("记账日期",), "out": ("借方发生额/元(支取)", "借方发生额（支取）"),
        "in": ("贷方发生额/元(收入)", "贷方发生额（收入）"),
        "reference": ("账户明细编号-交易流水号",),
    }),
    Layout("ABC", _("Agricultural Bank"), {
        "on": ("交易时间",), "out": ("支出金额",), "in": ("收入金额",), "text": ("交易用途",),
    }),
    Layout("BOC", _("Bank of China"), {
        "on": ("交易日期[ Transaction Date ]",), "amount": ("交易金额[ Trade Amount ]",),
        "balance": ("交易后余额[ After-transaction balance ]",),
        "name": ("对方名称[ Counterparty Name ]",),
        "reference": ("交易流水号[ Transaction reference number ]",),
    }),
)  # fmt: skip
CHOICES = [(layout.code, layout.name) for layout in LAYOUTS]
CODES = [layout.code for layout in LAYOUTS]

_COLUMNS = (
    ("on", _("Date"), "text", 12),
    ("amount", _("Amount (yuan)"), "money", 14),
    ("way", _("In or out"), "text", 8),
    ("out", _("Went out (yuan)"), "money", 14),
    ("in", _("Came in (yuan)"), "money", 14),
    ("balance", _("Balance after (yuan)"), "money", 16),
    ("own", _("Own account"), "text", 24),
    ("name", _("Other party"), "text", 20),
    ("account", _("Account of the other party"), "text", 26),
    ("text", _("Text of the bank"), "text", 30),
    ("reference", _("Bank reference"), "text", 22),
)
ACCOUNTS = ("own", "account")


def columns(code):
    """The columns in which a statement of this layout is read; the headings of all are known."""
    own = next(layout for layout in LAYOUTS if layout.code == code).headings
    return [
        Column(key, heading, kind=kind, width=width, aliases=(*own.get(key, ()), *USUAL[key]))
        for key, heading, kind, width in _COLUMNS
    ]


def template_columns():
    """The columns of the template: what went out beside what came in."""
    left_out = ("amount", "way", "own")
    return [column for column in columns("GENERAL") if column.key not in left_out]
