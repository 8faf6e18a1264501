"""What a bank's file said: pure values, before anything is put on record."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from receivables.intake.faults import Fault
from receivables.money import Money

#: ISO 4217 for "no currency is involved": what an amount is in when the file does not say.
NO_CURRENCY = "XXX"


class Format(StrEnum):
    CAMT_052 = "camt.052"
    """Account report within the day: shown, never posted."""
    CAMT_053 = "camt.053"
    """Statement."""
    CAMT_054 = "camt.054"
    """Notification of single bookings, often the transactions of a batch of the statement."""
    MT940 = "mt940"
    CODA = "coda"
    CSV = "csv"

    @property
    def family(self) -> str:
        """Formats of one family share the bank's references."""
        return self.value.partition(".")[0]


#: ISO 20022 ExternalEntryStatus1Code. What is not booked is never posted.
STATUSES = ("BOOK", "PDNG", "INFO", "FUTR")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One booking, or one transaction of a batch that was booked as one.

    `amount` is never below zero; `credit_debit` is CRDT (money in) or DBIT, and says of a reversal
    which way the reversal went. `entry` counts the bookings of a statement from 0, and `part` the
    transactions of a batch from 1 (0: it is the booking itself). `structured_reference` is as the
    bank passed it on, several parted by ", ". `batch_of` is the bank's reference of the batch, or
    its place in the file where it has none.
    `entry_reference` and `entry_amount` are the whole booking's, which are the same for all the
    transactions of a batch.
    """

    statement: int
    entry: int
    part: int = 0
    where: str
    booked_on: date | None
    value_on: date | None
    amount: Money
    credit_debit: str
    is_reversal: bool = False
    status: str = "BOOK"
    end_to_end_id: str | None = None
    structured_reference: str | None = None
    unstructured: str | None = None
    booking_text: str | None = None
    counterparty: str | None = None
    counterparty_account: str | None = None
    bank_reference: str | None = None
    batch_of: str | None = None
    bank_code: str | None = None
    return_reason: str | None = None
    entry_reference: str | None = None
    entry_amount: Money | None = None
    entry_credit_debit: str | None = None

    @property
    def is_credit(self) -> bool:
        return self.credit_debit == "CRDT"

    @property
    def signed(self) -> Money:
        """Money in above zero, money out below."""
        return self.amount if self.is_credit else -self.amount

    @property
    def whole(self) -> tuple[Money, str]:
        """Amount and direction of the booking that it is, or is part of."""
        return self.entry_amount or self.amount, self.entry_credit_debit or self.credit_debit

    def as_booked(self) -> ParsedEntry:
        """The booking that it is, or is part of, with its amount and direction."""
        amount, direction = self.whole
        return replace(self, amount=amount, credit_debit=direction)

    def as_json(self) -> dict[str, Any]:
        known = self.amount.currency != NO_CURRENCY
        return {
            "booked_on": self.booked_on.isoformat() if self.booked_on else None,
            "value_on": self.value_on.isoformat() if self.value_on else None,
            "amount": f"{self.amount.decimal:f}",
            "currency": self.amount.currency if known else None,
            "credit_debit": self.credit_debit,
            "status": self.status,
            "end_to_end_id": self.end_to_end_id,
            "structured_reference": self.structured_reference,
            "unstructured": self.unstructured,
            "counterparty": self.counterparty,
            "counterparty_account": self.counterparty_account,
            "bank_reference": self.bank_reference,
            "batch_of": self.batch_of,
        }


@dataclass(frozen=True, slots=True)
class Balance:
    """Booked money on the account, below zero when overdrawn, at the end (closing) or beginning
    (opening) of a day.
    """

    amount: Money
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedStatement:
    """What a file says of one account, apart from the entries.

    `account` is a compact IBAN or what the bank writes, "" when the file names none. `currency`
    is NO_CURRENCY when nothing says it. `findings` are for a person to know; they refuse nothing.
    """

    format: Format
    account: str
    currency: str
    number: str | None = None
    first_on: date | None = None
    last_on: date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    entry_count: int = 0
    findings: tuple[Fault, ...] = ()


#: What a reader of one format yields, and returns at the end. It raises Refused instead.
Reading = Generator[ParsedEntry, None, tuple[Format, list[ParsedStatement]]]


class Entries(Protocol):
    """The entries of one file, in its order, to be walked through as often as wanted."""

    def __iter__(self) -> Iterator[ParsedEntry]: ...


@dataclass(frozen=True, slots=True)
class FewEntries(Entries):
    """Entries in memory."""

    kept: tuple[ParsedEntry, ...] = ()

    def __iter__(self) -> Iterator[ParsedEntry]:
        return iter(self.kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """A file read whole, or refused whole: with faults there are no statements to take."""

    file: str
    format: Format | None
    statements: tuple[ParsedStatement, ...] = ()
    faults: tuple[Fault, ...] = ()
    entries: Entries = field(default_factory=FewEntries)
    #: The headers of a CSV layout nobody has explained to us yet, for the page that asks.
    unknown_headers: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.faults
