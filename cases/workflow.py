"""What may happen to a case: the one table of steps, and the one question asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from people.roles import NotAllowed, Role, names


class Programme(TextChoices):
    """The forms of help (facts 2.12, 4.4); recognition puts a household on file."""

    RECOGNITION = "RECOGNITION", _("Recognition")
    REGULAR = "REGULAR", _("Regular subsidy")
    EMERGENCY = "EMERGENCY", _("Emergency grant")
    MEDICAL = "MEDICAL", _("Medical aid")
    TUITION = "TUITION", _("Autumn tuition aid")
    VISIT_GIFT = "VISIT_GIFT", _("Visit gift")


# What a household applies for itself; a round is opened for the regular subsidy.
GRANTS = (Programme.EMERGENCY, Programme.MEDICAL, Programme.TUITION, Programme.VISIT_GIFT)
# Asked for because of what was paid for an illness or lost by an accident: one yearly maximum.
BY_COST = (Programme.EMERGENCY, Programme.MEDICAL)
# Never more than what the household paid itself.
PAID_FOR = (*BY_COST, Programme.TUITION)
# Several of one household may be under way at a time: two students, two visits.
SEVERAL = (Programme.TUITION, Programme.VISIT_GIFT)


class Status(TextChoices):
    DRAFT = "DRAFT", _("Draft")
    SUBMITTED = "SUBMITTED", _("In grassroots review")
    RETURNED = "RETURNED", _("Returned for correction")
    REVIEWED = "REVIEWED", _("Awaiting company verification")
    VERIFIED = "VERIFIED", _("Ready for the meeting")
    TABLED = "TABLED", _("Before the leadership")
    APPROVED = "APPROVED", _("Approved, not yet published")
    PUBLISHED = "PUBLISHED", _("On public notice")
    HELD = "HELD", _("Objection being handled")
    CLEARED = "CLEARED", _("Notice period ended")
    PAID = "PAID", _("Paid")
    DECLINED = "DECLINED", _("Not approved")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


OPEN = (
    Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.REVIEWED, Status.VERIFIED,
    Status.TABLED, Status.APPROVED, Status.PUBLISHED, Status.HELD,
)  # fmt: skip
JUDGED = (
    Status.VERIFIED, Status.TABLED, Status.APPROVED, Status.PUBLISHED, Status.HELD,
    Status.CLEARED, Status.PAID,
)  # fmt: skip
# Submitted and not yet before the meeting: who cannot wait for it may be given an advance.
IN_HAND = (Status.SUBMITTED, Status.RETURNED, Status.REVIEWED, Status.VERIFIED)
DECIDED = (Status.APPROVED, Status.PUBLISHED, Status.HELD, Status.CLEARED, Status.PAID)

TURN = {
    Status.DRAFT: _("applicant"),
    Status.SUBMITTED: _("grassroots union"),
    Status.RETURNED: _("applicant"),
    Status.REVIEWED: _("company union"),
    Status.VERIFIED: _("company union"),
    Status.TABLED: _("leadership"),
    Status.APPROVED: _("company union"),
    Status.PUBLISHED: _("the public"),
    Status.HELD: _("objection handler"),
    Status.CLEARED: _("cashier"),
    Status.PAID: _("nobody"),
    Status.DECLINED: _("nobody"),
    Status.WITHDRAWN: _("nobody"),
}


TURNS = {
    "APPLICANT": (Status.DRAFT, Status.RETURNED),
    "GRASSROOTS": (Status.SUBMITTED,),
    "COMPANY": (Status.REVIEWED, Status.VERIFIED, Status.APPROVED),
    "LEADERSHIP": (Status.TABLED,),
    "PUBLIC": (Status.PUBLISHED,),
    "HANDLER": (Status.HELD,),
    "CASHIER": (Status.CLEARED,),
}


class Duty(TextChoices):
    """What somebody did on a case; the same person never takes two of these on one case."""

    ENTER = "ENTER", _("entered the application")
    REVIEW = "REVIEW", _("reviewed it")
    VERIFY = "VERIFY", _("verified it")
    VOTE = "VOTE", _("voted on it")
    PREPARE = "PREPARE", _("prepared the payment")
    POST = "POST", _("posted the payment")
    OBJECTION = "OBJECTION", _("handled an objection to it")
    AUDIT = "AUDIT", _("audited it")
    ADVANCE = "ADVANCE", _("decided an advance on it")


@dataclass(frozen=True)
class Facts:
    """What the rules need to know of one case, read from the database once for a whole set.

    `duties` maps a user id to the one duty they have on the case; `acted` holds everybody with a
    step on it other than handling an objection. `household` holds the blind indexes of the
    members' ID numbers. `paper` says that the application signed on paper is attached. `lacking`
    maps an action to sentences naming what is missing for it; only the actions asked about are
    filled.
    """

    pk: int
    status: str
    programme: str
    unit_path: str
    applicant_id: int
    on: date
    duties: Mapping[int, str] = field(default_factory=dict)
    acted: frozenset[int] = frozenset()
    household: frozenset[str] = frozenset()
    paper: bool = True
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One row of the table: from where, to where, who, as what duty."""

    label: str | Promise
    sources: tuple[Status, ...]
    target: Status
    roles: tuple[Role, ...]
    duty: Duty | None = None
    unrelated: bool = False  # refused to relatives of the household and to its own members
    untouched: bool = False  # refused to whoever took any step on the case
    paper: bool = False  # for another only with the application signed on paper (IP13)
    turns: Mapping[Status, tuple[tuple[Role, ...], Duty]] = field(default_factory=dict)

    def who(self, status):
        """The roles that may take the step from a status, and the duty it makes them take."""
        return self.turns.get(status, (self.roles, self.duty))


