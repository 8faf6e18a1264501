"""Money on its way back: refunds we, or the supplier at Stripe, made, and chargebacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base
from receivables.ids import ChargebackId, PaymentId, RefundId, SupplierId
from receivables.money import Money


class Refund(Base):
    """Money of one payment that goes back to whoever paid. The row is on record before Stripe
    hears of it, and its id is Stripe's idempotency key; one made at Stripe itself is `external`.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "payment_id"], ["payments.supplier_id", "payments.id"]
        ),
        UniqueConstraint("stripe_account", "stripe_refund_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "state IN ('started', 'sent', 'unknown', 'refused', 'pending', 'succeeded', 'failed')",
            name="state",
        ),
        CheckConstraint(
            "state NOT IN ('pending', 'succeeded', 'failed') OR stripe_refund_id IS NOT NULL",
            name="stripe_refund_id",
        ),
        Index(None, "supplier_id", "payment_id"),
        Index(None, "supplier_id", "created_at"),
        Index(
            "ix_refunds_next_check",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
    )

    id: Mapped[RefundId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    payment_id: Mapped[PaymentId]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    #: In staff's own words; empty on an external one.
    why: Mapped[str] = mapped_column(String(300), default="")
    #: Made at Stripe itself, not by us.
    external: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    state_since: Mapped[datetime]
    #: What is posted to Stripe, frozen; empty on an external one.
    request: Mapped[dict[str, Any]]
    stripe_account: Mapped[str] = mapped_column(String(64), default="")
    stripe_refund_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    #: Why Stripe refused it, or why it came back; Stripe's code, empty otherwise.
    failure_code: Mapped[str] = mapped_column(String(60), default="")
    #: What a person has to look at; empty when nothing.
    problem: Mapped[str] = mapped_column(String(300), default="")
    checks: Mapped[int] = mapped_column(Integer, default=0)
    #: When to look again: None when nothing is left to find out, or it is a person's turn.
    next_check_at: Mapped[datetime | None]


class Chargeback(Base):
    """A card holder, or the holder of an account that was debited, has the bank take money back."""

    __tablename__ = "chargebacks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "payment_id"], ["payments.supplier_id", "payments.id"]
        ),
        UniqueConstraint("stripe_account", "stripe_dispute_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('inquiry', 'open', 'won', 'lost', 'closed')", name="state"),
        CheckConstraint("money IN ('with_us', 'withdrawn', 'reinstated')", name="money"),
        Index(None, "supplier_id", "payment_id"),
        Index(None, "supplier_id", "opened_at"),
    )

    id: Mapped[ChargebackId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    payment_id: Mapped[PaymentId]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    state: Mapped[str] = mapped_column(String(8))
    state_since: Mapped[datetime]
    #: Where the money is.
    money: Mapped[str] = mapped_column(String(10))
    #: As Stripe calls it: `fraudulent`, `product_not_received`, `debit_not_authorized` ...
    reason: Mapped[str] = mapped_column(String(60))
    stripe_account: Mapped[str] = mapped_column(String(64), default="")
    stripe_dispute_id: Mapped[str] = mapped_column(String(64))
    #: Until when the supplier may answer the bank, at Stripe.
    respond_by: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    #: What a person has to look at; empty when nothing.
    problem: Mapped[str] = mapped_column(String(300), default="")
