"""Sending money back: transaction, network, transaction, and never both at once.

Whatever dies between two of these steps leaves a row that says how far it got, and
`look_again_at` takes it from there.
"""

from __future__ import annotations

import structlog

from receivables.database import Scope
from receivables.ids import PaymentId, RefundId, SupplierId
from receivables.money import Money
from receivables.payments import queries, refund_actions, return_queries
from receivables.payments.errors import CardPaymentUnavailable
from receivables.payments.looking import NO_CERTAIN_ANSWER
from receivables.payments.refund_rules import UNDECIDED, RefundReport, RefundState
from receivables.payments.return_tables import Refund
from receivables.payments.rules import KEY_LIFETIME, SETTLING_TIME
from receivables.ports import (
    Gateway,
    GatewayKeyReused,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
    RefundFound,
)
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)


def refund(
    runtime: Runtime,
    supplier_id: SupplierId,
    payment_id: PaymentId,
    amount: Money,
    *,
    refund_id: RefundId,
    why: str,
    by: str = "system",
) -> Refund:
    """Send back `amount` of a payment. The same `refund_id` (the form's) is the same refund.

    What comes back says how it stands: an outcome that is not known yet is found out by itself.
    Raises NoSuchPayment, NotRefundable, RefundExceedsLeft and CardPaymentUnavailable.
    """
    gateway = runtime.gateway
    if gateway is None:
        raise CardPaymentUnavailable("not_configured")
    with runtime.transaction(Scope(supplier_id), by=by) as session:
        row = refund_actions.request(
            session,
            supplier_id,
            payment_id,
            amount,
            refund_id=refund_id,
            why=why,
            gateway=gateway,
            clock=runtime.clock,
        )
    if row.state != RefundState.STARTED:
        return row
    return _send(runtime, gateway, row)


def _send(runtime: Runtime, gateway: Gateway, row: Refund) -> Refund:
    """Post the frozen request. Only the first sending can be known not to have arrived."""
    with runtime.transaction(Scope(row.supplier_id)) as session:
        row, first = refund_actions.mark_sent(session, row.supplier_id, row.id, clock=runtime.clock)
    if row.state != RefundState.SENT:
        return row
    try:
        found = gateway.make_refund(row.stripe_account, row.id, row.request)
    except GatewayKeyReused as error:
        log.error("refund.key_reused", refund=str(row.id))
        return _learn(runtime, row, RefundReport.UNCLEAR, problem=str(error))
    except (GatewayNotConfigured, GatewayUnreached) as error:
        if not first:
            return row
        code = "unreached" if isinstance(error, GatewayUnreached) else "not_configured"
        return _learn(runtime, row, RefundReport.REFUSED, code=code)
    except GatewayRefused as error:
        log.error("refund.refused", refund=str(row.id), code=error.code)
        return _learn(runtime, row, RefundReport.REFUSED, code=error.code)
    except GatewaySilent:
        return row
    except GatewayUnclear:
        return _learn(runtime, row, RefundReport.UNCLEAR)
    return _take_down(runtime, row, found)


def _learn(
    runtime: Runtime, row: Refund, reported: RefundReport, *, code: str = "", problem: str = ""
) -> Refund:
    with runtime.transaction(Scope(row.supplier_id)) as session:
        return refund_actions.learn(
            session,
            row.supplier_id,
            row.id,
            reported,
            code=code,
            problem=problem,
            clock=runtime.clock,
        )


def _take_down(runtime: Runtime, row: Refund, found: RefundFound) -> Refund:
    with runtime.transaction(Scope(row.supplier_id)) as session:
        payment = queries.of_supplier(session, row.supplier_id, row.payment_id)
        return refund_actions.apply(session, payment, found, clock=runtime.clock)


def look_again_at(runtime: Runtime, supplier_id: SupplierId, refund_id: RefundId) -> Refund:
    """Find out how a refund stands, and take it down. May be called any time, by anyone.

    Raises NoSuchRefund.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        row = return_queries.refund_of_supplier(session, supplier_id, refund_id)
    gateway = runtime.gateway
    if gateway is None or row.state not in (*UNDECIDED, RefundState.PENDING):
        return row
    try:
        _look(runtime, gateway, row)
    except NO_CERTAIN_ANSWER as error:
        log.warning("refund.look_failed", refund=str(refund_id), error=type(error).__name__)
    with runtime.transaction(Scope(supplier_id)) as session:
        return refund_actions.note_look(session, supplier_id, refund_id, clock=runtime.clock)


def _look(runtime: Runtime, gateway: Gateway, row: Refund) -> Refund:
    now = runtime.clock.now()
    if row.stripe_refund_id is not None:
        known = gateway.refund(row.stripe_account, row.stripe_refund_id)
        return row if known is None else _take_down(runtime, row, known)
    if row.state == RefundState.STARTED:
        # Whoever began it died before Stripe was told; the decision was made and stands.
        return _send(runtime, gateway, row)
    sent_at = row.sent_at
    assert sent_at is not None, "what is sent has a time"
    if row.state == RefundState.SENT and now - sent_at < KEY_LIFETIME:
        row = _send(runtime, gateway, row)
        if row.state == RefundState.SENT and now - sent_at >= SETTLING_TIME:
            return _learn(runtime, row, RefundReport.UNCLEAR)
        return row
    intent = str(row.request.get("payment_intent", ""))
    for found in gateway.refunds_of(row.stripe_account, intent):
        if found.refund == row.id:
            return _take_down(runtime, row, found)
    if now - sent_at >= SETTLING_TIME:
        return _learn(runtime, row, RefundReport.REFUSED, code="never_made")
    return row
