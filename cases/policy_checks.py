"""What stands in the way of putting a version of the policy in force, in words; pure."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from base.money import format_fen
from cases.policy_words import kind
from cases.seed_policy import CLAUSES, LATER

MOST_POINTS = 100


@dataclass(frozen=True)
class Problem:
    """A sentence that says what to change, and the clause where it is changed."""

    key: str
    sentence: str


def why_not_value(key, value):
    """Why a clause may not say this, taken alone; "" when it may."""
    shape = kind(key, value).shape
    return shape.why_not(value) if shape else ""


def missing(clauses):
    """The clauses the program reads and this version does not have, in the order of the seed."""
    return [row for row in CLAUSES if row[0] not in clauses]


def problems(clauses):
    """Everything that stands in the way; `clauses` is {key: value} of one version."""
    found = [
        Problem(key, _("This clause is missing."))
        for key, *_rest in missing(clauses)
        if key not in LATER
    ]
    for key, value in clauses.items():
        if reason := why_not_value(key, value):
            found.append(Problem(key, reason))
    return found or [Problem(*pair) for pair in _together(LATER | clauses)]


def _together(rules):
    """Clauses that contradict one another; asked only when each is right by itself."""
    deep, relative = rules["class.deep_permille"], rules["class.relative_permille"]
    if deep >= relative:
        yield "class.deep_permille", _("The limit of deep hardship lies below that of relative.")
    if relative > rules["class.sudden_permille"]:
        sentence = _("The limit of relative hardship is not above that of sudden hardship.")
        yield "class.relative_permille", sentence
    most = _most_points(rules)
    if most > MOST_POINTS:
        sentence = _("All factors together give %(points)s points; they may give at most 100.")
        yield "score.income", sentence % {"points": most}
    highest = max(score for _level, score in rules["level.score"])
    if highest > most:
        sentence = _(
            "No household can reach %(points)s points: all factors together give %(most)s."
        )
        yield "level.score", sentence % {"points": highest, "most": most}
    for bands, cap in (
        ("emergency.medical_bands", "emergency.cap"), ("medical.bands", "medical.cap"),
    ):  # fmt: skip
        band = max((fen for _start, fen in rules[bands]), default=0)
        if band > rules[cap]:
            sentence = _("The highest band gives %(band)s yuan, more than one grant may be.")
            yield cap, sentence % {"band": format_fen(band)}
    if rules["emergency.loss_cap"] > rules["emergency.cap"]:
        sentence = _("The most for an accident or disaster is more than one grant may be.")
        yield "emergency.loss_cap", sentence
    if rules["emergency.cap"] > rules["emergency.year_cap"]:
        sentence = _("The most of one year is less than the most of one grant.")
        yield "emergency.year_cap", sentence
    if len(set(rules["order.when_short"].values())) < len(rules["order.when_short"]):
        yield "order.when_short", _("Two rows have the same place: give each its own.")
    if rules["majority.percent"] >= 100:
        sentence = _("More than 100 %% of the votes can never be reached.") % {}
        yield "majority.percent", sentence
    if rules["quorum.percent"] < 1:
        yield "quorum.percent", _("A meeting needs a quorum.")


def _most_points(rules):
    """The score of a household with the most points for every factor."""
    return (
        max(points for _limit, points in rules["score.income"])
        + max(group["points"] for group in rules["score.illness"])
        + max(rules["score.earners"].values())
        + rules["score.ill_this_year"]
    )
