"""Refunds and chargebacks, as pages and the reconciler read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InvoiceId, PaymentId, RefundId, SupplierId
from receivables.ledger.holds import Hold, HoldReason
from receivables.ledger.lots import standing_of, surpluses
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money
from receivables.payments.refund_rules import (
    UNDECIDED,
    NoSuchRefund,
    Refundable,
    RefundState,
    refundable,
)
from receivables.payments.return_tables import Chargeback, Refund
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment


def refund_of_supplier(session: Session, supplier_id: SupplierId, refund_id: RefundId) -> Refund:
    """Raises NoSuchRefund."""
    found = session.scalar(
        select(Refund).where(Refund.supplier_id == supplier_id, Refund.id == refund_id)
    )
    if found is None:
        raise NoSuchRefund(refund_id)
    return found


def refunds_of(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId
) -> Sequence[Refund]:
    """All refunds of a payment, as they were made."""
    return session.scalars(
        select(Refund)
        .where(Refund.supplier_id == supplier_id, Refund.payment_id == payment_id)
        .order_by(Refund.created_at, Refund.id)
    ).all()


def chargebacks_of(
    session: Session, supplier_id: SupplierId, payment_id: PaymentId
) -> Sequence[Chargeback]:
    """All chargebacks of a payment, as they were opened."""
    return session.scalars(
        select(Chargeback)
        .where(Chargeback.supplier_id == supplier_id, Chargeback.payment_id == payment_id)
        .order_by(Chargeback.opened_at, Chargeback.id)
    ).all()


def listed_refunds(
    session: Session, supplier_id: SupplierId, *, most: int = 100, skip: int = 0
) -> Sequence[Refund]:
    """Refunds, newest first."""
    return session.scalars(
        select(Refund)
        .where(Refund.supplier_id == supplier_id)
        .order_by(Refund.created_at.desc(), Refund.id.desc())
        .limit(most)
        .offset(skip)
    ).all()


def listed_chargebacks(
    session: Session, supplier_id: SupplierId, *, most: int = 100, skip: int = 0
) -> Sequence[Chargeback]:
    """Chargebacks, newest first."""
    return session.scalars(
        select(Chargeback)
        .where(Chargeback.supplier_id == supplier_id)
        .order_by(Chargeback.opened_at.desc(), Chargeback.id.desc())
        .limit(most)
        .offset(skip)
    ).all()


def refundable_of(session: Session, payment: Payment) -> Refundable:
    """What may be sent back of a payment now. To act on it, hold the payment's row."""
    supplier_id, currency = payment.supplier_id, payment.amount.currency
    standing = standing_of(session, supplier_id, payment.id, currency)
    undecided = [
        refund.amount
        for refund in refunds_of(session, supplier_id, payment.id)
        if refund.state in UNDECIDED
    ]
    contested = any(one.state == "open" for one in chargebacks_of(session, supplier_id, payment.id))
    return refundable(
        standing.left,
        undecided,
        settled=payment.state == PaymentState.SETTLED
        and payment.stripe_payment_intent_id is not None,
        contested=contested,
    )


def refunds_for_a_person(session: Session, supplier_id: SupplierId) -> Sequence[Refund]:
    """Refunds that did not reach the payer, or of which something is wrong, oldest first."""
    return session.scalars(
        select(Refund)
        .where(
            Refund.supplier_id == supplier_id,
            (Refund.problem != "")
            | ((Refund.state == RefundState.UNKNOWN) & Refund.next_check_at.is_(None)),
        )
        .order_by(Refund.created_at)
    ).all()


def open_chargebacks(session: Session, supplier_id: SupplierId) -> Sequence[Chargeback]:
    """Chargebacks and inquiries that the bank has not decided, the first to answer first."""
    return session.scalars(
        select(Chargeback)
        .where(Chargeback.supplier_id == supplier_id, Chargeback.state.in_(("inquiry", "open")))
        .order_by(Chargeback.respond_by, Chargeback.opened_at)
    ).all()


def refund_proposals(session: Session, supplier_id: SupplierId) -> list[tuple[Payment, Money]]:
    """Payments that brought more than was owed, with what of it nobody has used and could be
    sent back at once, oldest first.
    """
    unused = surpluses(session, supplier_id)
    payments = session.scalars(
        select(Payment)
        .where(Payment.supplier_id == supplier_id, Payment.id.in_(list(unused)))
        .order_by(Payment.created_at, Payment.id)
    ).all()
    proposals = []
    for payment in payments:
        amount = min(unused[payment.id], refundable_of(session, payment).left)
        if amount:
            proposals.append((payment, amount))
    return proposals


_TAKEN_BACK = (
    select(
        Entry.__table__.c.debit_subject,
        func.max(Payment.__table__.c.created_at).label("paid_at"),
    )
    .select_from(Chargeback.__table__)
    .join(
        Payment.__table__,
        (Payment.__table__.c.supplier_id == Chargeback.__table__.c.supplier_id)
        & (Payment.__table__.c.id == Chargeback.__table__.c.payment_id),
    )
    .join(
        Entry.__table__,
        (Entry.__table__.c.supplier_id == Chargeback.__table__.c.supplier_id)
        & (Entry.__table__.c.payment_id == Chargeback.__table__.c.payment_id),
    )
    .where(
        Chargeback.__table__.c.supplier_id == bindparam("supplier"),
        Chargeback.__table__.c.money == "withdrawn",
        Payment.__table__.c.debtor_id == bindparam("debtor"),
        Entry.__table__.c.reason == Reason.CHARGED_BACK,
        Entry.__table__.c.debit_account == Account.RECEIVABLE,
    )
    .group_by(Entry.__table__.c.debit_subject)
)


def taken_back(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> dict[InvoiceId, datetime]:
    """When the debtor made the latest payment of each invoice that their bank took back."""
    rows = session.execute(_TAKEN_BACK, {"supplier": supplier_id, "debtor": debtor_id})
    return {InvoiceId(row.debit_subject): row.paid_at for row in rows}


def holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[Hold]:
    """What a bank took back of invoices and has not decided on: by asking for it now, the supplier
    would ask for money that may yet come again. Once it is decided, it is owed like any other.
    """
    statement = (
        select(Entry.debit_subject, Entry.amount)
        .join(
            Chargeback,
            (Chargeback.supplier_id == Entry.supplier_id)
            & (Chargeback.payment_id == Entry.payment_id),
        )
        .join(Payment, (Payment.supplier_id == supplier_id) & (Payment.id == Entry.payment_id))
        .where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.CHARGED_BACK,
            Entry.debit_account == Account.RECEIVABLE,
            Entry.source.startswith(Chargeback.stripe_dispute_id.concat("/")),
            Chargeback.state == "open",
            Chargeback.money == "withdrawn",
        )
        .order_by(Entry.id)
    )
    if debtor_id is not None:
        statement = statement.where(Payment.debtor_id == debtor_id)
    return [
        Hold(
            invoice_id=InvoiceId(row.debit_subject),
            reason=HoldReason.CHARGED_BACK,
            amount=row.amount,
        )
        for row in session.execute(statement)
    ]
