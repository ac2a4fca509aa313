"""Whom a round of the regular subsidy left out, and why (fact 2.12)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from base.constraints import known
from cases.codes import Level
from cases.models.case import Round
from cases.models.dossier import Dossier
from people.models import Unit


class LeftOutReason(models.TextChoices):
    OVERDUE = "OVERDUE", _("The re-check is overdue")
    LEVEL = "LEVEL", _("The policy gives this level nothing")
    MAXIMUM = "MAXIMUM", _("The maximum of the year has been reached")


class LeftOutQuerySet(models.QuerySet):
    def narrowed(self, *, unit=None, reason=""):
        same = {"unit": unit, "reason": reason}
        return self.filter(**{name: value for name, value in same.items() if value})

    def for_list(self):
        return self.select_related("dossier__head", "unit")


class LeftOut(models.Model):
    """A household on file that a round gave no case, as it stood then."""

    Reason = LeftOutReason

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="left_out")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(_("company level"), max_length=20, choices=Level, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=LeftOutReason)

    objects = LeftOutQuerySet.as_manager()

    class Meta:
        constraints = [
            known("level", Level, name="left_out_level_known", blank=True),
            known("reason", LeftOutReason, name="left_out_reason_known"),
            models.UniqueConstraint(fields=["round", "dossier"], name="left_out_once"),
        ]
        indexes = [
            models.Index(fields=["round", "id"], name="left_out_of_round"),
            models.Index(fields=["round", "unit", "id"], name="left_out_unit"),
            models.Index(fields=["round", "reason", "id"], name="left_out_reason"),
        ]

    def __str__(self):
        return f"{self.round_id}/{self.dossier_id}"
