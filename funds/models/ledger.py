"""The ring-fenced money (facts 2.1, 2.3): funds, accounts, sealed transfers and reservations."""

from collections import defaultdict

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import known
from base.guards import Refusal
from cases.models import Case
from cases.workflow import Programme
from funds.models.freeze import (
    HOLD_END_FROZEN,
    HOLD_FROZEN,
    TRANSFER_FROZEN,
    opened,
    require_open,
)
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL

MONEY_READERS = (
    Role.COMPANY_OFFICER, Role.COMPANY_CHAIR, Role.SECRETARY, Role.LEADER, Role.CASHIER,
    Role.ACCOUNTANT, Role.AUDITOR,
)  # fmt: skip


class FundQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*MONEY_READERS))

    def for_list(self):
        return self.order_by("company", "code", "pk")

    def lock(self, pk):
        """The fund row is the lock for its money: taken first, always."""
        return opened(self.select_for_update().get(pk=pk))

    def lock_all(self, pks):
        """Several funds in one order."""
        found = list(self.select_for_update().filter(pk__in=pks).order_by("pk"))
        require_open({fund.company_id for fund in found})
        return found


class Fund(models.Model):
    """One source of money in the special account, with what it may pay for and to whom."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="funds")
    code = models.CharField(_("code"), max_length=10)
    name = models.CharField(_("name"), max_length=60)
    programmes = models.JSONField(_("allowed programmes"), default=list)
    standings = models.JSONField(_("allowed standings"), default=list)
    ceiling_fen = models.BigIntegerField(_("ceiling of one grant"), null=True, blank=True)
    bank_account = models.ForeignKey(
        "BankAccount", on_delete=models.PROTECT, null=True, related_name="funds"
    )

    objects = FundQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "code"], name="fund_code_once"),
            models.CheckConstraint(
                condition=Q(ceiling_fen=None) | Q(ceiling_fen__gt=0), name="fund_ceiling_positive"
            ),
        ]

    refusals = (
        Refusal(
            "bank_company",
            "NEW.bank_account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds_bankaccount b"
            " WHERE b.id = NEW.bank_account_id AND b.company_id = NEW.company_id)",
            "the bank account of a fund is of its company",
            ("INSERT", "UPDATE"),
        ),
        Refusal(
            "bank_stays",
            "OLD.bank_account_id IS NOT NULL AND"
            " (NEW.bank_account_id IS NULL OR NEW.bank_account_id <> OLD.bank_account_id)",
            "a fund stays in its bank account",
            ("UPDATE",),
        ),
        Refusal(
            "bank_open",
            "OLD.bank_account_id IS NULL AND EXISTS (SELECT 1 FROM funds_period p"
            " JOIN funds_transfer t ON t.value_on <= p.ends_on WHERE t.fund_id = NEW.id"
            " AND p.bank_account_id = NEW.bank_account_id AND p.status = 'CLOSED')",
            "a fund with entries in closed months joins no bank account",
            ("UPDATE",),
        ),
    )

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("funds:ledger", args=[self.pk])

    def serves(self, programme, standings):
        """Whether its money may go to this programme and to persons of all these standings."""
        return programme in self.programmes and set(standings) <= set(self.standings)

    def reaches(self, amounts):
        """Whether none of these amounts in fen is above its ceiling."""
        return self.ceiling_fen is None or max(amounts, default=0) <= self.ceiling_fen


class AccountQuerySet(models.QuerySet):
    def budgets(self):
        return self.filter(kind=Account.Kind.BUDGET)

    def emergency(self, companies):
        """Budgets for emergency grants of some companies, the newest first."""
        found = self.budgets().filter(fund__company__in=companies, programme=Programme.EMERGENCY)
        return found.select_related("fund").order_by("-year", "fund__code", "pk")

    def for_list(self):
        return self.order_by("kind", "-year", "programme", "pk")

    def allocated(self, company, year):
        """{programme: fen set aside for it that year, less what was taken back}; two queries."""
        budgets = self.budgets().filter(fund__company=company, year=year)
        found = defaultdict(int)
        for way, other, sign in (("debit", "credit", 1), ("credit", "debit", -1)):
            rows = (
                Transfer.objects.filter(
                    **{f"{way}__in": budgets, f"{other}__kind": Account.Kind.POOL}
                )
                .exclude(kind=Kind.CARRY)
                .order_by()
                .values_list(f"{way}__programme")
                .annotate(fen=Sum("amount_fen"))
            )
            for programme, fen in rows:
                found[programme] += sign * fen
        return dict(found)

    def in_bank(self):
        """The accounts that together are the fund's money in the bank."""
        return self.filter(kind__in=[Account.Kind.POOL, Account.Kind.BUDGET])


