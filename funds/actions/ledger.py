"""Everything that moves money. The fund row is locked first: it is the lock for its money."""

from django.db import transaction
from django.db.models import CharField, Count, F, Sum, Value, Window
from django.db.models.functions import Cast, Concat, Greatest, Length, LPad, RowNumber
from django.utils.translation import gettext as _

from base.sets import insert_select
from base.workdays import day_of
from cases.models import Counter
from funds.actions import period
from funds.models import INCOME, OF_BUDGET, Account, BankAccount, Donation, Fund, Kind, Transfer
from people.roles import NotAllowed, Role


@transaction.atomic
def create_fund(*, company, code, name, programmes, standings, ceiling_fen, by, at):
    """A new source of money, with its accounts for income, the pool and expense."""
    if not by.actor(day_of(at)).has(Role.ACCOUNTANT, company.path):
        raise NotAllowed(_("Only the accountant opens a fund."))
    special = list(BankAccount.objects.filter(company=company).order_by("pk")[:2])
    fund = Fund.objects.create(
        company=company, code=code, name=name, programmes=list(programmes),
        standings=list(standings), ceiling_fen=ceiling_fen,
        bank_account=special[0] if len(special) == 1 else None,
    )  # fmt: skip
    kinds = (Account.Kind.SOURCE, Account.Kind.POOL, Account.Kind.SPENT)
    Account.objects.bulk_create(Account(fund=fund, kind=kind) for kind in kinds)
    return fund


def why_not_book(fund, actor, *roles):
    """Why the actor may not book on a fund; "" when they may."""
    if fund.company_id in actor.companies(*roles):
        return ""
    return actor.why_not_any(*roles) or _("This fund belongs to another company.")


def _locked(fund, by, at, *roles):
    """The fund row locked, if `by` holds one of the roles in its company."""
    fund = Fund.objects.lock(fund.pk)
    if reason := why_not_book(fund, by.actor(day_of(at)), *roles):
        raise NotAllowed(reason)
    return fund


def _done(key, **asked):
    """The transfer an earlier request with this key made; raises NotAllowed if it asked for
    anything else: another fund, kind, account or amount."""
    done = Transfer.objects.filter(key=key).first()
    if done and not Transfer.objects.filter(pk=done.pk, **asked).exists():
        raise NotAllowed(_("This form was sent before with another amount; open it again."))
    return done


@transaction.atomic
def receive(*, fund, amount_fen, by, at, key, kind=Kind.RECEIVE, value_on=None, note="", **donor):
    """Money came in, such as the yearly grant of the group (fact 2.1): SOURCE → POOL.

    A donation is written down with what is known of its `donor`: see Donation.
    """
    fund = _locked(fund, by, at, Role.CASHIER, Role.ACCOUNTANT)
    if done := _done(key, fund=fund, kind=kind, amount_fen=amount_fen):
        return done
    if value_on and (reason := period.why_not_book_on(fund, value_on)):
        raise NotAllowed(reason)
    debit, credit = _account(fund, Account.Kind.POOL), _account(fund, Account.Kind.SOURCE)
    transfer = post(fund, kind, debit, credit, amount_fen, by=by, at=at, key=key,
                    value_on=value_on, note=note)  # fmt: skip
    if kind == Kind.DONATION:
        _donation(transfer, **donor)
    return transfer


def _donation(transfer, *, donor="", anonymous=True, wish="", programme=""):
    """Who gave it and what for, under the next receipt number of the fund and year."""
    fund, year = transfer.fund, transfer.value_on.year
    if programme and programme not in fund.programmes:
        raise NotAllowed(
            _("This fund may not be used for what the donor wishes: book it on one that may.")
        )
    number = Counter.objects.take(fund.company_id, f"donation {fund.code} {year}", 1)
    return Donation.objects.create(
        transfer=transfer, number=f"{year}-{fund.code}-捐-{number:04d}", donor=donor,
        anonymous=anonymous or not donor, wish=wish, programme=programme,
    )  # fmt: skip


