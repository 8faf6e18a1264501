"""The worker that is measured: `python -m benchmarks.work DATABASE_URL [BROKER_URL]`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from dataclasses import dataclass
from typing import ClassVar

from benchmarks.stage import settings
from receivables import logs
from receivables.boot import build_runtime
from receivables.broker import Work, actor
from receivables.history import Event, record
from receivables.ids import SupplierId, new_id
from receivables.workshop import Workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped(Event):
    kind: ClassVar[str] = "benchmark.stamped"

    number: int


@actor()
def stamp(work: Work, number: int) -> None:
    """One row, in the transaction that ends the job."""
    with work.finish() as session:
        stamped = Stamped(supplier_id=SupplierId(new_id()), number=number)
        record(session, stamped, clock=work.runtime.clock)


def main(database_url: str, broker_url: str | None = None) -> int:
    logs.configure(level=logging.ERROR)
    runtime = build_runtime(settings(database_url, 1, broker_url))
    workshop = Workshop(runtime, workers=True)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    print("ready", flush=True)
    sys.stdin.readline()
    workshop.start()
    stopping.wait()
    workshop.stop()
    runtime.database.close()
    return 0


if __name__ == "__main__":
    # As the module it is elsewhere: run as __main__ the actor would have another name.
    from benchmarks.work import main as run

    sys.exit(run(*sys.argv[1:]))
