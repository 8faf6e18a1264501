"""Time is passed in: a clock gives instants, `local_date` turns one into a calendar day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo


@runtime_checkable
class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock; only `boot` and the demo make one."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SteppingClock:
    """A clock that stands still until it is moved: for tests and simulations."""

    def __init__(self, start: datetime) -> None:
        assert start.tzinfo is not None, "an instant is aware"
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        """Move forward by `step`."""
        assert step >= timedelta(0), "time does not go back"
        self._now += step


class ShiftedClock:
    """The machine's clock, moved ahead by an offset that somebody keeps: the demo's clock."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


def local_date(instant: datetime, zone: str) -> date:
    """The calendar day on which `instant` falls in the IANA time `zone`."""
    assert instant.tzinfo is not None, "an instant is aware"
    return instant.astimezone(ZoneInfo(zone)).date()
