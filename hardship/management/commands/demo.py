"""Fill an empty database with the demonstration; refuses one that has data."""

from datetime import date
from time import monotonic

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hardship.demo.story import Story
from people.demo_accounts import ACCOUNTS, PASSWORD
from people.models import Unit


class Command(BaseCommand):
    help = "Fill an empty database with synthetic households, made through the real actions."

    def add_arguments(self, parser):
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is data")
        parser.add_argument("--on", type=date.fromisoformat, help="the day the story ends (today)")

    def handle(self, *args, **options):
        if Unit.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("This database has data; the demonstration fills an empty one only.")
        if not settings.DEMO:
            raise CommandError("The demonstration is off. Set DEMO=true to use it.")
        began = monotonic()
        Story(options["on"] or timezone.localdate()).tell()
        self.stdout.write(f"The demonstration was made in {monotonic() - began:.0f} seconds.")
        names = ", ".join(name for name, _role in ACCOUNTS)
        self.stdout.write(f"Sign-ins (password “{PASSWORD}”): {names}")
