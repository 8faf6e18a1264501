from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode
from pywebpush import WebPusher

from sandbox.pushservice import Behaviour, BrowserSubscription, RunningPushService, start
from sandbox.pushservice.service import Rule

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


class Sender:
    """A sender that follows the rules, unless told otherwise for one push."""

    def __init__(self) -> None:
        self.signer = Vapid02(ec.generate_private_key(ec.SECP256R1()))
        point = self.signer.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key: str = b64urlencode(point)

    def push(
        self,
        to: BrowserSubscription,
        *,
        content: bytes = b'{"web_push":8030,"notification":{"title":"Hi","body":"there"}}',
        audience: str | None = None,
        lasts: timedelta = timedelta(hours=12),
        without: str = "",
        **headers: str,
    ) -> httpx.Response:
        parts = urlsplit(to.endpoint)
        claims = {
            "aud": audience or f"{parts.scheme}://{parts.netloc}",
            "sub": "mailto:push@example.test",
            "exp": int((NOW + lasts).timestamp()),
        }
        keys = {"p256dh": to.p256dh, "auth": to.auth}
        sealed = WebPusher({"endpoint": to.endpoint, "keys": keys}).encode(content)["body"]
        sent = {
            "TTL": "60",
            "Content-Encoding": "aes128gcm",
            **self.signer.sign(claims),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        sent.pop(without, None)
        return httpx.post(to.endpoint, content=sealed, headers=sent)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningPushService]:
    with start(now=lambda: NOW) as service:
        yield service


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def browser(running: RunningPushService, sender: Sender) -> Iterator[BrowserSubscription]:
    yield running.service.new_subscription(sender.public_key)
    running.service.behave("accept")


def test_a_proper_push_is_taken_and_decrypted(
    running: RunningPushService, sender: Sender, browser: BrowserSubscription
) -> None:
    answer = sender.push(browser, Topic="abc_-", Urgency="high")

    assert answer.status_code == 201
    assert answer.headers["location"].startswith(running.url)
    (push,) = running.service.store.pushes(token=browser.token)
    assert push.notification == {"title": "Hi", "body": "there"}
    assert (push.ttl, push.urgency, push.topic) == (60, "high", "abc_-")


def test_the_page_and_the_json_show_what_was_pushed(
    running: RunningPushService, sender: Sender, browser: BrowserSubscription
) -> None:
    sender.push(
        browser,
        content=b'{"notification":{"title":"Dubois","body":"b","navigate":"http://127.0.0.1/x"}}',
    )

    assert "Dubois" in httpx.get(running.url).text
    control = f"{running.url}/_control/pushes"
    (listed,) = httpx.get(control, params={"token": browser.token}).json()
    assert listed["notification"]["title"] == "Dubois"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"without": "Authorization"}, 401),
        ({"audience": "https://fcm.googleapis.com"}, 403),
        ({"lasts": timedelta(hours=25)}, 403),
        ({"lasts": timedelta(seconds=-1)}, 403),
        ({"without": "TTL"}, 400),
        ({"TTL": "soon"}, 400),
        ({"Content_Encoding": "aesgcm"}, 400),
        ({"Topic": "x" * 33}, 400),
        ({"Topic": "a b"}, 400),
        ({"Urgency": "extreme"}, 400),
        ({"content": b"x" * 3994}, 413),
        ({"content": b"x" * 4096}, 413),
    ],
)
def test_a_push_that_breaks_a_rule_is_refused(
    running: RunningPushService,
    sender: Sender,
    browser: BrowserSubscription,
    wrong: dict[str, object],
    status: int,
) -> None:
    assert sender.push(browser, **wrong).status_code == status  # type: ignore[arg-type]
    assert not running.service.store.pushes(token=browser.token)


def test_the_largest_message_fits(sender: Sender, browser: BrowserSubscription) -> None:
    assert sender.push(browser, content=b"x" * 3993).status_code == 201


def test_another_senders_key_is_refused(browser: BrowserSubscription) -> None:
    assert Sender().push(browser).status_code == 403


def test_a_forged_signature_is_refused(sender: Sender, browser: BrowserSubscription) -> None:
    signed = sender.signer.sign(
        {"aud": "https://elsewhere.test", "sub": "mailto:a@b.test", "exp": 9_999_999_999}
    )["Authorization"]
    head, claims, rest = signed.split(".", 2)
    forged = f"{head}.{claims[:-4]}AAAA.{rest}"

    assert sender.push(browser, Authorization=forged).status_code == 403


def test_an_unknown_token_is_404_and_an_ended_one_410(
    running: RunningPushService, sender: Sender, browser: BrowserSubscription
) -> None:
    unknown = BrowserSubscription(browser.endpoint + "x", browser.p256dh, browser.auth)
    assert sender.push(unknown).status_code == 404

    running.service.store.end(token=browser.token)
    assert sender.push(browser).status_code == 410


@pytest.mark.parametrize("behaviour", ["404", "410", "413", "429", "500", "503", "307"])
def test_it_misbehaves_as_told_and_as_often_as_told(
    running: RunningPushService, sender: Sender, browser: BrowserSubscription, behaviour: str
) -> None:
    wish = {
        "behaviour": behaviour,
        "token": browser.token,
        "times": 1,
        "retry_after": "120",
        "location": "http://127.0.0.1:1/inner",
    }
    httpx.post(f"{running.url}/_control/behaviour", json=wish).raise_for_status()

    answer = sender.push(browser)
    assert answer.status_code == int(behaviour)
    assert answer.headers["retry-after"] == "120"
    assert answer.headers["location"] == "http://127.0.0.1:1/inner"
    assert sender.push(browser).status_code == 201


def test_a_message_for_other_keys_is_taken_and_marked_unreadable(
    running: RunningPushService, sender: Sender, browser: BrowserSubscription
) -> None:
    other = running.service.new_subscription(sender.public_key)
    mixed = BrowserSubscription(browser.endpoint, other.p256dh, other.auth)

    assert sender.push(mixed).status_code == 201
    (push,) = running.service.store.pushes(token=browser.token)
    assert push.problem.startswith("does not decrypt")


def test_subscriptions_and_pushes_in_a_file_outlive_the_process(
    tmp_path: Path, sender: Sender
) -> None:
    file = tmp_path / "push.sqlite"
    with start(path=file, now=lambda: NOW) as before:
        port = urlsplit(before.url).port or 0
        browser = before.service.new_subscription(sender.public_key)
        assert sender.push(browser).status_code == 201

    with start(path=file, port=port, now=lambda: NOW) as after:
        assert sender.push(browser).status_code == 201
        assert [push.problem for push in after.service.store.pushes()] == ["", ""]


def test_a_part_of_all_browsers_can_be_dead_and_always_the_same_ones() -> None:
    rule = Rule(Behaviour.GONE, one_in=2)
    tokens = [f"browser-{number}" for number in range(400)]

    dead = {token for token in tokens if rule.is_for(token)}

    assert 150 < len(dead) < 250
    assert dead == {token for token in tokens if rule.is_for(token)}
    assert all(Rule(Behaviour.GONE).is_for(token) for token in tokens)
