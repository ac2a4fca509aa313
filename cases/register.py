"""The workbook of a register of households: its three sheets, column by column, after the form."""

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from base.xlsx import Column
from cases.codes import Gate
from cases.models import Dossier, Expense, Member
from people.models import Sex

YES, NO = "YES", "NO"
YES_NO = ((YES, _("yes")), (NO, _("no")))
TRUTH = {YES: True, NO: False, "": None}

HOUSEHOLDS, MEMBERS, EXPENSES = "HOUSEHOLDS", "MEMBERS", "EXPENSES"
# What each sheet may be called, the first in the reader's language.
NAMES = {
    HOUSEHOLDS: (_("Household rows"), "户", "家庭"),
    MEMBERS: (_("Member rows"), "成员", "家庭成员"),
    EXPENSES: (_("Expense rows"), "支出", "刚性支出"),
}
SCALE = 8  # times the usual size of a workbook

# The longest texts of the encrypted columns, which the database does not limit.
_LONGEST = {
    "address": 200, "other_contact": 100, "property_note": 200, "help_received": 500,
    "allowance_number": 60, "story": 2000, "phone": 30, "id_number": 30,
}  # fmt: skip

_ALIASES = {
    "number": ("档案编号", "困难档案编号"),
    "category": ("困难类别",),
    "level": ("企业困难等级",),
    "main_cause": ("主要致困原因",),
    "opened_on": ("建档日期",),
    "review_due_on": ("下次复核", "下次复核日期"),
    "kind": ("档案类别", "类型"),
    "standard": ("建档标准", "档案级别"),
    "address": ("家庭住址", "现居住地"),
    "postcode": ("邮政编码",),
    "hukou_place": ("户口所在地行政区划", "户口所在地"),
    "other_contact": ("其他联系方式",),
    "housing": ("住房类型", "住房"),
    "floor_area": ("建筑面积", "建筑面积（㎡）"),
    "homes": ("住房套数",),
    "vehicles": ("机动车数量",),
    "property_note": ("其他财产",),
    "single_parent": ("是否单亲",),
    "union_member": ("是否工会会员",),
    "union_card": ("会员卡号",),
    "on_allowance": ("是否享受低保",),
    "allowance_fen": ("低保金额",),
    "allowance_number": ("低保证号",),
    "self_help": ("是否有一定自救能力",),
    "help_received": ("当前已接收帮扶情况",),
    "honours": ("获公司及以上荣誉",),
    "industry": ("所属行业",),
    "began_work_on": ("参加工作时间",),
    "key_group": ("重点群体",),
    "measure": ("解困脱困措施",),
    "relieved_on": ("解困脱困日期",),
    "other_income_fen": ("家庭其他非薪资年收入", "十二个月其他收入"),
    "story": ("家庭自述",),
    "relation": ("关系", "与户主关系"),
    "name": ("姓名",),
    "id_number": ("身份证号", "身份证号码"),
    "born_on": ("出生日期",),
    "sex": ("性别",),
    "monthly_income_fen": ("月收入",),
    "occupation": ("人员身份", "从业状况"),
    "health": ("健康状况",),
    "ill_this_year": ("本年度患病",),
    "disability_kind": ("残疾类别",),
    "disability_grade": ("残疾等级",),
    "ethnicity": ("民族",),
    "political": ("政治面貌",),
    "marital": ("婚姻状况",),
    "education": ("文化程度",),
    "hukou": ("户口类型",),
    "insurance": ("医保状况",),
    "model_worker": ("劳模类型",),
    "phone": ("手机", "手机号码"),
    "workplace": ("单位或学校",),
    "school_level": ("因学", "在学情况", "在读学段"),
    "work_state": ("工作状态",),
    "post": ("职务或岗位", "岗位"),
    "employer_kind": ("单位性质",),
    "employer_state": ("企业状况",),
    "contract_on": ("劳动合同/入伍时间",),
    "contract_term": ("合同期限",),
    "school_since": ("入学年份",),
    "school_years": ("年制",),
    "note": ("备注",),
    "spent_on": ("日期",),
    "gross_fen": ("支出金额",),
    "reimbursed_fen": ("其中已报销",),
    "vouchers": ("凭证张数",),
}
_REQUIRED = {
    "category", "level", "main_cause", "opened_on", "review_due_on", "relation", "name",
    "id_number", "monthly_income_fen", "occupation", "spent_on", "gross_fen",
}  # fmt: skip


def _of(model, name, **more):
    """The column of a sheet for a column of a table."""
    field = model._meta.get_field(name)
    kind: str = "text"
    choices: tuple = ()
    if field.choices:
        kind, choices = "choice", tuple(field.choices)
    elif isinstance(field, models.BooleanField):
        kind, choices = "choice", YES_NO
    elif isinstance(field, models.DateField):
        kind = "date"
    elif name.endswith("_fen"):
        kind = "money"
    elif isinstance(field, models.PositiveSmallIntegerField):
        kind = "int"
    made = {
        "key": name, "heading": capfirst(field.verbose_name), "kind": kind, "choices": choices,
        "required": name in _REQUIRED, "aliases": _ALIASES[name],
    }  # fmt: skip
    return Column(**made | more)


