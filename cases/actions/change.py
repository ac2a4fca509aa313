"""Something changed in a household between two re-checks: reported, then taken into the file."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import life
from cases.actions.case import policy_in_force
from cases.models import Change, Dossier
from people.roles import NotAllowed


def _facts(dossier):
    """What the rules on reported changes need to know; uses the dossier's unit."""
    return life.Facts(
        pk=dossier.pk, status=dossier.status, unit_path=dossier.unit.path, head_id=dossier.head_id,
        entered_by_id=dossier.entered_by_id,
    )  # fmt: skip


def why_not_report_change(dossier, actor):
    """Why the actor may not report a change of the household; "" when they may."""
    return life.why_not_report(_facts(dossier), actor)


def why_not_take_change(change, actor):
    """Why the actor may not deal with a reported change; "" when they may."""
    if reason := life.why_not_take(_facts(change.dossier), actor):
        return reason
    if change.status != Change.Status.OPEN:
        return _("This change has been dealt with.")
    return ""


@transaction.atomic
def report_change(*, dossier, kind, happened_on, words, by, at):
    """Write down that something changed; due in the policy's days of the day it happened.

    The same report by the same person (sent twice) is kept once.
    """
    on = day_of(at)
    dossier = Dossier.objects.select_related("unit").lock(dossier.pk)
    if reason := why_not_report_change(dossier, by.actor(on)):
        raise NotAllowed(reason)
    if happened_on > on:
        raise NotAllowed(_("This day lies in the future."))
    same = Change.objects.open().filter(
        dossier=dossier, kind=kind, happened_on=happened_on, reported_by=by
    )
    if twin := same.first():
        return twin
    days = policy_in_force(dossier.company_id, on).rules["dossier.report_days"]
    due = happened_on + timedelta(days=days)
    return Change.objects.create(
        dossier=dossier, kind=kind, happened_on=happened_on, words=words, edit=dossier.edit,
        due_on=due, late=on > due, reported_at=at, reported_by=by,
    )  # fmt: skip


@transaction.atomic
def take_change(*, change, by, at, words=""):
    """The officer has brought the facts up to date."""
    change = _open(change, by, at)
    if change.dossier.edit <= change.edit:
        raise NotAllowed(_("The facts have not been changed since the report: update them first."))
    return _close(change, Change.Status.TAKEN, words, by, at)


@transaction.atomic
def dismiss_change(*, change, by, at, words):
    """No fact on file needs to change; `words` say why."""
    return _close(_open(change, by, at), Change.Status.NO_NEED, words, by, at)


def _open(change, by, at):
    change = Change.objects.select_related("dossier__unit").lock(change.pk)
    if reason := why_not_take_change(change, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return change


def _close(change, status, words, by, at):
    change.status, change.answer = status, words or None
    change.closed_at, change.closed_by = at, by
    change.save(update_fields=["status", "answer", "closed_at", "closed_by"])
    return change
