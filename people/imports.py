"""The staff roster from Excel: read and judged first, taken over once, in batches.

A row is the person with its ID number. Cells left empty change nothing, except the three dates,
which follow the file when their column is there. The same file twice changes nothing.
"""

import hashlib
import re
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base import idcard, xlsx
from base.crypto import blind_index
from base.uploads import clean_name
from people import workflow
from people.importing import (
    Judge,
    choice_of,
    keep_file,
    keep_problems,
    plain,
    set_running,
    throw_away,
)
from people.models import Person, RosterImport, RosterImportStatus, Sex, Standing, Unit
from people.pinyin import pinyin

BATCH = 500
DATES = ("joined_on", "left_on", "died_on")
TEXT_COLUMNS = ("id_number", "account")
ENCRYPTED = {"phone": "phone_index", "account": "account_index"}
COMPARED = (
    "unit_id",
    "staff_no",
    "name",
    "name_pinyin",
    "sex",
    "born_on",
    "standing",
    "monthly_income_fen",
    "phone_index",
    "bank",
    "branch",
    "account_name",
    "account_index",
    *DATES,
)
PAYEE = ("bank", "branch", "account_name", "account_index")

SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "m": Sex.MALE, "f": Sex.FEMALE}
STANDINGS = {
    "在职": Standing.IN_SERVICE,
    "在职职工": Standing.IN_SERVICE,
    "离退休": Standing.RETIRED,
    "退休": Standing.RETIRED,
    "离休": Standing.RETIRED,
    "离退休职工": Standing.RETIRED,
    "有偿解除劳动合同": Standing.PAID_OFF,
    "有偿解除劳动合同人员": Standing.PAID_OFF,
}

_COLUMN = xlsx.Column
COLUMNS = (
    _COLUMN("staff_no", _("Staff number"), required=True, aliases=("职工编号", "工号")),
    _COLUMN("name", _("Name"), required=True, aliases=("姓名",)),
    _COLUMN("sex", _("Sex"), aliases=("性别",), width=8),
    _COLUMN(
        "id_number", _("ID number"), required=True, aliases=("身份证号", "身份证号码"), width=22
    ),
    _COLUMN("born_on", _("Date of birth"), kind="date", aliases=("出生日期", "birth"), width=12),
    _COLUMN(
        "unit",
        _("Belongs to grassroots union"),
        required=True,
        aliases=("所属基层工会", "基层工会", "grassroots union"),
        width=28,
    ),
    _COLUMN("standing", _("Standing"), required=True, aliases=("人员类别",), width=24),
    _COLUMN(
        "monthly_income_fen",
        _("Monthly income (yuan)"),
        kind="money",
        aliases=("月收入", "monthly income"),
        example="3,500.00",
    ),
    _COLUMN("phone", _("Mobile phone"), aliases=("手机", "手机号码", "phone")),
    _COLUMN("bank", _("Bank"), aliases=("开户行", "开户银行"), example="工商银行"),
    _COLUMN("branch", _("Bank branch"), aliases=("支行", "支行名称", "branch"), width=24),
    _COLUMN("account_name", _("Account name"), aliases=("户名",)),
    _COLUMN("account", _("Account number"), aliases=("账号", "银行卡号"), width=26),
    _COLUMN("joined_on", _("Joined on"), kind="date", aliases=("入职日期",), width=12),
    _COLUMN("left_on", _("Left on"), kind="date", aliases=("离职日期",), width=12),
    _COLUMN("died_on", _("Died on"), kind="date", aliases=("去世日期",), width=12),
)


def template_columns(units):
    """The columns of the template, with drop-down lists; `units` are names."""
    lists = {
        "sex": tuple(Sex.choices),
        "standing": tuple(Standing.choices),
        "unit": tuple(units),
    }
    return [
        _COLUMN(
            column.key,
            column.heading,
            kind="choice",
            required=column.required,
            choices=lists[column.key],
            width=column.width,
        )
        if lists.get(column.key)
        else column
        for column in COLUMNS
        if column.key != "born_on"  # follows from the ID number
    ]


# Reading and judging


@dataclass
class Reading:
    """A roster as read: rows as (row number, {column of Person: value}), problems, forecast."""

    sha256: str
    rows: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    count: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0


def read(*, file, company, on):
    """Read a roster and judge every row; writes nothing. Two queries.

    xlsx.SheetError when the file as a whole cannot be used.
    """
    file.seek(0)
    reading = Reading(sha256=hashlib.sha256(file.read()).hexdigest())
    table = xlsx.read_table(file, COLUMNS, text_columns=TEXT_COLUMNS)
    judge = _Judge(company, on, table.headings)
    for number, cells in table:
        values = judge.row(number, cells, present=table.headings)
        reading.rows.append((number, values))
        known = judge.known.get(values.get("id_index"))
        if known is None:
            reading.added += 1
        elif _changes(known, values):
            reading.changed += 1
        else:
            reading.unchanged += 1
    if not reading.rows:
        raise xlsx.SheetError(_("This file holds no rows under the headings; fill it in first."))
    reading.problems = sorted([*table.problems, *judge.problems], key=lambda p: p.row)
    reading.count = len(reading.rows)
    return reading


