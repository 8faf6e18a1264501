"""Taking in what platforms say of our invoices: once each, in whatever order it comes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import (
    DisputeId,
    InvoiceId,
    PaidClaimId,
    ReceivedStatusId,
    StatusMessageId,
    SupplierId,
    new_id,
)
from receivables.invoices.tables import Invoice
from receivables.jobs import add_unless_known
from receivables.ledger.actions import lock_invoices
from receivables.lifecycle.events import StatusReceived
from receivables.lifecycle.faults import refuse
from receivables.lifecycle.findings import in_zone
from receivables.lifecycle.following import Followed, follow
from receivables.lifecycle.parsed import Amount, Message, Motive, Stated
from receivables.lifecycle.rules import is_of_buyer, is_overtaken
from receivables.lifecycle.tables import Outcome, ReceivedStatus, StatusMessage
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier

#: How long a status waits for its invoice to be imported.
WAITS_FOR: Final = timedelta(days=90)
_LONGEST_WORDS: Final = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenStatus:
    """What became of one status of a message."""

    stated: Stated
    outcome: Outcome
    invoice_id: InvoiceId | None
    dispute_id: DisputeId | None = None
    claim_id: PaidClaimId | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message; `is_new` is False for one that was taken before."""

    is_new: bool
    statuses: tuple[TakenStatus, ...]


def take(
    session: Session,
    supplier_id: SupplierId,
    message: Message,
    content: bytes,
    *,
    name: str,
    clock: Clock,
) -> Taken:
    """Put a message on record, and let follow from each status what it calls for. The same message
    again changes nothing.

    Raises Refused where its sender gave the same id to another content.
    """
    supplier = supplier_of(session, supplier_id)
    message_id, content_hash = StatusMessageId(new_id()), hashlib.sha256(content).hexdigest()
    row = {
        "id": message_id,
        "supplier_id": supplier_id,
        "format": message.format.value,
        "sender": message.sender,
        "reference": message.reference,
        "message_key": _key(message, content_hash),
        "content_hash": content_hash,
        "name": name.replace("\\", "/").rpartition("/")[2][-200:] or "status.xml",
        "content": content,
        "taken_at": clock.now(),
    }
    if not add_unless_known(session, StatusMessage, row):
        return _known(session, supplier_id, message, row["message_key"], content_hash)
    rows = [
        _row(supplier, message_id, place, stated, clock)
        for place, stated in enumerate(message.statuses)
    ]
    session.add_all(rows)
    session.flush()
    _match_all(session, supplier, rows, clock=clock)
    return Taken(True, tuple(_taken(one) for one in rows))


def _key(message: Message, content_hash: str) -> str:
    """Who says it and what they call it, so that nobody can use up another's; a message of nobody
    is known by all of it.
    """
    if not message.sender:
        return content_hash
    said = f"{message.format}\0{message.sender}\0{message.reference}"
    return hashlib.sha256(said.encode()).hexdigest()


def _known(
    session: Session, supplier_id: SupplierId, message: Message, key: object, content_hash: str
) -> Taken:
    standing = session.scalars(
        select(StatusMessage).where(
            StatusMessage.supplier_id == supplier_id, StatusMessage.message_key == key
        )
    ).one()
    if standing.content_hash != content_hash:
        raise refuse("status-other-content", "file", reference=message.reference)
    rows = session.scalars(
        select(ReceivedStatus)
        .where(ReceivedStatus.supplier_id == supplier_id, ReceivedStatus.message_id == standing.id)
        .order_by(ReceivedStatus.place)
    )
    return Taken(False, tuple(_taken(one) for one in rows))


def _row(
    supplier: Supplier, message_id: StatusMessageId, place: int, stated: Stated, clock: Clock
) -> ReceivedStatus:
    now = clock.now()
    return ReceivedStatus(
        id=ReceivedStatusId(new_id()),
        supplier_id=supplier.id,
        message_id=message_id,
        place=place,
        number=stated.number,
        issued_on=stated.issued_on,
        seller=stated.seller[:80],
        status=stated.status,
        said=stated.said,
        motives=[[one.code, one.text] for one in stated.motives],
        note=stated.note,
        amounts=[
            [one.kind, str(one.value), one.currency, None if one.rate is None else str(one.rate)]
            for one in stated.amounts
        ],
        # A clock that is ahead must not make everything that follows look overtaken.
        stated_at=min(in_zone(stated.stated_at, ZoneInfo(supplier.zone)), now),
        received_at=now,
        invoice_id=None,
        outcome=Outcome.NOT_MATCHED,
        dispute_id=None,
        claim_id=None,
    )


