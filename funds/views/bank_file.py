"""The way to the bank: formats, the file and who had it, the answer, the attempts of an award."""

from base64 import b64encode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base.masking import mask_account
from funds import actions, bank_formats, tasks
from funds.actions.bank_file import SHOWN
from funds.actions.payee import mark_accounts
from funds.actions.payment import account_changed
from funds.forms.bank_file import BankFormatForm, MakeFileForm, PayeeCheckForm, ResultForm
from funds.forms.payment import PurposeForm
from funds.models import (
    Answer,
    BankFileSent,
    BankFormat,
    BankResult,
    BatchLine,
    Payment,
    PaymentRun,
    unanswered,
    with_statement,
)
from funds.views.fund import FORM, sent
from funds.views.payment import FORMAT_READERS
from people.models import Disclosure, DisclosureSubject
from people.roles import NotAllowed, Role, check_any
from people.views.lists import XLSX

MOST_UNANSWERED = 50


def _check(reason):
    if reason:
        raise NotAllowed(reason)


def _get_run(request, pk):
    runs = PaymentRun.objects.visible_to(request.actor).for_list()
    return get_object_or_404(runs.select_related("company"), pk=pk)


# Formats


@require_safe
def bank_format_list(request):
    """The formats of the company, and those to begin with."""
    check_any(request.actor, *FORMAT_READERS)
    context = {
        "formats": BankFormat.objects.visible_to(request.actor).for_list(),
        "seeds": [(code, name) for code, (name, _layout) in bank_formats.SEEDS.items()],
        "may_change": bool(request.actor.companies(Role.ACCOUNTANT)),
    }
    return render(request, "funds/bank_format_list.html", context)


@require_http_methods(FORM)
def bank_format_new(request):
    """A new format; `like` names the one to begin with."""
    check_any(request.actor, Role.ACCOUNTANT)
    _name, layout = bank_formats.SEEDS.get(
        request.GET.get("like", ""), bank_formats.SEEDS["GENERAL"]
    )
    return _format(request, None, layout)


@require_http_methods(FORM)
def bank_format_edit(request, pk):
    row = get_object_or_404(BankFormat.objects.visible_to(request.actor), pk=pk)
    _check(actions.why_not_format(row.company_id, request.actor))
    return _format(request, row, row.layout)


