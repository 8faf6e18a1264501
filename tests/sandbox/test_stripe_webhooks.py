"""Webhooks: signed, in any order, as often as it takes, over a restart."""

from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import CONNECTED, Means, StripeSandbox, WebhookEndpoint
from sandbox.stripe.app import SandboxApp
from tests.support.stripe_sandbox import (
    WEBHOOK_SECRET,
    Doorstep,
    SteppingTime,
    in_process,
    sandbox_config,
    sdk,
)


@pytest.fixture
def door() -> Doorstep:
    return Doorstep()


@pytest.fixture
def app(door: Doorstep) -> SandboxApp:
    return in_process(send=door.send)


def pay(app: SandboxApp, kind: str = "card", currency: str = "chf") -> dict[str, Any]:
    price = {"currency": currency, "unit_amount": 5000, "product_data": {"name": "Invoice 1"}}
    asked: Any = {
        "mode": "payment",
        "success_url": "http://localhost:8000/",
        "line_items": [{"quantity": 1, "price_data": price}],
    }
    session = sdk(app).v1.checkout.sessions.create(asked)
    return app.sandbox.pay(session.id, Means(kind=kind))


def test_a_paid_session_is_told_in_signed_events(app: SandboxApp, door: Doorstep) -> None:
    session = pay(app)

    app.sandbox.webhooks.deliver_due()

    assert door.kinds() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    last = door.posts[-1]
    event = sdk(app).construct_event(last.body, last.headers["stripe-signature"], WEBHOOK_SECRET)
    assert event.data.object["id"] == session["id"]
    assert event.data.object["payment_status"] == "paid"
    assert (event.livemode, event.api_version) == (False, stripe.api_version)
    with pytest.raises(stripe.SignatureVerificationError):
        sdk(app).construct_event(last.body, last.headers["stripe-signature"], "whsec_other")


def test_a_debit_is_told_twice(app: SandboxApp, door: Doorstep) -> None:
    intent = pay(app, "sepa_debit", "eur")["payment_intent"]
    app.sandbox.webhooks.deliver_due()
    at_once = door.kinds()

    app.sandbox.settle_debit(intent)
    app.sandbox.webhooks.deliver_due()

    assert at_once[-2:] == ["payment_intent.processing", "checkout.session.completed"]
    assert door.kinds()[-1] == "checkout.session.async_payment_succeeded"


