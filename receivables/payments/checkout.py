"""To the hosted page and back: transaction, network, transaction, and never both at once.

Whatever dies between two of these steps leaves a row that says how far it got, and `look_again`
takes it from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from receivables.database import Scope
from receivables.errors import TemporarilyUnavailable
from receivables.i18n import reading_as, translate
from receivables.ids import DebtorId, PaymentId, SupplierId
from receivables.money import Money
from receivables.payments import actions, queries
from receivables.payments.errors import (
    CardPaymentUnavailable,
    CheckoutMismatch,
    NoSuchPayment,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.rules import (
    LIVE,
    PAGE_LIFETIME,
    SETTLING_TIME,
    PaymentState,
    Report,
    absence_is_certain,
    may_send_again,
    payable_by_card,
)
from receivables.payments.starting import Choice, InvoicesHeld, start
from receivables.payments.tables import Payment
from receivables.ports import (
    Checkout,
    CheckoutLine,
    CheckoutOrder,
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

#: How often a page may be closed to make way for another choice in one click.
_MOST_ROUNDS = 3

#: A request this young is still somebody's who is waiting for its answer.
_SOMEBODY_IS_WAITING = timedelta(minutes=1)

_NO_CERTAIN_ANSWER = (
    GatewayRefused,
    GatewayUnreached,
    GatewaySilent,
    GatewayUnclear,
)


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """Where the debtor goes to pay."""

    payment_id: PaymentId
    url: str


def card_trouble(runtime: Runtime, stripe_account: str | None, currency: str) -> str:
    """Why there is no card button ("not_configured", "currency"), or "" when there is one."""
    if runtime.gateway is None:
        return "not_configured"
    from_gateway = runtime.gateway.trouble(stripe_account or "")
    return from_gateway or ("" if payable_by_card(currency) else "currency")


def begin_checkout(runtime: Runtime, choice: Choice, *, by: str = "system") -> CheckoutPage:
    """Bring a debtor to a hosted page for their choice; the same choice again is the same page.

    A page open for another choice of the same invoices is closed first; one that turns out to
    be paid is booked instead.
    Raises what `starting.start` raises about the choice, PaymentAlreadySettled,
    PaymentInProgress (its page says how it stands) and CardPaymentUnavailable.
    """
    gateway = runtime.gateway
    if gateway is None:
        raise CardPaymentUnavailable("not_configured")
    for _ in range(_MOST_ROUNDS):
        try:
            with runtime.transaction(Scope(choice.supplier_id), by=by) as session:
                payment = start(
                    session,
                    choice,
                    livemode=gateway.livemode,
                    freeze=_Freezer(runtime, gateway, choice.locale),
                    clock=runtime.clock,
                )
        except InvoicesHeld as held:
            for payment_id in held.payment_ids:
                _make_way(runtime, gateway, choice.supplier_id, payment_id)
            continue
        payment = _bring_on(runtime, gateway, payment, by)
        if payment.state == PaymentState.OPEN and payment.stripe_session_url:
            return CheckoutPage(payment.id, payment.stripe_session_url)
        if payment.state != PaymentState.EXPIRED:
            raise _why_no_page(payment)
    raise PaymentInProgress(payment.id)


@dataclass(frozen=True, slots=True)
class _Freezer:
    """Makes the gateway's request, with the debtor's words on it."""

    runtime: Runtime
    gateway: Gateway
    locale: str

    def __call__(self, payment_id: PaymentId, parts: Sequence[tuple[str, Money]]) -> dict[str, Any]:
        with reading_as(self.locale):
            word = translate("Invoice")
        back = f"{self.runtime.settings.web.portal_url}/payments/{payment_id}"
        order = CheckoutOrder(
            attempt=payment_id,
            lines=tuple(CheckoutLine(f"{word} {number}", amount) for number, amount in parts),
            description=f"{word} {', '.join(number for number, _ in parts)}"[:500],
            locale=self.locale,
            success_url=f"{back}/thanks?cs={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{back}/cancelled",
            expires_at=self.runtime.clock.now() + PAGE_LIFETIME,
        )
        return self.gateway.request_for(order)


def _why_no_page(payment: Payment) -> Exception:
    if payment.state == PaymentState.SETTLED:
        return PaymentAlreadySettled(payment.id)
    if payment.state == PaymentState.FAILED:
        return CardPaymentUnavailable(payment.failure_code)
    return PaymentInProgress(payment.id)


def _bring_on(runtime: Runtime, gateway: Gateway, payment: Payment, by: str) -> Payment:
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
    if not first and not _may_send_again(runtime, payment):
        return look_again(runtime, payment.supplier_id, payment.id)
    return _send(runtime, gateway, payment, first=first)


def _may_send_again(runtime: Runtime, payment: Payment) -> bool:
    assert payment.sent_at is not None, "what is sent has a time"
    return may_send_again(
        sent_at=payment.sent_at, page_expires_at=payment.expires_at, now=runtime.clock.now()
    )


def _send(runtime: Runtime, gateway: Gateway, payment: Payment, *, first: bool) -> Payment:
    """Post the frozen request. Only the first sending can be known not to have arrived: being
    turned away at the door later says nothing about what went in before.
    """
    try:
        checkout = gateway.open_checkout(payment.stripe_account, payment.id, payment.request)
    except GatewayKeyReused as error:
        log.error("payment.key_reused", payment=str(payment.id))
        return _learn(runtime, payment, Report.UNCLEAR, problem=str(error))
    except (GatewayNotConfigured, GatewayUnreached) as error:
        if first:
            unreached = isinstance(error, GatewayUnreached)
            code = "unreached" if unreached else "not_configured"
            return _learn(runtime, payment, Report.REFUSED, code=code)
        return _learn(runtime, payment, Report.SILENT)
    except GatewayRefused as error:
        log.error("payment.refused", payment=str(payment.id), code=error.code)
        return _learn(runtime, payment, Report.REFUSED, code=error.code)
    except GatewaySilent:
        return _learn(runtime, payment, Report.SILENT)
    except GatewayUnclear:
        return _learn(runtime, payment, Report.UNCLEAR)
    return _take_down(runtime, payment, checkout)


def _learn(
    runtime: Runtime, payment: Payment, reported: Report, *, code: str = "", problem: str = ""
) -> Payment:
    with runtime.transaction(Scope(payment.supplier_id)) as session:
        return actions.learn(
            session,
            payment.supplier_id,
            payment.id,
            reported,
            code=code,
            problem=problem,
            clock=runtime.clock,
        )


def _take_down(runtime: Runtime, payment: Payment, checkout: Checkout) -> Payment:
    scope, clock = Scope(payment.supplier_id), runtime.clock
    try:
        with runtime.transaction(scope) as session:
            return actions.apply(session, payment.supplier_id, payment.id, checkout, clock=clock)
    except CheckoutMismatch as mismatch:
        log.error("payment.mismatch", payment=str(payment.id), reason=str(mismatch))
        with runtime.transaction(scope) as session:
            return actions.note_problem(session, payment.supplier_id, payment.id, str(mismatch))


def _make_way(
    runtime: Runtime, gateway: Gateway, supplier_id: SupplierId, payment_id: PaymentId
) -> None:
    """End an attempt that holds invoices another choice wants.

    Raises PaymentInProgress when it cannot be ended, and PaymentAlreadySettled never: what has
    been paid is booked, and the choice is judged anew.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        payment = queries.of_supplier(session, supplier_id, payment_id)
    if payment.state in (PaymentState.STARTED, PaymentState.SENT, PaymentState.UNKNOWN):
        if runtime.clock.now() - payment.state_since < _SOMEBODY_IS_WAITING:
            raise PaymentInProgress(payment_id)
        payment = look_again(runtime, supplier_id, payment_id)
    if payment.state == PaymentState.OPEN and payment.stripe_session_id:
        try:
            closed = gateway.expire_checkout(payment.stripe_account, payment.stripe_session_id)
        except _NO_CERTAIN_ANSWER as error:
            raise PaymentInProgress(payment_id) from error
        payment = _take_down(runtime, payment, closed)
    if payment.state in LIVE:
        raise PaymentInProgress(payment_id)


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
            return _learn(runtime, payment, Report.ABSENT)
        return payment
    seen = PaymentState(payment.state)
    try:
        _look(runtime, gateway, payment)
    except _NO_CERTAIN_ANSWER as error:
        log.warning("payment.look_failed", payment=str(payment_id), error=type(error).__name__)
    with runtime.transaction(Scope(supplier_id)) as session:
        return actions.note_look(session, supplier_id, payment_id, seen=seen, clock=runtime.clock)


