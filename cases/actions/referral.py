"""Referrals (fact 4.5): pass a worker on, write down the answer, call back, close."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.actions.incident import KEEPERS, deadline, put
from cases.models import Referral
from cases.models.referral import ReferralStatus
from people.roles import NotAllowed
from people.workflow import check


def why_not_refer(unit, actor):
    """Why the actor may not pass on the people of a unit; "" when they may."""
    if any(actor.has(role, unit.path) for role in KEEPERS):
        return ""
    return _("Only the union officers of this unit and of the company pass somebody on.")


@transaction.atomic
def pass_on(*, person, kind, words, by, at, dossier=None, case=None, incident=None, **columns):
    """Pass an employee on to a service; `columns` are contact and work_order.

    Pressed twice, passed on once: an open one of the same kind and day by the same officer is
    returned as it is.
    """
    on = day_of(at)
    check(why_not_refer(person.unit, by.actor(on)))
    twin = Referral.objects.unanswered().filter(
        person=person, kind=kind, passed_by=by, case=case, incident=incident
    )
    for referral in twin.order_by("-pk")[:1]:
        if day_of(referral.passed_at) == on and referral.words == words:
            return referral
    return Referral.objects.create(
        company_id=person.company_id, unit_id=person.unit_id, person=person, kind=kind,
        words=words, dossier=dossier, case=case, incident=incident, passed_at=at, passed_by=by,
        due_on=deadline(person.company_id, "referral.answer_days", at), **columns,
    )  # fmt: skip


def why_not_answer(referral, actor):
    """Why the actor may not record the answer now; "" when they may."""
    if reason := why_not_refer(referral.unit, actor):
        return reason
    if referral.status != ReferralStatus.OPEN:
        return _("The answer is written down already.")
    return ""


@transaction.atomic
def answer_referral(*, referral, outcome, answered_on, by, at, answer="", **columns):
    """The service has answered; `columns` are contact and work_order, if known only now."""
    referral = Referral.objects.lock(referral.pk)
    on = day_of(at)
    check(why_not_answer(referral, by.actor(on)))
    if not day_of(referral.passed_at) <= answered_on <= on:
        raise NotAllowed(_("The answer lies between the day it was passed on and today."))
    return put(
        referral, status=ReferralStatus.ANSWERED, outcome=outcome, answered_on=answered_on,
        answer=answer, answered_at=at, answered_by=by, **columns,
    )  # fmt: skip


def why_not_close_referral(referral, actor):
    """Why the actor may not close it now; "" when they may."""
    if reason := why_not_refer(referral.unit, actor):
        return reason
    if referral.status == ReferralStatus.OPEN:
        return _("The service has not answered yet.")
    if referral.status == ReferralStatus.CLOSED:
        return _("This referral is closed.")
    return ""


@transaction.atomic
def close_referral(*, referral, by, at, called_on=None, satisfaction=""):
    """Close it, with what the worker said when called back, if they were."""
    referral = Referral.objects.lock(referral.pk)
    on = day_of(at)
    check(why_not_close_referral(referral, by.actor(on)))
    if bool(called_on) != bool(satisfaction):
        raise NotAllowed(_("Give both the day of the call and what the worker said."))
    if called_on and called_on > on:
        raise NotAllowed(_("This day lies in the future."))
    return put(
        referral, status=ReferralStatus.CLOSED, called_on=called_on, satisfaction=satisfaction,
        closed_at=at, closed_by=by,
    )  # fmt: skip
