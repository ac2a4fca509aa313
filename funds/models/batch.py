"""The list put before the leadership, the meeting that decides it, and its votes (fact 2.9)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from base.constraints import all_or_none, iff, known
from base.guards import Refusal
from cases.models import Case, Round
from cases.workflow import Programme
from funds.models.ledger import MONEY_READERS, Account
from people.models import Unit

BY = settings.AUTH_USER_MODEL


class BatchQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*MONEY_READERS))

    def for_list(self):
        return self.select_related("budget__fund", "meeting")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*MONEY_READERS))

    def for_list(self):
        return self.select_related("chair", "secretary").order_by("-held_on", "-pk")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class MeetingStatus(models.TextChoices):
    OPEN = "OPEN", _("Open")
    RECORDED = "RECORDED", _("Recorded")
    CONFIRMED = "CONFIRMED", _("Confirmed")


class Meeting(models.Model):
    """A leadership meeting: recorded by the secretary, confirmed by whoever chaired it."""

    Status = MeetingStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="meetings")
    number = models.CharField(_("meeting number"), max_length=30)
    held_on = models.DateField(_("date"))
    place = models.CharField(_("place"), max_length=60, blank=True, default="")
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.OPEN)
    chair = models.ForeignKey(
        BY, on_delete=models.PROTECT, related_name="+", verbose_name=_("chair of the meeting")
    )
    secretary = models.ForeignKey(
        BY, on_delete=models.PROTECT, related_name="+", verbose_name=_("secretary")
    )
    members_count = models.PositiveSmallIntegerField(_("members of the leadership"))
    quorum = models.PositiveSmallIntegerField(_("quorum"))
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", MeetingStatus, name="meeting_status_known"),
            models.UniqueConstraint(fields=["company", "number"], name="meeting_number_once"),
            all_or_none("recorded_at", "recorded_by", name="meeting_record_complete"),
            iff(
                Q(status="CONFIRMED"),
                "confirmed_at",
                "confirmed_by",
                name="meeting_confirmed_complete",
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN") | Q(recorded_at__isnull=False),
                name="meeting_recorded_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(confirmed_by=models.F("chair")),
                name="meeting_confirmed_by_chair",
            ),
            models.CheckConstraint(
                condition=~Q(chair=models.F("secretary")), name="meeting_chair_is_not_secretary"
            ),
            models.CheckConstraint(
                condition=Q(quorum__gte=1, members_count__gte=models.F("quorum")),
                name="meeting_quorum_in_range",
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:meeting_detail", args=[self.pk])


class Attendance(models.Model):
    """Whether a member of the leadership was there."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(_("present"))
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once")]

    def __str__(self):
        return str(self.user)


class BatchStatus(models.TextChoices):
    BUILDING = "BUILDING", _("Being drawn up")
    LOCKED = "LOCKED", _("Before the meeting")
    DECIDED = "DECIDED", _("Decided")
    VOID = "VOID", _("Void")


class Batch(models.Model):
    """The list: built by the company officer, locked by the company chair with a digest.

    A change after locking makes a new version and voids the votes on the old one (IP8). A
    recognition batch has no budget; any other takes its money from one.
    """

    Status = BatchStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="batches")
    number = models.CharField(_("batch number"), max_length=30)
    title = models.CharField(_("title"), max_length=100)
    programme = models.CharField(_("programme"), max_length=20, choices=Programme)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="batches")
    budget = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        related_name="batches",
        verbose_name=_("budget"),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.BUILDING)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, related_name="batches"
    )
    built_at = models.DateTimeField()
    built_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    lines_count = models.PositiveIntegerField(default=0)
    total_fen = models.BigIntegerField(_("total"), default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", BatchStatus, name="batch_status_known"),
            known("programme", Programme, name="batch_programme_known"),
            models.UniqueConstraint(fields=["company", "number"], name="batch_number_once"),
            models.CheckConstraint(
                condition=Q(programme="RECOGNITION", budget=None)
                | ~Q(programme="RECOGNITION") & Q(budget__isnull=False),
                name="batch_budget_iff_money",
            ),
            all_or_none("locked_at", "locked_by", name="batch_lock_complete"),
            models.CheckConstraint(
                condition=~Q(status__in=["LOCKED", "DECIDED"])
                | Q(locked_at__isnull=False) & ~Q(digest=""),
                name="batch_locked_has_digest",
            ),
            iff(Q(status="DECIDED"), "decided_at", name="batch_decided_has_moment"),
            models.CheckConstraint(
                condition=~Q(status="DECIDED") | Q(meeting__isnull=False),
                name="batch_decided_in_meeting",
            ),
            models.CheckConstraint(
                condition=Q(locked_by=None) | ~Q(locked_by=models.F("built_by")),
                name="batch_locked_by_another",
            ),
        ]
        indexes = [models.Index(fields=["company", "-built_at", "-id"], name="batch_newest")]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("funds:batch_detail", args=[self.pk])


