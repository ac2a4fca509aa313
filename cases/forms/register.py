"""What may be typed where registers come in and go out. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base import xlsx
from cases import reading
from people.forms import UnitChoiceField
from people.models import Unit
from people.roles import Role


class RegisterForm(forms.Form):
    """An uploaded register; `rows` is how many rows its sheets hold together."""

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
            self.rows = reading.row_count(reading.open_sheets(file))
        except xlsx.SheetError as error:
            raise ValidationError(error.args[0], code="file") from error
        return file
