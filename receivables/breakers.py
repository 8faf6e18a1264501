"""Far ends that do not answer are left alone for a while, so that they hold nobody else up."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta


class Breaker:
    """Knows, by name, who has been silent lately. Safe to share between threads.

    Of the last `looks_at` tries `most_silent` may go without an answer; one more, and whoever it
    is gets `pause` to recover, and then a fresh start.
    """

    def __init__(
        self,
        *,
        looks_at: int = 40,
        most_silent: int = 30,
        pause: timedelta = timedelta(seconds=60),
    ) -> None:
        self._looks_at, self._most_silent, self._pause = looks_at, most_silent, pause
        self._silent: dict[str, deque[bool]] = {}
        self._until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def leaves_alone(self, name: str, now: datetime) -> bool:
        """Whether this one is not to be tried now."""
        with self._lock:
            return now < self._until.get(name, now)

    def note(self, name: str, now: datetime, *, silent: bool) -> None:
        """What became of a try."""
        with self._lock:
            lately = self._silent.setdefault(name, deque(maxlen=self._looks_at))
            lately.append(silent)
            if sum(lately) > self._most_silent:
                self._until[name] = now + self._pause
                lately.clear()
