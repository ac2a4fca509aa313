"""The exception from the transfer: a line handed over in cash, or to a proxy."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.models import Case
from funds.models.batch import BatchLine
from people.models import Relation, Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL

PAYMENT_READERS = (
    Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR, Role.COMPANY_CHAIR, Role.COMPANY_OFFICER,
)  # fmt: skip


class Way(models.TextChoices):
    """How a payment reaches the household."""

    BANK = "BANK", _("transfer to the employee's own account")
    CASH = "CASH", _("cash to the employee")
    PROXY_CASH = "PROXY_CASH", _("cash to a proxy")
    PROXY_ACCOUNT = "PROXY_ACCOUNT", _("transfer to a proxy's account")


IN_CASH = (Way.CASH, Way.PROXY_CASH)
BY_PROXY = (Way.PROXY_CASH, Way.PROXY_ACCOUNT)
EXCEPTIONS = [(way.value, way.label) for way in Way if way != Way.BANK]


class HandOverStatus(models.TextChoices):
    ASKED = "ASKED", _("to be approved")
    APPROVED = "APPROVED", _("Approved")
    REFUSED = "REFUSED", _("refused")
    CALLED_OFF = "CALLED_OFF", _("called off")


# What a list of exceptions calls them: "Approved" alone is what a meeting did.
STATE_WORDS = {
    HandOverStatus.ASKED: HandOverStatus.ASKED.label,
    HandOverStatus.APPROVED: _("exception approved"),
    HandOverStatus.REFUSED: _("exception not approved"),
    HandOverStatus.CALLED_OFF: HandOverStatus.CALLED_OFF.label,
}


class HandOverQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*PAYMENT_READERS))

    def for_list(self):
        """Everything a row reads."""
        return self.select_related("case__applicant", "case__unit", "line", "asked_by")

    def lock(self, pk):
        """After the fund and the list."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def asked(self):
        return self.filter(status=HandOverStatus.ASKED)

    def approved(self):
        return self.filter(status=HandOverStatus.APPROVED)

    def standing(self):
        """Asked or approved: the line is not paid by an ordinary transfer."""
        return self.filter(status__in=[HandOverStatus.ASKED, HandOverStatus.APPROVED])

    def paid_without_receipt(self):
        """Paid, and nobody has recorded the signed receipt."""
        return self.approved().filter(payments__status="POSTED", payments__receipt=None)

    def narrowed(self, *, q="", state="", way="", missing=False):
        """By number of the hand-over or case or a part of the name, state, way, receipt missing."""
        found = self.paid_without_receipt() if missing else self
        if q:
            found = found.filter(
                Q(number__startswith=q)
                | Q(case__number__startswith=q)
                | Q(case__applicant__name__contains=q)
            )
        if state:
            found = found.filter(status=state)
        return found.filter(way=way) if way else found


