"""What can have happened to a text message. No numbers stand here: an event stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ContactId, ExecutionId, TextMessageId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEvent(Event):
    """About one text message: which, and which execution of a step it was."""

    text_id: TextMessageId
    execution_id: ExecutionId
    contact_id: ContactId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TextSent(TextEvent):
    """The gateway took it, or a person says that it did."""

    kind: ClassVar[str] = "text.sent"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TextFailed(TextEvent):
    """It was certainly not taken, and will not be. `number_is_dead`: the next channel is to be
    taken, and the number is in need of a person.
    """

    kind: ClassVar[str] = "text.failed"

    reason: str
    number_is_dead: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TextUnknown(TextEvent):
    """It was handed over and nobody said whether it was taken; a person has to find out."""

    kind: ClassVar[str] = "text.unknown"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelivered(TextEvent):
    """The network says that it reached its telephone."""

    kind: ClassVar[str] = "text.delivered"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TextUndelivered(TextEvent):
    """The gateway had taken it, and the network says that it did not reach its telephone.

    `number_is_dead`: the next channel is to be taken, and the number is in need of a person.
    """

    kind: ClassVar[str] = "text.undelivered"

    reason: str
    number_is_dead: bool
