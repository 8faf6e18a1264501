"""What a push service does with a request, and what it does when it is told to misbehave."""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from zlib import crc32

import http_ece  # type: ignore[import-untyped]  # ships no types
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.clock import Now, system_now
from sandbox.pushservice.store import PushStore, Subscription
from sandbox.pushservice.vapid import Rejected, check_vapid

#: RFC 8030, section 7.2: what every push service must take, and what most take at most.
BODY_LIMIT = 4096


class Behaviour(StrEnum):
    """What happens to the next pushes."""

    ACCEPT = "accept"
    NOT_FOUND = "404"
    GONE = "410"
    TOO_LARGE = "413"
    BUSY = "429"
    BROKEN = "500"
    UNAVAILABLE = "503"
    REDIRECT = "307"
    """Points to `location`."""
    SLOW = "slow"
    """Answers properly after `seconds`."""


@dataclass(slots=True)
class Rule:
    """A behaviour for a token (all, when empty) and a number of pushes (None: for good).

    With `one_in` it is for that part of all tokens, always the same ones: every second browser is
    dead, every tenth is slow.
    """

    behaviour: Behaviour
    token: str = ""
    one_in: int = 1
    times: int | None = None
    seconds: float = 1.0
    retry_after: str = ""
    location: str = ""

    def is_for(self, token: str) -> bool:
        """Whether a browser is among those it is about."""
        return self.token in ("", token) and crc32(token.encode()) % self.one_in == 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `reason` is its body."""

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BrowserSubscription:
    """What a browser's `PushSubscription` says."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def token(self) -> str:
        return self.endpoint.rpartition("/")[2]


class PushService:
    """The far end of web push.

    `base_url` is where it is reached, and the audience it insists on; `aliases` are other
    origins it answers at. Pushes for a real browser are handed to `forward` still encrypted.
    Signatures are judged by `wall`, where that is another clock than `now`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        aliases: Sequence[str] = (),
        store: PushStore | None = None,
        now: Now = system_now,
        wall: Now | None = None,
        forward: Callable[[Subscription, bytes], None] | None = None,
    ) -> None:
        self.base_url, self.aliases = base_url, tuple(aliases)
        self.store = store or PushStore()
        self._now, self._wall, self._forward = now, wall or now, forward
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def new_subscription(self, vapid_key: str) -> BrowserSubscription:
        """Subscribe as a browser would, with the sender's public key; we can read its pushes."""
        private = ec.generate_private_key(ec.SECP256R1())
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        scalar = private.private_numbers().private_value.to_bytes(32, "big")
        auth = secrets.token_bytes(16)
        token = secrets.token_urlsafe(24)
        self.store.add_subscription(Subscription(token, vapid_key, scalar, auth))
        return BrowserSubscription(f"{self.base_url}/push/{token}", _base64(point), _base64(auth))

    def register(self, vapid_key: str, *, app: str, device: str, product: str) -> str:
        """A real browser subscribes; returns its token."""
        token = f"{secrets.token_urlsafe(16)}:{secrets.token_urlsafe(48)}"
        self.store.add_subscription(
            Subscription(token, vapid_key, app=app, device=device, product=product)
        )
        return token

    def behave(self, behaviour: Behaviour | str, **how: object) -> None:
        """From now on; `how` are fields of `Rule`. ACCEPT for all tokens clears all rules."""
        rule = Rule(Behaviour(behaviour), **how)  # type: ignore[arg-type]
        with self._lock:
            if rule.behaviour is Behaviour.ACCEPT and not rule.token:
                self._rules.clear()
            else:
                self._rules.insert(0, rule)

    async def receive(self, token: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer a push; header names are lower case, `host` is the name we were asked under."""
        rule = self._rule(token)
        if rule and rule.behaviour is Behaviour.SLOW:
            await asyncio.sleep(rule.seconds)
        elif rule and rule.behaviour is not Behaviour.ACCEPT:
            answered = {"retry-after": rule.retry_after, "location": rule.location}
            kept = {name: value for name, value in answered.items() if value}
            return Reply(int(rule.behaviour.value), "as told", kept)
        try:
            return self._take(token, headers, body)
        except Rejected as rejected:
            return Reply(rejected.status, rejected.reason)

    def _audience(self, host: str) -> str:
        named = (origin for origin in self.aliases if origin == f"https://{host}")
        return next(named, self.base_url)

    def _rule(self, token: str) -> Rule | None:
        with self._lock:
            for rule in self._rules:
                if rule.times != 0 and rule.is_for(token):
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
            return None

    def _take(self, token: str, headers: Mapping[str, str], body: bytes) -> Reply:
        subscription = self.store.subscription(token)
        if subscription is None:
            raise Rejected(404, "no such subscription")
        if subscription.gone:
            raise Rejected(410, "unsubscribed")
        check_vapid(
            headers.get("authorization", ""),
            subscribed_with=subscription.vapid_key,
            audience=self._audience(headers.get("host", "")),
            now=self._wall(),
        )
        wanted = _checked(headers, body)
        plaintext, problem = _decrypt(subscription, body)
        number = self.store.add_push(token, self._now(), wanted, len(body), plaintext, problem)
        if self._forward and subscription.app:
            self._forward(subscription, body)
        location = f"{self.base_url}/pushes/{number}"
        return Reply(201, "", {"location": location, "ttl": str(wanted[0])})


def _checked(headers: Mapping[str, str], body: bytes) -> tuple[int, str, str]:
    """TTL, urgency and topic of a proper request (RFC 8030, section 5)."""
    ttl = headers.get("ttl", "")
    if not re.fullmatch(r"\d{1,9}", ttl):
        raise Rejected(400, "TTL is missing or not a number of seconds")
    if headers.get("content-encoding") != "aes128gcm":
        raise Rejected(400, "Content-Encoding is not aes128gcm")
    if len(body) > BODY_LIMIT:
        raise Rejected(413, f"{len(body)} bytes, {BODY_LIMIT} are taken")
    if len(body) < 21 + 65 + 18 or body[20] != 65:
        raise Rejected(400, "the body is not one encrypted message (RFC 8291)")
    if int.from_bytes(body[16:20], "big") < len(body) - 86:
        raise Rejected(400, "the message has more than one record (RFC 8291, section 4)")
    topic = headers.get("topic", "")
    if topic and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", topic):
        raise Rejected(400, "Topic is not up to 32 characters of base64url")
    urgency = headers.get("urgency", "normal")
    if urgency not in ("very-low", "low", "normal", "high"):
        raise Rejected(400, "Urgency is none of the four")
    return int(ttl), urgency, topic


def _decrypt(subscription: Subscription, body: bytes) -> tuple[bytes | None, str]:
    """The plaintext, or why there is none: a push service takes what it cannot read."""
    if subscription.private_key is None:
        return None, "encrypted for a real browser"
    scalar = int.from_bytes(subscription.private_key, "big")
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    try:
        return http_ece.decrypt(
            body, private_key=private, auth_secret=subscription.auth, version="aes128gcm"
        ), ""
    except (http_ece.ECEException, ValueError) as error:
        return None, f"does not decrypt: {error}"


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
