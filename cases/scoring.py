"""The assessment: facts and policy in, score and reference amount out. Pure and exact.

Whole numbers only (fen, permille, percent), so the same facts under the same rules give the same
result on every machine (invariant IP7). The six factors are the paper's (fact 2.8), the amounts
follow income, illness and cost with the worker before the family (fact 2.10). The score suggests;
people decide.
"""

from datetime import date

from cases.codes import Category, Event, ExpenseKind, Occupation
from cases.workflow import Programme
from people.models import Relation

MONTHS = 12
_RANK = {"CONFLICTING": 0, "DECLARED": 1, "DOCUMENTED": 2, "VISITED": 3, "MATCHED": 4}


def weakest(bases):
    """Of several facts the one known worst decides how the factor is known."""
    return min(bases, key=_RANK.__getitem__, default="DECLARED")


def income_fen(facts):
    """What the household took in over twelve months, in fen."""
    return sum(m["income_fen"] for m in facts["members"]) * MONTHS + facts["other_income_fen"]


def counted(rules, facts, on):
    """The unavoidable expenses that count on a day (ISO text), as the policy says: those of its
    window, and where it asks for vouchers those with one, or verified."""
    first = _window_start(on, rules["income.window_months"])
    vouchers = rules["income.with_vouchers"]
    return [
        e
        for e in facts["expenses"]
        if first <= e["spent_on"] <= on
        and (not vouchers or e["vouchers"] or e["verified_net_fen"] is not None)
    ]


def _window_start(on, months):
    """The first day, as ISO text, of so many months up to a day; the beginning of time for 0."""
    if not months:
        return ""
    day = date.fromisoformat(on)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    # Text compares like days, and a 31 that the month lacks compares as after its last.
    return f"{year:04d}-{month + 1:02d}-{day.day:02d}"


def net_income_fen(rules, facts, on):
    """Monthly net income a head in fen; may be negative (domain rule: twelve-month income less
    unavoidable expenses, by persons, by twelve; rounded down)."""
    spent = sum(e["net_fen"] for e in counted(rules, facts, on))
    return (income_fen(facts) - spent) // (len(facts["members"]) * MONTHS)


def totals(rules, facts, on):
    """The income arithmetic alone: what came in, what was unavoidable, what is left a head."""
    net = net_income_fen(rules, facts, on)
    counting = counted(rules, facts, on)
    return {
        "on": on,
        "persons": len(facts["members"]),
        "line_fen": facts["line_fen"],
        "income_fen": income_fen(facts),
        "expenses_fen": sum(e["net_fen"] for e in counting),
        "left_out_fen": sum(e["net_fen"] for e in facts["expenses"])
        - sum(e["net_fen"] for e in counting),
        "net_income_fen": net,
        "permille": net * 1000 // facts["line_fen"],
    }


def assess(rules, facts, ask):
    """The whole judgement of one household for one programme.

    `rules`: {key: value} of the policy. `facts`: the canonical household facts (`line_fen`,
    `members`, `expenses`, `gates`, `other_income_fen`). `ask`: {"programme", "on" (ISO day),
    "festival", "level", "event", "net_fen", "helped_fen" (granted before for the same bills),
    "patient", "school_level", "granted_this_year_fen", "own_first_fen" (proposed for the
    employee's own illness, not decided yet), "subsidised_this_year_fen"}; absent keys other than
    the first two count as nothing.
    Returns a dict of codes and whole numbers: the content of `Assessment.result`.
    """
    found = totals(rules, facts, ask["on"])
    permille = found["permille"]
    factors = [
        _income(rules, facts, permille, ask["on"]),
        _illness(rules, facts),
        _earners(rules, facts),
        _ill_this_year(rules, facts),
        *_gates(rules, facts),
    ]
    score = sum(factor["points"] for factor in factors)
    failed = [f["value"] for f in factors if f["factor"] == "gate" and f["fails"]]
    amount = _amount(rules, facts, ask)
    return {
        **found,
        "factors": factors,
        "score": score,
        "gates_failed": failed,
        "category": "" if failed else _category(rules, facts, permille, ask["on"]),
        "income_level": "" if failed else _at_most(rules["level.income_permille"], permille),
        "level": "" if failed else _at_least(rules["level.score"], score),
        "to_next_level": _to_next(rules["level.score"], score),
        "amount": amount,
        "reference_fen": amount[-1]["fen"] if amount else 0,
    }


def _income(rules, facts, permille, on):
    points = next((p for limit, p in rules["score.income"] if permille <= limit), 0)
    bases = [m["income_basis"] for m in facts["members"]]
    bases += [e["basis"] for e in counted(rules, facts, on)]
    if facts["other_income_fen"]:
        bases.append(facts.get("other_income_basis", "DECLARED"))
    return {
        "factor": "income", "value": permille, "basis": weakest(bases), "points": points,
        "max": rules["score.income"][0][1], "rule": "score.income",
    }  # fmt: skip


