"""The bottom room: no tables, no views; the guards of every room's tables are put up from here."""

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class BaseConfig(AppConfig):
    name = "base"

    def ready(self):
        from base import checks  # noqa: F401, PLC0415 - registers the check once the models exist

        post_migrate.connect(put_up_guards, sender=self)


def put_up_guards(using, **kwargs):
    """After each migrate, once, when the last room's tables are there."""
    from base import guards  # noqa: PLC0415 - needs the models loaded

    guards.install(connections[using])
