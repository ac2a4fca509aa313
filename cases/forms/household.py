"""What a household says of itself: its cause, members, expenses, and the gate questions."""

from datetime import timedelta
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.crypto import blind_index
from base.idcard import MALE, IdNumberField, birth_of, sex_of
from base.money import MoneyFormField
from base.words import say
from cases.codes import Cause, ExpenseKind, Gate, Health, Occupation, SchoolLevel
from cases.models import Dossier, Member
from people.forms import DateField
from people.models import Relation, Sex

MOST_SIDE_CAUSES = 3
WINDOW = timedelta(days=366)  # expenses of the twelve months before count

# The gate questions as they are asked of a household.
ASKED = {
    Gate.LUXURY: _("Does anybody in the household own luxury goods, such as jewellery or art?"),
    Gate.HOMES: _("Does the household own two or more homes?"),
    Gate.VEHICLE: _("Does anybody in the household own or regularly use a car?"),
    Gate.BUSINESS: _("Does anybody in the household own a company or shop, or employ others?"),
    Gate.SCHOOL_ABROAD: _("Does a child go to a high-fee private school, or study abroad?"),
    Gate.VIOLATION: _("Was the employee punished for a breach of law or discipline?"),
}


def offer(form, name, rows):
    """Let a field of a form offer these rows, and no others."""
    form.fields[name].queryset = rows


class DescribeForm(forms.Form):
    """The header of the file: causes, other income, address, own words."""

    main_cause = forms.ChoiceField(
        label=_("What is the main cause of your hardship?"),
        widget=forms.RadioSelect,
        choices=Cause.choices,
    )
    side_causes = forms.MultipleChoiceField(
        label=_("Are there other causes?"),
        help_text=_("Choose up to three."),
        widget=forms.CheckboxSelectMultiple,
        choices=Cause.choices,
        required=False,
    )
    other_income_fen = MoneyFormField(
        label=_("Other income of the household in the last twelve months"),
        help_text=_(
            "Rent, interest, compensation, support from relatives. Not wages and pensions: these"
            " belong to each member. Leave it empty if there is none."
        ),
        min_fen=0,
        required=False,
    )
    address = forms.CharField(label=_("Home address"), max_length=200)
    story = forms.CharField(
        label=_("What happened, in your own words"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=2000,
        required=False,
    )

    def clean_other_income_fen(self):
        return self.cleaned_data["other_income_fen"] or 0

    def clean(self):
        super().clean()
        data = self.cleaned_data
        others = [cause for cause in data.get("side_causes", []) if cause != data.get("main_cause")]
        if len(others) > MOST_SIDE_CAUSES:
            self.add_error("side_causes", _("Choose at most three other causes."))
        data["side_causes"] = others
        return data


class MemberForm(forms.Form):
    """Somebody of the household; birth and sex are read from the ID number.

    The head's name and number come from the staff roster and are not asked for. When a member is
    changed, an ID number left empty stays as it was.
    """

    relation = forms.ChoiceField(
        label=_("Who is it? Relation to the employee"),
        choices=[("", _("choose")), *(c for c in Relation.choices if c[0] != Relation.SELF)],
    )
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As on the ID card."))
    id_number = IdNumberField(
        label=_("ID number"), help_text=_("18 characters; a child has one too, in the register.")
    )
    occupation = forms.ChoiceField(
        label=_("What do they do?"), widget=forms.RadioSelect, choices=Occupation.choices
    )
    workplace = forms.CharField(label=_("Workplace or school"), max_length=100, required=False)
    school_level = forms.ChoiceField(
        label=_("Schooling"), choices=SchoolLevel.choices, required=False
    )
    monthly_income_fen = MoneyFormField(
        label=_("Monthly income"),
        help_text=_("Wage or pension after tax. Leave it empty if there is none."),
        min_fen=0,
        required=False,
    )
    health = forms.ChoiceField(label=_("Health"), choices=Health.choices, initial=Health.GOOD)
    ill_this_year = forms.BooleanField(label=_("Was seriously ill this year"), required=False)

    def __init__(self, *args, dossier, on, member=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier, self.member, self.on = dossier, member, on
        if member and member.relation == Relation.SELF:
            for name in ("relation", "name", "id_number"):
                del self.fields[name]
        elif member:
            self.fields["id_number"].required = False
            self.fields["id_number"].help_text = _("Leave it empty to keep the number on file.")

    def clean_id_number(self):
        number = self.cleaned_data["id_number"]
        if not number:
            return number
        if birth_of(number) > self.on:
            raise ValidationError(_("The date of birth in this number lies in the future."))
        index = blind_index(number, "id_number")
        others = Member.objects.filter(id_index=index).exclude(
            pk=self.member.pk if self.member else None
        )
        here = others.filter(dossier=self.dossier).first()
        if here and here.left_on is None:
            raise ValidationError(
                say(_("%(name)s is entered with this number already."), name=here.name)
            )
        if here and self.member:
            raise ValidationError(
                _("Somebody who left the household has this number; add them anew instead.")
            )
        active = self.dossier.status == Dossier.Status.ACTIVE
        if active and others.filter(company=self.dossier.company_id, active=True).exists():
            raise ValidationError(
                _("This number is on file in another household already; clear this up first.")
            )
        return number

    def clean_monthly_income_fen(self):
        return self.cleaned_data["monthly_income_fen"] or 0

    @property
    def columns(self):
        """The columns of a member, for `save_member`."""
        data = dict(self.cleaned_data)
        number = data.pop("id_number", "") or self.member.id_number
        if self.member:
            kept = {"relation", "name", "sex", "born_on"}
            columns = {name: getattr(self.member, name) for name in kept}
        else:
            columns = {}
        if number and not (self.member and number == self.member.id_number):
            sex = Sex.MALE if sex_of(number) == MALE else Sex.FEMALE
            columns |= {"sex": sex, "born_on": birth_of(number)}
        return columns | data | {"id_number": number, "left_on": None}

    @property
    def returning(self):
        """The row of somebody who left the household and now comes back, if any."""
        index = blind_index(self.cleaned_data["id_number"], "id_number")
        return self.dossier.members.filter(id_index=index).first()


class ExpenseForm(forms.Form):
    """An unavoidable expense of the last twelve months and what was reimbursed of it."""

    kind = forms.ChoiceField(
        label=_("What was it for?"), widget=forms.RadioSelect, choices=ExpenseKind.choices
    )
    member = forms.ModelChoiceField(
        label=_("For whom?"),
        queryset=Member.objects.none(),
        required=False,
        empty_label=_("the whole household"),
    )
    spent_on = DateField(label=_("When was it paid?"))
    gross_fen = MoneyFormField(label=_("Amount spent"))
    reimbursed_fen = MoneyFormField(
        label=_("Of it reimbursed"),
        help_text=_("By the medical insurance, mutual aid or anybody else. Empty if nothing."),
        min_fen=0,
        required=False,
    )
    vouchers = forms.IntegerField(
        label=_("How many receipts do you have?"), min_value=0, max_value=999, initial=1
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    def __init__(self, *args, dossier, on, expense=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.on, self.expense = on, expense
        offer(self, "member", dossier.members.filter(left_on=None).order_by("pk"))

    def clean_spent_on(self):
        day = self.cleaned_data["spent_on"]
        if day > self.on:
            raise ValidationError(_("This day lies in the future; enter what was paid already."))
        known = self.expense and self.expense.spent_on == day
        if day < self.on - WINDOW and not known:
            raise ValidationError(_("Only expenses of the last twelve months count."))
        return day

    def clean_reimbursed_fen(self):
        return self.cleaned_data["reimbursed_fen"] or 0

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("reimbursed_fen", 0) > data.get("gross_fen", 0) > 0:
            self.add_error("reimbursed_fen", _("More cannot be reimbursed than was spent."))
        return data

    @property
    def columns(self):
        return {name: value for name, value in self.cleaned_data.items() if name != "token"}


class GatesForm(forms.Form):
    """The gate questions of the policy: yes or no, and a word on every yes."""

    def __init__(self, *args, gates, assets, **kwargs):
        super().__init__(*args, **kwargs)
        self.gates = [Gate(gate) for gate in gates]
        given = {asset.gate: asset for asset in assets}
        for gate in self.gates:
            asset = given.get(gate)
            self.fields[gate] = forms.ChoiceField(
                label=ASKED[gate],
                widget=forms.RadioSelect,
                choices=[("no", _("no")), ("yes", _("yes"))],
                initial=("yes" if asset.present else "no") if asset else None,
            )
            self.fields[f"{gate}_evidence"] = forms.CharField(
                label=_("If yes: what is it, and why?"),
                max_length=200,
                required=False,
                initial=asset.evidence if asset else "",
            )

    def clean(self):
        super().clean()
        data = self.cleaned_data
        for gate in self.gates:
            words = f"{gate}_evidence"
            if data.get(gate) == "yes" and not data.get(words) and words not in self.errors:
                self.add_error(words, _("Say in a few words what it is and why it is needed."))
        return data

    @property
    def pairs(self):
        """Each question with the field for its words."""
        return [(self[gate], self[f"{gate}_evidence"]) for gate in self.gates]

    @property
    def answers(self):
        data = self.cleaned_data
        return {g: (data[g] == "yes", data[f"{g}_evidence"]) for g in self.gates}
