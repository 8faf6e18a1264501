"""How we hear of a payment: webhooks, the browser, our own look; numbers as in the fault list."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import stripe

from receivables.ids import PaymentId, new_id
from receivables.payments.stripe import API_VERSION, StripeGateway
from receivables.runtime import Runtime
from tests.support.payment_story import Story, open_story
from tests.support.payments import (
    stripe_settings,
)
from tests.support.settings import WEBHOOK_SECRET
from tests.support.stripe_sandbox import InProcessClient
from tests.support.threads import at_once


@pytest.fixture
def story(runtime: Runtime) -> Story:
    return open_story(runtime)


def test_fault_01_the_webhook_comes_before_the_browser_is_back(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    assert set(story.till.deliver()) == {200}
    story.is_paid_once(payment_id)

    story.till.come_back(story.till.payment(payment_id))
    story.is_paid_once(payment_id)


def test_fault_02_the_browser_is_back_first_and_the_webhook_comes_late(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    assert story.till.come_back(story.till.payment(payment_id)).state == "settled"
    story.is_paid_once(payment_id)

    story.till.deliver()
    story.is_paid_once(payment_id)


def test_fault_02_neither_browser_nor_webhook_come_and_it_is_booked_in_a_quarter_hour(
    story: Story,
) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    for _ in range(15):
        story.pass_time(minutes=1)

    story.is_paid_once(payment_id)


def test_fault_03_the_same_event_three_times_and_five_returns_at_once(story: Story) -> None:
    payment_id = story.begin()
    story.till.stripe.webhooks.duplicate(3)
    story.till.pay(payment_id)
    payment = story.till.payment(payment_id)

    errors = at_once(*[lambda: story.till.come_back(payment)] * 5)
    statuses = story.till.deliver()

    assert errors == []
    assert len(statuses) > len(story.till.inbox()) > 0
    assert set(statuses) == {200}
    story.is_paid_once(payment_id)


def test_fault_04_events_in_reverse_order_lead_to_the_same_end(story: Story) -> None:
    story.till.stripe.webhooks.hold()
    story.till.stripe.webhooks.reorder()
    payment_id = story.begin()
    story.till.pay(payment_id)
    story.till.stripe.webhooks.release()

    story.till.deliver()

    kinds = [json.loads(post.body)["type"] for post in story.till.doorstep.posts]
    assert kinds.index("checkout.session.completed") < kinds.index("payment_intent.created")
    story.is_paid_once(payment_id)


def test_fault_05_an_event_that_names_an_attempt_we_do_not_know_is_kept_and_shown(
    story: Story,
) -> None:
    gateway = story.till.runtime.gateway
    assert gateway is not None
    stranger = PaymentId(new_id())
    known = story.till.payment(story.begin())
    request = json.loads(json.dumps(known.request).replace(str(known.id), str(stranger)))
    made = gateway.open_checkout("", stranger, request)
    story.till.stripe.pay_by_card(made.id, "4242424242424242")

    assert set(story.till.deliver()) == {200}
    assert {event.state for event in about(story, made.id)} == {"received"}

    for _ in range(3):
        story.pass_time(hours=1)
    assert {event.state for event in about(story, made.id)} == {"unmatched"}
    assert story.outstanding() == "CHF 120.00"


def test_fault_05_an_event_of_something_else_on_the_same_account_is_set_aside(
    story: Story,
) -> None:
    client = stripe.StripeClient(
        "sk_test_sandbox", base_addresses={"api": "http://stripe.sandbox"},
        http_client=InProcessClient(story.till.app),
    )  # fmt: skip
    client.v1.payment_intents.create(
        {"amount": 500, "currency": "chf", "payment_method": "pm_card_visa", "confirm": True,
         "return_url": "http://shop.test/"}
    )  # fmt: skip

    story.till.deliver()

    assert {event.state for event in story.till.inbox()} == {"set_aside"}


def test_fault_06_what_is_not_signed_by_stripe_and_lately_is_not_stored(story: Story) -> None:
    body = event_body()

    for header in ("", "nonsense", signed(body, secret="whsec_somebody_elses_secret_0123456789"),
                   signed(body + b" "), signed(body, age=301)):  # fmt: skip
        assert story.till.knock(body, {"stripe-signature": header}) == 400

    assert story.till.inbox() == []
    assert story.till.knock(body, {"stripe-signature": signed(body, age=290)}) == 200


def test_fault_06_both_secrets_hold_while_one_is_replaced(story: Story) -> None:
    old, new = "whsec_old_0123456789abcdef0123456789", "whsec_new_0123456789abcdef0123456789"
    gateway = StripeGateway(stripe_settings("http://stripe.sandbox", new, old))
    body = event_body()

    for secret in (old, new):
        assert gateway.verify(body, signed(body, secret=secret)).id == "evt_1"
    gateway.close()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"livemode": True}, "livemode"),
        ({"account": "acct_stranger"}, "account"),
        ({"api_version": "2017-08-15"}, "api_version"),
    ],
)
def test_fault_07_an_event_from_another_world_is_kept_as_rejected_without_effect(
    story: Story, change: dict[str, Any], reason: str
) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)
    session_id = story.till.session_of(payment_id)
    body = event_body(object_id=session_id, **change)

    assert story.till.knock(body, {"stripe-signature": signed(body)}) == 200
    story.till.world.run_jobs()

    (event,) = story.till.inbox()
    assert (event.state, reason in event.reason) == ("rejected", True)
    assert story.till.payment(payment_id).state == "open"


def test_fault_07_a_page_over_another_amount_is_not_booked_and_is_shown(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)
    with story.till.stripe.store.transaction():
        session = story.till.stripe.store.find("acct_sandbox", story.till.session_of(payment_id))
        assert session is not None
        story.till.stripe.store.put("acct_sandbox", session | {"amount_total": 1})

    story.till.deliver()

    payment = story.till.payment(payment_id)
    assert (payment.state, "amount" in payment.problem) == ("open", True)
    assert "rejected" in {event.state for event in about(story, payment.stripe_session_id)}
    assert story.outstanding() == "CHF 120.00"


def test_fault_17_three_workers_with_the_same_work_book_once(story: Story) -> None:
    payment_id = story.begin()
    story.till.pay(payment_id)

    errors = at_once(*[lambda: story.till.look(payment_id)] * 3)

    assert errors == []
    story.is_paid_once(payment_id)


def about(story: Story, object_id: str | None) -> list[Any]:
    return [event for event in story.till.inbox() if event.object_id == object_id]


def event_body(object_id: str = "cs_test_1", **change: Any) -> bytes:
    event = {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "api_version": API_VERSION, "livemode": False,
        "data": {"object": {"id": object_id, "object": "checkout.session"}},
    }  # fmt: skip
    return json.dumps(event | change).encode()


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, age: int = 0) -> str:
    """A signature as Stripe makes it, with the machine's time: the SDK checks against that."""
    return stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, int(time.time()) - age
    )
