"""What the bank says against what is written down: vouchers, files, statements, closed months.

Yields (model, id, lazy words, values); everything is asked of the database in sets.
"""

from itertools import groupby
from operator import attrgetter

from django.db.models import (
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from base.crypto import DecryptionError, decrypt
from funds.actions import bank_file
from funds.actions.period import DAY, digest
from funds.models import (
    Answer,
    BankFile,
    Fund,
    Match,
    MatchedEntry,
    MatchedLine,
    Payment,
    PaymentAnswer,
    Period,
    PeriodBalance,
    Statement,
    StatementLine,
    Transfer,
)
from funds.models.ledger import AccountKind
from funds.models.statement import entries

_MARK = Value("-记-")
_ACCOUNT = Payment._meta.get_field("account")


def differences():
    """Every difference of this kind."""
    for check in (_vouchers, _files, _fingerprints, _answers, _statements, _running, _matches,
                  _months, _late, _funds):  # fmt: skip
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


def _files():
    """Each file for the bank tells what its payments add up to (IM9)."""
    told = Payment.objects.through_bank().filter(
        run=OuterRef("run"), amount_fen__gt=F("advance_fen")
    )
    sums = told.order_by().values("run").annotate(
        n=Count("pk"), fen=Sum(F("amount_fen") - F("advance_fen"))
    )  # fmt: skip
    wrong = BankFile.objects.annotate(
        number=Coalesce(Subquery(sums.values("n")), 0),
        fen=Coalesce(Subquery(sums.values("fen")), 0),
    ).exclude(lines_count=F("number"), total_fen=F("fen"))
    for pk in wrong.order_by("pk").values_list("pk", flat=True):
        yield BankFile, pk, _("Bank file %(id)s does not tell what its payments add up to."), {}


def _fingerprints():
    """Each file for the bank, made again of its payments, is byte for byte the one it was.

    Two queries; the payments of one run at a time are held.
    """
    files: dict = {}
    for file in BankFile.objects.order_by("pk"):
        files.setdefault(file.run_id, []).append(file)
    rows = (
        Payment.objects.through_bank()
        .filter(Exists(BankFile.objects.filter(run=OuterRef("run"))))
        .select_related("run", "case")
        .defer("account")
        .annotate(sealed=Cast("account", TextField()))
        .order_by("run", "seq")
    )
    for _run, some in groupby(rows.iterator(chunk_size=2000), attrgetter("run_id")):
        payments = [_opened(row) for row in some]
        told = bank_file.told(payments[0].run, payments)
        for file in files.pop(payments[0].run_id):
            if _fingerprint(file, told) != file.sha256:
                yield (
                    BankFile, file.pk,
                    _("Bank file %(id)s made again is not the file whose fingerprint was kept."),
                    {},
                )  # fmt: skip


def _fingerprint(file, told):
    """Of the file made again; "" where its layout is none any more."""
    try:
        return bank_file.fingerprint(file, told)
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _opened(payment):
    """A payment with its account; one that cannot be read is none, and makes another file."""
    try:
        payment.account = decrypt(payment.sealed, _ACCOUNT.context) if payment.sealed else ""
    except DecryptionError:
        payment.account = ""
    return payment


def _answers():
    """What the bank returned is recorded as returned, what it credited was posted."""
    statuses = Payment.Status
    returned = Q(answer=Answer.RETURNED) & ~Q(payment__status=statuses.RETURNED)
    credited = ~Q(payment__status__in=[statuses.POSTED, statuses.RETURNED])
    wrong = PaymentAnswer.objects.filter(returned | credited)
    for pk in wrong.order_by("payment").values_list("payment", flat=True).distinct():
        yield (
            Payment, pk, _("Payment %(id)s is not in the state the answer of the bank gives it."),
            {},
        )  # fmt: skip


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


def _running():
    """Each line says the balance that the lines before it lead to, each statement goes on from
    the one before."""
    told = StatementLine.objects.annotate(
        moved=Window(Sum("amount_fen"), partition_by=[F("statement")], order_by=[F("seq").asc()])
    ).exclude(balance_fen=F("statement__opening_fen") + F("moved"))
    for pk in told.order_by("pk").values_list("pk", flat=True):
        yield StatementLine, pk, _("Line %(id)s of a bank statement says another balance."), {}
    rows = Statement.objects.order_by("bank_account", "since")
    last: tuple = (None, None, None)
    for pk, account, since, until, opening, closing in rows.values_list(
        "pk", "bank_account", "since", "until", "opening_fen", "closing_fen"
    ).iterator():
        if last[:2] == (account, since - DAY) and last[2] != opening:
            yield (
                Statement, pk,
                _("Bank statement %(id)s does not begin with what the one before ended with."), {},
            )  # fmt: skip
        last = (account, until, closing)


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


def _late():
    """Nothing was written under a day of a month after that month had been closed (IM14)."""
    closed = Period.objects.closed().filter(
        bank_account=OuterRef("fund__bank_account"),
        ends_on__gte=OuterRef("value_on"),
        closed_at__lt=OuterRef("at"),
    )
    late = Transfer.objects.filter(Exists(closed))
    for pk in late.order_by("pk").values_list("pk", flat=True):
        yield (
            Transfer, pk, _("Entry %(id)s was written into a month that had been closed."), {},
        )  # fmt: skip


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