_KEY = Column(
    "household",
    _("Staff number or ID number of the head"),
    required=True,
    width=24,
    aliases=("户主职工编号", "户主职工编号或身份证号"),
)

GATES = {f"gate_{gate.value.lower()}": gate for gate in Gate}

HOUSEHOLD_COLUMNS = (
    Column(
        "staff_no",
        _("Staff number of the head"),
        aliases=("户主职工编号", "职工编号", "户主工号"),
        example="100023",
    ),
    Column(
        "head_id", _("ID number of the head"), width=22, aliases=("户主身份证号", "身份证号")
    ),
    Column("head_name", _("Name of the head"), required=True, aliases=("户主姓名", "姓名")),
    Column(
        "unit", _("Grassroots union"), width=28, aliases=("所属基层工会", "基层工会")
    ),
    _of(Dossier, "number"),
    _of(Dossier, "category"),
    _of(Dossier, "level"),
    _of(Dossier, "main_cause", width=24),
    Column(
        "side_causes",
        _("Other causes (three at most)"),
        width=28,
        aliases=("次要致困原因",),
        example="子女上学、残疾",
    ),
    _of(Dossier, "opened_on"),
    _of(Dossier, "review_due_on"),
    Column("persons", _("Persons in the household"), kind="int", aliases=("家庭人口",)),
    *(
        _of(Dossier, name)
        for name in (
            "other_income_fen", "kind", "standard", "address", "postcode", "hukou_place",
            "other_contact", "housing", "floor_area", "homes", "vehicles", "property_note",
            "single_parent", "union_member", "union_card", "on_allowance", "allowance_fen",
            "allowance_number", "self_help", "help_received", "honours", "industry",
            "began_work_on", "key_group", "measure", "relieved_on", "story",
        )
    ),
    *(
        Column(key, gate.label, kind="choice", choices=YES_NO)
        for key, gate in GATES.items()
    ),
)  # fmt: skip
MEMBER_COLUMNS = (
    _KEY,
    _of(Member, "relation"),
    _of(Member, "name"),
    _of(Member, "id_number", width=22),
    _of(Member, "born_on"),
    Column("sex", _("Sex"), kind="choice", choices=tuple(Sex.choices), aliases=_ALIASES["sex"]),
    _of(Member, "monthly_income_fen", example="3,500.00"),
    *(
        _of(Member, name)
        for name in (
            "occupation", "health", "ill_this_year", "disability_kind", "disability_grade",
            "ethnicity", "political", "marital", "education", "hukou", "insurance",
            "model_worker", "phone", "workplace", "school_level", "work_state", "post",
            "employer_kind", "employer_state", "contract_on", "contract_term", "school_since",
            "school_years", "note",
        )
    ),
)  # fmt: skip
EXPENSE_COLUMNS = (
    _KEY,
    Column("member", _("For whom (name)"), aliases=("为谁支出", "为谁支出（姓名）")),
    _of(Expense, "kind", required=True, aliases=("类型", "支出类型")),
    _of(Expense, "spent_on"),
    _of(Expense, "gross_fen"),
    _of(Expense, "reimbursed_fen"),
    _of(Expense, "vouchers"),
    _of(Expense, "note"),
)

# Each sheet, its columns, which of them are text cells, and how many rows it may have.
SHEETS = (
    (HOUSEHOLDS, HOUSEHOLD_COLUMNS, ("head_id",), 20_000),
    (MEMBERS, MEMBER_COLUMNS, ("id_number",), 100_000),
    (EXPENSES, EXPENSE_COLUMNS, (), 100_000),
)

LONGEST = _LONGEST | {
    name: model._meta.get_field(name).max_length
    for model, columns in ((Dossier, HOUSEHOLD_COLUMNS), (Member, MEMBER_COLUMNS))
    for name in (column.key for column in columns if column.kind == "text")
    if name not in _LONGEST and name in {f.name for f in model._meta.local_concrete_fields}
    if model._meta.get_field(name).max_length
}
RANGES = {
    "persons": (1, 30), "floor_area": (0, 2000), "homes": (0, 99), "vehicles": (0, 99),
    "school_since": (1950, 2100), "school_years": (1, 12), "vouchers": (0, 9999),
}  # fmt: skip


def template_sheets(units):
    """(title, columns, rows to prepare) of the template; `units` are the names to choose from."""
    found = []
    for sheet, columns, _texts, most in SHEETS:
        offered = [
            Column("unit", column.heading, kind="choice", choices=tuple(units), width=column.width)
            if column.key == "unit" and units
            else column
            for column in columns
        ]
        found.append((NAMES[sheet][0], offered, most))
    return found


INSTRUCTIONS = (
    _("One row for each household, on the first sheet; whoever heads it stands on the roster."),
    _("One row for each person, on the second sheet, the head too, as “the employee”."),
    _("Expenses of the last twelve months stand on the third sheet; it may stay empty."),
    _("The staff number or the ID number of the head ties the rows of a household together."),
    _("Class, level and the day of recognition are taken over as they are: they were decided."),
    _("Leave the dossier number empty where there is none: the household gets the next one."),
)
