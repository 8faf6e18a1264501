"""Web push: encrypts, signs and sends, and believes nothing a browser says about where to.

pywebpush encrypts and py_vapid signs; the sending is ours, because theirs follows redirects and
waits for ever. The endpoint of a subscription is a URL chosen by whoever subscribes, so it is
checked when it is saved and again each time it is used.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import os
import re
import stat
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from py_vapid import Vapid02, VapidException

from receivables.breakers import Breaker
from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.outgoing import (
    Answer,
    ForbiddenUrl,
    LoopbackOrigin,
    NoAnswer,
    OutgoingClient,
    Target,
    check_url,
)
from receivables.ports import PushOutcome, PushPayload, PushResult, PushTarget
from receivables.waiting import retry_after

#: Where browsers' vendors take pushes: Chrome and its kin (Debian's build names the second),
#: Firefox, Safari.
VENDOR_HOSTS = frozenset(
    {
        "fcm.googleapis.com",
        "jmt17.google.com",
        "updates.push.services.mozilla.com",
        "web.push.apple.com",
    }
)
#: Edge and Safari hand out hosts of their own below these.
VENDOR_DOMAINS = (".notify.windows.com", ".push.apple.com", ".push.services.mozilla.com")

#: 4096 bytes are what every push service takes (RFC 8030, section 7.2); encryption adds 103.
PAYLOAD_LIMIT = 3993
#: The longest Chrome's push service keeps trying: four weeks.
TTL_LIMIT = timedelta(weeks=4)
#: RFC 8292, section 2: a signature lasts at most a day. Half of it leaves room for wrong clocks.
SIGNATURE_LIFETIME = timedelta(hours=12)


class BadSubscription(ReceivablesError):
    """What a browser gave as its subscription is not one we can or want to push to."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"not a push subscription: {reason}")


class UnsafeKeyFile(ReceivablesError):
    """The file of a private key can be read by others, or holds no P-256 key."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}")


def check_subscription(
    endpoint: str, p256dh: str, auth: str, *, loopback: Iterable[LoopbackOrigin] = ()
) -> Target:
    """Take a subscription's endpoint apart, or raise BadSubscription.

    The endpoint is https at a browser vendor's, or at one of the `loopback` origins; `p256dh` is
    a point on P-256 and `auth` 16 bytes (RFC 8291, section 2), both base64url.
    """
    origins = tuple(loopback)
    try:
        target = check_url(endpoint, origins)
    except ForbiddenUrl as error:
        raise BadSubscription(error.reason) from error
    named = any(target.origin == origin.origin for origin in origins)
    if not named and not _is_vendor(target.host):
        raise BadSubscription(f"{target.host} is no browser vendor's push service")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes_of(p256dh, 65))
    except ValueError as error:
        raise BadSubscription("p256dh is no point of P-256") from error
    _bytes_of(auth, 16)
    return target


class VapidKey:
    """One pair of keys by which push services know us. `public` is what browsers subscribe with:
    the uncompressed point, base64url. `key_id` is kept with each subscription, so that a new key
    can come in while the old one still signs for those who subscribed with it.
    """

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._signer = Vapid02(private)
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = urlsafe_b64encode(point).rstrip(b"=").decode()
        self.key_id = hashlib.sha256(point).hexdigest()[:16]

    def authorization(self, audience: str, contact: str, expires_at: datetime) -> str:
        """The Authorization header for one push service (RFC 8292)."""
        claims = {"aud": audience, "sub": contact, "exp": int(expires_at.timestamp())}
        signed: Mapping[str, str] = self._signer.sign(claims)
        return signed["Authorization"]


def make_vapid_key(path: Path) -> VapidKey:
    """Make a new key in a file that only its owner can read. Raises FileExistsError."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    return VapidKey(private)


