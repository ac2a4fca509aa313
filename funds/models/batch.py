"""The list put before the leadership, the meeting that decides it, and its votes (fact 2.9)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from base.constraints import all_or_none, iff, known
from base.guards import Refusal
from cases.models import Case, Member, Round
from cases.workflow import Programme
from funds.models.freeze import opened
from funds.models.ledger import MONEY_READERS, Account
from people.models import Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class BatchQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*MONEY_READERS))

    def narrowed(self, *, q="", programme="", status=""):
        """By a part of the title or of the number, by programme and by status."""
        found = self.filter(Q(title__contains=q) | Q(number__contains=q)) if q else self
        found = found.filter(programme=programme) if programme else found
        return found.filter(status=status) if status else found

    def for_list(self):
        return self.select_related("budget__fund", "meeting")

    def on_agenda_for(self, meeting):
        """Locked lists of the company that are before no meeting yet."""
        return self.filter(
            company=meeting.company_id, status=Batch.Status.LOCKED, meeting=None
        ).order_by("locked_at", "pk")

    def waiting_for(self, actor):
        """Lists on which a member of the leadership is to vote: before an open meeting, the member
        recorded as present, no vote yet on this version. With `singles_count` for the card, and
        `again` when a vote of theirs on an earlier version is void."""
        voted = Vote.objects.filter(
            batch=models.OuterRef("pk"), version=models.OuterRef("version"), user=actor.user_id
        )
        single = Q(lines__single=True, lines__removed=False)
        return (
            self.filter(
                company__in=actor.companies(Role.LEADER),
                status=Batch.Status.LOCKED,
                meeting__status=Meeting.Status.OPEN,
                meeting__attendances__user=actor.user_id,
                meeting__attendances__present=True,
                meeting__attendances__left_at=None,
            )
            .exclude(models.Exists(voted))
            .annotate(
                singles_count=models.Count("lines", filter=single),
                again=models.Exists(
                    Vote.objects.filter(
                        batch=models.OuterRef("pk"),
                        version__lt=models.OuterRef("version"),
                        user=actor.user_id,
                    )
                ),
            )
            .select_related("budget__fund", "meeting")
            .order_by("meeting__held_on", "pk")
        )

    def lock(self, pk):
        return opened(self.select_for_update(of=("self",)).get(pk=pk))


class MeetingQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*MONEY_READERS))

    def narrowed(self, *, q="", status="", year=None):
        """By a part of the number, by status and by the year it was held in."""
        found = self.filter(number__contains=q) if q else self
        found = found.filter(status=status) if status else found
        return found.filter(held_on__year=year) if year else found

    def to_confirm(self, actor):
        """Meetings whose record waits for the actor, who chaired them."""
        return self.filter(status=Meeting.Status.RECORDED, chair=actor.user_id).order_by("pk")

    def for_list(self):
        return self.select_related("chair", "secretary").order_by("-held_on", "-pk")

    def lock(self, pk):
        return opened(self.select_for_update(of=("self",)).get(pk=pk))


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
        indexes = [models.Index(fields=["company", "-held_on", "-id"], name="meeting_newest")]

    refusals = (
        Refusal(
            "quorum",
            "OLD.status = 'OPEN' AND NEW.status <> 'OPEN' AND EXISTS (SELECT 1 FROM funds_batch b"
            " WHERE b.meeting_id = NEW.id AND b.status = 'LOCKED' AND NEW.quorum >"
            " (SELECT COUNT(*) FROM funds_attendance a WHERE a.meeting_id = NEW.id AND a.present"
            " AND (a.left_at IS NULL OR EXISTS (SELECT 1 FROM funds_vote v WHERE"
            " v.batch_id = b.id AND v.version = b.version AND v.line_id IS NULL"
            " AND v.user_id = a.user_id))))",
            "a list is not recorded without a quorum",
            ("UPDATE",),
        ),
    )

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:meeting_detail", args=[self.pk])


class AttendanceQuerySet(models.QuerySet):
    def there(self):
        """Who is in the room now."""
        return self.filter(present=True, left_at=None)

    def there_for(self, batch):
        """Who is counted for a list: in the room now, or left after voting on this version."""
        voted = Vote.objects.filter(batch=batch, version=batch.version, line=None)
        return self.filter(Q(left_at=None) | Q(user__in=voted.values("user")), present=True)


class Attendance(models.Model):
    """Whether a member of the leadership was there, and since when they are gone again."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(_("present"))
    left_at = models.DateTimeField(_("left"), null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(present=True), name="attendance_left_was_there"
            ),
        ]

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
    order_reason = models.CharField(
        _("why others are put first"), max_length=200, blank=True, default=""
    )
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

    def voted_by(self, user_id):
        """The votes of somebody on this version, the one on the routine items last. One query."""
        return list(
            self.votes.filter(user=user_id, version=self.version).order_by(
                models.F("line__seq").asc(nulls_last=True)
            )
        )


