"""What may be typed about gifts in kind. Forms validate; they do not save."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from base.uploads import UploadRefused, check_upload
from base.words import say
from cases import actions
from cases.forms.incident import ANY, check_holders, not_later, offer_holders, offer_units
from cases.models import Gift, GiftRound
from cases.models.gift import MoneySource, Occasion
from cases.models.incident import GRASSROOTS, persons_of
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Person, Unit, User
from people.roles import Role

MOST_NUMBERS = 1000


class GiftRoundFilter(FilterForm):
    q = forms.CharField(label=_("Title"), required=False, max_length=60)
    occasion = forms.ChoiceField(
        label=_("Occasion"), required=False, choices=[ANY, *Occasion.choices]
    )
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    source = forms.ChoiceField(
        label=_("Who pays"), required=False, choices=[ANY, *MoneySource.choices]
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2100)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], actor)


class GiftFilter(FilterForm):
    q = forms.CharField(label=_("Name, pinyin or staff number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[ANY, *Gift.Status.choices]
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], actor)


class GiftRoundForm(forms.Form):
    """One round: the occasion, the days, what each receives, who pays for it."""

    unit = UnitChoiceField(
        label=_("Whom it is for"), required=False, empty_label=_("the whole company")
    )
    title = forms.CharField(
        label=_("Title"), max_length=60, help_text=_("For example: summer heat visits 2026.")
    )
    occasion = forms.ChoiceField(label=_("Occasion"), choices=Occasion.choices)
    since = DateField(label=_("First day"))
    until = DateField(label=_("Last day"))
    responsible = forms.ModelChoiceField(
        label=_("Responsible"), queryset=User.objects.none(), empty_label=_("choose")
    )
    what = forms.CharField(
        label=_("What each receives"),
        max_length=100,
        help_text=_("For example: 10 kg of rice and 5 l of oil."),
    )
    unit_fen = MoneyFormField(label=_("Value of one"))
    planned_fen = MoneyFormField(label=_("Planned budget"))
    source = forms.ChoiceField(
        label=_("Who pays for the goods"),
        choices=MoneySource.choices,
        widget=forms.RadioSelect,
        initial=MoneySource.DUES,
        help_text=_("Goods are never bought from the relief fund."),
    )
    voucher = forms.CharField(
        label=_("Voucher number of the purchase"),
        max_length=60,
        required=False,
        help_text=_("By this number the audit finds the purchase in the books."),
    )

    def __init__(self, *args, actor, company, on, round=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.company, self.on, self.round = company, on, round
        units = self.fields["unit"]
        if round is not None:
            del self.fields["unit"]
        elif actor.has(Role.COMPANY_OFFICER, company.path):
            units.queryset = Unit.objects.of_company(company.pk).grassroots().order_by("path")
        else:
            units.queryset = Unit.objects.filter(pk__in=actor.units(*GRASSROOTS)).order_by("path")
            units.required, units.empty_label = True, None
            units.initial = units.queryset.first()
        places = [company.pk, *Unit.objects.of_company(company.pk).values_list("pk", flat=True)]
        roles = (*actions.KEEPERS, Role.COMPANY_CHAIR)
        offer_holders(self.fields["responsible"], roles, places, on)

    def clean_unit_fen(self):
        fen = self.cleaned_data["unit_fen"]
        if reason := actions.why_not_value(self.company.pk, fen, self.on):
            raise ValidationError(reason)
        return fen

    def clean(self):
        data = super().clean()
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("The last day comes before the first."))
        same = GiftRound.objects.filter(
            company=self.company.pk, title=data.get("title"), since=data.get("since")
        )
        if same.exclude(pk=self.round.pk if self.round else None).exists():
            self.add_error("title", _("There is a round with this title and first day already."))
        return data


class AddFilter(FilterForm):
    """Who may be ticked."""

    q = forms.CharField(label=_("Name, pinyin or staff number"), required=False, max_length=60)
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer_units(self.fields["unit"], actor)


class GiftAddForm(forms.Form):
    """Recipients, ticked on the roster or by their staff numbers."""

    quantity = forms.IntegerField(label=_("How many each"), min_value=1, max_value=20, initial=1)
    persons = forms.ModelMultipleChoiceField(queryset=Person.objects.none(), required=False)
    numbers = forms.CharField(
        label=_("Staff numbers"),
        required=False,
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("As copied from a spreadsheet: one in a line, or with commas between them."),
    )

    def __init__(self, *args, actor, round, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.round, self.on = round, on
        offered = persons_of(actor, actions.KEEPERS).filter(
            company=round.company_id, left_on=None, died_on=None
        )
        if round.unit_id:
            offered = offered.filter(unit=round.unit_id)
        self.offered = offered.select_related("unit")
        self.fields["persons"].queryset = self.offered

    def clean_numbers(self):
        given = dict.fromkeys(re.findall(r"[^\s,，;；、]+", self.cleaned_data["numbers"]))
        if len(given) > MOST_NUMBERS:
            raise ValidationError(_("More than 1,000 at once: add them in parts."))
        found = {person.staff_no: person for person in self.offered.filter(staff_no__in=given)}
        unknown = [number for number in given if number not in found]
        if unknown:
            named = _(", ").join(unknown[:10])
            words = _("Not among the people you may give to, nothing was added: %(numbers)s.")
            raise ValidationError(say(words, numbers=named))
        return list(found.values())

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        chosen = {person.pk: person for person in [*data["persons"], *data["numbers"]]}
        if not chosen:
            raise ValidationError(_("Tick somebody, or enter staff numbers."))
        fen = data["quantity"] * self.round.unit_fen
        if reason := actions.why_not_value(self.round.company_id, fen, self.on):
            self.add_error("quantity", reason)
        return data | {"chosen": list(chosen.values())}


class _GivingForm(forms.Form):
    """What is told of every handing over."""

    given_on = DateField(label=_("Given on"))
    givers = forms.ModelMultipleChoiceField(
        label=_("Who handed it over"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One at least; usually somebody of the leadership and somebody of the union."),
    )
    place = forms.CharField(label=_("Where it was handed over"), max_length=100, required=False)
    talk = forms.CharField(
        label=_("What was said, and what is needed"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )
    signed = forms.BooleanField(
        label=_("The recipients have signed on the paper list."), required=False
    )

    def __init__(self, *args, units, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        offer_holders(self.fields["givers"], actions.GIVERS, units, on)
        self.fields["given_on"].initial = on

    def clean_given_on(self):
        return not_later(self.cleaned_data["given_on"], self.on)

    def clean_givers(self):
        givers = list(self.cleaned_data["givers"])
        check_holders(givers, actions.GIVERS, self.cleaned_data.get("given_on") or self.on)
        return givers


class GiftGiveForm(_GivingForm):
    """Hand over several planned gifts at once; a talk is written down for one alone."""

    gifts = forms.ModelMultipleChoiceField(
        queryset=Gift.objects.none(),
        error_messages={
            "required": _("Tick those who received the gift."),
            "invalid_choice": _("Some of these gifts have been given meanwhile; choose again."),
        },
    )

    def __init__(self, *args, planned, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["gifts"].queryset = planned

    def clean(self):
        data = super().clean()
        if data.get("talk") and len(data.get("gifts") or ()) > 1:
            self.add_error("talk", _("A talk is written down for one recipient at a time."))
        return data


class GiftSkipForm(forms.Form):
    reason = forms.CharField(
        label=_("Why was it not given?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500
    )


class IncidentGiftForm(_GivingForm):
    """A gift handed over on the visit after an event."""

    round = forms.ModelChoiceField(
        label=_("Paid from the round"), queryset=GiftRound.objects.none(), empty_label=_("choose")
    )
    quantity = forms.IntegerField(label=_("How many"), min_value=1, max_value=20, initial=1)
    field_order = ["round", "quantity", "given_on", "givers", "place", "talk", "signed"]

    def __init__(self, *args, rounds, incident, **kwargs):
        super().__init__(*args, **kwargs)
        self.incident = incident
        self.fields["round"].queryset = rounds
        self.fields["round"].label_from_instance = lambda r: say(
            _("%(name)s (%(what)s)"), name=r.title, what=r.what
        )

    def clean(self):
        data = super().clean()
        chosen, count = data.get("round"), data.get("quantity")
        if not chosen or not count:
            return data
        if reason := actions.why_not_value(chosen.company_id, count * chosen.unit_fen, self.on):
            self.add_error("quantity", reason)
        if chosen.gifts.filter(recipient=self.incident.person_id).exists():
            self.add_error("round", _("This person has a gift in this round already."))
        return data


class ReceiptForm(forms.Form):
    """The photo of a signed receipt; `upload` is what its bytes say of it."""

    file = forms.FileField(
        label=_("Photo or scan of the signed list"),
        help_text=_("One JPG, PNG or PDF at a time, up to 10 MB. Everything must be readable."),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("This file is empty; choose another one."),
        },
    )

    upload = None

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.upload = check_upload(file)
        except UploadRefused as refused:
            raise ValidationError(refused.args[0], code="refused") from refused
        return file
