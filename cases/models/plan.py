"""Planned visits: which household, on which day, by which two people or more."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none
from base.crypto import EncryptedTextField
from cases.models.dossier import READERS, Dossier
from cases.models.visit import Visit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class VisitPlanQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Those who may see the household, and whoever is to go there."""
        mine = PlannedVisitor.objects.filter(user=actor.user_id)
        return self.filter(
            Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(dossier__company__in=actor.companies(*READERS))
            | Q(pk__in=mine.values("plan"))
        )

    def open(self):
        """Neither made nor called off."""
        return self.filter(visit=None, cancelled_at=None)

    def of_visitor(self, user_id):
        return self.filter(planned_visitors__user=user_id)

    def for_list(self):
        return self.select_related("dossier__head", "dossier__unit").prefetch_related(
            "planned_visitors__user"
        )


class VisitPlan(models.Model):
    """One visit to come. It ends when the visit is recorded, or is called off with a reason."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="visit_plans")
    planned_on = models.DateField(_("planned for"))
    visitor_count = models.PositiveSmallIntegerField(default=0)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="plans")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    cancel_reason = EncryptedTextField(_("reason"), blank=True, default="")

    objects = VisitPlanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(visit=None, cancelled_at=None),
                name="visit_plan_one_open",
            ),
            models.CheckConstraint(condition=Q(visitor_count__gte=2), name="visit_plan_by_two"),
            all_or_none("cancelled_at", "cancelled_by", name="visit_plan_cancelled_by_somebody"),
            models.CheckConstraint(
                condition=Q(visit=None) | Q(cancelled_at=None),
                name="visit_plan_made_or_called_off",
            ),
        ]
        indexes = [
            models.Index(
                fields=["planned_on", "id"],
                condition=Q(visit=None, cancelled_at=None),
                name="visit_plan_open",
            )
        ]

    def __str__(self):
        return str(self.planned_on)


class PlannedVisitor(models.Model):
    """Who is to go."""

    plan = models.ForeignKey(VisitPlan, on_delete=models.PROTECT, related_name="planned_visitors")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "user"], name="planned_visitor_once")
        ]

    def __str__(self):
        return str(self.user)