class _Judge(Judge):
    """What is wrong with the cells of one row, alone, within the file and beside the roster."""

    def __init__(self, company, on, headings):
        super().__init__(COLUMNS, headings)
        self.on = on
        self.units = {}
        for pk, name, code in Unit.objects.filter(parent=company).values_list("pk", "name", "code"):
            self.units[plain(name)] = self.units[plain(code)] = pk
        roster = Person.objects.filter(company=company).values("pk", "id_index", *COMPARED)
        self.known = {person["id_index"]: person for person in roster}
        self.staff = {person["staff_no"]: person["id_index"] for person in roster}
        self.seen_ids, self.seen_staff = {}, {}

    def row(self, number, cells, *, present):
        """The columns of Person that this row sets; problems are collected on the way."""
        values = self._identity(number, cells)
        self._place(number, cells, values)
        self._payee(number, cells, values)
        self._dates(number, cells, values, present)
        if cells["monthly_income_fen"] is not None:
            values["monthly_income_fen"] = cells["monthly_income_fen"]
            if cells["monthly_income_fen"] < 0:
                self.say(number, "monthly_income_fen", _("An income is not below zero."))
        self._alone(number, values)
        return values

    def _identity(self, number, cells):
        values = {}
        if name := self.text(number, cells, "name", 60):
            values |= {"name": name, "name_pinyin": pinyin(name)}
        if staff_no := self.text(number, cells, "staff_no", 20):
            values["staff_no"] = staff_no
        if not cells["id_number"]:
            return values
        try:
            id_number = idcard.check_id_number(cells["id_number"])
        except ValueError as error:
            self.say(number, "id_number", error.args[0])
            return values
        sex = Sex.MALE if idcard.sex_of(id_number) == idcard.MALE else Sex.FEMALE
        born_on = idcard.birth_of(id_number)
        values |= {"id_number": id_number, "id_index": blind_index(id_number, "id_number")}
        values |= {"sex": sex, "born_on": born_on}
        if born_on > self.on:
            self.say(number, "id_number", _("The date of birth in this number lies ahead."))
        if cells["sex"]:
            given = SEXES.get(plain(cells["sex"])) or choice_of(Sex, cells["sex"])
            if given is None:
                self.say(number, "sex", _("Enter male or female."))
            elif given != sex:
                self.say(number, "sex", _("The sex does not match the ID number; correct one."))
        if cells["born_on"] and cells["born_on"] != born_on:
            self.say(
                number, "born_on", _("The date of birth does not match the ID number; correct one.")
            )
        return values

    def _place(self, number, cells, values):
        if cells["unit"]:
            if unit_id := self.units.get(plain(cells["unit"])):
                values["unit_id"] = unit_id
            else:
                self.say(
                    number,
                    "unit",
                    _("No grassroots union of this company has this name; check it or add it."),
                )
        if cells["standing"]:
            standing = STANDINGS.get(plain(cells["standing"]))
            if standing := standing or choice_of(Standing, cells["standing"]):
                values["standing"] = standing
            else:
                self.say(
                    number,
                    "standing",
                    _("Enter employee in service, retiree or person with paid-off contract."),
                )

    def _payee(self, number, cells, values):
        """Phone and payee account; the account is taken whole or not at all."""
        if phone := self.text(number, cells, "phone", 30):
            if re.fullmatch(r"\+?[0-9][0-9 \-]{5,20}", phone):
                values |= {"phone": phone, "phone_index": blind_index(phone, "phone")}
            else:
                self.say(number, "phone", _("A phone number has 6 to 20 digits."))
        bank = self.text(number, cells, "bank", 60)
        branch = self.text(number, cells, "branch", 100)
        account_name = self.text(number, cells, "account_name", 60)
        if not cells["account"]:
            if cells["account"] == "" and (bank or branch or account_name):
                self.say(
                    number,
                    "account",
                    _("A bank without an account number; fill in both or leave both empty."),
                )
            return
        try:
            account = idcard.check_account(cells["account"])
        except ValueError as error:
            self.say(number, "account", error.args[0])
            return
        if not bank:
            self.say(number, "bank", _("An account number needs its bank; fill it in."))
        values |= {"bank": bank, "branch": branch}
        values["account_name"] = account_name or values.get("name", "")
        values |= {"account": account, "account_index": blind_index(account, "account")}

    def _dates(self, number, cells, values, present):
        values |= {key: cells[key] for key in DATES if key in present}
        joined_on, left_on, died_on = (cells[key] for key in DATES)
        born_on = values.get("born_on")
        for key in DATES:
            if cells[key] and cells[key] > self.on:
                self.say(number, key, _("This date lies ahead; check the year."))
            elif cells[key] and born_on and cells[key] < born_on:
                self.say(number, key, _("This date is before the date of birth."))
        if joined_on and left_on and left_on < joined_on:
            self.say(number, "left_on", _("Nobody leaves before they joined; correct one date."))
        if joined_on and died_on and died_on < joined_on:
            self.say(number, "died_on", _("This date is before the one of joining; correct one."))

    def _alone(self, number, values):
        """The ID number and the staff number each belong to one person."""
        id_index, staff_no = values.get("id_index"), values.get("staff_no")
        if id_index:
            if first := self.seen_ids.get(id_index):
                self.twice(number, "id_number", first)
            self.seen_ids.setdefault(id_index, number)
        if staff_no:
            if first := self.seen_staff.get(staff_no):
                self.twice(number, "staff_no", first)
            self.seen_staff.setdefault(staff_no, number)
        if not (id_index and staff_no):
            return
        known = self.known.get(id_index)
        if known and staff_no != known["staff_no"] and values.get("name") != known["name"]:
            self.say(
                number, "id_number", _("This ID number belongs to another person on the roster.")
            )
        elif self.staff.get(staff_no, id_index) != id_index:
            self.say(
                number, "staff_no", _("This staff number belongs to another person on the roster.")
            )


