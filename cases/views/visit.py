"""Home visits: the list, the record made on the phone, the paper signed at the door."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.xlsx import Column
from cases import actions, checklist
from cases.forms.visit import MorePapersForm, TakeOverForm, VisitFilter, VisitForm
from cases.models import Document, Dossier, Visit
from cases.models.dossier import READERS
from cases.models.visit import DoorCheck
from cases.views.dossier import get_dossier
from people import workflow as people
from people.roles import NotAllowed, Role, check_any
from people.views.lists import listing

DRAWN = (Document.Kind.HOUSEHOLD_SIGN, Document.Kind.VISITOR_SIGN)
READING = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
COLUMNS = (
    Column("on", gettext_lazy("Date of the visit"), kind="date"),
    Column("number", gettext_lazy("Dossier number"), width=18),
    Column("head", gettext_lazy("Head of household")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("visitors", gettext_lazy("Who visited"), width=32),
    Column("match", gettext_lazy("Match"), kind="choice", choices=tuple(Visit.Match.choices)),
    Column("advice", gettext_lazy("Advice"), kind="choice", choices=tuple(Visit.Advice.choices)),
    Column("signed", gettext_lazy("Signed by the household")),
)


def _cells(visit):
    return (
        visit.visited_on,
        visit.dossier.number,
        masking.mask_name(visit.dossier.head.name),
        visit.dossier.unit.name,
        _(", ").join(visitor.user.name for visitor in visit.visitors.all()),
        visit.match,
        visit.advice,
        _("yes") if visit.signed else _("no"),
    )


@require_safe
def visit_list(request):
    check_any(request.actor, *READING)
    filters = VisitFilter(request.GET, actor=request.actor)
    return listing(
        request,
        "cases/visit_list.html",
        rows=Visit.objects.visible_to(request.actor).narrowed(**filters.chosen).for_list(),
        order=("-visited_on", "-pk"),
        title=_("Home visits"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request, pk):
    dossier = get_dossier(request, pk)
    if reason := actions.why_not_visit(dossier, request.actor):
        raise NotAllowed(reason)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    plan = dossier.visit_plans.open().prefetch_related("planned_visitors").first()
    going = [v.user_id for v in plan.planned_visitors.all()] if plan else [request.user.pk]
    form = VisitForm(*sent, dossier=dossier, on=timezone.localdate(), initial={"visitors": going})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "dossier": dossier}
        return render(request, "cases/visit_new.html", context, status=status)
    if form.twin:
        messages.info(request, _("This visit was recorded already."))
        return redirect(form.twin)
    visit = actions.record_visit(dossier=dossier, by=request.user, at=timezone.now(), **form.record)
    messages.success(request, _("The visit was recorded."))
    return redirect(visit)


def _visit(request, pk):
    """The visit with everything on its record, if the actor may see it, else 404."""
    visits = (
        Visit.objects.visible_to(request.actor)
        .select_related("dossier__head", "dossier__unit", "dossier__company", "recorded_by")
        .prefetch_related("visitors__user", "visitors__unit", "dossier__members")
    )
    visit = get_object_or_404(visits, pk=pk)
    made, seen = set(visit.checks), visit.seen
    names = {member.pk: member.name for member in visit.dossier.members.all()}
    context = {
        "visit": visit,
        "dossier": visit.dossier,
        "checks": [(check.label, check.value in made) for check in DoorCheck],
        "rows": checklist.rows(seen, names) if seen else [],
        "gates": checklist.gate_rows(seen) if seen else [],
        "needs_said": _(", ").join(str(checklist.Need(need).label) for need in visit.needs),
    }
    return visit, context


@require_safe
def visit_detail(request, pk):
    visit, context = _visit(request, pk)
    dossiers = Dossier.objects.visible_to(request.actor)
    context["sees_dossier"] = dossiers.filter(pk=visit.dossier_id).exists()
    context["documents"] = visit.documents.select_related("uploaded_by").order_by("pk")
    reason = actions.why_not_mark(visit.dossier, request.actor)
    context["may_take_over"] = context["sees_dossier"] and not reason
    context["take_over_reason"] = reason if visit.match != Visit.Match.SAME else ""
    context["may_add"] = not actions.why_not_visit(visit.dossier, request.actor)
    return render(request, "cases/visit_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def visit_photos(request, pk):
    """Photos, signatures or the signed paper, after the visit was recorded."""
    visit, _context = _visit(request, pk)
    if reason := actions.why_not_visit(visit.dossier, request.actor):
        raise NotAllowed(reason)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = MorePapersForm(*sent)
    if not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "visit": visit, "dossier": visit.dossier}
        return render(request, "cases/visit_photos.html", context, status=status)
    actions.attach_to_visit(visit=visit, papers=form.papers, by=request.user, at=timezone.now())
    messages.success(request, _("Photos and signatures were kept with the visit."))
    return redirect(visit)


@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request, pk):
    """What the visit found, written beside the declared facts; the company officer does it."""
    visit = get_object_or_404(Visit.objects.visible_to(request.actor), pk=pk)
    dossier = get_dossier(request, visit.dossier_id)
    if reason := actions.why_not_mark(dossier, request.actor):
        raise NotAllowed(reason)
    form = TakeOverForm(request.POST or None, visit=visit, dossier=dossier)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "visit": visit, "dossier": dossier}
        return render(request, "cases/take_over.html", context, status=status)
    actions.mark_facts(dossier=dossier, by=request.user, at=timezone.now(), **form.marks)
    messages.success(request, _("What the visit found was taken over into the facts."))
    return redirect(dossier)


def on_paper(dossier, actor, visit=None, plan=None):
    """What one sheet shows: of a visit on record, or blank for one that is planned.

    The address stands on it for those who may read it. Chinese, whatever the screen speaks.
    """
    with translation.override("zh-hans"):
        seen = visit.seen if visit else {}
        members = [m for m in dossier.members.all() if m.left_on is None]
        here, away = seen.get("present", []), seen.get("absent", [])
        visitors = _who_goes(visit, plan)
        drawn = {d.kind: d.get_kind_display() for d in visit.documents.all()} if visit else {}
        return {
            "dossier": dossier,
            "address": ""
            if people.why_not_reveal(actor, dossier.head_id, dossier.unit.path)
            else dossier.address,
            "visit": visit,
            "planned_on": plan.planned_on if plan else None,
            "visitors": visitors,
            "signers": max(len(visitors), 2),
            "seen": seen,
            "said": checklist.said(seen, {}),
            "boxes": checklist.paper(seen),
            "members": [
                (m.name, [(_("at home"), m.pk in here), (_("not at home"), m.pk in away)])
                for m in members
            ],
            "gates": checklist.paper_gates(seen),
            "checks": [(c.label, bool(visit) and c.value in visit.checks) for c in DoorCheck],
            "needs": checklist.paper_needs(visit.needs if visit else []),
            "match": [(m.label, bool(visit) and m.value == visit.match) for m in Visit.Match],
            "advice": [(a.label, bool(visit) and a.value == visit.advice) for a in Visit.Advice],
            "drawn": [label for kind, label in drawn.items() if kind in DRAWN],
        }


def _who_goes(visit, plan):
    """[(name, unit)] of those who were or are to be at the door."""
    if visit:
        return [(visitor.user.name, visitor.unit.name) for visitor in visit.visitors.all()]
    return [(planned.user.name, "") for planned in plan.planned_visitors.all()] if plan else []


@require_safe
def visit_sheet(request, pk):
    """The record on paper (入户走访记录表), signed by visitors and household."""
    visit, _context = _visit(request, pk)
    context = {
        "papers": [on_paper(visit.dossier, request.actor, visit=visit)],
        "now": timezone.now(),
        "back_url": visit.get_absolute_url(),
    }
    return render(request, "cases/visit_sheet.html", context)
