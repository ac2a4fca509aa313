"""A fund with a bit of everything in its books, and what they must say, counted row by row."""

import io
import re
from datetime import date

from openpyxl import load_workbook

from cases import actions as cases
from cases.workflow import Programme, Status
from funds import actions
from funds.models import Account, Batch, Payment, Transfer
from people.models import Standing
from tests.funds import recoveries, years
from tests.funds.test_advance_actions import onward

AMOUNT = re.compile(r"-?[\d,]+\.\d\d")
CELL = re.compile(r'<td class="number[^"]*"[^>]*>(.*?)</td>|(<(a|div) class="stat".*?</\3>)', re.S)
LINK = re.compile(r'href="([^"]+)"')
IN_BANK = (Account.Kind.POOL, Account.Kind.BUDGET)


def lively(world):
    """A grant paid, one returned by the bank, one paid less its advance; interest, a donation and
    a receipt that was turned round; a second fund. Returns the three cases."""
    paid = world.case_in(Status.PAID)
    returned = world.case_in(Status.PAID)
    actions.bounce(
        payment=Payment.objects.get(case=returned), by=world.accountant, at=world.tick(days=3),
        reason="账号不符",
    )  # fmt: skip
    urgent = world.case_in(Status.SUBMITTED)
    world.advance(urgent)
    world.post(world.prepare(onward(world, urgent)))
    receive(world, 321_45, "INTEREST")
    receive(world, 5000_00, "DONATION")
    wrong = receive(world, 77_00, "RECEIVE")
    turn_round(world, wrong)
    world.take_back(world.budget(Programme.EMERGENCY), 1000_00)
    second = actions.create_fund(
        company=world.company, code="B", name="工会经费", programmes=[Programme.EMERGENCY],
        standings=list(Standing.values), ceiling_fen=None, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    receive(world, 8000_00, "RECEIVE", fund=second)
    return paid, returned, urgent


def full(world):
    """All that moves money, over the end of a year: besides what is lively an advance that was
    paid back, a donation with a wish that a budget uses, what is left carried over, an amount that
    was paid on false facts and comes back in two parts, before and after it, and something on the
    first and on the last day of a month. Returns the four cases, the last one the declined."""
    paid, returned, urgent = lively(world)
    declined = world.case_in(Status.SUBMITTED)
    advance = world.advance(declined)
    cases.decline(case=declined, by=world.officer, at=world.tick(), clause="第八条", words="不符合")
    pay_back(world, advance)
    years.give_out(world, years.donate(world, 2000_00), 1500_00)
    recovery = recoveries.decided(world, paid, 300_00)
    recoveries.back(world, recovery, 100_00)
    years.turn(world, 2027)
    carry(world, 2026)
    recoveries.back(world, recovery, 200_00)
    for fen, day in ((50_00, (3, 1)), (60_00, (3, 31)), (70_00, (5, 1))):
        receive(world, fen, "INTEREST", value_on=date(2026, *day))
    return paid, returned, urgent, declined


def pay_back(world, advance):
    """The household pays an advance back."""
    actions.note_recovery(
        advance=advance, came_back_on=world.today, by=world.cashier, at=world.tick()
    )
    return actions.recover_advance(advance=advance, by=world.accountant, at=world.tick())


def carry(world, year):
    """What is left of the budgets of a year goes back to the pool."""
    decision = actions.draft_carry(
        fund=world.fund, year=year, reason="结转", basis="主席办公会纪要第9号",
        basis_on=world.today, by=world.accountant, at=world.tick(), key=f"carry {world.now}",
    )  # fmt: skip
    return actions.decide_budget(decision=decision, by=world.company_chair, at=world.tick())


def receive(world, fen, kind, fund=None, value_on=None):
    return actions.receive(
        fund=fund or world.fund, amount_fen=fen, kind=kind, by=world.cashier, at=world.tick(),
        key=f"{kind} {world.now}", value_on=value_on,
    )  # fmt: skip


def turn_round(world, transfer):
    return actions.reverse(
        transfer=transfer, by=world.accountant, at=world.tick(), key=f"turn {transfer.pk}",
        note="记错",
    )  # fmt: skip


def batch_of(case):
    return Batch.objects.get(lines__case=case)


def entries(funds):
    rows = Transfer.objects.filter(fund__in=funds).select_related(
        "debit", "credit", "reverses", "case"
    )
    return list(rows.order_by("value_on", "pk"))


def bank_fen(row):
    """What one entry added to the money in the bank."""
    return row.amount_fen * ((row.debit.kind in IN_BANK) - (row.credit.kind in IN_BANK))


def spent_fen(row):
    """What one entry added to what was spent."""
    return row.amount_fen * ((row.debit.kind == "SPENT") - (row.credit.kind == "SPENT"))


def earned_fen(row):
    """What one entry added to what came in."""
    return row.amount_fen * ((row.credit.kind == "SOURCE") - (row.debit.kind == "SOURCE"))


# Pages of the books


def body(response):
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def sheet(response):
    assert response.status_code == 200, response.get("Location")
    return load_workbook(io.BytesIO(response.content)).active


def fen(text):
    return round(float(text.replace(",", "")) * 100)


def book_args(world, name, case):
    """What stands in the address of a book: of the fund of the world, and of one case."""
    return {
        "books_account": [Account.objects.get(fund=world.fund, kind="SPENT").pk],
        "books_purpose": [Programme.EMERGENCY.value], "books_unit": [case.unit_id],
        "books_household": [case.dossier_id], "ledger": [world.fund.pk],
    }.get(name.removesuffix("_print"), [])  # fmt: skip


def figures(text):
    """(address or "", fen) of every figure in a column of figures or in a tile."""
    for cell, tile, _tag in CELL.findall(text):
        found, link = AMOUNT.search(cell or tile), LINK.search(cell or tile)
        if found:
            yield (link[1].replace("&amp;", "&") if link else ""), fen(found[0])


def foot(text):
    """The sums under a list; none when it is empty."""
    under = text.partition("data-rows")[2].partition("<tfoot>")[2]
    return [shown for _url, shown in figures(under)]
