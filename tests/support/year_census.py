"""Counts what happened in a drawn year, from the books and the calendar: a year in which nobody
contested anything, or no clock changed, would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.year import Year
from tests.support.year_checker import REGIONS, ZONES, seen_in

_QUERIES = {
    "payments": "SELECT count(DISTINCT source) FROM ledger_entries"
                " WHERE reason IN ('transfer_booked', 'transfer_surplus')",
    "disputes": "SELECT count(*) FROM disputes",
    "disputes withdrawn": "SELECT count(*) FROM events WHERE kind = 'dispute.withdrawn'",
    "promises": "SELECT count(*) FROM promises",
    "promises kept": "SELECT count(*) FROM promises WHERE state = 'kept'",
    "promises broken": "SELECT count(*) FROM promises WHERE state = 'broken'",
    "plans": "SELECT count(*) FROM plans",
    "plans signed": "SELECT count(*) FROM plan_consents",
    "plans begun": "SELECT count(*) FROM plans WHERE activated_at IS NOT NULL",
    "plans completed": "SELECT count(*) FROM plans WHERE state = 'completed'",
    "plans broken": "SELECT count(*) FROM plans WHERE state = 'accelerated'",
}  # fmt: skip

#: At least, of what happens: shares of the invoices. Rarer than drawn, because what is paid, or
#: contested already, is left alone.
LEAST = {
    "payments": 0.7, "disputes": 0.02, "disputes withdrawn": 0.01, "promises": 0.01,
    "promises kept": 0.004, "promises broken": 0.001, "plans": 0.004, "plans signed": 0.003,
    "plans begun": 0.002, "plans completed": 0.0005, "plans broken": 0.0002,
}  # fmt: skip


#: How a mail server turns a message away.
BAD_DAYS = ("down", "greylisted", "refused", "no such address", "silent after the data")


def census(year: Year, session: Session) -> Counter[str]:
    """How often each thing happened that a year has to be full of."""
    found = Counter({what: session.scalar(text(query)) or 0 for what, query in _QUERIES.items()})
    seen, lived = seen_in(year), set(_lived(year))
    found["reminders"] = len(seen)
    found["people reminded"] = len({one.address for one in seen})
    found["countries reminded"] = len({one.country for one in seen})
    found["time zones reminded"] = len({one.local.utcoffset() for one in seen})
    found["days without processes"] = len(year.outages & lived)
    found["days away"] = len(year.away & lived)
    for trouble, times in year.mailer.troubles.items():
        found[f"mail server: {trouble}"] = times
    for country, zone in ZONES.items():
        found[f"clock changes {country}"] = _clock_changes(sorted(lived), ZoneInfo(zone))
        free = holidays.country_holidays(country, subdiv=REGIONS.get(country))
        found[f"holidays {country}"] = sum(day in free and day.weekday() < 5 for day in lived)
    return found


def missing_from(year: Year, found: Counter[str]) -> list[str]:
    """What a year of this size should be full of, and is not."""
    # Of a few weeks most is still to come when they are over.
    lived = year.size.invoices * min(1.0, year.size.days / 365)
    wanted = {what: int(share * lived) for what, share in LEAST.items()}
    if year.size.days >= 365:
        wanted |= {"days without processes": 5, "days away": 2, "countries reminded": 6}
        wanted |= {"clock changes CH": 2, "clock changes US": 1, "time zones reminded": 4}
        wanted |= {f"holidays {country}": 5 for country in ("CH", "DE", "FR", "BE")}
        wanted |= {f"mail server: {how}": 1 for how in BAD_DAYS}
    return [
        f"{what}: {found[what]} of {least}" for what, least in wanted.items() if found[what] < least
    ]


def _lived(year: Year) -> Iterator[date]:
    day = year.lived - timedelta(days=year.size.days - 1)
    while day <= year.lived:
        yield day
        day += timedelta(days=1)


def _clock_changes(days: list[date], zone: ZoneInfo) -> int:
    offsets = [datetime.combine(day, time(12), zone).utcoffset() for day in days]
    return sum(before != after for before, after in pairwise(offsets))
