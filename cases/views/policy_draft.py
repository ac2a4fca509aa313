"""Drafts of the policy: begun from the version in force, edited clause by clause, compared."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import actions, seed_policy
from cases.forms.policy import ClauseForm, DraftForm
from cases.models import Clause, Policy
from cases.policy_words import differences, kind, words
from cases.views.policy import get_policy
from people.roles import NotAllowed, Role, check_any

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
def policy_new(request):
    """A draft that begins as a copy of the version in force."""
    check_any(request.actor, Role.COMPANY_OFFICER)
    companies = request.actor.companies(Role.COMPANY_OFFICER)
    base = Policy.objects.newest(min(companies))
    initial = {"title": base.title if base else seed_policy.TITLE}
    form = DraftForm(request.POST or None, companies=companies, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "base": base}
        return render(request, "cases/policy_new.html", context, status=status)
    policy = actions.start_draft(by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The draft was made; nothing is in force yet."))
    return redirect(policy)


def _editable(request, pk):
    policy = get_policy(request, pk)
    if reason := actions.why_not_edit_draft(policy, request.actor):
        raise NotAllowed(reason)
    return policy


def _clause(policy, key):
    """The clause of a draft, or the one the program brings along for it; else 404."""
    found = policy.clauses.filter(key=key).first()
    if found:
        return found
    for known, clause, value, mark, source in seed_policy.CLAUSES:
        if known == key:
            return Clause(key=key, clause=clause, value=value, mark=mark, source=source)
    raise Http404


@require_http_methods(FORM)
def clause_edit(request, pk, key):
    """One clause of a draft: its value in the fields of its shape, its number, its source."""
    policy = _editable(request, pk)
    clause = _clause(policy, key)
    what = kind(key, clause.value)
    if what.shape is None:
        raise NotAllowed(_("This clause cannot be changed here."))
    form = ClauseForm(
        request.POST or None, shape=what.shape, value=clause.value, clause=clause.clause,
        source=clause.source, mark=clause.mark,
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        base = Policy.objects.replaced_by(policy)
        before = base and base.clauses.filter(key=key).first()
        context = {
            "form": form,
            "policy": policy,
            "name": what.name,
            "was": words(key, before.value) if before else None,
        }
        return render(request, "cases/clause_edit.html", context, status=status)
    actions.change_clause(
        policy=policy, key=key, by=request.user, at=timezone.now(), **form.columns
    )
    messages.success(request, _("The clause was changed in the draft."))
    return redirect(policy)


@require_http_methods(FORM)
def policy_give_up(request, pk):
    policy = _editable(request, pk)
    if request.method != "POST":
        return render(request, "cases/policy_give_up.html", {"policy": policy})
    actions.give_up_draft(policy=policy, by=request.user, at=timezone.now())
    messages.success(request, _("The draft was given up."))
    return redirect("cases:policy_list")


@require_safe
def policy_diff(request, a, b):
    """What changes from one version to another, clause by clause, in words."""
    before, after = get_policy(request, a), get_policy(request, b)
    others = Policy.objects.visible_to(request.actor).filter(company=before.company_id)
    get_object_or_404(others, pk=after.pk)
    context = {
        "before": before,
        "after": after,
        "differences": differences(before.clauses.all(), after.clauses.all()),
    }
    return render(request, "cases/policy_diff.html", context)
