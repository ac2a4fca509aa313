"""Take over a register of households from an Excel file on the server, all of it at once."""

from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import get_language

from base import xlsx
from cases import imports, reading
from cases.models.register import RegisterImportStatus
from people.models import Unit, User


class Command(BaseCommand):
    help = "Check a register of households (.xlsx), name its mistakes and take over the rest."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--company", required=True, help="code of the company")
        parser.add_argument("--by", required=True, help="user name of whoever answers for it")
        parser.add_argument("--check", action="store_true", help="name the mistakes, write nothing")

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
                rows = reading.row_count(reading.open_sheets(file))
            except xlsx.SheetError as error:
                raise CommandError(str(error.args[0])) from error
            kept = imports.receive(file=file, rows=rows, company=company, by=by, at=at)
        kept = imports.check(kept=kept, at=at, language=get_language())
        for found in kept.problem_list(get_language()):
            self.stderr.write(" · ".join(str(part) for part in found))
        if options["check"] or kept.status == RegisterImportStatus.REFUSED:
            self.stdout.write(self._sum(kept, "can be taken over"))
            return
        imports.confirm(kept=kept, by=by, at=at)
        kept.refresh_from_db()
        found = imports.read_again(kept=kept, at=at)
        while imports.take(kept=kept, found=found, at=timezone.now(), language=get_language()):
            pass
        kept.refresh_from_db()
        self.stdout.write(self._sum(kept, "taken over"))

    def _sum(self, kept, words):
        return (
            f"{kept.rows} households: {kept.added} {words}, {kept.unchanged} on file already, "
            f"{kept.changed} on file but differing, {kept.left_out} left out; "
            f"{kept.problem_count} mistakes."
        )

    def _company(self, code):
        found = Unit.objects.companies().filter(code__iexact=code)
        if len(found) != 1:
            raise CommandError(f"{len(found)} companies have the code {code}; exactly one must.")
        return found[0]
