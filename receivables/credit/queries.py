"""How debtors stand with a supplier."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from receivables.credit.rules import Cover, PayerClass, SolvencyClass, Standing
from receivables.credit.tables import StandingRow
from receivables.ids import DebtorId, SupplierId
from receivables.money import Money

_OF_DEBTOR = select(StandingRow).where(
    StandingRow.supplier_id == bindparam("supplier"),
    StandingRow.debtor_id == bindparam("debtor"),
)


def standing(session: Session, supplier_id: SupplierId, debtor_id: DebtorId) -> Standing:
    """How a debtor stands; the defaults where nobody said anything of them."""
    row = session.scalar(_OF_DEBTOR, {"supplier": supplier_id, "debtor": debtor_id})
    return Standing() if row is None else as_standing(row)


def standings(session: Session, supplier_id: SupplierId) -> dict[DebtorId, Standing]:
    """All debtors of whom anything is known; the others stand as `Standing()`."""
    rows = session.scalars(select(StandingRow).where(StandingRow.supplier_id == supplier_id))
    return {row.debtor_id: as_standing(row) for row in rows}


def stopped_today(session: Session, supplier_id: SupplierId, today: date) -> frozenset[DebtorId]:
    """Of whom nothing may be demanded on this day, for whatever reason."""
    return frozenset(
        debtor_id
        for debtor_id, one in standings(session, supplier_id).items()
        if one.is_stopped(today)
    )


def as_standing(row: StandingRow) -> Standing:
    limit = cover = None
    if row.limit_minor is not None and row.limit_currency is not None:
        limit = Money(row.limit_minor, row.limit_currency)
    if row.policy_number is not None and row.extension_days is not None:
        cover = Cover(policy_number=row.policy_number, extension_days=row.extension_days)
    return Standing(
        payer_class=PayerClass(row.payer_class),
        solvency_class=SolvencyClass(row.solvency_class),
        limit=limit,
        cover=cover,
        terms_days=row.terms_days,
        stop_reason=row.stop_reason,
        stopped_until=row.stopped_until,
        self_service_blocked_until=row.self_service_blocked_until,
        insolvent_on=row.insolvent_on,
        prepayment_since=row.prepayment_since,
    )
