"""Stripe's door, knocked at over HTTP."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from portal.webhooks import LARGEST_EVENT
from receivables.payments.stripe import API_VERSION
from receivables.ports import BadSignature
from tests.support.faces import Browser, portal_client
from tests.support.payments import Till, open_till
from tests.support.settings import WEBHOOK_SECRET


@pytest.fixture
def till(runtime: Any) -> Till:
    return open_till(runtime)


@pytest.fixture
def door(till: Till) -> Iterator[Browser]:
    with portal_client(till.runtime) as client:
        yield client


def event(**change: Any) -> bytes:
    body = {
        "id": "evt_1", "object": "event", "type": "checkout.session.completed",
        "api_version": API_VERSION, "livemode": False,
        "data": {"object": {"id": "cs_test_1", "object": "checkout.session"}},
    }  # fmt: skip
    return json.dumps(body | change).encode()


def thin_event(kind: str, object_id: str) -> bytes:
    """Source: docs.stripe.com/event-destinations, thin payloads."""
    body = {
        "id": "evt_thin", "object": "v2.core.event", "type": kind, "livemode": False,
        "created": "2026-11-02T08:00:00.000Z",
        "related_object": {"id": object_id, "type": "payment_intent",
                           "url": f"/v1/payment_intents/{object_id}"},
    }  # fmt: skip
    return json.dumps(body).encode()


def signature(body: bytes, *, age: int = 0, secret: str = WEBHOOK_SECRET) -> str:
    return stripe.WebhookSignature.generate_signature_header(
        body.decode(), secret, int(time.time()) - age
    )


def knock(door: Browser, body: bytes, header: str | None) -> httpx.Response:
    headers = {"content-type": "application/json"}
    if header is not None:
        headers["stripe-signature"] = header
    return door.post("/webhooks/stripe", content=body, headers=headers)


def test_a_signed_event_is_stored_and_answered_without_cookie_or_form_token(
    door: Browser, till: Till
) -> None:
    body = event()

    answer = knock(door, body, signature(body))

    assert (answer.status_code, answer.text) == (200, "taken")
    assert "set-cookie" not in answer.headers
    assert [kept.body for kept in till.inbox()] == [json.loads(body)]


def test_the_same_event_again_is_answered_and_changes_nothing(door: Browser, till: Till) -> None:
    body = event()

    answers = [knock(door, body, signature(body)) for _ in range(3)]

    assert [answer.text for answer in answers] == ["taken", "known", "known"]
    assert len(till.inbox()) == 1


def test_a_missing_false_or_old_signature_is_refused_and_nothing_is_stored(
    door: Browser, till: Till
) -> None:
    body = event()

    for header in (None, "", "t=1,v1=00", signature(body, age=301),
                   signature(body, secret="whsec_another_0123456789abcdef0123")):  # fmt: skip
        assert knock(door, body, header).status_code == 400

    assert till.inbox() == []


def test_no_mutated_event_gets_in(door: Browser, till: Till) -> None:
    gateway = till.runtime.gateway
    assert gateway is not None
    body, chance = event(), random.Random(8)
    header = signature(body)

    for _ in range(1000):
        mutated = bytearray(body)
        mutated[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        with pytest.raises(BadSignature):
            gateway.verify(bytes(mutated), header)


def test_a_well_signed_text_that_is_no_event_is_refused(door: Browser, till: Till) -> None:
    for body in (b"", b"[]", b'{"id": 1}', b"not json", b'{"object": "v2.core.event"}'):
        assert knock(door, body, signature(body)).status_code == 400
    assert till.inbox() == []


def test_bytes_that_are_no_text_are_refused(door: Browser, till: Till) -> None:
    assert knock(door, b"\xff\xfe\x00", signature(b"{}")).status_code == 400


def test_a_message_larger_than_any_event_is_refused_unread(door: Browser, till: Till) -> None:
    body = event(padding="x" * LARGEST_EVENT)

    assert knock(door, body, signature(body)).status_code == 413
    assert till.inbox() == []


def test_an_event_of_another_mode_is_stored_as_rejected(door: Browser, till: Till) -> None:
    body = event(livemode=True)

    assert knock(door, body, signature(body)).status_code == 200

    (kept,) = till.inbox()
    assert kept.state == "rejected"


def test_a_thin_event_leads_to_the_same_end(door: Browser, till: Till) -> None:
    debtor_id = till.world.debtor()
    invoice_id = till.world.invoice("120.00 CHF", debtor_id=debtor_id)
    page = till.begin(till.choice(debtor_id, [(invoice_id, "120.00 CHF")]))
    till.pay(page.payment_id)
    intent_id = till.stripe.charged()[0]["payment_intent"]
    body = thin_event("v1.payment_intent.succeeded", intent_id)

    assert knock(door, body, signature(body)).status_code == 200
    till.world.run_jobs()

    assert till.payment(page.payment_id).state == "settled"


def test_there_is_nothing_to_see_at_the_door(door: Browser) -> None:
    assert door.get("/webhooks/stripe").status_code == 404
