"""Refunds, disputes (chargebacks, to us) and accounts at Stripe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import stripe

from receivables.ids import RefundId
from receivables.money import Money
from receivables.payments.stripe.transport import Line
from receivables.ports import (
    AccountFound,
    ChargebackFound,
    ChargebackStatus,
    GatewayNotConfigured,
    GatewayRefused,
    RefundFound,
    RefundOrder,
    RefundStatus,
)

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams

#: Source: docs.stripe.com/api/refunds/object, `status`.
_REFUND = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}

#: Source: docs.stripe.com/api/disputes/object, `status`. "prevented": it never became one.
_DISPUTE = {
    "won": ChargebackStatus.WON,
    "lost": ChargebackStatus.LOST,
    "warning_closed": ChargebackStatus.CLOSED,
    "prevented": ChargebackStatus.CLOSED,
    "needs_response": ChargebackStatus.OPEN,
    "under_review": ChargebackStatus.OPEN,
}

#: What Stripe answers for an account that has left the platform.
_GONE = "account_invalid"


class StripeReturns:
    """`ports.Returns` at Stripe."""

    line: Line

    def refund_request(self, order: RefundOrder) -> dict[str, Any]:
        request: RefundCreateParams = {
            "payment_intent": order.payment_intent_id,
            "amount": order.amount.minor,
            "reason": "requested_by_customer",
            "metadata": {"refund": str(order.refund), "attempt": str(order.payment)},
        }
        return cast("dict[str, Any]", request)

    def make_refund(
        self, account: str, refund: RefundId, request: Mapping[str, Any]
    ) -> RefundFound:
        made = self.line.posting(
            account,
            f"refund-{refund}",
            lambda options: self.line.client.v1.refunds.create(
                cast("RefundCreateParams", dict(request)), options
            ),
        )
        return _refund(made, account)

    def refund(self, account: str, gateway_refund_id: str) -> RefundFound | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.refunds.retrieve(
                    gateway_refund_id, None, self.line.options(account)
                )
                return _refund(found, account)
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise

    def refunds_of(self, account: str, payment_intent_id: str) -> Sequence[RefundFound]:
        with self.line.asking(account):
            page = self.line.client.v1.refunds.list(
                {"payment_intent": payment_intent_id, "limit": 100}, self.line.options(account)
            )
            return [_refund(found, account) for found in page.auto_paging_iter()]

    def chargeback(self, account: str, chargeback_id: str) -> ChargebackFound | None:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.disputes.retrieve(
                    chargeback_id, None, self.line.options(account)
                )
                return _chargeback(found, account)
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise

    def account(self, account: str) -> AccountFound:
        try:
            with self.line.asking(account):
                found = self.line.client.v1.accounts.retrieve_current(
                    None, self.line.options(account)
                )
        except GatewayNotConfigured as refused:
            if refused.code == _GONE:
                return AccountFound(connected=False, takes_payments=False)
            raise
        return AccountFound(connected=True, takes_payments=bool(found.charges_enabled))


def _refund(found: stripe.Refund, account: str) -> RefundFound:
    status = _REFUND.get(found.status or "", RefundStatus.PENDING)
    return RefundFound(
        id=found.id,
        status=status,
        refund=_written(found),
        payment_intent_id=_id_of(found.payment_intent),
        amount=Money(found.amount, found.currency.upper()),
        account=account,
        failure_code=getattr(found, "failure_reason", None) or found.status or ""
        if status is RefundStatus.FAILED
        else "",
    )


def _written(found: stripe.Refund) -> RefundId | None:
    metadata = found.metadata.to_dict() if found.metadata else {}
    try:
        return RefundId(UUID(metadata.get("refund")))
    except (TypeError, ValueError):
        return None


def _id_of(thing: str | stripe.PaymentIntent | None) -> str:
    return thing.id if isinstance(thing, stripe.PaymentIntent) else thing or ""


def _chargeback(found: stripe.Dispute, account: str) -> ChargebackFound:
    amount = Money(found.amount, found.currency.upper())
    moved = [one.amount for one in found.balance_transactions]
    # What moved is told in the currency of our balance, which need not be the charge's: it
    # says how often the money went, the dispute's own amount says how much.
    times = sum(1 if minor < 0 else -1 for minor in moved)
    due_by = found.evidence_details.due_by if found.evidence_details else None
    inquiry = found.status.startswith("warning_")
    return ChargebackFound(
        id=found.id,
        status=_DISPUTE.get(
            found.status, ChargebackStatus.INQUIRY if inquiry else ChargebackStatus.OPEN
        ),
        payment_intent_id=_id_of(found.payment_intent),
        amount=amount,
        withdrawn=amount if times > 0 else Money.zero(amount.currency),
        has_moved=bool(moved),
        reason=found.reason,
        account=account,
        respond_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
    )
