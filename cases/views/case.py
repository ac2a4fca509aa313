"""Pages of cases: the list, one case, why this amount, its papers, and one page for each act."""

from dataclasses import dataclass
from itertools import pairwise

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import canonical
from base.xlsx import Column
from cases import actions, evidence, explain, facts, programmes, workflow
from cases.codes import Cause
from cases.forms.case import (
    CaseFilter,
    DeclineForm,
    EventForm,
    GiveBackForm,
    ReviewForm,
    VerifyForm,
    WithdrawForm,
)
from cases.models import Assessment, Case, Document, Dossier, Objection, Step
from cases.models.dossier import READERS
from cases.views import paper
from cases.workflow import DECIDED, PAID_FOR, STAGE, STEPS, Programme, Status
from people.models import Relation
from people.roles import NotAllowed, Role
from people.views.lists import listing

page_of_an_act = require_http_methods(["GET", "HEAD", "POST"])

# Acts with a page of their own in this room, the foremost of each status first.
PAGES = ("submit", "review", "verify", "give_back", "decline", "withdraw")
HINTS = {
    "review": gettext_lazy("Answer the six questions and give the opinion of the union."),
    "verify": gettext_lazy("Propose an amount, or class and level, after the visit."),
}
# Who reads the facts of the household on the page of a case; the others see the case alone.
FACT_READERS = (
    Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER, Role.COMPANY_CHAIR, Role.LEADER,
    Role.DISCIPLINE, Role.AUDITOR,
)  # fmt: skip
CLOSED = (*DECIDED, Status.DECLINED)
# Programmes with a paper form of their own.
FORMS = {
    Programme.TUITION: "cases/tuition_form.html",
    Programme.MEDICAL: "cases/medical_form.html",
}
# While the facts may still be edited, or the grassroots union has not given its word on them, the
# score of an earlier assessment stays hidden from it.
UNLOCKED = (Status.DRAFT, Status.RETURNED, Status.SUBMITTED)
# What the applicant reads of the words others wrote: those that were written to them.
TO_APPLICANT = ("give_back", "decline", "refuse", "withdraw")

