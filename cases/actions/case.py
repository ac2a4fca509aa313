"""One function for each verb of a single case, from the application to the company's word."""

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from base import canonical
from base.sets import These
from base.workdays import day_of
from cases import facts, programmes, scoring, workflow
from cases.actions import household
from cases.actions.life import drop_pending
from cases.actions.steps import check, numbers, public_code, take, take_duty
from cases.codes import Question
from cases.models import Assessment, Case, Dossier, Policy, Screening, Step, TuitionForm
from cases.workflow import BY_COST, DECIDED, PAID_FOR, Duty, Programme, Status
from people.models import Relation
from people.roles import NotAllowed, Role


@transaction.atomic
def open_case(*, dossier, programme, by, at):
    """A new application of a household. Its declared facts are those of the dossier.

    Raises NotAllowed when one of the same programme is already under way, or when `by` is neither
    the applicant nor an information or union officer of the unit.
    """
    dossier = Dossier.objects.lock(dossier.pk)
    on = day_of(at)
    actor = by.actor(on)
    roles = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
    if actor.person_id != dossier.head_id and not any(
        actor.has(role, dossier.unit.path) for role in roles
    ):
        raise NotAllowed(_("Only the employee or an officer of their unit may apply for them."))
    if programme == Programme.REGULAR:
        raise NotAllowed(_("The regular subsidy needs no application: a round is opened for all."))
    if programme != Programme.RECOGNITION and dossier.status != Dossier.Status.ACTIVE:
        raise NotAllowed(_("The household must be on file first; apply for recognition."))
    if programme == Programme.RECOGNITION and dossier.status != Dossier.Status.PENDING:
        raise NotAllowed(_("This household is on file already."))
    if Case.objects.filter(dossier=dossier).in_the_way(programme).exists():
        raise NotAllowed(_("An application of this kind is under way for this household."))
    number = numbers(dossier.company_id, on.year, programme, 1)[0]
    case = Case.objects.create(
        company_id=dossier.company_id, unit_id=dossier.unit_id, dossier=dossier,
        applicant_id=dossier.head_id, programme=programme, number=number,
        code=public_code(dossier.company_id, number), status_at=at, entered_at=at, entered_by=by,
    )  # fmt: skip
    Step.objects.create(
        case=case, action="open", before="", after=Status.DRAFT, by=by, unit_id=case.unit_id,
        role=Role.EMPLOYEE if actor.person_id == dossier.head_id else _entering_role(actor, case),
        at=at,
    )  # fmt: skip
    take_duty([case], Duty.ENTER, by=by, at=at)
    return case


def _entering_role(actor, case):
    return next(hat.role for hat in actor.hats if hat.unit_id in (case.unit_id, case.company_id))


_DESCRIBED = {
    "event", "event_on", "patient", "spent_fen", "reimbursed_fen", "asked_fen", "reason",
    "true_statement", "may_verify", "may_publish",
}  # fmt: skip
_EVENT = {"event", "event_on", "patient"}
_COST = {"event", "patient", "spent_fen", "reimbursed_fen"}


@transaction.atomic
def describe_case(*, case, by, at, **columns):
    """Change what is asked for, while it is the applicant's turn."""
    if unknown := set(columns) - _DESCRIBED:
        raise TypeError(f"not columns of an application: {unknown}")
    (case,) = Case.objects.lock([case.pk])
    actor = by.actor(day_of(at))
    if reason := why_not_describe(case, actor):
        raise NotAllowed(reason)
    if _COST & set(columns):  # what was verified of other figures holds no longer
        columns |= {"verified_net_fen": None, "assessment": None}
    for name, value in columns.items():
        setattr(case, name, value)
    if _EVENT & set(columns) and (
        reason := programmes.why_not_event(
            case, event=case.event, event_on=case.event_on, patient=case.patient
        )
    ):
        raise NotAllowed(reason)
    case.save(update_fields=list(columns))
    return case


