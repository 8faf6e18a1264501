"""What the pages about statuses of e-invoices get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.billing_pages import Fault
from backoffice.pages import Notice, OfficeHead
from receivables.money import Money
from receivables.web.parts import Pager

Show = Literal["received", "unmatched", "sent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRow:
    """A status that came; without an invoice while none is known by its number."""

    number: str
    invoice_id: UUID | None
    debtor_id: UUID | None
    debtor_name: str
    #: "207 in dispute".
    status: str
    words: tuple[str, ...]
    outcome: str
    needs_look: bool
    dispute_id: UUID | None
    claim_id: UUID | None
    stated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRow:
    """A status that was made: what was cashed, or went back. `why` says why it cannot be sent."""

    id: UUID
    number: str
    invoice_id: UUID
    debtor_id: UUID
    debtor_name: str
    amount: Money
    went_back: bool
    shares: tuple[tuple[str, Money], ...]
    cashed_on: date
    state: Literal["waiting", "written", "impossible"]
    why: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What became of one file; `statuses` are (number, status, what followed)."""

    name: str
    outcome: Literal["taken", "known", "refused"]
    statuses: tuple[tuple[str, str, str], ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusesPage:
    """`GET /statuses?show=&page=` -> statuses.html; `POST /statuses` answers with `reports`.

    `tells`: what is cashed is told to the platform; `writes`: by a folder of the installation.
    """

    head: OfficeHead
    notice: Notice | None
    show: Show
    received: tuple[ReceivedRow, ...]
    sent: tuple[SentRow, ...]
    pager: Pager
    unmatched: int
    tells: bool
    writes: bool
    may_choose: bool
    largest_bytes: int
    reports: tuple[StatusReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceStatusesPage:
    """`GET /invoices/{id}/statuses` -> invoice_statuses.html."""

    head: OfficeHead
    notice: Notice | None
    invoice_id: UUID
    number: str
    received: tuple[ReceivedRow, ...]
    sent: tuple[SentRow, ...]
