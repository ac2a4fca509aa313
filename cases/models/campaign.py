"""The yearly re-check of a whole company (集中复核): one campaign, one row for each household."""

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import iff, known
from cases.life import How, RecheckResult
from cases.models.dossier import READERS, Dossier
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class CampaignQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Everybody who re-checks, and the readers of the company."""
        return self.filter(
            Q(company__in=actor.companies(Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS))
        )

    def for_list(self):
        """With how many households there are and how many are done."""
        return self.select_related("company").annotate(
            households=Count("rechecks"), done=Count("rechecks", filter=~Q(rechecks__result=""))
        )


class Campaign(models.Model):
    """All households on file in a company are re-checked between two days."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("title"), max_length=60)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"))
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    filled_at = models.DateTimeField(null=True)  # when every household had its row

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="campaign_ends_after_it_starts"
            ),
            models.UniqueConstraint(fields=["company", "title"], name="campaign_title_once"),
        ]
        indexes = [models.Index(fields=["-starts_on", "-id"], name="campaign_newest")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:campaign_detail", args=[self.pk])


class RecheckQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """The rows of the households they see."""
        return self.filter(
            Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(campaign__company__in=actor.companies(*READERS))
        )

    def waiting(self):
        return self.filter(result="", dossier__status="ACTIVE")

    def narrowed(self, *, q="", unit=None, result=""):
        """By the household, unit and result; `result` may be "OPEN"."""
        found = self
        if q:
            found = found.filter(dossier__in=Dossier.objects.matching(q).values("pk"))
        if unit:
            found = found.filter(unit=unit)
        if result == "OPEN":
            return found.filter(result="")
        return found.filter(result=result) if result else found

    def for_list(self):
        return self.select_related("dossier__head", "unit", "done_by")

    def by_unit(self):
        """One row for each unit: households, and how many have each result. One query."""
        return (
            self.order_by()
            .values("unit", "unit__name")
            .annotate(
                households=Count("pk"),
                done=Count("pk", filter=~Q(result="")),
                unchanged=Count("pk", filter=Q(result=RecheckResult.UNCHANGED)),
                changed=Count("pk", filter=Q(result=RecheckResult.CHANGED)),
                to_exit=Count("pk", filter=Q(result=RecheckResult.EXIT)),
                waiting=Count("pk", filter=Q(result="", dossier__status="ACTIVE")),
            )
            .order_by("unit__path", "unit")
        )


class Recheck(models.Model):
    """The re-check of one household in a campaign, waiting or with its result."""

    Result = RecheckResult

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="rechecks")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="rechecks")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    edit = models.PositiveIntegerField()  # the dossier's count of changes when it began
    result = models.CharField(
        _("result"), max_length=20, choices=RecheckResult, blank=True, default=""
    )
    how = models.CharField(_("how"), max_length=20, choices=How, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = RecheckQuerySet.as_manager()

    class Meta:
        constraints = [
            known("result", RecheckResult, name="recheck_result_known", blank=True),
            known("how", How, name="recheck_how_known", blank=True),
            iff(~Q(result=""), "done_at", "done_by", name="recheck_done_by_somebody"),
            models.CheckConstraint(
                condition=Q(result="", how="") | ~Q(result="") & ~Q(how=""),
                name="recheck_done_says_how",
            ),
            models.UniqueConstraint(fields=["campaign", "dossier"], name="recheck_once_a_campaign"),
        ]
        indexes = [models.Index(fields=["campaign", "unit", "result"], name="recheck_progress")]

    def __str__(self):
        return f"{self.campaign_id} {self.dossier_id}"
