"""Statements that take longer than a page may: the background worker imports them."""

from django.utils import timezone
from django_tasks import task

from funds import actions
from funds.models import StatementImport

BACKGROUND_FROM = 5_000


def start_statement(*, upload, by, at):
    """Import a checked statement: a large one in the background, any other at once. Each is one
    transaction, so that one cut off may simply be begun again."""
    upload = actions.confirm_statement(upload=upload, by=by, at=at)
    if upload.rows > BACKGROUND_FROM:
        run_statement.enqueue(upload.pk)
        return upload
    return actions.take_statement(upload=upload, at=at)


@task()
def run_statement(pk):
    # The worker has no request and no page: what it does happens now.
    actions.take_statement(upload=StatementImport.objects.get(pk=pk), at=timezone.now())  # noqa: TID251
