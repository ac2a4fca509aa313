"""Import a staff roster from an Excel file on the server, all of it at once."""

from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from base import xlsx
from people import imports, tasks
from people.models import RosterImportStatus, Unit, User


class Command(BaseCommand):
    help = "Check a staff roster (.xlsx) and import it; with mistakes, name them and stop."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--company", required=True, help="code of the company")
        parser.add_argument("--by", required=True, help="user name of whoever answers for it")

    def handle(self, *args, **options):
        company = self._company(options["company"])
        by = User.objects.filter(username=options["by"]).first()
        if by is None:
            raise CommandError(f"There is no account {options['by']}.")
        if not options["file"].is_file():
            raise CommandError(f"There is no file {options['file']}.")
        at = timezone.now()
        with options["file"].open("rb") as opened:
            file = File(opened, name=options["file"].name)
            try:
                reading = imports.read(file=file, company=company, on=timezone.localtime(at).date())
            except xlsx.SheetError as error:
                raise CommandError(str(error.args[0])) from error
            roster = imports.receive(reading=reading, file=file, company=company, by=by, at=at)
        if roster.status == RosterImportStatus.REFUSED:
            for problem in reading.problems:
                self.stderr.write(str(problem))
            raise CommandError(f"{len(reading.problems)} mistakes; nothing was written.")
        imports.confirm(roster=roster, by=by, at=at)
        tasks.run(roster)
        roster.refresh_from_db()
        self.stdout.write(
            f"{roster.rows} rows: {roster.added} new, {roster.changed} changed, "
            f"{roster.unchanged} unchanged."
        )

    def _company(self, code):
        found = Unit.objects.companies().filter(code__iexact=code)
        if len(found) != 1:
            raise CommandError(f"{len(found)} companies have the code {code}; exactly one must.")
        return found[0]
