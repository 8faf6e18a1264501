"""A supplier's own words, one row for each step, channel and language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import MessageTextId, SupplierId


class MessageText(Base):
    """Used for messages once `is_active`; until then a draft."""

    __tablename__ = "message_texts"
    __table_args__ = (
        UniqueConstraint("supplier_id", "step", "channel", "language"),
        CheckConstraint("channel IN ('email', 'sms', 'letter')", name="channel"),
    )

    id: Mapped[MessageTextId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    step: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(6))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(150))
    opening: Mapped[str] = mapped_column(String(2000))
    closing: Mapped[str] = mapped_column(String(2000))
    is_active: Mapped[bool]
    changed_at: Mapped[datetime]
