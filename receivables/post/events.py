"""What can have happened to a letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ExecutionId, LetterBatchId, LetterId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterEvent(Event):
    """About one letter: which, and which execution of a step it is."""

    letter_id: LetterId
    execution_id: ExecutionId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDecided(LetterEvent):
    """A letter waits to be printed."""

    kind: ClassVar[str] = "letter.decided"

    formal_notice: bool
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSkipped(LetterEvent):
    """It will not be printed; `reason` is "settled" (nothing is asked for any more), "insolvent",
    "no_address" or "by_hand".
    """

    kind: ClassVar[str] = "letter.skipped"

    reason: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPrinted(LetterEvent):
    """It is on paper, over `amount`."""

    kind: ClassVar[str] = "letter.printed"

    batch_id: LetterBatchId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterHandedOver(LetterEvent):
    """The post has it: the step is done. `tracking` is the post's number of a registered one."""

    kind: ClassVar[str] = "letter.handed_over"
    shown_to_debtor: ClassVar[bool] = True

    formal_notice: bool
    amount: Money
    tracking: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class LetterReturned(LetterEvent):
    """The post brought it back: nobody lives there, or nobody wanted it."""

    kind: ClassVar[str] = "letter.returned"

    reason: str
