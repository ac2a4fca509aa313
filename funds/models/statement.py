"""The special bank account, its statements, and which line of the bank is which entry of the books.

Lines are sealed; who stands on the other side is personal and lies beside them, encrypted.
"""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import all_or_none, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from funds import layouts
from funds.models.freeze import opened
from funds.models.ledger import AccountKind, Transfer
from people.models import Import, ImportQuerySet, Unit, import_constraints
from people.roles import Role

BY = settings.AUTH_USER_MODEL
STATEMENT_READERS = (Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR)
IN_BANK = (AccountKind.POOL, AccountKind.BUDGET)


class BankAccountQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*STATEMENT_READERS))

    def for_list(self):
        return self.order_by("company", "pk")

    def lock(self, pk):
        """The lock for statements, matches and months of the account; after its funds."""
        return opened(self.select_for_update(of=("self",)).get(pk=pk))


class BankAccount(models.Model):
    """The special account in which the money of one or several funds lies."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="bank_accounts")
    name = models.CharField(_("account name"), max_length=60)
    bank = models.CharField(_("bank"), max_length=60, blank=True, default="")
    account = EncryptedTextField(_("account number"), blank=True, default="")
    account_index = models.CharField(max_length=64, blank=True, default="")
    layout = models.CharField(
        _("layout of the statement"), max_length=20, choices=layouts.CHOICES, default="GENERAL"
    )

    objects = BankAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            known(
                "layout",
                [code for code, _name in layouts.CHOICES],
                name="bank_account_layout_known",
            ),
            models.UniqueConstraint(
                fields=["company", "account_index"],
                condition=~Q(account_index=""),
                name="bank_account_once",
            ),
        ]

    def __str__(self):
        return self.name


def entries(bank_account):
    """Transfers that move money in or out of the bank account, with `bank_fen`, + is in."""
    into = Q(debit__kind__in=IN_BANK) & ~Q(credit__kind__in=IN_BANK)
    out_of = Q(credit__kind__in=IN_BANK) & ~Q(debit__kind__in=IN_BANK)
    return Transfer.objects.filter(into | out_of, fund__bank_account=bank_account).annotate(
        bank_fen=models.Case(models.When(into, then=F("amount_fen")), default=-F("amount_fen"))
    )


class StatementQuerySet(AppendOnlyQuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*STATEMENT_READERS))

    def for_list(self):
        """With `open_count`, the lines nobody has matched."""
        open_lines = StatementLine.objects.unmatched().filter(statement=OuterRef("pk"))
        counted = open_lines.order_by().values("statement").annotate(n=models.Count("pk"))
        return self.select_related("bank_account", "by").annotate(
            open_count=models.functions.Coalesce(models.Subquery(counted.values("n")), 0)
        )

    def narrowed(self, *, q="", account=None, year=None, state=""):
        """By bank account, year it ends in, and whether a line waits to be matched."""
        found = self.filter(bank_account=account) if account else self
        found = found.filter(until__year=year) if year else found
        if state:
            waiting = StatementLine.objects.unmatched().filter(statement=OuterRef("pk"))
            found = found.filter(Exists(waiting) if state == "open" else ~Exists(waiting))
        return found


class Statement(AppendOnly):
    """One imported bank statement (sealed): from the first to the last day, balance to balance."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    bank_account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="statements"
    )
    since = models.DateField(_("first day"))
    until = models.DateField(_("last day"))
    opening_fen = models.BigIntegerField(_("opening balance"))
    closing_fen = models.BigIntegerField(_("closing balance"))
    lines_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = StatementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="statement_days_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-until", "-id"], name="statement_newest"),
        ]

    refusals = (
        Refusal(
            "overlap",
            "EXISTS (SELECT 1 FROM funds_statement s WHERE s.bank_account_id ="
            " NEW.bank_account_id AND s.since <= NEW.until AND s.until >= NEW.since)",
            "statements of an account do not overlap",
        ),
    )

    def __str__(self):
        return f"{self.since} – {self.until}"

    def get_absolute_url(self):
        return reverse("funds:statement_detail", args=[self.pk])


