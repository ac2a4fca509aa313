"""The books: every figure of journal, ledgers, trial balance and statement, asked in sets.

A ledger is a set of entries with what each added (`into_fen`) and took (`out_fen`). What is turned
round counts negative in the column it came from, as the red entries of paper do.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce

from base.canonical import digest
from cases.models import Case as Application
from cases.models import Dossier, NoticeLine
from cases.workflow import Programme
from funds.models import (
    Account,
    Fund,
    Kind,
    Payment,
    PeriodBalance,
    RecoveryReceipt,
    Transfer,
)
from funds.models.ledger import AccountKind
from funds.models.period import month_ends
from people.models import Unit
from people.roles import Role

SOURCE, POOL, BUDGET, SPENT = (
    AccountKind.SOURCE, AccountKind.POOL, AccountKind.BUDGET, AccountKind.SPENT
)  # fmt: skip
_ORDER = {SOURCE: 0, POOL: 1, BUDGET: 2, SPENT: 3}
ORDER = ("-value_on", "-pk")
BOOK_READERS = (
    Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR, Role.COMPANY_CHAIR, Role.COMPANY_OFFICER,
)  # fmt: skip

_INCOME = Q(debit__kind=SOURCE) | Q(credit__kind=SOURCE)
_SPENDING = Q(debit__kind=SPENT) | Q(credit__kind=SPENT)
_TURNED = Q(kind=Kind.REVERSE)
_PAID = Q(debit__kind=SPENT) & ~_TURNED | Q(credit__kind=SPENT) & _TURNED
_SET_OFF = Q(of=Kind.SET_OFF)
_BACK = (Q(credit__kind=SPENT) & ~_TURNED | Q(debit__kind=SPENT) & _TURNED) & ~_SET_OFF
SIDES = {
    "into": ~Q(into_fen=0),
    "out": ~Q(out_fen=0),
    "inside": ~_INCOME & ~_SPENDING,
    "paid": _PAID,
    "back": _BACK,
    "set_off": _SET_OFF,
    "came": Q(into_fen__gt=F("out_fen")),
    "went": Q(into_fen__lt=F("out_fen")),
}


def funds_of(actor):
    """The funds whose books the actor reads."""
    companies = actor.companies(*BOOK_READERS)
    return Fund.objects.filter(company__in=companies).select_related("company").for_list()


def households_of(actor):
    """The households whose ledger the actor reads."""
    return Dossier.objects.filter(company__in=actor.companies(*BOOK_READERS))


def span(year, month=None):
    """The first and the last day of a year, or of one of its months."""
    return month_ends(year, month) if month else (date(year, 1, 1), date(year, 12, 31))


def years(funds, today):
    """The years there is something to read about, newest first. One query."""
    first = Transfer.objects.filter(fund__in=funds).aggregate(on=Min("value_on"))["on"]
    return list(range(today.year, min(first or today, today).year - 1, -1))


def _signed(plus, minus):
    """The amount of an entry: added where `plus` holds, taken off where `minus` does."""
    return Case(
        When(plus, then=F("amount_fen")), When(minus, then=-F("amount_fen")),
        default=0, output_field=BigIntegerField(),
    )  # fmt: skip


def _sum(expression, **given):
    return Coalesce(Sum(expression, **given), 0)


_EARNED = _signed(Q(credit__kind=SOURCE), Q(debit__kind=SOURCE))
_USED = _signed(Q(debit__kind=SPENT), Q(credit__kind=SPENT))


# Ledgers


@dataclass(frozen=True)
class Ledger:
    """Entries with `into_fen` and `out_fen`, and what all of them come to (`now_fen`)."""

    rows: QuerySet
    now_fen: int

    def narrowed(self, *, since=None, until=None, kind="", side="", q="", programme="", unit=None):
        """By days, kind (a reversal counts as what it reverses), side, programme, unit, and the
        beginning of the number of a voucher, case or household."""
        found = self.rows
        if since:
            found = found.filter(value_on__gte=since)
        if until:
            found = found.filter(value_on__lte=until)
        if kind:
            found = found.filter(of=kind)
        if side:
            found = found.filter(SIDES[side])
        if programme:
            found = found.filter(_of_programme(programme))
        if unit:
            found = found.filter(case__unit=unit)
        if q:
            found = found.filter(
                Q(voucher__startswith=q)
                | Q(case__number__startswith=q)
                | Q(case__dossier__number__startswith=q)
            )
        return found

    def before(self, day):
        """What all entries before a day come to, from the balance of now back. One query."""
        if day is None:
            return 0
        since = self.rows.filter(value_on__gte=day).aggregate(
            fen=_sum(F("into_fen") - F("out_fen"))
        )
        return self.now_fen - since["fen"]

    def balances_after(self, rows):
        """{pk: balance after each of `rows`, by day and order of booking}; one query.

        The sums run from the newest entry back to the oldest of `rows`, whatever was filtered.
        """
        if not rows:
            return {}
        oldest = min(rows, key=lambda row: (row.value_on, row.pk))
        newer = Window(
            Sum(F("into_fen") - F("out_fen")), order_by=[F("value_on").desc(), F("pk").desc()]
        )
        found = (
            self.rows.filter(
                Q(value_on__gt=oldest.value_on) | Q(value_on=oldest.value_on, pk__gte=oldest.pk)
            )
            .annotate(newer_fen=newer)
            # Joined by OR, the condition is asked after the sums have run over every row.
            .filter(Q(newer_fen=None) | Q(pk__in=[row.pk for row in rows]))
            .order_by()
        )
        return {
            pk: self.now_fen - fen + into - out
            for pk, fen, into, out in found.values_list("pk", "newer_fen", "into_fen", "out_fen")
        }


def totals(rows):
    """How many entries, and the sums of both columns. One query."""
    return rows.order_by().aggregate(count=Count("pk"), into=_sum("into_fen"), out=_sum("out_fen"))


def loaded(rows):
    """The same entries in the same order with everything a row of a ledger reads, without what is
    encrypted. Two queries.

    Asked for by key: a page found with all of this would look it up for every entry of the book.
    """
    known = _whole(Transfer.objects.filter(pk__in=[row.pk for row in rows])).in_bulk()
    found = []
    for row in rows:
        whole = known[row.pk]
        whole.into_fen, whole.out_fen = row.into_fen, row.out_fen
        found.append(whole)
    return found


def _whole(entries):
    notice = NoticeLine.objects.filter(case=OuterRef("case")).order_by("-pk")
    noted = RecoveryReceipt.objects.filter(transfer=OuterRef("pk"))
    made = Payment.objects.filter(hold__end__transfer=OuterRef("pk")).order_by("-pk")
    related = entries.select_related("fund", "debit", "credit", "by", "reverses")
    return related.prefetch_related("reversed_by").annotate(
        case_number=F("case__number"), name=F("case__applicant__name"),
        unit_name=F("case__unit__name"), dossier=F("case__dossier"),
        dossier_number=F("case__dossier__number"), batch_number=F("batch__number"),
        meeting=Coalesce("batch__meeting", "case__advance__meeting"),
        meeting_number=Coalesce("batch__meeting__number", "case__advance__meeting__number"),
        notice_number=Subquery(notice.values("notice__number")[:1]),
        notice_code=Subquery(notice.values("notice__code")[:1]),
        run=Subquery(made.values("run")[:1]),
        decision=F("budget_line__decision"), decision_number=F("budget_line__decision__number"),
        maker=Coalesce(
            Subquery(made.values("run__prepared_by__name")[:1]),
            Subquery(noted.values("noted_by__name")[:1]),
            "budget_line__decision__drafted_by__name",
            Case(
                When(kind=Kind.ADVANCE, then=F("case__advance__prepared_by__name")),
                When(kind=Kind.RECOVER, then=F("case__advance__recovery_prepared_by__name")),
            ),
        ),
        case_programme=F("case__programme"),
    )  # fmt: skip


def programme_of(transfer):
    """The programme whose budget an entry touches, else that of its case; "" for none."""
    budgets = [a for a in (transfer.debit, transfer.credit) if a.kind == BUDGET]
    code = budgets[0].programme if budgets else transfer.case_programme
    return Programme(code).label if code else ""


# What a household pays back goes to the pool where its budget is no more: then the case says it.
_PROGRAMME = Case(
    When(debit__kind=BUDGET, then=F("debit__programme")),
    When(credit__kind=BUDGET, then=F("credit__programme")),
    default=F("case__programme"),
)


def _of_programme(programme):
    """Entries of the budgets of a programme, or of its cases where no budget is touched."""
    no_budget = ~Q(debit__kind=BUDGET) & ~Q(credit__kind=BUDGET)
    return (
        Q(debit__kind=BUDGET, debit__programme=programme)
        | Q(credit__kind=BUDGET, credit__programme=programme)
        | no_budget & Q(case__programme=programme)
    )


def _entries(*conditions, into, out, **given):
    return Transfer.objects.filter(*conditions, **given).annotate(
        of=Coalesce("reverses__kind", "kind"), into_fen=into, out_fen=out
    )


def _balance(accounts):
    return accounts.order_by().aggregate(fen=_sum("balance_fen"))["fen"]


def journal(funds):
    """Every entry of some funds; the balance is their money in the bank. One query."""
    rows = _entries(fund__in=funds, into=_EARNED, out=_USED)
    return Ledger(rows, _balance(Account.objects.in_bank().filter(fund__in=funds)))


def of_account(account):
    """One account: into it is the debit side, out of it the credit side."""
    rows = _entries(
        Q(debit=account) | Q(credit=account),
        into=_signed(Q(debit=account), Q(pk=None)), out=_signed(Q(credit=account), Q(pk=None)),
    )  # fmt: skip
    return Ledger(rows, account.balance_fen)


def of_purpose(funds, programme=""):
    """The budgets of one programme, or of all: into them is what was set aside, out of them what
    was spent and not returned. One query."""
    accounts = Account.objects.budgets().filter(fund__in=funds)
    debit, credit = Q(debit__kind=BUDGET), Q(credit__kind=BUDGET)
    if programme:
        accounts = accounts.filter(programme=programme)
        debit &= Q(debit__programme=programme)
        credit &= Q(credit__programme=programme)
    into = Case(
        When(debit & credit | _SPENDING, then=Value(0)),
        default=_signed(debit, credit), output_field=BigIntegerField(),
    )  # fmt: skip
    rows = _entries(debit | credit, fund__in=funds, into=into, out=_USED)
    return Ledger(rows, _balance(accounts))


def of_cases(funds, **cases):
    """What was paid on some cases, and what came back or was set off. One query."""
    back = _BACK | _SET_OFF
    rows = _entries(
        _SPENDING,
        into=_signed(_PAID & Q(debit__kind=SPENT), _PAID & Q(credit__kind=SPENT)),
        out=_signed(back & Q(credit__kind=SPENT), back & Q(debit__kind=SPENT)),
        fund__in=funds, **cases,
    )  # fmt: skip
    found = totals(rows)
    return Ledger(rows, found["into"] - found["out"])


def of_unit(funds, unit):
    """What the households of one grassroots union were paid."""
    return of_cases(funds, case__unit=unit)


def of_household(funds, dossier):
    """What one household was paid, on all its cases."""
    return of_cases(funds, case__dossier=dossier)


# Trial balance


@dataclass(frozen=True)
class TrialRow:
    """One account over some days, in fen; a balance is the debit less the credit."""

    account: Account
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self):
        return self.opening_fen + self.debit_fen - self.credit_fen

    @property
    def figures(self):
        """Six columns: opening, turnover, closing, each debit and credit."""
        return (
            max(self.opening_fen, 0), max(-self.opening_fen, 0), self.debit_fen, self.credit_fen,
            max(self.closing_fen, 0), max(-self.closing_fen, 0),
        )  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """The trial balance: its rows, and the sums that must be equal two by two."""

    rows: list
    sums: tuple = field(init=False)

    def __post_init__(self):
        columns = zip(*(row.figures for row in self.rows), strict=True)
        object.__setattr__(self, "sums", tuple(map(sum, columns)) or (0,) * 6)

    @property
    def pairs(self):
        """(debit, credit) of opening, turnover and closing."""
        return [self.sums[n : n + 2] for n in (0, 2, 4)]

    @property
    def balances(self):
        return all(debit == credit for debit, credit in self.pairs)

    @property
    def digest(self):
        return digest([[row.account.pk, *row.figures] for row in self.rows])


def trial_balance(funds, since, until):
    """Every account of some funds that was used, over some days. Three queries."""
    moved = {}
    for side in ("debit", "credit"):
        rows = (
            Transfer.objects.filter(fund__in=funds, value_on__gte=since)
            .order_by()
            .values_list(side)
            .annotate(
                during=_sum("amount_fen", filter=Q(value_on__lte=until)),
                after=_sum("amount_fen", filter=Q(value_on__gt=until)),
            )
        )
        moved[side] = {pk: (during, after) for pk, during, after in rows}
    found = []
    for account in Account.objects.filter(fund__in=funds).select_related("fund").order_by("pk"):
        debit, debit_after = moved["debit"].get(account.pk, (0, 0))
        credit, credit_after = moved["credit"].get(account.pk, (0, 0))
        closing = account.balance_fen - debit_after + credit_after
        row = TrialRow(account, closing - debit + credit, debit, credit)
        if any(row.figures):
            found.append(row)
    return Trial(sorted(found, key=_place))


def _place(row):
    account = row.account
    return (account.fund.code, account.fund_id, _ORDER[account.kind], account.year or 0, account.pk)


# Income and expenditure


@dataclass(frozen=True)
class Spending:
    """What one programme, or one unit, paid; what came back; what was an advance set off."""

    of: object
    paid_fen: int
    back_fen: int
    set_off_fen: int

    @property
    def net_fen(self):
        return self.paid_fen - self.back_fen - self.set_off_fen

    @property
    def figures(self):
        return (self.paid_fen, self.back_fen, self.set_off_fen, self.net_fen)


def summed(rows):
    """Several of them together."""
    rows = list(rows)
    return Spending(
        None, sum(row.paid_fen for row in rows), sum(row.back_fen for row in rows),
        sum(row.set_off_fen for row in rows),
    )  # fmt: skip


_SPENT_SUMS = {
    "paid": _sum(_USED, filter=_PAID),
    "back": -_sum(_USED, filter=_BACK),
    "set_off": -_sum(_USED, filter=_SET_OFF),
}


def _spendings(rows, by):
    """{key: (paid, back, set off)} of entries on the account of what was spent. One query."""
    found = rows.filter(_SPENDING).annotate(of=Coalesce("reverses__kind", "kind"))
    sums = found.order_by().values(whose=by).annotate(**_SPENT_SUMS)
    return {row["whose"]: (row["paid"], row["back"], row["set_off"]) for row in sums}


@dataclass(frozen=True)
class Statement:
    """Income and expenditure over some days, and what it must agree with."""

    opening_fen: int
    income: list  # (kind, fen)
    spending: list  # Spending of each programme
    closing_fen: int
    journal_fen: int  # what all entries up to the last day come to
    month_opening_fen: int | None  # as written down when the month was closed
    month_closing_fen: int | None

    @property
    def income_fen(self):
        return sum(fen for _kind, fen in self.income)

    @property
    def totals(self):
        """Paid, came back, set off, net of all programmes."""
        return summed(self.spending).figures

    @property
    def spending_fen(self):
        return self.totals[3]

    @property
    def adds_up(self):
        return self.closing_fen == self.opening_fen + self.income_fen - self.spending_fen

    @property
    def agrees(self):
        """With itself, with the journal, and with the closed months where there are any."""
        months = (
            (self.month_opening_fen, self.opening_fen), (self.month_closing_fen, self.closing_fen)
        )  # fmt: skip
        return (
            self.adds_up
            and self.journal_fen == self.closing_fen
            and all(month in (None, own) for month, own in months)
        )

    @property
    def digest(self):
        return digest([
            self.opening_fen, self.closing_fen, [[str(kind), fen] for kind, fen in self.income],
            [[str(row.of), *row.figures] for row in self.spending],
        ])  # fmt: skip


def statement(funds, since, until):
    """Income by kind and expenditure by programme over some days. Five queries."""
    rows = Transfer.objects.filter(fund__in=funds)
    during = Q(value_on__gte=since, value_on__lte=until)
    change = F("earned") - F("used")
    net = (
        rows.annotate(earned=_EARNED, used=_USED)
        .order_by()
        .aggregate(
            before=_sum(change, filter=Q(value_on__lt=since)),
            during=_sum(change, filter=during),
            after=_sum(change, filter=Q(value_on__gt=until)),
        )
    )
    closing = _balance(Account.objects.in_bank().filter(fund__in=funds)) - net["after"]
    earned = dict(
        rows.filter(_INCOME, during)
        .annotate(of=Coalesce("reverses__kind", "kind"))
        .order_by()
        .values_list("of")
        .annotate(fen=_sum(_EARNED))
    )
    spent = _spendings(rows.filter(during), _PROGRAMME)
    return Statement(
        opening_fen=closing - net["during"],
        income=[(kind, earned[kind]) for kind in Kind if kind in earned],
        spending=[Spending(Programme(p), *spent[p]) for p in Programme.values if p in spent],
        closing_fen=closing,
        journal_fen=net["before"] + net["during"],
        **_months(funds, since, until),
    )


def _months(funds, since, until):
    """What the closed months say of the first and of the last day; None where they do not say
    it of every fund. One query."""
    rows = PeriodBalance.objects.filter(fund__in=funds).order_by()
    begins, ends = Q(period__starts_on=since), Q(period__ends_on=until)
    found = rows.aggregate(
        opening=Sum("opening_fen", filter=begins), opened=Count("pk", filter=begins),
        closing=Sum("closing_fen", filter=ends), closed=Count("pk", filter=ends),
    )  # fmt: skip
    count = len(funds)
    return {
        "month_opening_fen": found["opening"] if found["opened"] == count else None,
        "month_closing_fen": found["closing"] if found["closed"] == count else None,
    }


# By unit, by purpose, by household


def by_unit(funds, since, until):
    """[Spending of each unit whose households were paid]; two queries."""
    rows = Transfer.objects.filter(
        fund__in=funds, value_on__gte=since, value_on__lte=until, case__isnull=False
    )
    found = _spendings(rows, F("case__unit"))
    units = Unit.objects.filter(pk__in=found).order_by("path", "pk")
    return [Spending(unit, *found[unit.pk]) for unit in units]


@dataclass(frozen=True)
class Purpose:
    """The budgets of one programme over some days, in fen."""

    programme: Programme
    opening_fen: int
    into_fen: int
    out_fen: int

    @property
    def closing_fen(self):
        return self.opening_fen + self.into_fen - self.out_fen

    @property
    def figures(self):
        return (self.opening_fen, self.into_fen, self.out_fen, self.closing_fen)


def by_purpose(funds, since, until):
    """[Purpose of each programme that has a budget]; two queries."""
    budgets = Account.objects.budgets().filter(fund__in=funds).order_by()
    now = dict(budgets.values_list("programme").annotate(fen=Sum("balance_fen")))
    rows = (
        Transfer.objects.filter(fund__in=funds, value_on__gte=since)
        .order_by()
        .values_list("debit__kind", "debit__programme", "credit__kind", "credit__programme")
        .annotate(
            during=_sum("amount_fen", filter=Q(value_on__lte=until)),
            after=_sum("amount_fen", filter=Q(value_on__gt=until)),
        )
    )
    into, out, later = dict.fromkeys(now, 0), dict.fromkeys(now, 0), dict.fromkeys(now, 0)
    for debit, to, credit, source, during, after in rows:
        for kind, programme, other, sign in ((debit, to, credit, 1), (credit, source, debit, -1)):
            if kind == BUDGET:
                later[programme] += sign * after
                if other == SPENT:
                    out[programme] -= sign * during
                else:
                    into[programme] += sign * during
    found = []
    for programme in Programme:
        if programme in now:
            closing = now[programme] - later[programme]
            opening = closing - into[programme] + out[programme]
            found.append(Purpose(programme, opening, into[programme], out[programme]))
    return found


def _paid_entries(funds, since=None, until=None, **cases):
    """Entries that paid something on a case, or brought it back."""
    days = {"value_on__gte": since, "value_on__lte": until}
    given = {name: day for name, day in days.items() if day} | cases
    return Transfer.objects.filter(_SPENDING, fund__in=funds, case__isnull=False, **given)


def households(funds, since=None, until=None, *, q="", unit=None):
    """Dossiers of households that were paid something. For a list; no query of its own."""
    # No Exists: it would go through all entries again for each household.
    paid = _paid_entries(funds, since, until).order_by().values("case__dossier")
    found = Dossier.objects.filter(pk__in=paid).select_related("head", "unit")
    found = found.only("number", "head__name", "unit__name")
    found = found.matching(q) if q else found
    return found.filter(unit=unit) if unit else found


def paid_to(dossiers, funds, since=None, until=None):
    """[Spending of each of these households], in their order. One query."""
    rows = _paid_entries(funds, since, until, case__dossier__in=dossiers)
    found = _spendings(rows, F("case__dossier"))
    return [Spending(row, *found.get(row.pk, (0, 0, 0))) for row in dossiers]


def grants(funds, dossier):
    """[Spending of each case of a household that was granted or paid money]; two queries."""
    found = _spendings(_paid_entries(funds, case__dossier=dossier), F("case"))
    cases = (
        Application.objects.filter(Q(granted_fen__gt=0) | Q(pk__in=found), dossier=dossier)
        .only("pk", "number", "programme", "status", "granted_fen")
        .order_by("pk")
    )
    return [Spending(case, *found.get(case.pk, (0, 0, 0))) for case in cases]
