"""What every test gets: a strict client, its own files, and what to skip where."""

import os
from contextlib import nullcontext

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck, settings

from base import guards

WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
LEAKS = ("{{", "{%", "<script>", " onclick=", " style=", "<style")

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, max_examples=30)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items):
    if connection.vendor == "postgresql":
        return
    for item in items:
        if item.get_closest_marker("postgres"):
            item.add_marker(pytest.mark.skip(reason="set DATABASE_URL to a PostgreSQL server"))


_teardown = TransactionTestCase._fixture_teardown


def _teardown_without_guards(self):
    """A test that commits is cleaned up by emptying every table; the guards would refuse."""
    guards.remove(connection)
    try:
        _teardown(self)
    finally:
        guards.install(connection)


TransactionTestCase._fixture_teardown = _teardown_without_guards


def _refuse_writes(execute, sql, params, many, context):
    assert not sql.lstrip().upper().startswith(WRITES), f"a GET wrote: {sql}"
    return execute(sql, params, many, context)


class StrictClient(Client):
    """A GET that writes, inline script, or an unrendered tag fails the test.

    `may_write=True` for the few reads that must leave a trace (who saw personal data).
    """

    def __init__(self, *args, may_write=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.may_write = may_write

    def request(self, **request):
        reading = request["REQUEST_METHOD"] in ("GET", "HEAD") and not self.may_write
        with connection.execute_wrapper(_refuse_writes) if reading else nullcontext():
            response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html"):
            for leak in LEAKS:
                assert leak not in response.text, leak
        return response


@pytest.fixture
def client():
    return StrictClient()


@pytest.fixture
def writing_client():
    """For pages whose GET must leave a trace, such as showing a full ID number."""
    return StrictClient(may_write=True)


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    """Uploads of one test go nowhere near another's, nor near the real ones."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def empty_cache():
    """Rate limits of one test must not lock out the next."""
    cache.clear()