def why_not_describe(case, actor):
    """Why the actor may not fill in the application now; "" when they may."""
    path = case.unit.path
    ours = actor.person_id == case.applicant_id or actor.user_id == case.entered_by_id
    officers = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
    if not ours and not any(actor.has(role, path) for role in officers):
        return _("Only the applicant, or whoever applies for them, may fill this in.")
    if case.status not in (Status.DRAFT, Status.RETURNED):
        return _("The application has been submitted; it can be changed once it is returned.")
    return ""


def submit(*, case, by, at):
    """The application goes to the grassroots union."""
    return take([case], "submit", by=by, at=at)[0]


@transaction.atomic
def withdraw(*, case, by, at, words=""):
    """The applicant takes the application back; a household applied for is filed no further."""
    (case,) = take([case], "withdraw", by=by, at=at, words=words)
    _drop_pending(case, by, at)
    return case


def give_back(*, case, by, at, reason, words):
    """Return the application with a reason code and words for the applicant."""
    return take([case], "give_back", by=by, at=at, reason=reason, words=words)[0]


@transaction.atomic
def review(*, case, by, at, answers, words="", unrelated=False):
    """Record the grassroots review: six answers {question: (answer, note)} (fact 2.8).

    `unrelated`: the reviewer declares to be no relative of the household.
    """
    missing = [q.label for q in Question if q not in answers]
    if missing:
        raise NotAllowed(_("Answer all six screening questions first."))
    if not unrelated:
        raise NotAllowed(_("Declare first that you are no relative of this household."))
    (case,) = take([case], "review", by=by, at=at, words=words)
    Screening.objects.filter(case=case).delete()
    Screening.objects.bulk_create(
        Screening(case=case, question=question, answer=answer, note=note, by=by, at=at)
        for question, (answer, note) in answers.items()
    )
    return case


@transaction.atomic
def decline(*, case, by, at, clause, words):
    """Not approved, with the clause of the policy and words for the applicant."""
    (case,) = take([case], "decline", by=by, at=at, reason=clause, words=words)
    _drop_pending(case, by, at)
    return case


def _drop_pending(case, by, at):
    """The file of a household that was only applied for is closed with the application."""
    drop_refused([case], by=by, at=at)


def drop_refused(cases, *, by, at):
    """The same for cases the meeting refused."""
    recognitions = [c.dossier_id for c in cases if c.programme == Programme.RECOGNITION]
    if recognitions:
        drop_pending(recognitions, by=by, at=at)


@transaction.atomic
def check_event(*, case, by, at, verified_net_fen):
    """What the event cost the household after the company union has seen the vouchers."""
    (case,) = Case.objects.lock([case.pk])
    _check_verifier(case, by, at)
    if case.programme not in PAID_FOR:
        raise NotAllowed(_("This programme does not rest on a cost."))
    Case.objects.filter(pk=case.pk).update(verified_net_fen=verified_net_fen, assessment=None)


@transaction.atomic
def assess(*, case, by, at):
    """Judge the household on its facts as of now under the policy in force (sealed)."""
    (case,) = Case.objects.lock([case.pk])
    _check_verifier(case, by, at)
    policy = policy_in_force(case.company_id, day_of(at))
    assessment = judge([case], policy, by=by, at=at)[case.pk]
    Case.objects.filter(pk=case.pk).update(
        assessment=assessment,
        revision=assessment.revision,
        reference_fen=assessment.reference_fen,
    )
    return assessment


def _check_verifier(case, by, at):
    """Refuse unless `by` may verify this case now, whatever is still lacking for it."""
    on = day_of(at)
    workflow.check(facts.read([case], on, ())[case.pk], "verify", by.actor(on))


def policy_in_force(company_id, on):
    """The policy of the day; raises NotAllowed when there is none."""
    policy = Policy.objects.in_force(company_id, on)
    if policy is None:
        raise NotAllowed(_("No policy is in force on this day."))
    return policy


