"""The duplicate watch over a whole company: households that share something, and single ones that
need a look. Set queries; each page costs the same with a hundred thousand households."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import CharField, Count, Exists, F, OuterRef, Q
from django.db.models.functions import Cast

from base.sets import These
from cases.life import WatchKind, months_earlier
from cases.models import Case, Dossier, Member, Visit, WatchAnswer
from cases.models.dossier import READERS
from cases.models.watch import households_key
from people.roles import Role

OPEN = ("PENDING", "ACTIVE")
UNITS = (Role.UNIT_OFFICER, Role.UNIT_CHAIR)
SIZE = 25
_MOST_ROUNDS = 8
_MARK = 16  # letters of the index that stand in an address: enough to go on from
SILENT = timedelta(days=365)  # an answer about a single household holds this long


@dataclass(frozen=True)
class Scope:
    """Whose households are looked through: of whole companies, or pairs that touch some units."""

    companies: tuple
    units: tuple | None = None

    @classmethod
    def of(cls, actor):
        companies = actor.companies(*READERS)
        if companies:
            return cls(tuple(companies))
        return cls(tuple(actor.companies(*UNITS)), tuple(actor.units(*UNITS)))

    def ours(self, path=""):
        """Rows of the scope itself, for a condition on the dossier at `path`."""
        return Q(**{f"{path}unit__in": self.units}) if self.units is not None else Q()


@dataclass
class Row:
    """Households that share something, or one that needs a look."""

    kind: str
    dossiers: list
    names: list = field(default_factory=list)
    answer: object = None

    @property
    def households(self):
        return ",".join(str(d.pk) for d in self.dossiers)


# What two households share


def _grouped(rows, column, path, scope, after):
    """The indexes that stand in households of two heads, one of them on file or applied for."""
    live = Q(**{f"{path}status__in": OPEN})
    found = (
        rows.filter(**{f"{column}__gt": after})
        .order_by()
        .values(index=F(column))
        .annotate(
            heads=Count(f"{path}head", distinct=True),
            live=Count("pk", filter=live),
            ours=Count("pk", filter=scope.ours(path)) if scope.units is not None else Count("pk"),
        )
        .filter(heads__gt=1, live__gt=0, ours__gt=0)
    )
    return found.values_list("index", flat=True)


def _members(scope):
    return Member.objects.filter(company__in=scope.companies, left_on=None)


def _dossiers(scope):
    return Dossier.objects.filter(company__in=scope.companies)


def _phones(scope, after):
    """Phones of two heads, of members of two households, and of a head and a member elsewhere."""
    members = _members(scope).exclude(phone_index="")
    heads = _dossiers(scope).exclude(head__phone_index="")
    elsewhere = Dossier.objects.filter(
        company=OuterRef("company"), head__phone_index=OuterRef("phone_index")
    ).exclude(head=OuterRef("dossier__head"))
    across = members.filter(phone_index__gt=after).filter(
        Exists(elsewhere.filter(status__in=OPEN)) | Q(dossier__status__in=OPEN) & Exists(elsewhere)
    )
    if scope.units is not None:
        across = across.filter(scope.ours("dossier__") | Exists(elsewhere.filter(scope.ours())))
    return (
        _grouped(heads, "head__phone_index", "", scope, after).order_by("index"),
        _grouped(members, "phone_index", "dossier__", scope, after).order_by("index"),
        across.order_by("phone_index").values_list("phone_index", flat=True).distinct(),
    )


def _indexes(kind, scope, after):
    """The next indexes that several households share, in order; one query."""
    if kind == WatchKind.ID_NUMBER:
        sources = (_grouped(_members(scope), "id_index", "dossier__", scope, after),)
    elif kind == WatchKind.ACCOUNT:
        heads = _dossiers(scope).exclude(head__account_index="")
        sources = (_grouped(heads, "head__account_index", "", scope, after),)
    elif kind == WatchKind.PHONE:
        sources = _phones(scope, after)
    else:
        homes = _dossiers(scope).exclude(address_index="")
        sources = (_grouped(homes, "address_index", "", scope, after),)
    if len(sources) == 1:
        return list(sources[0].order_by("index")[: SIZE + 1])
    found = {index for source in sources for index in source[: SIZE + 1]}
    return sorted(found)[: SIZE + 1]


def _households(kind, scope, indexes):
    """{index: Row} of the households behind some indexes. Two queries at most."""
    found = defaultdict(dict)
    names = defaultdict(dict)
    of_members = {WatchKind.ID_NUMBER: "id_index", WatchKind.PHONE: "phone_index"}
    of_dossiers = {
        WatchKind.ACCOUNT: "account_index", WatchKind.PHONE: "phone_index",
    }  # fmt: skip
    if column := of_members.get(kind):
        rows = _members(scope).filter(**{f"{column}__in": indexes})
        for member in rows.select_related("dossier__head", "dossier__unit").order_by("dossier"):
            found[getattr(member, column)][member.dossier_id] = member.dossier
            names[getattr(member, column)][member.name] = True
    if column := of_dossiers.get(kind):
        rows = _dossiers(scope).filter(**{f"head__{column}__in": indexes})
        for dossier in rows.select_related("head", "unit").order_by("pk"):
            found[getattr(dossier.head, column)][dossier.pk] = dossier
    if kind == WatchKind.ADDRESS:
        rows = _dossiers(scope).filter(address_index__in=indexes)
        for dossier in rows.select_related("head", "unit").order_by("pk"):
            found[dossier.address_index][dossier.pk] = dossier
    return {
        index: Row(kind, [found[index][pk] for pk in sorted(found[index])], list(names[index]))
        for index in indexes
    }


def _answer(rows, scope):
    """Set the newest answer of each row, if it is about just these households. One query."""
    of_key = defaultdict(list)
    for row in rows:
        of_key[households_key(d.pk for d in row.dossiers)].append(row)
    answers = WatchAnswer.objects.filter(company__in=scope.companies, households__in=of_key)
    for answer in answers.select_related("by").order_by("at", "pk"):
        for row in of_key[answer.households]:
            if row.kind == answer.kind:
                row.answer = answer


def pairs(kind, scope, *, after="", answered=False):
    """(rows, where to go on) of households that share something; `answered` shows those looked at
    as well. Three queries for each round, of which one is nearly always enough."""
    rows = []
    for _round in range(_MOST_ROUNDS):
        indexes = _indexes(kind, scope, after and after + "~")
        here = _households(kind, scope, indexes[:SIZE])
        _answer(list(here.values()), scope)
        for index, row in here.items():
            after = index[:_MARK]
            if answered or row.answer is None:
                rows.append(row)
            if len(rows) == SIZE:
                more = index != indexes[-1]
                return rows, after if more else ""
        if len(indexes) <= SIZE:
            return rows, ""
    return rows, after


def unanswered(company_id, dossiers):
    """Those of some dossiers that share an ID number or a payee account with a household of
    another head, where nobody has said why. Seven queries at most, however many dossiers."""
    scope = Scope((company_id,))
    elsewhere = {
        WatchKind.ID_NUMBER: (_members(scope), "id_index", "dossier__"),
        WatchKind.ACCOUNT: (_dossiers(scope), "head__account_index", ""),
    }
    asked, found = set(dossiers), set()
    for kind, (rows, column, path) in elsewhere.items():
        ours = rows.filter(**{f"{path}pk__in": These(asked)}).exclude(**{column: ""})
        same = rows.filter(**{f"{column}__in": ours.order_by().values(column)})
        heads = (
            same.order_by()
            .values(index=F(column))
            .annotate(heads=Count(f"{path}head", distinct=True))
        )
        indexes = list(heads.filter(heads__gt=1).values_list("index", flat=True))
        shared = list(_households(kind, scope, sorted(indexes)).values()) if indexes else []
        _answer(shared, scope)
        found |= {d.pk for row in shared if row.answer is None for d in row.dossiers}
    return found & asked


# Single households that need a look


def singles(kind, scope, on, *, answered=False):
    """The households of one kind, as rows of the register; not sorted."""
    rows = _dossiers(scope).filter(scope.ours())
    if kind == WatchKind.HEAD_GONE:
        gone = Q(head__died_on__isnull=False) | Q(head__left_on__isnull=False)
        rows = rows.filter(gone, status__in=OPEN)
    elif kind == WatchKind.UNIT:
        rows = rows.filter(status__in=OPEN).exclude(unit=F("head__unit"))
    elif kind == WatchKind.UNVISITED:
        rows = rows.active().exclude(Exists(Visit.objects.filter(dossier=OuterRef("pk"))))
    elif kind == WatchKind.STALE:
        rows = rows.active().filter(changed_at__date__lt=months_earlier(on, 12))
    else:
        paid = Case.objects.filter(dossier=OuterRef("pk"), status="PAID")
        rows = rows.active().exclude(Exists(paid))
    looked_at = WatchAnswer.objects.filter(
        kind=kind, company=OuterRef("company"),
        households=Cast(OuterRef("pk"), CharField()), at__date__gt=on - SILENT,
    )  # fmt: skip
    if not answered:
        rows = rows.exclude(Exists(looked_at))
    return rows.select_related("head", "unit")


def as_rows(kind, dossiers, scope):
    """Single households as rows with their answers. One query."""
    rows = [Row(kind, [dossier]) for dossier in dossiers]
    _answer(rows, scope)
    return rows
