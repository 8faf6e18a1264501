"""Readings that a bureau pushes to us: verified here, understood by the bureau's own module.

    POST, JSON, with X-Bureau-Signature: t=<unix seconds>,v1=<hex>

where v1 is HMAC-SHA256, under a secret both sides know, of the time, a point and the raw body.
Two secrets hold at a time, so that one can be changed without losing a push; several v1 may be
sent for the same reason.

Senders that speak Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature) are
understood as well: what is signed there is id, time and body, and the signature is base64. A secret
that begins with `whsec_` is base64 of the key, as that specification has it.
Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, 1.0.0.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from receivables.errors import ReceivablesError

SIGNATURE_HEADER = "X-Bureau-Signature"
BODY_LIMIT = 256 * 1024
#: How far the two clocks may be apart; older is a replay.
TOLERANCE = timedelta(seconds=300)

_STANDARD = re.compile(r"v1,[A-Za-z0-9+/]{43}=")
_MESSAGE_ID = re.compile(r"[!-~]{1,200}", re.ASCII)

_HEADER = re.compile(r"t=(?P<at>\d{1,12})(?P<signatures>(?:,v1=[0-9a-f]{64}){1,4})", re.ASCII)


class BadSignature(ReceivablesError):
    """Nobody who knows the secret sent this, or not now."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"refused a push: {reason}")


class PushTooLarge(ReceivablesError):
    """More than a bureau has to say in one go."""


def verify(secrets: Sequence[str], header: str, body: bytes, *, now: datetime) -> None:
    """Return when `body` was signed with one of `secrets` about now.

    Raises BadSignature, and PushTooLarge. Without a secret nothing is believed: an empty secret
    is one that everybody knows.
    """
    match = _HEADER.fullmatch(header.strip())
    if match is None:
        raise BadSignature("the header is missing or malformed")
    _check(body, int(match["at"]), now)
    given = match["signatures"].removeprefix(",v1=").split(",v1=")
    _compare(given, [sign(secret, body, int(match["at"])) for secret in secrets if secret])


def verify_standard(
    secrets: Sequence[str],
    *,
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    now: datetime,
) -> None:
    """The same for the three headers of Standard Webhooks; other versions than v1 are left out."""
    if not re.fullmatch(r"\d{1,12}", timestamp, re.ASCII) or not _MESSAGE_ID.fullmatch(message_id):
        raise BadSignature("the headers are missing or malformed")
    given = [one for one in signatures.split(" ")[:8] if _STANDARD.fullmatch(one)]
    if not given:
        raise BadSignature("no signature that can be read")
    _check(body, int(timestamp), now)
    valid = [
        sign_standard(secret, message_id, body, int(timestamp)) for secret in secrets if secret
    ]
    _compare(given, valid)


def _check(body: bytes, at: int, now: datetime) -> None:
    if len(body) > BODY_LIMIT:
        raise PushTooLarge(f"{len(body)} bytes")
    if abs(now.timestamp() - at) > TOLERANCE.total_seconds():
        raise BadSignature("signed too long ago, or ahead of its time")


def _compare(given: Sequence[str], valid: Sequence[str]) -> None:
    # Every pair is compared, whatever came before: the time it takes says nothing.
    matches = [hmac.compare_digest(one, other) for one in given for other in valid]
    if not any(matches):
        raise BadSignature("no signature of ours")


def sign(secret: str, body: bytes, at: int) -> str:
    """The hexadecimal signature of a body sent at a time."""
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def sign_standard(secret: str, message_id: str, body: bytes, at: int) -> str:
    """One signature of Standard Webhooks, as it stands in the header."""
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            key = secret.encode()
    signed = f"{message_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
