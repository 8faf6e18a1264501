"""Messages about refunds and chargebacks: whoever made them, of whichever payment of ours."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.payments import chargebacks, refund_actions
from receivables.payments.inbox import NOT_OURS, EventState, Topic, Verdict
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment, StripeEvent
from receivables.payments.topics.matching import take_down
from receivables.ports import Charge, ChargebackFound, Checkout, Gateway, RefundFound

_NOT_BOOKED = "it is about a payment that we have not booked yet"


@dataclass(frozen=True, slots=True)
class Returned:
    """What came or goes back, with the page or charge that it was paid by: what we were never
    told about that is made up for first.
    """

    thing: RefundFound | ChargebackFound
    paid_by: Checkout | Charge | None


def _refund(gateway: Gateway, event: StripeEvent) -> Returned | None:
    found = gateway.refund(event.account, event.object_id)
    return _with_payment(gateway, event, found) if found is not None else None


def _chargeback(gateway: Gateway, event: StripeEvent) -> Returned | None:
    found = gateway.chargeback(event.account, event.object_id)
    return _with_payment(gateway, event, found) if found is not None else None


def _with_payment(
    gateway: Gateway, event: StripeEvent, found: RefundFound | ChargebackFound
) -> Returned | None:
    if not found.payment_intent_id:
        return None
    page = gateway.checkout_of_intent(event.account, found.payment_intent_id)
    paid_by = page or gateway.charge_of(event.account, found.payment_intent_id)
    return Returned(found, paid_by)


def _take_down(session: Session, found: Returned | None, clock: Clock) -> Verdict:
    if found is None:
        return NOT_OURS
    verdict = take_down(session, found.paid_by, clock)
    if verdict.state is not EventState.APPLIED:
        return verdict
    payment = session.scalar(
        select(Payment).where(
            Payment.stripe_account == found.thing.account,
            Payment.stripe_payment_intent_id == found.thing.payment_intent_id,
        )
    )
    if payment is None or payment.state != PaymentState.SETTLED:
        return Verdict(EventState.UNMATCHED, verdict.supplier_id, _NOT_BOOKED)
    if isinstance(found.thing, RefundFound):
        refund_actions.apply(session, payment, found.thing, clock=clock)
    else:
        chargebacks.apply(session, payment, found.thing, clock=clock)
    return Verdict(EventState.APPLIED, payment.supplier_id)


REFUNDS = Topic("refund.", fetch=_refund, apply=_take_down)
CHARGEBACKS = Topic("charge.dispute.", fetch=_chargeback, apply=_take_down)
