"""Publication, its end, and objections: the public stands between decision and money."""

from hashlib import sha256

from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from base import canonical
from base.masking import mask_name
from base.workdays import day_of
from cases import facts, signals, workflow
from cases.actions import case as case_actions
from cases.actions.events import happened
from cases.actions.steps import public_code, take, take_duty
from cases.life import Act, months_later
from cases.models import (
    Answer,
    Case,
    Clearance,
    Counter,
    Dossier,
    Member,
    Notice,
    NoticeLine,
    Objection,
)
from cases.workflow import Duty, Programme, Status
from people.actions import disclose
from people.models import DisclosureSubject, Holiday, Purpose
from people.roles import NotAllowed


@transaction.atomic
def publish(cases, *, by, at, title, basis):
    """Publish approved cases of one programme as one notice; returns it.

    The period begins on the first working day after publication and counts the policy's number
    of working days by today's calendar, which is written down with the notice (IP10). Names are
    masked; two equal masks of one unit get a number behind them.
    """
    taken = take(cases, "publish", by=by, at=at)
    first = taken[0]
    if len({case.programme for case in taken}) > 1:
        raise NotAllowed(_("A notice is about one programme."))
    on = day_of(at)
    days = period(first.company_id, on)
    seq = Counter.objects.take(first.company_id, f"notice {on.year}")
    number = f"{on.year}-公示-{seq:03d}"
    lines = lines_of(taken)
    notice = Notice.objects.create(
        company_id=first.company_id, number=number, code=public_code(first.company_id, number),
        title=title, programme=first.programme, basis=basis, starts_on=days[0], ends_on=days[-1],
        working_days=len(days), days=",".join(day.isoformat() for day in days),
        lines_count=len(lines), total_fen=sum(line.amount_fen or 0 for line in lines),
        digest=digest_of(lines), published_at=at, published_by=by,
    )  # fmt: skip
    for line in lines:
        line.notice = notice
    NoticeLine.objects.bulk_create(lines)
    transaction.on_commit(lambda: signals.published.send(Notice, at=at))
    return notice


def period(company_id, on):
    """The working days a notice published on a day runs, by today's calendar. Two queries."""
    policy = case_actions.policy_in_force(company_id, on)
    calendar = Holiday.objects.calendar()
    count = policy.rules["notice.working_days"]
    return [calendar.add_workdays(on, n) for n in range(1, count + 1)]


def lines_of(cases):
    """What the public sees of each case, by unit; not saved. One query."""
    rows = Case.objects.filter(pk__in=[c.pk for c in cases]).select_related("applicant")
    applicants = {row.pk: row.applicant for row in rows}
    seen = {}
    lines = []
    for seq, case in enumerate(sorted(cases, key=lambda c: (c.unit_id, c.pk)), start=1):
        mask = mask_name(applicants[case.pk].name)
        again = seen[case.unit_id, mask] = seen.get((case.unit_id, mask), 0) + 1
        name = mask if again == 1 else f"{mask}（{again}）"
        lines.append(
            NoticeLine(
                case=case, seq=seq, name=name, unit_id=case.unit_id, amount_fen=case.granted_fen
            )
        )
    return lines


def digest_of(lines):
    """SHA-256 over what a notice shows, line by line."""
    rows = [[line.seq, line.case_id, line.name, line.unit_id, line.amount_fen] for line in lines]
    return sha256(canonical.dumps(sorted(rows, key=lambda row: row[0])).encode()).hexdigest()


@transaction.atomic
def clear(cases, *, at, by=None):
    """The period of these cases is over: the gate to payment opens. `by` is None in the daily run.

    A recognition case ends here and opens the dossier.
    """
    taken = take(cases, "clear", by=by, at=at)
    lines = {}
    for line in NoticeLine.objects.filter(case__in=taken).select_related("notice").order_by("pk"):
        lines[line.case_id] = line
    Clearance.objects.bulk_create(
        Clearance(
            line=lines[case.pk], case=case, notice_ends_on=lines[case.pk].notice.ends_on,
            cleared_on=day_of(at), at=at, by=by,
        )
        for case in taken
    )  # fmt: skip
    _open_dossiers(taken, at, by)
    return taken


def clear_ended(*, at):
    """Clear every published case whose period is over and to which nobody objects (daily)."""
    on = day_of(at)
    ready = Case.objects.filter(
        status=Status.PUBLISHED, open_objections=0, notice_lines__notice__ends_on__lt=on
    ).distinct()
    # A case published twice counts by its latest notice alone.
    read = facts.read(list(ready), on, ("clear",))
    cases = [case for case in ready if not workflow.why_not(read[case.pk], "clear", None)]
    companies = {case.company_id for case in cases}
    return [
        c
        for pk in sorted(companies)
        for c in clear([k for k in cases if k.company_id == pk], at=at)
    ]


