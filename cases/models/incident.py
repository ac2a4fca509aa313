"""Three must-visits (三必访, fact 4.3): who tells the union of an event, and what came of it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Replace
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField
from cases.models.case import Case
from cases.models.dossier import READERS
from cases.models.visit import Visit
from people.models import Appointment, AppointmentQuerySet, Person, Relation, Unit
from people.roles import GRASSROOTS_ROLES, Role

BY = settings.AUTH_USER_MODEL
GRASSROOTS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR)
SAME_EVENT = timedelta(days=3)


def persons_matching(persons, text):
    """Persons by name, staff number or pinyin, the pinyin with or without its spaces."""
    sound = Replace("name_pinyin", Value(" "), Value(""))
    return persons.alias(sound=sound).filter(
        Q(name__contains=text)
        | Q(sound__startswith=text.lower().replace(" ", ""))
        | Q(staff_no__startswith=text)
    )


def persons_of(actor, roles):
    """The persons of the units and companies in which an actor holds one of the roles."""
    near = [role for role in roles if role in GRASSROOTS_ROLES]
    far = [role for role in roles if role not in GRASSROOTS_ROLES]
    return Person.objects.filter(
        Q(unit__in=actor.units(*near)) | Q(company__in=actor.companies(*far))
    )


class PostQuerySet(AppointmentQuerySet):
    """The appointments of information officers."""

    def visible_to(self, actor):
        """The officers of the unit and of the company see them, everybody their own."""
        return self.filter(
            Q(user=actor.user_id)
            | Q(unit__in=actor.units(*GRASSROOTS))
            | Q(unit__parent__in=actor.companies(*READERS)),
            role=Role.INFORMANT,
        )

    def narrowed(self, *, on, q="", unit=None, state=""):
        """By name, unit, and whether held on the day `on` or over by then."""
        found = self.filter(user__name__contains=q) if q else self
        if unit:
            found = found.filter(unit=unit)
        if state == "held":
            found = found.valid_on(on)
        elif state == "ended":
            found = found.filter(until__lte=on)
        return found

    def for_list(self):
        """With area, phone, trainings, and the events they reported in this unit."""
        here = {"user": OuterRef("user"), "unit": OuterRef("unit")}
        profile = Informant.objects.filter(**here)
        trained = Training.objects.filter(
            informant__user=OuterRef("user"), informant__unit=OuterRef("unit")
        )
        told = Incident.objects.filter(reported_by=OuterRef("user"), unit=OuterRef("unit"))
        return self.select_related("user", "unit").annotate(
            area=Coalesce(Subquery(profile.values("area")[:1]), Value("")),
            trainings=_counted(trained, "informant__user"),
            trained_on=Subquery(trained.order_by("-held_on").values("held_on")[:1]),
            reported=_counted(told, "reported_by"),
            in_time=_counted(told.filter(report_days__lte=1), "reported_by"),
        )


def _counted(rows, by):
    """How many of the rows there are, 0 for none: one subquery."""
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class Post(Appointment):
    """The appointment of an information officer: who, where, since when; kept by the people."""

    objects = PostQuerySet.as_manager()

    class Meta:
        proxy = True

    def get_absolute_url(self):
        return reverse("cases:informant_detail", args=[self.pk])


class Informant(models.Model):
    """What the union knows of an information officer beyond the appointment."""

    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="informants")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="informants")
    area = models.CharField(_("team or area looked after"), max_length=100, blank=True, default="")
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "unit"], name="informant_once")]

    def __str__(self):
        return str(self.user)


class Training(models.Model):
    """One training an information officer took part in."""

    informant = models.ForeignKey(Informant, on_delete=models.PROTECT, related_name="trainings")
    held_on = models.DateField(_("date of the training"))
    subject = models.CharField(_("subject"), max_length=100)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["informant", "held_on", "subject"], name="training_once"
            )
        ]

    def __str__(self):
        return self.subject


class IncidentKind(models.TextChoices):
    """The three events after which the union visits."""

    HOSPITAL = "HOSPITAL", _("hospital stay")
    DEATH = "DEATH", _("death in the family")
    SUDDEN = "SUDDEN", _("sudden event")


class IncidentStatus(models.TextChoices):
    REPORTED = "REPORTED", _("to be visited")
    VISITED = "VISITED", _("visited")
    NOT_VISITED = "NOT_VISITED", _("not visited")
    CLOSED = "CLOSED", _("closed")


class IncidentSkip(models.TextChoices):
    """Why nobody went there."""

    DECLINED = "DECLINED", _("the family did not wish it")
    AWAY = "AWAY", _("out of town")
    OTHER = "OTHER", _("another reason")


class IncidentOutcome(models.TextChoices):
    NOTHING = "NOTHING", _("nothing further")
    APPLIED = "APPLIED", _("led to an application")
    REFERRED = "REFERRED", _("passed on to another service")


class IncidentQuerySet(models.QuerySet):
    def in_charge(self, actor):
        """Those of the units and companies the actor answers for."""
        return self.filter(
            Q(unit__in=actor.units(*GRASSROOTS)) | Q(company__in=actor.companies(*READERS))
        )

    def visible_to(self, actor):
        """Those in charge, whoever reported it, and the employee it is about."""
        return self.filter(
            Q(unit__in=actor.units(*GRASSROOTS))
            | Q(company__in=actor.companies(*READERS))
            | Q(reported_by=actor.user_id)
            | Q(person=actor.person_id)
        )

    def told_by(self, user_id):
        """What somebody reported, newest first."""
        return self.filter(reported_by=user_id).for_list().order_by("-reported_at", "-pk")

    def same(self, person_id, kind, happened_on):
        """The same event reported before: same person and kind, not more than three days away."""
        return self.filter(
            person=person_id,
            kind=kind,
            happened_on__gte=happened_on - SAME_EVENT,
            happened_on__lte=happened_on + SAME_EVENT,
        )

    def overdue(self, on):
        """Not visited yet, and the day for it has passed."""
        return self.filter(status=IncidentStatus.REPORTED, due_on__lt=on)

    def narrowed(self, *, on, q="", unit=None, kind="", state="", since=None, until=None):
        """By person, unit, kind, how it stands on the day `on` (see `STATES`), and its date."""
        found = self
        if q:
            persons = persons_matching(Person.objects.all(), q)
            found = found.filter(person__in=persons.values("pk"))
        same = {
            "unit": unit, "kind": kind, "happened_on__gte": since, "happened_on__lte": until,
        }  # fmt: skip
        found = found.filter(**{name: value for name, value in same.items() if value})
        return found.filter(state_condition(state, on)) if state else found

    def for_list(self):
        return self.select_related("person", "unit", "reported_by")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


STATES = {
    "OPEN": _("to be visited"),
    "OVERDUE": _("overdue"),
    "FAST": _("reported within a day"),
    "IN_TIME": _("visited in time"),
    "LATE": _("visited late"),
    "SKIPPED": _("not visited, with the reason"),
    "CLOSED": _("closed"),
}


def state_condition(state, on):
    """The rows that stand so on a day, as a condition for a filter or a count."""
    return {
        "OPEN": Q(status=IncidentStatus.REPORTED),
        "OVERDUE": Q(status=IncidentStatus.REPORTED, due_on__lt=on),
        "FAST": Q(report_days__lte=1),
        "IN_TIME": Q(visited_on__lte=F("due_on")),
        "LATE": Q(visited_on__gt=F("due_on")),
        "SKIPPED": ~Q(skip_reason=""),
        "CLOSED": Q(status=IncidentStatus.CLOSED),
    }[state]


class Incident(models.Model):
    """One event: reported, visited in time or not and why not, closed with what came of it.

    `report_days` and `visit_days` are the days from the event to the report and to the visit.
    """

    Kind = IncidentKind

    Status = IncidentStatus

    Skip = IncidentSkip

    Outcome = IncidentOutcome

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("grassroots union")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="incidents", verbose_name=_("employee")
    )
    kind = models.CharField(_("what happened"), max_length=20, choices=Kind)
    concerns = models.CharField(
        _("to whom"), max_length=20, choices=Relation, blank=True, default=""
    )
    happened_on = models.DateField(_("date of the event"))
    place = EncryptedTextField(_("hospital or place"), blank=True, default="")
    words = EncryptedTextField(_("in a few words"), blank=True, default="")
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=IncidentStatus.REPORTED
    )
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(_("reported as"), max_length=20, choices=Role)
    report_days = models.PositiveIntegerField()
    due_on = models.DateField(_("visit due"))

    visited_on = models.DateField(_("date of the visit"), null=True)
    visit_days = models.PositiveIntegerField(null=True)
    visitor_count = models.PositiveSmallIntegerField(default=0)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="incidents")
    help_given = EncryptedTextField(_("help given"), blank=True, default="")
    needs = EncryptedTextField(_("what is needed"), blank=True, default="")
    visited_at = models.DateTimeField(null=True)
    visited_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    skip_reason = models.CharField(
        _("reason for no visit"), max_length=20, choices=Skip, blank=True, default=""
    )
    skip_words = EncryptedTextField(_("reason in words"), blank=True, default="")
    skipped_at = models.DateTimeField(null=True)
    skipped_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="incidents")
    outcome = models.CharField(
        _("what came of it"), max_length=20, choices=Outcome, blank=True, default=""
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", IncidentKind, name="incident_kind_known"),
            known("concerns", Relation, name="incident_concerns_known", blank=True),
            known("status", IncidentStatus, name="incident_status_known"),
            known("role", Role, name="incident_role_known"),
            known("skip_reason", IncidentSkip, name="incident_skip_reason_known", blank=True),
            known("outcome", IncidentOutcome, name="incident_outcome_known", blank=True),
            models.UniqueConstraint(
                fields=["person", "kind", "happened_on"], name="incident_reported_once"
            ),
            all_or_none(
                "visited_on", "visit_days", "visited_at", "visited_by",
                name="incident_visit_complete",
            ),
            models.CheckConstraint(
                condition=Q(visited_on=None, visitor_count=0, visit=None)
                | Q(visited_on__isnull=False, visitor_count__gte=2),
                name="incident_visited_by_two",
            ),
            models.CheckConstraint(
                condition=Q(skip_reason="", skipped_at=None, skipped_by=None)
                | ~Q(skip_reason="")
                & Q(skipped_at__isnull=False, skipped_by__isnull=False, visited_on=None),
                name="incident_skip_complete",
            ),
            iff(Q(status="CLOSED"), "closed_at", "closed_by", name="incident_close_complete"),
            models.CheckConstraint(
                condition=Q(status="CLOSED") & ~Q(outcome="") | ~Q(status="CLOSED") & Q(outcome=""),
                name="incident_closed_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(status="REPORTED", visited_on=None, skip_reason="")
                | Q(status="VISITED", visited_on__isnull=False)
                | Q(status="NOT_VISITED") & ~Q(skip_reason="")
                | Q(status="CLOSED", visited_on__isnull=False)
                | Q(status="CLOSED") & ~Q(skip_reason=""),
                name="incident_status_says_what_was_done",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="APPLIED") | Q(case__isnull=False),
                name="incident_applied_has_case",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "-happened_on", "-id"], name="incident_company_newest"),
            models.Index(fields=["unit", "-happened_on", "-id"], name="incident_unit_newest"),
            models.Index(fields=["reported_by", "-reported_at", "-id"], name="incident_reporter"),
            models.Index(fields=["company", "status", "due_on", "id"], name="incident_company_due"),
            models.Index(fields=["unit", "status", "due_on", "id"], name="incident_unit_due"),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.happened_on}"

    def get_absolute_url(self):
        return reverse("cases:incident_detail", args=[self.pk])

    @property
    def late(self):
        """Whether the visit was made after the day it was due."""
        return self.visited_on is not None and self.visited_on > self.due_on


class IncidentVisitor(models.Model):
    """Who went there, and from which union they came."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="visitors")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "user"], name="incident_visitor_once")
        ]

    def __str__(self):
        return str(self.user)
