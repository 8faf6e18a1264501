"""What rules look for, each found in one pass over a source's history.

A watcher is shown the readings of one source in the source's own order and says, for each, which
earlier reading it fell from, or None.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import date, timedelta
from typing import Protocol

from monitoring.bands import Band, steps_down
from monitoring.changes import ChangeKind, Reading, compare

Position = tuple[date, int, str]


class Watcher(Protocol):
    """Looks for one kind of fall."""

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:
        """The reading that this one is held against, or None where there is nothing to tell.

        `told` is where the rule spoke last. Never for the first reading: it changes nothing.
        """
        ...


class PassedBelow:
    """S-THR: armed at or above the threshold, fires once below, re-arms a margin above it."""

    def __init__(self, threshold: int, rearm_points: int, scale: str | None) -> None:
        self._threshold, self._rearm_at = threshold, threshold + rearm_points
        self._scale = scale
        self._armed = False
        self._previous: Reading | None = None

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:  # noqa: ARG002 - a Watcher's signature
        if reading.score is None or reading.scale != self._scale:
            return None
        previous, self._previous = self._previous, reading
        if previous is None:
            self._armed = reading.score >= self._threshold
            return None
        if self._armed and reading.score < self._threshold:
            self._armed = False
            return previous
        self._armed = self._armed or reading.score >= self._rearm_at
        return None


class Dropped:
    """S-DROP: so many points below the best score in force within the window.

    The score in force when the window opens counts: sources speak when something changes. What
    was told already is not told again: the fall is measured from there on.
    """

    def __init__(self, points: int, window_days: int, scale: str | None) -> None:
        self._points, self._window = points, timedelta(days=window_days)
        self._scale = scale
        self._previous: Reading | None = None
        #: Candidates for the best score: falling scores, each with the day its successor took
        #: over. What is followed by something as good can never be the best again.
        self._peaks: deque[Reading] = deque()
        self._superseded_on: dict[Position, date] = {}

    def height(self, reading: Reading) -> int | None:
        """What is measured, more being better; None where the reading does not say."""
        return reading.score if reading.scale == self._scale else None

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:
        now = self.height(reading)
        if now is None:
            return None
        peak = self._peak(reading.as_of_on - self._window, told)
        previous = self._previous
        self._add(reading, now)
        if peak is None or previous is None:
            return None
        best, last = self.height(peak), self.height(previous)
        assert best is not None and last is not None, "only what can be measured is kept"
        return peak if now < last and best - now >= self._points else None

    def _peak(self, opens_on: date, told: Position | None) -> Reading | None:
        while self._peaks:
            best = self._peaks[0]
            superseded_on = self._superseded_on.get(best.position)
            is_over = superseded_on is not None and superseded_on <= opens_on
            if not is_over and (told is None or best.position >= told):
                return best
            self._superseded_on.pop(best.position, None)
            self._peaks.popleft()
        return None

    def _add(self, reading: Reading, height: int) -> None:
        if self._previous is not None:
            self._superseded_on[self._previous.position] = reading.as_of_on
        self._previous = reading
        while self._peaks and (self.height(self._peaks[-1]) or 0) <= height:
            self._superseded_on.pop(self._peaks.pop().position, None)
        self._peaks.append(reading)


class PaysLater(Dropped):
    """S-DBT: so many days more beyond terms than the fewest in force within the window."""

    def __init__(self, days: int, window_days: int) -> None:
        super().__init__(days, window_days, None)

    def height(self, reading: Reading) -> int | None:
        days = reading.days_beyond_terms
        return None if days is None else _NEVER - days


#: More days than anybody ever paid late, so that heights are above zero.
_NEVER = 100_000


class FellInClass:
    """S-CLASS: so many bands worse than the last opinion, or into D or E, or withdrawn."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._previous: Reading | None = None
        self._rated: Reading | None = None

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:  # noqa: ARG002 - a Watcher's signature
        previous, rated = self._previous, self._rated
        self._previous = reading
        if reading.band is not Band.NONE:
            self._rated = reading
        change = compare(previous, reading) if previous else None
        if change is None or rated is None:
            return None
        if reading.band is Band.NONE:
            return previous if change.kind is ChangeKind.WITHDRAWN else None
        steps = steps_down(rated.band, reading.band)
        enters_worst = steps > 0 and reading.band in (Band.D, Band.E)
        return rated if steps >= self._steps or enters_worst else None


class RoseInClass:
    """S-UP: so many bands better than the last opinion."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._rated: Reading | None = None

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:  # noqa: ARG002 - a Watcher's signature
        if reading.band is Band.NONE:
            return None
        rated, self._rated = self._rated, reading
        if rated is None or -steps_down(rated.band, reading.band) < self._steps:
            return None
        return rated


class CutLimit:
    """S-LIMIT: the limit the source gives lost so many percent since it spoke last, or is gone.

    Limits in two currencies are not compared.
    """

    def __init__(self, percent: int) -> None:
        self._kept = 100 - percent
        self._previous: Reading | None = None

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:  # noqa: ARG002 - a Watcher's signature
        if reading.limit is None:
            return None
        before, self._previous = self._previous, reading
        if before is None or before.limit is None or not before.limit.minor:
            return None
        if before.limit.currency != reading.limit.currency:
            return None
        kept, was = reading.limit.minor, before.limit.minor
        return before if kept == 0 or kept * 100 <= was * self._kept else None


class LostStatus:
    """S-STATUS: the source says of the company itself something graver than before."""

    def __init__(self) -> None:
        self._previous: Reading | None = None

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:  # noqa: ARG002 - a Watcher's signature
        before, self._previous = self._previous, reading
        if before is None:
            return None
        return before if trouble_in(reading.status) > trouble_in(before.status) else None


#: Words of registers and bureaus, in the languages of our sources: gone for good, and not there.
_GONE = re.compile(
    r"dissol|struck|removed|liquidat|bankrupt|insolv|wound|ceased|closed|radi[ée]|dissou|cess[ée]"
    r"|faillite|gel[öo]scht|aufgel[öo]st|erloschen|failliet|stopgezet|ontbonden|doorgehaald",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"inacti|not active|dormant|sleeping|not trading|unknown|inconnu|unbekannt|onbekend|ruhend",
    re.IGNORECASE,
)


def trouble_in(status: str | None) -> int:
    """0 where the company trades or nothing is said, 1 where it is not there, 2 where it is gone.

    “Unknown” alone says nothing; an address that is unknown says a lot.
    """
    if not status or status.strip().lower() == "unknown":
        return 0
    if _GONE.search(status):
        return 2
    return 1 if _AWAY.search(status) else 0
