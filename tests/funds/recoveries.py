"""Recoveries in tests: opened by the officer, decided by the chair, paid back in parts."""

from cases.workflow import Status
from funds import actions
from tests.world import DAY

AWARD = 5500_00
WORDS = "入户核实时发现申报的支出不真实。"


def open_(world, case=None, fen=AWARD, by=None, reason="FALSE_FACTS", words=WORDS, fund=None):
    return actions.open_recovery(
        case=case or world.case_in(Status.PAID), fund=fund or world.fund, reason=reason,
        words=words, amount_fen=fen, by=by or world.company_officer, at=world.tick(),
    )  # fmt: skip


def decide(world, recovery, pursue=True, by=None, days=30, **given):
    return actions.decide_recovery(
        recovery=recovery, pursue=pursue, by=by or world.company_chair, at=world.tick(),
        due_on=world.today + days * DAY if pursue else None, **given,
    )  # fmt: skip


def decided(world, case=None, fen=AWARD, **given):
    return decide(world, open_(world, case, fen, **given))


def tell(world, recovery, on=None, by=None):
    return actions.tell_recovery(
        recovery=recovery, told_on=on or world.today, by=by or world.company_officer,
        at=world.tick(),
    )  # fmt: skip


def note(world, recovery, fen=AWARD, on=None, by=None):
    return actions.note_receipt(
        recovery=recovery, amount_fen=fen, received_on=on or world.today, by=by or world.cashier,
        at=world.tick(),
    )  # fmt: skip


def post(world, receipt, by=None):
    return actions.post_receipt(receipt=receipt, by=by or world.accountant, at=world.tick())


def back(world, recovery, fen=AWARD, on=None):
    """A part that came back and was posted."""
    return post(world, note(world, recovery, fen, on))


def strike(world, receipt, by=None):
    return actions.strike_receipt(receipt=receipt, by=by or world.cashier, at=world.tick())


def waive(world, recovery, words="家庭无力退回。", minutes="会议纪要第9号", by=None):
    return actions.waive_recovery(
        recovery=recovery, words=words, minutes=minutes, by=by or world.company_chair,
        at=world.tick(),
    )  # fmt: skip
