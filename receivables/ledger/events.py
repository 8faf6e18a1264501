"""What can have happened on the ledger."""

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event
from receivables.money import Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CreditAllocated(Event):
    """Credit or unapplied cash was put against an invoice."""

    kind: ClassVar[str] = "ledger.credit_allocated"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBooked(Event):
    """Money that came by bank transfer was put against an invoice."""

    kind: ClassVar[str] = "ledger.transfer_booked"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money
    reference: str
