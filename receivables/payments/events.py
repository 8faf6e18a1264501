"""What can have happened to an attempt to pay.

`invoice_id` is set where the payment pays a single invoice, so that the line stands in that
invoice's timeline; `PaymentAllocated` says for each invoice what a settled payment put there.
"""

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import InstalmentId, PaymentId, SavedMethodId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEvent(Event):
    """Something about one payment."""

    payment_id: PaymentId
    amount: Money
    #: The instalment it pays.
    instalment_id: InstalmentId | None = None
    #: What was charged without the debtor, or saved on the page they paid on.
    saved_method_id: SavedMethodId | None = None


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
    decline_code: str = ""
    advice_code: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodEvent(Event):
    """Something about a saved card or bank account."""

    saved_method_id: SavedMethodId
    #: As people call it, "Visa ...4242".
    label: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSaved(MethodEvent):
    """A debtor let us keep it, and charge it; `replaces` is what it stands in for."""

    kind: ClassVar[str] = "saved_method.saved"
    shown_to_debtor: ClassVar[bool] = True

    replaces: SavedMethodId | None = None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MethodNotSaved(PaymentEvent):
    """The payment arrived; what it was paid with was to be kept, and was not."""

    kind: ClassVar[str] = "saved_method.not_saved"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRenewed(MethodEvent):
    """The bank gave its customer a new card, or new dates: `label` is what it is called now."""

    kind: ClassVar[str] = "saved_method.renewed"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MethodExpired(MethodEvent):
    """Its last month is over, or the bank says so."""

    kind: ClassVar[str] = "saved_method.expired"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRefused(MethodEvent):
    """The bank will never take it again: lost, stolen, closed, or the permission is withdrawn."""

    kind: ClassVar[str] = "saved_method.refused"
    shown_to_debtor: ClassVar[bool] = True

    code: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRemoved(MethodEvent):
    """It is kept no longer: the debtor, or somebody at the gateway, took it away."""

    kind: ClassVar[str] = "saved_method.removed"
    shown_to_debtor: ClassVar[bool] = True
