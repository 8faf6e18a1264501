"""Everything that changes a refund. Nothing here calls the gateway."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.history import record
from receivables.ids import PaymentId, RefundId, SupplierId, new_id
from receivables.ledger.giving_back import Parts, come_again, give_back
from receivables.ledger.tables import Reason
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.payments.errors import NoSuchPayment
from receivables.payments.refund_rules import (
    GONE,
    REPORT_OF,
    NoSuchRefund,
    NotRefundable,
    RefundExceedsLeft,
    RefundReport,
    RefundState,
    next_check,
    transition,
)
from receivables.payments.return_events import (
    InvoicePaidAgain,
    InvoiceReopened,
    RefundArrived,
    RefundFailed,
    RefundMade,
    RefundRefused,
    RefundRequested,
)
from receivables.payments.return_queries import refundable_of
from receivables.payments.return_tables import Refund
from receivables.payments.tables import Payment
from receivables.ports import Gateway, RefundFound, RefundOrder


def hold_payment(session: Session, supplier_id: SupplierId, payment_id: PaymentId) -> Payment:
    """The payment; nobody else sends anything of it back meanwhile. Raises NoSuchPayment."""
    payment = session.scalar(
        select(Payment)
        .where(Payment.supplier_id == supplier_id, Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if payment is None:
        raise NoSuchPayment(payment_id)
    return payment


def request(
    session: Session,
    supplier_id: SupplierId,
    payment_id: PaymentId,
    amount: Money,
    *,
    refund_id: RefundId,
    why: str,
    gateway: Gateway,
    clock: Clock,
) -> Refund:
    """Put a refund on record, or find the one of this id: the same form is one refund.

    Raises NoSuchPayment, NotRefundable and RefundExceedsLeft.
    """
    payment = hold_payment(session, supplier_id, payment_id)
    known = _find(session, supplier_id, refund_id)
    if known is not None:
        return known
    may = refundable_of(session, payment)
    if may.reason:
        raise NotRefundable(payment_id, may.reason)
    if amount.minor <= 0 or amount > may.left:
        raise RefundExceedsLeft(amount, may.left)
    now = clock.now()
    order = RefundOrder(refund_id, payment_id, payment.stripe_payment_intent_id or "", amount)
    refund = Refund(
        id=refund_id,
        supplier_id=supplier_id,
        payment_id=payment_id,
        amount=amount,
        why=why[:300],
        external=False,
        state=RefundState.STARTED,
        state_since=now,
        request=gateway.refund_request(order),
        stripe_account=payment.stripe_account,
        created_at=now,
        next_check_at=next_check(RefundState.STARTED, now, now),
    )
    session.add(refund)
    session.flush()
    record(session, RefundRequested(**_about(payment, refund), why=refund.why), clock=clock)
    return refund


def mark_sent(
    session: Session, supplier_id: SupplierId, refund_id: RefundId, *, clock: Clock
) -> tuple[Refund, bool]:
    """Note, before it happens, that Stripe is told; the bool says that nobody had before."""
    _, refund = _locked(session, supplier_id, refund_id)
    first = refund.state == RefundState.STARTED
    if first:
        refund.sent_at = clock.now()
        _step(refund, RefundState.SENT, clock)
        session.flush()
    return refund, first


def learn(
    session: Session,
    supplier_id: SupplierId,
    refund_id: RefundId,
    reported: RefundReport,
    *,
    code: str = "",
    problem: str = "",
    clock: Clock,
) -> Refund:
    """Take down what was learned about a refund without seeing it."""
    payment, refund = _locked(session, supplier_id, refund_id)
    state = transition(RefundState(refund.state), reported)
    if problem:
        refund.problem = problem[:300]
    if state is not None:
        _step(refund, state, clock)
        if state == RefundState.REFUSED:
            refund.failure_code = code[:60]
            record(session, RefundRefused(**_about(payment, refund), code=code[:60]), clock=clock)
    session.flush()
    return refund


def apply(session: Session, payment: Payment, found: RefundFound, *, clock: Clock) -> Refund:
    """Take down what Stripe says of a refund of this payment, and book it.

    The one way for answer, webhook and reconciler: it may be called any number of times, in
    any order. One that we did not make is put on record as external.
    """
    payment = hold_payment(session, payment.supplier_id, payment.id)
    refund = _matching(session, payment, found) or _external(session, payment, found, clock)
    state = transition(RefundState(refund.state), REPORT_OF[found.status])
    if found.amount != refund.amount:
        refund.problem = f"{found.id} is over {found.amount}"
        session.flush()
        return refund
    refund.stripe_refund_id = found.id
    if state is not None:
        _book(session, payment, refund, RefundState(refund.state), state, found, clock)
    session.flush()
    return refund


def _matching(session: Session, payment: Payment, found: RefundFound) -> Refund | None:
    """By what we wrote on it, then by Stripe's id."""
    mine = Refund.payment_id == payment.id
    if found.refund is not None:
        written = session.scalar(
            select(Refund).where(
                Refund.supplier_id == payment.supplier_id, mine, Refund.id == found.refund
            )
        )
        if written is not None:
            return written
    return session.scalar(
        select(Refund).where(
            Refund.supplier_id == payment.supplier_id, mine, Refund.stripe_refund_id == found.id
        )
    )


