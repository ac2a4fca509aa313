"""What may be typed about a home visit. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say
from cases.actions import VISITORS
from cases.models import Visit
from cases.models.visit import DoorCheck
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Appointment, Unit, User


class VisitFilter(FilterForm):
    q = forms.CharField(label=_("Name, pinyin or dossier number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    match = forms.ChoiceField(
        label=_("Match with the declaration"),
        required=False,
        choices=[("", _("all")), *Visit.Match.choices],
    )
    advice = forms.ChoiceField(
        label=_("Advice"), required=False, choices=[("", _("all")), *Visit.Advice.choices]
    )
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = (
            Unit.objects.visible_to(actor).grassroots().order_by("path", "pk")
        )


class VisitForm(forms.Form):
    """The record of one visit; phone-first: few fields, big choices."""

    visited_on = DateField(label=_("Date of the visit"))
    visitors = forms.ModelMultipleChoiceField(
        label=_("Who visited"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Two at least. For a decision one of them must come from outside the household's unit."
        ),
    )
    met = forms.CharField(
        label=_("Who was met"), max_length=100, help_text=_("For example: the employee and spouse.")
    )
    checks = forms.MultipleChoiceField(
        label=_("Checked at the door"),
        choices=DoorCheck.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Tick what you have made clear."),
    )
    match = forms.ChoiceField(
        label=_("Match with the declaration"),
        choices=Visit.Match.choices,
        widget=forms.RadioSelect,
    )
    differences = forms.CharField(
        label=_("Differences from the declaration"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
    )
    notes = forms.CharField(
        label=_("What was seen"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=4000,
        help_text=_("Home, appliances, utilities, papers, neighbours asked, needs."),
    )
    advice = forms.ChoiceField(
        label=_("Advice"), choices=Visit.Advice.choices, widget=forms.RadioSelect
    )
    signed = forms.BooleanField(
        label=_("The person met has signed the record on paper."), required=False
    )

    twin: Visit | None = None

    def __init__(self, *args, dossier, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier, self.on = dossier, on
        field = self.fields["visitors"]
        self.held = list(
            Appointment.objects.valid_on(on)
            .filter(
                role__in=VISITORS,
                unit__in=[dossier.unit_id, dossier.company_id],
                user__is_active=True,
            )
            .select_related("user", "unit")
            .order_by("-unit__path", "user__name", "pk")
        )
        users = {a.user_id: a for a in self.held}
        field.queryset = User.objects.filter(pk__in=users)
        field.choices = [
            (pk, f"{a.user.name} ({a.get_role_display()}, {a.unit.name})")
            for pk, a in users.items()
        ]
        self.fields["visited_on"].initial = on

    def clean_visited_on(self):
        day = self.cleaned_data["visited_on"]
        if day > self.on:
            raise ValidationError(_("The day of the visit lies in the future."))
        return day

    def clean_visitors(self):
        visitors = list(self.cleaned_data["visitors"])
        if len(visitors) < 2:
            raise ValidationError(_("A visit is made by two people at least."))
        return visitors

    def clean(self):
        data = super().clean()
        if data.get("match") not in (None, "", Visit.Match.SAME) and not data.get("differences"):
            self.add_error(
                "differences", _("Say what differs from the declaration of the household.")
            )
        if {"visited_on", "visitors"} <= data.keys():
            self._check_visitors(data["visitors"], data["visited_on"])
        if {"visited_on", "visitors"} <= data.keys():
            self.twin = self._same_visit(data["visitors"], data["visited_on"])
        return data

    def _check_visitors(self, visitors, on):
        """What the action refuses, said at the field: relatives, and roles not held that day."""
        kin = {m.id_index for m in self.dossier.members.all() if m.left_on is None}
        for user in visitors:
            actor = user.actor(on)
            if actor.kin & kin:
                reason = _("%(name)s is a relative of this household.")
            elif not actor.roles.intersection(VISITORS):
                reason = _("%(name)s held no union role on the day of the visit.")
            else:
                continue
            self.add_error("visitors", say(reason, name=user.name))

    def _same_visit(self, visitors, on):
        """The record of this very visit when the form was sent twice; else None."""
        rows = Visit.objects.filter(dossier=self.dossier, visited_on=on).prefetch_related(
            "visitors"
        )
        sent = {user.pk for user in visitors}
        return next((v for v in rows if {w.user_id for w in v.visitors.all()} == sent), None)
