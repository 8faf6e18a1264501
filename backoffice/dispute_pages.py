"""What the pages about disputes get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money
from receivables.web.parts import Pager

Filter = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeRow:
    """One dispute in the inbox."""

    id: UUID
    reference: str
    debtor_id: UUID
    debtor_name: str
    numbers: tuple[str, ...]
    reason: str
    department: str
    owner_name: str
    state: str
    state_words: str
    is_urgent: bool
    is_late: bool
    disputed: Money
    created_at: datetime
    #: What is to be done next, and by when; None while the clock stands.
    due_words: str
    due_on: date | None
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputesPage:
    """`GET /disputes?show=&department=&owner=&overdue=&sort=&page=` -> disputes.html.

    `owner` is "", "me", "nobody" or a person's id.
    """

    head: OfficeHead
    notice: Notice | None
    show: str
    sort: str
    department: str
    owner: str
    overdue: bool
    departments: tuple[Filter, ...]
    staff: tuple[Filter, ...]
    rows: tuple[DisputeRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One invoice of a dispute; the forms call its upheld amount `upheld-<index>`."""

    index: int
    invoice_id: UUID
    number: str
    due_on: date
    disputed: Money
    proposed: Money | None
    upheld: Money | None
    outstanding: Money
    payable: Money
    #: Descriptions of the disputed lines.
    lines: tuple[str, ...]
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    name: str
    size_bytes: int
    url: str
    state: Literal["taken", "quarantined", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """What somebody wrote; a note is for colleagues alone."""

    kind: Literal["debtor", "supplier", "note"]
    author: str
    paragraphs: tuple[str, ...]
    at: datetime
    files: tuple[FileRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    name: str
    what: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesRow:
    """Codes of one invoice for the status of an e-invoice: Peppol's, and the French number."""

    number: str
    peppol: str
    french: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeDisputePage:
    """`GET /disputes/{id}` -> dispute.html.

    Forms: `POST .../take`; `POST .../assign` with `owner`, `department`; `POST .../write`
    (multipart) with `kind` = question | message | note | colleague, `message`, `files`;
    `GET .../decide` with `step` = decide | propose and the `upheld-<index>`; `POST .../close`.
    """

    head: OfficeHead
    notice: Notice | None
    row: DisputeRow
    items: tuple[ItemRow, ...]
    reason_words: str
    codes: tuple[CodesRow, ...]
    proposed: Money
    upheld: Money
    outcome_words: str
    grace_until: date | None
    owner: str
    staff: tuple[Filter, ...]
    departments: tuple[Filter, ...]
    messages: tuple[MessageRow, ...]
    is_undecided: bool
    may_close: bool
    message: str
    accept: str
    refused: tuple[RefusedRow, ...]
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedLineRow:
    """A line of the invoice that may be what is contested."""

    place: int
    description: str
    net: Money
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisputePage:
    """`GET /invoices/{id}/dispute` -> new_dispute.html; its form posts there.

    Sent: `reason`, `scope` = whole | amount | lines, `amount`, `lines` (repeated), `contact`,
    `message`.
    """

    head: OfficeHead
    notice: Notice | None
    invoice_id: UUID
    number: str
    debtor_name: str
    outstanding: Money
    reasons: tuple[Filter, ...]
    lines: tuple[DisputedLineRow, ...]
    contacts: tuple[Filter, ...]
    reason: str
    scope: str
    typed_amount: str
    contact: str
    message: str
    error: Literal["", "reason", "amount", "message"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """What a decision does to one invoice."""

    index: int
    number: str
    due_on: date
    outstanding: Money
    disputed: Money
    #: As it is sent back by the form.
    upheld_text: str
    upheld: Money
    #: What is asked for again after the days of grace.
    asked_again: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidePage:
    """`GET /disputes/{id}/decide?step=&upheld-0=...` -> dispute_decide.html: the effects, then
    `POST /disputes/{id}/decide` with the same and `message`.
    """

    head: OfficeHead
    notice: Notice | None
    id: UUID
    reference: str
    debtor_name: str
    step: Literal["decide", "propose"]
    outcome: str
    outcome_words: str
    effects: tuple[EffectRow, ...]
    upheld: Money
    grace_until: date
    needs_words: bool
    message: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """Disputes of one reason or department; `upheld` is what they cost."""

    name: str
    count: int
    disputed: tuple[Money, ...]
    upheld: tuple[Money, ...]
    share_founded: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeMeasuresPage:
    """`GET /disputes/measures` -> dispute_measures.html; an owner's form `POST /disputes/policy`
    with `delay_days`."""

    head: OfficeHead
    notice: Notice | None
    since: date
    rate: Decimal | None
    open_count: int
    open_age_days: int
    decided_after_days: int | None
    whole: MeasureRow
    by_reason: tuple[MeasureRow, ...]
    by_department: tuple[MeasureRow, ...]
    delay_days: int | None
