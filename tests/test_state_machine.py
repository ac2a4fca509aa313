"""The whole relief under random hands: whatever anybody tries, in whatever order, the money and
the procedure stay right.

Hypothesis lets officers, leaders, cashier, accountant, objectors and the calendar act as they
like: the right person with the next step, anybody at all with any act, and everything twice.
After each step the invariants of the house are asked of the database alone. A failure prints a
blob: put `@reproduce_failure(...)` above the test to replay it.
"""

from collections import Counter, defaultdict
from hashlib import sha256

import pytest
from django.db import transaction
from django.db.models import F, Q, Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from base import canonical
from cases import actions as cases
from cases.codes import Question
from cases.models import (
    Case,
    CaseDuty,
    Clearance,
    Dossier,
    Member,
    Notice,
    NoticeLine,
    Objection,
    Screening,
    Step,
)
from cases.workflow import STEPS, Programme, Status
from funds import actions as funds
from funds.models import (
    Account,
    Attendance,
    Batch,
    BatchLine,
    Fund,
    Hold,
    HoldEnd,
    Kind,
    Meeting,
    Payment,
    PaymentRun,
    Transfer,
    Vote,
)
from people.actions import change_payee
from people.models import Standing
from people.roles import NotAllowed, Role
from tests.factories import appoint
from tests.world import World

pytestmark = pytest.mark.django_db

HOUSEHOLDS = 3
FREE = (Vote.Choice.FOR, Vote.Choice.AGAINST, Vote.Choice.ABSTAIN, Vote.Choice.DEFER)
SMALL = st.integers(0, 5)
# How many acts a household is on its way: reviewed, listed, locked, decided, published, paid.
STAGES = st.sampled_from([2, 4, 5, 8, 9, 10, 10, 10, 11, 13])
# Whose act it is; a random rule asks them as often as all the others together.
RIGHT = {
    "withdraw": "household", "submit": "household", "give_back": "officer", "review": "officer",
    "decline": "company_officer", "verify": "company_officer", "assess": "company_officer",
    "lock": "company_chair", "recall": "company_chair", "publish": "company_officer",
    "prepare": "cashier", "post": "accountant", "give_up": "cashier", "bounce": "accountant",
    "vote": "leader", "record": "secretary", "confirm": "leader", "hold": "discipline",
    "release": "discipline", "reopen": "discipline", "confirm_payee": "company_officer",
    "remove_line": "company_officer",
}  # fmt: skip
AMOUNTS = st.sampled_from([1, 1000_00, 5500_00, 150_000_00, 200_000_00, 600_000_01])


def furnish():
    """A company with a fund and households on file; and a second person where one may tire."""
    world = World()
    assert world.fund
    world.households = [world.on_file().pk for _n in range(HOUSEHOLDS)]
    world.second_accountant = appoint(Role.ACCOUNTANT, world.company)
    world.everybody = [
        world.officer, world.chair, world.informant, world.company_officer, world.company_chair,
        world.secretary, *world.leaders, world.cashier, world.accountant, world.discipline,
        world.auditor, world.admin, world.second_accountant,
        *(Dossier.objects.get(pk=pk).head.user for pk in world.households),
    ]  # fmt: skip
    return world


