"""The seed policy: every number of the rules as a clause with its source.

No published copy of the company's own rules was found, so the numbers are illustrative and said to
be so on screen; each is a row that the next version of the policy may change. PAPER: stated in the
paper. SOURCE: taken from a published rule elsewhere. ASSUMPTION: ours, needed to run.
"""

from datetime import date

from cases.codes import Gate, Health

TITLE = "困难职工帮扶工作管理办法（示例）"
LINE = {"place": "哈尔滨市区", "since": date(2021, 1, 1), "monthly_fen": 732_00,
        "source": "哈尔滨市城市低保标准，2021年1月起"}  # fmt: skip

SEVERE = [
    Health.CANCER,
    Health.KIDNEY,
    Health.PARALYSIS,
    Health.DEMENTIA,
    Health.STROKE,
    Health.BLOOD,
    Health.COMA,
    Health.PARKINSON,
    Health.MOTOR_NEURON,
]
CHRONIC = [
    Health.HEART,
    Health.MENTAL,
    Health.LIVER,
    Health.LUNG,
    Health.TUMOUR,
    Health.DISABLED,
]
MINOR = [Health.DIABETES, Health.SPINE, Health.HYPERTENSION, Health.MINOR]

# key, clause, value, standing of the source, source
CLAUSES = [
    ("income.window_months", "第五条", 12, "SOURCE", "收支按申请前十二个月计算，参照邢台市"),
    ("income.with_vouchers", "第五条", True, "SOURCE", "刚性支出凭票据、扣除已报销部分后计算"),
    ("class.deep_permille", "第六条", 1000, "SOURCE", "家庭人均月纯收入低于低保线：深度困难"),
    ("class.relative_permille", "第六条", 2000, "SOURCE", "低于低保线两倍：相对困难"),
    ("class.sudden_permille", "第六条", 3000, "SOURCE", "意外致困者人均月纯收入不超过低保线三倍"),
    ("class.sudden_loss_percent", "第六条", 80, "SOURCE", "当年因病因灾支出超过家庭年收入的百分比"),
    ("level.income_permille", "第七条",
     [["SPECIAL", 1000], ["HEAVY", 1500], ["GENERAL", 2000]], "ASSUMPTION", "企业困难等级的收入界线"),
    ("level.score", "第七条", [["SPECIAL", 70], ["HEAVY", 50], ["GENERAL", 30]], "ASSUMPTION",
     "企业困难等级的分数界线"),
    ("gate.questions", "第八条", [g.value for g in Gate], "PAPER",
     "高档消费品、违法违纪为论文所列；其余见各地排除性条件"),
    ("score.income", "第九条（一）", [[500, 40], [1000, 34], [1500, 24], [2000, 14], [3000, 5]],
     "ASSUMPTION", "家庭收入状况，占低保线的千分比与得分"),
    ("score.illness", "第九条（二）",
     [{"group": "SEVERE", "points": 30, "health": [h.value for h in SEVERE]},
      {"group": "CHRONIC", "points": 20, "health": [h.value for h in CHRONIC]},
      {"group": "MINOR", "points": 8, "health": [h.value for h in MINOR]}],
     "ASSUMPTION", "患病严重程度"),
    ("score.illness_family_percent", "第九条（二）", 80, "PAPER", "先本人后家属：家属患病按百分比计分"),
    ("score.earners", "第九条（三）", {"none": 20, "one_of_three": 14, "one_of_two": 8}, "ASSUMPTION",
     "家庭就业人口数"),
    ("score.ill_this_year", "第九条（四）", 10, "ASSUMPTION", "是否本年度患病"),
    ("regular.SPRING", "第十二条", {"SPECIAL": 2000_00, "HEAVY": 1500_00, "GENERAL": 1000_00},
     "ASSUMPTION", "春节定期补助，每户"),
    ("regular.AUTUMN", "第十二条", {"SPECIAL": 1000_00, "HEAVY": 800_00, "GENERAL": 500_00},
     "ASSUMPTION", "中秋定期补助，每户"),
    ("regular.year_months", "第十二条", 12, "SOURCE",
     "每户全年生活救助合计不超过若干个月的低保金，参照总工发〔2015〕20号"),
    ("emergency.medical_bands", "第十三条（一）",
     [[0, 1000_00], [5_000_00, 2000_00], [10_000_00, 5000_00], [30_000_00, 10_000_00],
      [60_000_00, 15_000_00]], "SOURCE", "按自付净额分档，参照西安市医疗救助分档"),
    ("emergency.family_percent", "第十三条（二）", 50, "SOURCE", "先本人后家属：家属患病减半"),
    ("emergency.loss_percent", "第十三条（三）", 15, "SOURCE", "意外灾害按净损失的百分比"),
    ("emergency.loss_cap", "第十三条（三）", 10_000_00, "SOURCE", "意外灾害一次最高"),
    ("emergency.cap", "第十三条（四）", 20_000_00, "PAPER", "一次性救助最高二万元"),
    ("emergency.year_cap", "第十三条（五）", 20_000_00, "ASSUMPTION", "每户每年临时救助合计最高"),
    ("medical.bands", "第十三条之一",
     [[0, 1000_00], [5_000_00, 2000_00], [10_000_00, 5000_00], [30_000_00, 10_000_00],
      [60_000_00, 15_000_00]], "ASSUMPTION", "医疗救助按全年自付净额分档，与临时救助同"),
    ("medical.family_percent", "第十三条之一", 50, "ASSUMPTION", "先本人后家属：家属患病减半"),
    ("medical.cap", "第十三条之一", 20_000_00, "SOURCE", "每次最高，参照湖北省每户每年二万元"),
    ("tuition.amounts", "第十三条之二",
     {"HIGH_SCHOOL": 2000_00, "COLLEGE": 3000_00, "BACHELOR": 5000_00, "MASTER": 5000_00},
     "SOURCE", "金秋助学，每名学生每学年一次，在天门、丰原等地标准范围内"),
    ("gift.cash", "第十三条之三",
     {"ILLNESS": 500_00, "BEREAVEMENT": 800_00, "ACCIDENT": 500_00, "DISASTER": 500_00,
      "HOLIDAY": 500_00}, "ASSUMPTION", "走访慰问金：住院五百、丧事八百、突发五百"),
    ("income.company_average", "第十四条", 5_500_00, "ASSUMPTION", "公司职工月平均收入"),
    ("income.rates", "第十四条", {"above": 80, "below_half": 110}, "ASSUMPTION",
     "职工本人月平均收入高于公司平均、低于其一半时的百分比"),
    ("amount.round_to", "第十五条", 100_00, "ASSUMPTION", "参考金额向下取整到百元"),
    ("deviation.percent", "第十五条", 10, "ASSUMPTION", "拟发金额偏离参考金额超过百分比须写明理由"),
    ("review.working_days", "第十六条", 5, "SOURCE", "基层工会审查时限，参照义乌市"),
    ("verify.working_days", "第十七条", 10, "ASSUMPTION", "公司工会复核和入户时限"),
    ("visit.valid_days", "第十七条", 180, "ASSUMPTION", "入户走访的有效天数"),
    ("visit.every_months", "第十七条", 12, "ASSUMPTION", "在册困难职工家庭多长时间内至少入户走访一次"),
    ("quorum.percent", "第十八条", 67, "ASSUMPTION", "党政班子会到会人数不少于应到人数的百分比"),
    ("majority.percent", "第十八条", 50, "ASSUMPTION", "同意人数须超过到会且不回避人数的百分比"),
    ("notice.working_days", "第十九条", 5, "ASSUMPTION", "公示期工作日，介于三天与七天之间"),
    ("objection.working_days", "第二十条", 10, "ASSUMPTION", "异议答复时限"),
    ("payment.working_days", "第二十一条", 10, "ASSUMPTION", "公示期满后发放时限"),
    ("dossier.valid_months", "第二十二条", 12, "SOURCE", "建档有效期，每年复核"),
    ("dossier.report_days", "第二十二条", 30, "ASSUMPTION", "家庭情况变化后报告并更新档案的天数"),
    ("exit.months", "第二十二条之一", 6, "ASSUMPTION", "收入持续高于低保线满若干个月方可脱困退出"),
    ("exit.permille", "第二十二条之一", 1000, "ASSUMPTION", "脱困退出的收入界线，占低保线的千分比"),
    ("exit.follow_up_months", "第二十二条之一", {"FIRST": 3, "SECOND": 6}, "SOURCE",
     "退出后跟踪回访，防止返困"),
    ("false.ban_years", "第二十二条之二", 2, "ASSUMPTION", "虚假申报注销后若干年内不受理建档"),
    ("dossier.retention_years", "第二十二条之三", 10, "SOURCE", "档案管理：退出后保存年限"),
    ("size.warning_permille", "第二十三条", 60, "ASSUMPTION", "规模控制提示线，只提示、不作名额"),
    ("incident.hospital_days", "第二十四条", 3, "ASSUMPTION", "三必访：职工住院，报告后几个工作日内探望"),
    ("incident.death_days", "第二十四条", 1, "ASSUMPTION", "三必访：职工家中丧事，报告后几个工作日内到场"),
    ("incident.sudden_days", "第二十四条", 1, "ASSUMPTION", "三必访：突发事件，报告后几个工作日内到场"),
    ("gift.goods_cap", "第二十五条", 300_00, "ASSUMPTION", "慰问品每人每次最高，在各地三百元以内的范围"),
    ("referral.answer_days", "第二十六条", 15, "ASSUMPTION", "转介后应在几个工作日内得到答复"),
]  # fmt: skip

# What a version drafted before a clause existed is taken to say: {key: value}.
LATER: dict[str, object] = {
    "visit.every_months": 12,
    "income.window_months": 0,
    "income.with_vouchers": False,
    "regular.year_months": 0,
    "medical.bands": [],
    "medical.family_percent": 50,
    "medical.cap": 0,
    "tuition.amounts": {},
    "gift.cash": {},
    "dossier.report_days": 30,
    "exit.months": 6,
    "exit.permille": 1000,
    "exit.follow_up_months": {"FIRST": 3, "SECOND": 6},
    "false.ban_years": 2,
    "dossier.retention_years": 10,
    "incident.hospital_days": 3,
    "incident.death_days": 1,
    "incident.sudden_days": 1,
    "gift.goods_cap": 300_00,
    "referral.answer_days": 15,
}
