"""What may be typed on the pages of an objection. Forms validate; they do not save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.case import WordsField
from people.forms import FilterForm


class ObjectionFilter(FilterForm):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("open", _("open")), ("answered", _("answered"))],
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Receipt code or case number")


class AnswerForm(forms.Form):
    """The written answer: what was found, and on which clause it rests."""

    words = WordsField(
        label=_("Answer"),
        max_length=2000,
        help_text=_(
            "What was checked, what was found, and which clause applies. Do not name the objector."
        ),
    )
