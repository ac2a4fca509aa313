"""Facts that link a household with others: for an officer to look at, never an accusation."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.life import WatchKind
from cases.models import Dossier, Member, WatchAnswer
from cases.models.dossier import READERS
from cases.models.watch import households_key
from people.models import Kinship, Person
from people.roles import Role

LOOKERS = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR, *READERS)
MOST = 10
MOST_SAID = 5


@dataclass(frozen=True)
class Hint:
    """One sentence; `kind` is "" for a relative, `answered` when somebody looked at it before."""

    sentence: str
    kind: str = ""
    answered: bool = False


def sees(actor, dossier):
    """Whether the actor is told who another household is. Uses the dossier's unit; no query."""
    return any(actor.has(role, dossier.unit.path) for role in LOOKERS)


def related(dossier, actor):
    """What this household shares with others, and which officers are its relatives.

    Uses the dossier's prefetched members, head and unit. Eight queries at most.
    """
    members = {m.id_index: m.name for m in dossier.members.all() if m.left_on is None}
    return [*shared(dossier, actor), *_relatives(dossier, members)]


def shared(dossier, actor):
    """The same ID number, payee account, phone or address elsewhere in the company.

    Households of units the actor does not look after are not named.
    """
    here = [m for m in dossier.members.all() if m.left_on is None]
    found = [
        *_same_id_number(dossier, here, actor),
        *_same_account(dossier, actor),
        *_same_phone(dossier, here, actor),
        *_same_address(dossier, actor),
    ]
    together = defaultdict(set)
    for kind, index, other, _sentence in found:
        together[kind, index] |= {dossier.pk, *([other] if other else [])}
    keys = {group: households_key(pks) for group, pks in together.items()}
    answers = WatchAnswer.objects.filter(
        company=dossier.company_id, households__in=set(keys.values())
    )
    known = set(answers.values_list("kind", "households")) if found else set()
    once = {sentence: (kind, index) for kind, index, _other, sentence in found}
    return [
        Hint(sentence, kind, (kind, keys[kind, index]) in known)
        for sentence, (kind, index) in once.items()
    ]


def after_saving(pk, actor):
    """What an officer is told after saving facts of a household: what it shares with others and
    nobody has looked at. The household itself is not told about others."""
    dossier = Dossier.objects.select_related("head", "unit").prefetch_related("members").get(pk=pk)
    if not sees(actor, dossier):
        return []
    return [hint.sentence for hint in shared(dossier, actor) if not hint.answered][:MOST_SAID]


def _place(other, actor):
    """Which dossier it is, as far as the actor may know."""
    words = {"status": Dossier.Status(other.status).label}
    if not sees(actor, other):
        return _("a household of another unit (%(status)s)") % words
    words |= {"number": other.number, "unit": other.unit.name}
    return _("the dossier %(number)s of %(unit)s (%(status)s)") % words


def _same_id_number(dossier, here, actor):
    """Other households of the company, exited ones too, in which a member stands as well."""
    names = {m.id_index: m.name for m in here}
    twins = (
        Member.objects.filter(company=dossier.company_id, id_index__in=names)
        .exclude(dossier=dossier.pk)
        .select_related("dossier__unit")
        .order_by("dossier__number", "pk")
    )
    for twin in twins:
        words = {"name": names[twin.id_index], "place": _place(twin.dossier, actor)}
        if twin.left_on:
            sentence = _("%(name)s stood until %(day)s in %(place)s.") % (
                words | {"day": twin.left_on}
            )
            yield WatchKind.ID_NUMBER, twin.id_index, None, sentence
        else:
            sentence = _("%(name)s also stands in %(place)s.") % words
            yield WatchKind.ID_NUMBER, twin.id_index, twin.dossier_id, sentence


def _same_account(dossier, actor):
    head = dossier.head
    if head.account_index:
        words = (
            _("%(name)s and %(other)s (%(unit)s) have the same payee account."),
            _("The payee account of %(name)s is also that of an employee of another unit."),
        )
        for other in _others(head, account_index=head.account_index):
            yield from _persons(WatchKind.ACCOUNT, head.account_index, head, other, actor, words)


def _same_phone(dossier, here, actor):
    head = dossier.head
    names = {m.phone_index: m.name for m in here if m.phone_index}
    if head.phone_index:
        names[head.phone_index] = head.name
    if not names:
        return
    words = (
        _("%(name)s and %(other)s (%(unit)s) have the same phone number."),
        _("The phone number of %(name)s is also that of an employee of another unit."),
    )
    said = set()
    for other in _others(head, phone_index__in=names):
        own = names[other.phone_index]
        said |= {(other.phone_index, d.pk) for d in other.dossiers.all()}
        yield from _persons(WatchKind.PHONE, other.phone_index, own, other, actor, words)
    members = (
        Member.objects.filter(company=dossier.company_id, phone_index__in=names, left_on=None)
        .exclude(dossier__head=dossier.head_id)
        .select_related("dossier__unit")
        .order_by("dossier__number", "pk")[:MOST]
    )
    for member in members:
        if (member.phone_index, member.dossier_id) in said:
            continue
        yield (
            WatchKind.PHONE,
            member.phone_index,
            member.dossier_id,
            _("The phone number of %(name)s also stands in %(place)s.")
            % {"name": names[member.phone_index], "place": _place(member.dossier, actor)},
        )


def _same_address(dossier, actor):
    if not dossier.address_index:
        return
    others = (
        Dossier.objects.filter(company=dossier.company_id, address_index=dossier.address_index)
        .exclude(head=dossier.head_id)
        .select_related("unit")
        .order_by("number", "pk")[:MOST]
    )
    for other in others:
        yield (
            WatchKind.ADDRESS,
            dossier.address_index,
            other.pk,
            _("The address is also that of %(place)s.") % {"place": _place(other, actor)},
        )


def _others(head, **same):
    return (
        Person.objects.filter(company=head.company_id, **same)
        .exclude(pk=head.pk)
        .select_related("unit")
        .prefetch_related("dossiers")
        .order_by("staff_no", "pk")[:MOST]
    )


def _persons(kind, index, own, other, actor, words):
    """A sentence about two persons, and the household of the other one when there is one."""
    named = any(actor.has(role, other.unit.path) for role in LOOKERS)
    said = {"name": str(own), "other": other.name, "unit": other.unit.name}
    sentence = (words[0] if named else words[1]) % said
    households = [d.pk for d in other.dossiers.all()]
    for pk in households or [None]:
        yield kind, index, pk, sentence


def _relatives(dossier, members):
    """Users who registered a member as their near relative: they take no step here."""
    rows = Kinship.objects.filter(id_index__in=members).select_related("user").order_by("pk")
    sentence = _("%(officer)s has registered %(name)s as a near relative and takes no step here.")
    for row in rows:
        yield Hint(sentence % {"officer": row.user.name, "name": members[row.id_index]})
