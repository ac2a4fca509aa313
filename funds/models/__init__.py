"""The tables of the funds room, split by noun."""

from funds.models.advance import Advance, running_fen
from funds.models.aside import SetAside, SetAsideWords
from funds.models.bank_file import (
    Answer,
    BankFile,
    BankFileSent,
    BankFormat,
    BankResult,
    PayeeCheck,
    PaymentAnswer,
    unanswered,
    with_statement,
)
from funds.models.batch import Attendance, Batch, BatchLine, Meeting, Vote
from funds.models.budget import (
    OF_BUDGET,
    BudgetDecision,
    BudgetLine,
    BudgetPeriod,
    Donation,
    signed_fen,
)
from funds.models.freeze import Freeze, require_open
from funds.models.handover import BY_PROXY, IN_CASH, HandOver, Way
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
from funds.models.moneypaper import HandOverReceipt, MoneyPaper
from funds.models.payment import PayeeConfirmation, Payment, PaymentRun
from funds.models.period import Period, PeriodBalance
from funds.models.recovery import Recovery, RecoveryReceipt
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
from funds.models.unreached import Unreached

__all__ = [
    "BY_PROXY",
    "INCOME",
    "IN_CASH",
    "OF_BUDGET",
    "OF_RUN",
    "Account",
    "Advance",
    "Answer",
    "Attendance",
    "BankAccount",
    "BankFile",
    "BankFileSent",
    "BankFormat",
    "BankResult",
    "Batch",
    "BatchLine",
    "BudgetDecision",
    "BudgetLine",
    "BudgetPeriod",
    "Donation",
    "Explanation",
    "Freeze",
    "Fund",
    "HandOver",
    "HandOverReceipt",
    "Hold",
    "HoldEnd",
    "Kind",
    "LineSide",
    "Match",
    "MatchedEntry",
    "MatchedLine",
    "Meeting",
    "MoneyPaper",
    "PayeeCheck",
    "PayeeConfirmation",
    "Payment",
    "PaymentAnswer",
    "PaymentRun",
    "Period",
    "PeriodBalance",
    "Recovery",
    "RecoveryReceipt",
    "Rule",
    "SetAside",
    "SetAsideWords",
    "Statement",
    "StatementImport",
    "StatementLine",
    "Transfer",
    "Unreached",
    "Vote",
    "Way",
    "Why",
    "require_open",
    "running_fen",
    "signed_fen",
    "unanswered",
    "with_statement",
]
