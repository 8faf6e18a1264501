"""Readings that a bureau pushes to us: verified here, understood by the bureau's own module.

    POST, JSON, with X-Bureau-Signature: t=<unix seconds>,v1=<hex>

where v1 is HMAC-SHA256, under a secret both sides know, of the time, a point and the raw body.
Two secrets hold at a time, so that one can be changed without losing a push; several v1 may be
sent for the same reason.
"""

from __future__ import annotations

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
    if len(body) > BODY_LIMIT:
        raise PushTooLarge(f"{len(body)} bytes")
    match = _HEADER.fullmatch(header.strip())
    if match is None:
        raise BadSignature("the header is missing or malformed")
    if abs(now.timestamp() - int(match["at"])) > TOLERANCE.total_seconds():
        raise BadSignature("signed too long ago, or ahead of its time")
    given = match["signatures"].removeprefix(",v1=").split(",v1=")
    valid = [sign(secret, body, int(match["at"])) for secret in secrets if secret]
    # Every pair is compared, whatever came before: the time it takes says nothing.
    matches = [hmac.compare_digest(one, other) for one in given for other in valid]
    if not any(matches):
        raise BadSignature("no signature of ours")


def sign(secret: str, body: bytes, at: int) -> str:
    """The hexadecimal signature of a body sent at a time."""
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
