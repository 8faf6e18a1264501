"""Webhooks as "Standard Webhooks" has them: three headers, HMAC-SHA256, through our one client.

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, version
1.0.0: what is signed is `id.timestamp.body`; the signature is `v1,` and base64, several of them
separated by blanks while a secret is exchanged; a secret is `whsec_` and base64 of 24 to 64 bytes.
"""

from __future__ import annotations

import base64
import hmac
import secrets as random
from collections.abc import Iterable
from datetime import datetime

from receivables.clock import Clock
from receivables.outgoing import ForbiddenUrl, NoAnswer, OutgoingClient
from receivables.ports import ForbiddenHook, HookAnswer, HookMessage
from receivables.waiting import retry_after

PREFIX = "whsec_"
_SECRET_BYTES = 32
#: What of an answer is kept for a person to read.
_ANSWER_CHARACTERS = 300


def new_secret() -> str:
    """A secret nobody has had before."""
    return PREFIX + base64.b64encode(random.token_bytes(_SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """One signature, as it stands in the header."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(
    message_id: str, body: bytes, *, secrets: Iterable[str], at: datetime
) -> dict[str, str]:
    """The three headers of the specification, and what the body is."""
    return {
        "content-type": "application/json",
        "user-agent": "Quittance-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(one, message_id, at, body) for one in secrets),
    }


class OutgoingHooks:
    """Calls suppliers' systems; a HookCaller. `wall` is the true time, by which they judge a
    message's age, even where the demo's own clock runs ahead. Safe to share between threads.
    """

    def __init__(self, *, client: OutgoingClient, wall: Clock) -> None:
        self._client, self._wall = client, wall

    def check(self, url: str) -> None:
        """Raises ForbiddenHook, also for a name that leads nowhere or home."""
        try:
            self._client.look_up(url)
        except (ForbiddenUrl, NoAnswer) as error:
            raise ForbiddenHook(url, error.reason) from error

    def call(self, message: HookMessage) -> HookAnswer:
        now = self._wall.now()
        fields = headers(message.message_id, message.body, secrets=message.secrets, at=now)
        try:
            answer = self._client.post(message.url, content=message.body, headers=fields)
        except ForbiddenUrl as error:
            return HookAnswer(None, error.reason, is_refused=True)
        except NoAnswer as error:
            return HookAnswer(None, error.reason[:_ANSWER_CHARACTERS])
        return HookAnswer(
            answer.status,
            _readable(answer.body),
            retry_after=retry_after(answer.headers.get("retry-after", ""), now),
        )


def _readable(body: bytes) -> str:
    text = body[: 4 * _ANSWER_CHARACTERS].decode("utf-8", "replace")
    plain = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(plain.split())[:_ANSWER_CHARACTERS]
