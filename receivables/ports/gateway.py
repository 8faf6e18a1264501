"""Who takes payments: `payments.stripe.StripeGateway`; in tests with the sandbox behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from receivables.errors import ReceivablesError, TemporarilyUnavailable
from receivables.ports.charges import Charges
from receivables.ports.checkouts import Checkouts
from receivables.ports.methods import Methods
from receivables.ports.returns import Returns
from receivables.ports.saved_methods import SavedMethods


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """A message from the gateway whose signature held. It is a signal; the object it names is
    fetched afresh. `account` is "" for our own; `api_version` is "" on a thin event.
    """

    account: str
    id: str
    kind: str
    object_id: str
    api_version: str
    livemode: bool
    body: dict[str, Any]


class GatewayRefused(ReceivablesError):
    """A certain no: nothing was made, and the same request would be refused again.

    `decline_code` and `advice_code` are the bank's, where it was the bank that refused.
    """

    def __init__(
        self, code: str, reason: str, *, decline_code: str = "", advice_code: str = ""
    ) -> None:
        self.code, self.reason = code, reason
        self.decline_code, self.advice_code = decline_code, advice_code
        super().__init__(f"refused by the gateway: {code} {reason}")


class GatewayNotConfigured(GatewayRefused):
    """Our key is missing, wrong or revoked: nobody can pay by card until a person sees to it."""


class GatewayKeyReused(GatewayRefused):
    """The attempt's key came with another request than the first time: a fault of ours.

    It says nothing about the first request, which may well have been taken.
    """


class GatewayUnreached(TemporarilyUnavailable):
    """A certain no of another kind: no connection was made, so nothing was sent."""


class GatewaySilent(TemporarilyUnavailable):
    """No answer, or "busy": whether anything happened is unknown, and the *same* request under
    the same key finds out, while the key is young.
    """


class GatewayUnclear(TemporarilyUnavailable):
    """The gateway broke down over the request. What it did is unknown, and its answer is kept
    under the key: only looking finds out.
    """


class BadSignature(ReceivablesError):
    """A message that claims to be the gateway's and is not, or is too old to be believed."""


@runtime_checkable
class Gateway(Checkouts, Charges, SavedMethods, Returns, Methods, Protocol):
    """Takes payments for us.

    Everything that calls out may raise GatewayNotConfigured, GatewayRefused, GatewayUnreached,
    GatewaySilent or GatewayUnclear, and nothing else. `account` is the connected account, or ""
    for our own.
    """

    @property
    def livemode(self) -> bool:
        """Whether real money moves."""
        ...

    @property
    def api_version(self) -> str:
        """The version of the gateway's interface this code was written for."""
        ...

    def trouble(self, account: str) -> str:
        """Why nobody should be sent here now ("not_configured"), or "". Calls nobody."""
        ...

    def events_since(self, account: str, since: datetime) -> Iterator[SignedEvent]:
        """Everything the gateway has told us, or tried to, from `since`; oldest last."""
        ...

    def verify(self, raw: bytes, signature: str) -> SignedEvent:
        """The event in a message, or BadSignature. Calls nobody."""
        ...
