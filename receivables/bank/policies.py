"""How much may be missing of a transfer, as each supplier wants it."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from receivables.bank.clues import USUAL, Policy
from receivables.bank.events import MatchingPolicyChanged
from receivables.bank.matching_tables import MatchingPolicy
from receivables.clock import Clock
from receivables.history import record
from receivables.ids import SupplierId

#: More than that is no bank's charge. Our proposal.
MOST_MINOR, MOST_PERCENT = 100_000, 10


def matching_policy(session: Session, supplier_id: SupplierId) -> Policy:
    """The supplier's own, or the usual one."""
    row = session.scalar(select(MatchingPolicy).where(MatchingPolicy.supplier_id == supplier_id))
    if row is None:
        return USUAL
    return Policy(tolerance_minor=row.tolerance_minor, tolerance_percent=row.tolerance_percent)


def set_matching_policy(
    session: Session, supplier_id: SupplierId, policy: Policy, *, clock: Clock
) -> None:
    """Holds for transfers that come from now on; what was posted stays."""
    assert 0 <= policy.tolerance_minor <= MOST_MINOR, "a charge, not an invoice"
    assert 0 <= policy.tolerance_percent <= MOST_PERCENT, "a charge, not an invoice"
    if policy == matching_policy(session, supplier_id):
        return
    session.execute(delete(MatchingPolicy).where(MatchingPolicy.supplier_id == supplier_id))
    session.execute(
        insert(MatchingPolicy).values(
            supplier_id=supplier_id,
            tolerance_minor=policy.tolerance_minor,
            tolerance_percent=policy.tolerance_percent,
            changed_at=clock.now(),
        )
    )
    changed = MatchingPolicyChanged(
        supplier_id=supplier_id,
        tolerance_minor=policy.tolerance_minor,
        tolerance_percent=policy.tolerance_percent,
    )
    record(session, changed, clock=clock)
