"""What the bank says against what is written down: vouchers, statements, matches, closed months.

Yields (model, id, lazy words, values); everything is asked of the database in sets.
"""

from django.db.models import (
    CharField,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from funds.actions.period import digest
from funds.models import (
    Fund,
    Match,
    MatchedEntry,
    MatchedLine,
    Period,
    PeriodBalance,
    Statement,
    StatementLine,
    Transfer,
)
from funds.models.ledger import AccountKind
from funds.models.statement import entries

_MARK = Value("-记-")


def differences():
    """Every difference of this kind."""
    for check in (_vouchers, _statements, _matches, _months, _funds):
        yield from check()


def _vouchers():
    """The numbers of each fund and year run from 1 without a gap. One query."""
    series = (
        Transfer.objects.filter(voucher__contains="-记-")
        .annotate(digits=StrIndex("voucher", _MARK) + 3)
        .annotate(
            series=Substr("voucher", 1, F("digits") - 1, output_field=CharField()),
            number=Cast(
                Substr("voucher", ExpressionWrapper(F("digits"), IntegerField())), IntegerField()
            ),
        )
        .order_by()
        .values("fund", "series")
        .annotate(count=Count("pk"), first=Min("number"), last=Max("number"))
        .exclude(first=1, last=F("count"))
    )
    for row in series.order_by("fund", "series"):
        yield (
            Fund,
            row["fund"],
            _("The vouchers %(series)s of fund %(id)s have a gap: %(count)s up to %(last)s."),
            {"series": row["series"], "count": row["count"], "last": row["last"]},
        )


def _statements():
    """The lines of each statement lead from its opening to its closing balance."""
    lines = StatementLine.objects.filter(statement=OuterRef("pk")).order_by().values("statement")
    moved = Coalesce(Subquery(lines.annotate(fen=Sum("amount_fen")).values("fen")), 0)
    number = Coalesce(Subquery(lines.annotate(n=Count("pk")).values("n")), 0)
    wrong = Statement.objects.annotate(moved=moved, number=number).exclude(
        closing_fen=F("opening_fen") + F("moved"), lines_count=F("number")
    )
    for pk in wrong.order_by("pk").values_list("pk", flat=True):
        yield (
            Statement, pk,
            _("The lines of bank statement %(id)s do not lead to its closing balance."), {},
        )  # fmt: skip


def _matches():
    """Both sides of each match have the same sum, and are active as long as it runs."""
    lines = MatchedLine.objects.filter(match=OuterRef("pk")).order_by().values("match")
    own = MatchedEntry.objects.filter(match=OuterRef("pk")).order_by().values("match")
    in_bank = Q(transfer__debit__kind__in=[AccountKind.POOL, AccountKind.BUDGET])
    came = Coalesce(Sum("transfer__amount_fen", filter=in_bank), 0)
    went = Coalesce(Sum("transfer__amount_fen", filter=~in_bank), 0)
    sums = Match.objects.annotate(
        bank=Coalesce(Subquery(lines.annotate(fen=Sum("line__amount_fen")).values("fen")), 0),
        came=Coalesce(Subquery(own.annotate(fen=came).values("fen")), 0),
        went=Coalesce(Subquery(own.annotate(fen=went).values("fen")), 0),
    ).exclude(bank=F("came") - F("went"))
    for pk in sums.order_by("pk").values_list("pk", flat=True):
        yield Match, pk, _("The two sides of match %(id)s do not have the same sum."), {}
    for model in (MatchedLine, MatchedEntry):
        wrong = model.objects.filter(
            Q(active=True, match__ended_at__isnull=False) | Q(active=False, match__ended_at=None)
        )
        for pk in wrong.order_by("match").values_list("match", flat=True).distinct():
            yield Match, pk, _("Match %(id)s is parted on one side only."), {}


def _months():
    """Each closed month against the entries, its fingerprint, and the month before."""
    closed = Period.objects.closed().select_related("bank_account").prefetch_related("balances")
    last: dict[int, Period] = {}
    for period in closed.order_by("bank_account", "year", "month"):
        before = last.get(period.bank_account_id)
        since = before.ends_on if before else None
        moved = entries(period.bank_account_id).filter(value_on__lte=period.ends_on)
        moved = moved.filter(value_on__gt=since) if since else moved
        fen = moved.aggregate(fen=Sum("bank_fen"))["fen"] or 0
        if fen != period.book_fen - (before.book_fen if before else 0):
            yield (
                Period, period.pk,
                _("The entries do not make the balance month %(id)s was closed with."), {},
            )  # fmt: skip
        rows = list(period.balances.all())
        if sum(row.closing_fen for row in rows) != period.book_fen:
            yield (
                Period, period.pk,
                _("The funds do not add up to the balance month %(id)s was closed with."), {},
            )  # fmt: skip
        if digest(period, rows) != period.digest:
            yield Period, period.pk, _("Month %(id)s is not what was closed."), {}
        last[period.bank_account_id] = period


def _funds():
    """Each fund opens a month with what it closed the last one with."""
    before = PeriodBalance.objects.filter(
        fund=OuterRef("fund"),
        period__bank_account=OuterRef("period__bank_account"),
        period__ends_on__lt=OuterRef("period__starts_on"),
    ).order_by("-period__ends_on")
    wrong = (
        PeriodBalance.objects.annotate(carried=Subquery(before.values("closing_fen")[:1]))
        .exclude(carried=None)
        .exclude(carried=F("opening_fen"))
    )
    for pk in wrong.order_by("pk").values_list("pk", flat=True):
        yield (
            PeriodBalance, pk,
            _("Balance %(id)s of a fund does not begin with what the last month closed with."), {},
        )  # fmt: skip
