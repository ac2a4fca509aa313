"""Rows sent past the actions, to see what the database itself refuses."""

from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction

from base import guards
from tests.audits.test_verify import settle


def refused(match):
    return pytest.raises(IntegrityError, match=match)


def change(row, **columns):
    with transaction.atomic():
        return type(row)._base_manager.filter(pk=row.pk).update(**columns)


def delete(row):
    with transaction.atomic():
        return type(row)._base_manager.filter(pk=row.pk).delete()


def again(row, **changed):
    """The same row once more."""
    fields = (f for f in row._meta.concrete_fields if not f.primary_key)
    values = {field.name: getattr(row, field.name) for field in fields}
    return new(type(row), **values | changed)


def new(model, **columns):
    with transaction.atomic():
        return model._base_manager.create(**columns)


@contextmanager
def unguarded():
    """Without triggers: for a CHECK that stands behind one."""
    settle()
    guards.remove(connection)
    try:
        yield
    finally:
        settle()
        guards.install(connection)


def each_refused(attempts):
    """Every one of (name, act) is refused by the rule of that name."""
    for name, act in attempts:
        with refused(name):
            act()
