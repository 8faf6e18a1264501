"""Stripe's events: signed ones, listed ones, and both taken apart (the snapshot, and the thin
one that only names an object).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import stripe

from receivables.payments.stripe.transport import Line
from receivables.ports import BadSignature, SignedEvent

#: Of a webhook's signature. Source: docs.stripe.com/webhooks, replay attacks.
_TOLERANCE_SECONDS = 300

#: What we follow up; the same list goes to the endpoint. Source: PaymentIntent and Checkout
#: Session events, docs.stripe.com/api/events/types.
EVENT_KINDS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.canceled",
    "payment_method.detached",
    "payment_method.automatically_updated",
    "mandate.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "account.updated",
    "account.application.deauthorized",
)


class StripeMessages:
    """How Stripe tells us, and what it says that it told us."""

    line: Line
    webhook_secrets: tuple[str, ...]

    def events_since(self, account: str, since: datetime) -> Iterator[SignedEvent]:
        with self.line.asking(account):
            page = self.line.client.v1.events.list(
                {
                    "created": {"gte": int(since.timestamp())},
                    "types": list(EVENT_KINDS),
                    "limit": 100,
                },
                self.line.options(account),
            )
            for event in page.auto_paging_iter():
                yield listed_event(event.to_dict(), account)

    def verify(self, raw: bytes, signature: str) -> SignedEvent:
        return verify_webhook(raw, signature, self.webhook_secrets)


def verify_webhook(raw: bytes, signature: str, secrets: tuple[str, ...]) -> SignedEvent:
    """The event in a webhook, if one of the secrets signed it, and lately. Raises BadSignature.

    Several secrets are valid while one is being replaced. Both shapes of event are taken: the
    snapshot, and the thin one that only names an object.
    """
    reason = "no secret is configured"
    if not signature.isascii():
        raise BadSignature("not a signature")  # which the SDK would fail to compare
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(raw, signature, secret, _TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            reason = type(error).__name__
        else:
            return decode_event(raw)
    raise BadSignature(reason)


class _Named(msgspec.Struct):
    id: str


class _Data(msgspec.Struct):
    object: _Named


class _Snapshot(msgspec.Struct):
    """Source: docs.stripe.com/api/events/object."""

    id: str
    type: str
    livemode: bool
    data: _Data
    api_version: str | None = None
    account: str | None = None


class _Thin(msgspec.Struct):
    """Source: docs.stripe.com/api/v2/core/events/object."""

    id: str
    type: str
    livemode: bool
    related_object: _Named | None = None
    context: str | None = None


def decode_event(raw: bytes) -> SignedEvent:
    """The event in a message whose signature held. Raises BadSignature when it is none."""
    try:
        body = msgspec.json.decode(raw, type=dict[str, Any])
        if body.get("object") != "v2.core.event":
            return _signed(msgspec.convert(body, _Snapshot), body, "")
        thin = msgspec.convert(body, _Thin)
    except msgspec.MsgspecError as error:
        raise BadSignature(f"signed, but no event: {error}") from error
    return SignedEvent(
        account=thin.context or "",
        id=thin.id,
        kind=thin.type.removeprefix("v1."),
        object_id=thin.related_object.id if thin.related_object else "",
        api_version="",
        livemode=thin.livemode,
        body=body,
    )


def _signed(event: _Snapshot, body: dict[str, Any], account: str) -> SignedEvent:
    return SignedEvent(
        account=event.account or account,
        id=event.id,
        kind=event.type,
        object_id=event.data.object.id,
        api_version=event.api_version or "",
        livemode=event.livemode,
        body=body,
    )


def listed_event(body: dict[str, Any], account: str) -> SignedEvent:
    """An event of `account` as the list of events gives it."""
    return _signed(msgspec.convert(body, _Snapshot, strict=False), body, account)