def judge(cases, policy, *, by, at, festival=""):
    """{case pk: its sealed assessment} for cases of one programme; fixed number of queries.

    `cases` may be unsaved when each has a dossier; they are keyed by dossier then.
    """
    dossiers = {case.dossier_id: case.dossier for case in cases}
    revisions = household.revise(dossiers.values(), by=by, at=at)
    rows = []
    for case, ask in zip(cases, asks(cases, at=at, festival=festival), strict=True):
        revision = revisions[case.dossier_id]
        result = scoring.assess(policy.rules, canonical.loads(revision.body.content), ask)
        rows.append(
            Assessment(
                revision=revision,
                policy=policy,
                programme=case.programme,
                score=result["score"],
                category=result["category"],
                level=result["level"],
                net_income_fen=result["net_income_fen"],
                reference_fen=result["reference_fen"],
                result=canonical.dumps(result | {"ask": ask}),
                at=at,
                by=by,
            )
        )
    made = Assessment.objects.bulk_create(rows)
    return {case.pk or case.dossier_id: row for case, row in zip(cases, made, strict=True)}


def asks(cases, *, at, festival=""):
    """What each case asks of the rules at a moment, in their order; six queries at most.

    An assessment keeps it as `result["ask"]`, so that the same question can be put to other rules.
    """
    on = day_of(at)
    dossiers = {case.dossier_id for case in cases}
    granted = granted_this_year(dossiers, on.year, before=at)
    subsidised = granted_this_year(dossiers, on.year, (Programme.REGULAR,), before=at)
    helped = programmes.helped_fen(cases)
    own_first = proposed_for_own(cases)
    schools = {}
    if students := [case.pk for case in cases if case.programme == Programme.TUITION]:
        forms = TuitionForm.objects.filter(case__in=students)
        schools = dict(forms.values_list("case", "level"))
    return [
        {
            "programme": case.programme,
            "on": on.isoformat(),
            "festival": festival,
            "level": case.dossier.level,
            "event": case.event,
            "net_fen": case.net_fen,
            "helped_fen": helped.get(case.pk, 0),
            "patient": case.patient.relation if case.patient_id else Relation.SELF,
            "school_level": schools.get(case.pk, ""),
            "granted_this_year_fen": granted.get(case.dossier_id, 0),
            "own_first_fen": own_first.get(case.pk, 0),
            "subsidised_this_year_fen": subsidised.get(case.dossier_id, 0),
        }
        for case in cases
    ]


def granted_this_year(dossiers, year, programmes=BY_COST, before=None):
    """{dossier pk: fen of grants of these programmes the meeting decided this year}; one query."""
    decided = Step.objects.filter(case=OuterRef("pk"), action="approve", at__year=year)
    if before:
        decided = decided.filter(at__lt=before)
    rows = (
        Case.objects.filter(
            Exists(decided), dossier__in=dossiers, programme__in=programmes, status__in=DECIDED,
        )
        .values_list("dossier")
        .annotate(total=Sum("granted_fen"))
    )  # fmt: skip
    return dict(rows)


def proposed_for_own(cases, *, but=()):
    """{pk of a case for a relative: fen proposed for the employee's own illness in the same
    household, which the meeting has not decided}, leaving out the cases `but`; one query, none
    without a patient."""
    patients = [case.pk for case in cases if case.programme in BY_COST and case.patient_id]
    if not patients:
        return {}
    own = (
        Case.objects.filter(
            Q(patient=None) | Q(patient__relation=Relation.SELF), dossier=OuterRef("dossier"),
            programme__in=BY_COST, status__in=(Status.VERIFIED, Status.TABLED),
        )
        .exclude(pk__in=These(but))
        .order_by()
        .values("dossier")
        .annotate(total=Sum("proposed_fen"))
    )  # fmt: skip
    rows = Case.objects.filter(pk__in=These(patients)).exclude(patient__relation=Relation.SELF)
    rows = rows.annotate(own_fen=Subquery(own.values("total"))).filter(own_fen__gt=0)
    return dict(rows.order_by().values_list("pk", "own_fen"))


