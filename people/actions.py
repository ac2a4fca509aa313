"""Every change to units, accounts, appointments, relatives, holidays and payee accounts."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.crypto import blind_index
from people import workflow
from people.models import (
    Appointment,
    Disclosure,
    DisclosureSubject,
    Holiday,
    HolidayKind,
    Kinship,
    Person,
    Unit,
    User,
)
from people.roles import NotAllowed, Role, UnitKind, check_any


def _actor(by, at):
    """The roles of a user on the day of a moment, read afresh."""
    return by.actor(_day(at))


def _day(at):
    return timezone.localtime(at).date()


# Units


@transaction.atomic
def create_unit(*, kind, code, name, parent, by, at):
    """A new unit under `parent`. `by` is None only for the first units, made by a command.

    Codes are kept in capitals: SQLite compares the beginning of a path without regard to
    case, and "/a/" must never be read as "/A/".
    """
    if by is not None:
        if parent is None or kind != UnitKind.GRASSROOTS:
            raise NotAllowed(_("Groups and companies are set up on the server, not here."))
        workflow.check(workflow.why_not_administer(_actor(by, at), parent.path))
    if parent is not None and parent.kind == UnitKind.GRASSROOTS:
        raise NotAllowed(_("A grassroots union has no units under it."))
    code = code.upper()
    return Unit.objects.create(
        kind=kind,
        code=code,
        name=name,
        parent=parent,
        path=f"{parent.path if parent else '/'}{code}/",
    )


@transaction.atomic
def rename_unit(*, unit, name, by, at):
    """Another name; code and path stay, so that nothing moves."""
    workflow.check(workflow.why_not_administer(_actor(by, at), unit.path))
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    unit.name = name
    unit.save(update_fields=["name"])
    return unit


# Accounts and appointments


@transaction.atomic
def create_user(*, username, name, password, by, at, person=None):
    """A new account, of a person on the roster or of somebody from outside.

    `by` is None only for the first administrator, made by a command.
    """
    if by is not None:
        actor = _actor(by, at)
        check_any(actor, Role.ADMIN)
        if person is not None:
            workflow.check(workflow.why_not_administer(actor, person.unit.path))
    return User.objects.create_user(username, password, name=name, person=person)


def _account(user, by, at):
    """The account read again under a lock, if `by` administers it and it is not their own."""
    actor = _actor(by, at)
    check_any(actor, Role.ADMIN)
    if user.pk == by.pk:
        raise NotAllowed(_("Ask another system administrator to change your own account."))
    if not User.objects.visible_to(actor).filter(pk=user.pk).exists():
        raise NotAllowed(_("This account belongs to another company."))
    return User.objects.select_for_update().get(pk=user.pk)


@transaction.atomic
def set_password(*, user, password, by, at):
    """A new first password; every session of the account ends with it."""
    user = _account(user, by, at)
    user.set_password(password)
    user.save(update_fields=["password"])
    return user


@transaction.atomic
def close_user(*, user, by, at):
    """The account can sign in no more; what it did stays under its name."""
    user = _account(user, by, at)
    user.is_active = False
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def reopen_user(*, user, by, at):
    user = _account(user, by, at)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def appoint(*, user, role, unit, since, by, at, until=None):
    """Give a role in a unit. `by` is None only for the first administrator.

    The user's row is the lock: two appointments at once cannot both see "holds nothing".
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    held = [a.role for a in user.appointments.valid_on(since)]
    if by is None:
        workflow.check(workflow.why_not_hold(role, unit.kind, held))
    else:
        reason = workflow.why_not_appoint(_actor(by, at), user.pk, role, unit.kind, unit.path, held)
        workflow.check(reason)
    if user.appointments.filter(role=role, unit=unit, until=None).exists():
        raise NotAllowed(_("This role is held by this person in this unit already."))
    return Appointment.objects.create(
        user=user, role=role, unit=unit, since=since, until=until, appointed_at=at, appointed_by=by
    )


