"""Who may do what to units, persons and accounts: each question answers with a reason or ""."""

from django.utils.translation import gettext_lazy as _

from people.roles import NotAllowed, Role, kind_for

IMPORTERS = (Role.ADMIN, Role.COMPANY_OFFICER)
OFFICERS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER, Role.COMPANY_CHAIR)
READERS = (Role.INFORMANT, *OFFICERS, Role.AUDITOR, Role.ADMIN)
LOG_READERS = (Role.AUDITOR, Role.ADMIN)


def check(reason):
    """Refuse with the reason, unless there is none."""
    if reason:
        raise NotAllowed(reason)


def why_not_administer(actor, path):
    """Accounts, units and appointments belong to the administrator of that company alone."""
    if actor.has(Role.ADMIN, path):
        return ""
    return _("Only a system administrator of this company may do this.")


def why_not_import(actor, path):
    if any(actor.has(role, path) for role in IMPORTERS):
        return ""
    return _(
        "Only a company union officer or a system administrator of this company may import the "
        "staff roster."
    )


def why_not_reveal(actor, person_id, path):
    """Full numbers are for the person and for the union officers who work on the file.

    The system administrator is not one of them, nor the auditor, who works on masked data.
    """
    if person_id == actor.person_id or any(actor.has(role, path) for role in OFFICERS):
        return ""
    return _("Only the person and the union officers in charge may see the full numbers.")


def why_not_change_payee(actor, person_id, path):
    if person_id == actor.person_id or any(actor.has(role, path) for role in OFFICERS):
        return ""
    return _("Only the person and the union officers in charge may change the payee account.")


def sees_income(actor, person_id, path):
    """The administrator keeps the roster without reading what anybody earns."""
    readers = (Role.INFORMANT, *OFFICERS, Role.AUDITOR)
    return person_id == actor.person_id or any(actor.has(role, path) for role in readers)


def why_not_appoint(actor, user_id, role, kind, path, held):
    """Why the role may not be given to the user; `held` are the roles they have now.

    Nobody appoints themselves, the role fits the unit, and whoever keeps the accounts holds
    nothing else, so that the keys and the cases are never in one hand.
    """
    if reason := why_not_administer(actor, path):
        return reason
    if user_id == actor.user_id:
        return _("Nobody appoints themselves; ask another system administrator.")
    return why_not_hold(role, kind, held)


def why_not_hold(role, kind, held):
    if kind != kind_for(role):
        return _("This role is not held in a unit of this kind; choose another unit.")
    others = frozenset(held) - {Role.EMPLOYEE}
    if (role == Role.ADMIN and others - {Role.ADMIN}) or (
        role != Role.ADMIN and Role.ADMIN in others
    ):
        return _("A system administrator holds no other role; end the other appointment first.")
    return ""


def why_not_end(actor, user_id, path):
    if reason := why_not_administer(actor, path):
        return reason
    if user_id == actor.user_id:
        return _("Nobody ends their own appointment; ask another system administrator.")
    return ""
