"""Seals: the proof that nothing sealed was changed since it was written (design: proof)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from base.constraints import known


class SealReason(models.TextChoices):
    DECISION = "DECISION", _("a batch was decided")
    NOTICE = "NOTICE", _("a notice was published")
    DAILY = "DAILY", _("daily")
    BY_HAND = "BY_HAND", _("by hand")


class Seal(AppendOnly):
    """A hash over everything sealed since the seal before, chained to it (invariant IA4)."""

    Reason = SealReason

    number = models.PositiveIntegerField(unique=True)
    reason = models.CharField(max_length=20, choices=Reason)
    before = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            known("reason", SealReason, name="seal_reason_known"),
            models.CheckConstraint(
                condition=models.Q(number=1, before="")
                | models.Q(number__gt=1) & ~models.Q(before=""),
                name="seal_chained",
            ),
        ]

    def __str__(self):
        return self.fingerprint

    @property
    def fingerprint(self):
        """The first 16 hex digits in fours, as printed on minutes and notices."""
        return "-".join(self.hash[i : i + 4] for i in range(0, 16, 4)).upper()


class SealPage(AppendOnly):
    """Up to 1,000 rows of one table under a seal: one short digest a row, so that a mismatch
    names the row. `leaves` holds for each row its id (8 bytes) and 16 bytes of its SHA-256."""

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="pages")
    seq = models.PositiveIntegerField()
    table = models.CharField(max_length=60)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    leaves = models.BinaryField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seal", "seq"], name="seal_page_once"),
            models.CheckConstraint(
                condition=models.Q(last_id__gte=models.F("first_id")), name="seal_page_in_order"
            ),
        ]

    def __str__(self):
        return f"{self.table} {self.first_id}-{self.last_id}"
