"""What is typed for an urgent advance."""

from django import forms
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField, format_fen
from base.words import say
from funds import actions
from funds.forms.batch import BudgetField
from funds.forms.budget import AccountField
from funds.models import Account, Advance
from funds.models.advance import PAID, RESERVED
from people.forms import DateField, FilterForm

GROUPS = [(RESERVED, _("reserved on the budget")), (PAID, _("paid and not settled"))]


class AdvanceFilter(FilterForm):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *Advance.State.choices, *GROUPS]
    )
    account = AccountField(
        label=_("Budget"), required=False, queryset=Account.objects.none(), empty_label=_("all")
    )
    late = forms.BooleanField(label=_("full procedure overdue"), required=False)

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts
        self.fields["q"].label = _("Number of the advance or case, or name")


class AdvanceForm(forms.Form):
    """How much, from which budget, why it cannot wait."""

    amount = MoneyFormField(label=_("Amount"))
    account = BudgetField(label=_("Budget"), queryset=Account.objects.none(), empty_label=None)
    reason = forms.CharField(
        label=_("Why it cannot wait"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        help_text=_("The leadership reads this when it ratifies the advance."),
    )

    def __init__(self, *args, company_id, most_fen, **kwargs):
        super().__init__(*args, **kwargs)
        self.most_fen = most_fen
        self.fields["account"].queryset = actions.budgets(company_id)
        self.fields["amount"].help_text = say(
            _("At most %(most)s yuan on this case."), most=format_fen(most_fen)
        )

    def clean_amount(self):
        amount = self.cleaned_data["amount"]
        if amount > self.most_fen:
            raise forms.ValidationError(
                _("An advance on this case is at most %(most)s yuan."),
                params={"most": format_fen(self.most_fen)},
            )
        return amount

    def clean(self):
        data = super().clean()
        amount, account = data.get("amount"), data.get("account")
        if amount and account and amount > account.available_fen:
            self.add_error("account", _("Less than this amount is left on this budget."))
        return data


class VoidAdvanceForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=300
    )


class RecoveryForm(forms.Form):
    """The day on which the money came back to the account."""

    came_back_on = DateField(label=_("Day on which the money came back"))

    def __init__(self, *args, since, until, **kwargs):
        super().__init__(*args, **kwargs)
        self.since, self.until = since, until

    def clean_came_back_on(self):
        day = self.cleaned_data["came_back_on"]
        if not self.since <= day <= self.until:
            raise forms.ValidationError(
                _("It came back after it was paid, and not later than today.")
            )
        return day


class RatifyForm(forms.Form):
    """Yes or no on each advance that waits for the meeting; what is left open stays open."""

    def __init__(self, *args, advances, **kwargs):
        super().__init__(*args, **kwargs)
        for advance in advances:
            self.fields[f"advance-{advance.pk}"] = forms.ChoiceField(
                label=say(
                    _("%(number)s, %(name)s, %(amount)s yuan"),
                    number=advance.number,
                    name=advance.case.applicant.name,
                    amount=format_fen(advance.amount_fen),
                ),
                help_text=advance.reason,
                widget=forms.RadioSelect,
                choices=[("yes", _("ratified")), ("no", _("not ratified, to be paid back"))],
                initial={None: None, True: "yes", False: "no"}[advance.ratified],
            )

    @property
    def answers(self):
        """{pk of the advance: whether it is ratified}."""
        return {
            int(name.removeprefix("advance-")): value == "yes"
            for name, value in self.cleaned_data.items()
        }
