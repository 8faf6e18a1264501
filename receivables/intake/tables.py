"""What the columns of a supplier's own lists mean, and lists that wait for somebody to say it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import InvoiceLayoutId, SupplierId, WaitingListId
from receivables.parties.tables import Supplier

# A column that refers to another takes its type from there, and statements are made at import.
assert Supplier.__tablename__ == "suppliers"


class InvoiceLayout(Base):
    """What the columns of lists with these headings mean, as somebody at the supplier's said."""

    __tablename__ = "invoice_layouts"
    __table_args__ = (UniqueConstraint("supplier_id", "layout_key"),)

    id: Mapped[InvoiceLayoutId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    #: SHA-256 over the headings in their order (`list_layout.layout_key`).
    layout_key: Mapped[str] = mapped_column(String(64))
    #: The file it was said of, for people.
    name: Mapped[str] = mapped_column(String(200))
    #: `labels`, and the fields of `list_layout.ToldColumns`.
    layout: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class WaitingList(Base):
    """A list of invoices that was handed in and is taken once its columns are explained."""

    __tablename__ = "waiting_lists"
    __table_args__ = (
        UniqueConstraint("supplier_id", "sha256"),
        CheckConstraint("size_bytes > 0", name="size"),
    )

    id: Mapped[WaitingListId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    received_at: Mapped[datetime]
