"""Ending digests by one click in a mail program, without signing in (RFC 8058).

The address holds the person's id and a signature over it: whoever has it can end that person's
digests and do nothing else, so it needs neither a term nor a row.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring.telling.preferences import stop_digests
from receivables.clock import Clock
from receivables.errors import NoSuch
from receivables.ids import StaffId
from receivables.parties.tables import Staff

PATH = "/digests/off"
_PURPOSE = b"quittance digests off 1\0"
_ID_BYTES, _SIGNATURE_BYTES = 16, 16


class NoSuchDigest(NoSuch):
    """The address ends nobody's digests."""


def url_for(staff_id: StaffId, backoffice_url: str, *, secrets: Sequence[str]) -> str:
    """The address that ends a person's digests, signed under the first of the secrets."""
    signed = staff_id.bytes + _signature(staff_id, secrets[0])
    token = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
    return f"{backoffice_url}{PATH}/{token}"


def staff_of(token: str, *, secrets: Sequence[str]) -> StaffId:
    """Whose digests a token ends. Raises NoSuchDigest."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoSuchDigest("not a token") from error
    if len(raw) != _ID_BYTES + _SIGNATURE_BYTES:
        raise NoSuchDigest("not a token")
    staff_id = StaffId(UUID(bytes=raw[:_ID_BYTES]))
    fits = [
        hmac.compare_digest(raw[_ID_BYTES:], _signature(staff_id, secret)) for secret in secrets
    ]
    if not any(fits):
        raise NoSuchDigest("not signed by us")
    return staff_id


def unsubscribe(session: Session, staff_id: StaffId, *, clock: Clock) -> None:
    """End somebody's digests; needs a system transaction, as nobody is signed in."""
    supplier_id = session.scalar(select(Staff.supplier_id).where(Staff.id == staff_id))
    if supplier_id is None:
        raise NoSuchDigest(str(staff_id))
    stop_digests(session, supplier_id=supplier_id, staff_id=staff_id, clock=clock)


def _signature(staff_id: StaffId, secret: str) -> bytes:
    return hmac.digest(secret.encode(), _PURPOSE + staff_id.bytes, "sha256")[:_SIGNATURE_BYTES]
