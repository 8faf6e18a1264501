"""What became of an attempt to pay: sent, asked about, taken down; pages and charges alike.

Transaction, network, transaction, and never two at once. Whatever dies between two of these steps
leaves a row that says how far it got, and `look_again` takes it from there.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from receivables.database import Scope
from receivables.ids import PaymentId, SupplierId
from receivables.payments import actions, queries
from receivables.payments.errors import CheckoutMismatch, PaymentInProgress
from receivables.payments.rules import (
    LIVE,
    NO_REFUSAL,
    SETTLING_TIME,
    Channel,
    PaymentState,
    Refusal,
    Report,
    absence_is_certain,
    may_send_again,
)
from receivables.payments.tables import Payment
from receivables.ports import (
    Charge,
    Checkout,
    Gateway,
    GatewayKeyReused,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
)
from receivables.runtime import Runtime

log = structlog.get_logger(__name__)

#: A request this young is still somebody's who is waiting for its answer.
_SOMEBODY_IS_WAITING = timedelta(minutes=1)

#: The clocks of two machines.
_CLOCKS_DIFFER = timedelta(minutes=5)

NO_CERTAIN_ANSWER = (
    GatewayRefused,
    GatewayUnreached,
    GatewaySilent,
    GatewayUnclear,
)


def bring_on(runtime: Runtime, gateway: Gateway, payment: Payment, by: str) -> Payment:
    """Take an attempt as far as the gateway lets us now."""
    if payment.state == PaymentState.UNKNOWN:
        return look_again(runtime, payment.supplier_id, payment.id)
    if payment.state not in (PaymentState.STARTED, PaymentState.SENT):
        return payment
    with runtime.transaction(Scope(payment.supplier_id), by=by) as session:
        payment, first = actions.mark_sent(
            session, payment.supplier_id, payment.id, clock=runtime.clock
        )
    if payment.state != PaymentState.SENT:
        return payment
    if not first and payment.channel == Channel.CHARGE and _is_somebodys(runtime, payment):
        return payment
    if not first and not _may_send_again(runtime, payment):
        return look_again(runtime, payment.supplier_id, payment.id)
    return send(runtime, gateway, payment, first=first)


def _is_somebodys(runtime: Runtime, payment: Payment) -> bool:
    return runtime.clock.now() - payment.state_since < _SOMEBODY_IS_WAITING


def _may_send_again(runtime: Runtime, payment: Payment) -> bool:
    assert payment.sent_at is not None, "what is sent has a time"
    return may_send_again(
        Channel(payment.channel),
        sent_at=payment.sent_at,
        expires_at=payment.expires_at,
        now=runtime.clock.now(),
    )


def _post(gateway: Gateway, payment: Payment) -> Checkout | Charge:
    if payment.channel == Channel.CHARGE:
        return gateway.charge(payment.stripe_account, payment.id, payment.request)
    return gateway.open_checkout(payment.stripe_account, payment.id, payment.request)


def send(runtime: Runtime, gateway: Gateway, payment: Payment, *, first: bool) -> Payment:
    """Post the frozen request. Only the first sending can be known not to have arrived: being
    turned away at the door later says nothing about what went in before.
    """
    try:
        found = _post(gateway, payment)
    except GatewayKeyReused as error:
        log.error("payment.key_reused", payment=str(payment.id))
        return learn(runtime, payment, Report.UNCLEAR, problem=str(error))
    except (GatewayNotConfigured, GatewayUnreached) as error:
        if first:
            unreached = isinstance(error, GatewayUnreached)
            code = "unreached" if unreached else "not_configured"
            return learn(runtime, payment, Report.REFUSED, refusal=Refusal(code))
        return learn(runtime, payment, Report.SILENT)
    except GatewayRefused as error:
        log.error("payment.refused", payment=str(payment.id), code=error.code)
        refusal = Refusal(error.decline_code or error.code, error.decline_code, error.advice_code)
        return learn(runtime, payment, Report.REFUSED, refusal=refusal)
    except GatewaySilent:
        return learn(runtime, payment, Report.SILENT)
    except GatewayUnclear:
        return learn(runtime, payment, Report.UNCLEAR)
    return take_down(runtime, payment, found)


def learn(
    runtime: Runtime,
    payment: Payment,
    reported: Report,
    *,
    refusal: Refusal = NO_REFUSAL,
    problem: str = "",
) -> Payment:
    """`actions.learn` in a transaction of its own."""
    with runtime.transaction(Scope(payment.supplier_id)) as session:
        return actions.learn(
            session,
            payment.supplier_id,
            payment.id,
            reported,
            refusal=refusal,
            problem=problem,
            clock=runtime.clock,
        )


def take_down(runtime: Runtime, payment: Payment, found: Checkout | Charge) -> Payment:
    """`actions.apply` in a transaction of its own; what does not belong to the attempt becomes
    its problem.
    """
    scope, clock = Scope(payment.supplier_id), runtime.clock
    try:
        with runtime.transaction(scope) as session:
            return actions.apply(session, payment.supplier_id, payment.id, found, clock=clock)
    except CheckoutMismatch as mismatch:
        log.error("payment.mismatch", payment=str(payment.id), reason=str(mismatch))
        with runtime.transaction(scope) as session:
            return actions.note_problem(session, payment.supplier_id, payment.id, str(mismatch))


def make_way(
    runtime: Runtime, gateway: Gateway, supplier_id: SupplierId, payment_id: PaymentId
) -> Payment:
    """End an attempt that holds invoices another choice wants.

    Raises PaymentInProgress when it cannot be ended, and PaymentAlreadySettled never: what has
    been paid is booked, and the choice is judged anew.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        payment = queries.of_supplier(session, supplier_id, payment_id)
    if payment.state in (PaymentState.STARTED, PaymentState.SENT, PaymentState.UNKNOWN):
        if _is_somebodys(runtime, payment):
            raise PaymentInProgress(payment_id)
        payment = look_again(runtime, supplier_id, payment_id)
    if payment.state == PaymentState.OPEN and payment.stripe_session_id:
        try:
            closed = gateway.expire_checkout(payment.stripe_account, payment.stripe_session_id)
        except NO_CERTAIN_ANSWER as error:
            raise PaymentInProgress(payment_id) from error
        payment = take_down(runtime, payment, closed)
    if payment.state in LIVE:
        raise PaymentInProgress(payment_id)
    return payment


