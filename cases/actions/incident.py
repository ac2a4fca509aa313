"""The three must-visits (fact 4.3): report, visit or say why not, apply from there, close."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases.actions.case import describe_case
from cases.actions.dossier import start_application
from cases.actions.visit import VISITORS
from cases.codes import Event
from cases.models import Case, Dossier, Incident, IncidentVisitor, Informant, Policy, Training
from cases.models.incident import GRASSROOTS, IncidentKind, IncidentOutcome, IncidentStatus
from cases.workflow import Programme, Status
from people.models import Holiday, Person, Relation
from people.roles import NotAllowed, Role
from people.workflow import check

KEEPERS = (*GRASSROOTS, Role.COMPANY_OFFICER)
REPORTERS = (Role.INFORMANT, *KEEPERS)
APPLIERS = (Role.INFORMANT, *GRASSROOTS)
# What a household on file is helped with after an event, and what happened in the words of a case.
HELP = {
    IncidentKind.HOSPITAL: (Programme.EMERGENCY, Event.ILLNESS),
    IncidentKind.SUDDEN: (Programme.EMERGENCY, Event.ACCIDENT),
    IncidentKind.DEATH: (Programme.VISIT_GIFT, Event.BEREAVEMENT),
}
_DAYS = {
    IncidentKind.HOSPITAL: "incident.hospital_days",
    IncidentKind.DEATH: "incident.death_days",
    IncidentKind.SUDDEN: "incident.sudden_days",
}


def may_report_any(actor):
    """Whether there is anybody at all of whom the actor may report an event."""
    return bool(actor.person_id or actor.roles.intersection(REPORTERS))


def deadline(company_id, key, at):
    """The working day by which something is due, by a clause of the policy in force."""
    on = day_of(at)
    policy = Policy.objects.in_force(company_id, on)
    if policy is None:
        raise NotAllowed(_("No policy is in force on this day."))
    return Holiday.objects.calendar().add_workdays(on, policy.rules[key])


def came_from(user, unit_id, on, roles):
    """The union a visitor comes from on a day, the given one first; raises NotAllowed."""
    hats = [hat for hat in user.actor(on).hats if hat.role in roles]
    if not hats:
        raise NotAllowed(_("%(name)s holds no union role.") % {"name": user.name})
    return next((hat.unit_id for hat in hats if hat.unit_id == unit_id), hats[0].unit_id)


def _keeps(actor, unit):
    return any(actor.has(role, unit.path) for role in KEEPERS)


# Information officers


def why_not_keep(post, actor):
    """Why the actor may not write in the register about this information officer."""
    if _keeps(actor, post.unit):
        return ""
    return _("Only the union officers of this unit and of the company keep this register.")


@transaction.atomic
def keep_informant(*, post, area, phone, by, at):
    """Write down which team or area an information officer looks after, and their phone."""
    check(why_not_keep(post, by.actor(day_of(at))))
    informant, _made = Informant.objects.update_or_create(
        user_id=post.user_id,
        unit_id=post.unit_id,
        defaults={"area": area, "phone": phone, "changed_at": at, "changed_by": by},
    )
    return informant


@transaction.atomic
def record_training(*, post, held_on, subject, by, at):
    """An information officer was trained; the same training twice is written down once."""
    check(why_not_keep(post, by.actor(day_of(at))))
    if held_on > day_of(at):
        raise NotAllowed(_("This day lies in the future."))
    informant, _made = Informant.objects.get_or_create(
        user_id=post.user_id, unit_id=post.unit_id, defaults={"changed_at": at, "changed_by": by}
    )
    training, _made = Training.objects.get_or_create(
        informant=informant, held_on=held_on, subject=subject,
        defaults={"recorded_at": at, "recorded_by": by},
    )  # fmt: skip
    return training


# Events


def why_not_report(person, actor):
    """Why the actor may not report an event of this person; "" when they may."""
    if actor.person_id == person.pk or any(actor.has(r, person.unit.path) for r in REPORTERS):
        return ""
    return _("Only the employee, an information officer or a union officer of the unit reports.")


@transaction.atomic
def report_incident(*, person, kind, happened_on, by, at, concerns="", place="", words=""):
    """Report an event. Returns (incident, whether it is new): told twice, it is kept once.

    Raises NotAllowed for a day in the future, or when `by` may not report for this person.
    """
    on = day_of(at)
    actor = by.actor(on)
    check(why_not_report(person, actor))
    if happened_on > on:
        raise NotAllowed(_("This day lies in the future."))
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if told := Incident.objects.same(person.pk, kind, happened_on).order_by("pk").first():
        return told, False
    incident = Incident.objects.create(
        company_id=person.company_id, unit_id=person.unit_id, person=person, kind=kind,
        concerns=concerns, happened_on=happened_on, place=place, words=words, reported_at=at,
        reported_by=by, role=_reporting_role(person, actor), report_days=(on - happened_on).days,
        due_on=deadline(person.company_id, _DAYS[IncidentKind(kind)], at),
    )  # fmt: skip
    return incident, True


def _reporting_role(person, actor):
    if actor.person_id == person.pk:
        return Role.EMPLOYEE
    return next(role for role in REPORTERS if actor.has(role, person.unit.path))


def why_not_visit_incident(incident, actor):
    """Why the actor may not record the visit, or why there was none; "" when they may."""
    if not _keeps(actor, incident.unit):
        return _("Only the union officers of this unit and of the company record a visit.")
    if incident.status != IncidentStatus.REPORTED:
        return _("It is written down already what was done.")
    return ""


@transaction.atomic
def visit_incident(*, incident, by, at, visited_on=None, visitors=(), visit=None, **words):
    """The visit was made: by these people, or as the record `visit` of the household says.

    `words` are help_given and needs. Raises NotAllowed for fewer than two visitors, a day before
    the event or in the future, or a visit to another household.
    """
    incident = Incident.objects.lock(incident.pk)
    on = day_of(at)
    check(why_not_visit_incident(incident, by.actor(on)))
    if visit is not None:
        if visit.dossier.head_id != incident.person_id:
            raise NotAllowed(_("This visit was made to another household."))
        visited_on, units = visit.visited_on, ()
        count = visit.visitor_count
    else:
        units = _visitors(visitors, incident.unit_id, visited_on)
        count = len(units)
    if not incident.happened_on <= visited_on <= on:
        raise NotAllowed(_("The visit lies between the event and today."))
    IncidentVisitor.objects.bulk_create(
        IncidentVisitor(incident=incident, user=user, unit_id=unit_id) for user, unit_id in units
    )
    return put(
        incident, status=IncidentStatus.VISITED, visited_on=visited_on, visitor_count=count,
        visit_days=(visited_on - incident.happened_on).days, visit=visit, visited_at=at,
        visited_by=by, **words,
    )  # fmt: skip


def _visitors(users, unit_id, on):
    if len({user.pk for user in users}) < 2:
        raise NotAllowed(_("A visit is made by two people at least."))
    return [(user, came_from(user, unit_id, on, VISITORS)) for user in users]


@transaction.atomic
def skip_incident(*, incident, reason, by, at, words=""):
    """Nobody went there, with the reason."""
    incident = Incident.objects.lock(incident.pk)
    check(why_not_visit_incident(incident, by.actor(day_of(at))))
    return put(
        incident, status=IncidentStatus.NOT_VISITED, skip_reason=reason, skip_words=words,
        skipped_at=at, skipped_by=by,
    )  # fmt: skip


def why_not_close_incident(incident, actor):
    """Why the actor may not close the event now; "" when they may."""
    if not _keeps(actor, incident.unit):
        return _("Only the union officers of this unit and of the company close an event.")
    if incident.status == IncidentStatus.REPORTED:
        return _("Record the visit first, or why there was none.")
    if incident.status == IncidentStatus.CLOSED:
        return _("This event is closed.")
    return ""


@transaction.atomic
def close_incident(*, incident, outcome, by, at):
    """Close the event with what came of it."""
    incident = Incident.objects.lock(incident.pk)
    check(why_not_close_incident(incident, by.actor(day_of(at))))
    if outcome == IncidentOutcome.APPLIED and incident.case_id is None:
        raise NotAllowed(_("No application was begun from this event."))
    if outcome == IncidentOutcome.NOTHING and incident.case_id is not None:
        raise NotAllowed(_("An application was begun from this event: say so."))
    return put(incident, status=IncidentStatus.CLOSED, outcome=outcome, closed_at=at, closed_by=by)


def why_not_apply_for(incident, actor):
    """Why the actor may not begin an application from this event; "" when they may."""
    path = incident.unit.path
    if actor.person_id != incident.person_id and not any(actor.has(r, path) for r in APPLIERS):
        return _("Only the employee or an officer of their unit may apply for them.")
    if incident.kind == IncidentKind.DEATH and incident.concerns == Relation.SELF:
        return _("The employee has died: somebody of the family has to be spoken with first.")
    if incident.status == IncidentStatus.CLOSED:
        return _("This event is closed.")
    return ""


@transaction.atomic
def apply_for_incident(*, incident, by, at):
    """The application that helps after the event, begun now or under way; returns the case.

    A household on file gets an emergency grant, after a death a visit gift, with what is known
    filled in; one that is not is put on file first. Raises NotAllowed as `open_case` does.
    """
    incident = Incident.objects.lock(incident.pk)
    check(why_not_apply_for(incident, by.actor(day_of(at))))
    if incident.case_id and incident.case.status not in (Status.WITHDRAWN, Status.DECLINED):
        return incident.case
    dossier = Dossier.objects.open_of(incident.person_id).first()
    active = dossier is not None and dossier.status == Dossier.Status.ACTIVE
    programme = HELP[IncidentKind(incident.kind)][0] if active else Programme.RECOGNITION
    begun = Case.objects.filter(dossier=dossier).in_the_way(programme)
    case = begun.first() if dossier else None
    if case is None:
        case = start_application(head=incident.person, programme=programme, by=by, at=at)
        if active:
            case = describe_case(case=case, by=by, at=at, **_known(incident, dossier))
    put(incident, case=case)
    return case


def _known(incident, dossier):
    """What the event tells of the application: the event, its day, and the patient if sure."""
    _programme, event = HELP[IncidentKind(incident.kind)]
    known = {"event": event, "event_on": incident.happened_on}
    members = dossier.members.filter(relation=incident.concerns, left_on=None)
    patients = list(members) if incident.concerns else []
    return known | {"patient": patients[0]} if len(patients) == 1 else known


def put(row, **columns):
    """Save these columns of a locked row."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    return row
