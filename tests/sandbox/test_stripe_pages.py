"""The stand-in's pages in a real browser: readable by everybody, alive without JavaScript."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.stripe import Means
from sandbox.stripe.app import SandboxApp
from tests.support.axe import objections_at
from tests.support.chromium import chromium
from tests.support.stripe_sandbox import sdk_over_http, serve_sandbox


@pytest.fixture(scope="module")
def app() -> Iterator[SandboxApp]:
    with serve_sandbox() as served:
        yield served


def opened(app: SandboxApp, **more: Any) -> str:
    url = app.sandbox.config.public_url
    price = {"currency": "eur", "unit_amount": 123456, "product_data": {"name": "Facture 2026-1"}}
    asked: Any = {
        "mode": "payment",
        # The shop is another site than the stand-in, as in the demo.
        "success_url": f"{url.replace('127.0.0.1', 'localhost')}/?cs={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{url.replace('127.0.0.1', 'localhost')}/",
        "line_items": [{"quantity": 2, "price_data": price}],
        **more,
    }
    return sdk_over_http(url).v1.checkout.sessions.create(asked).id


def every_page(app: SandboxApp) -> list[str]:
    waiting, declined, asked, paid, expired, debited = (opened(app, locale="fr") for _ in range(6))
    app.sandbox.pay_by_card(declined, "4000000000000002")
    intent = app.sandbox.pay_by_card(asked, "4000002760003184")["payment_intent"]
    app.sandbox.pay_by_card(paid, "4242424242424242")
    app.sandbox.expire(expired)
    app.sandbox.pay(debited, Means(kind="sepa_debit"))
    app.sandbox.open_dispute(app.sandbox.charged()[-1]["charge"])
    pays = [f"/c/pay/{session}" for session in (waiting, paid, expired, debited)]
    return [*pays, f"/c/pay/{declined}?refused=1", f"/c/authenticate/{intent}", "/"]


def test_no_page_shuts_anybody_out(app: SandboxApp, tmp_path: Path) -> None:
    complaints: list[str] = []
    with chromium(tmp_path / "profile") as browser:
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        for path in every_page(app):
            page.goto(app.sandbox.config.public_url + path)
            assert objections_at(page, (1280, 360)) == [], path
            for width in (1280, 360):
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                assert not wide, (path, width)

    assert complaints == []


def test_three_d_secure_is_clicked_through_without_javascript(
    app: SandboxApp, tmp_path: Path
) -> None:
    session = opened(app, locale="en")
    with chromium(tmp_path / "profile", java_script_enabled=False) as browser:
        page = browser.new_page()
        page.goto(f"{app.sandbox.config.public_url}/c/pay/{session}")
        page.get_by_label("4000 0027 6000 3184").check()
        page.get_by_role("button", name="Pay EUR").click()
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url(f"**/?cs={session}")

    paid = sdk_over_http(app.sandbox.config.public_url).v1.checkout.sessions.retrieve(session)
    assert paid.payment_status == "paid"
