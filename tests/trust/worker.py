"""What tests run in a process of its own: `python -m tests.trust.worker module function given`.

The process gets an empty database from the environment, makes the tables in it, runs the function
and prints what it gives back as JSON. It has one thread, so that it may fork: each child is a
process with a connection of its own.
"""

import importlib
import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import translation

from people.roles import NotAllowed

DONE = "done"
PATIENCE = 60


def make_tables():
    """Every table and guard, straight from the models: the way of the migrations takes longer."""
    settings.MIGRATION_MODULES = {config.label: None for config in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)


@dataclass
class Child:
    """A forked process: what it says comes through its pipe."""

    pid: int
    pipe: object

    def hear(self):
        """The next thing it says; None when it is gone."""
        line = self.pipe.readline()
        return json.loads(line) if line.endswith("\n") else None

    def wait(self):
        """What it said until it ended, and whether it was killed."""
        said = []
        while (words := self.hear()) is not None:
            said.append(words)
        self.pipe.close()
        _pid, status = os.waitpid(self.pid, 0)
        return said, os.WIFSIGNALED(status)

    def kill(self):
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def fork(act):
    """Run `act(say)` in a process of its own, with its own connection to the database."""
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, os.fdopen(reading, encoding="utf-8"))
    code = 1
    try:
        os.close(reading)
        connection.ensure_connection()
        act(lambda words: os.write(writing, f"{json.dumps(words)}\n".encode()))
        connection.close()
        code = 0
    except BaseException as error:  # whatever it is, the parent hears of it
        os.write(writing, f"{json.dumps(repr(error))}\n".encode())
    finally:
        os._exit(code)


def at_once(acts):
    """Run each act in a process, all let go at the same moment; what each said, in order."""
    gate, open_gate = os.pipe()

    def behind(act):
        def run(say):
            os.close(open_gate)
            os.read(gate, 1)  # ends when the parent lets go
            act(say)

        return run

    children = [fork(behind(act)) for act in acts]
    time.sleep(0.1)  # all of them are connected and stand at the gate
    os.close(open_gate)
    os.close(gate)
    return [child.wait()[0] for child in children]


def attempt(act, **given):
    """How it went: done, or the sentence it was refused with."""
    try:
        act(**given)
    except NotAllowed as refusal:
        return str(refusal)
    return DONE


def until_alone():
    """Wait until the server has noticed that a process is dead and has put its work back."""
    if connection.vendor != "postgresql":
        return
    others = (
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while cursor.execute(others).fetchone()[0]:
            if time.monotonic() > until:
                raise TimeoutError("the server still works for a process that was killed")
            time.sleep(0.001)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hardship.settings")
    django.setup()
    translation.activate("en")  # refusals are compared in the language they are written in
    module, function, given = sys.argv[1:]
    make_tables()
    found = getattr(importlib.import_module(module), function)(**json.loads(given))
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
