"""Debit notes: claims of the supplier's own making, each with its lines and its letter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from receivables.invoices.actions import NewDocument, NewInvoice, NewLine
from receivables.money import Money

#: UNTDID 1001: a debit note.
DEBIT_NOTE = "383"


def debit_note(
    number: str,
    rows: Iterable[tuple[str, Money]],
    *,
    issued_on: date,
    due_on: date,
    total: Money,
    pdf: bytes,
) -> NewInvoice:
    """A note to be issued, with a line for each row (what for, how much) and its letter kept."""
    lines = tuple(
        NewLine(position=str(place), description=words, net=amount)
        for place, (words, amount) in enumerate(rows, start=1)
    )
    said = "\n".join((number, *(f"{one.description} {one.net}" for one in lines)))
    return NewInvoice(
        number=number,
        issued_on=issued_on,
        due_on=due_on,
        total=total,
        content_hash=hashlib.sha256(said.encode()).hexdigest(),
        type_code=DEBIT_NOTE,
        lines=lines,
        document=NewDocument(
            name=f"{number}.pdf",
            media_type="application/pdf",
            sha256=hashlib.sha256(pdf).hexdigest(),
            content=pdf,
        ),
    )
