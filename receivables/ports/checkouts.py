"""Hosted payment pages, as the gateway makes them and says how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from receivables.ids import PaymentId
from receivables.money import Money
from receivables.ports.saved_methods import KeptMethod


class CheckoutStatus(StrEnum):
    """How far a hosted payment page has come, as the gateway says now."""

    OPEN = "open"
    """It can still be paid; nothing has been taken."""
    PROCESSING = "processing"
    """The debtor is done, the bank is not: a debit that takes days."""
    PAID = "paid"
    """The money is ours."""
    FAILED = "failed"
    """The debtor was done, the bank refused; nothing was taken."""
    EXPIRED = "expired"
    """It can no longer be paid; nothing was taken."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """One hosted payment page as the gateway knows it.

    `attempt` is what we wrote on it when it was made; None on a page that is not ours. `account`
    is the connected account it belongs to, "" for our own. `method` is as people call it
    (`Visa ...4242`), empty while nobody has paid. `failure_code` goes with FAILED.
    `saving` says that what is paid with was to be kept, and `kept` is it once it is; `consent` is
    what the page said about that.
    """

    id: str
    status: CheckoutStatus
    attempt: PaymentId | None
    amount: Money
    account: str
    livemode: bool
    url: str | None
    payment_intent_id: str | None
    method: str = ""
    failure_code: str = ""
    saving: bool = False
    kept: KeptMethod | None = None
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Saving:
    """That what is paid with is to be kept: with whom, and what the page says about it
    (1200 characters at most).
    """

    customer: str
    consent: str


@dataclass(frozen=True, slots=True)
class CheckoutLine:
    """What the hosted page lists: an invoice, and what is paid of it."""

    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """A hosted page to be made. `attempt` is its idempotency key; all lines are in one currency.

    `locale` is ours (a language, perhaps with a country); `{CHECKOUT_SESSION_ID}` in
    `success_url` is filled in by the gateway.
    """

    attempt: PaymentId
    lines: tuple[CheckoutLine, ...]
    description: str
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    saving: Saving | None = None


class Checkouts(Protocol):
    """Takes payments on a page of the gateway's own."""

    def request_for(self, order: CheckoutOrder) -> dict[str, Any]:
        """What `open_checkout` will post; kept with the attempt. Calls nobody."""
        ...

    def open_checkout(
        self, account: str, attempt: PaymentId, request: Mapping[str, Any]
    ) -> Checkout:
        """Make the hosted page. The same attempt and request again is the same page.

        Also raises GatewayKeyReused.
        """
        ...

    def checkout(self, account: str, checkout_id: str) -> Checkout | None:
        """The page of this id, or None when the account has none."""
        ...

    def checkout_of_intent(self, account: str, payment_intent_id: str) -> Checkout | None:
        """The page this charge was made on, or None when it was made on none."""
        ...

    def find_checkout(
        self, account: str, attempt: PaymentId, *, made_from: datetime, made_until: datetime
    ) -> Checkout | None:
        """The page made for an attempt, among all that were made in that time."""
        ...

    def expire_checkout(self, account: str, checkout_id: str) -> Checkout:
        """Close the page so that it cannot be paid any more, and say how it stands.

        One that was paid meanwhile comes back PAID: that is not an error.
        """
        ...
