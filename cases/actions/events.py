"""The sealed events in the life of a dossier: how each act writes down that it happened."""

from django.db.models import Case as Cases
from django.db.models import F, Max, Value, When

from base.sets import These, insert_select
from base.workdays import day_of
from cases.actions.steps import hats_of, under
from cases.life import FIRST_ACTS, RULES, Act
from cases.models import Dossier, DossierEvent, DossierRemark
from people.roles import Role


def happened(
    dossiers, act, *, by, at, actor=None, after="", unit_after=None, reason="", clause="",
    other=None, words="",
):  # fmt: skip
    """One sealed event for each dossier, as they stand before the act; its words beside it.

    `after` and `unit_after` are given when the act changes them. `by` is None only in the daily
    run. At most two statements, and those that find out who `by` is when no `actor` is given.
    """
    if by and actor is None:
        actor = by.actor(day_of(at))
    rows = Dossier.objects.filter(pk__in=These([dossier.pk for dossier in dossiers]))
    insert_select(
        DossierEvent, rows.order_by("pk"), dossier=F("pk"), act=act,
        before="" if act in FIRST_ACTS else F("status"), after=after or F("status"),
        unit_before=F("unit"), unit_after=unit_after or F("unit"), reason=reason, clause=clause,
        other=other, by=by, at=at, **_hat(act, actor),
    )  # fmt: skip
    if words:
        # Asked first, as for the steps of cases.
        keys = These([dossier.pk for dossier in dossiers])
        ours = DossierEvent.objects.filter(dossier__in=keys).order_by().values("dossier")
        newest = ours.annotate(newest=Max("pk")).values_list("newest", flat=True)
        made = DossierEvent.objects.filter(pk__in=These(list(newest))).order_by("pk")
        insert_select(DossierRemark, made, event=F("pk"), words=words)


def touched(dossier, *, by, at):
    """The facts of a household on file were changed: one event for a person and a day."""
    if dossier.status != Dossier.Status.ACTIVE:
        return
    earlier = DossierEvent.objects.filter(
        dossier=dossier, act=Act.UPDATE, by=by, at__date=day_of(at)
    )
    if not earlier.exists():
        happened([dossier], Act.UPDATE, by=by, at=at)


def _hat(act, actor):
    """Under which role and for which unit the actor acts: the nearest unit first."""
    if actor is None:
        return {"role": "", "unit": F("unit")}
    roles = RULES[act].roles if act in RULES else Role.values
    own = (
        Cases(When(head=actor.person_id, then=Value(str(Role.EMPLOYEE))), default=Value(""))
        if actor.person_id
        else ""
    )
    return under(hats_of(actor, roles), otherwise=own)
