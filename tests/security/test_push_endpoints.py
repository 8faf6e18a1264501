"""Where a browser asks to be woken is a URL of its own choosing: most of them are refused."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.security.town import Town
from tests.support.faces import Browser

pytestmark = pytest.mark.once("an address is refused before anything is stored")

POINT = (
    ec.generate_private_key(ec.SECP256R1())
    .public_key()
    .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
)
P256DH = urlsafe_b64encode(POINT).rstrip(b"=").decode()
AUTH = urlsafe_b64encode(b"0123456789abcdef").rstrip(b"=").decode()
GOOD = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/a", "p256dh": P256DH, "auth": AUTH,
    "key_id": "k",
}  # fmt: skip

EVIL = [
    "http://fcm.googleapis.com/x", "https://127.0.0.1/", "https://localhost/", "https://[::1]/",
    "https://0.0.0.0/", "https://0/", "https://2130706433/", "https://0x7f000001/",
    "https://017700000001/", "https://127.1/", "https://0x7f.1/", "https://10.0.0.1/",
    "https://172.16.0.1/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/", "https://192.0.0.8/", "https://224.0.0.1/", "https://255.255.255.255/",
    "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/", "https://[fe80::1%25lo]/", "https://[fc00::1]/",
    "https://[ff02::1]/", "https://metadata.google.internal/", "https://evil.example/",
    "https://fcm.googleapis.com.evil.example/", "https://evil.example/fcm.googleapis.com",
    "https://fcm.googleapis.com@evil.example/", "https://evil.example@fcm.googleapis.com/",
    "https://user:pw@fcm.googleapis.com/", "https://fcm.googleapis.com:22/",
    "https://fcm.googleapis.com:8443/", "https://fcm.googleapis.com:0/",
    "https://xfcm.googleapis.com/",
    "https://evilpush.services.mozilla.com.evil.example/",
    "https://notify.windows.com.evil.example/",
    "https://evilnotify.windows.com/", "https://fcm.googleapis.com\\@127.0.0.1/",
    "https://fcm.googleapis.com#@127.0.0.1/", "https://fcm.googleapis.com%00.evil.example/",
    "https://fcm.googleapis.com%2eevil.example/", "https://fcm。googleapis。com/",
    "https://ｆｃｍ.googleapis.com/", "https://fcm.googleapis.com /",
    "https://fcm.googleapis.com\r\nX:y/",
    "https://fcm.googleapis.com/\r\nHost: 127.0.0.1", "https://①②⑦.0.0.1/", "https:///x",
    "https:x", "https://",
    "//fcm.googleapis.com/x", "/x", "x", "", " ", "ftp://fcm.googleapis.com/", "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL", "dict://127.0.0.1:11211/", "unix:///tmp/x", "data:,x",
    "javascript:alert(1)", "https://fcm.googleapis.com/" + "a" * 5000, "https://[", "https://[::1",
    "https://fcm.googleapis.com:99999/", "https://fcm.googleapis.com:x/", "HTTPS://127.0.0.1/",
    "https://spoofed.burpcollaborator.net/", "https://localtest.me/", "https://127.0.0.1.nip.io/",
    "https://a.b@c@fcm.googleapis.com/", "https://fcm.googleapis.com\u0000/",
    "https://fcm.googleapis.com./../../", "wss://fcm.googleapis.com/",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser(town: Town) -> Iterator[Browser]:
    with town.staff(town.near.owner) as opened:
        yield opened


def subscribe(browser: Browser, body: object) -> int:
    sent = body if isinstance(body, str) else json.dumps(body)
    token = browser.token("/settings/notifications")
    headers = {
        "Content-Type": "application/json", "X-CSRF-Token": token, "Origin": browser.origin,
    }  # fmt: skip
    answer = browser.post("/push/subscriptions", content=sent, headers=headers)
    return int(answer.status_code)


def test_a_vendors_endpoint_is_taken(town: Town, browser: Browser) -> None:
    """The counter-check: nothing else is wrong with the others."""
    before = town.counts()["push_subscriptions"]
    assert subscribe(browser, GOOD) == 201
    assert town.counts()["push_subscriptions"] == before + 1


@pytest.mark.parametrize("endpoint", EVIL)
def test_an_evil_endpoint_is_refused_and_not_kept(
    town: Town, browser: Browser, endpoint: str
) -> None:
    before = town.counts()["push_subscriptions"]
    assert 400 <= subscribe(browser, {**GOOD, "endpoint": endpoint}) < 500
    assert town.counts()["push_subscriptions"] == before


@pytest.mark.parametrize(
    "change",
    [
        {"p256dh": ""}, {"p256dh": "AAAA"}, {"p256dh": "x" * 100_000}, {"p256dh": "é"},
        {"p256dh": urlsafe_b64encode(b"\x04" + b"\x00" * 64).decode()}, {"auth": ""},
        {"auth": "AAAA"}, {"auth": "A" * 5000}, {"endpoint": None}, {"endpoint": 5},
        {"endpoint": ["https://fcm.googleapis.com/"]}, {"key_id": None}, {"key_id": {"$gt": ""}},
    ],
)  # fmt: skip
def test_keys_that_are_none_are_refused(
    town: Town, browser: Browser, change: dict[str, object]
) -> None:
    before = town.counts()["push_subscriptions"]
    assert 400 <= subscribe(browser, {**GOOD, **change}) < 500
    assert town.counts()["push_subscriptions"] == before


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"x"', "{}", '{"endpoint": "x"}', "[" * 5000, "\x00",
     '{"endpoint": "\\ud800", "p256dh": "a", "auth": "a", "key_id": "a"}',
     '{"endpoint": "https://x/\\u0000", "p256dh": "a", "auth": "a", "key_id": ""}'],
)  # fmt: skip
def test_bodies_that_make_no_sense_are_refused(town: Town, browser: Browser, body: str) -> None:
    before = town.counts()["push_subscriptions"]
    assert 400 <= subscribe(browser, body) < 500
    assert town.counts()["push_subscriptions"] == before


@pytest.mark.parametrize("key_id", ["\x00", "a\x00b", "k" * 10_000, "<script>", "\ud83d\ude00"])
def test_an_odd_name_of_a_key_breaks_nothing(browser: Browser, key_id: str) -> None:
    endpoint = GOOD["endpoint"] + "/odd"
    assert subscribe(browser, {**GOOD, "endpoint": endpoint, "key_id": key_id}) < 500


def test_a_subscription_cannot_name_another_person_or_supplier(
    town: Town, browser: Browser
) -> None:
    far = town.far
    body = {
        **GOOD, "endpoint": GOOD["endpoint"] + "/mine", "supplier_id": str(far.supplier_id),
        "staff_id": str(far.owner), "id": str(far.ids["subscription"]),
    }  # fmt: skip
    theirs = [row for row in town.contents()["push_subscriptions"] if far.supplier_id in row]
    assert subscribe(browser, body) in (201, 400)
    assert theirs == [
        row for row in town.contents()["push_subscriptions"] if far.supplier_id in row
    ]
