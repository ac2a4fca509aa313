"""The household form on one page, for officers who copy it from paper."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import actions
from cases.forms.card import Sheet, pasted
from cases.models import Dossier
from cases.views.household import back_to, editable, pages
from cases.views.limits import once, was_done
from people.roles import NotAllowed

MORE = 3  # lines that are added to each table at once


@pages
def dossier_form(request, pk):
    """Everything at once: looked at together, saved together, or nothing of it."""
    dossier = editable(request, pk)
    if reason := actions.why_not_classify(dossier, request.actor):
        raise NotAllowed(reason)
    now, data = timezone.now(), request.POST if request.method == "POST" else None
    back = back_to(request, dossier.get_absolute_url())
    token = _token(data)
    if token and was_done(token):
        return HttpResponseRedirect(back)
    remarks, saving = [], data is not None and not {"preview", "grow"} & data.keys()
    if data is not None and "preview" in data:
        data, remarks = pasted(data)
    whole = Dossier.objects.select_related("head", "company").prefetch_related(
        "members", "supporters", "expenses__member", "assets"
    )
    policy = actions.policy_in_force(dossier.company_id, day_of(now))
    sheet = Sheet(
        data, dossier=whole.get(pk=pk), gates=policy.rules["gate.questions"], on=day_of(now),
        grow=MORE if data is not None and "grow" in data else 0,
    )  # fmt: skip
    if saving and sheet.is_valid():
        once(token, lambda: _save(request, dossier, sheet, now))
        messages.success(request, _("The form was saved."))
        return HttpResponseRedirect(back)
    context = {
        "dossier": dossier, "sheet": sheet, "back_url": back, "saving": saving,
        "remarks": remarks, "errors": list(sheet.errors()) if saving else [],
    }  # fmt: skip
    return render(request, "cases/dossier_form.html", context, status=422 if saving else 200)


def _save(request, dossier, sheet, at):
    actions.save_card(dossier=dossier, by=request.user, at=at, **sheet.arguments)
    return dossier.pk


def _token(data):
    """The mark of one opening of the page; None when it is no mark of ours."""
    try:
        return UUID(data.get("token", "")) if data is not None else None
    except ValueError:
        return None
