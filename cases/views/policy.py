"""The policy: every clause with its number, value in words and source; putting one in force."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from cases import actions
from cases.forms.policy import EnactForm, LineForm
from cases.models import Policy, SubsistenceLine
from cases.policy_words import words
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
        lines=lines.select_related("company"),
        current={p.pk for c in companies if (p := Policy.objects.in_force(c, today))},
        may_enter_line=not request.actor.why_not_any(Role.COMPANY_OFFICER),
    )


def _policy(request, pk):
    policies = Policy.objects.visible_to(request.actor).select_related(
        "company", "drafted_by", "enacted_by"
    )
    return get_object_or_404(policies, pk=pk)


def _clauses(policy):
    """Each clause with its words, and those of the version before where they differ."""
    earlier = Policy.objects.filter(company=policy.company_id, number__lt=policy.number)
    last = earlier.order_by("-number").first()
    before = last.rules if last else {}
    return [
        {
            "clause": clause,
            "words": words(clause.key, clause.value),
            "before": words(clause.key, before[clause.key])
            if clause.key in before and before[clause.key] != clause.value
            else None,
            "new": bool(before) and clause.key not in before,
        }
        for clause in policy.clauses.order_by("pk")
    ]


@require_safe
def policy_detail(request, pk):
    policy = _policy(request, pk)
    today = timezone.localdate()
    context = {
        "policy": policy,
        "clauses": _clauses(policy),
        "lines": SubsistenceLine.objects.filter(company=policy.company_id).order_by("-since"),
        "may_enact": not actions.why_not_enact(policy, request.actor, today, today),
        "may_enter_line": request.actor.has(Role.COMPANY_OFFICER, policy.company.path),
    }
    return render(request, "cases/policy_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def policy_enact(request, pk):
    policy = _policy(request, pk)
    today = timezone.localdate()
    if reason := actions.why_not_enact(policy, request.actor, today, today):
        raise NotAllowed(reason)
    form = EnactForm(request.POST or None, on=today)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "policy": policy, "clauses": _clauses(policy)}
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
