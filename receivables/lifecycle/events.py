"""What can have happened in the life cycle of an e-invoice.

Staff alone read of it: what follows from a status, a dispute or a payment that is looked for, has
events of its own, and those the debtor reads as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import ReceivedStatusId, SentStatusId
from receivables.money import Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReceived(Event):
    """A platform passed on what the buyer says. `words` are codes and texts as written, `outcome`
    is what followed.
    """

    kind: ClassVar[str] = "lifecycle.status_received"

    status_id: ReceivedStatusId
    status: int
    words: str
    outcome: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CashReported(Event):
    """A status 212 was made ready: so much was cashed, or went back below zero."""

    kind: ClassVar[str] = "lifecycle.cash_reported"

    status_id: SentStatusId
    amount: Money
    cashed_on: date


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CashNotReportable(Event):
    """What was cashed cannot be told to the platform; `why`: no_tax, no_seller, no_document."""

    kind: ClassVar[str] = "lifecycle.cash_not_reportable"

    status_id: SentStatusId
    amount: Money
    why: str
