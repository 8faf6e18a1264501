"""Sign-in of staff: a random secret in the browser, its hash in a row, new at every sign-in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.ids import StaffId, SupplierId
from receivables.parties.passwords import hash_password, outdated, verify
from receivables.parties.tables import Staff, StaffSession, Supplier

#: ASVS 5.0 V7.3: signed out after so long without use, and at the latest after so long.
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
#: `seen_at` is written at most this often, so that reading pages seldom writes.
SEEN_EVERY = timedelta(minutes=5)


class SignInRefused(ReceivablesError):
    """Address or password is wrong, or the person has left; which of these is not said."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks in the backoffice."""

    staff_id: StaffId
    supplier_id: SupplierId
    name: str
    email: str
    role: str
    language: str
    supplier_name: str
    supplier_country: str
    supplier_zone: str
    supplier_currency: str
    token_hash: str
    #: Whether `touch` is due.
    stale: bool


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    session: Session,
    *,
    email: str,
    password: str,
    address: str,
    user_agent: str,
    clock: Clock,
) -> str:
    """Check the password and open a session; returns the secret for the cookie.

    Raises SignInRefused after the same work whether or not the person exists.
    """
    staff = session.scalar(select(Staff).where(Staff.email == email.strip().lower()))
    known = staff if staff is not None and staff.disabled_at is None else None
    if not verify(password, known.password_hash if known else None) or known is None:
        raise SignInRefused("no such sign-in")
    if outdated(known.password_hash):
        known.password_hash = hash_password(password)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session.execute(
        insert(StaffSession),
        {
            "token_hash": hash_of(token),
            "supplier_id": known.supplier_id,
            "staff_id": known.id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + ABSOLUTE,
            "address": address[:45],
            "user_agent": user_agent[:300],
        },
    )
    return token


_WHO = (
    select(
        Staff.id,
        Staff.supplier_id,
        Staff.name,
        Staff.email,
        Staff.role,
        Staff.language,
        Supplier.name.label("supplier_name"),
        Supplier.country,
        Supplier.zone,
        Supplier.currency,
        StaffSession.seen_at,
        StaffSession.expires_at,
    )
    .join(Staff, Staff.id == StaffSession.staff_id)
    .join(Supplier, Supplier.id == Staff.supplier_id)
    .where(StaffSession.token_hash == bindparam("token_hash"), Staff.disabled_at.is_(None))
)


def who_is(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whose session this is, or None when it has ended or never was."""
    token_hash = hash_of(token)
    row = session.execute(_WHO, {"token_hash": token_hash}).one_or_none()
    if row is None or now >= row.expires_at or now >= row.seen_at + IDLE:
        return None
    return SignedIn(
        row.id,
        row.supplier_id,
        row.name,
        row.email,
        row.role,
        row.language,
        row.supplier_name,
        row.country,
        row.zone,
        row.currency,
        token_hash,
        now >= row.seen_at + SEEN_EVERY,
    )


def touch(session: Session, token_hash: str, *, now: datetime) -> None:
    """Note that the session is in use."""
    session.execute(
        update(StaffSession).where(StaffSession.token_hash == token_hash).values(seen_at=now)
    )


def sign_out(session: Session, token: str) -> None:
    """End this session."""
    session.execute(delete(StaffSession).where(StaffSession.token_hash == hash_of(token)))


def sign_out_everywhere(session: Session, supplier_id: SupplierId, staff_id: StaffId) -> None:
    """End every session of a person: after a change of password, or when they leave."""
    session.execute(
        delete(StaffSession).where(
            StaffSession.supplier_id == supplier_id, StaffSession.staff_id == staff_id
        )
    )


def forget_ended(session: Session, *, now: datetime) -> None:
    """Delete sessions nobody can use any more."""
    session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
