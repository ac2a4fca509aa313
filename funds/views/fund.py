"""Funds and their ledger: what is there, what is reserved, and every entry that moved it."""

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base import keyset
from base.masking import mask_name
from base.xlsx import Column
from cases.models import Case
from funds import actions
from funds.forms.fund import (
    FundForm,
    LedgerFilter,
    ReceiveForm,
    ReverseForm,
    entry_key,
)
from funds.lists import sees_names
from funds.models import INCOME, Account, Fund, Kind, Transfer
from funds.models.ledger import MONEY_READERS
from people.roles import NotAllowed, Role, check_any
from people.views.lists import MOST_ROWS, export, place

PAGE = 50
FORM = ["GET", "HEAD", "POST"]

FUND_COLUMNS = (
    Column("code", gettext_lazy("Code")),
    Column("name", gettext_lazy("Name"), width=28),
    Column("year", gettext_lazy("Year"), kind="int"),
    Column("account", gettext_lazy("Account"), width=24),
    Column("balance", gettext_lazy("Balance (yuan)"), kind="money"),
    Column("held", gettext_lazy("Reserved (yuan)"), kind="money"),
    Column("available", gettext_lazy("Available (yuan)"), kind="money"),
)
LEDGER_COLUMNS = (
    Column("value_on", gettext_lazy("Date"), kind="date"),
    Column("voucher", gettext_lazy("Voucher number"), width=20),
    Column("kind", gettext_lazy("Kind"), kind="choice", choices=tuple(Kind.choices), width=16),
    Column("note", gettext_lazy("Summary"), width=32),
    Column("credit", gettext_lazy("From account"), width=20),
    Column("debit", gettext_lazy("To account"), width=20),
    Column("case", gettext_lazy("Case number"), width=18),
    Column("name", gettext_lazy("Name")),
    Column("batch", gettext_lazy("Batch number"), width=18),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("balance", gettext_lazy("Balance (yuan)"), kind="money"),
    Column("by", gettext_lazy("Booked by")),
)


def sent(request):
    """What a form is bound to: what was sent, even when it was nothing."""
    return request.POST if request.method == "POST" else None


def _get_fund(request, pk, *roles):
    """The fund if the actor may see it (else 404) and may book on it (else 403)."""
    fund = get_object_or_404(
        Fund.objects.visible_to(request.actor).select_related("company"), pk=pk
    )
    if roles and (reason := actions.why_not_book(fund, request.actor, *roles)):
        raise NotAllowed(reason)
    return fund


# Funds


@require_safe
def fund_list(request):
    """Every fund with its budgets, in a fixed number of queries."""
    check_any(request.actor, *MONEY_READERS)
    page = keyset.paginate(
        Fund.objects.visible_to(request.actor).for_list(),
        order=("company", "code", "pk"),
        cursor=request.GET.get("cursor", ""),
        size=20,
    )
    rows = _with_accounts(page.rows)
    if request.GET.get("export") == "xlsx":
        return export(request, _("Funds"), FUND_COLUMNS, [*_fund_cells(rows)])
    may_open = bool(request.actor.companies(Role.ACCOUNTANT))
    return render(
        request,
        "funds/fund_list.html",
        {
            "page": page,
            "rows": rows,
            "series": [_("Paid"), _("Reserved"), _("Available")],
            "may_open": may_open,
            "export_url": place(request, export="xlsx"),
        },
    )


def _with_accounts(funds):
    """[{fund, balance, held, available, pool, budgets, chart}] of some funds; two queries."""
    accounts = {}
    for account in Account.objects.filter(fund__in=funds).in_bank().for_list():
        accounts.setdefault(account.fund_id, []).append(account)
    paid = _paid(funds)
    rows = []
    for fund in funds:
        own = accounts.get(fund.pk, [])
        budgets = [account for account in own if account.kind == Account.Kind.BUDGET]
        for budget in budgets:
            budget.paid_fen = paid.get(budget.pk, 0)
        rows.append(
            _sums(own)
            | {
                "fund": fund,
                "pool": next((a for a in own if a.kind == Account.Kind.POOL), None),
                "budgets": budgets,
                "bars": [
                    (str(b), [b.paid_fen / 100, b.held_fen / 100, b.available_fen / 100])
                    for b in budgets
                ],
            }
        )
    return rows