class StatementLineQuerySet(AppendOnlyQuerySet):
    def unmatched(self):
        return self.filter(~Exists(MatchedLine.objects.filter(line=OuterRef("pk"), active=True)))

    def visible_to(self, actor):
        return self.filter(statement__company__in=actor.companies(*STATEMENT_READERS))

    def narrowed(self, *, q="", state="", way="", since=None, until=None):
        """By the beginning of the bank reference, state, direction and day."""
        found = self.filter(reference__startswith=q) if q else self
        if state:
            running = MatchedLine.objects.filter(line=OuterRef("pk"), active=True)
            found = found.filter(Exists(running) if state == "matched" else ~Exists(running))
        if way:
            found = (
                found.filter(amount_fen__gt=0) if way == "in" else found.filter(amount_fen__lt=0)
            )
        if since:
            found = found.filter(booked_on__gte=since)
        return found.filter(booked_on__lte=until) if until else found

    def for_list(self):
        """Everything a row reads: who stands on the other side, the running match, explanations."""
        return self.select_related("side").prefetch_related(
            models.Prefetch(
                "matched",
                queryset=MatchedLine.objects.filter(active=True)
                .select_related("match__by")
                .order_by("pk"),
                to_attr="running",
            ),
            models.Prefetch(
                "explanations",
                queryset=Explanation.objects.select_related("by").order_by("-pk"),
                to_attr="told",
            ),
        )


class StatementLine(AppendOnly):
    """One line of a statement (sealed). What came in is positive, what went out negative."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField(_("no."))
    booked_on = models.DateField(_("date"))
    amount_fen = models.BigIntegerField(_("amount"))
    balance_fen = models.BigIntegerField(_("balance after"))
    reference = models.CharField(_("bank reference"), max_length=60, blank=True, default="")

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "seq"], name="statement_line_once"),
            models.CheckConstraint(
                condition=~Q(amount_fen=0), name="statement_line_moves_something"
            ),
        ]
        indexes = [
            models.Index(fields=["bank_account", "booked_on", "id"], name="statement_line_by_day"),
        ]

    refusals = (
        Refusal(
            "within",
            "NOT EXISTS (SELECT 1 FROM funds_statement s WHERE s.id = NEW.statement_id"
            " AND s.bank_account_id = NEW.bank_account_id"
            " AND NEW.booked_on >= s.since AND NEW.booked_on <= s.until)",
            "a line lies within the days of its statement",
        ),
        Refusal(
            "running",
            "NEW.balance_fen <> NEW.amount_fen + COALESCE("
            "(SELECT l.balance_fen FROM funds_statementline l"
            " WHERE l.statement_id = NEW.statement_id AND l.seq = NEW.seq - 1),"
            " (SELECT s.opening_fen FROM funds_statement s WHERE s.id = NEW.statement_id))",
            "each balance follows from the one before",
        ),
    )

    def __str__(self):
        return f"{self.statement_id}/{self.seq}"


class LineSide(models.Model):
    """Who stands on the other side of a line, and the bank's words; it can be erased."""

    line = models.OneToOneField(StatementLine, on_delete=models.PROTECT, related_name="side")
    name = EncryptedTextField(blank=True, default="")
    account = EncryptedTextField(blank=True, default="")
    account_index = models.CharField(max_length=64, blank=True, default="")
    text = EncryptedTextField(blank=True, default="")

    def __str__(self):
        return str(self.line_id)


class StatementImportStatus(models.TextChoices):
    CHECKED = "CHECKED", _("checked, not yet imported")
    REFUSED = "REFUSED", _("has mistakes")
    RUNNING = "RUNNING", _("being imported")
    DONE = "DONE", _("imported")


class StatementImportQuerySet(ImportQuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(Role.CASHIER))


