"""Working days over a given set of holidays and make-up days; knows no database.

Monday to Friday are working days unless they are in ``off``; Saturday and Sunday are days
off unless they are in ``working`` (调休). The editable table behind it lives in people.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

_DAY = timedelta(days=1)


def _check_day(day):
    # A datetime is a date to isinstance and never equal to one, so every holiday would miss.
    if not isinstance(day, date) or isinstance(day, datetime):
        raise TypeError("Working days are counted in dates, not in moments.")


def day_of(moment):
    """The date of a moment where the company is (settings.TIME_ZONE)."""
    return timezone.localtime(moment).date()


@dataclass(frozen=True)
class Calendar:
    """Days off and make-up working days, frozen so that a notice can keep its own.

    ValueError when a day is in both sets.
    """

    off: frozenset = field(default_factory=frozenset)
    working: frozenset = field(default_factory=frozenset)

    def __post_init__(self):
        object.__setattr__(self, "off", frozenset(self.off))
        object.__setattr__(self, "working", frozenset(self.working))
        for day in self.off | self.working:
            _check_day(day)
        if both := self.off & self.working:
            raise ValueError(f"{min(both)} is entered both as a day off and as a working day.")

    def is_workday(self, day):
        """Whether people work on ``day``. TypeError for a moment."""
        _check_day(day)
        return day in self.working or (day.weekday() < 5 and day not in self.off)

    def next_workday(self, day):
        """``day`` itself when it is a working day, else the first one after it."""
        while not self.is_workday(day):
            day += _DAY
        return day

    def add_workdays(self, start, count):
        """The ``count``-th working day after ``start``; ``start`` itself for 0.

        The day of ``start`` is never counted. ValueError for a negative count,
        OverflowError when the calendar has no such day.
        """
        _check_day(start)
        if count < 0:
            raise ValueError("Working days are counted forward; give a count of 0 or more.")
        while count:
            start += _DAY
            count -= self.is_workday(start)
        return start

    def period_end(self, first, count):
        """Last day of a period of ``count`` working days that begins on ``first``.

        ``first`` is counted when it is a working day. A notice posted during a day that
        shall not count begins on the day after. ValueError for a count below 1.
        """
        if count < 1:
            raise ValueError("A period has at least one working day.")
        return self.add_workdays(self.next_workday(first), count - 1)

    def count_between(self, start, end):
        """Working days after ``start`` up to and including ``end``; negative when reversed.

        ``count_between(day, add_workdays(day, n)) == n``.
        """
        _check_day(start)
        _check_day(end)
        if end < start:
            return -self.count_between(end, start)
        days = (start + _DAY * n for n in range(1, (end - start).days + 1))
        return sum(map(self.is_workday, days))
