"""Files that were handed in, kept in the database like documents: a backup has both."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import DebtorId, SupplierId, UploadId


class UploadState(StrEnum):
    TAKEN = "taken"
    """It may be given to whoever may see it."""
    QUARANTINED = "quarantined"
    """The virus scanner has not answered yet: nobody gets it."""
    REFUSED = "refused"
    """The virus scanner found something: its content is gone."""


class Upload(Base):
    """One file about one debtor, handed in by either side. Its name and its media type are ours."""

    __tablename__ = "uploads"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("state IN ('taken', 'quarantined', 'refused')", name="state"),
        CheckConstraint("state <> 'refused' OR size_bytes = 0", name="refused"),
        Index(None, "supplier_id", "debtor_id"),
    )

    id: Mapped[UploadId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    name: Mapped[str] = mapped_column(String(100))
    media_type: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    state: Mapped[str] = mapped_column(String(11))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime]