class BatchLineOutcome(models.TextChoices):
    APPROVED = "APPROVED", _("approved")
    REFUSED = "REFUSED", _("not approved")
    DEFERRED = "DEFERRED", _("deferred")


class BatchLine(models.Model):
    """One case on the list. The payee account is frozen when the meeting approves (IM18)."""

    Outcome = BatchLineOutcome

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="batch_lines")
    seq = models.PositiveIntegerField(_("no."))
    amount_fen = models.BigIntegerField(_("proposed amount"), null=True)
    exceptions = models.JSONField(default=list)
    single = models.BooleanField(_("individual item"), default=False)
    current = models.BooleanField(default=True)
    outcome = models.CharField(
        _("decision"), max_length=20, choices=Outcome, blank=True, default=""
    )
    account_index = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            known("outcome", BatchLineOutcome, name="line_outcome_known", blank=True),
            models.UniqueConstraint(fields=["batch", "case"], name="line_once_per_batch"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(current=True), name="line_in_one_batch"
            ),
            models.CheckConstraint(
                condition=Q(amount_fen=None) | Q(amount_fen__gt=0), name="line_amount_positive"
            ),
        ]
        indexes = [models.Index(fields=["batch", "seq"], name="line_of_batch")]

    refusals = (
        Refusal(
            "frozen",
            "EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = NEW.batch_id AND b.status <>"
            " 'BUILDING')",
            "a locked list takes no new line",
        ),
        Refusal(
            "frozen_amount",
            "(OLD.case_id <> NEW.case_id OR OLD.seq <> NEW.seq OR COALESCE(OLD.amount_fen, 0) <>"
            " COALESCE(NEW.amount_fen, 0))"
            " AND EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = NEW.batch_id AND b.status <>"
            " 'BUILDING')",
            "a locked list is not changed",
            ("UPDATE",),
        ),
    )

    def __str__(self):
        return f"{self.batch_id}/{self.seq}"


class VoteChoice(models.TextChoices):
    FOR = "FOR", _("for")
    AGAINST = "AGAINST", _("against")
    ABSTAIN = "ABSTAIN", _("abstained")
    DEFER = "DEFER", _("defer")
    RECUSED = "RECUSED", _("recused")


class Vote(AppendOnly):
    """One vote of one member on one item of one version (sealed). No line: all routine items."""

    Choice = VoteChoice

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="votes")
    version = models.PositiveSmallIntegerField()
    line = models.ForeignKey(BatchLine, on_delete=models.PROTECT, null=True, related_name="votes")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=20, choices=Choice)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            known("choice", VoteChoice, name="vote_choice_known"),
            models.UniqueConstraint(
                fields=["batch", "version", "line", "user"],
                condition=Q(line__isnull=False),
                name="vote_once_per_line",
            ),
            models.UniqueConstraint(
                fields=["batch", "version", "user"],
                condition=Q(line=None),
                name="vote_once_for_the_rest",
            ),
        ]

    refusals = (
        Refusal(
            "on_locked",
            "NOT EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = NEW.batch_id AND b.status ="
            " 'LOCKED'"
            " AND b.version = NEW.version)",
            "votes are cast on the locked version",
        ),
    )

    def __str__(self):
        return self.get_choice_display()
