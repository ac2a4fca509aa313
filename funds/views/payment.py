"""Payments: prepared by the cashier, posted by the accountant, returned by the bank."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base import keyset
from base.xlsx import Column
from cases.models import Case
from funds import actions
from funds.actions.payee import mark_accounts
from funds.actions.payment import account_changed, digest
from funds.forms.payment import (
    BounceForm,
    PayeeConfirmForm,
    PayeeFilter,
    PaymentFilter,
    PurposeForm,
    SeenForm,
)
from funds.models import Advance, Batch, BatchLine, Payment, PaymentRun
from funds.views.fund import FORM, PAGE, sent
from people.actions import disclose
from people.models import DisclosureSubject, Person
from people.roles import NotAllowed, Role, check_any
from people.views.lists import MOST_ROWS, export, place

READERS = (
    Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR, Role.COMPANY_CHAIR, Role.COMPANY_OFFICER,
)  # fmt: skip
MOST_SHOWN = 200  # lines of a list on the page that prepares its payment
ON_PAGE = 12  # rows of the sheet on one side of A4
PART = 40 * ON_PAGE  # rows of a long sheet that are printed at once
FORMAT_READERS = (Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR)

RUN_COLUMNS = (
    Column("number", gettext_lazy("Payment number"), width=18),
    Column("batch", gettext_lazy("List"), width=32),
    Column("fund", gettext_lazy("Fund"), width=24),
    Column(
        "status", gettext_lazy("State"), kind="choice", choices=tuple(PaymentRun.Status.choices)
    ),
    Column("count", gettext_lazy("Persons"), kind="int"),
    Column("total", gettext_lazy("Total (yuan)"), kind="money"),
    Column("prepared_at", gettext_lazy("Prepared at"), width=18),
    Column("prepared_by", gettext_lazy("Prepared by")),
    Column("posted_at", gettext_lazy("Posted at"), width=18),
    Column("posted_by", gettext_lazy("Posted by")),
)
# The bank's file is Chinese whoever downloads it: the same run gives the same bytes.
BANK_COLUMNS = (
    Column("seq", "序号"),
    Column("account", "收款账号", width=28),
    Column("account_name", "收款户名", width=16),
    Column("bank", "开户行", width=20),
    Column("branch", "支行", width=28),
    Column("amount", "金额（元）", width=16),
    Column("note", "附言", width=30),
)


def _check(reason):
    if reason:
        raise NotAllowed(reason)


def _get_run(request, pk):
    runs = PaymentRun.objects.visible_to(request.actor).for_list()
    return get_object_or_404(runs.select_related("batch__meeting", "company"), pk=pk)


# List


@require_safe
def payment_list(request):
    """What waits for whom, then every payment; a fixed number of queries."""
    check_any(request.actor, *READERS)
    companies = request.actor.companies(*READERS)
    filters = PaymentFilter(request.GET)
    chosen = filters.chosen
    runs = PaymentRun.objects.visible_to(request.actor).for_list().narrowed(**chosen)
    if request.GET.get("export") == "xlsx":
        found = [_run_cells(run) for run in runs.order_by("-prepared_at", "-pk")[: MOST_ROWS + 1]]
        return export(request, _("Payments"), RUN_COLUMNS, found)
    page = keyset.paginate(
        runs, order=("-prepared_at", "-pk"), cursor=request.GET.get("cursor", ""), size=PAGE
    )
    mine = PaymentRun.objects.visible_to(request.actor).for_list()
    prepared = mine.filter(status=PaymentRun.Status.PREPARED).order_by("prepared_at", "pk")
    returned = Payment.objects.visible_to(request.actor).to_pay_again().for_list()
    return render(
        request,
        "funds/payment_list.html",
        {
            "waiting": actions.waiting(companies),
            "prepared": prepared,
            "returned": returned.order_by("-returned_at", "-pk"),
            "is_cashier": bool(request.actor.companies(Role.CASHIER)),
            "is_accountant": bool(request.actor.companies(Role.ACCOUNTANT)),
            "sees_formats": bool(request.actor.companies(*FORMAT_READERS)),
            "filters": filters,
            "filtered": bool(chosen),
            "page": page,
            "export_url": place(request, export="xlsx"),
        },
    )


def _moment(at):
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _run_cells(run):
    return (
        run.number, run.batch.title, run.batch.budget.fund.name, run.status, run.payments_count,
        run.total_fen, _moment(run.prepared_at), run.prepared_by.name, _moment(run.posted_at),
        run.posted_by.name if run.posted_by else "",
    )  # fmt: skip


# Prepare


@require_http_methods(FORM)
@never_cache
def prepare(request, pk):
    """What would be paid and what not yet, with reasons; sent twice, one payment is prepared."""
    batch = get_object_or_404(
        Batch.objects.visible_to(request.actor).select_related("budget__fund", "meeting"), pk=pk
    )
    _check(actions.why_not_prepare(batch, request.actor))
    form = SeenForm(sent(request))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        if done := _prepared_before(batch, seen, request.user):
            return redirect(done)
        run = actions.prepare(batch=batch, by=request.user, at=timezone.now(), seen=seen)
        messages.success(request, _("The payment was prepared; the accountant posts it now."))
        return redirect(run)
    lines = list(actions.ready_lines(batch))
    changed = _changed(lines, actions.unconfirmed(lines))
    returned = actions.unchecked(lines)
    not_ready = list(actions.unready_lines(batch)[: MOST_SHOWN + 1])
    for line in not_ready:
        line.why = actions.why_not_ready(line)
    # Those that somebody must look at first; the rest stands on the sheet once it is prepared.
    remarkable = {line.pk for line in [*changed, *returned]}
    shown = sorted(lines, key=lambda line: line.pk not in remarkable)[:MOST_SHOWN]
    return render(
        request,
        "funds/prepare.html",
        {
            "batch": batch,
            "form": SeenForm(initial={"seen": digest(lines)}),
            "lines": lines,
            "shown": shown,
            "more": len(lines) - len(shown),
            "not_ready": not_ready[:MOST_SHOWN],
            "more_not_ready": len(not_ready) > MOST_SHOWN,
            "total_fen": sum(line.amount_fen for line in lines),
            "stopped": bool(returned) or any(line.unconfirmed for line in lines),
            "returned": returned,
            "changed": changed,
        },
        status=422 if form.errors else 200,
    )


def _prepared_before(batch, seen, user):
    """The run that the same click has made already, or None."""
    runs = batch.runs.filter(digest=seen, prepared_by=user, status=PaymentRun.Status.PREPARED)
    return runs.order_by("-pk").first()


def _changed(lines, unconfirmed):
    """Lines whose account is no longer the one of the decision; says which wait for somebody."""
    waiting = {line.pk for line in unconfirmed}
    for line in lines:
        line.changed = account_changed(line)
        line.unconfirmed = line.pk in waiting
    return [line for line in lines if line.changed]


# One payment


@require_safe
@never_cache
def payment_detail(request, pk):
    run = _get_run(request, pk)
    actor = request.actor
    filters = PayeeFilter(request.GET)
    page = keyset.paginate(
        run.payments.narrowed(**filters.chosen).for_list(),
        order=("seq", "pk"),
        cursor=request.GET.get("cursor", ""),
        size=PAGE,
    )
    mark_accounts(page.rows)
    cases = Case.objects.visible_to(actor).filter(pk__in=[row.case_id for row in page.rows])
    posting = actions.why_not_post(run, actor)
    waits = run.status == PaymentRun.Status.PREPARED
    return render(
        request,
        "funds/payment_detail.html",
        {
            "run": run,
            "filters": filters,
            "narrowed": bool(filters.chosen),
            "page": page,
            "sums": run.payments.sums(),
            "no_id_copy": actions.without_id_copy(run) if waits else [],
            "papers": run.papers.for_list(),
            "may_keep": not actions.why_not_keep_sheet(run, actor),
            "cases": set(cases.values_list("pk", flat=True)),
            "changed": run.payments.changed().count(),
            "may_post": not posting and run.status == PaymentRun.Status.PREPARED,
            "why_not_post": posting if run.status == PaymentRun.Status.PREPARED else "",
            "may_give_up": not actions.why_not_give_up(run, actor)
            and run.status == PaymentRun.Status.PREPARED,
            "may_bounce": run.status == PaymentRun.Status.POSTED
            and bool(run.company_id in actor.companies(Role.ACCOUNTANT)),
        },
    )


# Full numbers


def _disclose(request, run, purpose, *fields):
    disclose(
        by=request.user, at=timezone.now(), company=run.company,
        subject=DisclosureSubject.PAYMENTS, subject_pk=run.pk, fields=list(fields),
        purpose=purpose,
    )  # fmt: skip


# Acts


@require_http_methods(FORM)
@never_cache
def post(request, pk):
    """The accountant's own count beside the cashier's; posting twice posts once."""
    run = _get_run(request, pk)
    _check(actions.why_not_post(run, request.actor))
    if request.method == "POST":
        run = actions.post(run=run, by=request.user, at=timezone.now())
        messages.success(request, _("The payment was posted."))
        return redirect(run)
    count, total, found = actions.recount(run)
    changed = list(run.payments.changed().for_list())
    mark_accounts(changed)
    context = {
        "run": run,
        "count": count,
        "total_fen": total,
        "same": (count, total, found) == (run.payments_count, run.total_fen, run.digest),
        "fingerprint": found,
        "changed": changed,
        "posted": run.status == PaymentRun.Status.POSTED,
    }
    return render(request, "funds/post.html", context)


@require_http_methods(FORM)
@never_cache
def give_up(request, pk):
    run = _get_run(request, pk)
    _check(actions.why_not_give_up(run, request.actor))
    if request.method == "POST":
        run = actions.give_up(run=run, by=request.user, at=timezone.now())
        messages.success(request, _("The payment was given up; nothing was paid."))
        return redirect(run)
    return render(request, "funds/give_up.html", {"run": run})


@require_http_methods(FORM)
@never_cache
def bounce(request, pk):
    """The bank sent one payment back; recorded twice, it comes back once."""
    payment = get_object_or_404(Payment.objects.visible_to(request.actor).for_list(), pk=pk)
    _check(actions.why_not_bounce(payment, request.actor))
    form = BounceForm(sent(request))
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"payment": payment, "form": form}
        return render(request, "funds/bounce.html", context, status=status)
    reason = form.cleaned_data["reason"]
    actions.bounce(payment=payment, by=request.user, at=timezone.now(), reason=reason)
    messages.success(
        request, _("The bank return was recorded; the amount is reserved for a new payment.")
    )
    return redirect(payment.run)


@require_http_methods(FORM)
@never_cache
def confirm_payee(request, person):
    """A second person looks at an account that is no longer the one of the decision."""
    person = get_object_or_404(_payees(request.actor), pk=person)
    _check(actions.why_not_confirm_payee(person, request.actor))
    form = PayeeConfirmForm(sent(request), initial={"seen": person.account_index})
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        actions.confirm_payee(person=person, by=request.user, at=timezone.now(), seen=seen)
        messages.success(request, _("The account was confirmed."))
        return redirect("funds:payment_list")
    lines = (
        BatchLine.objects.filter(
            case__applicant=person, current=True, outcome=BatchLine.Outcome.APPROVED
        )
        .select_related("batch", "case")
        .prefetch_related("payments")
    )
    context = {
        "person": person,
        "lines": [line for line in lines if _asks_for_confirmation(line, person)],
        "advances": Advance.objects.reserved()
        .filter(case__applicant=person, prepared_at=None)
        .exclude(payee_index=person.account_index)
        .select_related("case"),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "funds/confirm_payee.html", context, status=status)


def _asks_for_confirmation(line, person):
    """Whether the account is another than the one of the decision, or than one that came back."""
    came_back = [row.account_index for row in line.payments.all() if row.status == "RETURNED"]
    others = {line.account_index, *came_back}
    return others != {person.account_index}


def _payees(actor):
    """Persons who are granted something in a company where the actor works with payments."""
    granted = BatchLine.objects.filter(outcome=BatchLine.Outcome.APPROVED, current=True)
    advanced = Advance.objects.reserved().values("case__applicant")
    return Person.objects.filter(
        Q(pk__in=granted.values("case__applicant")) | Q(pk__in=advanced),
        company__in=actor.companies(*READERS),
    ).select_related("unit", "account_changed_by")


# Paper


def _parts(run, asked):
    """(first row, parts) of the part of a long sheet that is asked for, the first one else;
    parts are [(number, first page, last page)], none for a sheet that is printed at once."""
    count = -(-run.payments_count // PART)
    part = int(asked) if asked.isdecimal() and 1 <= int(asked) <= count else 1
    pages = -(-run.payments_count // ON_PAGE)
    step = PART // ON_PAGE
    parts = [(n, n * step - step + 1, min(n * step, pages)) for n in range(1, count + 1)]
    return (part - 1) * PART, parts if count > 1 else []


def _pages(payments, start):
    """The rows of each page of the sheet, with its number and its sum in fen."""
    return [
        {"rows": rows, "number": (start + n) // ON_PAGE + 1,
         "fen": sum(row.amount_fen for row in rows)}
        for n in range(0, len(payments), ON_PAGE)
        if (rows := payments[n : n + ON_PAGE])
    ]  # fmt: skip


@require_http_methods(FORM)
@never_cache
def payment_sheet(request, pk):
    """The sheet on paper: the last four of each account, or all after a recorded purpose."""
    run = _get_run(request, pk)
    full, form = False, PurposeForm(sent(request))
    may_unmask = not actions.why_not_file(run, request.actor)
    if request.method == "POST":
        _check(actions.why_not_file(run, request.actor))
        if form.is_valid():
            _disclose(request, run, form.cleaned_data["purpose"], "account", "id_number")
            full = True
    start, parts = _parts(run, request.GET.get("part", ""))
    rows = run.payments.for_list().select_related("case__dossier")
    payments = list(rows[start : start + PART])
    mark_accounts(payments)
    with translation.override("zh-hans"):  # paper is Chinese in whatever language it is asked for
        for row in payments:
            row.person_class = str(row.case.applicant.get_standing_display())
            row.programme_words = str(row.case.get_programme_display())
            row.way_words = str(row.get_way_display())
            if row.hand_over_id:
                row.relation_words = str(row.hand_over.get_proxy_relation_display())
            row.category_words = str(row.case.dossier.get_category_display())
    context = {
        "run": run,
        "pages": _pages(payments, start),
        "pages_count": -(-run.payments_count // ON_PAGE),
        "parts": parts,
        "sums": run.payments.sums(),
        "full": full,
        "may_unmask": may_unmask and not full,
        "purpose_form": form,
        "printed_at": timezone.now(),
        "printed_by": request.user.name,
    }
    status = 422 if form.errors else 200
    return render(request, "funds/payment_sheet.html", context, status=status)
