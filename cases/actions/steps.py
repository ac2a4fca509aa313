"""The one way a case changes status: lock, check, change, record, for a set of cases at once."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models import Case as Cases
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from base.sets import These, insert_select
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

    `cases` are rows or a query. They are locked in one order by one statement and read again under
    the lock, so a stale object from the caller (two people deciding at once) cannot pass the check.
    The number of statements is the same for one case and for ten thousand. `changes` are further
    columns, values or expressions. `by` is None only for the program's daily clearing.
    Raises NotAllowed with the reason for the first case that refuses.
    """
    asked = cases.values("pk") if isinstance(cases, QuerySet) else [case.pk for case in cases]
    locked = Case.objects.lock(asked)
    actor = by.actor(day_of(at)) if by else None
    check(locked, action, actor, at)
    if not locked:
        return locked
    step = workflow.STEPS[action]
    rows = Case.objects.filter(pk__in=These([case.pk for case in locked]))
    _record(rows, locked, action, by=by, actor=actor, at=at, reason=reason, words=words)
    rows.update(
        status=step.target,
        status_at=at,
        due_on=due_on(locked[0].company_id, step.target, at),
        **(changes or {}),
    )
    if step.target in ENDED:
        _end_forms(locked)
    return locked


def _end_forms(cases):
    """The student and the bills of applications that came to nothing are free for others."""
    for form, programme in ((TuitionForm, Programme.TUITION), (MedicalForm, Programme.MEDICAL)):
        pks = [case.pk for case in cases if case.programme == programme]
        if pks:
            form.objects.filter(case__in=These(pks)).update(ended=True)


def check(cases, action, actor, at):
    """Ask `why_not` of each case against facts fetched once; raises NotAllowed."""
    read = facts.read(cases, day_of(at), (action,))
    for case in cases:
        workflow.check(read[case.pk], action, actor)


def _record(rows, cases, action, *, by, actor, at, reason, words):
    """One sealed step for each case (with its words beside it), and the duty taken; before the
    cases change, as their present status stands in it."""
    step = workflow.STEPS[action]
    hats = _hats(cases, step, actor)
    insert_select(
        Step,
        rows.order_by("pk"),
        case=F("pk"),
        action=action,
        before=F("status"),
        after=step.target,
        by=by,
        **under(hats, otherwise=str(Role.EMPLOYEE) if actor else ""),
        reason=reason,
        at=Greatest(Value(at), F("status_at")),
    )
    if words:
        # Asked first: as one statement PostgreSQL joins the steps with themselves before it knows
        # how many there are.
        theirs = Step.objects.filter(case__in=These([case.pk for case in cases])).order_by()
        newest = theirs.values("case").annotate(newest=Max("pk")).values_list("newest", flat=True)
        made = Step.objects.filter(pk__in=These(list(newest))).order_by("pk")
        insert_select(Opinion, made, step=F("pk"), words=words)
    for duty, ours in _by_duty(cases, step).items():
        take_duty(ours, duty, by=by, at=at)


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
    rows = Case.objects.filter(pk__in=These([case.pk for case in cases]))
    others = CaseDuty.objects.filter(case__in=rows, user=by).exclude(duty=duty)
    if other := others.order_by("case").values_list("duty", flat=True).first():
        raise NotAllowed(
            _("You %(duty)s: the same person never takes two parts in one case.")
            % {"duty": Duty(other).label}
        )
    untaken = rows.exclude(Exists(CaseDuty.objects.filter(case=OuterRef("pk"), user=by)))
    insert_select(CaseDuty, untaken.order_by("pk"), case=F("pk"), user=by, duty=duty, at=at)


def _hats(cases, step, actor):
    """[(which cases, the hat the actor wears for the step on them)]: the nearest unit first."""
    return [
        (Q(status=status) & where, hat)
        for status in sorted({case.status for case in cases})
        for where, hat in hats_of(actor, step.who(status)[0])
    ]


def hats_of(actor, roles):
    """[(which rows of a unit and company, hat)] for the hats an actor has among some roles, that
    of the nearest unit first. An employee acts for nobody else."""
    worn = [hat for hat in actor.hats if hat.role in roles] if actor else []
    worn = [hat for hat in worn if hat.role != Role.EMPLOYEE]
    return [
        (Q(unit=hat.unit_id) | Q(company=hat.unit_id), hat)
        for hat in sorted(worn, key=lambda hat: -len(hat.path))
    ]


def under(hats, *, otherwise):
    """The columns role and unit of a sealed row: the first hat that fits, else the unit itself."""
    return {
        "role": Cases(
            *(When(where, then=Value(str(hat.role))) for where, hat in hats),
            default=otherwise if hasattr(otherwise, "resolve_expression") else Value(otherwise),
        ),
        "unit": Cases(
            *(When(where, then=Value(hat.unit_id)) for where, hat in hats),
            default=F("unit"),
            output_field=BigIntegerField(),
        ),
    }


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