class Relief(RuleBasedStateMachine):
    """What may happen, and what must hold after it."""

    def __init__(self, world):
        super().__init__()
        self.world = world
        self.began = world.now
        self.savepoint = transaction.savepoint()
        self.sealed = []

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)
        self.world.now = self.began

    # Means

    def attempt(self, act, **given):
        """Do it, or be refused in words. Any other error is a mistake of the program: what the
        rules let through, the database must not have to stop."""
        try:
            act(at=self.world.tick(), **given)
        except NotAllowed as refusal:
            assert str(refusal)
            return False
        return True

    def twice(self, act, **given):
        """The second time changes no money, whatever the answer."""
        done = self.attempt(act, **given)
        before = self.money()
        self.attempt(act, **given)
        assert self.money() == before, "a repeat moved money"
        return done

    def money(self):
        return (
            list(Account.objects.order_by("pk").values_list("pk", "balance_fen", "held_fen")),
            Transfer.objects.count(),
            Payment.objects.exclude(status="VOID").count(),
        )

    @staticmethod
    def pick(rows, n):
        """One of the rows, or None when there are none."""
        rows = list(rows.order_by("pk"))
        return rows[n % len(rows)] if rows else None

    def case(self, n):
        found = self.pick(Case.objects.filter(programme=Programme.EMERGENCY), n)
        return found and self.world.fresh(found)

    def list(self, n):
        return self.pick(
            Batch.objects.select_related("meeting", "budget__fund").filter(
                programme=Programme.EMERGENCY
            ),
            n,
        )

    # The right people, one step on

    @initialize(far=st.lists(STAGES, min_size=HOUSEHOLDS, max_size=HOUSEHOLDS))
    def begin(self, far):
        """Each household has applied and come some way, so that there is something to spoil."""
        for n, steps in enumerate(far):
            self.apply(n)
            self.onward(n, steps)

    @rule(n=SMALL)
    def apply(self, n):
        dossier = Dossier.objects.select_related("head__user", "unit").get(
            pk=self.world.households[n % HOUSEHOLDS]
        )
        self.attempt(lambda at: self.world.emergency(dossier))

    @rule(n=SMALL, far=st.integers(1, 9))
    def onward(self, n, far):
        """The case goes on as it should, up to some steps."""
        case = self.case(n)
        for _step in range(far if case else 0):
            if not self.one_step(self.world.fresh(case)):
                break

    def one_step(self, case):
        world = self.world
        line = case.batch_lines.filter(current=True).first()
        if case.status in (Status.DRAFT, Status.RETURNED):
            return self.attempt(lambda at: world.submit(case))
        if case.status == Status.SUBMITTED:
            return self.attempt(lambda at: world.review(case))
        if case.status == Status.REVIEWED:
            return self.attempt(lambda at: self.verify(case))
        if case.status == Status.VERIFIED and line is None:
            return self.attempt(lambda at: self.enlist(case))
        if line is None:
            return False
        return self.list_on(Batch.objects.select_related("budget__fund").get(pk=line.batch_id))

    def verify(self, case):
        self.world.visit(case)
        self.world.mark(case)
        self.world.assess(case)
        self.world.verify(case)

    def enlist(self, case):
        building = Batch.objects.filter(
            status=Batch.Status.BUILDING, programme=Programme.EMERGENCY
        ).first()
        if building is None:
            self.world.batch([case])
        else:
            funds.add_lines(
                batch=building, cases=[case], by=self.world.company_officer, at=self.world.tick()
            )

    @rule(n=SMALL)
    def list_onward(self, n):
        if batch := self.list(n):
            self.list_on(batch)

    def list_on(self, batch, choice=Vote.Choice.FOR):
        """The next act on a list by whoever it is."""
        world = self.world
        if batch.status == Batch.Status.BUILDING:
            return self.attempt(lambda at: world.lock(batch))
        if batch.status == Batch.Status.LOCKED:
            return self.attempt(lambda at: self.meet(batch, choice))
        statuses = set(batch.lines.filter(current=True).values_list("case__status", flat=True))
        if Status.APPROVED in statuses:
            return self.attempt(lambda at: world.publish(batch))
        if statuses & {Status.PUBLISHED}:
            return bool(world.clear())
        run = batch.runs.filter(status=PaymentRun.Status.PREPARED).first()
        if run:
            return self.twice(funds.post, run=run, by=world.accountant)
        return self.twice(funds.prepare, batch=batch, by=world.cashier)

    def meet(self, batch, choice):
        world = self.world
        if batch.meeting_id is None:
            world.meeting(batch)
            return
        meeting = Meeting.objects.get(pk=batch.meeting_id)
        if meeting.status == Meeting.Status.RECORDED:
            funds.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())
            return
        voted = batch.votes.filter(version=batch.version).values_list("user_id", flat=True)
        waiting = [leader for leader in world.leaders if leader.pk not in set(voted)]
        if waiting:
            world.vote(Batch.objects.select_related("meeting").get(pk=batch.pk), choice, waiting)
        else:
            funds.record(meeting=meeting, by=world.secretary, at=world.tick())

    @rule(n=SMALL, choices=st.lists(st.sampled_from(FREE), min_size=3, max_size=3))
    def divided_vote(self, n, choices):
        """The leaders do not agree."""
        batch = self.list(n)
        if batch is None:
            return
        for leader, choice in zip(self.world.leaders, choices, strict=True):
            singles = {line.pk: choice for line in batch.lines.filter(single=True)}
            self.attempt(
                funds.vote, batch=batch, by=leader, rest=choice, lines=singles,
                version=batch.version,
            )  # fmt: skip

    # Time, objections, accounts

    @rule(days=st.integers(1, 12))
    def time_passes(self, days):
        self.world.tick(days=days)

    @rule()
    def daily_run(self):
        cases.clear_ended(at=self.world.tick())

    @rule(n=SMALL, then=st.sampled_from(["", "hold", "release", "reopen"]))
    def somebody_objects(self, n, then):
        """To any line there is; the handler takes it up, dismisses or upholds it."""
        line = self.pick(
            NoticeLine.objects.filter(case__programme=Programme.EMERGENCY).select_related("notice"),
            n,
        )
        if line:
            self.attempt(cases.object_to, line=line, words="据我所知不符合。")
        if then:
            self.answer(n, then)

    @rule(n=SMALL, then=st.sampled_from(["release", "reopen"]))
    def answer(self, n, then):
        objection = self.pick(Objection.objects.open(), n)
        if objection is None:
            return
        by = self.world.discipline
        self.attempt(cases.hold, objection=objection, by=by)
        if then != "hold":
            act = {"release": cases.release, "reopen": cases.reopen}[then]
            self.attempt(act, objection=objection, by=by, words="已核实。")

    @rule(n=SMALL)
    def taken_back(self, n):
        """The chair takes a list back before the meeting has decided it."""
        batch = self.pick(Batch.objects.filter(status=Batch.Status.LOCKED), n)
        if batch:
            self.attempt(funds.recall, batch=batch, by=self.world.company_chair)

    @rule(n=SMALL, number=st.integers(0, 2), confirm=st.booleans())
    def account_changes(self, n, number, confirm):
        case = self.case(n)
        if case is None:
            return
        person = case.applicant
        self.attempt(
            change_payee, person=person, by=self.world.officer, bank="建设银行", branch="支行",
            account_name=person.name, account=f"62220000000000{number}9999",
        )  # fmt: skip
        if confirm:
            self.attempt(funds.confirm_payee, person=person, by=self.world.company_officer)

    @rule(n=SMALL, verb=st.sampled_from(["bounce", "give_up"]))
    def money_comes_back(self, n, verb):
        if verb == "bounce" and (payment := self.pick(self.payments(), n)):
            self.twice(funds.bounce, payment=payment, by=self.world.accountant, reason="户名不符")
        run = self.pick(PaymentRun.objects.select_related("batch__budget"), n)
        if verb == "give_up" and run:
            self.twice(funds.give_up, run=run, by=self.world.cashier)

    def payments(self):
        return Payment.objects.select_related("run__batch__budget", "case", "line")

    # Money in and to budgets, by anybody, with keys that come again

    @rule(who=st.integers(0, 40), fen=AMOUNTS, key=SMALL, verb=st.sampled_from(
        ["receive", "allocate", "take_back", "reverse"]))  # fmt: skip
    def book(self, who, fen, key, verb):
        world = self.world
        given = {"by": self.somebody(who, [world.accountant, world.second_accountant])}
        given["key"] = f"{verb} {key}"
        if verb == "receive":
            given |= {"fund": world.fund, "amount_fen": fen}
        elif verb == "allocate":
            given |= {
                "fund": world.fund, "amount_fen": fen, "year": 2026 + key % 2,
                "programme": Programme.EMERGENCY,
            }  # fmt: skip
        elif verb == "take_back":
            given |= {"budget": world.budget(Programme.EMERGENCY), "amount_fen": fen}
        else:
            entry = self.pick(Transfer.objects.select_related("fund"), who + key)
            given |= {"transfer": entry, "note": "误记"}
        self.twice(getattr(funds, verb), **given)

    def somebody(self, n, right):
        """Every other time one of the right people, else anybody at all."""
        people = right if n % 2 else self.world.everybody
        return people[n // 2 % len(people)]

    def whoever(self, n, verb, case):
        named = {"household": [case and case.applicant.user], "leader": self.world.leaders}
        right = named.get(RIGHT[verb]) or [getattr(self.world, RIGHT[verb])]
        return self.somebody(n, [user for user in right if user] or self.world.everybody)

    # Anybody, anything

    @rule(n=SMALL, who=st.integers(0, 40), verb=st.sampled_from([
        "submit", "withdraw", "give_back", "review", "decline", "verify", "assess"]))  # fmt: skip
    def anybody_on_a_case(self, n, who, verb):
        case = self.case(n)
        if case is None:
            return
        given = {
            "give_back": {"reason": "PROOF_MISSING", "words": "缺证明"},
            "review": {
                "answers": {q: (Screening.Answer.FITS, "") for q in Question}, "unrelated": True,
            },
            "decline": {"clause": "第八条", "words": "不符合"},
            "verify": {"proposed_fen": case.reference_fen},
        }  # fmt: skip
        by = self.whoever(who, verb, case)
        self.attempt(getattr(cases, verb), case=case, by=by, **given.get(verb, {}))

    @rule(n=SMALL, who=st.integers(0, 40), verb=st.sampled_from([
        "lock", "recall", "publish", "prepare", "post", "give_up", "bounce", "vote", "record",
        "confirm", "hold", "release", "reopen", "confirm_payee", "remove_line"]))  # fmt: skip
    def anybody_on_money(self, n, who, verb):
        case = self.case(n)
        by = self.whoever(who, verb, case)
        batch = self.list(n)
        meeting = self.pick(Meeting.objects.all(), n)
        run = self.pick(PaymentRun.objects.select_related("batch__budget"), n)
        payment = self.pick(self.payments(), n)
        objection = self.pick(Objection.objects.all(), n)
        line = self.pick(BatchLine.objects.select_related("batch__budget"), n)
        target = {
            "lock": {"batch": batch}, "recall": {"batch": batch}, "publish": {"batch": batch},
            "prepare": {"batch": batch}, "post": {"run": run}, "give_up": {"run": run},
            "bounce": {"payment": payment}, "vote": {"batch": batch},
            "record": {"meeting": meeting}, "confirm": {"meeting": meeting},
            "hold": {"objection": objection}, "release": {"objection": objection},
            "reopen": {"objection": objection}, "remove_line": {"line": line},
            "confirm_payee": {"person": case and case.applicant},
        }[verb]  # fmt: skip
        if None in target.values():
            return
        more = {
            "bounce": {"reason": "退"}, "release": {"words": "答复"}, "reopen": {"words": "答复"},
            "vote": {"rest": Vote.Choice.FOR, "lines": {}, "version": batch and batch.version},
        }.get(verb, {})  # fmt: skip
        room = cases if verb in ("hold", "release", "reopen") else funds
        if verb in ("prepare", "post", "give_up", "bounce"):
            self.twice(getattr(room, verb), by=by, **target, **more)
        else:
            self.attempt(getattr(room, verb), by=by, **target, **more)

    # Money: IM1, IM2, IM3, IM5, IM6, IM16

    @invariant()
    def balances_follow_from_the_entries(self):
        """IM1, IM2, IM3, IM16: rebuilt from the journal, they sum to nothing, none is overdrawn."""
        into = dict(Transfer.objects.values_list("debit").annotate(Sum("amount_fen")).order_by())
        out = dict(Transfer.objects.values_list("credit").annotate(Sum("amount_fen")).order_by())
        held = dict(
            Hold.objects.filter(end=None)
            .values_list("account")
            .annotate(Sum("amount_fen"))
            .order_by()
        )
        total = Counter()
        for account in Account.objects.all():
            rebuilt = into.get(account.pk, 0) - out.get(account.pk, 0)
            assert account.balance_fen == rebuilt, account
            assert account.held_fen == held.get(account.pk, 0), account
            if account.kind in ("POOL", "BUDGET"):
                assert account.balance_fen >= account.held_fen >= 0, account
            total[account.fund_id] += account.balance_fen
        assert set(total.values()) <= {0}

    @invariant()
    def the_bank_holds_what_came_in_less_what_was_paid(self):
        """IM2."""
        kinds = Counter(
            dict(Transfer.objects.values_list("kind").annotate(Sum("amount_fen")).order_by())
        )
        reversed_fen = Transfer.objects.filter(reverses__kind=Kind.RECEIVE).aggregate(
            fen=Sum("amount_fen", default=0)
        )["fen"]
        bank = Account.objects.in_bank().aggregate(fen=Sum("balance_fen", default=0))["fen"]
        paid = kinds[Kind.PAY] - kinds[Kind.BOUNCE]
        assert bank == kinds[Kind.RECEIVE] - reversed_fen - paid
        spent = Account.objects.filter(kind="SPENT").aggregate(fen=Sum("balance_fen"))["fen"]
        assert spent == paid

    @invariant()
    def the_journal_only_grows(self):
        """IM5."""
        rows = list(Transfer.objects.order_by("pk").values_list())
        assert rows[: len(self.sealed)] == self.sealed
        self.sealed = rows

    @invariant()
    def a_reversal_turns_one_entry_round_once(self):
        """IM6."""
        seen = Counter()
        for back in Transfer.objects.filter(kind=Kind.REVERSE).select_related("reverses"):
            entry = back.reverses
            seen[entry.pk] += 1
            assert entry.kind in (Kind.RECEIVE, Kind.ALLOCATE, Kind.RELEASE)
            assert back.by_id != entry.by_id
            assert (back.debit_id, back.credit_id, back.amount_fen) == (
                entry.credit_id, entry.debit_id, entry.amount_fen,
            )  # fmt: skip
        assert all(count == 1 for count in seen.values())

    # Money and cases: IM7, IM8, IM9, IM10

    @invariant()
    def nobody_is_paid_more_than_decided_nor_twice(self):
        """IM7, IM8."""
        paid = Counter()
        for case_id, kind, fen in Transfer.objects.filter(
            kind__in=[Kind.PAY, Kind.BOUNCE]
        ).values_list("case_id", "kind", "amount_fen"):
            paid[case_id] += fen if kind == Kind.PAY else -fen
        for case in Case.objects.all():
            due = case.granted_fen if case.status == Status.PAID else 0
            assert paid[case.pk] == due, (case.status, paid[case.pk])
        active = Counter(
            Payment.objects.filter(status__in=["PREPARED", "POSTED"]).values_list("line", flat=True)
        )
        assert all(count == 1 for count in active.values())

    @invariant()
    def reservations_live_once(self):
        """IM10: a case has one while it is decided and not paid; each ends once."""
        running = Counter(Hold.objects.filter(end=None).values_list("case", flat=True))
        waiting = (Status.APPROVED, Status.PUBLISHED, Status.HELD, Status.CLEARED)
        for case in Case.objects.filter(programme=Programme.EMERGENCY):
            assert running[case.pk] == (case.status in waiting), case.status
        for end in HoldEnd.objects.select_related("hold", "transfer"):
            assert (end.transfer_id is not None) == (end.reason == "POSTED")
            if end.transfer_id:
                assert (end.transfer.case_id, end.transfer.amount_fen) == (
                    end.hold.case_id, end.hold.amount_fen,
                )  # fmt: skip

    @invariant()
    def five_totals_agree(self):
        """IM9, IP8: lines, list, digest voted on, payments, entries."""
        for batch in Batch.objects.filter(status__in=["LOCKED", "DECIDED"]):
            lines = list(batch.lines.order_by("seq"))
            rows = [[line.seq, line.case_id, line.amount_fen] for line in lines]
            text = canonical.dumps([batch.number, batch.version, rows])
            assert batch.digest == sha256(text.encode()).hexdigest()
            assert batch.total_fen == sum(line.amount_fen or 0 for line in lines)
            assert batch.lines_count == len(lines)
        for run in PaymentRun.objects.all():
            payments = list(run.payments.select_related("line").order_by("seq"))
            assert run.payments_count == len(payments)
            assert run.total_fen == sum(p.amount_fen for p in payments)
            assert all(p.amount_fen == p.line.amount_fen for p in payments)
            entries = Transfer.objects.filter(note=run.number, kind=Kind.PAY)
            booked = entries.aggregate(fen=Sum("amount_fen", default=0))["fen"]
            assert booked == (run.total_fen if run.status == PaymentRun.Status.POSTED else 0)

    @invariant()
    def ring_fenced(self):
        """IM4: a payment touches the accounts of its list's fund, for what the fund allows."""
        for payment in Payment.objects.select_related(
            "run__batch__budget__fund", "case__applicant"
        ):
            fund = payment.run.batch.budget.fund
            assert payment.case.programme in fund.programmes
            assert payment.case.applicant.standing in fund.standings
        assert not Transfer.objects.exclude(
            Q(debit__fund=F("fund")) & Q(credit__fund=F("fund"))
        ).exists()

    # Procedure: IP1, IP2, IP3, IP5

    @invariant()
    def history_explains_every_status(self):
        """IP1: only steps of the table, each beginning where the last ended."""
        for case in Case.objects.prefetch_related("steps"):
            status, at = "", None
            for step in sorted(case.steps.all(), key=lambda step: step.pk):
                assert step.before == status
                assert at is None or step.at >= at
                if step.action != "open":
                    assert step.before in STEPS[step.action].sources
                    assert step.after == STEPS[step.action].target
                assert step.by_id is not None or step.action == "clear"
                status, at = step.after, step.at
            assert case.status == status

    @invariant()
    def nothing_is_paid_that_skipped_a_step(self):
        """IP2."""
        paid = Payment.objects.filter(status=Payment.Status.POSTED)
        for payment in paid.select_related("run", "case", "clearance__line__notice"):
            case, run, notice = payment.case, payment.run, payment.clearance.line.notice
            last = {}
            for step in case.steps.order_by("pk"):
                last[step.action] = step.pk
            way = ["reopen", "verify", "table", "approve", "publish", "clear", "pay"]
            order = [last.get(action, 0) for action in way]
            assert order == sorted(order) and all(order[1:]), last
            assert last["review"] < last["verify"]
            assert case.visit_id or case.no_visit_reason
            assert payment.clearance.cleared_on > notice.ends_on
            assert notice.working_days >= 5
            assert len(notice.days.split(",")) == notice.working_days
            assert run.posted_by_id != run.prepared_by_id
            assert not case.objections.filter(closed_at=None).exists()

    @invariant()
    def nobody_takes_two_parts(self):
        """IP3: read from who acted, not from what the program noted down about it."""
        parts = defaultdict(set)
        named = {
            "open": "ENTER", "submit": "ENTER", "review": "REVIEW", "verify": "VERIFY",
            "hold": "OBJECTION", "release": "OBJECTION", "reopen": "OBJECTION", "pay": "POST",
            "bounce": "POST",
        }  # fmt: skip
        steps = Step.objects.exclude(by=None)
        for case_id, by, action, before in steps.values_list("case", "by", "action", "before"):
            part = named.get(action)
            if action in ("give_back", "decline"):
                part = "REVIEW" if before == Status.SUBMITTED else "VERIFY"
            if part:
                parts[case_id, by].add(part)
        for case_id, by in Payment.objects.values_list("case", "run__prepared_by"):
            parts[case_id, by].add("PREPARE")
        recused = set(
            Vote.objects.filter(choice=Vote.Choice.RECUSED).values_list("line", "user", "version")
        )
        for batch, version, user in Vote.objects.filter(line=None).values_list(
            "batch", "version", "user"
        ):
            for line in BatchLine.objects.filter(batch=batch, current=True):
                if (line.pk, user, version) not in recused:
                    parts[line.case_id, user].add("VOTE")
        for (case_id, by), taken in parts.items():
            assert len(taken) == 1, (case_id, by, taken)
        twice = Counter(CaseDuty.objects.values_list("case", "user"))
        assert all(count == 1 for count in twice.values())

    @invariant()
    def one_household_for_each_person(self):
        """IP5: on file first, and in one household alone."""
        active = Counter(
            Member.objects.filter(active=True, left_on=None).values_list("id_index", flat=True)
        )
        assert all(count == 1 for count in active.values())
        assert not Payment.objects.exclude(case__dossier__status="ACTIVE").exists()

    # The leadership and the public: IP8, IP9, IP10, IP11

    @invariant()
    def every_decision_had_its_quorum_and_majority(self):
        """IP9, counted again from the single votes; IP8: of the version that was locked."""
        for batch in Batch.objects.filter(status="DECIDED").select_related("meeting"):
            meeting = batch.meeting
            assert meeting.status == Meeting.Status.CONFIRMED
            present = set(
                Attendance.objects.filter(meeting=meeting, present=True).values_list(
                    "user", flat=True
                )
            )
            assert len(present) >= meeting.quorum
            votes = {}
            for line, user, choice in Vote.objects.filter(
                batch=batch, version=batch.version
            ).values_list("line", "user", "choice"):
                assert (line, user) not in votes
                votes[line, user] = choice
            for line in batch.lines.all():
                said = [votes.get((line.pk, u), votes.get((None, u), "ABSTAIN")) for u in present]
                entitled = [choice for choice in said if choice != "RECUSED"]
                majority = entitled.count("FOR") * 2 > len(entitled)
                assert (line.outcome == "APPROVED") == majority, said

    @invariant()
    def the_public_sees_what_was_decided(self):
        """IP10."""
        for notice in Notice.objects.prefetch_related("lines"):
            lines = list(notice.lines.all())
            assert notice.lines_count == len(lines)
            assert notice.total_fen == sum(line.amount_fen or 0 for line in lines)
            for line in lines:
                approved = BatchLine.objects.filter(
                    case=line.case_id, outcome="APPROVED", amount_fen=line.amount_fen
                )
                assert approved.exists()
        shown = set(NoticeLine.objects.values_list("case", flat=True))
        public = (Status.PUBLISHED, Status.HELD, Status.CLEARED, Status.PAID)
        assert set(Case.objects.filter(status__in=public).values_list("pk", flat=True)) <= shown

    @invariant()
    def an_open_objection_stops_its_line(self):
        """IP11: its line alone, and whoever answers acted on nothing else in the case."""
        open_ones = Counter(Objection.objects.filter(closed_at=None).values_list("case", flat=True))
        for case in Case.objects.all():
            assert case.open_objections == open_ones[case.pk]
            if open_ones[case.pk]:
                assert case.status in (Status.PUBLISHED, Status.HELD)
        assert not Payment.objects.filter(
            case__in=open_ones, status__in=["PREPARED", "POSTED"]
        ).exists()
        for clearance in Clearance.objects.all():
            assert clearance.cleared_on > clearance.notice_ends_on


@pytest.mark.timeout(900)
def test_relief_stays_right_whatever_anybody_tries():
    world = furnish()
    assert Fund.objects.get().standings == list(Standing.values)

    run_state_machine_as_test(
        lambda: Relief(world),
        settings=settings(
            max_examples=16,
            stateful_step_count=25,
            derandomize=True,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