@transaction.atomic
def verify(
    *, case, by, at, proposed_fen=None, category="", level="", deviation_reason="", words="",
    no_visit_reason="",
):  # fmt: skip
    """Record the company verification: a proposed amount, or for recognition a class and level.

    Refused without a valid visit (or a recorded reason), with facts unmarked or an assessment
    that is not of now; with an amount above the policy's cap or what the household paid itself;
    and with a deviation from the reference beyond the policy's percentage without a reason.
    """
    (case,) = Case.objects.lock([case.pk])
    on = day_of(at)
    if no_visit_reason:
        Case.objects.filter(pk=case.pk).update(no_visit_reason=no_visit_reason)
    check(Case.objects.lock([case.pk]), "verify", by.actor(on), at)
    policy = policy_in_force(case.company_id, on)
    changes = {"visit": facts.valid_visit(case.dossier_id, on, policy)}
    if case.programme == Programme.RECOGNITION:
        if reason := why_not_recognised(case, category, level, deviation_reason):
            raise NotAllowed(reason)
        changes |= {"category": category, "level": level, "deviation_reason": deviation_reason}
    else:
        if reason := why_not_amount(case, policy, proposed_fen, deviation_reason):
            raise NotAllowed(reason)
        changes |= {"proposed_fen": proposed_fen, "deviation_reason": deviation_reason}
    return take([case], "verify", by=by, at=at, words=words, changes=changes)[0]


def why_not_recognised(case, category, level, deviation_reason):
    """Why a class and level cannot be proposed for the case; "" when they can."""
    if not category or not level:
        return _("Choose the class and the level of the household.")
    suggested = (case.assessment.category, case.assessment.level)
    if (category, level) != suggested and not deviation_reason:
        return _("Class or level differ from the assessment: give the reason.")
    return ""


def why_not_amount(case, policy, proposed_fen, deviation_reason):
    """Why an amount cannot be proposed for the case; "" when it can."""
    if not proposed_fen or proposed_fen <= 0:
        return _("Enter the amount you propose.")
    cap = scoring.cap_fen(policy.rules, case.programme)
    if cap is not None and proposed_fen > cap:
        return _("The policy allows at most %(cap)s yuan for one grant.") % {
            "cap": f"{cap // 100:,}"}  # fmt: skip
    if case.programme in PAID_FOR and proposed_fen > programmes.own_cost_fen(case):
        return _("The amount is more than the household paid itself.")
    away = abs(proposed_fen - case.reference_fen) * 100
    if away > case.reference_fen * policy.rules["deviation.percent"] and not deviation_reason:
        return _(
            "The amount lies more than %(percent)s %% from the reference amount: give the reason."
        ) % {"percent": policy.rules["deviation.percent"]}
    return ""


def table(cases, *, by, at):
    """Put a locked list before the meeting."""
    return take(cases, "table", by=by, at=at)


def recall(cases, *, by, at):
    """The company chair takes a list back to change it, before the meeting decided."""
    return take(cases, "recall", by=by, at=at)


def defer(cases, *, by, at, words=""):
    """The meeting puts cases off; they are ready for the next one."""
    return take(cases, "defer", by=by, at=at, words=words)


def approve(cases, *, by, at):
    """The meeting approves: what was proposed is granted. `by` chaired the meeting."""
    return take(cases, "approve", by=by, at=at, changes={"granted_fen": F("proposed_fen")})


def refuse(cases, *, by, at, words=""):
    """The meeting does not approve."""
    cases = take(cases, "refuse", by=by, at=at, words=words)
    drop_refused(cases, by=by, at=at)
    return cases


def pay(cases, *, by, at):
    """The money of these cases was paid; only `funds` calls this, with the transfers."""
    return take(cases, "pay", by=by, at=at)


def bounce(cases, *, by, at, reason):
    """The bank sent the money back; the case awaits another payment."""
    return take(cases, "bounce", by=by, at=at, words=reason)
