"""Step-up: an eight-digit code by mail stands before what moves identity or binds.

A link is a capability: whoever holds it may read and pay. Signing a plan, keeping a card, seeing
bank data or changing contacts also takes the registered mailbox. The code is good once, for ten
minutes, for five tries, and only in the visit that asked for it. Source: OWASP ASVS 5.0 V6.5.5,
V6.6.2 and V6.6.3.

No code is stored, not even its hash: it is derived from the row's id under a server secret. So
the mail can be composed again from ids alone, and says the same each time.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import ContactId, GrantId, StepUpId, SupplierId, VisitId
from receivables.links.events import CodeRequested, VisitConfirmed, WrongCodes
from receivables.links.queries import Access
from receivables.links.tables import PortalGrant, StepUp

log = structlog.get_logger(__name__)

#: How long a code is good, and how long the visit counts as confirmed afterwards.
CODE_LASTS = timedelta(minutes=10)
CONFIRMED_FOR = timedelta(minutes=15)
MOST_TRIES = 5
#: Codes one contact may ask for in an hour.
MOST_CODES = 5
_HOUR = timedelta(hours=1)
#: Rows are kept this long: they limit, and they show who confirmed what.
KEPT_FOR = timedelta(days=45)

DIGITS = 8
_PURPOSE = b"quittance step-up code 1\0"


class TooManyCodes(ReceivablesError):
    """The contact asked for as many codes as an hour allows; `again_at` says when one more is."""

    def __init__(self, again_at: datetime) -> None:
        self.again_at = again_at
        super().__init__(f"{MOST_CODES} codes in an hour")


def code_of(step_up_id: StepUpId, secrets: Sequence[str]) -> str:
    """The code of a request, under the first of the secrets."""
    return _codes_of(step_up_id, secrets[:1])[0]


def _codes_of(step_up_id: StepUpId, secrets: Sequence[str]) -> list[str]:
    macs = [
        hmac.digest(secret.encode(), _PURPOSE + step_up_id.bytes, "sha256") for secret in secrets
    ]
    # Of 2^64 values each code stands for as many as any other, to one part in 10^11.
    return [f"{int.from_bytes(mac[:8], 'big') % 10**DIGITS:0{DIGITS}}" for mac in macs]


def read_code(typed: str) -> str | None:
    """The eight digits somebody typed, in whatever groups; None for anything else."""
    plain = "".join(typed.split()).replace("-", "")
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else None


def grouped(code: str) -> str:
    """`1234 5678`, as people read it."""
    return f"{code[:4]} {code[4:]}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try. Returned rather than raised: a wrong try counts, so it commits.

    `visit_id` is the visit's new name, only with "confirmed". "over" says that no code of this
    visit is good any more: none was asked for, its time is up, it is used, or its tries are.
    """

    result: Literal["confirmed", "wrong", "over"]
    visit_id: VisitId | None = None
    tries_left: int = 0


