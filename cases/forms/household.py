"""What a household says of itself: page by page, member by member, expense by expense."""

import re
from datetime import timedelta
from uuid import uuid4

from django import forms
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from base.crypto import blind_index
from base.idcard import MALE, IdNumberField, birth_of, sex_of
from base.masking import mask_id, mask_phone
from base.money import MoneyFormField
from base.words import say
from cases import card
from cases.codes import Cause, ExpenseKind, Gate, Health, Occupation
from cases.models import Dossier, Member
from people.forms import DateField
from people.models import Relation, Sex, Standing

MOST_SIDE_CAUSES = 3
WINDOW = timedelta(days=366)  # expenses of the twelve months before count
OF_AGE = 18
PHONE = re.compile(r"\+?[0-9][0-9 \-]{5,20}")
# Who belongs to a household without further words; of anybody else the note says why.
NEAR = (Relation.SELF, Relation.SPOUSE, Relation.SON, Relation.DAUGHTER, Relation.PARENT)
DEPENDENT = (Occupation.STUDENT, Occupation.UNABLE, Occupation.PRESCHOOL)

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


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or nothing said: True, False or None."""

    def __init__(self, **kwargs):
        choices = [("", _("not said")), ("yes", _("yes")), ("no", _("no"))]
        truth = {"yes": True, "no": False}
        super().__init__(
            choices=choices, coerce=truth.__getitem__, empty_value=None, required=False, **kwargs
        )

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class PhoneField(forms.CharField):
    """A telephone number; the clean value has digits, spaces, hyphens, perhaps a plus."""

    def __init__(self, **kwargs):
        super().__init__(max_length=30, **kwargs)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"inputmode": "tel", "autocomplete": "off"}

    def to_python(self, value):
        narrow = str.maketrans("０１２３４５６７８９＋－", "0123456789+-")
        value = super().to_python(value).translate(narrow)
        if value and not PHONE.fullmatch(value):
            raise ValidationError(_("A phone number has 6 to 20 digits."))
        return value


# The fields of the card, made from its columns


# What a column's own name does not say.
SAID = {
    "main_cause": {"label": _("What is the main cause of your hardship?"),
                   "widget": forms.RadioSelect},
    "story": {"label": _("What happened, in your own words")},
    "address": {"label": _("Home address")},
    "phone": {"label": _("Mobile phone")},
    "other_contact": {
        "help_text": _("A neighbour or relative who can reach you, with a telephone number.")},
    "hukou_place": {"help_text": _("Down to the street or village.")},
    "other_income_fen": {
        "label": _("Other income of the household in the last twelve months"),
        "help_text": _(
            "Rent, interest, compensation, support from relatives. Not wages and pensions: these"
            " belong to each member. Leave it empty if there is none.")},
    "monthly_income_fen": {
        "help_text": _("Wage or pension after tax. Leave it empty if there is none.")},
    "occupation": {"label": _("What do they do?"), "widget": forms.RadioSelect},
    "ill_this_year": {"label": _("Was seriously ill this year")},
    "disability_kind": {"help_text": _("As on the disability certificate.")},
    "help_received": {
        "help_text": _("From the government, the union or anybody else, and how much.")},
    "self_help": {"help_text": _("By work, by training, or by a business of its own.")},
    "property_note": {"help_text": _("Shops, demolition flats, savings, securities.")},
    "honours": {"help_text": _("Of the company or higher.")},
    "note": {"help_text": _("Why somebody other than spouse, child or parent belongs here.")},
}  # fmt: skip
LONG = {"story": 2000, "help_received": 500, "property_note": 500}
MOST = {"floor_area": 9999, "homes": 99, "vehicles": 99, "school_since": 2100, "school_years": 12}
# What is chosen already where nothing is on file: what is so in nearly every household here.
USUAL = {
    "ethnicity": "HA", "hukou": "URBAN", "model_worker": "NONE", "insurance": "EMPLOYEE",
    "employer_kind": "STATE_COMPANY", "employer_state": "NORMAL", "industry": "C",
    "union_member": True,
}  # fmt: skip
WORK_STATES = {
    Standing.IN_SERVICE: "ON_POST", Standing.RETIRED: "RETIRED", Standing.PAID_OFF: "JOBLESS",
}  # fmt: skip


def column(name):
    """The column of the card with this name: of the dossier, else of a member."""
    try:
        return Dossier._meta.get_field(name)
    except FieldDoesNotExist:
        return Member._meta.get_field(name)


def field_of(name):
    """The form field for one column of the card."""
    kept = column(name)
    given = {"label": capfirst(kept.verbose_name)} | SAID.get(name, {})
    if name == "side_causes":
        return forms.MultipleChoiceField(
            label=_("Are there other causes?"), help_text=_("Choose up to three."),
            widget=forms.CheckboxSelectMultiple, choices=Cause.choices, required=False,
        )  # fmt: skip
    if name == "phone":
        return PhoneField(required=False, **given)
    if kept.choices:
        return _choice(name, kept, given)
    if isinstance(kept, models.BooleanField):
        yes_no = YesNoField(**given)
        return yes_no if kept.null else forms.BooleanField(required=False, **given)
    if isinstance(kept, models.DateField):
        return DateField(required=False, **given)
    if isinstance(kept, models.BigIntegerField):
        return MoneyFormField(min_fen=0, required=False, **given)
    if isinstance(kept, models.PositiveSmallIntegerField):
        return forms.IntegerField(min_value=0, max_value=MOST[name], required=False, **given)
    if name in LONG:
        given["widget"] = forms.Textarea(attrs={"rows": 6 if name == "story" else 3})
    most = kept.max_length or LONG.get(name, 200)
    return forms.CharField(max_length=most, required=False, **given)


def _choice(name, kept, given):
    """Nothing need be chosen while drafting, but where the table knows no empty value."""
    choices = [(value, words) for value, words in kept.choices if value]
    if kept.blank and given.get("widget") is not forms.RadioSelect:
        none = dict(kept.choices).get("", _("choose"))
        choices = [("", none), *choices]
    initial = kept.default if kept.has_default() else None
    return forms.ChoiceField(choices=choices, required=not kept.blank, initial=initial, **given)


class CardForm(forms.Form):
    """Fields of the card by the names of their columns, with the rules between them."""

    names: tuple[str, ...] = ()
    starred = tuple(name for page in card.PAGES for name in page.starred)

    def __init__(self, *args, on, names=None, phone="", filed=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.on, self.kept_phone = on, phone
        for name in self.names if names is None else names:
            self.fields[name] = field_of(name)
            self.fields[name].starred = name in self.starred
        if "main_cause" in self.fields:
            self.fields["main_cause"].required = filed  # a household on file always has one
        if phone and "phone" in self.fields:
            self.fields["phone"].widget.attrs["placeholder"] = mask_phone(phone)
            self.fields["phone"].help_text = say(
                _("%(phone)s is on file; leave it empty to keep it."), phone=mask_phone(phone)
            )

    def clean(self):
        super().clean()
        data = self.cleaned_data
        for name in ("began_work_on", "contract_on", "relieved_on"):
            if data.get(name) and data[name] > self.on:
                self.add_error(name, _("This day lies in the future."))
        self._clean_allowance(data)
        self._clean_school(data)
        if data.get("postcode") and not re.fullmatch(r"[0-9]{6}", data["postcode"]):
            self.add_error("postcode", _("A postcode has six digits."))
        if "side_causes" in self.fields:
            others = [c for c in data.get("side_causes", []) if c != data.get("main_cause")]
            if len(others) > MOST_SIDE_CAUSES:
                self.add_error("side_causes", _("Choose at most three other causes."))
            data["side_causes"] = others
        if "health" in data and data["health"] != Health.DISABLED:
            for name in card.DISABILITY:
                if data.get(name):
                    self.add_error(
                        name, _("Only when the health is “disabled”; choose that, or empty this.")
                    )
        for name in ("other_income_fen", "monthly_income_fen"):
            if name in data:
                data[name] = data[name] or 0
        if "phone" in data:
            data["phone"] = data["phone"] or self.kept_phone
        return data

    def _clean_allowance(self, data):
        given = data.get("allowance_fen") is not None or data.get("allowance_number")
        if given and not data.get("on_allowance"):
            self.add_error("on_allowance", _("Say yes here, or leave amount and number empty."))

    def _clean_school(self, data):
        year = data.get("school_since")
        if year is not None and not 1950 <= year <= self.on.year + 1:
            self.add_error("school_since", _("Enter the year with four digits, such as 2024."))

    def _columns(self, owner):
        """The cleaned columns that belong to a table."""
        there = {field.name for field in owner._meta.concrete_fields}
        return {name: value for name, value in self.cleaned_data.items() if name in there}

    @property
    def header(self):
        """The columns of the dossier, for `describe`."""
        return self._columns(Dossier)

    @property
    def personal(self):
        """The columns of the employee as a member."""
        return self._columns(Member)


def of_the_file(dossier, own, names):
    """The initial values of these columns: what is on file, else what is usual."""
    usual = USUAL | {
        "work_state": WORK_STATES[Standing(dossier.head.standing)],
        "workplace": dossier.company.name.replace("工会", ""),  # of the company, not its union
    }
    found = {}
    for name in names:
        value = getattr(dossier if hasattr(Dossier, name) else own, name)
        if name in ("other_income_fen", "monthly_income_fen"):
            value = value or None
        found[name] = usual.get(name, value) if value in (None, "") else value
    found.pop("phone", None)
    return found


class PageForm(CardForm):
    """One page of the card, see `cases.card`: nothing is required while drafting."""

    def __init__(self, *args, page, dossier, own, on, **kwargs):
        initial = of_the_file(dossier, own, page.fields)
        phone = own.phone or dossier.head.phone
        filed = dossier.status == Dossier.Status.ACTIVE
        super().__init__(
            *args, on=on, names=page.fields, phone=phone, filed=filed, initial=initial, **kwargs
        )
        if "occupation" in self.fields:
            self.fields["occupation"].label = _("What do you do?")


class MemberForm(CardForm):
    """Somebody of the household; birth and sex are read from the ID number.

    The head's name and number come from the staff roster and are not asked for. When a member is
    changed, an ID number or a telephone left empty stays as it was.
    """

    names = (*card.MEMBER_MAIN, *card.MEMBER_MORE)
    starred = card.MEMBER_STARRED

    relation = forms.ChoiceField(
        label=_("Who is it? Relation to the employee"),
        choices=[("", _("choose")), *(c for c in Relation.choices if c[0] != Relation.SELF)],
    )
    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("As on the ID card."))
    id_number = IdNumberField(
        label=_("ID number"), help_text=_("18 characters; a child has one too, in the register.")
    )

    def __init__(self, *args, dossier, on, member=None, **kwargs):
        kwargs.setdefault("initial", member_values(member))
        super().__init__(*args, on=on, phone=member.phone if member else "", **kwargs)
        self.dossier, self.member = dossier, member
        if member and member.relation == Relation.SELF:
            for name in ("relation", "name", "id_number"):
                del self.fields[name]
        elif member:
            self.fields["id_number"].required = False
            self.fields["id_number"].widget.attrs["placeholder"] = mask_id(member.id_number)
            self.fields["id_number"].help_text = _("Leave it empty to keep the number on file.")

    @property
    def main_fields(self):
        """What is asked of everybody."""
        names = ("relation", "name", "id_number", *card.MEMBER_MAIN)
        return [self[name] for name in names if name in self.fields]

    @property
    def more_fields(self):
        """The rest of the card, filled in where it is known."""
        return [self[name] for name in card.MEMBER_MORE]

    @property
    def more_open(self):
        """Whether the rest must be seen: something in it is wrong, or asked for."""
        return any(field.errors for field in self.more_fields)

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

    def clean(self):
        data = super().clean()
        relation = data.get("relation") or (self.member.relation if self.member else "")
        if relation and not data.get("note"):
            if relation not in NEAR:
                self.add_error("note", _("Say why this relative belongs to the household."))
            elif self._grown_child(relation, data):
                self.add_error(
                    "note",
                    _(
                        "An adult child who is neither in school nor unable to work belongs to the"
                        " household only for a reason; say it here."
                    ),
                )
        return data

    def _grown_child(self, relation, data):
        number = data.get("id_number")
        born = birth_of(number) if number else self.member.born_on if self.member else None
        if born is None or relation not in (Relation.SON, Relation.DAUGHTER):
            return False
        grown = (self.on.year - born.year) - ((self.on.month, self.on.day) < (born.month, born.day))
        return grown >= OF_AGE and data.get("occupation") not in ("", None, *DEPENDENT)

    @property
    def columns(self):
        """The columns of a member, for `save_member`."""
        data = self.personal
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


def member_values(member):
    """What a form of a member begins with: their file, or what is usual for somebody new."""
    if member is None:
        return {"ethnicity": USUAL["ethnicity"], "hukou": USUAL["hukou"], "model_worker": "NONE"}
    names = ("relation", "name", *card.MEMBER_MAIN, *card.MEMBER_MORE)
    return {name: getattr(member, name) for name in names if name != "phone"}


class SupporterForm(forms.Form):
    """Somebody with a duty of support who lives apart, such as a working child."""

    relation = forms.ChoiceField(
        label=_("Who is it? Relation to the employee"),
        choices=[("", _("choose")), *(c for c in Relation.choices if c[0] != Relation.SELF)],
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    workplace = forms.CharField(label=_("Workplace"), max_length=100, required=False)
    phone = PhoneField(label=_("Mobile phone"), required=False)
    monthly_fen = MoneyFormField(
        label=_("Support a month"),
        help_text=_("What they give is other income of the household as well; enter it there."),
        min_fen=0,
        required=False,
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    def __init__(self, *args, supporter=None, **kwargs):
        names = ("relation", "name", "workplace", "monthly_fen", "note")
        if supporter:
            kwargs.setdefault("initial", {name: getattr(supporter, name) for name in names})
        super().__init__(*args, **kwargs)
        self.kept_phone = supporter.phone if supporter else ""
        if self.kept_phone:
            self.fields["phone"].help_text = say(
                _("%(phone)s is on file; leave it empty to keep it."),
                phone=mask_phone(self.kept_phone),
            )

    def clean_monthly_fen(self):
        return self.cleaned_data["monthly_fen"] or 0

    def clean_phone(self):
        return self.cleaned_data["phone"] or self.kept_phone

    @property
    def columns(self):
        return {name: value for name, value in self.cleaned_data.items() if name != "token"}


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
                label=say(_("%(gate)s: if yes, what and why?"), gate=gate.label),
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

    def answered(self, gate):
        """Whether this question was answered at all."""
        return bool(self.cleaned_data[gate])

    @property
    def pairs(self):
        """Each question with the field for its words."""
        return [(self[gate], self[f"{gate}_evidence"]) for gate in self.gates]

    @property
    def answers(self):
        data = self.cleaned_data
        return {g: (data[g] == "yes", data[f"{g}_evidence"]) for g in self.gates}
