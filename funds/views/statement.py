"""Bank statements: imported, matched with the reason for each match, and what stands alone."""

import io
from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import xlsx
from base.masking import mask_account, mask_name
from base.money import format_fen
from base.xlsx import Column
from funds import actions, layouts, tasks
from funds.forms.statement import (
    BankAccountForm,
    ExplainForm,
    LineFilter,
    MatchForm,
    StatementFilter,
    StatementForm,
    UndoForm,
)
from funds.models import (
    OF_RUN,
    BankAccount,
    Match,
    Statement,
    StatementImport,
    StatementLine,
    Transfer,
)
from funds.models.period import month_ends
from funds.models.statement import STATEMENT_READERS, entries
from funds.views.fund import FORM, sent
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing, workbook

DAY = timedelta(days=1)
STATEMENT_COLUMNS = (
    Column("account", gettext_lazy("Bank account"), width=28),
    Column("since", gettext_lazy("First day"), kind="date"),
    Column("until", gettext_lazy("Last day"), kind="date"),
    Column("opening", gettext_lazy("Opening balance (yuan)"), kind="money"),
    Column("closing", gettext_lazy("Closing balance (yuan)"), kind="money"),
    Column("lines", gettext_lazy("Lines"), kind="int"),
    Column("open", gettext_lazy("Not matched"), kind="int"),
    Column("by", gettext_lazy("Imported by")),
)
LINE_COLUMNS = (
    Column("seq", gettext_lazy("No."), kind="int", width=8),
    Column("on", gettext_lazy("Date"), kind="date"),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("balance", gettext_lazy("Balance (yuan)"), kind="money"),
    Column("name", gettext_lazy("Other party")),
    Column("account", gettext_lazy("Account of the other party")),
    Column("text", gettext_lazy("Text of the bank"), width=32),
    Column("reference", gettext_lazy("Bank reference"), width=22),
    Column("state", gettext_lazy("State"), width=40),
)


def _check(reason):
    if reason:
        raise NotAllowed(reason)


def named(actor, company_id):
    """Whether the actor reads whole names of the other side; the auditor does not."""
    return company_id in actor.companies(Role.CASHIER, Role.ACCOUNTANT)


def put_side(row, full):
    """Put `name`, `account` and `text` on a line as they may be shown."""
    side = row.side
    row.name = side.name if full else mask_name(side.name)
    row.account = mask_account(side.account)
    row.text = side.text
    if not full and side.name:
        row.text = row.text.replace(side.name, row.name)
    return row


# Bank accounts


@require_http_methods(FORM)
def bank_account_new(request):
    check_any(request.actor, Role.ACCOUNTANT)
    return _bank_account(request, None)


@require_http_methods(FORM)
@never_cache
def bank_account_edit(request, pk):
    account = get_object_or_404(BankAccount.objects.visible_to(request.actor), pk=pk)
    if account.company_id not in request.actor.companies(Role.ACCOUNTANT):
        raise NotAllowed(_("Only the accountant registers a bank account."))
    return _bank_account(request, account)


def _bank_account(request, account):
    form = BankAccountForm(sent(request), actor=request.actor, bank_account=account)
    if request.method == "POST" and form.is_valid():
        actions.save_bank_account(
            bank_account=account, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("The bank account was saved."))
        return redirect("funds:statement_list")
    status = 422 if form.errors else 200
    context = {"form": form, "account": account}
    return render(request, "funds/bank_account.html", context, status=status)


# Statements


@require_safe
def statement_list(request):
    """Every statement, the newest first; a fixed number of queries."""
    check_any(request.actor, *STATEMENT_READERS)
    filters = StatementFilter(request.GET, actor=request.actor)
    accounts = list(BankAccount.objects.visible_to(request.actor).for_list())
    return listing(
        request,
        "funds/statement_list.html",
        rows=Statement.objects.visible_to(request.actor).for_list().narrowed(**filters.chosen),
        order=("-until", "-pk"),
        title=_("Bank statements"),
        columns=STATEMENT_COLUMNS,
        cells=_statement_cells,
        filters=filters,
        accounts=accounts,
        may_import=bool(request.actor.companies(Role.CASHIER)),
        may_register=bool(request.actor.companies(Role.ACCOUNTANT)),
    )


def _statement_cells(row):
    return (
        str(row.bank_account), row.since, row.until, row.opening_fen, row.closing_fen,
        row.lines_count, row.open_count, row.by.name,
    )  # fmt: skip


