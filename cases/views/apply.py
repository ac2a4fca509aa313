"""The applicant's pages: start, task list, check, receipt, and what became of it."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms.models import model_to_dict
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from base import canonical
from base.keyset import paginate
from base.workdays import day_of
from cases import actions, card, explain, facts, hints, programmes, scoring, workflow
from cases.forms.apply import DeclareForm, PayeeForm, PersonFilter, ProgrammeForm, StartForm
from cases.forms.household import ASKED
from cases.forms.programme import EventForm, GiftForm, MedicalForm, TuitionForm
from cases.models import Case, Dossier
from cases.views.public import spaced, story
from cases.workflow import DECIDED, GRANTS, SIGNED_PAPER, Programme, Status
from people import workflow as people_workflow
from people.actions import change_payee
from people.models import Person, Relation
from people.roles import NotAllowed, Role, check_any

pages = require_http_methods(["GET", "HEAD", "POST"])
ON_BEHALF = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
OPEN_TO_CHANGE = (Status.DRAFT, Status.RETURNED)


# The page on which each programme says what it is asked for: title, hint, address.
OWN_FORMS = {
    Programme.EMERGENCY: (
        gettext_lazy("What happened"), gettext_lazy("When, to whom, what it cost"), "event"),
    Programme.VISIT_GIFT: (
        gettext_lazy("What the visit is for"), gettext_lazy("Occasion, day, whom it concerns"),
        "event"),
    Programme.TUITION: (
        gettext_lazy("Student and school"), gettext_lazy("School year, school, what it costs"),
        "tuition"),
    Programme.MEDICAL: (
        gettext_lazy("Illness and bills"),
        gettext_lazy("Patient, hospital, what you paid yourself"), "medical"),
}  # fmt: skip


# Start


@login_not_required
@require_safe
def apply(request):
    """Who can apply and what to prepare; strangers may read it before they sign in."""
    actor = request.actor
    context = {"signed": actor is not None, "own": None, "for_others": False}
    if actor:
        context["for_others"] = bool(actor.roles.intersection(ON_BEHALF))
        context["on_roster"] = actor.person_id is not None
    if actor and actor.person_id:
        cases = Case.objects.of_applicant(actor.person_id).under_way()
        context["own"] = cases.exclude(programme=Programme.REGULAR).order_by("-pk").first()
        dossier = Dossier.objects.open_of(actor.person_id).first()
        context["on_file"] = dossier is not None and dossier.status == Dossier.Status.ACTIVE
        if context["on_file"]:
            context["form"] = ProgrammeForm()
    return render(request, "cases/apply.html", context)


@require_safe
def apply_other(request):
    """Choose the person of one's unit to apply for."""
    check_any(request.actor, *ON_BEHALF)
    filters = PersonFilter(request.GET)
    persons = Person.objects.visible_to(request.actor).for_list().narrowed(**filters.chosen)
    page = paginate(
        persons, order=("name_pinyin", "pk"), cursor=request.GET.get("cursor", ""), size=25
    )
    context = {"filters": filters, "page": page, "narrowed": bool(filters.chosen)}
    return render(request, "cases/apply_other.html", context)


@pages
def apply_new(request):
    """Begin an application, or go on with the one begun before (pressed twice, begun once)."""
    form = StartForm(request.POST, actor=request.actor)
    if request.method != "POST" or not form.is_valid():
        return redirect("cases:apply")
    person = form.cleaned_data["person"] or request.user.person
    if person is None:
        raise NotAllowed(_("Your sign-in is not connected with anybody on the staff roster."))
    at = timezone.now()
    dossier = Dossier.objects.open_of(person.pk).first()
    if dossier is None:
        dossier = actions.start_dossier(head=person, by=request.user, at=at)
    programme = Programme.RECOGNITION
    if dossier.status == Dossier.Status.ACTIVE:
        programme = form.cleaned_data["programme"]
        if not programme and form.cleaned_data["person"]:
            q = urlencode({"q": person.staff_no})  # there the programme is chosen
            return redirect(f"{reverse('cases:dossier_new')}?{q}")
        programme = programme or Programme.EMERGENCY
    case = Case.objects.filter(dossier=dossier).in_the_way(programme).first()
    if case is None:
        case = actions.open_case(dossier=dossier, programme=programme, by=request.user, at=at)
    elif not Case.objects.visible_to(request.actor).filter(pk=case.pk).exists():
        raise NotAllowed(_("An application of this kind is under way for this household."))
    return redirect("cases:apply_case", case.pk)