def _sums(accounts):
    """Balance, reserved and available of the accounts that are money in the bank."""
    balance = sum(account.balance_fen for account in accounts if account.in_bank)
    held = sum(account.held_fen for account in accounts)
    return {"balance_fen": balance, "held_fen": held, "available_fen": balance - held}


def _paid(funds):
    """{budget pk: fen paid from it and not returned} in one query."""
    paid = {}
    moved = (
        Transfer.objects.filter(
            Q(debit__kind=Account.Kind.SPENT) | Q(credit__kind=Account.Kind.SPENT), fund__in=funds
        )
        .values("debit__kind", "debit", "credit")
        .annotate(total=Sum("amount_fen"))
        .order_by()
    )
    for row in moved:
        spent = row["debit__kind"] == Account.Kind.SPENT
        budget, sign = (row["credit"], 1) if spent else (row["debit"], -1)
        paid[budget] = paid.get(budget, 0) + sign * row["total"]
    return paid


def _fund_cells(rows):
    for row in rows:
        for account in [row["pool"], *row["budgets"]]:
            if account is not None:
                yield (
                    row["fund"].code, row["fund"].name, account.year, str(account),
                    account.balance_fen, account.held_fen, account.available_fen,
                )  # fmt: skip


@require_http_methods(FORM)
def fund_new(request):
    check_any(request.actor, Role.ACCOUNTANT)
    form = FundForm(sent(request), actor=request.actor)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "funds/fund_new.html", {"form": form}, status=status)
    data = form.cleaned_data
    fund = actions.create_fund(
        company=data["company"], code=data["code"], name=data["name"],
        programmes=data["programmes"], standings=data["standings"],
        ceiling_fen=data["ceiling"], by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The fund was opened."))
    return redirect(fund)


# Ledger


@require_safe
@never_cache
def ledger(request, pk):
    """The journal, newest first, with the balance after each entry; a fixed number of queries."""
    fund = _get_fund(request, pk)
    accounts = list(fund.accounts.for_list())
    for row in accounts:
        row.shown_fen = -row.balance_fen if row.kind == Account.Kind.SOURCE else row.balance_fen
    filters = LedgerFilter(request.GET, fund=fund)
    chosen = filters.chosen
    account = chosen.get("account")
    seen = [account] if account else [a for a in accounts if a.in_bank]
    journal = Transfer.objects.filter(fund=fund)
    rows = journal.for_ledger().narrowed(**chosen)
    named = sees_names(request.actor, fund.company_id)
    if request.GET.get("export") == "xlsx":
        found = list(rows[: MOST_ROWS + 1])
        _balances(journal, seen, found[:MOST_ROWS])
        _names(found, named=named)
        return export(request, f"{_('Ledger')} {fund.code}", LEDGER_COLUMNS, _entry_cells(found))
    page = keyset.paginate(
        rows.order_by(), order=("-pk",), cursor=request.GET.get("cursor", ""), size=PAGE
    )
    _balances(journal, seen, page.rows)
    _names(page.rows, named=named)
    cases = [row.case_id for row in page.rows if row.case_id]
    visible = Case.objects.visible_to(request.actor).filter(pk__in=cases)
    return render(
        request,
        "funds/ledger.html",
        _sums(accounts)
        | {
            "fund": fund,
            "accounts": accounts,
            "account": account,
            "filters": filters,
            "filtered": bool(chosen),
            "page": page,
            "totals": _totals(rows, seen),
            "cases": set(visible.values_list("pk", flat=True)),
            "reversible": _reversible(fund, page.rows, request.actor),
            "export_url": place(request, export="xlsx"),
            "may_receive": not actions.why_not_book(
                fund, request.actor, Role.CASHIER, Role.ACCOUNTANT
            ),
            "may_plan": not actions.why_not_draft_budget(fund, request.actor),
        },
    )


def _sign(accounts):
    """What came in is counted negative and shown positive."""
    return -1 if [a.kind for a in accounts] == [Account.Kind.SOURCE] else 1


def _balances(journal, accounts, rows):
    """Put `balance_fen` on each row."""
    after = journal.balances_after(accounts, rows)
    for row in rows:
        row.balance_fen = _sign(accounts) * after[row.pk]


def _totals(rows, accounts):
    """How many entries, and what they brought into these accounts and took out. One query."""
    into, out = "signed_fen__gt", "signed_fen__lt"
    if _sign(accounts) < 0:
        into, out = out, into
    found = rows.order_by().signed(accounts).aggregate(
        count=Count("pk"),
        into=Sum("signed_fen", filter=Q(**{into: 0}), default=0),
        out=Sum("signed_fen", filter=Q(**{out: 0}), default=0),
    )  # fmt: skip
    return {"count": found["count"], "into": abs(found["into"]), "out": abs(found["out"])}


def _names(rows, *, named):
    """Put on each row the name of its household, whole or masked."""
    for row in rows:
        name = row.case.applicant.name if row.case else ""
        row.told = name if named else mask_name(name)


def _reversible(fund, rows, actor):
    """Pks of the entries the actor may turn round; the rows carry what the question needs."""
    if actions.why_not_book(fund, actor, Role.ACCOUNTANT):
        return set()
    return {
        row.pk
        for row in rows
        if row.kind in INCOME and row.by_id != actor.user_id and not hasattr(row, "reversed_by")
    }


def _entry_cells(rows):
    return [
        (
            row.value_on, row.voucher, row.kind, row.note, str(row.credit), str(row.debit),
            row.case.number if row.case else "", row.told,
            row.batch.number if row.batch else "", row.amount_fen,
            getattr(row, "balance_fen", None), row.by.name,
        )
        for row in rows
    ]  # fmt: skip


# Entries


def _form_page(request, template, form, **context):
    status = 422 if form.errors else 200
    return render(request, template, {"form": form} | context, status=status)


def _booked(request, data):
    """What every booking takes from its form."""
    return {
        "amount_fen": data["amount"], "note": data["note"], "key": entry_key(data["key"]),
        "by": request.user, "at": timezone.now(),
    }  # fmt: skip


@require_http_methods(FORM)
@never_cache
def receive(request, pk):
    fund = _get_fund(request, pk, Role.CASHIER, Role.ACCOUNTANT)
    given = {name: request.GET[name] for name in ReceiveForm.GIVEN if name in request.GET}
    form = ReceiveForm(sent(request), today=timezone.localdate(), fund=fund, initial=given)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "funds/receive.html", form, fund=fund)
    data = form.cleaned_data
    actions.receive(
        fund=fund, kind=data["kind"], value_on=data["value_on"], **form.of_donor,
        **_booked(request, data),
    )  # fmt: skip
    messages.success(request, _("The receipt was booked."))
    return redirect(fund)


@require_http_methods(FORM)
@never_cache
def reverse(request, pk):
    """Sent twice, it makes one reversal: the second time leads to the ledger too."""
    transfer = get_object_or_404(
        Transfer.objects.filter(fund__in=Fund.objects.visible_to(request.actor)).for_ledger(), pk=pk
    )
    form = ReverseForm(sent(request))
    again = request.method == "POST" and form.is_valid() and hasattr(transfer, "reversed_by")
    same = again and transfer.reversed_by.key == entry_key(form.cleaned_data["key"])
    if not same and (reason := actions.why_not_reverse(transfer, request.actor)):
        raise NotAllowed(reason)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, "funds/reverse.html", form, transfer=transfer)
    data = form.cleaned_data
    actions.reverse(
        transfer=transfer, note=data["note"], key=entry_key(data["key"]), by=request.user,
        at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The entry was reversed."))
    return redirect(transfer.fund)
