"""Money that goes back to the payer, and money that was to go back and came again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.ledger import rules
from receivables.ledger.actions import (
    clearing_of,
    lock_debtor_invoices,
    post,
    receivable_of,
    unapplied_by,
)
from receivables.ledger.lots import standing_of
from receivables.ledger.queries import outstanding_of
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money

Parts = tuple[tuple[InvoiceId | None, Money], ...]

#: Why money goes back, and what undoes it.
_UNDONE_BY = {
    Reason.REFUNDED: Reason.REFUND_FAILED,
    Reason.CHARGED_BACK: Reason.CHARGEBACK_REINSTATED,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """Which invoices it was taken from or put on (None: unapplied cash); `short` is what the
    payment did not have any more; `is_new` whether entries were made just now.
    """

    parts: Parts
    short: Money
    is_new: bool


def give_back(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payment_id: PaymentId,
    amount: Money,
    reason: Literal[Reason.REFUNDED, Reason.CHARGED_BACK],
    source: str,
    booked_on: date,
    clock: Clock,
) -> Moved:
    """Book money that went back to the payer, from where `rules.take_back` finds it.

    `source` is Stripe's name for it; a second call for the same one changes nothing and returns
    what stands. More than the payment has left is never booked: `short` is for a person.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    known = _booked(session, supplier_id, payment_id, reason, source)
    if known:
        total = Money.total((part for _, part in known), amount.currency)
        return Moved(known, amount - total, is_new=False)
    standing = standing_of(session, supplier_id, payment_id, amount.currency)
    parts, short = rules.take_back(amount, standing.unapplied, standing.placed)
    for invoice_id, share in parts:
        whose = unapplied_by(debtor_id) if invoice_id is None else receivable_of(invoice_id)
        post(
            session,
            supplier_id=supplier_id,
            debit=whose,
            credit=clearing_of(supplier_id),
            amount=share,
            reason=reason,
            source=f"{source}/{whose.subject}",
            payment_id=payment_id,
            booked_on=booked_on,
            clock=clock,
        )
    return Moved(tuple(parts), short, is_new=bool(parts))


def come_again(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payment_id: PaymentId,
    currency: str,
    undoes: Literal[Reason.REFUNDED, Reason.CHARGED_BACK],
    source: str,
    booked_on: date,
    clock: Clock,
) -> Moved:
    """Book that what went back under `source` is ours again: exactly that, where it came from
    (`rules.put_back`). Nothing when nothing had been booked, or it is undone already.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    nothing = Money.zero(currency)
    known = _booked(session, supplier_id, payment_id, _UNDONE_BY[undoes], source)
    if known:
        return Moved(known, nothing, is_new=False)
    given = _booked(session, supplier_id, payment_id, undoes, source)
    invoice_ids = [invoice_id for invoice_id, _ in given if invoice_id is not None]
    parts = rules.put_back(given, outstanding_of(session, supplier_id, invoice_ids))
    for invoice_id, share in parts:
        whose = unapplied_by(debtor_id) if invoice_id is None else receivable_of(invoice_id)
        post(
            session,
            supplier_id=supplier_id,
            debit=clearing_of(supplier_id),
            credit=whose,
            amount=share,
            reason=_UNDONE_BY[undoes],
            source=f"{source}/{whose.subject}",
            payment_id=payment_id,
            booked_on=booked_on,
            clock=clock,
        )
    return Moved(tuple(parts), nothing, is_new=bool(parts))


_BOOKED = (
    select(
        Entry.debit_account,
        Entry.debit_subject,
        Entry.credit_account,
        Entry.credit_subject,
        Entry.amount,
        Entry.source,
    )
    .where(
        Entry.supplier_id == bindparam("supplier"),
        Entry.payment_id == bindparam("payment"),
        Entry.reason == bindparam("reason"),
    )
    .order_by(Entry.created_at, Entry.id)
)


def _booked(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId, reason: Reason, source: str
) -> Parts:
    """What stands under this reason and source."""
    rows = session.execute(
        _BOOKED, {"supplier": supplier_id, "payment": payment_id, "reason": reason}
    )
    return tuple(
        (_invoice_of(row), row.amount) for row in rows if row.source.startswith(f"{source}/")
    )


def _invoice_of(row: object) -> InvoiceId | None:
    for side in ("debit", "credit"):
        if getattr(row, f"{side}_account") == Account.RECEIVABLE:
            return InvoiceId(getattr(row, f"{side}_subject"))
    return None
