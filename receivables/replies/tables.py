"""Answers by mail, as staff read them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import ContactId, DebtorId, ReminderId, ReplyId, SupplierId


class Reply(Base):
    """One answer to a mail of ours: append-only. The same mail again is the same answer."""

    __tablename__ = "replies"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        of_same_supplier("reminder_id", "reminders"),
        UniqueConstraint("supplier_id", "mail_hash"),
        Index(None, "supplier_id", "debtor_id"),
        Index(None, "supplier_id", "received_at"),
    )

    id: Mapped[ReplyId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: Whom our message was written to.
    contact_id: Mapped[ContactId]
    #: The reminder it answers; None where it is another mail of ours.
    reminder_id: Mapped[ReminderId | None]
    #: SHA-256 of its Message-ID and its sender.
    mail_hash: Mapped[str] = mapped_column(String(64))
    #: Who says to have written it: anybody can say so.
    from_address: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    #: What its writer wrote, without what is quoted.
    text: Mapped[str] = mapped_column(String(4000))
    is_cut: Mapped[bool] = mapped_column(Boolean)
    #: A program's answer: it changes nothing.
    is_automatic: Mapped[bool] = mapped_column(Boolean)
    received_at: Mapped[datetime]
