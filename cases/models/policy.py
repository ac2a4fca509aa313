"""The rules (帮扶工作管理办法, fact 2.2) as dated data that nobody changes once in force."""

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base import canonical
from base.append_only import AppendOnly
from base.constraints import all_or_none, iff, known
from base.guards import Refusal
from cases.seed_policy import LATER
from people.models import Unit

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

    def newest(self, company_id):
        """The version put in force last, be its day past or to come; None before the first."""
        return (
            self.filter(company=company_id, status=Policy.Status.IN_FORCE)
            .prefetch_related("clauses")
            .order_by("-in_force_on", "-pk")
            .first()
        )

    def each_replaced(self, policies):
        """{pk: pk of the version it replaces, or would replace} for those that replace one; one
        query for all."""
        enacted = {}
        rows = self.filter(
            company__in={policy.company_id for policy in policies}, status=Policy.Status.IN_FORCE
        )
        for row in rows.order_by("in_force_on", "pk"):
            enacted.setdefault(row.company_id, []).append(row.pk)
        found = {}
        for policy in policies:
            pks = enacted.get(policy.company_id, [])
            before = pks[: pks.index(policy.pk)] if policy.pk in pks else pks
            if before:
                found[policy.pk] = before[-1]
        return found

    def replaced_by(self, policy):
        """The version another one replaces, or would replace; None for the first."""
        if policy.in_force_on is None:
            return self.newest(policy.company_id)
        before = Q(in_force_on__lt=policy.in_force_on) | Q(
            in_force_on=policy.in_force_on, pk__lt=policy.pk
        )
        return self.filter(before).newest(policy.company_id)

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class PolicyStatus(models.TextChoices):
    DRAFT = "DRAFT", _("Draft")
    IN_FORCE = "IN_FORCE", _("In force")
    GIVEN_UP = "GIVEN_UP", _("Given up")


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
    given_up_at = models.DateTimeField(null=True)
    given_up_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = PolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", PolicyStatus, name="policy_status_known"),
            models.UniqueConstraint(fields=["company", "number"], name="policy_number_once"),
            all_or_none(
                "in_force_on", "enacted_at", "enacted_by", name="policy_enactment_complete"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["DRAFT", "GIVEN_UP"], in_force_on=None)
                | Q(status="IN_FORCE", in_force_on__isnull=False),
                name="policy_in_force_has_day",
            ),
            models.CheckConstraint(
                condition=Q(enacted_by=None) | ~Q(enacted_by=models.F("drafted_by")),
                name="policy_enacted_by_another",
            ),
            iff(Q(status="GIVEN_UP"), "given_up_at", "given_up_by", name="policy_given_up_by_whom"),
        ]

    refusals = (
        Refusal(
            "sealed",
            "OLD.in_force_on IS NOT NULL",
            "a policy in force is never changed",
            ("UPDATE", "DELETE"),
        ),
        Refusal(
            "given_up",
            "OLD.status = 'GIVEN_UP'",
            "a policy given up is never taken up again",
            ("UPDATE", "DELETE"),
        ),
        Refusal(
            "edited",
            "NEW.enacted_by_id IS NOT NULL AND EXISTS (SELECT 1 FROM cases_policyedit e"
            " WHERE e.policy_id = NEW.id AND e.by_id = NEW.enacted_by_id)",
            "who edited a policy does not put it in force",
            ("UPDATE",),
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

    def rules_digest(self):
        """Which numbers a simulation rests on: it is stale once they say something else."""
        return canonical.digest(self.rules)


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
            "EXISTS (SELECT 1 FROM cases_policy p WHERE p.id = OLD.policy_id"
            " AND p.status <> 'DRAFT')",
            "a clause is changed only in a draft",
            ("UPDATE", "DELETE"),
        ),
        Refusal(
            "closed",
            "EXISTS (SELECT 1 FROM cases_policy p WHERE p.id = NEW.policy_id"
            " AND p.status <> 'DRAFT')",
            "only a draft takes a new clause",
            ("INSERT", "UPDATE"),
        ),
    )

    def __str__(self):
        return f"{self.clause} {self.key}"


class PolicyEdit(AppendOnly):
    """Who changed which clause of a draft, and when (sealed): none of them puts it in force."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="edits")
    key = models.CharField(max_length=60)
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    def __str__(self):
        return f"{self.policy_id} {self.key}"
