"""Standings: one row for each debtor of whom anything is known."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import DebtorId, SupplierId


class StandingRow(Base):
    __tablename__ = "standings"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        CheckConstraint("payer_class IN ('A', 'B', 'C', 'D', 'E', 'N')", name="payer_class"),
        CheckConstraint(
            "solvency_class IN ('A', 'B', 'C', 'D', 'E', 'none')", name="solvency_class"
        ),
        CheckConstraint(
            "(limit_minor IS NULL) = (limit_currency IS NULL) AND limit_minor >= 0", name="limit"
        ),
        CheckConstraint(
            "(policy_number IS NULL) = (extension_days IS NULL) AND extension_days >= 0",
            name="cover",
        ),
        CheckConstraint("stopped_until IS NULL OR stop_reason <> ''", name="stop"),
        CheckConstraint("terms_days BETWEEN 0 AND 365", name="terms_days"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    payer_class: Mapped[str] = mapped_column(String(1))
    solvency_class: Mapped[str] = mapped_column(String(4))
    limit_minor: Mapped[int | None]
    limit_currency: Mapped[str | None] = mapped_column(String(3))
    #: Of the credit insurance; None where the debtor is not insured.
    policy_number: Mapped[str | None] = mapped_column(String(60))
    extension_days: Mapped[int | None] = mapped_column(Integer)
    #: Days in which the debtor has agreed to pay; None where nobody said.
    terms_days: Mapped[int | None] = mapped_column(Integer)
    stop_reason: Mapped[str] = mapped_column(String(300))
    stopped_until: Mapped[date | None]
    self_service_blocked_until: Mapped[date | None]
    insolvent_on: Mapped[date | None]
    #: Since when what the debtor orders is paid before it is delivered.
    prepayment_since: Mapped[date | None]
    changed_at: Mapped[datetime]
