"""What changed between two revisions of one household, fact by fact, in words. No query."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from base.money import format_fen
from cases.codes import Cause, ExpenseKind, Gate, Health, Occupation, SchoolLevel
from cases.models import Basis
from people.models import Relation, Standing


@dataclass(frozen=True)
class Difference:
    """One fact that differs: of whom or what, which fact, and both values in words."""

    what: str
    fact: str
    before: str
    after: str


def compare(before, after, names=None):
    """The differences of two canonical facts of a household, in the order of the card.

    `names` maps the pk of a member to a name: the facts themselves hold none. Somebody or
    something that stands in one of the two only is one difference with all its facts in it.
    """
    names = names or {}
    found = _fields(_("Household"), _household_facts(), before, after)
    for was, now in _pairs(before["members"], after["members"], "pk"):
        found += _entry(_member(now or was, names), _member_facts(), was, now)
    for was, now in _pairs(before["expenses"], after["expenses"], "pk"):
        found += _entry(_expense(now or was), _expense_facts(names, before, after), was, now)
    for was, now in _pairs(before["gates"], after["gates"], "gate"):
        found += _entry(str(Gate((now or was)["gate"]).label), _gate_facts(), was, now)
    return found


def _pairs(before, after, key):
    """(was, now) of each entry of two lists; None where it stands in one only."""
    old, new = ({entry[key]: entry for entry in side} for side in (before, after))
    return [(old.get(name), new.get(name)) for name in [*old, *(n for n in new if n not in old)]]


def _entry(what, fields, was, now):
    if was and now:
        return _fields(what, fields, was, now)
    said = _("; ").join(
        _("%(fact)s: %(value)s") % {"fact": label, "value": words(was or now)}
        for name, (label, words) in fields.items()
        if name in (was or now) and not _said_already(name, fields, was or now, was or now)
    )
    if now:
        return [Difference(what, _("added"), "", said)]
    return [Difference(what, _("no longer there"), said, "")]


def _fields(what, fields, before, after):
    return [
        Difference(what, str(label), words(before), words(after))
        for name, (label, words) in fields.items()
        if name in before
        and name in after  # a fact that was not kept in older revisions is no difference
        and before[name] != after[name]
        and not _said_already(name, fields, before, after)
    ]


def _said_already(name, fields, before, after):
    """Whether a declared value changed exactly as the value that counts, which is told too."""
    counted = name.removeprefix("declared_")
    sides = (before, after)
    return counted != name and counted in fields and all(s[name] == s[counted] for s in sides)


def _member(member, names):
    relation = str(Relation(member["relation"]).label)
    if name := names.get(member["pk"]):
        return _("%(name)s (%(relation)s)") % {"name": name, "relation": relation}
    return relation


def _expense(expense):
    return _("%(kind)s of %(day)s") % {
        "kind": ExpenseKind(expense["kind"]).label, "day": expense["spent_on"]}  # fmt: skip


# How a value is said. Each takes the entry and the name of the fact.


def _label(choices, name):
    return lambda entry: str(choices(entry[name]).label) if entry[name] else "-"


def _money(name):
    return lambda entry: "-" if entry[name] is None else format_fen(entry[name])


def _truth(name):
    return lambda entry: _("yes") if entry[name] else _("no")


def _plain(name):
    return lambda entry: str(entry[name])


def _causes(entry):
    return _(", ").join(str(Cause(cause).label) for cause in entry["side_causes"]) or "-"


# {name in the facts: (label, how it is said)}, made when asked for: in the reader's language.


def _household_facts():
    return {
        "standing": (_("standing"), _label(Standing, "standing")),
        "main_cause": (_("main cause"), _label(Cause, "main_cause")),
        "side_causes": (_("side causes"), _causes),
        "declared_other_income_fen": (
            _("declared other income in twelve months (yuan)"),
            _money("declared_other_income_fen"),
        ),
        "verified_other_income_fen": (
            _("verified other income in twelve months (yuan)"),
            _money("verified_other_income_fen"),
        ),
        "other_income_fen": (
            _("other income in twelve months (yuan)"),
            _money("other_income_fen"),
        ),
        "other_income_basis": (
            _("how the other income is known"),
            _label(Basis, "other_income_basis"),
        ),
        "line_fen": (_("subsistence line (yuan)"), _money("line_fen")),
    }


def _member_facts():
    return {
        "relation": (_("relation"), _label(Relation, "relation")),
        "declared_occupation": (
            _("declared occupation"),
            _label(Occupation, "declared_occupation"),
        ),
        "occupation": (_("occupation"), _label(Occupation, "occupation")),
        "work_basis": (_("how the work is known"), _label(Basis, "work_basis")),
        "school_level": (_("stage of schooling"), _label(SchoolLevel, "school_level")),
        "declared_health": (_("declared health"), _label(Health, "declared_health")),
        "health": (_("health"), _label(Health, "health")),
        "declared_ill_this_year": (
            _("declared: ill this year"),
            _truth("declared_ill_this_year"),
        ),
        "ill_this_year": (_("ill this year"), _truth("ill_this_year")),
        "health_basis": (_("how the health is known"), _label(Basis, "health_basis")),
        "declared_income_fen": (
            _("declared monthly income (yuan)"),
            _money("declared_income_fen"),
        ),
        "verified_income_fen": (
            _("verified monthly income (yuan)"),
            _money("verified_income_fen"),
        ),
        "income_basis": (_("how the income is known"), _label(Basis, "income_basis")),
    }


def _expense_facts(names, before, after):
    members = {m["pk"]: m for facts in (before, after) for m in facts["members"]}

    def whom(entry):
        member = members.get(entry["member"])
        return _member(member, names) if member else "-"

    return {
        "kind": (_("kind"), _label(ExpenseKind, "kind")),
        "member": (_("for whom"), whom),
        "spent_on": (_("date"), _plain("spent_on")),
        "gross_fen": (_("amount spent (yuan)"), _money("gross_fen")),
        "reimbursed_fen": (_("of it reimbursed (yuan)"), _money("reimbursed_fen")),
        "verified_net_fen": (_("verified net amount (yuan)"), _money("verified_net_fen")),
        "vouchers": (_("number of vouchers"), _plain("vouchers")),
        "basis": (_("how it is known"), _label(Basis, "basis")),
    }


def _gate_facts():
    return {
        "declared_present": (_("declared answer"), _truth("declared_present")),
        "present": (_("answer"), _truth("present")),
        "excepted": (_("exception minuted"), _truth("excepted")),
        "basis": (_("how it is known"), _label(Basis, "basis")),
    }
