"""The way of a payment to the bank: formats, files with their hash, answers, accounts checked.

A file is sealed when it is first made; its bytes are made again from the payments and the layout
kept with it. What the bank has not answered stays unknown: nothing is sent again by itself.
"""

from django.conf import settings
from django.db import models
from django.db.models import CharField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from funds.models.handover import PAYMENT_READERS
from funds.models.payment import Payment, PaymentRun
from funds.models.statement import MatchedLine
from people.models import Import, ImportQuerySet, Unit, import_constraints
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class BankFormatQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR))

    def for_list(self):
        return self.select_related("changed_by").order_by("name", "pk")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class BankFormat(models.Model):
    """How the bank of a company wants its file and gives its answer; columns as data."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name of the format"), max_length=60)
    layout = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = BankFormatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="bank_format_name_once"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("funds:bank_format_edit", args=[self.pk])


class BankFileQuerySet(AppendOnlyQuerySet):
    def visible_to(self, actor):
        return self.filter(run__company__in=actor.companies(*PAYMENT_READERS))

    def for_list(self):
        return self.select_related("run", "made_by", "sent__by").order_by("-no", "-pk")


class BankFile(AppendOnly):
    """The file of a payment as it was first made (sealed): layout, hash, what it adds up to.

    Another one may be made in another format until one was sent.
    """

    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="files")
    no = models.PositiveSmallIntegerField(_("no."))
    format_name = models.CharField(_("format"), max_length=60)
    layout = models.TextField()
    file_name = models.CharField(_("file"), max_length=110)
    lines_count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField(_("total"))
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = BankFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "no"], name="bank_file_no_once"),
            models.CheckConstraint(
                condition=Q(lines_count__gt=0, total_fen__gt=0), name="bank_file_not_empty"
            ),
        ]

    refusals = (
        Refusal(
            "posted",
            "NOT EXISTS (SELECT 1 FROM funds_paymentrun r WHERE r.id = NEW.run_id AND"
            " r.status = 'POSTED' AND r.prepared_by_id <> r.posted_by_id)",
            "a bank file is made of a payment that a second person posted",
        ),
        Refusal(
            "sent_already",
            "EXISTS (SELECT 1 FROM funds_bankfilesent s WHERE s.run_id = NEW.run_id)",
            "no other bank file of a payment that was sent",
        ),
        Refusal(
            "came_back",
            "EXISTS (SELECT 1 FROM funds_payment p WHERE p.run_id = NEW.run_id AND p.status ="
            " 'RETURNED' AND p.way IN ('BANK', 'PROXY_ACCOUNT'))",
            "no bank file of a payment of which something came back",
        ),
        Refusal(
            "adds_up",
            "NEW.lines_count <> (SELECT COUNT(*) FROM funds_payment p WHERE p.run_id = NEW.run_id"
            " AND p.way IN ('BANK', 'PROXY_ACCOUNT') AND p.amount_fen > p.advance_fen) OR"
            " NEW.total_fen <> (SELECT COALESCE(SUM(p.amount_fen - p.advance_fen), 0) FROM"
            " funds_payment p WHERE p.run_id = NEW.run_id AND p.way IN ('BANK', 'PROXY_ACCOUNT'))",
            "a bank file tells what its payments add up to",
        ),
    )

    def __str__(self):
        return self.file_name


class BankFileSent(AppendOnly):
    """The cashier handed this file to the bank (sealed); one file of a payment, once."""

    file = models.OneToOneField(BankFile, on_delete=models.PROTECT, related_name="sent")
    run = models.OneToOneField(PaymentRun, on_delete=models.PROTECT, related_name="sent")
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    refusals = (
        Refusal(
            "of_run",
            "NOT EXISTS (SELECT 1 FROM funds_bankfile f WHERE f.id = NEW.file_id AND"
            " f.run_id = NEW.run_id)",
            "a sent file is one of its payment",
        ),
    )

    def __str__(self):
        return str(self.file_id)


class BankResultStatus(models.TextChoices):
    CHECKED = "CHECKED", _("checked, not yet imported")
    REFUSED = "REFUSED", _("has mistakes")
    RUNNING = "RUNNING", _("being imported")
    DONE = "DONE", _("imported")


class BankResultQuerySet(ImportQuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(Role.ACCOUNTANT))


class BankResult(Import):
    """One uploaded answer of the bank; added is what was paid, changed what comes back."""

    Status = BankResultStatus

    status = models.CharField(max_length=20, choices=Status)
    run = models.ForeignKey(PaymentRun, on_delete=models.PROTECT, related_name="results")

    objects = BankResultQuerySet.as_manager()

    class Meta:
        constraints = [*import_constraints("bank_result", BankResultStatus)]
        indexes = [models.Index(fields=["run", "-uploaded_at", "-id"], name="bank_result_newest")]

    def get_absolute_url(self):
        return reverse("funds:bank_result_detail", args=[self.pk])


class Answer(models.TextChoices):
    """What the bank said of one payment."""

    PAID = "PAID", _("credited by the bank")
    RETURNED = "RETURNED", _("returned by the bank")


class PaymentAnswer(AppendOnly):
    """The bank's word on one payment (sealed): credited, or returned, each once.

    A payment that was credited may still come back days later.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="answers")
    answer = models.CharField(max_length=20, choices=Answer)
    result = models.ForeignKey(BankResult, on_delete=models.PROTECT, related_name="answers")
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            known("answer", Answer, name="payment_answer_known"),
            models.UniqueConstraint(fields=["payment", "answer"], name="payment_answer_once"),
        ]

    refusals = (
        Refusal(
            "sent",
            "NOT EXISTS (SELECT 1 FROM funds_payment p JOIN funds_bankfilesent s ON s.run_id ="
            " p.run_id JOIN funds_bankresult u ON u.run_id = p.run_id WHERE p.id = NEW.payment_id"
            " AND u.id = NEW.result_id AND p.status = CASE WHEN NEW.answer = 'PAID' THEN 'POSTED'"
            " ELSE 'RETURNED' END)",
            "the bank answers what was sent to it",
        ),
    )

    def __str__(self):
        return f"{self.payment_id}: {self.answer}"


