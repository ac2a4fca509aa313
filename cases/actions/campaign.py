"""The yearly re-check of a company: opened once, recorded household by household."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.actions.life import recheck, why_not_recheck
from cases.life import How, RecheckResult
from cases.models import Campaign, Dossier, Recheck
from people.roles import NotAllowed, Role

CHUNK = 2000
MOST_AT_ONCE = 50


def why_not_campaign(company, starts_on, actor):
    """Why the actor may not open a campaign from this day on; "" when they may. One query."""
    if not actor.has(Role.COMPANY_OFFICER, company.path):
        return _("Only the company union officer opens a re-check.")
    running = Campaign.objects.filter(company=company, ends_on__gte=starts_on).first()
    if running:
        return _("“%(title)s” still runs on this day.") % {"title": running.title}
    return ""


@transaction.atomic
def open_campaign(*, company, title, starts_on, ends_on, by, at):
    """Open a re-check of every household on file; `fill_campaign` gives each its row."""
    if reason := why_not_campaign(company, starts_on, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if ends_on < starts_on:
        raise NotAllowed(_("The last day lies before the first."))
    return Campaign.objects.create(
        company=company, title=title, starts_on=starts_on, ends_on=ends_on, opened_at=at,
        opened_by=by,
    )  # fmt: skip


def fill_campaign(*, campaign, at):
    """A row for every household on file in the company that has none; may be begun again."""
    there = Recheck.objects.filter(campaign=campaign).values("dossier")
    missing = Dossier.objects.active().filter(company=campaign.company_id).exclude(pk__in=there)
    rows = list(missing.order_by("pk").values_list("pk", "unit_id", "edit"))
    for first in range(0, len(rows), CHUNK):
        Recheck.objects.bulk_create(
            [
                Recheck(campaign=campaign, dossier_id=pk, unit_id=unit_id, edit=edit)
                for pk, unit_id, edit in rows[first : first + CHUNK]
            ],
            ignore_conflicts=True,
        )
    Campaign.objects.filter(pk=campaign.pk, filled_at=None).update(filled_at=at)


@transaction.atomic
def record_rechecks(rows, *, result, by, at, how=How.PAPERS):
    """Record the result of some households of a campaign, each with an event of its own.

    Unchanged and changed make the dossier valid for another term; an exit is proposed next.
    Raises NotAllowed for more than fifty at once, and when a result does not fit the facts.
    """
    if len(rows) > MOST_AT_ONCE:
        raise NotAllowed(
            _("Record at most %(most)s households at a time.") % {"most": MOST_AT_ONCE}
        )
    rows = list(
        Recheck.objects.select_for_update(of=("self",))
        .filter(pk__in=[row.pk for row in rows])
        .select_related("dossier__unit", "dossier__head")
        .order_by("pk")
    )
    actor = by.actor(day_of(at))
    for row in rows:
        if reason := why_not_record(row, result, actor):
            raise NotAllowed(reason)
    if result == RecheckResult.EXIT:
        Recheck.objects.filter(pk__in=[row.pk for row in rows]).update(
            result=result, how=how, done_at=at, done_by=by
        )
        return
    changed = result == RecheckResult.CHANGED
    recheck([row.dossier for row in rows], by=by, at=at, how=how, changed=changed)


def why_not_record(row, result, actor):
    """Why this result cannot be recorded for a household of a campaign; "" when it can."""
    if row.result:
        return _("The re-check of %(number)s has been recorded already.") % {
            "number": row.dossier.number}  # fmt: skip
    if reason := why_not_recheck(row.dossier, actor):
        return reason
    touched = row.dossier.edit > row.edit
    if result == RecheckResult.UNCHANGED and touched:
        return _("The facts of %(number)s were changed since the re-check began: record that.") % {
            "number": row.dossier.number}  # fmt: skip
    if result == RecheckResult.CHANGED and not touched:
        return _("The facts of %(number)s were not changed since the re-check began: update them"
                 " first.") % {"number": row.dossier.number}  # fmt: skip
    return ""
