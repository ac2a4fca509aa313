"""What may be typed where registers come in and go out. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from base import xlsx
from cases import reading
from cases.codes import Cause, Level
from cases.exports import EXPORTERS
from cases.models import Dossier
from cases.models.export import ExportKind, ExportStatus
from cases.tasks import REGISTER_FROM
from people.forms import FilterForm, UnitChoiceField
from people.models import Purpose, Standing, Unit
from people.roles import Role


class RegisterForm(forms.Form):
    """An uploaded register; `rows` is how many rows its sheets hold together, or that there are
    too many to be checked at once."""

    company = UnitChoiceField(label=_("Company"), empty_label=None)
    file = forms.FileField(label=_("Excel file (.xlsx)"))

    rows = 0

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        companies = Unit.objects.filter(pk__in=actor.companies(Role.COMPANY_OFFICER))
        self.fields["company"].queryset = companies.order_by("path", "pk")

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.rows = reading.row_count(reading.open_sheets(file, looking=REGISTER_FROM + 20))
        except xlsx.SheetError as error:
            raise ValidationError(error.args[0], code="file") from error
        return file


def _any(choices):
    return [("", _("all")), *choices.choices]


class ExportForm(forms.Form):
    """What to export, of which households, and for what; full numbers need a purpose."""

    kind = forms.ChoiceField(
        label=_("Kind of file"), widget=forms.RadioSelect, choices=ExportKind.choices,
        initial=ExportKind.REGISTER,
    )  # fmt: skip
    place = UnitChoiceField(label=_("Of which union"), empty_label=None)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_any(Dossier.Status))
    standing = forms.ChoiceField(label=_("Standing"), required=False, choices=_any(Standing))
    level = forms.ChoiceField(label=_("Company level"), required=False, choices=_any(Level))
    cause = forms.ChoiceField(label=_("Main cause"), required=False, choices=_any(Cause))
    purpose = forms.ChoiceField(
        label=_("What for"),
        help_text=_("Needed for full numbers; it is written down, and the households can see it."),
        required=False,
        choices=[("", "-"), *Purpose.choices],
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        companies = actor.companies(Role.COMPANY_OFFICER)
        units = actor.units(*EXPORTERS)
        found = Unit.objects.filter(Q(pk__in=[*companies, *units]) | Q(parent__in=companies))
        self.fields["place"].queryset = found.order_by("path", "pk")

    def clean(self):
        data = super().clean()
        national = data.get("kind") == ExportKind.NATIONAL
        if national and not data.get("purpose"):
            self.add_error("purpose", _("Say what the full numbers are for."))
        elif not national:
            data["purpose"] = ""
        return data

    @property
    def filters(self):
        """The filters that were chosen, as `Dossier.objects.narrowed` takes them."""
        names = ("status", "standing", "level", "cause")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


class ExportFilter(FilterForm):
    """The filters of the list of prepared files."""

    q = None
    kind = forms.ChoiceField(label=_("Kind of file"), required=False, choices=_any(ExportKind))
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_any(ExportStatus))
