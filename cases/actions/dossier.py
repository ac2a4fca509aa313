"""What an officer does with a whole dossier: start one on behalf, see its full numbers."""

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.case import open_case
from cases.actions.household import start_dossier
from cases.models import Dossier
from cases.workflow import Programme
from people import actions as people
from people.models import Disclosure
from people.roles import NotAllowed

OPEN = (Dossier.Status.PENDING, Dossier.Status.ACTIVE)


@transaction.atomic
def start_application(*, head, programme, by, at):
    """An application for the household of `head`; recognition opens its file when there is none.

    Returns the draft case. Raises NotAllowed as `start_dossier` and `open_case` do.
    """
    dossier = Dossier.objects.filter(head=head, status__in=OPEN).first()
    if dossier is None and programme != Programme.RECOGNITION:
        raise NotAllowed(_("The household must be on file first; apply for recognition."))
    if dossier is None:
        dossier = start_dossier(head=head, by=by, at=at)
    return open_case(dossier=dossier, programme=programme, by=by, at=at)


@transaction.atomic
def reveal_household(*, dossier, by, at, purpose):
    """Ask for the full numbers of a household: those of its head and its members' ID numbers.

    Recorded twice, so that the head finds it among the looks at their data; then granted.
    """
    people.reveal(person=dossier.head, by=by, at=at, purpose=purpose)
    people.disclose(
        by=by, at=at, company=dossier.company, subject=Disclosure.Subject.HOUSEHOLD,
        subject_pk=dossier.pk, fields=("id_number",), purpose=purpose,
    )  # fmt: skip