def _format(request, row, layout):
    """The form; with `look` the masked sample of what was entered, nothing saved."""
    form = BankFormatForm(sent(request), actor=request.actor, bank_format=row, layout=layout)
    valid = request.method == "POST" and form.is_valid()
    if valid and "look" not in request.POST:
        actions.save_bank_format(
            company=form.cleaned_data["company"], name=form.cleaned_data["name"],
            layout=form.layout, bank_format=row, by=request.user, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The format was saved; files made before stay as they are."))
        return redirect("funds:bank_format_list")
    shown = form.layout if valid else layout
    headings, rows = bank_formats.sample(shown)
    wrong = request.method == "POST" and not valid
    context = {
        "form": form, "row": row, "headings": headings, "sample": rows, "layout": shown,
        "file_name": bank_formats.file_name(shown, "2026-付-001"), "wrong": wrong,
    }  # fmt: skip
    return render(request, "funds/bank_format.html", context, status=422 if wrong else 200)


# The file


@require_http_methods(FORM)
@never_cache
def bank_file(request, pk):
    """The way of a payment to the bank; sent with a purpose, the newest file as a download.

    The look is recorded before the file is handed out.
    """
    run = _get_run(request, pk)
    form = PurposeForm(sent(request))
    if request.method == "POST":
        _check(actions.why_not_file(run, request.actor))
        file = get_object_or_404(run.files.for_list()[:1])
        if form.is_valid():
            purpose = form.cleaned_data["purpose"]
            content = actions.download_bank_file(
                file=file, purpose=purpose, by=request.user, at=timezone.now()
            )
            return _download(file, content)
    return _show(request, run, form)


def _download(file, content):
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    headers = {
        "Content-Disposition": content_disposition_header(True, file.file_name),
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _show(request, run, form):
    actor = request.actor
    files = list(run.files.for_list())
    done = BankFileSent.objects.filter(run=run).select_related("by", "file").first()
    told = run.payments.through_bank().sums()
    why_not_make = actions.why_not_make_file(run, actor)
    why_not_answer = actions.why_not_answer(run, actor)
    waiting = with_statement(unanswered(run.payments)) if done else run.payments.none()
    waiting = list(waiting.for_list()[: MOST_UNANSWERED + 1])
    may_make = told["count"] and not why_not_make
    context = {
        "run": run,
        "file": files[0] if files else None,
        "older": files[1:],
        "sent": done,
        "told": told,
        "changed": _looked_at(run),
        "downloads": _downloads(run),
        "form": form if files and not actions.why_not_file(run, actor) else None,
        "make_form": MakeFileForm(company_id=run.company_id) if may_make else None,
        "why_not_make": "" if files else _why_not_make(told, why_not_make),
        "may_send": not done and not actions.why_not_send(run, actor),
        "may_answer": not why_not_answer,
        "results": run.results.select_related("uploaded_by").order_by("-uploaded_at", "-pk")[:10],
        "answered": _answered(run),
        "waiting": waiting[:MOST_UNANSWERED],
        "more": len(waiting) > MOST_UNANSWERED,
    }
    return render(request, "funds/bank_file.html", context, status=422 if form.errors else 200)


def _why_not_make(told, reason):
    return reason if told["count"] else _("Nothing of this payment goes through the bank.")


def _looked_at(run):
    """Payments to an account changed after the decision, or checked after a return."""
    rows = run.payments.through_bank()
    rows = list((rows.changed() | rows.filter(attempt__gt=1)).for_list())
    mark_accounts(rows)
    return [row for row in rows if row.changed or row.checked]


def _answered(run):
    """{credited, returned}: how many payments the bank credited, and how many came back. A payment
    may be one after the other; it counts by what it is now."""
    now = Payment.Status
    credited = Q(status=now.POSTED, answers__answer=Answer.PAID)
    return run.payments.through_bank().aggregate(
        credited=Count("pk", filter=credited, distinct=True),
        returned=Count("pk", filter=Q(status=now.RETURNED), distinct=True),
    )


def _downloads(run):
    """Who had the file, newest first."""
    found = Disclosure.objects.filter(
        subject=DisclosureSubject.PAYMENTS, subject_pk=run.pk, fields=",".join(SHOWN)
    )
    return found.select_related("by").order_by("-at", "-pk")[:50]


@require_POST
def bank_file_make(request, pk):
    run = _get_run(request, pk)
    _check(actions.why_not_make_file(run, request.actor))
    form = MakeFileForm(request.POST, company_id=run.company_id)
    if not form.is_valid():
        messages.error(request, _("Choose a format."))
        return redirect("funds:bank_file", run.pk)
    name, layout = form.chosen
    actions.make_bank_file(run=run, name=name, layout=layout, by=request.user, at=timezone.now())
    messages.success(request, _("The file was made; its fingerprint is kept."))
    return redirect("funds:bank_file", run.pk)


@require_http_methods(FORM)
@never_cache
def bank_file_send(request, pk):
    """The cashier records that the newest file was handed to the bank; twice, it is once."""
    run = _get_run(request, pk)
    _check(actions.why_not_send(run, request.actor))
    files = list(run.files.for_list())
    if request.method == "POST":
        seen = [file for file in files if str(file.pk) == request.POST.get("file")]
        if not seen:
            raise Http404
        actions.send_bank_file(file=seen[0], by=request.user, at=timezone.now())
        messages.success(request, _("The file was recorded as sent to the bank."))
        return redirect("funds:bank_file", run.pk)
    if BankFileSent.objects.filter(run=run).exists():
        return redirect("funds:bank_file", run.pk)
    return render(request, "funds/bank_file_send.html", {"run": run, "file": files[0]})


# The answer


@require_http_methods(FORM)
@never_cache
def bank_result(request, pk):
    """Upload the answer of the bank and have it checked row by row; nothing is booked yet."""
    run = _get_run(request, pk)
    _check(actions.why_not_answer(run, request.actor))
    layout = actions.layout_sent(run)
    form = ResultForm(sent(request), request.FILES or None, run=run, layout=layout)
    if request.method == "POST" and form.is_valid():
        upload = actions.receive_result(
            reading=form.reading, file=form.cleaned_data["file"], run=run, by=request.user,
            at=timezone.now(),
        )  # fmt: skip
        return redirect(upload)
    words = dict(bank_formats.ANSWERS)
    named = layout["answer"]["headings"].items()
    context = {
        "run": run,
        "form": form,
        "columns": [(words[key], "、".join(some)) for key, some in named if some],
        "success": "、".join(layout["answer"]["success"]),
        "failure": "、".join(layout["answer"]["failure"]),
    }
    return render(request, "funds/bank_result.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def bank_result_detail(request, pk):
    """What the dry run found, or what came of it; htmx asks for the state alone."""
    visible = BankResult.objects.visible_to(request.actor)
    upload = get_object_or_404(visible.select_related("run", "uploaded_by"), pk=pk)
    problems = upload.problem_list(get_language())
    earlier = upload.earlier()
    context = {
        "upload": upload,
        "problems": problems,
        "hidden_count": upload.problem_count - len(problems),
        # A bank that names no payee answers two payments alike.
        "earlier": earlier if earlier and earlier.run_id == upload.run_id else None,
    }
    part = "#state" if request.htmx else ""
    return render(request, f"funds/bank_result_detail.html{part}", context)


@require_POST
def bank_result_confirm(request, pk):
    upload = get_object_or_404(BankResult.objects.visible_to(request.actor), pk=pk)
    upload = tasks.start_result(upload=upload, by=request.user, at=timezone.now())
    if upload.status == BankResult.Status.DONE:
        messages.success(request, _("The answer of the bank was recorded."))
        return redirect("funds:bank_file", upload.run_id)
    return redirect(upload)


# The attempts of an award


@require_safe
@never_cache
def attempts(request, pk):
    """Every payment of one award in order, with what the bank said and who checked the account."""
    visible = Payment.objects.visible_to(request.actor)
    lines = BatchLine.objects.filter(pk__in=visible.filter(line=pk).values("line"))
    line = get_object_or_404(lines.select_related("batch", "case__applicant__unit"), pk=pk)
    rows = (
        visible.filter(line=line)
        .for_list()
        .prefetch_related("checks__by", "answers")
        .order_by("attempt")
    )
    payments = list(rows)
    mark_accounts(payments)
    last, person, waits = payments[-1], line.case.applicant, _waits_for(line)
    context = {
        "line": line,
        "payments": payments,
        "last": last,
        "waits": waits,
        "may_check": waits == "check" and not actions.why_not_check_payee(last, request.actor),
        "may_confirm": waits == "confirm"
        and not actions.why_not_confirm_payee(person, request.actor),
    }
    return render(request, "funds/attempts.html", context)


def _waits_for(line):
    """What an award waits for before it is paid again: "check" of its account, "confirm" of
    another one, or ""."""
    found = actions.unchecked(list(actions.ready_lines(line.batch).filter(pk=line.pk)))
    if not found:
        return ""
    return "confirm" if found[0].fresh and account_changed(found[0]) else "check"


@require_http_methods(FORM)
@never_cache
def payee_check(request, pk):
    """Somebody other than the cashier records what the bank said of the account to be used."""
    visible = Payment.objects.visible_to(request.actor).for_list()
    payment = get_object_or_404(visible.select_related("case__applicant"), pk=pk)
    _check(actions.why_not_check_payee(payment, request.actor))
    name, bank, branch, account, index = actions.payee_now(payment)
    form = PayeeCheckForm(sent(request), initial={"seen": index})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.check_payee(
            payment=payment, words=data["words"], seen=data["seen"], by=request.user,
            at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The check of the account was recorded."))
        return redirect("funds:attempts", payment.line_id)
    context = {
        "payment": payment,
        "form": form,
        "payee": {"name": name, "bank": bank, "branch": branch, "account": mask_account(account)},
        "same": index == payment.account_index,
    }
    return render(request, "funds/payee_check.html", context, status=422 if form.errors else 200)
