"""What receivables must know of solvency, written down where they read it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitoring import standing
from receivables.clock import Clock
from receivables.credit.actions import set_solvency_class
from receivables.credit.rules import SolvencyClass
from receivables.credit.tables import StandingRow
from receivables.ids import DebtorId, SupplierId


def write_down(
    session: Session, *, supplier_id: SupplierId, debtor_id: DebtorId, clock: Clock
) -> None:
    """Put the band that speaks for the debtor now into their standing."""
    now = standing.bands(session, supplier_id, [debtor_id]).get(debtor_id)
    if now is not None:
        set_solvency_class(
            session,
            supplier_id=supplier_id,
            debtor_id=debtor_id,
            solvency_class=SolvencyClass(now.band.value),
            clock=clock,
        )


def write_down_all(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_ids: Collection[DebtorId],
    clock: Clock,
) -> None:
    """The same for many debtors; those whose class is written down already cost nothing."""
    if not debtor_ids:
        return
    rows = session.execute(
        select(StandingRow.debtor_id, StandingRow.solvency_class).where(
            StandingRow.supplier_id == supplier_id, StandingRow.debtor_id.in_(debtor_ids)
        )
    )
    written = {row.debtor_id: row.solvency_class for row in rows}
    for debtor_id, now in sorted(standing.bands(session, supplier_id, debtor_ids).items()):
        if written.get(debtor_id) != now.band.value:
            set_solvency_class(
                session,
                supplier_id=supplier_id,
                debtor_id=debtor_id,
                solvency_class=SolvencyClass(now.band.value),
                clock=clock,
            )
