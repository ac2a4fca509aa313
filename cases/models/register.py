"""A register of households kept elsewhere, taken over from a workbook; and whence each came."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from cases.models.dossier import Dossier
from people.models import Import, ImportQuerySet, import_constraints
from people.roles import Role


class RegisterImportStatus(models.TextChoices):
    CHECKING = "CHECKING", _("being checked")
    CHECKED = "CHECKED", _("checked, not yet imported")
    REFUSED = "REFUSED", _("nothing to take over")
    RUNNING = "RUNNING", _("being imported")
    DONE = "DONE", _("imported")


class RegisterImportQuerySet(ImportQuerySet):
    def visible_to(self, actor):
        """Company union officers see every import of their company."""
        return self.filter(company__in=actor.companies(Role.COMPANY_OFFICER))


class RegisterImport(Import):
    """One uploaded register. `rows` are its households (while it is checked: the rows of its
    sheets); what is neither added, changed nor unchanged was left out for its mistakes.

    `changed` are households on file of which the workbook says something else: they are named,
    and not touched. `report` is a workbook of all problems; it holds no personal data.
    """

    Status = RegisterImportStatus

    status = models.CharField(max_length=20, choices=Status)
    persons = models.PositiveIntegerField(default=0)
    expenses = models.PositiveIntegerField(default=0)
    report = models.FileField(upload_to="imports/", blank=True)

    objects = RegisterImportQuerySet.as_manager()

    class Meta:
        constraints = import_constraints("register_import", RegisterImportStatus)
        indexes = [
            models.Index(fields=["company", "-uploaded_at", "-id"], name="register_import_newest")
        ]

    def get_absolute_url(self):
        return reverse("cases:register_detail", args=[self.pk])

    @property
    def left_out(self):
        """Households with mistakes, once it has been checked."""
        return self.rows - self.added - self.changed - self.unchanged

    @property
    def to_go(self):
        """Households of the file that wait to be imported, or were skipped on the way."""
        return self.rows - self.done


class RegisterLine(AppendOnly):
    """From which row of which register a household was taken over (sealed).

    `digest` is a keyed digest of what the workbook said of it: the same again changes nothing.
    """

    register = models.ForeignKey(RegisterImport, on_delete=models.PROTECT, related_name="lines")
    dossier = models.OneToOneField(Dossier, on_delete=models.PROTECT, related_name="register_line")
    row = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "row"], name="register_line_row_once")
        ]

    def __str__(self):
        return f"{self.register_id}/{self.row}"
