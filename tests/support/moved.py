"""`quittance serve` and `quittance worker` with a clock that several processes share.

    python -m tests.support.moved FILE serve|worker

The product's own functions, put together as its command does; only the clock is another: the
machine's, moved by the seconds that stand in FILE, which may change at any time.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import quittance
from receivables import logs
from receivables.boot import build_runtime
from receivables.clock import SystemClock
from receivables.runtime import Runtime
from receivables.settings import read_settings
from receivables.workshop import Workshop

ZONE = ZoneInfo("Europe/Zurich")


class SharedClock:
    """The machine's clock, moved by what a file says."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._machine = SystemClock()

    def now(self) -> datetime:
        return self._machine.now() + timedelta(seconds=float(self._file.read_text()))

    def move_to(self, instant: datetime) -> None:
        """From now on, everywhere."""
        other = self._file.with_suffix(".new")
        other.write_text(str((instant - self._machine.now()).total_seconds()))
        other.replace(self._file)

    def next_morning(self) -> None:
        """Nine o'clock of the next day in Zurich."""
        day = self.now().astimezone(ZONE) + timedelta(days=1)
        morning = day.replace(hour=9, minute=0, second=0, microsecond=0)
        self.move_to(morning.astimezone(UTC))


def main(file: str, command: str) -> None:
    logs.configure()
    settings = read_settings(os.environ)
    runtime = build_runtime(settings, clock=SharedClock(Path(file)))
    if command == "serve":
        _serve(runtime)
    else:
        _work(runtime)
    runtime.database.close()


def _serve(runtime: Runtime) -> None:
    web = runtime.settings.web
    urls = {"portal": web.portal_url, "backoffice": web.backoffice_url}
    with quittance.running(runtime, {name: _port(url) for name, url in urls.items()}):
        sys.stdout.write("ready faces\n")
        sys.stdout.flush()
        quittance.wait_for_the_end()


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])


def _work(runtime: Runtime) -> None:
    workshop = Workshop(runtime, workers=True)
    workshop.start()
    sys.stdout.write("ready worker\n")
    sys.stdout.flush()
    quittance.wait_for_the_end()
    workshop.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
