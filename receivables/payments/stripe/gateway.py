"""Stripe as our gateway, composed of what it does for us."""

from __future__ import annotations

import time
from collections.abc import Callable

import stripe

from receivables.payments.stripe.charges import StripeCharges
from receivables.payments.stripe.checkouts import StripeCheckouts
from receivables.payments.stripe.messages import StripeMessages
from receivables.payments.stripe.methods import Kept, StripeMethods
from receivables.payments.stripe.returns import StripeReturns
from receivables.payments.stripe.saved_methods import StripeSavedMethods
from receivables.payments.stripe.transport import API_VERSION, Line
from receivables.settings import StripeSettings


class StripeGateway(
    StripeCheckouts,
    StripeCharges,
    StripeSavedMethods,
    StripeReturns,
    StripeMethods,
    StripeMessages,
):
    """`ports.Gateway` at Stripe; safe to share between threads.

    `http_client` is how the SDK reaches Stripe; tests put the sandbox there. `pause` waits so many
    seconds before something is tried again.
    """

    def __init__(
        self,
        settings: StripeSettings,
        *,
        http_client: stripe.HTTPClient | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.line = Line(settings, http_client=http_client, pause=pause)
        self.kept = Kept()
        self.webhook_secrets = settings.webhook_secrets
        self._livemode = settings.livemode

    def close(self) -> None:
        """Give up kept connections."""
        self.line.close()

    @property
    def livemode(self) -> bool:
        return self._livemode

    @property
    def api_version(self) -> str:
        return API_VERSION

    def trouble(self, account: str) -> str:
        return self.line.trouble(account)
