"""The doors of machines: Stripe's webhook and the bureau's push, knocked at by others."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import stripe

from monitoring.feeds.push import BadSignature, sign, verify
from receivables.payments.stripe import API_VERSION, StripeGateway
from receivables.ports import BadSignature as StripeBadSignature
from receivables.settings import BadSetting, read_bureau, read_stripe
from tests.security.town import Town
from tests.support.payments import stripe_settings
from tests.support.settings import READINGS_SECRET, WEBHOOK_SECRET

EVENT = json.dumps(
    {
        "id": "evt_forged", "object": "event", "type": "checkout.session.completed",
        "api_version": API_VERSION, "livemode": False,
        "data": {"object": {"id": "cs_x", "object": "checkout.session"}},
    }
).encode()  # fmt: skip
READING = b'{"events": []}'


def stripe_signature(body: bytes, *, secret: str = WEBHOOK_SECRET, age: float = 0) -> str:
    at = int(time.time() - age)
    header: str = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at)
    return header


def bureau_signature(
    town: Town, body: bytes, *, secret: str = READINGS_SECRET, age: float = 0
) -> str:
    at = int((town.runtime.clock.now() - timedelta(seconds=age)).timestamp())
    return f"t={at},v1={sign(secret, body, at)}"


Knock = Callable[[bytes, str], int]


@pytest.fixture(scope="module")
def knock(town: Town) -> dict[str, Knock]:
    def at_stripe(body: bytes, signature: str) -> int:
        with town.visitor() as browser:
            headers = {"Stripe-Signature": signature}
            return int(browser.post("/webhooks/stripe", content=body, headers=headers).status_code)

    def at_bureau(body: bytes, signature: str) -> int:
        with town.staff() as browser:
            headers = {"X-Bureau-Signature": signature}
            return int(browser.post("/readings", content=body, headers=headers).status_code)

    return {"stripe": at_stripe, "bureau": at_bureau}


def forgeries(town: Town, door: str) -> dict[str, tuple[bytes, str]]:
    body = EVENT if door == "stripe" else READING

    def signed(content: bytes = body, **given: Any) -> str:
        if door == "stripe":
            return stripe_signature(content, **given)
        return bureau_signature(town, content, **given)

    good = signed()
    return {
        "unsigned": (body, ""),
        "another secret": (body, signed(secret="whsec_another_secret_0123456789")),
        "an empty secret": (body, signed(secret="")),
        "old": (body, signed(age=301)),
        "very old": (body, signed(age=86_400)),
        "another body": (body + b" ", good),
        "cut off": (body[:-1], good),
        "empty": (b"", good),
        "half a signature": (body, good[:-10]),
        "only a time": (body, good.split(",")[0]),
        "no time": (body, good.split(",")[1]),
        "an old scheme": (body, good.replace("v1=", "v0=")),
        "a later time": (body, good.replace("t=", "t=9")),
        "words": (body, "t=now,v1=yes"),
        "a thousand": (body, "t=1," + ",".join(f"v1={'a' * 64}" for _ in range(100))),
        "long": (body, "t=1,v1=" + "a" * 8000),
    }


@pytest.mark.parametrize("door", ["stripe", "bureau"])
def test_whoever_does_not_know_the_secret_is_refused(
    town: Town, knock: dict[str, Knock], door: str
) -> None:
    before = town.contents()
    for kind, (body, signature) in forgeries(town, door).items():
        assert knock[door](body, signature) in (400, 401), kind
    assert knock[door](b"x" * 1_000_000, "") == 413
    assert town.contents() == before


def test_a_push_from_the_future_is_refused(town: Town, knock: dict[str, Knock]) -> None:
    assert knock["bureau"](READING, bureau_signature(town, READING, age=-301)) == 401


def test_a_signature_of_ours_opens_and_again_changes_nothing(
    town: Town, knock: dict[str, Knock]
) -> None:
    """The counter-check; and the same message replayed is known."""
    signature = stripe_signature(EVENT)
    assert knock["stripe"](EVENT, signature) == 200
    before = town.contents()
    assert knock["stripe"](EVENT, signature) == 200
    assert town.contents() == before
    good = bureau_signature(town, READING)
    assert knock["bureau"](READING, good) in (200, 422)
    assert town.contents() == before


def test_the_kind_of_content_does_not_matter_to_a_door_that_reads_bytes(town: Town) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"):
        with town.visitor() as browser:
            answer = browser.post(
                "/webhooks/stripe",
                content=EVENT,
                headers={"Stripe-Signature": "t=1,v1=x", "Content-Type": kind},
            )
            assert answer.status_code == 400, kind


def _mutants(good: str, chance: random.Random, how_many: int) -> list[str]:
    letters = "0123456789abcdef=,tv "
    seen = set[str]()
    while len(seen) < how_many:
        at = chance.randrange(len(good))
        match chance.randrange(3):
            case 0:
                mutant = good[:at] + chance.choice(letters) + good[at + 1 :]
            case 1:
                mutant = good[:at] + good[at + 1 :]
            case _:
                mutant = good[:at] + chance.choice(letters) + good[at:]
        seen.add(mutant)
    return sorted(seen - {good})


def test_a_thousand_mutated_signatures_of_the_bureau_are_refused(town: Town) -> None:
    now = town.runtime.clock.now()
    good = bureau_signature(town, READING)
    verify([READINGS_SECRET], good, READING, now=now)
    passed = 0
    for mutant in _mutants(good, random.Random(7), 1200):
        try:
            verify([READINGS_SECRET], mutant, READING, now=now)
        except BadSignature:
            continue
        # Blanks around the header are no part of it.
        assert mutant.strip() == good
        passed += 1
    assert passed <= 3


def test_a_thousand_mutated_signatures_of_stripe_are_refused() -> None:
    gateway = StripeGateway(stripe_settings())
    good = stripe_signature(EVENT)
    assert gateway.verify(EVENT, good)
    at, _, v1 = good.partition(",")
    for mutant in _mutants(v1.removeprefix("v1="), random.Random(7), 1200):
        with pytest.raises(StripeBadSignature):
            gateway.verify(EVENT, f"{at},v1={mutant}")


@pytest.mark.parametrize("signature", ["t=1,v1=é", "\x00", "t=" + "9" * 400 + ",v1=a", "t=-1,v1=a"])
def test_odd_headers_are_wrong_signatures_and_no_faults(town: Town, signature: str) -> None:
    with pytest.raises(StripeBadSignature):
        StripeGateway(stripe_settings()).verify(EVENT, signature)
    with pytest.raises(BadSignature):
        verify([READINGS_SECRET], signature, READING, now=town.runtime.clock.now())


def test_an_empty_secret_is_refused_at_the_start() -> None:
    with pytest.raises(BadSetting, match="STRIPE_WEBHOOK_SECRETS"):
        read_stripe({"STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRETS": " "})
    with pytest.raises(BadSetting, match="READINGS_PUSH_SECRETS"):
        read_bureau({"READINGS_PUSH_SECRETS": "short"})


def test_without_a_secret_nothing_is_believed(town: Town) -> None:
    for secrets in ((), ("",)):
        with pytest.raises(BadSignature):
            verify(
                secrets, bureau_signature(town, READING, secret=""), READING,
                now=town.runtime.clock.now(),
            )  # fmt: skip
