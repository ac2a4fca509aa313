"""A list as people read it: rows in words, the drawing, who is looked at closely. No database."""

from dataclasses import dataclass
from hashlib import sha256

from django.urls import reverse
from django.utils.translation import gettext as _

from base.masking import mask_name
from cases.codes import Category, Level
from cases.workflow import Programme
from funds import order
from funds.models.ledger import MONEY_READERS
from people.roles import Role

LOOKED_AT = 3


def sees_names(actor, company_id):
    """Whether the actor reads whole names on the lists of a company; the auditor does not."""
    roles = [role for role in MONEY_READERS if role != Role.AUDITOR]
    return company_id in actor.companies(*roles)


@dataclass
class Row:
    """One line of a list with what is known of its household, in words."""

    pk: int
    seq: int
    case_id: int
    number: str
    name: str
    unit: str
    persons: int
    cause: str
    rank: str
    net_income_fen: int | None
    score: int | None
    reference_fen: int | None
    amount_fen: int | None
    percent: int | None
    reason: str
    visited: bool
    no_visit_reason: str
    single: bool
    codes: list
    why_single: list
    outcome: str
    outcome_text: str
    first: str = ""
    choice: str = ""

    @property
    def case_url(self):
        return reverse("cases:case_detail", args=[self.case_id])

    @property
    def why_url(self):
        return reverse("cases:case_why", args=[self.case_id])

    @property
    def field(self):
        """The name of its field on the leaders' page."""
        return f"line-{self.pk}"


def row(line, *, named, rules=None):
    """A `BatchLine` loaded by `for_sheet`; `named` shows the whole name, with `rules` it says why
    it stands at its place."""
    case = line.case
    recognition = case.programme == Programme.RECOGNITION
    judged = case.assessment  # none any more when an objection reopened the case
    category = case.category if recognition or not judged else judged.category
    level = case.level if recognition or not judged else judged.level
    labels = [Category(category).label] if category else []
    labels += [Level(level).label] if level else []
    return Row(
        pk=line.pk, seq=line.seq, case_id=case.pk, number=case.number,
        name=case.applicant.name if named else mask_name(case.applicant.name),
        unit=case.unit.name, persons=line.persons or 0,
        cause=case.dossier.get_main_cause_display(), rank=" · ".join(map(str, labels)),
        net_income_fen=judged.net_income_fen if judged else None,
        score=judged.score if judged else None,
        reference_fen=None if recognition else case.reference_fen, amount_fen=line.amount_fen,
        percent=case.deviation_percent, reason=case.deviation_reason,
        visited=case.visit_id is not None, no_visit_reason=case.no_visit_reason,
        single=line.single, codes=line.exceptions, why_single=line.reasons, outcome=line.outcome,
        outcome_text=line.get_outcome_display(),
        first=order.why(case, line.relation, rules) if rules and not recognition else "",
    )  # fmt: skip


def waiting(cases, rules, *, named):
    """Cases loaded by `order.to_show`, each with the name to show and why it has its place."""
    cases = list(cases)
    for case in cases:
        name = case.applicant.name
        case.shown_name = name if named else mask_name(name)
        case.first = order.why(case, case.relation, rules) if case.proposed_fen else ""
    return cases


def points(rows):
    """The dots of the drawing in yuan: what is decided one by one is hollow and labelled."""
    return [(row.score, row.amount_fen / 100, f"{row.seq} {row.name}", row.single)
            for row in rows if row.amount_fen and row.score is not None]  # fmt: skip


def band(rows, percent):
    """(score, low, high) in yuan: the reference amounts at each score, give or take `percent`."""
    found = {}
    for row in rows:
        if row.reference_fen and row.score is not None:
            found.setdefault(row.score, []).append(row.reference_fen)
    if len(found) < 2:
        return []
    return [
        (score, min(fens) * (100 - percent) / 10_000, max(fens) * (100 + percent) / 10_000)
        for score, fens in sorted(found.items())
    ]


def picked(rows, batch, user_id, count=LOOKED_AT):
    """Routine rows the program opens for one reader: others for each, the same on every visit."""

    def lot(row):
        return sha256(f"{user_id}/{batch.pk}/{batch.version}/{row.pk}".encode()).digest()

    return sorted(sorted((row for row in rows if not row.single), key=lot)[:count], key=_by_amount)


def _by_amount(row):
    return -(row.amount_fen or 0), row.seq


def by_amount(rows):
    """The largest amount first."""
    return sorted(rows, key=_by_amount)


def total(rows):
    return sum(row.amount_fen or 0 for row in rows)


@dataclass(frozen=True)
class Result:
    """What a meeting did with a list, in one word and in figures."""

    kind: str
    text: str
    approved: int
    approved_fen: int
    refused: int
    deferred: int

    @property
    def count(self):
        return self.approved + self.refused + self.deferred

    @property
    def partly(self):
        return 0 < self.approved < self.count


def result(outcomes):
    """The `Result` of {outcome: (how many, fen)}; None while nothing is recorded."""
    approved, fen = outcomes.get("APPROVED", (0, 0))
    refused, deferred = (outcomes.get(code, (0, 0))[0] for code in ("REFUSED", "DEFERRED"))
    count = approved + refused + deferred
    if not count:
        return None
    if approved == count:
        kind, text = "done", _("Approved")
    elif approved:
        kind, text = "waiting", _("Partly approved")
    elif deferred == count:
        kind, text = "waiting", _("Deferred")
    else:
        kind, text = "neutral", _("Not approved")
    return Result(kind, text, approved, fen, refused, deferred)


@dataclass(frozen=True)
class Struck:
    """A line struck from a list in the meeting."""

    seq: int
    name: str
    unit: str
    amount_fen: int | None
    version: int
    reason: str
    by: str


def struck(rows, *, named):
    """Lines struck, from `SetAside` rows loaded by `for_minutes`."""
    found = []
    for row in rows:
        name = row.line.case.applicant.name
        found.append(
            Struck(
                row.line.seq, name if named else mask_name(name), row.line.case.unit.name,
                row.line.amount_fen, row.version, row.reason, row.by.name,
            )
        )  # fmt: skip
    return found
