"""The year of the money: budget against actual, decisions about it, donations, reservations."""

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base.masking import mask_name
from base.workdays import day_of
from base.xlsx import Column
from cases.models import Case
from funds import actions, budgets, lists
from funds.forms.budget import (
    BudgetFilter,
    CarryForm,
    DecisionFilter,
    DecisionForm,
    DonationFilter,
    ReservationFilter,
)
from funds.models import Account, Advance, BudgetDecision, Donation, Fund, Hold
from funds.models.ledger import MONEY_READERS
from funds.views.fund import FORM, sent
from people.roles import NotAllowed, Role, check_any
from people.views.lists import export, listing, place

BUDGET_COLUMNS = (
    Column("fund", gettext_lazy("Fund"), width=24),
    Column("year", gettext_lazy("Year"), kind="int"),
    Column("programme", gettext_lazy("Programme"), width=18),
    Column("first", gettext_lazy("Budget at first (yuan)"), kind="money"),
    Column("changes", gettext_lazy("Changes (yuan)"), kind="money"),
    Column("now", gettext_lazy("Budget now (yuan)"), kind="money"),
    Column("paid", gettext_lazy("Paid (yuan)"), kind="money"),
    Column("advances", gettext_lazy("Of it advances (yuan)"), kind="money"),
    Column("held", gettext_lazy("Reserved (yuan)"), kind="money"),
    Column("carried", gettext_lazy("Carried over (yuan)"), kind="money"),
    Column("free", gettext_lazy("Free (yuan)"), kind="money"),
)
DECISION_COLUMNS = (
    Column("number", gettext_lazy("Number"), width=18),
    Column("fund", gettext_lazy("Fund"), width=24),
    Column("year", gettext_lazy("Year"), kind="int"),
    Column("kind", gettext_lazy("Kind"), width=16),
    Column("added", gettext_lazy("Added (yuan)"), kind="money"),
    Column("taken", gettext_lazy("Taken (yuan)"), kind="money"),
    Column("basis", gettext_lazy("Minutes or document"), width=32),
    Column("basis_on", gettext_lazy("Dated"), kind="date"),
    Column("reason", gettext_lazy("Reason"), width=40),
    Column("status", gettext_lazy("Status"), width=16),
    Column("drafted", gettext_lazy("Drafted by")),
    Column("decided", gettext_lazy("Confirmed by")),
)
DONATION_COLUMNS = (
    Column("number", gettext_lazy("Receipt number"), width=18),
    Column("on", gettext_lazy("Date"), kind="date"),
    Column("fund", gettext_lazy("Fund"), width=24),
    Column("donor", gettext_lazy("Donor"), width=24),
    Column("wish", gettext_lazy("Wish of the donor"), width=40),
    Column("programme", gettext_lazy("Only for this programme"), width=18),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("used", gettext_lazy("Given to a budget (yuan)"), kind="money"),
    Column("voucher", gettext_lazy("Voucher number"), width=20),
)
RESERVATION_COLUMNS = (
    Column("case", gettext_lazy("Case number"), width=18),
    Column("name", gettext_lazy("Name")),
    Column("batch", gettext_lazy("Batch number"), width=18),
    Column("fund", gettext_lazy("Fund"), width=24),
    Column("budget", gettext_lazy("Budget"), width=20),
    Column("since", gettext_lazy("Reserved since"), kind="date"),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
)


def _check(reason):
    if reason:
        raise NotAllowed(reason)


def _mine(request):
    return Fund.objects.visible_to(request.actor)


def _get_fund(request, pk):
    return get_object_or_404(_mine(request).select_related("company"), pk=pk)


def _get(request, pk):
    rows = BudgetDecision.objects.visible_to(request.actor).for_list()
    return get_object_or_404(rows.select_related("fund__company"), pk=pk)


# Budget against actual


