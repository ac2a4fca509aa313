"""Read-only protection of the books begins with a difference and ends when there is none."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from funds.models import Freeze, Fund
from people.roles import NotAllowed, Role


@transaction.atomic
def begin_freeze(*, company_id, found, count, at, by=None):
    """Let no money move in a company (None: in all) from now on; returns the freeze.

    `found` lists [place, {language: sentence}]. One runs at a time: differences found later are
    added to it. Whoever holds a fund finishes first.
    """
    funds = Fund.objects.filter(company=company_id) if company_id else Fund.objects.all()
    list(funds.select_for_update().order_by("pk").values_list("pk"))
    freeze = Freeze.objects.running().filter(company=company_id).select_for_update().first()
    if freeze is None:
        return Freeze.objects.create(
            company_id=company_id, since=at, begun_by=by, found=found, problems_count=count
        )
    known = [row for row in found if row not in freeze.found]
    if known:
        freeze.found += known
        freeze.problems_count = max(count, freeze.problems_count + len(known))
        freeze.save(update_fields=["found", "problems_count"])
    return freeze


def why_not_lift_freeze(freeze, actor):
    """Why the actor may not lift a freeze; "" when they may."""
    held = actor.companies(Role.AUDITOR)
    if not held or freeze.company_id not in {None, *held}:
        return _("Only the auditor lifts the read-only protection.")
    if freeze.lifted_at:
        return _("The read-only protection has been lifted already.")
    return ""


@transaction.atomic
def lift_freeze(*, freeze, reason, by, at):
    """Let money move again; the caller has just verified that nothing differs any more."""
    freeze = Freeze.objects.lock(freeze.pk)
    if why := why_not_lift_freeze(freeze, by.actor(day_of(at))):
        raise NotAllowed(why)
    freeze.lifted_at, freeze.lifted_by, freeze.lifted_why = at, by, reason
    freeze.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    return freeze
