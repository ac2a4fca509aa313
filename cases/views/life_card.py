"""The card with the life of a dossier: what happened, and what may happen now."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cases import actions, life
from cases.life import Act
from cases.models import Dossier, Recheck

# act: the page on which it is done, and the icon of its button
_PAGES = {
    Act.PROPOSE_EXIT: ("cases:exit_propose", "log-out"),
    Act.EXIT: ("cases:exit_decide", "list-checks"),
    Act.TRANSFER: ("cases:dossier_transfer", "arrow-left-right"),
    Act.CANCEL: ("cases:dossier_cancel", "ban"),
    Act.RETURN: ("cases:dossier_return", "undo-2"),
}


def life_card(dossier, actor):
    """What the card shows: events, acts with their pages or the reason against them, what waits.

    Eight queries, for any number of events.
    """
    known = actions.facts_of_life(dossier)
    closed = dossier.status in (Dossier.Status.EXITED, Dossier.Status.CANCELLED)
    return {
        "events": life_items(dossier),
        "acts": list(_acts(known, dossier, actor)),
        "changes": dossier.changes.open().order_by("due_on", "pk"),
        "may_report": not actions.why_not_report_change(dossier, actor),
        "leaving": dossier.exits.order_by("-pk").first(),
        "recheck": Recheck.objects.waiting().filter(dossier=dossier).order_by("-pk").first(),
        "may_recheck": not actions.why_not_recheck(dossier, actor),
        "follow_ups": dossier.follow_ups.order_by("due_on", "pk") if closed else (),
        "may_follow_up": not life.why_not_them(known, life.RULES[Act.FOLLOW_UP], actor),
    }


def _acts(known, dossier, actor):
    """(label, address or "", icon, reason) of each act that is this person's business."""
    for act, (page, icon) in _PAGES.items():
        rule = life.RULES[act]
        if dossier.status not in rule.sources or life.why_not_them(known, rule, actor):
            continue
        if act == Act.EXIT and known.proposed_by is None:
            continue
        reason = life.why_not_life(known, Act.KEEP if act == Act.EXIT else act, actor)
        address = "" if reason else reverse(page, args=[dossier.pk])
        yield {"label": rule.label if act != Act.EXIT else _("Decide on the exit"),
               "url": address, "icon": icon, "reason": reason}  # fmt: skip


def life_items(dossier):
    """The events of a dossier for its card, newest first. One query."""
    return [
        {"title": _said(event), "at": event.at, "by": _who(event), "note": _note(event),
         "attention": event.act in (Act.CANCEL, Act.DROP)}
        for event in dossier.events.for_timeline()
    ]  # fmt: skip


_CODES = (
    dict(Dossier.ExitReason.choices), dict(life.RecheckResult.choices),
    dict(life.FollowUpResult.choices),
)  # fmt: skip


def _said(event):
    """What happened, with its reason when it has one."""
    reason = next((codes[event.reason] for codes in _CODES if event.reason in codes), "")
    if not reason or event.act == Act.RETURN:
        return event.get_act_display()
    return _("%(act)s: %(reason)s") % {"act": event.get_act_display(), "reason": reason}


def _who(event):
    if event.by is None:
        return _("by the program")
    role = event.get_role_display()
    return _("%(name)s, %(role)s") % {"name": event.by.name, "role": role} if role else (
        event.by.name
    )  # fmt: skip


def _note(event):
    """Units, the other dossier, the clause, and what was written down."""
    parts = []
    if event.unit_before_id != event.unit_after_id:
        parts.append(f"{event.unit_before.name} → {event.unit_after.name}")
    if event.other:
        parts.append(event.other.number)
    if event.clause:
        parts.append(event.clause)
    if remark := getattr(event, "remark", None):
        parts.append(remark.words)
    return " · ".join(parts)
