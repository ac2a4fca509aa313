"""The budget of a year: decisions that appropriate, change or carry over; donations and wishes."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import iff, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.workflow import Programme
from funds.models.ledger import MONEY_READERS, Fund, Kind, Transfer

BY = settings.AUTH_USER_MODEL

# What gives money to a budget and what takes it away again.
OF_BUDGET = {Kind.ALLOCATE: 1, Kind.RELEASE: -1, Kind.CARRY: -1}


class BudgetPeriod(models.TextChoices):
    """Which part of the year a line is planned for; the festivals of the rounds halve the year."""

    YEAR = "YEAR", _("Whole year")
    FIRST = "FIRST", _("First half, with the Spring Festival")
    SECOND = "SECOND", _("Second half, with the Mid-Autumn Festival")


class DonationQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(transfer__fund__company__in=actor.companies(*MONEY_READERS))

    def standing(self):
        """Not reversed."""
        return self.filter(transfer__reversed_by=None)

    def for_list(self):
        """With `used_fen`, what budget decisions have given out of it, less what came back."""
        given = (
            Transfer.objects.filter(budget_line__donation=OuterRef("pk"))
            .order_by()
            .values("budget_line__donation")
        )
        used = given.annotate(fen=Sum(signed_fen())).values("fen")
        return self.select_related("transfer__fund", "transfer__by").annotate(
            used_fen=Coalesce(Subquery(used), 0)
        )

    def wished(self, fund):
        """Those of a fund whose wish names a programme, with `used_fen`; the oldest first."""
        rows = self.standing().for_list().filter(transfer__fund=fund)
        return rows.exclude(programme="").order_by("transfer__value_on", "pk")

    def narrowed(self, *, fund=None, year=None, state="", q=""):
        """By fund, year, whether it carries a wish or some of it waits, and receipt number."""
        found = self.filter(transfer__fund=fund) if fund else self
        found = found.filter(transfer__value_on__year=year) if year else found
        if state:
            found = found.exclude(programme="")
        if state == "WAITING":
            found = found.standing().filter(used_fen__lt=F("transfer__amount_fen"))
        return found.filter(number__startswith=q) if q else found


class Donation(models.Model):
    """Who gave a donation and what for. Its amount is that of its entry.

    Where the wish names a programme, the money stays in the pool until a decision gives it to that
    programme: the database holds it back. The donor and the words of the wish may be erased.
    """

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="donation")
    number = models.CharField(_("receipt number"), max_length=30)
    donor = EncryptedTextField(_("donor"), blank=True, default="")
    anonymous = models.BooleanField(_("not to be named"), default=True)
    wish = EncryptedTextField(_("wish"), blank=True, default="")
    programme = models.CharField(
        _("only for"), max_length=20, choices=Programme, blank=True, default=""
    )

    objects = DonationQuerySet.as_manager()

    class Meta:
        constraints = [
            known("programme", Programme, name="donation_programme_known", blank=True),
        ]
        indexes = [models.Index(fields=["number", "id"], name="donation_by_number")]

    refusals = (
        Refusal(
            "entry",
            "NOT EXISTS (SELECT 1 FROM funds_transfer t JOIN funds_fund f ON f.id = t.fund_id"
            " WHERE t.id = NEW.transfer_id AND t.kind = 'DONATION' AND (NEW.programme = ''"
            " OR CAST(f.programmes AS TEXT) LIKE '%\"' || NEW.programme || '\"%'))",
            "a donation is an entry of that kind, for what its fund may pay for",
        ),
        Refusal(
            "stays",
            "NEW.transfer_id <> OLD.transfer_id OR NEW.number <> OLD.number"
            " OR NEW.programme <> OLD.programme",
            "the entry, number and purpose of a donation stay",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "a donation is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return self.number

    @property
    def left_fen(self):
        """What no decision has used yet; asks for `used_fen` of `for_list`."""
        return self.transfer.amount_fen - self.used_fen


def signed_fen():
    """What an entry adds to a budget by decision, less what it takes."""
    return models.Case(
        *(models.When(kind=kind, then=sign * F("amount_fen")) for kind, sign in OF_BUDGET.items()),
        default=0,
    )


class DecisionKind(models.TextChoices):
    FIRST = "FIRST", _("First appropriation")
    CHANGE = "CHANGE", _("Change of the budget")
    CARRY = "CARRY", _("Carry-over")


class DecisionStatus(models.TextChoices):
    DRAFT = "DRAFT", _("to be confirmed")
    DECIDED = "DECIDED", _("decided and booked")
    DROPPED = "DROPPED", _("dropped")


class DecisionQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(fund__company__in=actor.companies(*MONEY_READERS))

    def drafts(self):
        return self.filter(status=DecisionStatus.DRAFT)

    def for_list(self):
        """With `added_fen` and `taken_fen`, the sums of its lines."""
        lines = BudgetLine.objects.filter(decision=OuterRef("pk")).order_by().values("decision")
        added = lines.annotate(fen=Sum("amount_fen", filter=Q(amount_fen__gt=0))).values("fen")
        taken = lines.annotate(fen=Sum("amount_fen", filter=Q(amount_fen__lt=0))).values("fen")
        return self.select_related("fund", "drafted_by", "decided_by", "dropped_by").annotate(
            added_fen=Coalesce(Subquery(added), 0), taken_fen=-Coalesce(Subquery(taken), 0)
        )

    def narrowed(self, *, fund=None, year=None, kind="", status="", donation="", q=""):
        """By fund, year, kind, status and the number of a donation it gives out or takes back; `q`
        is the beginning of the number or of the basis."""
        given = {"fund": fund, "year": year, "kind": kind, "status": status}
        found = self.filter(**{name: value for name, value in given.items() if value})
        if donation:
            lines = BudgetLine.objects.filter(donation__number__startswith=donation)
            found = found.filter(pk__in=lines.values("decision"))
        if q:
            found = found.filter(Q(number__startswith=q) | Q(basis__startswith=q))
        return found

    def lock(self, pk):
        """After the fund."""
        return self.select_for_update(of=("self",)).get(pk=pk)


class BudgetDecision(models.Model):
    """A recorded decision about the budget of one fund and year, drafted by one person, confirmed
    by another, resting on minutes or a document; sealed once it is decided or dropped."""

    Kind = DecisionKind
    Status = DecisionStatus

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="decisions")
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.CharField(_("number"), max_length=30)
    kind = models.CharField(_("kind"), max_length=20, choices=DecisionKind)
    reason = models.CharField(_("reason"), max_length=300)
    basis = models.CharField(_("minutes or document"), max_length=100)
    basis_on = models.DateField(_("date of the minutes or document"))
    key = models.CharField(max_length=80, unique=True)
    status = models.CharField(
        _("status"), max_length=20, choices=DecisionStatus, default=DecisionStatus.DRAFT
    )
    drafted_at = models.DateTimeField()
    drafted_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    dropped_at = models.DateTimeField(null=True)
    dropped_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", DecisionKind, name="budget_decision_kind_known"),
            known("status", DecisionStatus, name="budget_decision_status_known"),
            iff(
                Q(status="DECIDED"),
                "decided_at",
                "decided_by",
                name="budget_decision_decided_complete",
            ),
            iff(
                Q(status="DROPPED"),
                "dropped_at",
                "dropped_by",
                name="budget_decision_dropped_complete",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("drafted_by")),
                name="budget_decision_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(basis=""), name="budget_decision_rests_on_something"
            ),
            models.UniqueConstraint(
                fields=["fund", "year"],
                condition=Q(kind="FIRST") & ~Q(status="DROPPED"),
                name="budget_decision_first_once",
            ),
            models.UniqueConstraint(fields=["fund", "number"], name="budget_decision_number_once"),
        ]
        indexes = [models.Index(fields=["-drafted_at", "-id"], name="budget_decision_newest")]

    refusals = (
        Refusal("begins", "NEW.status <> 'DRAFT'", "a decision about the budget begins as a draft"),
        Refusal(
            "stays",
            "OLD.status <> 'DRAFT'",
            "a decision about the budget stays as it was decided",
            ("UPDATE",),
        ),
        Refusal(
            "lines",
            "NEW.status = 'DECIDED' AND NOT EXISTS (SELECT 1 FROM funds_budgetline l"
            " WHERE l.decision_id = NEW.id)",
            "a decision about the budget has at least one line",
            ("UPDATE",),
        ),
        Refusal("kept", "1 = 1", "a decision about the budget is never deleted", ("DELETE",)),
    )

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("funds:decision_detail", args=[self.pk])


_NOT_A_DRAFT = (
    "NOT EXISTS (SELECT 1 FROM funds_budgetdecision d WHERE d.id = {row}.decision_id"
    " AND d.status = 'DRAFT')"
)


class BudgetLine(models.Model):
    """How much a decision adds to the budget of a programme, or takes from it when negative; out
    of which donation, where it gives money its donor wished for this programme."""

    Period = BudgetPeriod

    decision = models.ForeignKey(BudgetDecision, on_delete=models.PROTECT, related_name="lines")
    seq = models.PositiveSmallIntegerField()
    programme = models.CharField(_("programme"), max_length=20, choices=Programme)
    period = models.CharField(
        _("period"), max_length=20, choices=BudgetPeriod, default=BudgetPeriod.YEAR
    )
    donation = models.ForeignKey(
        Donation, on_delete=models.PROTECT, null=True, related_name="budget_lines"
    )
    amount_fen = models.BigIntegerField(_("amount"))

    class Meta:
        constraints = [
            known("programme", Programme, name="budget_line_programme_known"),
            known("period", BudgetPeriod, name="budget_line_period_known"),
            models.CheckConstraint(condition=~Q(amount_fen=0), name="budget_line_amount_not_zero"),
            models.UniqueConstraint(fields=["decision", "seq"], name="budget_line_seq_once"),
        ]

    refusals = (
        Refusal(
            "of_draft",
            _NOT_A_DRAFT.format(row="NEW"),
            "the lines of a decision stay as they were decided",
            ("INSERT", "UPDATE"),
        ),
        Refusal(
            "of_draft_before",
            _NOT_A_DRAFT.format(row="OLD"),
            "no line leaves a decision that was made",
            ("UPDATE", "DELETE"),
        ),
        Refusal(
            "purpose",
            "NOT EXISTS (SELECT 1 FROM funds_budgetdecision d JOIN funds_fund f ON f.id ="
            " d.fund_id WHERE d.id = NEW.decision_id AND (NEW.amount_fen < 0 OR"
            " CAST(f.programmes AS TEXT) LIKE '%\"' || NEW.programme || '\"%'))",
            "the fund may not be used for this programme",
            ("INSERT", "UPDATE"),
        ),
        Refusal(
            "wish",
            "NEW.donation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds_donation g"
            " JOIN funds_transfer t ON t.id = g.transfer_id JOIN funds_budgetdecision d"
            " ON d.fund_id = t.fund_id WHERE g.id = NEW.donation_id AND d.id = NEW.decision_id"
            " AND g.programme = NEW.programme)",
            "a donation goes to the programme its donor wished",
            ("INSERT", "UPDATE"),
        ),
    )

    def __str__(self):
        return f"{self.decision_id} {self.seq}"
