"""What we ask of the outside: somebody who carries mail, somebody who wakes a browser.

The real ones are `mail.SmtpMailer` and `push.WebPusher`; tests use `tests/support/outbox.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable

from receivables.errors import ReceivablesError, TemporarilyUnavailable


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
