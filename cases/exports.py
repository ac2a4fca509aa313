"""Households as workbooks made in the background: the masked register, and the national form.

A finished file is encrypted and taken away after some days. Full numbers need a purpose; the heads
of the households find it among the looks at their data, and each download is written down.
"""

import base64
import io
import secrets
from datetime import timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from base import crypto, masking, xlsx
from base.workdays import day_of
from base.xlsx import Column
from cases import facts, national, scoring
from cases.codes import Category, Cause, Level
from cases.models import Dossier, Export, Policy
from cases.models.export import ExportKind, ExportStatus
from people.actions import disclose
from people.models import Disclosure, DisclosureSubject, Standing
from people.roles import NotAllowed, Role

EXPORTERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER)
CHUNK = 500
KEPT_DAYS = 7
FULL = ("id_number", "phone", "account")
_CONTEXT = "cases_export.file"

REGISTER_COLUMNS = (
    Column("number", _("Dossier number"), width=18),
    Column("head", _("Head of household")),
    Column("unit", _("Grassroots union"), width=28),
    Column("standing", _("Standing"), kind="choice", choices=tuple(Standing.choices)),
    Column("status", _("Status"), kind="choice", choices=tuple(Dossier.Status.choices)),
    Column("category", _("Class"), kind="choice", choices=tuple(Category.choices)),
    Column("level", _("Company level"), kind="choice", choices=tuple(Level.choices)),
    Column("cause", _("Main cause"), kind="choice", choices=tuple(Cause.choices)),
    Column("persons", _("Persons"), kind="int", width=8),
    Column("net", _("Net monthly income a head (yuan)"), kind="money"),
    Column("helped_on", _("Latest help"), kind="date"),
    Column("helped", _("Amount of the latest help (yuan)"), kind="money"),
    Column("review", _("Next re-check"), kind="date"),
)


def register_cells(dossier):
    """One household in the masked register; `dossier` comes from `for_list`."""
    return (
        dossier.number,
        masking.mask_name(dossier.head.name),
        dossier.unit.name,
        dossier.head.standing,
        dossier.status,
        dossier.category,
        dossier.level,
        dossier.main_cause,
        dossier.persons,
        dossier.net_income_fen,
        day_of(dossier.helped_at) if dossier.helped_at else None,
        dossier.helped_fen,
        dossier.review_due_on,
    )


def why_not_export(actor, place):
    """Why the actor may not export the households of a unit or company; "" when they may."""
    if any(actor.has(role, place.path) for role in EXPORTERS):
        return ""
    return _("Only the union officers of this unit and of the company export its households.")


@transaction.atomic
def ask(*, kind, place, filters, purpose, by, at, language):
    """Ask for a workbook of the households of a company or a grassroots union.

    While the same one is being prepared for the same person, that one is the answer.
    """
    if reason := why_not_export(by.actor(day_of(at)), place):
        raise NotAllowed(reason)
    unit = None if place.pk == place.company_id else place
    columns = {
        "kind": kind, "company_id": place.company_id, "unit": unit, "filters": filters,
        "purpose": purpose, "asked_by": by, "language": language,
    }  # fmt: skip
    running = Export.objects.filter(status=ExportStatus.RUNNING, **columns).first()
    if running:
        return running
    export = Export(asked_at=at, **columns)
    export.rows = _households(export).count()
    export.save()
    return export


def _households(export):
    rows = Dossier.objects.filter(company=export.company_id)
    if export.unit_id:
        rows = rows.filter(unit=export.unit_id)
    return rows.narrowed(**export.filters)


def prepare(*, export, at):
    """Make the workbook of an export. May be begun again when it was broken off."""
    if export.status != ExportStatus.RUNNING:
        return
    heads = []
    target = io.BytesIO()
    language = "zh-hans" if export.kind == ExportKind.NATIONAL else export.language
    with override(language):
        title = str(ExportKind(export.kind).label)
        xlsx.write_tables(target, title, _sheets(export, day_of(at), heads))
    text = crypto.encrypt(base64.b64encode(target.getvalue()).decode(), _CONTEXT)
    _finish(export, text, heads, at)


