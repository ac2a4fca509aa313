"""Seals: the proof that nothing sealed was changed since it was written; and its checks."""

import unicodedata

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import iff, known
from base.crypto import EncryptedTextField
from funds.models import Freeze

BY = settings.AUTH_USER_MODEL


class SealReason(models.TextChoices):
    DECISION = "DECISION", _("a batch was decided")
    NOTICE = "NOTICE", _("a notice was published")
    DAILY = "DAILY", _("daily")
    BY_HAND = "BY_HAND", _("by hand")


class SealQuerySet(AppendOnlyQuerySet):
    def chain(self):
        """From the first seal to the last."""
        return self.order_by("number")

    def newest(self):
        """The end of the chain; None before the first seal."""
        return self.order_by("-number").first()

    def matching(self, fingerprint):
        """Seals whose hash begins with a fingerprint as printed or typed."""
        digits = plain(fingerprint)
        if len(digits) < FINGERPRINT_DIGITS:
            return self.none()
        return self.filter(hash__startswith=digits)

    def over(self, row):
        """The seal that covers a sealed row, as a set of one; empty while it is unsealed."""
        pages = SealPage.objects.filter(
            table=row._meta.db_table, first_id__lte=row.pk, last_id__gte=row.pk
        )
        return self.filter(pk__in=pages.values("seal"))


FINGERPRINT_DIGITS = 16


def plain(fingerprint):
    """A fingerprint as somebody typed it: its hexadecimal digits, else "".

    Full-width digits, spaces and any dash are forgiven.
    """
    text = unicodedata.normalize("NFKC", fingerprint).lower()
    digits = "".join(sign for sign in text if sign.isalnum())
    return digits if set(digits) <= set("0123456789abcdef") else ""


class Seal(AppendOnly):
    """A hash over everything sealed since the seal before, chained to it (invariant IA4)."""

    Reason = SealReason

    number = models.PositiveIntegerField(unique=True)
    reason = models.CharField(max_length=20, choices=Reason)
    before = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    objects = SealQuerySet.as_manager()

    class Meta:
        constraints = [
            known("reason", SealReason, name="seal_reason_known"),
            models.CheckConstraint(
                condition=Q(number=1, before="") | Q(number__gt=1) & ~Q(before=""),
                name="seal_chained",
            ),
        ]

    def __str__(self):
        return self.fingerprint

    @property
    def fingerprint(self):
        """The first 16 hex digits in fours, as printed on minutes and notices."""
        shown = range(0, FINGERPRINT_DIGITS, 4)
        return "-".join(self.hash[i : i + 4] for i in shown).upper()


class SealPage(AppendOnly):
    """Up to 1,000 rows of one table under a seal: one short digest a row, so that a mismatch
    names the row. `leaves` holds for each row its id (8 bytes) and 16 bytes of its SHA-256.

    `columns` are the columns the digests were made of, so that a column added later leaves the
    older pages true.
    """

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="pages")
    seq = models.PositiveIntegerField()
    table = models.CharField(max_length=60)
    columns = models.TextField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    leaves = models.BinaryField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seal", "seq"], name="seal_page_once"),
            models.CheckConstraint(
                condition=Q(last_id__gte=F("first_id")), name="seal_page_in_order"
            ),
        ]
        indexes = [models.Index(fields=["table", "last_id"], name="seal_page_of_table")]

    def __str__(self):
        return f"{self.table} {self.first_id}-{self.last_id}"


class VerificationQuerySet(models.QuerySet):
    def for_list(self):
        return self.select_related("asked_by").order_by("-asked_at", "-pk")

    def newest_done(self):
        """The last verification that ran to its end; None before the first."""
        return self.filter(status=VerificationStatus.DONE).for_list().first()


class VerificationStatus(models.TextChoices):
    RUNNING = "RUNNING", _("being verified")
    DONE = "DONE", _("verified")


class Verification(models.Model):
    """One run of the verification asked for on the page: what it read and what it found.

    `found` is a list of [place, words]; words are kept in both languages, {language: sentence}.
    One that was asked for to lift a freeze lifts it, for `reason`, when the books are in order.
    """

    Status = VerificationStatus

    status = models.CharField(max_length=20, choices=Status, default=Status.RUNNING)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, null=True, related_name="+")
    problems_count = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=list)
    milliseconds = models.PositiveIntegerField(null=True)
    lifts = models.ForeignKey(
        Freeze, on_delete=models.PROTECT, null=True, related_name="verifications"
    )
    reason = EncryptedTextField(blank=True, default="")

    objects = VerificationQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", VerificationStatus, name="verification_status_known"),
            iff(Q(status="DONE"), "milliseconds", name="verification_done_has_duration"),
        ]
        indexes = [models.Index(fields=["-asked_at", "-id"], name="verification_newest")]

    def __str__(self):
        return f"{self.asked_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self):
        return reverse("audits:verification", args=[self.pk])

    @property
    def percent(self):
        """How much of the sealed rows has been read, in whole percent."""
        return min(100, self.done * 100 // self.rows) if self.rows else 100

    @property
    def seconds(self):
        """How long it took, to a tenth."""
        return None if self.milliseconds is None else f"{self.milliseconds / 1000:.1f}"
