"""How an amount came about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.ids import EntryId, InvoiceId, PaymentId, SupplierId
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
