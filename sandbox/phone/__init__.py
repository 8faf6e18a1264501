"""A gateway for text messages on one machine, with the telephones it delivers to in the browser.

In a test, `with start() as running:` gives `running.phone`, `running.url` and
`running.messages_url`, which takes messages by `ACCOUNT` and `TOKEN`.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.clock import Now, system_now
from sandbox.phone.app import ACCOUNT, MESSAGES, TOKEN, Behaviour, Phone, create_app
from sandbox.phone.store import StoredText, TextStore
from sandbox.serving import Served, serve

__all__ = [
    "ACCOUNT", "MESSAGES", "TOKEN", "Behaviour", "Phone", "RunningPhone", "StoredText",
    "create_app", "start",
]  # fmt: skip


class RunningPhone:
    """A gateway that listens; `url` is its inbox."""

    def __init__(self, phone: Phone, served: Served) -> None:
        self.phone, self.url, self._served = phone, served.url, served
        self.messages_url = served.url + MESSAGES

    def close(self) -> None:
        self._served.close()
        self.phone.store.close()

    def __enter__(self) -> RunningPhone:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    *,
    port: int = 0,
    path: Path | None = None,
    report_after: float | None = None,
    now: Now = system_now,
) -> RunningPhone:
    """Listen on loopback; port 0 takes a free one.

    Messages are kept in memory, or in the SQLite file `path`; `report_after` is the Phone's.
    """
    phone = Phone(TextStore(path), report_after=report_after, now=now)
    return RunningPhone(phone, serve(create_app(phone), port=port))
