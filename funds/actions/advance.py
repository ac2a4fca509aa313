"""The urgent advance: decided by the chair, paid by two others, ratified, taken off or paid back.

Locks in one order: fund, case, advance.
"""

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from base.money import format_fen
from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, workflow
from cases.models import Case, Counter
from cases.workflow import Duty, Programme
from funds.actions import ledger, period
from funds.models import Account, Advance, Fund, Kind, Meeting, PayeeConfirmation
from people.models import Holiday
from people.roles import NotAllowed, Role


def budgets(company_id):
    """Budgets for emergency grants of a company, the newest first."""
    return Account.objects.emergency([company_id])


def _why_not_take_part(case, duty, actor, on):
    """Why the actor may not take this part in the case; "" when they may. Four queries."""
    read = facts.read([case], on, ())[case.pk]
    if reason := workflow.why_not_duty(read, duty, actor):
        return reason
    if actor.kin & read.household:
        return _("You are a relative or a member of this household: somebody else must do this.")
    return ""


def _why_not_now(case):
    """Why no advance is paid on the case as it stands; "" when one may be."""
    if case.status not in workflow.IN_HAND:
        return _("An advance is paid after the application and before the meeting; now it is: "
                 "%(status)s.") % {"status": case.get_status_display()}  # fmt: skip
    if case.applicant.left_on or case.applicant.died_on:
        return _("The applicant is no longer on the roster.")
    return ""


def why_not_decide_advance(case, actor, on):
    """Why the actor may not decide an advance on the case; "" when they may."""
    if case.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair decides an urgent advance.")
    if case.programme != Programme.EMERGENCY:
        return _("An advance is only for an emergency grant.")
    if Advance.objects.filter(case=case).exists():
        return _("An advance has been decided on this case already.")
    if reason := _why_not_now(case):
        return reason
    if not case.applicant.account:
        return _("Enter the payee account of the employee.")
    if not most_fen(case, on):
        return _("The policy in force knows no advance, or the household paid nothing itself.")
    return _why_not_take_part(case, Duty.ADVANCE, actor, on)


def most_fen(case, on):
    """The highest advance on a case: the cap of the policy, and what the household paid itself."""
    cap = case_actions.policy_in_force(case.company_id, on).rules["advance.cap"]
    return max(min(cap, case.net_fen), 0)


@transaction.atomic
def decide_advance(*, case, account, amount_fen, reason, by, at):
    """The chair decides; the amount is reserved on the budget. Sent twice, it is decided once."""
    on = day_of(at)
    fund = Fund.objects.lock(account.fund_id)
    (case,) = Case.objects.lock([case.pk])
    done = Advance.objects.filter(case=case, decided_by=by, amount_fen=amount_fen).first()
    if done and done.account_id == account.pk and not done.ended_at:
        return done
    if refusal := why_not_decide_advance(case, by.actor(on), on):
        raise NotAllowed(refusal)
    account = Account.objects.get(pk=account.pk)
    _check_amount(case, fund, account, amount_fen, on)
    if not reason.strip():
        raise NotAllowed(_("Write down why it cannot wait for the meeting."))
    case_actions.take_duty([case], Duty.ADVANCE, by=by, at=at)
    days = case_actions.policy_in_force(case.company_id, on).rules["advance.working_days"]
    seq = Counter.objects.take(case.company_id, f"advance {on.year}")
    advance = Advance.objects.create(
        company_id=case.company_id, number=f"{on.year}-先-{seq:03d}", case=case, account=account,
        amount_fen=amount_fen, reason=reason, decided_at=at, decided_by=by,
        due_on=Holiday.objects.calendar().add_workdays(on, days), **_payee(case.applicant),
    )  # fmt: skip
    Account.objects.filter(pk=account.pk).update(held_fen=F("held_fen") + amount_fen)
    return advance


def _check_amount(case, fund, account, amount_fen, on):
    if account.kind != Account.Kind.BUDGET or account.programme != Programme.EMERGENCY:
        raise NotAllowed(_("This budget is for another programme."))
    if fund.company_id != case.company_id:
        raise NotAllowed(_("This fund belongs to another company."))
    most = most_fen(case, on)
    if not 0 < amount_fen <= most:
        raise NotAllowed(
            _("An advance on this case is at most %(most)s yuan.") % {"most": format_fen(most)}
        )
    if not fund.serves(case.programme, {case.applicant.standing}):
        raise NotAllowed(_("The fund may not be used for this programme or this person."))
    if not fund.reaches([amount_fen]):
        raise NotAllowed(_("The amount is above the ceiling of the fund."))
    if amount_fen > account.available_fen:
        raise NotAllowed(
            _("Only %(available)s yuan of this budget are not reserved.")
            % {"available": format_fen(account.available_fen)}
        )


