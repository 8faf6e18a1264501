"""Charges without the debtor at Stripe: PaymentIntents made and confirmed off session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import stripe

from receivables.ids import PaymentId
from receivables.money import Money
from receivables.payments.rules import NO_REFUSAL
from receivables.payments.stripe.reading import attempt_in, method_of, refusal_of
from receivables.payments.stripe.transport import Line
from receivables.ports import (
    Charge,
    ChargeLine,
    ChargeStatus,
    GatewayNotConfigured,
    GatewayRefused,
)

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

_EXPAND = ["latest_charge"]

#: Source: docs.stripe.com/payments/paymentintents/lifecycle. What has come no further than
#: these will not come further by itself.
_STATUSES = {
    "succeeded": ChargeStatus.PAID,
    "requires_action": ChargeStatus.NEEDS_DEBTOR,
    "requires_payment_method": ChargeStatus.FAILED,
    "canceled": ChargeStatus.FAILED,
}


class StripeCharges:
    """`ports.Charges` at Stripe."""

    line: Line

    def charge_request_for(self, line: ChargeLine) -> dict[str, Any]:
        metadata = {"attempt": str(line.attempt)}
        if line.instalment_id is not None:
            metadata["instalment"] = str(line.instalment_id)
        request: PaymentIntentCreateParams = {
            "amount": line.amount.minor,
            "currency": line.amount.currency.lower(),
            "customer": line.customer,
            "payment_method": line.method,
            "off_session": True,
            "confirm": True,
            "description": line.description,
            "metadata": metadata,
            "expand": _EXPAND,
        }
        return cast("dict[str, Any]", request)

    def charge(self, account: str, attempt: PaymentId, request: Mapping[str, Any]) -> Charge:
        params = cast("PaymentIntentCreateParams", dict(request))

        def post(options: stripe.RequestOptions) -> stripe.PaymentIntent:
            try:
                return self.line.client.v1.payment_intents.create(params, options)
            except stripe.CardError as declined:
                refused = getattr(declined.error, "payment_intent", None)
                if not isinstance(refused, stripe.PaymentIntent):
                    raise
                return refused

        return _charge(self.line.posting(account, str(attempt), post), account)

    def charge_of(self, account: str, payment_intent_id: str) -> Charge | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.payment_intents.retrieve(
                    payment_intent_id, {"expand": _EXPAND}, self.line.options(account)
                )
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise
        return _charge(found, account)

    def find_charge(
        self,
        account: str,
        attempt: PaymentId,
        request: Mapping[str, Any],
        *,
        made_from: datetime,
        made_until: datetime,
    ) -> Charge | None:
        with self.line.asking(account):
            page = self.line.client.v1.payment_intents.list(
                {
                    "customer": request["customer"],
                    "created": {
                        "gte": int(made_from.timestamp()),
                        "lte": int(made_until.timestamp()),
                    },
                    "limit": 100,
                },
                self.line.options(account),
            )
            for intent in page.auto_paging_iter():
                if attempt_in(intent.metadata) == attempt:
                    return self.charge_of(account, intent.id)
        return None

    def cancel_charge(self, account: str, payment_intent_id: str) -> Charge:
        try:
            with self.line.asking(account):
                cancelled = self.line.client.v1.payment_intents.cancel(
                    payment_intent_id, {"expand": _EXPAND}, self.line.options(account)
                )
        except GatewayNotConfigured:
            raise
        except GatewayRefused:
            # It was taken meanwhile, or cancelled before.
            found = self.charge_of(account, payment_intent_id)
            if found is None:
                raise
            return found
        return _charge(cancelled, account)


def _charge(intent: stripe.PaymentIntent, account: str) -> Charge:
    # What is at the bank, and what Stripe has not come to yet, is waited for alike.
    status = _STATUSES.get(intent.status, ChargeStatus.PROCESSING)
    refusal = refusal_of(intent) if status is ChargeStatus.FAILED else NO_REFUSAL
    return Charge(
        id=intent.id,
        status=status,
        attempt=attempt_in(intent.metadata),
        amount=Money(intent.amount, intent.currency.upper()),
        account=account,
        livemode=intent.livemode,
        method=method_of(intent),
        failure_code=refusal.code,
        decline_code=refusal.decline_code,
        advice_code=refusal.advice_code,
    )
