"""How long a register of 20,000 households takes, and how much memory: `python -m tests.bench.register`.

Runs in a folder of its own with a fresh SQLite file; the workbook is made by another process, so
that its memory does not count. Prints one line for each part.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLANTED = 10  # times each of the first 20 mistakes


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--part", choices=("prepare", "check", "run"))
    options = parser.parse_args()
    if options.part is None:
        with tempfile.TemporaryDirectory() as folder:
            env = os.environ | {
                "SQLITE": f"{folder}/bench.sqlite3",
                "MEDIA_ROOT": f"{folder}/media",
                "DJANGO_SETTINGS_MODULE": "hardship.settings",
                "BENCH": folder,
            }
            for part in ("prepare", "check", "run"):
                argv = [sys.executable, "-m", "tests.bench.register", "--part", part]
                subprocess.run(
                    [*argv, "--households", str(options.households)], env=env, check=True
                )
        return
    import django  # noqa: PLC0415 - only once the settings are named

    django.setup()
    began = time.perf_counter()
    words = PARTS[options.part](options.households)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{options.part}: {seconds:.1f} s, {peak} MB at most; {words}")


def prepare(count):
    from django.core.management import call_command  # noqa: PLC0415

    from tests.cases.registers import MISTAKES, persons, planted  # noqa: PLC0415
    from tests.world import World  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    world = World()
    persons(world.unit, count)
    register, _where = planted(count, PLANTED, tuple(MISTAKES)[:20])
    content = register.content()
    Path(os.environ["BENCH"], "register.xlsx").write_bytes(content)
    return f"a workbook of {len(content) // 1024 // 1024} MB"


def check(_count):
    from django.core.files import File  # noqa: PLC0415

    from cases import imports, reading  # noqa: PLC0415
    from people.models import User  # noqa: PLC0415
    from tests.factories import NOON  # noqa: PLC0415

    by = User.objects.get(appointments__role="COMPANY_OFFICER")
    company = by.appointments.get().unit
    with Path(os.environ["BENCH"], "register.xlsx").open("rb") as opened:
        file = File(opened, name="register.xlsx")
        began = time.perf_counter()
        rows = reading.row_count(reading.open_sheets(file))
        uploading = time.perf_counter() - began
        kept = imports.receive(file=file, rows=rows, company=company, by=by, at=NOON)
    kept = imports.check(kept=kept, at=NOON, language="en")
    return (
        f"{rows} rows looked through in {uploading:.1f} s before the answer; {kept.rows} households,"
        f" {kept.persons} persons, {kept.problem_count} mistakes, {kept.left_out} left out"
    )


def run(_count):
    from cases import imports  # noqa: PLC0415
    from cases.models import Dossier, Member, RegisterImport  # noqa: PLC0415
    from tests.factories import NOON  # noqa: PLC0415

    kept = RegisterImport.objects.get()
    imports.confirm(kept=kept, by=kept.uploaded_by, at=NOON)
    kept.refresh_from_db()
    found = imports.read_again(kept=kept, at=NOON)
    while imports.take(kept=kept, found=found, at=NOON, language="en"):
        pass
    return f"{Dossier.objects.active().count()} on file, {Member.objects.count()} persons"


PARTS = {"prepare": prepare, "check": check, "run": run}

if __name__ == "__main__":
    main()