@transaction.atomic
def reverse(*, transfer, by, at, key, note):
    """Turn a receipt round, once, by an accountant who did not book it."""
    fund = _locked(transfer.fund, by, at, Role.ACCOUNTANT)
    if done := _done(key, reverses=transfer):
        return done
    if reason := why_not_reverse(transfer, by.actor(day_of(at))):
        raise NotAllowed(reason)
    source = Account.objects.get(pk=transfer.debit_id)
    waiting = 0
    for donation in Donation.objects.wished(fund):
        if donation.transfer_id != transfer.pk:
            waiting += donation.left_fen
        elif donation.used_fen:
            raise NotAllowed(_("A budget uses this donation: take it back by a decision first."))
    if transfer.amount_fen > source.available_fen - waiting:
        raise NotAllowed(_("The money has been used since: less than this amount is left."))
    return post(fund, Kind.REVERSE, transfer.credit, transfer.debit, transfer.amount_fen, by=by,
                at=at, key=key, note=note, reverses=transfer)  # fmt: skip


def why_not_reverse(transfer, actor):
    """Why the actor may not reverse a transfer; "" when they may. One query."""
    if reason := why_not_book(transfer.fund, actor, Role.ACCOUNTANT):
        return reason
    if transfer.by_id == actor.user_id:
        return _("Somebody other than who booked it reverses a transfer.")
    if transfer.kind in OF_BUDGET:
        return _("A budget is changed by a decision, not by a reversal.")
    if transfer.kind not in INCOME:
        return _("A payment comes back as a bank return; a reversal is never reversed.")
    if Transfer.objects.filter(reverses=transfer).exists():
        return _("This transfer has been reversed already.")
    return ""


def _account(fund, kind):
    return Account.objects.get(fund=fund, kind=kind)


def post(fund, kind, debit, credit, amount_fen, *, by, at, key, value_on=None, note="", **links):
    """One transfer and its two counters; the caller holds the fund's lock."""
    on = value_on or day_of(at)
    (voucher,) = vouchers(fund, on.year, 1)
    transfer = Transfer.objects.create(
        fund=fund, kind=kind, debit=debit, credit=credit, amount_fen=amount_fen, voucher=voucher,
        value_on=on, note=note, key=key, at=at, by=by, **links,
    )  # fmt: skip
    move(debit, credit, amount_fen)
    return transfer


def move(debit, credit, amount_fen, *, unheld_fen=0):
    """Change the counters of two accounts by an amount, and what is held on the credited one."""
    Account.objects.filter(pk=credit.pk).update(
        balance_fen=F("balance_fen") - amount_fen, held_fen=F("held_fen") - unheld_fen
    )
    Account.objects.filter(pk=debit.pk).update(balance_fen=F("balance_fen") + amount_fen)


def vouchers(fund, year, count):
    """`count` voucher numbers of a fund in a row, without gaps, such as 2026-A-记-0012."""
    first = _first_voucher(fund, year, count)
    return [f"{year}-{fund.code}-记-{n:04d}" for n in range(first, first + count)]


def _first_voucher(fund, year, count):
    return Counter.objects.take(fund.company_id, f"voucher {fund.code} {year}", count)


def post_set(fund, kind, debit, credit, rows, *, amount_fen, by, at, on, **columns):
    """One transfer for each of `rows`, a query, by one statement, with consecutive vouchers in
    their order; the caller holds the fund's lock and moves the counters by the sum it returns.

    `amount_fen` names a column of `rows`; `columns` (key, note, links) are as `insert_select`
    takes them.
    """
    counted = rows.order_by().aggregate(count=Count("pk"), fen=Sum(amount_fen))
    if not counted["count"]:
        return 0
    first = _first_voucher(fund, on.year, counted["count"])
    series = Value(f"{on.year}-{fund.code}-记-")
    number = Window(RowNumber(), order_by=F("pk").asc()) + (first - 1)
    text = Cast(number, CharField())
    padded = Greatest(Length(text), 4)  # never cut off
    insert_select(
        Transfer, rows.order_by("pk"), fund=fund, kind=kind, debit=debit, credit=credit,
        amount_fen=F(amount_fen), value_on=on, at=at, by=by,
        voucher=Concat(series, LPad(text, padded, Value("0"))), **columns,
    )  # fmt: skip
    return counted["fen"]
