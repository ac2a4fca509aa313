"""A round of the regular subsidy: one case for each household with a valid dossier."""

from django.db import transaction
from django.db.models import Case as Cases
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext as _

from base.sets import insert_select
from base.workdays import day_of
from cases.actions.case import judge, policy_in_force
from cases.actions.steps import numbers, public_code, take_duty
from cases.models import Case, Dossier, LeftOut, Round, Step
from cases.workflow import Duty, Programme, Status
from people.models import Unit
from people.roles import NotAllowed, Role

CHUNK = 500
Reason = LeftOut.Reason


@transaction.atomic
def open_round(*, company, title, year, festival, by, at):
    """Open a round and make all its cases at once; see `start_round`."""
    opened = start_round(company=company, title=title, year=year, festival=festival, by=by, at=at)
    while take_round(opened=opened, at=at):
        pass
    opened.refresh_from_db()
    return opened


@transaction.atomic
def start_round(*, company, title, year, festival, by, at):
    """Open a round; `take_round` makes its cases in chunks, under the policy in force now.

    A household whose re-check is overdue, or whose level the policy gives nothing, gets none and
    is written down with the reason. Raises NotAllowed for a second round of the same festival.
    """
    on = day_of(at)
    actor = by.actor(on)
    if not actor.has(Role.COMPANY_OFFICER, company.path):
        raise NotAllowed(_("Only the company union officer opens a round."))
    Unit.objects.select_for_update(no_key=True).get(pk=company.pk)  # two at once: one waits
    if Round.objects.filter(company=company, year=year, festival=festival).exists():
        raise NotAllowed(_("This round has been opened already."))
    opened = Round.objects.create(
        company=company, title=title, year=year, festival=festival,
        policy=policy_in_force(company.pk, on), opened_at=at, opened_by=by,
        status=Round.Status.OPENING,
    )  # fmt: skip
    overdue = Q(review_due_on__lt=on)
    insert_select(
        LeftOut,
        Dossier.objects.active()
        .filter(overdue | ~Q(level__in=_levels(opened)), company=company)
        .order_by("unit_id", "pk"),
        round=opened,
        dossier=F("pk"),
        unit=F("unit"),
        level=F("level"),
        reason=Cases(When(overdue, then=Value(Reason.OVERDUE)), default=Value(Reason.LEVEL)),
    )
    opened.households = _to_come(opened).count()
    if not opened.households:
        raise NotAllowed(_("No household has a valid dossier: there is nothing to open."))
    opened.save(update_fields=["households"])
    return opened


def _levels(opened):
    """The levels to which the policy of a round gives something."""
    amounts = opened.policy.rules[f"regular.{opened.festival}"]
    return [level for level, fen in amounts.items() if fen]


def _to_come(opened):
    """Households of a round with neither a case nor a reason for none yet."""
    cases = Case.objects.filter(round=opened, dossier=OuterRef("pk"))
    without = LeftOut.objects.filter(round=opened, dossier=OuterRef("pk"))
    return (
        Dossier.objects.valid_on(day_of(opened.opened_at))
        .filter(~Exists(cases), ~Exists(without), company=opened.company_id)
        .filter(level__in=_levels(opened))
        .order_by("unit_id", "pk")
    )


@transaction.atomic
def take_round(*, opened, at):
    """Make the cases of the next households of a round; False once the last one is made.

    Each is verified already and rests on the revision of its facts as of now (facts 2.9, 2.12).
    One transaction a chunk, so that a round that was broken off goes on where it stood, with the
    next number and without a second case.
    """
    opened = Round.objects.select_related("policy", "company", "opened_by").lock(opened.pk)
    if opened.status == Round.Status.OPEN:
        return False
    dossiers = list(_to_come(opened)[:CHUNK])
    if dossiers:
        _make_cases(opened, dossiers, at)
    if len(dossiers) < CHUNK:
        # Somebody may have left the file since it was opened: what was made is what counts.
        opened.households = opened.cases.count()
        opened.status = Round.Status.OPEN
        opened.save(update_fields=["status", "households"])
    return opened.status == Round.Status.OPENING


def _make_cases(opened, dossiers, at):
    by = opened.opened_by
    drafts = [
        Case(
            company=opened.company, unit_id=dossier.unit_id, dossier=dossier,
            applicant_id=dossier.head_id, programme=Programme.REGULAR, round=opened,
            status=Status.VERIFIED, status_at=at, entered_at=at, entered_by=by,
            category=dossier.category, level=dossier.level, true_statement=True, may_verify=True,
            may_publish=True,
        )
        for dossier in dossiers
    ]  # fmt: skip
    judged = judge(drafts, opened.policy, by=by, at=at, festival=opened.festival)
    for case in drafts:
        case.assessment = judged[case.dossier_id]
        case.revision_id = case.assessment.revision_id
        case.reference_fen = case.proposed_fen = case.assessment.reference_fen
    LeftOut.objects.bulk_create(
        LeftOut(
            round=opened, dossier_id=case.dossier_id, unit_id=case.unit_id, level=case.level,
            reason=Reason.MAXIMUM,
        )
        for case in drafts
        if not case.proposed_fen
    )  # fmt: skip
    drafts = [case for case in drafts if case.proposed_fen]
    names = numbers(opened.company_id, opened.year, Programme.REGULAR, len(drafts))
    for case, number in zip(drafts, names, strict=True):
        case.number, case.code = number, public_code(opened.company_id, number)
    cases = Case.objects.bulk_create(drafts)
    Step.objects.bulk_create(
        Step(
            case=case, action="open", before="", after=Status.VERIFIED, by=by,
            role=Role.COMPANY_OFFICER, unit=opened.company, at=at,
        )
        for case in cases
    )  # fmt: skip
    take_duty(cases, Duty.VERIFY, by=by, at=at)


def why_not_resume_round(opened, actor):
    """Why the actor may not go on with a round that stands still; "" when they may."""
    if opened.company_id not in actor.companies(Role.COMPANY_OFFICER):
        return _("Only the company union officer opens a round.")
    return ""


def left_out(company, on):
    """Active dossiers a round of today leaves out because their re-check is overdue."""
    return Dossier.objects.active().filter(company=company, review_due_on__lt=on)
