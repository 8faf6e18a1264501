"""The ledger: append-only double entry. One entry, one debit, one credit, one reason."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base
from receivables.ids import EntryId, PaymentId, SupplierId
from receivables.money import Money
from receivables.parties.tables import Supplier

# A column that refers to another takes its type from there, and statements are made at import.
assert Supplier.__tablename__ == "suppliers"


class Account(StrEnum):
    """The accounts of a supplier; the first two are kept per invoice and per debtor."""

    RECEIVABLE = "receivable"
    """What is owed on one invoice; its subject is the invoice. Never below zero."""
    UNAPPLIED = "unapplied"
    """Money and credit of one debtor that is put against no invoice yet; its subject is the
    debtor. A liability: credits raise it."""
    SALES = "sales"
    LATE_INTEREST = "late_interest"
    """Revenue from lateness: interest that was claimed. What was claimed before this account was
    kept stands in SALES, and is given back from there."""
    RECOVERY_COSTS = "recovery_costs"
    """Revenue from lateness: the fixed sums of the law that were claimed."""
    PLAN_COSTS = "plan_costs"
    """Revenue from deferral: what instalment plans cost businesses, fee and interest. It is agreed
    and no damages for lateness, so it is kept apart from the two above."""
    STRIPE_CLEARING = "stripe_clearing"
    """Money Stripe holds for the supplier."""
    BANK = "bank"
    """The supplier's own bank account."""
    WRITE_OFF = "write_off"
    """What the supplier no longer expects: a loss."""


class Reason(StrEnum):
    """Why an entry was made; with its source it is the entry's natural key."""

    INVOICE_ISSUED = "invoice_issued"
    CREDIT_NOTE_ISSUED = "credit_note_issued"
    CASH_ALLOCATED = "cash_allocated"
    PAYMENT_SETTLED = "payment_settled"
    PAYMENT_SURPLUS = "payment_surplus"
    TRANSFER_BOOKED = "transfer_booked"
    TRANSFER_SURPLUS = "transfer_surplus"
    """Of a transfer, what no invoice took."""
    TRANSFER_REVERSED = "transfer_reversed"
    """A transfer came back, or was put against the wrong debt: the reverse of the two."""
    ALLOCATION_UNDONE = "allocation_undone"
    """A person took money off an invoice again; it waits as unapplied cash."""
    REFUNDED = "refunded"
    """We sent money back."""
    REFUND_FAILED = "refund_failed"
    """What was sent back came back to us: the reverse of REFUNDED."""
    CHARGED_BACK = "charged_back"
    """The payer's bank took money back."""
    CHARGEBACK_REINSTATED = "chargeback_reinstated"
    """The bank gave it back to us: the reverse of CHARGED_BACK."""
    WRITTEN_OFF = "written_off"
    WRITE_OFF_REVERSED = "write_off_reversed"


class Entry(Base):
    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "debit_account <> credit_account OR debit_subject <> credit_subject", name="sides"
        ),
        UniqueConstraint("supplier_id", "reason", "source"),
        Index("ix_ledger_entries_debit", "debit_subject", "debit_account"),
        Index("ix_ledger_entries_credit", "credit_subject", "credit_account"),
    )

    id: Mapped[EntryId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    debit_account: Mapped[str] = mapped_column(String(20))
    #: The invoice or the debtor; the supplier itself where the account has no subject.
    debit_subject: Mapped[UUID]
    credit_account: Mapped[str] = mapped_column(String(20))
    credit_subject: Mapped[UUID]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    reason: Mapped[str] = mapped_column(String(24))
    #: What it came from: a payment and invoice, a credit note ...
    source: Mapped[str] = mapped_column(String(100))
    #: The payment whose money it moves, where it is one payment's: so that what a payment brought
    #: is known wherever it stands now, and can be given back from there.
    payment_id: Mapped[PaymentId | None] = mapped_column(index=True)
    booked_on: Mapped[date]
    created_at: Mapped[datetime]