def _payee(person):
    return {
        "payee_bank": person.bank, "payee_branch": person.branch,
        "payee_name": person.account_name, "payee_account": person.account,
        "payee_index": person.account_index,
    }  # fmt: skip


def _locked(advance):
    """(fund, case, advance), locked in this order."""
    fund = Fund.objects.lock(advance.account.fund_id)
    (case,) = Case.objects.lock([advance.case_id])
    return fund, case, Advance.objects.select_related("account").lock(advance.pk)


def _ended(advance):
    if advance.ended_at:
        return _("This advance has ended: %(ending)s.") % {"ending": advance.get_ending_display()}
    return ""


def why_not_prepare_advance(advance, actor, on):
    """Why the actor may not prepare the payment of the advance; "" when they may."""
    if advance.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier prepares a payment.")
    if advance.decided_by_id == actor.user_id:
        return _("Somebody other than who decided the advance prepares its payment.")
    if reason := _ended(advance):
        return reason
    if advance.prepared_at:
        return ""
    if reason := _why_not_now(advance.case):
        return reason
    person = advance.case.applicant
    if not person.account:
        return _("Enter the payee account of the employee.")
    if changed_payee(advance):
        return _(
            "The account of %(name)s changed after the decision; somebody must confirm it first."
        ) % {"name": person.name}
    return _why_not_take_part(advance.case, Duty.PREPARE, actor, on)


def changed_payee(advance):
    """Whether the account is another than at the decision and nobody confirmed it (IM18)."""
    person = advance.case.applicant
    return (
        advance.payee_index != person.account_index
        and not PayeeConfirmation.objects.filter(
            person=person, account_index=person.account_index
        ).exists()
    )


@transaction.atomic
def prepare_advance(*, advance, by, at):
    """The cashier prepares the payment of the advance; once, whatever is clicked twice."""
    _fund, case, advance = _locked(advance)
    advance.case = case
    if reason := why_not_prepare_advance(advance, by.actor(day_of(at)), day_of(at)):
        raise NotAllowed(reason)
    if advance.prepared_at:
        return advance
    case_actions.take_duty([case], Duty.PREPARE, by=by, at=at)
    columns = _payee(case.applicant) | {"prepared_at": at, "prepared_by": by}
    return _change(advance, **columns)


def _change(advance, **columns):
    for name, value in columns.items():
        setattr(advance, name, value)
    advance.save(update_fields=list(columns))
    return advance


def why_not_post_advance(advance, actor, on):
    """Why the actor may not post the advance; "" when they may."""
    if advance.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant posts a payment.")
    if actor.user_id in (advance.decided_by_id, advance.prepared_by_id):
        return _("Somebody other than who decided and who prepared the advance posts it.")
    if advance.posted_at:
        return ""
    if reason := _ended(advance):
        return reason
    if not advance.prepared_at:
        return _("The cashier must prepare the payment of the advance first.")
    if reason := _why_not_now(advance.case):
        return reason
    return _why_not_take_part(advance.case, Duty.POST, actor, on)


@transaction.atomic
def post_advance(*, advance, by, at):
    """The accountant posts the advance: BUDGET → SPENT, its reservation ends; once."""
    fund, case, advance = _locked(advance)
    advance.case = case
    if reason := why_not_post_advance(advance, by.actor(day_of(at)), day_of(at)):
        raise NotAllowed(reason)
    if advance.posted_at:
        return advance
    case_actions.take_duty([case], Duty.POST, by=by, at=at)
    Account.objects.filter(pk=advance.account_id).update(
        held_fen=F("held_fen") - advance.amount_fen
    )
    ledger.post(fund, Kind.ADVANCE, _spent(fund), advance.account, advance.amount_fen, by=by,
                at=at, key=f"advance {advance.pk}", note=advance.number, case=case)  # fmt: skip
    return _change(advance, posted_at=at, posted_by=by)


def _spent(fund):
    return Account.objects.get(fund=fund, kind=Account.Kind.SPENT)


def why_not_void_advance(advance, actor):
    """Why the actor may not void the advance; "" when they may."""
    if advance.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair voids an advance.")
    if advance.posted_at:
        return _("The advance has been paid; it can only be paid back.")
    return ""


