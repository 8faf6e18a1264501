"""Invoices that were handed over for collection, one row for each time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import DebtorId, HandoverId, InvoiceId, SupplierId
from receivables.money import Money


class Handover(Base):
    """One invoice in somebody else's hands; `stands` until it is taken back."""

    __tablename__ = "handovers"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("invoice_id", "invoices"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("stands = (taken_back_at IS NULL)", name="stands"),
        Index(
            "uq_handovers_standing",
            "invoice_id",
            unique=True,
            sqlite_where=text("stands"),
            postgresql_where=text("stands"),
        ),
        Index(None, "supplier_id", "debtor_id"),
    )

    id: Mapped[HandoverId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    invoice_id: Mapped[InvoiceId]
    #: What was outstanding then.
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    #: Who collects it: a lawyer, an agency, a court.
    recipient: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(500))
    #: It was contested, and somebody confirmed that it is handed over all the same.
    was_disputed: Mapped[bool] = mapped_column(Boolean)
    stands: Mapped[bool] = mapped_column(Boolean)
    handed_over_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    why_back: Mapped[str] = mapped_column(String(500))
