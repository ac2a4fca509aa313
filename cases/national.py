"""The columns of the national dossier form in its order, with its code numbers. Always Chinese.

Sex and marriage after GB/T 2261, health after GB/T 2261.3, relations after GB/T 4761, ethnic
groups after GB/T 3304; causes, kinds and groups after the union dossier form.
"""

from base.xlsx import Column
from cases.codes import Cause, ExpenseKind, Health
from cases.form_codes import DisabilityKind, Ethnicity, Marital
from people.models import Relation, Sex

SEX = {Sex.MALE: "1", Sex.FEMALE: "2"}
MARITAL = {
    Marital.SINGLE: "10", Marital.MARRIED: "20", Marital.WIDOWED: "30", Marital.DIVORCED: "40",
}  # fmt: skip
UNKNOWN_MARITAL = "90"
RELATION = {
    Relation.SELF: "0", Relation.SPOUSE: "1", Relation.SON: "2", Relation.DAUGHTER: "3",
    Relation.GRANDCHILD: "4", Relation.PARENT: "5", Relation.PARENT_IN_LAW: "5",
    Relation.GRANDPARENT: "6", Relation.SIBLING: "7", Relation.OTHER: "8",
}  # fmt: skip
ETHNICITY = {group: f"{place:02d}" for place, group in enumerate(Ethnicity, 1)}
HEALTH = {
    Health.GOOD: "10", Health.MINOR: "20", Health.CANCER: "41", Health.TUMOUR: "41",
    Health.HEART: "31", Health.STROKE: "32", Health.LUNG: "33", Health.LIVER: "34",
    Health.KIDNEY: "35", Health.DIABETES: "37", Health.MENTAL: "38", Health.DEMENTIA: "38",
    Health.PARKINSON: "38", Health.MOTOR_NEURON: "38", Health.BLOOD: "49", Health.SPINE: "49",
    Health.HYPERTENSION: "31", Health.PARALYSIS: "64", Health.COMA: "49", Health.DISABLED: "69",
}  # fmt: skip
DISABILITY = {
    DisabilityKind.SIGHT: "61", DisabilityKind.HEARING: "62", DisabilityKind.SPEECH: "63",
    DisabilityKind.LIMBS: "64", DisabilityKind.MIND: "65", DisabilityKind.MENTAL: "66",
    DisabilityKind.MULTIPLE: "67",
}  # fmt: skip
CAUSE = {
    Cause.DISABILITY: "1", Cause.FEW_EARNERS: "2", Cause.UNEMPLOYMENT: "3",
    Cause.OWN_ILLNESS: "6", Cause.FAMILY_ILLNESS: "6", Cause.DISASTER: "7", Cause.ACCIDENT: "8",
    Cause.SCHOOLING: "9", Cause.OTHER: "10",
}  # fmt: skip
_HEADS = (
    (ExpenseKind.ILLNESS, "因病支出"), (ExpenseKind.DISABILITY, "因残支出"),
    (ExpenseKind.SCHOOLING, "因学支出"), (ExpenseKind.HOUSING, "住房支出"),
    (ExpenseKind.DISASTER, "因灾支出"), (ExpenseKind.OTHER, "其他刚性支出"),
    (ExpenseKind.WORK, "必要就业成本"),
)  # fmt: skip


def _text(*headings):
    return [Column(heading, heading) for heading in headings]


def _money(*headings):
    return [Column(heading, heading, kind="money") for heading in headings]


def _days(*headings):
    return [Column(heading, heading, kind="date") for heading in headings]


def _numbers(*headings):
    return [Column(heading, heading, kind="int", width=10) for heading in headings]


