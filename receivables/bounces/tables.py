"""What came back, and whom not to write to any more."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import BounceId, ContactId, DebtorId, SupplierId, SuppressionId


class Because(StrEnum):
    """Why an address is left alone."""

    HARD_BOUNCE = "hard_bounce"
    """It does not exist."""
    SOFT_BOUNCES = "soft_bounces"
    """It was full, busy or blocked too often in a row."""
    COMPLAINT = "complaint"
    """Its reader called our mail spam."""
    DEAD_NUMBER = "dead_number"
    """The gateway says that no text message can be received there."""
    RETURNED = "returned"
    """A letter came back."""
    WRONG_PERSON = "wrong_person"
    """Somebody else answered the telephone."""


_OF_CONTACT = text("lifted_at IS NULL AND contact_id IS NOT NULL")
_OF_DEBTOR = text("lifted_at IS NULL AND contact_id IS NULL")


class Bounce(Base):
    """One report about one message: append-only. The same mail read twice is one report."""

    __tablename__ = "bounces"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        UniqueConstraint("contact_id", "report_hash"),
        CheckConstraint("kind IN ('hard', 'soft', 'complaint')", name="kind"),
        Index(None, "supplier_id", "contact_id", "received_at"),
    )

    id: Mapped[BounceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    #: SHA-256 of the report as it came.
    report_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(9))
    address: Mapped[str] = mapped_column(String(254))
    #: The enhanced status code (RFC 3463); empty with a complaint.
    status: Mapped[str] = mapped_column(String(12))
    #: The far end's words.
    diagnostic: Mapped[str] = mapped_column(String(500))
    #: Which message of ours it was: the part of its Message-ID before the `@`.
    message: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]


class Suppression(Base):
    """One address of one contact that is not used on one channel, until it is lifted or the
    contact has another address.

    `contact_id` is None for the debtor's postal address.
    """

    __tablename__ = "suppressions"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("contact_id", "contacts"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("channel IN ('email', 'sms', 'letter', 'call')", name="channel"),
        CheckConstraint("(contact_id IS NULL) = (channel = 'letter')", name="contact"),
        CheckConstraint(
            "because IN ('hard_bounce', 'soft_bounces', 'complaint', 'dead_number', 'returned',"
            " 'wrong_person')",
            name="because",
        ),
        Index(
            "uq_suppressions_contact", "contact_id", "channel", "address", unique=True,
            sqlite_where=_OF_CONTACT, postgresql_where=_OF_CONTACT,
        ),
        Index(
            "uq_suppressions_debtor", "debtor_id", "channel", "address", unique=True,
            sqlite_where=_OF_DEBTOR, postgresql_where=_OF_DEBTOR,
        ),
        Index(None, "supplier_id", "created_at"),
        Index(None, "supplier_id", "contact_id"),
    )  # fmt: skip

    id: Mapped[SuppressionId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId | None]
    channel: Mapped[str] = mapped_column(String(6))
    #: As it was written to: a mail address, a number in E.164, a postal address on one line.
    address: Mapped[str] = mapped_column(String(300))
    because: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
