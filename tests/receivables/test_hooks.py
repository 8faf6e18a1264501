"""Messages to suppliers' systems: signed as the specification says, sent where it is safe."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from receivables.clock import SteppingClock
from receivables.hooks import OutgoingHooks, new_secret, signature
from receivables.outgoing import Address, LoopbackOrigin, OutgoingClient, PublicResolver
from receivables.ports import (
    ForbiddenHook,
    HookMessage,
    PushPayload,
    PushResult,
    PushTarget,
)
from receivables.push import BadSubscription, VapidKey, WebPusher
from sandbox.serving import serve

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
#: Where names lead that an attacker could have chosen.
NAMES = {
    "fcm.googleapis.com": "10.0.0.5", "updates.push.services.mozilla.com": "::ffff:127.0.0.1",
    "wns2-par02p.notify.windows.com": "169.254.169.254", "web.push.apple.com": "fd00::1",
    "rebound.example": "127.0.0.1", "metadata.example": "169.254.169.254",
}  # fmt: skip
HOSTILE = [
    "https://127.0.0.1/x", "https://10.0.0.5/x", "https://192.168.1.1/x", "https://[::1]/x",
    "https://[fd00::1]/x", "https://[::ffff:127.0.0.1]/x", "https://2130706433/x",
    "https://0177.0.0.1/x", "https://169.254.169.254/latest/meta-data/",
    "https://rebound.example/x", "https://metadata.example/x",
    "https://metadata.google.internal/x", "https://user:pw@fcm.googleapis.com/x",
    "https://fcm.googleapis.com:8443/x", "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com@127.0.0.1/x",
]  # fmt: skip
ONLY_WHEN_SENT = [f"https://{name}/x" for name in NAMES if not name.endswith(".example")]


def lookup(host: str, port: int) -> Sequence[str]:
    """Every name that is not ours has no address at all."""
    if host not in NAMES:
        raise OSError("no such name")
    return [NAMES[host]]


@pytest.fixture(scope="module")
def client() -> OutgoingClient:
    return OutgoingClient(resolve=PublicResolver(lookup), tls=ssl.create_default_context())


@pytest.fixture(scope="module")
def hooks(client: OutgoingClient) -> OutgoingHooks:
    return OutgoingHooks(client=client, wall=SteppingClock(NOW))


@pytest.fixture(scope="module")
def pusher(client: OutgoingClient) -> WebPusher:
    key = VapidKey(ec.generate_private_key(ec.SECP256R1()))
    wall = SteppingClock(NOW)
    return WebPusher([key], contact="mailto:push@example.test", client=client, wall=wall)


def message(url: str, *secrets: str) -> HookMessage:
    return HookMessage(url, "msg_1", b"{}", secrets or (new_secret(),))


def subscription(endpoint: str, key_id: str) -> PushTarget:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    p256dh = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return PushTarget(endpoint, p256dh, "BTBZMqHH6r4Tts7J_aSIgg", key_id)


def test_a_signature_is_the_one_of_the_specification():
    """The vector of the specification's own libraries."""
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}',
    )  # fmt: skip

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_new_each_time_and_long_enough():
    first, second = new_secret(), new_secret()

    assert first != second
    assert 24 <= len(base64.b64decode(first.removeprefix("whsec_"))) <= 64


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_when_it_is_saved(hooks, pusher, url):
    with pytest.raises(ForbiddenHook):
        hooks.check(url)
    target = subscription(url, pusher.current_key.key_id)
    with pytest.raises(BadSubscription):
        pusher.check(target.endpoint, target.p256dh, target.auth)


@pytest.mark.parametrize("url", HOSTILE + ONLY_WHEN_SENT)
def test_a_hostile_address_that_was_saved_is_refused_when_it_is_used(hooks, pusher, url):
    answer = hooks.call(message(url))
    # A name that has no address is none we could talk to, now.
    assert answer.is_refused or "did not resolve" in answer.text
    payload = PushPayload(title="t", body="b", navigate="/", tag="t", topic="t")

    outcome = pusher.push(subscription(url, pusher.current_key.key_id), payload, now=NOW)

    assert outcome.result is PushResult.REFUSED


class FarEnd:
    """An ERP: keeps what it was told, and answers what it is told to."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.status, self.headers = 200, [(b"content-type", b"text/plain")]

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        fields = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.told.append((fields, (await receive())["body"]))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": b"thank\x00 you\n\xff"})


def test_a_message_arrives_signed_by_every_secret_and_the_answer_is_readable():
    far_end = FarEnd()
    old, new = new_secret(), new_secret()
    with serve(far_end, lifespan="off") as served:
        loopback = [LoopbackOrigin(served.url)]
        client = OutgoingClient(loopback=loopback)
        hooks = OutgoingHooks(client=client, wall=SteppingClock(NOW))
        answer = hooks.call(message(f"{served.url}/hooks", new, old))
        far_end.status = 307
        far_end.headers = [(b"location", served.url.encode()), (b"retry-after", b"90")]
        redirected = hooks.call(message(f"{served.url}/hooks", new))
        client.close()

    (fields, body), _ = far_end.told
    assert (body, fields["content-type"]) == (b"{}", "application/json")
    assert fields["webhook-id"] == "msg_1"
    assert fields["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert fields["webhook-signature"].split() == [
        signature(one, "msg_1", NOW, b"{}") for one in (new, old)
    ]
    assert (answer.is_taken, answer.text) == (True, "thank you \N{REPLACEMENT CHARACTER}")
    assert (redirected.is_taken, len(far_end.told)) == (False, 2)
    assert redirected.retry_after is not None
    assert redirected.retry_after.total_seconds() == 90


def test_nobody_there_is_an_answer_too():
    hooks = OutgoingHooks(
        client=OutgoingClient(resolve=lambda _host, _port: [Address("127.0.0.1", 1)]),
        wall=SteppingClock(NOW),
    )

    answer = hooks.call(message("https://erp.example/hooks"))

    assert (answer.status, answer.is_taken, answer.is_refused) == (None, False, False)
