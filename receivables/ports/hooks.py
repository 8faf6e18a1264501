"""Who tells a supplier's own systems: `receivables.hooks.OutgoingHooks`, and in tests a fake."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from receivables.errors import ReceivablesError


class ForbiddenHook(ReceivablesError):
    """The address is none we talk to."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(f"{url[:200]!r} is not called: {reason}")


@dataclass(frozen=True, slots=True)
class HookMessage:
    """One message to one address: `message_id` is the same for every attempt, `secrets` are all
    that sign at present, `body` is JSON in UTF-8.
    """

    url: str
    message_id: str
    body: bytes
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What the far end said. `status` is None when it said nothing, and `text` then says why.

    `is_refused` says that we did not even try: the address is none we talk to.
    """

    status: int | None
    text: str = ""
    retry_after: timedelta | None = None
    is_refused: bool = False

    @property
    def is_taken(self) -> bool:
        """Only 2xx is; a redirect is a refusal, for nobody follows it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The far end wants nothing any more (RFC 9110, section 15.5.11)."""
        return self.status == 410


@runtime_checkable
class HookCaller(Protocol):
    """Tells one address, once."""

    def check(self, url: str) -> None:
        """Raise ForbiddenHook for an address it would not talk to."""
        ...

    def call(self, message: HookMessage) -> HookAnswer:
        """Sign, send, and say what came back. Whatever the far end does is an answer."""
        ...
