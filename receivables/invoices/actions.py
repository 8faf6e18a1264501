"""Issuing: an invoice or a credit note is taken in and posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.ids import DebtorId, DocumentId, InvoiceId, SupplierId, new_id
from receivables.invoices.tables import Document, Invoice, InvoiceLine
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class NewLine:
    position: str
    description: str
    quantity: Decimal | None = None
    unit: str | None = None
    net: Money | None = None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """The file an invoice came as."""

    name: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """What is needed to issue an invoice (or, with `is_credit_note`, a credit note)."""

    number: str
    issued_on: date
    due_on: date
    total: Money
    content_hash: str
    is_credit_note: bool = False
    type_code: str = "380"
    due_date_source: str = "explicit"
    payment_reference: str | None = None
    account: str | None = None
    preceding_number: str | None = None
    note: str | None = None
    lines: Sequence[NewLine] = field(default_factory=tuple)
    document: NewDocument | None = None


#: Tables, not classes: nobody holds the rows as objects, and they come by the thousand.
_INVOICE, _LINE, _DOCUMENT = (
    insert(cast("Table", each.__table__)) for each in (Invoice, InvoiceLine, Document)
)


def add_invoice(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    new: NewInvoice,
    clock: Clock,
) -> InvoiceId:
    """Write the invoice, its lines and its document; `ledger.issuing.issue` also posts it."""
    invoice_id = InvoiceId(new_id())
    session.execute(
        _INVOICE,
        {
            "id": invoice_id,
            "supplier_id": supplier_id,
            "debtor_id": debtor_id,
            "number": new.number,
            "kind": "credit_note" if new.is_credit_note else "invoice",
            "type_code": new.type_code,
            "issued_on": new.issued_on,
            "due_on": new.due_on,
            "due_date_source": new.due_date_source,
            "total_minor": new.total.minor,
            "currency": new.total.currency,
            "payment_reference": new.payment_reference,
            "account": new.account,
            "preceding_number": new.preceding_number,
            "note": new.note,
            "content_hash": new.content_hash,
            "created_at": clock.now(),
        },
    )
    if new.lines:
        session.execute(_LINE, [*_lines(supplier_id, invoice_id, new.lines)])
    if new.document is not None:
        session.execute(
            _DOCUMENT,
            {
                "id": DocumentId(new_id()),
                "supplier_id": supplier_id,
                "invoice_id": invoice_id,
                "name": new.document.name,
                "media_type": new.document.media_type,
                "sha256": new.document.sha256,
                "size_bytes": len(new.document.content),
                "content": new.document.content,
                "created_at": clock.now(),
            },
        )
    return invoice_id


def _lines(
    supplier_id: SupplierId, invoice_id: InvoiceId, lines: Sequence[NewLine]
) -> Iterator[dict[str, Any]]:
    for place, line in enumerate(lines):
        yield {
            "invoice_id": invoice_id,
            "place": place,
            "supplier_id": supplier_id,
            "position": line.position,
            "description": line.description,
            "unit": line.unit,
            "quantity_text": None if line.quantity is None else format(line.quantity, "f"),
            "net_minor": None if line.net is None else line.net.minor,
        }
