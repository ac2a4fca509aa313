"""Payments and the bank under random hands: files, answers, returns, cash, advances, recoveries."""

from itertools import product
from random import Random

from cases.workflow import IN_HAND, Status
from funds import actions as funds
from funds import tasks
from funds.models import Advance, BankFileSent, HandOver, Payment, PaymentRun, Recovery
from people.roles import NotAllowed
from tests.funds import bank_files, papers
from tests.trust.anybody import ACTS
from tests.trust.means import BOTH, SMALL, WHO, Means, may
from tests.trust.model_bank import PAID, RETURNED


class OnPayments(Means):
    """From a posted payment to the bank and back."""

    # The way to the bank and back

    def run_on(self, run):
        """The next act on a posted payment: its file is made, recorded as sent, and handed over."""
        world = self.world
        if not run.files.exists():
            return self.attempt(
                funds.make_bank_file, run=run, name="示例", layout=bank_files.layout(),
                by=world.cashier,
            )  # fmt: skip
        if not BankFileSent.objects.filter(run=run).exists():
            return self.attempt(
                funds.send_bank_file, file=run.files.order_by("-no").first(), by=world.cashier
            )
        return self.hand_over(run)

    def hand_over(self, run):
        """What was recorded as sent goes to the bank; the bank says nothing."""
        file = BankFileSent.objects.select_related("file__run__company").get(run=run).file
        if self.known_to_bank(run):
            return False
        return self.attempt(self.download, file=file)

    def known_to_bank(self, run):
        return any(order.run == run.number for order in self.bank.orders.values())

    def download(self, file, at):
        content = funds.download_bank_file(
            file=file, purpose="PAYMENT", by=self.world.cashier, at=at
        )
        self.bank.take(file.run.number, content, self.world.today)

    @may(3, n=SMALL, again=BOTH)
    def payment_onward(self, n, again):
        """The acknowledgement is lost: the cashier hands the same file over once more."""
        run = self.find("run", n)
        if run is None or run.status != PaymentRun.Status.POSTED:
            return
        self.run_on(run)
        sent = BankFileSent.objects.select_related("file__run__company").filter(run=run).first()
        if again and sent and self.known_to_bank(run):
            self.attempt(self.download, file=sent.file)

    @may(3, n=SMALL, states=list(product((PAID, PAID, RETURNED), repeat=2)))
    def bank_decides(self, n, states):
        """Orders are credited or come back, at once or days later; others stay under way."""
        orders = list(self.bank.orders.values())
        for order, state in zip(orders[n % len(orders) :] if orders else [], states, strict=False):
            self.bank.decide(order, state, self.world.today)
        self.wrote = True

    @may(4, n=SMALL, chance=range(1000), by=WHO, times=(1, 2))
    def bank_answers(self, n, chance, by, times):
        """An answer with some of the payments in any order; uploaded once or twice."""
        run = self.find("run", n)
        sent = run and BankFileSent.objects.filter(run=run).exists()
        file = sent and self.bank.answer(run.number, Random(chance))
        if not file:
            return
        by = self.somebody(by, [self.world.accountant])
        for _time in range(times):
            self.twice(self.take_answer, run=run, file=file, by=by)

    @staticmethod
    def take_answer(run, file, by, at):
        kept = funds.receive_result(
            reading=bank_files.read(run, file), file=bank_files.again(file), run=run, by=by, at=at
        )
        if kept.problems:
            raise NotAllowed(kept.problems[0])
        tasks.start_result(upload=kept, by=by, at=at)

    @may(n=SMALL, verb=["bounce", "give_up"])
    def money_comes_back(self, n, verb):
        """The bank says so by telephone; or a payment is given up before it is posted."""
        if verb == "bounce" and (payment := self.find("payment", n)):
            self.bounce(payment, self.world.accountant)
        if verb == "give_up" and (run := self.find("run", n)):
            self.twice(funds.give_up, run=run, by=self.world.cashier)

    def bounce(self, payment, by):
        """Whoever records a return has it from the bank, which then has the file."""
        if BankFileSent.objects.filter(run=payment.run_id).exists():
            self.hand_over(payment.run)
        done = self.twice(funds.bounce, payment=payment, by=by, reason="户名不符")
        order = self.bank.orders.get((payment.run.number, payment.seq))
        if done and order:
            self.bank.decide(order, RETURNED, self.world.today)
        return done

    @may(1, n=SMALL, who=WHO)
    def account_is_checked(self, n, who):
        payment = self.pick(
            Payment.objects.filter(status=Payment.Status.RETURNED).select_related(
                "run", "case__applicant"
            ),
            n,
        )
        if payment:
            by = self.somebody(who, [self.world.company_officer])
            self.attempt(funds.check_payee, payment=payment, words="银行称账户正常。", by=by)

    # Cash and proxies, advances, recoveries: the next act by whoever it is

    @may(3, n=SMALL, way=["CASH", "PROXY_CASH", "PROXY_ACCOUNT"], far=(1, 3))
    def exception_onward(self, n, way, far):
        for _step in range(far):
            if line := self.find("line", n):
                self.exception_step(line, n, way)

    def exception_step(self, line, n, way):
        world = self.world
        ask = line.hand_overs.standing().select_related("case__applicant", "line").first()
        if ask is None:
            self.attempt(lambda at: papers.ask(world, line, way))
        elif ask.status == HandOver.Status.ASKED:
            self.attempt(lambda at: papers.decide(world, ask, approve=n != 5, words="不同意"))
        elif ask.by_proxy and not ask.papers.exists():
            self.attempt(lambda at: papers.put_id_copy(world, ask))
        elif payment := ask.payments.filter(status=Payment.Status.POSTED).first():
            self.attempt(lambda at: papers.sign(world, payment))
        elif n == 4:
            self.attempt(funds.call_off, hand_over=ask, by=world.cashier)

    @may(4, n=SMALL, back=(True, False, False), far=(1, 3))
    def advance_onward(self, n, back, far):
        for _step in range(far):
            self.advance_step(n, back)

    def advance_step(self, n, back):
        world, case = self.world, self.find("case", n)
        advance = case and Advance.objects.filter(case=case).select_related("account").first()
        if advance is None:
            if case and case.status in IN_HAND:
                self.act("decide_advance", case, world.company_chair)
        elif not advance.prepared_at:
            self.act("prepare_advance", advance, world.cashier)
        elif not advance.posted_at:
            verb = "void_advance" if back else "post_advance"
            self.act(verb, advance, world.company_chair if back else world.accountant)
        elif back:
            verb = "recover_advance" if advance.recovery_prepared_at else "note_recovery"
            self.act(verb, advance, getattr(world, ACTS[verb][1]))

    @may(3, n=SMALL, end=["", "", "strike", "waive", "refuse"], far=(1, 3))
    def recovery_onward(self, n, end, far):
        for _step in range(far):
            self.recovery_step(n, end)

    def recovery_step(self, n, end):
        world, case = self.world, self.find("case", n)
        recovery = case and case.recoveries.exclude(status="REFUSED").last()
        if recovery is None:
            if case and case.status == Status.PAID:
                self.act("open_recovery", case, world.company_officer)
            return
        waiting = recovery.receipts.waiting().first()
        if recovery.status == Recovery.Status.OPEN and end == "refuse":
            self.attempt(funds.decide_recovery, recovery=recovery, pursue=False, words="不追",
                         by=world.company_chair)  # fmt: skip
        elif recovery.status == Recovery.Status.OPEN:
            self.act("decide_recovery", recovery, world.company_chair)
        elif waiting and end == "strike":
            self.act("strike_receipt", waiting, world.cashier)
        elif waiting:
            self.act("post_receipt", waiting, world.accountant)
        elif end == "waive":
            self.act("waive_recovery", recovery, world.company_chair)
        else:
            self.act("note_receipt", recovery, world.cashier)
