"""What may be typed on the pages of a dossier. Forms validate; they do not save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from base.words import say
from cases.actions.dossier import OPEN
from cases.codes import Cause, Level
from cases.forms.programme import OFFERED
from cases.models import Case, Dossier
from cases.workflow import Programme
from people.forms import FilterForm, UnitChoiceField
from people.models import Person, Standing, Unit
from people.roles import Role

FILED_FIRST = say(
    _("%(programme)s: puts the household on file, which comes before any help"),
    programme=Programme.RECOGNITION.label,
)
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
        choices=[(Programme.RECOGNITION.value, FILED_FIRST), *OFFERED],
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
        elif dossier and Case.objects.filter(dossier=dossier).in_the_way(programme).exists():
            self.add_error(
                "person", _("An application of this kind is under way for this household.")
            )
        return data


def _person_label(person):
    return (
        f"{person.name} · {person.staff_no} · {person.unit.name} · {person.get_standing_display()}"
    )
