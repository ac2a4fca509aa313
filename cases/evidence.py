"""The facts of a household that are judged: declared, verified, how known and by which document."""

from dataclasses import dataclass

from django.db.models import Model
from django.utils.translation import gettext as _

from base.money import format_fen
from cases.codes import Health, Occupation
from cases.models import Asset, Basis, Document, Dossier, Expense, Member


@dataclass(frozen=True)
class Kind:
    """One kind of fact: the table it stands in and its columns there."""

    model: type[Model]
    declared: tuple[str, ...]
    verified: tuple[str, ...]
    basis: str
    document: str


# The letter before the dot of a key is the table; behind it stands the row and the fact.
KINDS = {
    "d.other_income": Kind(
        Dossier, ("other_income_fen",), ("verified_other_income_fen",), "other_income_basis",
        "other_income_document"),
    "m.income": Kind(
        Member, ("monthly_income_fen",), ("verified_income_fen",), "income_basis",
        "income_document"),
    "m.work": Kind(
        Member, ("occupation",), ("verified_occupation",), "work_basis", "work_document"),
    "m.health": Kind(
        Member, ("health", "ill_this_year"), ("verified_health", "verified_ill_this_year"),
        "health_basis", "health_document"),
    "e.net": Kind(
        Expense, ("gross_fen", "reimbursed_fen"), ("verified_net_fen",), "basis", "document"),
    "a.present": Kind(Asset, ("present",), ("verified_present",), "basis", "document"),
}  # fmt: skip
_EMPTY = {"verified_occupation": "", "verified_health": ""}  # other verified columns: None


@dataclass(frozen=True)
class Mark:
    """How one fact is known: `verified` are the values of the kind's verified columns, empty
    where nothing else was found than declared; `document` proves it."""

    basis: str
    verified: tuple = ()
    document: Document | None = None


@dataclass(frozen=True)
class Fact:
    """One fact of one household for a reader; `row` is its row, `key` names it in forms."""

    key: str
    kind: Kind
    row: object
    about: str
    label: str

    @property
    def declared(self):
        return _words(self.kind, self.row, self.kind.declared)

    @property
    def verified(self):
        """What was found instead, in words; "" where nothing else was found."""
        return "" if self.given is None else _words(self.kind, self.row, self.kind.verified)

    @property
    def given(self):
        """The verified values as they stand, or None where nothing else was found."""
        values = tuple(getattr(self.row, name) for name in self.kind.verified)
        return None if values[0] in (None, "") else values

    @property
    def basis(self):
        return Basis(getattr(self.row, self.kind.basis))

    @property
    def document_id(self):
        return getattr(self.row, f"{self.kind.document}_id")

    @property
    def document(self):
        """The document that proves it; a query unless it was fetched before."""
        return getattr(self.row, self.kind.document)


def of_household(dossier):
    """Every judged fact of a household in the order of the card: [Fact].

    Uses the prefetched members, expenses and assets; no query.
    """
    found = []
    if dossier.other_income_fen or dossier.verified_other_income_fen is not None:
        found.append(
            _fact(dossier, "d", "other_income", _("Household"), _("Other income in twelve months"))
        )
    for member in sorted(dossier.members.all(), key=lambda m: m.pk):
        if member.left_on is None:
            who = f"{member.name}（{member.get_relation_display()}）"
            found.append(_fact(member, "m", "income", who, _("Monthly income")))
            found.append(_fact(member, "m", "work", who, _("Work")))
            found.append(_fact(member, "m", "health", who, _("Health")))
    for expense in sorted(dossier.expenses.all(), key=lambda e: (e.spent_on, e.pk)):
        what = f"{expense.get_kind_display()} {expense.spent_on}"
        found.append(_fact(expense, "e", "net", what, _("Expense less reimbursement")))
    for asset in sorted(dossier.assets.all(), key=lambda a: a.pk):
        found.append(_fact(asset, "a", "present", asset.get_gate_display(), _("Answer")))
    return found


def _fact(row, letter, name, about, label):
    return Fact(f"{letter}{row.pk}.{name}", KINDS[f"{letter}.{name}"], row, str(about), str(label))


def told(dossier, documents):
    """Every judged fact in words: declared, found, how known, by which document. `documents` are
    those of the household, {pk: row}; no query beyond `of_household`'s."""
    return [
        {
            "about": fact.about,
            "label": fact.label,
            "declared": fact.declared,
            "found": fact.verified,
            "basis": fact.basis.value,
            "basis_words": fact.basis.label,
            "document": documents.get(fact.document_id),
        }
        for fact in of_household(dossier)
    ]


def columns(kind, mark):
    """{column: value} that write a mark onto the row of a fact of this kind."""
    empty = [_EMPTY.get(name) for name in kind.verified]
    values = dict(zip(kind.verified, mark.verified or empty, strict=True))
    return values | {kind.basis: mark.basis, kind.document: mark.document}


def forgotten(kind):
    """{column: value} that make a fact only declared again."""
    return columns(kind, Mark(Basis.DECLARED))


def _words(kind, row, names):
    values = [getattr(row, name) for name in names]
    if kind.model is Asset:
        return _("yes") if values[0] else _("no")
    if kind is KINDS["m.work"]:
        return str(Occupation(values[0]).label)
    if kind is KINDS["m.health"]:
        health = str(Health(values[0]).label)
        return _("%(health)s, ill this year") % {"health": health} if values[1] else health
    fen = values[0] - values[1] if len(values) == 2 else values[0]
    return _("%(amount)s yuan") % {"amount": format_fen(fen)}
