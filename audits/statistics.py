"""The paper's section 1 and the money: counted in four queries, each figure with its population.

Counts of a whole company are shown in full, as the paper shows them. A count of fewer than five
households of one unit is not, and never the only one left out: the rest would give it away.
"""

from dataclasses import dataclass

from django.db.models import Case, CharField, Count, Q, Sum, Value, When
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from base.words import say
from cases.codes import MAIN_CAUSES, Cause
from cases.models import Dossier
from cases.workflow import Programme
from funds.models import Batch, BatchLine, Payment
from people.models import Person, Sex, Standing, Unit
from people.roles import Role

SEERS = (
    Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER, Role.COMPANY_CHAIR, Role.LEADER,
    Role.AUDITOR, Role.DISCIPLINE, Role.GROUP,
)  # fmt: skip
FEWEST = 5
BANDS = {"YOUNG": _("under 35"), "MIDDLE": _("35 to 50"), "OLD": _("over 50")}
ILLNESS = (Cause.OWN_ILLNESS, Cause.FAMILY_ILLNESS)


def companies(actor):
    """The companies whose figures an actor may see: their own; of a group, all of its."""
    seen = Q(pk__in=[pk for pk in actor.companies(*SEERS) if pk])
    for hat in actor.hats:
        if hat.role == Role.GROUP:
            seen |= Q(path__startswith=hat.path)
    return Unit.objects.companies().filter(seen).order_by("path")


@dataclass(frozen=True)
class Row:
    """One line of a table. `count` is None where it is left out as too small."""

    label: object
    count: int | None
    of: int


@dataclass(frozen=True)
class Table:
    """Some counts with what they are counted of, and how."""

    key: str
    title: object
    rows: list
    note: object
    sort: bool = True


@dataclass(frozen=True)
class Money:
    """What a programme cost in a year: decided, and paid with households and payments."""

    year: int
    programme: str
    decided_fen: int = 0
    paid_fen: int = 0
    households: int = 0
    payments: int = 0

    @property
    def label(self):
        return Programme(self.programme).label


@dataclass(frozen=True)
class Figures:
    """Everything the page shows of one company on one day."""

    in_service: int
    retired: int
    households: int
    paid_off: int
    main_causes: int
    over_50: int
    tables: list
    money: list

    @property
    def base(self):
        """In service and retired: what the paper's 5.5 % is of."""
        return self.in_service + self.retired

    @property
    def without_paid_off(self):
        return self.households - self.paid_off


def figures(company, on):
    """The figures of a company on a day; four queries whatever its size."""
    register = _register(company, on)
    found = _households(company, on)
    base = {
        standing: sum(n for (_u, s), n in register.items() if s == standing)
        for standing in (Standing.IN_SERVICE, Standing.RETIRED)
    }
    whole = sum(found.values())
    by = [_by(found, place) for place in range(5)]
    _units, standings, sexes, bands, causes = by
    return Figures(
        in_service=base[Standing.IN_SERVICE],
        retired=base[Standing.RETIRED],
        households=whole,
        paid_off=standings.get(Standing.PAID_OFF, 0),
        main_causes=sum(causes.get(cause, 0) for cause in MAIN_CAUSES),
        over_50=bands.get("OLD", 0),
        tables=[
            Table(
                "standing",
                _("By standing"),
                [Row(s.label, standings.get(s, 0), whole) for s in Standing],
                _("Standing of the head of the household as it is on the register now."),
            ),
            Table(
                "sex",
                _("By sex"),
                [Row(s.label, sexes.get(s, 0), whole) for s in Sex],
                _("Sex of the head of the household."),
            ),
            Table(
                "age",
                _("By age"),
                [Row(label, bands.get(band, 0), whole) for band, label in BANDS.items()],
                say(
                    _(
                        "Completed years of the head of the household on %(on)s; whoever has"
                        " turned 51 is over 50."
                    ),
                    on=on,
                ),
                sort=False,
            ),
            _cause_table(causes, whole),
            _unit_table(register, by[0]),
        ],
        money=_money(company, on),
    )


def _on_roster(on):
    """Persons on the register on a day."""
    return (
        (Q(joined_on=None) | Q(joined_on__lte=on))
        & (Q(left_on=None) | Q(left_on__gt=on))
        & (Q(died_on=None) | Q(died_on__gt=on))
    )


