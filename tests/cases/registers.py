"""Workbooks of registers of households, of any size, and the mistakes that can be planted."""

import io
from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from base.crypto import blind_index
from people.models import Person
from tests.factories import id_number

HOUSEHOLD = (
    "户主职工编号 户主身份证号 户主姓名 所属基层工会 档案编号 困难类别 企业困难等级 主要致困原因 "
    "次要致困原因 建档日期 下次复核 家庭人口 家庭住址 邮政编码 是否享受低保 低保金额 家庭自述 "
    "家庭其他非薪资年收入"
).split()
MEMBER = "户主职工编号 关系 姓名 身份证号 出生日期 性别 月收入 人员身份 健康状况 手机".split()
EXPENSE = "户主职工编号 为谁支出 支出类型 日期 支出金额 其中已报销 凭证张数".split()
TITLES = ("户", "成员", "支出")


def persons(unit, count, first=0):
    """Heads of households on the roster, made without factories: there may be thousands."""
    made = []
    for n in range(first, first + count):
        number = head_id(n)
        made.append(
            Person(
                unit=unit, company_id=unit.parent_id, staff_no=f"H{n:06d}", name=f"王{n}",
                name_pinyin="wang", sex="MALE", born_on=born(n), id_number=number,
                id_index=blind_index(number, "id_number"), standing="IN_SERVICE",
            )
        )  # fmt: skip
    Person.objects.bulk_create(made, batch_size=500)


