"""Reminders: one row for each message to a contact, and which steps of which invoices it takes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import ContactId, DebtorId, ExecutionId, InvoiceId, ReminderId, SupplierId
from receivables.money import Money


class ReminderState(StrEnum):
    DUE = "due"
    """Planned; not yet handed over, and certainly not taken by anybody."""
    WAITING = "waiting"
    """A person lets it out, or declines it."""
    VETOED = "vetoed"
    """A person decided against it."""
    SENDING = "sending"
    """Claimed: from here on it is handed over at most once."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """Handed over, perhaps: a person says what became of it. Never sent again by itself."""
    SKIPPED = "skipped"
    """Not sent, because there was no reason to any more."""
    FAILED = "failed"
    """Turned down for good."""


#: How what a person carries stands until they have: nobody is sending it.
BY_HAND = {"call": "to_call", "letter": "to_post", "registered": "to_post", "file": "to_decide"}


def shown_state(state: str, channel: str) -> str:
    """How a message stands for those who read of it: a `ReminderState`, or what is still to be
    done by a person: "to_call", "to_post", "to_decide".
    """
    if state in (ReminderState.DUE, ReminderState.SENDING):
        return BY_HAND.get(channel, state)
    return state


class ItemState(StrEnum):
    TAKEN = "taken"
    """This message is that step of that invoice."""
    SUPERSEDED = "superseded"
    """A lower step that was missed: the higher one stands for it."""


_STANDING = text("released_at IS NULL")
_UNSETTLED = text("state IN ('due', 'waiting', 'sending', 'unknown')")
_IS_BESIDE = text("beside IS NOT NULL")


class Reminder(Base):
    """One message about one debtor's invoices in one currency, planned on one day.

    An execution of a step that goes by several channels at once is a row for each: the first
    takes the steps, the others stand `beside` it.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "contact_id"], ["contacts.supplier_id", "contacts.id"]
        ),
        UniqueConstraint("supplier_id", "id"),
        # One message per contact, currency and run, however often the run is made: once by each
        # of its channels.
        UniqueConstraint("contact_id", "currency", "run_on", "purpose", "channel"),
        of_same_supplier("beside", "reminders"),
        CheckConstraint(
            "state IN ('due', 'waiting', 'sending', 'sent', 'unknown', 'skipped', 'failed',"
            " 'vetoed')",
            name="state",
        ),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint(
            "state IN ('due', 'waiting', 'skipped', 'vetoed') OR claimed_at IS NOT NULL",
            name="claimed",
        ),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index(None, "supplier_id", "created_at"),
        Index(None, "supplier_id", "debtor_id"),
        Index(
            "ix_reminders_beside",
            "supplier_id",
            "beside",
            sqlite_where=_IS_BESIDE,
            postgresql_where=_IS_BESIDE,
        ),
        Index(
            "ix_reminders_unsettled",
            "supplier_id",
            "state",
            sqlite_where=_UNSETTLED,
            postgresql_where=_UNSETTLED,
        ),
    )

    id: Mapped[ReminderId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    contact_id: Mapped[ContactId]
    #: The supplier's calendar day for which it was decided.
    run_on: Mapped[date]
    #: What the message is for: "demand" is the day's message, else a person's step by its name.
    purpose: Mapped[str] = mapped_column(String(12))
    #: The step whose words are used: that of the highest item, capped.
    step: Mapped[str] = mapped_column(String(12))
    level: Mapped[int] = mapped_column(Integer)
    #: A `ports.Channel`, or "file": what a person hands over.
    channel: Mapped[str] = mapped_column(String(10), default="email", server_default="email")
    #: The row whose execution this one belongs to; None: its own.
    beside: Mapped[ReminderId | None]
    #: What the message asks for, when it was planned and then when it was claimed.
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    to_address: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    #: The same for every attempt.
    message_id: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))
    #: Why it is in its state: a `rules.Reason`, or the mail server's words.
    reason: Mapped[str] = mapped_column(String(500))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    #: When it may be handed over for the first time: the debtor's hours. None: at once.
    send_from: Mapped[datetime | None]
    send_until: Mapped[datetime | None]
    #: Set when a person let it out.
    let_out_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    @property
    def execution_id(self) -> ExecutionId:
        """The same for all channels by which one step goes to one contact."""
        return ExecutionId(self.beside or self.id)


class ReminderItem(Base):
    """One step of one invoice, and the message that took it.

    A step is taken once. It is free again (`released_at`) when its message was certainly not
    sent and there may be reason to send another.
    """

    __tablename__ = "reminder_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "reminder_id"], ["reminders.supplier_id", "reminders.id"]
        ),
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        CheckConstraint("state IN ('taken', 'superseded')", name="state"),
        Index(
            "uq_reminder_items_step",
            "supplier_id",
            "invoice_id",
            "step",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(None, "supplier_id", "invoice_id"),
    )

    reminder_id: Mapped[ReminderId] = mapped_column(primary_key=True)
    invoice_id: Mapped[InvoiceId] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(12), primary_key=True)
    supplier_id: Mapped[SupplierId]
    state: Mapped[str] = mapped_column(String(10))
    #: What could be demanded of this invoice when it was planned.
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    released_at: Mapped[datetime | None]