@transaction.atomic
def void_advance(*, advance, reason, by, at):
    """The chair voids an advance before it is posted: nothing stays reserved for it."""
    _fund, _case, advance = _locked(advance)
    if refusal := why_not_void_advance(advance, by.actor(day_of(at))):
        raise NotAllowed(refusal)
    if advance.ended_at:
        return advance
    Account.objects.filter(pk=advance.account_id).update(
        held_fen=F("held_fen") - advance.amount_fen
    )
    return _change(
        advance, ending=Advance.Ending.VOIDED, ending_reason=reason, ended_at=at, ended_by=by
    )


def why_not_note_recovery(advance, actor):
    """Why the actor may not record that the advance was paid back; "" when they may."""
    if advance.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier records that an advance was paid back.")
    if not advance.posted_at:
        return _("The advance has not been paid.")
    return _ended(advance)


@transaction.atomic
def note_recovery(*, advance, came_back_on, by, at):
    """The household paid the advance back on that day, says the cashier; the accountant posts."""
    fund, _case, advance = _locked(advance)
    if reason := why_not_note_recovery(advance, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if not day_of(advance.posted_at) <= came_back_on <= day_of(at):
        raise NotAllowed(_("It came back after it was paid, and not later than today."))
    if reason := period.why_not_book_on(fund, came_back_on):
        raise NotAllowed(reason)
    return _change(
        advance, came_back_on=came_back_on, recovery_prepared_at=at, recovery_prepared_by=by
    )


def why_not_recover_advance(advance, actor):
    """Why the actor may not post that the advance was paid back; "" when they may."""
    if advance.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant posts that an advance was paid back.")
    if advance.ending == Advance.Ending.RECOVERED:
        return ""
    if reason := _ended(advance):
        return reason
    if not advance.recovery_prepared_at:
        return _("The cashier must record first that the advance was paid back.")
    if advance.recovery_prepared_by_id == actor.user_id:
        return _("Somebody other than who recorded it posts that the advance was paid back.")
    return ""


@transaction.atomic
def recover_advance(*, advance, by, at):
    """The accountant posts that the advance was paid back: SPENT → BUDGET; once."""
    fund, case, advance = _locked(advance)
    if reason := why_not_recover_advance(advance, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if advance.ended_at:
        return advance
    if reason := period.why_not_book_on(fund, advance.came_back_on):
        raise NotAllowed(reason)
    ledger.post(fund, Kind.RECOVER, advance.account, _spent(fund), advance.amount_fen, by=by,
                at=at, key=f"recover {advance.pk}", value_on=advance.came_back_on,
                note=advance.number, case=case)  # fmt: skip
    return _change(advance, ending=Advance.Ending.RECOVERED, ended_at=at, ended_by=by)


def why_not_advance_file(advance, actor):
    """Why the actor may not have the file for the bank; "" when they may."""
    if advance.company_id not in actor.companies(Role.CASHIER, Role.ACCOUNTANT):
        return _("Only the cashier and the accountant handle the file for the bank.")
    if not advance.prepared_at:
        return _("The cashier must prepare the payment of the advance first.")
    return _ended(advance) if advance.ending == Advance.Ending.VOIDED else ""


# The meeting


def to_ratify(meeting):
    """Advances that were paid and that no meeting has decided on, with what this one answered."""
    return (
        Advance.objects.filter(
            Q(meeting=None) | Q(meeting=meeting), company=meeting.company_id,
            posted_at__isnull=False, ratified_at=None,
        )
        .for_list()
        .order_by("decided_at", "pk")
    )  # fmt: skip


def why_not_ratify(meeting, actor):
    """Why the actor may not record whether the meeting ratifies advances; "" when they may."""
    if meeting.company_id not in actor.companies(Role.SECRETARY):
        return _("Only the meeting secretary keeps the record.")
    if meeting.status != Meeting.Status.OPEN:
        return _("The meeting has been recorded.")
    if meeting.attendances.there().count() < meeting.quorum:
        return _("The quorum is %(quorum)s; record who is present.") % {"quorum": meeting.quorum}
    return ""


@transaction.atomic
def ratify_advances(*, meeting, answers, by, at):
    """What the meeting said on each advance, {pk: True or False}; its chair confirms it."""
    meeting = Meeting.objects.lock(meeting.pk)
    if reason := why_not_ratify(meeting, by.actor(day_of(at))):
        raise NotAllowed(reason)
    waiting = to_ratify(meeting).select_for_update(of=("self",)).filter(pk__in=answers)
    for advance in waiting.order_by("pk"):
        _change(advance, meeting=meeting, ratified=answers[advance.pk])


def stamp_advances(meeting, *, by, at):
    """The chair of the meeting confirmed its record."""
    Advance.objects.filter(meeting=meeting, ratified_at=None).update(ratified_at=at, ratified_by=by)
