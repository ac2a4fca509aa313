"""What takes longer than a page may: the background worker runs it."""

from django.utils import timezone
from django_tasks import task

from cases import actions
from cases.models import Campaign, Dossier, Simulation

BACKGROUND_FROM = 1_000  # cases
CAMPAIGN_FROM = 5_000  # households


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


def start_campaign(*, company, by, at, **columns):
    """Open a re-check: the rows of many households are made in the background."""
    campaign = actions.open_campaign(company=company, by=by, at=at, **columns)
    if Dossier.objects.active().filter(company=company).count() > CAMPAIGN_FROM:
        fill_campaign.enqueue(campaign.pk)
    else:
        actions.fill_campaign(campaign=campaign, at=at)
    return campaign


@task()
def fill_campaign(pk):
    """May be begun again: a household that has its row gets no second one."""
    # The worker has no request and no page: what it does happens now.
    actions.fill_campaign(campaign=Campaign.objects.get(pk=pk), at=timezone.now())  # noqa: TID251
