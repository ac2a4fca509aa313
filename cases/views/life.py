"""What happens to a dossier as a whole: cancelled, transferred, back after a relapse, kept for
years after its end."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.workdays import day_of
from base.xlsx import Column
from cases import actions, life
from cases.forms.life import CancelForm, TransferForm
from cases.life import Act
from cases.models import Dossier, Policy
from cases.models.dossier import READERS
from cases.views.dossier import get_dossier
from cases.workflow import Programme
from people.roles import NotAllowed, check_any
from people.views.lists import listing

pages = require_http_methods(["GET", "HEAD", "POST"])
COLUMNS = (
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Dossier.Status.choices)),
    Column(
        "reason", gettext_lazy("Reason"), kind="choice", choices=tuple(Dossier.ExitReason.choices)
    ),
    Column("closed", gettext_lazy("Closed on"), kind="date"),
    Column("kept", gettext_lazy("Kept until"), kind="date"),
)  # fmt: skip


def _dossier(request, pk, act):
    """The household, if the actor sees it (else 404) and may do the act now (else 403)."""
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_life(dossier, act, request.actor):
        raise NotAllowed(reason)
    return dossier


@pages
def dossier_cancel(request, pk):
    dossier = _dossier(request, pk, Act.CANCEL)
    now = timezone.now()
    policy = Policy.objects.in_force(dossier.company_id, day_of(now))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = CancelForm(*sent, dossier=dossier)
    if not form.is_valid():
        context = {
            "form": form,
            "dossier": dossier,
            "ban_years": policy.rules["false.ban_years"] if policy else None,
        }
        status = 422 if form.errors else 200
        return render(request, "cases/dossier_cancel.html", context, status=status)
    actions.cancel_dossier(dossier=dossier, by=request.user, at=now, **form.columns)
    messages.success(request, _("The dossier was cancelled."))
    return redirect(dossier)


@pages
def dossier_transfer(request, pk):
    dossier = _dossier(request, pk, Act.TRANSFER)
    form = TransferForm(request.POST if request.method == "POST" else None, dossier=dossier)
    if not form.is_valid():
        context = {"form": form, "dossier": dossier, "elsewhere": _elsewhere(dossier)}
        status = 422 if form.errors else 200
        return render(request, "cases/dossier_transfer.html", context, status=status)
    actions.transfer(
        dossier=dossier, by=request.user, at=timezone.now(), **form.cleaned_data
    )  # fmt: skip
    messages.success(request, _("The dossier was transferred."))
    return redirect(dossier)


def _elsewhere(dossier):
    """The unit of the head on the roster, when it is another than the dossier's."""
    return dossier.head.unit.name if dossier.head.unit_id != dossier.unit_id else ""


@pages
def dossier_return(request, pk):
    """Back after a relapse: the old file, a new recognition."""
    dossier = _dossier(request, pk, Act.RETURN)
    if reason := actions.why_not_start(dossier.head, timezone.localdate()):
        raise NotAllowed(reason)
    if request.method != "POST":
        return render(request, "cases/dossier_return.html", {"dossier": dossier})
    case = actions.start_application(
        head=dossier.head, programme=Programme.RECOGNITION, by=request.user, at=timezone.now()
    )
    messages.success(request, _("The application was begun. Bring the facts up to date."))
    return redirect("cases:apply_case", case.pk)


def _years(actor, on):
    """{company: how many years it keeps a closed dossier}; companies without a policy left out."""
    policies = {pk: Policy.objects.in_force(pk, on) for pk in set(actor.companies(*READERS))}
    return {pk: p.rules["dossier.retention_years"] for pk, p in policies.items() if p}


@require_safe
def retention_list(request):
    """Closed dossiers past their retention, for appraisal; nothing is erased here."""
    check_any(request.actor, *READERS)
    today = timezone.localdate()
    years = _years(request.actor, today)
    before = {pk: life.months_earlier(today, 12 * count) for pk, count in years.items()}

    def cells(dossier):
        count = years[dossier.company_id]
        return (
            dossier.number,
            masking.mask_name(dossier.head.name),
            dossier.unit.name,
            dossier.status,
            dossier.exit_reason,
            dossier.closed_on,
            life.months_later(dossier.closed_on, 12 * count),
        )

    def shown(page):
        return [(row, life.months_later(row.closed_on, 12 * years[row.company_id])) for row in page]

    return listing(
        request,
        "cases/retention_list.html",
        rows=Dossier.objects.past_retention(before).select_related("head", "unit"),
        order=("closed_on", "pk"),
        title=_("Past their retention"),
        columns=COLUMNS,
        cells=cells,
        shown=shown,
        years=max(years.values(), default=0),
    )
