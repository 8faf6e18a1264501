"""A debtor's attempts that are neither settled nor over, in one statement: the account page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.money import Money
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment, PaymentPart


@dataclass(frozen=True, slots=True)
class LivePart:
    """What of an attempt is meant for one invoice."""

    invoice_id: InvoiceId
    number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LiveAttempt:
    """A payment under way, with what it is meant for."""

    payment_id: PaymentId
    state: PaymentState
    amount: Money
    created_at: datetime
    parts: tuple[LivePart, ...]


_PAYMENT, _PART = Payment.__table__.c, PaymentPart.__table__.c
_INVOICE = Invoice.__table__.c

_LIVE = (
    select(
        _PAYMENT.id,
        _PAYMENT.state,
        _PAYMENT.created_at,
        _PAYMENT.amount_minor.label("whole_minor"),
        _PAYMENT.currency,
        _PART.invoice_id,
        _PART.amount_minor,
        _INVOICE.number,
    )
    .select_from(Payment.__table__)
    .join(
        PaymentPart.__table__,
        (_PART.supplier_id == _PAYMENT.supplier_id) & (_PART.payment_id == _PAYMENT.id),
    )
    .join(
        Invoice.__table__,
        (_INVOICE.supplier_id == _PART.supplier_id) & (_INVOICE.id == _PART.invoice_id),
    )
    .where(
        _PAYMENT.supplier_id == bindparam("supplier"),
        _PAYMENT.debtor_id == bindparam("debtor"),
        _PART.live,
    )
    .order_by(_PAYMENT.created_at.desc(), _PAYMENT.id, _INVOICE.due_on, _INVOICE.number)
)


def live_attempts(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> list[LiveAttempt]:
    """The debtor's attempts under way, newest first."""
    rows = session.execute(_LIVE, {"supplier": supplier_id, "debtor": debtor_id}).all()
    parts: dict[PaymentId, list[LivePart]] = {}
    for row in rows:
        part = LivePart(row.invoice_id, row.number, Money(row.amount_minor, row.currency))
        parts.setdefault(row.id, []).append(part)
    first = {row.id: row for row in reversed(rows)}
    return [
        LiveAttempt(
            payment_id,
            PaymentState(first[payment_id].state),
            Money(first[payment_id].whole_minor, first[payment_id].currency),
            first[payment_id].created_at,
            tuple(its_parts),
        )
        for payment_id, its_parts in parts.items()
    ]
