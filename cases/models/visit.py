"""Visits at the door (fact 2.7): two people or more stand between review and decision."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base import canonical
from base.constraints import all_or_none, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
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

    def overlapping(self, user_ids, started_at, ended_at):
        """Visits of any of these people that share a moment with a span of time."""
        return self.filter(
            pk__in=Visitor.objects.filter(user__in=user_ids).values("visit"),
            started_at__lt=ended_at,
            ended_at__gt=started_at,
        )

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
    started_at = models.DateTimeField(_("from"), null=True)
    ended_at = models.DateTimeField(_("until"), null=True)
    met = EncryptedTextField(_("who was met"))
    checks = models.JSONField(_("checked at the door"), default=list)
    match = models.CharField(_("match with the declaration"), max_length=20, choices=Match)
    differences = EncryptedTextField(_("differences"), blank=True, default="")
    notes = EncryptedTextField(_("what was seen"), blank=True, default="")
    seen_text = EncryptedTextField(blank=True, default="")  # canonical, see `cases.checklist`
    needs = models.JSONField(_("needs"), default=list)
    advice = models.CharField(_("advice"), max_length=20, choices=Advice)
    signed = models.BooleanField(_("signed by the household"), default=False)
    unsigned_reason = EncryptedTextField(_("why it is not signed"), blank=True, default="")
    visitor_count = models.PositiveSmallIntegerField(default=0)
    outside_count = models.PositiveSmallIntegerField(default=0)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = VisitQuerySet.as_manager()

    refusals = (
        Refusal(
            name="time_stays",
            when="NEW.started_at <> OLD.started_at OR NEW.ended_at <> OLD.ended_at"
            " OR (OLD.started_at IS NULL AND NEW.started_at IS NOT NULL)",
            message="the time of a visit is not changed",
            on=("UPDATE",),
        ),
    )

    class Meta:
        constraints = [
            known("match", VisitMatch, name="visit_match_known"),
            known("advice", VisitAdvice, name="visit_advice_known"),
            models.CheckConstraint(condition=Q(visitor_count__gte=2), name="visit_by_two"),
            all_or_none("started_at", "ended_at", name="visit_from_and_until"),
            models.CheckConstraint(
                condition=Q(started_at=None)
                | Q(started_at__lt=F("ended_at"), ended_at__lte=F("recorded_at")),
                name="visit_over_when_recorded",
            ),
        ]
        indexes = [
            models.Index(fields=["dossier", "-visited_on"], name="visit_newest"),
            models.Index(fields=["-visited_on", "-id"], name="visit_newest_of_all"),
        ]

    def __str__(self):
        return str(self.visited_on)

    def get_absolute_url(self):
        return reverse("cases:visit_detail", args=[self.pk])

    @property
    def seen(self):
        """What was seen, see `cases.checklist`; empty for a record without a checklist."""
        return canonical.loads(self.seen_text) if self.seen_text else {}


class Visitor(models.Model):
    """Who was at the door, and from which unit they came."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="visitors")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    refusals = (
        Refusal(
            name="in_one_place",
            when="EXISTS (SELECT 1 FROM cases_visitor o JOIN cases_visit a ON a.id = o.visit_id"
            " JOIN cases_visit b ON b.id = NEW.visit_id WHERE o.user_id = NEW.user_id"
            " AND o.visit_id <> NEW.visit_id AND a.started_at < b.ended_at"
            " AND b.started_at < a.ended_at)",
            message="nobody is on two visits at a time",
            on=("INSERT", "UPDATE"),
        ),
    )

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
    WORK = "WORK", _("work of the members")
    SCHOOL = "SCHOOL", _("schooling of the members")
