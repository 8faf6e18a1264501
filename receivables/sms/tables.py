"""Text messages: one row for each execution of a step that goes to a telephone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import ContactId, DebtorId, ExecutionId, SupplierId, TextMessageId
from receivables.money import Money


class TextState(StrEnum):
    DUE = "due"
    """Certainly not taken by anybody; may be claimed."""
    SENDING = "sending"
    """Claimed: from here on it is handed over at most once."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """Handed over, perhaps: a person says what became of it. Never sent again by itself."""
    FAILED = "failed"
    """Turned down for good."""


_UNSETTLED = text("state IN ('due', 'sending', 'unknown')")


class TextMessage(Base):
    """One text message to one contact."""

    __tablename__ = "text_messages"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        UniqueConstraint("supplier_id", "id"),
        # One text for one execution, however often it is handed over.
        UniqueConstraint("supplier_id", "execution_id"),
        CheckConstraint("state IN ('due', 'sending', 'sent', 'unknown', 'failed')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("state = 'due' OR claimed_at IS NOT NULL", name="claimed"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "supplier_id", "debtor_id"),
        Index(
            "ix_text_messages_unsettled",
            "supplier_id",
            "state",
            sqlite_where=_UNSETTLED,
            postgresql_where=_UNSETTLED,
        ),
    )

    id: Mapped[TextMessageId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    execution_id: Mapped[ExecutionId]
    #: E.164.
    to_number: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    #: As it was handed over last; without its link, which opens the account.
    words: Mapped[str] = mapped_column(String(160))
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    state: Mapped[str] = mapped_column(String(8))
    #: The gateway's words when it failed or was put off.
    reason: Mapped[str] = mapped_column(String(500), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    #: The gateway's own id of it.
    gateway_id: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: When the network said that it reached its telephone, or that it did not: one of them at most.
    delivered_at: Mapped[datetime | None]
    undelivered_at: Mapped[datetime | None]

    @property
    def fate(self) -> str:
        """Its state, or what the network said of it: "delivered", "undelivered"."""
        if self.delivered_at is not None:
            return "delivered"
        return "undelivered" if self.undelivered_at is not None else self.state
