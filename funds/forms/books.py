"""Filters of the books: fund, year and month of a report; days, kind and side of a ledger."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.workflow import Programme
from funds.models import Fund, Kind
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Unit

JOURNAL_SIDES = (
    ("into", _("Income")),
    ("out", _("Expenditure")),
    ("inside", _("Between accounts")),
    ("paid", _("Paid out")),
    ("back", _("Came back")),
    ("set_off", _("Set off against an advance")),
    ("came", _("Came in at the bank")),
    ("went", _("Went out at the bank")),
)
ACCOUNT_SIDES = (("into", _("Debit")), ("out", _("Credit")))
PURPOSE_SIDES = (("into", _("Set aside")), ("out", _("Spent")), *JOURNAL_SIDES[3:6])
CASE_SIDES = JOURNAL_SIDES[3:6]


class _FundFilter(FilterForm):
    """`funds` is a list; with one fund nothing is to be chosen."""

    fund = forms.ModelChoiceField(
        label=_("Fund"), required=False, queryset=Fund.objects.none(), empty_label=_("all")
    )

    def __init__(self, *args, funds, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fund"].queryset = Fund.objects.filter(
            pk__in=[fund.pk for fund in funds]
        ).for_list()


class ReportFilter(_FundFilter):
    """One fund or all, a year or one of its months."""

    q = None  # nothing is searched
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int)
    month = forms.TypedChoiceField(
        label=_("Month"),
        required=False,
        coerce=int,
        choices=[("", _("the whole year")), *((n, f"{n:02d}") for n in range(1, 13))],
    )

    def __init__(self, *args, years, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, str(year)) for year in years]


class HouseholdFilter(ReportFilter):
    """The households on the books, also by name or number and by unit."""

    q = forms.CharField(label=_("Name or dossier number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    field_order = ("q", "unit", "fund", "year", "month")

    def __init__(self, *args, companies, years, **kwargs):
        super().__init__(*args, years=years, **kwargs)
        self.fields["unit"].queryset = units_of(companies)
        self.fields["year"].choices = [("", _("all")), *self.fields["year"].choices]


class BookFilter(_FundFilter):
    """The entries of one ledger; `q` is the beginning of the number of a voucher, case, dossier."""

    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *Kind.choices]
    )
    side = forms.ChoiceField(label=_("Which column"), required=False)
    field_order = ("q", "fund", "since", "until", "side", "kind")

    def __init__(self, *args, sides, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Voucher, case or dossier number")
        self.fields["side"].choices = [("", _("all")), *sides]


class JournalFilter(BookFilter):
    """The entries of every fund, also by programme and unit."""

    programme = forms.ChoiceField(
        label=_("Programme"), required=False, choices=[("", _("all")), *Programme.choices]
    )
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))

    def __init__(self, *args, companies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_of(companies)


def units_of(companies):
    """Some company unions and their grassroots unions."""
    own = Q(pk__in=companies) | Q(parent__in=companies)
    return Unit.objects.filter(own).order_by("path", "pk")
