"""Lists of invoices whose columns somebody has to explain."""

from __future__ import annotations

from receivables.database import Scope
from receivables.ids import InvoiceLayoutId, SupplierId, WaitingListId
from receivables.intake.explaining import keep_waiting, remember_columns
from receivables.intake.list_layout import ToldColumns
from tests.support.workbooks import workbook
from tests.support.world import World

HEADINGS = ("Beleg", "vom", "Total CHF", "Wer")
TOLD = ToldColumns(
    {"number": "Beleg", "issued_on": "vom", "amount": "Total CHF", "debtor_name": "Wer"},
    currency="CHF",
)


def own_list(*rows: tuple[object, ...]) -> bytes:
    """A workbook with a letterhead and headings that nobody knows."""
    return workbook(("Atelier",), (), HEADINGS, *rows)


def hand_in_lists(world: World, supplier_id: SupplierId) -> tuple[WaitingListId, InvoiceLayoutId]:
    """One list waits for its columns; those of other lists were explained."""
    headings = [f"{each} 2" for each in HEADINGS]
    columns = {name: f"{heading} 2" for name, heading in TOLD.columns.items()}
    told = ToldColumns(columns, currency="CHF")
    content = own_list(("W-1", "03.11.2026", "1'950.–", "Dubois"))
    with world.runtime.transaction(Scope(supplier_id)) as session:
        return (
            keep_waiting(session, supplier_id, "november.xlsx", content, clock=world.clock),
            remember_columns(
                session, supplier_id, "october.xlsx", headings, told, clock=world.clock
            ),
        )
