"""What is not asked for today, and why: for the status of invoices wherever staff see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from backoffice.access import Asker
from receivables.dunning.holding import holds_of
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.holds import Hold, by_invoice, standing


def held_today(
    session: Session, asker: Asker, debtor_id: DebtorId | None = None
) -> Mapping[InvoiceId, Sequence[Hold]]:
    """The holds on each invoice of one debtor, or of all."""
    return by_invoice(standing(holds_of(session, asker.supplier_id, debtor_id), asker.today))
