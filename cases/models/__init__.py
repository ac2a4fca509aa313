"""The tables of the cases room, split by noun."""

from cases.models.campaign import Campaign, Recheck
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
    Supporter,
)
from cases.models.export import Export
from cases.models.gift import Gift, GiftGiver, GiftRound, Receipt
from cases.models.incident import Incident, IncidentVisitor, Informant, Post, Training
from cases.models.life import Change, DossierEvent, DossierRemark, Exit, FollowUp
from cases.models.notice import Answer, Clearance, Notice, NoticeLine, Objection
from cases.models.plan import PlannedVisitor, VisitPlan
from cases.models.policy import Clause, Policy, PolicyEdit
from cases.models.programme import MedicalForm, TuitionForm
from cases.models.referral import Referral
from cases.models.register import RegisterImport, RegisterLine
from cases.models.round import LeftOut
from cases.models.simulation import Move, Simulation, SimulationLine
from cases.models.visit import Visit, Visitor
from cases.models.watch import WatchAnswer

__all__ = [
    "Answer",
    "Assessment",
    "Asset",
    "Basis",
    "Campaign",
    "Case",
    "CaseDuty",
    "Change",
    "Clause",
    "Clearance",
    "Counter",
    "Document",
    "Dossier",
    "DossierEvent",
    "DossierRemark",
    "Exit",
    "Expense",
    "Export",
    "FollowUp",
    "Gift",
    "GiftGiver",
    "GiftRound",
    "Incident",
    "IncidentVisitor",
    "Informant",
    "LeftOut",
    "MedicalForm",
    "Member",
    "Move",
    "Notice",
    "NoticeLine",
    "Objection",
    "Opinion",
    "PlannedVisitor",
    "Policy",
    "PolicyEdit",
    "Post",
    "Receipt",
    "Recheck",
    "Referral",
    "RegisterImport",
    "RegisterLine",
    "Revision",
    "RevisionBody",
    "Round",
    "Screening",
    "Simulation",
    "SimulationLine",
    "Step",
    "SubsistenceLine",
    "Supporter",
    "Training",
    "TuitionForm",
    "Visit",
    "VisitPlan",
    "Visitor",
    "WatchAnswer",
]
