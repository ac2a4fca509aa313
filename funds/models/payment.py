"""Payment: the cashier prepares a run, the accountant posts it, a line is paid at most once."""

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.models import Case, Clearance
from funds.models.batch import Batch, BatchLine
from funds.models.freeze import PAYMENT_FROZEN
from funds.models.handover import IN_CASH, HandOver, Way
from funds.models.ledger import Hold
from people.models import Person, Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class PaymentRunQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(
            company__in=actor.companies(
                Role.CASHIER,
                Role.ACCOUNTANT,
                Role.AUDITOR,
                Role.COMPANY_CHAIR,
                Role.COMPANY_OFFICER,
            )
        )

    def for_list(self):
        return self.select_related("batch__budget__fund", "prepared_by", "posted_by")

    def narrowed(self, *, q="", status="", programme="", since=None, until=None):
        """By number of the payment or title of the list, status, programme and day prepared."""
        found = self
        if q:
            found = found.filter(Q(number__startswith=q) | Q(batch__title__contains=q))
        if status:
            found = found.filter(status=status)
        if programme:
            found = found.filter(batch__programme=programme)
        if since:
            found = found.filter(prepared_at__date__gte=since)
        return found.filter(prepared_at__date__lte=until) if until else found

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class PaymentRunStatus(models.TextChoices):
    PREPARED = "PREPARED", _("Prepared")
    POSTED = "POSTED", _("Posted")
    VOID = "VOID", _("Void")


class PaymentRun(models.Model):
    """One bank file of one batch: prepared by the cashier, posted by the accountant."""

    Status = PaymentRunStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="runs")
    number = models.CharField(_("payment number"), max_length=30)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PREPARED)
    payments_count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField(_("total"))
    digest = models.CharField(max_length=64)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PaymentRunQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", PaymentRunStatus, name="run_status_known"),
            models.UniqueConstraint(fields=["company", "number"], name="run_number_once"),
            all_or_none("posted_at", "posted_by", name="run_post_complete"),
            iff(Q(status="POSTED"), "posted_at", name="run_posted_has_moment"),
            models.CheckConstraint(
                condition=Q(posted_by=None) | ~Q(posted_by=F("prepared_by")),
                name="run_posted_by_another",
            ),
            models.CheckConstraint(
                condition=Q(total_fen__gt=0, payments_count__gt=0), name="run_not_empty"
            ),
        ]
        indexes = [models.Index(fields=["company", "-prepared_at", "-id"], name="run_newest")]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:payment_detail", args=[self.pk])


class PaymentStatus(models.TextChoices):
    PREPARED = "PREPARED", _("prepared")
    POSTED = "POSTED", _("paid")
    RETURNED = "RETURNED", _("returned by the bank")
    VOID = "VOID", _("void")


class PaymentQuerySet(models.QuerySet):
    def for_list(self):
        """Everything a row of a payment page or sheet reads."""
        return self.select_related(
            "case__applicant__unit", "line", "run__batch", "hand_over", "receipt__paper"
        ).order_by("seq")

    def through_bank(self):
        """Those the file for the bank names; the others are handed over in cash."""
        return self.exclude(way__in=IN_CASH)

    def changed(self):
        """Those whose account is another than at the decision."""
        return self.filter(way=Way.BANK).exclude(account_index=F("line__account_index"))

    def narrowed(self, *, q="", kind=""):
        """By place on the sheet, name or case, and by what is remarkable about them."""
        found = self
        if q.isdecimal():
            found = found.filter(seq=int(q))
        elif q:
            named = Q(case__applicant__name__startswith=q)
            found = found.filter(named | Q(case__number__startswith=q))
        if kind == "CHANGED":
            return found.changed()
        if kind == "UNSIGNED":
            return found.filter(status=PaymentStatus.POSTED, receipt=None).exclude(way=Way.BANK)
        return found.filter(status=PaymentStatus.RETURNED) if kind == "RETURNED" else found

    def sums(self):
        """{count, fen} of what is handed out of some payments, what advances took off before, and
        what of it goes through the bank and in cash; where an advance leaves nothing, nothing is
        handed out. Amounts in fen. One query."""
        left, cash = F("amount_fen") - F("advance_fen"), Q(way__in=IN_CASH)

        def fen(column, **given):
            return Coalesce(Sum(column, **given), 0, output_field=models.BigIntegerField())

        return self.aggregate(
            count=Count("pk", filter=Q(amount_fen__gt=F("advance_fen"))),
            fen=fen(left), off_fen=fen("advance_fen"), bank_fen=fen(left, filter=~cash),
            cash_fen=fen(left, filter=cash), cash_count=Count("pk", filter=cash),
        )  # fmt: skip

    def visible_to(self, actor):
        return self.filter(run__in=PaymentRun.objects.visible_to(actor))

    def to_pay_again(self):
        """Returned by the bank, and no later payment of the line is under way or done."""
        later = self.model.objects.filter(
            line=models.OuterRef("line"), status__in=[PaymentStatus.PREPARED, PaymentStatus.POSTED]
        )
        return self.filter(~models.Exists(later), status=PaymentStatus.RETURNED, line__current=True)


