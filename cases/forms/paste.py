"""A table of household members copied out of a spreadsheet or a document, read into rows."""

import csv
import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import card
from cases.models import Member

# How the columns are headed on the papers of the trade; None: known, and not needed.
HEADS = {
    "姓名": "name", "关系": "relation", "与本人关系": "relation", "与职工关系": "relation",
    "称谓": "relation", "身份证号": "id_number", "身份证": "id_number", "身份证号码": "id_number",
    "公民身份号码": "id_number", "人员身份": "occupation", "身份": "occupation",
    "职业": "occupation", "单位或学校": "workplace", "工作单位": "workplace",
    "单位": "workplace", "学校": "workplace", "工作单位或学校": "workplace",
    "月收入": "monthly_income_fen", "健康状况": "health", "健康": "health",
    "当年患病": "ill_this_year", "医保状况": "insurance", "医保": "insurance",
    "民族": "ethnicity", "政治面貌": "political", "文化程度": "education", "学历": "education",
    "婚姻状况": "marital", "婚姻": "marital", "户口类型": "hukou", "户口": "hukou",
    "劳模类型": "model_worker", "手机": "phone", "手机号码": "phone", "电话": "phone",
    "联系电话": "phone", "备注": "note", "序号": None, "性别": None, "出生日期": None,
    "出生年月": None, "年龄": None,
}  # fmt: skip
# The order of the paper, for a table without its head.
ORDER = ("name", "relation", "id_number", "occupation", "workplace", "monthly_income_fen", "health",
         "insurance", "note")  # fmt: skip
SELF = ("本人", "户主", "SELF")
# What people write for a code beside its own words.
ALSO = {
    "relation": {
        "妻子": "SPOUSE", "妻": "SPOUSE", "丈夫": "SPOUSE", "夫": "SPOUSE", "爱人": "SPOUSE",
        "子": "SON", "长子": "SON", "次子": "SON", "女": "DAUGHTER", "长女": "DAUGHTER",
        "次女": "DAUGHTER", "父亲": "PARENT", "母亲": "PARENT", "父": "PARENT", "母": "PARENT",
        "岳父": "PARENT_IN_LAW", "岳母": "PARENT_IN_LAW", "公公": "PARENT_IN_LAW",
        "婆婆": "PARENT_IN_LAW", "孙子": "GRANDCHILD", "孙女": "GRANDCHILD",
        "外孙": "GRANDCHILD", "外孙女": "GRANDCHILD", "祖父": "GRANDPARENT",
        "祖母": "GRANDPARENT", "哥哥": "SIBLING", "弟弟": "SIBLING", "姐姐": "SIBLING",
        "妹妹": "SIBLING", "配偶": "SPOUSE", "儿子": "SON", "女儿": "DAUGHTER",
        "父母": "PARENT",
    },
    "occupation": {
        "在职": "WORKING", "在岗": "WORKING", "学生": "STUDENT", "在校": "STUDENT",
        "在校学生": "STUDENT", "学龄前": "PRESCHOOL", "失业": "UNEMPLOYED", "无业": "UNEMPLOYED",
        "待业": "UNEMPLOYED", "退休": "RETIRED", "无劳动能力": "UNABLE", "打工": "CASUAL",
        "临时工": "CASUAL", "灵活就业": "CASUAL",
    },
    "health": {"健康": "GOOD", "良好": "GOOD", "一般": "MINOR", "癌症": "CANCER",
               "恶性肿瘤": "CANCER", "尿毒症": "KIDNEY", "残疾": "DISABLED"},
    "insurance": {"职工医保": "EMPLOYEE", "城镇职工": "EMPLOYEE", "居民医保": "RESIDENT",
                  "城镇居民": "RESIDENT", "新农合": "RURAL", "公费": "PUBLIC", "无": "NONE",
                  "未参保": "NONE"},
    "ill_this_year": {"是": "on", "有": "on", "√": "on", "否": "", "无": ""},
}  # fmt: skip


@dataclass
class Pasted:
    """Rows as form values {column: text}, and sentences about what could not be taken over."""

    rows: list = field(default_factory=list)
    remarks: list = field(default_factory=list)


def read(text):
    """The rows of a pasted table, by its head, or without one in the order of the paper."""
    lines = [cells for cells in _cells(text) if any(cells)]
    found = Pasted()
    if not lines:
        return found
    columns = [HEADS.get(_bare(cell), "?") for cell in lines[0]]
    if "name" in columns:
        for cell, column in zip(lines[0], columns, strict=True):
            if column == "?" and cell:
                found.remarks.append(_("The column “%(head)s” was left out.") % {"head": cell})
        lines = lines[1:]
    else:
        columns = list(ORDER)
    words = {name: _words(name) for name in {*columns} if name and name in _CODED}
    for number, cells in enumerate(lines, start=1):
        values = {
            column: cell
            for column, cell in zip(columns, cells, strict=False)
            if column not in (None, "?") and cell
        }
        if values.get("relation") in SELF:
            found.remarks.append(
                _("Row %(row)s is the employee, who stands above; it was left out.")
                % {"row": number}
            )
        elif values:
            found.rows.append(_coded(values, words, number, found.remarks))
    return found


def _cells(text):
    """The cells of each line: tabs first, as spreadsheets copy; else commas; else spaces."""
    if "\t" in text:
        lines = csv.reader(text.splitlines(keepends=True), delimiter="\t")
        return [[" ".join(cell.split()) for cell in line] for line in lines]
    apart = r"\s*[,，;；]\s*" if re.search(r"[,，;；]", text) else r"\s+"
    return [re.split(apart, line.strip()) for line in text.splitlines()]


def _bare(head):
    """A head without its unit, star and spaces: “*月收入（元）” is 月收入."""
    return re.sub(r"[（(].*?[）)]|[\s*★☆：:]", "", head)


_CODED = {
    name
    for name in ("relation", *card.MEMBER_MAIN, *card.MEMBER_MORE)
    if Member._meta.get_field(name).choices or name == "ill_this_year"
}


def _words(name):
    """{how somebody may write it: code} of one code list, in both languages."""
    found = {}
    for language in ("en", "zh-hans"):
        with override(language):
            for code, label in Member._meta.get_field(name).choices or ():
                found[str(label)] = found[code] = code
    if name == "ethnicity":
        found |= {label.removesuffix("族"): code for label, code in found.items()}
    return found | ALSO.get(name, {})


def _coded(values, words, number, remarks):
    for name in [name for name in values if name in words]:
        text = values[name]
        if text in words[name]:
            values[name] = words[name][text]
        else:
            del values[name]
            remarks.append(
                _("Row %(row)s: “%(text)s” is not in the list of “%(column)s”; choose it there.")
                % {"row": number, "text": text,
                   "column": Member._meta.get_field(name).verbose_name}
            )  # fmt: skip
    return values
