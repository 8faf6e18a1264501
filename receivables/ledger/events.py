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


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TransferUnapplied(Event):
    """Of a bank transfer this much was put against no invoice and waits as credit."""

    kind: ClassVar[str] = "ledger.transfer_unapplied"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money
    reference: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReversed(Event):
    """Money that came by bank transfer was taken off again: it came back, or was not for this."""

    kind: ClassVar[str] = "ledger.transfer_reversed"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money
    reference: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationUndone(Event):
    """Money that had been put against an invoice was taken off it again and waits as credit."""

    kind: ClassVar[str] = "ledger.allocation_undone"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOff(Event):
    """The supplier stopped expecting this much of an invoice; `why` is in staff's own words."""

    kind: ClassVar[str] = "ledger.written_off"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money
    why: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffReversed(Event):
    """What had been written off is owed again."""

    kind: ClassVar[str] = "ledger.write_off_reversed"
    shown_to_debtor: ClassVar[bool] = True

    amount: Money