@transaction.atomic
def end_appointment(*, appointment, until, by, at):
    """The role is held no more from the day `until` on."""
    appointment = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("unit")
        .get(pk=appointment.pk)
    )
    workflow.check(workflow.why_not_end(_actor(by, at), appointment.user_id, appointment.unit.path))
    if appointment.ended_at is not None:
        raise NotAllowed(_("This appointment has been ended already."))
    if until < appointment.since:
        raise NotAllowed(_("An appointment cannot end before it began."))
    appointment.until, appointment.ended_at, appointment.ended_by = until, at, by
    appointment.save(update_fields=["until", "ended_at", "ended_by"])
    return appointment


# Near relatives


@transaction.atomic
def register_relative(*, relation, name, id_number, by, at):
    """A near relative of the one who registers. The number itself is not kept.

    Registered once, it stays: whoever acts on a case cannot first make a relative vanish.
    """
    id_index = blind_index(id_number, "id_number")
    if by.relatives.filter(id_index=id_index).exists():
        raise NotAllowed(_("This relative is registered already."))
    return Kinship.objects.create(
        user=by,
        relation=relation,
        name=name,
        id_index=id_index,
        registered_at=at,
        registered_by=by,
    )


# Holidays


@transaction.atomic
def set_holiday(*, on, kind, name, by, at):
    """A day off, or a weekend day worked instead; a day entered before is overwritten."""
    check_any(_actor(by, at), Role.ADMIN)
    holiday, _created = Holiday.objects.update_or_create(
        on=on, defaults={"kind": HolidayKind(kind), "name": name}
    )
    return holiday


@transaction.atomic
def remove_holiday(*, holiday, by, at):
    check_any(_actor(by, at), Role.ADMIN)
    Holiday.objects.filter(pk=holiday.pk).delete()


@transaction.atomic
def import_holidays(*, days, by, at):
    """Take a list of (date, kind, name); returns how many are (new, changed, unchanged)."""
    check_any(_actor(by, at), Role.ADMIN)
    known = {
        on: (kind, name)
        for on, kind, name in Holiday.objects.filter(
            on__in=[on for on, _kind, _name in days]
        ).values_list("on", "kind", "name")
    }
    added = sum(on not in known for on, _kind, _name in days)
    same = sum(known.get(on) == (kind, name) for on, kind, name in days)
    Holiday.objects.bulk_create(
        [Holiday(on=on, kind=kind, name=name) for on, kind, name in days],
        update_conflicts=True,
        unique_fields=["on"],
        update_fields=["kind", "name"],
    )
    return added, len(days) - added - same, same


# Personal data


def disclose(*, by, at, company, subject, subject_pk, fields, purpose):
    """Write down that `by` is about to see personal data. Call it before showing anything.

    `fields` are the names of the columns shown. Whether they may is asked by the caller.
    """
    return Disclosure.objects.create(
        company=company,
        by=by,
        at=at,
        subject=subject,
        subject_pk=subject_pk,
        fields=",".join(fields),
        purpose=purpose,
    )


REVEALED = ("id_number", "account", "phone")


@transaction.atomic
def reveal(*, person, by, at, purpose):
    """Ask for the full ID number, account and phone of a person; recorded, then granted."""
    actor = _actor(by, at)
    workflow.check(workflow.why_not_reveal(actor, person.pk, person.unit.path))
    return disclose(
        by=by,
        at=at,
        company=person.company,
        subject=DisclosureSubject.PERSON,
        subject_pk=person.pk,
        fields=REVEALED,
        purpose=purpose,
    )


@transaction.atomic
def change_payee(*, person, bank, branch, account_name, account, by, at):
    """Another account to be paid to; who changed it and when is kept for whoever pays."""
    workflow.check(workflow.why_not_change_payee(_actor(by, at), person.pk, person.unit.path))
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    person.bank, person.branch, person.account_name = bank, branch, account_name
    person.account, person.account_index = account, blind_index(account, "account")
    person.account_changed_at, person.account_changed_by = at, by
    person.save(
        update_fields=[
            "bank",
            "branch",
            "account_name",
            "account",
            "account_index",
            "account_changed_at",
            "account_changed_by",
        ]
    )
    return person
