from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from receivables.clock import SteppingClock
from receivables.outgoing import (
    Address,
    Answer,
    LoopbackOrigin,
    OutgoingClient,
    PublicResolver,
)
from receivables.ports import Pusher, PushOutcome, PushPayload, PushResult, PushTarget, Urgency
from receivables.push import (
    BadSubscription,
    UnsafeKeyFile,
    VapidKey,
    WebPusher,
    check_subscription,
    load_vapid_key,
    make_vapid_key,
    outcome_of,
    wire_payload,
)
from sandbox.pushservice import BrowserSubscription, RunningPushService, start

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
PAYLOAD = PushPayload(
    title="Atelier Dubois: Bonität gesunken",
    body="Band B → D",
    navigate="http://127.0.0.1:8002/alerts/42",
    tag="alert-42",
    topic="debtor-7",
    urgency=Urgency.HIGH,
    ttl=timedelta(hours=24),
    language="de-CH",
)


class World:
    """A push service that reads, and a pusher that may push to it."""

    def __init__(self, running: RunningPushService, key: VapidKey) -> None:
        self.clock = SteppingClock(NOW)
        self.running, self.key = running, key
        self.client = OutgoingClient(loopback=[LoopbackOrigin(running.url)], total_seconds=5)
        self.pusher = WebPusher(
            [key], contact="mailto:push@example.test", client=self.client, wall=self.clock
        )

    def browser(self) -> BrowserSubscription:
        return self.running.service.new_subscription(self.key.public)

    def push(self, browser: BrowserSubscription, payload: PushPayload = PAYLOAD) -> PushOutcome:
        return self.pusher.push(target(browser, self.key), payload, now=NOW)


def target(browser: BrowserSubscription, key: VapidKey) -> PushTarget:
    return PushTarget(browser.endpoint, browser.p256dh, browser.auth, key.key_id)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> VapidKey:
    return make_vapid_key(tmp_path_factory.mktemp("vapid") / "key.pem")


@pytest.fixture(scope="module")
def running() -> Iterator[RunningPushService]:
    with start(now=lambda: NOW) as service:
        yield service


@pytest.fixture
def world(running: RunningPushService, key: VapidKey) -> Iterator[World]:
    made = World(running, key)
    yield made
    made.client.close()
    running.service.behave("accept")


def test_it_is_a_pusher(world: World) -> None:
    assert isinstance(world.pusher, Pusher)


def test_a_push_arrives_encrypted_signed_and_in_the_declarative_shape(world: World) -> None:
    browser = world.browser()

    assert world.push(browser).result is PushResult.DELIVERED

    (push,) = world.running.service.store.pushes(token=browser.token)
    assert json.loads(push.plaintext or b"") == {
        "web_push": 8030,
        "notification": {
            "title": PAYLOAD.title,
            "body": PAYLOAD.body,
            "navigate": PAYLOAD.navigate,
            "tag": "alert-42",
            "lang": "de-CH",
        },
    }
    assert (push.ttl, push.urgency, len(push.topic)) == (86_400, "high", 32)
    assert "debtor" not in push.topic


def test_the_same_topic_replaces_and_another_does_not(world: World) -> None:
    browser = world.browser()
    for topic in ["debtor-7", "debtor-7", "debtor-8"]:
        world.push(browser, replace(PAYLOAD, topic=topic))

    first, second, third = (
        push.topic for push in world.running.service.store.pushes(token=browser.token)
    )
    assert first == second != third


def test_a_signature_is_kept_for_a_service_and_renewed_before_it_ends(world: World) -> None:
    first = world.pusher._authorization(world.key, "https://a.test")
    world.clock.advance(timedelta(hours=10))
    assert world.pusher._authorization(world.key, "https://a.test") == first
    assert world.pusher._authorization(world.key, "https://b.test") != first

    world.clock.advance(timedelta(hours=1, seconds=1))
    assert world.pusher._authorization(world.key, "https://a.test") != first


