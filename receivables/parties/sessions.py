"""Sign-in of staff: a random secret in the browser, its hash in a row, new at every sign-in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from receivables.database import SYSTEM, Scope
from receivables.errors import ReceivablesError
from receivables.ids import StaffId, SupplierId
from receivables.parties.passwords import hash_password, outdated, verify
from receivables.parties.tables import Staff, StaffSession, Supplier
from receivables.runtime import Runtime

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


#: Whether a password fits a hash, or nobody's where there is none.
Verify = Callable[[str, str | None], bool]


def sign_in(
    runtime: Runtime,
    *,
    email: str,
    password: str,
    address: str,
    user_agent: str,
    verify: Verify = verify,
) -> str:
    """Check the password and open a session; returns the secret for the cookie.

    No transaction is open during the check, which is slow on purpose. Raises SignInRefused,
    after the same work whether or not the person exists.
    """
    with runtime.reading(SYSTEM) as session:
        found = session.execute(
            select(Staff.id, Staff.supplier_id, Staff.password_hash).where(
                Staff.email == email.strip().lower(), Staff.disabled_at.is_(None)
            )
        ).one_or_none()
    if not verify(password, found.password_hash if found else None) or found is None:
        raise SignInRefused("no such sign-in")
    rehashed = hash_password(password) if outdated(found.password_hash) else None
    token = secrets.token_urlsafe(32)
    with runtime.transaction(Scope(found.supplier_id), by=f"staff:{found.id}") as session:
        _open(
            session, found.supplier_id, found.id, token, found.password_hash,
            address=address, user_agent=user_agent, now=runtime.clock.now(),
        )  # fmt: skip
        if rehashed is not None:
            session.execute(
                update(Staff)
                .where(Staff.supplier_id == found.supplier_id, Staff.id == found.id)
                .values(password_hash=rehashed)
            )
    return token


def check_password(
    runtime: Runtime, *, supplier_id: SupplierId, staff_id: StaffId, password: str
) -> None:
    """Ask a person who is signed in for the password again. Raises SignInRefused."""
    with runtime.reading(Scope(supplier_id)) as session:
        known = session.scalar(
            select(Staff.password_hash).where(
                Staff.supplier_id == supplier_id, Staff.id == staff_id
            )
        )
    if not verify(password, known):
        raise SignInRefused("not the password")


def _open(
    session: Session,
    supplier_id: SupplierId,
    staff_id: StaffId,
    token: str,
    password_hash: str,
    *,
    address: str,
    user_agent: str,
    now: datetime,
) -> None:
    """Write the session down, unless the person left or changed the password meanwhile."""
    still = session.scalar(
        select(Staff.id)
        .where(
            Staff.supplier_id == supplier_id,
            Staff.id == staff_id,
            Staff.password_hash == password_hash,
            Staff.disabled_at.is_(None),
        )
        .with_for_update()
    )
    if still is None:
        raise SignInRefused("changed during the sign-in")
    session.execute(
        insert(StaffSession),
        {
            "token_hash": hash_of(token),
            "supplier_id": supplier_id,
            "staff_id": staff_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + ABSOLUTE,
            "address": address[:45],
            "user_agent": user_agent[:300],
        },
    )


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
