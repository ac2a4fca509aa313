"""A workbook of a register, read and judged household by household; nothing is written here.

What is kept of each row is small, so that 20,000 households fit into little memory.
"""

import hashlib
import re
from collections import Counter as Tally
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from base import canonical, idcard, xlsx
from base.crypto import blind_index
from base.words import say
from cases import life, register
from cases.codes import Cause
from cases.models import Dossier, Member, Policy, RegisterLine
from cases.register import EXPENSES, HOUSEHOLDS, LONGEST, MEMBERS, RANGES, TRUTH
from people.importing import Judge, plain
from people.models import Person, Relation, Sex, Unit

NEW, SAME, CHANGED, BAD = "NEW", "SAME", "CHANGED", "BAD"
MOST_SIDE_CAUSES = 3
STEP = 2_000  # rows between two looks at the progress

_KEYS = {
    sheet: tuple(column.key for column in columns) for sheet, columns, *_sizes in register.SHEETS
}


class Row:
    """The cells of one row by name, kept as a tuple."""

    __slots__ = ("cells", "number", "sheet")

    def __init__(self, sheet, number, cells):
        self.sheet, self.number = sheet, number
        self.cells = tuple(cells[key] for key in _KEYS[sheet])

    def read(self):
        return dict(zip(_KEYS[self.sheet], self.cells, strict=True))


class Household:
    """One row of the first sheet with the rows of the others that belong to it."""

    __slots__ = (
        "digest", "expenses", "head", "head_index", "indexes", "members", "number", "problems",
        "row", "state", "unit_id",
    )  # fmt: skip

    def __init__(self, row, number):
        self.row, self.number = row, number
        self.head = self.head_index = self.unit_id = None
        self.members, self.expenses, self.indexes, self.problems = [], [], [], []
        self.state, self.digest = NEW, ""


@dataclass
class Reading:
    """A register as read: its households in the order of the file, and every problem."""

    sha256: str
    households: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    persons: int = 0
    expenses: int = 0

    def count(self, state):
        return sum(household.state == state for household in self.households)


def open_sheets(file, **looking):
    """The three sheets with their headings found, and their sizes known; no row is read yet.

    `looking` says how many rows of each are counted, where that is enough to know.
    xlsx.SheetError when the file as a whole cannot be used.
    """
    sheets = [(register.NAMES[sheet], *how) for sheet, *how in register.SHEETS]
    return xlsx.read_tables(file, sheets, scale=register.SCALE, **looking)


def row_count(tables):
    """How many rows there are to read, the headings apart."""
    return sum(max(table.looked.rows - table.header_row, 0) for table in tables)


def sha256_of(file):
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def read(*, file, company, on, kin=frozenset(), progress=None):
    """Read a register and judge every row; `kin` are the relatives of whoever is to import it.

    `progress(rows read, rows in all)` is called now and then. Seven queries, however many rows.
    xlsx.SheetError when the file as a whole cannot be used.
    """
    reading = Reading(sha256=sha256_of(file))
    tables = open_sheets(file)
    rows = row_count(tables)
    judge = _Register(reading, tables, _Known(company, on), on, kin)
    seen = 0
    for names, table, take in zip(
        (HOUSEHOLDS, MEMBERS, EXPENSES),
        tables,
        (judge.household, judge.member, judge.expense),
        strict=True,
    ):
        told = 0
        for number, cells in table:
            found = [replace(p, sheet=judge.titles[names]) for p in table.problems[told:]]
            told = len(table.problems)
            take(number, cells, found)
            seen += 1
            if progress and seen % STEP == 0:
                progress(seen, rows)
    if not reading.households:
        raise xlsx.SheetError(_("This file holds no rows under the headings; fill it in first."))
    judge.finish()
    return reading


