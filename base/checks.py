"""System checks: a database without its guards is not one we work on."""

from django.core.checks import Error, Tags, register
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from base import guards


@register(Tags.database)
def guards_are_there(databases=(), **kwargs):
    """An error for each guard that is missing, altered or switched off."""
    return [
        Error(
            f"The database guard {name} is missing or altered.",
            id="base.E001",
            hint="Run `manage.py migrate`, and find out who removed it.",
        )
        for alias in databases or ()
        if _migrated(connections[alias])
        for name in guards.missing(connections[alias])
    ]


def _migrated(connection):
    """Whether no migration waits: `migrate` itself runs this check first, and puts the guards of
    new and changed tables on only after it has applied them."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
