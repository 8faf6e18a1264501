"""Invoices as they were issued."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from receivables.errors import NoSuch
from receivables.ids import DebtorId, DocumentId, InvoiceId, SupplierId
from receivables.invoices.tables import Document, Invoice, InvoiceLine


class NoSuchInvoice(NoSuch):
    """Whoever asks has no such invoice."""


def by_number(session: Session, supplier_id: SupplierId, number: str) -> Invoice | None:
    return session.scalar(
        select(Invoice).where(Invoice.supplier_id == supplier_id, Invoice.number == number)
    )


def of_debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, number: str
) -> Invoice:
    """One invoice of this debtor by its number. Raises NoSuchInvoice."""
    found = session.scalar(
        select(Invoice).where(
            Invoice.supplier_id == supplier_id,
            Invoice.debtor_id == debtor_id,
            Invoice.number == number,
        )
    )
    if found is None:
        raise NoSuchInvoice(number)
    return found


def of_supplier(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> Invoice:
    """One invoice of this supplier. Raises NoSuchInvoice."""
    found = session.scalar(
        select(Invoice).where(Invoice.supplier_id == supplier_id, Invoice.id == invoice_id)
    )
    if found is None:
        raise NoSuchInvoice(str(invoice_id))
    return found


def lines(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId
) -> Sequence[InvoiceLine]:
    return session.scalars(
        select(InvoiceLine)
        .where(InvoiceLine.supplier_id == supplier_id, InvoiceLine.invoice_id == invoice_id)
        .order_by(InvoiceLine.place)
    ).all()


def documents(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId
) -> Sequence[Document]:
    """The files an invoice came as, without their content."""
    return session.scalars(
        select(Document).where(
            Document.supplier_id == supplier_id, Document.invoice_id == invoice_id
        )
    ).all()


def document(
    session: Session,
    supplier_id: SupplierId,
    document_id: DocumentId,
    *,
    debtor_id: DebtorId | None = None,
) -> Document:
    """One file with its content; for a debtor, of an invoice of theirs. Raises NoSuchInvoice."""
    statement = (
        select(Document)
        .join(Invoice, Invoice.id == Document.invoice_id)
        .options(undefer(Document.content))
        .where(Document.supplier_id == supplier_id, Document.id == document_id)
    )
    if debtor_id is not None:
        statement = statement.where(Invoice.debtor_id == debtor_id)
    found = session.scalar(statement)
    if found is None:
        raise NoSuchInvoice(str(document_id))
    return found
