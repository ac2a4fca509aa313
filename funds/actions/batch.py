"""The list before the meeting: drawn up by the officer, locked and taken back by the chair."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, F, Max, Q, Sum, Value
from django.utils.translation import gettext as _

from base import canonical
from base.money import format_fen
from base.sets import These, choose, insert_select, number
from base.workdays import day_of
from cases import actions as case_actions
from cases import facts, scoring, watch
from cases.models import Case, Counter, Member, Round
from cases.workflow import BY_COST, Programme, Status
from funds import order
from funds.models import Batch, BatchLine, Fund, Unreached
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
    if round and (reason := why_not_round(round)):
        raise NotAllowed(reason)
    year = day_of(at).year
    seq = Counter.objects.take(company.pk, f"batch {year}")
    return Batch.objects.create(
        company=company, number=f"{year}-批-{seq:03d}", title=title, programme=programme,
        round=round, budget=budget, built_at=at, built_by=by,
    )  # fmt: skip


def why_not_round(round):
    """Why a round may not go on a list yet; "" when it may."""
    if round.status == Round.Status.OPENING:
        return _("The cases of this round are still being made: it goes on a list once all are.")
    return ""


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
        Q(round=None) | Q(round__status=Round.Status.OPEN), company=batch.company_id,
        programme=batch.programme, status=Status.VERIFIED,
    ).exclude(batch_lines__current=True)  # fmt: skip
    if batch.round_id:
        cases = cases.filter(round=batch.round_id)
    return cases.filter(_narrowed(unit, q))


def _narrowed(unit, q):
    found = Q(unit=unit) if unit else Q()
    return found & (Q(applicant__name__contains=q) | Q(number__contains=q)) if q else found


def in_order(batch, rules, *, unit=None, q=""):
    """The candidates as a page shows them, in the order of the policy: each with its `place` among
    all who wait and `reach_fen`; for recognition simply the highest score first."""
    if batch.budget_id is None:
        return order.to_show(candidates(batch, unit=unit, q=q)).order_by("-assessment__score", "pk")
    placed = order.placed(candidates(batch), rules)
    return order.to_show(order.among_all(placed, _narrowed(unit, q)) if unit or q else placed)


@transaction.atomic
def add_lines(*, batch, cases, by, at):
    """Put ready cases on the list in the order of the policy; returns how many."""
    batch = _building(batch, by, at)
    ready = candidates(batch).filter(pk__in=These([case.pk for case in cases]))
    last = batch.lines.aggregate(seq=Max("seq"))["seq"] or 0
    count = insert_select(
        BatchLine, order.placed(ready, rules_of(batch, day_of(at))), batch=batch, case=F("pk"),
        seq=F("place") + Value(last), amount_fen=F("proposed_fen"),
    )  # fmt: skip
    _count(batch)
    return count


def rules_of(batch, on):
    """The rules by which a list is drawn up, or was locked. One query."""
    day = day_of(batch.locked_at) if batch.locked_at else on
    return case_actions.policy_in_force(batch.company_id, day).rules


@dataclass(frozen=True)
class Proposal:
    """What the cases that wait cost, and how far the money reaches down their order, in fen."""

    count: int
    fen: int
    free_fen: int
    reached: int
    reached_fen: int

    @property
    def short(self):
        """Whether the money does not reach everybody."""
        return self.fen > self.free_fen

    @property
    def left(self):
        return self.count - self.reached

    @property
    def left_fen(self):
        return self.fen - self.reached_fen

    @property
    def short_fen(self):
        """What lacks for all of them."""
        return max(self.fen - self.free_fen, 0)


def propose(batch, rules):
    """The `Proposal` for a list that is drawn up: before the meeting it says what everybody who
    waits costs, and who comes first by the policy. Two queries."""
    waiting = candidates(batch)
    all_of_them = waiting.aggregate(count=Count("pk"), fen=Sum("proposed_fen"))
    free = batch.budget.available_fen - batch.total_fen
    found = reached(batch, rules).aggregate(count=Max("place"), fen=Max("reach_fen"))
    return Proposal(
        all_of_them["count"], all_of_them["fen"] or 0, free, found["count"] or 0, found["fen"] or 0
    )


def reached(batch, rules):
    """The cases that wait and that the rest of the budget reaches, down the order of the policy:
    from the first that it does not reach on, nobody."""
    free = batch.budget.available_fen - batch.total_fen
    return order.placed(candidates(batch), rules).filter(reach_fen__lte=free)


@transaction.atomic
def add_proposed(*, batch, by, at):
    """Put on the list whom its budget reaches, in the order of the policy; returns how many."""
    batch = _building(batch, by, at)
    if not batch.budget_id:
        return 0
    cases = reached(batch, rules_of(batch, day_of(at))).only("pk")
    return add_lines(batch=batch, cases=cases, by=by, at=at)


def passed_over(batch, rules):
    """Cases that wait although they come before somebody on the list, where the money does not
    reach everybody; a query of cases."""
    on_list = Q(pk__in=batch.lines.values("case"))
    everybody = Case.objects.filter(on_list | Q(pk__in=candidates(batch).values("pk")))
    first = order.ordered(everybody, rules).values("pk")[: batch.lines_count]
    return candidates(batch).filter(pk__in=first)


def why_not_explain_order(batch, actor):
    """Why the actor may not write down why others are put first; "" when they may."""
    if batch.budget_id is None:
        return _("Recognition takes no money: nobody comes first.")
    return why_not_build(batch, actor)


@transaction.atomic
def explain_order(*, batch, reason, by, at):
    """Write down why somebody is on the list before others who come first by the policy."""
    batch = _building(batch, by, at)
    batch.order_reason = reason
    batch.save(update_fields=["order_reason"])
    return batch


@transaction.atomic
def remove_line(*, line, by, at):
    """Take a case off the list; it stays ready for another.

    Votes on an earlier version are sealed and point to their line, so such a line is kept aside.
    """
    batch = _building(line.batch, by, at)
    if line.votes.exists():
        keep_aside(batch, line)
    else:
        line.delete()
        _count(batch)


def keep_aside(batch, line):
    """Take a line off its list and keep the row; the caller holds the list, which is open."""
    BatchLine.objects.filter(pk=line.pk).update(removed=True, current=False)
    _count(batch)


def _count(batch):
    totals = batch.lines.aggregate(count=Count("pk"), total=Sum("amount_fen"))
    Batch.objects.filter(pk=batch.pk).update(
        lines_count=totals["count"], total_fen=totals["total"] or 0
    )


def checks(batch, on, rules=None):
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
        rules = rules or rules_of(batch, on)
        found += _money_checks(batch, lines)
        found.append(_cap_check(batch, cases, on, rules))
        found.append(_order_check(batch, rules))
    return found


def _order_check(batch, rules):
    """Nobody is passed over in silence where the money does not reach everybody."""
    count = passed_over(batch, rules).count() if propose(batch, rules).short else 0
    if not count:
        return ("order", _("Nobody who comes first by the policy is passed over."), True)
    if batch.order_reason:
        words = _("%(count)s who come before others on the list are not on it, because: %(reason)s")
        return ("order", words % {"count": count, "reason": batch.order_reason}, True)
    words = _(
        "%(count)s who come before others on the list are not on it: put them on it, or write down"
        " why not."
    )
    return ("order", words % {"count": count}, False)


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


def _cap_check(batch, cases, on, rules):
    """The policy's cap for one grant, and for all grants by cost of a household in one year, of
    which a relative leaves what the employee's own application asks for."""
    cap = scoring.cap_fen(rules, batch.programme)
    fits = cap is None or all((case.proposed_fen or 0) <= cap for case in cases)
    if batch.programme in BY_COST:
        granted = case_actions.granted_this_year([c.dossier_id for c in cases], on.year)
        for case in cases:
            granted[case.dossier_id] = granted.get(case.dossier_id, 0) + (case.proposed_fen or 0)
        own = case_actions.proposed_for_own(cases, but=[case.pk for case in cases])
        for dossier, fen in {c.dossier_id: own[c.pk] for c in cases if c.pk in own}.items():
            granted[dossier] += fen
        fits = fits and all(fen <= rules["emergency.year_cap"] for fen in granted.values())
    return ("caps", _("No household gets more than the policy allows."), fits)


