"""The self-test: where a household would stand, in words. Nothing is stored or written down."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cases import explain, facts, scoring
from cases.forms.self_test import SelfTestForm
from cases.models import Policy
from cases.views.limits import HOUR, limited, unlisted
from cases.workflow import Programme
from people.models import Unit

TESTS = {"most": 240, "seconds": HOUR}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@unlisted
@limited("self-test", **TESTS)
def self_test(request):
    """For anybody. The answers come by POST, so that no address and no log keeps them."""
    own = {hat.company_id for hat in request.actor.hats} if request.actor else set()
    companies = Unit.objects.companies().order_by("path")
    form = SelfTestForm(
        request.POST if request.method == "POST" else None,
        companies=companies,
        company=min(own - {None}, default=None),
    )
    context = {"form": form}
    if form.is_valid():
        context |= _judged(form, timezone.localdate())
    status = 422 if form.errors else 200
    return render(request, "cases/self_test.html", context, status=status)


def _judged(form, on):
    """The assessment of the answers in words, under the policy in force today."""
    company = form.cleaned_data["company"]
    policy = Policy.objects.in_force(company.pk, on)
    line = facts.line_fen(company.pk, on)
    if policy is None or line is None:
        return {"cannot": _("No policy or no subsistence line is in force in this company yet.")}
    ask = {"programme": Programme.RECOGNITION, "on": on.isoformat()}
    result = scoring.assess(policy.rules, form.facts(line, on), ask)
    clauses = {row.key: row.clause for row in policy.clauses.all()}
    return {
        "policy": policy,
        "result": result,
        "stopped": result["gates_failed"],
        "income": explain.income(result),
        "standing": explain.standing(result),
        "chances": _chances(result),
        "factors": explain.factors(result, clauses),
    }


def _chances(result):
    """What an application would come to, said with care: only the five steps decide."""
    if result["gates_failed"]:
        return _(
            "An application would not succeed as things are. Where there is a good reason, such as"
            " a vehicle needed for treatment, the leadership may minute an exception: ask your"
            " grassroots union."
        )
    if result["level"] and result["category"]:
        return _(
            "An application has good prospects. The grassroots union looks at it, two visitors"
            " come to your home, the leadership decides, and the result is published."
        )
    if result["level"] or result["category"]:
        return _(
            "An application is possible: points and income do not agree, so the officers look at"
            " it closely. Ask your grassroots union."
        )
    return _(
        "As things are the household would not be put on file. Should something change, an"
        " illness, a loss of work, a cost, test again or ask your grassroots union."
    )