class AccountKind(models.TextChoices):
    SOURCE = "SOURCE", _("Received")
    POOL = "POOL", _("Not yet allocated")
    BUDGET = "BUDGET", _("Budget")
    SPENT = "SPENT", _("Spent")


class Account(models.Model):
    """SOURCE is income, POOL and BUDGET are sub-accounts of the bank account, SPENT is expense.

    `balance_fen` of SOURCE is what came in (counted negative), so that all balances of a fund sum
    to zero. POOL and BUDGET never fall below what is held, nor below zero (invariants IM2, IM3).
    """

    Kind = AccountKind

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    programme = models.CharField(
        _("programme"), max_length=20, choices=Programme, blank=True, default=""
    )
    balance_fen = models.BigIntegerField(_("balance"), default=0)
    held_fen = models.BigIntegerField(_("reserved"), default=0)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", AccountKind, name="account_kind_known"),
            known("programme", Programme, name="account_programme_known", blank=True),
            models.CheckConstraint(
                condition=Q(kind="BUDGET", year__isnull=False) & ~Q(programme="")
                | ~Q(kind="BUDGET") & Q(year=None, programme=""),
                name="account_budget_has_year_and_programme",
            ),
            models.UniqueConstraint(
                fields=["fund", "kind"], condition=~Q(kind="BUDGET"), name="account_once"
            ),
            models.UniqueConstraint(
                fields=["fund", "year", "programme"],
                condition=Q(kind="BUDGET"),
                name="account_budget_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["SOURCE", "SPENT"], held_fen=0)
                | Q(kind__in=["POOL", "BUDGET"], held_fen__gte=0, balance_fen__gte=F("held_fen")),
                name="account_never_overdrawn",
            ),
        ]

    def __str__(self):
        if self.kind == AccountKind.BUDGET:
            return f"{self.year} {self.get_programme_display()}"
        return str(self.get_kind_display())

    @property
    def in_bank(self):
        """Whether it is part of the money in the bank."""
        return self.kind in (AccountKind.POOL, AccountKind.BUDGET)

    @property
    def available_fen(self):
        """What may still be reserved."""
        return self.balance_fen - self.held_fen


class Kind(models.TextChoices):
    """What moves money; each has one direction between kinds of account."""

    RECEIVE = "RECEIVE", _("Received")
    INTEREST = "INTEREST", _("Interest")
    DONATION = "DONATION", _("Donation")
    ALLOCATE = "ALLOCATE", _("Allocated")
    RELEASE = "RELEASE", _("Allocation taken back")
    PAY = "PAY", _("Paid")
    BOUNCE = "BOUNCE", _("Returned by the bank")
    REVERSE = "REVERSE", _("Reversed")
    ADVANCE = "ADVANCE", _("Paid in advance")
    SET_OFF = "SET_OFF", _("Advance taken off the grant")
    RECOVER = "RECOVER", _("Advance paid back")
    RECLAIM = "RECLAIM", _("Paid back by the household")
    CARRY = "CARRY", _("Carried over")


