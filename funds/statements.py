"""A bank statement as the bank gives it out, read and judged row by row; writes nothing.

Every mistake is named by row and column. The balances must follow from one another, from the
opening to the closing balance; a file with the newest line first is turned round.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile

from django.utils.translation import gettext_lazy as _

from base import xlsx
from base.crypto import blind_index
from base.money import format_fen
from base.words import say
from funds import csvfile, layouts
from funds.models import Statement
from people.importing import Judge, plain

_DAY = re.compile(
    r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T].*)?"
    r"|(\d{4})(\d{2})(\d{2})(?:\d{6})?(?: .*)?"
)
_NARROW = str.maketrans("０１２３４５６７８９－／．　", "0123456789-/. ")
LONGEST = {"name": 100, "text": 200, "reference": 60, "account": 40}


@dataclass
class Line:
    """One line as read. What came in is positive."""

    row: int
    booked_on: date
    amount_fen: int
    balance_fen: int | None
    name: str
    account: str
    text: str
    reference: str


@dataclass
class Reading:
    """A statement as read: lines in the order of the account, and what is wrong."""

    sha256: str
    lines: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    count: int = 0

    @property
    def in_fen(self):
        return sum(line.amount_fen for line in self.lines if line.amount_fen > 0)

    @property
    def out_fen(self):
        return -sum(line.amount_fen for line in self.lines if line.amount_fen < 0)


def read(*, file, bank_account, since, until, opening_fen, closing_fen):
    """Read and judge a statement; xlsx.SheetError when the file as a whole cannot be used."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    columns = layouts.columns(bank_account.layout)
    reader = xlsx.read_table if content[:4] in _WORKBOOKS else csvfile.read_table
    table = reader(file, columns, text_columns=layouts.ACCOUNTS)
    _check_headings(table, columns)
    judge = _Judge(columns, table, bank_account, since, until)
    reading = Reading(sha256=hashlib.sha256(content).hexdigest())
    ignored = set()
    for number, cells in table:
        if _is_empty(cells):
            ignored.add(number)
            continue
        reading.count += 1
        if line := judge.line(number, cells):
            reading.lines.append(line)
    problems = [p for p in table.problems if p.row not in ignored] + judge.problems
    if not problems:
        problems = _balances(reading, judge, opening_fen, closing_fen)
    reading.problems = sorted(problems, key=lambda problem: problem.row)
    return reading


_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def _check_headings(table, columns):
    there = table.headings
    moves = "amount" in there or {"in", "out"} <= set(there)
    if "on" in there and moves:
        return
    lacking = [column.heading for column in columns if column.key == "on" and "on" not in there]
    if not moves:
        lacking += [c.heading for c in columns if c.key == "amount"]
    raise xlsx.SheetError(
        say(
            _(
                "These columns are missing: %(missing)s. Choose the layout of your bank for this"
                " account, or use the template."
            ),
            missing=_Together(lacking),
        )
    )


class _Together:
    """Headings in one line, translated when read."""

    def __init__(self, headings):
        self.headings = headings

    def __str__(self):
        return "、".join(str(heading) for heading in self.headings)


def _of_row(problems, number):
    """The columns of the problems of a row that was read just now: they are the last ones."""
    return {problem.column for problem in takewhile(lambda p: p.row == number, reversed(problems))}


def _is_empty(cells):
    """A row without day and amount: words of the bank below the table."""
    return not cells["on"] and not any(cells[key] for key in ("amount", "in", "out"))