# Filling in


def _case(request, pk):
    """The application, if it is theirs or they entered it or may go on with it (else 404)."""
    cases = Case.objects.visible_to(request.actor).for_page()
    return get_object_or_404(cases, pk=pk)


def _filling(request, pk):
    """The application, if they may fill it in now (else 403 with the reason)."""
    case = _case(request, pk)
    if reason := actions.why_not_describe(case, request.actor):
        raise NotAllowed(reason)
    return case


def _ours(request, case):
    """Whether the actor is the applicant, or entered the application for them."""
    return request.actor.person_id == case.applicant_id or request.user.pk == case.entered_by_id


def _missing(case, known, actor):
    """What the application lacks, in sentences; the same the action would refuse with."""
    missing = list(known.lacking.get("submit", ()))
    for_another = actor.person_id != case.applicant_id
    if for_another and not known.paper and SIGNED_PAPER not in missing:
        missing.append(SIGNED_PAPER)
    return missing


def _links(case, actor):
    """The addresses of the parts of an application, each leading back to its task list; "" for an
    account that somebody else must change."""
    home = reverse("cases:apply_case", args=[case.pk])
    back = urlencode({"next": home})
    names = ("member_add", "supporter_add", "expense_add", "dossier_gates", "document_add")
    links = {n: f"{reverse(f'cases:{n}', args=[case.dossier_id])}?{back}" for n in names}
    for part in card.PAGES:
        url = reverse("cases:dossier_describe", args=[case.dossier_id, part.key])
        links[part.key] = f"{url}?{back}"
    links["document_add"] += f"&case={case.pk}"
    for name in ("event", "tuition", "medical", "declare", "payee", "check"):
        links[name] = reverse(f"cases:apply_{name}", args=[case.pk])
    if _why_not_payee(case, actor):
        links["payee"] = ""
    return links


def _why_not_payee(case, actor):
    person = case.applicant
    return people_workflow.why_not_change_payee(actor, person.pk, person.unit.path)


def _parts(case):
    """The household's parts as they stand; a query each."""
    dossier = case.dossier
    members = list(dossier.members.filter(left_on=None).order_by("pk"))
    return {
        "members": members,
        "own": next((m for m in members if m.relation == Relation.SELF), None),
        "supporters": list(dossier.supporters.filter(left_on=None).order_by("pk")),
        "expenses": list(dossier.expenses.select_related("member").order_by("spent_on", "pk")),
        "assets": [(ASKED[a.gate], a) for a in dossier.assets.order_by("pk")],
        "documents": list(dossier.documents.order_by("pk")),
        "head_only": len(members) < 2,
    }


@require_safe
def apply_case(request, pk):
    """The task list: every part with its state, in any order, over several sittings."""
    case = _case(request, pk)
    if case.status not in OPEN_TO_CHANGE and _ours(request, case):
        return redirect("cases:apply_done", case.pk)
    if reason := actions.why_not_describe(case, request.actor):
        raise NotAllowed(reason)
    on = timezone.localdate()
    known = facts.read([case], on, ("submit",))[case.pk]
    locked = actions.why_not_edit(case.dossier, request.actor)
    context = {
        "case": case,
        "tasks": _tasks(request, case, on, locked),
        "missing": _missing(case, known, request.actor),
        "locked": locked,
        "on_behalf": request.actor.person_id != case.applicant_id,
        "whole_url": _whole_form(request, case, locked),
        "returned": _last_opinion(case) if case.status == Status.RETURNED else None,
    }
    return render(request, "cases/apply_case.html", context)


