"""What holds after whatever anybody did: the invariants of the money and of the way to it.

Each is worked out anew from the journal, the history and what the bank outside did, by other means
than the program's own; IM and IP are their numbers in the document on trust.
"""

from collections import Counter, defaultdict
from hashlib import sha256
from itertools import pairwise

from django.db.models import Sum

from base import canonical
from base.money import capitals, from_capitals
from cases.models import (
    Case,
    CaseDuty,
    Clearance,
    Member,
    Notice,
    NoticeLine,
    Objection,
    Step,
)
from cases.workflow import DECIDED, STEPS, Programme, Status
from funds.actions.bank_file import remake
from funds.models import (
    Account,
    Advance,
    Answer,
    Attendance,
    BankFile,
    BankFileSent,
    Batch,
    BatchLine,
    BudgetLine,
    Donation,
    HandOver,
    HandOverReceipt,
    Hold,
    HoldEnd,
    Kind,
    Meeting,
    MoneyPaper,
    PayeeCheck,
    PayeeConfirmation,
    Payment,
    PaymentAnswer,
    PaymentRun,
    Period,
    Recovery,
    Statement,
    StatementLine,
    Transfer,
    Vote,
)
from people.models import Kinship
from tests.trust import model_bank

HOLDS = []  # (numbers, name of the check, whether it is asked after every act), in order
POSTED, RETURNED = Payment.Status.POSTED, Payment.Status.RETURNED
CASH = ("CASH", "PROXY_CASH")
PROXY = ("PROXY_CASH", "PROXY_ACCOUNT")
# What an entry of a kind does to the money in the bank; a reversal does the opposite.
INCOME = {Kind.RECEIVE: 1, Kind.INTEREST: 1, Kind.DONATION: 1}
SPENDING = {
    Kind.PAY: -1, Kind.ADVANCE: -1, Kind.BOUNCE: 1, Kind.SET_OFF: 1, Kind.RECOVER: 1,
    Kind.RECLAIM: 1,
}  # fmt: skip
WITHIN = {Kind.ALLOCATE: 0, Kind.RELEASE: 0, Kind.CARRY: 0}
IN_BANK = INCOME | SPENDING | WITHIN
# Rows that are written once and never again.
SEALED = (
    Transfer, Hold, HoldEnd, Vote, NoticeLine, Step, PayeeConfirmation, BankFile, BankFileSent,
    PaymentAnswer, Statement, StatementLine,
)  # fmt: skip
UNRELATED = tuple(name for name, step in STEPS.items() if step.unrelated)


def holds(*numbers, at_once=False):
    """Keep a check with the invariants it asks for. Where the money is, is asked `at_once` after
    every act; the rest after every step."""

    def keep(check):
        HOLDS.append((numbers, check.__name__, at_once))
        return check

    return keep