# What one payment run books: the bank is told the sum of both.
OF_RUN = (Kind.PAY, Kind.SET_OFF)
INCOME = (Kind.RECEIVE, Kind.INTEREST, Kind.DONATION)
# In a filter of the ledger: everything that pays or takes a payment back; what was set aside first;
# what changed it; both; everything that came in.
SPENDING, FIRST, CHANGES, BUDGETED, CAME_IN = (
    "SPENDING", "FIRST", "CHANGES", "BUDGETED", "CAME_IN",
)  # fmt: skip


def _of_kind(kind):
    """The condition for a kind of entry, or for one of the groups of kinds of a filter.

    What came in goes with its reversals: so the entries shown add up to what is left of it.
    """
    by_change = Q(budget_line__decision__kind="CHANGE")
    if kind in (CAME_IN, *INCOME):
        kinds = INCOME if kind == CAME_IN else [kind]
        return Q(kind__in=kinds) | Q(reverses__kind__in=kinds)
    if kind == BUDGETED:
        return _of_kind(FIRST) | _of_kind(CHANGES)
    if kind == SPENDING:
        spent = Account.Kind.SPENT
        return Q(debit__kind=spent) | Q(credit__kind=spent)
    if kind == FIRST:
        return Q(kind=Kind.ALLOCATE) & ~by_change
    if kind == CHANGES:
        return (
            by_change | Q(kind=Kind.RELEASE) | Q(reverses__kind__in=[Kind.ALLOCATE, Kind.RELEASE])
        )
    return Q(kind=kind)


class TransferQuerySet(AppendOnlyQuerySet):
    def for_ledger(self):
        """Everything a row of the ledger reads; newest first."""
        found = self.select_related(
            "debit", "credit", "case__applicant", "batch", "by", "reverses",
            "budget_line__decision",
        )  # fmt: skip
        # Not joined: where next to nothing is reversed, SQLite reads every entry for each row.
        return found.prefetch_related("reversed_by").order_by("-id")

    def narrowed(self, *, account=None, year=None, kind="", since=None, until=None, q=""):
        """By account, year of the budget, kind, date of the entry, and the beginning of the
        voucher or case number."""
        found = self
        if account:
            found = found.filter(Q(debit=account) | Q(credit=account))
        if year:
            found = found.filter(Q(debit__year=year) | Q(credit__year=year))
        found = found.filter(_of_kind(kind)) if kind else found
        if since:
            found = found.filter(value_on__gte=since)
        if until:
            found = found.filter(value_on__lte=until)
        if q:
            found = found.filter(Q(voucher__startswith=q) | Q(case__number__startswith=q))
        return found

    def signed(self, accounts):
        """With `signed_fen`: what an entry added to these accounts together, less what it took."""
        pks = [account.pk for account in accounts]
        into, out_of = (
            models.Case(models.When(**{f"{side}__in": pks}, then="amount_fen"), default=0)
            for side in ("debit", "credit")
        )
        return self.annotate(signed_fen=into - out_of)

    def balances_after(self, accounts, rows):
        """{pk: balance of these accounts together after each of `rows`} in one query.

        The sums run over the whole journal, so a filtered page shows the true balances.
        """
        pks = [row.pk for row in rows]
        if not pks:
            return {}
        running = models.Window(models.Sum("signed_fen"), order_by=F("pk").asc())
        found = (
            self.filter(pk__lte=max(pks))
            .signed(accounts)
            .annotate(running_fen=running)
            # Joined by OR, the condition is asked after the sums have run over every row.
            .filter(Q(running_fen=None) | Q(pk__in=pks))
        )
        return dict(found.values_list("pk", "running_fen"))


