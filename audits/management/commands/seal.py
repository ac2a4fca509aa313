"""Seals everything written since the last seal."""

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from audits import actions
from audits.models import Seal


class Command(BaseCommand):
    help = "Hash every sealed row written since the last seal, chained to it."

    def add_arguments(self, parser):
        parser.add_argument(
            "--reason", choices=Seal.Reason.values, default=Seal.Reason.BY_HAND.value
        )

    def handle(self, *, reason, **options):
        before = Seal.objects.newest()
        seal = actions.seal(reason=reason, at=timezone.now())
        if seal is None:
            self.stdout.write(_("There is nothing to seal yet."))
        elif seal == before:
            self.stdout.write(
                _("Nothing new since seal %(number)s: %(fingerprint)s")
                % {"number": seal.number, "fingerprint": seal.fingerprint}
            )
        else:
            self.stdout.write(
                _("Seal %(number)s over %(rows)s rows: %(fingerprint)s")
                % {"number": seal.number, "rows": seal.rows, "fingerprint": seal.fingerprint}
            )
