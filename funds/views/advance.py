"""Urgent advances: decided by the chair, paid by two others, ratified, taken off or paid back."""

import io
from hashlib import sha256

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base import xlsx
from base.masking import mask_name
from base.workdays import day_of
from base.xlsx import Column
from cases.models import Case
from funds import actions, lists
from funds.forms.advance import (
    AdvanceFilter,
    AdvanceForm,
    RatifyForm,
    RecoveryForm,
    VoidAdvanceForm,
)
from funds.forms.payment import PurposeForm
from funds.models import Account, Advance, Meeting
from funds.models.ledger import MONEY_READERS
from funds.views.fund import FORM, sent
from funds.views.payment import BANK_COLUMNS
from people.actions import disclose
from people.models import DisclosureSubject
from people.roles import NotAllowed, Role, check_any
from people.views.lists import XLSX, listing

COLUMNS = (
    Column("number", gettext_lazy("Number of the advance"), width=18),
    Column("case", gettext_lazy("Case number"), width=18),
    Column("name", gettext_lazy("Name")),
    Column("unit", gettext_lazy("Grassroots union"), width=24),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("decided", gettext_lazy("Decided on"), kind="date"),
    Column("due", gettext_lazy("Full procedure by"), kind="date"),
    Column("state", gettext_lazy("State"), width=24),
)
# Who reads why it could not wait: words about the family.
REASON_READERS = (Role.COMPANY_CHAIR, Role.COMPANY_OFFICER, Role.SECRETARY, Role.LEADER)


def _check(reason):
    if reason:
        raise NotAllowed(reason)


def _get(request, pk):
    rows = Advance.objects.visible_to(request.actor).for_list()
    return get_object_or_404(
        rows.select_related(
            "account__fund", "company", "prepared_by", "posted_by", "meeting", "ratified_by",
            "recovery_prepared_by", "ended_by",
        ),
        pk=pk,
    )  # fmt: skip


@require_safe
def advance_list(request):
    check_any(request.actor, *MONEY_READERS)
    on = timezone.localdate()
    budgets = Account.objects.emergency(request.actor.companies(*MONEY_READERS))
    filters = AdvanceFilter(request.GET, accounts=budgets)
    mine = Advance.objects.visible_to(request.actor)
    rows = mine.for_list().narrowed(**filters.chosen, on=on)
    named = {pk for pk in request.actor.companies(*MONEY_READERS)
             if lists.sees_names(request.actor, pk)}  # fmt: skip

    def told(row):
        name = row.case.applicant.name
        return name if row.company_id in named else mask_name(name)

    def cells(row):
        return (
            row.number, row.case.number, told(row), row.case.unit.name, row.amount_fen,
            day_of(row.decided_at), row.due_on, str(row.state_words),
        )  # fmt: skip

    def shown(page):
        return [(row, told(row), row.is_late(on)) for row in page.rows]

    return listing(
        request,
        "funds/advance_list.html",
        rows=rows,
        order=("-decided_at", "-pk"),
        title=_("Urgent advances"),
        columns=COLUMNS,
        cells=cells,
        filters=filters,
        shown=shown,
        back_count=mine.to_be_paid_back().count(),
    )


