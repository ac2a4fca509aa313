"""The year of a fund in tests: donations with a wish, a closed month, the turn of the year."""

from datetime import date

from django.db.models import F, Sum

from cases.workflow import Programme
from funds import actions
from funds.models import Account, Donation, Kind, Period, Transfer
from funds.models.period import month_ends
from tests.funds import bank

GIFT = 5000_00


def donate(world, fen=GIFT, programme=Programme.EMERGENCY, fund=None, **donor):
    """A donation booked by the cashier; with `programme` it carries a wish."""
    columns = {"donor": "示例企业", "anonymous": False, "wish": "用于大病职工"} | donor
    transfer = actions.receive(
        fund=fund or world.fund, kind=Kind.DONATION, amount_fen=fen, by=world.cashier,
        at=world.tick(), key=f"gift {world.now}", programme=programme, **columns,
    )  # fmt: skip
    return Donation.objects.select_related("transfer").get(transfer=transfer)


def give_out(world, donation, fen=GIFT, **given):
    """A decision that gives a donation to the budget of the programme its donor wished."""
    line = actions.Planned(donation.programme, fen, donation=donation)
    return world.appropriate(line, fund=donation.transfer.fund, **given)


def used(donation):
    return Donation.objects.for_list().get(pk=donation.pk).used_fen


def pool(world):
    return Account.objects.get(fund=world.fund, kind="POOL")


def budget(world, programme=Programme.EMERGENCY, year=2026):
    return Account.objects.select_related("fund").get(
        fund=world.fund, kind="BUDGET", programme=programme, year=year
    )


def turn(world, year):
    """Go on to the third of January of a year."""
    return world.tick(days=(date(year, 1, 3) - world.today).days)


def close(world, year, month):
    """Close a month in which nothing but some interest was booked."""
    since, until = month_ends(year, month)
    day = date(year, month, 20)
    account = bank.register(world.company, world.accountant, [world.fund], world.tick())
    before = Transfer.objects.filter(fund=world.fund, value_on__lt=since)
    into = before.filter(debit__kind__in=["POOL", "BUDGET"], credit__kind__in=["SOURCE", "SPENT"])
    out = before.filter(credit__kind__in=["POOL", "BUDGET"], debit__kind__in=["SOURCE", "SPENT"])
    opening = sum(
        sign * (rows.aggregate(fen=Sum(F("amount_fen")))["fen"] or 0)
        for rows, sign in ((into, 1), (out, -1))
    )
    actions.receive(
        fund=world.fund, kind=Kind.INTEREST, amount_fen=100, value_on=day, by=world.cashier,
        at=world.tick(), key=f"interest {year}-{month}",
    )  # fmt: skip
    bank.take(
        account, [bank.row(day, 100, text="结息")], days=(since, until), opening_fen=opening,
        by=world.cashier, at=world.tick(),
    )  # fmt: skip
    period = Period.objects.get(bank_account=account, year=year, month=month)
    return actions.close(period=period, by=world.accountant, at=world.tick())
