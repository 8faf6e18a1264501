"""Runtime: the one object a process is built around. Made in `boot`, or by a test with fakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.database import Database, Scope
from receivables.ports import Gateway, HookCaller, Mailer, Pusher, StatusOutbox, Texter
from receivables.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    settings: Settings
    database: Database
    clock: Clock
    mailer: Mailer
    #: None while the installation has no VAPID key: mail alone then.
    pusher: Pusher | None
    #: None while the installation has no Stripe key: bank transfer alone then.
    gateway: Gateway | None
    #: None while the installation has no gateway for text messages: the next channel then.
    texter: Texter | None = None
    #: None where nobody's systems are told, as in most tests.
    hooks: HookCaller | None = None
    #: None while the installation has no folder for statuses of e-invoices: they wait then.
    statuses: StatusOutbox | None = None

    @contextmanager
    def transaction(self, scope: Scope, *, by: str = "system") -> Iterator[Session]:
        with self.database.transaction(scope, by=by) as session:
            yield session

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        with self.database.reading(scope) as session:
            yield session
