"""Charging a saved method without the debtor: transaction, network, transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from receivables.database import Scope
from receivables.i18n import reading_as, translate
from receivables.ids import PaymentId
from receivables.payments import actions
from receivables.payments.errors import (
    CardPaymentUnavailable,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.looking import bring_on, make_way, send
from receivables.payments.rules import PaymentState
from receivables.payments.starting import Charged, ChargeOrder, InvoicesHeld, start_charge
from receivables.payments.tables import Payment
from receivables.ports import ChargeLine, Gateway
from receivables.runtime import Runtime

__all__ = ["ChargeOrder", "charge"]

#: How often pages may be closed to make way for one charge.
_MOST_ROUNDS = 3


def charge(runtime: Runtime, order: ChargeOrder, *, by: str = "system") -> Payment:
    """Charge a saved method, once for each `order.attempt`, and say how it stands.

    SETTLED and PROCESSING: taken. FAILED: `rules.retry_advice` says what next; another try is
    another attempt. SENT and UNKNOWN: nobody knows yet; nothing new is to be sent, and what
    becomes of it is told by PaymentSettled, PaymentFailed or PaymentExpired.

    A page on which the debtor could pay the same invoices is closed first; one that turns out
    to be paid is booked, and then nothing is charged.
    Raises PaymentAlreadySettled and PaymentInProgress (paid, or being paid, elsewhere: decide
    anew when that is over), CardPaymentUnavailable, and what `starting.start_charge` raises.
    """
    gateway = runtime.gateway
    if gateway is None:
        raise CardPaymentUnavailable("not_configured")
    freezer = _Freezer(gateway, order)
    held: tuple[PaymentId, ...] = ()
    for _ in range(_MOST_ROUNDS):
        try:
            payment, fresh = _begin(runtime, gateway, order, freezer, by)
        except InvoicesHeld as in_the_way:
            held = in_the_way.payment_ids
            _clear_the_way(runtime, gateway, order, held)
            continue
        if fresh:
            return send(runtime, gateway, payment, first=True)
        return bring_on(runtime, gateway, payment, by)
    raise PaymentInProgress(held[0])


def _begin(
    runtime: Runtime, gateway: Gateway, order: ChargeOrder, freezer: _Freezer, by: str
) -> tuple[Payment, bool]:
    """The attempt on record, and, in the same breath, that the gateway is told; the bool says
    that nobody told it before.
    """
    clock = runtime.clock
    with runtime.transaction(Scope(order.supplier_id), by=by) as session:
        payment = start_charge(
            session, order, livemode=gateway.livemode, freeze=freezer, clock=clock
        )
        if payment.state != PaymentState.STARTED:
            return payment, False
        return actions.mark_sent(session, order.supplier_id, payment.id, clock=clock)


def _clear_the_way(
    runtime: Runtime, gateway: Gateway, order: ChargeOrder, held: Sequence[PaymentId]
) -> None:
    for payment_id in held:
        over = make_way(runtime, gateway, order.supplier_id, payment_id)
        if over.state == PaymentState.SETTLED:
            raise PaymentAlreadySettled(payment_id)


@dataclass(frozen=True, slots=True)
class _Freezer:
    """Makes the gateway's request."""

    gateway: Gateway
    order: ChargeOrder

    def __call__(self, payment_id: PaymentId, charged: Charged) -> dict[str, Any]:
        with reading_as(charged.language):
            word = translate("Invoice")
        line = ChargeLine(
            attempt=payment_id,
            instalment_id=self.order.instalment_id,
            amount=charged.amount,
            customer=charged.method.stripe_customer_id,
            method=charged.method.stripe_payment_method_id,
            description=f"{word} {', '.join(charged.numbers)}"[:500],
        )
        return self.gateway.charge_request_for(line)