def test_refunds_and_disputes_are_told(app: SandboxApp, door: Doorstep) -> None:
    pay(app)
    charge = app.sandbox.charged()[0]["charge"]
    refund = sdk(app).v1.refunds.create({"charge": charge, "amount": 100})
    app.sandbox.fail_refund(refund.id)
    dispute = app.sandbox.open_dispute(charge)
    app.sandbox.close_dispute(dispute["id"], won=True)

    app.sandbox.webhooks.deliver_due()

    assert door.kinds()[4:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_a_refused_event_comes_again_later_and_later() -> None:
    door, seconds = Doorstep(status=500), [1000.0]
    app = in_process(sandbox_config(pace=lambda: seconds[0]), door.send)
    sdk(app).v1.customers.create({})
    hooks = app.sandbox.webhooks

    arrivals = []
    for _ in range(8):
        if hooks.deliver_due():
            arrivals.append(seconds[0])
        seconds[0] += 1
    door.status = 204
    seconds[0] += 60
    hooks.deliver_due()

    assert arrivals == [1000.0, 1001.0, 1003.0, 1007.0]
    assert hooks.waiting() == []
    assert hooks.deliver_due() == 0


def test_held_events_gather_and_leave_newest_first_when_told(
    app: SandboxApp, door: Doorstep
) -> None:
    app.sandbox.webhooks.hold()
    pay(app)
    assert app.sandbox.webhooks.deliver_due() == 0

    app.sandbox.webhooks.reorder()
    app.sandbox.webhooks.release()
    app.sandbox.webhooks.deliver_due()

    assert door.kinds()[0] == "checkout.session.completed"
    assert door.kinds()[-1] == "payment_intent.created"


def test_an_event_can_come_twice_and_once_more(app: SandboxApp, door: Doorstep) -> None:
    app.sandbox.webhooks.duplicate(2)
    sdk(app).v1.customers.create({})
    app.sandbox.webhooks.deliver_due()
    app.sandbox.webhooks.duplicate(1)

    app.sandbox.webhooks.resend(door.event(door.posts[0]).id)
    app.sandbox.webhooks.deliver_due()

    assert len({door.event(post).id for post in door.posts}) == 1
    assert len(door.posts) == 3


def test_events_go_to_the_endpoints_that_want_them() -> None:
    door = Doorstep()
    endpoints = (
        WebhookEndpoint("own", WEBHOOK_SECRET, ("customer.created",)),
        WebhookEndpoint("other", WEBHOOK_SECRET, ("customer.updated",)),
        WebhookEndpoint("connected", WEBHOOK_SECRET, account=CONNECTED),
        WebhookEndpoint("one", WEBHOOK_SECRET, account="acct_one"),
    )
    app = in_process(sandbox_config(endpoints=endpoints), door.send)

    sdk(app).v1.customers.create({})
    sdk(app, account="acct_one").v1.customers.create({})
    sdk(app, account="acct_two").v1.customers.create({})
    app.sandbox.webhooks.deliver_due()

    assert [post.url for post in door.posts] == ["own", "connected", "one", "connected"]
    events = [door.event(post) for post in door.posts]
    assert "account" not in events[0]
    assert [event.account for event in events[1:]] == ["acct_one", "acct_one", "acct_two"]


def test_an_expired_session_is_told_when_its_time_has_come() -> None:
    door, time = Doorstep(), SteppingTime()
    app = in_process(sandbox_config(now=time.now), door.send)
    sdk(app).v1.checkout.sessions.create(
        {
            "mode": "setup",
            "currency": "chf",
            "success_url": "http://localhost:8000/",
            "expires_at": time.unix + 1800,
        }
    )
    time.instant = time.instant.replace(hour=13)

    app.sandbox.expire_due()
    app.sandbox.webhooks.deliver_due()

    assert door.kinds()[-1] == "checkout.session.expired"


def test_a_restart_loses_no_object_no_key_and_no_event(tmp_path: Path) -> None:
    door = Doorstep(status=500)
    config = sandbox_config(state_path=tmp_path / "stripe.db")
    before = in_process(config, door.send)
    made = sdk(before).v1.customers.create({"name": "Anna"}, {"idempotency_key": "k"})
    before.sandbox.webhooks.deliver_due()
    before.sandbox.close()

    door.status = 200
    after = in_process(config, door.send)
    again = sdk(after).v1.customers.create({"name": "Anna"}, {"idempotency_key": "k"})
    after.sandbox.webhooks.deliver_due(ignore_pauses=True)

    assert again.id == made.id
    assert sdk(after).v1.customers.retrieve(made.id).name == "Anna"
    assert door.kinds() == ["customer.created", "customer.created"]
    assert after.sandbox.webhooks.waiting() == []
    after.sandbox.close()


def test_an_endpoint_down_for_too_long_loses_events_that_can_still_be_listed(
    app: SandboxApp, door: Doorstep
) -> None:
    sdk(app).v1.customers.create({})

    assert app.sandbox.webhooks.drop_waiting() == 1

    assert app.sandbox.webhooks.deliver_due() == 0
    assert len(sdk(app).v1.events.list().data) == 1


def test_the_sandbox_takes_no_other_key() -> None:
    with pytest.raises(ValueError, match="sk_test_sandbox"):
        sandbox_config(secret_key="sk_live_abc")
    assert StripeSandbox(sandbox_config()).config.secret_key == "sk_test_sandbox"
