"""Far ends that do not answer are left alone for a while, so that they hold nobody else up."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta


class Breaker:
    """Knows, by name, who has been silent lately. Safe to share between threads.

    Of the last `looks_at` tries `most_silent` may go without an answer; one more, and whoever it
    is gets `pause` to recover, and then a fresh start. A far end is a service with many doors: one
    of which is known that nobody answers does not count again, so that trying slow ones once more
    keeps nobody from the others.
    """

    def __init__(
        self,
        *,
        looks_at: int = 40,
        most_silent: int = 30,
        pause: timedelta = timedelta(seconds=60),
        remembers: int = 20_000,
    ) -> None:
        self._looks_at, self._most_silent, self._pause = looks_at, most_silent, pause
        self._remembers = remembers
        self._silent: dict[str, deque[bool]] = {}
        self._silent_doors: dict[str, None] = {}
        self._until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def leaves_alone(self, name: str, now: datetime) -> bool:
        """Whether this one is not to be tried now."""
        with self._lock:
            return now < self._until.get(name, now)

    def note(self, name: str, door: str, now: datetime, *, silent: bool) -> None:
        """What became of a try."""
        with self._lock:
            if silent and door in self._silent_doors:
                return
            if silent:
                self._silent_doors[door] = None
                while len(self._silent_doors) > self._remembers:
                    del self._silent_doors[next(iter(self._silent_doors))]
            else:
                self._silent_doors.pop(door, None)
            lately = self._silent.setdefault(name, deque(maxlen=self._looks_at))
            lately.append(silent)
            if sum(lately) > self._most_silent:
                self._until[name] = now + self._pause
                lately.clear()
