"""A proof somebody uploads, and why somebody opens one."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.uploads import UploadRefused, check_upload
from cases.models import Document
from people.models import Purpose

_NOT_OFFERED = {Document.Kind.VISIT}


def _leave_out(form, kinds):
    """Offer every kind of proof but these."""
    form.fields["kind"].choices = [c for c in Document.Kind.choices if c[0] not in kinds]


class DocumentForm(forms.Form):
    """One proof; `upload` is what its bytes say of it."""

    kind = forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect)
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

    def __init__(self, *args, signed_form, **kwargs):
        super().__init__(*args, **kwargs)
        left_out = _NOT_OFFERED if signed_form else _NOT_OFFERED | {Document.Kind.SIGNED_FORM}
        _leave_out(self, left_out)

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.upload = check_upload(file)
        except UploadRefused as refused:
            raise ValidationError(refused.args[0], code="refused") from refused
        return file


class PurposeForm(forms.Form):
    """Why a proof is opened; written down before it is shown."""

    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)