@transaction.atomic
def _finish(export, text, heads, at):
    export = Export.objects.select_related("company", "asked_by").lock(export.pk)
    if export.status != ExportStatus.RUNNING:
        return
    if export.kind == ExportKind.NATIONAL:
        # As many rows as heads: each of them finds it among the looks at their data.
        Disclosure.objects.bulk_create(
            Disclosure(
                company_id=export.company_id, by=export.asked_by, at=at,
                subject=DisclosureSubject.PERSON, subject_pk=head, fields=",".join(FULL),
                purpose=export.purpose,
            )
            for head in heads
        )  # fmt: skip
    export.file.save(f"{secrets.token_hex(16)}.bin", ContentFile(text.encode()), save=False)
    export.status, export.finished_at = ExportStatus.DONE, at
    export.rows = export.done = len(heads)
    export.save()


def _sheets(export, on, heads):
    """The sheets of the workbook, read from the database as they are written."""
    if export.kind == ExportKind.REGISTER:
        rows = (
            register_cells(d) for d in _in_chunks(export, _households(export).for_list(), heads)
        )
        return [(str(_("Register of households")), REGISTER_COLUMNS, rows)]
    households = _households(export).select_related("head", "unit")
    households = households.prefetch_related("members", "expenses", "assets")
    members = _households(export).select_related("head").prefetch_related("members")
    return [
        ("户", national.HOUSEHOLDS, _national(export, households, on, heads)),
        ("成员", national.MEMBERS, _national_members(export, members, on)),
    ]


def _in_chunks(export, rows, heads=None):
    """All rows in order of their pk, some at a time, telling how far it is."""
    last, done = 0, 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk
        if heads is not None:
            heads += [dossier.head_id for dossier in chunk]
            done += len(chunk)
            running = Export.objects.filter(pk=export.pk, status=ExportStatus.RUNNING)
            running.update(done=min(done, export.rows))


def _national(export, rows, on, heads):
    line = facts.line_fen(export.company_id, on)
    policy = Policy.objects.in_force(export.company_id, on)
    for dossier in _in_chunks(export, rows, heads):
        members = _here(dossier)
        totals = None
        if line and policy and members:
            known = facts.household(dossier, line)
            totals = scoring.totals(policy.rules, known, on.isoformat())
        yield national.household(dossier, members, totals, on)


def _national_members(export, rows, on):
    for dossier in _in_chunks(export, rows):
        for member in _here(dossier):
            yield national.member(member, dossier.number, dossier.head.name, on)


def _here(dossier):
    members = [member for member in dossier.members.all() if member.left_on is None]
    return sorted(members, key=lambda member: member.pk)


@transaction.atomic
def fetch(*, export, by, at):
    """The bytes of a finished workbook, for whoever asked for it; full numbers leave a trace."""
    export = Export.objects.select_related("company", "unit").lock(export.pk)
    if reason := why_not_fetch(export, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if export.kind == ExportKind.NATIONAL:
        disclose(
            by=by, at=at, company=export.company, subject=DisclosureSubject.EXPORT,
            subject_pk=export.pk, fields=FULL, purpose=export.purpose,
        )  # fmt: skip
    with export.file.open("rb") as file:
        return base64.b64decode(crypto.decrypt(file.read().decode(), _CONTEXT))


def why_not_fetch(export, actor):
    """Why the actor may not download the export; "" when they may."""
    if actor.user_id != export.asked_by_id:
        return _("Only whoever asked for this file downloads it; ask for one of your own.")
    if reason := why_not_export(actor, export.unit or export.company):
        return reason
    if export.status == ExportStatus.RUNNING:
        return _("This file is still being prepared.")
    if export.status == ExportStatus.GONE:
        return _("This file has been taken away; ask for a new one.")
    return ""


@transaction.atomic
def take_away(*, at):
    """Delete the files that have been ready for some days; returns how many."""
    ended = Export.objects.ended(at - timedelta(days=KEPT_DAYS)).select_for_update()
    exports = list(ended.order_by("pk"))
    for export in exports:
        transaction.on_commit(partial(export.file.storage.delete, export.file.name))
        export.status, export.file = ExportStatus.GONE, ""
    Export.objects.bulk_update(exports, ["status", "file"])
    return len(exports)
