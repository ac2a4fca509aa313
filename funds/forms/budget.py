"""Forms about the budget: a decision with its lines, a carry-over, and the filters of the lists."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField, format_fen
from base.words import say
from cases.workflow import Programme
from funds import actions
from funds.actions import Planned
from funds.forms.fund import entry_key
from funds.models import Account, BudgetDecision, BudgetPeriod, Donation, Fund
from people.forms import DateField, FilterForm

ALL = [("", _("all"))]
LINES = 8
ADD, TAKE = "ADD", "TAKE"


class FundField(forms.ModelChoiceField):
    def __init__(self, **kwargs):
        super().__init__(
            **{"label": _("Fund"), "queryset": Fund.objects.none(), "required": False,
               "empty_label": _("all")} | kwargs
        )  # fmt: skip


class YearField(forms.TypedChoiceField):
    def __init__(self, **kwargs):
        super().__init__(**{"label": _("Year"), "coerce": int, "required": False} | kwargs)


class _OfFund(FilterForm):
    fund = FundField()
    year = YearField()

    def __init__(self, *args, funds, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fund"].queryset = funds
        self.fields["year"].choices = [*ALL, *((year, str(year)) for year in years)]


class BudgetFilter(_OfFund):
    """One fund or all of them, in one year."""

    q = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = self.fields["year"].choices[1:]


class DecisionFilter(_OfFund):
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[*ALL, *BudgetDecision.Kind.choices]
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[*ALL, *BudgetDecision.Status.choices]
    )
    donation = forms.CharField(label=_("Donation"), required=False, max_length=30)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Number, minutes or document")


class DonationFilter(_OfFund):
    state = forms.ChoiceField(
        label=_("Wish"),
        required=False,
        choices=[*ALL, ("WISH", _("for one programme")), ("WAITING", _("not yet given to it"))],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Receipt number")


class AccountField(forms.ModelChoiceField):
    def label_from_instance(self, account):
        return f"{account.fund.name} {account}"


class ReservationFilter(_OfFund):
    account = AccountField(
        label=_("Budget"), required=False, queryset=Account.objects.none(), empty_label=_("all")
    )
    field_order = ("q", "account", "fund", "year")

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Case number")
        self.fields["account"].queryset = accounts


class RestsOnForm(forms.Form):
    """What every decision about the budget rests on; `key` makes sending it twice one decision."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=300
    )
    basis = forms.CharField(
        label=_("Minutes or document"),
        max_length=100,
        help_text=_("Name and number of the minutes or the document it rests on."),
    )
    basis_on = DateField(label=_("Date of the minutes or document"))
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args, fund, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.fund, self.today = fund, today

    def clean_basis_on(self):
        day = self.cleaned_data["basis_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day

    @property
    def given(self):
        """What the actions take from it."""
        data = self.cleaned_data
        return {name: data[name] for name in ("reason", "basis", "basis_on")} | {
            "key": entry_key(data["key"])
        }

    @property
    def sent_before(self):
        """Whether this very form has been written down already. One query."""
        key = self.cleaned_data.get("key")
        return bool(key) and BudgetDecision.objects.filter(key=entry_key(key)).exists()


class DecisionForm(RestsOnForm):
    """The lines of a decision: what for, for which part of the year, more or less, how much.

    A line without an amount is left out. The first decision of a year is its appropriation.
    """

    year = forms.TypedChoiceField(label=_("Budget of the year"), coerce=int)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        fund, year = self.fund, self.today.year
        budgets = fund.accounts.budgets().values_list("year", flat=True)
        years = sorted({year, year + 1, *budgets}, reverse=True)
        self.fields["year"].choices = [(n, str(n)) for n in years]
        self.fields["year"].initial = year
        served = [p for p in Programme if p.value in fund.programmes and p != Programme.RECOGNITION]
        self.donations = {str(row.pk): row for row in Donation.objects.wished(fund)}
        purposes = [
            *((programme.value, programme.label) for programme in served),
            *(
                (
                    f"{row.programme}:{pk}",
                    say(
                        _("%(programme)s, out of donation %(number)s (%(left)s yuan left)"),
                        programme=row.get_programme_display(),
                        number=row.number,
                        left=format_fen(row.left_fen),
                    ),
                )
                for pk, row in self.donations.items()
            ),
        ]
        self.rows = range(1, max(LINES, len(served)) + 1)
        for n in self.rows:
            first = served[n - 1].value if n <= len(served) else ""
            self.fields[f"purpose_{n}"] = forms.ChoiceField(
                label=_("Used for"), required=False, choices=[("", "-"), *purposes], initial=first
            )
            self.fields[f"period_{n}"] = forms.ChoiceField(
                label=_("Part of the year"), choices=BudgetPeriod.choices, required=False,
                initial=BudgetPeriod.YEAR,
            )  # fmt: skip
            self.fields[f"way_{n}"] = forms.ChoiceField(
                label=_("More or less"), choices=[(ADD, _("add")), (TAKE, _("take back"))],
                required=False, initial=ADD,
            )  # fmt: skip
            self.fields[f"amount_{n}"] = MoneyFormField(label=_("Amount"), required=False)

    @property
    def head(self):
        """The fields above the lines."""
        return [self[name] for name in ("year", "reason", "basis", "basis_on")]

    @property
    def lines(self):
        """[(number, the four fields of a line)]."""
        names = ("purpose", "period", "way", "amount")
        return [(n, [self[f"{name}_{n}"] for name in names]) for n in self.rows]

    @property
    def kind(self):
        """The first decision of a year appropriates, every other one changes. One query."""
        year = self.cleaned_data["year"]
        begun = self.fund.accounts.budgets().filter(year=year).exists()
        return BudgetDecision.Kind.CHANGE if begun else BudgetDecision.Kind.FIRST

    def planned(self):
        """[Planned] of the lines that have an amount."""
        data, found = self.cleaned_data, []
        for n in self.rows:
            amount = data.get(f"amount_{n}")
            if amount:
                programme, _colon, donation = data[f"purpose_{n}"].partition(":")
                sign = -1 if data[f"way_{n}"] == TAKE else 1
                found.append(
                    Planned(
                        programme, sign * amount, data[f"period_{n}"] or BudgetPeriod.YEAR,
                        self.donations.get(donation),
                    )
                )  # fmt: skip
        return found

    def clean(self):
        data = super().clean()
        for n in self.rows:
            if data.get(f"amount_{n}") and not data.get(f"purpose_{n}"):
                self.add_error(f"purpose_{n}", _("Choose what this amount is for."))
        if self.errors or self.sent_before:
            return data
        lines, year = self.planned(), data["year"]
        why = actions.why_not_plan(self.fund, year, self.kind, lines, self.today)
        if why := why or actions.why_not_fit(self.fund, year, lines):
            self.add_error(None, why)
        return data


class CarryForm(RestsOnForm):
    """Why and on what the carry-over of a year rests; its lines are reckoned."""

    def __init__(self, *args, year, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].initial = _now("Carry-over of %(year)s") % {"year": year}
