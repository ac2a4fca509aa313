"""What happens to a dossier as a whole: re-check, transfer, return, and being dropped."""

from collections import defaultdict

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from base.sets import These
from base.workdays import day_of
from cases import life
from cases.actions.events import happened
from cases.life import Act, ExitStatus, How, RecheckResult
from cases.models import Case, Dossier, DossierEvent, Exit, Member, Policy, Recheck
from cases.workflow import OPEN, Programme, Status
from people.roles import NotAllowed


def facts_of_life(dossier):
    """The facts the table of `cases.life` asks for. Three queries; uses the dossier's unit."""
    cases = Case.objects.filter(dossier=dossier.pk).filter(status__in=(*OPEN, Status.CLEARED))
    under_way = cases.exclude(programme=Programme.RECOGNITION, status=Status.CLEARED).order_by("pk")
    proposed = Exit.objects.filter(dossier=dossier.pk, status=ExitStatus.PROPOSED)
    members = Member.objects.filter(dossier=dossier.pk, left_on=None)
    return life.Facts(
        pk=dossier.pk,
        status=dossier.status,
        unit_path=dossier.unit.path,
        head_id=dossier.head_id,
        entered_by_id=dossier.entered_by_id,
        household=frozenset(members.values_list("id_index", flat=True)),
        cases=tuple(under_way.values_list("number", "status")),
        proposed_by=proposed.values_list("proposed_by", flat=True).first(),
    )


def why_not_life(dossier, act, actor):
    """Why the actor may not do the act to the dossier now; "" when they may. Three queries."""
    return life.why_not_life(facts_of_life(dossier), act, actor)


def held(dossier, act, actor):
    """The dossier locked for an act of its life; raises NotAllowed with the reason."""
    dossier = Dossier.objects.select_related("unit").lock(dossier.pk)
    if reason := why_not_life(dossier, act, actor):
        raise NotAllowed(reason)
    return dossier


# Re-check


def why_not_recheck(dossier, actor):
    """Why the actor may not record the yearly re-check; "" when they may."""
    if not any(actor.has(r, dossier.unit.path) for r in life.RULES[Act.RECHECK].roles):
        return _("Only the union officers of this unit and of the company re-check.")
    if dossier.status != Dossier.Status.ACTIVE:
        return _("Only a household on file is re-checked.")
    return ""


@transaction.atomic
def recheck(dossiers, *, by, at, how=How.PAPERS, changed=False):
    """The yearly re-check found the facts of these households true, or brought them up to date:
    valid for another term. A row that waits for them in a campaign is done with it.

    Raises NotAllowed when one of them is not on file, not of the officer's union, or their own.
    Fixed number of queries for any number of households.
    """
    on = day_of(at)
    actor = by.actor(on)
    locked = list(
        Dossier.objects.select_for_update(of=("self",))
        .filter(pk__in=[d.pk for d in dossiers])
        .select_related("unit")
        .order_by("pk")
    )
    for dossier in locked:
        if reason := why_not_recheck(dossier, actor):
            raise NotAllowed(reason)
    if not locked:
        return
    pks = [dossier.pk for dossier in locked]
    if Member.objects.filter(dossier__in=pks, left_on=None, id_index__in=actor.kin).exists():
        raise NotAllowed(life.KIN)
    policy = Policy.objects.in_force(locked[0].company_id, on)
    due = life.months_later(on, policy.rules["dossier.valid_months"])
    Dossier.objects.filter(pk__in=pks).update(review_due_on=due, changed_at=at, changed_by=by)
    result = RecheckResult.CHANGED if changed else RecheckResult.UNCHANGED
    waiting = Recheck.objects.filter(dossier__in=pks, result="")
    done = {"how": how, "done_at": at, "done_by": by}
    waiting.exclude(edit=F("dossier__edit")).update(result=RecheckResult.CHANGED, **done)
    waiting.update(result=result, **done)
    happened(locked, Act.RECHECK, by=by, at=at, actor=actor, reason=result)


# Transfer, return, and a file that was only applied for


