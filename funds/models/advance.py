"""The urgent advance: up to a cap of the policy, before the full procedure (ADR 0019)."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.models import Case
from cases.workflow import Status
from funds.models.batch import Meeting
from funds.models.ledger import MONEY_READERS, Account
from people.models import Unit

BY = settings.AUTH_USER_MODEL
CAME_TO_NOTHING = (Status.DECLINED, Status.WITHDRAWN)
# In a filter of the list: what is held on its budget; what was paid and is not settled.
RESERVED, PAID = "RESERVED", "PAID"


class AdvanceState(models.TextChoices):
    """What an advance waits for, worked out from its columns."""

    DECIDED = "DECIDED", _("to be prepared")
    PREPARED = "PREPARED", _("to be posted")
    RUNNING = "RUNNING", _("paid, full procedure under way")
    BACK = "BACK", _("to be paid back")
    ENDED = "ENDED", _("ended")


class AdvanceQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*MONEY_READERS))

    def for_list(self):
        return self.select_related("case__applicant", "case__unit", "decided_by")

    def lock(self, pk):
        """After the fund and the case."""
        return self.select_for_update(of=("self",)).get(pk=pk)

    def reserved(self):
        """Decided and neither posted nor voided: held on their budget."""
        return self.filter(posted_at=None, ended_at=None)

    def running(self):
        """Paid, and neither taken off a grant nor paid back."""
        return self.filter(posted_at__isnull=False, ended_at=None)

    def to_be_paid_back(self):
        """Running, and there will be no grant, or a smaller one, or the meeting said no."""
        smaller = Q(case__status=Status.CLEARED, case__granted_fen__lt=F("amount_fen"))
        refused = Q(ratified_at__isnull=False, ratified=False)
        return self.running().filter(Q(case__status__in=CAME_TO_NOTHING) | smaller | refused)

    def overdue(self, on):
        """Running past the day by which the full procedure was to be done."""
        return self.running().filter(due_on__lt=on).exclude(case__status__in=CAME_TO_NOTHING)

    def narrowed(self, *, q="", state="", account=None, late=False, on=None):
        """By number of the advance or case or a part of the name, by state, budget and overdue."""
        found = self.overdue(on) if late else self
        found = found.filter(account=account) if account else found
        if q:
            found = found.filter(
                Q(number__startswith=q)
                | Q(case__number__startswith=q)
                | Q(case__applicant__name__contains=q)
            )
        if state == AdvanceState.DECIDED:
            return found.reserved().filter(prepared_at=None)
        if state == AdvanceState.PREPARED:
            return found.reserved().filter(prepared_at__isnull=False)
        if state == AdvanceState.RUNNING:
            return found.running().exclude(pk__in=found.to_be_paid_back().values("pk"))
        if state == AdvanceState.BACK:
            return found.to_be_paid_back()
        if state == RESERVED:
            return found.reserved()
        if state == PAID:
            return found.running()
        return found.filter(ended_at__isnull=False) if state == AdvanceState.ENDED else found


class AdvanceEnding(models.TextChoices):
    SET_OFF = "SET_OFF", _("taken off the grant")
    RECOVERED = "RECOVERED", _("paid back")
    VOIDED = "VOIDED", _("voided before it was paid")


class Advance(models.Model):
    """An advance on one case: decided by the company chair, prepared by the cashier, posted by the
    accountant, ratified by the next meeting; it ends when it is taken off the grant or paid back.

    Its amount is held on the budget until it is posted or voided. The account is written down as
    it was when it was decided, and again when the cashier prepared it.
    """

    Ending = AdvanceEnding
    State = AdvanceState

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number of the advance"), max_length=30)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="advance")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="advances")
    amount_fen = models.BigIntegerField(_("amount"))
    reason = EncryptedTextField(_("why it cannot wait"))
    due_on = models.DateField(_("full procedure by"))
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    payee_bank = models.CharField(max_length=60, blank=True, default="")
    payee_branch = models.CharField(max_length=100, blank=True, default="")
    payee_name = models.CharField(max_length=60)
    payee_account = EncryptedTextField()
    payee_index = models.CharField(max_length=64)
    prepared_at = models.DateTimeField(null=True)
    prepared_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    posted_at = models.DateTimeField(null=True)
    posted_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, related_name="advances"
    )
    ratified = models.BooleanField(_("ratified"), null=True)
    ratified_at = models.DateTimeField(null=True)
    ratified_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    came_back_on = models.DateField(_("paid back on"), null=True)
    recovery_prepared_at = models.DateTimeField(null=True)
    recovery_prepared_by = models.ForeignKey(
        BY, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ending = models.CharField(
        _("ended"), max_length=20, choices=AdvanceEnding, blank=True, default=""
    )
    ending_reason = EncryptedTextField(_("reason"), blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AdvanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="advance_number_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="advance_amount_positive"),
            all_or_none("prepared_at", "prepared_by", name="advance_prepare_complete"),
            all_or_none("posted_at", "posted_by", name="advance_post_complete"),
            models.CheckConstraint(
                condition=Q(posted_at=None) | Q(prepared_at__isnull=False),
                name="advance_posted_after_prepared",
            ),
            models.CheckConstraint(
                condition=Q(prepared_by=None) | ~Q(prepared_by=F("decided_by")),
                name="advance_prepared_by_another",
            ),
            models.CheckConstraint(
                condition=Q(posted_by=None)
                | ~Q(posted_by=F("decided_by")) & ~Q(posted_by=F("prepared_by")),
                name="advance_posted_by_a_third",
            ),
            all_or_none("meeting", "ratified", name="advance_ratified_in_meeting"),
            all_or_none("ratified_at", "ratified_by", name="advance_ratify_complete"),
            models.CheckConstraint(
                condition=Q(meeting=None) | Q(posted_at__isnull=False),
                name="advance_ratified_after_posted",
            ),
            models.CheckConstraint(
                condition=Q(ratified_at=None) | Q(meeting__isnull=False),
                name="advance_confirmed_after_recorded",
            ),
            all_or_none(
                "came_back_on",
                "recovery_prepared_at",
                "recovery_prepared_by",
                name="advance_recovery_complete",
            ),
            known("ending", AdvanceEnding, name="advance_ending_known", blank=True),
            iff(~Q(ending=""), "ended_at", "ended_by", name="advance_ended_has_moment"),
            models.CheckConstraint(
                condition=Q(ending="")
                | Q(ending="VOIDED", posted_at=None)
                | Q(ending__in=["SET_OFF", "RECOVERED"], posted_at__isnull=False),
                name="advance_voided_unless_posted",
            ),
            models.CheckConstraint(
                condition=~Q(ending="RECOVERED")
                | Q(recovery_prepared_by__isnull=False) & ~Q(ended_by=F("recovery_prepared_by")),
                name="advance_recovered_by_another",
            ),
        ]
        indexes = [models.Index(fields=["company", "-decided_at", "-id"], name="advance_newest")]

    refusals = (
        Refusal(
            "case",
            "NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.company_id ="
            " NEW.company_id AND c.programme = 'EMERGENCY' AND c.status IN ('SUBMITTED',"
            " 'RETURNED', 'REVIEWED', 'VERIFIED'))",
            "an advance is on an emergency application before the meeting",
        ),
        Refusal(
            "account",
            "NOT EXISTS (SELECT 1 FROM funds_account a JOIN funds_fund f ON f.id = a.fund_id WHERE"
            " a.id = NEW.account_id AND a.kind = 'BUDGET' AND a.programme = 'EMERGENCY' AND"
            " f.company_id = NEW.company_id AND"
            " (f.ceiling_fen IS NULL OR f.ceiling_fen >= NEW.amount_fen))",
            "an advance comes from a budget of the company for emergency grants",
        ),
        Refusal(
            "decided_stays",
            "OLD.case_id <> NEW.case_id OR OLD.account_id <> NEW.account_id OR OLD.amount_fen <>"
            " NEW.amount_fen OR OLD.company_id <> NEW.company_id OR OLD.decided_by_id <>"
            " NEW.decided_by_id OR OLD.decided_at <> NEW.decided_at",
            "what was decided of an advance stays",
            ("UPDATE",),
        ),
        Refusal(
            "posted_stays",
            "OLD.posted_at IS NOT NULL AND (NEW.posted_at IS NULL OR NEW.posted_at <>"
            " OLD.posted_at OR NEW.prepared_by_id <> OLD.prepared_by_id OR NEW.posted_by_id <>"
            " OLD.posted_by_id OR NEW.payee_index <> OLD.payee_index)",
            "a posted advance stays posted",
            ("UPDATE",),
        ),
        Refusal(
            "ended_stays",
            "OLD.ending IN ('RECOVERED', 'VOIDED') AND NEW.ending <> OLD.ending",
            "an advance paid back or voided has ended",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "an advance is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:advance_detail", args=[self.pk])

    @property
    def state(self):
        """What it waits for; needs its case."""
        if self.ended_at:
            return AdvanceState.ENDED
        if not self.posted_at:
            return AdvanceState.PREPARED if self.prepared_at else AdvanceState.DECIDED
        refused = self.ratified_at is not None and not self.ratified
        smaller = (
            self.case.status == Status.CLEARED and (self.case.granted_fen or 0) < self.amount_fen
        )
        nothing = self.case.status in CAME_TO_NOTHING
        return AdvanceState.BACK if refused or smaller or nothing else AdvanceState.RUNNING

    @property
    def state_words(self):
        """The state, or how it ended, in words."""
        return self.get_ending_display() if self.ending else self.state.label

    def is_late(self, on):
        """Whether the full procedure is overdue."""
        return self.state == AdvanceState.RUNNING and self.due_on < on


def running_fen(case):
    """A subquery: fen of the advance that runs on the case named by `case`; 0 without one."""
    found = Advance.objects.running().filter(case=OuterRef(case)).values("amount_fen")
    return Coalesce(Subquery(found), 0)
