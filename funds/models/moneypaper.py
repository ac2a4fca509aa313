"""Papers of a payment: copies of ID cards, signed receipts, signed payment sheets."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import known
from base.guards import Refusal
from funds.models.handover import PAYMENT_READERS, HandOver
from funds.models.payment import Payment, PaymentRun
from people.models import Unit

BY = settings.AUTH_USER_MODEL


class MoneyPaperKind(models.TextChoices):
    ID_COPY = "ID_COPY", _("copy of the proxy's ID card")
    RECEIPT = "RECEIPT", _("signed receipt")
    SHEET = "SHEET", _("signed payment sheet")


class MoneyPaperQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*PAYMENT_READERS))

    def for_list(self):
        return self.select_related("uploaded_by").order_by("pk")


class MoneyPaper(models.Model):
    """An uploaded paper. Served only through a view that checks the right and logs the look."""

    Kind = MoneyPaperKind

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of proof"), max_length=20, choices=MoneyPaperKind)
    hand_over = models.ForeignKey(
        HandOver, on_delete=models.PROTECT, null=True, related_name="papers"
    )
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, null=True, related_name="papers")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="papers")
    file = models.FileField(_("file"), upload_to="payments/")
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = MoneyPaperQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", MoneyPaperKind, name="money_paper_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="ID_COPY", hand_over__isnull=False, run=None, payment=None)
                | Q(kind="SHEET", hand_over=None, run__isnull=False, payment=None)
                | Q(kind="RECEIPT", hand_over=None, run=None, payment__isnull=False),
                name="money_paper_belongs_to_one",
            ),
            models.UniqueConstraint(
                "sha256",
                Coalesce("hand_over", 0),
                Coalesce("run", 0),
                Coalesce("payment", 0),
                name="money_paper_once",
            ),
        ]

    refusals = (Refusal("kept", "1 = 1", "a paper of a payment stays", ("UPDATE", "DELETE")),)

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("funds:money_paper", args=[self.pk])


class HandOverReceipt(models.Model):
    """The household, or its proxy, signed for a payment that went another way than the bank."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="receipt")
    paper = models.OneToOneField(MoneyPaper, on_delete=models.PROTECT, related_name="+")
    received_on = models.DateField(_("received on"))
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    refusals = (
        Refusal(
            "exception",
            "NOT EXISTS (SELECT 1 FROM funds_payment p JOIN funds_moneypaper m ON m.payment_id ="
            " p.id WHERE p.id = NEW.payment_id AND p.way <> 'BANK' AND p.status = 'POSTED' AND"
            " m.id = NEW.paper_id)",
            "a receipt is of an exception that was paid, with its signed paper",
        ),
        Refusal("kept", "1 = 1", "a recorded receipt stays", ("UPDATE", "DELETE")),
    )

    def __str__(self):
        return f"{self.payment_id} {self.received_on}"
