"""What may happen to a dossier from its opening to its end: one table, and one question of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.workflow import OPEN, Status
from people.roles import Role, names


class Act(TextChoices):
    """Every act in the life of a dossier; each leaves one sealed event."""

    ENTER = "ENTER", _("Applied for")
    OPEN = "OPEN", _("Put on file")
    UPDATE = "UPDATE", _("Facts updated")
    RECHECK = "RECHECK", _("Re-checked")
    PROPOSE_EXIT = "PROPOSE_EXIT", _("Exit proposed")
    EXIT = "EXIT", _("Exited")
    KEEP = "KEEP", _("Kept on file")
    CANCEL = "CANCEL", _("Cancelled")
    DROP = "DROP", _("Not put on file")
    RETURN = "RETURN", _("Came back after relapse")
    TRANSFER = "TRANSFER", _("Transferred to another unit")
    FOLLOW_UP = "FOLLOW_UP", _("Followed up")
    TAKE_OVER = "TAKE_OVER", _("Taken over from a register")


# Acts that begin a dossier: there was no status before them.
FIRST_ACTS = (Act.ENTER, Act.TAKE_OVER)


class ChangeKind(TextChoices):
    """What changed in a household between two re-checks."""

    INCOME = "INCOME", _("income")
    WORK = "WORK", _("work")
    JOINED = "JOINED", _("a member joined")
    LEFT = "LEFT", _("a member left or died")
    ILLNESS = "ILLNESS", _("illness")
    ADDRESS = "ADDRESS", _("address")
    PHONE = "PHONE", _("phone number")
    EXPENSE = "EXPENSE", _("expenses")
    OTHER = "OTHER", _("something else")


class ChangeStatus(TextChoices):
    OPEN = "OPEN", _("to be taken over")
    TAKEN = "TAKEN", _("taken into the file")
    NO_NEED = "NO_NEED", _("no change of facts needed")


class How(TextChoices):
    """How an officer learnt of a household's situation."""

    VISIT = "VISIT", _("home visit")
    PHONE = "PHONE", _("by phone")
    PAPERS = "PAPERS", _("by papers")


class RecheckResult(TextChoices):
    UNCHANGED = "UNCHANGED", _("unchanged")
    CHANGED = "CHANGED", _("changed, facts updated")
    EXIT = "EXIT", _("to exit")


class ExitKind(TextChoices):
    RECOVERED = "RECOVERED", _("recovered from hardship")
    WISH = "WISH", _("at own wish")


class ExitStatus(TextChoices):
    PROPOSED = "PROPOSED", _("to be confirmed")
    CONFIRMED = "CONFIRMED", _("confirmed")
    KEPT = "KEPT", _("kept on file")


class ToldHow(TextChoices):
    VISIT = "VISIT", _("in person at home")
    OFFICE = "OFFICE", _("in person at the union")
    PHONE = "PHONE", _("by phone")
    LETTER = "LETTER", _("by letter")


class FollowUpResult(TextChoices):
    STABLE = "STABLE", _("stable")
    AT_RISK = "AT_RISK", _("at risk")
    RELAPSED = "RELAPSED", _("relapsed")


class WatchKind(TextChoices):
    """What the duplicate watch looks for: first what two households share, then single ones."""

    ID_NUMBER = "ID_NUMBER", _("same ID number")
    ACCOUNT = "ACCOUNT", _("same payee account")
    PHONE = "PHONE", _("same phone number")
    ADDRESS = "ADDRESS", _("same address")
    HEAD_GONE = "HEAD_GONE", _("head died or left the company")
    UNIT = "UNIT", _("unit of the head differs")
    UNVISITED = "UNVISITED", _("on file without a visit")
    STALE = "STALE", _("not updated for over a year")
    UNHELPED = "UNHELPED", _("on file but never helped")


SHARED = (WatchKind.ID_NUMBER, WatchKind.ACCOUNT, WatchKind.PHONE, WatchKind.ADDRESS)

# Reasons for which a company officer cancels a dossier; the words beside each help to choose.
CANCEL_REASONS = ("DIED", "TRANSFERRED", "DUPLICATE", "FALSE", "WISH")

UNDECIDED = tuple(s for s in OPEN if s not in (Status.DRAFT, Status.RETURNED))
GRASSROOTS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR)
KIN = _("You are a relative or a member of this household: somebody else must do this.")


@dataclass(frozen=True)
class Facts:
    """What the rules need to know of one dossier.

    `household` holds the blind indexes of the members' ID numbers; `cases` the (number, status) of
    its cases that have not ended; `proposed_by` the user who proposed the exit that awaits its
    confirmation, None without one. `lacking` maps an act to sentences naming what is missing.
    """

    pk: int
    status: str
    unit_path: str
    head_id: int
    entered_by_id: int | None
    household: frozenset[str] = frozenset()
    cases: tuple[tuple[str, str], ...] = ()
    proposed_by: int | None = None
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """One row of the table: from which status, to which ("" for the same), by whom."""

    label: str | Promise
    sources: tuple[str, ...]
    target: str = ""
    roles: tuple[Role, ...] = ()
    unrelated: bool = False  # refused to relatives of the household and to its own members
    another: bool = False  # refused to whoever entered or proposed
    proposal: bool | None = None  # needs an exit that awaits confirmation, or needs there is none
    undecided: tuple[str, ...] = ()  # refused while a case of the household has one of these


