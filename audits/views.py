"""The proof of integrity and the statistics."""

from collections import Counter

from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audits import actions, places, statistics, tasks, verify
from audits.forms import FiguresForm, LiftForm, LookupForm
from audits.models import Seal, Verification
from base import charts, keyset, xlsx
from base.templatetags.ui import percent
from cases.workflow import Programme
from funds.actions import why_not_lift_freeze
from funds.models import Freeze
from people.roles import NotAllowed, check_any
from people.views.lists import export, place

FREEZES = 10  # of the newest, on the page of the proof
COLUMNS = (
    xlsx.Column("figure", gettext_lazy("Figure"), width=28),
    xlsx.Column("row", gettext_lazy("Item"), width=44),
    xlsx.Column("count", gettext_lazy("Number"), kind="int"),
    xlsx.Column("of", gettext_lazy("Population"), kind="int"),
    xlsx.Column("share", gettext_lazy("Share")),
    xlsx.Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    xlsx.Column("note", gettext_lazy("How it is counted"), width=60),
)


@require_safe
def proof(request):
    """The chain of seals, the last verification, and the look-up of a printed fingerprint."""
    check_any(request.actor, *actions.VERIFIERS)
    lookup = LookupForm(request.GET if "fingerprint" in request.GET else None)
    asked = lookup.cleaned_data["fingerprint"] if lookup.is_valid() else ""
    cursor = request.GET.get("cursor", "")
    return render(
        request,
        "audits/proof.html",
        {
            "lookup": lookup,
            "asked": asked,
            "found": Seal.objects.matching(asked).first() if asked else None,
            "page": keyset.paginate(
                Seal.objects.all(), order=("-number", "-pk"), cursor=cursor, size=25
            ),
            "sealed_rows": verify.sealed_rows(),
            "last": Verification.objects.newest_done(),
            "freezes": list(_freezes(request).for_list().defer("found")[:FREEZES]),
        },
        status=422 if lookup.errors else 200,
    )


@require_POST
def proof_verify(request):
    return redirect(tasks.start(by=request.user, at=timezone.now()))


@require_safe
def verification(request, pk):
    """What one verification found, or how far it is."""
    check_any(request.actor, *actions.VERIFIERS)
    row = get_object_or_404(Verification.objects.for_list().select_related("seal", "lifts"), pk=pk)
    page = "audits/verification.html"
    if request.headers.get("HX-Request"):
        page += "#state"
    found = _shown_found(row.found)
    more = row.problems_count - len(found)
    return render(request, page, {"verification": row, "found": found, "more": more})


def _shown_found(found):
    """[(place, words, address of the page concerned or "")] in the language of the page."""
    address = places.links(place for place, _words in found)
    language = get_language()
    return [(place, words.get(language, ""), address.get(place, "")) for place, words in found]


def _freezes(request):
    """Those that concern a company of the actor's."""
    return Freeze.objects.over({hat.company_id for hat in request.actor.hats})


@require_safe
def freeze(request, pk):
    """Since when the books are in read-only protection, what differed, and who lifted it."""
    check_any(request.actor, *actions.READERS)
    row = get_object_or_404(_freezes(request).for_list(), pk=pk)
    found = _shown_found(row.found)
    return render(
        request,
        "audits/freeze.html",
        {
            "row": row,
            "found": found,
            "more": row.problems_count - len(found),
            "why_not": why_not_lift_freeze(row, request.actor),
            "verifies": not request.actor.why_not_any(*actions.VERIFIERS),
        },
    )


@require_http_methods(["GET", "POST"])
def freeze_lift(request, pk):
    """The auditor lifts it: everything is verified again, and it ends if nothing differs."""
    check_any(request.actor, *actions.READERS)
    row = get_object_or_404(_freezes(request).for_list(), pk=pk)
    if why_not := why_not_lift_freeze(row, request.actor):
        raise NotAllowed(why_not)
    form = LiftForm(request.POST or None)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "audits/freeze_lift.html", {"row": row, "form": form}, status=status)
    return redirect(
        tasks.start(
            by=request.user, at=timezone.now(), lifts=row, reason=form.cleaned_data["reason"]
        )
    )