def _changes(known, values):
    """{column: new value} of what differs; `known` are the values on the roster."""
    return {key: values[key] for key in COMPARED if key in values and values[key] != known[key]}


# Taking over


def _judged(roster, reading):
    keep_problems(roster, reading.problems)
    roster.status = RosterImportStatus.REFUSED if reading.problems else RosterImportStatus.CHECKED


@transaction.atomic
def receive(*, reading, file, company, by, at):
    """Keep an uploaded roster with what the dry run found. No person is changed."""
    actor = by.actor(_day(at))
    workflow.check(workflow.why_not_import(actor, company.path))
    roster = RosterImport(
        company=company,
        file_name=clean_name(file.name),
        sha256=reading.sha256,
        rows=reading.count,
        added=reading.added,
        changed=reading.changed,
        unchanged=reading.unchanged,
        uploaded_at=at,
        uploaded_by=by,
    )
    _judged(roster, reading)
    if not reading.problems:
        keep_file(roster, file)
    roster.save()
    return roster


@transaction.atomic
def confirm(*, roster, by, at):
    """Let a checked roster run; one that was interrupted may be sent on its way again."""
    roster = RosterImport.objects.lock(roster.pk)
    workflow.check(workflow.why_not_import(by.actor(_day(at)), roster.company.path))
    set_running(roster, by=by, at=at)
    return roster


def rows_of(*, roster, at):
    """The rows of a running roster, judged again: units or persons may have changed since.

    Refuses the roster, and returns no rows, when that brought up a problem.
    """
    with roster.file.open("rb") as file:
        reading = read(file=file, company=roster.company, on=_day(at))
    if reading.problems:
        _refuse(roster, reading)
        return []
    return [values for _number, values in reading.rows]


@transaction.atomic
def _refuse(roster, reading):
    roster = RosterImport.objects.lock(roster.pk)
    _judged(roster, reading)
    throw_away(roster)
    roster.save()


@transaction.atomic
def take(*, roster, rows, at):
    """Take over the next batch; returns whether there is more to do.

    `done` moves in the same transaction as the persons, under the lock, so that a run that
    was cut off goes on exactly there, and two runs at once do not take a batch twice.
    """
    roster = RosterImport.objects.lock(roster.pk)
    if roster.status != RosterImportStatus.RUNNING:
        return False
    batch = rows[roster.done : roster.done + BATCH]
    added, changed = _write(batch, roster, at)
    roster.added += added
    roster.changed += changed
    roster.unchanged += len(batch) - added - changed
    roster.done += len(batch)
    if roster.done == roster.rows:
        roster.status, roster.finished_at = RosterImportStatus.DONE, at
        throw_away(roster)
    roster.save()
    return roster.status == RosterImportStatus.RUNNING


def _write(batch, roster, at):
    """Add and change the persons of one batch; (added, changed). A fixed number of queries."""
    wanted = [values["id_index"] for values in batch]
    found = Person.objects.filter(company=roster.company, id_index__in=wanted)
    found = found.defer("id_number", "phone", "account").select_for_update()
    persons = {person.id_index: person for person in found}
    new, changed, encrypted = [], [], {"phone": [], "account": []}
    for values in batch:
        person = persons.get(values["id_index"])
        if person is None:
            new.append(Person(company_id=roster.company_id, **values))
            continue
        changes = _changes({key: getattr(person, key) for key in COMPARED}, values)
        if not changes:
            continue
        for name, index in ENCRYPTED.items():
            if index in changes:
                setattr(person, name, values[name])
                encrypted[name].append(person)
        if any(name in changes for name in PAYEE):
            person.account_changed_at, person.account_changed_by = at, roster.confirmed_by
        for key, value in changes.items():
            setattr(person, key, value)
        changed.append(person)
    Person.objects.bulk_create(new)
    columns = [key.removesuffix("_id") if key == "unit_id" else key for key in COMPARED]
    Person.objects.bulk_update(changed, [*columns, "account_changed_at", "account_changed_by"])
    for name, some in encrypted.items():
        Person.objects.bulk_update(some, [name])
    return len(new), len(changed)


def _day(at):
    return timezone.localtime(at).date()
