"""What may be typed about visits to come: which households, which day, who goes."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say
from cases import actions
from cases.forms.visit import VisitorsField, offer_visitors
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Unit
from people.roles import NotAllowed

STATES = [
    ("", _("all on file")),
    ("overdue", _("visit overdue")),
    ("covered", _("visited within the period")),
    ("due", _("due in the year")),
    ("done", _("due in the year and visited")),
    ("late", _("visited after the day it was due")),
    ("planned", _("visit planned")),
]
YEARS_BACK = 5


class _YearFilter(FilterForm):
    """A year, this one unless another is asked for; and a company for those who see several."""

    company = UnitChoiceField(label=_("Company"), required=False, empty_label=None)
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args, companies, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on, self.companies = on, companies
        years = range(on.year, on.year - YEARS_BACK - 1, -1)
        self.fields["year"].choices = [(year, str(year)) for year in years]
        self.fields["year"].initial = on.year
        if len(companies) > 1:
            units = Unit.objects.filter(pk__in=companies).order_by("path", "pk")
            self.fields["company"].queryset = units
        else:
            del self.fields["company"]

    @property
    def company_id(self):
        company = self.chosen.get("company")
        return company.pk if company else self.companies[0]

    @property
    def asked_year(self):
        return self.chosen.get("year") or self.on.year


class PlanFilter(_YearFilter):
    """The filters of the visit plan."""

    q = forms.CharField(label=_("Name, pinyin or dossier number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    state = forms.ChoiceField(label=_("Visits"), required=False, choices=STATES)
    field_order = ("q", "unit", "state", "year", "company")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = (
            Unit.objects.visible_to(actor).grassroots().order_by("path", "pk")
        )


class DutyFilter(_YearFilter):
    """The filters of the duty list."""

    q = None


class PlanForm(forms.Form):
    """One day and two people or more, for the households chosen."""

    planned_on = DateField(label=_("Day of the visit"))
    visitors = VisitorsField(
        label=_("Who goes"),
        help_text=_("Two at least, and one from outside the household's unit."),
    )

    def __init__(self, *args, dossiers, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossiers, self.on = dossiers, on
        units = {d.unit_id for d in dossiers} | {d.company_id for d in dossiers}
        offer_visitors(self.fields["visitors"], on, units)

    def clean_planned_on(self):
        day = self.cleaned_data["planned_on"]
        if day < self.on:
            raise ValidationError(_("The day of the visit lies in the past."))
        return day

    def clean(self):
        data = super().clean()
        if {"planned_on", "visitors"} <= data.keys():
            self._check_visitors(data["visitors"], data["planned_on"])
        return data

    def _check_visitors(self, visitors, on):
        """What the action refuses, said at the field and naming the households."""
        kin, comers = actions.kin_of(self.dossiers), actions.come_as(visitors, on)
        inside = []
        for dossier in self.dossiers:
            try:
                units = actions.units_of(comers, dossier, kin[dossier.pk])
            except NotAllowed as refused:
                words = _("%(number)s: %(reason)s")
                self.add_error("visitors", say(words, number=dossier.number, reason=str(refused)))
                return
            if actions.all_inside(units, dossier):
                inside.append(dossier.number)
        if inside:
            words = _("All visitors come from the household's own unit: %(number)s.")
            self.add_error("visitors", say(words, number=", ".join(inside)))


class CancelPlanForm(forms.Form):
    """Why a planned visit is called off."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
