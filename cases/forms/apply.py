"""What an applicant fills in about the application itself."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField, format_fen
from base.words import say
from cases.codes import Event
from cases.forms.household import offer
from cases.models import Member
from people.forms import DateField
from people.forms import PayeeForm as AccountForm
from people.models import Person


class PersonFilter(forms.Form):
    q = forms.CharField(label=_("Name or staff number"), required=False, max_length=60)

    @property
    def chosen(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class StartForm(forms.Form):
    """For whom the application is; nobody chosen means for oneself."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), required=False)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "person", Person.objects.visible_to(actor).select_related("unit"))


class EventForm(forms.Form):
    """What an emergency grant is asked for."""

    event = forms.ChoiceField(
        label=_("What happened?"), widget=forms.RadioSelect, choices=Event.choices
    )
    event_on = DateField(label=_("When did it happen?"))
    patient = forms.ModelChoiceField(
        label=_("To whom did it happen?"), queryset=Member.objects.none(), empty_label=_("choose")
    )
    spent_fen = MoneyFormField(
        label=_("What did it cost?"), help_text=_("All bills together, or the loss.")
    )
    reimbursed_fen = MoneyFormField(
        label=_("Of it reimbursed"),
        help_text=_("By the medical insurance, mutual aid or anybody else. Empty if nothing."),
        min_fen=0,
        required=False,
    )
    asked_fen = MoneyFormField(label=_("What do you ask for?"))
    reason = forms.CharField(
        label=_("What happened, in your own words"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args, dossier, on, cap_fen, **kwargs):
        super().__init__(*args, **kwargs)
        self.on, self.cap_fen = on, cap_fen
        offer(self, "patient", dossier.members.filter(left_on=None).order_by("pk"))
        if cap_fen:
            self.fields["asked_fen"].help_text = say(
                _("One grant is at most %(cap)s yuan, and never more than you paid yourself."),
                cap=format_fen(cap_fen),
            )

    def clean_event_on(self):
        if self.cleaned_data["event_on"] > self.on:
            raise ValidationError(_("This day lies in the future."))
        return self.cleaned_data["event_on"]

    def clean_reimbursed_fen(self):
        return self.cleaned_data["reimbursed_fen"] or 0

    def clean_asked_fen(self):
        asked = self.cleaned_data["asked_fen"]
        if self.cap_fen and asked > self.cap_fen:
            raise ValidationError(
                say(_("One grant is at most %(cap)s yuan."), cap=format_fen(self.cap_fen))
            )
        return asked

    def clean(self):
        super().clean()
        data = self.cleaned_data
        spent, back = data.get("spent_fen"), data.get("reimbursed_fen")
        if spent is None or back is None:
            return data
        if back > spent:
            self.add_error("reimbursed_fen", _("More cannot be reimbursed than was spent."))
        elif data.get("asked_fen") and data["asked_fen"] > spent - back:
            self.add_error(
                "asked_fen",
                say(
                    _("This is more than the %(net)s yuan the household paid itself."),
                    net=format_fen(spent - back),
                ),
            )
        return data


class PayeeForm(AccountForm):
    """The account the money goes to: the employee's own, in their name."""

    def __init__(self, *args, person, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["compared"].label = _("I have compared the number with the card.")

    def clean_account_name(self):
        name = self.cleaned_data["account_name"]
        if "".join(name.split()) != "".join(self.person.name.split()):
            raise ValidationError(
                say(_("The account must be in the name of %(name)s."), name=self.person.name)
            )
        return name


class DeclareForm(forms.Form):
    """Three declarations, each ticked by itself; a tick is a signature."""

    true_statement = forms.BooleanField(
        label=_("What I have written here is true and complete."),
        help_text=_(
            "Who receives help by false statements pays it back and is asked to account for it."
        ),
    )
    may_verify = forms.BooleanField(
        label=_("The union may verify the income, expenses and property of my household."),
        help_text=_("It compares data, looks at vouchers and visits you at home."),
    )
    may_publish = forms.BooleanField(
        label=_("I agree that the result is published on the intranet."),
        help_text=_(
            "With a masked name, the unit, the kind of help and the amount: never the illness, the"
            " family, the address or any number."
        ),
    )
