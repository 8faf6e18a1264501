"""The ways in which a far end can fail on demand: busy, broken, slow, or with nothing to say."""

from __future__ import annotations

import threading
import time


class Troubles:
    """What the next calls run into, each used up by the call that ran into it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: list[tuple[int, int]] = []
        self._slow: list[float] = []
        #: While set, lists are answered without anything in them.
        self.is_empty = False

    def refuse(self, times: int, *, retry_after: int = 1) -> None:
        """Answer the next `times` calls with 429."""
        self.answer(429, times, retry_after=retry_after)

    def break_down(self, times: int) -> None:
        """Answer the next `times` calls with 503."""
        self.answer(503, times)

    def answer(self, status: int, times: int, *, retry_after: int = 0) -> None:
        """Answer the next `times` calls with this status; `retry_after` 0 names no time."""
        with self._lock:
            self._answers += [(status, retry_after)] * times

    def dawdle(self, times: int, *, seconds: float) -> None:
        """Take so long over each of the next `times` calls."""
        with self._lock:
            self._slow += [seconds] * times

    def met(self) -> tuple[int, int] | None:
        """Status and Retry-After (0: none) that this call is answered with, if any."""
        with self._lock:
            seconds = self._slow.pop() if self._slow else 0.0
            answer = self._answers.pop() if self._answers else None
        if seconds:
            time.sleep(seconds)
        return answer
