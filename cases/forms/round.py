"""What may be typed to open a round of the regular subsidy. Forms validate; they do not save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.codes import Festival
from cases.models import LeftOut, Round
from people.forms import FilterForm, UnitChoiceField
from people.models import Unit


class RoundForm(forms.Form):
    festival = forms.ChoiceField(
        label=_("Festival"), choices=Festival.choices, widget=forms.RadioSelect
    )
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    title = forms.CharField(
        label=_("Title"), max_length=60, help_text=_("As it is to stand on the notice.")
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company

    def clean(self):
        data = super().clean()
        if {"festival", "year"} <= data.keys():
            rounds = Round.objects.filter(
                company=self.company, year=data["year"], festival=data["festival"]
            )
            if rounds.exists():
                self.add_error("festival", _("This round has been opened already."))
        return data


class LeftOutFilter(FilterForm):
    q = None
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("all")), *LeftOut.Reason.choices]
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        units = Unit.objects.filter(parent=company).grassroots()
        self.fields["unit"].queryset = units.order_by("path", "pk")
