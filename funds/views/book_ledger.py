"""The ledgers of the books, on the screen and on A4: journal, account, purpose, unit, household."""

from dataclasses import dataclass, field
from itertools import groupby

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from base import keyset
from base.canonical import digest
from base.masking import mask_name
from base.xlsx import Column
from cases.models import Case
from cases.workflow import Programme
from funds import books
from funds.forms.books import (
    ACCOUNT_SIDES,
    CASE_SIDES,
    JOURNAL_SIDES,
    PURPOSE_SIDES,
    BookFilter,
    JournalFilter,
    units_of,
)
from funds.lists import sees_names
from funds.models import Account, Kind
from funds.views.books import ALL, link, read, spent_figures
from people.models import Unit
from people.roles import check_any
from people.views.lists import MOST_ROWS, export, place

PAGE = 50


@dataclass(frozen=True)
class Columns:
    """What the three columns of a ledger are called: into it, out of it, after each entry."""

    screen: tuple
    paper: tuple


MONEY = Columns(
    (
        gettext_lazy("Income (yuan)"),
        gettext_lazy("Expenditure (yuan)"),
        gettext_lazy("Balance (yuan)"),
    ),
    ("收入", "支出", "余额"),
)
TWO_SIDES = Columns(
    (gettext_lazy("Debit (yuan)"), gettext_lazy("Credit (yuan)"), gettext_lazy("Balance (yuan)")),
    ("借方", "贷方", "余额"),
)
PURPOSE = Columns(
    (gettext_lazy("Set aside (yuan)"), gettext_lazy("Spent (yuan)"), gettext_lazy("Left (yuan)")),
    ("拨入", "支出", "结余"),
)
RECEIVED = Columns(
    (
        gettext_lazy("Paid out (yuan)"), gettext_lazy("Came back or set off (yuan)"),
        gettext_lazy("Received so far (yuan)"),
    ),
    ("发放", "退回、扣除", "累计实领"),
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One ledger as a page and as a paper: what it and its columns are called, and its address."""

    title: str
    lead: str
    ledger: books.Ledger
    columns: Columns
    filters: BookFilter
    address: tuple  # the name and its arguments
    company: Unit | None
    paper: str  # the heading on paper, and what stands over the table there
    subject: str
    grants: list = field(default_factory=list)  # what a household was granted, case by case

    @property
    def two_sided(self):
        return self.columns is TWO_SIDES

    @property
    def whole(self):
        """Whether it is the journal, where money also moves between accounts."""
        return self.columns is MONEY

    @property
    def url(self):
        return self._link(self.address[0])

    @property
    def print_url(self):
        return self._link(f"{self.address[0]}_print")

    def _link(self, name):
        """With the days and the fund; what else was asked for would leave gaps on paper."""
        chosen = self.filters.chosen
        asked = {"since": chosen.get("since"), "until": chosen.get("until")}
        fund = chosen.get("fund")
        return link(name, *self.address[1:], fund=fund and fund.pk, **asked)


def _of_company(funds, company_id, fund):
    return [f for f in funds if f.company_id == company_id and fund in (None, f)]


def _of_first(funds, fund):
    """The funds asked for: one, or all of the company whose fund comes first."""
    company_id = (fund or funds[0]).company_id if funds else None
    return _of_company(funds, company_id, fund)


def _source(fund):
    return f"资金来源：{fund.name if fund else '全部'}"


def _journal(request):
    funds = read(request)
    companies = {fund.company_id for fund in funds}
    filters = JournalFilter(request.GET, funds=funds, sides=JOURNAL_SIDES, companies=companies)
    fund = filters.chosen.get("fund")
    own = _of_first(funds, fund)
    return Sheet(
        title=_("Journal"),
        lead=_("Every entry of every fund, with the money in the bank after each."),
        ledger=books.journal(own),
        columns=MONEY,
        filters=filters,
        address=("books_journal",),
        company=own[0].company if own else None,
        paper="帮扶资金日记账",
        subject=_source(fund),
    )


def _account(request, pk):
    check_any(request.actor, *books.BOOK_READERS)
    accounts = Account.objects.filter(fund__in=books.funds_of(request.actor))
    account = get_object_or_404(accounts.select_related("fund__company"), pk=pk)
    filters = BookFilter(request.GET, funds=[account.fund], sides=ACCOUNT_SIDES)
    del filters.fields["fund"]
    return Sheet(
        title=f"{account.fund.name} · {account}",
        lead=_("One account with both sides, as the trial balance counts it."),
        ledger=books.of_account(account),
        columns=TWO_SIDES,
        filters=filters,
        address=("books_account", pk),
        company=account.fund.company,
        paper="明细账",
        subject=f"{account.fund.name}　{account}",
    )


def _purpose(request, programme):
    """The budgets of one programme, or of all of them, together."""
    funds = read(request)
    filters = BookFilter(request.GET, funds=funds, sides=PURPOSE_SIDES)
    fund = filters.chosen.get("fund")
    own = _of_first(funds, fund)
    code = "" if programme == ALL else programme
    title = Programme(code).label if code else _("All programmes")
    return Sheet(
        title=title,
        lead=_("The budgets of one programme: set aside, spent, left.")
        if code
        else _("The budgets of all programmes: set aside, spent, left."),
        ledger=books.of_purpose(own, code),
        columns=PURPOSE,
        filters=filters,
        address=("books_purpose", programme),
        company=own[0].company if own else None,
        paper="帮扶项目资金明细账",
        subject=f"帮扶项目：{title}　{_source(fund)}",
    )


def _unit(request, pk):
    funds = read(request)
    unit = get_object_or_404(units_of({fund.company_id for fund in funds}), pk=pk)
    filters = BookFilter(request.GET, funds=funds, sides=CASE_SIDES)
    fund = filters.chosen.get("fund")
    own = _of_company(funds, unit.company_id, fund)
    return Sheet(
        title=unit.name,
        lead=_("What the households of this grassroots union were paid."),
        ledger=books.of_unit(own, unit),
        columns=RECEIVED,
        filters=filters,
        address=("books_unit", pk),
        company=own[0].company if own else None,
        paper="基层工会帮扶资金明细账",
        subject=f"单位：{unit.name}　{_source(fund)}",
    )


def _household(request, pk):
    check_any(request.actor, *books.BOOK_READERS)
    rows = books.households_of(request.actor).select_related("head", "unit", "company")
    dossier = get_object_or_404(rows, pk=pk)
    funds = list(books.funds_of(request.actor))
    filters = BookFilter(request.GET, funds=funds, sides=CASE_SIDES)
    own = _of_company(funds, dossier.company_id, filters.chosen.get("fund"))
    named = sees_names(request.actor, dossier.company_id)
    name = dossier.head.name if named else mask_name(dossier.head.name)
    return Sheet(
        title=f"{dossier.number} {name}",
        lead=_("What this household was granted, paid, returned and set off."),
        ledger=books.of_household(own, dossier),
        columns=RECEIVED,
        filters=filters,
        address=("books_household", pk),
        company=dossier.company,
        paper="困难职工家庭帮扶资金明细账",
        subject=f"户号：{dossier.number}　户主：{name}　单位：{dossier.unit.name}",
        grants=books.grants(own, dossier),
    )


# On the screen


@require_safe
@never_cache
def books_journal(request):
    """Every entry of every fund, newest first, with the money in the bank after each."""
    return _ledger(request, _journal(request))


@require_safe
@never_cache
def books_account(request, pk):
    return _ledger(request, _account(request, pk))


@require_safe
@never_cache
def books_purpose(request, programme):
    if programme not in (ALL, *Programme.values):
        return redirect("funds:books_purposes")
    return _ledger(request, _purpose(request, programme))


@require_safe
@never_cache
def books_unit(request, pk):
    """What the households of one unit were paid."""
    return _ledger(request, _unit(request, pk))


@require_safe
@never_cache
def books_household(request, pk):
    """What one household was granted and paid, entry by entry."""
    sheet = _household(request, pk)
    pks = [row.of.pk for row in sheet.grants]
    visible = Case.objects.visible_to(request.actor).filter(pk__in=pks)
    seen = set(visible.values_list("pk", flat=True)) if pks else set()
    fund = {"fund": request.GET.get("fund")}
    shown = [
        (
            row.of,
            row.of.pk in seen,
            spent_figures(row, fund, "books_household", pk, net="", q=row.of.number),
        )
        for row in sheet.grants
    ]
    return _ledger(
        request, sheet, grants=shown,
        granted_fen=sum(row.of.granted_fen or 0 for row in sheet.grants),
        sums=spent_figures(books.summed(sheet.grants), fund, "books_household", pk, net=""),
    )  # fmt: skip


def _ledger(request, sheet, **context):
    """A page of entries, newest first: sums of what is listed, balance after each entry."""
    chosen = {name: value for name, value in sheet.filters.chosen.items() if name != "fund"}
    narrowed = sheet.ledger.narrowed(**chosen)
    if request.GET.get("export") == "xlsx":
        found = list(narrowed.order_by(*books.ORDER)[: MOST_ROWS + 1])
        if len(found) <= MOST_ROWS:
            found = [_cells(sheet, row) for row in _put(request, sheet, found)]
        return export(request, sheet.title, _ledger_columns(sheet), found)
    page = keyset.paginate(
        narrowed, order=books.ORDER, cursor=request.GET.get("cursor", ""), size=PAGE
    )
    return render(
        request,
        "funds/books_ledger.html",
        {
            "sheet": sheet,
            "filters": sheet.filters,
            "narrowed": bool(sheet.filters.chosen),
            "page": page,
            "rows": _put(request, sheet, page.rows),
            "totals": _totals(sheet, narrowed),
            "export_url": place(request, export="xlsx"),
        }
        | context,
    )


def _totals(sheet, rows):
    """How many are listed, the sums of both columns, and what they come to. One query."""
    totals = books.totals(rows)
    return totals | _end(sheet, totals["into"] - totals["out"])


def _put(request, sheet, rows):
    """The entries loaded, each with its balance, programme, name as the actor may read it, and
    the two hands."""
    after = sheet.ledger.balances_after(rows)
    named = {}
    loaded = books.loaded(rows) if rows else []
    for row in loaded:
        company = row.fund.company_id
        if company not in named:
            named[company] = sees_names(request.actor, company)
        row.programme = books.programme_of(row)
        row.told = row.name and (row.name if named[company] else mask_name(row.name))
        row.handled = row.maker or row.by.name
        row.checked = row.by.name if row.maker else ""
        row.inside = sheet.whole and not row.into_fen and not row.out_fen
        row.balance = _end(sheet, after[row.pk])
    return loaded


def _end(sheet, fen):
    """A balance, with the side it stands on where a ledger has two."""
    return {"fen": abs(fen), "way": _way(fen)} if sheet.two_sided else {"fen": fen, "way": ""}


def _way(fen):
    """On which side a balance stands."""
    return _("even") if fen == 0 else _("debit") if fen > 0 else _("credit")


def _ledger_columns(sheet):
    into, out, balance = sheet.columns.screen
    return [
        Column("value_on", _("Date"), kind="date"),
        Column("voucher", _("Voucher number"), width=20),
        Column("kind", _("Kind"), kind="choice", choices=tuple(Kind.choices), width=16),
        Column("note", _("Summary"), width=32),
        Column("fund", _("Fund"), width=20),
        Column("programme", _("Programme")),
        Column("dossier", _("Dossier number"), width=18),
        Column("name", _("Name")),
        Column("unit", _("Grassroots union"), width=24),
        Column("case", _("Case number"), width=18),
        Column("into", into, kind="money"),
        Column("out", out, kind="money"),
        *([Column("inside", _("Between accounts (yuan)"), kind="money")] if sheet.whole else []),
        *([Column("way", _("Side"))] if sheet.two_sided else []),
        Column("balance", balance, kind="money"),
        Column("decision", _("Budget decision"), width=18),
        Column("meeting", _("Meeting number"), width=18),
        Column("notice", _("Notice number"), width=18),
        Column("batch", _("Batch number"), width=18),
        Column("handled", _("Handled by")),
        Column("checked", _("Checked by")),
    ]


def _cells(sheet, row):
    """One entry as a row of the workbook."""
    whole = [row.amount_fen if row.inside else 0] if sheet.whole else []
    side = [row.balance["way"]] if sheet.two_sided else []
    return (
        row.value_on, row.voucher, row.kind, row.note, row.fund.name, str(row.programme),
        row.dossier_number or "", row.told or "", row.unit_name or "", row.case_number or "",
        row.into_fen, row.out_fen, *whole, *side, row.balance["fen"], row.decision_number or "",
        row.meeting_number or "", row.notice_number or "", row.batch_number or "", row.handled,
        row.checked,
    )  # fmt: skip


# On paper


@require_safe
@never_cache
def books_journal_print(request):
    """日记账 on A4."""
    return _printed(request, _journal)


@require_safe
@never_cache
def books_account_print(request, pk):
    """明细账 of one account on A4."""
    return _printed(request, _account, pk)


@require_safe
@never_cache
def books_purpose_print(request, programme):
    """The ledger of one programme on A4."""
    if programme not in (ALL, *Programme.values):
        return redirect("funds:books_purposes")
    return _printed(request, _purpose, programme)


@require_safe
@never_cache
def books_unit_print(request, pk):
    """The ledger of one grassroots union on A4."""
    return _printed(request, _unit, pk)


@require_safe
@never_cache
def books_household_print(request, pk):
    """The ledger of one household on A4, under what it was granted."""
    return _printed(request, _household, pk)


def _printed(request, make, *args):
    """A ledger in order of the days, from what was carried forward to what is left, with the sums
    of each month."""
    check_any(request.actor, *books.BOOK_READERS)
    with translation.override("zh-hans"):  # paper is Chinese in whatever language it is asked for
        sheet = make(request, *args)
        since, until = (sheet.filters.chosen.get(name) for name in ("since", "until"))
        narrowed = sheet.ledger.narrowed(since=since, until=until)
        rows = list(narrowed.order_by("value_on", "pk")[: MOST_ROWS + 1])
        if len(rows) <= MOST_ROWS:
            lines = _lines(request, sheet, rows, since)
    if len(rows) > MOST_ROWS:
        words = _("More than %(most)s rows: choose fewer days and print again.")
        messages.error(request, words % {"most": f"{MOST_ROWS:,}"})
        return redirect(sheet.url)
    printed = {"printed_at": timezone.now(), "printed_by": request.user.name}
    here = {"sheet": sheet, "since": since, "until": until}
    return render(request, "funds/books_ledger_print.html", here | lines | printed)


def _lines(request, sheet, rows, since):
    """What stands on the paper of a ledger: opening, months, sums, closing, fingerprint."""
    opening = fen = sheet.ledger.before(since)
    figures = [[row.voucher, row.into_fen, row.out_fen] for row in rows]
    loaded = _put(request, sheet, rows)
    for row in loaded:
        row.kind_words, row.programme = str(row.get_kind_display()), str(row.programme)
        row.moved = f"{row.credit}转{row.debit}" if row.inside else ""
    months = []
    for (year, month), found in groupby(loaded, key=lambda r: (r.value_on.year, r.value_on.month)):
        own = list(found)
        into, out = (sum(getattr(row, name) for row in own) for name in ("into_fen", "out_fen"))
        fen += into - out
        months.append({
            "rows": own, "words": f"{year} 年 {month} 月合计", "into": into, "out": out,
            "end": _end(sheet, fen),
        })  # fmt: skip
    grants = [
        (row.of.number, str(row.of.get_programme_display()), row.of.granted_fen or 0, row.figures)
        for row in sheet.grants
    ]
    return {
        "grants": grants,
        "opening": _end(sheet, opening),
        "months": months,
        "closing": _end(sheet, fen),
        "into_fen": sum(row.into_fen for row in rows),
        "out_fen": sum(row.out_fen for row in rows),
        "fingerprint": digest([opening, figures, fen]),
    }
