"""After a return: the account is checked by another person before the award is paid again."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from funds.models import (
    HandOver,
    PayeeCheck,
    PayeeConfirmation,
    Payment,
    Way,
    require_open,
)
from people.roles import NotAllowed, Role


def last_returns(line_pks):
    """{line: its last returned payment}, and all accounts that came back. One query."""
    rows = Payment.objects.filter(line__in=line_pks, status=Payment.Status.RETURNED)
    last, came_back = {}, set()
    for row in rows.select_related("run").order_by("attempt"):
        last[row.line_id] = row
        came_back.add((row.line_id, row.account_index))
    return last, came_back


def unchecked(lines):
    """Ready lines whose payment came back and whose account nobody checked since.

    Each gets `returned`, the payment that came back, and `fresh`, whether it goes to an account
    that nothing came back from. Three queries for the whole set at most.
    """
    last, came_back = last_returns([line.pk for line in lines])
    if not last:
        return []
    checked = set(
        PayeeCheck.objects.filter(payment__in=last.values()).values_list("payment", "account_index")
    )
    people = [line.case.applicant_id for line in lines if line.pk in last]
    confirmed = set(
        PayeeConfirmation.objects.filter(person__in=people).values_list(
            "person_id", "account_index"
        )
    )
    found = []
    for line in lines:
        if line.pk not in last or not (index := account_to_use(line)):
            continue
        fresh = (line.pk, index) not in came_back
        told = line.handed or (line.case.applicant_id, index) in confirmed
        if (last[line.pk].pk, index) not in checked and not (fresh and told):
            line.returned, line.fresh = last[line.pk], fresh
            found.append(line)
    return found


def account_to_use(line):
    """Blind index of the account a ready line goes to; "" for cash. No query."""
    if line.handed:
        return line.handed[0].account_index
    return line.case.applicant.account_index


def payee_now(payment):
    """(name, bank, branch, account, index) the line of a returned payment would go to now."""
    handed = HandOver.objects.approved().filter(line=payment.line_id).first()
    if handed:
        return handed.receiver, handed.bank, handed.branch, handed.account, handed.account_index
    person = payment.case.applicant
    return person.account_name, person.bank, person.branch, person.account, person.account_index


def why_not_check_payee(payment, actor):
    """Why the actor may not record that the account was checked again; "" when they may."""
    if payment.run.company_id not in actor.companies(Role.ACCOUNTANT, Role.COMPANY_OFFICER):
        return _("Only the accountant or the company union officer checks an account again.")
    if payment.status != Payment.Status.RETURNED:
        return _("Only after the bank returned a payment is its account checked again.")
    if payment.run.prepared_by_id == actor.user_id:
        return _("Somebody other than the cashier of the payment checks the account.")
    index, person = payee_now(payment)[-1], payment.case.applicant
    if not index:
        return _("The money is handed over in cash; there is no account to check.")
    changed = index == person.account_index != payment.account_index
    if changed and person.account_changed_by_id == actor.user_id:
        return _("Somebody other than who changed the account confirms it.")
    return ""


@transaction.atomic
def check_payee(*, payment, words, by, at, seen=None):
    """Somebody other than the cashier asked the bank about the account; once for each return.

    `seen` is the blind index of the account that was on the page: another since is refused.
    """
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    require_open([payment.run.company_id])
    if reason := why_not_check_payee(payment, by.actor(day_of(at))):
        raise NotAllowed(reason)
    index = payee_now(payment)[-1]
    if seen is not None and seen != index:
        raise NotAllowed(_("The account has been changed since; look at the new one first."))
    row, _made = PayeeCheck.objects.get_or_create(
        payment=payment, account_index=index, defaults={"words": words, "by": by, "at": at}
    )
    return row


def mark_accounts(payments):
    """Put on each payment `changed`, whether its account is another than at the decision; with
    `confirmed`, who looked at that, and `checked`, who asked the bank after the return before it,
    None without. Two queries."""
    for row in payments:
        row.changed = row.way == Way.BANK and row.account_index != row.line.account_index
    people = [row.case.applicant_id for row in payments if row.changed]
    rows = PayeeConfirmation.objects.filter(person__in=people).select_related("by")
    confirmed = {(row.person_id, row.account_index): row for row in rows}
    again = [row.line_id for row in payments if row.attempt > 1]
    checks = PayeeCheck.objects.filter(payment__line__in=again).select_related("by", "payment")
    checked = {(row.payment.line_id, row.account_index): row for row in checks.order_by("pk")}
    for row in payments:
        key = (row.case.applicant_id, row.account_index)
        row.confirmed = confirmed.get(key) if row.changed else None
        row.checked = checked.get((row.line_id, row.account_index)) if row.attempt > 1 else None
