"""Payment: prepared by the cashier, posted by the accountant, each line at most once."""

from django.db import transaction
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from base import canonical
from base.sets import insert_select
from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, workflow
from cases.models import Case, Clearance, Counter
from cases.workflow import Duty, Status
from funds.actions import ledger
from funds.actions.meeting import reserve
from funds.actions.payee import unchecked
from funds.models import (
    BY_PROXY,
    IN_CASH,
    Account,
    Advance,
    Batch,
    BatchLine,
    Fund,
    HandOver,
    HandOverReceipt,
    Hold,
    HoldEnd,
    Kind,
    PayeeConfirmation,
    Payment,
    PaymentRun,
    Recovery,
    Transfer,
    Way,
    require_open,
    running_fen,
)
from people.models import Person
from people.roles import NotAllowed, Role

ACTIVE = (Payment.Status.PREPARED, Payment.Status.POSTED)


def ready_lines(batch):
    """Approved lines whose case is cleared and that no payment is under way for.

    `advance_fen` is what was paid on the case in advance. One that is larger than the grant must
    be paid back first. `handed` holds the approved exception from the transfer, if there is one;
    a line whose exception waits to be approved is not ready.
    """
    asked = HandOver.objects.asked().filter(line=OuterRef("pk"))
    approved = HandOver.objects.approved().select_related("case__applicant")
    return (
        batch.lines.annotate(advance_fen=running_fen("case"))
        .filter(
            ~Exists(asked),
            outcome=BatchLine.Outcome.APPROVED,
            current=True,
            case__status=Status.CLEARED,
            advance_fen__lte=F("amount_fen"),
        )
        .exclude(payments__status__in=ACTIVE)
        .select_related("case__applicant__unit")
        .prefetch_related(Prefetch("hand_overs", queryset=approved, to_attr="handed"))
        .order_by("seq")
    )


def unready_lines(batch):
    """The other approved lines: what stands in the way of each is its case's status or payment."""
    ready = ready_lines(batch).values("pk")
    asked = HandOver.objects.asked().filter(line=OuterRef("pk"))
    return (
        batch.lines.annotate(advance_fen=running_fen("case"), asked=Exists(asked))
        .filter(outcome=BatchLine.Outcome.APPROVED, current=True)
        .exclude(pk__in=ready)
        .select_related("case__applicant__unit")
        .order_by("seq")
    )


def why_not_ready(line):
    """In words what a line of `unready_lines` waits for. No query when `case` is loaded."""
    if line.case.status == Status.CLEARED and line.advance_fen > line.amount_fen:
        return _("The advance is larger than the grant: it must be paid back first.")
    if line.case.status == Status.CLEARED and line.asked:
        return _("An exception from the transfer waits to be approved.")
    return {
        Status.APPROVED: _("The list has not been published."),
        Status.PUBLISHED: _("The notice period has not ended."),
        Status.HELD: _("An objection is being handled."),
        Status.CLEARED: _("A payment is under way."),
        Status.PAID: _("It has been paid."),
    }[line.case.status]


def waiting(companies):
    """Decided lists of some companies with something to pay now, the oldest first, each with
    `ready_count` and `ready_fen`. One query."""
    under_way = Payment.objects.filter(line=OuterRef("lines"), status__in=ACTIVE)
    asked = HandOver.objects.asked().filter(line=OuterRef("lines"))
    ready = Q(
        ~Exists(under_way), ~Exists(asked), lines__outcome=BatchLine.Outcome.APPROVED,
        lines__current=True, lines__case__status=Status.CLEARED,
        lines__amount_fen__gte=running_fen("lines__case"),
    )  # fmt: skip
    return (
        Batch.objects.filter(
            company__in=companies, status=Batch.Status.DECIDED, budget__isnull=False
        )
        .annotate(
            ready_count=Count("lines", filter=ready),
            ready_fen=Sum("lines__amount_fen", filter=ready),
        )
        .filter(ready_count__gt=0)
        .select_related("budget__fund", "meeting")
        .order_by("decided_at", "pk")
    )


