"""Promises to pay, declarations of having paid, and the invoices each is about."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, live_once, of_same_supplier
from receivables.ids import ContactId, DebtorId, InvoiceId, PaidClaimId, PromiseId, SupplierId
from receivables.money import Money


class Promise(Base):
    """A debtor's word: `amount` by `promised_on`. It is judged on the day after `judged_on`."""

    __tablename__ = "promises"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("source IN ('debtor', 'staff', 'call')", name="source"),
        CheckConstraint(
            "state IN ('active', 'kept', 'kept_in_part', 'broken', 'superseded', 'cancelled')",
            name="state",
        ),
        CheckConstraint("judged_on >= promised_on", name="judged_on"),
        Index(None, "supplier_id", "debtor_id", "created_at"),
        Index(None, "supplier_id", "state", "promised_on"),
    )

    id: Mapped[PromiseId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: Who gave it; None where it was given by telephone by nobody we know.
    contact_id: Mapped[ContactId | None]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    promised_on: Mapped[date]
    #: The last value date that still counts.
    judged_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(6))
    note: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(12))
    state_since: Mapped[datetime]
    #: Money was on its way when it was to be judged: what arrives by then counts as in time.
    awaits_money: Mapped[bool] = mapped_column(default=False)
    #: A broken one that a person should look at, and when one did.
    needs_person: Mapped[bool] = mapped_column(default=False)
    dealt_with_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class PromiseItem(Base):
    """How much of which invoice a promise is about. `live` while the promise is active: an
    invoice is in one active promise at most.
    """

    __tablename__ = "promise_items"
    __table_args__ = (
        of_same_supplier("promise_id", "promises"),
        of_same_supplier("invoice_id", "invoices"),
        CheckConstraint("amount_minor > 0", name="amount"),
        live_once("promise_items"),
        Index(None, "supplier_id", "invoice_id"),
    )

    promise_id: Mapped[PromiseId] = mapped_column(primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    #: In the promise's currency.
    amount_minor: Mapped[int]
    #: How far money had lowered the invoice when the promise was given: counted from here.
    lowered_minor: Mapped[int]
    live: Mapped[bool]


class PaidClaim(Base):
    """What a debtor says they have paid already: when and with which reference."""

    __tablename__ = "paid_claims"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "state IN ('open', 'to_approve', 'refused', 'matched', 'not_found', 'lapsed')",
            name="state",
        ),
        CheckConstraint("state <> 'open' OR held_until IS NOT NULL", name="held_until"),
        Index(None, "supplier_id", "debtor_id", "created_at"),
        Index(None, "supplier_id", "state", "created_at"),
    )

    id: Mapped[PaidClaimId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId | None]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    paid_on: Mapped[date]
    reference: Mapped[str] = mapped_column(String(140))
    note: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(10))
    state_since: Mapped[datetime]
    #: The last day on which the invoices are left alone for it; None while it waits for a yes.
    held_until: Mapped[date | None]
    created_at: Mapped[datetime]


class PaidClaimItem(Base):
    """How much of which invoice a declaration is about. `live` while nobody has decided."""

    __tablename__ = "paid_claim_items"
    __table_args__ = (
        of_same_supplier("claim_id", "paid_claims"),
        of_same_supplier("invoice_id", "invoices"),
        CheckConstraint("amount_minor > 0", name="amount"),
        live_once("paid_claim_items"),
        Index(None, "supplier_id", "invoice_id"),
    )

    claim_id: Mapped[PaidClaimId] = mapped_column(primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    #: In the claim's currency.
    amount_minor: Mapped[int]
    live: Mapped[bool]
