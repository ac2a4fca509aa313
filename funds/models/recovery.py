"""Recovery of money paid on false facts: opened, decided, paid back in parts, or waived."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.models import Case
from funds.models.handover import PAYMENT_READERS
from funds.models.ledger import Fund, Transfer
from people.models import Unit

BY = settings.AUTH_USER_MODEL


class RecoveryReason(models.TextChoices):
    FALSE_FACTS = "FALSE_FACTS", _("paid on false facts")
    OVERPAID = "OVERPAID", _("paid too much")
    DIED_BEFORE = "DIED_BEFORE", _("the employee had died before it was paid")
    OTHER = "OTHER", _("another reason")


class RecoveryStatus(models.TextChoices):
    OPEN = "OPEN", _("to be decided")
    DECIDED = "DECIDED", _("to be paid back")
    REFUSED = "REFUSED", _("not pursued")
    SETTLED = "SETTLED", _("all paid back")
    WAIVED = "WAIVED", _("waived")


class RecoveryQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*PAYMENT_READERS))

    def for_list(self):
        """Everything a row reads, with `back_fen`, what has been paid back."""
        back = RecoveryReceipt.objects.posted().filter(recovery=OuterRef("pk")).order_by()
        sums = back.values("recovery").annotate(fen=Sum("amount_fen")).values("fen")
        return self.select_related("case__applicant", "case__unit", "opened_by").annotate(
            back_fen=Coalesce(Subquery(sums), 0)
        )

    def lock(self, pk):
        """After the fund."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def running(self):
        return self.filter(status=RecoveryStatus.DECIDED)

    def overdue(self, on):
        """Not all paid back by the day it was to be."""
        return self.running().filter(due_on__lt=on)

    def counted(self):
        """Those that take something off what may still be recovered."""
        return self.exclude(status=RecoveryStatus.REFUSED)

    def narrowed(self, *, q="", state="", reason="", late=False, on=None):
        """By number of the recovery or case or a part of the name, state, reason, overdue."""
        found = self.overdue(on) if late else self
        if q:
            found = found.filter(
                Q(number__startswith=q)
                | Q(case__number__startswith=q)
                | Q(case__applicant__name__contains=q)
            )
        if state:
            found = found.filter(status=state)
        return found.filter(reason=reason) if reason else found


# What a fund paid on a case and the bank did not send back; what came back is not taken off.
_PAID_NET = (
    "(SELECT COALESCE(SUM(CASE WHEN d.kind = 'SPENT' THEN t.amount_fen ELSE -t.amount_fen END), 0)"
    " FROM funds_transfer t JOIN funds_account d ON d.id = t.debit_id JOIN funds_account c"
    " ON c.id = t.credit_id WHERE t.case_id = NEW.case_id AND t.fund_id = NEW.fund_id AND"
    " (d.kind = 'SPENT' OR c.kind = 'SPENT') AND t.kind <> 'RECLAIM')"
)


