"""On which days people work: business days are counted by a calendar that is passed in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol


class Calendar(Protocol):
    """Knows on which days people work."""

    def is_working_day(self, day: date, country: str) -> bool: ...


class WeekdayCalendar:
    """Monday to Friday, wherever."""

    def is_working_day(self, day: date, country: str) -> bool:  # noqa: ARG002  (a Calendar's)
        return day.weekday() < 5


WEEKDAYS = WeekdayCalendar()


def working_days_later(start: date, count: int, *, country: str, calendar: Calendar) -> date:
    """The `count`-th working day after `start`; 0 is `start` itself, working day or not."""
    assert count >= 0, "working days are counted forwards"
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= calendar.is_working_day(day, country)
    return day
