"""What is said to be paid, and what has come of looking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, PaidClaimId, SupplierId
from receivables.money import Money
from receivables.promises.errors import NoSuchClaim
from receivables.promises.queries import names_of, numbers_of
from receivables.promises.rules import ClaimState
from receivables.promises.tables import PaidClaim, PaidClaimItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One declaration as both sides see it."""

    id: PaidClaimId
    debtor_id: DebtorId
    debtor_name: str
    contact_name: str
    amount: Money
    paid_on: date
    reference: str
    note: str
    state: ClaimState
    state_since: datetime
    #: The last day on which its invoices are left alone; None where they are not.
    held_until: date | None
    said_at: datetime
    numbers: tuple[str, ...]


def claims(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    states: Sequence[ClaimState] = (),
    limit: int = 50,
    offset: int = 0,
) -> list[ClaimView]:
    """What waits longest first where undecided ones are wanted, otherwise the newest first."""
    waiting = states and set(states) <= {ClaimState.OPEN, ClaimState.TO_APPROVE}
    order = PaidClaim.created_at if waiting else PaidClaim.created_at.desc()
    statement = _wanted(select(PaidClaim), supplier_id, debtor_id, states)
    rows = session.scalars(
        statement.order_by(order, PaidClaim.id).limit(limit).offset(offset)
    ).all()
    return _views(session, supplier_id, rows)


def count_claims(
    session: Session,
    supplier_id: SupplierId,
    *,
    debtor_id: DebtorId | None = None,
    states: Sequence[ClaimState] = (),
) -> int:
    counted = select(func.count()).select_from(PaidClaim)
    return session.scalar(_wanted(counted, supplier_id, debtor_id, states)) or 0


def _wanted(
    statement: Select[Any],
    supplier_id: SupplierId,
    debtor_id: DebtorId | None,
    states: Sequence[ClaimState],
) -> Select[Any]:
    statement = statement.where(PaidClaim.supplier_id == supplier_id)
    if debtor_id is not None:
        statement = statement.where(PaidClaim.debtor_id == debtor_id)
    return statement.where(PaidClaim.state.in_(states)) if states else statement


def claim(
    session: Session,
    supplier_id: SupplierId,
    claim_id: PaidClaimId,
    *,
    debtor_id: DebtorId | None = None,
) -> ClaimView:
    """Raises NoSuchClaim; with `debtor_id` also for one of another debtor's."""
    statement = _wanted(select(PaidClaim), supplier_id, debtor_id, ())
    row = session.scalar(statement.where(PaidClaim.id == claim_id))
    if row is None:
        raise NoSuchClaim(str(claim_id))
    return _views(session, supplier_id, [row])[0]


def _views(session: Session, supplier_id: SupplierId, rows: Sequence[PaidClaim]) -> list[ClaimView]:
    numbers = numbers_of(session, supplier_id, PaidClaimItem, [row.id for row in rows])
    names = names_of(session, supplier_id, rows)
    return [
        ClaimView(
            id=row.id,
            debtor_id=row.debtor_id,
            debtor_name=names[row.debtor_id],
            contact_name=names.get(row.contact_id, "") if row.contact_id else "",
            amount=row.amount,
            paid_on=row.paid_on,
            reference=row.reference,
            note=row.note,
            state=ClaimState(row.state),
            state_since=row.state_since,
            held_until=row.held_until if row.state == ClaimState.OPEN else None,
            said_at=row.created_at,
            numbers=tuple(numbers.get(row.id, ())),
        )
        for row in rows
    ]