class StatementImport(Import):
    """One uploaded statement with what the dry run found."""

    Status = StatementImportStatus

    status = models.CharField(max_length=20, choices=Status)
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    since = models.DateField(_("first day"))
    until = models.DateField(_("last day"))
    opening_fen = models.BigIntegerField(_("opening balance"))
    closing_fen = models.BigIntegerField(_("closing balance"))
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, related_name="imports"
    )

    objects = StatementImportQuerySet.as_manager()

    class Meta:
        constraints = [
            *import_constraints("statement_import", StatementImportStatus),
            models.CheckConstraint(
                condition=~Q(status="DONE") | Q(statement__isnull=False),
                name="statement_import_done_has_statement",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-uploaded_at", "-id"], name="statement_import_newest")
        ]

    def get_absolute_url(self):
        return reverse("funds:statement_import_detail", args=[self.pk])


class Rule(models.TextChoices):
    """Why a line of the bank and an entry of the books are one."""

    RUN = "RUN", _("the bank names the payment, and the total is the same")
    TOTAL = "TOTAL", _("the only payment with this total about this day")
    PAYEE = "PAYEE", _("amount, account of the payee and day")
    NAME = "NAME", _("amount, name of the payee and day")
    RETURN = "RETURN", _("return of this payment: amount, payee and day")
    INTEREST = "INTEREST", _("interest: amount and day")
    RECEIPT = "RECEIPT", _("receipt: amount and day")
    REVERSED = "REVERSED", _("an entry and its reversal cancel each other")
    CORRECTED = "CORRECTED", _("the bank corrected its own entry")
    HAND = "HAND", _("matched by hand")


class MatchQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(bank_account__company__in=actor.companies(*STATEMENT_READERS))

    def with_entries(self, pks):
        """{pk: {count, voucher, note}} of the entries of some matches. One query."""
        rows = MatchedEntry.objects.filter(match__in=pks).order_by().values("match")
        found = rows.annotate(
            count=models.Count("pk"),
            voucher=models.Min("transfer__voucher"),
            note=models.Min("transfer__note"),
        )
        return {row["match"]: row for row in found}


class Match(models.Model):
    """Lines of the bank and entries of the books that are one, with the reason; both sides have
    the same sum. Undone it stays, with who undid it and why."""

    Rule = Rule

    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="matches")
    rule = models.CharField(_("reason"), max_length=20, choices=Rule)
    amount_fen = models.BigIntegerField(_("amount"))
    upto = models.DateField()  # the day of its last line or entry
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    end_words = EncryptedTextField(blank=True, default="")

    objects = MatchQuerySet.as_manager()

    class Meta:
        constraints = [
            known("rule", Rule, name="match_rule_known"),
            all_or_none("ended_at", "ended_by", name="match_end_complete"),
        ]

    refusals = (
        Refusal("kept", "1 = 1", "a match is undone, never deleted", ("DELETE",)),
        Refusal("ended", "OLD.ended_at IS NOT NULL", "an undone match stays undone", ("UPDATE",)),
    )

    def __str__(self):
        return self.get_rule_display()


_APART = Refusal(
    "apart", "NEW.active AND NOT OLD.active", "what was parted is not joined again", ("UPDATE",)
)


class MatchedLine(models.Model):
    """A line in a match; in one running match at most."""

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="matched")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"], condition=Q(active=True), name="matched_line_once"
            ),
        ]

    refusals = (
        Refusal(
            "account",
            "NOT EXISTS (SELECT 1 FROM funds_match m JOIN funds_statementline l"
            " ON l.bank_account_id = m.bank_account_id"
            " WHERE m.id = NEW.match_id AND l.id = NEW.line_id)",
            "a matched line is of the same bank account",
        ),
        _APART,
    )

    def __str__(self):
        return f"{self.match_id}: {self.line_id}"


class MatchedEntry(models.Model):
    """An entry of the books in a match; in one running match at most."""

    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="entries")
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="matched")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer"], condition=Q(active=True), name="matched_entry_once"
            ),
        ]

    refusals = (
        Refusal(
            "account",
            "NOT EXISTS (SELECT 1 FROM funds_match m JOIN funds_fund f"
            " ON f.bank_account_id = m.bank_account_id JOIN funds_transfer t ON t.fund_id = f.id"
            " WHERE m.id = NEW.match_id AND t.id = NEW.transfer_id)",
            "a matched entry is of the same bank account",
        ),
        _APART,
    )

    def __str__(self):
        return f"{self.match_id}: {self.transfer_id}"


class Why(models.TextChoices):
    """Why a line or an entry stands alone at the end of a month."""

    IN_TRANSIT = "IN_TRANSIT", _("under way between the bank and us")
    TO_BOOK = "TO_BOOK", _("to be booked next month")
    TO_REVERSE = "TO_REVERSE", _("booked wrongly, to be reversed next month")
    BANK_ERROR = "BANK_ERROR", _("mistake of the bank, which will correct it")
    OTHER = "OTHER", _("other")


class Explanation(models.Model):
    """Why a line or an entry has nothing on the other side; the newest counts."""

    Why = Why

    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, null=True, related_name="explanations"
    )
    transfer = models.ForeignKey(
        Transfer, on_delete=models.PROTECT, null=True, related_name="explanations"
    )
    why = models.CharField(_("why it stands alone"), max_length=20, choices=Why)
    words = EncryptedTextField(_("in words"), blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            known("why", Why, name="explanation_why_known"),
            models.CheckConstraint(
                condition=Q(line=None, transfer__isnull=False)
                | Q(line__isnull=False, transfer=None),
                name="explanation_of_one_thing",
            ),
        ]

    def __str__(self):
        return self.get_why_display()
