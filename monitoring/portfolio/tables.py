"""Health checks: what was handed in, what was made of it, who looked at it, and until when.

Everything about customers goes on the day of deletion; the file itself as soon as it is read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import PortfolioCheckId, PortfolioDeedId, StaffId, SupplierId


class PortfolioCheck(Base):
    """One check of a file of customers, or of the supplier's own book."""

    __tablename__ = "portfolio_checks"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("source IN ('file', 'book')", name="source"),
        CheckConstraint("state IN ('running', 'ready', 'refused')", name="state"),
        CheckConstraint(
            "phase IN ('reading', 'identifying', 'asking', 'comparing', 'reporting')", name="phase"
        ),
        CheckConstraint("done BETWEEN 0 AND total", name="done"),
        CheckConstraint("state <> 'ready' OR made_at IS NOT NULL", name="made_at"),
        Index(None, "supplier_id", "asked_at"),
        Index(None, "delete_on"),
    )

    id: Mapped[PortfolioCheckId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    source: Mapped[str] = mapped_column(String(4))
    file_name: Mapped[str] = mapped_column(String(200))
    #: The file as it came; None once it is read.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    #: In which language what is wrong with the file is explained.
    locale: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(8))
    phase: Mapped[str] = mapped_column(String(11))
    #: How far the phase is.
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    #: What is wrong with the file: why it was refused, or which lines were left out.
    faults: Mapped[dict[str, Any]]
    #: Companies whom a source might know and that were not asked about.
    unasked: Mapped[int] = mapped_column(Integer)
    #: What the supplier believed when the report was made.
    assumptions: Mapped[dict[str, Any]]
    #: Empty until it is made.
    report: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    asked_by: Mapped[str] = mapped_column(String(60))
    asked_at: Mapped[datetime]
    made_at: Mapped[datetime | None]
    #: From this day on everything about it is deleted.
    delete_on: Mapped[date]


class PortfolioCustomer(Base):
    """One customer of a check: what the file says, and what we make of it."""

    __tablename__ = "portfolio_customers"
    __table_args__ = (
        of_same_supplier("check_id", "portfolio_checks"),
        CheckConstraint(
            "confidence IN ('exact', 'strong', 'review', 'none', 'skipped')", name="confidence"
        ),
        Index(None, "supplier_id", "check_id", "confidence"),
    )

    check_id: Mapped[PortfolioCheckId] = mapped_column(primary_key=True)
    #: From 1, in the order of the file.
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    supplier_id: Mapped[SupplierId]
    confidence: Mapped[str] = mapped_column(String(7))
    #: A `customers.Customer`.
    said: Mapped[dict[str, Any]]
    #: A `rules.Checked`.
    checked: Mapped[dict[str, Any]]


class PortfolioCluster(Base):
    """Customers that are one company, or (kind group) belong together."""

    __tablename__ = "portfolio_clusters"
    __table_args__ = (
        of_same_supplier("check_id", "portfolio_checks"),
        CheckConstraint("kind IN ('duplicate', 'group')", name="kind"),
        CheckConstraint("decision IN ('', 'merged', 'apart')", name="decision"),
        CheckConstraint("decision <> 'merged' OR kind = 'duplicate'", name="merged"),
        CheckConstraint("score_permille BETWEEN 0 AND 1000", name="score"),
        Index(None, "supplier_id", "check_id"),
    )

    check_id: Mapped[PortfolioCheckId] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    supplier_id: Mapped[SupplierId]
    kind: Mapped[str] = mapped_column(String(9))
    #: `{"places": [...], "reasons": [...]}`: which customers, and why.
    members: Mapped[dict[str, Any]]
    #: The customer whose name and number would stay.
    survivor: Mapped[int] = mapped_column(Integer)
    score_permille: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(String(6))
    decided_by: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime | None]


class PortfolioView(Base):
    """Somebody looked at a check, or took it away, on a day."""

    __tablename__ = "portfolio_views"
    __table_args__ = (
        of_same_supplier("check_id", "portfolio_checks"),
        of_same_supplier("staff_id", "staff"),
        CheckConstraint("what IN ('page', 'pdf', 'csv')", name="what"),
        Index(None, "supplier_id", "check_id"),
    )

    check_id: Mapped[PortfolioCheckId] = mapped_column(primary_key=True)
    staff_id: Mapped[StaffId] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(4), primary_key=True)
    seen_on: Mapped[date] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    seen_at: Mapped[datetime]


class PortfolioDeed(Base):
    """Something that was done from a check, with what is needed to undo it."""

    __tablename__ = "portfolio_deeds"
    __table_args__ = (
        of_same_supplier("check_id", "portfolio_checks"),
        CheckConstraint("kind IN ('limits', 'watch')", name="kind"),
        Index(None, "supplier_id", "check_id", "done_at"),
    )

    id: Mapped[PortfolioDeedId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    check_id: Mapped[PortfolioCheckId]
    kind: Mapped[str] = mapped_column(String(6))
    #: How things were before, and what was made of them.
    body: Mapped[dict[str, Any]]
    done_by: Mapped[str] = mapped_column(String(60))
    done_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class PortfolioBelief(Base):
    """What a supplier puts in the place of the examples: `rules.Assumptions`."""

    __tablename__ = "portfolio_beliefs"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    body: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(60))


def column_of(values: Any) -> Any:
    """A value of ours as a column keeps it: what is empty is left out, which is its default."""
    if isinstance(values, dict):
        return {
            key: column_of(value)
            for key, value in values.items()
            if value is not None and value not in ("", (), [], {}) and value is not False
        }
    if isinstance(values, (list, tuple)):
        return [column_of(value) for value in values]
    return str(values) if isinstance(values, UUID) else values
