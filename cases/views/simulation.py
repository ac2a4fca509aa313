"""A draft of the policy tried on last year's cases: how far the run is, and what came of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from base import masking
from base.xlsx import Column
from cases import actions, tasks
from cases.codes import Category, Level
from cases.forms.policy import SimulationFilter
from cases.models import Move, Simulation, SimulationLine
from cases.views.policy import get_policy
from cases.workflow import Programme
from people.models import Standing
from people.roles import NotAllowed
from people.views.lists import listing

MOST_RUNS = 20
_CLASSES = tuple(Category.choices)
_LEVELS = tuple(Level.choices)
COLUMNS = (
    Column("number", gettext_lazy("Case number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("standing", gettext_lazy("Standing"), kind="choice", choices=tuple(Standing.choices)),
    Column("programme", gettext_lazy("Programme"), kind="choice", choices=tuple(Programme.choices)),
    Column("move", gettext_lazy("What changes"), width=20),
    Column("level_was", gettext_lazy("Level before"), kind="choice", choices=_LEVELS),
    Column("level_is", gettext_lazy("Level after"), kind="choice", choices=_LEVELS),
    Column("class_was", gettext_lazy("Class before"), kind="choice", choices=_CLASSES),
    Column("class_is", gettext_lazy("Class after"), kind="choice", choices=_CLASSES),
    Column("score_was", gettext_lazy("Score before"), kind="int"),
    Column("score_is", gettext_lazy("Score after"), kind="int"),
    Column("fen_was", gettext_lazy("Reference amount before (yuan)"), kind="money"),
    Column("fen_is", gettext_lazy("Reference amount after (yuan)"), kind="money"),
)


def _cells(line):
    return (
        line.case.number,
        masking.mask_name(line.dossier.head.name),
        line.unit.name,
        line.standing,
        line.programme,
        str(Move(line.move).label),
        line.level_before,
        line.level_after,
        line.category_before,
        line.category_after,
        line.score_before,
        line.score_after,
        line.reference_before_fen,
        line.reference_after_fen,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def policy_simulate(request, pk):
    """Try a draft on last year's cases; below, the runs so far."""
    policy = get_policy(request, pk)
    if reason := actions.why_not_simulate(policy, request.actor):
        raise NotAllowed(reason)
    if request.method == "POST":
        return redirect(tasks.simulate(policy=policy, by=request.user, at=timezone.now()))
    runs = Simulation.objects.filter(policy=policy).for_list()[:MOST_RUNS]
    context = {"policy": policy, "runs": runs, "digest": policy.rules_digest()}
    return render(request, "cases/policy_simulate.html", context)


def get_simulation(request, pk):
    """A run the actor may read, else 404."""
    visible = Simulation.objects.visible_to(request.actor)
    runs = visible.select_related("policy__company", "base", "asked_by")
    return get_object_or_404(runs, pk=pk)


@never_cache
@require_safe
def simulation_detail(request, pk):
    """How far the run is (htmx asks for that alone), or what came of it."""
    simulation = get_simulation(request, pk)
    if not simulation.finished_at:
        part = "#state" if request.htmx else ""
        return render(request, f"cases/simulation_running.html{part}", {"simulation": simulation})
    if request.htmx:
        return HttpResponseClientRefresh()
    filters = SimulationFilter(request.GET, company=simulation.policy.company_id)
    lines = SimulationLine.objects.filter(simulation=simulation)
    return listing(
        request,
        "cases/simulation_detail.html",
        rows=lines.narrowed(**filters.chosen).for_list(),
        order=("move", "pk"),
        title=_("Simulation"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        simulation=simulation,
        stale=simulation.is_stale(),
        again=not actions.why_not_simulate(simulation.policy, request.actor),
        **_tables(simulation),
    )


@require_POST
def simulation_resume(request, pk):
    """Go on with a run that stands still."""
    simulation = get_simulation(request, pk)
    if reason := actions.why_not_simulate(simulation.policy, request.actor):
        raise NotAllowed(reason)
    tasks.resume(simulation=simulation)
    messages.success(request, _("The simulation goes on where it stopped."))
    return redirect(simulation)


def _tables(simulation):
    """The summary of a run as the tables of its page."""
    summary = simulation.summary
    return {
        "levels": _matrix(summary["levels"]),
        "programmes": _named(summary["programmes"], "programme", dict(Programme.choices)),
        "units": [row | {"name": row["unit__name"]} for row in summary["units"]],
        "standings": _named(summary["standings"], "standing", dict(Standing.choices)),
        "total": simulation.total,
    }


def _named(rows, column, labels):
    return [row | {"name": labels.get(row[column], row[column])} for row in rows]


def _matrix(rows):
    """Households by level before (rows) and after (columns), with what moved told apart."""
    counts = {(row["level_before"], row["level_after"]): row["households"] for row in rows}
    names = [*Level.choices, ("", _("no level"))]
    return {
        "names": [label for _code, label in names],
        "rows": [
            {
                "name": label,
                "cells": [
                    {"name": other_label, "count": counts.get((code, other), 0),
                     "moved": code != other}
                    for other, other_label in names
                ],
                "total": sum(counts.get((code, other), 0) for other, _label in names),
            }
            for code, label in names
        ],
        "households": sum(counts.values()),
        "moved": sum(n for (was, now), n in counts.items() if was != now),
    }  # fmt: skip
