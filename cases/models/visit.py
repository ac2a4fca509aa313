"""Visits at the door (fact 2.7): two people or more stand between review and decision."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import known
from base.crypto import EncryptedTextField
from cases.models.dossier import READERS, Dossier
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class VisitQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Those who may see the household, and whoever was there."""
        return self.filter(
            Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(dossier__company__in=actor.companies(*READERS))
            | Q(pk__in=Visitor.objects.filter(user=actor.user_id).values("visit"))
        )

    def valid_on(self, on, days):
        """Visits not older than `days` on a day, by two people with one from outside the unit."""
        return self.filter(
            visited_on__lte=on,
            visited_on__gte=on - timedelta(days=days),
            visitor_count__gte=2,
            outside_count__gte=1,
        )

    def narrowed(self, *, q="", unit=None, match="", advice="", since=None, until=None):
        """By the household (see `DossierQuerySet.matching`), unit, what was found, and days."""
        found = self
        if q:
            found = found.filter(dossier__in=Dossier.objects.matching(q).values("pk"))
        same = {
            "dossier__unit": unit, "match": match, "advice": advice,
            "visited_on__gte": since, "visited_on__lte": until,
        }  # fmt: skip
        return found.filter(**{name: value for name, value in same.items() if value})

    def for_list(self):
        return (
            self.select_related("dossier__head", "dossier__unit")
            .prefetch_related("visitors__user")
            .order_by("-visited_on", "-pk")
        )


class VisitMatch(models.TextChoices):
    SAME = "SAME", _("agrees with the declaration")
    PARTLY = "PARTLY", _("agrees in part")
    DIFFERS = "DIFFERS", _("does not agree")


class VisitAdvice(models.TextChoices):
    HELP = "HELP", _("help")
    ADJUST = "ADJUST", _("help, after correction of the facts")
    NO_HELP = "NO_HELP", _("no help")


class Visit(models.Model):
    """One home visit, with the checklist and the match with the declaration."""

    Match = VisitMatch

    Advice = VisitAdvice

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="visits")
    visited_on = models.DateField(_("date of the visit"))
    met = models.CharField(_("who was met"), max_length=100)
    checks = models.JSONField(_("checked at the door"), default=list)
    match = models.CharField(_("match with the declaration"), max_length=20, choices=Match)
    differences = EncryptedTextField(_("differences"), blank=True, default="")
    notes = EncryptedTextField(_("what was seen"), blank=True, default="")
    advice = models.CharField(_("advice"), max_length=20, choices=Advice)
    signed = models.BooleanField(_("signed by the household"), default=False)
    visitor_count = models.PositiveSmallIntegerField(default=0)
    outside_count = models.PositiveSmallIntegerField(default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [
            known("match", VisitMatch, name="visit_match_known"),
            known("advice", VisitAdvice, name="visit_advice_known"),
            models.CheckConstraint(condition=Q(visitor_count__gte=2), name="visit_by_two"),
        ]
        indexes = [
            models.Index(fields=["dossier", "-visited_on"], name="visit_newest"),
            models.Index(fields=["-visited_on", "-id"], name="visit_newest_of_all"),
        ]

    def __str__(self):
        return str(self.visited_on)

    def get_absolute_url(self):
        return reverse("cases:visit_detail", args=[self.pk])


class Visitor(models.Model):
    """Who was at the door, and from which unit they came."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="visitors")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "user"], name="visitor_once")]

    def __str__(self):
        return str(self.user)


class DoorCheck(models.TextChoices):
    """The six things made clear at the door (六清楚)."""

    MEMBERS = "MEMBERS", _("members of the household")
    ADDRESS = "ADDRESS", _("address and home")
    INCOME = "INCOME", _("income")
    ILLNESS = "ILLNESS", _("illness and its papers")
    WORK = "WORK", _("work")
    SCHOOL = "SCHOOL", _("schooling")
