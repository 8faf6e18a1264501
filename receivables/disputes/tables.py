"""Disputes: what of which invoices, how each went step by step, and what was said."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base
from receivables.disputes.reasons import Department, Reason
from receivables.disputes.states import State
from receivables.ids import (
    ContactId,
    DebtorId,
    DisputeId,
    InvoiceId,
    StaffId,
    SupplierId,
    UploadId,
)
from receivables.money import Money


def _one_of(column: str, values: type[State] | type[Reason] | type[Department]) -> CheckConstraint:
    names = ", ".join(f"'{one.value}'" for one in values)
    return CheckConstraint(f"{column} IN ({names})", name=column)


class Dispute(Base):
    """One debtor contests one or several invoices for one reason."""

    __tablename__ = "disputes"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "contact_id"], ["contacts.supplier_id", "contacts.id"]
        ),
        ForeignKeyConstraint(["supplier_id", "owner_id"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "number"),
        _one_of("state", State),
        _one_of("reason", Reason),
        _one_of("department", Department),
        CheckConstraint("times_reopened BETWEEN 0 AND 1", name="times_reopened"),
        Index(None, "supplier_id", "debtor_id"),
        Index(None, "supplier_id", "state"),
    )

    id: Mapped[DisputeId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: Who opened it, and is told; None where nobody of theirs is known.
    contact_id: Mapped[ContactId | None]
    #: 1, 2, 3 ... of this supplier; people say D-0007.
    number: Mapped[int]
    reason: Mapped[str] = mapped_column(String(12))
    department: Mapped[str] = mapped_column(String(12))
    #: Who answers for it; None while nobody has taken it.
    owner_id: Mapped[StaffId | None]
    is_urgent: Mapped[bool]
    #: It came after the time that the supplier's terms give; dealt with all the same.
    is_late: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime]
    created_at: Mapped[datetime]
    #: From when the terms count: its beginning, or when it was opened again.
    clock_from: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    #: The first word in the matter itself.
    answered_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    #: The supplier's day of it.
    decided_on: Mapped[date | None]
    #: The last state that ended it: accepted, accepted_in_part, rejected, withdrawn, expired.
    outcome: Mapped[str | None] = mapped_column(String(20))
    times_reopened: Mapped[int]

    @property
    def reference(self) -> str:
        return f"D-{self.number:04}"


class DisputeItem(Base):
    """What is disputed of one invoice; an invoice is in one open dispute at most."""

    __tablename__ = "dispute_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "dispute_id"], ["disputes.supplier_id", "disputes.id"]
        ),
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        CheckConstraint("scope IN ('whole', 'amount', 'lines')", name="scope"),
        CheckConstraint("disputed_minor > 0", name="disputed"),
        CheckConstraint("proposed_minor BETWEEN 0 AND disputed_minor", name="proposed"),
        CheckConstraint("upheld_minor BETWEEN 0 AND disputed_minor", name="upheld"),
        CheckConstraint("credited_minor >= 0", name="credited"),
        Index(
            "ix_dispute_items_open",
            "invoice_id",
            unique=True,
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        Index(None, "supplier_id", "invoice_id"),
    )

    dispute_id: Mapped[DisputeId] = mapped_column(primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    scope: Mapped[str] = mapped_column(String(6))
    #: Places of the lines, with scope lines.
    line_places: Mapped[list[int]] = mapped_column(JSON)
    disputed: Mapped[Money] = composite(
        mapped_column("disputed_minor"), mapped_column("currency", String(3))
    )
    #: What the supplier offers to uphold, while it is proposed.
    proposed_minor: Mapped[int | None]
    upheld_minor: Mapped[int | None]
    #: What of the upheld amount credit notes have brought.
    credited_minor: Mapped[int] = mapped_column(default=0)
    is_open: Mapped[bool]
    #: The last day on which what was not upheld is not asked for; None once it has passed.
    grace_until: Mapped[date | None]

    @property
    def upheld(self) -> Money:
        return Money(self.upheld_minor or 0, self.disputed.currency)

    @property
    def not_credited(self) -> Money:
        """What is still to come as a credit note."""
        left = (self.upheld_minor or 0) - self.credited_minor
        return Money(max(left, 0), self.disputed.currency)


class DisputeStep(Base):
    """One step from a state to another; never changed."""

    __tablename__ = "dispute_steps"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "dispute_id"], ["disputes.supplier_id", "disputes.id"]
        ),
        Index(None, "supplier_id", "dispute_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    dispute_id: Mapped[DisputeId]
    step: Mapped[str] = mapped_column(String(20))
    state_before: Mapped[str] = mapped_column(String(20))
    state_after: Mapped[str] = mapped_column(String(20))
    #: "staff:<id>", "contact:<id>" or "system".
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


class DisputeMessage(Base):
    """What somebody wrote; a note is for the supplier's staff alone."""

    __tablename__ = "dispute_messages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "dispute_id"], ["disputes.supplier_id", "disputes.id"]
        ),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("side IN ('debtor', 'supplier')", name="side"),
        CheckConstraint("NOT is_internal OR side = 'supplier'", name="is_internal"),
        Index(None, "supplier_id", "dispute_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    dispute_id: Mapped[DisputeId]
    side: Mapped[str] = mapped_column(String(8))
    is_internal: Mapped[bool]
    body: Mapped[str]
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


class DisputeFile(Base):
    """A file that came with a message, and is seen by whoever may read that."""

    __tablename__ = "dispute_files"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "upload_id"], ["uploads.supplier_id", "uploads.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "message_id"],
            ["dispute_messages.supplier_id", "dispute_messages.id"],
        ),
        Index(None, "supplier_id", "message_id"),
    )

    upload_id: Mapped[UploadId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    message_id: Mapped[UUID]


class DisputeNotice(Base):
    """Something the calendar gave rise to, once: `key` says what, and since when it counted."""

    __tablename__ = "dispute_notices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "dispute_id"], ["disputes.supplier_id", "disputes.id"]
        ),
    )

    dispute_id: Mapped[DisputeId] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    supplier_id: Mapped[SupplierId]
    at: Mapped[datetime]


class DisputePolicy(Base):
    """What a supplier's terms say about disputes; no row: nothing."""

    __tablename__ = "dispute_policies"
    __table_args__ = (CheckConstraint("delay_days BETWEEN 1 AND 3650", name="delay_days"),)

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    #: Days after its date within which an invoice is to be contested; None: no such time.
    delay_days: Mapped[int | None]