class _Judge(Judge):
    """What is wrong with the cells of one line."""

    def __init__(self, columns, table, bank_account, since, until):
        super().__init__(columns, table.headings)
        self.table = table
        self.account_index = bank_account.account_index
        self.since, self.until = since, until
        self.unread: set[str] = set()
        self.signed = "way" not in table.headings

    def say(self, number, key, message):
        """A cell that could not be read has been named already."""
        heading = str(self.headings.get(key, ""))
        if self.unread and (heading in self.unread or key in ("in", "out", "amount")):
            return
        super().say(number, key, message)

    def line(self, number, cells):
        before = len(self.problems)
        self.unread = _of_row(self.table.problems, number)
        on = self._day(number, cells)
        amount_fen = self._amount(number, cells)
        if "balance" in self.headings and cells["balance"] is None:
            self.say(number, "balance", _("This cell is empty; fill it in."))
        own = cells["own"]
        if own and self.account_index and blind_index(own, "account") != self.account_index:
            self.say(number, "own", _("This line belongs to another account; take the right file."))
        words = {key: self.text(number, cells, key, most) for key, most in LONGEST.items()}
        if self.unread or len(self.problems) > before or on is None or amount_fen is None:
            return None
        return Line(number, on, amount_fen, cells["balance"], **words)

    def _day(self, number, cells):
        if not cells["on"]:
            self.say(number, "on", _("This cell is empty; fill it in, or delete a row of totals."))
            return None
        on = parse_day(cells["on"])
        if on is None:
            self.say(number, "on", _("Enter a date such as 2026-03-05."))
        elif not self.since <= on <= self.until:
            self.say(
                number,
                "on",
                say(
                    _("This day is outside the statement, which goes from %(since)s to %(until)s."),
                    since=self.since,
                    until=self.until,
                ),
            )
        return on

    def _amount(self, number, cells):
        """What came in, negative for what went out; None when it cannot be said."""
        if "amount" in self.headings:
            return self._marked(number, cells)
        came, went = cells["in"] or 0, cells["out"] or 0
        if came and went:
            self.say(number, "in", _("One line goes in or out, not both; split it."))
            return None
        # A negative amount in a column is how banks write off their own entry.
        if not came - went:
            self.say(number, "in", _("This line moves nothing; enter what came in or went out."))
            return None
        return came - went

    def _marked(self, number, cells):
        amount = cells["amount"]
        if not amount:
            self.say(number, "amount", _("This line moves nothing; enter its amount."))
            return None
        if self.signed:
            return amount
        way = plain(cells["way"] or "")
        if way in {plain(word) for word in layouts.IN}:
            return amount
        if way in {plain(word) for word in layouts.OUT}:
            return -amount if amount > 0 else amount
        self.say(number, "way", _("Say whether it came in (贷) or went out (借)."))
        return None


def parse_day(text):
    """The day of a text such as 2026-03-05, 20260305, 2026/3/5 10:11 or 2026年3月5日; or None."""
    found = _DAY.fullmatch(str(text).strip().translate(_NARROW))
    try:
        return date(*(int(part) for part in found.groups() if part))
    except (AttributeError, ValueError):
        return None


def _balances(reading, judge, opening_fen, closing_fen):
    """Problems of the running balance; fills in the balances when the bank gives none."""
    lines = reading.lines
    if "balance" not in judge.headings:
        balance = opening_fen
        for line in lines:
            balance += line.amount_fen
            line.balance_fen = balance
    elif (_descends(lines) or _breaks(lines, opening_fen)) and not _breaks(
        lines[::-1], opening_fen
    ):
        lines.reverse()
    problems = []
    heading = str(judge.headings.get("balance", ""))
    if broken := _breaks(lines, opening_fen):
        line, due = broken
        words = say(
            _("The balance should be %(due)s yuan after this line; it says %(said)s."),
            due=format_fen(due),
            said=format_fen(line.balance_fen),
        )
        problems.append(xlsx.CellProblem(line.row, heading, words))
    last = lines[-1].balance_fen if lines else opening_fen
    if not problems and last != closing_fen:
        words = say(
            _("The lines lead from %(opening)s to %(last)s yuan, not to the %(closing)s given."),
            opening=format_fen(opening_fen),
            last=format_fen(last),
            closing=format_fen(closing_fen),
        )
        problems.append(xlsx.CellProblem(lines[-1].row if lines else 1, heading, words))
    return problems


def _descends(lines):
    """Whether the newest day stands first; the balances of a few lines may fit both ways."""
    return bool(lines) and lines[0].booked_on > lines[-1].booked_on


def _breaks(lines, opening_fen):
    """(line, balance due) where the running balance first does not follow; or None."""
    balance = opening_fen
    for line in lines:
        balance += line.amount_fen
        if line.balance_fen != balance:
            return line, balance
    return None


def whole(*, bank_account, sha256, since, until, opening_fen, closing_fen):
    """What is wrong with a statement beside those imported before: sentences. Two queries."""
    known = Statement.objects.filter(bank_account=bank_account)
    if known.filter(sha256=sha256, since=since, until=until).exists():
        return []  # the same file again adds nothing, and is no mistake
    found = []
    for other in known.filter(since__lte=until, until__gte=since).order_by("since"):
        found.append(
            say(
                _("A statement from %(since)s to %(until)s has been imported; leave its days out."),
                since=other.since,
                until=other.until,
            )
        )
    if found:
        return found
    before = known.filter(until__lt=since).order_by("-until").first()
    if before and (since - before.until).days == 1 and before.closing_fen != opening_fen:
        found.append(
            say(
                _("The last statement ended with %(before)s yuan, this one begins with %(now)s."),
                before=format_fen(before.closing_fen),
                now=format_fen(opening_fen),
            )
        )
    after = known.filter(since__gt=until).order_by("since").first()
    if after and (after.since - until).days == 1 and after.opening_fen != closing_fen:
        found.append(
            say(
                _("The next statement begins with %(after)s yuan, this one ends with %(now)s."),
                after=format_fen(after.opening_fen),
                now=format_fen(closing_fen),
            )
        )
    return found
