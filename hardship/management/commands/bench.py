"""Measure the pages with few and with many households in an empty database."""

from time import monotonic

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hardship.bench import Company
from people.models import Unit


class Command(BaseCommand):
    help = "Fill an empty database with synthetic households and say how fast the pages answer."

    def add_arguments(self, parser):
        parser.add_argument("--few", type=int, default=1000)
        parser.add_argument("--many", type=int, default=100_000)

    def handle(self, *args, **options):
        if Unit.objects.exists():
            raise CommandError("This database has data; the measurement fills an empty one only.")
        company = Company(timezone.now())
        found = []
        for households in (options["few"], options["many"]):
            began = monotonic()
            company.fill(households)
            self.stdout.write(f"{households:,} households after {monotonic() - began:.0f} s")
            found.append(company.measure())
        self.stdout.write(f"{'page':28}{'few':>10}{'many':>10}{'ratio':>8}{'queries':>9}")
        for few, many in zip(*found, strict=True):
            ratio = many.milliseconds / few.milliseconds
            self.stdout.write(
                f"{few.page:28}{few.milliseconds:8.0f} ms{many.milliseconds:7.0f} ms"
                f"{ratio:8.1f}{few.queries:5d}/{many.queries}"
            )
