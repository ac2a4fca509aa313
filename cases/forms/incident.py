"""What may be typed about information officers and must-visits. Forms validate; never save."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say
from cases.actions import VISITORS
from cases.models import Visit
from cases.models.incident import STATES, Incident
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Appointment, Relation, Unit, User

ANY = ("", _("all"))


def offer_units(field, actor):
    """The grassroots unions an actor sees."""
    field.queryset = Unit.objects.visible_to(actor).grassroots().order_by("path", "pk")


def offer_holders(field, roles, units, on):
    """Whoever holds one of the roles in one of the units on a day, with role and unit."""
    held = (
        Appointment.objects.valid_on(on)
        .filter(role__in=roles, unit__in=units, user__is_active=True)
        .select_related("user", "unit")
        .order_by("unit__path", "user__name", "pk")
    )
    people = {}
    for appointment in held:  # the highest unit first
        people.setdefault(appointment.user_id, appointment)
    field.queryset = User.objects.filter(pk__in=people)
    words = _("%(name)s, %(role)s, %(unit)s")
    field.choices = [
        (pk, say(words, name=a.user.name, role=a.get_role_display(), unit=a.unit.name))
        for pk, a in people.items()
    ]


def check_holders(users, roles, on):
    """What the actions refuse, said at the field: somebody without a role on that day."""
    for user in users:
        if not user.actor(on).roles.intersection(roles):
            reason = _("%(name)s held no union role on the day of the visit.")
            raise ValidationError(say(reason, name=user.name))


def not_later(day, on):
    """The day, unless it lies in the future."""
    if day and day > on:
        raise ValidationError(_("This day lies in the future."))
    return day


# Information officers


class InformantFilter(FilterForm):
    q = forms.CharField(label=_("Name"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[ANY, ("held", _("held now")), ("ended", _("ended"))],
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], actor)


class InformantForm(forms.Form):
    area = forms.CharField(
        label=_("Team or area looked after"),
        max_length=100,
        required=False,
        help_text=_("For example: workshop 2, shifts A and B; retirees of the river district."),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        help_text=_("Shown to the union officers of this unit and of the company, nobody else."),
    )


class TrainingForm(forms.Form):
    held_on = DateField(label=_("Date of the training"))
    subject = forms.CharField(label=_("Subject"), max_length=100)

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_held_on(self):
        return not_later(self.cleaned_data["held_on"], self.on)


# Events


class PersonSearch(forms.Form):
    """Whom it is about: a GET form."""

    q = forms.CharField(
        label=_("Name, pinyin or staff number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )


class IncidentFilter(FilterForm):
    q = forms.CharField(label=_("Name, pinyin or staff number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    kind = forms.ChoiceField(
        label=_("Kind of event"), required=False, choices=[ANY, *Incident.Kind.choices]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *STATES.items()])
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], actor)


class TimelinessFilter(FilterForm):
    q = None
    kind = forms.ChoiceField(
        label=_("Kind of event"), required=False, choices=[ANY, *Incident.Kind.choices]
    )
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)


DAYS = [("TODAY", _("today")), ("YESTERDAY", _("yesterday")), ("OTHER", _("on another day"))]


class IncidentForm(forms.Form):
    """An event, told in under a minute: two taps are enough, the rest may stay empty."""

    kind = forms.ChoiceField(
        label=_("What happened?"), widget=forms.RadioSelect, choices=Incident.Kind.choices
    )
    day = forms.ChoiceField(
        label=_("When?"), widget=forms.RadioSelect, choices=DAYS, initial="TODAY"
    )
    happened_on = DateField(label=_("On which day?"), required=False)
    concerns = forms.ChoiceField(
        label=_("To whom?"), required=False, choices=[("", _("not known")), *Relation.choices]
    )
    place = forms.CharField(label=_("Which hospital or place?"), max_length=100, required=False)
    words = forms.CharField(
        label=_("In a few words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        required=False,
    )

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean(self):
        data = super().clean()
        day, given = data.pop("day", None), data.get("happened_on")
        if day == "OTHER" or (given and day == "TODAY"):
            if not given:
                self.add_error("happened_on", _("Say on which day it happened."))
            elif given > self.on:
                self.add_error("happened_on", _("This day lies in the future."))
        else:
            data["happened_on"] = self.on - timedelta(days=day == "YESTERDAY")
        return data


class IncidentVisitForm(forms.Form):
    """Who went there, when, with what help; or the record of the home visit made then."""

    visit = forms.ModelChoiceField(
        label=_("The record of the home visit"),
        queryset=Visit.objects.none(),
        required=False,
        empty_label=_("none: a short visit, written down here"),
        help_text=_("When one is chosen, its day and its visitors count."),
    )
    visited_on = DateField(label=_("Date of the visit"), required=False)
    visitors = forms.ModelMultipleChoiceField(
        label=_("Who visited"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Two at least."),
    )
    help_given = forms.CharField(
        label=_("Help given"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_("For example: comfort, help with the formalities, somebody to sit with."),
    )
    needs = forms.CharField(
        label=_("What is needed"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )

    def __init__(self, *args, incident, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.incident, self.on = incident, on
        units = [incident.unit_id, incident.company_id]
        offer_holders(self.fields["visitors"], VISITORS, units, on)
        visits = Visit.objects.filter(
            dossier__head=incident.person_id, visited_on__gte=incident.happened_on
        )
        if visits.exists():
            self.fields["visit"].queryset = visits.order_by("-visited_on", "-pk")
            self.fields["visit"].label_from_instance = lambda visit: visit.visited_on.isoformat()
        else:
            del self.fields["visit"]
            self.fields["visited_on"].required = self.fields["visitors"].required = True
        self.fields["visited_on"].initial = on

    def clean(self):
        data = super().clean()
        if data.get("visit"):
            return data | {"visited_on": None, "visitors": ()}
        day = data.get("visited_on")
        if "visited_on" in data and not day:
            self.add_error("visited_on", _("Enter the date of the visit."))
        elif day and not self.incident.happened_on <= day <= self.on:
            self.add_error("visited_on", _("The visit lies between the event and today."))
        visitors = list(data.get("visitors") or ())
        if "visitors" in data and len(visitors) < 2:
            self.add_error("visitors", _("A visit is made by two people at least."))
        elif visitors and day:
            try:
                check_holders(visitors, VISITORS, day)
            except ValidationError as error:
                self.add_error("visitors", error)
        return data


class IncidentSkipForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Why was nobody there?"), widget=forms.RadioSelect, choices=Incident.Skip.choices
    )
    words = forms.CharField(
        label=_("In words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        required=False,
    )

    def clean(self):
        data = super().clean()
        if data.get("reason") == Incident.Skip.OTHER and not data.get("words"):
            self.add_error("words", _("Say which reason."))
        return data


class IncidentCloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of it?"), widget=forms.RadioSelect, choices=Incident.Outcome.choices
    )

    def __init__(self, *args, incident, **kwargs):
        super().__init__(*args, **kwargs)
        unfit = Incident.Outcome.NOTHING if incident.case_id else Incident.Outcome.APPLIED
        choices = [choice for choice in Incident.Outcome.choices if choice[0] != unfit]
        self.fields["outcome"].choices = choices
        if incident.case_id:
            self.initial["outcome"] = Incident.Outcome.APPLIED
