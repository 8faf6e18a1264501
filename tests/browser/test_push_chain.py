"""The whole way of a push, with nothing replaced but Google: subscribe, encrypt, deliver,
decrypt, show, click, open."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from receivables.clock import SystemClock
from receivables.outgoing import Address, OutgoingClient
from receivables.ports import PushOutcome, PushPayload, PushResult, PushTarget
from receivables.push import VapidKey, WebPusher, make_vapid_key
from sandbox.pushservice.chromium import PUSH_HOSTS, FakeGoogle
from sandbox.serving import Served, serve
from tests.support.chromium import chromium
from tests.support.notifications import Desktop, desktop

STATIC = Path(__file__).parents[2] / "static"

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Alerts</title>
<link rel="manifest" href="/static/manifest.webmanifest"></head><body>
<h1>{path}</h1>
<button data-push-subscribe data-vapid-key="{key}" data-vapid-key-id="{key_id}"
 data-endpoint-url="/push/subscriptions" data-unsubscribe-url="/push/unsubscribe"
 data-csrf="token-1" hidden>Tell me</button>
<button data-push-unsubscribe hidden>Stop telling me</button>
<p data-push-status data-ready="Off." data-working="One moment." data-subscribed="On."
 data-denied="Denied." data-unsupported="Not here." data-install="Install me."
 data-failed="Failed."></p>
<script type="module" src="/static/push.js"></script></body></html>"""
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; img-src 'self' data:"
)

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Backoffice:
    """As little of the backoffice as a subscription needs: pages, the worker, two doors."""

    def __init__(self, key: VapidKey) -> None:
        self.key = key
        self.told: list[dict[str, Any]] = []
        self.ended: list[str] = []
        self.tokens: set[str] = set()

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        path, kind, body, status = scope["path"], b"text/html; charset=utf-8", b"", 200
        if scope["method"] == "POST":
            self._posted(path, dict(scope["headers"]), await _body(receive))
            status = 204
        elif path == "/sw.js" or path.startswith("/static/"):
            body = (STATIC / path.removeprefix("/static/").lstrip("/")).read_bytes()
            kind = b"text/javascript" if path.endswith(".js") else b"application/manifest+json"
        else:
            page = PAGE.format(path=path, key=self.key.public, key_id=self.key.key_id)
            body = page.encode()
        headers = [(b"content-type", kind), (b"content-security-policy", POLICY.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _posted(self, path: str, headers: dict[bytes, bytes], body: bytes) -> None:
        self.tokens.add(headers.get(b"x-csrf-token", b"").decode())
        sent = json.loads(body)
        if path == "/push/unsubscribe":
            self.ended.append(sent["endpoint"])
        else:
            self.told.append(sent)

    @property
    def target(self) -> PushTarget:
        """The subscription as it was told last."""
        told = self.told[-1]
        return PushTarget(told["endpoint"], told["p256dh"], told["auth"], told["key_id"])


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


class Chain:
    """Everything between the button and the page that a click opens."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.key = make_vapid_key(folder / "vapid.pem")
        self.backoffice = Backoffice(self.key)
        self.served: Served = stack.enter_context(serve(self.backoffice, lifespan="off"))
        self.google = stack.enter_context(FakeGoogle(folder / "tls"))
        (folder / "bus").mkdir()
        self.desktop: Desktop | None = stack.enter_context(desktop(folder / "bus"))
        self.context = stack.enter_context(
            chromium(
                folder / "profile",
                flags=self.google.browser_flags,
                environment=self.desktop.environment if self.desktop else None,
                whole=True,
            )
        )
        self.client = OutgoingClient(
            resolve=self._to_the_sandbox, tls=self.google.certificate.client_context()
        )
        stack.callback(self.client.close)
        self.pusher = WebPusher(
            [self.key],
            contact="mailto:push@example.test",
            client=self.client,
            wall=SystemClock(),
        )

    def _to_the_sandbox(self, host: str, _port: int) -> Sequence[Address]:
        assert host in PUSH_HOSTS
        return [Address("127.0.0.1", self.google.push_port)]

    def page(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.goto(self.served.url + path)
        return page

    def allow(self) -> None:
        self.context.grant_permissions(["notifications"], origin=self.served.url)

    def push(self, *, title: str, path: str, tag: str = "alert-42") -> PushOutcome:
        payload = PushPayload(
            title=title,
            body="Band B → D",
            navigate=self.served.url + path,
            tag=tag,
            topic="debtor-42",
            ttl=timedelta(hours=1),
        )
        clock = SystemClock()
        return self.pusher.push(self.backoffice.target, payload, now=clock.now())

    def shown(self, page: Page, count: int) -> str:
        """The title of the newest of `count` notifications, on the desktop if there is one."""
        if self.desktop:
            return self.desktop.wait_for(count).title
        script = """async () => (await (await navigator.serviceWorker.ready)
            .getNotifications()).map((one) => one.title).pop() || ''"""
        return str(eventually(lambda: page.evaluate(script)))


def eventually(look: Callable[[], Any], *, seconds: float = 60) -> Any:
    """The first true answer of `look`; AssertionError when there is none in time."""
    give_up = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.05)
    return found


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    with ExitStack() as stack:
        yield Chain(stack, tmp_path)


def test_a_click_subscribes_a_push_is_shown_and_a_click_on_it_opens_the_page(
    chain: Chain,
) -> None:
    chain.allow()
    page = chain.page()
    status = page.locator("[data-push-status]")
    expect(status).to_have_text("Off.")
    assert chain.backoffice.told == []

    page.get_by_role("button", name="Tell me").click()

    expect(status).to_have_text("On.")
    expect(page.get_by_role("button", name="Tell me")).to_be_hidden()
    assert chain.backoffice.target.key_id == chain.key.key_id
    assert chain.backoffice.tokens == {"token-1"}
    assert chain.backoffice.target.endpoint.split("/")[2] in PUSH_HOSTS

    assert chain.push(title="Atelier Dubois", path="/debtors/42").result is PushResult.DELIVERED

    assert chain.shown(page, 1) == "Atelier Dubois"
    if chain.desktop:
        with chain.context.expect_page() as opened:
            chain.desktop.click(chain.desktop.shown[-1])
        expect(opened.value).to_have_url(chain.served.url + "/debtors/42")

    page.reload()
    expect(status).to_have_text("On.")
    assert len({told["endpoint"] for told in chain.backoffice.told}) == 1
    assert len(chain.backoffice.told) >= 2

    page.get_by_role("button", name="Stop telling me").click()
    expect(status).to_have_text("Off.")
    assert chain.backoffice.ended == [chain.backoffice.target.endpoint]
    eventually(lambda: chain.push(title="Late", path="/").result is PushResult.GONE)


def test_nobody_is_asked_before_a_click_and_no_is_respected(chain: Chain) -> None:
    page = chain.context.new_page()
    page.add_init_script(
        """window.asked = 0;
        Notification.requestPermission = async () => { window.asked += 1; return "denied"; };"""
    )
    page.goto(chain.served.url)
    status = page.locator("[data-push-status]")

    expect(status).to_have_text("Off.")
    assert page.evaluate("window.asked") == 0

    page.get_by_role("button", name="Tell me").click()
    expect(status).to_have_text("Denied.")
    assert page.evaluate("window.asked") == 1
    assert chain.backoffice.told == []
