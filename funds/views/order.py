"""Who comes first when the money does not reach everybody: passed over, and not reached."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from funds import actions, lists, order
from funds.forms.batch import OrderForm
from funds.models import Unreached
from funds.views.batch import PAGE, allow, get_batch
from people.views.lists import listing

UNREACHED_COLUMNS = (
    Column("place", gettext_lazy("Place in the order"), kind="int", width=6),
    Column("number", gettext_lazy("Case number")),
    Column("name", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("first", gettext_lazy("Why at this place"), width=40),
    Column("amount", gettext_lazy("Proposed amount (yuan)"), kind="money"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def explain_order(request, pk):
    """Who comes before others on the list and is not on it, and why not."""
    batch = get_batch(request, pk)
    allow(actions.why_not_explain_order(batch, request.actor))
    data = request.POST if request.method == "POST" else None
    form = OrderForm(data, initial={"reason": batch.order_reason})
    if data and form.is_valid():
        actions.explain_order(
            batch=batch, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
        )
        messages.success(request, _("The reason was written down."))
        return redirect(batch)
    rules = actions.rules_of(batch, timezone.localdate())
    passed = actions.passed_over(batch, rules)
    named = lists.sees_names(request.actor, batch.company_id)
    shown = order.to_show(order.ordered(passed, rules))[:PAGE]
    context = {
        "batch": batch,
        "form": form,
        "count": passed.count(),
        "cases": lists.waiting(shown, rules, named=named),
    }
    return render(request, "funds/explain_order.html", context, status=422 if form.errors else 200)


@require_safe
def unreached(request, pk):
    """Whom the money did not reach when the list was locked, in the order of the policy."""
    batch = get_batch(request, pk)
    rules = actions.rules_of(batch, timezone.localdate())
    named = lists.sees_names(request.actor, batch.company_id)
    return listing(
        request,
        "funds/unreached.html",
        rows=Unreached.objects.of_list(batch).for_list(),
        order=("place", "pk"),
        title=_("Whom the money did not reach: %(title)s") % {"title": batch.title},
        columns=UNREACHED_COLUMNS,
        cells=lambda row: _cells(_cases([row], rules, named)[0], row),
        shown=lambda page: list(zip(page, _cases(page, rules, named), strict=True)),
        batch=batch,
        total=Unreached.objects.sums_of(batch),
    )


def _cases(rows, rules, named):
    """The cases of some rows with what a page shows of them."""
    for row in rows:
        row.case.relation = row.relation
    return lists.waiting([row.case for row in rows], rules, named=named)


def _cells(case, row):
    return (
        row.place, case.number, case.shown_name, case.unit.name, case.first, row.amount_fen,
    )  # fmt: skip
