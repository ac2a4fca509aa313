"""The one way a case changes status: lock, check, change, record, for a set of cases at once."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import facts, workflow
from cases.models import (
    Case,
    CaseDuty,
    Counter,
    MedicalForm,
    Opinion,
    Policy,
    Step,
    TuitionForm,
)
from cases.programmes import ENDED
from cases.workflow import Duty, Programme, Status
from people.models import Holiday
from people.roles import NotAllowed, Role

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
_MARKS = {
    Programme.RECOGNITION: "建", Programme.REGULAR: "定", Programme.EMERGENCY: "临",
    Programme.MEDICAL: "医", Programme.TUITION: "学", Programme.VISIT_GIFT: "访",
}  # fmt: skip

# From which clause the next deadline is counted, in working days, once a status is reached.
_DEADLINES = {
    Status.SUBMITTED: "review.working_days",
    Status.REVIEWED: "verify.working_days",
    Status.HELD: "objection.working_days",
    Status.CLEARED: "payment.working_days",
}


@transaction.atomic
def take(cases, action, *, by, at, reason="", words="", changes=None):
    """Take one step on a set of cases: all of them or none. Returns the locked cases.

    The rows are locked in one order by one statement and read again under the lock, so a stale
    object from the caller (two people deciding at once) cannot pass the check. `changes` are
    further columns, values or expressions. `by` is None only for the program's daily clearing.
    Raises NotAllowed with the reason for the first case that refuses.
    """
    locked = Case.objects.lock([case.pk for case in cases])
    actor = by.actor(day_of(at)) if by else None
    check(locked, action, actor, at)
    step = workflow.STEPS[action]
    if locked:
        company_id = locked[0].company_id
        Case.objects.filter(pk__in=[case.pk for case in locked]).update(
            status=step.target,
            status_at=at,
            due_on=due_on(company_id, step.target, at),
            **(changes or {}),
        )
    if step.target in ENDED:
        _end_forms(locked)
    record(locked, action, by=by, actor=actor, at=at, reason=reason, words=words)
    return locked


def _end_forms(cases):
    """The student and the bills of applications that came to nothing are free for others."""
    for form, programme in ((TuitionForm, Programme.TUITION), (MedicalForm, Programme.MEDICAL)):
        pks = [case.pk for case in cases if case.programme == programme]
        if pks:
            form.objects.filter(case__in=pks).update(ended=True)


def check(cases, action, actor, at):
    """Ask `why_not` of each case against facts fetched once; raises NotAllowed."""
    read = facts.read(cases, day_of(at), (action,))
    for case in cases:
        workflow.check(read[case.pk], action, actor)


def record(cases, action, *, by, actor, at, reason="", words=""):
    """One sealed step for each case (with its words beside it), and the duty taken."""
    step = workflow.STEPS[action]
    made = Step.objects.bulk_create(
        Step(
            case=case,
            action=action,
            before=case.status,
            after=step.target,
            by=by,
            role=_role(case, step, actor),
            unit_id=_unit(case, step, actor),
            reason=reason,
            at=max(at, case.status_at),
        )
        for case in cases
    )
    if words:
        Opinion.objects.bulk_create(Opinion(step=row, words=words) for row in made)
    for duty, ours in _by_duty(cases, step).items():
        take_duty(ours, duty, by=by, at=at)
    return made


def _by_duty(cases, step):
    found = {}
    for case in cases:
        duty = step.who(case.status)[1]
        if duty:
            found.setdefault(duty, []).append(case)
    return found


def take_duty(cases, duty, *, by, at):
    """Write down the duty of one person on a set of cases, unless it is written already.

    Raises NotAllowed when they have another duty on one of them (the database refuses it too).
    """
    rows = CaseDuty.objects.filter(case__in=[c.pk for c in cases], user=by)
    taken = dict(rows.values_list("case_id", "duty"))
    for case in cases:
        if taken.get(case.pk, duty) != duty:
            raise NotAllowed(
                _("You %(duty)s: the same person never takes two parts in one case.")
                % {"duty": Duty(taken[case.pk]).label}
            )
    CaseDuty.objects.bulk_create(
        CaseDuty(case=case, user=by, duty=duty, at=at) for case in cases if case.pk not in taken
    )


def _hat(case, step, actor):
    """The hat under which the actor takes the step: the nearest unit first."""
    roles = step.who(case.status)[0]
    hats = [h for h in actor.hats if h.role in roles and h.role != Role.EMPLOYEE] if actor else []
    near = [h for h in hats if h.unit_id in (case.unit_id, case.company_id)]
    return max(near, key=lambda h: len(h.path), default=None)


def _role(case, step, actor):
    hat = _hat(case, step, actor)
    if hat:
        return hat.role
    return Role.EMPLOYEE if actor else ""


def _unit(case, step, actor):
    hat = _hat(case, step, actor)
    return hat.unit_id if hat else case.unit_id


def due_on(company_id, status, at):
    """When the next act is due after reaching a status; None where the policy sets no time."""
    key = _DEADLINES.get(Status(status))
    on = day_of(at)
    policy = Policy.objects.in_force(company_id, on) if key else None
    if policy is None:
        return None
    return Holiday.objects.calendar().add_workdays(on, policy.rules[key])


def public_code(company_id, number):
    """The code by which an outsider asks after a case, notice or objection: ten letters of
    Crockford base 32 and a check letter, from the number under the index key, not to be guessed."""
    text = f"{company_id}/{number}".encode()
    digest = hmac.digest(settings.INDEX_KEY, b"public code " + text, sha256)
    bits = int.from_bytes(digest[:7], "big") >> 6  # the first 50 bits
    letters = "".join(_ALPHABET[bits >> shift & 31] for shift in range(45, -1, -5))
    return letters + _ALPHABET[sum(map(_ALPHABET.index, letters)) % 32]


def numbers(company_id, year, programme, count):
    """`count` case numbers in a row, such as 2026-临-0032."""
    mark = _MARKS[Programme(programme)]
    first = Counter.objects.take(company_id, f"case {year} {mark}", count)
    return [f"{year}-{mark}-{n:04d}" for n in range(first, first + count)]
