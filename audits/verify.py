"""Recomputes seals, balances, statuses and totals from the rows, and says what differs.

Everything is asked of the database in sets; only the digests of sealed rows pass through Python.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, Window
from django.db.models.functions import Coalesce, Lag
from django.utils.translation import gettext_lazy as _

from audits import books, pages, rows
from audits.models import Seal, SealPage
from base import guards
from base.words import say
from cases import workflow
from cases.actions import notice as notice_actions
from cases.models import (
    Case,
    Clearance,
    Dossier,
    Member,
    Notice,
    NoticeLine,
    Objection,
    Policy,
    Step,
)
from cases.workflow import Programme, Status
from funds.actions import batch as batch_actions
from funds.actions import meeting as meeting_actions
from funds.actions import payment as payment_actions
from funds.models import (
    BY_PROXY,
    Account,
    Advance,
    Batch,
    BatchLine,
    Fund,
    HandOver,
    Hold,
    HoldEnd,
    Kind,
    Payment,
    PaymentRun,
    Recovery,
    RecoveryReceipt,
    Transfer,
    Way,
)

RESERVED = (Status.APPROVED, Status.PUBLISHED, Status.HELD, Status.CLEARED)
_TOGETHER = 20  # pages read with one query
_CHUNK = 2000  # rows read at a time


@dataclass(frozen=True)
class Problem:
    """A difference: where it is (table and id) and what it is, in words (lazy).

    `money` says whether the books cannot be relied on until it is explained.
    """

    place: str
    words: str
    money: bool = True


def sealed_rows():
    """How many rows stand under a seal; one query."""
    return Seal.objects.aggregate(rows=Coalesce(Sum("rows"), 0))["rows"]


def problems(*, anchors=(), progress: Callable[[int], object] = lambda done: None):
    """Every difference between what is written down and what the rows say.

    `anchors` are fingerprints printed on minutes or notices: each must stand in the chain.
    `progress` is told now and then how many sealed rows have been read.
    """
    yield from _guards()
    yield from _chain(anchors)
    yield from _sealed(progress)
    with _snapshot():
        found = [problem for check in CHECKS for problem in check()]
        found += [replace(problem, money=False) for check in ASIDE for problem in check()]
    yield from found


@contextmanager
def _snapshot():
    """One moment for many questions: what is paid meanwhile must not look like a difference."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    sqlite: Any = connection
    mode, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic():
            yield
    finally:
        sqlite.transaction_mode = mode


def _at(model, pk):
    return f"{model._meta.db_table} {pk}"


# Seals


def _guards():
    for name in guards.missing(connection):
        yield Problem(name, say(_("The database guard %(name)s is missing or altered."), name=name))


def _chain(anchors):
    """Numbers without a gap, each seal carrying the hash before it, each hash recomputed."""
    before, expected = "", 1
    for seal in Seal.objects.chain().iterator(chunk_size=200):
        place = _at(Seal, seal.pk)
        if seal.number != expected:
            yield Problem(
                place,
                say(
                    _("Seals %(first)s to %(last)s are missing from the chain."),
                    first=expected,
                    last=seal.number - 1,
                ),
            )
        elif seal.before != before:
            yield Problem(
                place,
                say(_("Seal %(number)s does not follow from the one before."), number=seal.number),
            )
        yield from _seal(seal, place)
        before, expected = seal.hash, seal.number + 1
    for anchor in anchors:
        if not Seal.objects.matching(anchor).exists():
            yield Problem(
                f"anchor {anchor}",
                say(
                    _(
                        "The fingerprint %(fingerprint)s is not in the chain: seals were removed"
                        " or replaced, or it was not copied correctly."
                    ),
                    fingerprint=anchor,
                ),
                money=False,  # more often than not it was not copied correctly
            )


def _seal(seal, place):
    """One seal against its pages, and each page against its own leaves."""
    hashes, count = [], 0
    for page in seal.pages.order_by("seq").iterator(chunk_size=20):
        hashes.append(page.hash)
        leaves = pages.read_leaves(page.leaves)
        count += len(leaves)
        true = pages.page_hash(page.table, page.columns, page.leaves)
        ends = (leaves[0][0], leaves[-1][0]) if leaves else (None, None)
        if true != page.hash or ends != (page.first_id, page.last_id) or page.seq != len(hashes):
            yield Problem(
                _at(SealPage, page.pk),
                say(
                    _("Page %(page)s of seal %(number)s was changed."),
                    page=page.seq,
                    number=seal.number,
                ),
            )
    true = pages.seal_hash(
        before=seal.before,
        number=seal.number,
        reason=seal.reason,
        at=seal.at,
        rows=seal.rows,
        pages=hashes,
    )
    if true != seal.hash or count != seal.rows:
        yield Problem(
            place, say(_("Seal %(number)s or one of its pages was changed."), number=seal.number)
        )


