"""What the papers about a household print beside its rows: sums, and proofs to be ticked."""

from cases.codes import Occupation
from cases.models import Document

KIND = Document.Kind
# The proofs of the union form, in its order; a visit prints its own.
ATTACHMENTS = (
    KIND.SIGNED_FORM, KIND.APPLICATION, KIND.ID_COPY, KIND.HOUSEHOLD_BOOK, KIND.INCOME,
    KIND.COMMITMENT, KIND.AUTHORISATION, KIND.ALLOWANCE, KIND.MEDICAL, KIND.RECEIPT, KIND.SCHOOL,
    KIND.DIPLOMA, KIND.DISABILITY, KIND.CONTRACT, KIND.BANK_CARD, KIND.UNION_CARD,
    KIND.UNIT_PROOF, KIND.UPPER_PROOF, KIND.VISIT, KIND.MINUTES, KIND.NOTICE, KIND.OTHER,
)  # fmt: skip


def attachments(documents):
    """[(kind of proof in words, how many of it are there)] in the order of the form."""
    kinds = [document.kind for document in documents]
    return [(kind.label, kinds.count(kind)) for kind in ATTACHMENTS]


def declared_sums(dossier, members, expenses):
    """The sums of the form as the household declares them; nothing is judged here."""
    income = sum(m.monthly_income_fen for m in members) * 12 + dossier.other_income_fen
    spent = sum(e.gross_fen - e.reimbursed_fen for e in expenses)
    return _sums(members, income, spent, [m.occupation for m in members])


def counted_sums(members, totals):
    """The sums of the card as they count; None before there is a subsistence line."""
    if totals is None:
        return None
    occupations = [m.counted_occupation for m in members]
    sums = _sums(members, totals["income_fen"], totals["expenses_fen"], occupations)
    return sums | {"line_fen": totals["line_fen"]}


def _sums(members, income_fen, spent_fen, occupations):
    months = max(len(members), 1) * 12
    return {
        "persons": len(members),
        "earners": occupations.count(Occupation.WORKING),
        "jobless_household": not {Occupation.WORKING, Occupation.CASUAL}.intersection(occupations),
        "income_fen": income_fen,
        "a_head_fen": income_fen // months,
        "expenses_fen": spent_fen,
        "net_fen": (income_fen - spent_fen) // months,
    }
