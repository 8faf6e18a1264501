"""Return paths: which message of ours came back, in an address that nobody else can make.

A message leaves with `reminders+<token>@host` as its envelope sender (VERP), so whatever server
gives up on it answers there. The token is the UUID of the message's id and a signature over that
and the recipient: a report about somebody else's address is none, whoever writes it. Lower case
only, because some servers change the case of what stands before the `@`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

_ID_BYTES, _SIGNATURE_BYTES = 16, 9
#: base32 of 25 bytes: no padding.
_TOKEN = re.compile(r"\+([a-z2-7]{40})@", re.IGNORECASE)
_PURPOSE = b"quittance return path 1\0"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


@dataclass(frozen=True, slots=True)
class ReturnPath:
    """A token taken apart; `belongs_to` says whether it is one of ours."""

    message: UUID
    signature: bytes

    def belongs_to(self, address: str, secrets: Sequence[str]) -> bool:
        """Whether one of the secrets signed this message to this address."""
        made_here = [
            hmac.compare_digest(self.signature, _signature(self.message, address, secret))
            for secret in secrets
        ]
        return any(made_here)


def message_of(message_id: str) -> UUID:
    """The UUID a Message-ID of ours ends with before its `@`; of another, one made from it."""
    local = message_id.partition("@")[0].lower()
    found = _UUID.search(local)
    return (
        UUID(found.group()) if found else UUID(bytes=hashlib.sha256(local.encode()).digest()[:16])
    )


def make(message_id: str, to_address: str, *, secrets: Sequence[str]) -> str:
    """The token for one message to one recipient, under the first of the secrets."""
    message = message_of(message_id)
    signed = message.bytes + _signature(message, to_address, secrets[0])
    return base64.b32encode(signed).decode().lower()


def find(text: str) -> Iterator[ReturnPath]:
    """Every token in a text, whoever made it."""
    for token in dict.fromkeys(one.lower() for one in _TOKEN.findall(text)):
        try:
            raw = base64.b32decode(token.upper())
        except binascii.Error:
            continue
        yield ReturnPath(UUID(bytes=raw[:_ID_BYTES]), raw[_ID_BYTES:])


def _signature(message: UUID, address: str, secret: str) -> bytes:
    signed = _PURPOSE + message.bytes + address.strip().lower().encode()
    return hmac.digest(secret.encode(), signed, "sha256")[:_SIGNATURE_BYTES]
