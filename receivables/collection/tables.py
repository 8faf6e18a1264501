"""Collection files that were made: who asked, what they contain by its fingerprint, and for some
time the files themselves, in parts, so that no process ever holds one whole.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import CollectionFileId, DebtorId, SupplierId


class CollectionFile(Base):
    """One collection file of a debtor, from the moment somebody asked for it."""

    __tablename__ = "collection_files"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("state IN ('asked', 'ready', 'expired')", name="state"),
        CheckConstraint("(state = 'asked') = (making_id IS NULL)", name="making_id"),
        Index(None, "supplier_id", "debtor_id", "asked_at"),
    )

    id: Mapped[CollectionFileId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: In which language, and how its country writes: `fr_CH`.
    locale: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8))
    #: "staff:<id>".
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    #: Which making of it counts: a worker that was taken for dead leaves parts of another.
    making_id: Mapped[UUID | None]
    made_at: Mapped[datetime | None]
    file_count: Mapped[int] = mapped_column(Integer)
    zip_bytes: Mapped[int]
    zip_sha256: Mapped[str] = mapped_column(String(64))
    pdf_bytes: Mapped[int]
    pdf_sha256: Mapped[str] = mapped_column(String(64))


class CollectionFilePart(Base):
    """Some of the bytes of a file; `place` counts from 0."""

    __tablename__ = "collection_file_parts"
    __table_args__ = (
        of_same_supplier("file_id", "collection_files"),
        CheckConstraint("kind IN ('zip', 'pdf')", name="kind"),
        CheckConstraint("place >= 0", name="place"),
        Index(None, "supplier_id", "file_id"),
    )

    making_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(3), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    supplier_id: Mapped[SupplierId]
    file_id: Mapped[CollectionFileId]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
