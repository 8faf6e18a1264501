"""Attempts to pay, as pages and the reconciler read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, PaymentId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.tables import Entry
from receivables.money import Money
from receivables.payments.errors import NoSuchPayment
from receivables.payments.rules import LIVE, PaymentState
from receivables.payments.tables import Payment, PaymentPart, StripeEvent


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What of a payment is meant for one invoice."""

    invoice_id: InvoiceId
    number: str
    amount: Money
    live: bool


#: Made once, as the others in capitals here: they are read several times with every payment.
_PAYMENT = select(Payment).where(
    Payment.supplier_id == bindparam("supplier"), Payment.id == bindparam("payment")
)


def find(session: Session, supplier_id: SupplierId, payment_id: PaymentId) -> Payment | None:
    """One payment to this supplier, if there is such a one."""
    return session.scalar(_PAYMENT, {"supplier": supplier_id, "payment": payment_id})


def of_debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, payment_id: PaymentId
) -> Payment:
    """One payment of this debtor. Raises NoSuchPayment."""
    found = session.scalar(
        select(Payment).where(
            Payment.supplier_id == supplier_id,
            Payment.debtor_id == debtor_id,
            Payment.id == payment_id,
        )
    )
    if found is None:
        raise NoSuchPayment(payment_id)
    return found


def of_supplier(session: Session, supplier_id: SupplierId, payment_id: PaymentId) -> Payment:
    """One payment to this supplier. Raises NoSuchPayment."""
    found = find(session, supplier_id, payment_id)
    if found is None:
        raise NoSuchPayment(payment_id)
    return found


def on_their_way(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> Sequence[Payment]:
    """The debtor's payments that are neither settled nor over, newest first."""
    return session.scalars(
        select(Payment)
        .where(
            Payment.supplier_id == supplier_id,
            Payment.debtor_id == debtor_id,
            Payment.state.in_(LIVE),
        )
        .order_by(Payment.created_at.desc())
    ).all()


def listed(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    states: Sequence[PaymentState] = (),
    most: int = 100,
) -> Sequence[Payment]:
    """Payments to the supplier, newest first; of one debtor, or in some states, if named."""
    statement = select(Payment).where(Payment.supplier_id == supplier_id)
    if debtor_id is not None:
        statement = statement.where(Payment.debtor_id == debtor_id)
    if states:
        statement = statement.where(Payment.state.in_(states))
    return session.scalars(statement.order_by(Payment.created_at.desc()).limit(most)).all()


_PARTS = (
    select(PaymentPart.invoice_id, PaymentPart.amount_minor, PaymentPart.live, Invoice.number)
    .join(
        Invoice,
        (Invoice.supplier_id == PaymentPart.supplier_id) & (Invoice.id == PaymentPart.invoice_id),
    )
    .where(
        PaymentPart.supplier_id == bindparam("supplier"),
        PaymentPart.payment_id == bindparam("payment"),
    )
    .order_by(Invoice.due_on, Invoice.number)
)


def parts_of(session: Session, supplier_id: SupplierId, payment: Payment) -> tuple[PaidPart, ...]:
    """What the payment is meant for, in the order the invoices fall due."""
    rows = session.execute(_PARTS, {"supplier": supplier_id, "payment": payment.id})
    currency = payment.amount.currency
    return tuple(
        PaidPart(row.invoice_id, row.number, Money(row.amount_minor, currency), row.live)
        for row in rows
    )


def live_amounts(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[InvoiceId, tuple[PaymentState, Money]]:
    """Per invoice of the debtor, the live attempt it is in: how far that is, and how much."""
    rows = session.execute(
        select(PaymentPart.invoice_id, PaymentPart.amount_minor, Payment.state, Payment.amount)
        .join(
            Payment,
            (Payment.supplier_id == PaymentPart.supplier_id)
            & (Payment.id == PaymentPart.payment_id),
        )
        .where(Payment.supplier_id == supplier_id, Payment.debtor_id == debtor_id, PaymentPart.live)
    )
    return {
        row.invoice_id: (PaymentState(row.state), Money(row.amount_minor, row.amount.currency))
        for row in rows
    }


def live_attempt_of(
    session: Session, supplier_id: SupplierId, invoice_id: InvoiceId
) -> Payment | None:
    """The live attempt the invoice is in, if there is one."""
    return session.scalar(
        select(Payment)
        .join(
            PaymentPart,
            (PaymentPart.supplier_id == Payment.supplier_id)
            & (PaymentPart.payment_id == Payment.id),
        )
        .where(
            Payment.supplier_id == supplier_id,
            PaymentPart.invoice_id == invoice_id,
            PaymentPart.live,
        )
    )


def processing_invoices(session: Session, supplier_id: SupplierId) -> set[InvoiceId]:
    """Invoices whose debtor has done their part, or may have: nobody is reminded of these."""
    return set(
        session.scalars(
            select(PaymentPart.invoice_id)
            .join(
                Payment,
                (Payment.supplier_id == PaymentPart.supplier_id)
                & (Payment.id == PaymentPart.payment_id),
            )
            .where(
                Payment.supplier_id == supplier_id,
                PaymentPart.live,
                Payment.state.in_((PaymentState.PROCESSING, PaymentState.UNKNOWN)),
            )
        )
    )


def entries_of(session: Session, supplier_id: SupplierId, payment_id: PaymentId) -> Sequence[Entry]:
    """What the ledger has of a payment."""
    return session.scalars(
        select(Entry)
        .where(Entry.supplier_id == supplier_id, Entry.payment_id == payment_id)
        .order_by(Entry.id)
    ).all()


def inbox_of(session: Session, supplier_id: SupplierId, payment: Payment) -> Sequence[StripeEvent]:
    """The messages about a payment, as they came."""
    objects = [
        name for name in (payment.stripe_session_id, payment.stripe_payment_intent_id) if name
    ]
    return session.scalars(
        select(StripeEvent)
        .where(StripeEvent.supplier_id == supplier_id, StripeEvent.object_id.in_(objects))
        .order_by(StripeEvent.received_at, StripeEvent.id)
    ).all()


def for_a_person(session: Session, supplier_id: SupplierId) -> Sequence[Payment]:
    """Attempts that looking again will not clear up, oldest first."""
    return session.scalars(
        select(Payment)
        .where(
            Payment.supplier_id == supplier_id,
            or_(
                Payment.problem != "",
                Payment.state.in_(LIVE) & Payment.next_check_at.is_(None),
            ),
        )
        .order_by(Payment.created_at)
    ).all()


def troubled_events(session: Session, *, received_before: datetime) -> Sequence[StripeEvent]:
    """Messages of the gateway that led nowhere; needs a system transaction."""
    return session.scalars(
        select(StripeEvent)
        .where(
            StripeEvent.state.in_(("received", "unmatched", "rejected")),
            StripeEvent.received_at < received_before,
        )
        .order_by(StripeEvent.received_at)
    ).all()


def latest_settled(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> Payment | None:
    """The debtor's latest payment that arrived."""
    return session.scalar(
        select(Payment)
        .where(
            Payment.supplier_id == supplier_id,
            Payment.debtor_id == debtor_id,
            Payment.state == PaymentState.SETTLED,
        )
        .order_by(Payment.state_since.desc())
        .limit(1)
    )