_SAME_FUND = (
    "NOT EXISTS (SELECT 1 FROM funds_account d JOIN funds_account c ON d.fund_id = c.fund_id"
    " WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id AND d.fund_id = NEW.fund_id)"
)
_DIRECTION = (
    "NEW.kind <> 'REVERSE' AND NOT EXISTS (SELECT 1 FROM funds_account d, funds_account c"
    " WHERE d.id = NEW.debit_id AND c.id = NEW.credit_id AND ("
    "(NEW.kind IN ('RECEIVE', 'INTEREST', 'DONATION') AND c.kind = 'SOURCE' AND d.kind = 'POOL')"
    " OR (NEW.kind = 'ALLOCATE' AND c.kind = 'POOL' AND d.kind = 'BUDGET')"
    " OR (NEW.kind IN ('RELEASE', 'CARRY') AND c.kind = 'BUDGET' AND d.kind = 'POOL')"
    " OR (NEW.kind IN ('PAY', 'ADVANCE') AND c.kind = 'BUDGET' AND d.kind = 'SPENT')"
    " OR (NEW.kind IN ('BOUNCE', 'SET_OFF', 'RECOVER') AND c.kind = 'SPENT'"
    " AND d.kind = 'BUDGET')"
    " OR (NEW.kind = 'RECLAIM' AND c.kind = 'SPENT' AND d.kind IN ('BUDGET', 'POOL'))))"
)


_ABOVE_CEILING = (
    "EXISTS (SELECT 1 FROM funds_account a JOIN funds_fund f ON f.id = a.fund_id"
    " WHERE a.id = NEW.{account} AND f.ceiling_fen < NEW.amount_fen)"
)

# A budget moves as one line of a decision says that was confirmed: this fund, year, programme,
# amount and direction.
_WITHOUT_DECISION = (
    "NEW.kind IN ('ALLOCATE', 'RELEASE', 'CARRY') AND NOT EXISTS (SELECT 1 FROM funds_budgetline l"
    " JOIN funds_budgetdecision d ON d.id = l.decision_id JOIN funds_account a ON a.id ="
    " CASE WHEN NEW.kind = 'ALLOCATE' THEN NEW.debit_id ELSE NEW.credit_id END"
    " WHERE l.id = NEW.budget_line_id AND d.status = 'DECIDED' AND d.fund_id = NEW.fund_id"
    " AND d.year = a.year AND l.programme = a.programme AND l.amount_fen ="
    " CASE WHEN NEW.kind = 'ALLOCATE' THEN NEW.amount_fen ELSE -NEW.amount_fen END"
    " AND (NEW.kind = 'CARRY' AND d.kind = 'CARRY' OR NEW.kind <> 'CARRY' AND d.kind <> 'CARRY'))"
)
_CARRIED_TWICE = (
    "NEW.kind = 'CARRY' AND EXISTS (SELECT 1 FROM funds_transfer t JOIN funds_budgetline l"
    " ON l.id = t.budget_line_id, funds_budgetline n WHERE n.id = NEW.budget_line_id"
    " AND t.kind = 'CARRY' AND t.credit_id = NEW.credit_id AND l.decision_id <> n.decision_id)"
)
# What decisions have given out of donations with a wish, less what came back: of one, of a fund.
_USED = (
    "(SELECT COALESCE(SUM(CASE WHEN t.kind = 'ALLOCATE' THEN t.amount_fen ELSE -t.amount_fen END),"
    " 0) FROM funds_transfer t JOIN funds_budgetline l ON l.id = t.budget_line_id WHERE {which})"
)
_WISH_BOUNDS = (
    "EXISTS (SELECT 1 FROM funds_budgetline n JOIN funds_donation g ON g.id = n.donation_id"
    " JOIN funds_transfer e ON e.id = g.transfer_id WHERE n.id = NEW.budget_line_id AND"
    " (EXISTS (SELECT 1 FROM funds_transfer r WHERE r.reverses_id = e.id) OR "
    + _USED.format(which="l.donation_id = g.id")
    + " + n.amount_fen NOT BETWEEN 0 AND e.amount_fen))"
)
_WISH_USED = (
    "NEW.kind = 'REVERSE' AND EXISTS (SELECT 1 FROM funds_donation g WHERE g.transfer_id ="
    " NEW.reverses_id AND " + _USED.format(which="l.donation_id = g.id") + " <> 0)"
)
# Where the pool itself does not cover it, the CHECK of the account says so.
_WISH_SPENT_OTHERWISE = (
    "NEW.kind IN ('ALLOCATE', 'REVERSE') AND EXISTS (SELECT 1 FROM funds_account a WHERE"
    " a.id = NEW.credit_id AND a.kind = 'POOL' AND a.balance_fen >= NEW.amount_fen"
    " AND a.balance_fen - NEW.amount_fen <"
    " (SELECT COALESCE(SUM(e.amount_fen), 0) FROM funds_donation g JOIN funds_transfer e"
    " ON e.id = g.transfer_id LEFT JOIN funds_transfer r ON r.reverses_id = e.id"
    " WHERE e.fund_id = NEW.fund_id AND g.programme <> '' AND r.id IS NULL"
    " AND e.id <> COALESCE(NEW.reverses_id, 0)) - "
    + _USED.format(which="t.fund_id = NEW.fund_id AND l.donation_id IS NOT NULL")
    + " - (SELECT COALESCE(SUM(n.amount_fen), 0) FROM funds_budgetline n"
    " WHERE n.id = NEW.budget_line_id AND n.donation_id IS NOT NULL))"
)

