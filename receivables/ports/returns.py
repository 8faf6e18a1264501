"""What the payment provider knows of money that goes back, and of the accounts it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from receivables.ids import PaymentId, RefundId
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund to be made of a payment; `refund` is its idempotency key."""

    refund: RefundId
    payment: PaymentId
    payment_intent_id: str
    amount: Money


class RefundStatus(StrEnum):
    """How far a refund has come, as the gateway says now."""

    PENDING = "pending"
    """It is made, and on its way to the payer."""
    SUCCEEDED = "succeeded"
    """The payer's bank has it."""
    FAILED = "failed"
    """It came back, or was cancelled: the money is ours again."""


@dataclass(frozen=True, slots=True)
class RefundFound:
    """One refund as the gateway knows it. `refund` is what we wrote on it; None when it was made
    elsewhere, in the gateway's own dashboard for one. `failure_code` goes with FAILED.
    """

    id: str
    status: RefundStatus
    refund: RefundId | None
    payment_intent_id: str
    amount: Money
    account: str
    failure_code: str = ""


class ChargebackStatus(StrEnum):
    """How far a card holder's complaint has come."""

    INQUIRY = "inquiry"
    """The bank asks; no money has moved, and none need."""
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"
    """An inquiry that led to nothing."""


@dataclass(frozen=True, slots=True)
class ChargebackFound:
    """One chargeback (Stripe: dispute) as the gateway knows it. `withdrawn` is what has left our
    balance and not come again; `has_moved` whether any ever left it.
    """

    id: str
    status: ChargebackStatus
    payment_intent_id: str
    amount: Money
    withdrawn: Money
    has_moved: bool
    reason: str
    account: str
    respond_by: datetime | None


@dataclass(frozen=True, slots=True)
class AccountFound:
    """A connected account: whether it is (still) ours to use, and may take payments."""

    connected: bool
    takes_payments: bool


class Returns(Protocol):
    """Sends money back, and says what was sent or taken back."""

    def refund_request(self, order: RefundOrder) -> dict[str, Any]:
        """What `make_refund` will post; kept with the refund. Calls nobody."""
        ...

    def make_refund(
        self, account: str, refund: RefundId, request: Mapping[str, Any]
    ) -> RefundFound:
        """Send money back. The same refund and request again is the same refund.

        Also raises GatewayKeyReused.
        """
        ...

    def refund(self, account: str, gateway_refund_id: str) -> RefundFound | None:
        """The refund of this id, or None when the account has none."""
        ...

    def refunds_of(self, account: str, payment_intent_id: str) -> Sequence[RefundFound]:
        """Every refund of a charge, whoever made it."""
        ...

    def chargeback(self, account: str, chargeback_id: str) -> ChargebackFound | None:
        """The chargeback of this id, or None when the account has none."""
        ...

    def account(self, account: str) -> AccountFound:
        """How a connected account stands."""
        ...
