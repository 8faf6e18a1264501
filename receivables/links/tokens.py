"""Tokens: a grant's id and a signature over it, in the form that stands in a mail.

A token is the same whenever it is made for one grant under one secret, so a mail can be composed
again from ids alone. Nothing that is stored opens anything: without the secret, no token.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from uuid import UUID

from receivables.ids import ContactProposalId, GrantId

_ID_BYTES = 16
#: Length of the signature. Source: RFC 2104, section 5: at least half of the hash's length.
_SIGNATURE_BYTES = 16
#: base64url of 32 bytes, unpadded.
_TOKEN_LENGTH = 43
#: What is signed says what for, so that no other use of the secret makes a token.
_PURPOSE = b"quittance portal grant 1\0"
_CONFIRMING = b"quittance contact proposal 1\0"


def _signature(raw: bytes, secret: str, purpose: bytes) -> bytes:
    return hmac.digest(secret.encode(), purpose + raw, "sha256")[:_SIGNATURE_BYTES]


def make_token(grant_id: GrantId, secrets: Sequence[str]) -> str:
    """The token of a grant, under the first of the secrets."""
    return _make(grant_id, secrets, _PURPOSE)


def read_token(token: str, secrets: Sequence[str]) -> GrantId | None:
    """Whose token it is, if one of the secrets made it; None for anything else."""
    found = _read(token, secrets, _PURPOSE)
    return None if found is None else GrantId(found)


def make_confirm_token(proposal_id: ContactProposalId, secrets: Sequence[str]) -> str:
    """The token in the mail that asks a proposed address; it opens no account."""
    return _make(proposal_id, secrets, _CONFIRMING)


def read_confirm_token(token: str, secrets: Sequence[str]) -> ContactProposalId | None:
    """Which proposal it is about, if one of the secrets made it; None for anything else."""
    found = _read(token, secrets, _CONFIRMING)
    return None if found is None else ContactProposalId(found)


def _make(of: UUID, secrets: Sequence[str], purpose: bytes) -> str:
    signed = of.bytes + _signature(of.bytes, secrets[0], purpose)
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def _read(token: str, secrets: Sequence[str], purpose: bytes) -> UUID | None:
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    own, signature = raw[:_ID_BYTES], raw[_ID_BYTES:]
    # The last character carries two bits of nothing: one token has one spelling.
    spelling = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    # Every secret is tried, so that the time taken does not say which one it was.
    made_here = [
        hmac.compare_digest(signature, _signature(own, secret, purpose)) for secret in secrets
    ]
    if not any(made_here) or spelling != token:
        return None
    return UUID(bytes=own)


def link_to(token: str, portal_url: str) -> str:
    """The address that stands in a mail."""
    return f"{portal_url}/l/{token}"


def specimen_link(portal_url: str) -> str:
    """As long as every link in a message, and opens nothing: to see how much room one takes."""
    return link_to("0" * _TOKEN_LENGTH, portal_url)


def confirm_link_to(token: str, portal_url: str) -> str:
    """The address in the mail that asks a proposed address."""
    return f"{portal_url}/contacts/confirm/{token}"


def masked(address: str) -> str:
    """A mail address that its owner recognises and nobody else can complete: a…@m….ch"""
    mailbox, _, host = address.rpartition("@")
    name, _, suffix = host.rpartition(".")
    return f"{mailbox[:1]}…@{name[:1]}….{suffix}"