GRASSROOTS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR)
WHOSE_TURN = {
    Status.SUBMITTED: (GRASSROOTS, Duty.REVIEW),
    Status.REVIEWED: ((Role.COMPANY_OFFICER,), Duty.VERIFY),
}

STEPS = {
    "submit": Step(
        _("Submit the application"), (Status.DRAFT, Status.RETURNED), Status.SUBMITTED,
        (Role.EMPLOYEE, Role.INFORMANT, *GRASSROOTS), Duty.ENTER, paper=True),
    "withdraw": Step(
        _("Withdraw the application"),
        (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.REVIEWED, Status.VERIFIED),
        Status.WITHDRAWN, (Role.EMPLOYEE,)),
    "give_back": Step(
        _("Return for correction"), (Status.SUBMITTED, Status.REVIEWED), Status.RETURNED,
        (*GRASSROOTS, Role.COMPANY_OFFICER), unrelated=True, turns=WHOSE_TURN),
    "review": Step(
        _("Record the grassroots review"), (Status.SUBMITTED,), Status.REVIEWED,
        GRASSROOTS, Duty.REVIEW, unrelated=True),
    "verify": Step(
        _("Record the company verification"), (Status.REVIEWED,), Status.VERIFIED,
        (Role.COMPANY_OFFICER,), Duty.VERIFY, unrelated=True),
    "decline": Step(
        _("Do not approve"), (Status.SUBMITTED, Status.REVIEWED), Status.DECLINED,
        (*GRASSROOTS, Role.COMPANY_OFFICER), unrelated=True, turns=WHOSE_TURN),
    "table": Step(
        _("Put before the meeting"), (Status.VERIFIED,), Status.TABLED, (Role.COMPANY_CHAIR,)),
    "defer": Step(_("Defer"), (Status.TABLED,), Status.VERIFIED, (Role.LEADER,)),
    "recall": Step(
        _("Take back from the meeting"),
        (Status.TABLED,),
        Status.VERIFIED,
        (Role.COMPANY_CHAIR,),
    ),
    "approve": Step(_("Approve in the meeting"), (Status.TABLED,), Status.APPROVED, (Role.LEADER,)),
    "refuse": Step(
        _("Not approved by the meeting"), (Status.TABLED,), Status.DECLINED, (Role.LEADER,)),
    "publish": Step(
        _("Publish"), (Status.APPROVED,), Status.PUBLISHED, (Role.COMPANY_OFFICER,)),
    "hold": Step(
        _("Take up the objection"), (Status.PUBLISHED,), Status.HELD, (Role.DISCIPLINE,),
        Duty.OBJECTION, unrelated=True, untouched=True),
    "release": Step(
        _("Dismiss the objection"), (Status.HELD,), Status.PUBLISHED, (Role.DISCIPLINE,),
        Duty.OBJECTION, unrelated=True, untouched=True),
    "reopen": Step(
        _("Uphold the objection"), (Status.HELD,), Status.REVIEWED, (Role.DISCIPLINE,),
        Duty.OBJECTION, unrelated=True, untouched=True),
    "clear": Step(
        _("Confirm that the notice period ended"), (Status.PUBLISHED,), Status.CLEARED,
        (Role.COMPANY_OFFICER,)),
    "pay": Step(
        _("Post the payment"), (Status.CLEARED,), Status.PAID, (Role.ACCOUNTANT,), Duty.POST),
    "bounce": Step(
        _("Record the bank return"), (Status.PAID,), Status.CLEARED, (Role.ACCOUNTANT,), Duty.POST),
}  # fmt: skip


