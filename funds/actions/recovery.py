"""Recovery of money paid on false facts: opened, decided, told, paid back in parts, or waived.

Locks in one order: fund, recovery, part. The case stays paid.
"""

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from base.money import format_fen
from base.workdays import day_of
from cases.models import Counter
from cases.workflow import Status
from funds.actions import ledger, period
from funds.actions.handover import why_related
from funds.models import Account, Fund, Kind, Recovery, RecoveryReceipt, Transfer
from people.roles import NotAllowed, Role


def paid_net(case, besides=()):
    """{fund: fen it paid on a case, less what the bank sent back and what recoveries ask for, those
    of `besides` aside}; only funds with something left. Three queries."""
    rows = Transfer.objects.filter(case=case).exclude(kind=Kind.RECLAIM)
    net: dict[int, int] = {}
    for side, sign in (("debit", 1), ("credit", -1)):
        spent = rows.filter(**{f"{side}__kind": Account.Kind.SPENT}).order_by()
        for fund, fen in spent.values_list("fund").annotate(fen=Sum("amount_fen")):
            net[fund] = net.get(fund, 0) + sign * fen
    left_out = [row.pk for row in besides]
    asked = Recovery.objects.counted().filter(case=case).exclude(pk__in=left_out).order_by()
    for fund, fen in asked.values_list("fund").annotate(fen=Sum("amount_fen")):
        net[fund] = net.get(fund, 0) - fen
    return {fund: fen for fund, fen in net.items() if fen > 0}


def back_fen(recovery):
    """What has been paid back and posted. One query."""
    return recovery.receipts.posted().aggregate(fen=Sum("amount_fen"))["fen"] or 0


def open_fen(recovery):
    """What neither was paid back nor is noted to be. One query."""
    noted = recovery.receipts.live().aggregate(fen=Sum("amount_fen"))["fen"] or 0
    return recovery.amount_fen - noted


def why_not_open_recovery(case, actor, on):
    """Why the actor may not open a recovery of a case; "" when they may."""
    if case.company_id not in actor.companies(Role.COMPANY_OFFICER):
        return _("Only the company union officer opens a recovery.")
    if case.status != Status.PAID:
        return _("Nothing has been paid on this case.")
    if not paid_net(case):
        return _("All that was paid on this case came back or is being recovered.")
    return why_related(case, actor, on)


@transaction.atomic
def open_recovery(*, case, fund, reason, words, amount_fen, by, at):
    """The officer says what a household is to pay back and why; the chair decides it.

    Sent twice, it is opened once.
    """
    fund = Fund.objects.lock(fund.pk)
    same = {"case": case, "fund": fund, "reason": reason, "amount_fen": amount_fen}
    done = Recovery.objects.filter(opened_by=by, status=Recovery.Status.OPEN, **same).first()
    if done and done.words == words:
        return done
    on = day_of(at)
    if refusal := why_not_open_recovery(case, by.actor(on), on):
        raise NotAllowed(refusal)
    most = paid_net(case).get(fund.pk, 0)
    if not 0 < amount_fen <= most:
        raise NotAllowed(_("At most %(most)s yuan can be recovered.") % {"most": format_fen(most)})
    if not words.strip():
        raise NotAllowed(_("Write down what was found."))
    seq = Counter.objects.take(case.company_id, f"recovery {on.year}")
    return Recovery.objects.create(
        company_id=case.company_id, number=f"{on.year}-追-{seq:03d}", case=case, fund=fund,
        reason=reason, words=words, amount_fen=amount_fen, opened_at=at, opened_by=by,
    )  # fmt: skip


def _locked(recovery):
    fund = Fund.objects.lock(recovery.fund_id)
    return fund, Recovery.objects.select_related("case__applicant").lock(recovery.pk)


