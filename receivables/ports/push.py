"""Who wakes a browser: `receivables.push.WebPusher`, and in tests `tests/support/outbox.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable


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
