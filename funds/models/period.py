"""Months of a bank account: closed once, when bank and books agree to the fen, and for good."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from base.constraints import iff, known
from base.guards import Refusal
from funds.models.ledger import Fund
from funds.models.statement import (
    STATEMENT_READERS,
    BankAccount,
    MatchedEntry,
    Statement,
    StatementLine,
    entries,
)

BY = settings.AUTH_USER_MODEL
FIGURES = ("book_fen", "bank_fen", "bank_in_fen", "bank_out_fen", "book_in_fen", "book_out_fen")


def month_ends(year, month):
    """The first and the last day of a month."""
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - timedelta(days=1)


def entries_of_period(**given):
    """Entries of the bank account of the outer row."""
    return entries(OuterRef("bank_account")).filter(**given).order_by()


def _counted(rows, key):
    return rows.order_by().values(key).annotate(n=Count("pk")).values("n")


class PeriodQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(bank_account__company__in=actor.companies(*STATEMENT_READERS))

    def closed(self):
        return self.filter(status=PeriodStatus.CLOSED)

    def for_list(self):
        """With the balances and what is not matched, as they are now; for open months."""
        into = (
            entries_of_period(value_on__lte=OuterRef("ends_on"))
            .values("fund__bank_account")
            .annotate(fen=Sum("bank_fen"))
        )
        lines = StatementLine.objects.filter(bank_account=OuterRef("bank_account"))
        last = lines.filter(booked_on__lte=OuterRef("ends_on")).order_by("-booked_on", "-pk")
        first = Statement.objects.filter(bank_account=OuterRef("bank_account")).order_by("since")
        in_month = {"gte": OuterRef("starts_on"), "lte": OuterRef("ends_on")}
        alone = lines.unmatched().filter(**{f"booked_on__{k}": v for k, v in in_month.items()})
        running = MatchedEntry.objects.filter(transfer=OuterRef("pk"), active=True)
        free = entries_of_period(**{f"value_on__{k}": v for k, v in in_month.items()})
        return self.select_related("closed_by").annotate(
            book_now_fen=Coalesce(Subquery(into.values("fen")), 0),
            bank_now_fen=Coalesce(
                Subquery(last.values("balance_fen")[:1]),
                Subquery(first.values("opening_fen")[:1]),
                0,
            ),
            lines_alone=Coalesce(Subquery(_counted(alone, "bank_account")), 0),
            entries_alone=Coalesce(
                Subquery(_counted(free.filter(~Exists(running)), "fund__bank_account")), 0
            ),
        )

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class PeriodStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    CLOSED = "CLOSED", _("Closed")


class Period(models.Model):
    """One month of a bank account. The figures are written when it is closed, and stay.

    `bank_in_fen` came in at the bank and is not in the books, `book_in_fen` is in the books and
    not at the bank; the same for what went out.
    """

    Status = PeriodStatus

    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="periods")
    year = models.PositiveSmallIntegerField(_("year"))
    month = models.PositiveSmallIntegerField(_("month"))
    starts_on = models.DateField()
    ends_on = models.DateField()
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.OPEN)
    book_fen = models.BigIntegerField(_("balance in the books"), null=True)
    bank_fen = models.BigIntegerField(_("balance at the bank"), null=True)
    bank_in_fen = models.BigIntegerField(null=True)
    bank_out_fen = models.BigIntegerField(null=True)
    book_in_fen = models.BigIntegerField(null=True)
    book_out_fen = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", PeriodStatus, name="period_status_known"),
            models.UniqueConstraint(fields=["bank_account", "year", "month"], name="period_once"),
            models.CheckConstraint(
                condition=Q(month__gte=1, month__lte=12), name="period_month_in_year"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="period_days_in_order"
            ),
            iff(Q(status="CLOSED"), *FIGURES, "closed_at", "closed_by", name="period_complete"),
            models.CheckConstraint(
                condition=Q(status="CLOSED") & ~Q(digest="") | Q(status="OPEN", digest=""),
                name="period_digest_iff_closed",
            ),
            models.CheckConstraint(
                condition=Q(book_fen=None)
                | Q(
                    bank_fen=F("book_fen")
                    + F("bank_in_fen")
                    - F("bank_out_fen")
                    - F("book_in_fen")
                    + F("book_out_fen")
                ),
                name="period_adjusted_balances_agree",
            ),
        ]

    refusals = (
        Refusal("opens", "NEW.status <> 'OPEN'", "a month begins open"),
        Refusal("kept", "1 = 1", "a month is never deleted", ("DELETE",)),
        Refusal("closed", "OLD.status = 'CLOSED'", "a closed month stays closed", ("UPDATE",)),
        Refusal(
            "in_order",
            "NEW.status = 'CLOSED' AND EXISTS (SELECT 1 FROM funds_period p WHERE"
            " p.bank_account_id = NEW.bank_account_id AND p.status = 'OPEN'"
            " AND p.ends_on < NEW.starts_on)",
            "months are closed in order",
            ("UPDATE",),
        ),
        Refusal(
            "by_another",
            "NEW.status = 'CLOSED' AND EXISTS (SELECT 1 FROM funds_statement s WHERE"
            " s.bank_account_id = NEW.bank_account_id AND s.by_id = NEW.closed_by_id"
            " AND s.since <= NEW.ends_on AND s.until >= NEW.starts_on)",
            "a month is closed by somebody other than who imported its statement",
            ("UPDATE",),
        ),
    )

    def __str__(self):
        return f"{self.year}-{self.month:02d}"

    def get_absolute_url(self):
        return reverse("funds:period_detail", args=[self.pk])

    @property
    def is_closed(self):
        return self.status == PeriodStatus.CLOSED

    @property
    def ends_year(self):
        """Whether closing it closes the year."""
        return self.month == 12


class PeriodBalance(AppendOnly):
    """What a fund had at the beginning and at the end of a closed month (sealed)."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="balances")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    opening_fen = models.BigIntegerField(_("opening balance"))
    in_fen = models.BigIntegerField(_("came in"))
    out_fen = models.BigIntegerField(_("went out"))
    closing_fen = models.BigIntegerField(_("closing balance"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "fund"], name="period_balance_once"),
            models.CheckConstraint(
                condition=Q(closing_fen=F("opening_fen") + F("in_fen") - F("out_fen")),
                name="period_balance_adds_up",
            ),
        ]

    refusals = (
        Refusal(
            "carried",
            "EXISTS (SELECT 1 FROM funds_periodbalance b JOIN funds_period p ON p.id = b.period_id"
            " JOIN funds_period n ON n.id = NEW.period_id WHERE b.fund_id = NEW.fund_id"
            " AND p.bank_account_id = n.bank_account_id"
            " AND p.year * 12 + p.month = n.year * 12 + n.month - 1"
            " AND b.closing_fen <> NEW.opening_fen)",
            "a month opens with what the last one closed with",
        ),
    )

    def __str__(self):
        return f"{self.period_id} {self.fund_id}"
