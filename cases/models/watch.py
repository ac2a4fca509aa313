"""Answers to the duplicate watch: somebody looked, and says why it is no duplicate."""

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from base.constraints import known
from base.crypto import EncryptedTextField
from cases.life import WatchKind
from people.models import Unit

BY = settings.AUTH_USER_MODEL
_MOST = 300


def households_key(pks):
    """The keys of some dossiers as one text, the same in any order; a digest when it is long."""
    text = ",".join(str(pk) for pk in sorted(set(pks)))
    return text if len(text) <= _MOST else sha256(text.encode()).hexdigest()


class WatchAnswer(models.Model):
    """What somebody found when they looked at what some households share, or at a single one.

    It holds for these households only: `households` are their keys in order, so that the question
    comes back when another one joins them.
    """

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=WatchKind)
    households = models.CharField(max_length=_MOST)
    words = EncryptedTextField(_("what was found"))
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [known("kind", WatchKind, name="watch_kind_known")]
        indexes = [models.Index(fields=["company", "kind", "households"], name="watch_households")]

    def __str__(self):
        return f"{self.kind} {self.households}"