def _tasks(request, case, on, locked):
    """The rows of the task list. Parts the applicant cannot change now have no link."""
    links, parts = _links(case, request.actor), _parts(case)
    policy = actions.policy_in_force(case.company_id, on)
    answered = {asset.gate for _words, asset in parts["assets"]}
    questions = set(policy.rules["gate.questions"])
    complete, todo = _("complete"), _("not yet filled in")
    persons, bills = len(parts["members"]), len(parts["expenses"])
    apart = len(parts["supporters"])

    def row(title, hint, link, done, state=""):
        words = state or (complete if done else todo)
        return {"title": title, "hint": hint, "url": link, "state": words, "kind": "" if done else
                "info"}  # fmt: skip

    household = "" if locked else links
    rows = [
        *_pages(case, request.actor, household, parts["own"], row),
        row(_("Members of the household and their income"), _("Everybody who lives with you"),
            household and links["member_add"], persons > 0,
            ngettext("%(count)s person", "%(count)s persons", persons) % {"count": persons}),
        row(_("Children and parents who live apart"), _("Who supports you, or could"),
            household and links["supporter_add"], True,
            ngettext("%(count)s person", "%(count)s persons", apart) % {"count": apart}
            if apart else _("none entered")),
        row(_("Unavoidable expenses"), _("Illness, schooling, housing: what you paid yourself"),
            household and links["expense_add"], True,
            ngettext("%(count)s entry", "%(count)s entries", bills) % {"count": bills}
            if bills else _("none entered")),
        row(_("Property and luxury goods"), _("Six questions with yes or no"),
            household and links["dossier_gates"], questions <= answered),
    ]  # fmt: skip
    if case.programme in GRANTS:
        title, hint, link = OWN_FORMS[case.programme]
        rows.insert(0, row(title, hint, links[link], not list(programmes.lacking(case))))
    return rows + _closing_tasks(request, case, links, parts, row)


def _pages(case, actor, links, own, row):
    """The pages of the household form; those with nothing starred may stay empty."""
    officer = not actions.why_not_classify(case.dossier, actor)
    for page in card.PAGES:
        if page.officers and not officer:
            continue
        state = ""
        if not page.starred and not card.begun(page, case.dossier, own):
            state = _("may stay empty")
        done = not card.lacking(page, case.dossier, own)
        yield row(page.title, page.hint, links and links[page.key], done, state)


def _whole_form(request, case, locked):
    """The way to the form on one page, for an officer who copies it from paper."""
    if locked or actions.why_not_classify(case.dossier, request.actor):
        return ""
    back = urlencode({"next": reverse("cases:apply_case", args=[case.pk])})
    return f"{reverse('cases:dossier_form', args=[case.dossier_id])}?{back}"


def _told(case, actor, links, own):
    """Each page of the household form in words, with the way back to it."""
    officer = not actions.why_not_classify(case.dossier, actor)
    return [
        (page.title, links[page.key], card.told(page, case.dossier, own))
        for page in card.PAGES
        if own and (officer or not page.officers)
    ]


def _closing_tasks(request, case, links, parts, row):
    """Account, proofs, declarations, and the last look before submitting."""
    count, refused = len(parts["documents"]), _why_not_payee(case, request.actor)
    signed = case.true_statement and case.may_verify and case.may_publish
    papers = [d for d in parts["documents"] if d.case_id == case.pk and d.kind == "SIGNED_FORM"]
    own = case.entered_by.person_id == case.applicant_id == request.actor.person_id
    proofs = _("Photos of certificates and receipts") if own else _(
        "The application form signed on paper must be among them")  # fmt: skip
    attached = ngettext("%(count)s file", "%(count)s files", count) % {"count": count}
    return [
        row(_("Payee account"), refused or _("The bank card the money goes to"),
            links["payee"], bool(case.applicant.account)),
        row(_("Proofs"), proofs, links["document_add"], own or bool(papers),
            attached if count else _("none attached")),
        row(_("Three declarations"), _("A tick is a signature"), links["declare"], signed),
        row(_("Check and submit"), _("See everything on one page first"), links["check"], True,
            " "),
    ]  # fmt: skip