class _Known:
    """What the company has on file already, beside which a register is judged."""

    def __init__(self, company, on):
        self.units, self.unit_names = {}, {}
        for pk, name, code in Unit.objects.filter(parent=company).values_list("pk", "name", "code"):
            self.units[plain(name)] = self.units[plain(code)] = pk
            self.unit_names[pk] = name
        people = Person.objects.filter(company=company).values_list(
            "pk", "staff_no", "id_index", "name", "unit_id", "died_on"
        )
        self.people, self.by_staff, self.by_id = {}, {}, {}
        for pk, staff_no, index, name, unit_id, died_on in people.iterator():
            self.people[pk] = (index, name, unit_id, bool(died_on))
            self.by_staff[plain(staff_no)] = self.by_id[index] = pk
        self.files, self.barred, self.numbers = {}, {}, {}
        policy = Policy.objects.in_force(company.pk, on)
        self.valid_until = life.months_later(on, policy.rules["dossier.valid_months"])
        since = life.months_earlier(on, 12 * policy.rules["false.ban_years"])
        files = Dossier.objects.filter(company=company).order_by("pk")
        for head, number, status, reason, closed_on in files.values_list(
            "head_id", "number", "status", "exit_reason", "closed_on"
        ).iterator():
            self.numbers[number] = head
            if status != Dossier.Status.CANCELLED:
                self.files[head] = (status, number)
            elif reason == Dossier.ExitReason.FALSE and closed_on > since:
                self.barred[head] = number
        lines = RegisterLine.objects.filter(dossier__company=company)
        self.lines = dict(lines.values_list("dossier__head", "digest").iterator())
        members = Member.objects.filter(company=company, active=True)
        self.members = dict(members.values_list("id_index", "dossier__head").iterator())


