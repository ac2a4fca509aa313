"""A signature drawn on a screen: strokes come in, the server draws the picture itself."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from base import pictures

MOST_LETTERS = 40_000
_STROKES = re.compile(r"\d{1,4},\d{1,4}(?:[ ;]\d{1,4},\d{1,4})*")
_LEAST_LENGTH = 150  # of a canvas 1,000 wide: less is a slip of the finger


class SignatureField(forms.CharField):
    """Strokes as "x,y x,y;x,y x,y" on a canvas of 1,000 × 400; cleaned: a PNG file, or None."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(**{"required": False, "max_length": MOST_LETTERS} | kwargs)
        self.widget.attrs["data-signature-strokes"] = ""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        if not _STROKES.fullmatch(text):
            raise ValidationError(_("The signature could not be read; sign again."))
        strokes = [
            [tuple(map(int, point.split(","))) for point in stroke.split(" ")]
            for stroke in text.split(";")
        ]
        width, height = pictures.SIGNATURE_SIZE
        if any(x > width or y > height for stroke in strokes for x, y in stroke):
            raise ValidationError(_("The signature could not be read; sign again."))
        if sum(map(_length, strokes)) < _LEAST_LENGTH:
            raise ValidationError(_("The signature is too short; sign with the full name."))
        return ContentFile(pictures.draw_signature(strokes), name="signature.png")


def _length(stroke):
    """How far the pen went, across and down."""
    steps = zip(stroke, stroke[1:], strict=False)
    return sum(abs(x - a) + abs(y - b) for (a, b), (x, y) in steps)
