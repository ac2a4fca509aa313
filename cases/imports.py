"""A register of households from Excel: checked first, then taken over household by household.

Households with mistakes are left out and named, all others are taken over; a household that is on
file already is never written over. The same file twice adds nothing.
"""

import io
import secrets
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from base import xlsx
from base.crypto import blind_index
from base.uploads import clean_name
from base.words import say
from base.workdays import day_of
from cases import facts, reading, register
from cases.actions.events import happened
from cases.actions.household import revise
from cases.life import Act
from cases.models import (
    Asset,
    Counter,
    Dossier,
    Expense,
    Member,
    Policy,
    RegisterImport,
    RegisterLine,
)
from cases.models.register import RegisterImportStatus
from cases.reading import BAD, CHANGED, NEW, SAME
from cases.register import GATES, TRUTH
from people.importing import keep_file, keep_problems, plain, set_running, throw_away
from people.roles import NotAllowed, Role

BATCH = 200
REPORT_COLUMNS = (
    xlsx.Column("sheet", _("Sheet")),
    xlsx.Column("row", _("Row"), kind="int", width=8),
    xlsx.Column("column", _("Column"), width=24),
    xlsx.Column("words", _("What is wrong"), width=80),
)
_OF_DOSSIER = (
    "category", "level", "main_cause", "opened_on", "review_due_on", "address", "postcode",
    "hukou_place", "other_contact", "housing", "floor_area", "homes", "vehicles", "property_note",
    "union_card", "allowance_fen", "allowance_number", "help_received", "honours", "industry",
    "began_work_on", "key_group", "measure", "relieved_on", "story",
)  # fmt: skip
_TRUTHS = ("single_parent", "union_member", "on_allowance", "self_help")
_OF_MEMBER = (
    "relation", "name", "id_number", "born_on", "sex", "monthly_income_fen", "occupation",
    "disability_kind", "disability_grade", "ethnicity", "political", "marital", "education",
    "hukou", "insurance", "model_worker", "phone", "workplace", "school_level", "work_state",
    "post", "employer_kind", "employer_state", "contract_on", "contract_term", "school_since",
    "school_years", "note",
)  # fmt: skip

_FIRST_SHEET = register.NAMES[register.HOUSEHOLDS][0]


def why_not_import(actor, company, on):
    """Why no register may be imported for this company on a day; "" when it may. Two queries."""
    if not actor.has(Role.COMPANY_OFFICER, company.path):
        return _("Only a company union officer of this company imports a register of households.")
    if Policy.objects.in_force(company.pk, on) is None:
        return _("No policy is in force on this day.")
    if facts.line_fen(company.pk, on) is None:
        return _("Enter the subsistence line of this day first.")
    return ""


def _check(by, company, at):
    """Whoever acts, as an actor; raises NotAllowed when they may not import."""
    actor = by.actor(day_of(at))
    if reason := why_not_import(actor, company, day_of(at)):
        raise NotAllowed(reason)
    return actor


# The check


