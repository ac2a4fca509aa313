"""What may be typed about a home visit. Forms validate; they do not save."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from base.signature import SignatureField
from base.uploads import UploadRefused, check_upload, clean_name
from base.words import say
from cases.actions import VISITORS, elsewhere
from cases.checklist import ONE, WORDS, Condition, Living, Need, Paper, Seen, Thing
from cases.codes import Gate
from cases.form_codes import Housing
from cases.forms.evidence import EvidenceForm
from cases.models import Asset, Basis, Document, Visit
from cases.models.visit import DoorCheck
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Appointment, Unit, User

MOST_PHOTOS = 12
CLOCK = ["%H:%M", "%H:%M:%S"]
COLUMNS = (
    "met", "checks", "needs", "match", "differences", "notes", "advice", "unsigned_reason",
)  # fmt: skip


class TimeInput(forms.TimeInput):
    """A time of day as every browser asks for it."""

    input_type = "time"

    def __init__(self):
        super().__init__(format="%H:%M")


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


def visitor_choices(on, units):
    """{user pk: appointment} of those who may visit, the nearest hat first. One query."""
    held = (
        Appointment.objects.valid_on(on)
        .filter(role__in=VISITORS, unit__in=units, user__is_active=True)
        .select_related("user", "unit")
        .order_by("-unit__path", "user__name", "pk")
    )
    return {a.user_id: a for a in held}


def offer_visitors(field, on, units):
    """Let a field offer those who may visit households of these units, each with their hat."""
    found = visitor_choices(on, units)
    field.queryset = User.objects.filter(pk__in=found)
    words = _("%(name)s, %(role)s, %(unit)s")
    field.choices = [
        (pk, say(words, name=a.user.name, role=a.get_role_display(), unit=a.unit.name))
        for pk, a in found.items()
    ]


class VisitorsField(forms.ModelMultipleChoiceField):
    def __init__(self, **kwargs):
        super().__init__(
            **{
                "label": _("Who visited"),
                "queryset": User.objects.none(),
                "widget": forms.CheckboxSelectMultiple,
                "help_text": _(
                    "Two at least. For a decision one of them must come from outside the"
                    " household's unit."
                ),
            }
            | kwargs
        )

    def clean(self, value):
        visitors = list(super().clean(value))
        if len(visitors) < 2:
            raise ValidationError(_("A visit is made by two people at least."))
        return visitors


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several pictures at once; cleaned: [(upload, file)]."""

    widget = ManyFiles

    def __init__(self, **kwargs):
        super().__init__(**{"required": False} | kwargs)

    def clean(self, data, initial=None):
        files = data if isinstance(data, list) else [data] if data else []
        if len(files) > MOST_PHOTOS:
            words = _("Send %(most)s photos at once at the most; add the others afterwards.")
            raise ValidationError(say(words, most=MOST_PHOTOS))
        found = [judged(super(PicturesField, self).clean(file)) for file in files]
        if any(upload.kind == "pdf" for upload, _file in found):
            raise ValidationError(_("Photos are JPG or PNG; a PDF goes with the signed record."))
        return found


def judged(file):
    """(upload, file) of an accepted file; ValidationError with the reason, and which file."""
    try:
        return check_upload(file), file
    except UploadRefused as refused:
        words = _("%(file)s: %(reason)s")
        raise ValidationError(
            say(words, file=clean_name(file.name), reason=refused.args[0]), code="refused"
        ) from refused


def _words(label, rows=2, **kwargs):
    return forms.CharField(
        label=label, required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": rows}), **kwargs,
    )  # fmt: skip


def _one(label, codes, **kwargs):
    choices = list(codes.choices)
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect, required=False, **kwargs
    )


def _many(label, codes, **kwargs):
    return forms.MultipleChoiceField(
        label=label, choices=codes.choices, widget=forms.CheckboxSelectMultiple, required=False,
        **kwargs,
    )  # fmt: skip


