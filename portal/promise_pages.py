"""What the pages about promises and about "I have already paid" get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from portal.pages import PortalHead
from receivables.money import Money
from receivables.web.parts import invoice_url

#: Why an invoice cannot be promised (`promises.rules.Refusal`).
Refused = Literal["insolvent", "formal_notice", "payer_class", "too_often", "nothing_left"]

PromiseError = Literal[
    "",
    "nothing_chosen",
    "not_an_amount",
    "too_much",
    "not_a_day",
    "too_late",
    "past",
    "not_promisable",
]
ClaimError = Literal[
    "", "nothing_chosen", "not_an_amount", "not_a_day", "impossible_day", "already"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceChoice:
    """One open invoice to tick, or (`refused`) why it cannot be."""

    number: str
    due_on: date
    days_past_due: int
    payable: Money
    chosen: bool
    #: The last day it may be promised for; None where it cannot be.
    latest: date | None = None
    refused: Refused | None = None

    @property
    def url(self) -> str:
        return invoice_url(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseFormPage:
    """`GET /promise?currency=&invoice=...` -> promise.html; its form is `POST /promise`.

    Sent: `currency`, `invoice` (repeated), `choice` = all | other, `amount` (with `other`), `day`.
    """

    head: PortalHead
    currency: str
    #: The other currencies something is open in, with where their form is.
    others: tuple[tuple[str, str], ...]
    invoices: tuple[InvoiceChoice, ...]
    today: date
    #: The latest day of all chosen; None where nothing can be promised.
    latest: date | None
    #: How many working days that is, for the reason.
    working_days: int
    choice: Literal["all", "other"]
    typed_amount: str
    typed_day: str
    error: PromiseError = ""
    #: What the error speaks of: the most, the latest day, the invoice.
    most: Money | None = None
    number: str = ""

    @property
    def promisable(self) -> tuple[InvoiceChoice, ...]:
        return tuple(one for one in self.invoices if one.refused is None)

    @property
    def refused(self) -> tuple[InvoiceChoice, ...]:
        return tuple(one for one in self.invoices if one.refused is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseLine:
    """One promise; the fragment `_promises.html` gets several as `promises`."""

    id: UUID
    amount: Money
    received: Money
    promised_on: date
    judged_on: date
    state: Literal["active", "kept", "kept_in_part", "broken", "superseded", "cancelled"]
    numbers: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/promises/{self.id}"

    @property
    def pay_url(self) -> str:
        pairs = [("currency", self.amount.currency), *(("invoice", one) for one in self.numbers)]
        return f"/pay?{urlencode(pairs)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisePage:
    """`GET /promises/{id}` -> promised.html: what was agreed, and what happens next."""

    head: PortalHead
    promise: PromiseLine
    made_at: datetime
    #: Where the confirmation goes, masked.
    mailed_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFormPage:
    """`GET /already-paid?currency=&invoice=...` -> already_paid.html; its form is
    `POST /already-paid`.

    Sent: `currency`, `invoice` (repeated), `amount`, `day`, `reference`, `note`.
    """

    head: PortalHead
    currency: str
    others: tuple[tuple[str, str], ...]
    invoices: tuple[InvoiceChoice, ...]
    today: date
    earliest: date
    typed_amount: str
    typed_day: str
    reference: str
    note: str
    error: ClaimError = ""
    #: The invoice somebody looks for already.
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One declaration; the fragment `_claims.html` gets several as `claims`."""

    id: UUID
    amount: Money
    paid_on: date
    reference: str
    state: Literal["open", "to_approve", "refused", "matched", "not_found", "lapsed"]
    #: The last day on which the invoices are left alone; None where they are not.
    held_until: date | None
    numbers: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/already-paid/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPage:
    """`GET /already-paid/{id}` -> said_to_be_paid.html: what was said, and what happens next."""

    head: PortalHead
    claim: ClaimLine
    said_at: datetime
