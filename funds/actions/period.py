"""The months of a bank account: what bank and books say, what differs, and closing for good."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Sum,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from base import canonical
from base.money import format_fen
from base.workdays import day_of
from funds.actions.statement import start_of
from funds.models import (
    OF_RUN,
    BankAccount,
    Explanation,
    Fund,
    MatchedEntry,
    MatchedLine,
    PaymentRun,
    Period,
    PeriodBalance,
    Statement,
    StatementLine,
)
from funds.models.period import FIGURES
from funds.models.statement import entries
from people.roles import NotAllowed, Role

DAY = timedelta(days=1)


def _settled(model, period, key):
    """Matches, as they stood when the month was closed, whose every side lies in its days."""
    running = Q(match__ended_at=None)
    if period.is_closed:
        running = Q(match__at__lte=period.closed_at) & (
            running | Q(match__ended_at__gt=period.closed_at)
        )
    return Exists(
        model.objects.filter(running, match__upto__lte=period.ends_on, **{key: OuterRef("pk")})
    )


def alone_lines(period):
    """Lines up to the end of a month with nothing in the books up to then (未达账项)."""
    lines = StatementLine.objects.filter(
        bank_account=period.bank_account_id, booked_on__lte=period.ends_on
    )
    return lines.filter(~_settled(MatchedLine, period, "line"))


def alone_entries(period):
    """Entries up to the end of a month that the bank does not have up to then."""
    found = entries(period.bank_account_id).filter(value_on__lte=period.ends_on)
    start = start_of(period.bank_account_id)
    found = found.filter(value_on__gte=start) if start else found
    return found.filter(~_settled(MatchedEntry, period, "transfer"))


def _waits(model, thing):
    """1 where nothing was matched since and nobody has said why; else 0."""
    matched = model.objects.filter(**{thing: OuterRef("pk")}, active=True)
    told = Explanation.objects.filter(**{thing: OuterRef("pk")})
    return Case(
        When(Exists(matched) | Exists(told), then=0), default=1, output_field=IntegerField()
    )


def line_rows(period, most=500):
    """The lines that stand alone, with `waits`; two queries."""
    rows = alone_lines(period).annotate(waits=_waits(MatchedLine, "line"))
    return list(rows.for_list().order_by("booked_on", "pk")[:most])


def entry_rows(period, most=500):
    """The entries that stand alone, those of one payment together: dicts; one query."""
    rows = alone_entries(period).annotate(
        waits=_waits(MatchedEntry, "transfer"),
        group=Case(
            When(kind__in=OF_RUN, then=F("note")),
            default=Cast("pk", CharField()),
            output_field=CharField(),
        ),
    )
    return list(
        rows.order_by()
        .values("group", "kind", "note", "value_on")
        .annotate(
            count=Count("pk"), fen=Sum("bank_fen"), waiting=Sum("waits"), first=Min("pk"),
            voucher=Min("voucher"),
        )
        .order_by("value_on", "first")[:most]
    )  # fmt: skip


# What bank and books say


@dataclass(frozen=True)
class Reckoning:
    """Both balances at the end of a month and what stands alone on each side, in fen."""

    book_fen: int
    bank_fen: int
    bank_in_fen: int
    bank_out_fen: int
    book_in_fen: int
    book_out_fen: int
    waiting: int = 0

    @property
    def adjusted_book_fen(self):
        return self.book_fen + self.bank_in_fen - self.bank_out_fen

    @property
    def adjusted_bank_fen(self):
        return self.bank_fen + self.book_in_fen - self.book_out_fen

    @property
    def difference_fen(self):
        return self.adjusted_book_fen - self.adjusted_bank_fen

    @property
    def figures(self):
        return {name: getattr(self, name) for name in FIGURES}


def _sums(rows):
    """What came in, what went out (negative) and how much waits, of rows with `fen` and `waits`."""
    return rows.aggregate(
        came=Coalesce(Sum("fen", filter=Q(fen__gt=0)), 0),
        went=Coalesce(Sum("fen", filter=Q(fen__lt=0)), 0),
        waiting=Coalesce(Sum("waits"), 0),
    )


def reckon(period):
    """The reckoning of a month: as written when it was closed, else from the rows."""
    if period.is_closed:
        return Reckoning(**{name: getattr(period, name) for name in FIGURES})
    bank = _sums(
        alone_lines(period).annotate(fen=F("amount_fen"), waits=_waits(MatchedLine, "line"))
    )
    book = _sums(
        alone_entries(period).annotate(fen=F("bank_fen"), waits=_waits(MatchedEntry, "transfer"))
    )
    return Reckoning(
        book_fen=book_balance(period.bank_account_id, period.ends_on),
        bank_fen=bank_balance(period.bank_account_id, period.ends_on),
        bank_in_fen=bank["came"], bank_out_fen=-bank["went"],
        book_in_fen=book["came"], book_out_fen=-book["went"],
        waiting=bank["waiting"] + book["waiting"],
    )  # fmt: skip


def book_balance(bank_account, on):
    """What the books say lay in the account at the end of a day, from the last closed month on."""
    last = (
        Period.objects.closed()
        .filter(bank_account=bank_account, ends_on__lte=on)
        .order_by("-ends_on")
        .first()
    )
    moved = entries(bank_account).filter(value_on__lte=on)
    moved = moved.filter(value_on__gt=last.ends_on) if last else moved
    return (last.book_fen if last else 0) + (moved.aggregate(fen=Sum("bank_fen"))["fen"] or 0)


def bank_balance(bank_account, on):
    """What the bank says lay in the account at the end of a day; 0 before any statement."""
    known = Statement.objects.filter(bank_account=bank_account)
    statement = known.filter(since__lte=on).order_by("-since").first()
    if statement is None:
        return 0
    if statement.until <= on:
        return statement.closing_fen
    last = statement.lines.filter(booked_on__lte=on).order_by("-seq").first()
    return last.balance_fen if last else statement.opening_fen


def fund_rows(bank_account, since, until):
    """[{fund, opening_fen, in_fen, out_fen, closing_fen}] of each fund in the account over some
    days; two queries, whatever the number of entries."""
    before, during = Q(value_on__lt=since), Q(value_on__gte=since)
    sums = (
        entries(bank_account)
        .filter(value_on__lte=until)
        .order_by()
        .values("fund")
        .annotate(
            opening=Coalesce(Sum("bank_fen", filter=before), 0),
            came=Coalesce(Sum("bank_fen", filter=during & Q(bank_fen__gt=0)), 0),
            went=Coalesce(Sum("bank_fen", filter=during & Q(bank_fen__lt=0)), 0),
        )
    )
    found = {row["fund"]: row for row in sums}
    none = {"opening": 0, "came": 0, "went": 0}
    rows = []
    for fund in Fund.objects.filter(bank_account=bank_account).for_list():
        row = found.get(fund.pk, none)
        rows.append({
            "fund": fund, "opening_fen": row["opening"], "in_fen": row["came"],
            "out_fen": -row["went"], "closing_fen": row["opening"] + row["came"] + row["went"],
        })  # fmt: skip
    return rows


# Closing


def uncovered(period):
    """The first day of the month that no statement covers; None when all are. One query."""
    known = list(
        Statement.objects.filter(bank_account=period.bank_account_id)
        .order_by("since")
        .values_list("since", "until")
    )
    day = max(period.starts_on, known[0][0]) if known else period.starts_on
    for since, until in known:
        if since <= day <= until:
            day = until + DAY
    return day if day <= period.ends_on else None


def before(period):
    """The last month before this one that has a row; None for the first."""
    return (
        Period.objects.filter(bank_account=period.bank_account_id, ends_on__lt=period.starts_on)
        .order_by("-ends_on")
        .first()
    )


def why_not_close(period, actor):
    """Why the actor may not close a month at all; "" when they may."""
    if period.bank_account.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant closes a month.")
    return ""


def close_checks(period, actor, on, found):
    """What stands in the way of closing, in words: [{result, text, detail}]."""
    return [
        _check(_("The month is over."), period.ends_on >= on and _("It is not over yet.")),
        _check(_("The months before are closed."), _earlier(period)),
        _check(_("Bank statements cover the whole month."), _lacking(period)),
        _check(
            _("Every line and every entry is matched or explained."),
            found.waiting
            and ngettext(
                "%(count)s item stands alone without an explanation.",
                "%(count)s items stand alone without an explanation.",
                found.waiting,
            )
            % {"count": found.waiting},
        ),
        _check(
            _("The adjusted balances agree to the fen."),
            found.difference_fen
            and _("The books differ from the bank by %(fen)s yuan.")
            % {"fen": format_fen(found.difference_fen)},
        ),
        _check(_("Nothing that was prepared waits to be posted."), _prepared(period)),
        _check(
            _("Somebody else imported the statement."),
            Statement.objects.filter(
                bank_account=period.bank_account_id, by=actor.user_id,
                since__lte=period.ends_on, until__gte=period.starts_on,
            ).exists()
            and _("You imported a statement of this month; another accountant closes it."),
        ),
    ]  # fmt: skip


def _check(text, wrong):
    return {"result": "stop" if wrong else "ok", "text": text, "detail": wrong or ""}


def _earlier(period):
    earlier = before(period)
    if earlier is None:
        start = start_of(period.bank_account_id)
        if start and start < period.starts_on:
            return _("An earlier month has no row yet; import its statement.")
        return ""
    if not earlier.is_closed or earlier.ends_on + DAY != period.starts_on:
        return _("%(month)s is not closed.") % {"month": _month_before(period)}
    return ""


def _month_before(period):
    last = period.starts_on - DAY
    return f"{last.year}-{last.month:02d}"


def _lacking(period):
    day = uncovered(period)
    return day and _("No statement covers %(day)s.") % {"day": day.isoformat()}


def _prepared(period):
    waiting = PaymentRun.objects.filter(
        batch__budget__fund__bank_account=period.bank_account_id,
        status=PaymentRun.Status.PREPARED, prepared_at__date__lte=period.ends_on,
    ).order_by("pk")  # fmt: skip
    run = waiting.first()
    return run and _("The payment %(number)s was prepared and not posted.") % {"number": run.number}


@transaction.atomic
def close(*, period, by, at):
    """Close a month for good, once: the figures and each fund's balances are written down.

    Refused with the first thing that stands in the way. Closing December closes the year.
    """
    pks = Fund.objects.filter(bank_account=period.bank_account_id).values_list("pk", flat=True)
    Fund.objects.lock_all(list(pks))
    BankAccount.objects.lock(period.bank_account_id)
    period = Period.objects.select_related("bank_account").lock(period.pk)
    actor = by.actor(day_of(at))
    if reason := why_not_close(period, actor):
        raise NotAllowed(reason)
    if period.is_closed:
        return period
    found = reckon(period)
    for check in close_checks(period, actor, day_of(at), found):
        if check["result"] == "stop":
            raise NotAllowed(check["detail"])
    rows = [
        PeriodBalance(period=period, **row)
        for row in fund_rows(period.bank_account_id, period.starts_on, period.ends_on)
    ]
    PeriodBalance.objects.bulk_create(rows)
    for name, fen in found.figures.items():
        setattr(period, name, fen)
    period.status, period.closed_at, period.closed_by = Period.Status.CLOSED, at, by
    period.digest = digest(period, rows)
    period.save()
    return period


def digest(period, rows):
    """SHA-256 of a closed month: its figures, its funds, the files of its statements."""
    files = Statement.objects.filter(
        bank_account=period.bank_account_id, since__lte=period.ends_on,
        until__gte=period.starts_on,
    ).order_by("since")  # fmt: skip
    return canonical.digest([
        period.bank_account_id, period.year, period.month,
        [getattr(period, name) for name in FIGURES],
        [[r.fund_id, r.opening_fen, r.in_fen, r.out_fen, r.closing_fen]
         for r in sorted(rows, key=lambda r: r.fund_id)],
        list(files.values_list("sha256", flat=True)),
    ])  # fmt: skip


def why_not_book_on(fund, on):
    """Why nothing may be booked on a fund under this day; "" when it may. One query."""
    closed = Period.objects.closed().filter(
        bank_account__funds=fund, ends_on__gte=on
    ).order_by("-ends_on").first()  # fmt: skip
    if closed is None:
        return ""
    return _("%(month)s is closed: give the entry a day after %(day)s.") % {
        "month": str(closed), "day": closed.ends_on.isoformat(),
    }  # fmt: skip
