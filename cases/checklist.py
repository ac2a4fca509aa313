"""The checklist of a home visit (入户调查表): what is looked at, asked and found at the door.

Codes and words only: no database. What was seen is one canonical text on the visit, encrypted,
because nobody counts it; what is counted (match, advice, needs) stands in columns.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.money import format_fen
from cases.codes import Gate
from cases.form_codes import Housing


class Condition(TextChoices):
    GOOD = "GOOD", gettext_lazy("in good condition")
    PLAIN = "PLAIN", gettext_lazy("plain")
    POOR = "POOR", gettext_lazy("poor")
    UNSAFE = "UNSAFE", gettext_lazy("unsafe")


class Thing(TextChoices):
    """Appliances and vehicles seen."""

    TV = "TV", gettext_lazy("television")
    FRIDGE = "FRIDGE", gettext_lazy("refrigerator")
    WASHER = "WASHER", gettext_lazy("washing machine")
    AIRCON = "AIRCON", gettext_lazy("air conditioner")
    COMPUTER = "COMPUTER", gettext_lazy("computer")
    BIKE = "BIKE", gettext_lazy("electric bicycle or motorcycle")
    CAR = "CAR", gettext_lazy("car")


class Living(TextChoices):
    """Food and clothing."""

    ENOUGH = "ENOUGH", gettext_lazy("enough")
    SHORT = "SHORT", gettext_lazy("barely enough")
    LACKING = "LACKING", gettext_lazy("not enough")


class Paper(TextChoices):
    """Papers that were shown."""

    DIAGNOSIS = "DIAGNOSIS", gettext_lazy("diagnosis or hospital file")
    INVOICES = "INVOICES", gettext_lazy("medical invoices and settlement of the insurance")
    DISABILITY = "DISABILITY", gettext_lazy("disability certificate")
    SCHOOL = "SCHOOL", gettext_lazy("certificate of the school")
    INCOME = "INCOME", gettext_lazy("bank statement or proof of income")
    REGISTER = "REGISTER", gettext_lazy("household register and ID cards")


class Need(TextChoices):
    """What the household needs; counted for referrals."""

    MONEY = "MONEY", gettext_lazy("money")
    WORK = "WORK", gettext_lazy("a job")
    SCHOOLING = "SCHOOLING", gettext_lazy("help with schooling")
    LEGAL = "LEGAL", gettext_lazy("legal advice")
    COUNSEL = "COUNSEL", gettext_lazy("counselling")


class Seen(TextChoices):
    """A question about property, at the door."""

    SEEN = "SEEN", gettext_lazy("seen")
    NOT_SEEN = "NOT_SEEN", gettext_lazy("not seen")
    NOT_LOOKED = "NOT_LOOKED", gettext_lazy("not looked at")


# What stands in the text, by kind: one code, several codes, words, a whole number, fen.
ONE = {"home": Housing, "condition": Condition, "food": Living, "clothing": Living}
MANY = {"things": Thing, "papers": Paper}
WORDS = ("utilities", "income", "school", "work", "neighbours", "debts")
EMPTY: dict[str, object] = {
    "present": [], "absent": [], **dict.fromkeys(ONE, ""), "area": None,
    **{name: [] for name in MANY}, "debts_fen": None, **dict.fromkeys(WORDS, ""), "gates": {},
}  # fmt: skip


def labels():
    """{key: what it is called}, in the order of the form."""
    return {
        "present": _("Members present"), "absent": _("Members absent"), "home": _("Housing"),
        "area": _("Area (m²)"), "condition": _("Condition of the home"),
        "things": _("Appliances and vehicles seen"), "food": _("Food"),
        "clothing": _("Clothing"), "utilities": _("Water, electricity, heating"),
        "income": _("Check of the income"), "work": _("Work"), "papers": _("Papers seen"),
        "school": _("Schooling"), "neighbours": _("Neighbours asked"),
        "debts_fen": _("Debts (yuan)"), "debts": _("To whom, what for"),
    }  # fmt: skip


def said(seen, names):
    """{key: value in words} of what was seen; `names` are {member pk: name}. "" for nothing."""
    found = {**EMPTY, **seen}
    words = {name: str(found[name]) for name in WORDS}
    words |= {name: str(codes(found[name]).label) if found[name] else ""
              for name, codes in ONE.items()}  # fmt: skip
    words |= {name: _join(codes(code).label for code in found[name])
              for name, codes in MANY.items()}  # fmt: skip
    for key in ("present", "absent"):
        words[key] = _join(names[pk] for pk in found[key] if pk in names)
    words["area"] = "" if found["area"] is None else str(found["area"])
    fen = found["debts_fen"]
    words["debts_fen"] = "" if fen is None else format_fen(fen)
    return words


def rows(seen, names):
    """[(label, value in words)] of everything that was seen, in the order of the form."""
    words = said(seen, names)
    return [(label, words[key]) for key, label in labels().items()]


def gate_rows(seen):
    """[(question, code, answer in words)] for every question about property."""
    answers = seen.get("gates", {})
    codes = [(gate, answers.get(gate, Seen.NOT_LOOKED)) for gate in Gate]
    return [(gate.label, code, Seen(code).label) for gate, code in codes]


def _join(some):
    return _(", ").join(str(one) for one in some)


def _boxes(codes, chosen):
    return [(code.label, code.value in chosen) for code in codes]


def paper(seen):
    """{key: [(label, ticked)]} of everything that is ticked on paper; nothing seen ticks
    nothing."""
    found = {name: _boxes(codes, [seen.get(name, "")]) for name, codes in ONE.items()}
    found |= {name: _boxes(codes, seen.get(name, [])) for name, codes in MANY.items()}
    return found


def paper_gates(seen):
    """[(question, [(label, ticked)])] of the questions about property."""
    answers = seen.get("gates", {})
    return [(gate.label, _boxes(Seen, [answers.get(gate.value, "")])) for gate in Gate]


def paper_needs(needs):
    return _boxes(Need, needs)
