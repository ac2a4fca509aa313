"""The roster import: template, dry run, confirmation, report."""

import io

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import xlsx
from base.xlsx import Column
from people import imports, roles, tasks, workflow
from people.forms import RosterForm
from people.models import RosterImport, RosterImportStatus, Unit
from people.views.lists import listing, workbook

COLUMNS = (
    Column("at", gettext_lazy("Uploaded at"), width=18),
    Column("file", gettext_lazy("File"), width=30),
    Column("by", gettext_lazy("Uploaded by")),
    Column(
        "status",
        gettext_lazy("Status"),
        kind="choice",
        choices=tuple(RosterImportStatus.choices),
    ),
    Column("rows", gettext_lazy("Rows"), kind="int"),
    Column("added", gettext_lazy("Added"), kind="int"),
    Column("changed", gettext_lazy("Changed"), kind="int"),
    Column("unchanged", gettext_lazy("Unchanged"), kind="int"),
)


def _cells(roster):
    return (
        f"{timezone.localtime(roster.uploaded_at):%Y-%m-%d %H:%M}",
        roster.file_name,
        roster.uploaded_by.name,
        roster.status,
        roster.rows,
        roster.added,
        roster.changed,
        roster.unchanged,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def roster_import(request) -> HttpResponse:
    """Upload a roster and have it checked; below, the uploads so far."""
    roles.check_any(request.actor, *workflow.IMPORTERS)
    form = RosterForm(
        request.POST or None,
        request.FILES or None,
        actor=request.actor,
        on=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        roster = imports.receive(
            reading=form.reading,
            file=form.cleaned_data["file"],
            company=form.cleaned_data["company"],
            by=request.user,
            at=timezone.now(),
        )
        return redirect(roster)
    response = listing(
        request,
        "people/roster_import.html",
        rows=RosterImport.objects.visible_to(request.actor).for_list(),
        order=("-uploaded_at", "-pk"),
        title=_("Roster import"),
        columns=COLUMNS,
        cells=_cells,
        form=form,
    )
    response.status_code = 422 if request.method == "POST" else 200
    return response


@require_safe
def import_detail(request, pk):
    """What the dry run found, how far it is, or what came of it; htmx asks for the state alone."""
    visible = RosterImport.objects.visible_to(request.actor)
    roster = get_object_or_404(
        visible.select_related("company", "uploaded_by", "confirmed_by"), pk=pk
    )
    problems = roster.problem_list(get_language())
    context = {
        "roster": roster,
        "problems": problems,
        "hidden_count": roster.problem_count - len(problems),
        "earlier": roster.earlier(),
    }
    part = "#state" if request.htmx else ""
    return render(request, f"people/import_detail.html{part}", context)


@require_POST
def import_confirm(request, pk):
    roster = get_object_or_404(RosterImport.objects.visible_to(request.actor), pk=pk)
    tasks.start(roster=roster, by=request.user, at=timezone.now())
    messages.success(request, _("The roster was sent on its way."))
    return redirect(roster)


@require_safe
def import_template(request):
    roles.check_any(request.actor, *workflow.IMPORTERS)
    companies = request.actor.companies(*workflow.IMPORTERS)
    units = Unit.objects.filter(parent__in=companies).order_by("path", "pk")
    columns = imports.template_columns([unit.name for unit in units])
    target = io.BytesIO()
    xlsx.write_template(target, columns, title=_("Staff roster"))
    return workbook(_("Staff roster"), target.getvalue())
