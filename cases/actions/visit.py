"""The record of a home visit by two people or more (fact 2.7, invariant IP12)."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.models import Dossier, Visit, Visitor
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
def record_visit(*, dossier, visitors, visited_on, by, at, **columns):
    """Write down who visited, when, what was found. `visitors` are users, two or more.

    Each comes from the unit of the nearest hat they wear; the visit counts for a decision when
    one of them comes from outside the household's unit. Raises NotAllowed for fewer than two, a
    visit in the future, a visitor without a union role, or a relative of the household.
    """
    on = day_of(at)
    if reason := why_not_visit(dossier, by.actor(on)):
        raise NotAllowed(reason)
    if len({user.pk for user in visitors}) < 2:
        raise NotAllowed(_("A visit is made by two people at least."))
    if visited_on > on:
        raise NotAllowed(_("The day of the visit lies in the future."))
    kin = set(dossier.members.filter(left_on=None).values_list("id_index", flat=True))
    units = [(user, _unit_of(user, dossier, kin, visited_on)) for user in visitors]
    Dossier.objects.lock(dossier.pk)
    visit = Visit.objects.create(
        dossier=dossier, visited_on=visited_on, recorded_at=at, recorded_by=by,
        visitor_count=len(units), outside_count=sum(u != dossier.unit_id for _user, u in units),
        **columns,
    )  # fmt: skip
    Visitor.objects.bulk_create(
        Visitor(visit=visit, user=user, unit_id=unit_id) for user, unit_id in units
    )
    return visit


def _unit_of(user, dossier, kin, on):
    """The unit a visitor comes from on that day; raises NotAllowed when they may not visit."""
    actor = user.actor(on)
    if actor.kin & kin:
        raise NotAllowed(_("%(name)s is a relative of this household.") % {"name": user.name})
    hats = [hat for hat in actor.hats if hat.role in VISITORS]
    if not hats:
        raise NotAllowed(_("%(name)s holds no union role.") % {"name": user.name})
    inside = [hat for hat in hats if hat.unit_id == dossier.unit_id]
    return (inside or hats)[0].unit_id