@transaction.atomic
def transfer(*, dossier, unit, words, by, at):
    """Another grassroots union of the company keeps the file; applications being filled in go
    along. Where the employee stands on the roster is not touched."""
    actor = by.actor(day_of(at))
    dossier = held(dossier, Act.TRANSFER, actor)
    if reason := why_not_transfer_to(dossier, unit):
        raise NotAllowed(reason)
    happened(
        [dossier], Act.TRANSFER, by=by, at=at, actor=actor, unit_after=unit.pk, words=words
    )  # fmt: skip
    drafts = (Status.DRAFT, Status.RETURNED)
    Case.objects.filter(dossier=dossier, status__in=drafts).update(unit=unit)
    Recheck.objects.filter(dossier=dossier, result="").update(unit=unit)
    Dossier.objects.filter(pk=dossier.pk).update(unit=unit, changed_at=at, changed_by=by)
    dossier.refresh_from_db()
    return dossier


def why_not_transfer_to(dossier, unit):
    """Why the dossier cannot go to this unit; "" when it can."""
    if unit.company_id != dossier.company_id or unit.pk == dossier.company_id:
        return _("Choose a grassroots union of this company.")
    return _("The dossier is with this unit already.") if unit.pk == dossier.unit_id else ""


def why_not_start(head, on):
    """Why no application for recognition may be begun for this head on a day; "" when it may.

    False statements bar a household for the policy's years. Two queries at most.
    """
    false = (
        Dossier.objects.filter(
            head=head, status=Dossier.Status.CANCELLED, exit_reason=Dossier.ExitReason.FALSE
        )
        .order_by("-closed_on")
        .first()
    )
    policy = Policy.objects.in_force(false.company_id, on) if false else None
    if policy is None:
        return ""
    until = life.months_later(false.closed_on, 12 * policy.rules["false.ban_years"])
    if on >= until:
        return ""
    return _(
        "The dossier %(number)s was cancelled for false statements; a new application is possible"
        " from %(day)s on."
    ) % {"number": false.number, "day": until}


def come_back(head, *, by, at, actor):
    """The exited dossier of this head applied for again under its old number; None without one.

    It follows its head into their present unit. Call inside a transaction.
    """
    exited = Dossier.objects.filter(head=head, status=Dossier.Status.EXITED).order_by("-pk")
    dossier = exited.select_for_update(of=("self",)).first()
    if dossier is None:
        return None
    happened(
        [dossier], Act.RETURN, by=by, at=at, actor=actor, after=Dossier.Status.PENDING,
        unit_after=head.unit_id, reason=dossier.exit_reason,
    )  # fmt: skip
    Dossier.objects.filter(pk=dossier.pk).update(
        status=Dossier.Status.PENDING, closed_on=None, exit_reason="", unit=head.unit_id,
        entered_at=at, entered_by=by, changed_at=at, changed_by=by,
    )  # fmt: skip
    dossier.refresh_from_db()
    return dossier


def drop_pending(dossier_ids, *, by, at):
    """Files that were only applied for are closed with their application: cancelled, or exited
    again when they came back after an exit."""
    pending = Dossier.objects.select_for_update(of=("self",)).filter(
        pk__in=These(dossier_ids), status=Dossier.Status.PENDING
    )
    rows = list(pending.order_by("pk"))
    opened = [dossier.pk for dossier in rows if dossier.opened_on]
    back = DossierEvent.objects.filter(dossier__in=These(opened), act=Act.RETURN).order_by("pk")
    earlier = dict(back.values_list("dossier", "reason")) if opened else {}
    groups = defaultdict(list)
    for dossier in rows:
        ending = (Dossier.Status.CANCELLED, Dossier.ExitReason.NOT_RECOGNISED)
        if dossier.opened_on:
            reason = earlier.get(dossier.pk) or Dossier.ExitReason.RECOVERED
            ending = (Dossier.Status.EXITED, Dossier.ExitReason(reason))
        groups[ending].append(dossier)
    for (status, reason), dossiers in groups.items():
        happened(dossiers, Act.DROP, by=by, at=at, after=status, reason=reason)
        Dossier.objects.filter(pk__in=These([dossier.pk for dossier in dossiers])).update(
            status=status, exit_reason=reason, closed_on=day_of(at), changed_at=at, changed_by=by
        )
