"""What may be typed on the pages of lists and on the leaders' page."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import format_fen
from base.words import say
from cases.models import Case, Round
from cases.workflow import Programme
from funds import actions
from funds.models import Account, Batch, Vote
from people.forms import FilterForm, UnitChoiceField
from people.models import Unit

ALL = [("", _("all"))]


class BatchFilter(FilterForm):
    programme = forms.ChoiceField(
        label=_("Programme"), required=False, choices=[*ALL, *Programme.choices]
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[*ALL, *Batch.Status.choices]
    )


class BudgetField(forms.ModelChoiceField):
    def label_from_instance(self, account):
        return say(
            _("%(fund)s, %(year)s, %(programme)s: %(available)s yuan available"),
            fund=account.fund.name,
            year=account.year,
            programme=Programme(account.programme).label,
            available=format_fen(account.available_fen),
        )


class BatchForm(forms.Form):
    """A new list: what for, out of which budget, of which round."""

    title = forms.CharField(
        label=_("Title"),
        max_length=100,
        help_text=_("It becomes the title of the public notice, so name month and programme."),
    )
    programme = forms.ChoiceField(label=_("Programme"), choices=Programme.choices)
    budget = BudgetField(
        label=_("Budget"),
        queryset=Account.objects.none(),
        required=False,
        help_text=_("Recognition takes no money and needs no budget."),
    )
    round = forms.ModelChoiceField(
        label=_("Round"),
        queryset=Round.objects.none(),
        required=False,
        help_text=_("Only for the regular subsidy."),
    )

    def __init__(self, *args, company_id, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.company_id = company_id
        budgets = Account.objects.budgets().filter(fund__company=company_id)
        self.fields["budget"].queryset = budgets.select_related("fund").for_list()
        rounds = Round.objects.visible_to(actor).filter(company=company_id)
        self.fields["round"].queryset = rounds.for_list()

    def clean_title(self):
        title = self.cleaned_data["title"]
        same = Batch.objects.filter(company=self.company_id, title=title)
        if same.filter(status=Batch.Status.BUILDING).exists():
            raise ValidationError(
                _("A list of this title is being drawn up already; choose another title.")
            )
        return title

    def clean(self):
        data = super().clean()
        programme, budget = data.get("programme"), data.get("budget")
        if programme == Programme.RECOGNITION:
            data["budget"] = None
        elif "budget" in data and budget is None:
            self.add_error("budget", _("Choose the budget the money comes from."))
        elif budget and budget.programme != programme:
            self.add_error("budget", _("This budget is for another programme."))
        if programme != Programme.REGULAR:
            data["round"] = None
        elif "round" in data and data["round"] is None:
            self.add_error("round", _("Choose the round of the regular subsidy."))
        elif data.get("round") and (reason := actions.why_not_round(data["round"])):
            self.add_error("round", reason)
        return data


class CandidateFilter(FilterForm):
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))

    def __init__(self, *args, company_id, **kwargs):
        super().__init__(*args, **kwargs)
        units = Unit.objects.filter(parent=company_id).grassroots()
        self.fields["unit"].queryset = units.order_by("path", "pk")


class OrderForm(forms.Form):
    """Why somebody is on a list before others who come first."""

    reason = forms.CharField(
        label=_("Why others are put first"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The leadership reads it with the list, and it stands in the minutes."),
        error_messages={"required": _("Write down why others are put first.")},
    )


class AddForm(forms.Form):
    """The cases ticked; with `all` every case the filters leave."""

    cases = forms.ModelMultipleChoiceField(
        label=_("Cases"), queryset=Case.objects.none(), required=False
    )
    all = forms.BooleanField(required=False)

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        self.candidates = candidates
        self.fields["cases"].queryset = candidates

    def clean(self):
        data = super().clean()
        if data.get("all"):
            data["cases"] = self.candidates.only("pk")
        elif "cases" in data and not data["cases"]:
            self.add_error("cases", _("Tick at least one case."))
        return data


class DecideForm(forms.Form):
    """The votes of one member: each individual item, the routine items, the version seen.

    A routine line may carry a choice of its own too: it is pulled out without a reason.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    rest = forms.ChoiceField(
        label=_("All routine items together"),
        choices=[(choice.value, choice.label) for choice in actions.CHOICES],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you vote on the routine items.")},
    )

    def __init__(self, *args, rows, version, **kwargs):
        super().__init__(*args, **kwargs)
        self.current = version
        self.rows = rows
        if all(row.single for row in rows):
            self.fields["rest"].required = False
        for row in rows:
            self.fields[row.field] = forms.ChoiceField(
                label=say(_("No. %(seq)s %(name)s"), seq=row.seq, name=row.name),
                choices=self.fields["rest"].choices,
                required=row.single,
                widget=forms.RadioSelect,
                error_messages={
                    "required": say(
                        _("Choose how you vote on no. %(seq)s %(name)s."),
                        seq=row.seq,
                        name=row.name,
                    )
                },
            )

    def clean_version(self):
        if self.cleaned_data["version"] != self.current:
            raise ValidationError(
                _("The list has been changed since; read the new version and vote again.")
            )
        return self.cleaned_data["version"]

    @property
    def votes(self):
        """(choice for the rest, {line pk: choice}) as `actions.vote` takes them."""
        chosen = {row.pk: self.cleaned_data[row.field] for row in self.rows}
        rest = self.cleaned_data["rest"] or Vote.Choice.ABSTAIN  # nothing is left to vote on
        return rest, {pk: choice for pk, choice in chosen.items() if choice}
