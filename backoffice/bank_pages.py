"""What the pages of the bank get; a template receives one of these as `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.billing_pages import Fault
from backoffice.pages import Notice, OfficeHead
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account, and the day up to which its statements tell."""

    account: str
    currency: str
    last_on: date
    closing: Money | None
    taken_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    id: UUID
    account: str
    format: str
    number: str
    first_on: date
    last_on: date
    opening: Money | None
    closing: Money | None
    entry_count: int
    #: Rows that were not on record before.
    new_entries: int
    file_name: str
    findings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """What became of one file."""

    name: str
    outcome: Literal["taken", "known", "refused"]
    format: str
    accounts: tuple[str, ...]
    entry_count: int
    new_entries: int
    #: The statements on record that it made; none after a trial.
    statement_ids: tuple[UUID, ...]
    faults: tuple[Fault, ...]
    findings: tuple[Fault, ...]
    #: Where to say what the columns mean; "" when nobody has to.
    explain_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankPage:
    """`GET /bank` -> bank.html; `POST /bank` takes files and answers the page, or to htmx its
    report alone (_bank_report.html).
    """

    head: OfficeHead
    notice: Notice | None
    accounts: tuple[AccountRow, ...]
    statements: tuple[StatementRow, ...]
    reports: tuple[StatementReport, ...]
    largest_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BankEntryRow:
    booked_on: date
    value_on: date | None
    amount: Money
    came_in: bool
    is_reversal: bool
    status: Literal["BOOK", "PDNG", "INFO", "FUTR"]
    may_be_posted: bool
    counterparty: str
    counterparty_account: str
    reference: str
    words: str
    batch_of: str
    #: Told before in another format, or the whole of a batch whose transactions came later.
    told_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BankStatementPage:
    """`GET /bank/statements/{id}?after=` -> bank_statement.html."""

    head: OfficeHead
    notice: Notice | None
    statement: StatementRow
    entries: tuple[BankEntryRow, ...]
    #: Where the next entries are; "" for the last page.
    next_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChoice:
    """One header, and what it is taken to mean."""

    header: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BankColumnsPage:
    """`GET /bank/columns?header=` -> bank_columns.html; `POST /bank/columns` remembers."""

    head: OfficeHead
    notice: Notice | None
    columns: tuple[ColumnChoice, ...]
    #: Value and words of each meaning.
    meanings: tuple[tuple[str, str], ...]
    name: str
    account: str
    currency: str
    slashes: str
    error: Literal["", "columns", "currency", "name"]
