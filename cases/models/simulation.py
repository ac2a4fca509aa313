"""What a draft of the policy would make of last year's cases: one run, and a line for each case."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base import canonical
from base.constraints import known
from cases.codes import Category, Level
from cases.models.case import Case
from cases.models.dossier import READERS, Dossier
from cases.models.policy import Policy
from cases.workflow import Programme
from people.models import Standing, Unit

BY = settings.AUTH_USER_MODEL


class SimulationQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """It names households: for those who read every household of the company."""
        return self.filter(policy__company__in=actor.companies(*READERS))

    def latest_of(self, policy):
        """The last one of a version that has been run to its end; None without one."""
        return self.filter(policy=policy, finished_at__isnull=False).order_by("-pk").first()

    def for_list(self):
        return self.select_related("policy", "asked_by").order_by("-pk")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class Simulation(models.Model):
    """One run of a draft over the cases of a year. `rules` are the clauses as they were when it
    was asked for, so that a draft edited meanwhile does not mix two versions."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="simulations")
    base = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, related_name="+")
    since_on = models.DateField(_("cases opened since"))
    rules = models.JSONField()
    digest = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    last_case = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    summary = models.JSONField(default=dict)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(rows=F("done") + F("left_out")),
                name="simulation_finished_is_whole",
            ),
            models.UniqueConstraint(
                fields=["policy", "digest"],
                condition=Q(finished_at=None),
                name="simulation_once_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["policy", "-id"], name="simulation_newest")]

    def __str__(self):
        return f"{self.policy_id}/{self.pk}"

    def get_absolute_url(self):
        return reverse("cases:simulation_detail", args=[self.pk])

    @property
    def cases(self):
        """How many cases it has got through, whether they could be judged or not."""
        return self.done + self.left_out

    @property
    def total(self):
        """The sums over all programmes of a finished run."""
        names = ("cases", "moved", "before_fen", "after_fen", "more_fen")
        return {name: sum(row[name] for row in self.summary["programmes"]) for name in names}

    def is_stale(self):
        """Whether the version says something else by now. One query for its clauses."""
        return self.digest != canonical.digest(self.policy.rules)


class Move(models.IntegerChoices):
    """What a version changes for a case; the lists begin with the greatest change."""

    STANDING = 1, _("class or level changes")
    AMOUNT = 2, _("the amount changes")
    SCORE = 3, _("only the score changes")
    NOTHING = 4, _("nothing changes")


class LineQuerySet(models.QuerySet):
    def narrowed(self, *, unit=None, standing="", programme="", move=""):
        same = {"unit": unit, "standing": standing, "programme": programme, "move": move}
        return self.filter(**{name: value for name, value in same.items() if value})

    def newest_of_household(self):
        """The line of the newest case of each household alone."""
        later = SimulationLine.objects.filter(
            simulation=OuterRef("simulation"), dossier=OuterRef("dossier"),
            case__gt=OuterRef("case"),
        )  # fmt: skip
        return self.filter(~Exists(later))

    def for_list(self):
        return self.select_related("case", "dossier__head", "unit")


class SimulationLine(models.Model):
    """One case before, as it was judged, and after, as the version would judge it."""

    simulation = models.ForeignKey(Simulation, on_delete=models.PROTECT, related_name="lines")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    standing = models.CharField(_("standing"), max_length=20, choices=Standing)
    programme = models.CharField(_("programme"), max_length=20, choices=Programme)
    move = models.PositiveSmallIntegerField(_("what changes"), choices=Move)
    category_before = models.CharField(max_length=20, choices=Category, blank=True)
    category_after = models.CharField(max_length=20, choices=Category, blank=True)
    level_before = models.CharField(max_length=20, choices=Level, blank=True)
    level_after = models.CharField(max_length=20, choices=Level, blank=True)
    score_before = models.PositiveSmallIntegerField()
    score_after = models.PositiveSmallIntegerField()
    reference_before_fen = models.BigIntegerField()
    reference_after_fen = models.BigIntegerField()

    objects = LineQuerySet.as_manager()

    class Meta:
        constraints = [
            known("standing", Standing, name="simulation_line_standing_known"),
            known("programme", Programme, name="simulation_line_programme_known"),
            known("move", Move, name="simulation_line_move_known"),
            known("category_before", Category, name="simulation_line_class_was", blank=True),
            known("category_after", Category, name="simulation_line_class_is", blank=True),
            known("level_before", Level, name="simulation_line_level_was", blank=True),
            known("level_after", Level, name="simulation_line_level_is", blank=True),
            models.UniqueConstraint(
                fields=["simulation", "case"], name="simulation_line_case_once"
            ),
        ]
        indexes = [
            models.Index(fields=["simulation", "move", "id"], name="simulation_line_movers"),
            models.Index(fields=["simulation", "unit", "move", "id"], name="simulation_line_unit"),
            models.Index(
                fields=["simulation", "standing", "move", "id"], name="simulation_line_standing"
            ),
            models.Index(fields=["simulation", "dossier", "case"], name="simulation_line_newest"),
        ]

    def __str__(self):
        return f"{self.simulation_id}/{self.case_id}"
