"""Messages about hosted pages, and about the charges made on them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.payments.actions import apply, note_problem
from receivables.payments.errors import CheckoutMismatch
from receivables.payments.inbox import NOT_OURS, UNKNOWN_ATTEMPT, EventState, Topic, Verdict
from receivables.payments.tables import Payment, StripeEvent
from receivables.ports import Checkout, Gateway


def _page(gateway: Gateway, event: StripeEvent) -> Checkout | None:
    return gateway.checkout(event.account, event.object_id)


def _page_of_intent(gateway: Gateway, event: StripeEvent) -> Checkout | None:
    return gateway.checkout_of_intent(event.account, event.object_id)


def _take_down(session: Session, checkout: Checkout | None, clock: Clock) -> Verdict:
    if checkout is None or checkout.attempt is None:
        return NOT_OURS
    payment = _match(session, checkout)
    if payment is None:
        return UNKNOWN_ATTEMPT
    try:
        apply(session, payment.supplier_id, payment.id, checkout, clock=clock)
    except CheckoutMismatch as mismatch:
        note_problem(session, payment.supplier_id, payment.id, str(mismatch))
        return Verdict(EventState.REJECTED, payment.supplier_id, str(mismatch))
    return Verdict(EventState.APPLIED, payment.supplier_id)


def _match(session: Session, checkout: Checkout) -> Payment | None:
    """By what we wrote on the page, then by the ids we keep."""
    written = session.scalar(select(Payment).where(Payment.id == checkout.attempt))
    return written or session.scalar(
        select(Payment).where(Payment.stripe_session_id == checkout.id)
    )


PAGES = Topic("checkout.session.", fetch=_page, apply=_take_down)
INTENTS = Topic("payment_intent.", fetch=_page_of_intent, apply=_take_down)