HANDLING = ("hold", "release", "reopen")
SIGNED_PAPER = _("Attach a photo of the application form signed on paper.")

# How far a case has come on the five steps of the rules (application, grassroots review, company
# verification, leadership decision, notice and payment).
STAGE = {
    Status.DRAFT: 1, Status.RETURNED: 1, Status.SUBMITTED: 2, Status.REVIEWED: 3,
    Status.VERIFIED: 4, Status.TABLED: 4, Status.APPROVED: 5, Status.PUBLISHED: 5,
    Status.HELD: 5, Status.CLEARED: 5, Status.PAID: 5,
}  # fmt: skip


def why_not(case, action, by):
    """Why the actor may not do the action to the case now; "" when they may.

    `case` is a `Facts`, `by` an `Actor` or None for the program's own daily run, which may only
    clear. The answer is a sentence: who may do it, or what is missing.
    """
    step = STEPS[action]
    if by is None:
        who = "" if action == "clear" else _("Only a person may do this.")
    else:
        who = _why_not_them(case, step, by)
    if who:
        return who
    if case.status not in step.sources:
        return _("This case is: %(status)s. “%(action)s” is not possible now.") % {
            "status": Status(case.status).label, "action": step.label}  # fmt: skip
    if step.paper and not case.paper and by.person_id != case.applicant_id:
        return SIGNED_PAPER
    lacking = case.lacking.get(action, ())
    return lacking[0] if lacking else ""


def _why_not_them(case, step, by):
    """Why this person may not take the step, whatever the state of the case."""
    roles, duty = step.who(case.status)
    if not any(_holds(case, role, by) for role in roles):
        return _("Only these may do this here: %(roles)s.") % {"roles": names(roles)}
    if duty and (reason := why_not_duty(case, duty, by)):
        return reason
    if step.untouched and by.user_id in case.acted:
        return _("You took a step on this case: somebody else must handle the objection.")
    if step.unrelated and by.kin & case.household:
        return _("You are a relative or a member of this household: somebody else must do this.")
    return ""


def _holds(case, role, by):
    if role == Role.EMPLOYEE:
        return by.person_id is not None and by.person_id == case.applicant_id
    return by.has(role, case.unit_path)


def why_not_duty(case, duty, by):
    """Why the actor may not take a duty on the case; "" when they may (invariant IP3)."""
    taken = case.duties.get(by.user_id)
    if taken and taken != duty:
        return _("You %(duty)s: the same person never takes two parts in one case.") % {
            "duty": Duty(taken).label}  # fmt: skip
    if duty != Duty.ENTER and by.person_id is not None and by.person_id == case.applicant_id:
        return _("This is your own case: somebody else must do this.")
    return ""


def why_not_handle(case, by):
    """Why the actor may not handle objections to the case, in any status; "" when they may."""
    return _why_not_them(case, STEPS["release"], by)


def check(case, action, by):
    """Refuse with the reason unless the actor may do the action to the case now."""
    if reason := why_not(case, action, by):
        raise NotAllowed(reason)


def allowed(case, by):
    """The actions the actor may take now, in the order of the table."""
    return [action for action in STEPS if not why_not(case, action, by)]