def _read(request):
    """(filters, funds, year) that were asked for: all funds in this year unless told otherwise."""
    on = timezone.localdate()
    mine = list(_mine(request).select_related("company").for_list())
    years = sorted({on.year, *budgets.years(mine)}, reverse=True)
    asked = {"year": on.year, **request.GET.dict()}
    filters = BudgetFilter(asked, funds=_mine(request).for_list(), years=years)
    chosen = filters.chosen
    funds = [chosen["fund"]] if "fund" in chosen else mine
    return filters, funds, chosen.get("year", on.year)


@require_safe
@never_cache
def budget(request):
    """Each budget of a year against what became of it; a fixed number of queries."""
    check_any(request.actor, *MONEY_READERS)
    filters, funds, year = _read(request)
    sections, total = budgets.sections(funds, year)
    if request.GET.get("export") == "xlsx":
        return export(request, f"{_('Budget')} {year}", BUDGET_COLUMNS, _cells(sections, year))
    drafts = BudgetDecision.objects.visible_to(request.actor).drafts()
    return render(
        request,
        "funds/budget.html",
        {
            "filters": filters,
            "year": year,
            "year_text": str(year),  # what addresses are put together from
            "of_fund": f"&fund={funds[0].pk}" if len(funds) == 1 else "",
            "sections": sections,
            "total": total,
            "several": len(sections) > 1,
            "fund": funds[0] if len(funds) == 1 else None,
            "drafts": drafts.filter(fund__in=funds).count(),
            "may_plan": {f.pk for f in funds if not actions.why_not_draft_budget(f, request.actor)},
            "over": year < timezone.localdate().year,
            "export_url": place(request, export="xlsx"),
        }
        | _chart(funds, year),
    )


def _chart(funds, year):
    """What the chart through the year draws and the table beside it shows."""
    found = budgets.months(funds, year, timezone.localdate())
    marks = budgets.festivals({fund.company_id for fund in funds}, year)
    named: dict[int, list[str]] = {}
    for month, words in marks:
        if str(words) not in named.setdefault(month, []):
            named[month].append(str(words))
    return {
        "months": found,
        "steps": [(row.number, row.balance_fen / 100) for row in found],
        "reserved": [row.held_fen / 100 for row in found],
        "marks": [(n - 1, " ".join(words)) for n, words in named.items() if n <= len(found)],
        "month_rows": [
            (row, " ".join(named.get(row.number, []))) for row in found
        ],
    }  # fmt: skip


def _cells(sections, year):
    found = []
    for section in sections:
        found += [
            (
                section.fund.name, year, row.account.get_programme_display(), row.first_fen,
                row.changes_fen, row.now_fen, row.paid_fen, row.advances_fen, row.held_fen,
                row.carried_fen, row.free_fen,
            )
            for row in section.rows
        ]  # fmt: skip
    return found


@require_safe
@never_cache
def budget_sheet(request):
    """The statement of a year on paper, with capitals and room for signatures."""
    check_any(request.actor, *MONEY_READERS)
    _filters, funds, year = _read(request)
    if not funds:
        raise Http404
    with translation.override("zh-hans"):
        sections, total = budgets.sections(funds, year)
        context = {
            "sections": sections, "total": total, "year": year, "several": len(sections) > 1,
            "unit": funds[0].company.name, "printed_at": timezone.now(),
            "printed_by": request.user.name, "back_url": place(request),
        }  # fmt: skip
        return render(request, "funds/budget_sheet.html", context)


# Decisions