def _register(company, on):
    """{(unit name, standing): persons} on the register on a day."""
    people = Person.objects.filter(
        _on_roster(on), company=company, standing__in=[Standing.IN_SERVICE, Standing.RETIRED]
    )
    counts = people.order_by().values_list("unit__name", "standing").annotate(n=Count("pk"))
    return {(unit, standing): n for unit, standing, n in counts}


def _households(company, on):
    """{(unit, standing, sex, age band, main cause): households} on file on a day."""
    on_file = Dossier.objects.filter(
        Q(closed_on=None) | Q(closed_on__gt=on), company=company, opened_on__lte=on
    )
    band = Case(
        When(head__born_on__gt=_years_before(on, 35), then=Value("YOUNG")),
        When(head__born_on__gt=_years_before(on, 51), then=Value("MIDDLE")),
        default=Value("OLD"),
        output_field=CharField(),
    )
    counts = (
        on_file.annotate(band=band)
        .order_by()
        .values_list("unit__name", "head__standing", "head__sex", "band", "main_cause")
        .annotate(n=Count("pk"))
    )
    return {row[:5]: row[5] for row in counts}


def _years_before(on, years):
    """Whoever was born after this day has not completed so many years."""
    try:
        return on.replace(year=on.year - years)
    except ValueError:  # 29 February: the year is completed on 1 March, as law has it
        return on.replace(year=on.year - years, day=28)


def _by(found, place):
    """The counts by one of their five keys."""
    sums = {}
    for key, n in found.items():
        sums[key[place]] = sums.get(key[place], 0) + n
    return sums


def _cause_table(causes, whole):
    rows = [
        Row(
            _("serious illness of the employee or a direct relative"),
            sum(causes.get(cause, 0) for cause in ILLNESS),
            whole,
        )
    ]
    for cause in Cause:
        if cause not in ILLNESS and (causes.get(cause) or cause in MAIN_CAUSES):
            rows.append(Row(cause.label, causes.get(cause, 0), whole))
    return Table(
        "cause",
        _("By main cause"),
        rows,
        _(
            "Each household has one main cause. The three main ones are serious illness (of the"
            " employee or a direct relative, counted as one), children in school, and few members"
            " in steady work."
        ),
    )


def _unit_table(register, units):
    names = sorted({unit for unit, _standing in register} | set(units))
    people = {name: sum(n for (unit, _s), n in register.items() if unit == name) for name in names}
    shown = suppressed({name: units.get(name, 0) for name in names})
    return Table(
        "unit",
        _("By grassroots union"),
        [Row(name, shown[name], people[name]) for name in names],
        _(
            "Share of the persons in service and retired of the same union. Fewer than five"
            " households are not shown; where one union alone would be left out, so is the next"
            " smallest, because the rest would give it away."
        ),
    )


def suppressed(counts):
    """{label: count or None}: no count from one to four, and none that the others give away."""
    small = {label for label, n in counts.items() if 0 < n < FEWEST}
    if len(small) == 1:
        others = [(n, label) for label, n in counts.items() if n and label not in small]
        small |= {min(others)[1]} if others else set()
    return {label: None if label in small else n for label, n in counts.items()}


def _money(company, on):
    """Money by year and programme, the newest year first; two queries."""
    found = {}
    lines = BatchLine.objects.filter(
        batch__company=company, batch__status=Batch.Status.DECIDED, current=True,
        outcome=BatchLine.Outcome.APPROVED, amount_fen__isnull=False,
        batch__decided_at__date__lte=on,
    )  # fmt: skip
    decided = lines.annotate(year=ExtractYear("batch__decided_at")).order_by()
    for year, programme, fen in decided.values_list("year", "batch__programme").annotate(
        fen=Sum("amount_fen")
    ):
        found[year, programme] = {"decided_fen": int(fen)}
    posted = Payment.objects.filter(
        run__company=company, status=Payment.Status.POSTED, run__posted_at__date__lte=on
    )
    paid = posted.annotate(year=ExtractYear("run__posted_at")).order_by()
    for year, programme, fen, households, payments in paid.values_list(
        "year", "case__programme"
    ).annotate(
        fen=Sum("amount_fen"), households=Count("case__dossier", distinct=True),
        payments=Count("pk"),
    ):  # fmt: skip
        found.setdefault((year, programme), {}).update(
            paid_fen=int(fen), households=households, payments=payments
        )
    order = list(Programme.values)
    keys = sorted(found, key=lambda key: (-key[0], order.index(key[1])))
    return [Money(year, programme, **found[year, programme]) for year, programme in keys]
