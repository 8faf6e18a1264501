"""What can have happened to a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ContactId, PaymentId, ReminderId
from receivables.money import Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderDue(Event):
    """A message was planned; `step` is the one whose words it uses."""

    kind: ClassVar[str] = "reminder.due"

    reminder_id: ReminderId
    step: str
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSent(Event):
    """A message was taken by the mail server, or a person says that it was."""

    kind: ClassVar[str] = "reminder.sent"
    shown_to_debtor: ClassVar[bool] = True

    reminder_id: ReminderId
    contact_id: ContactId
    step: str
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReminded(Event):
    """The same, for the timeline of one invoice in it; `amount` is what was asked for it."""

    kind: ClassVar[str] = "invoice.reminded"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    reminder_id: ReminderId
    step: str
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSkipped(Event):
    """A planned message was not sent, since the reason for it is gone; `reason` is a Reason."""

    kind: ClassVar[str] = "reminder.skipped"

    reminder_id: ReminderId
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderUnknown(Event):
    """Nobody knows whether a message was taken: a person has to look."""

    kind: ClassVar[str] = "reminder.unknown"

    reminder_id: ReminderId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFailed(Event):
    """A message was turned down for good, or given up by a person."""

    kind: ClassVar[str] = "reminder.failed"

    reminder_id: ReminderId
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksSent(Event):
    """Thanks and receipt for a payment were handed over."""

    kind: ClassVar[str] = "thanks.sent"
    shown_to_debtor: ClassVar[bool] = True

    payment_id: PaymentId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksNotSent(Event):
    """Thanks for a payment could not be delivered; `reason` is the mail server's, or ours."""

    kind: ClassVar[str] = "thanks.not_sent"

    payment_id: PaymentId
    reason: str