COLUMNS = (
    Column("number", gettext_lazy("Case number")),
    Column("name", gettext_lazy("Applicant")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("programme", gettext_lazy("Programme"), kind="choice", choices=tuple(Programme.choices)),
    Column(
        "status", gettext_lazy("Status"), kind="choice", choices=tuple(Status.choices), width=24
    ),
    Column("amount", gettext_lazy("Amount (yuan)"), kind="money"),
    Column("since", gettext_lazy("In this status since"), kind="date"),
    Column("due", gettext_lazy("Due"), kind="date"),
)


def _amount(case):
    """The amount that counts for a row: decided, else proposed, else asked for."""
    found = (case.granted_fen, case.proposed_fen, case.asked_fen)
    return next((fen for fen in found if fen is not None), None)


def _cells(case):
    return (
        case.number, case.applicant.name, case.unit.name, case.programme, case.status,
        _amount(case), timezone.localtime(case.status_at).date(), case.due_on,
    )  # fmt: skip


def _rows(page, on):
    """What a row of the list shows beyond the case itself."""
    return [
        {
            "case": case,
            "amount_fen": _amount(case),
            "waiting_days": (on - timezone.localtime(case.status_at).date()).days,
            "overdue": case.due_on is not None and case.due_on < on,
        }
        for case in page
    ]


@require_safe
def case_list(request):
    on = timezone.localdate()
    filters = CaseFilter(request.GET, actor=request.actor)
    found = Case.objects.visible_to(request.actor).for_list().narrowed(on=on, **filters.chosen)
    return listing(
        request,
        "cases/case_list.html",
        rows=found,
        order=("-status_at", "-pk"),
        title=_("Cases"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        shown=lambda page: _rows(page, on),
    )


# One case


def _get_case(request, pk, *, to=""):
    """The case if the actor may see it (else 404) and may do `to` now (else 403 with the reason).

    What is still lacking for the act is left to its page: there it can be put right.
    """
    case = get_object_or_404(Case.objects.visible_to(request.actor).for_page(), pk=pk)
    if to:
        workflow.check(_facts(case), to, request.actor)
    return case


def _facts(case, *acts):
    return facts.read([case], timezone.localdate(), acts)[case.pk]


@dataclass(frozen=True)
class Sight:
    """What of a case one actor is shown. The applicant reads the judgement once it is made."""

    applicant: bool
    household: bool
    judgement: bool
    duties: bool
    objections: bool


def _sight(case, actor):
    path = case.unit.path
    applicant = case.applicant_id == actor.person_id
    helper = case.entered_by_id == actor.user_id
    reader = any(actor.has(role, path) for role in FACT_READERS)
    company = any(actor.has(role, path) for role in READERS)
    return Sight(
        applicant=applicant,
        household=applicant or helper or reader,
        judgement=case.assessment_id is not None
        and (
            reader
            and not applicant
            and (company or case.status not in UNLOCKED)
            or (applicant or helper)
            and case.status in CLOSED
        ),
        duties=reader and not applicant,
        objections=actor.has(Role.DISCIPLINE, path) or actor.has(Role.AUDITOR, path),
    )


@require_safe
def case_detail(request, pk):
    case = _get_case(request, pk)
    sight = _sight(case, request.actor)
    read = _facts(case)
    steps = list(case.steps.for_timeline())
    context = {
        "case": case,
        "sight": sight,
        "tracker": _tracker(case, steps),
        "timeline": [_told(step, sight) for step in steps],
        "acts": _acts(case, read, request.actor),
        "refused": _refused(read, request.actor),
        "judgement": _judgement(case) if sight.judgement else None,
        "notices": _notices(case),
        "dossier_seen": Dossier.objects.visible_to(request.actor)
        .filter(pk=case.dossier_id)
        .exists(),
        "documents": Document.objects.visible_to(request.actor).filter(dossier=case.dossier_id),
        "may_recover": case.status == Status.PAID
        and case.company_id in request.actor.companies(Role.COMPANY_OFFICER),
        "may_advance": case.programme == Programme.EMERGENCY
        and case.status in workflow.IN_HAND
        and case.company_id in request.actor.companies(Role.COMPANY_CHAIR),
        "may_refer": not actions.why_not_refer(case.unit, request.actor),
    }
    if sight.household:
        context |= _household(case)
        context["screenings"] = case.screenings.all()
    if sight.duties:
        context["duties"] = case.duties.select_related("user").order_by("pk")
        context["warnings"] = _warnings(case)
    return render(request, "cases/case_detail.html", context)


def _tracker(case, steps):
    """Where the case stands on the five steps; a stopped one where it was when it stopped."""
    stopped = case.status in (Status.DECLINED, Status.WITHDRAWN)
    ended = Status.CLEARED if case.programme == Programme.RECOGNITION else Status.PAID
    return {
        "current": STAGE[steps[0].before if stopped else case.status],
        "finished": case.status in (ended, Status.PAID),
        "stopped": stopped,
        "sentence": _("%(status)s. Next: %(turn)s.")
        % {"status": case.get_status_display(), "turn": case.turn}
        if not stopped
        else case.get_status_display(),
    }


def _told(step, sight):
    """One act for the timeline. The applicant reads roles instead of names."""
    role = step.get_role_display() or _("daily run")
    by = role
    if step.by is not None and not sight.applicant:
        by = _("%(name)s (%(what)s)") % {"name": step.by.name, "what": role}
    words = step.opinion.words if hasattr(step, "opinion") else ""
    if not sight.household or sight.applicant and step.action not in TO_APPLICANT:
        words = ""
    return {
        "title": step.get_action_display(),
        "at": step.at,
        "by": f"{by} · {step.unit.name}",
        "note": _(": ").join(str(part) for part in (step.reason_words, words) if part),
        "attention": step.action in ("give_back", "decline", "refuse", "reopen", "bounce"),
    }


def _acts(case, read, actor):
    """The acts with a page here that the actor may take now, foremost first."""
    found = []
    for action in PAGES:
        if not workflow.why_not(read, action, actor):
            found.append(_button(case, action, STEPS[action].label, main=not found))
            if action == "verify":
                if case.programme in PAID_FOR:
                    found.append(_button(case, "check_event", _("Verify the cost")))
                found.append(_button(case, "assess", _("Assess the household")))
    return found


def _button(case, action, label, main=False):
    look = "button-serious" if action in ("decline", "withdraw") else ""
    return {
        "url": reverse(f"cases:{action}", args=[case.pk]),
        "label": label,
        "look": "button-main" if main and not look else look,
    }


def _refused(read, actor):
    """Acts whose turn it is and whose role the actor holds, with the reason they may not."""
    found = []
    for action in PAGES:
        step = STEPS[action]
        held = any(actor.has(role, read.unit_path) for role in step.who(read.status)[0])
        if read.status in step.sources and held:
            if reason := workflow.why_not(read, action, actor):
                found.append({"title": step.label, "reason": reason})
    return found


def _household(case):
    """The household of a case with each fact and how it is known. Five queries."""
    dossier = case.dossier
    prefetch_related_objects([dossier], "members", "expenses__member", "assets", "documents")
    members = sorted(dossier.members.all(), key=lambda m: m.pk)
    return {
        "members": [member for member in members if member.left_on is None],
        "expenses": sorted(dossier.expenses.all(), key=lambda e: (e.spent_on, e.pk), reverse=True),
        "gates": sorted(dossier.assets.all(), key=lambda a: a.pk),
        "evidence": evidence.told(dossier, {d.pk: d for d in dossier.documents.all()}),
    }


def _warnings(case):
    """What a reviewer should look at, as checks that stop nothing."""
    return [{"result": "warn", "text": text} for text in programmes.to_look_at(case)]


def _judgement(case):
    """The panel “why this amount” of the assessment the case rests on, in words."""
    result = canonical.loads(case.assessment.result)
    clauses = dict(case.assessment.policy.clauses.values_list("key", "clause"))
    return {
        "assessment": case.assessment,
        "factors": explain.factors(result, clauses),
        "income": explain.income(result),
        "standing": explain.standing(result),
        "steps": explain.steps(result, clauses),
        "score": result["score"],
        "stale": case.status == Status.REVIEWED and case.revision.edit != case.dossier.edit,
    }


def _notices(case):
    """Each notice the case stood on, with how its objections ended; never who objected."""
    lines = case.notice_lines.select_related("notice", "clearance").prefetch_related("objections")
    return [
        {
            "line": line,
            "notice": line.notice,
            "clearance": getattr(line, "clearance", None),
            "open": sum(o.closed_at is None for o in line.objections.all()),
            "dismissed": sum(
                o.outcome == Objection.Outcome.DISMISSED for o in line.objections.all()
            ),
            "upheld": sum(o.outcome == Objection.Outcome.UPHELD for o in line.objections.all()),
        }
        for line in lines.order_by("-pk")
    ]


# Papers


def _check_judged(case, sight):
    if case.assessment_id is None:
        raise NotAllowed(_("This case has not been assessed yet."))
    if not sight.judgement:
        raise NotAllowed(_("The reasons can be read once the case has been decided."))


@require_safe
def case_why(request, pk):
    """Why this decision: which clause, which value, what would change it, how to object."""
    case = _get_case(request, pk)
    sight = _sight(case, request.actor)
    if case.status != Status.DECLINED:
        _check_judged(case, sight)
    elif not sight.household:
        raise NotAllowed(_("Only the household and its union officers read the reasons."))
    last = case.steps.filter(after=Status.DECLINED).select_related("opinion").last()
    context = {
        "case": case,
        "judgement": _judgement(case) if case.assessment_id else None,
        "assessed": _assessed(case, request.actor) if case.assessment_id else [],
        "declined": case.status == Status.DECLINED and last,
        "notices": _notices(case),
        "now": timezone.now(),
    }
    return render(request, "cases/case_why.html", context)


def _assessed(case, actor):
    """Each judgement of a case assessed more than once, with where to read what had changed."""
    rows = list(Assessment.objects.of_case(case).select_related("revision", "policy"))
    if len(rows) < 2:
        return []
    seen = Dossier.objects.visible_to(actor).filter(pk=case.dossier_id).exists()
    found = [{"assessment": rows[0], "url": ""}]
    for before, after in pairwise(rows):
        numbers = (before.revision.number, after.revision.number)
        changed = seen and before.revision_id != after.revision_id
        url = reverse("cases:revision_diff", args=[case.dossier_id, *numbers]) if changed else ""
        found.append(
            {"assessment": after, "url": url, "other_rules": before.policy != after.policy}
        )
    return found


def _check_household(case, sight):
    if not sight.household:
        raise NotAllowed(_("Only the household and its union officers read this paper."))


@require_safe
def case_form(request, pk):
    """The application form on paper: 困难职工家庭申报表 on two pages, or the programme's own."""
    case = _get_case(request, pk)
    _check_household(case, _sight(case, request.actor))
    context = _household(case) | _paper(case) | {"opinions": {}}
    context["own"] = next((m for m in context["members"] if m.relation == Relation.SELF), None)
    dossier = case.dossier
    context |= {
        "side_causes": _(", ").join(str(Cause(cause).label) for cause in dossier.side_causes),
        "supporters": dossier.supporters.filter(left_on=None).order_by("pk"),
        "sums": paper.declared_sums(dossier, context["members"], context["expenses"]),
        "attachments": paper.attachments(context["documents"]),
    }
    if form := getattr(case, "medical", None):
        context["paid_fen"] = form.total_fen - form.reimbursed_fen
        context["age"] = _age(form.patient.born_on, timezone.localdate())
    if request.actor.person_id != case.applicant_id or case.status in CLOSED:
        context["opinions"] = _opinions(case)
    return render(request, FORMS.get(case.programme, "cases/case_form.html"), context)


@require_safe
def case_approval(request, pk):
    """The approval form 审批表 with the three opinions as far as they have been given."""
    case = _get_case(request, pk)
    sight = _sight(case, request.actor)
    _check_household(case, sight)
    if sight.applicant and case.status not in CLOSED:
        raise NotAllowed(_("The reasons can be read once the case has been decided."))
    context = _household(case) | _paper(case) | {"opinions": _opinions(case)}
    if sight.judgement:
        context["judgement"] = _judgement(case)
    return render(request, "cases/case_approval.html", context)


def _age(born_on, on):
    """Completed years on a day."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _paper(case):
    documents = case.dossier.documents.order_by("pk")
    return {
        "case": case,
        "person": case.applicant,
        "now": timezone.now(),
        "documents": documents,
        "capital_fen": case.granted_fen if case.granted_fen is not None else case.proposed_fen,
    }


def _opinions(case):
    """{act: its step} of the opinions that stand: what was taken back or reopened is left out."""
    taken_back = {
        "submit": ("review", "verify", "approve"),
        "reopen": ("verify", "approve"),
        "defer": ("approve",),
        "recall": ("approve",),
    }
    standing = {}
    for step in Step.objects.in_order().filter(case=case):
        for action in taken_back.get(step.action, ()):
            standing.pop(action, None)
        if step.action in ("review", "verify", "approve", "refuse", "decline"):
            standing[step.action] = step
    return standing


# Acts


def _act(request, case, action, form, act, done, **context):
    """The page of one act: the form on GET, the act on POST, then back to the case."""
    if request.method == "POST" and form.is_valid():
        act()
        messages.success(request, done)
        return redirect(case if _still_seen(request, case) else "cases:case_list")
    context = {"case": case, "form": form, "hint": HINTS.get(action, "")} | context
    status = 422 if form.is_bound and form.errors else 200
    return render(request, f"cases/{action}.html", context, status=status)


def _still_seen(request, case):
    return Case.objects.visible_to(request.actor).filter(pk=case.pk).exists()


@page_of_an_act
def review(request, pk):
    case = _get_case(request, pk, to="review")
    form = ReviewForm(request.POST or None)

    def act():
        data = form.cleaned_data
        actions.review(
            case=case, by=request.user, at=timezone.now(), answers=form.answers,
            words=data["words"], unrelated=data["unrelated"],
        )  # fmt: skip

    more = _household(case) | {
        "documents": case.dossier.documents.order_by("pk"),
        "warnings": _warnings(case),
    }
    return _act(request, case, "review", form, act, _("The review was recorded."), **more)


@page_of_an_act
def give_back(request, pk):
    case = _get_case(request, pk, to="give_back")
    form = GiveBackForm(request.POST or None)

    def act():
        data = form.cleaned_data
        actions.give_back(
            case=case, by=request.user, at=timezone.now(), reason=data["reason"],
            words=data["words"],
        )  # fmt: skip

    done = _("The application was returned for correction.")
    if "preview" in request.POST and form.is_valid():
        reason = dict(form.fields["reason"].choices)[form.cleaned_data["reason"]]
        context = {"case": case, "form": form, "preview": {"reason": reason}}
        return render(request, "cases/give_back.html", context)
    return _act(request, case, "give_back", form, act, done)


@page_of_an_act
def decline(request, pk):
    case = _get_case(request, pk, to="decline")
    policy = actions.policy_in_force(case.company_id, timezone.localdate())
    form = DeclineForm(request.POST or None, policy=policy)

    def act():
        data = form.cleaned_data
        actions.decline(
            case=case, by=request.user, at=timezone.now(), clause=data["clause"],
            words=data["words"],
        )  # fmt: skip

    return _act(request, case, "decline", form, act, _("The case was not approved."))


@page_of_an_act
def withdraw(request, pk):
    case = _get_case(request, pk, to="withdraw")
    # An empty form is a whole answer here: no words need be given.
    form = WithdrawForm(request.POST if request.method == "POST" else None)

    def act():
        words = form.cleaned_data["words"]
        actions.withdraw(case=case, by=request.user, at=timezone.now(), words=words)

    return _act(request, case, "withdraw", form, act, _("The application was withdrawn."))


@page_of_an_act
def submit(request, pk):
    """An officer sends in an application they entered for somebody; the paper must be there."""
    case = _get_case(request, pk, to="submit")
    read = _facts(case, "submit")
    reason = workflow.why_not(read, "submit", request.actor)
    checks = [{"result": "stop", "text": text} for text in read.lacking.get("submit", ())]
    if reason and str(reason) not in {check["text"] for check in checks}:
        checks.append({"result": "stop", "text": reason})
    if request.method == "POST" and not reason:
        actions.submit(case=case, by=request.user, at=timezone.now())
        messages.success(request, _("The application was submitted."))
        return redirect(case if _still_seen(request, case) else "cases:case_list")
    status = 422 if request.method == "POST" else 200
    context = {"case": case, "checks": checks, "own": case.applicant_id == request.actor.person_id}
    return render(request, "cases/submit.html", context, status=status)


@page_of_an_act
def check_event(request, pk):
    case = _get_case(request, pk, to="verify")
    if case.programme not in PAID_FOR:
        raise NotAllowed(_("This programme does not rest on a cost."))
    form = EventForm(request.POST or None, case=case, initial={"verified_net": case.net_fen})

    def act():
        actions.check_event(
            case=case, by=request.user, at=timezone.now(),
            verified_net_fen=form.cleaned_data["verified_net"],
        )  # fmt: skip

    more = {
        "documents": case.dossier.documents.order_by("pk"),
        "warnings": _warnings(case),
    }
    done = _("The cost was verified. Assess the household again.")
    return _act(request, case, "check_event", form, act, done, **more)


@page_of_an_act
def assess(request, pk):
    case = _get_case(request, pk, to="verify")
    if request.method == "POST":
        actions.assess(case=case, by=request.user, at=timezone.now())
        messages.success(request, _("The household was assessed."))
        return redirect("cases:verify", pk=case.pk)
    context = {
        "case": case,
        "policy": actions.policy_in_force(case.company_id, timezone.localdate()),
        "unmarked": facts.unmarked(case.dossier_id),
    } | _household(case)  # fmt: skip
    return render(request, "cases/assess.html", context)


@page_of_an_act
def verify(request, pk):
    case = _get_case(request, pk, to="verify")
    on = timezone.localdate()
    policy = actions.policy_in_force(case.company_id, on)
    visit = facts.valid_visit(case.dossier_id, on, policy)
    reference = case.reference_fen if case.assessment_id else None
    form = VerifyForm(
        request.POST or None, case=case, policy=policy, visited=visit is not None,
        initial=_proposal(case, reference),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        excused = bool(form.given.get("no_visit_reason"))
        for sentence in facts.verification_lacks(case, on, excused=excused):
            form.add_error(None, sentence)

    def act():
        actions.verify(case=case, by=request.user, at=timezone.now(), **form.given)

    more = {
        "checks": _verification_checks(case, visit, policy) + _warnings(case),
        "visit": visit,
        "judgement": _judgement(case) if case.assessment_id else None,
        "reference_fen": reference,
    }
    done = _("The verification was recorded; the case is ready for the meeting.")
    return _act(request, case, "verify", form, act, done, **more)


def _proposal(case, reference_fen):
    """What the assessment suggests, to begin with."""
    if case.assessment_id is None:
        return {}
    if case.programme == Programme.RECOGNITION:
        return {"category": case.assessment.category, "level": case.assessment.level}
    return {"proposed": reference_fen or None}


def _verification_checks(case, visit, policy):
    """What must be there before the company union gives its word, with the way to each."""
    checks = [
        _check(
            visit is not None,
            _("Visited at home on %(day)s by %(count)s people.")
            % {"day": visit.visited_on, "count": visit.visitor_count}
            if visit
            else _("No valid home visit by two people, one of them from outside the unit."),
            reverse("cases:visit_new", args=[case.dossier_id]),
            _("Record a home visit"),
        )
    ]
    unmarked = facts.unmarked(case.dossier_id)
    checks.append(
        _check(
            not unmarked,
            _("%(count)s facts are only self-reported or in conflict.") % {"count": unmarked}
            if unmarked
            else _("Every fact is marked with how it is known."),
            reverse("cases:dossier_mark", args=[case.dossier_id]),
            _("Mark the facts"),
        )
    )
    if case.programme in PAID_FOR:
        checked = case.verified_net_fen is not None
        checks.append(
            _check(
                checked,
                _("The cost was verified by the vouchers.")
                if checked
                else _("The cost is still as declared."),
                reverse("cases:check_event", args=[case.pk]),
                _("Verify the cost"),
                otherwise="warn",
            )
        )
    lacks = list(facts.assessment_lacks(case, policy))
    checks.append(
        _check(
            not lacks,
            lacks[0] if lacks else _("The household was assessed on the facts as they stand."),
            reverse("cases:assess", args=[case.pk]),
            _("Assess the household"),
        )
    )
    return checks


def _check(good, text, url, link_text, otherwise="stop"):
    if good:
        return {"result": "ok", "text": text}
    return {"result": otherwise, "text": text, "url": url, "link_text": link_text}