class PayeeCheck(models.Model):
    """After a return somebody other than the cashier asked the bank about the account to be used.

    The words may be erased; the rest stays.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="checks")
    account_index = models.CharField(max_length=64)
    words = EncryptedTextField(_("what the bank said"))
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "account_index"], name="payee_check_once"),
        ]

    refusals = (
        Refusal(
            "returned",
            "NOT EXISTS (SELECT 1 FROM funds_payment p WHERE p.id = NEW.payment_id AND"
            " p.status = 'RETURNED')",
            "an account is checked again after a return",
        ),
        Refusal(
            "by_another",
            "EXISTS (SELECT 1 FROM funds_payment p JOIN funds_paymentrun r ON r.id = p.run_id"
            " JOIN cases_case c ON c.id = p.case_id JOIN people_person n ON n.id = c.applicant_id"
            " WHERE p.id = NEW.payment_id AND (r.prepared_by_id = NEW.by_id OR (n.account_index ="
            " NEW.account_index AND p.account_index <> NEW.account_index AND"
            " n.account_changed_by_id = NEW.by_id)))",
            "an account is checked by neither the cashier nor who changed it",
        ),
        Refusal(
            "stays",
            "NEW.payment_id <> OLD.payment_id OR NEW.account_index <> OLD.account_index OR"
            " NEW.at <> OLD.at OR NEW.by_id <> OLD.by_id",
            "what was checked stays",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "a check of an account is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return str(self.payment_id)


def unanswered(payments):
    """Posted payments of some that went to the bank and of which it has said nothing."""
    said = PaymentAnswer.objects.filter(payment=OuterRef("pk"))
    return payments.filter(
        ~Exists(said), status=Payment.Status.POSTED, amount_fen__gt=F("advance_fen")
    ).through_bank()


def with_statement(payments):
    """Each payment with `left_on`, the day on which a statement of the bank shows that it left;
    None where none does."""
    lines = MatchedLine.objects.filter(
        active=True,
        match__entries__active=True,
        match__entries__transfer__key=Concat(Value("pay "), Cast(OuterRef("pk"), CharField())),
    ).order_by("line__booked_on")
    return payments.annotate(left_on=Subquery(lines.values("line__booked_on")[:1]))