@require_safe
@never_cache
def decision_list(request):
    check_any(request.actor, *MONEY_READERS)
    mine = BudgetDecision.objects.visible_to(request.actor)
    years = mine.order_by("-year").values_list("year", flat=True).distinct()
    filters = DecisionFilter(request.GET, funds=_mine(request).for_list(), years=years)

    def cells(row):
        return (
            row.number, row.fund.name, row.year, row.get_kind_display(), row.added_fen,
            row.taken_fen, row.basis, row.basis_on, row.reason, row.get_status_display(),
            row.drafted_by.name, row.decided_by.name if row.decided_by else "",
        )  # fmt: skip

    return listing(
        request,
        "funds/decision_list.html",
        rows=mine.for_list().narrowed(**filters.chosen),
        order=("-drafted_at", "-pk"),
        title=_("Decisions about the budget"),
        columns=DECISION_COLUMNS,
        cells=cells,
        filters=filters,
        may_open=bool(request.actor.companies(Role.ACCOUNTANT, Role.COMPANY_OFFICER)),
    )


@require_http_methods(FORM)
@never_cache
def decision_new(request, pk):
    fund = _get_fund(request, pk)
    _check(actions.why_not_draft_budget(fund, request.actor))
    form = DecisionForm(sent(request), fund=fund, today=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        pool = fund.accounts.get(kind=Account.Kind.POOL)
        waiting = sum(donation.left_fen for donation in form.donations.values())
        context = {"fund": fund, "form": form, "pool": pool, "free_fen": pool.balance_fen - waiting,
                   "waiting_fen": waiting}  # fmt: skip
        return render(request, "funds/decision_new.html", context, status=status)
    decision = actions.draft_budget(
        fund=fund, year=form.cleaned_data["year"], kind=_kind(form), lines=form.planned(),
        by=request.user, at=timezone.now(), **form.given,
    )  # fmt: skip
    messages.success(request, _("The decision was drafted. The company union chair confirms it."))
    return redirect(decision)


def _kind(form):
    """The kind of the decision; of one that was sent before, the kind it was written down with."""
    done = BudgetDecision.objects.filter(key=form.given["key"]).first()
    return done.kind if done else form.kind


@require_http_methods(FORM)
@never_cache
def carry_new(request, pk, year):
    """What is left of a year, before it is drafted: what returns and what stays, and why."""
    fund = _get_fund(request, pk)
    _check(actions.why_not_draft_budget(fund, request.actor))
    today = timezone.localdate()
    _check(actions.why_not_carry_yet(year, today))
    form = CarryForm(sent(request), fund=fund, today=today, year=year)
    found = actions.leftovers(fund, year)
    if not found:
        raise Http404
    if request.method != "POST" or not form.is_valid():
        carried = sum(fen for row in found for _donation, fen in row.parts)
        context = {"fund": fund, "year": year, "form": form, "found": found, "carried_fen": carried}
        status = 422 if form.errors else 200
        return render(request, "funds/carry_new.html", context, status=status)
    decision = actions.draft_carry(
        fund=fund, year=year, by=request.user, at=timezone.now(), **form.given
    )
    messages.success(request, _("The carry-over was drafted. The company union chair confirms it."))
    return redirect(decision)


@require_safe
@never_cache
def decision_detail(request, pk):
    decision = _get(request, pk)
    lines = decision.lines.select_related("donation__transfer", "transfer").order_by("seq")
    return render(
        request,
        "funds/decision_detail.html",
        {
            "decision": decision,
            "lines": lines,
            "may_decide": not actions.why_not_decide_budget(decision, request.actor),
            "may_drop": not actions.why_not_drop_budget(decision, request.actor),
        },
    )


@require_http_methods(FORM)
@never_cache
def decision_decide(request, pk):
    """The chair confirms; sent twice, it leads to the decision that was made."""
    decision = _get(request, pk)
    if not (request.method == "POST" and decision.decided_by_id == request.user.pk):
        _check(actions.why_not_decide_budget(decision, request.actor))
    if request.method != "POST":
        return render(request, "funds/decision_act.html", {"decision": decision, "act": "decide"})
    actions.decide_budget(decision=decision, by=request.user, at=timezone.now())
    messages.success(request, _("The decision was confirmed and booked."))
    return redirect(decision)


@require_http_methods(FORM)
@never_cache
def decision_drop(request, pk):
    decision = _get(request, pk)
    if not (request.method == "POST" and decision.dropped_by_id == request.user.pk):
        _check(actions.why_not_drop_budget(decision, request.actor))
    if request.method != "POST":
        return render(request, "funds/decision_act.html", {"decision": decision, "act": "drop"})
    actions.drop_budget(decision=decision, by=request.user, at=timezone.now())
    messages.success(request, _("The draft was dropped."))
    return redirect(decision)


# Donations and reservations


@require_safe
@never_cache
def donation_list(request):
    check_any(request.actor, *MONEY_READERS)
    mine = Donation.objects.visible_to(request.actor)
    years = mine.dates("transfer__value_on", "year", order="DESC")
    filters = DonationFilter(
        request.GET, funds=_mine(request).for_list(), years=[day.year for day in years]
    )

    def told(row):
        """The donor as this reader may see them."""
        seen = lists.sees_names(request.actor, row.transfer.fund.company_id)
        if row.anonymous or not row.donor:
            return _("anonymous")
        return row.donor if seen else mask_name(row.donor)

    def cells(row):
        return (
            row.number, row.transfer.value_on, row.transfer.fund.name, told(row), row.wish,
            row.get_programme_display(), row.transfer.amount_fen, row.used_fen,
            row.transfer.voucher,
        )  # fmt: skip

    return listing(
        request,
        "funds/donation_list.html",
        rows=mine.for_list().select_related("transfer__reversed_by").narrowed(**filters.chosen),
        order=("-number", "-pk"),
        title=_("Donations"),
        columns=DONATION_COLUMNS,
        cells=cells,
        filters=filters,
        shown=lambda page: [(row, told(row)) for row in page.rows],
    )


@require_safe
@never_cache
def reservation_list(request):
    """What is reserved on the budgets: decided, not yet paid."""
    check_any(request.actor, *MONEY_READERS)
    accounts = Account.objects.budgets().filter(fund__in=_mine(request)).select_related("fund")
    years = budgets.years(_mine(request))
    filters = ReservationFilter(
        request.GET, accounts=accounts.for_list(), funds=_mine(request).for_list(), years=years
    )
    named = {pk for pk in request.actor.companies(*MONEY_READERS)
             if lists.sees_names(request.actor, pk)}  # fmt: skip
    rows = Hold.objects.running().visible_to(request.actor).narrowed(**filters.chosen)

    def told(row):
        name = row.case.applicant.name
        return name if row.account.fund.company_id in named else mask_name(name)

    def cells(row):
        return (
            row.case.number, told(row), row.line.batch.number, row.account.fund.name,
            str(row.account), day_of(row.at), row.amount_fen,
        )  # fmt: skip

    def shown(page):
        cases = Case.objects.visible_to(request.actor).filter(pk__in=[r.case_id for r in page.rows])
        seen = set(cases.values_list("pk", flat=True))
        return [(row, told(row), row.case_id in seen) for row in page.rows]

    chosen = filters.chosen
    return listing(
        request,
        "funds/reservation_list.html",
        rows=rows.for_list(),
        order=("-pk",),
        title=_("Reservations"),
        columns=RESERVATION_COLUMNS,
        cells=cells,
        filters=filters,
        shown=shown,
        account=chosen.get("account"),
        **_reserved(accounts, chosen),
    )


def _reserved(accounts, chosen):
    """The sums above the list; what advances reserve stands on the list of advances."""
    asked = {"pk": chosen.get("account") and chosen["account"].pk, "fund": chosen.get("fund"),
             "year": chosen.get("year")}  # fmt: skip
    found = accounts.filter(**{name: value for name, value in asked.items() if value})
    ahead = Advance.objects.reserved().filter(account__in=found)
    return {
        "held_fen": sum(found.values_list("held_fen", flat=True)),
        "ahead_fen": ahead.aggregate(fen=Sum("amount_fen", default=0))["fen"],
    }
