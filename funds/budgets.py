"""Budget against actual: what was set aside, changed, paid and reserved, as one year shows it.

Every figure comes from the entries and reservations in a fixed number of queries.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import BooleanField, ExpressionWrapper, Q, Sum
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from cases.models import Round
from cases.workflow import Programme
from funds.models import (
    INCOME,
    Account,
    Advance,
    BudgetDecision,
    BudgetLine,
    BudgetPeriod,
    Donation,
    Hold,
    Kind,
    Transfer,
)
from funds.models.period import month_ends

HALF = 6  # the month in which the first half of a year ends
FIGURES = (
    "first_fen", "changes_fen", "now_fen", "paid_fen", "advances_fen", "held_fen", "carried_fen",
    "free_fen",
)  # fmt: skip


@dataclass
class Row:
    """One budget, or the sum of several; `now_fen` = paid + reserved + carried over + free."""

    account: Account | None = None
    first_fen: int = 0
    changes_fen: int = 0
    paid_fen: int = 0
    advances_fen: int = 0
    held_fen: int = 0
    carried_fen: int = 0
    planned: dict = field(default_factory=lambda: defaultdict(int))
    paid_in: dict = field(default_factory=lambda: defaultdict(int))

    @property
    def now_fen(self):
        return self.first_fen + self.changes_fen

    @property
    def free_fen(self):
        return self.now_fen - self.paid_fen - self.held_fen - self.carried_fen

    @property
    def used_fen(self):
        """Paid or reserved."""
        return self.paid_fen + self.held_fen

    @property
    def periods(self):
        """[(period, planned, paid in it)]: what is planned for the whole year is paid in halves."""
        found = ((period, self.planned[period], self.paid_in[period]) for period in BudgetPeriod)
        return [row for row in found if row[1] or row[2]]


@dataclass
class Section:
    """One fund with its budgets, their sum, and what came in during the year."""

    fund: object
    rows: list
    total: Row
    income: dict = field(default_factory=lambda: defaultdict(int))
    pool: Account | None = None
    waiting_fen: int = 0

    @property
    def pool_fen(self):
        return self.pool.balance_fen if self.pool else 0

    @property
    def received_fen(self):
        return sum(self.income[kind] for kind in INCOME)

    @property
    def brought_fen(self):
        """What came back to the pool in this year from the budgets of years that are over."""
        return self.income[Kind.CARRY]

    @property
    def kinds(self):
        """[(kind of income, fen)] in the order of the kinds."""
        return [(Kind(kind), self.income[kind]) for kind in INCOME]


def years(funds):
    """The years that have a budget, the newest first; one query."""
    budgets = Account.objects.budgets().filter(fund__in=funds)
    return list(budgets.order_by("-year").values_list("year", flat=True).distinct())


def sections(funds, year):
    """([Section] of the funds, their sum); 7 queries."""
    funds = list(funds)
    rows = _rows(funds, year)
    own = defaultdict(list)
    for row in rows.values():
        own[row.account.fund_id].append(row)
    found = {fund.pk: Section(fund, own[fund.pk], total(own[fund.pk])) for fund in funds}
    for pool in Account.objects.filter(fund__in=funds, kind=Account.Kind.POOL):
        found[pool.fund_id].pool = pool
    for donation in Donation.objects.standing().for_list().filter(
        transfer__fund__in=funds
    ).exclude(programme=""):  # fmt: skip
        found[donation.transfer.fund_id].waiting_fen += donation.left_fen
    came = (
        Transfer.objects.filter(fund__in=funds, value_on__year=year)
        .filter(Q(kind__in=[*INCOME, Kind.CARRY]) | Q(reverses__kind__in=INCOME))
        .order_by()
        .values_list("fund", "kind", "reverses__kind")
        .annotate(fen=Sum("amount_fen"))
    )
    for fund, kind, reverses, fen in came:
        found[fund].income[reverses or kind] += -fen if reverses else fen
    return list(found.values()), total(rows.values())


def total(rows):
    """One row with the sums of others."""
    found = Row()
    for row in rows:
        for name in FIGURES:
            if name not in ("now_fen", "free_fen"):
                setattr(found, name, getattr(found, name) + getattr(row, name))
        for period in BudgetPeriod:
            found.planned[period] += row.planned[period]
            found.paid_in[period] += row.paid_in[period]
    return found


def _rows(funds, year):
    """{account pk: Row} of the budgets of a year, by fund and programme; 4 queries."""
    order = {programme: n for n, programme in enumerate(Programme.values)}
    accounts = Account.objects.budgets().filter(fund__in=funds, year=year).select_related("fund")
    found = {
        account.pk: Row(account, held_fen=account.held_fen)
        for account in sorted(accounts, key=lambda a: (a.fund.code, order[a.programme], a.pk))
    }
    for pk, counterpart, kind, decision, half, fen in _moved(found, year):
        row = found[pk]
        if counterpart == Account.Kind.SPENT:
            row.paid_fen -= fen
            row.paid_in[half] -= fen
        elif kind == Kind.CARRY:
            row.carried_fen -= fen
        elif decision == BudgetDecision.Kind.CHANGE or (not decision and kind != Kind.ALLOCATE):
            row.changes_fen += fen
        else:
            row.first_fen += fen
    ahead = Advance.objects.running().filter(account__in=found).order_by().values_list("account")
    for pk, fen in ahead.annotate(fen=Sum("amount_fen")):
        found[pk].advances_fen = fen
    places = {(row.account.fund_id, row.account.programme): row for row in found.values()}
    planned = BudgetLine.objects.filter(
        decision__fund__in=funds, decision__year=year,
        decision__status=BudgetDecision.Status.DECIDED,
    ).exclude(decision__kind=BudgetDecision.Kind.CARRY)  # fmt: skip
    columns = planned.order_by().values_list("decision__fund", "programme", "period")
    for fund, programme, period, fen in columns.annotate(fen=Sum("amount_fen")):
        places[fund, programme].planned[period] = fen
    return found


def _moved(accounts, year):
    """(account, kind of the counterpart, kind, kind of decision, half, signed fen) of entries.

    What is paid after the year belongs to its second half. One query.
    """
    early = ExpressionWrapper(
        Q(value_on__lte=month_ends(year, HALF)[1]), output_field=BooleanField()
    )
    rows = (
        Transfer.objects.filter(Q(debit__in=accounts) | Q(credit__in=accounts))
        .annotate(first=early)
        .order_by()
        .values_list(
            "debit", "credit", "debit__kind", "credit__kind", "kind", "budget_line__decision__kind",
            "first",
        )
        .annotate(fen=Sum("amount_fen"))
    )  # fmt: skip
    for debit, credit, debit_kind, credit_kind, kind, decision, first, fen in rows:
        half = BudgetPeriod.FIRST if first else BudgetPeriod.SECOND
        if debit in accounts:
            yield debit, credit_kind, kind, decision, half, fen
        else:
            yield credit, debit_kind, kind, decision, half, -fen


# Through the year


@dataclass
class Month:
    """What the budgets hold at the end of a month, and how much of it is reserved."""

    number: int
    ends_on: date
    balance_fen: int = 0
    held_fen: int = 0
    set_aside_fen: int = 0
    paid_fen: int = 0

    @property
    def over_at(self):
        """The first moment of the next month."""
        return timezone.make_aware(datetime.combine(self.ends_on + timedelta(days=1), time.min))


def months(funds, year, on):
    """[Month] of the budgets of a year up to this day, from 1 to 12; 5 queries."""
    budgets = Account.objects.budgets().filter(fund__in=funds, year=year)
    last = 12 if year < on.year else on.month if year == on.year else 0
    found = [Month(n, month_ends(year, n)[1]) for n in range(1, last + 1)]
    if not found:
        return found
    spent = Account.Kind.SPENT
    for side, other, sign in (("debit", "credit", 1), ("credit", "debit", -1)):
        entries = Transfer.objects.filter(**{f"{side}__in": budgets}).order_by()
        by_day = _sums(found, lambda row: {"value_on__lte": row.ends_on})
        for sums in entries.values(f"{other}__kind").annotate(**by_day):
            paid = sums.pop(f"{other}__kind") == spent
            _add(found, sums, "balance_fen", sign)
            _add(found, sums, "paid_fen" if paid else "set_aside_fen", -sign if paid else sign)
    holds = Hold.objects.filter(account__in=budgets)
    advances = Advance.objects.filter(account__in=budgets).annotate(
        done_at=Coalesce("posted_at", "ended_at")
    )
    begun = (holds, "at"), (holds, "end__at"), (advances, "decided_at"), (advances, "done_at")
    for (rows, name), sign in zip(begun, (1, -1, 1, -1), strict=True):
        by_moment = _sums(found, lambda row, name=name: {f"{name}__lt": row.over_at})
        _add(found, rows.aggregate(**by_moment), "held_fen", sign)
    return found


def _sums(months, until):
    """What a sum of fen had come to at the end of each month, asked for in one pass."""
    return {
        f"until_{row.number}": Coalesce(Sum("amount_fen", filter=Q(**until(row))), 0)
        for row in months
    }


def _add(months, sums, name, sign):
    for row in months:
        fen = sums[f"until_{row.number}"]
        setattr(row, name, getattr(row, name) + sign * fen)


def festivals(companies, year):
    """[(number of the month, festival)] in which the rounds of a year were opened; one query."""
    rounds = Round.objects.filter(company__in=companies, opened_at__year=year)
    rows = rounds.annotate(month=TruncMonth("opened_at")).order_by("opened_at", "pk")
    return [(row.month.month, row.get_festival_display()) for row in rows]
