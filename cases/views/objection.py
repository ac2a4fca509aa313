"""Pages of objections, for the discipline inspection; the auditor sees that there are some."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from cases import actions, facts, workflow
from cases.forms.objection import AnswerForm, ObjectionFilter
from cases.models import Case, Objection
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

page_of_an_act = require_http_methods(["GET", "HEAD", "POST"])

COLUMNS = (
    Column("code", gettext_lazy("Receipt code")),
    Column("case", gettext_lazy("Case number")),
    Column("line", gettext_lazy("Line of the notice")),
    Column("notice", gettext_lazy("Notice"), width=28),
    Column("filed", gettext_lazy("Filed"), kind="date"),
    Column("due", gettext_lazy("Answer due"), kind="date"),
    Column("handler", gettext_lazy("Handler")),
    Column("outcome", gettext_lazy("Outcome")),
)


def _cells(objection):
    return (
        objection.code, objection.case.number, objection.line.name, objection.line.notice.title,
        timezone.localtime(objection.filed_at).date(), objection.due_on,
        objection.handler.name if objection.handler else "", objection.get_outcome_display(),
    )  # fmt: skip


@require_safe
def objection_list(request):
    check_any(request.actor, Role.DISCIPLINE, Role.AUDITOR)
    filters = ObjectionFilter(request.GET)
    found = Objection.objects.visible_to(request.actor).for_list().narrowed(**filters.chosen)
    return listing(
        request,
        "cases/objection_list.html",
        rows=found,
        order=("-due_on", "-pk"),
        title=_("Objections"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        on=timezone.localdate(),
    )


def _get_objection(request, pk):
    found = Objection.objects.visible_to(request.actor).for_list().select_related("case__unit")
    return get_object_or_404(found, pk=pk)


def _read(objection):
    return facts.read([objection.case], timezone.localdate(), ())[objection.case_id]


def _get_mine(request, pk, *, taken_up=False):
    """The objection if the actor may handle it now; 404 unseen, 403 with the reason."""
    objection = _get_objection(request, pk)
    read = _read(objection)
    if reason := actions.why_not_handle(read, objection, request.actor):
        raise NotAllowed(reason)
    if taken_up and objection.handler_id is None:
        raise NotAllowed(_("Take the objection up first."))
    return objection


@require_safe
def objection_detail(request, pk):
    """What was objected to. In which words is for a handler's eyes only; who objected, for the
    handler's who took it up."""
    objection = _get_objection(request, pk)
    read = _read(objection)
    refused = actions.why_not_handle(read, objection, request.actor)
    case = Case.objects.visible_to(request.actor).filter(pk=objection.case_id)
    context = {
        "objection": objection,
        "answer": getattr(objection, "answer", None),
        "private": not workflow.why_not_handle(read, request.actor),
        "mine": objection.handler_id == request.user.pk,
        "refused": "" if objection.closed_at else refused,
        "may_hold": not refused and objection.handler_id is None,
        "may_answer": not refused and objection.handler_id is not None,
        "case_url": objection.case.get_absolute_url() if case.exists() else "",
        "on": timezone.localdate(),
    }
    return render(request, "cases/objection_detail.html", context)


@page_of_an_act
def hold(request, pk):
    objection = _get_mine(request, pk)
    if request.method == "POST":
        actions.hold(objection=objection, by=request.user, at=timezone.now())
        messages.success(request, _("The objection was taken up; this line is held."))
        return redirect(objection)
    return render(request, "cases/hold.html", {"objection": objection})


def _answer(request, pk, template, act, done):
    objection = _get_mine(request, pk, taken_up=True)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        act(objection=objection, by=request.user, at=timezone.now(), words=words)
        messages.success(request, done)
        return redirect(objection)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"objection": objection, "form": form}, status=status)


@page_of_an_act
def release(request, pk):
    done = _("The objection was dismissed with an answer.")
    return _answer(request, pk, "cases/release.html", actions.release, done)


@page_of_an_act
def reopen(request, pk):
    done = _("The objection was upheld; the case goes back to the company union.")
    return _answer(request, pk, "cases/reopen.html", actions.reopen, done)
