"""The public notice: what was published, its period, its end, and objections to a line."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import all_or_none, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.models.case import Case
from cases.workflow import Programme
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class NoticeQuerySet(AppendOnlyQuerySet):
    def open_on(self, on):
        """Notices whose period runs on a day."""
        return self.filter(starts_on__lte=on, ends_on__gte=on)

    def shown_on(self, on):
        """Notices whose names may be shown on a day: from publication to the last day."""
        return self.filter(ends_on__gte=on)

    def ended_by(self, on):
        return self.filter(ends_on__lt=on)

    def titled(self, text):
        """By a part of the title: the only thing a notice may be searched by."""
        return self.filter(title__contains=text) if text else self

    def for_list(self):
        return self.select_related("company").order_by("-starts_on", "-pk")


class Notice(AppendOnly):
    """One publication (sealed): the period in working days, counted by the calendar frozen here.

    The period includes its last day; nothing on it is cleared before the day after.
    """

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="notices")
    number = models.CharField(_("notice number"), max_length=30)
    code = models.CharField(max_length=12, unique=True)
    title = models.CharField(_("title"), max_length=120)
    programme = models.CharField(_("programme"), max_length=20, choices=Programme)
    basis = models.CharField(_("decision"), max_length=120)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    working_days = models.PositiveSmallIntegerField(_("working days"))
    days = models.TextField()  # the working days counted, ISO dates joined by commas
    lines_count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            known("programme", Programme, name="notice_programme_known"),
            models.UniqueConstraint(fields=["company", "number"], name="notice_number_once"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="notice_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(working_days__gte=1), name="notice_has_days"),
        ]
        indexes = [models.Index(fields=["-starts_on", "-id"], name="notice_newest")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:notice_detail", args=[self.code])

    def days_left(self, on):
        """How many of the working days counted are still to come, the day itself included."""
        return sum(day >= on.isoformat() for day in self.days.split(","))


class NoticeLine(AppendOnly):
    """What the public sees of one case (sealed): masked name, unit, programme, amount."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notice_lines")
    seq = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=70)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "case"], name="notice_line_once"),
            models.UniqueConstraint(fields=["notice", "seq"], name="notice_line_seq_once"),
        ]

    def __str__(self):
        return self.name


class Clearance(AppendOnly):
    """The gate before payment (sealed): the notice of this line ended, nothing is objected to."""

    line = models.OneToOneField(NoticeLine, on_delete=models.PROTECT, related_name="clearance")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clearances")
    notice_ends_on = models.DateField()
    cleared_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cleared_on__gt=F("notice_ends_on")), name="clearance_after_the_notice"
            ),
        ]

    refusals = (
        Refusal(
            "of_its_notice",
            "NOT EXISTS (SELECT 1 FROM cases_noticeline l JOIN cases_notice n ON n.id = l.notice_id"
            " WHERE l.id = NEW.line_id AND l.case_id = NEW.case_id AND n.ends_on ="
            " NEW.notice_ends_on)",
            "a clearance carries the end of its own notice",
        ),
        Refusal(
            "objection",
            "EXISTS (SELECT 1 FROM cases_objection o WHERE o.case_id = NEW.case_id AND"
            " o.closed_at IS NULL)",
            "nothing is cleared while an objection is open",
        ),
    )

    def __str__(self):
        return f"{self.case_id} {self.cleared_on}"


class ObjectionQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Objections are for the discipline inspection; the auditor reads them too."""
        return self.filter(company__in=actor.companies(Role.DISCIPLINE, Role.AUDITOR))

    def open(self):
        return self.filter(closed_at=None)

    def narrowed(self, *, q="", state=""):
        """By receipt code or case number, and by open or answered."""
        found = self
        if q:
            found = found.filter(Q(code__startswith=q.upper()) | Q(case__number__startswith=q))
        return found.filter(closed_at__isnull=state == "open") if state else found

    def for_list(self):
        return self.select_related("case__applicant", "line__notice", "handler")


class ObjectionOutcome(models.TextChoices):
    DISMISSED = "DISMISSED", _("dismissed")
    UPHELD = "UPHELD", _("upheld")


class Objection(models.Model):
    """An objection to one line of a notice. Who objects is for the handler's eyes only."""

    Outcome = ObjectionOutcome

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(NoticeLine, on_delete=models.PROTECT, related_name="objections")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="objections")
    code = models.CharField(_("receipt code"), max_length=12, unique=True)
    facts = EncryptedTextField(_("facts"))
    name = EncryptedTextField(_("name"), blank=True, default="")
    contact = EncryptedTextField(_("contact"), blank=True, default="")
    filed_at = models.DateTimeField()
    due_on = models.DateField(_("answer due"))
    handler = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        constraints = [
            known("outcome", ObjectionOutcome, name="objection_outcome_known", blank=True),
            all_or_none("handler", "taken_at", name="objection_taken_complete"),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="")
                | Q(closed_at__isnull=False, handler__isnull=False) & ~Q(outcome=""),
                name="objection_closed_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "closed_at", "due_on", "id"], name="objection_due")
        ]

    def __str__(self):
        return self.code

    def get_absolute_url(self):
        return reverse("cases:objection_detail", args=[self.pk])


class Answer(models.Model):
    """The written answer to an objection."""

    objection = models.OneToOneField(Objection, on_delete=models.PROTECT, related_name="answer")
    words = EncryptedTextField(_("answer"))
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    def __str__(self):
        return str(self.objection_id)
