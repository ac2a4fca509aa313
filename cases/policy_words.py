"""The clauses of a policy in words: what each is called, and its value as a sentence or table."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from base.money import format_fen
from cases.codes import Gate, Health, Level


@dataclass(frozen=True)
class Words:
    """A clause for a reader: its name, and either one sentence or a table of rows."""

    name: str
    value: str = ""
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def words(key, value):
    """A clause in words. A key this program does not know is shown as it stands."""
    found = _clauses().get(key)
    if found is None:
        return Words(key, str(value))
    name, say = found
    said = say(value)
    return Words(name, said) if isinstance(said, str) else Words(name, "", *said)


def _percent(value):
    return _("%(percent)s %%") % {"percent": value}


def _times(permille):
    """A share of the subsistence line, exact: 1500 -> "150 %"."""
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


def _points(value):
    return ngettext("%(points)s point", "%(points)s points", value) % {"points": value}


def _joined(labels):
    return _(", ").join(str(label) for label in labels)


def _gates(value):
    return _joined(Gate(gate).label for gate in value)


def _level_incomes(value):
    rows = tuple((str(Level(name).label), _of_line(limit)) for name, limit in value)
    return (_("Company level"), _("Net income a head at most")), rows


def _level_scores(value):
    rows = tuple((str(Level(name).label), _points(limit)) for name, limit in value)
    return (_("Company level"), _("Need score at least")), rows


def _income_points(value):
    rows = tuple((_of_line(limit), _points(points)) for limit, points in value)
    return (_("Net income a head at most"), _("Points")), rows


def _illness_points(value):
    rows = tuple(
        (_joined(Health(h).label for h in group["health"]), _points(group["points"]))
        for group in value
    )
    return (_("Illness"), _("Points")), rows


def _earner_points(value):
    names = (
        ("none", _("nobody in steady work")),
        ("one_of_three", _("one in steady work, three persons or more")),
        ("one_of_two", _("one in steady work, two persons")),
    )
    return (_("Household"), _("Points")), tuple((n, _points(value[key])) for key, n in names)


def _amounts(value):
    rows = tuple((str(Level(name).label), format_fen(fen)) for name, fen in value.items())
    return (_("Company level"), _("Amount a household (yuan)")), rows


def _bands(value):
    rows = tuple((format_fen(start), format_fen(fen)) for start, fen in value)
    return (_("Net cost from (yuan)"), _("Amount (yuan)")), rows


def _rates(value):
    rows = (
        (_("above the company average"), _percent(value["above"])),
        (_("below half of the company average"), _percent(value["below_half"])),
    )
    return (_("The employee's own monthly income"), _("Rate")), rows


def _permille(value):
    return _times(value)


def _clauses():
    return {
        "class.deep_permille": (_("Deep hardship: net income a head below"), _of_line),
        "class.relative_permille": (_("Relative hardship: net income a head below"), _of_line),
        "class.sudden_permille": (_("Sudden hardship: net income a head at most"), _of_line),
        "class.sudden_loss_percent": (
            _("Sudden hardship: loss above this share of the yearly income"),
            _percent,
        ),
        "level.income_permille": (_("Income limits of the company levels"), _level_incomes),
        "level.score": (_("Score limits of the company levels"), _level_scores),
        "gate.questions": (_("What keeps a household off the file"), _gates),
        "score.income": (_("Points for the income of the household"), _income_points),
        "score.illness": (_("Points for the severity of the illness"), _illness_points),
        "score.illness_family_percent": (
            _("Self before family: a relative's illness counts"),
            _percent,
        ),
        "score.earners": (_("Points for the employed members"), _earner_points),
        "score.ill_this_year": (_("Points for being ill this year"), _points),
        "regular.SPRING": (_("Regular subsidy at Spring Festival"), _amounts),
        "regular.AUTUMN": (_("Regular subsidy at Mid-Autumn"), _amounts),
        "emergency.medical_bands": (_("Emergency grant for illness by net cost"), _bands),
        "emergency.family_percent": (
            _("Self before family: rate when a relative is ill"),
            _percent,
        ),
        "emergency.loss_percent": (_("Accident or disaster: share of the net loss"), _percent),
        "emergency.loss_cap": (_("Accident or disaster: at most"), _yuan),
        "emergency.cap": (_("One emergency grant: at most"), _yuan),
        "emergency.year_cap": (_("Emergency grants of a household in one year: at most"), _yuan),
        "income.company_average": (_("Average monthly income in the company"), _yuan),
        "income.rates": (_("Rate by the employee's own income"), _rates),
        "amount.round_to": (_("Reference amounts are rounded down to whole"), _yuan),
        "deviation.percent": (
            _("A reason is written down when the amount deviates by more than"),
            _percent,
        ),
        "review.working_days": (_("Time for the grassroots review"), _days),
        "verify.working_days": (_("Time for the company verification"), _days),
        "visit.valid_days": (_("A home visit counts for"), _plain_days),
        "quorum.percent": (_("Quorum of the leadership meeting"), _percent),
        "majority.percent": (_("Votes needed: more than"), _percent),
        "notice.working_days": (_("Period of the public notice"), _days),
        "objection.working_days": (_("Time for the answer to an objection"), _days),
        "payment.working_days": (_("Time for payment after the notice"), _days),
        "dossier.valid_months": (_("A dossier is valid for"), _months),
        "size.warning_permille": (
            _("Share of households on file at which a hint is shown (no quota)"),
            _permille,
        ),
    }
