"""Whether a sender may push to a subscription: the signature of RFC 8292, checked in full."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


class Rejected(Exception):
    """The request is answered with `status` and `reason`."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(f"{status} {reason}")


def check_vapid(header: str, *, subscribed_with: str, audience: str, now: datetime) -> None:
    """Raise Rejected unless the header is signed, fresh, meant for us, and by the right key."""
    match = re.fullmatch(r"(?i:vapid)\s+t=([\w-]+)\.([\w-]+)\.([\w-]+),\s*k=([\w-]+)", header)
    if not match:
        raise Rejected(401, "no VAPID authorization")
    head, claims, signature, key = match.groups()
    if key != subscribed_with.rstrip("="):
        raise Rejected(403, "the key is not the one the browser subscribed with")
    _check_signature(key, f"{head}.{claims}", from_base64url(signature))
    if _json(head).get("alg") != "ES256":
        raise Rejected(403, "alg is not ES256")
    said = _json(claims)
    if said.get("aud") != audience:
        raise Rejected(403, f"aud is {said.get('aud')!r}, not {audience!r}")
    expires_at = said.get("exp")
    if not isinstance(expires_at, int) or expires_at <= now.timestamp():
        raise Rejected(403, "the signature has expired")
    if expires_at > (now + timedelta(hours=24)).timestamp():
        raise Rejected(403, "the signature lasts for more than 24 hours")
    contact = str(said.get("sub", ""))
    if not re.match(r"mailto:\S+@\S+|https://\S+", contact) or contact.endswith("@localhost"):
        raise Rejected(403, "sub is no way to reach anybody")


def from_base64url(text: str) -> bytes:
    """Decode base64url with or without padding; ValueError when it is not."""
    bare = text.rstrip("=")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _check_signature(key: str, signed: str, signature: bytes) -> None:
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        public.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
    except (ValueError, InvalidSignature) as error:
        raise Rejected(403, "the signature is wrong") from error


def _json(part: str) -> dict[str, Any]:
    try:
        value = json.loads(from_base64url(part))
    except ValueError as error:
        raise Rejected(403, "the token is not JSON") from error
    return value if isinstance(value, dict) else {}
