"""Values for the rules of plans; a test names only what it is about."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from receivables.ids import InstalmentId, InvoiceId, new_id
from receivables.plans.folding import Instalment
from receivables.plans.rules import Item
from tests.support.builders import money

TODAY = date(2026, 11, 2)


def item(outstanding: str = "900.00 CHF", **given: object) -> Item:
    owed = money(outstanding)
    values: dict[str, object] = {
        "invoice_id": InvoiceId(new_id()), "number": "2026-1", "due_on": date(2026, 10, 1),
        "outstanding": owed, "disputed": owed - owed, "processing": owed - owed,
    }  # fmt: skip
    return Item(**{**values, **given})  # type: ignore[arg-type]


def instalments(*amounts: str, start: date = TODAY) -> list[Instalment]:
    """One a month from `start` on."""
    return [
        Instalment(
            instalment_id=InstalmentId(UUID(int=place + 1)), place=place,
            due_on=date(start.year + (start.month - 1 + place) // 12,
                        (start.month - 1 + place) % 12 + 1, start.day),
            amount=money(f"{amount} CHF"),
        )
        for place, amount in enumerate(amounts)
    ]  # fmt: skip
