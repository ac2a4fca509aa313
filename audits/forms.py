"""What may be asked of the figures and of the proof."""

from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from audits.models import FINGERPRINT_DIGITS, plain


class FiguresForm(forms.Form):
    """Which company, on which day; a company is asked for only when there are several."""

    company = forms.ModelChoiceField(
        label=_("Company"), queryset=None, required=False, empty_label=None
    )
    on = forms.DateField(
        label=_("As of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args, companies, **kwargs):
        super().__init__(*args, **kwargs)
        self.companies = list(companies)
        if len(self.companies) > 1:
            cast(forms.ModelChoiceField, self.fields["company"]).queryset = companies
        else:
            del self.fields["company"]

    def chosen(self, today):
        """(company, day): the first company and today unless something else was chosen."""
        values = self.cleaned_data if self.is_valid() else {}
        company = values.get("company") or next(iter(self.companies), None)
        return company, min(values.get("on") or today, today)


class LiftForm(forms.Form):
    """What the differences came from and how they were settled."""

    reason = forms.CharField(
        label=_("What they came from and how they were settled"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Kept with your name for whoever audits later. No names of households."),
    )


class LookupForm(forms.Form):
    """A fingerprint from printed minutes or a notice."""

    fingerprint = forms.CharField(
        label=_("Fingerprint"),
        max_length=100,
        help_text=_("As printed at the foot of minutes or a notice: sixteen digits or letters."),
    )

    def clean_fingerprint(self):
        text = self.cleaned_data["fingerprint"]
        if len(plain(text)) < FINGERPRINT_DIGITS:
            raise forms.ValidationError(
                _("Enter all sixteen signs of the fingerprint: digits and the letters A to F.")
            )
        return text
