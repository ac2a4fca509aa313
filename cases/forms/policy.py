"""What may be typed about the policy. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from cases.models import SubsistenceLine
from people.forms import DateField


class EnactForm(forms.Form):
    """From which day a draft is in force."""

    in_force_on = DateField(label=_("In force from"))

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["in_force_on"].initial = on

    def clean_in_force_on(self):
        day = self.cleaned_data["in_force_on"]
        if day < self.on:
            raise ValidationError(_("A policy is not put in force for days that have passed."))
        return day


class LineForm(forms.Form):
    """A subsistence line of a place from a day on."""

    place = forms.CharField(label=_("Place"), max_length=60)
    since = DateField(label=_("In force from"))
    monthly_fen = MoneyFormField(label=_("Monthly amount a person (yuan)"))
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Document and number that set it.")
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_since(self):
        since = self.cleaned_data["since"]
        if SubsistenceLine.objects.filter(company=self.company, since=since).exists():
            raise ValidationError(_("There is a subsistence line from this day on already."))
        return since
