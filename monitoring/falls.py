"""The three falls that rules look for, each found in one pass over a source's history.

A watcher is shown the readings of one source in the source's own order and says, for each, which
earlier reading it fell from, or None.
"""

from __future__ import annotations

from collections import deque
from datetime import date, timedelta
from typing import Protocol

from monitoring.bands import Band, steps_down
from monitoring.changes import ChangeKind, Reading, compare

Position = tuple[date, int, str]


class Watcher(Protocol):
    """Looks for one kind of fall."""

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:
        """The reading that this one fell from, or None; `told` is where a drop was told last.

        Never for an improvement, nor for the first reading: it changes nothing.
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

    def see(self, reading: Reading, *, told: Position | None) -> Reading | None:
        if reading.score is None or reading.scale != self._scale:
            return None
        peak = self._peak(reading.as_of_on - self._window, told)
        previous = self._previous
        self._add(reading, reading.score)
        if peak is None or previous is None:
            return None
        assert peak.score is not None and previous.score is not None, "only scores are kept"
        is_fall = reading.score < previous.score
        return peak if is_fall and peak.score - reading.score >= self._points else None

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

    def _add(self, reading: Reading, score: int) -> None:
        if self._previous is not None:
            self._superseded_on[self._previous.position] = reading.as_of_on
        self._previous = reading
        while self._peaks and (self._peaks[-1].score or 0) <= score:
            self._superseded_on.pop(self._peaks.pop().position, None)
        self._peaks.append(reading)


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
