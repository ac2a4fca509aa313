"""The one byte form of a sealed row, produced by PostgreSQL and SQLite themselves, byte for byte.

A row is its table's name and then its columns, in UTF-8, each as `length:bytes,` with the length
in bytes; NULL is `-,`, so it differs from empty text. Whole numbers are decimal, truth values 1
and 0, dates `2026-03-05`, moments `2026-03-05T06:30:00.000000Z`, bytes lower hexadecimal. A value
SQLite keeps in another storage class than its column has is written as `!` and its literal: no
change of the file can hide behind a conversion.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db.models import ForeignObject

from base.crypto import EncryptedTextField

CHUNK = 2000

_WHOLE = (
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField",
    "SmallIntegerField", "PositiveIntegerField", "PositiveBigIntegerField",
    "PositiveSmallIntegerField",
)  # fmt: skip
_TEXT = ("CharField", "TextField", "SlugField")

_SQLITE_MOMENT = (
    "CASE WHEN {c} GLOB '????-??-?? ??:??:??' AND length({c}) = 19"
    " THEN substr({c}, 1, 10) || 'T' || substr({c}, 12, 8) || '.000000Z'"
    " WHEN {c} GLOB '????-??-?? ??:??:??.??????' AND length({c}) = 26"
    " THEN substr({c}, 1, 10) || 'T' || substr({c}, 12) || 'Z'"
    " ELSE '!' || {c} END"
)


def columns(model):
    """The columns of a sealed model that can be written canonically, in the order of its fields.

    ImproperlyConfigured for a kind of column that two databases write differently, or that is
    encrypted again when keys are rotated.
    """
    for field in model._meta.local_concrete_fields:
        _kind(field)
    return [field.column for field in model._meta.local_concrete_fields]


def _kind(field):
    """text, whole, truth, date, moment or bytes."""
    target = field
    while isinstance(target, ForeignObject):
        target = target.target_field
    name = target.get_internal_type()
    if isinstance(target, EncryptedTextField):
        name = "EncryptedTextField"
    kinds = {
        "BooleanField": "truth",
        "DateField": "date",
        "DateTimeField": "moment",
        "BinaryField": "bytes",
    }
    kinds |= dict.fromkeys(_WHOLE, "whole") | dict.fromkeys(_TEXT, "text")
    if name not in kinds:
        raise ImproperlyConfigured(
            f"{field.model._meta.label}.{field.name}: a {name} has no one byte form, so it cannot"
            " stand in a sealed row. Use text, a whole number, a date or a moment."
        )
    return kinds[name]


def _postgresql(column, kind):
    value = {
        "whole": "CAST({c} AS text)",
        "text": "CAST({c} AS text)",
        "truth": "CASE WHEN {c} THEN '1' ELSE '0' END",
        "date": "to_char({c}, 'YYYY-MM-DD')",
        "moment": "to_char({c} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
        "bytes": "encode({c}, 'hex')",
    }[kind].format(c=column)
    length = f"octet_length(convert_to({value}, 'UTF8'))"
    return f"CASE WHEN {column} IS NULL THEN '-,' ELSE {length} || ':' || {value} || ',' END"


def _sqlite(column, kind):
    stored = {"whole": "integer", "truth": "integer", "bytes": "blob"}.get(kind, "text")
    value = {
        "whole": "CAST({c} AS TEXT)",
        "text": "{c}",
        "truth": "CAST({c} AS TEXT)",
        "date": "{c}",
        "moment": _SQLITE_MOMENT,
        "bytes": "lower(hex({c}))",
    }[kind].format(c=column)
    return (
        f"CASE typeof({column}) WHEN 'null' THEN '-,' WHEN '{stored}'"
        f" THEN length(CAST({value} AS BLOB)) || ':' || {value} || ','"
        f" ELSE '!' || quote({column}) || ',' END"
    )


def expression(connection, model, names=None):
    """SQL for the canonical bytes of one row of the model; `names` are columns, all by default."""
    quote = connection.ops.quote_name
    one = {"postgresql": _postgresql, "sqlite": _sqlite}[connection.vendor]
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    table = model._meta.db_table
    parts = [f"'{len(table.encode())}:{table},'"]
    for name in names or columns(model):
        parts.append(f"({one(quote(name), _kind(fields[name]))})")
    text = " || ".join(parts)
    # As bytes: text that a change of the file made unreadable must still be compared.
    return f"convert_to({text}, 'UTF8')" if connection.vendor == "postgresql" else (
        f"CAST({text} AS BLOB)"
    )  # fmt: skip


def highest(connection, model):
    """The highest id in the table; 0 when it is empty."""
    quote = connection.ops.quote_name
    key, table = quote(model._meta.pk.column), quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")
        return cursor.fetchone()[0]


def stream(connection, model, *, after, upto, names=None):
    """(id, canonical bytes) of the rows with `after` < id <= `upto`, in order of id.

    One query with a cursor on the server: no list of rows and no model object is ever made.
    """
    quote = connection.ops.quote_name
    key, table = quote(model._meta.pk.column), quote(model._meta.db_table)
    sql = (
        f"SELECT {key}, {expression(connection, model, names)} FROM {table}"
        f" WHERE {key} > %s AND {key} <= %s ORDER BY {key}"
    )
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, [after, upto])
        while found := cursor.fetchmany(CHUNK):
            for pk, text in found:
                yield pk, bytes(text or b"")
