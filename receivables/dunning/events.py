"""What can have happened to a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
class StepDue(Event):
    """A step is to go by another way than e-mail: `channel` is a `ports.Channel`."""

    kind: ClassVar[str] = "reminder.step_due"

    reminder_id: ReminderId
    step: str
    amount: Money
    channel: str


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


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderWaiting(Event):
    """A message was planned that a person lets out or declines; `reason` is a Reason."""

    kind: ClassVar[str] = "reminder.waiting"

    reminder_id: ReminderId
    step: str
    amount: Money
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLetOut(Event):
    """A person let a message out that had waited for them."""

    kind: ClassVar[str] = "reminder.let_out"

    reminder_id: ReminderId
    step: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderVetoed(Event):
    """A person decided against a message; `reason` is a Reason."""

    kind: ClassVar[str] = "reminder.vetoed"

    reminder_id: ReminderId
    step: str
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverDeclined(Event):
    """The scenario asked to hand invoices over for collection, and a person decided against it."""

    kind: ClassVar[str] = "handover.declined"

    reminder_id: ReminderId
    amount: Money
    numbers: tuple[str, ...]
    why: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeld(Event):
    """All messages of a day wait for a person; `reason` is a Reason."""

    kind: ClassVar[str] = "dunning.run_held"

    run_on: date
    messages: int
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesVetoed(Event):
    """Messages of a day were taken out of its preview: one debtor's, or (no debtor) all."""

    kind: ClassVar[str] = "dunning.vetoed"

    run_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class VetoWithdrawn(Event):
    """Messages of a day go out after all."""

    kind: ClassVar[str] = "dunning.veto_withdrawn"

    run_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DunningStopped(Event):
    """A person stopped demands: on the debtor, or about one invoice. `until` is the last day."""

    kind: ClassVar[str] = "dunning.stopped"

    reason: str
    until: date | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DunningResumed(Event):
    """A stop was lifted before its day."""

    kind: ClassVar[str] = "dunning.resumed"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AbsencePlanned(Event):
    """Nothing goes out by itself on these days."""

    kind: ClassVar[str] = "dunning.absence_planned"

    first_on: date
    last_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceCancelled(Event):
    kind: ClassVar[str] = "dunning.absence_cancelled"

    first_on: date
    last_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ScenariosChanged(Event):
    """Reminders follow other scenarios from now on; `names` are theirs."""

    kind: ClassVar[str] = "dunning.scenarios_changed"

    names: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class DunningSettingsChanged(Event):
    """Other hours or limits hold from now on."""

    kind: ClassVar[str] = "dunning.settings_changed"
