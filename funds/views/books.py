"""The books: trial balance, income and expenditure, sums by purpose, unit, household.

Nothing here changes anything. A figure is shown with the address of the entries it is the sum of.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from base import keyset
from base.masking import mask_name
from base.xlsx import Column
from funds import books
from funds.forms.books import HouseholdFilter, ReportFilter
from funds.lists import sees_names
from funds.models import Fund
from people.models import Unit
from people.roles import check_any
from people.views.lists import MOST_ROWS, export, place

DAY = timedelta(days=1)
ALL = "ALL"  # in the address of a purpose: every programme together
SPENDING = (
    gettext_lazy("Paid out (yuan)"), gettext_lazy("Came back (yuan)"),
    gettext_lazy("Set off (yuan)"), gettext_lazy("Net (yuan)"),
)  # fmt: skip
TRIAL = (
    gettext_lazy("Opening, debit (yuan)"), gettext_lazy("Opening, credit (yuan)"),
    gettext_lazy("Turnover, debit (yuan)"), gettext_lazy("Turnover, credit (yuan)"),
    gettext_lazy("Closing, debit (yuan)"), gettext_lazy("Closing, credit (yuan)"),
)  # fmt: skip
PURPOSES = (
    gettext_lazy("Opening balance (yuan)"), gettext_lazy("Set aside (yuan)"),
    gettext_lazy("Spent (yuan)"), gettext_lazy("Closing balance (yuan)"),
)  # fmt: skip


def link(name, *args, **params):
    """The address of a page of the books with what is asked for."""
    asked = {key: value for key, value in params.items() if value not in (None, "")}
    return reverse(f"funds:{name}", args=args) + (f"?{urlencode(asked)}" if asked else "")


def _figures(headings, *pairs):
    """[{label, fen, url}] of (fen, address) pairs, one under each heading."""
    return [
        {"label": label, "fen": fen, "url": url}
        for label, (fen, url) in zip(headings, pairs, strict=True)
    ]


def _money(headings):
    return [Column(f"m{n}", words, kind="money") for n, words in enumerate(headings)]


def read(request):
    """The funds whose books the actor reads, all of the company whose fund comes first."""
    check_any(request.actor, *books.BOOK_READERS)
    return list(books.funds_of(request.actor))


# Reports


@dataclass(frozen=True)
class Asked:
    """What a report is about: funds of one company, and days."""

    filters: object
    funds: list
    fund: Fund | None
    company: Unit | None
    year: int | None
    month: int | None
    since: date | None
    until: date | None

    @property
    def days(self):
        """The parameters of a ledger over the same days and funds."""
        return {"fund": self.fund and self.fund.pk, "since": self.since, "until": self.until}

    @property
    def upto(self):
        """… of everything before these days, and of everything up to their end."""
        fund = self.fund and self.fund.pk
        before = self.since - DAY if self.since else None
        return {"fund": fund, "until": before}, {"fund": fund, "until": self.until}

    @property
    def same(self):
        """The parameters of another report about the same."""
        return {"fund": self.fund and self.fund.pk, "year": self.year, "month": self.month}


def _asked(request, form=ReportFilter, *, always=True, **given):
    """What a report is asked about; without a year it is this one, unless not `always`."""
    readable = read(request)
    on = timezone.localdate()
    known = books.years(readable, on)
    params = request.GET.copy()
    if always and not params.get("year", "").isdigit():
        params["year"] = str(on.year)
    filters = form(params, funds=readable, years=known, **given)
    chosen = filters.chosen
    year = chosen.get("year") or (on.year if always else None)
    month = chosen.get("month") if year else None
    since, until = books.span(year, month) if year else (None, None)
    fund = chosen.get("fund")
    company = next((row.company for row in readable if fund is None or row == fund), None)
    own = [row for row in readable if row.company == company and fund in (None, row)]
    return Asked(filters, own, fund, company, year, month, since, until)


def _report(request, template, asked, **context):
    printed = {"printed_at": timezone.now(), "printed_by": request.user.name}
    here = {"asked": asked, "filters": asked.filters, "export_url": place(request, export="xlsx")}
    return render(request, template, here | printed | context)


@require_safe
@never_cache
def books_overview(request):
    """Every book, and the figures of the year."""
    asked = _asked(request)
    found = books.statement(asked.funds, asked.since, asked.until)
    labels = (_("Income"), _("Expenditure"), _("Closing balance"))
    figures = _figures(
        labels,
        (found.income_fen, link("books_journal", **asked.days, side="into")),
        (found.spending_fen, link("books_journal", **asked.days, side="out")),
        (found.closing_fen, link("books_journal", **asked.upto[1])),
    )
    return _report(
        request, "funds/books_overview.html", asked, found=found, figures=figures,
        tasks=_contents(asked), checks=[_agreement(found, asked)],
    )  # fmt: skip


def _agreement(found, asked):
    """Whether everything agrees, in one line; else with the way to what differs."""
    if found.agrees:
        text = _("Statement, journal and closed months agree to the fen.")
        return {"result": "ok", "text": text}
    return {
        "result": "stop",
        "text": _("The books do not agree."),
        "url": link("books_statement", **asked.same),
        "link_text": _("Show what differs"),
    }


def _contents(asked):
    """The books one by one, about the same funds and days."""
    return [
        {"title": title, "hint": hint, "url": url}
        for title, hint, url in (
            (
                _("Journal"),
                _("Every entry in the order of the days, with voucher, decision and notice."),
                link("books_journal", **asked.days),
            ),
            (
                _("Trial balance"),
                _("Every account: opening, debit, credit, closing; each opens its ledger."),
                link("books_trial", **asked.same),
            ),
            (
                _("Income and expenditure"),
                _("What came in by kind, what was spent by programme, and whether all agrees."),
                link("books_statement", **asked.same),
            ),
            (
                _("By purpose"),
                _("What was set aside for each programme, what of it was spent, what is left."),
                link("books_purposes", **asked.same),
            ),
            (
                _("By unit"),
                _("What the households of each grassroots union were paid."),
                link("books_units", **asked.same),
            ),
            (
                _("By household"),
                _("What each household was granted, paid, returned and set off."),
                link("books_households", **asked.same),
            ),
        )
    ]


@require_safe
@never_cache
def books_trial(request):
    """The trial balance over a year or a month."""
    asked = _asked(request)
    found = books.trial_balance(asked.funds, asked.since, asked.until)
    if request.GET.get("export") == "xlsx":
        columns = [
            Column("fund", _("Fund"), width=24), Column("account", _("Account"), width=24),
            *_money(TRIAL),
        ]  # fmt: skip
        rows = [(r.account.fund.name, str(r.account), *r.figures) for r in found.rows]
        return export(request, _("Trial balance"), columns, rows)
    rows = [(row.account, _trial_figures(row, asked)) for row in found.rows]
    print_url = link("books_trial_print", **asked.same)
    return _report(
        request, "funds/books_trial.html", asked, found=found, rows=rows, headings=TRIAL,
        sums=_figures(TRIAL, *((fen, "") for fen in found.sums)), checks=_trial_checks(found),
        print_url=print_url,
    )  # fmt: skip


def _trial_figures(row, asked):
    before, upto = ({"until": part["until"]} for part in asked.upto)
    days = {"since": asked.since, "until": asked.until}
    places = (
        before, before, days | {"side": "into"}, days | {"side": "out"}, upto, upto
    )  # fmt: skip
    return _figures(
        TRIAL,
        *(
            (fen, link("books_account", row.account.pk, **params))
            for fen, params in zip(row.figures, places, strict=True)
        ),
    )


def _trial_checks(found):
    words = (
        _("The opening balances agree: debit and credit are the same sum."),
        _("The turnover agrees: debit and credit are the same sum."),
        _("The closing balances agree: debit and credit are the same sum."),
    )
    return [
        {"result": "ok" if debit == credit else "stop", "text": text}
        for text, (debit, credit) in zip(words, found.pairs, strict=True)
    ]


@require_safe
@never_cache
def books_trial_print(request):
    """试算平衡表 on A4."""
    asked = _asked(request)
    found = books.trial_balance(asked.funds, asked.since, asked.until)
    with translation.override("zh-hans"):  # paper is Chinese in whatever language it is asked for
        rows = [(r.account.fund.name, str(r.account), r.figures) for r in found.rows]
    back = link("books_trial", **asked.same)
    return _report(
        request, "funds/books_trial_print.html", asked, found=found, rows=rows, back=back
    )


@require_safe
@never_cache
def books_statement(request):
    """Income by kind and expenditure by programme, and whether everything agrees."""
    asked = _asked(request)
    found = books.statement(asked.funds, asked.since, asked.until)
    if request.GET.get("export") == "xlsx":
        columns = [
            Column("item", _("Item"), width=32), Column("fen", _("Amount (yuan)"), "money"),
            *_money(SPENDING[:3]),
        ]  # fmt: skip
        rows = [row + (None,) * (len(columns) - len(row)) for row in _statement_cells(found)]
        return export(request, _("Income and expenditure"), columns, rows)
    journal = {"days": asked.days, "before": asked.upto[0], "upto": asked.upto[1]}
    links = {
        "opening": link("books_journal", **journal["before"]),
        "closing": link("books_journal", **journal["upto"]),
        "income": link("books_journal", **asked.days, side="into"),
    }
    income = [
        (kind.label, fen, link("books_journal", **asked.days, side="into", kind=kind))
        for kind, fen in found.income
    ]
    spending = [
        (row.of.label, spent_figures(row, asked.days, "books_journal", programme=row.of.value))
        for row in found.spending
    ]
    sums = zip(found.totals, ("paid", "back", "set_off", "out"), strict=True)
    return _report(
        request, "funds/books_statement.html", asked, found=found, links=links, income=income,
        spending=spending, headings=SPENDING, checks=_statement_checks(found),
        sums=_figures(
            SPENDING, *((n, link("books_journal", **asked.days, side=s)) for n, s in sums)
        ),
        print_url=link("books_statement_print", **asked.same),
    )  # fmt: skip


def spent_figures(row, days, name, *args, net="out", **params):
    """What one programme, unit or household was paid, gave back, had set off, and got in all."""
    sides = ("paid", "back", "set_off", net)
    return _figures(
        SPENDING,
        *(
            (fen, link(name, *args, **days, side=side, **params))
            for fen, side in zip(row.figures, sides, strict=True)
        ),
    )


def _statement_cells(found):
    """The item, its amount, and of expenditure what was paid, came back and was set off."""
    yield _("Opening balance"), found.opening_fen
    for kind, fen in found.income:
        yield f"{_('Income')}: {kind.label}", fen
    yield _("Income in all"), found.income_fen
    for row in found.spending:
        yield f"{_('Expenditure')}: {row.of.label}", row.net_fen, *row.figures[:3]
    yield _("Expenditure in all"), found.spending_fen, *found.totals[:3]
    yield _("Closing balance"), found.closing_fen


def _statement_checks(found):
    """Whether it agrees with itself, with the journal, and with the closed months."""
    checks = [
        (_("Opening balance, income and expenditure make the closing balance."), found.adds_up),
        (
            _("All entries of the journal up to the last day make the closing balance."),
            found.journal_fen == found.closing_fen,
        ),
    ]
    if found.month_opening_fen is not None:
        checks.append((
            _("The closed month that begins on the first day opens with the opening balance."),
            found.month_opening_fen == found.opening_fen,
        ))  # fmt: skip
    if found.month_closing_fen is not None:
        checks.append((
            _("The closed month that ends on the last day closes with the closing balance."),
            found.month_closing_fen == found.closing_fen,
        ))  # fmt: skip
    return [{"result": "ok" if right else "stop", "text": text} for text, right in checks]


@require_safe
@never_cache
def books_statement_print(request):
    """资金收支表 on A4."""
    asked = _asked(request)
    found = books.statement(asked.funds, asked.since, asked.until)
    with translation.override("zh-hans"):  # paper is Chinese in whatever language it is asked for
        income = [(str(kind.label), fen) for kind, fen in found.income]
        spending = [(str(row.of.label), row.figures) for row in found.spending]
    return _report(
        request, "funds/books_statement_print.html", asked, found=found, income=income,
        spending=spending, back=link("books_statement", **asked.same),
    )  # fmt: skip


# By purpose, by unit, by household


@require_safe
@never_cache
def books_purposes(request):
    """The budgets of each programme: what was set aside, spent and is left."""
    asked = _asked(request)
    found = books.by_purpose(asked.funds, asked.since, asked.until)
    if request.GET.get("export") == "xlsx":
        columns = [Column("programme", _("Programme")), *_money(PURPOSES)]
        rows = [(str(row.programme.label), *row.figures) for row in found]
        return export(request, _("By purpose"), columns, rows)
    rows = [
        (row.programme.label, _purpose_figures(row.figures, asked, row.programme.value))
        for row in found
    ]
    sums = [sum(column) for column in zip(*(row.figures for row in found), strict=True)]
    return _report(
        request, "funds/books_sums.html", asked, rows=rows, headings=PURPOSES,
        sums=_purpose_figures(sums, asked, ALL) if found else [],
        title=_("By purpose"), first=_("Programme"),
        lead=_("What was set aside for each programme, what of it was spent, and what is left."),
    )  # fmt: skip


def _purpose_figures(figures, asked, code):
    before, upto = asked.upto
    places = (before, asked.days | {"side": "into"}, asked.days | {"side": "out"}, upto)
    return _figures(
        PURPOSES,
        *(
            (fen, link("books_purpose", code, **params))
            for fen, params in zip(figures, places, strict=True)
        ),
    )


@require_safe
@never_cache
def books_units(request):
    """What the households of each grassroots union were paid."""
    asked = _asked(request)
    found = books.by_unit(asked.funds, asked.since, asked.until)
    if request.GET.get("export") == "xlsx":
        columns = [Column("unit", _("Grassroots union"), width=28), *_money(SPENDING)]
        return export(
            request, _("By unit"), columns, [(row.of.name, *row.figures) for row in found]
        )
    rows = [
        (row.of.name, spent_figures(row, asked.days, "books_unit", row.of.pk, net=""))
        for row in found
    ]
    # What was paid was paid on a case, and a case is of one unit: all of it stands in the journal.
    sums = spent_figures(books.summed(found), asked.days, "books_journal")
    return _report(
        request, "funds/books_sums.html", asked, rows=rows, headings=SPENDING, sums=sums,
        title=_("By unit"), first=_("Grassroots union"),
        lead=_("What the households of each grassroots union were paid, by the unit of the case."),
    )  # fmt: skip


@require_safe
@never_cache
def books_households(request):
    """The households that were paid something; each opens its ledger."""
    companies = request.actor.companies(*books.BOOK_READERS)
    asked = _asked(request, HouseholdFilter, always=False, companies=companies)
    chosen = asked.filters.chosen
    rows = books.households(
        asked.funds, asked.since, asked.until, q=chosen.get("q", ""), unit=chosen.get("unit")
    )
    named = asked.company is not None and sees_names(request.actor, asked.company.pk)
    if request.GET.get("export") == "xlsx":
        found = _households(rows.order_by("-pk")[: MOST_ROWS + 1], asked, named)
        cells = [(row.of.number, name, row.of.unit.name, *row.figures) for row, name in found]
        columns = [
            Column("number", _("Dossier number"), width=18), Column("name", _("Name")),
            Column("unit", _("Grassroots union"), width=24), *_money(SPENDING),
        ]  # fmt: skip
        return export(request, _("By household"), columns, cells)
    page = keyset.paginate(rows, order=("-pk",), cursor=request.GET.get("cursor", ""))
    shown = [
        (row.of, name, spent_figures(row, asked.days, "books_household", row.of.pk, net=""))
        for row, name in _households(page.rows, asked, named)
    ]
    return _report(
        request, "funds/books_households.html", asked, page=page, shown=shown, headings=SPENDING,
        narrowed=bool(chosen),
    )  # fmt: skip


def _households(rows, asked, named):
    """[(Spending, name as the reader may read it)] of some households; one query."""
    return [
        (row, row.of.head.name if named else mask_name(row.of.head.name))
        for row in books.paid_to(list(rows), asked.funds, asked.since, asked.until)
    ]
