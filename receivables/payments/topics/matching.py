"""Whose attempt a page or a charge is, and taking it down there."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.payments.actions import apply, note_problem
from receivables.payments.errors import CheckoutMismatch
from receivables.payments.inbox import NOT_OURS, UNKNOWN_ATTEMPT, EventState, Verdict
from receivables.payments.tables import Payment
from receivables.ports import Charge, Checkout


def take_down(session: Session, found: Checkout | Charge | None, clock: Clock) -> Verdict:
    """Apply what was found to the attempt that is named on it."""
    if found is None or found.attempt is None:
        return NOT_OURS
    payment = _match(session, found)
    if payment is None:
        return UNKNOWN_ATTEMPT
    try:
        apply(session, payment.supplier_id, payment.id, found, clock=clock)
    except CheckoutMismatch as mismatch:
        note_problem(session, payment.supplier_id, payment.id, str(mismatch))
        return Verdict(EventState.REJECTED, payment.supplier_id, str(mismatch))
    return Verdict(EventState.APPLIED, payment.supplier_id)


def _match(session: Session, found: Checkout | Charge) -> Payment | None:
    """By what we wrote on it, then by the ids we keep."""
    written = session.scalar(select(Payment).where(Payment.id == found.attempt))
    if written is not None:
        return written
    kept = (
        (Payment.stripe_account == found.account) & (Payment.stripe_payment_intent_id == found.id)
        if isinstance(found, Charge)
        else Payment.stripe_session_id == found.id
    )
    return session.scalar(select(Payment).where(kept))
