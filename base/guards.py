"""Rules that stand in the database as triggers, the same on SQLite and PostgreSQL.

Two kinds: every `AppendOnly` table refuses UPDATE, DELETE, REPLACE and TRUNCATE; and a model may
list `refusals`, conditions under which the database refuses a row whoever sends it. All are
dropped and created again after each migrate, because SQLite silently drops a table's triggers
whenever Django rebuilds the table.
"""

from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction

from base.append_only import AppendOnly


@dataclass(frozen=True)
class Refusal:
    """Rows for which the SQL condition `when` holds are refused with `message`.

    `when` is read by both databases: plain comparisons, EXISTS, and the row as NEW and OLD.
    """

    name: str
    when: str
    message: str
    on: tuple[str, ...] = ("INSERT",)


@dataclass(frozen=True)
class Guard:
    """One trigger: its name, its table, the statements that make it and take it away."""

    name: str
    table: str
    create: tuple[str, ...]
    drop: tuple[str, ...]


def guards(connection):
    """Every guard the models ask for, in a fixed order. No query."""
    build = {"sqlite": _sqlite, "postgresql": _postgresql}.get(connection.vendor)
    if build is None:
        raise ImproperlyConfigured(f"No guards are known for {connection.vendor}.")
    found = []
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy:
            continue
        found += build(connection, model)
    return found


def sealed_models():
    """The append-only models, ordered by table name."""
    return sorted(
        (m for m in apps.get_models() if issubclass(m, AppendOnly)), key=lambda m: m._meta.db_table
    )


def install(connection):
    """Take off every guard there is, those of earlier versions too, and create those asked for on
    every table that exists, in one transaction."""
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _strip(connection, cursor)
        for guard in guards(connection):
            if guard.table in tables:
                for sql in guard.create:
                    cursor.execute(sql)


def remove(connection):
    """Take every guard off: before migrations, and for the flush between transactional tests."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _strip(connection, cursor)


_PRESENT = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON"
    " c.oid = t.tgrelid WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)",
}


def _strip(connection, cursor):
    """Drop the triggers named after their table: the guards, also those no model asks for now."""
    cursor.execute(_PRESENT[connection.vendor])
    for name, table in cursor.fetchall():
        if name.startswith(f"{table}_"):
            for sql in _DROP[connection.vendor](name, table):
                cursor.execute(sql)


def missing(connection):
    """Names of guards that are absent, altered or switched off. One query."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            present = dict(cursor.fetchall())
            return [g.name for g in guards(connection) if present.get(g.name) != g.create[0]]
        cursor.execute(
            "SELECT pg_get_triggerdef(t.oid, true), p.prosrc FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled = 'A'"
        )
        found = set(cursor.fetchall())
        return [g.name for g in guards(connection) if _as_postgresql_says_it(g) not in found]


def _as_postgresql_says_it(guard):
    """The trigger and the body of its function as the catalogue of PostgreSQL gives them back."""
    function, trigger, _always = guard.create
    return trigger.replace('"', ""), function.split("$guard$")[1]


def require(connection):
    """Refuse to start while a guard is missing."""
    if names := missing(connection):
        raise ImproperlyConfigured(
            "These database guards are missing or altered: "
            + ", ".join(names)
            + ". Run `manage.py migrate` and find out who removed them."
        )


def _rules(connection, model):
    """(suffix, events, condition, message) of each row guard of a model."""
    table = model._meta.db_table
    rules = []
    if issubclass(model, AppendOnly):
        rules += [
            ("ao_update", ("UPDATE",), "", f"append-only: {table}"),
            ("ao_delete", ("DELETE",), "", f"append-only: {table}"),
        ]
        if connection.vendor == "sqlite":
            rules.append(
                ("ao_replace", ("INSERT",), _clash(connection, model), f"append-only: {table}")
            )
    for refusal in getattr(model, "refusals", ()):
        rules.append((refusal.name, refusal.on, refusal.when, f"{table}: {refusal.message}"))
    return rules


def _clash(connection, model):
    """SQL: a row with the key, or with a unique value, of the new row is there already.

    `INSERT OR REPLACE` walks past UPDATE and DELETE triggers on SQLite; this is what stops it.
    """
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    sets = [((field.column,), "") for field in model._meta.local_concrete_fields if field.unique]
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            columns = tuple(model._meta.get_field(name).column for name in constraint.fields)
            editor = connection.SchemaEditorClass(connection, collect_sql=True, atomic=False)
            condition = constraint._get_condition_sql(model, editor) or ""
            sets.append((columns, condition))
    parts = []
    for columns, condition in sets:
        where = " AND ".join(f"{quote(c)} = NEW.{quote(c)}" for c in columns)
        if condition:
            of_new = condition
            for field in model._meta.local_concrete_fields:
                of_new = of_new.replace(quote(field.column), f"NEW.{quote(field.column)}")
            where += f" AND ({condition}) AND ({of_new})"
        parts.append(f"EXISTS (SELECT 1 FROM {table} WHERE {where})")
    return " OR ".join(parts)


def _text(message):
    return message.replace("'", "''")


def _sqlite(connection, model):
    table = model._meta.db_table
    found = []
    for suffix, events, when, message in _rules(connection, model):
        for event in events:
            name = f"{table}_{suffix}" + (f"_{event.lower()}" if len(events) > 1 else "")
            condition = f" WHEN {when}" if when else ""
            create = (
                f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}"{condition}'
                f" BEGIN SELECT RAISE(ABORT, '{_text(message)}'); END"
            )
            found.append(Guard(name, table, (create,), _drop_sqlite(name, table)))
    return found


def _drop_sqlite(name, table):
    return (f'DROP TRIGGER IF EXISTS "{name}"',)


def _events(events):
    """In the order in which PostgreSQL names them."""
    known = ("INSERT", "DELETE", "UPDATE", "TRUNCATE")
    return " OR ".join(sorted(events, key=known.index))


def _postgresql(connection, model):
    table = model._meta.db_table
    rules = [(*rule, "ROW") for rule in _rules(connection, model)]
    if issubclass(model, AppendOnly):
        rules.append(("ao_truncate", ("TRUNCATE",), "", f"append-only: {table}", "STATEMENT"))
    found = []
    for suffix, events, when, message, level in rules:
        name = f"{table}_{suffix}"
        body = (
            f"BEGIN IF {when or 'TRUE'} THEN RAISE EXCEPTION '{_text(message)}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            " RETURN COALESCE(NEW, OLD); END"
        )
        create = (
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql'
            f" AS $guard${body}$guard$",
            f'CREATE TRIGGER "{name}" BEFORE {_events(events)} ON "{table}"'
            f' FOR EACH {level} EXECUTE FUNCTION "{name}"()',
            f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{name}"',
        )
        found.append(Guard(name, table, create, _drop_postgresql(name, table)))
    return found


def _drop_postgresql(name, table):
    return (
        f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
        f'DROP FUNCTION IF EXISTS "{name}"()',
    )


_DROP = {"sqlite": _drop_sqlite, "postgresql": _drop_postgresql}
