"""The assessment: facts and policy in, score and reference amount out. Pure and exact.

Whole numbers only (fen, permille, percent), so the same facts under the same rules give the same
result on every machine (invariant IP7). The six factors are the paper's (fact 2.8), the amounts
follow income, illness and cost with the worker before the family (fact 2.10). The score suggests;
people decide.
"""

from cases.codes import Category, Event, ExpenseKind, Occupation
from cases.workflow import Programme
from people.models import Relation

MONTHS = 12
_RANK = {"CONFLICTING": 0, "DECLARED": 1, "DOCUMENTED": 2, "VISITED": 3, "MATCHED": 4}


def weakest(bases):
    """Of several facts the one known worst decides how the factor is known."""
    return min(bases, key=_RANK.__getitem__, default="DECLARED")


def net_income_fen(facts):
    """Monthly net income a head in fen; may be negative (domain rule: twelve-month income less
    unavoidable expenses, by persons, by twelve; rounded down)."""
    income = sum(m["income_fen"] for m in facts["members"]) * MONTHS + facts["other_income_fen"]
    spent = sum(e["net_fen"] for e in facts["expenses"])
    return (income - spent) // (len(facts["members"]) * MONTHS)


def totals(facts):
    """The income arithmetic alone: what came in, what was unavoidable, what is left a head."""
    net = net_income_fen(facts)
    return {
        "persons": len(facts["members"]),
        "line_fen": facts["line_fen"],
        "income_fen": sum(m["income_fen"] for m in facts["members"]) * MONTHS
        + facts["other_income_fen"],
        "expenses_fen": sum(e["net_fen"] for e in facts["expenses"]),
        "net_income_fen": net,
        "permille": net * 1000 // facts["line_fen"],
    }


def assess(rules, facts, ask):
    """The whole judgement of one household for one programme.

    `rules`: {key: value} of the policy. `facts`: the canonical household facts (`line_fen`,
    `members`, `expenses`, `gates`, `other_income_fen`). `ask`: {"programme", "festival", "level",
    "event", "net_fen", "patient", "granted_this_year_fen"}; absent keys count as nothing.
    Returns a dict of codes and whole numbers: the content of `Assessment.result`.
    """
    found = totals(facts)
    permille = found["permille"]
    factors = [
        _income(rules, facts, permille),
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
        "category": "" if failed else _category(rules, facts, permille),
        "income_level": "" if failed else _at_most(rules["level.income_permille"], permille),
        "level": "" if failed else _at_least(rules["level.score"], score),
        "to_next_level": _to_next(rules["level.score"], score),
        "amount": amount,
        "reference_fen": amount[-1]["fen"] if amount else 0,
    }


def _income(rules, facts, permille):
    points = next((p for limit, p in rules["score.income"] if permille <= limit), 0)
    bases = [m["income_basis"] for m in facts["members"]] + [e["basis"] for e in facts["expenses"]]
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
        "basis": weakest([m["income_basis"] for m in facts["members"]]),
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


def _category(rules, facts, permille):
    """Deep, relative or sudden hardship, or none."""
    if permille < rules["class.deep_permille"]:
        return Category.DEEP.value
    if permille < rules["class.relative_permille"]:
        return Category.RELATIVE.value
    income = sum(m["income_fen"] for m in facts["members"]) * MONTHS + facts["other_income_fen"]
    sudden = (ExpenseKind.ILLNESS, ExpenseKind.DISASTER)
    loss = sum(e["net_fen"] for e in facts["expenses"] if e["kind"] in sudden)
    if permille <= rules["class.sudden_permille"] and (
        loss * 100 > income * rules["class.sudden_loss_percent"]
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
    if ask["programme"] == Programme.REGULAR:
        fen = rules[f"regular.{ask['festival']}"].get(ask.get("level", ""), 0)
        return [{"step": "regular", "level": ask.get("level", ""), "festival": ask["festival"],
                 "fen": fen, "rule": f"regular.{ask['festival']}"}]  # fmt: skip
    if ask["programme"] == Programme.EMERGENCY:
        return _emergency(rules, facts, ask)
    return []


def _emergency(rules, facts, ask):
    net = ask["net_fen"]
    steps = [{"step": "net_cost", "fen": net, "rule": "emergency.cap"}]

    def then(step, fen, rule, **numbers):
        if fen != steps[-1]["fen"]:
            steps.append({"step": step, "fen": fen, "rule": rule, **numbers})

    if ask["event"] == Event.ILLNESS:
        band = [fen for start, fen in rules["emergency.medical_bands"] if net >= start]
        then("medical_band", min(band[-1], net), "emergency.medical_bands")
        if ask["patient"] != Relation.SELF:
            rate = rules["emergency.family_percent"]
            then("family_rate", steps[-1]["fen"] * rate // 100, "emergency.family_percent",
                 percent=rate)  # fmt: skip
    else:
        rate = rules["emergency.loss_percent"]
        then("loss_rate", net * rate // 100, "emergency.loss_percent", percent=rate)
    rate = _income_rate(rules, facts)
    then("income_rate", steps[-1]["fen"] * rate // 100, "income.rates", percent=rate)
    if ask["event"] != Event.ILLNESS:  # after the rate: it raises no amount above a cap
        then("loss_cap", min(steps[-1]["fen"], rules["emergency.loss_cap"]), "emergency.loss_cap")
    then("never_above_cost", min(steps[-1]["fen"], net), "emergency.cap")
    then("cap", min(steps[-1]["fen"], rules["emergency.cap"]), "emergency.cap")
    left = max(rules["emergency.year_cap"] - ask.get("granted_this_year_fen", 0), 0)
    then("year_cap", min(steps[-1]["fen"], left), "emergency.year_cap", left=left)
    # Last, because what is left of the year need not be whole: the meeting decides any amount.
    unit = rules["amount.round_to"]
    then("round_down", steps[-1]["fen"] // unit * unit, "amount.round_to")
    return steps


def _income_rate(rules, facts):
    """Percent by the worker's own average monthly income against the company's average."""
    own = next((m["income_fen"] for m in facts["members"] if m["relation"] == Relation.SELF), 0)
    average = rules["income.company_average"]
    if own > average:
        return rules["income.rates"]["above"]
    return rules["income.rates"]["below_half"] if own * 2 < average else 100


def cap_fen(rules, programme):
    """The most one grant of a programme may be; None where the policy sets none."""
    return rules["emergency.cap"] if programme == Programme.EMERGENCY else None
