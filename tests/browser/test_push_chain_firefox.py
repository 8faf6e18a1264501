"""Web push from the button to the page that a click opens, in a real Firefox, offline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from ctypes.util import find_library
from datetime import timedelta
from pathlib import Path

import pytest

from receivables.clock import SystemClock
from receivables.outgoing import LoopbackOrigin, OutgoingClient
from receivables.ports import PushPayload, PushResult
from receivables.push import WebPusher, make_vapid_key
from sandbox.pushservice.firefox import FakeMozilla
from sandbox.serving import serve
from tests.browser.test_push_chain import Backoffice, eventually
from tests.support.firefox import Firefox, firefox
from tests.support.notifications import desktop


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def said(window: Firefox) -> str:
    return str(window.run("return document.querySelector('[data-push-status]').textContent"))


def test_a_click_subscribes_a_push_is_decrypted_and_a_click_on_it_opens_the_page(
    stack: ExitStack, tmp_path: Path
) -> None:
    key = make_vapid_key(tmp_path / "vapid.pem")
    backoffice = Backoffice(key)
    served = stack.enter_context(serve(backoffice, lifespan="off"))
    mozilla = stack.enter_context(FakeMozilla())
    (tmp_path / "bus").mkdir()
    screen = stack.enter_context(desktop(tmp_path / "bus"))
    window = stack.enter_context(
        firefox(
            tmp_path / "profile",
            preferences={**mozilla.preferences, "permissions.default.desktop-notification": 1},
            environment=screen.environment if screen else None,
        )
    )
    client = OutgoingClient(loopback=[LoopbackOrigin(mozilla.url)])
    stack.callback(client.close)
    pusher = WebPusher([key], contact="mailto:push@example.test", client=client, wall=SystemClock())
    window.open(served.url)
    eventually(lambda: said(window) == "Off.")

    window.click("[data-push-subscribe]")
    eventually(lambda: said(window) == "On.")
    assert backoffice.target.key_id == key.key_id
    payload = PushPayload(
        title="1 critical alert", body="The solvency of one of your debtors changed.",
        navigate=f"{served.url}/debtors/42", tag="debtor-42", topic="debtor-42",
        ttl=timedelta(hours=1),
    )  # fmt: skip
    outcome = pusher.push(backoffice.target, payload, now=SystemClock().now())

    assert outcome.result is PushResult.DELIVERED
    eventually(lambda: mozilla.acknowledged == [100])
    # Without this library Firefox shows nothing on a desktop.
    if screen is not None and find_library("notify"):
        assert screen.wait_for(1).title == "1 critical alert"
        screen.click(screen.shown[-1])
        eventually(lambda: len(window.windows()) == 2)
        eventually(lambda: window.look_at(window.windows()[-1]) == payload.navigate)

    window.look_at(window.windows()[0])
    window.click("[data-push-unsubscribe]")
    eventually(lambda: said(window) == "Off.")
    gone = pusher.push(backoffice.target, payload, now=SystemClock().now())
    assert gone.result is PushResult.GONE