@transaction.atomic
def lock(*, batch, by, at, struck=None):
    """Lock the list with its digest and put its cases before the meeting.

    `struck` is the line that an open meeting has just taken off: the others keep their numbers.

    Refused with the first check that fails: a batch the budget does not cover cannot be locked
    (fact 4.6). Exceptions are found by rule and become individual items.
    """
    batch = _locked(batch)
    on = day_of(at)
    if reason := why_not_lock(batch, by.actor(on)):
        raise NotAllowed(reason)
    rules = rules_of(batch, on)
    asked = [check for check in checks(batch, on, rules) if check[0] != "order" or not struck]
    failed = [words for _code, words, passed in asked if not passed]
    if failed:
        raise NotAllowed(_("This check failed: %(check)s") % {"check": failed[0]})
    if batch.budget_id:
        if not struck:
            _put_in_order(batch, rules)
        _note_unreached(batch, rules, at, struck)
    lines = list(batch.lines.select_related("case__assessment").defer(
        "case__reason", "case__assessment__result").order_by("seq"))  # fmt: skip
    _mark_exceptions(batch, lines, on, rules)
    case_actions.table([line.case for line in lines], by=by, at=at)
    batch.status, batch.digest = Batch.Status.LOCKED, digest(batch, lines)
    batch.locked_at, batch.locked_by = at, by
    batch.save(update_fields=["status", "digest", "locked_at", "locked_by"])
    return batch


