"""Bank statements for tests: files as banks write them, and a company with a special account."""

import csv
import io
from datetime import date
from itertools import pairwise

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from cases.workflow import Programme
from funds import actions, statements, tasks
from funds.models import Period
from people.models import Standing
from people.roles import Role
from tests.factories import UnitFactory, appoint

HEADINGS = (
    "交易日期", "借方发生额", "贷方发生额", "余额", "对方户名", "对方账号", "摘要", "流水号",
)  # fmt: skip
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL = (date(2026, 4, 1), date(2026, 4, 30))


class Books:
    """A company with a cashier, two accountants, one fund in one special account; no household."""

    def __init__(self, now):
        self.now = now
        self.company = UnitFactory(company=True)
        self.cashier = appoint(Role.CASHIER, self.company)
        self.accountant = appoint(Role.ACCOUNTANT, self.company)
        self.second = appoint(Role.ACCOUNTANT, self.company)
        self.auditor = appoint(Role.AUDITOR, self.company)
        self.fund = self.new_fund("A")
        self.account = self.register([self.fund])

    def tick(self):
        return self.now

    def new_fund(self, code):
        return actions.create_fund(
            company=self.company, code=code, name=f"帮扶款{code}",
            programmes=[Programme.REGULAR, Programme.EMERGENCY],
            standings=list(Standing.values), ceiling_fen=None, by=self.accountant, at=self.now,
        )  # fmt: skip

    def register(self, funds, account="9558800000000000024", layout="GENERAL"):
        return register(self.company, self.accountant, funds, self.now, account, layout)

    def receive(self, fen, on, note="拨款", kind="RECEIVE", fund=None, by=None):
        return actions.receive(
            fund=fund or self.fund, amount_fen=fen, value_on=on, note=note, kind=kind,
            by=by or self.cashier, at=self.now, key=f"{on} {fen} {note} {kind} {self._count()}",
        )  # fmt: skip

    def _count(self):
        self.counted = getattr(self, "counted", 0) + 1
        return self.counted

    def reverse(self, transfer):
        return actions.reverse(
            transfer=transfer, by=self.accountant, at=self.now, key=f"r{transfer.pk}", note="记错"
        )

    def statement(self, rows, days=MARCH, opening_fen=0, **more):
        return take(self.account, rows, by=self.cashier, at=self.now, days=days,
                    opening_fen=opening_fen, **more)  # fmt: skip

    def close(self, year, month, by=None, at=None):
        return actions.close(
            period=self.period(year, month), by=by or self.accountant, at=at or self.now
        )

    def period(self, year, month):
        return Period.objects.select_related("bank_account").get(
            bank_account=self.account, year=year, month=month
        )


def register(company, accountant, funds, at, account="9558800000000000024", layout="GENERAL"):
    return actions.save_bank_account(
        company=company, name="帮扶资金专户", bank="示例银行", account=account, layout=layout,
        funds=funds, by=accountant, at=at,
    )  # fmt: skip


def row(on, fen, name="", account="", text="", reference=""):
    """(day, fen, …) of one line; + is in."""
    return (on, fen, name, account, text, reference)


def cells(rows, opening_fen=0):
    """The lines of a file with running balances."""
    balance, found = opening_fen, []
    for on, fen, name, account, text, reference in rows:
        balance += fen
        out, into = ("", yuan(fen)) if fen > 0 else (yuan(-fen), "")
        found.append([f"{on:%Y-%m-%d}", out, into, yuan(balance), name, account, text, reference])
    return found


def yuan(fen):
    return f"{fen / 100:.2f}"


def csv_file(lines, headings=HEADINGS, encoding="utf-8-sig", name="对账单.csv"):
    target = io.StringIO()
    csv.writer(target).writerows([headings, *lines])
    return SimpleUploadedFile(name, target.getvalue().encode(encoding))


def xlsx_file(lines, headings=HEADINGS, before=()):
    book = Workbook()
    for line in [*before, headings, *lines]:
        book.active.append(list(line))
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile("对账单.xlsx", target.getvalue())


def read(account, file, days=MARCH, opening_fen=0, closing_fen=0):
    return statements.read(
        file=file, bank_account=account, since=days[0], until=days[1], opening_fen=opening_fen,
        closing_fen=closing_fen,
    )  # fmt: skip


def upload(account, rows, *, by, at, days=MARCH, opening_fen=0, file=None):
    """A statement that was uploaded and checked."""
    closing_fen = opening_fen + sum(fen for _on, fen, *_rest in rows)
    file = file or csv_file(cells(rows, opening_fen))
    facts = {"days": days, "opening_fen": opening_fen, "closing_fen": closing_fen}
    reading = read(account, file, **facts)
    return actions.receive_statement(
        reading=reading, file=file, bank_account=account, since=days[0], until=days[1],
        opening_fen=opening_fen, closing_fen=closing_fen, by=by, at=at,
    )  # fmt: skip


def take(account, rows, **given):
    """An imported statement; its lines are matched where that is clear."""
    kept = upload(account, rows, **given)
    assert kept.problems == [], kept.problems
    kept = tasks.start_statement(upload=kept, by=given["by"], at=given["at"])
    assert pairs_follow(kept.statement)
    return kept.statement


def pairs_follow(statement):
    lines = list(statement.lines.order_by("seq"))
    return all(b.balance_fen == a.balance_fen + b.amount_fen for a, b in pairwise(lines))
