"""The French and the Swiss gazette on one machine: what they publish, and a page to publish on.

In a test, `with start(companies) as running:` gives `running.gazettes` and `running.url`;
`running.gazettes.publish("552100554", "liquidation")` opens a liquidation.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sandbox.clock import Now, system_now
from sandbox.gazettes.app import create_app
from sandbox.gazettes.store import FRENCH, SWISS, Company, Gazettes, Notice
from sandbox.serving import Served, serve

__all__ = [
    "FRENCH",
    "SWISS",
    "Company",
    "Gazettes",
    "Notice",
    "RunningGazettes",
    "create_app",
    "start",
]


class RunningGazettes:
    """Gazettes that can be asked."""

    def __init__(self, gazettes: Gazettes, served: Served) -> None:
        self.gazettes, self.url = gazettes, served.url
        self._served = served

    def close(self) -> None:
        self._served.close()
        self.gazettes.close()

    def __enter__(self) -> RunningGazettes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    companies: Iterable[Company] = (),
    *,
    port: int = 0,
    path: Path | None = None,
    now: Now = system_now,
) -> RunningGazettes:
    """Listen on loopback; port 0 takes a free one. State is in memory, or in the file `path`."""
    gazettes = Gazettes(companies, path=path, now=now)
    return RunningGazettes(gazettes, serve(create_app(gazettes), port=port))
