"""What a household declares: the same pages for those who apply and for their officers."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from base.workdays import day_of
from cases import actions
from cases.forms.household import DescribeForm, ExpenseForm, GatesForm, MemberForm
from cases.models import Dossier, Expense, Member
from cases.views.limits import once
from people.models import Relation
from people.roles import NotAllowed

pages = require_http_methods(["GET", "HEAD", "POST"])


def back_to(request, default):
    """Where `?next=` leads if it stays on this site (fault 21), else the default."""
    target = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else default


def _editable(request, pk):
    """The household, if the actor sees it (else 404) and may change it now (else 403)."""
    dossiers = Dossier.objects.visible_to(request.actor).select_related("head", "unit")
    dossier = get_object_or_404(dossiers, pk=pk)
    if reason := actions.why_not_edit(dossier, request.actor):
        raise NotAllowed(reason)
    return dossier


def _member(request, pk):
    member = get_object_or_404(Member.objects.select_related("dossier"), pk=pk, left_on=None)
    member.dossier = _editable(request, member.dossier_id)
    return member


def _expense(request, pk):
    expense = get_object_or_404(Expense.objects.select_related("member"), pk=pk)
    expense.dossier = _editable(request, expense.dossier_id)
    return expense


def _page(request, template, dossier, **context):
    """A page about the household: form, way back, and 422 when the form has errors."""
    form = context.get("form")
    back = back_to(request, dossier.get_absolute_url())
    places = {"dossier": dossier, "back_url": back, "next": urlencode({"next": back})}
    status = 422 if form is not None and form.errors else 200
    return render(request, template, places | context, status=status)


def _done(request, dossier, words):
    """To where the page was opened from; or, to add another, to the same page."""
    messages.success(request, words)
    if "again" in request.POST:
        return HttpResponseRedirect(request.get_full_path())
    return HttpResponseRedirect(back_to(request, dossier.get_absolute_url()))


@pages
def dossier_describe(request, pk):
    dossier = _editable(request, pk)
    names = ("main_cause", "side_causes", "other_income_fen", "address", "story")
    initial = {name: getattr(dossier, name) for name in names}
    if not dossier.other_income_fen:
        del initial["other_income_fen"]
    form = DescribeForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_valid():
        return _page(request, "cases/dossier_describe.html", dossier, form=form)
    actions.describe(dossier=dossier, by=request.user, at=timezone.now(), **form.cleaned_data)
    return _done(request, dossier, _("The situation of the household was saved."))


# Members


@pages
def member_add(request, pk):
    dossier = _editable(request, pk)
    now = timezone.now()
    form = MemberForm(
        request.POST if request.method == "POST" else None, dossier=dossier, on=day_of(now)
    )
    if not form.is_valid():
        members = dossier.members.filter(left_on=None).order_by("pk")
        return _page(request, "cases/member_add.html", dossier, form=form, members=members)
    member = actions.save_member(
        dossier=dossier, by=request.user, at=now, member=form.returning, **form.columns
    )
    return _done(request, dossier, _("%(name)s was entered.") % {"name": member.name})


@pages
def member_edit(request, pk):
    member = _member(request, pk)
    now = timezone.now()
    names = (
        "relation", "name", "occupation", "workplace", "school_level", "monthly_income_fen",
        "health", "ill_this_year",
    )  # fmt: skip
    initial = {name: getattr(member, name) for name in names}
    form = MemberForm(
        request.POST if request.method == "POST" else None,
        dossier=member.dossier,
        on=day_of(now),
        member=member,
        initial=initial,
    )
    if not form.is_valid():
        return _page(request, "cases/member_edit.html", member.dossier, form=form, member=member)
    actions.save_member(
        dossier=member.dossier, by=request.user, at=now, member=member, **form.columns
    )
    words = _("What is known of %(name)s was changed.") % {"name": member.name}
    return _done(request, member.dossier, words)


@pages
def member_remove(request, pk):
    member = _member(request, pk)
    if member.relation == Relation.SELF:
        raise NotAllowed(_("The employee is the head of the household and stays in it."))
    if request.method != "POST":
        return _page(request, "cases/member_remove.html", member.dossier, member=member)
    actions.remove_member(member=member, by=request.user, at=timezone.now())
    words = _("%(name)s no longer belongs to the household.") % {"name": member.name}
    return _done(request, member.dossier, words)


# Expenses


@pages
def expense_add(request, pk):
    dossier = _editable(request, pk)
    now = timezone.now()
    form = ExpenseForm(
        request.POST if request.method == "POST" else None, dossier=dossier, on=day_of(now)
    )
    if not form.is_valid():
        expenses = dossier.expenses.select_related("member").order_by("spent_on", "pk")
        return _page(request, "cases/expense_add.html", dossier, form=form, expenses=expenses)
    once(
        form.cleaned_data["token"],
        lambda: actions.save_expense(dossier=dossier, by=request.user, at=now, **form.columns).pk,
    )
    return _done(request, dossier, _("The expense was entered."))


@pages
def expense_edit(request, pk):
    expense = _expense(request, pk)
    dossier, now = expense.dossier, timezone.now()
    names = ("kind", "spent_on", "gross_fen", "reimbursed_fen", "vouchers", "note")
    initial = {name: getattr(expense, name) for name in names} | {"member": expense.member_id}
    form = ExpenseForm(
        request.POST if request.method == "POST" else None,
        dossier=dossier,
        on=day_of(now),
        expense=expense,
        initial=initial,
    )
    if not form.is_valid():
        return _page(request, "cases/expense_edit.html", dossier, form=form, expense=expense)
    actions.save_expense(dossier=dossier, by=request.user, at=now, expense=expense, **form.columns)
    return _done(request, dossier, _("The expense was changed."))


@pages
def expense_remove(request, pk):
    expense = _expense(request, pk)
    if request.method != "POST":
        return _page(request, "cases/expense_remove.html", expense.dossier, expense=expense)
    actions.remove_expense(expense=expense, by=request.user, at=timezone.now())
    return _done(request, expense.dossier, _("The expense was taken off."))


# Gate questions


@pages
def dossier_gates(request, pk):
    dossier = _editable(request, pk)
    now = timezone.now()
    policy = actions.policy_in_force(dossier.company_id, day_of(now))
    form = GatesForm(
        request.POST if request.method == "POST" else None,
        gates=policy.rules["gate.questions"],
        assets=dossier.assets.all(),
    )
    if not form.is_valid():
        return _page(request, "cases/gates.html", dossier, form=form)
    actions.answer_gates(dossier=dossier, by=request.user, at=now, answers=form.answers)
    return _done(request, dossier, _("The answers were saved."))
