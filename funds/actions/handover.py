"""The exception from the transfer: asked by one, approved by another, paid, signed for.

Locks in one order: fund, list, hand-over.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from base.crypto import blind_index
from base.workdays import day_of
from cases import facts
from cases.models import Counter
from cases.workflow import Status
from funds.actions.payment import ACTIVE
from funds.models import (
    Batch,
    BatchLine,
    Fund,
    HandOver,
    HandOverReceipt,
    MoneyPaper,
    Payment,
    PaymentRun,
    Way,
)
from people.models import Relation
from people.roles import NotAllowed, Role

ASKERS = (Role.CASHIER, Role.COMPANY_OFFICER)
APPROVERS = (Role.COMPANY_CHAIR, Role.ACCOUNTANT)
DECIDED = (Status.APPROVED, Status.PUBLISHED, Status.HELD, Status.CLEARED)
RECEIPT_DAYS = 7  # after the payment; then the missing receipt stands on the worklist


def why_related(case, actor, on):
    """Why the actor is too near to the household; "" when not."""
    if actor.kin & facts.read([case], on, ())[case.pk].household:
        return _("You are a relative or a member of this household: somebody else must do this.")
    return ""


def why_not_ask(line, actor, on):
    """Why the actor may not ask for an exception for a line; "" when they may."""
    if line.batch.company_id not in actor.companies(*ASKERS):
        return _("Only the cashier or the company union officer asks for cash or a proxy.")
    if line.outcome != BatchLine.Outcome.APPROVED or not line.current or not line.amount_fen:
        return _("Only a line that the meeting approved is paid.")
    if line.case.status not in DECIDED or line.payments.filter(status__in=ACTIVE).exists():
        return _("A payment of this line is under way or done; an exception must stand before it.")
    if line.hand_overs.standing().exists():
        return _("There is an exception for this line already.")
    return why_related(line.case, actor, on)


def to_ask(actor):
    """Lines of the actor's companies for which an exception may be asked now, newest first."""
    companies = actor.companies(*ASKERS)
    return (
        BatchLine.objects.filter(
            batch__company__in=companies, outcome=BatchLine.Outcome.APPROVED, current=True,
            amount_fen__isnull=False, case__status__in=DECIDED,
        )
        .exclude(payments__status__in=ACTIVE)
        .exclude(hand_overs__status__in=[HandOver.Status.ASKED, HandOver.Status.APPROVED])
        .select_related("batch", "case__applicant", "case__unit")
    )  # fmt: skip


@transaction.atomic
def ask_hand_over(*, line, way, reason, by, at, proxy=None, account=None):
    """Ask that a line goes in cash or to a proxy. `proxy` is {name, relation, phone, id_number},
    `account` {bank, branch, account}. Sent twice, it is asked once."""
    Fund.objects.lock(line.batch.budget.fund_id)
    Batch.objects.lock(line.batch_id)
    line = BatchLine.objects.select_related("batch", "case__applicant").get(pk=line.pk)
    columns = _proxy(line, way, proxy, account)
    done = line.hand_overs.asked().filter(
        asked_by=by, way=way, proxy_index=columns.get("proxy_index", "")
    )
    if found := done.first():
        return found
    on = day_of(at)
    actor = by.actor(on)
    if refusal := why_not_ask(line, actor, on) or _why_near_proxy(columns, actor):
        raise NotAllowed(refusal)
    if not reason.strip():
        raise NotAllowed(_("Write down why it cannot go to their own account."))
    company = line.batch.company_id
    seq = Counter.objects.take(company, f"hand over {on.year}")
    return HandOver.objects.create(
        company_id=company, number=f"{on.year}-领-{seq:03d}", line=line, case=line.case, way=way,
        reason=reason, asked_at=at, asked_by=by, **columns,
    )  # fmt: skip


def _why_near_proxy(columns, actor):
    """Why the actor is too near to the proxy; "" when not."""
    if columns.get("proxy_index", "") in actor.kin:
        return _("You are a relative of the proxy: somebody else must do this.")
    return ""


def _proxy(line, way, proxy, account):
    """The columns that say who receives the money, if another than the employee does."""
    if way == Way.CASH:
        return {}
    index = blind_index(proxy["id_number"], "id_number")
    if index == line.case.applicant.id_index or proxy["relation"] == Relation.SELF:
        raise NotAllowed(_("The employee is no proxy; choose cash to the employee."))
    columns = {
        "proxy_name": proxy["name"], "proxy_relation": proxy["relation"],
        "proxy_phone": proxy["phone"], "proxy_id_number": proxy["id_number"], "proxy_index": index,
    }  # fmt: skip
    if way == Way.PROXY_ACCOUNT:
        columns |= account | {"account_index": blind_index(account["account"], "account")}
    return columns


def _locked(hand_over):
    Fund.objects.lock(hand_over.line.batch.budget.fund_id)
    Batch.objects.lock(hand_over.line.batch_id)
    return HandOver.objects.select_related("case__applicant").lock(hand_over.pk)


def why_not_decide_hand_over(hand_over, actor, on):
    """Why the actor may not approve or refuse an exception; "" when they may."""
    if hand_over.company_id not in actor.companies(*APPROVERS):
        return _("Only the company union chair or the accountant approves cash or a proxy.")
    if hand_over.asked_by_id == actor.user_id:
        return _("Somebody other than who asked for the exception approves it.")
    if hand_over.status != HandOver.Status.ASKED:
        return _("This exception has been decided.")
    near = _why_near_proxy({"proxy_index": hand_over.proxy_index}, actor)
    return near or why_related(hand_over.case, actor, on)


