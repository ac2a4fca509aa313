"""Forms about the bank: what a statement covers, what belongs to what, and why not."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base import idcard, xlsx
from base.crypto import blind_index
from base.money import MoneyFormField, format_fen
from base.words import say
from funds import layouts, statements
from funds.models import BankAccount, Fund, Why
from people.forms import DateField, FilterForm
from people.models import Unit
from people.roles import Role


class BankAccountForm(forms.Form):
    """The special account, and the funds that lie in it."""

    company = forms.ModelChoiceField(
        label=_("Company"), queryset=Unit.objects.none(), empty_label=None
    )
    name = forms.CharField(label=_("Account name"), max_length=60)
    bank = forms.CharField(label=_("Bank"), max_length=60)
    account = forms.CharField(label=_("Account number"), max_length=40)
    layout = forms.ChoiceField(
        label=_("Layout of the statement"),
        choices=layouts.CHOICES,
        help_text=_("Which names the columns of the bank's file have."),
    )
    funds = forms.ModelMultipleChoiceField(
        label=_("Funds that join this account"),
        queryset=Fund.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A fund that has joined an account stays in it."),
    )

    def __init__(self, *args, actor, bank_account=None, **kwargs):
        self.bank_account = bank_account
        if bank_account:
            kwargs["initial"] = {
                name: getattr(bank_account, name)
                for name in ("company", "name", "bank", "account", "layout")
            }
        super().__init__(*args, **kwargs)
        companies = actor.companies(Role.ACCOUNTANT)
        if bank_account:
            companies = [bank_account.company_id]
        offered = Unit.objects.filter(pk__in=companies).order_by("path")
        self.fields["company"].queryset = offered
        if len(companies) == 1:
            self.fields["company"].widget = forms.HiddenInput()
            self.fields["company"].initial = companies[0]
        self.fields["funds"].queryset = Fund.objects.filter(
            company__in=companies, bank_account=None
        ).for_list()

    def clean_account(self):
        try:
            return idcard.check_account(self.cleaned_data["account"])
        except ValueError as error:
            raise ValidationError(error.args[0]) from error

    def clean(self):
        data = super().clean()
        if data.get("company") and data.get("account"):
            same = BankAccount.objects.filter(
                company=data["company"], account_index=blind_index(data["account"], "account")
            )
            if same.exclude(pk=self.bank_account.pk if self.bank_account else None).exists():
                self.add_error("account", _("This account is registered already."))
        return data


class StatementForm(forms.Form):
    """An uploaded statement; `reading` is what the dry run found in it."""

    bank_account = forms.ModelChoiceField(
        label=_("Bank account"), queryset=BankAccount.objects.none(), empty_label=None
    )
    since = DateField(label=_("First day"))
    until = DateField(label=_("Last day"))
    opening = MoneyFormField(label=_("Opening balance"), min_fen=None)
    closing = MoneyFormField(
        label=_("Closing balance"),
        min_fen=None,
        help_text=_("As printed on the statement; the lines must lead from one to the other."),
    )
    file = forms.FileField(
        label=_("File of the bank (.xlsx or .csv)"),
        help_text=_("As downloaded from the bank, unchanged."),
    )

    reading = None

    def __init__(self, *args, actor, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["bank_account"].queryset = BankAccount.objects.filter(
            company__in=actor.companies(Role.CASHIER)
        ).for_list()

    def clean(self):
        data = super().clean()
        if len(data) < len(self.fields):
            return data
        if data["until"] < data["since"]:
            self.add_error("until", _("The last day is before the first; correct one."))
        elif data["until"] > self.today:
            self.add_error("until", _("This day has not come yet; end the statement before."))
        if self.errors:
            return data
        facts = {
            "bank_account": data["bank_account"], "since": data["since"], "until": data["until"],
            "opening_fen": data["opening"], "closing_fen": data["closing"],
        }  # fmt: skip
        try:
            self.reading = statements.read(file=data["file"], **facts)
        except xlsx.SheetError as error:
            self.add_error("file", ValidationError(error.args[0], code="file"))
            return data
        for sentence in statements.whole(sha256=self.reading.sha256, **facts):
            self.add_error(None, sentence)
        return data


class StatementFilter(FilterForm):
    """By bank account, year and whether a line waits."""

    account = forms.ModelChoiceField(
        label=_("Bank account"),
        required=False,
        queryset=BankAccount.objects.none(),
        empty_label=_("all"),
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2200)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("open", _("lines to match")), ("done", _("all matched"))],
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        self.fields["account"].queryset = BankAccount.objects.visible_to(actor).for_list()


class LineFilter(FilterForm):
    """By state, direction, day and the beginning of the bank reference."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("open", _("not matched")), ("matched", _("matched"))],
    )
    way = forms.ChoiceField(
        label=_("In or out"),
        required=False,
        choices=[("", _("all")), ("in", _("came in")), ("out", _("went out"))],
    )
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Bank reference")


class PeriodFilter(FilterForm):
    """One bank account and one year."""

    account = forms.ModelChoiceField(
        label=_("Bank account"),
        required=False,
        queryset=BankAccount.objects.none(),
        empty_label=None,
    )
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int)

    def __init__(self, *args, accounts, years, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        self.fields["account"].queryset = accounts
        self.fields["year"].choices = [(year, str(year)) for year in years]


class MatchForm(forms.Form):
    """What a line belongs to: whole payments, single entries, other lines of the bank."""

    runs = forms.MultipleChoiceField(
        label=_("Whole payments"), required=False, widget=forms.CheckboxSelectMultiple
    )
    entries = forms.MultipleChoiceField(
        label=_("Entries of the books"), required=False, widget=forms.CheckboxSelectMultiple
    )
    lines = forms.MultipleChoiceField(
        label=_("Other lines of the bank that cancel it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, offered, due_fen, **kwargs):
        """`offered`: {field: [(value, words, fen)]}; what is chosen must make `due_fen`."""
        super().__init__(*args, **kwargs)
        self.due_fen, self.fens = due_fen, {}
        for name, some in offered.items():
            self.fields[name].choices = [(value, words) for value, words, _fen in some]
            self.fens |= {(name, str(value)): fen for value, _words, fen in some}
            if not some:
                del self.fields[name]

    def clean(self):
        data = super().clean()
        chosen = [(name, value) for name in self.fields for value in data.get(name, [])]
        if self.errors:
            return data
        if not chosen:
            raise ValidationError(_("Choose what this line belongs to."))
        total = sum(self.fens[key] for key in chosen)
        if total != self.due_fen:
            raise ValidationError(
                say(
                    _("What you chose makes %(total)s yuan; the line is %(due)s yuan."),
                    total=format_fen(total),
                    due=format_fen(self.due_fen),
                )
            )
        return data


class UndoForm(forms.Form):
    words = forms.CharField(label=_("Why the match was wrong"), max_length=200)


class ExplainForm(forms.Form):
    """Why something stands alone at the end of the month."""

    why = forms.ChoiceField(label=_("Why it stands alone"), choices=Why.choices)
    words = forms.CharField(
        label=_("In words"),
        max_length=200,
        required=False,
        help_text=_("What was asked of whom, and what will follow."),
    )

    def clean(self):
        data = super().clean()
        if data.get("why") == Why.OTHER and not data.get("words"):
            self.add_error("words", _("Say in words what it is."))
        return data
