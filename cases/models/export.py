"""Workbooks made in the background: asked for, filled, fetched, and taken away again."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import iff, known
from people.models import Purpose, Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class ExportKind(models.TextChoices):
    REGISTER = "REGISTER", _("register of households, masked")
    NATIONAL = "NATIONAL", _("columns of the national form, with full numbers")


class ExportStatus(models.TextChoices):
    RUNNING = "RUNNING", _("being prepared")
    DONE = "DONE", _("ready")
    GONE = "GONE", _("taken away")


class ExportQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """What somebody asked for themselves, as long as they still hold a role over it."""
        return self.filter(
            Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(company__in=actor.companies(Role.COMPANY_OFFICER)),
            asked_by=actor.user_id,
        )

    def narrowed(self, *, q="", kind="", status=""):
        found = self.filter(kind=kind) if kind else self
        return found.filter(status=status) if status else found

    def ended(self, before):
        """Ready since before this moment, and still to be had."""
        return self.filter(status=ExportStatus.DONE, finished_at__lt=before)

    def for_list(self):
        return self.select_related("unit", "company", "asked_by")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class Export(models.Model):
    """One workbook of households. `unit` is None for the whole company; the file is encrypted, and
    full numbers need a purpose. Each download of those is written down."""

    Kind = ExportKind
    Status = ExportStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, related_name="+",
        verbose_name=_("grassroots union"),
    )  # fmt: skip
    kind = models.CharField(_("what"), max_length=20, choices=ExportKind)
    filters = models.JSONField(default=dict)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, blank=True, default="")
    status = models.CharField(
        _("status"), max_length=20, choices=ExportStatus, default=ExportStatus.RUNNING
    )
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="exports/", blank=True)
    language = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", ExportKind, name="export_kind_known"),
            known("status", ExportStatus, name="export_status_known"),
            known("purpose", Purpose, name="export_purpose_known", blank=True),
            iff(~Q(status="RUNNING"), "finished_at", name="export_finished_has_moment"),
            models.CheckConstraint(
                condition=Q(kind="NATIONAL") & ~Q(purpose="") | ~Q(kind="NATIONAL") & Q(purpose=""),
                name="export_full_numbers_have_purpose",
            ),
            models.CheckConstraint(
                condition=Q(status="DONE") & ~Q(file="") | ~Q(status="DONE") & Q(file=""),
                name="export_file_while_ready",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("rows")), name="export_done_within_rows"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at", "-id"], name="export_newest"),
            models.Index(fields=["status", "finished_at"], name="export_ended"),
        ]

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("cases:export_detail", args=[self.pk])
