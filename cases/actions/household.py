"""Changes to a household's file: who belongs to it, what it earns, spends and owns."""

from django.db import transaction
from django.utils.translation import gettext as _

from base import canonical
from base.crypto import blind_index, new_salt, salted_digest
from base.workdays import day_of
from cases import facts
from cases.models import (
    Asset,
    Basis,
    Counter,
    Document,
    Dossier,
    Expense,
    Member,
    Policy,
    Revision,
    RevisionBody,
)
from cases.workflow import Status
from people.models import Relation
from people.roles import NotAllowed, Role

LOCKED = (
    Status.SUBMITTED, Status.REVIEWED, Status.VERIFIED, Status.TABLED,
)  # fmt: skip
_OFFICERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR)


def why_not_edit(dossier, actor):
    """Why the actor may not change the declared facts now; "" when they may. One query."""
    if dossier.status in (Dossier.Status.EXITED, Dossier.Status.CANCELLED):
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
    late = (Status.VERIFIED, Status.TABLED)
    if dossier.cases.filter(status__in=late).exists():
        return _("The facts are locked while a case that rests on them is being decided.")
    return ""


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


@transaction.atomic
def start_dossier(*, head, by, at):
    """A new file for the household of `head`, with the employee as its first member.

    Raises NotAllowed when the household has one already, or when `by` is neither the employee
    nor an officer or information officer of the unit.
    """
    actor = by.actor(day_of(at))
    roles = (Role.INFORMANT, *_OFFICERS, Role.COMPANY_OFFICER)
    if actor.person_id != head.pk and not any(actor.has(r, head.unit.path) for r in roles):
        raise NotAllowed(_("Only the employee or an officer of their unit may apply for them."))
    if Dossier.objects.filter(head=head, status__in=["PENDING", "ACTIVE"]).exists():
        raise NotAllowed(_("This household has a file already."))
    year = day_of(at).year
    seq = Counter.objects.take(head.company_id, f"dossier {year}")
    dossier = Dossier.objects.create(
        company_id=head.company_id, unit_id=head.unit_id, number=f"{year}-档-{seq:04d}", head=head,
        entered_at=at, entered_by=by, changed_at=at, changed_by=by,
    )  # fmt: skip
    Member.objects.create(
        dossier=dossier, company_id=head.company_id, relation=Relation.SELF, name=head.name,
        sex=head.sex, born_on=head.born_on, id_number=head.id_number, id_index=head.id_index,
        occupation="RETIRED" if head.standing == "RETIRED" else "WORKING",
        monthly_income_fen=head.monthly_income_fen,
    )  # fmt: skip
    return dossier


@transaction.atomic
def describe(*, dossier, by, at, **columns):
    """Change the header of the file: causes, other income, address, own words."""
    dossier = _edit(dossier, by, at)
    allowed = {"main_cause", "side_causes", "other_income_fen", "address", "story"}
    if unknown := set(columns) - allowed:
        raise TypeError(f"not columns of the header: {unknown}")
    for name, value in columns.items():
        setattr(dossier, name, value)
    _touch(dossier, by, at, *columns)
    return dossier


@transaction.atomic
def save_member(*, dossier, by, at, member=None, id_number, **columns):
    """Add a member to the household, or change one. A changed fact is declared again."""
    dossier = _edit(dossier, by, at)
    member = member or Member(dossier=dossier, company_id=dossier.company_id)
    for name, value in columns.items():
        setattr(member, name, value)
    member.id_number, member.id_index = id_number, blind_index(id_number, "id_number")
    member.active = dossier.status == Dossier.Status.ACTIVE
    _check_unique(member)
    member.income_basis = member.health_basis = Basis.DECLARED
    member.verified_income_fen = None
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
def save_expense(*, dossier, by, at, expense=None, **columns):
    """Add an unavoidable expense, or change one. A changed fact is declared again."""
    dossier = _edit(dossier, by, at)
    expense = expense or Expense(dossier=dossier)
    for name, value in columns.items():
        setattr(expense, name, value)
    expense.basis, expense.verified_net_fen = Basis.DECLARED, None
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
    """Answer the gate questions: {gate: (present, evidence)}."""
    dossier = _edit(dossier, by, at)
    for gate, (present, evidence) in answers.items():
        Asset.objects.update_or_create(
            dossier=dossier,
            gate=gate,
            defaults={
                "present": present, "evidence": evidence, "basis": Basis.DECLARED,
                "exception": "", "excepted_at": None, "excepted_by": None,
            },
        )  # fmt: skip
    _touch(dossier, by, at)


