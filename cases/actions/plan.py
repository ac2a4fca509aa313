"""Planning of visits: who goes to which household on which day."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.actions.visit import come_as, units_of
from cases.models import Dossier, Member, PlannedVisitor, VisitPlan
from people.roles import NotAllowed, Role

PLANNERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER)
MOST_AT_ONCE = 100


def why_not_plan(dossier, actor):
    """Why the actor may not plan a visit of this household; "" when they may."""
    if not any(actor.has(role, dossier.unit.path) for role in PLANNERS):
        return _("Only the union officers of this unit and of the company plan a visit.")
    if dossier.status not in (Dossier.Status.PENDING, Dossier.Status.ACTIVE):
        return _("This dossier is closed.")
    return ""


def all_inside(units, dossier):
    """Whether everybody who goes comes from the household's own unit."""
    return all(unit_id == dossier.unit_id for _user, unit_id in units)


@transaction.atomic
def plan_visits(*, dossiers, visitors, planned_on, by, at):
    """Plan a visit of each of these households, by the same people on the same day.

    A household that has an open plan gets this one in its place; one that has this very plan keeps
    it. Raises NotAllowed, naming the household, when one of them may not be planned or all
    visitors come from its own unit.
    """
    on = day_of(at)
    actor = by.actor(on)
    if not dossiers or len(dossiers) > MOST_AT_ONCE:
        words = _("Choose one household or more, %(most)s at the most.")
        raise NotAllowed(words % {"most": MOST_AT_ONCE})
    if planned_on < on:
        raise NotAllowed(_("The day of the visit lies in the past."))
    locked = list(
        Dossier.objects.select_for_update(of=("self",))
        .filter(pk__in=[d.pk for d in dossiers])
        .select_related("unit")
        .order_by("pk")
    )
    kin, comers = kin_of(locked), come_as(visitors, planned_on)
    for dossier in locked:
        if reason := why_not_plan(dossier, actor):
            raise NotAllowed(reason)
        if all_inside(units_of(comers, dossier, kin[dossier.pk]), dossier):
            words = _("All visitors come from the household's own unit: %(number)s.")
            raise NotAllowed(words % {"number": dossier.number})
    going = {user.pk for user in visitors}
    before = VisitPlan.objects.open().filter(dossier__in=locked)
    same = {
        plan.dossier_id
        for plan in before.filter(planned_on=planned_on).prefetch_related("planned_visitors")
        if {planned.user_id for planned in plan.planned_visitors.all()} == going
    }
    before.exclude(dossier__in=same).update(
        cancelled_at=at, cancelled_by=by, cancel_reason=_("Replaced by a later plan.")
    )
    plans = VisitPlan.objects.bulk_create(
        VisitPlan(
            dossier=dossier, planned_on=planned_on, visitor_count=len(going), planned_at=at,
            planned_by=by,
        )
        for dossier in locked
        if dossier.pk not in same
    )  # fmt: skip
    PlannedVisitor.objects.bulk_create(
        PlannedVisitor(plan=plan, user=user) for plan in plans for user in visitors
    )
    return plans


def kin_of(dossiers):
    """{dossier pk: blind indexes of its members}. One query."""
    found = {dossier.pk: set() for dossier in dossiers}
    members = Member.objects.filter(dossier__in=list(found), left_on=None)
    for pk, index in members.values_list("dossier", "id_index"):
        found[pk].add(index)
    return found


@transaction.atomic
def cancel_plan(*, plan, by, at, reason):
    """Call a planned visit off; the reason is kept."""
    plan = (
        VisitPlan.objects.select_for_update(of=("self",))
        .select_related("dossier__unit")
        .get(pk=plan.pk)
    )
    if reason_not := why_not_cancel(plan, by.actor(day_of(at))):
        raise NotAllowed(reason_not)
    plan.cancelled_at, plan.cancelled_by, plan.cancel_reason = at, by, reason
    plan.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])


def why_not_cancel(plan, actor):
    """Why the actor may not call this plan off; "" when they may."""
    if not any(actor.has(role, plan.dossier.unit.path) for role in PLANNERS):
        return _("Only the union officers of this unit and of the company plan a visit.")
    if plan.visit_id:
        return _("This visit was made.")
    if plan.cancelled_at:
        return _("This plan was called off already.")
    return ""