# What donors gave a budget counts as spent first. The rest may be taken for other uses: as much as
# no donor gave, or what is free beyond all that donors gave.
_WISH_TAKEN = (
    "NEW.kind IN ('RELEASE', 'CARRY') AND EXISTS (SELECT 1 FROM funds_budgetline n"
    " JOIN funds_account a ON a.id = NEW.credit_id"
    " WHERE n.id = NEW.budget_line_id AND n.donation_id IS NULL"
    " AND a.balance_fen - a.held_fen >= NEW.amount_fen"
    " AND a.balance_fen - a.held_fen - NEW.amount_fen < {given}"
    " AND (SELECT COALESCE(SUM(CASE WHEN t.kind = 'ALLOCATE' THEN t.amount_fen ELSE -t.amount_fen"
    " END), 0) FROM funds_transfer t WHERE t.kind IN ('ALLOCATE', 'RELEASE', 'CARRY')"
    " AND a.id IN (t.debit_id, t.credit_id)) - NEW.amount_fen < {given})"
).format(
    given=_USED.format(which="l.donation_id IS NOT NULL AND a.id IN (t.debit_id, t.credit_id)")
)


_RECLAIM_BEYOND = (
    "NEW.kind = 'RECLAIM' AND NEW.amount_fen > (SELECT COALESCE(SUM(r.amount_fen), 0)"
    " FROM funds_recovery r WHERE r.case_id = NEW.case_id AND r.fund_id = NEW.fund_id AND r.status"
    " IN ('DECIDED', 'SETTLED', 'WAIVED')) - (SELECT COALESCE(SUM(t.amount_fen), 0) FROM"
    " funds_transfer t WHERE t.case_id = NEW.case_id AND t.fund_id = NEW.fund_id AND t.kind ="
    " 'RECLAIM')"
)


