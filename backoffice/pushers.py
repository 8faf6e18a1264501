"""What the backoffice needs of a pusher that browsers subscribe to."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Key(Protocol):
    """What a browser subscribes with."""

    public: str
    key_id: str


@runtime_checkable
class Subscribable(Protocol):
    """A pusher that browsers can subscribe to."""

    @property
    def current_key(self) -> Key: ...

    def check(self, endpoint: str, p256dh: str, auth: str) -> None:
        """Raise BadSubscription for what this pusher would not push to."""
        ...
