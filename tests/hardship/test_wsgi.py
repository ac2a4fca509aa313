"""The server does not start on a database whose guards are off."""

import os
import subprocess
import sys

from django.conf import settings


def test_server_refuses_to_start_without_guards(tmp_path):
    env = os.environ | {"SQLITE": str(tmp_path / "empty.sqlite3"), "DATABASE_URL": ""}

    done = subprocess.run(
        [sys.executable, "-c", "import hardship.wsgi"],
        cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "database guards are missing or altered" in done.stderr
