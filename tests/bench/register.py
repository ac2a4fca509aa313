"""How long a register of 20,000 households takes, and how much memory.

`python -m tests.bench.register` runs in a folder of its own with a fresh SQLite file; another
process makes the workbook, so that its memory does not count. Prints a line for each part.
"""

import argparse
import io
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

SHARED_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
    b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml" />'
)
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
    content = shared(register.content())
    Path(os.environ["BENCH"], "register.xlsx").write_bytes(content)
    return f"a workbook of {len(content) // 1024 // 1024} MB"


def shared(content):
    """The workbook as Excel saves it: every text once, in a part that is read as a whole."""
    texts, target = {}, io.BytesIO()

    def number(found):
        return b' t="s"><v>%d</v>' % texts.setdefault(found[1], len(texts))

    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb' t="inlineStr"><is><t>([^<]*)</t></is>', number, part)
            if name == "[Content_Types].xml":
                part = part.replace(b"</Types>", SHARED_TYPE + b"</Types>")
            if name != "xl/sharedStrings.xml":
                new.writestr(name, part)
        items = b"".join(b"<si><t>%b</t></si>" % text for text in texts)
        space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr("xl/sharedStrings.xml", b'<sst xmlns="%b">%b</sst>' % (space, items))
    return target.getvalue()


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
        rows = reading.row_count(reading.open_sheets(file, looking=5_020))
        uploading = time.perf_counter() - began
        kept = imports.receive(file=file, rows=rows, company=company, by=by, at=NOON)
    kept = imports.check(kept=kept, at=NOON, language="en")
    return (
        f"{rows} rows counted in {uploading:.1f} s; {kept.rows} households, {kept.persons} persons,"
        f" {kept.problem_count} mistakes, {kept.left_out} left out"
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
