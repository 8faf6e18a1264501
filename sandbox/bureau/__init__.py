"""A credit bureau on one machine, "Helvetia Scoring": companies, scores, monitoring.

In a test, `with start(companies) as running:` gives `running.bureau` and `running.url`;
`running.bureau.rate("CHE-100.200.300", 35)` lowers a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sandbox.bureau.app import create_app
from sandbox.bureau.service import Bureau, PushLoop, PushTo, signature
from sandbox.bureau.store import Company, Event
from sandbox.clock import Now, system_now
from sandbox.serving import Served, serve

__all__ = [
    "Bureau",
    "Company",
    "Event",
    "PushLoop",
    "PushTo",
    "RunningBureau",
    "create_app",
    "signature",
    "start",
]


class RunningBureau:
    """A bureau that listens, and pushes when it has somewhere to push to."""

    def __init__(self, bureau: Bureau, served: Served, loop: PushLoop | None) -> None:
        self.bureau, self.url = bureau, served.url
        self._served, self._loop = served, loop

    def close(self) -> None:
        if self._loop:
            self._loop.close()
        self._served.close()
        self.bureau.store.close()

    def __enter__(self) -> RunningBureau:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    companies: Iterable[Company] = (),
    *,
    port: int = 0,
    path: Path | None = None,
    credentials: tuple[str, str] = ("quittance", "sandbox"),
    push_to: PushTo | None = None,
    now: Now = system_now,
) -> RunningBureau:
    """Listen on loopback; port 0 takes a free one.

    State is kept in memory, or in the SQLite file `path`. With `push_to` every change is pushed
    there until it is confirmed, at once when it was made on the page.
    """
    bureau = Bureau(companies, path=path, credentials=credentials, push_to=push_to, now=now)
    loop = PushLoop(bureau) if push_to else None
    app = create_app(bureau, changed=loop.wake) if loop else create_app(bureau)
    return RunningBureau(bureau, serve(app, port=port), loop)
