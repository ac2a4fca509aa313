"""Simulations that take longer than a page may: the background worker runs them."""

from django.utils import timezone
from django_tasks import task

from cases import actions
from cases.models import Simulation

BACKGROUND_FROM = 1_000  # cases


def simulate(*, policy, by, at):
    """Run a draft over last year's cases: many in the background, any other at once."""
    simulation = actions.ask_simulation(policy=policy, by=by, at=at)
    resume(simulation=simulation)
    return simulation


def resume(*, simulation):
    """Begin a run, or go on with one that was broken off."""
    if simulation.rows >= BACKGROUND_FROM:
        run_simulation.enqueue(simulation.pk)
    else:
        run(simulation)


@task()
def run_simulation(pk):
    """Go on where it stopped, a transaction a chunk, so that the page shows progress."""
    run(Simulation.objects.get(pk=pk))


def run(simulation):
    # The worker has no request and no page: what it does happens now.
    while actions.take_simulation(simulation=simulation, at=timezone.now()):  # noqa: TID251
        pass
