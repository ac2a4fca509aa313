"""The constraints and refusals of notices, clearances and objections, each by its name."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from base.append_only import AppendOnlyError
from cases import actions
from cases.models import Answer, Clearance, Notice, NoticeLine, Objection
from cases.workflow import Programme, Status
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def a_notice(world, **columns):
    given = {
        "company": world.company, "number": "2026-公示-900", "code": "C" * 11, "title": "公示",
        "programme": "EMERGENCY", "basis": "会议纪要", "starts_on": date(2026, 3, 3),
        "ends_on": date(2026, 3, 9), "working_days": 5, "days": "", "lines_count": 1,
        "total_fen": 0, "digest": "", "published_at": NOON, "published_by": world.company_officer,
    }  # fmt: skip
    return Notice(**given | columns)


NOTICE = {
    "notice_programme_known": {"programme": "LOTTERY"},
    "notice_ends_after_it_starts": {"ends_on": date(2026, 3, 2)},
    "notice_has_days": {"working_days": 0},
}


def test_notice_is_refused(world):
    a_notice(world).save()

    for name, columns in NOTICE.items():
        with refused_by(name):
            attempt(a_notice(world, number="901", code="D" * 11, **columns).save)
    with refused_by("notice_number_once", "cases_notice.company_id, cases_notice.number"):
        attempt(a_notice(world, code="D" * 11).save)
    with refused_by("code", "cases_notice.code"):
        attempt(a_notice(world, number="901").save)
    assert constraints_of(Notice) == {*NOTICE, "notice_number_once"}


def test_notice_line_is_refused(world):
    notice = a_notice(world)
    notice.save()
    first, second = world.household(), world.household()
    line = {"notice": notice, "name": "王*", "unit": world.unit}
    NoticeLine(**line, case=first, seq=1).save()

    with refused_by("notice_line_once", "cases_noticeline.notice_id, cases_noticeline.case_id"):
        attempt(NoticeLine(**line, case=first, seq=2).save)
    with refused_by("notice_line_seq_once", "cases_noticeline.notice_id, cases_noticeline.seq"):
        attempt(NoticeLine(**line, case=second, seq=1).save)
    assert len(constraints_of(NoticeLine)) == 2


def a_clearance(line, **columns):
    end = line.notice.ends_on
    given = {
        "line": line, "case": line.case, "notice_ends_on": end,
        "cleared_on": end + timedelta(days=1), "at": NOON,
    }  # fmt: skip
    return Clearance(**given | columns)


@pytest.fixture
def line(world):
    case = world.case_in(Status.PUBLISHED, Programme.RECOGNITION)
    return case.notice_lines.select_related("notice", "case").get()


def test_clearance_carries_the_end_of_its_own_notice(world, line):
    end = line.notice.ends_on
    other = world.household()

    with refused_by("clearance_after_the_notice"):
        attempt(a_clearance(line, cleared_on=end).save)
    for wrong in (
        {"notice_ends_on": end - timedelta(days=1), "cleared_on": end},
        {"case": other},
    ):
        with refused_by("a clearance carries the end of its own notice"):
            attempt(a_clearance(line, **wrong).save)
    a_clearance(line).save()
    with refused_by("line_id", "cases_clearance.line_id"):
        attempt(a_clearance(line).save)
    assert constraints_of(Clearance) == {"clearance_after_the_notice"}
    assert [r.name for r in Clearance.refusals] == ["of_its_notice", "objection"]


def test_clearance_is_refused_while_an_objection_is_open(world, line):
    objection = world.object_to(line)

    with refused_by("nothing is cleared while an objection is open"):
        attempt(a_clearance(line).save)
    actions.hold(objection=objection, by=world.discipline, at=world.tick())
    with refused_by("nothing is cleared while an objection is open"):
        attempt(a_clearance(line).save)
    actions.release(objection=objection, by=world.discipline, at=world.tick(), words="不属实")
    a_clearance(line).save()


def test_objection_is_refused(world, line):
    objection = world.object_to(line)
    mine = Objection.objects.filter(pk=objection.pk)
    taken = {"handler": world.discipline, "taken_at": NOON}

    for name, columns in (
        ("objection_outcome_known", {"outcome": "SHRUG", "closed_at": NOON, **taken}),
        ("objection_taken_complete", {"handler": world.discipline}),
        ("objection_taken_complete", {"taken_at": NOON}),
        ("objection_closed_complete", {"closed_at": NOON, **taken}),
        ("objection_closed_complete", {"outcome": "UPHELD"}),
        ("objection_closed_complete", {"closed_at": NOON, "outcome": "UPHELD"}),
    ):
        with refused_by(name):
            attempt(mine.update, **columns)
    assert mine.update(closed_at=NOON, outcome="UPHELD", **taken) == 1
    assert constraints_of(Objection) == {
        "objection_outcome_known", "objection_taken_complete", "objection_closed_complete",
    }  # fmt: skip


def test_objection_is_answered_once(world, line):
    objection = world.object_to(line)
    Answer.objects.create(objection=objection, words="一", at=NOON, by=world.discipline)

    with refused_by("objection_id", "cases_answer.objection_id"):
        attempt(
            Answer.objects.create, objection=objection, words="二", at=NOON, by=world.discipline
        )


def test_sealed_rows_are_never_changed(world, line):
    a_clearance(line).save()

    for model in (Notice, NoticeLine, Clearance):
        row = model.objects.order_by("pk").first()
        for change in (row.save, row.delete, model.objects.all().delete):
            with pytest.raises(AppendOnlyError):
                change()
        for sql in (
            f"UPDATE {model._meta.db_table} SET id = id",
            f"DELETE FROM {model._meta.db_table}",
        ):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                connection.cursor().execute(sql)


def test_facts_of_an_objection_are_not_stored_in_the_clear(world, line):
    actions.object_to(
        line=line, words="独一无二的话", name="李某某某", contact="13800001234", at=world.tick()
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT facts, name, contact FROM cases_objection")
        stored = " ".join(cursor.fetchone())

    assert not any(word in stored for word in ("独一无二", "李某", "13800001234"))


def test_narrowed_objections(world, line):
    objection = world.object_to(line)
    found = Objection.objects.narrowed

    assert list(found(state="open")) == list(found(q=objection.code.lower())) == [objection]
    assert list(found(q=line.case.number)) == [objection]
    assert list(found(state="answered")) == list(found(q="ZZ")) == []
