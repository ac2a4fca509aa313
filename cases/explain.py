"""“Why this amount”: an assessment's codes and numbers in words a household understands."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from base.money import format_fen
from cases.codes import Category, Event, Festival, Gate, Health, Level, SchoolLevel
from cases.models import Basis
from people.models import Relation


@dataclass(frozen=True)
class FactorWords:
    """One line of the table: the factor, the value used, how it is known, clause, points."""

    name: str
    value: str
    basis: str
    clause: str
    points: int
    most: int
    stops: bool = False


def factors(result, clauses):
    """The factors of an assessment result in words; `clauses` is {key: clause}. No query."""
    return [
        FactorWords(
            _name(factor), _value(factor), str(Basis(factor["basis"]).label),
            clauses.get(factor["rule"], ""), factor["points"], factor["max"],
            factor.get("fails", False),
        )
        for factor in result["factors"]
    ]  # fmt: skip


def _name(factor):
    names = {
        "income": _("Income of the household"),
        "illness": _("Severity of the illness"),
        "earners": _("Employed members of the household"),
        "ill_this_year": _("Ill this year"),
    }
    return names.get(factor["factor"]) or str(Gate(factor["value"]).label)


def _value(factor):
    kind = factor["factor"]
    if kind == "income":
        return _("%(percent)s %% of the subsistence line") % {"percent": factor["value"] / 10}
    if kind == "illness":
        if not factor["value"]:
            return _("nobody seriously ill")
        words = {"who": Relation(factor["who"]).label, "illness": Health(factor["value"]).label}
        return _("%(who)s: %(illness)s") % words
    if kind == "earners":
        return _("%(earners)s of %(persons)s members in steady work") % {
            "earners": factor["value"], "persons": factor["of"]}  # fmt: skip
    if kind == "ill_this_year":
        return _("%(count)s ill this year") % {"count": factor["value"]}
    if not factor["present"]:
        return _("no")
    return _("yes, exception minuted") if factor["excepted"] else _("yes: not eligible")


def income(result):
    """The income arithmetic as one sentence with the numbers in it (pages: numbers in context)."""
    return _(
        "Income of twelve months %(income)s yuan less unavoidable expenses %(expenses)s yuan, by"
        " %(persons)s persons and 12 months: %(net)s yuan a month for each. The subsistence line is"
        " %(line)s yuan."
    ) % {
        "income": format_fen(result["income_fen"]),
        "expenses": format_fen(result["expenses_fen"]),
        "persons": result["persons"],
        "net": format_fen(result["net_income_fen"]),
        "line": format_fen(result["line_fen"]),
    }


def arithmetic(household, totals, line):
    """The income arithmetic line by line with every number in it; `household` are the canonical
    facts, `line` is the subsistence line of the day."""
    monthly = " + ".join(format_fen(m["income_fen"]) for m in household["members"])
    found = [
        _("Income: (%(monthly)s) × 12 + other income %(other)s = %(sum)s yuan")
        % {
            "monthly": monthly,
            "other": format_fen(household["other_income_fen"]),
            "sum": format_fen(totals["income_fen"]),
        },
        _("Unavoidable expenses that count: %(sum)s yuan")
        % {"sum": format_fen(totals["expenses_fen"])},
    ]
    if totals["left_out_fen"]:
        found.append(
            _("Left out: %(sum)s yuan, older than the policy counts or without a voucher")
            % {"sum": format_fen(totals["left_out_fen"])}
        )
    found.append(
        _("(%(income)s − %(expenses)s) ÷ %(persons)s persons ÷ 12 months = %(net)s yuan a head")
        % {
            "income": format_fen(totals["income_fen"]),
            "expenses": format_fen(totals["expenses_fen"]),
            "persons": totals["persons"],
            "net": format_fen(totals["net_income_fen"]),
        }
    )
    found.append(
        _(
            "Subsistence line: %(line)s yuan (%(place)s, since %(day)s); this is"
            " %(percent)s %% of it"
        )
        % {
            "line": format_fen(line.monthly_fen),
            "place": line.place,
            "day": line.since,
            "percent": totals["permille"] / 10,
        }
    )
    return found


def standing(result):
    """Score, class and level in one sentence, and what would lead to the next level."""
    if result["gates_failed"]:
        named = _(", ").join(str(Gate(gate).label) for gate in result["gates_failed"])
        return _("The policy does not allow help because of: %(gates)s.") % {"gates": named}
    if not result["level"]:
        return _(
            "%(score)s points: below the lowest level, which begins %(gap)s points higher."
        ) % {"score": result["score"], "gap": result["to_next_level"]}
    words = {
        "score": result["score"],
        "level": Level(result["level"]).label,
        "category": Category(result["category"]).label if result["category"] else _("no class"),
        "gap": result["to_next_level"],
    }
    if result["to_next_level"]:
        return (
            _("%(score)s points: %(level)s, %(category)s. %(gap)s points lack to the next level.")
            % words
        )
    return _("%(score)s points: %(level)s, %(category)s.") % words


def steps(result, clauses):
    """The amount step by step: [(sentence, fen, clause)]; the last is the reference amount."""
    return [(_step(step), step["fen"], clauses.get(step["rule"], "")) for step in result["amount"]]


def _step(step):
    percent = {"percent": step.get("percent", 0)}
    if step["step"] == "regular":
        level = Level(step["level"]).label if step["level"] else _("no level")
        return _("%(festival)s subsidy for a household of the level %(level)s") % {
            "festival": Festival(step["festival"]).label, "level": level}  # fmt: skip
    if step["step"] == "tuition":
        school = SchoolLevel(step["level"]).label
        return _("Tuition aid for: %(school)s") % {"school": school}
    if step["step"] == "gift":
        event = Event(step["event"]).label if step["event"] else _("no occasion")
        return _("Visit gift: %(occasion)s") % {"occasion": event}
    sentences = {
        "living_cap": _("Limited to what is left of the yearly maximum of living aid"),
        "net_cost": _("What it cost after all reimbursement"),
        "helped_before": _("Less what was granted before for the same bills"),
        "medical_band": _("Amount of the band this cost falls into"),
        "family_rate": _("The patient is a relative, not the employee: %(percent)s %%") % percent,
        "loss_rate": _("%(percent)s %% of the net loss") % percent,
        "loss_cap": _("Limited to the highest amount for accidents and disasters"),
        "income_rate": _("By the employee's own monthly income: %(percent)s %%") % percent,
        "never_above_cost": _("Never more than the household paid itself"),
        "round_down": _("Rounded down to whole hundreds"),
        "cap": _("Limited to the highest amount of one grant"),
        "year_cap": _("Limited to what is left of the household's yearly maximum"),
        "own_first": _(
            "Self before family: %(own)s yuan of the yearly maximum are kept for the employee's own"
            " application"
        )
        % {"own": format_fen(step.get("own", 0))},
    }
    return sentences[step["step"]]
