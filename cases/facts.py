"""Facts read from the database for the rules: of a household, and of a set of cases at once."""

from collections import defaultdict

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from base import canonical
from base.sets import These
from cases import card, programmes
from cases.models import (
    Asset,
    Basis,
    Case,
    CaseDuty,
    Clearance,
    Document,
    Dossier,
    Expense,
    Member,
    NoticeLine,
    Policy,
    Step,
    SubsistenceLine,
    Visit,
)
from cases.workflow import HANDLING, SIGNED_PAPER, Facts, Programme, Status
from people.models import Relation

ALL = ("submit", "verify", "table", "hold", "release", "clear", "pay")


def household(dossier, line_fen):
    """The canonical facts of one household, declared and verified side by side.

    Uses the prefetched members, expenses and assets. It contains no name and no number of a
    person; members are told apart by their pk.
    """
    return {
        "line_fen": line_fen,
        "standing": dossier.head.standing,
        "main_cause": dossier.main_cause,
        "side_causes": sorted(dossier.side_causes),
        "declared_other_income_fen": dossier.other_income_fen,
        "verified_other_income_fen": dossier.verified_other_income_fen,
        "other_income_fen": dossier.counted_other_income_fen,
        "other_income_basis": dossier.other_income_basis,
        "members": [
            {
                "pk": m.pk,
                "relation": m.relation,
                "declared_occupation": m.occupation,
                "occupation": m.counted_occupation,
                "work_basis": m.work_basis,
                "school_level": m.school_level,
                "declared_health": m.health,
                "health": m.counted_health,
                "health_basis": m.health_basis,
                "declared_ill_this_year": m.ill_this_year,
                "ill_this_year": m.counted_ill_this_year,
                "declared_income_fen": m.monthly_income_fen,
                "verified_income_fen": m.verified_income_fen,
                "income_fen": m.income_fen,
                "income_basis": m.income_basis,
            }
            for m in sorted(dossier.members.all(), key=lambda m: m.pk)
            if m.left_on is None
        ],
        "expenses": [
            {
                "pk": e.pk,
                "kind": e.kind,
                "member": e.member_id,
                "spent_on": e.spent_on.isoformat(),
                "gross_fen": e.gross_fen,
                "reimbursed_fen": e.reimbursed_fen,
                "verified_net_fen": e.verified_net_fen,
                "net_fen": e.net_fen,
                "vouchers": e.vouchers,
                "basis": e.basis,
            }
            for e in sorted(dossier.expenses.all(), key=lambda e: e.pk)
        ],
        "gates": [
            {
                "gate": a.gate,
                "declared_present": a.present,
                "present": a.counted_present,
                "excepted": a.excepted_at is not None,
                "basis": a.basis,
            }
            for a in sorted(dossier.assets.all(), key=lambda a: a.gate)
        ],
    }


def line(company_id, on):
    """The subsistence line of a company on a day, or None before the first. One query."""
    lines = SubsistenceLine.objects.filter(company=company_id, since__lte=on)
    return lines.order_by("-since").first()


def line_fen(company_id, on):
    """The same in fen."""
    found = line(company_id, on)
    return found.monthly_fen if found else None


def read(cases, on, actions=ALL):
    """{case pk: Facts} for a set of cases, in a number of queries that does not grow with it.

    `lacking` is filled for the actions asked about only.
    """
    pks = These([case.pk for case in cases])
    units = dict(Case.objects.filter(pk__in=pks).values_list("pk", "unit__path"))
    duties = defaultdict(dict)
    for case_id, user_id, duty in CaseDuty.objects.filter(case__in=pks).values_list(
        "case_id", "user_id", "duty"
    ):
        duties[case_id][user_id] = duty
    acted = defaultdict(set)
    steps = Step.objects.filter(case__in=pks, by__isnull=False).exclude(action__in=HANDLING)
    for case_id, user_id in steps.values_list("case_id", "by_id"):
        acted[case_id].add(user_id)
    indexes = defaultdict(set)
    for dossier_id, index in Member.objects.filter(
        dossier__in=These({case.dossier_id for case in cases}), left_on=None
    ).values_list("dossier_id", "id_index"):
        indexes[dossier_id].add(index)
    papers = set()
    if "submit" in actions:
        forms = Document.objects.filter(case__in=pks, kind=Document.Kind.SIGNED_FORM)
        papers = set(forms.values_list("case_id", flat=True))
    lacking = defaultdict(dict)
    for action in actions:
        if action in LACKING:
            for case_id, sentences in LACKING[action](cases, on).items():
                lacking[case_id][action] = tuple(sentences)
    return {
        case.pk: Facts(
            pk=case.pk,
            status=case.status,
            programme=case.programme,
            unit_path=units[case.pk],
            applicant_id=case.applicant_id,
            on=on,
            duties=duties[case.pk],
            acted=frozenset(acted[case.pk]),
            household=frozenset(indexes[case.dossier_id]),
            paper="submit" not in actions or case.pk in papers,
            lacking=lacking[case.pk],
        )
        for case in cases
    }


