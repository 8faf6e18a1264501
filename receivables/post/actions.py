"""Letters are decided, taken out, handed to the post, and come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bounces.actions import suppress
from receivables.bounces.tables import Because
from receivables.clock import Clock, local_date
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import InvoiceId, LetterBatchId, LetterId, SupplierId, new_id
from receivables.interest.notices import note_notice
from receivables.invoices.queries import of_supplier
from receivables.parties.queries import supplier
from receivables.ports import Channel, ChannelMessage
from receivables.post.events import (
    LetterDecided,
    LetterHandedOver,
    LetterPrinted,
    LetterReturned,
    LetterSkipped,
)
from receivables.post.tables import BatchState, Letter, LetterBatch, LetterState

#: The longest of the posts' own numbers, with room. Source: UPU S10 has 13 characters.
LONGEST_TRACKING = 40


class NoSuchLetter(NoSuch):
    """The supplier has no such letter."""


class NoSuchBatch(NoSuch):
    """The supplier has no such print batch."""


class LetterMoved(ReceivablesError):
    """The letter, or its batch, is past what was asked for."""

    def __init__(self, what: object, state: str) -> None:
        self.state = state
        super().__init__(f"{what} is {state}")


def hand_over(session: Session, message: ChannelMessage, *, clock: Clock) -> LetterId | None:
    """Have a letter wait for the next print batch; None when the execution has one already.

    Called in the transaction in which the engine decides. What it asks for is read again when
    the batch is made (`batches.make_batch`), and the letter is dropped when nothing is left.
    """
    assert message.channel in (Channel.LETTER, Channel.REGISTERED), message.channel
    known = session.scalar(
        select(Letter.id).where(
            Letter.supplier_id == message.supplier_id,
            Letter.execution_id == message.execution_id,
        )
    )
    if known is not None:
        return None
    now = clock.now()
    row = Letter(
        id=LetterId(new_id()),
        supplier_id=message.supplier_id,
        debtor_id=message.debtor_id,
        contact_id=message.contact_id,
        execution_id=message.execution_id,
        level=message.level,
        language=message.language,
        tone=message.tone,
        formal_notice=message.formal_notice,
        registered=message.channel is Channel.REGISTERED,
        deadline_on=message.deadline_on,
        about=about_of(message),
        amount=message.total,
        state=LetterState.DUE,
        state_since=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    decided = LetterDecided(**said_of(row), formal_notice=row.formal_notice, amount=row.amount)
    record(session, decided, clock=clock)
    return row.id


def about_of(message: ChannelMessage) -> dict[str, Any]:
    """What a letter keeps of what it is about."""
    own = asdict(message.own) if message.own is not None else {}
    return {
        "invoices": [
            {"id": str(line.invoice_id), "minor": line.amount.minor} for line in message.lines
        ],
        "own": own,
    }


def take_out(
    session: Session, supplier_id: SupplierId, letter_id: LetterId, *, clock: Clock
) -> None:
    """A person does not want it printed. Raises NoSuchLetter, LetterMoved."""
    row = _letter(session, supplier_id, letter_id)
    if row.state != LetterState.DUE:
        raise LetterMoved(letter_id, row.state)
    skip(session, row, "by_hand", clock=clock)


def skip(session: Session, row: Letter, reason: str, *, clock: Clock) -> None:
    """A letter that waits is not printed at all."""
    assert row.state == LetterState.DUE, row.state
    row.state, row.state_since, row.reason = LetterState.SKIPPED, clock.now(), reason
    session.flush()
    record(session, LetterSkipped(**said_of(row), reason=reason), clock=clock)


def mark_printed(
    session: Session, supplier_id: SupplierId, batch_id: LetterBatchId, *, clock: Clock
) -> None:
    """A person printed the batch. Raises NoSuchBatch, LetterMoved."""
    batch = batch_in(session, supplier_id, batch_id, BatchState.READY)
    now = clock.now()
    batch.state, batch.printed_at = BatchState.PRINTED, now
    for row in _letters_of(session, batch, LetterState.IN_BATCH):
        row.state, row.state_since = LetterState.PRINTED, now
        session.flush()
        printed = LetterPrinted(**said_of(row), batch_id=batch.id, amount=row.amount)
        record(session, printed, clock=clock)


def hand_to_post(
    session: Session,
    supplier_id: SupplierId,
    batch_id: LetterBatchId,
    *,
    tracking: Mapping[LetterId, str],
    clock: Clock,
) -> None:
    """The post has the batch; `tracking` are its numbers of registered letters, as far as they
    are known. Only now are the steps done. Raises NoSuchBatch, LetterMoved.
    """
    batch = batch_in(session, supplier_id, batch_id, BatchState.PRINTED)
    now = clock.now()
    batch.state, batch.handed_over_at = BatchState.HANDED_OVER, now
    for row in _letters_of(session, batch, LetterState.PRINTED):
        row.state, row.state_since, row.handed_over_at = LetterState.HANDED_OVER, now, now
        row.tracking = tracking.get(row.id, row.tracking).strip()[:LONGEST_TRACKING]
        session.flush()
        given = LetterHandedOver(
            **said_of(row),
            formal_notice=row.formal_notice,
            amount=row.amount,
            tracking=row.tracking,
        )
        record(session, given, clock=clock)
        if row.formal_notice:
            _note_formal_notice(session, row, clock=clock)


def _note_formal_notice(session: Session, row: Letter, *, clock: Clock) -> None:
    """Where the law wants one first, interest begins with what the post has now."""
    today = local_date(clock.now(), supplier(session, row.supplier_id).zone)
    for one in row.about["invoices"]:
        invoice_id = InvoiceId(UUID(one["id"]))
        if of_supplier(session, row.supplier_id, invoice_id).due_on < today:
            note_notice(
                session,
                supplier_id=row.supplier_id,
                invoice_id=invoice_id,
                on=today,
                way="post",
                by="system",
                clock=clock,
            )


def note_tracking(
    session: Session, supplier_id: SupplierId, letter_id: LetterId, tracking: str
) -> None:
    """The post's number of a registered letter, printed or handed over. Raises NoSuchLetter,
    LetterMoved.
    """
    row = _letter(session, supplier_id, letter_id)
    if row.state not in (LetterState.PRINTED, LetterState.HANDED_OVER):
        raise LetterMoved(letter_id, row.state)
    row.tracking = tracking.strip()[:LONGEST_TRACKING]


def take_back(
    session: Session, supplier_id: SupplierId, letter_id: LetterId, *, reason: str, clock: Clock
) -> None:
    """The post brought it back: its address is left alone until it is mended. Raises
    NoSuchLetter, LetterMoved.
    """
    row = _letter(session, supplier_id, letter_id)
    if row.state != LetterState.HANDED_OVER:
        raise LetterMoved(letter_id, row.state)
    now = clock.now()
    row.state, row.state_since, row.returned_at = LetterState.RETURNED, now, now
    row.reason = reason.strip()[:200]
    session.flush()
    record(session, LetterReturned(**said_of(row), reason=row.reason), clock=clock)
    suppress(
        session,
        supplier_id=supplier_id,
        debtor_id=row.debtor_id,
        contact_id=None,
        channel=Channel.LETTER,
        address=row.sent_to,
        because=Because.RETURNED,
        detail=row.reason,
        clock=clock,
    )


def said_of(row: Letter) -> dict[str, Any]:
    """What every event of a letter says."""
    return {
        "supplier_id": row.supplier_id,
        "debtor_id": row.debtor_id,
        "letter_id": row.id,
        "execution_id": row.execution_id,
    }


def batch_in(
    session: Session, supplier_id: SupplierId, batch_id: LetterBatchId, wanted: BatchState
) -> LetterBatch:
    """The batch, locked. Raises NoSuchBatch, and LetterMoved when it is in another state."""
    batch = session.scalar(
        select(LetterBatch)
        .where(LetterBatch.supplier_id == supplier_id, LetterBatch.id == batch_id)
        .with_for_update()
    )
    if batch is None:
        raise NoSuchBatch(str(batch_id))
    if batch.state != wanted:
        raise LetterMoved(batch_id, batch.state)
    return batch


def _letter(session: Session, supplier_id: SupplierId, letter_id: LetterId) -> Letter:
    row = session.scalar(
        select(Letter)
        .where(Letter.supplier_id == supplier_id, Letter.id == letter_id)
        .with_for_update()
    )
    if row is None:
        raise NoSuchLetter(str(letter_id))
    return row


def _letters_of(session: Session, batch: LetterBatch, state: LetterState) -> list[Letter]:
    return list(
        session.scalars(
            select(Letter)
            .where(
                Letter.supplier_id == batch.supplier_id,
                Letter.batch_id == batch.id,
                Letter.state == state,
            )
            .order_by(Letter.place)
            .with_for_update()
        )
    )
