"""Gifts in kind (fact 4.4): open a round, plan who receives, hand over, keep the receipt."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.money import format_fen
from base.workdays import day_of
from cases.actions.incident import KEEPERS, came_from
from cases.actions.visit import VISITORS
from cases.models import Gift, GiftGiver, GiftRound, Policy, Receipt
from cases.models.gift import GiftStatus
from people.roles import NotAllowed, Role
from people.workflow import check

GIVERS = (*VISITORS, Role.LEADER)
MOST_AT_ONCE = 1000
_OF_ROUND = {
    "title", "occasion", "since", "until", "responsible", "what", "unit_fen", "planned_fen",
    "source", "voucher",
}  # fmt: skip


def why_not_open_gifts(company, unit, actor):
    """Why the actor may not open a round for a unit, or with None for the whole company."""
    if actor.has(Role.COMPANY_OFFICER, company.path):
        return ""
    if unit is not None and any(actor.has(role, unit.path) for role in KEEPERS):
        return ""
    if unit is None:
        return _("Only a company union officer opens a round for the whole company.")
    return _("Only the union officers of this unit and of the company do this.")


def why_not_change_gifts(round, actor):
    return why_not_open_gifts(round.company, round.unit, actor)


def why_not_give_to(unit, actor):
    """Why the actor may not plan or record gifts for the people of a unit."""
    if any(actor.has(role, unit.path) for role in KEEPERS):
        return ""
    return _("Only the union officers of this unit and of the company do this.")


def why_not_value(company_id, fen, on):
    """Why one gift may not be worth this much; "" when it may."""
    policy = Policy.objects.in_force(company_id, on)
    if policy is None:
        return _("No policy is in force on this day.")
    cap = policy.rules["gift.goods_cap"]
    if fen > cap:
        return _(
            "One gift in kind is worth at most %(cap)s yuan. More than that is given as money,"
            " which is decided in a meeting."
        ) % {"cap": format_fen(cap)}
    return ""


@transaction.atomic
def open_gift_round(*, company, unit, by, at, **columns):
    """A round of gifts for a unit, or with None for the whole company."""
    _only(columns)
    on = day_of(at)
    check(why_not_open_gifts(company, unit, by.actor(on)))
    check(why_not_value(company.pk, columns["unit_fen"], on))
    return GiftRound.objects.create(
        company=company, unit=unit, opened_at=at, opened_by=by, changed_at=at, changed_by=by,
        **columns,
    )  # fmt: skip


@transaction.atomic
def change_gift_round(*, round, by, at, **columns):
    """Change a round. Gifts planned already keep the goods and the value they were planned with."""
    _only(columns)
    on = day_of(at)
    locked = GiftRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    check(why_not_change_gifts(locked, by.actor(on)))
    if "unit_fen" in columns:
        check(why_not_value(locked.company_id, columns["unit_fen"], on))
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.changed_at, locked.changed_by = at, by
    locked.save(update_fields=[*columns, "changed_at", "changed_by"])
    return locked


@transaction.atomic
def plan_gifts(*, round, persons, by, at, quantity=1, incident=None):
    """Plan the gift of the round for these persons; returns the new gifts.

    Whoever has one in this round already is left as they are. Raises NotAllowed above the cap, for
    somebody of another unit than the round's, or for more than 1,000 at once.
    """
    on = day_of(at)
    actor = by.actor(on)
    round = GiftRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if len(persons) > MOST_AT_ONCE:
        raise NotAllowed(_("More than 1,000 at once: add them in parts."))
    for unit in {person.unit_id: person.unit for person in persons}.values():
        check(why_not_give_to(unit, actor))
        if unit.pk != round.unit_id if round.unit_id else unit.company_id != round.company_id:
            raise NotAllowed(_("This round is for the people of another union."))
    check(why_not_value(round.company_id, quantity * round.unit_fen, on))
    there = set(round.gifts.values_list("recipient_id", flat=True))
    return Gift.objects.bulk_create(
        Gift(
            round=round, company_id=round.company_id, unit_id=person.unit_id, recipient=person,
            what=round.what, quantity=quantity, unit_fen=round.unit_fen,
            value_fen=quantity * round.unit_fen, planned_at=at, planned_by=by, incident=incident,
        )
        for person in persons
        if person.pk not in there
    )  # fmt: skip


def why_not_close_gift(gift, actor):
    """Why the actor may not record what became of the gift; "" when they may."""
    if reason := why_not_give_to(gift.unit, actor):
        return reason
    if gift.status != GiftStatus.PLANNED:
        return _("It is written down already what became of this gift.")
    return ""


@transaction.atomic
def give_gifts(*, gifts, givers, given_on, by, at, place="", talk="", signed=False):
    """These gifts were handed over, all of them or none. `givers` are users, one or more."""
    on = day_of(at)
    actor = by.actor(on)
    if not givers:
        raise NotAllowed(_("Say who handed it over."))
    if given_on > on:
        raise NotAllowed(_("This day lies in the future."))
    locked = Gift.objects.select_related("unit").lock([gift.pk for gift in gifts])
    for gift in locked:
        check(why_not_close_gift(gift, actor))
    Gift.objects.filter(pk__in=[gift.pk for gift in locked]).update(
        status=GiftStatus.GIVEN, given_on=given_on, giver_count=len(givers), place=place,
        talk=talk, signed=signed, closed_at=at, closed_by=by,
    )  # fmt: skip
    units = {}
    for gift in locked:
        for user in givers:
            key = user.pk, gift.unit_id
            units[key] = units.get(key) or came_from(user, gift.unit_id, given_on, GIVERS)
    GiftGiver.objects.bulk_create(
        GiftGiver(gift=gift, user=user, unit_id=units[user.pk, gift.unit_id])
        for gift in locked
        for user in givers
    )
    return locked


@transaction.atomic
def skip_gift(*, gift, reason, by, at):
    """The gift was not given, with the reason."""
    (gift,) = Gift.objects.select_related("unit").lock([gift.pk])
    check(why_not_close_gift(gift, by.actor(day_of(at))))
    gift.status, gift.reason = GiftStatus.NOT_GIVEN, reason
    gift.closed_at, gift.closed_by = at, by
    gift.save(update_fields=["status", "reason", "closed_at", "closed_by"])
    return gift


@transaction.atomic
def give_after_incident(*, incident, round, givers, given_on, by, at, quantity=1, **told):
    """A gift handed over on the visit after an event, on the round it is paid from."""
    made = plan_gifts(
        round=round, persons=[incident.person], by=by, at=at, quantity=quantity, incident=incident
    )
    if not made:
        raise NotAllowed(_("This person has a gift in this round already."))
    return give_gifts(gifts=made, givers=givers, given_on=given_on, by=by, at=at, **told)[0]


@transaction.atomic
def attach_receipt(*, round, upload, file, by, at, unit=None, gift=None):
    """Keep the photo of a signed receipt; the same file twice in one round is kept once.

    `upload` is what `base.uploads.check_upload` found out about `file`.
    """
    actor = by.actor(day_of(at))
    unit = gift.unit if gift else unit
    check(why_not_give_to(unit, actor) if unit else why_not_change_gifts(round, actor))
    if known := Receipt.objects.filter(round=round, sha256=upload.sha256).first():
        return known
    receipt = Receipt(
        round=round, unit=unit, gift=gift, media_type=upload.content_type, sha256=upload.sha256,
        size=upload.size_bytes, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    receipt.file.save(upload.stored_name, file, save=False)
    receipt.save()
    return receipt


def _only(columns):
    if unknown := set(columns) - _OF_ROUND:
        raise TypeError(f"not columns of a round of gifts: {unknown}")