def _for_submission(cases, on):
    """What the application still lacks, each as a sentence that says what to do."""
    pks = [case.pk for case in cases if case.status in (Status.DRAFT, Status.RETURNED)]
    rows = Case.objects.filter(pk__in=pks).select_related(
        "dossier", "applicant", "entered_by", "patient", "tuition__student", "medical"
    )
    return {case.pk: list(_application_lacks(case, on)) for case in rows}


def _application_lacks(case, on):
    dossier = case.dossier
    policy = Policy.objects.in_force(case.company_id, on)
    if policy is None:
        yield _("No policy is in force on this day.")
        return
    members = [m for m in dossier.members.all() if m.left_on is None]
    if not any(m.relation == Relation.SELF for m in members):
        yield _("Enter the employee as the first member of the household.")
    if not dossier.main_cause:
        yield _("Choose the main cause of hardship.")
    answered = {asset.gate for asset in dossier.assets.all()}
    if set(policy.rules["gate.questions"]) - answered:
        yield _("Answer every question about property and luxury goods.")
    if case.programme == Programme.RECOGNITION:
        yield from _form_lacks(dossier, members)
        yield from _already_on_file(case, members)
    else:
        yield from _grant_lacks(case, dossier, on)
    if not case.applicant.account:
        yield _("Enter the payee account of the employee.")
    if not (case.true_statement and case.may_verify and case.may_publish):
        yield _("Sign the three declarations.")
    entered_for_them = case.entered_by.person_id != case.applicant_id
    if entered_for_them and not case.documents.filter(kind=Document.Kind.SIGNED_FORM).exists():
        yield SIGNED_PAPER


def _form_lacks(dossier, members):
    """The starred fields of the household form that are empty, in one sentence for each page."""
    own = next((m for m in members if m.relation == Relation.SELF), None)
    for page in card.PAGES:
        names = card.lacking(page, dossier, own) if own else []
        if names := [name for name in names if name != "main_cause"]:  # has a sentence of its own
            rows = [card.owner(name, dossier, own) for name in names]
            yield _missing(page.title, _labels(zip(rows, names, strict=True)))
    said = [
        _("%(name)s: %(fields)s")
        % {"name": member.name, "fields": _labels((member, name) for name in names)}
        for member in members
        if member.relation != Relation.SELF and (names := card.member_lacking(member))
    ]
    if said:
        yield _missing(_("Members of the household"), _("; ").join(said))


def _missing(page, fields):
    return _("“%(page)s” still lacks: %(fields)s.") % {"page": page, "fields": fields}


def _labels(columns):
    return _(", ").join(card.label(row, name) for row, name in columns)


def _already_on_file(case, members):
    """One ID number in one active household (IP5), said before the database refuses it."""
    twice = Member.objects.filter(
        company=case.company_id, active=True, id_index__in=[m.id_index for m in members]
    ).exclude(dossier=case.dossier_id)
    if twice.exists():
        yield _(
            "A member of this household is on file in another household already."
            " Ask the grassroots union to clear this up."
        )


def _grant_lacks(case, dossier, on):
    if dossier.status != Dossier.Status.ACTIVE:
        yield _("The household must be on file first; apply for recognition.")
    elif dossier.review_due_on < on:
        yield _("The yearly re-check of this household is overdue; it comes first.")
    yield from programmes.lacking(case)


def _for_verification(cases, on):
    """What company verification still lacks."""
    pks = [case.pk for case in cases if case.status == Status.REVIEWED]
    rows = Case.objects.filter(pk__in=pks).select_related("dossier", "revision", "assessment")
    return {case.pk: list(verification_lacks(case, on)) for case in rows}


def verification_lacks(case, on, *, excused=False):
    """What the verification of one case lacks; `excused`: a reason for no visit is given."""
    policy = Policy.objects.in_force(case.company_id, on)
    if policy is None:
        yield _("No policy is in force on this day.")
        return
    if not (excused or case.no_visit_reason) and not valid_visit(case.dossier_id, on, policy):
        yield _("Record a home visit by two people, one of them from outside the unit, first.")
    if unmarked(case.dossier_id):
        yield _("Mark how each fact of the household is known first.")
    yield from assessment_lacks(case, policy)
    yield from _already_on_file(case, list(case.dossier.members.filter(left_on=None)))


