"""A supplier's own words, read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.ids import SupplierId
from receivables.ports.channels import Channel
from receivables.wording.rules import OwnText
from receivables.wording.tables import MessageText


@dataclass(frozen=True, slots=True)
class Key:
    """Which message: of a step, by a channel, in a language."""

    step: str
    channel: Channel
    language: str


@dataclass(frozen=True, slots=True)
class KeptText:
    """Own words as they are kept."""

    text: OwnText
    is_active: bool


_TEXT = select(MessageText).where(
    MessageText.supplier_id == bindparam("supplier"),
    MessageText.step == bindparam("step"),
    MessageText.channel == bindparam("channel"),
    MessageText.language == bindparam("language"),
)


def row_of(session: Session, supplier_id: SupplierId, key: Key) -> MessageText | None:
    asked = {
        "supplier": supplier_id, "step": key.step, "channel": key.channel,
        "language": key.language,
    }  # fmt: skip
    return session.scalar(_TEXT, asked)


def text_in_use(session: Session, supplier_id: SupplierId, key: Key) -> OwnText | None:
    """The supplier's own words for a message; None where ours are used."""
    row = row_of(session, supplier_id, key)
    return _text(row) if row is not None and row.is_active else None


def kept_texts(session: Session, supplier_id: SupplierId) -> dict[Key, KeptText]:
    """All own words, drafts too."""
    rows = session.scalars(select(MessageText).where(MessageText.supplier_id == supplier_id))
    return {
        Key(row.step, Channel(row.channel), row.language): KeptText(_text(row), row.is_active)
        for row in rows
    }


def _text(row: MessageText) -> OwnText:
    return OwnText(subject=row.subject, opening=row.opening, closing=row.closing)
