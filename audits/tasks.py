"""Verifications that take longer than a page may: the background worker runs them."""

from django_tasks import task

from audits import actions
from audits.models import Verification

BACKGROUND_FROM = 200_000  # sealed rows


def start(*, by, at, lifts=None, reason=""):
    """Verify everything: many rows in the background, any other at once."""
    verification = actions.ask_verification(by=by, at=at, lifts=lifts, reason=reason)
    if verification.rows >= BACKGROUND_FROM:
        run_verification.enqueue(verification.pk)
    else:
        actions.run_verification(verification=verification)
    return verification


@task()
def run_verification(pk):
    actions.run_verification(verification=Verification.objects.get(pk=pk))
