"""Lanes to mail hosts: a slow one keeps a few of the senders, and the others stay free.

A sender enters the lane of a domain before it speaks about it. While that domain's mail is taken
quickly, anybody may; until that is known, or once somebody has been waiting there for long, only
a few may at a time, and whoever finds no room in good time is told so instead of waiting, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

#: Seconds after which a conversation is slow, and for which others wait for room.
PATIENCE = 2.0

#: Domains that are remembered; the longest unused are forgotten first.
_MOST_KNOWN = 10_000


class NoRoom(Exception):
    """As many as may be are waiting for this domain already."""


@dataclass(slots=True)
class _Lane:
    """When each that is inside came in, and how long the last one took."""

    inside: list[float] = field(default_factory=list)
    took: float | None = None


class Lanes:
    """Who is speaking about which domain. Safe to share between threads.

    `most` may be inside at a time where a domain is slow or not known yet.
    """

    def __init__(
        self,
        most: int,
        *,
        patience: float = PATIENCE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        assert most > 0, "somebody has to try"
        self._most, self._patience, self._now = most, patience, monotonic
        self._lanes: dict[str, _Lane] = {}
        self._changed = threading.Condition()

    @contextmanager
    def through(self, domain: str) -> Iterator[None]:
        """Within the block the caller is inside the domain's lane. Raises NoRoom."""
        lane, came_in = self._enter(domain.lower())
        try:
            yield
        finally:
            with self._changed:
                lane.inside.remove(came_in)
                lane.took = self._now() - came_in
                self._changed.notify_all()

    def _enter(self, domain: str) -> tuple[_Lane, float]:
        with self._changed:
            lane = self._lanes.pop(domain, None) or _Lane()
            self._lanes[domain] = lane
            if len(self._lanes) > _MOST_KNOWN:
                self._forget()
            if not self._changed.wait_for(lambda: self._has_room(lane), self._patience):
                raise NoRoom(domain)
            came_in = self._now()
            lane.inside.append(came_in)
            return lane, came_in

    def _has_room(self, lane: _Lane) -> bool:
        if len(lane.inside) < self._most:
            return True
        if lane.took is None or lane.took >= self._patience:
            return False
        return self._now() - lane.inside[0] < self._patience

    def _forget(self) -> None:
        empty = next((name for name, lane in self._lanes.items() if not lane.inside), None)
        if empty is not None:
            del self._lanes[empty]
