"""Attempts to pay, what each pays, saved ways to pay, and the inbox of what Stripe tells us."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, live_once, of_same_supplier
from receivables.ids import (
    ContactId,
    DebtorId,
    InstalmentId,
    InvoiceId,
    PaymentId,
    SavedMethodId,
    SupplierId,
)
from receivables.money import Money


class Payment(Base):
    """One attempt to pay. Its id is made with the page the debtor pays from, is on record before
    Stripe hears of it, and is Stripe's idempotency key: the same attempt is never two charges.
    """

    __tablename__ = "payments"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        of_same_supplier("saved_method_id", "saved_methods"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("stripe_account", "stripe_payment_intent_id"),
        CheckConstraint("channel IN ('checkout', 'charge')", name="channel"),
        CheckConstraint("channel = 'checkout' OR saved_method_id IS NOT NULL", name="charged_to"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "state IN ('started', 'sent', 'open', 'processing', 'settled', 'failed', 'expired',"
            " 'unknown')",
            name="state",
        ),
        CheckConstraint(
            "state = 'started' OR sent_at IS NOT NULL OR state = 'expired'", name="sent_at"
        ),
        Index(None, "supplier_id", "debtor_id", "created_at"),
        Index(None, "supplier_id", "created_at"),
        Index(None, "supplier_id", "instalment_id"),
        Index(
            "ix_payments_next_check",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
    )

    id: Mapped[PaymentId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    debtor_id: Mapped[DebtorId]
    #: Whose link it was paid from; the receipt goes there.
    contact_id: Mapped[ContactId | None]
    #: "checkout": on a hosted page; "charge": with a saved method, without the debtor.
    channel: Mapped[str] = mapped_column(String(8), default="checkout", server_default="checkout")
    #: The instalment it pays. Plans stand above payments, so nothing is looked up by it here.
    instalment_id: Mapped[InstalmentId | None]
    #: What is charged; of a hosted page, what was saved there.
    saved_method_id: Mapped[SavedMethodId | None]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    state: Mapped[str] = mapped_column(String(10))
    state_since: Mapped[datetime]
    #: As people call it, "Visa ...4242"; empty until the gateway says.
    method: Mapped[str] = mapped_column(String(60), default="")
    #: SHA-256 over debtor, currency and parts: the same choice made again is recognised by it.
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: What is posted to Stripe, frozen: posted again it is the same request, byte for byte.
    request: Mapped[dict[str, Any]]
    livemode: Mapped[bool]
    #: The connected account, or "" for the installation's own.
    stripe_account: Mapped[str] = mapped_column(String(64), default="")
    stripe_session_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    stripe_session_url: Mapped[str | None]
    stripe_payment_intent_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    #: When Stripe was first about to be told.
    sent_at: Mapped[datetime | None]
    #: When the hosted page stops taking money, as the frozen request says; of a charge, until
    #: when the request may be repeated.
    expires_at: Mapped[datetime]
    #: Why it failed, in Stripe's code (the bank's own where it gives one); empty otherwise.
    failure_code: Mapped[str] = mapped_column(String(60), default="")
    #: What the bank calls its no, and what it advises; empty when it says nothing.
    decline_code: Mapped[str] = mapped_column(String(60), default="", server_default="")
    advice_code: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: What a person has to look at; empty when nothing.
    problem: Mapped[str] = mapped_column(String(300), default="")
    #: How often we have looked in vain since the state last changed, when we last looked, and
    #: when to look again: None when nothing is left to find out, or it is a person's turn.
    checks: Mapped[int] = mapped_column(Integer, default=0)
    looked_at: Mapped[datetime | None]
    next_check_at: Mapped[datetime | None]


class PaymentPart(Base):
    """What an attempt is to put against one invoice. `live` until the attempt is over: an
    invoice is in one live attempt at most, so that two open pages cannot both take its money.
    """

    __tablename__ = "payment_parts"
    __table_args__ = (
        of_same_supplier("payment_id", "payments"),
        of_same_supplier("invoice_id", "invoices"),
        CheckConstraint("amount_minor > 0", name="amount"),
        live_once("payment_parts"),
        Index(None, "supplier_id", "invoice_id"),
    )

    payment_id: Mapped[PaymentId] = mapped_column(primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    #: In the payment's currency.
    amount_minor: Mapped[int]
    live: Mapped[bool]


class GatewayCustomer(Base):
    """Who a debtor is at Stripe: ways to pay are kept with a customer, each account has its own."""

    __tablename__ = "gateway_customers"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        UniqueConstraint("stripe_account", "stripe_customer_id"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    #: The connected account, or "" for the installation's own.
    stripe_account: Mapped[str] = mapped_column(String(64), primary_key=True)
    livemode: Mapped[bool] = mapped_column(primary_key=True)
    stripe_customer_id: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class SavedMethod(Base):
    """A card, or a bank account to debit, that a debtor let us keep and charge."""

    __tablename__ = "saved_methods"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("stripe_account", "stripe_payment_method_id"),
        CheckConstraint("kind IN ('card', 'sepa_debit')", name="kind"),
        CheckConstraint("state IN ('usable', 'refused', 'expired', 'removed')", name="state"),
        CheckConstraint("(exp_month IS NULL) = (exp_year IS NULL)", name="expiry"),
        Index(None, "supplier_id", "debtor_id"),
        Index(None, "stripe_mandate_id"),
    )

    id: Mapped[SavedMethodId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    debtor_id: Mapped[DebtorId]
    kind: Mapped[str] = mapped_column(String(10))
    #: As people call it, "Visa ...4242".
    label: Mapped[str] = mapped_column(String(60))
    #: The last month a card is good for; None for a bank account.
    exp_month: Mapped[int | None] = mapped_column(Integer)
    exp_year: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    state_since: Mapped[datetime]
    #: What the debtor agreed to, as the hosted page said it.
    consent: Mapped[str] = mapped_column(String(1200), default="")
    livemode: Mapped[bool]
    #: The connected account, or "" for the installation's own.
    stripe_account: Mapped[str] = mapped_column(String(64))
    stripe_customer_id: Mapped[str] = mapped_column(String(64))
    stripe_payment_method_id: Mapped[str] = mapped_column(String(64))
    #: Of a bank account: what allows us to debit it.
    stripe_mandate_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class StripeEvent(Base):
    """One event as Stripe signed it: stored under Stripe's own key before anything is done."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        CheckConstraint(
            "state IN ('received', 'applied', 'rejected', 'unmatched', 'set_aside')", name="state"
        ),
        Index(None, "object_id"),
        Index(None, "supplier_id", "received_at"),
        Index(
            "ix_stripe_events_open",
            "received_at",
            sqlite_where=text("state IN ('received', 'unmatched', 'rejected')"),
            postgresql_where=text("state IN ('received', 'unmatched', 'rejected')"),
        ),
    )

    #: The connected account it came from, or "" for the installation's own.
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    #: Known once the event is matched to a payment; None before.
    supplier_id: Mapped[SupplierId | None] = mapped_column(ForeignKey("suppliers.id"))
    kind: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(100))
    #: "" for a thin event, which has none.
    api_version: Mapped[str] = mapped_column(String(40))
    livemode: Mapped[bool]
    body: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    #: Why it was rejected or set aside; empty otherwise.
    reason: Mapped[str] = mapped_column(String(300), default="")
    tries: Mapped[int] = mapped_column(Integer, default=0)
