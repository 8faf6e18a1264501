"""Changing a supplier's own words."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import MessageTextId, SupplierId, new_id
from receivables.wording.errors import FaultyText
from receivables.wording.events import TextChanged
from receivables.wording.queries import Key, row_of
from receivables.wording.rules import LONGEST, OwnText, faults, tidied
from receivables.wording.tables import MessageText


def save_text(
    session: Session,
    supplier_id: SupplierId,
    key: Key,
    text: OwnText,
    *,
    activate: bool,
    clock: Clock,
) -> None:
    """Keep own words, as a draft or from now on in every message of the step.

    A draft may be faulty, but not longer than what is kept. What is in use stays in use until a
    sound text takes its place. Raises FaultyText.
    """
    text = tidied(text)
    found = faults(key.channel, text)
    if not activate:
        found = [one for one in found if len(text.part(one.part)) > LONGEST[one.part]]
    if found:
        raise FaultyText(found)
    row = row_of(session, supplier_id, key)
    if row is None:
        row = MessageText(
            id=MessageTextId(new_id()), supplier_id=supplier_id, step=key.step,
            channel=key.channel, language=key.language, is_active=False,
        )  # fmt: skip
        session.add(row)
    was_active = row.is_active
    row.subject, row.opening, row.closing = text.subject, text.opening, text.closing
    row.is_active, row.changed_at = activate, clock.now()
    if activate or was_active:
        _tell(session, supplier_id, key, clock, own=activate)


def drop_text(session: Session, supplier_id: SupplierId, key: Key, *, clock: Clock) -> None:
    """Back to our words; nothing happens where there are no others."""
    row = row_of(session, supplier_id, key)
    if row is None:
        return
    if row.is_active:
        _tell(session, supplier_id, key, clock, own=False)
    session.delete(row)


def _tell(session: Session, supplier_id: SupplierId, key: Key, clock: Clock, *, own: bool) -> None:
    record(
        session,
        TextChanged(
            supplier_id=supplier_id, step=key.step, channel=key.channel, language=key.language,
            own=own,
        ),
        clock=clock,
    )  # fmt: skip
