"""The Stripe sandbox for tests: in this process without a socket, or on a loopback port."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import stripe
from stripe._http_client import HTTPClient

from sandbox.stripe import SECRET_KEY, SandboxConfig, WebhookEndpoint, create_app, serve
from sandbox.stripe.app import SandboxApp
from sandbox.stripe.server import free_port
from sandbox.stripe.webhooks import Send, send_over_http
from sandbox.stripe.wire import Request, Response

API_BASE = "http://stripe.sandbox"
WEBHOOK_SECRET = "whsec_test"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class InProcessClient(HTTPClient):
    """Carries the SDK's calls to the application as function calls.

    A dropped connection and an answer slower than `timeout` are connection errors, as over HTTP.
    """

    name = "in-process"

    def __init__(self, app: SandboxApp, timeout: float = 20.0) -> None:
        super().__init__()
        self._app, self._timeout = app, timeout

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        **_ignored: Any,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        request = Request(
            method.upper(),
            parts.path,
            parts.query,
            {name.lower(): value for name, value in (headers or {}).items()},
            (post_data or "").encode(),
        )
        waited: list[float] = []
        answer = self._app.sandbox.respond(request, wait=waited.append)
        if answer.dropped or sum(waited) >= self._timeout:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]  # the SDK's
                "The connection was lost.", should_retry=True
            )
        return answer.body.decode(), answer.status, answer.headers

    def close(self) -> None:
        pass


@dataclass
class Post:
    """One webhook as it arrived."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Doorstep:
    """Takes webhooks instead of a server: keeps them and answers `status`.

    `pass_on` hands each one to the code under test and uses the status it returns.
    """

    status: int = 200
    pass_on: Callable[[bytes, dict[str, str]], int] | None = None
    posts: list[Post] = field(default_factory=list)

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.posts.append(Post(url, body, headers))
        return self.status if self.pass_on is None else self.pass_on(body, headers)

    def kinds(self) -> list[str]:
        return [self.event(post).type for post in self.posts]

    def event(self, post: Post) -> stripe.Event:
        """The event, its signature verified."""
        event: stripe.Event = stripe.Webhook.construct_event(
            post.body, post.headers["stripe-signature"], WEBHOOK_SECRET
        )
        return event


@dataclass
class SteppingTime:
    """The sandbox's clock."""

    instant: datetime = NOON

    def now(self) -> datetime:
        return self.instant

    @property
    def unix(self) -> int:
        return int(self.instant.timestamp())


def sandbox_config(
    *,
    now: Callable[[], datetime] | None = None,
    state_path: Path | None = None,
    public_url: str = API_BASE,
    endpoints: tuple[WebhookEndpoint, ...] | None = None,
    **more: Any,
) -> SandboxConfig:
    own = WebhookEndpoint("http://app.test/webhooks/stripe", WEBHOOK_SECRET)
    return SandboxConfig(
        public_url=public_url,
        now=now or (lambda: NOON),
        state_path=state_path,
        endpoints=(own,) if endpoints is None else endpoints,
        **more,
    )


def in_process(config: SandboxConfig | None = None, send: Send | None = None) -> SandboxApp:
    """The application without a socket; webhooks wait for `app.sandbox.webhooks.deliver_due()`."""
    return create_app(config or sandbox_config(), send or Doorstep().send)


def sdk(app: SandboxApp, *, account: str | None = None, **options: Any) -> stripe.StripeClient:
    """The real SDK, its calls carried in process. No retries unless asked for."""
    return stripe.StripeClient(
        SECRET_KEY,
        base_addresses={"api": API_BASE},
        stripe_account=account,
        **{"max_network_retries": 0, "http_client": InProcessClient(app), **options},
    )


def sdk_over_http(public_url: str, **options: Any) -> stripe.StripeClient:
    """The real SDK over HTTP, as the demo uses it."""
    return stripe.StripeClient(
        SECRET_KEY, base_addresses={"api": public_url}, **{"max_network_retries": 0, **options}
    )


@contextmanager
def serve_sandbox(config: SandboxConfig | None = None) -> Iterator[SandboxApp]:
    """Served on a free loopback port; `app.sandbox.config.public_url` is where."""
    port = free_port()
    given = config or sandbox_config(endpoints=())
    with serve(replace(given, public_url=f"http://127.0.0.1:{port}"), port=port) as app:
        yield app


def browse(app: SandboxApp, method: str, path: str, form: str = "", **headers: str) -> Response:
    """What a browser would get of a page."""
    url = urlsplit(path)
    kept = {"content-type": "application/x-www-form-urlencoded", **headers}
    return app.handle(Request(method, url.path, url.query, kept, form.encode()))


__all__ = [
    "API_BASE",
    "NOON",
    "WEBHOOK_SECRET",
    "Doorstep",
    "InProcessClient",
    "Post",
    "SteppingTime",
    "browse",
    "in_process",
    "sandbox_config",
    "sdk",
    "sdk_over_http",
    "send_over_http",
    "serve_sandbox",
]
