"""The bottom room: no tables, no views; the guards of every room's tables are put up from here."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class BaseConfig(AppConfig):
    name = "base"

    def ready(self):
        from base import checks  # noqa: F401, PLC0415 - registers the check once the models exist

        pre_migrate.connect(take_off_guards, sender=self)
        post_migrate.connect(put_up_guards, sender=self)


def take_off_guards(using, plan, **kwargs):
    """Before migrations run: SQLite rebuilds no table that a trigger of another table names.

    If they fail, `base.checks` lets nothing start before they have succeeded.
    """
    from base import guards  # noqa: PLC0415 - needs the models loaded

    if plan:
        guards.remove(connections[using])


def put_up_guards(using, **kwargs):
    """After each migrate, once, when the last room's tables are there."""
    from base import guards  # noqa: PLC0415 - needs the models loaded

    guards.install(connections[using])
