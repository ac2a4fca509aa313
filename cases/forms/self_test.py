"""The questions of the self-test: a household in a dozen numbers, none of them kept."""

from django import forms
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from cases.codes import ExpenseKind, Gate, Health, Occupation
from cases.models import Basis
from people.models import Relation, Unit

MOST_PERSONS = 15


class SelfTestForm(forms.Form):
    """Answers that make up a household for the assessment; nothing here names anybody."""

    company = forms.ModelChoiceField(
        label=_("Company"), queryset=Unit.objects.none(), empty_label=None
    )
    persons = forms.IntegerField(
        label=_("How many persons live in your household, you included?"),
        min_value=1,
        max_value=MOST_PERSONS,
    )
    earners = forms.IntegerField(
        label=_("How many of them are in steady work?"), min_value=0, max_value=MOST_PERSONS
    )
    own_income_fen = MoneyFormField(
        label=_("Your own monthly income"), help_text=_("Wage or pension after tax."), min_fen=0
    )
    income_fen = MoneyFormField(
        label=_("Monthly income of the others together"),
        help_text=_("Leave it empty if there is none."),
        min_fen=0,
        required=False,
    )
    other_income_fen = MoneyFormField(
        label=_("Other income of the household in the last twelve months"),
        help_text=_("Rent, interest, compensation, support from relatives."),
        min_fen=0,
        required=False,
    )
    medical_fen = MoneyFormField(
        label=_("Paid for illness or accident in the last twelve months"),
        help_text=_("What you paid yourself, after every reimbursement, with receipts."),
        min_fen=0,
        required=False,
    )
    expenses_fen = MoneyFormField(
        label=_("Paid for schooling, rent and other unavoidable things in the last twelve months"),
        help_text=_("With receipts only."),
        min_fen=0,
        required=False,
    )
    own_health = forms.ChoiceField(
        label=_("Your own health"), choices=Health.choices, initial=Health.GOOD
    )
    family_health = forms.ChoiceField(
        label=_("The most serious illness of another member"),
        choices=Health.choices,
        initial=Health.GOOD,
    )
    ill_this_year = forms.BooleanField(
        label=_("Somebody was seriously ill this year"), required=False
    )
    gates = forms.MultipleChoiceField(
        label=_("Which of these is true of your household?"),
        help_text=_("Leave all of them empty if none is."),
        widget=forms.CheckboxSelectMultiple,
        choices=Gate.choices,
        required=False,
    )

    def __init__(self, *args, companies, company=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies
        self.fields["company"].initial = company
        if len(companies) == 1:
            self.fields["company"].widget = forms.HiddenInput()
            self.fields["company"].initial = companies[0]

    def clean(self):
        data = super().clean()
        persons, earners = data.get("persons"), data.get("earners")
        if persons and earners and earners > persons:
            self.add_error("earners", _("More are in work than live in the household."))
        alone = persons == 1
        if alone and data.get("income_fen"):
            self.add_error("income_fen", _("You live alone: there is no income of others."))
        if alone and data.get("family_health", Health.GOOD) != Health.GOOD:
            self.add_error("family_health", _("You live alone: there is no other member."))
        return data

    def facts(self, line_fen, on):
        """The household of these answers, as `facts.household` gives one on file."""
        data = self.cleaned_data
        persons, earners = data["persons"], data["earners"]
        members = [
            {
                "pk": number,
                "relation": Relation.SPOUSE if number else Relation.SELF,
                "occupation": Occupation.WORKING if number < earners else Occupation.UNABLE,
                "school_level": "",
                "health": Health.GOOD,
                "ill_this_year": bool(data["ill_this_year"] and not number),
                "income_fen": 0,
                "health_basis": Basis.DECLARED,
                "work_basis": Basis.DECLARED,
                "income_basis": Basis.DECLARED,
            }
            for number in range(persons)
        ]
        members[0] |= {"income_fen": data["own_income_fen"], "health": data["own_health"]}
        if persons > 1:
            members[1] |= {"income_fen": data["income_fen"] or 0, "health": data["family_health"]}
        return {
            "line_fen": line_fen,
            "other_income_fen": data["other_income_fen"] or 0,
            "other_income_basis": Basis.DECLARED,
            "members": members,
            "expenses": [
                {
                    "kind": kind, "net_fen": data[name] or 0, "basis": Basis.DECLARED,
                    "spent_on": on.isoformat(), "vouchers": 1, "verified_net_fen": None,
                }
                for kind, name in (
                    (ExpenseKind.ILLNESS, "medical_fen"), (ExpenseKind.OTHER, "expenses_fen"),
                )
            ],
            "gates": [
                {"gate": gate, "present": True, "excepted": False, "basis": Basis.DECLARED}
                for gate in data["gates"]
            ],
        }  # fmt: skip
