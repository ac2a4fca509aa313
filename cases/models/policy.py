"""The rules (帮扶工作管理办法, fact 2.2) as dated data that nobody changes once in force."""

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, known
from base.guards import Refusal
from cases.seed_policy import LATER
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class PolicyQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Everybody may read the policy of the company they belong to."""
        return self.filter(company__in={hat.company_id for hat in actor.hats})

    def in_force(self, company_id, on):
        """The version in force in a company on a day, with its clauses; None before the first."""
        return (
            self.filter(company=company_id, status=Policy.Status.IN_FORCE, in_force_on__lte=on)
            .prefetch_related("clauses")
            .order_by("-in_force_on", "-pk")
            .first()
        )


class PolicyStatus(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    IN_FORCE = "IN_FORCE", _("In force")


class Policy(models.Model):
    """One version of the rules: drafted by one person, put in force by another."""

    Status = PolicyStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=100)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.DRAFT)
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    in_force_on = models.DateField(_("in force on"), null=True)
    enacted_at = models.DateTimeField(null=True)
    enacted_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", PolicyStatus, name="policy_status_known"),
            models.UniqueConstraint(fields=["company", "number"], name="policy_number_once"),
            all_or_none(
                "in_force_on", "enacted_at", "enacted_by", name="policy_enactment_complete"
            ),
            models.CheckConstraint(
                condition=Q(status="DRAFT", in_force_on=None)
                | Q(status="IN_FORCE", in_force_on__isnull=False),
                name="policy_in_force_has_day",
            ),
            models.CheckConstraint(
                condition=Q(enacted_by=None) | ~Q(enacted_by=models.F("drafted_by")),
                name="policy_enacted_by_another",
            ),
        ]

    refusals = (
        Refusal(
            "sealed",
            "OLD.in_force_on IS NOT NULL",
            "a policy in force is never changed",
            ("UPDATE", "DELETE"),
        ),
    )

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:policy_detail", args=[self.pk])

    @cached_property
    def rules(self):
        """{key: value} of all clauses; uses the prefetched clauses, else one query.

        A clause younger than this version reads as `seed_policy.LATER` says.
        """
        return LATER | {clause.key: clause.value for clause in self.clauses.all()}


class ClauseMark(models.TextChoices):
    PAPER = "PAPER", _("stated in the paper")
    SOURCE = "SOURCE", _("taken from a published rule")
    ASSUMPTION = "ASSUMPTION", _("assumption, to be confirmed")


class Clause(models.Model):
    """One number or table of the policy, with its clause and its source."""

    Mark = ClauseMark

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="clauses")
    key = models.CharField(max_length=60)
    clause = models.CharField(_("clause"), max_length=30)
    value = models.JSONField(_("value"))
    source = models.CharField(_("source"), max_length=200)
    mark = models.CharField(_("standing of the source"), max_length=20, choices=Mark)

    class Meta:
        constraints = [
            known("mark", ClauseMark, name="clause_mark_known"),
            models.UniqueConstraint(fields=["policy", "key"], name="clause_key_once"),
        ]

    refusals = (
        Refusal(
            "sealed",
            "EXISTS (SELECT 1 FROM cases_policy p WHERE p.id = OLD.policy_id AND p.in_force_on IS"
            " NOT NULL)",
            "a clause of a policy in force is never changed",
            ("UPDATE", "DELETE"),
        ),
        Refusal(
            "closed",
            "EXISTS (SELECT 1 FROM cases_policy p WHERE p.id = NEW.policy_id AND p.in_force_on IS"
            " NOT NULL)",
            "a policy in force takes no new clause",
            ("INSERT", "UPDATE"),
        ),
    )

    def __str__(self):
        return f"{self.clause} {self.key}"


DRAFTERS = (Role.COMPANY_OFFICER,)
ENACTERS = (Role.COMPANY_CHAIR,)