class Transfer(AppendOnly):
    """One movement (sealed): from `credit` to `debit`, one amount; it cannot be unbalanced.

    `key` makes a repeat harmless. A mistake is a REVERSE transfer with the accounts turned round,
    once for each transfer, never of a reversal (invariant IM6).
    """

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="transfers")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="credits")
    amount_fen = models.BigIntegerField(_("amount"))
    voucher = models.CharField(_("voucher number"), max_length=30)
    value_on = models.DateField(_("date"))
    note = models.CharField(_("summary"), max_length=120, blank=True)
    key = models.CharField(max_length=80, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="transfers")
    batch = models.ForeignKey(
        "Batch", on_delete=models.PROTECT, null=True, related_name="transfers"
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="reversed_by"
    )
    # NULL too for allocations booked before decisions about the budget were kept.
    budget_line = models.OneToOneField(
        "BudgetLine", on_delete=models.PROTECT, null=True, related_name="transfer"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", Kind, name="transfer_kind_known"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"
            ),
            models.CheckConstraint(
                condition=Q(kind="REVERSE", reverses__isnull=False)
                | ~Q(kind="REVERSE") & Q(reverses=None),
                name="transfer_reverses_iff_reversal",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["PAY", "BOUNCE"])
                | Q(case__isnull=False, batch__isnull=False),
                name="transfer_payment_names_case",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["ADVANCE", "SET_OFF", "RECOVER"]) | Q(case__isnull=False),
                name="transfer_advance_names_case",
            ),
            models.CheckConstraint(
                condition=Q(budget_line=None) | Q(kind__in=["ALLOCATE", "RELEASE", "CARRY"]),
                name="transfer_line_moves_budget",
            ),
            models.CheckConstraint(
                condition=~Q(kind="RECLAIM") | Q(case__isnull=False),
                name="transfer_reclaim_names_case",
            ),
            models.UniqueConstraint(fields=["fund", "voucher"], name="transfer_voucher_once"),
        ]
        indexes = [
            models.Index(fields=["fund", "-id"], name="transfer_newest"),
            models.Index(fields=["debit", "-id"], name="transfer_debit_newest"),
            models.Index(fields=["credit", "-id"], name="transfer_credit_newest"),
            models.Index(fields=["fund", "value_on"], name="transfer_by_day"),
        ]

    refusals = (
        TRANSFER_FROZEN,
        Refusal("one_fund", _SAME_FUND, "money never moves between funds"),
        Refusal("direction", _DIRECTION, "these accounts do not fit this kind of transfer"),
        Refusal(
            "reversal",
            "NEW.kind = 'REVERSE' AND NOT EXISTS (SELECT 1 FROM funds_transfer t WHERE t.id ="
            " NEW.reverses_id"
            " AND t.kind <> 'REVERSE' AND t.debit_id = NEW.credit_id AND t.credit_id = NEW.debit_id"
            " AND t.amount_fen = NEW.amount_fen AND t.fund_id = NEW.fund_id)",
            "a reversal turns one transfer round, in full",
        ),
        Refusal(
            "decision",
            _WITHOUT_DECISION,
            "a budget changes only by a decision that was confirmed",
        ),
        Refusal(
            "not_reversed",
            "NEW.kind = 'REVERSE' AND EXISTS (SELECT 1 FROM funds_transfer t WHERE t.id ="
            " NEW.reverses_id AND t.kind IN ('ALLOCATE', 'RELEASE', 'CARRY'))",
            "a budget is changed by a decision, not by a reversal",
        ),
        Refusal("carried", _CARRIED_TWICE, "a budget is carried over once"),
        Refusal("wish_bounds", _WISH_BOUNDS, "more than the donation is given out or taken back"),
        Refusal("wish_used", _WISH_USED, "a donation that a budget uses is not reversed"),
        Refusal(
            "wish",
            _WISH_SPENT_OTHERWISE,
            "donations with a wish wait for the programme their donor named",
        ),
        Refusal(
            "wish_taken",
            _WISH_TAKEN,
            "what donors gave a budget is not taken from it for other uses",
        ),
        Refusal(
            "closed_month",
            "EXISTS (SELECT 1 FROM funds_fund f JOIN funds_period p"
            " ON p.bank_account_id = f.bank_account_id WHERE f.id = NEW.fund_id"
            " AND p.status = 'CLOSED' AND NEW.value_on <= p.ends_on)",
            "a closed month takes no entry",
        ),
        Refusal("reclaim", _RECLAIM_BEYOND, "no more is paid back than a recovery asks for"),
        Refusal(
            "recovery",
            "NEW.kind = 'BOUNCE' AND EXISTS (SELECT 1 FROM funds_recovery r WHERE r.case_id ="
            " NEW.case_id AND r.status <> 'REFUSED')",
            "the bank returns nothing that is being recovered",
        ),
        Refusal(
            "ceiling",
            "NEW.kind IN ('PAY', 'ADVANCE') AND " + _ABOVE_CEILING.format(account="credit_id"),
            "a payment is above the ceiling of the fund",
        ),
    )

    def __str__(self):
        return self.voucher


