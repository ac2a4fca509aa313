"""Units: the tree of a company."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from people import actions, roles
from people.forms import RenameForm, UnitFilter, UnitForm
from people.models import Unit
from people.roles import Role, UnitKind
from people.views.lists import listing

COLUMNS = (
    Column("name", gettext_lazy("Name"), width=30),
    Column("code", gettext_lazy("Code")),
    Column("kind", gettext_lazy("Kind"), kind="choice", choices=tuple(UnitKind.choices)),
    Column("parent", gettext_lazy("Belongs to"), width=30),
    Column("size", gettext_lazy("Persons"), kind="int"),
)


def _cells(unit):
    return unit.name, unit.code, unit.kind, str(unit.parent or ""), unit.size


@require_safe
def unit_list(request):
    roles.check_any(request.actor, Role.ADMIN)
    filters = UnitFilter(request.GET)
    return listing(
        request,
        "people/unit_list.html",
        rows=Unit.objects.administered_by(request.actor).for_list().narrowed(**filters.chosen),
        order=("path", "pk"),
        title=_("Units"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unit_new(request):
    roles.check_any(request.actor, Role.ADMIN)
    form = UnitForm(request.POST or None, actor=request.actor)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "people/unit_new.html", {"form": form}, status=status)
    data = form.cleaned_data
    actions.create_unit(
        kind=UnitKind.GRASSROOTS,
        code=data["code"],
        name=data["name"],
        parent=data["parent"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The unit was added."))
    return redirect("people:unit_list")


@require_http_methods(["GET", "HEAD", "POST"])
def unit_rename(request, pk):
    unit = get_object_or_404(Unit.objects.administered_by(request.actor), pk=pk)
    form = RenameForm(request.POST or None, unit=unit, initial={"name": unit.name})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "unit": unit}
        return render(request, "people/unit_rename.html", context, status=status)
    name = form.cleaned_data["name"]
    actions.rename_unit(unit=unit, name=name, by=request.user, at=timezone.now())
    messages.success(request, _("The unit was renamed."))
    return redirect("people:unit_list")
