"""Creditsafe Connect on one machine, as far as monitoring goes; all companies are made up.

In a test, `with start(companies) as running:` gives `running.creditsafe` and `running.url`, whose
path is that of the real interface; `running.creditsafe.rate("FR-1", common="D")` lowers a rating.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sandbox.clock import Now, system_now
from sandbox.creditsafe.app import create_app
from sandbox.creditsafe.service import Company, Creditsafe
from sandbox.serving import Served, serve

__all__ = ["PATH", "Company", "Creditsafe", "RunningCreditsafe", "create_app", "start"]

#: Where the interface begins, as at Creditsafe's own.
PATH = "/v1"


class RunningCreditsafe:
    def __init__(self, creditsafe: Creditsafe, served: Served) -> None:
        self.creditsafe, self.url = creditsafe, f"{served.url}{PATH}"
        self._served = served

    def close(self) -> None:
        self._served.close()

    def __enter__(self) -> RunningCreditsafe:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    companies: Iterable[Company] = (),
    *,
    port: int = 0,
    path: Path | None = None,
    now: Now = system_now,
) -> RunningCreditsafe:
    """Listen on loopback; port 0 takes a free one. State is kept in memory, or in `path`."""
    creditsafe = Creditsafe(companies, path=path, now=now)
    return RunningCreditsafe(creditsafe, serve(create_app(creditsafe), port=port))