def _put_in_order(batch, rules):
    """Number the lines by the order of the policy, in one statement."""
    listed = order.placed(Case.objects.filter(pk__in=batch.lines.values("case")), rules)
    places = listed.values_list("pk", "place")
    number(BatchLine, "case_id", "seq", places, batch_id=batch.pk, removed=False)


def _note_unreached(batch, rules, at, struck):
    """Write down whom the money does not reach, in the order of the policy."""
    waiting = candidates(batch)
    if struck:
        waiting = waiting.exclude(pk=struck.case_id)
    fen = waiting.aggregate(fen=Sum("proposed_fen"))["fen"] or 0
    if fen > batch.budget.available_fen - batch.total_fen:
        insert_select(
            Unreached, order.placed(waiting, rules), batch=batch, locked_at=at, case=F("pk"),
            place=F("place"), amount_fen=F("proposed_fen"),
        )  # fmt: skip


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


def _mark_exceptions(batch, lines, on, rules):
    """Write down what the leadership must look at one by one, in one statement."""
    found = exceptions(batch, lines, on, rules)
    alike = defaultdict(list)
    for line in lines:
        line.exceptions, line.single = found[line.pk], bool(found[line.pk])
        alike[tuple(line.exceptions)].append(line.pk)
    codes = BatchLine._meta.get_field("exceptions")
    pairs = [(list(reasons), pks) for reasons, pks in alike.items()]
    batch.lines.update(
        exceptions=choose(pairs, default=[], output_field=codes),
        single=ExpressionWrapper(
            Q(pk__in=These([line.pk for line in lines if line.single])), BooleanField()
        ),
    )


def exceptions(batch, lines, on, rules=None):
    """{line pk: codes of the rules that make it an individual item}; fixed number of queries.

    Asked on the page while the list is drawn up, and written down when it is locked.
    """
    rules = rules or rules_of(batch, on)
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
    leads = watch.unanswered(batch.company_id, dossiers)
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
            (Reason.OPEN_LEAD, case.dossier_id in leads),
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
    cases = Case.objects.filter(pk__in=batch.lines.values("case"))
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
    """The decision a notice rests on, in words; says so when not all of a list was approved."""
    counts = {outcome: count for outcome, (count, _fen) in batch.lines.outcomes().items()}
    approved, count = counts.get(BatchLine.Outcome.APPROVED, 0), sum(counts.values())
    if approved < count:
        return _("Leadership meeting %(meeting)s, partly approved: %(approved)s of %(count)s") % {
            "meeting": batch.meeting.number, "approved": approved, "count": count}  # fmt: skip
    return _("Leadership meeting %(meeting)s") % {"meeting": batch.meeting.number}