def _sealed(progress):
    """Every sealed row against its digest, table by table in order of id."""
    models = {model._meta.db_table: model for model in guards.sealed_models()}
    tables = SealPage.objects.order_by("table").values_list("table", flat=True).distinct()
    done = 0
    for table in list(tables):
        if table not in models:
            yield Problem(table, say(_("The sealed table %(table)s is gone."), table=table))
            continue
        for found in _table(models[table], table):
            if isinstance(found, Problem):
                yield found
            else:
                done += found
                progress(done)


def _table(model, table):
    """Problems of one table, and now and then how many of its rows were read."""
    known = list(
        SealPage.objects.filter(table=table)
        .order_by("seal__number", "seq")
        .values_list("pk", "columns", "first_id", "last_id")
    )
    after = 0
    for _columns, same in groupby(known, key=lambda page: page[1]):
        run = list(same)
        for start in range(0, len(run), _TOGETHER):
            group = run[start : start + _TOGETHER]
            upto = max(last for _pk, _names, _first, last in group)
            yield from _rows(model, group, after, upto)
            after = max(after, upto)


def _rows(model, group, after, upto):
    """Merge the digests of some pages with the rows of their ids: changed, removed, inserted."""
    leaves = []
    page_leaves = SealPage.objects.filter(pk__in=[page[0] for page in group])
    for (packed,) in page_leaves.order_by("seal__number", "seq").values_list("leaves"):
        leaves += pages.read_leaves(packed)
    columns = group[0][1].split(",")
    try:
        there = dict(
            (pk, pages.digest(text))
            for pk, text in rows.stream(connection, model, after=after, upto=upto, names=columns)
        )
    except (KeyError, ImproperlyConfigured):
        yield Problem(
            model._meta.db_table,
            say(_("A sealed column of %(table)s is gone."), table=model._meta.db_table),
        )
        return
    except DatabaseError as error:
        yield Problem(
            model._meta.db_table,
            say(
                _("The table %(table)s cannot be read: %(error)s"),
                table=model._meta.db_table,
                error=error,
            ),
        )
        return
    for pk, digest in leaves:
        now = there.pop(pk, None)
        if now is None:
            yield _row(model, pk, _("%(table)s row %(id)s was removed after it was sealed."))
        elif now != digest:
            yield _row(model, pk, _("%(table)s row %(id)s was changed after it was sealed."))
    for pk in there:
        yield _row(model, pk, _("%(table)s row %(id)s was inserted among rows already sealed."))
    yield len(leaves)


def _row(model, pk, words):
    return Problem(_at(model, pk), say(words, table=model._meta.db_table, id=pk))


# Money


def _accounts():
    """Counters of each account against its transfers and running reservations; funds sum to 0."""
    debited = _sums(Transfer.objects.all(), "debit")
    credited = _sums(Transfer.objects.all(), "credit")
    held = _sums(Hold.objects.running(), "account")
    for pk, fen in _sums(Advance.objects.reserved(), "account").items():
        held[pk] = held.get(pk, 0) + fen
    accounts = Account.objects.order_by("pk").values_list("pk", "balance_fen", "held_fen")
    for pk, balance_fen, held_fen in accounts.iterator():
        balance = debited.get(pk, 0) - credited.get(pk, 0)
        if balance != balance_fen:
            yield Problem(
                _at(Account, pk),
                say(
                    _(
                        "The balance of account %(id)s is written as %(written)s fen, but its"
                        " transfers make %(true)s fen."
                    ),
                    id=pk,
                    written=balance_fen,
                    true=balance,
                ),
            )
        reserved = held.get(pk, 0)
        if reserved != held_fen:
            yield Problem(
                _at(Account, pk),
                say(
                    _(
                        "Account %(id)s says %(written)s fen are reserved, but its reservations"
                        " make %(true)s fen."
                    ),
                    id=pk,
                    written=held_fen,
                    true=reserved,
                ),
            )
    funds = Fund.objects.annotate(sum=Coalesce(Sum("accounts__balance_fen"), 0)).exclude(sum=0)
    for pk, fen in funds.order_by("pk").values_list("pk", "sum"):
        yield Problem(
            _at(Fund, pk),
            say(
                _("The accounts of fund %(id)s sum to %(sum)s fen instead of 0."),
                id=pk,
                sum=int(fen),
            ),
        )


