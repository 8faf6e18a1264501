"""What the account's page and the page of one invoice get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.dispute_pages import DisputeLine
from portal.interest_pages import LateInterest
from portal.pages import Credit, OpenGroup, PaidInvoice, PaymentOnItsWay, PortalHead
from portal.plan_pages import PlanLine
from portal.promise_pages import ClaimLine, PromiseLine
from receivables.money import Money
from receivables.parties.heads import TransferDetails
from receivables.web.parts import (
    AmountExplained,
    Document,
    InvoiceLine,
    InvoiceStatus,
    TimelineEntry,
    invoice_url,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMatters:
    """What stands beside the invoices -> _plans, _disputes, _promises and _claims.html."""

    plans: tuple[PlanLine, ...] = ()
    disputes: tuple[DisputeLine, ...] = ()
    promises: tuple[PromiseLine, ...] = ()
    claims: tuple[ClaimLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """`GET /` -> account.html. The form of each group is `GET /pay?currency=&invoice=...`."""

    head: PortalHead
    groups: tuple[OpenGroup, ...]
    on_their_way: tuple[PaymentOnItsWay, ...]
    matters: AccountMatters
    credits: tuple[Credit, ...]
    #: The latest, newest first; `paid_count` counts all.
    paid: tuple[PaidInvoice, ...]
    paid_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """`GET /invoices/{number}` -> invoice.html."""

    head: PortalHead
    number: str
    issued_on: date
    due_on: date
    days_past_due: int
    status: InvoiceStatus
    amount: AmountExplained
    #: Those it is or was in.
    disputes: tuple[DisputeLine, ...]
    lines: tuple[InvoiceLine, ...]
    net: Money | None
    tax: Money | None
    documents: tuple[Document, ...]
    timeline: tuple[TimelineEntry, ...]
    transfer: TransferDetails | None
    #: None where the supplier says nothing of it; never part of the amount.
    interest: LateInterest | None = None

    @property
    def url(self) -> str:
        return invoice_url(self.number)
