"""What may be typed about referrals. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.workdays import day_of
from cases.forms.incident import ANY, not_later, offer_units
from cases.models import Referral
from cases.models.referral import Satisfaction
from people.forms import DateField, FilterForm, UnitChoiceField


class ReferralFilter(FilterForm):
    q = forms.CharField(label=_("Name, staff number or work order"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    kind = forms.ChoiceField(
        label=_("Passed on to"), required=False, choices=[ANY, *Referral.Kind.choices]
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[ANY, *Referral.Status.choices]
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[ANY, *Referral.Outcome.choices]
    )
    overdue = forms.BooleanField(label=_("Answer overdue"), required=False)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], actor)


class ReferralForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Passed on to"), widget=forms.RadioSelect, choices=Referral.Kind.choices
    )
    words = forms.CharField(
        label=_("What it is for"), widget=forms.Textarea(attrs={"rows": 4}), max_length=1000
    )
    contact = forms.CharField(
        label=_("Contact there"),
        max_length=100,
        required=False,
        help_text=_("The office or the person who took it."),
    )
    work_order = forms.CharField(label=_("Work order number"), max_length=60, required=False)


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Outcome"), widget=forms.RadioSelect, choices=Referral.Outcome.choices
    )
    answered_on = DateField(label=_("Answered on"))
    answer = forms.CharField(
        label=_("The answer in words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        required=False,
    )
    contact = forms.CharField(label=_("Contact there"), max_length=100, required=False)
    work_order = forms.CharField(label=_("Work order number"), max_length=60, required=False)

    def __init__(self, *args, referral, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.referral, self.on = referral, on

    def clean_answered_on(self):
        day = self.cleaned_data["answered_on"]
        if not day_of(self.referral.passed_at) <= day <= self.on:
            raise ValidationError(_("The answer lies between the day it was passed on and today."))
        return day


class CloseForm(forms.Form):
    """Closing, with the call back to the worker where one was made."""

    called_on = DateField(label=_("Called back on"), required=False)
    satisfaction = forms.ChoiceField(
        label=_("What the worker says"),
        required=False,
        choices=[("", _("not called back")), *Satisfaction.choices],
    )

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_called_on(self):
        return not_later(self.cleaned_data["called_on"], self.on)

    def clean(self):
        data = super().clean()
        if "called_on" in data and bool(data["called_on"]) != bool(data.get("satisfaction")):
            empty = "called_on" if data.get("satisfaction") else "satisfaction"
            self.add_error(empty, _("Give both the day of the call and what the worker said."))
        return data
