"""Statuses of e-invoices: the messages that came, what each said, and what we said ourselves."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import (
    DisputeId,
    InvoiceId,
    PaidClaimId,
    ReceivedStatusId,
    SentStatusId,
    StatusMessageId,
    SupplierId,
)
from receivables.money import Money


class Outcome(StrEnum):
    """What became of a status that came in."""

    NOT_MATCHED = "not_matched"
    """No invoice of ours is known by it, yet."""
    RECORDED = "recorded"
    """It stands in the timeline, and nothing follows."""
    OVERTAKEN = "overtaken"
    """The buyer had said something newer before it came."""
    NOTHING_OPEN = "nothing_open"
    """It would contest what is paid or credited already."""
    DISPUTED = "disputed"
    ADDED = "added"
    """To the dispute that was open already."""
    SAID_TO_BE_PAID = "said_to_be_paid"


class SentState(StrEnum):
    WAITING = "waiting"
    """It is ready, and was not handed over."""
    WRITTEN = "written"
    IMPOSSIBLE = "impossible"
    """The document does not say what such a message must; `why` says what."""


class LifecycleSettings(Base):
    """Whether a supplier's platform is told what is cashed. No row: as the country has it."""

    __tablename__ = "lifecycle_settings"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    emits: Mapped[bool]
    #: Money that moved before is not reported.
    since: Mapped[datetime]
    #: Until when the ledger was looked through.
    looked_until: Mapped[datetime | None]


class StatusMessage(Base):
    """One message as it came: append-only. The same one again is the same message."""

    __tablename__ = "status_messages"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "message_key"),
    )

    id: Mapped[StatusMessageId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    format: Mapped[str] = mapped_column(String(20))
    #: "scheme:number" of who says it; anybody can write it.
    sender: Mapped[str] = mapped_column(String(120))
    #: What the sender calls the message.
    reference: Mapped[str] = mapped_column(String(240))
    #: SHA-256 of the two; of the content where no sender is named.
    message_key: Mapped[str] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    taken_at: Mapped[datetime]


class ReceivedStatus(Base):
    """What a message said of one invoice, and what became of it."""

    __tablename__ = "received_statuses"
    __table_args__ = (
        of_same_supplier("message_id", "status_messages"),
        of_same_supplier("invoice_id", "invoices"),
        of_same_supplier("dispute_id", "disputes"),
        of_same_supplier("claim_id", "paid_claims"),
        UniqueConstraint("supplier_id", "message_id", "place"),
        CheckConstraint(
            "outcome IN ({})".format(", ".join(f"'{one.value}'" for one in Outcome)),
            name="outcome",
        ),
        CheckConstraint("(outcome = 'not_matched') = (invoice_id IS NULL)", name="invoice"),
        Index(None, "supplier_id", "invoice_id"),
        Index(None, "supplier_id", "outcome"),
    )

    id: Mapped[ReceivedStatusId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    message_id: Mapped[StatusMessageId]
    #: 0, 1, 2 ... in the message.
    place: Mapped[int]
    #: The invoice as the message names it.
    number: Mapped[str] = mapped_column(String(80))
    issued_on: Mapped[date | None]
    seller: Mapped[str] = mapped_column(String(80))
    #: 200, 201 ... of the French life cycle; `said` is what is written: UQ, 207.
    status: Mapped[int]
    said: Mapped[str] = mapped_column(String(20))
    #: [code, text] each.
    motives: Mapped[list[list[str]]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(1000))
    #: [kind, value, currency, rate] each, numbers as text.
    amounts: Mapped[list[list[Any]]] = mapped_column(JSON)
    stated_at: Mapped[datetime]
    received_at: Mapped[datetime]
    invoice_id: Mapped[InvoiceId | None]
    outcome: Mapped[str] = mapped_column(String(16))
    dispute_id: Mapped[DisputeId | None]
    claim_id: Mapped[PaidClaimId | None]


class SentStatus(Base):
    """What the platform is told of one invoice: 212, and how much was cashed since the last."""

    __tablename__ = "sent_statuses"
    __table_args__ = (
        of_same_supplier("invoice_id", "invoices"),
        UniqueConstraint("supplier_id", "invoice_id", "sequence"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint("state IN ('waiting', 'written', 'impossible')", name="state"),
        CheckConstraint("(state = 'impossible') = (content IS NULL)", name="content"),
        CheckConstraint("(state = 'written') = (written_at IS NOT NULL)", name="written_at"),
        Index(None, "supplier_id", "state"),
    )

    id: Mapped[SentStatusId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    invoice_id: Mapped[InvoiceId]
    #: 1, 2, 3 ... of this invoice: with it the natural key.
    sequence: Mapped[int]
    status: Mapped[int]
    #: Below zero where money went back.
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    cashed_on: Mapped[date]
    #: [rate in per cent as text, minor units] each.
    shares: Mapped[list[list[Any]]] = mapped_column(JSON)
    reference: Mapped[str] = mapped_column(String(240))
    #: What the file is called.
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
