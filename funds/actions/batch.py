"""The list before the meeting: drawn up by the officer, locked and taken back by the chair."""

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from base import canonical
from base.money import format_fen
from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, scoring
from cases.models import Case, Counter, Member
from cases.workflow import BY_COST, Programme, Status
from funds.models import Batch, BatchLine, Fund
from people.models import Appointment, Kinship, Unit
from people.roles import NotAllowed, Role

FIRST_ABOVE_FEN = 10_000_00
Reason = BatchLine.Reason


@transaction.atomic
def create_batch(*, company, title, programme, by, at, budget=None, round=None):
    """An empty list for one programme, taking its money from one budget of that programme."""
    if not by.actor(day_of(at)).has(Role.COMPANY_OFFICER, company.path):
        raise NotAllowed(_("Only the company union officer draws up a list."))
    if budget and (budget.programme != programme or budget.fund.company_id != company.pk):
        raise NotAllowed(_("This budget is for another programme."))
    year = day_of(at).year
    seq = Counter.objects.take(company.pk, f"batch {year}")
    return Batch.objects.create(
        company=company, number=f"{year}-批-{seq:03d}", title=title, programme=programme,
        round=round, budget=budget, built_at=at, built_by=by,
    )  # fmt: skip


def why_not_build(batch, actor):
    """Why the actor may not change the list now; "" when they may."""
    if batch.company_id not in actor.companies(Role.COMPANY_OFFICER):
        return _("Only the company union officer draws up a list.")
    if batch.status != Batch.Status.BUILDING:
        return _("The list is locked; the company chair must take it back first.")
    return ""