def _external(session: Session, payment: Payment, found: RefundFound, clock: Clock) -> Refund:
    now = clock.now()
    refund = Refund(
        id=RefundId(new_id()),
        supplier_id=payment.supplier_id,
        payment_id=payment.id,
        amount=found.amount,
        external=True,
        state=RefundState.STARTED,
        state_since=now,
        request={},
        stripe_account=payment.stripe_account,
        stripe_refund_id=found.id,
        created_at=now,
        sent_at=now,
    )
    session.add(refund)
    session.flush()
    return refund


def _book(
    session: Session,
    payment: Payment,
    refund: Refund,
    before: RefundState,
    state: RefundState,
    found: RefundFound,
    clock: Clock,
) -> None:
    _step(refund, state, clock)
    about = _about(payment, refund)
    if state in GONE and before not in GONE:
        moved = give_back(
            session,
            supplier_id=payment.supplier_id,
            debtor_id=payment.debtor_id,
            payment_id=payment.id,
            amount=refund.amount,
            reason=Reason.REFUNDED,
            source=found.id,
            booked_on=booked_on(session, payment, clock),
            clock=clock,
        )
        if moved.short:
            refund.problem = f"{moved.short} more than the payment had left"
        record(session, RefundMade(**about, external=refund.external), clock=clock)
        tell_reopened(session, payment, moved.parts, "refund", clock)
    elif state == RefundState.SUCCEEDED:
        record(session, RefundArrived(**about), clock=clock)
    elif state == RefundState.FAILED:
        refund.failure_code = found.failure_code[:60]
        refund.problem = "it came back: the payer has not got it"
        moved = come_again(
            session,
            supplier_id=payment.supplier_id,
            debtor_id=payment.debtor_id,
            payment_id=payment.id,
            currency=payment.amount.currency,
            undoes=Reason.REFUNDED,
            source=found.id,
            booked_on=booked_on(session, payment, clock),
            clock=clock,
        )
        record(session, RefundFailed(**about, code=refund.failure_code), clock=clock)
        tell_paid_again(session, payment, moved.parts, "refund", clock)


def see_to(session: Session, supplier_id: SupplierId, refund_id: RefundId) -> Refund:
    """A person has dealt with what was wrong about a refund."""
    _, refund = _locked(session, supplier_id, refund_id)
    refund.problem = ""
    session.flush()
    return refund


def note_look(
    session: Session, supplier_id: SupplierId, refund_id: RefundId, *, clock: Clock
) -> Refund:
    """Note that we looked at a refund, and when to look again."""
    _, refund = _locked(session, supplier_id, refund_id)
    refund.checks += 1
    refund.next_check_at = next_check(RefundState(refund.state), refund.state_since, clock.now())
    session.flush()
    return refund


def _step(refund: Refund, state: RefundState, clock: Clock) -> None:
    now = clock.now()
    refund.state, refund.state_since, refund.checks = state, now, 0
    refund.next_check_at = next_check(state, now, now)
    if state != RefundState.UNKNOWN:
        refund.problem = ""


def _find(session: Session, supplier_id: SupplierId, refund_id: RefundId) -> Refund | None:
    return session.scalar(
        select(Refund).where(Refund.supplier_id == supplier_id, Refund.id == refund_id)
    )


def _locked(
    session: Session, supplier_id: SupplierId, refund_id: RefundId
) -> tuple[Payment, Refund]:
    """The refund and its payment, held in the order everybody holds them. Raises NoSuchRefund."""
    known = _find(session, supplier_id, refund_id)
    if known is None:
        raise NoSuchRefund(refund_id)
    payment = hold_payment(session, supplier_id, known.payment_id)
    session.refresh(known)
    return payment, known


def _about(payment: Payment, refund: Refund) -> dict[str, Any]:
    return {
        "supplier_id": payment.supplier_id,
        "debtor_id": payment.debtor_id,
        "payment_id": payment.id,
        "refund_id": refund.id,
        "amount": refund.amount,
    }


def booked_on(session: Session, payment: Payment, clock: Clock) -> date:
    """Today, where the supplier is."""
    return local_date(clock.now(), supplier_of(session, payment.supplier_id).zone)


def tell_reopened(
    session: Session, payment: Payment, parts: Parts, cause: str, clock: Clock
) -> None:
    """Record for each invoice what is owed again."""
    for invoice_id, amount in parts:
        if invoice_id is not None:
            reopened = InvoiceReopened(
                supplier_id=payment.supplier_id,
                debtor_id=payment.debtor_id,
                invoice_id=invoice_id,
                payment_id=payment.id,
                amount=amount,
                cause=cause,
            )
            record(session, reopened, clock=clock)


def tell_paid_again(
    session: Session, payment: Payment, parts: Parts, cause: str, clock: Clock
) -> None:
    """Record for each invoice what is paid after all."""
    for invoice_id, amount in parts:
        if invoice_id is not None:
            paid = InvoicePaidAgain(
                supplier_id=payment.supplier_id,
                debtor_id=payment.debtor_id,
                invoice_id=invoice_id,
                payment_id=payment.id,
                amount=amount,
                cause=cause,
            )
            record(session, paid, clock=clock)
