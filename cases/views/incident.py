"""Must-visit events: told on the phone, visited in time, followed up; how timely each unit is."""

from statistics import median_low

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import masking
from base.xlsx import Column
from cases import actions
from cases.forms.gift import IncidentGiftForm
from cases.forms.incident import (
    IncidentCloseForm,
    IncidentFilter,
    IncidentForm,
    IncidentSkipForm,
    IncidentVisitForm,
    PersonSearch,
    TimelinessFilter,
)
from cases.models import Case, Dossier, GiftRound, Incident
from cases.models.dossier import READERS
from cases.models.incident import (
    GRASSROOTS,
    STATES,
    IncidentKind,
    persons_matching,
    persons_of,
    state_condition,
)
from cases.workflow import Programme, Status
from people.models import Person, Relation
from people.roles import check_any
from people.views.lists import export, listing, place
from people.workflow import check

pages = require_http_methods(["GET", "HEAD", "POST"])
IN_CHARGE = (*GRASSROOTS, *READERS)
MOST_FOUND = 12
COLUMNS = (
    Column("on", gettext_lazy("Date of the event"), kind="date"),
    Column(
        "kind", gettext_lazy("Kind of event"), kind="choice", choices=tuple(IncidentKind.choices)
    ),
    Column("person", gettext_lazy("Employee")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("reported_by", gettext_lazy("Reported by")),
    Column("report_days", gettext_lazy("Days until the report"), kind="int"),
    Column("due_on", gettext_lazy("Visit due"), kind="date"),
    Column("visited_on", gettext_lazy("Date of the visit"), kind="date"),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Incident.Status.choices)),
    Column(
        "outcome",
        gettext_lazy("What came of it"),
        kind="choice",
        choices=tuple(Incident.Outcome.choices),
    ),
)  # fmt: skip


def _cells(incident):
    return (
        incident.happened_on, incident.kind, masking.mask_name(incident.person.name),
        incident.unit.name, incident.reported_by.name, incident.report_days, incident.due_on,
        incident.visited_on, incident.status, incident.outcome,
    )  # fmt: skip