@require_http_methods(FORM)
@never_cache
def statement_import(request):
    """Upload a statement and have it checked; the day and balance it begins with are known."""
    check_any(request.actor, Role.CASHIER)
    initial = _next(request.actor)
    form = StatementForm(
        sent(request), request.FILES or None, actor=request.actor, today=timezone.localdate(),
        initial=initial,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        upload = actions.receive_statement(
            reading=form.reading, file=data["file"], bank_account=data["bank_account"],
            since=data["since"], until=data["until"], opening_fen=data["opening"],
            closing_fen=data["closing"], by=request.user, at=timezone.now(),
        )  # fmt: skip
        return redirect(upload)
    uploads = StatementImport.objects.visible_to(request.actor).for_list()[:10]
    context = {"form": form, "uploads": uploads, "ready": bool(initial)}
    return render(
        request, "funds/statement_import.html", context, status=422 if form.errors else 200
    )


def _next(actor):
    """What the next statement begins with, for the account imported last; {} without account."""
    accounts = BankAccount.objects.filter(company__in=actor.companies(Role.CASHIER))
    last = Statement.objects.filter(bank_account__in=accounts).order_by("-until", "-pk").first()
    if last is None:
        account = accounts.for_list().first()
        return {"bank_account": account.pk} if account else {}
    since = last.until + DAY
    return {
        "bank_account": last.bank_account_id, "since": since, "opening": last.closing_fen,
        "until": month_ends(since.year, since.month)[1],
    }  # fmt: skip


@require_safe
def statement_template(request):
    check_any(request.actor, Role.CASHIER)
    target = io.BytesIO()
    xlsx.write_template(target, layouts.template_columns(), title=_("Bank statement"))
    return workbook(_("Bank statement"), target.getvalue())


@require_safe
@never_cache
def statement_import_detail(request, pk):
    """What the dry run found, or what came of it; htmx asks for the state alone."""
    visible = StatementImport.objects.visible_to(request.actor)
    upload = get_object_or_404(visible.select_related("bank_account", "uploaded_by"), pk=pk)
    problems = upload.problem_list(get_language())
    earlier = upload.earlier()
    context = {
        "upload": upload,
        "problems": problems,
        "hidden_count": upload.problem_count - len(problems),
        # The files of two months without a line are the same, too.
        "earlier": earlier if earlier and earlier.since == upload.since else None,
    }
    part = "#state" if request.htmx else ""
    return render(request, f"funds/statement_import_detail.html{part}", context)


@require_POST
def statement_import_confirm(request, pk):
    upload = get_object_or_404(StatementImport.objects.visible_to(request.actor), pk=pk)
    upload = tasks.start_statement(upload=upload, by=request.user, at=timezone.now())
    if upload.statement_id is None:
        return redirect(upload)
    messages.success(request, _("The statement was imported, and what is clear was matched."))
    return redirect(upload.statement)


@require_safe
@never_cache
def statement_detail(request, pk):
    """The lines with what each belongs to and why, or what may be done about it."""
    statement = get_object_or_404(Statement.objects.visible_to(request.actor).for_list(), pk=pk)
    account = statement.bank_account
    actor = request.actor
    full = named(actor, account.company_id)
    may_match = not actions.why_not_match(account, actor)
    filters = LineFilter(request.GET)

    def shown(page):
        _put_matches(page.rows)
        waiting = [row for row in page.rows if not row.running]
        proposed, own = {}, []
        if may_match and waiting:
            proposed = actions.proposals(account, waiting)
            own = list(account.funds.for_list())
        for row in page.rows:
            put_side(row, full)
            row.proposal = _in_words(row, proposed.get(row.pk), own, actor)
        return page

    def cells(row):
        put_side(row, full)
        state = row.running[0].match.get_rule_display() if row.running else _("not matched")
        return (
            row.seq, row.booked_on, row.amount_fen, row.balance_fen, row.name, row.account,
            row.text, row.reference, state,
        )  # fmt: skip

    return listing(
        request,
        "funds/statement_detail.html",
        rows=statement.lines.for_list().narrowed(**filters.chosen),
        order=("seq", "pk"),
        title=f"{_('Bank statement')} {statement.since} {statement.until}",
        columns=LINE_COLUMNS,
        cells=cells,
        filters=filters,
        shown=shown,
        statement=statement,
        account=account,
        may_match=may_match,
    )


def _put_matches(rows):
    """Put `matched_with` on each matched line: vouchers of the other side. One query."""
    found = Match.objects.with_entries([row.running[0].match_id for row in rows if row.running])
    for row in rows:
        row.matched_with = found.get(row.running[0].match_id) if row.running else None


def _in_words(row, proposal, funds, actor):
    """What might be done about a line: {text, url, link_text}; None when nothing is proposed."""
    if proposal is None:
        return None
    if proposal.act == "RETURN":
        text = _("It looks like the return of the payment %(number)s.")
        return _link(
            text % {"number": proposal.about.run.number},
            reverse("funds:bounce", args=[proposal.about.pk]), _("Record the bank return"),
            not actions.why_not_bounce(proposal.about, actor),
        )  # fmt: skip
    if proposal.act == "POST":
        text = _("It looks like the payment %(number)s, which nobody has posted.")
        return _link(
            text % {"number": proposal.about.number}, proposal.about.get_absolute_url(),
            _("Look at the payment"), True,
        )  # fmt: skip
    if proposal.act in ("INTEREST", "DONATION", "RECEIVE"):
        text = {
            "INTEREST": _("It is interest that is not in the books."),
            "DONATION": _("It is a donation that is not in the books."),
            "RECEIVE": _("It came in and is not in the books."),
        }[proposal.act]
        asked = {
            "kind": proposal.act, "amount": format_fen(row.amount_fen),
            "value_on": row.booked_on.isoformat(), "note": row.side.text[:120],
        }  # fmt: skip
        links = [
            {"url": f"{reverse('funds:receive', args=[fund.pk])}?{urlencode(asked)}",
             "text": _("Book it: %(fund)s") % {"fund": fund.name}}
            for fund in funds
        ]  # fmt: skip
        return {"text": text, "links": links}
    if proposal.act == "CHOOSE":
        count = proposal.about
        text = ngettext(
            "%(count)s entry fits, but not clearly: choose by hand.",
            "%(count)s entries fit: choose by hand, and see whether one was booked twice.",
            count,
        ) % {"count": count}
        return {"text": text, "links": []}
    if proposal.act == "AMOUNT":
        day, fen = proposal.about
        text = _("The entry of %(day)s has %(fen)s yuan: was the amount mistyped?") % {
            "day": day.isoformat(), "fen": format_fen(fen)}  # fmt: skip
        return {"text": text, "links": []}
    if proposal.act == "CHARGE":
        text = _("A charge of the bank: the fund may not bear it. Ask the bank or the company.")
        return {"text": text, "links": []}
    return {"text": _("Nothing in the books fits; ask the bank what it is."), "links": []}


def _link(text, url, words, allowed):
    return {"text": text, "links": [{"url": url, "text": words}] if allowed else []}


@require_POST
def match_again(request, pk):
    statement = get_object_or_404(
        Statement.objects.visible_to(request.actor).select_related("bank_account"), pk=pk
    )
    count = actions.match_again(
        bank_account=statement.bank_account, by=request.user, at=timezone.now()
    )
    words = ngettext("%(count)s match was made.", "%(count)s matches were made.", count)
    messages.success(request, words % {"count": count})
    return redirect(statement)


# One line


def _get_line(request, pk):
    lines = StatementLine.objects.visible_to(request.actor)
    line = get_object_or_404(lines.select_related("statement", "bank_account", "side"), pk=pk)
    _check(actions.why_not_match(line.bank_account, request.actor))
    return put_side(line, named(request.actor, line.bank_account.company_id))


@require_http_methods(FORM)
@never_cache
def line_match(request, pk):
    """What may belong to a line, the likeliest first; chosen by hand, with equal sums."""
    line = _get_line(request, pk)
    singles, others = actions.match_candidates(line)
    runs = actions.open_runs(line.bank_account)
    form = MatchForm(
        sent(request), due_fen=line.amount_fen, offered={
            "runs": [(run["note"], _run_words(run), run["fen"]) for run in runs],
            "entries": [(row.pk, _entry_words(row), row.bank_fen) for row in singles],
            "lines": [(row.pk, _line_words(row), -row.amount_fen) for row in others],
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = {int(pk) for pk in data.get("entries", [])}
        taken = {int(pk) for pk in data.get("lines", [])}
        transfers = [row for row in singles if row.pk in chosen]
        if data.get("runs"):
            of_runs = actions.unmatched_entries(line.bank_account)
            transfers += of_runs.filter(kind__in=OF_RUN, note__in=data["runs"])
        actions.match_by_hand(
            lines=[line, *(row for row in others if row.pk in taken)], transfers=transfers,
            by=request.user, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The line was matched."))
        return redirect(line.statement)
    context = {"line": line, "form": form}
    return render(request, "funds/line_match.html", context, status=422 if form.errors else 200)


def _run_words(run):
    return _("%(number)s of %(day)s, %(count)s payments, %(fen)s yuan") % {
        "number": run["note"], "day": run["value_on"].isoformat(), "count": run["count"],
        "fen": format_fen(run["fen"]),
    }  # fmt: skip


def _entry_words(row):
    name = row.case.applicant.name if row.case_id else row.fund.name
    return _("%(day)s %(voucher)s, %(kind)s, %(fen)s yuan, %(name)s %(note)s") % {
        "day": row.value_on.isoformat(), "voucher": row.voucher, "kind": row.get_kind_display(),
        "fen": format_fen(row.bank_fen), "name": name, "note": row.note,
    }  # fmt: skip


def _line_words(row):
    return _("%(day)s, %(fen)s yuan, %(name)s %(text)s") % {
        "day": row.booked_on.isoformat(), "fen": format_fen(row.amount_fen),
        "name": row.side.name, "text": row.side.text,
    }  # fmt: skip


@require_http_methods(FORM)
@never_cache
def match_undo(request, pk):
    match = get_object_or_404(
        Match.objects.visible_to(request.actor).select_related("bank_account", "by"), pk=pk
    )
    _check(actions.why_not_match(match.bank_account, request.actor))
    first = match.lines.select_related("line__statement").order_by("pk").first()
    back_url = first.line.statement.get_absolute_url() if first else reverse("funds:period_list")
    form = UndoForm(sent(request))
    if request.method == "POST" and form.is_valid():
        actions.undo_match(
            match=match, words=form.cleaned_data["words"], by=request.user, at=timezone.now()
        )
        messages.success(request, _("The match was undone; it stays on record."))
        return redirect(back_url)
    context = {
        "match": match,
        "matched_with": Match.objects.with_entries([match.pk]).get(match.pk),
        "form": form,
        "back_url": back_url,
    }
    return render(request, "funds/match_undo.html", context, status=422 if form.errors else 200)


@require_http_methods(FORM)
@never_cache
def line_explain(request, pk):
    line = _get_line(request, pk)
    return _explain(
        request, line.bank_account, _line_words(line), line.statement.get_absolute_url(), line=line
    )


@require_http_methods(FORM)
@never_cache
def entry_explain(request, pk):
    """An entry of the books; of a payment, all entries of it that stand alone."""
    rows = Transfer.objects.filter(
        fund__bank_account__in=BankAccount.objects.visible_to(request.actor)
    )
    transfer = get_object_or_404(rows.select_related("fund__bank_account"), pk=pk)
    account = transfer.fund.bank_account
    _check(actions.why_not_match(account, request.actor))
    together = entries(account).filter(pk=pk)
    if transfer.kind in OF_RUN:
        together = actions.unmatched_entries(account).filter(kind__in=OF_RUN, note=transfer.note)
    together = list(together.select_related("fund", "case__applicant"))
    fen = sum(row.bank_fen for row in together)
    words = _("%(day)s %(voucher)s, %(kind)s, %(fen)s yuan, %(name)s %(note)s") % {
        "day": transfer.value_on.isoformat(), "voucher": transfer.voucher,
        "kind": transfer.get_kind_display(), "fen": format_fen(fen), "name": transfer.fund.name,
        "note": transfer.note,
    }  # fmt: skip
    return _explain(request, account, words, reverse("funds:period_list"), transfers=together)


def _explain(request, account, words, back_url, **what):
    form = ExplainForm(sent(request))
    if request.method == "POST" and form.is_valid():
        actions.explain(
            bank_account=account, by=request.user, at=timezone.now(), **form.cleaned_data, **what
        )
        messages.success(request, _("The explanation was kept."))
        return redirect(back_url)
    context = {"form": form, "words": words, "back_url": back_url}
    return render(request, "funds/explain.html", context, status=422 if form.errors else 200)
