"""Failing on demand, in process and over a real socket; and the rails of the stand-in."""

import asyncio
import http.server
import json
import threading
from typing import Any

import httpx
import pytest
import stripe

from sandbox.stripe import WebhookEndpoint
from sandbox.stripe.app import SandboxApp
from tests.support.stripe_sandbox import (
    API_BASE,
    WEBHOOK_SECRET,
    InProcessClient,
    browse,
    in_process,
    sandbox_config,
    sdk,
    sdk_over_http,
    serve_sandbox,
)


@pytest.fixture
def app() -> SandboxApp:
    return in_process()


@pytest.mark.parametrize(
    ("trouble", "error", "effects"),
    [
        ("500", stripe.APIError, 0),
        ("500_after_effect", stripe.APIError, 1),
        ("429", stripe.RateLimitError, 0),
        ("409", stripe.APIError, 0),
        ("401", stripe.AuthenticationError, 0),
        ("drop_before", stripe.APIConnectionError, 0),
        ("drop_after", stripe.APIConnectionError, 1),
        ("slow", stripe.APIConnectionError, 1),
    ],
)
def test_a_fault_meets_the_next_call_and_no_other(
    app: SandboxApp, trouble: str, error: type[Exception], effects: int
) -> None:
    client = sdk(app)
    app.sandbox.inject(trouble, seconds=30)

    with pytest.raises(error):
        client.v1.customers.create({})

    assert len(client.v1.customers.list().data) == effects
    assert client.v1.customers.create({}).id


def test_a_fault_waits_for_the_call_it_was_meant_for(app: SandboxApp) -> None:
    client = sdk(app)
    app.sandbox.inject("429", path="/v1/refunds", times=2)
    app.sandbox.inject("401", method="GET", path="/v1/customers/*")
    customer = client.v1.customers.create({})

    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            client.v1.refunds.create({"charge": "ch_x"})
    with pytest.raises(stripe.AuthenticationError):
        client.v1.customers.retrieve(customer.id)

    assert app.sandbox.faults.waiting() == []


def test_an_answer_within_the_time_limit_is_only_late(app: SandboxApp) -> None:
    app.sandbox.inject("slow", seconds=5)
    patient = sdk(app, http_client=InProcessClient(app, timeout=20))

    assert patient.v1.customers.create({}).id


def test_over_http_the_real_sdk_sees_the_same_faults() -> None:
    with serve_sandbox() as app:
        client = sdk_over_http(app.sandbox.config.public_url)
        for trouble, error in (
            ("500", stripe.APIError),
            ("429", stripe.RateLimitError),
            ("drop_before", stripe.APIConnectionError),
            ("drop_after", stripe.APIConnectionError),
        ):
            app.sandbox.inject(trouble)
            with pytest.raises(error):
                client.v1.customers.create({"name": trouble})

        made = client.v1.customers.list().data

        assert [customer.name for customer in made] == ["drop_after"]


class Receiver(http.server.BaseHTTPRequestHandler):
    """Refuses the first webhook and takes the second."""

    bodies: list[tuple[bytes, str]] = []
    enough = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.bodies.append((body, self.headers["stripe-signature"]))
        self.send_response(500 if len(self.bodies) == 1 else 204)
        self.end_headers()
        if len(self.bodies) == 2:
            self.enough.set()

    def log_message(self, format: str, *args: Any) -> None:
        return


def test_over_http_webhooks_are_retried_until_taken() -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        hook = WebhookEndpoint(f"http://127.0.0.1:{receiver.server_port}/", WEBHOOK_SECRET)
        with serve_sandbox(sandbox_config(endpoints=(hook,))) as app:
            sdk_over_http(app.sandbox.config.public_url).v1.customers.create({})
            assert Receiver.enough.wait(20)
        receiver.shutdown()

    (first, signature), (second, _) = Receiver.bodies
    assert first == second
    event = stripe.Webhook.construct_event(first, signature, WEBHOOK_SECRET)
    assert event.type == "customer.created"


def test_control_by_http_does_what_the_methods_do(app: SandboxApp) -> None:
    def control(name: str, **given: Any) -> Any:
        answer = browse(
            app,
            "POST",
            f"/_control/{name}",
            json.dumps(given),
            **{"content-type": "application/json"},
        )
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    price: Any = {"currency": "chf", "unit_amount": 5000, "product_data": {"name": "Invoice 1"}}
    session = sdk(app).v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://localhost:8000/",
            "line_items": [{"quantity": 1, "price_data": price}],
        }
    )

    control("faults", trouble="429", times=3)
    control("faults/clear")
    waiting = control("sessions/pay", session=session.id, number="4000002760003184")
    control("intents/answer", payment_intent=waiting["payment_intent"], answer="authenticate")
    charges = json.loads(browse(app, "GET", "/_control/charges").body)["charges"]
    dispute = control("disputes", charge=charges[0]["charge"])
    lost = control("disputes", dispute=dispute["id"], do="lose")
    hooks = control("webhooks", do="deliver")

    assert [charge["amount"] for charge in charges] == [5000]
    assert lost["status"] == "lost"
    assert (hooks["waiting"], hooks["held"]) == (0, False)
    assert b"CHF 50.00" in browse(app, "GET", "/").body


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_control/nonsense", "{}", 404),
        ("/_control/faults", "{}", 400),
        ("/_control/faults", '{"trouble": "earthquake"}', 400),
        ("/_control/sessions/expire", '{"session": "cs_test_none"}', 404),
        ("/_control/faults", "not json", 400),
    ],
)
def test_a_wrong_control_call_says_so(app: SandboxApp, path: str, body: str, status: int) -> None:
    answer = browse(app, "POST", path, body, **{"content-type": "application/json"})

    assert answer.status == status


def test_a_page_elsewhere_cannot_press_the_buttons(app: SandboxApp) -> None:
    answer = browse(
        app, "POST", "/_control/faults", "trouble=500", **{"sec-fetch-site": "cross-site"}
    )

    assert answer.status == 403
    assert app.sandbox.faults.waiting() == []


@pytest.mark.parametrize(
    ("client", "host", "status"),
    [
        (("127.0.0.1", 1), "127.0.0.1:9000", 200),
        (("::1", 1), "localhost", 200),
        (("192.168.1.7", 1), "127.0.0.1:9000", 403),
        (("127.0.0.1", 1), "evil.example", 403),
    ],
)
def test_only_this_machine_is_answered(
    app: SandboxApp, client: tuple[str, int], host: str, status: int
) -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(app, client=client)
        async with httpx.AsyncClient(transport=transport, base_url=API_BASE) as browser:
            return (await browser.get("/", headers={"host": host})).status_code

    assert asyncio.run(ask()) == status


def test_another_key_or_version_is_refused(app: SandboxApp) -> None:
    for wrong in ({"api_key": "sk_test_other"}, {"api_key": "sk_live_other"}):
        with pytest.raises(stripe.AuthenticationError):
            sdk(app).v1.customers.list({}, wrong)  # type: ignore[arg-type]  # a plain dict
    with pytest.raises(stripe.InvalidRequestError, match="API version"):
        sdk(app, stripe_version="2020-08-27").v1.customers.list()
