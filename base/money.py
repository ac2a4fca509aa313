"""Money is a whole number of fen (int) everywhere but at the edges.

In:  ``MoneyFormField`` and ``parse_fen`` turn "2,000.00", "２０００" or "2万" into fen.
Out: ``format_fen`` for screens, ``capitals`` for papers that are signed.

Not DecimalField: SQLite keeps decimals as binary floats, so a CHECK that adds two of them
is wrong by a hair (0.10 + 0.20 > 0.30).
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say

MAX_FEN = 10**15  # ten trillion yuan; far inside a 64-bit column and an Excel number

# Only these are translated: NFKC would also turn "5²" into "52" and "½" into "1/2".
_NARROW = str.maketrans("０１２３４５６７８９，．－−￥", "0123456789,.--¥")
_AMOUNT = re.compile(
    r"(?P<sign>-?)(?:人民币|¥|RMB|CNY)?(?P<sign2>-?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?"
    r"(?P<unit>[万亿]?)(?:元|圆|块)?(?:整)?",
    re.IGNORECASE,
)
_UNITS = {"": 1, "万": 10_000, "亿": 100_000_000}

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_CAPITALS = re.compile(
    r"(?:人民币)?(?P<sign>负?)"
    r"(?:(?P<yuan>[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]+)元)?"
    r"(?:零?(?P<jiao>[壹贰叁肆伍陆柒捌玖])角)?"
    r"(?:零?(?P<fen>[壹贰叁肆伍陆柒捌玖])分)?"
    r"[整正]?"
)
_CAPITALS_LIMIT = 10**18  # fen: up to 9999 wan yi yuan, the largest that reads unambiguously


def to_fen(amount):
    """Whole fen from yuan (Decimal, int or digits), rounding half up away from zero.

    The only place in the project that rounds. A float is refused with TypeError, because
    its cents are already wrong before they get here.
    """
    if isinstance(amount, float):
        raise TypeError("Money is never a float; pass a Decimal, an int or a string.")
    return int((Decimal(amount) * 100).to_integral_value(ROUND_HALF_UP))


def format_fen(fen):
    """Fen as yuan with thousands commas and two decimals: 200000 -> "2,000.00"."""
    yuan, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{part:02d}"


def parse_fen(text):
    """Fen from what a person typed: "2,000.00", "２０００", "¥2000元", "2万", "1.5万元".

    ValueError with a lazy sentence when it is not an amount, is finer than one fen, or is
    beyond ``MAX_FEN``. Nothing is rounded: what was typed is what is stored.
    """
    compact = re.sub(r"\s", "", str(text)).translate(_NARROW)
    found = _AMOUNT.fullmatch(compact) if len(compact) <= 40 else None
    if not found or (found["sign"] and found["sign2"]):
        raise ValueError(_("Enter an amount in yuan, such as 2000, 2,000.00 or 2万."))
    # In whole numbers, because a Decimal of many digits would be rounded on the way.
    part = found["part"] or ""
    exact = int(found["whole"].replace(",", "") + part) * _UNITS[found["unit"]] * 100
    fen, rest = divmod(exact, 10 ** len(part))
    if rest:
        raise ValueError(_("Enter no more than two decimals; the smallest amount is 0.01 yuan."))
    if fen > MAX_FEN:
        raise ValueError(_("This amount is too large; check the number of zeros."))
    return -fen if found["sign"] or found["sign2"] else fen


def _group(number):
    """Capitals of 0 to 9999 without leading or trailing zeros; "" for 0."""
    text, gap = "", False
    for digit, place in zip(f"{number:04d}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[int(digit)] + place
        gap = False
    return text


def _section(number, unit_size, unit, lower):
    """High part, its unit, then the low part with one 零 when its top place is empty."""
    high, low = divmod(number, unit_size)
    if not high:
        return lower(low)
    gap = "零" if low and low < unit_size // 10 else ""
    upper = _group(high) if high < 10_000 else _below_yi(high)
    return upper + unit + gap + lower(low)


def _below_yi(number):
    return _section(number, 10_000, "万", _group)


def capitals(fen):
    """The amount as written on signed papers: 2000000 -> "人民币贰万元整".

    Rules of the payment and settlement regulations: 壹 is never dropped (壹拾陆元整), zeros
    inside are one 零, an amount that ends in yuan or jiao closes with 整, one that ends in
    fen does not, an empty jiao before fen is 零. ValueError beyond what can be written.
    """
    if abs(fen) >= _CAPITALS_LIMIT:
        raise ValueError(_("This amount is too large to be written in capitals."))
    yuan, part = divmod(abs(fen), 100)
    jiao, cent = divmod(part, 10)
    text = "人民币" + ("负" if fen < 0 else "")
    if yuan:
        text += _section(yuan, 10**8, "亿", _below_yi) + "元"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif cent and yuan:
        text += "零"
    if cent:
        return text + _DIGITS[cent] + "分"
    return text + ("整" if yuan or jiao else "零元整")


def _read_group(text):
    number = digit = 0
    for char in text:
        if char in _PLACES[:3]:
            number += digit * 10 ** (3 - _PLACES.index(char))
            digit = 0
        else:
            digit = _DIGITS.index(char)
    return number + digit


def _read_below_yi(text):
    high, _unit, low = text.rpartition("万")
    return _read_group(high) * 10_000 + _read_group(low)


def from_capitals(text):
    """Fen from capitals, with or without 人民币, optional 零 and 整; 圆 and 正 are accepted.

    The reading is written out again and compared, so that a malformed amount is a
    ValueError (lazy sentence) instead of a guess.
    """
    compact = re.sub(r"\s", "", str(text)).replace("圆", "元").replace("正", "整")
    refusal = ValueError(_("This is not an amount in capitals, such as 人民币贰万元整."))
    found = _CAPITALS.fullmatch(compact)
    if not found:
        raise refusal
    high, _unit, low = (found["yuan"] or "").rpartition("亿")
    yuan = _read_below_yi(high) * 10**8 + _read_below_yi(low)
    fen = yuan * 100
    fen += _DIGITS.index(found["jiao"] or "零") * 10 + _DIGITS.index(found["fen"] or "零")
    fen = -fen if found["sign"] else fen
    if _skeleton(compact) != _skeleton(capitals(fen)):
        raise refusal
    return fen


def _skeleton(text):
    """Capitals without what the rules leave open: the prefix, inner 零 and the closing 整."""
    bare = text.removeprefix("人民币").removesuffix("整")
    return bare if bare == "零元" else bare.replace("零", "")


class MoneyFormField(forms.Field):
    """What a person types for an amount; the clean value is int fen, or None when empty.

    ``min_fen`` (default 1: an amount of nothing is no amount) and ``max_fen`` bound it. An
    int, as in ``initial``, is taken as fen and shown as "2,000.00".
    """

    widget = forms.TextInput
    default_error_messages = {"required": _("Enter an amount in yuan.")}

    def __init__(self, *, min_fen=1, max_fen=None, **kwargs):
        self.min_fen, self.max_fen = min_fen, max_fen
        super().__init__(**kwargs)

    def widget_attrs(self, widget):
        return {"inputmode": "decimal", "autocomplete": "off", "maxlength": "40"}

    def prepare_value(self, value):
        return format_fen(value) if isinstance(value, int) else value

    def to_python(self, value):
        if value is None or str(value).strip() == "":
            return None
        if isinstance(value, int):
            return value
        try:
            return parse_fen(value)
        except ValueError as error:
            raise ValidationError(error.args[0], code="invalid") from error

    def validate(self, value):
        super().validate(value)
        if value is None:
            return
        if self.min_fen is not None and value < self.min_fen:
            least = format_fen(self.min_fen)
            raise ValidationError(
                say(_("Enter an amount of at least %(amount)s yuan."), amount=least),
                code="min_value",
            )
        if value > (MAX_FEN if self.max_fen is None else self.max_fen):
            most = format_fen(MAX_FEN if self.max_fen is None else self.max_fen)
            raise ValidationError(
                say(_("Enter an amount of at most %(amount)s yuan."), amount=most),
                code="max_value",
            )

    def has_changed(self, initial, data):
        """Compare amounts, so that "2000" typed over "2,000.00" is no change."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True
