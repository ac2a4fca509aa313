"""Pages that belong to no room: text size, the components."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from hardship import showcase
from hardship.context import SIZES

YEAR = 365 * 24 * 60 * 60


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
