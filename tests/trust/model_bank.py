"""The bank outside: it knows files by their bytes, and money by what it moved.

It pays whatever it is told. It answers late, in parts, twice, in any order, and sends money back
days later. What it did is what the program is measured by: nobody may get more than was decided.
"""

import io
from dataclasses import dataclass, field
from hashlib import sha256

from openpyxl import load_workbook

from base.money import parse_fen
from tests.funds import bank, bank_files

PAID, RETURNED, UNKNOWN = "PAID", "RETURNED", ""


@dataclass
class Order:
    """One line of a file that the bank took."""

    run: str
    seq: int
    account: str
    name: str
    fen: int
    headings: tuple  # how the answer to its file calls number, result and reason
    state: str = UNKNOWN

    @property
    def kept(self):
        """What the household has of it, as long as it is not sent back."""
        return 0 if self.state == RETURNED else self.fen


@dataclass
class ModelBank:
    """One bank account and the orders on it."""

    opened_on: object
    stated_until: object
    files: set = field(default_factory=set)
    orders: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)

    # Orders

    def take(self, run, content, on):
        """Pay what the file of a run says. The same bytes once more are known; any others are
        paid."""
        digest = sha256(content).hexdigest()
        if digest in self.files:
            return
        self.files.add(digest)
        for order in read(run, content):
            key = (order.run, order.seq)
            assert key not in self.orders, f"two files tell the bank to pay {key}"
            self.orders[key] = order
            self.move(on, -order.fen, order.name, order.account, order.run)

    def decide(self, order, state, on):
        """It reached the account, or it is sent back, at once or days later."""
        if order.state == RETURNED or order.state == state:
            return
        order.state = state
        if state == RETURNED:
            self.move(on, order.fen, order.name, order.account, f"退票 {order.run}")

    def answer(self, run, random):
        """The file that says what became of a payment: some of it, in any order; None when there
        is nothing to say yet."""
        known = [o for o in self.orders.values() if o.run == run and o.state != UNKNOWN]
        some = [order for order in known if random.random() < 0.8]
        random.shuffle(some)
        words = {PAID: ("成功", ""), RETURNED: ("退票", "账号与户名不符")}
        rows = [(order.seq, *words[order.state]) for order in some]
        return bank_files.answer(*rows, headings=some[0].headings) if rows else None

    # The account

    def move(self, on, fen, name="", account="", text=""):
        self.lines.append(bank.row(on, fen, name, account, text))

    @property
    def balance_fen(self):
        return sum(line[1] for line in self.lines)

    def statement(self, since, until):
        """(opening balance, lines) of some days, the oldest first."""
        opening = sum(line[1] for line in self.lines if line[0] < since)
        lines = [line for line in self.lines if since <= line[0] <= until]
        return opening, sorted(lines, key=lambda line: line[0])


def read(run, content):
    """The orders of a file, read as the bank reads it: by its headings, whatever stands above."""
    rows = load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(values_only=True)
    headings = next(row for row in rows if "收款账号" in row)
    for row in rows:
        cells = dict(zip(headings, row, strict=True))
        titled = "顺序号" in cells
        yield Order(
            run=run, seq=int(cells["顺序号" if titled else "序号"]), account=cells["收款账号"],
            name=cells["收款户名"],
            fen=cells["金额（分）"] if titled else parse_fen(cells["金额（元）"]),
            headings=("顺序号", "处理状态", "原因") if titled else bank_files.HEADINGS,
        )  # fmt: skip