_RETURNERS = (Role.EMPLOYEE, Role.INFORMANT, *GRASSROOTS, Role.COMPANY_OFFICER)
RULES = {
    Act.RECHECK: Rule(
        _("Record the re-check"), ("ACTIVE",), "", (*GRASSROOTS, Role.COMPANY_OFFICER)),
    Act.PROPOSE_EXIT: Rule(
        _("Propose the exit"), ("ACTIVE",), "", GRASSROOTS, unrelated=True, proposal=False,
        undecided=(*OPEN, Status.CLEARED)),
    Act.EXIT: Rule(
        _("Confirm the exit"), ("ACTIVE",), "EXITED", (Role.COMPANY_OFFICER,), unrelated=True,
        another=True, proposal=True, undecided=(*OPEN, Status.CLEARED)),
    Act.KEEP: Rule(
        _("Keep on file"), ("ACTIVE",), "", (Role.COMPANY_OFFICER,), unrelated=True,
        another=True, proposal=True),
    Act.CANCEL: Rule(
        _("Cancel the dossier"), ("ACTIVE",), "CANCELLED", (Role.COMPANY_OFFICER,),
        unrelated=True, another=True, undecided=(*UNDECIDED, Status.CLEARED)),
    Act.RETURN: Rule(
        _("Take back on file after relapse"), ("EXITED",), "PENDING", _RETURNERS),
    Act.TRANSFER: Rule(
        _("Transfer to another unit"), ("PENDING", "ACTIVE"), "", (Role.COMPANY_OFFICER,),
        unrelated=True, undecided=UNDECIDED),
    Act.FOLLOW_UP: Rule(
        _("Record the follow-up"), ("EXITED",), "", (*GRASSROOTS, Role.COMPANY_OFFICER)),
}  # fmt: skip
REPORTERS = (Role.EMPLOYEE, Role.INFORMANT, *GRASSROOTS, Role.COMPANY_OFFICER)
_REPORT = Rule(_("Report a change"), ("ACTIVE",), "", REPORTERS)
_TAKE = Rule(_("Take over a change"), ("ACTIVE",), "", (*GRASSROOTS, Role.COMPANY_OFFICER))

_STATUS = {
    "PENDING": _("applied for"), "ACTIVE": _("on file"), "EXITED": _("exited"),
    "CANCELLED": _("cancelled"),
}  # fmt: skip


def why_not_life(dossier, act, actor):
    """Why the actor may not do the act to the dossier now; "" when they may.

    `dossier` is a `Facts`, `actor` an `Actor`. The answer says who may do it, or what is missing.
    """
    rule = RULES[act]
    who = why_not_them(dossier, rule, actor)
    if who:
        return who
    if dossier.status not in rule.sources:
        return _("This dossier is: %(status)s. “%(act)s” is not possible now.") % {
            "status": _STATUS[dossier.status], "act": rule.label}  # fmt: skip
    if rule.proposal is True and dossier.proposed_by is None:
        return _("The grassroots union must propose the exit first.")
    if rule.proposal is False and dossier.proposed_by is not None:
        return _("The exit of this household is proposed already; the company union decides.")
    if rule.another and actor.user_id in (dossier.entered_by_id, dossier.proposed_by):
        return _("You entered or proposed this yourself: another officer must do this.")
    under_way = [number for number, status in dossier.cases if status in rule.undecided]
    if under_way:
        return _("A case of this household is under way and must end first: %(numbers)s.") % {
            "numbers": ", ".join(under_way)}  # fmt: skip
    lacking = dossier.lacking.get(act, ())
    return lacking[0] if lacking else ""


def why_not_them(dossier, rule, actor):
    """Why this person may not, whatever the state of the dossier; "" when they may."""
    if not any(_holds(dossier, role, actor) for role in rule.roles):
        return _("Only these may do this here: %(roles)s.") % {"roles": names(rule.roles)}
    if rule.unrelated and actor.kin & dossier.household:
        return KIN
    return ""


def _holds(dossier, role, actor):
    if role == Role.EMPLOYEE:
        return actor.person_id is not None and actor.person_id == dossier.head_id
    return actor.has(role, dossier.unit_path)


def why_not_report(dossier, actor):
    """Why the actor may not report that something changed in the household; "" when they may."""
    if reason := why_not_them(dossier, _REPORT, actor):
        return reason
    return "" if dossier.status == "ACTIVE" else _("Only a household on file reports changes.")


def why_not_take(dossier, actor):
    """Why the actor may not deal with a reported change; "" when they may."""
    return why_not_them(dossier, _TAKE, actor)


def months_later(day, months):
    """The same day some months on; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def months_earlier(day, months):
    """The same day some months before; the last of the month where there is no such day."""
    return months_later(day, -months)
