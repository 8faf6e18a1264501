"""Text messages as they came in, kept in SQLite: in memory, or in a file."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_TABLE = """
create table if not exists texts (
    id integer primary key autoincrement,
    sid text not null unique,
    received_at text not null,
    sender text not null,
    number text not null,
    body text not null
)
"""
_REPORTS = """
create table if not exists reports (
    sid text primary key,
    url text not null,
    status text not null
)
"""


@dataclass(frozen=True, slots=True)
class StoredText:
    """One text message. `id` grows with every message; `sid` is what the sender was told."""

    id: int
    sid: str
    received_at: datetime
    sender: str
    number: str
    body: str


class TextStore:
    """Adds and finds text messages; safe to share between threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.execute(_TABLE)
        self._database.execute(_REPORTS)
        self._database.commit()

    def add(self, sid: str, sender: str, number: str, body: str, received_at: datetime) -> None:
        with self._lock, self._database:
            self._database.execute(
                "insert into texts (sid, received_at, sender, number, body) values (?, ?, ?, ?, ?)",
                (sid, received_at.isoformat(), sender, number, body),
            )

    def expect_report(self, sid: str, url: str) -> None:
        """The sender wants to be told at `url` what became of it."""
        with self._lock, self._database:
            self._database.execute(
                "insert into reports (sid, url, status) values (?, ?, '')", (sid, url)
            )

    def reported(self, sid: str, status: str) -> None:
        with self._lock, self._database:
            self._database.execute("update reports set status = ? where sid = ?", (status, sid))

    def reports(self) -> dict[str, tuple[str, str]]:
        """By message: where its sender is told, and what the sender was told last."""
        with self._lock:
            rows = self._database.execute("select sid, url, status from reports").fetchall()
        return {str(sid): (str(url), str(status)) for sid, url, status in rows}

    def find(self, *, number: str = "", since: int = 0) -> list[StoredText]:
        """Messages after the one with id `since`, to one number if given, oldest first."""
        wanted = "".join(one for one in number if one in "+0123456789")
        with self._lock:
            rows = self._database.execute(
                "select id, sid, received_at, sender, number, body from texts"
                " where id > ? and (? = '' or number = ?) order by id",
                (since, wanted, wanted),
            ).fetchall()
        return [
            StoredText(number, sid, datetime.fromisoformat(at), sender, to, body)
            for number, sid, at, sender, to, body in rows
        ]

    def numbers(self) -> list[tuple[str, int]]:
        """Every number with how many messages it has, the latest written to first."""
        with self._lock:
            rows = self._database.execute(
                "select number, count(*) from texts group by number order by max(id) desc"
            ).fetchall()
        return [(str(number), int(count)) for number, count in rows]

    def clear(self) -> None:
        """Forget all messages."""
        with self._lock, self._database:
            self._database.execute("delete from texts")
            self._database.execute("delete from reports")

    def close(self) -> None:
        with self._lock:
            self._database.close()
