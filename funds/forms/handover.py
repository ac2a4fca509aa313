"""What is typed for cash and proxies, and the papers that go with them."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.idcard import AccountField, IdNumberField, card_warnings
from base.signature import SignatureField
from base.uploads import UploadRefused, check_upload
from cases.forms.household import PhoneField
from funds.models import Way
from funds.models.handover import BY_PROXY, EXCEPTIONS, STATE_WORDS
from people.forms import DateField, FilterForm
from people.models import Relation

_PROXY = ("name", "relation", "phone", "id_number")
_ACCOUNT = ("bank", "branch", "account")


class HandOverFilter(FilterForm):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("all")), *STATE_WORDS.items()]
    )
    way = forms.ChoiceField(label=_("Way"), required=False, choices=[("", _("all")), *EXCEPTIONS])
    missing = forms.BooleanField(label=_("receipt missing"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Number of the exception or case, or name")


class HandOverForm(forms.Form):
    """Which way, why, and who receives it in the employee's place."""

    way = forms.ChoiceField(label=_("Way"), choices=EXCEPTIONS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Why it cannot go to their own account"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )
    name = forms.CharField(label=_("Name of the proxy"), max_length=60, required=False)
    relation = forms.ChoiceField(
        label=_("Relation to the employee"),
        required=False,
        choices=[("", "-"), *(row for row in Relation.choices if row[0] != Relation.SELF)],
    )
    phone = PhoneField(label=_("Phone of the proxy"), required=False)
    id_number = IdNumberField(label=_("ID number of the proxy"), required=False)
    bank = forms.CharField(label=_("Bank"), max_length=60, required=False)
    branch = forms.CharField(label=_("Bank branch"), max_length=100, required=False)
    account = AccountField(label=_("Account number"), required=False)
    compared = forms.BooleanField(
        label=_("I have compared the number with the card or the passbook."), required=False
    )

    def clean(self):
        data = super().clean()
        way = data.get("way")
        needed = _PROXY if way in BY_PROXY else ()
        needed += ("bank", "account") if way == Way.PROXY_ACCOUNT else ()
        for name in needed:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("This is needed for a proxy."))
        if way == Way.PROXY_ACCOUNT and data.get("account") and not data.get("compared"):
            for warning in card_warnings(data["account"]):
                self.add_error("account", warning)
        return data

    @property
    def proxy(self):
        """{name, relation, phone, id_number}, or None for the employee."""
        data = self.cleaned_data
        return {name: data[name] for name in _PROXY} if data["way"] in BY_PROXY else None

    @property
    def payee(self):
        """{bank, branch, account} of the proxy, or None."""
        data = self.cleaned_data
        return {name: data[name] for name in _ACCOUNT} if data["way"] == Way.PROXY_ACCOUNT else None


class DecisionForm(forms.Form):
    """Yes or no, with words for a no."""

    approve = forms.TypedChoiceField(
        label=_("Your decision"),
        choices=[("yes", _("Approve the exception")), ("no", _("Do not approve it"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("Words"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        required=False,
        help_text=_("A refusal needs words."),
    )

    def clean(self):
        data = super().clean()
        if data.get("approve") is False and not (data.get("words") or "").strip():
            self.add_error("words", _("Write down why the exception is refused."))
        return data


class PaperForm(forms.Form):
    """One paper; `upload` is what its bytes say of it."""

    file = forms.FileField(
        label=_("Photo or scan"),
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
        if file:
            self._judge(file)
        return file

    def _judge(self, file):
        try:
            self.upload = check_upload(file)
        except UploadRefused as refused:
            raise ValidationError(refused.args[0], code="refused") from refused


class ReceiptForm(PaperForm):
    """The signed receipt: its photo, or a signature drawn here; and the day."""

    received_on = DateField(label=_("Received on"))
    signature = SignatureField(label=_("Signature of who receives the money"))

    field_order = ("received_on", "signature", "file")

    def __init__(self, *args, since, until, **kwargs):
        super().__init__(*args, **kwargs)
        self.since, self.until = since, until
        self.fields["file"].required = False

    def clean_received_on(self):
        on = self.cleaned_data["received_on"]
        if not self.since <= on <= self.until:
            raise ValidationError(
                _("It was received after it was posted, and not later than today.")
            )
        return on

    def clean(self):
        data = super().clean()
        drawn = data.get("signature")
        if not data.get("file") and not self.errors:
            if not drawn:
                self.add_error("file", _("Sign here, or choose a photo of the signed receipt."))
            else:
                self._judge(drawn)
                data["file"] = drawn
        return data
