"""A world that takes long to build, built once in a process and put back for each who asks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from receivables.ids import SupplierId
from receivables.ports import MailMessage
from tests.support.office import Office, furnish, open_office
from tests.support.outbox import RecordingMailer, RecordingPusher
from tests.support.payments import Till


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
    mailer, pusher = till.runtime.mailer, till.runtime.pusher
    assert isinstance(mailer, RecordingMailer)
    assert isinstance(pusher, RecordingPusher)
    if key not in _KEPT:
        built = build(till)
        stripe = sqlite3.connect(":memory:", check_same_thread=False)
        till.stripe.store.copy_to(stripe)
        _KEPT[key] = Kept(
            rows=source.keep(url), stripe=stripe, supplier_id=till.supplier_id,
            at=till.runtime.clock.now(), mails=tuple(mailer.sent), pushes=tuple(pusher.pushed),
            built=built,
        )  # fmt: skip
    found = _KEPT[key]
    source.put_back(url, found.rows)
    till.stripe.store.copy_from(found.stripe)
    till.world.supplier_id = found.supplier_id
    till.world.clock.advance(found.at - till.world.clock.now())
    mailer.sent[:], pusher.pushed[:] = found.mails, found.pushes
    return found.built


def furnished_office(till: Till, source: Source, url: str) -> Office:
    """An office with one of everything, built as `furnish` does."""
    office: Office = kept(_furnished, till, source, url)
    return replace(office, world=till.world, ids=dict(office.ids))


def _furnished(till: Till) -> Office:
    return furnish(open_office(till.world, name="Menuiserie Rochat SA"), till)
