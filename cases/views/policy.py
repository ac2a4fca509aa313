"""The policy: every clause with its number, value in words and source; putting one in force."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from cases import actions, policy_checks
from cases.forms.policy import EnactForm, LineForm
from cases.models import Clause, Policy, Simulation, SubsistenceLine
from cases.policy_words import Chapter, differences, kind, rank, words
from people.models import Unit
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

COLUMNS = (
    Column("number", gettext_lazy("Version"), kind="int", width=8),
    Column("title", gettext_lazy("Title"), width=40),
    Column("company", gettext_lazy("Company"), width=28),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Policy.Status.choices)),
    Column("in_force_on", gettext_lazy("In force from"), kind="date"),
)


def _cells(policy):
    return (policy.number, policy.title, policy.company.name, policy.status, policy.in_force_on)


def _with_replaced(page):
    """[(version, pk of the one it replaces or None)] of a page."""
    replaced = Policy.objects.each_replaced(list(page))
    return [(policy, replaced.get(policy.pk)) for policy in page]


@require_safe
def policy_list(request):
    companies = sorted({hat.company_id for hat in request.actor.hats if hat.company_id})
    today = timezone.localdate()
    lines = SubsistenceLine.objects.filter(company__in=companies).order_by("-since", "-pk")
    return listing(
        request,
        "cases/policy_list.html",
        rows=Policy.objects.visible_to(request.actor).select_related("company"),
        order=("-number", "-pk"),
        title=_("Policies"),
        columns=COLUMNS,
        cells=_cells,
        shown=_with_replaced,
        lines=lines.select_related("company"),
        current={p.pk for c in companies if (p := Policy.objects.in_force(c, today))},
        may_enter_line=not request.actor.why_not_any(Role.COMPANY_OFFICER),
        may_draft=not request.actor.why_not_any(Role.COMPANY_OFFICER),
    )


def get_policy(request, pk):
    """A version the actor may read, else 404."""
    policies = Policy.objects.visible_to(request.actor).select_related(
        "company", "drafted_by", "enacted_by", "given_up_by"
    )
    return get_object_or_404(policies, pk=pk)


def chapters(policy, base):
    """[(chapter, rows)]: each clause with its words, and those of `base` where they differ.

    A draft shows what it lacks too, with the value the program brings along. One query for the
    clauses of each of the two versions.
    """
    clauses = {clause.key: clause for clause in policy.clauses.all()}
    before = {clause.key: clause for clause in base.clauses.all()} if base else {}
    lacking = policy_checks.missing(clauses) if policy.status == Policy.Status.DRAFT else []
    for key, number, value, mark, source in lacking:
        clauses[key] = Clause(key=key, clause=number, value=value, mark=mark, source=source)
    rows = [
        _row(clause, before.get(clause.key), base)
        for clause in sorted(clauses.values(), key=lambda clause: rank(clause.key))
    ]
    return [
        (chapter.label, found)
        for chapter in Chapter
        if (found := [row for row in rows if row["chapter"] == chapter])
    ]


def _row(clause, before, base):
    changed = before is not None and before.value != clause.value
    return {
        "clause": clause,
        "chapter": kind(clause.key).chapter,
        "words": words(clause.key, clause.value),
        "was": words(clause.key, before.value) if before else None,
        "changed": changed,
        "new": base is not None and before is None and clause.pk is not None,
        "lacking": clause.pk is None,
        "fixed": kind(clause.key, clause.value).shape is None,
    }


@require_safe
def policy_detail(request, pk):
    policy = get_policy(request, pk)
    today = timezone.localdate()
    base = Policy.objects.replaced_by(policy)
    draft = policy.status == Policy.Status.DRAFT
    context = {
        "policy": policy,
        "base": base,
        "chapters": chapters(policy, base),
        "draft": draft,
        "problems": _problems(policy) if draft else [],
        "editors": policy.edits.order_by("by__name").values_list("by__name", flat=True).distinct(),
        "lines": SubsistenceLine.objects.filter(company=policy.company_id).order_by("-since"),
        "may_enact": not actions.why_not_enact(policy, request.actor, today, today),
        "may_edit": not actions.why_not_edit_draft(policy, request.actor),
        "may_simulate": not actions.why_not_simulate(policy, request.actor),
        "may_enter_line": request.actor.has(Role.COMPANY_OFFICER, policy.company.path),
    }
    return render(request, "cases/policy_detail.html", context)


def _problems(policy):
    """What stands in the way of putting a draft in force: [(clause, sentence)] in words."""
    return [(kind(p.key).name, p.sentence) for p in actions.problems(policy)]


@require_http_methods(["GET", "HEAD", "POST"])
def policy_enact(request, pk):
    """Put a draft in force, with everything it changes and what came of it when it was tried."""
    policy = get_policy(request, pk)
    today = timezone.localdate()
    if reason := actions.why_not_enact(policy, request.actor, today, today):
        raise NotAllowed(reason)
    form = EnactForm(request.POST or None, on=today)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        base = Policy.objects.replaced_by(policy)
        context = {
            "form": form,
            "policy": policy,
            "base": base,
            "differences": differences(base.clauses.all(), policy.clauses.all()) if base else [],
            "simulation": Simulation.objects.latest_of(policy),
            "chapters": [] if base else chapters(policy, None),
        }
        return render(request, "cases/policy_enact.html", context, status=status)
    actions.enact(
        policy=policy,
        in_force_on=form.cleaned_data["in_force_on"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The policy was put in force."))
    return redirect(policy)


@require_http_methods(["GET", "HEAD", "POST"])
def policy_line(request):
    """A new subsistence line; the older ones stay, because cases were judged by them."""
    check_any(request.actor, Role.COMPANY_OFFICER)
    company = Unit.objects.get(pk=min(request.actor.companies(Role.COMPANY_OFFICER)))
    form = LineForm(request.POST or None, company=company)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "company": company}
        return render(request, "cases/policy_line.html", context, status=status)
    actions.set_line(company=company, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The subsistence line was entered."))
    return redirect("cases:policy_list")
