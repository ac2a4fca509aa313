"""Home visits: the list, the record made on the phone, the paper signed at the door."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.xlsx import Column
from cases import actions
from cases.forms.visit import VisitFilter, VisitForm
from cases.models import Dossier, Visit
from cases.models.dossier import READERS
from cases.models.visit import DoorCheck
from cases.views.dossier import get_dossier
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

READING = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
COLUMNS = (
    Column("on", gettext_lazy("Date of the visit"), kind="date"),
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("visitors", gettext_lazy("Who visited"), width=32),
    Column("match", gettext_lazy("Match"), kind="choice", choices=tuple(Visit.Match.choices)),
    Column("advice", gettext_lazy("Advice"), kind="choice", choices=tuple(Visit.Advice.choices)),
    Column("signed", gettext_lazy("Signed by the household")),
)


def _cells(visit):
    return (
        visit.visited_on,
        visit.dossier.number,
        masking.mask_name(visit.dossier.head.name),
        visit.dossier.unit.name,
        _(", ").join(visitor.user.name for visitor in visit.visitors.all()),
        visit.match,
        visit.advice,
        _("yes") if visit.signed else _("no"),
    )


@require_safe
def visit_list(request):
    check_any(request.actor, *READING)
    filters = VisitFilter(request.GET, actor=request.actor)
    return listing(
        request,
        "cases/visit_list.html",
        rows=Visit.objects.visible_to(request.actor).narrowed(**filters.chosen).for_list(),
        order=("-visited_on", "-pk"),
        title=_("Home visits"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request, pk):
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_visit(dossier, request.actor):
        raise NotAllowed(reason)
    form = VisitForm(request.POST or None, dossier=dossier, on=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "dossier": dossier}
        return render(request, "cases/visit_new.html", context, status=status)
    if form.twin:
        messages.info(request, _("This visit was recorded already."))
        return redirect(form.twin)
    visit = actions.record_visit(
        dossier=dossier, by=request.user, at=timezone.now(), **form.cleaned_data
    )
    messages.success(request, _("The visit was recorded."))
    return redirect(visit)


def _visit(request, pk):
    """The visit with everything on its record, if the actor may see it, else 404."""
    visits = (
        Visit.objects.visible_to(request.actor)
        .select_related("dossier__head", "dossier__unit", "dossier__company", "recorded_by")
        .prefetch_related("visitors__user", "visitors__unit")
    )
    visit = get_object_or_404(visits, pk=pk)
    made = set(visit.checks)
    context = {
        "visit": visit,
        "dossier": visit.dossier,
        "checks": [(check.label, check.value in made) for check in DoorCheck],
    }
    return visit, context


@require_safe
def visit_detail(request, pk):
    visit, context = _visit(request, pk)
    dossiers = Dossier.objects.visible_to(request.actor)
    context["sees_dossier"] = dossiers.filter(pk=visit.dossier_id).exists()
    return render(request, "cases/visit_detail.html", context)


@require_safe
def visit_sheet(request, pk):
    """The record on paper (入户走访记录表), signed by visitors and household."""
    visit, context = _visit(request, pk)
    context["now"] = timezone.now()
    return render(request, "cases/visit_sheet.html", context)
