"""Work in a process: the broker, the relay that feeds it, and (where wanted) the workers."""

from __future__ import annotations

import fcntl
import gc
from pathlib import Path
from typing import IO

import dramatiq
import structlog
from sqlalchemy.engine import make_url

from receivables import jobs
from receivables.broker import QUEUES, OpenBroker, open_broker
from receivables.database import SYSTEM
from receivables.errors import ReceivablesError
from receivables.heartbeat import Heartbeat
from receivables.relay import Relay
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)


class AnotherProcess(ReceivablesError):
    """Another process works on this SQLite file; several need PostgreSQL."""


class Workshop:
    """Started once per process, after every module with actors has been imported.

    With `workers` the process does jobs itself; without, it only hands them to the broker.
    """

    def __init__(self, runtime: Runtime, *, workers: bool) -> None:
        self._runtime = runtime
        self._lock: IO[str] | None = None
        if runtime.database.kind == "sqlite":
            self._lock = _lock_beside(runtime.settings.database.url)
            with runtime.transaction(SYSTEM) as session:
                taken_back = jobs.reclaim_all(session)
            log.info("jobs.reclaimed", count=taken_back)
        self.opened: OpenBroker = open_broker(runtime.settings.broker, runtime)
        self.relay = Relay(runtime, self.opened)
        self.heartbeat = Heartbeat(runtime, self.opened.in_hand)
        self._worker: dramatiq.Worker | None = None
        if workers:
            self._worker = dramatiq.Worker(
                self.opened.broker,
                queues=set(QUEUES),
                worker_threads=runtime.settings.broker.threads,
                worker_timeout=200,
            )

    def start(self) -> None:
        if self._worker is not None:
            self._worker.start()
            self.heartbeat.start()
        self.relay.start()
        keep_what_is_loaded()

    def stop(self) -> None:
        """Finish what is in hand (up to 20 s); what is not done stays in the table."""
        self.relay.stop()
        if self._worker is not None:
            self._worker.stop(timeout=20_000)
            self.heartbeat.stop()
        self.opened.broker.close()
        if self._lock is not None:
            self._lock.close()


def keep_what_is_loaded() -> None:
    """What is in memory now stays: no collection of garbage has to walk it again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _lock_beside(url: str) -> IO[str]:
    """Hold a file beside the database for the life of the process. Raises AnotherProcess."""
    file = Path(make_url(url).database or "quittance").with_suffix(".lock")
    handle = file.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise AnotherProcess(f"{file} is held by another process") from error
    return handle
