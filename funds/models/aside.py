"""What an open meeting set aside: a line struck from a list, or a whole list put off."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.crypto import EncryptedTextField
from base.guards import Refusal
from funds.models.batch import Batch, BatchLine, Meeting

BY = settings.AUTH_USER_MODEL


class SetAsideQuerySet(AppendOnlyQuerySet):
    def struck(self):
        """Lines struck from a list that stayed before the meeting."""
        return self.exclude(line=None)

    def put_off(self):
        """Whole lists taken off the agenda."""
        return self.filter(line=None)

    def for_minutes(self):
        """With what the minutes print of each, oldest first; one query."""
        return self.select_related(
            "batch__budget", "line__case__applicant", "line__case__unit", "by", "words"
        ).order_by("at", "pk")


class SetAside(AppendOnly):
    """A line struck, or without a line a list put off, before the meeting was recorded (sealed).

    `version` is the version it stood on: the list goes on as the next one, so that every vote
    cast on `version` is void.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="set_asides")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="set_asides")
    version = models.PositiveSmallIntegerField()
    line = models.ForeignKey(
        BatchLine, on_delete=models.PROTECT, null=True, related_name="set_asides"
    )
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "version"], name="set_aside_once_a_version"),
        ]

    refusals = (
        Refusal(
            "standing",
            "NEW.line_id IS NOT NULL AND EXISTS (SELECT 1 FROM funds_batchline l"
            " WHERE l.id = NEW.line_id AND (NOT l.removed OR l.batch_id <> NEW.batch_id))",
            "only a line taken off its list is struck",
        ),
        Refusal(
            "version",
            "EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = NEW.batch_id"
            " AND b.version <= NEW.version)",
            "what is set aside makes a new version of the list",
        ),
    )

    def __str__(self):
        return f"{self.batch_id}/{self.version}"

    @property
    def reason(self):
        """Why, as long as the words have not been erased; loaded by `for_minutes`."""
        return self.words.words if hasattr(self, "words") else ""


class SetAsideWords(models.Model):
    """Why; erasable, so it stands beside the sealed row."""

    set_aside = models.OneToOneField(
        SetAside, on_delete=models.PROTECT, primary_key=True, related_name="words"
    )
    words = EncryptedTextField(_("reason"))

    def __str__(self):
        return self.words