# Rules of the database at which an entry is refused that an entry must still obey when it stands.
_ENTRY_RULES = {
    "one_fund": _("Entry %(id)s moves money between funds."),
    "direction": _("The accounts of entry %(id)s do not fit its kind."),
    "reversal": _("Entry %(id)s does not turn the entry it reverses round in full."),
    "decision": _("Entry %(id)s changes a budget otherwise than a confirmed decision says."),
}
_BEFORE_DECISIONS = " AND entry.budget_line_id IS NOT NULL"  # what was booked before they were kept


def _entries():
    """What the triggers refuse when an entry is written, asked of every entry that stands."""
    rules = {refusal.name: refusal.when for refusal in Transfer.refusals}
    for name, words in _ENTRY_RULES.items():
        standing = rules[name].replace("NEW.", "entry.")
        since = _BEFORE_DECISIONS if name == "decision" else ""
        sql = (
            f"SELECT entry.id FROM funds_transfer entry WHERE ({standing}){since} ORDER BY entry.id"
        )
        for (pk,) in _stream(sql):
            yield _changed(Transfer, pk, words)


def _stream(sql, params=()):
    """Rows of a query as tuples, a chunk at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while found := cursor.fetchmany(_CHUNK):
            yield from found


def _sums(transfers, key):
    """{key: fen}."""
    pairs = transfers.order_by().values_list(key).annotate(fen=Sum("amount_fen"))
    return {pk: int(fen) for pk, fen in pairs}


def _per(queryset, key):
    """A subquery: fen of the rows that point with `key` to the outer row; 0 without any."""
    sums = queryset.filter(**{key: OuterRef("pk")}).order_by().values(key)
    return Coalesce(Subquery(sums.annotate(fen=Sum("amount_fen")).values("fen")), 0)


def _number(queryset, key):
    """A subquery: how many rows point with `key` to the outer row."""
    counts = queryset.filter(**{key: OuterRef("pk")}).order_by().values(key)
    return Coalesce(Subquery(counts.annotate(count=Count("pk")).values("count")), 0)


def _cases(queryset, words):
    yield from _named(queryset, Case, words)


def _reservations():
    running = Hold.objects.running()
    wrong = running.exclude(case__status__in=RESERVED, amount_fen=F("case__granted_fen"))
    for pk, case in wrong.order_by("pk").values_list("pk", "case"):
        yield Problem(
            _at(Hold, pk),
            say(
                _("The reservation for case %(id)s does not fit its status or decided amount."),
                id=case,
            ),
        )
    money = Case.objects.filter(status__in=RESERVED).exclude(programme=Programme.RECOGNITION)
    yield from _cases(
        money.filter(~Exists(running.filter(case=OuterRef("pk")))),
        _("Case %(id)s is approved, but no money is reserved for it."),
    )
    posted = HoldEnd.objects.filter(reason=HoldEnd.Reason.POSTED).exclude(
        transfer__kind=Kind.PAY,
        transfer__credit=F("hold__account"),
        transfer__case=F("hold__case"),
        transfer__amount_fen=F("hold__amount_fen"),
    )
    for pk, case in posted.order_by("pk").values_list("pk", "hold__case"):
        yield Problem(
            _at(HoldEnd, pk),
            say(_("The reservation for case %(id)s ended by a payment that is not its."), id=case),
        )
    other = Hold.objects.exclude(
        case=F("line__case"), account=F("line__batch__budget"), amount_fen=F("line__amount_fen")
    )
    yield from _named(
        other, Hold, _("Reservation %(id)s is not what the meeting decided on its line.")
    )
    ends = HoldEnd.objects.filter(transfer=OuterRef("pk"))
    yield from _named(
        Transfer.objects.filter(~Exists(ends), kind=Kind.PAY),
        Transfer,
        _("Entry %(id)s paid something that was not reserved."),
    )


def _payments():
    """PAID, a successful payment, and money spent on the case: all three or none, one amount.

    What the household pays back later leaves the case paid: `_recoveries` looks at that.
    """
    kinds = Account.Kind
    cases = Case.objects.annotate(
        spent=_per(Transfer.objects.filter(debit__kind=kinds.SPENT), "case"),
        back=_per(
            Transfer.objects.filter(credit__kind=kinds.SPENT).exclude(kind=Kind.RECLAIM), "case"
        ),
        paid=_per(Payment.objects.filter(status=Payment.Status.POSTED), "case"),
        ahead=_per(Advance.objects.running(), "case"),
    ).annotate(net=F("spent") - F("back") - F("ahead"))
    done = Q(status=Status.PAID)
    yield from _cases(
        cases.filter(done & ~Q(net=F("granted_fen")) | ~done & ~Q(net=0)),
        _("The ledger and the status of case %(id)s disagree on whether, or what, it was paid."),
    )
    yield from _cases(
        cases.filter(done & ~Q(paid=F("granted_fen")) | ~done & ~Q(paid=0)),
        _("The payments and the status of case %(id)s disagree on whether, or what, it was paid."),
    )
    cleared = Case.objects.filter(status__in=[Status.CLEARED, Status.PAID])
    yield from _cases(
        cleared.filter(~Exists(Clearance.objects.filter(case=OuterRef("pk")))),
        _("Case %(id)s is cleared, but nothing shows that its notice period ended."),
    )
    yield from _each_payment()


def _each_payment():
    """One success a line, of the reserved amount, after clearance, its reservation ended by it."""
    known = Payment.objects.all()
    booked = known.filter(status__in=[Payment.Status.POSTED, Payment.Status.RETURNED])
    twice = known.filter(status=Payment.Status.POSTED).order_by().values("line")
    for pk in (twice.annotate(count=Count("pk")).filter(count__gt=1).order_by("line")).values_list(
        "line", flat=True
    ):
        yield _changed(BatchLine, pk, _("Line %(id)s was paid more than once."))
    yield from _named(
        known.exclude(amount_fen=F("hold__amount_fen"), line=F("hold__line"), case=F("hold__case")),
        Payment,
        _("Payment %(id)s is not what was reserved for it."),
    )
    yield from _named(
        booked.exclude(hold__end__reason=HoldEnd.Reason.POSTED)
        | known.filter(status=Payment.Status.PREPARED, hold__end__isnull=False),
        Payment,
        _("The status of payment %(id)s and the end of its reservation disagree."),
    )
    yield from _named(
        booked.exclude(clearance__case=F("case"), clearance__at__lte=F("run__posted_at")),
        Payment,
        _("Payment %(id)s was posted before the notice period of its case had ended."),
    )
    open_then = Objection.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=OuterRef("run__posted_at")),
        case=OuterRef("case"), filed_at__lt=OuterRef("run__posted_at"),
    )  # fmt: skip
    yield from _named(
        booked.filter(Exists(open_then)),
        Payment,
        _("Payment %(id)s was posted while an objection to its case was open."),
    )


def _advances():
    """An advance was paid once, its ending is booked, and what was told to the bank was less."""
    paid = Transfer.objects.filter(kind=Kind.ADVANCE)
    ends = Transfer.objects.filter(kind__in=[Kind.SET_OFF, Kind.RECOVER], reversed_by=None)
    rows = Advance.objects.annotate(
        out=_per(paid, "case__advance"), back=_per(ends, "case__advance")
    )
    posted, ended = Q(posted_at__isnull=False), Q(ending__in=["SET_OFF", "RECOVERED"])
    wrong = (
        posted & ~Q(out=F("amount_fen")) | ~posted & ~Q(out=0)
        | ended & ~Q(back=F("amount_fen")) | ~ended & ~Q(back=0)
    )  # fmt: skip
    yield from _named(
        rows.filter(wrong),
        Advance,
        _("Advance %(id)s is not in the ledger as it stands."),
    )
    yield from _named(
        Advance.objects.running().filter(case__status=Status.PAID),
        Advance,
        _("The grant was paid, but advance %(id)s was not taken off."),
    )
    of_payment = Transfer.objects.filter(kind=Kind.SET_OFF, reversed_by=None)
    told = Payment.objects.filter(status=Payment.Status.POSTED).annotate(
        off=_per(of_payment, "case__payments")
    )
    yield from _named(
        told.exclude(advance_fen=F("off")),
        Payment,
        _("Payment %(id)s took another advance off than the ledger did."),
    )


def _recoveries():
    """What a household paid back is in the ledger once, within what its recovery asks for."""
    posted = RecoveryReceipt.objects.posted()
    rows = Recovery.objects.annotate(back=_per(posted, "recovery"))
    settled = Q(status=Recovery.Status.SETTLED)
    undecided = Q(status__in=[Recovery.Status.OPEN, Recovery.Status.REFUSED])
    wrong = (
        Q(back__gt=F("amount_fen")) | settled & ~Q(back=F("amount_fen")) | undecided & ~Q(back=0)
    )
    yield from _named(
        rows.filter(wrong), Recovery, _("Recovery %(id)s does not add up with what came back.")
    )
    reclaimed = Transfer.objects.filter(kind=Kind.RECLAIM)
    asked = Recovery.objects.counted()
    cases = Case.objects.filter(
        Exists(asked.filter(case=OuterRef("pk"))) | Exists(reclaimed.filter(case=OuterRef("pk")))
    ).annotate(
        paid=_per(Payment.objects.filter(status=Payment.Status.POSTED), "case"),
        asked=_per(asked, "case"), booked=_per(reclaimed, "case"),
        noted=_per(posted, "recovery__case"),
    )  # fmt: skip
    yield from _cases(
        cases.exclude(booked=F("noted"), booked__lte=F("asked"), asked__lte=F("paid")),
        _("What was paid back on case %(id)s is not what its recoveries and the ledger say."),
    )


def _hand_overs():
    """Money that did not go through the bank to the employee: approved by another, on paper."""
    other = Payment.objects.exclude(way=Way.BANK)
    yield from _named(
        other.exclude(
            hand_over__line=F("line"), hand_over__way=F("way"), hand_over__decided_at__isnull=False
        )
        | other.filter(hand_over__decided_by=F("hand_over__asked_by"))
        | other.filter(hand_over__status=HandOver.Status.REFUSED),
        Payment,
        _("Payment %(id)s went another way than the bank, and no second person approved it."),
    )
    yield from _named(
        other.filter(way__in=BY_PROXY, status=Payment.Status.POSTED, hand_over__papers=None),
        Payment,
        _("Payment %(id)s went to a proxy without a copy of the ID card."),
    )


def _batches():
    """The five totals (IM9): lines, list, reservations, payment runs, ledger."""
    lines = BatchLine.objects.all()
    fixed = Batch.objects.filter(status__in=[Batch.Status.LOCKED, Batch.Status.DECIDED])
    wrong = fixed.annotate(count=_number(lines, "batch"), sum=_per(lines, "batch")).exclude(
        lines_count=F("count"), total_fen=F("sum")
    )
    yield from _named(wrong, Batch, _("The total of batch %(id)s is not the sum of its lines."))
    # What a meeting has recorded is reserved when its chair confirms.
    approved = lines.filter(
        batch__status=Batch.Status.DECIDED, outcome=BatchLine.Outcome.APPROVED,
        amount_fen__isnull=False,
    )  # fmt: skip
    unreserved = approved.filter(
        ~Exists(Hold.objects.filter(line=OuterRef("pk"), amount_fen=OuterRef("amount_fen")))
    )
    yield from _named(
        unreserved, BatchLine, _("Line %(id)s was approved, but its amount was never reserved.")
    )
    payments = Payment.objects.all()
    runs = PaymentRun.objects.annotate(
        count=_number(payments, "run"), sum=_per(payments, "run")
    ).exclude(payments_count=F("count"), total_fen=F("sum"))
    yield from _named(
        runs, PaymentRun, _("The total of payment run %(id)s is not the sum of its payments.")
    )
    sent = payments.filter(status__in=[Payment.Status.POSTED, Payment.Status.RETURNED])
    paid = Transfer.objects.filter(debit__kind=Account.Kind.SPENT).exclude(reverses__isnull=False)
    unequal = Batch.objects.annotate(
        sent=_per(sent, "line__batch"), paid=_per(paid, "batch")
    ).exclude(sent=F("paid"))
    yield from _named(
        unequal, Batch, _("The payments of batch %(id)s and the ledger disagree on its total.")
    )


def _decisions():
    """A decided case stands on a list the meeting approved, with the amount it was granted."""
    approved = BatchLine.objects.filter(
        current=True, outcome=BatchLine.Outcome.APPROVED, batch__status=Batch.Status.DECIDED
    )
    decided = Case.objects.filter(status__in=workflow.DECIDED)
    yield from _cases(
        decided.filter(~Exists(approved.filter(case=OuterRef("pk")))),
        _("Case %(id)s counts as approved, but stands on no list the meeting approved."),
    )
    other = approved.filter(case__status__in=workflow.DECIDED, amount_fen__isnull=False)
    yield from _named(
        other.exclude(amount_fen=F("case__granted_fen")),
        BatchLine,
        _("The amount of line %(id)s is not the decided amount of its case."),
    )


def _digests():
    """What was voted on, sent to the bank and published, against the digest written then."""
    fixed = BatchLine.objects.filter(batch__digest__gt="").order_by("batch", "seq")
    columns: tuple[str, ...] = ("batch", "seq", "case_id", "amount_fen")
    named = Batch.objects.exclude(digest="").values_list("pk", "number", "version", named=True)
    lists = {row.pk: row for row in named.iterator(chunk_size=_CHUNK)}
    digests = dict(Batch.objects.exclude(digest="").values_list("pk", "digest"))
    for pk, lines in _grouped(fixed.values_list(*columns, named=True)):
        if digests[pk] != batch_actions.digest(lists[pk], lines):
            yield _changed(Batch, pk, _("The list of batch %(id)s is not the one voted on."))
    sent = Payment.objects.order_by("run", "seq")
    columns = ("run", "case_id", "amount_fen", "account_index", "advance_fen")
    digests = dict(PaymentRun.objects.values_list("pk", "digest"))
    for pk, payments in _grouped(sent.values_list(*columns)):
        if digests[pk] != payment_actions.digest_of(payment[1:] for payment in payments):
            yield _changed(
                PaymentRun, pk, _("Payment run %(id)s is not what was prepared for the bank.")
            )


def _published():
    """What was published against the digest written then."""
    shown = NoticeLine.objects.order_by("notice", "seq")
    columns = ("notice", "seq", "case_id", "name", "unit_id", "amount_fen")
    notices = dict(Notice.objects.values_list("pk", "digest"))
    for pk, lines in _grouped(shown.values_list(*columns, named=True)):
        if notices[pk] != notice_actions.digest_of(lines):
            yield _changed(Notice, pk, _("Notice %(id)s is not what was published."))


def _grouped(queryset):
    """(first column, its rows) of rows that come in order of it; none is kept."""
    return groupby(queryset.iterator(chunk_size=_CHUNK), key=itemgetter(0))


def _changed(model, pk, words):
    return Problem(_at(model, pk), say(words, id=pk))


def _named(queryset, model, words):
    for pk in queryset.order_by("pk").values_list("pk", flat=True):
        yield _changed(model, pk, words)


# The votes that count for each line of a decided list: the one on the line, else the one on the
# rest, of everybody who was there for that list; whoever was there and did not vote abstained.
_COUNTED = """
    SELECT b.id, l.id, l.outcome, m.company_id, m.held_on, m.quorum, COUNT(a.id),
        COUNT(CASE WHEN COALESCE(s.choice, g.choice) = 'FOR' THEN 1 END),
        COUNT(CASE WHEN COALESCE(s.choice, g.choice) = 'DEFER' THEN 1 END),
        COUNT(CASE WHEN COALESCE(s.choice, g.choice) = 'RECUSED' THEN 1 END)
    FROM funds_batch b
    JOIN funds_meeting m ON m.id = b.meeting_id
    JOIN funds_batchline l ON l.batch_id = b.id AND NOT l.removed
    LEFT JOIN funds_attendance a ON a.meeting_id = m.id AND a.present
        AND (a.left_at IS NULL OR EXISTS (SELECT 1 FROM funds_vote v WHERE v.batch_id = b.id
            AND v.version = b.version AND v.user_id = a.user_id AND v.line_id IS NULL))
    LEFT JOIN funds_vote s ON s.batch_id = b.id AND s.version = b.version
        AND s.line_id = l.id AND s.user_id = a.user_id
    LEFT JOIN funds_vote g ON g.batch_id = b.id AND g.version = b.version
        AND g.line_id IS NULL AND g.user_id = a.user_id
    WHERE b.status = 'DECIDED'
    GROUP BY b.id, l.id, l.outcome, m.company_id, m.held_on, m.quorum
    ORDER BY b.id, l.id