def _building(batch, by, at):
    batch = _locked(batch)
    if reason := why_not_build(batch, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return batch


def _locked(batch):
    """Fund first, then the batch: always in that order."""
    if batch.budget_id:
        Fund.objects.lock(batch.budget.fund_id)
    return Batch.objects.select_related("budget__fund").lock(batch.pk)


def candidates(batch, *, unit=None, q=""):
    """Cases that may join the list: verified, of its programme and round, on no other list.

    Narrowed by grassroots union and by a part of the name or the case number.
    """
    cases = Case.objects.filter(
        company=batch.company_id, programme=batch.programme, status=Status.VERIFIED
    ).exclude(batch_lines__current=True)
    if batch.round_id:
        cases = cases.filter(round=batch.round_id)
    if unit:
        cases = cases.filter(unit=unit)
    if q:
        cases = cases.filter(Q(applicant__name__contains=q) | Q(number__contains=q))
    return cases


@transaction.atomic
def add_lines(*, batch, cases, by, at):
    """Put ready cases on the list; returns how many."""
    batch = _building(batch, by, at)
    ready = list(candidates(batch).filter(pk__in=[c.pk for c in cases]).order_by("unit_id", "pk"))
    last = batch.lines.order_by("-seq").values_list("seq", flat=True).first() or 0
    BatchLine.objects.bulk_create(
        BatchLine(batch=batch, case=case, seq=seq, amount_fen=case.proposed_fen)
        for seq, case in enumerate(ready, start=last + 1)
    )
    _count(batch)
    return len(ready)


@transaction.atomic
def remove_line(*, line, by, at):
    """Take a case off the list; it stays ready for another.

    Votes on an earlier version are sealed and point to their line, so such a line is kept aside.
    """
    batch = _building(line.batch, by, at)
    if line.votes.exists():
        BatchLine.objects.filter(pk=line.pk).update(removed=True, current=False)
    else:
        line.delete()
    _count(batch)


def _count(batch):
    totals = batch.lines.aggregate(count=Count("pk"), total=Sum("amount_fen"))
    Batch.objects.filter(pk=batch.pk).update(
        lines_count=totals["count"], total_fen=totals["total"] or 0
    )


def checks(batch, on):
    """What stands against locking: [(code, sentence, passed)] in words, in fixed queries.

    The same list is the panel on the page and the rule in `lock`.
    """
    lines = list(batch.lines.select_related("case__applicant"))
    cases = [line.case for line in lines]
    found = [("lines", _("There is somebody on the list."), bool(lines))]
    ready = all(case.status == Status.VERIFIED for case in cases)
    found.append(("ready", _("Every case is verified and waits for the meeting."), ready))
    changed = [line for line in lines if line.amount_fen != line.case.proposed_fen]
    found.append(("amounts", _("Every amount is the one the company union proposed."), not changed))
    read = facts.read(cases, on, ("table",))
    conflicts = [f for f in read.values() if f.lacking.get("table")]
    found.append(("facts", _("No conflict in the facts is unanswered."), not conflicts))
    if batch.budget_id:
        found += _money_checks(batch, lines)
        found.append(_cap_check(batch, cases, on))
    return found


def _money_checks(batch, lines):
    fund, budget = batch.budget.fund, batch.budget
    total = sum(line.amount_fen or 0 for line in lines)
    covered = total <= budget.available_fen
    words = _("The budget covers it: %(total)s of %(available)s yuan available.") % {
        "total": format_fen(total), "available": format_fen(budget.available_fen)}  # fmt: skip
    served = fund.serves(batch.programme, {line.case.applicant.standing for line in lines})
    within = fund.reaches([line.amount_fen or 0 for line in lines])
    return [
        ("budget", words, covered),
        ("purpose", _("The fund may be used for this programme and these persons."), served),
        ("ceiling", _("No amount is above the ceiling of the fund."), within),
    ]


def _cap_check(batch, cases, on):
    """The policy's cap for one grant, and for all grants by cost of a household in one year."""
    rules = case_actions.policy_in_force(batch.company_id, on).rules
    cap = scoring.cap_fen(rules, batch.programme)
    fits = cap is None or all((case.proposed_fen or 0) <= cap for case in cases)
    if batch.programme in BY_COST:
        granted = case_actions.granted_this_year([c.dossier_id for c in cases], on.year)
        for case in cases:
            granted[case.dossier_id] = granted.get(case.dossier_id, 0) + (case.proposed_fen or 0)
        fits = fits and all(fen <= rules["emergency.year_cap"] for fen in granted.values())
    return ("caps", _("No household gets more than the policy allows."), fits)


@transaction.atomic
def lock(*, batch, by, at):
    """Lock the list with its digest and put its cases before the meeting.

    Refused with the first check that fails: a batch the budget does not cover cannot be locked
    (fact 4.6). Exceptions are found by rule and become individual items.
    """
    batch = _locked(batch)
    on = day_of(at)
    if reason := why_not_lock(batch, by.actor(on)):
        raise NotAllowed(reason)
    failed = [words for _code, words, passed in checks(batch, on) if not passed]
    if failed:
        raise NotAllowed(_("This check failed: %(check)s") % {"check": failed[0]})
    lines = list(batch.lines.select_related("case__assessment", "case__applicant").order_by("seq"))
    _mark_exceptions(batch, lines, on)
    case_actions.table([line.case for line in lines], by=by, at=at)
    batch.status, batch.digest = Batch.Status.LOCKED, digest(batch, lines)
    batch.locked_at, batch.locked_by = at, by
    batch.save(update_fields=["status", "digest", "locked_at", "locked_by"])
    return batch


def why_not_lock(batch, actor):
    """Why the actor may not lock the list; "" when they may."""
    if batch.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair locks a list.")
    if batch.status != Batch.Status.BUILDING:
        return _("The list has been locked already.")
    if batch.built_by_id == actor.user_id:
        return _("Somebody other than who drew the list up locks it.")
    return ""


def digest(batch, lines):
    """SHA-256 of the list as voted on: batch, version and every line."""
    rows = [[line.seq, line.case_id, line.amount_fen] for line in lines]
    return canonical.digest([batch.number, batch.version, rows])


def _mark_exceptions(batch, lines, on):
    """Write down what the leadership must look at one by one."""
    found = exceptions(batch, lines, on)
    for line in lines:
        line.exceptions, line.single = found[line.pk], bool(found[line.pk])
    BatchLine.objects.bulk_update(lines, ["exceptions", "single"], batch_size=500)


def exceptions(batch, lines, on):
    """{line pk: codes of the rules that make it an individual item}; fixed number of queries.

    Asked on the page while the list is drawn up, and written down when it is locked.
    """
    rules = case_actions.policy_in_force(batch.company_id, on).rules
    cases = [line.case for line in lines]
    dossiers = [case.dossier_id for case in cases]
    before = set(
        Case.objects.filter(dossier__in=dossiers, granted_fen__gt=FIRST_ABOVE_FEN)
        .exclude(pk__in=[case.pk for case in cases])
        .values_list("dossier_id", flat=True)
    )
    refused = set(
        Case.objects.filter(
            dossier__in=dossiers, programme=batch.programme, status=Status.DECLINED
        ).values_list("dossier_id", flat=True)
    )
    related = related_dossiers(batch.company_id, dossiers, on)
    excepted = set(
        Case.objects.filter(
            pk__in=[case.pk for case in cases], dossier__assets__excepted_at__isnull=False
        ).values_list("pk", flat=True)
    )
    found = {}
    for line in lines:
        case = line.case
        first_large = (case.proposed_fen or 0) > FIRST_ABOVE_FEN and case.dossier_id not in before
        asked = (
            (Reason.DEVIATION, _deviates(case, rules["deviation.percent"])),
            (Reason.FIRST_LARGE, first_large),
            (Reason.RELATIVE, case.dossier_id in related),
            (Reason.GATE_EXCEPTION, case.pk in excepted),
            (Reason.ASKED_AGAIN, case.dossier_id in refused),
        )
        found[line.pk] = [code.value for code, holds in asked if holds]
    return found


def _deviates(case, percent):
    if case.programme == Programme.RECOGNITION:
        suggested = (case.assessment.category, case.assessment.level)
        return (case.category, case.level) != suggested
    return abs(case.proposed_fen - case.reference_fen) * 100 > case.reference_fen * percent


def related_dossiers(company_id, dossiers, on):
    """Dossier pks among whose members is a registered relative of somebody who holds a role in
    the company, or such a person themselves. Three queries."""
    held = Appointment.objects.valid_on(on).filter(unit__in=Unit.objects.of_company(company_id))
    kin = set(
        Kinship.objects.filter(user__in=held.values("user")).values_list("id_index", flat=True)
    ) | set(held.exclude(user__person=None).values_list("user__person__id_index", flat=True))
    return set(
        Member.objects.filter(dossier__in=dossiers, left_on=None, id_index__in=kin).values_list(
            "dossier_id", flat=True
        )
    )


def open_objections(batch):
    """How many households on the list have an open objection to another case. One query."""
    dossiers = batch.lines.values("case__dossier")
    found = Case.objects.filter(dossier__in=dossiers, open_objections__gt=0)
    return found.values("dossier").distinct().count()


@transaction.atomic
def recall(*, batch, by, at):
    """Take a locked list back to change it: a new version begins, votes cast so far are void."""
    batch = _locked(batch)
    if reason := why_not_recall(batch, by.actor(day_of(at))):
        raise NotAllowed(reason)
    cases = [line.case for line in batch.lines.select_related("case")]
    case_actions.recall(cases, by=by, at=at)
    batch.lines.update(outcome="")  # a result that was recorded, but not confirmed, is void too
    Batch.objects.filter(pk=batch.pk).update(
        status=Batch.Status.BUILDING, version=F("version") + 1, digest="", locked_at=None,
        locked_by=None, meeting=None,
    )  # fmt: skip


def why_not_recall(batch, actor):
    """Why the actor may not take the list back; "" when they may."""
    if batch.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair takes a list back.")
    if batch.status != Batch.Status.LOCKED:
        return _("Only a list that waits for the meeting can be taken back.")
    return ""


def to_publish(batch):
    """The cases of a list that the meeting approved and that are not on public notice yet."""
    return Case.objects.filter(
        batch_lines__batch=batch, batch_lines__outcome=BatchLine.Outcome.APPROVED,
        batch_lines__current=True, status=Status.APPROVED,
    ).order_by("pk")  # fmt: skip


def why_not_publish(batch, actor):
    """Why the actor may not publish what was decided; "" when they may. One query."""
    if batch.company_id not in actor.companies(Role.COMPANY_OFFICER):
        return _("Only the company union officer publishes what was decided.")
    if not to_publish(batch).exists():
        return _("Nothing on this list waits to be published.")
    return ""


@transaction.atomic
def publish(*, batch, by, at):
    """Publish what the meeting approved of a list, as one notice; returns the notice."""
    batch = _locked(batch)
    if reason := why_not_publish(batch, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return case_actions.publish(
        list(to_publish(batch)), by=by, at=at, title=batch.title, basis=basis(batch)
    )


def basis(batch):
    """The decision a notice rests on, in words."""
    return _("Leadership meeting %(meeting)s") % {"meeting": batch.meeting.number}