@pages
def apply_event(request, pk):
    case = _filling(request, pk)
    now = timezone.now()
    names = ("event", "event_on", "spent_fen", "reimbursed_fen", "asked_fen", "reason")
    initial = {name: getattr(case, name) or None for name in names} | {"patient": case.patient_id}
    given = {"initial": initial, "case": case, "on": day_of(now)}
    posted = request.POST if request.method == "POST" else None
    if case.programme == Programme.EMERGENCY:
        form = EventForm(posted, cap_fen=_cap_fen(case, given["on"]), **given)
    elif case.programme == Programme.VISIT_GIFT:
        form = GiftForm(posted, **given)
    else:
        raise Http404
    if not form.is_valid():
        return _form_page(request, "cases/apply_event.html", case, form)
    actions.describe_case(case=case, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("What happened was saved."))
    return redirect("cases:apply_case", case.pk)


def _cap_fen(case, on):
    policy = actions.policy_in_force(case.company_id, on)
    return scoring.cap_fen(policy.rules, case.programme)


def _filed(case, name):
    """The answers given before on a form of its own, as they were typed."""
    form = getattr(case, name, None)
    if form is None:
        return {"reason": case.reason}
    answers = model_to_dict(form) | {"reason": case.reason, "asked_fen": case.asked_fen}
    yes_no = {True: "yes", False: "no"}
    return answers | {n: yes_no[answers[n]] for n in ("fresh", "loan") if n in answers}


@pages
def apply_tuition(request, pk):
    case = _filling(request, pk)
    if case.programme != Programme.TUITION:
        raise Http404
    now = timezone.now()
    form = TuitionForm(
        request.POST if request.method == "POST" else None,
        initial=_filed(case, "tuition"),
        case=case,
        on=day_of(now),
    )
    if not form.is_valid():
        return _form_page(request, "cases/apply_tuition.html", case, form)
    actions.save_tuition(case=case, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("Student and school were saved."))
    return redirect("cases:apply_case", case.pk)


@pages
def apply_medical(request, pk):
    case = _filling(request, pk)
    if case.programme != Programme.MEDICAL:
        raise Http404
    now = timezone.now()
    form = MedicalForm(
        request.POST if request.method == "POST" else None,
        initial=_filed(case, "medical"),
        case=case,
        on=day_of(now),
        cap_fen=_cap_fen(case, day_of(now)),
    )
    if not form.is_valid():
        return _form_page(request, "cases/apply_medical.html", case, form)
    actions.save_medical(case=case, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("Illness and bills were saved."))
    return redirect("cases:apply_case", case.pk)


@pages
def apply_payee(request, pk):
    case = _filling(request, pk)
    person = case.applicant
    people_workflow.check(_why_not_payee(case, request.actor))
    initial = {"bank": person.bank, "branch": person.branch, "account_name": person.name}
    form = PayeeForm(
        request.POST if request.method == "POST" else None, initial=initial, person=person
    )
    if not form.is_valid():
        return _form_page(request, "cases/apply_payee.html", case, form)
    names = ("bank", "branch", "account_name", "account")
    columns = {name: form.cleaned_data[name] for name in names}
    change_payee(person=person, by=request.user, at=timezone.now(), **columns)
    messages.success(request, _("The payee account was saved."))
    for sentence in hints.after_saving(case.dossier_id, request.actor):
        messages.warning(request, sentence)
    return redirect("cases:apply_case", case.pk)


