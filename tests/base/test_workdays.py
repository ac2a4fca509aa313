from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.workdays import Calendar

# National Day 2026 as an example: off 1 to 7 October, made up on Saturday 10 October.
OFF = frozenset(date(2026, 10, day) for day in range(1, 8))
OCTOBER = Calendar(off=OFF, working=frozenset({date(2026, 10, 10)}))
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    "day, works",
    [
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
    ],
)
def test_is_workday(day, works):
    assert OCTOBER.is_workday(day) is works


def test_add_workdays_skips_holidays_and_counts_make_up_days():
    assert OCTOBER.add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert OCTOBER.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert OCTOBER.add_workdays(date(2026, 9, 30), 4) == date(2026, 10, 12)
    assert OCTOBER.add_workdays(date(2026, 10, 3), 0) == date(2026, 10, 3)


def test_period_end_counts_its_first_day_when_it_is_a_working_day():
    assert OCTOBER.period_end(date(2026, 9, 30), 1) == date(2026, 9, 30)
    assert OCTOBER.period_end(date(2026, 10, 1), 1) == date(2026, 10, 8)
    assert OCTOBER.period_end(date(2026, 9, 30), 5) == date(2026, 10, 12)


def test_next_workday():
    assert OCTOBER.next_workday(date(2026, 10, 1)) == date(2026, 10, 8)
    assert OCTOBER.next_workday(date(2026, 10, 8)) == date(2026, 10, 8)


@given(DAYS, st.integers(0, 60))
def test_count_between_is_the_inverse_of_add_workdays(day, count):
    end = OCTOBER.add_workdays(day, count)

    assert OCTOBER.count_between(day, end) == count
    assert OCTOBER.count_between(end, day) == -count
    assert count == 0 or OCTOBER.is_workday(end)


@given(DAYS, st.integers(1, 60))
def test_period_holds_exactly_its_working_days(day, count):
    end = OCTOBER.period_end(day, count)

    assert OCTOBER.count_between(day - timedelta(days=1), end) == count


def test_calendar_refuses_a_day_in_both_sets():
    with pytest.raises(ValueError, match="2026-10-01"):
        Calendar(off={date(2026, 10, 1)}, working={date(2026, 10, 1)})


def test_calendar_takes_any_set_and_can_be_compared():
    assert Calendar(off=set(OFF)) == Calendar(off=frozenset(OFF))


def test_counts_that_make_no_sense_are_refused():
    with pytest.raises(ValueError):
        OCTOBER.add_workdays(date(2026, 1, 1), -1)
    with pytest.raises(ValueError):
        OCTOBER.period_end(date(2026, 1, 1), 0)


def test_a_moment_is_refused_because_it_would_miss_every_holiday():
    moment = datetime(2026, 10, 1, tzinfo=UTC)

    with pytest.raises(TypeError):
        OCTOBER.is_workday(moment)
    with pytest.raises(TypeError):
        OCTOBER.add_workdays(moment, 0)
    with pytest.raises(TypeError):
        OCTOBER.count_between(moment, moment)
    with pytest.raises(TypeError):
        Calendar(off={moment})
