"""Changes to a household's file: who belongs to it, what it earns, spends and owns."""

from django.db import transaction
from django.utils.translation import gettext as _

from base import canonical
from base.crypto import blind_index, new_salt, salted_digest
from base.workdays import day_of
from cases import evidence, facts
from cases.actions.events import happened, touched
from cases.actions.life import come_back, why_not_start
from cases.life import Act
from cases.models import (
    Asset,
    Basis,
    Counter,
    Document,
    Dossier,
    Expense,
    Member,
    Revision,
    RevisionBody,
    Supporter,
)
from cases.workflow import Status
from people.models import Relation
from people.roles import NotAllowed, Role

LOCKED = (
    Status.SUBMITTED, Status.REVIEWED, Status.VERIFIED, Status.TABLED,
)  # fmt: skip
CLOSED = (Dossier.Status.EXITED, Dossier.Status.CANCELLED)
_OFFICERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR)


def why_not_edit(dossier, actor):
    """Why the actor may not change the declared facts now; "" when they may. One query."""
    if dossier.status in CLOSED:
        return _("This dossier is closed.")
    path = dossier.unit.path
    own = actor.person_id == dossier.head_id or actor.user_id == dossier.entered_by_id
    if not (
        own
        and dossier.status == Dossier.Status.PENDING
        or any(actor.has(role, path) for role in _OFFICERS)
        or actor.has(Role.COMPANY_OFFICER, path)
    ):
        return _("Only the household itself while it applies, and its union officers, may do this.")
    if dossier.cases.filter(status__in=LOCKED).exists():
        return _("The facts are locked while a case that rests on them is being decided.")
    return ""


def why_not_mark(dossier, actor):
    """Why the actor may not mark how the facts are known; "" when they may. One query."""
    if not actor.has(Role.COMPANY_OFFICER, dossier.unit.path):
        return _("Only the company union officer marks how a fact is known.")
    if dossier.status in CLOSED:
        return _("This dossier is closed.")
    late = (Status.VERIFIED, Status.TABLED)
    if dossier.cases.filter(status__in=late).exists():
        return _("The facts are locked while a case that rests on them is being decided.")
    return ""


def why_not_classify(dossier, actor):
    """Why the actor may not fill in the union's own part of the form; "" when they may."""
    path = dossier.unit.path
    if any(actor.has(role, path) for role in (*_OFFICERS, Role.COMPANY_OFFICER)):
        return ""
    return _("Only an officer of the union fills in the kind of file and the campaign.")


