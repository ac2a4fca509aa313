"""What a draft of the policy would cost, against what is set aside this year."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.views.simulation import get_simulation
from cases.workflow import Programme
from funds.models import Account


@require_safe
def simulation_budget(request, pk):
    """Each programme: the year's reference amounts before and after, and this year's budget."""
    simulation = get_simulation(request, pk)
    if not simulation.finished_at:
        raise Http404
    year = timezone.localdate().year
    budgets = Account.objects.allocated(simulation.policy.company_id, year)
    costs = {row["programme"]: row for row in simulation.summary["programmes"]}
    rows = [
        _row(label, costs.get(code), budgets.get(code, 0))
        for code, label in Programme.choices
        if code in budgets or (code in costs and code != Programme.RECOGNITION)
    ]
    sums = ("before_fen", "after_fen", "budget_fen", "left_fen")
    context = {
        "simulation": simulation,
        "year": year,
        "rows": rows,
        "total": {name: sum(row[name] for row in rows) for name in sums},
        "short": [row for row in rows if row["left_fen"] < 0],
        "stale": simulation.is_stale(),
    }
    return render(request, "funds/simulation_budget.html", context)


def _row(name, cost, budget):
    before, after = (cost["before_fen"], cost["after_fen"]) if cost else (0, 0)
    return {
        "name": name,
        "before_fen": before,
        "after_fen": after,
        "budget_fen": budget,
        "left_fen": budget - after,
    }
