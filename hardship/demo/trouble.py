"""What goes wrong with money in a year and is put right: cash, a closed account, false facts."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from base.uploads import check_upload
from cases.models import Case
from cases.workflow import Programme, Status
from funds import actions as funds
from funds.models import Way
from funds.models.recovery import RecoveryReason
from hardship.demo.bank import Move
from hardship.demo.pictures import blank_png
from people import actions as people

CLOSED = "账户已销户"
ASKED_BACK_FEN, CAME_BACK_FEN = 800_00, 300_00


class Trouble:
    """Every exception is asked for by one person and decided by another."""

    def __init__(self, story):
        self.story, self.clock, self.users = story, story.clock, story.users

    def pay(self, batch):
        """One line in cash, one to an account that was closed and is paid again to a new one."""
        cash, closed = batch.lines.order_by("seq").select_related("case__applicant")[:2]
        hand_over = funds.ask_hand_over(
            line=cash, way=Way.CASH, reason="银行卡挂失补办中，家中急需用款。",
            by=self.users["cashier"], at=self.clock.tick(),
        )  # fmt: skip
        funds.decide_hand_over(
            hand_over=hand_over, approve=True, by=self.users["company-chair"], at=self.clock.tick()
        )
        run = self.story.pay(batch, refused={closed.pk: CLOSED})
        self._sign(run.payments.get(line=cash))
        self._pay_again(batch, run.payments.get(line=closed))

    def _sign(self, payment):
        paper = SimpleUploadedFile("领款单.png", blank_png(600, 848))
        funds.sign_receipt(
            payment=payment, received_on=self.clock.today, upload=check_upload(paper), file=paper,
            by=self.users["cashier"], at=self.clock.tick(),
        )  # fmt: skip

    def _pay_again(self, batch, payment):
        """The employee gives another account; somebody else confirms it before it is used."""
        self.story.bank.send_back(payment, f"退汇 {CLOSED}")
        self.clock.go_to(self.clock.today + timedelta(days=3))
        person = payment.case.applicant
        people.change_payee(
            person=person, bank="示例银行", branch="示例支行", account_name=person.name,
            account=f"{payment.account[:-4]}7321", by=person.user, at=self.clock.tick(),
        )  # fmt: skip
        funds.confirm_payee(person=person, by=self.users["accountant"], at=self.clock.tick())
        self.story.pay(batch)

    def false_facts(self):
        """An emergency grant rested on bills that were paid by somebody else: a part is asked
        back, the household pays it in instalments."""
        case = Case.objects.filter(programme=Programme.EMERGENCY, status=Status.PAID).earliest("pk")
        recovery = funds.open_recovery(
            case=case, fund=self.story.company.fund, reason=RecoveryReason.FALSE_FACTS,
            words="复核时发现部分票据已由保险公司赔付，申报时未说明。", amount_fen=ASKED_BACK_FEN,
            by=self.users["company-officer"], at=self.clock.tick(),
        )  # fmt: skip
        funds.decide_recovery(
            recovery=recovery, pursue=True, due_on=self.clock.today + timedelta(days=90),
            by=self.users["company-chair"], at=self.clock.tick(),
        )  # fmt: skip
        funds.tell_recovery(
            recovery=recovery, told_on=self.clock.today, by=self.users["company-officer"],
            at=self.clock.tick(),
        )  # fmt: skip
        receipt = funds.note_receipt(
            recovery=recovery, amount_fen=CAME_BACK_FEN, received_on=self.clock.today,
            by=self.users["cashier"], at=self.clock.tick(),
        )  # fmt: skip
        funds.post_receipt(receipt=receipt, by=self.users["accountant"], at=self.clock.tick())
        payer = case.applicant
        self.story.bank.own.append(
            Move(self.clock.today, CAME_BACK_FEN, payer.account_name, payer.account, "交回救助款")
        )