@transaction.atomic
def mark_facts(*, dossier, by, at, members, expenses, assets, exceptions=None):
    """Say how each fact is known and what was verified; declared values stay as they are.

    `members`: {pk: (income_basis, health_basis, verified_income_fen or None)}; `expenses`:
    {pk: (basis, verified_net_fen or None)}; `assets`: {pk: basis}; `exceptions`: {asset pk:
    reason} for gates that are present and excepted by a minuted reason.
    """
    dossier = Dossier.objects.lock(dossier.pk)
    actor = by.actor(day_of(at))
    if reason := why_not_mark(dossier, actor):
        raise NotAllowed(reason)
    if dossier.members.filter(left_on=None, id_index__in=actor.kin).exists():
        raise NotAllowed(
            _("You are a relative or a member of this household: somebody else must do this.")
        )
    for member in dossier.members.filter(pk__in=members):
        member.income_basis, member.health_basis, member.verified_income_fen = members[member.pk]
        member.save(update_fields=["income_basis", "health_basis", "verified_income_fen"])
    for expense in dossier.expenses.filter(pk__in=expenses):
        expense.basis, expense.verified_net_fen = expenses[expense.pk]
        expense.save(update_fields=["basis", "verified_net_fen"])
    for asset in dossier.assets.filter(pk__in=assets):
        asset.basis = assets[asset.pk]
        words = (exceptions or {}).get(asset.pk, "") if asset.present else ""
        asset.exception = words
        asset.excepted_at, asset.excepted_by = (at, by) if words else (None, None)
        asset.save(update_fields=["basis", "exception", "excepted_at", "excepted_by"])
    _touch(dossier, by, at)


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


def why_not_recheck(dossier, actor):
    """Why the actor may not record the yearly re-check; "" when they may."""
    if not any(actor.has(role, dossier.unit.path) for role in (*_OFFICERS, Role.COMPANY_OFFICER)):
        return _("Only the union officers of this unit and of the company re-check.")
    if dossier.status != Dossier.Status.ACTIVE:
        return _("Only a household on file is re-checked.")
    return ""


@transaction.atomic
def recheck(dossiers, *, by, at):
    """The yearly re-check found the facts of these households still true: valid for another term.

    Raises NotAllowed when one of them is not on file or not of the officer's union.
    """
    on = day_of(at)
    actor = by.actor(on)
    locked = list(
        Dossier.objects.select_for_update(of=("self",))
        .filter(pk__in=[d.pk for d in dossiers])
        .select_related("unit")
        .order_by("pk")
    )
    for dossier in locked:
        if reason := why_not_recheck(dossier, actor):
            raise NotAllowed(reason)
    if locked:
        policy = Policy.objects.in_force(locked[0].company_id, on)
        due = months_later(on, policy.rules["dossier.valid_months"])
        Dossier.objects.filter(pk__in=[d.pk for d in locked]).update(
            review_due_on=due, changed_at=at, changed_by=by
        )


def months_later(day, months):
    """The same day some months on; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


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
    if known := Document.objects.filter(dossier=dossier, sha256=upload.sha256).first():
        return known
    document = Document(
        dossier=dossier, case=case, kind=kind, media_type=upload.content_type,
        sha256=upload.sha256, size=upload.size_bytes, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    document.file.save(upload.stored_name, file, save=False)
    document.save()
    return document
