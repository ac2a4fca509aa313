"""An open meeting sets something aside: a line struck from its list, or a whole list put off."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from funds.actions.batch import digest, keep_aside, lock, recall
from funds.actions.meeting import why_not_keep
from funds.models import Batch, Fund, Meeting, SetAside, SetAsideWords
from people.roles import NotAllowed, Role


def why_not_strike(batch, actor):
    """Why the actor may not strike a line from the list now; "" when they may."""
    if batch.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair strikes a line from a list.")
    if batch.status != Batch.Status.LOCKED or batch.meeting is None:
        return _("A line is struck while its list is before a meeting.")
    if batch.meeting.status != Meeting.Status.OPEN:
        return _("The meeting has been recorded; the list can only be taken back as a whole.")
    return ""


@transaction.atomic
def strike(*, line, by, at, reason):
    """Strike one line from a locked list in the meeting: taken back, taken off, locked again.

    The list goes on before the same meeting as a new version with its own digest; votes on the
    old version are void and everybody votes again. The line is kept aside with the reason, its
    case stays ready for another list. Returns the list.
    """
    batch = _locked(line.batch)
    if batch.meeting_id:
        batch.meeting = Meeting.objects.lock(batch.meeting_id)
    if reason_not := why_not_strike(batch, by.actor(day_of(at))):
        raise NotAllowed(reason_not)
    meeting, version = batch.meeting, batch.version
    if not batch.lines.filter(pk=line.pk).exists():
        raise NotAllowed(_("This line has been struck already."))
    if batch.lines_count == 1:
        raise NotAllowed(_("This is the only line; put the whole list off instead."))
    recall(batch=batch, by=by, at=at)
    keep_aside(batch, line)
    lock(batch=batch, by=by, at=at, struck=line)
    Batch.objects.filter(pk=batch.pk).update(meeting=meeting)
    _write(meeting, batch, version, line, by, at, reason)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def put_off(*, meeting, batch, by, at, reason):
    """Take a list off the agenda of an open meeting; another meeting may take it up.

    It keeps its lines and goes on as a new version, so that no vote cast here counts there.
    """
    batch = _locked(batch)
    meeting = Meeting.objects.lock(meeting.pk)
    if reason_not := why_not_keep(meeting, by.actor(day_of(at))):
        raise NotAllowed(reason_not)
    if batch.meeting_id != meeting.pk or batch.status != Batch.Status.LOCKED:
        raise NotAllowed(_("This list is not before the meeting."))
    version = batch.version
    batch.version += 1
    batch.digest = digest(batch, batch.lines.order_by("seq"))
    batch.meeting = None
    batch.save(update_fields=["version", "digest", "meeting"])
    _write(meeting, batch, version, None, by, at, reason)
    return batch


def _locked(batch):
    """Fund first, then the batch: always in that order."""
    if batch.budget_id:
        Fund.objects.lock(batch.budget.fund_id)
    return Batch.objects.select_related("budget__fund", "meeting").lock(batch.pk)


def _write(meeting, batch, version, line, by, at, reason):
    if not reason.strip():
        raise TypeError("what is set aside needs a reason")
    row = SetAside.objects.create(
        meeting=meeting, batch=batch, version=version, line=line, at=at, by=by
    )
    SetAsideWords.objects.create(set_aside=row, words=reason.strip())