HOUSEHOLDS = (
    *_text("档案编号", "职工编号", "建档标准", "档案类别", "困难类别", "企业困难等级", "姓名"),
    *_text("民族", "民族代码", "性别", "性别代码"),
    *_days("出生日期"),
    *_numbers("年龄"),
    *_text("身份证号", "政治面貌", "婚姻状况", "婚姻状况代码", "是否单亲"),
    *_text("健康状况", "健康状况代码", "残疾类别", "残疾等级", "劳模类型", "户口类型"),
    *_text("户口所在地行政区划", "家庭住址", "邮政编码", "手机号码", "其他联系方式", "住房类型"),
    *_numbers("建筑面积"),
    *_text("是否工会会员", "会员卡号", "医保状况", "是否享受低保"),
    *_money("低保金额"),
    *_text("低保证号", "是否有一定自救能力", "是否零就业家庭", "当前已接收帮扶情况"),
    *_text("获公司及以上荣誉", "人员类别", "工作状态", "工作单位", "所属基层工会", "单位性质"),
    *_text("企业状况", "所属行业代码", "所属行业"),
    *_days("参加工作时间", "劳动合同签订时间"),
    *_text("劳动合同期限", "职务或岗位"),
    *_money("本人月平均收入", "家庭其他非薪资年收入", "家庭年度总收入"),
    *_numbers("家庭人口"),
    *_money("家庭月人均收入", *(heading for _kind, heading in _HEADS), "家庭月人均纯收入"),
    *_numbers("家庭就业人口数", "住房套数", "机动车数量"),
    *_text("其他财产", "主要致困原因代码", "主要致困原因", "次要致困原因代码", "次要致困原因"),
    *_text("是否解困脱困对象"),
    *_days("解困脱困日期"),
    *_text("重点群体", "解困脱困措施"),
    *_days("建档日期", "下次复核"),
    *_text("开户银行", "支行名称", "银行卡号"),
)
MEMBERS = (
    *_text("档案编号", "户主姓名", "姓名", "关系", "关系代码", "民族", "民族代码", "身份证号"),
    *_days("出生日期"),
    *_numbers("年龄"),
    *_text("性别", "性别代码", "政治面貌", "文化程度"),
    *_money("月收入"),
    *_text("劳模类型", "健康状况", "健康状况代码", "残疾类别", "残疾等级", "医保状况"),
    *_text("婚姻状况", "婚姻状况代码", "户口类型", "手机", "人员身份", "单位或学校"),
    *_text("单位性质", "企业状况"),
    *_numbers("入学年份", "年制"),
    *_days("劳动合同或入伍时间"),
    *_text("合同期限", "备注"),
)


def household(dossier, members, totals, on):
    """The row of one household; `members` are those who live in it, the head among them, and
    `totals` the income arithmetic (None without a subsistence line)."""
    head = dossier.head
    self_row = next((m for m in members if m.relation == Relation.SELF), None)
    earners = [m for m in members if m.counted_occupation == "WORKING"]
    income = 12 * sum(m.income_fen for m in members) + dossier.counted_other_income_fen
    row = {
        "档案编号": dossier.number,
        "职工编号": head.staff_no,
        "建档标准": dossier.get_standard_display(),
        "档案类别": dossier.get_kind_display(),
        "困难类别": dossier.get_category_display(),
        "企业困难等级": dossier.get_level_display(),
        "户口所在地行政区划": dossier.hukou_place,
        "家庭住址": dossier.address,
        "邮政编码": dossier.postcode,
        "其他联系方式": dossier.other_contact,
        "住房类型": dossier.get_housing_display(),
        "建筑面积": dossier.floor_area,
        "是否单亲": yes_no(dossier.single_parent),
        "是否工会会员": yes_no(dossier.union_member),
        "会员卡号": dossier.union_card,
        "是否享受低保": yes_no(dossier.on_allowance),
        "低保金额": dossier.allowance_fen,
        "低保证号": dossier.allowance_number,
        "是否有一定自救能力": yes_no(dossier.self_help),
        "是否零就业家庭": yes_no(not earners),
        "当前已接收帮扶情况": dossier.help_received,
        "获公司及以上荣誉": dossier.honours,
        "人员类别": head.get_standing_display(),
        "所属基层工会": dossier.unit.name,
        "所属行业代码": dossier.industry,
        "所属行业": dossier.get_industry_display(),
        "参加工作时间": dossier.began_work_on,
        "家庭其他非薪资年收入": dossier.counted_other_income_fen,
        "家庭年度总收入": income,
        "家庭人口": len(members),
        "家庭月人均收入": income // 12 // len(members) if members else None,
        "家庭月人均纯收入": totals["net_income_fen"] if totals else None,
        "家庭就业人口数": len(earners),
        "住房套数": dossier.homes,
        "机动车数量": dossier.vehicles,
        "其他财产": dossier.property_note,
        "主要致困原因代码": CAUSE.get(dossier.main_cause, ""),
        "主要致困原因": dossier.get_main_cause_display(),
        "次要致困原因代码": "、".join(sorted({CAUSE[c] for c in dossier.side_causes}, key=int)),
        "次要致困原因": "、".join(str(Cause(c).label) for c in dossier.side_causes),
        "是否解困脱困对象": yes_no(bool(dossier.key_group)),
        "解困脱困日期": dossier.relieved_on,
        "重点群体": dossier.get_key_group_display(),
        "解困脱困措施": dossier.get_measure_display(),
        "建档日期": dossier.opened_on,
        "下次复核": dossier.review_due_on,
        "开户银行": head.bank,
        "支行名称": head.branch,
        "银行卡号": head.account,
    }
    expenses = dict.fromkeys((heading for _kind, heading in _HEADS), 0)
    headings = dict(_HEADS)
    for expense in dossier.expenses.all():
        expenses[headings[expense.kind]] += expense.net_fen
    return row | expenses | _of_head(head, self_row, on)


