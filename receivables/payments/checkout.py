"""To the hosted page and back: transaction, network, transaction, and never both at once.

Whatever dies between two of these steps leaves a row that says how far it got, and
`looking.look_again` takes it from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from receivables.database import Scope
from receivables.errors import TemporarilyUnavailable
from receivables.i18n import reading_as, translate
from receivables.ids import DebtorId, PaymentId, SupplierId
from receivables.money import Money
from receivables.payments import queries
from receivables.payments.customers import customer_for
from receivables.payments.errors import (
    CardPaymentUnavailable,
    NoSuchPayment,
    PaymentAlreadySettled,
    PaymentInProgress,
)
from receivables.payments.looking import bring_on, look_again, make_way
from receivables.payments.rules import PAGE_LIFETIME, PaymentState, payable_by_card
from receivables.payments.starting import Choice, InvoicesHeld, start
from receivables.payments.tables import Payment
from receivables.ports import CheckoutLine, CheckoutOrder, Gateway, Saving
from receivables.runtime import Runtime

#: How often a page may be closed to make way for another choice in one click.
_MOST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """Where the debtor goes to pay."""

    payment_id: PaymentId
    url: str


def card_trouble(
    runtime: Runtime, stripe_account: str | None, currency: str, *, standing: str = ""
) -> str:
    """Why there is no card button, or "" when there is one: "not_configured", "disconnected" or
    "restricted" (`standing` is the supplier's `stripe_trouble`), "currency".
    """
    if runtime.gateway is None:
        return "not_configured"
    trouble = standing or runtime.gateway.trouble(stripe_account or "")
    return trouble or ("" if payable_by_card(currency) else "currency")


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
    freezer = _Freezer(runtime, gateway, choice.locale, _saving(runtime, gateway, choice))
    for _ in range(_MOST_ROUNDS):
        try:
            with runtime.transaction(Scope(choice.supplier_id), by=by) as session:
                payment = start(
                    session,
                    choice,
                    livemode=gateway.livemode,
                    freeze=freezer,
                    clock=runtime.clock,
                )
        except InvoicesHeld as held:
            for payment_id in held.payment_ids:
                make_way(runtime, gateway, choice.supplier_id, payment_id)
            continue
        payment = bring_on(runtime, gateway, payment, by)
        if payment.state == PaymentState.OPEN and payment.stripe_session_url:
            return CheckoutPage(payment.id, payment.stripe_session_url)
        if payment.state != PaymentState.EXPIRED:
            raise _why_no_page(payment)
    raise PaymentInProgress(payment.id)


def _saving(runtime: Runtime, gateway: Gateway, choice: Choice) -> Saving | None:
    if not choice.save_method:
        return None
    customer = customer_for(
        runtime, gateway, choice.supplier_id, choice.debtor_id, choice.contact_id
    )
    return Saving(customer.stripe_customer_id, choice.consent)


@dataclass(frozen=True, slots=True)
class _Freezer:
    """Makes the gateway's request, with the debtor's words on it."""

    runtime: Runtime
    gateway: Gateway
    locale: str
    saving: Saving | None

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
            saving=self.saving,
        )
        return self.gateway.request_for(order)


def _why_no_page(payment: Payment) -> Exception:
    if payment.state == PaymentState.SETTLED:
        return PaymentAlreadySettled(payment.id)
    if payment.state == PaymentState.FAILED:
        return CardPaymentUnavailable(payment.failure_code)
    return PaymentInProgress(payment.id)


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
