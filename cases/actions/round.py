"""A round of the regular subsidy: one case for each household with a valid dossier."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.actions.case import judge, policy_in_force
from cases.actions.steps import numbers, public_code, take_duty
from cases.models import Case, Dossier, Round, Step
from cases.workflow import Duty, Programme, Status
from people.roles import NotAllowed, Role


@transaction.atomic
def open_round(*, company, title, year, festival, by, at):
    """Open a round: every household with a valid dossier gets a case, already verified, resting
    on the revision of its facts as of now and on the policy in force (facts 2.9, 2.12).

    A household whose re-check is overdue, or whose level the policy gives nothing, gets none;
    `left_out` says which. Raises NotAllowed for a second round of the same festival.
    """
    on = day_of(at)
    actor = by.actor(on)
    if not actor.has(Role.COMPANY_OFFICER, company.path):
        raise NotAllowed(_("Only the company union officer opens a round."))
    if Round.objects.filter(company=company, year=year, festival=festival).exists():
        raise NotAllowed(_("This round has been opened already."))
    policy = policy_in_force(company.pk, on)
    opened = Round.objects.create(
        company=company, title=title, year=year, festival=festival, policy=policy,
        opened_at=at, opened_by=by,
    )  # fmt: skip
    amounts = policy.rules[f"regular.{festival}"]
    dossiers = [
        dossier
        for dossier in Dossier.objects.valid_on(on)
        .filter(company=company)
        .select_related("head")
        .order_by("unit_id", "pk")
        if amounts.get(dossier.level)
    ]
    if not dossiers:
        raise NotAllowed(_("No household has a valid dossier: there is nothing to open."))
    names = numbers(company.pk, year, Programme.REGULAR, len(dossiers))
    drafts = [
        Case(
            company=company, unit_id=dossier.unit_id, dossier=dossier,
            applicant_id=dossier.head_id, programme=Programme.REGULAR, round=opened,
            number=number, code=public_code(company.pk, number), status=Status.VERIFIED,
            status_at=at, entered_at=at, entered_by=by, category=dossier.category,
            level=dossier.level, true_statement=True, may_verify=True, may_publish=True,
        )
        for dossier, number in zip(dossiers, names, strict=True)
    ]  # fmt: skip
    judged = judge(drafts, policy, by=by, at=at, festival=festival)
    for case in drafts:
        case.assessment = judged[case.dossier_id]
        case.revision_id = case.assessment.revision_id
        case.reference_fen = case.proposed_fen = case.assessment.reference_fen
    cases = Case.objects.bulk_create(drafts)
    Step.objects.bulk_create(
        Step(
            case=case, action="open", before="", after=Status.VERIFIED, by=by,
            role=Role.COMPANY_OFFICER, unit=company, at=at,
        )
        for case in cases
    )  # fmt: skip
    take_duty(cases, Duty.VERIFY, by=by, at=at)
    return opened


def left_out(company, on):
    """Active dossiers a round of today leaves out because their re-check is overdue."""
    return Dossier.objects.active().filter(company=company, review_due_on__lt=on)
