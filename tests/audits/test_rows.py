"""The byte form of a sealed row: the same from both databases and from plain Python."""

import sqlite3
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.test.utils import isolate_apps

from audits import rows
from base import guards
from base.crypto import EncryptedTextField

pytestmark = pytest.mark.django_db

MOMENTS = [
    datetime(2026, 3, 2, 4, 0, tzinfo=UTC),
    datetime(2026, 3, 2, 4, 0, 0, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]
VALUES = [
    {"whole": 0, "small": 0, "text": "", "note": None, "on": None, "at": MOMENTS[0], "yes": True},
    {"whole": -(2**62), "small": 7, "text": "张三,“=1+1”\n𠮷·艾力", "note": "", "yes": False,
     "on": date(2026, 3, 5), "at": MOMENTS[1]},
    {"whole": 2**62, "small": 1, "text": "a" * 3000, "note": "5:x,", "yes": True,
     "on": date(2000, 2, 29), "at": MOMENTS[2], "raw": b"\x00\xff\x10"},
]  # fmt: skip


@pytest.fixture
def sample():
    """A model with a column of every kind a sealed row may have."""
    with isolate_apps("audits"):

        class Sample(models.Model):
            whole = models.BigIntegerField()
            small = models.PositiveSmallIntegerField()
            text = models.TextField()
            note = models.CharField(max_length=20, null=True)  # noqa: DJ001 - NULL is the point
            on = models.DateField(null=True)
            at = models.DateTimeField()
            yes = models.BooleanField()
            raw = models.BinaryField(null=True)
            parent = models.ForeignKey("self", models.PROTECT, null=True)

            class Meta:
                app_label = "audits"
                db_table = "audits_sample"

            def __str__(self):
                return self.text

        yield Sample


def plainly(row):
    """The same bytes as SQL makes, written down once more in plain Python."""
    values = [
        row.pk, row.whole, row.small, row.text, row.note,
        row.on and row.on.isoformat(),
        row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        int(row.yes),
        None if row.raw is None else bytes(row.raw).hex(),
        row.parent_id,
    ]  # fmt: skip
    parts = [b"13:audits_sample,"]
    for value in values:
        text = str(value).encode()
        parts.append(b"-," if value is None else b"%d:%s," % (len(text), text))
    return b"".join(parts)


def written(model, on):
    """The sample rows in a database, with the bytes Python expects."""
    editor = on.SchemaEditorClass(on, collect_sql=True, atomic=False)
    editor.deferred_sql = []
    with on.cursor() as cursor:
        cursor.execute(*editor.table_sql(model))
    expected = []
    for number, values in enumerate(VALUES, start=1):
        row = model(pk=number, parent_id=number - 1 or None, **values)
        fields = model._meta.local_concrete_fields
        marks = ", ".join(["%s"] * len(fields))
        names = ", ".join(on.ops.quote_name(field.column) for field in fields)
        with on.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO audits_sample ({names}) VALUES ({marks})",
                [field.get_db_prep_save(getattr(row, field.attname), on) for field in fields],
            )
        expected.append((number, plainly(row)))
    return expected


def sqlite_in_memory():
    config = connection.settings_dict | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {},
        "CONN_HEALTH_CHECKS": False,
    }
    return DatabaseWrapper(config, "memory")


def test_rows_of_this_database_are_what_python_writes(sample):
    if connection.vendor == "sqlite":
        other = sqlite_in_memory()
        expected = written(sample, other)
    else:
        other, expected = connection, written(sample, connection)

    assert list(rows.stream(other, sample, after=0, upto=9)) == expected


@pytest.mark.postgres
def test_rows_of_both_databases_are_the_same(sample):
    memory = sqlite_in_memory()
    written(sample, memory)
    written(sample, connection)

    here = list(rows.stream(connection, sample, after=0, upto=9))
    there = list(rows.stream(memory, sample, after=0, upto=9))

    assert here == there
    memory.close()


def test_null_differs_from_empty_text(sample):
    row = sample(pk=1, **VALUES[1])
    other = sample(pk=1, **VALUES[1] | {"note": None})

    assert plainly(row) != plainly(other)
    assert plainly(row).replace(b",0:,", b",-,", 1) == plainly(other)


def test_stream_gives_the_rows_between_two_ids_in_order(sample):
    other = sqlite_in_memory()
    expected = written(sample, other)

    assert list(rows.stream(other, sample, after=1, upto=2)) == expected[1:2]


def test_value_in_another_storage_class_is_shown_and_not_converted(sample):
    other = sqlite_in_memory()
    written(sample, other)
    before = dict(rows.stream(other, sample, after=0, upto=9))
    with other.cursor() as cursor:
        cursor.execute("UPDATE audits_sample SET text = CAST(text AS BLOB) WHERE id = 2")

    after = dict(rows.stream(other, sample, after=0, upto=9))

    assert [pk for pk in before if before[pk] != after[pk]] == [2]


@pytest.mark.parametrize("place", range(1, 27))
def test_every_byte_of_a_moment_counts(sample, place):
    other = sqlite_in_memory()
    written(sample, other)
    before = dict(rows.stream(other, sample, after=1, upto=2))
    with other.cursor() as cursor:
        cursor.execute(
            "UPDATE audits_sample SET at = substr(at, 1, %s) || '~' || substr(at, %s) WHERE id = 2",
            [place - 1, place + 1],
        )

    assert dict(rows.stream(other, sample, after=1, upto=2)) != before


def test_text_that_is_no_longer_unicode_is_still_compared(sample):
    other = sqlite_in_memory()
    written(sample, other)
    with other.cursor() as cursor:
        cursor.execute("UPDATE audits_sample SET text = CAST(X'61ff' AS TEXT) WHERE id = 1")

    assert b",2:a\xff," in dict(rows.stream(other, sample, after=0, upto=1))[1]


@pytest.mark.parametrize(
    "field",
    [models.FloatField(), models.JSONField(), models.DecimalField(max_digits=9, decimal_places=2),
     models.TimeField(), EncryptedTextField()],
    ids=lambda field: type(field).__name__,
)  # fmt: skip
@isolate_apps("audits")
def test_column_without_one_byte_form_is_refused(field):
    class Loose(models.Model):
        value = field

        class Meta:
            app_label = "audits"

        def __str__(self):
            return ""

    with pytest.raises(ImproperlyConfigured, match="Loose.value: a .* has no one byte form"):
        rows.columns(Loose)


@pytest.mark.parametrize("model", guards.sealed_models(), ids=lambda model: model._meta.label)
def test_every_sealed_model_has_a_byte_form(model):
    assert rows.columns(model)[0] == "id"
    assert list(rows.stream(connection, model, after=0, upto=10**9)) == []


def test_sqlite_keeps_text_as_utf8():
    """The lengths in the byte form are bytes of UTF-8, which is what SQLite stores by default."""
    assert sqlite3.connect(":memory:").execute("PRAGMA encoding").fetchone() == ("UTF-8",)
