"""Pages that belong to no room: home, health, text size, the components."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from audits.models import Seal
from cases.models import Incident
from cases.views.public import notice_list
from funds.models import Batch, Freeze
from hardship import showcase, worklist
from hardship.context import SIZES
from people.roles import Role

REPORTS = 8  # of an information officer's own, on their home
YEAR = 365 * 24 * 60 * 60


@login_not_required
@require_safe
def home(request):
    """The worklist of whoever is signed in; for strangers the public notices."""
    if request.actor is None:
        return notice_list(request)
    on = timezone.localdate()
    context = {
        "groups": worklist.groups(request.actor, on),
        "ballots": list(Batch.objects.waiting_for(request.actor)),
        "informs": Role.INFORMANT in request.actor.roles,
        "on": on,
    }
    if context["informs"]:
        context["reports"] = Incident.objects.told_by(request.user.pk)[:REPORTS]
    return render(request, "home.html", context)


@login_not_required
@require_safe
def healthz(request):
    """Alive, database reachable, age of the last seal in seconds, since when no money moves; 503
    when the database does not answer."""
    try:
        connection.ensure_connection()
        last = Seal.objects.order_by("-number").values_list("at", flat=True).first()
        frozen = Freeze.objects.running().order_by("since").values_list("since", flat=True).first()
    except DatabaseError:
        return JsonResponse({"alive": True, "database": False}, status=503)
    age = round((timezone.now() - last).total_seconds()) if last else None
    since = frozen.isoformat() if frozen else None
    return JsonResponse(
        {"alive": True, "database": True, "last_seal_age_s": age, "money_read_only_since": since}
    )


@login_not_required
@require_POST
def set_size(request):
    """Remember the text size in a cookie and go back to where the choice was made."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = "/"
    response = HttpResponseRedirect(target)
    size = request.POST.get("size", "")
    if size in SIZES:
        response.set_cookie(
            "size", size, max_age=YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
    return response


@require_safe
def ui(request):
    """Every component in all its states, for whoever builds or judges a page."""
    return render(request, "ui.html", showcase.context(request.GET))