@transaction.atomic
def decide_hand_over(*, hand_over, approve, by, at, words=""):
    """A second person approves the exception, or refuses it with words."""
    hand_over = _locked(hand_over)
    status = HandOver.Status.APPROVED if approve else HandOver.Status.REFUSED
    if hand_over.status == status and hand_over.decided_by_id == by.pk:
        return hand_over
    if refusal := why_not_decide_hand_over(hand_over, by.actor(day_of(at)), day_of(at)):
        raise NotAllowed(refusal)
    if not approve and not words.strip():
        raise NotAllowed(_("Write down why the exception is refused."))
    return _change(hand_over, status=status, decided_at=at, decided_by=by, decision_words=words)


def _change(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    return row


def why_not_call_off(hand_over, actor):
    """Why the actor may not call an exception off; "" when they may."""
    if hand_over.company_id not in actor.companies(*ASKERS, *APPROVERS):
        return _("Only who asks for or approves exceptions calls one off.")
    if hand_over.status not in (HandOver.Status.ASKED, HandOver.Status.APPROVED):
        return _("This exception stands no longer.")
    if hand_over.payments.filter(status__in=ACTIVE).exists():
        return _("A payment by this exception is under way or done.")
    return ""


@transaction.atomic
def call_off(*, hand_over, by, at):
    """The exception is not needed: the line goes to the employee's own account again."""
    hand_over = _locked(hand_over)
    if hand_over.status == HandOver.Status.CALLED_OFF and hand_over.called_off_by_id == by.pk:
        return hand_over
    if refusal := why_not_call_off(hand_over, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    status = HandOver.Status.CALLED_OFF
    return _change(hand_over, status=status, called_off_at=at, called_off_by=by)


# Papers


def _keep(kind, company_id, upload, file, *, by, at, **owner):
    """Keep an uploaded paper; the same file for the same row is kept once."""
    if known := MoneyPaper.objects.filter(sha256=upload.sha256, **owner).first():
        return known
    paper = MoneyPaper(
        company_id=company_id, kind=kind, media_type=upload.content_type, sha256=upload.sha256,
        size=upload.size_bytes, uploaded_at=at, uploaded_by=by, **owner,
    )  # fmt: skip
    paper.file.save(upload.stored_name, file, save=False)
    paper.save()
    return paper


def why_not_keep_id_copy(hand_over, actor):
    """Why the actor may not put the copy of the proxy's ID card on file; "" when they may."""
    if hand_over.company_id not in actor.companies(*ASKERS):
        return _("Only the cashier or the company union officer puts papers on file.")
    if not hand_over.by_proxy:
        return _("The employee receives the cash: no copy of an ID card is asked for.")
    if hand_over.status not in (HandOver.Status.ASKED, HandOver.Status.APPROVED):
        return _("This exception stands no longer.")
    return ""


@transaction.atomic
def keep_id_copy(*, hand_over, upload, file, by, at):
    """The copy of the proxy's ID card; required before the payment is posted."""
    hand_over = HandOver.objects.lock(hand_over.pk)
    if refusal := why_not_keep_id_copy(hand_over, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    return _keep(
        MoneyPaper.Kind.ID_COPY, hand_over.company_id, upload, file, by=by, at=at,
        hand_over=hand_over,
    )  # fmt: skip


def why_not_keep_sheet(run, actor):
    """Why the actor may not put a signed payment sheet on file; "" when they may."""
    if run.company_id not in actor.companies(Role.CASHIER, Role.ACCOUNTANT):
        return _("Only the cashier and the accountant put the signed payment sheet on file.")
    if run.status != PaymentRun.Status.POSTED:
        return _("The sheet is signed after the payment was posted.")
    return ""


@transaction.atomic
def keep_sheet(*, run, upload, file, by, at):
    """A page of the payment sheet, signed by those who were paid."""
    run = PaymentRun.objects.lock(run.pk)
    if refusal := why_not_keep_sheet(run, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    return _keep(MoneyPaper.Kind.SHEET, run.company_id, upload, file, by=by, at=at, run=run)


# The signed receipt


def why_not_sign(payment, actor):
    """Why the actor may not record the signed receipt of a payment; "" when they may."""
    if payment.run.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier records a signed receipt.")
    if payment.way == Way.BANK:
        return _("This payment went to the employee's own account; the payment sheet is signed.")
    if payment.status != Payment.Status.POSTED:
        return _("This payment has not been posted.")
    if HandOverReceipt.objects.filter(payment=payment).exists():
        return _("The receipt of this payment has been recorded.")
    return ""


@transaction.atomic
def sign_receipt(*, payment, received_on, upload, file, by, at):
    """Who received the money signed for it on that day; recorded once, by the cashier."""
    payment = Payment.objects.select_related("run").select_for_update(of=("self",)).get(
        pk=payment.pk
    )  # fmt: skip
    done = HandOverReceipt.objects.filter(payment=payment, paper__sha256=upload.sha256).first()
    if done:
        return done
    if refusal := why_not_sign(payment, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    if not day_of(payment.run.posted_at) <= received_on <= day_of(at):
        raise NotAllowed(_("It was received after it was posted, and not later than today."))
    paper = _keep(
        MoneyPaper.Kind.RECEIPT, payment.run.company_id, upload, file, by=by, at=at,
        payment=payment,
    )  # fmt: skip
    return HandOverReceipt.objects.create(
        payment=payment, paper=paper, received_on=received_on, by=by, at=at
    )
