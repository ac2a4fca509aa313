"""Pages by position, not by number: no COUNT, no OFFSET, the same speed on page 4,000.

A page is asked for by the sort values of the row before it (or after it, going back), so
rows that come or go elsewhere never shift it. Works alike on SQLite and PostgreSQL.
"""

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DateTimeField, F, Field, Q
from django.utils import timezone

from base.crypto import EncryptedTextField

MAX_SIZE = 500
_MAX_CURSOR = 2000


@dataclass(frozen=True)
class Page:
    """One page of ``rows`` (a list); a cursor is "" when there is no page that way."""

    rows: list
    next_cursor: str
    previous_cursor: str

    @property
    def has_next(self):
        return bool(self.next_cursor)

    @property
    def has_previous(self):
        return bool(self.previous_cursor)

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


@dataclass(frozen=True)
class _Key:
    """One sort column: where to read it, its model field, which way it runs."""

    path: str
    field: Field
    descending: bool
    nullable: bool

    def read(self, row):
        value = row
        for name in self.path.split("__"):
            value = getattr(value, name, None)
        return value

    def ordering(self, *, forward):
        """NULLs come last going forward on both databases, which disagree by default."""
        column = F(self.path)
        nulls = {"nulls_last" if forward else "nulls_first": True} if self.nullable else {}
        return column.desc(**nulls) if self.descending == forward else column.asc(**nulls)

    def beyond(self, value, *, forward):
        """Rows past ``value`` in this column; None when there can be none."""
        if value is None:
            return None if forward else Q(**{f"{self.path}__isnull": False})
        past = Q(**{f"{self.path}__{'lt' if self.descending == forward else 'gt'}": value})
        if self.nullable and forward:
            past |= Q(**{f"{self.path}__isnull": True})
        return past

    def same(self, value):
        if value is None:
            return Q(**{f"{self.path}__isnull": True})
        return Q(**{self.path: value})

    def dump(self, value):
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, date | datetime):
            return value.isoformat()
        return str(value)

    def load(self, text):
        """The value of ``text`` as this column's own type; ValidationError if it is not one."""
        if text is None:
            if not self.nullable:
                raise ValidationError("A value is missing.")
            return None
        if not isinstance(text, str) or "\0" in text:
            raise ValidationError("Not a value of this column.")
        text.encode()
        value = self.field.to_python(text)
        if isinstance(self.field, DateTimeField) and not timezone.is_aware(value):
            raise ValidationError("A moment without a time zone.")
        self.field.run_validators(value)
        return value


def _keys(queryset, order):
    keys = []
    for name in order:
        path = name.removeprefix("-")
        field, nullable = _field(queryset, path)
        if isinstance(field, EncryptedTextField):
            raise ValueError(f"{path} is encrypted and has no order.")
        keys.append(_Key(path, field, name.startswith("-"), nullable))
    if not keys or not (keys[-1].field.unique and "__" not in keys[-1].path) or keys[-1].nullable:
        raise ValueError("The order must end in a unique column, such as pk.")
    return keys


def _field(queryset, path):
    """The field at the end of ``path`` and whether it may come out NULL."""
    if path in queryset.query.annotations:
        return queryset.query.annotations[path].output_field, True
    model, nullable = queryset.model, False
    *relations, last = path.split("__")
    for name in relations:
        relation = model._meta.get_field(name)
        if not (relation.many_to_one or relation.one_to_one):
            raise ValueError(f"{path} has many rows for one and gives no order.")
        nullable = nullable or relation.null
        model = relation.related_model
    try:
        field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    except FieldDoesNotExist as error:
        raise ValueError(f"{path} is no column of {queryset.model.__name__}.") from error
    of_what = "output_field" if field.generated else "target_field"
    return getattr(field, of_what, field), nullable or field.null


def paginate(queryset, *, order=("-opened_on", "-pk"), cursor="", size=50):
    """One ``Page`` of ``queryset`` in ``order`` (names, ``-`` for descending); one query.

    ``order`` ends in a unique column (ValueError otherwise); columns of related rows need
    select_related, or each page costs a query a row. ``cursor`` comes from a Page and is
    not a secret: it only says where to go on among rows the queryset lets through, and
    its values pass the column's own validation. A broken or foreign one gives the first
    page. ``size`` is held between 1 and 500.
    """
    keys = _keys(queryset, order)
    size = max(1, min(size, MAX_SIZE))
    mark = zlib.crc32(",".join([queryset.model._meta.label, *order]).encode())
    forward, values = _decode(cursor, keys, mark)
    rows = _fetch(queryset, keys, values, forward=forward, limit=size + 1)
    more, rows = len(rows) > size, rows[:size]
    if values and (not rows or (not forward and not more)):
        # Nothing left on this side, or too few for a whole first page: begin at the top.
        rows = _fetch(queryset, keys, None, forward=True, limit=size + 1)
        more, rows, values, forward = len(rows) > size, rows[:size], None, True
    if not forward:
        rows.reverse()
    has_next, has_previous = (more, bool(values)) if forward else (True, more)
    return Page(
        rows=rows,
        next_cursor=_encode(keys, mark, rows[-1], forward=True) if has_next else "",
        previous_cursor=_encode(keys, mark, rows[0], forward=False) if has_previous else "",
    )


def _fetch(queryset, keys, values, *, forward, limit):
    if values:
        queryset = queryset.filter(_after(keys, values, forward=forward))
    return list(queryset.order_by(*(key.ordering(forward=forward) for key in keys))[:limit])


def _after(keys, values, *, forward):
    """Rows past the row with ``values``: (a > x) or (a = x and b > y) or ...

    Spelt out because a row comparison cannot mix ascending and descending columns.
    """
    found, same = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        beyond = key.beyond(value, forward=forward)
        if beyond is not None:
            found |= same & beyond
        same &= key.same(value)
    return found


def _encode(keys, mark, row, *, forward):
    values = [key.dump(key.read(row)) for key in keys]
    text = json.dumps([mark, int(forward), values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor, keys, mark):
    """(forward, values) of a cursor; (True, None), the first page, when it says nothing."""
    if not cursor or len(cursor) > _MAX_CURSOR:
        return True, None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found_mark, forward, texts = json.loads(base64.b64decode(padded, altchars=b"-_"))
        if found_mark != mark or forward not in (0, 1) or len(texts) != len(keys):
            return True, None
        return bool(forward), [key.load(text) for key, text in zip(keys, texts, strict=True)]
    except (binascii.Error, ValidationError, ValueError, TypeError, RecursionError):
        return True, None
