"""Stripe as our gateway: the one file that knows its SDK.

Every answer of Stripe becomes one of three: yes (a `Checkout`), no (`GatewayRefused` and its
kin), or unknown (`GatewaySilent`, `GatewayUnclear`). Nothing is guessed from a time-out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import httpx
import stripe

from receivables.ids import PaymentId
from receivables.money import Money
from receivables.payments.stripe_messages import decode_event, listed_event
from receivables.payments.stripe_words import hosted_locale, method_name
from receivables.ports import (
    BadSignature,
    Checkout,
    CheckoutLine,
    CheckoutOrder,
    CheckoutStatus,
    GatewayKeyReused,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
    SignedEvent,
)
from receivables.settings import StripeSettings

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

#: What this code was written for; the endpoint is created with the same one.
API_VERSION = "2026-10-28.endive"

#: A debtor is told something honest within ten seconds: what failed quickly is tried again at
#: once, what took its time is left to the reconciler.
_TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_TRY_AGAIN_WITHIN_SECONDS = 1.5
_MOST_TRIES = 3

#: After a key was refused, nobody is sent here for this long; then one call finds out.
_KEY_REFUSED_SECONDS = 60.0

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
)

#: Source: docs.stripe.com/api/checkout/sessions/create, `line_items`.
_MOST_LINES = 100

_EXPAND = ["payment_intent.latest_charge"]


class Transport(stripe.HTTPClient):
    """How the SDK's requests travel: over kept connections, with a deadline, and what went wrong
    stays visible as the cause.
    """

    name = "quittance"

    def __init__(self) -> None:
        super().__init__()
        self._connections = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)

    def request(  # type: ignore[override]  # the SDK passes these four
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            answer = self._connections.request(
                method, url, headers=dict(headers), content=post_data or None
            )
        except httpx.HTTPError as error:
            raise _lost(error) from error
        return answer.content, answer.status_code, answer.headers

    def close(self) -> None:
        self._connections.close()


def _lost(error: httpx.HTTPError) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(f"no answer: {error!r}")  # type: ignore[no-untyped-call]  # SDK


class StripeGateway:
    """Safe to share between threads.

    `http_client` is how the SDK reaches Stripe; tests put the sandbox there.
    """

    def __init__(
        self, settings: StripeSettings, *, http_client: stripe.HTTPClient | None = None
    ) -> None:
        assert settings.secret_key, "no gateway without a key"
        self._settings = settings
        self._transport = http_client or Transport()
        self._client = stripe.StripeClient(
            settings.secret_key,
            stripe_version=API_VERSION,
            # The SDK would also repeat a request that met a 500; we look instead.
            max_network_retries=0,
            http_client=self._transport,
            base_addresses={"api": settings.api_base} if settings.api_base else {},
        )
        self._refused_at: dict[str, float] = {}

    def close(self) -> None:
        """Give up kept connections."""
        self._transport.close()  # type: ignore[no-untyped-call]  # the SDK has no types for it

    @property
    def livemode(self) -> bool:
        return self._settings.livemode

    @property
    def api_version(self) -> str:
        return API_VERSION

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
        return cast("dict[str, Any]", request)

    def open_checkout(
        self, account: str, attempt: PaymentId, request: Mapping[str, Any]
    ) -> Checkout:
        options = self._options(account)
        options["idempotency_key"] = str(attempt)
        started = time.monotonic()
        silence: GatewaySilent | None = None
        for tries in range(1, _MOST_TRIES + 1):
            try:
                with self._asking(account):
                    made = self._client.v1.checkout.sessions.create(
                        cast("SessionCreateParams", dict(request)),
                        options,
                    )
                    return _checkout(made, account)
            except (GatewaySilent, GatewayUnreached, GatewayNotConfigured) as error:
                # An earlier try may have been heard: being turned away now does not undo it.
                silence = silence or (error if isinstance(error, GatewaySilent) else None)
                passed = time.monotonic() - started
                over = tries == _MOST_TRIES or passed > _TRY_AGAIN_WITHIN_SECONDS
                if over or isinstance(error, GatewayNotConfigured):
                    raise silence or error from error
                time.sleep(0.1 * tries)
        raise AssertionError("the last try returns or raises")

    def checkout(self, account: str, checkout_id: str) -> Checkout | None:
        try:
            with self._asking(account):
                found = self._client.v1.checkout.sessions.retrieve(
                    checkout_id, {"expand": _EXPAND}, self._options(account)
                )
                return _checkout(found, account)
        except GatewayRefused as refused:
            if refused.code == "resource_missing":
                return None
            raise

    def checkout_of_intent(self, account: str, payment_intent_id: str) -> Checkout | None:
        with self._asking(account):
            page = self._client.v1.checkout.sessions.list(
                {"payment_intent": payment_intent_id, "limit": 1}, self._options(account)
            )
        return self.checkout(account, page.data[0].id) if page.data else None

    def find_checkout(
        self, account: str, attempt: PaymentId, *, made_from: datetime, made_until: datetime
    ) -> Checkout | None:
        with self._asking(account):
            page = self._client.v1.checkout.sessions.list(
                {
                    "created": {
                        "gte": int(made_from.timestamp()),
                        "lte": int(made_until.timestamp()),
                    },
                    "limit": 100,
                },
                self._options(account),
            )
            for session in page.auto_paging_iter():
                if _attempt_of(session) == attempt:
                    break
            else:
                return None
        return self.checkout(account, session.id)

    def expire_checkout(self, account: str, checkout_id: str) -> Checkout:
        try:
            with self._asking(account):
                closed = self._client.v1.checkout.sessions.expire(
                    checkout_id, {"expand": _EXPAND}, self._options(account)
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

    def events_since(self, account: str, since: datetime) -> Iterator[SignedEvent]:
        with self._asking(account):
            page = self._client.v1.events.list(
                {
                    "created": {"gte": int(since.timestamp())},
                    "types": list(EVENT_KINDS),
                    "limit": 100,
                },
                self._options(account),
            )
            for event in page.auto_paging_iter():
                yield listed_event(event.to_dict(), account)

    def verify(self, raw: bytes, signature: str) -> SignedEvent:
        return verify_webhook(raw, signature, self._settings.webhook_secrets)

    def trouble(self, account: str) -> str:
        refused_at = self._refused_at.get(account)
        lately = refused_at is not None and time.monotonic() - refused_at < _KEY_REFUSED_SECONDS
        return "not_configured" if lately else ""

    def _options(self, account: str) -> stripe.RequestOptions:
        return {"stripe_account": account} if account else {}

    @contextmanager
    def _asking(self, account: str) -> Iterator[None]:
        """A call for an account: errors in our words, and whether the key was good is kept."""
        try:
            with _translated():
                yield
        except GatewayNotConfigured:
            self._refused_at[account] = time.monotonic()
            raise
        self._refused_at.pop(account, None)


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


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors in our words. Source: docs.stripe.com/error-low-level."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise GatewayNotConfigured(error.code or "key", str(error)) from error
    except stripe.IdempotencyError as error:
        raise GatewayKeyReused("idempotency_error", str(error)) from error
    except stripe.APIConnectionError as error:
        if isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout):
            raise GatewayUnreached(str(error.__cause__)) from error
        raise GatewaySilent(str(error.__cause__ or error)) from error
    except stripe.StripeError as error:
        status = error.http_status
        if status in (409, 429):
            raise GatewaySilent(f"{status} {error}") from error
        if status is None or status < 400 or status >= 500:
            raise GatewayUnclear(f"{status} {error}") from error
        code = getattr(error, "code", None) or str(status)
        raise GatewayRefused(code, str(error)) from error


def _checkout(session: stripe.checkout.Session, account: str) -> Checkout:
    assert session.amount_total is not None and session.currency is not None, session.id
    intent = session.payment_intent
    whole = intent if isinstance(intent, stripe.PaymentIntent) else None
    status = _status(session, whole)
    return Checkout(
        id=session.id,
        status=status,
        attempt=_attempt_of(session),
        amount=Money(session.amount_total, session.currency.upper()),
        account=account,
        livemode=session.livemode,
        url=session.url,
        payment_intent_id=whole.id if whole else cast("str | None", intent),
        method=_method(whole) if whole else "",
        failure_code=_failure(whole) if whole and status is CheckoutStatus.FAILED else "",
    )


def _attempt_of(session: stripe.checkout.Session) -> PaymentId | None:
    written = session.metadata.to_dict() if session.metadata else {}
    for text in (written.get("attempt"), session.client_reference_id):
        try:
            return PaymentId(UUID(text))
        except (TypeError, ValueError):
            continue
    return None


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


def _method(intent: stripe.PaymentIntent) -> str:
    """As people call it: `Visa ...4242`, `TWINT`."""
    charge = intent.latest_charge
    if not isinstance(charge, stripe.Charge) or not charge.payment_method_details:
        return ""
    details = charge.payment_method_details
    # Absent fields raise: what the type does not name is not there.
    if details.type == "card" and details.card is not None:
        return method_name("card", brand=details.card.brand, last4=details.card.last4)
    last4 = getattr(getattr(details, details.type, None), "last4", None)
    return method_name(details.type, last4=last4)


def _failure(intent: stripe.PaymentIntent) -> str:
    error = intent.last_payment_error
    if error is None:
        return "refused"
    return getattr(error, "decline_code", None) or getattr(error, "code", None) or "refused"


def _fitting(order: CheckoutOrder) -> tuple[CheckoutLine, ...]:
    """The lines, or one for all of them where Stripe would not take so many."""
    if len(order.lines) <= _MOST_LINES:
        return order.lines
    total = Money.total((line.amount for line in order.lines), order.lines[0].amount.currency)
    return (CheckoutLine(order.description, total),)
