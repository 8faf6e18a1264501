"""What a supplier wants to follow from solvency, and what was proposed or done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import DebtorId, SolvencyProposalId, StaffId, SupplierId


class SolvencyPolicy(Base):
    """What a supplier chose; no row: `rules.EffectPolicy()`."""

    __tablename__ = "solvency_policies"
    __table_args__ = (
        CheckConstraint(
            "limit_mode IN ('off', 'propose', 'apply')"
            " AND prepayment_mode IN ('off', 'propose', 'apply')"
            " AND plans_mode IN ('off', 'propose', 'apply')",
            name="modes",
        ),
        CheckConstraint("worst IN ('C', 'D', 'E')", name="worst"),
        CheckConstraint("limit_percent BETWEEN 0 AND 100", name="limit_percent"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    limit_mode: Mapped[str] = mapped_column(String(7))
    prepayment_mode: Mapped[str] = mapped_column(String(7))
    plans_mode: Mapped[str] = mapped_column(String(7))
    worst: Mapped[str] = mapped_column(String(1))
    limit_percent: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]


class SolvencyProposal(Base):
    """One thing that solvency calls for, on one occasion: it waits for a person, or was done.

    `occasion` is what called for it, and so the natural key with `effect`: the same class or the
    same publication proposes a thing once. `wanted` and `before` are what it sets, and what stood
    before it was done, so that it can be undone.
    """

    __tablename__ = "solvency_proposals"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        ForeignKeyConstraint(["supplier_id", "decided_by"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "debtor_id", "effect", "occasion"),
        CheckConstraint("effect IN ('limit', 'prepayment', 'plans', 'resume')", name="effect"),
        CheckConstraint(
            "state IN ('open', 'applied', 'declined', 'undone', 'obsolete')", name="state"
        ),
        Index("ix_solvency_proposals_state", "supplier_id", "state", "made_at"),
    )

    id: Mapped[SolvencyProposalId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    effect: Mapped[str] = mapped_column(String(10))
    #: "class:E:2026-11-22" or "event:<id>".
    occasion: Mapped[str] = mapped_column(String(80))
    #: The class, or the kind of the publication, that is the reason.
    cause: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(8))
    wanted: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    #: Done by itself, because the supplier chose so.
    is_automatic: Mapped[bool]
    made_at: Mapped[datetime]
    decided_by: Mapped[StaffId | None]
    decided_at: Mapped[datetime | None]
