"""What a sandbox is told when it is made."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

#: The only secret key the sandbox answers to; a real one must never work here.
SECRET_KEY = "sk_test_sandbox"  # noqa: S105  a stand-in's key opens nothing

#: The account behind the secret key when no `Stripe-Account` header is sent.
OWN_ACCOUNT = "acct_sandbox"

#: As the `account` of an endpoint: the events of every connected account.
CONNECTED = "*"


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where events go. `account` None means the own account's events, as at Stripe."""

    url: str
    secret: str
    enabled_events: tuple[str, ...] = ("*",)
    account: str | None = None

    def wants(self, kind: str, account: str | None) -> bool:
        mine = account is not None if self.account == CONNECTED else account == self.account
        return mine and ("*" in self.enabled_events or kind in self.enabled_events)


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """`now` is Stripe's clock (creation, expiry, key pruning).

    Retries of webhooks are paced by `pace`, seconds of the machine's own clock: a stepping `now`
    must not keep them waiting for ever, and signatures are checked against the machine's time too.
    """

    public_url: str
    now: Callable[[], datetime]
    state_path: Path | None = None
    endpoints: tuple[WebhookEndpoint, ...] = ()
    secret_key: str = SECRET_KEY
    pace: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        if self.secret_key != SECRET_KEY:
            raise ValueError(f"the sandbox accepts only the key {SECRET_KEY}")
