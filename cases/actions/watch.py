"""Answers to the duplicate watch."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.models import WatchAnswer
from cases.models.watch import households_key
from people.roles import NotAllowed, Role

ANSWERERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER)


def why_not_answer_watch(dossiers, actor):
    """Why the actor may not answer what was found about these dossiers; "" when they may.

    Uses each dossier's unit. Whoever looks after one of the households may answer.
    """
    if not any(actor.has(role, d.unit.path) for role in ANSWERERS for d in dossiers):
        return _("Only the union officers of one of these households answer this.")
    return ""


@transaction.atomic
def answer_watch(*, dossiers, kind, words, by, at):
    """Somebody looked and says why it is no duplicate, or why it is in order."""
    if reason := why_not_answer_watch(dossiers, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return WatchAnswer.objects.create(
        company_id=dossiers[0].company_id, kind=kind, words=words, at=at, by=by,
        households=households_key(d.pk for d in dossiers),
    )  # fmt: skip
