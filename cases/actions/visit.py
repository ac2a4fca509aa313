"""The record of a home visit by two people or more (fact 2.7, invariant IP12)."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from base import canonical
from base.workdays import day_of
from cases.models import Document, Dossier, Visit, Visitor, VisitPlan
from people.models import User
from people.roles import NotAllowed, Role

VISITORS = (
    Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER, Role.COMPANY_CHAIR,
)  # fmt: skip


def why_not_visit(dossier, actor):
    """Why the actor may not record a visit of this household; "" when they may."""
    recorders = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER)
    if not any(actor.has(role, dossier.unit.path) for role in recorders):
        return _("Only the union officers of this unit and of the company record a visit.")
    return ""


@transaction.atomic
def record_visit(
    *, dossier, visitors, started_at, ended_at, by, at, seen=None, needs=(), papers=(), **columns
):
    """Write down who visited, from when until when, and what was found.

    `visitors` are users, two or more: each comes from the unit of the nearest hat they wear, and
    the visit counts for a decision when one of them comes from outside the household's unit.
    `seen` is what `cases.checklist` knows; `papers` are (kind, upload, file) of photos and
    signatures. A plan for the household ends with it. Raises NotAllowed for fewer than two, a time
    that is not over or not in order, a visitor without a union role or on another visit at that
    time, or a relative of the household.
    """
    on = day_of(at)
    if reason := why_not_visit(dossier, by.actor(on)):
        raise NotAllowed(reason)
    visited_on = day_of(started_at)
    _check_time(started_at, ended_at, at)
    kin = set(dossier.members.filter(left_on=None).values_list("id_index", flat=True))
    units = units_of(come_as(visitors, visited_on), dossier, kin)
    Dossier.objects.lock(dossier.pk)
    _check_elsewhere(visitors, started_at, ended_at)
    visit = Visit.objects.create(
        dossier=dossier, visited_on=visited_on, started_at=started_at, ended_at=ended_at,
        recorded_at=at, recorded_by=by, visitor_count=len(units), needs=list(needs),
        seen_text=canonical.dumps(seen) if seen else "",
        outside_count=sum(u != dossier.unit_id for _user, u in units), **columns,
    )  # fmt: skip
    Visitor.objects.bulk_create(
        Visitor(visit=visit, user=user, unit_id=unit_id) for user, unit_id in units
    )
    older = Q(last_visited_on=None) | Q(last_visited_on__lt=visited_on)
    Dossier.objects.filter(older, pk=dossier.pk).update(last_visited_on=visited_on)
    VisitPlan.objects.open().filter(dossier=dossier).update(visit=visit)
    for kind, upload, file in papers:
        _keep(visit, kind, upload, file, by, at)
    return visit


def _check_time(started_at, ended_at, at):
    if started_at >= ended_at or day_of(started_at) != day_of(ended_at):
        raise NotAllowed(_("A visit begins before it ends, on one day."))
    if ended_at > at:
        raise NotAllowed(_("The end of the visit lies in the future."))


def _check_elsewhere(visitors, started_at, ended_at):
    """Nobody is at two doors at a time. Holds the visitors, so that two records sent at once
    cannot both pass."""
    users = [user.pk for user in visitors]
    list(User.objects.select_for_update().filter(pk__in=users).order_by("pk").values_list("pk"))
    for name in elsewhere(users, started_at, ended_at):
        raise NotAllowed(_("%(name)s was on another visit at that time.") % {"name": name})


def elsewhere(user_ids, started_at, ended_at):
    """The names of those who are on record at another door in this span of time. One query."""
    clash = Visit.objects.overlapping(user_ids, started_at, ended_at)
    rows = Visitor.objects.filter(visit__in=clash, user__in=user_ids).order_by("user", "pk")
    return list(dict.fromkeys(rows.values_list("user__name", flat=True)))


def come_as(visitors, on):
    """[(user, their roles and relatives on a day)]; two queries a visitor."""
    return [(user, user.actor(on)) for user in visitors]


def units_of(comers, dossier, kin):
    """[(user, id of the unit they come from)] of those who go to a household, see `come_as`.

    `kin` are the blind indexes of its members. Raises NotAllowed when they are fewer than two,
    or one of them may not go. No query.
    """
    if len({user.pk for user, _actor in comers}) < 2:
        raise NotAllowed(_("A visit is made by two people at least."))
    return [(user, _unit_of(user, actor, dossier, kin)) for user, actor in comers]


def _unit_of(user, actor, dossier, kin):
    """The unit a visitor comes from; raises NotAllowed when they may not visit."""
    if actor.kin & kin:
        raise NotAllowed(_("%(name)s is a relative of this household.") % {"name": user.name})
    hats = [hat for hat in actor.hats if hat.role in VISITORS]
    if not hats:
        raise NotAllowed(_("%(name)s holds no union role.") % {"name": user.name})
    inside = [hat for hat in hats if hat.unit_id == dossier.unit_id]
    return (inside or hats)[0].unit_id


def _keep(visit, kind, upload, file, by, at):
    """Keep a photo or a signature with the visit; the same file in one household is kept once."""
    if Document.objects.filter(dossier=visit.dossier_id, sha256=upload.sha256).exists():
        return
    document = Document(
        dossier_id=visit.dossier_id, visit=visit, kind=kind, media_type=upload.content_type,
        sha256=upload.sha256, size=upload.size_bytes, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    document.file.save(upload.stored_name, file, save=False)
    document.save()


@transaction.atomic
def attach_to_visit(*, visit, papers, by, at):
    """Add photos, or the signed paper, to a visit that is on record."""
    if reason := why_not_visit(visit.dossier, by.actor(day_of(at))):
        raise NotAllowed(reason)
    for kind, upload, file in papers:
        _keep(visit, kind, upload, file, by, at)
    signed = {Document.Kind.HOUSEHOLD_SIGN, Document.Kind.VISIT_PAPER}
    if signed.intersection(kind for kind, _upload, _file in papers) and not visit.signed:
        Visit.objects.filter(pk=visit.pk).update(signed=True)
