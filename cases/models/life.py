"""The life of a dossier: its sealed events, reported changes, exits and what became of them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import iff, known
from base.crypto import EncryptedTextField
from cases.life import (
    Act,
    ChangeKind,
    ChangeStatus,
    ExitKind,
    ExitStatus,
    FollowUpResult,
    How,
    ToldHow,
)
from cases.models.case import Document
from cases.models.dossier import READERS, Dossier, DossierStatus
from cases.models.visit import Visit
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class DossierEventQuerySet(AppendOnlyQuerySet):
    def for_timeline(self):
        """Newest first, with whoever acted and their words."""
        return self.select_related(
            "by", "unit", "unit_before", "unit_after", "other", "remark"
        ).order_by("-at", "-pk")


class DossierEvent(AppendOnly):
    """One act in the life of a dossier (sealed). Free words live in its remark."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=20, choices=Act)
    before = models.CharField(max_length=20, choices=DossierStatus, blank=True)
    after = models.CharField(max_length=20, choices=DossierStatus)
    unit_before = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit_after = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30, blank=True)
    clause = models.CharField(max_length=30, blank=True)
    other = models.ForeignKey(Dossier, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = DossierEventQuerySet.as_manager()

    class Meta:
        constraints = [
            known("act", Act, name="event_act_known"),
            known("before", DossierStatus, name="event_before_known", blank=True),
            known("after", DossierStatus, name="event_after_known"),
            known("role", Role, name="event_role_known", blank=True),
            models.CheckConstraint(
                condition=Q(act__in=["ENTER", "TAKE_OVER"], before="")
                | ~Q(act__in=["ENTER", "TAKE_OVER"]) & ~Q(before=""),
                name="event_before_unless_entering",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(act__in=["OPEN", "DROP"]),
                name="event_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(unit_before=F("unit_after")) | Q(act__in=["TRANSFER", "RETURN"]),
                name="event_unit_changes_by_transfer",
            ),
            models.CheckConstraint(
                condition=Q(reason="DUPLICATE", other__isnull=False)
                | ~Q(reason="DUPLICATE") & Q(other=None),
                name="event_duplicate_names_the_other",
            ),
        ]
        indexes = [models.Index(fields=["dossier", "-at", "-id"], name="event_newest")]

    def __str__(self):
        return f"{self.act} {self.dossier_id}"


class DossierRemark(models.Model):
    """What was written down with an event: erasable, beside the sealed row."""

    event = models.OneToOneField(
        DossierEvent, on_delete=models.PROTECT, primary_key=True, related_name="remark"
    )
    words = EncryptedTextField()

    def __str__(self):
        return str(self.event_id)


class ChangeQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Who reported it, the head of the household, and the officers over the household."""
        return self.filter(
            Q(reported_by=actor.user_id)
            | Q(dossier__head=actor.person_id)
            | Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(dossier__company__in=actor.companies(*READERS))
        )

    def open(self):
        return self.filter(status=ChangeStatus.OPEN)

    def narrowed(self, *, q="", status="", kind="", unit=None, overdue_on=None):
        """By the household, status, kind and unit; `overdue_on`: open and due before this day."""
        found = self
        if q:
            found = found.filter(dossier__in=Dossier.objects.matching(q).values("pk"))
        same = {"status": status, "kind": kind, "dossier__unit": unit}
        found = found.filter(**{name: value for name, value in same.items() if value})
        return found.open().filter(due_on__lt=overdue_on) if overdue_on else found

    def for_list(self):
        return self.select_related("dossier__head", "dossier__unit", "reported_by")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class Change(models.Model):
    """Something changed in a household on file, reported between two re-checks. The officers take
    it into the file within the policy's days of the change."""

    Kind = ChangeKind

    Status = ChangeStatus

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(_("what changed"), max_length=20, choices=ChangeKind)
    happened_on = models.DateField(_("since when"))
    words = EncryptedTextField(_("what happened"))
    edit = models.PositiveIntegerField()  # the dossier's count of changes when it was reported
    due_on = models.DateField(_("due"))
    late = models.BooleanField(_("reported late"), default=False)
    status = models.CharField(
        _("status"), max_length=20, choices=ChangeStatus, default=ChangeStatus.OPEN
    )
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    answer = EncryptedTextField(_("what was done"), null=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", ChangeKind, name="change_kind_known"),
            known("status", ChangeStatus, name="change_status_known"),
            iff(~Q(status="OPEN"), "closed_at", "closed_by", name="change_closed_by_somebody"),
            models.CheckConstraint(
                condition=~Q(status="NO_NEED") | Q(answer__isnull=False),
                name="change_refused_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("happened_on")), name="change_due_after_it_happened"
            ),
        ]
        indexes = [
            models.Index(fields=["status", "due_on", "id"], name="change_due"),
            models.Index(fields=["dossier", "-reported_at"], name="change_of_household"),
        ]

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("cases:change_detail", args=[self.pk])


class ExitQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """The officers over the household."""
        return self.filter(
            Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(dossier__company__in=actor.companies(*READERS))
        )

    def proposed(self):
        return self.filter(status=ExitStatus.PROPOSED)


class Exit(models.Model):
    """The exit (脱困) of a household: proposed by its unit, decided by the company union.

    The arithmetic of the day stands with it; the household was told and signed, or refused to
    before two witnesses.
    """

    Kind = ExitKind

    Status = ExitStatus

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="exits")
    kind = models.CharField(_("reason"), max_length=20, choices=ExitKind)
    cause_gone = EncryptedTextField(_("why the cause is gone"))
    above_since = models.DateField(_("income above the line since"), null=True)
    net_income_fen = models.BigIntegerField(null=True)
    line_fen = models.BigIntegerField(null=True)
    told_on = models.DateField(_("the household was told on"))
    told_how = models.CharField(_("how it was told"), max_length=20, choices=ToldHow)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    witnesses = EncryptedTextField(_("two witnesses"), null=True)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("status"), max_length=20, choices=ExitStatus, default=ExitStatus.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    decision = EncryptedTextField(_("reason of the decision"), null=True)

    objects = ExitQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", ExitKind, name="exit_kind_known"),
            known("told_how", ToldHow, name="exit_told_how_known"),
            known("status", ExitStatus, name="exit_status_known"),
            iff(
                Q(kind="RECOVERED"),
                "above_since", "net_income_fen", "line_fen", "visit",
                name="exit_recovered_is_reckoned",
            ),
            iff(~Q(status="PROPOSED"), "decided_at", "decided_by", name="exit_decided_by_somebody"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="exit_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status="KEPT") | Q(decision__isnull=False), name="exit_kept_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=False, witnesses__isnull=True)
                | Q(document=None, kind="RECOVERED", witnesses__isnull=False),
                name="exit_signed_or_witnessed",
            ),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(status="PROPOSED"), name="exit_one_proposed"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["status", "proposed_at", "id"], name="exit_oldest")]

    def __str__(self):
        return f"{self.kind} {self.dossier_id}"


class FollowUpQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """The officers over the household."""
        return self.filter(
            Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(dossier__company__in=actor.companies(*READERS))
        )

    def waiting(self):
        """Not done, of households that have not come back."""
        return self.filter(result="", dossier__status=DossierStatus.EXITED)

    def narrowed(self, *, q="", state="", result="", unit=None, on=None):
        """By the household, unit and result; `state`: waiting, overdue on a day, done."""
        found = self
        if q:
            found = found.filter(dossier__in=Dossier.objects.matching(q).values("pk"))
        if unit:
            found = found.filter(dossier__unit=unit)
        if result:
            found = found.filter(result=result)
        if state == "done":
            return found.exclude(result="")
        if state == "waiting":
            return found.waiting()
        return found.waiting().filter(due_on__lt=on) if state == "overdue" else found

    def for_list(self):
        return self.select_related("dossier__head", "dossier__unit", "done_by")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class FollowUp(models.Model):
    """How an exited household fares some months later, so that a relapse is seen in time."""

    Result = FollowUpResult

    exit = models.ForeignKey(Exit, on_delete=models.PROTECT, related_name="follow_ups")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="follow_ups")
    due_on = models.DateField(_("due"))
    result = models.CharField(
        _("result"), max_length=20, choices=FollowUpResult, blank=True, default=""
    )
    how = models.CharField(_("how"), max_length=20, choices=How, blank=True, default="")
    words = EncryptedTextField(_("what was found"), blank=True, default="")
    done_on = models.DateField(_("done on"), null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints = [
            known("result", FollowUpResult, name="follow_up_result_known", blank=True),
            known("how", How, name="follow_up_how_known", blank=True),
            iff(~Q(result=""), "done_on", "done_at", "done_by", name="follow_up_done_by_somebody"),
            models.CheckConstraint(
                condition=Q(result="", how="") | ~Q(result="") & ~Q(how=""),
                name="follow_up_done_says_how",
            ),
            models.UniqueConstraint(fields=["exit", "due_on"], name="follow_up_once_a_day"),
        ]
        indexes = [models.Index(fields=["result", "due_on", "id"], name="follow_up_due")]

    def __str__(self):
        return f"{self.dossier_id} {self.due_on}"
