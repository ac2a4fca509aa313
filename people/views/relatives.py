"""Near relatives a user has registered, so that nobody decides about their own."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from people import actions
from people.forms import KinshipForm
from people.models import Relation
from people.views.lists import listing

COLUMNS = (
    Column("relation", gettext_lazy("Relation"), kind="choice", choices=tuple(Relation.choices)),
    Column("name", gettext_lazy("Name")),
    Column("on", gettext_lazy("Registered on"), kind="date"),
)


def _cells(kinship):
    on = timezone.localtime(kinship.registered_at).date()
    return kinship.relation, kinship.name, on


@require_safe
def kinship_list(request):
    return listing(
        request,
        "people/kinship_list.html",
        rows=request.user.relatives.for_list(),
        order=("-registered_at", "-pk"),
        title=_("Near relatives"),
        columns=COLUMNS,
        cells=_cells,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def kinship_new(request):
    form = KinshipForm(request.POST or None, user=request.user)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "people/kinship_new.html", {"form": form}, status=status)
    data = form.cleaned_data
    actions.register_relative(
        relation=data["relation"],
        name=data["name"],
        id_number=data["id_number"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The relative was registered."))
    return redirect("people:kinship_list")
