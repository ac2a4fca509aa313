"""What may be typed about the yearly re-check. Forms validate; they do not save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import actions
from cases.life import How, RecheckResult
from cases.models import Campaign
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Unit


class CampaignForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=60)
    starts_on = DateField(label=_("From"))
    ends_on = DateField(label=_("Up to"))

    def __init__(self, *args, company, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.company, self.actor = company, actor

    def clean(self):
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day lies before the first."))
        if first and (reason := actions.why_not_campaign(self.company, first, self.actor)):
            self.add_error("starts_on", reason)
        title = data.get("title")
        if title and Campaign.objects.filter(company=self.company, title=title).exists():
            self.add_error("title", _("There is a re-check of this title already."))
        return data


class RecheckFilter(FilterForm):
    q = forms.CharField(label=_("Name, pinyin or dossier number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    result = forms.ChoiceField(
        label=_("Result"), required=False,
        choices=[("", _("all")), ("OPEN", _("to be done")), *RecheckResult.choices],
    )  # fmt: skip

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        units = Unit.objects.visible_to(actor).grassroots()
        self.fields["unit"].queryset = units.order_by("path", "pk")


class RecheckForm(forms.Form):
    """The result for one household."""

    result = forms.ChoiceField(
        label=_("Result"), choices=RecheckResult.choices, widget=forms.RadioSelect
    )
    how = forms.ChoiceField(label=_("How"), choices=How.choices, widget=forms.RadioSelect)

    def __init__(self, *args, row, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.row, self.actor = row, actor

    def clean_result(self):
        result = self.cleaned_data["result"]
        if reason := actions.why_not_record(self.row, result, self.actor):
            raise forms.ValidationError(reason)
        return result


class SeveralForm(forms.Form):
    """Several households found unchanged at once."""

    rows = forms.ModelMultipleChoiceField(
        queryset=Campaign.objects.none(),
        error_messages={"required": _("Tick the households first.")},
    )
    how = forms.ChoiceField(choices=How.choices)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rows"].queryset = rows
