"""Changes between two re-checks: reported by the household or its union, taken into the file."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.workdays import day_of
from base.xlsx import Column
from cases import actions
from cases.forms.dossier import PersonSearch
from cases.forms.life import ChangeFilter, ChangeForm, DismissForm, TakeForm
from cases.models import Change, Dossier
from cases.models.dossier import READERS
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

pages = require_http_methods(["GET", "HEAD", "POST"])
READING = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
FINDERS = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER)
MOST_FOUND = 20
COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("kind", gettext_lazy("What changed"), kind="choice", choices=tuple(Change.Kind.choices)),
    Column("happened", gettext_lazy("Since when"), kind="date"),
    Column("reported", gettext_lazy("Reported on"), kind="date"),
    Column("late", gettext_lazy("Reported late")),
    Column("due", gettext_lazy("Due"), kind="date"),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Change.Status.choices)),
)


def _cells(change):
    return (
        change.dossier.number,
        masking.mask_name(change.dossier.head.name),
        change.dossier.unit.name,
        change.kind,
        change.happened_on,
        day_of(change.reported_at),
        _("yes") if change.late else _("no"),
        change.due_on,
        change.status,
    )


@require_safe
def change_list(request):
    check_any(request.actor, *READING)
    today = timezone.localdate()
    filters = ChangeFilter(request.GET, actor=request.actor, on=today)
    changes = Change.objects.visible_to(request.actor).narrowed(**filters.chosen)
    return listing(
        request,
        "cases/change_list.html",
        rows=changes.for_list(),
        order=("status", "due_on", "pk"),
        title=_("Reported changes"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        today=today,
        may_report=not request.actor.why_not_any(*FINDERS),
    )


@require_safe
def change_find(request):
    """Whose household changed: those on file in the units of whoever asks."""
    check_any(request.actor, *FINDERS)
    search = PersonSearch(request.GET)
    q = search.cleaned_data["q"] if search.is_valid() else ""
    found = Dossier.objects.active().reportable_by(request.actor).select_related("head", "unit")
    if q:
        found = found.matching(q)
    context = {"search": search, "q": q, "found": found.order_by("number", "pk")[:MOST_FOUND]}
    return render(request, "cases/change_find.html", context)


@pages
def change_new(request, pk):
    dossiers = Dossier.objects.reportable_by(request.actor).select_related("head", "unit")
    dossier = get_object_or_404(dossiers, pk=pk)
    if reason := actions.why_not_report_change(dossier, request.actor):
        raise NotAllowed(reason)
    now = timezone.now()
    form = ChangeForm(request.POST if request.method == "POST" else None, on=day_of(now))
    own = request.actor.person_id == dossier.head_id
    if not form.is_valid():
        policy = actions.policy_in_force(dossier.company_id, day_of(now))
        context = {
            "form": form,
            "dossier": dossier,
            "own": own,
            "days": policy.rules["dossier.report_days"],
        }
        status = 422 if form.errors else 200
        return render(request, "cases/change_new.html", context, status=status)
    actions.report_change(dossier=dossier, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The change was reported. The union takes it into the file."))
    return redirect("cases:my" if own else "cases:change_list")


def _change(request, pk):
    changes = Change.objects.visible_to(request.actor).select_related(
        "dossier__head", "dossier__unit", "reported_by", "closed_by"
    )
    return get_object_or_404(changes, pk=pk)


@require_safe
def change_detail(request, pk):
    change = _change(request, pk)
    reason = actions.why_not_take_change(change, request.actor)
    works = not request.actor.why_not_any(*READING)
    if not works and request.actor.person_id != change.dossier.head_id:
        raise Http404
    context = {
        "change": change,
        "dossier": change.dossier,
        "works": works,
        "sees_dossier": Dossier.objects.visible_to(request.actor)
        .filter(pk=change.dossier_id)
        .exists(),
        "may_take": not reason,
        "updated": change.dossier.edit > change.edit,
        "overdue": change.status == Change.Status.OPEN and change.due_on < timezone.localdate(),
    }
    return render(request, "cases/change_detail.html", context)


def _deal_with(request, pk, form_class, act, template, words):
    """The two ways to deal with a change differ in form, action and what is said."""
    change = _change(request, pk)
    if reason := actions.why_not_take_change(change, request.actor):
        raise NotAllowed(reason)
    form = form_class(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "change": change, "dossier": change.dossier}
        return render(request, template, context, status=422 if form.errors else 200)
    act(change=change, by=request.user, at=timezone.now(), words=form.cleaned_data["words"])
    messages.success(request, words)
    return redirect(change)


@pages
def change_take(request, pk):
    return _deal_with(
        request,
        pk,
        TakeForm,
        actions.take_change,
        "cases/change_take.html",
        _("The change was taken into the file."),
    )


@pages
def change_dismiss(request, pk):
    return _deal_with(
        request,
        pk,
        DismissForm,
        actions.dismiss_change,
        "cases/change_dismiss.html",
        _("It was recorded that no fact needs to change."),
    )
