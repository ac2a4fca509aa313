"""A draft of the policy put to last year's cases: asked for, run in chunks, summed up."""

from collections import defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from base import canonical
from base.workdays import day_of
from cases import scoring
from cases.actions.case import asks
from cases.models import Case, Move, Policy, Simulation, SimulationLine
from cases.workflow import JUDGED
from people.roles import NotAllowed, Role

CHUNK = 500
YEAR = timedelta(days=365)
ASKERS = (Role.COMPANY_OFFICER, Role.COMPANY_CHAIR)


def why_not_simulate(policy, actor):
    """Why the actor may not simulate the version; "" when they may."""
    if policy.company_id not in actor.companies(*ASKERS):
        return _("Only the company union officer and chair simulate a policy.")
    if policy.status != Policy.Status.DRAFT:
        return _("Only a draft is simulated: what is in force is seen in the cases themselves.")
    return ""


@transaction.atomic
def ask_simulation(*, policy, by, at):
    """A run of the draft, as it stands now, over the cases of the last year; not begun yet.

    While the same draft is being run already, that run is the answer.
    """
    policy = Policy.objects.lock(policy.pk)
    if reason := why_not_simulate(policy, by.actor(day_of(at))):
        raise NotAllowed(reason)
    rules = policy.rules
    digest = policy.rules_digest()
    running = Simulation.objects.filter(policy=policy, digest=digest, finished_at=None).first()
    if running:
        return running
    simulation = Simulation(
        policy=policy, base=Policy.objects.newest(policy.company_id), rules=rules, digest=digest,
        since_on=day_of(at) - YEAR, asked_at=at, asked_by=by,
    )  # fmt: skip
    simulation.rows = in_scope(simulation).count()
    simulation.save()
    return simulation


def in_scope(simulation):
    """The cases of the year that were verified and judged, and not withdrawn or refused since."""
    return Case.objects.filter(
        company=simulation.policy.company_id, status__in=JUDGED, assessment__isnull=False,
        entered_at__date__gte=simulation.since_on, entered_at__lte=simulation.asked_at,
    )  # fmt: skip


def take_simulation(*, simulation, at):
    """Judge the next chunk of cases; False once the last one is done and everything summed up.

    One transaction and a fixed number of queries a chunk: a run that was broken off goes on where
    it stood.
    """
    with transaction.atomic():
        simulation = Simulation.objects.select_related("policy").lock(simulation.pk)
        if simulation.finished_at:
            return False
        rows = in_scope(simulation).filter(pk__gt=simulation.last_case)
        rows = rows.select_related("assessment__revision__body", "round", "dossier", "patient")
        cases = list(rows.order_by("pk")[:CHUNK])
        lines = [line for line in _lines(simulation, cases) if line]
        SimulationLine.objects.bulk_create(lines)
        simulation.done += len(lines)
        simulation.left_out += len(cases) - len(lines)
        columns = ["done", "left_out", "last_case"]
        if cases:
            simulation.last_case = cases[-1].pk
        if len(cases) < CHUNK:
            # Cases may have come or gone since it was asked for: what was judged is what counts.
            simulation.rows = simulation.cases
            simulation.finished_at = at
            simulation.summary = _summary(simulation)
            columns += ["rows", "finished_at", "summary"]
        simulation.save(update_fields=columns)
        return not simulation.finished_at


def _lines(simulation, cases):
    """A line for each case; None where the facts of the household have been erased."""
    questions = _asked(cases)
    for case in cases:
        body = getattr(case.assessment.revision, "body", None)
        if body is None:
            yield None
            continue
        facts = canonical.loads(body.content)
        yield _line(simulation, case, facts, questions[case.pk])


def _line(simulation, case, facts, ask):
    before = case.assessment
    after = scoring.assess(simulation.rules, facts, ask)
    line = SimulationLine(
        simulation=simulation, case=case, dossier_id=case.dossier_id, unit_id=case.unit_id,
        standing=facts["standing"], programme=case.programme,
        category_before=before.category, category_after=after["category"],
        level_before=before.level, level_after=after["level"],
        score_before=before.score, score_after=after["score"],
        reference_before_fen=before.reference_fen, reference_after_fen=after["reference_fen"],
    )  # fmt: skip
    line.move = _move(line)
    return line


def _move(line):
    was = (line.category_before, line.level_before)
    if was != (line.category_after, line.level_after):
        return Move.STANDING
    if line.reference_before_fen != line.reference_after_fen:
        return Move.AMOUNT
    return Move.NOTHING if line.score_before == line.score_after else Move.SCORE


def _asked(cases):
    """{case pk: what it asked of the rules when it was judged}.

    An assessment made before that was kept with it is asked again, as of its own moment.
    """
    found, older = {}, defaultdict(list)
    for case in cases:
        result = canonical.loads(case.assessment.result)
        if "ask" in result:
            found[case.pk] = result["ask"]
        else:
            festival = case.round.festival if case.round_id else ""
            older[case.assessment.at, festival].append(case)
    for (at, festival), group in older.items():
        for case, ask in zip(group, asks(group, at=at, festival=festival), strict=True):
            found[case.pk] = ask
    return found


def _summary(simulation):
    """Counts and sums of a whole run, as its page shows them; five queries."""
    lines = SimulationLine.objects.filter(simulation=simulation)
    numbers = {
        "cases": Count("pk"),
        "moved": Count("pk", filter=Q(move=Move.STANDING)),
        "before_fen": Sum("reference_before_fen"),
        "after_fen": Sum("reference_after_fen"),
    }

    def by(*columns):
        rows = lines.order_by(*columns).values(*columns).annotate(**numbers)
        return [row | {"more_fen": row["after_fen"] - row["before_fen"]} for row in rows]

    newest = lines.newest_of_household().order_by("level_before", "level_after")
    levels = newest.values("level_before", "level_after").annotate(households=Count("pk"))
    return {
        "levels": list(levels),
        "programmes": by("programme"),
        "units": by("unit__path", "unit__name", "unit"),
        "standings": by("standing"),
    }
