"""The relay: hands due jobs to the broker, fires the schedule, takes back expired leases.

A thread in every web and worker process. Any number of them may run: rows are taken with
`SKIP LOCKED`, schedules by compare-and-set.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from receivables import jobs, schedules
from receivables.broker import ACTORS, OpenBroker
from receivables.database import SYSTEM
from receivables.errors import TemporarilyUnavailable
from receivables.ids import JobId
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)

#: How many jobs may be on their way to workers at once; the rest wait in the table.
MOST_IN_FLIGHT = 400
BATCH = 100


class Relay:
    """Start it once per process; `stop` waits for the tick in progress."""

    def __init__(
        self,
        runtime: Runtime,
        opened: OpenBroker,
        *,
        pause: float = 0.5,
        most_in_flight: int = MOST_IN_FLIGHT,
        lease: timedelta = jobs.DELIVERY_LEASE,
    ) -> None:
        self._runtime = runtime
        self._opened = opened
        self._pause, self._most_in_flight, self._lease = pause, most_in_flight, lease
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._runtime.database.enqueued.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        wakeup = self._runtime.database.enqueued
        trouble: tuple[type[Exception], ...] = (
            SQLAlchemyError,
            TemporarilyUnavailable,
            *self._opened.trouble,
        )
        troubled = 0
        while not self._stopping.is_set():
            wakeup.clear()
            try:
                busy = self.tick()
                troubled = 0
            except trouble as error:
                troubled += 1
                busy = False
                log.warning("relay.trouble", error=type(error).__name__, times=troubled)
                self._stopping.wait(min(5.0, 0.2 * 2**troubled))
            if not busy:
                wakeup.wait(self._pause)

    def tick(self) -> bool:
        """One round; True when there may be more to hand over at once."""
        self._fire_schedules()
        with self._runtime.transaction(SYSTEM) as session:
            room = self._most_in_flight - jobs.sent_count(session)
            if room <= 0:
                return False
            now = self._runtime.clock.now()
            due = jobs.take_due(session, now=now, limit=min(BATCH, room), lease=self._lease)
        self._hand_over(due)
        return len(due) == BATCH

    def _hand_over(self, due: list[tuple[JobId, str]]) -> None:
        """Wake a worker for each; what the broker does not take is due again at once."""
        handed = 0
        try:
            for job_id, actor_name in due:
                self._opened.wake(job_id, actor_name)
                handed += 1
        finally:
            if handed < len(due):
                left = [job_id for job_id, _ in due[handed:]]
                with self._runtime.transaction(SYSTEM) as session:
                    jobs.take_back(session, left)

    def _fire_schedules(self) -> None:
        now = self._runtime.clock.now()
        with self._runtime.reading(SYSTEM) as session:
            known = schedules.firing_next(session)
        firings = {
            declared.name: declared.next_after(now)
            for declared in ACTORS.values()
            if declared.cron and known.get(declared.name, now) <= now
        }
        if firings:
            with self._runtime.transaction(SYSTEM) as session:
                schedules.fire_due(session, firings, now=now)
