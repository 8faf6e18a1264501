"""Hosted payment pages at Stripe: Checkout Sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import stripe

from receivables.ids import PaymentId
from receivables.money import Money
from receivables.payments.stripe.reading import (
    attempt_in,
    kept_method,
    mandate_of,
    method_of,
    refusal_of,
)
from receivables.payments.stripe.transport import Line
from receivables.payments.stripe.words import hosted_locale
from receivables.ports import (
    Checkout,
    CheckoutLine,
    CheckoutOrder,
    CheckoutStatus,
    GatewayNotConfigured,
    GatewayRefused,
    KeptMethod,
)

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

#: Source: docs.stripe.com/api/checkout/sessions/create, `line_items`.
_MOST_LINES = 100

_EXPAND = ["payment_intent.latest_charge", "payment_intent.payment_method"]


class StripeCheckouts:
    """`ports.Checkouts` at Stripe."""

    line: Line

    def request_for(self, order: CheckoutOrder) -> dict[str, Any]:
        attempt = str(order.attempt)
        request: SessionCreateParams = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "locale": cast("Any", hosted_locale(order.locale)),
            "submit_type": "pay",
            "client_reference_id": attempt,
            "metadata": {"attempt": attempt},
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "expires_at": int(order.expires_at.timestamp()),
            # A debt is owed in its own currency: Stripe must not convert it.
            "adaptive_pricing": {"enabled": False},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": line.amount.currency.lower(),
                        "unit_amount": line.amount.minor,
                        "product_data": {"name": line.name},
                    },
                }
                for line in _fitting(order)
            ],
            "payment_intent_data": {
                "metadata": {"attempt": attempt},
                "description": order.description,
            },
        }
        if order.saving is not None:
            request["customer"] = order.saving.customer
            request["payment_intent_data"]["setup_future_usage"] = "off_session"
            request["allowed_payment_method_types"] = _chargeable(order)
            request["custom_text"] = {"submit": {"message": order.saving.consent}}
        return cast("dict[str, Any]", request)

    def open_checkout(
        self, account: str, attempt: PaymentId, request: Mapping[str, Any]
    ) -> Checkout:
        params = cast("SessionCreateParams", dict(request))
        made = self.line.posting(
            account,
            str(attempt),
            lambda options: self.line.client.v1.checkout.sessions.create(params, options),
        )
        return _checkout(made, account)

    def checkout(self, account: str, checkout_id: str) -> Checkout | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.checkout.sessions.retrieve(
                    checkout_id, {"expand": _EXPAND}, self.line.options(account)
                )
                # A page that only saves a card has no amount.
                return _checkout(found, account) if found.mode == "payment" else None
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise

    def checkout_of_intent(self, account: str, payment_intent_id: str) -> Checkout | None:
        with self.line.asking(account):
            page = self.line.client.v1.checkout.sessions.list(
                {"payment_intent": payment_intent_id, "limit": 1}, self.line.options(account)
            )
        return self.checkout(account, page.data[0].id) if page.data else None

    def find_checkout(
        self, account: str, attempt: PaymentId, *, made_from: datetime, made_until: datetime
    ) -> Checkout | None:
        with self.line.asking(account):
            page = self.line.client.v1.checkout.sessions.list(
                {
                    "created": {
                        "gte": int(made_from.timestamp()),
                        "lte": int(made_until.timestamp()),
                    },
                    "limit": 100,
                },
                self.line.options(account),
            )
            for session in page.auto_paging_iter():
                if _attempt_of(session) == attempt:
                    break
            else:
                return None
        return self.checkout(account, session.id)

    def expire_checkout(self, account: str, checkout_id: str) -> Checkout:
        try:
            with self.line.asking(account):
                closed = self.line.client.v1.checkout.sessions.expire(
                    checkout_id, {"expand": _EXPAND}, self.line.options(account)
                )
                return _checkout(closed, account)
        except GatewayNotConfigured:
            raise
        except GatewayRefused:
            # Only an open page can be expired: this one has just been paid, or is over already.
            found = self.checkout(account, checkout_id)
            if found is None:
                raise
            return found


def _checkout(session: stripe.checkout.Session, account: str) -> Checkout:
    assert session.amount_total is not None and session.currency is not None, session.id
    intent = session.payment_intent
    whole = intent if isinstance(intent, stripe.PaymentIntent) else None
    status = _status(session, whole)
    saving = whole is not None and whole.setup_future_usage == "off_session"
    submit = session.custom_text.submit if session.custom_text else None
    return Checkout(
        id=session.id,
        status=status,
        attempt=_attempt_of(session),
        amount=Money(session.amount_total, session.currency.upper()),
        account=account,
        livemode=session.livemode,
        url=session.url,
        payment_intent_id=whole.id if whole else cast("str | None", intent),
        method=method_of(whole) if whole else "",
        failure_code=refusal_of(whole).code if whole and status is CheckoutStatus.FAILED else "",
        saving=saving,
        kept=_kept(whole, account) if saving else None,
        consent=submit.message if submit else "",
    )


def _attempt_of(session: stripe.checkout.Session) -> PaymentId | None:
    return attempt_in(session.metadata, session.client_reference_id)


def _status(
    session: stripe.checkout.Session, intent: stripe.PaymentIntent | None
) -> CheckoutStatus:
    """Source: docs.stripe.com/api/checkout/sessions/object, `status` and `payment_status`."""
    if session.status == "open":
        return CheckoutStatus.OPEN
    if session.status == "expired":
        return CheckoutStatus.EXPIRED
    if session.payment_status == "paid":
        return CheckoutStatus.PAID
    if intent is not None and intent.status in ("requires_payment_method", "canceled"):
        return CheckoutStatus.FAILED
    return CheckoutStatus.PROCESSING


def _kept(intent: stripe.PaymentIntent | None, account: str) -> KeptMethod | None:
    """What was paid with, once it is kept with a customer."""
    method = intent.payment_method if intent else None
    if intent is None or not isinstance(method, stripe.PaymentMethod) or not method.customer:
        return None
    return kept_method(method, account, mandate=mandate_of(intent))


def _chargeable(order: CheckoutOrder) -> list[Any]:
    """What can be kept and charged again. Source: docs.stripe.com/payments/payment-methods,
    reusable methods; a bank account is debited in euros alone.
    """
    euros = order.lines[0].amount.currency == "EUR"
    return ["card", "sepa_debit"] if euros else ["card"]


def _fitting(order: CheckoutOrder) -> tuple[CheckoutLine, ...]:
    """The lines, or one for all of them where Stripe would not take so many."""
    if len(order.lines) <= _MOST_LINES:
        return order.lines
    total = Money.total((line.amount for line in order.lines), order.lines[0].amount.currency)
    return (CheckoutLine(order.description, total),)
