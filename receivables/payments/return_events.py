"""What can have happened to money on its way back, and to the account that payments come to.

`invoice_id` is set where the line stands in one invoice's timeline; the debtor's own has the line
once, without it.
"""

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ChargebackId, PaymentId, RefundId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundEvent(Event):
    """Something about one refund."""

    payment_id: PaymentId
    refund_id: RefundId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(RefundEvent):
    """Staff decided to send money back."""

    kind: ClassVar[str] = "refund.requested"

    why: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRefused(RefundEvent):
    """Stripe did not make it; no money moved."""

    kind: ClassVar[str] = "refund.refused"

    code: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RefundMade(RefundEvent):
    """The money has left us; `external`: by somebody at Stripe itself, not by us."""

    kind: ClassVar[str] = "refund.made"
    shown_to_debtor: ClassVar[bool] = True

    external: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RefundArrived(RefundEvent):
    """The payer's bank has it; only told where that was not known at once."""

    kind: ClassVar[str] = "refund.arrived"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(RefundEvent):
    """It came back to us: the payer has not got it, and somebody must find another way."""

    kind: ClassVar[str] = "refund.failed"
    shown_to_debtor: ClassVar[bool] = True

    code: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReopened(Event):
    """`amount` of an invoice is owed again, since the payment that paid it went back.

    `cause` is "refund" or "chargeback".
    """

    kind: ClassVar[str] = "payment.invoice_reopened"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    payment_id: PaymentId
    amount: Money
    cause: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaidAgain(Event):
    """What had been opened again by `amount` is paid after all: the money came again."""

    kind: ClassVar[str] = "payment.invoice_paid_again"
    shown_to_debtor: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    payment_id: PaymentId
    amount: Money
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackEvent(Event):
    """Something about one chargeback; `reason` is Stripe's code."""

    payment_id: PaymentId
    chargeback_id: ChargebackId
    amount: Money
    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackOpened(ChargebackEvent):
    """The payer's bank contests a payment; with an `inquiry` it only asks, and no money moves."""

    kind: ClassVar[str] = "chargeback.opened"

    inquiry: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackWithdrawn(ChargebackEvent):
    """The bank has taken the money: what it paid is open again."""

    kind: ClassVar[str] = "chargeback.withdrawn"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackReinstated(ChargebackEvent):
    """The bank has given the money back to the supplier."""

    kind: ClassVar[str] = "chargeback.reinstated"
    shown_to_debtor: ClassVar[bool] = True


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackClosed(ChargebackEvent):
    """The bank has decided; `outcome` is "won", "lost" or (of an inquiry) "closed"."""

    kind: ClassVar[str] = "chargeback.closed"

    outcome: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentsStopped(Event):
    """The supplier's account at Stripe takes no payments: "disconnected" or "restricted"."""

    kind: ClassVar[str] = "payment.card_payments_stopped"

    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CardPaymentsResumed(Event):
    """The supplier's account at Stripe takes payments again."""

    kind: ClassVar[str] = "payment.card_payments_resumed"
