"""Where a supplier's own systems are told, and what they were told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import SupplierId, WebhookEndpointId, WebhookMessageId


class WebhookEndpoint(Base):
    """One address of a supplier's system. It is never deleted, only switched off for good."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("state IN ('on', 'paused', 'removed')", name="state"),
        CheckConstraint(
            "(secret_before IS NULL) = (secret_before_until IS NULL)", name="secret_before"
        ),
        Index(None, "supplier_id"),
    )

    id: Mapped[WebhookEndpointId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    url: Mapped[str] = mapped_column(String(1024))
    #: The kinds of events it is told of, separated by blanks.
    events: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(7))
    #: Why it was paused by us; empty when a person did it.
    trouble: Mapped[str] = mapped_column(String(300))
    #: `whsec_` and base64, as the specification writes it.
    secret: Mapped[str] = mapped_column(String(80))
    #: The one before, which signs as well until the supplier's system knows the new one.
    secret_before: Mapped[str | None] = mapped_column(String(80))
    secret_before_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookMessage(Base):
    """One event for one endpoint; its id is the same for every attempt (`webhook-id`)."""

    __tablename__ = "webhook_messages"
    __table_args__ = (
        of_same_supplier("endpoint_id", "webhook_endpoints"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint(
            "supplier_id", "endpoint_id", "kind", "subject_id", name="uq_webhook_messages_once"
        ),
        CheckConstraint(
            "state IN ('pending', 'sending', 'delivered', 'failed', 'unneeded')", name="state"
        ),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        Index(None, "supplier_id", "endpoint_id", "created_at"),
        Index(
            "ix_webhook_messages_due",
            "due_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
    )

    id: Mapped[WebhookMessageId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    endpoint_id: Mapped[WebhookEndpointId]
    kind: Mapped[str] = mapped_column(String(30))
    #: The alert or publication it is about: what happened to it is told once.
    subject_id: Mapped[UUID]
    #: The very bytes that are signed and sent, as UTF-8.
    body: Mapped[str] = mapped_column(String(8000))
    state: Mapped[str] = mapped_column(String(9))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    #: When it is sent; while it is being sent, when whoever sends it counts as dead.
    due_at: Mapped[datetime]
    #: What the last attempt was answered with; None when there was no answer.
    status: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
