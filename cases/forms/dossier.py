"""What may be typed on the pages of a dossier. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from cases.actions.dossier import OPEN
from cases.codes import Cause, Level
from cases.models import Basis, Dossier
from cases.workflow import OPEN as UNDER_WAY
from cases.workflow import Programme
from people.forms import FilterForm, UnitChoiceField
from people.models import Person, Standing, Unit
from people.roles import Role

ENTERERS = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
MOST_FOUND = 20


def _any(choices):
    return [("", _("all")), *choices.choices]


class DossierFilter(FilterForm):
    """The filters of the register."""

    q = forms.CharField(label=_("Name, pinyin or dossier number"), required=False, max_length=60)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=_any(Dossier.Status))
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    standing = forms.ChoiceField(label=_("Standing"), required=False, choices=_any(Standing))
    level = forms.ChoiceField(label=_("Company level"), required=False, choices=_any(Level))
    cause = forms.ChoiceField(label=_("Main cause"), required=False, choices=_any(Cause))
    overdue = forms.BooleanField(label=_("Re-check overdue"), required=False)

    def __init__(self, *args, actor, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["unit"].queryset = (
            Unit.objects.visible_to(actor).grassroots().order_by("path", "pk")
        )

    @property
    def chosen(self):
        chosen = super().chosen
        return chosen | {"due_by": self.on} if chosen.pop("overdue", False) else chosen


class PersonSearch(forms.Form):
    """Whom to apply for: a GET form."""

    q = forms.CharField(label=_("Name, pinyin or staff number"), required=False, max_length=60)


class StartForm(forms.Form):
    """One of the persons found, and what to apply for."""

    person = forms.ModelChoiceField(
        label=_("Employee"), queryset=Person.objects.none(), widget=forms.RadioSelect,
        empty_label=None, error_messages={"required": _("Choose the employee first.")},
    )  # fmt: skip
    programme = forms.ChoiceField(
        label=_("What to apply for"),
        widget=forms.RadioSelect,
        choices=[
            (programme.value, programme.label)
            for programme in (Programme.RECOGNITION, Programme.EMERGENCY)
        ],
        initial=Programme.RECOGNITION,
    )

    def __init__(self, *args, actor, q="", **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        field.queryset = (
            Person.objects.filter(unit__in=actor.units(*ENTERERS), died_on=None)
            .exclude(pk=actor.person_id)
            .for_list()
        )
        field.label_from_instance = _person_label
        if q:
            field.choices = [
                (person.pk, _person_label(person))
                for person in field.queryset.narrowed(q=q)[:MOST_FOUND]
            ]

    @property
    def found(self):
        """How many persons the search offers."""
        return len(self.fields["person"].choices)

    def clean(self):
        data = super().clean()
        person, programme = data.get("person"), data.get("programme")
        if not person or not programme:
            return data
        dossier = Dossier.objects.filter(head=person, status__in=OPEN).first()
        active = dossier and dossier.status == Dossier.Status.ACTIVE
        if programme == Programme.RECOGNITION and active:
            self.add_error("programme", _("This household is on file already."))
        elif programme != Programme.RECOGNITION and not active:
            self.add_error(
                "programme", _("The household must be on file first; apply for recognition.")
            )
        elif dossier and dossier.cases.filter(programme=programme, status__in=UNDER_WAY).exists():
            self.add_error(
                "person", _("An application of this kind is under way for this household.")
            )
        return data


def _person_label(person):
    return (
        f"{person.name} · {person.staff_no} · {person.unit.name} · {person.get_standing_display()}"
    )


class MarkForm(forms.Form):
    """How each fact of a household is known, and what was verified. `edit` guards against facts
    that changed while somebody was reading."""

    edit = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, dossier, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier = dossier
        self.fields["edit"].initial = dossier.edit
        self.members = [m for m in dossier.members.all() if m.left_on is None]
        self.expenses = list(dossier.expenses.all())
        self.assets = list(dossier.assets.all())
        for m in self.members:
            self._basis(f"m{m.pk}_income_basis", _("How the income is known"), m.income_basis)
            self._money(
                f"m{m.pk}_income", _("Verified monthly income (yuan)"), m.verified_income_fen
            )
            self._basis(f"m{m.pk}_health_basis", _("How the health is known"), m.health_basis)
        for e in self.expenses:
            self._basis(f"e{e.pk}_basis", _("How it is known"), e.basis)
            net, most = e.verified_net_fen, e.gross_fen
            self._money(f"e{e.pk}_net", _("Verified net amount (yuan)"), net, max_fen=most)
        for a in self.assets:
            self._basis(f"a{a.pk}_basis", _("How it is known"), a.basis)
            if a.present:
                self.fields[f"a{a.pk}_exception"] = forms.CharField(
                    label=_("Reason of an exception"), required=False, max_length=200,
                    initial=a.exception,
                    help_text=_("Only when an exception was minuted: say when and why."),
                )  # fmt: skip

    def _basis(self, name, label, initial):
        self.fields[name] = forms.ChoiceField(label=label, choices=Basis.choices, initial=initial)

    def _money(self, name, label, initial, **limits):
        self.fields[name] = MoneyFormField(
            label=label, required=False, min_fen=0, initial=initial, **limits
        )

    @property
    def member_rows(self):
        return [
            (
                m,
                self[f"m{m.pk}_income_basis"],
                self[f"m{m.pk}_income"],
                self[f"m{m.pk}_health_basis"],
            )
            for m in self.members
        ]

    @property
    def expense_rows(self):
        return [(e, self[f"e{e.pk}_basis"], self[f"e{e.pk}_net"]) for e in self.expenses]

    @property
    def asset_rows(self):
        return [
            (a, self[f"a{a.pk}_basis"], self[f"a{a.pk}_exception"] if a.present else None)
            for a in self.assets
        ]

    def clean_edit(self):
        if self.cleaned_data["edit"] != self.dossier.edit:
            raise ValidationError(
                _("The facts were changed while you were reading. Load this page again.")
            )
        return self.cleaned_data["edit"]

    @property
    def marks(self):
        """The keyword arguments of `mark_facts`, from the cleaned data."""
        data = self.cleaned_data
        return {
            "members": {
                m.pk: (
                    data[f"m{m.pk}_income_basis"],
                    data[f"m{m.pk}_health_basis"],
                    data[f"m{m.pk}_income"],
                )
                for m in self.members
            },
            "expenses": {
                e.pk: (data[f"e{e.pk}_basis"], data[f"e{e.pk}_net"]) for e in self.expenses
            },
            "assets": {a.pk: data[f"a{a.pk}_basis"] for a in self.assets},
            "exceptions": {a.pk: data.get(f"a{a.pk}_exception", "") for a in self.assets},
        }