"""


def _votes():
    """Quorum and majority of everything that was decided, counted again (IP9)."""
    short, majority = None, _majorities()
    for batch, line, outcome, company, on, quorum, there, *choices in _stream(_COUNTED):
        if there < quorum and batch != short:
            short = batch
            yield Problem(
                _at(Batch, batch),
                say(
                    _(
                        "Batch %(id)s was decided by %(there)s members, but the quorum is"
                        " %(quorum)s."
                    ),
                    id=batch,
                    there=there,
                    quorum=quorum,
                ),
            )
        count = dict(zip(("FOR", "DEFER", "RECUSED"), choices, strict=True))
        if outcome != meeting_actions.outcome_of(count, there, majority(company, on)):
            yield _changed(
                BatchLine, line, _("The votes on line %(id)s do not make what was decided on it.")
            )


def _majorities():
    """A function (company, day) → percent of the policy in force then; two queries in all."""
    enacted: dict[int, list] = {}
    rows = Policy.objects.filter(status=Policy.Status.IN_FORCE).prefetch_related("clauses")
    for policy in rows.order_by("in_force_on", "pk"):
        found = enacted.setdefault(policy.company_id, [])
        found.append((policy.in_force_on, policy.rules["majority.percent"]))

    @cache
    def percent(company, on):
        day = date.fromisoformat(on) if isinstance(on, str) else on
        past = [value for since, value in enacted.get(company, ()) if since <= day]
        return past[-1] if past else 100

    return percent


# Cases


def _steps():
    """The steps of each case follow from one another, by the table, up to its status (IP1)."""
    chained = Step.objects.annotate(
        was=Window(
            Lag("after", default=Value("")), partition_by=[F("case")], order_by=F("id").asc()
        )
    ).exclude(before=F("was"))
    for pk, case in chained.order_by("pk").values_list("pk", "case"):
        yield Problem(
            _at(Step, pk),
            say(
                _("Step %(step)s of case %(id)s does not begin where the one before ended."),
                step=pk,
                id=case,
            ),
        )
    known = Q(action="open")
    for action, step in workflow.STEPS.items():
        known |= Q(action=action, before__in=step.sources, after=step.target)
    for pk, case in Step.objects.exclude(known).order_by("pk").values_list("pk", "case"):
        yield Problem(
            _at(Step, pk),
            say(_("Step %(step)s of case %(id)s is not in the table of steps."), step=pk, id=case),
        )
    last = Step.objects.filter(case=OuterRef("pk")).order_by("-pk").values("after")[:1]
    yield from _cases(
        Case.objects.annotate(told=Subquery(last)).filter(Q(told=None) | ~Q(status=F("told"))),
        _("The status of case %(id)s is not the one its last step led to."),
    )


def _objections():
    yield from _cases(
        Case.objects.annotate(count=_number(Objection.objects.open(), "case")).exclude(
            open_objections=F("count")
        ),
        _("Case %(id)s counts another number of open objections than there are."),
    )


def _notices():
    lines = NoticeLine.objects.all()
    yield from _named(
        Notice.objects.annotate(count=_number(lines, "notice"), sum=_per(lines, "notice")).exclude(
            lines_count=F("count"), total_fen=F("sum")
        ),
        Notice,
        _("The total of notice %(id)s is not the sum of its lines."),
    )


def _households():
    """One ID number in one active household: `active` must follow the dossier (IP5)."""
    on_file = Q(dossier__status=Dossier.Status.ACTIVE, left_on=None)
    yield from _named(
        Member.objects.filter(on_file & Q(active=False) | ~on_file & Q(active=True)),
        Member,
        _("Household member %(id)s counts as active, or not, against the status of the dossier."),
    )


def _books():
    """Vouchers without gaps, bank statements, matches and closed months."""
    for model, pk, words, values in books.differences():
        yield Problem(_at(model, pk), say(words, id=pk, **values))


CHECKS = (
    _accounts,
    _entries,
    _reservations,
    _payments,
    _advances,
    _recoveries,
    _hand_overs,
    _batches,
    _decisions,
    _votes,
    _digests,
    _steps,
    _objections,
    _books,
)
# What differs here does not touch the money.
ASIDE = (_notices, _published, _households)
