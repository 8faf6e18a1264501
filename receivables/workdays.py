"""On which days people work: business days are counted by a calendar that is passed in."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

import holidays

from receivables.regions import REGIONS

_DAY = timedelta(days=1)


class Calendar(Protocol):
    """Knows on which days people work.

    `country` is ISO 3166-1 alpha-2, or a region of it as in ISO 3166-2: "CH", "CH-GR".
    """

    def is_working_day(self, day: date, country: str) -> bool: ...

    def __hash__(self) -> int: ...


class WeekdayCalendar:
    """Monday to Friday, wherever."""

    def is_working_day(self, day: date, country: str) -> bool:  # noqa: ARG002  (a Calendar's)
        return day.weekday() < 5


class HolidayCalendar:
    """Monday to Friday without the public holidays of a country, or of one of its regions.

    A country that the library does not know has weekends alone; of a region it does not know the
    country's holidays hold.
    """

    def is_working_day(self, day: date, country: str) -> bool:
        return day.weekday() < 5 and day not in _holidays(country, day.year)


WEEKDAYS = WeekdayCalendar()
HOLIDAYS = HolidayCalendar()


@lru_cache(maxsize=2048)
def _holidays(place: str, year: int) -> frozenset[date]:
    """Public holidays by the package `holidays` (https://github.com/vacanza/holidays)."""
    country, _, region = place.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=region or None, years=year)
    except NotImplementedError:
        return _holidays(country, year) if region else frozenset()
    return frozenset(found)


@lru_cache(maxsize=65_536)
def region_of(country: str, postcode: str) -> str:
    """The canton or Land of a postcode, as in ISO 3166-2 without the country; empty where it is
    not known for certain: then only the holidays of the whole country are observed.
    """
    digits = postcode.strip().removeprefix(f"{country}-")
    if not digits.isascii() or not digits.isdigit():
        return ""
    ranges = REGIONS.get(country)
    if ranges is None or len(digits) != len(ranges[0][0]):
        return ""
    inside = (region for first, last, region in ranges if first <= digits <= last)
    return next(inside, "")


def working_days_later(start: date, count: int, *, country: str, calendar: Calendar) -> date:
    """The `count`-th working day after `start`; 0 is `start` itself, working day or not."""
    assert count >= 0, "working days are counted forwards"
    day = start
    while count > 0:
        day += _DAY
        count -= calendar.is_working_day(day, country)
    return day
