"""A database put aside and taken out again as it was; for a process that has it to itself."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection, connections


class Copy:
    """The database as it stands now, with what the planner wants to know of a full one."""

    def __init__(self):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        connections.close_all()
        self.name = connection.settings_dict["NAME"]
        self.kept = f"{self.name}_kept"
        if connection.vendor == "sqlite":
            shutil.copyfile(self.name, self.kept)
        else:
            self._make(self.kept, self.name)

    def put_back(self):
        """The database as it stood then."""
        connections.close_all()
        if connection.vendor == "sqlite":
            for suffix in ("-wal", "-shm"):
                Path(self.name + suffix).unlink(missing_ok=True)
            shutil.copyfile(self.kept, self.name)
        else:
            self._drop(self.name)
            self._make(self.name, self.kept)

    def throw_away(self):
        if connection.vendor == "sqlite":
            Path(self.kept).unlink()
        else:
            self._drop(self.kept)

    def _make(self, name, like):
        with _server() as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {like}")

    def _drop(self, name):
        with _server() as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _server():
    """A connection to the server that stands in no database of ours."""
    found = connection.get_connection_params()
    named = {key: found[key] for key in ("host", "port", "user", "password") if key in found}
    with psycopg.connect(dbname="postgres", autocommit=True, **named) as server:
        yield server
