"""What an applicant fills in about the application itself."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say
from cases.forms.household import offer
from cases.forms.programme import OFFERED
from cases.workflow import Programme
from people.forms import PayeeForm as AccountForm
from people.models import Person


class PersonFilter(forms.Form):
    q = forms.CharField(label=_("Name or staff number"), required=False, max_length=60)

    @property
    def chosen(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ProgrammeForm(forms.Form):
    """What a household on file applies for."""

    programme = forms.ChoiceField(
        label=_("What do you apply for?"),
        choices=OFFERED,
        widget=forms.RadioSelect,
        initial=Programme.EMERGENCY,
        help_text=_("One already begun is gone on with."),
    )


class StartForm(ProgrammeForm):
    """For whom the application is, nobody chosen means for oneself; and for a household on file
    which programme."""

    person = forms.ModelChoiceField(queryset=Person.objects.none(), required=False)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        offer(self, "person", Person.objects.visible_to(actor).select_related("unit"))
        self.fields["programme"].required = False


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
