"""The heartbeat: keeps the leases of the jobs that this process has in hand.

A lease is short, so that a dead worker's job is soon another's; a job may be long. A thread of
the worker's process renews what its threads are at, so a lease runs out only when the whole
process is dead, stopped or cut off from the database, or when a job hangs beyond its time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from receivables import jobs
from receivables.database import SYSTEM
from receivables.errors import TemporarilyUnavailable
from receivables.jobs import Claim
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)

#: A lease survives two renewals that fail.
EVERY = jobs.WORK_LEASE / 3


class InHand:
    """The jobs that the threads of one process are at."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: dict[Claim, float] = {}

    @contextmanager
    def holding(self, claimed: Claim, *, most: timedelta) -> Iterator[None]:
        """In hand while the block lasts, but no longer than `most`: who hangs is given up."""
        with self._lock:
            self._held[claimed] = self._monotonic() + most.total_seconds()
        try:
            yield
        finally:
            with self._lock:
                del self._held[claimed]

    def claims(self) -> list[Claim]:
        """What is in hand now and has not taken too long."""
        now = self._monotonic()
        with self._lock:
            return [claimed for claimed, until in self._held.items() if now < until]


class Heartbeat:
    """Start it once per process with workers; `stop` it when they have stopped."""

    def __init__(
        self,
        runtime: Runtime,
        in_hand: InHand,
        *,
        every: timedelta = EVERY,
        lease: timedelta = jobs.WORK_LEASE,
    ) -> None:
        self._runtime, self._in_hand = runtime, in_hand
        self._every, self._lease = every, lease
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.wait(self._every.total_seconds()):
            try:
                self.beat()
            except (SQLAlchemyError, TemporarilyUnavailable) as error:
                log.warning("heartbeat.trouble", error=type(error).__name__)

    def beat(self) -> None:
        """Renew the leases of all that is in hand. What another has taken over stays theirs."""
        held = self._in_hand.claims()
        if held:
            with self._runtime.transaction(SYSTEM) as session:
                jobs.renew(session, held, lease=self._lease)