@require_safe
def incident_list(request):
    """Those in charge see their units, everybody else what they reported or what is about them."""
    on = timezone.localdate()
    filters = IncidentFilter(request.GET, actor=request.actor)
    incidents = Incident.objects.visible_to(request.actor)
    return listing(
        request,
        "cases/incident_list.html",
        rows=incidents.narrowed(on=on, **filters.chosen).for_list(),
        order=("-happened_on", "-pk"),
        title=_("Must-visit events"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        on=on,
        in_charge=not request.actor.why_not_any(*IN_CHARGE),
        may_report=actions.may_report_any(request.actor),
    )


# Telling


def _reportable(actor):
    """Whoever the actor may report for: the people of their units, and themselves."""
    own = Person.objects.filter(pk=actor.person_id)
    return (persons_of(actor, actions.REPORTERS) | own).select_related("unit")


@pages
def incident_new(request):
    """Whom it is about first, then what happened: one screen each, made for a phone."""
    persons = _reportable(request.actor)
    chosen = request.GET.get("person", "")
    others = bool(request.actor.roles.intersection(actions.REPORTERS))
    if not others and request.actor.person_id:
        chosen = str(request.actor.person_id)
    if chosen.isdecimal():
        return _tell(request, get_object_or_404(persons, pk=chosen))
    check_any(request.actor, *actions.REPORTERS)
    words = {
        "title": _("Report an event"),
        "lead": _("A hospital stay, a death in the family, a sudden event. Whom is it about?"),
        "back_url": reverse("cases:incident_list"),
        "back_label": _("Must-visit events"),
        "own": request.actor.person_id,
    }
    return choose_person(request, persons, words)


def choose_person(request, persons, words):
    """Search and choose: found while one types, or on the press of the button."""
    search = PersonSearch(request.GET)
    q = search.cleaned_data["q"].strip() if search.is_valid() else ""
    found = []
    if q:
        matching = persons_matching(persons, q).order_by("name_pinyin", "pk")
        found = list(matching[: MOST_FOUND + 1])
    context = words | {
        "search": search,
        "q": q,
        "found": found[:MOST_FOUND],
        "more": len(found) > MOST_FOUND,
    }
    template = "cases/whom.html#found" if request.htmx else "cases/whom.html"
    return render(request, template, context)


def _tell(request, person):
    check(actions.why_not_report(person, request.actor))
    now = timezone.now()
    form = IncidentForm(request.POST or None, on=timezone.localdate(now))
    if request.method != "POST" or not form.is_valid():
        own = person.pk == request.actor.person_id
        return _form(request, "cases/incident_new.html", form, person=person, own=own)
    incident, new = actions.report_incident(
        person=person, by=request.user, at=now, **form.cleaned_data
    )
    if not new:
        words = _("This was reported already on %(day)s. The visit is due on %(due)s.")
        told = {"day": timezone.localdate(incident.reported_at), "due": incident.due_on}
        messages.info(request, words % told)
    else:
        words = _("The event was reported. The visit is due on %(due)s.")
        messages.success(request, words % {"due": incident.due_on})
    seen = Incident.objects.visible_to(request.actor).filter(pk=incident.pk).exists()
    return redirect(incident if seen else "cases:incident_list")


# One event


def _incident(request, pk):
    incidents = Incident.objects.visible_to(request.actor).select_related(
        "person__unit", "unit", "company", "reported_by", "visited_by", "skipped_by", "closed_by",
        "case", "visit",
    )  # fmt: skip
    return get_object_or_404(incidents, pk=pk)


@require_safe
def incident_detail(request, pk):
    incident = _incident(request, pk)
    actor = request.actor
    dossier = Dossier.objects.open_of(incident.person_id).first()
    seen = Dossier.objects.visible_to(actor).open_of(incident.person_id).first()
    in_charge = any(actor.has(role, incident.unit.path) for role in IN_CHARGE)
    applies = not actions.why_not_apply_for(incident, actor)
    context = {
        "incident": incident,
        "on": timezone.localdate(),
        "in_charge": in_charge,
        "visitors": incident.visitors.select_related("user", "unit").order_by("pk"),
        "gifts": incident.gifts.select_related("round").order_by("pk") if in_charge else (),
        "referrals": incident.referrals.order_by("pk") if in_charge else (),
        "dossier": seen if in_charge else None,
        "about_death": _about_death(incident, seen) if in_charge else None,
        "sees_case": incident.case_id and _sees_case(actor, incident.case_id),
        "sees_visit": in_charge and incident.visit_id,
        "may_visit": not actions.why_not_visit_incident(incident, actor),
        "may_close": not actions.why_not_close_incident(incident, actor),
        "may_apply": applies,
        "apply_words": _apply_words(incident, dossier) if applies else None,
        "may_refer": not actions.why_not_refer(incident.unit, actor),
    }
    return render(request, "cases/incident_detail.html", context)


def _sees_case(actor, pk):
    return Case.objects.visible_to(actor).filter(pk=pk).exists()


def _apply_words(incident, dossier):
    """What one press does: (button, sentence)."""
    ended = (Status.WITHDRAWN, Status.DECLINED)
    if incident.case_id and incident.case.status not in ended:
        return _("Go to the application"), _("An application was begun from this event.")
    if dossier is None:
        return _("Put the household on file"), _(
            "This household is not on file. File first, help later: the same press begins its"
            " application to be put on file."
        )
    active = dossier.status == Dossier.Status.ACTIVE
    programme = Programme.EMERGENCY if active else Programme.RECOGNITION
    under_way = Case.objects.filter(dossier=dossier).of_programme(programme).under_way()
    if under_way.exists():
        return _("Go to the application"), _("An application is under way for this household.")
    if not active:
        return _("Put the household on file"), _(
            "This household has a file that is not recognised yet. File first, help later."
        )
    return _("Apply for an emergency grant"), _(
        "The household is on file: the application is begun with the event and its day filled in."
    )


def _about_death(incident, dossier):
    """What a death asks of the file and the roster; None where it asks for nothing."""
    if incident.kind != IncidentKind.DEATH:
        return None
    own = incident.concerns == Relation.SELF
    if dossier is None and not own:
        return None
    return {"own": own, "dossier": dossier, "on_roster": own and incident.person.died_on is None}


@pages
def incident_visit(request, pk):
    incident = _incident(request, pk)
    check(actions.why_not_visit_incident(incident, request.actor))
    now = timezone.now()
    form = IncidentVisitForm(request.POST or None, incident=incident, on=timezone.localdate(now))
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/incident_visit.html", form, incident=incident)
    actions.visit_incident(incident=incident, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The visit was recorded."))
    return redirect(incident)


@pages
def incident_skip(request, pk):
    incident = _incident(request, pk)
    check(actions.why_not_visit_incident(incident, request.actor))
    form = IncidentSkipForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/incident_skip.html", form, incident=incident)
    actions.skip_incident(
        incident=incident, by=request.user, at=timezone.now(), **form.cleaned_data
    )
    messages.success(request, _("It was recorded why nobody was there."))
    return redirect(incident)


@pages
def incident_close(request, pk):
    incident = _incident(request, pk)
    check(actions.why_not_close_incident(incident, request.actor))
    form = IncidentCloseForm(request.POST or None, incident=incident)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/incident_close.html", form, incident=incident)
    actions.close_incident(
        incident=incident, by=request.user, at=timezone.now(), **form.cleaned_data
    )
    messages.success(request, _("The event was closed."))
    return redirect(incident)


@require_POST
def incident_apply(request, pk):
    """One press from the event to the application."""
    incident = _incident(request, pk)
    check(actions.why_not_apply_for(incident, request.actor))
    case = actions.apply_for_incident(incident=incident, by=request.user, at=timezone.now())
    if not _sees_case(request.actor, case.pk):
        messages.info(request, _("An application is under way for this household."))
        return redirect(incident)
    if case.status not in (Status.DRAFT, Status.RETURNED):
        return redirect(case)
    if case.programme == Programme.RECOGNITION:
        messages.info(request, _("File first, help later: put the household on file here."))
    return redirect("cases:apply_case", case.pk)


@pages
def incident_gift(request, pk):
    """A gift handed over on this visit."""
    incident = _incident(request, pk)
    check(actions.why_not_give_to(incident.unit, request.actor))
    now = timezone.now()
    on = timezone.localdate(now)
    rounds = GiftRound.objects.visible_to(request.actor).running_on(on).order_by("-since", "-pk")
    rounds = rounds.filter(company=incident.company_id).exclude(
        pk__in=rounds.exclude(unit=None).exclude(unit=incident.unit_id).values("pk")
    )
    form = IncidentGiftForm(
        request.POST or None, rounds=rounds, incident=incident, on=on,
        units=[incident.unit_id, incident.company_id],
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        context = {"incident": incident, "rounds": rounds.exists()}
        return _form(request, "cases/incident_gift.html", form, **context)
    actions.give_after_incident(incident=incident, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The gift was recorded."))
    return redirect(incident)


def _form(request, template, form, **context):
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


# How timely each unit is

COUNTED = ("FAST", "IN_TIME", "LATE", "SKIPPED", "OVERDUE")
UNIT_COLUMNS = (
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("reported", gettext_lazy("Reported"), kind="int"),
    *(Column(kind.value, kind.label, kind="int") for kind in IncidentKind),
    Column("FAST", gettext_lazy("Reported within a day"), kind="int"),
    Column("IN_TIME", gettext_lazy("Visited in time"), kind="int"),
    Column("LATE", gettext_lazy("Visited late"), kind="int"),
    Column("SKIPPED", gettext_lazy("Not visited, with the reason"), kind="int"),
    Column("OVERDUE", gettext_lazy("Open and overdue"), kind="int"),
    Column("median", gettext_lazy("Days from event to visit (median)"), kind="int"),
)


def _timeliness(incidents, on):
    """One row for each unit with events, by two queries for any number of them."""
    counts = {name: Count("pk", filter=state_condition(name, on)) for name in COUNTED}
    kinds = {kind.value: Count("pk", filter=Q(kind=kind)) for kind in IncidentKind}
    units = (
        incidents.order_by()
        .values("unit", "unit__name")
        .annotate(reported=Count("pk"), **counts, **kinds)
        .order_by("unit__path", "unit")
    )
    days = incidents.exclude(visit_days=None).order_by().values_list("unit", "visit_days")
    spread = {}
    for unit, visit_days, count in days.annotate(n=Count("pk")):
        spread.setdefault(unit, []).extend([visit_days] * count)
    return [
        row | {"median": median_low(spread[row["unit"]]) if row["unit"] in spread else None}
        for row in units
    ]


@require_safe
def incident_timeliness(request):
    check_any(request.actor, *IN_CHARGE)
    on = timezone.localdate()
    filters = TimelinessFilter(request.GET)
    incidents = Incident.objects.in_charge(request.actor).narrowed(on=on, **filters.chosen)
    rows = _timeliness(incidents, on)
    if request.GET.get("export") == "xlsx":
        cells = [_unit_cells(row) for row in rows]
        return export(request, _("Timeliness of must-visits"), UNIT_COLUMNS, cells)
    kept = urlencode({k: v for k, v in request.GET.items() if k in ("since", "until") and v})
    context = {
        "filters": filters,
        "rows": [_linked(row, kept) for row in rows],
        "totals": {
            name: sum(row[name] for row in rows)
            for name in ("reported", *COUNTED, *IncidentKind.values)
        },
        "kinds": IncidentKind.choices,
        "bars": [
            (row["unit__name"], [row["IN_TIME"], row["LATE"], row["OVERDUE"]]) for row in rows
        ],
        "series": [_("visited in time"), _("visited late"), _("overdue")],
        "export_url": place(request, export="xlsx"),
    }
    return render(request, "cases/incident_timeliness.html", context)


def _unit_cells(row):
    names = ("unit__name", "reported", *IncidentKind.values, *COUNTED, "median")
    return [row[name] for name in names]


def _linked(row, kept):
    """The numbers of a row, each with the list behind it."""
    here = f"{reverse('cases:incident_list')}?unit={row['unit']}" + (f"&{kept}" if kept else "")
    return {
        "name": row["unit__name"],
        "url": here,
        "reported": row["reported"],
        "kinds": [
            (label, row[kind], f"{here}&kind={kind}") for kind, label in IncidentKind.choices
        ],
        "counts": [(STATES[name], row[name], f"{here}&state={name}") for name in COUNTED],
        "median": row["median"],
    }
