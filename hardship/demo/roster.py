"""Synthetic people: names from two lists, ID numbers of a region never issued to a person."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from people.models import Sex, Standing

REGION = "230100"  # a whole city: such numbers are not given to persons
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾"
)
MEN = "伟强磊军勇杰涛超明刚平辉健峰斌波宁亮成志国建海庆东文华武学林立春山振德玉宝"
WOMEN = "芳娜敏静丽艳娟霞秀兰英玲桂珍燕红梅萍云莲翠凤洁琳素花晶慧巧美"
COMPOUND = ("欧阳", "司马", "上官", "诸葛")
BANKS = ("示例银行", "演示银行")
HOUSING = ("OF_UNIT", "BOUGHT", "AFFORDABLE", "RENTED")
ETHNICITIES = {3: "MA", 7: "HU", 9: "CS"}  # the others are Han
POLITICAL = ("MASSES", "PARTY", "MASSES", "MASSES")
EDUCATION = ("SENIOR", "JUNIOR", "COLLEGE", "SENIOR", "BACHELOR")
POSTS = ("操作工", "维修钳工", "仪表工", "化验员", "保管员")

UNITS = (
    ("01", "催化车间工会"), ("02", "重整车间工会"), ("03", "聚丙烯车间工会"),
    ("04", "储运车间工会"), ("05", "动力车间工会"), ("06", "生产运行处工会"),
    ("07", "检维修中心工会"), ("08", "质检中心工会"), ("09", "机关工会"),
    ("10", "离退休一区工会"), ("11", "离退休二区工会"), ("12", "物业中心工会"),
)  # fmt: skip
IN_SERVICE, RETIRED = 1945, 1063 + 1  # fact 1.1, and one retiree who dies in the story


@dataclass(frozen=True)
class Somebody:
    """One row of the roster before it is imported. `head` numbers the heads of household."""

    staff_no: str
    name: str
    sex: Sex
    born_on: date
    id_number: str
    standing: Standing
    unit: str
    income_fen: int
    phone: str
    account: str
    bank: str
    head: int | None = None


class IdNumbers:
    """Synthetic ID numbers that pass every check, each once; two series never meet below 400."""

    def __init__(self, first=0):
        self.first, self.given = first, {}

    def next(self, born_on, sex):
        seq = self.given.get((born_on, sex), self.first)
        self.given[born_on, sex] = seq + 1
        order = seq * 2 + (1 if sex == Sex.MALE else 2)
        first = f"{REGION}{born_on:%Y%m%d}{order:03d}"
        total = sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True))
        return first + "10X98765432"[total % 11]


class Roster:
    """Everybody of the company on a day: the paper's 3,028 with its 165 heads of household."""

    def __init__(self, random, on):
        self.random, self.on = random, on
        self.ids = IdNumbers()
        self.people = []

    def fill(self):
        """The heads first, with exactly the paper's marginals (facts 1.2, 1.3), then the rest."""
        for head in heads():
            self._add(head.standing, head.sex, head.age(self.random), head.unit, head.number)
        for standing, count in ((Standing.IN_SERVICE, IN_SERVICE), (Standing.RETIRED, RETIRED)):
            there = sum(person.standing == standing for person in self.people)
            for n in range(count - there):
                sex = Sex.FEMALE if n % 4 == 3 else Sex.MALE
                young = standing == Standing.IN_SERVICE
                age = self.random.randint(23, 58) if young else self.random.randint(56, 88)
                self._add(standing, sex, age, self._unit(standing, n), None)
        return self.people

    def _unit(self, standing, n):
        if standing == Standing.RETIRED:
            return UNITS[9 + n % 2][1] if n % 5 else UNITS[n // 5 % 12][1]
        places = [unit for unit in UNITS if unit[0] not in ("10", "11")]
        return places[n % len(places)][1]

    def _add(self, standing, sex, age, unit, head):
        n = len(self.people)
        born_on = self.on - timedelta(days=age * 365 + self.random.randint(60, 300))
        person = Somebody(
            staff_no=f"{100001 + n}", name=self.name(sex), sex=sex, born_on=born_on,
            id_number=self.ids.next(born_on, sex), standing=standing, unit=unit,
            income_fen=self._income(standing), phone=f"1000000{n:04d}",
            account=f"62220000{n:011d}", bank=BANKS[n % 2], head=head,
        )  # fmt: skip
        self.people.append(person)

    def _income(self, standing):
        low, high = {"IN_SERVICE": (38, 82), "RETIRED": (24, 42)}.get(standing, (0, 18))
        return self.random.randint(low, high) * 100_00

    def name(self, sex):
        """A made-up name; now and then a compound surname or a rare character."""
        given = WOMEN if sex == Sex.FEMALE else MEN
        surname = self.random.choice(SURNAMES)
        if self.random.random() < 0.01:
            surname = self.random.choice(COMPOUND)
        first = self.random.choice(given)
        second = self.random.choice(given) if self.random.random() < 0.7 else ""
        if self.random.random() < 0.004:
            first, second = "䶮", ""
        return surname + first + second


@dataclass(frozen=True)
class Head:
    """What the paper fixes of one household: standing, sex, age band, cause; and its level."""

    number: int
    standing: Standing
    sex: Sex
    band: tuple[int, int]
    cause: str
    level: str
    unit: str

    def age(self, random):
        return random.randint(*self.band)


def heads():
    """165 households: 104/20/41, 126/39, 6/10/149, 145 in the three main causes."""
    standings = [Standing.RETIRED] * 104 + [Standing.PAID_OFF] * 20 + [Standing.IN_SERVICE] * 41
    bands = [(58, 84)] * 104 + [(52, 62)] * 20 + [(27, 33)] * 6 + [(37, 48)] * 10 + [(52, 58)] * 25
    causes = (
        ["OWN_ILLNESS"] * 62 + ["FAMILY_ILLNESS"] * 38 + ["SCHOOLING"] * 27 + ["FEW_EARNERS"] * 18
        + ["DISABILITY"] * 8 + ["UNEMPLOYMENT"] * 6 + ["ACCIDENT"] * 4 + ["OTHER"] * 2
    )  # fmt: skip
    levels = ["SPECIAL"] * 40 + ["HEAVY"] * 60 + ["GENERAL"] * 65
    found = []
    for n, standing in enumerate(standings):
        band = bands[n]
        cause = _fitting(causes, n, standing, band)
        found.append(
            Head(
                number=n, standing=standing, sex=Sex.FEMALE if n % 165 % 4 == 3 else Sex.MALE,
                band=band, cause=cause, level=levels[n * 67 % 165], unit=_home(standing, n),
            )
        )  # fmt: skip
    women = [head for head in found if head.sex == Sex.FEMALE]
    for head in women[39:]:  # the pattern gives a few too many
        found[head.number] = replace(head, sex=Sex.MALE)
    return found


def _fitting(causes, n, standing, band):
    """The next cause that fits: a retiree has no children in school, somebody young does."""
    young = band[1] <= 48
    wanted = ("SCHOOLING", "FEW_EARNERS") if young else ()
    avoided = ("SCHOOLING",) if standing == Standing.RETIRED else ()
    order = sorted(
        range(len(causes)),
        key=lambda i: (causes[i] not in wanted if wanted else causes[i] in avoided, i * 71 % 173),
    )
    return causes.pop(order[0])


def _home(standing, n):
    if standing == Standing.RETIRED:
        return UNITS[9][1] if n % 5 < 2 else UNITS[10][1] if n % 5 < 4 else UNITS[n // 5 % 12][1]
    return UNITS[n % 9][1] if n % 7 else UNITS[6][1]


def household(number, person):
    """What the form says of the home and the work of a head: columns of a dossier."""
    return {
        "postcode": "150000", "hukou_place": f"示例市示例区示例街道{number % 12 + 1}社区",
        "other_contact": "示例邻居", "housing": HOUSING[number % len(HOUSING)],
        "floor_area": 45 + number % 5 * 8, "homes": 1, "vehicles": 0, "industry": "C",
        "began_work_on": date(person.born_on.year + 21, 7, 1), "union_member": True,
        "union_card": f"2301{number:06d}", "on_allowance": False, "self_help": number % 3 > 0,
        "single_parent": False,
    }  # fmt: skip


def personal(number, person):
    """What the form says of a head: columns of a member."""
    states = {
        Standing.IN_SERVICE: "ON_POST", Standing.RETIRED: "RETIRED", Standing.PAID_OFF: "JOBLESS",
    }  # fmt: skip
    return {
        "ethnicity": ETHNICITIES.get(number % 11, "HA"),
        "political": POLITICAL[number % len(POLITICAL)], "marital": "MARRIED",
        "education": EDUCATION[number % len(EDUCATION)], "hukou": "URBAN",
        "insurance": "EMPLOYEE", "model_worker": "NONE", "work_state": states[person.standing],
        "workplace": "哈尔滨石化公司（示例）", "post": POSTS[number % len(POSTS)],
        "employer_kind": "STATE_COMPANY", "employer_state": "NORMAL",
    }  # fmt: skip
