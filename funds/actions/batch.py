"""The list before the meeting: drawn up by the officer, locked and taken back by the chair."""

from django.db import transaction
from django.db.models import Count, F, Sum
from django.utils.translation import gettext as _

from base import canonical
from base.money import format_fen
from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, scoring
from cases.models import Case, Counter, Member
from cases.workflow import Programme, Status
from funds.models import Batch, BatchLine, Fund
from people.models import Appointment, Kinship, Unit
from people.roles import NotAllowed, Role

FIRST_ABOVE_FEN = 10_000_00


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


def candidates(batch):
    """Cases that may join the list: verified, of its programme and round, on no other list."""
    cases = Case.objects.filter(
        company=batch.company_id, programme=batch.programme, status=Status.VERIFIED
    ).exclude(batch_lines__current=True)
    return cases.filter(round=batch.round_id) if batch.round_id else cases


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
    """Take a case off the list; it stays ready for another."""
    batch = _building(line.batch, by, at)
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
    standings = {line.case.applicant.standing for line in lines}
    allowed = standings <= set(fund.standings) and batch.programme in fund.programmes
    over = fund.ceiling_fen is not None and any(
        (line.amount_fen or 0) > fund.ceiling_fen for line in lines
    )
    return [
        ("budget", words, covered),
        ("purpose", _("The fund may be used for this programme and these persons."), allowed),
        ("ceiling", _("No amount is above the ceiling of the fund."), not over),
    ]


def _cap_check(batch, cases, on):
    """The policy's cap for one grant, and for emergency grants of a household in one year."""
    rules = case_actions.policy_in_force(batch.company_id, on).rules
    cap = scoring.cap_fen(rules, batch.programme)
    fits = cap is None or all((case.proposed_fen or 0) <= cap for case in cases)
    if batch.programme == Programme.EMERGENCY:
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
    """Find by rule what the leadership must look at one by one; fixed number of queries."""
    rules = case_actions.policy_in_force(batch.company_id, on).rules
    cases = [line.case for line in lines]
    dossiers = [case.dossier_id for case in cases]
    before = set(
        Case.objects.filter(dossier__in=dossiers, granted_fen__isnull=False)
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
    for line in lines:
        case = line.case
        found = []
        if _deviates(case, rules["deviation.percent"]):
            found.append("DEVIATION")
        if (case.proposed_fen or 0) > FIRST_ABOVE_FEN and case.dossier_id not in before:
            found.append("FIRST_LARGE")
        if case.dossier_id in related:
            found.append("RELATIVE")
        if case.pk in excepted:
            found.append("GATE_EXCEPTION")
        if case.dossier_id in refused:
            found.append("ASKED_AGAIN")
        line.exceptions, line.single = found, bool(found)
    BatchLine.objects.bulk_update(lines, ["exceptions", "single"], batch_size=500)


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


@transaction.atomic
def recall(*, batch, by, at):
    """Take a locked list back to change it: a new version begins, votes cast so far are void."""
    batch = _locked(batch)
    if batch.company_id not in by.actor(day_of(at)).companies(Role.COMPANY_CHAIR):
        raise NotAllowed(_("Only the company union chair takes a list back."))
    if batch.status != Batch.Status.LOCKED:
        raise NotAllowed(_("Only a list that waits for the meeting can be taken back."))
    cases = [line.case for line in batch.lines.select_related("case")]
    case_actions.recall(cases, by=by, at=at)
    Batch.objects.filter(pk=batch.pk).update(
        status=Batch.Status.BUILDING, version=F("version") + 1, digest="", locked_at=None,
        locked_by=None, meeting=None,
    )  # fmt: skip


@transaction.atomic
def publish(*, batch, by, at):
    """Publish what the meeting approved of a list, as one notice; returns the notice."""
    batch = _locked(batch)
    cases = list(
        Case.objects.filter(
            batch_lines__batch=batch, batch_lines__outcome=BatchLine.Outcome.APPROVED,
            batch_lines__current=True, status=Status.APPROVED,
        ).order_by("pk")
    )  # fmt: skip
    if not cases:
        raise NotAllowed(_("Nothing on this list waits to be published."))
    words = _("Leadership meeting %(meeting)s") % {"meeting": batch.meeting.number}
    return case_actions.publish(cases, by=by, at=at, title=batch.title, basis=words)
