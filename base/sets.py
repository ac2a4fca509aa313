"""Sets of rows read and written by one statement each, on SQLite and PostgreSQL (ADR 0020).

The number of statements, and of their parameters, does not grow with the number of rows.
"""

import json

from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router


class These(models.Expression):
    """Numbers for the right side of `__in`, sent as one parameter however many they are."""

    def __init__(self, numbers):
        super().__init__(output_field=models.BigIntegerField())
        self.numbers = [int(number) for number in numbers]

    def as_sqlite(self, compiler, connection):
        return "(SELECT value FROM json_each(%s))", [json.dumps(self.numbers)]

    def as_postgresql(self, compiler, connection):
        return "(SELECT unnest(%s::bigint[]))", [self.numbers]


class _Stored(models.Value):
    """A constant written as its column stores it: encrypted, as JSON, as the key of a row."""

    def as_sql(self, compiler, connection):
        value = self.value.pk if isinstance(self.value, models.Model) else self.value
        return "%s", [self.output_field.get_db_prep_save(value, connection=connection)]


def insert_select(model, rows, **columns):
    """Write one row of `model` for each of `rows`, a query, by one INSERT … SELECT; says how many.

    `columns` are expressions over `rows`, or constants; a column left out gets the default of its
    field. Keys are given in the order of `rows`. No signal is sent and no `save` is called; the
    database asks its constraints and triggers of every row.
    """
    fields = [field for field in model._meta.local_concrete_fields if not field.generated]
    fields = [field for field in fields if not isinstance(field, models.AutoField)]
    if unknown := columns.keys() - {field.name for field in fields}:
        raise TypeError(f"not columns of {model.__name__}: {', '.join(sorted(unknown))}")
    annotations = {
        f"column_{n}": _expression(columns.get(field.name, field.get_default()), field)
        for n, field in enumerate(fields)
    }
    connection = connections[router.db_for_write(model)]
    query = rows.annotate(**annotations).values_list(*annotations).query
    try:
        select, params = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return 0
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) {select}", params)
        return cursor.rowcount


def _expression(value, field):
    return value if hasattr(value, "resolve_expression") else _Stored(value, output_field=field)


def choose(pairs, *, default, output_field):
    """For an UPDATE of one column: the value of each (value, pks) of `pairs` for its rows."""
    whens = [
        models.When(pk__in=These(pks), then=_expression(value, output_field))
        for value, pks in pairs
    ]
    return models.Case(
        *whens, default=_expression(default, output_field), output_field=output_field
    )


def number(model, key, column, places, **only):
    """Write a number into `column` of rows of `model` by one UPDATE … FROM.

    `places` is a query of two columns: what the column `key` of a row is, and its number. `only`
    narrows the rows by their columns.
    """
    connection = connections[router.db_for_write(model)]
    select, params = places.query.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    where = "".join(f" AND {table}.{quote(name)} = %s" for name in only)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH places (what, place) AS ({select}) UPDATE {table} SET {quote(column)} ="
            f" places.place FROM places WHERE {table}.{quote(key)} = places.what{where}",
            [*params, *only.values()],
        )
        return cursor.rowcount