def test_an_ended_subscription_is_gone(world: World) -> None:
    browser = world.browser()
    world.running.service.store.end(token=browser.token)

    assert world.push(browser) == PushOutcome(PushResult.GONE)


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, PushResult.DELIVERED),
        (201, PushResult.DELIVERED),
        (202, PushResult.DELIVERED),
        (404, PushResult.GONE),
        (410, PushResult.GONE),
        (408, PushResult.LATER),
        (429, PushResult.LATER),
        (500, PushResult.LATER),
        (503, PushResult.LATER),
        (301, PushResult.REFUSED),
        (302, PushResult.REFUSED),
        (307, PushResult.REFUSED),
        (400, PushResult.REFUSED),
        (401, PushResult.REFUSED),
        (403, PushResult.REFUSED),
        (413, PushResult.REFUSED),
    ],
)
def test_each_answer_has_one_meaning(status: int, result: PushResult) -> None:
    assert outcome_of(Answer(status, {}, b""), NOW).result is result


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), timedelta(0)),
        ("999999999", timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(retry_after: str, wait: timedelta | None) -> None:
    answer = Answer(429, {"retry-after": retry_after}, b"")

    assert outcome_of(answer, NOW).retry_after == wait


def test_a_redirect_is_refused_and_its_aim_never_asked(world: World) -> None:
    browser = world.browser()
    inner = world.browser()
    world.running.service.behave("307", token=browser.token, location=inner.endpoint)

    assert world.push(browser).result is PushResult.REFUSED
    assert not world.running.service.store.pushes(token=inner.token)


def test_a_slow_service_is_tried_later(world: World) -> None:
    browser = world.browser()
    world.running.service.behave("slow", token=browser.token, seconds=5)
    hasty = WebPusher(
        [world.key],
        contact="mailto:push@example.test",
        client=OutgoingClient(loopback=[LoopbackOrigin(world.running.url)], total_seconds=0.2),
        wall=world.clock,
    )

    outcome = hasty.push(target(browser, world.key), PAYLOAD, now=NOW)

    assert outcome.result is PushResult.LATER


def test_the_longest_message_is_sent_and_a_longer_one_refused_here(world: World) -> None:
    browser = world.browser()
    room = 3993 - len(wire_payload(replace(PAYLOAD, body="")))

    assert world.push(browser, replace(PAYLOAD, body="x" * room)).result is PushResult.DELIVERED
    longer = world.push(browser, replace(PAYLOAD, body="x" * (room + 1)))
    assert longer.result is PushResult.REFUSED
    assert "3994" in longer.reason


def test_old_subscriptions_are_signed_with_the_key_they_know(world: World, tmp_path: Path) -> None:
    old = world.browser()
    new_key = make_vapid_key(tmp_path / "new.pem")
    rotated = WebPusher(
        [new_key, world.key], contact="mailto:a@b.test", client=world.client, wall=world.clock
    )
    new = world.running.service.new_subscription(new_key.public)

    assert rotated.current_key.key_id == new_key.key_id
    for browser, key in [(old, world.key), (new, new_key)]:
        outcome = rotated.push(target(browser, key), PAYLOAD, now=NOW)
        assert outcome.result is PushResult.DELIVERED
    assert world.pusher.push(target(new, new_key), PAYLOAD, now=NOW).result is PushResult.REFUSED


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://jmt17.google.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-par02p.notify.windows.com/w/?token=abc%3d",
    ],
)
def test_the_vendors_of_browsers_are_pushed_to(endpoint: str) -> None:
    assert check_subscription(endpoint, P256DH, AUTH).origin in endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.test/fcm/send/abc",
        "https://fcm.googleapis.com.evil.test/x",
        "https://evilnotify.windows.com/x",
        "https://notify.windows.com/x",
        "https://fcm.googleapis.com:444/x",
        "https://evil@fcm.googleapis.com/x",
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1:8113/push/x",
        "https://fcm.googleapis.com/x#y",
        "https://FCM.googleapis.com/x",
        "",
    ],
)
def test_nobody_else_is(endpoint: str) -> None:
    with pytest.raises(BadSubscription):
        check_subscription(endpoint, P256DH, AUTH)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", AUTH),
        ("junk!", AUTH),
        (P256DH[:-4], AUTH),
        (P256DH[:-6] + "AAAAAA", AUTH),
        ("A" * 87, AUTH),
        (P256DH, ""),
        (P256DH, AUTH[:-2]),
        (P256DH, AUTH + "AA"),
        (P256DH, "\u00e9" * 22),
        (P256DH, AUTH + "\n"),
    ],
)
def test_garbage_keys_are_turned_down(p256dh: str, auth: str) -> None:
    with pytest.raises(BadSubscription):
        check_subscription("https://fcm.googleapis.com/x", p256dh, auth)


def test_a_bad_subscription_that_was_stored_is_refused_when_used(world: World) -> None:
    stored = PushTarget("https://evil.test/x", P256DH, AUTH, world.key.key_id)

    assert world.pusher.push(stored, PAYLOAD, now=NOW).result is PushResult.REFUSED


def test_a_vendors_name_that_leads_home_is_refused(world: World) -> None:
    client = OutgoingClient(resolve=PublicResolver(lambda _host, _port: ["10.0.0.5"]))
    pusher = WebPusher([world.key], contact="mailto:a@b.test", client=client, wall=world.clock)
    stored = PushTarget("https://fcm.googleapis.com/x", P256DH, AUTH, world.key.key_id)

    outcome = pusher.push(stored, PAYLOAD, now=NOW)

    assert outcome.result is PushResult.REFUSED
    assert "10.0.0.5" in outcome.reason


def test_a_vendor_who_cannot_prove_it_is_tried_later(world: World) -> None:
    port = int(world.running.url.rpartition(":")[2])
    client = OutgoingClient(
        resolve=lambda _host, _port: [Address("127.0.0.1", port)], tls=ssl.create_default_context()
    )
    pusher = WebPusher([world.key], contact="mailto:a@b.test", client=client, wall=world.clock)
    stored = PushTarget("https://fcm.googleapis.com/x", P256DH, AUTH, world.key.key_id)

    assert pusher.push(stored, PAYLOAD, now=NOW).result is PushResult.LATER


def test_a_contact_that_reaches_nobody_is_refused_at_once(world: World) -> None:
    with pytest.raises(ValueError, match="contact"):
        WebPusher([world.key], contact="push", client=world.client, wall=world.clock)


def test_a_key_is_made_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "vapid.pem"
    made = make_vapid_key(path)

    assert path.stat().st_mode & 0o777 == 0o600
    loaded = load_vapid_key(path)
    assert (loaded.public, loaded.key_id) == (made.public, made.key_id)
    assert len(made.public) == 87
    with pytest.raises(FileExistsError):
        make_vapid_key(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "vapid.pem"
    make_vapid_key(path)
    path.chmod(mode)

    with pytest.raises(UnsafeKeyFile, match="0600"):
        load_vapid_key(path)


def test_a_file_without_a_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vapid.pem"
    path.touch(mode=0o600)

    with pytest.raises(UnsafeKeyFile, match=r"vapid\.pem"):
        load_vapid_key(path)