@transaction.atomic
def receive(*, file, rows, company, by, at):
    """Keep an uploaded register of so many rows, to be checked. No household is changed."""
    _check(by, company, at)
    kept = RegisterImport(
        company=company, file_name=clean_name(file.name), sha256=reading.sha256_of(file),
        status=RegisterImportStatus.CHECKING, rows=rows, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    keep_file(kept, file)
    kept.save()
    return kept


def check(*, kept, at, language):
    """Judge a register that was received, and write down what was found.

    `language` is that of the report. May be begun again when it was broken off.
    """
    if kept.status != RegisterImportStatus.CHECKING:
        return kept
    found = _read(kept, kept.uploaded_by, at)
    with transaction.atomic():
        kept = RegisterImport.objects.lock(kept.pk)
        if kept.status == RegisterImportStatus.CHECKING:
            _judged(kept, found, language)
            kept.save()
    return kept


def _read(kept, by, at):
    """The register as it reads now, for whoever is to import it; also when it cannot be read."""
    watched = RegisterImport.objects.filter(pk=kept.pk, status=RegisterImportStatus.CHECKING)

    def progress(done, rows):
        watched.update(done=min(done, rows), rows=rows)

    on = day_of(at)
    try:
        with kept.file.open("rb") as file:
            return reading.read(
                file=file, company=kept.company, on=on, kin=by.actor(on).kin, progress=progress
            )
    except xlsx.SheetError as error:
        found = reading.Reading(sha256=kept.sha256)
        found.problems = [xlsx.CellProblem(0, "", error.args[0], kept.file_name)]
        return found


def _judged(kept, found, language):
    """What a check found, on the locked row of the import."""
    kept.rows, kept.done = len(found.households), 0
    kept.added, kept.changed = found.count(NEW), found.count(CHANGED)
    kept.unchanged = found.count(SAME)
    kept.persons, kept.expenses = found.persons, found.expenses
    _name_problems(kept, found, language)
    kept.status = RegisterImportStatus.CHECKED
    if not kept.added:
        kept.status = RegisterImportStatus.REFUSED
        throw_away(kept)


def _name_problems(kept, found, language):
    """The first problems on the row, and all of them in a workbook in one language."""
    keep_problems(kept, found.problems)
    if kept.report:
        transaction.on_commit(partial(kept.report.storage.delete, kept.report.name))
        kept.report = ""
    if not found.problems:
        return
    target = io.BytesIO()
    with override(language):
        rows = ((p.sheet, p.row, p.column, str(p.message)) for p in found.problems)
        xlsx.write_table(target, str(_("Mistakes")), REPORT_COLUMNS, rows)
    name = f"{secrets.token_hex(16)}.xlsx"
    kept.report.save(name, ContentFile(target.getvalue()), save=False)


# Taking over


@transaction.atomic
def confirm(*, kept, by, at):
    """Let a checked register run; one that was broken off may be sent on its way again."""
    kept = RegisterImport.objects.lock(kept.pk)
    _check(by, kept.company, at)
    set_running(kept, by=by, at=at)
    return kept


def read_again(*, kept, at):
    """A running register judged again: persons and households may have changed since."""
    return _read(kept, kept.confirmed_by, at)


@transaction.atomic
def take(*, kept, found, at, language=settings.LANGUAGE_CODE):
    """Take over the next batch; returns whether there is more to do.

    `done` moves in the same transaction as the households, under the lock: a run that was broken
    off goes on exactly there, and two runs at once do not take a batch twice. A fixed number of
    queries a batch.
    """
    kept = RegisterImport.objects.select_related("company", "confirmed_by").lock(kept.pk)
    if kept.status != RegisterImportStatus.RUNNING:
        return False
    if kept.done == 0:
        for year, last in reading.shared_numbers(found).items():
            Counter.objects.pass_dossier_number(kept.company_id, year, last)
    batch = found.households[kept.done : kept.done + BATCH]
    _write(kept, found, [household for household in batch if household.state == NEW], at)
    kept.added += sum(household.state == NEW for household in batch)
    kept.changed += sum(household.state == CHANGED for household in batch)
    kept.unchanged += sum(household.state == SAME for household in batch)
    kept.done += len(batch)
    if kept.done == kept.rows or not batch:
        kept.rows = kept.done
        kept.status, kept.finished_at = RegisterImportStatus.DONE, at
        _name_problems(kept, found, language)
        throw_away(kept)
    kept.save()
    return kept.status == RegisterImportStatus.RUNNING


def _write(kept, found, households, at):
    """Put these households on file, those apart with whom something happened since the check."""
    households = _still_new(kept, found, households)
    by, on = kept.confirmed_by, day_of(at)
    unnumbered = [h for h in households if not h.row.read()["number"]]
    numbers = iter(
        Counter.objects.dossier_numbers(kept.company_id, on.year, len(unnumbered))
        if unnumbered
        else ()
    )
    dossiers = Dossier.objects.bulk_create(
        _dossier(kept, household, numbers, by, at) for household in households
    )
    members, expenses, assets, lines = [], [], [], []
    for household, dossier in zip(households, dossiers, strict=True):
        members += _members(household, dossier)
        assets += _assets(household, dossier)
        lines.append(
            RegisterLine(
                register=kept, dossier=dossier, row=household.number, digest=household.digest
            )
        )
    Member.objects.bulk_create(members)
    of_household = {}
    for member in members:
        of_household.setdefault((member.dossier_id, plain(member.name)), member)
    for household, dossier in zip(households, dossiers, strict=True):
        expenses += _expenses(household, dossier, of_household)
    Expense.objects.bulk_create(expenses)
    Asset.objects.bulk_create(assets)
    happened(
        dossiers, Act.TAKE_OVER, by=by, at=at, actor=by.actor(on),
        words=f"{kept.file_name}\nSHA-256 {kept.sha256}",
    )  # fmt: skip
    revise(dossiers, by=by, at=at)
    RegisterLine.objects.bulk_create(lines)


def _still_new(kept, found, households):
    """Those of the households that nobody put on file meanwhile; the others are named. Three
    queries."""
    heads = {household.head for household in households}
    indexes = {index for household in households for index in household.indexes}
    numbers = {household.row.read()["number"] for household in households} - {""}
    company = Dossier.objects.filter(company=kept.company_id)
    filed = set(
        company.filter(head__in=heads)
        .exclude(status=Dossier.Status.CANCELLED)
        .values_list("head_id", flat=True)
    )
    taken = set(company.filter(number__in=numbers).values_list("number", flat=True))
    active = Member.objects.filter(company=kept.company_id, active=True, id_index__in=indexes)
    members = set(active.values_list("id_index", flat=True))
    words = _("Since the check this household, a member or its number came on file otherwise.")
    left = []
    for household in households:
        if (
            household.head in filed
            or members.intersection(household.indexes)
            or household.row.read()["number"] in taken
        ):
            household.state = BAD
            found.problems.append(
                xlsx.CellProblem(
                    household.number, "", say(words), str(register.NAMES[register.HOUSEHOLDS][0])
                )
            )
        else:
            left.append(household)
    return left


def _dossier(kept, household, numbers, by, at):
    cells = household.row.read()
    columns = {name: cells[name] for name in _OF_DOSSIER}
    columns |= {name: TRUTH[cells[name] or ""] for name in _TRUTHS}
    columns["number"] = cells["number"] or next(numbers)
    columns["side_causes"] = [c for c in (cells["side_causes"] or "").split("、") if c]
    columns["other_income_fen"] = cells["other_income_fen"] or 0
    for name in ("kind", "standard"):
        if cells[name]:
            columns[name] = cells[name]
    return Dossier(
        company_id=kept.company_id, unit_id=household.unit_id, head_id=household.head,
        status=Dossier.Status.ACTIVE, address_index=blind_index(cells["address"], "address"),
        entered_at=at, entered_by=by, changed_at=at, changed_by=by, **columns,
    )  # fmt: skip


def _members(household, dossier):
    for row, index in zip(household.members, household.indexes, strict=True):
        cells = row.read()
        columns = {name: cells[name] for name in _OF_MEMBER}
        if cells["health"]:
            columns["health"] = cells["health"]
        yield Member(
            dossier=dossier, company_id=dossier.company_id, active=True, id_index=index,
            ill_this_year=TRUTH[cells["ill_this_year"] or ""] is True,
            phone_index=blind_index(cells["phone"], "phone"), **columns,
        )  # fmt: skip


def _expenses(household, dossier, members):
    for row in household.expenses:
        cells = row.read()
        yield Expense(
            dossier=dossier, member=members.get((dossier.pk, plain(cells["member"] or ""))),
            kind=cells["kind"], spent_on=cells["spent_on"], gross_fen=cells["gross_fen"],
            reimbursed_fen=cells["reimbursed_fen"] or 0, vouchers=cells["vouchers"] or 0,
            note=cells["note"] or "",
        )  # fmt: skip


def _assets(household, dossier):
    cells = household.row.read()
    for key, gate in GATES.items():
        if cells[key]:
            yield Asset(dossier=dossier, gate=gate, present=TRUTH[cells[key]])
