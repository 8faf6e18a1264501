"""Promises that came to nothing: what the next reminder of their invoices speaks of."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_minor
from receivables.promises.facts import standing_of
from receivables.promises.rules import BrokenPromise, PromiseState
from receivables.promises.tables import Promise, PromiseItem

_CAME_TO_NOTHING = (PromiseState.BROKEN, PromiseState.KEPT_IN_PART, PromiseState.ACTIVE)


def broken(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> dict[InvoiceId, BrokenPromise]:
    """The last promise about each open invoice, where it was broken, or will be on its `broken_on`
    unless money comes. One that waits for money on its way is neither.
    """
    statement = (
        select(PromiseItem.invoice_id, Promise)
        .join(
            Promise,
            (Promise.supplier_id == PromiseItem.supplier_id)
            & (Promise.id == PromiseItem.promise_id),
        )
        .join(
            Invoice,
            (Invoice.supplier_id == PromiseItem.supplier_id)
            & (Invoice.id == PromiseItem.invoice_id),
        )
        .where(
            PromiseItem.supplier_id == supplier_id,
            Promise.state != PromiseState.CANCELLED,
            outstanding_minor > 0,
        )
        .order_by(Promise.created_at, Promise.id)
    )
    if debtor_id is not None:
        statement = statement.where(Promise.debtor_id == debtor_id)
    last = {row.invoice_id: row.Promise for row in session.execute(statement)}
    found = {
        invoice_id: promise
        for invoice_id, promise in last.items()
        if promise.state in _CAME_TO_NOTHING and not promise.awaits_money
    }
    promises = {promise.id: promise for promise in found.values()}
    stands = standing_of(session, supplier_id, list(promises.values()))
    return {
        invoice_id: BrokenPromise(
            id=promise.id,
            amount=promise.amount,
            received=min(stands[promise.id].received, promise.amount),
            promised_on=promise.promised_on,
            broken_on=promise.judged_on + timedelta(days=1),
        )
        for invoice_id, promise in found.items()
    }