def _change(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    return row


def why_not_decide_recovery(recovery, actor, on):
    """Why the actor may not decide a recovery; "" when they may."""
    if recovery.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair decides a recovery.")
    if recovery.opened_by_id == actor.user_id:
        return _("Somebody other than who opened the recovery decides it.")
    if recovery.status != Recovery.Status.OPEN:
        return _("This recovery has been decided.")
    return why_related(recovery.case, actor, on)


@transaction.atomic
def decide_recovery(*, recovery, pursue, by, at, due_on=None, words="", minutes=""):
    """The chair decides that the amount is paid back by a day, or that it is not pursued."""
    _fund, recovery = _locked(recovery)
    status = Recovery.Status.DECIDED if pursue else Recovery.Status.REFUSED
    if recovery.status == status and recovery.decided_by_id == by.pk:
        return recovery
    if refusal := why_not_decide_recovery(recovery, by.actor(day_of(at)), day_of(at)):
        raise NotAllowed(refusal)
    if pursue and (due_on is None or due_on <= day_of(at)):
        raise NotAllowed(_("The day by which it is paid back lies after today."))
    if not pursue and not words.strip():
        raise NotAllowed(_("Write down why nothing is recovered."))
    return _change(
        recovery, status=status, decided_at=at, decided_by=by, decision_words=words,
        decision_minutes=minutes, due_on=due_on if pursue else None,
    )  # fmt: skip


def why_not_tell(recovery, actor):
    """Why the actor may not record that the letter was handed over; "" when they may."""
    if recovery.company_id not in actor.companies(Role.COMPANY_OFFICER):
        return _("Only the company union officer hands the letter over.")
    if recovery.status != Recovery.Status.DECIDED:
        return _("There is a letter while the amount is to be paid back.")
    if recovery.told_on:
        return _("It was recorded before on which day the household got the letter.")
    return ""


@transaction.atomic
def tell_recovery(*, recovery, told_on, by, at):
    """The household has the letter since that day; recorded once."""
    _fund, recovery = _locked(recovery)
    if recovery.told_on == told_on and recovery.told_by_id == by.pk:
        return recovery
    if refusal := why_not_tell(recovery, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    if not day_of(recovery.decided_at) <= told_on <= day_of(at):
        raise NotAllowed(_("It was handed over after the decision, and not later than today."))
    return _change(recovery, told_on=told_on, told_by=by)


def why_not_note(recovery, actor):
    """Why the actor may not note a part that came back; "" when they may."""
    if recovery.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier notes what the household paid back.")
    if recovery.status != Recovery.Status.DECIDED:
        return _("Nothing is to be paid back now.")
    if not open_fen(recovery):
        return _("All of it has been noted; the accountant posts it.")
    return ""


@transaction.atomic
def note_receipt(*, recovery, amount_fen, received_on, by, at):
    """A part came back to the special account on that day, says the cashier.

    The same amount and day by the same person, not yet posted, is the same part.
    """
    fund, recovery = _locked(recovery)
    done = recovery.receipts.waiting().filter(
        amount_fen=amount_fen, received_on=received_on, noted_by=by
    )
    if found := done.first():
        return found
    if refusal := why_not_note(recovery, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    most = open_fen(recovery)
    if not 0 < amount_fen <= most:
        raise NotAllowed(_("%(most)s yuan are still open.") % {"most": format_fen(most)})
    if not day_of(recovery.decided_at) <= received_on <= day_of(at):
        raise NotAllowed(_("It came back after the decision, and not later than today."))
    if refusal := period.why_not_book_on(fund, received_on):
        raise NotAllowed(refusal)
    return RecoveryReceipt.objects.create(
        recovery=recovery, amount_fen=amount_fen, received_on=received_on, noted_at=at, noted_by=by
    )


def why_not_post_receipt(receipt, actor):
    """Why the actor may not post a part that came back; "" when they may."""
    if receipt.recovery.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant posts what the household paid back.")
    if receipt.noted_by_id == actor.user_id:
        return _("Somebody other than who noted it posts what the household paid back.")
    return _why_not_waiting(receipt)


def _why_not_waiting(receipt):
    if receipt.struck_at:
        return _("This part was struck out.")
    if receipt.posted_at:
        return _("This part has been posted.")
    return ""


def reclaim_account(recovery, on):
    """(account, why): where the money goes back to. The budget of that year for the same
    programme of the same fund; without one, what is not yet allocated of the fund. One query or
    two."""
    programme = recovery.case.programme
    budget = Account.objects.filter(
        fund=recovery.fund_id, kind=Account.Kind.BUDGET, year=on.year, programme=programme
    ).first()
    if budget:
        return budget, _("It goes back to the budget of the year in which it came.")
    pool = Account.objects.get(fund=recovery.fund_id, kind=Account.Kind.POOL)
    return pool, _(
        "The fund has no budget for this programme in %(year)s: it goes to what is not yet"
        " allocated."
    ) % {"year": on.year}


@transaction.atomic
def post_receipt(*, receipt, by, at):
    """The accountant posts a part: SPENT → budget or pool; the last one settles the recovery.

    Twice is once.
    """
    fund, recovery = _locked(receipt.recovery)
    receipt = RecoveryReceipt.objects.lock(receipt.pk)
    receipt.recovery = recovery
    if receipt.posted_at and receipt.posted_by_id == by.pk:
        return receipt
    if refusal := why_not_post_receipt(receipt, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    if refusal := period.why_not_book_on(fund, receipt.received_on):
        raise NotAllowed(refusal)
    spent = Account.objects.get(fund=fund, kind=Account.Kind.SPENT)
    account, _why = reclaim_account(recovery, receipt.received_on)
    transfer = ledger.post(
        fund, Kind.RECLAIM, account, spent, receipt.amount_fen, by=by, at=at,
        key=f"reclaim {receipt.pk}", value_on=receipt.received_on, note=recovery.number,
        case=recovery.case,
    )  # fmt: skip
    _change(receipt, posted_at=at, posted_by=by, transfer=transfer)
    if back_fen(recovery) == recovery.amount_fen:
        _change(recovery, status=Recovery.Status.SETTLED)
    return receipt


def why_not_strike_receipt(receipt, actor):
    """Why the actor may not strike a noted part out; "" when they may."""
    company = receipt.recovery.company_id
    if company not in actor.companies(Role.CASHIER, Role.ACCOUNTANT):
        return _("Only the cashier and the accountant strike a noted part out.")
    return _why_not_waiting(receipt)


@transaction.atomic
def strike_receipt(*, receipt, by, at):
    """A part was noted by mistake; it stays, struck out. Twice is once."""
    _fund, recovery = _locked(receipt.recovery)
    receipt = RecoveryReceipt.objects.lock(receipt.pk)
    receipt.recovery = recovery
    if receipt.struck_at and receipt.struck_by_id == by.pk:
        return receipt
    if refusal := why_not_strike_receipt(receipt, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    return _change(receipt, struck_at=at, struck_by=by)


def why_not_waive(recovery, actor, on):
    """Why the actor may not waive the rest; "" when they may."""
    if recovery.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair waives what is still open.")
    if recovery.opened_by_id == actor.user_id:
        return _("Somebody other than who opened the recovery waives what is still open.")
    if recovery.status != Recovery.Status.DECIDED:
        return _("Nothing is to be paid back now.")
    if recovery.receipts.waiting().exists():
        return _("A part that came back is not posted yet; the accountant posts it first.")
    return why_related(recovery.case, actor, on)


@transaction.atomic
def waive_recovery(*, recovery, words, minutes, by, at):
    """The rest is waived, as the minutes of a meeting say."""
    _fund, recovery = _locked(recovery)
    if recovery.status == Recovery.Status.WAIVED and recovery.waived_by_id == by.pk:
        return recovery
    if refusal := why_not_waive(recovery, by.actor(day_of(at)), day_of(at)):
        raise NotAllowed(refusal)
    if not words.strip() or not minutes.strip():
        raise NotAllowed(_("Write down why the rest is waived, and the number of the minutes."))
    return _change(
        recovery, status=Recovery.Status.WAIVED, waived_at=at, waived_by=by, waived_words=words,
        waived_minutes=minutes,
    )  # fmt: skip
