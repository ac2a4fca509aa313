"""Measure pages, or a round of relief, with few and with many households in an empty database."""

import resource
from time import monotonic

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hardship.bench import Company, Relief, measure
from people.models import Unit


class Command(BaseCommand):
    help = (
        "Fill an empty database with synthetic households and say how fast the pages answer;"
        " with --relief how fast a round is opened, decided and paid."
    )

    def add_arguments(self, parser):
        parser.add_argument("--few", type=int)
        parser.add_argument("--many", type=int)
        parser.add_argument("--relief", action="store_true")

    def handle(self, *args, **options):
        if Unit.objects.exists():
            raise CommandError("This database has data; the measurement fills an empty one only.")
        part = self.relief if options["relief"] else self.pages
        part(Company(timezone.now()), options["few"], options["many"])

    def relief(self, company, few, many):
        """Two rounds in one year: one of few households, one of many."""
        few, many = few or 10, many or 10_000
        relief = Relief(company, fen=(few + many) * 2000_00)
        found, pages = [], []
        for households, festival in ((few, "SPRING"), (many, "AUTUMN")):
            company.fill(households)
            found.append(relief.measure(company.at.year, festival))
            relief.look_back(f"{company.at.year} {festival}")
            pages.append(measure(relief.accountant, relief.pages()))
        self.stdout.write(f"{'act':20}{few:>14,}{many:>20,}")
        for a, b in zip(*found, strict=True):
            self.stdout.write(
                f"{a.name:20}{a.seconds:8.2f} s{a.statements:4d}"
                f"{b.seconds:14.2f} s{b.statements:4d}"
            )
        self._compare(*pages)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.stdout.write(f"{peak:,} MB at most")

    def pages(self, company, few, many):
        few, many = few or 1000, many or 100_000
        found = []
        for households in (few, many):
            began = monotonic()
            company.fill(households)
            self.stdout.write(f"{households:,} households after {monotonic() - began:.0f} s")
            found.append(company.measure())
        self._compare(*found)

    def _compare(self, few, many):
        self.stdout.write(f"{'page':28}{'few':>10}{'many':>10}{'ratio':>8}{'queries':>9}")
        for a, b in zip(few, many, strict=True):
            self.stdout.write(
                f"{a.page:28}{a.milliseconds:8.0f} ms{b.milliseconds:7.0f} ms"
                f"{b.milliseconds / a.milliseconds:8.1f}{a.queries:5d}/{b.queries}"
            )
