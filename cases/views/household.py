"""What a household declares: the same pages for those who apply and for their officers."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from base.workdays import day_of
from cases import actions, card, hints
from cases.forms.household import ExpenseForm, GatesForm, MemberForm, PageForm, SupporterForm
from cases.models import Dossier, Expense, Member, Supporter
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


def editable(request, pk):
    """The household, if the actor sees it (else 404) and may change it now (else 403)."""
    dossiers = Dossier.objects.visible_to(request.actor).select_related("head", "unit", "company")
    dossier = get_object_or_404(dossiers, pk=pk)
    if reason := actions.why_not_edit(dossier, request.actor):
        raise NotAllowed(reason)
    return dossier


def _member(request, pk):
    member = get_object_or_404(Member.objects.select_related("dossier"), pk=pk, left_on=None)
    member.dossier = editable(request, member.dossier_id)
    return member


def _expense(request, pk):
    expense = get_object_or_404(Expense.objects.select_related("member"), pk=pk)
    expense.dossier = editable(request, expense.dossier_id)
    return expense


def _supporter(request, pk):
    supporter = get_object_or_404(Supporter.objects.select_related("dossier"), pk=pk, left_on=None)
    supporter.dossier = editable(request, supporter.dossier_id)
    return supporter


def _page(request, template, dossier, **context):
    """A page about the household: form, way back, and 422 when the form has errors."""
    form = context.get("form")
    back = back_to(request, dossier.get_absolute_url())
    places = {"dossier": dossier, "back_url": back, "next": urlencode({"next": back})}
    status = 422 if form is not None and form.errors else 200
    return render(request, template, places | context, status=status)


def _done(request, dossier, words):
    """To where the page was opened from; or, to add another, to the same page. Whoever enters it
    for the union is told what this household shares with others."""
    messages.success(request, words)
    for sentence in hints.after_saving(dossier.pk, request.actor):
        messages.warning(request, sentence)
    if "again" in request.POST:
        return HttpResponseRedirect(request.get_full_path())
    return HttpResponseRedirect(back_to(request, dossier.get_absolute_url()))


@pages
def dossier_describe(request, pk, part):
    """One page of the household form; whatever is filled in is kept, nothing is required."""
    dossier = editable(request, pk)
    page = card.BY_KEY.get(part)
    if page is None:
        raise Http404
    if page.officers and (reason := actions.why_not_classify(dossier, request.actor)):
        raise NotAllowed(reason)
    now = timezone.now()
    own = dossier.members.get(relation=Relation.SELF)
    sent = request.POST if request.method == "POST" else None
    form = PageForm(sent, page=page, dossier=dossier, own=own, on=day_of(now))
    if not form.is_valid():
        return _page(request, "cases/dossier_describe.html", dossier, form=form, page=page)
    actions.fill_in(
        dossier=dossier, by=request.user, at=now, header=form.header, personal=form.personal
    )
    return _done(request, dossier, _("“%(page)s” was saved.") % {"page": page.title})


# Members


@pages
def member_add(request, pk):
    dossier = editable(request, pk)
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
    form = MemberForm(
        request.POST if request.method == "POST" else None,
        dossier=member.dossier,
        on=day_of(now),
        member=member,
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


# Those who support the household and live apart


@pages
def supporter_add(request, pk):
    dossier = editable(request, pk)
    form = SupporterForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        supporters = dossier.supporters.filter(left_on=None).order_by("pk")
        context = {"form": form, "supporters": supporters}
        return _page(request, "cases/supporter_add.html", dossier, **context)
    once(
        form.cleaned_data["token"],
        lambda: (
            actions.save_supporter(
                dossier=dossier, by=request.user, at=timezone.now(), **form.columns
            ).pk
        ),
    )
    return _done(request, dossier, _("%(name)s was entered.") % {"name": form.columns["name"]})


@pages
def supporter_edit(request, pk):
    supporter = _supporter(request, pk)
    dossier = supporter.dossier
    sent = request.POST if request.method == "POST" else None
    form = SupporterForm(sent, supporter=supporter)
    if not form.is_valid():
        context = {"form": form, "supporter": supporter}
        return _page(request, "cases/supporter_edit.html", dossier, **context)
    actions.save_supporter(
        dossier=dossier, by=request.user, at=timezone.now(), supporter=supporter, **form.columns
    )
    words = _("What is known of %(name)s was changed.") % {"name": supporter.name}
    return _done(request, dossier, words)


@pages
def supporter_remove(request, pk):
    supporter = _supporter(request, pk)
    dossier = supporter.dossier
    if request.method != "POST":
        return _page(request, "cases/supporter_remove.html", dossier, supporter=supporter)
    actions.remove_supporter(supporter=supporter, by=request.user, at=timezone.now())
    words = _("%(name)s no longer supports the household.") % {"name": supporter.name}
    return _done(request, dossier, words)


# Expenses


@pages
def expense_add(request, pk):
    dossier = editable(request, pk)
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
    dossier = editable(request, pk)
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