def load_vapid_key(path: Path) -> VapidKey:
    """Read a key that `make_vapid_key` made. Raises UnsafeKeyFile when others may read it too."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        raise UnsafeKeyFile(path, f"mode {mode:04o} lets others read a private key; make it 0600")
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise UnsafeKeyFile(path, "no private key in PEM") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise UnsafeKeyFile(path, "not a P-256 key")
    return VapidKey(private)


class WebPusher:
    """Pushes to the browsers' vendors; a Pusher.

    `keys` are all keys that still sign; the first is for new subscriptions. `contact` is a
    `mailto:` or `https:` by which a push service can reach us; ValueError when it is neither.
    `wall` is the true time, by which push services judge signatures, even where the demo's own
    clock runs ahead. Origins that `client` has on loopback are pushed to as well. Safe to share
    between threads.
    """

    def __init__(
        self, keys: Iterable[VapidKey], *, contact: str, client: OutgoingClient, wall: Clock
    ) -> None:
        found = tuple(keys)
        assert found, "without a key nobody can be pushed to"
        self.current_key = found[0]
        self._keys = {key.key_id: key for key in found}
        self._contact = contact
        self._client = client
        self._wall = wall
        try:
            self.current_key.authorization("https://example.com", contact, wall.now())
        except VapidException as error:
            raise ValueError(f"not a contact for push services: {contact!r}") from error
        self._breaker = Breaker()
        self._signatures: dict[tuple[str, str], tuple[datetime, str]] = {}
        self._lock = threading.Lock()

    def check(self, endpoint: str, p256dh: str, auth: str) -> None:
        """Raise BadSubscription for what this pusher would not push to."""
        check_subscription(endpoint, p256dh, auth, loopback=self._client.loopback)

    def push(self, subscription: PushTarget, payload: PushPayload, *, now: datetime) -> PushOutcome:
        """Encrypt, sign and send once; see `PushOutcome` for what can become of it."""
        key = self._keys.get(subscription.key_id)
        if key is None:
            return _refused(f"no key {subscription.key_id!r} any more")
        content = wire_payload(payload)
        if len(content) > PAYLOAD_LIMIT:
            return _refused(f"{len(content)} bytes of payload, {PAYLOAD_LIMIT} are allowed")
        try:
            target = check_subscription(
                subscription.endpoint,
                subscription.p256dh,
                subscription.auth,
                loopback=self._client.loopback,
            )
        except BadSubscription as error:
            return _refused(error.reason)
        if self._breaker.leaves_alone(target.origin, self._wall.now()):
            return PushOutcome(PushResult.LATER, reason="its push service does not answer")
        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
        # Loaded with the first push: it brings two HTTP clients along, a quarter of a second.
        from pywebpush import WebPusher as Encryption

        sealed = Encryption({"endpoint": subscription.endpoint, "keys": keys}).encode(content)
        try:
            answer = self._client.post(
                subscription.endpoint,
                content=sealed["body"],
                headers={
                    "Authorization": self._authorization(key, target.origin),
                    "Content-Encoding": "aes128gcm",
                    "Content-Type": "application/octet-stream",
                    "TTL": str(int(min(payload.ttl, TTL_LIMIT).total_seconds())),
                    "Topic": topic_on_the_wire(payload.topic),
                    "Urgency": payload.urgency.value,
                },
            )
        except ForbiddenUrl as error:
            return _refused(error.reason)
        except NoAnswer as error:
            self._breaker.note(target.origin, target.path, self._wall.now(), silent=True)
            return PushOutcome(PushResult.LATER, reason=error.reason)
        self._breaker.note(target.origin, target.path, self._wall.now(), silent=False)
        return outcome_of(answer, now)

    def _authorization(self, key: VapidKey, audience: str) -> str:
        """A signature for this audience that lasts for another hour at least."""
        now = self._wall.now()
        with self._lock:
            until, header = self._signatures.get((key.key_id, audience), (now, ""))
            if until - now < timedelta(hours=1):
                until = now + SIGNATURE_LIFETIME
                header = key.authorization(audience, self._contact, until)
                self._signatures[key.key_id, audience] = (until, header)
            return header


def wire_payload(payload: PushPayload) -> bytes:
    """The message in the one shape that Safari shows by itself and our service worker reads.

    Source: W3C Push API, "declarative push message"; 8030 is the number the format asks for.
    """
    notification = {
        "title": payload.title,
        "body": payload.body,
        "navigate": payload.navigate,
        "tag": payload.tag,
        "lang": payload.language,
    }
    message = {"web_push": 8030, "notification": notification}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def topic_on_the_wire(topic: str) -> str:
    """32 characters that tell a push service nothing (RFC 8030, section 5.4)."""
    return urlsafe_b64encode(hashlib.sha256(topic.encode()).digest()[:24]).decode()


def outcome_of(answer: Answer, now: datetime) -> PushOutcome:
    """What a push service's answer means (RFC 8030, sections 5 and 8.4)."""
    status = answer.status
    if 200 <= status < 300:
        return PushOutcome(PushResult.DELIVERED)
    if status in (404, 410):
        return PushOutcome(PushResult.GONE)
    if status in (408, 425, 429) or status >= 500:
        wait = retry_after(answer.headers.get("retry-after", ""), now)
        return PushOutcome(PushResult.LATER, retry_after=wait, reason=f"answered {status}")
    return _refused(f"answered {status}")


def _refused(reason: str) -> PushOutcome:
    return PushOutcome(PushResult.REFUSED, reason=reason)


def _is_vendor(host: str) -> bool:
    return host in VENDOR_HOSTS or host.endswith(VENDOR_DOMAINS)


def _bytes_of(text: str, length: int) -> bytes:
    """Base64url, with or without padding, of exactly `length` bytes."""
    bare = text.rstrip("=")
    if re.fullmatch(r"[A-Za-z0-9_-]{1,100}", bare):
        try:
            decoded = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
        except binascii.Error:
            decoded = b""
        if len(decoded) == length:
            return decoded
    raise BadSubscription(f"a key is not {length} bytes in base64url")
