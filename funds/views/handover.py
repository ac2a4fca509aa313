"""Cash and proxies: asked, approved, their papers, the signed receipts."""

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base.masking import mask_name
from base.money import format_fen
from base.workdays import day_of
from base.xlsx import Column
from funds import actions, lists
from funds.actions.handover import ASKERS
from funds.forms.handover import (
    DecisionForm,
    HandOverFilter,
    HandOverForm,
    PaperForm,
    ReceiptForm,
)
from funds.forms.payment import PurposeForm
from funds.models import BatchLine, HandOver, MoneyPaper, Payment, PaymentRun
from funds.models.handover import PAYMENT_READERS
from funds.views.fund import FORM, sent
from people.actions import disclose
from people.forms import FilterForm
from people.models import DisclosureSubject
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

COLUMNS = (
    Column("number", gettext_lazy("Number of the exception"), width=18),
    Column("case", gettext_lazy("Case number"), width=18),
    Column("name", gettext_lazy("Name")),
    Column("unit", gettext_lazy("Grassroots union"), width=24),
    Column("way", gettext_lazy("Way"), width=20),
    Column("proxy", gettext_lazy("Proxy"), width=20),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("asked", gettext_lazy("Asked on"), kind="date"),
    Column("state", gettext_lazy("State"), width=16),
)
# Who reads why it cannot go to their own account, and the proxy's phone and ID number.
PROXY_READERS = (Role.CASHIER, Role.ACCOUNTANT, Role.COMPANY_CHAIR, Role.COMPANY_OFFICER)
FOUND = 20


def _check(reason, again=False):
    """Refused with the reason; but the same form of the same person, sent once more, is let pass:
    the action then finds that it was done."""
    if reason and not again:
        raise NotAllowed(reason)


def _again(request, by_id):
    """Whether this is sent by the person who has done it."""
    return request.method == "POST" and by_id == request.user.pk


def _get(request, pk):
    rows = HandOver.objects.visible_to(request.actor).for_list()
    return get_object_or_404(
        rows.select_related("line__batch__budget__fund", "company", "decided_by", "called_off_by"),
        pk=pk,
    )


def _named(actor, company_id, name):
    return name if lists.sees_names(actor, company_id) else mask_name(name)


@require_safe
def hand_over_list(request):
    check_any(request.actor, *PAYMENT_READERS)
    actor = request.actor
    filters = HandOverFilter(request.GET)
    mine = HandOver.objects.visible_to(actor)

    def told(row):
        proxy = _named(actor, row.company_id, row.proxy_name) if row.proxy_name else ""
        return _named(actor, row.company_id, row.case.applicant.name), proxy

    def cells(row):
        name, proxy = told(row)
        return (
            row.number, row.case.number, name, row.case.unit.name, str(row.get_way_display()),
            proxy, row.line.amount_fen, day_of(row.asked_at), str(row.state_words),
        )  # fmt: skip

    missing = mine.paid_without_receipt().values_list("pk", flat=True)

    def shown(page):
        open_pks = set(missing.filter(pk__in=[row.pk for row in page.rows]))
        return [(row, *told(row), row.pk in open_pks) for row in page.rows]

    return listing(
        request,
        "funds/hand_over_list.html",
        rows=mine.for_list().narrowed(**filters.chosen),
        order=("-asked_at", "-pk"),
        title=_("Cash and proxies"),
        columns=COLUMNS,
        cells=cells,
        filters=filters,
        shown=shown,
        may_ask=bool(actor.companies(*ASKERS)),
    )


@require_safe
def hand_over_find(request):
    """The line an exception is asked for, by name or case number."""
    check_any(request.actor, *ASKERS)
    filters = FilterForm(request.GET)
    lines = actions.to_ask(request.actor)
    if q := filters.chosen.get("q"):
        lines = lines.filter(Q(case__applicant__name__contains=q) | Q(case__number__startswith=q))
    context = {"filters": filters, "lines": lines.order_by("-pk")[:FOUND]}
    return render(request, "funds/hand_over_find.html", context)


