"""Facts that link a household with others: for an officer to look at, never an accusation."""

from django.utils.translation import gettext as _

from cases.models import Dossier, Member
from people.models import Kinship, Person


def related(dossier):
    """Sentences about the same ID number, payee account, phone or a registered relative.

    Uses the dossier's prefetched members, head and unit. Four queries at most.
    """
    members = {m.id_index: m.name for m in dossier.members.all() if m.left_on is None}
    return [
        *_same_id_number(dossier, members),
        *_same_account(dossier.head),
        *_same_phone(dossier.head),
        *_relatives(dossier, members),
    ]


def _same_id_number(dossier, members):
    """Other households of the company, exited ones too, in which a member stands as well."""
    twins = (
        Member.objects.filter(company=dossier.company_id, id_index__in=members)
        .exclude(dossier=dossier.pk)
        .select_related("dossier__unit")
        .order_by("dossier__number", "pk")
    )
    here = _("%(name)s also stands in the dossier %(number)s of %(unit)s (%(status)s).")
    gone = _("%(name)s stood until %(day)s in the dossier %(number)s of %(unit)s (%(status)s).")
    for twin in twins:
        words = {
            "name": members[twin.id_index],
            "number": twin.dossier.number,
            "unit": twin.dossier.unit.name,
            "status": Dossier.Status(twin.dossier.status).label,
        }
        if twin.left_on:
            yield gone % (words | {"day": twin.left_on})
        else:
            yield here % words


def _same_account(head):
    if head.account_index:
        for other in _others(head, account_index=head.account_index):
            yield _("%(name)s and %(other)s (%(unit)s) have the same payee account.") % {
                "name": head.name, "other": other.name, "unit": other.unit.name}  # fmt: skip


def _same_phone(head):
    if head.phone_index:
        for other in _others(head, phone_index=head.phone_index):
            yield _("%(name)s and %(other)s (%(unit)s) have the same phone number.") % {
                "name": head.name, "other": other.name, "unit": other.unit.name}  # fmt: skip


def _others(head, **same):
    return (
        Person.objects.filter(company=head.company_id, **same)
        .exclude(pk=head.pk)
        .select_related("unit")
        .order_by("staff_no", "pk")[:10]
    )


def _relatives(dossier, members):
    """Users who registered a member as their near relative: they take no step here."""
    rows = Kinship.objects.filter(id_index__in=members).select_related("user").order_by("pk")
    sentence = _("%(officer)s has registered %(name)s as a near relative and takes no step here.")
    for row in rows:
        yield sentence % {"officer": row.user.name, "name": members[row.id_index]}