def _illness(rules, facts):
    """The worst illness in the household; a relative's counts at the family rate."""
    best = {"factor": "illness", "value": "", "who": "", "basis": "DECLARED", "points": 0}
    best |= {"max": max(g["points"] for g in rules["score.illness"]), "rule": "score.illness"}
    for member in facts["members"]:
        group = next((g for g in rules["score.illness"] if member["health"] in g["health"]), None)
        if group is None:
            continue
        points = group["points"]
        if member["relation"] != Relation.SELF:
            points = points * rules["score.illness_family_percent"] // 100
        if points > best["points"]:
            best |= {"value": member["health"], "who": member["relation"], "points": points,
                     "basis": member["health_basis"]}  # fmt: skip
    return best


def _earners(rules, facts):
    """Members in steady work against the size of the household."""
    earning = [m for m in facts["members"] if m["occupation"] == Occupation.WORKING]
    size = len(facts["members"])
    table = rules["score.earners"]
    points = 0
    if not earning:
        points = table["none"]
    elif len(earning) == 1 and size >= 3:
        points = table["one_of_three"]
    elif len(earning) == 1 and size == 2:
        points = table["one_of_two"]
    return {
        "factor": "earners", "value": len(earning), "of": size, "points": points,
        "basis": weakest([m.get("work_basis", m["income_basis"]) for m in facts["members"]]),
        "max": table["none"], "rule": "score.earners",
    }  # fmt: skip


def _ill_this_year(rules, facts):
    ill = [m for m in facts["members"] if m["ill_this_year"]]
    return {
        "factor": "ill_this_year", "value": len(ill),
        "points": rules["score.ill_this_year"] if ill else 0,
        "basis": weakest([m["health_basis"] for m in ill]) if ill else "DECLARED",
        "max": rules["score.ill_this_year"], "rule": "score.ill_this_year",
    }  # fmt: skip


def _gates(rules, facts):
    """Each gate question: it fails when present without a minuted exception."""
    answers = {g["gate"]: g for g in facts["gates"]}
    found = []
    for gate in rules["gate.questions"]:
        answer = answers.get(gate, {"present": False, "excepted": False, "basis": "DECLARED"})
        found.append({
            "factor": "gate", "value": gate, "present": answer["present"],
            "excepted": answer["excepted"], "fails": answer["present"] and not answer["excepted"],
            "basis": answer["basis"], "points": 0, "max": 0, "rule": "gate.questions",
        })  # fmt: skip
    return found


def _category(rules, facts, permille, on):
    """Deep, relative or sudden hardship, or none."""
    if permille < rules["class.deep_permille"]:
        return Category.DEEP.value
    if permille < rules["class.relative_permille"]:
        return Category.RELATIVE.value
    sudden = (ExpenseKind.ILLNESS, ExpenseKind.DISASTER)
    loss = sum(e["net_fen"] for e in counted(rules, facts, on) if e["kind"] in sudden)
    if permille <= rules["class.sudden_permille"] and (
        loss * 100 > income_fen(facts) * rules["class.sudden_loss_percent"]
    ):
        return Category.SUDDEN.value
    return ""


def _at_most(table, value):
    return next((name for name, limit in table if value <= limit), "")


def _at_least(table, value):
    return next((name for name, limit in table if value >= limit), "")


def _to_next(table, score):
    """Points that lack to the next higher level; 0 on the highest."""
    higher = [limit for _name, limit in table if limit > score]
    return min(higher) - score if higher else 0


def _amount(rules, facts, ask):
    """The steps of the reference amount, each {"step", "fen", ...}; the last is the reference."""
    ways = {
        Programme.REGULAR: _regular,
        Programme.EMERGENCY: _emergency,
        Programme.MEDICAL: _medical,
        Programme.TUITION: _tuition,
        Programme.VISIT_GIFT: _visit_gift,
    }
    way = ways.get(ask["programme"])
    return way(rules, facts, ask) if way else []


class _Amount:
    """The steps of an amount; one that changes nothing is left out."""

    def __init__(self, step, fen, rule, **numbers):
        self.steps = [{"step": step, "fen": fen, "rule": rule, **numbers}]

    @property
    def fen(self):
        return self.steps[-1]["fen"]

    def then(self, step, fen, rule, **numbers):
        if fen != self.fen:
            self.steps.append({"step": step, "fen": fen, "rule": rule, **numbers})