def assessment_lacks(case, policy):
    """Whether the assessment is one of these facts under this policy, and lets help through."""
    if case.assessment_id is None or case.revision.edit != case.dossier.edit:
        yield _("Assess the household on the facts as they stand now first.")
    elif case.assessment.policy_id != policy.pk:
        yield _("The policy has changed since; assess the household again first.")
    elif canonical.loads(case.assessment.result)["gates_failed"]:
        yield _(
            "The policy does not allow help for this household: do not approve, or mark the"
            " minuted exception with the facts."
        )


def valid_visit(dossier_id, on, policy):
    """The newest visit that still counts on a day under the policy; None without one."""
    visits = Visit.objects.filter(dossier=dossier_id)
    return visits.valid_on(on, policy.rules["visit.valid_days"]).order_by("-visited_on").first()


def unmarked(dossier_id):
    """How many facts of a household are still only declared, or in conflict. Four queries."""
    open_bases = [Basis.DECLARED, Basis.CONFLICTING]
    of = {"dossier": dossier_id}
    return (
        Member.objects.filter(**of, left_on=None)
        .filter(
            Q(income_basis__in=open_bases)
            | Q(health_basis__in=open_bases)
            | Q(work_basis__in=open_bases)
        )
        .count()
        + Dossier.objects.filter(pk=dossier_id, other_income_basis__in=open_bases)
        .exclude(other_income_fen=0)
        .count()
        + Expense.objects.filter(**of, basis__in=open_bases).count()
        + Asset.objects.filter(**of, basis__in=open_bases).count()
    )


def _for_the_meeting(cases, on):
    """Conflicts of data that nobody has answered, in two queries for the whole set."""
    conflicts = (
        Dossier.objects.filter(pk__in=These({case.dossier_id for case in cases}))
        .filter(
            Q(members__income_basis=Basis.CONFLICTING, members__left_on=None)
            | Q(members__health_basis=Basis.CONFLICTING, members__left_on=None)
            | Q(members__work_basis=Basis.CONFLICTING, members__left_on=None)
            | Q(other_income_basis=Basis.CONFLICTING)
            | Q(expenses__basis=Basis.CONFLICTING)
            | Q(assets__basis=Basis.CONFLICTING)
        )
        .values_list("pk", flat=True)
    )
    conflicting = set(conflicts)
    sentence = _("A conflict in the facts of the household has not been answered.")
    return {case.pk: [sentence] for case in cases if case.dossier_id in conflicting}


def _for_holding(cases, on):
    sentence = _("There is no open objection to this case.")
    return {case.pk: [sentence] for case in cases if not case.open_objections}


def _for_release(cases, on):
    sentence = _("Another objection to this case is still open.")
    return {case.pk: [sentence] for case in cases if case.open_objections > 1}


def _for_clearance(cases, on):
    """The period must be over and nothing objected to; one query for the whole set."""
    ends = dict(
        Case.objects.filter(pk__in=These([case.pk for case in cases]))
        .annotate(
            ends_on=Subquery(
                NoticeLine.objects.filter(case=OuterRef("pk"))
                .order_by("-pk")
                .values("notice__ends_on")[:1]
            )
        )
        .values_list("pk", "ends_on")
    )
    found = {}
    for case in cases:
        end = ends.get(case.pk)
        if end is not None and end >= on:
            found[case.pk] = [_("The notice period runs until %(day)s.") % {"day": end}]
        elif case.open_objections:
            found[case.pk] = [_("An objection to this case has not been answered.")]
    return found


def _for_payment(cases, on):
    """The gate before payment: a clearance of the latest notice, and no open objection."""
    rows = Case.objects.filter(pk__in=These([case.pk for case in cases]))
    uncleared = ~Exists(Clearance.objects.filter(case=OuterRef("pk")))
    lacking = rows.filter(uncleared | Q(open_objections__gt=0)).values_list("pk", flat=True)
    sentence = _("The notice period of this case has not ended.")
    return {pk: [sentence] for pk in lacking}


LACKING = {
    "submit": _for_submission,
    "verify": _for_verification,
    "table": _for_the_meeting,
    "hold": _for_holding,
    "release": _for_release,
    "clear": _for_clearance,
    "pay": _for_payment,
}
