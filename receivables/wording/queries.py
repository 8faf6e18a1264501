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


#: The same without an object of the row: it is asked for every message, and mostly finds none.
_KEPT = MessageText.__table__.c
_IN_USE = select(_KEPT.subject, _KEPT.opening, _KEPT.closing).where(
    _KEPT.supplier_id == bindparam("supplier"),
    _KEPT.step == bindparam("step"),
    _KEPT.channel == bindparam("channel"),
    _KEPT.language == bindparam("language"),
    _KEPT.is_active,
)


def row_of(session: Session, supplier_id: SupplierId, key: Key) -> MessageText | None:
    return session.scalar(_TEXT, _asked(supplier_id, key))


def text_in_use(session: Session, supplier_id: SupplierId, key: Key) -> OwnText | None:
    """The supplier's own words for a message; None where ours are used."""
    row = session.execute(_IN_USE, _asked(supplier_id, key)).one_or_none()
    return OwnText(subject=row.subject, opening=row.opening, closing=row.closing) if row else None


def _asked(supplier_id: SupplierId, key: Key) -> dict[str, object]:
    return {
        "supplier": supplier_id, "step": key.step, "channel": key.channel,
        "language": key.language,
    }  # fmt: skip


def kept_texts(session: Session, supplier_id: SupplierId) -> dict[Key, KeptText]:
    """All own words, drafts too."""
    rows = session.scalars(select(MessageText).where(MessageText.supplier_id == supplier_id))
    return {
        Key(row.step, Channel(row.channel), row.language): KeptText(_text(row), row.is_active)
        for row in rows
    }


def _text(row: MessageText) -> OwnText:
    return OwnText(subject=row.subject, opening=row.opening, closing=row.closing)
