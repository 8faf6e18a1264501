"""Subscriptions and what was pushed to them, kept in SQLite."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

_TABLES = """
create table if not exists subscriptions (
    token text primary key,
    vapid_key text not null,
    private_key blob,
    auth blob,
    app text not null default '',
    device text not null default '',
    product text not null default '',
    gone integer not null default 0
);
create table if not exists pushes (
    id integer primary key autoincrement,
    token text not null,
    received_at text not null,
    ttl integer not null,
    urgency text not null,
    topic text not null,
    size integer not null,
    plaintext blob,
    problem text not null
);
"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whom a token pushes to.

    Those we minted have a private key (a raw scalar) and can be read by us; those of a real
    browser have an `app` on a `device` instead, under the browser's `product`, and only the
    browser can read them.
    """

    token: str
    vapid_key: str
    private_key: bytes | None = None
    auth: bytes | None = None
    app: str = ""
    device: str = ""
    product: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """One push that was taken. `problem` says why it could not be decrypted, if it could not."""

    id: int
    token: str
    received_at: datetime
    ttl: int
    urgency: str
    topic: str
    size: int
    plaintext: bytes | None
    problem: str

    @property
    def notification(self) -> dict[str, Any]:
        """The notification inside, in the declarative shape; empty when there is none."""
        try:
            found = json.loads(self.plaintext or b"{}")
        except ValueError:
            return {}
        inside = found.get("notification") if isinstance(found, dict) else None
        return inside if isinstance(inside, dict) else {}


class PushStore:
    """Adds and finds; safe to share between threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.executescript(_TABLES)

    def add_subscription(self, made: Subscription) -> None:
        with self._lock, self._database:
            self._database.execute(
                "insert into subscriptions values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    made.token,
                    made.vapid_key,
                    made.private_key,
                    made.auth,
                    made.app,
                    made.device,
                    made.product,
                    made.gone,
                ),
            )

    def subscription(self, token: str) -> Subscription | None:
        with self._lock:
            row = self._database.execute(
                "select token, vapid_key, private_key, auth, app, device, product, gone"
                " from subscriptions where token = ?",
                (token,),
            ).fetchone()
        return Subscription(*row) if row else None

    def end(self, *, token: str = "", app: str = "") -> None:
        """The browser does not want it any more."""
        with self._lock, self._database:
            self._database.execute(
                "update subscriptions set gone = 1 where token = ? or (app <> '' and app = ?)",
                (token, app),
            )

    def add_push(
        self,
        token: str,
        received_at: datetime,
        headers: tuple[int, str, str],
        size: int,
        plaintext: bytes | None,
        problem: str,
    ) -> int:
        """`headers` are TTL, urgency and topic. Returns the push's id."""
        with self._lock, self._database:
            added = self._database.execute(
                "insert into pushes (token, received_at, ttl, urgency, topic, size, plaintext,"
                " problem) values (?, ?, ?, ?, ?, ?, ?, ?)",
                (token, received_at.isoformat(), *headers, size, plaintext, problem),
            )
            return int(added.lastrowid or 0)

    def pushes(self, *, token: str = "", since: int = 0) -> list[Push]:
        """Pushes after the one with id `since`, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "select id, token, received_at, ttl, urgency, topic, size, plaintext, problem"
                " from pushes where id > ? and (? = '' or token = ?) order by id",
                (since, token, token),
            ).fetchall()
        return [Push(row[0], row[1], datetime.fromisoformat(row[2]), *row[3:]) for row in rows]

    def close(self) -> None:
        with self._lock:
            self._database.close()
