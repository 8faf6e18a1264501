"""Statuses as staff see them: what came, what went out, and what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.errors import NoSuch
from receivables.ids import DebtorId, InvoiceId, SentStatusId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.lifecycle.tables import Outcome, ReceivedStatus, SentStatus
from receivables.parties.tables import Debtor


class NoSuchStatus(NoSuch):
    """The supplier has no such status, or it has no message."""


@dataclass(frozen=True, slots=True)
class ReceivedView:
    """What came; `debtor_name` is empty where it is not matched."""

    row: ReceivedStatus
    debtor_id: DebtorId | None
    debtor_name: str


@dataclass(frozen=True, slots=True)
class SentView:
    row: SentStatus
    number: str
    debtor_id: DebtorId
    debtor_name: str


def received(
    session: Session,
    supplier_id: SupplierId,
    *,
    invoice_id: InvoiceId | None = None,
    not_matched: bool = False,
    limit: int,
    offset: int = 0,
) -> Sequence[ReceivedView]:
    """The newest first; of one invoice, or those without one, where asked."""
    statement = (
        select(ReceivedStatus, Invoice.debtor_id, Debtor.name)
        .outerjoin(
            Invoice,
            (Invoice.supplier_id == ReceivedStatus.supplier_id)
            & (Invoice.id == ReceivedStatus.invoice_id),
        )
        .outerjoin(
            Debtor, (Debtor.supplier_id == Invoice.supplier_id) & (Debtor.id == Invoice.debtor_id)
        )
        .where(ReceivedStatus.supplier_id == supplier_id)
    )
    if invoice_id is not None:
        statement = statement.where(ReceivedStatus.invoice_id == invoice_id)
    if not_matched:
        statement = statement.where(ReceivedStatus.outcome == Outcome.NOT_MATCHED)
    rows = session.execute(
        statement.order_by(ReceivedStatus.received_at.desc(), ReceivedStatus.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [ReceivedView(row[0], row[1], row[2] or "") for row in rows]


def count_received(
    session: Session,
    supplier_id: SupplierId,
    *,
    invoice_id: InvoiceId | None = None,
    not_matched: bool = False,
) -> int:
    statement = select(func.count()).where(ReceivedStatus.supplier_id == supplier_id)
    if invoice_id is not None:
        statement = statement.where(ReceivedStatus.invoice_id == invoice_id)
    if not_matched:
        statement = statement.where(ReceivedStatus.outcome == Outcome.NOT_MATCHED)
    return session.scalar(statement) or 0


def sent(
    session: Session,
    supplier_id: SupplierId,
    *,
    invoice_id: InvoiceId | None = None,
    limit: int,
    offset: int = 0,
) -> Sequence[SentView]:
    """The newest first."""
    statement = (
        select(SentStatus, Invoice.number, Invoice.debtor_id, Debtor.name)
        .join(
            Invoice,
            (Invoice.supplier_id == SentStatus.supplier_id) & (Invoice.id == SentStatus.invoice_id),
        )
        .join(
            Debtor, (Debtor.supplier_id == Invoice.supplier_id) & (Debtor.id == Invoice.debtor_id)
        )
        .where(SentStatus.supplier_id == supplier_id)
    )
    if invoice_id is not None:
        statement = statement.where(SentStatus.invoice_id == invoice_id)
    rows = session.execute(
        statement.order_by(SentStatus.created_at.desc(), SentStatus.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [SentView(*row) for row in rows]


def count_sent(
    session: Session, supplier_id: SupplierId, *, invoice_id: InvoiceId | None = None
) -> int:
    statement = select(func.count()).where(SentStatus.supplier_id == supplier_id)
    if invoice_id is not None:
        statement = statement.where(SentStatus.invoice_id == invoice_id)
    return session.scalar(statement) or 0


def suppliers_waiting(session: Session) -> set[SupplierId]:
    """Suppliers with a status that no invoice is known by; needs a system transaction."""
    return set(
        session.scalars(
            select(ReceivedStatus.supplier_id)
            .where(ReceivedStatus.outcome == Outcome.NOT_MATCHED)
            .distinct()
        )
    )


def has_statuses(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> bool:
    """Whether anything was said of an invoice, by either side."""
    return bool(
        count_received(session, supplier_id, invoice_id=invoice_id)
        or count_sent(session, supplier_id, invoice_id=invoice_id)
    )


def message_of(
    session: Session, supplier_id: SupplierId, status_id: SentStatusId
) -> tuple[str, bytes]:
    """Name and content of a message that was made. Raises NoSuchStatus."""
    row = session.scalar(
        select(SentStatus).where(SentStatus.supplier_id == supplier_id, SentStatus.id == status_id)
    )
    if row is None or row.content is None:
        raise NoSuchStatus(str(status_id))
    return row.name, row.content