# The line came back: the account must have been checked since, or be another one that a second
# person confirmed and that has not come back itself.
_UNCHECKED = (
    "NEW.attempt > 1 AND NEW.way IN ('BANK', 'PROXY_ACCOUNT') AND EXISTS (SELECT 1 FROM"
    " funds_payment r WHERE r.line_id = NEW.line_id AND r.status = 'RETURNED' AND NOT EXISTS"
    " (SELECT 1 FROM funds_payment s WHERE s.line_id = r.line_id AND s.status = 'RETURNED' AND"
    " s.attempt > r.attempt) AND NOT EXISTS (SELECT 1 FROM funds_payeecheck k WHERE k.payment_id ="
    " r.id AND k.account_index = NEW.account_index) AND (EXISTS (SELECT 1 FROM funds_payment t"
    " WHERE t.line_id = NEW.line_id AND t.status = 'RETURNED' AND t.account_index ="
    " NEW.account_index) OR (NEW.hand_over_id IS NULL AND NOT EXISTS (SELECT 1 FROM"
    " funds_payeeconfirmation c JOIN cases_case a ON a.applicant_id = c.person_id WHERE a.id ="
    " NEW.case_id AND c.account_index = NEW.account_index))))"
)


class Payment(models.Model):
    """One line of a run. The account is written down as it was sent to the bank."""

    Status = PaymentStatus
    Way = Way

    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="payments")
    line = models.ForeignKey(BatchLine, on_delete=models.PROTECT, related_name="payments")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="payments")
    clearance = models.ForeignKey(Clearance, on_delete=models.PROTECT, related_name="+")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="payments")
    seq = models.PositiveIntegerField(_("no."))
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PREPARED)
    amount_fen = models.BigIntegerField(_("amount"))
    advance_fen = models.BigIntegerField(_("less advance"), default=0)
    way = models.CharField(_("way"), max_length=20, choices=Way, default=Way.BANK)
    hand_over = models.ForeignKey(
        HandOver, on_delete=models.PROTECT, null=True, related_name="payments"
    )
    bank = models.CharField(max_length=60)
    branch = models.CharField(max_length=100, blank=True, default="")
    account_name = models.CharField(max_length=60)
    account = EncryptedTextField()
    account_index = models.CharField(max_length=64)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    return_reason = models.CharField(
        _("reason of the bank"), max_length=100, blank=True, default=""
    )

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", PaymentStatus, name="payment_status_known"),
            known("way", Way, name="payment_way_known"),
            iff(~Q(way="BANK"), "hand_over", name="payment_exception_names_hand_over"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(status__in=["PREPARED", "POSTED"]),
                name="payment_once_per_line",
            ),
            models.UniqueConstraint(fields=["line", "attempt"], name="payment_attempt_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(advance_fen__gte=0, advance_fen__lte=F("amount_fen")),
                name="payment_advance_within",
            ),
            all_or_none("returned_at", "returned_by", name="payment_return_complete"),
            iff(Q(status="RETURNED"), "returned_at", name="payment_returned_has_moment"),
        ]

    refusals = (
        PAYMENT_FROZEN,
        Refusal(
            "clearance",
            "NOT EXISTS (SELECT 1 FROM cases_clearance c WHERE c.id = NEW.clearance_id AND"
            " c.case_id = NEW.case_id)"
            " OR EXISTS (SELECT 1 FROM cases_objection o WHERE o.case_id = NEW.case_id AND"
            " o.closed_at IS NULL)",
            "no payment before the notice period ended without an open objection",
            ("INSERT", "UPDATE"),
        ),
        Refusal(
            "as_decided",
            "NOT EXISTS (SELECT 1 FROM cases_case k JOIN funds_hold h ON h.case_id = k.id"
            " WHERE k.id = NEW.case_id AND h.id = NEW.hold_id AND k.granted_fen = NEW.amount_fen"
            " AND h.amount_fen = NEW.amount_fen)",
            "a payment is the decided amount",
        ),
        Refusal(
            "advance",
            "NEW.advance_fen <> COALESCE((SELECT a.amount_fen FROM funds_advance a WHERE"
            " a.case_id = NEW.case_id AND a.posted_at IS NOT NULL AND a.ended_at IS NULL), 0)",
            "a payment takes off the advance that was paid",
        ),
        Refusal(
            "way",
            "NEW.way <> 'BANK' AND NOT EXISTS (SELECT 1 FROM funds_handover h WHERE h.id ="
            " NEW.hand_over_id AND h.line_id = NEW.line_id AND h.way = NEW.way AND h.status ="
            " 'APPROVED' AND h.decided_by_id <> h.asked_by_id)",
            "a payment by another way than the bank has an exception two people approved",
        ),
        Refusal(
            "exception",
            "NEW.way = 'BANK' AND EXISTS (SELECT 1 FROM funds_handover h WHERE h.line_id ="
            " NEW.line_id AND h.status = 'APPROVED')",
            "a line with an approved exception goes that way",
        ),
        Refusal(
            "way_stays",
            "NEW.way <> OLD.way OR COALESCE(NEW.hand_over_id, 0) <> COALESCE(OLD.hand_over_id, 0)",
            "the way of a prepared payment stays",
            ("UPDATE",),
        ),
        Refusal(
            "id_copy",
            "NEW.status = 'POSTED' AND OLD.status <> 'POSTED' AND NEW.way IN ('PROXY_CASH',"
            " 'PROXY_ACCOUNT') AND NOT EXISTS (SELECT 1 FROM funds_moneypaper m WHERE"
            " m.hand_over_id = NEW.hand_over_id AND m.kind = 'ID_COPY')",
            "a proxy is paid after the copy of the ID card is on file",
            ("UPDATE",),
        ),
        Refusal(
            "checked_again",
            _UNCHECKED,
            "a returned payment is paid again after its account was checked",
        ),
        Refusal(
            "sent_first",
            "NEW.status = 'RETURNED' AND OLD.status <> 'RETURNED' AND NEW.way IN ('BANK',"
            " 'PROXY_ACCOUNT') AND EXISTS (SELECT 1 FROM funds_bankfile f WHERE f.run_id ="
            " NEW.run_id) AND NOT EXISTS (SELECT 1 FROM funds_bankfilesent s WHERE s.run_id ="
            " NEW.run_id)",
            "a payment comes back after the file it stands in was sent",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "a payment is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return f"{self.run_id}/{self.seq}"

    @property
    def told_fen(self):
        """What the household is handed: the grant less the advance on it."""
        return self.amount_fen - self.advance_fen

    @property
    def in_cash(self):
        return self.way in IN_CASH


class PayeeConfirmation(AppendOnly):
    """A second person confirms an account changed after the decision (sealed, IM18)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    account_index = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "account_index"], name="payee_confirmation_once"
            ),
        ]

    refusals = (
        Refusal(
            "by_another",
            "EXISTS (SELECT 1 FROM people_person p WHERE p.id = NEW.person_id AND"
            " p.account_changed_by_id = NEW.by_id)",
            "an account is confirmed by somebody other than who changed it",
        ),
    )

    def __str__(self):
        return str(self.person_id)
