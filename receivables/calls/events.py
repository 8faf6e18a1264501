"""What can have happened to a call. What was said is for staff alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import CallId, ContactId, ExecutionId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent(Event):
    """About one call to be made: which, and which execution of a step it is."""

    call_id: CallId
    execution_id: ExecutionId
    contact_id: ContactId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlanned(CallEvent):
    """Somebody is to call."""

    kind: ClassVar[str] = "call.planned"

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CallMade(CallEvent):
    """Somebody called. `outcome` is a `rules.Outcome`; whether anybody was spoken to says
    `reached`, and a debtor who was is left alone for some days. `again_on` is the next try's day.
    """

    kind: ClassVar[str] = "call.made"

    outcome: str
    reached: bool
    note: str
    again_on: date | None


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CallClosed(CallEvent):
    """Nobody has to call any more; `how` is "done", "given_up" (tried in vain as often as one
    tries) or "needless" (nothing is asked for any more).
    """

    kind: ClassVar[str] = "call.closed"

    how: str
