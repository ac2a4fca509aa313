"""Files of the bank that take longer than a page may: the background worker imports them."""

from django.utils import timezone
from django_tasks import task

from funds import actions
from funds.models import BankResult, StatementImport

BACKGROUND_FROM = 5_000
RETURNS_FROM = 100  # each is booked by itself


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


def start_result(*, upload, by, at):
    """Import a checked answer of the bank: a large one, or one with many returns, in the
    background; one cut off may simply be begun again."""
    upload = actions.confirm_result(upload=upload, by=by, at=at)
    if upload.rows > BACKGROUND_FROM or upload.changed > RETURNS_FROM:
        run_result.enqueue(upload.pk)
        return upload
    return actions.take_result(upload=upload, at=at)


@task()
def run_result(pk):
    actions.take_result(upload=BankResult.objects.get(pk=pk), at=timezone.now())  # noqa: TID251
