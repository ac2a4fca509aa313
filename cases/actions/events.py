"""The sealed events in the life of a dossier: how each act writes down that it happened."""

from base.workdays import day_of
from cases.life import FIRST_ACTS, RULES, Act
from cases.models import Dossier, DossierEvent, DossierRemark
from people.roles import Role


def happened(
    dossiers, act, *, by, at, actor=None, after="", unit_after=None, reason="", clause="",
    other=None, words="",
):  # fmt: skip
    """One sealed event for each dossier, as they stood before the act; its words beside it.

    `after` and `unit_after` are given when the act changes them. `by` is None only in the daily
    run. At most two statements, and those that find out who `by` is when no `actor` is given.
    """
    if by and actor is None:
        actor = by.actor(day_of(at))
    made = DossierEvent.objects.bulk_create(
        DossierEvent(
            dossier=dossier, act=act, before="" if act in FIRST_ACTS else dossier.status,
            after=after or dossier.status, unit_before_id=dossier.unit_id,
            unit_after_id=unit_after or dossier.unit_id, reason=reason, clause=clause,
            other=other, by=by, at=at, **_hat(dossier, act, actor),
        )
        for dossier in dossiers
    )  # fmt: skip
    if words:
        DossierRemark.objects.bulk_create(DossierRemark(event=row, words=words) for row in made)
    return made


def touched(dossier, *, by, at):
    """The facts of a household on file were changed: one event for a person and a day."""
    if dossier.status != Dossier.Status.ACTIVE:
        return
    earlier = DossierEvent.objects.filter(
        dossier=dossier, act=Act.UPDATE, by=by, at__date=day_of(at)
    )
    if not earlier.exists():
        happened([dossier], Act.UPDATE, by=by, at=at)


def _hat(dossier, act, actor):
    """Under which role and for which unit the actor acts: the nearest unit first."""
    if actor is None:
        return {"role": "", "unit_id": dossier.unit_id}
    roles = RULES[act].roles if act in RULES else ()
    near = [h for h in actor.hats if h.unit_id in (dossier.unit_id, dossier.company_id)]
    fitting = [h for h in near if not roles or h.role in roles]
    hat = max(fitting, key=lambda h: len(h.path), default=None)
    if hat:
        return {"role": hat.role, "unit_id": hat.unit_id}
    own = actor.person_id is not None and actor.person_id == dossier.head_id
    return {"role": Role.EMPLOYEE if own else "", "unit_id": dossier.unit_id}