class BatchLineReason(models.TextChoices):
    """Why a line is decided one by one: found by rule when the list is locked."""

    DEVIATION = "DEVIATION", _("differs from the reference by more than the policy allows")
    FIRST_LARGE = "FIRST_LARGE", _("the first grant above 10,000 yuan of this household")
    RELATIVE = "RELATIVE", _("related to somebody who holds a role in the relief work")
    GATE_EXCEPTION = "GATE_EXCEPTION", _("an exception to the conditions was minuted")
    OPEN_LEAD = "OPEN_LEAD", _("shares an ID number or account, and nobody has said why")
    ASKED_AGAIN = "ASKED_AGAIN", _("not approved before, asked again")


class BatchLineQuerySet(models.QuerySet):
    def for_sheet(self):
        """Everything a row of the list reads, without what is encrypted; one query."""
        members = (
            Member.objects.filter(dossier=models.OuterRef("case__dossier"), left_on=None)
            .order_by()
            .values("dossier")
            .annotate(count=models.Count("pk"))
            .values("count")
        )
        return (
            self.select_related(
                "case__applicant", "case__unit", "case__dossier", "case__assessment"
            )
            .defer(
                "case__reason", "case__applicant__id_number", "case__applicant__phone",
                "case__applicant__account", "case__dossier__address", "case__dossier__story",
                "case__assessment__result",
            )
            .annotate(
                persons=models.Subquery(members), relation=models.F("case__patient__relation")
            )
            .order_by("seq", "pk")
        )  # fmt: skip

    def outcomes(self):
        """{outcome: (how many, fen)} of these lines; "" while nothing is recorded. One query."""
        found = self.order_by().values("outcome")
        found = found.annotate(count=models.Count("pk"), fen=models.Sum("amount_fen"))
        return {row["outcome"]: (row["count"], row["fen"] or 0) for row in found}


class BatchLineManager(models.Manager.from_queryset(BatchLineQuerySet)):
    """The lines that stand on the list; one taken off after a vote was cast on it is kept aside."""

    def get_queryset(self):
        return super().get_queryset().filter(removed=False)


class BatchLineOutcome(models.TextChoices):
    APPROVED = "APPROVED", _("approved")
    REFUSED = "REFUSED", _("not approved")
    DEFERRED = "DEFERRED", _("deferred")


class BatchLine(models.Model):
    """One case on the list. The payee account is frozen when the meeting approves (IM18).

    A line of an earlier version that somebody voted on stays, `removed`, because votes are sealed.
    """

    Outcome = BatchLineOutcome

    Reason = BatchLineReason

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="batch_lines")
    seq = models.PositiveIntegerField(_("no."))
    amount_fen = models.BigIntegerField(_("proposed amount"), null=True)
    exceptions = models.JSONField(default=list)
    single = models.BooleanField(_("individual item"), default=False)
    current = models.BooleanField(default=True)
    removed = models.BooleanField(default=False)
    outcome = models.CharField(
        _("decision"), max_length=20, choices=Outcome, blank=True, default=""
    )
    account_index = models.CharField(max_length=64, blank=True, default="")

    objects = BatchLineManager()

    class Meta:
        constraints = [
            known("outcome", BatchLineOutcome, name="line_outcome_known", blank=True),
            models.UniqueConstraint(
                fields=["batch", "case"],
                condition=Q(removed=False),
                name="line_once_per_batch",
            ),
            models.CheckConstraint(
                condition=Q(removed=False) | Q(current=False), name="line_removed_is_not_current"
            ),
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
            "round_complete",
            "EXISTS (SELECT 1 FROM cases_case c JOIN cases_round r ON r.id = c.round_id"
            " WHERE c.id = NEW.case_id AND r.status = 'OPENING')",
            "a round goes on a list once all its cases are made",
        ),
        Refusal(
            "frozen_amount",
            "(OLD.case_id <> NEW.case_id OR OLD.seq <> NEW.seq OR OLD.removed <> NEW.removed"
            " OR COALESCE(OLD.amount_fen, 0) <> COALESCE(NEW.amount_fen, 0))"
            " AND EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = NEW.batch_id AND b.status <>"
            " 'BUILDING')",
            "a locked list is not changed",
            ("UPDATE",),
        ),
        Refusal(
            "frozen_removal",
            "EXISTS (SELECT 1 FROM funds_batch b WHERE b.id = OLD.batch_id AND b.status <>"
            " 'BUILDING')",
            "nothing is taken off a locked list",
            ("DELETE",),
        ),
    )

    def __str__(self):
        return f"{self.batch_id}/{self.seq}"

    @property
    def reasons(self):
        """Why it is an individual item, in words."""
        return [BatchLineReason(code).label for code in self.exceptions]


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
