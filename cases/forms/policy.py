"""What may be typed about the policy. Forms validate; they do not save."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from base.words import say
from cases.models import Clause, Move, Policy, SubsistenceLine
from cases.policy_words import POINTS, Bands, ByCode, Codes, Groups, Number, Switch
from cases.workflow import Programme
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Standing, Unit

MORE_ROWS = 3


class EnactForm(forms.Form):
    """From which day a draft is in force."""

    in_force_on = DateField(label=_("In force from"))

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        self.fields["in_force_on"].initial = on

    def clean_in_force_on(self):
        day = self.cleaned_data["in_force_on"]
        if day < self.on:
            raise ValidationError(_("A policy is not put in force for days that have passed."))
        return day


class LineForm(forms.Form):
    """A subsistence line of a place from a day on."""

    place = forms.CharField(label=_("Where it holds"), max_length=60)
    since = DateField(label=_("In force from"))
    monthly_fen = MoneyFormField(label=_("Monthly amount a person (yuan)"))
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("Document and number that set it.")
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_since(self):
        since = self.cleaned_data["since"]
        if SubsistenceLine.objects.filter(company=self.company, since=since).exists():
            raise ValidationError(_("There is a subsistence line from this day on already."))
        return since


# Clauses: each shape of `policy_words` has its fields, and reads its value from them


class PermilleField(forms.DecimalField):
    """A share typed in percent with one decimal; the clean value is int permille."""

    def __init__(self, **kwargs):
        super().__init__(max_digits=6, decimal_places=1, **kwargs)

    def prepare_value(self, value):
        if not isinstance(value, int):
            return value
        whole, rest = divmod(value, 10)
        return f"{whole}.{rest}" if rest else str(whole)

    def clean(self, value):
        percent = super().clean(value)
        return None if percent is None else int(percent * 10)


def _number_field(measure, label, *, required=True):
    words = {"label": label, "required": required}
    if measure.typed == "money":
        return MoneyFormField(min_fen=measure.least, max_fen=measure.most, **words)
    unit = str(measure.unit)
    words["label"] = say(_("%(label)s (%(unit)s)"), label=label, unit=unit) if unit else label
    if measure.typed == "permille":
        return PermilleField(min_value=Decimal(measure.least) / 10, **words)
    return forms.IntegerField(min_value=measure.least, max_value=measure.most, **words)


class _NumberPart:
    """The fields of one number."""

    def __init__(self, shape):
        self.shape = shape

    def fields(self, value):
        yield "value", _number_field(self.shape.measure, _("Value")), value

    def read(self, data):
        return data.get("value")

    def rows(self, form):
        return [[form["value"]]]


class _ByCodePart(_NumberPart):
    """A field for each code."""

    def fields(self, value):
        numbers = dict(self.shape.pairs(value))
        for code, label in self.shape.labels:
            yield f"value_{code}", _number_field(self.shape.measure, label), numbers.get(code)

    def read(self, data):
        pairs = [(code, data.get(f"value_{code}")) for code, _label in self.shape.labels]
        return [list(pair) for pair in pairs] if self.shape.listed else dict(pairs)

    def rows(self, form):
        return [[form[f"value_{code}"]] for code, _label in self.shape.labels]


class _BandsPart(_NumberPart):
    """A pair of fields for each band and for a few more; an empty pair is no band."""

    def __init__(self, shape, value):
        super().__init__(shape)
        self.count = len(value) + MORE_ROWS

    def fields(self, value):
        for n in range(self.count):
            limit, number = value[n] if n < len(value) else (None, None)
            shape = self.shape
            yield f"limit_{n}", _number_field(shape.limit, shape.heading, required=False), limit
            field = _number_field(shape.measure, shape.value_heading, required=False)
            yield f"number_{n}", field, number

    def read(self, data):
        pairs = [(data.get(f"limit_{n}"), data.get(f"number_{n}")) for n in range(self.count)]
        if any((limit is None) != (number is None) for limit, number in pairs):
            raise ValidationError(_("A row needs both its limit and its value, or neither."))
        return sorted([limit, number] for limit, number in pairs if limit is not None)

    def rows(self, form):
        return [[form[f"limit_{n}"], form[f"number_{n}"]] for n in range(self.count)]


class _GroupsPart(_NumberPart):
    """For each group its points, and a box for every illness."""

    def fields(self, value):
        groups = {group["group"]: group for group in value}
        for code, name in self.shape.names:
            group = groups.get(code, {"points": None, "health": []})
            points = say(_("%(group)s: points"), group=name)
            yield f"points_{code}", _number_field(POINTS, points), group["points"]
            boxes = forms.MultipleChoiceField(
                label=say(_("%(group)s: illnesses"), group=name), choices=self.shape.codes,
                widget=forms.CheckboxSelectMultiple, required=False,
            )  # fmt: skip
            yield f"health_{code}", boxes, group["health"]

    def read(self, data):
        return [
            {"group": code, "points": data.get(f"points_{code}"),
             "health": data.get(f"health_{code}", [])}
            for code, _name in self.shape.names
        ]  # fmt: skip

    def rows(self, form):
        return [
            [form[name]] for c, _n in self.shape.names for name in (f"points_{c}", f"health_{c}")
        ]


class _CodesPart(_NumberPart):
    def fields(self, value):
        field = forms.MultipleChoiceField(
            label=_("Value"), choices=self.shape.choices, widget=forms.CheckboxSelectMultiple
        )
        yield "value", field, value


class _SwitchPart(_NumberPart):
    def fields(self, value):
        field = forms.ChoiceField(
            label=_("Value"), choices=[("yes", _("yes")), ("no", _("no"))], widget=forms.RadioSelect
        )
        yield "value", field, "yes" if value else "no"

    def read(self, data):
        return data.get("value") == "yes"


def _part(shape, value):
    if isinstance(shape, Bands):
        return _BandsPart(shape, value)
    parts = {
        Number: _NumberPart, ByCode: _ByCodePart, Groups: _GroupsPart, Codes: _CodesPart,
        Switch: _SwitchPart,
    }  # fmt: skip
    return parts[type(shape)](shape)


class ClauseForm(forms.Form):
    """One clause of a draft: its value in the fields of its shape, its number and its source."""

    def __init__(self, *args, shape, value, clause, source, mark, **kwargs):
        super().__init__(*args, **kwargs)
        self.shape = shape
        self.part = _part(shape, value)
        for name, field, initial in self.part.fields(value):
            field.initial = initial
            self.fields[name] = field
        self.fields |= {
            "clause": forms.CharField(label=_("Clause"), max_length=30, initial=clause),
            "source": forms.CharField(
                label=_("Source"), max_length=200, initial=source,
                help_text=_("Document and number that set it."),
            ),
            "mark": forms.ChoiceField(
                label=_("Standing of the source"), choices=Clause.Mark.choices, initial=mark,
                widget=forms.RadioSelect,
            ),
        }  # fmt: skip

    def rows(self):
        """The fields of the value, those side by side in one list."""
        return self.part.rows(self)

    @property
    def banded(self):
        """Whether the value is rows of two, to be laid out as a table."""
        return isinstance(self.part, _BandsPart)

    @property
    def headings(self):
        """The columns of that table."""
        return self.part.rows(self)[0]

    def clean(self):
        data = super().clean()
        if not self.errors:
            data["value"] = self.part.read(data)
            if reason := self.shape.why_not(data["value"]):
                raise ValidationError(reason)
        return data

    @property
    def columns(self):
        """What the clause says by this form."""
        return {name: self.cleaned_data[name] for name in ("value", "clause", "source", "mark")}


class DraftForm(forms.Form):
    """A new version: it begins as a copy of the one in force."""

    company = UnitChoiceField(label=_("Company"), empty_label=None)
    title = forms.CharField(label=_("Title"), max_length=100)

    def __init__(self, *args, companies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = Unit.objects.filter(pk__in=companies).order_by("pk")
        self.fields["company"].initial = min(companies)

    def clean(self):
        data = super().clean()
        drafts = Policy.objects.filter(company=data.get("company"), status=Policy.Status.DRAFT)
        if drafts.filter(title=data.get("title")).exists():
            self.add_error("title", _("A draft of this title is being worked on already."))
        return data


class SimulationFilter(FilterForm):
    """Which cases of a simulation to list."""

    q = None
    move = forms.ChoiceField(
        label=_("What changes"), required=False, choices=[("", _("all")), *Move.choices]
    )
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    standing = forms.ChoiceField(
        label=_("Standing"), required=False, choices=[("", _("all")), *Standing.choices]
    )
    programme = forms.ChoiceField(
        label=_("Programme"), required=False, choices=[("", _("all")), *Programme.choices]
    )

    def __init__(self, *args, company, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.filter(parent=company).order_by("path", "pk")