class Recovery(models.Model):
    """What a household is to pay back of one case: opened by the officer, decided by the chair.

    The case stays paid. The money comes back in parts, each noted by the cashier and posted by
    the accountant, and ends all of it, or with a waiver that stands in the minutes of a meeting.
    """

    Reason = RecoveryReason
    Status = RecoveryStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number of the recovery"), max_length=30)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recoveries")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="recoveries")
    reason = models.CharField(_("reason"), max_length=20, choices=RecoveryReason)
    words = EncryptedTextField(_("what was found"))
    amount_fen = models.BigIntegerField(_("amount"))
    status = models.CharField(
        _("state"), max_length=20, choices=RecoveryStatus, default=RecoveryStatus.OPEN
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    decision_words = EncryptedTextField(_("words"), blank=True, default="")
    decision_minutes = models.CharField(
        _("number of the minutes"), max_length=40, blank=True, default=""
    )
    due_on = models.DateField(_("to be paid back by"), null=True)
    told_on = models.DateField(_("letter handed over on"), null=True)
    told_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    waived_at = models.DateTimeField(null=True)
    waived_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    waived_words = EncryptedTextField(_("why the rest is waived"), blank=True, default="")
    waived_minutes = models.CharField(
        _("number of the minutes"), max_length=40, blank=True, default=""
    )

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        constraints = [
            known("reason", RecoveryReason, name="recovery_reason_known"),
            known("status", RecoveryStatus, name="recovery_status_known"),
            models.UniqueConstraint(fields=["company", "number"], name="recovery_number_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="recovery_amount_positive"),
            iff(~Q(status="OPEN"), "decided_at", "decided_by", name="recovery_decided_has_moment"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("opened_by")),
                name="recovery_decided_by_another",
            ),
            iff(
                Q(status__in=["DECIDED", "SETTLED", "WAIVED"]), "due_on",
                name="recovery_decided_has_a_day",
            ),
            all_or_none("told_on", "told_by", name="recovery_letter_complete"),
            iff(Q(status="WAIVED"), "waived_at", "waived_by", name="recovery_waived_has_moment"),
            models.CheckConstraint(
                condition=~Q(status="WAIVED") | ~Q(waived_minutes=""),
                name="recovery_waived_in_minutes",
            ),
            models.CheckConstraint(
                condition=Q(waived_by=None) | ~Q(waived_by=F("opened_by")),
                name="recovery_waived_by_another",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["company", "-opened_at", "-id"], name="recovery_newest")]

    refusals = (
        Refusal(
            "case",
            "NOT EXISTS (SELECT 1 FROM cases_case c JOIN funds_fund f ON f.company_id ="
            " c.company_id WHERE c.id = NEW.case_id AND c.status = 'PAID' AND f.id = NEW.fund_id"
            " AND c.company_id = NEW.company_id)",
            "a recovery is of a case that was paid",
        ),
        Refusal(
            "within_paid",
            "NEW.amount_fen > " + _PAID_NET + " - (SELECT COALESCE(SUM(r.amount_fen), 0) FROM"
            " funds_recovery r WHERE r.case_id = NEW.case_id AND r.fund_id = NEW.fund_id AND"
            " r.status <> 'REFUSED')",
            "no more is recovered than was paid",
        ),
        Refusal(
            "opened_stays",
            "OLD.case_id <> NEW.case_id OR OLD.fund_id <> NEW.fund_id OR OLD.amount_fen <>"
            " NEW.amount_fen OR OLD.reason <> NEW.reason OR OLD.opened_by_id <> NEW.opened_by_id",
            "what a recovery asks for stays",
            ("UPDATE",),
        ),
        Refusal(
            "decided_stays",
            "(OLD.status <> NEW.status AND OLD.status <> 'OPEN' AND NOT (OLD.status = 'DECIDED'"
            " AND NEW.status IN ('SETTLED', 'WAIVED'))) OR (OLD.status = 'OPEN' AND NEW.status IN"
            " ('SETTLED', 'WAIVED')) OR (OLD.decided_at IS NOT NULL AND (NEW.decided_at IS NULL OR"
            " NEW.decided_at <> OLD.decided_at OR NEW.decided_by_id <> OLD.decided_by_id OR"
            " NEW.due_on <> OLD.due_on)) OR (OLD.told_on IS NOT NULL AND (NEW.told_on IS NULL OR"
            " NEW.told_on <> OLD.told_on)) OR (OLD.waived_at IS NOT NULL AND (NEW.waived_at <>"
            " OLD.waived_at OR NEW.waived_minutes <> OLD.waived_minutes))",
            "a decided recovery stays as it was decided",
            ("UPDATE",),
        ),
        Refusal(
            "settled",
            "NEW.status = 'SETTLED' AND NEW.amount_fen <> (SELECT COALESCE(SUM(b.amount_fen), 0)"
            " FROM funds_recoveryreceipt b WHERE b.recovery_id = NEW.id AND b.posted_at IS NOT"
            " NULL)",
            "a recovery is settled when all of it is back",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "a recovery is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:recovery_detail", args=[self.pk])

    def is_late(self, on):
        """Whether it was to be paid back by now and is not."""
        return self.status == RecoveryStatus.DECIDED and self.due_on < on


class RecoveryReceiptQuerySet(models.QuerySet):
    def live(self):
        """Noted or posted, not struck out."""
        return self.filter(struck_at=None)

    def posted(self):
        return self.filter(posted_at__isnull=False)

    def waiting(self):
        """Noted by the cashier, to be posted by the accountant."""
        return self.live().filter(posted_at=None)

    def visible_to(self, actor):
        return self.filter(recovery__in=Recovery.objects.visible_to(actor))

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class RecoveryReceipt(models.Model):
    """A part that came back: noted by the cashier, posted or struck out by the accountant."""

    recovery = models.ForeignKey(Recovery, on_delete=models.PROTECT, related_name="receipts")
    amount_fen = models.BigIntegerField(_("amount"))
    received_on = models.DateField(_("received on"))
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, null=True, related_name="+")
    struck_at = models.DateTimeField(null=True)
    struck_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RecoveryReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="recovery_receipt_amount_positive"
            ),
            all_or_none("posted_at", "posted_by", "transfer", name="recovery_receipt_posted_whole"),
            all_or_none("struck_at", "struck_by", name="recovery_receipt_struck_whole"),
            models.CheckConstraint(
                condition=Q(posted_by=None) | ~Q(posted_by=F("noted_by")),
                name="recovery_receipt_posted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None) | Q(struck_at=None),
                name="recovery_receipt_posted_or_struck",
            ),
        ]

    refusals = (
        Refusal(
            "within",
            "NOT EXISTS (SELECT 1 FROM funds_recovery r WHERE r.id = NEW.recovery_id AND r.status ="
            " 'DECIDED' AND r.amount_fen >= NEW.amount_fen + (SELECT COALESCE(SUM(b.amount_fen),"
            " 0) FROM funds_recoveryreceipt b WHERE b.recovery_id = r.id AND b.struck_at IS NULL))",
            "no more comes back than a decided recovery asks for",
        ),
        Refusal(
            "noted_stays",
            "OLD.recovery_id <> NEW.recovery_id OR OLD.amount_fen <> NEW.amount_fen OR"
            " OLD.received_on <> NEW.received_on OR OLD.noted_by_id <> NEW.noted_by_id OR"
            " OLD.posted_at IS NOT NULL OR OLD.struck_at IS NOT NULL",
            "a part that came back stays as it was noted and posted",
            ("UPDATE",),
        ),
        Refusal(
            "entry",
            "NEW.transfer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds_transfer t JOIN"
            " funds_recovery r ON r.id = NEW.recovery_id WHERE t.id = NEW.transfer_id AND t.kind ="
            " 'RECLAIM' AND t.amount_fen = NEW.amount_fen AND t.case_id = r.case_id AND t.fund_id"
            " = r.fund_id AND t.value_on = NEW.received_on)",
            "a part that came back is posted by the entry of it",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "a part that came back is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return f"{self.recovery_id} {self.amount_fen}"
