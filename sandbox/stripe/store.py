"""Every object of every account, in one SQLite file or in memory."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sandbox.stripe.problems import Json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (account, id)
);
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (account, kind, seq);
CREATE INDEX IF NOT EXISTS open_sessions ON objects (json_extract(body, '$.expires_at'))
    WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open';
CREATE TABLE IF NOT EXISTS keys (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, key)
);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    event TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    last_status INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
"""


class Store:
    """One writer at a time; `transaction` may be entered again by the one who is inside."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def copy_to(self, other: sqlite3.Connection) -> None:
        """Put all there is into another database, in place of what is there."""
        with self._lock:
            self._db.backup(other)

    def copy_from(self, other: sqlite3.Connection) -> None:
        """Take over what another store was copied to, in place of what is here."""
        with self._lock:
            other.backup(self._db)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def execute(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def put(self, account: str, thing: Json) -> None:
        self.execute(
            "INSERT INTO objects (account, id, kind, created, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (account, id) DO UPDATE SET body = excluded.body",
            account,
            thing["id"],
            thing["object"],
            thing["created"],
            json.dumps(thing),
        )

    def find(self, account: str, object_id: str) -> Json | None:
        rows = self.execute(
            "SELECT body FROM objects WHERE account = ? AND id = ?", account, object_id
        )
        return json.loads(rows[0]["body"]) if rows else None

    def account_of(self, object_id: str) -> str | None:
        """Whose object this is: for pages, whose address names the object alone."""
        rows = self.execute("SELECT account FROM objects WHERE id = ?", object_id)
        return rows[0]["account"] if rows else None

    def every(self, kind: str) -> list[tuple[str, Json]]:
        """(account, object) of one kind over all accounts, oldest first."""
        rows = self.execute("SELECT account, body FROM objects WHERE kind = ? ORDER BY seq", kind)
        return [(row["account"], json.loads(row["body"])) for row in rows]

    def due_sessions(self, now: int) -> list[tuple[str, Json]]:
        """(account, session) of every open session whose time has come."""
        rows = self.execute(
            "SELECT account, body FROM objects WHERE kind = 'checkout.session'"
            " AND json_extract(body, '$.status') = 'open'"
            " AND json_extract(body, '$.expires_at') <= ?",
            now,
        )
        return [(row["account"], json.loads(row["body"])) for row in rows]

    def select(
        self,
        account: str,
        kind: str,
        *,
        where: Mapping[str, Any],
        created: Mapping[str, int],
        limit: int,
        after: str | None = None,
        before: str | None = None,
    ) -> tuple[list[Json], bool]:
        """One page, newest first, and whether there is more in the direction of reading.

        `where` maps a top-level field to its value, or to a tuple of allowed values.
        """
        tests = ["account = ?", "kind = ?"]
        values: list[Any] = [account, kind]
        for name, wanted in where.items():
            allowed = wanted if isinstance(wanted, tuple) else (wanted,)
            marks = ", ".join("?" * len(allowed))
            tests.append(f"json_extract(body, '$.{name}') IN ({marks})")
            values += allowed
        for operator, instant in created.items():
            tests.append(f"created {_COMPARISONS[operator]} ?")
            values.append(instant)
        for cursor, operator in ((after, "<"), (before, ">")):
            if cursor is not None:
                tests.append(f"seq {operator} {_SEQ_OF_CURSOR}")
                values += [account, cursor]
        direction = "ASC" if before is not None else "DESC"
        rows = self.execute(
            f"SELECT body FROM objects WHERE {' AND '.join(tests)}"  # noqa: S608  fixed words only
            f" ORDER BY seq {direction} LIMIT ?",
            *values,
            limit + 1,
        )
        page = [json.loads(row["body"]) for row in rows[:limit]]
        return (page[::-1] if before is not None else page), len(rows) > limit


_SEQ_OF_CURSOR = "(SELECT seq FROM objects WHERE account = ? AND id = ?)"
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}
