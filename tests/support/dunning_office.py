"""What people of an office have held back, for tests of every page."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from receivables.database import Scope
from receivables.dunning import controls
from receivables.ids import DebtorId, InvoiceId, SupplierId
from tests.support.world import World


def hold_back(
    world: World, supplier_id: SupplierId, debtor_id: DebtorId, invoice_id: InvoiceId
) -> dict[str, UUID]:
    """A stop, an absence and a veto, by their names in paths."""
    with world.runtime.transaction(Scope(supplier_id)) as session:
        return {
            "stop": controls.stop(
                session, supplier_id, debtor_id, invoice_id=invoice_id, reason="Asked us to",
                until=date(2026, 11, 6), by_owner=False, by="staff:1", clock=world.clock,
            ),
            "absence": controls.plan_absence(
                session, supplier_id, date(2026, 12, 24), date(2027, 1, 3), reason="Holidays",
                by="staff:1", clock=world.clock,
            ),
            "veto": controls.veto(
                session, supplier_id, date(2026, 11, 4), debtor_id=debtor_id, by="staff:1",
                clock=world.clock,
            ),
        }  # fmt: skip