def stated_of(row: ReceivedStatus) -> Stated:
    """What the message said, as it stands in the books."""
    return Stated(
        number=row.number,
        issued_on=row.issued_on,
        seller=row.seller,
        status=row.status,
        said=row.said,
        stated_at=row.stated_at,
        motives=tuple(Motive(code, text) for code, text in row.motives),
        note=row.note,
        amounts=tuple(
            Amount(kind, Decimal(value), currency, None if rate is None else Decimal(rate))
            for kind, value, currency, rate in row.amounts
        ),
    )


def _taken(row: ReceivedStatus) -> TakenStatus:
    return TakenStatus(
        stated=stated_of(row),
        outcome=Outcome(row.outcome),
        invoice_id=row.invoice_id,
        dispute_id=row.dispute_id,
        claim_id=row.claim_id,
    )


def match_again(session: Session, supplier_id: SupplierId, *, most: int, clock: Clock) -> int:
    """Look once more for the invoices of statuses that came before them; how many were found."""
    supplier = supplier_of(session, supplier_id)
    waiting = session.scalars(
        select(ReceivedStatus)
        .where(
            ReceivedStatus.supplier_id == supplier_id,
            ReceivedStatus.outcome == Outcome.NOT_MATCHED,
            ReceivedStatus.received_at >= clock.now() - WAITS_FOR,
            select(Invoice.id)
            .where(
                Invoice.supplier_id == supplier_id,
                Invoice.number == ReceivedStatus.number,
                ReceivedStatus.issued_on.is_(None)
                | (ReceivedStatus.issued_on == Invoice.issued_on),
            )
            .exists(),
        )
        .order_by(ReceivedStatus.stated_at, ReceivedStatus.id)
        .limit(most)
        .with_for_update()
    ).all()
    return _match_all(session, supplier, waiting, clock=clock)


def _match_all(
    session: Session, supplier: Supplier, rows: Sequence[ReceivedStatus], *, clock: Clock
) -> int:
    """Find the invoices of these, and let follow what has to; how many were found.

    All invoices of the debtors concerned are held first, in one order, as whatever follows will.
    """
    found = [(row, invoice) for row in rows if (invoice := _invoice(session, supplier, row))]
    debtors = {invoice.debtor_id for _, invoice in found}
    held = session.scalars(
        select(Invoice.id).where(Invoice.supplier_id == supplier.id, Invoice.debtor_id.in_(debtors))
    ).all()
    lock_invoices(session, supplier.id, held)
    for row, invoice in found:
        _let_follow(session, supplier, row, invoice, clock=clock)
    return len(found)


def _let_follow(
    session: Session, supplier: Supplier, row: ReceivedStatus, invoice: Invoice, *, clock: Clock
) -> None:
    newest = _newest(session, row, invoice.id)
    stated = stated_of(row)
    if is_of_buyer(row.status) and is_overtaken(row.stated_at, newest):
        followed = Followed(Outcome.OVERTAKEN)
    else:
        followed = follow(session, supplier, invoice, stated, clock=clock)
    row.invoice_id = invoice.id
    row.outcome = followed.outcome
    row.dispute_id, row.claim_id = followed.dispute_id, followed.claim_id
    session.flush()
    happened = StatusReceived(
        supplier_id=supplier.id,
        debtor_id=invoice.debtor_id,
        invoice_id=invoice.id,
        status_id=row.id,
        status=row.status,
        words=stated.words[:_LONGEST_WORDS],
        outcome=followed.outcome,
    )
    record(session, happened, clock=clock)


def _invoice(session: Session, supplier: Supplier, row: ReceivedStatus) -> Invoice | None:
    """The invoice of this number, unless the message means another: one of another date, or of
    another seller than us.
    """
    own = "".join(one for one in supplier.company_number if one.isdigit())
    if len(own) == len(row.seller) == 9 and own != row.seller:
        return None
    found = session.scalar(
        select(Invoice).where(Invoice.supplier_id == supplier.id, Invoice.number == row.number)
    )
    if found is None or (row.issued_on is not None and row.issued_on != found.issued_on):
        return None
    return found


def _newest(session: Session, row: ReceivedStatus, invoice_id: InvoiceId) -> datetime | None:
    """When the buyer last said something of this invoice, as far as we have heard."""
    said: Sequence[tuple[int, datetime]] = [
        (status, at)
        for status, at in session.execute(
            select(ReceivedStatus.status, func.max(ReceivedStatus.stated_at))
            .where(
                ReceivedStatus.supplier_id == row.supplier_id,
                ReceivedStatus.invoice_id == invoice_id,
                ReceivedStatus.id != row.id,
            )
            .group_by(ReceivedStatus.status)
        )
    ]
    return max((at for status, at in said if is_of_buyer(status)), default=None)
