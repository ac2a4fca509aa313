"""Guards of the database: whoever drops or alters one is found out, and rules hold in raw SQL."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from audits.models import Seal
from base import checks, guards
from base.append_only import AppendOnly
from base.apps import take_off_guards
from cases.models import Policy
from funds.models import Account, Fund, Transfer
from tests.factories import NOON, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

NAME = "audits_seal_ao_update"
sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


def execute(*statements):
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)


def guard(name=NAME):
    return next(g for g in guards.guards(connection) if g.name == name)


def test_after_migrate_every_guard_is_there():
    assert guards.missing(connection) == []
    guards.require(connection)


def test_every_sealed_table_has_its_guards():
    names = {g.name for g in guards.guards(connection)}
    last = "ao_replace" if connection.vendor == "sqlite" else "ao_truncate"

    for model in guards.sealed_models():
        for suffix in ("ao_update", "ao_delete", last):
            assert f"{model._meta.db_table}_{suffix}" in names
    assert all(issubclass(model, AppendOnly) for model in guards.sealed_models())


def test_dropped_guard_is_named_by_each_watcher():
    execute(*guard().drop)

    errors = checks.guards_are_there(databases=["default"])

    assert guards.missing(connection) == [NAME]
    assert [(e.id, NAME in e.msg) for e in errors] == [("base.E001", True)]
    with pytest.raises(ImproperlyConfigured, match=NAME):
        guards.require(connection)
    with pytest.raises(SystemCheckError, match=NAME):
        call_command("check", databases=["default"])


@pytest.mark.migrations
def test_while_a_migration_waits_its_guards_are_not_missed():
    execute(*guard().drop)
    last = MigrationRecorder.Migration.objects.filter(app="audits").order_by("-name").first()
    last.delete()

    assert checks.guards_are_there(databases=["default"]) == []


def test_install_puts_a_dropped_guard_back():
    execute(*guard().drop)

    guards.install(connection)

    assert guards.missing(connection) == []


def test_a_guard_no_model_asks_for_any_more_is_taken_off():
    last = guard()
    stale = "audits_seal_of_long_ago"
    execute(*(sql.replace(last.name, stale) for sql in last.create))

    guards.install(connection)

    assert guards.missing(connection) == []
    with connection.cursor() as cursor:
        cursor.execute(guards._PRESENT[connection.vendor])
        assert stale not in {name for name, _table in cursor.fetchall()}


def test_remove_takes_every_guard_off():
    guards.remove(connection)

    assert set(guards.missing(connection)) == {g.name for g in guards.guards(connection)}
    guards.install(connection)


@sqlite
@pytest.mark.parametrize(
    "instead",
    [
        "CREATE TRIGGER {n} BEFORE UPDATE ON audits_seal WHEN 0"
        " BEGIN SELECT RAISE(ABORT, 'append-only: audits_seal'); END",
        "CREATE TRIGGER {n} BEFORE UPDATE ON audits_seal BEGIN SELECT 1; END",
        "CREATE TRIGGER {n} BEFORE UPDATE ON audits_sealpage"
        " BEGIN SELECT RAISE(ABORT, 'append-only: audits_seal'); END",
    ],
)
def test_altered_guard_is_named_on_sqlite(instead):
    execute(*guard().drop, instead.format(n=NAME))

    assert guards.missing(connection) == [NAME]


@pytest.mark.postgres
@pytest.mark.parametrize(
    "instead",
    [
        "ALTER TABLE audits_seal DISABLE TRIGGER {n}",
        "ALTER TABLE audits_seal ENABLE TRIGGER {n}",
        "ALTER TABLE audits_seal ENABLE REPLICA TRIGGER {n}",
        "CREATE OR REPLACE FUNCTION {n}() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RETURN COALESCE(NEW, OLD); END$$",
        "CREATE OR REPLACE TRIGGER {n} BEFORE UPDATE ON audits_seal FOR EACH ROW WHEN (false)"
        " EXECUTE FUNCTION {n}(); ALTER TABLE audits_seal ENABLE ALWAYS TRIGGER {n}",
        "CREATE OR REPLACE TRIGGER {n} BEFORE UPDATE OF reason ON audits_seal FOR EACH ROW"
        " EXECUTE FUNCTION {n}(); ALTER TABLE audits_seal ENABLE ALWAYS TRIGGER {n}",
        "CREATE OR REPLACE TRIGGER {n} BEFORE INSERT ON audits_seal FOR EACH ROW"
        " EXECUTE FUNCTION {n}(); ALTER TABLE audits_seal ENABLE ALWAYS TRIGGER {n}",
        "CREATE OR REPLACE TRIGGER {n} BEFORE UPDATE ON audits_seal FOR EACH STATEMENT"
        " EXECUTE FUNCTION {n}(); ALTER TABLE audits_seal ENABLE ALWAYS TRIGGER {n}",
        "DROP TRIGGER {n} ON audits_seal; CREATE TRIGGER {n} BEFORE UPDATE ON audits_sealpage"
        " FOR EACH ROW EXECUTE FUNCTION {n}();"
        " ALTER TABLE audits_sealpage ENABLE ALWAYS TRIGGER {n}",
    ],
    ids=["disabled", "not always", "replica only", "other body", "never", "one column",
         "other event", "statement", "other table"],
)  # fmt: skip
def test_altered_guard_is_named_on_postgresql(instead):
    execute(instead.format(n=NAME))

    assert guards.missing(connection) == [NAME]


def test_guards_are_off_while_migrations_run():
    """SQLite rebuilds no table that a trigger of another table names."""
    take_off_guards(using="default", plan=[])
    assert guards.missing(connection) == []

    take_off_guards(using="default", plan=[("a migration", False)])

    assert len(guards.missing(connection)) == len(guards.guards(connection))
    guards.install(connection)


@pytest.mark.migrations
@sqlite
def test_guards_come_back_after_a_migrate_that_rebuilt_the_table():
    """Django rebuilds a table on SQLite to alter a column, and the triggers go with it."""
    execute(
        "CREATE TABLE copy AS SELECT * FROM audits_sealpage",
        "DROP TABLE audits_sealpage",
        "ALTER TABLE copy RENAME TO audits_sealpage",
    )
    lost = [name for name in guards.missing(connection) if name.startswith("audits_sealpage")]

    call_command("migrate", verbosity=0)

    assert sorted(lost) == [
        f"audits_sealpage_ao_{verb}" for verb in ("delete", "replace", "update")
    ]
    assert guards.missing(connection) == []


def money():
    company = UnitFactory(company=True)
    fund = Fund.objects.create(company=company, code="A", name="甲")
    other = Fund.objects.create(company=company, code="B", name="乙")
    kinds = ("SOURCE", "POOL")
    mine = [Account.objects.create(fund=fund, kind=kind) for kind in kinds]
    theirs = [Account.objects.create(fund=other, kind=kind) for kind in kinds]
    return mine, theirs


def book(debit, credit, **columns):
    return Transfer.objects.create(
        **{"fund": debit.fund, "kind": "RECEIVE", "debit": debit, "credit": credit,
           "amount_fen": 100, "voucher": "1", "value_on": NOON.date(), "key": "k", "at": NOON,
           "by": UserFactory()} | columns
    )  # fmt: skip


def test_refusal_of_a_model_stands_in_the_database():
    (source, pool), (_other_source, other_pool) = money()

    with pytest.raises(IntegrityError, match="money never moves between funds"):
        with transaction.atomic():
            book(other_pool, source)
    with pytest.raises(IntegrityError, match="do not fit this kind of transfer"):
        with transaction.atomic():
            book(source, pool)
    assert book(pool, source).pk


def test_refusal_looks_at_the_old_row_too():
    by = UserFactory()
    policy = Policy.objects.create(
        company=UnitFactory(company=True), number=1, title="办法", drafted_at=NOON, drafted_by=by
    )
    Policy.objects.filter(pk=policy.pk).update(
        status="IN_FORCE", in_force_on=NOON.date(), enacted_at=NOON, enacted_by=UserFactory()
    )

    with pytest.raises(IntegrityError, match="a policy in force is never changed"):
        with transaction.atomic():
            Policy.objects.filter(pk=policy.pk).update(title="别的办法")


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_leave_the_guards_in_place():
    Seal.objects.create(number=1, reason="DAILY", before="", rows=1, hash="0" * 64, at=NOON)

    assert guards.missing(connection) == []
