"""Sealed rows refuse every change, in Python and in SQL, on whichever database this runs."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from audits.models import Seal
from base import guards
from base.append_only import AppendOnly, AppendOnlyError
from tests.factories import NOON

pytestmark = pytest.mark.django_db

sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


def seal(number=1, **columns):
    before = "" if number == 1 else "0" * 64
    return Seal(
        number=number, reason="DAILY", before=before, rows=1, hash=f"{number:064d}", at=NOON,
        **columns,
    )  # fmt: skip


@pytest.fixture
def row():
    sealed = seal()
    sealed.save()
    return sealed


@pytest.fixture
def untouched(row):
    """Whatever the attack, the table holds the same row afterwards."""
    before = list(Seal.objects.values())
    yield row
    assert list(Seal.objects.values()) == before


def refused():
    """The attack fails in the database; the transaction around it goes on."""
    return pytest.raises(IntegrityError, match="append-only: audits_seal")


def execute(sql, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_row_can_be_written_once(row):
    assert Seal.objects.get() == row


def test_save_of_a_written_row_is_refused(untouched):
    untouched.rows = 2

    with pytest.raises(AppendOnlyError):
        untouched.save()


def test_save_with_a_key_that_is_taken_is_refused(untouched):
    with refused() if connection.vendor == "sqlite" else pytest.raises(IntegrityError):
        with transaction.atomic():
            seal(2, pk=untouched.pk).save()


def test_save_of_a_row_made_to_look_new_never_updates(untouched):
    untouched._state.adding = True
    untouched.rows = 2

    with pytest.raises(IntegrityError), transaction.atomic():
        untouched.save(force_update=False)


def test_delete_of_a_row_is_refused(untouched):
    with pytest.raises(AppendOnlyError):
        untouched.delete()


@pytest.mark.parametrize(
    "attack",
    [
        lambda: Seal.objects.update(rows=2),
        lambda: Seal.objects.all().delete(),
        lambda: Seal.objects.bulk_update([Seal.objects.get()], ["rows"]),
        lambda: Seal.objects.update_or_create(number=1, defaults={"rows": 2}),
    ],
    ids=["update", "delete", "bulk_update", "update_or_create"],
)
def test_queryset_that_changes_rows_is_refused(untouched, attack):
    with pytest.raises(AppendOnlyError):
        attack()


@pytest.mark.parametrize(
    "attack",
    [
        lambda: models.QuerySet(Seal).update(rows=2),
        lambda: models.QuerySet(Seal)._raw_delete(connection.alias),
        lambda: Seal.save_base(Seal.objects.get(), force_update=True),
    ],
    ids=["plain queryset", "raw delete", "save_base"],
)
def test_way_round_the_model_is_refused_by_the_database(untouched, attack):
    with refused(), transaction.atomic():
        attack()


def test_upsert_is_refused(untouched):
    clash = seal(1)
    clash.rows = 2

    with refused(), transaction.atomic():
        Seal.objects.bulk_create(
            [clash], update_conflicts=True, unique_fields=["number"], update_fields=["rows"]
        )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audits_seal SET rows = 2",
        "UPDATE audits_seal SET id = id + 1",
        "DELETE FROM audits_seal",
    ],
)
def test_sql_that_changes_rows_is_refused(untouched, sql):
    with refused():
        execute(sql)


@sqlite
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
@pytest.mark.parametrize("same", ["id", "number", "hash"])
def test_replace_by_key_or_unique_column_is_refused(untouched, verb, same):
    new = {"id": untouched.pk + 9, "number": 2, "hash": "f" * 64}
    new[same] = getattr(untouched, same)

    with refused():
        execute(
            f"{verb} INTO audits_seal (id, number, reason, before, rows, hash, at)"
            " VALUES (%s, %s, 'DAILY', 'x', 2, %s, '2026-03-02')",
            new["id"], new["number"], new["hash"],
        )  # fmt: skip


@sqlite
@pytest.mark.parametrize("same", ["id", "number", "hash"])
def test_update_or_replace_is_refused(untouched, same):
    seal(2).save()
    try:
        with refused():
            execute(f"UPDATE OR REPLACE audits_seal SET {same} = (SELECT {same} FROM audits_seal"
                    " WHERE number = 1) WHERE number = 2")  # fmt: skip
    finally:
        guards.remove(connection)
        execute("DELETE FROM audits_seal WHERE number = 2")
        guards.install(connection)


@pytest.mark.postgres
@pytest.mark.parametrize("sql", ["TRUNCATE audits_seal CASCADE", "TRUNCATE audits_sealpage"])
def test_truncate_is_refused(untouched, sql):
    with pytest.raises(IntegrityError, match="append-only: audits_seal"):
        execute(sql)


@pytest.mark.postgres
@pytest.mark.parametrize(
    "sql", ["UPDATE audits_seal SET rows = 2", "DELETE FROM audits_seal",
            "TRUNCATE audits_seal CASCADE"],
)  # fmt: skip
def test_replica_role_does_not_switch_the_guards_off(untouched, sql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

    with pytest.raises(IntegrityError, match="append-only: audits_seal"):
        execute(sql)


@pytest.mark.postgres
def test_merge_is_refused(untouched):
    with refused():
        execute(
            "MERGE INTO audits_seal s USING (SELECT 1 AS number) n ON s.number = n.number"
            " WHEN MATCHED THEN UPDATE SET rows = 2"
        )


def test_new_row_beside_a_sealed_one_is_welcome(row):
    seal(2).save()

    assert Seal.objects.count() == 2


@pytest.mark.parametrize("model", guards.sealed_models(), ids=lambda model: model._meta.label)
def test_every_sealed_model_refuses_in_python_too(model):
    assert issubclass(model, AppendOnly)
    for manager in model._meta.managers:
        for verb in ("update", "delete", "bulk_update", "update_or_create"):
            with pytest.raises(AppendOnlyError):
                getattr(manager.all(), verb)()