def _edit(dossier, by, at):
    """The dossier locked for a change of declared facts; raises NotAllowed."""
    dossier = Dossier.objects.lock(dossier.pk)
    if reason := why_not_edit(dossier, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return dossier


def _touch(dossier, by, at, *columns):
    """Save these columns of a locked dossier and count one change of facts."""
    dossier.edit += 1
    dossier.changed_at, dossier.changed_by = at, by
    dossier.save(update_fields=[*columns, "edit", "changed_at", "changed_by"])
    touched(dossier, by=by, at=at)


@transaction.atomic
def start_dossier(*, head, by, at):
    """A new file for the household of `head`, with the employee as its first member; a household
    that exited comes back to its old file.

    Raises NotAllowed when the household has one already or is barred, or when `by` is neither the
    employee nor an officer or information officer of the unit.
    """
    actor = by.actor(day_of(at))
    roles = (Role.INFORMANT, *_OFFICERS, Role.COMPANY_OFFICER)
    if actor.person_id != head.pk and not any(actor.has(r, head.unit.path) for r in roles):
        raise NotAllowed(_("Only the employee or an officer of their unit may apply for them."))
    if Dossier.objects.filter(head=head, status__in=["PENDING", "ACTIVE"]).exists():
        raise NotAllowed(_("This household has a file already."))
    if reason := why_not_start(head, day_of(at)):
        raise NotAllowed(reason)
    if back := come_back(head, by=by, at=at, actor=actor):
        return back
    (number,) = Counter.objects.dossier_numbers(head.company_id, day_of(at).year)
    dossier = Dossier.objects.create(
        company_id=head.company_id, unit_id=head.unit_id, number=number, head=head,
        entered_at=at, entered_by=by, changed_at=at, changed_by=by,
    )  # fmt: skip
    Member.objects.create(
        dossier=dossier, company_id=head.company_id, relation=Relation.SELF, name=head.name,
        sex=head.sex, born_on=head.born_on, id_number=head.id_number, id_index=head.id_index,
        occupation="RETIRED" if head.standing == "RETIRED" else "WORKING",
        monthly_income_fen=head.monthly_income_fen,
    )  # fmt: skip
    happened([dossier], Act.ENTER, by=by, at=at, actor=actor)
    return dossier


DESCRIBED = (
    "main_cause", "side_causes", "other_income_fen", "kind", "standard", "address", "postcode",
    "hukou_place", "other_contact", "housing", "floor_area", "homes", "vehicles", "property_note",
    "single_parent", "union_member", "union_card", "on_allowance", "allowance_fen",
    "allowance_number", "self_help", "help_received", "honours", "industry", "began_work_on",
    "key_group", "measure", "relieved_on", "story",
)  # fmt: skip
OFFICIAL = {"kind", "standard", "key_group", "measure", "relieved_on"}  # no words of the household


@transaction.atomic
def describe(*, dossier, by, at, **columns):
    """Change the header of the file; any of the columns of `DESCRIBED`."""
    dossier = _edit(dossier, by, at)
    if unknown := set(columns) - set(DESCRIBED):
        raise TypeError(f"not columns of the header: {unknown}")
    if OFFICIAL.intersection(columns):
        if reason := why_not_classify(dossier, by.actor(day_of(at))):
            raise NotAllowed(reason)
    if "address" in columns:
        columns["address_index"] = blind_index(columns["address"], "address")
    _touch(dossier, by, at, *_declare(dossier, columns, "d.other_income"))
    return dossier


@transaction.atomic
def fill_in(*, dossier, by, at, header, personal):
    """Save one page of the form: columns of the dossier, and of the employee as a member."""
    if header:
        describe(dossier=dossier, by=by, at=at, **header)
    if personal:
        own = dossier.members.get(relation=Relation.SELF)
        save_member(
            dossier=dossier, by=by, at=at, member=own, id_number=own.id_number, **personal
        )  # fmt: skip


def _declare(row, columns, *kinds):
    """Set declared columns of a row. A fact of these kinds whose declaration changes is only
    declared again: its mark is forgotten. Returns the names of all columns set."""
    columns = dict(columns)
    for kind in (evidence.KINDS[name] for name in kinds):
        if any(name in columns and columns[name] != getattr(row, name) for name in kind.declared):
            columns |= evidence.forgotten(kind)
    for name, value in columns.items():
        setattr(row, name, value)
    return columns


@transaction.atomic
def save_member(*, dossier, by, at, member=None, id_number, **columns):
    """Add a member to the household, or change one. A changed fact is declared again."""
    dossier = _edit(dossier, by, at)
    if member:
        member = Member.objects.get(pk=member.pk)  # as it stands under the lock
    else:
        member = Member(dossier=dossier, company_id=dossier.company_id)
    if "phone" in columns:
        columns["phone_index"] = blind_index(columns["phone"], "phone")
    _declare(member, columns, "m.income", "m.work", "m.health")
    member.id_number, member.id_index = id_number, blind_index(id_number, "id_number")
    member.active = dossier.status == Dossier.Status.ACTIVE
    _check_unique(member)
    member.save()
    _touch(dossier, by, at)
    return member


def _check_unique(member):
    """Said in words before the database refuses it, for two who save at once. Two queries."""
    same = Member.objects.filter(id_index=member.id_index).exclude(pk=member.pk)
    if same.filter(dossier=member.dossier).exists():
        raise NotAllowed(_("Somebody with this ID number is in this household already."))
    if member.active and same.filter(company=member.company_id, active=True).exists():
        raise NotAllowed(_("This ID number is on file in another household already."))


@transaction.atomic
def remove_member(*, member, by, at):
    """Somebody left the household. The row stays; they count no more from this day on."""
    dossier = _edit(member.dossier, by, at)
    if member.relation == Relation.SELF:
        raise NotAllowed(_("The employee is the head of the household and stays in it."))
    member.left_on, member.active = day_of(at), False
    member.save(update_fields=["left_on", "active"])
    _touch(dossier, by, at)


@transaction.atomic
def save_supporter(*, dossier, by, at, supporter=None, **columns):
    """Add somebody with a duty of support who lives apart, or change them."""
    dossier = _edit(dossier, by, at)
    supporter = supporter or Supporter(dossier=dossier)
    for name, value in columns.items():
        setattr(supporter, name, value)
    supporter.save()
    _touch(dossier, by, at)
    return supporter


@transaction.atomic
def remove_supporter(*, supporter, by, at):
    """Somebody supports the household no more. The row stays."""
    dossier = _edit(supporter.dossier, by, at)
    supporter.left_on = day_of(at)
    supporter.save(update_fields=["left_on"])
    _touch(dossier, by, at)


@transaction.atomic
def save_expense(*, dossier, by, at, expense=None, **columns):
    """Add an unavoidable expense, or change one. A changed fact is declared again."""
    dossier = _edit(dossier, by, at)
    expense = Expense.objects.get(pk=expense.pk) if expense else Expense(dossier=dossier)
    _declare(expense, columns, "e.net")
    expense.save()
    _touch(dossier, by, at)
    return expense


@transaction.atomic
def remove_expense(*, expense, by, at):
    """Take an expense off the declaration; the revisions keep what was declared before."""
    dossier = _edit(expense.dossier, by, at)
    expense.delete()
    _touch(dossier, by, at)


@transaction.atomic
def answer_gates(*, dossier, by, at, answers):
    """Answer the gate questions: {gate: (present, evidence)}. An answer that changes is only
    declared again, and loses its exception."""
    dossier = _edit(dossier, by, at)
    given = {asset.gate: asset for asset in dossier.assets.all()}
    for gate, (present, words) in answers.items():
        asset = given.get(gate) or Asset(dossier=dossier, gate=gate)
        if asset.present != present:
            asset.exception, asset.excepted_at, asset.excepted_by = "", None, None
        _declare(asset, {"present": present, "evidence": words}, "a.present")
        asset.save()
    _touch(dossier, by, at)


@transaction.atomic
def mark_facts(*, dossier, by, at, marks, exceptions=None):
    """Say how facts are known, by which document, and what was found; what was declared stays.

    `marks`: {key of a fact of `evidence.of_household`: `evidence.Mark`}, any of them;
    `exceptions`: {asset pk: reason} for gates that are present and excepted by a minuted reason,
    "" takes one back. Raises NotAllowed for a fact called documented without a document of this
    household.
    """
    dossier = Dossier.objects.lock(dossier.pk)
    actor = by.actor(day_of(at))
    if reason := why_not_mark(dossier, actor):
        raise NotAllowed(reason)
    if dossier.members.filter(left_on=None, id_index__in=actor.kin).exists():
        raise NotAllowed(
            _("You are a relative or a member of this household: somebody else must do this.")
        )
    facts_of = {fact.key: fact for fact in evidence.of_household(dossier)}
    for key, mark in marks.items():
        _check_document(dossier, mark)
        if (fact := facts_of.get(key)) is None:
            raise NotAllowed(_("The facts were changed while you were reading."))
        values = evidence.columns(fact.kind, mark)
        for name, value in values.items():
            setattr(fact.row, name, value)
        if isinstance(fact.row, Asset):
            _except(fact.row, exceptions or {}, by, at)
            values |= {"exception": "", "excepted_at": None, "excepted_by": None}
        fact.row.save(update_fields=list(values))
    _touch(dossier, by, at)


def _check_document(dossier, mark):
    if mark.basis == Basis.DOCUMENTED and mark.document is None:
        raise NotAllowed(_("Choose the document that proves a fact called documented."))
    if mark.document is not None and mark.document.dossier_id != dossier.pk:
        raise NotAllowed(_("This document belongs to another household."))


def _except(asset, exceptions, by, at):
    """Write or take back the minuted exception to a gate; it needs a yes that counts."""
    if asset.pk in exceptions or not asset.counted_present:
        words = exceptions.get(asset.pk, "") if asset.counted_present else ""
        asset.exception = words
        asset.excepted_at, asset.excepted_by = (at, by) if words else (None, None)


def revise(dossiers, *, by, at):
    """{dossier pk: its revision as of now}, writing one for each household changed since.

    Fixed number of queries for any number of households; call inside a transaction.
    """
    dossiers = list(
        Dossier.objects.filter(pk__in=[d.pk for d in dossiers])
        .select_related("head")
        .prefetch_related("members", "expenses", "assets")
    )
    found = {}
    latest = {}
    for revision in Revision.objects.filter(dossier__in=dossiers).order_by("number"):
        latest[revision.dossier_id] = revision
    lines = {
        company: facts.line_fen(company, day_of(at)) for company in {d.company_id for d in dossiers}
    }
    fresh = []
    for dossier in dossiers:
        last = latest.get(dossier.pk)
        if last and last.edit == dossier.edit:
            found[dossier.pk] = last
        else:
            fresh.append((dossier, last.number + 1 if last else 1))
    bodies = []
    revisions = []
    for dossier, number in fresh:
        line = lines[dossier.company_id]
        if line is None:
            raise NotAllowed(_("Enter the subsistence line of this day first."))
        content = canonical.dumps(facts.household(dossier, line))
        salt = new_salt()
        revisions.append(
            Revision(
                dossier=dossier,
                number=number,
                edit=dossier.edit,
                digest=salted_digest(salt, content),
                at=at,
                by=by,
            )
        )
        bodies.append((salt, content))
    made = Revision.objects.bulk_create(revisions)
    RevisionBody.objects.bulk_create(
        RevisionBody(revision=revision, salt=salt, content=content)
        for revision, (salt, content) in zip(made, bodies, strict=True)
    )
    return found | {revision.dossier_id: revision for revision in made}


@transaction.atomic
def attach(*, dossier, kind, upload, file, by, at, case=None):
    """Keep an uploaded proof; the same file twice in one household is kept once.

    `upload` is what `base.uploads.check_upload` found out about `file`.
    """
    actor = by.actor(day_of(at))
    entered = {dossier.entered_by_id, case.entered_by_id if case else None}
    own = actor.person_id == dossier.head_id or actor.user_id in entered
    roles = (*_OFFICERS, Role.COMPANY_OFFICER)
    if not own and not any(actor.has(role, dossier.unit.path) for role in roles):
        raise NotAllowed(_("Only the household itself and its union officers may attach proofs."))
    if known := Document.with_removed.filter(dossier=dossier, sha256=upload.sha256).first():
        return _put_back(known, kind, case)
    document = Document(
        dossier=dossier, case=case, kind=kind, media_type=upload.content_type,
        sha256=upload.sha256, size=upload.size_bytes, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    document.file.save(upload.stored_name, file, save=False)
    document.save()
    return document


def _put_back(document, kind, case):
    """A proof attached once more: as it stands, or back again when it had been taken off."""
    if document.removed_at is not None:
        document.kind, document.case = kind, case
        document.removed_at = document.removed_by = None
        document.save(update_fields=["kind", "case", "removed_at", "removed_by"])
    return document


def why_not_remove_document(document, user):
    """Why a user may not take a proof off; "" when they may. At most ten queries."""
    if document.uploaded_by_id != user.pk:
        return _("Only whoever attached a proof may take it off.")
    if document.visit_id:
        return _("This proof belongs to the record of a visit and stays with it.")
    filling = document.dossier.cases.filter(status__in=(Status.DRAFT, Status.RETURNED))
    if document.case_id:
        filling = filling.filter(pk=document.case_id)
    began = filling.order_by("entered_at").values_list("entered_at", flat=True).first()
    if began is None or document.uploaded_at < began:
        return _("A proof can be taken off only while its application is being filled in.")
    for kind in evidence.KINDS.values():
        if kind.model._base_manager.filter(**{kind.document: document}).exists():
            return _("A fact of the household rests on this proof; it stays.")
    return ""


@transaction.atomic
def remove_document(*, document, by, at):
    """Take a proof off an application that is still being filled in. Row and file stay, hidden."""
    if reason := why_not_remove_document(document, by):
        raise NotAllowed(reason)
    document.removed_at, document.removed_by = at, by
    document.save(update_fields=["removed_at", "removed_by"])
