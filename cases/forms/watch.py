"""What may be typed about the duplicate watch. Forms validate; they do not save."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.life import WatchKind
from people.forms import FilterForm


class WatchFilter(FilterForm):
    """What to look for; the first kind when none is chosen."""

    q = None
    kind = forms.ChoiceField(label=_("What to look for"), required=False, choices=WatchKind.choices)
    answered = forms.BooleanField(label=_("Also what was looked at"), required=False)

    @property
    def kind_chosen(self):
        return WatchKind(self.chosen.get("kind") or WatchKind.ID_NUMBER)


class AnswerForm(forms.Form):
    words = forms.CharField(
        label=_("What did you find?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example: no duplicate, because …"),
    )  # fmt: skip
