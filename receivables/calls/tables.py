"""Calls to be made, and every attempt to make one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import (
    CallAttemptId,
    CallId,
    ContactId,
    DebtorId,
    ExecutionId,
    SupplierId,
)
from receivables.money import Money

_OPEN = text("state = 'open'")


class Call(Base):
    """Somebody is to be called about something."""

    __tablename__ = "calls"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "execution_id"),
        CheckConstraint("state IN ('open', 'done', 'given_up', 'needless')", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(
            "ix_calls_open", "supplier_id", "due_on",
            sqlite_where=_OPEN, postgresql_where=_OPEN,
        ),
        Index(None, "supplier_id", "debtor_id"),
    )  # fmt: skip

    id: Mapped[CallId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    execution_id: Mapped[ExecutionId]
    level: Mapped[int]
    tone: Mapped[str] = mapped_column(String(12))
    #: In which the script is read.
    language: Mapped[str] = mapped_column(String(2))
    #: What it is about: `{"invoices": [{"id", "minor"}]}`, as decided.
    about: Mapped[dict[str, Any]]
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    #: The day from which it should be made.
    due_on: Mapped[date]
    tries: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class CallAttempt(Base):
    """One time the telephone rang, and what came of it: append-only."""

    __tablename__ = "call_attempts"
    __table_args__ = (
        of_same_supplier("call_id", "calls"),
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        CheckConstraint(
            "outcome IN ('not_reached', 'reached', 'promise', 'dispute', 'wrong_number')",
            name="outcome",
        ),
        Index(None, "supplier_id", "debtor_id", "called_at"),
        Index(None, "call_id"),
    )

    id: Mapped[CallAttemptId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    call_id: Mapped[CallId]
    outcome: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(500))
    called_at: Mapped[datetime]