def _look(runtime: Runtime, gateway: Gateway, payment: Payment) -> Payment:
    now, sent_at = runtime.clock.now(), payment.sent_at
    assert sent_at is not None, "what is sent has a time"
    if payment.stripe_session_id is not None:
        found = gateway.checkout(payment.stripe_account, payment.stripe_session_id)
        if found is None:
            problem = f"{payment.stripe_session_id} is not known at the gateway any more"
            return _learn(runtime, payment, Report.MISSING, problem=problem)
        return _take_down(runtime, payment, found)
    if payment.state == PaymentState.SENT and _may_send_again(runtime, payment):
        payment = _send(runtime, gateway, payment, first=False)
        if payment.state == PaymentState.SENT and now - sent_at >= _SOMEBODY_IS_WAITING:
            return _learn(runtime, payment, Report.UNCLEAR)
        return payment
    found = gateway.find_checkout(
        payment.stripe_account,
        payment.id,
        made_from=sent_at - timedelta(minutes=5),
        made_until=now + timedelta(minutes=5),
    )
    if found is not None:
        return _take_down(runtime, payment, found)
    if absence_is_certain(sent_at=sent_at, now=now):
        return _learn(runtime, payment, Report.ABSENT)
    return payment


def returned(
    runtime: Runtime,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    payment_id: PaymentId,
    *,
    checkout_id: str | None,
) -> Payment:
    """The debtor is back from the hosted page: how does it stand?

    `checkout_id` is what the address says; it must be that of this very payment.
    Raises NoSuchPayment for anything that is not this debtor's.
    """
    with runtime.reading(Scope(supplier_id)) as session:
        payment = queries.of_debtor(session, supplier_id, debtor_id, payment_id)
    if checkout_id is not None and payment.stripe_session_id not in (None, checkout_id):
        raise NoSuchPayment(payment_id)
    try:
        return look_again(runtime, supplier_id, payment_id, not_within=timedelta(seconds=3))
    except TemporarilyUnavailable:
        return payment