@pages
def apply_declare(request, pk):
    case = _filling(request, pk)
    names = ("true_statement", "may_verify", "may_publish")
    initial = {name: getattr(case, name) for name in names}
    form = DeclareForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_valid():
        return _form_page(request, "cases/apply_declare.html", case, form)
    actions.describe_case(case=case, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The declarations were signed."))
    return redirect("cases:apply_case", case.pk)


def _form_page(request, template, case, form):
    on_behalf = request.actor.person_id != case.applicant_id
    context = {"case": case, "form": form, "on_behalf": on_behalf}
    return render(request, template, context, status=422 if form.errors else 200)


# Submitting


@pages
def apply_check(request, pk):
    """Everything on one page, with what is missing in words; POST submits."""
    case = _case(request, pk)
    if case.status not in OPEN_TO_CHANGE and _ours(request, case):
        return redirect("cases:apply_done", case.pk)
    now = timezone.now()
    known = facts.read([case], day_of(now), ("submit",))[case.pk]
    missing = _missing(case, known, request.actor)
    workflow.check(replace(known, lacking={}, paper=True), "submit", request.actor)
    if request.method != "POST" or missing:
        parts, links = _parts(case), _links(case, request.actor)
        context = parts | {
            "case": case,
            "links": links,
            "pages": _told(case, request.actor, links, parts["own"]),
            "missing": missing,
            "locked": actions.why_not_edit(case.dossier, request.actor),
            "refused": missing if request.method == "POST" else (),
            "asked": _asked(case),
        }
        status = 422 if request.method == "POST" else 200
        return render(request, "cases/apply_check.html", context, status=status)
    actions.submit(case=case, by=request.user, at=now)
    messages.success(request, _("The application was submitted."))
    return redirect("cases:apply_done", case.pk)


def _asked(case):
    """The card of what is asked for: its title and page, and the words where it is empty."""
    if case.programme not in OWN_FORMS:
        return None
    title, _hint, name = OWN_FORMS[case.programme]
    begun = case.event or getattr(case, name, None)
    return {
        "title": title,
        "url": reverse(f"cases:apply_{name}", args=[case.pk]),
        "missing": "" if begun else _("Fill this in"),
    }


@require_safe
def apply_done(request, pk):
    """The receipt: number, query code, what happens next and when. May be opened again."""
    case = get_object_or_404(Case.objects.visible_to(request.actor).for_story(), pk=pk)
    if not _ours(request, case):
        raise Http404
    if case.status == Status.DRAFT:
        return redirect("cases:apply_case", case.pk)
    context = {
        "case": case,
        "code": spaced(case.code),
        "story": story(case),
        "own": request.actor.person_id == case.applicant_id,
    }
    return render(request, "cases/apply_done.html", context)


# What became of it


@require_safe
def my(request):
    """Every application of the person signed in, newest first, and drafts for others."""
    actor = request.actor
    cases = Case.objects.none()
    if actor.person_id:
        cases = Case.objects.of_applicant(actor.person_id).for_story().order_by("-pk")
    facts_of = facts.read(list(cases), timezone.localdate(), ("withdraw",))
    drafts = Case.objects.drafts_for_others(actor).select_related("applicant")
    context = {
        "cards": [_card(case, facts_of[case.pk], actor) for case in cases],
        "drafts": drafts.order_by("-pk")[:50],
        "on_file": Dossier.objects.active().filter(head=actor.person_id).first(),
        "for_others": bool(actor.roles.intersection(ON_BEHALF)),
        "may_report": actions.may_report_any(actor),
    }
    return render(request, "cases/my.html", context)


def _card(case, known, actor):
    """What the applicant is told of one case; no query."""
    declined = case.status == Status.DECLINED
    return {
        "case": case,
        "code": spaced(case.code),
        "story": story(case),
        "mine": case.status in OPEN_TO_CHANGE,
        "last": _last_opinion(case) if declined or case.status == Status.RETURNED else None,
        "granted": case.granted_fen if case.status in DECIDED else None,
        "why": _why(case) if case.status in DECIDED or declined else None,
        "may_withdraw": not workflow.why_not(known, "withdraw", actor),
    }


def _last_opinion(case):
    """The last step: its reason in words, and what whoever took it wrote."""
    step = max(case.steps.all(), key=lambda row: row.pk)
    opinion = getattr(step, "opinion", None)
    return {"reason": step.reason_words, "words": opinion.words if opinion else "", "at": step.at}


def _why(case):
    """The decision explained factor by factor; only after it was taken. No query."""
    if case.assessment_id is None:
        return None
    result = canonical.loads(case.assessment.result)
    clauses = {row.key: row.clause for row in case.assessment.policy.clauses.all()}
    return {
        "policy": case.assessment.policy,
        "income": explain.income(result),
        "standing": explain.standing(result),
        "factors": explain.factors(result, clauses),
        "steps": explain.steps(result, clauses),
    }
