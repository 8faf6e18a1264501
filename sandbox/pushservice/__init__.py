"""Push services on one machine: one that reads what it is sent, and Google's side for Chromium.

In a test, `with start() as running:` gives `running.service` and `running.url`;
`running.service.new_subscription(vapid_public_key)` is a browser that can be pushed to.
A real Chromium is served by `sandbox.pushservice.chromium`.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.clock import Now, system_now
from sandbox.pushservice.app import create_app
from sandbox.pushservice.service import Behaviour, BrowserSubscription, PushService
from sandbox.pushservice.store import Push, PushStore, Subscription
from sandbox.serving import Served, serve

__all__ = [
    "Behaviour",
    "BrowserSubscription",
    "Push",
    "PushService",
    "PushStore",
    "RunningPushService",
    "Subscription",
    "create_app",
    "start",
]


class RunningPushService:
    """A push service that listens."""

    def __init__(self, service: PushService, served: Served) -> None:
        self.service, self.url = service, served.url
        self._served = served

    def close(self) -> None:
        self._served.close()
        self.service.store.close()

    def __enter__(self) -> RunningPushService:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(
    *,
    port: int = 0,
    path: Path | None = None,
    now: Now = system_now,
    wall: Now | None = None,
) -> RunningPushService:
    """Listen on loopback over plain http; port 0 takes a free one.

    Subscriptions and pushes are kept in memory, or in the SQLite file `path`. Senders sign with
    the true time: where `now` runs ahead of it, `wall` is what signatures are judged by.
    """
    service = PushService("", store=PushStore(path), now=now, wall=wall)
    served = serve(create_app(service), port=port)
    service.base_url = served.url
    return RunningPushService(service, served)
