"""Who carries text messages: `receivables.sms.gateway.HttpTexter`, in tests one that records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from receivables.errors import ReceivablesError, TemporarilyUnavailable


@dataclass(frozen=True, slots=True)
class Text:
    """One text message; `to` is E.164. `reference` is ours, for the log of the gateway."""

    to: str
    body: str
    reference: str


class TextRefused(ReceivablesError):
    """A certain no; the same text would be refused again.

    `number_is_dead` says that the number cannot receive text messages, or that its owner has told
    the gateway to keep us away: it is not to be tried again.
    """

    def __init__(self, code: str, reason: str, *, number_is_dead: bool = False) -> None:
        self.code, self.reason, self.number_is_dead = code, reason, number_is_dead
        super().__init__(f"text refused: {code} {reason}")


class TextDeferred(TemporarilyUnavailable):
    """It was certainly not taken, and may be sent again later."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"text deferred: {reason}")


class TextUnknown(ReceivablesError):
    """It was handed over, and no answer came that says whether it was taken."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"text handed over without an answer: {reason}")


@dataclass(frozen=True, slots=True)
class TextReport:
    """What the network says of a text that the gateway took. `gateway_id` is the gateway's own id
    of it. `delivered` None: it is under way. `number_is_dead` as in TextRefused.
    """

    gateway_id: str
    delivered: bool | None
    code: str = ""
    number_is_dead: bool = False


class BadReport(ReceivablesError):
    """A report that its signature does not prove, or that says nothing."""


@runtime_checkable
class ReportingTexter(Protocol):
    """A Texter whose gateway tells later what became of a text."""

    def verify(self, reference: str, body: bytes, signature: str) -> TextReport:
        """What a report about our `reference` says. Raises BadReport."""
        ...


@runtime_checkable
class Texter(Protocol):
    """Carries one text message."""

    def send(self, text: Text) -> str:
        """The gateway's own id of the message it took; raises TextRefused, TextDeferred or
        TextUnknown.
        """
        ...
