"""Ask the database to refuse something, by the name of the constraint."""

import re
from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from people.roles import NotAllowed


@contextmanager
def refused_by(name, columns=""):
    """The database refuses by this constraint.

    SQLite names a unique one by its columns; on a sealed table the guard speaks before it. Of
    several checks that a row breaks PostgreSQL names the first in the order of their names.
    """
    match = name
    if columns and connection.vendor == "sqlite":
        table = columns.partition(".")[0]
        match = f"UNIQUE constraint failed: {re.escape(columns)}|append-only: {table}"
    with pytest.raises(IntegrityError) as caught:
        yield caught
    said = str(caught.value)
    if not re.search(match, said):
        named = re.search(r'violates check constraint "(\w+)"', said)
        assert connection.vendor == "postgresql" and named and named[1] < name, said


@contextmanager
def not_allowed(sentence):
    """The action refuses with this sentence, in English."""
    with override("en"), pytest.raises(NotAllowed, match=re.escape(sentence)):
        yield


def attempt(act, *args, **kwargs):
    """Do it inside a transaction of its own, so that the test goes on afterwards."""
    with transaction.atomic():
        return act(*args, **kwargs)


def constraints_of(*models):
    """The names of all constraints declared on some models."""
    return {c.name for model in models for c in model._meta.constraints}
