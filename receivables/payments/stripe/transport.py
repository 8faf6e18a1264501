"""The line to Stripe: how requests travel, and what an answer, or none, means in our words.

Every answer of Stripe becomes one of three: yes (an object), no (`GatewayRefused` and its kin),
or unknown (`GatewaySilent`, `GatewayUnclear`). Nothing is guessed from a time-out.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TypeVar

import httpx
import stripe

from receivables.ports import (
    GatewayKeyReused,
    GatewayNotConfigured,
    GatewayRefused,
    GatewaySilent,
    GatewayUnclear,
    GatewayUnreached,
)
from receivables.settings import StripeSettings

#: What this code was written for; the endpoint is created with the same one.
API_VERSION = "2026-10-28.endive"

#: A debtor is told something honest within ten seconds: what failed quickly is tried again at
#: once, what took its time is left to the reconciler.
_TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_TRY_AGAIN_WITHIN_SECONDS = 1.5
_MOST_TRIES = 3
#: Before the second try, and twice as long before the third: a person is waiting, and a connection
#: that has just been refused needs a moment.
_PAUSE_SECONDS = 0.1

#: After a key was refused, nobody is sent here for this long; then one call finds out.
_KEY_REFUSED_SECONDS = 60.0


@cache
def _authorities() -> ssl.SSLContext:
    """Whom we believe that they are Stripe: read once, it takes longer than a request."""
    return httpx.create_ssl_context()


class Transport(stripe.HTTPClient):
    """How the SDK's requests travel: over kept connections, with a deadline, and what went wrong
    stays visible as the cause.
    """

    name = "quittance"

    def __init__(self) -> None:
        super().__init__()
        self._connections = httpx.Client(
            timeout=_TIMEOUT, follow_redirects=False, verify=_authorities()
        )

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


Answer = TypeVar("Answer")


class Line:
    """One key's connection to Stripe; safe to share between threads.

    `http_client` is how the SDK reaches Stripe; tests put the sandbox there. `pause` waits so many
    seconds between one try and the next.
    """

    def __init__(
        self,
        settings: StripeSettings,
        *,
        http_client: stripe.HTTPClient | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        assert settings.secret_key, "no gateway without a key"
        self._pause = pause
        self._transport = http_client or Transport()
        self._refused_at: dict[str, float] = {}
        self.client = stripe.StripeClient(
            settings.secret_key,
            stripe_version=API_VERSION,
            # The SDK would also repeat a request that met a 500; we look instead.
            max_network_retries=0,
            http_client=self._transport,
            base_addresses={"api": settings.api_base} if settings.api_base else {},
        )

    def close(self) -> None:
        """Give up kept connections."""
        self._transport.close()  # type: ignore[no-untyped-call]  # the SDK has no types for it

    def trouble(self, account: str) -> str:
        """Why nobody should be sent here now: see `ports.Gateway`."""
        refused_at = self._refused_at.get(account)
        lately = refused_at is not None and time.monotonic() - refused_at < _KEY_REFUSED_SECONDS
        return "not_configured" if lately else ""

    def options(self, account: str) -> stripe.RequestOptions:
        return {"stripe_account": account} if account else {}

    @contextmanager
    def asking(self, account: str) -> Iterator[None]:
        """A call for an account: errors in our words, and whether the key was good is kept."""
        try:
            with _translated():
                yield
        except GatewayNotConfigured:
            self._refused_at[account] = time.monotonic()
            raise
        self._refused_at.pop(account, None)

    @contextmanager
    def asking_aside(self) -> Iterator[None]:
        """A call that payments do not depend on: a restricted key may be good for those and not
        for this, so that being refused here keeps nobody from paying.
        """
        with _translated():
            yield

    def posting(
        self, account: str, key: str, post: Callable[[stripe.RequestOptions], Answer]
    ) -> Answer:
        """Post under an idempotency key, and again, within a click's patience, while no answer
        comes.
        """
        options = self.options(account)
        options["idempotency_key"] = key
        started = time.monotonic()
        silence: GatewaySilent | None = None
        for tries in range(1, _MOST_TRIES + 1):
            try:
                with self.asking(account):
                    return post(options)
            except (GatewaySilent, GatewayUnreached, GatewayNotConfigured) as error:
                # An earlier try may have been heard: being turned away now does not undo it.
                silence = silence or (error if isinstance(error, GatewaySilent) else None)
                passed = time.monotonic() - started
                over = tries == _MOST_TRIES or passed > _TRY_AGAIN_WITHIN_SECONDS
                if over or isinstance(error, GatewayNotConfigured):
                    raise silence or error from error
                self._pause(_PAUSE_SECONDS * tries)
        raise AssertionError("the last try returns or raises")


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors in our words. Source: docs.stripe.com/error-low-level."""
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # The SDK leaves the code of these two to the body.
        code = error.code or getattr(error.error, "code", None) or "key"
        raise GatewayNotConfigured(code, str(error)) from error
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
        bank = getattr(error, "error", None)
        raise GatewayRefused(
            code,
            str(error),
            decline_code=getattr(bank, "decline_code", None) or "",
            advice_code=getattr(bank, "advice_code", None) or "",
        ) from error
