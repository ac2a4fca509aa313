"""The import of a register of households: template, check, confirmation, progress, report."""

import io

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import xlsx
from base.xlsx import Column
from cases import register, tasks
from cases.forms.register import RegisterForm
from cases.models import RegisterImport
from cases.models.register import RegisterImportStatus
from people.models import Unit
from people.roles import Role, check_any
from people.views.lists import listing, workbook

COLUMNS = (
    Column("at", gettext_lazy("Uploaded at"), width=18),
    Column("file", gettext_lazy("File"), width=30),
    Column("by", gettext_lazy("Uploaded by")),
    Column(
        "status",
        gettext_lazy("Status"),
        kind="choice",
        choices=tuple(RegisterImportStatus.choices),
    ),
    Column("rows", gettext_lazy("Households"), kind="int"),
    Column("added", gettext_lazy("Taken over"), kind="int"),
    Column("unchanged", gettext_lazy("On file already"), kind="int"),
    Column("changed", gettext_lazy("On file, but differing"), kind="int"),
    Column("problems", gettext_lazy("Mistakes"), kind="int"),
)


def _cells(kept):
    return (
        f"{timezone.localtime(kept.uploaded_at):%Y-%m-%d %H:%M}",
        kept.file_name,
        kept.uploaded_by.name,
        kept.status,
        kept.rows,
        kept.added,
        kept.unchanged,
        kept.changed,
        kept.problem_count,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def register_import(request):
    """Upload a register and have it checked; below, the uploads so far."""
    check_any(request.actor, Role.COMPANY_OFFICER)
    form = RegisterForm(request.POST or None, request.FILES or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        kept = tasks.receive_register(
            file=form.cleaned_data["file"],
            rows=form.rows,
            company=form.cleaned_data["company"],
            by=request.user,
            at=timezone.now(),
            language=get_language(),
        )
        return redirect(kept)
    response = listing(
        request,
        "cases/register_import.html",
        rows=RegisterImport.objects.visible_to(request.actor).for_list(),
        order=("-uploaded_at", "-pk"),
        title=_("Registers taken over"),
        columns=COLUMNS,
        cells=_cells,
        form=form,
    )
    response.status_code = 422 if request.method == "POST" else 200
    return response


def _get(request, pk):
    visible = RegisterImport.objects.visible_to(request.actor)
    return get_object_or_404(
        visible.select_related("company", "uploaded_by", "confirmed_by"), pk=pk
    )


@require_safe
def register_detail(request, pk):
    """What the check found, how far it is, or what came of it; htmx asks for the state alone."""
    kept = _get(request, pk)
    problems = kept.problem_list(get_language())
    context = {
        "kept": kept,
        "problems": problems,
        "hidden_count": kept.problem_count - len(problems),
        "earlier": kept.earlier(),
    }
    part = "#state" if request.htmx else ""
    return render(request, f"cases/register_detail.html{part}", context)


@require_POST
def register_confirm(request, pk):
    kept = _get(request, pk)
    tasks.start_register(kept=kept, by=request.user, at=timezone.now(), language=get_language())
    messages.success(request, _("The register was sent on its way."))
    return redirect(kept)


@require_safe
def register_report(request, pk):
    """Every mistake of a register in a workbook: sheet, row, column, and what to do."""
    kept = _get(request, pk)
    if not kept.report:
        raise Http404
    with kept.report.open("rb") as file:
        return workbook(_("Mistakes"), file.read())


@require_safe
def register_template(request):
    check_any(request.actor, Role.COMPANY_OFFICER)
    companies = request.actor.companies(Role.COMPANY_OFFICER)
    units = Unit.objects.filter(parent__in=companies).order_by("path", "pk")
    target = io.BytesIO()
    xlsx.write_templates(
        target,
        register.template_sheets([unit.name for unit in units]),
        title=_("Register of households"),
        words=register.INSTRUCTIONS,
    )
    return workbook(_("Register of households"), target.getvalue())
