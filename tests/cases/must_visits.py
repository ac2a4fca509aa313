"""Small ways to an event, a round of gifts and a referral, through the real actions."""

from cases import actions
from tests.world import DAY


def person(world, **columns):
    """Somebody of the unit, with a sign-in."""
    return world.employee(**columns).person


def told(world, who=None, by=None, kind="HOSPITAL", ago=0, **words):
    """An event reported by the information officer."""
    return actions.report_incident(
        person=who or person(world), kind=kind, happened_on=world.today - ago * DAY,
        by=by or world.informant, at=world.tick(), **words,
    )[0]  # fmt: skip


def visited(world, incident, on=None, visitors=None):
    return actions.visit_incident(
        incident=incident, by=world.officer, at=world.tick(), visited_on=on or world.today,
        visitors=visitors or [world.officer, world.chair], help_given="送去慰问", needs="护工",
    )  # fmt: skip


def gift_round(world, by=None, unit=None, **changed):
    columns = {
        "title": "高温慰问", "occasion": "HEAT", "since": world.today,
        "until": world.today + 30 * DAY,
        "responsible": world.company_officer, "what": "大米一袋、食用油一桶", "unit_fen": 150_00,
        "planned_fen": 10_000_00, "source": "DUES", "voucher": "",
    }  # fmt: skip
    return actions.open_gift_round(
        company=world.company, unit=unit, by=by or world.company_officer, at=world.tick(),
        **columns | changed,
    )  # fmt: skip


def planned(world, opened, persons, by=None, **given):
    return actions.plan_gifts(
        round=opened, persons=persons, by=by or world.company_officer, at=world.tick(), **given
    )


def given(world, gifts, by=None, **words):
    return actions.give_gifts(
        gifts=gifts, givers=[world.leaders[0], world.officer], given_on=world.today,
        by=by or world.officer, at=world.tick(), **words,
    )  # fmt: skip


def passed_on(world, who=None, by=None, kind="LEGAL", **columns):
    return actions.pass_on(
        person=who or person(world), kind=kind, words="咨询劳动合同", by=by or world.officer,
        at=world.tick(), **columns,
    )  # fmt: skip


def answered(world, referral, **changed):
    columns = {"outcome": "HELPED", "answered_on": world.today, "answer": "已受理"} | changed
    return actions.answer_referral(referral=referral, by=world.officer, at=world.tick(), **columns)
