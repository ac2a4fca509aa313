"""Months of the bank account: both balances, what stands alone, closing, and the paper of it."""

from datetime import date, timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from funds import actions
from funds.forms.statement import PeriodFilter
from funds.models import BankAccount, Explanation, MatchedEntry, Period, PeriodBalance, Statement
from funds.models.statement import STATEMENT_READERS
from funds.views.fund import FORM
from funds.views.statement import named, put_side
from people.roles import NotAllowed, Role, check_any
from people.views.lists import export, place

PERIOD_COLUMNS = (
    Column("month", gettext_lazy("Month")),
    Column("state", gettext_lazy("State")),
    Column("book", gettext_lazy("Books (yuan)"), kind="money"),
    Column("bank", gettext_lazy("Bank (yuan)"), kind="money"),
    Column("difference", gettext_lazy("Difference (yuan)"), kind="money"),
    Column("lines", gettext_lazy("Bank lines not matched"), kind="int"),
    Column("entries", gettext_lazy("Entries not matched"), kind="int"),
)


@require_safe
def period_list(request):
    """The months of one account and year; every figure from a fixed number of queries."""
    check_any(request.actor, *STATEMENT_READERS)
    accounts = BankAccount.objects.visible_to(request.actor).for_list()
    known = Period.objects.visible_to(request.actor).order_by("-year")
    years = list(known.values_list("year", flat=True).distinct())
    asked = {"year": years[0] if years else "", **request.GET.dict()}
    filters = PeriodFilter(asked, accounts=accounts, years=years)
    chosen = filters.chosen
    account = chosen.get("account") or accounts.first()
    year = chosen.get("year") or (years[0] if years else None)
    rows = _months(account, year)
    if request.GET.get("export") == "xlsx":
        return export(request, _("Months"), PERIOD_COLUMNS, [_cells(row) for row in rows])
    return render(
        request,
        "funds/period_list.html",
        {
            "account": account,
            "year": year,
            "filters": filters,
            "rows": rows,
            "funds": _year(account, year) if rows else [],
            "year_closed": bool(rows) and rows[-1].ends_year and rows[-1].is_closed,
            "may_close": bool(request.actor.companies(Role.ACCOUNTANT)),
            "next": next((row.pk for row in rows if not row.is_closed), None),
            "export_url": place(request, export="xlsx"),
        },
    )


def _months(account, year):
    """The months with `book`, `bank` and `difference`: closed as written, open as they are."""
    if account is None or year is None:
        return []
    rows = Period.objects.filter(bank_account=account, year=year)
    found = [
        *rows.closed().select_related("closed_by"),
        *rows.filter(status=Period.Status.OPEN).for_list(),
    ]
    for row in found:
        row.book = row.book_fen if row.is_closed else row.book_now_fen
        row.bank = row.bank_fen if row.is_closed else row.bank_now_fen
        row.difference = row.book - row.bank
    return sorted(found, key=lambda row: row.month)


def _cells(row):
    alone = (None, None) if row.is_closed else (row.lines_alone, row.entries_alone)
    state = _("books closed") if row.is_closed else _("books open")
    return (str(row), state, row.book, row.bank, row.difference, *alone)


def _year(account, year):
    """Each fund over the year; its opening beside what the last December closed with."""
    last = dict(
        PeriodBalance.objects.filter(
            period__bank_account=account, period__year=year - 1, period__month=12
        ).values_list("fund", "closing_fen")
    )
    rows = actions.fund_rows(account, date(year, 1, 1), date(year, 12, 31))
    for row in rows:
        row["carried"] = last.get(row["fund"].pk)
        row["agrees"] = row["carried"] is None or row["carried"] == row["opening_fen"]
    return rows


def _get_period(request, pk):
    periods = Period.objects.visible_to(request.actor)
    return get_object_or_404(periods.select_related("bank_account__company", "closed_by"), pk=pk)


def _lists(request, period):
    """The four classical lists of what stands alone, and the reckoning over them."""
    full = named(request.actor, period.bank_account.company_id)
    lines = [put_side(row, full) for row in actions.line_rows(period)]
    own = actions.entry_rows(period)
    firsts = [row["first"] for row in own]
    told = {}
    explained = Explanation.objects.filter(transfer__in=firsts).select_related("by")
    for row in explained.order_by("pk"):
        told[row.transfer_id] = row
    cleared = dict(
        MatchedEntry.objects.filter(transfer__in=firsts, active=True).values_list(
            "transfer", "match__upto"
        )
    )
    for row in own:
        row["told"], row["cleared_on"] = told.get(row["first"]), cleared.get(row["first"])
    for row in lines:
        row.cleared_on = row.running[0].match.upto if row.running else None
    return {
        "found": actions.reckon(period),
        "bank_in": [row for row in lines if row.amount_fen > 0],
        "bank_out": [row for row in lines if row.amount_fen < 0],
        "book_in": [row for row in own if row["fen"] > 0],
        "book_out": [row for row in own if row["fen"] < 0],
    }


def _balances(period):
    """Each fund over the month: as written when it was closed, else as it is."""
    if not period.is_closed:
        return actions.fund_rows(period.bank_account_id, period.starts_on, period.ends_on)
    return period.balances.select_related("fund").order_by("fund__code", "pk")


@require_safe
@never_cache
def period_detail(request, pk):
    period = _get_period(request, pk)
    return render(
        request,
        "funds/period_detail.html",
        _lists(request, period)
        | {
            "period": period,
            "funds": _balances(period),
            "before": period.starts_on - timedelta(days=1),
            "statements": _statements(period),
            "may_close": not period.is_closed and not actions.why_not_close(period, request.actor),
            "may_match": not actions.why_not_match(period.bank_account, request.actor),
        },
    )


def _statements(period):
    return (
        Statement.objects.filter(
            bank_account=period.bank_account_id, since__lte=period.ends_on,
            until__gte=period.starts_on,
        )
        .select_related("by")
        .order_by("since")
    )  # fmt: skip


@require_http_methods(FORM)
@never_cache
def period_close(request, pk):
    """What stands in the way, then closing for good; sent twice, it is closed once."""
    period = _get_period(request, pk)
    if reason := actions.why_not_close(period, request.actor):
        raise NotAllowed(reason)
    if request.method == "POST":
        actions.close(period=period, by=request.user, at=timezone.now())
        messages.success(request, _("The month was closed."))
        return redirect(period)
    if period.is_closed:
        return redirect(period)
    found = actions.reckon(period)
    checks = actions.close_checks(period, request.actor, timezone.localdate(), found)
    context = {
        "period": period,
        "found": found,
        "checks": checks,
        "stopped": any(check["result"] == "stop" for check in checks),
    }
    return render(request, "funds/period_close.html", context)


@require_safe
@never_cache
def reconciliation(request, pk):
    """银行存款余额调节表 on A4."""
    period = _get_period(request, pk)
    with translation.override("zh-hans"):  # paper is Chinese in whatever language it is asked for
        lists = _lists(request, period)
        for row in lists["bank_in"] + lists["bank_out"]:
            row.why = str(row.told[0].get_why_display()) if row.told else ""
        for row in lists["book_in"] + lists["book_out"]:
            row["why"] = str(row["told"].get_why_display()) if row["told"] else ""
    context = lists | {
        "period": period,
        "statements": _statements(period),
        "printed_at": timezone.now(),
        "printed_by": request.user.name,
    }
    return render(request, "funds/reconciliation.html", context)
