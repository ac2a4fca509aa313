"""What takes longer than a page may: the background worker runs it."""

from django.utils import timezone
from django_tasks import task

from cases import actions, exports, imports
from cases.models import Campaign, Dossier, Export, RegisterImport, Round, Simulation
from cases.models.register import RegisterImportStatus

BACKGROUND_FROM = 1_000  # cases
CAMPAIGN_FROM = 5_000  # households
REGISTER_FROM = 5_000  # rows of the sheets together
EXPORT_FROM = 1_000  # households


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


def start_round(*, company, by, at, **columns):
    """Open a round: the cases of many households are made in the background."""
    opened = actions.start_round(company=company, by=by, at=at, **columns)
    resume_round(opened=opened)
    return opened


def resume_round(*, opened):
    """Begin with the cases of a round, or go on with one that was broken off."""
    if opened.households >= BACKGROUND_FROM:
        fill_round.enqueue(opened.pk)
    else:
        fill_round.call(opened.pk)


@task()
def fill_round(pk):
    """May be begun again: a transaction a chunk, and a household gets no second case."""
    opened = Round.objects.get(pk=pk)
    # The worker has no request and no page: what it does happens now.
    while actions.take_round(opened=opened, at=timezone.now()):  # noqa: TID251
        pass


@task()
def fill_campaign(pk):
    """May be begun again: a household that has its row gets no second one."""
    # The worker has no request and no page: what it does happens now.
    actions.fill_campaign(campaign=Campaign.objects.get(pk=pk), at=timezone.now())  # noqa: TID251


def receive_register(*, file, rows, company, by, at, language):
    """Keep a register and have it checked: a large one in the background, any other at once."""
    kept = imports.receive(file=file, rows=rows, company=company, by=by, at=at)
    _have_checked(kept, language)
    return kept


def _have_checked(kept, language):
    if kept.rows > REGISTER_FROM:
        check_register.enqueue(kept.pk, language)
    else:
        check_register.call(kept.pk, language)


def start_register(*, kept, by, at, language):
    """Import a checked register, or go on with a check or an import that was broken off."""
    if kept.status == RegisterImportStatus.CHECKING:
        _have_checked(kept, language)
        return
    kept = imports.confirm(kept=kept, by=by, at=at)
    if kept.rows + kept.persons + kept.expenses > REGISTER_FROM:
        run_register.enqueue(kept.pk, language)
    else:
        run_register.call(kept.pk, language)


@task()
def check_register(pk, language):
    """May be begun again: nothing is written but what was found."""
    kept = RegisterImport.objects.select_related("company", "uploaded_by").get(pk=pk)
    # The worker has no request and no page: what it does happens now.
    imports.check(kept=kept, at=timezone.now(), language=language)  # noqa: TID251


@task()
def run_register(pk, language):
    """Import on where it stopped, a transaction a batch, so that the page shows progress."""
    kept = RegisterImport.objects.select_related("company", "confirmed_by").get(pk=pk)
    if kept.status != RegisterImportStatus.RUNNING:
        return
    found = imports.read_again(kept=kept, at=timezone.now())  # noqa: TID251
    while imports.take(kept=kept, found=found, at=timezone.now(), language=language):  # noqa: TID251
        pass


def export(*, by, at, **asked):
    """Ask for a workbook of households: of many it is made in the background."""
    found = exports.ask(by=by, at=at, **asked)
    resume_export(export=found)
    return found


def resume_export(*, export):
    """Begin with an export, or again with one that was broken off."""
    if export.rows > EXPORT_FROM:
        prepare_export.enqueue(export.pk)
    else:
        prepare_export.call(export.pk)


@task()
def prepare_export(pk):
    """May be begun again: there is no file before there is a whole one."""
    # The worker has no request and no page: what it does happens now.
    exports.prepare(export=Export.objects.get(pk=pk), at=timezone.now())  # noqa: TID251