@require_safe
def statistics_page(request):
    """The paper's section 1 and the money, on a stated day."""
    form, company, on = _asked(request)
    figures = statistics.figures(company, on)
    if request.GET.get("export") == "xlsx":
        return _workbook(request, figures, company, on)
    return render(
        request,
        "audits/statistics.html",
        {
            "filters": form,
            "company": company,
            "on": on,
            "figures": figures,
            "tables": [_shown(table) for table in figures.tables],
            "money": figures.money,
            "money_chart": _money_chart(figures.money),
            "export_url": place(request, export="xlsx"),
        },
    )


def _asked(request):
    check_any(request.actor, *statistics.SEERS)
    today = timezone.localdate()
    params = request.GET.copy()
    params.setdefault("on", today.isoformat())
    form = FiguresForm(params, companies=statistics.companies(request.actor))
    return form, *form.chosen(today)


def _shown(table):
    """A table as the chart component wants it."""
    few = f"< {statistics.FEWEST}"
    rows = [
        [row.label, few if row.count is None else row.count,
         "-" if row.count is None else percent(row.count, row.of)]
        for row in table.rows
    ]  # fmt: skip
    headers = [_("Group"), _("Households"), _("Share")]
    bars = [(row.label, row.count) for row in table.rows]
    return {"table": table, "bars": bars, "headers": headers, "rows": rows}


def _money_chart(money):
    """Paid by year in whole yuan, a part for each programme; beyond what a bar can show the
    smallest are one part together."""
    paid = {(row.year, row.programme): row.paid_fen // 100 for row in money}
    totals = Counter()
    for (_year, programme), yuan in paid.items():
        totals[programme] += yuan
    ranked = [p for p, yuan in totals.most_common() if yuan]
    fits = len(ranked) <= charts.MOST_SERIES
    named = set(ranked if fits else ranked[: charts.MOST_SERIES - 1])
    shown = [programme for programme in Programme if programme in named]
    rest = [] if fits else [p for p in ranked if p not in named]
    rows = []
    for year in sorted({row.year for row in money}):
        parts = [paid.get((year, programme), 0) for programme in shown]
        if rest:
            parts.append(sum(paid.get((year, programme), 0) for programme in rest))
        rows.append((str(year), parts))
    others = [_("other programmes")] if rest else []
    return {"series": [programme.label for programme in shown] + others, "rows": rows}


def _workbook(request, figures, company, on):
    """The same figures as the page shows, one row each."""
    title = _("Statistics %(company)s %(on)s") % {"company": company, "on": on}
    register = _("Register")
    rows = [
        (register, _("In service"), figures.in_service, None, "", None, ""),
        (register, _("Retired"), figures.retired, None, "", None, ""),
        (_("Households on file"), _("of persons in service and retired"), figures.households,
         figures.base, percent(figures.households, figures.base), None,
         _("Persons with paid-off contract are in the count but not in the base.")),
        (_("Households on file"), _("without persons with paid-off contract"),
         figures.without_paid_off, figures.base,
         percent(figures.without_paid_off, figures.base), None, ""),
        (_("By main cause"), _("the three main causes"), figures.main_causes,
         figures.households, percent(figures.main_causes, figures.households), None, ""),
    ]  # fmt: skip
    for table in figures.tables:
        for row in table.rows:
            share = "" if row.count is None else percent(row.count, row.of)
            rows.append((table.title, row.label, row.count, row.of, share, None, table.note))
    for row in figures.money:
        label = f"{row.year} {row.label}"
        rows.append((_("Decided"), label, None, None, "", row.decided_fen, ""))
        rows.append((_("Paid"), label, row.payments, None, "", row.paid_fen, ""))
        rows.append((_("Households paid"), label, row.households, None, "", None, ""))
    return export(request, title, COLUMNS, rows)
