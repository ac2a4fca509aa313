"""Processes of their own on a database of their own, for what threads and mocks cannot show."""

import json
import os
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings


@pytest.fixture
def place(tmp_path):
    """The environment of an empty database: a file, or one on the server of the tests."""
    url = os.environ.get("DATABASE_URL", "")
    media = {"MEDIA_ROOT": str(tmp_path / "media")}
    if not url.startswith("postgres"):
        yield media | {"DATABASE_URL": "", "SQLITE": str(tmp_path / "apart.sqlite3")}
        return
    name = f"trust_{secrets.token_hex(6)}"
    server = urlsplit(url)
    with psycopg.connect(server._replace(path="/postgres").geturl(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield media | {"DATABASE_URL": server._replace(path=f"/{name}").geturl()}
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def apart(place):
    """Runs a function of a test module in another process; gives what it gave back."""
    return partial(run_apart, place)


def run_apart(place, function, **given):
    """Run a function of a test module in another process; whatever it forked ends with it."""
    command = [sys.executable, "-m", "tests.trust.worker", function.__module__]
    process = subprocess.Popen(
        [*command, function.__name__, json.dumps(given)],
        cwd=settings.BASE_DIR, env=os.environ | place, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    try:
        told, wrong = process.communicate()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, wrong[-4000:]
    return json.loads(told.splitlines()[-1])