def _regular(rules, facts, ask):
    rule = f"regular.{ask['festival']}"
    level = ask.get("level", "")
    amount = _Amount(
        "regular", rules[rule].get(level, 0), rule, level=level, festival=ask["festival"]
    )
    if months := rules["regular.year_months"]:
        left = max(facts["line_fen"] * months - ask.get("subsidised_this_year_fen", 0), 0)
        amount.then("living_cap", min(amount.fen, left), "regular.year_months", left=left)
    return amount.steps


def _emergency(rules, facts, ask):
    amount = _cost(ask, "emergency.cap")
    net = amount.fen
    if ask["event"] == Event.ILLNESS:
        _by_band(rules, ask, amount, "emergency.medical_bands", "emergency.family_percent")
    else:
        rate = rules["emergency.loss_percent"]
        amount.then("loss_rate", net * rate // 100, "emergency.loss_percent", percent=rate)
    _adjust(rules, facts, amount)
    if ask["event"] != Event.ILLNESS:  # after the rate: it raises no amount above a cap
        amount.then("loss_cap", min(amount.fen, rules["emergency.loss_cap"]), "emergency.loss_cap")
    return _within_caps(rules, ask, amount, "emergency")


def _medical(rules, facts, ask):
    amount = _cost(ask, "medical.cap")
    _by_band(rules, ask, amount, "medical.bands", "medical.family_percent")
    _adjust(rules, facts, amount)
    return _within_caps(rules, ask, amount, "medical")


def _cost(ask, rule):
    """What it cost the household, less what was granted before for the same bills."""
    amount = _Amount("net_cost", ask["net_fen"], rule)
    amount.then("helped_before", _left(ask), rule)
    return amount


def _left(ask):
    return max(ask["net_fen"] - ask.get("helped_fen", 0), 0)


def _by_band(rules, ask, amount, bands, family):
    """The amount of the band the cost falls into; a relative's counts at the family rate."""
    reached = [fen for start, fen in rules[bands] if amount.fen >= start]
    amount.then("medical_band", min(reached[-1], amount.fen) if reached else 0, bands)
    if ask["patient"] != Relation.SELF:
        rate = rules[family]
        amount.then("family_rate", amount.fen * rate // 100, family, percent=rate)


def _adjust(rules, facts, amount):
    rate = _income_rate(rules, facts)
    amount.then("income_rate", amount.fen * rate // 100, "income.rates", percent=rate)


def _within_caps(rules, ask, amount, of):
    """Never above the cost, the cap of one grant, or what is left of the household's year.

    What the employee's own application asks for is kept back from a relative's (self before
    family, fact 2.10).
    """
    amount.then("never_above_cost", min(amount.fen, _left(ask)), f"{of}.cap")
    amount.then("cap", min(amount.fen, rules[f"{of}.cap"]), f"{of}.cap")
    left = max(rules["emergency.year_cap"] - ask.get("granted_this_year_fen", 0), 0)
    amount.then("year_cap", min(amount.fen, left), "emergency.year_cap", left=left)
    own = ask.get("own_first_fen", 0)
    left = max(left - own, 0)
    amount.then("own_first", min(amount.fen, left), "emergency.year_cap", left=left, own=own)
    # Last, because what is left of the year need not be whole: the meeting decides any amount.
    unit = rules["amount.round_to"]
    amount.then("round_down", amount.fen // unit * unit, "amount.round_to")
    return amount.steps


def _tuition(rules, facts, ask):
    """A fixed amount by the school, never more than the household pays itself for the year."""
    level = ask.get("school_level", "")
    amount = _Amount(
        "tuition", rules["tuition.amounts"].get(level, 0), "tuition.amounts", level=level
    )
    amount.then("never_above_cost", min(amount.fen, ask["net_fen"]), "tuition.amounts")
    return amount.steps


def _visit_gift(rules, facts, ask):
    fen = rules["gift.cash"].get(ask["event"], 0)
    return _Amount("gift", fen, "gift.cash", event=ask["event"]).steps


def _income_rate(rules, facts):
    """Percent by the worker's own average monthly income against the company's average."""
    own = next((m["income_fen"] for m in facts["members"] if m["relation"] == Relation.SELF), 0)
    average = rules["income.company_average"]
    if own > average:
        return rules["income.rates"]["above"]
    return rules["income.rates"]["below_half"] if own * 2 < average else 100


def cap_fen(rules, programme):
    """The most one grant of a programme may be; None where the policy sets none."""
    if programme in (Programme.EMERGENCY, Programme.MEDICAL):
        return rules[f"{programme.lower()}.cap"]
    tables = {Programme.TUITION: "tuition.amounts", Programme.VISIT_GIFT: "gift.cash"}
    table = tables.get(programme)
    return max(rules[table].values(), default=0) if table else None