@require_http_methods(FORM)
@never_cache
def hand_over_new(request, pk):
    """Ask for one line; sent twice, or asked already, it leads to the exception there is."""
    actor = request.actor
    lines = BatchLine.objects.filter(
        batch__company__in=actor.companies(*PAYMENT_READERS), amount_fen__isnull=False
    ).select_related("batch__budget__fund", "case__applicant__unit", "case__unit")
    line = get_object_or_404(lines, pk=pk)
    if done := line.hand_overs.standing().first():
        return redirect(done)
    _check(actions.why_not_ask(line, actor, timezone.localdate()))
    form = HandOverForm(sent(request))
    if request.method != "POST" or not form.is_valid():
        context = {"line": line, "form": form}
        status = 422 if form.errors else 200
        return render(request, "funds/hand_over_new.html", context, status=status)
    data = form.cleaned_data
    hand_over = actions.ask_hand_over(
        line=line, way=data["way"], reason=data["reason"], proxy=form.proxy, account=form.payee,
        by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The exception was asked for; a second person decides it."))
    return redirect(hand_over)


@require_safe
@never_cache
def hand_over_detail(request, pk):
    hand_over = _get(request, pk)
    actor, on = request.actor, timezone.localdate()
    payments = list(
        hand_over.payments.select_related("run", "receipt__paper", "receipt__by").order_by("-pk")
    )
    for row in payments:
        row.may_sign = not actions.why_not_sign(row, actor)
    context = {
        "hand_over": hand_over,
        "name": _named(actor, hand_over.company_id, hand_over.case.applicant.name),
        "proxy": _named(actor, hand_over.company_id, hand_over.proxy_name),
        "reason_seen": hand_over.company_id in actor.companies(*PROXY_READERS),
        "payments": payments,
        "papers": hand_over.papers.for_list(),
        "may_decide": not actions.why_not_decide_hand_over(hand_over, actor, on),
        "may_call_off": not actions.why_not_call_off(hand_over, actor),
        "may_keep": not actions.why_not_keep_id_copy(hand_over, actor),
    }
    return render(request, "funds/hand_over_detail.html", context)


@require_http_methods(FORM)
@never_cache
def hand_over_decide(request, pk):
    hand_over = _get(request, pk)
    why_not = actions.why_not_decide_hand_over(hand_over, request.actor, timezone.localdate())
    _check(why_not, _again(request, hand_over.decided_by_id))
    form = DecisionForm(sent(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.decide_hand_over(
            hand_over=hand_over, approve=data["approve"], words=data["words"], by=request.user,
            at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The decision on the exception was recorded."))
        return redirect(hand_over)
    context = {"hand_over": hand_over, "form": form}
    status = 422 if form.errors else 200
    return render(request, "funds/hand_over_decide.html", context, status=status)


@require_http_methods(FORM)
def hand_over_call_off(request, pk):
    hand_over = _get(request, pk)
    why_not = actions.why_not_call_off(hand_over, request.actor)
    _check(why_not, _again(request, hand_over.called_off_by_id))
    if request.method == "POST":
        actions.call_off(hand_over=hand_over, by=request.user, at=timezone.now())
        messages.success(
            request, _("The exception was called off; it goes to the employee's own account.")
        )
        return redirect(hand_over)
    return render(request, "funds/hand_over_call_off.html", {"hand_over": hand_over})


# Papers


def _paper_form(request, form, *, title, text, back_url, back_label, button, drawn=False):
    context = {
        "form": form, "title": title, "text": text, "back_url": back_url,
        "back_label": back_label, "button": button, "drawn": drawn,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "funds/money_paper_add.html", context, status=status)


def _files(request):
    return (request.POST, request.FILES) if request.method == "POST" else ()


@require_http_methods(FORM)
def id_copy(request, pk):
    hand_over = _get(request, pk)
    _check(actions.why_not_keep_id_copy(hand_over, request.actor))
    form = PaperForm(*_files(request))
    if request.method != "POST" or not form.is_valid():
        return _paper_form(
            request, form, title=_("Copy of the proxy's ID card"), button=_("Put it on file"),
            text=_("Compare the name and the number with the exception first."),
            back_url=hand_over.get_absolute_url(), back_label=hand_over.number,
        )  # fmt: skip
    actions.keep_id_copy(
        hand_over=hand_over, upload=form.upload, file=form.cleaned_data["file"], by=request.user,
        at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The copy of the ID card was put on file."))
    return redirect(hand_over)


@require_http_methods(FORM)
def sheet_signed(request, pk):
    runs = PaymentRun.objects.visible_to(request.actor).for_list()
    run = get_object_or_404(runs, pk=pk)
    _check(actions.why_not_keep_sheet(run, request.actor))
    form = PaperForm(*_files(request))
    if request.method != "POST" or not form.is_valid():
        return _paper_form(
            request, form, title=_("Signed payment sheet"), button=_("Put it on file"),
            text=_("One page at a time, with the signatures of those who were paid."),
            back_url=run.get_absolute_url(), back_label=run.number,
        )  # fmt: skip
    actions.keep_sheet(
        run=run, upload=form.upload, file=form.cleaned_data["file"], by=request.user,
        at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The signed payment sheet was put on file."))
    return redirect(run)


@require_http_methods(FORM)
@never_cache
def receipt_sign(request, pk):
    payments = Payment.objects.visible_to(request.actor).for_list()
    payment = get_object_or_404(payments, pk=pk)
    signed = payment.receipt.by_id if hasattr(payment, "receipt") else None
    _check(actions.why_not_sign(payment, request.actor), _again(request, signed))
    today = timezone.localdate()
    form = ReceiptForm(
        *_files(request), since=day_of(payment.run.posted_at), until=today,
        initial={"received_on": today},
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        text = _("%(name)s receives %(amount)s yuan and signs for it.") % {
            "name": payment.account_name, "amount": format_fen(payment.told_fen),
        }  # fmt: skip
        return _paper_form(
            request, form, title=_("Record the signed receipt"), text=text, drawn=True,
            back_url=payment.hand_over.get_absolute_url(), back_label=payment.hand_over.number,
            button=_("Record the receipt"),
        )  # fmt: skip
    data = form.cleaned_data
    actions.sign_receipt(
        payment=payment, received_on=data["received_on"], upload=form.upload, file=data["file"],
        by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The signed receipt was recorded."))
    return redirect(payment.hand_over)


@require_http_methods(FORM)
@never_cache
def money_paper(request, pk):
    """Why somebody wants to see it, recorded first; then the file as it was kept."""
    papers = MoneyPaper.objects.visible_to(request.actor).select_related(
        "company", "hand_over", "run", "payment__hand_over"
    )
    paper = get_object_or_404(papers, pk=pk)
    owner = paper.hand_over or paper.run or paper.payment.hand_over
    form = PurposeForm(sent(request))
    if request.method != "POST" or not form.is_valid():
        context = {"paper": paper, "owner": owner, "form": form}
        status = 422 if form.errors else 200
        return render(request, "funds/money_paper.html", context, status=status)
    of_case = not paper.run_id
    disclose(
        by=request.user, at=timezone.now(), company=paper.company, fields=(paper.kind.lower(),),
        subject=DisclosureSubject.CASE if of_case else DisclosureSubject.PAYMENTS,
        subject_pk=owner.case_id if of_case else owner.pk, purpose=form.cleaned_data["purpose"],
    )  # fmt: skip
    ending = paper.file.name.rpartition(".")[2]
    name = f"{owner.number}-{paper.get_kind_display()}.{ending}"
    return FileResponse(
        paper.file.open("rb"), content_type=paper.media_type, as_attachment=True, filename=name
    )