@require_http_methods(FORM)
def advance_new(request, pk):
    """The chair decides; sent twice, or decided already, it leads to the advance there is."""
    cases = Case.objects.visible_to(request.actor).select_related("applicant", "unit")
    case = get_object_or_404(cases, pk=pk)
    if done := Advance.objects.visible_to(request.actor).filter(case=case).first():
        return redirect(done)
    on = timezone.localdate()
    _check(actions.why_not_decide_advance(case, request.actor, on))
    form = AdvanceForm(
        sent(request), company_id=case.company_id, most_fen=actions.most_fen(case, on)
    )
    if request.method != "POST" or not form.is_valid():
        context = {"case": case, "form": form, "any": form.fields["account"].queryset.exists()}
        status = 422 if form.errors else 200
        return render(request, "funds/advance_new.html", context, status=status)
    advance = actions.decide_advance(
        case=case, account=form.cleaned_data["account"], amount_fen=form.cleaned_data["amount"],
        reason=form.cleaned_data["reason"], by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The advance was decided; the cashier prepares the payment now."))
    return redirect(advance)


@require_safe
@never_cache
def advance_detail(request, pk):
    advance = _get(request, pk)
    actor, on = request.actor, timezone.localdate()
    waits = not advance.ended_at
    reserved, running = waits and not advance.posted_at, waits and bool(advance.posted_at)
    preparing = reserved and not advance.prepared_at
    acts = [
        ("funds:advance_prepare", _("Prepare the payment"),
         preparing and not actions.why_not_prepare_advance(advance, actor, on)),
        ("funds:advance_post", _("Post the payment"),
         reserved and not actions.why_not_post_advance(advance, actor, on)),
        ("funds:advance_recover", _("Post that it was paid back"),
         running and not actions.why_not_recover_advance(advance, actor)),
        ("funds:advance_recovery", _("Record that it was paid back"),
         running and not actions.why_not_note_recovery(advance, actor)),
        ("funds:advance_void", _("Void the advance"),
         reserved and not actions.why_not_void_advance(advance, actor)),
        ("funds:advance_file", _("Bank payment file"),
         not actions.why_not_advance_file(advance, actor)),
    ]  # fmt: skip
    named = lists.sees_names(actor, advance.company_id)
    name = advance.case.applicant.name
    context = {
        "advance": advance,
        "name": name if named else mask_name(name),
        "late": advance.is_late(on),
        "acts": [(address, label) for address, label, may in acts if may],
        "case_seen": Case.objects.visible_to(actor).filter(pk=advance.case_id).exists(),
        "reason_seen": advance.company_id in actor.companies(*REASON_READERS),
        "account_changed": preparing and actions.changed_payee(advance),
    }
    return render(request, "funds/advance_detail.html", context)


def _act(request, advance, *, title, text, button, form=None, serious=False):
    """The last look before an act on an advance."""
    context = {
        "advance": advance, "title": title, "text": text, "button": button, "form": form,
        "serious": serious,
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "funds/advance_act.html", context, status=status)


@require_http_methods(FORM)
@never_cache
def advance_prepare(request, pk):
    advance = _get(request, pk)
    _check(actions.why_not_prepare_advance(advance, request.actor, timezone.localdate()))
    if request.method == "POST":
        actions.prepare_advance(advance=advance, by=request.user, at=timezone.now())
        messages.success(request, _("The payment was prepared; the accountant posts it now."))
        return redirect(advance)
    return _act(
        request, advance, title=_("Prepare the payment"), button=_("Prepare the payment"),
        text=_("The advance is paid to the account below, before the full procedure."),
    )  # fmt: skip


@require_http_methods(FORM)
@never_cache
def advance_post(request, pk):
    advance = _get(request, pk)
    _check(actions.why_not_post_advance(advance, request.actor, timezone.localdate()))
    if request.method == "POST":
        actions.post_advance(advance=advance, by=request.user, at=timezone.now())
        messages.success(request, _("The payment was posted."))
        return redirect(advance)
    return _act(
        request, advance, title=_("Post the payment"), button=_("Post the payment"),
        text=_("The advance leaves its budget now. It is taken off the grant, or paid back."),
    )  # fmt: skip


@require_http_methods(FORM)
def advance_void(request, pk):
    advance = _get(request, pk)
    _check(actions.why_not_void_advance(advance, request.actor))
    form = VoidAdvanceForm(sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        actions.void_advance(advance=advance, reason=reason, by=request.user, at=timezone.now())
        messages.success(request, _("The advance was voided; nothing is reserved for it."))
        return redirect(advance)
    return _act(
        request, advance, title=_("Void the advance"), button=_("Void the advance"), form=form,
        text=_("Nothing is paid. No other advance can be decided on this case."), serious=True,
    )  # fmt: skip


@require_http_methods(FORM)
def advance_recovery(request, pk):
    advance = _get(request, pk)
    _check(actions.why_not_note_recovery(advance, request.actor))
    today = timezone.localdate()
    form = RecoveryForm(
        sent(request), since=day_of(advance.posted_at), until=today, initial={"came_back_on": today}
    )
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["came_back_on"]
        actions.note_recovery(advance=advance, came_back_on=day, by=request.user, at=timezone.now())
        messages.success(request, _("It was recorded; the accountant posts it now."))
        return redirect(advance)
    return _act(
        request, advance, title=_("Record that it was paid back"), form=form,
        text=_("The household paid the advance back, in full, into the special account."),
        button=_("Record that it was paid back"),
    )  # fmt: skip


@require_http_methods(FORM)
def advance_recover(request, pk):
    advance = _get(request, pk)
    _check(actions.why_not_recover_advance(advance, request.actor))
    if request.method == "POST":
        actions.recover_advance(advance=advance, by=request.user, at=timezone.now())
        messages.success(request, _("It was posted that the advance was paid back."))
        return redirect(advance)
    return _act(
        request, advance, title=_("Post that it was paid back"),
        text=_("The amount returns to its budget."), button=_("Post that it was paid back"),
    )  # fmt: skip


@require_http_methods(FORM)
@never_cache
def advance_file(request, pk):
    """The file for the bank with the full account number: a purpose first, then the download."""
    advance = _get(request, pk)
    _check(actions.why_not_advance_file(advance, request.actor))
    form = PurposeForm(sent(request))
    if request.method != "POST" or not form.is_valid():
        return _act(
            request, advance, title=_("Bank payment file"), form=form,
            text=_("The file holds full account numbers. Every download is recorded with its "
                   "purpose first."),
            button=_("Download the file"),
        )  # fmt: skip
    disclose(
        by=request.user, at=timezone.now(), company=advance.company,
        subject=DisclosureSubject.CASE, subject_pk=advance.case_id, fields=["account"],
        purpose=form.cleaned_data["purpose"],
    )  # fmt: skip
    content = _workbook(advance)
    headers = {
        "Content-Disposition": content_disposition_header(True, f"{advance.number}.xlsx"),
        "Repr-Digest": f"sha-256=:{sha256(content).hexdigest()}:",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _workbook(advance):
    """The bytes of the file, as for a payment of a list."""
    fen = advance.amount_fen
    row = (
        "1", advance.payee_account, advance.payee_name, advance.payee_bank, advance.payee_branch,
        f"{fen // 100}.{fen % 100:02d}", advance.number,
    )  # fmt: skip
    target = io.BytesIO()
    with translation.override("zh-hans"):
        xlsx.write_table(target, advance.number, BANK_COLUMNS, [row])
    return target.getvalue()


@require_http_methods(FORM)
def ratify(request, pk):
    """The secretary records on each advance whether the meeting ratifies it."""
    meetings = Meeting.objects.visible_to(request.actor).select_related("company")
    meeting = get_object_or_404(meetings, pk=pk)
    _check(actions.why_not_ratify(meeting, request.actor))
    advances = list(actions.to_ratify(meeting))
    form = RatifyForm(sent(request), advances=advances)
    if request.method == "POST" and form.is_valid():
        actions.ratify_advances(
            meeting=meeting, answers=form.answers, by=request.user, at=timezone.now()
        )
        messages.success(request, _("It was recorded; the chair confirms it with the meeting."))
        return redirect(meeting)
    context = {"meeting": meeting, "form": form, "advances": advances}
    return render(request, "funds/ratify.html", context, status=422 if form.errors else 200)
