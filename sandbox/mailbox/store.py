"""Messages as they came in, kept in SQLite: in memory, or in a file that outlives the process."""

from __future__ import annotations

import json
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from pathlib import Path

_TABLE = """
create table if not exists messages (
    id integer primary key autoincrement,
    received_at text not null,
    sender text not null,
    recipients text not null,
    raw blob not null
)
"""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class StoredMessage:
    """A message and its envelope. `id` grows with every message."""

    id: int
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @cached_property
    def parsed(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        return str(self.parsed.get("subject", ""))

    @property
    def from_(self) -> str:
        return str(self.parsed.get("from", self.sender))

    @property
    def reply_to(self) -> str:
        return str(self.parsed.get("reply-to", ""))

    @property
    def message_id(self) -> str:
        return str(self.parsed.get("message-id", "")).strip("<> ")

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        """With the pictures that the message carries put in where it shows them."""
        body = self._body("html")
        for part in self.parsed.walk():
            name = str(part.get("content-id", "")).strip("<> ")
            content = part.get_payload(decode=True)
            if name and isinstance(content, bytes):
                picture = f"data:{part.get_content_type()};base64,{b64encode(content).decode()}"
                body = body.replace(f'src="cid:{name}"', f'src="{picture}"')
        return body

    @property
    def source(self) -> str:
        return self.raw.decode("utf-8", "replace").replace("\r\n", "\n")

    @property
    def attachments(self) -> Sequence[Attachment]:
        return [
            Attachment(
                part.get_filename() or "unnamed",
                part.get_content_type(),
                payload if isinstance(payload := part.get_payload(decode=True), bytes) else b"",
            )
            for part in self.parsed.iter_attachments()
        ]

    def _body(self, kind: str) -> str:
        part = self.parsed.get_body(preferencelist=(kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


class MessageStore:
    """Adds and finds messages; safe to share between threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self._database.execute(_TABLE)
        self._database.commit()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Nobody else reads or writes until the block ends; nor may the block."""
        with self._lock:
            yield

    def add(self, sender: str, recipients: Sequence[str], raw: bytes, received_at: datetime) -> int:
        """Keep a message; returns its id."""
        with self._lock, self._database:
            added = self._database.execute(
                "insert into messages (received_at, sender, recipients, raw) values (?, ?, ?, ?)",
                (received_at.isoformat(), sender, json.dumps(list(recipients)), raw),
            )
            return int(added.lastrowid or 0)

    def find(self, *, to: str = "", since: int = 0) -> list[StoredMessage]:
        """Messages after the one with id `since`, to an address if one is given, oldest first."""
        with self._lock:
            rows = self._database.execute(
                "select id, received_at, sender, recipients, raw from messages"
                " where id > ? order by id",
                (since,),
            ).fetchall()
        found = [_message(row) for row in rows]
        wanted = to.strip().lower()
        if not wanted:
            return found
        return [
            message
            for message in found
            if any(wanted == recipient.lower() for recipient in message.recipients)
        ]

    def get(self, message_id: int) -> StoredMessage | None:
        with self._lock:
            row = self._database.execute(
                "select id, received_at, sender, recipients, raw from messages where id = ?",
                (message_id,),
            ).fetchone()
        return _message(row) if row else None

    def clear(self) -> None:
        """Forget all messages."""
        with self._lock, self._database:
            self._database.execute("delete from messages")

    def close(self) -> None:
        with self._lock:
            self._database.close()


def _message(row: tuple[int, str, str, str, bytes]) -> StoredMessage:
    number, received_at, sender, recipients, raw = row
    return StoredMessage(
        number, datetime.fromisoformat(received_at), sender, tuple(json.loads(recipients)), raw
    )