def born(n, year=1950):
    """A day of its own for every 500 persons, so that their ID numbers differ."""
    return date(year, 1, 1) + timedelta(days=n // 500)


def head_id(n):
    return id_number(n, born=born(n))


def spouse_id(n):
    return id_number(n, born=born(n, 1953), sex="FEMALE")


def child_id(n):
    return id_number(n, born=born(n, 2010))


class Register:
    """The rows of the three sheets: {household n: cells}, [cells] and [cells]."""

    def __init__(self, count, first=0):
        self.numbers = list(range(first, first + count))
        self.households = {n: household(n) for n in self.numbers}
        self.members = {n: members(n) for n in self.numbers}
        self.expenses = {n: [expense(n)] for n in self.numbers}
        self.more = {title: [] for title in TITLES}
        self.prepare = None

    def content(self):
        streaming = self.prepare is None
        book = Workbook(write_only=streaming)
        if not streaming:
            book.remove(book.active)
        sheets = (
            (HOUSEHOLD, [self.households[n] for n in self.numbers]),
            (MEMBER, [row for n in self.numbers for row in self.members[n]]),
            (EXPENSE, [row for n in self.numbers for row in self.expenses[n]]),
        )
        for title, (headings, rows) in zip(TITLES, sheets, strict=True):
            sheet = book.create_sheet(title)
            sheet.append(headings)
            for row in [*rows, *self.more[title]]:
                sheet.append([row.get(heading) for heading in headings])
        if self.prepare:
            self.prepare(book)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    def upload(self, name="register.xlsx"):
        return SimpleUploadedFile(name, self.content())


def household(n):
    return {
        "户主职工编号": f"H{n:06d}",
        "户主姓名": f"王{n}",
        "困难类别": "深度困难",
        "企业困难等级": "特困",
        "主要致困原因": "本人患重病",
        "建档日期": "2025-03-01",
        "下次复核": "2026-12-31",
        "家庭人口": 3,
        "家庭住址": f"示例街道{n}号",
    }


def members(n):
    key = {"户主职工编号": f"H{n:06d}"}
    return [
        key
        | {
            "关系": "本人", "姓名": f"王{n}", "身份证号": head_id(n), "月收入": "2,000.00",
            "人员身份": "稳定就业", "健康状况": "恶性肿瘤", "手机": "13800001111",
        },
        key
        | {"关系": "配偶", "姓名": f"李{n}", "身份证号": spouse_id(n), "月收入": 0,
           "人员身份": "无劳动能力"},
        key
        | {"关系": "子", "姓名": f"王小{n}", "身份证号": child_id(n), "月收入": 0,
           "人员身份": "在校"},
    ]  # fmt: skip


def expense(n):
    return {
        "户主职工编号": f"H{n:06d}", "为谁支出": f"王{n}", "支出类型": "因病",
        "日期": "2026-01-05", "支出金额": "2万", "其中已报销": "12000", "凭证张数": 3,
    }  # fmt: skip


def _other_digit(number):
    return number[:-1] + ("1" if number[-1] != "1" else "2")


# Each plants one mistake into household n of a register.


def _set(part, heading, value, which=0):
    def plant(register, n):
        rows = getattr(register, part)[n]
        row = rows if part == "households" else rows[which]
        row[heading] = value(n) if callable(value) else value

    return plant


def _add_member(**cells):
    def plant(register, n):
        row = dict(register.members[n][1])
        register.members[n].append(row | {k: v(n) if callable(v) else v for k, v in cells.items()})
        register.households[n]["家庭人口"] = len(register.members[n])

    return plant


def _drop_head(register, n):
    register.members[n].pop(0)
    register.expenses[n] = []
    register.households[n]["家庭人口"] = 2


def _orphan(register, n):
    register.more["成员"].append(dict(register.members[n][1], 户主职工编号=f"X{n}"))


def _same_household(register, n):
    register.more["户"].append(dict(register.households[n]))


def _same_person(register, n):
    before = register.numbers[register.numbers.index(n) - 1]
    register.members[n][1]["身份证号"] = spouse_id(before)


MISTAKES = {  # name: (plant, the sheet, the column, a part of the English sentence)
    "numeric ID": (
        _set("members", "身份证号", lambda n: int(spouse_id(n)[:17] + "0"), 1),
        "成员", "身份证号", "This cell is a number, and Excel may have changed its digits."),
    "check digit": (
        _set("members", "身份证号", lambda n: _other_digit(spouse_id(n)), 1),
        "成员", "身份证号", "The last character does not fit the others"),
    "birth": (
        _set("members", "出生日期", "1999-01-01", 1),
        "成员", "出生日期", "The date of birth does not match the ID number"),
    "sex": (
        _set("members", "性别", "男", 1),
        "成员", "性别", "The sex does not match the ID number"),
    "unknown unit": (
        _set("households", "所属基层工会", "没有的工会"),
        "户", "所属基层工会", "No grassroots union of this company has this name"),
    "unknown code": (
        _set("members", "人员身份", "神仙", 1),
        "成员", "人员身份", "Choose one of: "),
    "amount in words": (
        _set("members", "月收入", "很多", 1),
        "成员", "月收入", "Enter an amount in yuan, such as 2000, 2,000.00 or 2万."),
    "date in words": (
        _set("households", "建档日期", "去年春天"),
        "户", "建档日期", "Enter a date such as 2026-03-05."),
    "two heads": (
        _set("members", "关系", "本人", 1),
        "成员", "关系", "is the head already; a household has one."),
    "head missing": (
        _drop_head, "户", "户主职工编号", "No row of the second sheet is the head"),
    "income below zero": (
        _set("members", "月收入", -5, 1),
        "成员", "月收入", "An amount is not below zero."),
    "class missing": (
        _set("households", "困难类别", None), "户", "困难类别", "This cell is empty; fill it in."),
    "level missing": (
        _set("households", "企业困难等级", None),
        "户", "企业困难等级", "This cell is empty; fill it in."),
    "re-check too early": (
        _set("households", "下次复核", "2024-01-01"),
        "户", "下次复核", "The next re-check comes after the day of recognition"),
    "re-check too late": (
        _set("households", "下次复核", "2031-01-01"),
        "户", "下次复核", "A re-check comes by "),
    "reimbursed too much": (
        _set("expenses", "其中已报销", "3万"),
        "支出", "其中已报销", "No more is reimbursed than was spent"),
    "four causes": (
        _set("households", "次要致困原因", "残疾、子女上学、意外事故、失业"),
        "户", "次要致困原因", "Three other causes at most; leave some out."),
    "long text": (
        _set("households", "家庭住址", "长" * 201),
        "户", "家庭住址", "At most 200 characters; shorten this."),
    "formula": (
        _set("households", "家庭住址", "=1+1"),
        "户", "家庭住址", "This cell holds a formula; paste it as a value."),
    "wrong count": (
        _set("households", "家庭人口", 5),
        "户", "家庭人口", "The second sheet has 3 persons of this household"),
    "opened ahead": (
        _set("households", "建档日期", "2026-09-01"),
        "户", "建档日期", "This date lies ahead; check the year."),
    "other name": (
        _set("households", "户主姓名", "赵不同"),
        "户", "户主姓名", "The roster has another name for this number"),
    "allowance without yes": (
        _set("households", "低保金额", 500), "户", "是否享受低保", "An allowance a month without"),
    "expense for a stranger": (
        _set("expenses", "为谁支出", "路人"),
        "支出", "为谁支出", "Nobody of this household has this name"),
    "spent nothing": (
        _set("expenses", "支出金额", 0),
        "支出", "支出金额", "Enter what was spent, more than zero."),
    "phone": (_set("members", "手机", "无"), "成员", "手机", "A phone number has 6 to 20 digits."),
    "postcode": (
        _set("households", "邮政编码", "15"), "户", "邮政编码", "A postcode has six digits."),
    "person twice": (
        _add_member(关系="母亲" and "父母"), "成员", "身份证号",
        "The same number stands in row"),
}  # fmt: skip
ACROSS = {  # mistakes that touch more than one household, or none
    "unknown head": (
        _set("households", "户主职工编号", "X000000"),
        "户", "户主职工编号", "Nobody on the roster has this staff number"),
    "orphan": (
        _orphan, "成员", "户主职工编号", "The first sheet has no household with this number"),
    "household twice": (
        _same_household, "户", "户主姓名", "This household stands twice, in row"),
    "person in two households": (
        _same_person, "成员", "身份证号", "This person stands in another household too"),
}  # fmt: skip


def planted(count, each, kinds=tuple(MISTAKES)):
    """A register with every mistake of `kinds` planted `each` times; {name: [household]}."""
    register = Register(count)
    places = iter(register.numbers[5::5])
    where = {}
    for kind in kinds:
        for _n in range(each):
            n = next(places)
            MISTAKES[kind][0](register, n)
            where.setdefault(kind, []).append(n)
    return register, where
