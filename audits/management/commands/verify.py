"""Recomputes seals, balances, statuses and totals from the rows; exit 1 if anything differs.

A difference in the books lets no money move until the auditor lifts that (MONEY_FREEZE).
"""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audits import actions, verify
from audits.models import Seal
from base.templatetags.ui import at as moment


class Command(BaseCommand):
    help = "Recompute seals, balances, statuses and totals from the rows and say what differs."
    requires_system_checks = []  # a missing guard is one of the findings, not a reason to stop

    def add_arguments(self, parser):
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            metavar="FINGERPRINT",
            help="a fingerprint printed on minutes or a notice; it must stand in the chain",
        )

    def handle(self, *, anchor, **options):
        found = []
        for problem in verify.problems(anchors=anchor):
            found.append(problem)
            self.stdout.write(f"{problem.words} ({problem.place})")
        for freeze in actions.freeze_on(found, at=timezone.now()):
            self.stdout.write(
                _("The books are in read-only protection since %(since)s.")
                % {"since": moment(freeze.since)}
            )
        if count := len(found):
            raise CommandError(
                ngettext("%(count)s difference found.", "%(count)s differences found.", count)
                % {"count": count},
                returncode=1,
            )
        last = Seal.objects.newest()
        self.stdout.write(
            _("Nothing differs. %(rows)s sealed rows, last seal %(number)s: %(fingerprint)s")
            % {
                "rows": verify.sealed_rows(),
                "number": last.number if last else 0,
                "fingerprint": last.fingerprint if last else "-",
            }
        )
