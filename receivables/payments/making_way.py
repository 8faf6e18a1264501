"""A debt is about to change while its payment page is open: the page is closed first.

Otherwise the debtor would pay what they no longer owe. Where a person waits, the edge calls
`make_way` before its transaction; where nobody could know in time, `close_outdated` follows the
change. What is paid meanwhile is booked, and what is too much of it waits as unapplied cash.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.ledger.queries import outstanding_of
from receivables.payments.errors import PaymentInProgress
from receivables.payments.looking import make_way as end
from receivables.payments.rules import LIVE, Channel, PaymentState
from receivables.payments.tables import Payment, PaymentPart
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)

#: A page is open, or is opening this very moment.
_CAN_BE_PAID = (PaymentState.STARTED, PaymentState.SENT, PaymentState.OPEN)
_HAS_A_PAGE = (*_CAN_BE_PAID, PaymentState.UNKNOWN)


def make_way(
    runtime: Runtime, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> tuple[PaymentId, ...]:
    """Close every page on which one of the invoices could be paid; never inside a transaction.

    A page that turns out to be paid is booked: the caller decides anew on what is outstanding
    then. Returns the attempts that could not be ended (Stripe is away, or a bank is at it): the
    change may be made all the same, and `close_outdated` comes after it.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        payment_ids = _pages_of(session, supplier_id, invoice_ids)
    return _close(runtime, supplier_id, payment_ids)


def make_way_for_debtors(
    runtime: Runtime, supplier_id: SupplierId, debtor_ids: Sequence[DebtorId]
) -> tuple[PaymentId, ...]:
    """The same for whatever these debtors could pay now: credit may go to any of their debts."""
    with runtime.reading(Scope(supplier_id)) as session:
        payment_ids = session.scalars(
            select(Payment.id)
            .where(
                Payment.supplier_id == supplier_id,
                Payment.debtor_id.in_(debtor_ids),
                Payment.state.in_(_HAS_A_PAGE),
            )
            .order_by(Payment.id)
        ).all()
    return _close(runtime, supplier_id, payment_ids)


def has_open_pages(session: Session, supplier_id: SupplierId) -> bool:
    """Whether anybody could be paying this supplier right now."""
    statement = select(Payment.id).where(
        Payment.supplier_id == supplier_id, Payment.state.in_(_HAS_A_PAGE)
    )
    return session.scalar(statement.limit(1)) is not None


def _close(
    runtime: Runtime, supplier_id: SupplierId, payment_ids: Sequence[PaymentId]
) -> tuple[PaymentId, ...]:
    gateway = runtime.gateway
    if gateway is None:
        return tuple(payment_ids)
    left = []
    for payment_id in payment_ids:
        try:
            end(runtime, gateway, supplier_id, payment_id)
        except PaymentInProgress:
            log.warning("payment.page_not_closed", payment=str(payment_id))
            left.append(payment_id)
    return tuple(left)


def _pages_of(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> Sequence[PaymentId]:
    return session.scalars(
        select(Payment.id)
        .where(
            Payment.supplier_id == supplier_id,
            Payment.state.in_(_HAS_A_PAGE),
            Payment.id.in_(
                select(PaymentPart.payment_id).where(
                    PaymentPart.supplier_id == supplier_id,
                    PaymentPart.live,
                    PaymentPart.invoice_id.in_(invoice_ids),
                )
            ),
        )
        .order_by(Payment.id)
    ).all()


def outdated_on(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId, *, now: datetime
) -> PaymentId | None:
    """The live attempt that asks for more of the invoice than is outstanding, while its page can
    be paid. Nobody was ever sent to a page we know nothing of.
    """
    row = session.execute(
        select(Payment.id, Payment.amount, PaymentPart.amount_minor)
        .join(
            PaymentPart,
            (PaymentPart.supplier_id == Payment.supplier_id)
            & (PaymentPart.payment_id == Payment.id),
        )
        .where(
            Payment.supplier_id == supplier_id,
            Payment.channel == Channel.CHECKOUT,
            Payment.state.in_(_CAN_BE_PAID),
            Payment.expires_at > now,
            PaymentPart.live,
            PaymentPart.invoice_id == invoice_id,
        )
    ).one_or_none()
    if row is None:
        return None
    outstanding = outstanding_of(session, supplier_id, [invoice_id])[invoice_id]
    return PaymentId(row.id) if row.amount_minor > outstanding.minor else None


def close_outdated(runtime: Runtime, supplier_id: SupplierId, invoice_id: InvoiceId) -> None:
    """Close a page that asks for more than is owed since something changed.

    Raises PaymentInProgress when that must be tried again.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        payment_id = outdated_on(session, supplier_id, invoice_id, now=runtime.clock.now())
    gateway = runtime.gateway
    if payment_id is None or gateway is None:
        return
    payment = end(runtime, gateway, supplier_id, payment_id)
    assert payment.state not in LIVE, payment.state
