"""Recoveries: opened, decided, told by letter, paid back in parts, waived."""

from django.contrib import messages
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
from cases.models import Case, Dossier
from funds import actions, lists
from funds.forms.recovery import (
    DayForm,
    DecideRecoveryForm,
    OpenRecoveryForm,
    PartForm,
    RecoveryFilter,
    WaiveForm,
)
from funds.models import Payment, Recovery, RecoveryReceipt
from funds.models.handover import PAYMENT_READERS
from funds.views.fund import FORM, sent
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

COLUMNS = (
    Column("number", gettext_lazy("Number of the recovery"), width=18),
    Column("case", gettext_lazy("Case number"), width=18),
    Column("name", gettext_lazy("Name")),
    Column("unit", gettext_lazy("Grassroots union"), width=24),
    Column("reason", gettext_lazy("Reason"), width=20),
    Column("amount", gettext_lazy("To be paid back (yuan)"), kind="money"),
    Column("back", gettext_lazy("Paid back (yuan)"), kind="money"),
    Column("due", gettext_lazy("To be paid back by"), kind="date"),
    Column("state", gettext_lazy("State"), width=16),
)
# Who reads what was found about a family, and its letter.
WORDS_READERS = (Role.COMPANY_CHAIR, Role.COMPANY_OFFICER)


def _check(reason, again=False):
    """Refused with the reason; but the same form of the same person, sent once more, is let pass:
    the action then finds that it was done."""
    if reason and not again:
        raise NotAllowed(reason)


def _again(request, by_id):
    """Whether this is sent by the person who has done it."""
    return request.method == "POST" and by_id == request.user.pk


def _get(request, pk):
    rows = Recovery.objects.visible_to(request.actor).for_list()
    return get_object_or_404(
        rows.select_related(
            "fund__bank_account", "company", "decided_by", "told_by", "waived_by", "case__dossier"
        ),
        pk=pk,
    )


def _told(actor, recovery):
    name = recovery.case.applicant.name
    return name if lists.sees_names(actor, recovery.company_id) else mask_name(name)


@require_safe
def recovery_list(request):
    check_any(request.actor, *PAYMENT_READERS)
    on, actor = timezone.localdate(), request.actor
    filters = RecoveryFilter(request.GET)
    mine = Recovery.objects.visible_to(actor)

    def cells(row):
        return (
            row.number, row.case.number, _told(actor, row), row.case.unit.name,
            str(row.get_reason_display()), row.amount_fen, row.back_fen, row.due_on,
            str(row.get_status_display()),
        )  # fmt: skip

    def shown(page):
        return [(row, _told(actor, row), row.is_late(on)) for row in page.rows]

    return listing(
        request,
        "funds/recovery_list.html",
        rows=mine.for_list().narrowed(**filters.chosen, on=on),
        order=("-opened_at", "-pk"),
        title=_("Recoveries"),
        columns=COLUMNS,
        cells=cells,
        filters=filters,
        shown=shown,
        late_count=mine.overdue(on).count(),
    )


