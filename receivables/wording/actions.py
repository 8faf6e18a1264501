"""Changing a supplier's own words."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.i18n import locale_for
from receivables.ids import MessageTextId, SupplierId, new_id
from receivables.parties import queries as parties
from receivables.ports.channels import Channel
from receivables.wording.errors import FaultyText
from receivables.wording.events import TextChanged
from receivables.wording.queries import Key, row_of
from receivables.wording.rules import LONGEST, Beside, Fault, OwnText, faults, tidied
from receivables.wording.tables import MessageText


def save_text(
    session: Session,
    supplier_id: SupplierId,
    key: Key,
    text: OwnText,
    *,
    activate: bool,
    link_length: int = 0,
    clock: Clock,
) -> None:
    """Keep own words, as a draft or from now on in every message of the step.

    A draft may be faulty, but not longer than what is kept. What is in use stays in use until a
    sound text takes its place. A text message is taken into use only when it fits into one with
    its link, which has `link_length` characters. Raises FaultyText.
    """
    text = tidied(text)
    found = faulty(session, supplier_id, key, text, link_length=link_length)
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


def faulty(
    session: Session, supplier_id: SupplierId, key: Key, text: OwnText, *, link_length: int
) -> list[Fault]:
    """Why a text cannot be used for a message of this supplier's."""
    if key.channel is not Channel.SMS:
        return faults(key.channel, text)
    return faults(key.channel, text, beside(session, supplier_id, key, link_length=link_length))


def beside(session: Session, supplier_id: SupplierId, key: Key, *, link_length: int) -> Beside:
    """What a text message of this supplier's has to go with."""
    assert link_length, "every text message has its link"
    supplier = parties.supplier(session, supplier_id)
    return Beside(
        link_length=link_length,
        supplier=supplier.name,
        currency=supplier.currency,
        locale=locale_for(key.language, supplier.country),
    )


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
