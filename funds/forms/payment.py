"""Forms about payments: what was seen is sent along, so that nothing else is agreed to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.workflow import Programme
from funds.models import PaymentRun
from people.forms import DateField, FilterForm
from people.models import Purpose


class PaymentFilter(FilterForm):
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *PaymentRun.Status.choices]
    )
    programme = forms.ChoiceField(
        label=_("Programme"),
        required=False,
        choices=[
            ("", _("all")),
            *((p.value, p.label) for p in Programme if p != Programme.RECOGNITION),
        ],
    )
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Payment number or list")


class PayeeFilter(FilterForm):
    kind = forms.ChoiceField(
        label=_("Remarkable"),
        required=False,
        choices=[
            ("", _("all")),
            ("CHANGED", _("account changed after the decision")),
            ("RETURNED", _("returned by the bank")),
            ("UNSIGNED", _("receipt missing")),
        ],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Name, case number or place")


class SeenForm(forms.Form):
    """The digest of what stood on the page."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class PurposeForm(forms.Form):
    """Why full account numbers are wanted; recorded before they are shown."""

    purpose = forms.ChoiceField(
        label=_("What for"),
        choices=[
            (purpose.value, purpose.label)
            for purpose in (Purpose.PAYMENT, Purpose.CORRECTION, Purpose.AUDIT)
        ],
    )


class BounceForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason the bank gives"),
        max_length=100,
        help_text=_("As on the bank's receipt, such as: the account name does not match."),
    )


class PayeeConfirmForm(forms.Form):
    """A second person looked at the account."""

    compared = forms.BooleanField(
        label=_("I have compared account name and number with the card or passbook."),
        error_messages={"required": _("Compare the account with the card or passbook first.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
