"""What can have happened to lists of invoices beside the invoices in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceColumnsTold(Event):
    """Somebody said what the columns of their lists mean."""

    kind: ClassVar[str] = "intake.columns_told"

    name: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceColumnsForgotten(Event):
    """What was said of the columns of some lists no longer counts."""

    kind: ClassVar[str] = "intake.columns_forgotten"

    name: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingListDiscarded(Event):
    """Somebody threw away a list that waited for its columns to be explained."""

    kind: ClassVar[str] = "intake.waiting_list_discarded"

    name: str