def look_again(
    runtime: Runtime,
    supplier_id: SupplierId,
    payment_id: PaymentId,
    *,
    not_within: timedelta = timedelta(0),
) -> Payment:
    """Find out how an attempt stands, and take it down. May be called any time, by anyone.

    Looks at most once in `not_within`. When the gateway cannot say, the attempt stays as it is
    and is looked at again in its time. Raises NoSuchPayment.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        payment = queries.of_supplier(session, supplier_id, payment_id)
    now, gateway = runtime.clock.now(), runtime.gateway
    lately = payment.looked_at is not None and now - payment.looked_at < not_within
    if payment.state not in LIVE or gateway is None or lately:
        return payment
    if payment.state == PaymentState.STARTED:
        if now - payment.created_at >= SETTLING_TIME:
            return learn(runtime, payment, Report.ABSENT)
        return payment
    seen = PaymentState(payment.state)
    try:
        _look(runtime, gateway, payment)
    except NO_CERTAIN_ANSWER as error:
        log.warning("payment.look_failed", payment=str(payment_id), error=type(error).__name__)
    with runtime.transaction(Scope(supplier_id)) as session:
        return actions.note_look(session, supplier_id, payment_id, seen=seen, clock=runtime.clock)


def _look(runtime: Runtime, gateway: Gateway, payment: Payment) -> Payment:
    now, sent_at = runtime.clock.now(), payment.sent_at
    assert sent_at is not None, "what is sent has a time"
    known = _id_at_the_gateway(payment)
    if known is not None:
        found = _as_it_stands(gateway, payment, known)
        if found is None:
            problem = f"{known} is not known at the gateway any more"
            return learn(runtime, payment, Report.MISSING, problem=problem)
        return take_down(runtime, payment, found)
    if payment.state == PaymentState.SENT and _may_send_again(runtime, payment):
        payment = send(runtime, gateway, payment, first=False)
        if payment.state == PaymentState.SENT and now - sent_at >= _SOMEBODY_IS_WAITING:
            return learn(runtime, payment, Report.UNCLEAR)
        return payment
    found = _find(runtime, gateway, payment)
    if found is not None:
        return take_down(runtime, payment, found)
    if absence_is_certain(sent_at=sent_at, now=now):
        return learn(runtime, payment, Report.ABSENT)
    return payment


def _id_at_the_gateway(payment: Payment) -> str | None:
    if payment.channel == Channel.CHARGE:
        return payment.stripe_payment_intent_id
    return payment.stripe_session_id


def _as_it_stands(gateway: Gateway, payment: Payment, known: str) -> Checkout | Charge | None:
    if payment.channel == Channel.CHARGE:
        return gateway.charge_of(payment.stripe_account, known)
    return gateway.checkout(payment.stripe_account, known)


def _find(runtime: Runtime, gateway: Gateway, payment: Payment) -> Checkout | Charge | None:
    """By what we wrote on it, among all that were made since."""
    assert payment.sent_at is not None, "what is sent has a time"
    account, made_from = payment.stripe_account, payment.sent_at - _CLOCKS_DIFFER
    made_until = runtime.clock.now() + _CLOCKS_DIFFER
    if payment.channel == Channel.CHARGE:
        return gateway.find_charge(
            account, payment.id, payment.request, made_from=made_from, made_until=made_until
        )
    return gateway.find_checkout(account, payment.id, made_from=made_from, made_until=made_until)
