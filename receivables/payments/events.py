"""What can have happened to an attempt to pay.

`invoice_id` is set where the payment pays a single invoice, so that the line stands in that
invoice's timeline; `PaymentAllocated` says for each invoice what a settled payment put there.
"""

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import PaymentId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(Event):
    """Something about one payment."""

    payment_id: PaymentId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStarted(PaymentEvent):
    """A debtor went to pay."""

    kind: ClassVar[str] = "payment.started"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentProcessing(PaymentEvent):
    """The debtor is done and the bank takes days: leave them alone meanwhile."""

    kind: ClassVar[str] = "payment.processing"
    shown_to_debtor: ClassVar[bool] = True

    method: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettled(PaymentEvent):
    """The money is ours and in the ledger. Once per payment; never on one invoice's timeline."""

    kind: ClassVar[str] = "payment.settled"
    shown_to_debtor: ClassVar[bool] = True

    method: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAllocated(PaymentEvent):
    """Of a settled payment, `amount` went to this invoice."""

    kind: ClassVar[str] = "payment.allocated"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    method: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusReceived(PaymentEvent):
    """Of a settled payment, `amount` was more than the debtor owed and waits as credit."""

    kind: ClassVar[str] = "payment.surplus_received"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed(PaymentEvent):
    """It was refused; nothing was taken."""

    kind: ClassVar[str] = "payment.failed"
    shown_to_debtor: ClassVar[bool] = True

    code: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentExpired(PaymentEvent):
    """The page was left or closed; nothing was taken."""

    kind: ClassVar[str] = "payment.expired"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUnknown(PaymentEvent):
    """The gateway's answer was lost: nothing new is sent for these invoices until we know."""

    kind: ClassVar[str] = "payment.unknown"
