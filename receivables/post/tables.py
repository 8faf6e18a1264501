"""Letters, the batches they are printed in, and the printed pages as they were."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import (
    ContactId,
    DebtorId,
    ExecutionId,
    LetterBatchId,
    LetterId,
    SupplierId,
)
from receivables.money import Money


class LetterState(StrEnum):
    DUE = "due"
    """Decided; in no batch yet."""
    IN_BATCH = "in_batch"
    """Taken for printing: its pages are being set, or wait for the printer."""
    PRINTED = "printed"
    HANDED_OVER = "handed_over"
    """The post has it."""
    RETURNED = "returned"
    """The post brought it back."""
    SKIPPED = "skipped"
    """Never printed: nothing was to be asked for any more, or a person took it out."""


class BatchState(StrEnum):
    SETTING = "setting"
    """Its pages are being set."""
    READY = "ready"
    """They can be printed."""
    PRINTED = "printed"
    HANDED_OVER = "handed_over"


class LetterBatch(Base):
    """Letters that are printed together, in one file and in the order of its manifest."""

    __tablename__ = "letter_batches"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("state IN ('setting', 'ready', 'printed', 'handed_over')", name="state"),
        Index(None, "supplier_id", "created_at"),
    )

    id: Mapped[LetterBatchId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    state: Mapped[str] = mapped_column(String(11))
    #: Whether its letters are handed over against a receipt.
    registered: Mapped[bool]
    letters: Mapped[int]
    pages: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    printed_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]


class LetterPrint(Base):
    """The pages of a batch as they were printed, kept as a proof: append-only."""

    __tablename__ = "letter_prints"
    __table_args__ = (of_same_supplier("batch_id", "letter_batches"),)

    batch_id: Mapped[LetterBatchId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    set_at: Mapped[datetime]


_DUE = text("state = 'due'")


class Letter(Base):
    """One letter to one debtor."""

    __tablename__ = "letters"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        of_same_supplier("batch_id", "letter_batches"),
        UniqueConstraint("supplier_id", "id"),
        # One letter for one execution, however often it is handed over.
        UniqueConstraint("supplier_id", "execution_id"),
        CheckConstraint(
            "state IN ('due', 'in_batch', 'printed', 'handed_over', 'returned', 'skipped')",
            name="state",
        ),
        CheckConstraint(
            "(batch_id IS NULL) = (state IN ('due', 'skipped'))", name="batch"
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "supplier_id", "debtor_id"),
        Index(None, "batch_id", "place"),
        Index(
            "ix_letters_due", "supplier_id", "created_at",
            sqlite_where=_DUE, postgresql_where=_DUE,
        ),
    )  # fmt: skip

    id: Mapped[LetterId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    execution_id: Mapped[ExecutionId]
    level: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    tone: Mapped[str] = mapped_column(String(12))
    formal_notice: Mapped[bool]
    registered: Mapped[bool]
    #: The last day to pay before what the letter announces; None where it announces nothing.
    deadline_on: Mapped[date | None]
    #: What it is about: `{"invoices": [{"id", "minor"}]}`, as decided and then as printed.
    about: Mapped[dict[str, Any]]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    state: Mapped[str] = mapped_column(String(11))
    state_since: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")
    batch_id: Mapped[LetterBatchId | None]
    #: Where in the batch, from 1; and which of its pages are this letter's.
    place: Mapped[int] = mapped_column(default=0)
    first_page: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    #: The address as printed, on one line.
    sent_to: Mapped[str] = mapped_column(String(300), default="")
    #: The post's number of a registered letter.
    tracking: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime]
    handed_over_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
