"""A world that takes long to build, built once in a process and put back for each who asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from receivables.clock import SteppingClock
from receivables.ids import SupplierId
from receivables.ports import MailMessage
from tests.support.outbox import RecordingMailer, RecordingPusher
from tests.support.payments import Till


class RewoundClock(SteppingClock):
    """Goes back to when something was kept."""

    def turn_back(self, to: datetime) -> None:
        self._now = to


class Source(Protocol):
    """Where databases come from: `SqliteTemplate` or `PostgresServer`."""

    def keep(self, url: str) -> Any: ...

    def put_back(self, url: str, kept: Any) -> None: ...


@dataclass(frozen=True)
class Kept:
    """All that building left behind, and what the builder returned."""

    rows: Any
    stripe: sqlite3.Connection
    supplier_id: SupplierId
    at: datetime
    mails: tuple[MailMessage, ...]
    pushes: tuple[Any, ...]
    built: Any


_KEPT: dict[object, Kept] = {}


def kept(build: Callable[[Till], Any], till: Till, source: Source, url: str) -> Any:
    """What `build` returned for the first till of this process; `till`'s world is as after it."""
    key = (build, type(source))
    if key not in _KEPT:
        built = build(till)
        _KEPT[key] = keep(till, source, url, built)
    put_back(_KEPT[key], till, source, url)
    return _KEPT[key].built


def keep(till: Till, source: Source, url: str, built: Any) -> Kept:
    """A copy of all there is in `till`'s world; no transaction may be open in it."""
    stripe = sqlite3.connect(":memory:", check_same_thread=False)
    till.stripe.store.copy_to(stripe)
    mailer, pusher = _outboxes(till)
    return Kept(
        rows=source.keep(url), stripe=stripe, supplier_id=till.supplier_id,
        at=till.runtime.clock.now(), mails=tuple(mailer.sent), pushes=tuple(pusher.pushed),
        built=built,
    )  # fmt: skip


def put_back(found: Kept, till: Till, source: Source, url: str) -> None:
    """`till`'s world is again as it was kept."""
    source.put_back(url, found.rows)
    till.stripe.store.copy_from(found.stripe)
    till.world.supplier_id = found.supplier_id
    till.world.clock.advance(found.at - till.world.clock.now())
    mailer, pusher = _outboxes(till)
    mailer.sent[:], pusher.pushed[:] = found.mails, found.pushes


def _outboxes(till: Till) -> tuple[RecordingMailer, RecordingPusher]:
    mailer, pusher = till.runtime.mailer, till.runtime.pusher
    assert isinstance(mailer, RecordingMailer)
    assert isinstance(pusher, RecordingPusher)
    return mailer, pusher
