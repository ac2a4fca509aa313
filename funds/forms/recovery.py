"""What is typed for a recovery."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField, format_fen
from base.words import say
from funds.models import Fund, Recovery
from people.forms import DateField, FilterForm


class RecoveryFilter(FilterForm):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *Recovery.Status.choices]
    )
    reason = forms.ChoiceField(
        label=_("Reason"), required=False, choices=[("", _("all")), *Recovery.Reason.choices]
    )
    late = forms.BooleanField(label=_("overdue"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Number of the recovery or case, or name")


class OpenRecoveryForm(forms.Form):
    """Why, what was found, how much. `net` is {fund: fen that can be recovered}."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=Recovery.Reason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=_("Facts established"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text=_("This stands in the letter to the household."),
    )
    fund = forms.ModelChoiceField(
        label=_("Fund that paid"), queryset=Fund.objects.none(), empty_label=None
    )
    amount = MoneyFormField(label=_("Amount to be paid back"))

    def __init__(self, *args, net, **kwargs):
        super().__init__(*args, **kwargs)
        self.net = net
        self.fields["fund"].queryset = Fund.objects.filter(pk__in=net).for_list()
        if len(net) == 1:
            (pk,) = net
            self.fields["fund"].widget = forms.HiddenInput()
            self.fields["fund"].initial = pk
            self.fields["amount"].help_text = say(
                _("At most %(most)s yuan."), most=format_fen(net[pk])
            )

    def clean(self):
        data = super().clean()
        most = self.net.get(data["fund"].pk, 0) if data.get("fund") else 0
        if most and (data.get("amount") or 0) > most:
            self.add_error(
                "amount", say(_("At most %(most)s yuan can be recovered."), most=format_fen(most))
            )
        return data


class DecideRecoveryForm(forms.Form):
    """The chair's decision, and by when it is paid back."""

    pursue = forms.TypedChoiceField(
        label=_("Your decision"),
        choices=[("yes", _("It is paid back")), ("no", _("It is not pursued"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    due_on = DateField(label=_("To be paid back by"), required=False)
    minutes = forms.CharField(
        label=_("Number of the minutes"),
        max_length=40,
        required=False,
        help_text=_("Where a meeting decided it."),
    )
    words = forms.CharField(
        label=_("Words"), widget=forms.Textarea(attrs={"rows": 2}), max_length=500, required=False
    )

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self):
        data = super().clean()
        if data.get("pursue") and "due_on" not in self.errors:
            if not data.get("due_on") or data["due_on"] <= self.today:
                self.add_error("due_on", _("The day by which it is paid back lies after today."))
        if data.get("pursue") is False and not (data.get("words") or "").strip():
            self.add_error("words", _("Write down why nothing is recovered."))
        return data


class DayForm(forms.Form):
    """A day between two others."""

    day = DateField(label=_("Handed over on"))

    def __init__(self, *args, since, until, **kwargs):
        super().__init__(*args, **kwargs)
        self.since, self.until = since, until

    def clean_day(self):
        day = self.cleaned_data["day"]
        if not self.since <= day <= self.until:
            raise ValidationError(_("It lies after the decision, and not later than today."))
        return day


class PartForm(DayForm):
    """What came back, and on which day the bank had it. `sent_before` is what this person noted
    and the accountant has not posted: [(fen, day)]."""

    amount = MoneyFormField(label=_("Amount"))
    field_order = ("amount", "day")

    def __init__(self, *args, most_fen, sent_before=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.most_fen, self.sent_before = most_fen, sent_before
        self.fields["day"].label = _("Came in on")
        self.fields["amount"].help_text = say(
            _("%(most)s yuan are still open."), most=format_fen(most_fen)
        )

    def clean(self):
        """What was noted before, and is sent once more, takes nothing more of what is open."""
        data = super().clean()
        amount = data.get("amount") or 0
        if amount > self.most_fen and (amount, data.get("day")) not in self.sent_before:
            self.add_error(
                "amount", say(_("%(most)s yuan are still open."), most=format_fen(self.most_fen))
            )
        return data


class WaiveForm(forms.Form):
    """Why the rest is waived, and where the meeting said so."""

    words = forms.CharField(
        label=_("Why the rest is waived"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500
    )
    minutes = forms.CharField(label=_("Number of the minutes"), max_length=40)
