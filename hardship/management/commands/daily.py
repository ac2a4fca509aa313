"""The daily run: clears notices whose period is over, takes old files away, and seals.

Safe to run twice.
"""

from django.core.management.base import BaseCommand
from django.utils import timezone

from audits import actions as audits
from audits.models import Seal
from cases import actions as cases
from cases import exports


class Command(BaseCommand):
    help = "Clear notices whose period is over, and seal. Run it every morning, twice does no harm."

    def handle(self, *args, **options):
        at = timezone.now()
        cleared = cases.clear_ended(at=at)
        exports.take_away(at=at)
        seal = audits.seal(reason=Seal.Reason.DAILY, at=at)
        self.stdout.write(f"{len(cleared)} cases cleared. Fingerprint: {seal or 'nothing sealed'}")
