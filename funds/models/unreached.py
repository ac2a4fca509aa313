"""Whom the money of a list did not reach: nothing is cut in silence (fact 4.6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.guards import Refusal
from cases.models import Case
from funds.models.batch import Batch


class UnreachedQuerySet(AppendOnlyQuerySet):
    def of_list(self, batch):
        """Those of the list as it was last locked."""
        return self.filter(batch=batch, locked_at=batch.locked_at)

    def sums_of(self, batch):
        """{"count", "fen"}: how many the money did not reach, and what they need. One query."""
        found = self.of_list(batch)
        return found.aggregate(count=models.Count("pk"), fen=models.Sum("amount_fen"))

    def for_list(self):
        """Everything a row of the page reads, without what is encrypted."""
        return (
            self.select_related("case__applicant", "case__unit", "case__assessment")
            .defer(
                "case__reason", "case__applicant__id_number", "case__applicant__phone",
                "case__applicant__account", "case__assessment__result",
            )
            .annotate(relation=models.F("case__patient__relation"))
        )  # fmt: skip


class Unreached(AppendOnly):
    """A case that was ready when a list was locked, and for which the budget had no money (sealed).

    `place` is its place among those left, by the order of the policy.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="unreached")
    locked_at = models.DateTimeField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveIntegerField(_("place"))
    amount_fen = models.BigIntegerField(_("proposed amount"))

    objects = UnreachedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "locked_at", "case"], name="unreached_once_a_lock"
            ),
            models.CheckConstraint(
                condition=models.Q(place__gte=1, amount_fen__gt=0), name="unreached_has_place"
            ),
        ]
        indexes = [
            models.Index(fields=["batch", "locked_at", "place"], name="unreached_in_order"),
        ]

    refusals = (
        Refusal(
            "while_built",
            "NOT EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = NEW.batch_id AND b.status ="
            " 'BUILDING')",
            "whom the money did not reach is written down as the list is locked",
        ),
        Refusal(
            "off_the_list",
            "EXISTS (SELECT 1 FROM funds_batchline l WHERE l.case_id = NEW.case_id AND l.current)",
            "whoever is on a list is not left without",
        ),
    )

    def __str__(self):
        return f"{self.batch_id}/{self.place}"
