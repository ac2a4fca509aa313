"""Forms about money in the fund: each amount is checked against what there is before it is sent."""

from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from cases.workflow import Programme
from funds import actions
from funds.models import INCOME, Account, Fund, Kind, Transfer
from funds.models.ledger import BUDGETED, CAME_IN, CHANGES, FIRST, SPENDING
from people.forms import DateField, FilterForm
from people.models import Standing, Unit
from people.roles import Role

GROUPS = [
    (SPENDING, _("Everything paid and returned")),
    (FIRST, _("Set aside at first")),
    (CHANGES, _("Changes of the budget")),
    (BUDGETED, _("Budget at first and its changes")),
    (CAME_IN, _("Everything received")),
]


class LedgerFilter(FilterForm):
    """By account, year of the budget, kind and date of the entry; `q` is the beginning of a voucher
    or case number."""

    account = forms.ModelChoiceField(
        label=_("Account"), required=False, queryset=Account.objects.none(), empty_label=_("all")
    )
    year = forms.IntegerField(
        label=_("Budgets of the year"), required=False, min_value=2000, max_value=2999
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *Kind.choices, *GROUPS]
    )
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)

    def __init__(self, *args, fund, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Voucher or case number")
        self.fields["account"].queryset = fund.accounts.for_list()


class FundForm(forms.Form):
    """A new source of money with what it may pay for."""

    company = forms.ModelChoiceField(
        label=_("Company"), queryset=Unit.objects.none(), empty_label=None
    )
    code = forms.RegexField(
        label=_("Code"),
        regex=r"^[A-Z0-9]{1,10}$",
        max_length=10,
        help_text=_("Capital letters and digits; every voucher number of the fund begins with it."),
        error_messages={"invalid": _("Write the code in capital letters and digits, such as A1.")},
    )
    name = forms.CharField(label=_("Name of the fund"), max_length=60)
    programmes = forms.MultipleChoiceField(
        label=_("Allowed programmes"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (programme.value, programme.label)
            for programme in Programme
            if programme != Programme.RECOGNITION
        ],
        help_text=_("Recognition grants no money and needs no fund."),
    )
    standings = forms.MultipleChoiceField(
        label=_("May be paid to"), widget=forms.CheckboxSelectMultiple, choices=Standing.choices
    )
    ceiling = MoneyFormField(
        label=_("Ceiling of one grant"),
        required=False,
        help_text=_("Leave empty when only the policy limits a grant."),
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        companies = Unit.objects.filter(pk__in=actor.companies(Role.ACCOUNTANT)).order_by("path")
        self.fields["company"].queryset = companies
        if len(companies) == 1:
            self.fields["company"].widget = forms.HiddenInput()
            self.fields["company"].initial = companies[0].pk

    def clean(self):
        data = super().clean()
        same = {name: data.get(name) for name in ("company", "code")}
        if all(same.values()) and Fund.objects.filter(**same).exists():
            self.add_error("code", _("A fund of this company has this code; choose another."))
        return data


class BookForm(forms.Form):
    """An amount to book once: `key` is made when the form is opened, so that sending it twice,
    going back, or two tabs of it make one entry."""

    amount = MoneyFormField(
        label=_("Amount"), help_text=_("In yuan, such as 2000, 2,000.00 or 2万.")
    )
    note = forms.CharField(label=_("Summary"), max_length=120, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def sent_before(self):
        """Whether this very form has been booked already. One query."""
        key = self.cleaned_data.get("key")
        return bool(key) and Transfer.objects.filter(key=entry_key(key)).exists()


def entry_key(key):
    """The key of a transfer for the key of a form; never one of those the payments use."""
    return f"form {UUID(str(key))}"


class ReceiveForm(BookForm):
    """Money that came in on the special account. `GIVEN` may be asked for in the address."""

    GIVEN = ("kind", "amount", "value_on", "note")
    DONOR = ("donor", "anonymous", "wish", "programme")

    kind = forms.ChoiceField(
        label=_("What it is"), choices=[(kind.value, kind.label) for kind in INCOME],
        initial=Kind.RECEIVE,
    )  # fmt: skip
    value_on = DateField(label=_("Date of the bank entry"))
    donor = forms.CharField(
        label=_("Donor"), max_length=100, required=False, help_text=_("Only for a donation.")
    )
    anonymous = forms.BooleanField(label=_("The donor does not want to be named"), required=False)
    wish = forms.CharField(
        label=_("Wish of the donor"), widget=forms.Textarea(attrs={"rows": 2}), max_length=300,
        required=False,
    )  # fmt: skip
    programme = forms.ChoiceField(
        label=_("Only for this programme"),
        required=False,
        help_text=_("The money then waits until a decision gives it to this programme."),
    )
    field_order = ("kind", "amount", "value_on", "note", *DONOR)

    def __init__(self, *args, today, fund, **kwargs):
        super().__init__(*args, **kwargs)
        self.today, self.fund = today, fund
        served = [p for p in Programme if p.value in fund.programmes and p != Programme.RECOGNITION]
        self.fields["programme"].choices = [
            ("", _("no wish")), *((programme.value, programme.label) for programme in served)
        ]  # fmt: skip
        self.fields["value_on"].initial = today
        self.fields["note"].required = True
        self.fields["note"].help_text = _("From whom, such as the yearly grant of the group.")

    def clean_value_on(self):
        day = self.cleaned_data["value_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet; check the bank entry."))
        return day

    def clean(self):
        data = super().clean()
        day = data.get("value_on")
        if day and not self.sent_before and (why := actions.why_not_book_on(self.fund, day)):
            self.add_error("value_on", why)
        told = [name for name in self.DONOR if data.get(name)]
        if told and data.get("kind") != Kind.DONATION:
            self.add_error(told[0], _("This is only for a donation: choose that, or empty it."))
        return data

    @property
    def of_donor(self):
        """What is known of the donor, for a donation."""
        if self.cleaned_data["kind"] != Kind.DONATION:
            return {}
        return {name: self.cleaned_data[name] for name in self.DONOR}


class ReverseForm(forms.Form):
    """Why an entry is turned round; the amount is that of the entry."""

    note = forms.CharField(label=_("What was wrong"), max_length=120)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
