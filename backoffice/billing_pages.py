"""What the pages about invoices, reminders and payments get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.interest_pages import InterestPart
from backoffice.pages import InvoiceRow, Notice, OfficeHead, PaymentState
from backoffice.return_pages import PaymentReturns
from receivables.money import Money
from receivables.web.parts import (
    AmountExplained,
    Document,
    InvoiceLine,
    InvoiceStatus,
    Pager,
    TimelineEntry,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicesPage:
    """`GET /invoices?q=&show=&sort=&page=` -> invoices.html."""

    head: OfficeHead
    notice: Notice | None
    q: str
    show: Literal["all", "open", "overdue", "paid", "credited"]
    sort: Literal["number", "issued", "due", "outstanding", "debtor"]
    rows: tuple[InvoiceRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """`GET /invoices/{id}` -> invoice.html."""

    head: OfficeHead
    notice: Notice | None
    id: UUID
    number: str
    debtor_id: UUID
    debtor_name: str
    issued_on: date
    due_on: date
    due_on_source: Literal["explicit", "terms", "default"]
    days_past_due: int
    status: InvoiceStatus
    amount: AmountExplained
    lines: tuple[InvoiceLine, ...]
    net: Money | None
    tax: Money | None
    payment_reference: str
    documents: tuple[Document, ...]
    timeline: tuple[TimelineEntry, ...]
    interest: InterestPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a file was refused: where in it, what is wrong, how to mend it."""

    where: str
    what: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file."""

    name: str
    outcome: Literal["taken", "known", "refused"]
    #: As people call it: `UBL`, `Factur-X`, `CSV`; empty when it was not recognised.
    format: str
    invoices: tuple[ImportedInvoice, ...]
    faults: tuple[Fault, ...]
    #: What a person should look at although the file was taken.
    warnings: tuple[str, ...] = ()
    #: Faults that are not shown.
    more_faults: int = 0
    #: Where somebody says what its columns are, and where what was said of such lists is changed.
    columns_url: str = ""
    layout_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedInvoice:
    #: None when it is not on record: after a trial run.
    id: UUID | None
    number: str
    debtor_name: str
    due_on: date
    due_on_source: Literal["explicit", "terms", "default"]
    amount: Money
    is_credit_note: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage:
    """`GET /invoices/import` -> import.html; `POST` the same, multipart, `files` repeated and
    `dry_run` (a tick).

    The answer to the POST is this page with `reports`; with htmx only
    `_import_report.html`, which gets `reports`.
    """

    head: OfficeHead
    notice: Notice | None
    reports: tuple[FileReport, ...]
    largest_bytes: int
    #: The columns a list may have: name, whether it must, an example.
    columns: tuple[tuple[str, bool, str], ...]
    #: Lists that wait for their columns to be explained.
    waiting: tuple[WaitingRow, ...]
    #: Whether anything is remembered of such lists.
    has_layouts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A list that waits for its columns."""

    id: UUID
    name: str
    size_bytes: int
    received_at: datetime


# Reminders


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One message to one debtor; `state` is None while it is only planned."""

    id: UUID | None
    debtor_id: UUID
    debtor_name: str
    recipient: str
    language: str
    #: Empty where none is taken.
    step: str
    state: str | None
    at: datetime | None
    numbers: tuple[str, ...]
    amount: Money
    #: A sentence: why it will be sent, or why it was not.
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersPage:
    """`GET /reminders?page=` -> reminders.html.

    `POST /reminders/{id}/resolve` with `outcome` = sent | not_sent settles one that is unknown.
    """

    head: OfficeHead
    notice: Notice | None
    tomorrow: date
    unknown: tuple[ReminderRow, ...]
    planned: tuple[ReminderRow, ...]
    #: Left alone tomorrow although something is open, with the reason.
    held: tuple[ReminderRow, ...]
    sent: tuple[ReminderRow, ...]
    pager: Pager


# Payments


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    id: UUID
    debtor_id: UUID
    debtor_name: str
    amount: Money
    state: PaymentState
    method: str
    at: datetime
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsPage:
    """`GET /payments?show=&page=` -> payments.html."""

    head: OfficeHead
    notice: Notice | None
    show: Literal["all", "settled", "on_their_way", "unknown", "failed"]
    rows: tuple[PaymentRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One ledger entry, as the books have it."""

    at: datetime
    debit: str
    credit: str
    amount: Money
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One time we asked the gateway, or it told us something."""

    at: datetime
    state: PaymentState
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPage:
    """`GET /payments/{id}` -> payment.html; `POST /payments/{id}/ask` asks the gateway again."""

    head: OfficeHead
    notice: Notice | None
    payment: PaymentRow
    #: Number, invoice's id, amount put against it.
    allocations: tuple[tuple[str, UUID, Money], ...]
    unapplied: Money
    given_back: Money
    returns: PaymentReturns
    gateway_ids: tuple[tuple[str, str], ...]
    attempts: tuple[Attempt, ...]
    entries: tuple[EntryRow, ...]
