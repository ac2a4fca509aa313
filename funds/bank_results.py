"""The answer of the bank to a file, read and judged row by row; writes nothing.

Every row is found by whatever names it: number in the payment, case number, account number, all
that are filled in together. Any order and any part of the payment will do.
"""

import hashlib
from dataclasses import dataclass, field
from itertools import takewhile

from django.utils.translation import gettext_lazy as _

from base import xlsx
from base.crypto import blind_index
from base.money import format_fen
from base.words import say
from funds import bank_formats, csvfile
from funds.models import Answer, Payment, PaymentAnswer, Recovery
from people.importing import Judge, plain

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LONGEST_REASON = 100
MOST = 20_000


@dataclass(frozen=True)
class Said:
    """What the bank says of one payment."""

    row: int
    payment_pk: int
    answer: str
    reason: str
    known: bool  # it said so before


@dataclass
class Reading:
    """An answer as read: what was said, and what is wrong."""

    sha256: str
    said: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    count: int = 0

    @property
    def new(self):
        return [said for said in self.said if not said.known]

    def counted(self, answer):
        return sum(said.answer == answer for said in self.new)


def read(*, file, run, layout):
    """Read and judge an answer; xlsx.SheetError when the file as a whole cannot be used."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    columns = bank_formats.answer_columns(layout)
    reader = xlsx.read_table if content[:4] in _WORKBOOKS else csvfile.read_table
    table = reader(file, columns, text_columns=("account",), max_rows=MOST)
    if not any(key in table.headings for key in bank_formats.KEYS):
        names = xlsx.listed(c.heading for c in columns if c.key in bank_formats.KEYS)
        raise xlsx.SheetError(
            say(
                _(
                    "No column says which payment a row is about: %(names)s. Take the file as the"
                    " bank gave it, or correct the format."
                ),
                names=names,
            )
        )
    judge = _Judge(columns, table, run, layout)
    reading = Reading(sha256=hashlib.sha256(content).hexdigest())
    ignored = set()
    for number, cells in table:
        if judge.beside(number, cells):
            ignored.add(number)
            continue
        reading.count += 1
        if said := judge.row(number, cells):
            reading.said.append(said)
    problems = [p for p in table.problems if p.row not in ignored] + judge.problems
    if not reading.count:
        raise xlsx.SheetError(_("No row of this file names a payment."))
    reading.problems = sorted(problems, key=lambda problem: problem.row)
    return reading


class _Judge(Judge):
    """What is wrong with the rows of one answer. Three queries for the whole file."""

    def __init__(self, columns, table, run, layout):
        super().__init__(columns, table.headings)
        self.table = table
        sent = run.payments.through_bank().select_related("case")
        self.payments = [row for row in sent if row.told_fen]
        self.by = {"seq": {}, "case_number": {}, "account": {}}
        for row in self.payments:
            self.by["seq"].setdefault(str(row.seq), []).append(row)
            self.by["case_number"].setdefault(plain(row.case.number), []).append(row)
            self.by["account"].setdefault(row.account_index, []).append(row)
        self.said = set(
            PaymentAnswer.objects.filter(payment__run=run).values_list("payment", "answer")
        )
        answer = layout["answer"]
        self.words = {plain(word): Answer.PAID for word in answer["success"]}
        self.words |= {plain(word): Answer.RETURNED for word in answer["failure"]}
        self.rows = {}  # payment pk: the row it stands in
        recovered = Recovery.objects.counted().filter(case__payments__run=run)
        self.recovered = set(recovered.values_list("case", flat=True))
        self.names = {table.headings[key] for key in bank_formats.KEYS if key in table.headings}

    def beside(self, number, cells):
        """Whether a row is about no payment: totals and words of the bank around the table."""
        if any(problem.column in self.names for problem in self._unread(number)):
            return False  # a number that could not be read: the row is about a payment
        if cells.get("seq") and cells.get("result"):
            return False
        counted = (cells.get("seq") or "").isdecimal()
        return not (counted or cells.get("case_number") or cells.get("account"))

    def _unread(self, number):
        """The cells of a row just read that have been named as mistakes."""
        return takewhile(lambda problem: problem.row == number, reversed(self.table.problems))

    def row(self, number, cells):
        if any(self._unread(number)):
            return None
        payment = self._payment(number, cells)
        if payment is None:
            return None
        key = next(key for key in bank_formats.KEYS if cells.get(key))
        if payment.pk in self.rows:
            words = _("This payment stands in row %(row)s already; keep one of the two.")
            self.say(number, key, say(words, row=self.rows[payment.pk]))
            return None
        self.rows[payment.pk] = number
        amount = cells.get("amount")
        if amount is not None and amount != payment.told_fen:
            words = _(
                "The bank was told %(told)s yuan, here it says %(said)s; ask the bank what it paid."
            )
            told, said = format_fen(payment.told_fen), format_fen(amount)
            self.say(number, "amount", say(words, told=told, said=said))
            return None
        return self._said(number, cells, payment)

    def _payment(self, number, cells):
        """The one payment that every filled key names; a problem without one."""
        keys = [key for key in bank_formats.KEYS if cells.get(key)]
        found: dict[int, Payment] = {}
        for key in keys:
            some = {row.pk: row for row in self.by[key].get(_looked_up(key, cells[key]), [])}
            if not some:
                self.say(
                    number,
                    key,
                    _("No payment of this file has it; look whether the answer is of another one."),
                )
                return None
            found = some if key == keys[0] else {pk: row for pk, row in found.items() if pk in some}
            if not found:
                words = _("This belongs to another payment than the rest of the row; ask the bank.")
                self.say(number, key, words)
                return None
        if len(found) > 1:
            words = _("Several payments go to this account; the row needs their number, too.")
            self.say(number, keys[-1], words)
            return None
        return next(iter(found.values()))

    def _said(self, number, cells, payment):
        answer = self.words.get(plain(cells["result"]))
        if answer is None:
            words = _(
                "“%(word)s” is neither a word for success nor for failure; add it to the format, or"
                " leave the row out until the bank has decided."
            )
            self.say(number, "result", say(words, word=cut(cells["result"])))
            return None
        known = (payment.pk, answer) in self.said
        returned = payment.status == Payment.Status.RETURNED
        if answer == Answer.PAID and returned and not known:
            words = _("This payment is recorded as returned; ask the bank which is true.")
            self.say(number, "result", words)
            return None
        if answer == Answer.RETURNED and returned:
            known = True
        if answer == Answer.RETURNED and not known and payment.case_id in self.recovered:
            words = _("The money of this case is being recovered; it comes back there.")
            self.say(number, "result", words)
            return None
        return Said(number, payment.pk, answer, cut(cells.get("reason") or cells["result"]), known)


def cut(text):
    """The words of the bank, as many as are kept."""
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def _looked_up(key, text):
    """A cell as the payments are found by it; banks fill numbers up with zeros."""
    if key == "account":
        return blind_index(text, "account")
    return plain(text).lstrip("0") if key == "seq" else plain(text)
