"""Resident ID numbers (GB 11643-1999) and bank accounts: is what was typed possible?

A number that passes is well formed; whether the person exists is for people to check.
"""

import re
from collections.abc import Callable
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say

FEMALE, MALE = "F", "M"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"  # by remainder, ISO 7064 MOD 11-2
_NARROW = str.maketrans("０１２３４５６７８９ＸｘХх－", "0123456789XXXX-")
_SPACING = re.compile(r"[\s\-‐‑‒–—\u200b\u200e\u200f\ufeff]")


def _compact(text):
    """Without spaces, hyphens and invisible marks; full-width digits made narrow."""
    return _SPACING.sub("", str(text).translate(_NARROW))


def _check_digit(first_17):
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_17, strict=True))
    return _CHECK_DIGITS[total % 11]


def check_id_number(text):
    """The 18 characters of an ID number, upper case, or ValueError with a lazy sentence.

    The sentence names what is wrong: length, characters, date of birth or check digit.
    Spaces and full-width digits are put right; a 15-digit number is turned into 18.
    """
    number = _compact(text).upper()
    if len(number) not in (15, 18):
        raise ValueError(
            say(
                _("An ID number has 18 characters; this one has %(count)s. Check each digit."),
                count=len(number),
            )
        )
    if not re.fullmatch(r"[0-9]{15}|[0-9]{17}[0-9X]", number):
        raise ValueError(_("An ID number is 17 digits and a last digit or X; remove the rest."))
    if len(number) == 15:
        number = number[:6] + "19" + number[6:]
        number += _check_digit(number)
    try:
        born = _birth(number)
    except ValueError:
        born = date.min
    if born.year < 1900:
        raise ValueError(
            say(
                _("Characters 7 to 14 must be the date of birth; %(digits)s is not a date."),
                digits=number[6:14],
            )
        )
    if number[-1] != _check_digit(number[:17]):
        raise ValueError(_("The last character does not fit the others; compare with the ID card."))
    return number


def _birth(number):
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def birth_of(number):
    """Date of birth from an ID number; ValueError when the number is not well formed."""
    return _birth(check_id_number(number))


def sex_of(number):
    """``MALE`` ("M") or ``FEMALE`` ("F") by the 17th digit; ValueError when not well formed."""
    return MALE if int(check_id_number(number)[16]) % 2 else FEMALE


def check_account(text):
    """Digits of a bank card or account (8 to 25), or ValueError with a lazy sentence."""
    number = _compact(text)
    if not re.fullmatch(r"[0-9]*", number):
        raise ValueError(_("A card or account number has digits only; remove the rest."))
    if not 8 <= len(number) <= 25:
        raise ValueError(
            say(
                _("A card or account number has 8 to 25 digits; this one has %(count)s."),
                count=len(number),
            )
        )
    return number


def card_warnings(text):
    """Lazy sentences about what is odd but allowed; [] when nothing is.

    A card number (16 to 19 digits) carries a Luhn digit; local account numbers need not,
    so a number that fails is only to be looked at again.
    """
    digits = [int(char) for char in reversed(_compact(text)) if "0" <= char <= "9"]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2])
    if (sum(digits[::2]) + sum(doubled)) % 10:
        return [
            _(
                "This number does not fit the check digit of bank cards. Compare it with the "
                "card; an account that is not a card may be right."
            )
        ]
    return []


class _CheckedField(forms.CharField):
    """A text field whose value is what ``check`` makes of it; "" stays ""."""

    check: Callable[[str], str]

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": 40} | kwargs)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"autocomplete": "off", "spellcheck": "false"}

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return value
        try:
            return self.check(value)
        except ValueError as error:
            raise ValidationError(error.args[0], code="invalid") from error


class IdNumberField(_CheckedField):
    """An ID number; the clean value has 18 characters."""

    check = staticmethod(check_id_number)


class AccountField(_CheckedField):
    """A payee account; the clean value is digits. Ask ``card_warnings`` in the form."""

    check = staticmethod(check_account)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"inputmode": "numeric"}
