"""A PostgreSQL server of its own that may be knocked down, made and owned the way `./run` does it.

Durable as in production: nothing about fsync is switched off, and pages carry checksums.
"""

import os
import secrets
import shutil
import signal
import tempfile
import time
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import psycopg

PATIENCE = 60


def _load(path):
    """The script `run`, which has no ending, as a module."""
    loader = SourceFileLoader("run", str(path))
    module = module_from_spec(spec_from_loader("run", loader))
    loader.exec_module(module)
    return module


run = _load(Path(__file__).resolve().parent.parent.parent / "run")


def why_not():
    """Why no server can be made here; "" when one can."""
    if run.postgres_programs() is None:
        return "no PostgreSQL programs (initdb, pg_ctl) found"
    if run.postgres_owner() is None:
        return "PostgreSQL does not run as root and there is no user postgres"
    return ""


class Cluster:
    """One server; `home` holds its files, so that another process can take it over."""

    def __init__(self, home):
        self.home = Path(home)
        self.data = self.home / "data"
        self.programs, self.owner = run.postgres_programs(), run.postgres_owner()

    @classmethod
    def make(cls):
        self = cls(tempfile.mkdtemp(prefix="hardship-trust-"))
        password = self.home / "password"
        password.write_text(secrets.token_hex(16))
        if "user" in self.owner:
            for path in (self.home, password):
                shutil.chown(path, self.owner["user"], self.owner["group"])
        self._call(
            "initdb", "-U", "tests", "--pwfile", password, "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C", "--data-checksums",
        )  # fmt: skip
        with open(self.data / "postgresql.conf", "a") as file:
            file.write(f"port = {run.free_port()}\nlisten_addresses = '127.0.0.1'\n")
            file.write("unix_socket_directories = ''\n")
        self.start()
        return self

    def _call(self, program, *arguments):
        run.quietly(self.programs / program, *arguments, "-D", self.data, owner=self.owner)

    @property
    def url(self):
        password = (self.home / "password").read_text()
        port = (self.data / "postmaster.pid").read_text().split("\n")[3]
        return f"postgres://tests:{password}@127.0.0.1:{port}/postgres"

    def start(self):
        """Up again; after a kill the processes it left behind must first notice."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._call("pg_ctl", "start", "-w", "-t", "30", "-l", self.home / "log")
            except run.Stop:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def stop_at_once(self):
        """Without a farewell: what was committed is in its log, and nothing else is."""
        self._call("pg_ctl", "stop", "-m", "immediate", "-w")

    def kill(self):
        """SIGKILL to the server itself."""
        os.kill(int((self.data / "postmaster.pid").read_text().split("\n")[0]), signal.SIGKILL)

    def kill_backend(self):
        """SIGKILL to the process of one connection: the server throws all out and recovers."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            (pid,) = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() ORDER BY xact_start NULLS LAST LIMIT 1"
            ).fetchone()
        os.kill(pid, signal.SIGKILL)

    def remove(self):
        if (self.data / "postmaster.pid").exists():
            self.stop_at_once()
        shutil.rmtree(self.home, ignore_errors=True)
