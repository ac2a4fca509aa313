"""Which line of the bank is which entry of the books: rules in order, each with its reason.

Nothing is guessed: a line with two possible entries, or an entry with two possible lines, is left
to a person, with the candidates. Knows no database.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

DAYS = 7  # between the day of the bank and the day of the books
RETURN_DAYS = 92  # within which a bank sends a payment back
_RUN = re.compile(r"\d{4}-付-\d{3,}")
_INTEREST = ("利息", "结息")
_RETURN = ("退票", "退汇", "退回", "退款")
_CHARGE = ("手续费", "工本费", "服务费", "管理费", "汇划费", "年费")
_CORRECTION = ("冲正", "冲账", "冲销", "更正", "撤销", "抹账")


@dataclass(frozen=True)
class Line:
    """A line of the bank that nobody has matched; + is in."""

    pk: int
    on: date
    fen: int
    name: str = ""
    account_index: str = ""
    text: str = ""
    reference: str = ""

    @property
    def words(self):
        return f"{self.text} {self.reference}"


@dataclass(frozen=True)
class Entry:
    """An entry of the books that nobody has matched; + is in. `run` is the payment's number,
    `cash` what of it is drawn from the bank in one sum and handed over."""

    pk: int
    on: date
    fen: int
    kind: str
    name: str = ""
    account_index: str = ""
    run: str = ""
    cash: bool = False
    reverses: int | None = None


@dataclass(frozen=True)
class Pair:
    """Lines and entries that are one, by a rule."""

    rule: str
    lines: tuple = ()
    entries: tuple = ()


@dataclass
class Found:
    """What the rules found; `unclear` holds the candidates of a line: groups of entries."""

    pairs: list = field(default_factory=list)
    unclear: dict = field(default_factory=dict)


def says(words, text):
    return any(word in text for word in words)


def nature(line):
    """What the bank's words say of a line: INTEREST, RETURN, CHARGE, CORRECTION or ""."""
    if line.fen > 0 and says(_INTEREST, line.text):
        return "INTEREST"
    if says(_CORRECTION, line.text):
        return "CORRECTION"
    if line.fen > 0 and says(_RETURN, line.text):
        return "RETURN"
    if line.fen < 0 and says(_CHARGE, line.text):
        return "CHARGE"
    return ""


def plain(name):
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def match(lines, entries):
    """Pairs and candidates for some lines and entries of one bank account."""
    return _Matcher(lines, entries).run()