def unconfirmed(lines):
    """Lines whose payee account changed after the decision and that nobody else confirmed.

    One query for the whole set (invariant IM18).
    """
    changed = [line for line in lines if account_changed(line)]
    if not changed:
        return []
    people = {line.case.applicant_id for line in changed}
    confirmed = set(
        PayeeConfirmation.objects.filter(person__in=people).values_list(
            "person_id", "account_index"
        )
    )
    return [
        line
        for line in changed
        if (line.case.applicant_id, line.case.applicant.account_index) not in confirmed
    ]


def account_changed(line):
    """Whether a ready line goes to another account of the employee than the one decided on; an
    exception was approved with the account it goes to. No query."""
    return not line.handed and line.account_index != line.case.applicant.account_index


def payee(line):
    """The way a ready line is paid and to whom, as the columns of its payment. No query."""
    if not line.handed:
        person = line.case.applicant
        return {
            "way": Way.BANK, "bank": person.bank, "branch": person.branch,
            "account_name": person.account_name, "account": person.account,
            "account_index": person.account_index,
        }  # fmt: skip
    (hand_over,) = line.handed
    return {
        "way": hand_over.way, "hand_over": hand_over, "bank": hand_over.bank,
        "branch": hand_over.branch, "account_name": hand_over.receiver,
        "account": hand_over.account, "account_index": hand_over.account_index,
    }  # fmt: skip


