"""At which hours whose day is: runs by the supplier's clock, messages by the debtor's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from receivables.workdays import Calendar

#: Runs begin at this hour where the supplier is, and none begins after the second: nobody is
#: written to at night because a machine was down by day.
SEND_FROM, SEND_UNTIL = time(8), time(20)

#: From this hour on tomorrow's messages are shown, and up to that one they can be vetoed.
PREVIEW_AT, VETO_UNTIL = time(16), time(8, 30)

#: When debtors are written to, by their own clock.
WINDOW_OPENS, WINDOW_CLOSES = time(9), time(11, 30)

#: The zone most people of a country live in, where its first one in the list is another.
_MOST_PEOPLE = {"AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "MX": "America/Mexico_City",
                "RU": "Europe/Moscow", "CA": "America/Toronto", "ID": "Asia/Jakarta"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when a message may be handed over for the first time."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """Within which hours of the debtor's day a supplier writes."""

    opens: time = WINDOW_OPENS
    closes: time = WINDOW_CLOSES


USUAL_HOURS = Hours()


def run_day(now: datetime, zone: str) -> date | None:
    """The day whose run may be made at this instant; None outside of the hours."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if SEND_FROM <= local.time() < SEND_UNTIL else None


def day_shown(now: datetime, zone: str) -> date | None:
    """The day whose messages can be shown at this instant as tomorrow's; None before four."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() + timedelta(days=1) if local.time() >= PREVIEW_AT else None


def veto_is_open(now: datetime, zone: str, run_on: date) -> bool:
    """Whether a day's messages can still be vetoed."""
    return now < datetime.combine(run_on, VETO_UNTIL, ZoneInfo(zone))


def may_be_late(now: datetime, zone: str) -> bool:
    """Whether a message that was put off may still be tried where the debtor is."""
    return now.astimezone(ZoneInfo(zone)).time() < SEND_UNTIL


def decent_hour(now: datetime, zone: str, place: str, calendar: Calendar) -> datetime | None:
    """From when what a person lets out may go: None for at once, else the morning of the next
    working day where the debtor is. Nobody is written to at night because somebody works late.
    """
    local = now.astimezone(ZoneInfo(zone))
    is_day = SEND_FROM <= local.time() < SEND_UNTIL
    if is_day and calendar.is_working_day(local.date(), place):
        return None
    day = local.date() + timedelta(days=local.time() >= SEND_FROM)
    while not calendar.is_working_day(day, place):
        day += timedelta(days=1)
    return datetime.combine(day, WINDOW_OPENS, ZoneInfo(zone)).astimezone(now.tzinfo)


def window_for(
    now: datetime, *, supplier_zone: str, debtor_zone: str, hours: Hours = USUAL_HOURS
) -> Window | None:
    """The window in which what is decided now is sent: the next that opens before another run
    decides anew; None when that is no more today's.
    """
    here = now.astimezone(ZoneInfo(supplier_zone))
    next_run = datetime.combine(
        here.date() + timedelta(days=here.time() >= SEND_FROM), SEND_FROM, ZoneInfo(supplier_zone)
    )
    there = ZoneInfo(debtor_zone)
    today = now.astimezone(there).date()
    for day in (today, today + timedelta(days=1)):
        opens = datetime.combine(day, hours.opens, there)
        closes = datetime.combine(day, hours.closes, there)
        if now < closes and opens < next_run:
            return Window(opens.astimezone(now.tzinfo), closes.astimezone(now.tzinfo))
    return None


def zone_of(country: str, *, otherwise: str) -> str:
    """Where most people of a country set their clocks, or `otherwise`."""
    return _MOST_PEOPLE.get(country) or _zones().get(country, otherwise)


@cache
def _zones() -> dict[str, str]:
    """The first zone of each country.

    Source: zone.tab of the IANA time zone database, as tzdata ships it: "sorted by country code,
    then as to make some geographical sense, the most populous zones first".
    """
    found: dict[str, str] = {}
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, zone)
    return found
