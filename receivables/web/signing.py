"""Signed values: what a browser may keep for us and cannot change."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence


class Signer:
    """HMAC-SHA256 under rotating secrets: the first signs, all verify.

    `purpose` keeps a value signed for one use from being passed off as another's.
    """

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        assert secrets, "a signer needs a secret"
        keys = [
            hmac.digest(secret.encode(), f"quittance {purpose}".encode(), hashlib.sha256)
            for secret in secrets
        ]
        # Begun once and copied: to begin takes six times as long as all the rest.
        self._keys = [hmac.new(key, digestmod=hashlib.sha256) for key in keys]

    def sign(self, value: str) -> str:
        """`value` with its signature; the value itself stays readable."""
        return f"{value}.{_mac(self._keys[0], value)}"

    def verify(self, signed: str) -> str | None:
        """The value, or None when the signature is not ours."""
        value, dot, mac = signed.rpartition(".")
        if not dot:
            return None
        return value if self.token_fits(mac, value) else None

    def token(self, value: str) -> str:
        """A token that only we can make for `value`, and that does not show it."""
        return _mac(self._keys[0], value)

    def token_fits(self, token: str, value: str) -> bool:
        given = token.encode("utf-8", "surrogatepass")  # text beyond ASCII is not compared
        return any(hmac.compare_digest(_mac(key, value).encode(), given) for key in self._keys)


def _mac(begun: hmac.HMAC, value: str) -> str:
    mac = begun.copy()
    mac.update(value.encode("utf-8", "surrogatepass"))
    return base64.urlsafe_b64encode(mac.digest()).rstrip(b"=").decode()