@transaction.atomic
def confirm_payee(*, person, by, at, seen=None):
    """A second person confirms an account that was changed after the decision.

    `seen` is the blind index of the account that was on the page: another since is refused.
    """
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    require_open([person.company_id])
    if reason := why_not_confirm_payee(person, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if seen is not None and seen != person.account_index:
        raise NotAllowed(_("The account has been changed since; look at the new one first."))
    row, _made = PayeeConfirmation.objects.get_or_create(
        person=person, account_index=person.account_index, defaults={"by": by, "at": at}
    )
    return row


def why_not_confirm_payee(person, actor):
    """Why the actor may not confirm an account; "" when they may."""
    if person.company_id not in actor.companies(Role.ACCOUNTANT, Role.COMPANY_OFFICER):
        return _("Only the accountant or the company union officer confirms an account.")
    if person.account_changed_by_id == actor.user_id:
        return _("Somebody other than who changed the account confirms it.")
    return ""


def why_not_prepare(batch, actor):
    """Why the actor may not prepare a payment of the list; "" when they may."""
    if batch.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier prepares a payment.")
    if not batch.budget_id:
        return _("This list puts households on file; there is nothing to pay.")
    if batch.status != Batch.Status.DECIDED:
        return _("The meeting has not decided this list.")
    return ""


@transaction.atomic
def prepare(*, batch, by, at, seen=None):
    """Make a run of everything on the list that may be paid now; returns it.

    Refused while nothing is cleared, or an account was changed and not confirmed. `seen` is the
    digest of what was on the page: a list that changed since is refused.
    """
    if batch.budget_id:
        Fund.objects.lock(batch.budget.fund_id)
    batch = Batch.objects.lock(batch.pk)
    actor = by.actor(day_of(at))
    if reason := why_not_prepare(batch, actor):
        raise NotAllowed(reason)
    lines = list(ready_lines(batch))
    if not lines:
        raise NotAllowed(_("Nothing on this list may be paid now: %(why)s") % {"why": _why(batch)})
    if seen is not None and seen != digest(lines):
        raise NotAllowed(_("What may be paid has changed since; look at the list again."))
    if waiting := unconfirmed(lines):
        raise NotAllowed(
            _("The account of %(name)s changed after the decision; somebody must confirm it first.")
            % {"name": waiting[0].case.applicant.name}
        )
    if waiting := unchecked(lines):
        raise NotAllowed(
            _("The bank returned the payment to %(name)s; the account must be checked first.")
            % {"name": waiting[0].case.applicant.name}
        )
    cases = Case.objects.lock([line.case_id for line in lines])
    _check_duty(cases, Duty.PREPARE, actor, at)
    case_actions.take_duty(cases, Duty.PREPARE, by=by, at=at)
    return _make_run(batch, lines, by, at)


def _why(batch):
    """In words why nothing of a list is ready."""
    if batch.lines.filter(case__status=Status.PUBLISHED).exists():
        return _("the notice period has not ended.")
    if batch.lines.filter(case__status=Status.HELD).exists():
        return _("an objection is being handled.")
    if any(line.advance_fen > line.amount_fen for line in unready_lines(batch)):
        return _("an advance that is larger than its grant must be paid back first.")
    if batch.lines.filter(hand_overs__status=HandOver.Status.ASKED).exists():
        return _("an exception from the transfer waits to be approved.")
    if batch.lines.filter(payments__status__in=ACTIVE).exists():
        return _("a payment is under way or done.")
    return _("the list has not been published.")


def _check_duty(cases, duty, actor, at):
    read = facts.read(cases, day_of(at), ("pay",))
    for case in cases:
        if reason := workflow.why_not_duty(read[case.pk], duty, actor):
            raise NotAllowed(reason)
        if lacking := read[case.pk].lacking.get("pay"):
            raise NotAllowed(lacking[0])


def _make_run(batch, lines, by, at):
    pks = [line.case_id for line in lines]
    cleared = {}
    for row in Clearance.objects.filter(case__in=pks).order_by("pk"):
        cleared[row.case_id] = row
    held = {hold.case_id: hold for hold in Hold.objects.running().filter(case__in=pks)}
    attempts = dict(
        Payment.objects.filter(line__in=lines).order_by("attempt").values_list("line", "attempt")
    )
    year = day_of(at).year
    seq = Counter.objects.take(batch.company_id, f"payment {year}")
    run = PaymentRun.objects.create(
        company_id=batch.company_id, batch=batch, number=f"{year}-付-{seq:03d}",
        payments_count=len(lines), total_fen=sum(line.amount_fen for line in lines),
        digest=digest(lines), prepared_at=at, prepared_by=by,
    )  # fmt: skip
    Payment.objects.bulk_create(
        Payment(
            run=run, line=line, case_id=line.case_id, clearance=cleared[line.case_id],
            hold=held[line.case_id], seq=seq, attempt=attempts.get(line.pk, 0) + 1,
            amount_fen=line.amount_fen, advance_fen=line.advance_fen, **payee(line),
        )
        for seq, line in enumerate(lines, start=1)
    )  # fmt: skip
    return run


def digest(lines):
    """SHA-256 of what the bank is told: case, amount and account (as blind index)."""
    rows = [
        (line.case_id, line.amount_fen, payee(line)["account_index"], line.advance_fen)
        for line in lines
    ]
    return digest_of(rows)


def digest_of(rows):
    """The same of (case, fen, account, fen of the advance taken off); none is left out."""
    return canonical.digest([[*row[:3], *([row[3]] if row[3] else [])] for row in rows])


def why_not_post(run, actor):
    """Why the actor may not post the run; "" when they may."""
    if run.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant posts a payment.")
    if run.prepared_by_id == actor.user_id:
        return _("Somebody other than who prepared the payment posts it.")
    if run.status == PaymentRun.Status.VOID:
        return _("This payment was given up.")
    return ""


def recount(run):
    """(number, fen, digest) of a run counted again from its lines, not from what it says.

    The amounts are those the meeting decided; until it is posted, the advances those that run.
    One query.
    """
    waits = run.status == PaymentRun.Status.PREPARED
    advance = running_fen("case") if waits else F("advance_fen")
    rows = list(
        run.payments.order_by("seq")
        .annotate(taken_off=advance)
        .values_list("case_id", "case__granted_fen", "account_index", "taken_off")
    )
    return len(rows), sum(row[1] or 0 for row in rows), digest_of(rows)


@transaction.atomic
def post(*, run, by, at):
    """Post a run: every case paid, every reservation ended, once, whatever is clicked twice.

    A run that was posted already is returned as it is.
    """
    Fund.objects.lock(run.batch.budget.fund_id)
    run = PaymentRun.objects.select_related("batch__budget__fund").lock(run.pk)
    if reason := why_not_post(run, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if run.status == PaymentRun.Status.POSTED:
        return run
    if recount(run) != (run.payments_count, run.total_fen, run.digest):
        raise NotAllowed(_("The payment does not add up: give it up and prepare it again."))
    if missing := without_id_copy(run).order_by("seq").first():
        raise NotAllowed(
            _("The copy of the ID card of the proxy %(name)s is missing.")
            % {"name": missing.account_name}
        )
    paid = Case.objects.filter(pk__in=run.payments.values("case"))
    if len(case_actions.pay(paid, by=by, at=at)) != run.payments_count:
        raise NotAllowed(_("A case stands in this payment twice."))
    _check_advances(run)
    _book(run, by=by, at=at)
    run.payments.update(status=Payment.Status.POSTED)
    run.status, run.posted_at, run.posted_by = PaymentRun.Status.POSTED, at, by
    run.save(update_fields=["status", "posted_at", "posted_by"])
    return run


def without_id_copy(run):
    """Payments of a run to proxies whose ID card nobody has put on file."""
    return run.payments.filter(way__in=BY_PROXY).filter(hand_over__papers=None)


def _book(run, *, by, at):
    """A transfer for each payment, the end of its reservation by it, and what the advances were."""
    budget, fund = run.batch.budget, run.batch.budget.fund
    spent = Account.objects.get(fund=fund, kind=Account.Kind.SPENT)
    columns = {"note": run.number, "case": F("case"), "batch": run.batch, "by": by, "at": at,
               "on": day_of(at)}  # fmt: skip
    pk = Cast("pk", CharField())
    key_of = Concat(Value("pay "), Cast(OuterRef("pk"), CharField()))
    ledger.post_set(fund, Kind.PAY, spent, budget, run.payments.all(), amount_fen="amount_fen",
                    key=Concat(Value("pay "), pk), **columns)  # fmt: skip
    booked = Transfer.objects.filter(key=key_of)
    insert_select(
        HoldEnd, run.payments.order_by("pk"), hold=F("hold"), reason=HoldEnd.Reason.POSTED,
        transfer=Subquery(booked.values("pk")), at=at, by=by,
    )  # fmt: skip
    ledger.move(spent, budget, run.total_fen, unheld_fen=run.total_fen)
    lessened = run.payments.filter(advance_fen__gt=0)
    if set_off_fen := ledger.post_set(fund, Kind.SET_OFF, budget, spent, lessened,
                                      amount_fen="advance_fen",
                                      key=Concat(Value("set off "), pk), **columns):  # fmt: skip
        # The bank was told the advance less: it is booked back on the budget that pays the grant.
        ledger.move(budget, spent, set_off_fen)
        Advance.objects.filter(case__in=lessened.values("case")).update(
            ending=Advance.Ending.SET_OFF, ended_at=at, ended_by=by
        )


def _check_advances(run):
    """Lock the advances that run on the cases; refused when they are not those prepared."""
    running = Advance.objects.running().filter(case__in=run.payments.values("case"))
    found = dict(running.select_for_update().order_by("pk").values_list("case_id", "amount_fen"))
    prepared = run.payments.filter(advance_fen__gt=0).values_list("case_id", "advance_fen")
    if found != dict(prepared):
        raise NotAllowed(_("The payment does not add up: give it up and prepare it again."))


def _undo_set_off(payment, *, by, at):
    """The bank sent the rest back: the advance runs again, to be taken off the next payment."""
    done = Transfer.objects.select_related("debit", "credit", "fund").get(
        key=f"set off {payment.pk}"
    )
    ledger.post(done.fund, Kind.REVERSE, done.credit, done.debit, done.amount_fen, by=by, at=at,
                key=f"set off {payment.pk} undone", note=done.note, case_id=done.case_id,
                batch_id=done.batch_id, reverses=done)  # fmt: skip
    Advance.objects.filter(case=payment.case_id).update(ending="", ended_at=None, ended_by=None)


def why_not_give_up(run, actor):
    """Why the actor may not give the run up; "" when they may."""
    if run.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier gives a prepared payment up.")
    if run.status == PaymentRun.Status.POSTED:
        return _("This payment has been posted; the bank can only return it.")
    return ""


@transaction.atomic
def give_up(*, run, by, at):
    """The cashier gives a prepared run up before it is posted; once, whatever is clicked twice."""
    Fund.objects.lock(run.batch.budget.fund_id)
    run = PaymentRun.objects.lock(run.pk)
    if reason := why_not_give_up(run, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if run.status == PaymentRun.Status.PREPARED:
        run.payments.update(status=Payment.Status.VOID)
        run.status = PaymentRun.Status.VOID
        run.save(update_fields=["status"])
    return run


def why_not_file(run, actor):
    """Why the actor may not have the file for the bank; "" when they may."""
    if run.company_id not in actor.companies(Role.CASHIER, Role.ACCOUNTANT):
        return _("Only the cashier and the accountant handle the file for the bank.")
    if run.status == PaymentRun.Status.VOID:
        return _("This payment was given up.")
    return ""


def why_not_bounce(payment, actor):
    """Why the actor may not record that the bank returned a payment; "" when they may."""
    if payment.run.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant records a bank return.")
    if payment.status in (Payment.Status.PREPARED, Payment.Status.VOID):
        return _("This payment has not been posted.")
    if not payment.told_fen:
        return _("Nothing was sent to the bank: the advance was as large as the grant.")
    if payment.way in IN_CASH and HandOverReceipt.objects.filter(payment=payment).exists():
        return _("The cash was received and signed for; it does not come back from the bank.")
    if Recovery.objects.counted().filter(case=payment.case_id).exists():
        return _("The money of this case is being recovered; it comes back there.")
    if payment.way not in IN_CASH and _lies_here(payment.run_id):
        return _("The cashier has not recorded that the file was sent to the bank.")
    return ""


def _lies_here(run_pk):
    """Whether a file of the run was made and none was sent: sent later, it would pay again what
    is recorded as returned now."""
    runs = PaymentRun.objects.filter(pk=run_pk, files__isnull=False, sent__isnull=True)
    return runs.exists()


@transaction.atomic
def bounce(*, payment, by, at, reason):
    """The bank sent one payment back: the money returns to its budget and is reserved again."""
    fund = Fund.objects.lock(payment.run.batch.budget.fund_id)
    PaymentRun.objects.lock(payment.run_id)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    if refusal := why_not_bounce(payment, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    if payment.status == Payment.Status.RETURNED:
        return payment
    case_actions.bounce([payment.case], by=by, at=at, reason=reason)
    budget = payment.run.batch.budget
    spent = Account.objects.get(fund=fund, kind=Account.Kind.SPENT)
    ledger.post(fund, Kind.BOUNCE, budget, spent, payment.amount_fen, by=by, at=at,
                key=f"bounce {payment.pk}", note=payment.run.number, case_id=payment.case_id,
                batch_id=payment.run.batch_id)  # fmt: skip
    if payment.advance_fen:
        _undo_set_off(payment, by=by, at=at)
    reserve(budget, BatchLine.objects.filter(pk=payment.line_id), by=by, at=at)
    payment.status, payment.returned_at, payment.returned_by = Payment.Status.RETURNED, at, by
    payment.return_reason = reason
    payment.save(update_fields=["status", "returned_at", "returned_by", "return_reason"])
    return payment


def let_go(sender, *, case_id, by, at, **kwargs):
    """A case is about to be reopened: void its reservation, fund before case."""
    line = (
        BatchLine.objects.filter(case=case_id, current=True).select_related("batch__budget").first()
    )
    if line is None:
        return
    if line.batch.budget_id:
        Fund.objects.lock(line.batch.budget.fund_id)
        for hold in Hold.objects.running().filter(case=case_id):
            HoldEnd.objects.create(hold=hold, reason=HoldEnd.Reason.VOIDED, at=at, by=by)
            Account.objects.filter(pk=hold.account_id).update(
                held_fen=F("held_fen") - hold.amount_fen
            )
    BatchLine.objects.filter(pk=line.pk).update(current=False)
