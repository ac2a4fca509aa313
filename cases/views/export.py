"""Households as workbooks: asked for, prepared in the background, downloaded."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base.xlsx import Column
from cases import exports, tasks
from cases.forms.register import ExportFilter, ExportForm
from cases.models import Export
from cases.models.export import ExportKind, ExportStatus
from people.roles import check_any
from people.views.lists import listing, workbook

COLUMNS = (
    Column("at", gettext_lazy("Asked for at"), width=18),
    Column(
        "kind",
        gettext_lazy("Kind of file"),
        kind="choice",
        choices=tuple(ExportKind.choices),
        width=40,
    ),
    Column("place", gettext_lazy("Of which union"), width=28),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(ExportStatus.choices)),
    Column("rows", gettext_lazy("Households"), kind="int"),
)


def _cells(export):
    return (
        f"{timezone.localtime(export.asked_at):%Y-%m-%d %H:%M}",
        export.kind,
        (export.unit or export.company).name,
        export.status,
        export.rows,
    )


@require_safe
def export_list(request):
    check_any(request.actor, *exports.EXPORTERS)
    filters = ExportFilter(request.GET)
    rows = Export.objects.visible_to(request.actor).narrowed(**filters.chosen).for_list()
    return listing(
        request,
        "cases/export_list.html",
        rows=rows,
        order=("-asked_at", "-pk"),
        title=_("Prepared files"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        days=exports.KEPT_DAYS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def export_new(request):
    """Ask for a workbook; the filters of the register come along in the address."""
    check_any(request.actor, *exports.EXPORTERS)
    chosen = {name: request.GET[name] for name in ExportForm.base_fields if name in request.GET}
    chosen["place"] = request.GET.get("unit")
    form = ExportForm(request.POST or None, actor=request.actor, initial=chosen)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "cases/export_new.html", {"form": form}, status=status)
    export = tasks.export(
        kind=form.cleaned_data["kind"],
        place=form.cleaned_data["place"],
        filters=form.filters,
        purpose=form.cleaned_data["purpose"],
        by=request.user,
        at=timezone.now(),
        language=get_language(),
    )
    messages.success(request, _("The file was asked for."))
    return redirect(export)


def _get(request, pk):
    visible = Export.objects.visible_to(request.actor).for_list()
    return get_object_or_404(visible, pk=pk)


@require_safe
def export_detail(request, pk):
    """How far a file is, and where to download it; htmx asks for the state alone."""
    context = {"export": _get(request, pk), "days": exports.KEPT_DAYS}
    part = "#state" if request.htmx else ""
    return render(request, f"cases/export_detail.html{part}", context)


@require_POST
@never_cache
def export_download(request, pk):
    """The file itself; full numbers are written down first."""
    export = _get(request, pk)
    content = exports.fetch(export=export, by=request.user, at=timezone.now())
    return workbook(f"{export.get_kind_display()} {export.pk}", content)


@require_POST
def export_resume(request, pk):
    export = _get(request, pk)
    tasks.resume_export(export=export)
    messages.success(request, _("The file was asked for."))
    return redirect(export)
