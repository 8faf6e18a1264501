"""Invoices and credit notes, their lines, and the documents they came as."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base
from receivables.ids import DebtorId, DocumentId, InvoiceId, SupplierId
from receivables.money import Money


class Invoice(Base):
    """A claim on a debtor, or (kind credit_note) its correction downwards; never changed."""

    __tablename__ = "invoices"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "number"),
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
        CheckConstraint("total_minor >= 0", name="total"),
        CheckConstraint("due_on >= issued_on OR due_date_source = 'explicit'", name="due_on"),
        Index(None, "supplier_id", "debtor_id", "due_on"),
        Index(None, "supplier_id", "due_on"),
    )

    id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    number: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(11))
    #: UNTDID 1001: 380 commercial invoice, 381 credit note, 384 corrected invoice ...
    type_code: Mapped[str] = mapped_column(String(3))
    issued_on: Mapped[date]
    due_on: Mapped[date]
    #: "explicit", "terms" (read from the payment terms) or "default".
    due_date_source: Mapped[str] = mapped_column(String(8))
    #: What the document asks for, as a positive amount (its kind says which way it counts).
    total: Mapped[Money] = composite(
        mapped_column("total_minor"), mapped_column("currency", String(3))
    )
    #: What the payer should quote: QRR, SCOR, +++OGM+++ or free text.
    payment_reference: Mapped[str | None] = mapped_column(String(140))
    #: Where the document asks to be paid: an IBAN, or the account as written.
    account: Mapped[str | None] = mapped_column(String(60))
    #: The number of the invoice that a credit note corrects.
    preceding_number: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str | None]
    #: SHA-256 over the parsed content: the same invoice taken again is recognised by it.
    content_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class InvoiceLine(Base):
    __tablename__ = "invoice_lines"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        Index(None, "supplier_id", "invoice_id"),
    )

    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    #: 0, 1, 2 ... in the order of the document.
    place: Mapped[int] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    #: The line's own number, as the document writes it.
    position: Mapped[str] = mapped_column(String(40))
    description: Mapped[str]
    #: Plain decimal text, since the two databases round decimals differently.
    quantity_text: Mapped[str | None] = mapped_column(String(40))
    unit: Mapped[str | None] = mapped_column(String(20))
    net_minor: Mapped[int | None]

    @property
    def quantity(self) -> Decimal | None:
        return None if self.quantity_text is None else Decimal(self.quantity_text)


class Document(Base):
    """The file an invoice came as, byte for byte."""

    __tablename__ = "documents"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        Index(None, "supplier_id", "invoice_id"),
    )

    id: Mapped[DocumentId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    invoice_id: Mapped[InvoiceId]
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
