"""Who somebody is for the program: roles, the hats they wear, and the one way to ask."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class NotAllowed(PermissionDenied):
    """An act is refused. Django answers 403 and templates/403.html shows the reason."""


class Role(TextChoices):
    EMPLOYEE = "EMPLOYEE", _("employee or retiree")
    INFORMANT = "INFORMANT", _("information officer")
    UNIT_OFFICER = "UNIT_OFFICER", _("grassroots union officer")
    UNIT_CHAIR = "UNIT_CHAIR", _("grassroots union chair")
    COMPANY_OFFICER = "COMPANY_OFFICER", _("company union officer")
    COMPANY_CHAIR = "COMPANY_CHAIR", _("company union chair")
    SECRETARY = "SECRETARY", _("meeting secretary")
    LEADER = "LEADER", _("member of the leadership")
    CASHIER = "CASHIER", _("cashier")
    ACCOUNTANT = "ACCOUNTANT", _("accountant")
    DISCIPLINE = "DISCIPLINE", _("discipline inspection")
    AUDITOR = "AUDITOR", _("auditor")
    GROUP = "GROUP", _("group union")
    ADMIN = "ADMIN", _("system administrator")


class UnitKind(TextChoices):
    GROUP = "GROUP", _("group union")
    COMPANY = "COMPANY", _("company union")
    GRASSROOTS = "GRASSROOTS", _("grassroots union")


GRASSROOTS_ROLES = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
COMPANY_ROLES = (
    Role.COMPANY_OFFICER, Role.COMPANY_CHAIR, Role.SECRETARY, Role.LEADER, Role.CASHIER,
    Role.ACCOUNTANT, Role.DISCIPLINE, Role.AUDITOR, Role.ADMIN,
)  # fmt: skip
APPOINTED = GRASSROOTS_ROLES + COMPANY_ROLES + (Role.GROUP,)


def kind_for(role):
    """The kind of unit in which a role is held."""
    if role in GRASSROOTS_ROLES:
        return UnitKind.GRASSROOTS
    return UnitKind.GROUP if role == Role.GROUP else UnitKind.COMPANY


@dataclass(frozen=True)
class Hat:
    """One role held in one unit. `path` is the unit's; it covers everything under it."""

    role: str
    unit_id: int
    company_id: int | None
    path: str


@dataclass(frozen=True)
class Actor:
    """A signed-in person as the rules see them on one day: plain facts, no database.

    `kin` holds the blind indexes of their own and their registered relatives' ID numbers.
    """

    user_id: int
    person_id: int | None
    name: str
    hats: tuple[Hat, ...] = ()
    kin: frozenset[str] = frozenset()

    @property
    def roles(self):
        return frozenset(hat.role for hat in self.hats)

    def has(self, role, path):
        """Whether they hold the role in the unit at `path` or in one above it."""
        return any(hat.role == role and path.startswith(hat.path) for hat in self.hats)

    def units(self, *roles):
        """Ids of the units in which they hold one of the roles."""
        return [hat.unit_id for hat in self.hats if hat.role in roles]

    def companies(self, *roles):
        """Ids of the companies in which they hold one of the roles."""
        return [hat.company_id for hat in self.hats if hat.role in roles]

    def why_not_any(self, *roles):
        """Why they may not do what only these roles do anywhere; "" when they may."""
        if self.roles.intersection(roles):
            return ""
        return _("Only these may do this: %(roles)s.") % {"roles": names(roles)}


def names(roles):
    """The labels of some roles, joined for a sentence; lazy."""
    labels = [Role(role).label for role in roles]
    text = labels[0]
    for label in labels[1:]:
        text = format_lazy("{}{}{}", text, _(", "), label)
    return text


def check_any(actor, *roles):
    """Refuse unless the actor holds one of the roles somewhere."""
    if actor is None:
        raise NotAllowed(_("Only these may do this: %(roles)s.") % {"roles": names(roles)})
    if reason := actor.why_not_any(*roles):
        raise NotAllowed(reason)
