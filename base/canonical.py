"""One byte form for one value: what is hashed today hashes the same in thirty years.

JSON in UTF-8 with keys sorted by code point and no spaces. Whole numbers, text, booleans,
null, lists and string-keyed objects only. Dates and moments become ISO text.
"""

import hashlib
import json
from datetime import UTC, date, datetime


def _plain(value):
    """``value`` as JSON's own types, or TypeError naming what cannot be canonical."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("A moment without a time zone has no canonical form.")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"A key must be text, not {type(key).__name__}.")
        return {str.__str__(key): _plain(item) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} has no canonical form; store text or whole numbers.")


def dumps(value):
    """Canonical JSON text of ``value``.

    TypeError for floats (NaN too), decimals, naive moments, keys that are not text and
    anything else that two machines might write differently; ValueError for text that is
    not Unicode (lone surrogates).
    """
    text = json.dumps(
        _plain(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    text.encode()
    return text


def _no_float(text):
    raise ValueError(f"{text} is not a whole number.")


def _no_twins(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key stands twice in one object.")
    return found


def loads(text):
    """The value of JSON ``text`` (str or UTF-8 bytes); dates stay ISO text.

    ValueError for floats, NaN, a key that stands twice, or broken JSON.
    """
    return json.loads(
        text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_no_twins
    )


def digest(value):
    """SHA-256 of the canonical bytes of ``value``, as 64 hex digits."""
    return hashlib.sha256(dumps(value).encode()).hexdigest()
