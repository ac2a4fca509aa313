"""Rosters that take longer than a page may: the background worker imports them."""

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from people import imports
from people.models import RosterImport

BACKGROUND_FROM = 5_000


@transaction.atomic
def start(*, roster, by, at):
    """Import a checked roster: a large one in the background, any other at once and whole."""
    roster = imports.confirm(roster=roster, by=by, at=at)
    if roster.rows > BACKGROUND_FROM:
        run_import.enqueue(roster.pk)
    else:
        run(roster)
    return roster


@task()
def run_import(pk):
    """Import on where it stopped, a transaction per batch, so that the page shows progress."""
    run(RosterImport.objects.select_related("company").get(pk=pk))


def run(roster):
    # The worker has no request and no page: what it does happens now.
    at = timezone.now()  # noqa: TID251
    rows = imports.rows_of(roster=roster, at=at)
    while rows and imports.take(roster=roster, rows=rows, at=timezone.now()):  # noqa: TID251
        pass
