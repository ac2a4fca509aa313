"""The duplicate watch: what households share, which single ones need a look, and the answers."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from base.keyset import paginate
from cases import actions, hints, watch
from cases.forms.watch import AnswerForm, WatchFilter
from cases.life import SHARED, WatchKind
from cases.models import Dossier
from cases.models.dossier import READERS
from people.roles import NotAllowed, Role, check_any
from people.views.lists import place

pages = require_http_methods(["GET", "HEAD", "POST"])
WATCHERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
MOST_HOUSEHOLDS = 60


def _shown(rows, actor):
    """Each row with its households as far as the actor may know them, and who may answer."""
    return [
        {
            "row": row,
            "households": [(d, hints.sees(actor, d)) for d in row.dossiers],
            "names": row.names if any(hints.sees(actor, d) for d in row.dossiers) else [],
            "may_answer": not actions.why_not_answer_watch(row.dossiers, actor),
        }
        for row in rows
    ]


@require_safe
def watch_list(request):
    check_any(request.actor, *WATCHERS)
    filters = WatchFilter(request.GET)
    kind, answered = filters.kind_chosen, bool(filters.chosen.get("answered"))
    scope = watch.Scope.of(request.actor)
    cursor = request.GET.get("cursor", "")
    if kind in SHARED:
        after = cursor if cursor.isalnum() and len(cursor) <= 64 else ""
        rows, following = watch.pairs(kind, scope, after=after, answered=answered)
        first = bool(after)
    else:
        found = watch.singles(kind, scope, timezone.localdate(), answered=answered)
        page = paginate(found, order=("number", "pk"), cursor=cursor, size=watch.SIZE)
        rows, following = watch.as_rows(kind, page.rows, scope), page.next_cursor
        first = page.has_previous
    context = {
        "filters": filters,
        "kind": kind,
        "kind_name": kind.label,
        "shared": kind in SHARED,
        "rows": _shown(rows, request.actor),
        "next_url": place(request, cursor=following) if following else "",
        "first_url": place(request) if first else "",
    }
    return render(request, "cases/watch_list.html", context)


def _asked(request):
    """The kind and the households named in the address; 404 when the actor sees none of them."""
    kind, text = request.GET.get("kind", ""), request.GET.get("households", "")
    parts = text.split(",")
    if kind not in WatchKind.values or not all(p.isascii() and p.isdecimal() for p in parts):
        raise Http404
    if len(parts) > MOST_HOUSEHOLDS or any(len(part) > 12 for part in parts):
        raise Http404
    pks = {int(part) for part in parts}
    dossiers = list(
        Dossier.objects.filter(pk__in=pks).select_related("head", "unit").order_by("pk")
    )
    same = len({d.company_id for d in dossiers}) == 1 and len(dossiers) == len(pks)
    if not same or not any(hints.sees(request.actor, d) for d in dossiers):
        raise Http404
    return WatchKind(kind), dossiers


@pages
def watch_answer(request):
    """Somebody looked, and says why it is no duplicate."""
    check_any(request.actor, *WATCHERS)
    kind, dossiers = _asked(request)
    if reason := actions.why_not_answer_watch(dossiers, request.actor):
        raise NotAllowed(reason)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    back = f"{reverse('cases:watch_list')}?{urlencode({'kind': kind.value})}"
    if not form.is_valid():
        context = {
            "form": form,
            "kind": kind,
            "households": [(d, hints.sees(request.actor, d)) for d in dossiers],
            "back_url": back,
        }
        status = 422 if form.errors else 200
        return render(request, "cases/watch_answer.html", context, status=status)
    actions.answer_watch(
        dossiers=dossiers, kind=kind, by=request.user, at=timezone.now(), **form.cleaned_data
    )
    messages.success(request, _("What you found was written down."))
    return redirect(back)
