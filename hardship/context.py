"""What every page knows: navigation, who is signed in, text size, languages, help."""

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from audits.actions import READERS
from funds.models import Freeze
from funds.models.ledger import MONEY_READERS
from hardship.navigation import navigation
from people.roles import Role, names

SIZES = ("normal", "large", "xlarge")
NATIONAL_LINE = "12351"  # the unions' line, the same in the whole country


def page(request):
    """Costs no query but one for `freeze` on the pages about money: roles come with the actor the
    middleware has put on the request."""
    actor = getattr(request, "actor", None)
    size = request.COOKIES.get("size", "")
    return {
        "nav": SimpleLazyObject(lambda: _nav(actor, request.path)),
        "signed_in": _signed_in(actor),
        "demo": settings.DEMO,
        "freeze": SimpleLazyObject(lambda: _freeze(request, actor)),
        "size": size if size in SIZES else "normal",
        "languages": settings.LANGUAGES,
        "help_phones": help_phones(),
    }


def _freeze(request, actor):
    """What the banner says while the books are in read-only protection; None on other pages."""
    if actor is None or not settings.MONEY_FREEZE or not _about_money(request, actor):
        return None
    mine = {hat.company_id for hat in actor.hats}
    found = Freeze.objects.running().over(mine).defer("found").order_by("since").first()
    if found is None:
        return None
    shown = actor.roles.intersection(READERS)
    return {
        "since": found.since,
        "count": found.problems_count,
        "url": reverse("audits:freeze", args=[found.pk]) if shown else "",
    }


def _about_money(request, actor):
    match = request.resolver_match
    if match is None:
        return False
    if match.url_name == "home":
        return bool(actor.roles.intersection(MONEY_READERS))
    return match.app_name in ("funds", "audits")


def help_phones():
    """Label and number of each line; the two of the company are set by the environment."""
    lines = (
        (_("Relief desk of the company union"), settings.HELP_PHONE),
        (_("Workers' hotline"), NATIONAL_LINE),
        (_("Supervision"), settings.SUPERVISION_PHONE),
    )
    return [{"label": label, "number": number} for label, number in lines if number]


def _signed_in(actor):
    if actor is None:
        return None
    held = [role for role in Role if role in actor.roles]
    return {"name": actor.name, "roles": names(held or [Role.EMPLOYEE])}


def _nav(actor, path):
    """The navigation with the item marked whose address is the longest beginning of the path."""
    groups = navigation(actor)
    items = [item for group in groups for item in group["items"]]
    here = [item for item in items if path == item["url"] or _under(path, item["url"])]
    if here:
        max(here, key=lambda item: len(item["url"]))["active"] = True
    return groups


def _under(path, url):
    return url != "/" and path.startswith(url)