def _open_dossiers(cases, at, by):
    """The recognised households are on file from today, with the class and level decided."""
    recognised = [case for case in cases if case.programme == Programme.RECOGNITION]
    if not recognised:
        return
    on = day_of(at)
    policy = case_actions.policy_in_force(recognised[0].company_id, on)
    pks = [case.dossier_id for case in recognised]
    # Nothing is paid for a recognition: the deadline of payment is not for it.
    Case.objects.filter(pk__in=[case.pk for case in recognised]).update(due_on=None)
    decided = Case.objects.filter(pk__in=[case.pk for case in recognised], dossier=OuterRef("pk"))
    opening = Dossier.objects.filter(pk__in=pks).order_by("pk")
    happened(opening, Act.OPEN, by=by, at=at, after=Dossier.Status.ACTIVE)
    Dossier.objects.filter(pk__in=pks).update(
        status=Dossier.Status.ACTIVE,
        category=Subquery(decided.values("category")[:1]),
        level=Subquery(decided.values("level")[:1]),
        opened_on=on,
        review_due_on=months_later(on, policy.rules["dossier.valid_months"]),
        changed_at=at,
        **({"changed_by": by} if by else {}),
    )
    Member.objects.filter(dossier__in=pks, left_on=None).update(active=True)


@transaction.atomic
def object_to(*, line, words, at, name="", contact=""):
    """File an objection to one line of a notice while its period runs; anybody may.

    The line is blocked from this moment; the answer is due in the policy's working days.
    Raises NotAllowed outside the period.
    """
    (case,) = Case.objects.lock([line.case_id])
    on = day_of(at)
    notice = line.notice
    if not notice.published_at <= at or on > notice.ends_on:
        raise NotAllowed(_("The notice period has ended; turn to the union by phone."))
    if case.status not in (Status.PUBLISHED, Status.HELD):
        raise NotAllowed(_("This line is no longer on public notice."))
    policy = case_actions.policy_in_force(case.company_id, on)
    due = Holiday.objects.calendar().add_workdays(on, policy.rules["objection.working_days"])
    seq = Counter.objects.take(case.company_id, "objection")
    objection = Objection.objects.create(
        company_id=case.company_id, line=line, case=case, facts=words, name=name, contact=contact,
        code=public_code(case.company_id, f"objection {seq}"), filed_at=at, due_on=due,
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(open_objections=F("open_objections") + 1)
    return objection


def why_not_handle(case_facts, objection, actor):
    """Why the actor may not answer this objection; "" when they may. Pure."""
    if objection.closed_at:
        return _("This objection has been answered.")
    if objection.handler_id and objection.handler_id != actor.user_id:
        return _("Somebody else has taken up this objection.")
    return workflow.why_not_handle(case_facts, actor)


@transaction.atomic
def hold(*, objection, by, at):
    """The handler takes the objection up; exactly this line is held.

    From now on they see who objects and how to reach them; that is written down first.
    """
    (case,) = Case.objects.lock([objection.case_id])
    objection = _handled(objection, case, by, at)
    if case.status == Status.PUBLISHED:
        take([case], "hold", by=by, at=at)
    else:
        take_duty([case], Duty.OBJECTION, by=by, at=at)
    disclose(
        by=by, at=at, company=objection.company, subject=DisclosureSubject.CASE,
        subject_pk=case.pk, fields=["objector", "contact"], purpose=Purpose.REVIEW,
    )  # fmt: skip
    Objection.objects.filter(pk=objection.pk).update(handler=by, taken_at=at)
    objection.refresh_from_db()
    return objection


def _handled(objection, case, by, at):
    """The objection locked, if `by` may handle it; raises NotAllowed."""
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
    read = facts.read([case], day_of(at), ())
    if reason := why_not_handle(read[case.pk], objection, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return objection


@transaction.atomic
def release(*, objection, by, at, words):
    """Dismiss the objection with a written answer; the line goes back on notice."""
    (case,) = Case.objects.lock([objection.case_id])
    objection = _taken_up(_handled(objection, case, by, at))
    if case.open_objections == 1:
        take([case], "release", by=by, at=at, changes={"open_objections": 0})
    else:
        Case.objects.filter(pk=case.pk).update(open_objections=F("open_objections") - 1)
    _close(objection, Objection.Outcome.DISMISSED, by, at, words)


@transaction.atomic
def reopen(*, objection, by, at, words):
    """Uphold the objection: the decision falls, the company verifies, decides and publishes anew.

    Every other open objection to the case is answered with it.
    """
    signals.reopening.send(Case, case_id=objection.case_id, by=by, at=at)
    (case,) = Case.objects.lock([objection.case_id])
    _taken_up(_handled(objection, case, by, at))
    nothing = {
        "open_objections": 0, "granted_fen": None, "proposed_fen": None, "assessment": None,
        "visit": None, "no_visit_reason": "", "deviation_reason": "",
    }  # fmt: skip
    take([case], "reopen", by=by, at=at, changes=nothing)
    for other in Objection.objects.open().filter(case=case):
        _close(other, Objection.Outcome.UPHELD, by, at, words)


def _taken_up(objection):
    if objection.handler_id is None:
        raise NotAllowed(_("Take the objection up first."))
    return objection


def _close(objection, outcome, by, at, words):
    """Close with an answer; who had not taken it up does so now."""
    Objection.objects.filter(pk=objection.pk).update(
        outcome=outcome, closed_at=at, handler=by, taken_at=objection.taken_at or at
    )
    Answer.objects.create(objection=objection, words=words, at=at, by=by)
