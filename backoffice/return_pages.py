"""What the pages about money that goes back, waits, or is given up get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money

FormError = Literal["", "not_an_amount", "too_much", "nothing", "no_reason"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRow:
    """One refund; `external` when it was made at Stripe itself."""

    id: UUID
    payment_id: UUID
    debtor_name: str
    amount: Money
    state: Literal["started", "sent", "unknown", "refused", "pending", "succeeded", "failed"]
    external: bool
    why: str
    #: Stripe's code, where it refused or failed.
    code: str
    #: Somebody has to look at it.
    problem: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackRow:
    """One chargeback, or an inquiry; `reason` is Stripe's code."""

    id: UUID
    payment_id: UUID
    debtor_name: str
    amount: Money
    state: Literal["inquiry", "open", "won", "lost", "closed"]
    money: Literal["with_us", "withdrawn", "reinstated"]
    reason: str
    problem: str
    respond_by: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReturns:
    """What of a payment went back, and what still may."""

    refunds: tuple[RefundRow, ...]
    chargebacks: tuple[ChargebackRow, ...]
    #: What could be sent back now; zero when nothing, and then `blocked` may say why.
    refundable: Money
    blocked: Literal["", "not_settled", "contested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """An invoice that a refund would open again, and what would be outstanding on it."""

    id: UUID
    number: str
    amount: Money
    outstanding: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundPage:
    """`GET /payments/{id}/refund?amount=` -> refund.html; `POST` the same with `refund` (the id
    of this form), `amount`, `why`.
    """

    head: OfficeHead
    notice: Notice | None
    payment_id: UUID
    debtor_name: str
    method: str
    paid: Money
    refundable: Money
    blocked: Literal["", "not_settled", "contested"]
    refund_id: UUID
    typed_amount: str
    why: str
    error: FormError
    #: What is sent back if this is confirmed; None while the amount is wrong.
    amount: Money | None
    from_unapplied: Money
    reopened: tuple[Reopened, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A payment that brought more than was owed."""

    payment_id: UUID
    debtor_name: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsPage:
    """`GET /payments/returns` -> returns.html.

    `POST /refunds/{id}/seen` when a person has dealt with one; `POST /refunds/{id}/ask` asks
    Stripe again.
    """

    head: OfficeHead
    notice: Notice | None
    #: Why the supplier's Stripe account takes no payments; empty when it does.
    stripe_trouble: Literal["", "disconnected", "restricted"]
    waiting: tuple[RefundRow, ...]
    contested: tuple[ChargebackRow, ...]
    proposals: tuple[Proposal, ...]
    refunds: tuple[RefundRow, ...]
    chargebacks: tuple[ChargebackRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedRow:
    debtor_id: UUID
    debtor_name: str
    amounts: tuple[Money, ...]
    outstanding: tuple[Money, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnappliedPage:
    """`GET /payments/unapplied` -> unapplied.html: cash and credit put against nothing."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[UnappliedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenToAllocate:
    """An open invoice, with what is typed into its field."""

    id: UUID
    number: str
    due_on: date
    outstanding: Money
    typed: str
    error: FormError


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRow:
    """Money standing against an invoice that a person may take off again."""

    entry_id: UUID
    invoice_id: UUID
    number: str
    amount: Money
    kind: Literal["payment", "transfer", "unapplied_cash"]
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatePage:
    """`GET /debtors/{id}/unapplied?currency=` -> allocate.html; `POST` the same with
    `allocation` (the id of this form), `currency` and `amount-<invoice id>`;
    `POST /debtors/{id}/allocations/{entry}/undo` takes one back.
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    allocation_id: UUID
    currency: str
    currencies: tuple[str, ...]
    unapplied: Money
    rows: tuple[OpenToAllocate, ...]
    error: FormError
    allocations: tuple[AllocationRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffRow:
    entry_id: UUID
    amount: Money
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffPage:
    """`GET /invoices/{id}/write-off` -> write_off.html; `POST` the same with `write_off` (the id
    of this form), `amount`, `why`; `POST /invoices/{id}/write-offs/{entry}/reverse`.
    """

    head: OfficeHead
    notice: Notice | None
    invoice_id: UUID
    number: str
    debtor_id: UUID
    debtor_name: str
    outstanding: Money
    write_off_id: UUID
    typed_amount: str
    why: str
    error: FormError
    #: What would remain; None while the amount is wrong.
    remains: Money | None
    #: What could not be closed first: a payment may arrive all the same.
    standing: tuple[WriteOffRow, ...]