class Invariants:
    """Needs `world`, `bank` and `sealed`, the sealed rows as they stood last."""

    def everything_holds(self, at_once=False):
        """Ask every check, or those that are asked after every act."""
        rows = Transfer.objects.select_related("debit", "credit", "reverses").order_by("pk")
        self.entries = list(rows)
        self.numbers = dict(PaymentRun.objects.values_list("pk", "number"))
        for _numbers, name, soon in HOLDS:
            if soon or not at_once:
                getattr(self, name)()

    def sum_of(self, kinds, key):
        """{key: fen} of entries of some kinds, as they changed the money in the bank."""
        found = Counter()
        for row in self.entries:
            kind, sign = row.kind, 1
            if kind == Kind.REVERSE:
                kind, sign = row.reverses.kind, -1
            if kind in kinds:
                found[key(row)] += sign * kinds[kind] * row.amount_fen
        return found

    # The ledger

    @holds("IM1", "IM3", "IM16", at_once=True)
    def balances_follow_from_the_entries(self):
        """Rebuilt from the journal they sum to nothing; none is overdrawn or below what is held."""
        rebuilt, held, total = Counter(), Counter(), Counter()
        for row in self.entries:
            assert row.amount_fen > 0 and row.debit_id != row.credit_id
            assert row.debit.fund_id == row.credit.fund_id == row.fund_id
            rebuilt[row.debit_id] += row.amount_fen
            rebuilt[row.credit_id] -= row.amount_fen
        for account, fen in Hold.objects.filter(end=None).values_list("account", "amount_fen"):
            held[account] += fen
        waiting = Advance.objects.filter(posted_at=None, ended_at=None)
        for account, fen in waiting.values_list("account", "amount_fen"):
            held[account] += fen
        for account in Account.objects.all():
            assert account.balance_fen == rebuilt[account.pk], account
            assert account.held_fen == held[account.pk], account
            if account.kind in ("POOL", "BUDGET"):
                assert account.balance_fen >= account.held_fen >= 0, account
            total[account.fund_id] += account.balance_fen
        assert set(total.values()) <= {0}

    @holds("IM2", at_once=True)
    def the_bank_holds_what_came_in_less_what_was_paid(self):
        there = self.sum_of(IN_BANK, lambda row: row.fund_id)
        spent = self.sum_of(SPENDING, lambda row: row.fund_id)
        sums = Counter()
        for account in Account.objects.all():
            sums[account.fund_id, account.kind in ("POOL", "BUDGET")] += account.balance_fen
            if account.kind == "SPENT":
                assert account.balance_fen == -spent[account.fund_id]
        for fund, fen in there.items():
            assert sums[fund, True] == fen

    @holds("IM2", "IM12", at_once=True)
    def books_and_bank_differ_by_what_is_under_way(self):
        """A posted payment that the bank has not got, and a return that nobody has recorded."""
        under_way = 0
        for payment in Payment.objects.filter(status=POSTED).exclude(way__in=CASH):
            order = self.order_of(payment)
            if order is None:
                under_way += payment.told_fen
            elif order.state == model_bank.RETURNED:
                under_way += order.fen
        books = sum(
            account.balance_fen
            for account in Account.objects.filter(fund__bank_account=self.world.account)
            if account.kind in ("POOL", "BUDGET")
        )
        assert self.bank.balance_fen == books + under_way, (books, under_way)

    def order_of(self, payment):
        return self.bank.orders.get((self.numbers[payment.run_id], payment.seq))

    @holds("IM4")
    def ring_fenced(self):
        """A payment touches the accounts of its list's fund, for what the fund allows."""
        for payment in Payment.objects.select_related(
            "run__batch__budget__fund", "case__applicant"
        ):
            fund = payment.run.batch.budget.fund
            assert payment.case.programme in fund.programmes
            assert payment.case.applicant.standing in fund.standings
            assert fund.ceiling_fen is None or payment.amount_fen <= fund.ceiling_fen
        funds_of = dict(Payment.objects.values_list("case", "run__batch__budget__fund"))
        for row in self.entries:
            if row.kind in (Kind.PAY, Kind.BOUNCE, Kind.SET_OFF):
                assert row.fund_id == funds_of[row.case_id]

    @holds("IM4")
    def a_donation_goes_where_its_donor_wished(self):
        used = Counter()
        lines = BudgetLine.objects.filter(donation__isnull=False, decision__status="DECIDED")
        for donation, programme, fen in lines.values_list("donation", "programme", "amount_fen"):
            used[donation, programme] += fen
        waiting = Counter()
        for donation in Donation.objects.exclude(programme="").select_related("transfer"):
            given = used.pop((donation.pk, donation.programme), 0)
            turned = any(row.reverses_id == donation.transfer_id for row in self.entries)
            assert 0 <= given <= (0 if turned else donation.transfer.amount_fen)
            waiting[donation.transfer.fund_id] += (
                0 if turned else donation.transfer.amount_fen - given
            )
        assert not used, "a donation was given to another programme"
        for fund, balance in Account.objects.filter(kind="POOL").values_list("fund", "balance_fen"):
            assert balance >= waiting[fund]

    @holds("IM5")
    def sealed_rows_only_grow(self):
        for model in SEALED:
            rows = list(model.objects.order_by("pk").values_list())
            known = self.sealed.get(model, [])
            assert rows[: len(known)] == known, model
            self.sealed[model] = rows

    @holds("IM6")
    def a_reversal_turns_one_entry_round_once(self):
        seen = Counter()
        for back in self.entries:
            if back.kind != Kind.REVERSE:
                continue
            entry = back.reverses
            seen[entry.pk] += 1
            assert entry.kind in (*INCOME, Kind.SET_OFF)
            assert entry.kind == Kind.SET_OFF or back.by_id != entry.by_id
            assert (back.debit_id, back.credit_id, back.amount_fen) == (
                entry.credit_id, entry.debit_id, entry.amount_fen,
            )  # fmt: skip
        assert all(count == 1 for count in seen.values())

    @holds("IM17")
    def amounts_are_whole_and_can_be_written_in_capitals(self):
        for row in self.entries:
            assert type(row.amount_fen) is int
        for fen in PaymentRun.objects.values_list("total_fen", flat=True):
            assert from_capitals(capitals(fen)) == fen

    # Money and cases

    @holds("IM7", "IM8", at_once=True)
    def nobody_is_paid_more_than_decided_nor_twice(self):
        grants = self.sum_of({Kind.PAY: 1, Kind.BOUNCE: -1}, lambda row: row.case_id)
        ahead = self.sum_of(
            {Kind.ADVANCE: 1, Kind.SET_OFF: -1, Kind.RECOVER: -1}, lambda row: row.case_id
        )
        running = dict(
            Advance.objects.filter(posted_at__isnull=False, ended_at=None).values_list(
                "case", "amount_fen"
            )
        )
        for case in Case.objects.all():
            due = case.granted_fen if case.status == Status.PAID else 0
            assert grants[case.pk] == due, (case.status, grants[case.pk])
            assert ahead[case.pk] == running.get(case.pk, 0), case.status
        active = Counter(
            Payment.objects.filter(status__in=["PREPARED", POSTED]).values_list("line", flat=True)
        )
        assert all(count == 1 for count in active.values())

    @holds("IM7", "IM8", at_once=True)
    def no_household_holds_more_than_was_decided(self):
        """What the bank credited and did not take back, the cash, and the advances."""
        has = self.sum_of({Kind.ADVANCE: 1, Kind.RECOVER: -1}, lambda row: row.case_id)
        for payment in Payment.objects.all():
            order = self.order_of(payment)
            has[payment.case_id] += order.kept if order else 0
            if payment.way in CASH and payment.status == POSTED:
                has[payment.case_id] += payment.told_fen
        for case in Case.objects.select_related("advance"):
            if case.granted_fen is not None:
                advance = getattr(case, "advance", None)
                assert has[case.pk] <= max(case.granted_fen, advance.amount_fen if advance else 0)

    @holds("IM9", "IP8")
    def five_totals_agree(self):
        """Lines, list, digest voted on, payments, entries, and the file of the bank."""
        for batch in Batch.objects.filter(status__in=["LOCKED", "DECIDED"]):
            lines = list(batch.lines.order_by("seq"))
            rows = [[line.seq, line.case_id, line.amount_fen] for line in lines]
            text = canonical.dumps([batch.number, batch.version, rows])
            assert batch.digest == sha256(text.encode()).hexdigest()
            assert batch.total_fen == sum(line.amount_fen or 0 for line in lines)
            assert batch.lines_count == len(lines)
        booked = Counter()
        for row in self.entries:
            if row.kind == Kind.PAY:
                booked[row.note] += row.amount_fen
        for run in PaymentRun.objects.prefetch_related("payments__line", "files"):
            payments = list(run.payments.all())
            assert run.payments_count == len(payments)
            assert run.total_fen == sum(p.amount_fen for p in payments)
            assert all(p.amount_fen == p.line.amount_fen for p in payments)
            assert booked[run.number] == (run.total_fen if run.status == "POSTED" else 0)
            through = [p for p in payments if p.way not in CASH and p.told_fen]
            told = sum(p.told_fen for p in through)
            cash = sum(p.told_fen for p in payments if p.way in CASH)
            assert run.total_fen == told + cash + sum(p.advance_fen for p in payments)
            for file in run.files.all():
                assert (file.lines_count, file.total_fen) == (len(through), told)
            orders = [order for order in self.bank.orders.values() if order.run == run.number]
            assert not orders or sum(order.fen for order in orders) == told

    @holds("IM10", at_once=True)
    def reservations_live_once(self):
        """A case has one while it is decided and not paid; each ends once."""
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

    @holds("IM11")
    def no_household_is_granted_more_than_the_policy_allows(self):
        rules = self.world.policy.rules
        years = Counter()
        decided = dict(
            Step.objects.filter(action="approve").order_by("pk").values_list("case", "at")
        )
        for case in Case.objects.filter(programme=Programme.EMERGENCY, status__in=DECIDED):
            assert case.granted_fen <= rules["emergency.cap"]
            years[case.dossier_id, decided[case.pk].year] += case.granted_fen
        assert all(fen <= rules["emergency.year_cap"] for fen in years.values())

    @holds("IM12")
    def what_came_back_waits_to_be_paid_again(self):
        active = set(
            Payment.objects.filter(status__in=["PREPARED", POSTED]).values_list("line", flat=True)
        )
        for payment in Payment.objects.filter(status=RETURNED).select_related("case"):
            if payment.line_id not in active:
                assert payment.case.status == Status.CLEARED

    @holds("IM18")
    def money_goes_to_the_account_it_was_decided_for(self):
        """Or to another that a second person confirmed, or to a proxy whom two approved."""
        confirmed = set(PayeeConfirmation.objects.values_list("person", "account_index"))
        checked = set(PayeeCheck.objects.values_list("payment", "account_index"))
        copies = set(MoneyPaper.objects.filter(kind="ID_COPY").values_list("hand_over", flat=True))
        came_back = {}
        rows = Payment.objects.exclude(status="VOID").order_by("line", "attempt")
        for payment in rows.select_related("case", "line", "hand_over"):
            index, person = payment.account_index, payment.case.applicant_id
            if payment.hand_over_id:
                ask = payment.hand_over
                assert (ask.line_id, ask.way) == (payment.line_id, payment.way)
                assert ask.decided_at and ask.decided_by_id != ask.asked_by_id
                if payment.way in PROXY and payment.status != "PREPARED":
                    assert ask.pk in copies
            else:
                assert index == payment.line.account_index or (person, index) in confirmed
            before = came_back.setdefault(payment.line_id, [])
            if before and payment.way not in CASH:
                fresh = index not in [row.account_index for row in before]
                told = payment.hand_over_id or (person, index) in confirmed
                assert (before[-1].pk, index) in checked or (fresh and told)
            if payment.status == RETURNED:
                before.append(payment)
            order = self.order_of(payment)
            assert order is None or (order.account, order.fen) == (
                payment.account, payment.told_fen,
            )  # fmt: skip
        for check in PayeeCheck.objects.select_related("payment__run"):
            assert check.by_id != check.payment.run.prepared_by_id

    @holds("IM7")
    def no_more_is_asked_back_than_was_paid(self):
        asked, back = Counter(), self.sum_of({Kind.RECLAIM: 1}, lambda row: row.case_id)
        paid = self.sum_of(
            {kind: -sign for kind, sign in SPENDING.items() if kind != Kind.RECLAIM},
            lambda row: row.case_id,
        )
        pursued = Counter()
        for recovery in Recovery.objects.exclude(status="REFUSED"):
            asked[recovery.case_id] += recovery.amount_fen
            if recovery.status != "OPEN":
                pursued[recovery.case_id] += recovery.amount_fen
                assert recovery.decided_by_id != recovery.opened_by_id
        assert all(fen <= paid[case] for case, fen in asked.items())
        assert all(fen <= pursued[case] for case, fen in back.items())

    # The bank's word

    @holds("IM8")
    def the_bank_is_believed_once(self):
        """Who is recorded as credited or returned is so there; cash signed for never comes back."""
        answers = PaymentAnswer.objects.select_related("payment")
        for said in answers:
            order = self.order_of(said.payment)
            if said.answer == Answer.RETURNED:
                assert (order.state, said.payment.status) == (model_bank.RETURNED, RETURNED)
            else:
                assert order.state != model_bank.UNKNOWN
        for receipt in HandOverReceipt.objects.select_related("payment__hand_over"):
            assert receipt.payment.hand_over_id
            assert receipt.payment.status == POSTED or receipt.payment.way not in CASH

    @holds("IM13", "IM14")
    def closed_months_stay_as_they_were_closed(self):
        closed = list(Period.objects.closed().order_by("starts_on"))
        assert all(b.starts_on > a.ends_on for a, b in pairwise(closed))
        ours = [row for row in self.entries if row.fund_id == self.world.fund.pk]
        for period in closed:
            books = sum(self.in_bank(row) for row in ours if row.value_on <= period.ends_on)
            bank = StatementLine.objects.filter(booked_on__lte=period.ends_on)
            assert period.book_fen == books
            assert period.bank_fen == (bank.aggregate(fen=Sum("amount_fen"))["fen"] or 0)
            assert (
                period.book_fen + period.bank_in_fen - period.bank_out_fen
                == period.bank_fen + period.book_in_fen - period.book_out_fen
            )
            late = [row for row in ours if row.at > period.closed_at]
            assert all(row.value_on > period.ends_on for row in late)
            assert not Statement.objects.filter(
                by=period.closed_by, since__lte=period.ends_on, until__gte=period.starts_on
            ).exists()

    @staticmethod
    def in_bank(row):
        kind, sign = (row.reverses.kind, -1) if row.kind == Kind.REVERSE else (row.kind, 1)
        return sign * IN_BANK[kind] * row.amount_fen

    @holds("IM15")
    def statements_say_what_the_bank_said_once(self):
        lines = defaultdict(list)
        for line in StatementLine.objects.order_by("seq"):
            lines[line.statement_id].append((line.booked_on, line.amount_fen))
        last = None
        for statement in Statement.objects.order_by("since"):
            assert last is None or statement.since > last
            _opening, there = self.bank.statement(statement.since, statement.until)
            assert lines[statement.pk] == [row[:2] for row in there]
            last = statement.until

    # The way to the money

    @holds("IP1")
    def history_explains_every_status(self):
        """Only steps of the table, each beginning where the last ended."""
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

    @holds("IP2")
    def nothing_is_paid_that_skipped_a_step(self):
        paid = Payment.objects.filter(status=POSTED)
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

    @holds("IP3")
    def nobody_takes_two_parts(self):
        """Read from who acted, not from what the program noted down about it."""
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
        columns = (("decided_by", "ADVANCE"), ("prepared_by", "PREPARE"), ("posted_by", "POST"))
        for column, part in columns:
            for case_id, by in Advance.objects.values_list("case", column):
                if by:
                    parts[case_id, by].add(part)
        recused = set(
            Vote.objects.filter(choice=Vote.Choice.RECUSED).values_list("line", "user", "version")
        )
        lines = defaultdict(list)
        for line in BatchLine.objects.filter(current=True):
            lines[line.batch_id].append(line)
        votes = Vote.objects.filter(line=None).values_list("batch", "version", "user")
        for batch, version, user in votes:
            for line in lines[batch]:
                if (line.pk, user, version) not in recused:
                    parts[line.case_id, user].add("VOTE")
        for (case_id, by), taken in parts.items():
            assert len(taken) == 1, (case_id, by, taken)
        twice = Counter(CaseDuty.objects.values_list("case", "user"))
        assert all(count == 1 for count in twice.values())

    @holds("IP4")
    def no_relative_decides(self):
        """Whoever has registered a relative keeps away from that household from then on."""
        kin = defaultdict(list)
        for row in Kinship.objects.all():
            kin[row.user_id].append((row.id_index, row.registered_at))
        if not kin:
            return
        homes = defaultdict(set)
        for dossier, index in Member.objects.values_list("dossier", "id_index"):
            homes[dossier].add(index)
        acts = list(
            Step.objects.filter(action__in=UNRELATED, by__in=kin).values_list(
                "case__dossier", "by", "at"
            )
        )
        for column in ("asked", "decided"):
            acts += HandOver.objects.values_list("case__dossier", f"{column}_by", f"{column}_at")
        for column in ("opened", "decided", "waived"):
            acts += Recovery.objects.values_list("case__dossier", f"{column}_by", f"{column}_at")
        for column in ("decided", "prepared", "posted"):
            acts += Advance.objects.values_list("case__dossier", f"{column}_by", f"{column}_at")
        for dossier, by, at in acts:
            near = [index for index, since in kin.get(by, ()) if since < at]
            assert not homes[dossier] & set(near), (dossier, by)

    @holds("IP5")
    def one_household_for_each_person(self):
        """On file first, and in one household alone."""
        active = Counter(
            Member.objects.filter(active=True, left_on=None).values_list("id_index", flat=True)
        )
        assert all(count == 1 for count in active.values())
        assert not Payment.objects.exclude(case__dossier__status="ACTIVE").exists()

    @holds("IP8", "IP9")
    def every_decision_had_its_quorum_and_majority(self):
        """Counted again from the single votes on the version that was locked."""
        votes = defaultdict(dict)
        for batch, version, line, user, choice in Vote.objects.values_list(
            "batch", "version", "line", "user", "choice"
        ):
            assert (line, user) not in votes[batch, version]
            votes[batch, version][line, user] = choice
        there = defaultdict(set)
        for meeting, user, left in Attendance.objects.filter(present=True).values_list(
            "meeting", "user", "left_at"
        ):
            there[meeting].add((user, left))
        decided = Batch.objects.filter(status="DECIDED").select_related("meeting")
        for batch in decided.prefetch_related("lines"):
            meeting, cast = batch.meeting, votes[batch.pk, batch.version]
            assert meeting.status == Meeting.Status.CONFIRMED
            present = {u for u, left in there[meeting.pk] if left is None or (None, u) in cast}
            assert len(present) >= meeting.quorum
            for line in batch.lines.all():
                if line.removed:
                    continue
                said = [cast.get((line.pk, u), cast.get((None, u), "ABSTAIN")) for u in present]
                entitled = [choice for choice in said if choice != "RECUSED"]
                majority = entitled.count("FOR") * 2 > len(entitled)
                assert (line.outcome == "APPROVED") == majority, said

    @holds("IP10")
    def the_public_sees_what_was_decided(self):
        approved = set(
            BatchLine.objects.filter(outcome="APPROVED").values_list("case", "amount_fen")
        )
        for notice in Notice.objects.prefetch_related("lines"):
            lines = list(notice.lines.all())
            assert notice.lines_count == len(lines)
            assert notice.total_fen == sum(line.amount_fen or 0 for line in lines)
            assert {(line.case_id, line.amount_fen) for line in lines} <= approved
        shown = set(NoticeLine.objects.values_list("case", flat=True))
        public = (Status.PUBLISHED, Status.HELD, Status.CLEARED, Status.PAID)
        assert set(Case.objects.filter(status__in=public).values_list("pk", flat=True)) <= shown

    @holds("IP11")
    def an_open_objection_stops_its_line(self):
        """Its line alone; nothing is paid and no period of notice ends meanwhile."""
        open_ones = Counter(Objection.objects.filter(closed_at=None).values_list("case", flat=True))
        for case in Case.objects.all():
            assert case.open_objections == open_ones[case.pk]
            if open_ones[case.pk]:
                assert case.status in (Status.PUBLISHED, Status.HELD)
        assert not Payment.objects.filter(
            case__in=open_ones, status__in=["PREPARED", POSTED]
        ).exists()
        for clearance in Clearance.objects.all():
            assert clearance.cleared_on > clearance.notice_ends_on

    @holds("IM9")
    def a_file_made_again_is_the_same(self):
        """Whatever has become of its payments since."""
        for file in BankFile.objects.select_related("run"):
            assert sha256(remake(file)).hexdigest() == file.sha256
