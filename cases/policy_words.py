"""The clauses of a policy in one table: what each is called, where it stands, its shape.

The shape says how a value is put in words, which values make sense, and (in `cases.forms.policy`)
what its form looks like. A new clause of a known shape needs one line in `KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from base.money import MAX_FEN, format_fen
from cases.codes import Event, First, Gate, Health, Level, SchoolLevel

Text = str | Promise


@dataclass(frozen=True)
class Words:
    """A clause for a reader: its name, and either one sentence or a table of rows."""

    name: str
    value: str = ""
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


class Chapter(TextChoices):
    """The parts of the policy, in the order in which they are read."""

    CLASSES = "CLASSES", gettext_lazy("Eligibility and class")
    LEVELS = "LEVELS", gettext_lazy("Company levels")
    GATES = "GATES", gettext_lazy("What keeps a household off the file")
    SCORE = "SCORE", gettext_lazy("Need score")
    AMOUNTS = "AMOUNTS", gettext_lazy("Amounts")
    CAPS = "CAPS", gettext_lazy("Highest amounts")
    DEADLINES = "DEADLINES", gettext_lazy("Deadlines")
    MEETING = "MEETING", gettext_lazy("Meeting and notice")
    DOSSIER = "DOSSIER", gettext_lazy("Dossiers and visits")
    OTHER = "OTHER", gettext_lazy("Other")


# How one whole number is said and typed


@dataclass(frozen=True)
class Measure:
    """A kind of whole number. `typed`: "money" and "permille" are typed as yuan and as percent
    with one decimal, "whole" as it stands."""

    unit: Text
    say: Callable[[int], str]
    typed: str = "whole"
    least: int = 0
    most: int = MAX_FEN

    def why_not(self, value):
        """Why this is no such number; "" when it is one."""
        if not isinstance(value, int) or isinstance(value, bool):
            return _("Enter a number.")
        if not self.least <= value <= self.most:
            words = {"least": self.say(self.least), "most": self.say(self.most)}
            return _("Enter something from %(least)s to %(most)s.") % words
        return ""


def _percent(value):
    return _("%(percent)s %%") % {"percent": value}


def _times(permille):
    """A share in permille, exact: 1500 -> "150 %"."""
    whole, rest = divmod(permille, 10)
    return _percent(f"{whole}.{rest}" if rest else whole)


def _of_line(permille):
    return _("%(percent)s of the subsistence line") % {"percent": _times(permille)}


def _yuan(fen):
    return _("%(amount)s yuan") % {"amount": format_fen(fen)}


def _days(value):
    return ngettext("%(days)s working day", "%(days)s working days", value) % {"days": value}


def _plain_days(value):
    return ngettext("%(days)s day", "%(days)s days", value) % {"days": value}


def _months(value):
    return ngettext("%(months)s month", "%(months)s months", value) % {"months": value}


def _years(value):
    return ngettext("%(years)s year", "%(years)s years", value) % {"years": value}


def _points(value):
    return ngettext("%(points)s point", "%(points)s points", value) % {"points": value}


MOST_FEN = 1_000_000_00  # of any amount of a policy: more is a slip of the keys
YUAN = Measure(gettext_lazy("yuan"), _yuan, "money", most=MOST_FEN)
AMOUNT = Measure(gettext_lazy("yuan"), format_fen, "money", most=MOST_FEN)
PERCENT = Measure("%", _percent, most=100)
RATE = Measure("%", _percent, most=200)
OF_LINE = Measure(gettext_lazy("% of the subsistence line"), _of_line, "permille", 1, 10_000)
SHARE = Measure("%", _times, "permille", 0, 1000)
WORKING_DAYS = Measure(gettext_lazy("working days"), _days, least=1, most=250)
DAYS = Measure(gettext_lazy("days"), _plain_days, least=1, most=3650)
MONTHS = Measure(gettext_lazy("months"), _months, least=1, most=120)
YEARS = Measure(gettext_lazy("years"), _years, least=1, most=50)
POINTS = Measure(gettext_lazy("points"), _points, most=100)
PLACE = Measure("", str, least=1, most=len(First))


# Shapes


def _joined(labels):
    return _(", ").join(str(label) for label in labels)


def _label(labels, code):
    return str(dict(labels).get(code, code))


@dataclass(frozen=True)
class Number:
    """One number."""

    measure: Measure

    def say(self, value):
        return self.measure.say(value)

    def why_not(self, value):
        return self.measure.why_not(value)


@dataclass(frozen=True)
class ByCode:
    """One number for each of some codes: {code: number}, or [[code, number], …] if `listed`.

    `falling`: from the first code to the last the numbers get smaller (True), larger (False), or
    stand in no order (None).
    """

    heading: Text
    value_heading: Text
    labels: tuple
    measure: Measure
    listed: bool = False
    falling: bool | None = None

    def pairs(self, value):
        return [(code, number) for code, number in (value if self.listed else value.items())]

    def say(self, value):
        rows = tuple((_label(self.labels, c), self.measure.say(n)) for c, n in self.pairs(value))
        return (str(self.heading), str(self.value_heading)), rows

    def why_not(self, value):
        found = self.pairs(value)
        if {code for code, _number in found} != {code for code, _label in self.labels}:
            return _("Every row needs a value.")
        for _code, number in found:
            if reason := self.measure.why_not(number):
                return reason
        numbers = dict(found)
        return _order([numbers[code] for code, _label in self.labels], self.falling)


def _order(numbers, falling):
    """Why the numbers do not fall (or rise) from row to row; "" when they do."""
    if falling is True and any(a <= b for a, b in pairwise(numbers)):
        return _("The values must get smaller from row to row.")
    if falling is False and any(a >= b for a, b in pairwise(numbers)):
        return _("The values must get larger from row to row.")
    return ""


@dataclass(frozen=True)
class Bands:
    """Rows of two numbers [[limit, number], …], by rising limit. `falling` as in `ByCode`;
    `from_zero`: the first limit is 0, so that every case falls into a band."""

    heading: Text
    value_heading: Text
    limit: Measure
    measure: Measure
    falling: bool
    from_zero: bool = False

    def say(self, value):
        rows = tuple((self.limit.say(limit), self.measure.say(number)) for limit, number in value)
        return (str(self.heading), str(self.value_heading)), rows

    def why_not(self, value):
        if not value:
            return _("Fill in at least one row.")
        for limit, number in value:
            if reason := self.limit.why_not(limit) or self.measure.why_not(number):
                return reason
        limits = [limit for limit, _number in value]
        if len(set(limits)) < len(limits):
            return _("The same limit stands in two rows.")
        if limits != sorted(limits):
            return _("The limits must get larger from row to row.")
        if self.from_zero and limits[0]:
            return _("The first row must begin at 0.")
        return _order([number for _limit, number in value], self.falling)


@dataclass(frozen=True)
class Groups:
    """Illnesses by severity: [{"group", "points", "health": [code, …]}, …], worst group first."""

    names = (
        ("SEVERE", gettext_lazy("Most severe")),
        ("CHRONIC", gettext_lazy("Serious chronic")),
        ("MINOR", gettext_lazy("Common chronic")),
    )
    codes = tuple(choice for choice in Health.choices if choice[0] != Health.GOOD)

    def say(self, value):
        rows = tuple(
            (
                _label(self.names, group["group"]),
                _joined(_label(self.codes, health) for health in group["health"]),
                _points(group["points"]),
            )
            for group in value
        )
        return (_("Severity"), _("Illness"), _("Points")), rows

    def why_not(self, value):
        if [group["group"] for group in value] != [code for code, _name in self.names]:
            return _("Every row needs a value.")
        for group in value:
            if reason := POINTS.why_not(group["points"]):
                return reason
        listed = [health for group in value for health in group["health"]]
        twice = {health for health in listed if listed.count(health) > 1}
        if twice:
            words = _joined(_label(self.codes, health) for health in listed if health in twice)
            return _("An illness belongs to one group only: %(illnesses)s.") % {
                "illnesses": words.split(_(", "))[0]}  # fmt: skip
        if unknown := set(listed) - {code for code, _label in self.codes}:
            return _("Unknown: %(codes)s.") % {"codes": _joined(sorted(unknown))}
        return _order([group["points"] for group in value], True)


@dataclass(frozen=True)
class Codes:
    """Some of a list of codes."""

    choices: tuple

    def say(self, value):
        return _joined(_label(self.choices, code) for code in value)

    def why_not(self, value):
        if not value:
            return _("Choose at least one.")
        unknown = set(value) - {code for code, _label in self.choices}
        return _("Unknown: %(codes)s.") % {"codes": _joined(sorted(unknown))} if unknown else ""


@dataclass(frozen=True)
class Switch:
    """Yes or no."""

    def say(self, value):
        return _("yes") if value else _("no")

    def why_not(self, value):
        return "" if isinstance(value, bool) else _("Answer yes or no.")


# The clauses


@dataclass(frozen=True)
class Kind:
    """What a clause is called, in which chapter it stands, and its shape; `shape` is None for a
    clause this program does not know, which is shown as it stands."""

    name: Text
    chapter: Chapter
    shape: Number | ByCode | Bands | Groups | Codes | Switch | None

    def words(self, value):
        if self.shape is None:
            return Words(str(self.name), str(value))
        said = self.shape.say(value)
        return Words(str(self.name), said) if isinstance(said, str) else Words(
            str(self.name), "", *said)  # fmt: skip


_LEVELS = tuple(Level.choices)
_LEVEL = gettext_lazy("Company level")
_REGULAR = ByCode(_LEVEL, gettext_lazy("Amount a household (yuan)"), _LEVELS, AMOUNT, falling=True)
_EARNERS = (
    ("none", gettext_lazy("nobody in steady work")),
    ("one_of_three", gettext_lazy("one in steady work, three persons or more")),
    ("one_of_two", gettext_lazy("one in steady work, two persons")),
)
_FOLLOW_UPS = (
    ("FIRST", gettext_lazy("first")),
    ("SECOND", gettext_lazy("second")),
)
_OWN_INCOME = (
    ("above", gettext_lazy("above the company average")),
    ("below_half", gettext_lazy("below half of the company average")),
)

_STUDIES = tuple(
    (level.value, level.label)
    for level in (
        SchoolLevel.HIGH_SCHOOL, SchoolLevel.COLLEGE, SchoolLevel.BACHELOR, SchoolLevel.MASTER,
    )
)  # fmt: skip
_OCCASIONS = tuple(
    (event.value, event.label)
    for event in (
        Event.ILLNESS, Event.BEREAVEMENT, Event.ACCIDENT, Event.DISASTER, Event.HOLIDAY,
    )
)  # fmt: skip
_BY_COST = Bands(
    gettext_lazy("Net cost from (yuan)"),
    gettext_lazy("Amount (yuan)"),
    AMOUNT,
    AMOUNT,
    False,
    from_zero=True,
)

# key: in the order in which the clauses are read
KINDS = {
    "income.window_months": Kind(
        gettext_lazy("Income and expenses count for the last"), Chapter.CLASSES, Number(MONTHS)
    ),
    "income.with_vouchers": Kind(
        gettext_lazy("Expenses count only with their vouchers"), Chapter.CLASSES, Switch()
    ),
    "class.deep_permille": Kind(
        gettext_lazy("Deep hardship: net income a head below"), Chapter.CLASSES, Number(OF_LINE)
    ),
    "class.relative_permille": Kind(
        gettext_lazy("Relative hardship: net income a head below"), Chapter.CLASSES, Number(OF_LINE)
    ),
    "class.sudden_permille": Kind(
        gettext_lazy("Sudden hardship: net income a head at most"), Chapter.CLASSES, Number(OF_LINE)
    ),
    "class.sudden_loss_percent": Kind(
        gettext_lazy("Sudden hardship: loss above this share of the yearly income"),
        Chapter.CLASSES,
        Number(RATE),
    ),
    "level.income_permille": Kind(
        gettext_lazy("Income limits of the company levels"),
        Chapter.LEVELS,
        ByCode(
            _LEVEL, gettext_lazy("Net income a head at most"), _LEVELS, OF_LINE, True, falling=False
        ),
    ),
    "level.score": Kind(
        gettext_lazy("Score limits of the company levels"),
        Chapter.LEVELS,
        ByCode(_LEVEL, gettext_lazy("Need score at least"), _LEVELS, POINTS, True, falling=True),
    ),
    "gate.questions": Kind(
        gettext_lazy("What keeps a household off the file"),
        Chapter.GATES,
        Codes(tuple(Gate.choices)),
    ),
    "score.income": Kind(
        gettext_lazy("Points for the income of the household"),
        Chapter.SCORE,
        Bands(
            gettext_lazy("Net income a head at most"),
            gettext_lazy("Points"),
            OF_LINE,
            POINTS,
            falling=True,
        ),
    ),
    "score.illness": Kind(
        gettext_lazy("Points for the severity of the illness"), Chapter.SCORE, Groups()
    ),
    "score.illness_family_percent": Kind(
        gettext_lazy("Self before family: a relative's illness counts"),
        Chapter.SCORE,
        Number(PERCENT),
    ),
    "score.earners": Kind(
        gettext_lazy("Points for the employed members"),
        Chapter.SCORE,
        ByCode(gettext_lazy("Household"), gettext_lazy("Points"), _EARNERS, POINTS, falling=True),
    ),
    "score.ill_this_year": Kind(
        gettext_lazy("Points for being ill this year"), Chapter.SCORE, Number(POINTS)
    ),
    "regular.SPRING": Kind(
        gettext_lazy("Regular subsidy at Spring Festival"), Chapter.AMOUNTS, _REGULAR
    ),
    "regular.AUTUMN": Kind(
        gettext_lazy("Regular subsidy at Mid-Autumn"), Chapter.AMOUNTS, _REGULAR
    ),
    "emergency.medical_bands": Kind(
        gettext_lazy("Emergency grant for illness by net cost"), Chapter.AMOUNTS, _BY_COST
    ),
    "emergency.family_percent": Kind(
        gettext_lazy("Self before family: rate when a relative is ill"),
        Chapter.AMOUNTS,
        Number(PERCENT),
    ),
    "emergency.loss_percent": Kind(
        gettext_lazy("Accident or disaster: share of the net loss"),
        Chapter.AMOUNTS,
        Number(PERCENT),
    ),
    "medical.bands": Kind(
        gettext_lazy("Medical aid by the net cost of the year"), Chapter.AMOUNTS, _BY_COST
    ),
    "medical.family_percent": Kind(
        gettext_lazy("Self before family: rate of medical aid for a relative"),
        Chapter.AMOUNTS,
        Number(PERCENT),
    ),
    "tuition.amounts": Kind(
        gettext_lazy("Study aid a student and school year"),
        Chapter.AMOUNTS,
        ByCode(gettext_lazy("Schooling"), gettext_lazy("Amount (yuan)"), _STUDIES, AMOUNT),
    ),
    "gift.cash": Kind(
        gettext_lazy("Visit gift in cash"),
        Chapter.AMOUNTS,
        ByCode(gettext_lazy("Occasion"), gettext_lazy("Amount (yuan)"), _OCCASIONS, AMOUNT),
    ),
    "order.when_short": Kind(
        gettext_lazy("When the money does not reach everybody, what decides who comes first"),
        Chapter.AMOUNTS,
        ByCode(
            gettext_lazy("What decides"),
            gettext_lazy("Place in the order"),
            tuple(First.choices),
            PLACE,
        ),
    ),
    "income.company_average": Kind(
        gettext_lazy("Average monthly income in the company"), Chapter.AMOUNTS, Number(YUAN)
    ),
    "income.rates": Kind(
        gettext_lazy("Rate by the employee's own income"),
        Chapter.AMOUNTS,
        ByCode(
            gettext_lazy("The employee's own monthly income"),
            gettext_lazy("Rate"),
            _OWN_INCOME,
            RATE,
            falling=False,
        ),
    ),
    "amount.round_to": Kind(
        gettext_lazy("Reference amounts are rounded down to whole"),
        Chapter.AMOUNTS,
        Number(Measure(gettext_lazy("yuan"), _yuan, "money", 1, 10_000_00)),
    ),
    "deviation.percent": Kind(
        gettext_lazy("A reason is written down when the amount deviates by more than"),
        Chapter.AMOUNTS,
        Number(PERCENT),
    ),
    "emergency.loss_cap": Kind(
        gettext_lazy("Accident or disaster: at most"), Chapter.CAPS, Number(YUAN)
    ),
    "emergency.cap": Kind(gettext_lazy("One emergency grant: at most"), Chapter.CAPS, Number(YUAN)),
    "emergency.year_cap": Kind(
        gettext_lazy("Emergency grants of a household in one year: at most"),
        Chapter.CAPS,
        Number(YUAN),
    ),
    "advance.cap": Kind(gettext_lazy("One urgent advance: at most"), Chapter.CAPS, Number(YUAN)),
    "gift.goods_cap": Kind(
        gettext_lazy("One visit gift in kind: at most"), Chapter.CAPS, Number(YUAN)
    ),
    "medical.cap": Kind(
        gettext_lazy("One grant of medical aid: at most"), Chapter.CAPS, Number(YUAN)
    ),
    "regular.year_months": Kind(
        gettext_lazy("Regular subsidy of a year: at most the subsistence line of"),
        Chapter.CAPS,
        Number(Measure(gettext_lazy("months"), _months, most=36)),
    ),
    "review.working_days": Kind(
        gettext_lazy("Time for the grassroots review"), Chapter.DEADLINES, Number(WORKING_DAYS)
    ),
    "verify.working_days": Kind(
        gettext_lazy("Time for the company verification"), Chapter.DEADLINES, Number(WORKING_DAYS)
    ),
    "objection.working_days": Kind(
        gettext_lazy("Time for the answer to an objection"), Chapter.DEADLINES, Number(WORKING_DAYS)
    ),
    "payment.working_days": Kind(
        gettext_lazy("Time for payment after the notice"), Chapter.DEADLINES, Number(WORKING_DAYS)
    ),
    "advance.working_days": Kind(
        gettext_lazy("After an urgent advance the full procedure is done within"),
        Chapter.DEADLINES,
        Number(WORKING_DAYS),
    ),
    "incident.hospital_days": Kind(
        gettext_lazy("Must-visit: to a hospital stay within"),
        Chapter.DEADLINES,
        Number(WORKING_DAYS),
    ),
    "incident.death_days": Kind(
        gettext_lazy("Must-visit: after a death in the family within"),
        Chapter.DEADLINES,
        Number(WORKING_DAYS),
    ),
    "incident.sudden_days": Kind(
        gettext_lazy("Must-visit: after a sudden event within"),
        Chapter.DEADLINES,
        Number(WORKING_DAYS),
    ),
    "referral.answer_days": Kind(
        gettext_lazy("Time for the answer to a referral"), Chapter.DEADLINES, Number(WORKING_DAYS)
    ),
    "quorum.percent": Kind(
        gettext_lazy("Quorum of the leadership meeting"), Chapter.MEETING, Number(PERCENT)
    ),
    "majority.percent": Kind(
        gettext_lazy("Votes needed: more than"), Chapter.MEETING, Number(PERCENT)
    ),
    "notice.working_days": Kind(
        gettext_lazy("Period of the public notice"), Chapter.MEETING, Number(WORKING_DAYS)
    ),
    "visit.valid_days": Kind(
        gettext_lazy("A home visit counts for"), Chapter.DOSSIER, Number(DAYS)
    ),
    "visit.every_months": Kind(
        gettext_lazy("Every household on file is visited within"), Chapter.DOSSIER, Number(MONTHS)
    ),
    "dossier.valid_months": Kind(
        gettext_lazy("A dossier is valid for"), Chapter.DOSSIER, Number(MONTHS)
    ),
    "dossier.report_days": Kind(
        gettext_lazy("A change is reported and taken into the file within"),
        Chapter.DOSSIER,
        Number(DAYS),
    ),
    "exit.months": Kind(
        gettext_lazy("Exit: income above the line for"), Chapter.DOSSIER, Number(MONTHS)
    ),
    "exit.permille": Kind(
        gettext_lazy("Exit: net income a head above"), Chapter.DOSSIER, Number(OF_LINE)
    ),
    "exit.follow_up_months": Kind(
        gettext_lazy("Follow-up after an exit"),
        Chapter.DOSSIER,
        ByCode(
            gettext_lazy("Follow-up"),
            gettext_lazy("After the exit"),
            _FOLLOW_UPS,
            MONTHS,
            falling=False,
        ),
    ),
    "false.ban_years": Kind(
        gettext_lazy("After false statements no application for"), Chapter.DOSSIER, Number(YEARS)
    ),
    "dossier.retention_years": Kind(
        gettext_lazy("Closed dossiers are kept for"), Chapter.DOSSIER, Number(YEARS)
    ),
    "size.warning_permille": Kind(
        gettext_lazy("Share of households on file at which a hint is shown (no quota)"),
        Chapter.DOSSIER,
        Number(SHARE),
    ),
}
WHOLE = Number(Measure("", str, most=10**9))


def kind(key, value=None):
    """What a clause is. One this program does not know is a plain number, or shown as it stands."""
    if key in KINDS:
        return KINDS[key]
    plain = isinstance(value, int) and not isinstance(value, bool)
    return Kind(key, Chapter.OTHER, WHOLE if plain else None)


def words(key, value):
    """A clause in words. A key this program does not know is shown as it stands."""
    return kind(key, value).words(value)


def rank(key):
    """Where a clause stands among all: by chapter, then in the order of the table."""
    keys = list(KINDS)
    chapters = list(Chapter)
    where = kind(key)
    return (chapters.index(where.chapter), keys.index(key) if key in KINDS else len(keys), key)


@dataclass(frozen=True)
class Difference:
    """One clause of two versions, in words: its value line by line, and what else changed.

    `lines` are (what, before, after); a clause that is one sentence has one line without a name.
    `before` and `after` are the rows of the two versions, None where one has no such clause.
    """

    key: str
    name: str
    lines: tuple[tuple[str, str, str], ...]
    before: object
    after: object

    @property
    def resourced(self):
        """Whether another number, source or standing of the source is given for it."""
        if self.before is None or self.after is None:
            return False
        columns = ("clause", "source", "mark")
        return any(getattr(self.before, c) != getattr(self.after, c) for c in columns)


def differences(before, after):
    """What changes from one version to another; each is the clauses of one version."""
    old, new = ({clause.key: clause for clause in clauses} for clauses in (before, after))
    found = []
    for key in sorted(old.keys() | new.keys(), key=rank):
        pair = old.get(key), new.get(key)
        lines = _lines(*(words(key, clause.value) if clause else None for clause in pair))
        found.append(
            Difference(key, str((words(key, (pair[1] or pair[0]).value)).name), lines, *pair)
        )
    return [one for one in found if one.lines or one.resourced]


def _lines(before, after):
    """The lines that differ, those that are no longer there last."""
    old, new = (_by_name(said) for said in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        (name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name) != new.get(name)
    )


def _by_name(said):
    """{what a line is about: what it says}; the first cell of a row is what it is about."""
    if said is None:
        return {}
    if not said.rows:
        return {"": said.value}
    return {row[0]: _("; ").join(row[1:]) for row in said.rows}
