"""Payer profiles, when each due item is expected, and how good expectations have been."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import DebtorId, InvoiceId, StaffId, SupplierId

_CLASSES = "('A', 'B', 'C', 'D', 'E', 'N')"


class ProfileRow(Base):
    """How one debtor has paid, and what a person says instead. Never shown to the debtor."""

    __tablename__ = "payer_profiles"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("override_by", "staff"),
        CheckConstraint(f"payer_class IN {_CLASSES}", name="payer_class"),
        CheckConstraint(f"given_class IN {_CLASSES}", name="given_class"),
        CheckConstraint(f"override_class IN {_CLASSES}", name="override_class"),
        CheckConstraint(
            "(override_class IS NULL) = (override_until IS NULL)"
            " AND (override_class IS NULL OR override_reason <> '')",
            name="override",
        ),
        CheckConstraint("trend IN ('worsening', 'steady', 'improving', 'unknown')", name="trend"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    #: As calculated.
    payer_class: Mapped[str] = mapped_column(String(1))
    #: What the debtor's standing was last told: the calculated one, or a person's.
    given_class: Mapped[str] = mapped_column(String(1))
    score: Mapped[int] = mapped_column(Integer)
    trend: Mapped[str] = mapped_column(String(9))
    #: The terms of the formula, by name (`rules.Parts`).
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    paid_count: Mapped[int] = mapped_column(Integer)
    as_of: Mapped[date]
    changed_at: Mapped[datetime]
    override_class: Mapped[str | None] = mapped_column(String(1))
    override_reason: Mapped[str] = mapped_column(String(300), default="")
    override_until: Mapped[date | None]
    #: Who said it; None where it was said before profiles were kept.
    override_by: Mapped[StaffId | None]


class ExpectedRow(Base):
    """When one due item (an invoice, or an instalment of a plan) is expected to be paid."""

    __tablename__ = "expected_payments"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("invoice_id", "invoices"),
        CheckConstraint(
            "by_due BETWEEN 0 AND 1000 AND by_15 BETWEEN 0 AND 1000 AND by_30 BETWEEN 0 AND 1000",
            name="chances",
        ),
        CheckConstraint("prudent_on >= expected_on", name="prudent_on"),
        Index(None, "supplier_id", "debtor_id"),
        Index(None, "supplier_id", "expected_on"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    #: The invoice's id, or the instalment's.
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    debtor_id: Mapped[DebtorId]
    #: None for an instalment.
    invoice_id: Mapped[InvoiceId | None]
    due_on: Mapped[date]
    expected_on: Mapped[date]
    prudent_on: Mapped[date]
    #: The chance in thousandths that it is paid by its due date, and 15 and 30 days after it.
    by_due: Mapped[int] = mapped_column(Integer)
    by_15: Mapped[int] = mapped_column(Integer)
    by_30: Mapped[int] = mapped_column(Integer)
    #: Which rule said so: an `expecting.Rule`.
    rule: Mapped[str] = mapped_column(String(10))
    made_on: Mapped[date]


class ForecastRun(Base):
    """One day's forecast of one supplier, and how good forecasts would have been lately."""

    __tablename__ = "forecast_runs"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    made_on: Mapped[date] = mapped_column(primary_key=True)
    #: "model", or "portfolio": the due date and the median lateness of all.
    method: Mapped[str] = mapped_column(String(9))
    #: For how many weeks running the model was worse than the due date and that median.
    weeks_worse: Mapped[int] = mapped_column(Integer)
    learnt_from: Mapped[int]
    median_days_late: Mapped[int] = mapped_column(Integer)
    #: As `tracking.Error` has it; empty while nothing could be measured.
    error: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