class _Matcher:
    def __init__(self, lines, entries):
        self.lines = {line.pk: line for line in sorted(lines, key=lambda x: (x.on, x.pk))}
        self.entries = {entry.pk: entry for entry in sorted(entries, key=lambda x: (x.on, x.pk))}
        self.found = Found()

    def run(self):
        self._reversals()
        self._corrections()
        self._named_runs(as_sums=True)
        self._one_to_one("RETURN", self._payee, "BOUNCE", RETURN_DAYS)
        self._one_to_one("RETURN", self._person, "BOUNCE", RETURN_DAYS)
        self._one_to_one("PAYEE", self._payee)
        self._one_to_one("NAME", self._person)
        self._named_runs(as_sums=False)
        self._totals()
        self._one_to_one("INTEREST", self._interest, "INTEREST")
        self._one_to_one("RECEIPT", self._receipt)
        return self.found

    def _take(self, rule, lines, entries):
        self.found.pairs.append(
            Pair(rule, tuple(x.pk for x in lines), tuple(x.pk for x in entries))
        )
        for line in lines:
            del self.lines[line.pk]
            self.found.unclear.pop(line.pk, None)
        for entry in entries:
            del self.entries[entry.pk]

    def _unclear(self, line, groups):
        known = self.found.unclear.setdefault(line.pk, [])
        known += [pks for group in groups if (pks := tuple(e.pk for e in group)) not in known]

    # Each side alone

    def _reversals(self):
        """An entry and the reversal of it: the bank never saw either."""
        for entry in list(self.entries.values()):
            first = self.entries.get(entry.reverses)
            if first and first.fen == -entry.fen and not self._at_the_bank(first):
                self._take("REVERSED", (), (first, entry))

    def _at_the_bank(self, entry):
        """Whether a line may be this entry: then a person must look."""
        return any(
            line.fen == entry.fen and abs(line.on - entry.on) <= timedelta(days=DAYS)
            for line in self.lines.values()
        ) and not self._twin(entry)

    def _twin(self, entry):
        """Whether another entry of the same amount and kind can stand for that line."""
        return any(
            other.pk != entry.pk and other.fen == entry.fen and other.kind == entry.kind
            for other in self.entries.values()
            if abs(other.on - entry.on) <= timedelta(days=DAYS)
        )

    def _corrections(self):
        """The bank takes its own entry back and says so."""
        for line in [x for x in self.lines.values() if nature(x) == "CORRECTION"]:
            before = [
                other
                for other in self.lines.values()
                if other.fen == -line.fen
                and other.on <= line.on
                and other.pk != line.pk
                and plain(other.name) == plain(line.name)
                and nature(other) != "CORRECTION"
            ]
            if len(before) == 1:
                self._take("CORRECTED", (before[0], line), ())

    # Payments

    def _runs(self):
        """{(number, cash): entries, with what was paid in advance} of the payments nobody has
        matched; what is drawn in cash is a sum of its own."""
        runs = defaultdict(list)
        for entry in self.entries.values():
            if entry.run:
                runs[entry.run, entry.cash].append(entry)
        return runs

    def _named_runs(self, *, as_sums):
        """The bank names the payment, and its lines have the total of it: first in one or a few
        sums, and after the payees have been looked for, in any number of lines."""
        named = defaultdict(list)
        for line in self.lines.values():
            if line.fen < 0 and (said := _RUN.search(line.words)):
                named[said[0]].append(line)
        runs = self._runs()
        for number, lines in named.items():
            parts = [runs.get((number, cash), []) for cash in (False, True)]
            for run in (parts[0] + parts[1], *parts):
                total = sum(entry.fen for entry in run)
                fits = run and sum(line.fen for line in lines) == total
                if fits and (not as_sums or len(lines) < len(run) or len(run) == 1):
                    self._take("RUN", lines, run)
                    break

    def _totals(self):
        """A sum that only one payment as a whole has about that day."""
        totals = defaultdict(list)
        for run in self._runs().values():
            totals[sum(entry.fen for entry in run)].append(run)
        for line in [x for x in self.lines.values() if x.fen < 0]:
            near = [run for run in totals.get(line.fen, []) if _near(line.on, run[0].on)]
            same = [
                other
                for other in self.lines.values()
                if other.fen == line.fen and near and _near(other.on, near[0][0].on)
            ]
            if len(near) == 1 and len(same) == 1 and all(e.pk in self.entries for e in near[0]):
                self._take("TOTAL", (line,), near[0])
            elif near:
                self._unclear(line, near)

    # One line, one entry

    @staticmethod
    def _payee(thing):
        return (thing.fen, thing.account_index) if thing.account_index else None

    @staticmethod
    def _person(thing):
        return (thing.fen, plain(thing.name)) if thing.name else None

    @staticmethod
    def _interest(thing):
        if isinstance(thing, Line) and nature(thing) != "INTEREST":
            return None
        return thing.fen

    @staticmethod
    def _receipt(thing):
        if isinstance(thing, Entry) and thing.kind not in ("RECEIVE", "DONATION", "RECLAIM"):
            return None
        if isinstance(thing, Line) and nature(thing) in ("INTEREST", "RETURN", "CORRECTION"):
            return None
        return thing.fen if thing.fen > 0 else None

    def _one_to_one(self, rule, key, kind="", days=DAYS):
        """Pairs with the same key about the same day that are clear from both sides."""
        entries, lines = defaultdict(list), defaultdict(list)
        for entry in self.entries.values():
            if (not kind or entry.kind == kind) and (of := key(entry)) is not None:
                entries[of].append(entry)
        for line in self.lines.values():
            if (of := key(line)) is not None and of in entries:
                lines[of].append(line)
        for of, some in lines.items():
            for line in some:
                near = [entry for entry in entries[of] if self._fits(line, entry, days)]
                rivals = [other for other in some if near and self._fits(other, near[0], days)]
                if len(near) == 1 and len(rivals) == 1:
                    self._take(rule, (line,), near)
                elif near:
                    self._unclear(line, [[entry] for entry in near])

    def _fits(self, line, entry, days):
        if line.pk not in self.lines or entry.pk not in self.entries:
            return False
        return _near(line.on, entry.on, days)


def _near(one, other, days=DAYS):
    return abs(one - other) <= timedelta(days=days)
