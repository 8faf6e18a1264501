"""Statements of account: how an amount came about, and what has been paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, EntryId, InvoiceId, PaymentId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_minor
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class Deduction:
    """One thing that lowered an invoice, or (a negative amount) raised it again: `payment_id`
    where it was a payment's money.
    """

    entry_id: EntryId
    reason: Reason
    amount: Money
    on: date
    payment_id: PaymentId | None
    source: str


_DEDUCTIONS = (
    select(
        Entry.id,
        Entry.reason,
        Entry.amount,
        Entry.booked_on,
        Entry.payment_id,
        Entry.source,
        Entry.credit_account,
    )
    .where(
        Entry.supplier_id == bindparam("supplier"),
        ((Entry.credit_account == Account.RECEIVABLE) & (Entry.credit_subject == bindparam("of")))
        | (
            (Entry.debit_account == Account.RECEIVABLE)
            & (Entry.debit_subject == bindparam("of"))
            & (Entry.reason != Reason.INVOICE_ISSUED)
        ),
    )
    .order_by(Entry.booked_on, Entry.id)
)


def deductions(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> list[Deduction]:
    """Everything that was put against an invoice, and what was taken off it again, oldest first:
    what was invoiced less all of it is outstanding.
    """
    rows = session.execute(_DEDUCTIONS, {"supplier": supplier_id, "of": invoice_id})
    return [
        Deduction(
            row.id,
            Reason(row.reason),
            row.amount if row.credit_account == Account.RECEIVABLE else -row.amount,
            row.booked_on,
            row.payment_id,
            row.source,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class PaidItem:
    """An invoice of which nothing is outstanding, and the day that was so."""

    invoice_id: InvoiceId
    number: str
    total: Money
    paid_on: date


_INVOICE, _ENTRY = Invoice.__table__.c, Entry.__table__.c

_PAID_ON = (
    select(func.max(_ENTRY.booked_on))
    .where(_ENTRY.credit_account == Account.RECEIVABLE, _ENTRY.credit_subject == _INVOICE.id)
    .correlate(Invoice.__table__)
    .scalar_subquery()
)
_ALL_OF_DEBTOR = (
    select(
        _INVOICE.id,
        _INVOICE.number,
        _INVOICE.issued_on,
        _INVOICE.total_minor,
        _INVOICE.currency,
        outstanding_minor.label("open_minor"),
        _PAID_ON.label("paid_on"),
    )
    .where(
        _INVOICE.supplier_id == bindparam("supplier"),
        _INVOICE.debtor_id == bindparam("debtor"),
        _INVOICE.kind == "invoice",
    )
    .offset(0)  # as for the open ones: add up every invoice once
    .subquery()
)
_PAID = (
    select(_ALL_OF_DEBTOR, func.count().over().label("all_paid"))
    .where(_ALL_OF_DEBTOR.c.open_minor == 0)
    .order_by(_ALL_OF_DEBTOR.c.paid_on.desc(), _ALL_OF_DEBTOR.c.number.desc())
    .limit(bindparam("most"))
)


def paid_items(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, *, most: int
) -> tuple[list[PaidItem], int]:
    """The latest paid invoices of a debtor, newest first, and how many there are in all."""
    rows = session.execute(
        _PAID, {"supplier": supplier_id, "debtor": debtor_id, "most": most}
    ).all()
    items = [
        PaidItem(
            row.id, row.number, Money(row.total_minor, row.currency), row.paid_on or row.issued_on
        )
        for row in rows
    ]
    return items, rows[0].all_paid if rows else 0
