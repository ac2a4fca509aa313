"""Passing a worker on to a service that can help better (fact 4.5), until it has answered."""

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, known
from base.crypto import EncryptedTextField
from cases.models.case import Case
from cases.models.dossier import READERS, Dossier
from cases.models.incident import GRASSROOTS, Incident, persons_matching
from people.models import Person, Unit

BY = settings.AUTH_USER_MODEL


class ReferralKind(models.TextChoices):
    HOTLINE = "HOTLINE", _("12351 workers' hotline")
    LEGAL = "LEGAL", _("legal aid")
    JOB = "JOB", _("job introduction")
    POLICY = "POLICY", _("policy advice")
    MUTUAL = "MUTUAL", _("medical mutual insurance")
    CENTRE = "CENTRE", _("help centre of the upper union")


class ReferralStatus(models.TextChoices):
    OPEN = "OPEN", _("passed on, no answer yet")
    ANSWERED = "ANSWERED", _("answered")
    CLOSED = "CLOSED", _("closed")


class ReferralOutcome(models.TextChoices):
    HELPED = "HELPED", _("helped")
    PARTLY = "PARTLY", _("helped in part")
    NOT_HELPED = "NOT_HELPED", _("not helped")
    WITHDRAWN = "WITHDRAWN", _("withdrawn by the worker")


class Satisfaction(models.TextChoices):
    """What the worker said when the union called back."""

    GOOD = "GOOD", _("satisfied")
    FAIR = "FAIR", _("fairly satisfied")
    BAD = "BAD", _("not satisfied")


class ReferralQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """The officers of the unit and of the company, and whoever passed it on."""
        return self.filter(
            Q(unit__in=actor.units(*GRASSROOTS))
            | Q(company__in=actor.companies(*READERS))
            | Q(passed_by=actor.user_id)
        )

    def of_household(self, dossier):
        """Those of a household, and those of its head from before it was on file."""
        return self.filter(Q(dossier=dossier.pk) | Q(person=dossier.head_id))

    def unanswered(self):
        return self.filter(status=ReferralStatus.OPEN)

    def narrowed(self, *, on, q="", unit=None, kind="", status="", outcome="", overdue=False):
        """By person, unit, kind, status, outcome, and overdue on the day `on`."""
        found = self
        if q:
            persons = persons_matching(Person.objects.all(), q)
            found = found.filter(Q(person__in=persons.values("pk")) | Q(work_order__startswith=q))
        same = {"unit": unit, "kind": kind, "status": status, "outcome": outcome}
        found = found.filter(**{name: value for name, value in same.items() if value})
        return found.unanswered().filter(due_on__lt=on) if overdue else found

    def by_kind(self):
        """{kind: {"": open, outcome: count}} by one query."""
        rows = self.order_by().values("kind", "outcome").annotate(n=Count("pk"))
        counted = {}
        for row in rows:
            counted.setdefault(row["kind"], {})[row["outcome"]] = row["n"]
        return counted

    def for_list(self):
        return self.select_related("person", "unit", "passed_by")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class Referral(models.Model):
    """Passed on to whom and what for, until when an answer is due, the answer, the call back."""

    Kind = ReferralKind

    Status = ReferralStatus

    Outcome = ReferralOutcome

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="referrals", verbose_name=_("grassroots union")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="referrals", verbose_name=_("employee")
    )
    dossier = models.ForeignKey(
        Dossier, on_delete=models.PROTECT, null=True, related_name="referrals"
    )
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="referrals")
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, related_name="referrals"
    )
    kind = models.CharField(_("passed on to"), max_length=20, choices=Kind)
    words = EncryptedTextField(_("what for"))
    contact = models.CharField(_("contact there"), max_length=100, blank=True, default="")
    work_order = models.CharField(_("work order number"), max_length=60, blank=True, default="")
    passed_at = models.DateTimeField()
    passed_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("answer due"))
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN)
    answered_on = models.DateField(_("answered on"), null=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True, default="")
    answer = EncryptedTextField(_("the answer"), blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    called_on = models.DateField(_("called back on"), null=True)
    satisfaction = models.CharField(
        _("what the worker says"), max_length=20, choices=Satisfaction, blank=True, default=""
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", ReferralKind, name="referral_kind_known"),
            known("status", ReferralStatus, name="referral_status_known"),
            known("outcome", ReferralOutcome, name="referral_outcome_known", blank=True),
            known("satisfaction", Satisfaction, name="referral_satisfaction_known", blank=True),
            all_or_none(
                "answered_on", "answered_at", "answered_by", name="referral_answer_complete"
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", answered_on=None, outcome="")
                | ~Q(status="OPEN") & Q(answered_on__isnull=False) & ~Q(outcome=""),
                name="referral_answered_has_outcome",
            ),
            all_or_none("closed_at", "closed_by", name="referral_close_complete"),
            models.CheckConstraint(
                condition=Q(status="CLOSED", closed_at__isnull=False)
                | ~Q(status="CLOSED") & Q(closed_at=None),
                name="referral_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(called_on=None, satisfaction="")
                | Q(called_on__isnull=False, status="CLOSED") & ~Q(satisfaction=""),
                name="referral_call_has_answer",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-passed_at", "-id"], name="referral_company_newest"),
            models.Index(fields=["unit", "-passed_at", "-id"], name="referral_unit_newest"),
            models.Index(fields=["passed_by", "status", "due_on"], name="referral_passed_by_due"),
        ]

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("cases:referral_detail", args=[self.pk])
