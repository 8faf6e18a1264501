"""What the pages about promises, what is said to be paid and people at a debtor's get; see
`pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money
from receivables.web.parts import Pager

PromiseState = Literal["active", "kept", "kept_in_part", "broken", "superseded", "cancelled"]
ClaimState = Literal["open", "to_approve", "refused", "matched", "not_found", "lapsed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow:
    """One promise; taken back by `POST /promises/{id}/cancel`, and where a person should follow
    it up (`needs_person`) ticked off by `POST /promises/{id}/dealt-with`.
    """

    id: UUID
    debtor_id: UUID
    debtor_name: str
    contact_name: str
    amount: Money
    received: Money
    promised_on: date
    judged_on: date
    state: PromiseState
    source: Literal["debtor", "staff", "call"]
    note: str
    at_risk: bool
    needs_person: bool
    made_at: datetime
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesPage:
    """`GET /promises?show=&page=` -> promises.html."""

    head: OfficeHead
    notice: Notice | None
    show: Literal["active", "at_risk", "to_call", "broken", "kept", "all"]
    rows: tuple[PromiseRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedInvoice:
    """One open invoice to tick."""

    number: str
    due_on: date
    days_past_due: int
    payable: Money
    promised_before: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPromisePage:
    """`GET /debtors/{id}/promise` -> new_promise.html; its form posts there.

    Sent: `currency`, `invoice` (repeated), `amount` (empty: all of it), `day`, `source` = call |
    staff, `contact`, `note`.
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    currency: str
    others: tuple[tuple[str, str], ...]
    invoices: tuple[PromisedInvoice, ...]
    contacts: tuple[tuple[UUID, str], ...]
    today: date
    latest: date
    typed_amount: str
    typed_day: str
    typed_note: str
    source: Literal["call", "staff"]
    error: Literal[
        "", "nothing_chosen", "not_an_amount", "too_much", "not_a_day", "too_late", "past"
    ]
    most: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One declaration of having paid."""

    id: UUID
    debtor_id: UUID
    debtor_name: str
    contact_name: str
    amount: Money
    paid_on: date
    reference: str
    note: str
    state: ClaimState
    held_until: date | None
    said_at: datetime
    numbers: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/said-to-be-paid/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsPage:
    """`GET /said-to-be-paid?show=&page=` -> claims.html."""

    head: OfficeHead
    notice: Notice | None
    show: Literal["waiting", "not_found", "found", "all"]
    rows: tuple[ClaimRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPage:
    """`GET /said-to-be-paid/{id}` -> claim.html.

    `POST .../match` with `amount`, `day`, `reference` books the money; `.../not-found` asks the
    debtor for a proof; `.../approve` and `.../refuse` answer a second declaration.
    """

    head: OfficeHead
    notice: Notice | None
    claim: ClaimRow
    outstanding: Money
    today: date
    typed_amount: str
    typed_day: str
    typed_reference: str
    error: Literal["", "not_an_amount", "too_much", "impossible_day", "no_reference", "booked"]
    most: Money | None = None

    @property
    def may_match(self) -> bool:
        return self.claim.state in ("open", "to_approve", "lapsed", "not_found")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """A change a contact asked for: `POST /debtors/{id}/proposals/{proposal}/approve|refuse`."""

    id: UUID
    debtor_id: UUID
    debtor_name: str
    asked_by: str
    kind: Literal["person", "email", "postal"]
    name: str
    email: str
    role: str
    becomes_primary: bool
    postal: str
    #: False: it waits for whoever reads the proposed address.
    to_approve: bool
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalsPage:
    """`GET /proposals` -> proposals.html."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[ProposalRow, ...]
