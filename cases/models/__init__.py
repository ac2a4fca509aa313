"""The tables of the cases room, split by noun."""

from cases.models.case import (
    Assessment,
    Case,
    CaseDuty,
    Counter,
    Document,
    Opinion,
    Round,
    Screening,
    Step,
)
from cases.models.dossier import (
    Asset,
    Basis,
    Dossier,
    Expense,
    Member,
    Revision,
    RevisionBody,
    SubsistenceLine,
)
from cases.models.notice import Answer, Clearance, Notice, NoticeLine, Objection
from cases.models.policy import Clause, Policy
from cases.models.visit import Visit, Visitor

__all__ = [
    "Answer",
    "Assessment",
    "Asset",
    "Basis",
    "Case",
    "CaseDuty",
    "Clause",
    "Clearance",
    "Counter",
    "Document",
    "Dossier",
    "Expense",
    "Member",
    "Notice",
    "NoticeLine",
    "Objection",
    "Opinion",
    "Policy",
    "Revision",
    "RevisionBody",
    "Round",
    "Screening",
    "Step",
    "SubsistenceLine",
    "Visit",
    "Visitor",
]