class HandOver(models.Model):
    """One line of a list, handed over in cash or to a proxy: asked by one, approved by another.

    What was asked and approved stays; one that is not used any more is called off.
    """

    Status = HandOverStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number of the exception"), max_length=30)
    line = models.ForeignKey(BatchLine, on_delete=models.PROTECT, related_name="hand_overs")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hand_overs")
    way = models.CharField(_("way"), max_length=20, choices=EXCEPTIONS)
    reason = EncryptedTextField(_("why it cannot go to their own account"))
    status = models.CharField(
        _("state"), max_length=20, choices=HandOverStatus, default=HandOverStatus.ASKED
    )
    proxy_name = models.CharField(_("name of the proxy"), max_length=60, blank=True, default="")
    proxy_relation = models.CharField(
        _("relation to the employee"), max_length=20, choices=Relation, blank=True, default=""
    )
    proxy_phone = EncryptedTextField(_("phone of the proxy"), blank=True, default="")
    proxy_id_number = EncryptedTextField(_("ID number of the proxy"), blank=True, default="")
    proxy_index = models.CharField(max_length=64, blank=True, default="")
    bank = models.CharField(_("bank"), max_length=60, blank=True, default="")
    branch = models.CharField(_("branch"), max_length=100, blank=True, default="")
    account = EncryptedTextField(_("account number"), blank=True, default="")
    account_index = models.CharField(max_length=64, blank=True, default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    decision_words = EncryptedTextField(_("words"), blank=True, default="")
    called_off_at = models.DateTimeField(null=True)
    called_off_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = HandOverQuerySet.as_manager()

    class Meta:
        constraints = [
            known("way", [way for way, _label in EXCEPTIONS], name="hand_over_way_known"),
            known("status", HandOverStatus, name="hand_over_status_known"),
            known("proxy_relation", Relation, name="hand_over_relation_known", blank=True),
            models.UniqueConstraint(fields=["company", "number"], name="hand_over_number_once"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(status__in=["ASKED", "APPROVED"]),
                name="hand_over_one_of_a_line",
            ),
            all_or_none("decided_at", "decided_by", name="hand_over_decision_complete"),
            models.CheckConstraint(
                condition=Q(status="ASKED", decided_at=None)
                | Q(status__in=["APPROVED", "REFUSED"], decided_at__isnull=False)
                | Q(status="CALLED_OFF"),
                name="hand_over_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="hand_over_decided_by_another",
            ),
            iff(
                Q(status="CALLED_OFF"),
                "called_off_at",
                "called_off_by",
                name="hand_over_called_off_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(way="CASH", proxy_name="", proxy_relation="", proxy_index="")
                | Q(way__in=["PROXY_CASH", "PROXY_ACCOUNT"])
                & ~Q(proxy_name="")
                & ~Q(proxy_relation="")
                & ~Q(proxy_index=""),
                name="hand_over_proxy_is_named",
            ),
            models.CheckConstraint(
                condition=Q(way="PROXY_ACCOUNT") & ~Q(account_index="")
                | ~Q(way="PROXY_ACCOUNT") & Q(account_index=""),
                name="hand_over_account_of_proxy",
            ),
        ]
        indexes = [models.Index(fields=["company", "-asked_at", "-id"], name="hand_over_newest")]

    refusals = (
        Refusal(
            "line",
            "NOT EXISTS (SELECT 1 FROM funds_batchline l JOIN cases_case c ON c.id = l.case_id"
            " WHERE l.id = NEW.line_id AND l.case_id = NEW.case_id AND l.outcome = 'APPROVED'"
            " AND l.amount_fen IS NOT NULL AND c.company_id = NEW.company_id)",
            "an exception from the transfer is of an approved line",
        ),
        Refusal(
            "asked_stays",
            "OLD.line_id <> NEW.line_id OR OLD.case_id <> NEW.case_id OR OLD.way <> NEW.way OR"
            " OLD.asked_by_id <> NEW.asked_by_id OR OLD.asked_at <> NEW.asked_at OR"
            " OLD.proxy_name <> NEW.proxy_name OR OLD.proxy_relation <> NEW.proxy_relation OR"
            " OLD.proxy_index <> NEW.proxy_index OR OLD.account_index <> NEW.account_index",
            "what was asked of an exception stays",
            ("UPDATE",),
        ),
        Refusal(
            "decided_stays",
            "(OLD.status <> NEW.status AND OLD.status <> 'ASKED' AND NOT (OLD.status = 'APPROVED'"
            " AND NEW.status = 'CALLED_OFF')) OR (OLD.decided_at IS NOT NULL AND"
            " (NEW.decided_at IS NULL OR NEW.decided_at <> OLD.decided_at OR"
            " NEW.decided_by_id <> OLD.decided_by_id))",
            "a decided exception stays as it was decided",
            ("UPDATE",),
        ),
        Refusal(
            "in_use",
            "OLD.status = 'APPROVED' AND NEW.status = 'CALLED_OFF' AND EXISTS (SELECT 1 FROM"
            " funds_payment p WHERE p.hand_over_id = NEW.id AND p.status IN ('PREPARED',"
            " 'POSTED'))",
            "an exception is not called off while its payment is under way or done",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "an exception is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:hand_over_detail", args=[self.pk])

    @property
    def state_words(self):
        return STATE_WORDS[HandOverStatus(self.status)]

    @property
    def by_proxy(self):
        return self.way in BY_PROXY

    @property
    def in_cash(self):
        return self.way in IN_CASH

    @property
    def receiver(self):
        """Whose name stands on the receipt; needs its case."""
        return self.proxy_name or self.case.applicant.name