def _of_head(head, self_row, on):
    """What the form asks of the employee, who is a member too; the roster knows some of it."""
    if self_row is None:
        return {"姓名": head.name, "身份证号": head.id_number, "手机号码": head.phone}
    person = _person(self_row, on)
    return {
        **person,
        "手机号码": self_row.phone or head.phone,
        "工作状态": self_row.get_work_state_display(),
        "工作单位": self_row.workplace,
        "单位性质": self_row.get_employer_kind_display(),
        "企业状况": self_row.get_employer_state_display(),
        "劳动合同签订时间": self_row.contract_on,
        "劳动合同期限": self_row.get_contract_term_display(),
        "职务或岗位": self_row.post,
        "本人月平均收入": self_row.income_fen,
    }


def _person(member, on):
    """What both sheets say of a person alike."""
    return {
        "姓名": member.name,
        "民族": member.get_ethnicity_display(),
        "民族代码": ETHNICITY.get(member.ethnicity, ""),
        "性别": member.get_sex_display(),
        "性别代码": SEX[member.sex],
        "出生日期": member.born_on,
        "年龄": _age(member.born_on, on),
        "身份证号": member.id_number,
        "政治面貌": member.get_political_display(),
        "婚姻状况": member.get_marital_display(),
        "婚姻状况代码": MARITAL.get(member.marital, UNKNOWN_MARITAL),
        "健康状况": Health(member.counted_health).label,
        "健康状况代码": _health(member),
        "残疾类别": member.get_disability_kind_display(),
        "残疾等级": member.get_disability_grade_display(),
        "劳模类型": member.get_model_worker_display(),
        "户口类型": member.get_hukou_display(),
        "医保状况": member.get_insurance_display(),
    }


def member(member, number, head_name, on):
    """The row of one person in a household."""
    return _person(member, on) | {
        "档案编号": number,
        "户主姓名": head_name,
        "关系": member.get_relation_display(),
        "关系代码": RELATION[member.relation],
        "文化程度": member.get_education_display(),
        "月收入": member.income_fen,
        "手机": member.phone,
        "人员身份": member.get_occupation_display(),
        "单位或学校": member.workplace,
        "单位性质": member.get_employer_kind_display(),
        "企业状况": member.get_employer_state_display(),
        "入学年份": member.school_since,
        "年制": member.school_years,
        "劳动合同或入伍时间": member.contract_on,
        "合同期限": member.get_contract_term_display(),
        "备注": member.note,
    }


def yes_no(value):
    return {True: "是", False: "否", None: ""}[value]


def _health(member):
    if member.counted_health == Health.DISABLED:
        return DISABILITY.get(member.disability_kind, HEALTH[Health.DISABLED])
    return HEALTH[member.counted_health]


def _age(born_on, on):
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
