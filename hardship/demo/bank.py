"""The bank of the demonstration: pays what the ledger says, a day later, and gives statements.

Month by month the cashier imports and the accountant closes. The last two months stay open, with
four things in them for people to find: a return, a wrong amount, a double entry, a missing one.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from funds import actions as funds
from funds import bank_formats, bank_results, statements, tasks
from funds.models import Kind, Payment, Period
from funds.models.period import month_ends
from funds.models.statement import entries

OPEN_MONTHS = 2
DAY = timedelta(days=1)
HEADINGS = (
    "交易日期",
    "借方发生额",
    "贷方发生额",
    "余额",
    "对方户名",
    "对方账号",
    "摘要",
    "流水号",
)
FORMAT = "示例银行批量代发"
GROUP = ("石化集团工会（示例）", "9558800000000000016")
QUARTERS = (3, 6, 9, 12)
GIFT_FEN, WRONG_FEN, TWICE_FEN, MISSED_FEN = 1_820_00, 1_280_00, 500_00, 2_000_00


@dataclass(frozen=True)
class Move:
    """What the bank moved on a day; + is in."""

    on: date
    fen: int
    name: str
    account: str
    text: str


def _csv(name, rows):
    """A file as this bank gives it out."""
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return SimpleUploadedFile(name, target.getvalue().encode("gb18030"))


def _yuan(fen):
    return f"{fen // 100}.{fen % 100:02d}"


class Bank:
    """Lives beside the ledger; the statements are its only word."""

    def __init__(self, company, on):
        self.company, self.clock, self.users = company, company.clock, company.users
        self.start = self.clock.today.replace(day=1)
        last = on.replace(day=1) - DAY
        self.last = (last.year, last.month)  # the last month that is over
        self.opened = {self._back(n) for n in range(OPEN_MONTHS)}
        self.done = None
        self.balance_fen = 0
        self.own = []  # what the bank moved and the books do not say

    def _back(self, count):
        months = self.last[0] * 12 + self.last[1] - 1 - count
        return months // 12, months % 12 + 1

    def register(self):
        """The special account, with both funds in it."""
        self.account = funds.save_bank_account(
            company=self.company.company, name="工会帮扶资金专户（示例）",
            bank="示例银行哈尔滨支行", account="9558800000000000024", layout="GENERAL",
            funds=list(self.company.company.funds.all()), by=self.users["accountant"],
            at=self.clock.tick(),
        )  # fmt: skip

        _words, self.layout = bank_formats.SEEDS["GENERAL"]
        funds.save_bank_format(
            company=self.company.company, name=FORMAT, layout=self.layout,
            by=self.users["accountant"], at=self.clock.tick(),
        )  # fmt: skip

    def carry_out(self, run, refused):
        """Take the file of a posted payment and answer it; `refused` is {line: why}."""
        told = [row for row in run.payments.through_bank() if row.told_fen]
        if not told:
            return
        by = self.users["cashier"]
        file = funds.make_bank_file(
            run=run, name=FORMAT, layout=self.layout, by=by, at=self.clock.tick()
        )
        funds.download_bank_file(file=file, purpose="PAYMENT", by=by, at=self.clock.tick())
        funds.send_bank_file(file=file, by=by, at=self.clock.tick())
        rows: list[tuple] = [("序号", "收款账号", "金额", "处理结果", "失败原因")]
        for row in told:
            why = refused.get(row.line_id, "")
            said = "失败" if why else "成功"
            rows.append((row.seq, row.account, _yuan(row.told_fen), said, why))
        answer = _csv(f"{run.number}回盘.csv", rows)
        reading = bank_results.read(file=answer, run=run, layout=self.layout)
        by = self.users["accountant"]
        upload = funds.receive_result(
            reading=reading, file=answer, run=run, by=by, at=self.clock.tick()
        )
        tasks.start_result(upload=upload, by=by, at=self.clock.tick())

    def send_back(self, payment, text):
        """What was paid to an account that cannot take it returns two days later."""
        on = self.clock.today + 2 * DAY
        self.own.append(Move(on, payment.amount_fen, payment.account_name, payment.account, text))

    def catch_up(self):
        """Every month that is over and has not been dealt with, in order."""
        year, month = self.done or (self.start.year, self.start.month - 1)
        while True:
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
            if (year, month) > self.last or month_ends(year, month)[1] >= self.clock.today:
                return
            self._month(year, month)
            self.done = (year, month)

    def _month(self, year, month):
        since, until = month_ends(year, month)
        if month in QUARTERS:
            fen = 180_00 + year % 7 * 13_37 + month * 21_15
            on = date(year, month, 21)
            self._book(Kind.INTEREST, fen, on, "专户季度利息")
            self.own.append(Move(on, fen, "", "", "结息 利息收入"))
        if (year, month) == min(self.opened):
            self._spoil(since)
        if (year, month) == max(self.opened):
            self.own.append(Move(since + 17 * DAY, MISSED_FEN, "示例爱心企业", "", "爱心捐款"))
        moves = sorted(self._moves(since, until), key=lambda move: (move.on, move.text))
        self._import(since, until, moves)
        if (year, month) not in self.opened:
            period = Period.objects.select_related("bank_account").get(
                bank_account=self.account, year=year, month=month
            )
            funds.close(period=period, by=self.users["accountant"], at=self.clock.tick())

    def _book(self, kind, fen, on, note, again=""):
        funds.receive(
            fund=self.company.fund, amount_fen=fen, by=self.users["cashier"],
            at=self.clock.tick(), key=f"demo {kind} {on} {fen}{again}", kind=kind, value_on=on,
            note=note,
        )  # fmt: skip

    def _spoil(self, since):
        """A gift booked with two digits exchanged, another booked twice, and a payment that the
        bank sends back; nobody has noticed."""
        wrong, twice = since + 5 * DAY, since + 9 * DAY
        self._book(Kind.DONATION, WRONG_FEN, wrong, "退休职工捐款")
        self.own.append(Move(wrong, GIFT_FEN, "示例捐款人甲", "", "捐款"))
        for again in ("", " again"):
            self._book(Kind.DONATION, TWICE_FEN, twice, "职工捐款", again)
        self.own.append(Move(twice, TWICE_FEN, "示例捐款人乙", "", "捐款"))
        sent = Payment.objects.filter(status=Payment.Status.POSTED).order_by("-pk").first()
        if sent:
            text = "退汇 账户状态异常"
            month = month_ends(*max(self.opened))[0]
            self.own.append(
                Move(month + 7 * DAY, sent.amount_fen, sent.account_name, sent.account, text)
            )

    def _moves(self, since, until):
        """What the books say, as the bank does it: receipts the same day, payments the next, a
        large payment as one sum and a small one line by line."""
        booked = entries(self.account).filter(
            value_on__gte=since - DAY, value_on__lte=until, kind__in=[Kind.RECEIVE, Kind.PAY]
        )
        runs = {}
        for entry in booked.order_by("pk"):
            if entry.kind == Kind.PAY:
                runs.setdefault((entry.note, entry.value_on + DAY), []).append(entry)
            elif entry.value_on >= since:
                yield Move(entry.value_on, entry.bank_fen, *GROUP, f"拨款 {entry.note}"[:60])
        for (number, on), some in runs.items():
            if not since <= on <= until:
                continue
            if len(some) > 20:
                yield Move(on, sum(e.bank_fen for e in some), "", "", f"批量代发 {number}")
                continue
            payments = Payment.objects.filter(run__number=number).order_by("seq")
            for row in payments.through_bank():
                yield Move(on, -row.amount_fen, row.account_name, row.account, "困难职工帮扶金")
            if cash_fen := payments.sums()["cash_fen"]:
                yield Move(on, -cash_fen, "", "", f"提现 {number}")
        yield from (move for move in self.own if since <= move.on <= until)

    def _import(self, since, until, moves):
        """The file as the bank gives it out, checked and imported by the cashier."""
        rows: list[tuple] = [HEADINGS]
        opening_fen = self.balance_fen
        for number, move in enumerate(moves, 1):
            self.balance_fen += move.fen
            out, into = ("", move.fen) if move.fen > 0 else (-move.fen, "")
            rows.append((
                f"{move.on:%Y%m%d}", out and _yuan(out), into and _yuan(into),
                _yuan(self.balance_fen), move.name, move.account, move.text,
                f"{since:%Y%m}{number:05d}",
            ))  # fmt: skip
        file = _csv(f"对账单{since:%Y%m}.csv", rows)
        facts = {
            "bank_account": self.account, "since": since, "until": until,
            "opening_fen": opening_fen, "closing_fen": self.balance_fen,
        }  # fmt: skip
        reading = statements.read(file=file, **facts)
        by = self.users["cashier"]
        upload = funds.receive_statement(
            reading=reading, file=file, by=by, at=self.clock.tick(), **facts
        )
        tasks.start_statement(upload=upload, by=by, at=self.clock.tick())
