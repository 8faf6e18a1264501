"""What receivables must know of solvency, written down where they read it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from monitoring import standing
from receivables.clock import Clock
from receivables.credit.actions import set_solvency_class
from receivables.credit.rules import SolvencyClass
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
