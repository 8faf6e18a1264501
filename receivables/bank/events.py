"""What can have happened to bank statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from receivables.history import Event, event
from receivables.ids import BankEntryId, BankMatchId, BankStatementId
from receivables.money import Money


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


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingPolicyChanged(Event):
    """Another amount may be missing of a transfer from now on."""

    kind: ClassVar[str] = "bank.matching_policy_changed"

    tolerance_minor: int
    tolerance_percent: int


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntryMatched(Event):
    """An entry was taken for a debtor's payment, and posted."""

    kind: ClassVar[str] = "bank.entry_matched"

    match_id: BankMatchId
    entry_id: BankEntryId
    amount: Money
    by_person: bool


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class BankPaymentCameBack(Event):
    """A payment that had been posted went back out of the account."""

    kind: ClassVar[str] = "bank.payment_came_back"

    match_id: BankMatchId
    entry_id: BankEntryId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntrySetAside(Event):
    """Somebody said that an entry is no debtor's payment."""

    kind: ClassVar[str] = "bank.entry_set_aside"

    match_id: BankMatchId
    entry_id: BankEntryId
    amount: Money


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class BankMatchUndone(Event):
    """What an entry was taken for was undone, with its entries in the books."""

    kind: ClassVar[str] = "bank.match_undone"

    match_id: BankMatchId
    entry_id: BankEntryId
    amount: Money
