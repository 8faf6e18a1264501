"""What we ask of the outside: who carries mail, who wakes a browser, who takes card payments.

The real ones are `mail.SmtpMailer`, `push.WebPusher` and `payments.stripe_gateway.StripeGateway`;
tests use `tests/support/outbox.py` and the sandbox behind the real gateway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from receivables.errors import ReceivablesError, TemporarilyUnavailable
from receivables.ids import PaymentId
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a message."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One message to one person; text and HTML say the same.

    `message_id` has no angle brackets, contains an `@`, and is the same for every attempt at the
    same message, so that whoever gets it twice can tell. `language` is a BCP 47 tag.
    `headers` are additional ones (List-Unsubscribe); none of those the mailer writes itself.
    """

    message_id: str
    to_address: str
    to_name: str
    from_name: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    language: str
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()


class MailRefused(ReceivablesError):
    """The message was turned down for good; sending it again changes nothing.

    `address_is_dead` says that it is the recipient's address that does not exist, which is the
    one case in which the address should not be written to again.
    """

    def __init__(self, code: int, reason: str, *, address_is_dead: bool = False) -> None:
        self.code, self.reason, self.address_is_dead = code, reason, address_is_dead
        super().__init__(f"mail refused: {code} {reason}")


class MailDeferred(TemporarilyUnavailable):
    """The message was certainly not taken; the same message may be sent again later.

    `code` is the server's answer, or None when there was none (no connection, no TLS, a time-out
    before the message was handed over).
    """

    def __init__(self, code: int | None, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"mail deferred: {code or 'no answer'} {reason}")


class MailUnknown(ReceivablesError):
    """The whole message was handed over and no answer came: it may have been taken, or not."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"mail handed over without an answer: {reason}")


@runtime_checkable
class Mailer(Protocol):
    """Carries one message."""

    def send(self, message: MailMessage) -> None:
        """Return when the message was taken; raise MailRefused, MailDeferred or MailUnknown."""
        ...


class Urgency(StrEnum):
    """How much battery a notification is worth (RFC 8030, section 5.3)."""

    VERY_LOW = "very-low"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PushTarget:
    """One browser that asked to be told: what its `PushSubscription` says.

    `p256dh` and `auth` are base64url; `key_id` names the VAPID key it was subscribed with, and
    is the only one the push service will accept.
    """

    endpoint: str
    p256dh: str
    auth: str
    key_id: str


@dataclass(frozen=True, slots=True)
class PushPayload:
    """What the browser shows, and where a click leads.

    `navigate` is an absolute URL of the face that subscribed. `tag` replaces a notification that
    is already shown; `topic` replaces one that has not been delivered yet (any text: it is hashed
    for the wire). `ttl` is how long the push service keeps trying. `language` is a BCP 47 tag.
    """

    title: str
    body: str
    navigate: str
    tag: str
    topic: str
    urgency: Urgency = Urgency.NORMAL
    ttl: timedelta = timedelta(hours=24)
    language: str = "en"


class PushResult(StrEnum):
    """What became of a push."""

    DELIVERED = "delivered"
    """The push service took it."""
    GONE = "gone"
    """The browser no longer wants it (404, 410): forget the subscription."""
    LATER = "later"
    """Busy, broken or out of reach: try again, not before `retry_after`."""
    REFUSED = "refused"
    """Our keys, our message or the endpoint itself is wrong: trying again changes nothing."""


@dataclass(frozen=True, slots=True)
class PushOutcome:
    """The result of a push, with what the caller needs for the next step.

    `retry_after` goes with LATER and is None when the service named no time; `reason` goes with
    LATER and REFUSED and is for the log.
    """

    result: PushResult
    retry_after: timedelta | None = None
    reason: str = ""


@runtime_checkable
class Pusher(Protocol):
    """Wakes one browser."""

    def push(self, subscription: PushTarget, payload: PushPayload, *, now: datetime) -> PushOutcome:
        """Try once. Whatever the far end does is an outcome, never an exception."""
        ...


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


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """A message from the gateway whose signature held. It is a signal; the object it names is
    fetched afresh. `account` is "" for our own; `api_version` is "" on a thin event.
    """

    account: str
    id: str
    kind: str
    object_id: str
    api_version: str
    livemode: bool
    body: dict[str, Any]


class GatewayRefused(ReceivablesError):
    """A certain no: nothing was made, and the same request would be refused again."""

    def __init__(self, code: str, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(f"refused by the gateway: {code} {reason}")


class GatewayNotConfigured(GatewayRefused):
    """Our key is missing, wrong or revoked: nobody can pay by card until a person sees to it."""


class GatewayKeyReused(GatewayRefused):
    """The attempt's key came with another request than the first time: a fault of ours.

    It says nothing about the first request, which may well have been taken.
    """


class GatewayUnreached(TemporarilyUnavailable):
    """A certain no of another kind: no connection was made, so nothing was sent."""


class GatewaySilent(TemporarilyUnavailable):
    """No answer, or "busy": whether anything happened is unknown, and the *same* request under
    the same key finds out, while the key is young.
    """


class GatewayUnclear(TemporarilyUnavailable):
    """The gateway broke down over the request. What it did is unknown, and its answer is kept
    under the key: only looking finds out.
    """


class BadSignature(ReceivablesError):
    """A message that claims to be the gateway's and is not, or is too old to be believed."""


@runtime_checkable
class Gateway(Protocol):
    """Takes card payments for us on a page of its own.

    Everything that calls out may raise GatewayNotConfigured, GatewayRefused, GatewayUnreached,
    GatewaySilent or GatewayUnclear, and nothing else. `account` is the connected account, or ""
    for our own.
    """

    @property
    def livemode(self) -> bool:
        """Whether real money moves."""
        ...

    @property
    def api_version(self) -> str:
        """The version of the gateway's interface this code was written for."""
        ...

    def trouble(self, account: str) -> str:
        """Why nobody should be sent here now ("not_configured"), or "". Calls nobody."""
        ...

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

    def events_since(self, account: str, since: datetime) -> Iterator[SignedEvent]:
        """Everything the gateway has told us, or tried to, from `since`; oldest last."""
        ...

    def verify(self, raw: bytes, signature: str) -> SignedEvent:
        """The event in a message, or BadSignature. Calls nobody."""
        ...
