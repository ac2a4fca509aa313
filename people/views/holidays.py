"""Days off and make-up working days, from which every period is counted."""

import io

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from base import xlsx
from people import actions, roles
from people.forms import HOLIDAY_COLUMNS, HolidayFilter, HolidayForm, HolidayImportForm
from people.models import Holiday
from people.roles import Role
from people.views.lists import listing, workbook


def _cells(holiday):
    return holiday.on, holiday.kind, holiday.name


@require_safe
def holiday_list(request):
    roles.check_any(request.actor, Role.ADMIN)
    filters = HolidayFilter(request.GET)
    return listing(
        request,
        "people/holiday_list.html",
        rows=Holiday.objects.for_list().narrowed(**filters.chosen),
        order=("-on", "-pk"),
        title=_("Holidays"),
        columns=HOLIDAY_COLUMNS,
        cells=_cells,
        filters=filters,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def holiday_new(request):
    roles.check_any(request.actor, Role.ADMIN)
    form = HolidayForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "people/holiday_new.html", {"form": form}, status=status)
    data = form.cleaned_data
    actions.set_holiday(
        on=data["on"],
        kind=data["kind"],
        name=data["name"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The day was entered."))
    return redirect("people:holiday_list")


@require_http_methods(["GET", "HEAD", "POST"])
def holiday_remove(request, pk):
    roles.check_any(request.actor, Role.ADMIN)
    holiday = get_object_or_404(Holiday, pk=pk)
    if request.method != "POST":
        return render(request, "people/holiday_remove.html", {"holiday": holiday})
    actions.remove_holiday(holiday=holiday, by=request.user, at=timezone.now())
    messages.success(request, _("The day was removed."))
    return redirect("people:holiday_list")


@require_http_methods(["GET", "HEAD", "POST"])
def holiday_import(request):
    roles.check_any(request.actor, Role.ADMIN)
    form = HolidayImportForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "people/holiday_import.html", {"form": form}, status=status)
    added, changed, same = actions.import_holidays(
        days=form.cleaned_data["file"], by=request.user, at=timezone.now()
    )
    messages.success(
        request,
        _("%(added)s days were added and %(changed)s changed; %(same)s were there already.")
        % {"added": added, "changed": changed, "same": same},
    )
    return redirect("people:holiday_list")


@require_safe
def holiday_template(request):
    roles.check_any(request.actor, Role.ADMIN)
    target = io.BytesIO()
    xlsx.write_template(target, HOLIDAY_COLUMNS, title=_("Holidays"))
    return workbook(_("Holidays"), target.getvalue())
