"""Scenarios that a supplier edited; who edited none has `steps.OURS` and no row here.

Sets (channels, countries, classes) are words in one column: they are read and written whole.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import ScenarioId, SupplierId


class ScenarioRow(Base):
    __tablename__ = "scenarios"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "name"),
    )

    id: Mapped[ScenarioId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    #: The first that fits a debtor is taken, in this order.
    place: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    kinds: Mapped[str] = mapped_column(String(20))
    countries: Mapped[str] = mapped_column(String(120))
    payer_classes: Mapped[str] = mapped_column(String(20))
    solvency_classes: Mapped[str] = mapped_column(String(30))
    changed_at: Mapped[datetime]


class ScenarioStepRow(Base):
    __tablename__ = "scenario_steps"
    __table_args__ = (
        of_same_supplier("scenario_id", "scenarios"),
        CheckConstraint("level BETWEEN 0 AND 5", name="level"),
        CheckConstraint("offset_days BETWEEN -60 AND 365", name="offset_days"),
        CheckConstraint("mode IN ('auto', 'auto_with_veto', 'manual')", name="mode"),
        CheckConstraint(
            "legal_effect IN ('none', 'first_reminder_b2c', 'formal_notice')", name="legal_effect"
        ),
        CheckConstraint("min_amount >= 0 AND max_auto_amount >= 0", name="amounts"),
    )

    scenario_id: Mapped[ScenarioId] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(11), primary_key=True)
    supplier_id: Mapped[SupplierId]
    offset_days: Mapped[int] = mapped_column(Integer)
    #: "A:5 D:1 B:-": days after the due date of single payer classes; "-" is without the step.
    class_offsets: Mapped[str] = mapped_column(String(60))
    level: Mapped[int] = mapped_column(Integer)
    tone: Mapped[str] = mapped_column(String(8))
    channels: Mapped[str] = mapped_column(String(60))
    beside: Mapped[str] = mapped_column(String(60))
    mode: Mapped[str] = mapped_column(String(14))
    #: Whole units of the message's currency.
    min_amount: Mapped[int | None]
    max_auto_amount: Mapped[int | None]
    audience: Mapped[str] = mapped_column(String(8))
    kinds: Mapped[str] = mapped_column(String(20))
    countries: Mapped[str] = mapped_column(String(120))
    payer_classes: Mapped[str] = mapped_column(String(20))
    solvency_classes: Mapped[str] = mapped_column(String(30))
    shows_interest: Mapped[bool]
    legal_effect: Mapped[str] = mapped_column(String(18))
