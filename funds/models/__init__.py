"""The tables of the funds room, split by noun."""

from funds.models.advance import Advance, running_fen
from funds.models.batch import Attendance, Batch, BatchLine, Meeting, Vote
from funds.models.ledger import (
    INCOME,
    OF_RUN,
    Account,
    Fund,
    Hold,
    HoldEnd,
    Kind,
    Transfer,
)
from funds.models.payment import PayeeConfirmation, Payment, PaymentRun
from funds.models.period import Period, PeriodBalance
from funds.models.statement import (
    BankAccount,
    Explanation,
    LineSide,
    Match,
    MatchedEntry,
    MatchedLine,
    Rule,
    Statement,
    StatementImport,
    StatementLine,
    Why,
)

__all__ = [
    "INCOME",
    "OF_RUN",
    "Account",
    "Advance",
    "Attendance",
    "BankAccount",
    "Batch",
    "BatchLine",
    "Explanation",
    "Fund",
    "Hold",
    "HoldEnd",
    "Kind",
    "LineSide",
    "Match",
    "MatchedEntry",
    "MatchedLine",
    "Meeting",
    "PayeeConfirmation",
    "Payment",
    "PaymentRun",
    "Period",
    "PeriodBalance",
    "Rule",
    "Statement",
    "StatementImport",
    "StatementLine",
    "Transfer",
    "Vote",
    "Why",
    "running_fen",
]