class _Register:
    """Judges the rows of the three sheets one after another, then each household as a whole."""

    def __init__(self, reading, tables, known, on, kin):
        self.reading, self.known, self.on, self.kin = reading, known, on, kin
        self.titles, self.judges = {}, {}
        for (sheet, columns, *_sizes), table in zip(register.SHEETS, tables, strict=True):
            self.titles[sheet] = table.looked.title
            self.judges[sheet] = Judge(columns, table.headings, table.looked.title)
        self.by_key, self.heads, self.numbers, self.ids = {}, {}, {}, {}
        self.causes = _causes()

    def _row(self, sheet, number, cells):
        """Texts, ranges and amounts of any row."""
        judge = self.judges[sheet]
        for column in judge.columns:
            key, value = column.key, cells[column.key]
            if column.kind == "text" and key in LONGEST and value:
                cells[key] = judge.text(number, cells, key, LONGEST[key])
            elif value is None:
                continue
            elif column.kind == "money" and value < 0:
                judge.say(number, key, _("An amount is not below zero."))
            elif key in RANGES and not RANGES[key][0] <= value <= RANGES[key][1]:
                low, high = RANGES[key]
                words = _("Enter a whole number from %(low)s to %(high)s.")
                judge.say(number, key, say(words, low=low, high=high))
        return judge

    def _ahead(self, judge, number, cells, *keys):
        for key in keys:
            if cells[key] and cells[key] > self.on:
                judge.say(number, key, _("This date lies ahead; check the year."))

    # The first sheet

    def household(self, number, cells, problems):
        household = Household(None, number)
        household.problems += problems
        self.judges[HOUSEHOLDS].problems = household.problems
        judge = self._row(HOUSEHOLDS, number, cells)
        self._head(judge, household, cells)
        self._place(judge, household, cells)
        self._number(judge, household, cells)
        self._side_causes(judge, number, cells)
        self._days(judge, number, cells)
        if cells["postcode"] and not re.fullmatch(r"[0-9]{6}", cells["postcode"]):
            judge.say(number, "postcode", _("A postcode has six digits."))
        if cells["allowance_fen"] is not None and TRUTH[cells["on_allowance"] or ""] is not True:
            judge.say(
                number,
                "on_allowance",
                _("An allowance a month without “yes” here; correct one of the two."),
            )
        household.row = Row(HOUSEHOLDS, number, cells)
        self.reading.households.append(household)

    def _head(self, judge, household, cells):
        number, known = household.number, self.known
        head = None
        if cells["staff_no"]:
            head = known.by_staff.get(plain(cells["staff_no"]))
            self._tie(plain(cells["staff_no"]), household)
            if head is None:
                judge.say(
                    number,
                    "staff_no",
                    _("Nobody on the roster has this staff number; correct it or add them there."),
                )
        if cells["head_id"] and (index := self._id_index(judge, number, "head_id", cells)):
            self._tie(index, household)
            of_id = known.by_id.get(index)
            if of_id is None:
                judge.say(
                    number,
                    "head_id",
                    _("Nobody on the roster has this ID number; correct it or add them there."),
                )
            elif head is not None and head != of_id:
                judge.say(
                    number,
                    "head_id",
                    _("On the roster this ID number and the staff number are of two persons."),
                )
            head = head or of_id
        if cells["staff_no"] == "" and cells["head_id"] == "":
            judge.say(number, "staff_no", _("Enter the staff number or the ID number of the head."))
        if head is None:
            return
        household.head = head
        household.head_index, name, _unit, died = known.people[head]
        if cells["head_name"] and plain(cells["head_name"]) != plain(name):
            judge.say(
                number,
                "head_name",
                _("The roster has another name for this number; correct one of the two."),
            )
        if died:
            judge.say(
                number, "head_name", _("The head has died, by the roster: leave this row out.")
            )
        self._alone(judge, household, head)

    def _alone(self, judge, household, head):
        """One household for a head, in this file and on file."""
        words = _("This household stands twice, in row %(row)s too; keep one of the two.")
        key = "head_name"
        if first := self.heads.get(head):
            judge.say(household.number, key, say(words, row=first.number))
            self._blame(first, HOUSEHOLDS, first.number, key, say(words, row=household.number))
        self.heads.setdefault(head, household)
        if barred := self.known.barred.get(head):
            judge.say(
                household.number,
                "head_name",
                say(
                    _("Dossier %(number)s was cancelled for false statements; leave this out."),
                    number=barred,
                ),
            )

    def _tie(self, key, household):
        self.by_key.setdefault(key, household)

    def _place(self, judge, household, cells):
        of_roster = self.known.people[household.head][2] if household.head else None
        household.unit_id = of_roster
        if not cells["unit"]:
            return
        unit_id = self.known.units.get(plain(cells["unit"]))
        if unit_id is None:
            judge.say(
                household.number,
                "unit",
                _("No grassroots union of this company has this name; check it or add it."),
            )
        elif of_roster and unit_id != of_roster:
            judge.say(
                household.number,
                "unit",
                say(
                    _("By the roster the head belongs to %(unit)s; correct one of the two."),
                    unit=self.known.unit_names.get(of_roster, "?"),
                ),
            )

    def _number(self, judge, household, cells):
        number = cells["number"]
        if not number:
            return
        if first := self.numbers.get(number):
            judge.twice(household.number, "number", first)
        self.numbers.setdefault(number, household.number)
        if self.known.numbers.get(number, household.head) != household.head:
            judge.say(
                household.number,
                "number",
                _("Another dossier has this number; correct it, or leave it empty for a new one."),
            )

    def _side_causes(self, judge, number, cells):
        named = [t for t in re.split(r"[、,，;；/\s]+", cells["side_causes"] or "") if t]
        causes = []
        for text in named:
            cause = self.causes.get(plain(text))
            if cause is None:
                words = _("“%(text)s” is no cause; choose among: %(choices)s.")
                labels = xlsx.listed(label for _value, label in Cause.choices)
                judge.say(number, "side_causes", say(words, text=text[:20], choices=labels))
            elif cause not in causes and cause != cells["main_cause"]:
                causes.append(cause)
        if len(named) > MOST_SIDE_CAUSES:
            judge.say(number, "side_causes", _("Three other causes at most; leave some out."))
        cells["side_causes"] = "、".join(sorted(causes))

    def _days(self, judge, number, cells):
        self._ahead(judge, number, cells, "opened_on", "began_work_on", "relieved_on")
        opened_on, due_on = cells["opened_on"], cells["review_due_on"]
        if opened_on and due_on and due_on <= opened_on:
            judge.say(
                number,
                "review_due_on",
                _("The next re-check comes after the day of recognition; correct one of the two."),
            )
        elif due_on and due_on > self.known.valid_until:
            judge.say(
                number,
                "review_due_on",
                say(
                    _("A re-check comes by %(day)s at the latest; enter an earlier day."),
                    day=self.known.valid_until,
                ),
            )

    # The second and the third sheet

    def member(self, number, cells, problems):
        household = self._owner(MEMBERS, number, cells, problems)
        if household is None:
            return
        judge = self._row(MEMBERS, number, cells)
        self.reading.persons += 1
        self._ahead(judge, number, cells, "contract_on")
        if cells["phone"] and not re.fullmatch(r"\+?[0-9][0-9 \-]{5,20}", cells["phone"]):
            judge.say(number, "phone", _("A phone number has 6 to 20 digits."))
        index = self._identity(judge, number, cells)
        household.indexes.append(index)
        if index:
            self._nowhere_else(judge, household, number, index)
        household.members.append(Row(MEMBERS, number, cells))

    def _identity(self, judge, number, cells):
        """The blind index of the ID number; birth and sex follow from the number."""
        index = self._id_index(judge, number, "id_number", cells)
        if not index:
            return ""
        born_on = idcard.birth_of(cells["id_number"])
        male = idcard.sex_of(cells["id_number"]) == idcard.MALE
        sex = (Sex.MALE if male else Sex.FEMALE).value
        if born_on > self.on:
            judge.say(number, "id_number", _("The date of birth in this number lies ahead."))
        if cells["born_on"] and cells["born_on"] != born_on:
            judge.say(
                number, "born_on", _("The date of birth does not match the ID number; correct one.")
            )
        if cells["sex"] and cells["sex"] != sex:
            judge.say(number, "sex", _("The sex does not match the ID number; correct one."))
        cells["born_on"], cells["sex"] = born_on, sex
        return index

    def _nowhere_else(self, judge, household, number, index):
        """One ID number once in one household, in this file and on file."""
        key = "id_number"
        first = self.ids.get(index)
        if first is None:
            self.ids[index] = (household, number)
        elif first[0] is household:
            judge.twice(number, key, first[1])
        else:
            words = _("This person stands in another household too, in row %(row)s; keep one.")
            judge.say(number, key, say(words, row=first[1]))
            self._blame(first[0], MEMBERS, first[1], key, say(words, row=number))
        elsewhere = self.known.members.get(index)
        if elsewhere is not None and elsewhere != household.head:
            judge.say(
                number,
                key,
                _("This person is on file in another household already; take them out of one."),
            )
        if index in self.kin:
            judge.say(
                number,
                key,
                _("You are a relative or a member of this household: somebody else imports it."),
            )

    def expense(self, number, cells, problems):
        household = self._owner(EXPENSES, number, cells, problems)
        if household is None:
            return
        judge = self._row(EXPENSES, number, cells)
        self.reading.expenses += 1
        self._ahead(judge, number, cells, "spent_on")
        gross, reimbursed = cells["gross_fen"], cells["reimbursed_fen"] or 0
        if gross == 0:
            judge.say(number, "gross_fen", _("Enter what was spent, more than zero."))
        elif gross is not None and reimbursed > gross:
            judge.say(
                number, "reimbursed_fen", _("No more is reimbursed than was spent; correct one.")
            )
        names = {plain(row.read()["name"] or "") for row in household.members}
        if cells["member"] and plain(cells["member"]) not in names:
            judge.say(
                number,
                "member",
                _("Nobody of this household has this name; enter it as on the second sheet."),
            )
        household.expenses.append(Row(EXPENSES, number, cells))

    def _owner(self, sheet, number, cells, problems):
        """The household a row belongs to; its problems go there, or to the file."""
        judge = self.judges[sheet]
        household = self._find(cells["household"])
        if household is None:
            judge.problems = self.reading.problems
            judge.problems += problems
            if cells["household"]:
                judge.say(
                    number,
                    "household",
                    _("The first sheet has no household with this number; add it or correct this."),
                )
            return None
        judge.problems = household.problems
        judge.problems += problems
        return household

    def _find(self, key):
        if not key:
            return None
        if found := self.by_key.get(plain(key)):
            return found
        try:
            return self.by_key.get(blind_index(idcard.check_id_number(key), "id_number"))
        except ValueError:
            return None

    def _id_index(self, judge, number, key, cells):
        """The blind index of an ID number, "" when it is none; the cell becomes the number."""
        if not cells[key]:
            return ""
        try:
            cells[key] = idcard.check_id_number(cells[key])
        except ValueError as error:
            judge.say(number, key, error.args[0])
            return ""
        return blind_index(cells[key], "id_number")

    # Each household as a whole

    def finish(self):
        for household in self.reading.households:
            self._heads(household)
            household.digest = _digest(household)
            self._on_file(household)
            if household.problems and household.state == NEW:
                household.state = BAD
            self.reading.problems += household.problems
        order = list(self.titles.values())
        self.reading.problems.sort(key=lambda p: (order.index(p.sheet), p.row))

    def _heads(self, household):
        """Exactly one head among the members, the same person; and as many as were counted."""
        if self.heads.get(household.head, household) is not household:
            return  # its members stand with the row that came first
        rows = [(row.number, row.read()) for row in household.members]
        heads = [
            (number, index)
            for (number, cells), index in zip(rows, household.indexes, strict=True)
            if cells["relation"] == Relation.SELF
        ]
        if not heads:
            self._blame(
                household,
                HOUSEHOLDS,
                household.number,
                "staff_no",
                _("No row of the second sheet is the head; add one with “the employee”.")
                if rows
                else _("The second sheet has nobody of this household; add a row for each."),
            )
        for number, _index in heads[1:]:
            self._blame(
                household,
                MEMBERS,
                number,
                "relation",
                say(_("Row %(row)s is the head already; a household has one."), row=heads[0][0]),
            )
        if heads and heads[0][1] and household.head and heads[0][1] != household.head_index:
            self._blame(
                household,
                MEMBERS,
                heads[0][0],
                "id_number",
                _("The head has another ID number on the roster; correct one of the two."),
            )
        counted = household.row.read()["persons"]
        if counted and rows and counted != len(rows):
            self._blame(
                household,
                HOUSEHOLDS,
                household.number,
                "persons",
                say(
                    _("The second sheet has %(count)s persons of this household; correct one."),
                    count=len(rows),
                ),
            )

    def _on_file(self, household):
        """A household on file is never written over: the same is skipped, another one named."""
        status, number = self.known.files.get(household.head, ("", ""))
        if not status:
            return
        if status == Dossier.Status.ACTIVE:
            if self.known.lines.get(household.head) == household.digest:
                household.state, household.problems = SAME, []
                return
            words = _("On file already as %(number)s: change it in the program, not here.")
        elif status == Dossier.Status.PENDING:
            words = _("Applied for as %(number)s: let the application run its course.")
        else:
            words = _("Exited as %(number)s: take it back in the program, not here.")
        household.state = CHANGED
        household.problems = []
        self._blame(household, HOUSEHOLDS, household.number, "head_name", say(words, number=number))

    def _blame(self, household, sheet, number, key, message):
        judge = self.judges[sheet]
        kept, judge.problems = judge.problems, household.problems
        judge.say(number, key, message)
        judge.problems = kept


def _causes():
    """{a cause as written in any language: its value}."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found |= {plain(str(label)): value for value, label in Cause.choices}
    return found | {plain(value): value for value in Cause.values}


def _digest(household):
    """What the file says of a household, the order of its rows apart."""
    rows = [sorted(repr(row.cells) for row in rows) for rows in (
        household.members, household.expenses,
    )]  # fmt: skip
    text = canonical.dumps([repr(household.row.cells), *rows])
    return blind_index(hashlib.sha256(text.encode()).hexdigest(), "register")


def shared_numbers(reading):
    """{year: the highest number of that year} among the numbers of the form the program gives."""
    found = Tally()
    for household in reading.households:
        given = re.fullmatch(r"(\d{4})-档-(\d{4,9})", household.row.read()["number"] or "")
        if given:
            found[int(given[1])] = max(found[int(given[1])], int(given[2]))
    return found