class PapersForm(forms.Form):
    """What shows that the visit was made: photos, signatures, or the signed paper itself."""

    photos = PicturesField(
        label=_("Photos"),
        help_text=_(
            "The home, the people met, the papers; several at once. Where they were taken is"
            " removed, and the time is that of this computer."
        ),
        widget=ManyFiles(attrs={"accept": ".jpg,.jpeg,.png"}),
    )
    household_sign = SignatureField(label=_("Signature of the household"))
    visitor_sign = SignatureField(label=_("Signatures of the visitors"))
    paper = forms.FileField(
        label=_("Photo of the signed record on paper"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf"}),
        help_text=_("Instead of signing on the screen: print the record, have it signed, and take"
                    " a photo of it."),
    )  # fmt: skip

    def clean_household_sign(self):
        return self._drawn("household_sign")

    def clean_visitor_sign(self):
        return self._drawn("visitor_sign")

    def _drawn(self, name):
        file = self.cleaned_data[name]
        return judged(file) if file else None

    def clean_paper(self):
        file = self.cleaned_data["paper"]
        return judged(file) if file else None

    @property
    def papers(self):
        """[(kind, upload, file)] as the action keeps them."""
        data, kind = self.cleaned_data, Document.Kind
        named = [
            (kind.HOUSEHOLD_SIGN, data["household_sign"]),
            (kind.VISITOR_SIGN, data["visitor_sign"]),
            (kind.VISIT_PAPER, data["paper"]), *((kind.VISIT, photo) for photo in data["photos"]),
        ]  # fmt: skip
        return [(kind, *pair) for kind, pair in named if pair]


class MorePapersForm(PapersForm):
    """Photos and signatures that come after the record."""

    def clean(self):
        data = super().clean()
        if not self.errors and not self.papers:
            raise ValidationError(_("Choose a photo, or sign."))
        return data


class VisitForm(PapersForm):
    """The record of one visit; phone-first: big choices, few words."""

    visited_on = DateField(label=_("Date of the visit"))
    started = forms.TimeField(label=_("Began at"), widget=TimeInput(), input_formats=CLOCK)
    ended = forms.TimeField(label=_("Ended at"), widget=TimeInput(), input_formats=CLOCK)
    visitors = VisitorsField()
    met = forms.CharField(
        label=_("Who was met"), max_length=100, help_text=_("For example: the employee and spouse.")
    )
    present = forms.MultipleChoiceField(
        label=_("Members present"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Tick who was at home; the others are recorded as absent."),
    )  # fmt: skip
    home = _one(_("Housing"), Housing)
    area = forms.IntegerField(label=_("Area (m²)"), required=False, min_value=1, max_value=2000)
    condition = _one(_("Condition of the home"), Condition)
    things = _many(_("Appliances and vehicles seen"), Thing)
    food = _one(_("Food"), Living)
    clothing = _one(_("Clothing"), Living)
    utilities = _words(_("Water, electricity, heating"))
    income = _words(
        _("Check of the income"), help_text=_("What was shown, what was reckoned with the family.")
    )
    work = _words(_("Work"))
    papers_seen = _many(_("Papers seen"), Paper)
    school = _words(_("Schooling"))
    neighbours = _words(
        _("Neighbours asked"), help_text=_("What they said; their names are not needed.")
    )
    debts_fen = MoneyFormField(label=_("Debts"), required=False, min_fen=0)
    debts = _words(_("To whom, what for"))
    checks = forms.MultipleChoiceField(
        label=_("Checked at the door"),
        choices=DoorCheck.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Tick what you have made clear."),
    )
    needs = _many(_("Needs"), Need)
    match = forms.ChoiceField(
        label=_("Match with the declaration"),
        choices=Visit.Match.choices,
        widget=forms.RadioSelect,
    )
    differences = _words(_("Differences from the declaration"), rows=3)
    notes = _words(_("What else was seen"), rows=3)
    advice = forms.ChoiceField(
        label=_("Advice"), choices=Visit.Advice.choices, widget=forms.RadioSelect
    )
    unsigned_reason = forms.CharField(
        label=_("Why the household has not signed"),
        required=False,
        max_length=200,
        help_text=_("Only where nobody could or would sign."),
    )

    twin: Visit | None = None

    def __init__(self, *args, dossier, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier, self.on = dossier, on
        self.members = [m for m in dossier.members.all() if m.left_on is None]
        self.fields["present"].choices = [
            (str(m.pk), say(_("%(name)s (%(what)s)"), name=m.name, what=m.get_relation_display()))
            for m in self.members
        ]
        offer_visitors(self.fields["visitors"], on, [dossier.unit_id, dossier.company_id])
        for gate in Gate:
            self.fields[f"gate_{gate}"] = _one(gate.label, Seen, initial=Seen.NOT_LOOKED)
        self.fields["visited_on"].initial = on

    def sections(self):
        """[(heading, [(field, how it is laid out)])], in the order of the way through the home."""
        beside = "choices-inline"
        named = (
            (_("The visit"), ("visited_on", "started", "ended", "visitors", "met", "present")),
            (_("Housing"), ("home", "area", "condition", "things")),
            (_("Living"), ("food", "clothing", "utilities")),
            (_("Income, work, papers"),
             ("income", "work", "papers_seen", "school", "neighbours", "debts_fen", "debts")),
            (_("Property and luxury goods, at the door"), [f"gate_{gate}" for gate in Gate]),
            (_("What was found"),
             ("checks", "needs", "notes", "match", "differences", "advice")),
        )  # fmt: skip
        inline = {"home", "condition", "food", "clothing", *(f"gate_{gate}" for gate in Gate)}
        return [
            (heading, [(self[name], beside if name in inline else "") for name in names])
            for heading, names in named
        ]

    def clean_visited_on(self):
        day = self.cleaned_data["visited_on"]
        if day > self.on:
            raise ValidationError(_("The day of the visit lies in the future."))
        return day

    def clean(self):
        data = super().clean()
        if data.get("match") not in (None, "", Visit.Match.SAME) and not data.get("differences"):
            self.add_error(
                "differences", _("Say what differs from the declaration of the household.")
            )
        signed = ("household_sign", "paper", "unsigned_reason")
        if not any(data.get(name) or name in self.errors for name in signed):
            self.add_error("unsigned_reason", _("Have the household sign, or say why it has not."))
        if {"visited_on", "visitors"} <= data.keys():
            self._check_visitors(data["visitors"], data["visited_on"])
        if {"visited_on", "started", "ended"} <= data.keys():
            self._check_time(data)
        return data

    def _check_time(self, data):
        """From and until as moments; what the action refuses, said at the field."""
        start, end = (
            timezone.make_aware(datetime.combine(data["visited_on"], data[name]))
            for name in ("started", "ended")
        )
        if start >= end:
            self.add_error("ended", _("A visit begins before it ends, on one day."))
            return
        self.span = start, end
        if "visitors" in data:
            self.twin = self._same_visit(data["visitors"], start, end)
        if "visitors" in data and not self.twin:
            for name in elsewhere([user.pk for user in data["visitors"]], start, end):
                words = _("%(name)s was on another visit at that time.")
                self.add_error("started", say(words, name=name))

    def _check_visitors(self, visitors, on):
        """What the action refuses, said at the field: relatives, and roles not held that day."""
        kin = {m.id_index for m in self.members}
        for user in visitors:
            actor = user.actor(on)
            if actor.kin & kin:
                reason = _("%(name)s is a relative of this household.")
            elif not actor.roles.intersection(VISITORS):
                reason = _("%(name)s held no union role on the day of the visit.")
            else:
                continue
            self.add_error("visitors", say(reason, name=user.name))

    def _same_visit(self, visitors, start, end):
        """The record of this very visit when the form was sent twice; else None."""
        rows = Visit.objects.filter(
            dossier=self.dossier, started_at=start, ended_at=end
        ).prefetch_related("visitors")
        sent = {user.pk for user in visitors}
        return next((v for v in rows if {w.user_id for w in v.visitors.all()} == sent), None)

    @property
    def record(self):
        """The keyword arguments of `record_visit`, from the cleaned data."""
        data = self.cleaned_data
        start, end = self.span
        return {
            "visitors": data["visitors"],
            "started_at": start,
            "ended_at": end,
            "seen": self._seen(),
            "papers": self.papers,
            "signed": bool(data["household_sign"] or data["paper"]),
            **{name: data[name] for name in COLUMNS},
        }

    def _seen(self):
        data = self.cleaned_data
        here = {int(pk) for pk in data["present"]}
        plain = {name: data[name] for name in (*ONE, *WORDS, "area", "debts_fen", "things")}
        return plain | {
            "present": [m.pk for m in self.members if m.pk in here],
            "absent": [m.pk for m in self.members if m.pk not in here],
            "papers": data["papers_seen"],
            "gates": {gate.value: data[f"gate_{gate}"] or Seen.NOT_LOOKED.value for gate in Gate},
        }


class TakeOverForm(EvidenceForm):
    """What a visit found, fact by fact: those still only declared are offered as seen on it, with
    the paper that was signed at the door."""

    def __init__(self, *args, visit, dossier, **kwargs):
        super().__init__(*args, dossier=dossier, seen=True, **kwargs)
        self.visit = visit
        gates, proof = visit.seen.get("gates", {}), self._signed()
        for fact in self.facts:
            if fact.basis != Basis.DECLARED:
                continue
            if isinstance(fact.row, Asset):
                answer = gates.get(fact.row.gate, Seen.NOT_LOOKED)
                if answer == Seen.NOT_LOOKED:
                    self.fields[f"{fact.key}.basis"].initial = Basis.DECLARED
                    continue
                if answer == Seen.SEEN and not fact.row.present:
                    self.fields[f"{fact.key}.found"].initial = "yes"
            self.fields[f"{fact.key}.document"].initial = proof

    def _signed(self):
        """The newest document the household signed on this visit; None without one."""
        kinds = (Document.Kind.VISIT_PAPER, Document.Kind.HOUSEHOLD_SIGN)
        of_visit = [
            pk
            for pk, document in self.documents.items()
            if document.visit_id == self.visit.pk and document.kind in kinds
        ]
        return max(of_visit, default=None)