@require_http_methods(FORM)
@never_cache
def recovery_new(request, pk):
    """The officer opens a recovery of one paid case; sent twice, it is opened once."""
    cases = Case.objects.visible_to(request.actor).select_related("applicant", "unit")
    case = get_object_or_404(cases, pk=pk)
    mine = case.recoveries.filter(opened_by=request.user, status=Recovery.Status.OPEN)
    sent_before = list(mine) if request.method == "POST" else []
    why_not = actions.why_not_open_recovery(case, request.actor, timezone.localdate())
    _check(why_not, again=bool(sent_before))
    net = actions.paid_net(case, besides=sent_before)
    form = OpenRecoveryForm(sent(request), net=net)
    if request.method != "POST" or not form.is_valid():
        context = {"case": case, "form": form, "net_fen": sum(net.values())}
        status = 422 if form.errors else 200
        return render(request, "funds/recovery_new.html", context, status=status)
    data = form.cleaned_data
    recovery = actions.open_recovery(
        case=case, fund=data["fund"], reason=data["reason"], words=data["words"],
        amount_fen=data["amount"], by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The recovery was opened; the company union chair decides it."))
    return redirect(recovery)


@require_safe
@never_cache
def recovery_detail(request, pk):
    recovery = _get(request, pk)
    actor, on = request.actor, timezone.localdate()
    words = recovery.company_id in actor.companies(*WORDS_READERS)
    acts = [
        ("funds:recovery_decide", _("Decide"),
         not actions.why_not_decide_recovery(recovery, actor, on)),
        ("funds:recovery_part", _("Note what came back"),
         not actions.why_not_note(recovery, actor)),
        ("funds:recovery_letter", _("Letter to the household"),
         words and recovery.due_on is not None),
        ("funds:recovery_tell", _("Record that the letter was handed over"),
         not recovery.told_on and not actions.why_not_tell(recovery, actor)),
        ("funds:recovery_waive", _("Waive the rest"),
         not actions.why_not_waive(recovery, actor, on)),
    ]  # fmt: skip
    receipts = list(
        recovery.receipts.select_related(
            "noted_by", "posted_by", "struck_by", "transfer__debit"
        ).order_by("-pk")
    )
    for row in receipts:
        row.recovery = recovery
        waits = not row.posted_at and not row.struck_at
        row.may_post = waits and not actions.why_not_post_receipt(row, actor)
        row.may_strike = waits and not actions.why_not_strike_receipt(row, actor)
    context = {
        "recovery": recovery,
        "name": _told(actor, recovery),
        "late": recovery.is_late(on),
        "open_fen": recovery.amount_fen - recovery.back_fen,
        "words_seen": words,
        "acts": [(address, label) for address, label, may in acts if may],
        "receipts": receipts,
        "history": _history(recovery, receipts),
        "case_seen": Case.objects.visible_to(actor).filter(pk=recovery.case_id).exists(),
        "false_facts": words and recovery.reason == Recovery.Reason.FALSE_FACTS
        and recovery.case.dossier.status == Dossier.Status.ACTIVE
        and Dossier.objects.visible_to(actor).filter(pk=recovery.case.dossier_id).exists(),
    }  # fmt: skip
    return render(request, "funds/recovery_detail.html", context)


def _history(recovery, receipts):
    """What happened, newest first, for the timeline."""
    found = [(recovery.opened_at, _("Recovery opened"), recovery.opened_by.name)]
    if recovery.decided_at:
        refused = recovery.status == Recovery.Status.REFUSED
        title = _("Decided: not pursued") if refused else _("Decided: to be paid back")
        found.append((recovery.decided_at, title, recovery.decided_by.name))
    for row in receipts:
        amount = {"amount": format_fen(row.amount_fen)}
        found.append((row.noted_at, _("%(amount)s yuan noted") % amount, row.noted_by.name))
        if row.posted_at:
            found.append((row.posted_at, _("%(amount)s yuan posted") % amount, row.posted_by.name))
        if row.struck_at:
            title = _("%(amount)s yuan struck out") % amount
            found.append((row.struck_at, title, row.struck_by.name))
    if recovery.waived_at:
        found.append((recovery.waived_at, _("The rest was waived"), recovery.waived_by.name))
    found.sort(key=lambda row: row[0], reverse=True)
    return [{"at": at, "title": title, "by": by} for at, title, by in found]


def _act(request, recovery, form, *, title, text, button, fen=None, serious=False):
    context = {
        "recovery": recovery, "title": title, "text": text, "button": button, "form": form,
        "fen": fen, "serious": serious, "name": _told(request.actor, recovery),
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "funds/recovery_act.html", context, status=status)


@require_http_methods(FORM)
@never_cache
def recovery_decide(request, pk):
    recovery = _get(request, pk)
    today = timezone.localdate()
    why_not = actions.why_not_decide_recovery(recovery, request.actor, today)
    _check(why_not, _again(request, recovery.decided_by_id))
    form = DecideRecoveryForm(sent(request), today=today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.decide_recovery(
            recovery=recovery, pursue=data["pursue"], due_on=data["due_on"], words=data["words"],
            minutes=data["minutes"], by=request.user, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The decision on the recovery was recorded."))
        return redirect(recovery)
    return _act(
        request, recovery, form, title=_("Decide on the recovery"), text=recovery.words,
        button=_("Record what was decided"), fen=recovery.amount_fen,
    )  # fmt: skip


@require_http_methods(FORM)
def recovery_tell(request, pk):
    recovery = _get(request, pk)
    _check(actions.why_not_tell(recovery, request.actor), _again(request, recovery.told_by_id))
    today = timezone.localdate()
    form = DayForm(
        sent(request), since=day_of(recovery.decided_at), until=today, initial={"day": today}
    )
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["day"]
        actions.tell_recovery(recovery=recovery, told_on=day, by=request.user, at=timezone.now())
        messages.success(request, _("It was recorded that the household has the letter."))
        return redirect(recovery)
    return _act(
        request, recovery, form, title=_("Record that the letter was handed over"),
        text=_("The household signed the copy that stays in the file."),
        button=_("Record that the letter was handed over"),
    )  # fmt: skip


@require_http_methods(FORM)
@never_cache
def recovery_part(request, pk):
    recovery = _get(request, pk)
    noted = recovery.receipts.waiting().filter(noted_by=request.user)
    sent_before = list(noted.values_list("amount_fen", "received_on"))
    again = request.method == "POST" and bool(sent_before)
    _check(actions.why_not_note(recovery, request.actor), again)
    today = timezone.localdate()
    form = PartForm(
        sent(request), most_fen=actions.open_fen(recovery), since=day_of(recovery.decided_at),
        until=today, sent_before=sent_before, initial={"day": today},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        actions.note_receipt(
            recovery=recovery, amount_fen=data["amount"], received_on=data["day"],
            by=request.user, at=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("It was noted; the accountant posts it now."))
        return redirect(recovery)
    return _act(
        request, recovery, form, title=_("Note what came back"),
        text=_("The household paid into the special account; it may come back in parts."),
        button=_("Note what came back"),
    )  # fmt: skip


def _receipt(request, pk):
    rows = RecoveryReceipt.objects.visible_to(request.actor)
    row = get_object_or_404(rows.select_related("recovery__case__applicant"), pk=pk)
    return row, row.recovery


@require_http_methods(FORM)
@never_cache
def recovery_post(request, pk):
    receipt, recovery = _receipt(request, pk)
    why_not = actions.why_not_post_receipt(receipt, request.actor)
    _check(why_not, _again(request, receipt.posted_by_id))
    if request.method == "POST":
        actions.post_receipt(receipt=receipt, by=request.user, at=timezone.now())
        messages.success(request, _("What came back was posted."))
        return redirect(recovery)
    account, why = actions.reclaim_account(recovery, receipt.received_on)
    text = _("Came in on %(day)s; goes to: %(account)s. %(why)s") % {
        "day": receipt.received_on.isoformat(), "account": account, "why": why,
    }  # fmt: skip
    return _act(
        request, recovery, None, title=_("Post what came back"), text=text,
        button=_("Post what came back"), fen=receipt.amount_fen,
    )  # fmt: skip


@require_http_methods(FORM)
def recovery_strike(request, pk):
    receipt, recovery = _receipt(request, pk)
    why_not = actions.why_not_strike_receipt(receipt, request.actor)
    _check(why_not, _again(request, receipt.struck_by_id))
    if request.method == "POST":
        actions.strike_receipt(receipt=receipt, by=request.user, at=timezone.now())
        messages.success(request, _("The noted part was struck out."))
        return redirect(recovery)
    return _act(
        request, recovery, None, title=_("Strike the noted part out"),
        text=_("It was noted by mistake. The line stays, struck out."),
        button=_("Strike it out"), fen=receipt.amount_fen, serious=True,
    )  # fmt: skip


@require_http_methods(FORM)
@never_cache
def recovery_waive(request, pk):
    recovery = _get(request, pk)
    why_not = actions.why_not_waive(recovery, request.actor, timezone.localdate())
    _check(why_not, _again(request, recovery.waived_by_id))
    form = WaiveForm(sent(request))
    if request.method == "POST" and form.is_valid():
        actions.waive_recovery(
            recovery=recovery, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        messages.success(request, _("What is still open was waived."))
        return redirect(recovery)
    return _act(
        request, recovery, form, title=_("Waive the rest"), button=_("Waive the rest"),
        text=_("The household pays nothing more. A meeting must have said so."),
        fen=recovery.amount_fen - recovery.back_fen, serious=True,
    )  # fmt: skip


@require_safe
@never_cache
def recovery_letter(request, pk):
    """The letter to the household, with what was found about it."""
    recovery = _get(request, pk)
    if recovery.company_id not in request.actor.companies(*WORDS_READERS):
        raise NotAllowed(_("Only the company union officer and the chair read this letter."))
    if recovery.due_on is None:
        raise NotAllowed(_("There is a letter after the chair has decided."))
    paid = Payment.objects.filter(case=recovery.case_id, status=Payment.Status.POSTED)
    context = {
        "recovery": recovery,
        "payment": paid.select_related("run").order_by("-pk").first(),
    }
    return render(request, "funds/recovery_letter.html", context)