def ask_code(session: Session, access: Access, visit_id: VisitId, *, clock: Clock) -> StepUpId:
    """Have a code mailed to the contact's registered address; an earlier one of the same visit
    is good no longer. Raises TooManyCodes.
    """
    now = clock.now()
    _hold_grant(session, access.supplier_id, access.grant_id)
    _check_limit(session, access.supplier_id, access.contact_id, now)
    session.execute(
        update(StepUp)
        .where(
            StepUp.supplier_id == access.supplier_id,
            StepUp.grant_id == access.grant_id,
            StepUp.visit_id == visit_id,
            StepUp.confirmed_at.is_(None),
            StepUp.expires_at > now,
        )
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    step_up_id = StepUpId(uuid4())
    session.add(
        StepUp(
            id=step_up_id,
            supplier_id=access.supplier_id,
            grant_id=access.grant_id,
            contact_id=access.contact_id,
            visit_id=visit_id,
            requested_at=now,
            expires_at=now + CODE_LASTS,
            tries=0,
        )
    )
    session.flush()
    happened = CodeRequested(
        supplier_id=access.supplier_id,
        debtor_id=access.debtor_id,
        contact_id=access.contact_id,
        grant_id=access.grant_id,
        step_up_id=step_up_id,
    )
    record(session, happened, clock=clock)
    return step_up_id


def _hold_grant(session: Session, supplier_id: SupplierId, grant_id: GrantId) -> None:
    """Nobody else asks through the same grant until the transaction ends: the count is exact."""
    session.execute(
        select(PortalGrant.id)
        .where(PortalGrant.supplier_id == supplier_id, PortalGrant.id == grant_id)
        .with_for_update(key_share=True)
    ).all()


def _check_limit(
    session: Session, supplier_id: SupplierId, contact_id: ContactId, now: datetime
) -> None:
    row = session.execute(
        select(func.count(), func.min(StepUp.requested_at)).where(
            StepUp.supplier_id == supplier_id,
            StepUp.contact_id == contact_id,
            StepUp.requested_at > now - _HOUR,
        )
    ).one()
    if row[0] >= MOST_CODES:
        raise TooManyCodes(row[1] + _HOUR)


def confirm(
    session: Session,
    access: Access,
    visit_id: VisitId,
    code: str,
    *,
    secrets: Sequence[str],
    clock: Clock,
) -> Outcome:
    """Try a code, as `read_code` gives it. Of any number at the same moment one is confirmed."""
    now = clock.now()
    row = _newest(session, access.supplier_id, access.grant_id, visit_id, lock=True)
    if row is None or not _good(row, now):
        return Outcome("over")
    row.tries += 1
    # Every secret is tried, so that the time taken does not say which one it was.
    fits = [
        hmac.compare_digest(code.encode(), made.encode()) for made in _codes_of(row.id, secrets)
    ]
    if not any(fits):
        log.info("step_up.wrong_code", step_up=str(row.id), tries=row.tries)
        if row.tries == MOST_TRIES:
            _record_wrong(session, access, clock=clock)
        return Outcome("wrong", tries_left=MOST_TRIES - row.tries)
    row.confirmed_at, row.confirmed_visit_id = now, VisitId(uuid4())
    happened = VisitConfirmed(
        supplier_id=access.supplier_id,
        debtor_id=access.debtor_id,
        contact_id=access.contact_id,
        grant_id=access.grant_id,
    )
    record(session, happened, clock=clock)
    return Outcome("confirmed", visit_id=row.confirmed_visit_id)


def _record_wrong(session: Session, access: Access, *, clock: Clock) -> None:
    happened = WrongCodes(
        supplier_id=access.supplier_id,
        debtor_id=access.debtor_id,
        contact_id=access.contact_id,
        grant_id=access.grant_id,
        tries=MOST_TRIES,
    )
    record(session, happened, clock=clock)


def _newest(
    session: Session,
    supplier_id: SupplierId,
    grant_id: GrantId,
    visit_id: VisitId,
    *,
    lock: bool = False,
) -> StepUp | None:
    statement = (
        select(StepUp)
        .where(
            StepUp.supplier_id == supplier_id,
            StepUp.grant_id == grant_id,
            StepUp.visit_id == visit_id,
        )
        .order_by(StepUp.expires_at.desc(), StepUp.id)
        .limit(1)
    )
    return session.scalar(statement.with_for_update() if lock else statement)


def _good(row: StepUp, now: datetime) -> bool:
    return row.confirmed_at is None and row.tries < MOST_TRIES and now < row.expires_at


def is_confirmed(
    session: Session,
    supplier_id: SupplierId,
    grant_id: GrantId,
    visit_id: VisitId,
    *,
    now: datetime,
) -> bool:
    """Whether this visit showed, not long ago, that the registered mailbox is theirs."""
    found = session.scalar(
        select(StepUp.id).where(
            StepUp.supplier_id == supplier_id,
            StepUp.grant_id == grant_id,
            StepUp.confirmed_visit_id == visit_id,
            StepUp.confirmed_at > now - CONFIRMED_FOR,
        )
    )
    return found is not None


def waiting_code(
    session: Session,
    supplier_id: SupplierId,
    grant_id: GrantId,
    visit_id: VisitId,
    *,
    now: datetime,
) -> datetime | None:
    """Until when a code of this visit can still be typed; None when one must be asked for."""
    row = _newest(session, supplier_id, grant_id, visit_id)
    return row.expires_at if row is not None and _good(row, now) else None


def to_mail(
    session: Session, supplier_id: SupplierId, step_up_id: UUID, *, now: datetime
) -> StepUp | None:
    """The request whose code is to be mailed; None when the code is good no longer."""
    row = session.scalar(
        select(StepUp).where(StepUp.supplier_id == supplier_id, StepUp.id == step_up_id)
    )
    return row if row is not None and _good(row, now) else None


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what limits nothing any more; needs a system transaction."""
    session.execute(
        delete(StepUp)
        .where(StepUp.requested_at < now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )
