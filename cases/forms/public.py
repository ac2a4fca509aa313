"""What anybody may type: a search in titles, an objection, a query code."""

import hmac
import re
import unicodedata
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.workflow import Status

_LOOK_ALIKE = str.maketrans("OIL", "011")  # Crockford base 32 reads these as digits


def plain_code(text):
    """A code as typed, without hyphens and spaces, letters and digits as they were meant."""
    narrow = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\W_]", "", narrow).upper().translate(_LOOK_ALIKE)


class NoticeFilter(forms.Form):
    q = forms.CharField(label=_("Words in the title"), required=False, max_length=60)

    @property
    def text(self):
        self.is_valid()
        return self.cleaned_data.get("q", "")


class ObjectionForm(forms.Form):
    """An objection to one line of a notice; under one's own name, or without."""

    line = forms.IntegerField(
        label=_("Number in the list"),
        min_value=1,
        help_text=_("The number in front of the name you object to."),
    )
    facts = forms.CharField(
        label=_("What do you know?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=2000,
        help_text=_("Facts that can be checked: what, when, where, how you know it."),
    )
    signed = forms.ChoiceField(
        label=_("Under your name?"),
        widget=forms.RadioSelect,
        choices=[("yes", _("with my name, so that I can be asked")), ("no", _("without my name"))],
    )
    name = forms.CharField(label=_("Your name"), required=False, max_length=60)
    contact = forms.CharField(
        label=_("Phone or address"),
        required=False,
        max_length=100,
        help_text=_("Without it nobody can ask you anything; the answer is found by the receipt."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False, initial=uuid4)

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = lines

    def clean_line(self):
        line = self.lines.select_related("case", "notice").filter(seq=self.cleaned_data["line"])
        found = line.first()
        if found is None:
            raise ValidationError(_("This list has no such number; look at the list again."))
        if found.case.status not in (Status.PUBLISHED, Status.HELD):
            raise ValidationError(_("This line is no longer on public notice."))
        return found

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("signed") == "yes":
            for name in ("name", "contact"):
                if name not in self.errors and not data.get(name):
                    self.add_error(name, _("Fill this in, or choose “without my name”."))
        elif data.get("signed") == "no":
            data["name"] = ""
        return data


class ProgressForm(forms.Form):
    """A query code with the last four of the ID number; `case` is the one they name together.

    One sentence for every failure, so that nobody learns which codes exist (fault 26).
    """

    code = forms.CharField(
        label=_("Query code"),
        max_length=40,
        help_text=_("It stands on the receipt of your application, such as 7K4M-Q2TX-9DR."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    last_four = forms.CharField(
        label=_("Last four characters of the applicant's ID number"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    case = None

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if self.errors:
            return data
        found = Case.objects.for_story().filter(code=plain_code(data["code"])).first()
        known = found.applicant.id_number[-4:] if found else ""
        given = re.sub(r"\s", "", unicodedata.normalize("NFKC", data["last_four"])).upper()
        if not (hmac.compare_digest(known.encode(), given.encode()) and found):
            raise ValidationError(
                _(
                    "Nothing was found for this code and these four characters. Compare both with"
                    " the receipt and the ID card, or call the union."
                )
            )
        self.case = found
        return data