class HoldQuerySet(AppendOnlyQuerySet):
    def visible_to(self, actor):
        return self.filter(account__fund__company__in=actor.companies(*MONEY_READERS))

    def running(self):
        return self.filter(end=None)

    def narrowed(self, *, account=None, fund=None, year=None, q=""):
        """By budget, fund and year, and the beginning of the case number."""
        given = {"account": account, "account__fund": fund, "account__year": year}
        found = self.filter(**{name: value for name, value in given.items() if value})
        return found.filter(case__number__startswith=q) if q else found

    def for_list(self):
        return self.select_related("account__fund", "case__applicant", "line__batch")


# The lists of a fund are JSON, which both databases give back as text with quoted codes. Money that
# the bank sent back is reserved again whatever became of the person since the meeting decided.
_HOLD_OUTSIDE_FUND = (
    "NOT EXISTS (SELECT 1 FROM funds_hold h WHERE h.case_id = NEW.case_id"
    " AND h.account_id = NEW.account_id) AND NOT EXISTS"
    " (SELECT 1 FROM funds_account a JOIN funds_fund f ON f.id = a.fund_id,"
    " cases_case c JOIN people_person p ON p.id = c.applicant_id"
    " WHERE a.id = NEW.account_id AND c.id = NEW.case_id AND a.programme = c.programme"
    " AND CAST(f.programmes AS TEXT) LIKE '%\"' || c.programme || '\"%'"
    " AND CAST(f.standings AS TEXT) LIKE '%\"' || p.standing || '\"%')"
)


class Hold(AppendOnly):
    """Money reserved on a budget when the meeting decides (sealed)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="holds")
    line = models.ForeignKey("BatchLine", on_delete=models.PROTECT, related_name="holds")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="hold_amount_positive")
        ]

    refusals = (
        HOLD_FROZEN,
        Refusal(
            "purpose",
            _HOLD_OUTSIDE_FUND,
            "the fund may not be used for this programme or this person",
        ),
        Refusal(
            "ceiling",
            _ABOVE_CEILING.format(account="account_id"),
            "the amount is above the ceiling of the fund",
        ),
        Refusal(
            "one_running",
            "EXISTS (SELECT 1 FROM funds_hold h LEFT JOIN funds_holdend e ON e.hold_id = h.id"
            " WHERE h.case_id = NEW.case_id AND e.id IS NULL)",
            "one reservation of a case at a time",
        ),
    )

    def __str__(self):
        return f"{self.case_id} {self.amount_fen}"


class HoldEndReason(models.TextChoices):
    POSTED = "POSTED", _("posted by a payment")
    VOIDED = "VOIDED", _("voided")


class HoldEnd(AppendOnly):
    """The end of a reservation, exactly once: posted by a payment, or voided (IM10)."""

    Reason = HoldEndReason

    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="end")
    reason = models.CharField(max_length=20, choices=Reason)
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            known("reason", HoldEndReason, name="hold_end_reason_known"),
            models.CheckConstraint(
                condition=Q(reason="POSTED", transfer__isnull=False)
                | Q(reason="VOIDED", transfer=None),
                name="hold_end_posted_by_transfer",
            ),
        ]

    refusals = (HOLD_END_FROZEN,)

    def __str__(self):
        return self.get_reason_display()
