"""The tables of the funds room, split by noun."""

from funds.models.batch import Attendance, Batch, BatchLine, Meeting, Vote
from funds.models.ledger import Account, Fund, Hold, HoldEnd, Kind, Transfer
from funds.models.payment import PayeeConfirmation, Payment, PaymentRun

__all__ = [
    "Account",
    "Attendance",
    "Batch",
    "BatchLine",
    "Fund",
    "Hold",
    "HoldEnd",
    "Kind",
    "Meeting",
    "PayeeConfirmation",
    "Payment",
    "PaymentRun",
    "Transfer",
    "Vote",
]
