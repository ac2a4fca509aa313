"""What the random hands of tests/test_state_machine.py have in common: try, try again, choose."""

from cases.models import Case, Objection
from cases.workflow import Programme
from funds.models import (
    Account,
    Advance,
    Batch,
    BatchLine,
    HandOver,
    Kind,
    Meeting,
    Payment,
    PaymentRun,
    Period,
    Recovery,
    RecoveryReceipt,
    Transfer,
)
from people.roles import NotAllowed
from tests.trust.invariants import CASH

SMALL, WHO, BOTH = range(6), range(41), (True, False)
BY_CASE = Programme.EMERGENCY
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")
MAY = {}  # name of an act: (how often it is chosen, {what it is asked with: from what})


def may(often=2, **given):
    """An act that somebody may come to do at any moment."""

    def keep(act):
        MAY[act.__name__] = (often, given)
        return act

    return keep


class Means:
    """Needs `world`, `bank`, `heard` and `wrote`."""

    def watch(self, execute, sql, params, many, context):
        self.wrote = self.wrote or sql.lstrip().upper().startswith(WRITES)
        return execute(sql, params, many, context)

    def attempt(self, act, **given):
        """Do it, or be refused in words. Any other error is a mistake of the program: what the
        rules let through, the database must not have to stop."""
        try:
            act(at=self.world.tick(), **given)
        except NotAllowed as refusal:
            assert str(refusal)
            return False
        self.hear()
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

    def hear(self):
        """The bank moves what was booked without a file: income, advances, cash, what came back."""
        fresh = Transfer.objects.filter(pk__gt=self.heard, fund=self.world.fund).order_by("pk")
        for entry in fresh.select_related("reverses", "case__applicant"):
            self.heard = entry.pk
            if not self.by_file(entry) and (fen := self.in_bank(entry)):
                person = entry.case and entry.case.applicant
                told = entry.value_on <= self.bank.stated_until
                on = self.world.today if told else entry.value_on
                name, account = ("拨款单位", "")
                if person:
                    name, account = person.account_name, person.account
                self.bank.move(on, fen, name, account, entry.note)

    @staticmethod
    def by_file(entry):
        """Whether a file tells the bank of it: a payment to an account, or its return."""
        if entry.kind not in (Kind.PAY, Kind.BOUNCE, Kind.SET_OFF) and not (
            entry.reverses and entry.reverses.kind == Kind.SET_OFF
        ):
            return False
        pk = next(word for word in entry.key.split() if word.isdigit())
        return Payment.objects.get(pk=pk).way not in CASH

    @staticmethod
    def pick(rows, n):
        """One of the rows, or None when there are none."""
        rows = list(rows.order_by("pk"))
        return rows[n % len(rows)] if rows else None

    def find(self, what, n):
        """A thing of this kind, or None."""
        if what == "case":
            found = self.pick(Case.objects.filter(programme=BY_CASE), n)
            return found and self.world.fresh(found)
        if what == "person":
            case = self.find("case", n)
            return case and case.applicant
        rows = {
            "batch": Batch.objects.select_related("meeting", "budget__fund").filter(
                programme=BY_CASE
            ),
            "line": BatchLine.objects.select_related("batch__budget__fund", "case").filter(
                batch__programme=BY_CASE
            ),
            "meeting": Meeting.objects.filter(batches__programme=BY_CASE).distinct(),
            "run": PaymentRun.objects.select_related("batch__budget__fund"),
            "payment": Payment.objects.select_related(
                "run__batch__budget__fund", "case__applicant", "line"
            ),
            "objection": Objection.objects.all(),
            "hand_over": HandOver.objects.select_related("line__batch__budget", "case__applicant"),
            "advance": Advance.objects.select_related("account", "case__applicant"),
            "recovery": Recovery.objects.select_related("case__applicant", "fund"),
            "receipt": RecoveryReceipt.objects.select_related("recovery__case", "recovery__fund"),
            "period": Period.objects.select_related("bank_account"),
        }  # fmt: skip
        return self.pick(rows[what], n)

    def somebody(self, n, right):
        """Mostly one of the right people, else anybody at all."""
        people = right if n % 3 else self.world.everybody
        return people[n // 3 % len(people)]
