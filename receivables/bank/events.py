"""What can have happened to bank statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import BankStatementId


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatementTaken(Event):
    """A statement is on record, with its entries that were not there before."""

    kind: ClassVar[str] = "bank.statement_taken"

    statement_id: BankStatementId
    account: str
    last_on: date
    #: Rows added: bookings, and transactions of batches.
    new_entries: int


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLayoutTold(Event):
    """Somebody said what the columns of a bank's CSV mean."""

    kind: ClassVar[str] = "bank.csv_layout_told"

    name: str
