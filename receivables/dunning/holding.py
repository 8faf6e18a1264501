"""What keeps invoices from being asked for, from everybody who may say so."""

from __future__ import annotations

from sqlalchemy.orm import Session

from receivables.disputes.queries import holds as disputed
from receivables.dunning.presence import PERHAPS_ALL, Presence
from receivables.handover.queries import holds as handed_over
from receivables.ids import DebtorId, SupplierId
from receivables.ledger.holds import Hold
from receivables.payments.return_queries import holds as charged_back
from receivables.plans.queries import holds as planned
from receivables.promises.queries import holds as promised


def holds_of(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId | None = None,
    *,
    known: Presence = PERHAPS_ALL,
) -> list[Hold]:
    """Every hold on the invoices of one debtor, or of all; some may have run out, or not begun:
    their `until` says so. Who has nothing to say, by what is `known`, is not asked.
    """
    subjects = (
        (handed_over, known.handovers),
        (disputed, known.disputes),
        (planned, known.plans),
        (promised, known.promises or known.paid_claims),
        # A bank takes back what was paid.
        (charged_back, known.payments),
    )
    return [
        hold
        for subject, is_there in subjects
        if is_there
        for hold in subject(session, supplier_id, debtor_id)
    ]
