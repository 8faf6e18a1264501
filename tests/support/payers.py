"""Books with a past: invoices that were paid so many days late, by the product itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from receivables.clock import local_date
from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.actions import book_transfer
from receivables.payers.tasks import work_out
from tests.support.builders import money
from tests.support.world import World


def paid_invoice(
    world: World, debtor_id: DebtorId, *, days_late: int, days_ago: int, amount: str = "100.00 CHF"
) -> InvoiceId:
    """An invoice that a transfer paid `days_ago`, so many days late."""
    assert world.supplier_id is not None, "the world has a supplier"
    today = local_date(world.clock.now(), "Europe/Zurich")
    paid_on = today - timedelta(days=days_ago)
    invoice_id = world.invoice(
        amount, debtor_id=debtor_id, due_on=paid_on - timedelta(days=days_late)
    )
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        book_transfer(
            session,
            supplier_id=world.supplier_id,
            debtor_id=debtor_id,
            invoice_id=invoice_id,
            amount=money(amount),
            reference=f"T-{invoice_id.hex[-12:]}",
            booked_on=paid_on,
            clock=world.clock,
        )
    return invoice_id


def with_past(world: World, debtor_id: DebtorId, days_late: Iterable[int], *, every: int = 10):
    """The latest was paid five days ago, the others each some days before."""
    for place, late in enumerate(days_late):
        paid_invoice(world, debtor_id, days_late=late, days_ago=5 + place * every)


def at_night(world: World) -> None:
    """What the schedule does at night, now."""
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        work_out.enqueue(session, now=world.clock.now(), supplier_id=world.supplier_id)
    world.run_jobs()
